"""The demo's people: who signs in and how, the root user, the password policy. IAM is global: one region's client fills it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pytest_ssb.demo.seeder import Seeder

# All but what makes administrators, as AWS's PowerUserAccess; moto has AWS's own policies only if told to load all 1,500 of them.
ENGINEERING = {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"}
READING = {"Effect": "Allow", "Action": ["cloudwatch:GetMetricData", "ec2:Describe*", "logs:Describe*"], "Resource": "*"}
MFA_REQUIRED = {
    "Effect": "Deny",
    "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices", "sts:GetSessionToken"],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}
ADMINISTRATOR = {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
REPORT_MADE = datetime(2026, 1, 5, 8, tzinfo=UTC)
PROVIDER = "AWSSSO_0a1b2c3d4e5f6071_DO_NOT_DELETE"


@dataclass(frozen=True)
class User:
    """A user of the demo; `person` is the value of its tag, `direct` the name of a policy of its own, which allows everything."""

    name: str
    groups: tuple[str, ...]
    person: str | None = None
    password: bool = False
    mfa: bool = False
    key: bool = False
    direct: str | None = None


CLEAN = (
    User("ana", ("administrators", "engineers", "mfa-required"), "Ana Acosta", password=True, mfa=True),
    User("ben", ("support",), "Ben Brandt", password=True, mfa=True),
)
MIXED = (
    CLEAN[0],
    User("ben", ("support",), "Ben Brandt", password=True),
    User("office", ("engineers",), password=True),
    User("dora", ("engineers", "mfa-required"), "Dora Duarte", mfa=True, key=True),
    User("eric", (), "Eric Ekman", key=True, direct="acme-everything"),
    User("deploy", ("engineers",), key=True),
)


def seed(seeder: Seeder) -> None:
    """Fill IAM. The clean account's people all have MFA; the other's mistakes are those of a young company."""
    iam = seeder.client("iam", seeder.regions[0])
    for name, statement in (("engineers", ENGINEERING), ("support", READING), ("mfa-required", MFA_REQUIRED)):
        iam.create_group(GroupName=name)
        arn = iam.create_policy(PolicyName=f"acme-{name}", PolicyDocument=_document(statement))["Policy"]["Arn"]
        iam.attach_group_policy(GroupName=name, PolicyArn=arn)
    iam.create_group(GroupName="administrators")
    seeder.simulated.over("iam:GetAccountAuthorizationDetails", _administrators)
    for user in CLEAN if seeder.clean else MIXED:
        _user(iam, user)
    if seeder.clean:
        iam.update_account_password_policy(MinimumPasswordLength=14, RequireNumbers=True, PasswordReusePrevention=5, AllowUsersToChangePassword=True)
    else:
        iam.update_account_password_policy(MinimumPasswordLength=8, RequireNumbers=True, AllowUsersToChangePassword=True)
        _identity_center(iam)
    iam.generate_credential_report()
    _root(seeder, careful=seeder.clean)


def _user(iam: Any, user: User) -> None:
    iam.create_user(UserName=user.name, Tags=[{"Key": "person", "Value": user.person}] if user.person else [])
    for group in user.groups:
        iam.add_user_to_group(GroupName=group, UserName=user.name)
    if user.direct:
        arn = iam.create_policy(PolicyName=user.direct, PolicyDocument=_document(EVERYTHING))["Policy"]["Arn"]
        iam.attach_user_policy(UserName=user.name, PolicyArn=arn)
    if user.password:
        iam.create_login_profile(UserName=user.name, Password="correct-horse-9")  # noqa: S106 - opens nothing but the demo
    if user.mfa:
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=user.name)["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(UserName=user.name, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321")
    if user.key:
        iam.create_access_key(UserName=user.name)


def _administrators(region: str, parsed: dict[str, Any]) -> None:
    """AWS's own policy on the group of administrators, which moto has only if told to load all of AWS's."""
    for group in parsed["GroupDetailList"]:
        if group["GroupName"] == "administrators":
            group["AttachedManagedPolicies"].append(ADMINISTRATOR)
            version = {"Document": _document(EVERYTHING), "VersionId": "v1", "IsDefaultVersion": True}
            parsed["Policies"].append({"Arn": ADMINISTRATOR["PolicyArn"], "PolicyVersionList": [version]})


def _identity_center(iam: Any) -> None:
    provider = iam.create_saml_provider(Name=PROVIDER, SAMLMetadataDocument=f"<EntityDescriptor>{' ' * 1000}</EntityDescriptor>")["SAMLProviderArn"]
    role = "AWSReservedSSO_Support_8a7b6c5d4e3f2011"
    trust = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"]}
    iam.create_role(RoleName=role, Path="/aws-reserved/sso.amazonaws.com/", AssumeRolePolicyDocument=_document(trust))
    iam.put_role_policy(RoleName=role, PolicyName="AwsSSOInlinePolicy", PolicyDocument=_document(READING))


def _root(seeder: Seeder, *, careful: bool) -> None:
    """The root user, whom moto does not have: the same in the account's summary and in the credential report."""
    row = {
        "user": "<root_account>",
        "arn": f"arn:aws:iam::{seeder.account}:root",
        "user_creation_time": "2024-01-02T03:04:05+00:00",
        "password_enabled": "true",
        "password_last_used": "2024-01-02T03:04:05+00:00" if careful else "2026-01-02T17:30:00+00:00",
        "mfa_active": str(careful).lower(),
        "access_key_1_active": str(not careful).lower(),
        "access_key_1_last_used_date": "N/A" if careful else "2024-06-07T08:09:10+00:00",
    }

    def summary(region: str, parsed: dict[str, Any]) -> None:
        parsed["SummaryMap"] |= {"AccountMFAEnabled": int(careful), "AccountPasswordPresent": 1, "AccountAccessKeysPresent": int(not careful)}

    def report(region: str, parsed: dict[str, Any]) -> None:
        rows = list(csv.reader(io.StringIO(parsed["Content"].decode())))
        rows.insert(1, [row.get(column, "false" if column.endswith("_active") else "N/A") for column in rows[0]])
        content = io.StringIO()
        csv.writer(content, lineterminator="\n").writerows(rows)
        parsed |= {"Content": content.getvalue().encode(), "GeneratedTime": REPORT_MADE}

    seeder.simulated.over("iam:GetAccountSummary", summary)
    seeder.simulated.over("iam:GetCredentialReport", report)


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
