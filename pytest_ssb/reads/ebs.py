"""EBS: volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.reads.registry import read

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


class Volume(msgspec.Struct, frozen=True, rename="pascal"):
    """A volume (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Volume.html)."""

    arn: str
    volume_id: str
    encrypted: bool
    state: str


@read("ec2:DescribeVolumes", per="region")
def volumes(aws: Aws) -> list[Volume]:
    """The volumes of the region, attached or not, but for those being deleted."""
    found: list[Volume] = aws.resources("ec2:DescribeVolumes", "Volumes", Volume, "arn:{partition}:ec2:{region}:{account}:volume/{VolumeId}")
    return found
