"""ElastiCache: the caches, those without servers included, and the subnet groups that they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from pytest_ssb.errors import Undecided
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.stores import Store, SubnetGroup
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

CLUSTERS, SERVERLESS, SUBNET_GROUPS = (
    "elasticache:DescribeCacheClusters",
    "elasticache:DescribeServerlessCaches",
    "elasticache:DescribeCacheSubnetGroups",
)
# Everybody who lists clusters asks for the same, so that it is asked once.
WITH_NODES = {"ShowCacheNodeInfo": True}
_CLUSTER = "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CacheCluster.html"


class Endpoint(msgspec.Struct, frozen=True, rename="pascal"):
    """Where a cache listens."""

    port: int


class Node(msgspec.Struct, frozen=True, rename="pascal"):
    """A node of a cluster."""

    # absent while the node is being made
    endpoint: Endpoint | None = None


class MemberGroup(msgspec.Struct, frozen=True, rename="pascal"):
    """A security group that a cluster is in."""

    security_group_id: str


class CacheCluster(Store, frozen=True, kw_only=True, rename="pascal"):
    """A cluster (https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CacheCluster.html)."""

    type: ClassVar[str] = "AWS::ElastiCache::CacheCluster"
    arn: str
    cache_cluster_status: str
    cache_subnet_group_name: str
    security_groups: tuple[MemberGroup, ...]
    # absent: it stands alone
    replication_group_id: str | None = None
    # absent: no Memcached, or still being made
    configuration_endpoint: Endpoint | None = None
    cache_nodes: tuple[Node, ...] = ()

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Its security groups."""
        return tuple(each.security_group_id for each in self.security_groups)

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that it listens on, none until it does."""
        endpoints = (self.configuration_endpoint, *(each.endpoint for each in self.cache_nodes))
        return tuple(dict.fromkeys(each.port for each in endpoints if each is not None))

    @property
    def subnet_group(self) -> str:
        """Its subnet group."""
        return self.cache_subnet_group_name


class ReplicationGroup(Store, frozen=True, kw_only=True):
    """Clusters that hold the same data, or shards of it: all are of one subnet group."""

    type: ClassVar[str] = "AWS::ElastiCache::ReplicationGroup"
    members: tuple[CacheCluster, ...]
    # Whether every cluster of the region was read, so that none of its members is missing.
    whole: bool

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Its security groups."""
        if not self.whole:
            raise Undecided(f"a cluster that cannot be read may be of {self.name}")
        return tuple(dict.fromkeys(group for each in self.members for group in each.group_ids))

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that it listens on, none until it does."""
        return tuple(dict.fromkeys(port for each in self.members for port in each.ports))

    @property
    def subnet_group(self) -> str:
        """Its subnet group."""
        return self.members[0].subnet_group


@read(CLUSTERS, per="region", absent={f"{CLUSTERS} CacheClusters.ReplicationGroupId": f"it stands alone ({_CLUSTER})"})
def caches_with_nodes(aws: Aws) -> list[CacheCluster | ReplicationGroup]:
    """The replication groups of the region, made of their clusters, and the clusters that stand alone, but for those being deleted."""
    listed: list[CacheCluster] = aws.resources(CLUSTERS, "CacheClusters", CacheCluster, "{ARN}", **WITH_NODES)
    found: list[CacheCluster | ReplicationGroup] = []
    groups: dict[str, list[CacheCluster]] = {}
    for each in listed:
        if error_of(each) is not None:
            found.append(each)
        elif each.cache_cluster_status not in ("deleting", "deleted"):
            if each.replication_group_id is None:
                found.append(each)
            else:
                groups.setdefault(each.replication_group_id, []).append(each)
    prefix = f"arn:{aws.partition}:elasticache:{aws.region}:{aws.account}:replicationgroup:"
    whole = all(error_of(each) is None for each in listed)
    return [*(ReplicationGroup(arn=f"{prefix}{name}", members=tuple(members), whole=whole) for name, members in groups.items()), *found]


class ServerlessCache(Store, frozen=True, kw_only=True, rename="pascal"):
    """A cache without servers (https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ServerlessCache.html)."""

    type: ClassVar[str] = "AWS::ElastiCache::ServerlessCache"
    arn: str
    status: str
    in_groups: tuple[str, ...] = msgspec.field(name="SecurityGroupIds")
    in_subnets: tuple[str, ...] = msgspec.field(name="SubnetIds")
    # absent while the cache is being made
    endpoint: Endpoint | None = None
    reader_endpoint: Endpoint | None = None

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Its security groups."""
        return self.in_groups

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that it listens on, none where it is not told of both, as while it is being made."""
        return (self.endpoint.port, self.reader_endpoint.port) if self.endpoint is not None and self.reader_endpoint is not None else ()

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """The subnets that it is reached in."""
        return self.in_subnets


@read(SERVERLESS, per="region")
def serverless_caches(aws: Aws) -> list[ServerlessCache]:
    """The caches without servers, but for those being deleted."""
    found: list[ServerlessCache] = aws.resources(SERVERLESS, "ServerlessCaches", ServerlessCache, "{ARN}")
    return [each for each in found if error_of(each) or each.status.lower() != "deleting"]


class CacheSubnetGroup(SubnetGroup, frozen=True, kw_only=True, rename="pascal"):
    """A subnet group (https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CacheSubnetGroup.html)."""

    name: str = msgspec.field(name="CacheSubnetGroupName")


@read(SUBNET_GROUPS, per="region")
def cache_subnet_groups(aws: Aws) -> list[CacheSubnetGroup]:
    """The subnet groups of caches in the region."""
    found: list[CacheSubnetGroup] = aws.resources(SUBNET_GROUPS, "CacheSubnetGroups", CacheSubnetGroup, "{ARN}")
    return found
