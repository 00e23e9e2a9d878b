"""What identity policies allow, by their statements alone."""

from typing import Any

import msgspec
import pytest

from pytest_ssb.policies import Document, administers, elevated_by, elevated_without_mfa, matches, unlimited_by

PRESENT, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
OWN = "arn:aws:iam::*:user/${aws:username}"


def allow(*actions: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(condition: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Resource": resource, "Condition": condition, **more}


def statements(*raw: Any) -> Any:
    return msgspec.convert({"Version": "2012-10-17", "Statement": list(raw)}, Document).statements


@pytest.mark.parametrize(
    "action",
    [
        *("ec2:Describe*", "EC2:describeinstances", "s3:ListBucket", "s3:GetBucketPolicy", "cloudtrail:LookupEvents", "iam:Get*", "iam:List*"),
        *("ecr:BatchGetImage", "ecr:DescribeImages", "dynamodb:DescribeTable", "sts:GetSessionToken"),
        *("s3:HeadBucket", "resource-explorer-2:Search", "ssm:DescribeParameters", "logs:GetLogGroupFields", "wellarchitected:GetAnswer"),
        "iam:ChangePassword",
    ],
)
def test_reading_is_not_elevated(action: str) -> None:
    assert elevated_by(statements(allow(action))) is None


@pytest.mark.parametrize(
    "action",
    [
        *("*", "*:*", "*:Get*", "s3:*", "s3:G*", "s3:Get*", "s3:GetObject", "S3:GETOBJECT", "s3:?etObject", "s3:PutObject", "ec2:*Instances"),
        *("dynamodb:Query", "dynamodb:BatchGet*", "secretsmanager:GetSecretValue", "ssm:GetParameter*", "ssm:GetParametersByPath", "kms:Decrypt"),
        *("rds-data:ExecuteStatement", "athena:GetQueryResults", "logs:GetLogEvents", "sts:AssumeRole", "iam:PassRole", "iam:*"),
        *("license-manager:CheckoutLicense", "license-manager:CheckInLicense", "iam:CreateAccessKey", "rds-db:connect"),
    ],
)
def test_changing_and_reading_data_is_elevated(action: str) -> None:
    assert elevated_by(statements(allow("ec2:Describe*"), allow("s3:ListBucket", action))) == action


@pytest.mark.parametrize(
    ("actions", "resource", "elevated"),
    [
        (["iam:*AccessKey*", "iam:*LoginProfile", "iam:*MFADevice", "iam:*SSHPublicKey*"], OWN, None),
        (["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"], [OWN, "arn:aws:iam::*:mfa/*"], None),
        (["iam:UpdateLoginProfile"], "arn:aws-cn:iam::*:user/*/${AWS:username}", None),
        (["iam:*AccessKey*"], "arn:aws:iam::*:user/*", "iam:*AccessKey*"),
        (["iam:*AccessKey*"], [OWN, "*"], "iam:*AccessKey*"),
        (["iam:*"], OWN, "iam:*"),
        (["iam:PutUserPolicy"], OWN, "iam:PutUserPolicy"),
        (["iam:AttachUserPolicy"], OWN, "iam:AttachUserPolicy"),
        (["s3:PutObject"], "arn:aws:s3:::home/${aws:username}", "s3:PutObject"),
    ],
)
def test_care_of_ones_own_credentials_is_not_elevated(actions: list[str], resource: Any, elevated: str | None) -> None:
    assert elevated_by(statements(allow(*actions, resource=resource))) == elevated


def test_shapes_of_statements() -> None:
    assert elevated_by(statements({"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"})) == "all but iam:*, sts:*"
    assert elevated_by(statements({"Effect": "Allow", "Action": "s3:*", "NotResource": OWN})) == "s3:*"
    assert elevated_by(statements(allow("*"), {"Effect": "Deny", "Action": "*", "Resource": "*"})) == "*", "a Deny takes nothing back"
    assert elevated_by(statements({"Effect": "Deny", "Action": "*", "Resource": "*"})) is None
    assert elevated_by(statements()) is None
    assert msgspec.convert({"Statement": allow("*")}, Document).statements == statements(allow("*"))


@pytest.mark.parametrize(
    "raw",
    [
        "Allow",
        {},
        {"Statement": "Allow"},
        {"Statement": [{"Effect": "Allow", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}]},
        {"Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": [1], "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Unless": "Friday"}]},
    ],
)
def test_what_is_no_policy_is_refused(raw: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(raw, Document)


@pytest.mark.parametrize(
    ("condition", "asks"),
    [
        ({"Bool": {PRESENT: "true"}}, True),
        ({"Bool": {PRESENT.lower(): True}}, True),
        ({"bool": {PRESENT: ["true"]}, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, True),
        ({"NumericLessThan": {AGE: "3600"}}, True),
        ({"Null": {AGE: "false"}}, True),
        # A request that an access key signs does not carry the key at all, and IfExists lets it pass.
        ({"BoolIfExists": {PRESENT: "true"}}, False),
        ({"NumericLessThanIfExists": {AGE: "3600"}}, False),
        ({"Bool": {PRESENT: "false"}}, False),
        ({"Bool": {PRESENT: ["true", "false"]}}, False),
        ({"Null": {PRESENT: "false"}}, False),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, False),
        ({}, False),
    ],
)
def test_allow_with_mfa(condition: Any, asks: bool) -> None:
    assert elevated_without_mfa(statements(allow("s3:*", Condition=condition))) == (None if asks else "s3:*")


@pytest.mark.parametrize(
    ("denial", "asks"),
    [
        (deny({"BoolIfExists": {PRESENT: "false"}}, Action="*"), True),
        (deny({"BoolIfExists": {PRESENT: False}}, Action=["s3:*", "ec2:*"]), True),
        (deny({"NumericGreaterThanIfExists": {AGE: 3600}}, Action="*"), True),
        (deny({"Null": {AGE: "true"}}, Action="*"), True),
        (
            deny({"BoolIfExists": {PRESENT: "false"}}, NotAction=["iam:EnableMFADevice", "iam:List*", "iam:ChangePassword", "sts:GetSessionToken"]),
            True,
        ),
        # A request that an access key signs does not carry the key at all: Bool does not hold, and nothing is denied.
        (deny({"Bool": {PRESENT: "false"}}, Action="*"), False),
        # With GetSessionToken and without MFA, the key is there, and false.
        (deny({"Null": {PRESENT: "true"}}, Action="*"), False),
        (deny({"BoolIfExists": {PRESENT: "false"}, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, Action="*"), False),
        (deny({"BoolIfExists": {PRESENT: "false", "aws:ViaAWSService": "false"}}, Action="*"), False),
        (deny({"BoolIfExists": {PRESENT: "false"}}, resource="arn:aws:s3:::b/*", Action="*"), False),
        (deny({"BoolIfExists": {PRESENT: "false"}}, Action=["ec2:*"]), False),
        (deny({"BoolIfExists": {PRESENT: "false"}}, Action="s3:?ut*"), False),
        (deny({"BoolIfExists": {PRESENT: "false"}}, NotAction=["iam:EnableMFADevice", "s3:PutObject"]), False),
        (deny({"BoolIfExists": {PRESENT: "true"}}, Action="*"), False),
    ],
)
def test_deny_without_mfa(denial: Any, asks: bool) -> None:
    assert elevated_without_mfa(statements(allow("s3:List*", "s3:*"), denial)) == (None if asks else "s3:*")


def test_every_statement_has_to_ask_for_mfa() -> None:
    condition = {"Bool": {PRESENT: "true"}}
    assert elevated_without_mfa(statements(allow("s3:*", Condition=condition), allow("ec2:Describe*"))) is None
    assert elevated_without_mfa(statements(allow("s3:*", Condition=condition), allow("ec2:*"))) == "ec2:*"


@pytest.mark.parametrize(
    ("statement", "everything"),
    [
        (allow("*"), True),
        (allow("s3:*", "IAM:*"), True),
        (allow("*:*", resource=["arn:aws:s3:::b", "*"]), True),
        ({"Effect": "Allow", "NotAction": "aws-portal:*", "Resource": "*"}, True),
        ({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}, False),  # as PowerUserAccess
        (allow("*", resource="arn:aws:s3:::b/*"), False),
        (allow("iam:Get*", "s3:*"), False),
        ({"Effect": "Deny", "Action": "*", "Resource": "*"}, False),
    ],
)
def test_administers(statement: Any, everything: bool) -> None:
    assert administers(statements(statement)) is everything


def test_patterns() -> None:
    assert matches("s3:Get*", "S3:getobject")
    assert matches("ec2:?erminate*", "ec2:TerminateInstances")
    assert not matches("s3:[Gg]et", "s3:Get"), "brackets are no sets"
    assert not matches("s3:Get", "s3:GetObject")


# --- rights without limit -------------------------------------------------------------------------------------------------------------------

IAM = "arn:aws:iam::123456789012:"


def test_everything_letter_by_letter_is_everything() -> None:
    assert unlimited_by(statements(allow(*(f"{letter}*" for letter in "abcdefghijklmnopqrstuvwxyz"))), IAM) == ("i*", False)
    assert unlimited_by(statements(allow("*:*")), IAM) == ("*:*", False)


def test_a_condition_is_told_and_takes_nothing_back() -> None:
    assert unlimited_by(statements(allow("s3:*"), allow("iam:PutRolePolicy", Condition={"Bool": {PRESENT: "true"}})), IAM) == (
        "iam:PutRolePolicy",
        True,
    )


def test_a_statement_that_names_no_resource_is_about_all() -> None:
    assert unlimited_by(statements({"Effect": "Allow", "NotAction": "s3:*"}), IAM) == ("all but s3:*", False)


@pytest.mark.parametrize("resource", ["arn:aws:iam::999988887777:user/*", "arn:aws:iam::*:user/ci-*", "arn:aws:iam::*:mfa/*"])
def test_a_part_of_the_users_is_not_all(resource: str) -> None:
    assert unlimited_by(statements(allow("iam:CreateAccessKey", resource=resource)), IAM) is None
