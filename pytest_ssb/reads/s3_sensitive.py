"""S3: which buckets, or parts of them, hold sensitive data: by the profile's names and tags, and by what Macie found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.errors import AwsError, NotOffered, UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.s3 import Bucket
from pytest_ssb.selectors import BucketPlaces

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

TAGGED, SESSION, FOUND = "resourcegroupstaggingapi:GetResources", "macie2:GetMacieSession", "macie2:DescribeBuckets"
# 50 is the score of a bucket that was not looked at yet: https://docs.aws.amazon.com/macie/latest/user/discovery-scoring-s3.html
UNKNOWN_SCORE = 50


@dataclass(frozen=True)
class Place:
    """A bucket, or what is below a prefix of it, that holds sensitive data, and who says so."""

    bucket: Bucket
    prefix: str
    by: str

    @property
    def arn(self) -> str:
        """The bucket's ARN."""
        return self.bucket.arn

    @property
    def objects(self) -> str:
        """What the ARNs of its objects begin with."""
        return f"{self.bucket.arn}/{self.prefix}"

    @property
    def region(self) -> str:
        """Where the bucket is. Raises why that could not be told."""
        if self.bucket.region is None:
            raise self.bucket.unplaced or UnexpectedAnswer("s3:ListBuckets answered a bucket without BucketRegion", "s3:ListBuckets")
        return self.bucket.region

    def __str__(self) -> str:
        return self.objects.partition(":::")[2].rstrip("/")


@dataclass(frozen=True)
class SensitiveBuckets:
    """The places that hold sensitive data, and the names that the profile gives to none of the account's buckets."""

    places: tuple[Place, ...]
    missing: tuple[str, ...]
    any_buckets: bool
    unread: Exception | None  # why more of them may be sensitive

    def settle(self) -> None:
        """Raise what kept us from knowing whether there are more."""
        if self.unread is not None:
            raise self.unread


class Session(msgspec.Struct, frozen=True, rename="camel"):
    """Whether Macie works (https://docs.aws.amazon.com/macie/latest/APIReference/macie.html)."""

    status: Literal["PAUSED", "ENABLED"]


class Scored(msgspec.Struct, frozen=True, rename="camel"):
    """A bucket as Macie sees it (https://docs.aws.amazon.com/macie/latest/APIReference/datasources-s3.html)."""

    bucket_name: str
    sensitivity_score: int


@read(TAGGED, SESSION, FOUND, per="account")
def sensitive_buckets(aws: Aws, ssb_profile: Profile, buckets: list[Bucket]) -> SensitiveBuckets:
    """What holds sensitive data; Macie is asked unless the profile says no, tags only where the profile names some."""
    entries = ssb_profile.buckets.sensitive
    named = BucketPlaces([each for each in entries or () if not each.startswith("tag:")], key="buckets.sensitive")
    tagged = BucketPlaces([each for each in entries or () if each.startswith("tag:")], key="buckets.sensitive")
    regions = sorted({bucket.region for bucket in buckets if bucket.region})
    unread: Exception | None = next((bucket.unplaced for bucket in buckets if bucket.unplaced), None)
    tags: Mapping[str, Mapping[str, str]] = {}
    found: Mapping[str, str] = {}
    if tagged:
        try:
            tags = _tags(aws, regions)
        except (AwsError, NotOffered) as error:
            unread = error
    if ssb_profile.buckets.use_macie:
        try:
            found = dict.fromkeys(_found_by_macie(aws, regions), "Macie")
        except AwsError as error:
            unread = error
    places: list[Place] = []
    for bucket in buckets:
        said = [*named.matching(bucket.arn), *tagged.matching(bucket.arn, tags.get(bucket.arn, {}))]
        whole = next((each for each in said if not BucketPlaces.split(each)[1]), None) or found.get(bucket.name)
        if whole:
            places.append(Place(bucket, "", whole))
        else:
            places += [Place(bucket, BucketPlaces.split(each)[1], each) for each in dict.fromkeys(said)]
    names = {bucket.name for bucket in buckets}
    missing = [name for name in map(_plain_name, named) if name is not None and name not in names]
    return SensitiveBuckets(tuple(places), tuple(dict.fromkeys(missing)), bool(buckets), unread)


def _plain_name(entry: str) -> str | None:
    name = BucketPlaces.split(entry)[0]
    return None if name.startswith("arn:") or "*" in name or "?" in name else name


def _tags(aws: Aws, regions: Iterable[str]) -> dict[str, dict[str, str]]:
    """The tags of the buckets that have some, by ARN."""
    found: dict[str, dict[str, str]] = {}
    for region in regions:
        for tagged in aws.in_region(region).list(TAGGED, "ResourceTagMappingList", ResourceTypeFilters=["s3"]):
            try:
                found[tagged["ResourceARN"]] = {tag["Key"]: tag["Value"] for tag in tagged["Tags"]}
            except (KeyError, TypeError):
                raise UnexpectedAnswer(f"{TAGGED} answered a resource that we cannot read", TAGGED) from None
    if not all(isinstance(text, str) for arn, tags in found.items() for text in (arn, *tags, *tags.values())):
        raise UnexpectedAnswer(f"{TAGGED} answered a resource that we cannot read", TAGGED)
    return found


def _found_by_macie(aws: Aws, regions: Iterable[str]) -> set[str]:
    """The names of the buckets in which Macie found sensitive data, in the regions where it is on."""
    found: set[str] = set()
    for region in regions:
        here = aws.in_region(region)
        try:
            session = here.ask(SESSION, absent="NotEnabled")
            if session is None or msgspec.convert(session, Session).status == "PAUSED":
                continue
            raws = here.list(FOUND, "buckets", criteria={"sensitivityScore": {"gt": UNKNOWN_SCORE}})
            scored = msgspec.convert(raws, list[Scored])
        except NotOffered:
            continue
        except msgspec.ValidationError as error:
            raise UnexpectedAnswer(f"{FOUND} answered what we cannot read: {error}", FOUND) from None
        found |= {each.bucket_name for each in scored if each.sensitivity_score > UNKNOWN_SCORE}
    return found
