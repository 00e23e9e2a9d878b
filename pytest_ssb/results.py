"""A run's results: what the findings file holds, and what is counted from the findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal, Protocol

import msgspec
from msgspec import Meta

from pytest_ssb.controls import CONTROLS, Environment
from pytest_ssb.findings import (
    ASKED_ACCOUNT,
    AccountId,
    Action,
    CheckId,
    ControlId,
    Day,
    DeniedBy,
    Finding,
    FindingId,
    Region,
    Status,
    Text,
    unjudged,
)
from pytest_ssb.targets import Backend

SCHEMA: Literal["pytest-ssb/results/1"] = "pytest-ssb/results/1"

WaiverState = Literal["in_force", "expiring", "expired"]
ControlStatus = Literal["FAIL", "ERROR", "WAIVED", "PASS", "MANUAL", "NOT_APPLICABLE", "NOT_RUN"]
Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]
Time = Annotated[
    str,
    Meta(
        pattern="^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$",
        description="RFC 3339, in UTC, to the second",
    ),
]


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """What made the file."""

    name: Literal["pytest-ssb"] = "pytest-ssb"
    version: Annotated[str, Meta(pattern="^[0-9]+[.][0-9]+")]


class Shard(msgspec.Struct, frozen=True, kw_only=True):
    """One of the parts into which a run's targets were dealt: the third of ten."""

    number: Positive
    of: Positive


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Which run it was.

    `shared_id` is what the user called it, the same for all of its shards; `shard` is the part that the file holds, null if that is all of it;
    `missing_shards` are those that were not there when a run's shards were put together.
    """

    id: Text
    shared_id: Text | None = None
    shard: Shard | None
    missing_shards: tuple[Positive, ...] = ()


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for: `-m`, `-k`, the paths and node ids, and `--ssb-region`."""

    markexpr: str
    keyword: str
    args: tuple[str, ...]
    regions: tuple[Region, ...]


class ApiCalls(msgspec.Struct, frozen=True, kw_only=True):
    """How many calls were made, in all and by operation."""

    total: Count
    by_operation: dict[Action, Positive]


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """Compared with an earlier file: how many findings are new and known, which were fixed, and the ids of those that this run could not evaluate.

    `remembered` are the same ones as they were last found, so that a later run, whose baseline this file is, still knows them. `new_checks` judged
    now, and left nothing in the earlier file.
    """

    started_at: Time
    new: Count
    known: Count
    new_checks: tuple[CheckId, ...]
    fixed: tuple[Finding, ...]
    not_evaluated: tuple[FindingId, ...]
    remembered: tuple[Finding, ...]


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the run. `name` is what its organization calls it, where that was asked; `caller` is null where nobody got in.

    `error` says why it, or its regions, gave no answer at all; what it had been found to be before is not evaluated then.
    """

    profile: Text
    id: AccountId
    name: Text | None
    environment: Environment
    partition: Annotated[str, Meta(pattern="^aws(-[a-z0-9]+)*$")]
    regions: tuple[Region, ...]
    backend: Backend
    caller: Annotated[str, Meta(pattern="^arn:[a-z0-9-]+:[a-z]+::[0-9]{12}:.+$")] | None
    error: Text | None

    @property
    def called(self) -> str:
        """It for people: its id, and its name if that is known."""
        return f"{self.id} ({self.name})" if self.name else self.id


class CheckCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Of a control's checks: how many were selected, how many judged something (PASS, FAIL or WAIVED, observed or declared), how many there are."""

    selected: Count
    judged: Count
    total: Count


class ControlRow(msgspec.Struct, frozen=True, kw_only=True):
    """A control's row of the scorecard; `status` is a finding's status or NOT_RUN, `counts` has the statuses that occur."""

    id: ControlId
    title: Text
    status: ControlStatus
    counts: Annotated[dict[Status, Positive], Meta(extra_json_schema={"propertyNames": {"enum": [str(status) for status in Status]}})]
    checks: CheckCounts


class MissingPermission(msgspec.Struct, frozen=True, kw_only=True):
    """An IAM action that was denied, where, and which checks could not be judged for it."""

    action: Action
    account: AccountId
    regions: tuple[Region, ...]
    checks: Annotated[tuple[CheckId, ...], Meta(min_length=1)]
    denied_by: DeniedBy | None


class WaiverRow(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver of one of the run's profiles, as it is written, and what became of it.

    `expiring` is in force, for 14 days more at the most. `matched` counts the findings that it covers, or would cover had it not expired. `judged`
    tells whether the run judged all that it could cover: only then does a `matched` of 0 mean that it is of no use.
    """

    profile: Text
    place: Text
    control: ControlId | None
    check: CheckId | None
    account: Text | None
    region: Text | None
    resource: Text | None
    scope: Literal["all"] | None
    item: Text | None
    reason: Text
    owner: Text
    expires: Day | None
    state: WaiverState
    matched: Count
    judged: bool


class Loose(msgspec.Struct, frozen=True, kw_only=True):
    """What a shard cannot settle alone, for when all of them are put together.

    `accounts` and `targets` (`123456789012/eu-west-1`) are those of the whole run, which each of its shards has to have seen alike. `unused` are
    lines on what the user wrote and this shard had no use for, `used` those lines that it speaks against, by a use or because it could not tell; `notes`
    are said whatever the others found. `waivers_judged` tells of each waiver whether the run was to judge all that it could cover, and this shard did.
    `minutes` are the user's own, `key_checks` the selected checks whose open question leaves a control open.
    """

    accounts: tuple[AccountRow, ...]
    targets: tuple[Text, ...]
    unused: tuple[Text, ...]
    used: tuple[Text, ...]
    notes: tuple[Text, ...]
    waivers_judged: tuple[bool, ...]
    minutes: dict[str, Positive]
    key_checks: tuple[CheckId, ...]


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """The findings file, `pytest-ssb/results/1`. `loose` is null unless the file holds a shard."""

    schema: Literal["pytest-ssb/results/1"]
    tool: Tool
    edition: Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}$", description="of the guide, to which all ids belong")]
    run: RunInfo
    selection: Selection
    started_at: Time
    finished_at: Time
    complete: bool
    accounts: tuple[AccountRow, ...]
    api_calls: ApiCalls
    missing_permissions: tuple[MissingPermission, ...]
    waivers: tuple[WaiverRow, ...] = ()
    baseline: Baseline | None
    controls: Annotated[tuple[ControlRow, ...], Meta(min_length=len(CONTROLS), max_length=len(CONTROLS))]
    findings: tuple[Finding, ...]
    loose: Loose | None = None


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings sorted by control, check, account, region, resource, item."""
    return sorted(findings, key=lambda f: (f.control, f.check, f.account, f.region or "", f.resource, f.item or ""))


def status_of_control(findings: Iterable[Finding], key_checks: Iterable[str]) -> ControlStatus:
    """A control's status: FAIL, else ERROR, else MANUAL of a key check, else WAIVED, PASS, MANUAL, NOT_APPLICABLE; extended findings do not count."""
    keys = set(key_checks)
    counted = [finding for finding in findings if not finding.extended]
    found = {finding.status for finding in counted}
    open_key = any(finding.status is Status.MANUAL and finding.check in keys for finding in counted)
    worst_first: tuple[ControlStatus, ...] = ("FAIL", "ERROR", "WAIVED", "PASS", "MANUAL", "NOT_APPLICABLE")
    if open_key:
        worst_first = ("FAIL", "ERROR", "MANUAL", *worst_first[2:])
    return next((status for status in worst_first if status in found), "NOT_RUN")


def to_look_at(waivers: Iterable[WaiverRow]) -> Iterator[tuple[str, WaiverRow]]:
    """The waivers that somebody should look at, each with why: `expired`, `matched nothing`, or `expiring`; one of the defaults once for all profiles.

    The row is that of the first profile, but that `matched` counts the findings of all.
    """
    places: dict[str, list[WaiverRow]] = {}
    for row in waivers:
        places.setdefault(row.place, []).append(row)
    for mine in places.values():
        row = msgspec.structs.replace(mine[0], matched=sum(each.matched for each in mine), judged=all(each.judged for each in mine))
        unused = row.judged and not row.matched
        if unused or row.state != "in_force":
            yield "expired" if row.state == "expired" else "matched nothing" if unused else "expiring", row


class Asked(Protocol):
    """What must be known of a check to count it: the controls that it serves, and whether its open question leaves them open."""

    @property
    def controls(self) -> tuple[str, ...]: ...
    @property
    def key(self) -> bool: ...


def scorecard(findings: Iterable[Finding], checks: Mapping[str, Asked], selected: Iterable[str]) -> tuple[ControlRow, ...]:
    """A row for each of the 27 controls. `checks` are all known checks by id, `selected` the ids of those that this run selected."""
    chosen = set(selected)
    by_control: dict[str, list[Finding]] = {control: [] for control in CONTROLS}
    for finding in findings:
        by_control[finding.control].append(finding)
    rows = []
    for control in CONTROLS.values():
        mine = by_control[control.id]
        total = [id for id, check in checks.items() if control.id in check.controls]
        judged = {finding.check for finding in mine if finding.status in (Status.PASS, Status.FAIL, Status.WAIVED)}
        counts = Counter(finding.status for finding in mine)
        rows.append(
            ControlRow(
                id=control.id,
                title=control.title,
                status=status_of_control(mine, [check for check in total if checks[check].key]),
                counts={status: counts[status] for status in Status if counts[status]},
                checks=CheckCounts(selected=len(chosen.intersection(total)), judged=len(judged), total=len(total)),
            )
        )
    return tuple(rows)


def missing_permissions(findings: Iterable[Finding]) -> tuple[MissingPermission, ...]:
    """The denied IAM actions, each with the regions and checks that it cost."""
    groups: dict[tuple[str, str, DeniedBy | None], list[Finding]] = {}
    for finding in findings:
        if finding.error is not None and finding.error.action is not None:
            account = finding.evidence.get(ASKED_ACCOUNT, finding.account)
            groups.setdefault((finding.error.action, account, finding.error.denied_by), []).append(finding)
    return tuple(
        MissingPermission(
            action=action,
            account=account,
            regions=tuple(sorted({finding.region for finding in found if finding.region})),
            checks=tuple(sorted({check for finding in found for check in unjudged(finding)})),
            denied_by=denied_by,
        )
        for (action, account, denied_by), found in sorted(groups.items(), key=lambda group: (*group[0][:2], group[0][2] or ""))
    )
