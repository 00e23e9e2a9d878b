"""The formats for machines and for GitHub: whole files of the demo as snapshots, each format's own rules, and what strangers may have written."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

from pytest_ssb.failon import FailOn
from pytest_ssb.findings import Declared, Failure, Finding, Status, Waived
from pytest_ssb.reporters import FORMATS, asff, findings_csv, github, markdown, ocsf, sarif, suffix_of, write
from pytest_ssb.results import Results
from tests.reports import FOLDER, made
from tests.support.pages import results_of
from tests.support.runs import Runner
from tests.support.worlds import session
from tests.test_ranking import fails

HOSTILE = "=cmd|' /C calc'!A0 </td><script>x</script> `| @everyone [x](https://evil.example) *b* _i_ %0A::error::x"


def finding(status: str = "FAIL", **fields: Any) -> Finding:
    known: dict[str, Any] = {"status": Status(status), "nodeid": "tests_account/test_acct_08_s3_public_access.py::test_bucket_not_public[prod]"}
    if status == "ERROR":
        known |= {"error": Failure(operation="s3:GetX", code="AccessDenied", action="s3:GetX", denied_by="scp"), "remediation": None}
    if status == "WAIVED":
        known |= {"waiver": Waived(reason="a website", owner="ana", expires="2027-01-01")}
    return fails("ACCT.08", "bucket_not_public", **(known | fields))


EVERY = results_of([finding(str(status), resource=f"arn:aws:s3:::{status.lower()}", item="x") for status in Status])


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a small run of the demo writes, without its times."""
    return made(tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="session")
def demo(files: dict[str, str]) -> Results:
    """The same run's results."""
    import msgspec

    return msgspec.json.decode(files["demo.json"], type=Results)


# --- whole files


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
def test_the_demos_files_are_as_they_were(files: dict[str, str], name: str) -> None:
    assert files[name] == (FOLDER / name).read_text(encoding="utf-8"), "python -m tests.reports writes them anew, if that is meant"


def test_every_format_has_its_snapshot(files: dict[str, str]) -> None:
    assert {suffix_of(FOLDER / name) for name in files} == set(FORMATS)
    assert sorted(files) == sorted(path.name for path in FOLDER.iterdir())


# --- files


def test_the_longest_suffix_tells_the_format() -> None:
    assert [suffix_of(Path(name)) for name in ("a.json", "a.ocsf.json", "a.asff.json", "a.b.json", ".json", "ocsf.json")] == [
        *(".json", ".ocsf.json", ".asff.json", ".json"),
        None,
        ".json",
    ]


def test_parts_of_an_earlier_run_are_removed_and_other_files_are_not(tmp_path: Path) -> None:
    many = results_of([finding(resource=f"arn:aws:s3:::b{n}", region="eu-west-1") for n in range(201)])
    path = tmp_path / "ssb.asff.json"
    assert [one.name for one in write(many, path)] == ["ssb.asff.json", "ssb.2.asff.json", "ssb.3.asff.json"]
    (tmp_path / "ssb.x.asff.json").write_text("mine")
    (tmp_path / "ssb.2.json").write_text("mine")
    assert [one.name for one in write(EVERY, path)] == ["ssb.asff.json"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["ssb.2.json", "ssb.asff.json", "ssb.x.asff.json"]


def test_a_file_that_cannot_be_written_leaves_the_old_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ssb.md"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space"):
        write(EVERY, path)
    assert [one.name for one in tmp_path.iterdir()] == ["ssb.md"]
    assert path.read_text() == "old"


# --- CSV


def test_csv_has_a_row_for_each_finding() -> None:
    rows = list(csv.DictReader(io.StringIO(findings_csv.render(EVERY))))
    assert {row["resource"]: row["status"] for row in rows} == {found.resource: str(found.status) for found in EVERY.findings}
    by_status = {row["status"]: row for row in rows}
    assert by_status["ERROR"]["missing_permission"] == "s3:GetX"
    assert (by_status["WAIVED"]["owner"], by_status["WAIVED"]["waived_until"]) == ("ana", "2027-01-01")


@pytest.mark.parametrize("begins", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\uff1d1", "\uff201"])
def test_csv_computes_nothing(begins: str) -> None:
    (row,) = csv.DictReader(io.StringIO(findings_csv.render(results_of([finding(item=begins, reason=begins)]))))
    assert (row["item"], row["reason"]) == (f"'{begins}", f"'{begins}")


def test_csv_keeps_what_is_no_formula() -> None:
    said = 'a "quoted", long\\nreason; =1'
    (row,) = csv.DictReader(io.StringIO(findings_csv.render(results_of([finding(reason=said)]))))
    assert row["reason"] == said


# --- OCSF


def test_ocsf_is_valid_and_says_what_the_findings_say(demo: Results) -> None:
    for results in (demo, EVERY):
        events = [(event, ComplianceFinding.model_validate(event)) for event in json.loads(ocsf.render(results))]
        assert [valid.finding_info.uid for _, valid in events] == [found.id for found in results.findings]
        for (event, valid), found in zip(events, results.findings, strict=True):
            assert (valid.class_uid, valid.type_uid, valid.metadata.version, valid.category_uid) == (2003, 200301, "1.5.0", 2)
            assert (event["status_code"], event["compliance"]["control"]) == (found.status, found.control)
            # Nothing that the class does not know, but for what the profile "cloud" and version 1.5.0 add.
            assert set(event) - set(ComplianceFinding.model_fields) == {"cloud"}
            assert valid.time == int(datetime.fromisoformat(results.finished_at).timestamp() * 1000)


def test_ocsf_never_says_pass_of_what_did_not() -> None:
    events = {event["status_code"]: event for event in json.loads(ocsf.render(EVERY))}
    assert {status: event["compliance"]["status_id"] for status, event in events.items()} == {
        "FAIL": 3,
        "WAIVED": 3,
        "ERROR": 2,
        "MANUAL": 2,
        "PASS": 1,
        "NOT_APPLICABLE": 99,
    }
    assert [status for status, event in events.items() if event["status_id"] == 3] == ["WAIVED"]


# --- ASFF

LABELS = {"INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"}
REQUIRED = {
    *("SchemaVersion", "Id", "ProductArn", "GeneratorId", "AwsAccountId", "Types", "CreatedAt", "UpdatedAt", "Severity", "Title", "Description"),
    "Resources",
}
# https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html
LENGTHS = {"Id": 512, "GeneratorId": 512, "Title": 256, "Description": 1024, "ProductArn": 2048}
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def wrong(found: dict[str, Any], shape: Any) -> list[str]:
    """What Security Hub would refuse of a finding."""
    said = [f"{name} is missing" for name in sorted(REQUIRED - set(found))]
    said += [f"{name} is unknown" for name in sorted(set(found) - set(shape.members))]
    said += [f"{name} is empty or too long" for name, most in LENGTHS.items() if not 1 <= len(found.get(name, "")) <= most]
    said += [f"{name} is no time" for name in ("CreatedAt", "UpdatedAt") if not RFC_3339.fullmatch(found.get(name, ""))]
    for severity in (found["Severity"], found["FindingProviderFields"]["Severity"]):
        said += [] if severity["Label"] in LABELS else ["no such label"]
    said += [] if re.fullmatch(r"\d{12}", found["AwsAccountId"]) else ["no account"]
    arn = re.fullmatch(r"arn:[a-z-]+:securityhub:([a-z0-9-]+):(\d{12}):product/(\d{12})/default", found["ProductArn"])
    said += [] if arn and arn[2] == arn[3] == found["AwsAccountId"] else ["the product is not the account's own"]
    said += [] if 1 <= len(found["Resources"]) <= 32 else ["too few or many resources"]
    types = set(shape.members["Resources"].member.members["Details"].members) | {"AwsAccount", "Other"}
    for resource in found["Resources"]:
        said += [] if resource["Type"] in types else [f"no type {resource['Type']}"]
        other = resource.get("Details", {}).get("Other", {})
        said += [] if len(other) <= 50 and all(len(key) < 128 and 0 < len(value) < 1024 for key, value in other.items()) else ["details are too long"]
    said += [] if 1 <= len(found["Remediation"]["Recommendation"]["Text"]) <= 512 else ["the recommendation is too long"]
    fields = found["ProductFields"]
    said += [] if len(fields) <= 50 and all(len(key) <= 128 and 0 < len(value) <= 2048 for key, value in fields.items()) else ["product fields"]
    said += [] if all(len(one) <= 64 for one in found["Compliance"]["RelatedRequirements"]) else ["related requirements"]
    said += [] if found["Compliance"]["Status"] in shape.members["Compliance"].members["Status"].enum else ["compliance status"]
    said += [] if found["Workflow"]["Status"] in shape.members["Workflow"].members["Status"].enum else ["workflow status"]
    said += [] if len(json.dumps(found, indent=1).encode()) <= 240_000 else ["more than 240 KB"]
    return said


@pytest.fixture(scope="module")
def shape() -> Any:
    """botocore's shape of a finding; it accepts strings of any length and meaning."""
    return session().get_service_model("securityhub").shape_for("AwsSecurityFinding")


LONG = results_of(
    [
        finding(
            reason="r" * 5000,
            remediation="aws s3api " + "x" * 4000,
            item="i" * 3000,
            evidence={f"{n}" + "k" * 300: "v" * 3000 for n in range(80)},
            region="eu-west-1",
            resource=f"arn:aws:s3:::b{n}",
        )
        for n in range(250)
    ]
)


@pytest.mark.parametrize("name", ["demo", "every", "long"])
def test_asff_is_what_security_hub_takes(demo: Results, shape: Any, name: str) -> None:
    results = {"demo": demo, "every": EVERY, "long": LONG}[name]
    batches = [(text, json.loads(text)) for text in asff.render(results)]
    assert sorted(found["Id"] for _, batch in batches for found in batch) == sorted(f"pytest-ssb/{found.id}" for found in results.findings)
    for text, batch in batches:
        assert 1 <= len(batch) <= 100
        assert len(text.encode()) <= 6_000_000
        # One call is made in one region of one account.
        assert len({found["ProductArn"] for found in batch}) == 1
        for found in batch:
            assert wrong(found, shape) == []


def test_asff_knows_the_types_that_security_hub_knows(shape: Any) -> None:
    known = set(shape.members["Resources"].member.members["Details"].members) | {"AwsAccount"}
    assert set(asff.TYPES) <= known
    from pytest_ssb import suites

    lower = {name.lower() for name in known}
    judged = {found.check.on for found in suites.shipped().values()}
    assert [on for on in sorted(judged) if on.replace("::", "").lower() in lower and asff.resource_type(on) == "Other"] == []
    assert asff.resource_type("Git::Repository") == "Other"


def test_asff_never_says_passed_of_what_did_not() -> None:
    found = {one["ProductFields"]["ssb/status"]: one for text in asff.render(EVERY) for one in json.loads(text)}
    assert {status: one["Compliance"]["Status"] for status, one in found.items()} == {
        "FAIL": "FAILED",
        "WAIVED": "FAILED",
        "ERROR": "NOT_AVAILABLE",
        "MANUAL": "WARNING",
        "PASS": "PASSED",
        "NOT_APPLICABLE": "NOT_AVAILABLE",
    }
    assert [status for status, one in found.items() if one["Workflow"]["Status"] == "SUPPRESSED"] == ["WAIVED"]


def test_asff_gives_no_half_of_a_command() -> None:
    (one, *_) = json.loads(next(iter(asff.render(LONG))))
    assert "longer than this field" in one["Remediation"]["Recommendation"]["Text"]
    assert "ssb/remediation" not in one["ProductFields"]


def test_asff_places_what_has_no_region_where_the_account_is_judged() -> None:
    def region(**account: Any) -> str:
        import msgspec

        results = results_of([finding(region=None)])
        results = msgspec.structs.replace(results, accounts=(msgspec.structs.replace(results.accounts[0], **account),))
        (one,) = json.loads(next(iter(asff.render(results))))
        return str(one["ProductArn"].split(":")[1] + " " + one["ProductArn"].split(":")[3])

    assert region() == "aws us-east-1"
    assert region(regions=("eu-west-1",)) == "aws eu-west-1"
    assert region(regions=()) == "aws us-east-1"
    assert region(regions=(), partition="aws-cn") == "aws-cn cn-north-1"


def test_asff_without_findings_is_an_empty_batch() -> None:
    assert list(asff.render(results_of([]))) == ["[]\n"]


# --- SARIF


def test_sarif_has_what_code_scanning_asks_for(demo: Results) -> None:
    for results in (demo, EVERY):
        log = json.loads(sarif.render(results))
        assert (log["version"], log["$schema"]) == ("2.1.0", sarif.SCHEMA)
        (run,) = log["runs"]
        rules = run["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        for rule in rules:
            assert rule["shortDescription"]["text"]
            assert rule["fullDescription"]["text"]
            assert rule["helpUri"].startswith("https://")
            assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
            assert 0 < float(rule["properties"]["security-severity"]) <= 10
        shown = [found for found in results.findings if found.status not in (Status.PASS, Status.NOT_APPLICABLE)]
        assert [one["partialFingerprints"]["ssbFindingId/v1"] for one in run["results"]] == [found.id for found in shown]
        for one in run["results"]:
            assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
            assert one["message"]["text"]
            # 3.27.10: only a result of the kind "fail" has a level.
            assert (one["kind"] == "fail") is (one["level"] != "none")
            (location,) = one["locations"]
            assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", location["physicalLocation"]["artifactLocation"]["uri"])
            assert location["physicalLocation"]["region"]["startLine"] >= 1
        assert run["invocations"][0]["executionSuccessful"] is results.complete


def test_sarif_tells_kinds_and_suppresses_what_is_waived() -> None:
    (run,) = json.loads(sarif.render(EVERY))["runs"]
    found = {one["properties"]["status"]: one for one in run["results"]}
    assert {status: one["kind"] for status, one in found.items()} == {"FAIL": "fail", "WAIVED": "fail", "ERROR": "open", "MANUAL": "review"}
    assert [status for status, one in found.items() if "suppressions" in one] == ["WAIVED"]
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].startswith("s3:GetX is denied on")


# --- Markdown


def cells(row: str) -> list[str]:
    """A table row's cells, as GitHub splits them."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


def prose(text: str) -> str:
    """What is left of Markdown without its code, and without what is escaped."""
    text = re.sub(r"^(`{3,})sh\n.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    left, at = "", 0
    while at < len(text):
        fence = re.compile(r"`+").match(text, at)
        end = re.compile(rf"(?<!`){fence[0]}(?!`)").search(text, fence.end()) if fence else None
        if text[at] == "\\":
            at += 2
        elif end:
            at = end.end()
        else:
            left, at = left + text[at], at + 1
    return left


def test_markdown_shows_a_strangers_words_as_words() -> None:
    text = markdown.render(results_of([finding(resource=f"arn:aws:s3:::{HOSTILE}", reason=HOSTILE, item=HOSTILE, remediation=f"``` {HOSTILE}")]))
    rows = [line for line in text.splitlines() if "arn:aws:s3:::" in line and line.startswith("| ")]
    assert [len(cells(row)) for row in rows] == [5, 4]
    shown = prose(text)
    assert "Failures" in shown
    for live in ("<", "@", "[", "`", "://", "*b*"):
        assert live not in shown.replace("**", ""), live
    assert re.search(r"^````sh\n``` =cmd", text, re.MULTILINE)


def test_markdown_says_what_is_cut() -> None:
    text = markdown.render(results_of([finding(resource=f"arn:aws:s3:::b{n}") for n in range(markdown.AT_MOST + 7)]))
    assert "... and 7 more, in the findings file" in text
    assert text.count("| high | `arn:aws:s3:::b") == markdown.AT_MOST


def test_markdown_has_every_kind_of_what_is_not_well() -> None:
    text = markdown.render(EVERY)
    titles = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert titles == ["Controls", "Act first", "Failures", "Not evaluated", "Questions", "Waived", "Missing permissions"]
    assert "waived by ana until 2027-01-01: a website" in text
    assert "allow s3:GetX" in text


# --- GitHub


def test_github_gets_a_summary_and_the_ten_worst(run: Runner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = pytester.path / "summary.md"
    summary.write_text("# Of an earlier command\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    ran = run("-m", "acct_06 or acct_08", "--ssb-output", "out.md")
    assert summary.read_text(encoding="utf-8") == "# Of an earlier command\n" + (pytester.path / "out.md").read_text(encoding="utf-8")
    errors = [line for line in ran.text.splitlines() if line.startswith("::")]
    assert 1 < len(errors) <= 10
    assert errors[0].startswith("::error title=ACCT.08 bucket_not_public (critical)::arn:aws:s3:::")
    assert all("%0Afix: aws " in line for line in errors)


def test_github_is_told_nothing_elsewhere(run: Runner) -> None:
    assert "::error" not in run("-m", "acct_06").text


def test_a_summary_that_cannot_be_written_is_said(run: Runner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pytester.path / "none" / "summary.md"))
    ran = run("-m", "acct_06")
    ran.result.stdout.fnmatch_lines(["cannot write *summary.md: No such file or directory"])
    assert ran.result.ret == 1


def test_a_summary_is_cut_between_sections() -> None:
    text = "# Title\n\nx\n\n## One\n\naaa\n\n### Two\n\n```sh\nbbb\n```\n\n## Three\n\n" + "é" * 300 + "\n"
    for most in range(len(text.encode()) + 1):
        short = github.cut(text, most)
        assert len(short.encode()) <= most
        assert short.count("```") % 2 == 0
        assert short == text or not short or "the rest is in the findings file" in short
    assert github.cut(text, 400).startswith("# Title\n\nx\n\n## One\n\naaa\n\n### Two\n\n```sh\nbbb\n```\n")


def test_an_annotation_is_one_line_and_no_other_command() -> None:
    hostile = results_of([finding(reason="a\n::warning::b\r::set-output::c 100%", item="x")])
    (line,) = github.errors(hostile, {"GITHUB_STEP_SUMMARY": "x"})
    assert line.splitlines() == [line]
    assert "a%0A::warning::b%0D::set-output::c 100%25" in line


def test_only_what_fails_the_run_is_an_error_of_the_job() -> None:
    results = results_of([finding(baseline="known", resource="arn:aws:s3:::old"), finding(baseline="new", resource="arn:aws:s3:::fresh")])
    told = {
        name: list(github.errors(results, {"GITHUB_STEP_SUMMARY": "x"}, fails))
        for name, fails in {"all": None, "new": FailOn(new=True).fails}.items()
    }
    assert ["and 1 more" in line for line in told["all"]] == [True]
    assert [("fresh" in line, "old" in line) for line in told["new"]] == [(True, False)]


# --- JUnit


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["here", "xdist"])
def test_junit_has_the_properties_of_each_test(run: Runner, pytester: pytest.Pytester, workers: list[str]) -> None:
    ran = run("-m", "acct_06 or wkld_08", "--junit-xml", "junit.xml", *workers)
    tests = ElementTree.parse(pytester.path / "junit.xml").iter("testcase")
    told = {test.attrib["name"]: {one.attrib["name"]: one.attrib["value"] for one in test.iter("property")} for test in tests}
    assert set(told) == {found["nodeid"].partition("::")[2] for found in ran.results["findings"]}
    for name, properties in told.items():
        mine = [found for found in ran.results["findings"] if found["nodeid"].endswith(f"::{name}")]
        assert set(properties) == {"control", "check", "account", "region", "severity", "status", "counts"}
        assert (properties["check"], properties["account"]) == (mine[0]["check"], mine[0]["account"])
        worst = next(status for status in map(str, Status) if any(found["status"] == status for found in mine))
        assert properties["status"] == worst
        assert f"{sum(found['status'] == worst for found in mine)} {worst}" in properties["counts"]
    assert told["test_password_policy_reuse[demo]"] | {"counts": "", "status": ""} == {
        "control": "ACCT.06",
        "check": "password_policy_reuse",
        "account": "123456789012",
        "region": "",
        "severity": "low",
        "counts": "",
        "status": "",
    }


def test_a_declared_answer_says_by_whom() -> None:
    declared = Declared(statement="looked", by="bea", on="2026-01-01", review_by="2026-02-01", evidence=None)
    (row,) = csv.DictReader(io.StringIO(findings_csv.render(results_of([finding("PASS", declaration=declared)]))))
    assert row["owner"] == "bea"
