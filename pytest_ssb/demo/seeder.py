"""What each part of the demo account is filled with: clients, where it lies, and where to simulate what moto lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_ssb.demo.simulated import Simulated

ACCOUNT = "123456789012"
# In this order: moto's ids depend on which region is touched first, even when seeded.
REGIONS = ("eu-west-1", "us-east-1")
# Of moto's ids.
SEED = 2022


class Seeder:
    """What a seeding function gets: clients to fill the account with, whether it is the clean account, and where to simulate what moto lacks."""

    account = ACCOUNT
    regions = REGIONS

    def __init__(self, client: Callable[[str, str], Any], clean: bool, simulated: Simulated) -> None:
        self.client = client
        self.clean = clean
        self.simulated = simulated
