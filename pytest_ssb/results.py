"""A run's results: what the findings file holds, and what is counted from the findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from pytest_ssb.controls import CONTROLS, Check
from pytest_ssb.findings import Finding, Status

SCHEMA = "pytest-ssb/results/1"


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the run."""

    profile: str
    id: str
    environment: str
    partition: str
    regions: tuple[str, ...]
    backend: str
    caller: str


class CheckCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Of a control's checks: how many were selected, how many judged something (PASS, FAIL or WAIVED, observed or declared), how many there are."""

    selected: int
    judged: int
    total: int


class ControlRow(msgspec.Struct, frozen=True, kw_only=True):
    """A control's row of the scorecard; `status` is a finding's status or NOT_RUN."""

    id: str
    title: str
    status: str
    counts: dict[str, int]
    checks: CheckCounts


class MissingPermission(msgspec.Struct, frozen=True, kw_only=True):
    """An IAM action that was denied, where, and which checks could not be judged for it."""

    action: str
    account: str
    regions: tuple[str, ...]
    checks: tuple[str, ...]
    denied_by: str | None


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """The findings file, `pytest-ssb/results/1`."""

    schema: str
    tool: dict[str, str]
    edition: str
    run: dict[str, Any]
    selection: dict[str, Any]
    started_at: str
    finished_at: str
    complete: bool
    accounts: tuple[AccountRow, ...]
    api_calls: dict[str, Any]
    missing_permissions: tuple[MissingPermission, ...]
    baseline: dict[str, Any] | None
    controls: tuple[ControlRow, ...]
    findings: tuple[Finding, ...]


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings sorted by control, check, account, region, resource, item."""
    return sorted(findings, key=lambda f: (f.control, f.check, f.account, f.region or "", f.resource, f.item or ""))


def status_of_control(findings: Iterable[Finding], key_checks: Iterable[str]) -> str:
    """A control's status: any FAIL, else any ERROR, else MANUAL of a key check, else WAIVED, PASS, MANUAL, NOT_APPLICABLE; extended findings do not count."""
    keys = set(key_checks)
    counted = [finding for finding in findings if not finding.extended]
    found = {finding.status for finding in counted}
    if Status.FAIL in found or Status.ERROR in found:
        return str(Status.FAIL if Status.FAIL in found else Status.ERROR)
    if any(finding.status is Status.MANUAL and finding.check in keys for finding in counted):
        return str(Status.MANUAL)
    return str(next((status for status in (Status.WAIVED, Status.PASS, Status.MANUAL, Status.NOT_APPLICABLE) if status in found), "NOT_RUN"))


def scorecard(findings: Iterable[Finding], checks: Mapping[str, Check], selected: Iterable[str]) -> tuple[ControlRow, ...]:
    """A row for each of the 27 controls. `checks` are all known checks by id, `selected` the ids of those that this run selected."""
    chosen = set(selected)
    by_control: dict[str, list[Finding]] = {id: [] for id in CONTROLS}
    for finding in findings:
        by_control[finding.control].append(finding)
    rows = []
    for control in CONTROLS.values():
        mine = by_control[control.id]
        total = [check.id for check in checks.values() if control.id in check.controls]
        judged = {finding.check for finding in mine if finding.status in (Status.PASS, Status.FAIL, Status.WAIVED)}
        counts = Counter(str(finding.status) for finding in mine)
        rows.append(
            ControlRow(
                id=control.id,
                title=control.title,
                status=status_of_control(mine, [id for id in total if checks[id].key]),
                counts={str(status): counts[status] for status in Status if counts[status]},
                checks=CheckCounts(selected=len(chosen.intersection(total)), judged=len(judged), total=len(total)),
            )
        )
    return tuple(rows)


def missing_permissions(findings: Iterable[Finding]) -> tuple[MissingPermission, ...]:
    """The denied IAM actions, each with the regions and checks that it cost."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        if finding.error is not None and finding.error.action is not None:
            groups.setdefault((finding.error.action, finding.account, finding.error.denied_by or ""), []).append(finding)
    return tuple(
        MissingPermission(
            action=action,
            account=account,
            regions=tuple(sorted({finding.region for finding in found if finding.region})),
            checks=tuple(sorted({finding.check for finding in found})),
            denied_by=denied_by or None,
        )
        for (action, account, denied_by), found in sorted(groups.items())
    )
