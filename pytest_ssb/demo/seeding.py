"""What the demo accounts are filled with: plain boto3 calls, which fill a moto server over HTTP just as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_ssb.demo.simulated import Simulated

ACCOUNT = "123456789012"
# In this order: moto's ids depend on which region is touched first, even when seeded.
REGIONS = ("eu-west-1", "us-east-1")


class Seeder:
    """What a seeding function gets: clients to fill the account with, whether it is the clean account, and where to simulate what moto lacks."""

    account = ACCOUNT
    regions = REGIONS

    def __init__(self, client: Callable[[str, str], Any], clean: bool, simulated: Simulated) -> None:
        self.client = client
        self.clean = clean
        self.simulated = simulated


def seed(seeder: Seeder) -> None:
    """Fill the account: each module in one fixed order, in one thread, so that ids are the same every time."""
    from pytest_ssb.demo import ebs, iam, network, s3

    for region in seeder.regions:
        seeder.client("ec2", region).describe_vpcs()
    for module in (iam, s3, ebs, network):
        module.seed(seeder)
