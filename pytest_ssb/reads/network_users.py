"""Everything that names subnets and security groups: asked of some twenty services, only where a verdict hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pytest_ssb.errors import AwsError, NotOffered, Undecided
from pytest_ssb.network_use import User
from pytest_ssb.reads import naming_compute, naming_data, naming_network
from pytest_ssb.reads.naming import Lookup
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


LOOKUPS: tuple[Lookup, ...] = (*naming_network.LOOKUPS, *naming_compute.LOOKUPS, *naming_data.LOOKUPS)
OPERATIONS = tuple(operation for lookup in LOOKUPS for operation in lookup.operations)
# What runs in a network. EC2's own are what connects networks, and templates; instances have interfaces.
TENANTS = tuple(lookup for lookup in LOOKUPS if not lookup.arn.startswith("ec2:"))
TENANT_OPERATIONS = tuple(operation for lookup in TENANTS for operation in lookup.operations)
# For people: who was asked.
SERVICES = tuple(dict.fromkeys(operation.partition(":")[0] for operation in OPERATIONS))


def users_of_network(aws: Aws, lookups: Sequence[Lookup] = LOOKUPS) -> list[User]:
    """Everything that names subnets or groups. What could not be read stands as unread in the list; a service that the region lacks has nothing."""
    answers = aws.each(lookups, lambda lookup: _users(aws, lookup))
    found: list[User] = []
    for lookup in lookups:
        try:
            found += answers[lookup]
        except (AwsError, Undecided) as error:
            found.append(unread(error))
    return found


def _users(aws: Aws, lookup: Lookup) -> list[User]:
    try:
        named = list(lookup.ask(aws))
    except NotOffered:
        return []
    return [each if error_of(each) else each.user for each in named if error_of(each) or each.alive]
