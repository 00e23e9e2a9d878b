"""What names subnets and security groups: databases, caches, file systems, brokers and search domains.

File systems, brokers and search domains have an interface in each of their subnets on AWS; they are asked all the same, since nobody promises that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from pytest_ssb.reads import opensearch
from pytest_ssb.reads.elasticache import WITH_NODES
from pytest_ssb.reads.naming import Lookup, Naming, listed, names, one_by_one, part

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


FILES = ("efs:DescribeFileSystems", "efs:DescribeMountTargets")
BROKERS = ("mq:ListBrokers", "mq:DescribeBroker")


class ListedSubnet(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A subnet of a subnet group: RDS and those that are built like it call it otherwise than MemoryDB."""

    subnet_identifier: str | None = None
    identifier: str | None = None

    def __post_init__(self) -> None:
        """Refuse one without any name."""
        if not (self.subnet_identifier or self.identifier):
            raise ValueError("a subnet of a subnet group needs SubnetIdentifier or Identifier")


class SubnetGroup(Naming, frozen=True, kw_only=True, rename="pascal"):
    """A subnet group of RDS, ElastiCache, Redshift, DMS or MemoryDB."""

    runs: ClassVar[bool] = False
    listed: tuple[ListedSubnet, ...] = msgspec.field(name="Subnets")

    @property
    def subnets(self) -> Iterator[str | None]:
        """The subnets in which something may be put."""
        return (each.subnet_identifier or each.identifier for each in self.listed)


class MemorySubnetGroup(SubnetGroup, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/memorydb/latest/APIReference/API_SubnetGroup.html"""

    called: str = msgspec.field(name="Name")

    @property
    def alive(self) -> bool:
        """Whether somebody made it: `default` is there in accounts that never used MemoryDB."""
        return self.called != "default"


class VpcSecurityGroup(msgspec.Struct, frozen=True, rename="pascal"):
    """A security group of a database."""

    vpc_security_group_id: str


class Guarded(Naming, frozen=True, kw_only=True, rename="pascal"):
    """An instance or cluster of RDS, Redshift or DMS; its subnets are those of its subnet group."""

    vpc_security_groups: tuple[VpcSecurityGroup, ...]

    @property
    def groups(self) -> Iterator[str]:
        """Its groups."""
        return (each.vpc_security_group_id for each in self.vpc_security_groups)


class MemberGroup(msgspec.Struct, frozen=True, rename="pascal"):
    """A security group of a cache."""

    security_group_id: str


class Cache(Naming, frozen=True, kw_only=True, rename="pascal"):
    """A cluster of ElastiCache or MemoryDB; its subnets are those of its subnet group."""

    security_groups: tuple[MemberGroup, ...]

    @property
    def groups(self) -> Iterator[str]:
        """Its groups."""
        return (each.security_group_id for each in self.security_groups)


class Proxy(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBProxy.html"""

    vpc_subnet_ids: tuple[str, ...]
    vpc_security_group_ids: tuple[str, ...]

    @property
    def subnets(self) -> tuple[str, ...]:
        """Its subnets."""
        return self.vpc_subnet_ids

    @property
    def groups(self) -> tuple[str, ...]:
        """Its groups."""
        return self.vpc_security_group_ids


class MountTarget(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/efs/latest/ug/API_MountTargetDescription.html; its groups are on its interface."""

    subnet_id: str

    @property
    def subnets(self) -> tuple[str, ...]:
        """Its subnet."""
        return (self.subnet_id,)


def _mount_targets(aws: Aws) -> Iterator[Any]:
    arn = "arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{FileSystemId}"

    def of_file_system(file_system: str) -> Any:
        pages = aws.pages(FILES[1], FileSystemId=file_system, gone="FileSystemNotFound")
        return aws.parse(FILES[1], [raw for page in pages for raw in part(FILES[1], page, "MountTargets")], MountTarget, arn)

    return one_by_one(names(FILES[0], aws.list(FILES[0], "FileSystems"), "FileSystemId"), of_file_system)


class Broker(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/amazon-mq/latest/api-reference/brokers-broker-id.html"""

    subnet_ids: tuple[str, ...]
    security_groups: tuple[str, ...]

    @property
    def subnets(self) -> tuple[str, ...]:
        """Its subnets."""
        return self.subnet_ids

    @property
    def groups(self) -> tuple[str, ...]:
        """Its groups."""
        return self.security_groups


def _brokers(aws: Aws) -> Iterator[Any]:
    def described(broker: str) -> Any:
        return aws.parse(BROKERS[1], [aws.ask(BROKERS[1], BrokerId=broker, gone="NotFoundException")], Broker, "{BrokerArn}")

    return one_by_one(names(BROKERS[0], aws.list(BROKERS[0], "BrokerSummaries"), "BrokerId"), described)


class BrokerNodes(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/msk/1.0/apireference/clusters.html"""

    client_subnets: tuple[str, ...]
    security_groups: tuple[str, ...] = ()  # absent: the default group of the VPC


class Provisioned(msgspec.Struct, frozen=True, rename="pascal"):
    """A cluster of brokers."""

    broker_node_group_info: BrokerNodes


class ServerlessVpc(msgspec.Struct, frozen=True, rename="pascal"):
    """A VPC that a cluster is reached from."""

    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...] = ()  # absent: the default group of the VPC


class Serverless(msgspec.Struct, frozen=True, rename="pascal"):
    """A cluster without brokers, reached from these VPCs."""

    vpc_configs: tuple[ServerlessVpc, ...]


class KafkaCluster(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/msk/2.0/APIReference/v2-clusters.html: it is of one of the two kinds."""

    provisioned: Provisioned | None = None
    serverless: Serverless | None = None

    def __post_init__(self) -> None:
        """Refuse one of neither kind."""
        if self.provisioned is None and self.serverless is None:
            raise ValueError("a cluster needs Provisioned or Serverless")

    @property
    def subnets(self) -> tuple[str, ...]:
        """Its subnets."""
        provisioned = self.provisioned.broker_node_group_info.client_subnets if self.provisioned else ()
        return (*provisioned, *(subnet for each in (self.serverless.vpc_configs if self.serverless else ()) for subnet in each.subnet_ids))

    @property
    def groups(self) -> tuple[str, ...]:
        """Its groups."""
        provisioned = self.provisioned.broker_node_group_info.security_groups if self.provisioned else ()
        return (*provisioned, *(group for each in (self.serverless.vpc_configs if self.serverless else ()) for group in each.security_group_ids))


class DomainVpc(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_VPCDerivedInfo.html"""

    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...] = ()


class Domain(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DomainStatus.html"""

    vpc: DomainVpc | None = msgspec.field(name="VPCOptions", default=None)  # absent: its endpoint is public

    @property
    def subnets(self) -> tuple[str, ...]:
        """Its subnets."""
        return self.vpc.subnet_ids if self.vpc else ()

    @property
    def groups(self) -> tuple[str, ...]:
        """Its groups."""
        return self.vpc.security_group_ids if self.vpc else ()


_HERE = "{region}:{account}:"

LOOKUPS: tuple[Lookup, ...] = (
    listed("rds:DescribeDBSubnetGroups", "DBSubnetGroups", SubnetGroup, "{DBSubnetGroupArn}"),
    listed("rds:DescribeDBInstances", "DBInstances", Guarded, "{DBInstanceArn}"),
    listed("rds:DescribeDBClusters", "DBClusters", Guarded, "{DBClusterArn}"),
    listed("rds:DescribeDBProxies", "DBProxies", Proxy, "{DBProxyArn}"),
    listed("elasticache:DescribeCacheSubnetGroups", "CacheSubnetGroups", SubnetGroup, "{ARN}"),
    listed("elasticache:DescribeCacheClusters", "CacheClusters", Cache, "{ARN}", **WITH_NODES),
    listed("memorydb:DescribeSubnetGroups", "SubnetGroups", MemorySubnetGroup, "{ARN}"),
    listed("memorydb:DescribeClusters", "Clusters", Cache, "{ARN}"),
    listed(
        "redshift:DescribeClusterSubnetGroups",
        "ClusterSubnetGroups",
        SubnetGroup,
        "arn:{partition}:redshift:" + _HERE + "subnetgroup:{ClusterSubnetGroupName}",
    ),
    listed("redshift:DescribeClusters", "Clusters", Guarded, "arn:{partition}:redshift:" + _HERE + "cluster:{ClusterIdentifier}"),
    listed(
        "dms:DescribeReplicationSubnetGroups",
        "ReplicationSubnetGroups",
        SubnetGroup,
        "arn:{partition}:dms:" + _HERE + "subgrp:{ReplicationSubnetGroupIdentifier}",
    ),
    listed("dms:DescribeReplicationInstances", "ReplicationInstances", Guarded, "{ReplicationInstanceArn}"),
    Lookup(FILES, _mount_targets),
    Lookup(BROKERS, _brokers),
    listed("kafka:ListClustersV2", "ClusterInfoList", KafkaCluster, "{ClusterArn}"),
    Lookup(opensearch.OPERATIONS, lambda aws: opensearch.described(aws, Domain)),
)
