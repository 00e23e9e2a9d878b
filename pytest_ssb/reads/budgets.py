"""AWS Budgets: which of them watch what the whole account costs in a month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pytest_ssb.errors import Undecided
from pytest_ssb.reads.organizations import Membership
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

BUDGETS = "budgets:DescribeBudgets"
PAGE = "https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html"
EXPRESSION = "https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_ExpressionDimensionValues.html"
# Of every account; what else may be a view is a part of what it sees.
WHOLE_VIEW = "billingview/primary"


class Period(msgspec.Struct, frozen=True):
    """From when to when a budget counts."""

    end: datetime = msgspec.field(name="End")


class Health(msgspec.Struct, frozen=True):
    """Whether the billing data that a budget counts can still be read."""

    status: str = msgspec.field(name="Status")


class Spend(msgspec.Struct, frozen=True):
    """An amount of money; in AWS's answer it is a text."""

    amount: Decimal = msgspec.field(name="Amount")


class CalculatedSpend(msgspec.Struct, frozen=True):
    """What has been spent in the period, and what will have been."""

    actual: Spend = msgspec.field(name="ActualSpend")
    # absent while there is too little history for a forecast
    forecast: Spend | None = msgspec.field(name="ForecastedSpend", default=None)


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """A budget."""

    arn: str = msgspec.field(name="Arn")
    name: str = msgspec.field(name="BudgetName")
    type: Literal["COST", "USAGE", "RI_UTILIZATION", "RI_COVERAGE", "SAVINGS_PLANS_UTILIZATION", "SAVINGS_PLANS_COVERAGE"] = msgspec.field(
        name="BudgetType"
    )
    unit: Literal["DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY", "CUSTOM"] = msgspec.field(name="TimeUnit")
    period: Period = msgspec.field(name="TimePeriod")
    filters: Mapping[str, Sequence[str]] = msgspec.field(name="CostFilters", default_factory=dict)
    expression: Mapping[str, Any] | None = msgspec.field(name="FilterExpression", default=None)
    view: str | None = msgspec.field(name="BillingViewArn", default=None)
    health: Health | None = msgspec.field(name="HealthStatus", default=None)
    limit: Spend | None = msgspec.field(name="BudgetLimit", default=None)
    # by the second in which each begins to hold
    planned: Mapping[str, Spend] = msgspec.field(name="PlannedBudgetLimits", default_factory=dict)
    spend: CalculatedSpend | None = msgspec.field(name="CalculatedSpend", default=None)

    def limit_at(self, now: datetime) -> Decimal:
        """The amount that is budgeted for now. Raises Undecided where AWS does not tell it."""
        if self.limit is not None:
            return self.limit.amount
        begun = [since for since in self.planned if int(since) <= now.timestamp()]
        if not begun:
            raise Undecided(f"AWS does not tell the limit of {self.name}")
        return self.planned[max(begun, key=int)].amount

    @property
    def expected(self) -> Decimal:
        """What is, or will be, spent in the period. Raises Undecided where AWS does not tell it."""
        if self.spend is None:
            raise Undecided(f"AWS does not tell what {self.name} has counted")
        return max(self.spend.actual.amount, self.spend.forecast.amount if self.spend.forecast else Decimal(0))

    def lacks(self, account: str, now: datetime) -> str | None:
        """What keeps it from watching all that the account costs in a month; None if nothing does."""
        if self.type != "COST":
            return f"{self.name} is of {self.type}, not of cost"
        if self.unit != "MONTHLY":
            return f"{self.name} is {self.unit.lower()}, not monthly"
        if self.period.end <= now:
            return f"{self.name} has ended"
        if not self._counts_all(account):
            return f"{self.name} counts only a part of the costs"
        if self.health is not None and self.health.status != "HEALTHY":
            return f"{self.name} is {self.health.status.lower()}"
        return None

    def _counts_all(self, account: str) -> bool:
        return (
            all(key == "LinkedAccount" and account in values for key, values in self.filters.items())
            and _is_of_account(self.expression, account)
            and (self.view is None or self.view.endswith(f":{WHOLE_VIEW}"))
        )


def _is_of_account(expression: Mapping[str, Any] | None, account: str) -> bool:
    """Whether a filter lets all costs of the account through: there is none, or it names the account and nothing else."""
    if expression is None:
        return True
    named: Any = expression.get("Dimensions")
    return (
        list(expression) == ["Dimensions"]
        and named["Key"] == "LINKED_ACCOUNT"
        and account in named["Values"]
        and named.get("MatchOptions", ["EQUALS"]) == ["EQUALS"]
    )


@dataclass(frozen=True)
class Budgets:
    """An account's budgets: those that watch its whole costs by the month, and why each of the others does not."""

    found: Sequence[Budget]
    account: str
    now: datetime

    @property
    def monthly(self) -> list[Budget]:
        """Those of all costs by the month, as far as they could be read."""
        return [budget for budget in self.found if error_of(budget) is None and budget.lacks(self.account, self.now) is None]

    @property
    def others(self) -> Iterator[str]:
        """Why each of the others does not count. Raises what kept one from being read."""
        return (why for budget in self.found if (why := budget.lacks(self.account, self.now)) is not None)


ABSENT = {
    f"{BUDGETS} Budgets.CostFilters": f"the budget counts all costs ({PAGE})",
    f"{BUDGETS} Budgets.CostFilters.LinkedAccount": f"the budget counts the costs of every account that it sees ({PAGE})",
    f"{BUDGETS} Budgets.CostFilters.Service": f"the budget counts the costs of every service ({PAGE})",
    f"{BUDGETS} Budgets.FilterExpression.Dimensions.MatchOptions": f"the values are meant exactly as they stand ({EXPRESSION})",
    f"{BUDGETS} Budgets.FilterExpression": f"the budget counts all costs ({PAGE})",
    f"{BUDGETS} Budgets.BillingViewArn": f"the budget counts what the account's primary view shows ({PAGE})",
    f"{BUDGETS} Budgets.HealthStatus": f"nothing is known to keep the budget from counting ({PAGE})",
}


@read(BUDGETS, per="account", absent=ABSENT)
def budgets(aws: Aws) -> Budgets:
    """The account's own budgets; those of who pays for it are seen only there."""
    return budgets_of(aws, aws.account)


def budgets_of(aws: Aws, watched: str) -> Budgets:
    """The budgets of the account that is asked, as far as they watch what an account costs."""
    found = aws.resources(
        BUDGETS, "Budgets", Budget, "arn:{partition}:budgets::{account}:budget/{BudgetName}", AccountId=aws.account, ShowFilterExpression=True
    )
    return Budgets(found, watched, datetime.now(UTC))


@dataclass(frozen=True)
class Payer:
    """Who pays for a member of an organization, as far as the profile leads there: `budgets` are None where it leads to another account."""

    account: str
    budgets: Budgets | None


@read(per="account", absent=ABSENT, through={"payer_profile": (BUDGETS,)})
def payer(aws: Aws, budgets: Budgets, membership: Membership) -> Payer | None:
    """The paying account's budgets, asked where no budget of a member's own is enough; None where nobody says how it is reached."""
    if budgets.monthly or membership.organization is None or membership.management is not None:
        return None
    paying = membership.organization.management_account
    other = aws.through("payer_profile", paying)
    if other is None:
        return None
    return Payer(other.account, other.telling(lambda: budgets_of(other, aws.account)) if other.account == paying else None)
