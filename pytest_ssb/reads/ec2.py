"""EC2: the instances, and the images that they were made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.ebs import Managed
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import Index, error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

INSTANCES, IMAGES = "ec2:DescribeInstances", "ec2:DescribeImages"
INSTANCE = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html"
FILTER_VALUES = 200  # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
# So long an instance may take until its agent has spoken for the first time.
YOUNG = timedelta(minutes=10)


class Tag(msgspec.Struct, frozen=True, rename="pascal"):
    """A tag."""

    key: str
    value: str


class State(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html"""

    name: Literal["pending", "running", "shutting-down", "terminated", "stopping", "stopped"]


class InstanceProfile(msgspec.Struct, frozen=True, rename="pascal"):
    """What holds an instance's role (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IamInstanceProfile.html)."""

    arn: str


class MetadataOptions(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsResponse.html"""

    http_endpoint: Literal["enabled", "disabled"]


class Instance(Managed, frozen=True, kw_only=True, rename="pascal"):
    """An instance (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html)."""

    arn: str
    instance_id: str
    image_id: str
    state: State
    launch_time: datetime
    metadata_options: MetadataOptions
    # absent: it was launched without a key pair
    key_name: str | None = None
    # absent: not Windows
    platform: str | None = None
    # absent: it has no role
    iam_instance_profile: InstanceProfile | None = None
    # absent where each of several network interfaces says it for itself
    source_dest_check: bool | None = None
    # absent: no tags
    tag_list: tuple[Tag, ...] = msgspec.field(name="Tags", default=())

    @property
    def tags(self) -> Mapping[str, str]:
        """Its tags by key."""
        return {tag.key: tag.value for tag in self.tag_list}

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self.state.name == "running"

    @property
    def young(self) -> bool:
        """Whether it has just been started, so that nothing follows from an agent that has not spoken yet."""
        return datetime.now(UTC) - self.launch_time < YOUNG

    @property
    def windows(self) -> bool:
        """Whether it runs Windows."""
        return (self.platform or "").lower() == "windows"

    @property
    def made_by(self) -> str:
        """The service that launched it for the customer, as its tags tell: ` (of aws:autoscaling:groupName = web)`; empty if none did."""
        found = next((key for key in sorted(self.tags) if key.startswith(("aws:", "eks:"))), None)
        return f" (of {found} = {self.tags[found]})" if found else ""


@read(
    INSTANCES,
    per="region",
    absent={
        f"{INSTANCES} Reservations.Instances.KeyName": f"launched without a key pair ({INSTANCE})",
        f"{INSTANCES} Reservations.Instances.IamInstanceProfile": f"none is associated ({INSTANCE})",
        f"{INSTANCES} Reservations.Instances.Tags": f"no tags are assigned ({INSTANCE})",
    },
)
def instances(aws: Aws) -> list[Instance]:
    """The instances of the region, running or not, but for those that are gone."""
    raws = []
    for reservation in aws.list(INSTANCES, "Reservations"):
        if not isinstance(reservation.get("Instances"), list):
            raise UnexpectedAnswer(f"{INSTANCES} answered a reservation without Instances", INSTANCES)
        raws += [raw for raw in reservation["Instances"] if not _is_gone(raw)]
    found: list[Instance] = aws.parse(INSTANCES, raws, Instance, "arn:{partition}:ec2:{region}:{account}:instance/{InstanceId}")
    return found


def _is_gone(raw: Mapping[str, Any]) -> bool:
    """Whether an instance is only listed for a while yet; of such a one not everything is told any more."""
    state = raw.get("State")
    return isinstance(state, dict) and state.get("Name") in ("shutting-down", "terminated")


class Image(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """An image, as far as its age goes (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html)."""

    arn: str
    image_id: str
    creation_date: datetime
    state: Literal["pending", "available", "invalid", "deregistered", "transient", "failed", "error", "disabled"]
    # absent: nobody has set a date
    deprecation_time: datetime | None = None

    @property
    def deprecated(self) -> bool:
        """Whether its owner has called it outdated."""
        return self.deprecation_time is not None and self.deprecation_time <= datetime.now(UTC)

    @property
    def age(self) -> timedelta:
        """How long ago it was made."""
        return datetime.now(UTC) - self.creation_date


@read(
    IMAGES,
    per="region",
    absent={
        f"{IMAGES} Images.DeprecationTime": "not scheduled to be deprecated (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html)"
    },
)
def instance_images(aws: Aws, instances: list[Instance]) -> Index[str, Image]:
    """The images of the instances by id, deprecated and disabled ones included; one that is deregistered, or no longer shared, is not there."""
    wanted = sorted({instance.image_id for instance in instances if error_of(instance) is None and not instance.manager})
    found: list[Image] = []
    for start in range(0, len(wanted), FILTER_VALUES):
        filters = [{"Name": "image-id", "Values": wanted[start : start + FILTER_VALUES]}]
        raws = aws.list(IMAGES, "Images", Filters=filters, IncludeDeprecated=True, IncludeDisabled=True)
        found += aws.parse(IMAGES, raws, Image, "arn:{partition}:ec2:{region}::image/{ImageId}")
    return Index(found, lambda image: (image.image_id,))
