"""Who is let in, from nobody to everybody, and whom an account counts as its own: accounts, organizations, networks, addresses."""

from __future__ import annotations

import enum
from collections.abc import Container, Iterable
from dataclasses import dataclass

from pytest_ssb.cidrs import is_internet, is_wide

# What stands for any text in a pattern, and a variable, which the caller fills in.
_OPEN_ENDED = ("*", "?", "${")


class Reach(enum.IntEnum):
    """How far somebody is let in, best first."""

    OK = 0
    DEPUTY = 1  # a service of AWS, on behalf of whomever it acts for
    ASKED = 2  # one outsider who must know an id, or guests whom the policy lets in by design: the owner has to say
    WIDE = 3  # a range of public addresses that is too wide for one owner
    EXTERNAL = 4  # outsiders that are named
    OPEN = 5  # everyone


def is_literal(text: str) -> bool:
    """Whether a value stands for itself alone, without wild characters and variables."""
    return not any(mark in text for mark in _OPEN_ENDED)


@dataclass(frozen=True)
class Circle:
    """The account, and whom it trusts. `organization` is its own, None where it has none; what could not be read raises when it is looked at."""

    account: str
    organization: str | None = None
    accounts: Container[str] = ()
    organizations: Container[str] = ()
    networks: Container[str] = ()
    canonical_users: Container[str] = ()
    cidrs: tuple[str, ...] = ()

    def of_account(self, id: str) -> Reach:
        """How far an account is let in by its id."""
        if not is_literal(id) or not (id.isascii() and id.isdecimal() and len(id) == 12):
            return Reach.OPEN
        return Reach.OK if id == self.account or id in self.accounts else Reach.EXTERNAL

    def of_organization(self, path: str) -> Reach:
        """How far an organization is let in, by its id or by a path within it."""
        id = path.partition("/")[0]
        if not is_literal(id) or not id.startswith("o-"):
            return Reach.OPEN
        return Reach.OK if id in self.organizations or id == self.organization else Reach.EXTERNAL

    def of_network(self, id: str) -> Reach:
        """How far a VPC or VPC endpoint is let in."""
        if not is_literal(id):
            return Reach.OPEN
        return Reach.OK if id in self.networks else Reach.EXTERNAL

    def of_canonical_user(self, id: str) -> Reach:
        """How far a canonical user of S3 is let in."""
        if not is_literal(id):
            return Reach.OPEN
        return Reach.OK if id in self.canonical_users else Reach.EXTERNAL

    def of_addresses(self, cidrs: Iterable[str]) -> Reach:
        """How far blocks of addresses are let in, all of them together."""
        blocks = tuple(cidrs)
        try:
            if is_internet(blocks):
                return Reach.OPEN
            return Reach.WIDE if is_wide(blocks, self.cidrs) else Reach.OK
        except ValueError:
            return Reach.OPEN
