"""Endpoints that AWS runs for the customer and WAF can guard: APIs of AppSync, sign-in by Cognito, services of App Runner, apps of Amplify."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pytest_ssb.errors import AwsError, NotOffered, Undecided, UnexpectedAnswer, Vanished
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.web_acls import LIST, POOLS, RESOURCES, RUNNERS, Guards, guards
from pytest_ssb.unread import error_of, or_unread, unread

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

GRAPHQL_APIS, USER_POOLS, USER_POOL = "appsync:ListGraphqlApis", "cognito-idp:ListUserPools", "cognito-idp:DescribeUserPool"
RUNNER_SERVICES, RUNNER_SERVICE, APPS = "apprunner:ListServices", "apprunner:DescribeService", "amplify:ListApps"
GONE = "ResourceNotFoundException"
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUserPools.html
POOLS_AT_ONCE = 60


@dataclass(frozen=True)
class Endpoint:
    """An endpoint; `aside` says why it needs no guard, `acl` is the web ACL before it, empty for none."""

    arn: str
    aside: str | None = None
    acl: str = ""


@dataclass(frozen=True)
class Endpoints:
    """The endpoints of a service, by their type; or what kept them from being listed, as the item of that service."""

    type: str
    found: list[Endpoint]
    item: str | None = None


class GraphqlApi(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An API of AppSync (https://docs.aws.amazon.com/appsync/latest/APIReference/API_GraphqlApi.html)."""

    arn: str = msgspec.field(name="Arn")
    # absent: GLOBAL
    visibility: Literal["GLOBAL", "PRIVATE"] = "GLOBAL"
    # absent: none
    waf_web_acl_arn: str = ""

    @property
    def endpoint(self) -> Endpoint:
        """The same, in the words of this module."""
        return Endpoint(self.arn, "reached from VPCs only" if self.visibility == "PRIVATE" else None, self.waf_web_acl_arn)


@read(GRAPHQL_APIS, per="region")
def graphql_endpoints(aws: Aws, ssb_profile: Profile) -> list[Endpoint]:
    """The GraphQL APIs of AppSync, asked for only where the profile wants web ACLs."""
    if not ssb_profile.network.require_waf:
        return []
    return [_or_error(each, lambda api: api.endpoint) for each in aws.resources(GRAPHQL_APIS, "graphqlApis", GraphqlApi, "{arn}")]


class Listed(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A user pool, as it is listed."""

    arn: str
    id: str


class UserPool(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A user pool (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html)."""

    arn: str
    # Each absent: none
    domain: str = ""
    custom_domain: str = ""


@read(
    USER_POOLS,
    USER_POOL,
    LIST,
    RESOURCES,
    per="region",
    absent={
        f"{USER_POOL} UserPool.{name}": (
            "it has none (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html)"
        )
        for name in ("Domain", "CustomDomain")
    },
)
def sign_in_endpoints(aws: Aws, ssb_profile: Profile) -> list[Endpoint]:
    """The user pools of Cognito, and whether they have pages to sign in; asked for only where the profile wants web ACLs."""
    if not ssb_profile.network.require_waf:
        return []
    arn = "arn:{partition}:cognito-idp:{region}:{account}:userpool/{Id}"
    pools = aws.resources(USER_POOLS, "UserPools", Listed, arn, MaxResults=POOLS_AT_ONCE)
    guarded = or_unread(lambda: guards(aws, POOLS)) if pools else Guards({})

    def endpoint(pool: Listed) -> Endpoint:
        raw = aws.ask(USER_POOL, gone=GONE, UserPoolId=pool.id).get("UserPool")
        if not isinstance(raw, dict):
            raise UnexpectedAnswer(f"{USER_POOL} answered without UserPool", USER_POOL)
        (told,) = aws.parse(USER_POOL, [raw], UserPool, pool.arn)
        if not (told.domain or told.custom_domain):
            return Endpoint(pool.arn, "has no domain, and so no pages to sign in")
        return Endpoint(pool.arn, acl=guarded.of(pool.arn))

    return _each(aws, pools, endpoint)


class Ingress(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Who gets to a service of App Runner."""

    is_publicly_accessible: bool


class RunnerNetwork(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """How a service of App Runner is connected."""

    ingress_configuration: Ingress


class RunnerService(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A service of App Runner (https://docs.aws.amazon.com/apprunner/latest/api/API_Service.html)."""

    arn: str
    network_configuration: RunnerNetwork


class ListedService(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A service of App Runner, as it is listed (https://docs.aws.amazon.com/apprunner/latest/api/API_ServiceSummary.html)."""

    arn: str
    status: str


@read(RUNNER_SERVICES, RUNNER_SERVICE, LIST, RESOURCES, per="region")
def runner_endpoints(aws: Aws, ssb_profile: Profile) -> list[Endpoint]:
    """The services of App Runner, asked for only where the profile wants web ACLs."""
    if not ssb_profile.network.require_waf:
        return []
    listed = aws.resources(RUNNER_SERVICES, "ServiceSummaryList", ListedService, "{ServiceArn}")
    services = [each for each in listed if error_of(each) or each.status != "DELETED"]
    guarded = or_unread(lambda: guards(aws, RUNNERS)) if services else Guards({})

    def endpoint(service: ListedService) -> Endpoint:
        raw = aws.ask(RUNNER_SERVICE, gone=GONE, ServiceArn=service.arn).get("Service")
        if not isinstance(raw, dict):
            raise UnexpectedAnswer(f"{RUNNER_SERVICE} answered without Service", RUNNER_SERVICE)
        (told,) = aws.parse(RUNNER_SERVICE, [raw], RunnerService, service.arn)
        if not told.network_configuration.ingress_configuration.is_publicly_accessible:
            return Endpoint(service.arn, "reached from VPCs only")
        return Endpoint(service.arn, acl=guarded.of(service.arn))

    return _each(aws, services, endpoint)


class WafConfiguration(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The web ACL before an app (https://docs.aws.amazon.com/amplify/latest/APIReference/API_WafConfiguration.html)."""

    web_acl_arn: str = ""
    waf_status: Literal["ASSOCIATING", "ASSOCIATION_FAILED", "ASSOCIATION_SUCCESS", "DISASSOCIATING", "DISASSOCIATION_FAILED"]

    @property
    def acl(self) -> str:
        """The web ACL, empty while it is not there, or no longer."""
        return self.web_acl_arn if self.waf_status in ("ASSOCIATION_SUCCESS", "DISASSOCIATION_FAILED") else ""


class App(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An app of Amplify Hosting (https://docs.aws.amazon.com/amplify/latest/APIReference/API_App.html)."""

    arn: str = msgspec.field(name="Arn")
    # absent: none
    waf_configuration: WafConfiguration | None = None

    @property
    def endpoint(self) -> Endpoint:
        """The same, in the words of this module."""
        return Endpoint(self.arn, acl=self.waf_configuration.acl if self.waf_configuration else "")


@read(APPS, per="region")
def amplify_endpoints(aws: Aws, ssb_profile: Profile) -> list[Endpoint]:
    """The apps of Amplify, asked for only where the profile wants web ACLs."""
    return (
        [_or_error(each, lambda app: app.endpoint) for each in aws.resources(APPS, "apps", App, "{appArn}")]
        if ssb_profile.network.require_waf
        else []
    )


def _or_error(resource: Any, endpoint: Callable[[Any], Endpoint]) -> Endpoint:
    error = error_of(resource)
    return endpoint(resource) if error is None else unread(error, resource.arn)


def _each(aws: Aws, resources: list[Any], endpoint: Callable[[Any], Endpoint]) -> list[Endpoint]:
    answers = aws.each([each for each in resources if error_of(each) is None], endpoint)
    found: list[Endpoint] = []
    for each in resources:
        error = error_of(each)
        try:
            found.append(unread(error, each.arn) if error else answers[each])
        except Vanished:
            continue
        except (AwsError, Undecided) as raised:
            found.append(unread(raised, each.arn))
    return found


@read(per="region")
def regional_endpoints(
    aws: Aws,
    graphql_endpoints: list[Endpoint],
    sign_in_endpoints: list[Endpoint],
    runner_endpoints: list[Endpoint],
    amplify_endpoints: list[Endpoint],
) -> list[Endpoints]:
    """The endpoints of all these services; a service that the region lacks has none."""
    account = f"arn:{aws.partition}:account::{aws.account}:account"

    def of(kind: str, service: str, found: list[Endpoint]) -> Endpoints:
        error = error_of(found)
        if error is None:
            return Endpoints(kind, found)
        return Endpoints(kind, [] if isinstance(error, NotOffered) else [unread(error, account)], service)

    return [
        of("AWS::AppSync::GraphQLApi", "AppSync", graphql_endpoints),
        of("AWS::Cognito::UserPool", "Cognito", sign_in_endpoints),
        of("AWS::AppRunner::Service", "App Runner", runner_endpoints),
        of("AWS::Amplify::App", "Amplify", amplify_endpoints),
    ]
