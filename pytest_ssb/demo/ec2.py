"""The demo's instances beyond their network: the images they were made of, when they were started, and the agents on them."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_ssb.demo.seeder import Seeder

ROLE, CORE = "acme-instances", "AmazonSSMManagedInstanceCore"
STARTED = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Launch:
    """How an instance is launched: with the role for its agent and a current image, or as in the early days; `agent` says whether it speaks."""

    with_role: bool = True
    agent: bool = True
    key_pair: str | None = None
    # Whether it is new, so that nobody expects its agent to have spoken.
    new: bool = False


GOOD = Launch()
EARLY = Launch(with_role=False, agent=False, key_pair="acme-ops")
NEW = Launch(with_role=False, agent=False, new=True)
# The image of yesterday, and one that its owner has deregistered.
CURRENT, GONE = "ami-0fedcba9876543210", "ami-0123456789abcdef0"


def prepare(seeder: Seeder, region: str) -> None:
    """Make the role that instances are launched with."""
    iam = seeder.client("iam", region)
    statement = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    iam.create_instance_profile(InstanceProfileName=ROLE)
    iam.add_role_to_instance_profile(InstanceProfileName=ROLE, RoleName=ROLE)


def asked(launch: Launch) -> dict[str, Any]:
    """What RunInstances is asked for."""
    return (
        {"ImageId": GONE if launch.key_pair else CURRENT}
        | ({"IamInstanceProfile": {"Name": ROLE}} if launch.with_role else {})
        | ({"KeyName": launch.key_pair} if launch.key_pair else {})
    )


def simulate(seeder: Seeder, region: str, launches: Mapping[str, Launch]) -> None:
    """Tell of the agents and the image, which moto lacks, and of the age of instances by id; all that moto has were started a moment ago."""
    known = [
        {"InstanceId": instance, "PingStatus": "Online", "IsLatestVersion": True, "ResourceType": "EC2Instance"}
        for instance, launch in launches.items()
        if launch.agent
    ]

    def started(_: str, parsed: dict[str, Any]) -> None:
        for instance in (instance for reservation in parsed["Reservations"] for instance in reservation["Instances"]):
            if instance["InstanceId"] in launches and not launches[instance["InstanceId"]].new:
                instance["LaunchTime"] = STARTED

    image = {
        "ImageId": CURRENT,
        "Name": "acme-app",
        "State": "available",
        "CreationDate": (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "RootDeviceType": "ebs",
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8, "Encrypted": True}}],
    }

    def made(where: str, parsed: dict[str, Any]) -> None:
        if where == region:
            parsed["Images"].append(image)

    talking = {"Effect": "Allow", "Action": ["ssm:UpdateInstanceInformation", "ssmmessages:*"], "Resource": "*"}
    version = {"Document": json.dumps({"Version": "2012-10-17", "Statement": [talking]}), "VersionId": "v1", "IsDefaultVersion": True}
    core = {"Arn": f"arn:aws:iam::aws:policy/{CORE}", "PolicyVersionList": [version]}

    def attached(_: str, parsed: dict[str, Any]) -> None:
        for role in parsed["RoleDetailList"]:
            if role["RoleName"] == ROLE:
                role["AttachedManagedPolicies"] = [{"PolicyName": CORE, "PolicyArn": core["Arn"]}]
        # A new one each time: botocore decodes the document in place.
        parsed["Policies"].append(copy.deepcopy(core))

    def setting(_: str, wanted: dict[str, Any]) -> dict[str, Any]:
        return {"ServiceSetting": {"SettingId": wanted["SettingId"], "SettingValue": "$None", "Status": "Default"}}

    seeder.simulated.instead("ssm:DescribeInstanceInformation", lambda where, wanted: {"InstanceInformationList": known if where == region else []})
    seeder.simulated.instead("ssm:GetServiceSetting", setting)
    seeder.simulated.instead("ec2:DescribeInstanceConnectEndpoints", lambda where, wanted: {"InstanceConnectEndpoints": []})
    seeder.simulated.over("ec2:DescribeImages", made)
    seeder.simulated.over("ec2:DescribeInstances", started)
    seeder.simulated.over("iam:GetAccountAuthorizationDetails", attached)
