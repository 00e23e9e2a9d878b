"""API Gateway: the custom domain names and REST APIs, and which TLS they allow."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.errors import AwsError, Undecided, UnexpectedAnswer, Vanished
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource
    from pytest_ssb.profiles import Profile

DOMAINS, NEWER, APIS = "apigateway:GetDomainNames", "apigatewayv2:GetDomainNames", "apigateway:GetRestApis"
STAGES, NEWER_APIS = "apigateway:GetStages", "apigatewayv2:GetApis"
DOMAIN_TYPE, NEWER_TYPE = "AWS::ApiGateway::DomainName", "AWS::ApiGatewayV2::DomainName"
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html
_MODERN = re.compile(r"TLS_1_2|SecurityPolicy_TLS1[23]_.+")


def allows_old_tls(policies: Iterable[str]) -> bool:
    """Whether some policy, or none at all, allows TLS 1.0. Raises Undecided for a policy that we do not know."""
    known = list(policies)
    if not known or "TLS_1_0" in known:
        return True
    unknown = [each for each in known if not _MODERN.fullmatch(each)]
    if unknown:
        raise Undecided(f"the security policy {', '.join(unknown)} says nothing to us")
    return False


class Endpoints(msgspec.Struct, frozen=True):
    """From where an API or a name is reached."""

    types: tuple[Literal["REGIONAL", "EDGE", "PRIVATE"], ...]

    def __post_init__(self) -> None:
        """Refuse endpoints of no type."""
        if not self.types:
            raise ValueError("no types")


class DomainName(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A custom domain name (https://docs.aws.amazon.com/apigateway/latest/api/API_DomainName.html)."""

    endpoint_configuration: Endpoints
    # absent: the first one that there was
    security_policy: str = ""


class Configuration(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """One way in which a name is reached, as the newer API tells it; it does not know the newer policies."""

    endpoint_type: Literal["REGIONAL", "EDGE", "PRIVATE"]
    security_policy: str = ""


class NewerDomainName(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A custom domain name as the newer API tells it (https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames.html)."""

    domain_name_configurations: tuple[Configuration, ...]


@dataclass(frozen=True)
class Domain:
    """A custom domain name, as either API tells it, or both; each may be unread."""

    arn: str
    older: DomainName | None
    newer: NewerDomainName | None

    @property
    def type(self) -> str:
        """Its type in AWS's words."""
        return NEWER_TYPE if self.older is None else DOMAIN_TYPE

    @property
    def private(self) -> bool:
        """Whether nobody but VPCs reaches it."""
        if self.older is not None:
            return set(self.older.endpoint_configuration.types) == {"PRIVATE"}
        return {each.endpoint_type for each in self._configurations} == {"PRIVATE"}

    @property
    def policies(self) -> tuple[str, ...]:
        """Its security policies. The older API knows more of them, so that its word counts where it says one."""
        if self.older is not None and self.older.security_policy:
            return (self.older.security_policy,)
        return tuple(each.security_policy for each in self._configurations if each.security_policy) if self.newer is not None else ()

    @property
    def allows_old_tls(self) -> bool:
        """Whether it allows TLS 1.0."""
        return allows_old_tls(self.policies)

    @property
    def _configurations(self) -> tuple[Configuration, ...]:
        found = self.newer.domain_name_configurations if self.newer is not None else ()
        if not found:
            raise Undecided("it is not told how the name is reached")
        return found


@read(DOMAINS, NEWER, per="region")
def api_domains(aws: Aws) -> list[Domain]:
    """The custom domain names of the region, each once: the two APIs tell of the same ones."""
    arn = "arn:{partition}:apigateway:{region}::/domainnames/"
    older: list[DomainName] = aws.parse(DOMAINS, older_raws := aws.list(DOMAINS, "items"), DomainName, arn + "{domainName}")
    newer: list[NewerDomainName] = aws.parse(NEWER, newer_raws := aws.list(NEWER, "Items"), NewerDomainName, arn + "{DomainName}")
    by_name = {raw["domainName"]: each for raw, each in zip(older_raws, older, strict=True)}
    newer_by_name = {raw["DomainName"]: each for raw, each in zip(newer_raws, newer, strict=True)}
    prefix = f"arn:{aws.partition}:apigateway:{aws.region}::/domainnames/"
    return [Domain(prefix + name, by_name.get(name), newer_by_name.get(name)) for name in {**by_name, **newer_by_name}]


class RestApi(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A REST API (https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html)."""

    arn: str = msgspec.field(name="Arn")
    id: str
    endpoint_configuration: Endpoints
    disable_execute_api_endpoint: bool
    # absent: the first one that there was
    security_policy: str = ""

    @property
    def private(self) -> bool:
        """Whether nobody but VPCs reaches it."""
        return set(self.endpoint_configuration.types) == {"PRIVATE"}

    @property
    def allows_old_tls(self) -> bool:
        """Whether its default endpoint allows TLS 1.0."""
        return allows_old_tls([self.security_policy] if self.security_policy else [])


@read(APIS, per="region")
def rest_apis(aws: Aws) -> list[RestApi]:
    """The REST APIs of the region."""
    found: list[RestApi] = aws.resources(APIS, "items", RestApi, "arn:{partition}:apigateway:{region}::/restapis/{id}")
    if aws.knows(APIS, "items.securityPolicy"):
        return found
    error = UnexpectedAnswer(f"this version of botocore drops securityPolicy of {APIS}: update boto3", APIS)
    return [each if error_of(each) or each.private or each.disable_execute_api_endpoint else unread(error, each.arn) for each in found]


class RestStage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A stage of a REST API (https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html)."""

    arn: str = msgspec.field(name="Arn")
    stage_name: str
    # absent: none
    web_acl_arn: str = ""


class NewerApi(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """An HTTP or WebSocket API (https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html)."""

    arn: str
    protocol_type: Literal["HTTP", "WEBSOCKET"]


@dataclass(frozen=True)
class StagePlace:
    """A stage of a public REST API; or the API itself, where it is private, has no stages, or could not be read."""

    arn: str
    api: RestApi
    stage: RestStage | None = None


@read(STAGES, per="region")
def rest_stages(aws: Aws, ssb_profile: Profile, rest_apis: list[RestApi]) -> list[StagePlace]:
    """The stages of public REST APIs, asked for only where the profile wants web ACLs before them."""
    if not ssb_profile.network.require_waf:
        return []
    answers = aws.each([each for each in rest_apis if error_of(each) is None and not each.private], lambda api: _stages(aws, api))
    return [place for api in rest_apis for place in _places(api, answers)]


def _stages(aws: Aws, api: RestApi) -> list[RestStage]:
    items = aws.ask(STAGES, gone="NotFoundException", restApiId=api.id).get("item")
    if not isinstance(items, list):
        raise UnexpectedAnswer(f"{STAGES} answered without item", STAGES)
    found: list[RestStage] = aws.parse(STAGES, items, RestStage, f"{api.arn}/stages/{{stageName}}")
    return found


def _places(api: RestApi, answers: PerResource[list[RestStage]]) -> list[StagePlace]:
    whole = [StagePlace(api.arn, api)]
    if error_of(api) or api.private:
        return whole
    try:
        return [StagePlace(each.arn, api, each) for each in answers[api]] or whole
    except Vanished:
        return []
    except AwsError as error:
        return [StagePlace(api.arn, unread(error, api.arn))]


@read(NEWER_APIS, per="region")
def newer_apis(aws: Aws, ssb_profile: Profile) -> list[NewerApi]:
    """The HTTP and WebSocket APIs, asked for only where the profile wants web ACLs."""
    if not ssb_profile.network.require_waf:
        return []
    found: list[NewerApi] = aws.resources(NEWER_APIS, "Items", NewerApi, "arn:{partition}:apigateway:{region}::/apis/{ApiId}")
    return found
