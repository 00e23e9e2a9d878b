"""SNS: whether what a service publishes to a topic reaches somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_ssb.errors import Undecided, UnexpectedAnswer
from pytest_ssb.policies import ResourceDocument
from pytest_ssb.policy_services import ServiceCall, admits
from pytest_ssb.reads.reached import Reached

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

ATTRIBUTES, SUBSCRIPTIONS = "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"
TOPIC = (ATTRIBUTES, SUBSCRIPTIONS)
PAGE = "https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html"
# A read that asks for topics has these absences.
ABSENT = {f"{ATTRIBUTES} Attributes.KmsMasterKeyId": f"the topic is not encrypted by a key of KMS ({PAGE})"}
# In place of an ARN, where nobody has confirmed it, or nobody will any more.
OPEN = ("PendingConfirmation", "Deleted")


class Subscription(msgspec.Struct, frozen=True):
    """A subscription (https://docs.aws.amazon.com/sns/latest/api/API_Subscription.html). Its endpoint, somebody's address, is not kept."""

    subscription_arn: str = msgspec.field(name="SubscriptionArn")

    @property
    def is_confirmed(self) -> bool:
        """Whether it receives what is published."""
        return self.subscription_arn not in OPEN


class Topic(msgspec.Struct, frozen=True):
    """What a topic says of itself."""

    policy: str = msgspec.field(name="Policy")
    key: str | None = msgspec.field(name="KmsMasterKeyId", default=None)


def reached_by(aws: Aws, topic: str, service: str, source: str) -> Reached:
    """Whether what the service publishes to the topic, for the resource `source`, reaches somebody. Another account's topic has to be asked about."""
    if topic.split(":")[4] != aws.account:
        return Reached(question=f"does topic {topic}, of another account, tell somebody?")
    asked, name = aws.in_region(topic.split(":")[3]), topic.rpartition(":")[2]
    answer = asked.ask(ATTRIBUTES, absent=("NotFound", "NotFoundException"), TopicArn=topic)
    if answer is None:
        return Reached(lacks=f"topic {name} does not exist")
    found = _topic(answer)
    let_in = admits(_statements(found), ServiceCall(service, "sns:Publish", aws.account, source), topic)
    if let_in is None:
        raise Undecided(f"whether topic {name} lets {service} publish hangs on a condition that we do not know")
    if not let_in:
        return Reached(lacks=f"the policy of topic {name} does not let {service} publish")
    if found.key is not None and found.key.endswith("alias/aws/sns"):
        return Reached(lacks=f"topic {name} is encrypted by AWS's own key, which {service} cannot use")
    subscriptions = [_subscription(raw) for raw in asked.list(SUBSCRIPTIONS, "Subscriptions", TopicArn=topic)]
    confirmed = sum(subscription.is_confirmed for subscription in subscriptions)
    if not confirmed:
        waiting = f", {len(subscriptions)} not confirmed" if subscriptions else ""
        return Reached(lacks=f"topic {name} has no confirmed subscription{waiting}")
    key = f"; its key must let {service} in" if found.key is not None else ""
    return Reached(f"topic {name} ({confirmed} confirmed{key})")


def _topic(answer: Mapping[str, Any]) -> Topic:
    try:
        return msgspec.convert(answer.get("Attributes"), Topic)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{ATTRIBUTES} answered a topic that we cannot read: {error}", ATTRIBUTES) from None


def _statements(topic: Topic) -> Sequence[Any]:
    try:
        return msgspec.json.decode(topic.policy, type=ResourceDocument).statements
    except msgspec.MsgspecError as error:
        raise UnexpectedAnswer(f"{ATTRIBUTES} answered a policy that we cannot read: {error}", ATTRIBUTES) from None


def _subscription(raw: Mapping[str, Any]) -> Subscription:
    try:
        return msgspec.convert(raw, Subscription)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{SUBSCRIPTIONS} answered a subscription that we cannot read: {error}", SUBSCRIPTIONS) from None
