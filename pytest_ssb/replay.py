"""A run told once more from its results, with nothing asked and nothing judged: the terminal, the files, the HTML report and the exit status.

It is a session of pytest like any other, since that is what pytest-html makes its page of; only its reports are made of findings that are there already.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pytest_ssb import reporters
from pytest_ssb.failon import FailOn
from pytest_ssb.findings import Finding, status_of_test
from pytest_ssb.gate import Gate
from pytest_ssb.htmlreport import HtmlReport
from pytest_ssb.outcomes import set_outcome, status_letter
from pytest_ssb.reporters import github
from pytest_ssb.reporters.folding import folded
from pytest_ssb.reporters.terminal import write_scorecard, write_summary
from pytest_ssb.results import Results


class Replay:
    """Takes the place of a run's controller. `notes` are what else there is to say at the end."""

    def __init__(
        self,
        results: Results,
        notes: Sequence[str],
        minutes: Mapping[str, int],
        key_checks: frozenset[str],
        outputs: Sequence[Path],
    ) -> None:
        self._results = results
        self._notes = list(notes)
        self._minutes = minutes
        self._key_checks = key_checks
        self._outputs = outputs
        self._tests: dict[str, list[Finding]] = {}
        for finding in results.findings:
            self._tests.setdefault(finding.nodeid, []).append(finding)
        self.gate: Gate | None = None

    def told(self) -> tuple[Results, Sequence[str], Mapping[str, int]]:
        """What the HTML report is made of."""
        return self._results, self._notes, self._minutes

    def tests(self) -> int:
        """How many tests there are to tell of."""
        return len(self._tests)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        """Collect nothing: the tests were run elsewhere."""
        session.testscollected = len(self._tests)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Hand pytest the report of each test, as pytest-xdist does with those of its workers."""
        hook = session.config.hook
        for nodeid, findings in self._tests.items():
            place = _Place(nodeid)
            hook.pytest_runtest_logstart(nodeid=nodeid, location=place.reportinfo())
            for when in ("setup", "call", "teardown"):
                report = pytest.TestReport(nodeid, place.reportinfo(), {}, "passed", None, when)
                if when == "call":
                    self._fill(report, findings, place, session.config.get_verbosity())
                hook.pytest_runtest_logreport(report=report)
            hook.pytest_runtest_logfinish(nodeid=nodeid, location=place.reportinfo())
        return True

    def _fill(self, report: Any, findings: Sequence[Finding], place: _Place, verbose: int) -> None:
        report.ssb = {"findings": msgspec.to_builtins(findings)}
        set_outcome(report, findings, status_of_test(findings, key=findings[0].check in self._key_checks), place, verbose)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Any:
        """Show a test that could not judge as an error."""
        return status_letter(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the files; what is not whole is no success."""
        if self.gate is not None:
            self.gate.judge(session, self._results, dealt=0)
        if session.exitstatus == pytest.ExitCode.OK and not self._results.complete:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        for path in self._outputs:
            try:
                written = reporters.write(self._results, path, self._minutes)
            except OSError as error:
                self._notes.append(f"cannot write {path}: {error.strerror}")
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
            else:
                more = f" and {len(written) - 1} more, up to {written[-1].name}" if len(written) > 1 else ""
                self._notes.append(f"written: {path}{more}")
        try:
            github.append(self._results, os.environ, self._minutes)
        except OSError as error:
            self._notes.append(f"cannot write {os.environ.get(github.VARIABLE)}: {error.strerror}")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None, Any, Any]:
        """Show what a run shows at its end."""
        with folded(terminalreporter.stats):
            result = yield
        terminalreporter.write_sep("=", "AWS Startup Security Baseline")
        write_scorecard(terminalreporter._tw, self._results.controls)
        write_summary(terminalreporter._tw, self._results, self._notes, terminalreporter.verbosity)
        return result


class _Place:
    """Where a test lies, for the reports that say so."""

    def __init__(self, nodeid: str) -> None:
        self._file, _, self._name = nodeid.partition("::")

    def reportinfo(self) -> tuple[str, int, str]:
        return self._file, 0, self._name


def replay(told: Replay, fail_on: FailOn | None, page: Path | None, verbose: int) -> int:
    """Tell of a run, with its HTML report if there is a path for one; the exit status that the run would have had."""
    told.gate = Gate(fail_on)
    with tempfile.TemporaryDirectory() as folder, _own_settings():
        settings = Path(folder) / "pytest.ini"
        settings.write_text("[pytest]\n", encoding="utf-8")
        arguments = ["-c", str(settings), "--rootdir", str(Path.cwd()), "--disable-plugin-autoload", "-p", "no:cacheprovider", "--no-header"]
        arguments += ["-v"] * verbose or ["-q"]
        if page is not None:
            arguments += ["-p", "pytest_metadata.plugin", "-p", "pytest_html.plugin", "--html", str(page), "--self-contained-html"]
        return int(pytest.main(arguments, plugins=[told, told.gate, HtmlReport(told.told, told.tests)]))


@contextmanager
def _own_settings() -> Iterator[None]:
    """What the user's project says of its own tests does not hold here."""
    names = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
    before = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(before)
