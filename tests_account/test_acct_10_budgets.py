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
