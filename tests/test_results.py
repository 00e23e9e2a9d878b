"""What a check's verdicts become: `audit` makes findings of blocks, and the scorecard counts findings."""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from pytest_ssb.controls import CONTROLS, Check
from pytest_ssb.errors import AwsError, NotOffered, NotRun, UnexpectedAnswer, Vanished
from pytest_ssb.findings import Audit, Failure, Finding, Status, clean, finding_id, severity_lowered, status_of_test
from pytest_ssb.results import CheckCounts, MissingPermission, in_order, missing_permissions, scorecard, status_of_control

ACCOUNT_ARN = "arn:aws:account::123456789012:account"
LOGS = "arn:aws:s3:::logs"
VOLUME = "arn:aws:ec2:eu-west-1:123456789012:volume/vol-1"
SECRET = "hunter2-AKIA"


@dataclass(frozen=True)
class Target:
    profile: str = "prod"
    account: str = "123456789012"
    partition: str = "aws"
    region: str | None = None


@dataclass(frozen=True)
class Bucket:
    name: str

    @property
    def arn(self) -> str:
        return f"arn:aws:s3:::{self.name}"


CHECK = Check(
    id="bucket_blocked",
    controls=("ACCT.08",),
    on="AWS::S3::Bucket",
    severity="high",
    environment=None,
    extended=False,
    key=False,
    references=("https://example.org/s3",),
    regions="selected",
    calls=(),
    fix="aws s3api block --bucket {name} --account {account} --region {region}",
    says="Every bucket is blocked.",
    fixtures=(),
)


def auditing(region: str | None = None, **fields: Any) -> Audit:
    return Audit(msgspec.structs.replace(CHECK, **fields), Target(region=region), "tests_account/test_x.py::test_bucket_blocked[prod]")


def made(status: str, **fields: Any) -> Finding:
    """A finding of this status, whatever else."""
    whole: dict[str, Any] = {
        "id": "0" * 16,
        "control": "ACCT.08",
        "check": "bucket_blocked",
        "extended": False,
        "profile": "prod",
        "account": "123456789012",
        "region": None,
        "resource": LOGS,
        "item": None,
        "resource_type": "AWS::S3::Bucket",
        "severity": "high",
        "status": Status(status),
        "basis": "observed",
        "reason": "",
        "question": None,
        "remediation": None,
        "references": (),
        "evidence": {},
        "error": None,
        "nodeid": "x",
    }
    return Finding(**(whole | fields))


def only(audit: Audit) -> Finding:
    (finding,) = audit.finish()
    return finding


# --- the outcome of a block


def test_a_block_that_passes_is_pass_with_the_checks_first_line() -> None:
    audit = auditing()
    with audit(Bucket("logs")):
        pass
    assert only(audit) == Finding(
        id=finding_id("ACCT.08", "bucket_blocked", "123456789012", None, LOGS, None),
        control="ACCT.08",
        check="bucket_blocked",
        extended=False,
        profile="prod",
        account="123456789012",
        region=None,
        resource=LOGS,
        item=None,
        resource_type="AWS::S3::Bucket",
        severity="high",
        status=Status.PASS,
        basis="observed",
        reason="Every bucket is blocked.",
        question=None,
        remediation=None,
        references=(CONTROLS["ACCT.08"].url, "https://example.org/s3"),
        evidence={},
        error=None,
        waiver=None,
        declaration=None,
        baseline=None,
        nodeid="tests_account/test_x.py::test_bucket_blocked[prod]",
    )


def test_a_note_is_the_reason_of_a_pass_and_of_nothing_else() -> None:
    audit = auditing()
    with audit(Bucket("a")):
        audit.note("blocked by the account")
    with audit(Bucket("b")):
        audit.note("blocked by the account")
        raise AssertionError("not blocked")
    with audit(Bucket("c")):
        pass
    assert [finding.reason for finding in audit.finish()] == ["blocked by the account", "not blocked", "Every bucket is blocked."]


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("not blocked",), "not blocked"),
        ((f"not blocked\nassert '{SECRET}' == ''\n  + where",), "not blocked"),
        (("one\ntwo\nassert x",), "one\\ntwo"),
        ((f"assert False\n +  where False = Bucket(key='{SECRET}').blocked",), "not as asked"),
        ((), "not as asked"),
        (("",), "not as asked"),
        (("the policy must assert nothing",), "the policy must assert nothing"),
    ],
)
def test_a_failed_assertion_is_fail_with_its_message_alone(args: tuple[str, ...], reason: str) -> None:
    audit = auditing()
    with audit(Bucket("logs")):
        raise AssertionError(*args)
    finding = only(audit)
    assert (finding.status, finding.reason, finding.error) == (Status.FAIL, reason, None)
    assert finding.remediation == "aws s3api block --bucket logs --account 123456789012 --region ''"


def test_an_error_of_aws_is_error_with_all_that_is_known_of_it() -> None:
    audit = auditing()
    with audit(Bucket("logs")):
        raise AwsError("s3:GetX is denied", "s3:GetX", "AccessDenied", action="s3:GetXes", denied_by="scp")
    finding = only(audit)
    assert (finding.status, finding.reason, finding.remediation) == (Status.ERROR, "s3:GetX is denied", None)
    assert finding.error == Failure(operation="s3:GetX", code="AccessDenied", action="s3:GetXes", denied_by="scp")


def test_any_other_error_is_error_and_tells_no_value() -> None:
    class OddError(Exception):
        def __repr__(self) -> str:
            return SECRET

    audit = auditing()
    for name, error in {"a": KeyError(SECRET), "b": OddError(SECRET), "c": ValueError(f"invalid literal: {SECRET}")}.items():
        with audit(Bucket(name)):
            raise error
    findings = audit.finish()
    assert [finding.status for finding in findings] == [Status.ERROR] * 3
    assert [finding.error.code for finding in findings if finding.error] == ["KeyError", "OddError", "ValueError"]
    assert findings[0].reason.startswith("unexpected KeyError at tests.test_results:")
    assert SECRET not in msgspec.json.encode(findings).decode()


def test_manual_and_not_applicable_end_the_block() -> None:
    audit = auditing()
    with audit(Bucket("a")):
        audit.manual("Is it public on purpose?")
        raise AssertionError("not reached")
    with audit(Bucket("b")):
        audit.not_applicable("a log bucket")
        raise AssertionError("not reached")
    with audit(Bucket("c")):
        raise NotOffered("not offered in the region")
    told = [(f.status, f.reason, f.question) for f in audit.finish()]
    assert told == [
        (Status.MANUAL, "Is it public on purpose?", "Is it public on purpose?"),
        (Status.NOT_APPLICABLE, "a log bucket", None),
        (Status.NOT_APPLICABLE, "not offered in the region", None),
    ]


def test_what_has_vanished_leaves_no_finding() -> None:
    audit = auditing()
    with audit(Bucket("gone")):
        raise Vanished
    with audit(Bucket("logs")):
        pass
    assert [finding.resource for finding in audit.finish()] == [LOGS]


def test_where_all_has_vanished_nothing_exists() -> None:
    audit = auditing()
    with audit(Bucket("gone")):
        raise Vanished
    finding = only(audit)
    assert (finding.status, finding.resource) == (Status.NOT_APPLICABLE, ACCOUNT_ARN)
    assert finding.reason == "everything that was listed was gone when it was looked at"


def test_an_interrupt_is_not_held_back() -> None:
    audit = auditing()
    with pytest.raises(KeyboardInterrupt), audit(Bucket("logs")):
        raise KeyboardInterrupt
    assert audit.findings == []


def test_declared_is_the_basis_of_pass_and_not_applicable_only() -> None:
    audit = auditing()
    endings: dict[str, Any] = {
        "pass": lambda: None,
        "none": lambda: audit.not_applicable("public on purpose"),
        "fail": lambda: (_ for _ in ()).throw(AssertionError("writable")),
        "manual": lambda: audit.manual("Is it?"),
        "error": lambda: (_ for _ in ()).throw(UnexpectedAnswer("odd", "s3:GetX")),
    }
    for name, end in endings.items():
        with audit(Bucket(name)):
            audit.declared("buckets.public", name)
            end()
    with audit(Bucket("next")):
        pass
    assert [(f.status, f.basis, f.reason) for f in audit.finish()] == [
        ("PASS", "declared", "Every bucket is blocked. (buckets.public = pass)"),
        ("NOT_APPLICABLE", "declared", "public on purpose (buckets.public = none)"),
        ("FAIL", "observed", "writable"),
        ("MANUAL", "observed", "Is it?"),
        ("ERROR", "observed", "odd"),
        ("PASS", "observed", "Every bucket is blocked."),
    ]


def test_severity_is_the_blocks_own_or_the_checks() -> None:
    audit = auditing()
    with audit(Bucket("a"), severity="low"):
        pass
    with audit(Bucket("b")):
        audit.severity("medium")
    with audit(Bucket("c")):
        pass
    assert [finding.severity for finding in audit.finish()] == ["low", "medium", "high"]
    assert [severity_lowered("critical", 1), severity_lowered("medium", 5)] == ["high", "low"]


# --- what it is about


@pytest.mark.parametrize(
    ("resource", "given", "of_target", "region"),
    [
        (VOLUME, None, "us-east-1", "eu-west-1"),
        (VOLUME, "eu-north-1", "us-east-1", "eu-north-1"),
        (LOGS, None, "us-east-1", "us-east-1"),
        (LOGS, "eu-west-1", None, "eu-west-1"),
        (LOGS, None, None, None),
        ("repo:../shop", None, None, None),
    ],
)
def test_the_region_is_what_is_said_else_the_arns_else_the_targets(
    resource: str, given: str | None, of_target: str | None, region: str | None
) -> None:
    audit = auditing(of_target)
    with audit(resource, region=given):
        pass
    finding = only(audit)
    assert finding.region == region
    assert finding.id == finding_id("ACCT.08", "bucket_blocked", "123456789012", region, resource, None)


def test_the_type_is_the_checks_but_for_the_account_itself() -> None:
    audit = auditing()
    with audit(LOGS):
        pass
    with audit(audit.target()):
        pass
    with audit(VOLUME, type="AWS::EC2::Volume"):
        pass
    assert [f.resource_type for f in audit.finish()] == ["AWS::S3::Bucket", "AWS::::Account", "AWS::EC2::Volume"]
    block = auditing(on="AWS::S3::AccountPublicAccessBlock")
    with block(block.target()):
        pass
    assert (only(block).resource, only(block).resource_type) == (ACCOUNT_ARN, "AWS::S3::AccountPublicAccessBlock")


def test_a_check_of_two_controls_gives_a_finding_under_each() -> None:
    audit = auditing(controls=("ACCT.05", "ACCT.02"))
    with audit("arn:aws:iam::123456789012:root"):
        raise AssertionError("no MFA")
    first, second = audit.finish()
    assert (first.control, second.control) == ("ACCT.05", "ACCT.02")
    assert first.id != second.id
    assert (first.references[0], second.references[0]) == (CONTROLS["ACCT.05"].url, CONTROLS["ACCT.02"].url)
    same = msgspec.structs.replace(second, id=first.id, control=first.control, references=first.references)
    assert same == first


def test_items_tell_findings_of_one_resource_apart() -> None:
    audit = auditing()
    for item in ("billing", "security"):
        with audit(ACCOUNT_ARN, item=item):
            pass
    assert [(finding.status, finding.item) for finding in audit.finish()] == [("PASS", "billing"), ("PASS", "security")]


def test_evidence_is_plain_text_of_this_block() -> None:
    audit = auditing()
    with audit(Bucket("a")):
        audit.saw(BlockPublicAcls=False, MaxAge=90, Ports=[443, 80], Names={"b", "a"}, Key=None, Name="a\x1b[31m\nb")
        audit.saw(MaxAge=91)
    with audit(Bucket("b")):
        pass
    first, second = audit.finish()
    assert first.evidence == {
        "BlockPublicAcls": "false",
        "MaxAge": "91",
        "Ports": "443, 80",
        "Names": "a, b",
        "Key": "None",
        "Name": "a\\x1b[31m\\nb",
    }
    assert second.evidence == {}


# --- silence, and what must not be


def test_a_check_without_a_finding_is_error() -> None:
    finding = only(auditing("eu-west-1"))
    assert (finding.status, finding.resource, finding.region) == (Status.ERROR, ACCOUNT_ARN, "eu-west-1")
    assert finding.reason == "the check ended without a finding; nothing was judged"
    assert finding.error == Failure(operation=None, code="NotRun", action=None, denied_by=None)


def test_one_resource_judged_twice_is_error() -> None:
    audit = auditing()
    for name in ("logs", "www", "logs"):
        with audit(Bucket(name)):
            pass
    kept, error = audit.finish()
    assert (kept.status, kept.resource) == (Status.PASS, "arn:aws:s3:::www")
    assert (error.status, error.resource) == (Status.ERROR, ACCOUNT_ARN)
    assert error.reason == "the check judged one resource twice; tell it apart by item"


def test_an_error_outside_of_the_blocks_is_error_beside_what_was_found() -> None:
    audit = auditing()
    with audit(Bucket("logs")):
        raise AssertionError("not blocked")
    found = audit.finish(AwsError("s3:ListBuckets failed", "s3:ListBuckets", "InternalError"))
    assert [(f.status, f.resource, f.item) for f in found] == [("FAIL", LOGS, None), ("ERROR", ACCOUNT_ARN, None)]


def test_such_an_error_does_not_take_the_place_of_what_was_found_of_the_account() -> None:
    audit = auditing()
    with audit(audit.target()):
        raise AssertionError("not blocked")
    found = audit.finish(NotRun("the read failed"))
    assert [(f.status, f.item, f.reason) for f in found] == [("FAIL", None, "not blocked"), ("ERROR", "rest of the check", "the read failed")]
    assert len({finding.id for finding in found}) == 2


def test_an_assertion_outside_of_the_blocks_is_no_fail() -> None:
    (finding,) = auditing().finish(AssertionError(f"assert {SECRET}"))
    assert finding.status is Status.ERROR
    assert SECRET not in finding.reason


def test_what_is_not_offered_does_not_apply() -> None:
    (finding,) = auditing("eu-west-1").finish(NotOffered("no such service in eu-west-1"))
    assert (finding.status, finding.reason) == (Status.NOT_APPLICABLE, "no such service in eu-west-1")


def test_the_whole_target_decided_at_once() -> None:
    audit = auditing()
    audit.decided(Status.NOT_APPLICABLE, "judged in production accounts only", declared="environment = preproduction")
    finding = only(audit)
    assert (finding.resource, finding.basis) == (ACCOUNT_ARN, "declared")
    assert finding.reason == "judged in production accounts only (environment = preproduction)"


@pytest.mark.parametrize(
    ("resource", "given", "field"),
    [(SECRET, {}, "resource"), (LOGS, {"region": "EU"}, "region"), (LOGS, {"severity": "worst"}, "severity"), ("arn:aws:s3:::", {}, "resource")],
)
def test_a_finding_that_the_file_would_refuse_is_error(resource: str, given: dict[str, Any], field: str) -> None:
    audit = auditing()
    with audit(resource, **given):
        pass
    with audit(Bucket("www")):
        pass
    kept, error = audit.finish()
    assert (kept.resource, kept.status) == ("arn:aws:s3:::www", Status.PASS)
    assert (error.resource, error.status) == (ACCOUNT_ARN, Status.ERROR)
    assert error.reason == f"the check gave a finding that the results file does not allow ({field}); nothing was judged"
    assert msgspec.convert(msgspec.to_builtins([kept, error]), list[Finding]) == [kept, error]


# --- names that strangers chose

HOSTILE = [
    "a b",
    "a\nb",
    "\x1b[31mred\x1b[0m",
    'it\'s "x"',
    "$(reboot)",
    "`reboot`",
    "a;rm -rf ~",
    "--force",
    "{arn}",
    "\u202egnp",
    "a\r\tb",
    "\x9b2J",
    "%s",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_one_harmless_word(name: str) -> None:
    audit = auditing()
    with audit(Bucket(name), item=name):
        audit.saw(Name=name)
        raise AssertionError(f"{name} is not blocked")
    finding = only(audit)
    assert finding.remediation is not None
    assert shlex.split(finding.remediation) == ["aws", "s3api", "block", "--bucket", clean(name), "--account", "123456789012", "--region", ""]
    assert (finding.resource, finding.item, finding.reason) == (f"arn:aws:s3:::{clean(name)}", clean(name), f"{clean(name)} is not blocked")
    assert finding.evidence == {"Name": clean(name)}
    written = [finding.resource, finding.item, finding.reason, finding.remediation, *finding.evidence.values()]
    assert all(text.isprintable() for text in written if text)
    assert finding.id == finding_id("ACCT.08", "bucket_blocked", "123456789012", None, finding.resource, finding.item)


def test_hostile_questions_and_errors_are_escaped() -> None:
    audit = auditing()
    with audit(Bucket("a")):
        audit.manual("really\x1b[2J?")
    with audit(Bucket("b")):
        raise AwsError("no such key\n\x1b[2J", "s3:GetX", "NoSuchKey")
    manual, error = audit.finish()
    assert (manual.question, error.reason) == ("really\\x1b[2J?", "no such key\\n\\x1b[2J")


def test_a_fix_is_the_blocks_own_or_the_checks() -> None:
    audit = auditing()
    with audit(Bucket("a"), fix="aws s3 rb s3://{name}"):
        raise AssertionError("not blocked")
    with audit(Bucket("b c")):
        audit.fix("aws s3api x --arn {arn} --in {partition}")
        raise AssertionError("not blocked")
    with audit(VOLUME, fix="aws ec2 x {id} --region {region}"):
        raise AssertionError("not blocked")
    assert [finding.remediation for finding in audit.finish()] == [
        "aws s3 rb s3://a",
        "aws s3api x --arn 'arn:aws:s3:::b c' --in aws",
        "aws ec2 x vol-1 --region eu-west-1",
    ]


# --- ids and order


def test_a_finding_id_never_changes() -> None:
    by_hand = b'["ACCT.08", "bucket_public_access_block", "123456789012", null, "arn:aws:s3:::logs", null]'
    ours = finding_id("ACCT.08", "bucket_public_access_block", "123456789012", None, "arn:aws:s3:::logs", None)
    assert ours == hashlib.sha256(by_hand).hexdigest()[:16] == "579d6e7cf5ef781a"
    other = b'["WKLD.08", "ebs", "123456789012", "eu-west-1", "arn:aws:ec2:eu-west-1:123456789012:volume/v\\u00f6l", "x"]'
    ours = finding_id("WKLD.08", "ebs", "123456789012", "eu-west-1", "arn:aws:ec2:eu-west-1:123456789012:volume/v\u00f6l", "x")
    assert ours == hashlib.sha256(other).hexdigest()[:16] == "e2adb861268b3f82"


def test_findings_are_sorted_by_control_check_account_region_resource_item() -> None:
    wanted = [
        made("PASS", control="ACCT.08", check="a", region="z"),
        made("FAIL", control="ACCT.08", check="b", account="111111111111", region="z"),
        made("PASS", control="ACCT.08", check="b", account="222222222222", region=None, resource="arn:z"),
        made("FAIL", control="ACCT.08", check="b", account="222222222222", region="a", resource="arn:a", item=None),
        made("PASS", control="ACCT.08", check="b", account="222222222222", region="a", resource="arn:a", item="x"),
        made("PASS", control="ACCT.08", check="b", account="222222222222", region="a", resource="arn:b"),
        made("PASS", control="WKLD.01", check="a"),
    ]
    assert in_order(reversed(wanted)) == wanted
    assert in_order(wanted[3:] + wanted[:3]) == wanted


# --- statuses

# What was found, the test's (and control's) status, and the same for a key check.
TABLE = [
    ("FAIL ERROR WAIVED PASS MANUAL NOT_APPLICABLE", "FAIL", "FAIL"),
    ("FAIL PASS", "FAIL", "FAIL"),
    ("ERROR WAIVED PASS MANUAL NOT_APPLICABLE", "ERROR", "ERROR"),
    ("ERROR PASS", "ERROR", "ERROR"),
    ("MANUAL WAIVED PASS NOT_APPLICABLE", "WAIVED", "MANUAL"),
    ("MANUAL PASS", "PASS", "MANUAL"),
    ("WAIVED PASS", "WAIVED", "WAIVED"),
    ("WAIVED NOT_APPLICABLE", "WAIVED", "WAIVED"),
    ("PASS NOT_APPLICABLE", "PASS", "PASS"),
    ("MANUAL NOT_APPLICABLE", "MANUAL", "MANUAL"),
    ("MANUAL", "MANUAL", "MANUAL"),
    ("NOT_APPLICABLE", "NOT_APPLICABLE", "NOT_APPLICABLE"),
]


@pytest.mark.parametrize(("found", "status", "of_key"), TABLE, ids=[row[0] for row in TABLE])
def test_the_worst_decides(found: str, status: str, of_key: str) -> None:
    findings = [made(each) for each in found.split()]
    for some in (findings, findings[::-1], findings * 2):
        assert status_of_control(some, []) == status
        assert status_of_control(some, ["another_check"]) == status
        assert status_of_control(some, ["bucket_blocked"]) == of_key
        assert status_of_test(some) == status
        assert status_of_test(some, key=True) == of_key


def test_only_a_key_check_that_is_itself_manual_holds_its_control_back() -> None:
    findings = [made("MANUAL", check="other"), made("PASS", check="key")]
    assert status_of_control(findings, ["key"]) == "PASS"
    assert status_of_control(findings, ["other"]) == "MANUAL"


def test_a_control_without_findings_was_not_run() -> None:
    assert status_of_control([], ["bucket_blocked"]) == "NOT_RUN"


@pytest.mark.parametrize("status", [str(status) for status in Status])
def test_extended_findings_do_not_count_for_the_control(status: str) -> None:
    beyond = made(status, extended=True)
    assert status_of_control([beyond], ["bucket_blocked"]) == "NOT_RUN"
    assert status_of_control([beyond, made("PASS")], ["bucket_blocked"]) == "PASS"


def test_the_scorecard_has_every_control_and_counts() -> None:
    def check(name: str, *controls: str, key: bool = False) -> Check:
        return msgspec.structs.replace(CHECK, id=name, controls=controls, key=key)

    known = [check("a", "ACCT.08"), check("b", "ACCT.08", "ACCT.02", key=True), check("c", "ACCT.08"), check("d", "ACCT.08"), check("e", "WKLD.01")]
    findings = [
        made("PASS", check="a"),
        made("PASS", check="a"),
        made("WAIVED", check="a"),
        made("MANUAL", check="b"),
        made("MANUAL", check="b", control="ACCT.02"),
        made("NOT_APPLICABLE", check="c"),
    ]
    rows = scorecard(findings, {each.id: each for each in known}, ["a", "b", "c"])
    assert [row.id for row in rows] == list(CONTROLS)
    assert len(rows) == 27
    by_id = {row.id: row for row in rows}
    eight = by_id["ACCT.08"]
    assert (eight.title, eight.status) == (CONTROLS["ACCT.08"].title, "MANUAL")
    assert list(eight.counts.items()) == [("WAIVED", 1), ("PASS", 2), ("MANUAL", 1), ("NOT_APPLICABLE", 1)]
    assert eight.checks == CheckCounts(selected=3, judged=1, total=4)
    two, workload, empty = by_id["ACCT.02"], by_id["WKLD.01"], by_id["WKLD.15"]
    assert (two.status, two.counts, two.checks) == ("MANUAL", {"MANUAL": 1}, CheckCounts(selected=1, judged=0, total=1))
    assert (workload.status, workload.counts, workload.checks) == ("NOT_RUN", {}, CheckCounts(selected=0, judged=0, total=1))
    assert (empty.status, empty.checks) == ("NOT_RUN", CheckCounts(selected=0, judged=0, total=0))


@pytest.mark.parametrize(("status", "judged"), [("PASS", 1), ("FAIL", 1), ("WAIVED", 1), ("ERROR", 0), ("MANUAL", 0), ("NOT_APPLICABLE", 0)])
def test_what_counts_as_judged(status: str, judged: int) -> None:
    rows = {row.id: row for row in scorecard([made(status)], {CHECK.id: CHECK}, [CHECK.id])}
    assert rows["ACCT.08"].checks == CheckCounts(selected=1, judged=judged, total=1)


def test_missing_permissions_are_told_once_with_what_they_cost() -> None:
    def denied(action: str | None, **fields: Any) -> Finding:
        by = fields.pop("by", None)
        return made("ERROR", error=Failure(operation="x:Y", code="AccessDenied", action=action, denied_by=by), **fields)

    findings = [
        denied("s3:ListAllMyBuckets", check="b"),
        denied("ec2:DescribeVpcs", check="b", region="us-east-1"),
        denied("ec2:DescribeVpcs", check="a", region="eu-west-1"),
        denied("ec2:DescribeVpcs", check="a", region="us-east-1"),
        denied("ec2:DescribeVpcs", check="a", region="us-east-1", by="scp"),
        denied("ec2:DescribeVpcs", check="a", account="999999999999"),
        denied(None, check="throttled"),
        made("FAIL"),
    ]
    mine = "123456789012"
    assert missing_permissions(findings) == (
        MissingPermission(action="ec2:DescribeVpcs", account=mine, regions=("eu-west-1", "us-east-1"), checks=("a", "b"), denied_by=None),
        MissingPermission(action="ec2:DescribeVpcs", account=mine, regions=("us-east-1",), checks=("a",), denied_by="scp"),
        MissingPermission(action="ec2:DescribeVpcs", account="999999999999", regions=(), checks=("a",), denied_by=None),
        MissingPermission(action="s3:ListAllMyBuckets", account=mine, regions=(), checks=("b",), denied_by=None),
    )
    assert missing_permissions([]) == ()
