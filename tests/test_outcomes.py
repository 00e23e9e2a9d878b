"""What a test ends as, and that no option or setting of the user's undoes it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pytest_ssb.demo.simulated import Simulated
from tests.support.runs import Runner, denied, scp_denied

VOLUMES = ("-k", "ebs_volume_encrypted", "--ssb-region", "eu-west-1")


def volume(name: str, encrypted: bool) -> dict[str, Any]:
    return {"VolumeId": name, "Encrypted": encrypted, "State": "available", "Size": 1}


def volumes(*found: dict[str, Any]) -> Any:
    return lambda region, body: {"Volumes": list(found)}


def test_any_fail_is_failed_and_its_first_line_is_the_whole_story(run: Runner, faults: Simulated) -> None:
    faults.instead("ec2:DescribeVolumes", volumes(volume("vol-a", True), volume("vol-b", False)))
    ran = run(*VOLUMES)
    assert ran.result.ret == 1
    ran.result.assert_outcomes(failed=1, deselected=None)
    assert ran.statuses() == {"PASS": 1, "FAIL": 1}
    ran.result.stdout.fnmatch_lines(["WKLD.08 FAIL (medium): 1 of 2: volume/vol-b: not encrypted"])
    assert "Traceback" not in ran.text
    assert "assert " not in ran.text


def test_an_error_is_error_and_counted_as_such(run: Runner, faults: Simulated) -> None:
    faults.instead("ec2:DescribeVolumes", lambda region, body: denied("ec2:DescribeVolumes"))
    ran = run(*VOLUMES)
    assert ran.result.ret == 1
    ran.result.assert_outcomes(errors=1)
    (finding,) = ran.findings()
    assert (finding["status"], finding["reason"]) == ("ERROR", "ec2:DescribeVolumes is denied (UnauthorizedOperation): allow ec2:DescribeVolumes")
    assert finding["error"] == {
        "operation": "ec2:DescribeVolumes",
        "code": "UnauthorizedOperation",
        "action": "ec2:DescribeVolumes",
        "denied_by": None,
    }
    assert not ran.results["complete"]
    (missing,) = ran.results["missing_permissions"]
    assert missing["action"] == "ec2:DescribeVolumes"
    assert "missing permission: ec2:DescribeVolumes" in ran.text


def test_no_traceback_is_formatted_that_nobody_sees(run: Runner, faults: Simulated, monkeypatch: pytest.MonkeyPatch) -> None:
    formatted: list[object] = []

    def getrepr(self: pytest.ExceptionInfo[BaseException], **_: object) -> str:
        formatted.append(self.value)
        return ""

    monkeypatch.setattr(pytest.ExceptionInfo, "getrepr", getrepr)
    faults.instead("ec2:DescribeVolumes", lambda region, body: denied("ec2:DescribeVolumes"))
    assert run(*VOLUMES).statuses() == {"ERROR": 1}
    assert formatted == []


def test_all_pass_is_passed(run: Runner, faults: Simulated) -> None:
    faults.instead("ec2:DescribeVolumes", volumes(volume("vol-a", True)))
    ran = run(*VOLUMES)
    assert ran.result.ret == 0
    ran.result.assert_outcomes(passed=1)
    assert ran.results["complete"]


def test_nothing_there_is_skipped_with_why(run: Runner, faults: Simulated) -> None:
    faults.instead("ec2:DescribeVolumes", volumes())
    ran = run(*VOLUMES, "-rs")
    assert ran.result.ret == 0
    ran.result.assert_outcomes(skipped=1)
    ran.result.stdout.fnmatch_lines(["SKIPPED *NOT_APPLICABLE: no volumes*"])


@pytest.mark.parametrize("option", [["--runxfail"], ["-p", "no:skipping"], ["--tb=short"], ["-p", "no:terminal"], ["--assert=plain"]])
def test_options_do_not_undo_an_outcome(run: Runner, faults: Simulated, option: list[str]) -> None:
    faults.instead("ec2:DescribeVolumes", volumes(volume("vol-b", False)))
    ran = run(*VOLUMES, *option)
    assert ran.result.ret == 1
    assert ran.statuses() == {"FAIL": 1}


def test_one_resource_that_cannot_be_read_is_kept_to_itself(run: Runner, faults: Simulated) -> None:
    broken = volume("vol-x", True)
    del broken["Encrypted"]
    faults.instead("ec2:DescribeVolumes", volumes(volume("vol-a", True), broken))
    ran = run(*VOLUMES)
    assert {finding["resource"].rpartition("/")[2]: finding["status"] for finding in ran.findings()} == {"vol-a": "PASS", "vol-x": "ERROR"}


def test_at_most_five_resources_unless_verbose(run: Runner, faults: Simulated) -> None:
    faults.instead("ec2:DescribeVolumes", volumes(*(volume(f"vol-{n}", False) for n in range(7))))
    short, whole = run(*VOLUMES), run(*VOLUMES, "-v")
    assert short.text.count("  FAIL  medium") == 5
    assert "... and 2 more; -v shows all" in short.text
    assert whole.text.count("  FAIL  medium") == 7


def test_equal_failures_of_several_regions_are_one_for_people_and_each_in_the_file(run: Runner, faults: Simulated) -> None:
    faults.instead("ec2:DescribeVolumes", lambda region, body: denied("ec2:DescribeVolumes"))
    ran = run("-k", "ebs_volume_encrypted")
    ran.result.assert_outcomes(errors=2)
    assert ran.text.count("ec2:DescribeVolumes is denied (UnauthorizedOperation): allow ec2:DescribeVolumes (in 2 regions)") == 1
    assert sorted(finding["region"] for finding in ran.findings()) == ["eu-west-1", "us-east-1"]


def test_a_region_that_an_scp_denies_is_asked_once_and_said_once(run: Runner, faults: Simulated) -> None:
    asked: list[str] = []

    def answer(operation: str) -> Any:
        def deny(region: str, body: dict[str, Any]) -> Any:
            asked.append(f"{operation} {region}")
            return scp_denied(operation)

        return deny

    for operation in ("ec2:DescribeVolumes", "ec2:DescribeSnapshots", "ec2:GetEbsEncryptionByDefault", "ec2:DescribeVpcs"):
        faults.instead(operation, answer(operation))
    ran = run("-m", "wkld_08 or wkld_11", "--ssb-region", "eu-west-1")
    assert len(asked) == 1
    reasons = {finding["reason"] for finding in ran.findings()}
    assert len(reasons) == 1
    assert set(ran.statuses()) == {"ERROR"}
    assert 'if intended, in the profile: denied_regions = ["eu-west-1"]' in ran.text
    assert ran.text.count("checks not judged in eu-west-1") == 1


def test_a_denied_region_that_is_meant_to_be_is_not_applicable(run: Runner, moto_account: None, faults: Simulated, pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("ssb.toml").write_text('[profiles.prod]\ndenied_regions = ["eu-west-1", "us-east-1"]\n')
    faults.instead("ec2:DescribeVolumes", lambda region, body: scp_denied("ec2:DescribeVolumes") if region == "eu-west-1" else {"Volumes": []})
    ran = run("-k", "ebs_volume_encrypted", "--ssb-region", "eu-west-1,us-east-1", profile="prod")
    assert ran.result.ret == 0
    assert {finding["region"]: (finding["status"], finding["basis"]) for finding in ran.findings()} == {
        "eu-west-1": ("NOT_APPLICABLE", "declared"),
        "us-east-1": ("NOT_APPLICABLE", "observed"),
    }
    ran.result.stdout.fnmatch_lines(["ssb.toml: profile 'prod': denied_regions = us-east-1: the region was not denied by a service control policy*"])


def test_expired_credentials_end_the_asking(run: Runner, faults: Simulated) -> None:
    from botocore.exceptions import ClientError

    asked: list[str] = []

    def expired(region: str, body: dict[str, Any]) -> Any:
        asked.append(region)
        return ClientError({"Error": {"Code": "ExpiredToken", "Message": "The security token included in the request is expired"}}, "DescribeVolumes")

    faults.instead("ec2:DescribeVolumes", expired)
    ran = run("-k", "ebs_volume_encrypted", "--ssb-concurrency", "1")
    assert ran.result.ret == 1
    assert len(asked) == 1
    assert all(finding["reason"].startswith("credentials expired at 20") for finding in ran.findings())
    assert ran.statuses() == {"ERROR": 2}


def test_an_open_question_is_skipped_and_said_in_words(run: Runner) -> None:
    ran = run("-k", "idp_enforces_mfa")
    assert ran.result.ret == 0
    ran.result.assert_outcomes(skipped=1)
    assert ran.statuses() == {"MANUAL": 2}
    ran.result.stdout.fnmatch_lines(
        ["open question: ACCT.03, ACCT.05 idp_enforces_mfa: saml-provider/AWSSSO_*: does this identity provider ask for MFA *"]
    )


def test_a_last_page_that_says_where_to_go_on_is_an_error(run: Runner, faults: Simulated) -> None:
    page = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": [], "Marker": "more"}
    faults.instead("iam:GetAccountAuthorizationDetails", lambda region, body: copy.deepcopy(page))
    ran = run("-k", "idp_enforces_mfa")
    assert {finding["reason"] for finding in ran.findings()} == {"iam:GetAccountAuthorizationDetails has more pages than were answered"}
    assert ran.statuses() == {"ERROR": 2}
