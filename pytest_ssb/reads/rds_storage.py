"""RDS: how databases, their snapshots and their automated backups are encrypted, those of Aurora, DocumentDB and Neptune included."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource
    from pytest_ssb.profiles import Profile

INSTANCES, CLUSTERS = "rds:DescribeDBInstances", "rds:DescribeDBClusters"
SNAPSHOTS, CLUSTER_SNAPSHOTS = "rds:DescribeDBSnapshots", "rds:DescribeDBClusterSnapshots"
BACKUPS, CLUSTER_BACKUPS = "rds:DescribeDBInstanceAutomatedBackups", "rds:DescribeDBClusterAutomatedBackups"
SHARES, CLUSTER_SHARES = "rds:DescribeDBSnapshotAttributes", "rds:DescribeDBClusterSnapshotAttributes"
GONE = ("DBSnapshotNotFound", "DBClusterSnapshotNotFoundFault")
ENGINES = {"docdb": "AWS::DocDB::DBCluster", "neptune": "AWS::Neptune::DBCluster"}


class Storage(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """How data at rest is protected."""

    arn: str
    # With a key that AWS owns, this is false (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html)
    encrypted: bool = msgspec.field(name="StorageEncrypted")
    # absent where the endpoint does not know of such keys: then the field above tells all
    storage_encryption_type: Literal["none", "sse-kms", "sse-rds"] | None = None

    @property
    def protected(self) -> bool:
        """Whether it is encrypted, by whichever key."""
        return self.encrypted or self.storage_encryption_type in ("sse-kms", "sse-rds")

    @property
    def seen(self) -> dict[str, object]:
        """What was read of it, by AWS's names."""
        return {"Encrypted": self.encrypted, "StorageEncryptionType": self.storage_encryption_type or "not told"}


class Instance(Storage, frozen=True, kw_only=True, rename="pascal"):
    """A DB instance (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html)."""

    status: str = msgspec.field(name="DBInstanceStatus")
    # absent: no member of a cluster
    cluster: str | None = msgspec.field(name="DBClusterIdentifier", default=None)


class Cluster(Storage, frozen=True, kw_only=True, rename="pascal"):
    """A DB cluster (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html)."""

    status: str


class ClusterSnapshot(Storage, frozen=True, kw_only=True, rename="pascal"):
    """A snapshot of a cluster (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBClusterSnapshot.html)."""

    status: str
    snapshot_type: str


class Snapshot(ClusterSnapshot, frozen=True, kw_only=True, rename="pascal"):
    """A snapshot of an instance (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBSnapshot.html)."""

    encrypted: bool


class ClusterBackup(Storage, frozen=True, kw_only=True, rename="pascal"):
    """The automated backups of a cluster (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBClusterAutomatedBackup.html)."""

    status: str
    region: str
    resource_id: str = msgspec.field(name="DbClusterResourceId")

    def outlives(self, region: str | None) -> bool:
        """Whether they are more than the backups of a database of this region: kept after its end, or copied from another region."""
        return self.status not in ("active", "creating") or self.region != region


class Backup(ClusterBackup, frozen=True, kw_only=True, rename="pascal"):
    """The automated backups of an instance (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstanceAutomatedBackup.html)."""

    encrypted: bool
    resource_id: str = msgspec.field(name="DbiResourceId")


S = TypeVar("S", bound=Storage)


@dataclass(frozen=True)
class Holder(Generic[S]):
    """Something that holds data, and its type in AWS's words; what it says of its storage may be unread."""

    arn: str
    type: str
    storage: S

    @property
    def id(self) -> str:
        """Its identifier, with the prefix that some snapshots have: `awsbackup:job-...`."""
        return self.arn.split(":", 6)[6]


def _holders(
    aws: Aws, operation: str, type: type[S], arn: str, kind: Callable[[Mapping[str, Any]], str], stays: Callable[[S], bool]
) -> list[Holder[S]]:
    key = operation.removeprefix("rds:Describe")
    raws = aws.list(operation, key)
    found = zip(raws, aws.parse(operation, raws, type, arn), strict=True)
    return [Holder(one.arn, kind(raw), _told(aws, operation, key, one)) for raw, one in found if error_of(one) or stays(one)]


def _told(aws: Aws, operation: str, key: str, storage: S) -> S:
    """The same; but without a type, which an older botocore drops, nobody knows that something is not encrypted."""
    if error_of(storage) or storage.encrypted or aws.knows(operation, f"{key}.StorageEncryptionType"):
        return storage
    found: S = unread(UnexpectedAnswer(f"this version of botocore drops StorageEncryptionType of {operation}: update boto3", operation), storage.arn)
    return found


@read(INSTANCES, per="region")
def stored_instances(aws: Aws) -> list[Holder[Instance]]:
    """How the DB instances of the region are encrypted, but for those being deleted."""
    return _holders(aws, INSTANCES, Instance, "{DBInstanceArn}", lambda raw: "AWS::RDS::DBInstance", _is_not_leaving)


@read(CLUSTERS, per="region")
def stored_clusters(aws: Aws) -> list[Holder[Cluster]]:
    """How the DB clusters of the region are encrypted, those of DocumentDB and Neptune included, but for those being deleted."""
    return _holders(aws, CLUSTERS, Cluster, "{DBClusterArn}", lambda raw: ENGINES.get(raw.get("Engine", ""), "AWS::RDS::DBCluster"), _is_not_leaving)


def _is_not_leaving(database: Instance | Cluster) -> bool:
    return database.status != "deleting"


def _is_kept(snapshot: ClusterSnapshot) -> bool:
    """Whether somebody asked for it; the automated ones come and go with their database."""
    return snapshot.snapshot_type != "automated" and snapshot.status not in ("deleting", "deleted", "failed")


@read(SNAPSHOTS, per="region")
def db_snapshots(aws: Aws) -> list[Holder[Snapshot]]:
    """The account's own snapshots of DB instances that are kept until somebody deletes them."""
    return _holders(aws, SNAPSHOTS, Snapshot, "{DBSnapshotArn}", lambda raw: "AWS::RDS::DBSnapshot", _is_kept)


@read(CLUSTER_SNAPSHOTS, per="region")
def db_cluster_snapshots(aws: Aws) -> list[Holder[ClusterSnapshot]]:
    """The account's own snapshots of DB clusters that are kept until somebody deletes them."""
    return _holders(aws, CLUSTER_SNAPSHOTS, ClusterSnapshot, "{DBClusterSnapshotArn}", lambda raw: "AWS::RDS::DBClusterSnapshot", _is_kept)


@read(BACKUPS, per="region")
def instance_backups(aws: Aws) -> list[Holder[Backup]]:
    """The automated backups of DB instances that lie in the region."""
    return _backups(aws, BACKUPS, Backup, "DBInstanceAutomatedBackup", "DbiResourceId")


@read(CLUSTER_BACKUPS, per="region")
def cluster_backups(aws: Aws) -> list[Holder[ClusterBackup]]:
    """The automated backups of DB clusters that lie in the region."""
    return _backups(aws, CLUSTER_BACKUPS, ClusterBackup, "DBClusterAutomatedBackup", "DbClusterResourceId")


def _backups(aws: Aws, operation: str, type: type[S], kind: str, id: str) -> list[Holder[S]]:
    raws = aws.list(operation, f"{kind}s")
    # Backups that were made before they had an ARN of their own are told apart by their database.
    arn = "arn:{partition}:rds:{region}:{account}:auto-backup:{" + id + "}"
    found = []
    for raw in raws:
        (one,) = aws.parse(operation, [raw], type, f"{{{kind}sArn}}" if raw.get(f"{kind}sArn") else arn)
        found.append(Holder(one.arn, f"AWS::RDS::{kind}", _told(aws, operation, f"{kind}s", one)))
    return found


# --- whom snapshots are shared with ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sharing:
    """Who else may restore a snapshot; `asked` is false where its encryption already tells that not everyone may."""

    public: bool = False
    strangers: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    asked: bool = True


@read(SHARES, CLUSTER_SHARES, per="region")
def snapshot_sharing(
    aws: Aws, ssb_profile: Profile, db_snapshots: list[Holder[Snapshot]], db_cluster_snapshots: list[Holder[ClusterSnapshot]]
) -> PerResource[Sharing]:
    """Whom each snapshot is shared with. A snapshot that KMS encrypts cannot be shared with everyone, and AWS Backup's not by RDS: these are not asked."""
    found: list[Holder[Any]] = [*db_snapshots, *db_cluster_snapshots]
    return aws.each([each for each in found if error_of(each.storage) is None], lambda each: _sharing(aws, ssb_profile, each))


def _sharing(aws: Aws, profile: Profile, snapshot: Holder[Any]) -> Sharing:
    if snapshot.storage.snapshot_type != "manual" or snapshot.storage.storage_encryption_type == "sse-kms":
        return Sharing(asked=False)
    kind = "DBClusterSnapshot" if snapshot.type == "AWS::RDS::DBClusterSnapshot" else "DBSnapshot"
    operation = CLUSTER_SHARES if kind == "DBClusterSnapshot" else SHARES
    names: dict[str, Any] = {f"{kind}Identifier": snapshot.id}
    answer = aws.ask(operation, gone=GONE, **names)
    attributes = answer.get(f"{kind}AttributesResult", {}).get(f"{kind}Attributes") or []
    values = next((each.get("AttributeValues") for each in attributes if each.get("AttributeName") == "restore"), None)
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise UnexpectedAnswer(f"{operation} answered without the values of restore", operation)
    others = [each for each in values if each not in ("all", aws.account)]
    entries = {each: profile.trust.accounts.match(each) for each in others}
    return Sharing(
        public="all" in values,
        strangers=tuple(each for each, entry in entries.items() if entry is None),
        trusted=tuple(entry for entry in entries.values() if entry is not None),
    )
