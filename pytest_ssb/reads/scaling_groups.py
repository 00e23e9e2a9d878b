"""Auto Scaling: what each group launches next, and with which role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_ssb.errors import Undecided, UnexpectedAnswer
from pytest_ssb.reads.instance_profiles import InstanceProfiles
from pytest_ssb.reads.launch_templates import ARN, GROUPS, VERSIONS, Group, Specification, Version
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

CONFIGURATIONS = "autoscaling:DescribeLaunchConfigurations"


@read(GROUPS, per="region")
def scaling_groups(aws: Aws) -> list[Group]:
    """The Auto Scaling groups of the region."""
    found: list[Group] = aws.resources(GROUPS, "AutoScalingGroups", Group, "{AutoScalingGroupARN}")
    return found


@read(CONFIGURATIONS, VERSIONS, per="region")
def groups_without_role(aws: Aws, scaling_groups: list[Group], instance_profiles: InstanceProfiles) -> PerResource[tuple[str, ...]]:
    """From what each group launches instances that have no role, in words."""

    def without(group: Group) -> tuple[str, ...]:
        return tuple(
            f"{what} {'names no instance profile' if profile is None else f'names the instance profile {profile}, which has no role'}"
            for what, profile in _launched(aws, group)
            if profile is None or instance_profiles.role_in(profile) is None
        )

    return aws.each(scaling_groups, without)


def _launched(aws: Aws, group: Group) -> Iterator[tuple[str, str | None]]:
    """What a group launches from, each with its instance profile."""
    for specification in group.specifications:
        version = _version(aws, specification)
        yield f"{version.launch_template_id} version {version.version_number}", version.launch_template_data.profile
    if group.launch_configuration_name is not None:
        yield f"{group.launch_configuration_name}", _of_configuration(aws, group.launch_configuration_name)


def _version(aws: Aws, named: Specification) -> Version:
    """The version that a group names; one that is gone is no answer: nothing can be launched from it."""
    by = {"LaunchTemplateId": named.launch_template_id} if named.launch_template_id else {"LaunchTemplateName": named.launch_template_name}
    raws = aws.list(VERSIONS, "LaunchTemplateVersions", Versions=[named.version or "$Default"], **by)
    found: list[Version] = aws.parse(VERSIONS, raws, Version, ARN)
    if len(found) != 1:
        raise UnexpectedAnswer(f"{VERSIONS} answered {len(found)} versions where one was asked for", VERSIONS)
    error = error_of(found[0])
    if error is not None:
        raise error
    return found[0]


def _of_configuration(aws: Aws, name: str) -> str | None:
    for raw in aws.list(CONFIGURATIONS, "LaunchConfigurations", LaunchConfigurationNames=[name]):
        profile: str | None = raw.get("IamInstanceProfile")
        return profile or None
    raise Undecided(f"the launch configuration {name} is gone: nothing can be launched from it")
