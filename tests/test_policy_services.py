"""Whether a topic's policy lets a service publish for a rule: known to, known not to, or hanging on what we do not know."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from pytest_ssb.policies import ResourceDocument
from pytest_ssb.policy_services import ServiceCall, admits

ACCOUNT, OTHER = "111122223333", "444455556666"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:alarms"
RULE = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/guardduty"
CALL = ServiceCall("events.amazonaws.com", "sns:Publish", ACCOUNT, RULE)
SERVICE = {"Service": "events.amazonaws.com"}


def statement(principal: Any = SERVICE, effect: str = "Allow", action: Any = "sns:Publish", resource: Any = TOPIC, **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource, **more}


def under(operator: str, key: str, *values: Any, **more: Any) -> dict[str, Any]:
    return statement(Condition={operator: {key: list(values)}}, **more)


def denied(operator: str, key: str, *values: Any) -> list[dict[str, Any]]:
    """The service is let in, but for a Deny under a condition."""
    return [statement(), under(operator, key, *values, principal="*", effect="Deny")]


OWN = "AWS:SourceOwner"
CASES: list[tuple[str, list[dict[str, Any]], bool | None]] = [
    ("no statement", [], False),
    ("by name", [statement()], True),
    ("among others", [statement({"Service": ["budgets.amazonaws.com", "events.amazonaws.com"]})], True),
    ("another service", [statement({"Service": "budgets.amazonaws.com"})], False),
    ("every service", [statement({"Service": "*"})], True),
    ("everybody", [statement("*")], True),
    ("everybody of AWS", [statement({"AWS": "*"})], True),
    ("an account", [statement({"AWS": ACCOUNT})], False),
    ("everybody but somebody", [{**statement(), "Principal": None, "NotPrincipal": {"AWS": OTHER}}], None),
    ("every action", [statement(action="sns:*")], True),
    ("the action in capitals", [statement(action=["SNS:Publish"])], True),
    ("another action", [statement(action="sns:Subscribe")], False),
    ("another topic", [statement(resource=f"{TOPIC}-more")], False),
    ("every topic", [statement(resource="*")], True),
    ("every topic but one", [{**statement(), "Resource": None, "NotResource": f"{TOPIC}-more"}], None),
    ("denied by name", [statement(), statement(effect="Deny")], False),
    ("another service denied", [statement(), statement({"Service": "budgets.amazonaws.com"}, "Deny")], True),
    ("denied without TLS", denied("Bool", "aws:SecureTransport", "false"), True),
    ("denied with TLS", denied("Bool", "aws:SecureTransport", True), False),
    ("denied to other accounts", denied("StringNotEquals", "aws:SourceAccount", ACCOUNT), True),
    ("denied to this account", denied("StringEquals", "aws:SourceAccount", ACCOUNT), False),
    ("denied to principals of other organizations, of which a service is none", denied("StringNotEquals", "aws:PrincipalOrgID", "o-1"), False),
    ("denied to them even where there is no organization to compare", denied("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-1"), False),
    ("denied to whoever is no service", denied("Bool", "aws:PrincipalIsAWSService", "false"), True),
    ("denied under what we do not know", denied("StringEquals", "aws:SourceOrgID", "o-1"), None),
    ("AWS's own policy", [under("StringEquals", OWN, ACCOUNT, principal={"AWS": "*"})], False),
    ("the account", [under("StringEquals", "aws:SourceAccount", ACCOUNT)], True),
    ("one of several accounts", [under("StringEquals", "AWS:SourceAccount", OTHER, ACCOUNT)], True),
    ("another account", [under("StringEquals", "aws:SourceAccount", OTHER)], False),
    ("accounts like it", [under("StringLike", "aws:SourceAccount", "1111*")], True),
    ("a pattern where none is meant", [under("StringEquals", "aws:SourceAccount", "1111*")], False),
    ("the rule", [under("ArnEquals", "aws:SourceArn", RULE)], True),
    ("rules like it", [under("ArnLike", "aws:SourceArn", f"arn:aws:events:*:{ACCOUNT}:rule/guard????")], True),
    ("another rule", [under("ArnLike", "aws:SourceArn", f"{RULE}-more")], False),
    ("any rule but this", [under("ArnNotLike", "aws:SourceArn", RULE)], False),
    ("any rule but another", [under("ArnNotEquals", "aws:SourceArn", f"{RULE}-more")], True),
    ("any account but one like it", [under("StringNotLike", "aws:SourceAccount", "1111*")], False),
    ("the account, if it is told", [under("StringEqualsIfExists", "aws:SourceAccount", ACCOUNT)], True),
    ("an address, if it is told", [under("StringEqualsIfExists", "aws:SourceVpce", "vpce-1")], True),
    ("an address", [under("StringEquals", "aws:SourceVpce", "vpce-1")], False),
    ("the service's own name", [under("StringEquals", "aws:PrincipalServiceName", "events.amazonaws.com")], True),
    ("a key that we do not know", [under("StringEquals", "aws:SourceOrgID", "o-1")], None),
    ("a quantifier", [under("ForAllValues:StringEquals", "aws:SourceAccount", ACCOUNT)], None),
    ("an operator that we do not know", [under("NumericEquals", "aws:SourceAccount", 1)], None),
    ("a variable", [under("StringEquals", "aws:SourceAccount", "${aws:PrincipalAccount}")], None),
    ("a key that we do not know, and another account", [statement(Condition={"StringEquals": {"a:b": "c", "aws:SourceAccount": OTHER}})], False),
    ("two operators of which one does not hold", [statement(Condition={"Null": {"a:b": "true"}, "Bool": {"aws:SecureTransport": "false"}})], False),
    ("known by one statement, open by another", [under("StringEquals", "a:b", "c"), statement()], True),
]


@pytest.mark.parametrize(("statements", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_a_policy_lets_a_service_do(statements: list[dict[str, Any]], wanted: bool | None) -> None:
    bare = [{key: value for key, value in each.items() if value is not None} for each in statements]
    document = msgspec.json.decode(json.dumps({"Statement": bare}), type=ResourceDocument)
    assert admits(document.statements, CALL, TOPIC) is wanted
