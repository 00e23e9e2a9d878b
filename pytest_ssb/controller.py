"""The part of a run that only one process has: it gathers the findings, writes the files, and tells people."""

from __future__ import annotations

import functools
import os
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pytest_ssb import __version__, lastrun, reporters, suites
from pytest_ssb.comparing import compared
from pytest_ssb.controls import EDITION, Check
from pytest_ssb.coverage import WHERE
from pytest_ssb.covering import Judged
from pytest_ssb.declarations import loose_ends
from pytest_ssb.errors import NotRun
from pytest_ssb.exceptions import Exceptions
from pytest_ssb.facts import not_read, unused
from pytest_ssb.findings import Audit, Finding, unjudged
from pytest_ssb.gate import Gate
from pytest_ssb.heading import heading
from pytest_ssb.outcomes import restore, status_letter
from pytest_ssb.own_suites import HANDED_OVER, handed_over
from pytest_ssb.reads.registry import is_regional
from pytest_ssb.reporters import github
from pytest_ssb.reporters.folding import folded
from pytest_ssb.reporters.terminal import write_scorecard, write_summary
from pytest_ssb.results import SCHEMA, AccountRow, ApiCalls, Loose, Results, RunInfo, Selection, Tool, in_order, missing_permissions, scorecard
from pytest_ssb.sending import send_on
from pytest_ssb.session import Run, check_of_item, now, target_of
from pytest_ssb.targets import Target


class Controller:
    """Gathers what the tests of all processes found."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._findings: dict[str, list[Finding]] = {}
        self._selected: dict[str, tuple[Check, Target]] = {}
        self._calls: Counter[str] = Counter()
        self._extended: set[str] = set()
        self._consulted: dict[str, set[str]] = {}
        self._matched: dict[str, set[tuple[str, str]]] = {}
        self._answering: dict[str, set[str]] = {}
        self._notes: list[str] = []
        self._uncollected = False
        self._exceptions: Exceptions | None = None
        self.gate = Gate(run.options.fail_on)
        self.results: Results | None = None

    def pytest_report_header(self) -> list[str]:
        """Which edition, accounts, callers, regions and backends."""
        accounts = self._run.accounts
        return [
            f"AWS Startup Security Baseline, edition {EDITION}",
            *heading(list(accounts.accounts.values()), accounts.profiles, accounts.bases),
            *self._run.sharding.header(),
        ]

    # --- what was selected ---------------------------------------------------------------------------------------------------------

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the tests that this process is going to run."""
        for item in session.items:
            check = check_of_item(item)
            if check is not None:
                self._selected[item.nodeid] = (check, target_of(item))
        self._extended |= self._run.deselected_extended

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note that there is a file whose checks nobody knows: the run is not complete."""
        self._uncollected |= report.failed

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """Note the tests that the workers are going to run: the same on each."""
        told = handed_over(Path(node.workerinput[HANDED_OVER]))
        # Without it nobody knows which of the user's own tests are checks.
        self._uncollected |= told is None
        own = told.checks if told is not None else {}
        if told is not None and told.refused:
            raise pytest.UsageError(*told.refused)
        targets = {target.id: target for target in self._run.every_target()}
        judged = {nodeid: target for nodeid in ids if (target := _target_in(nodeid, targets))}
        self._run.refuse_overlap(list(judged.values()))
        for nodeid, target in judged.items():
            path, _, name = nodeid.rpartition("::")
            function = name.partition("[")[0]
            found = suites.shipped().get(function.removeprefix("test_"))
            if found is not None and path == found.file:
                self._selected[nodeid] = (found.check, target)
            elif nodeid in own:
                self._selected[nodeid] = (own[nodeid], target)

    # --- workers -------------------------------------------------------------------------------------------------------------------

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker whose accounts these are, so that AWS is asked once."""
        node.workerinput["ssb_today"] = str(self._run.today)
        node.workerinput["ssb"] = self._run.accounts.told()
        node.workerinput[HANDED_OVER] = str(self._from_workers / f"{node.gateway.id}.json")

    @functools.cached_property
    def _from_workers(self) -> Path:
        """Where the workers leave what pytest-xdist does not carry: the user's own checks."""
        folder = tempfile.TemporaryDirectory(prefix="pytest-ssb-")
        self._run.config.add_cleanup(folder.cleanup)
        return Path(folder.name)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take a worker's counts; one that died has none to give."""
        told = getattr(node, "workeroutput", {}).get("ssb")
        if told:
            self._calls.update(told["calls"])
            self._extended.update(told["extended"])
            self._run.sharding.learn(told["sharding"])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Keep the tests of a target on one worker: what they read is then asked once."""
        from pytest_ssb.xdist import TargetScheduling

        return TargetScheduling(config, log) if config.getvalue("dist") != "each" else None

    # --- what was found ------------------------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather a test's findings; those of a re-run take the place of the earlier ones."""
        restore(report)
        told: Any = getattr(report, "ssb", None)
        if told:
            self._findings[report.nodeid] = msgspec.convert(told["findings"], list[Finding])
            self._consulted.setdefault(told["profile"], set()).update(told["consulted"])
            self._matched.setdefault(told["profile"], set()).update((key, entry) for key, entry in told["matched"])
            self._answering.setdefault(told["profile"], set()).update(told["answering"])

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Any:
        """Show a test that could not judge as an error."""
        return status_letter(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the files, whatever ended the run; if the user has to correct something first, there was none."""
        if session.config.option.collectonly or session.exitstatus == pytest.ExitCode.USAGE_ERROR:
            return
        for nodeid, (check, target) in self._selected.items():
            if nodeid not in self._findings:
                audit = Audit(check, target, nodeid)
                audit.failed(NotRun("not run: the run ended before it"))
                self._findings[nodeid] = audit.findings
        self.results = self._results()
        lastrun.keep(session.config, self.results)
        self.gate.judge(session, self.results, self._run.sharding.dealt)
        for path in self._run.options.outputs:
            with self._noting(session, path):
                written = reporters.write(self.results, path, self._minutes())
                more = f" and {len(written) - 1} more, up to {written[-1].name}" if len(written) > 1 else ""
                self._notes.append(f"written: {path}{more}")
        with self._noting(session, os.environ.get(github.VARIABLE)):
            github.append(self.results, os.environ, self._minutes())
        failed = send_on(session.config, self.results)
        if failed:
            self._notes += failed
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @contextmanager
    def _noting(self, session: pytest.Session, path: object) -> Iterator[None]:
        """Note a file that cannot be written, and let the run fail for it."""
        try:
            yield
        except OSError as error:
            self._notes.append(f"cannot write {path}: {error.strerror}")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _results(self) -> Results:
        run, option = self._run, self._run.config.option
        findings = in_order(finding for found in self._findings.values() for finding in found)
        earlier = run.options.baseline
        calls = self._calls + run.calls()
        checks = {id: found.check for id, found in suites.shipped().items()}
        selected = {check.id: check for check, _ in self._selected.values()}
        self._exceptions = self._exceptions_of(findings, checks | selected, list(self._selected.values()))
        selected |= {id: checks[id] for finding in findings for id in unjudged(finding) if id in checks}
        return Results(
            schema=SCHEMA,
            tool=Tool(version=__version__),
            edition=EDITION,
            run=RunInfo(id=run.id, shared_id=run.options.shared_id, shard=run.options.shard),
            selection=Selection(markexpr=option.markexpr, keyword=option.keyword, args=tuple(run.arguments), regions=tuple(run.options.regions)),
            started_at=run.started_at,
            finished_at=now(),
            complete=not self._uncollected and all(finding.error is None for finding in findings),
            accounts=run.sharding.own(self._rows()),
            api_calls=ApiCalls(total=calls.total(), by_operation=dict(sorted(calls.items()))),
            missing_permissions=missing_permissions(findings),
            waivers=self._exceptions.waivers,
            baseline=None if earlier is None else compared(findings, earlier),
            controls=scorecard(findings, checks | selected, selected),
            findings=tuple(findings),
            loose=self._loose(findings, checks | selected) if run.options.shard is not None else None,
        )

    def _exceptions_of(self, findings: Sequence[Finding], checks: Mapping[str, Check], selected: Sequence[tuple[Check, Target]]) -> Exceptions:
        run = self._run
        judged = Judged(findings, checks, selected, lambda check: run.targets(is_regional(check.fixtures), check), narrowed=bool(run.options.regions))
        return Exceptions(run.accounts.profiles, findings, checks, judged, self._answering, run.today)

    def _rows(self) -> list[AccountRow]:
        return [
            AccountRow(
                profile=account.profile,
                id=account.id,
                name=account.name,
                environment=account.environment,
                partition=account.partition,
                regions=account.regions,
                backend=account.backend,
                caller=account.caller,
                error=refusal.reason if (refusal := account.refusal(regional=True)) else None,
            )
            for account in self._run.accounts.accounts.values()
        ]

    def _loose(self, findings: Sequence[Finding], checks: Mapping[str, Check]) -> Loose:
        """What this shard leaves to whoever puts all shards together."""
        in_vain = self._of_no_use()
        # What all shards were to judge; what this one could not is among its findings.
        everywhere = [(checks[id], target) for target, ids in self._run.sharding.selected.items() for id in ids if id in checks]
        exceptions = self._exceptions_of(findings, checks, everywhere)
        would_say, against, anyway = loose_ends(exceptions.given(), self._run.today)
        return Loose(
            accounts=tuple(self._rows()),
            targets=self._run.sharding.units(),
            unused=(*in_vain, *would_say),
            used=(*(line for line in self._of_no_use(use=False) if line not in in_vain), *against),
            notes=(*self._always_said(), *self._run.accounts.said, *anyway),
            waivers_judged=tuple(row.judged for row in exceptions.waivers),
            minutes=self._minutes(),
            key_checks=tuple(sorted({check.id for check, _ in self._selected.values() if check.key})),
        )

    # --- what people are told ------------------------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None, Any, Any]:
        """Show equal failures of several regions once; then the scorecard and what else there is to say."""
        with folded(terminalreporter.stats):
            result = yield
        if self.results is None:
            return result
        terminalreporter.write_sep("=", "AWS Startup Security Baseline")
        write_scorecard(terminalreporter._tw, self.results.controls)
        write_summary(terminalreporter._tw, self.results, self._said(), self._run.config.option.verbose)
        fail_on = self._run.options.fail_on
        for line in github.errors(self.results, os.environ, fail_on.fails if fail_on else None):
            terminalreporter._tw.line(line)
        return result

    def told(self) -> tuple[Results | None, Sequence[str], Mapping[str, int]]:
        """What reports are made of: the results, if there are any, what else is to be said, and how long the users say that mending takes."""
        return self.results, self._said() if self.results is not None else (), self._minutes()

    def _minutes(self) -> dict[str, int]:
        return {name: number for profile in self._run.accounts.profiles.values() for name, number in profile.minutes.items()}

    def selected(self) -> int:
        """How many tests are going to be run."""
        return len(self._selected)

    def _said(self) -> list[str]:
        # What is of no use to a shard may be to another: it is said when all of them are put together.
        unused = self._of_no_use() if self._run.options.shard is None else ()
        told = self._exceptions.said() if self._exceptions else ()
        return [*self._always_said(), *unused, *self._run.accounts.said, *told, *self._notes, WHERE]

    def _always_said(self) -> Iterator[str]:
        """What there is to say whatever was found."""
        if self._extended:
            number = "1 check beyond the guide was" if len(self._extended) == 1 else f"{len(self._extended)} checks beyond the guide were"
            yield f"{number} not run; extended = true in the profile runs {'it' if len(self._extended) == 1 else 'them'}"
        for name, profile in self._run.accounts.profiles.items():
            yield from (f"{self._run.accounts.place(name)}: {text}" for text in not_read(profile))
        earlier = self._run.options.baseline
        if earlier is not None and earlier.accounts.isdisjoint(account.id for account in self._run.accounts.accounts.values()):
            yield f"--ssb-baseline: tells nothing of what was judged now: it is of {', '.join(sorted(earlier.accounts)) or 'no account'}"

    def _of_no_use(self, use: bool = True) -> list[str]:
        """What the user wrote and this run looked at in vain; without `use`, all that it looked at."""
        lines: list[str] = []
        for name, profile in self._run.accounts.profiles.items():
            facts = unused(profile, self._consulted.get(name, ()), self._matched.get(name, ()) if use else ())
            lines += [f"{self._run.accounts.place(name)}: {text}" for text in (*facts, *self._not_denied(name, use))]
        return lines

    def _not_denied(self, name: str, use: bool) -> Iterator[str]:
        """The regions that are said to be denied, and were judged all the same."""
        judged = [finding for found in self._findings.values() for finding in found if finding.profile == name]
        for region in self._run.accounts.profiles[name].denied_regions:
            mine = [finding for finding in judged if finding.region == region]
            if mine and not (use and any(finding.basis == "declared" and "denied_regions" in finding.reason for finding in mine)):
                yield f"denied_regions = {region}: the region was not denied by a service control policy"


def _target_in(nodeid: str, targets: Mapping[str, Target]) -> Target | None:
    """The target in a test's parameter id, which may have the parameters of a test of the user's own around it."""
    parameter = nodeid.rpartition("::")[2].partition("[")[2].removesuffix("]")
    if parameter in targets:
        return targets[parameter]
    within = [id for id in targets if f"-{id}-" in f"-{parameter}-"]
    return targets[max(within, key=len)] if within else None
