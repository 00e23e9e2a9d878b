"""S3: the general purpose buckets, and what blocks public access to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import msgspec

from pytest_ssb.errors import AwsError, NotOffered, UnexpectedAnswer, Vanished
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource
    from pytest_ssb.profiles import Profile

BLOCK, ACCOUNT_BLOCK, NO_BLOCK = "s3:GetPublicAccessBlock", "s3control:GetPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration"
GONE = "NoSuchBucket"
LISTING = ("s3:ListBuckets", "s3:GetBucketLocation")


class PublicAccessBlock(msgspec.Struct, frozen=True, rename="pascal"):
    """The four settings (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html)."""

    block_public_acls: bool
    ignore_public_acls: bool
    block_public_policy: bool
    restrict_public_buckets: bool

    def __or__(self, other: PublicAccessBlock) -> PublicAccessBlock:
        """What applies where both are set: S3 takes the stricter of each setting."""
        return PublicAccessBlock(**{name: getattr(self, name) or getattr(other, name) for name in self.__struct_fields__})

    @property
    def settings(self) -> dict[str, bool]:
        """The settings by AWS's names."""
        return {name: getattr(self, field) for field, name in zip(self.__struct_fields__, self.__struct_encode_fields__, strict=True)}

    @property
    def missing(self) -> tuple[str, ...]:
        """The settings that are off."""
        return tuple(name for name, on in self.settings.items() if not on)

    @property
    def complete(self) -> bool:
        """Whether all four are on."""
        return not self.missing

    @classmethod
    def of(cls, operation: str, settings: Any) -> Self:
        """The settings as AWS answers them, all four each time."""
        try:
            return msgspec.convert(settings, cls)
        except msgspec.ValidationError as error:
            raise UnexpectedAnswer(f"{operation} answered public access settings that we cannot read: {error}", operation) from None


NOTHING = PublicAccessBlock(False, False, False, False)


@dataclass(frozen=True)
class Bucket:
    """A general purpose bucket. `region` is None where `unplaced` says why it could not be told."""

    arn: str
    name: str
    region: str | None
    unplaced: AwsError | NotOffered | Vanished | None = None

    def asked(self, aws: Aws) -> Aws:
        """A handle that asks in the bucket's own region."""
        if self.region is None:
            raise self.unplaced or UnexpectedAnswer("s3:ListBuckets answered a bucket without BucketRegion", "s3:ListBuckets")
        return aws.in_region(self.region)


@read(ACCOUNT_BLOCK, per="account")
def account_public_access_block(aws: Aws) -> PublicAccessBlock:
    """What is blocked for every bucket of the account, by itself or its organization; all off where nothing was ever set."""
    answer = aws.ask(ACCOUNT_BLOCK, absent=NO_BLOCK, AccountId=aws.account)
    return NOTHING if answer is None else PublicAccessBlock.of(ACCOUNT_BLOCK, answer.get("PublicAccessBlockConfiguration"))


@read(
    *LISTING,
    per="account",
    absent={"s3:GetBucketLocation LocationConstraint": "us-east-1 (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html)"},
)
def buckets(aws: Aws) -> list[Bucket]:
    """The general purpose buckets of the account, with their regions. Directory and table buckets are not among them."""
    return listed_buckets(aws)


def listed_buckets(aws: Aws) -> list[Bucket]:
    """The buckets of the handle's account; a read that asks it declares `LISTING`."""
    # Only a request with a parameter is answered with the regions.
    listed = aws.list("s3:ListBuckets", "Buckets", MaxBuckets=1000)
    if not all(isinstance(raw["Name"], str) for raw in listed):
        raise UnexpectedAnswer("s3:ListBuckets answered a bucket without Name", "s3:ListBuckets")
    found = [Bucket(f"arn:{aws.partition}:s3:::{raw['Name']}", raw["Name"], raw.get("BucketRegion") or None) for raw in listed]
    # An endpoint that is not AWS may not know of BucketRegion: it is asked for each.
    places = aws.each([bucket for bucket in found if bucket.region is None], lambda bucket: _region(aws, bucket))
    return [bucket for bucket in (_placed(bucket, places) for bucket in found) if not isinstance(bucket.unplaced, Vanished)]


def _placed(bucket: Bucket, places: PerResource[str]) -> Bucket:
    if bucket.region is not None:
        return bucket
    try:
        return Bucket(bucket.arn, bucket.name, places[bucket])
    except (AwsError, NotOffered, Vanished) as error:
        return Bucket(bucket.arn, bucket.name, None, error)


def _region(aws: Aws, bucket: Bucket) -> str:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html: null is us-east-1, EU is an old name of eu-west-1."""
    place = aws.ask("s3:GetBucketLocation", gone=GONE, Bucket=bucket.name).get("LocationConstraint") or None
    if place is None and aws.partition != "aws":
        raise UnexpectedAnswer("s3:GetBucketLocation answered a bucket without LocationConstraint", "s3:GetBucketLocation")
    return {None: "us-east-1", "EU": "eu-west-1"}.get(place) or str(place)


@read(BLOCK, per="account")
def bucket_public_access_blocks(aws: Aws, buckets: list[Bucket], account_public_access_block: PublicAccessBlock) -> PerResource[PublicAccessBlock]:
    """What is blocked for each bucket, by itself or its account; the bucket is not asked where the account's four are on."""
    return aws.each(buckets, lambda bucket: effective_block(aws, bucket, account_public_access_block))


def effective_block(aws: Aws, bucket: Bucket, of_account: PublicAccessBlock) -> PublicAccessBlock:
    """What is blocked for one bucket; a read that asks it declares `s3:GetPublicAccessBlock`."""
    placed = bucket.asked(aws)  # where it lives is a part of what is said of it, so that nothing is said without
    if error_of(of_account) is None and of_account.complete:
        return of_account
    own = _own_block(placed, bucket)
    return own if own.complete else own | of_account


def _own_block(placed: Aws, bucket: Bucket) -> PublicAccessBlock:
    answer = placed.ask(BLOCK, absent=NO_BLOCK, gone=GONE, Bucket=bucket.name)
    return NOTHING if answer is None else PublicAccessBlock.of(BLOCK, answer.get("PublicAccessBlockConfiguration"))


@read(*LISTING, BLOCK, per="account")
def buckets_block_themselves(aws: Aws, ssb_profile: Profile, account_public_access_block: PublicAccessBlock) -> bool | None:
    """Whether every bucket is known to block all public access by itself; None, and not asked, where the account does or is said to have public ones."""
    if account_public_access_block.complete or ssb_profile.buckets.public:
        return None
    try:
        found = listed_buckets(aws)
        blocks = aws.each(found, lambda bucket: _own_block(bucket.asked(aws), bucket))
        return all(_blocks_itself(blocks, bucket) for bucket in found)
    except (AwsError, NotOffered):
        return False


def _blocks_itself(blocks: PerResource[PublicAccessBlock], bucket: Bucket) -> bool:
    try:
        return blocks[bucket].complete
    except Vanished:
        return True


def may_be_open(blocks: PerResource[PublicAccessBlock], bucket: Bucket) -> bool:
    """Whether some setting is off for a bucket, or may be."""
    try:
        return not blocks[bucket].complete
    except (AwsError, NotOffered, Vanished):
        return True


@read("s3:GetBucketTagging", per="account")
def bucket_tags(
    aws: Aws, ssb_profile: Profile, buckets: list[Bucket], bucket_public_access_blocks: PerResource[PublicAccessBlock]
) -> PerResource[Mapping[str, str]]:
    """The tags of the buckets that may be public, asked only where `buckets.public` names tags."""
    by_tag = any(entry.startswith("tag:") for entry in ssb_profile.buckets.public)

    def tags(bucket: Bucket) -> Mapping[str, str]:
        if not by_tag or not may_be_open(bucket_public_access_blocks, bucket):
            return {}
        answer = bucket.asked(aws).ask("s3:GetBucketTagging", absent="NoSuchTagSet", gone=GONE, Bucket=bucket.name)
        return {} if answer is None else {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    return aws.each(buckets, tags)
