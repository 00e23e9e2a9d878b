"""ACCT.06's checks, each shown to pass, to fail, and at its edges."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from pytest_ssb.findings import Finding
from pytest_ssb.profiles import PasswordPolicy
from tests.support.worlds import Cloud, Expected, World, built, judge, world
from tests_account import test_acct_06_password_policy as suite

POLICY, REPORT = "iam:GetAccountPasswordPolicy", "iam:GetCredentialReport"
SEEN = "report of 2015-02-02T20:02:02Z"  # moto's report is always of that time
REST = (
    suite.test_password_policy_min_length,
    suite.test_password_policy_composition,
    suite.test_password_policy_reuse,
    suite.test_password_policy_change,
)
ALL = (suite.test_password_policy_custom, *REST)


def policy(aws: Cloud, **settings: Any) -> None:
    """Somebody has a password, and the account a policy with these settings."""
    somebody(aws)
    aws.client("iam").update_account_password_policy(**settings)


def somebody(aws: Cloud, password: bool = True) -> None:
    """A user, and a report that knows it."""
    iam = aws.client("iam")
    iam.create_user(UserName="ana")
    if password:
        iam.create_login_profile(UserName="ana", Password="correct-horse-9")
    iam.generate_credential_report()


def asked(aws: Cloud, **settings: Any) -> None:
    """What the profile asks of the policy."""
    aws.profile = msgspec.structs.replace(aws.profile, password_policy=PasswordPolicy(**settings))


def denied(operation: str) -> Callable[[str, Any], Exception]:
    return lambda region, body: ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, operation.partition(":")[2])


def finding(check: Callable[..., None], build: Callable[[Cloud], None], selected: Sequence[str] = ()) -> Finding:
    """The one finding of a check on an account; `selected` are the other checks of the run."""

    def nothing_expected(aws: Cloud) -> Expected:
        build(aws)
        return {}

    with built(World(check, nothing_expected)) as (cloud, _):
        (found,) = judge(check, cloud, selected=selected)
    return found


@world(suite.test_password_policy_custom)
def test_own_policy_passes(aws: Cloud) -> Expected:
    policy(aws, MinimumPasswordLength=8)
    return {aws.account_arn: ("PASS", "medium", "The account has a password policy of its own.")}


@world(suite.test_password_policy_custom)
def test_default_policy_fails(aws: Cloud) -> Expected:
    somebody(aws)
    return {aws.account_arn: ("FAIL", "medium", "no custom policy")}


@world(suite.test_password_policy_custom, regions=("cn-north-1",))
def test_default_policy_fails_in_china(aws: Cloud) -> Expected:
    somebody(aws)
    return {"arn:aws-cn:account::123456789012:account": "FAIL"}


@world(suite.test_password_policy_min_length)
def test_fourteen_characters_pass(aws: Cloud) -> Expected:
    policy(aws, MinimumPasswordLength=14)
    return {aws.account_arn: ("PASS", "medium", "asks for 14 characters")}


@world(suite.test_password_policy_min_length)
def test_thirteen_characters_fail(aws: Cloud) -> Expected:
    policy(aws, MinimumPasswordLength=13)
    return {aws.account_arn: ("FAIL", "medium", "asks for 13 characters, not 14")}


@world(suite.test_password_policy_min_length)
def test_thirteen_letters_fail_where_no_digit_is_asked(aws: Cloud) -> Expected:
    asked(aws, non_alphabetic=False)
    policy(aws, MinimumPasswordLength=13)
    return {aws.account_arn: ("FAIL", "medium", "asks for 13 characters, not 14")}


@world(suite.test_password_policy_min_length)
def test_the_profile_may_ask_for_less(aws: Cloud) -> Expected:
    """With MFA, eight are enough by the same guide."""
    asked(aws, min_length=8)
    policy(aws, MinimumPasswordLength=8)
    return {aws.account_arn: ("PASS", "medium", "asks for 8 characters")}


@world(suite.test_password_policy_min_length)
def test_the_profile_may_ask_for_more(aws: Cloud) -> Expected:
    asked(aws, min_length=16)
    policy(aws, MinimumPasswordLength=14)
    return {aws.account_arn: ("FAIL", "medium", "asks for 14 characters, not 16")}


@world(suite.test_password_policy_composition)
def test_a_symbol_passes(aws: Cloud) -> Expected:
    policy(aws, RequireSymbols=True)
    return {aws.account_arn: ("PASS", "low")}


@world(suite.test_password_policy_composition)
def test_a_digit_passes(aws: Cloud) -> Expected:
    policy(aws, RequireNumbers=True)
    return {aws.account_arn: ("PASS", "low")}


@world(suite.test_password_policy_composition)
def test_composition_that_is_not_asked_is_none_of_the_default_policy_either(aws: Cloud) -> Expected:
    asked(aws, non_alphabetic=False)
    somebody(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", "low", "password_policy.non_alphabetic = false")}


@world(suite.test_password_policy_composition)
def test_letters_alone_fail(aws: Cloud) -> Expected:
    policy(aws, RequireUppercaseCharacters=True, RequireLowercaseCharacters=True)
    return {aws.account_arn: ("FAIL", "low", "lets passwords be of letters alone")}


@world(suite.test_password_policy_composition)
def test_composition_that_is_not_asked(aws: Cloud) -> Expected:
    asked(aws, non_alphabetic=False)
    policy(aws, MinimumPasswordLength=14)
    return {aws.account_arn: ("NOT_APPLICABLE", "low", "password_policy.non_alphabetic = false")}


@world(suite.test_password_policy_reuse)
def test_five_passwords_pass(aws: Cloud) -> Expected:
    policy(aws, PasswordReusePrevention=5)
    return {aws.account_arn: ("PASS", "low", "remembers 5 passwords")}


@world(suite.test_password_policy_reuse)
def test_more_than_is_asked_passes(aws: Cloud) -> Expected:
    """A peer asked for exactly 24 (https://github.com/prowler-cloud/prowler/pull/1364)."""
    asked(aws, reuse=10)
    policy(aws, PasswordReusePrevention=24)
    return {aws.account_arn: ("PASS", "low", "remembers 24 passwords")}


@world(suite.test_password_policy_reuse)
def test_four_passwords_fail(aws: Cloud) -> Expected:
    policy(aws, PasswordReusePrevention=4)
    return {aws.account_arn: ("FAIL", "low", "remembers 4 passwords, not 5")}


@world(suite.test_password_policy_reuse)
def test_no_memory_fails(aws: Cloud) -> Expected:
    policy(aws, MinimumPasswordLength=14)
    return {aws.account_arn: ("FAIL", "low", "remembers 0 passwords, not 5")}


@world(suite.test_password_policy_change)
def test_changeable_passwords_pass(aws: Cloud) -> Expected:
    policy(aws, AllowUsersToChangePassword=True)
    return {aws.account_arn: ("PASS", "low", "lets users change their password")}


@world(suite.test_password_policy_change)
def test_hard_expiry_is_mentioned(aws: Cloud) -> Expected:
    asked(aws, max_age_days=365)
    policy(aws, AllowUsersToChangePassword=True, MaxPasswordAge=365, HardExpiry=True)
    return {aws.account_arn: ("PASS", "low", "locked out (HardExpiry)")}


@world(suite.test_password_policy_change)
def test_expiry_that_is_shorter_than_asked_passes(aws: Cloud) -> Expected:
    asked(aws, max_age_days=365)
    policy(aws, AllowUsersToChangePassword=True, MaxPasswordAge=90)
    return {aws.account_arn: ("PASS", "low", "lets users change their password")}


@world(suite.test_password_policy_change)
def test_passwords_that_only_administrators_change_fail(aws: Cloud) -> Expected:
    policy(aws, MinimumPasswordLength=14)
    return {aws.account_arn: ("FAIL", "low", "users cannot change their own password")}


@world(suite.test_password_policy_change)
def test_passwords_that_never_expire_fail_where_a_year_is_asked(aws: Cloud) -> Expected:
    asked(aws, max_age_days=365)
    policy(aws, AllowUsersToChangePassword=True)
    return {aws.account_arn: ("FAIL", "low", "passwords never expire; after 365 days is asked")}


@world(suite.test_password_policy_change)
def test_passwords_that_live_too_long_fail(aws: Cloud) -> Expected:
    asked(aws, max_age_days=365)
    policy(aws, AllowUsersToChangePassword=True, MaxPasswordAge=366)
    return {aws.account_arn: ("FAIL", "low", "passwords expire after 366 days, not 365")}


@world(suite.test_password_policy_reuse)
def test_what_aws_leaves_out_where_it_is_not_set(aws: Cloud) -> Expected:
    """PasswordReusePrevention, MaxPasswordAge and HardExpiry are absent."""
    policy(aws, MinimumPasswordLength=14)

    def unset(region: str, parsed: Any) -> None:
        for name in ("MaxPasswordAge", "HardExpiry", "PasswordReusePrevention"):
            parsed["PasswordPolicy"].pop(name, None)

    aws.simulated.over(POLICY, unset)
    return {aws.account_arn: ("FAIL", "low", "remembers 0 passwords")}


@world(suite.test_password_policy_min_length)
def test_policy_without_a_length_is_no_answer(aws: Cloud) -> Expected:
    policy(aws, MinimumPasswordLength=14)
    aws.simulated.over(POLICY, lambda region, parsed: parsed["PasswordPolicy"].pop("MinimumPasswordLength"))
    return {aws.account_arn: ("ERROR", "medium", "missing required field `MinimumPasswordLength`")}


@world(suite.test_password_policy_custom)
def test_report_that_cannot_be_read_is_no_lack_of_passwords(aws: Cloud) -> Expected:
    somebody(aws, password=False)
    aws.simulated.over(
        REPORT, lambda region, parsed: parsed.update(Content=parsed["Content"].replace(b",false,not_supported,", b",?,not_supported,"))
    )
    return {aws.account_arn: ("ERROR", "medium", "that we cannot read")}


@world(suite.test_password_policy_custom)
def test_the_root_user_needs_no_password_policy(aws: Cloud) -> Expected:
    """The root user's password is not covered by it, and service users have none."""
    somebody(aws, password=False)
    row = f"<root_account>,{aws.root_arn},2020-01-01T00:00:00+00:00,true,no_information\n".encode()
    aws.simulated.over(REPORT, lambda region, parsed: parsed.update(Content=parsed["Content"] + row))
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", f"no IAM user has a password ({SEEN})")}


def weak(aws: Cloud) -> None:
    aws.client("iam").update_account_password_policy(MinimumPasswordLength=6)


@world(*ALL)
def test_nobody_has_a_password(aws: Cloud) -> Expected:
    somebody(aws, password=False)
    weak(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", None, f"no IAM user has a password ({SEEN})")}


@world(*ALL)
def test_no_users_at_all(aws: Cloud) -> Expected:
    aws.client("iam").generate_credential_report()
    return {aws.account_arn: ("NOT_APPLICABLE", None, f"no IAM user has a password ({SEEN})")}


@world(*ALL, regions=("us-gov-west-1",))
def test_nobody_has_a_password_in_govcloud(aws: Cloud) -> Expected:
    aws.client("iam").generate_credential_report()
    return {"arn:aws-us-gov:account::123456789012:account": "NOT_APPLICABLE"}


@world(*ALL)
def test_one_password_is_enough_though_not_every_row_can_be_read(aws: Cloud) -> Expected:
    somebody(aws)
    odd = f"odd,arn:aws:iam::{aws.account}:user/odd,2020-01-01T00:00:00+00:00,?,no_information\n".encode()
    aws.simulated.over(REPORT, lambda region, parsed: parsed.update(Content=parsed["Content"].replace(b"\n", b"\n" + odd, 1)))
    aws.client("iam").update_account_password_policy(
        MinimumPasswordLength=14, RequireNumbers=True, PasswordReusePrevention=5, AllowUsersToChangePassword=True
    )
    return {aws.account_arn: "PASS"}


@world(*REST, selected=["password_policy_custom"])
def test_one_cause_gives_one_failure(aws: Cloud) -> Expected:
    somebody(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", None, "judged by password_policy_custom")}


@world(*REST)
def test_default_policy_fails_each_check_that_runs_alone(aws: Cloud) -> Expected:
    somebody(aws)
    return {aws.account_arn: ("FAIL", None, "no custom policy")}


@world(*REST)
def test_policy_is_judged_always_where_that_is_asked(aws: Cloud) -> Expected:
    asked(aws, always=True)
    aws.simulated.instead(REPORT, denied(REPORT))
    weak(aws)
    return {aws.account_arn: "FAIL"}


@world(suite.test_password_policy_custom)
def test_own_policy_passes_where_it_is_judged_always(aws: Cloud) -> Expected:
    asked(aws, always=True)
    aws.simulated.instead(REPORT, denied(REPORT))
    weak(aws)
    return {aws.account_arn: "PASS"}


@world(suite.test_password_policy_custom)
def test_default_policy_fails_where_it_is_judged_always(aws: Cloud) -> Expected:
    asked(aws, always=True)
    aws.simulated.instead(REPORT, denied(REPORT))
    return {aws.account_arn: ("FAIL", "medium", "no custom policy")}


@world(*ALL)
def test_denied_policy_is_an_error(aws: Cloud) -> Expected:
    somebody(aws)
    aws.simulated.instead(POLICY, denied(POLICY))
    return {aws.account_arn: ("ERROR", None, f"{POLICY} is denied (AccessDenied): allow {POLICY}")}


@world(*ALL)
def test_denied_policy_is_an_error_though_nobody_has_a_password(aws: Cloud) -> Expected:
    somebody(aws, password=False)
    aws.simulated.instead(POLICY, denied(POLICY))
    return {aws.account_arn: ("ERROR", None, f"{POLICY} is denied (AccessDenied): allow {POLICY}")}


@world(*ALL)
def test_denied_report_is_an_error(aws: Cloud) -> Expected:
    policy(aws, MinimumPasswordLength=14)
    aws.simulated.instead(REPORT, denied(REPORT))
    return {aws.account_arn: ("ERROR", None, f"{REPORT} is denied (AccessDenied): allow {REPORT}")}


def test_verdicts_rest_on_what_was_read() -> None:
    """What the profile asks is a threshold: it exempts nobody."""

    def strict(aws: Cloud) -> None:
        asked(aws, min_length=8, always=True)
        policy(aws, MinimumPasswordLength=8)

    assert finding(suite.test_password_policy_min_length, strict).basis == "observed"


def test_command_keeps_what_holds_and_adds_what_is_asked() -> None:
    def strict(aws: Cloud) -> None:
        asked(aws, min_length=16, max_age_days=365)
        policy(aws, MinimumPasswordLength=20, RequireSymbols=True, RequireLowercaseCharacters=True, PasswordReusePrevention=3, HardExpiry=True)

    assert finding(suite.test_password_policy_reuse, strict).remediation == (
        "aws iam update-account-password-policy --minimum-password-length 20 --password-reuse-prevention 5 --allow-users-to-change-password "
        "--max-password-age 365 --require-symbols --require-lowercase-characters --hard-expiry"
    )
    assert finding(suite.test_password_policy_custom, somebody).remediation == suite.FIX


# --- the edges ------------------------------------------------------------------------------------------------------------------------------

NOBODY = {
    "NOT_APPLICABLE: no IAM user has a password": (test_nobody_has_a_password, test_no_users_at_all, test_nobody_has_a_password_in_govcloud),
    "ERROR: the policy is denied, also where nobody has a password": (
        test_denied_policy_is_an_error,
        test_denied_policy_is_an_error_though_nobody_has_a_password,
    ),
    "ERROR: the report is denied": test_denied_report_is_an_error,
    "one row that tells of a password is enough": test_one_password_is_enough_though_not_every_row_can_be_read,
}
ONE_CAUSE = {
    "NOT_APPLICABLE: no custom policy, which password_policy_custom judges": test_one_cause_gives_one_failure,
    "FAIL: no custom policy, where that check does not run": test_default_policy_fails_each_check_that_runs_alone,
    "FAIL: nobody has a password, and password_policy.always": test_policy_is_judged_always_where_that_is_asked,
}
EDGES: dict[str, dict[str, Any]] = {
    "password_policy_custom": {
        "PASS: a custom policy, however weak": test_own_policy_passes,
        "FAIL: NoSuchEntity": (test_default_policy_fails, test_default_policy_fails_in_china),
        "NOT_APPLICABLE: root alone has a password": test_the_root_user_needs_no_password_policy,
        "PASS and FAIL: password_policy.always asks nobody for passwords": (
            test_own_policy_passes_where_it_is_judged_always,
            test_default_policy_fails_where_it_is_judged_always,
        ),
        "ERROR: a report that cannot be read": test_report_that_cannot_be_read_is_no_lack_of_passwords,
        **NOBODY,
    },
    "password_policy_min_length": {
        "PASS: 14, or what the profile asks": (test_fourteen_characters_pass, test_the_profile_may_ask_for_less),
        "FAIL: less, by one": (test_thirteen_characters_fail, test_thirteen_letters_fail_where_no_digit_is_asked),
        "FAIL: less than the profile asks": test_the_profile_may_ask_for_more,
        "ERROR: no length told": test_policy_without_a_length_is_no_answer,
        **ONE_CAUSE,
        **NOBODY,
    },
    "password_policy_composition": {
        "PASS: a symbol": test_a_symbol_passes,
        "PASS: a digit": test_a_digit_passes,
        "FAIL: neither": test_letters_alone_fail,
        "NOT_APPLICABLE: not asked by the profile": (
            test_composition_that_is_not_asked,
            test_composition_that_is_not_asked_is_none_of_the_default_policy_either,
        ),
        **ONE_CAUSE,
        **NOBODY,
    },
    "password_policy_reuse": {
        "PASS: as many as are asked": test_five_passwords_pass,
        "PASS: more": test_more_than_is_asked_passes,
        "FAIL: less": test_four_passwords_fail,
        "FAIL: the key is absent when unset": (test_no_memory_fails, test_what_aws_leaves_out_where_it_is_not_set),
        **ONE_CAUSE,
        **NOBODY,
    },
    "password_policy_change": {
        "PASS: users may change it, and no age is asked": test_changeable_passwords_pass,
        "PASS: they end in time": test_expiry_that_is_shorter_than_asked_passes,
        "PASS: HardExpiry, mentioned": test_hard_expiry_is_mentioned,
        "FAIL: users cannot change it": test_passwords_that_only_administrators_change_fail,
        "FAIL: no expiry": test_passwords_that_never_expire_fail_where_a_year_is_asked,
        "FAIL: too long": test_passwords_that_live_too_long_fail,
        **ONE_CAUSE,
        **NOBODY,
    },
}
