"""Fixtures of the tool's own tests."""

from tests.support.runs import faults, moto_account, run

__all__ = ["faults", "moto_account", "run"]
