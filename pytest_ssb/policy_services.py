"""Whether a policy is known to let a service of AWS do something for one of the account's own resources. Pure.

The evaluator of whom a policy lets in counts whomever it cannot prove to be kept out as let in; here what cannot be proven is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pytest_ssb.policies import Statement
from pytest_ssb.policy_conditions import Condition, conditions_of

# Keys of calls that people and roles make: a service's own call has none of them
# (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
_OF_PEOPLE = {
    *("aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceip", "aws:sourceowner"),
    *("aws:sourcevpc", "aws:sourcevpce", "aws:userid", "aws:username"),
}
# Operators that hold for one of their values; True where these are patterns.
_ALIKE = {"stringequals": False, "stringlike": True, "arnequals": True, "arnlike": True, "bool": False}
_UNLIKE = {"stringnotequals": "stringequals", "stringnotlike": "stringlike", "arnnotequals": "arnequals", "arnnotlike": "arnlike"}


@dataclass(frozen=True)
class ServiceCall:
    """A call that a service makes for a resource of an account: `events.amazonaws.com` publishes for a rule."""

    service: str
    action: str
    account: str
    source: str

    @property
    def context(self) -> Mapping[str, str]:
        """What is known of it by condition keys."""
        return {
            "aws:sourceaccount": self.account,
            "aws:sourcearn": self.source,
            "aws:securetransport": "true",
            "aws:principalisawsservice": "true",
            "aws:principalservicename": self.service,
        }


def admits(statements: Iterable[Statement], call: ServiceCall, resource: str) -> bool | None:
    """Whether the statements allow the call on the resource; None where that hangs on what we do not know."""
    known = tuple(statements)
    allows = [_holds(statement, call, resource) for statement in known if statement.allows]
    denies = [_holds(statement, call, resource) for statement in known if not statement.allows]
    if True in denies or not {True, None} & set(allows):
        return False
    return None if None in denies or True not in allows else True


def _holds(statement: Statement, call: ServiceCall, resource: str) -> bool | None:
    """Whether the statement is about the call; None where we cannot tell."""
    if not statement.covers(call.action):
        return False
    reaches = statement.reaches(resource) if statement.not_resource is None else None
    known = [reaches, _names(statement, call), *(_condition_holds(condition, call) for condition in conditions_of(statement))]
    if False in known:
        return False
    return None if None in known else True


def _names(statement: Statement, call: ServiceCall) -> bool | None:
    if statement.not_principal is not None:
        return None
    if statement.principal == "*" or "*" in statement.principals("AWS"):
        return True
    return isinstance(statement.principal, dict) and bool({call.service, "*"} & set(statement.principals("Service")))


def _condition_holds(condition: Condition, call: ServiceCall) -> bool | None:
    negated = condition.operator in _UNLIKE
    by_pattern = _ALIKE.get(_UNLIKE.get(condition.operator, condition.operator))
    if by_pattern is None or condition.quantifier:
        return None
    if condition.key in _OF_PEOPLE:
        return negated or condition.if_exists
    found = call.context.get(condition.key)
    if found is None or any("${" in value for value in condition.values):
        return None
    return negated != any(_is_like(value, found) if by_pattern else value == found for value in condition.values)


def _is_like(pattern: str, text: str) -> bool:
    return re.fullmatch("".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern), text) is not None
