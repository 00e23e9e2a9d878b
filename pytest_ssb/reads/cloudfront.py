"""CloudFront: distributions, what viewers and origins are asked by, and what lets them into buckets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import msgspec

from pytest_ssb.errors import Undecided, UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

T = TypeVar("T")

DISTRIBUTIONS, VPC_ORIGIN, CONTROLS = "cloudfront:ListDistributions", "cloudfront:GetVpcOrigin", "cloudfront:ListOriginAccessControls"
TENANTS, DOCS = "cloudfront:ListDistributionTenants", "https://docs.aws.amazon.com/cloudfront/latest/APIReference"
OLD = ("SSLv3", "TLSv1", "TLSv1.1")
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
_OLD_POLICIES = ("SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016")
_MODERN_POLICY = re.compile(r"TLSv1\.[2-9]_20(19|[2-9]\d)")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html and .../WebsiteEndpoints.html, in all partitions
_BUCKET = re.compile(r"(?P<bucket>.+)\.s3(?P<website>-website)?(?:[.-](?:dualstack\.)?[a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?")


class Several(msgspec.Struct, Generic[T], frozen=True, rename="pascal"):
    """A list as CloudFront tells it: how many there are, and which."""

    quantity: int
    # absent where there are none
    items: tuple[T, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a list of which a part is missing."""
        if self.quantity != len(self.items):
            raise ValueError("Quantity and Items do not agree")


class Behaviour(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What is done with the requests for some paths (https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CacheBehavior.html)."""

    target_origin_id: str
    viewer_protocol_policy: Literal["allow-all", "https-only", "redirect-to-https"]
    # absent: the default behaviour
    path_pattern: str = "default"

    @property
    def forces_https(self) -> bool:
        """Whether nothing is answered over HTTP but by a redirect."""
        return self.viewer_protocol_policy != "allow-all"


class Endpoint(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """How CloudFront asks an origin (https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CustomOriginConfig.html)."""

    origin_protocol_policy: Literal["http-only", "match-viewer", "https-only"]
    # absent only where HTTPS is never used
    origin_ssl_protocols: Several[str] | None = None

    @property
    def old(self) -> tuple[str, ...]:
        """The protocols before TLS 1.2 that it may use. Raises Undecided where they are not told, or not known to us."""
        if self.origin_ssl_protocols is None or not self.origin_ssl_protocols.items:
            raise Undecided("it is not told which protocols are used with the origin")
        unknown = [each for each in self.origin_ssl_protocols.items if each not in (*OLD, "TLSv1.2", "TLSv1.3")]
        if unknown:
            raise Undecided(f"{', '.join(unknown)} is no protocol that we know")
        return tuple(each for each in self.origin_ssl_protocols.items if each in OLD)


class S3Origin(msgspec.Struct, frozen=True, rename="pascal"):
    """How CloudFront shows a bucket who asks."""

    # empty: by no identity
    origin_access_identity: str


class VpcOriginName(msgspec.Struct, frozen=True, rename="pascal"):
    """An origin within a VPC."""

    vpc_origin_id: str


class Origin(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Where CloudFront gets what it serves (https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Origin.html)."""

    id: str
    domain_name: str
    # one of the three, by the kind of origin
    s3_origin_config: S3Origin | None = None
    custom_origin_config: Endpoint | None = None
    vpc_origin_config: VpcOriginName | None = None
    # absent or empty: none
    origin_access_control_id: str = ""

    @property
    def _place(self) -> re.Match[str] | None:
        return _BUCKET.fullmatch(self.domain_name)

    @property
    def bucket(self) -> str | None:
        """The bucket that its name is of."""
        return self._place["bucket"] if self._place else None

    @property
    def identity(self) -> str:
        """The origin access identity by which it is asked, empty for none."""
        return self.s3_origin_config.origin_access_identity if self.s3_origin_config else ""

    @property
    def endpoint(self) -> Endpoint:
        """How a server of the customer's own is asked. Raises Undecided where that is not told."""
        if self.custom_origin_config is None:
            raise Undecided("it is not told how the origin is asked")
        return self.custom_origin_config

    @property
    def website(self) -> bool:
        """Whether it is the website of a bucket, which knows no HTTPS."""
        return self._place is not None and self._place["website"] is not None

    @property
    def rest(self) -> bool:
        """Whether it is a bucket itself, or what stands for one. Raises Undecided where it is not told how it is asked."""
        if self.s3_origin_config is None and self.vpc_origin_config is None:
            return bool(self.endpoint) and self._place is not None and not self.website
        return self.s3_origin_config is not None


class Member(msgspec.Struct, frozen=True, rename="pascal"):
    """An origin in a group."""

    origin_id: str


class OriginGroup(msgspec.Struct, frozen=True, rename="pascal"):
    """Origins that stand in for each other."""

    id: str
    members: Several[Member]


class Certificate(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """By what a distribution proves its name (https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ViewerCertificate.html)."""

    # of these, one is there; the flag is false, or absent, beside one's own
    default: bool = msgspec.field(name="CloudFrontDefaultCertificate", default=False)
    acm: str = msgspec.field(name="ACMCertificateArn", default="")
    iam: str = msgspec.field(name="IAMCertificateId", default="")
    minimum: str = msgspec.field(name="MinimumProtocolVersion", default="")

    @property
    def own(self) -> bool:
        """Whether it is of the customer's; the flag alone does not tell. Raises Undecided where neither is said."""
        if not (self.acm or self.iam or self.default):
            raise Undecided("it is not told by which certificate it proves its name")
        return bool(self.acm or self.iam)

    @property
    def old(self) -> bool:
        """Whether protocols before TLS 1.2 are allowed. Raises Undecided for a policy that we do not know."""
        if not (self.minimum in _OLD_POLICIES or self.static or _MODERN_POLICY.fullmatch(self.minimum)):
            raise Undecided(f"{self.minimum or 'no MinimumProtocolVersion'} says nothing to us")
        return self.minimum in _OLD_POLICIES

    @property
    def static(self) -> bool:
        """Whether ciphers without forward secrecy are allowed, by the first policy of TLS 1.2."""
        return self.minimum == "TLSv1.2_2018"


class Distribution(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A distribution (https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionSummary.html)."""

    arn: str
    id: str
    enabled: bool
    default_cache_behavior: Behaviour
    cache_behaviors: Several[Behaviour]
    origins: Several[Origin]
    viewer_certificate: Certificate
    origin_groups: Several[OriginGroup]
    # absent: direct
    connection_mode: Literal["direct", "tenant-only"] = "direct"
    # empty: none; absent: not told
    web_acl_id: str | None = msgspec.field(name="WebACLId", default=None)

    @property
    def guard(self) -> str:
        """The web ACL of WAF before it, empty for none. Raises Undecided where that is not told."""
        if self.web_acl_id is None:
            raise Undecided("it is not told whether it has a web ACL")
        return self.web_acl_id

    @property
    def has_tenants(self) -> bool:
        """Whether it serves nobody but by its tenants, who may choose otherwise."""
        return self.enabled and self.connection_mode == "tenant-only"

    @property
    def serves_buckets_alone(self) -> bool:
        """Whether nothing but buckets is behind it."""
        return all(each.website or each.rest for each in self.origins.items)

    @property
    def behaviours(self) -> tuple[Behaviour, ...]:
        """All behaviours, the default one first."""
        return (self.default_cache_behavior, *self.cache_behaviors.items)

    @property
    def plain(self) -> list[str]:
        """The paths for which viewers are answered over HTTP."""
        return [each.path_pattern for each in self.behaviours if not each.forces_https]

    def using(self, origin: Origin) -> list[Behaviour]:
        """The behaviours that lead to an origin, by itself or in a group."""
        names = {origin.id, *(group.id for group in self.origin_groups.items if any(each.origin_id == origin.id for each in group.members.items))}
        return [each for each in self.behaviours if each.target_origin_id in names]

    def plain_to(self, origin: Origin) -> list[str]:
        """The paths for which an origin is asked for what viewers get over HTTP."""
        return [each.path_pattern for each in self.using(origin) if not each.forces_https]


def _listed(aws: Aws, operation: str, key: str) -> list[Mapping[str, Any]]:
    """All items of a list that CloudFront wraps. Its `Quantity` says that there are some; of the last page nothing may say that it is not the last."""
    found: list[Mapping[str, Any]] = []
    for page in (pages := aws.pages(operation)):
        listed = page.get(key) or {}
        items = listed.get("Items") or []
        if not isinstance(listed.get("Quantity"), int) or not isinstance(listed.get("IsTruncated"), bool) or bool(listed["Quantity"]) != bool(items):
            raise UnexpectedAnswer(f"{operation} answered a list of which a part is missing", operation)
        found += items
    if pages[-1][key]["IsTruncated"]:
        raise UnexpectedAnswer(f"{operation} has more pages than were answered", operation)
    return found


@read(
    DISTRIBUTIONS,
    per="account",
    absent={
        f"{DISTRIBUTIONS} DistributionList.Items.ConnectionMode": f"a standard distribution, without tenants ({DOCS}/API_DistributionSummary.html)"
    },
)
def distributions(aws: Aws) -> list[Distribution]:
    """The distributions of the account, enabled or not, with all their behaviours and origins."""
    found: list[Distribution] = aws.parse(DISTRIBUTIONS, _listed(aws, DISTRIBUTIONS, "DistributionList"), Distribution, "{ARN}")
    return found


class WebAclChoice(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a tenant has instead of its distribution's web ACL."""

    action: Literal["override", "disable"]
    # absent where there is none
    arn: str = ""

    def __post_init__(self) -> None:
        """Refuse another one that is not told."""
        if self.action == "override" and not self.arn:
            raise ValueError("override needs Arn")


class Customizations(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What is otherwise with a tenant than with its distribution."""

    web_acl: WebAclChoice | None = None


class DistributionTenant(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A tenant of a distribution (https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionTenantSummary.html)."""

    arn: str
    name: str
    enabled: bool
    # absent: as with its distribution
    customizations: Customizations | None = None

    def guard(self, distribution: Distribution) -> str:
        """The web ACL before it, empty for none."""
        choice = self.customizations.web_acl if self.customizations else None
        if choice is None:
            return distribution.guard
        return choice.arn if choice.action == "override" else ""


@read(
    TENANTS,
    per="account",
    absent={
        f"{TENANTS} DistributionTenantList.Customizations": f"as with its distribution ({DOCS}/API_DistributionTenantSummary.html)",
        f"{TENANTS} DistributionTenantList.Customizations.WebAcl": f"as with its distribution ({DOCS}/API_Customizations.html)",
    },
)
def distribution_tenants(aws: Aws, distributions: list[Distribution]) -> PerResource[list[DistributionTenant]]:
    """The tenants of each distribution that serves by tenants alone."""

    def tenants(distribution: Distribution) -> list[DistributionTenant]:
        raws = aws.list(TENANTS, "DistributionTenantList", AssociationFilter={"DistributionId": distribution.id})
        found: list[DistributionTenant] = aws.parse(TENANTS, raws, DistributionTenant, "{Arn}")
        return found

    return aws.each([each for each in distributions if error_of(each) is None and each.has_tenants], tenants)


class Fronts:
    """Which distributions stand before which servers, and what stands before them."""

    def __init__(self, distributions: list[Distribution], tenants: PerResource[list[DistributionTenant]]) -> None:
        self._distributions = distributions
        self._tenants = tenants

    def of(self, server: str) -> list[Distribution]:
        """The enabled distributions that have a server of that name behind them. Raises where one that could not be read might be such."""
        enabled = [each for each in self._distributions if each.enabled]
        return [each for each in enabled if any(_is_server(origin.domain_name, server) for origin in each.origins.items)]

    def guards(self, distribution: Distribution) -> dict[str, str]:
        """The web ACLs of a distribution's tenants, by what they are called; its own where it has none, empty for none."""
        tenants = self._tenants[distribution] if distribution.has_tenants else []
        return {f"tenant {each.name}": each.guard(distribution) for each in tenants if each.enabled} or {distribution.id: distribution.guard}

    def lacks(self, distribution: Distribution) -> str | None:
        """What of a distribution faces the internet without a web ACL, None where nothing does."""
        guards = self.guards(distribution)
        without = [name for name, acl in guards.items() if not acl]
        if without:
            return f"{', '.join(without)} faces the internet without a web ACL"
        # https://docs.aws.amazon.com/waf/latest/developerguide/waf-migrating-from-classic.html
        old = [name for name, acl in guards.items() if ":wafv2:" not in acl]
        return f"{', '.join(old)} has a web ACL of WAF Classic, which has ended" if old else None


def _is_server(domain: str, server: str) -> bool:
    return domain.lower().removeprefix("dualstack.") == server.lower()


@read(per="account")
def distribution_fronts(distributions: list[Distribution], distribution_tenants: PerResource[list[DistributionTenant]]) -> Fronts:
    """Which distributions stand before which servers, and what stands before them."""
    return Fronts(distributions, distribution_tenants)


@dataclass(frozen=True)
class Use:
    """An origin of an enabled distribution; the distribution alone where it could not be read, or is not enabled."""

    arn: str
    distribution: Distribution
    origin: Origin | None = None

    @property
    def serves(self) -> bool:
        """Whether some behaviour leads to it."""
        return self.origin is not None and bool(self.distribution.using(self.origin))

    @property
    def item(self) -> str | None:
        """The origin's id, by which the findings of one distribution are told apart."""
        return self.origin.id if self.origin else None


class Uses(list[Use]):
    """The origins of all distributions."""

    def serving(self, bucket: str) -> list[str]:
        """The distributions that serve a bucket over HTTPS only. Raises where one that could not be read might be it."""
        found = [each for each in self if error_of(each.distribution) is None and each.origin and each.origin.bucket == bucket]
        ids = [each.distribution.id for each in found if each.origin and each.serves and not each.distribution.plain_to(each.origin)]
        if not ids:
            for each in self:
                bool(each.distribution.id)
        return ids


@read(per="account")
def origins(distributions: list[Distribution]) -> Uses:
    """The origins of each distribution."""
    return Uses(use for each in distributions for use in _uses(each))


def _uses(distribution: Distribution) -> Iterator[Use]:
    if error_of(distribution) or not distribution.enabled:
        yield Use(distribution.arn, distribution)
    else:
        yield from (Use(distribution.arn, distribution, each) for each in distribution.origins.items)


class VpcEndpointConfig(Endpoint, frozen=True, kw_only=True, rename="pascal"):
    """How CloudFront asks an origin in a VPC (https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_VpcOriginEndpointConfig.html)."""

    arn: str


@dataclass(frozen=True)
class _Named:
    arn: str


class VpcOrigins:
    """How origins in VPCs are asked, by their ids."""

    def __init__(self, answers: PerResource[VpcEndpointConfig]) -> None:
        self._answers = answers

    def __getitem__(self, id: str) -> VpcEndpointConfig:
        return self._answers[_Named(id)]


@read(VPC_ORIGIN, per="account")
def vpc_origins(aws: Aws, origins: Uses) -> VpcOrigins:
    """How each origin in a VPC that a distribution uses is asked."""
    names = {each.origin.vpc_origin_config.vpc_origin_id for each in origins if each.origin and each.origin.vpc_origin_config}
    return VpcOrigins(aws.each([_Named(each) for each in sorted(names)], lambda named: _vpc_origin(aws, named.arn)))


def _vpc_origin(aws: Aws, id: str) -> VpcEndpointConfig:
    raw = (aws.ask(VPC_ORIGIN, Id=id).get("VpcOrigin") or {}).get("VpcOriginEndpointConfig")
    if not isinstance(raw, dict):
        raise UnexpectedAnswer(f"{VPC_ORIGIN} answered without VpcOriginEndpointConfig", VPC_ORIGIN)
    (found,) = aws.parse(VPC_ORIGIN, [raw | {"Named": id}], VpcEndpointConfig, "{Named}")
    config: VpcEndpointConfig = found
    return config


class AccessControl(msgspec.Struct, frozen=True, rename="pascal"):
    """By what CloudFront shows a bucket who asks (https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_OriginAccessControlSummary.html)."""

    id: str
    signing_behavior: Literal["never", "always", "no-override"]

    @property
    def signs(self) -> bool:
        """Whether it signs requests at all."""
        return self.signing_behavior != "never"


class AccessControls(dict[str, AccessControl]):
    """The origin access controls of the account, by their ids."""

    def signs(self, id: str) -> bool:
        """Whether requests are signed by a control. Raises Undecided for one that is not shown."""
        if id not in self:
            raise Undecided(f"the account does not show its origin access control {id}")
        return self[id].signs


@read(CONTROLS, per="account")
def access_controls(aws: Aws, origins: Uses) -> AccessControls:
    """The origin access controls of the account; not asked where no origin names one."""
    if not any(each.origin and each.origin.origin_access_control_id for each in origins):
        return AccessControls()
    raws = _listed(aws, CONTROLS, "OriginAccessControlList")
    parsed: list[AccessControl] = aws.parse(CONTROLS, raws, AccessControl, "{Id}")
    return AccessControls((raw["Id"], each) for raw, each in zip(raws, parsed, strict=True))
