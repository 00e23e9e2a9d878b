"""An organization of 30 active accounts on a moto server: units, tags, a closed account, and something to find in some of the accounts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.server import Server, moto_server
from tests.support.worlds import ACCOUNT

REGION = "eu-west-1"
# Where each lies, and how many there are: `production-1` and so on.
UNITS = {
    "Workloads/Production": ("production", 9),
    "Workloads/Staging": ("staging", 9),
    "Workloads/Staging/Trials": ("trial", 3),
    "Sandbox": ("sandbox", 8),
}
SSB = """
[profiles.acme]
regions = ["eu-west-1"]
organization = true
role_name = "audit/ssb"
external_id = "acme-ssb"
"""


@dataclass
class Organization:
    """Its server, which account manages it, and the ids of accounts by name and of units by path."""

    server: Server
    management: str = ACCOUNT
    accounts: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables by which the management account is reached."""
        return self.server.environ(self.management)

    @property
    def active(self) -> dict[str, str]:
        """The ids of the active accounts by name."""
        return {name: id for name, id in self.accounts.items() if name != "closed"}

    def ids(self, *names: str) -> set[str]:
        """The ids of the accounts whose names begin with one of these."""
        return {id for name, id in self.active.items() if name.startswith(names)}


def organize(server: Server) -> Organization:
    """Make the organization: 29 members of the management account and one more that is closed."""
    found = Organization(server)
    asked = server.client("organizations", "us-east-1")
    asked.create_organization(FeatureSet="ALL")
    found.accounts["master"] = found.management
    root = asked.list_roots()["Roots"][0]["Id"]
    for path, (name, number) in UNITS.items():
        parent = root
        for depth, step in enumerate(path.split("/"), 1):
            inner = "/".join(path.split("/")[:depth])
            if inner not in found.units:
                found.units[inner] = asked.create_organizational_unit(ParentId=parent, Name=step)["OrganizationalUnit"]["Id"]
            parent = found.units[inner]
        for n in range(1, number + 1):
            tags = [{"Key": "stage", "Value": "Test" if n % 2 else "demo"}] if name == "sandbox" else []
            found.accounts[f"{name}-{n}"] = _account(asked, f"{name}-{n}", root, parent, tags)
    found.accounts["closed"] = _account(asked, "closed", root, root, [])
    asked.close_account(AccountId=found.accounts["closed"])
    for name in ("production-1", "staging-2", "sandbox-3"):
        # Something to comply with, and something that does not.
        server.client("iam", "us-east-1", found.accounts[name]).update_account_password_policy(MinimumPasswordLength=20)
        server.client("ec2", REGION, found.accounts[name]).create_volume(AvailabilityZone=f"{REGION}a", Size=1)
    queue(server, found.accounts["production-1"], "siblings", found.accounts["sandbox-1"])
    queue(server, found.accounts["production-1"], "strangers", "999988887777")
    return found


def queue(server: Server, account: str, name: str, admits: str) -> None:
    """A queue to which another account may send."""
    client = server.client("sqs", REGION, account)
    arn = f"arn:aws:sqs:{REGION}:{account}:{name}"
    says = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{admits}:root"}, "Action": "sqs:SendMessage", "Resource": arn}
    client.create_queue(QueueName=name, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [says]})})


def _account(asked: Any, name: str, root: str, unit: str, tags: list[dict[str, str]]) -> str:
    made = asked.create_account(Email=f"{name}@acme.example", AccountName=name, Tags=tags)
    id: str = made["CreateAccountStatus"]["AccountId"]
    if unit != root:
        asked.move_account(AccountId=id, SourceParentId=root, DestinationParentId=unit)
    return id


@pytest.fixture(scope="session")
def organization() -> Iterator[Organization]:
    """The organization, on a server of its own; whoever uses it changes nothing there."""
    with moto_server() as server:
        yield organize(server)
