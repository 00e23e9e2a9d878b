"""Which part of a run this machine takes, `--ssb-shard 3/10`: every target falls to just one shard, the same on each machine and every night."""

from __future__ import annotations

import re
from collections.abc import Collection

from pytest_ssb.errors import UserError
from pytest_ssb.results import Shard
from pytest_ssb.targets import Target

# What is dealt: an account, or a region of it. Two profiles may reach one account, and what they judge of it belongs together.
Place = tuple[str, str | None]


def shard_of(given: str | None) -> Shard | None:
    """What the option says, None if it is not given. Raises UserError for what is no shard."""
    if given is None:
        return None
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", given)
    if found is None:
        raise UserError(f"--ssb-shard: {given!r} is no shard; write --ssb-shard 3/10 for the third of ten")
    number, of = map(int, found.groups())
    if not 1 <= number <= of:
        zero = "; shards count from 1" if number == 0 and of else ""
        raise UserError(f"--ssb-shard: {given!r} is none of {of} shards{zero}; write --ssb-shard 3/10 for the third of ten")
    return Shard(number=number, of=of)


def dealt(targets: Collection[Target], of: int) -> dict[Place, int]:
    """The shard, from 1, of every place of a run. What is selected of it makes no difference."""
    places = {place_of(target) for target in targets}
    shards = {unit: number % of + 1 for number, unit in enumerate(units(targets, of))}
    return {place: shards[place] if place in shards else shards[place[0], None] for place in places}


def units(targets: Collection[Target], of: int) -> list[Place]:
    """What is dealt out, in that order: whole accounts, by their ids, if there are at least as many as shards.

    With fewer, each account as such comes first, which is where most is judged, and then their regions one by one.
    """
    places = {place_of(target) for target in targets}
    accounts = {account for account, _ in places}
    if len(accounts) >= of:
        return [(account, None) for account in sorted(accounts)]
    return sorted(places, key=lambda place: (place[1] is not None, place[0], place[1] or ""))


def place_of(target: Target) -> Place:
    """What of a target decides to which shard it falls."""
    return target.account, target.region


def written(place: Place) -> str:
    """A place as the findings file has it: `123456789012/eu-west-1`."""
    return "/".join(filter(None, place))
