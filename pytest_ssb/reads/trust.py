"""Whom the account counts as its own: its organization, the accounts there, its networks, and what the profile says."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_ssb.errors import Undecided, UnexpectedAnswer
from pytest_ssb.network import Vpc, VpcEndpoint
from pytest_ssb.policy_circle import Circle
from pytest_ssb.reads.organizations import Membership
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, or_unread, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

ACCOUNTS = "organizations:ListAccounts"


class Account(msgspec.Struct, frozen=True):
    """An account of the organization (https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html)."""

    id: str = msgspec.field(name="Id")


@dataclass(frozen=True)
class Known(Container[str]):
    """What is known to be the account's own. Of anything else it cannot be said that it is a stranger's while `rest` was not read."""

    ids: frozenset[str]
    rest: Container[str] = ()

    def __contains__(self, id: object) -> bool:
        return id in self.ids or id in self.rest


@dataclass(frozen=True)
class Trust:
    """Whom the account trusts: `undeclared` by what AWS tells, `declared` also by what the profile says."""

    undeclared: Circle
    declared: Circle
    entries: dict[str, tuple[str, ...]]

    def with_networks(self, networks: Container[str]) -> Trust:
        """The same, with the VPCs and endpoints that are the account's."""
        return Trust(
            replace(self.undeclared, networks=networks),
            replace(self.declared, networks=Known(frozenset(self.entries["trust.networks"]), networks)),
            self.entries,
        )

    def with_canonical_users(self, ids: frozenset[str], trusted: tuple[str, ...]) -> Trust:
        """The same, with the canonical users that are the account's, and those that it trusts."""
        return Trust(
            replace(self.undeclared, canonical_users=ids),
            replace(self.declared, canonical_users=ids | frozenset(trusted)),
            {**self.entries, "trust.canonical_users": trusted},
        )


@read(ACCOUNTS, per="account", through={"organization_profile": (ACCOUNTS,)})
def account_trust(aws: Aws, ssb_profile: Profile, membership: Membership) -> Trust:
    """The account's organization, its accounts as far as they may be seen, those of the config file, and whom the profile trusts."""
    profile = ssb_profile.trust
    ours = Known(ssb_profile.configured, or_unread(lambda: _accounts(aws, membership)))
    undeclared = Circle(aws.account, or_unread(lambda: membership.organization.id if membership.organization else None), ours)
    elsewhere = unread(
        Undecided("a policy names a VPC or VPC endpoint, and in which Region it is looked for is not known: trust.networks may list it")
    )
    undeclared = replace(undeclared, networks=elsewhere)
    entries: dict[str, tuple[str, ...]] = {
        "trust.accounts": tuple(profile.accounts),
        "trust.organizations": tuple(profile.organizations),
        "trust.networks": tuple(profile.networks),
        "trust.cidrs": tuple(profile.cidrs),
    }
    declared = replace(
        undeclared,
        accounts=Known(frozenset(profile.accounts), ours),
        organizations=frozenset(profile.organizations),
        networks=Known(frozenset(profile.networks), elsewhere),
        cidrs=tuple(profile.cidrs),
    )
    return Trust(undeclared, declared, entries)


def _accounts(aws: Aws, membership: Membership) -> Known:
    """The organization's accounts: all of them where it is managed here, or where organization_profile leads to who may list them."""
    if membership.organization is None:
        return Known(frozenset())
    if membership.management is not None:
        return Known(_listed(aws))
    manager = membership.organization.management_account
    return Known(frozenset({manager}), or_unread(lambda: _listed_elsewhere(aws, manager)))


def _listed_elsewhere(aws: Aws, manager: str) -> frozenset[str]:
    other = aws.through("organization_profile", manager)
    return frozenset() if other is None else other.telling(lambda: _listed(other))


def _listed(aws: Aws) -> frozenset[str]:
    """The accounts of the organization, as one that may list them sees them."""
    try:
        return frozenset(each.id for each in msgspec.convert(aws.list(ACCOUNTS, "Accounts"), list[Account]))
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{ACCOUNTS} answered accounts that we cannot read: {error}", ACCOUNTS) from None


@read(per="region")
def region_trust(account_trust: Trust, vpcs: list[Vpc], vpc_endpoints: list[VpcEndpoint]) -> Trust:
    """Whom the account trusts, with the region's VPCs and VPC endpoints."""
    ids = or_unread(lambda: _ids(vpcs, "vpc_id"))
    return account_trust.with_networks(Networks(ids, or_unread(lambda: _ids(vpc_endpoints, "vpc_endpoint_id"))))


def _ids(resources: Sequence[Any], name: str) -> Known:
    """The ids of those that could be read; of any other it is not known, where one could not."""
    error = next((error for error in map(error_of, resources) if error), None)
    known = frozenset(getattr(resource, name) for resource in resources if error_of(resource) is None)
    return Known(known, () if error is None else unread(error))


@dataclass(frozen=True)
class Networks(Container[str]):
    """The ids of VPCs and of VPC endpoints, which are read apart."""

    vpcs: Container[str]
    endpoints: Container[str]

    def __contains__(self, id: object) -> bool:
        return id in (self.endpoints if str(id).startswith("vpce-") else self.vpcs)
