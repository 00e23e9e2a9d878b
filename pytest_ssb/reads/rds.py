"""RDS: DB instances and clusters, those of Aurora, DocumentDB and Neptune included, and the subnet groups that they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from pytest_ssb.errors import Undecided
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.stores import Store, SubnetGroup
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

_CLUSTER = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html"
# Of these a cluster has addresses of its own, beside those of its instances: a Multi-AZ DB cluster
# (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/API_DBCluster.html). Those of Aurora, DocumentDB and Neptune are as public as their instances.
MULTI_AZ = ("mysql", "postgres")


class VpcSecurityGroup(msgspec.Struct, frozen=True, rename="pascal"):
    """A security group that a database is in."""

    vpc_security_group_id: str


class Endpoint(msgspec.Struct, frozen=True, rename="pascal"):
    """Where a DB instance listens."""

    # absent while the instance is being created (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Endpoint.html)
    port: int | None = None


class Database(Store, frozen=True, kw_only=True, rename="pascal"):
    """A DB instance or cluster, as far as its network goes."""

    arn: str
    engine: str
    vpc_security_groups: tuple[VpcSecurityGroup, ...]
    # absent: not told, which leaves open whether it is public
    publicly_accessible: bool | None = None

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Its security groups."""
        return tuple(group.vpc_security_group_id for group in self.vpc_security_groups)

    @property
    def public(self) -> bool:
        """Whether its name leads to a public address outside its VPC."""
        if self.publicly_accessible is None:
            raise Undecided(f"{self.name} does not tell whether it is PubliclyAccessible")
        return self.publicly_accessible


class InstanceSubnetGroup(msgspec.Struct, frozen=True):
    """The subnet group of a DB instance."""

    name: str = msgspec.field(name="DBSubnetGroupName")


class DbInstance(Database, frozen=True, kw_only=True, rename="pascal"):
    """A DB instance (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html)."""

    type: ClassVar[str] = "AWS::RDS::DBInstance"
    status: str = msgspec.field(name="DBInstanceStatus")
    # absent while the instance is being created
    endpoint: Endpoint | None = None
    in_group: InstanceSubnetGroup | None = msgspec.field(name="DBSubnetGroup", default=None)

    @property
    def ports(self) -> tuple[int, ...]:
        """The port that it listens on, none until it does."""
        return (self.endpoint.port,) if self.endpoint and self.endpoint.port is not None else ()

    @property
    def subnet_group(self) -> str:
        """The subnet group that it may be anywhere in."""
        return _told(self, self.in_group.name if self.in_group else None)


class DbCluster(Database, frozen=True, kw_only=True, rename="pascal"):
    """A DB cluster (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html)."""

    type: ClassVar[str] = "AWS::RDS::DBCluster"
    status: str
    # absent while the cluster is being created
    port: int | None = None
    in_group: str | None = msgspec.field(name="DBSubnetGroup", default=None)
    # absent: no Aurora PostgreSQL cluster, for no other can have such a gateway
    internet_access_gateway_enabled: bool = False
    # absent: it is in a VPC, as all were before there were others
    vpc_networking_enabled: bool = msgspec.field(name="VPCNetworkingEnabled", default=True)

    @property
    def ports(self) -> tuple[int, ...]:
        """The port that it listens on, none until it does."""
        return (self.port,) if self.port is not None else ()

    @property
    def subnet_group(self) -> str | None:
        """The subnet group that it may be anywhere in, None if it is in no VPC."""
        return _told(self, self.in_group) if self.vpc_networking_enabled else None

    @property
    def public(self) -> bool:
        """Whether it is reached from outside its VPC, by its name or by a gateway of the service's own."""
        return self.internet_access_gateway_enabled or super().public


def _told(database: Database, subnet_group: str | None) -> str:
    if not subnet_group:
        raise Undecided(f"{database.name} does not tell its subnet group")
    return subnet_group


@read("rds:DescribeDBInstances", per="region")
def db_instances(aws: Aws) -> list[DbInstance]:
    """The DB instances of the region, but for those being deleted."""
    found: list[DbInstance] = aws.resources("rds:DescribeDBInstances", "DBInstances", DbInstance, "{DBInstanceArn}")
    return [each for each in found if error_of(each) or each.status != "deleting"]


@read(
    "rds:DescribeDBClusters",
    per="region",
    absent={
        "rds:DescribeDBClusters DBClusters.InternetAccessGatewayEnabled": f"not reached by such a gateway ({_CLUSTER})",
        "rds:DescribeDBClusters DBClusters.VPCNetworkingEnabled": f"in a VPC ({_CLUSTER})",
    },
)
def db_clusters(aws: Aws) -> list[DbCluster]:
    """The DB clusters of the region, but for those being deleted."""
    found: list[DbCluster] = aws.resources("rds:DescribeDBClusters", "DBClusters", DbCluster, "{DBClusterArn}")
    return [each for each in found if error_of(each) or each.status != "deleting"]


@read(per="region")
def public_clusters(db_clusters: list[DbCluster]) -> list[DbCluster]:
    """The clusters that may have public addresses of their own, and what could not be read, for it may be one."""
    return [each for each in db_clusters if error_of(each) or each.engine in MULTI_AZ or each.internet_access_gateway_enabled]


class DbSubnetGroup(SubnetGroup, frozen=True, kw_only=True, rename="pascal"):
    """A subnet group (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBSubnetGroup.html)."""

    name: str = msgspec.field(name="DBSubnetGroupName")


@read("rds:DescribeDBSubnetGroups", per="region")
def db_subnet_groups(aws: Aws) -> list[DbSubnetGroup]:
    """The subnet groups of databases in the region."""
    found: list[DbSubnetGroup] = aws.resources("rds:DescribeDBSubnetGroups", "DBSubnetGroups", DbSubnetGroup, "{DBSubnetGroupArn}")
    return found
