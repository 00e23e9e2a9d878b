"""ACCT.10's checks, each shown to pass, to fail, and at its edges."""

from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from tests.support.topics import statement, topic, unconfirmed
from tests.support.worlds import ANOTHER, Cloud, Expected, world
from tests_account import test_acct_10_budgets as suite

MONTHLY = {"BudgetName": "monthly", "BudgetType": "COST", "TimeUnit": "MONTHLY"}
SPENT = {"ActualSpend": {"Amount": "120.5", "Unit": "USD"}, "ForecastedSpend": {"Amount": "400", "Unit": "USD"}}
FORECAST = {"NotificationType": "FORECASTED", "ComparisonOperator": "GREATER_THAN", "Threshold": 100.0, "ThresholdType": "PERCENTAGE"}
ACTUAL = FORECAST | {"NotificationType": "ACTUAL"}
MAIL = {"SubscriptionType": "EMAIL", "Address": "ana@example.com"}
PUBLISHES = "budgets.amazonaws.com"
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
    told = {"Organization": {"Id": "o-0123456789", "MasterAccountId": management, "MasterAccountEmail": "aws@example.com"}}
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


# --- budget_forecast_notification -------------------------------------------------------------------------------------------------------------


def through(arn: str) -> dict[str, str]:
    return {"SubscriptionType": "SNS", "Address": arn}


def limit(amount: str, spent: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"BudgetLimit": {"Amount": amount, "Unit": "USD"}, "CalculatedSpend": spent or SPENT}


def notified(aws: Cloud, *subscribers: dict[str, str], notification: dict[str, Any] = FORECAST, **budget: Any) -> None:
    """A budget that has one notification, and whom it tells: moto keeps them, and does not tell."""
    created(aws, **{"CalculatedSpend": SPENT, **budget})
    name = budget.get("BudgetName", "monthly")
    aws.client("budgets", "us-east-1").create_notification(
        AccountId=aws.account, BudgetName=name, Notification=notification, Subscribers=subscribers or [MAIL]
    )
    told = vars(aws).setdefault("subscribers", {})
    told[name] = list(subscribers)
    aws.simulated.instead("budgets:DescribeSubscribersForNotification", lambda region, asked: {"Subscribers": told[asked["BudgetName"]]})


@world(suite.test_budget_forecast_notification)
def test_a_forecast_that_is_mailed_passes(aws: Cloud) -> Expected:
    notified(aws, MAIL)
    return {aws.account_arn: ("PASS", "medium", "monthly warns of a forecast of more than 100 % by mail (1 subscribed)")}


@world(suite.test_budget_forecast_notification)
def test_a_forecast_that_a_topic_hands_on_passes(aws: Cloud) -> Expected:
    of_budgets = {"ArnLike": {"aws:SourceArn": f"arn:aws:budgets::{aws.account}:*"}, "StringEquals": {"aws:SourceAccount": aws.account}}
    arn = topic(aws, "costs", statement(PUBLISHES, Condition=of_budgets))
    notified(aws, through(arn))
    return {aws.account_arn: ("PASS", "medium", "by topic costs (1 confirmed)")}


@world(suite.test_budget_forecast_notification)
def test_one_budget_that_warns_is_enough(aws: Cloud) -> Expected:
    notified(aws, through(topic(aws, "silent")), BudgetName="first")
    notified(aws, MAIL, MAIL, BudgetName="second")
    return {aws.account_arn: ("PASS", "medium", "second warns of a forecast of more than 100 % by mail (2 subscribed)")}


@world(suite.test_budget_forecast_notification)
def test_budgets_that_tell_nobody_of_forecasts_fail(aws: Cloud) -> Expected:
    created(aws, BudgetName="mute")
    notified(aws, MAIL, BudgetName="actual", notification=ACTUAL)
    notified(aws, MAIL, BudgetName="less", notification=FORECAST | {"ComparisonOperator": "LESS_THAN"})
    notified(aws, BudgetName="alone", **limit("1000000"))
    said = (
        "mute tells nobody of forecasts; actual tells nobody of forecasts, only of actual costs; "
        "less tells nobody of forecasts, only of actual costs; alone: nobody is subscribed to its warning"
    )
    return {aws.account_arn: ("FAIL", "medium", said)}


@world(suite.test_budget_forecast_notification)
def test_topics_that_reach_nobody_fail(aws: Cloud) -> Expected:
    let_in = statement(PUBLISHES)
    pending = topic(aws, "pending", let_in)
    unconfirmed(aws, pending)
    dead = [
        aws.arn("sns", "gone"),
        topic(aws, "default"),
        topic(aws, "empty", let_in, subscribed=False),
        pending,
        topic(aws, "sealed", let_in, KmsMasterKeyId="alias/aws/sns"),
        topic(aws, "denied", let_in, statement(PUBLISHES, Effect="Deny")),
        topic(aws, "other", statement(PUBLISHES, Condition={"StringEquals": {"aws:SourceAccount": OTHER}})),
    ]
    notified(aws, *map(through, dead))
    said = (
        "monthly: topic gone does not exist; the policy of topic default does not let budgets.amazonaws.com publish; "
        "topic empty has no confirmed subscription; topic pending has no confirmed subscription, 1 not confirmed; "
        "topic sealed is encrypted by AWS's own key, which budgets.amazonaws.com cannot use; "
        "the policy of topic denied does not let budgets.amazonaws.com publish; the policy of topic other does not let"
    )
    return {aws.account_arn: ("FAIL", "medium", said)}


@world(suite.test_budget_forecast_notification)
def test_a_topic_with_a_key_of_ones_own_passes_and_says_what_the_key_must_do(aws: Cloud) -> Expected:
    notified(aws, through(topic(aws, "costs", statement(PUBLISHES), KmsMasterKeyId="alias/costs")))
    return {aws.account_arn: ("PASS", "medium", "topic costs (1 confirmed; its key must let budgets.amazonaws.com in)")}


@world(suite.test_budget_forecast_notification)
def test_a_topic_of_another_account_is_asked_about(aws: Cloud) -> Expected:
    notified(aws, through(f"arn:aws:sns:us-east-1:{OTHER}:costs"))
    return {aws.account_arn: ("MANUAL", "medium", f"does topic arn:aws:sns:us-east-1:{OTHER}:costs, of another account, tell somebody?")}


@world(suite.test_budget_forecast_notification)
def test_a_condition_that_we_do_not_know_leaves_it_open(aws: Cloud) -> Expected:
    notified(aws, through(topic(aws, "costs", statement(PUBLISHES, Condition={"StringEquals": {"aws:SourceOrgID": "o-1"}}))))
    return {aws.account_arn: ("ERROR", "medium", "whether topic costs lets budgets.amazonaws.com publish hangs on a condition that we do not know")}


@world(suite.test_budget_forecast_notification)
def test_warnings_that_come_far_too_late_fail_low(aws: Cloud) -> Expected:
    notified(aws, MAIL, BudgetName="million", **limit("1000000"))
    notified(aws, MAIL, BudgetName="fivefold", notification=FORECAST | {"Threshold": 500.0}, **limit("400"))
    notified(aws, MAIL, BudgetName="absolute", notification=FORECAST | {"Threshold": 1201.0, "ThresholdType": "ABSOLUTE_VALUE"}, **limit("1"))
    said = (
        "million warns of a forecast of more than 100 % by mail (1 subscribed), but expects 400; fivefold warns of a forecast of more than 500 % by"
    )
    return {aws.account_arn: ("FAIL", "low", said, "absolute warns of a forecast of more than 1201 by mail")}


@world(suite.test_budget_forecast_notification)
def test_three_times_what_is_spent_is_in_time(aws: Cloud) -> Expected:
    notified(aws, MAIL, notification=FORECAST | {"Threshold": 200.0}, **limit("600"))
    return {aws.account_arn: ("PASS", "medium", "more than 200 % by mail (1 subscribed)")}


@world(suite.test_budget_forecast_notification)
def test_little_money_is_in_time_and_what_is_odd_is_mentioned(aws: Cloud) -> Expected:
    notified(aws, MAIL, notification=FORECAST | {"Threshold": 250.0}, **limit("40", {"ActualSpend": {"Amount": "0", "Unit": "USD"}}))
    return {aws.account_arn: ("PASS", "medium", "250 % by mail (1 subscribed), far above the budget; no forecast yet")}


@world(suite.test_budget_forecast_notification)
def test_a_planned_limit_is_the_one_of_now(aws: Cloud) -> Expected:
    planned = {
        "946684800": {"Amount": "9000", "Unit": "USD"},
        "1704067200": {"Amount": "500", "Unit": "USD"},
        "4102444800": {"Amount": "9000", "Unit": "USD"},
    }
    answered(aws, {"PlannedBudgetLimits": planned, "CalculatedSpend": SPENT})
    told = {"Notifications": [FORECAST]}
    aws.simulated.instead("budgets:DescribeNotificationsForBudget", lambda region, asked: told)
    aws.simulated.instead("budgets:DescribeSubscribersForNotification", lambda region, asked: {"Subscribers": [MAIL]})
    return {aws.account_arn: ("PASS", "medium", "monthly warns of a forecast of more than 100 % by mail")}


@world(suite.test_budget_forecast_notification)
def test_what_was_spent_and_is_not_told_leaves_it_open(aws: Cloud) -> Expected:
    answered(aws, {"BudgetLimit": {"Amount": "500", "Unit": "USD"}})
    aws.simulated.instead("budgets:DescribeNotificationsForBudget", lambda region, asked: {"Notifications": [FORECAST]})
    aws.simulated.instead("budgets:DescribeSubscribersForNotification", lambda region, asked: {"Subscribers": [MAIL]})
    return {aws.account_arn: ("ERROR", "medium", "AWS does not tell what monthly has counted")}


@world(suite.test_budget_forecast_notification)
def test_without_a_budget_of_all_costs_there_is_nothing_to_notify_of(aws: Cloud) -> Expected:
    notified(aws, MAIL, BudgetName="hours", BudgetType="USAGE")
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no budget of the whole account's costs by the month")}


@world(suite.test_budget_forecast_notification)
def test_a_member_without_its_own_asks_who_pays_of_forecasts(aws: Cloud) -> Expected:
    organization(aws, OTHER)
    return {
        aws.account_arn: ("MANUAL", "medium", "paying account warn of what this account is forecast to cost? (here: no budgets; set payer_profile)")
    }


@world(suite.test_budget_forecast_notification, selected=("monthly_cost_budget",))
def test_a_member_without_its_own_is_asked_once(aws: Cloud) -> Expected:
    organization(aws, OTHER)
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "judged by monthly_cost_budget")}


@world(suite.test_budget_forecast_notification)
def test_a_member_whose_own_warns_nobody_asks_who_pays(aws: Cloud) -> Expected:
    organization(aws, OTHER)
    notified(aws, MAIL, notification=ACTUAL)
    return {aws.account_arn: ("MANUAL", "medium", "(here: monthly tells nobody of forecasts, only of actual costs; set payer_profile)")}


@world(suite.test_budget_forecast_notification)
def test_the_payers_budget_that_warns_passes(aws: Cloud) -> Expected:
    payer = paid_by(aws)
    notified(aws, MAIL, notification=ACTUAL)
    notified(payer, MAIL)
    said = f"monthly warns of a forecast of more than 100 % by mail (1 subscribed); of the paying account {ANOTHER}"
    return {aws.account_arn: ("PASS", "medium", said)}


@world(suite.test_budget_forecast_notification)
def test_the_payers_topic_is_looked_at_where_it_is(aws: Cloud) -> Expected:
    payer = paid_by(aws)
    notified(payer, through(topic(payer, "silent")), BudgetName="first")
    notified(payer, through(topic(payer, "costs", statement(PUBLISHES))), BudgetName="second")
    return {aws.account_arn: ("PASS", "medium", f"by topic costs (1 confirmed); of the paying account {ANOTHER}")}


@world(suite.test_budget_forecast_notification)
def test_a_payer_who_is_warned_of_nothing_fails(aws: Cloud) -> Expected:
    payer = paid_by(aws)
    notified(aws, MAIL, notification=ACTUAL)
    notified(payer)
    said = f"monthly tells nobody of forecasts, only of actual costs; of the paying account {ANOTHER}: monthly: nobody is subscribed to its warning"
    return {aws.account_arn: ("FAIL", "medium", said)}


@world(suite.test_budget_forecast_notification)
def test_a_payer_without_a_budget_has_nothing_to_notify_of(aws: Cloud) -> Expected:
    created(paid_by(aws), BudgetName="hours", BudgetType="USAGE")
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no budget of the whole account's costs by the month")}


@world(suite.test_budget_forecast_notification)
def test_a_profile_that_leads_to_another_account_than_the_payer_tells_of_no_forecasts(aws: Cloud) -> Expected:
    notified(paid_by(aws, OTHER), MAIL)
    return {aws.account_arn: ("MANUAL", "medium", f"(here: no budgets; payer_profile leads to {ANOTHER}, which does not pay for this account)")}


@world(suite.test_budget_forecast_notification)
def test_denied_notifications_of_the_payer_are_an_error(aws: Cloud) -> Expected:
    payer = paid_by(aws)
    notified(payer, MAIL)
    error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "DescribeSubscribersForNotification")
    payer.simulated.instead("budgets:DescribeSubscribersForNotification", lambda region, asked: error)
    said = f"payer_profile = payer (account {ANOTHER}): budgets:DescribeSubscribersForNotification is denied"
    return {aws.account_arn: ("ERROR", "medium", said, "allow budgets:ViewBudget")}


@world(suite.test_budget_forecast_notification)
def test_the_management_account_whose_budget_warns_nobody_fails(aws: Cloud) -> Expected:
    organization(aws, aws.account)
    notified(aws)
    return {aws.account_arn: ("FAIL", "medium", "monthly: nobody is subscribed to its warning")}


@world(suite.test_budget_forecast_notification)
def test_a_budget_that_cannot_be_read_leaves_open_whether_one_warns(aws: Cloud) -> Expected:
    answered(aws, {"TimePeriod": {}})
    return {aws.account_arn: "ERROR"}


@world(suite.test_budget_forecast_notification)
def test_denied_notifications_are_an_error_that_names_the_action(aws: Cloud) -> Expected:
    notified(aws, MAIL)
    error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "DescribeNotificationsForBudget")
    aws.simulated.instead("budgets:DescribeNotificationsForBudget", lambda region, asked: error)
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
    "budget_forecast_notification": {
        "PASS: by mail": test_a_forecast_that_is_mailed_passes,
        "PASS: by a topic that lets budgets publish, and that somebody has confirmed": test_a_forecast_that_a_topic_hands_on_passes,
        "PASS: one budget is enough": test_one_budget_that_warns_is_enough,
        "PASS: more than 100 %, more than 200 % mentioned; no forecast yet": test_little_money_is_in_time_and_what_is_odd_is_mentioned,
        "FAIL: only actual costs, no subscribers": test_budgets_that_tell_nobody_of_forecasts_fail,
        "FAIL: a topic that is gone, that nobody has confirmed, or that does not let budgets publish": test_topics_that_reach_nobody_fail,
        "FAIL: a limit or threshold that is never reached": test_warnings_that_come_far_too_late_fail_low,
        "MANUAL: a topic of another account": test_a_topic_of_another_account_is_asked_about,
        "MANUAL: a member, whose payer's budgets are seen only there": (
            test_a_member_without_its_own_asks_who_pays_of_forecasts,
            test_a_member_whose_own_warns_nobody_asks_who_pays,
        ),
        "PASS: the payer's": (test_the_payers_budget_that_warns_passes, test_the_payers_topic_is_looked_at_where_it_is),
        "FAIL: the payer's neither": test_a_payer_who_is_warned_of_nothing_fails,
        "MANUAL: payer_profile leads to somebody else": test_a_profile_that_leads_to_another_account_than_the_payer_tells_of_no_forecasts,
        "ERROR: the payer's are denied": test_denied_notifications_of_the_payer_are_an_error,
        "NOT_APPLICABLE: no budget of all costs": (
            test_without_a_budget_of_all_costs_there_is_nothing_to_notify_of,
            test_a_payer_without_a_budget_has_nothing_to_notify_of,
        ),
        "ERROR: denied": test_denied_notifications_are_an_error_that_names_the_action,
    },
}
