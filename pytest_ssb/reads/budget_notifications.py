"""AWS Budgets: whom a budget tells when the forecast goes beyond it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.budgets import ABSENT as BUDGETS_ABSENT
from pytest_ssb.reads.budgets import BUDGETS, Budget, Budgets, budgets_of
from pytest_ssb.reads.organizations import Membership
from pytest_ssb.reads.reached import Reached, best_of
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.sns import ABSENT as TOPIC_ABSENT
from pytest_ssb.reads.sns import TOPIC, reached_by
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

NOTIFICATIONS, SUBSCRIBERS = "budgets:DescribeNotificationsForBudget", "budgets:DescribeSubscribersForNotification"
ASKED = (NOTIFICATIONS, SUBSCRIBERS, *TOPIC)
PAGE = "https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Notification.html"
SERVICE = "budgets.amazonaws.com"
ABSENCES = {f"{NOTIFICATIONS} Notifications.ThresholdType": f"the threshold is a percentage ({PAGE})", **TOPIC_ABSENT}
# A warning that comes at more than three times of what is spent is none, unless little is spent.
FAR, LITTLE = 3, 100
HIGH = 200

T = TypeVar("T", bound=msgspec.Struct)


class Notification(msgspec.Struct, frozen=True, rename="pascal"):
    """When a budget tells somebody (https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Notification.html)."""

    notification_type: Literal["ACTUAL", "FORECASTED"]
    comparison_operator: Literal["GREATER_THAN", "LESS_THAN", "EQUAL_TO"]
    threshold: float
    # absent: a percentage
    threshold_type: Literal["PERCENTAGE", "ABSOLUTE_VALUE"] = "PERCENTAGE"

    @property
    def warns(self) -> bool:
        """Whether it tells that more will be spent than was meant to."""
        return self.notification_type == "FORECASTED" and self.comparison_operator == "GREATER_THAN"

    @property
    def said(self) -> str:
        """Its threshold, for people."""
        return f"{self.threshold:g}{' %' if self.threshold_type == 'PERCENTAGE' else ''}"

    def amount(self, budget: Budget, now: datetime) -> Decimal:
        """The forecast beyond which it tells somebody."""
        threshold = Decimal(repr(self.threshold))
        return threshold if self.threshold_type == "ABSOLUTE_VALUE" else budget.limit_at(now) * threshold / 100


class Subscriber(msgspec.Struct, frozen=True, rename="pascal"):
    """Who is told: by mail, or through a topic, whose ARN is the address. No other address is kept."""

    subscription_type: Literal["EMAIL", "SNS"]
    address: str

    def __post_init__(self) -> None:
        """Forget the address of a person, and refuse a topic that is none."""
        if self.subscription_type == "EMAIL":
            msgspec.structs.force_setattr(self, "address", "")
        elif self.address.count(":") != 5:
            raise ValueError("a topic without an ARN")


@dataclass(frozen=True)
class Alert:
    """A notification that warns of a budget's forecast, and whom it reaches."""

    budget: Budget
    notification: Notification
    reached: Reached
    now: datetime

    @property
    def comes_too_late(self) -> bool:
        """Whether far more than the account costs must be spent before it warns."""
        amount = self.notification.amount(self.budget, self.now)
        return amount > FAR * self.budget.expected and amount > LITTLE

    @property
    def in_time(self) -> bool:
        """Whether it is known to warn somebody, and in time."""
        return self.reached.somebody and not self.comes_too_late

    @property
    def said(self) -> str:
        """What it does, for people."""
        high = self.notification.threshold_type == "PERCENTAGE" and self.notification.threshold > HIGH
        young = self.budget.spend is not None and self.budget.spend.forecast is None
        more = f"{', far above the budget' if high else ''}{'; no forecast yet: it takes about five weeks of costs' if young else ''}"
        return f"{self.budget.name} warns of a forecast of more than {self.notification.said} by {self.reached.says}{more}"


@dataclass(frozen=True)
class Alerts:
    """The alerts of an account's budgets of all costs, as far as they were asked for; and the budgets that have none."""

    budgets: Budgets
    found: Sequence[Alert]
    without: Sequence[str]

    @property
    def in_time(self) -> list[Alert]:
        """Those that are known to warn somebody in time."""
        return [alert for alert in self.found if _warns(alert)]

    @property
    def late(self) -> list[Alert]:
        """Those that warn somebody too late. Raises what kept one from being read."""
        return [alert for alert in self.found if alert.reached.somebody and alert.comes_too_late]

    @property
    def questions(self) -> list[str]:
        """What has to be asked of the others. Raises what kept one from being read."""
        return [alert.reached.question for alert in self.found if alert.reached.question is not None]

    @property
    def lacks(self) -> str:
        """Why nobody is warned in time. Raises what kept a budget or an alert from being read."""
        if not self.budgets.monthly:
            return "; ".join(self.budgets.others) or "no budgets"
        reached = [f"{alert.budget.name}: {alert.reached.lacks}" for alert in self.found if alert.reached.lacks is not None]
        late = [f"{alert.said}, but expects {alert.budget.expected}" for alert in self.late]
        return "; ".join([*self.without, *reached, *late])


def _warns(alert: Alert) -> bool:
    known = or_unread(lambda: alert.in_time)
    return error_of(known) is None and known


@read(*ASKED, per="account", absent=ABSENCES)
def budget_alerts(aws: Aws, budgets: Budgets) -> Alerts:
    """Whom the budgets of all costs warn of a forecast that goes beyond them; asked until one is known to warn in time."""
    return _alerts(aws, budgets)


@dataclass(frozen=True)
class PayersAlerts:
    """Whom the budgets of a member's payer warn, as far as the profile leads there: `alerts` are None where it leads to another account."""

    account: str
    alerts: Alerts | None


@read(per="account", absent={**ABSENCES, **BUDGETS_ABSENT}, through={"payer_profile": (BUDGETS, *ASKED)})
def payer_budget_alerts(aws: Aws, budget_alerts: Alerts, membership: Membership) -> PayersAlerts | None:
    """Whom the paying account's budgets warn, asked where no budget of a member's own does; None where nobody says how it is reached."""
    if budget_alerts.in_time or membership.organization is None or membership.management is not None:
        return None
    paying = membership.organization.management_account
    other = aws.through("payer_profile", paying)
    if other is None or other.account != paying:
        return None if other is None else PayersAlerts(other.account, None)
    return PayersAlerts(paying, _alerts(other, other.telling(lambda: budgets_of(other, aws.account))))


def _alerts(aws: Aws, budgets: Budgets) -> Alerts:
    found: list[Alert] = []
    without: list[str] = []
    for budget in budgets.monthly:
        told = or_unread(partial(aws.telling, partial(_notifications, aws, budget)))
        if error_of(told) is not None:
            found.append(cast(Alert, told))
            continue
        warning = [each for each in told if each.warns]
        if not warning:
            without.append(f"{budget.name} tells nobody of forecasts{', only of actual costs' if told else ''}")
        for notification in warning:
            found.append(or_unread(partial(aws.telling, partial(_alert, aws, budgets, budget, notification))))
            if _warns(found[-1]):
                return Alerts(budgets, found, without)
    return Alerts(budgets, found, without)


def _notifications(aws: Aws, budget: Budget) -> list[Notification]:
    raws = aws.list(NOTIFICATIONS, "Notifications", AccountId=aws.account, BudgetName=budget.name)
    return [_parsed(NOTIFICATIONS, raw, Notification) for raw in raws]


def _alert(aws: Aws, budgets: Budgets, budget: Budget, notification: Notification) -> Alert:
    asked = {
        "NotificationType": notification.notification_type,
        "ComparisonOperator": notification.comparison_operator,
        "Threshold": notification.threshold,
        "ThresholdType": notification.threshold_type,
    }
    raws = aws.list(SUBSCRIBERS, "Subscribers", AccountId=aws.account, BudgetName=budget.name, Notification=asked)
    subscribers = [_parsed(SUBSCRIBERS, raw, Subscriber) for raw in raws]
    mails = sum(subscriber.subscription_type == "EMAIL" for subscriber in subscribers)
    topics = [subscriber.address for subscriber in subscribers if subscriber.subscription_type == "SNS"]
    reached = Reached(f"mail ({mails} subscribed)") if mails else _reached(aws, budget, topics)
    return Alert(budget, notification, reached, budgets.now)


def _reached(aws: Aws, budget: Budget, topics: Sequence[str]) -> Reached:
    ways = [partial(reached_by, aws, topic, SERVICE, budget.arn) for topic in topics]
    return best_of(ways, "nobody is subscribed to its warning")


def _parsed(operation: str, raw: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{operation} answered what we cannot read: {error}", operation) from None
