"""Which accounts of an organization a profile means, by `accounts` and `exclude_accounts`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_ssb.aws.organization import Listed, Organization
from pytest_ssb.confignames import nearest
from pytest_ssb.errors import AwsError, UserError
from pytest_ssb.profiles import Profile
from pytest_ssb.selectors import glob, matches
from pytest_ssb.targets import Refusal

WANTED, EXCLUDED = "accounts", "exclude_accounts"


@dataclass(frozen=True)
class Chosen:
    """The accounts to judge, and what else was learned.

    `unsure` has those whose tags could not be read, where these decide; `ids` all of the organization's, active or not; `said` what people are to
    be told: words that meant no account.
    """

    accounts: tuple[Listed, ...]
    unsure: dict[str, Refusal]
    ids: frozenset[str]
    said: tuple[str, ...]


def choose(profile: Profile, organization: Organization, where: str) -> Chosen:
    """The organization's active accounts that a profile means.

    `where` names the profile for messages. Raises UserError for an id that is no active account of it, where none is left, and where the
    organization, or all of the tags that decide, cannot be read.
    """
    try:
        listed = organization.accounts()
        active = [account for account in listed if account.state == "ACTIVE"]
        words = _Words(organization, active, (*(profile.accounts or ()), *profile.exclude_accounts))
    except AwsError as error:
        raise UserError(f"{where}: organization = true: {_what_next(error, organization)}") from None
    mistakes = [
        *(f"{where}: {WANTED}: {_stranger(id, listed)}" for id in _ids(profile.accounts or ()) if id not in {each.id for each in active}),
        # One that was closed may stay in the list of those to leave out.
        *(f"{where}: {EXCLUDED}: {_stranger(id, listed)}" for id in _ids(profile.exclude_accounts) if id not in {each.id for each in listed}),
    ]
    if mistakes:
        raise UserError(*mistakes)
    wanted = words.meant(profile.accounts) if profile.accounts else {account.id for account in active}
    excluded = words.meant(profile.exclude_accounts)
    perhaps_wanted, perhaps_excluded = words.perhaps(profile.accounts or ()) - wanted, words.perhaps(profile.exclude_accounts)
    chosen = tuple(account for account in active if account.id in (wanted | perhaps_wanted) - excluded)
    if not chosen:
        raise UserError(f"{where}: no account is left of the {len(active)} active ones of the organization: see {_keys(profile)}")
    said = [
        f"{where}: {key} = {word} means no active account of the organization"
        for key, entries in ((WANTED, profile.accounts or ()), (EXCLUDED, profile.exclude_accounts))
        for word in entries
        if not words.meant([word]) and not words.perhaps([word])
    ]
    unsure = {account.id: words.unread[account.id] for account in chosen if account.id in perhaps_wanted | perhaps_excluded}
    return Chosen(chosen, unsure, frozenset(account.id for account in listed), tuple(said))


class _Words:
    """The ids of the active accounts that each word means."""

    def __init__(self, organization: Organization, active: Sequence[Listed], words: Iterable[str]) -> None:
        self._meant = {word: frozenset[str]() for word in words}
        self.unread: dict[str, Refusal] = {}
        tags: dict[str, dict[str, str]] = {}
        if any(word.startswith("tag:") for word in self._meant):
            tags = self._tags(organization, active)
        for word in self._meant:
            if word.startswith("tag:"):
                found = {account.id for account in active if matches(word, account.arn, tags.get(account.id))}
            elif word.startswith("ou:"):
                below = organization.below(word.removeprefix("ou:"))
                found = {account.id for account in active if account.id in below}
            elif _is_id(word):
                found = {account.id for account in active if account.id == word}
            else:
                found = {account.id for account in active if account.name is not None and glob(word, account.name)}
            self._meant[word] = frozenset(found)

    def _tags(self, organization: Organization, active: Sequence[Listed]) -> dict[str, dict[str, str]]:
        read = organization.tags(active)
        tags: dict[str, dict[str, str]] = {}
        errors: list[AwsError] = []
        for account in active:
            try:
                tags[account.id] = read[account]
            except AwsError as error:
                errors.append(error)
                self.unread[account.id] = Refusal.of(error, f"its tags, which say whether it is meant, cannot be read: {error}")
        if errors and not tags:
            raise errors[0]
        return tags

    def meant(self, words: Iterable[str]) -> set[str]:
        """The accounts that at least one of these words means."""
        return {id for word in words for id in self._meant[word]}

    def perhaps(self, words: Iterable[str]) -> set[str]:
        """Those that one of these may mean: of a tag that could not be read nobody knows."""
        return set(self.unread) if any(word.startswith("tag:") for word in words) else set()


def _is_id(word: str) -> bool:
    return len(word) == 12 and word.isascii() and word.isdigit()


def _ids(words: Iterable[str]) -> list[str]:
    return [word for word in words if _is_id(word)]


def _stranger(id: str, listed: Sequence[Listed]) -> str:
    state = next((account.state for account in listed if account.id == id), None)
    if state is not None:
        return f"{id} is {state}, no active account of the organization; take it out"
    near = nearest(id, [account.id for account in listed])
    return f"{id} is no account of the organization; {f'did you mean {near!r}?' if near else 'list ids of its accounts'}"


def _keys(profile: Profile) -> str:
    given = [f"{key} = {list(words)}" for key, words in ((WANTED, profile.accounts or ()), (EXCLUDED, profile.exclude_accounts)) if words]
    return " and ".join(given) or "its accounts' states"


def _what_next(error: AwsError, organization: Organization) -> str:
    if error.code == "AWSOrganizationsNotInUseException":
        return f"account {organization.base.account} belongs to no organization; list account ids in accounts instead"
    if error.action is not None:
        may = f"account {organization.base.account} has to manage the organization, or be a delegated administrator of it"
        return f"{error}; {may}"
    return str(error)
