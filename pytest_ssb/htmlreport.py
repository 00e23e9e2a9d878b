"""The HTML report's place in pytest-html: its hooks, fed by what the controller found."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pytest_ssb.findings import Finding, Status
from pytest_ssb.reporters import html
from pytest_ssb.results import Results

# From so many tests on, only those that found something get a row, and of each check only so many.
MANY = 1_000
ROWS_PER_CHECK = 5


class HtmlReport:
    """Answers pytest-html's hooks. `told` gives the results at the end, None if there are none, the notes for people, and the user's own minutes."""

    def __init__(self, told: Callable[[], tuple[Results | None, Sequence[str], Mapping[str, int]]], selected: Callable[[], int]) -> None:
        self._told = told
        self._selected = selected
        self._report: Any = None
        self._environment: Mapping[str, Any] = {}
        self._keys: dict[str, str] = {}
        self._rows: Counter[str] = Counter()
        self._dropped = 0
        self._path: Path | None = None
        self._outcomes: Counter[tuple[str, str]] = Counter()

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_html_report_title(self, report: Any) -> None:
        """Name the page; begin with what fails, rows closed, unless the user's settings say otherwise; and show the environment as text, at the end."""
        self._report = report
        report.title = "AWS Startup Security Baseline"
        if report.config.getini("initial_sort") == "result":
            report.data["initialSort"] = "status"
        if report.config.getini("render_collapsed") == "passed":
            report.data["renderCollapsed"] = ["all"]
        # pytest-html puts these into the page as they are.
        self._environment, report.data["environment"] = dict(report.data["environment"]), {}

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        """Our columns in place of pytest-html's."""
        cells[:] = html.header()

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        """The cells of a test: of a check's from its findings; of any other, its name."""
        outcome = _inside(cells[0])
        told: Any = getattr(report, "ssb", None)
        if not told:
            key = f"x{len(self._keys)}-{report.nodeid}"
            cells[:] = html.cells(html.Row(key=key, outcome=outcome, status=outcome, check=report.nodeid, link=_inside(cells[-1])))
            return
        if outcome == "Rerun":
            # What is found in the end takes its place.
            cells.clear()
            return
        findings = msgspec.convert(told["findings"], list[Finding])
        status = str(told["status"])
        # pytest-html goes by the phase, in which a test that could not judge is a failed one.
        ours = "Error" if status == Status.ERROR and outcome == "Failed" else outcome
        if self._too_many(findings[0].check, status):
            self._dropped += 1
            self._outcomes["", ours] += 1
            cells.clear()
            return
        if ours != outcome:
            self._outcomes[outcome, ours] += 1
        key = self._keys.setdefault(findings[0].nodeid, f"t{len(self._keys)}")
        row = html.row(key, ours, status, findings)
        cells[:] = html.cells(msgspec.structs.replace(row, link=_inside(cells[-1])))

    def _too_many(self, check: str, status: str) -> bool:
        if self._selected() <= MANY:
            return False
        if status in (Status.PASS, Status.NOT_APPLICABLE):
            return True
        self._rows[check] += 1
        return self._rows[check] > ROWS_PER_CHECK

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_html_results_table_html(self, report: Any, data: list[str]) -> None:
        """Below a check's row, the place where the page's script shows its findings."""
        if getattr(report, "ssb", None):
            data[:] = ["<div class=ssb-log></div>"]

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        """Above the table: the verdict, what to do first, the scorecard, and what else there is to say."""
        results, notes, minutes = self._told()
        self._count()
        if results is None:
            return
        dropped = f"Of {self._selected()} tests, {self._dropped} have no row: those that found nothing, and more than {ROWS_PER_CHECK} of one check."
        prefix.append(html.page(results, self._keys, notes, minutes, self._environment, dropped if self._dropped else None))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Let pytest-html write beside the report, and put that into its place in one step: a reader sees the old one or the new one, never a part."""
        writer = _writer(session.config)
        path: Path | None = getattr(writer, "_report_path", None)
        if path is None:
            return (yield)
        self._path = path
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        writer._report_path = beside
        try:
            yield
            if beside.exists():
                os.replace(beside, path)
        finally:
            writer._report_path = path
            beside.unlink(missing_ok=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self, config: pytest.Config) -> None:
        """Let pytest-html, which has written by now, name the report's place, not the one beside it."""
        if self._path is not None:
            _writer(config)._report_path = self._path

    def _count(self) -> None:
        """Let pytest-html's counts, by which it filters, say what the findings say, in our words."""
        outcomes = self._report.outcomes
        for (was, now), number in self._outcomes.items():
            if was:
                outcomes[was.lower()]["value"] -= number
            outcomes[now.lower()]["value"] += number
        for outcome, status in {"failed": "FAIL", "error": "ERROR", "xfailed": "WAIVED", "passed": "PASS"}.items():
            outcomes[outcome]["label"] = status
        outcomes["skipped"]["label"] = "MANUAL or NOT APPLICABLE"


def _writer(config: pytest.Config) -> Any:
    """pytest-html's own plugin, which it registers without a name."""
    return next((plugin for plugin in config.pluginmanager.get_plugins() if hasattr(plugin, "_report_path")), None)


def _inside(cell: str) -> str:
    found = re.match(r"<td[^>]*>(.*)</td>$", cell, re.DOTALL)
    return found.group(1) if found else escape(cell)
