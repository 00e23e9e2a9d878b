"""The schema of the findings file is closed: what a run writes is valid, and no change of it is."""

from __future__ import annotations

import copy
import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from jsonschema import Draft202012Validator

from pytest_ssb.controls import CONTROLS
from pytest_ssb.findings import Status
from pytest_ssb.results import ControlStatus, Results
from pytest_ssb.resultsschema import json_schema

FILE = Path(__file__).parent.parent / "pytest_ssb" / "schemas" / "results-1.schema.json"
SCHEMA = json.loads(FILE.read_text(encoding="utf-8"))

# One value of each JSON type. A blank text is foreign to every enum and pattern.
OF_TYPE: dict[str, Any] = {"null": None, "boolean": True, "integer": 7, "number": 1.5, "string": " ", "array": [], "object": {}}

# --- what may be changed: nothing else

# Any text: people's words, and what was read.
FREE = {
    "Results.selection.markexpr",
    "Results.selection.keyword",
    "Results.selection.args[]",
    "Finding.item",
    "Finding.reason",
    "Finding.question",
    "Finding.remediation",
    "Finding.evidence.*",
}
NULLABLE = {
    "Results.accounts[].name",
    "Results.accounts[].caller",
    "Results.accounts[].error",
    *(f"Results.loose.accounts[].{name}" for name in ("name", "caller", "error")),
    "Results.run.shared_id",
    "Results.run.shard",
    *(f"WaiverRow.{name}" for name in ("control", "check", "account", "region", "resource", "scope", "item", "expires")),
    "Results.loose",
    "Results.baseline",
    "MissingPermission.denied_by",
    "Finding.region",
    "Finding.item",
    "Finding.question",
    "Finding.remediation",
    "Finding.error",
    "Finding.error.operation",
    "Finding.error.action",
    "Finding.error.denied_by",
    "Finding.waiver",
    "Finding.waiver.expires",
    "Finding.declaration",
    "Finding.declaration.evidence",
    "Finding.baseline",
}
# Objects whose keys are data; those of the second kind have a pattern or an enum.
OPEN = {"Finding.evidence"}
KEYED = {"Results.api_calls.by_operation", "Results.loose.minutes", "ControlRow.counts"}
# Null all the same where the status of the finding is this one.
NEVER_NULL = {("ERROR", "Finding.error"), ("WAIVED", "Finding.waiver"), ("MANUAL", "Finding.question")}


# --- what is changed


def finding(**fields: Any) -> dict[str, Any]:
    """The finding of the design."""
    return {
        "id": "5f0cd1a2b3c4d5e6",
        "control": "ACCT.08",
        "check": "bucket_public_access_block",
        "extended": False,
        "profile": "prod",
        "account": "123456789012",
        "region": "us-east-1",
        "resource": "arn:aws:s3:::logs",
        "item": None,
        "resource_type": "AWS::S3::Bucket",
        "severity": "high",
        "status": "FAIL",
        "basis": "observed",
        "reason": "BlockPublicAcls off for bucket and account",
        "question": None,
        "remediation": "aws s3api put-public-access-block --bucket logs",
        "references": ["https://docs.aws.amazon.com/prescriptive-guidance/latest/aws-startup-security-baseline/acct-08.html"],
        "evidence": {"BlockPublicAcls": "false"},
        "error": None,
        "waiver": None,
        "declaration": None,
        "baseline": "new",
        "nodeid": "tests_account/test_acct_08_s3_public_access.py::test_bucket_public_access_block[prod]",
    } | fields


DENIED = {"operation": "s3:ListBuckets", "code": "AccessDenied", "action": "s3:ListAllMyBuckets", "denied_by": "scp"}
WAIVER = {"reason": "public web site", "owner": "ana@acme.example", "expires": "2027-03-31"}
DECLARATION = {
    "statement": "MFA at every sign-in",
    "by": "ana",
    "on": "2026-10-01",
    "review_by": "2027-04-01",
    "evidence": "https://wiki.acme.example",
}
FINDINGS = {
    "FAIL": finding(),
    "ERROR": finding(status="ERROR", error=DENIED, remediation=None, resource="arn:aws:account::123456789012:account", region=None),
    "ERROR of ours": finding(status="ERROR", error={"operation": None, "code": "NotRun", "action": None, "denied_by": None}),
    "WAIVED": finding(status="WAIVED", waiver=WAIVER, baseline="known"),
    "WAIVED for good": finding(status="WAIVED", waiver=WAIVER | {"expires": None}),
    "PASS": finding(status="PASS", remediation=None, resource="repo:../shop", baseline=None),
    "PASS as declared": finding(status="PASS", basis="declared", declaration=DECLARATION),
    "MANUAL": finding(status="MANUAL", question="Does the provider ask for MFA?", item="security", resource="arn:aws:iam::123456789012:root"),
    "NOT_APPLICABLE": finding(status="NOT_APPLICABLE", basis="declared", evidence={}),
}
CONTROL = {"id": "ACCT.08", "title": "...", "status": "FAIL", "counts": {"PASS": 3, "FAIL": 1}, "checks": {"selected": 4, "judged": 4, "total": 4}}
MISSING = {
    "action": "guardduty:ListDetectors",
    "account": "123456789012",
    "regions": ["us-east-1"],
    "checks": ["guardduty_enabled"],
    "denied_by": "scp",
}
WAIVER_ROW = {
    "profile": "prod",
    "place": "ssb.toml: profile 'prod': waivers: entry 1 (line 50)",
    "control": "ACCT.08",
    "check": "bucket_not_public",
    "account": "1234*",
    "region": "-",
    "resource": "acme-www",
    "scope": "all",
    "item": "statement *",
    "reason": "public web site",
    "owner": "ana@acme.example",
    "expires": "2027-03-31",
    "state": "expiring",
    "matched": 0,
    "judged": True,
}
ACCOUNT = {
    "profile": "prod",
    "id": "123456789012",
    "name": "shop",
    "environment": "production",
    "partition": "aws",
    "regions": ["us-east-1"],
    "backend": "live",
    "caller": "arn:aws:sts::123456789012:assumed-role/ssb-audit/pytest-ssb",
    "error": "cannot list regions: ec2:DescribeRegions is denied (UnauthorizedOperation): allow ec2:DescribeRegions",
}
EXAMPLE = {
    "schema": "pytest-ssb/results/1",
    "tool": {"name": "pytest-ssb", "version": "0.1.0"},
    "edition": "2022-09",
    "run": {"id": "6a36262d-e8c2-42d4-b854-429a0b77e45c", "shared_id": "run 7", "shard": {"number": 3, "of": 10}, "missing_shards": [4]},
    "selection": {"markexpr": "acct", "keyword": "", "args": ["tests_account"], "regions": ["us-east-1"]},
    "started_at": "2026-01-02T03:04:05Z",
    "finished_at": "2026-01-02T03:04:15Z",
    "complete": True,
    "accounts": [ACCOUNT],
    "api_calls": {"total": 812, "by_operation": {"ec2:DescribeVpcs": 17}},
    "missing_permissions": [MISSING],
    "waivers": [WAIVER_ROW],
    "baseline": {
        "started_at": "2026-01-01T03:04:05Z",
        "new": 1,
        "known": 0,
        "new_checks": ["bucket_public_access_block"],
        "fixed": [finding()],
        "not_evaluated": ["5f0cd1a2b3c4d5e6"],
        "remembered": [finding()],
    },
    "controls": [CONTROL | {"id": control} for control in CONTROLS],
    "findings": list(FINDINGS.values()),
    "loose": {
        "accounts": [ACCOUNT],
        "targets": ["123456789012", "123456789012/us-east-1"],
        "unused": ["ssb.toml: profile 'prod': buckets.public = old matched nothing"],
        "used": ["ssb.toml: profile 'prod': buckets.public = site matched nothing"],
        "waivers_judged": [True],
        "notes": ["3 checks beyond the guide were not run"],
        "minutes": {"ACCT.03": 480},
        "key_checks": ["root_mfa_enabled"],
    },
}


@functools.cache
def validator(struct: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/$defs/{struct}", "$defs": SCHEMA["$defs"]})


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a run on the demo account writes."""
    folder = tmp_path_factory.mktemp("demo")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--ssb-profile", "demo", "--ssb-output", "results.json"]
    ran = subprocess.run([*command, "--ssb-region", "us-east-1"], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    results: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return results


Part = tuple[str, Any]


def parts(results: dict[str, Any]) -> list[Part]:
    """Each struct that is worth changing: the whole, with few findings, as each change judges it anew; one finding of each kind, one row of each status."""
    findings = {(f["status"], f["basis"], bool(f["item"]), f["declaration"] is None, (f["error"] or {}).get("code")): f for f in results["findings"]}
    rows = {row["status"]: row for row in results["controls"]}
    return [
        ("Results", results | {"findings": results["findings"][:2]}),
        *(("Finding", each) for each in findings.values()),
        *(("ControlRow", row) for row in rows.values()),
        *(("MissingPermission", each) for each in results["missing_permissions"][:1]),
        *(("WaiverRow", each) for each in results["waivers"][:1]),
    ]


def places(at: str, value: Any) -> Iterator[tuple[str, Any, Any]]:
    """Every place below a value: its path, the object or array that it is in, and its key or index there. Structs that are parts are not entered."""
    if at in (
        "Results.findings[]",
        "Results.controls[]",
        "Results.missing_permissions[]",
        "Results.waivers[]",
        "Results.baseline.fixed[]",
        "Results.baseline.remembered[]",
    ):
        return
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        path = f"{at}[]" if isinstance(value, list) else f"{at}.*" if at in OPEN | KEYED else f"{at}.{key}"
        yield path, value, key
        yield from places(path, child)


def json_type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return {int: "integer", float: "number", str: "string", list: "array", dict: "object"}[type(value)]


def changes(part: Part) -> Iterator[tuple[str, bool]]:
    """Every change of a struct: what was done, and whether the schema took it. The struct itself is changed, and mended again."""
    name, whole = part
    valid = validator(name).is_valid
    for path, holder, key in list(places(name, whole)):
        before = holder[key]
        for kind, other in OF_TYPE.items():
            if kind != json_type(before):
                holder[key] = other
                yield f"{kind} at {path}", valid(whole)
        if isinstance(before, str):
            for foreign in ("", " "):
                holder[key] = foreign
                yield f"string at {path}", valid(whole)
        holder[key] = before
        if isinstance(holder, dict):
            del holder[key]
            yield f"without {path}", valid(whole)
            holder[key] = before
    for path, holder in [(name, whole), *((path, holder[key]) for path, holder, key in places(name, whole))]:
        if isinstance(holder, dict):
            holder["more"] = "value"
            yield f"more at {path}", valid(whole)
            del holder["more"]


def allowed(part: Part) -> set[str]:
    """The changes of this struct that the lists above permit."""
    name, whole = part
    never = {path for status, path in NEVER_NULL if name == "Finding" and status == whole["status"]}
    found = {path for path, _, _ in places(name, whole)}
    values = {path: holder[key] for path, holder, key in places(name, whole)}
    return {
        *(f"string at {path}" for path in FREE & found),
        *(f"null at {path}" for path in (NULLABLE & found) - never if values[path] is not None),
        *(f"without {path}.*" for path in OPEN | KEYED if f"{path}.*" in found),
        *(f"more at {path}" for path in OPEN & found),
    }


def test_the_file_is_what_the_types_say() -> None:
    assert FILE.read_text(encoding="utf-8") == json.dumps(json_schema(), indent=2) + "\n", (
        "regenerate it: python -m pytest_ssb.resultsschema > pytest_ssb/schemas/results-1.schema.json"
    )


def test_the_schema_is_a_schema_and_every_object_in_it_is_closed() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    structs = {name: struct for name, struct in SCHEMA["$defs"].items() if "properties" in struct}
    assert {"Results", "Finding", "Failure", "Waived", "Declared", "Baseline", "ControlRow", "CheckCounts", "AccountRow", "Selection"} <= set(structs)
    for name, struct in structs.items():
        assert struct["additionalProperties"] is False, name
        assert sorted(struct["required"]) == sorted(struct["properties"]), name
        assert struct["description"], name
    assert SCHEMA["$defs"]["Finding"]["properties"]["control"]["enum"] == list(CONTROLS)


def test_a_controls_status_is_a_findings_or_not_run() -> None:
    assert set(get_args(ControlStatus)) == {*map(str, Status), "NOT_RUN"}


def test_the_example_is_valid_and_read_as_it_is_written() -> None:
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(EXAMPLE)] == []
    assert json.loads(msgspec.json.encode(msgspec.convert(EXAMPLE, Results))) == EXAMPLE


def test_what_a_run_writes_is_valid(written: dict[str, Any]) -> None:
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(written)] == []
    assert written["findings"]
    assert len(written["controls"]) == 27


def test_every_change_is_refused_but_those_listed(written: dict[str, Any]) -> None:
    seen = set()
    for part in [*parts(copy.deepcopy(EXAMPLE)), *parts(written)]:
        name, whole = part
        before = json.dumps(whole)
        assert validator(name).is_valid(whole)
        taken = {change for change, valid in changes(part) if valid}
        assert taken == allowed(part), f"{name}: {before}"
        assert json.dumps(whole) == before
        seen |= {path for path, _, _ in places(name, whole)}
    assert seen >= NULLABLE | OPEN | KEYED | FREE  # no exception that nothing needs


FOREIGN: list[tuple[str, list[Any]]] = [
    ("Finding.id", ["5f0c", "5F0CD1A2B3C4D5E6", "5f0cd1a2b3c4d5e60", "g" * 16]),
    ("Finding.control", ["ACCT.13", "WKLD.16", "acct.08", "ACCT.8"]),
    ("Finding.check", ["bucket public", "a.b", "test-x"]),
    ("Finding.account", ["12345678901", "1234567890123", "prod"]),
    ("Finding.region", ["eu west 1", "EU", "eu"]),
    ("Finding.resource", ["logs", "s3://logs", "arn:aws:s3:logs", "arn:aws:s3:::", "repo:"]),
    ("Finding.severity", ["HIGH", "info"]),
    ("Finding.status", ["pass", "NOT_RUN", "SKIPPED"]),
    ("Finding.basis", ["Observed", "declared"]),
    ("Finding.baseline", ["fixed", "old"]),
    ("Finding.error", [DENIED]),
    ("Finding.waiver", [WAIVER | {"expires": "31.03.2027"}, WAIVER | {"expires": "2027-13-01"}, WAIVER | {"owner": ""}]),
    ("Finding.declaration", [DECLARATION | {"on": "2026-10-01T00:00:00Z"}, DECLARATION | {"by": " "}, DECLARATION | {"review_by": None}]),
    ("Results.schema", ["pytest-ssb/results/2"]),
    ("Results.edition", ["2022", "2022-9"]),
    ("Results.started_at", ["2026-01-02", "2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05", "2026-01-02 03:04:05Z", "2026-13-02T03:04:05Z"]),
    ("Results.finished_at", ["2026-01-02T24:04:05Z", "2026-01-02T03:04:05.123Z"]),
    ("Results.controls", [[CONTROL] * 26, [CONTROL] * 28]),
    ("Results.tool", [{"name": "pytest", "version": "0.1.0"}, {"name": "pytest-ssb", "version": "new"}]),
    ("Results.run", [{"id": "1", "shard": shard} for shard in ("3", "0/10", "3/0", "3 of 10")]),
    ("Results.api_calls", [{"total": -1, "by_operation": {}}, {"total": 1, "by_operation": {"DescribeVpcs": 1}}]),
    ("ControlRow.id", ["ACCT.00", "WKLD.16"]),
    ("ControlRow.status", ["NOT RUN", "fail"]),
    ("ControlRow.counts", [{"NOT_RUN": 1}, {"pass": 1}, {"PASS": 0}]),
    ("ControlRow.checks", [{"selected": -1, "judged": 0, "total": 1}]),
    ("WaiverRow.state", ["waived", "unused"]),
    ("WaiverRow.matched", [-1]),
    ("MissingPermission.action", ["ListDetectors", "guardduty:*"]),
    ("MissingPermission.checks", [[], ["a b"]]),
    ("MissingPermission.denied_by", ["SCP", "session"]),
]


@pytest.mark.parametrize(("path", "values"), FOREIGN, ids=[path for path, _ in FOREIGN])
def test_a_foreign_value_is_refused(path: str, values: list[Any]) -> None:
    struct, _, key = path.partition(".")
    good: dict[str, Any] = {"Finding": finding(), "Results": EXAMPLE, "ControlRow": CONTROL, "MissingPermission": MISSING, "WaiverRow": WAIVER_ROW}[
        struct
    ]
    assert validator(struct).is_valid(good)
    assert [value for value in values if validator(struct).is_valid(good | {key: value})] == []


@pytest.mark.parametrize("status", [str(status) for status in Status])
def test_only_what_passes_or_does_not_apply_rests_on_a_declaration(status: str) -> None:
    assert validator("Finding").is_valid(FINDINGS[status] | {"basis": "declared"}) == (status in ("PASS", "NOT_APPLICABLE"))


@pytest.mark.parametrize("status", [str(status) for status in Status])
def test_an_error_belongs_to_error_alone(status: str) -> None:
    assert validator("Finding").is_valid(FINDINGS[status] | {"error": DENIED}) == (status == "ERROR")
