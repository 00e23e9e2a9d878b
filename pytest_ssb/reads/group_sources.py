"""The security groups of databases and of load balancers' targets, with all that judging whom they admit needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_ssb.errors import NotOffered, Vanished
from pytest_ssb.group_sources import Behind, DatabaseSources, TargetSources, interfaces_of
from pytest_ssb.network import ManagedPrefixList, Network, NetworkInterface, SecurityGroup, Subnet, Vpc
from pytest_ssb.profiles import Profile
from pytest_ssb.reads.dax import DaxCluster
from pytest_ssb.reads.elasticache import CacheCluster, ReplicationGroup, ServerlessCache
from pytest_ssb.reads.group_uses import Uses
from pytest_ssb.reads.kafka import Cluster
from pytest_ssb.reads.load_balancers import LoadBalancer, Target, TargetGroup, has_network_targets
from pytest_ssb.reads.memorydb import MemoryCluster
from pytest_ssb.reads.mq import Broker
from pytest_ssb.reads.opensearch import Domain
from pytest_ssb.reads.rds import DbCluster, DbInstance
from pytest_ssb.reads.redshift import Warehouse, Workgroup
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.stores import Store
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource


@dataclass(frozen=True)
class Outside:
    """A target that the account does not show: in a peered VPC, or another account."""

    arn: str
    what: str


@dataclass(frozen=True)
class Missing:
    """What could not be read, so that nobody knows which groups it is in: one resource, or, as an `item` of the account, all of a service."""

    arn: str
    type: str
    error: Exception
    item: str | None = None


class GroupsOf(dict[str, list[Any]]):
    """What stands in each security group, by the group's id, and what stands in groups that are not known."""

    def __init__(self, aws: Aws, found: Iterable[tuple[str, Any]], missing: Iterable[Missing], outside: Iterable[Outside] = ()) -> None:
        super().__init__()
        self._prefix = f"arn:{aws.partition}:ec2:{aws.region}:{aws.account}:security-group/"
        for group_id, what in found:
            self.setdefault(group_id, []).append(what)
        self.missing = list(missing)
        self.outside = list(outside)

    def arn(self, group_id: str, network: Network) -> str:
        """A group's ARN; of one that can't be seen, what it is if the group is this account's."""
        try:
            return network.security_group(group_id).arn
        except Exception:  # noqa: BLE001 - of whatever kind the read's error is: whoever judges the group meets it again
            return f"{self._prefix}{group_id}"


@read(per="region")
def database_sources(
    aws: Aws,
    security_groups: list[SecurityGroup],
    prefix_lists: list[ManagedPrefixList],
    network_interfaces: list[NetworkInterface],
    group_uses: Uses,
    ssb_profile: Profile,
) -> DatabaseSources:
    """Who may reach databases."""
    network = Network(account=aws.account, security_groups=security_groups, prefix_lists=prefix_lists, network_interfaces=network_interfaces)
    return DatabaseSources(network, group_uses, ssb_profile)


@read(per="region")
def databases_of_groups(
    aws: Aws,
    db_instances: list[DbInstance],
    db_clusters: list[DbCluster],
    caches_with_nodes: list[CacheCluster | ReplicationGroup],
    serverless_caches: list[ServerlessCache],
    memory_clusters: list[MemoryCluster],
    dax_clusters: list[DaxCluster],
    warehouses: list[Warehouse],
    workgroups: list[Workgroup],
    search_domains: list[Domain],
    message_brokers: list[Broker],
    kafka_clusters: list[Cluster],
) -> GroupsOf:
    """The databases in each security group, and what else keeps or passes on data; what could not be read is `missing`."""
    services: list[tuple[str, str, Sequence[Store]]] = [
        ("DB instances", DbInstance.type, db_instances),
        ("DB clusters", DbCluster.type, db_clusters),
        ("ElastiCache", CacheCluster.type, caches_with_nodes),
        ("ElastiCache Serverless", ServerlessCache.type, serverless_caches),
        ("MemoryDB", MemoryCluster.type, memory_clusters),
        ("DAX", DaxCluster.type, dax_clusters),
        ("Redshift", Warehouse.type, warehouses),
        ("Redshift Serverless", Workgroup.type, workgroups),
        ("OpenSearch Service", Domain.type, search_domains),
        ("Amazon MQ", Broker.type, message_brokers),
        ("Amazon MSK", Cluster.type, kafka_clusters),
    ]
    found: list[tuple[str, Store]] = []
    missing: list[Missing] = []
    for called, type, stores in services:
        error = error_of(stores)
        if isinstance(error, NotOffered):
            continue
        if error is not None:
            missing.append(Missing(f"arn:{aws.partition}:account::{aws.account}:account", "AWS::::Account", error, called))
            continue
        for store in stores:
            try:
                found += [(group_id, store) for group_id in store.group_ids]
            except Exception as untold:  # noqa: BLE001 - of whatever kind the read's error is: it is raised of the store
                missing.append(Missing(store.arn, type if error_of(store) else store.type, untold))
    return GroupsOf(aws, found, missing)


@read(per="region")
def target_sources(
    aws: Aws,
    vpcs: list[Vpc],
    subnets: list[Subnet],
    security_groups: list[SecurityGroup],
    prefix_lists: list[ManagedPrefixList],
    network_interfaces: list[NetworkInterface],
) -> TargetSources:
    """Who may reach the targets of load balancers."""
    return TargetSources(
        Network(
            account=aws.account,
            vpcs=vpcs,
            subnets=subnets,
            security_groups=security_groups,
            prefix_lists=prefix_lists,
            network_interfaces=network_interfaces,
        )
    )


@read(per="region")
def balanced_groups(
    aws: Aws,
    load_balancers: list[LoadBalancer],
    target_groups: list[TargetGroup],
    targets: PerResource[list[Target]],
    client_addresses_kept: PerResource[bool],
    target_sources: TargetSources,
) -> GroupsOf:
    """The security groups of load balancers' targets, with the ports that each is reached on.

    Targets that the account does not show are `outside`; target groups that could not be read are `missing`.
    """
    known = {balancer.arn: balancer for balancer in load_balancers}
    outside: list[Outside] = []
    missing: list[Missing] = []

    def guarded() -> Iterator[tuple[str, Behind]]:
        for target_group in target_groups:
            try:
                balancers = _of(target_group, known) if has_network_targets(target_group) else ()
                registered = targets[target_group] if balancers else []
                kept = client_addresses_kept[target_group] if any(each.without_groups for each in balancers) else None
            except Vanished:
                continue
            except Exception as error:  # noqa: BLE001 - of whatever kind the read's error is: it is given back for this target group
                missing.append(Missing(target_group.arn, "AWS::ElasticLoadBalancingV2::TargetGroup", error))
                continue
            unseen = []
            for target in registered:
                interfaces = interfaces_of(target_sources.network, target, target_group)
                if not interfaces:
                    unseen.append(target.id)
                ports = tuple(dict.fromkeys((target.port, _health_check_port(target_group, target))))
                for group_id in dict.fromkeys(group_id for interface in interfaces for group_id in interface.group_ids):
                    yield group_id, Behind(target_group=target_group, ports=ports, balancers=balancers, keeps_client_addresses=kept)
            if unseen:
                outside.append(Outside(target_group.arn, f"target {', '.join(unseen)}"))

    return GroupsOf(aws, dict.fromkeys(guarded()), missing, outside)


def _of(group: TargetGroup, known: dict[str, LoadBalancer]) -> tuple[LoadBalancer, ...]:
    """The load balancers that send traffic to a target group; one that is gone by now does not, one that could not be read raises."""
    found = tuple(known[arn] for arn in dict.fromkeys(group.load_balancer_arns) if arn in known)
    for balancer in found:
        error = error_of(balancer)
        if error is not None:
            raise error
    return found


def _health_check_port(group: TargetGroup, target: Target) -> int:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html: a number, or the port of the traffic
    return target.port if group.health_check_port == "traffic-port" else int(group.health_check_port)
