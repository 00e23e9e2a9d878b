"""S3: the buckets that are websites, those that are origins or public on purpose, and whether plain HTTP gets at these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.policies import Statement
from pytest_ssb.reads.cloudfront import Uses
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.s3 import GONE, Bucket
from pytest_ssb.reads.s3_openings import names_everyone, policy_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource
    from pytest_ssb.profiles import Profile

WEBSITE, TAGS, POLICY = "s3:GetBucketWebsite", "s3:GetBucketTagging", "s3:GetBucketPolicy"


class Redirect(msgspec.Struct, frozen=True, rename="pascal"):
    """Where every request is sent."""

    # absent: as it was asked
    protocol: Literal["http", "https"] = "http"


class Website(msgspec.Struct, frozen=True, rename="pascal"):
    """A bucket's website (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketWebsite.html)."""

    # absent: it serves by itself
    redirect_all_requests_to: Redirect | None = None

    @property
    def to_https(self) -> bool:
        """Whether it does nothing but send to HTTPS."""
        return self.redirect_all_requests_to is not None and self.redirect_all_requests_to.protocol == "https"


@read(WEBSITE, per="account")
def bucket_websites(aws: Aws, buckets: list[Bucket]) -> PerResource[Website | None]:
    """The website of each bucket, None where it has none."""
    return aws.each(buckets, lambda bucket: _website(bucket.asked(aws), bucket))


def _website(s3: Aws, bucket: Bucket) -> Website | None:
    answer = s3.ask(WEBSITE, absent="NoSuchWebsiteConfiguration", gone=GONE, Bucket=bucket.name)
    try:
        return None if answer is None else msgspec.convert(answer, Website)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{WEBSITE} answered a website that we cannot read: {error}", WEBSITE) from None


@read(POLICY, per="account")
def plain_http_denied(
    aws: Aws, ssb_profile: Profile, buckets: list[Bucket], bucket_tags: PerResource[Mapping[str, str]]
) -> PerResource[tuple[str, bool] | None]:
    """Of each bucket that is public on purpose: which entry says so, and whether its policy denies what comes without TLS. None for the others."""
    return aws.each(buckets, lambda bucket: _denied(aws, ssb_profile, bucket, bucket_tags))


def _denied(aws: Aws, profile: Profile, bucket: Bucket, tags: PerResource[Mapping[str, str]]) -> tuple[str, bool] | None:
    entry = profile.buckets.public.match(bucket.arn, lambda: tags[bucket])
    return (entry, denies_plain_http(policy_of(bucket.asked(aws), bucket), bucket.arn)) if entry else None


def denies_plain_http(statements: Iterable[Statement], bucket: str) -> bool:
    """Whether some statement denies everyone to read any object without TLS, and nothing narrows it."""
    return any(
        not statement.allows
        and statement.principal is not None
        and names_everyone(statement)
        and statement.covers("s3:GetObject")
        and statement.resource is not None
        and statement.reaches(f"{bucket}/any/object")
        and statement.conditions() == [("bool", "aws:securetransport", {"false"})]
        for statement in statements
    )


class PublicOrigins:
    """Which of the buckets that CloudFront serves are public on purpose."""

    def __init__(self, partition: str, profile: Profile, tags: PerResource[Mapping[str, str]], known: Mapping[str, Bucket]) -> None:
        self._partition, self._profile, self._tags, self._known = partition, profile, tags, known

    def entry(self, bucket: str) -> str | None:
        """The entry of `buckets.public` that names a bucket, if any. Another account's tags are not seen."""
        ours = self._known.get(bucket)
        return self._profile.buckets.public.match(f"arn:{self._partition}:s3:::{bucket}", lambda: self._tags[ours] if ours else {})


@read(TAGS, per="account")
def public_origins(aws: Aws, ssb_profile: Profile, origins: Uses, buckets: list[Bucket]) -> PublicOrigins:
    """Which buckets that CloudFront serves are public on purpose; their tags are asked only where `buckets.public` names tags."""
    by_tag = any(entry.startswith("tag:") for entry in ssb_profile.buckets.public)
    served = {each.origin.bucket for each in origins if each.origin} if by_tag else set()
    known = {each.name: each for each in buckets if each.name in served} if served else {}

    def tags(bucket: Bucket) -> Mapping[str, str]:
        answer = bucket.asked(aws).ask(TAGS, absent="NoSuchTagSet", gone=GONE, Bucket=bucket.name)
        return {} if answer is None else {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    return PublicOrigins(aws.partition, ssb_profile, aws.each(known.values(), tags), known)
