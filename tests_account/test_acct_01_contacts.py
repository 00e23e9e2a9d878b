"""ACCT.01: set account-level contacts to valid email distribution lists.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

import re
from typing import Any

from pytest_ssb import check

CONTACT = (
    "aws account put-alternate-contact --region us-east-1 --alternate-contact-type {kind} --email-address LIST@YOUR.DOMAIN "
    "--name {kind} --title Team --phone-number +10000000000  # make the list first, of two people at least"
)
PRIMARY = (
    "# as root: console, account menu, Account, Account settings, Edit, Email. A member account's, from the management account: "
    "aws account start-primary-email-update --account-id {account} --primary-email LIST@YOUR.DOMAIN"
)
LISTS = ("contacts.distribution_lists", "contacts.personal_addresses")
FREE_MAIL = (
    "gmail.com",
    "googlemail.com",
    "gmx.de",
    "gmx.net",
    "hotmail.com",
    "icloud.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "yahoo.com",
)
REFERENCES = ("https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-contact-alternate.html",)


def hint(address: str) -> str:
    """What lets an address look like one person's; never a proof."""
    local, _, domain = address.rpartition("@")
    if domain.lower() in FREE_MAIL:
        return f"; {domain} gives mailboxes to persons"
    return "; it looks like a person's name" if re.fullmatch(r"[A-Za-z]+\.[A-Za-z]+", local.partition("+")[0]) else ""


def is_list(audit: Any, contacts: Any, address: str) -> None:
    """End the block where nobody said whether several people read the address; fail where it is one person's, or none of the lists."""
    person = contacts.personal_addresses.match(address)
    assert person is None, f"{address} is one person's (contacts.personal_addresses = {person})"
    if contacts.distribution_lists is None:
        audit.manual(f"do several people read {address}? then name it in contacts.distribution_lists{hint(address)}")
    entry = contacts.distribution_lists.match(address)
    assert entry is not None, f"{address} is none of contacts.distribution_lists"
    audit.declared("contacts.distribution_lists", entry)
    audit.note("a distribution list")


@check("ACCT.01", on="AWS::::Account", severity="high", fix=CONTACT, references=REFERENCES)
def test_alternate_contacts_set(audit, alternate_contacts):
    """AWS has an address of its own to write to, on billing, operations and security each."""
    for kind, contact in alternate_contacts.items():
        with audit(audit.target(), item=kind, severity="high" if kind == "SECURITY" else "medium"):
            audit.fix(CONTACT, kind=kind)
            assert contact.address, "no such contact: AWS writes to the root user's address alone"


@check("ACCT.01", on="AWS::::Account", severity="medium", key=True, facts=LISTS, fix=CONTACT, references=REFERENCES)
def test_alternate_contacts_distribution_lists(audit, ssb_profile, alternate_contacts):
    """Each alternate contact is a list that several people read."""
    for kind, contact in alternate_contacts.items():
        with audit(audit.target(), item=kind):
            audit.fix(CONTACT, kind=kind)
            if not contact.address:
                audit.judged_by("alternate_contacts_set")
            assert contact.address, "no such contact"
            is_list(audit, ssb_profile.contacts, contact.address)


@check(
    "ACCT.01",
    on="AWS::::Account",
    severity="medium",
    key=True,
    facts=(*LISTS, "organization_profile"),
    fix=PRIMARY,
    references=("https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-root-user-email.html",),
)
def test_primary_email_distribution_list(audit, ssb_profile, membership, root_address):
    """The root user's address is a list that several people read."""
    with audit(audit.target(), item="PRIMARY"):
        if root_address.address is None:
            shows = (
                "no API shows it of an account outside of an organization"
                if membership.alone
                else "the organization's management account shows it: set organization_profile, or ask there: "
                f"aws organizations describe-account --account-id {membership.account}"
            )
            audit.manual(f"do several people read the root user's address? ({shows})")
        audit.told_by(root_address.told_by)
        is_list(audit, ssb_profile.contacts, root_address.address)
