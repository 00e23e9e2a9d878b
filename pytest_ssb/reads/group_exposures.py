"""Security groups with all that judging what they open needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssb.group_exposure import AllTrafficRules, DefaultGroups, GroupExposures
from pytest_ssb.network import Network, NetworkInterface, SecurityGroup
from pytest_ssb.profiles import Profile
from pytest_ssb.reads.group_uses import Uses
from pytest_ssb.reads.load_balancers import Target, TargetGroup
from pytest_ssb.reads.registry import read

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


@read(per="region")
def group_exposures(
    network: Network, group_uses: Uses, targets_open_to_clients: list[tuple[TargetGroup, list[Target]]], ssb_profile: Profile
) -> GroupExposures:
    """What the region's security groups admit, and how far that reaches."""
    return GroupExposures(network, group_uses, targets_open_to_clients, ssb_profile)


@read(per="region")
def default_groups(aws: Aws, security_groups: list[SecurityGroup], network_interfaces: list[NetworkInterface], group_uses: Uses) -> DefaultGroups:
    """The account's default security groups, one for each VPC, and whether anything is in them."""
    return DefaultGroups(aws.account, security_groups, network_interfaces, group_uses)


@read(per="region")
def all_traffic_rules(aws: Aws, security_groups: list[SecurityGroup]) -> AllTrafficRules:
    """The security groups of the region, and which of their rules admit everything."""
    return AllTrafficRules(aws.account, security_groups)
