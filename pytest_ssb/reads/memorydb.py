"""MemoryDB: the clusters, and the subnet groups that they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from pytest_ssb.reads.registry import read
from pytest_ssb.reads.stores import Store
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

CLUSTERS, SUBNET_GROUPS = "memorydb:DescribeClusters", "memorydb:DescribeSubnetGroups"


class Endpoint(msgspec.Struct, frozen=True, rename="pascal"):
    """Where a cluster listens."""

    port: int


class MemberGroup(msgspec.Struct, frozen=True, rename="pascal"):
    """A security group that a cluster is in."""

    security_group_id: str


class MemoryCluster(Store, frozen=True, kw_only=True, rename="pascal"):
    """A cluster (https://docs.aws.amazon.com/memorydb/latest/APIReference/API_Cluster.html)."""

    type: ClassVar[str] = "AWS::MemoryDB::Cluster"
    arn: str
    status: str
    subnet_group_name: str
    security_groups: tuple[MemberGroup, ...]
    # absent while the cluster is being made
    cluster_endpoint: Endpoint | None = None

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Its security groups."""
        return tuple(each.security_group_id for each in self.security_groups)

    @property
    def ports(self) -> tuple[int, ...]:
        """The port that it listens on, none until it does."""
        return (self.cluster_endpoint.port,) if self.cluster_endpoint else ()

    @property
    def subnet_group(self) -> str:
        """Its subnet group."""
        return self.subnet_group_name


@read(CLUSTERS, per="region")
def memory_clusters(aws: Aws) -> list[MemoryCluster]:
    """The clusters of the region, but for those being deleted."""
    found: list[MemoryCluster] = aws.resources(CLUSTERS, "Clusters", MemoryCluster, "{ARN}")
    return [each for each in found if error_of(each) or each.status != "deleting"]


class MemorySubnet(msgspec.Struct, frozen=True, rename="pascal"):
    """A subnet of a subnet group."""

    identifier: str


class MemorySubnetGroup(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A subnet group (https://docs.aws.amazon.com/memorydb/latest/APIReference/API_SubnetGroup.html)."""

    arn: str
    name: str
    subnets: tuple[MemorySubnet, ...]

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """The subnets in which a cluster of the group may be."""
        return tuple(each.identifier for each in self.subnets)


@read(SUBNET_GROUPS, per="region")
def memory_subnet_groups(aws: Aws) -> list[MemorySubnetGroup]:
    """The subnet groups of clusters in the region."""
    found: list[MemorySubnetGroup] = aws.resources(SUBNET_GROUPS, "SubnetGroups", MemorySubnetGroup, "{ARN}")
    return found
