"""DynamoDB Accelerator: the clusters, and the subnet groups that they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from pytest_ssb.reads.registry import read
from pytest_ssb.reads.stores import Store, SubnetGroup
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

CLUSTERS, SUBNET_GROUPS = "dax:DescribeClusters", "dax:DescribeSubnetGroups"


class Endpoint(msgspec.Struct, frozen=True, rename="pascal"):
    """Where a cluster listens."""

    port: int


class MemberGroup(msgspec.Struct, frozen=True, rename="pascal"):
    """A security group that a cluster is in."""

    security_group_identifier: str


class DaxCluster(Store, frozen=True, kw_only=True, rename="pascal"):
    """A cluster (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_dax_Cluster.html)."""

    type: ClassVar[str] = "AWS::DAX::Cluster"
    arn: str
    status: str
    in_group: str = msgspec.field(name="SubnetGroup")
    security_groups: tuple[MemberGroup, ...]
    # absent while the cluster is being made
    cluster_discovery_endpoint: Endpoint | None = None

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Its security groups."""
        return tuple(each.security_group_identifier for each in self.security_groups)

    @property
    def ports(self) -> tuple[int, ...]:
        """The port that it listens on, none until it does."""
        return (self.cluster_discovery_endpoint.port,) if self.cluster_discovery_endpoint else ()

    @property
    def subnet_group(self) -> str:
        """Its subnet group."""
        return self.in_group


@read(CLUSTERS, per="region")
def dax_clusters(aws: Aws) -> list[DaxCluster]:
    """The clusters of the region, but for those being deleted."""
    found: list[DaxCluster] = aws.resources(CLUSTERS, "Clusters", DaxCluster, "{ClusterArn}")
    return [each for each in found if error_of(each) or each.status not in ("deleting", "deleted")]


class DaxSubnetGroup(SubnetGroup, frozen=True, kw_only=True, rename="pascal"):
    """A subnet group (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_dax_SubnetGroup.html)."""

    name: str = msgspec.field(name="SubnetGroupName")


@read(SUBNET_GROUPS, per="region")
def dax_subnet_groups(aws: Aws, dax_clusters: list[DaxCluster]) -> list[DaxSubnetGroup]:
    """The subnet groups of clusters in the region, which are asked for only where there is a cluster."""
    if not dax_clusters:
        return []
    # Such a group has no ARN of its own; none is shown to people.
    arn = "arn:{partition}:dax:{region}:{account}:subnetgroup/{SubnetGroupName}"
    found: list[DaxSubnetGroup] = aws.resources(SUBNET_GROUPS, "SubnetGroups", DaxSubnetGroup, arn)
    return found
