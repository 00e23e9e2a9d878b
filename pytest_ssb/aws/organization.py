"""The organization of a profile's base account: its accounts, their tags, and what lies in which unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from pytest_ssb.aws.access import Access
from pytest_ssb.aws.handle import Aws, PerResource
from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.targets import Target

ACCOUNTS = "organizations:ListAccounts"
TAGS = "organizations:ListTagsForResource"
ROOTS, UNITS, ACCOUNTS_IN = "organizations:ListRoots", "organizations:ListOrganizationalUnitsForParent", "organizations:ListAccountsForParent"
# What is called with each word of `accounts` and `exclude_accounts`; a path of names also needs the roots.
CALLS = {"": (ACCOUNTS,), "tag:": (TAGS,), "ou:": (UNITS, ACCOUNTS_IN, ROOTS)}

_UNIT_ID = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}")


class Listed(msgspec.Struct, frozen=True):
    """An account of an organization (https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html).

    AWS gives `State`; `Status` is what stood there before September 2026, and what older endpoints give.
    """

    id: str = msgspec.field(name="Id")
    arn: str = msgspec.field(name="Arn")
    name: str | None = msgspec.field(name="Name", default=None)
    newer: str | None = msgspec.field(name="State", default=None)
    older: str | None = msgspec.field(name="Status", default=None)

    @property
    def state(self) -> str:
        """What has become of it: ACTIVE, SUSPENDED, CLOSED, ..."""
        state = self.newer or self.older
        if state is None:
            raise UnexpectedAnswer(f"{ACCOUNTS} answered account {self.id} without State; a newer boto3 may know it", ACCOUNTS)
        return state


class _Unit(msgspec.Struct, frozen=True):
    id: str = msgspec.field(name="Id")
    arn: str = msgspec.field(name="Arn")
    name: str = msgspec.field(name="Name")


class _Tag(msgspec.Struct, frozen=True):
    key: str = msgspec.field(name="Key")
    value: str = msgspec.field(name="Value")


class Organization:
    """Asks of an organization what is needed to choose among its accounts, from one that manages or administers it; each question once."""

    def __init__(self, access: Access, base: Target) -> None:
        self._aws = Aws(access, base, (called for calls in CALLS.values() for called in calls))
        self.base = base

    def accounts(self) -> list[Listed]:
        """All of its accounts, active or not, by id. Raises AwsError."""
        return sorted(_read(ACCOUNTS, self._aws.list(ACCOUNTS, "Accounts"), Listed), key=lambda account: account.id)

    def tags(self, accounts: Iterable[Listed]) -> PerResource[dict[str, str]]:
        """The tags of accounts, each with its own error where they cannot be read."""

        def asked(account: Listed) -> dict[str, str]:
            return {tag.key: tag.value for tag in _read(TAGS, self._aws.list(TAGS, "Tags", ResourceId=account.id), _Tag)}

        return self._aws.each(accounts, asked)

    def below(self, unit: str) -> frozenset[str]:
        """The ids of the accounts in a unit and in those that lie in it, by its id or by the names that lead to it. Raises AwsError."""
        found: set[str] = set()
        level: Sequence[str] = [unit] if _UNIT_ID.fullmatch(unit) else self._named(unit)
        while level:
            # Units stand for resources here: what is asked of each goes over the network at the same time.
            units = [_Unit(id, id, "") for id in level]
            answers = self._aws.each(units, lambda each: (self._accounts_in(each.id), self._units_in(each.id)))
            asked = [answers[each] for each in units]
            found.update(id for ids, _ in asked for id in ids)
            level = [inner.id for _, inside in asked for inner in inside]
        return frozenset(found)

    def _named(self, path: str) -> list[str]:
        names = path.strip("/").split("/")
        roots = _read(ROOTS, self._aws.list(ROOTS, "Roots"), _Unit)
        level = [root.id for root in roots]
        # A root is a unit of the path, too, where somebody writes it.
        if names[0] in {root.name for root in roots} and not self._inside(level, names[0]):
            names = names[1:]
        for name in names:
            level = self._inside(level, name)
        return level

    def _inside(self, units: Sequence[str], name: str) -> list[str]:
        return [inner.id for unit in units for inner in self._units_in(unit) if inner.name == name]

    def _units_in(self, unit: str) -> list[_Unit]:
        return _read(UNITS, self._in(UNITS, "OrganizationalUnits", unit), _Unit)

    def _accounts_in(self, unit: str) -> list[str]:
        return [account.id for account in _read(ACCOUNTS_IN, self._in(ACCOUNTS_IN, "Accounts", unit), Listed)]

    def _in(self, operation: str, key: str, unit: str) -> Iterator[Any]:
        """What lies in a unit; nothing in one that is not there."""
        for page in self._aws.pages(operation, absent="ParentNotFoundException", ParentId=unit) or ():
            if not isinstance(page.get(key), list):
                raise UnexpectedAnswer(f"{operation} answered without {key}", operation)
            yield from page[key]


def _read(operation: str, answered: Iterable[Any], type: Any) -> list[Any]:
    try:
        return msgspec.convert(list(answered), list[type])
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{operation} gave an answer that we cannot read: {error}", operation) from None
