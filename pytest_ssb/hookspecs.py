"""The hooks that others may implement: in a plugin, or in a conftest where checks of the project's own run, too."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.hookspec
def pytest_ssb_results(config: pytest.Config, results: dict[str, Any]) -> None:
    """Called once, at the end of a run and after its files were written, with what the results file holds: to send it on."""
