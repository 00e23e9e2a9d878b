"""Where instances and stores of data stand, for those that judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssb.network import InternetGateway, ManagedPrefixList, Network, NetworkInterface, RouteTable, SecurityGroup, Subnet
from pytest_ssb.placement import DatabaseGroups, InstancePlaces, Places, Stand, Stands
from pytest_ssb.reads.dax import DaxCluster, DaxSubnetGroup
from pytest_ssb.reads.elasticache import CacheCluster, CacheSubnetGroup, ReplicationGroup, ServerlessCache
from pytest_ssb.reads.kafka import Cluster
from pytest_ssb.reads.memorydb import MemoryCluster, MemorySubnetGroup
from pytest_ssb.reads.mq import Broker
from pytest_ssb.reads.opensearch import Domain
from pytest_ssb.reads.rds import DbCluster, DbInstance, DbSubnetGroup
from pytest_ssb.reads.redshift import Warehouse, WarehouseSubnetGroup, Workgroup
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.resource_policies import Policies

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


@read(per="region")
def instance_places(
    aws: Aws,
    subnets: list[Subnet],
    route_tables: list[RouteTable],
    internet_gateways: list[InternetGateway],
    network_interfaces: list[NetworkInterface],
) -> InstancePlaces:
    """In which subnets the instances are, and which of them translate addresses."""
    network = Network(
        account=aws.account,
        subnets=subnets,
        route_tables=route_tables,
        internet_gateways=internet_gateways,
        network_interfaces=network_interfaces,
    )
    return InstancePlaces(network)


@read(per="region")
def places(
    aws: Aws,
    subnets: list[Subnet],
    route_tables: list[RouteTable],
    internet_gateways: list[InternetGateway],
    security_groups: list[SecurityGroup],
    prefix_lists: list[ManagedPrefixList],
) -> Places:
    """Which subnets are public, and what the security groups open to the internet."""
    network = Network(
        account=aws.account,
        subnets=subnets,
        route_tables=route_tables,
        internet_gateways=internet_gateways,
        security_groups=security_groups,
        prefix_lists=prefix_lists,
    )
    return Places(network)


@read(per="region")
def subnet_places(aws: Aws, subnets: list[Subnet], route_tables: list[RouteTable], internet_gateways: list[InternetGateway]) -> Places:
    """Which subnets are public, for what nobody asks the security groups of."""
    return Places(Network(account=aws.account, subnets=subnets, route_tables=route_tables, internet_gateways=internet_gateways))


@read(per="region")
def database_places(
    places: Places, db_instances: list[DbInstance], public_clusters: list[DbCluster], db_subnet_groups: list[DbSubnetGroup]
) -> Stands:
    """The databases that may have public addresses of their own, and where they may stand."""
    return Stands(
        places,
        ("DB instances", DbInstance.type, db_instances, db_subnet_groups),
        ("DB clusters", DbCluster.type, public_clusters, db_subnet_groups),
    )


@read(per="region")
def database_groups(
    places: Places, db_instances: list[DbInstance], db_clusters: list[DbCluster], db_subnet_groups: list[DbSubnetGroup]
) -> DatabaseGroups:
    """The subnet groups of databases, and the databases in each."""
    databases = Stands(
        places,
        ("DB instances", DbInstance.type, db_instances, db_subnet_groups),
        ("DB clusters", DbCluster.type, db_clusters, db_subnet_groups),
    )
    return DatabaseGroups(places, db_subnet_groups, databases)


@read(per="region")
def caches(
    places: Places,
    caches_with_nodes: list[CacheCluster | ReplicationGroup],
    serverless_caches: list[ServerlessCache],
    memory_clusters: list[MemoryCluster],
    dax_clusters: list[DaxCluster],
    cache_subnet_groups: list[CacheSubnetGroup],
    memory_subnet_groups: list[MemorySubnetGroup],
    dax_subnet_groups: list[DaxSubnetGroup],
) -> Stands:
    """The caches of all services, and where they may stand."""
    return Stands(
        places,
        ("ElastiCache", CacheCluster.type, caches_with_nodes, cache_subnet_groups),
        ("ElastiCache Serverless", ServerlessCache.type, serverless_caches, None),
        ("MemoryDB", MemoryCluster.type, memory_clusters, memory_subnet_groups),
        ("DAX", DaxCluster.type, dax_clusters, dax_subnet_groups),
    )


@read(per="region")
def placed_warehouses(
    places: Places, warehouses: list[Warehouse], workgroups: list[Workgroup], warehouse_subnet_groups: list[WarehouseSubnetGroup]
) -> Stands:
    """The clusters and workgroups of Redshift, and where they may stand."""
    return Stands(
        places,
        ("Redshift", Warehouse.type, warehouses, warehouse_subnet_groups),
        ("Redshift Serverless", Workgroup.type, workgroups, None),
    )


class PlacedDomains(Stands):
    """Search domains, and where they stand."""

    def __init__(self, places: Places, domains: list[Domain], policies: Policies) -> None:
        super().__init__(places, ("OpenSearch Service", Domain.type, domains, None))
        self._policies = policies

    def may_be_open(self, domain: Stand) -> bool:
        """Whether a domain's access policy lets in everyone; so, too, where that is not known."""
        try:
            return self._policies.verdicts[domain].reach == "open"
        except Exception:  # noqa: BLE001 - of whatever kind the read's error is: this only lowers a severity
            return True


@read(per="region")
def placed_domains(subnet_places: Places, search_domains: list[Domain], search_domain_policies: Policies) -> PlacedDomains:
    """The search domains, where they stand, and whom their policies let in."""
    return PlacedDomains(subnet_places, search_domains, search_domain_policies)


@read(per="region")
def brokers(places: Places, message_brokers: list[Broker], kafka_clusters: list[Cluster]) -> Stands:
    """The brokers of all services, and where they stand."""
    return Stands(places, ("Amazon MQ", Broker.type, message_brokers, None), ("Amazon MSK", Cluster.type, kafka_clusters, None))
