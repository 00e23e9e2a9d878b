"""OpenSearch: whom the access policies of domains let in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.resource_policies import Judged, Policied, Policies, judged, statements_of
from pytest_ssb.reads.trust import Trust

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

NAMES, DOMAINS = "opensearch:ListDomainNames", "opensearch:DescribeDomains"
AT_ONCE = 5  # https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DescribeDomains.html
STATUS = "https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DomainStatus.html"


@read(NAMES, DOMAINS, per="region", absent={f"{DOMAINS} DomainStatusList.AccessPolicies": f"no access policy ({STATUS})"})
def search_domain_policies(aws: Aws, region_trust: Trust) -> Policies:
    """Whom the access policies of domains let in; a domain within a VPC is not reached from elsewhere."""
    names = [domain["DomainName"] for domain in _listed(NAMES, aws.ask(NAMES), "DomainNames")]
    statuses: list[Any] = []
    for start in range(0, len(names), AT_ONCE):
        asked = names[start : start + AT_ONCE]
        statuses += _listed(DOMAINS, aws.ask(DOMAINS, DomainNames=asked), "DomainStatusList")
    found = []
    for status in statuses:
        if not isinstance(status.get("ARN"), str):
            raise UnexpectedAnswer(f"{DOMAINS} answered a domain without ARN", DOMAINS)
        found.append(Policied(status["ARN"], status["ARN"].rpartition("/")[2], status))

    def verdict(domain: Policied) -> Judged:
        within = domain.raw.get("VPCOptions")
        fence = "open to everyone, and reached within its VPC alone" if isinstance(within, Mapping) and within.get("VPCId") else None
        return judged(statements_of(domain.raw.get("AccessPolicies") or "", DOMAINS), region_trust, DOMAINS, fence=fence)

    return Policies("AWS::OpenSearchService::Domain", tuple(found), aws.each(found, verdict))


def _listed(operation: str, answer: Any, key: str) -> list[Any]:
    found = answer.get(key)
    if not isinstance(found, list):
        raise UnexpectedAnswer(f"{operation} answered without {key}", operation)
    return found
