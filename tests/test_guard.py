"""The guard: a check's own client, or a read's, calls what was declared, and nothing else leaves the machine."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from pytest_ssb.aws.access import Access
from pytest_ssb.demo.simulated import Simulated
from pytest_ssb.permissions import only_reads
from pytest_ssb.reads.registry import READS
from tests.support.runs import Runner, denied

OWN = """
from pytest_ssb import check

@check("WKLD.10", on="AWS::EC2::VPC", severity="low", calls={calls!r})
def test_vpcs_have_names(audit, ssb_client{more}):
    {body}
"""
VPCS = """for vpc in ssb_client("ec2").describe_vpcs()["Vpcs"]:
        with audit(f"arn:aws:ec2:eu-west-1:123456789012:vpc/{vpc['VpcId']}"):
            assert vpc["CidrBlock"]
"""


@pytest.fixture
def own(run: Runner, pytester: pytest.Pytester) -> Runner:
    """A run of the user's own check file `security/test_vpcs.py`, made of what its check may call and does."""

    def go(calls: Any, body: str, *args: str, more: str = "") -> Any:
        folder = pytester.mkdir("security") if not (pytester.path / "security").exists() else pytester.path / "security"
        (folder / "test_vpcs.py").write_text(OWN.format(calls=calls, body=body, more=more))
        return run("security", *args)

    return go


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every request that leaves the run's clients: service, operation and region."""
    found: list[str] = []
    prepare: Callable[..., None] = Access._prepare

    def prepared(self: Access, client: Any) -> None:
        prepare(self, client)

        def leaving(event_name: str, **_: Any) -> None:
            found.append(f"{client.meta.service_model.service_name}:{event_name.rpartition('.')[2]} {client.meta.region_name}")

        client.meta.events.register_first("before-send", leaving)

    monkeypatch.setattr(Access, "_prepare", prepared)
    return found


def test_a_declared_call_is_made_and_counted(own: Runner, sent: list[str]) -> None:
    ran = own(("ec2:DescribeVpcs",), VPCS)
    assert ran.result.ret == 0
    assert set(ran.statuses()) == {"PASS"}
    assert sent == ["ec2:DescribeVpcs us-east-1"]
    assert ran.results["api_calls"] == {"total": 1, "by_operation": {"ec2:DescribeVpcs": 1}}


def test_a_check_that_asks_for_its_region_runs_in_each_and_its_client_is_there(own: Runner, sent: list[str]) -> None:
    own(("ec2:DescribeVpcs",), VPCS, more=", ssb_region")
    assert sorted(sent) == ["ec2:DescribeVpcs eu-west-1", "ec2:DescribeVpcs us-east-1"]


def test_a_client_elsewhere_is_guarded_alike(own: Runner, sent: list[str]) -> None:
    ran = own(("ec2:DescribeVpcs",), 'ssb_client("ec2", region="eu-west-1").describe_subnets()')
    assert ran.statuses() == {"ERROR": 1}
    assert sent == []


@pytest.mark.parametrize(
    "call",
    [
        "ssb_client('ec2').describe_volumes()",
        "list(ssb_client('ec2').get_paginator('describe_volumes').paginate())",
        "ssb_client('ec2').get_waiter('volume_available').wait()",
        "ssb_client('ec2').delete_volume(VolumeId='vol-1')",
        "ssb_client('ec2').generate_presigned_url('describe_volumes')",
    ],
)
def test_an_undeclared_call_is_an_error_that_names_it_and_nothing_leaves(own: Runner, sent: list[str], call: str) -> None:
    ran = own(("ec2:DescribeVpcs",), call)
    assert ran.result.ret == 1
    operation = "ec2:DeleteVolume" if "delete" in call else "ec2:DescribeVolumes"
    (finding,) = ran.findings()
    assert (finding["status"], finding["resource"]) == ("ERROR", "arn:aws:account::123456789012:account")
    assert finding["reason"] == f"{operation} was not sent: it is not declared; add it to @check(calls=...) or @read"
    assert finding["error"] == {"operation": operation, "code": "NotDeclared", "action": None, "denied_by": None}
    assert sent == []
    assert ran.results["api_calls"]["total"] == 0


def test_what_one_check_declares_is_not_allowed_to_another(run: Runner, pytester: pytest.Pytester, sent: list[str]) -> None:
    both = OWN.format(calls=("ec2:DescribeVpcs",), body=VPCS, more="") + OWN.format(calls=(), body=VPCS, more="").replace(
        "vpcs_have", "other_vpcs_have"
    )
    (pytester.mkdir("security") / "test_vpcs.py").write_text(both)
    ran = run("security")
    assert set(ran.statuses(check="vpcs_have_names")) == {"PASS"}
    assert ran.statuses(check="other_vpcs_have_names") == {"ERROR": 1}
    assert sent == ["ec2:DescribeVpcs us-east-1"]


def test_a_call_that_aws_denies_is_explained_as_in_a_read(own: Runner, faults: Simulated) -> None:
    faults.instead("ec2:DescribeVpcs", lambda region, body: denied("ec2:DescribeVpcs"))
    ran = own(("ec2:DescribeVpcs",), VPCS)
    (finding,) = ran.findings()
    assert finding["reason"] == "ec2:DescribeVpcs is denied (UnauthorizedOperation): allow ec2:DescribeVpcs"
    assert [missing["action"] for missing in ran.results["missing_permissions"]] == ["ec2:DescribeVpcs"]


def test_an_error_code_that_the_check_knows_is_for_the_check_to_catch(own: Runner) -> None:
    ran = own(
        ("s3:GetBucketPolicy",),
        "client = ssb_client('s3')\n    with audit('arn:aws:s3:::none'):\n        try:\n            client.get_bucket_policy(Bucket='none')\n"
        "        except client.exceptions.NoSuchBucket:\n            audit.not_applicable('no such bucket')\n",
    )
    assert ran.statuses() == {"NOT_APPLICABLE": 1}


@pytest.mark.parametrize(
    "calls",
    [("ec2:DeleteVolume",), ("ec2:DescribeVpcs", "iam:PutUserPolicy"), "s3:PutObject", ("sts:GetSessionToken",), ("DescribeVpcs",), ("ec2:*",)],
)
def test_a_call_that_does_more_than_read_can_not_be_declared(own: Runner, sent: list[str], calls: Any) -> None:
    ran = own(calls, VPCS)
    assert ran.result.ret == 2
    wrong = calls if isinstance(calls, str) else calls[-1]
    said = [line for line in ran.result.outlines if line.startswith("@check: ")]
    assert said == [
        f"@check: test_vpcs_have_names: calls: {wrong}: not allowed, a check only reads; write service:Operation, such as ec2:DescribeVpcs"
    ]
    assert "Traceback" not in ran.text
    assert "raise " not in ran.text
    assert sent == []
    assert not ran.results["complete"]


def test_one_call_need_not_stand_in_a_list(own: Runner) -> None:
    assert own("ec2:DescribeVpcs", VPCS).result.ret == 0


def test_a_call_that_a_read_does_not_declare_is_not_sent(run: Runner, sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(READS, "volumes", dataclasses.replace(READS["volumes"], operations=("ec2:DescribeVpcs",)))
    ran = run("-k", "ebs_volume_encrypted", "--ssb-region", "eu-west-1")
    (finding,) = ran.findings()
    assert finding["status"] == "ERROR"
    assert finding["reason"] == "ec2:DescribeVolumes was not sent: it is not declared; add it to @check(calls=...) or @read"
    assert sent == []


@pytest.mark.parametrize(
    "operation",
    [
        "sts:GetSessionToken",
        "sts:GetFederationToken",
        "sso:GetRoleCredentials",
        "ecr-public:GetAuthorizationToken",
        "redshift:GetClusterCredentialsWithIAM",
        "cognito-identity:GetId",
        "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
        "cognito-identity:GetCredentialsForIdentity",
        "secretsmanager:GetSecretValue",
        "secretsmanager:BatchGetSecretValue",
    ],
)
def test_what_gives_out_credentials_or_secrets_is_no_reading(operation: str) -> None:
    assert not only_reads(operation)


@pytest.mark.parametrize("operation", ["iam:GetCredentialReport", "iam:GenerateCredentialReport", "iam:ListServiceSpecificCredentials"])
def test_what_tells_of_credentials_is_reading(operation: str) -> None:
    assert only_reads(operation)


def test_the_policy_includes_what_own_checks_declare(pytester: pytest.Pytester) -> None:
    (pytester.mkdir("security") / "test_vpcs.py").write_text(OWN.format(calls=("ec2:DescribeVpcs", "s3:ListBuckets"), body=VPCS, more=""))
    result = pytester.runpytest_inprocess("security", "--ssb-policy")
    (statement,) = json.loads(result.stdout.str())["Statement"]
    assert statement["Action"] == ["ec2:DescribeRegions", "ec2:DescribeVpcs", "s3:ListAllMyBuckets", "sts:GetCallerIdentity"]
