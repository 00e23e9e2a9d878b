"""Waivers: accepted exceptions. One that is in force turns the FAIL that it covers into WAIVED; nothing else is touched, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

import msgspec

from pytest_ssb import days
from pytest_ssb.covering import is_about
from pytest_ssb.findings import Finding, Status, Waived
from pytest_ssb.profiles import Waiver
from pytest_ssb.results import WaiverRow, WaiverState, to_look_at


def waived(findings: Iterable[Finding], waivers: Sequence[Waiver], today: date) -> list[Finding]:
    """The findings, with each FAIL that a waiver in force covers as WAIVED; where all that cover it have expired, it stays FAIL and says so."""
    return [_waived(finding, waivers, today) for finding in findings]


def _waived(finding: Finding, waivers: Sequence[Waiver], today: date) -> Finding:
    if finding.status is not Status.FAIL:
        return finding
    mine = [each for each in waivers if covers(each, finding)]
    in_force = next((each for each in mine if state(each, today) != "expired"), None)
    if in_force is not None:
        expires = str(in_force.expires) if in_force.expires else None
        by = Waived(reason=in_force.reason, owner=in_force.owner, expires=expires)
        return msgspec.structs.replace(finding, status=Status.WAIVED, waiver=by)
    if mine:
        last = max(mine, key=lambda each: each.expires or date.max)
        return msgspec.structs.replace(finding, reason=f"{finding.reason} (the waiver of {last.owner} expired on {last.expires})")
    return finding


def covers(waiver: Waiver, finding: Finding) -> bool:
    """Whether the waiver is about the finding, whatever its status and the day."""
    return waiver.control in (None, finding.control) and waiver.check in (None, finding.check) and is_about(waiver, finding)


def state(waiver: Waiver, today: date) -> WaiverState:
    """Whether it is in force, which it is to the end of its last day."""
    if waiver.expires is None:
        return "in_force"
    if waiver.expires < today:
        return "expired"
    return "expiring" if days.ends_soon(waiver.expires, today) else "in_force"


def rows(profile: str, waivers: Iterable[Waiver], findings: Sequence[Finding], today: date, judged: Callable[[Waiver], bool]) -> Iterator[WaiverRow]:
    """What became of each waiver of a profile. `findings` are those of the whole run; `judged` tells whether all was judged that a waiver could cover."""
    mine = [finding for finding in findings if finding.profile == profile and finding.status in (Status.FAIL, Status.WAIVED, Status.MANUAL)]
    for waiver in waivers:
        covered = [finding for finding in mine if covers(waiver, finding)]
        open_questions = any(finding.status is Status.MANUAL for finding in covered)
        yield WaiverRow(
            profile=profile,
            place=waiver.place,
            control=waiver.control,
            check=waiver.check,
            account=waiver.account,
            region=waiver.region,
            resource=waiver.resource,
            scope=waiver.scope,
            item=waiver.item,
            reason=waiver.reason,
            owner=waiver.owner,
            expires=str(waiver.expires) if waiver.expires else None,
            state=state(waiver, today),
            matched=sum(finding.status is not Status.MANUAL for finding in covered),
            judged=not open_questions and judged(waiver),
        )


def merged(parts: Iterable[Sequence[WaiverRow]], *, whole: bool) -> tuple[WaiverRow, ...]:
    """The rows of a run whose shards have these; with `whole` false a shard is missing, and nothing was judged as a whole."""
    found: dict[tuple[str, str], WaiverRow] = {}
    for row in (row for part in parts for row in part):
        other = found.get((row.profile, row.place))
        matched, judged = (other.matched, other.judged) if other else (0, whole)
        found[row.profile, row.place] = msgspec.structs.replace(row, matched=matched + row.matched, judged=judged and row.judged)
    return tuple(found.values())


def said(rows: Sequence[WaiverRow], today: date) -> Iterator[str]:
    """What is to be said of waivers: of each that matched nothing, has expired or soon will, once, whichever profiles it stands for."""
    for why, row in to_look_at(rows):
        profiles = [each.profile for each in rows if each.place == row.place]
        where = "" if f"profile {row.profile!r}" in row.place else f" in {' and '.join(map(repr, profiles))}"
        text = f"{row.place}: the waiver of {row.owner}"
        if why == "expired":
            again = f": {_findings(row.matched)} FAIL{'s' if row.matched == 1 else ''} again"
            yield f"{text} expired on {row.expires}{again if row.matched else f'; it covers nothing any more{where}' if row.judged else ''}"
        elif why == "matched nothing" or row.expires is None:
            yield f"{text} matched nothing{where}"
        else:
            covered = f"; it covers {_findings(row.matched)}" if row.matched else ""
            yield f"{text} expires on {row.expires}, {days.until(date.fromisoformat(row.expires), today)}{covered}"


def _findings(number: int) -> str:
    return f"{number} finding" if number == 1 else f"{number} findings"
