"""The user's own checks, as far as can be told before pytest imports them: where a profile has them, and what their files say of them.

Waivers, declarations and minutes are held against the checks that there are before anything is asked or imported. So the files are parsed for functions
under `@check`, and not run: what stands in the decorator as plain words is known, anything else counts as the worst.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_ssb.configfile import BUILT_IN, Config, ConfigError, load
from pytest_ssb.controls import CONTROLS, SEVERITIES

KEY = "own_checks"


@dataclass(frozen=True)
class Folders:
    """The profiles' own checks: by profile, the paths of its `own_checks`. `problem` is what keeps the config file from being read."""

    by_profile: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    problem: ConfigError | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """Each path once, in the order of the profiles."""
        return tuple(dict.fromkeys(path for paths in self.by_profile.values() for path in paths))

    def holds(self, file: Path) -> bool:
        """Whether a file is one of theirs."""
        return any(file.is_relative_to(path) for path in self.paths)

    def profiles_with(self, file: Path) -> set[str]:
        """The profiles whose own checks are in a file."""
        return {name for name, paths in self.by_profile.items() if any(file.is_relative_to(path) for path in paths)}


@dataclass(frozen=True)
class Written:
    """A check as its file has it: its controls and severity, both the worst that they can be where they are not plain words."""

    id: str
    controls: tuple[str, ...]
    severity: str
    file: Path
    line: int


def folders(path: Path | None, look_in: Sequence[Path], profiles: Collection[str]) -> Folders:
    """The own checks of these profiles, or, without any, of every profile of the config file."""
    try:
        return of(load(path, look_in), profiles)
    except ConfigError as problem:
        return Folders(problem=problem)


def of(file: Config, profiles: Collection[str] = ()) -> Folders:
    """The own checks of these profiles, or, without any, of every profile of a config file that is read already."""
    found = {name: tuple(_path(file, entry) for entry in _entries(file, name)) for name in profiles or file.profiles}
    return Folders({name: paths for name, paths in found.items() if paths})


def mistakes(file: Config, shipped: Collection[str]) -> Iterator[str]:
    """What is wrong with the own checks of a config file, one line each: a folder that has none, a name that is taken."""
    told: set[str] = set()
    for name, profile in file.profiles.items():
        seen: dict[str, Written] = {}
        for number, entry in enumerate(profile.own_checks, 1):
            found = list(_all_written([_path(file, entry)]))
            place = f"{file.label}: profile {name!r}: {KEY}: entry {number}"
            if not found and entry not in told:
                # Profiles may have it from the defaults.
                told.add(entry)
                yield f"{place}: {entry!r} has no function under @check whose name begins with test_"
            for each in found:
                other = seen.setdefault(each.id, each)
                taken = "a shipped check" if each.id in shipped else f"the check in {other.file.name}:{other.line}" if other != each else None
                if taken and f"{each.file}:{each.line}" not in told:
                    told.add(f"{each.file}:{each.line}")
                    yield f"{place}: {each.file.name}:{each.line}: test_{each.id} is called like {taken}; give it another name"


def _path(file: Config, entry: str) -> Path:
    # As pytest takes it: links are left as they are, so that node ids are relative to the project.
    return Path(os.path.abspath(file.folder / entry))


def _entries(file: Config, name: str) -> Iterable[str]:
    if name in file.profiles:
        return file.profiles[name].own_checks
    # A profile of the AWS config files has the defaults, the demo has not.
    return () if name in BUILT_IN else file.defaults.values.get(KEY, ())


def written_in(paths: Iterable[Path]) -> dict[str, Written]:
    """The checks in these files and folders, by id."""
    return {each.id: each for each in _all_written(paths)}


def _all_written(paths: Iterable[Path]) -> Iterator[Written]:
    for file in dict.fromkeys(file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])):
        yield from _written(file)


def _written(file: Path) -> tuple[Written, ...]:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        # pytest imports the file, and says what is wrong with it.
        return ()
    return tuple(_checks(tree, file))


def _checks(tree: ast.Module, file: Path) -> Iterator[Written]:
    names = set(_names_of_check(tree))
    constants = {
        target.id: statement.value.value
        for statement in tree.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }

    def word(node: ast.expr) -> str | None:
        value = node.value if isinstance(node, ast.Constant) else constants.get(node.id) if isinstance(node, ast.Name) else None
        return value if isinstance(value, str) else None

    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and ast.unparse(call.func) in names:
                    controls = [word(argument) for argument in call.args]
                    severity = next((word(given.value) for given in call.keywords if given.arg == "severity"), None)
                    told = [control for control in controls if control in CONTROLS]
                    yield Written(
                        id=node.name.removeprefix("test_"),
                        controls=tuple(told) if len(told) == len(controls) and told else tuple(CONTROLS),
                        severity=severity if severity in SEVERITIES else SEVERITIES[0],
                        file=file,
                        line=node.lineno,
                    )


def _names_of_check(tree: ast.Module) -> Iterator[str]:
    """What the file calls `pytest_ssb.check`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "pytest_ssb":
            yield from (alias.asname or alias.name for alias in node.names if alias.name == "check")
        elif isinstance(node, ast.Import):
            yield from (f"{alias.asname or alias.name}.check" for alias in node.names if alias.name == "pytest_ssb")
