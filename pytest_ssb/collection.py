"""Collects the shipped suites, whatever the user's project says of its own tests' files, names, folders and doctests."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from pytest_ssb import suites
from pytest_ssb.controls import check_of


class SuiteModule(pytest.Module):
    """A file of a shipped suite: its tests are its checks, also where `python_functions` names others.

    Its tests have the same ids wherever it lies, `tests_account/test_acct_....py::test_...[prod]`, and not those of some folder of installed packages.
    """

    def istestfunction(self, obj: object, name: str) -> bool:
        """Whether something in the file is a test."""
        return check_of(obj) is not None


def suite_module(parent: Any, path: Path) -> SuiteModule:
    """The collector of a suite."""
    found: SuiteModule = SuiteModule.from_parent(parent, path=path, nodeid=suites.shown(path))
    return found


class SuiteFolder(pytest.Directory):
    """A folder of shipped suites: all of its files, asking nobody's patterns."""

    def collect(self) -> Iterable[pytest.Collector]:
        """The suites, in the order of their controls."""
        for path in suites.files():
            if path.parent == self.path:
                yield suite_module(self, path)


class SuiteRoot(pytest.Directory):
    """What holds the folders; whatever else lies there (in a checkout, the whole repository) is none of ours."""

    def collect(self) -> Iterable[pytest.Collector]:
        """The two folders of suites."""
        for folder in suites.FOLDERS:
            yield SuiteFolder.from_parent(self, path=self.path / folder)


class SuiteCollection:
    """The hooks by which the suites are found. `bare`: no paths were given, so the suites are what runs."""

    def __init__(self, config: pytest.Config) -> None:
        self.bare = config.args_source is not pytest.Config.ArgsSource.ARGS
        if self.bare:
            config.args = [str(suites.root())]
        else:
            config.args = [suites.located(argument, config.invocation_params.dir) for argument in config.args]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect a folder of ours our way."""
        if self.bare and path == suites.root():
            return SuiteRoot.from_parent(parent, path=path)
        if path.parent == suites.root() and path.name in suites.FOLDERS:
            return SuiteFolder.from_parent(parent, path=path)
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(self, module_path: Path, parent: Any) -> pytest.Module | None:
        """Collect a suite that was given as a file our way."""
        return suite_module(parent, module_path) if suites.is_suite(module_path) else None
