"""One run: from options to accounts, targets and fixtures, and from findings to outcomes and files."""

from __future__ import annotations

import datetime
import uuid
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import msgspec
import pytest

from pytest_ssb import aws, days, memory, progress
from pytest_ssb.accounts import Options, accounts_of, refuse_overlap
from pytest_ssb.collection import SuiteCollection
from pytest_ssb.comparing import marked
from pytest_ssb.controls import SEVERITIES, Check, check_of
from pytest_ssb.declarations import answered, lasting
from pytest_ssb.errors import NotRun, UserError
from pytest_ssb.findings import DENIED_REGION, NOT_ENABLED, Audit, Finding, Status, status_of_test
from pytest_ssb.lastrun import paste, section_of
from pytest_ssb.listing import Listing
from pytest_ssb.outcomes import set_outcome, set_properties
from pytest_ssb.own_suites import OwnSuites
from pytest_ssb.profiles import Profile
from pytest_ssb.reads.engine import Reads
from pytest_ssb.reads.registry import READS, Read, all_reads, is_regional
from pytest_ssb.references import From, References
from pytest_ssb.reporters.terminal import AT_MOST
from pytest_ssb.scheduler import Scheduler
from pytest_ssb.selectors import Recording, recording
from pytest_ssb.sharding import Sharding
from pytest_ssb.targets import Account, AccountKey, Refusal, Target
from pytest_ssb.turns import Turns
from pytest_ssb.unanswered import Unanswered
from pytest_ssb.waivers import waived

AUDIT = pytest.StashKey[Audit]()
FACTS = pytest.StashKey[Recording]()


def start(config: pytest.Config) -> Run | None:
    """Register what the options ask for: a listing (None), or a run. Raises UserError for whatever the user has to correct first."""
    collection = SuiteCollection(config)
    config.pluginmanager.register(collection, "ssb-collection")
    own = OwnSuites(config, collection.bare)
    config.pluginmanager.register(own, "ssb-own")
    config.args += map(str, own.paths)
    if config.option.ssb_list or config.option.ssb_policy or config.option.ssb_explain:
        # pytest-xdist, which looks at this after us, would print of its workers into what may be a file.
        config.option.dist = "no"
        config.pluginmanager.register(Listing(config), "ssb-listing")
        return None
    options = Options.of(config)
    run = Run(config, options, own)
    own.make_fixtures = lambda names: read_fixtures(run, names)
    config.pluginmanager.register(run, "ssb-run")
    config.pluginmanager.register(Fixtures(run), "ssb-fixtures")
    config.pluginmanager.register(read_fixtures(run, all_reads()), "ssb-reads")
    return run


class Run:
    """The part of a run that every process has: parametrization, reads, and what becomes of a test."""

    def __init__(self, config: pytest.Config, options: Options, own: OwnSuites) -> None:
        self.config = config
        self._own = own
        self.options = options
        self.is_worker = hasattr(config, "workerinput")
        self.started_at = now()
        self.id = str(uuid.uuid4())
        self.deselected_extended: set[str] = set()
        config.add_cleanup(aws.quiet_logs())
        config.add_cleanup(memory.collect_seldom())
        self._scheduler = Scheduler(options.concurrency)
        self.accounts = accounts_of(config, options, self._scheduler)
        self.references = References(self.accounts, self._scheduler)
        self.reads = Reads(
            aws_for=self._handle,
            profile_for=lambda target: self.profile(target),
            submit=self._scheduler.read,
        )
        self.arguments = tuple(config.option.file_or_dir)
        # A run that goes on past midnight has one day, in all of its processes.
        self.today = date.fromisoformat(config.workerinput["ssb_today"]) if self.is_worker else days.today()  # type: ignore[attr-defined]
        self._unanswered = Unanswered(self.refusal)
        self._turns: Turns | None = None
        self._started: set[Target] = set()
        self._latest: AccountKey | None = None
        self._selected: dict[Target, set[str]] = {}
        self.sharding = Sharding(options.shard, self.every_target)

    def _handle(self, target: Target, read: Read) -> aws.Aws:
        return aws.Aws(
            self.accounts.access(target.key),
            target,
            read.operations,
            through=read.through,
            reach=From(self.references, self.profile(target), target.account),
        )

    def profile(self, target: Target) -> Profile:
        """What the user says of the target's account."""
        return self.accounts.profiles[target.profile]

    def account(self, target: Target) -> Account:
        """What AWS says of the target's account."""
        return self.accounts.accounts[target.key]

    def targets(self, regional: bool, check: Check | None = None) -> list[Target]:
        """What a test runs against: every account, or every region of every account."""
        found = []
        for account in self.accounts.accounts.values():
            whole = account.target
            # Nobody knows the regions of an account that did not tell them.
            regional_here = regional and account.refusal(regional) is None
            # What is named on the command line narrows every check.
            everywhere = check is not None and check.regions == "enabled" and not self.options.regions
            regions = account.enabled if everywhere else (*account.regions, *account.not_enabled)
            found += [whole.in_region(region) for region in regions] if regional_here else [whole]
        return found

    def every_target(self) -> list[Target]:
        """Every account, and every region that a check may run against."""
        accounts = self.accounts.accounts.values()
        whole = self.targets(regional=False)
        return whole + [target.in_region(r) for target, a in zip(whole, accounts, strict=True) for r in {*a.regions, *a.not_enabled, *a.enabled}]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Let every test that reads an account, ours or the user's, run once per target."""
        if "ssb_target" in metafunc.fixturenames:
            targets = self.targets(is_regional(metafunc.fixturenames), check_of(metafunc.function))
            whose = self._own.profiles_for(metafunc.definition.path)
            targets = [target for target in targets if whose is None or target.profile in whose]
            metafunc.parametrize("ssb_target", targets, ids=[target.id for target in targets], indirect=True)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deselect what goes beyond the guide where the profile does not ask for it."""
        beyond = [item for item in items if (check := check_of_item(item)) and check.extended and not self.profile(target_of(item)).extended]
        if beyond:
            self.deselected_extended = {check.id for item in beyond if (check := check_of_item(item))}
            config.hook.pytest_deselected(items=beyond)
            items[:] = [item for item in items if item not in set(beyond)]
        tests = [(item, check, target_of(item)) for item in items if (check := check_of_item(item))]
        repeated = self._unanswered.left_out([test for test in tests if self.decided(*test[1:]) is None])
        if repeated:
            config.hook.pytest_deselected(items=repeated)
            items[:] = [item for item in items if item not in set(repeated)]
        # What a worker raises is an internal error to pytest: there, the controller refuses when it is told what was collected.
        if not self.is_worker:
            self.refuse_overlap([target_of(item) for item in items if check_of_item(item)])
        if self.options.shard is not None:
            # What the other shards judge is a part of this run, too.
            self._note_selected(items)
            self.sharding.keep(config, items, _target_and_check)

    def _note_selected(self, items: Sequence[pytest.Item]) -> None:
        for item in items:
            check = check_of_item(item)
            if check is not None and item not in self._unanswered:
                self._selected.setdefault(target_of(item), set()).add(check.id)

    def refuse_overlap(self, targets: Sequence[Target]) -> None:
        """End the run before any test where two profiles would judge the same."""
        try:
            refuse_overlap(targets)
        except UserError as error:
            raise pytest.UsageError(*error.lines) from None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Start all that the selected tests need, before the first of them runs; a worker learns only later which ones it gets."""
        if not self.is_worker and not session.config.option.collectonly and not getattr(session.config.option, "numprocesses", None):
            self._prefetch(session.items)
            reporter = self.config.pluginmanager.get_plugin("terminalreporter")
            if reporter is not None and reporter.isatty and self.config.option.verbose >= 0:
                progress.show(reporter._tw, self.reads.under_way)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """On a worker, start what the tests of this target need: they all run here."""
        if self.is_worker and check_of_item(item):
            target = target_of(item)
            if target not in self._started:
                self._started.add(target)
                if self._latest is not None and self._latest != target.key:
                    self.accounts.release(self._latest)
                self._latest = target.key
                self._prefetch([other for other in item.session.items if check_of_item(other) and target_of(other) == target])

    def _prefetch(self, items: Sequence[pytest.Item]) -> None:
        wanted: dict[Target, dict[str, None]] = {}
        for item in items:
            check = check_of_item(item)
            if check is not None and item not in self._unanswered and self.decided(check, target_of(item)) is None:
                wanted.setdefault(target_of(item), {}).update(dict.fromkeys(check.fixtures))
        if wanted:
            self.accounts.start_demo()
        self._turns = Turns(wanted.items(), self.reads.start, self._read)
        self._turns.go_on()

    def _read(self, key: AccountKey) -> None:
        # A worker comes back to an account with each of its regions.
        if not self.is_worker:
            self.accounts.release(key)

    def refusal(self, check: Check, target: Target) -> Refusal | None:
        """Why the target's account gives no answer to a check; None where it is to be asked."""
        return self.account(target).refusal(is_regional(check.fixtures))

    def decided(self, check: Check, target: Target) -> tuple[str, str | None] | None:
        """Why a check does not apply to a target, and the fact that says so; None where it has to be run."""
        account = self.account(target)
        if check.environment is not None and check.environment != account.environment:
            return f"judged in {check.environment} accounts only", f"environment = {account.environment}"
        if target.region in account.not_enabled:
            return NOT_ENABLED, None
        return None

    def audit(self, item: pytest.Item, check: Check, target: Target) -> Audit:
        """A fresh audit for a test's run."""
        if not self._selected:
            self._note_selected(item.session.items)
        return Audit(
            check,
            target,
            item.nodeid,
            # What is judged once for the account may be what is wrong in one of its regions, too.
            self._selected.get(target, set()) | self._selected.get(target.of_account, set()),
            explain=lambda error: self.accounts.explained(target, error),
            judged_in=lambda account: any(check.id in chosen for other, chosen in self._selected.items() if other.account == account),
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Note which facts of the profile were looked at, and which of their entries were of use."""
        with recording() as used:
            result = yield
        item.stash[FACTS] = used
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Give a check's test its audit; end it here where it does not apply."""
        check = check_of_item(item)
        if check is None:
            return
        audit = item.stash[AUDIT] = self.audit(item, check, target_of(item))
        # The findings are told in its place; to format one takes 10 ms, which a region that is denied would cost for each of its checks.
        item.repr_failure = _no_traceback  # type: ignore[method-assign]
        if item in self._unanswered:
            self._unanswered.audit(item, audit)
            pytest.skip("the account gives no answer")
        decided = self.decided(check, target_of(item))
        if decided is not None:
            audit.decided(Status.NOT_APPLICABLE, decided[0], declared=decided[1])
            pytest.skip(decided[0])

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        """Let the findings decide a test's outcome, whatever pytest made of it."""
        report = yield
        audit = item.stash.get(AUDIT, None)
        if audit is None or call.when == "teardown" or (call.when == "setup" and call.excinfo is None):
            return report
        _finish(audit, call.excinfo.value if call.excinfo is not None else None)
        target = target_of(item)
        profile = self.profile(target)
        findings, answering = answered(self._denied_on_purpose(audit, target), profile.declarations, self.today, lasting(profile))
        findings = waived(findings, profile.waivers, self.today)
        if self.options.baseline is not None:
            findings = [marked(finding, self.options.baseline) for finding in findings]
        used = item.stash.get(FACTS, Recording())
        report.ssb = {
            "profile": audit.scope.profile,
            "findings": msgspec.to_builtins(findings),
            "consulted": sorted(used.consulted),
            "matched": sorted(map(list, used.matched)),
            "answering": sorted(answering),
        }
        verbose = getattr(self.config.option, "verbose", 0)
        if verbose > 0:
            report.ssb["waivers"] = self._pasted(findings, audit.check, profile)
        status = status_of_test(findings, key=audit.check.key)
        set_properties(item, report, audit.check, target, findings, status)
        set_outcome(report, findings, status, item, verbose)
        return report

    def _pasted(self, findings: Sequence[Finding], check: Check, profile: Profile) -> list[str]:
        """The waivers that would accept the first few of the failures, ready to paste; one that is under two controls needs one."""
        where = section_of(self.accounts.file, profile).among_others()
        failed = list({(f.resource, f.item, f.region): f for f in findings if f.status is Status.FAIL}.values())
        failed.sort(key=lambda f: SEVERITIES.index(f.severity))
        texts = [f"# {f.id}\n{paste(f, profile, where, self.today, check.severity)}" for f in failed[:AT_MOST]]
        return [*texts, f"# ... and {len(failed) - AT_MOST} more: the findings file has their ids"] if len(failed) > AT_MOST else texts

    def _denied_on_purpose(self, audit: Audit, target: Target) -> list[Finding]:
        """The findings, or NOT_APPLICABLE where the user says that the region is denied, and it was in fact denied by an SCP."""
        if target.region in self.profile(target).denied_regions and all(_denied_by_scp(finding) for finding in audit.findings):
            audit.findings.clear()
            audit.decided(Status.NOT_APPLICABLE, DENIED_REGION, declared=f"denied_regions = {target.region}")
        return audit.findings

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand a worker's counts to the controller, as a plain dictionary."""
        if self.is_worker:
            told = {"calls": dict(self.calls()), "extended": sorted(self.deselected_extended), "sharding": self.sharding.told()}
            session.config.workeroutput["ssb"] = told  # type: ignore[attr-defined]

    def calls(self) -> Counter[str]:
        """The API calls of this process by operation."""
        return self.accounts.calls() + self.references.calls()

    def pytest_unconfigure(self) -> None:
        """Leave the process as it was found."""
        if self._turns is not None:
            self._turns.stop()
        self._scheduler.close()
        self.accounts.close()
        memory.leave_to_the_end()


class Fixtures:
    """The fixtures of every suite, but for the reads'."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @pytest.fixture
    def ssb_target(self, request: pytest.FixtureRequest) -> Target:
        """The account, or account and region, that the test runs against."""
        target: Target = request.param
        return target

    @pytest.fixture
    def ssb_profile(self, ssb_target: Target) -> Profile:
        """What the user says of the account: the facts of `ssb.toml`."""
        return self._run.profile(ssb_target)

    @pytest.fixture
    def ssb_account(self, ssb_target: Target) -> Account:
        """What AWS says of the account."""
        return self._run.account(ssb_target)

    @pytest.fixture
    def ssb_region(self, ssb_target: Target) -> str | None:
        """The target's region: a test that takes it runs once per region."""
        return ssb_target.region

    @pytest.fixture
    def ssb_client(self, request: pytest.FixtureRequest, ssb_target: Target) -> Iterator[Callable[..., Any]]:
        """`ssb_client("ec2")`: a boto3 client of the target, which refuses every call that `@check(calls=...)` does not name.

        `ssb_client("s3", region="eu-west-1")` asks elsewhere than in the target's region, or the account's home.
        """
        check = check_of(request.function)
        with self._run.accounts.allowing(ssb_target, check.calls if check else ()) as client:
            yield client

    @pytest.fixture
    def audit(self, request: pytest.FixtureRequest, ssb_target: Target) -> Audit:
        """`with audit(resource): assert ...` becomes one finding."""
        audit: Audit | None = request.node.stash.get(AUDIT, None)
        if audit is None:
            raise pytest.UsageError(f"{request.node.nodeid}: a test that uses 'audit' needs @check")
        return audit


def read_fixtures(run: Run, names: Iterable[str]) -> object:
    """A plugin with one fixture for each of these reads: what it gave, or what raises its error when looked at."""

    def fixture_of(name: str, says: str) -> Any:
        def fixture(self: object, ssb_target: Target) -> Any:
            return run.reads.result(name, ssb_target)

        fixture.__doc__ = says
        return pytest.fixture(name=name)(fixture)

    # pytest looks for fixtures among the attributes of a plugin's class.
    return type("Reads", (), {name: fixture_of(name, READS[name].says) for name in names})()


def _no_traceback(excinfo: object, style: object = None) -> str:
    return ""


def _finish(audit: Audit, raised: BaseException | None) -> None:
    if isinstance(raised, pytest.skip.Exception):
        # Ours, where the check does not apply, comes with a finding; a skip by the test itself judged nothing.
        audit.finish(None if audit.findings else NotRun(f"the test skipped itself: {raised}"))
    else:
        audit.finish(raised)


def _denied_by_scp(finding: Finding) -> bool:
    return finding.error is not None and finding.error.denied_by == "scp"


def check_of_item(item: pytest.Item) -> Check | None:
    """The check of a test that has a target."""
    return check_of(getattr(item, "function", None)) if hasattr(item, "callspec") and "ssb_target" in item.callspec.params else None


def _target_and_check(item: pytest.Item) -> tuple[Target, str] | None:
    check = check_of_item(item)
    return (target_of(item), check.id) if check is not None else None


def target_of(item: pytest.Item) -> Target:
    """The target of a test for which there is a check."""
    target: Target = item.callspec.params["ssb_target"]  # type: ignore[attr-defined]
    return target


def now() -> str:
    """The time, as the findings file writes it."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
