"""WKLD.09: encrypt Amazon RDS databases.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check

REFERENCES = ("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html",)
SHARING = ("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html",)
BACKUPS = ("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html",)
COPY = (
    "aws rds copy-db-snapshot --region {region} --source-db-snapshot-identifier {id} --target-db-snapshot-identifier NAME --kms-key-id alias/aws/rds"
)
COPY_CLUSTER = (
    "aws rds copy-db-cluster-snapshot --region {region} --source-db-cluster-snapshot-identifier {id} "
    "--target-db-cluster-snapshot-identifier NAME --kms-key-id alias/aws/rds"
)
DELETE = " && aws rds wait db-snapshot-available --region {region} --db-snapshot-identifier NAME && aws rds delete-db-snapshot --region {region} "
DELETE_CLUSTER = (
    " && aws rds wait db-cluster-snapshot-available --region {region} --db-cluster-snapshot-identifier NAME"
    " && aws rds delete-db-cluster-snapshot --region {region} "
)
DELETE_OF_BACKUP = (
    "  # then, of the vault that it is in: aws backup delete-recovery-point --region {region} --backup-vault-name VAULT --recovery-point-arn {arn}"
)
DELETE_BACKUP = (
    "aws rds delete-db-{kind}-automated-backup --region {{region}} {option} {{resource}}  # once what is needed of it is restored elsewhere"
)
UNSHARE = "aws rds modify-db-snapshot-attribute --region {region} --db-snapshot-identifier {id} --attribute-name restore --values-to-remove"
UNSHARE_CLUSTER = (
    "aws rds modify-db-cluster-snapshot-attribute --region {region} --db-cluster-snapshot-identifier {id} --attribute-name restore --values-to-remove"
)


@check(
    "WKLD.09",
    on="AWS::RDS::DBInstance",
    severity="medium",
    fix="aws rds create-db-snapshot --region {region} --db-instance-identifier {id} --db-snapshot-identifier NAME  "
    "# then copy-db-snapshot with --kms-key-id, and restore-db-instance-from-db-snapshot from the copy: what is written meanwhile is lost",
    references=REFERENCES,
)
def test_rds_instance_storage_encrypted(audit, stored_instances):
    """Every DB instance is encrypted."""
    for instance in stored_instances:
        with audit(instance):
            audit.saw(**instance.storage.seen)
            if instance.storage.cluster:
                audit.not_applicable(f"a member of the cluster {instance.storage.cluster}, which holds its data and is looked at by itself")
            assert instance.storage.protected, "not encrypted"
    if not stored_instances:
        audit.nothing("no DB instances")


@check(
    "WKLD.09",
    on="AWS::RDS::DBCluster",
    severity="medium",
    fix="aws rds create-db-cluster-snapshot --region {region} --db-cluster-identifier {id} --db-cluster-snapshot-identifier NAME  "
    "# then restore-db-cluster-from-snapshot with --kms-key-id: what is written meanwhile is lost",
    references=REFERENCES,
)
def test_rds_cluster_storage_encrypted(audit, stored_clusters):
    """Every DB cluster is encrypted, be it Aurora's, DocumentDB's or Neptune's."""
    for cluster in stored_clusters:
        with audit(cluster, type=cluster.type):
            audit.saw(**cluster.storage.seen)
            assert cluster.storage.protected, "not encrypted"
    if not stored_clusters:
        audit.nothing("no DB clusters")


@check("WKLD.09", on="AWS::RDS::DBSnapshot", severity="medium", fix=COPY + DELETE + "--db-snapshot-identifier {id}", references=REFERENCES)
def test_rds_snapshot_encrypted(audit, db_snapshots, db_cluster_snapshots):
    """Every snapshot of a database is encrypted; of the automated ones, their database speaks."""
    for snapshot in (*db_snapshots, *db_cluster_snapshots):
        with audit(snapshot, type=snapshot.type):
            audit.saw(**snapshot.storage.seen, SnapshotType=snapshot.storage.snapshot_type)
            of_cluster = snapshot.type == "AWS::RDS::DBClusterSnapshot"
            if snapshot.storage.snapshot_type == "awsbackup":
                audit.fix((COPY_CLUSTER if of_cluster else COPY) + DELETE_OF_BACKUP)
            elif of_cluster:
                audit.fix(COPY_CLUSTER + DELETE_CLUSTER + "--db-cluster-snapshot-identifier {id}")
            assert snapshot.storage.protected, "not encrypted"
    if not db_snapshots and not db_cluster_snapshots:
        audit.nothing("no snapshots but those that databases take by themselves")


@check(
    "WKLD.09",
    on="AWS::RDS::DBInstanceAutomatedBackup",
    severity="low",
    fix=DELETE_BACKUP.format(kind="instance", option="--dbi-resource-id"),
    references=BACKUPS,
)
def test_rds_retained_backup_encrypted(audit, ssb_region, instance_backups, cluster_backups):
    """Every automated backup that outlives its database, or is copied to the region, is encrypted."""
    for backup in (*cluster_backups, *instance_backups):
        with audit(backup, type=backup.type):
            storage = backup.storage
            audit.saw(**storage.seen, Status=storage.status, Region=storage.region)
            if not storage.outlives(ssb_region):
                audit.not_applicable("belongs to a database of the region, which is looked at by itself")
            if backup.type == "AWS::RDS::DBClusterAutomatedBackup":
                audit.fix(DELETE_BACKUP.format(kind="cluster", option="--db-cluster-resource-id"), resource=storage.resource_id)
            elif storage.region == ssb_region:
                audit.fix(audit.check.fix, resource=storage.resource_id)
            else:
                audit.fix(DELETE_BACKUP.format(kind="instance", option="--db-instance-automated-backups-arn"), resource=backup.arn)
            assert storage.protected, f"not encrypted, and {storage.status if storage.region == ssb_region else f'copied from {storage.region}'}"
    if not instance_backups and not cluster_backups:
        audit.nothing("no automated backups")


@check(
    "WKLD.09",
    on="AWS::RDS::DBSnapshot",
    severity="critical",
    extended=True,
    facts=("trust.accounts",),
    fix=f"{UNSHARE} all",
    references=SHARING,
)
def test_rds_snapshot_not_public(audit, db_snapshots, db_cluster_snapshots, snapshot_sharing):
    """No snapshot of a database is shared with everyone, or with an account that is not trusted."""
    for snapshot in (*db_snapshots, *db_cluster_snapshots):
        with audit(snapshot, type=snapshot.type):
            audit.saw(**snapshot.storage.seen, SnapshotType=snapshot.storage.snapshot_type)
            sharing = snapshot_sharing[snapshot]
            if not sharing.asked:
                audit.note(
                    "cannot be shared with everyone: " + ("made by AWS Backup" if snapshot.storage.snapshot_type != "manual" else "encrypted by KMS")
                )
                continue
            others = ["all"] * sharing.public + list(sharing.strangers)
            names = {f"value{number}": each for number, each in enumerate(others)}
            unshare = UNSHARE_CLUSTER if snapshot.type == "AWS::RDS::DBClusterSnapshot" else UNSHARE
            audit.fix(" ".join((unshare, *(f"{{{name}}}" for name in names))), **names)
            assert not sharing.public, "shared with everyone"
            if sharing.strangers:
                audit.severity("high")
            assert not sharing.strangers, f"shared with {', '.join(sharing.strangers)}, which trust.accounts does not list"
            if sharing.trusted:
                audit.declared("trust.accounts", ", ".join(sharing.trusted))
    if not db_snapshots and not db_cluster_snapshots:
        audit.nothing("no snapshots but those that databases take by themselves")
