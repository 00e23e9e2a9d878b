"""Redshift: the clusters, the workgroups of Redshift Serverless, and the subnet groups of clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from pytest_ssb.reads.registry import read
from pytest_ssb.reads.stores import Store, SubnetGroup
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

CLUSTERS, SUBNET_GROUPS, WORKGROUPS = "redshift:DescribeClusters", "redshift:DescribeClusterSubnetGroups", "redshift-serverless:ListWorkgroups"
_HERE = "arn:{partition}:redshift:{region}:{account}:"


class Endpoint(msgspec.Struct, frozen=True, rename="pascal"):
    """Where a cluster listens."""

    # absent while the cluster is being made
    port: int | None = None


class MemberGroup(msgspec.Struct, frozen=True, rename="pascal"):
    """A security group that a cluster is in."""

    vpc_security_group_id: str


class Warehouse(Store, frozen=True, kw_only=True, rename="pascal"):
    """A cluster (https://docs.aws.amazon.com/redshift/latest/APIReference/API_Cluster.html)."""

    type: ClassVar[str] = "AWS::Redshift::Cluster"
    arn: str
    cluster_status: str
    cluster_subnet_group_name: str
    vpc_security_groups: tuple[MemberGroup, ...]
    publicly_accessible: bool
    # absent while the cluster is being made
    endpoint: Endpoint | None = None

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Its security groups."""
        return tuple(each.vpc_security_group_id for each in self.vpc_security_groups)

    @property
    def ports(self) -> tuple[int, ...]:
        """The port that it listens on, none until it does."""
        return (self.endpoint.port,) if self.endpoint and self.endpoint.port is not None else ()

    @property
    def subnet_group(self) -> str:
        """Its subnet group."""
        return self.cluster_subnet_group_name

    @property
    def public(self) -> bool:
        """Whether it has a public address."""
        return self.publicly_accessible


@read(CLUSTERS, per="region")
def warehouses(aws: Aws) -> list[Warehouse]:
    """The clusters of the region, but for those being deleted."""
    found: list[Warehouse] = aws.resources(CLUSTERS, "Clusters", Warehouse, _HERE + "cluster:{ClusterIdentifier}")
    return [each for each in found if error_of(each) or each.cluster_status != "deleting"]


class Workgroup(Store, frozen=True, kw_only=True, rename="camel"):
    """A workgroup (https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_Workgroup.html)."""

    type: ClassVar[str] = "AWS::RedshiftServerless::Workgroup"
    arn: str = msgspec.field(name="Arn")
    called: str = msgspec.field(name="workgroupName")
    status: str
    in_subnets: tuple[str, ...] = msgspec.field(name="subnetIds")
    security_group_ids: tuple[str, ...]
    publicly_accessible: bool
    port: int

    @property
    def name(self) -> str:
        """Its name, which is not in its ARN."""
        return self.called

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Its security groups."""
        return self.security_group_ids

    @property
    def ports(self) -> tuple[int, ...]:
        """The port that it listens on."""
        return (self.port,)

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """The subnets that it is in."""
        return self.in_subnets

    @property
    def public(self) -> bool:
        """Whether it is reached from outside its VPC."""
        return self.publicly_accessible


@read(WORKGROUPS, per="region")
def workgroups(aws: Aws) -> list[Workgroup]:
    """The workgroups of the region, but for those being deleted."""
    found: list[Workgroup] = aws.resources(WORKGROUPS, "workgroups", Workgroup, "{workgroupArn}")
    return [each for each in found if error_of(each) or each.status != "DELETING"]


class WarehouseSubnetGroup(SubnetGroup, frozen=True, kw_only=True, rename="pascal"):
    """A subnet group (https://docs.aws.amazon.com/redshift/latest/APIReference/API_ClusterSubnetGroup.html)."""

    name: str = msgspec.field(name="ClusterSubnetGroupName")


@read(SUBNET_GROUPS, per="region")
def warehouse_subnet_groups(aws: Aws) -> list[WarehouseSubnetGroup]:
    """The subnet groups of clusters in the region."""
    arn = _HERE + "subnetgroup:{ClusterSubnetGroupName}"
    found: list[WarehouseSubnetGroup] = aws.resources(SUBNET_GROUPS, "ClusterSubnetGroups", WarehouseSubnetGroup, arn)
    return found
