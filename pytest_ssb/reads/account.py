"""AWS Account Management: whom AWS writes to beside the root user's address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

CONTACT = "account:GetAlternateContact"
KINDS = ("BILLING", "OPERATIONS", "SECURITY")


class Answered(msgspec.Struct, frozen=True):
    """What is asked of a contact (https://docs.aws.amazon.com/accounts/latest/reference/API_AlternateContact.html)."""

    address: str = msgspec.field(name="EmailAddress")


@dataclass(frozen=True)
class AlternateContact:
    """An alternate contact's address; empty where nobody was ever named."""

    address: str


@read(CONTACT, per="account")
def alternate_contacts(aws: Aws) -> Mapping[str, AlternateContact]:
    """The account's contacts for billing, operations and security, each with its address."""
    return {kind: or_unread(lambda kind=kind: _contact(aws, kind)) for kind in KINDS}  # type: ignore[misc]


def _contact(aws: Aws, kind: str) -> AlternateContact:
    # With AccountId the call would be one of the organization's management account.
    answer = aws.ask(CONTACT, absent="ResourceNotFoundException", AlternateContactType=kind)
    if answer is None:
        return AlternateContact("")
    try:
        return AlternateContact(msgspec.convert(answer.get("AlternateContact"), Answered).address.strip())
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{CONTACT} answered a contact that we cannot read: {error}", CONTACT) from None
