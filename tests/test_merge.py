"""`python -m pytest_ssb merge`: the shards of a run make up what it would have written in one piece, or are refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from jsonschema import Draft202012Validator

from pytest_ssb.__main__ import main
from pytest_ssb.findings import Status
from pytest_ssb.resultsschema import json_schema
from tests.support.pages import table, words
from tests.support.runs import Ran, Runner
from tests.test_baseline import ACCOUNT, FIRST, comparison, earlier, found

Merge = Callable[..., tuple[int, str, str]]
SELECTED = ("-m", "acct_06 or acct_08")
# What differs between any two runs: times, ids, and how often was asked.
VARIES = ("run", "started_at", "finished_at", "api_calls")


@pytest.fixture
def merge(pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> Merge:
    """`merge("1.json", "2.json")`: the exit status, and what was printed on each of the two ways."""

    def go(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            status = main(["merge", *arguments])
        except SystemExit as ended:
            status = int(ended.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return go


@pytest.fixture(scope="module")
def shards() -> dict[str, str]:
    """The files of a run of the demo, whole and in three shards, compared with an earlier one, by name: made once by whoever asks first."""
    return {}


@pytest.fixture
def demo(shards: dict[str, str], run: Runner, pytester: pytest.Pytester) -> dict[str, Any]:
    """The same files in this test's folder; what the whole run wrote."""
    if not shards:
        given = (*SELECTED, "--ssb-baseline", str(FIRST), "--ssb-run-id", "7")
        shards["whole.json"] = written(run(*given))
        for number in (1, 2, 3):
            shards[f"results-{number}.json"] = written(run(*given, "--ssb-shard", f"{number}/3"))
    for name, text in shards.items():
        pytester.path.joinpath(name).write_text(text, encoding="utf-8")
    whole: dict[str, Any] = json.loads(shards["whole.json"])
    return whole


def written(ran: Ran) -> str:
    return json.dumps(ran.results)


# --- the same as in one piece ----------------------------------------------------------------------------------------------------------


def test_three_shards_are_the_run_in_one_piece(demo: dict[str, Any], merge: Merge, pytester: pytest.Pytester) -> None:
    outputs = [f"all{suffix}" for suffix in (".json", ".csv", ".md", ".sarif", ".ocsf.json", ".asff.json", ".html")]
    status, out, err = merge("results-*.json", *(word for name in outputs for word in ("--ssb-output", name)))
    assert (status, err) == (1, "")
    together = json.loads(pytester.path.joinpath("all.json").read_text(encoding="utf-8"))
    assert {name: value for name, value in together.items() if name not in VARIES} == {
        name: value for name, value in demo.items() if name not in VARIES
    }
    assert together["run"] | {"id": ""} == {"id": "", "shared_id": "7", "shard": None, "missing_shards": []}
    assert Draft202012Validator(json_schema()).is_valid(together)
    parts = [json.loads(pytester.path.joinpath(f"results-{number}.json").read_text(encoding="utf-8")) for number in (1, 2, 3)]
    assert together["api_calls"]["total"] == sum(part["api_calls"]["total"] for part in parts)
    assert sum(together["api_calls"]["by_operation"].values()) == together["api_calls"]["total"]
    assert together["started_at"] == min(part["started_at"] for part in parts)
    assert [name for name in outputs if not pytester.path.joinpath(name).exists()] == []
    # What people are told is what the run in one piece tells them.
    lines = out.splitlines()
    assert lines[0] == "3 of 3 shards: results-1.json, results-2.json, results-3.json"
    assert "ACCT.06 FAIL (medium): asks for 8 characters, not 14" in lines
    assert any(line.startswith("ACCT.08 FAIL NEW (critical): 3 of 6: acme-partners") for line in lines)
    assert "compared with 2026-11-26T03:42:39Z: 8 new, 2 known, 0 fixed, 1 not evaluated this time, and remembered" in lines
    assert f"written: {pytester.path / 'all.ocsf.json'}" in lines
    assert lines[-1].startswith("6 failed, 3 passed, 1 skipped")
    rows = {words(row)[2]: words(row)[0] for row in table(pytester.path / "all.html")}
    assert len(table(pytester.path / "all.html")) == 10
    assert (rows["password_policy_min_length"], rows["bucket_not_public"], rows["password_policy_custom"]) == ("FAIL", "FAIL", "PASS")


def test_the_exit_status_goes_by_the_same_rules(demo: dict[str, Any], merge: Merge) -> None:
    status, out, _ = merge("results-1.json", "results-2.json", "results-3.json", "--ssb-fail-on", "high", "--ssb-fail-on", "new")
    assert status == 1
    assert "exit status 0" not in out
    before = ("--ssb-baseline", "whole.json")
    status, out, _ = merge("results-[123].json", *before, "--ssb-fail-on", "new")
    assert status == 0
    assert out.splitlines()[-1] == "exit status 0: 10 failures, but none of them is new: --ssb-fail-on new"
    assert f"compared with {demo['started_at']}: 0 new, 10 known, 0 fixed, 1 not evaluated this time, and remembered" in out


def test_a_missing_shard_is_refused_or_makes_it_incomplete(demo: dict[str, Any], merge: Merge, pytester: pytest.Pytester) -> None:
    given = ("results-1.json", "results-3.json", "--ssb-output", "all.json", "--ssb-output", "all.md")
    assert merge(*given) == (4, "", "ERROR: merge: shard 2 of 3 is missing; give its file, too, or --allow-missing for what there is\n")
    status, out, err = merge(*given, "--allow-missing", "--ssb-fail-on", "critical", "--ssb-fail-on", "new")
    assert (status, err) == (1, "")
    assert "exit status 1, since shard 2 of 3 is missing" in out.splitlines()
    together = json.loads(pytester.path.joinpath("all.json").read_text(encoding="utf-8"))
    assert (together["complete"], together["run"]["missing_shards"]) == (False, [2])
    assert together["accounts"][0]["regions"] == ["us-east-1"]
    assert "This report is incomplete: shard 2 of the run is missing." in pytester.path.joinpath("all.md").read_text(encoding="utf-8")


def test_what_complies_but_is_not_whole_does_not_end_well(demo: dict[str, Any], merge: Merge, pytester: pytest.Pytester) -> None:
    rewrite(pytester.path / "results-1.json", lambda file: file["findings"].clear())
    rewrite(pytester.path / "results-3.json", lambda file: file["findings"].clear())
    status, out, _ = merge("results-1.json", "results-3.json", "--allow-missing")
    assert status == 5
    (kept,) = [finding for finding in demo["findings"] if finding["check"] == "password_policy_custom"]
    rewrite(pytester.path / "results-1.json", lambda file: file["findings"].append(kept))
    status, out, _ = merge("results-1.json", "results-3.json", "--allow-missing")
    assert (status, "1 passed" in out) == (1, True)


# --- what does not belong together ----------------------------------------------------------------------------------------------------


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    file = json.loads(path.read_text(encoding="utf-8"))
    change(file)
    path.write_text(json.dumps(file), encoding="utf-8")


def put(*keys: Any) -> Callable[[dict[str, Any]], None]:
    """A change of a file: the last of these at the place that the others name."""

    def change(file: dict[str, Any]) -> None:
        *way, last, value = keys
        for key in way:
            file = file[key]
        file[last] = value

    return change


OTHERS = "results-1.json and results-2.json are not of one run"
FOREIGN = {
    "run id": (put("run", "shared_id", "8"), f"{OTHERS}: --ssb-run-id is 7 in one, 8 in the other"),
    "no run id": (put("run", "shared_id", None), f"{OTHERS}: --ssb-run-id is 7 in one, not given in the other"),
    "number of shards": (put("run", "shard", "of", 4), f"{OTHERS}: the number of shards is 3 in one, 4 in the other"),
    "markers": (put("selection", "markexpr", "acct"), f"{OTHERS}: -m is 'acct_06 or acct_08' in one, 'acct' in the other"),
    "words": (put("selection", "keyword", "password"), f"{OTHERS}: -k is '' in one, 'password' in the other"),
    "paths": (put("selection", "args", ["tests_account"]), f"{OTHERS}: what is to be run is everything in one, tests_account in the other"),
    "regions": (put("selection", "regions", ["us-east-1"]), f"{OTHERS}: --ssb-region is not given in one, us-east-1 in the other"),
    "profile": (put("loose", "accounts", 0, "profile", "prod"), f"{OTHERS}: --ssb-profile is demo in one, prod in the other"),
    "baseline": (put("baseline", None), f"{OTHERS}: the baseline is of 2026-11-26T03:42:39Z in one, not given in the other"),
    "edition": (put("edition", "2025-01"), f"{OTHERS}: the edition is 2022-09 in one, 2025-01 in the other"),
    "targets": (put("loose", "targets", [ACCOUNT]), f"{OTHERS}: only one of them saw {ACCOUNT}/eu-west-1, {ACCOUNT}/us-east-1; run all shards again"),
    "twice": (put("run", "shard", "number", 1), "results-1.json and results-2.json are both shard 1 of 3; leave one out"),
    "version": (
        put("tool", "version", "0.0.1"),
        "results-2.json: was made by pytest-ssb 0.0.1, and this is 0.1.0; put shards together with the version that made them",
    ),
    "whole": (put("run", "shard", None), "results-2.json: holds a whole run, not a shard of it; leave it out"),
    "newer": (
        put("schema", "pytest-ssb/results/2"),
        "results-2.json: is of a schema that this version does not know, 'pytest-ssb/results/2'; it reads pytest-ssb/results/1: "
        "update pytest-ssb, or take a file of that schema",
    ),
    "odd": (put("complete", 1), "results-2.json: is broken (Expected `bool`, got `int` - at `$.complete`); run its shard again"),
}


@pytest.mark.parametrize(("change", "says"), FOREIGN.values(), ids=list(FOREIGN))
def test_what_is_not_of_one_run_is_refused(
    demo: dict[str, Any], merge: Merge, pytester: pytest.Pytester, change: Callable[[dict[str, Any]], None], says: str
) -> None:
    rewrite(pytester.path / "results-2.json", change)
    assert merge("results-1.json", "results-2.json", "results-3.json", "--ssb-output", "all.json") == (4, "", f"ERROR: merge: {says}\n")
    assert not pytester.path.joinpath("all.json").exists()


def test_without_a_common_id_last_nights_shard_is_told_by_its_time(demo: dict[str, Any], merge: Merge, pytester: pytest.Pytester) -> None:
    times = ("2026-01-02T03:00:00Z", "2026-01-02T04:00:00Z", "2026-01-01T03:30:00Z")
    for number, began in enumerate(times, 1):
        rewrite(pytester.path / f"results-{number}.json", put("run", "shared_id", None))
        rewrite(pytester.path / f"results-{number}.json", put("started_at", began))
    says = (
        "ERROR: merge: results-3.json began at 2026-01-01T03:30:00Z and results-2.json at 2026-01-02T04:00:00Z: too far apart for one run; "
        "leave out what is left of an earlier one, or give each shard of a run the same --ssb-run-id\n"
    )
    assert merge("results-*.json") == (4, "", says)
    rewrite(pytester.path / "results-3.json", put("started_at", "2026-01-01T20:00:00Z"))
    assert merge("results-*.json")[0] == 1
    for number in (1, 2, 3):
        rewrite(pytester.path / f"results-{number}.json", put("run", "shared_id", "7"))
    rewrite(pytester.path / "results-3.json", put("started_at", "2025-01-01T20:00:00Z"))
    assert merge("results-*.json")[0] == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["none-*.json"], "merge: none-*.json: no such file; give the findings file of each shard"),
        ([], "python -m pytest_ssb merge: the following arguments are required: FILE; --help shows what there is"),
        (["results-1.json"], "merge: shards 2, 3 of 3 are missing; give their files, too, or --allow-missing for what there is"),
        (
            ["results-1.json", "--ssb-output", "all.txt"],
            "--ssb-output: all.txt: unknown suffix '.txt'; known: .json, .csv, .md, .sarif, .ocsf.json, .asff.json, .html",
        ),
        (["results-1.json", "--ssb-output", "a.html", "--ssb-output", "b.html"], "merge: --ssb-output: one .html file at most"),
        (
            ["results-1.json", "--ssb-baseline", "none.json"],
            "--ssb-baseline: none.json: no such file; give a findings file that --ssb-output FILE.json wrote",
        ),
        (["results-[123].json", "--ssb-fail-on", "hgih"], "--ssb-fail-on: 'hgih' is neither a severity nor 'new'; did you mean 'high'?"),
    ],
)
def test_what_cannot_be_meant_is_one_line(demo: dict[str, Any], merge: Merge, given: list[str], says: str) -> None:
    assert merge(*given) == (4, "", f"ERROR: {says}\n")


# --- what the shards settle together --------------------------------------------------------------------------------------------------


def test_what_one_shard_had_a_use_for_is_of_use(demo: dict[str, Any], merge: Merge, pytester: pytest.Pytester) -> None:
    rewrite(pytester.path / "results-1.json", put("loose", "unused", ["first matched nothing", "both matched nothing"]))
    rewrite(pytester.path / "results-2.json", put("loose", "used", ["first matched nothing"]))
    rewrite(pytester.path / "results-3.json", put("loose", "unused", ["both matched nothing"]))
    _, out, _ = merge("results-*.json")
    assert [line for line in out.splitlines() if "matched nothing" in line] == ["both matched nothing"]
    _, out, _ = merge("results-1.json", "results-3.json", "--allow-missing")
    assert "matched nothing" not in out


EXCEPTIONS = """
[profiles.default]
regions = ["eu-west-1", "us-east-1"]
buckets.public = ["gone"]

[[profiles.default.waivers]]
check = "ebs_encryption_by_default"
resource = "arn:aws:account::*:account"
region = "us-east-1"
reason = "old launch scripts"
owner = "ana"

[[profiles.default.waivers]]
check = "ebs_volume_encrypted"
resource = "vol-gone"
reason = "to be deleted"
owner = "ana"

[[profiles.default.waivers]]
check = "password_policy_reuse"
scope = "all"
reason = "no passwords"
owner = "ana"
expires = 2020-01-01

[[profiles.default.declarations]]
check = "idp_enforces_mfa"
statement = "at every sign-in"
by = "ana"
on = 2020-01-01
review_by = 2020-02-01
"""


def test_exceptions_are_settled_by_all_shards_together(run: Runner, merge: Merge, pytester: pytest.Pytester, moto_account: None) -> None:
    """A waiver covers what is in one region, another one nothing anywhere; no shard can tell the second."""
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="site")
    pytester.path.joinpath("ssb.toml").write_text(EXCEPTIONS, encoding="utf-8")
    selected = ("-m", "acct_08 or wkld_08 or acct_06", "-p", "no:randomly")
    whole = run(*selected, profile="default")
    texts = []
    for number in (1, 2, 3):
        part = run(*selected, "--ssb-shard", f"{number}/3", profile="default")
        pytester.path.joinpath(f"part-{number}.json").write_text(written(part), encoding="utf-8")
        texts.append(part.text)
    _, out, err = merge("part-*.json", "--ssb-output", "all.json")
    assert err == ""
    together = json.loads(pytester.path.joinpath("all.json").read_text(encoding="utf-8"))
    assert together["waivers"] == whole.results["waivers"]
    assert [(row["matched"], row["judged"], row["state"]) for row in together["waivers"]] == [
        (1, True, "in_force"),
        (0, True, "in_force"),
        (together["waivers"][2]["matched"], True, "expired"),
    ]
    assert said(out) == said(whole.text)
    in_vain = [line for line in said(out) if "matched nothing" in line]
    assert [line.partition(" matched")[0].rpartition(": ")[2] for line in in_vain] == ["buckets.public = gone", "the waiver of ana"]
    assert not any(line in text for text in texts for line in in_vain)


def said(text: str) -> list[str]:
    """What is said of the config file at the end."""
    return sorted(line for line in text.splitlines() if line.startswith("ssb.toml"))


def test_an_own_check_and_its_open_question_count(demo: dict[str, Any], merge: Merge, pytester: pytest.Pytester) -> None:
    """A check that no version ships is known by its findings alone, and by its shard as one whose question leaves the control open."""

    def own(file: dict[str, Any]) -> None:
        finding = copy.deepcopy(file["findings"][0])
        file["findings"].append(
            finding
            | {
                "id": "f" * 16,
                "control": "ACCT.10",
                "check": "mine",
                "status": "MANUAL",
                "question": "who?",
                "nodeid": "test_own.py::test_mine[demo]",
            }
        )
        file["loose"]["key_checks"] = ["mine"]

    rewrite(pytester.path / "results-1.json", own)
    merge("results-*.json", "--ssb-output", "all.json")
    together = json.loads(pytester.path.joinpath("all.json").read_text(encoding="utf-8"))
    (before,) = [row for row in demo["controls"] if row["id"] == "ACCT.10"]
    (row,) = [row for row in together["controls"] if row["id"] == "ACCT.10"]
    assert (row["status"], row["counts"]) == ("MANUAL", {"MANUAL": 1})
    assert row["checks"] == {"selected": 1, "judged": 0, "total": before["checks"]["total"] + 1}


def test_an_unknown_part_makes_the_whole_unknown(demo: dict[str, Any], merge: Merge, pytester: pytest.Pytester) -> None:
    failure = {"operation": None, "code": "NotRun", "action": None, "denied_by": None}

    def broken(file: dict[str, Any]) -> None:
        file["findings"][0] |= {"status": "ERROR", "error": failure}
        file["complete"] = False

    rewrite(pytester.path / "results-2.json", broken)
    status, _, _ = merge(
        "results-*.json", "--ssb-output", "all.json", "--ssb-fail-on", "critical", "--ssb-baseline", "whole.json", "--ssb-fail-on", "new"
    )
    assert status == 1
    assert json.loads(pytester.path.joinpath("all.json").read_text(encoding="utf-8"))["complete"] is False


def test_what_one_shard_judged_is_remembered_by_none() -> None:
    """What is compared by shards is what is compared as a whole."""
    from pytest_ssb.merging import _baseline

    before = earlier(*(found("FAIL", name, region=region) for name in "abc" for region in ("eu-west-1", "us-east-1")))
    west = [found("FAIL", "a"), found("PASS", "b")]
    east = [found("FAIL", "a", region="us-east-1"), found("ERROR", "b", region="us-east-1")]
    parts = [comparison(before, *west), comparison(before, *east)]
    marked = [msgspec.structs.replace(finding, baseline="known" if finding.status is Status.FAIL else None) for finding in west + east]
    assert _baseline(parts, marked) == comparison(before, *west, *east)
    assert len(comparison(before, *west, *east).fixed) == 2
