"""ACCT.02's checks, each shown to pass, to fail, and at its edges. Root's MFA is with ACCT.05."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from pytest_ssb.profiles import Root, RootUse
from tests.support.worlds import Cloud, Expected, world
from tests_account import test_acct_02_root_user as suite

DETAILS, REPORT = "iam:GetAccountAuthorizationDetails", "iam:GetCredentialReport"
SUMMARY, PROVIDERS = "iam:GetAccountSummary", "iam:ListSAMLProviders"
ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
READER = {"Effect": "Allow", "Action": ["ec2:Describe*", "s3:List*"], "Resource": "*"}
MADE = datetime(2026, 1, 20, 12, tzinfo=UTC)
SEEN = "report of 2026-01-20T12:00:00Z"
COLUMNS = (
    "user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,"
    "access_key_1_active,access_key_1_last_used_date,access_key_2_active,access_key_2_last_used_date"
)
STRANGER = "arn:aws:iam::999988887777:root"


def denied(operation: str) -> Callable[[str, Any], Exception]:
    """An answer that denies the operation."""
    return lambda region, body: ClientError(
        {"Error": {"Code": "AccessDenied", "Message": "not authorized to perform it"}}, operation.partition(":")[2]
    )


def policy(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def report(aws: Cloud, *rows: str) -> None:
    """Give this report."""
    content = "\n".join((COLUMNS, *rows)).encode()
    aws.simulated.instead(REPORT, lambda region, body: {"Content": content, "GeneratedTime": MADE})


def row(arn: str, *, password: bool = False, key: bool = False) -> str:
    """A user's row."""
    return f"{arn.rpartition('/')[2]},{arn},2025-01-01T00:00:00+00:00,{password},no_information,false,{key},N/A,false,N/A".lower()


def root(
    aws: Cloud,
    *,
    password: str = "no_information",
    keys: tuple[str, str] = ("N/A", "N/A"),
    active: bool = False,
    created: str = "2024-01-02T03:04:05+00:00",
) -> None:
    """A report with root's row: when its credentials were used."""
    flag = str(active).lower()
    report(aws, f"<root_account>,{aws.root_arn},{created},true,{password},false,{flag},{keys[0]},false,{keys[1]}")


def summary(aws: Cloud, **numbers: int) -> None:
    """What the account's summary says of root, whom moto does not have."""
    aws.simulated.over(SUMMARY, lambda region, parsed: parsed["SummaryMap"].update(numbers))


# --- root_no_programmatic_credentials ---------------------------------------------------------------------------------------------------------


@world(suite.test_root_no_programmatic_credentials)
def test_root_with_a_password_alone_passes(aws: Cloud) -> Expected:
    summary(aws, AccountPasswordPresent=1)
    return {aws.root_arn: ("PASS", "critical", "neither access keys nor signing certificates")}


@world(suite.test_root_no_programmatic_credentials)
def test_root_without_any_credentials_passes(aws: Cloud) -> Expected:
    """As in a member account whose organization manages root centrally."""
    summary(aws, AccountPasswordPresent=0)
    root(aws)
    return {aws.root_arn: "PASS"}


@world(suite.test_root_no_programmatic_credentials)
def test_active_key_of_root_fails(aws: Cloud) -> Expected:
    summary(aws, AccountAccessKeysPresent=1)
    root(aws, keys=("2025-12-24T10:00:00+00:00", "N/A"), active=True)
    return {
        aws.root_arn: (
            "FAIL",
            "critical",
            f"root has access keys, active or not, which can be activated again (active keys: 1, last used: 2025-12-24; {SEEN})",
        )
    }


@world(suite.test_root_no_programmatic_credentials)
def test_second_key_of_root_counts_too(aws: Cloud) -> Expected:
    summary(aws, AccountAccessKeysPresent=2)
    report(aws, f"<root_account>,{aws.root_arn},2024-01-02T03:04:05Z,true,N/A,false,true,2025-12-24T10:00:00Z,true,2026-01-02T10:00:00Z")
    return {aws.root_arn: ("FAIL", "critical", "active keys: 2, last used: 2026-01-02")}


@world(suite.test_root_no_programmatic_credentials)
def test_inactive_key_of_root_fails(aws: Cloud) -> Expected:
    summary(aws, AccountAccessKeysPresent=1)
    root(aws)
    return {aws.root_arn: ("FAIL", "critical", "active keys: 0, last used: never")}


@world(suite.test_root_no_programmatic_credentials)
def test_signing_certificate_of_root_fails(aws: Cloud) -> Expected:
    summary(aws, AccountSigningCertificatesPresent=1)
    root(aws)
    return {aws.root_arn: ("FAIL", "critical", "root has signing certificates")}


@world(suite.test_root_no_programmatic_credentials, regions=("us-gov-west-1",))
def test_keys_of_root_fail_in_govcloud_too(aws: Cloud) -> Expected:
    summary(aws, AccountAccessKeysPresent=1, AccountSigningCertificatesPresent=1)
    report(aws)
    return {"arn:aws-us-gov:iam::123456789012:root": ("FAIL", "critical", f"(not in the {SEEN}) and signing certificates")}


@world(suite.test_root_no_programmatic_credentials)
def test_report_that_had_to_be_generated_may_tell_more(aws: Cloud) -> Expected:
    summary(aws, AccountAccessKeysPresent=1)
    return {aws.root_arn: ("FAIL", "critical", "(not in the report of")}


@world(suite.test_root_no_programmatic_credentials)
def test_the_report_decides_nothing(aws: Cloud) -> Expected:
    summary(aws, AccountAccessKeysPresent=2)
    aws.simulated.instead(REPORT, denied(REPORT))
    return {aws.root_arn: ("FAIL", "critical", "the report that tells more could not be read")}


@world(suite.test_root_no_programmatic_credentials)
def test_keys_are_not_told_of(aws: Cloud) -> Expected:
    aws.simulated.instead(SUMMARY, denied(SUMMARY))
    return {aws.account_arn: ("ERROR", "critical", f"{SUMMARY} is denied")}


def plan(aws: Cloud, *days: date) -> None:
    """Let the profile plan uses of root on these days."""
    uses = tuple(RootUse(on=day, why="MFA device replaced", by="ana") for day in days)
    aws.profile = msgspec.structs.replace(aws.profile, root=Root(uses=uses))


# --- root_not_used_recently -------------------------------------------------------------------------------------------------------------------


@world(suite.test_root_not_used_recently)
def test_root_that_was_used_long_ago_passes(aws: Cloud) -> Expected:
    root(aws, password="2026-01-13T12:00:00+00:00", keys=("2025-12-24T10:00:00+00:00", "N/A"))
    return {aws.root_arn: ("PASS", "high", f"last used: password on 2026-01-13 ({SEEN})")}


@world(suite.test_root_not_used_recently)
def test_root_that_was_never_used_passes(aws: Cloud) -> Expected:
    root(aws, password="not_supported")
    return {aws.root_arn: ("PASS", "high", f"last used: never, as far as IAM tells ({SEEN})")}


@world(suite.test_root_not_used_recently)
def test_sign_in_with_mfa_is_medium(aws: Cloud) -> Expected:
    summary(aws, AccountMFAEnabled=1)
    root(aws, password="2026-01-13T12:00:01+00:00")
    return {aws.root_arn: ("FAIL", "medium", f"used lately: password on 2026-01-13 ({SEEN}); if that was planned, say so in root.uses")}


@world(suite.test_root_not_used_recently)
def test_sign_in_without_mfa_is_high(aws: Cloud) -> Expected:
    root(aws, password="2026-01-19T12:00:00Z")
    return {aws.root_arn: ("FAIL", "high", "password on 2026-01-19")}


@world(suite.test_root_not_used_recently)
def test_second_key_counts_though_the_password_is_old(aws: Cloud) -> Expected:
    summary(aws, AccountMFAEnabled=1)
    root(aws, password="2024-02-02T00:00:00+00:00", keys=("2025-12-24T10:00:00+00:00", "2026-01-20T01:30:00+02:00"))
    return {aws.root_arn: ("FAIL", "high", "used lately: access key on 2026-01-19")}


@world(suite.test_root_not_used_recently)
def test_unread_mfa_leaves_the_worst(aws: Cloud) -> Expected:
    aws.simulated.instead(SUMMARY, denied(SUMMARY))
    root(aws, password="2026-01-19T12:00:00+00:00")
    return {aws.root_arn: ("FAIL", "high", "password on 2026-01-19")}


@world(suite.test_root_not_used_recently)
def test_young_account_fails_and_says_so(aws: Cloud) -> Expected:
    root(aws, password="2026-01-18T12:00:00+00:00", created="2026-01-18T11:00:00+00:00")
    return {aws.root_arn: ("FAIL", "high", "the account was made 2 days before")}


@world(suite.test_root_not_used_recently)
def test_account_that_is_as_old_as_the_days_is_not_young(aws: Cloud) -> Expected:
    root(aws, password="2026-01-18T12:00:00+00:00", created="2026-01-13T12:00:00+00:00")
    return {aws.root_arn: ("FAIL", "high", f"({SEEN}); if")}


@world(suite.test_root_not_used_recently)
def test_creation_that_is_not_told(aws: Cloud) -> Expected:
    root(aws, password="2026-01-18T12:00:00+00:00", created="not_supported")
    return {aws.root_arn: ("FAIL", "high", f"({SEEN}); if")}


@world(suite.test_root_not_used_recently)
def test_planned_uses_pass(aws: Cloud) -> Expected:
    plan(aws, date(2026, 1, 18))
    root(aws, password="2026-01-18T23:59:00+00:00", keys=("2026-01-18T00:01:00+00:00", "N/A"))
    return {aws.root_arn: ("PASS", "high", "last used: password on 2026-01-18", "(root.uses = 2026-01-18)")}


@world(suite.test_root_not_used_recently)
def test_a_plan_covers_no_other_day(aws: Cloud) -> Expected:
    plan(aws, date(2026, 1, 18))
    summary(aws, AccountMFAEnabled=1)
    root(aws, password="2026-01-19T00:01:00+00:00", keys=("2026-01-18T00:01:00+00:00", "N/A"))
    return {aws.root_arn: ("FAIL", "medium", "used lately: password on 2026-01-19 (")}


@world(suite.test_root_not_used_recently)
def test_recent_is_what_the_profile_says(aws: Cloud) -> Expected:
    aws.facts(root={"recent_use_days": 30})
    root(aws, password="2025-12-24T10:00:00+00:00")
    return {aws.root_arn: ("FAIL", "high", "password on 2025-12-24")}


@world(suite.test_root_not_used_recently)
def test_report_without_root_tells_nothing(aws: Cloud) -> Expected:
    """moto's report has no row of root."""
    return {aws.account_arn: ("ERROR", "high", "cannot tell when root was used: no row of root in the report of")}


@world(suite.test_root_not_used_recently, regions=("us-gov-west-1",))
def test_nobody_signs_in_as_root_in_govcloud(aws: Cloud) -> Expected:
    report(aws)
    return {"arn:aws-us-gov:iam::123456789012:root": ("NOT_APPLICABLE", "high", "GovCloud")}


@world(suite.test_root_not_used_recently, regions=("us-gov-west-1",))
def test_a_key_of_root_is_seen_in_govcloud(aws: Cloud) -> Expected:
    root(aws, keys=("2026-01-19T01:00:00+00:00", "N/A"))
    return {"arn:aws-us-gov:iam::123456789012:root": ("FAIL", "high", "access key on 2026-01-19")}


@world(suite.test_root_not_used_recently)
def test_time_that_is_none(aws: Cloud) -> Expected:
    root(aws, password="yesterday")
    return {aws.account_arn: ("ERROR", "high", "answered what is no time where a time is due")}


@world(suite.test_root_not_used_recently)
def test_time_without_a_zone(aws: Cloud) -> Expected:
    root(aws, password="2024-01-18T12:00:00")
    return {aws.account_arn: ("ERROR", "high", "answered what is no time where a time is due")}


@world(suite.test_root_not_used_recently)
def test_denied_report_of_uses(aws: Cloud) -> Expected:
    aws.simulated.instead(REPORT, denied(REPORT))
    return {aws.account_arn: ("ERROR", "high", f"{REPORT} is denied")}


# --- non_root_administrator_exists ------------------------------------------------------------------------------------------------------------


def user(aws: Cloud, name: str, *statements: Any, group: str = "") -> str:
    """A user with an inline policy, or with one of a group's; its ARN."""
    iam = aws.client("iam")
    arn: str = iam.create_user(UserName=name)["User"]["Arn"]
    if group:
        iam.create_group(GroupName=group)
        iam.put_group_policy(GroupName=group, PolicyName="inline", PolicyDocument=policy(*statements))
        iam.add_user_to_group(GroupName=group, UserName=name)
    elif statements:
        iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=policy(*statements))
    return arn


def role(aws: Cloud, name: str, principal: Any, *statements: Any, action: str = "sts:AssumeRole", path: str = "/", **more: Any) -> None:
    """A role that the principal may assume."""
    trust = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
    iam = aws.client("iam")
    iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=policy(trust))
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=policy(*statements))


def provider(aws: Cloud, name: str = "AWSSSO_1_DO_NOT_DELETE") -> str:
    arn: str = aws.client("iam").create_saml_provider(Name=name, SAMLMetadataDocument="m" * 1000)["SAMLProviderArn"]
    return arn


NOBODY = "only root gets in: no user with a password, no administrator's access key, no role that people assume"


@world(suite.test_non_root_administrator_exists)
def test_administrator_by_a_group_passes_before_others(aws: Cloud) -> Expected:
    support, ana = user(aws, "support", READER), user(aws, "ana", ADMIN, group="administrators")
    report(aws, row(support, password=True), row(ana, password=True))
    return {aws.account_arn: ("PASS", "medium", f"user ana ({SEEN}) may do everything")}


@world(suite.test_non_root_administrator_exists)
def test_administrator_with_a_key_alone_passes(aws: Cloud) -> Expected:
    ana = user(aws, "ana", {"Effect": "Allow", "Action": "iam:*", "Resource": "*"})
    aws.client("iam").create_access_key(UserName="ana")
    report(aws, row(ana, key=True))
    return {aws.account_arn: ("PASS", "medium", f"user ana (asked live; {SEEN}) may do everything")}


@world(suite.test_non_root_administrator_exists)
def test_somebody_who_signs_in_passes_with_a_note(aws: Cloud) -> Expected:
    report(aws, row(user(aws, "support", READER), password=True))
    return {aws.account_arn: ("PASS", "medium", f"user support ({SEEN}) gets in; who administers, if not root, was not seen")}


@world(suite.test_non_root_administrator_exists)
def test_nobody_but_root_fails(aws: Cloud) -> Expected:
    """An administrator without credentials, a machine's key, a role of machines: nobody signs in as these."""
    idle, ci = user(aws, "idle", ADMIN), user(aws, "ci", READER)
    aws.client("iam").create_access_key(UserName="ci")
    role(aws, "app", {"Service": "ec2.amazonaws.com"}, ADMIN)
    role(aws, "own", {"AWS": f"arn:aws:iam::{aws.account}:root"}, ADMIN)
    role(aws, "everybody", {"AWS": "*"}, ADMIN)
    role(aws, "deleted", {"AWS": "AIDACKCEVSQ6C2EXAMPLE"}, ADMIN)
    github = f"arn:aws:iam::{aws.account}:oidc-provider/token.actions.githubusercontent.com"
    role(aws, "deploy", {"Federated": github}, ADMIN, action="sts:AssumeRoleWithWebIdentity")
    report(aws, row(idle), row(ci, key=True))
    return {aws.account_arn: ("FAIL", "medium", NOBODY)}


@world(suite.test_non_root_administrator_exists)
def test_empty_account_fails(aws: Cloud) -> Expected:
    report(aws)
    return {aws.account_arn: ("FAIL", "medium", NOBODY)}


@world(suite.test_non_root_administrator_exists)
def test_role_through_an_identity_provider_passes(aws: Cloud) -> Expected:
    center = provider(aws)
    path = "/aws-reserved/sso.amazonaws.com/"
    role(aws, "AWSReservedSSO_View", {"Federated": center}, READER, action="sts:AssumeRoleWithSAML", path=path)
    report(aws)
    return {aws.account_arn: ("PASS", "medium", "role AWSReservedSSO_View gets in; who administers, if not root, was not seen")}


@world(suite.test_non_root_administrator_exists)
def test_administrators_role_through_an_identity_provider_passes(aws: Cloud) -> Expected:
    center = provider(aws)
    role(aws, "AWSReservedSSO_View", {"Federated": center}, READER, action="sts:AssumeRoleWithSAML")
    role(aws, "AWSReservedSSO_Admin", {"Federated": center}, ADMIN, action="sts:AssumeRoleWithSAML")
    report(aws)
    return {aws.account_arn: ("PASS", "medium", "role AWSReservedSSO_Admin may do everything")}


@world(suite.test_non_root_administrator_exists)
def test_role_through_a_provider_that_is_gone_is_no_way(aws: Cloud) -> Expected:
    role(aws, "stale", {"Federated": f"{provider(aws)}-gone"}, ADMIN, action="sts:AssumeRoleWithSAML")
    report(aws)
    return {aws.account_arn: ("FAIL", "medium", NOBODY)}


@world(suite.test_non_root_administrator_exists)
def test_organizations_access_role_passes(aws: Cloud) -> Expected:
    role(aws, "OrganizationAccountAccessRole", {"AWS": STRANGER}, ADMIN)
    report(aws)
    return {aws.account_arn: ("PASS", "medium", "role OrganizationAccountAccessRole may do everything")}


@world(suite.test_non_root_administrator_exists)
def test_role_of_another_account_by_its_number_passes(aws: Cloud) -> Expected:
    role(aws, "hub", {"AWS": ["999988887777", f"arn:aws:iam::{aws.account}:user/a"]}, ADMIN)
    report(aws)
    return {aws.account_arn: "PASS"}


@world(suite.test_non_root_administrator_exists)
def test_vendors_roles_are_no_people(aws: Cloud) -> Expected:
    """One that only reads, and one with an external id, which is a vendor's way; and a statement that denies."""
    role(aws, "monitoring", {"AWS": STRANGER}, READER)
    role(aws, "backup", {"AWS": STRANGER}, ADMIN, Condition={"StringEquals": {"sts:ExternalId": "x"}})
    role(aws, "closed", {"AWS": STRANGER}, ADMIN, Effect="Deny")
    role(aws, "tagging", {"AWS": STRANGER}, ADMIN, action="sts:TagSession")
    report(aws)
    return {aws.account_arn: ("FAIL", "medium", NOBODY)}


@world(suite.test_non_root_administrator_exists)
def test_boundary_is_mentioned(aws: Cloud) -> Expected:
    ana = user(aws, "ana", ADMIN)
    report(aws, row(ana, password=True))

    def bounded(region: str, parsed: Any) -> None:
        parsed["UserDetailList"][0]["PermissionsBoundary"] = {"PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/limits"}

    aws.simulated.over(DETAILS, bounded)
    return {aws.account_arn: ("PASS", "medium", f"user ana ({SEEN}; a permissions boundary may take some of it back) may do everything")}


@world(suite.test_non_root_administrator_exists)
def test_boundary_of_a_role_is_mentioned(aws: Cloud) -> Expected:
    role(aws, "OrganizationAccountAccessRole", {"AWS": STRANGER}, ADMIN)
    report(aws)

    def bounded(region: str, parsed: Any) -> None:
        parsed["RoleDetailList"][0]["PermissionsBoundary"] = {"PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/limits"}

    aws.simulated.over(DETAILS, bounded)
    return {aws.account_arn: ("PASS", "medium", "a permissions boundary may take some of it back")}


@world(suite.test_non_root_administrator_exists)
def test_user_who_is_newer_than_the_report_is_asked_live(aws: Cloud) -> Expected:
    old = user(aws, "old", ADMIN)
    user(aws, "ana", ADMIN)
    aws.client("iam").create_login_profile(UserName="ana", Password="correct-horse-9")
    report(aws, row(old))
    return {aws.account_arn: ("PASS", "medium", f"user ana (asked live; {SEEN}) may do everything")}


@world(suite.test_non_root_administrator_exists)
def test_user_who_left_since_is_nobody(aws: Cloud) -> Expected:
    ana = user(aws, "ana", ADMIN)
    report(aws, row(ana))
    gone = ClientError({"Error": {"Code": "NoSuchEntity", "Message": "no such user"}}, "ListAccessKeys")
    aws.simulated.instead("iam:ListAccessKeys", lambda region, body: gone)
    return {aws.account_arn: ("FAIL", "medium", NOBODY)}


@world(suite.test_non_root_administrator_exists)
def test_denied_confirmation_leaves_it_open(aws: Cloud) -> Expected:
    report(aws, row(user(aws, "ana", ADMIN)))
    aws.simulated.instead("iam:GetLoginProfile", denied("iam:GetLoginProfile"))
    return {aws.account_arn: ("ERROR", "medium", "iam:GetLoginProfile is denied")}


@world(suite.test_non_root_administrator_exists)
def test_denied_report_matters_only_where_no_role_lets_people_in(aws: Cloud) -> Expected:
    user(aws, "ana", ADMIN)
    aws.simulated.instead(REPORT, denied(REPORT))
    return {aws.account_arn: ("ERROR", "medium", f"{REPORT} is denied")}


@world(suite.test_non_root_administrator_exists)
def test_denied_report_beside_a_role(aws: Cloud) -> Expected:
    user(aws, "ana", ADMIN)
    role(aws, "OrganizationAccountAccessRole", {"AWS": STRANGER}, ADMIN)
    aws.simulated.instead(REPORT, denied(REPORT))
    return {aws.account_arn: ("PASS", "medium", "role OrganizationAccountAccessRole may do everything")}


@world(suite.test_non_root_administrator_exists)
def test_denied_providers_matter_only_for_roles_that_trust_one(aws: Cloud) -> Expected:
    role(aws, "View", {"Federated": provider(aws)}, READER, action="sts:AssumeRoleWithSAML")
    report(aws)
    aws.simulated.instead(PROVIDERS, denied(PROVIDERS))
    return {aws.account_arn: ("ERROR", "medium", f"{PROVIDERS} is denied")}


@world(suite.test_non_root_administrator_exists)
def test_denied_providers_do_not_matter_where_no_role_trusts_one(aws: Cloud) -> Expected:
    role(aws, "app", {"Service": "ec2.amazonaws.com"}, ADMIN)
    report(aws)
    aws.simulated.instead(PROVIDERS, denied(PROVIDERS))
    return {aws.account_arn: ("FAIL", "medium", NOBODY)}


@world(suite.test_non_root_administrator_exists)
def test_denied_providers_beside_a_user(aws: Cloud) -> Expected:
    role(aws, "app", {"Service": "ec2.amazonaws.com"}, ADMIN)
    role(aws, "View", {"Federated": provider(aws)}, READER, action="sts:AssumeRoleWithSAML")
    report(aws, row(user(aws, "ana", ADMIN), password=True))
    aws.simulated.instead(PROVIDERS, denied(PROVIDERS))
    return {aws.account_arn: ("PASS", "medium", "user ana")}


@world(suite.test_non_root_administrator_exists)
def test_denied_details_hide_who_gets_in(aws: Cloud) -> Expected:
    report(aws)
    aws.simulated.instead(DETAILS, denied(DETAILS))
    return {aws.account_arn: ("ERROR", "medium", f"{DETAILS} is denied")}


def detail(aws: Cloud, name: str, **more: Any) -> dict[str, Any]:
    """A user as GetAccountAuthorizationDetails tells of it."""
    return {"UserName": name, "Arn": f"arn:aws:iam::{aws.account}:user/{name}", "GroupList": [], "AttachedManagedPolicies": []} | more


def details(aws: Cloud, *users: Any, roles: Any = ()) -> None:
    page = {"UserDetailList": list(users), "GroupDetailList": [], "RoleDetailList": list(roles), "Policies": [], "IsTruncated": False}
    aws.simulated.instead(DETAILS, lambda region, body: page)


ATTACHED = [{"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]


@world(suite.test_non_root_administrator_exists)
def test_rights_that_cannot_be_read_of_somebody_who_signs_in(aws: Cloud) -> Expected:
    ana = detail(aws, "ana", AttachedManagedPolicies=ATTACHED)
    details(aws, ana)
    report(aws, row(ana["Arn"], password=True))
    return {aws.account_arn: ("PASS", "medium", "user ana", "who administers, if not root, was not seen")}


@world(suite.test_non_root_administrator_exists)
def test_rights_that_cannot_be_read_of_a_key(aws: Cloud) -> Expected:
    ana = detail(aws, "ana", AttachedManagedPolicies=ATTACHED)
    details(aws, ana)
    report(aws, row(ana["Arn"], key=True))
    return {aws.account_arn: ("ERROR", "medium", "without the policy arn:aws:iam::aws:policy/AdministratorAccess, which is attached")}


@world(suite.test_non_root_administrator_exists)
def test_user_that_cannot_be_read_may_be_one(aws: Cloud) -> Expected:
    details(aws, detail(aws, "ana", UserPolicyList=[{"PolicyName": "inline", "PolicyDocument": "%7Bnot json"}]))
    report(aws)
    return {aws.account_arn: ("ERROR", "medium", "a User that we cannot read")}


@world(suite.test_non_root_administrator_exists)
def test_role_that_cannot_be_read_may_be_one(aws: Cloud) -> Expected:
    odd = {"RoleName": "odd", "Arn": f"arn:aws:iam::{aws.account}:role/odd", "Path": "/", "AssumeRolePolicyDocument": "not json"}
    details(aws, roles=[odd | {"RolePolicyList": [], "AttachedManagedPolicies": []}])
    report(aws)
    return {aws.account_arn: ("ERROR", "medium", "a Role that we cannot read")}


EDGES: dict[str, dict[str, Any]] = {
    "root_no_programmatic_credentials": {
        "an inactive key FAILs: it can be activated again": test_inactive_key_of_root_fails,
        "no root credentials at all": test_root_without_any_credentials_passes,
        "signing certificates": test_signing_certificate_of_root_fails,
        "the report is unavailable": test_the_report_decides_nothing,
        "the summary is denied": test_keys_are_not_told_of,
    },
    "root_not_used_recently": {
        "a recent use of a key behind an old one of the password": test_second_key_counts_though_the_password_is_old,
        "never used, or not tracked": test_root_that_was_never_used_passes,
        "an account younger than the days": test_young_account_fails_and_says_so,
        "a planned use": (test_planned_uses_pass, test_a_plan_covers_no_other_day),
        "password with MFA is medium, a key high": (test_sign_in_with_mfa_is_medium, test_sign_in_without_mfa_is_high),
        "no root login in GovCloud": (test_nobody_signs_in_as_root_in_govcloud, test_a_key_of_root_is_seen_in_govcloud),
        "a report without a row of root": test_report_without_root_tells_nothing,
    },
    "non_root_administrator_exists": {
        "an administrator by a group, or by a key": (test_administrator_by_a_group_passes_before_others, test_administrator_with_a_key_alone_passes),
        "a federated role that does not administer": test_role_through_an_identity_provider_passes,
        "another account's administrators": test_organizations_access_role_passes,
        "a vendor's role": test_vendors_roles_are_no_people,
        "roles of services and of CI": test_nobody_but_root_fails,
        "a permissions boundary is mentioned": (test_boundary_is_mentioned, test_boundary_of_a_role_is_mentioned),
        "a would-be FAIL is confirmed live": test_user_who_is_newer_than_the_report_is_asked_live,
    },
}
