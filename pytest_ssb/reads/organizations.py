"""Organizations: whether the account stands alone, is a member, or manages an organization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.registry import read

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

ORGANIZATION = "organizations:DescribeOrganization"


class Organization(msgspec.Struct, frozen=True):
    """An organization, as each of its accounts may see it (https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html)."""

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
