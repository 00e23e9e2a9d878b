"""Accounts take turns: few are being read at a time, and who is done is let go."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from pytest_ssb.targets import AccountKey, Target
from pytest_ssb.turns import Turns, Wanted

A, B, C = (Target("acme", id * 12, "aws", several=True) for id in "123")


class World:
    """Reads that end when they are told to."""

    def __init__(self) -> None:
        self.started: dict[Target, list[Future[Any]]] = {}
        self.done: list[AccountKey] = []

    def start(self, wanted: Sequence[Wanted]) -> list[Future[Any]]:
        for target, names in wanted:
            self.started[target] = [Future() for _ in names]
        return [future for target, _ in wanted for future in self.started[target]]

    def end(self, target: Target, number: int = 0) -> None:
        self.started[target][number].set_result(None)


def test_the_next_account_is_started_when_few_reads_are_left() -> None:
    world = World()
    turns = Turns([(A, "ab"), (B, "ab"), (A.in_region("eu-west-1"), "a"), (C, "a")], world.start, world.done.append, ahead=3)
    turns.go_on()
    assert list(world.started) == [A, A.in_region("eu-west-1")]  # an account with its regions, whatever comes between
    world.end(A)
    assert list(world.started) == [A, A.in_region("eu-west-1"), B]
    world.end(A, 1)
    world.end(A.in_region("eu-west-1"))
    assert (list(world.started)[3:], world.done) == ([C], [A.key])
    world.end(C)
    world.end(B)
    assert world.done == [A.key, C.key]
    world.end(B, 1)
    assert world.done == [A.key, C.key, B.key]


def test_accounts_of_few_reads_are_asked_together() -> None:
    world = World()
    Turns([(A, "a"), (B, ""), (C, "a")], world.start, world.done.append, ahead=3).go_on()
    assert (list(world.started), world.done) == ([A, B, C], [B.key])


def test_a_run_that_ends_early_starts_no_more() -> None:
    world = World()
    turns = Turns([(A, "a"), (B, "a")], world.start, world.done.append, ahead=1)
    turns.go_on()
    turns.stop()
    world.end(A)
    assert (list(world.started), world.done) == ([A], [A.key])
