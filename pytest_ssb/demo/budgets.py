"""The demo's budgets."""

from __future__ import annotations

from pytest_ssb.demo.seeder import Seeder


def seed(seeder: Seeder) -> None:
    """Watch the whole account, or, where nobody thought further, only what the machines cost."""
    budget = {"BudgetName": "monthly", "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": "500", "Unit": "USD"}}
    if not seeder.clean:
        budget |= {"BudgetName": "machines", "CostFilters": {"Service": ["Amazon Elastic Compute Cloud - Compute"]}}
    seeder.client("budgets", "us-east-1").create_budget(AccountId=seeder.account, Budget=budget, NotificationsWithSubscribers=[])
