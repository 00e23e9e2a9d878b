"""IAM Access Analyzer: what AWS's own solver of policies found to be open to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.errors import Undecided, UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

ANALYZERS, FINDINGS = "accessanalyzer:ListAnalyzers", "accessanalyzer:ListFindingsV2"
# The others look for access that nobody uses, or that is within the account.
EXTERNAL = ("ACCOUNT", "ORGANIZATION")


class Analyzer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_AnalyzerSummary.html"""

    arn: str = msgspec.field(name="Arn")
    type: Literal[
        "ACCOUNT",
        "ORGANIZATION",
        "ACCOUNT_UNUSED_ACCESS",
        "ORGANIZATION_UNUSED_ACCESS",
        "ACCOUNT_INTERNAL_ACCESS",
        "ORGANIZATION_INTERNAL_ACCESS",
    ]
    status: Literal["ACTIVE", "CREATING", "DISABLED", "FAILED"]


class Opening(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is open to others (https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_FindingSummaryV2.html)."""

    id: str
    resource_type: str
    resource_owner_account: str
    status: Literal["ACTIVE", "ARCHIVED", "RESOLVED"]
    # absent: the finding's id stands for it
    resource: str | None = None

    @property
    def said(self) -> str:
        """What it is, for people."""
        return self.resource or f"{self.resource_type}, finding {self.id}"


@read(ANALYZERS, per="region")
def access_analyzers(aws: Aws) -> list[Analyzer]:
    """The analyzers of the region that look for access from outside."""
    found: list[Analyzer] = aws.resources(ANALYZERS, "analyzers", Analyzer, "{arn}")
    return [each for each in found if error_of(each) or each.type in EXTERNAL]


@read(FINDINGS, per="region")
def external_access(aws: Aws, access_analyzers: list[Analyzer]) -> PerResource[list[Opening]]:
    """What each analyzer found of this account's to be open, and nobody has closed or archived."""

    def open_to_others(analyzer: Analyzer) -> list[Opening]:
        if analyzer.status != "ACTIVE":
            raise Undecided(f"the analyzer is {analyzer.status}: it looks at nothing")
        raws = aws.list(FINDINGS, "findings", analyzerArn=analyzer.arn, filter={"status": {"eq": ["ACTIVE"]}})
        try:
            found = msgspec.convert(raws, list[Opening])
        except msgspec.ValidationError as error:
            raise UnexpectedAnswer(f"{FINDINGS} answered a finding that we cannot read: {error}", FINDINGS) from None
        return [each for each in found if each.status == "ACTIVE" and each.resource_owner_account == aws.account]

    return aws.each(access_analyzers, open_to_others)
