"""ACCT.10: configure AWS Budgets to monitor your spending.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check

MONTHLY = (
    "aws budgets create-budget --region us-east-1 --account-id {account} --budget "
    '\'{{"BudgetName":"monthly","BudgetType":"COST","TimeUnit":"MONTHLY","BudgetLimit":{{"Amount":"500","Unit":"USD"}}}}\' '
    '--notifications-with-subscribers \'[{{"Notification":{{"NotificationType":"FORECASTED","ComparisonOperator":"GREATER_THAN","Threshold":100}},'
    '"Subscribers":[{{"SubscriptionType":"EMAIL","Address":"LIST@YOUR.DOMAIN"}}]}},'
    '{{"Notification":{{"NotificationType":"ACTUAL","ComparisonOperator":"GREATER_THAN","Threshold":80}},'
    '"Subscribers":[{{"SubscriptionType":"EMAIL","Address":"LIST@YOUR.DOMAIN"}}]}}]\'  '
    "# the amount is what you expect to pay; forecasts take some weeks to begin, actual costs do not"
)
FORECAST = (
    "aws budgets create-notification --region us-east-1 --account-id {account} --budget-name {budget} --notification "
    "NotificationType=FORECASTED,ComparisonOperator=GREATER_THAN,Threshold=100,ThresholdType=PERCENTAGE "
    "--subscribers SubscriptionType=EMAIL,Address=LIST@YOUR.DOMAIN  # forecasts take some weeks to begin: add one of ACTUAL costs"
)


@check(
    "ACCT.10",
    on="AWS::Budgets::Budget",
    severity="medium",
    facts=("payer_profile",),
    fix=MONTHLY,
    references=("https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-create.html",),
)
def test_monthly_cost_budget(audit, budgets, membership, payer):
    """A budget watches what the whole account costs in a month."""
    with audit(audit.target()):
        if budgets.monthly:
            audit.note(f"watched by {', '.join(budget.name for budget in budgets.monthly)}")
            return
        paying = payer.budgets if payer else None
        if paying is not None:
            audit.told_by(payer.account)
            if paying.monthly:
                audit.note(f"watched by {', '.join(budget.name for budget in paying.monthly)} of the paying account {payer.account}")
                return
        own = "; ".join(budgets.others)
        if paying is not None:
            theirs = "; ".join(paying.others)
            assert paying.monthly, f"{own or 'no budgets'}; of the paying account {payer.account}: {theirs or 'no budgets'}"
        if not membership.alone and membership.management is None:
            how = f"payer_profile leads to {payer.account}, which does not pay for this account" if payer else "set payer_profile"
            audit.manual(
                f"does a monthly budget of the organization's paying account watch this account? (no own one does{own and f': {own}'}; {how})"
            )
        assert budgets.monthly, own or "no budgets"


@check(
    "ACCT.10",
    on="AWS::Budgets::Budget",
    severity="medium",
    facts=("payer_profile",),
    fix=FORECAST.replace("{budget}", "BUDGET"),
    references=(
        "https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-best-practices.html",
        "https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html",
    ),
)
def test_budget_forecast_notification(audit, budget_alerts, membership, payer_budget_alerts):
    """A budget of all costs tells somebody when the forecast goes beyond it, before far more is spent than usual."""
    with audit(audit.target()):
        known = {None: budget_alerts}
        if payer_budget_alerts is not None and payer_budget_alerts.alerts is not None:
            audit.told_by(payer_budget_alerts.account)
            known[payer_budget_alerts.account] = payer_budget_alerts.alerts
        warned = next(((account, alert) for account, alerts in known.items() for alert in alerts.in_time), None)
        if warned is not None:
            account, alert = warned
            audit.note(f"{alert.said}{f'; of the paying account {account}' if account else ''}")
            return
        lacks = "; ".join(f"of the paying account {account}: {alerts.lacks}" if account else alerts.lacks for account, alerts in known.items())
        if len(known) == 1 and not membership.alone and membership.management is None:
            if not budget_alerts.budgets.monthly:
                audit.judged_by("monthly_cost_budget")
            leads = payer_budget_alerts and payer_budget_alerts.account
            how = f"payer_profile leads to {leads}, which does not pay for this account" if leads else "set payer_profile"
            audit.manual(f"does a budget of the organization's paying account warn of what this account is forecast to cost? (here: {lacks}; {how})")
        for account, alerts in known.items():
            if alerts.budgets.monthly:
                audit.fix(FORECAST, budget=alerts.budgets.monthly[0].name, **({"account": account} if account else {}))
        if not any(alerts.budgets.monthly for alerts in known.values()):
            audit.not_applicable("no budget of the whole account's costs by the month")
        questions = [question for alerts in known.values() for question in alerts.questions]
        if questions:
            audit.manual("; ".join(questions))
        if any(alerts.late for alerts in known.values()):
            audit.severity("low")
        assert warned, lacks
