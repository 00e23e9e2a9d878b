"""Secrets in the user data of instances, launch templates and launch configurations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.ebs import Managed
from pytest_ssb.reads.launch_templates import LaunchTemplate, Version, pinned_versions
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.secret_holders import Hidden, Holder, held, search_for
from pytest_ssb.secrets.payload import texts_of
from pytest_ssb.secrets.search import Found, Search
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

INSTANCES, ATTRIBUTE = "ec2:DescribeInstances", "ec2:DescribeInstanceAttribute"
VERSIONS, GROUPS = "ec2:DescribeLaunchTemplateVersions", "autoscaling:DescribeAutoScalingGroups"
CONFIGURATIONS = "autoscaling:DescribeLaunchConfigurations"
INSTANCE = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceAttribute.html"


class State(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html"""

    name: Literal["pending", "running", "shutting-down", "terminated", "stopping", "stopped"]


class Instance(Managed, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html"""

    arn: str
    instance_id: str
    state: State


class Configuration(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchConfiguration.html"""

    arn: str
    launch_configuration_name: str
    # absent: none
    user_data: str = ""


@read(INSTANCES, ATTRIBUTE, per="region", absent={f"{ATTRIBUTE} UserData.Value": f"it has none ({INSTANCE})"})
def instance_secrets(aws: Aws, ssb_profile: Profile) -> list[Holder]:
    """The instances of the region that are not terminated, each with the secrets in its user data."""
    search = search_for(ssb_profile)
    raws = [raw for reservation in aws.list(INSTANCES, "Reservations") for raw in _instances(reservation)]
    listed = aws.parse(INSTANCES, raws, Instance, "arn:{partition}:ec2:{region}:{account}:instance/{InstanceId}")
    found = [each for each in listed if error_of(each) or each.state.name not in ("shutting-down", "terminated")]
    own = [each for each in found if not error_of(each) and not each.manager]
    answers = aws.each(own, lambda each: aws.ask(ATTRIBUTE, gone="InvalidInstanceID.NotFound", InstanceId=each.instance_id, Attribute="userData"))

    def look(instance: Instance) -> Holder:
        if instance.manager:
            return Holder(instance.arn, instance.instance_id, Found(), manager=instance.manager)
        told = answers[instance].get("UserData")
        if not isinstance(told, dict) or not isinstance(told.get("Value", ""), str):
            raise UnexpectedAnswer(f"{ATTRIBUTE} answered without UserData", ATTRIBUTE)
        return Holder(instance.arn, instance.instance_id, _in_user_data(search, told.get("Value", "")))

    return held(found, look)


def _instances(reservation: object) -> list[dict[str, object]]:
    found = reservation.get("Instances") if isinstance(reservation, dict) else None
    if not isinstance(found, list):
        raise UnexpectedAnswer(f"{INSTANCES} answered a reservation without Instances", INSTANCES)
    return found


@read(GROUPS, VERSIONS, per="region")
def launch_template_secrets(aws: Aws, ssb_profile: Profile, launch_templates: list[LaunchTemplate]) -> list[Holder]:
    """The launch templates, each with the secrets in the user data of its default version, its latest, and those that a group of instances names."""
    search = search_for(ssb_profile)
    readable = [template for template in launch_templates if error_of(template) is None and template.manager is None]
    further = dict(zip((template.arn for template in readable), pinned_versions(aws, readable), strict=True))

    def look(template: LaunchTemplate) -> Holder:
        if template.manager is not None:
            return Holder(template.arn, template.name, Found(), manager=template.manager)
        found = _in_versions(search, template.versions)
        pinned = or_unread(lambda: _in_versions(search, further[template.arn]))
        error = error_of(pinned)
        # A proven failure needs no further version.
        if error is not None and not found.suspects:
            raise error
        return Holder(template.arn, template.name, found if error else found + pinned, rest=error)

    return held(launch_templates, look)


@read(
    CONFIGURATIONS,
    per="region",
    absent={
        f"{CONFIGURATIONS} LaunchConfigurations.UserData": (
            "it has none (https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchConfiguration.html)"
        )
    },
)
def launch_configuration_secrets(aws: Aws, ssb_profile: Profile) -> list[Holder]:
    """The launch configurations of the region, each with the secrets in its user data."""
    search = search_for(ssb_profile)

    def look(each: Configuration) -> Holder:
        return Holder(each.arn, each.launch_configuration_name, _in_user_data(search, each.user_data))

    return held(aws.resources(CONFIGURATIONS, "LaunchConfigurations", Configuration, "{LaunchConfigurationARN}"), look)


def _in_versions(search: Search, versions: Iterable[Version]) -> Found:
    return sum((_in_user_data(search, each.launch_template_data.user_data, f"version {each.version_number}") for each in versions), Found())


def _in_user_data(search: Search, encoded: str, place: str = "") -> Found:
    texts = texts_of(encoded)
    names = [place] if len(texts) == 1 else [f"{place}, part {n}" if place else f"part {n}" for n in range(1, len(texts) + 1)]
    return sum((search.text(text, name) for text, name in zip(texts, names, strict=True)), Found())
