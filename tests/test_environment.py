"""pytest takes a variable out of the environment while other threads go through it."""

from __future__ import annotations

import os

import pytest

from pytest_ssb.aws import Access
from pytest_ssb.environment import unhindered
from pytest_ssb.scheduler import Scheduler
from tests.support.worlds import session

TAKEN = "PYTEST_CURRENT_TEST"


class Hindered:
    """Goes through the environment; the first time the variable is taken away meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.missed: list[KeyError] = []

    def __call__(self) -> dict[str, str]:
        items = iter(os.environ.items())
        found = dict([next(items)])
        if not self.missed:
            self._monkeypatch.delenv(TAKEN)
        try:
            return found | dict(items)
        except KeyError as missed:
            self.missed.append(missed)
            raise


def test_who_misses_the_variable_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    look = Hindered(monkeypatch)
    assert unhindered(look) == dict(os.environ)
    assert [missed.args for missed in look.missed] == [(TAKEN,)]


def test_who_misses_anything_else_does_not() -> None:
    with pytest.raises(KeyError, match="SSB_NOBODY_SETS_IT"):
        unhindered(lambda: os.environ["SSB_NOBODY_SETS_IT"])


def test_a_client_that_is_made_just_then_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    look = Hindered(monkeypatch)
    monkeypatch.setattr("botocore.utils.getproxies", look)
    access = Access(session(), "live", "us-east-1", Scheduler(1), "test")
    assert access.call("ec2:DescribeVpcs", "eu-west-1", frozenset(), lambda client: client.meta.region_name) == "eu-west-1"
    assert len(look.missed) == 1
