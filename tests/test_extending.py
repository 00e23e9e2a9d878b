"""What docs/extending.md says of own checks and hooks, done as it stands there."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from pytest_ssb import check, testing
from pytest_ssb.reads.registry import READS, all_reads
from tests.support.runs import Runner
from tests.support.server import OverHttp, Server, moto_server

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples/own_check"
PAGE = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^\*\*(\S+\.py)\*\*\n\n```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def notebooks() -> Iterator[Server]:
    """An account with two notebook instances, one of which reaches the internet by itself."""
    with moto_server() as server:
        for name, access in (("walled", "Disabled"), ("open", "Enabled")):
            server.client("sagemaker", "eu-west-1").create_notebook_instance(
                NotebookInstanceName=name,
                InstanceType="ml.t3.medium",
                RoleArn="arn:aws:iam::123456789012:role/notebooks",
                SubnetId="subnet-0a1b2c3d",
                DirectInternetAccess=access,
            )
        yield server


@pytest.fixture
def example(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the example, in which the commands are run."""
    before = dict(all_reads())
    shutil.copytree(EXAMPLE, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield pytester.path
    # Its own tests leave the read in this process.
    READS.clear()
    READS.update(before)


def test_the_page_shows_the_files_of_the_example() -> None:
    shown = {name: text for name, text in FILES.items() if name != "ssb_slack.py"}
    assert shown == {path.relative_to(EXAMPLE).as_posix(): path.read_text(encoding="utf-8") for path in EXAMPLE.glob("*/*.py")}
    for name in ("ssb.toml", "pytest.ini"):
        assert f"\n{(EXAMPLE / name).read_text(encoding='utf-8')}```" in PAGE


def test_each_command_of_the_page_does_what_is_said(example: Path, pytester: pytest.Pytester, over_http: OverHttp, notebooks: Server) -> None:
    block = PAGE.partition("```sh\n")[2].partition("```")[0]
    own_tests, listing, explained, policy, whole = [line.partition("#")[0].split()[1:] for line in block.splitlines()]
    pytester.runpytest_inprocess(*own_tests).assert_outcomes(passed=2)
    assert "notebook_no_direct_internet_access" in pytester.runpytest_inprocess(*listing).stdout.str()
    page = pytester.runpytest_inprocess(*explained).stdout.str()
    assert "Every notebook instance reaches the internet through our VPC, if at all." in page
    (statement,) = json.loads(pytester.runpytest_inprocess(*policy).stdout.str())["Statement"]
    assert [each for each in statement["Action"] if each.startswith("sagemaker:")] == [
        "sagemaker:DescribeNotebookInstance",
        "sagemaker:ListNotebookInstances",
    ]
    assert whole[:2] == ["--ssb-profile", "prod"]
    ran = over_http(notebooks.environ(), None, *whole[2:], profile="prod")
    assert {one["resource"].rpartition("/")[2]: one["status"] for one in ran.findings()} == {"walled": "PASS", "open": "FAIL"}
    (failed,) = ran.findings(status="FAIL")
    assert failed["remediation"].startswith("aws sagemaker delete-notebook-instance --region eu-west-1 --notebook-instance-name open  #")
    assert failed["evidence"] == {"DirectInternetAccess": "Enabled"}


def test_what_moto_cannot_do_is_given_in_place_of_the_read(example: Path) -> None:
    sys.path.insert(0, str(example / "security"))
    import test_notebooks as suite  # type: ignore[import-not-found]

    class Odd:
        arn = "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/odd"

        @property
        def direct_internet_access(self) -> str:
            raise KeyError("DirectInternetAccess")

    with mock_aws():
        judged = testing.findings(suite.test_notebook_no_direct_internet_access, fixtures={"notebooks": [Odd()]})
    del sys.modules["test_notebooks"]
    (finding,) = judged
    assert (finding.status, finding.resource, finding.region) == ("ERROR", Odd.arn, "eu-west-1")


# --- testing ------------------------------------------------------------------------------------------------------------------------------


def check_of_vpcs() -> Any:
    """A check that takes a client, facts, and a fixture of its author's."""

    @check("WKLD.10", "WKLD.11", on="AWS::EC2::VPC", severity="low", calls=["ec2:DescribeVpcs"])
    def test_vpc_reserved(audit: Any, ssb_client: Any, ssb_region: str, ssb_profile: Any, word: str) -> None:
        """Every VPC is reserved."""
        for vpc in ssb_client("ec2").describe_vpcs()["Vpcs"]:
            with audit(f"arn:aws:ec2:{ssb_region}:123456789012:vpc/{vpc['CidrBlock'].partition('/')[0]}", item=word):
                assert vpc["CidrBlock"] in ssb_profile.trust.cidrs, "not reserved"
        ssb_client("ec2").describe_subnets()

    return test_vpc_reserved


def test_a_check_is_judged_as_a_run_would_judge_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_aws():
        boto3.client("ec2", region_name="eu-west-1").create_vpc(CidrBlock="10.0.0.0/16")
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        given: Any = {"regions": ["eu-west-1"], "facts": 'trust.cidrs = ["10.0.0.0/16"]', "fixtures": {"word": "here"}}
        found = testing.verdicts(check_of_vpcs(), **given)
        twice = testing.findings(check_of_vpcs(), **given)
    # moto's own VPC, and the call that was not declared.
    assert found == {("172.31.0.0", "here"): "FAIL", ("10.0.0.0", "here"): "PASS", "account": "ERROR"}
    assert {finding.control for finding in twice} == {"WKLD.10", "WKLD.11"}
    undeclared = {finding.reason for finding in twice if finding.status == "ERROR"}
    assert undeclared == {"ec2:DescribeSubnets was not sent: it is not declared; add it to @check(calls=...) or @read"}


@pytest.mark.parametrize(
    ("function", "mocked", "error", "says"),
    [
        (check_of_vpcs(), False, RuntimeError, "moto is off, and the calls would go to AWS: put @mock_aws on the test"),
        (check_of_vpcs(), True, TypeError, "test_vpc_reserved takes word: give it by fixtures="),
        (print, True, TypeError, "is no check: it has no @check"),
    ],
)
def test_what_cannot_be_judged_is_said(function: Any, mocked: bool, error: type[Exception], says: str) -> None:
    if mocked:
        with mock_aws(), pytest.raises(error, match=says):
            testing.verdicts(function)
    else:
        with pytest.raises(error, match=says):
            testing.verdicts(function)


# --- Slack --------------------------------------------------------------------------------------------------------------------------------


class Hook(http.server.BaseHTTPRequestHandler):
    """Takes what is posted, and answers with the status of its path."""

    posted: list[tuple[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posted.append((self.path, json.loads(body)))
        self.send_response(int(self.path.rpartition("/")[2]))
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """An incoming webhook on this machine: its address, and what was posted."""
    posted: list[tuple[str, Any]] = []
    handler = type("Taking", (Hook,), {"posted": posted})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hunter2", posted
    server.shutdown()
    server.server_close()


def test_slack_is_told(run: Runner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, webhook: tuple[str, list[tuple[str, Any]]]) -> None:
    address, posted = webhook
    pytester.makepyfile(ssb_slack=FILES["ssb_slack.py"])
    pytester.syspathinsert()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SSB_SLACK_WEBHOOK", f"{address}/200")
    ran = run("-p", "ssb_slack", "-m", "acct_06")
    failed = ran.findings(status="FAIL")
    assert len(failed) == 2
    order = sorted(failed, key=lambda finding: ("critical", "high", "medium", "low").index(finding["severity"]))
    lines = [
        "*AWS baseline*: 26 NOT_RUN, 1 FAIL of 27 controls",
        *(f"{f['severity']}  {f['control']}  {f['resource']}: {f['reason']}" for f in order),
    ]
    ((path, told),) = posted
    assert path == "/hunter2/200"
    assert told == {"text": "\n".join(lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
    assert "hunter2" not in ran.text
    # One that is refused fails the run, and its address is told nobody.
    monkeypatch.setenv("SSB_SLACK_WEBHOOK", f"{address}/500")
    refused = run("-p", "ssb_slack", "-k", "password_policy_change")
    assert (refused.result.ret, refused.statuses()) == (1, {"PASS": 1})
    refused.result.stdout.re_match_lines(["pytest_ssb_finish failed: HTTPError at urllib.request:[0-9]+"])
    assert "hunter2" not in refused.text + refused.result.stderr.str()
