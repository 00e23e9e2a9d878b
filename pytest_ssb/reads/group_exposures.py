"""Security groups with all that judging them needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_ssb.group_exposure import Behind, GroupExposures, GroupsOf, Outside
from pytest_ssb.network import Network
from pytest_ssb.profiles import Profile
from pytest_ssb.reads.group_uses import Uses
from pytest_ssb.reads.load_balancers import LoadBalancer, Target, TargetGroup, has_network_targets
from pytest_ssb.reads.rds import DbCluster, DbInstance
from pytest_ssb.reads.registry import read

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource


@read(per="region")
def group_exposures(
    network: Network, group_uses: Uses, targets_open_to_clients: list[tuple[TargetGroup, list[Target]]], ssb_profile: Profile
) -> GroupExposures:
    """What the region's security groups admit, and how far that reaches."""
    return GroupExposures(network, group_uses, targets_open_to_clients, ssb_profile)


@read(per="region")
def databases_of_groups(aws: Aws, db_instances: list[DbInstance], db_clusters: list[DbCluster]) -> GroupsOf:
    """The databases in each security group."""
    databases: list[DbInstance | DbCluster] = [*db_instances, *db_clusters]
    return GroupsOf(_prefix(aws), ((group_id, database) for database in databases for group_id in database.group_ids))


@read(per="region")
def balanced_groups(
    aws: Aws, load_balancers: list[LoadBalancer], target_groups: list[TargetGroup], targets: PerResource[list[Target]], group_exposures: GroupExposures
) -> GroupsOf:
    """The security groups of load balancers' targets, with the ports that each is reached on; targets that can't be seen are `outside`."""
    balancers = {balancer.arn: balancer for balancer in load_balancers}
    outside: list[Outside] = []

    def guarded() -> Iterator[tuple[str, Behind]]:
        for target_group in target_groups:
            if not has_network_targets(target_group):
                continue
            unseen = []
            mine = tuple(balancers[arn] for arn in dict.fromkeys(target_group.load_balancer_arns))
            for target in targets[target_group]:
                interfaces = group_exposures.interfaces_of(target, target_group)
                if not interfaces:
                    unseen.append(target.id)
                ports = tuple(dict.fromkeys((target.port, _health_check_port(target_group, target))))
                for group_id in dict.fromkeys(group_id for interface in interfaces for group_id in interface.group_ids):
                    yield group_id, Behind(target_group=target_group, ports=ports, balancers=mine)
            if unseen:
                outside.append(Outside(arn=target_group.arn, what=f"target {', '.join(unseen)}"))

    return GroupsOf(_prefix(aws), dict.fromkeys(guarded()), outside)


def _health_check_port(group: TargetGroup, target: Target) -> int:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html: a number, or traffic-port, the default
    return target.port if group.health_check_port in (None, "traffic-port") else int(group.health_check_port or 0)


def _prefix(aws: Aws) -> str:
    return f"arn:{aws.partition}:ec2:{aws.region}:{aws.account}"
