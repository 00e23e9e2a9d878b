"""The hooks that others may implement: in a plugin, or in a conftest where checks of the project's own run, too."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.hookspec
def pytest_ssb_finding(config: pytest.Config, finding: dict[str, Any]) -> None:
    """Called once for each finding of the results, in their order, at the end of a run and after its files were written; in one process only."""


@pytest.hookspec
def pytest_ssb_finish(config: pytest.Config, results: dict[str, Any]) -> None:
    """Called once, after the last finding, with what the results file holds: to send it on."""
