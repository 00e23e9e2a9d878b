"""The accounts beside those that are judged: a profile's keys name them, and they tell what the judged account is not shown."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from pytest_ssb import __version__, aws
from pytest_ssb.accounts import Accounts
from pytest_ssb.aws import Access, Reached
from pytest_ssb.errors import AwsError, UserError
from pytest_ssb.permissions import REFERENCES
from pytest_ssb.profiles import Profile
from pytest_ssb.scheduler import Scheduler
from pytest_ssb.targets import Account, Target


class _Connected(NamedTuple):
    access: Access
    account: Account


class References:
    """Reaches other accounts, each once, and not before some read needs it."""

    def __init__(self, accounts: Accounts, scheduler: Scheduler) -> None:
        self._accounts = accounts
        self._scheduler = scheduler
        self._lock = threading.Lock()
        self._connected: dict[str, _Connected | AwsError] = {}
        self._profiles = {
            name: accounts.referenced(name)
            for profile in accounts.profiles.values()
            for key in REFERENCES
            if (name := getattr(profile, key)) is not None and name not in accounts.profiles
        }

    def named(self, profile: Profile, key: str, account: str | None, asking: str) -> Reached | None:
        """The account to which a profile's key leads, else the run's own one of that id, else None. Raises AwsError where it can't be reached.

        `asking` is the id of the judged account. A profile with several accounts leads to the one in which its credentials stand.
        """
        name = getattr(profile, key)
        if name is None:
            ours = next((one for one in self._accounts.accounts.values() if one.id == account != asking), None)
            return None if ours is None else self._judged(_said(ours), ours)
        # The payer is reached by the organization's profile where nothing else is said.
        key = key if key in profile.given else "organization_profile"
        said = f"{key} = {name}"
        stands_in = next((one for one in self._accounts.accounts.values() if one.profile == name and one.role is None), None)
        if stands_in is not None:
            return self._judged(said, stands_in)
        with self._lock:
            if name not in self._connected:
                self._connected[name] = self._connect(name)
            found = self._connected[name]
        if isinstance(found, AwsError):
            raise AwsError(f"{key}: {found}", found.operation, found.code)
        judged = any(one.id == found.account.id and one.unreached is None for one in self._accounts.accounts.values())
        return Reached(said, found.access, Target(name, found.account.id, found.account.partition), judged)

    def of_the_run(self, asking: str) -> list[Reached]:
        """The accounts of the run but the judged one, and those that were not reached: of these, nobody knows whose a resource is."""
        others = (one for one in self._accounts.accounts.values() if one.id != asking and one.unreached is None)
        return [self._judged(_said(one), one) for one in others]

    def _judged(self, said: str, account: Account) -> Reached:
        return Reached(said, self._accounts.access(account.key), account.target, judged=True)

    def _connect(self, name: str) -> _Connected | AwsError:
        try:
            profile = self._profiles.get(name) or self._accounts.profiles[name]
            return _Connected(*aws.connect(profile, self._scheduler, __version__))
        except UserError as error:
            return AwsError(str(error), "sts:GetCallerIdentity", "NotReached")

    def calls(self) -> Counter[str]:
        """The API calls that this process made in accounts which are not of the run, by operation."""
        return sum((found.access.counts for found in self._connected.values() if isinstance(found, _Connected)), Counter())


def _said(account: Account) -> str:
    return f"profile {account.profile}"


@dataclass(frozen=True)
class From:
    """The accounts beside the one that is judged."""

    references: References
    profile: Profile
    account: str

    def named(self, key: str, account: str | None) -> Reached | None:
        """The account to which a key of the profile leads."""
        return self.references.named(self.profile, key, account, self.account)

    def of_the_run(self) -> list[Reached]:
        """The other accounts of the run."""
        return self.references.of_the_run(self.account)
