"""Compared with an earlier run: what is new, known and fixed, and that what was not evaluated is neither forgotten nor called fixed."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from pytest_ssb.comparing import compared, marked
from pytest_ssb.earlier import Earlier, read
from pytest_ssb.findings import Finding, Status, finding_id
from pytest_ssb.results import Baseline
from pytest_ssb.resultsschema import json_schema
from tests.support.pages import table, words
from tests.support.pages import told as shown
from tests.support.runs import Ran, Runner

# What the tool wrote of the demo when it judged 17 checks.
FIRST = Path(__file__).parent / "data" / "results" / "first.json"
ACCOUNT = "123456789012"


def found(status: str, name: str, check: str = "volume_encrypted", **fields: Any) -> Finding:
    """A finding on a volume of eu-west-1, by a check of each region, with an id of its own."""
    region = fields.pop("region", "eu-west-1")
    account = fields.pop("account", ACCOUNT)
    resource = fields.pop("resource", f"arn:aws:ec2:eu-west-1:{account}:volume/{name}")
    whole: dict[str, Any] = {
        "id": finding_id("WKLD.08", check, account, region, resource, fields.get("item")),
        "control": "WKLD.08",
        "check": check,
        "extended": False,
        "profile": "prod",
        "account": account,
        "region": region,
        "resource": resource,
        "item": None,
        "resource_type": "AWS::EC2::Volume",
        "severity": "high",
        "status": Status(status),
        "basis": "observed",
        "reason": "as seen",
        "question": None,
        "remediation": None,
        "references": (),
        "evidence": {},
        "error": {"operation": None, "code": "NotRun", "action": None, "denied_by": None} if status == "ERROR" else None,
        "nodeid": f"tests_workload/test_wkld_08_ebs.py::test_{check}[prod/{region}]",
    }
    return msgspec.convert(whole | fields, Finding)


def target(status: str, reason: str, **fields: Any) -> Finding:
    """A finding on the region as a whole."""
    return found(status, "", resource=f"arn:aws:account::{ACCOUNT}:account", resource_type="AWS::::Account", reason=reason, **fields)


def earlier(*findings: Finding, checks: tuple[str, ...] = ("volume_encrypted",)) -> Earlier:
    return Earlier(
        started_at="2026-01-01T03:04:05Z",
        open={finding.id: finding for finding in findings},
        checks=frozenset(checks),
        accounts=frozenset([ACCOUNT]),
    )


def names(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.resource.rpartition("/")[2] for finding in findings]


def comparison(before: Earlier, *now: Finding) -> Baseline:
    return compared([marked(finding, before) for finding in now], before)


# --- one finding, before and now -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "mark"),
    [("FAIL", "known"), ("WAIVED", "known"), ("PASS", None), ("ERROR", None), ("MANUAL", None), ("NOT_APPLICABLE", None)],
)
def test_what_failed_before_is_known_while_it_fails(now: str, mark: str | None) -> None:
    assert marked(found(now, "a"), earlier(found("FAIL", "a"))).baseline == mark


@pytest.mark.parametrize(("now", "mark"), [("FAIL", "new"), ("WAIVED", "new"), ("PASS", None), ("ERROR", None), ("MANUAL", None)])
def test_what_did_not_fail_before_is_new(now: str, mark: str | None) -> None:
    assert marked(found(now, "a"), earlier(found("FAIL", "b"))).baseline == mark


@pytest.mark.parametrize(
    ("was", "now", "mark"), [("medium", "critical", "new"), ("low", "medium", "new"), ("high", "high", "known"), ("critical", "low", "known")]
)
def test_what_has_become_more_severe_is_new(was: str, now: str, mark: str) -> None:
    assert marked(found("FAIL", "a", severity=now), earlier(found("FAIL", "a", severity=was))).baseline == mark


@pytest.mark.parametrize(
    ("now", "fixed", "remembered"),
    [
        (found("PASS", "a"), ["a"], []),
        (found("NOT_APPLICABLE", "a", basis="declared"), ["a"], []),
        (found("FAIL", "a"), [], []),
        (found("WAIVED", "a"), [], []),
        (found("ERROR", "a"), [], ["a"]),
        (found("MANUAL", "a", question="which?"), [], ["a"]),
        (found("NOT_APPLICABLE", "a", reason="judged by other_check"), [], ["a"]),
        (found("NOT_APPLICABLE", "a", reason="judged in account 210987654321"), [], ["a"]),
    ],
)
def test_only_a_verdict_says_that_something_is_fixed(now: Finding, fixed: list[str], remembered: list[str]) -> None:
    told = comparison(earlier(found("FAIL", "a")), now)
    assert (names(told.fixed), names(told.remembered)) == (fixed, remembered)
    assert told.not_evaluated == tuple(finding.id for finding in told.remembered)


@pytest.mark.parametrize(("there", "fixed"), [("PASS", ["a"]), ("NOT_APPLICABLE", ["a"]), ("FAIL", []), ("ERROR", []), ("WAIVED", [])])
def test_of_what_is_left_to_another_account_that_ones_verdict_counts(there: str, fixed: list[str]) -> None:
    shared = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:volume/a"
    now = (found("NOT_APPLICABLE", "a", reason="judged in account 210987654321"), found(there, "a", account="210987654321", resource=shared))
    told = comparison(earlier(found("FAIL", "a")), *now)
    assert names(told.fixed) == fixed
    assert names(told.remembered) == ([] if fixed else ["a"])


# --- what is gone ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "fixed"),
    [
        ([found("PASS", "b")], True),
        ([found("FAIL", "b")], True),
        ([target("NOT_APPLICABLE", "no volumes")], True),
        ([target("NOT_APPLICABLE", "judged in production accounts only (environment = preproduction)", basis="declared")], True),
        ([found("PASS", "b"), found("ERROR", "c")], False),
        ([target("ERROR", "denied")], False),
        ([target("NOT_APPLICABLE", "the region is not enabled for the account")], False),
        ([target("NOT_APPLICABLE", "a service control policy denies the region (denied_regions = eu-west-1)", basis="declared")], False),
        ([found("PASS", "b", region="us-east-1")], False),
        ([found("PASS", "b", check="snapshot_encrypted")], False),
        ([found("PASS", "b", account="210987654321")], False),
        ([], False),
    ],
    ids=[
        "judged",
        "fails",
        "none",
        "not for it",
        "one unknown",
        "denied",
        "disabled",
        "scp",
        "other region",
        "other check",
        "other account",
        "not run",
    ],
)
def test_what_is_gone_is_fixed_if_its_check_saw_all_of_its_target(now: list[Finding], fixed: bool) -> None:
    told = comparison(earlier(found("FAIL", "a")), *now)
    assert (names(told.fixed), names(told.remembered)) == ((["a"], []) if fixed else ([], ["a"]))


def test_the_target_is_the_tests_wherever_the_resource_lives() -> None:
    bucket = {"resource": "arn:aws:s3:::logs", "region": "us-east-1", "nodeid": "tests_account/test_acct_08.py::test_volume_encrypted[prod]"}
    other = bucket | {"resource": "arn:aws:s3:::photos", "region": "eu-west-1"}
    told = comparison(earlier(found("FAIL", "a", **bucket)), found("PASS", "b", **other))
    assert [finding.resource for finding in told.fixed] == ["arn:aws:s3:::logs"]


@pytest.mark.parametrize("test", ["[renamed/eu-west-1]", f"[prod/{ACCOUNT}/eu-west-1]", "[2-prod/eu-west-1-x]", "[prod/eu-west-1-2]"])
def test_a_target_is_the_same_whatever_its_profile_is_called(test: str) -> None:
    now = found("PASS", "b", nodeid=f"tests_workload/test_wkld_08_ebs.py::test_volume_encrypted{test}")
    assert names(comparison(earlier(found("FAIL", "a")), now).fixed) == ["a"]


# --- night by night --------------------------------------------------------------------------------------------------------------------


def test_what_was_not_evaluated_is_known_nights_later(run: Runner, pytester: pytest.Pytester) -> None:
    """One night judges it, the second and third something else, the fourth judges it again: still known, and nothing else is."""
    first = night(run, pytester, "password_policy_min_length or password_policy_reuse", baseline=None)
    second = night(run, pytester, "password_policy_composition", baseline="results.json")
    third = night(run, pytester, "password_policy_custom", baseline="results.json")
    fourth = night(run, pytester, "password_policy", baseline="results.json")
    failed = sorted(finding["id"] for finding in first.findings(status="FAIL"))
    assert len(failed) == 2
    for ran in (second, third):
        assert ran.results["baseline"]["not_evaluated"] == sorted(failed, key=[f["id"] for f in first.results["findings"]].index)
        assert {key: ran.results["baseline"][key] for key in ("new", "known", "fixed", "new_checks")} == {
            "new": 0,
            "known": 0,
            "fixed": [],
            "new_checks": [],
        }
        assert "compared with" in ran.text
        assert "0 new, 0 known, 0 fixed, 2 not evaluated this time, and remembered" in ran.text
    assert sorted(finding["id"] for finding in fourth.findings(baseline="known")) == failed
    assert fourth.results["baseline"]["not_evaluated"] == []
    assert fourth.findings(baseline="new") == []
    assert Draft202012Validator(json_schema()).is_valid(third.results)


def night(run: Runner, pytester: pytest.Pytester, keyword: str, baseline: str | None) -> Ran:
    """A run whose file stays where the next one finds it: `run` clears its own away."""
    given = []
    if baseline:
        shutil.copy(pytester.path / baseline, pytester.path / "yesterday.json")
        given = ["--ssb-baseline", "yesterday.json"]
    return run("-k", keyword, *given)


def test_a_file_may_be_its_own_successor(pytester: pytest.Pytester, run: Runner) -> None:
    shutil.copy(FIRST, pytester.path / "chain.json")
    run("-k", "password_policy", "--ssb-baseline", "chain.json", "--ssb-output", "chain.json")
    told = json.loads((pytester.path / "chain.json").read_text(encoding="utf-8"))["baseline"]
    assert (told["started_at"], told["known"]) == ("2026-11-26T03:42:39Z", 2)


# --- an earlier version's file, told in the terminal -----------------------------------------------------------------------------------


def test_a_file_of_an_earlier_version_tells_what_is_new(run: Runner, pytester: pytest.Pytester) -> None:
    reports = [word for name in ("ssb.md", "ssb.csv", "ssb.sarif") for word in ("--ssb-output", name)]
    ran = run("-m", "acct_06 or wkld_08", "--ssb-baseline", str(FIRST), *reports, "--html", "ssb.html")
    told = ran.results["baseline"]
    assert told["started_at"] == "2026-11-26T03:42:39Z"
    assert {f["check"] for f in ran.findings(baseline="known")} == {"password_policy_min_length", "password_policy_reuse"}
    new = {f["check"] for f in ran.findings(baseline="new")}
    assert told["new_checks"] == sorted(new - {"ebs_volume_encrypted"})
    assert told["new"] == len(ran.findings(status="FAIL")) - 2
    assert [(f["check"], f["status"], f["resource"][-21:]) for f in told["fixed"]] == [("ebs_volume_encrypted", "FAIL", "vol-d8c2458d77a9a57e6")]
    assert Draft202012Validator(json_schema()).is_valid(ran.results)
    said = [line for line in ran.text.splitlines() if line.startswith(("compared", "new checks", "fixed", "WKLD.08 FAIL", "ACCT.06 FAIL"))]
    assert f"compared with 2026-11-26T03:42:39Z: {told['new']} new, 2 known, 1 fixed" in said
    assert f"new checks, of which the baseline knows nothing: {', '.join(told['new_checks'])}" in said
    assert "fixed: WKLD.08 ebs_volume_encrypted: arn:aws:ec2:us-east-1:123456789012:volume/vol-d8c2458d77a9a57e6" in said
    heads = [line.partition(" (")[0] for line in said if " (" in line]
    assert {head for head in heads if head.startswith("WKLD")} == {"WKLD.08 FAIL NEW"}
    assert {head for head in heads if head.startswith("ACCT")} == {"ACCT.06 FAIL"}
    told_by_reports(pytester.path, ran, FIXED)


FIXED = "arn:aws:ec2:us-east-1:123456789012:volume/vol-d8c2458d77a9a57e6"


def told_by_reports(folder: Path, ran: Ran, fixed: str) -> None:
    """Each report that knows of a comparison says the same."""
    marks = {finding["id"]: finding["baseline"] for finding in ran.results["findings"]}
    new = sum(mark == "new" for mark in marks.values())
    counts = f"{new} new, 2 known, 1 fixed"
    rows = list(csv.DictReader((folder / "ssb.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["id"]: row["baseline"] for row in rows} == {id: mark or "" for id, mark in marks.items()}
    results = json.loads((folder / "ssb.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    states = {each["partialFingerprints"]["ssbFindingId/v1"]: each.get("baselineState") for each in results}
    assert states == {id: {"new": "new", "known": "unchanged"}[mark] for id, mark in marks.items() if mark}
    summary = (folder / "ssb.md").read_text(encoding="utf-8")
    assert f"Compared with 2026-11-26T03:42:39Z: {counts}." in summary
    assert summary.count(", **new** |") == new
    assert f"## Fixed\n\n| | resource | where |\n| --- | --- | --- |\n| WKLD.08 `ebs_volume_encrypted` | `{fixed}` | demo/us-east-1 |\n" in summary
    page = folder / "ssb.html"
    text = page.read_text(encoding="utf-8")
    assert '<h2 id="ssb-compared">Since 2026-11-26T03:42:39Z</h2>' in text
    assert f"<p>{counts}." in text
    assert f"<td>{fixed}</td>" in text
    marked_rows = {words(row)[2]: words(row)[-1] for row in table(page) if "NEW" in words(row)[-1]}
    assert set(marked_rows) == {finding["check"] for finding in ran.findings(baseline="new")}
    fresh = [each for test in shown(page)["tests"].values() for each in test[4] if shown(page)["texts"][each[8]] == "NEW"]
    assert len(fresh) == new


def test_a_baseline_of_another_account_is_said_to_be_one(run: Runner, pytester: pytest.Pytester) -> None:
    others = [finding | {"id": finding["id"][::-1], "account": "210987654321"} for finding in WHOLE["findings"]]
    pytester.path.joinpath("other.json").write_text(json.dumps(WHOLE | {"findings": others}), encoding="utf-8")
    ran = run("-k", "password_policy_reuse", "--ssb-baseline", "other.json")
    ran.result.stdout.fnmatch_lines(["--ssb-baseline: tells nothing of what was judged now: it is of 210987654321"])
    assert ran.results["baseline"]["fixed"] == []
    assert len(ran.results["baseline"]["not_evaluated"]) == 3


# --- files that cannot be compared with ------------------------------------------------------------------------------------------------

WHOLE = json.loads(FIRST.read_text(encoding="utf-8"))
WRONG = {
    "cut": (FIRST.read_text(encoding="utf-8")[:5000], "is broken (Input data was truncated); take a findings file that is whole"),
    "text": ("no JSON", "is broken (JSON is malformed: invalid character (byte 4)); take a findings file that is whole"),
    "empty": ("", "is broken (Input data was truncated); take a findings file that is whole"),
    "foreign": ('{"version": "2.1.0", "runs": []}', "is no findings file of pytest-ssb; --ssb-output FILE.json writes one"),
    "list": ("[]", "is no findings file of pytest-ssb; --ssb-output FILE.json writes one"),
    "other": ('{"schema": "mine/1"}', "is no findings file of pytest-ssb; --ssb-output FILE.json writes one"),
    "newer": (
        '{"schema": "pytest-ssb/results/2"}',
        "is of a schema that this version does not know, 'pytest-ssb/results/2'; it reads pytest-ssb/results/1: "
        "update pytest-ssb, or take a file of that schema",
    ),
    "no findings": (
        json.dumps({name: value for name, value in WHOLE.items() if name != "findings"}),
        "is broken (Object missing required field `findings`); take an earlier findings file that is whole",
    ),
    "odd finding": (
        json.dumps(WHOLE | {"findings": [WHOLE["findings"][3] | {"id": "short"}]}),
        "is broken (Expected `str` matching regex '^[0-9a-f]{16}$' - at `$.id`); take an earlier findings file that is whole",
    ),
    "shard": (
        json.dumps(WHOLE | {"run": {"id": "x", "shard": {"number": 3, "of": 10}}}),
        "holds one shard of a run; put its shards together first: python -m pytest_ssb merge results-*.json --ssb-output FILE",
    ),
}


@pytest.mark.parametrize(("text", "says"), WRONG.values(), ids=list(WRONG))
def test_a_file_that_cannot_be_compared_with_is_refused(run: Runner, pytester: pytest.Pytester, text: str, says: str) -> None:
    pytester.path.joinpath("old.json").write_text(text, encoding="utf-8")
    ran = run("--ssb-baseline", "old.json")
    assert ran.result.ret == 4
    assert [line for line in ran.result.errlines if line] == [f"ERROR: --ssb-baseline: old.json: {says}"]
    assert ran.results == {}


def test_a_missing_file_is_refused(run: Runner) -> None:
    says = "ERROR: --ssb-baseline: none.json: no such file; give a findings file that --ssb-output FILE.json wrote"
    assert [line for line in run("--ssb-baseline", "none.json").result.errlines if line] == [says]


def test_fields_that_this_version_does_not_know_or_miss_change_nothing(tmp_path: Path) -> None:
    """A file of a later version of the same schema, and one with the fewest fields that tell what failed."""
    least = ("id", "control", "check", "account", "resource", "severity", "status")
    older = WHOLE | {"findings": [{name: finding[name] for name in least} for finding in WHOLE["findings"]]}
    newer = WHOLE | {"more": 1, "findings": [finding | {"more": {}} for finding in WHOLE["findings"]]}
    whole = read(FIRST, "--ssb-baseline")
    for name, file in (("older", older), ("newer", newer)):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(file), encoding="utf-8")
        told = read(path, "--ssb-baseline")
        assert (set(told.open), told.checks, told.accounts) == (set(whole.open), whole.checks, whole.accounts)
    assert len(whole.open) == 3
