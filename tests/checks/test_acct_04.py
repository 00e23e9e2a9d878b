"""ACCT.04's checks, each shown to pass, to fail, and at its edges."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from pytest_ssb.profiles import People
from pytest_ssb.selectors import Names, SelectorTable
from tests.support.worlds import Cloud, Expected, World, built, judge, world
from tests_account import test_acct_04_groups as suite

DETAILS, REPORT = "iam:GetAccountAuthorizationDetails", "iam:GetCredentialReport"
SEEN = "report of 2026-01-20T12:00:00Z"
COLUMNS = "user,arn,password_enabled,mfa_active,access_key_1_active,access_key_2_active"
READER = {"Effect": "Allow", "Action": ["ec2:Describe*", "s3:List*"], "Resource": "*"}
ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
CHANGE_PASSWORD = {"PolicyName": "IAMUserChangePassword", "PolicyArn": "arn:aws:iam::aws:policy/IAMUserChangePassword"}


def denied(operation: str) -> Callable[[str, Any], Exception]:
    """An answer that denies the operation."""
    return lambda region, body: ClientError(
        {"Error": {"Code": "AccessDenied", "Message": "not authorized to perform it"}}, operation.partition(":")[2]
    )


def policy(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def user(aws: Cloud, name: str, *statements: Any, groups: Any = (), tags: Any = ()) -> str:
    """A user, with an inline policy and in groups that are there; its ARN."""
    iam = aws.client("iam")
    arn: str = iam.create_user(UserName=name, Tags=[{"Key": k, "Value": v} for k, v in tags])["User"]["Arn"]
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=policy(*statements))
    for group in groups:
        iam.add_user_to_group(GroupName=group, UserName=name)
    return arn


def group(aws: Cloud, name: str, *statements: Any) -> str:
    """A group with an inline policy, if there are statements; its ARN."""
    iam = aws.client("iam")
    arn: str = iam.create_group(GroupName=name)["Group"]["Arn"]
    if statements:
        iam.put_group_policy(GroupName=name, PolicyName="inline", PolicyDocument=policy(*statements))
    return arn


def managed(aws: Cloud, name: str, *statements: Any) -> str:
    """A policy of the account's own; its ARN."""
    arn: str = aws.client("iam").create_policy(PolicyName=name, PolicyDocument=policy(*statements))["Policy"]["Arn"]
    return arn


def row(arn: str, *, password: bool = False, key: bool = False, mfa: bool = False) -> str:
    """A user's row."""
    return f"{arn.rpartition('/')[2]},{arn},{password},{mfa},false,{key}".lower()


def report(aws: Cloud, *rows: str) -> None:
    """Give this report."""
    content = "\n".join((COLUMNS, *rows)).encode()
    aws.simulated.instead(REPORT, lambda region, body: {"Content": content, "GeneratedTime": datetime(2026, 1, 20, 12, tzinfo=UTC)})


def people(aws: Cloud, **said: Any) -> None:
    """What the profile says of people and machines."""
    aws.profile = msgspec.structs.replace(aws.profile, people=People(**said))


def machines(**reasons: str) -> SelectorTable:
    return SelectorTable({name.replace("_", "-"): reason for name, reason in reasons.items()}, key="people.service_users")


def attached(aws: Cloud, *more: dict[str, str]) -> None:
    """Let AWS's own policies, which moto lacks, hang on the first user."""
    aws.simulated.over(DETAILS, lambda region, parsed: parsed["UserDetailList"][0]["AttachedManagedPolicies"].extend(more))


# --- iam_user_no_direct_policies --------------------------------------------------------------------------------------------------------------


@world(suite.test_iam_user_no_direct_policies)
def test_rights_by_groups_alone_pass(aws: Cloud) -> Expected:
    group(aws, "engineers", READER)
    ana, bob, ci = user(aws, "ana", groups=["engineers"]), user(aws, "bob", READER), user(aws, "ci", READER)
    report(aws, row(ana, password=True), row(bob, password=True), row(ci, key=True))
    return {
        ana: ("PASS", "medium", "rights come from groups"),
        bob: ("FAIL", "medium", "policies of its own: inline (inline)"),
        ci: ("FAIL", "low", "policies of its own: inline (inline)"),
    }


@world(suite.test_iam_user_no_direct_policies)
def test_all_of_a_users_policies_are_one_finding(aws: Cloud) -> Expected:
    ana = user(aws, "ana", READER)
    aws.client("iam").attach_user_policy(UserName="ana", PolicyArn=managed(aws, "operate", READER))
    report(aws, row(ana, password=True))
    return {ana: ("FAIL", "medium", "policies of its own: inline (inline), operate")}


@world(suite.test_iam_user_no_direct_policies)
def test_what_the_console_attaches_is_allowed(aws: Cloud) -> Expected:
    ana = user(aws, "ana")
    attached(aws, CHANGE_PASSWORD)
    report(aws, row(ana, password=True))
    return {ana: ("PASS", "medium", "(people.allowed_direct_policies = IAMUserChangePassword)")}


@world(suite.test_iam_user_no_direct_policies)
def test_what_is_allowed_allows_nothing_beside_it(aws: Cloud) -> Expected:
    ana, bob = user(aws, "ana"), user(aws, "bob")
    other = {"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    attached(aws, CHANGE_PASSWORD, other)
    aws.client("iam").put_user_policy(UserName="bob", PolicyName="IAMUserChangePassword", PolicyDocument=policy(ADMIN))
    report(aws, row(ana, password=True), row(bob, password=True))
    return {ana: ("FAIL", "medium", "policies of its own: ReadOnlyAccess"), bob: ("FAIL", "medium", "IAMUserChangePassword (inline)")}


@world(suite.test_iam_user_no_direct_policies)
def test_profile_allows_a_policy_by_its_arn(aws: Cloud) -> Expected:
    arn = f"arn:aws:iam::{aws.account}:policy/operate"
    people(aws, allowed_direct_policies=Names([arn], key="people.allowed_direct_policies"))
    ana = user(aws, "ana")
    aws.client("iam").attach_user_policy(UserName="ana", PolicyArn=managed(aws, "operate", READER))
    report(aws, row(ana, password=True))
    return {ana: ("PASS", "medium", f"(people.allowed_direct_policies = {arn})")}


@world(suite.test_iam_user_no_direct_policies)
def test_machines_may_have_policies_but_no_exposed_key(aws: Cloud) -> Expected:
    people(aws, service_users=machines(ses_smtp="SMTP", leaked="CI"))
    leaked, smtp = user(aws, "leaked", READER), user(aws, "ses-smtp", READER)
    quarantine = "AWSCompromisedKeyQuarantineV3"
    attached(aws, {"PolicyName": quarantine, "PolicyArn": f"arn:aws:iam::aws:policy/{quarantine}"})
    report(aws, row(leaked, key=True), row(smtp, key=True))
    return {
        leaked: ("FAIL", "critical", "AWS found an access key of this user in public, and attached AWSCompromisedKeyQuarantineV3"),
        smtp: ("NOT_APPLICABLE", "low", "a machine's user (people.service_users = ses-smtp)"),
    }


@world(suite.test_iam_user_no_direct_policies)
def test_boundary_is_no_grant(aws: Cloud) -> Expected:
    ana = user(aws, "ana")
    boundary = {"PermissionsBoundaryArn": managed(aws, "limits", READER)}
    aws.simulated.over(DETAILS, lambda region, parsed: parsed["UserDetailList"][0].update(PermissionsBoundary=boundary))
    report(aws, row(ana, password=True))
    return {ana: "PASS"}


@world(suite.test_iam_user_no_direct_policies)
def test_no_users_no_policies(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "critical", "no IAM users")}


@world(suite.test_iam_user_no_direct_policies)
def test_denied_report_leaves_the_severity(aws: Cloud) -> Expected:
    ci = user(aws, "ci", READER)
    aws.simulated.instead(REPORT, denied(REPORT))
    return {ci: ("FAIL", "medium", "policies of its own")}


@world(suite.test_iam_user_no_direct_policies)
def test_password_that_cannot_be_read_leaves_the_severity(aws: Cloud) -> Expected:
    ci = user(aws, "ci", READER)
    report(aws, f"ci,{ci},no_information,false,false,false")
    return {ci: ("FAIL", "medium", "policies of its own")}


@world(suite.test_iam_user_no_direct_policies)
def test_severity_rests_on_a_report_that_had_to_be_generated(aws: Cloud) -> Expected:
    return {user(aws, "ci", READER): ("FAIL", "low", "policies of its own")}


@world(suite.test_iam_user_no_direct_policies)
def test_denied_details_of_policies(aws: Cloud) -> Expected:
    aws.simulated.instead(DETAILS, denied(DETAILS))
    return {aws.account_arn: ("ERROR", "critical", f"{DETAILS} is denied")}


@pytest.mark.skipif(sys.platform == "win32", reason="commands are written for a POSIX shell")
def test_command_gives_before_it_takes(tmp_path: Path) -> None:
    def build(aws: Cloud) -> Expected:
        user(aws, "o'ana", READER)
        aws.client("iam").attach_user_policy(UserName="o'ana", PolicyArn=managed(aws, "operate", READER))
        return {}

    with built(World(suite.test_iam_user_no_direct_policies, build)) as (cloud, _):
        (bad,) = judge(suite.test_iam_user_no_direct_policies, cloud)
    assert bad.remediation is not None
    (tmp_path / "aws").write_text(f'#!/bin/sh\necho "$2 $4" >>{tmp_path}/called\n')
    (tmp_path / "aws").chmod(0o755)
    subprocess.run(["sh", "-c", bad.remediation], env={"PATH": f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin"}, check=True)
    assert (tmp_path / "called").read_text().splitlines() == [
        "create-group o'ana-policies",
        "get-user-policy o'ana",
        "put-group-policy o'ana-policies",
        "attach-group-policy o'ana-policies",
        "add-user-to-group o'ana-policies",
        "delete-user-policy o'ana",
        "detach-user-policy o'ana",
    ]


# --- iam_user_in_group ------------------------------------------------------------------------------------------------------------------------


@world(suite.test_iam_user_in_group)
def test_users_in_and_out_of_groups(aws: Cloud) -> Expected:
    people(aws, service_users=machines(bot="deploys"))
    group(aws, "empty")
    group(aws, "engineers", READER)
    group(aws, "operators")
    aws.client("iam").attach_group_policy(GroupName="operators", PolicyArn=managed(aws, "operate", READER))
    ana, bob = user(aws, "ana", groups=["empty", "engineers"]), user(aws, "bob", groups=["operators"])
    eva, dan = user(aws, "eva", groups=["empty"]), user(aws, "dan", READER)
    idle, bot = user(aws, "idle"), user(aws, "bot")
    for name in ("eva", "dan"):
        aws.client("iam").create_access_key(UserName=name)
    report(aws, row(ana, password=True), row(bob, key=True), row(eva, key=True), row(dan, key=True), row(idle), row(bot, key=True))
    return {
        ana: ("PASS", "low", "in the group engineers"),
        bob: ("PASS", "low", "in the group operators"),
        eva: ("FAIL", "low", f"in no group that has a policy (asked live; {SEEN})"),
        dan: ("FAIL", "low", "in no group that has a policy"),
        idle: ("NOT_APPLICABLE", "low", f"neither a password nor an active access key ({SEEN})"),
        bot: ("NOT_APPLICABLE", "low", "a machine's user (people.service_users = bot)"),
    }


@world(suite.test_iam_user_in_group)
def test_credentials_that_changed_since_the_report(aws: Cloud) -> Expected:
    iam, lost, new, gone = aws.client("iam"), user(aws, "lost"), user(aws, "new"), f"arn:aws:iam::{aws.account}:user/gone"
    iam.create_login_profile(UserName="new", Password="correct-horse-9")
    report(aws, row(lost, password=True), row(gone, password=True))
    return {
        lost: ("NOT_APPLICABLE", "low", "neither a password nor an active access key (asked live"),
        new: ("FAIL", "low", "in no group that has a policy (asked live"),
    }


@world(suite.test_iam_user_in_group)
def test_denied_confirmation_of_membership(aws: Cloud) -> Expected:
    ana = user(aws, "ana")
    report(aws, row(ana, password=True))
    aws.simulated.instead("iam:GetLoginProfile", denied("iam:GetLoginProfile"))
    return {ana: ("ERROR", "low", f"by the {SEEN}, not confirmed: iam:GetLoginProfile is denied")}


@world(suite.test_iam_user_in_group)
def test_nobody_to_be_in_a_group(aws: Cloud) -> Expected:
    report(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", "low", "no IAM users")}


@world(suite.test_iam_user_in_group)
def test_denied_report_leaves_credentials_open(aws: Cloud) -> Expected:
    ana = user(aws, "ana")
    aws.simulated.instead(REPORT, denied(REPORT))
    return {ana: ("ERROR", "low", f"{REPORT} is denied")}


@world(suite.test_iam_user_in_group)
def test_report_of_members_had_to_be_generated(aws: Cloud) -> Expected:
    group(aws, "engineers", READER)
    ana = user(aws, "ana", groups=["engineers"])
    aws.client("iam").create_login_profile(UserName="ana", Password="correct-horse-9")
    return {ana: "PASS"}


@world(suite.test_iam_user_in_group)
def test_group_that_cannot_be_read_might_grant(aws: Cloud) -> Expected:
    group(aws, "engineers", READER)
    group(aws, "odd")
    ana, bob = user(aws, "ana", groups=["odd", "engineers"]), user(aws, "bob", groups=["odd"])
    report(aws, row(ana, password=True), row(bob, password=True))

    def broken(region: str, parsed: Any) -> None:
        (odd,) = [each for each in parsed["GroupDetailList"] if each["GroupName"] == "odd"]
        del odd["GroupPolicyList"]

    aws.simulated.over(DETAILS, broken)
    return {ana: "PASS", bob: ("ERROR", "low", "a Group that we cannot read")}


# --- iam_custom_policy_least_privilege --------------------------------------------------------------------------------------------------------


def allow(*actions: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


TAKES = "by which its holder can take every right"


@world(suite.test_iam_custom_policy_least_privilege)
def test_policies_of_ones_own(aws: Cloud) -> Expected:
    """Attached to a user or a group, or within one; what only a role holds is not of this control."""
    iam = aws.client("iam")
    engineers, ana = group(aws, "engineers", ADMIN), user(aws, "ana", READER, groups=["engineers"])
    good, bad, unused = managed(aws, "read", READER, allow("s3:*", "sqs:*")), managed(aws, "all", ADMIN), managed(aws, "unused", ADMIN)
    iam.attach_group_policy(GroupName="engineers", PolicyArn=good)
    iam.attach_user_policy(UserName="ana", PolicyArn=bad)
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=policy(trust))
    iam.attach_role_policy(RoleName="app", PolicyArn=unused)
    attached(aws, {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})
    report(aws, row(ana, password=True, key=True, mfa=True))
    return {
        (ana, "inline"): ("PASS", "high", "lets nobody take every right"),
        (engineers, "inline"): ("FAIL", "high", f"allows * on all that there is, {TAKES}"),
        good: ("PASS", "high", "lets nobody take every right; of s3, sqs it allows all"),
        bad: ("FAIL", "high", f"allows * on all that there is, {TAKES}"),
    }


@world(suite.test_iam_custom_policy_least_privilege)
def test_a_key_without_mfa_makes_it_critical(aws: Cloud) -> Expected:
    iam = aws.client("iam")
    group(aws, "engineers")
    group(aws, "operators")
    ana, bob = user(aws, "ana", ADMIN, groups=["engineers"]), user(aws, "bob", ADMIN, groups=["operators"])
    by_group, by_other = managed(aws, "engineering", ADMIN), managed(aws, "operating", ADMIN)
    iam.attach_group_policy(GroupName="engineers", PolicyArn=by_group)
    iam.attach_group_policy(GroupName="operators", PolicyArn=by_other)
    report(aws, row(ana, key=True), row(bob, password=True))
    return {
        (ana, "inline"): ("FAIL", "critical", TAKES),
        (bob, "inline"): ("FAIL", "high", TAKES),
        by_group: ("FAIL", "critical", TAKES),
        by_other: ("FAIL", "high", TAKES),
    }


@world(suite.test_iam_custom_policy_least_privilege)
def test_severity_of_grants_rests_on_a_report_that_had_to_be_generated(aws: Cloud) -> Expected:
    return {(user(aws, "bob", ADMIN), "inline"): ("FAIL", "high", TAKES)}


@world(suite.test_iam_custom_policy_least_privilege)
def test_denied_report_leaves_grants_critical(aws: Cloud) -> Expected:
    bob = user(aws, "bob", ADMIN)
    aws.simulated.instead(REPORT, denied(REPORT))
    return {(bob, "inline"): ("FAIL", "critical", TAKES)}


@world(suite.test_iam_custom_policy_least_privilege)
def test_spellings_of_everything(aws: Cloud) -> Expected:
    """Each within a group of its name, which has no members."""
    mine = f"arn:aws:iam::{aws.account}"
    bad = {
        "iam": allow("IAM:*"),
        "not-action": {"Effect": "Allow", "NotAction": ["iam:*", "account:*"], "Resource": "*"},
        "not-account": {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"},
        "not-iam": {"Effect": "Allow", "NotAction": "iam:Create*", "Resource": "*"},
        "not-resource": {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::keep"},
        "not-either": {"Effect": "Allow", "NotAction": ["iam:*"], "NotResource": "arn:aws:s3:::keep"},
        "condition": allow("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        "versions": allow("iam:CreatePolicyVersion", resource=f"{mine}:policy/*"),
        "defaults": allow("iam:SetDefaultPolicyVersion"),
        "put": allow("iam:Put*", resource=["arn:aws:s3:::x", f"{mine}:user/*"]),
        "keys": allow("iam:CreateAccessKey", resource="arn:aws:iam::*:user/*"),
        "attach": allow("iam:AttachRolePolicy", resource=f"{mine}:role/*"),
        "trust": allow("iam:UpdateAssumeRolePolicy"),
        "members": allow("iam:AddUserToGroup", resource=f"{mine}:group/*"),
    }
    good = {
        "power-user": {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"},
        "not-there": {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "arn:aws:s3:::keep"},
        "bucket": allow("*", resource="arn:aws:s3:::acme/*"),
        "own-key": allow("iam:CreateAccessKey", resource=f"{mine}:user/${{aws:username}}"),
        "other-kind": allow("iam:CreateAccessKey", resource=f"{mine}:role/*"),
        "deny": {"Effect": "Deny", "Action": "*", "Resource": "*"},
        "reader": allow("iam:Get*", "iam:List*"),
    }
    report(aws)
    expected: Expected = {(group(aws, name, statement), "inline"): ("FAIL", "high", TAKES) for name, statement in bad.items()}
    return expected | {(group(aws, name, statement), "inline"): "PASS" for name, statement in good.items()}


@world(suite.test_iam_custom_policy_least_privilege)
def test_what_is_said_of_it(aws: Cloud) -> Expected:
    two = group(aws, "two", READER, allow("iam:List*", "iam:Attach*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    ana = user(aws, "ana", {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"})
    boundary = {"PermissionsBoundaryArn": f"arn:aws:iam::{aws.account}:policy/limits"}
    aws.simulated.over(DETAILS, lambda region, parsed: parsed["UserDetailList"][0].update(PermissionsBoundary=boundary))
    report(aws, row(ana))
    return {
        (two, "inline"): ("FAIL", "high", f"allows iam:Attach* on all that there is, {TAKES}; its condition may narrow that"),
        (ana, "inline"): ("FAIL", "high", f"allows all but iam:* on all that there is, {TAKES}; a permissions boundary may narrow that"),
    }


@world(suite.test_iam_custom_policy_least_privilege, regions=("cn-north-1",))
def test_policies_in_china(aws: Cloud) -> Expected:
    content = f"{COLUMNS}\n".encode()
    aws.simulated.instead(REPORT, lambda region, body: {"Content": content, "GeneratedTime": datetime(2026, 1, 20, 12, tzinfo=UTC)})
    admins = group(aws, "admins", allow("iam:PutUserPolicy", resource=f"arn:aws-cn:iam::{aws.account}:user/*"))
    return {(admins, "inline"): ("FAIL", "high", TAKES)}


@world(suite.test_iam_custom_policy_least_privilege)
def test_the_version_in_force_counts(aws: Cloud) -> Expected:
    iam = aws.client("iam")
    group(aws, "engineers")
    once, now = managed(aws, "once", ADMIN), managed(aws, "now", READER)
    iam.create_policy_version(PolicyArn=once, PolicyDocument=policy(READER), SetAsDefault=True)
    iam.create_policy_version(PolicyArn=now, PolicyDocument=policy(ADMIN), SetAsDefault=True)
    for arn in (once, now):
        iam.attach_group_policy(GroupName="engineers", PolicyArn=arn)
    report(aws)
    return {once: "PASS", now: ("FAIL", "high", TAKES)}


@world(suite.test_iam_custom_policy_least_privilege)
def test_no_policies_of_ones_own(aws: Cloud) -> Expected:
    user(aws, "ana")
    attached(aws, CHANGE_PASSWORD)
    report(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", "critical", "no policy of the account's own is in use by a user or group")}


@world(suite.test_iam_custom_policy_least_privilege)
def test_what_cannot_be_read_is_its_own_error(aws: Cloud) -> Expected:
    """A user with a broken policy, and a policy that is attached and not in the answer; whoever is in a group then may be anybody."""
    engineers, ana = group(aws, "engineers", ADMIN), user(aws, "ana", READER)
    missing = f"arn:aws:iam::{aws.account}:policy/missing"

    def broken(region: str, parsed: Any) -> None:
        parsed["UserDetailList"][0]["UserPolicyList"][0]["PolicyDocument"] = "not json"
        parsed["GroupDetailList"][0]["AttachedManagedPolicies"] = [{"PolicyName": "missing", "PolicyArn": missing}]

    aws.simulated.over(DETAILS, broken)
    report(aws, row(ana))
    return {
        ana: ("ERROR", "critical", "a User that we cannot read"),
        (engineers, "inline"): ("FAIL", "critical", TAKES),
        missing: ("ERROR", "critical", f"without the policy {missing}, which is attached"),
    }


@world(suite.test_iam_custom_policy_least_privilege)
def test_denied_details_of_grants(aws: Cloud) -> Expected:
    report(aws)
    aws.simulated.instead(DETAILS, denied(DETAILS))
    return {aws.account_arn: ("ERROR", "critical", f"{DETAILS} is denied")}


EDGES: dict[str, dict[str, Any]] = {
    "iam_user_no_direct_policies": {
        "the policy that the console attaches itself": (test_what_the_console_attaches_is_allowed, test_what_is_allowed_allows_nothing_beside_it),
        "several policies are one finding": test_all_of_a_users_policies_are_one_finding,
        "a quarantined key is critical, also of a machine": test_machines_may_have_policies_but_no_exposed_key,
        "a permissions boundary is no grant": test_boundary_is_no_grant,
        "without a password it is low": test_rights_by_groups_alone_pass,
    },
    "iam_user_in_group": {
        "groups without policies, idle users, machines": test_users_in_and_out_of_groups,
        "a would-be FAIL is confirmed live": test_credentials_that_changed_since_the_report,
    },
    "iam_custom_policy_least_privilege": {
        "NotAction, NotResource, case, wildcards": test_spellings_of_everything,
        "what AWS's own PowerUserAccess allows passes": test_spellings_of_everything,
        "a condition or boundary is mentioned": test_what_is_said_of_it,
        "only the version in force": test_the_version_in_force_counts,
        "policies of roles, and AWS's own, are left alone": test_policies_of_ones_own,
        "an access key without MFA makes it critical": test_a_key_without_mfa_makes_it_critical,
    },
}
