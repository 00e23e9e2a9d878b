"""The exit status: pytest's own, but where the user says which failures count, or where a shard had nothing to do."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from pytest_ssb.failon import FailOn, forgiven
from pytest_ssb.findings import Status
from pytest_ssb.results import Results


class Gate:
    """Watches for what fails beside our findings, and has the last word on the exit status, and in the terminal."""

    def __init__(self, fail_on: FailOn | None) -> None:
        self._fail_on = fail_on
        self._others = False
        self._last: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure that is not made of findings: of the user's own tests, of a teardown, of a worker that died."""
        told: Any = getattr(report, "ssb", None)
        self._others |= report.failed and not (told and told["status"] == Status.FAIL)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that could not be collected."""
        self._others |= report.failed

    def judge(self, session: pytest.Session, results: Results, dealt: int) -> None:
        """Take back a failure that does not count; `dealt` is how many tests there were for all shards, of which this one may have got none."""
        if session.exitstatus == pytest.ExitCode.TESTS_FAILED and self._fail_on is not None and results.complete and not self._others:
            self._last = forgiven(results.findings, self._fail_on)
            if self._last is not None:
                session.exitstatus = pytest.ExitCode.OK
        elif session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and dealt:
            assert results.run.shard is not None
            self._last = f"exit status 0: nothing that was selected falls to shard {results.run.shard.number} of {results.run.shard.of}"
            session.exitstatus = pytest.ExitCode.OK

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Say at the very end, below pytest's own last line, why the exit status is not what the outcomes let expect."""
        yield
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if self._last is not None and reporter is not None and session.exitstatus == pytest.ExitCode.OK:
            reporter.write_line(self._last)
