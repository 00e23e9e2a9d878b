"""Judges every check's worlds again with something missing, and says what is unsound: a verdict that does not rest on what was read.

What is expected comes from the clean run: with a call that failed, each finding is as it was, or ERROR; with a fact less, none is better.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import random
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from botocore.model import ServiceModel

import tests.checks
from pytest_ssb.controls import Check, check_of
from pytest_ssb.findings import Finding, Status
from pytest_ssb.permissions import action
from pytest_ssb.reads.registry import absences, needed
from tests.support.drops import Drop, changed, drops
from tests.support.faults import DENIALS, faults_of, tokens
from tests.support.mutants import Mutant, alive, noting
from tests.support.tape import Call, Tape, TapedAccess
from tests.support.worlds import LOADER, WORLDS, World, built, judge, session

Kind = Literal["fault", "drop"]
Key = tuple[str, str | None, str | None]

# How good news a verdict is. MANUAL asks, the last two leave nothing to do.
GOOD = {Status.FAIL: 0, Status.ERROR: 0, Status.WAIVED: 0, Status.MANUAL: 1, Status.NOT_APPLICABLE: 2, Status.PASS: 2}
SEVERE = ("low", "medium", "high", "critical")


def check_modules() -> list[Any]:
    """The modules of `tests/checks`."""
    return [importlib.import_module(f"tests.checks.{module.name}") for module in pkgutil.iter_modules(tests.checks.__path__)]


@functools.cache
def worlds_by_check() -> dict[str, list[World]]:
    """The worlds of every check, by the check's id. Imports all of `tests/checks`."""
    check_modules()
    found: dict[str, list[World]] = {}
    for world in WORLDS:
        found.setdefault(check_named(world).id, []).append(world)
    return found


def check_named(world: World) -> Check:
    """What is known of a world's check."""
    check = check_of(world.check)
    assert check is not None
    return check


def asks(check: Check) -> bool:
    """Whether a check asks AWS anything at all: one that looks into local repositories alone does not."""
    return any(read.operations for read in needed(check.fixtures))


@dataclass(frozen=True)
class Case:
    """One thing that goes wrong in one call of a world."""

    kind: Kind
    call: Call
    what: str | Drop


@dataclass
class Tally:
    """What was tried, and what of it was unsound."""

    worlds: int = 0
    calls: int = 0
    faults: int = 0
    drops: int = 0
    unsound: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    rested: set[str] = field(default_factory=set)
    absences: set[tuple[str, str]] = field(default_factory=set)

    def add(self, other: Tally) -> None:
        """Take in what was tried elsewhere."""
        self.worlds += other.worlds
        self.calls += other.calls
        self.faults += other.faults
        self.drops += other.drops
        self.unsound += other.unsound
        self.asked |= other.asked
        self.rested |= other.rested
        self.absences |= other.absences


class Rig:
    """A world whose account was asked once; it can be judged again and again with other answers."""

    def __init__(self, world: World, check: Callable[..., None], cloud: Any) -> None:
        self.world, self.check, self.cloud = world, check, cloud
        self.access = TapedAccess(cloud)
        self.tape: Tape = self.access.tape
        self.clean = self._judged()
        self.rested: set[str] = set()
        self.absences: set[tuple[str, str]] = set()
        self._seen_at: dict[Call, Drop | None] = {}

    def _judged(self) -> list[Finding]:
        return judge(self.check, self.cloud, self.access, self.world.selected)

    def again(self, faults: dict[Call, Any] | None = None) -> list[Finding]:
        """Judge on the tape, with those answers in place of these calls'."""
        self.access.wind(faults or {})
        return self._judged()

    def cases(self) -> list[Case]:
        """Everything that can go wrong, one at a time, in a fixed order."""
        found: list[Case] = []
        for call in self.tape.calls:
            found += [Case("fault", call, way) for way in self.ways(call)]
            found += [Case("drop", call, drop) for drop in self._drops(call)]
        return found

    def _drops(self, call: Call) -> Iterator[Drop]:
        service, _, name = call.operation.partition(":")
        going_on = {"NextToken", "nextToken", "NextMarker", *tokens(_paginators(service).get(name, {}))}
        shape = _model(service).operation_model(name).output_shape
        for drop in drops(self.tape.answer(call) or {}, shape):
            if drop.field not in going_on:
                yield drop

    def ways(self, call: Call) -> dict[str, dict[Call, Any]]:
        """Each way in which a call may fail."""
        return faults_of(self.tape, call, _paginators(call.operation.partition(":")[0]))

    def unsound(self, case: Case) -> list[str]:
        """What is wrong with the verdicts in that case."""
        if isinstance(case.what, Drop):
            drop = case.what
            found = self.again(_laid(case.call, drop))
            wrong = worse_than_unknown(self.clean, found)
            if wrong and (case.call.operation, drop.field) in absences():
                self.absences.add((case.call.operation, drop.field))
                return []
            return wrong
        faults = self.ways(case.call)[case.what]
        found = self.again(faults)
        missed = set(faults) - self.access.made()
        wrong = unproven(self.clean, found, action(case.call.operation) if case.what in DENIALS else None)
        if found != self.clean:
            self.rested.add(case.call.operation)
        elif not self._already_failing(case.call) and (seen := self._looked_at(case.call)):
            wrong.append(f"nothing is an ERROR, though it matters: with {seen} the verdicts are others")
        return wrong + [f"{call} was never made" for call in missed]

    def _already_failing(self, call: Call) -> bool:
        return any(finding.error is not None and finding.error.operation == call.operation for finding in self.clean)

    def _looked_at(self, call: Call) -> Drop | None:
        """A field of the call's answer without which the verdicts are others: then they rest on the call."""
        if call not in self._seen_at:
            # A FAIL that stays one is proven by something else.
            calm = {key: status for key, status in _statuses(self.clean).items() if status not in (Status.FAIL, Status.ERROR)}
            found = (each for each in self._drops(call) if not _statuses(self.again(_laid(call, each))).items() >= calm.items())
            self._seen_at[call] = next(found, None)
        return self._seen_at[call]


def _laid(call: Call, drop: Drop) -> dict[Call, Any]:
    return {call: lambda client, name, answer: changed(answer, drop)}


def _statuses(findings: Iterable[Finding]) -> dict[Key, Status]:
    return {key: finding.status for key, finding in _by_key(findings).items()}


@functools.cache
def _paginators(service: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = LOADER.load_service_model(service, "paginators-1")["pagination"]
    except Exception:  # noqa: BLE001 - a service without pages has no such file
        return {}
    return found


@functools.cache
def _model(service: str) -> ServiceModel:
    return session().get_service_model(service)


@contextmanager
def rigged(world: World, check: Callable[..., None] | None = None) -> Iterator[Rig]:
    """The world, asked once, as long as the block lasts; of its own check, or of another on the same account."""
    with built(world) as (cloud, _):
        rig = Rig(world, check or world.check, cloud)
        try:
            yield rig
        finally:
            rig.access.close()


def tried(world: World, *, sample: int | None = None, seed: int = 0, kinds: Sequence[Kind] = ("fault", "drop")) -> Tally:
    """Try everything that can go wrong in a world, or a seeded sample of each kind of so many cases."""
    with rigged(world) as rig:
        tally = Tally(worlds=1, calls=len(rig.tape.calls))
        name = f"{check_named(world).id} {world.name}"
        if not rig.tape.calls and asks(check_named(world)):
            tally.unsound.append(f"{name}: the check asked nothing")
        if verdict := differences(rig.clean, rig.again()):
            tally.unsound.append(f"{name}: judged again on the same answers: {verdict}")
        for kind in kinds:
            cases = [case for case in rig.cases() if case.kind == kind]
            if sample is not None and len(cases) > sample:
                cases = random.Random(f"{seed} {name} {kind}").sample(cases, sample)
            for case in cases:
                tally.unsound += [f"{name}: {case.call} {case.what}: {wrong}" for wrong in rig.unsound(case)]
            if kind == "fault":
                tally.faults += len(cases)
            else:
                tally.drops += len(cases)
        tally.asked, tally.rested, tally.absences = {call.operation for call in rig.tape.calls}, rig.rested, rig.absences
    return tally


def _key(finding: Finding) -> Key:
    return (finding.resource, finding.item, finding.region)


def _by_key(findings: Iterable[Finding]) -> dict[Key, Finding]:
    return {_key(finding): finding for finding in findings}


def differences(before: Sequence[Finding], after: Sequence[Finding]) -> str:
    """How two runs differ, empty if they do not."""
    if list(before) == list(after):
        return ""
    return f"{_said(before)} became {_said(after)}"


def _said(findings: Iterable[Finding]) -> str:
    return "; ".join(f"{finding.resource} {finding.item or ''} {finding.status} {finding.severity} ({finding.reason})" for finding in findings)


def unproven(before: Sequence[Finding], after: Sequence[Finding], denied: str | None) -> list[str]:
    """What is wrong with the verdicts once a call has failed. `denied` is the IAM action that would have allowed it, where it was denied."""
    was, wrong = _by_key(before), []
    errors = [finding for finding in after if finding.status is Status.ERROR and finding not in before]
    for key, now in _by_key(after).items():
        then = was.get(key)
        if now.status is Status.ERROR:
            continue
        if then is None:
            wrong.append(f"a new {now.status} for {now.resource}: {now.reason}")
        elif now.status is Status.FAIL and then.reason.startswith("judged by "):
            # What would be left to another check is a failure here, too: told twice, where it is not known that the other one tells it.
            continue
        elif now.status is not then.status:
            wrong.append(f"{then.status} for {now.resource} became {now.status}: {now.reason}")
        elif now.status is Status.FAIL and SEVERE.index(now.severity) < SEVERE.index(then.severity):
            wrong.append(f"FAIL {then.severity} for {now.resource} became {now.severity}: {now.reason}")
        elif now.status not in (Status.FAIL, Status.PASS) and now.reason != then.reason:
            wrong.append(f"{now.status} for {now.resource} says {now.reason!r} in place of {then.reason!r}")
    for key, then in was.items():
        if key not in _by_key(after) and not _said_of_all(errors, then):
            wrong.append(f"{then.status} for {then.resource} has vanished without an ERROR")
    fallen = [error for error in errors if (then := was.get(_key(error))) is None or then.status is not Status.ERROR]
    # Of what another denial, which is the world's own, keeps from being judged, that one may be named.
    if denied and fallen and not any(error.error and error.error.action and error.error.action in error.reason for error in fallen):
        wrong.append(f"no ERROR names {denied}: {_said(fallen)}")
    return wrong


def _said_of_all(errors: Iterable[Finding], lost: Finding) -> bool:
    """Whether some ERROR is of the account or region that a lost finding belongs to."""
    return any(error.region in (None, lost.region) or lost.region is None for error in errors)


def worse_than_unknown(before: Sequence[Finding], after: Sequence[Finding]) -> list[str]:
    """Which verdicts are better for a fact less: a FAIL that is gone, a question that is answered, a resource that is no longer spoken of."""
    was, now, wrong = _by_key(before), _by_key(after), []
    new = [finding for finding in after if finding not in before]
    alarms = [finding for finding in new if finding.status in (Status.FAIL, Status.ERROR)]
    for key, then in was.items():
        found = now.get(key)
        if found is None:
            # Without its name, or by another one, a resource is another: what was said of it must be said of that, or that it could not be read.
            if not alarms and not any(finding.status is then.status for finding in new):
                wrong.append(f"{then.status} for {then.resource} has vanished: {_said(after)}")
        elif GOOD[found.status] > GOOD[then.status] or (found.status, then.status) == (Status.NOT_APPLICABLE, Status.PASS):
            wrong.append(f"{then.status} for {then.resource} became {found.status}: {found.reason}")
        elif found.status is then.status is Status.FAIL and SEVERE.index(found.severity) < SEVERE.index(then.severity):
            wrong.append(f"FAIL {then.severity} for {then.resource} became {found.severity}: {found.reason}")
    return wrong


# --- conditions turned round ------------------------------------------------------------------------------------------------------------------


class Kept:
    """A world that was asked once and left; it is judged again on its tape alone. `functions` are those of judging code that it runs."""

    def __init__(self, world: World) -> None:
        self.world = world
        with rigged(world) as rig:
            self.rig = rig
        self.functions: set[tuple[str, str]] = set()
        with noting(self.functions):
            # Threads that exist already are not listened to.
            self.rig.access.renew()
            self.clean = self.rig.again()

    def notices(self) -> bool:
        """Whether some finding is another than it should be."""
        try:
            return self.rig.again() != self.clean
        except Exception:  # noqa: BLE001 - whatever it is, it would be noticed
            return True


def survivors(mutants: Iterable[Mutant], kept: Sequence[Kept]) -> tuple[set[str], set[str]]:
    """The names of the mutants that run in these worlds, and of those that none of them notices."""
    run: set[str] = set()
    unnoticed: set[str] = set()
    for mutant in mutants:
        there = [each for each in kept if (mutant.module, mutant.function) in each.functions]
        if not there:
            continue
        run.add(mutant.name)
        with alive(mutant):
            if not any(each.notices() for each in there):
                unnoticed.add(mutant.name)
    return run, unnoticed


@functools.cache
def known_survivors() -> dict[str, str]:
    """The mutants that are known to change no verdict, each with the reason, by module."""
    text = (Path(tests.__file__).parent / "data" / "survivors.toml").read_text(encoding="utf-8")
    return {f"{module}.{name}": reason for module, names in tomllib.loads(text).items() for name, reason in names.items()}
