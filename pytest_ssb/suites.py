"""Where the shipped suites lie, which checks they hold, and what their tests are called in our files and lines."""

from __future__ import annotations

import functools
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path

from pytest_ssb.controls import CONTROLS, Check, check_of

FOLDERS = ("tests_account", "tests_workload")
_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class ShippedCheck:
    """A check and the file that it is in: `tests_account/test_acct_08_s3_public_access.py`."""

    check: Check
    file: str


@functools.cache
def root() -> Path:
    """The folder that holds the suites' folders: inside the package once installed, beside it in a checkout."""
    inside = _PACKAGE / "suites"
    return inside if (inside / FOLDERS[0]).is_dir() else _PACKAGE.parent


def files() -> list[Path]:
    """The shipped suites' files, in order of their controls."""
    return [path for folder in FOLDERS for path in sorted((root() / folder).glob("test_*.py"))]


def is_suite(path: Path) -> bool:
    """Whether a file is a shipped suite."""
    return path.parent.parent == root() and path.parent.name in FOLDERS


@functools.cache
def shipped() -> dict[str, ShippedCheck]:
    """Every shipped check by its id. Imports the suites under names of our own; asks AWS nothing."""
    found: dict[str, ShippedCheck] = {}
    for path in files():
        name = f"_pytest_ssb_suites_{path.stem}"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"cannot import {path}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        for thing in vars(module).values():
            check = check_of(thing)
            if check is not None and thing.__module__ == name:
                found[check.id] = ShippedCheck(check, shown(path))
    return found


def known() -> dict[str, tuple[str, ...]]:
    """Every check that this version has, or that the catalogue names, with its controls: what a waiver or declaration may be about."""
    found: dict[str, tuple[str, ...]] = {}
    for control in CONTROLS.values():
        for check in dict.fromkeys(check for recommendation in control.recommendations for check in recommendation.checks):
            found[check] = (*found.get(check, ()), control.id)
    return found | {id: each.check.controls for id, each in shipped().items()}


def shown(path: Path) -> str:
    """A suite's file as ids and lines name it, wherever it lies: `tests_account/test_acct_08_s3_public_access.py`."""
    return f"{path.parent.name}/{path.name}"


def located(argument: str, folder: Path) -> str:
    """A command-line argument with a path of ours (`tests_account/...::...`) mapped to where the suites lie; any other as it is.

    A file that is called as one of ours is ours: in a checkout, the copy of it that is not installed could not be run beside the installed one. From
    a folder below that of the project, pytest shows it as `../tests_account/...`.
    """
    path, separator, rest = argument.partition("::")
    parts = list(Path(path).parts)
    while parts[:1] == [".."]:
        parts.pop(0)
    ours = root().joinpath(*parts)
    if parts and parts[0] in FOLDERS and (ours.is_file() or (ours.is_dir() and not (folder / path).exists())):
        return f"{ours}{separator}{rest}"
    return argument
