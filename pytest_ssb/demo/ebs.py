"""The demo's EBS: encrypted by default in the clean account; in the other the first region alone is, by a key that somebody has switched off."""

from __future__ import annotations

from typing import Any

from pytest_ssb.demo.seeder import Seeder


def seed(seeder: Seeder) -> None:
    """A volume, its snapshot and a launch template in each region. In the mixed account, the second region's were made before anybody thought of it."""
    keys: dict[str, str] = {}
    for region in seeder.regions:
        encrypted = seeder.clean or region == seeder.regions[0]
        ec2 = seeder.client("ec2", region)
        if encrypted:
            ec2.enable_ebs_encryption_by_default()
        if region == seeder.regions[0]:
            keys[region] = _default_key(seeder, region)
        snapshot = _volume_and_snapshot(ec2, region, encrypted)
        _launch_template(ec2, encrypted)
        if not encrypted:
            ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])
    # moto can set the default key, but not tell it.
    seeder.simulated.instead("ec2:GetEbsDefaultKmsKeyId", lambda region, body: {"KmsKeyId": keys.get(region, "alias/aws/ebs")})


def _default_key(seeder: Seeder, region: str) -> str:
    kms = seeder.client("kms", region)
    key = kms.create_key(Description="acme volumes")["KeyMetadata"]
    arn: str = key["Arn"]
    seeder.client("ec2", region).modify_ebs_default_kms_key_id(KmsKeyId=arn)
    if not seeder.clean:
        kms.disable_key(KeyId=key["KeyId"])
    return arn


def _volume_and_snapshot(ec2: Any, region: str, encrypted: bool) -> str:
    volume = ec2.create_volume(AvailabilityZone=f"{region}a", Size=8, Encrypted=encrypted, **_named("volume"))["VolumeId"]
    found: str = ec2.create_snapshot(VolumeId=volume, **_named("snapshot"))["SnapshotId"]
    return found


def _launch_template(ec2: Any, encrypted: bool) -> None:
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8, "VolumeType": "gp3", "Encrypted": encrypted}}
    ec2.create_launch_template(LaunchTemplateName="acme-worker", LaunchTemplateData={"InstanceType": "t3.micro", "BlockDeviceMappings": [disk]})


def _named(kind: str) -> dict[str, Any]:
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": "acme-uploads"}]}]}
