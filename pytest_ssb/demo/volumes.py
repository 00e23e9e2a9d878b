"""The demo's EBS volumes: beside the instances' own, one that was made before anybody thought of encryption."""

from __future__ import annotations

from pytest_ssb.demo.seeding import Seeder


def seed(seeder: Seeder) -> None:
    """A volume in each region: encrypted in the clean account; in the other, the second region's is not."""
    for region in seeder.regions:
        seeder.client("ec2", region).create_volume(
            AvailabilityZone=f"{region}a",
            Size=8,
            Encrypted=seeder.clean or region == seeder.regions[0],
            TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": "Name", "Value": "acme-uploads"}]}],
        )
