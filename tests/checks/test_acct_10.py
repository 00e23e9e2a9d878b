"""ACCT.10's checks, each shown to pass, to fail, and at its edges."""

from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from tests.support.worlds import ANOTHER, Cloud, Expected, world
from tests_account import test_acct_10_budgets as suite

MONTHLY = {"BudgetName": "monthly", "BudgetType": "COST", "TimeUnit": "MONTHLY"}
OTHER = "999999999999"
FOREVER = {"Start": datetime(2024, 1, 1, tzinfo=UTC), "End": datetime(2087, 6, 15, tzinfo=UTC)}


def answered(aws: Cloud, *found: dict[str, Any]) -> None:
    """Let these budgets be answered, each on a page of its own."""
    pages = [{"Budgets": [MONTHLY | {"TimePeriod": FOREVER} | one]} for one in found]

    def answer(region: str, asked: Any) -> dict[str, Any]:
        assert asked["ShowFilterExpression"] is True, "AWS leaves the expressions out"
        at = int(asked.get("NextToken", 0))
        return pages[at] | ({"NextToken": str(at + 1)} if at + 1 < len(pages) else {})

    aws.simulated.instead("budgets:DescribeBudgets", answer)


def created(aws: Cloud, **more: Any) -> None:
    aws.client("budgets", "us-east-1").create_budget(
        AccountId=aws.account, Budget=MONTHLY | {"BudgetLimit": {"Amount": "500", "Unit": "USD"}} | more, NotificationsWithSubscribers=[]
    )


def organization(aws: Cloud, management: str) -> None:
    told = {"Organization": {"MasterAccountId": management, "MasterAccountEmail": "aws@example.com"}}
    aws.simulated.instead("organizations:DescribeOrganization", lambda region, asked: told)


def dimension(key: str, *values: str, **more: Any) -> dict[str, Any]:
    return {"FilterExpression": {"Dimensions": {"Key": key, "Values": list(values), **more}}}


@world(suite.test_monthly_cost_budget)
def test_a_monthly_budget_of_all_costs_passes(aws: Cloud) -> Expected:
    created(aws)
    return {aws.account_arn: ("PASS", "medium", "watched by monthly")}


@world(suite.test_monthly_cost_budget)
def test_no_budget_fails(aws: Cloud) -> Expected:
    return {aws.account_arn: ("FAIL", "medium", "no budgets")}


@world(suite.test_monthly_cost_budget)
def test_budgets_that_are_not_of_monthly_costs_fail_with_what_they_are(aws: Cloud) -> Expected:
    created(aws, BudgetName="hours", BudgetType="USAGE")
    created(aws, BudgetName="year", TimeUnit="ANNUALLY")
    return {aws.account_arn: ("FAIL", "medium", "hours is of USAGE, not of cost; year is annually, not monthly")}


@world(suite.test_monthly_cost_budget)
def test_budgets_of_a_part_of_the_costs_fail(aws: Cloud) -> Expected:
    created(aws, BudgetName="machines", CostFilters={"Service": ["Amazon Elastic Compute Cloud - Compute"]})
    created(aws, BudgetName="other", CostFilters={"LinkedAccount": [OTHER]})
    created(aws, BudgetName="both", CostFilters={"LinkedAccount": [aws.account], "Service": ["Amazon Simple Storage Service"]})
    said = "; ".join(f"{name} counts only a part of the costs" for name in ("machines", "other", "both"))
    return {aws.account_arn: ("FAIL", "medium", said)}


@world(suite.test_monthly_cost_budget)
def test_budgets_whose_expression_or_view_is_of_a_part_fail(aws: Cloud) -> Expected:
    answered(
        aws,
        dimension("SERVICE", aws.account),
        dimension("LINKED_ACCOUNT", OTHER),
        dimension("LINKED_ACCOUNT", aws.account, MatchOptions=["CONTAINS"]),
        {"FilterExpression": {"Not": {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [aws.account]}}}},
        {"BillingViewArn": f"arn:aws:billing::{aws.account}:billingview/custom-1"},
    )
    return {aws.account_arn: ("FAIL", "medium", "; ".join(["monthly counts only a part of the costs"] * 5))}


@world(suite.test_monthly_cost_budget)
def test_a_budget_that_has_ended_fails(aws: Cloud) -> Expected:
    answered(aws, {"TimePeriod": {"Start": datetime(2024, 1, 1, tzinfo=UTC), "End": datetime(2024, 6, 1, tzinfo=UTC)}})
    return {aws.account_arn: ("FAIL", "medium", "monthly has ended")}


@world(suite.test_monthly_cost_budget)
def test_a_budget_that_cannot_count_fails(aws: Cloud) -> Expected:
    answered(aws, {"HealthStatus": {"Status": "UNHEALTHY", "StatusReason": "BILLING_VIEW_NO_ACCESS"}})
    return {aws.account_arn: ("FAIL", "medium", "monthly is unhealthy")}


@world(suite.test_monthly_cost_budget)
def test_a_budget_of_the_account_by_name_passes(aws: Cloud) -> Expected:
    answered(
        aws,
        {"BudgetName": "filter", "CostFilters": {"LinkedAccount": [OTHER, aws.account]}},
        {"BudgetName": "expression"} | dimension("LINKED_ACCOUNT", aws.account),
        {"BudgetName": "equal"} | dimension("LINKED_ACCOUNT", aws.account, MatchOptions=["EQUALS"]),
    )
    return {aws.account_arn: ("PASS", "medium", "watched by filter, expression, equal")}


@world(suite.test_monthly_cost_budget)
def test_a_healthy_budget_of_the_primary_view_on_the_last_page_passes(aws: Cloud) -> Expected:
    answered(
        aws,
        {"BudgetName": "hours", "BudgetType": "USAGE"},
        {"BillingViewArn": f"arn:aws:billing::{aws.account}:billingview/primary", "HealthStatus": {"Status": "HEALTHY"}},
    )
    return {aws.account_arn: ("PASS", "medium", "watched by monthly")}


@world(suite.test_monthly_cost_budget)
def test_a_limit_that_adjusts_itself_or_is_planned_counts(aws: Cloud) -> Expected:
    answered(
        aws,
        {"BudgetName": "adjusted", "AutoAdjustData": {"AutoAdjustType": "FORECAST"}},
        {"BudgetName": "planned", "PlannedBudgetLimits": {"1704067200": {"Amount": "500", "Unit": "USD"}}},
    )
    return {aws.account_arn: ("PASS", "medium", "watched by adjusted, planned")}


@world(suite.test_monthly_cost_budget)
def test_a_member_without_its_own_asks_who_pays(aws: Cloud) -> Expected:
    organization(aws, OTHER)
    return {aws.account_arn: ("MANUAL", "medium", "paying account watch this account? (no own one does; set payer_profile)")}


@world(suite.test_monthly_cost_budget)
def test_a_member_with_a_narrow_one_asks_who_pays_and_says_why(aws: Cloud) -> Expected:
    organization(aws, OTHER)
    created(aws, BudgetName="hours", BudgetType="USAGE")
    return {aws.account_arn: ("MANUAL", "medium", "(no own one does: hours is of USAGE, not of cost; set payer_profile)")}


@world(suite.test_monthly_cost_budget)
def test_a_members_own_budget_passes(aws: Cloud) -> Expected:
    organization(aws, OTHER)
    created(aws)
    return {aws.account_arn: ("PASS", "medium", "watched by monthly")}


@world(suite.test_monthly_cost_budget)
def test_the_management_account_without_one_fails(aws: Cloud) -> Expected:
    organization(aws, aws.account)
    return {aws.account_arn: ("FAIL", "medium", "no budgets")}


def paid_by(aws: Cloud, management: str = ANOTHER, *, key: str | None = "payer_profile") -> Cloud:
    """The account is a member of an organization, and the profile, or the run, leads to the account that it gives."""
    organization(aws, management)
    return aws.beside(key, judged=key is None)


@world(suite.test_monthly_cost_budget)
def test_the_payers_budget_of_all_accounts_passes(aws: Cloud) -> Expected:
    created(aws, BudgetName="hours", BudgetType="USAGE")
    created(paid_by(aws))
    return {aws.account_arn: ("PASS", "medium", f"watched by monthly of the paying account {ANOTHER}")}


@world(suite.test_monthly_cost_budget)
def test_the_payers_budget_of_this_account_passes(aws: Cloud) -> Expected:
    payer = paid_by(aws, key="organization_profile")
    answered(payer, {"CostFilters": {"LinkedAccount": [OTHER, aws.account]}})
    return {aws.account_arn: ("PASS", "medium", "watched by monthly of the paying account")}


@world(suite.test_monthly_cost_budget)
def test_a_payer_of_the_same_run_is_asked(aws: Cloud) -> Expected:
    created(paid_by(aws, key=None))
    return {aws.account_arn: "PASS"}


@world(suite.test_monthly_cost_budget)
def test_a_payer_without_one_for_this_account_fails(aws: Cloud) -> Expected:
    answered(paid_by(aws), {"BudgetName": "other", "CostFilters": {"LinkedAccount": [OTHER]}})
    return {aws.account_arn: ("FAIL", "medium", f"no budgets; of the paying account {ANOTHER}: other counts only a part of the costs")}


@world(suite.test_monthly_cost_budget)
def test_a_payer_without_any_fails(aws: Cloud) -> Expected:
    paid_by(aws)
    created(aws, BudgetName="hours", BudgetType="USAGE")
    return {aws.account_arn: ("FAIL", "medium", "hours is of USAGE, not of cost; of the paying account", "no budgets")}


@world(suite.test_monthly_cost_budget)
def test_a_profile_that_leads_to_another_account_than_the_payer_answers_nothing(aws: Cloud) -> Expected:
    created(paid_by(aws, OTHER))
    return {aws.account_arn: ("MANUAL", "medium", f"payer_profile leads to {ANOTHER}, which does not pay for this account")}


@world(suite.test_monthly_cost_budget)
def test_denied_budgets_of_the_payer_are_an_error(aws: Cloud) -> Expected:
    error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "DescribeBudgets")
    paid_by(aws).simulated.instead("budgets:DescribeBudgets", lambda region, asked: error)
    said = f"payer_profile = payer (account {ANOTHER}): budgets:DescribeBudgets is denied"
    return {aws.account_arn: ("ERROR", "medium", said, "allow budgets:ViewBudget")}


@world(suite.test_monthly_cost_budget)
def test_a_payers_budget_that_cannot_be_read_is_an_error(aws: Cloud) -> Expected:
    answered(paid_by(aws), {"TimePeriod": {}})
    return {aws.account_arn: ("ERROR", "medium", f"payer_profile = payer (account {ANOTHER}): budgets:DescribeBudgets answered a Budget")}


@world(suite.test_monthly_cost_budget)
def test_a_budget_that_cannot_be_read_leaves_open_whether_there_is_one(aws: Cloud) -> Expected:
    answered(aws, {"TimePeriod": {}})
    return {aws.account_arn: "ERROR"}


@world(suite.test_monthly_cost_budget)
def test_a_budget_that_cannot_be_read_does_not_hide_one_that_can(aws: Cloud) -> Expected:
    answered(aws, {"BudgetName": "odd", "TimePeriod": {}}, {})
    return {aws.account_arn: ("PASS", "medium", "watched by monthly")}


@world(suite.test_monthly_cost_budget)
def test_denied_budgets_are_an_error_that_names_the_action(aws: Cloud) -> Expected:
    error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "DescribeBudgets")
    aws.simulated.instead("budgets:DescribeBudgets", lambda region, asked: error)
    return {aws.account_arn: ("ERROR", "medium", "allow budgets:ViewBudget")}


EDGES: dict[str, dict[str, Any]] = {
    "monthly_cost_budget": {
        "PASS: monthly, of all costs": test_a_monthly_budget_of_all_costs_passes,
        "PASS: filtered by this account alone": test_a_budget_of_the_account_by_name_passes,
        "PASS: limits that adjust themselves or are planned": test_a_limit_that_adjusts_itself_or_is_planned_counts,
        "FAIL: none": test_no_budget_fails,
        "FAIL: of usage, or not monthly": test_budgets_that_are_not_of_monthly_costs_fail_with_what_they_are,
        "FAIL: filtered, by an expression or a billing view too": (
            test_budgets_of_a_part_of_the_costs_fail,
            test_budgets_whose_expression_or_view_is_of_a_part_fail,
        ),
        "FAIL: ended": test_a_budget_that_has_ended_fails,
        "FAIL: unhealthy": test_a_budget_that_cannot_count_fails,
        "MANUAL: a member, whose payer's budgets are seen only there": test_a_member_without_its_own_asks_who_pays,
        "PASS: the payer's, of all accounts or of this one": (
            test_the_payers_budget_of_all_accounts_passes,
            test_the_payers_budget_of_this_account_passes,
            test_a_payer_of_the_same_run_is_asked,
        ),
        "FAIL: the payer's are of others, or there are none": (test_a_payer_without_one_for_this_account_fails, test_a_payer_without_any_fails),
        "MANUAL: payer_profile leads to somebody else": test_a_profile_that_leads_to_another_account_than_the_payer_answers_nothing,
        "ERROR: the payer's are denied": test_denied_budgets_of_the_payer_are_an_error,
        "FAIL: the management account": test_the_management_account_without_one_fails,
        "ERROR: denied": test_denied_budgets_are_an_error_that_names_the_action,
    },
}
