"""Other accounts than the judged one: reached by the profile's keys, when something is asked there and not before."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest

from pytest_ssb.aws import Access, Aws, Reached
from pytest_ssb.controls import check_of
from pytest_ssb.demo.simulated import Simulated
from pytest_ssb.errors import AuthorError, AwsError
from pytest_ssb.findings import Audit
from pytest_ssb.reads.registry import read
from pytest_ssb.scheduler import Scheduler
from pytest_ssb.targets import Target
from tests.support.runs import Runner
from tests.support.worlds import session
from tests_account import test_acct_10_budgets as suite

ACCOUNT, PAYER = "123456789012", "111122223333"
SSB = """
[profiles.prod]
regions = ["us-east-1"]
organization_profile = "management"
[profiles.management]
role_arn = "arn:aws:iam::111122223333:role/ssb-audit"
regions = ["us-east-1"]
"""
BUDGET = {"BudgetName": "monthly", "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": "500", "Unit": "USD"}}


@pytest.fixture
def folder(pytester: pytest.Pytester, moto_account: None, faults: Simulated) -> Path:
    """A folder with two profiles, the one a member of the other's organization."""
    (pytester.path / "ssb.toml").write_text(SSB, encoding="utf-8")
    told = {"Organization": {"Id": "o-0123456789", "MasterAccountId": PAYER, "MasterAccountEmail": "aws@acme.example"}}
    faults.instead("organizations:DescribeOrganization", lambda region, asked: told)
    return pytester.path


def client(service: str, account: str = ACCOUNT) -> Any:
    """A client of an account."""
    make: Any = boto3.client
    sts = make("sts", region_name="us-east-1")
    keys = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/setup", RoleSessionName="setup")["Credentials"]
    given = {"aws_access_key_id": keys["AccessKeyId"], "aws_secret_access_key": keys["SecretAccessKey"], "aws_session_token": keys["SessionToken"]}
    return make(service, region_name="us-east-1", **given)


def budget(account: str) -> None:
    """Let an account have a budget."""
    client("budgets", account).create_budget(AccountId=account, Budget=BUDGET, NotificationsWithSubscribers=[])


def test_another_account_tells_what_the_judged_one_is_not_shown(run: Runner, folder: Path) -> None:
    budget(PAYER)
    ran = run("-k", "monthly_cost_budget", profile="prod")
    (found,) = ran.results["findings"]
    assert (found["status"], found["account"], found["evidence"]) == ("PASS", ACCOUNT, {"JudgedInAccount": PAYER})
    assert found["reason"] == f"watched by monthly of the paying account {PAYER}"
    assert [account["profile"] for account in ran.results["accounts"]] == ["prod"]
    assert ran.results["api_calls"]["by_operation"] == {
        "budgets:DescribeBudgets": 2,
        "ec2:DescribeRegions": 1,
        "organizations:DescribeOrganization": 1,
        "sts:GetCallerIdentity": 2,
    }


def test_nobody_asks_who_the_other_account_is_where_the_judged_one_tells_all(run: Runner, folder: Path) -> None:
    budget(ACCOUNT)
    ran = run("-k", "monthly_cost_budget", profile="prod")
    assert ran.results["api_calls"]["by_operation"]["sts:GetCallerIdentity"] == 1


def test_an_account_that_is_not_reached_is_an_error_of_what_needs_it(run: Runner, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "aws.ini").write_text("[profile acme]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = gone\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "aws.ini"))
    (folder / "ssb.toml").write_text(SSB + 'aws_profile = "acme"\n', encoding="utf-8")
    ran = run("-m", "acct_10 or acct_06", profile="prod")
    assert ran.statuses(control="ACCT.10") == {"ERROR": 2}
    assert ran.statuses(control="ACCT.06", status="ERROR") == {}
    for found in ran.findings(control="ACCT.10"):
        assert found["reason"].startswith("organization_profile: profile 'management': ")
        assert "source_profile" in found["reason"] or "source profile" in found["reason"]
        assert found["error"] == {"operation": "sts:GetCallerIdentity", "code": "NotReached", "action": None, "denied_by": None}


def test_a_reference_that_leads_nowhere_is_said_before_any_test(run: Runner, folder: Path) -> None:
    (folder / "ssb.toml").write_text(SSB + 'aws_profile = "gone"\n', encoding="utf-8")
    ran = run("-k", "monthly_cost_budget", profile="prod")
    assert ran.result.ret == pytest.ExitCode.USAGE_ERROR
    ran.result.stderr.fnmatch_lines(["ERROR: ssb.toml: profile 'management': aws_profile: the AWS config files have no profile 'gone'*"])


def test_defaults_may_lead_to_an_aws_profile(run: Runner, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The profile to which they lead has these defaults, too, and its own reference is of no interest."""
    (folder / "aws.ini").write_text("[profile acme]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = none\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "aws.ini"))
    (folder / "ssb.toml").write_text('[defaults]\norganization_profile = "acme"\n[profiles.prod]\n', encoding="utf-8")
    (found,) = run("-k", "monthly_cost_budget", profile="prod").results["findings"]
    assert (found["status"], "payer_profile leads to 123456789012, which does not pay" in found["reason"]) == ("MANUAL", True)


def test_a_payer_of_the_same_run_is_asked_by_itself(run: Runner, folder: Path) -> None:
    (folder / "ssb.toml").write_text(SSB.replace("organization_profile", "# "), encoding="utf-8")
    budget(PAYER)
    ran = run("--ssb-profile", "management", "-k", "monthly_cost_budget", profile="prod")
    assert {found["account"]: found["status"] for found in ran.results["findings"]} == {ACCOUNT: "PASS", PAYER: "PASS"}
    assert ran.results["api_calls"]["by_operation"]["sts:GetCallerIdentity"] == 2
    # A third time where the payer's own turn was over, and its answers were let go.
    assert ran.results["api_calls"]["by_operation"]["budgets:DescribeBudgets"] in (2, 3)


def test_a_log_bucket_is_judged_once_by_its_own_accounts_run(run: Runner, folder: Path) -> None:
    (folder / "ssb.toml").write_text(SSB.replace("organization_profile", "log_archive_profile"), encoding="utf-8")
    archive = client("s3", PAYER)
    archive.create_bucket(Bucket="acme-logs")
    for account in (ACCOUNT, PAYER):
        client("cloudtrail", account).create_trail(Name="all", S3BucketName="acme-logs", IsMultiRegionTrail=True)
    ran = run("--ssb-profile", "management", "-k", "trail_bucket_retention", profile="prod")
    assert {found["account"]: (found["status"], found["reason"]) for found in ran.results["findings"]} == {
        ACCOUNT: ("NOT_APPLICABLE", f"judged in account {PAYER}"),
        PAYER: ("PASS", "Logs live longer than CloudTrail's own history of 90 days."),
    }
    (alone,) = run("-k", "trail_bucket_retention", profile="prod").results["findings"]
    assert (alone["status"], alone["evidence"]) == ("PASS", {"JudgedInAccount": PAYER})
    (folder / "ssb.toml").write_text(SSB.replace("organization_profile", "# "), encoding="utf-8")
    by_itself = run("--ssb-profile", "management", "-k", "trail_bucket_retention", profile="prod")
    assert by_itself.statuses() == {"NOT_APPLICABLE": 1, "PASS": 1}


def test_the_policy_says_what_other_roles_need(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--ssb-policy", "-k", "primary_email_distribution_list")
    (statement,) = json.loads(result.stdout.str())["Statement"]
    assert statement["Action"] == ["ec2:DescribeRegions", "organizations:DescribeOrganization", "sts:GetCallerIdentity"]
    (line,) = [line for line in result.stderr.lines if line]
    words, _, document = line.partition(": ")
    assert words == "where organization_profile is set, its role needs another policy"
    (statement,) = json.loads(document)["Statement"]
    assert statement["Action"] == ["organizations:DescribeAccount", "sts:GetCallerIdentity"]


def test_what_a_check_needs_elsewhere_is_explained(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--ssb-explain", "primary_email_distribution_list")
    result.stdout.fnmatch_lines(
        ["WHICH API CALLS IT NEEDS", "  organizations:DescribeOrganization", "  through organization_profile: organizations:DescribeAccount"]
    )


# --- the parts -----------------------------------------------------------------------------------------------------------------------------------


class Payer:
    """Leads to one other account."""

    def __init__(self, reached: Reached) -> None:
        self._reached = reached

    def named(self, key: str, account: str | None) -> Reached:
        return self._reached

    def of_the_run(self) -> list[Reached]:
        return []


def test_what_may_be_called_there_may_not_be_called_here_nor_the_other_way_round() -> None:
    here, there = ("budgets:DescribeBudgets",), ("organizations:DescribeAccount",)
    scheduler = Scheduler(1)
    access = Access(session(), "demo", "us-east-1", scheduler, "test")
    reached = Reached("payer_profile = payer", access, Target("payer", PAYER, "aws"), judged=False)
    aws = Aws(access, Target("prod", ACCOUNT, "aws"), here, through={"payer_profile": there}, reach=Payer(reached))
    other = aws.in_region("us-east-1").through("payer_profile")
    assert other is not None
    assert (aws.told_by, other.told_by) == (None, PAYER)
    with pytest.raises(AwsError, match="organizations:DescribeAccount was not sent: it is not declared"):
        aws.ask(*there, AccountId=ACCOUNT)
    said = re.escape(f"payer_profile = payer (account {PAYER}): budgets:DescribeBudgets was not sent: it is not declared")
    with pytest.raises(AwsError, match=f"^{said}") as raised:
        other.ask(*here, AccountId=ACCOUNT)
    assert raised.value.account == PAYER
    assert access.counts == {}
    scheduler.close()


@pytest.mark.parametrize(
    ("through", "says"),
    [
        ({"payer": ("budgets:DescribeBudgets",)}, "no key of a profile leads to another account by payer; known: organization_profile"),
        ({"payer_profile": ("budgets:CreateBudget",)}, "budgets:CreateBudget does more than read"),
    ],
)
def test_a_read_must_name_a_key_and_reading_calls(through: dict[str, tuple[str, ...]], says: str) -> None:
    with pytest.raises(AuthorError, match=says):

        @read(per="account", through=through)
        def elsewhere() -> None: ...


def test_what_is_left_to_another_account_is_an_error_where_it_could_not_be_read() -> None:
    check = check_of(suite.test_monthly_cost_budget)
    assert check is not None
    audit = Audit(check, Target("prod", ACCOUNT, "aws"), "x", judged_in=lambda account: account == PAYER)
    for account, resource in ((PAYER, "a"), (ACCOUNT, "b")):
        with audit(f"arn:aws:budgets::{PAYER}:budget/{resource}"):
            audit.declared("key", "entry")
            audit.leave_to(account)
    with audit(f"arn:aws:budgets::{PAYER}:budget/c"):
        audit.leave_to(PAYER)
        raise AwsError("denied", "budgets:DescribeBudgets", "AccessDenied")
    assert [(str(found.status), found.basis, found.reason) for found in audit.finish()] == [
        ("NOT_APPLICABLE", "observed", f"judged in account {PAYER}"),
        ("PASS", "declared", f"{check.says} (key = entry)"),
        ("ERROR", "observed", "denied"),
    ]
