"""The user's own checks in a pytest run: their reads become fixtures, and nothing of theirs stands in for something of ours."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pytest_ssb import suites
from pytest_ssb.controls import Check, check_of
from pytest_ssb.errors import AuthorError, UserError
from pytest_ssb.own_checks import Folders, folders, written_in
from pytest_ssb.reads.registry import READS, all_reads, refuse_impossible

FOLDERS = pytest.StashKey[Folders]()
# The fixtures of ours beside the reads.
OURS = ("audit", "ssb_account", "ssb_client", "ssb_profile", "ssb_region", "ssb_target")
_OURS_ARE_IN = "pytest_ssb.session"
HANDED_OVER = "ssb_collected"


def folders_of(config: pytest.Config) -> Folders:
    """The own checks of the run's profiles; of a listing without a profile, those of all. They belong to a run that is given no paths."""
    if FOLDERS not in config.stash:
        known, here = config.known_args_namespace, config.invocation_params.dir
        places = dict.fromkeys([here, config.rootpath])
        config.stash[FOLDERS] = folders(here / known.ssb_config if known.ssb_config else None, list(places), known.ssb_profile)
    return config.stash[FOLDERS]


@dataclass(frozen=True)
class Handed:
    """What a worker tells of its collection: the user's own checks by node id, and what the user has to correct."""

    checks: Mapping[str, Check] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


class OwnSuites:
    """Collects the user's own checks as pytest collects any tests, and looks after what comes with them."""

    def __init__(self, config: pytest.Config, bare: bool) -> None:
        """`bare`: no paths were given, so the profiles' own checks run beside the shipped ones."""
        self._config = config
        self.make_fixtures: Callable[[Sequence[str]], object] | None = None  # a plugin that has the fixtures of these reads
        self._folders = folders_of(config) if bare else Folders()
        self._shipped_reads = frozenset(all_reads())
        self._known = set(self._shipped_reads)
        self._files: dict[str, Path] = {}

    @property
    def paths(self) -> tuple[Path, ...]:
        """What is collected beside the shipped suites. Raises UserError where the config file cannot be read."""
        if self._folders.problem is not None:
            raise UserError(*self._folders.problem.lines)
        return self._folders.paths

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_header(self) -> str | None:
        """Where the own checks are that run beside the shipped ones."""
        return f"own checks: {', '.join(str(self._shown(path)) for path in self._folders.paths)}" if self._folders.paths else None

    def profiles_for(self, file: Path) -> set[str] | None:
        """For which profiles a file's tests run; None for all of the run."""
        return self._folders.profiles_with(file) if self._folders.holds(file) else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, collector: Any, name: str, obj: object) -> None:
        """Let the reads that the files have brought with them be known before the first test that takes one; refuse a name that is taken."""
        if len(READS) != len(self._known):
            new = [name for name in READS if name not in self._known]
            refuse_impossible(READS[name] for name in new)
            self._known.update(new)
            if self.make_fixtures is not None:
                self._config.pluginmanager.register(self.make_fixtures(new), f"ssb-own-reads-{new[0]}")
        check = check_of(obj) if name.startswith("test_") else None
        if check is None or suites.is_suite(collector.path):
            return
        if "audit" not in check.fixtures:
            raise AuthorError(f"@check: {name} does not take audit, which makes its findings: with audit(resource): assert ...")
        other = self._files.setdefault(check.id, collector.path)
        if check.id in suites.shipped() or other != collector.path:
            taken = "a shipped check" if check.id in suites.shipped() else f"the check in {other.name}"
            raise AuthorError(f"@check: {name} is called like {taken}; give it another name")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Run of the own folders' tests what has an account to run against: tests of the checks themselves are none of an audit."""
        beside = [item for item in items if self._folders.holds(item.path) and not _has_account(item)]
        if beside:
            config.hook.pytest_deselected(items=beside)
            items[:] = [item for item in items if item not in set(beside)]
        refused = [] if session.testsfailed else [*self._stand_ins(items), *self._not_collected(items)]
        if not hasattr(config, "workerinput"):
            if refused:
                raise pytest.UsageError(*refused)
            return
        own = {item.nodeid: check for item in items if (check := check_of(getattr(item, "function", None))) and not suites.is_suite(item.path)}
        told = {"checks": msgspec.to_builtins(own), "refused": refused}
        Path(config.workerinput[HANDED_OVER]).write_text(json.dumps(told), encoding="utf-8")

    def _stand_ins(self, items: Iterable[pytest.Item]) -> list[str]:
        """The fixtures of the user's that would stand in for ours in a check, one line for each."""
        lines = {}
        for item in items:
            if check_of(getattr(item, "function", None)) is None:
                continue
            info: Any = item._fixtureinfo  # type: ignore[attr-defined]
            for name in sorted({*self._known, *OURS} & info.name2fixturedefs.keys()):
                function = info.name2fixturedefs[name][-1].func
                if function.__module__ != _OURS_ARE_IN:
                    what = "a read" if name in self._known else "a fixture"
                    by = f"{item.nodeid.partition('[')[0]}: its own parameter" if _is_of_pytest(function) else f"{self._place(function)}: the fixture"
                    lines[by, name] = f"{by} {name!r} would stand in for {what} of pytest-ssb: give it another name"
        return list(lines.values())

    def _place(self, function: Any) -> str:
        code = getattr(inspect.unwrap(function), "__code__", None)
        if code is None:
            return str(function.__module__)
        return f"{self._shown(Path(code.co_filename))}:{code.co_firstlineno}"

    def _shown(self, file: Path) -> Path:
        return file.relative_to(self._config.rootpath) if file.is_relative_to(self._config.rootpath) else file

    def _not_collected(self, items: Iterable[pytest.Item]) -> Iterator[str]:
        """The checks that are written in an own folder and that pytest did not collect: nobody would miss their findings."""
        option = self._config.option
        if getattr(option, "lf", False) or option.ignore or option.ignore_glob or option.deselect:
            return
        seen = {check.id for item in items if (check := check_of(getattr(item, "function", None)))}
        rules = "; ".join(f"{name} = {' '.join(self._config.getini(name))}" for name in ("python_files", "python_functions"))
        missed: dict[Path, list[str]] = {}
        for each in written_in(self._folders.paths).values():
            if each.id not in seen:
                missed.setdefault(each.file, []).append(f"test_{each.id}")
        for file, (first, *others) in missed.items():
            more = f" and {len(others)} more" if others else ""
            yield f"own_checks: {self._shown(file)}: pytest does not collect {first}{more}: {rules}"

    def pytest_unconfigure(self) -> None:
        """Forget the user's reads: another run in this process has others."""
        for name in READS.keys() - self._shipped_reads:
            del READS[name]


def handed_over(file: Path) -> Handed | None:
    """What a worker told of its collection; None where nothing came."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Handed)
    except (OSError, msgspec.DecodeError):
        return None


def _is_of_pytest(function: Any) -> bool:
    """Whether pytest made a fixture of what a test is parametrized with."""
    return str(function.__module__).startswith("_pytest.")


def _has_account(item: pytest.Item) -> bool:
    return "ssb_target" in getattr(item, "fixturenames", ()) or check_of(getattr(item, "function", None)) is not None
