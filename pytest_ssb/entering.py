"""A profile's several accounts, found and entered at the start of a run."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import msgspec

from pytest_ssb import __version__, aws
from pytest_ssb.chosen import Chosen, choose
from pytest_ssb.findings import clean
from pytest_ssb.profiles import Profile
from pytest_ssb.targets import Account, AccountKey


@dataclass(frozen=True)
class Entered:
    """The accounts of a profile, those that could not be entered among them, and the access to each.

    `chosen` says how they were chosen from an organization, where that was asked.
    """

    members: aws.Members
    accounts: tuple[Account, ...]
    access: dict[AccountKey, aws.Access]
    chosen: Chosen | None


def enter(profile: Profile, base: aws.Access, stands_in: Account, where: str) -> Entered:
    """Find the accounts of a profile, from where its credentials stand, and assume its role in all of them at once.

    `where` names the profile for messages. Raises UserError for a choice that makes no sense, and where the organization cannot be listed.
    """
    members = aws.Members(profile, base, __version__)
    chosen = choose(profile, aws.Organization(base, stands_in.target), where) if profile.organization else None
    refused = dict(chosen.unsure) if chosen else {}
    named = (
        [(each.id, clean(each.name or "").strip() or None) for each in chosen.accounts] if chosen else [(id, None) for id in profile.accounts or ()]
    )
    accounts = [members.account(id, name, stands_in) for id, name in named]
    access = {account.key: members.access(account) for account in accounts}
    asked = {
        account.id: base.scheduler.call("roles", functools.partial(members.refusal, access[account.key], stands_in.caller))
        for account in accounts
        if account.role is not None and account.id not in refused
    }
    refused |= {id: refusal for id, answer in asked.items() if (refusal := answer.result()) is not None}
    return Entered(
        members,
        tuple(
            msgspec.structs.replace(account, unreached=refused[account.id], caller=None) if account.id in refused else account for account in accounts
        ),
        access,
        chosen,
    )
