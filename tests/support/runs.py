"""Runs of the plugin for its own tests: pytest in process, on the demo account, with faults laid over its answers."""

from __future__ import annotations

import importlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.ec2.models import ec2_backends

from pytest_ssb import demo, suites
from pytest_ssb.aws.access import Access
from pytest_ssb.configfile import BUILT_IN
from pytest_ssb.demo.seeding import seed
from pytest_ssb.demo.simulated import Simulated
from pytest_ssb.reads.registry import all_reads
from tests.support.moto import seeding_once

# pytester forgets what a run in process imports: what is imported here is not imported again by each of them.
_OURS = ("session", "controller", "demo", "demo.iam", "demo.network", "demo.s3", "demo.ebs")
for _module in (*(f"pytest_ssb.{name}" for name in _OURS), "moto.core.botocore_stubber", "xdist.scheduler", "hypothesis"):
    importlib.import_module(_module)
_SERVICES = (
    *("ec2", "elb", "elbv2", "iam", "kms", "rds", "s3", "s3control", "sts", "autoscaling", "cloudtrail", "awslambda"),
    *("cloudfront", "apigateway", "apigatewayv2", "elasticbeanstalk"),
    *("batch", "codebuild", "dms", "ecs", "efs", "eks", "elasticache", "glue", "kafka", "memorydb", "mq", "opensearch", "ram", "redshift"),
)
for _service in _SERVICES:
    importlib.import_module(f"moto.{_service}.models")
    importlib.import_module(f"moto.{_service}.urls")
all_reads()
suites.shipped()
vars(demo)["seed"] = seeding_once(seed)

SCP = "is not authorized to perform: {} with an explicit deny in a service control policy"


@dataclass
class Ran:
    """A finished run: pytest's result and the findings file."""

    result: pytest.RunResult
    results: dict[str, Any]

    @property
    def text(self) -> str:
        """What it printed."""
        return self.result.stdout.str()

    def findings(self, **fields: Any) -> list[dict[str, Any]]:
        """The findings that have these values."""
        return [finding for finding in self.results["findings"] if all(finding[name] == value for name, value in fields.items())]

    def statuses(self, **fields: Any) -> Counter[str]:
        """How many findings of each status have these values."""
        return Counter(finding["status"] for finding in self.findings(**fields))


Runner = Callable[..., Ran]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """`run("-m", "wkld_08")`: a run on the demo account, in process, in an empty folder."""
    # pytest prints more where it thinks that it is in CI.
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "CI", "BUILD_NUMBER", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)

    def go(*args: str, profile: str | None = "demo", subprocess: bool = False) -> Ran:
        if profile in BUILT_IN:
            # moto may make it anew while it resets itself; the demo's ids would then not be those that they are in a process of its own.
            ec2_backends.clear()
        file = pytester.path / "results.json"
        file.unlink(missing_ok=True)
        given = [*(["--ssb-profile", profile] if profile else []), "--ssb-output", str(file), *args]
        result = pytester.runpytest_subprocess(*given) if subprocess else pytester.runpytest_inprocess(*given)
        return Ran(result, json.loads(Path(file).read_text(encoding="utf-8")) if file.exists() else {})

    return go


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Simulated:
    """Answers, or errors, in place of what the account would say: laid over every client of the run."""
    simulated = Simulated()
    lay_over(monkeypatch, simulated)
    return simulated


def lay_over(monkeypatch: pytest.MonkeyPatch, simulated: Simulated) -> None:
    """Lay these answers over every client of the runs to come."""
    prepare = Access._prepare

    def prepared(self: Access, client: Any) -> None:
        prepare(self, client)
        simulated.register(client)

    monkeypatch.setattr(Access, "_prepare", prepared)


@pytest.fixture
def moto_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty account, answered by moto in this process: to the plugin it is live AWS, reached by credentials of the environment."""
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    with mock_aws():
        yield


def denied(operation: str, message: str = "") -> ClientError:
    """AWS's answer to a call that is not allowed."""
    code = "UnauthorizedOperation" if operation.startswith("ec2:") else "AccessDenied"
    return ClientError({"Error": {"Code": code, "Message": message or f"not authorized to perform: {operation}"}}, operation.partition(":")[2])


def scp_denied(operation: str) -> ClientError:
    """AWS's answer to a call that a service control policy denies."""
    return denied(operation, SCP.format(operation))
