"""ACCT.12's checks, each shown to pass, to fail, and at its edges."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from pytest_ssb.profiles import Declaration
from pytest_ssb.reads import trusted_advisor as reads
from tests.support.worlds import Cloud, Expected, World, built, judge, world
from tests_account import test_acct_12_trusted_advisor as suite

CHECKS, SUMMARIES = "support:DescribeTrustedAdvisorChecks", "support:DescribeTrustedAdvisorCheckSummaries"


def today() -> str:
    return datetime.now(UTC).isoformat()


def advisor(aws: Cloud, **checks: tuple[str, str]) -> None:
    """Let Trusted Advisor have these checks, each of a category and with a status; an id of the status "refused" refuses a batch."""
    described = [{"id": id, "name": f"Check {id}", "description": "", "category": category, "metadata": []} for id, (category, _) in checks.items()]

    def summaries(region: str, asked: Any) -> Any:
        if "refused" in [checks[id][1] for id in asked["checkIds"]]:
            return ClientError({"Error": {"Code": "InvalidParameterValueException", "Message": ""}}, "DescribeTrustedAdvisorCheckSummaries")
        return {"summaries": [summary(id, checks[id][1]) for id in asked["checkIds"]]}

    aws.simulated.instead(CHECKS, lambda region, asked: {"checks": described})
    aws.simulated.instead(SUMMARIES, summaries)


def summary(id: str, status: str, timestamp: str | None = None) -> dict[str, Any]:
    counted = {"resourcesProcessed": 9, "resourcesFlagged": 0 if status == "ok" else 2, "resourcesIgnored": 0, "resourcesSuppressed": 1}
    return {"checkId": id, "timestamp": timestamp or today(), "status": status, "resourcesSummary": counted, "categorySpecificSummary": {}}


def arn(aws: Cloud, category: str, id: str) -> str:
    return f"arn:{aws.partition}:trustedadvisor::{aws.account}:checks/{category}/{id}"


def refusing(code: str, operation: str = CHECKS) -> Any:
    return lambda region, asked: ClientError({"Error": {"Code": code, "Message": ""}}, operation.partition(":")[2])


@world(suite.test_trusted_advisor_no_red_checks)
def test_red_fails_and_green_and_yellow_pass(aws: Cloud) -> Expected:
    advisor(aws, red=("security", "error"), yellow=("security", "warning"), green=("security", "ok"))
    return {
        arn(aws, "security", "red"): ("FAIL", "medium", "Check red: 2 flagged, 1 excluded, as of "),
        arn(aws, "security", "yellow"): ("PASS", "medium", "Check yellow: 2 flagged", "; yellow"),
        arn(aws, "security", "green"): ("PASS", "medium", "Check green: 0 flagged"),
    }


@world(suite.test_trusted_advisor_no_red_checks)
def test_severity_follows_the_category(aws: Cloud) -> Expected:
    categories = {"fault_tolerance": "medium", "service_limits": "medium", "cost_optimizing": "low", "performance": "low"}
    advisor(aws, **{name: (name, "error") for name in categories})
    return {arn(aws, name, name): ("FAIL", severity) for name, severity in categories.items()}


@world(suite.test_trusted_advisor_no_red_checks)
def test_what_a_check_of_ours_looks_at_too_is_said(aws: Cloud) -> Expected:
    advisor(aws, Pfx0RwqBli=("security", "error"))
    return {arn(aws, "security", "Pfx0RwqBli"): ("FAIL", "medium", "(also judged by bucket_not_public)")}


@world(suite.test_trusted_advisor_no_red_checks)
def test_only_the_profiles_categories_are_judged(aws: Cloud) -> Expected:
    aws.facts(trusted_advisor={"categories": ["security"]})
    advisor(aws, open=("security", "error"), idle=("cost_optimizing", "error"))
    return {
        arn(aws, "security", "open"): "FAIL",
        arn(aws, "cost_optimizing", "idle"): ("NOT_APPLICABLE", "low", "of cost_optimizing", "trusted_advisor.categories = security"),
    }


@world(suite.test_trusted_advisor_no_red_checks)
def test_a_check_that_is_not_available_is_not_applicable(aws: Cloud) -> Expected:
    advisor(aws, gone=("security", "not_available"))
    return {arn(aws, "security", "gone"): ("NOT_APPLICABLE", "medium", "not available for this account")}


@world(suite.test_trusted_advisor_no_red_checks)
def test_an_id_that_refuses_a_batch_leaves_the_others_judged(aws: Cloud) -> Expected:
    advisor(aws, red=("security", "error"), odd=("security", "refused"), green=("security", "ok"))
    return {
        arn(aws, "security", "red"): "FAIL",
        arn(aws, "security", "odd"): ("NOT_APPLICABLE", "medium", "not available for this account"),
        arn(aws, "security", "green"): "PASS",
    }


@world(suite.test_trusted_advisor_no_red_checks)
def test_an_old_summary_is_called_stale(aws: Cloud) -> Expected:
    ages = {"old": 31, "new": 29}
    advisor(aws, **dict.fromkeys((*ages, "never"), ("security", "ok")))
    times = {id: (datetime.now(UTC) - timedelta(days=days)).isoformat() for id, days in ages.items()} | {"never": "-"}
    aws.simulated.instead(SUMMARIES, lambda region, asked: {"summaries": [summary(id, "ok", times[id]) for id in asked["checkIds"]]})
    return {
        arn(aws, "security", "old"): ("PASS", "medium", ", stale"),
        arn(aws, "security", "new"): ("PASS", "medium", f"as of {times['new']}"),
        arn(aws, "security", "never"): ("PASS", "medium", "as of -, stale"),
    }


@world(suite.test_trusted_advisor_no_red_checks)
def test_a_plan_without_the_api_is_a_question(aws: Cloud) -> Expected:
    aws.simulated.instead(CHECKS, refusing("SubscriptionRequiredException"))
    return {aws.account_arn: ("MANUAL", "medium", "is nothing red in Trusted Advisor's console?")}


@world(suite.test_trusted_advisor_no_red_checks)
def test_a_denied_call_is_an_error(aws: Cloud) -> Expected:
    aws.simulated.instead(CHECKS, refusing("AccessDeniedException"))
    return {aws.account_arn: "ERROR"}


@world(suite.test_trusted_advisor_no_red_checks)
def test_a_summary_that_is_missing_is_an_error_of_that_check(aws: Cloud) -> Expected:
    advisor(aws, red=("security", "error"), lost=("security", "ok"))
    aws.simulated.instead(SUMMARIES, lambda region, asked: {"summaries": [summary("red", "error")]})
    return {arn(aws, "security", "red"): "FAIL", arn(aws, "security", "lost"): "ERROR"}


def test_more_checks_than_one_call_takes_are_all_judged() -> None:
    def many(aws: Cloud) -> Expected:
        advisor(aws, **{f"c{n}": ("security", "ok") for n in range(reads.BATCH)}, last=("security", "error"))
        return {}

    with built(World(suite.test_trusted_advisor_no_red_checks, many)) as (cloud, _):
        found = judge(suite.test_trusted_advisor_no_red_checks, cloud)
    assert [str(finding.status) for finding in found] == ["PASS"] * reads.BATCH + ["FAIL"]
    assert found[-1].remediation is not None
    assert "--check-id last " in found[-1].remediation


@world(suite.test_trusted_advisor_reviewed)
def test_whether_it_is_reviewed_is_a_question(aws: Cloud) -> Expected:
    advisor(aws, green=("security", "ok"))
    return {aws.account_arn: ("MANUAL", "low", "within 31 days, and does its weekly mail reach a list?")}


@world(suite.test_trusted_advisor_reviewed)
def test_without_the_api_the_console_is_reviewed(aws: Cloud) -> Expected:
    aws.simulated.instead(CHECKS, refusing("SubscriptionRequiredException"))
    return {aws.account_arn: ("MANUAL", "low", "within 31 days in the console?")}


@world(suite.test_trusted_advisor_reviewed)
def test_the_profile_says_how_often(aws: Cloud) -> Expected:
    aws.facts(trusted_advisor={"review_days": 7})
    advisor(aws, green=("security", "ok"))
    return {aws.account_arn: ("MANUAL", "low", "within 7 days")}


def reviewed(aws: Cloud, days_ago: int, **facts: Any) -> Expected:
    """A declared review, which is to be renewed in a year."""
    aws.facts(trusted_advisor=facts)
    on = datetime.now(UTC).date() - timedelta(days=days_ago)
    said = Declaration(check="trusted_advisor_reviewed", statement="looked through", by="ana", on=on, review_by=on + timedelta(days=365))
    aws.profile = msgspec.structs.replace(aws.profile, declarations=(said,))
    advisor(aws, green=("security", "ok"))
    return {aws.account_arn: ("PASS", "low", "looked through (declared by ana")}


@world(suite.test_trusted_advisor_reviewed)
def test_a_declared_review_passes(aws: Cloud) -> Expected:
    return reviewed(aws, 30)


@world(suite.test_trusted_advisor_reviewed)
def test_a_declared_review_that_is_too_old_is_a_question_again(aws: Cloud) -> Expected:
    reviewed(aws, 9, review_days=7)
    return {aws.account_arn: ("MANUAL", "low", "within 7 days", "trusted_advisor.review_days = 7")}


EDGES: dict[str, dict[str, Any]] = {
    "trusted_advisor_no_red_checks": {
        "FAIL: red; PASS: green and yellow": test_red_fails_and_green_and_yellow_pass,
        "FAIL: milder in other categories": test_severity_follows_the_category,
        "N/A: a category that the profile leaves out": test_only_the_profiles_categories_are_judged,
        "N/A: not available": test_a_check_that_is_not_available_is_not_applicable,
        "N/A: an id that is refused": test_an_id_that_refuses_a_batch_leaves_the_others_judged,
        "PASS: stale": test_an_old_summary_is_called_stale,
        "MANUAL: a plan without the API": test_a_plan_without_the_api_is_a_question,
        "ERROR: denied": test_a_denied_call_is_an_error,
    },
    "trusted_advisor_reviewed": {
        "PASS: declared": test_a_declared_review_passes,
        "MANUAL: undeclared": test_whether_it_is_reviewed_is_a_question,
        "MANUAL: too old": test_a_declared_review_that_is_too_old_is_a_question_again,
        "MANUAL: a plan without the API": test_without_the_api_the_console_is_reviewed,
    },
}
