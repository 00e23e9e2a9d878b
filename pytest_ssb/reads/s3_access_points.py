"""S3: access points, of one region and of several, and whether their policies let everyone in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pytest_ssb.errors import Undecided, UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.s3 import PublicAccessBlock
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

# Where multi-Region access points are managed, whatever their regions
# (https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRestrictions.html).
CONTROL_REGION = "us-west-2"
STATUS, GONE = "s3control:GetAccessPointPolicyStatus", "NoSuchAccessPoint"
MULTI_STATUS = "s3control:GetMultiRegionAccessPointPolicyStatus"


class AccessPoint(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """An access point (https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_AccessPoint.html)."""

    arn: str
    name: str
    bucket: str
    network_origin: Literal["Internet", "VPC"]
    # absent (endpoints that are not AWS): nobody knows whether our account's settings hold
    bucket_account_id: str | None = None


class RegionReport(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A bucket behind a multi-Region access point."""

    bucket: str
    region: str
    # absent (endpoints that are not AWS): nobody knows whether our account's settings hold
    bucket_account_id: str | None = None


class MultiRegionAccessPoint(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A multi-Region access point (https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_MultiRegionAccessPointReport.html)."""

    arn: str
    name: str
    status: Literal["READY", "INCONSISTENT_ACROSS_REGIONS", "CREATING", "PARTIALLY_CREATED", "PARTIALLY_DELETED", "DELETING"]
    public_access_block: PublicAccessBlock
    regions: tuple[RegionReport, ...]


@read("s3control:ListAccessPoints", per="region")
def access_points(aws: Aws, account_public_access_block: PublicAccessBlock) -> list[AccessPoint] | None:
    """The access points of the region; None, and not asked, where the account blocks all public access."""
    if _blocks_all(account_public_access_block):
        return None
    operation = "s3control:ListAccessPoints"
    found: list[AccessPoint] = aws.resources(operation, "AccessPointList", AccessPoint, "{AccessPointArn}", AccountId=aws.account, MaxResults=1000)
    # AWS tells of the region's own; moto of all, wherever it is asked.
    return [point for point in found if point.arn.split(":")[3] == aws.region]


@read("s3control:ListMultiRegionAccessPoints", per="account")
def multi_region_access_points(aws: Aws, account_public_access_block: PublicAccessBlock) -> list[MultiRegionAccessPoint]:
    """The account's multi-Region access points; not asked where the account blocks all public access."""
    if _blocks_all(account_public_access_block):
        return []
    if aws.partition != "aws":
        # A block that could not be read is the cause that can be mended.
        raise error_of(account_public_access_block) or Undecided(
            f"where the partition {aws.partition} has multi-Region access points is not known; the account's own block would settle it"
        )
    operation = "s3control:ListMultiRegionAccessPoints"
    arn = "arn:{partition}:s3::{account}:accesspoint/{Alias}"
    there = aws.in_region(CONTROL_REGION)
    found: list[MultiRegionAccessPoint] = there.resources(operation, "AccessPoints", MultiRegionAccessPoint, arn, AccountId=aws.account)
    return [point for point in found if error_of(point) or point.status != "DELETING"]


@read(per="region")
def region_multi_region_access_points(aws: Aws, multi_region_access_points: list[MultiRegionAccessPoint]) -> list[MultiRegionAccessPoint]:
    """Those multi-Region access points that have a bucket in the region."""
    return [point for point in multi_region_access_points if error_of(point) or aws.region in [report.region for report in point.regions]]


@read("s3control:GetAccessPoint", STATUS, per="region")
def public_access_points(aws: Aws, account_public_access_block: PublicAccessBlock, access_points: list[AccessPoint] | None) -> PerResource[bool]:
    """Whether each access point lets everyone in. Those for a VPC alone, or whose own settings restrict it, are not asked for their policy."""

    def public(point: AccessPoint) -> bool:
        if point.network_origin == "VPC":
            return False
        settings = aws.ask("s3control:GetAccessPoint", gone=GONE, AccountId=aws.account, Name=point.name).get("PublicAccessBlockConfiguration")
        return _public(
            PublicAccessBlock.of("s3control:GetAccessPoint", settings),
            _of_owner(aws, account_public_access_block, {point.bucket_account_id}),
            lambda: aws.ask(STATUS, absent="NoSuchAccessPointPolicy", gone=GONE, AccountId=aws.account, Name=point.name),
            STATUS,
            "PolicyStatus",
        )

    return aws.each(access_points or [], public)


@read(MULTI_STATUS, per="account")
def public_multi_region_access_points(
    aws: Aws, account_public_access_block: PublicAccessBlock, multi_region_access_points: list[MultiRegionAccessPoint]
) -> PerResource[bool]:
    """Whether each multi-Region access point lets everyone in."""
    there = aws.in_region(CONTROL_REGION)

    def public(point: MultiRegionAccessPoint) -> bool:
        return _public(
            point.public_access_block,
            _of_owner(aws, account_public_access_block, {report.bucket_account_id for report in point.regions}),
            lambda: there.ask(
                MULTI_STATUS,
                absent="NoSuchMultiRegionAccessPointPolicy",
                gone="NoSuchMultiRegionAccessPoint",
                AccountId=aws.account,
                Name=point.name,
            ),
            MULTI_STATUS,
            "Established",
        )

    return there.each(multi_region_access_points, public)


def _of_owner(aws: Aws, account_public_access_block: PublicAccessBlock, owners: set[str | None]) -> PublicAccessBlock | None:
    """What the account of the buckets blocks, None where that is another's to know. An owner that is not named is taken for ours, but for the better."""
    if owners - {aws.account, None}:
        return None
    if None in owners and error_of(account_public_access_block) is None and account_public_access_block.restrict_public_buckets:
        ours: PublicAccessBlock = unread(UnexpectedAnswer("s3control answered an access point without BucketAccountId", "s3control:ListAccessPoints"))
        return ours
    return account_public_access_block


def _public(own: PublicAccessBlock, account: PublicAccessBlock | None, policy_status: Any, operation: str, key: str) -> bool:
    """Whether everyone gets in: the policy says so, and neither the access point nor the account of its buckets, if it is ours, restricts it."""
    if own.restrict_public_buckets or (account is not None and error_of(account) is None and account.restrict_public_buckets):
        return False
    answer = policy_status()
    if answer is None:
        return False
    status = answer.get(key, {}).get("IsPublic")
    if not isinstance(status, bool):
        raise UnexpectedAnswer(f"{operation} answered without IsPublic", operation)
    return status and not (account is not None and account.restrict_public_buckets)


def _blocks_all(account: PublicAccessBlock) -> bool:
    return error_of(account) is None and account.complete
