"""OpenSearch: whom the access policies of domains let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssb.reads.opensearch import DOMAINS, Domain
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.resource_policies import Judged, Policied, Policies, judged, statements_of
from pytest_ssb.reads.trust import Trust

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


@read(per="region")
def search_domain_policies(aws: Aws, search_domains: list[Domain], region_trust: Trust) -> Policies:
    """Whom the access policies of domains let in; a domain within a VPC is not reached from elsewhere."""
    domains = {domain.arn: domain for domain in search_domains}

    def verdict(policied: Policied) -> Judged:
        domain = domains[policied.arn]
        fence = "open to everyone, and reached within its VPC alone" if domain.vpc_options else None
        return judged(statements_of(domain.access_policies, DOMAINS), region_trust, DOMAINS, fence=fence)

    found = tuple(Policied(arn, arn.rpartition("/")[2], {}) for arn in domains)
    return Policies(Domain.type, found, aws.each(found, verdict))
