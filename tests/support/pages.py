"""HTML reports of any results: pytest-html's own page, made of findings that no run had to find first."""

from __future__ import annotations

import contextlib
import html
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pytest_ssb.controls import EDITION
from pytest_ssb.findings import Finding, Status, status_of_test
from pytest_ssb.htmlreport import HtmlReport
from pytest_ssb.results import SCHEMA, AccountRow, ApiCalls, Results, RunInfo, Selection, Tool, in_order, missing_permissions, scorecard

OUTCOMES = {Status.FAIL: "failed", Status.ERROR: "failed", Status.WAIVED: "skipped", Status.PASS: "passed"}


class Player:
    """A run that has no tests: it plays the reports of one that had."""

    def __init__(self, results: Results) -> None:
        self.tests: dict[str, list[Finding]] = {}
        for finding in results.findings:
            self.tests.setdefault(finding.nodeid, []).append(finding)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Tell of each test that it was set up, called and torn down."""
        for nodeid, findings in self.tests.items():
            for when in ("setup", "call", "teardown"):
                report = pytest.TestReport(nodeid, (nodeid.partition("::")[0], 0, nodeid), {}, "passed", None, when, duration=0.01)
                if when == "call":
                    played(report, findings)
                session.config.hook.pytest_runtest_logreport(report=report)
        return True


def played(report: Any, findings: Sequence[Finding]) -> None:
    """Make of a report what the plugin makes of it."""
    status = status_of_test(findings)
    report.ssb = {"profile": findings[0].profile, "status": str(status), "findings": msgspec.to_builtins(findings)}
    report.outcome = OUTCOMES.get(status, "skipped")
    if status is Status.WAIVED:
        report.wasxfail = "waived"


def made(results: Results, path: Path, *args: str, notes: Sequence[str] = (), minutes: Mapping[str, int] | None = None) -> Path:
    """Write the report of these results, and give back where it lies."""
    player = Player(results)
    report = HtmlReport(lambda: (results, notes, minutes or {}), lambda: len(player.tests))
    folder = path.parent / f"{path.stem}-run"
    folder.mkdir(exist_ok=True)
    given = [str(folder), f"--rootdir={folder}", "-p", "no:cacheprovider", "-s", "--tb=no", "-rN", f"--html={path}", "--self-contained-html", *args]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = pytest.main(given, plugins=[player, report])
    if not path.exists() or status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise RuntimeError(printed.getvalue())
    return path


def results_of(findings: Sequence[Finding], **fields: Any) -> Results:
    """Results that hold these findings, whatever else."""
    from pytest_ssb import suites

    found = in_order(findings)
    checks = {id: each.check for id, each in suites.shipped().items()}
    accounts = {finding.account: finding.profile for finding in found} or {"123456789012": "prod"}
    whole: dict[str, Any] = {
        "schema": SCHEMA,
        "tool": Tool(version="0.1.0"),
        "edition": EDITION,
        "run": RunInfo(id="x", shard=None),
        "selection": Selection(markexpr="", keyword="", args=(), regions=()),
        "started_at": "2026-01-02T03:04:05Z",
        "finished_at": "2026-01-02T03:05:05Z",
        "complete": all(finding.error is None for finding in found),
        "accounts": tuple(
            AccountRow(
                profile=profile,
                id=account,
                name=None,
                environment="production",
                partition="aws",
                regions=("eu-west-1", "us-east-1"),
                backend="live",
                caller=f"arn:aws:sts::{account}:assumed-role/ssb-audit/pytest-ssb",
                error=None,
            )
            for account, profile in accounts.items()
        ),
        "api_calls": ApiCalls(total=812, by_operation={"ec2:DescribeVpcs": 812}),
        "missing_permissions": missing_permissions(found),
        "baseline": None,
        "controls": scorecard(found, checks, {finding.check for finding in found}),
        "findings": tuple(found),
    }
    return Results(**(whole | fields))


# --- what a page says


def table(path: Path) -> list[dict[str, Any]]:
    """The rows that pytest-html has in its page: what its script will draw."""
    blob = re.search(r'data-jsonblob="([^"]*)"', path.read_text(encoding="utf-8"))
    assert blob is not None
    return [row for rows in json.loads(html.unescape(blob.group(1)))["tests"].values() for row in rows]


def told(path: Path) -> dict[str, Any]:
    """What the page's own script shows below the rows."""
    blob = re.search(r'<script type="application/json" id="ssb-details">(.*?)</script>', path.read_text(encoding="utf-8"), re.DOTALL)
    assert blob is not None
    found: dict[str, Any] = json.loads(blob.group(1))
    return found


def words(row: dict[str, Any]) -> list[str]:
    """The text of a row's cells, from the status on."""
    return [re.sub(r"<s hidden>.*?</s>|<[^>]*>", "", cell) for cell in row["resultsTableRow"]][2:]


def sentence(path: Path) -> str:
    """The verdict."""
    found = re.search(r'<p class="ssb-sentence"><b[^>]*>[^<]*</b> (.*?)</p>', path.read_text(encoding="utf-8"))
    assert found is not None
    return html.unescape(found.group(1))
