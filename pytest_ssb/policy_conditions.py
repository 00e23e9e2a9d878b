"""Conditions of policies: whom each lets through, and whom a Deny with it leaves alone.

Global condition keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
Operators, and what they make of a key that a request lacks: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from pytest_ssb.policies import Statement
from pytest_ssb.policy_circle import Circle, Reach, is_literal

Mode: TypeAlias = Literal["resource", "bare", "trust", "endpoint"]
Values: TypeAlias = tuple[str, ...]
_Weigh: TypeAlias = Callable[[Circle, Values], Reach]

TEXT = {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"}
_NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
}


class Condition(NamedTuple):
    """One line of a condition: `quantifier` is `forallvalues`, `foranyvalue` or nothing."""

    quantifier: str
    operator: str
    if_exists: bool
    key: str
    name: str
    values: Values


class Let(NamedTuple):
    """Whom a condition lets through, and its words."""

    reach: Reach
    said: str


def conditions_of(statement: Statement) -> Iterator[Condition]:
    """The lines of a statement's condition; the case of operators and keys does not count."""
    for operator, keys in statement.condition.items():
        quantifier, colon, name = operator.lower().rpartition(":")
        if_exists = name.endswith("ifexists")
        for key, given in keys.items():
            values = tuple(_text(value) for value in (given if isinstance(given, tuple) else (given,)))
            yield Condition(quantifier if colon else "", name.removesuffix("ifexists"), if_exists, key.lower(), key, values)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def let_through(statement: Statement, circle: Circle, mode: Mode) -> list[Let]:
    """Whom each condition of an Allow lets through that restricts who may call; a caller must meet them all."""
    found = sorted(conditions_of(statement), key=lambda each: _family(each.key) is _of_organizations)
    present = {each.key for each in found if each.operator == "null" and set(each.values) == {"false"}}
    through: list[Let] = []
    for each in found:
        # What a request without the key meets as well restricts nobody, unless the key must be there.
        if (each.if_exists or each.quantifier == "forallvalues") and each.key not in present:
            continue
        if Reach.OK in (let.reach for let in through):
            break  # nothing can be better, and the organization need not be known
        reach = _weigh(each.operator, each.key, each.values, circle, mode)
        if reach is not None:
            through.append(Let(reach, said(each)))
    return through


def left_alone(condition: Condition, circle: Circle, mode: Mode) -> Reach | None:
    """Whom a Deny does not touch for this condition. None: it does not say whom."""
    if condition.key == "aws:principalisawsservice" and condition.operator == "bool" and condition.if_exists and condition.values == ("false",):
        return Reach.DEPUTY
    # A request without the key is denied, but for ForAnyValue.
    positive = _NEGATED.get(condition.operator)
    if positive is None or condition.quantifier == "foranyvalue":
        return None
    return _weigh(positive, condition.key, condition.values, circle, mode)


def said(condition: Condition) -> str:
    """A condition in words: `aws:PrincipalOrgID o-abc`."""
    values = condition.values
    return f"{condition.name} {', '.join(values[:3])}{f' and {len(values) - 3} more' if len(values) > 3 else ''}"


def _weigh(operator: str, key: str, values: Values, circle: Circle, mode: Mode) -> Reach | None:
    """Whom the values of a key let through, None where such a line says nothing of who calls. Any of the values suffices, so the worst counts."""
    if not values:
        return None
    if key == "aws:sourceip":
        return circle.of_addresses(values) if operator == "ipaddress" else None
    if operator == "bool":
        return {
            "elasticfilesystem:accessedviamounttarget": Reach.OK,
            "aws:principalisawsservice": Reach.DEPUTY,
        }.get(key if set(values) == {"true"} else "")
    family = _family(key) or (_ENDPOINT.get(key) if mode == "endpoint" else None)
    return family(circle, values) if family is not None and operator in TEXT else None


def _of_accounts(circle: Circle, values: Values) -> Reach:
    return max(map(circle.of_account, values))


def _of_organizations(circle: Circle, values: Values) -> Reach:
    return max(map(circle.of_organization, values))


def _of_networks(circle: Circle, values: Values) -> Reach:
    return max(map(circle.of_network, values))


def _of_arns(circle: Circle, values: Values) -> Reach:
    return max(of_arn(circle, value) for value in values)


def _of_user_ids(circle: Circle, values: Values) -> Reach:
    return max(_of_user_id(circle, value) for value in values)


def _of_services(circle: Circle, values: Values) -> Reach:
    return Reach.DEPUTY if all(map(is_literal, values)) else Reach.OPEN


def _of_subscribers(circle: Circle, values: Values) -> Reach:
    return max(Reach.OK if _SUBSCRIBER.match(value) else Reach.OPEN for value in values)


def of_arn(circle: Circle, arn: str) -> Reach:
    """How far whoever, or whatever, has an ARN like this is let in: its account decides, of a bucket its name."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return Reach.OPEN
    if parts[2] == "s3" and not parts[4]:
        return Reach.OK if is_literal(parts[5].partition("/")[0]) else Reach.OPEN
    return circle.of_account(parts[4])


def _of_user_id(circle: Circle, value: str) -> Reach:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids: of a role, `AROA...:session`."""
    if re.match("A[A-Z]{2}A[A-Z0-9]{12,}", value):
        return Reach.OK
    return circle.of_account(value.partition(":")[0])


# An address of a literal domain, or a URL of a literal host.
_SUBSCRIBER = re.compile(r"[^@]*@[^@*?$]+$|https?://[^/*?$]+(/|$)", re.IGNORECASE)
_FAMILIES: dict[str, _Weigh] = {
    **dict.fromkeys(("aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths"), _of_organizations),
    **dict.fromkeys(("aws:vpceorgid", "aws:vpceorgpaths"), _of_organizations),
    **dict.fromkeys(("aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "aws:vpceaccount"), _of_accounts),
    **dict.fromkeys(("kms:calleraccount", "s3:dataaccesspointaccount"), _of_accounts),
    **dict.fromkeys(("aws:principalarn", "aws:sourcearn", "s3:dataaccesspointarn"), _of_arns),
    **dict.fromkeys(("aws:sourcevpc", "aws:sourcevpce"), _of_networks),
    "aws:userid": _of_user_ids,
    "aws:principalservicename": _of_services,
    "sns:endpoint": _of_subscribers,
}
# What is asked for through an endpoint is restricted by whose it is, too.
_ENDPOINT: dict[str, _Weigh] = {
    "aws:resourceaccount": _of_accounts,
    "aws:resourceorgid": _of_organizations,
    "aws:resourceorgpaths": _of_organizations,
}


def _family(key: str) -> _Weigh | None:
    return _FAMILIES.get(key)
