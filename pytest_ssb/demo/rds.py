"""The demo's clusters, and what is kept of databases: snapshots, and the backups of some that are gone. The instances stand in the network's module."""

from __future__ import annotations

from typing import Any

from pytest_ssb.demo.network import NAME
from pytest_ssb.demo.seeder import Seeder


def seed(seeder: Seeder) -> None:
    """Keep events in a cluster. In the mixed account a graph, and what the reports were before a migration, lie there in plain; the copy is everybody's."""
    region = seeder.regions[0]
    rds = seeder.client("rds", region)
    groups = seeder.client("ec2", region).describe_security_groups(Filters=[{"Name": "group-name", "Values": [f"{NAME}-orders-db"]}])
    group = groups["SecurityGroups"][0]["GroupId"]
    _cluster(rds, "events", "aurora-postgresql", group, encrypted=True)
    _snapshot(rds, "orders")
    if not seeder.clean:
        _cluster(rds, "friends", "neptune", group, encrypted=False)
        shared = _snapshot(rds, "reports")
        rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=shared, AttributeName="restore", ValuesToAdd=["all"])
    _backups(seeder, region, rds.describe_db_instances()["DBInstances"])


def _cluster(rds: Any, name: str, engine: str, group: str, encrypted: bool) -> None:
    rds.create_db_cluster(
        DBClusterIdentifier=f"{NAME}-{name}",
        Engine=engine,
        MasterUsername="acme",
        ManageMasterUserPassword=True,
        StorageEncrypted=encrypted,
        DBSubnetGroupName=NAME,
        VpcSecurityGroupIds=[group],
        Port=5432,
    )


def _snapshot(rds: Any, database: str) -> str:
    name = f"{NAME}-{database}-before-migration"
    rds.create_db_snapshot(DBInstanceIdentifier=f"{NAME}-{database}", DBSnapshotIdentifier=name)
    return name


def _backups(seeder: Seeder, region: str, instances: list[dict[str, Any]]) -> None:
    """moto tells no more of the backups of instances than their status, and nothing of clusters'. Those of databases that are gone are kept."""
    gone = {"blog": True} if seeder.clean else {"blog": True, "shop": False}
    kept = [{"DBInstanceIdentifier": f"{NAME}-{name}", "StorageEncrypted": encrypted} for name, encrypted in gone.items()]
    found = [_backup(seeder, region, each, status) for status, those in (("active", instances), ("retained", kept)) for each in those]

    def of_instances(asked_in: str, asked: dict[str, Any]) -> dict[str, Any]:
        return {"DBInstanceAutomatedBackups": found if asked_in == region else []}

    seeder.simulated.instead("rds:DescribeDBInstanceAutomatedBackups", of_instances)
    seeder.simulated.instead("rds:DescribeDBClusterAutomatedBackups", lambda asked_in, asked: {"DBClusterAutomatedBackups": []})


def _backup(seeder: Seeder, region: str, instance: dict[str, Any], status: str) -> dict[str, Any]:
    name: str = instance["DBInstanceIdentifier"]
    return {
        "DBInstanceArn": f"arn:aws:rds:{region}:{seeder.account}:db:{name}",
        "DBInstanceAutomatedBackupsArn": f"arn:aws:rds:{region}:{seeder.account}:auto-backup:ab-{name}",
        "DBInstanceIdentifier": name,
        "DbiResourceId": f"db-{name.upper()}",
        "Region": region,
        "Status": status,
        "Encrypted": instance["StorageEncrypted"],
    }
