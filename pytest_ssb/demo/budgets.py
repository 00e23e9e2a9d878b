"""The demo's budgets: both accounts watch what they cost; the mixed one learns of it only when it is spent."""

from __future__ import annotations

from typing import Any

from pytest_ssb.demo.seeder import Seeder

SPENT = {"ActualSpend": {"Amount": "212.40", "Unit": "USD"}, "ForecastedSpend": {"Amount": "389.15", "Unit": "USD"}}
MONTHLY = {"BudgetType": "COST", "TimeUnit": "MONTHLY", "CalculatedSpend": SPENT}
SUBSCRIBERS = [{"SubscriptionType": "EMAIL", "Address": "aws-billing@example.com"}]


def seed(seeder: Seeder) -> None:
    """Budget all costs, and warn of the forecast; in the mixed account of actual costs alone, beside a budget of what the machines cost."""
    kinds = ("ACTUAL", "FORECASTED") if seeder.clean else ("ACTUAL",)
    _create(seeder, "monthly", "500", kinds)
    if not seeder.clean:
        _create(seeder, "machines", "300", (), CostFilters={"Service": ["Amazon Elastic Compute Cloud - Compute"]})
    # moto keeps the subscribers, and does not tell them.
    seeder.simulated.instead("budgets:DescribeSubscribersForNotification", lambda region, asked: {"Subscribers": SUBSCRIBERS})


def _create(seeder: Seeder, name: str, limit: str, kinds: tuple[str, ...], **more: Any) -> None:
    budget = {**MONTHLY, "BudgetName": name, "BudgetLimit": {"Amount": limit, "Unit": "USD"}, **more}
    told = [{"Notification": _at_the_limit(kind), "Subscribers": SUBSCRIBERS} for kind in kinds]
    seeder.client("budgets", "us-east-1").create_budget(AccountId=seeder.account, Budget=budget, NotificationsWithSubscribers=told)


def _at_the_limit(kind: str) -> dict[str, Any]:
    return {"NotificationType": kind, "ComparisonOperator": "GREATER_THAN", "Threshold": 100.0, "ThresholdType": "PERCENTAGE"}
