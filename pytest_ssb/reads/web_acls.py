"""WAF: the web ACLs, what is in them, and what they guard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pytest_ssb.errors import AwsError, NotOffered, Undecided, UnexpectedAnswer, Vanished
from pytest_ssb.reads.cloudfront import Distribution, DistributionTenant
from pytest_ssb.reads.load_balancers import LoadBalancer
from pytest_ssb.reads.regions import REGIONS, regions_of
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, or_unread, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource
    from pytest_ssb.profiles import Profile

LIST, GET, RESOURCES = "wafv2:ListWebACLs", "wafv2:GetWebACL", "wafv2:ListResourcesForWebACL"
GONE = "WAFNonexistentItemException"
Scope = Literal["REGIONAL", "CLOUDFRONT"]
# https://docs.aws.amazon.com/waf/latest/APIReference/API_ListResourcesForWebACL.html: the commonest first, for one that is found is enough.
# Distributions tell of their web ACLs themselves.
KINDS: dict[Scope, tuple[str, ...]] = {
    "REGIONAL": ("APPLICATION_LOAD_BALANCER", "API_GATEWAY", "APPSYNC", "COGNITO_USER_POOL", "APP_RUNNER_SERVICE", "VERIFIED_ACCESS_INSTANCE"),
    "CLOUDFRONT": ("AMPLIFY",),
}
BALANCERS, POOLS, RUNNERS = "APPLICATION_LOAD_BALANCER", "COGNITO_USER_POOL", "APP_RUNNER_SERVICE"


class Choice(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What is done, by which of the names is there (https://docs.aws.amazon.com/waf/latest/APIReference/API_RuleAction.html)."""

    block: dict[str, Any] | None = None
    allow: dict[str, Any] | None = None
    count: dict[str, Any] | None = None
    captcha: dict[str, Any] | None = None
    challenge: dict[str, Any] | None = None
    monetize: dict[str, Any] | None = None
    # of what replaces the actions in a group of rules: nothing does
    none: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        """Refuse one of which nothing is told."""
        if all(getattr(self, name) is None for name in self.__struct_fields__):
            raise ValueError("it is not told what is done")


class Rule(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A rule, or a group of rules that Firewall Manager has put there (https://docs.aws.amazon.com/waf/latest/APIReference/API_Rule.html)."""

    name: str
    # One of the two: what a rule does, or what replaces what the rules of a group do.
    action: Choice | None = None
    override_action: Choice | None = None

    def __post_init__(self) -> None:
        """Refuse one that does nothing."""
        if self.action is None and self.override_action is None:
            raise ValueError("a rule needs Action or OverrideAction")

    @property
    def only_counts(self) -> bool:
        """Whether it lets everything through, and counts it."""
        return all(each.count is not None for each in (self.action, self.override_action) if each is not None)


class WebAcl(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A web ACL (https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACL.html)."""

    arn: str
    default_action: Choice
    # Each absent: none
    rules: tuple[Rule, ...] = ()
    pre_process_firewall_manager_rule_groups: tuple[Rule, ...] = ()
    post_process_firewall_manager_rule_groups: tuple[Rule, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether it blocks what no rule lets through."""
        return self.default_action.block is not None

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """Its own rules, and those of Firewall Manager before and behind them."""
        return (*self.pre_process_firewall_manager_rule_groups, *self.rules, *self.post_process_firewall_manager_rule_groups)


class Summary(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A web ACL as it is listed."""

    arn: str
    name: str
    id: str


def _listed(aws: Aws, scope: Scope) -> list[Summary]:
    found: list[Summary] = aws.parse(LIST, aws.list(LIST, "WebACLs", Scope=scope), Summary, "{ARN}")
    return found


def _guarded(aws: Aws, acl: str, kind: str) -> list[str]:
    answer = aws.ask(RESOURCES, gone=GONE, WebACLArn=acl, ResourceType=kind).get("ResourceArns")
    try:
        return msgspec.convert(answer, list[str])
    except msgspec.ValidationError:
        raise UnexpectedAnswer(f"{RESOURCES} answered without ResourceArns", RESOURCES) from None


# --- what is in them -------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AclPlace:
    """A web ACL, and whether it guards anything; or the account, where the ACLs of a region or of CloudFront could not be listed."""

    arn: str
    acl: WebAcl
    used: bool
    region: str | None = None
    item: str | None = None
    scope: Scope = "REGIONAL"

    @property
    def asked_in(self) -> str:
        """The region where it is administered, whatever it guards."""
        return self.arn.split(":")[3]

    @property
    def id(self) -> str:
        """Its id, which follows its name."""
        return self.arn.rpartition("/")[2]

    @property
    def name(self) -> str:
        """Its name."""
        return self.arn.split("/")[-2]


@read(REGIONS, LIST, GET, RESOURCES, per="account")
def web_acls(
    aws: Aws, ssb_profile: Profile, distributions: list[Distribution], distribution_tenants: PerResource[list[DistributionTenant]]
) -> list[AclPlace]:
    """The web ACLs of all regions and of CloudFront."""
    regions = regions_of(aws, ssb_profile)
    answers = aws.each(regions, lambda each: _acls(aws.in_region(each.region), "REGIONAL", each.region, lambda acl: False))
    found: list[AclPlace] = []
    for each in regions:
        try:
            found += answers[each]
        except NotOffered:
            continue
        except AwsError as error:
            found.append(AclPlace(_account(aws), unread(error), unread(error), each.region))
    if aws.partition != "aws" and not any(each.web_acl_id for each in distributions):
        # Elsewhere WAF may know no such scope.
        return found
    try:
        return [*found, *_acls(aws, "CLOUDFRONT", None, lambda acl: _serves(acl, distributions, distribution_tenants))]
    except AwsError as error:
        return [*found, AclPlace(_account(aws), unread(error), unread(error), item="CloudFront")]


def _account(aws: Aws) -> str:
    return f"arn:{aws.partition}:account::{aws.account}:account"


def _acls(aws: Aws, scope: Scope, region: str | None, by_others: Callable[[str], bool]) -> list[AclPlace]:
    found = []
    for each in _listed(aws, scope):
        try:
            acl = or_unread(lambda one=each: _acl(aws, one, scope))  # type: ignore[misc]
            used = or_unread(lambda one=each: by_others(one.arn) or any(_guarded(aws, one.arn, kind) for kind in KINDS[scope]))  # type: ignore[misc]
        except Vanished:
            continue
        found.append(AclPlace(each.arn, acl, used, region, scope=scope))
    return found


def _acl(aws: Aws, summary: Summary, scope: Scope) -> WebAcl:
    raw = aws.ask(GET, gone=GONE, Name=summary.name, Id=summary.id, Scope=scope).get("WebACL")
    if not isinstance(raw, dict):
        raise UnexpectedAnswer(f"{GET} answered without WebACL", GET)
    (found,) = aws.parse(GET, [raw], WebAcl, summary.arn)
    acl: WebAcl = found
    return acl


def _serves(acl: str, distributions: list[Distribution], tenants: PerResource[list[DistributionTenant]]) -> bool:
    """Whether a distribution, or a tenant of one, is guarded by that web ACL. Raises where one that could not be read might be."""
    doubt: Exception | None = None
    for each in distributions:
        try:
            if each.guard == acl or (each.has_tenants and any(tenant.guard(each) == acl for tenant in tenants[each])):
                return True
        except (AwsError, Undecided) as error:
            doubt = error
    if doubt is not None:
        raise doubt
    return False


# --- what is guarded -------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Guards:
    """The web ACLs of what has one, by ARNs, and why some may be missing."""

    found: Mapping[str, str]
    doubt: Exception | None = None

    def of(self, arn: str) -> str:
        """The web ACL of a resource, empty for none. Raises where one that could not be read might guard it."""
        if arn not in self.found and self.doubt is not None:
            raise self.doubt
        return self.found.get(arn, "")


def guards(aws: Aws, kind: str) -> Guards:
    """Which resources of a kind have a web ACL; the read that asks must declare what WAF is asked."""
    found: dict[str, str] = {}
    doubt: Exception | None = None
    for each in _listed(aws, "REGIONAL"):
        try:
            found |= dict.fromkeys(_guarded(aws, each.arn, kind), each.arn)
        except Vanished:
            continue
        except AwsError as error:
            doubt = error
    return Guards(found, doubt)


@read(LIST, RESOURCES, per="region")
def balancer_guards(aws: Aws, ssb_profile: Profile, load_balancers: list[LoadBalancer]) -> Guards:
    """The web ACLs of load balancers, asked for only where the profile wants some and a public Application Load Balancer is there."""
    known = [each for each in load_balancers if error_of(each) is None]
    wanted = ssb_profile.network.require_waf and any(each.type == "application" and each.internet_facing for each in known)
    return guards(aws, BALANCERS) if wanted else Guards({})
