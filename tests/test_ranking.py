"""What to do first: causes in the order of the risk that a minute takes away, each with the commands that mend it."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_ssb import suites
from pytest_ssb.commands import commands, loop
from pytest_ssb.controls import CATALOGUE, CONTROLS
from pytest_ssb.findings import Finding, Status
from pytest_ssb.ranking import WEIGHTS, Cause, act_first, minutes_of

OFF = "aws ec2 enable-ebs-encryption-by-default --region {}"


def fails(control: str, check: str, severity: str = "high", **fields: Any) -> Finding:
    """A failure of this check, whatever else."""
    whole: dict[str, Any] = {
        "id": "0" * 16,
        "extended": False,
        "profile": "prod",
        "account": "123456789012",
        "region": None,
        "resource": "arn:aws:account::123456789012:account",
        "item": None,
        "resource_type": "AWS::::Account",
        "status": Status.FAIL,
        "basis": "observed",
        "reason": "off",
        "question": None,
        "remediation": "aws something",
        "references": (),
        "evidence": {},
        "error": None,
        "nodeid": "x",
    }
    return Finding(**(whole | {"control": control, "check": check, "severity": severity} | fields))


def checks(causes: list[Cause]) -> list[str]:
    return [cause.check for cause in causes]


def test_the_risk_that_a_minute_takes_away_decides() -> None:
    wide = fails("WKLD.10", "ec2_instance_in_private_subnet", "critical")
    quick = fails("ACCT.06", "password_policy_reuse", "low")
    root = fails("ACCT.02", "root_no_programmatic_credentials", "critical")
    causes = act_first([wide, quick, root])
    assert [(cause.check, cause.minutes) for cause in causes] == [
        ("root_no_programmatic_credentials", 5),
        ("password_policy_reuse", 3),
        ("ec2_instance_in_private_subnet", 240),
    ]
    assert [cause.score for cause in causes] == [27 / 5, 1 / 3, 27 / 240]


def test_each_level_weighs_three_of_the_one_below() -> None:
    assert dict(WEIGHTS) == {"critical": 27, "high": 9, "medium": 3, "low": 1}


def test_ties_go_by_control() -> None:
    found = [fails(control, check) for control, check in (("ACCT.08", "b"), ("ACCT.05", "z"), ("ACCT.05", "a"))]
    assert checks(act_first(found)) == ["a", "z", "b"]


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.FAIL])
def test_only_a_failure_is_a_cause(status: Status) -> None:
    assert act_first([fails("ACCT.05", "a", status=status)]) == []


def test_what_goes_beyond_the_guide_is_no_cause() -> None:
    assert act_first([fails("WKLD.08", "ebs_snapshot_not_public", "critical", extended=True)]) == []


def test_regions_of_one_cause_are_one_line_with_one_command() -> None:
    found = [fails("WKLD.08", "ebs_encryption_by_default", region=region, remediation=OFF.format(region)) for region in ("us-east-1", "eu-west-1")]
    (cause,) = act_first(found)
    assert cause.commands == ('for region in eu-west-1 us-east-1; do aws ec2 enable-ebs-encryption-by-default --region "$region"; done',)
    assert (cause.minutes, cause.each, len(cause.findings)) == (5, False, 2)


def test_resources_of_one_cause_are_one_line_that_leads_with_the_worst() -> None:
    ben, office = (f"arn:aws:iam::123456789012:user/{name}" for name in ("ben", "office"))
    found = [
        fails("ACCT.05", "iam_console_user_mfa", "high", resource=ben, reason="a password of 2025-01-02 and no MFA", remediation="enable ben"),
        fails(
            "ACCT.05", "iam_console_user_mfa", "critical", resource=office, reason="a password of 2026-01-02 and no MFA", remediation="enable office"
        ),
    ]
    (cause,) = act_first(found)
    assert (cause.severity, cause.reason, cause.commands) == ("critical", "a password of 2026-01-02 and no MFA", ("enable office", "enable ben"))
    assert cause.each


def test_another_reason_is_another_cause() -> None:
    found = [fails("ACCT.08", "bucket_not_public", reason=reason) for reason in ("by the ACL everyone may read", "by the policy everyone may write")]
    assert len(act_first(found)) == 2


def test_a_failure_that_counts_for_two_controls_is_one_line() -> None:
    (cause,) = act_first([fails("ACCT.05", "root_mfa_enabled", "critical"), fails("ACCT.02", "root_mfa_enabled", "critical")])
    assert (cause.controls, len(cause.findings)) == (("ACCT.02", "ACCT.05"), 1)


def test_what_has_to_be_there_first_is_said() -> None:
    (cause,) = act_first([fails("WKLD.06", "no_bastion_host")])
    assert cause.waits_for is not None
    assert cause.waits_for.startswith("Session Manager")
    assert act_first([fails("ACCT.06", "password_policy_reuse")])[0].waits_for is None


@pytest.mark.parametrize(
    ("given", "minutes"),
    [
        ({}, 60),
        ({"WKLD.08": 7}, 7),
        ({"WKLD.08": 7, "ebs_volume_encrypted": 20}, 20),
        ({"ACCT.01": 7}, 60),
    ],
)
def test_the_users_minutes_win(given: dict[str, int], minutes: int) -> None:
    assert minutes_of("ebs_volume_encrypted", ["WKLD.08"], given) == minutes
    assert act_first([fails("WKLD.08", "ebs_volume_encrypted")], given)[0].minutes == minutes


def test_a_check_without_minutes_of_its_own_takes_those_of_its_control() -> None:
    assert minutes_of("my_own_check", ["ACCT.07"]) == CONTROLS["ACCT.07"].minutes_first


def test_every_estimate_is_of_a_check_of_that_control() -> None:
    shipped = {id: found.check for id, found in suites.shipped().items()}
    for control in CATALOGUE.controls:
        assert control.minutes_first <= control.minutes_full
        for check in (*control.minutes_of, *control.waits_for):
            assert control.id in shipped[check].controls, check


# --- one command for several regions


def by_region(command: str, *regions: str) -> list[Finding]:
    return [fails("ACCT.11", "guardduty_enabled", region=region, remediation=command.format(region)) for region in regions]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("aws x --region {0}", 'for region in ap-east-1 eu-west-1; do aws x --region "$region"; done'),
        (
            "aws x --region {0} --zone {0}a --service com.amazonaws.{0}.ssm",
            'for region in ap-east-1 eu-west-1; do aws x --region "$region" --zone "$region"a --service com.amazonaws."$region".ssm; done',
        ),
        ("aws x --region {0}  # or none", 'for region in ap-east-1 eu-west-1; do aws x --region "$region"; done  # or none'),
        ("aws x --region {0} --json '{{\"a\": 1}}'", 'for region in ap-east-1 eu-west-1; do aws x --region "$region" --json \'{{"a": 1}}\'; done'),
        ('aws x --region {0} --json \'{{"a": "{0}"}}\'', None),
        ("aws x --region {0} --name 'it'\"'\"'s  # mine'", None),
        ("# by hand, in {0}", None),
        ("aws x", None),
    ],
)
def test_a_command_becomes_a_loop_only_where_the_shell_would_read_it_so(command: str, expected: str | None) -> None:
    assert loop(by_region(command, "eu-west-1", "ap-east-1")) == (expected.format() if expected else None)


def test_commands_that_differ_in_more_than_the_region_stay_as_they_are() -> None:
    found = [*by_region("aws x --region {0} --id a", "eu-west-1"), *by_region("aws x --region {0} --id b", "us-east-1")]
    assert loop(found) is None
    assert commands(found) == ("aws x --region eu-west-1 --id a", "aws x --region us-east-1 --id b")


def test_each_command_stands_once_and_no_loop_is_made_for_one_region_or_two_accounts() -> None:
    one = by_region("aws x --region {0}", "eu-west-1")
    assert commands([*one, *one]) == ("aws x --region eu-west-1",)
    other = [fails("ACCT.11", "guardduty_enabled", account="999988887777", region="us-east-1", remediation="aws x --region us-east-1")]
    assert commands([*one, *other]) == ("aws x --region eu-west-1", "aws x --region us-east-1")
    assert commands([fails("ACCT.11", "guardduty_enabled", remediation=None)]) == ()
