"""A run's shard: which of the selected tests this machine runs, and which accounts and regions are its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import msgspec
import pytest

from pytest_ssb.results import AccountRow, Shard
from pytest_ssb.shards import Place, dealt, place_of, units, written
from pytest_ssb.targets import Target


class Sharding:
    """Deals a run's targets.

    `dealt` counts the tests that were there to be dealt out: with none, nothing was selected on any machine. `selected` has the checks of all machines.
    """

    def __init__(self, shard: Shard | None, targets: Callable[[], Collection[Target]]) -> None:
        self._shard = shard
        self._targets = targets
        self._places: dict[Place, int] | None = None
        self.dealt = 0
        self.selected: dict[Target, set[str]] = {}

    def _dealt(self) -> dict[Place, int]:
        if self._places is None:
            assert self._shard is not None
            self._places = dealt(self._targets(), self._shard.of)
        return self._places

    def keep(self, config: pytest.Config, items: list[pytest.Item], about: Callable[[pytest.Item], tuple[Target, str] | None]) -> None:
        """Deselect what falls to other shards. `about` gives a test's target and check; one without, the user's own, is run by the first."""
        if self._shard is None:
            return
        self.dealt += len(items)
        mine: list[pytest.Item] = []
        others: list[pytest.Item] = []
        for item in items:
            known = about(item)
            number = 1
            if known is not None:
                target, check = known
                self.selected.setdefault(target, set()).add(check)
                number = self._dealt()[place_of(target)]
            (mine if number == self._shard.number else others).append(item)
        if others:
            config.hook.pytest_deselected(items=others)
            items[:] = mine

    def told(self) -> dict[str, Any]:
        """What a worker tells the controller, which collects nothing, as plain data."""
        selected = [[msgspec.to_builtins(target), sorted(checks)] for target, checks in self.selected.items()]
        return {"dealt": self.dealt, "selected": selected}

    def learn(self, told: Mapping[str, Any]) -> None:
        """Take what a worker was told: each of them collects the same."""
        self.dealt = told["dealt"]
        self.selected = {msgspec.convert(target, Target): set(checks) for target, checks in told["selected"]}

    def header(self) -> list[str]:
        """A line on what falls to this shard, if there is one."""
        if self._shard is None:
            return []
        mine = [unit for unit in units(self._targets(), self._shard.of) if self._dealt()[unit] == self._shard.number]
        return [f"shard {self._shard.number} of {self._shard.of}: {', '.join(map(written, mine)) if mine else 'no account or region'}"]

    def own(self, rows: Iterable[AccountRow]) -> tuple[AccountRow, ...]:
        """The accounts, and of each the regions, that fall to this shard; all of them where there are none."""
        if self._shard is None:
            return tuple(rows)
        mine = {place for place, number in self._dealt().items() if number == self._shard.number}
        accounts = {account for account, _ in mine}
        return tuple(
            msgspec.structs.replace(row, regions=tuple(region for region in row.regions if (row.id, region) in mine))
            for row in rows
            if row.id in accounts
        )

    def units(self) -> tuple[str, ...]:
        """What was dealt out, as the findings file has it: the same on every machine, or the shards do not make up one run."""
        assert self._shard is not None
        return tuple(written(unit) for unit in units(self._targets(), self._shard.of))
