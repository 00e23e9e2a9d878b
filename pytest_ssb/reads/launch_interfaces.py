"""What launch templates, launch configurations and groups of instances say of public addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from pytest_ssb.errors import Undecided
from pytest_ssb.reads.ebs import Managed
from pytest_ssb.reads.launch_templates import ARN, GROUPS, NO_VERSION, VERSIONS, Group, Specification
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

CONFIGURATIONS = "autoscaling:DescribeLaunchConfigurations"
_EC2, _SCALING = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference", "https://docs.aws.amazon.com/autoscaling/ec2/APIReference"
_INTERFACE = f"{_EC2}/API_LaunchTemplateInstanceNetworkInterfaceSpecification.html"
_DATA = f"{VERSIONS} LaunchTemplateVersions.LaunchTemplateData.NetworkInterfaces"


class Interface(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateInstanceNetworkInterfaceSpecification.html"""

    # absent: as the subnet says, if it is the first interface
    associate_public_ip_address: bool | None = None
    # absent: the first
    device_index: int | None = None
    # absent: one is made
    network_interface_id: str | None = None
    # absent: whoever launches says it
    subnet_id: str | None = None
    # absent: none is asked for
    ipv6_address_count: int | None = None
    ipv6_addresses: tuple[Any, ...] = ()
    ipv6_prefix_count: int | None = None
    ipv6_prefixes: tuple[Any, ...] = ()

    @property
    def has_ipv6(self) -> bool:
        """Whether it asks for IPv6 addresses."""
        return bool(self.ipv6_address_count or self.ipv6_addresses or self.ipv6_prefix_count or self.ipv6_prefixes)


class Data(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResponseLaunchTemplateData.html"""

    # absent: one, of which nothing is said
    network_interfaces: tuple[Interface, ...] = ()


class Version(Managed, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateVersion.html"""

    arn: str
    launch_template_id: str
    launch_template_name: str
    version_number: int
    default_version: bool
    launch_template_data: Data


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A launch template with its default and its latest version."""

    arn: str
    id: str
    name: str
    manager: str | None
    versions: tuple[Version, ...]
    default: Version

    def is_meant_by(self, specification: Specification) -> bool:
        """Whether a group launches from it."""
        return specification.launch_template_id == self.id or specification.launch_template_name == self.name

    def number_of(self, named: str | None) -> str:
        """The number of the version that is named: by number, `$Default`, or `$Latest`; None is the default one."""
        if named is None or named == "$Default":
            return str(self.default.version_number)
        return str(max(version.version_number for version in self.versions)) if named == "$Latest" else named


class LaunchConfiguration(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchConfiguration.html"""

    arn: str
    launch_configuration_name: str
    # absent: as the subnet says
    associate_public_ip_address: bool | None = None


class PlacedGroup(Group, frozen=True, kw_only=True, rename="pascal"):
    """A group with where it launches (https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html)."""

    auto_scaling_group_name: str
    availability_zones: tuple[str, ...]
    # absent: the default subnets of its zones; otherwise ids with commas between them
    zones: str = msgspec.field(name="VPCZoneIdentifier", default="")

    @property
    def subnet_ids(self) -> list[str]:
        """The subnets that it names."""
        return [each.strip() for each in self.zones.split(",") if each.strip()]


NamedVersions: TypeAlias = "PerResource[dict[str, Version]]"


@read(
    VERSIONS,
    per="region",
    absent={
        _DATA: f"one, of which nothing is said ({_EC2}/API_ResponseLaunchTemplateData.html)",
        f"{_DATA}.AssociatePublicIpAddress": f"as the subnet says ({_INTERFACE})",
        f"{_DATA}.Ipv6AddressCount": f"none is asked for ({_INTERFACE})",
    },
)
def addressing_templates(aws: Aws) -> list[Template]:
    """The launch templates of the region, with what they say of addresses."""
    found: list[Version] = aws.resources(VERSIONS, "LaunchTemplateVersions", Version, ARN, Versions=["$Default", "$Latest"])
    by_arn: dict[str, list[Version]] = {}
    for version in found:
        by_arn.setdefault(version.arn, []).append(version)
    return [_template(arn, versions) for arn, versions in by_arn.items()]


def _template(arn: str, versions: Sequence[Version]) -> Template:
    error = next((error for error in map(error_of, versions) if error is not None), None)
    default = None if error else next((version for version in versions if version.default_version), None)
    if error is not None or default is None:
        unreadable: Template = unread(error or Undecided(f"no version of {arn.rpartition('/')[2]} is the default one"), arn)
        return unreadable
    name, manager = default.launch_template_name, default.manager
    return Template(arn=arn, id=default.launch_template_id, name=name, manager=manager, versions=tuple(versions), default=default)


@read(
    CONFIGURATIONS,
    per="region",
    absent={f"{CONFIGURATIONS} LaunchConfigurations.AssociatePublicIpAddress": f"as the subnet says ({_SCALING}/API_LaunchConfiguration.html)"},
)
def launch_configurations(aws: Aws) -> list[LaunchConfiguration]:
    """The launch configurations of the region."""
    found: list[LaunchConfiguration] = aws.resources(CONFIGURATIONS, "LaunchConfigurations", LaunchConfiguration, "{LaunchConfigurationARN}")
    return found


@read(
    GROUPS,
    per="region",
    absent={f"{GROUPS} AutoScalingGroups.VPCZoneIdentifier": f"the default subnets of its zones ({_SCALING}/API_CreateAutoScalingGroup.html)"},
)
def placed_groups(aws: Aws) -> list[PlacedGroup]:
    """The Auto Scaling groups of the region, with where they launch."""
    found: list[PlacedGroup] = aws.resources(GROUPS, "AutoScalingGroups", PlacedGroup, "{AutoScalingGroupARN}")
    return found


@read(VERSIONS, per="region")
def named_versions(aws: Aws, addressing_templates: list[Template], placed_groups: list[PlacedGroup]) -> NamedVersions:
    """By their numbers, the further versions of each template that groups launch from; one that is gone is not there."""

    def further(template: Template) -> dict[str, Version]:
        found: dict[str, Version] = {}
        wanted = {each.version for group in placed_groups for each in group.specifications if template.is_meant_by(each) and each.version}
        for number in sorted(wanted - {str(version.version_number) for version in template.versions} - {"$Default", "$Latest"}):
            pages = aws.pages(VERSIONS, absent=NO_VERSION, LaunchTemplateId=template.id, Versions=[number])
            for version in aws.parse(VERSIONS, [raw for page in pages or () for raw in page["LaunchTemplateVersions"]], Version, ARN):
                found[number] = version
        return found

    return aws.each([template for template in addressing_templates if error_of(template) is None], further)
