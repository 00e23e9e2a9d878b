"""EFS: who reaches a file system without a policy, by the security groups of its mount targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.errors import Undecided, UnexpectedAnswer
from pytest_ssb.network_groups import SecurityGroup
from pytest_ssb.network_rules import rules
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.resource_policies import Policied, Policies
from pytest_ssb.unread import Index

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

TARGETS, GROUPS = "efs:DescribeMountTargets", "efs:DescribeMountTargetSecurityGroups"
NFS = 2049


class MountTarget(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/efs/latest/ug/API_MountTargetDescription.html"""

    mount_target_id: str


@read(TARGETS, GROUPS, per="region")
def open_mount_targets(aws: Aws, file_system_policies: Policies, security_groups: list[SecurityGroup]) -> PerResource[tuple[str, ...] | None]:
    """The security groups that let in addresses to each file system without a policy, and not groups alone; None where it has no mount target."""
    known = Index(security_groups, lambda group: [group.group_id])

    def look(resource: Policied) -> tuple[str, ...] | None:
        if file_system_policies[resource].has_policy:
            return ()
        raws = aws.list(TARGETS, "MountTargets", FileSystemId=resource.raw["FileSystemId"])
        try:
            targets = msgspec.convert(raws, list[MountTarget])
        except msgspec.ValidationError as error:
            raise UnexpectedAnswer(f"{TARGETS} answered a mount target that we cannot read: {error}", TARGETS) from None
        ids = dict.fromkeys(id for target in targets for id in aws.list(GROUPS, "SecurityGroups", MountTargetId=target.mount_target_id))
        return tuple(id for id in ids if _admits_addresses(known, id)) if targets else None

    return aws.each(file_system_policies, look)


def _admits_addresses(known: Index[str, SecurityGroup], id: str) -> bool:
    group = known.get(id)
    if group is None:
        raise Undecided(f"the security group {id} of a mount target is not seen")
    addressed = [each for each in group.ip_permissions if each.ip_ranges or each.ipv6_ranges or each.prefix_list_ids]
    return any(rule.covers("tcp", NFS) for rule in rules(addressed, lambda named: None))
