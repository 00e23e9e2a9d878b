"""ACCT.05's checks, each shown to pass, to fail, and at its edges."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from pytest_ssb.errors import AwsError
from pytest_ssb.profiles import People
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


def denied(operation: str, by: str = "") -> Callable[[str, Any], Exception]:
    """An answer that denies the operation."""
    message = f"not authorized to perform {operation} {by}"
    return lambda region, body: ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, operation.partition(":")[2])


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


def report(aws: Cloud, *rows: str) -> None:
    """Give this report."""
    content = "\n".join((COLUMNS, *rows)).encode()
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
def test_root_with_hardware_mfa_passes_though_users_have_virtual_devices(aws: Cloud) -> Expected:
    user(aws, "groot", mfa=True)
    root(aws, mfa=1)
    return {aws.root_arn: ("PASS", "critical", "MFA by a hardware device or passkey")}


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
def test_values_that_we_do_not_know(aws: Cloud) -> Expected:
    good, odd, short = (user(aws, name) for name in ("good", "odd", "short"))
    report(aws, f"good,{good},TRUE,TRUE,FALSE,FALSE", f"odd,{odd},no_information,true,false,false", f"short,{short},true")
    return {good: "PASS", odd: ("ERROR", "critical", "that we cannot read"), short: ("ERROR", "critical", "missing required field `mfa_active`")}


@world(suite.test_iam_console_user_mfa)
def test_report_that_is_none(aws: Cloud) -> Expected:
    report(aws, "what?")
    return {aws.account_arn: ("ERROR", "critical", f"{REPORT} answered a row without an ARN of the account")}


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
