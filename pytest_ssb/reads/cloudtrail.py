"""CloudTrail: the trails of all regions, whether they log and deliver, and which buckets hold their logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import msgspec

from pytest_ssb.errors import AwsError, NotOffered, UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.s3 import Bucket, PublicAccessBlock, may_be_open
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource


T = TypeVar("T")

TRAILS, STATUS = "cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus"
# What a member of an organization is told of the organization's trail where it is not shown it.
REFUSED = ("TrailNotFoundException", "CloudTrailARNInvalidException")


class Trail(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A trail (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html)."""

    arn: str
    name: str
    home_region: str
    bucket: str = msgspec.field(name="S3BucketName")
    # absent where logs are not put below a prefix
    prefix: str = msgspec.field(name="S3KeyPrefix", default="")
    is_multi_region_trail: bool
    include_global_service_events: bool
    has_custom_event_selectors: bool

    @property
    def owner(self) -> str:
        """The account that has it: of an organization's trail, the management account."""
        return self.arn.split(":")[4]

    @property
    def logs_below(self) -> str:
        """The prefix of its log files in the bucket."""
        return f"{self.prefix.strip('/')}/AWSLogs/".lstrip("/")


class ListedTrail(msgspec.Struct, frozen=True):
    """A trail of any region (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_TrailInfo.html)."""

    arn: str = msgspec.field(name="Arn")
    home_region: str = msgspec.field(name="HomeRegion")


@dataclass(frozen=True)
class TrailBuckets:
    """The names of the buckets that trails write to, or why they could not be told."""

    names: frozenset[str] = frozenset()
    unread: Exception | None = None

    def hold(self, bucket: Bucket) -> bool:
        """Whether some trail's logs are in it. Raises what kept us from knowing."""
        if self.unread is not None and bucket.name not in self.names:
            raise self.unread
        return bucket.name in self.names

    def known_to_hold(self, bucket: Bucket) -> bool:
        """Whether some trail's logs are in it, and all trails are known."""
        return self.unread is None and bucket.name in self.names

    def may_hold(self, bucket: Bucket) -> bool:
        """Whether some trail's logs are in it, or may be."""
        return self.unread is not None or bucket.name in self.names


@read(TRAILS, "cloudtrail:ListTrails", per="account")
def trail_buckets(aws: Aws, buckets: list[Bucket], bucket_public_access_blocks: PerResource[PublicAccessBlock]) -> TrailBuckets:
    """The buckets of all trails, those of one region and those that are stopped included; asked only where some bucket may be open."""
    if not any(may_be_open(bucket_public_access_blocks, bucket) for bucket in buckets):
        return TrailBuckets()
    names: set[str] = set()
    try:
        for trail in _every_trail(aws):
            names.add(trail.bucket)
    except (AwsError, NotOffered) as error:
        return TrailBuckets(frozenset(names), error)
    return TrailBuckets(frozenset(names))


def _every_trail(aws: Aws) -> Iterator[Trail]:
    # All multi-region and organization trails, and those of this region.
    described = trails_seen(aws, shadows=True)
    yield from described
    known = {trail.arn for trail in described}
    listed: list[ListedTrail] = aws.resources("cloudtrail:ListTrails", "Trails", ListedTrail, "{TrailARN}")
    for region in sorted({trail.home_region for trail in listed if trail.arn not in known}):
        yield from trails_seen(aws.in_region(region), shadows=False)


def trails_seen(aws: Aws, *, shadows: bool) -> list[Trail]:
    """The trails of the handle's region; with `shadows` those of all regions, and of the organization, too."""
    answer = aws.ask(TRAILS, includeShadowTrails=shadows)
    found: list[Trail] = aws.parse(TRAILS, answer["trailList"], Trail, "{TrailARN}")
    return found


@read(TRAILS, "cloudtrail:ListTrails", per="account")
def trails(aws: Aws) -> list[Trail]:
    """The trails whose logs the account's events go to: its own of every region, and its organization's."""
    return list({trail.arn: trail for trail in _every_trail(aws)}.values())


class TrailStatus(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether a trail logs and delivers (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html).

    `told_by` is the account that tells, where that is not the one that is judged.
    """

    is_logging: bool
    # absent, or empty, where the last delivery did not fail
    latest_delivery_error: str = ""
    # absent until something was delivered
    latest_delivery_time: datetime | None = None
    # absent until it was started
    start_logging_time: datetime | None = None
    told_by: str | None = None


def told_of(aws: Aws, trail: Trail, ask: Callable[[Aws, bool], T | None]) -> T | None:
    """What is told of a trail where it was made. Of an organization's, which may not be shown to its members, its own account tells if we get there.

    `ask(teller, unseen)` gives None where the trail is not shown to the teller, which is an answer only while `unseen`.
    """
    here = aws.in_region(trail.home_region)
    found = ask(here, trail.owner != aws.account)
    if found is not None:
        return found
    there = aws.through("organization_profile", trail.owner)
    return None if there is None else there.telling(lambda: ask(there.in_region(trail.home_region), False))


def _status(teller: Aws, trail: Trail, unseen: bool) -> TrailStatus | None:
    answer = teller.ask(STATUS, absent=REFUSED if unseen else (), Name=trail.arn)
    if answer is None:
        return None
    try:
        return msgspec.convert({**answer, "ToldBy": teller.told_by}, TrailStatus)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{STATUS} answered a status that we cannot read: {error}", STATUS) from None


@dataclass(frozen=True)
class TrailStatuses:
    """The status of each trail, None of an organization's trail that is not shown. What could not be read raises when it is asked for."""

    by_arn: dict[str, TrailStatus | None]
    of_all_regions: frozenset[str]
    unread: Exception | None  # why some trail could not be read at all

    def __getitem__(self, trail: Trail) -> TrailStatus | None:
        status = self.by_arn[trail.arn]
        if (error := error_of(status)) is not None:
            raise error
        return status

    def some_logs(self) -> bool:
        """Whether some trail of all regions logs. Raises where that hangs on one that could not be read."""
        found = [self.by_arn[arn] for arn in self.of_all_regions]
        if any(error_of(status) is None and status is not None and status.is_logging for status in found):
            return True
        for status in found:
            if (error := error_of(status)) is not None:
                raise error
        if self.unread is not None:
            raise self.unread
        return False


@read(
    STATUS,
    per="account",
    absent={
        f"{STATUS} LatestDeliveryError": "no error of S3 kept the log files from being delivered: "
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html",
    },
    through={"organization_profile": (STATUS,)},
)
def trail_statuses(aws: Aws, trails: list[Trail]) -> TrailStatuses:
    """Whether each trail logs, and whether its logs are delivered; asked where it was made, by its ARN."""

    def status(trail: Trail) -> TrailStatus | None:
        return told_of(aws, trail, lambda teller, unseen: _status(teller, trail, unseen))

    known = [trail for trail in trails if error_of(trail) is None]
    answers = aws.each(known, status)
    return TrailStatuses(
        {trail.arn: or_unread(lambda one=trail: answers[one]) for trail in known},  # type: ignore[misc]
        frozenset(trail.arn for trail in known if trail.is_multi_region_trail),
        next(filter(None, map(error_of, trails)), None),
    )
