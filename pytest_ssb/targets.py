"""What a run is about: accounts, as AWS told of them at the start, and the targets that tests run against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from pytest_ssb.controls import Environment

Backend = Literal["live", "endpoint", "demo"]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the run. Plain data: under xdist the controller asks AWS for it and hands it to the workers.

    `regions` are those to judge, `enabled` all that are enabled for the account, `not_enabled` those that were named but are not enabled.
    Each is empty where nothing needed to know.
    """

    profile: str
    id: str
    partition: str
    caller: str
    home: str
    environment: Environment
    backend: Backend
    regions: tuple[str, ...] = ()
    enabled: tuple[str, ...] = ()
    not_enabled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """An account, or an account and one of its regions."""

    profile: str
    account: str
    partition: str
    region: str | None = None

    @property
    def id(self) -> str:
        """The parameter id of its tests: `prod`, `prod/eu-west-1`."""
        return self.profile if self.region is None else f"{self.profile}/{self.region}"

    @property
    def of_account(self) -> Target:
        """The target of the whole account."""
        return Target(self.profile, self.account, self.partition)

    def in_region(self, region: str) -> Target:
        """The target of one region of the account."""
        return Target(self.profile, self.account, self.partition, region)
