"""Organizations: whether the account stands alone, is a member, or manages an organization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.registry import read

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

ORGANIZATION, MEMBER = "organizations:DescribeOrganization", "organizations:DescribeAccount"


class Organization(msgspec.Struct, frozen=True):
    """An organization, as each of its accounts may see it (https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html)."""

    id: str = msgspec.field(name="Id")
    management_account: str = msgspec.field(name="MasterAccountId")
    management_address: str = msgspec.field(name="MasterAccountEmail")


@dataclass(frozen=True)
class Membership:
    """The account's place; `organization` is None where it stands alone."""

    account: str
    organization: Organization | None

    @property
    def alone(self) -> bool:
        """Whether the account belongs to no organization."""
        return self.organization is None

    @property
    def management(self) -> Organization | None:
        """The organization, where the account manages it."""
        return self.organization if self.organization is not None and self.organization.management_account == self.account else None


@read(ORGANIZATION, per="account")
def membership(aws: Aws) -> Membership:
    """Whether the account belongs to an organization, and to which."""
    answer = aws.ask(ORGANIZATION, absent="AWSOrganizationsNotInUseException")
    if answer is None:
        return Membership(aws.account, None)
    try:
        return Membership(aws.account, msgspec.convert(answer.get("Organization"), Organization))
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{ORGANIZATION} answered an organization that we cannot read: {error}", ORGANIZATION) from None


class Described(msgspec.Struct, frozen=True):
    """What is asked of an account (https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html)."""

    address: str = msgspec.field(name="Email")


@dataclass(frozen=True)
class RootAddress:
    """The root user's address, and the account that tells it where that is another one; no address where nobody shows it."""

    address: str | None
    told_by: str | None = None


@read(per="account", through={"organization_profile": (MEMBER,)})
def root_address(aws: Aws, membership: Membership) -> RootAddress:
    """The root user's address: a management account sees its own, a member's is told by the management account or a delegated administrator."""
    if membership.management is not None:
        return RootAddress(membership.management.management_address)
    if membership.organization is None:
        return RootAddress(None)
    other = aws.through("organization_profile", membership.organization.management_account)
    return RootAddress(None) if other is None else RootAddress(other.telling(lambda: _address(other, aws.account)), other.account)


def _address(other: Aws, account: str) -> str:
    try:
        return msgspec.convert(other.ask(MEMBER, AccountId=account).get("Account"), Described).address
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{MEMBER} answered an account that we cannot read: {error}", MEMBER) from None
