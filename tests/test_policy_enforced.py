"""The printed policy, enforced by moto: it allows every call, and without one of its actions just the checks that need it are ERROR.

moto holds a role to the names of actions alone, and not always to AWS's names; what it does otherwise stands in the tables below. What the demo
simulates is answered before moto is asked, so nothing is enforced there.

SSB_ACTIONS=all pytest tests/test_policy_enforced.py    leaves out each action in turn, not a few
"""

from __future__ import annotations

import gc
import json
import os
import random
from collections.abc import Callable, Iterable
from typing import Any

import boto3
import msgspec
import pytest
from moto.core.authorization import enable_iam_authentication

from pytest_ssb import suites
from pytest_ssb.demo.guardduty import FILTER
from pytest_ssb.demo.seeder import REGIONS, Seeder
from pytest_ssb.demo.seeding import seed
from pytest_ssb.demo.simulated import Simulated
from pytest_ssb.findings import Finding, Status
from pytest_ssb.permissions import START, action
from pytest_ssb.reads.registry import needed
from tests.support.runs import Ran, Runner, lay_over
from tests.support.soundness import unproven

# Another seed leaves out other actions: SSB_SEED=7 pytest tests/test_policy_enforced.py
SEED = int(os.environ.get("SSB_SEED", "0"))
SOME = 1
NAME = "ssb-audit"
TRUST = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}
VARIABLES = {"AWS_ACCESS_KEY_ID": "AccessKeyId", "AWS_SECRET_ACCESS_KEY": "SecretAccessKey", "AWS_SESSION_TOKEN": "SessionToken"}

# What moto asks for in place of the action that AWS asks for (as of moto 5.2).
MOTO_ASKS = {
    "budgets:ViewBudget": ("budgets:DescribeBudgets", "budgets:DescribeNotificationsForBudget"),
    "s3:GetAccountPublicAccessBlock": ("s3:GetPublicAccessBlock",),
    "s3:GetBucketObjectLockConfiguration": ("s3:ListBucket",),
    "s3:GetBucketOwnershipControls": ("s3:ListBucket",),
    "s3:GetBucketPublicAccessBlock": ("s3:ListBucket",),
}
# Refused whatever the role may do: moto does not get the signature right.
REFUSED = {
    *("backup:ListBackupVaults", "batch:DescribeJobDefinitions", "elasticfilesystem:DescribeFileSystems", "es:ListDomainNames"),
    *("kafka:ListClustersV2", "mq:ListBrokers", "tag:GetResources"),
    *("apigateway:GET", "cloudfront:ListDistributions", "eks:ListClusters", "glacier:ListVaults", "lambda:ListFunctions"),
}
# Denied in words that are not the service's protocol: that it is a denial, botocore cannot tell.
NAMELESS = {
    "s3:GetAccessPoint",
    "s3:GetAccessPointPolicy",
    "s3:GetAccessPointPolicyStatus",
    "s3:GetAccountPublicAccessBlock",
    "s3:ListAccessPoints",
    "s3:ListMultiRegionAccessPoints",
}
# Called, and nothing becomes an ERROR without them.
UNFELT = {
    # simulated, so that moto is not asked
    *("cloudtrail:ListEventDataStores", "macie2:GetMacieSession"),
    *("ec2:DescribeInstanceConnectEndpoints", "ec2:GetEbsDefaultKmsKeyId", "ssm:DescribeInstanceInformation", "ssm:GetServiceSetting"),
    *("guardduty:GetAdministratorAccount", "guardduty:GetDetector", "guardduty:GetFilter", "guardduty:GetFindings"),
    *("guardduty:ListDetectors", "guardduty:ListFilters", "guardduty:ListFindings"),
    *("elasticache:DescribeCacheClusters", "elasticache:DescribeServerlessCaches"),
    *("memorydb:DescribeClusters", "memorydb:DescribeSubnetGroups", "redshift-serverless:ListWorkgroups"),
    # one right to moto, which the others of the three still give
    *("s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls", "s3:GetBucketPublicAccessBlock"),
    # refused anyway
    "lambda:ListFunctions",
    # asked only of what names a subnet or a group, which is not known already for that refusal
    *("batch:DescribeComputeEnvironments", "eks:ListClusters", "glue:GetConnections"),
    *("dms:DescribeReplicationInstances", "dms:DescribeReplicationSubnetGroups", "rds:DescribeDBProxies"),
}


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def answer_ahead(simulated: Simulated, client: Callable[[str, str], Any]) -> None:
    """Keep what moto answers of GuardDuty, before anybody is held to a policy: it does not get the signatures of these calls right."""
    lists: dict[str, Any] = {}
    known: dict[str, Any] = {}
    for region in REGIONS:
        guardduty = client("guardduty", region)
        lists[region] = guardduty.list_detectors()
        for id in lists[region]["DetectorIds"]:
            known[f"/detector/{id}"] = guardduty.get_detector(DetectorId=id)
            known[f"/detector/{id}/administrator"] = guardduty.get_administrator_account(DetectorId=id)
            known[f"/detector/{id}/filter/{FILTER}"] = guardduty.get_filter(DetectorId=id, FilterName=FILTER)
    simulated.instead("guardduty:ListDetectors", lambda region, asked: lists[region])
    for name in ("GetAdministratorAccount", "GetDetector", "GetFilter"):
        simulated.instead(f"guardduty:{name}", lambda region, asked: known[asked["url_path"]])


class Role:
    """The demo's account behind moto's doors, and a role with the printed policy, as which the plugin is run."""

    def __init__(self, run: Runner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self._run = run
        simulated = Simulated()
        clients: dict[tuple[str, str], Any] = {}

        def client(service: str, region: str) -> Any:
            make: Any = boto3.client
            if (service, region) not in clients:
                clients[service, region] = make(service, region_name=region)
            return clients[service, region]

        seed(Seeder(client, False, simulated))
        answer_ahead(simulated, client)
        lay_over(monkeypatch, simulated)
        self.printed = json.loads(pytester.runpytest_inprocess("--ssb-policy").stdout.str())
        (self.statement,) = self.printed["Statement"]
        self._iam = client("iam", "us-east-1")
        arn = self._iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=document(TRUST))["Role"]["Arn"]
        keys = client("sts", "us-east-1").assume_role(RoleArn=arn, RoleSessionName="tests")["Credentials"]
        for variable, name in VARIABLES.items():
            monkeypatch.setenv(variable, keys[name])
        (pytester.path / "ssb.toml").write_text("[profiles.prod]\n", encoding="utf-8")

    def free(self) -> Ran:
        """A run that nobody holds to a policy."""
        return self._in_regions()

    def _in_regions(self) -> Ran:
        # On the command line they narrow every check: moto also lists regions of other partitions, which know no role of this one.
        return self._run("--ssb-region", ",".join(REGIONS), profile="prod")

    def held(self, without: str | None = None) -> Ran:
        """A run that is held to the printed policy, or to what is left of it without an action."""
        left = self.statement | {"Action": [each for each in self.statement["Action"] if each != without]}
        self._iam.put_role_policy(RoleName=NAME, PolicyName="printed", PolicyDocument=json.dumps(self.printed | {"Statement": [left]}))
        words = sorted({word for each, asked in MOTO_ASKS.items() if each != without for word in asked})
        self._iam.put_role_policy(RoleName=NAME, PolicyName="moto", PolicyDocument=document({"Effect": "Allow", "Action": words, "Resource": "*"}))
        with enable_iam_authentication():
            ran = self._in_regions()
        # A run leaves what it kept to the next one: fifty of them would not fit.
        gc.unfreeze()
        gc.collect()
        return ran


@pytest.fixture
def role(run: Runner, pytester: pytest.Pytester, moto_account: None, monkeypatch: pytest.MonkeyPatch) -> Role:
    return Role(run, pytester, monkeypatch)


def findings(ran: Ran) -> list[Finding]:
    return msgspec.convert(ran.results["findings"], list[Finding])


def refused(ran: Ran) -> set[str]:
    return {each["action"] for each in ran.results["missing_permissions"]}


def test_every_call_is_allowed(role: Role) -> None:
    free, held = role.free(), role.held()
    assert refused(free) == set()
    assert refused(held) <= REFUSED
    spared = needing(REFUSED)
    assert [each for each in findings(held) if each.check not in spared] == [each for each in findings(free) if each.check not in spared]
    assert calls(held) == calls(free)


def calls(ran: Ran) -> dict[str, int]:
    """How often each operation was called, but for those of services whose lists moto refuses: of what it does not list, nobody asks more."""
    refusing = {each.partition(":")[0] for each in REFUSED}
    return {each: n for each, n in ran.results["api_calls"]["by_operation"].items() if action(each).partition(":")[0] not in refusing}


def needing(actions: Iterable[str]) -> set[str]:
    """The checks that may ask for something that one of these actions allows."""
    wanted = set(actions)
    return {
        id
        for id, shipped in suites.shipped().items()
        if wanted & {action(operation) for read in needed(shipped.check.fixtures) for operation in read.operations}
    }


def by_check(ran: Ran) -> dict[tuple[str, str], list[Finding]]:
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings(ran):
        found.setdefault((finding.check, finding.control), []).append(finding)
    return found


def test_without_an_action_what_needs_it_is_an_error_and_nothing_else_changes(role: Role) -> None:
    held = role.held()
    before = by_check(held)
    called = {action(operation) for operation in held.results["api_calls"]["by_operation"]} - set(map(action, START))
    candidates = random.Random(SEED).sample(sorted(called), len(called))
    every = os.environ.get("SSB_ACTIONS") == "all"
    felt: set[str] = set()
    wrong: list[str] = []
    for left_out in candidates:
        if len(felt) >= SOME and not every:
            break
        without = role.held(without=left_out)
        after, needs = by_check(without), needing([left_out])
        assert after.keys() == before.keys()
        for check, was in before.items():
            now = after[check]
            if check[0] not in needs:
                wrong += [f"{left_out}: {check} does not need it, and changes"] if now != was else []
                continue
            # What is left to another check is judged by this one where that one can't tell.
            deferred = {finding.resource for finding in was if finding.reason.startswith("judged by ")}
            was, now = ([finding for finding in found if finding.resource not in deferred] for found in (was, now))
            wrong += [f"{left_out}: {check}: {each}" for each in unproven(was, now, None if left_out in NAMELESS else left_out)]
            if any(finding.status is Status.ERROR and finding not in was for finding in now):
                felt.add(left_out)
        assert refused(without) - REFUSED <= {left_out}
    assert not wrong, "\n".join(wrong)
    assert len(felt) >= SOME
    if every:
        assert called - felt == called & UNFELT
