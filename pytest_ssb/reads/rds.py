"""RDS: DB instances and clusters, those of Aurora, DocumentDB and Neptune included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


class VpcSecurityGroup(msgspec.Struct, frozen=True, rename="pascal"):
    """A security group that a database is in."""

    vpc_security_group_id: str


class Endpoint(msgspec.Struct, frozen=True, rename="pascal"):
    """Where a DB instance listens."""

    # absent while the instance is being created (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Endpoint.html)
    port: int | None = None


class Database(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A DB instance or cluster, as far as its network goes."""

    arn: str
    engine: str
    vpc_security_groups: tuple[VpcSecurityGroup, ...]

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Its security groups."""
        return tuple(group.vpc_security_group_id for group in self.vpc_security_groups)

    @property
    def name(self) -> str:
        """Its identifier."""
        return self.arn.rpartition(":")[2]


class DbInstance(Database, frozen=True, kw_only=True, rename="pascal"):
    """A DB instance (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html)."""

    status: str = msgspec.field(name="DBInstanceStatus")
    # absent while the instance is being created
    endpoint: Endpoint | None = None

    @property
    def port(self) -> int | None:
        """The port that it listens on, None until it does."""
        return self.endpoint.port if self.endpoint else None


class DbCluster(Database, frozen=True, kw_only=True, rename="pascal"):
    """A DB cluster (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html)."""

    status: str
    # absent while the cluster is being created
    port: int | None = None


@read("rds:DescribeDBInstances", per="region")
def db_instances(aws: Aws) -> list[DbInstance]:
    """The DB instances of the region, but for those being deleted."""
    found: list[DbInstance] = aws.resources("rds:DescribeDBInstances", "DBInstances", DbInstance, "{DBInstanceArn}")
    return [each for each in found if error_of(each) or each.status != "deleting"]


@read("rds:DescribeDBClusters", per="region")
def db_clusters(aws: Aws) -> list[DbCluster]:
    """The DB clusters of the region, but for those being deleted."""
    found: list[DbCluster] = aws.resources("rds:DescribeDBClusters", "DBClusters", DbCluster, "{DBClusterArn}")
    return [each for each in found if error_of(each) or each.status != "deleting"]
