"""EBS: encryption by default and its key, volumes, snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.errors import AwsError, NotOffered, UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

VOLUMES, SNAPSHOTS = "ec2:DescribeVolumes", "ec2:DescribeSnapshots"
# IAM's resource type has no account (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html).
SNAPSHOT_ARN = "arn:{partition}:ec2:{region}::snapshot/{SnapshotId}"


class EncryptionByDefault(msgspec.Struct, frozen=True, rename="pascal"):
    """A region's setting (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetEbsEncryptionByDefault.html)."""

    arn: str
    enabled: bool = msgspec.field(name="EbsEncryptionByDefault")


class DefaultKey(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """The key of a region's encryption by default (https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html)."""

    arn: str
    key_state: Literal[
        "Creating", "Enabled", "Disabled", "PendingDeletion", "PendingImport", "PendingReplicaDeletion", "Unavailable", "Updating", "NotFound"
    ]
    key_manager: Literal["AWS", "CUSTOMER"]

    @property
    def usable(self) -> bool:
        """Whether it encrypts (https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html)."""
        return self.key_state in ("Enabled", "Updating")


class Operator(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A service that manages a resource for its owner (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_OperatorResponse.html)."""

    managed: bool
    # absent where nobody manages it
    principal: str | None = None


class Managed(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a service may manage for its owner, who cannot change it then."""

    # absent (endpoints that are not AWS): nobody manages it
    operator: Operator | None = None

    @property
    def manager(self) -> str | None:
        """The service that manages it: `eks.amazonaws.com`."""
        return (self.operator.principal or "a service") if self.operator and self.operator.managed else None


class Volume(Managed, frozen=True, kw_only=True, rename="pascal"):
    """A volume (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Volume.html)."""

    arn: str
    encrypted: bool
    state: Literal["creating", "available", "in-use", "deleting", "deleted", "error"]


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A snapshot (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Snapshot.html)."""

    arn: str
    snapshot_id: str
    encrypted: bool
    state: Literal["pending", "completed", "error", "recoverable", "recovering"]


@read("ec2:GetEbsEncryptionByDefault", per="region")
def ebs_encryption_by_default(aws: Aws) -> EncryptionByDefault:
    """Whether new volumes of the region are encrypted, whatever is asked when they are made."""
    operation = "ec2:GetEbsEncryptionByDefault"
    (found,) = aws.parse(operation, [aws.ask(operation)], EncryptionByDefault, "arn:{partition}:account::{account}:account")
    setting: EncryptionByDefault = found
    return setting


@read("ec2:GetEbsDefaultKmsKeyId", "kms:DescribeKey", per="region")
def ebs_default_key(aws: Aws, ebs_encryption_by_default: EncryptionByDefault) -> DefaultKey | None:
    """The key of encryption by default; None, and not asked, where that is off. AWS's own key for EBS is not looked at: it cannot be switched off."""
    if not ebs_encryption_by_default.enabled:
        return None
    key = aws.ask("ec2:GetEbsDefaultKmsKeyId").get("KmsKeyId")
    if not isinstance(key, str) or not key:
        raise UnexpectedAnswer("ec2:GetEbsDefaultKmsKeyId answered without KmsKeyId", "ec2:GetEbsDefaultKmsKeyId")
    name = key if key.startswith(("arn:", "alias/")) else f"key/{key}"
    arn = name if name.startswith("arn:") else f"arn:{aws.partition}:kms:{aws.region}:{aws.account}:{name}"
    if arn.endswith(":alias/aws/ebs"):
        return DefaultKey(arn=arn, key_state="Enabled", key_manager="AWS")
    try:
        answer = aws.ask("kms:DescribeKey", absent="NotFoundException", KeyId=key)
    except AwsError as error:
        missing: DefaultKey = unread(error, arn)
        return missing
    if answer is None:
        return DefaultKey(arn=arn, key_state="NotFound", key_manager="CUSTOMER")
    (found,) = aws.parse("kms:DescribeKey", [answer.get("KeyMetadata", {}) | {"Named": arn}], DefaultKey, "{Named}")
    described: DefaultKey = found
    return described


def _volumes(aws: Aws) -> list[Volume]:
    found: list[Volume] = aws.resources(VOLUMES, "Volumes", Volume, "arn:{partition}:ec2:{region}:{account}:volume/{VolumeId}")
    return [volume for volume in found if error_of(volume) or volume.state not in ("deleting", "deleted")]


@read(VOLUMES, per="region")
def volumes(aws: Aws) -> list[Volume]:
    """The volumes of the region, attached or not, but for those being deleted."""
    return _volumes(aws)


@read(VOLUMES, per="region")
def region_without_volumes(aws: Aws, ebs_encryption_by_default: EncryptionByDefault) -> bool | None:
    """Whether the region is known to have no volumes; None, and not asked, where new ones are encrypted by default."""
    if ebs_encryption_by_default.enabled:
        return None
    try:
        return not _volumes(aws)
    except (AwsError, NotOffered):
        return False


@read(SNAPSHOTS, per="region")
def snapshots(aws: Aws) -> list[Snapshot]:
    """The account's own snapshots of the region that hold data or are about to, archived ones included."""
    found: list[Snapshot] = aws.resources(SNAPSHOTS, "Snapshots", Snapshot, SNAPSHOT_ARN, OwnerIds=["self"])
    return [snapshot for snapshot in found if error_of(snapshot) or snapshot.state in ("pending", "completed")]


@read("ec2:DescribeImages", per="region")
def images_of_snapshots(aws: Aws, snapshots: list[Snapshot]) -> Mapping[str, str]:
    """The account's own image that is made of each snapshot, by ids; asked only where some snapshot is not encrypted.

    It only adds to what is said of a snapshot, so that images which cannot be read are as good as none.
    """
    if all(error_of(snapshot) or snapshot.encrypted for snapshot in snapshots):
        return {}
    try:
        images = aws.list("ec2:DescribeImages", "Images", Owners=["self"])
    except (AwsError, NotOffered):
        return {}
    parts = ((image["ImageId"], mapping.get("Ebs", {}).get("SnapshotId")) for image in images for mapping in image.get("BlockDeviceMappings", ()))
    return {snapshot: image for image, snapshot in parts if snapshot}


@read(SNAPSHOTS, per="region")
def listed_public_snapshots(aws: Aws) -> list[Snapshot]:
    """The account's own snapshots of the region that everyone may restore, as they are listed."""
    found: list[Snapshot] = aws.resources(SNAPSHOTS, "Snapshots", Snapshot, SNAPSHOT_ARN, OwnerIds=["self"], RestorableByUserIds=["all"])
    return found


@read("ec2:DescribeSnapshotAttribute", per="region")
def snapshots_shared_with_all(aws: Aws, listed_public_snapshots: list[Snapshot]) -> PerResource[bool]:
    """Whether each of these snapshots says itself that everyone may make volumes of it."""
    operation = "ec2:DescribeSnapshotAttribute"

    def shared(snapshot: Snapshot) -> bool:
        answer = aws.ask(operation, gone="InvalidSnapshot.NotFound", Attribute="createVolumePermission", SnapshotId=snapshot.snapshot_id)
        if not isinstance(answer.get("CreateVolumePermissions"), list):
            raise UnexpectedAnswer(f"{operation} answered without CreateVolumePermissions", operation)
        # Each names an account or the one group that there is: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolumePermission.html
        if not all(permission.get("Group", "all") == "all" for permission in answer["CreateVolumePermissions"]):
            raise UnexpectedAnswer(f"{operation} answered a permission of a group that we do not know", operation)
        if not all(permission.get("Group") or permission.get("UserId") for permission in answer["CreateVolumePermissions"]):
            raise UnexpectedAnswer(f"{operation} answered a permission of nobody", operation)
        return any(permission.get("Group") == "all" for permission in answer["CreateVolumePermissions"])

    return aws.each(listed_public_snapshots, shared)


@read("ec2:GetSnapshotBlockPublicAccessState", per="region")
def snapshots_held_back(aws: Aws, listed_public_snapshots: list[Snapshot]) -> bool | None:
    """Whether the region is known to treat snapshots that are shared with everyone as private; None, and not asked, where there are no such snapshots."""
    if not listed_public_snapshots:
        return None
    try:
        return bool(aws.ask("ec2:GetSnapshotBlockPublicAccessState").get("State") == "block-all-sharing")
    except (AwsError, NotOffered):
        return False
