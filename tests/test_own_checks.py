"""The user's own checks: run with ours, told like ours, and never in the place of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSRequest
from moto import mock_aws

from pytest_ssb import explained
from pytest_ssb.aws.credentials import session_of
from pytest_ssb.controls import CONTROLS
from pytest_ssb.profiles import Profile
from tests.support.runs import Ran, Runner
from tests.support.server import NOTHING, OverHttp, Server, moto_server

TOML = """
[profiles.prod]
regions = ["eu-west-1"]
own_checks = ["security/"]
"""

QUEUES = '''
"""Queues of the shop."""

import msgspec
import pytest

from pytest_ssb import check, read


class Queue(msgspec.Struct, frozen=True):
    arn: str
    encrypted: bool


@read("sqs:ListQueues", "sqs:GetQueueAttributes", per="region")
def queues(aws):
    """The queues of the region."""
    found = []
    for page in aws.pages("sqs:ListQueues"):
        for url in page.get("QueueUrls", []):
            told = aws.ask("sqs:GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
            found.append(Queue(told["QueueArn"], told.get("SqsManagedSseEnabled") == "true"))
    return found


@read(per="region")
def plain_queues(queues):
    """Those that are not encrypted."""
    return [queue for queue in queues if not queue.encrypted]


@check("WKLD.08", on="AWS::SQS::Queue", severity="medium", fix="aws sqs set-queue-attributes --queue-url {name}")
def test_queue_encrypted(audit, queues, plain_queues, strictness):
    """Every queue is encrypted."""
    for queue in queues:
        with audit(queue):
            secret = "hunter2"
            assert queue not in plain_queues or secret == "", f"not encrypted, which is {strictness}"


@pytest.mark.parametrize("letter", ["p", "g"])
@check("WKLD.08", on="AWS::SQS::Queue", severity="low")
def test_queue_named(audit, queues, letter):
    """Queues have names that people know."""
    for queue in queues:
        with audit(queue, item=letter):
            word = "hunter2"
            assert queue.arn.endswith(word) == (letter == "x")


@check("WKLD.08", on="AWS::::Account", severity="low")
def test_queue_owner_known(audit, ssb_account):
    """Somebody answers for the queues."""
    with audit(audit.target()):
        audit.manual("who answers for the queues?")


@check("ACCT.08", on="AWS::::Account", severity="low", calls=("sqs:ListQueues",))
def test_queue_count(audit, ssb_client, ssb_region):
    """There are queues."""
    with audit(audit.target()):
        assert ssb_client("sqs").list_queues()["QueueUrls"], "none"


@check("WKLD.08", on="AWS::::Account", severity="low")
def test_queue_silent(audit):
    """Says nothing."""


@check("WKLD.08", on="AWS::::Account", severity="low")
def test_queue_broken(audit):
    """Goes wrong."""
    raise KeyError("hunter2")


def test_queue_of_no_account():
    raise AssertionError("a test of the checks' own is no part of an audit")
'''

CONFTEST = 'import pytest\n\n@pytest.fixture\ndef strictness():\n    return "bad"\n'
DECLARED = """
[[profiles.prod.declarations]]
check = "queue_owner_known"
statement = "the platform team"
by = "ana@acme.example"
on = 2026-01-01
review_by = 2126-01-01
"""
WAIVER = '[[profiles.prod.waivers]]\ncheck = "queue_encrypted"\n{}scope = "all"\nreason = "old"\nowner = "ana"\n'


@pytest.fixture(scope="module")
def shop() -> Iterator[Server]:
    """An account with two queues, one of them not encrypted."""
    with moto_server() as server:
        for name, encrypted in (("good", "true"), ("plain", "false")):
            server.client("sqs", "eu-west-1").create_queue(QueueName=name, Attributes={"SqsManagedSseEnabled": encrypted})
        yield server


@pytest.fixture
def own(over_http: OverHttp, pytester: pytest.Pytester, shop: Server) -> Any:
    """A run with the checks of `security/`, and whatever else the project has: `own("-k", "queue", files={"conftest.py": "..."})`."""

    def go(*args: str, toml: str = TOML, files: dict[str, str] | None = None, profile: str | None = "prod") -> Ran:
        for name, text in ({"security/test_queues.py": QUEUES, "security/conftest.py": CONFTEST} | (files or {})).items():
            (pytester.path / name).parent.mkdir(exist_ok=True)
            (pytester.path / name).write_text(text, encoding="utf-8")
        return over_http(shop.environ() | {"AWS_DEFAULT_REGION": "eu-west-1"}, toml, *args, profile=profile)

    return go


def told(ran: Ran) -> dict[tuple[str, str, str | None], tuple[str, str]]:
    """Status and reason by check, the resource's name, and item."""
    return {
        (one["check"], one["resource"].rpartition(":")[2], one["item"]): (one["status"], one["reason"])
        for one in ran.results["findings"]
        if one["check"].startswith("queue_")
    }


def counted(ran: Ran) -> dict[str, int]:
    """The checks of the control to which most of them belong."""
    (row,) = [control for control in ran.results["controls"] if control["id"] == "WKLD.08"]
    checks: dict[str, int] = row["checks"]
    return checks


EXPECTED = {
    ("queue_encrypted", "good", None): ("PASS", "Every queue is encrypted."),
    ("queue_encrypted", "plain", None): ("FAIL", "not encrypted, which is bad"),
    ("queue_named", "good", "p"): ("PASS", "Queues have names that people know."),
    ("queue_named", "plain", "p"): ("PASS", "Queues have names that people know."),
    ("queue_named", "good", "g"): ("PASS", "Queues have names that people know."),
    ("queue_named", "plain", "g"): ("PASS", "Queues have names that people know."),
    ("queue_owner_known", "account", None): ("PASS", "the platform team (declared by ana@acme.example on 2026-01-01, to be reviewed by 2126-01-01)"),
    ("queue_count", "account", None): ("PASS", "There are queues."),
    ("queue_silent", "account", None): ("ERROR", "the check ended without a finding; nothing was judged"),
    ("queue_broken", "account", None): ("ERROR", "unexpected KeyError at test_queues:73; nothing was judged"),
}


COUNTED = {"selected": 6, "judged": 4, "total": len(explained.checks_of(CONTROLS["WKLD.08"])) + 5}
SELECTED = ("-k", "queue_ or ebs_encryption_by_default")


def test_they_run_beside_the_shipped_ones(own: Any) -> None:
    ran = own(*SELECTED, toml=TOML + DECLARED)
    assert ran.result.ret == 1
    assert told(ran) == EXPECTED
    assert {one["nodeid"].partition("::")[0] for one in ran.findings(control="WKLD.08")} == {
        "tests_workload/test_wkld_08_ebs_encryption.py",
        "security/test_queues.py",
    }
    assert counted(ran) == COUNTED
    assert ran.results["api_calls"]["by_operation"]["sqs:GetQueueAttributes"] == 2 * 2
    assert "hunter2" not in ran.text + json.dumps(ran.results)


def test_workers_find_the_same(own: Any) -> None:
    ran = own(*SELECTED, "-n", "2", toml=TOML + DECLARED)
    assert ran.result.ret == 1
    assert told(ran) == EXPECTED
    assert counted(ran) == COUNTED


def test_a_worker_that_dies_loses_none(own: Any) -> None:
    deadly = QUEUES.replace("def test_queue_silent(audit):", "def test_queue_silent(audit):\n    import os\n    os._exit(9)")
    ran = own("-k", "queue_silent or queue_broken", "-n", "1", "--max-worker-restart=0", files={"security/test_queues.py": deadly})
    assert {check: status for (check, _, _), (status, _) in told(ran).items()} == {"queue_silent": "ERROR", "queue_broken": "ERROR"}
    assert {reason for _, reason in told(ran).values()} == {"not run: the run ended before it"}
    assert not ran.results["complete"]


def test_they_run_for_the_profiles_that_have_them(own: Any) -> None:
    waived = WAIVER.format('resource = "plain"\nexpires = 2126-01-01\n').replace('scope = "all"\n', "")
    toml = f'{TOML}{waived}[profiles.staging]\nregions = ["us-east-1"]\n'
    ran = own("--ssb-profile", "staging", "-k", "queue_encrypted or ebs_encryption_by_default", toml=toml)
    assert {(one["check"], one["profile"]) for one in ran.findings()} == {
        ("ebs_encryption_by_default", "prod"),
        ("ebs_encryption_by_default", "staging"),
        ("queue_encrypted", "prod"),
    }
    assert ran.statuses(check="queue_encrypted") == {"PASS": 1, "WAIVED": 1}
    ran.result.stdout.fnmatch_lines(["profile staging: *", "rootdir: *", "own checks: security"])


def test_given_a_path_they_run_for_whichever_profile(own: Any) -> None:
    ran = own("security/test_queues.py::test_queue_encrypted", toml='[profiles.prod]\nregions = ["eu-west-1"]\n')
    assert told(ran) == {key: value for key, value in EXPECTED.items() if key[0] == "queue_encrypted"}


@pytest.mark.parametrize(
    ("toml", "files", "says"),
    [
        (
            TOML,
            {"conftest.py": "import pytest\n\n@pytest.fixture\ndef volumes():\n    return []\n"},
            "conftest.py:3: the fixture 'volumes' would stand in for a read of pytest-ssb: give it another name",
        ),
        (
            TOML,
            {"security/conftest.py": CONFTEST + "\n@pytest.fixture\ndef ssb_client(ssb_client):\n    return ssb_client\n"},
            "security/conftest.py:7: the fixture 'ssb_client' would stand in for a fixture of pytest-ssb: give it another name",
        ),
        (
            TOML,
            {"security/test_queues.py": QUEUES.replace('parametrize("letter", ["p", "g"])', 'parametrize("letter,queues", [("p", [])])')},
            "security/test_queues.py::test_queue_named: its own parameter 'queues' would stand in for a read of pytest-ssb: give it another name",
        ),
        (TOML.replace("security", "securty"), {}, "ssb.toml: profile 'prod': own_checks: entry 1: 'securty/' does not exist"),
        (
            '[defaults]\nown_checks = ["empty/"]\n[profiles.prod]\n[profiles.staging]\n',
            {"empty/test_queues.py": "def test_queues():\n    pass\n"},
            "ssb.toml: profile 'prod': own_checks: entry 1: 'empty/' has no function under @check whose name begins with test_",
        ),
        (
            TOML,
            {"security/queues.py": QUEUES.replace("test_queue", "test_other")},
            "own_checks: security/queues.py: pytest does not collect test_other_encrypted and 5 more: "
            "python_files = test_*.py *_test.py; python_functions = test",
        ),
        (
            TOML,
            {"security/test_more.py": QUEUES},
            "ssb.toml: profile 'prod': own_checks: entry 1: test_queues.py:33: test_queue_encrypted is called like the check in test_more.py:33; "
            "give it another name",
        ),
        (
            TOML + WAIVER.format("").replace("encrypted", "encryptd"),
            {},
            "ssb.toml: profile 'prod': waivers: entry 1 (line 5): check: this version has no check 'queue_encryptd'; did you mean 'queue_encrypted'?",
        ),
        (
            TOML + WAIVER.format('control = "ACCT.08"\n'),
            {},
            "ssb.toml: profile 'prod': waivers: entry 1 (line 5): control: check 'queue_encrypted' belongs to WKLD.08, not to ACCT.08",
        ),
    ],
)
def test_what_the_user_has_to_correct_is_said_in_one_line(own: Any, toml: str, files: dict[str, str], says: str) -> None:
    ran = own("-k", "queue or volume", toml=toml, files=files)
    assert (ran.result.ret, ran.results) == (4, {})
    lines = [line.removeprefix("ERROR: ") for line in ran.result.errlines if line]
    # A file that is there twice has every name twice.
    assert [line for line in lines if line == says or "is called like" not in line] == [says]
    assert "Traceback" not in ran.text + ran.result.stderr.str()


def test_what_would_answer_in_place_of_aws_is_refused(run: Runner, pytester: pytest.Pytester, moto_account: None) -> None:
    (pytester.mkdir("security") / "test_queues.py").write_text(QUEUES, encoding="utf-8")
    (pytester.path / "ssb.toml").write_text(TOML, encoding="utf-8")
    ran = run("-k", "queue_encrypted", profile="prod")
    assert (ran.result.ret, ran.results) == (4, {})
    says = "profile 'prod': moto would answer in place of AWS (before-send): start it in the tests that need it, not where a conftest is imported"
    assert [line for line in ran.result.errlines if line] == [f"ERROR: {says}"]


def test_a_mock_that_begins_later_answers_no_session_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in NOTHING.items():
        monkeypatch.setenv(name, value)
    request = AWSRequest("POST", "https://sts.us-east-1.amazonaws.com/", data="Action=GetCallerIdentity&Version=2011-06-15").prepare()

    def answered(session: botocore.session.Session) -> bool:
        events: Any = session.create_client("sts", region_name="us-east-1").meta.events
        _, answer = events.emit_until_response("before-send.sts.GetCallerIdentity", request=request)
        return answer is not None

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    ours, theirs = session_of(Profile(name="prod"), "1"), botocore.session.Session()
    with mock_aws():
        assert answered(theirs)
        assert not answered(ours)


MOCKED = """
import pytest
from moto import mock_aws

@pytest.fixture(autouse=True)
def empty_account():
    with mock_aws():
        yield
"""


def test_a_conftest_that_imports_moto_is_no_hindrance(own: Any) -> None:
    ran = own("-k", "queue_encrypted or queue_count", files={"conftest.py": MOCKED})
    assert told(ran) == {key: value for key, value in EXPECTED.items() if key[0] in ("queue_encrypted", "queue_count")}


@pytest.mark.parametrize(
    ("instead", "says"),
    [
        (
            ("def plain_queues(queues)", "def plain_queues(quees)"),
            "@read: plain_queues: takes quees, which is no read; if it is one of yours, import the",
        ),
        (
            ('@read(per="region")', '@read(per="account")'),
            "@read: plain_queues: is asked once per account, and takes queues, which is asked per region",
        ),
        (("plain_queues", "volumes"), "@read: volumes: registered already, by pytest_ssb.reads.ebs; give it another name"),
        (("def plain_queues", "def ssb_queues"), "@read: ssb_queues: pytest-ssb keeps such a name for its own fixtures; give it another"),
        (('"sqs:ListQueues", "sqs', '"sqs:PurgeQueue", "sqs'), "@read: queues: sqs:PurgeQueue does more than read"),
        (("test_queue_silent(audit)", "test_queue_silent()"), "@check: test_queue_silent does not take audit, which makes its findings: with audit"),
    ],
)
def test_what_an_author_has_to_correct_is_said_in_one_line(own: Any, instead: tuple[str, str], says: str) -> None:
    ran = own("-k", "queue_encrypted", files={"security/test_queues.py": QUEUES.replace(*instead)})
    assert ran.result.ret == 2
    (line,) = [line for line in ran.result.outlines if line.startswith(("@read: ", "@check: "))]
    assert line.startswith(says)
    assert "Traceback" not in ran.text
    assert not ran.results["complete"]


def test_listings_know_them(own: Any, pytester: pytest.Pytester) -> None:
    """With and without a profile, and what they need is in the policy."""
    for profile in (["--ssb-profile", "prod"], []):
        own("--collect-only", "-q", "-k", "nothing at all", profile=None)
        listed = pytester.runpytest_inprocess(*profile, "--ssb-list", "-m", "acct_08", "-k", "queue").stdout.str()
        assert listed.strip().splitlines()[-1].split() == ["queue_count", "low", "There", "are", "queues."]
    policy = json.loads(pytester.runpytest_inprocess("--ssb-policy", "-k", "queue_encrypted").stdout.str())
    assert policy["Statement"][0]["Action"] == ["ec2:DescribeRegions", "sqs:GetQueueAttributes", "sqs:ListQueues", "sts:GetCallerIdentity"]
    page = pytester.runpytest_inprocess("--ssb-explain", "queue_encrypted").stdout.str()
    assert "Every queue is encrypted." in page
    assert "sqs:GetQueueAttributes, sqs:ListQueues" in page
    wrong = pytester.runpytest_inprocess("--ssb-explain", "queue_encryptd")
    assert wrong.ret == 4
    assert wrong.errlines[0].startswith("ERROR: --ssb-explain: no control or check 'queue_encryptd'; did you mean queue_encrypted or")
