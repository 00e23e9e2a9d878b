"""From a test's findings to pytest's outcome, set on the report itself: no option or setting of the user's undoes it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

import pytest

from pytest_ssb.controls import SEVERITIES, Check
from pytest_ssb.findings import Finding, Status
from pytest_ssb.reporters.terminal import Story, story
from pytest_ssb.targets import Target


class Located(Protocol):
    """What knows where a test lies: pytest's item, for one."""

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]: ...


def set_outcome(report: pytest.TestReport, findings: Sequence[Finding], status: Status, item: Located, verbose: int) -> None:
    """Let the report say what the findings say."""
    if hasattr(report, "wasxfail"):
        del report.wasxfail
    said: Any = report
    said.ssb["status"] = str(status)
    if status in (Status.FAIL, Status.ERROR):
        report.outcome, said.longrepr = "failed", Story(story(findings, status, verbose, said.ssb.get("waivers", ())))
    elif status is Status.WAIVED:
        reasons = dict.fromkeys(finding.waiver.said for finding in findings if finding.waiver is not None)
        report.outcome, report.longrepr, said.wasxfail = "skipped", None, "; ".join(reasons)
    elif status is Status.PASS:
        report.outcome, report.longrepr = "passed", None
    else:
        reasons = dict.fromkeys(finding.reason for finding in findings if finding.status is status)
        path, line, _ = item.reportinfo()
        report.outcome, report.longrepr = "skipped", (str(path), (line or 0) + 1, f"{status}: {'; '.join(reasons)}")


def set_properties(item: pytest.Item, report: pytest.TestReport, check: Check, target: Target, findings: Sequence[Finding], status: Status) -> None:
    """Let pytest's JUnit file say of the test what it was about; where it is run again, the last run counts."""
    counts = Counter(str(finding.status) for finding in findings)
    worst = [finding.severity for finding in findings if finding.status is status]
    told = {
        "control": ", ".join(check.controls),
        "check": check.id,
        "account": target.account,
        "region": target.region or "",
        "severity": min(worst, key=SEVERITIES.index, default=check.severity),
        "status": str(status),
        "counts": ", ".join(f"{counts[each]} {each}" for each in map(str, Status) if counts[each]),
    }
    # The report of the teardown, of which the JUnit file takes them, gets the item's.
    item.user_properties[:] = [*(one for one in item.user_properties if one[0] not in told), *told.items()]
    report.user_properties = list(item.user_properties)


def restore(report: pytest.TestReport) -> None:
    """Make a report that came from a worker what it was there: its text came as plain text."""
    said: Any = report
    if getattr(report, "ssb", None) and isinstance(report.longrepr, str):
        said.longrepr = Story(report.longrepr)


def status_letter(report: pytest.TestReport) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
    """How a test that ended as ERROR is counted and shown: as an error, not as a failure."""
    ssb: Any = getattr(report, "ssb", None)
    if ssb and ssb["status"] == Status.ERROR and report.failed:
        return "error", "E", ("ERROR", {"red": True})
    return None
