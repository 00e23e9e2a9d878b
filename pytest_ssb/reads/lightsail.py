"""Lightsail: the instances, which no call of EC2 shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.reads.registry import read

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

INSTANCES = "lightsail:GetInstances"


class LightsailInstance(msgspec.Struct, frozen=True):
    """An instance (https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_Instance.html)."""

    arn: str
    name: str


@read(INSTANCES, per="region")
def lightsail_instances(aws: Aws) -> list[LightsailInstance]:
    """The Lightsail instances of the region."""
    found: list[LightsailInstance] = aws.resources(INSTANCES, "instances", LightsailInstance, "{arn}")
    return found
