"""OpenSearch Service: the domains, and how their endpoints are reached."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_ssb.errors import Undecided, UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

NAMES, DOMAINS = "opensearch:ListDomainNames", "opensearch:DescribeDomains"
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
    """Where a domain stands that has no public endpoint."""

    vpc: str = msgspec.field(name="VPCId")


class Domain(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A domain (https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DomainStatus.html)."""

    arn: str
    deleted: bool
    endpoint: Endpoint = msgspec.field(name="DomainEndpointOptions")
    # absent: its endpoint is public
    vpc_options: Vpc | None = msgspec.field(name="VPCOptions", default=None)


@read(NAMES, DOMAINS, per="region")
def search_domains(aws: Aws) -> list[Domain]:
    """The domains of the region, but for those being deleted."""
    listed = aws.ask(NAMES).get("DomainNames")
    if not isinstance(listed, list) or not all(each.get("DomainName") for each in listed):
        raise UnexpectedAnswer(f"{NAMES} answered without the names of domains", NAMES)
    names: list[str] = [each["DomainName"] for each in listed]
    raws: list[Any] = []
    for at in range(0, len(names), AT_ONCE):
        raws += aws.ask(DOMAINS, DomainNames=names[at : at + AT_ONCE]).get("DomainStatusList") or []
    told = {raw.get("DomainName") for raw in raws}
    found: list[Domain] = aws.parse(DOMAINS, [raw for raw in raws if raw.get("Deleted") is not True], Domain, "{ARN}")
    return found + [_silent(aws, each) for each in names if each not in told]


def _silent(aws: Aws, name: str) -> Domain:
    error = UnexpectedAnswer(f"{DOMAINS} does not tell of a domain that is listed", DOMAINS)
    found: Domain = unread(error, f"arn:{aws.partition}:es:{aws.region}:{aws.account}:domain/{name}")
    return found
