"""Trusted Advisor: its checks, and what each last found, by the API of AWS Support."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, or_unread, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

CHECKS, SUMMARIES = "support:DescribeTrustedAdvisorChecks", "support:DescribeTrustedAdvisorCheckSummaries"
# Support plans that do not have the API (https://docs.aws.amazon.com/awssupport/latest/APIReference/API_DescribeTrustedAdvisorChecks.html).
NO_PLAN = "SubscriptionRequiredException"
UNKNOWN_ID = "InvalidParameterValueException"
BATCH = 50
STALE = timedelta(days=30)


class Described(msgspec.Struct, frozen=True):
    """A check (https://docs.aws.amazon.com/awssupport/latest/APIReference/API_TrustedAdvisorCheckDescription.html)."""

    arn: str = msgspec.field(name="Arn")
    id: str
    name: str
    category: str


class Resources(msgspec.Struct, frozen=True, rename="camel"):
    """How many resources a check flags, and how many it leaves out because the user said so."""

    resources_flagged: int
    resources_suppressed: int


class Summary(msgspec.Struct, frozen=True):
    """What a check last found (https://docs.aws.amazon.com/awssupport/latest/APIReference/API_TrustedAdvisorCheckSummary.html)."""

    id: str = msgspec.field(name="checkId")
    status: Literal["ok", "warning", "error", "not_available"]
    timestamp: str
    resources: Resources = msgspec.field(name="resourcesSummary")

    def said(self, now: datetime) -> str:
        """How many resources are flagged and left out, and as of when."""
        counted = f"{self.resources.resources_flagged} flagged, {self.resources.resources_suppressed} excluded"
        return f"{counted}, as of {self.timestamp or 'an unknown time'}{', stale' if self._is_stale(now) else ''}"

    def _is_stale(self, now: datetime) -> bool:
        try:
            return now - datetime.fromisoformat(self.timestamp) > STALE
        except (TypeError, ValueError):
            return True


@dataclass(frozen=True)
class AdvisorCheck:
    """A check of Trusted Advisor's; `summary` is None where it has none for this account."""

    arn: str
    id: str
    name: str
    category: str
    summary: Summary | None
    now: datetime


@read(CHECKS, per="account")
def advisor_descriptions(aws: Aws) -> Sequence[Described] | None:
    """Trusted Advisor's checks; None where the account's support plan has no API."""
    answer = aws.ask(CHECKS, absent=NO_PLAN, language="en")
    if answer is None:
        return None
    if not isinstance(answer.get("checks"), list):
        raise UnexpectedAnswer(f"{CHECKS} answered without checks", CHECKS)
    described: list[Described] = aws.parse(CHECKS, answer["checks"], Described, "arn:{partition}:trustedadvisor::{account}:checks/{category}/{id}")
    return described


@read(SUMMARIES, per="account")
def advisor_checks(aws: Aws, advisor_descriptions: Sequence[Described] | None) -> Sequence[AdvisorCheck] | None:
    """Trusted Advisor's checks with what each last found; None where the account's support plan has no API. Nothing is refreshed."""
    if advisor_descriptions is None:
        return None
    ids = [each.id for each in advisor_descriptions if error_of(each) is None]
    found: dict[str, Any] = {}
    for start in range(0, len(ids), BATCH):
        found |= _summaries(aws, ids[start : start + BATCH])
    now = datetime.now(UTC)
    return [_check(each, found, now) for each in advisor_descriptions]


def _check(described: Described, found: Mapping[str, Any], now: datetime) -> AdvisorCheck:
    error = error_of(described)
    if error is not None:
        result: AdvisorCheck = unread(error, described.arn)
        return result
    return AdvisorCheck(described.arn, described.id, described.name, described.category, found[described.id], now)


def _summaries(aws: Aws, ids: Sequence[str]) -> dict[str, Any]:
    """What the checks last found, by id: None for an id that is not known, and what could not be read in its place."""
    answer = or_unread(lambda: aws.ask(SUMMARIES, absent=UNKNOWN_ID, checkIds=list(ids)))
    error = error_of(answer)
    if error is not None:
        return {id: unread(error) for id in ids}
    if answer is None:
        # One id that is not known refuses them all.
        return {ids[0]: None} if len(ids) == 1 else {id: found for each in ids for id, found in _summaries(aws, [each]).items()}
    raws = {raw.get("checkId"): raw for raw in answer.get("summaries") or ()}
    return {id: or_unread(lambda one=id: _summary(raws.get(one))) for id in ids}  # type: ignore[misc]


def _summary(raw: Any) -> Summary:
    try:
        return msgspec.convert(raw, Summary)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{SUMMARIES} answered a summary that we cannot read: {error}", SUMMARIES) from None
