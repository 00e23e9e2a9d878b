"""The regions in which a read of the whole account asks, one after the other's failure or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_ssb.errors import UnexpectedAnswer

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

REGIONS = "ec2:DescribeRegions"


@dataclass(frozen=True)
class Region:
    """A region to ask in."""

    arn: str
    region: str


def regions_of(aws: Aws, profile: Profile) -> list[Region]:
    """The regions that the profile names, else all that are enabled and not denied on purpose."""
    if profile.regions:
        return [Region(f"region:{name}", name) for name in profile.regions]
    enabled = [each.get("RegionName") for each in aws.list(REGIONS, "Regions")]
    if not all(isinstance(name, str) and name for name in enabled):
        raise UnexpectedAnswer(f"{REGIONS} answered a region without RegionName", REGIONS)
    return [Region(f"region:{name}", name) for name in enabled if name not in profile.denied_regions]
