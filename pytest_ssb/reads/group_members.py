"""What is in which security groups, for those that judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssb.group_members import GroupMembers
from pytest_ssb.network import Network, NetworkInterface, SecurityGroup
from pytest_ssb.reads.group_sources import GroupsOf
from pytest_ssb.reads.group_uses import Uses
from pytest_ssb.reads.registry import read

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


@read(per="region")
def group_members(
    aws: Aws, security_groups: list[SecurityGroup], network_interfaces: list[NetworkInterface], group_uses: Uses, databases_of_groups: GroupsOf
) -> GroupMembers:
    """Network interfaces, load balancers, functions and databases, with the security groups that each is in."""
    network = Network(account=aws.account, security_groups=security_groups)
    account = f"arn:{aws.partition}:account::{aws.account}:account"
    return GroupMembers(network, network_interfaces, group_uses, databases_of_groups, account)
