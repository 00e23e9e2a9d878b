"""Declarations: what they answer, what they leave alone, and what is said of those that answer nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import boto3
import msgspec
import pytest

from pytest_ssb.controls import Check, check_of
from pytest_ssb.declarations import Given, Lasting, answered, lasting, said
from pytest_ssb.findings import Audit, Finding, Status
from pytest_ssb.profiles import Declaration, Profile
from pytest_ssb.targets import Target
from tests.support.runs import Runner
from tests_account.test_acct_05_mfa import test_idp_enforces_mfa as asking

OKTA, OTHER = ("arn:aws:iam::123456789012:saml-provider/okta", "arn:aws:iam::123456789012:saml-provider/other")
TODAY = date(2026, 11, 1)
YES = Declaration(
    check="idp_enforces_mfa",
    resource="okta",
    statement="Okta asks for MFA",
    by="ana@acme.example",
    on=date(2026, 10, 1),
    review_by=date(2027, 4, 1),
    place="ssb.toml: profile 'prod': declarations: entry 1 (line 1)",
)


def check() -> Check:
    found = check_of(asking)
    assert found is not None
    return found


def findings() -> list[Finding]:
    """A question for each provider."""
    audit = Audit(check(), Target("prod", "123456789012", "aws"), "x")
    for provider in (OKTA, OTHER):
        with audit(provider, item="sign-in" if provider == OKTA else None):
            audit.manual("does it ask for MFA?")
    return audit.finish()


def verdicts(*declarations: Declaration, found: list[Finding] | None = None, today: date = TODAY) -> dict[str, tuple[str, str]]:
    became, _ = answered(found or findings(), declarations, today)
    return {finding.resource.rpartition("/")[2]: (str(finding.status), finding.basis) for finding in became}


def test_it_answers_the_question_about_the_resource_that_it_names() -> None:
    assert verdicts(YES) == {"okta": ("PASS", "declared"), "other": ("MANUAL", "observed")}
    (okta, *_), used = answered(findings(), [YES], TODAY)
    assert okta.reason == "Okta asks for MFA (declared by ana@acme.example on 2026-10-01, to be reviewed by 2027-04-01)"
    assert okta.question is None
    assert msgspec.to_builtins(okta.declaration) == {
        "statement": "Okta asks for MFA",
        "by": "ana@acme.example",
        "on": "2026-10-01",
        "review_by": "2027-04-01",
        "evidence": None,
    }
    assert used == {YES.place}


def test_the_last_day_counts_and_the_next_does_not() -> None:
    assert verdicts(YES, today=date(2027, 4, 1))["okta"] == ("PASS", "declared")
    assert verdicts(YES, today=date(2027, 4, 2))["okta"] == ("MANUAL", "observed")
    (okta, *_), used = answered(findings(), [YES], date(2027, 4, 2))
    assert okta.reason == "does it ask for MFA? (what ana@acme.example declared on 2026-10-01 was to be reviewed by 2027-04-01)"
    assert okta.question == okta.reason
    assert used == {YES.place}


@pytest.mark.parametrize(
    ("days", "review_by", "today", "status", "says"),
    [
        (31, date(2027, 4, 1), date(2026, 11, 1), "PASS", "on 2026-10-01, counts until 2026-11-01: trusted_advisor.review_days = 31)"),
        (31, date(2027, 4, 1), date(2026, 11, 2), "MANUAL", "on 2026-10-01 counted until 2026-11-01: trusted_advisor.review_days = 31)"),
        (7, date(2027, 4, 1), date(2026, 11, 1), "MANUAL", "on 2026-10-01 counted until 2026-10-08: trusted_advisor.review_days = 7)"),
        (31, date(2026, 10, 20), date(2026, 10, 20), "PASS", "on 2026-10-01, to be reviewed by 2026-10-20)"),
        (31, date(2026, 10, 20), date(2026, 10, 21), "MANUAL", "on 2026-10-01 was to be reviewed by 2026-10-20)"),
        (10**12, date(2027, 4, 1), date(2027, 4, 1), "PASS", "to be reviewed by 2027-04-01)"),
    ],
)
def test_what_has_to_be_done_again_counts_as_long_as_the_profile_says(days: int, review_by: date, today: date, status: str, says: str) -> None:
    once = msgspec.structs.replace(YES, review_by=review_by)
    (okta, *_), used = answered(findings(), [once], today, {YES.check: Lasting(days, "trusted_advisor.review_days")})
    assert (okta.status, okta.reason[-len(says) :]) == (status, says)
    assert used == {YES.place}


def test_of_two_that_are_past_the_one_that_counted_longer_is_told() -> None:
    """Though the other's `review_by` is later."""
    later = msgspec.structs.replace(YES, on=date(2026, 10, 5), review_by=date(2027, 1, 1))
    (okta, *_), _ = answered(findings(), [YES, later], TODAY, {YES.check: Lasting(7, "days")})
    assert "declared on 2026-10-05 counted until 2026-10-12" in okta.reason


def test_reviews_of_trusted_advisor_have_to_be_done_again() -> None:
    assert lasting(Profile(name="prod")) == {"trusted_advisor_reviewed": Lasting(31, "trusted_advisor.review_days")}


def test_one_that_is_in_force_counts_beside_one_that_is_not() -> None:
    past = msgspec.structs.replace(YES, review_by=date(2026, 10, 2), statement="old")
    assert verdicts(past, YES)["okta"] == ("PASS", "declared")


@pytest.mark.parametrize("status", [Status.FAIL, Status.ERROR, Status.NOT_APPLICABLE, Status.PASS])
def test_it_touches_nothing_but_questions(status: Status) -> None:
    found = [msgspec.structs.replace(finding, status=status) for finding in findings()]
    assert answered(found, [YES], TODAY) == (found, set())


@pytest.mark.parametrize(
    ("fields", "answers"),
    [
        ({"account": "1234*"}, True),
        ({"account": "2*"}, False),
        ({"region": "-"}, True),
        ({"region": "eu-*"}, False),
        ({"item": "sign-*"}, True),
        ({"item": "x"}, False),
        ({"resource": "arn:aws:iam::*:saml-provider/o*a"}, True),
        ({"resource": "arn:*:account::*:account"}, False),
        ({"check": "iam_console_user_mfa"}, False),
    ],
)
def test_it_must_be_about_the_finding(fields: dict[str, Any], answers: bool) -> None:
    assert (verdicts(msgspec.structs.replace(YES, **fields))["okta"][0] == "PASS") is answers


def test_a_region_is_told_from_none() -> None:
    here = [msgspec.structs.replace(finding, region="eu-west-1") for finding in findings()]
    assert verdicts(msgspec.structs.replace(YES, region="eu-*"), found=here)["okta"][0] == "PASS"
    assert verdicts(msgspec.structs.replace(YES, region="-"), found=here)["okta"][0] == "MANUAL"


def test_a_bucket_of_another_account_is_answered_for_by_one_word() -> None:
    """Six checks ask of it."""
    ours = msgspec.structs.replace(YES, check="trail_bucket_not_public", resource="logs")
    found = msgspec.structs.replace(findings()[0], resource="arn:aws:s3:::logs", item=None)
    for asks, answer in (("trail_bucket_retention", "PASS"), ("trail_bucket_not_public", "PASS"), ("bucket_not_public", "MANUAL")):
        assert verdicts(ours, found=[msgspec.structs.replace(found, check=asks)])["arn:aws:s3:::logs"][0] == answer


def told(*given: Given, today: date = TODAY) -> list[str]:
    return [line.removeprefix(f"{YES.place}: ") for line in said(given, today)]


def test_one_that_answered_nothing_is_said_where_all_was_judged_that_it_could_answer() -> None:
    assert told(Given("prod", YES, used=False, judged=True, limits={})) == ["idp_enforces_mfa asked nothing that this answers"]
    assert told(Given("prod", YES, used=True, judged=True, limits={})) == []
    assert told(Given("prod", YES, used=False, judged=False, limits={})) == []


@pytest.mark.parametrize(
    ("today", "days", "used", "says"),
    [
        (date(2027, 3, 17), None, True, []),
        (date(2027, 3, 18), None, True, ["what ana@acme.example declared on 2026-10-01 is to be reviewed by 2027-04-01, in 14 days"]),
        (date(2027, 3, 31), None, True, ["what ana@acme.example declared on 2026-10-01 is to be reviewed by 2027-04-01, tomorrow"]),
        (date(2027, 4, 1), None, False, ["what ana@acme.example declared on 2026-10-01 is to be reviewed by 2027-04-01, today"]),
        (date(2027, 4, 2), None, True, []),  # its question says so
        (
            date(2027, 4, 2),
            None,
            False,
            ["what ana@acme.example declared on 2026-10-01 was to be reviewed by 2027-04-01: it answers nothing any more"],
        ),
        (date(2026, 10, 20), 31, True, ["what ana@acme.example declared on 2026-10-01 is to be reviewed by 2026-11-01, in 12 days"]),
    ],
)
def test_one_that_is_to_be_reviewed_is_said(today: date, days: int | None, used: bool, says: list[str]) -> None:
    limits = {YES.check: Lasting(days, "days")} if days else {}
    assert told(Given("prod", YES, used=used, judged=False, limits=limits), today=today) == says


def test_one_of_the_defaults_is_said_once_for_all_profiles() -> None:
    shared = msgspec.structs.replace(YES, place="ssb.toml: defaults: declarations: entry 1")
    prod, staging = (Given(name, shared, used=False, judged=True, limits={}) for name in ("prod", "staging"))
    assert list(said([prod, staging], TODAY)) == [f"{shared.place}: idp_enforces_mfa asked nothing that this answers in 'prod' and 'staging'"]
    for other in (replace(staging, used=True), replace(staging, judged=False)):
        assert list(said([prod, other], TODAY)) == []
    shorter = replace(staging, used=True, limits={YES.check: Lasting(40, "days")})
    assert list(said([prod, shorter], TODAY)) == [
        f"{shared.place}: what ana@acme.example declared on 2026-10-01 is to be reviewed by 2026-11-10, in 9 days"
    ]


DECLARED = """
[[profiles.prod.declarations]]
check = "idp_enforces_mfa"
resource = "{}"
statement = "Okta asks for MFA at every sign-in"
by = "ana@acme.example"
on = 2020-01-01
review_by = {}
"""


def provider() -> None:
    """A provider that a role trusts."""
    iam = boto3.client("iam", region_name="us-east-1")
    arn = iam.create_saml_provider(SAMLMetadataDocument="<x>" + "x" * 1000, Name="okta")["SAMLProviderArn"]
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML", "Principal": {"Federated": arn}}]}
    iam.create_role(RoleName="people", AssumeRolePolicyDocument=msgspec.json.encode(trust).decode())


def test_a_run_with_declarations(run: Runner, pytester: pytest.Pytester, moto_account: None) -> None:
    provider()
    file = pytester.path / "ssb.toml"
    file.write_text("[profiles.prod]\n" + DECLARED.format("okta", "2999-01-01") + DECLARED.format("gone", "2999-01-01"))
    ran = run("-k", "idp_enforces_mfa", profile="prod")
    assert ran.result.ret == 0
    ran.result.assert_outcomes(passed=1)
    assert {finding["status"] for finding in ran.results["findings"]} == {"PASS"}
    assert ran.results["findings"][0]["declaration"]["by"] == "ana@acme.example"
    ran.result.stdout.fnmatch_lines(["*entry 2 (line 11): idp_enforces_mfa asked nothing that this answers"])
    file.write_text("[profiles.prod]\n" + DECLARED.format("okta", "2020-02-01"))
    ran = run("-k", "idp_enforces_mfa", profile="prod")
    ran.result.assert_outcomes(skipped=1)
    ran.result.stdout.fnmatch_lines(["*open question*was to be reviewed by 2020-02-01*"])
