"""Launch templates: the versions that are in use, and the volumes that they would leave unencrypted."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_ssb.reads.ebs import EncryptionByDefault, Managed
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, or_unread, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

VERSIONS, GROUPS, IMAGES, SNAPSHOTS = (
    "ec2:DescribeLaunchTemplateVersions",
    "autoscaling:DescribeAutoScalingGroups",
    "ec2:DescribeImages",
    "ec2:DescribeSnapshots",
)
ARN = "arn:{partition}:ec2:{region}:{account}:launch-template/{LaunchTemplateId}"
NO_VERSION = ("InvalidLaunchTemplateId.VersionNotFound", "InvalidLaunchTemplateId.NotFound")
DATA = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResponseLaunchTemplateData.html"
SPECIFICATION = "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateSpecification.html"
ABSENT = {
    f"{VERSIONS} LaunchTemplateVersions.LaunchTemplateData.ImageId": f"the image is named at launch ({DATA})",
    f"{VERSIONS} LaunchTemplateVersions.LaunchTemplateData.BlockDeviceMappings": f"the volumes of the image ({DATA})",
    f"{VERSIONS} LaunchTemplateVersions.LaunchTemplateData.UserData": f"none ({DATA})",
}
FILTER_VALUES = 200  # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html


class Ebs(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A volume to make (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateEbsBlockDevice.html, API_EbsBlockDevice.html)."""

    # absent: as the snapshot is, or else as the region's default says
    encrypted: bool | None = None
    # absent: an empty volume, or that of the image
    snapshot_id: str | None = None


class Mapping(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A device (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateBlockDeviceMapping.html)."""

    device_name: str
    # It has one of the three: an EBS volume, a disk of the instance's own, or the word that a device of the image is left out.
    ebs: Ebs | None = None
    virtual_name: str | None = None
    no_device: str | None = None

    def __post_init__(self) -> None:
        """Refuse a device of which nothing is said."""
        if self.ebs is None and self.virtual_name is None and self.no_device is None:
            raise ValueError("a device needs one of Ebs, VirtualName and NoDevice")


class Image(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """An image, as far as its volumes go (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html)."""

    arn: str
    # Images of the instance store are made of a bundle in S3; moto knows neither of AWS's two words.
    root_device_type: str | None = None
    block_device_mappings: tuple[Mapping, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an image whose root is a volume that it does not describe."""
        if self.root_device_type != "instance-store" and not self.block_device_mappings:
            raise ValueError("an image needs BlockDeviceMappings, unless its root is of the instance store")


class ProfileOfTemplate(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateIamInstanceProfileSpecification.html: by one of the two."""

    arn: str | None = None
    name: str | None = None


class TemplateData(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a version says (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResponseLaunchTemplateData.html)."""

    # absent: the image is named at launch; `resolve:ssm:...` is looked up then
    image_id: str | None = None
    # absent: the image's own volumes
    block_device_mappings: tuple[Mapping, ...] = ()
    # absent: none; it may hold secrets
    user_data: str = ""
    # absent: none, which fails where one is asked for
    iam_instance_profile: ProfileOfTemplate | None = None

    def __repr__(self) -> str:
        return "TemplateData"

    @property
    def profile(self) -> str | None:
        """The instance profile by ARN or name."""
        named = self.iam_instance_profile
        return None if named is None else named.arn or named.name

    @property
    def fixed_image(self) -> str | None:
        """The id of the image, if it is known before launch."""
        return self.image_id if self.image_id and self.image_id.startswith("ami-") else None


class Version(Managed, frozen=True, kw_only=True, rename="pascal"):
    """A version of a launch template (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateVersion.html)."""

    arn: str
    launch_template_id: str
    launch_template_name: str
    version_number: int
    launch_template_data: TemplateData


@dataclass(frozen=True)
class TemplateVolumes:
    """What comes of a launch template without encryption by default. `plain`: the volumes that are not encrypted, as `version 2: /dev/xvda`."""

    plain: tuple[str, ...] = ()
    # Whether none of its versions says anything of a volume, nor names an image that is there.
    silent: bool = False


@dataclass(frozen=True)
class LaunchTemplate:
    """A launch template with its default and its latest version."""

    arn: str
    id: str
    name: str
    manager: str | None
    versions: tuple[Version, ...]


class Specification(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """The launch template that a group uses (https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateSpecification.html)."""

    # It has one of the two at least.
    launch_template_id: str | None = None
    launch_template_name: str | None = None
    # absent: the default version
    version: str | None = None

    def __post_init__(self) -> None:
        """Refuse one that names no template."""
        if self.launch_template_id is None and self.launch_template_name is None:
            raise ValueError("a specification needs LaunchTemplateId or LaunchTemplateName")


class Override(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """An instance type of a group (https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateOverrides.html)."""

    # absent: that of the group
    launch_template_specification: Specification | None = None


class MixedTemplate(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplate.html"""

    launch_template_specification: Specification
    # absent: none
    overrides: tuple[Override, ...] = ()


class MixedInstancesPolicy(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_MixedInstancesPolicy.html"""

    launch_template: MixedTemplate


class Group(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A group (https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html): of the three ways to say what is launched it has one."""

    arn: str
    launch_template: Specification | None = None
    mixed_instances_policy: MixedInstancesPolicy | None = None
    launch_configuration_name: str | None = None

    def __post_init__(self) -> None:
        """Refuse one that launches from nothing."""
        if self.launch_template is None and self.mixed_instances_policy is None and self.launch_configuration_name is None:
            raise ValueError("a group needs one of LaunchTemplate, MixedInstancesPolicy and LaunchConfigurationName")

    @property
    def specifications(self) -> Iterator[Specification]:
        """All that it launches from."""
        if self.launch_template:
            yield self.launch_template
        if self.mixed_instances_policy:
            mixed = self.mixed_instances_policy.launch_template
            yield mixed.launch_template_specification
            yield from (each.launch_template_specification for each in mixed.overrides if each.launch_template_specification)


@read(VERSIONS, per="region", absent=ABSENT)
def launch_templates(aws: Aws) -> list[LaunchTemplate]:
    """The launch templates of the region, each with its default and its latest version."""
    found: list[Version] = aws.resources(VERSIONS, "LaunchTemplateVersions", Version, ARN, Versions=["$Default", "$Latest"])
    by_arn: dict[str, list[Version]] = {}
    for version in found:
        by_arn.setdefault(version.arn, []).append(version)
    return [_template(versions) for versions in by_arn.values()]


def _template(versions: Sequence[Version]) -> LaunchTemplate:
    for version in versions:
        error = error_of(version)
        if error is not None:
            unreadable: LaunchTemplate = unread(error, version.arn)
            return unreadable
    one = versions[0]
    distinct = {version.version_number: version for version in versions}
    return LaunchTemplate(one.arn, one.launch_template_id, one.launch_template_name, one.manager, tuple(distinct[n] for n in sorted(distinct)))


@read(
    GROUPS,
    VERSIONS,
    IMAGES,
    SNAPSHOTS,
    per="region",
    absent={
        f"{GROUPS} AutoScalingGroups.LaunchTemplate.Version": f"the default version ({SPECIFICATION})",
        f"{GROUPS} AutoScalingGroups.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.Version": f"the default version ({SPECIFICATION})",
        f"{GROUPS} AutoScalingGroups.MixedInstancesPolicy.LaunchTemplate.Overrides.LaunchTemplateSpecification.Version": (
            f"the default version ({SPECIFICATION})"
        ),
        f"{GROUPS} AutoScalingGroups.MixedInstancesPolicy.LaunchTemplate.Overrides": (
            "none (https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplate.html)"
        ),
        f"{GROUPS} AutoScalingGroups.MixedInstancesPolicy.LaunchTemplate.Overrides.LaunchTemplateSpecification": (
            "that of the group (https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateOverrides.html)"
        ),
    },
)
def launch_template_volumes(
    aws: Aws, launch_templates: list[LaunchTemplate], ebs_encryption_by_default: EncryptionByDefault
) -> PerResource[TemplateVolumes]:
    """Which volumes each launch template would leave unencrypted without encryption by default; not asked where that is on.

    Looked at are the default version, the latest, and those that a group of instances names.
    """
    if error_of(ebs_encryption_by_default) is None and ebs_encryption_by_default.enabled:
        return aws.same(launch_templates, TemplateVolumes())
    readable = [template for template in launch_templates if error_of(template) is None and template.manager is None]
    pinned = {template.id: pins for template, pins in zip(readable, pinned_versions(aws, readable), strict=True)}
    known = [version for template in readable for version in (*template.versions, *(() if error_of(pinned[template.id]) else pinned[template.id]))]
    images = or_unread(lambda: _images(aws, known))
    encrypted = or_unread(lambda: _encrypted_snapshots(aws, known))

    def volumes(template: LaunchTemplate) -> TemplateVolumes:
        if template.manager is not None:
            return TemplateVolumes()
        found = _volumes(template.versions, images, encrypted)
        # A proven failure needs no further version.
        return found if found.plain else _volumes((*template.versions, *pinned[template.id]), images, encrypted)

    return aws.each(launch_templates, volumes)


def pinned_versions(aws: Aws, templates: Sequence[LaunchTemplate]) -> list[Sequence[Version]]:
    """The further versions of each template that some group names, in the order of the templates."""
    if not templates:
        return []
    arn = "{AutoScalingGroupARN}"
    groups: Any = or_unread(lambda: [each for group in aws.resources(GROUPS, "AutoScalingGroups", Group, arn) for each in group.specifications])
    return [or_unread(functools.partial(_further, aws, template, groups)) for template in templates]


def _further(aws: Aws, template: LaunchTemplate, named: Iterable[Specification]) -> list[Version]:
    here = [each for each in named if each.launch_template_id == template.id or each.launch_template_name == template.name]
    numbers = {each.version for each in here if each.version and not each.version.startswith("$")}
    found: list[Version] = []
    for number in sorted(numbers - {str(version.version_number) for version in template.versions}):
        pages = aws.pages(VERSIONS, absent=NO_VERSION, LaunchTemplateId=template.id, Versions=[number])
        found += aws.parse(VERSIONS, [raw for page in pages or () for raw in page["LaunchTemplateVersions"]], Version, ARN)
    return found


def _images(aws: Aws, versions: Iterable[Version]) -> dict[str, Image]:
    ids = {version.launch_template_data.fixed_image for version in versions if error_of(version) is None}
    raws = list(_filtered(aws, IMAGES, "Images", "image-id", ids))
    images = aws.parse(IMAGES, raws, Image, "arn:{partition}:ec2:{region}::image/{ImageId}")
    return {raw["ImageId"]: image for raw, image in zip(raws, images, strict=True)}


def _encrypted_snapshots(aws: Aws, versions: Iterable[Version]) -> set[str]:
    mappings = [mapping for version in versions if error_of(version) is None for mapping in version.launch_template_data.block_device_mappings]
    ids = {mapping.ebs.snapshot_id for mapping in mappings if mapping.ebs and not mapping.ebs.encrypted}
    return {snapshot["SnapshotId"] for snapshot in _filtered(aws, SNAPSHOTS, "Snapshots", "snapshot-id", ids) if snapshot["Encrypted"]}


def _filtered(aws: Aws, operation: str, key: str, name: str, ids: Iterable[str | None]) -> Iterator[Any]:
    """What is there of the ids: a filter, unlike a list of ids, lets the others be answered where one is gone."""
    wanted = sorted(one for one in ids if one)
    for start in range(0, len(wanted), FILTER_VALUES):
        yield from aws.list(operation, key, Filters=[{"Name": name, "Values": wanted[start : start + FILTER_VALUES]}])


def _volumes(versions: Iterable[Version], images: dict[str, Image], encrypted: set[str]) -> TemplateVolumes:
    plain, silent = [], True
    for version in versions:
        data = version.launch_template_data
        image = images.get(data.fixed_image) if data.fixed_image else None
        theirs = {} if image is None else {mapping.device_name: mapping.ebs for mapping in image.block_device_mappings}
        ours = {mapping.device_name: mapping.ebs for mapping in data.block_device_mappings}
        silent = silent and image is None and not ours
        devices = sorted(name for name in {**theirs, **ours} if not _is_encrypted(ours.get(name), theirs.get(name), name in ours, encrypted))
        if devices:
            plain.append(f"version {version.version_number}: {', '.join(devices)}")
    return TemplateVolumes(tuple(plain), silent)


def _is_encrypted(ours: Ebs | None, theirs: Ebs | None, said: bool, encrypted: set[str]) -> bool:
    """Whether a device is no EBS volume, or an encrypted one. A volume of an encrypted snapshot is encrypted whatever is asked."""
    if said and ours is None:
        return True
    volume = ours or theirs
    if volume is None or volume.encrypted:
        return True
    if ours is not None and ours.snapshot_id:
        return ours.snapshot_id in encrypted
    return theirs is not None and bool(theirs.encrypted)
