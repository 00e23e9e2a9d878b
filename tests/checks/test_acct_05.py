"""ACCT.05's checks, each shown to pass, to fail, and at its edges."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from pytest_ssb.errors import AwsError
from pytest_ssb.profiles import Declaration, People
from pytest_ssb.reads.credential_report import GENERATE, REPORT, WAITS, wait_for_report
from pytest_ssb.selectors import Selectors, SelectorTable
from tests.support.worlds import Cloud, Expected, World, built, judge, world
from tests_account import test_acct_05_mfa as suite

SEEN = "report of 2015-02-02T20:02:02Z"  # moto's report is always of that time
DETAILS = "iam:GetAccountAuthorizationDetails"
ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
READER = {"Effect": "Allow", "Action": ["ec2:Describe*", "s3:List*"], "Resource": "*"}
NO_MFA_NO_RIGHTS = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}
COLUMNS = "user,arn,password_enabled,mfa_active,access_key_1_active,access_key_2_active"
CONSOLE, KEYS, PROVIDER = suite.test_iam_console_user_mfa, suite.test_iam_privileged_key_user_mfa, suite.test_idp_enforces_mfa
OWN = "arn:aws:iam::*:user/${aws:username}"
PRESENT, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"


def denied(operation: str, by: str = "") -> Callable[[str, Any], Exception]:
    """An answer that denies the operation."""
    message = f"not authorized to perform {operation} {by}"
    return lambda region, body: ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, operation.partition(":")[2])


def fails_with(code: str, operation: str) -> Callable[[str, Any], Exception]:
    """An answer that is this error."""
    return lambda region, body: ClientError({"Error": {"Code": code, "Message": ""}}, operation.partition(":")[2])


def allow(*actions: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def policy(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def user(
    aws: Cloud, name: str, *statements: Any, password: bool = False, mfa: bool = False, key: bool = False, tags: Any = (), path: str = "/"
) -> str:
    """A user, its ARN. A report is there from the first user on."""
    iam = aws.client("iam")
    arn: str = iam.create_user(UserName=name, Path=path, Tags=[{"Key": k, "Value": v} for k, v in tags])["User"]["Arn"]
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=policy(*statements))
    if password:
        iam.create_login_profile(UserName=name, Password="correct-horse-9")
    if mfa:
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(UserName=name, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321")
    if key:
        iam.create_access_key(UserName=name)
    iam.generate_credential_report()
    return arn


def people(aws: Cloud, console_users: Any = (), service_users: Any = (), person_tag: str | None = None) -> None:
    """What the profile says of people and machines."""
    aws.profile = msgspec.structs.replace(
        aws.profile,
        people=People(
            console_users=Selectors(console_users, key="people.console_users"),
            service_users=SelectorTable(service_users, key="people.service_users"),
            person_tag=person_tag,
        ),
    )


def stale(aws: Cloud, change: Callable[[str], str]) -> None:
    """Let the report be of an hour in which things were different."""
    aws.client("iam").generate_credential_report()
    aws.simulated.over(REPORT, lambda region, parsed: parsed.update(Content=change(parsed["Content"].decode()).encode()))


def report(aws: Cloud, *rows: str, columns: str = COLUMNS) -> None:
    """Give this report."""
    content = "\n".join((columns, *rows)).encode()
    aws.simulated.instead(REPORT, lambda region, body: {"Content": content, "GeneratedTime": datetime(2026, 1, 2, tzinfo=UTC)})


def root(aws: Cloud, *, mfa: int = 0, keys: int = 0, password: int | None = 1, row: str | None = None) -> None:
    """The root user, whom moto does not have: as the summary tells of it, and the report."""
    told = {"AccountMFAEnabled": mfa, "AccountAccessKeysPresent": keys} | ({} if password is None else {"AccountPasswordPresent": password})
    aws.simulated.over("iam:GetAccountSummary", lambda region, parsed: parsed["SummaryMap"].update(told))
    if row is not None:
        report(aws, f"<root_account>,{aws.root_arn},{row},{'true' if mfa else 'false'},false,false")


# --- root_mfa_enabled -------------------------------------------------------------------------------------------------------------------------


@world(suite.test_root_mfa_enabled)
def test_root_without_mfa_fails(aws: Cloud) -> Expected:
    root(aws)
    return {aws.root_arn: ("FAIL", "critical", "no MFA, and root has a password")}


@world(suite.test_root_mfa_enabled)
def test_root_with_keys_alone_fails(aws: Cloud) -> Expected:
    root(aws, keys=1, password=0)
    return {aws.root_arn: ("FAIL", "critical", "root has access keys")}


@world(suite.test_root_mfa_enabled)
def test_root_with_password_and_keys_fails_for_both(aws: Cloud) -> Expected:
    root(aws, keys=2)
    return {aws.root_arn: ("FAIL", "critical", "no MFA, and root has a password and access keys")}


@world(suite.test_root_mfa_enabled)
def test_mfa_that_only_the_report_knows_is_gone(aws: Cloud) -> Expected:
    """The report is asked for the password, and four hours old; the summary is of now."""
    root(aws, password=None)
    report(aws, f"<root_account>,{aws.root_arn},true,true,false,false")
    return {aws.root_arn: ("FAIL", "critical", "no MFA, and root has a password")}


@world(suite.test_root_mfa_enabled)
def test_root_with_hardware_mfa_passes_though_users_have_virtual_devices(aws: Cloud) -> Expected:
    user(aws, "groot", mfa=True)
    root(aws, mfa=1)
    return {aws.root_arn: ("PASS", "critical", "MFA by a hardware device or passkey")}


@world(suite.test_root_mfa_enabled)
def test_root_that_cannot_sign_in_and_has_mfa_passes(aws: Cloud) -> Expected:
    root(aws, mfa=1, password=0)
    return {aws.root_arn: ("PASS", "critical", "MFA by")}


def devices(aws: Cloud) -> list[Any]:
    groot = {"SerialNumber": f"arn:{aws.partition}:iam::{aws.account}:mfa/root-of-all", "User": {"UserName": "groot", "Arn": f"{aws.root_arn}-not"}}
    return [groot, {"SerialNumber": f"arn:{aws.partition}:iam::{aws.account}:mfa/any-name", "User": {"Arn": aws.root_arn}}]


@world(suite.test_root_mfa_enabled)
def test_virtual_device_of_root_is_found_by_its_user_on_the_second_page(aws: Cloud) -> Expected:
    root(aws, mfa=1)
    first, second = devices(aws)

    def pages(region: str, body: Any) -> Any:
        page = {"VirtualMFADevices": [second], "IsTruncated": False}
        return page if body.get("Marker") == "next" else {"VirtualMFADevices": [first], "IsTruncated": True, "Marker": "next"}

    aws.simulated.instead("iam:ListVirtualMFADevices", pages)
    return {aws.root_arn: ("PASS", "critical", "MFA by a virtual device")}


@world(suite.test_root_mfa_enabled)
def test_several_devices_of_root(aws: Cloud) -> Expected:
    """Eight may be mixed; the list has the virtual ones of everybody, whatever they are called, and no others."""
    root(aws, mfa=1)
    groot, named = devices(aws)
    usual = {"SerialNumber": f"arn:{aws.partition}:iam::{aws.account}:mfa/root-account-mfa-device", "User": {"Arn": aws.root_arn}}
    aws.simulated.instead("iam:ListVirtualMFADevices", lambda region, body: {"VirtualMFADevices": [usual, groot, named], "IsTruncated": False})
    return {aws.root_arn: ("PASS", "critical", "MFA by a virtual device")}


@world(suite.test_root_mfa_enabled)
def test_virtual_device_of_root_by_its_usual_serial_number(aws: Cloud) -> Expected:
    root(aws, mfa=1)
    usual = {"SerialNumber": f"arn:{aws.partition}:iam::{aws.account}:mfa/root-account-mfa-device", "User": {"Arn": aws.root_arn}}
    aws.simulated.instead("iam:ListVirtualMFADevices", lambda region, body: {"VirtualMFADevices": [usual], "IsTruncated": False})
    return {aws.root_arn: ("PASS", "critical", "MFA by a virtual device")}


@world(suite.test_root_mfa_enabled)
def test_root_without_credentials_is_not_applicable(aws: Cloud) -> Expected:
    root(aws, password=0)
    return {aws.root_arn: ("NOT_APPLICABLE", "critical", "neither password nor access keys (AccountPasswordPresent)")}


@world(suite.test_root_mfa_enabled)
def test_report_tells_of_the_password_where_the_summary_does_not(aws: Cloud) -> Expected:
    root(aws, password=None, row="false")
    return {aws.root_arn: ("NOT_APPLICABLE", "critical", "neither password nor access keys (report of 2026-01-02T00:00:00Z)")}


@world(suite.test_root_mfa_enabled)
def test_report_without_root_that_had_to_be_generated_is_no_answer(aws: Cloud) -> Expected:
    """moto's report has no row of root."""
    root(aws, password=None)
    return {aws.account_arn: ("ERROR", "critical", "cannot tell whether root has a password: no AccountPasswordPresent, and no row of root")}


@world(suite.test_root_mfa_enabled, regions=("cn-north-1",))
def test_root_of_china_fails_by_the_report(aws: Cloud) -> Expected:
    root(aws, password=None, row="true")
    return {"arn:aws-cn:iam::123456789012:root": ("FAIL", "critical", "root has a password")}


@world(suite.test_root_mfa_enabled)
def test_report_that_does_not_support_the_question_is_no_answer(aws: Cloud) -> Expected:
    root(aws, password=None, row="not_supported")
    return {
        aws.account_arn: (
            "ERROR",
            "critical",
            "cannot tell whether root has a password: no AccountPasswordPresent, and not_supported in the report of",
        )
    }


@world(suite.test_root_mfa_enabled)
def test_report_without_root_is_no_answer(aws: Cloud) -> Expected:
    user(aws, "groot", password=True)
    root(aws, password=None)
    return {aws.account_arn: ("ERROR", "critical", "cannot tell whether root has a password: no AccountPasswordPresent, and no row of root in the")}


@world(suite.test_root_mfa_enabled, regions=("us-gov-west-1",))
def test_nobody_is_root_in_govcloud(aws: Cloud) -> Expected:
    root(aws, password=None)
    return {"arn:aws-us-gov:iam::123456789012:root": ("NOT_APPLICABLE", "critical", "GovCloud")}


@world(suite.test_root_mfa_enabled)
def test_denied_summary(aws: Cloud) -> Expected:
    root(aws, mfa=1)
    aws.simulated.instead("iam:GetAccountSummary", denied("iam:GetAccountSummary"))
    return {aws.account_arn: ("ERROR", "critical", "iam:GetAccountSummary is denied")}


@world(suite.test_root_mfa_enabled)
def test_summary_without_the_number(aws: Cloud) -> Expected:
    aws.simulated.over("iam:GetAccountSummary", lambda region, parsed: parsed["SummaryMap"].pop("AccountMFAEnabled"))
    return {aws.account_arn: ("ERROR", "critical", "missing required field `AccountMFAEnabled`")}


@world(suite.test_root_mfa_enabled)
def test_denied_list_of_devices(aws: Cloud) -> Expected:
    root(aws, mfa=1)
    aws.simulated.instead("iam:ListVirtualMFADevices", denied("iam:ListVirtualMFADevices"))
    return {aws.account_arn: ("ERROR", "critical", "iam:ListVirtualMFADevices is denied")}


# --- iam_console_user_mfa ---------------------------------------------------------------------------------------------------------------------


@world(suite.test_iam_console_user_mfa)
def test_passwords_with_and_without_mfa(aws: Cloud) -> Expected:
    stale(aws, lambda text: f"{text}<root_account>,{aws.root_arn},not_supported,false,false,false\n")
    return {
        user(aws, "ana", ADMIN, password=True, mfa=True): ("PASS", "critical", f"MFA is active ({SEEN})"),
        user(aws, "never-signed-in", READER, password=True): ("FAIL", "high", f"a password and no MFA (asked live; {SEEN})"),
        user(aws, "groot", ADMIN, password=True): ("FAIL", "critical", "a password and no MFA"),
        user(aws, "ci", ADMIN, key=True, path="/machines/"): ("NOT_APPLICABLE", "critical", f"no password ({SEEN})"),
    }


@world(suite.test_iam_console_user_mfa)
def test_expired_password_is_a_password(aws: Cloud) -> Expected:
    bob = user(aws, "bob", READER, password=True)
    report(aws, f"bob,{bob},true,false,false,false,2020-01-01T00:00:00+00:00", columns=f"{COLUMNS},password_next_rotation")
    return {bob: ("FAIL", "high", "a password and no MFA")}


@world(suite.test_iam_console_user_mfa)
def test_break_glass_users_need_mfa_like_others(aws: Cloud) -> Expected:
    aws.facts(people={"break_glass_users": ["emergency-*"]})
    return {
        user(aws, "emergency-1", ADMIN, password=True): ("FAIL", "critical", "a password and no MFA"),
        user(aws, "emergency-2", ADMIN, password=True, mfa=True): "PASS",
    }


@world(suite.test_iam_console_user_mfa)
def test_text_messages_are_no_mfa(aws: Cloud) -> Expected:
    """They are asked for no longer. Of whom has such a device alone, nothing may be listed, or just that."""
    bob, eva, new = (user(aws, name, READER, password=True) for name in ("bob", "eva", "new"))
    report(aws, f"bob,{bob},true,false,false,false", f"eva,{eva},true,false,false,false")

    def sms(name: str) -> dict[str, Any]:
        return {"UserName": name, "SerialNumber": f"arn:aws:iam::{aws.account}:sms-mfa/{name}", "EnableDate": datetime(2018, 1, 2, tzinfo=UTC)}

    listed = {"bob": [], "eva": [sms("eva"), sms("eva-2")], "new": [sms("new")]}
    aws.simulated.instead("iam:ListMFADevices", lambda region, body: {"MFADevices": listed[body["UserName"]], "IsTruncated": False})
    return dict.fromkeys((bob, eva, new), ("FAIL", "high", "a password and no MFA (asked live"))


@world(suite.test_iam_console_user_mfa)
def test_hardware_beside_a_text_message_is_mfa(aws: Cloud) -> Expected:
    eva = user(aws, "eva", READER, password=True)
    serials = (f"arn:aws:iam::{aws.account}:sms-mfa/eva", "GAHT12345678")
    aws.simulated.instead("iam:ListMFADevices", lambda region, body: {"MFADevices": [{"SerialNumber": each} for each in serials]})
    return {eva: ("PASS", "high", "MFA is active (asked live")}


@world(suite.test_iam_console_user_mfa)
def test_device_without_a_serial_number_is_an_error(aws: Cloud) -> Expected:
    eva = user(aws, "eva", READER, password=True)
    aws.simulated.instead("iam:ListMFADevices", lambda region, body: {"MFADevices": [{"UserName": "eva"}]})
    return {eva: ("ERROR", "critical", f"by the {SEEN}, not confirmed: iam:ListMFADevices answered a MfaDevice without SerialNumber")}


@world(suite.test_iam_console_user_mfa, regions=("cn-north-1",))
def test_users_in_china(aws: Cloud) -> Expected:
    good, bad = user(aws, "good", ADMIN, password=True, mfa=True), user(aws, "bad", ADMIN, password=True)
    assert bad == "arn:aws-cn:iam::123456789012:user/bad"
    return {good: "PASS", bad: ("FAIL", "critical", "a password and no MFA")}


@world(suite.test_iam_console_user_mfa, regions=("us-gov-west-1",))
def test_users_in_govcloud(aws: Cloud) -> Expected:
    good, bad = user(aws, "good", ADMIN, password=True, mfa=True), user(aws, "bad", READER, password=True)
    stale(aws, lambda text: text.replace("arn:aws:", "arn:aws-us-gov:"))  # as moto does not write them

    def placed(region: str, parsed: Any) -> None:
        for each in parsed["UserDetailList"]:
            each["Arn"] = each["Arn"].replace("arn:aws:", "arn:aws-us-gov:")

    aws.simulated.over(DETAILS, placed)
    good, bad = (arn.replace("arn:aws:", "arn:aws-us-gov:") for arn in (good, bad))
    return {good: "PASS", bad: ("FAIL", "high", "a password and no MFA")}


@world(suite.test_iam_console_user_mfa)
def test_no_users_at_all(aws: Cloud) -> Expected:
    """An account into which people come through Identity Center alone."""
    stale(aws, lambda text: f"{text}<root_account>,{aws.root_arn},not_supported,true,false,false\n")
    return {aws.account_arn: ("NOT_APPLICABLE", "critical", "no IAM users")}


@world(suite.test_iam_console_user_mfa)
def test_rights_by_a_group_make_it_critical(aws: Cloud) -> Expected:
    iam, eva = aws.client("iam"), user(aws, "eva", password=True)
    iam.create_group(GroupName="operators")
    managed = iam.create_policy(PolicyName="operate", PolicyDocument=policy({"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*"}))
    iam.attach_group_policy(GroupName="operators", PolicyArn=managed["Policy"]["Arn"])
    iam.add_user_to_group(GroupName="operators", UserName="eva")
    return {eva: ("FAIL", "critical", "a password and no MFA")}


@world(suite.test_iam_console_user_mfa)
def test_what_changed_since_the_report(aws: Cloud) -> Expected:
    """The report is four hours old at most; who has taken a device, lost the password, left or come since is asked live."""
    device, lost = user(aws, "device", READER, password=True, mfa=True), user(aws, "lost", READER)
    new = user(aws, "new", READER, password=True)
    gone = f"arn:aws:iam::{aws.account}:user/gone"
    report(aws, f"device,{device},true,false,false,false", f"lost,{lost},true,false,false,false", f"gone,{gone},true,false,false,false")
    return {
        device: ("PASS", "high", "MFA is active (asked live; report of 2026-01-02T00:00:00Z)"),
        lost: ("NOT_APPLICABLE", "critical", "no password (asked live"),
        new: ("FAIL", "high", "a password and no MFA (asked live"),
    }


@world(suite.test_iam_console_user_mfa)
def test_user_who_has_left_since_the_report(aws: Cloud) -> Expected:
    """Nobody is asked of whom the report has nothing bad to say."""
    gone = f"arn:aws:iam::{aws.account}:user/gone"
    report(aws, f"gone,{gone},true,true,false,false")
    return {gone: ("PASS", "critical", "MFA is active (report of")}


@world(suite.test_iam_console_user_mfa)
def test_denied_confirmation_names_the_report(aws: Cloud) -> Expected:
    ana, bob = user(aws, "ana", password=True, mfa=True), user(aws, "bob", password=True)
    aws.simulated.instead("iam:ListMFADevices", denied("iam:ListMFADevices"))
    return {ana: "PASS", bob: ("ERROR", "critical", f"by the {SEEN}, not confirmed: iam:ListMFADevices is denied")}


@world(suite.test_iam_console_user_mfa)
def test_denied_login_profile_is_no_missing_password(aws: Cloud) -> Expected:
    bob = user(aws, "bob", password=True)
    aws.simulated.instead("iam:GetLoginProfile", denied("iam:GetLoginProfile"))
    return {bob: ("ERROR", "critical", "iam:GetLoginProfile is denied")}


@world(suite.test_iam_console_user_mfa)
def test_denied_details_leave_the_severity_and_the_newest_users_open(aws: Cloud) -> Expected:
    ana, bob = user(aws, "ana", password=True, mfa=True), user(aws, "bob", READER, password=True)
    aws.simulated.instead(DETAILS, denied(DETAILS))
    return {
        ana: "PASS",
        bob: ("FAIL", "critical", "a password and no MFA"),
        aws.account_arn: ("ERROR", "critical", f"{DETAILS} is denied"),
    }


@world(suite.test_iam_console_user_mfa)
def test_denied_report(aws: Cloud) -> Expected:
    user(aws, "ana", password=True, mfa=True)
    aws.simulated.instead(REPORT, denied(REPORT))
    return {aws.account_arn: ("ERROR", "critical", f"{REPORT} is denied")}


@world(suite.test_iam_console_user_mfa)
def test_denied_generation(aws: Cloud) -> Expected:
    aws.simulated.instead(GENERATE, denied(GENERATE, "with an explicit deny in a service control policy"))
    return {aws.account_arn: ("ERROR", "critical", f"{GENERATE} is denied by a service control policy")}


@world(suite.test_iam_console_user_mfa)
def test_report_is_generated_where_there_is_none(aws: Cloud) -> Expected:
    bob = user(aws, "bob", READER, password=True)
    asked: list[str] = []

    def answer(region: str, body: Any) -> Any:
        asked.append(REPORT)
        if len(asked) == 1:
            return ClientError({"Error": {"Code": "ReportExpired", "Message": ""}}, "GetCredentialReport")
        return {"Content": f"{COLUMNS}\nbob,{bob},true,false,false,false".encode(), "GeneratedTime": datetime(2026, 1, 2, tzinfo=UTC)}

    aws.simulated.instead(REPORT, answer)
    aws.simulated.instead(GENERATE, lambda region, body: {"State": "COMPLETE"})
    return {bob: ("FAIL", "high", "report of 2026-01-02T00:00:00Z")}


@world(suite.test_iam_console_user_mfa)
def test_report_that_is_being_made_already_is_waited_for(aws: Cloud) -> Expected:
    bob = user(aws, "bob", READER, password=True)
    content = f"{COLUMNS}\nbob,{bob},true,false,false,false".encode()
    codes = iter(["ReportExpired", "ReportInProgress"])

    def answer(region: str, body: Any) -> Any:
        code = next(codes, None)
        return fails_with(code, REPORT)(region, body) if code else {"Content": content, "GeneratedTime": datetime(2026, 1, 2, tzinfo=UTC)}

    aws.simulated.instead(REPORT, answer)
    aws.simulated.instead(GENERATE, fails_with("LimitExceeded", GENERATE))
    return {bob: ("FAIL", "high", "report of 2026-01-02T00:00:00Z")}


@world(suite.test_iam_console_user_mfa)
def test_report_that_is_never_there_is_an_error(aws: Cloud) -> Expected:
    user(aws, "bob", READER, password=True)
    aws.simulated.instead(REPORT, fails_with("ReportInProgress", REPORT))
    return {aws.account_arn: ("ERROR", "critical", "no credential report within 60 seconds (ReportInProgress): run again")}


@world(suite.test_iam_console_user_mfa)
def test_values_that_we_do_not_know(aws: Cloud) -> Expected:
    good, odd, short = (user(aws, name) for name in ("good", "odd", "short"))
    report(aws, f"good,{good},TRUE,TRUE,FALSE,FALSE", f"odd,{odd},no_information,true,false,false", f"short,{short},true")
    return {good: "PASS", odd: ("ERROR", "critical", "that we cannot read"), short: ("ERROR", "critical", "missing required field `mfa_active`")}


@world(suite.test_iam_console_user_mfa)
def test_report_that_is_none(aws: Cloud) -> Expected:
    report(aws, "what?")
    return {aws.account_arn: ("ERROR", "critical", f"{REPORT} answered a row without an ARN of the account")}


@world(suite.test_iam_console_user_mfa)
def test_report_that_is_no_csv(aws: Cloud) -> Expected:
    report(aws, f'ana,"{aws.root_arn}"x,true,true,false,false')
    return {aws.account_arn: ("ERROR", "critical", f"{REPORT} answered what is no CSV")}


@world(suite.test_iam_console_user_mfa)
def test_report_without_its_time(aws: Cloud) -> Expected:
    """The age of what it says would not be known."""
    user(aws, "ana", password=True, mfa=True)
    aws.simulated.over(REPORT, lambda region, parsed: parsed.pop("GeneratedTime"))
    return {aws.account_arn: ("ERROR", "critical", f"{REPORT} answered without Content or GeneratedTime")}


@world(suite.test_iam_console_user_mfa)
def test_report_without_rows_is_no_account_without_users(aws: Cloud) -> Expected:
    """Whoever is not in it is newer than it: asked live."""
    bob = user(aws, "bob", READER, password=True)
    report(aws)
    return {bob: ("FAIL", "high", "a password and no MFA (asked live")}


# --- iam_privileged_key_user_mfa --------------------------------------------------------------------------------------------------------------


@world(suite.test_iam_privileged_key_user_mfa)
def test_keys_of_people_and_machines(aws: Cloud) -> Expected:
    people(aws, person_tag="person", console_users=["eva"], service_users={"ses-*": "SMTP"})
    person = [("person", "Ana")]
    aws.client("iam").update_access_key(AccessKeyId=retired_key(aws), UserName="retired", Status="Inactive")
    return {
        user(aws, "safe", ADMIN, NO_MFA_NO_RIGHTS, key=True, mfa=True, tags=person): (
            "PASS",
            "medium",
            f"has MFA, and the policies ask for it ({SEEN})",
        ),
        user(aws, "ana", ADMIN, key=True, tags=person): ("FAIL", "medium", f"access keys that allow *, and no MFA (asked live; {SEEN})"),
        user(aws, "eva", ADMIN, key=True): ("FAIL", "medium", "no MFA"),
        user(aws, "idle", ADMIN, key=True, mfa=True, tags=person): ("FAIL", "medium", "without MFA: no policy asks for aws:MultiFactorAuthPresent"),
        user(aws, "ses-smtp", ADMIN, key=True): ("NOT_APPLICABLE", "medium", "a machine's user (people.service_users = ses-*)"),
        user(aws, "ses-asked", ADMIN, NO_MFA_NO_RIGHTS, key=True): ("NOT_APPLICABLE", "medium", "a machine's user"),
        user(aws, "unknown", ADMIN, key=True, tags=[("person", " ")]): ("MANUAL", "medium", "which allow *, a person's"),
        user(aws, "unknown-idle", ADMIN, key=True, mfa=True): ("MANUAL", "medium", "which allow *, a person's"),
        user(aws, "reader", READER, key=True, tags=person): ("NOT_APPLICABLE", "medium", "no elevated rights"),
        user(aws, "console", ADMIN, key=True, password=True, tags=person): ("NOT_APPLICABLE", "medium", f"has a password ({SEEN})"),
        f"arn:aws:iam::{aws.account}:user/retired": ("NOT_APPLICABLE", "medium", f"no active access key ({SEEN})"),
    }


def retired_key(aws: Cloud) -> str:
    user(aws, "retired", ADMIN)
    key: str = aws.client("iam").create_access_key(UserName="retired")["AccessKey"]["AccessKeyId"]
    return key


@world(suite.test_iam_privileged_key_user_mfa)
def test_nothing_declared_is_a_question(aws: Cloud) -> Expected:
    return {
        user(aws, "ci", {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}, key=True): ("MANUAL", "medium", "which allow s3:GetObject")
    }


def key_users(aws: Cloud, statements: dict[str, Any], **more: Any) -> dict[str, str]:
    """Users with an access key, each with its own statements; their ARNs by name."""
    return {name: user(aws, name, *(own if isinstance(own, list) else [own]), key=True, **more) for name, own in statements.items()}


ELEVATED = {
    "change": allow("ec2:Describe*", "ec2:StopInstances"),
    "checkout": allow("license-manager:CheckoutLicense"),
    "any-get": allow("s3:Get*"),
    "all-but": {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"},
    "all-resources-but": {"Effect": "Allow", "Action": "iam:CreateAccessKey", "NotResource": OWN},
    "athena": allow("athena:GetQueryResults"),
    "decrypt": allow("kms:Decrypt"),
    "dynamodb": allow("dynamodb:Query"),
    "logs": allow("logs:GetLogEvents"),
    "objects": allow("s3:GetObject"),
    "parameters": allow("ssm:GetParametersByPath"),
    "rds-data": allow("rds-data:ExecuteStatement"),
    "secrets": allow("secretsmanager:GetSecretValue"),
    "keys-of-all": allow("iam:CreateAccessKey", resource="arn:aws:iam::*:user/*"),
    "keys-of-some": allow("iam:CreateAccessKey", resource=[OWN, "arn:aws:iam::*:user/bob"]),
    "own-policies": allow("iam:PutUserPolicy", resource=OWN),
    "own-objects": allow("s3:PutObject", resource="arn:aws:s3:::home/${aws:username}"),
}
NOT_ELEVATED = {
    "verbs": allow("ec2:Describe*", "s3:List*", "iam:Get*", "cloudtrail:LookupEvents", "ecr:BatchGetImage", "resource-explorer-2:Search"),
    "more-verbs": allow("s3:HeadBucket", "ssm:DescribeParameters", "logs:GetLogGroupFields", "trustedadvisor:CheckStatus"),
    "own-keys": allow("iam:*AccessKey*", "iam:*LoginProfile", "iam:ChangePassword", resource=OWN),
    "own-mfa": allow("iam:CreateVirtualMFADevice", "iam:EnableMFADevice", resource=[OWN, "arn:aws:iam::*:mfa/*"]),
    "own-password": allow("iam:ChangePassword"),
    "denied": {"Effect": "Deny", "Action": "*", "Resource": "*"},
}


@world(suite.test_iam_privileged_key_user_mfa)
def test_what_elevates_a_user(aws: Cloud) -> Expected:
    """To change anything, or to read data; not to read how things are set up, nor to care for one's own credentials."""
    elevated, plain = key_users(aws, ELEVATED), key_users(aws, NOT_ELEVATED)
    said = {name: statement.get("Action", "all but iam:*") for name, statement in ELEVATED.items()}
    return {
        **{
            arn: ("MANUAL", "medium", f"which allow {said[name][-1] if isinstance(said[name], list) else said[name]},")
            for name, arn in elevated.items()
        },
        **dict.fromkeys(plain.values(), ("NOT_APPLICABLE", "medium", "no elevated rights")),
    }


def deny(condition: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition, **more}


WITHOUT_MFA = {"BoolIfExists": {PRESENT: "false"}}
EVERYTHING = allow("s3:List*", "s3:*")
ASKED = {
    "allow-bool": allow("s3:*", Condition={"Bool": {PRESENT: "true"}}),
    "allow-age": allow("s3:*", Condition={"NumericLessThan": {AGE: "3600"}}),
    "allow-not-null": allow("s3:*", Condition={"Null": {AGE: "false"}}),
    "deny-bool": [EVERYTHING, deny(WITHOUT_MFA)],
    "deny-age": [EVERYTHING, deny({"NumericGreaterThanIfExists": {AGE: "3600"}})],
    "deny-null": [EVERYTHING, deny({"Null": {AGE: "true"}})],
    "deny-just-that": [EVERYTHING, deny(WITHOUT_MFA, Action=["ec2:*", "s3:*"])],
    "deny-all-but": [
        EVERYTHING,
        {"Effect": "Deny", "NotAction": ["iam:EnableMFADevice", "iam:List*", "iam:ChangePassword"], "Resource": "*", "Condition": WITHOUT_MFA},
    ],
}
NOT_ASKED = {
    "nothing": EVERYTHING,
    "allow-if-exists": allow("s3:*", Condition={"BoolIfExists": {PRESENT: "true"}}),
    "allow-either": allow("s3:*", Condition={"Bool": {PRESENT: ["true", "false"]}}),
    "allow-elsewhere": allow("s3:*", Condition={"NumericLessThan": {"s3:max-keys": "10"}}),
    "allow-old": allow("s3:*", Condition={"NumericGreaterThan": {AGE: "10"}}),
    "allow-twice": [allow("s3:*", Condition={"Bool": {PRESENT: "true"}}), allow("s3:*")],
    # A request that an access key signs does not carry the key at all: Bool does not hold, and nothing is denied.
    "deny-bool": [EVERYTHING, deny({"Bool": {PRESENT: "false"}})],
    "deny-the-good": [EVERYTHING, deny({"BoolIfExists": {PRESENT: "true"}})],
    "deny-other-bool": [EVERYTHING, deny({"BoolIfExists": {"aws:SecureTransport": "false"}})],
    "deny-null-present": [EVERYTHING, deny({"Null": {PRESENT: "true"}})],
    "deny-not-null": [EVERYTHING, deny({"Null": {AGE: "false"}})],
    "deny-unless-null": [EVERYTHING, deny({"StringEquals": {AGE: "true"}})],
    "deny-many-keys": [EVERYTHING, deny({"NumericGreaterThanIfExists": {"s3:max-keys": "10"}})],
    "deny-young": [EVERYTHING, deny({"NumericLessThanIfExists": {AGE: "10"}})],
    "deny-narrowed": [EVERYTHING, deny({**WITHOUT_MFA, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})],
    "deny-one-bucket": [EVERYTHING, deny(WITHOUT_MFA, Resource="arn:aws:s3:::b/*")],
    "deny-elsewhere": [EVERYTHING, deny(WITHOUT_MFA, Action=["ec2:*", "sts:*"])],
    "deny-a-letter": [EVERYTHING, deny(WITHOUT_MFA, Action="s3:?")],
    "deny-too-little": [
        EVERYTHING,
        {"Effect": "Deny", "NotAction": ["iam:EnableMFADevice", "s3:PutObject"], "Resource": "*", "Condition": WITHOUT_MFA},
    ],
}


@world(suite.test_iam_privileged_key_user_mfa)
def test_policies_that_ask_for_mfa(aws: Cloud) -> Expected:
    people(aws, console_users=["*"])
    asked = key_users(aws, ASKED, mfa=True)
    return dict.fromkeys(asked.values(), ("PASS", "medium", "has MFA, and the policies ask for it"))


@world(suite.test_iam_privileged_key_user_mfa)
def test_policies_that_do_not_ask_for_mfa(aws: Cloud) -> Expected:
    people(aws, console_users=["*"])
    unasked = key_users(aws, NOT_ASKED, mfa=True)
    return dict.fromkeys(unasked.values(), ("FAIL", "medium", "access keys that allow s3:* without MFA: no policy asks"))


@world(suite.test_iam_privileged_key_user_mfa)
def test_policies_that_ask_for_mfa_of_who_has_none(aws: Cloud) -> Expected:
    """Who has no device can do nothing then, but the question is open whether there is one."""
    people(aws, console_users=["ana"])
    return {
        user(aws, "ana", ADMIN, NO_MFA_NO_RIGHTS, key=True): ("FAIL", "medium", "access keys that allow *, and no MFA"),
        user(aws, "unknown", ADMIN, NO_MFA_NO_RIGHTS, key=True): ("MANUAL", "medium", "which allow *, a person's"),
    }


@world(suite.test_iam_privileged_key_user_mfa)
def test_second_key_counts_like_the_first(aws: Cloud) -> Expected:
    people(aws, console_users=["*"])
    first, second, none = (user(aws, name, ADMIN) for name in ("first", "second", "none"))
    report(aws, f"first,{first},false,false,true,false", f"second,{second},false,false,false,true", f"none,{none},false,false,false,false")
    for name in ("first", "second"):
        aws.client("iam").create_access_key(UserName=name)
    failed = ("FAIL", "medium", "access keys that allow *, and no MFA (asked live")
    return {first: failed, second: failed, none: ("NOT_APPLICABLE", "medium", "no active access key (report of")}


@world(suite.test_iam_privileged_key_user_mfa)
def test_person_by_the_tag_alone(aws: Cloud) -> Expected:
    people(aws, person_tag="person")
    return {
        user(aws, "ana", ADMIN, key=True, tags=[("person", "Ana")]): ("FAIL", "medium", "no MFA"),
        user(aws, "bob", ADMIN, key=True, tags=[("team", "web")]): ("MANUAL", "medium", "a person's"),
    }


@world(suite.test_iam_privileged_key_user_mfa, regions=("cn-north-1",))
def test_keys_in_china(aws: Cloud) -> Expected:
    people(aws, console_users=["ana"])
    ana = user(aws, "ana", ADMIN, key=True)
    assert ana == "arn:aws-cn:iam::123456789012:user/ana"
    return {ana: ("FAIL", "medium", "no MFA"), user(aws, "ci", ADMIN, key=True): "MANUAL"}


@world(suite.test_iam_privileged_key_user_mfa)
def test_denied_report_leaves_no_keys_judged(aws: Cloud) -> Expected:
    ci = user(aws, "ci", ADMIN, key=True)
    aws.simulated.instead(REPORT, denied(REPORT))
    return {ci: ("ERROR", "medium", f"{REPORT} is denied")}


@world(suite.test_iam_privileged_key_user_mfa)
def test_rights_of_a_person_that_cannot_be_read(aws: Cloud) -> Expected:
    """Nothing is asked live of whom the verdict is an ERROR anyway."""
    people(aws, console_users=["*"])
    ana = detail(aws, "ana", GroupList=["gone"])
    aws.simulated.instead(DETAILS, lambda region, body: page([ana]))
    report(aws, f"ana,{ana['Arn']},false,false,true,false")
    return {ana["Arn"]: ("ERROR", "medium", "without the group gone, which has a member")}


@world(suite.test_iam_privileged_key_user_mfa)
def test_no_users_no_keys(aws: Cloud) -> Expected:
    aws.client("iam").generate_credential_report()
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no IAM users")}


@world(suite.test_iam_privileged_key_user_mfa)
def test_keys_that_changed_since_the_report(aws: Cloud) -> Expected:
    people(aws, console_users=["*"])
    off, device, new = user(aws, "off", ADMIN), user(aws, "device", ADMIN, NO_MFA_NO_RIGHTS, key=True, mfa=True), user(aws, "new", ADMIN, key=True)
    report(aws, f"off,{off},false,false,true,false", f"device,{device},false,false,false,true")
    return {
        off: ("NOT_APPLICABLE", "medium", "no active access key (asked live"),
        device: ("PASS", "medium", "asked live"),
        new: ("FAIL", "medium", "asked live"),
    }


@world(suite.test_iam_privileged_key_user_mfa)
def test_denied_confirmation_of_keys(aws: Cloud) -> Expected:
    people(aws, console_users=["ana"])
    ana, ci = user(aws, "ana", ADMIN, key=True), user(aws, "ci", ADMIN, key=True)
    aws.simulated.instead("iam:ListAccessKeys", denied("iam:ListAccessKeys"))
    return {ana: ("ERROR", "medium", f"by the {SEEN}, not confirmed: iam:ListAccessKeys is denied"), ci: "MANUAL"}


@world(suite.test_iam_privileged_key_user_mfa)
def test_denied_details_leave_no_keys_judged(aws: Cloud) -> Expected:
    user(aws, "ci", READER, key=True)
    aws.simulated.instead(DETAILS, denied(DETAILS))
    return {aws.account_arn: ("ERROR", "medium", f"{DETAILS} is denied")}


def fix_of(build: Callable[[Cloud], Any]) -> str:
    """The command for the only user whose keys lack something."""

    def nothing_expected(aws: Cloud) -> Expected:
        build(aws)
        return {}

    with built(World(suite.test_iam_privileged_key_user_mfa, nothing_expected)) as (cloud, _):
        (bad,) = [found for found in judge(suite.test_iam_privileged_key_user_mfa, cloud) if found.status == "FAIL"]
    assert bad.remediation is not None
    return bad.remediation


def person(aws: Cloud, mfa: bool) -> None:
    user(aws, "eric", ADMIN, key=True, mfa=mfa)
    people(aws, console_users=["eric"])


@pytest.mark.skipif(sys.platform == "win32", reason="commands are written for a POSIX shell")
@pytest.mark.parametrize("there", [False, True])
def test_command_works_whether_the_group_is_there_or_not(tmp_path: Path, there: bool) -> None:
    (tmp_path / "aws").write_text(f'#!/bin/sh\necho "$2" >>{tmp_path}/called\n[ "$2" != get-group ] || exit {0 if there else 254}\n')
    (tmp_path / "aws").chmod(0o755)
    command = fix_of(lambda aws: person(aws, mfa=False))
    subprocess.run(["sh", "-c", command], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=True)
    made = [] if there else ["create-group"]
    device = ["create-virtual-mfa-device", "enable-mfa-device"]
    assert (tmp_path / "called").read_text().split() == [*device, "get-group", *made, "put-group-policy", "add-user-to-group"]


def test_command_makes_no_second_device() -> None:
    assert "create-virtual-mfa-device" not in fix_of(lambda aws: person(aws, mfa=True))


def test_command_for_root_begins_with_what_any_account_can_do() -> None:
    def build(aws: Cloud) -> Expected:
        root(aws)
        return {}

    with built(World(suite.test_root_mfa_enabled, build)) as (cloud, _):
        (bad,) = judge(suite.test_root_mfa_enabled, cloud)
    assert bad.remediation is not None
    assert bad.remediation.index("sign in to the console as root") < bad.remediation.index("organization")


def detail(aws: Cloud, name: str, **more: Any) -> dict[str, Any]:
    """A user as GetAccountAuthorizationDetails tells of it: without UserPolicyList and Tags where there are none."""
    return {"UserName": name, "Arn": f"arn:aws:iam::{aws.account}:user/{name}", "GroupList": [], "AttachedManagedPolicies": []} | more


def page(users: Any = (), groups: Any = (), policies: Any = (), marker: str | None = None) -> dict[str, Any]:
    lists = {"UserDetailList": list(users), "GroupDetailList": list(groups), "RoleDetailList": [], "Policies": list(policies)}
    return lists | ({"IsTruncated": True, "Marker": marker} if marker else {"IsTruncated": False})


ADMINISTRATOR = {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}


@world(suite.test_iam_privileged_key_user_mfa)
def test_the_policy_stands_on_the_second_page(aws: Cloud) -> Expected:
    """AWS's own AdministratorAccess on a group; the users, the group and the policy come in two pages."""
    ana, eva = detail(aws, "ana", GroupList=["admins"]), detail(aws, "eva")
    admins = {
        "GroupName": "admins",
        "Arn": f"arn:aws:iam::{aws.account}:group/admins",
        "GroupPolicyList": [],
        "AttachedManagedPolicies": [ADMINISTRATOR],
    }
    versions = [
        {"Document": policy(ADMIN), "VersionId": "v1", "IsDefaultVersion": True},
        {"Document": policy(), "VersionId": "v0", "IsDefaultVersion": False},
    ]
    second = page([eva], [admins], [{"Arn": ADMINISTRATOR["PolicyArn"], "PolicyVersionList": versions}])
    aws.simulated.instead(DETAILS, lambda region, body: second if body.get("Marker") == "2" else page([ana], marker="2"))
    report(aws, f"ana,{ana['Arn']},false,false,true,false", f"eva,{eva['Arn']},false,false,true,false")
    return {ana["Arn"]: ("MANUAL", "medium", "which allow *"), eva["Arn"]: ("NOT_APPLICABLE", "medium", "no elevated rights")}


@world(suite.test_iam_privileged_key_user_mfa)
def test_second_page_is_denied(aws: Cloud) -> Expected:
    ana = detail(aws, "ana")
    more = denied(DETAILS)
    aws.simulated.instead(DETAILS, lambda region, body: more(region, body) if body.get("Marker") else page([ana], marker="2"))
    report(aws, f"ana,{ana['Arn']},false,false,true,false")
    return {aws.account_arn: ("ERROR", "medium", f"{DETAILS} is denied")}


@world(suite.test_iam_privileged_key_user_mfa)
def test_what_cannot_be_read_is_one_users_error(aws: Cloud) -> Expected:
    """A policy document that is no policy, one that is attached and not in the answer, a group that is missing: each leaves the others alone."""
    plain = detail(aws, "plain")
    broken = detail(aws, "broken", UserPolicyList=[{"PolicyName": "inline", "PolicyDocument": "%7Bnot json"}])
    unknown = detail(aws, "unknown", UserPolicyList=[{"PolicyName": "inline", "PolicyDocument": policy(ADMIN | {"Unless": "x"})}])
    attached = detail(aws, "attached", AttachedManagedPolicies=[ADMINISTRATOR])
    member = detail(aws, "member", GroupList=["gone"])
    users = [plain, broken, unknown, attached, member]
    aws.simulated.instead(DETAILS, lambda region, body: page(users))
    report(aws, *(f"{each['UserName']},{each['Arn']},false,false,true,false" for each in users))
    return {
        plain["Arn"]: "NOT_APPLICABLE",
        broken["Arn"]: ("ERROR", "medium", "Expected `object`, got `str`"),
        unknown["Arn"]: ("ERROR", "medium", "unknown field `Unless`"),
        attached["Arn"]: ("ERROR", "medium", "without the policy arn:aws:iam::aws:policy/AdministratorAccess, which is attached"),
        member["Arn"]: ("ERROR", "medium", "without the group gone, which has a member"),
    }


# --- idp_enforces_mfa -------------------------------------------------------------------------------------------------------------------------


def role(aws: Cloud, name: str, provider: str, *statements: Any, path: str = "/") -> None:
    trust = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"]}
    iam = aws.client("iam")
    iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=policy(trust))
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=policy(*statements))


def provider(aws: Cloud, name: str) -> str:
    arn: str = aws.client("iam").create_saml_provider(Name=name, SAMLMetadataDocument="m" * 1000)["SAMLProviderArn"]
    return arn


@world(suite.test_idp_enforces_mfa)
def test_each_trusted_provider_is_a_question(aws: Cloud) -> Expected:
    center, okta, unused = (provider(aws, name) for name in ("AWSSSO_1_DO_NOT_DELETE", "okta", "unused"))
    role(aws, "AWSReservedSSO_Admin", center, ADMIN, path="/aws-reserved/sso.amazonaws.com/")
    role(aws, "AWSReservedSSO_View", center, READER, path="/aws-reserved/sso.amazonaws.com/")
    role(aws, "support", okta, READER)
    role(aws, "stale", f"{unused}-that-was-deleted")
    return {
        center: ("MANUAL", "high", "it opens 2 of the account's roles, one that may do everything: critical"),
        okta: ("MANUAL", "high", "does this identity provider ask for MFA at every sign-in? (it opens 1 of the account's roles)"),
    }


@world(suite.test_idp_enforces_mfa)
def test_roles_of_machines_are_no_people(aws: Cloud) -> Expected:
    provider(aws, "unused")
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    aws.client("iam").create_role(RoleName="app", AssumeRolePolicyDocument=policy(trust))
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "no role that people assume through a SAML provider")}


@world(suite.test_idp_enforces_mfa)
def test_declared_provider_passes(aws: Cloud) -> Expected:
    okta, google = provider(aws, "okta"), provider(aws, "google")
    role(aws, "support", okta, READER)
    role(aws, "admin", google, ADMIN)
    yes = Declaration(
        check="idp_enforces_mfa",
        resource="okta",
        statement="Okta asks for MFA at every sign-in",
        by="ana@acme.example",
        on=date(2026, 10, 1),
        review_by=date(9999, 1, 1),
        place="ssb.toml",
    )
    aws.profile = msgspec.structs.replace(aws.profile, declarations=(yes,))
    return {okta: ("PASS", "high", "Okta asks for MFA at every sign-in (declared by ana@acme.example"), google: "MANUAL"}


@world(suite.test_idp_enforces_mfa)
def test_all_people_are_federated(aws: Cloud) -> Expected:
    """Without IAM users it is the account's only question about MFA."""
    center = provider(aws, "AWSSSO_1_DO_NOT_DELETE")
    role(aws, "AWSReservedSSO_Admin", center, ADMIN, path="/aws-reserved/sso.amazonaws.com/")
    return {center: ("MANUAL", "high", "does this identity provider ask for MFA at every sign-in?")}


def trusting(aws: Cloud, name: str, *trust: Any) -> None:
    """A role with these statements of trust."""
    aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=policy(*trust))


@world(suite.test_idp_enforces_mfa)
def test_whom_a_trust_policy_lets_in(aws: Cloud) -> Expected:
    by_any, by_exception, by_wildcard, by_list = (provider(aws, name) for name in ("any", "exception", "wildcard", "list"))
    denied_only, other_call, left_out = (provider(aws, name) for name in ("denied", "call", "left-out"))
    saml = {"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML"}
    trusting(aws, "list", saml | {"Principal": {"Federated": [by_list, "cognito-identity.amazonaws.com"]}})
    trusting(aws, "wildcard", {"Effect": "Allow", "Action": "sts:AssumeRoleWith*", "Principal": {"Federated": by_wildcard}})
    trusting(aws, "exception", {"Effect": "Allow", "NotAction": "sts:TagSession", "Principal": {"Federated": by_exception}})
    trusting(aws, "left-out", {"Effect": "Allow", "NotAction": "sts:AssumeRoleWith*", "Principal": {"Federated": left_out}})
    trusting(aws, "denied", saml | {"Effect": "Deny", "Principal": {"Federated": denied_only}})
    trusting(aws, "call", {"Effect": "Allow", "Action": "sts:TagSession", "Principal": {"Federated": other_call}})
    trusting(aws, "any", saml | {"Principal": {"Federated": by_any}})
    opens = "it opens 1 of the account's roles)"
    return dict.fromkeys((by_any, by_exception, by_wildcard, by_list), ("MANUAL", "high", opens))


@world(suite.test_idp_enforces_mfa)
def test_trust_in_everybody_is_trust_in_each_provider(aws: Cloud) -> Expected:
    okta = provider(aws, "okta")
    trusting(aws, "anybody", {"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML", "Principal": "*"})
    return {okta: ("MANUAL", "high", "it opens 1 of the account's roles")}


@world(suite.test_idp_enforces_mfa)
def test_trust_in_all_but_one_is_trust_in_each_provider(aws: Cloud) -> Expected:
    okta = provider(aws, "okta")
    trusting(aws, "all-but", {"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML", "NotPrincipal": {"AWS": aws.account}})
    return {okta: ("MANUAL", "high", "it opens 1 of the account's roles")}


ROLES = {
    "everything": (ADMIN, True),
    "all-of-iam": (allow("s3:*", "IAM:*"), True),
    "all-services": (allow("*:*", resource=["arn:aws:s3:::b", "*"]), True),
    "all-but-bills": ({"Effect": "Allow", "NotAction": "aws-portal:*", "Resource": "*"}, True),
    "power-user": ({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}, False),
    "one-bucket": (allow("*", resource="arn:aws:s3:::b/*"), False),
    "reader": (READER, False),
    "denied": ({"Effect": "Deny", "Action": "*", "Resource": "*"}, False),
}


@world(suite.test_idp_enforces_mfa)
def test_which_roles_may_do_everything(aws: Cloud) -> Expected:
    expected: Expected = {}
    for name, (statement, everything) in ROLES.items():
        arn = provider(aws, name)
        role(aws, name, arn, statement)
        expected[arn] = ("MANUAL", "high", "opens 1 of the account's roles, one that may do everything: critical)" if everything else "roles)")
    return expected


@world(suite.test_idp_enforces_mfa)
def test_no_provider_and_no_role(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "no role that people assume through a SAML provider")}


@world(suite.test_idp_enforces_mfa)
def test_policy_of_a_role_that_is_not_told_is_an_error(aws: Cloud) -> Expected:
    okta, ours = provider(aws, "okta"), provider(aws, "ours")
    role(aws, "admin", okta)
    role(aws, "support", ours, READER)

    def attached(region: str, parsed: Any) -> None:
        for each in parsed["RoleDetailList"]:
            each["AttachedManagedPolicies"] = [ADMINISTRATOR] if each["RoleName"] == "admin" else []

    aws.simulated.over(DETAILS, attached)
    return {okta: ("ERROR", "high", "without the policy arn:aws:iam::aws:policy/AdministratorAccess, which is attached"), ours: "MANUAL"}


@world(suite.test_idp_enforces_mfa, regions=("us-gov-west-1",))
def test_provider_in_govcloud(aws: Cloud) -> Expected:
    okta = "arn:aws-us-gov:iam::123456789012:saml-provider/okta"  # of which moto says arn:aws
    aws.simulated.instead("iam:ListSAMLProviders", lambda region, body: {"SAMLProviderList": [{"Arn": okta}]})
    role(aws, "support", okta)
    return {okta: "MANUAL"}


@world(suite.test_idp_enforces_mfa)
def test_role_that_cannot_be_read_might_trust_it(aws: Cloud) -> Expected:
    okta, ours = provider(aws, "okta"), provider(aws, "ours")
    role(aws, "odd", okta)
    role(aws, "support", ours)

    def broken(region: str, parsed: Any) -> None:
        parsed["RoleDetailList"][0]["AssumeRolePolicyDocument"] = "not json"

    aws.simulated.over(DETAILS, broken)
    return {okta: ("ERROR", "high", "a Role that we cannot read"), ours: "MANUAL"}


@world(suite.test_idp_enforces_mfa)
def test_denied_providers(aws: Cloud) -> Expected:
    aws.simulated.instead("iam:ListSAMLProviders", denied("iam:ListSAMLProviders"))
    return {aws.account_arn: ("ERROR", "high", "iam:ListSAMLProviders is denied")}


@world(suite.test_idp_enforces_mfa)
def test_denied_roles_hide_who_is_trusted(aws: Cloud) -> Expected:
    aws.simulated.instead(DETAILS, denied(DETAILS))
    return {aws.account_arn: ("ERROR", "high", f"{DETAILS} is denied")}


# --- waiting for the report -------------------------------------------------------------------------------------------------------------------


class Iam:
    """Answers in the order in which they are asked for: a code is an error."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers = {REPORT: answers["report"], GENERATE: answers.get("generate", [])}
        self.waited: list[float] = []

    def ask(self, operation: str) -> Any:
        answer = self.answers[operation].pop(0)
        if isinstance(answer, str):
            raise AwsError(answer, operation, answer)
        return answer


def test_report_is_waited_for() -> None:
    started, complete = {"State": "STARTED"}, {"State": "COMPLETE"}
    for name, iam, waited in (
        ("there", Iam(report=[{"Content": b""}]), []),
        ("made", Iam(report=["ReportNotPresent", {"Content": b""}], generate=[complete]), []),
        ("expired", Iam(report=["ReportExpired", "ReportInProgress", {"Content": b""}], generate=[started]), [1, 2]),
        ("limited", Iam(report=["ReportExpired", {"Content": b""}], generate=["LimitExceeded"]), [1]),
        ("in the making", Iam(report=["ReportInProgress", {"Content": b""}]), [1]),
    ):
        assert wait_for_report(iam.ask, iam.waited.append) == {"Content": b""}, name
        assert (iam.waited, iam.answers) == (waited, {REPORT: [], GENERATE: []}), name


def test_report_is_waited_for_a_minute() -> None:
    iam = Iam(report=["ReportInProgress"] * 7)
    with pytest.raises(AwsError, match=r"no credential report within 60 seconds \(ReportInProgress\)"):
        wait_for_report(iam.ask, iam.waited.append)
    assert tuple(iam.waited) == WAITS


def test_other_errors_are_not_waited_for() -> None:
    for iam in (Iam(report=["AccessDenied"]), Iam(report=["ReportNotPresent"], generate=["AccessDenied"])):
        with pytest.raises(AwsError, match="AccessDenied"):
            wait_for_report(iam.ask, iam.waited.append)
        assert iam.waited == []


# --- the edges --------------------------------------------------------------------------------------------------------------------------------

EDGES: dict[str, dict[str, Any]] = {
    "root_mfa_enabled": {
        "PASS: MFA by a hardware device or passkey, though users have virtual ones": test_root_with_hardware_mfa_passes_though_users_have_virtual_devices,
        "PASS: MFA by a virtual device, known by its user or by its usual serial number": (
            test_virtual_device_of_root_is_found_by_its_user_on_the_second_page,
            test_virtual_device_of_root_by_its_usual_serial_number,
        ),
        "PASS: several devices, mixed": test_several_devices_of_root,
        "PASS: MFA, though root cannot sign in": test_root_that_cannot_sign_in_and_has_mfa_passes,
        "FAIL: none while root has a password": test_root_without_mfa_fails,
        "FAIL: none while root has keys": (test_root_with_keys_alone_fails, test_root_with_password_and_keys_fails_for_both),
        "FAIL: the password is known by the report alone": test_root_of_china_fails_by_the_report,
        "FAIL: what the report says of MFA does not count": test_mfa_that_only_the_report_knows_is_gone,
        "NOT_APPLICABLE: neither password nor keys": test_root_without_credentials_is_not_applicable,
        "NOT_APPLICABLE: no password by the report, no keys": test_report_tells_of_the_password_where_the_summary_does_not,
        "NOT_APPLICABLE: a partition without root": test_nobody_is_root_in_govcloud,
        "ERROR: the summary is denied, or lacks the number": (test_denied_summary, test_summary_without_the_number),
        "ERROR: the list of devices is denied": test_denied_list_of_devices,
        "ERROR: neither summary nor report tells whether there is a password": (
            test_report_without_root_is_no_answer,
            test_report_without_root_that_had_to_be_generated_is_no_answer,
            test_report_that_does_not_support_the_question_is_no_answer,
        ),
    },
    "iam_console_user_mfa": {
        "PASS: MFA by the report, whose time is said": test_passwords_with_and_without_mfa,
        "PASS: a device came since the report": test_what_changed_since_the_report,
        "PASS: the user has left since the report, and had MFA": test_user_who_has_left_since_the_report,
        "FAIL critical: elevated rights, by the user's own policies or a group's": (
            test_passwords_with_and_without_mfa,
            test_rights_by_a_group_make_it_critical,
        ),
        "FAIL high: no elevated rights": test_passwords_with_and_without_mfa,
        "FAIL: a password that was never used": test_passwords_with_and_without_mfa,
        "FAIL: a password that has expired": test_expired_password_is_a_password,
        "FAIL: break-glass users are no exception": test_break_glass_users_need_mfa_like_others,
        "FAIL: legacy SMS devices": (test_text_messages_are_no_mfa, test_hardware_beside_a_text_message_is_mfa),
        "FAIL: who came since the report": (test_what_changed_since_the_report, test_report_without_rows_is_no_account_without_users),
        "FAIL: in the other partitions": (test_users_in_china, test_users_in_govcloud),
        "NOT_APPLICABLE: no password": test_passwords_with_and_without_mfa,
        "NOT_APPLICABLE: the password is gone since the report": test_what_changed_since_the_report,
        "NOT_APPLICABLE: no IAM users; root's row is none": test_no_users_at_all,
        "ERROR: the confirmation is denied, and the report's time is said": (
            test_denied_confirmation_names_the_report,
            test_denied_login_profile_is_no_missing_password,
            test_device_without_a_serial_number_is_an_error,
        ),
        "ERROR: the report is denied, cannot be made, or is never there": (
            test_denied_report,
            test_denied_generation,
            test_report_that_is_never_there_is_an_error,
        ),
        "ERROR: the report, or a value in it, cannot be read": (
            test_values_that_we_do_not_know,
            test_report_that_is_none,
            test_report_that_is_no_csv,
            test_report_without_its_time,
        ),
        "ERROR: the users are denied, so that the newest are not known": test_denied_details_leave_the_severity_and_the_newest_users_open,
        "a report that is missing, expired or being made is waited for": (
            test_report_is_generated_where_there_is_none,
            test_report_that_is_being_made_already_is_waited_for,
        ),
    },
    "iam_privileged_key_user_mfa": {
        "PASS: a device, and a Deny or a conditioned Allow asks for MFA": (test_keys_of_people_and_machines, test_policies_that_ask_for_mfa),
        "PASS: the device came since the report": test_keys_that_changed_since_the_report,
        "FAIL: console_users names the user, and there is no device": (test_keys_of_people_and_machines, test_keys_in_china),
        "FAIL: the user has the person_tag, and no device": test_person_by_the_tag_alone,
        "FAIL: a device, and no policy asks for it": test_policies_that_do_not_ask_for_mfa,
        "FAIL: a policy asks, and there is no device": test_policies_that_ask_for_mfa_of_who_has_none,
        "FAIL: the second key alone is active": test_second_key_counts_like_the_first,
        "NOT_APPLICABLE: service_users names the machine": test_keys_of_people_and_machines,
        "NOT_APPLICABLE: not elevated: reading verbs, self-service": test_what_elevates_a_user,
        "NOT_APPLICABLE: a password; judged as a console user": test_keys_of_people_and_machines,
        "NOT_APPLICABLE: no active key, also since the report": (test_keys_of_people_and_machines, test_keys_that_changed_since_the_report),
        "NOT_APPLICABLE: no IAM users": test_no_users_no_keys,
        "MANUAL: undeclared": (test_nothing_declared_is_a_question, test_keys_of_people_and_machines),
        "MANUAL: each kind of elevated right, reading data included": test_what_elevates_a_user,
        "ERROR: users, report or keys are denied": (
            test_denied_details_leave_no_keys_judged,
            test_denied_report_leaves_no_keys_judged,
            test_denied_confirmation_of_keys,
        ),
        "ERROR: rights that cannot be read": (
            test_what_cannot_be_read_is_one_users_error,
            test_rights_of_a_person_that_cannot_be_read,
            test_second_page_is_denied,
        ),
        "rights that stand on a second page": test_the_policy_stands_on_the_second_page,
    },
    "idp_enforces_mfa": {
        "PASS: declared": test_declared_provider_passes,
        "MANUAL: undeclared, one for each provider that is trusted": test_each_trusted_provider_is_a_question,
        "MANUAL: all people are federated": test_all_people_are_federated,
        "MANUAL: critical in its words where a role may do everything": (
            test_each_trusted_provider_is_a_question,
            test_which_roles_may_do_everything,
        ),
        "MANUAL: whoever is trusted, by whatever words": (
            test_whom_a_trust_policy_lets_in,
            test_trust_in_everybody_is_trust_in_each_provider,
            test_trust_in_all_but_one_is_trust_in_each_provider,
        ),
        "MANUAL: in another partition": test_provider_in_govcloud,
        "NOT_APPLICABLE: no federated human role": (test_roles_of_machines_are_no_people, test_no_provider_and_no_role),
        "ERROR: providers or roles are denied": (test_denied_providers, test_denied_roles_hide_who_is_trusted),
        "ERROR: a role or its policy cannot be read": (
            test_role_that_cannot_be_read_might_trust_it,
            test_policy_of_a_role_that_is_not_told_is_an_error,
        ),
    },
}
