"""From a test's findings to pytest's outcome, set on the report itself: no option or setting of the user's undoes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pytest_ssb.findings import Finding, Status
from pytest_ssb.reporters.terminal import Story, story


def set_outcome(report: pytest.TestReport, findings: Sequence[Finding], status: Status, item: pytest.Item, verbose: int) -> None:
    """Let the report say what the findings say."""
    if hasattr(report, "wasxfail"):
        del report.wasxfail
    said: Any = report
    said.ssb["status"] = str(status)
    if status in (Status.FAIL, Status.ERROR):
        report.outcome, said.longrepr = "failed", Story(story(findings, status, verbose))
    elif status is Status.WAIVED:
        reasons = dict.fromkeys(finding.reason for finding in findings if finding.status is Status.WAIVED)
        report.outcome, report.longrepr, said.wasxfail = "skipped", None, "; ".join(reasons)
    elif status is Status.PASS:
        report.outcome, report.longrepr = "passed", None
    else:
        reasons = dict.fromkeys(finding.reason for finding in findings if finding.status is status)
        path, line, _ = item.reportinfo()
        report.outcome, report.longrepr = "skipped", (str(path), (line or 0) + 1, f"{status}: {'; '.join(reasons)}")


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
