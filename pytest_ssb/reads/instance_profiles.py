"""IAM: which role is in which instance profile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pytest_ssb.reads.iam import DETAILS, Role
from pytest_ssb.reads.instance_roles import InstanceRole
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import Index

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


class InstanceProfiles:
    """Which role is in which instance profile. Of a profile that no role names, a role that could not be read raises: it might be in it."""

    def __init__(self, roles: Iterable[InstanceRole]) -> None:
        known = list(roles)
        self._by_arn: Index[str, InstanceRole] = Index(known, lambda role: [profile.arn for profile in role.instance_profile_list])
        self._by_name: Index[str, InstanceRole] = Index(
            known, lambda role: [profile.arn.rpartition("/")[2] for profile in role.instance_profile_list]
        )

    def role_in(self, profile: str) -> Role | None:
        """The role in the profile of that ARN or name, None where it is known to have none, or not to exist."""
        return self._by_arn.get(profile) if profile.startswith("arn:") else self._by_name.get(profile)


@read(DETAILS, per="account")
def instance_profiles(aws: Aws) -> InstanceProfiles:
    """Which role is in which instance profile."""
    return InstanceProfiles(aws.resources(DETAILS, "RoleDetailList", InstanceRole, "{Arn}"))
