"""IAM: the roles that compute may assume, and by which of its policies each may do everything."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from pytest_ssb.policies import Statement, may_administer, takes_all_back
from pytest_ssb.reads.iam import AuthorizationDetails, Rights, Role
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, or_unread

# By whom compute comes to a role; EC2 has a name of its own in China
# (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).
SERVICES = (
    *("ec2.amazonaws.com", "ec2.amazonaws.com.cn", "ecs-tasks.amazonaws.com", "lambda.amazonaws.com"),
    *("pods.eks.amazonaws.com", "tasks.apprunner.amazonaws.com"),
)
# What the OIDC providers of clusters are called, with which pods come to a role (https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html).
CLUSTERS = ":oidc-provider/oidc.eks."


class ComputeRole(NamedTuple):
    """A role that compute may assume; `policy` is the one by which it may do everything, attached to it if it has an ARN, and within it if not."""

    arn: str
    assumed_by: tuple[str, ...]
    policy: str | None
    bounded: bool


@read(per="account")
def compute_roles(iam_authorization_details: AuthorizationDetails, iam_rights: Rights) -> list[ComputeRole]:
    """The roles that compute may assume, by whom they trust: whether some instance, task or function has one now is not asked."""
    found: list[ComputeRole] = []
    for role in iam_authorization_details.roles:
        if error_of(role):
            found.append(role)  # type: ignore[arg-type]
            continue
        assumed_by = (
            *filter(role.trusts_service, SERVICES),
            *(each.partition(":oidc-provider/")[2] for each in role.web_identity_providers if CLUSTERS in each),
        )
        if assumed_by:
            policy = or_unread(partial(_administering, role, iam_rights))
            found.append(ComputeRole(role.arn, assumed_by, policy, role.bounded))
    return found


def _administering(role: Role, rights: Rights) -> str | None:
    """The first policy by which a role may do everything, None if there is none, or if another one takes that back."""
    policies = dict(_policies(role, rights))
    if any(map(takes_all_back, policies.values())):
        return None
    return next((name for name, statements in policies.items() if may_administer(statements)), None)


def _policies(role: Role, rights: Rights) -> Iterator[tuple[str, list[Statement]]]:
    for inline in role.role_policy_list:
        yield inline.policy_name, rights.statements([inline], [])
    for attached in role.attached_managed_policies:
        yield attached.policy_arn, rights.statements([], [attached])
