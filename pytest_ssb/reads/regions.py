"""The regions in which a read of the whole account asks, one after the other's failure or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from pytest_ssb.errors import NotOffered, UnexpectedAnswer
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

REGIONS = "ec2:DescribeRegions"

T = TypeVar("T")


@dataclass(frozen=True)
class Region:
    """A region to ask in."""

    arn: str
    region: str


def enabled_regions(aws: Aws, profile: Profile) -> list[Region]:
    """All regions that are enabled and not denied on purpose, whichever are judged."""
    enabled = [each.get("RegionName") for each in aws.list(REGIONS, "Regions")]
    if not all(isinstance(name, str) and name for name in enabled):
        raise UnexpectedAnswer(f"{REGIONS} answered a region without RegionName", REGIONS)
    return [Region(f"region:{name}", name) for name in enabled if name not in profile.denied_regions]


def regions_of(aws: Aws, profile: Profile) -> list[Region]:
    """The regions that the profile names, else all that are enabled and not denied on purpose."""
    if profile.regions:
        return [Region(f"region:{name}", name) for name in profile.regions]
    return enabled_regions(aws, profile)


@dataclass(frozen=True)
class There(Generic[T]):
    """What was found in a region; unread, where that could not be asked."""

    region: str
    found: T


@dataclass(frozen=True)
class Everywhere(Generic[T]):
    """What was found in all regions together; and, by region, what could not be asked."""

    found: tuple[T, ...]
    unread: tuple[There[list[T]], ...]

    @property
    def is_empty(self) -> bool:
        """Whether it is known that there is none."""
        return not self.found and not self.unread


def in_each(aws: Aws, regions: Iterable[Region], ask: Callable[[Aws], list[T]]) -> Everywhere[T]:
    """What `ask` gives in each region, all asked at once; a region that lacks the service has none of it."""
    regions = list(regions)
    answers = aws.each(regions, lambda each: or_unread(lambda: ask(aws.in_region(each.region))))
    asked = [There(each.region, answers[each]) for each in regions]
    found = [one for there in asked if error_of(there.found) is None for one in there.found]
    unread = [there for there in asked if not isinstance(error_of(there.found), NotOffered | None)]
    return Everywhere(tuple(found), tuple(unread))
