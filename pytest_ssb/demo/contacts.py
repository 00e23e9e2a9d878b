"""Whom AWS writes to in the demo: the alternate contacts, and the organization that tells the root user's address."""

from __future__ import annotations

from pytest_ssb.demo.seeder import Seeder

HOME = "us-east-1"
CLEAN = {"BILLING": "aws-billing@example.com", "OPERATIONS": "aws-operations@example.com", "SECURITY": "aws-security@example.com"}
# The bills go to who opened the account, and nobody thought of the security contact.
MIXED = {"BILLING": "ana.acosta@example.com", "OPERATIONS": "aws-operations@example.com"}


def seed(seeder: Seeder) -> None:
    """Name the contacts, and let the account manage an organization: of such an account alone does AWS tell the root user's address."""
    account = seeder.client("account", HOME)
    for kind, address in (CLEAN if seeder.clean else MIXED).items():
        account.put_alternate_contact(AlternateContactType=kind, EmailAddress=address, Name=kind.title(), Title="Team", PhoneNumber="+15550100")
    seeder.client("organizations", HOME).create_organization(FeatureSet="ALL")
