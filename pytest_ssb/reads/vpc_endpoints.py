"""VPC endpoints beyond the network itself: what AWS tells of their services, and whom their policies let through."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.network import Vpc, VpcEndpoint
from pytest_ssb.network_types import Unknown
from pytest_ssb.policies import Document, Statement
from pytest_ssb.profiles import Profile
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.resource_policies import Judged, judged, passing
from pytest_ssb.reads.trust import Trust
from pytest_ssb.unread import Index, error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

ENDPOINTS, SERVICES, ATTRIBUTE = "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcEndpointServices", "ec2:DescribeVpcAttribute"
_DETAIL = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ServiceDetail.html"


class ServiceKind(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ServiceTypeDetail.html"""

    service_type: str


class PrivateName(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PrivateDnsDetails.html"""

    private_dns_name: str


class EndpointService(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A service as it is offered to endpoints of one type (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ServiceDetail.html)."""

    arn: str
    service_name: str
    service_type: tuple[ServiceKind, ...]
    vpc_endpoint_policy_supported: bool
    # absent: it has none
    private_dns_names: tuple[PrivateName, ...] = ()


class EndpointServices:
    """The services of AWS that the region's interface endpoints lead to."""

    def __init__(self, services: Iterable[EndpointService]) -> None:
        self._services = Index(
            services, lambda each: (each.service_name,) if any(kind.service_type == "Interface" for kind in each.service_type) else ()
        )

    def of(self, endpoint: VpcEndpoint) -> EndpointService:
        """The endpoint's service."""
        found = self._services.get(endpoint.service_name or "")
        if found is None:
            raise Unknown(f"what {endpoint.service_name} offers was not told")
        return found

    def of_aws(self, endpoint: VpcEndpoint) -> EndpointService | None:
        """The endpoint's service, None where it leads to no service of AWS in its region."""
        return self.of(endpoint) if is_of_aws(endpoint) else None


@read(per="region")
def interface_endpoints(aws: Aws, vpc_endpoints: list[VpcEndpoint]) -> list[VpcEndpoint]:
    """The endpoints with network interfaces of which something is left, and what could not be read, for it may be one."""
    return [each for each in vpc_endpoints if error_of(each) or (each.interface and not each.gone)]


@read(SERVICES, per="region", absent={f"{SERVICES} ServiceDetails.PrivateDnsNames": f"no private DNS names ({_DETAIL})"})
def endpoint_services(aws: Aws, vpc_endpoints: list[VpcEndpoint]) -> EndpointServices:
    """What AWS tells of the services that interface endpoints lead to; where there are no such endpoints, nothing is asked."""
    names = sorted({each.service_name or "" for each in vpc_endpoints if error_of(each) is None and is_of_aws(each) and each.interface})
    if not names:
        return EndpointServices(())
    arn = "arn:{partition}:ec2:{region}:{account}:vpc-endpoint-service/{ServiceId}"
    return EndpointServices(aws.resources(SERVICES, "ServiceDetails", EndpointService, arn, ServiceNames=names))


def is_of_aws(endpoint: VpcEndpoint) -> bool:
    """Whether an endpoint leads to a service of AWS, in its own region, and not to somebody's private service."""
    name = endpoint.service_name
    return name is not None and ".vpce." not in name and endpoint.service_region in (None, endpoint.arn.split(":")[3])


def service_of(endpoint: VpcEndpoint) -> str | None:
    """The service that an endpoint leads to, as `ecr.api`; None where it is not one of AWS's in the endpoint's own region."""
    if not is_of_aws(endpoint):
        return None
    parts = (endpoint.service_name or "").split(".")
    while parts[0] in ("cn", "com", "amazonaws", "aws"):
        parts.pop(0)
    return ".".join(part for part in parts if part != endpoint.arn.split(":")[3]).removesuffix("-fips")


def leads_to(endpoint: VpcEndpoint, service: str) -> bool:
    """Whether an endpoint leads to a service, whose whole name counts: `ec2` is not `ec2messages`."""
    return service_of(endpoint) == service.removesuffix("-fips")


class VpcDns(msgspec.Struct, frozen=True, kw_only=True):
    """What a VPC resolves (https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html)."""

    support: bool
    hostnames: bool


VpcDnsOf: TypeAlias = "PerResource[VpcDns]"


@read(ATTRIBUTE, per="region")
def vpc_dns(aws: Aws, vpcs: list[Vpc], vpc_endpoints: list[VpcEndpoint]) -> VpcDnsOf:
    """The DNS settings of the VPCs that have interface endpoints."""
    wanted = {each.vpc_id for each in vpc_endpoints if error_of(each) is None and each.interface}

    def settings(vpc: Vpc) -> VpcDns:
        return VpcDns(support=_attribute(aws, vpc, "enableDnsSupport"), hostnames=_attribute(aws, vpc, "enableDnsHostnames"))

    return aws.each([vpc for vpc in vpcs if error_of(vpc) is None and vpc.vpc_id in wanted], settings)


def _attribute(aws: Aws, vpc: Vpc, name: str) -> bool:
    key = name[0].upper() + name[1:]
    value = aws.ask(ATTRIBUTE, VpcId=vpc.vpc_id, Attribute=name).get(key, {}).get("Value")
    if not isinstance(value, bool):
        raise UnexpectedAnswer(f"{ATTRIBUTE} answered without {key}", ATTRIBUTE)
    return value


class EndpointPolicies:
    """The endpoints whose policies are judged, and what is to be said of each; those of interface endpoints are beyond the guide's advice."""

    def __init__(self, endpoints: Sequence[VpcEndpoint], trust: Trust, services: EndpointServices, *, extended: bool) -> None:
        self._endpoints = endpoints
        self._trust, self._services = trust, services
        self._extended = extended

    def __iter__(self) -> Iterator[VpcEndpoint]:
        return iter([each for each in self._endpoints if error_of(each) or (not each.gone and (self._extended or not each.interface))])

    def __bool__(self) -> bool:
        return any(True for _ in self)

    def exempt(self, endpoint: VpcEndpoint) -> str | None:
        """Why an endpoint's policy is not judged, None if it is."""
        if endpoint.requester_managed:
            return "made and managed by a service of AWS"
        if endpoint.vpc_endpoint_type not in ("Gateway", "Interface"):
            return f"an endpoint of the type {endpoint.vpc_endpoint_type}"
        if not is_of_aws(endpoint):
            return "leads to no service of AWS in its region"
        if endpoint.interface and not self._services.of(endpoint).vpc_endpoint_policy_supported:
            return "its service supports no endpoint policies"
        return None

    def __getitem__(self, endpoint: VpcEndpoint) -> Judged:
        """Whom the policy lets use the whole service. An Allow that names its actions narrows what passes, for whomever."""
        if endpoint.policy_document is None:
            raise UnexpectedAnswer(f"{ENDPOINTS} answered an endpoint without PolicyDocument", ENDPOINTS)
        statements = _statements(endpoint.policy_document)
        whole = tuple(each for each in statements if not each.allows or _of_everything(each))
        if not any(each.allows for each in whole):
            return passing("lets through actions by their names only" if any(each.allows for each in statements) else "lets nobody through")
        return judged(whole, self._trust, ENDPOINTS, "endpoint")


@read(per="region")
def endpoint_policies(
    aws: Aws, ssb_profile: Profile, vpc_endpoints: list[VpcEndpoint], region_trust: Trust, endpoint_services: EndpointServices
) -> EndpointPolicies:
    """Whom the policies of the region's VPC endpoints let through, and to what."""
    return EndpointPolicies(vpc_endpoints, region_trust, endpoint_services, extended=ssb_profile.extended)


def _statements(text: str) -> tuple[Statement, ...]:
    """The statements of an endpoint's policy; one without a principal is about everyone."""
    try:
        found = msgspec.json.decode(text, type=Document).statements
    except msgspec.MsgspecError:
        raise UnexpectedAnswer(f"{ENDPOINTS} answered a policy that we cannot read", ENDPOINTS) from None
    return tuple(msgspec.structs.replace(each, principal="*") if each.principal is None and each.not_principal is None else each for each in found)


def _of_everything(statement: Statement) -> bool:
    """Whether it is about all actions, or all of a service."""
    return any(re.fullmatch(r"([^:]*:)?[*?]*\*[*?]*", action) for action in statement.actions)
