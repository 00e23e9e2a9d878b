"""WKLD.09's checks, each shown to pass, to fail, and at its edges."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_ssb.aws import Aws
from pytest_ssb.findings import Finding
from tests.support.worlds import Cloud, Expected, World, built, judge, world
from tests_workload import test_wkld_09_rds_encryption as suite

BOTH = ("eu-west-1", "us-east-1")
INSTANCE, CLUSTER = suite.test_rds_instance_storage_encrypted, suite.test_rds_cluster_storage_encrypted
SNAPSHOT, BACKUP, PUBLIC = suite.test_rds_snapshot_encrypted, suite.test_rds_retained_backup_encrypted, suite.test_rds_snapshot_not_public
INSTANCES, CLUSTERS = "rds:DescribeDBInstances", "rds:DescribeDBClusters"
SNAPSHOTS, CLUSTER_SNAPSHOTS = "rds:DescribeDBSnapshots", "rds:DescribeDBClusterSnapshots"
BACKUPS, CLUSTER_BACKUPS = "rds:DescribeDBInstanceAutomatedBackups", "rds:DescribeDBClusterAutomatedBackups"
SHARES, CLUSTER_SHARES = "rds:DescribeDBSnapshotAttributes", "rds:DescribeDBClusterSnapshotAttributes"
VENDOR, STRANGER = "111122223333", "444455556666"


def error(operation: str, code: str = "AccessDenied") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, operation.partition(":")[2])


def denied(aws: Cloud, operation: str) -> None:
    """Deny that call from now on."""
    aws.simulated.instead(operation, lambda region, asked: error(operation))


def commands(check: Callable[..., None], build: Callable[[Cloud], Any]) -> dict[str, str]:
    """What mends each resource, by the last part of its ARN."""
    with built(World(check, build)) as (cloud, _):
        found: list[Finding] = judge(check, cloud)
    return {each.resource.split(":", 6)[6]: str(each.remediation) for each in found}


def laid_over(aws: Cloud, operation: str, changes: dict[str, dict[str, Any]]) -> None:
    """Lay fields over what an operation lists, by the end of each one's ARN; a field that is None is taken away."""
    key, arn = operation.removeprefix("rds:Describe"), f"{operation.removeprefix('rds:Describe').removesuffix('s')}Arn"

    def change(region: str, parsed: Any) -> None:
        for each in parsed[key]:
            wanted = changes.get(each[arn].split(":", 6)[6], {})
            each.update(wanted)
            for name in [name for name, value in wanted.items() if value is None]:
                del each[name]

    aws.simulated.over(operation, change)


def paged(aws: Cloud, operation: str, items: list[Any]) -> None:
    """Answer one item a page, and the rest behind a marker."""
    key = operation.removeprefix("rds:Describe")

    def page(region: str, asked: Any) -> dict[str, Any]:
        at = int(asked.get("Marker") or 0)
        return {key: items[at : at + 1], **({"Marker": str(at + 1)} if at + 1 < len(items) else {})}

    aws.simulated.instead(operation, page)


def instance(aws: Cloud, name: str, encrypted: bool = False, region: str = "", **more: Any) -> str:
    settings = {"DBInstanceClass": "db.t4g.micro", "Engine": "postgres", "AllocatedStorage": 20, "MasterUsername": "acme"}
    if "DBClusterIdentifier" not in more and "SourceDBInstanceIdentifier" not in more:
        settings |= {"MasterUserPassword": "correct-horse-9", "StorageEncrypted": encrypted}
    aws.client("rds", region or None).create_db_instance(DBInstanceIdentifier=name, **(settings | more))
    return aws.arn("rds", f"db:{name}", region or None)


def cluster(aws: Cloud, name: str, encrypted: bool = False, engine: str = "aurora-postgresql") -> str:
    aws.client("rds").create_db_cluster(
        DBClusterIdentifier=name, Engine=engine, MasterUsername="acme", MasterUserPassword="correct-horse-9", StorageEncrypted=encrypted
    )
    return aws.arn("rds", f"cluster:{name}")


def snapshots(aws: Cloud, **encrypted: bool) -> list[str]:
    """A snapshot of an instance each, encrypted or not; their ARNs."""
    for name, on in encrypted.items():
        instance(aws, f"of-{name}", on)
        aws.client("rds").create_db_snapshot(DBInstanceIdentifier=f"of-{name}", DBSnapshotIdentifier=name)
    return [aws.arn("rds", f"snapshot:{name}") for name in encrypted]


def cluster_snapshots(aws: Cloud, engine: str = "aurora-postgresql", **encrypted: bool) -> list[str]:
    """A snapshot of a cluster each, encrypted or not; their ARNs."""
    for name, on in encrypted.items():
        cluster(aws, f"of-{name}", on, engine)
        aws.client("rds").create_db_cluster_snapshot(DBClusterIdentifier=f"of-{name}", DBClusterSnapshotIdentifier=name)
    return [aws.arn("rds", f"cluster-snapshot:{name}") for name in encrypted]


# --- rds_instance_storage_encrypted --------------------------------------------------------------------------------------------------------


@world(INSTANCE, regions=BOTH)
def test_instances_are_judged_by_their_storage(aws: Cloud) -> Expected:
    made = {name: instance(aws, name, name == "safe") for name in ("safe", "plain", "owned", "kms", "none", "stopped", "creating", "leaving")}
    aws.client("rds").create_db_instance_read_replica(DBInstanceIdentifier="replica", SourceDBInstanceIdentifier="plain")
    for name, engine in (("oracle", "oracle-ee"), ("custom", "custom-sqlserver-ee")):
        made[name] = instance(aws, name)
        laid_over(aws, INSTANCES, {name: {"Engine": engine, "TdeCredentialArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:tde"}})
    laid_over(
        aws,
        INSTANCES,
        {
            "owned": {"StorageEncryptionType": "sse-rds"},
            "kms": {"StorageEncryptionType": "sse-kms"},
            "none": {"StorageEncryptionType": "none"},
            "stopped": {"DBInstanceStatus": "stopped"},
            "creating": {"DBInstanceStatus": "creating"},
            "leaving": {"DBInstanceStatus": "deleting"},
        },
    )
    plain = ("FAIL", "medium", "not encrypted")
    verdicts: Expected = dict.fromkeys(made.values(), plain) | dict.fromkeys((made["safe"], made["owned"], made["kms"]), "PASS")
    del verdicts[made["leaving"]]
    return verdicts | {aws.arn("rds", "db:replica"): plain, instance(aws, "elsewhere", region="us-east-1"): plain}


@world(INSTANCE)
def test_member_of_a_cluster_is_left_to_the_cluster(aws: Cloud) -> Expected:
    cluster(aws, "orders")
    member = instance(aws, "orders-1", Engine="aurora-postgresql", DBClusterIdentifier="orders")
    return {member: ("NOT_APPLICABLE", "medium", "a member of the cluster orders"), instance(aws, "alone", True): "PASS"}


@world(INSTANCE, regions=("us-gov-west-1",))
def test_instances_in_govcloud(aws: Cloud) -> Expected:
    instance(aws, "plain")
    return {"arn:aws-us-gov:rds:us-gov-west-1:123456789012:db:plain": "FAIL"}


@world(INSTANCE)
def test_instance_that_cannot_be_read_is_an_error_of_its_own(aws: Cloud) -> Expected:
    silent, odd, plain = instance(aws, "silent"), instance(aws, "odd"), instance(aws, "plain")
    laid_over(aws, INSTANCES, {"silent": {"StorageEncrypted": None}, "odd": {"StorageEncryptionType": "rot13"}})
    return {silent: ("ERROR", "medium", "StorageEncrypted"), odd: ("ERROR", "medium", "rot13"), plain: "FAIL"}


@world(INSTANCE)
def test_instances_of_the_second_page_are_judged(aws: Cloud) -> Expected:
    made = {instance(aws, "first", True): "PASS", instance(aws, "second"): "FAIL"}
    paged(aws, INSTANCES, aws.client("rds").describe_db_instances()["DBInstances"])
    return made


@world(INSTANCE)
def test_denied_instances_are_an_error(aws: Cloud) -> Expected:
    instance(aws, "plain")
    denied(aws, INSTANCES)
    return {aws.account_arn: ("ERROR", "medium", f"{INSTANCES} is denied")}


@world(INSTANCE)
def test_no_instances(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no DB instances")}


@pytest.mark.parametrize("check", [INSTANCE, CLUSTER, SNAPSHOT, BACKUP])
def test_botocore_that_drops_the_type_is_no_proof(check: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    def build(aws: Cloud) -> Any:
        snapshots(aws, plain=False)
        cluster_snapshots(aws, safe=True)
        cluster(aws, "plain")
        backups(aws, backup("plain"), backup("safe", encrypted=True))

    monkeypatch.setattr(Aws, "knows", lambda self, operation, path: not path.endswith(".StorageEncryptionType"))
    with built(World(check, build)) as (cloud, _):
        found = judge(check, cloud)
    assert {str(each.status) for each in found} <= {"ERROR", "PASS"}
    assert ["update boto3" in each.reason for each in found if each.status == "ERROR"] == [True]


# --- rds_cluster_storage_encrypted ---------------------------------------------------------------------------------------------------------


@world(CLUSTER)
def test_clusters_are_judged_by_their_storage(aws: Cloud) -> Expected:
    safe, plain, owned, _ = (cluster(aws, name, name == "safe") for name in ("safe", "plain", "owned", "leaving"))
    graph, documents = cluster(aws, "graph", engine="neptune"), cluster(aws, "documents")
    several = cluster(aws, "several", engine="postgres")
    laid_over(
        aws,
        CLUSTERS,
        {
            "safe": {"StorageEncryptionType": "sse-kms"},
            "plain": {"StorageEncryptionType": "none"},
            # As AWS answers for a key of its own: the boolean says false.
            "owned": {"StorageEncryptionType": "sse-rds"},
            "leaving": {"Status": "deleting"},
            "documents": {"Engine": "docdb"},
            "several": {"GlobalClusterIdentifier": "everywhere"},
        },
    )
    bad = ("FAIL", "medium", "not encrypted")
    return {safe: "PASS", owned: "PASS", plain: bad, graph: bad, documents: bad, several: bad}


def test_clusters_are_called_by_their_service() -> None:
    def build(aws: Cloud) -> Any:
        for name, engine in (("aurora", "aurora-postgresql"), ("graph", "neptune"), ("documents", "aurora-postgresql")):
            cluster(aws, name, engine=engine)
        laid_over(aws, CLUSTERS, {"documents": {"Engine": "docdb"}})

    with built(World(CLUSTER, build)) as (cloud, _):
        types = {each.resource.rpartition(":")[2]: each.resource_type for each in judge(CLUSTER, cloud)}
    assert types == {"aurora": "AWS::RDS::DBCluster", "graph": "AWS::Neptune::DBCluster", "documents": "AWS::DocDB::DBCluster"}


@world(CLUSTER)
def test_cluster_that_cannot_be_read_is_an_error_of_its_own(aws: Cloud) -> Expected:
    silent, plain = cluster(aws, "silent"), cluster(aws, "plain")
    laid_over(aws, CLUSTERS, {"silent": {"StorageEncrypted": None}})
    return {silent: ("ERROR", "medium", "StorageEncrypted"), plain: "FAIL"}


@world(CLUSTER)
def test_clusters_of_the_second_page_are_judged(aws: Cloud) -> Expected:
    made = {cluster(aws, "first", True): "PASS", cluster(aws, "second"): "FAIL"}
    paged(aws, CLUSTERS, aws.client("rds").describe_db_clusters()["DBClusters"])
    return made


@world(CLUSTER)
def test_denied_clusters_are_an_error(aws: Cloud) -> Expected:
    cluster(aws, "plain")
    denied(aws, CLUSTERS)
    return {aws.account_arn: ("ERROR", "medium", f"{CLUSTERS} is denied")}


@world(CLUSTER)
def test_no_clusters(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no DB clusters")}


# --- rds_snapshot_encrypted ----------------------------------------------------------------------------------------------------------------


@world(SNAPSHOT)
def test_snapshots_are_judged_but_for_those_taken_by_databases(aws: Cloud) -> Expected:
    names = ("plain", "safe", "owned", "vault", "leaving", "broken")
    plain, safe, owned, vault, _, _ = snapshots(aws, **{name: name == "safe" for name in names})
    of_cluster, of_graph = *cluster_snapshots(aws, night=False), *cluster_snapshots(aws, "neptune", graph=False)
    of_safe, of_owned = cluster_snapshots(aws, morning=True, noon=False)
    laid_over(
        aws,
        SNAPSHOTS,
        {
            "owned": {"StorageEncryptionType": "sse-rds"},
            "vault": {"SnapshotType": "awsbackup"},
            "leaving": {"Status": "deleting"},
            "broken": {"Status": "failed"},
        },
    )
    laid_over(aws, CLUSTER_SNAPSHOTS, {"noon": {"StorageEncryptionType": "sse-rds"}})
    good, bad = (safe, owned, of_safe, of_owned), (plain, vault, of_cluster, of_graph)
    return dict.fromkeys(good, "PASS") | dict.fromkeys(bad, ("FAIL", "medium", "not encrypted"))


@world(SNAPSHOT)
def test_snapshots_of_others_are_not_listed(aws: Cloud) -> Expected:
    (plain,) = snapshots(aws, plain=False)
    (own,) = (each for each in aws.client("rds").describe_db_snapshots()["DBSnapshots"] if each["SnapshotType"] == "manual")
    theirs = own | {"DBSnapshotArn": f"arn:aws:rds:eu-west-1:{STRANGER}:snapshot:theirs"}

    def listed(region: str, asked: Any) -> dict[str, Any]:
        return {"DBSnapshots": [own, *([theirs] if {"IncludeShared", "IncludePublic"} & asked.keys() else [])]}

    aws.simulated.instead(SNAPSHOTS, listed)
    return {plain: "FAIL"}


def test_each_kind_of_snapshot_has_its_own_command() -> None:
    def build(aws: Cloud) -> None:
        snapshots(aws, plain=False, vault=False)
        cluster_snapshots(aws, night=False, attic=False)
        laid_over(aws, SNAPSHOTS, {"vault": {"SnapshotType": "awsbackup"}})
        laid_over(aws, CLUSTER_SNAPSHOTS, {"attic": {"SnapshotType": "awsbackup"}})

    found = commands(SNAPSHOT, build)
    assert found["plain"].startswith("aws rds copy-db-snapshot --region eu-west-1 --source-db-snapshot-identifier plain ")
    assert found["plain"].endswith("aws rds delete-db-snapshot --region eu-west-1 --db-snapshot-identifier plain")
    assert found["vault"].startswith("aws rds copy-db-snapshot ")
    assert found["vault"].endswith("--recovery-point-arn arn:aws:rds:eu-west-1:123456789012:snapshot:vault")
    assert found["night"].startswith("aws rds copy-db-cluster-snapshot --region eu-west-1 --source-db-cluster-snapshot-identifier night ")
    assert found["night"].endswith("aws rds delete-db-cluster-snapshot --region eu-west-1 --db-cluster-snapshot-identifier night")
    assert found["attic"].startswith("aws rds copy-db-cluster-snapshot ")


@world(SNAPSHOT)
def test_snapshot_that_cannot_be_read_is_an_error_of_its_own(aws: Cloud) -> Expected:
    silent, odd, plain = snapshots(aws, silent=False, odd=False, plain=False)
    laid_over(aws, SNAPSHOTS, {"silent": {"Encrypted": None}, "odd": {"SnapshotType": None}})
    return {silent: ("ERROR", "medium", "Encrypted"), odd: ("ERROR", "medium", "SnapshotType"), plain: "FAIL"}


@world(SNAPSHOT)
def test_snapshots_of_the_second_page_are_judged(aws: Cloud) -> Expected:
    made = dict(zip(snapshots(aws, first=True, second=False), ("PASS", "FAIL"), strict=True))
    paged(aws, SNAPSHOTS, aws.client("rds").describe_db_snapshots()["DBSnapshots"])
    return made


@world(SNAPSHOT, PUBLIC)
def test_denied_snapshots_are_an_error(aws: Cloud) -> Expected:
    cluster_snapshots(aws, night=False)
    denied(aws, SNAPSHOTS)
    return {aws.account_arn: ("ERROR", None, f"{SNAPSHOTS} is denied")}


@world(SNAPSHOT, PUBLIC)
def test_denied_snapshots_of_clusters_are_an_error(aws: Cloud) -> Expected:
    denied(aws, CLUSTER_SNAPSHOTS)
    return {aws.account_arn: ("ERROR", None, f"{CLUSTER_SNAPSHOTS} is denied")}


@world(SNAPSHOT, PUBLIC)
def test_no_snapshots_but_automated_ones(aws: Cloud) -> Expected:
    instance(aws, "plain")
    cluster(aws, "orders")
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no snapshots but those")}


# --- rds_retained_backup_encrypted ---------------------------------------------------------------------------------------------------------


def backup(
    name: str, status: str = "retained", encrypted: bool = False, region: str = "eu-west-1", of: str = "Instance", **more: Any
) -> dict[str, Any]:
    """The automated backups of a database, as AWS tells of them."""
    cluster = of == "Cluster"
    return {
        f"DB{of}AutomatedBackupsArn": f"arn:aws:rds:eu-west-1:123456789012:auto-backup:ab-{name}",
        "DbClusterResourceId" if cluster else "DbiResourceId": f"{'cluster' if cluster else 'db'}-{name.upper()}",
        "Status": status,
        "Region": region,
        "StorageEncrypted" if cluster else "Encrypted": encrypted,
        **more,
    }


def backups(aws: Cloud, *instances: dict[str, Any], clusters: tuple[dict[str, Any], ...] = ()) -> None:
    """moto tells of nothing but the status of instances' backups."""
    aws.simulated.instead(BACKUPS, lambda region, asked: {"DBInstanceAutomatedBackups": list(instances)})
    aws.simulated.instead(CLUSTER_BACKUPS, lambda region, asked: {"DBClusterAutomatedBackups": list(clusters)})


def backup_arn(aws: Cloud, name: str) -> str:
    return aws.arn("rds", f"auto-backup:ab-{name}")


@world(BACKUP)
def test_backups_that_outlive_their_database(aws: Cloud) -> Expected:
    backups(
        aws,
        backup("plain"),
        backup("safe", encrypted=True),
        backup("owned", StorageEncryptionType="sse-rds"),
        backup("copied", "active", region="us-east-1"),
        backup("active", "active"),
        backup("young", "creating"),
        backup("pending", "pending"),
        clusters=(backup("night", of="Cluster"), backup("noon", encrypted=True, of="Cluster"), backup("today", "active", of="Cluster")),
    )
    other = ("NOT_APPLICABLE", "low", "belongs to a database of the region")
    return {backup_arn(aws, name): "PASS" for name in ("safe", "owned", "noon")} | {
        backup_arn(aws, "plain"): ("FAIL", "low", "not encrypted, and retained"),
        backup_arn(aws, "copied"): ("FAIL", "low", "not encrypted, and copied from us-east-1"),
        backup_arn(aws, "pending"): ("FAIL", "low", "not encrypted, and pending"),
        backup_arn(aws, "night"): ("FAIL", "low", "not encrypted, and retained"),
        **dict.fromkeys((backup_arn(aws, name) for name in ("active", "young", "today")), other),
    }


@world(BACKUP)
def test_backup_without_an_arn_of_its_own(aws: Cloud) -> Expected:
    backups(aws, {name: value for name, value in backup("old").items() if name != "DBInstanceAutomatedBackupsArn"})
    return {aws.arn("rds", "auto-backup:db-OLD"): "FAIL"}


@world(BACKUP)
def test_backup_that_cannot_be_read_is_an_error_of_its_own(aws: Cloud) -> Expected:
    silent = {name: value for name, value in backup("silent").items() if name != "Encrypted"}
    placeless = {name: value for name, value in backup("placeless", "active").items() if name != "Region"}
    backups(aws, silent, placeless, backup("plain"))
    return {
        backup_arn(aws, "silent"): ("ERROR", "low", "Encrypted"),
        backup_arn(aws, "placeless"): ("ERROR", "low", "Region"),
        backup_arn(aws, "plain"): "FAIL",
    }


@world(BACKUP)
def test_backups_of_which_moto_tells_only_the_status_are_an_error(aws: Cloud) -> Expected:
    instance(aws, "plain")
    aws.simulated.instead(CLUSTER_BACKUPS, lambda region, asked: {"DBClusterAutomatedBackups": []})
    return {aws.account_arn: ("ERROR", "low", f"{BACKUPS} answered")}


@world(BACKUP)
def test_backups_of_clusters_that_moto_does_not_tell_are_an_error(aws: Cloud) -> Expected:
    return {aws.account_arn: ("ERROR", "low", f"{CLUSTER_BACKUPS} is not implemented")}


@world(BACKUP)
def test_denied_backups_are_an_error(aws: Cloud) -> Expected:
    backups(aws, backup("plain"))
    denied(aws, BACKUPS)
    return {aws.account_arn: ("ERROR", "low", f"{BACKUPS} is denied")}


@world(BACKUP)
def test_denied_backups_of_clusters_are_an_error(aws: Cloud) -> Expected:
    backups(aws)
    denied(aws, CLUSTER_BACKUPS)
    return {aws.account_arn: ("ERROR", "low", f"{CLUSTER_BACKUPS} is denied")}


@world(BACKUP)
def test_no_backups(aws: Cloud) -> Expected:
    backups(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", "low", "no automated backups")}


def test_each_kind_of_backup_has_its_own_command() -> None:
    def build(aws: Cloud) -> None:
        backups(aws, backup("plain"), backup("copied", "active", region="us-east-1"), clusters=(backup("night", of="Cluster"),))

    found = commands(BACKUP, build)
    assert "delete-db-instance-automated-backup --region eu-west-1 --dbi-resource-id db-PLAIN " in found["ab-plain"]
    assert "--db-instance-automated-backups-arn arn:aws:rds:eu-west-1:123456789012:auto-backup:ab-copied " in found["ab-copied"]
    assert "delete-db-cluster-automated-backup --region eu-west-1 --db-cluster-resource-id cluster-NIGHT " in found["ab-night"]


# --- rds_snapshot_not_public ---------------------------------------------------------------------------------------------------------------


def shared(aws: Cloud, name: str, *values: str) -> None:
    aws.client("rds").modify_db_snapshot_attribute(DBSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=list(values))


@world(PUBLIC)
def test_snapshots_are_judged_by_whom_they_are_shared_with(aws: Cloud) -> Expected:
    aws.facts(trust={"accounts": [VENDOR]})
    private, public, foreign, vendors, both, own = snapshots(aws, private=False, public=False, foreign=False, vendors=False, both=True, own=False)
    (night, graph) = (*cluster_snapshots(aws, night=False), *cluster_snapshots(aws, "neptune", graph=False))
    shared(aws, "public", "all", STRANGER)
    shared(aws, "foreign", STRANGER)
    shared(aws, "vendors", VENDOR)
    shared(aws, "both", VENDOR, STRANGER)
    shared(aws, "own", aws.account)
    aws.client("rds").modify_db_cluster_snapshot_attribute(DBClusterSnapshotIdentifier="night", AttributeName="restore", ValuesToAdd=["all"])
    return {
        private: "PASS",
        own: "PASS",
        graph: "PASS",
        vendors: ("PASS", None, f"trust.accounts = {VENDOR}"),
        public: ("FAIL", "critical", "shared with everyone"),
        night: ("FAIL", "critical", "shared with everyone"),
        foreign: ("FAIL", "high", f"shared with {STRANGER}, which trust.accounts does not list"),
        both: ("FAIL", "high", f"shared with {STRANGER}, which"),
    }


@world(PUBLIC)
def test_snapshots_that_cannot_be_public_are_not_asked(aws: Cloud) -> Expected:
    safe, vault = snapshots(aws, safe=True, vault=False)
    laid_over(aws, SNAPSHOTS, {"safe": {"StorageEncryptionType": "sse-kms"}, "vault": {"SnapshotType": "awsbackup"}})
    denied(aws, SHARES)
    return {
        safe: ("PASS", None, "cannot be shared with everyone: encrypted by KMS"),
        vault: ("PASS", None, "cannot be shared with everyone: made by AWS Backup"),
    }


@world(PUBLIC)
def test_snapshot_that_has_vanished_leaves_no_finding(aws: Cloud) -> Expected:
    snapshots(aws, gone=False)
    cluster_snapshots(aws, night=False)
    aws.simulated.instead(SHARES, lambda region, asked: error(SHARES, "DBSnapshotNotFound"))
    aws.simulated.instead(CLUSTER_SHARES, lambda region, asked: error(CLUSTER_SHARES, "DBClusterSnapshotNotFoundFault"))
    return {aws.account_arn: ("NOT_APPLICABLE", None, "gone when it was looked at")}


@world(PUBLIC)
def test_denied_attributes_are_an_error(aws: Cloud) -> Expected:
    (plain,), (night,) = snapshots(aws, plain=False), cluster_snapshots(aws, night=False)
    denied(aws, SHARES)
    return {plain: ("ERROR", "critical", f"{SHARES} is denied"), night: "PASS"}


@world(PUBLIC)
def test_attributes_that_cannot_be_read_are_an_error(aws: Cloud) -> Expected:
    snapshots(aws, other=False, silent=False, unread=False)
    laid_over(aws, SNAPSHOTS, {"unread": {"Encrypted": None}})

    def attributes(region: str, asked: Any) -> dict[str, Any]:
        name = asked["DBSnapshotIdentifier"]
        listed = [{"AttributeName": "copy", "AttributeValues": []}] if name == "other" else [{"AttributeName": "restore"}]
        return {"DBSnapshotAttributesResult": {"DBSnapshotIdentifier": name, "DBSnapshotAttributes": listed}}

    aws.simulated.instead(SHARES, attributes)
    wrong = ("ERROR", "critical", "without the values of restore")
    return {
        aws.arn("rds", "snapshot:other"): wrong,
        aws.arn("rds", "snapshot:silent"): wrong,
        aws.arn("rds", "snapshot:unread"): ("ERROR", "critical", "Encrypted"),
    }


def test_commands_take_back_each_share() -> None:
    def build(aws: Cloud) -> None:
        snapshots(aws, public=False)
        shared(aws, "public", "all", STRANGER)
        cluster_snapshots(aws, night=False)
        aws.client("rds").modify_db_cluster_snapshot_attribute(DBClusterSnapshotIdentifier="night", AttributeName="restore", ValuesToAdd=[STRANGER])

    assert commands(PUBLIC, build) == {
        "public": "aws rds modify-db-snapshot-attribute --region eu-west-1 --db-snapshot-identifier public "
        f"--attribute-name restore --values-to-remove all {STRANGER}",
        "night": "aws rds modify-db-cluster-snapshot-attribute --region eu-west-1 --db-cluster-snapshot-identifier night "
        f"--attribute-name restore --values-to-remove {STRANGER}",
    }


# --- the edges -----------------------------------------------------------------------------------------------------------------------------

EDGES: dict[str, dict[str, Any]] = {
    "rds_instance_storage_encrypted": {
        "PASS: StorageEncrypted, or a type that says so": test_instances_are_judged_by_their_storage,
        "FAIL: neither; a read replica, RDS Custom, Oracle with TDE, stopped, creating": test_instances_are_judged_by_their_storage,
        "FAIL: in another region, in another partition": (test_instances_are_judged_by_their_storage, test_instances_in_govcloud),
        "dropped: deleting": test_instances_are_judged_by_their_storage,
        "NOT_APPLICABLE: a member of a cluster": test_member_of_a_cluster_is_left_to_the_cluster,
        "NOT_APPLICABLE: none": test_no_instances,
        "ERROR: a field that cannot be read, of that one alone": test_instance_that_cannot_be_read_is_an_error_of_its_own,
        "ERROR: denied": test_denied_instances_are_an_error,
        "the second page": test_instances_of_the_second_page_are_judged,
    },
    "rds_cluster_storage_encrypted": {
        "PASS: a key of AWS's own, for which StorageEncrypted is false": test_clusters_are_judged_by_their_storage,
        "FAIL: Aurora, Multi-AZ, a global cluster's member, DocumentDB and Neptune": test_clusters_are_judged_by_their_storage,
        "dropped: deleting": test_clusters_are_judged_by_their_storage,
        "NOT_APPLICABLE: none": test_no_clusters,
        "ERROR: a field that cannot be read, of that one alone": test_cluster_that_cannot_be_read_is_an_error_of_its_own,
        "ERROR: denied": test_denied_clusters_are_an_error,
        "the second page": test_clusters_of_the_second_page_are_judged,
    },
    "rds_snapshot_encrypted": {
        "PASS and FAIL: manual and AWS Backup's, of instances and clusters": test_snapshots_are_judged_but_for_those_taken_by_databases,
        "not reported: automated, deleting, failed": test_snapshots_are_judged_but_for_those_taken_by_databases,
        "not listed: what others share with us": test_snapshots_of_others_are_not_listed,
        "NOT_APPLICABLE: none but automated ones": test_no_snapshots_but_automated_ones,
        "ERROR: a field that cannot be read, of that one alone": test_snapshot_that_cannot_be_read_is_an_error_of_its_own,
        "ERROR: either list is denied": (test_denied_snapshots_are_an_error, test_denied_snapshots_of_clusters_are_an_error),
        "the second page": test_snapshots_of_the_second_page_are_judged,
    },
    "rds_retained_backup_encrypted": {
        "PASS and FAIL: retained, or copied from another region; instances and clusters": test_backups_that_outlive_their_database,
        "NOT_APPLICABLE: active or being made, in its own region": test_backups_that_outlive_their_database,
        "NOT_APPLICABLE: none": test_no_backups,
        "without an ARN of its own": test_backup_without_an_arn_of_its_own,
        "ERROR: a field that cannot be read, of that one alone": test_backup_that_cannot_be_read_is_an_error_of_its_own,
        "ERROR: an endpoint that tells too little": (
            test_backups_of_which_moto_tells_only_the_status_are_an_error,
            test_backups_of_clusters_that_moto_does_not_tell_are_an_error,
        ),
        "ERROR: either list is denied": (test_denied_backups_are_an_error, test_denied_backups_of_clusters_are_an_error),
    },
    "rds_snapshot_not_public": {
        "PASS: private, or shared with own or trusted accounts": test_snapshots_are_judged_by_whom_they_are_shared_with,
        "PASS: encrypted by KMS, or AWS Backup's, which is not asked": test_snapshots_that_cannot_be_public_are_not_asked,
        "FAIL critical: with everyone; FAIL high: with an account that is not trusted": test_snapshots_are_judged_by_whom_they_are_shared_with,
        "NOT_APPLICABLE: none": test_no_snapshots_but_automated_ones,
        "ERROR: the attribute is denied": test_denied_attributes_are_an_error,
        "ERROR: what is answered cannot be read": test_attributes_that_cannot_be_read_are_an_error,
        "ERROR: either list is denied": (test_denied_snapshots_are_an_error, test_denied_snapshots_of_clusters_are_an_error),
        "dropped: vanished since it was listed": test_snapshot_that_has_vanished_leaves_no_finding,
    },
}
