"""What every read that looks for secrets gives: where they are in each resource. Values stay in the read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_ssb.errors import AwsError, NotOffered, Undecided, Vanished
from pytest_ssb.secrets.search import Found, Search
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.profiles import Profile


class Hidden(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that may hold secrets: nothing of it is shown where it stands in a message."""

    def __repr__(self) -> str:
        return type(self).__name__


class Variable(Hidden, frozen=True, kw_only=True):
    """A variable, as ECS, CodeBuild and Batch tell it."""

    name: str
    value: str


@dataclass(frozen=True)
class Holder:
    """A resource that was looked into. `note` is what is said of it where it passes, `manager` the service that owns it.

    `rest` is why a part of it was not looked into, where what was found in the others is enough for it to fail.
    """

    arn: str
    name: str
    found: Found
    note: str | None = None
    manager: str | None = None
    rest: Exception | None = None

    def whole(self) -> None:
        """Raise what kept us from looking into all of it."""
        if self.rest is not None:
            raise self.rest


def search_for(profile: Profile) -> Search:
    """The search that lets through what the user has declared harmless."""
    return Search(profile.secrets.harmless_names, profile.secrets.harmless_values)


def held(resources: Iterable[Any], look: Callable[[Any], Holder]) -> list[Holder]:
    """Each resource, looked into; what could not be read of one stands for it alone."""
    return [_held(resource, look) for resource in resources]


def _held(resource: Any, look: Callable[[Any], Holder]) -> Holder:
    error = error_of(resource)
    if error is None:
        try:
            return look(resource)
        except (AwsError, NotOffered, Undecided, Vanished) as raised:
            error = raised
    unreadable: Holder = unread(error, resource.arn)
    return unreadable
