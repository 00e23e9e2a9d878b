"""Security groups with all that judging them needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_ssb.errors import Vanished
from pytest_ssb.group_exposure import Behind, GroupExposures, GroupsOf, Missing, Outside
from pytest_ssb.network import Network
from pytest_ssb.profiles import Profile
from pytest_ssb.reads.group_uses import Uses
from pytest_ssb.reads.load_balancers import LoadBalancer, Target, TargetGroup, has_network_targets
from pytest_ssb.reads.rds import DbCluster, DbInstance
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of

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
    databases: list[tuple[str, DbInstance | DbCluster]] = [("AWS::RDS::DBInstance", each) for each in db_instances]
    databases += [("AWS::RDS::DBCluster", each) for each in db_clusters]
    return GroupsOf(
        _prefix(aws),
        ((group_id, database) for _, database in databases if error_of(database) is None for group_id in database.group_ids),
        missing=[Missing(arn=each.arn, type=kind, error=error) for kind, each in databases if (error := error_of(each)) is not None],
    )


@read(per="region")
def balanced_groups(
    aws: Aws,
    load_balancers: list[LoadBalancer],
    target_groups: list[TargetGroup],
    targets: PerResource[list[Target]],
    group_exposures: GroupExposures,
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
            except Vanished:
                continue
            except Exception as error:  # noqa: BLE001 - of whatever kind the read's error is: it is given back for this target group
                missing.append(Missing(arn=target_group.arn, type="AWS::ElasticLoadBalancingV2::TargetGroup", error=error))
                continue
            unseen = []
            for target in registered:
                interfaces = group_exposures.interfaces_of(target, target_group)
                if not interfaces:
                    unseen.append(target.id)
                ports = tuple(dict.fromkeys((target.port, _health_check_port(target_group, target))))
                for group_id in dict.fromkeys(group_id for interface in interfaces for group_id in interface.group_ids):
                    yield group_id, Behind(target_group=target_group, ports=ports, balancers=balancers)
            if unseen:
                outside.append(Outside(arn=target_group.arn, what=f"target {', '.join(unseen)}"))

    return GroupsOf(_prefix(aws), dict.fromkeys(guarded()), outside, missing)


def _of(group: TargetGroup, known: dict[str, LoadBalancer]) -> tuple[LoadBalancer, ...]:
    """The load balancers that send traffic to a target group; one that is gone by now does not, one that could not be read raises."""
    found = tuple(known[arn] for arn in dict.fromkeys(group.load_balancer_arns) if arn in known)
    for balancer in found:
        error = error_of(balancer)
        if error is not None:
            raise error
    return found


def _health_check_port(group: TargetGroup, target: Target) -> int:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html: a number, or traffic-port, the default
    return target.port if group.health_check_port in (None, "traffic-port") else int(group.health_check_port or 0)


def _prefix(aws: Aws) -> str:
    return f"arn:{aws.partition}:ec2:{aws.region}:{aws.account}"
