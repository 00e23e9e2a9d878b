"""What a bucket's policy denies to whoever does not come through a network: the statements that fence it, and what they fence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from pytest_ssb.policies import Statement
from pytest_ssb.policy_conditions import Condition, conditions_of

# What somebody must be able to do who takes data, or brings some.
READING, WRITING, LISTING = "s3:GetObject", "s3:PutObject", "s3:ListBucket"
_NETWORKS = ("aws:sourcevpce", "aws:sourcevpc")
# Requests that AWS's own services make; they come through no VPC.
_BY_SERVICES = ("aws:principalisawsservice", "aws:viaawsservice")


def fenced(statements: Iterable[Statement], bucket: str) -> Iterator[tuple[Statement, ...]]:
    """For each of those actions a policy that lets everyone do it, but for what the fences in these statements deny."""
    fences = [fence for each in statements if not each.allows and (fence := _fence(each)) is not None]
    for action, resource in ((READING, f"{bucket}/*"), (WRITING, f"{bucket}/*"), (LISTING, bucket)):
        yield (Statement(effect="Allow", principal="*", action=action, resource=resource), *fences)


def _fence(deny: Statement) -> Statement | None:
    """A Deny by networks, as it is for whoever is no service of AWS; None for a Deny that spares more than networks and single principals."""
    lines = list(conditions_of(deny))
    if not any(line.key in _NETWORKS for line in lines) or not all(_is_of_a_fence(line) for line in lines):
        return None
    kept = {operator: {key: values for key, values in keys.items() if key.lower() not in _BY_SERVICES} for operator, keys in deny.condition.items()}
    return msgspec.structs.replace(deny, condition={operator: keys for operator, keys in kept.items() if keys})


def _is_of_a_fence(line: Condition) -> bool:
    if line.key in _BY_SERVICES:
        return line.operator == "bool" and line.values == ("false",)
    return line.key in _NETWORKS or (line.key == "aws:principalarn" and all(map(_names_somebody, line.values)))


def _names_somebody(arn: str) -> bool:
    """Whether the pattern of an ARN says of a principal's name at least how it begins."""
    kind, slash, name = arn.rpartition(":")[2].partition("/")
    return kind == "root" or bool(slash and name.split("/")[-1].strip("*?").partition("*")[0] and not name.split("/")[-1].startswith(("*", "?", "$")))
