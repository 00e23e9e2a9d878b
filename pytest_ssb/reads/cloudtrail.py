"""CloudTrail: which buckets hold the logs of trails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.errors import AwsError, NotOffered
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.s3 import Bucket, PublicAccessBlock, may_be_open

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """A trail (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html)."""

    arn: str = msgspec.field(name="Arn")
    bucket: str = msgspec.field(name="S3BucketName")


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

    def may_hold(self, bucket: Bucket) -> bool:
        """Whether some trail's logs are in it, or may be."""
        return self.unread is not None or bucket.name in self.names


@read("cloudtrail:DescribeTrails", "cloudtrail:ListTrails", per="account")
def trail_buckets(aws: Aws, buckets: list[Bucket], bucket_public_access_blocks: PerResource[PublicAccessBlock]) -> TrailBuckets:
    """The buckets of all trails, those of one region and those that are stopped included; asked only where some bucket may be open."""
    if not any(may_be_open(bucket_public_access_blocks, bucket) for bucket in buckets):
        return TrailBuckets()
    names: set[str] = set()
    try:
        # All multi-region and organization trails, and those of this region.
        described = _trails(aws, shadows=True)
        names |= {trail.bucket for trail in described}
        known = {trail.arn for trail in described}
        listed: list[ListedTrail] = aws.resources("cloudtrail:ListTrails", "Trails", ListedTrail, "{TrailARN}")
        for region in sorted({trail.home_region for trail in listed if trail.arn not in known}):
            names |= {trail.bucket for trail in _trails(aws.in_region(region), shadows=False)}
    except (AwsError, NotOffered) as error:
        return TrailBuckets(frozenset(names), error)
    return TrailBuckets(frozenset(names))


def _trails(aws: Aws, *, shadows: bool) -> list[Trail]:
    answer = aws.ask("cloudtrail:DescribeTrails", includeShadowTrails=shadows)
    found: list[Trail] = aws.parse("cloudtrail:DescribeTrails", answer["trailList"], Trail, "{TrailARN}")
    return found
