"""The account's own policies that grant rights to users and groups: what each lets its holders take."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.policies import Statement, unlimited_by
from pytest_ssb.reads.iam import DETAILS, AuthorizationDetails, Group, InlinePolicy, ManagedPolicy, User
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import Index, error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


class Grant(NamedTuple):
    """What a policy of the account's own grants.

    `unlimited` says by what its holder can take every right, and whether under a condition; `services` are those of which it allows all;
    `leaks` says whether an access key alone may be enough to hold it, `bounded` whether some holder has a permissions boundary.
    """

    unlimited: tuple[str, bool] | None
    services: tuple[str, ...]
    leaks: bool
    bounded: bool


class Granting(NamedTuple):
    """Where a policy stands: by itself, or, by the name `item`, within a user or group; `type` is that of what `arn` names."""

    arn: str
    item: str | None
    type: str
    grant: Grant


@read(per="account")
def iam_custom_grants(aws: Aws, iam_authorization_details: AuthorizationDetails, iam_guarded_users: frozenset[str]) -> list[Granting]:
    """The account's own policies that users and groups hold, attached to them or within them."""
    details, iam = iam_authorization_details, f"arn:{aws.partition}:iam::{aws.account}:"
    users = [user for user in details.users if not error_of(user)]
    all_read = len(users) == len(details.users)

    def grant(statements: tuple[Statement, ...], holders: list[User]) -> Grant:
        patterns = [pattern for each in statements if each.allows for pattern in each.actions]
        return Grant(
            unlimited_by(statements, iam),
            tuple(dict.fromkeys(pattern[:-2] for pattern in patterns if pattern.endswith(":*"))),
            leaks=not all_read or any(holder.arn not in iam_guarded_users for holder in holders),
            bounded=any(holder.bounded for holder in holders),
        )

    found: list[Granting] = []
    attached: dict[str, list[User]] = {}
    for owners, type in ((details.users, "AWS::IAM::User"), (details.groups, "AWS::IAM::Group")):
        for owner in owners:
            if error_of(owner):
                found.append(Granting(owner.arn, None, type, cast(Grant, owner)))
                continue
            inline, holders = _holding(owner, users)
            found += [Granting(owner.arn, each.policy_name, type, grant(each.policy_document.statements, holders)) for each in inline]
            for policy in owner.attached_managed_policies:
                if not policy.is_aws_own:
                    attached.setdefault(policy.policy_arn, []).extend(holders)
    policies = Index(details.policies, lambda policy: [policy.arn])
    for arn, holders in attached.items():
        found.append(Granting(arn, None, "AWS::IAM::ManagedPolicy", or_unread(partial(_granted, grant, policies, arn, holders))))
    return found


def _holding(owner: User | Group, users: list[User]) -> tuple[tuple[InlinePolicy, ...], list[User]]:
    if isinstance(owner, User):
        return owner.user_policy_list, [owner]
    return owner.group_policy_list, [user for user in users if owner.group_name in user.group_list]


def _granted(
    grant: Callable[[tuple[Statement, ...], list[User]], Grant], policies: Index[str, ManagedPolicy], arn: str, holders: list[User]
) -> Grant:
    policy = policies.get(arn)
    if policy is None:
        raise UnexpectedAnswer(f"{DETAILS} answered without the policy {arn}, which is attached", DETAILS)
    return grant(policy.statements, holders)
