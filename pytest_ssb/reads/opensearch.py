"""OpenSearch Service: the domains, how their endpoints are reached, and from where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import msgspec

from pytest_ssb.errors import Undecided, UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.stores import Store
from pytest_ssb.unread import unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

NAMES, DOMAINS = OPERATIONS = ("opensearch:ListDomainNames", "opensearch:DescribeDomains")
_STATUS = "https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DomainStatus.html"
T = TypeVar("T")
# The service describes no more of them at once.
AT_ONCE = 5
_MODERN = re.compile(r"Policy-Min-TLS-1-[23](-.+)?")


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """How an endpoint is reached (https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DomainEndpointOptions.html)."""

    enforce_https: bool = msgspec.field(name="EnforceHTTPS")
    policy: str = msgspec.field(name="TLSSecurityPolicy")

    @property
    def old(self) -> bool:
        """Whether TLS 1.0 is allowed. Raises Undecided for a policy that we do not know."""
        if self.policy.startswith("Policy-Min-TLS-1-0"):
            return True
        if not _MODERN.fullmatch(self.policy):
            raise Undecided(f"the policy {self.policy} says nothing to us")
        return False


class Vpc(msgspec.Struct, frozen=True, kw_only=True):
    """Where a domain stands that has no public endpoint (https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_VPCDerivedInfo.html)."""

    vpc: str = msgspec.field(name="VPCId")
    subnet_ids: tuple[str, ...] = msgspec.field(name="SubnetIds", default=())
    security_group_ids: tuple[str, ...] = msgspec.field(name="SecurityGroupIds", default=())


class Domain(Store, frozen=True, kw_only=True, rename="pascal"):
    """A domain (https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DomainStatus.html)."""

    type: ClassVar[str] = "AWS::OpenSearchService::Domain"
    arn: str
    deleted: bool
    endpoint: Endpoint = msgspec.field(name="DomainEndpointOptions")
    # absent: its endpoint is public
    vpc_options: Vpc | None = msgspec.field(name="VPCOptions", default=None)
    # absent or empty: it has none
    access_policies: str = ""

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Its security groups; none, if its endpoint is public."""
        if self.vpc_options is None:
            return ()
        if not self.vpc_options.security_group_ids:
            raise Undecided(f"{self.name} does not tell its security groups")
        return self.vpc_options.security_group_ids

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that it listens on."""
        return (443,) if self.endpoint.enforce_https else (80, 443)

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """The subnets that it has interfaces in."""
        return self.vpc_options.subnet_ids if self.vpc_options else ()

    @property
    def public(self) -> bool:
        """Whether its endpoint is public."""
        return self.vpc_options is None


@read(
    *OPERATIONS,
    per="region",
    absent={
        f"{DOMAINS} DomainStatusList.AccessPolicies": f"no access policy ({_STATUS})",
        f"{DOMAINS} DomainStatusList.VPCOptions": f"its endpoint is public ({_STATUS})",
    },
)
def search_domains(aws: Aws) -> list[Domain]:
    """The domains of the region, but for those being deleted."""
    return described(aws, Domain)


def described(aws: Aws, type: type[T]) -> list[T]:
    """The same, for a read that wants other fields of them; it must declare `OPERATIONS`. One that is listed and not told of is unread."""
    listed = aws.ask(NAMES).get("DomainNames")
    if not isinstance(listed, list) or not all(each.get("DomainName") for each in listed):
        raise UnexpectedAnswer(f"{NAMES} answered without the names of domains", NAMES)
    names: list[str] = [each["DomainName"] for each in listed]
    raws: list[Any] = []
    for at in range(0, len(names), AT_ONCE):
        raws += aws.ask(DOMAINS, DomainNames=names[at : at + AT_ONCE]).get("DomainStatusList") or []
    told = {raw.get("DomainName") for raw in raws}
    found: list[T] = aws.parse(DOMAINS, [raw for raw in raws if raw.get("Deleted") is not True], type, "{ARN}")
    return found + [_silent(aws, each) for each in names if each not in told]


def _silent(aws: Aws, name: str) -> Any:
    error = UnexpectedAnswer(f"{DOMAINS} does not tell of a domain that is listed", DOMAINS)
    return unread(error, f"arn:{aws.partition}:es:{aws.region}:{aws.account}:domain/{name}")
