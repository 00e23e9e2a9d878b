"""ACCT.03's checks, each shown to pass, to fail, and at its edges. What identity providers ask for is with ACCT.05."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from pytest_ssb.profiles import People
from pytest_ssb.selectors import Selectors, SelectorTable
from tests.support.worlds import WORLDS, Cloud, Expected, built, judge, world
from tests_account import test_acct_03_console_access as suite

DETAILS, REPORT, PROFILE = "iam:GetAccountAuthorizationDetails", "iam:GetCredentialReport", "iam:GetLoginProfile"
PROVIDERS, KEYS = "iam:ListSAMLProviders", "iam:ListAccessKeys"
SEEN = "report of 2026-01-20T12:00:00Z"
COLUMNS = "user,arn,password_enabled,mfa_active,access_key_1_active,access_key_2_active"
ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
READER = {"Effect": "Allow", "Action": ["ec2:Describe*", "s3:List*"], "Resource": "*"}


def denied(operation: str) -> Callable[[str, Any], Exception]:
    """An answer that denies the operation."""
    return lambda region, body: ClientError(
        {"Error": {"Code": "AccessDenied", "Message": "not authorized to perform it"}}, operation.partition(":")[2]
    )


def policy(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def user(aws: Cloud, name: str, *statements: Any, password: bool = False, person: str | None = None) -> str:
    """A user; its ARN."""
    iam = aws.client("iam")
    arn: str = iam.create_user(UserName=name, Tags=[{"Key": "person", "Value": person}] if person is not None else [])["User"]["Arn"]
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=policy(*statements))
    if password:
        iam.create_login_profile(UserName=name, Password="correct-horse-9")
    return arn


def row(arn: str, *, password: bool = False, key: bool = False) -> str:
    """A user's row."""
    return f"{arn.rpartition('/')[2]},{arn},{password},false,{key},false".lower()


def report(aws: Cloud, *rows: str) -> None:
    """Give this report."""
    content = "\n".join((COLUMNS, *rows)).encode()
    aws.simulated.instead(REPORT, lambda region, body: {"Content": content, "GeneratedTime": datetime(2026, 1, 20, 12, tzinfo=UTC)})


def people(aws: Cloud, **said: Any) -> None:
    """What the profile says of people and machines."""
    for name in ("console_users", "break_glass_users"):
        if name in said:
            said[name] = Selectors(said[name], key=f"people.{name}")
    if "service_users" in said:
        said["service_users"] = SelectorTable(said["service_users"], key="people.service_users")
    aws.profile = msgspec.structs.replace(aws.profile, people=People(**said))


def federated(aws: Cloud, *statements: Any, name: str = "AWSReservedSSO_View") -> str:
    """A role that people assume through Identity Center; the provider's ARN."""
    iam = aws.client("iam")
    provider: str = iam.create_saml_provider(Name="AWSSSO_1_DO_NOT_DELETE", SAMLMetadataDocument="m" * 1000)["SAMLProviderArn"]
    trust = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"]}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=policy(*statements))
    return provider


# --- console_identity_exists ------------------------------------------------------------------------------------------------------------------


@world(suite.test_console_identity_exists)
def test_user_with_a_password_passes(aws: Cloud) -> Expected:
    report(aws, row(user(aws, "ana", READER), password=True))
    return {aws.account_arn: ("PASS", "low", f"user ana ({SEEN}) signs in")}


@world(suite.test_console_identity_exists)
def test_role_of_people_passes(aws: Cloud) -> Expected:
    federated(aws, READER)
    report(aws)
    return {aws.account_arn: ("PASS", "low", "role AWSReservedSSO_View signs in")}


@world(suite.test_console_identity_exists)
def test_administrators_key_opens_no_console(aws: Cloud) -> Expected:
    aws.client("iam").create_access_key(UserName=user(aws, "ana", ADMIN).rpartition("/")[2])
    report(aws, row(f"arn:aws:iam::{aws.account}:user/ana", key=True))
    return {aws.account_arn: ("FAIL", "low", "nobody but root signs in")}


@world(suite.test_console_identity_exists)
def test_nobody_signs_in(aws: Cloud) -> Expected:
    report(aws, row(user(aws, "ci", READER)))
    return {aws.account_arn: ("FAIL", "low", "nobody but root signs in")}


def test_one_cause_is_one_failure() -> None:
    """Where nobody gets in at all, the check of ACCT.02 fails, if it runs; where an administrator has a key alone, that one passes, and this one fails."""
    for build, status in ((test_nobody_signs_in, "NOT_APPLICABLE"), (test_administrators_key_opens_no_console, "FAIL")):
        (this,) = [each for each in WORLDS if each.name == build.__name__]
        with built(this) as (cloud, _):
            (found,) = judge(suite.test_console_identity_exists, cloud, selected=["non_root_administrator_exists"])
        assert found.status == status, found.reason
        assert status == "FAIL" or found.reason == "judged by non_root_administrator_exists"


@world(suite.test_console_identity_exists)
def test_nobody_is_meant_to_sign_in(aws: Cloud) -> Expected:
    people(aws, console_users=[])
    report(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", "low", "nobody signs in here (people.console_users = [])")}


@world(suite.test_console_identity_exists)
def test_a_list_of_users_means_that_somebody_signs_in(aws: Cloud) -> Expected:
    people(aws, console_users=["ana"])
    report(aws)
    return {aws.account_arn: "FAIL"}


@world(suite.test_console_identity_exists)
def test_newer_user_is_asked_live(aws: Cloud) -> Expected:
    user(aws, "ana", READER, password=True)
    report(aws)
    return {aws.account_arn: ("PASS", "low", f"user ana (asked live; {SEEN}) signs in")}


@world(suite.test_console_identity_exists)
def test_denied_confirmation_of_nobody(aws: Cloud) -> Expected:
    user(aws, "ana", READER)
    report(aws)
    aws.simulated.instead(KEYS, denied(KEYS))
    return {aws.account_arn: ("ERROR", "low", f"{KEYS} is denied")}


@world(suite.test_console_identity_exists)
def test_report_of_passwords_had_to_be_generated(aws: Cloud) -> Expected:
    user(aws, "ana", READER, password=True)
    return {aws.account_arn: "PASS"}


@world(suite.test_console_identity_exists)
def test_denied_providers_hide_people(aws: Cloud) -> Expected:
    federated(aws)
    report(aws)
    aws.simulated.instead(PROVIDERS, denied(PROVIDERS))
    return {aws.account_arn: ("ERROR", "low", f"{PROVIDERS} is denied")}


@world(suite.test_console_identity_exists)
def test_denied_details_hide_people(aws: Cloud) -> Expected:
    report(aws)
    aws.simulated.instead(DETAILS, denied(DETAILS))
    return {aws.account_arn: ("ERROR", "low", f"{DETAILS} is denied")}


# --- iam_user_is_personal ---------------------------------------------------------------------------------------------------------------------


@world(suite.test_iam_user_is_personal)
def test_nothing_said_is_a_question(aws: Cloud) -> Expected:
    ana, shared, ci = user(aws, "ana"), user(aws, "dev-team_2"), user(aws, "ci")
    report(aws, row(ana, password=True), row(shared, password=True), row(ci, key=True))
    return {
        ana: ("MANUAL", "low", "is this user one person's (people.console_users, or a tag and people.person_tag)?"),
        shared: ("MANUAL", "low", "people.person_tag); dev, team in its name says otherwise?"),
        ci: ("NOT_APPLICABLE", "low", f"no password ({SEEN})"),
    }


@world(suite.test_iam_user_is_personal)
def test_users_by_name(aws: Cloud) -> Expected:
    people(aws, console_users=["ana"])
    ana, office = user(aws, "ana"), user(aws, "office", password=True)
    report(aws, row(ana, password=True), row(office, password=True))
    return {
        ana: ("PASS", "low", "one person's user (people.console_users = ana)"),
        office: ("FAIL", "low", f"is not among people.console_users, and has a password (asked live; {SEEN})"),
    }


@world(suite.test_iam_user_is_personal)
def test_users_by_tag(aws: Cloud) -> Expected:
    people(aws, person_tag="person")
    ana, again = user(aws, "ana", person="Ana Acosta"), user(aws, "ana-ops", person="Ana Acosta ")
    bob, blank, office = user(aws, "bob", person="Bob"), user(aws, "blank", person=" ", password=True), user(aws, "office", password=True)
    report(aws, *(row(each, password=True) for each in (ana, again, bob, blank, office)))
    return {
        ana: ("PASS", "low", "one person's user", "(people.person_tag = person)"),
        again: ("PASS", "low", "one person's user, who is also behind ana (people.person_tag = person)"),
        bob: ("PASS", "low", "one person's user (people.person_tag"),
        blank: ("FAIL", "low", "lacks the tag person (people.person_tag), and has a password"),
        office: ("FAIL", "low", "lacks the tag person"),
    }


@world(suite.test_iam_user_is_personal)
def test_users_by_name_or_tag(aws: Cloud) -> Expected:
    people(aws, console_users=["ana"], person_tag="person")
    ana, bob, eva = user(aws, "ana"), user(aws, "bob", person="Bob"), user(aws, "eva", password=True)
    report(aws, *(row(each, password=True) for each in (ana, bob, eva)))
    return {
        ana: ("PASS", "low", "(people.console_users = ana)"),
        bob: ("PASS", "low", "(people.person_tag = person)"),
        eva: ("FAIL", "low", "is not among people.console_users and lacks the tag person (people.person_tag), and has"),
    }


@world(suite.test_iam_user_is_personal)
def test_machines_have_no_password(aws: Cloud) -> Expected:
    people(aws, service_users={"bot-*": "deploys"}, console_users=["*"], break_glass_users=["emergency-*", "bot-9"])
    bot, emergency = user(aws, "bot-9", password=True), user(aws, "emergency-1", password=True)
    report(aws, row(bot, password=True), row(emergency, password=True))
    return {
        bot: ("FAIL", "low", f"a machine's user (people.service_users = bot-*), with a password (asked live; {SEEN})"),
        emergency: ("NOT_APPLICABLE", "low", "an emergency user (people.break_glass_users = emergency-*)"),
    }


@world(suite.test_iam_user_is_personal)
def test_nobody_is_declared_and_somebody_signs_in(aws: Cloud) -> Expected:
    people(aws, console_users=[])
    ana = user(aws, "ana", password=True)
    report(aws, row(ana, password=True))
    return {ana: ("FAIL", "low", "is not among people.console_users")}


@world(suite.test_iam_user_is_personal)
def test_passwords_that_changed_since_the_report(aws: Cloud) -> Expected:
    people(aws, console_users=["ana"])
    lost, new = user(aws, "lost"), user(aws, "new", password=True)
    report(aws, row(lost, password=True))
    return {
        lost: ("NOT_APPLICABLE", "low", f"no password (asked live; {SEEN})"),
        new: ("FAIL", "low", "and has a password (asked live"),
    }


@world(suite.test_iam_user_is_personal)
def test_denied_confirmation_of_a_password(aws: Cloud) -> Expected:
    people(aws, console_users=["ana"])
    ana, office = user(aws, "ana"), user(aws, "office", password=True)
    report(aws, row(ana, password=True), row(office, password=True))
    aws.simulated.instead(PROFILE, denied(PROFILE))
    return {ana: "PASS", office: ("ERROR", "low", f"by the {SEEN}, not confirmed: {PROFILE} is denied")}


@world(suite.test_iam_user_is_personal)
def test_no_users_no_persons(aws: Cloud) -> Expected:
    report(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", "low", "no IAM users")}


@world(suite.test_iam_user_is_personal)
def test_report_of_persons_had_to_be_generated(aws: Cloud) -> Expected:
    people(aws, console_users=["ana"])
    return {user(aws, "ana", password=True): "PASS"}


@world(suite.test_iam_user_is_personal)
def test_what_cannot_be_read_is_one_users_error(aws: Cloud) -> Expected:
    ana, odd, broken = user(aws, "ana"), user(aws, "odd"), user(aws, "broken", READER)

    def spoil(region: str, parsed: Any) -> None:
        (one,) = [each for each in parsed["UserDetailList"] if each["UserName"] == "broken"]
        one["UserPolicyList"][0]["PolicyDocument"] = "not json"

    aws.simulated.over(DETAILS, spoil)
    report(aws, row(ana, password=True), f"odd,{odd},no_information,false,false,false", row(broken, password=True))
    return {
        ana: "MANUAL",
        odd: ("ERROR", "low", "that we cannot read"),
        broken: ("ERROR", "low", "a User that we cannot read"),
    }


@world(suite.test_iam_user_is_personal)
def test_denied_report_hides_passwords(aws: Cloud) -> Expected:
    user(aws, "ana")
    aws.simulated.instead(REPORT, denied(REPORT))
    return {aws.account_arn: ("ERROR", "low", f"{REPORT} is denied")}


# --- federated_console_access -----------------------------------------------------------------------------------------------------------------


@world(suite.test_federated_console_access)
def test_identity_provider_alone_passes(aws: Cloud) -> Expected:
    federated(aws)
    report(aws, row(user(aws, "ci"), key=True))
    return {aws.account_arn: ("PASS", "low", "through AWSReservedSSO_View, and no other user has a password")}


@world(suite.test_federated_console_access)
def test_emergency_users_may_have_passwords(aws: Cloud) -> Expected:
    people(aws, break_glass_users=["emergency-*"], require_federation=True)
    federated(aws)
    report(aws, row(user(aws, "emergency-1"), password=True), row(user(aws, "emergency-2")))
    return {aws.account_arn: ("PASS", "low", "no other user has a password (people.break_glass_users = emergency-*)")}


@world(suite.test_federated_console_access)
def test_passwords_are_accepted_where_federation_is_not_asked_for(aws: Cloud) -> Expected:
    federated(aws)
    report(aws, row(user(aws, "ana"), password=True))
    return {aws.account_arn: ("NOT_APPLICABLE", "low", "federation is better, and not asked for (people.require_federation)")}


@world(suite.test_federated_console_access)
def test_no_provider_is_accepted_where_federation_is_not_asked_for(aws: Cloud) -> Expected:
    report(aws)
    return {aws.account_arn: "NOT_APPLICABLE"}


@world(suite.test_federated_console_access)
def test_passwords_beside_the_provider_fail_where_federation_is_asked_for(aws: Cloud) -> Expected:
    people(aws, require_federation=True)
    federated(aws)
    report(aws, row(user(aws, "ana", password=True), password=True))
    return {aws.account_arn: ("FAIL", "low", f"a password beside the identity provider: ana (asked live; {SEEN})")}


@world(suite.test_federated_console_access)
def test_no_provider_fails_where_federation_is_asked_for(aws: Cloud) -> Expected:
    """A provider that no role trusts lets nobody in."""
    people(aws, require_federation=True)
    aws.client("iam").create_saml_provider(Name="okta", SAMLMetadataDocument="m" * 1000)
    report(aws)
    return {aws.account_arn: ("FAIL", "low", "no role that people assume through an identity provider")}


@world(suite.test_federated_console_access)
def test_password_that_was_deleted_since_does_not_fail(aws: Cloud) -> Expected:
    people(aws, require_federation=True)
    federated(aws)
    report(aws, row(user(aws, "ana"), password=True))
    return {aws.account_arn: "PASS"}


@world(suite.test_federated_console_access)
def test_denied_confirmation_beside_the_provider(aws: Cloud) -> Expected:
    people(aws, require_federation=True)
    federated(aws)
    report(aws, row(user(aws, "ana"), password=True))
    aws.simulated.instead(PROFILE, denied(PROFILE))
    return {aws.account_arn: ("ERROR", "low", f"by the {SEEN}, not confirmed: {PROFILE} is denied")}


@world(suite.test_federated_console_access)
def test_report_beside_the_provider_had_to_be_generated(aws: Cloud) -> Expected:
    federated(aws)
    user(aws, "ci")
    return {aws.account_arn: "PASS"}


@world(suite.test_federated_console_access)
def test_denied_providers_leave_federation_open(aws: Cloud) -> Expected:
    report(aws)
    aws.simulated.instead(PROVIDERS, denied(PROVIDERS))
    return {aws.account_arn: ("ERROR", "low", f"{PROVIDERS} is denied")}


EDGES: dict[str, dict[str, Any]] = {
    "console_identity_exists": {
        "nobody is meant to sign in": (test_nobody_is_meant_to_sign_in, test_a_list_of_users_means_that_somebody_signs_in),
        "a federated role of people": test_role_of_people_passes,
        "a would-be FAIL is confirmed live": test_newer_user_is_asked_live,
    },
    "iam_user_is_personal": {
        "nothing declared is a question, which tells of doubtful names": test_nothing_said_is_a_question,
        "two users of one person": test_users_by_tag,
        "declared, and not among them": (test_users_by_name, test_nobody_is_declared_and_somebody_signs_in),
        "machines and emergencies": test_machines_have_no_password,
        "a would-be FAIL is confirmed live": test_passwords_that_changed_since_the_report,
    },
    "federated_console_access": {
        "a provider that no role trusts": test_no_provider_fails_where_federation_is_asked_for,
        "not asked for": (
            test_passwords_are_accepted_where_federation_is_not_asked_for,
            test_no_provider_is_accepted_where_federation_is_not_asked_for,
        ),
        "emergency users": test_emergency_users_may_have_passwords,
        "a would-be FAIL is confirmed live": test_password_that_was_deleted_since_does_not_fail,
    },
}
