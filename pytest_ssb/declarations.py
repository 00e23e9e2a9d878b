"""Declarations: the dated, signed answers to questions that no API answers. They turn MANUAL into PASS, and touch nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType

import msgspec

from pytest_ssb import days
from pytest_ssb.covering import is_about
from pytest_ssb.findings import Declared, Finding, Status
from pytest_ssb.profiles import Declaration, Profile
from pytest_ssb.selectors import glob

# A declaration answers the question of its own check alone, but for this: who says that another account's bucket of logs is no concern
# says so of all that is asked of that bucket.
_ANSWERS_ALSO = {"trail_bucket_not_public": "trail_bucket_"}
# And who says that the organization's trail is complete says so of all that is asked of that trail and its bucket.
_ORGANIZATION_TRAIL = "cloudtrail_management_events"


@dataclass(frozen=True)
class Lasting:
    """How many days a declaration counts at the most, and the key of the profile that says so."""

    days: int
    key: str


def lasting(profile: Profile) -> dict[str, Lasting]:
    """The checks whose declarations tell of something that has to be done again, whatever their `review_by`."""
    return {"trusted_advisor_reviewed": Lasting(profile.trusted_advisor.review_days, "trusted_advisor.review_days")}


def answered(
    findings: Iterable[Finding], declarations: Sequence[Declaration], today: date, limits: Mapping[str, Lasting] = MappingProxyType({})
) -> tuple[list[Finding], set[str]]:
    """The findings, with each question that a declaration answers as a PASS of basis `declared`; and the places of the declarations that were of use.

    One whose last day has passed, its `review_by` or what `limits` says of its check, answers nothing any more: the question is open again, and says why.
    """
    used: set[str] = set()
    return [_answered(finding, declarations, today, limits, used) for finding in findings], used


def _answered(finding: Finding, declarations: Sequence[Declaration], today: date, limits: Mapping[str, Lasting], used: set[str]) -> Finding:
    if finding.status is not Status.MANUAL:
        return finding
    mine = [each for each in declarations if answers(each, finding)]
    used.update(each.place for each in mine)
    in_force = next((each for each in mine if today <= _last_day(each, limits)), None)
    if in_force is not None:
        declared = Declared(
            statement=in_force.statement, by=in_force.by, on=str(in_force.on), review_by=str(in_force.review_by), evidence=in_force.evidence
        )
        reason = f"{in_force.statement} (declared by {in_force.by} on {in_force.on}, {_until(in_force, limits, 'to be reviewed by', 'counts until')})"
        return msgspec.structs.replace(finding, status=Status.PASS, basis="declared", reason=reason, question=None, declaration=declared)
    if mine:
        past = max(mine, key=lambda each: _last_day(each, limits))
        reason = f"{finding.reason} (what {past.by} declared on {past.on} {_until(past, limits, 'was to be reviewed by', 'counted until')})"
        return msgspec.structs.replace(finding, reason=reason, question=reason)
    return finding


def _last_day(declaration: Declaration, limits: Mapping[str, Lasting]) -> date:
    limit = limits.get(declaration.check)
    if limit is None or (declaration.review_by - declaration.on).days <= limit.days:
        return declaration.review_by
    return declaration.on + timedelta(days=limit.days)


def _until(declaration: Declaration, limits: Mapping[str, Lasting], reviewed: str, counted: str) -> str:
    """Until when it counts, and by what: its own word, or the profile's."""
    last = _last_day(declaration, limits)
    if last == declaration.review_by:
        return f"{reviewed} {last}"
    limit = limits[declaration.check]
    return f"{counted} {last}: {limit.key} = {limit.days}"


def answers(declaration: Declaration, finding: Finding) -> bool:
    """Whether the declaration is about what the finding asks, whatever its status and the day."""
    if declaration.check == _ORGANIZATION_TRAIL and finding.control == "ACCT.07" and _is_of_another_accounts_trail(finding):
        return declaration.account is None or glob(declaration.account, finding.account)
    also = _ANSWERS_ALSO.get(declaration.check)
    if declaration.check == _ORGANIZATION_TRAIL and finding.check.startswith("cloudtrail_"):
        also = "cloudtrail_"
    if finding.check != declaration.check and not (also and finding.check.startswith(also)):
        return False
    return is_about(declaration, finding)


def _is_of_another_accounts_trail(finding: Finding) -> bool:
    return any(":cloudtrail:" in text and text.split(":")[4] != finding.account for text in (finding.resource, finding.item or ""))


def checks_of(declaration: Declaration, checks: Iterable[str]) -> set[str]:
    """Those of these checks whose questions a declaration may answer."""
    also = "cloudtrail_" if declaration.check == _ORGANIZATION_TRAIL else _ANSWERS_ALSO.get(declaration.check)
    return {declaration.check, *(check for check in checks if also and check.startswith(also))}


@dataclass(frozen=True)
class Given:
    """A declaration of a profile in a run: whether it was of use (or would be, had it not expired), and whether all was judged that it could answer."""

    profile: str
    declaration: Declaration
    used: bool
    judged: bool
    limits: Mapping[str, Lasting]


def loose_ends(given: Iterable[Given], today: date) -> tuple[list[str], list[str], list[str]]:
    """Of what is said of declarations, what a part of a run cannot settle alone: what it would say, what it speaks against, and what holds anyway."""
    would_say, against, anyway = [], [], []
    places: dict[str, list[Given]] = {}
    for each in given:
        places.setdefault(each.declaration.place, []).append(each)
    for mine in places.values():
        in_vain = list(said([replace(each, used=False, judged=True) for each in mine], today))
        of_use = list(said([replace(each, used=True) for each in mine], today))
        unsettled = [line for line in said([replace(each, used=False, judged=False) for each in mine], today) if line not in of_use]
        anyway += of_use
        if any(each.used for each in mine):
            against += in_vain + unsettled
        else:
            would_say += unsettled
            (would_say if all(each.judged for each in mine) else against).extend(in_vain)
    return would_say, against, anyway


def said(given: Iterable[Given], today: date) -> Iterator[str]:
    """What is to be said of declarations: of each that answered nothing, or is to be reviewed soon, once, whichever profiles it stands for."""
    places: dict[str, list[Given]] = {}
    for each in given:
        places.setdefault(each.declaration.place, []).append(each)
    for place, mine in places.items():
        first = mine[0].declaration
        last = min(_last_day(first, each.limits) for each in mine)
        where = "" if f"profile {mine[0].profile!r}" in place else f" in {' and '.join(repr(each.profile) for each in mine)}"
        used = any(each.used for each in mine)
        if not used and all(each.judged for each in mine):
            yield f"{place}: {first.check} asked nothing that this answers{where}"
        elif last < today and not used:
            # Where it is of use, the question itself says so.
            yield f"{place}: what {first.by} declared on {first.on} was to be reviewed by {last}: it answers nothing any more"
        elif days.ends_soon(last, today):
            yield f"{place}: what {first.by} declared on {first.on} is to be reviewed by {last}, {days.until(last, today)}"
