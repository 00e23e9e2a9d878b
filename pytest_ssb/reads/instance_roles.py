"""The roles of instances: whether what they allow lets the agent of Systems Manager do its work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.policies import Statement
from pytest_ssb.reads.ec2 import Instance
from pytest_ssb.reads.iam import DETAILS, Rights, Role
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import Index

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

# AWS's own policies for agents by the end of their ARNs: the one that the guide names, the one before it, which allows far too much.
CORE, RETIRED = "::aws:policy/AmazonSSMManagedInstanceCore", "::aws:policy/service-role/AmazonEC2RoleforSSM"
# What an agent needs before anybody can start a session through it:
# https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
NEEDED = (
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)


class ProfileOfRole(msgspec.Struct, frozen=True, rename="pascal"):
    """An instance profile that a role is in."""

    arn: str


class InstanceRole(Role, frozen=True, kw_only=True, rename="pascal"):
    """A role, with the instance profiles that it is in."""

    instance_profile_list: tuple[ProfileOfRole, ...]


class AgentRights(NamedTuple):
    """What an instance's role does for its agent: `lacking` in words, None if nothing; `open` is what nobody can tell, `remark` what is to be said of it."""

    lacking: str | None = None
    open: str | None = None
    denied: bool = False
    remark: str = ""


class AgentPermissions:
    """What the roles of instances allow their agents. Raises where the answer rests on what could not be read."""

    def __init__(self, roles: Iterable[InstanceRole], rights: Rights) -> None:
        self._roles = Index(roles, lambda role: [profile.arn for profile in role.instance_profile_list])
        self._rights = rights

    def of(self, instance: Instance) -> AgentRights:
        """What the instance's role allows its agent."""
        if instance.iam_instance_profile is None:
            return AgentRights("no role")
        role = self._roles.get(instance.iam_instance_profile.arn)
        if role is None:
            return AgentRights("its instance profile has no role, or is gone")
        owned = [each for each in role.attached_managed_policies if each.policy_arn.endswith((CORE, RETIRED))]
        others = [each for each in role.attached_managed_policies if each not in owned]
        remarks = ["AmazonEC2RoleforSSM allows far more than the agent needs"] if any(each.policy_arn.endswith(RETIRED) for each in owned) else []
        remarks += ["the role's permissions boundary was not looked at"] if role.bounded else []
        found = _judged(self._rights.statements(role.role_policy_list, others), given=bool(owned))
        return found._replace(lacking=found.lacking and f"the role {role.role_name} {found.lacking}", remark="; ".join(remarks))


def _judged(statements: list[Statement], *, given: bool) -> AgentRights:
    missing, unsure = [], []
    for action in NEEDED:
        about = [statement for statement in statements if statement.covers(action)]
        denies = [statement for statement in about if not statement.allows]
        if any(map(_always, denies)):
            return AgentRights(f"is denied {action}", denied=True)
        allows = [statement for statement in about if statement.allows]
        if not given and not allows:
            missing.append(action)
        elif denies or not (given or any(map(_always, allows))):
            unsure.append(action)
    if missing:
        return AgentRights(f"does not allow {', '.join(missing)}")
    return AgentRights(open=f"do its policies, by their conditions and resources, allow the agent {', '.join(unsure)}?" if unsure else None)


def _always(statement: Statement) -> bool:
    if statement.resource is None and statement.not_resource is None:
        raise UnexpectedAnswer(f"{DETAILS} answered a statement that names no resource", DETAILS)
    return not statement.condition and statement.not_resource is None and statement.reaches("*")


@read(DETAILS, per="account")
def agent_permissions(aws: Aws, iam_rights: Rights) -> AgentPermissions:
    """What the account's roles allow the agents on its instances."""
    roles: list[InstanceRole] = aws.resources(DETAILS, "RoleDetailList", InstanceRole, "{Arn}")
    return AgentPermissions(roles, iam_rights)
