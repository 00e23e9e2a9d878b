"""What the user wrote and what became of it: nothing in the config file is ignored without a word."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from pytest_ssb import suites
from pytest_ssb.keys import keys_of
from pytest_ssb.profiles import Profile
from pytest_ssb.selectors import Entries

# What is read before any check: how the account is reached, and what is judged of it.
ACCESS = frozenset(
    {
        "accounts",
        "aws_profile",
        "denied_regions",
        "environment",
        "exclude_accounts",
        "extended",
        "external_id",
        "organization",
        "own_checks",
        "regions",
        "role_arn",
        "role_name",
        "role_session_name",
    }
)


def facts_of_checks() -> frozenset[str]:
    """The keys that some check looks at, beside those of access and selection."""
    return frozenset(key for found in suites.shipped().values() for key in found.check.facts)


def unused(profile: Profile, consulted: Collection[str], matched: Collection[tuple[str, str]]) -> Iterator[str]:
    """The entries that name or exempt something, and were looked at in this run, but meant nothing that was there: `buckets.public = acme-old`."""
    for key in keys_of(Profile):
        if key.said.kind == "d" and key.path in consulted and key.path in profile.given and key.path != "denied_regions":
            for label in _labels(_value(profile, key.path)):
                if (key.path, label) not in matched:
                    yield f"{key.path} = {label} matched nothing"


def not_read(profile: Profile) -> Iterator[str]:
    """What the profile holds and this version does not act on."""
    for path in sorted(profile.given - facts_of_checks() - ACCESS):
        if path not in ("waivers", "declarations", "minutes"):
            yield f"{path} is read by no check of this version"


def _value(profile: Profile, path: str) -> Any:
    value: Any = profile
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _labels(value: Any) -> Iterator[str]:
    if isinstance(value, Entries):
        yield from (value.label(entry) for entry in value)
    elif isinstance(value, tuple):
        yield from (entry.label for entry in value)
    elif isinstance(value, str):
        yield value
