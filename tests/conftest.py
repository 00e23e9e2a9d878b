"""Fixtures of the tool's own tests."""

import hypothesis
import pytest

from tests.support.inventory import Inventory
from tests.support.organization import organization
from tests.support.runs import faults, moto_account, run
from tests.support.server import demo_server, over_http

# How long an example takes says only how busy the machine is.
hypothesis.settings.register_profile("ssb", deadline=None)
hypothesis.settings.load_profile("ssb")

__all__ = ["demo_server", "faults", "moto_account", "organization", "over_http", "run"]


def pytest_configure(config: pytest.Config) -> None:
    """What the worlds show is looked at when all of them were run."""
    config.pluginmanager.register(Inventory(), "ssb-inventory")
