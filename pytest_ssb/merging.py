"""Puts the findings files of a run's shards together: what comes out is what the run would have written in one piece."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from pytest_ssb import waivers
from pytest_ssb.errors import UserError
from pytest_ssb.findings import Finding, unjudged
from pytest_ssb.results import AccountRow, ApiCalls, Asked, Baseline, Loose, Results, RunInfo, WaiverRow, in_order, missing_permissions, scorecard

# Shards that nobody gave a common id may have begun so far apart, and no further: those of last night lie beside tonight's.
APART = timedelta(hours=12)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A shard's file, by the name that the user knows it by."""

    name: str
    results: Results
    loose: Loose

    @property
    def number(self) -> int:
        """Which shard it is."""
        assert self.results.run.shard is not None
        return self.results.run.shard.number

    @property
    def of(self) -> int:
        """How many shards the run has."""
        assert self.results.run.shard is not None
        return self.results.run.shard.of


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """A check of the user's own, as far as findings tell of it."""

    controls: tuple[str, ...]
    key: bool


def part(name: str, results: Results, version: str) -> Part:
    """A file as a part of a run. Raises UserError if it is none, or was made by another version than the one that is going to count."""
    if results.run.shard is None or results.loose is None:
        raise UserError(f"merge: {name}: holds a whole run, not a shard of it; leave it out")
    if results.tool.version != version:
        made = results.tool.version
        raise UserError(f"merge: {name}: was made by pytest-ssb {made}, and this is {version}; put shards together with the version that made them")
    return Part(name=name, results=results, loose=results.loose)


def missing(parts: Sequence[Part]) -> list[int]:
    """The shards that are not there. Raises UserError, a line that names the files, where the parts are not of one run."""
    first = parts[0]
    seen: dict[int, Part] = {}
    for each in parts:
        for what, mine, others in _facts(first, each):
            if mine != others:
                raise UserError(f"merge: {first.name} and {each.name} are not of one run: {what} is {mine} in one, {others} in the other")
        if each.loose.targets != first.loose.targets:
            only = sorted(set(each.loose.targets) ^ set(first.loose.targets))
            raise UserError(f"merge: {first.name} and {each.name} are not of one run: only one of them saw {_some(only)}; run all shards again")
        twin = seen.setdefault(each.number, each)
        if twin is not each:
            raise UserError(f"merge: {twin.name} and {each.name} are both shard {each.number} of {each.of}; leave one out")
    if first.results.run.shared_id is None:
        early, late = min(parts, key=_began), max(parts, key=_began)
        if _began(late) - _began(early) > APART:
            raise UserError(
                f"merge: {early.name} began at {early.results.started_at} and {late.name} at {late.results.started_at}: too far apart for one run; "
                "leave out what is left of an earlier one, or give each shard of a run the same --ssb-run-id"
            )
    return [number for number in range(1, first.of + 1) if number not in seen]


def _facts(one: Part, other: Part) -> Iterable[tuple[str, object, object]]:
    """What has to be the same in all parts of a run: its name, and its value in each."""
    facts: tuple[tuple[str, Callable[[Part], object]], ...] = (
        ("--ssb-run-id", lambda part: part.results.run.shared_id or "not given"),
        ("the number of shards", lambda part: part.of),
        ("the edition", lambda part: part.results.edition),
        ("-m", lambda part: repr(part.results.selection.markexpr)),
        ("-k", lambda part: repr(part.results.selection.keyword)),
        ("what is to be run", lambda part: " ".join(part.results.selection.args) or "everything"),
        ("--ssb-region", lambda part: ", ".join(part.results.selection.regions) or "not given"),
        ("--ssb-profile", lambda part: ", ".join(dict.fromkeys(row.profile for row in part.loose.accounts))),
        ("the list of waivers", lambda part: ", ".join(row.place for row in part.results.waivers) or "empty"),
        ("the baseline", lambda part: f"of {part.results.baseline.started_at}" if part.results.baseline else "not given"),
    )
    for what, value in facts:
        yield what, value(one), value(other)


def _began(part: Part) -> datetime:
    return datetime.fromisoformat(part.results.started_at)


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:3]) + (f" and {len(words) - 3} more" if len(words) > 3 else "")


def merged(parts: Sequence[Part], left_out: Sequence[int], checks: Mapping[str, Asked]) -> Results:
    """The results of the whole run, but for the shards that are left out. `checks` are the shipped ones; those of the user's own are told by findings."""
    parts = sorted(parts, key=lambda part: part.number)
    first = parts[0].results
    findings = in_order(finding for part in parts for finding in part.results.findings)
    calls: Counter[str] = Counter()
    for each in parts:
        calls.update(each.results.api_calls.by_operation)
    selected = {check for finding in findings for check in unjudged(finding)}
    keys = {check for part in parts for check in part.loose.key_checks}
    own = {
        check: Own(controls=tuple(sorted({finding.control for finding in findings if finding.check == check})), key=check in keys)
        for check in sorted(selected - checks.keys())
    }
    return msgspec.structs.replace(
        first,
        run=RunInfo(id=str(uuid.uuid4()), shared_id=first.run.shared_id, shard=None, missing_shards=tuple(left_out)),
        started_at=min(part.results.started_at for part in parts),
        finished_at=max(part.results.finished_at for part in parts),
        complete=not left_out and all(part.results.complete for part in parts),
        accounts=_accounts(parts),
        api_calls=ApiCalls(total=calls.total(), by_operation=dict(sorted(calls.items()))),
        missing_permissions=missing_permissions(findings),
        waivers=_waivers(parts, whole=not left_out),
        baseline=_baseline([part.results.baseline for part in parts if part.results.baseline is not None], findings),
        controls=scorecard(findings, {**checks, **own}, selected),
        findings=tuple(findings),
        loose=None,
    )


def _accounts(parts: Sequence[Part]) -> tuple[AccountRow, ...]:
    """The accounts that some shard had, in the order of the whole run, each with the regions that some shard had."""
    here: dict[tuple[str, str], AccountRow] = {}
    regions: dict[tuple[str, str], set[str]] = {}
    for each in parts:
        for row in each.results.accounts:
            here.setdefault((row.profile, row.id), row)
            regions.setdefault((row.profile, row.id), set()).update(row.regions)
    rows = {(row.profile, row.id): row for part in parts for row in part.loose.accounts}
    return tuple(
        msgspec.structs.replace(here[key], regions=tuple(region for region in row.regions if region in regions[key]))
        for key, row in rows.items()
        if key in here
    )


def _waivers(parts: Sequence[Part], whole: bool) -> tuple[WaiverRow, ...]:
    """The waivers, each with what it covers in all shards; of use or not can be said only of what all of them judged."""
    rows = [
        [msgspec.structs.replace(row, judged=judged) for row, judged in zip(part.results.waivers, part.loose.waivers_judged, strict=True)]
        for part in parts
    ]
    return waivers.merged(rows, whole=whole)


def _baseline(told: Sequence[Baseline], findings: Sequence[Finding]) -> Baseline | None:
    """The comparison of the whole run: what one shard judged is no concern any more of the others, which could not."""
    if not told:
        return None
    common = set.intersection(*(set(each.not_evaluated) for each in told))
    remembered = tuple(finding for finding in told[0].remembered if finding.id in common)
    return Baseline(
        started_at=told[0].started_at,
        new=sum(finding.baseline == "new" for finding in findings),
        known=sum(finding.baseline == "known" for finding in findings),
        new_checks=tuple(sorted({check for each in told for check in each.new_checks})),
        fixed=tuple(in_order({finding.id: finding for each in told for finding in each.fixed}.values())),
        not_evaluated=tuple(finding.id for finding in remembered),
        remembered=remembered,
    )


def notes(parts: Sequence[Part], left_out: Sequence[int], results: Results) -> list[str]:
    """What there is to say at the end: of what the user wrote and no shard had a use for, only if all of them are there."""
    said = dict.fromkeys(line for part in parts for line in part.loose.notes)
    used = {line for part in parts for line in part.loose.used}
    unused = dict.fromkeys(line for part in parts for line in part.loose.unused if line not in used)
    today = _began(max(parts, key=_began)).date()
    return [*said, *(() if left_out else unused), *waivers.said(results.waivers, today)]


def minutes(parts: Iterable[Part]) -> dict[str, int]:
    """The user's own minutes, by control or check."""
    return {name: number for part in parts for name, number in part.loose.minutes.items()}


def key_checks(parts: Iterable[Part]) -> frozenset[str]:
    """The checks whose open question leaves a control open."""
    return frozenset(check for part in parts for check in part.loose.key_checks)
