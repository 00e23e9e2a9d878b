"""What a run is about: accounts, as AWS told of them at the start, and the targets that tests run against."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from pytest_ssb.controls import Environment
from pytest_ssb.errors import AwsError

Backend = Literal["live", "endpoint", "demo"]
# By what an account of the run is found: the name of its profile, and its id.
AccountKey = tuple[str, str]


class Refusal(msgspec.Struct, frozen=True):
    """Why an account cannot be asked: an AwsError as plain data, to be raised for each who asks. It does not name the account."""

    reason: str
    operation: str
    code: str
    action: str | None = None
    denied_by: str | None = None

    @classmethod
    def of(cls, error: AwsError, reason: str | None = None) -> Refusal:
        """The refusal that an error was, in its own words or in these."""
        return cls(reason or str(error), error.operation, error.code, error.action, error.denied_by)

    @property
    def error(self) -> AwsError:
        """It as an error."""
        return AwsError(self.reason, self.operation, self.code, action=self.action, denied_by=self.denied_by)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the run. Plain data: under xdist the controller asks AWS for it and hands it to the workers.

    `regions` are those to judge, `enabled` all that are enabled for the account, `not_enabled` those that were named but are not enabled.
    Each is empty where nothing needed to know.

    `several` says whether its profile has several accounts, `role` is the ARN of the one that is assumed in this, if any, and `name` what its
    organization calls it. Where it is `unreached`, nothing of it can be asked, and there is no caller; where its regions are `unlisted`, nothing in them.
    """

    profile: str
    id: str
    partition: str
    caller: str | None
    home: str
    environment: Environment
    backend: Backend
    regions: tuple[str, ...] = ()
    enabled: tuple[str, ...] = ()
    not_enabled: tuple[str, ...] = ()
    several: bool = False
    role: str | None = None
    name: str | None = None
    unreached: Refusal | None = None
    unlisted: Refusal | None = None

    @property
    def key(self) -> AccountKey:
        """By what it is found."""
        return self.profile, self.id

    @property
    def target(self) -> Target:
        """The target of the whole account."""
        return Target(self.profile, self.id, self.partition, several=self.several)

    @property
    def called(self) -> str:
        """It for people: its id, and its name if that is known."""
        return f"{self.id} ({self.name})" if self.name else self.id

    def refusal(self, regional: bool) -> Refusal | None:
        """Why it gives no answer to a check of the account, or of a region (`regional`); None where it is to be asked."""
        return self.unreached or (self.unlisted if regional else None)


@dataclass(frozen=True)
class Target:
    """An account, or an account and one of its regions; `several` as of `Account`."""

    profile: str
    account: str
    partition: str
    region: str | None = None
    several: bool = False

    @property
    def id(self) -> str:
        """The parameter id of its tests: `prod`, `prod/eu-west-1`; with several accounts `prod/123456789012`, `prod/123456789012/eu-west-1`."""
        return "/".join([self.profile, *([self.account] if self.several else []), *([self.region] if self.region else [])])

    @property
    def key(self) -> AccountKey:
        """By what its account is found."""
        return self.profile, self.account

    @property
    def of_account(self) -> Target:
        """The target of the whole account."""
        return self if self.region is None else replace(self, region=None)

    def in_region(self, region: str) -> Target:
        """The target of one region of the account."""
        return replace(self, region=region)
