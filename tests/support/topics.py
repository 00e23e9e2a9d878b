"""SNS topics for worlds: what their policies and subscriptions are."""

from __future__ import annotations

import json
from typing import Any

from tests.support.worlds import Cloud


def statement(service: str, **more: Any) -> dict[str, Any]:
    """A statement that lets a service publish to any topic that has it."""
    return {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sns:Publish", "Resource": "*", **more}


def topic(aws: Cloud, name: str, *statements: dict[str, Any], subscribed: bool = True, region: str | None = None, **attributes: str) -> str:
    """The ARN of a topic; its policy is AWS's own, which lets the account alone publish, where no statement is given. moto confirms a mail at once."""
    sns = aws.client("sns", region)
    if statements:
        attributes["Policy"] = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    arn: str = sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]
    if subscribed:
        sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="ana@example.com")
    return arn


def unconfirmed(aws: Cloud, topic: str, why: str = "PendingConfirmation") -> None:
    """Let nobody have confirmed the topic's subscriptions: moto confirms them at once."""

    def wait(region: str, parsed: dict[str, Any]) -> None:
        for each in parsed["Subscriptions"]:
            if each["TopicArn"] == topic:
                each["SubscriptionArn"] = why

    aws.simulated.over("sns:ListSubscriptionsByTopic", wait)
