"""The garbage collector: spared while a run lasts, and afterwards as it was."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from pytest_ssb.memory import SELDOM
from tests.support.runs import Runner

Thresholds = set[tuple[int, int, int]]


@pytest.fixture
def seen() -> Iterator[Thresholds]:
    """The thresholds in force whenever the collector was at work."""
    found: Thresholds = set()

    def note(phase: str, _: object) -> None:
        if phase == "start":
            found.add(gc.get_threshold())

    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)


def test_old_objects_are_gone_through_seldom_while_a_run_lasts(run: Runner, seen: Thresholds) -> None:
    young, middle, old = before = gc.get_threshold()
    assert old < SELDOM
    run("-m", "acct_06")
    assert (young, middle, SELDOM) in seen
    assert gc.get_threshold() == before


def test_what_a_run_kept_is_left_alone_until_the_next_begins(run: Runner) -> None:
    run("-m", "acct_06")
    run("-m", "acct_06", profile=None)
    assert gc.get_freeze_count() > 0
    run("--ssb-region", "nowhere-1")
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize("mistake", ["--ssb-region=nowhere-1", "--ssb-config=missing.toml"])
def test_a_run_that_cannot_begin_leaves_the_collector_as_it_was(run: Runner, seen: Thresholds, mistake: str) -> None:
    before = gc.get_threshold()
    assert run(mistake, profile="nobody").result.ret == pytest.ExitCode.USAGE_ERROR
    assert gc.get_threshold() == before
