"""The HTML report as a run writes it: what the controller hands to pytest-html, and that a stranger's words stay words."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from pytest_ssb.controls import CONTROLS
from pytest_ssb.findings import Declared, Failure, Finding, Status, Waived
from pytest_ssb.reporters import html as report
from pytest_ssb.reporters.verdict import severities, verdict
from pytest_ssb.results import Results
from tests.support.pages import made, results_of, sentence, table, told, words
from tests.support.runs import Runner
from tests.test_ranking import fails

HOSTILE = "</td></script><script>window.hostile = 1</script><img src=x onerror='window.hostile = 1'>\"'{{ 7 * 7 }}&amp;"


def finding(status: str = "FAIL", control: str = "ACCT.08", check: str = "bucket_not_public", **fields: Any) -> Finding:
    """A finding of this status, whatever else."""
    known: dict[str, Any] = {"status": Status(status), "nodeid": f"tests_account/test_x.py::test_{check}[prod]"}
    if status == "ERROR":
        known |= {"error": Failure(operation="s3:GetX", code="AccessDenied", action="s3:GetX", denied_by=None), "remediation": None}
    return fails(control, check, **(known | fields))


# --- a run of the demo


def test_a_run_writes_a_report_that_says_what_the_findings_file_says(run: Runner, pytester: pytest.Pytester) -> None:
    ran = run("-m", "acct_06 or acct_05", "--html=ssb.html", "--self-contained-html", "--reruns=1")
    page = pytester.path / "ssb.html"
    assert len(table(page)) == len({words(row)[2] for row in table(page)})
    assert sentence(page) == "Account 123456789012 does not comply: 3 of the 4 controls that were run fail."
    rows = {words(row)[2]: words(row) for row in table(page)}
    assert set(rows) == {found["check"] for found in ran.results["findings"]}
    users = ran.statuses(check="iam_console_user_mfa")
    of = f"{users['FAIL']}/{users.total()}"
    assert rows["iam_console_user_mfa"] == ["FAIL", "ACCT.05", "iam_console_user_mfa", "123456789012 (demo)", "", "critical", of]
    assert rows["root_mfa_enabled"][1] == "ACCT.02, ACCT.05"
    assert rows["password_policy_composition"] == ["PASS", "ACCT.06", "password_policy_composition", "123456789012 (demo)", "", "", "1"]
    assert rows["idp_enforces_mfa"][0] == "MANUAL"
    texts = told(page)["texts"]
    for bad in ran.findings(status="FAIL"):
        assert {bad["reason"], bad["resource"], bad["remediation"]} <= set(texts)


def test_a_report_that_cannot_be_written_leaves_the_old_one(run: Runner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    page = pytester.path / "ssb.html"
    page.write_text("old")

    def full(self: object, self_contained: bool = False) -> None:
        self._report_path.write_text("a part")  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pytest_html.basereport.BaseReport._generate_report", full)
    run("-m", "acct_06", "--html=ssb.html", "--self-contained-html")
    assert page.read_text() == "old"
    assert [path.name for path in pytester.path.iterdir() if "ssb.html" in path.name] == ["ssb.html"]


def test_without_the_option_or_without_a_profile_nothing_is_written(run: Runner, pytester: pytest.Pytester) -> None:
    run("-m", "acct_06")
    assert not list(pytester.path.glob("*.html"))
    pytester.makepyfile("def test_mine(): pass")
    pytester.runpytest_inprocess("--html=mine.html")
    assert "AWS Startup Security Baseline" not in (pytester.path / "mine.html").read_text(encoding="utf-8")


def test_an_interrupted_run_writes_its_report(run: Runner, pytester: pytest.Pytester) -> None:
    run("-m", "acct_06", "-x", "--html=ssb.html", "--self-contained-html")
    text = (pytester.path / "ssb.html").read_text(encoding="utf-8")
    assert re.search(r"This report is incomplete: \d tests? (was|were) not run or not finished\.", text)
    assert "not run: the run ended before it" in text


@pytest.mark.usefixtures("moto_account")
def test_the_minutes_of_the_profile_stand_in_it(run: Runner, pytester: pytest.Pytester) -> None:
    (pytester.path / "ssb.toml").write_text("[profiles.prod]\nregions = ['eu-west-1']\nminutes = { account_public_access_block = 4321 }\n")
    ran = run("-k", "account_public_access_block", "--html=ssb.html", "--ssb-output=ssb.md", profile="prod")
    assert ran.statuses() == {"FAIL": 1}
    assert "4321 min" in (pytester.path / "ssb.html").read_text(encoding="utf-8")
    assert "| 1 | 4321 |" in (pytester.path / "ssb.md").read_text(encoding="utf-8")
    assert "minutes is read by no check" not in ran.text


# --- what strangers wrote


def test_what_strangers_wrote_stays_text(tmp_path: Path) -> None:
    bucket = f"arn:aws:s3:::{HOSTILE}"
    found = [
        finding(resource=bucket, item=HOSTILE, reason=HOSTILE, remediation=f"aws {HOSTILE}", evidence={HOSTILE: HOSTILE}, references=(HOSTILE,)),
        finding("ERROR", "ACCT.07", "trail_bucket_not_public", resource=bucket, reason=HOSTILE),
        finding("MANUAL", "WKLD.04", "repository_secret_scanner_wired", resource=f"repo:{HOSTILE}", reason=HOSTILE, question=HOSTILE),
        finding("WAIVED", "ACCT.09", "no_unused_vpc", resource=bucket, waiver=Waived(reason=HOSTILE, owner=HOSTILE, expires=None)),
        finding(
            "PASS",
            "ACCT.05",
            "idp_enforces_mfa",
            resource=bucket,
            declaration=Declared(statement=HOSTILE, by=HOSTILE, on="2026-01-01", review_by="2026-02-01", evidence="javascript:alert(1)"),
        ),
    ]
    found.append(finding(profile=HOSTILE, check="my_own", nodeid=f"own.py::test_{HOSTILE}[x]"))
    page = made(results_of(found), tmp_path / "ssb.html", "--metadata", "branch", HOSTILE, notes=[HOSTILE])
    text = page.read_text(encoding="utf-8")
    assert "<script>window.hostile" not in text
    assert "<img src=x" not in text
    assert 'href="javascript' not in text
    assert text.count(html.escape(HOSTILE).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")) > 10
    # pytest-html's script puts these into the page as HTML: they have to be escaped once more than its JSON is.
    for row in table(page):
        for cell in (*row["resultsTableRow"], row["log"]):
            assert "<script" not in cell
            assert "<img" not in cell


def test_a_test_that_is_no_check_has_its_name_escaped() -> None:
    row = report.Row(key=f"x0-{HOSTILE}", outcome="Passed", status="Passed", check=HOSTILE)
    assert all("<script" not in cell and "<img" not in cell for cell in report.cells(row))


# --- the verdict


def run_of(*findings: Finding, **fields: Any) -> Results:
    return results_of(findings, **fields)


OPEN_KEY = finding("MANUAL", "ACCT.12", "trusted_advisor_reviewed", question="?")


@pytest.mark.parametrize(
    ("results", "status", "says"),
    [
        (run_of(finding(), finding("PASS", "ACCT.05")), "FAIL", "Account 123456789012 does not comply: 1 of the 2 controls that were run fails."),
        (run_of(finding(), finding("ERROR", "ACCT.05")), "FAIL", "Account 123456789012 does not comply: 1 of the 2 controls that were run fails."),
        (
            run_of(finding("PASS"), finding("ERROR", "ACCT.05")),
            "ERROR",
            "Whether account 123456789012 complies is not known: 1 of the 2 controls that were run could not be evaluated.",
        ),
        (run_of(finding("PASS"), complete=False), "ERROR", "Whether account 123456789012 complies is not known: not all was judged."),
        (
            run_of(OPEN_KEY, finding("PASS", "ACCT.12", "trusted_advisor_no_red_checks"), finding("PASS")),
            "MANUAL",
            "Nothing fails in account 123456789012, but 1 of the 2 controls that were run waits for an answer.",
        ),
        (run_of(), "NOT_RUN", "Nothing is known of account 123456789012: no control was run."),
        (run_of(finding("PASS")), "PASS", "Account 123456789012 complies with the one control that was run."),
        (
            run_of(finding("PASS"), finding("WAIVED", "ACCT.05")),
            "PASS",
            "Account 123456789012 complies with all 2 controls that were run; exceptions are accepted in 1.",
        ),
        (
            run_of(finding("PASS"), finding("PASS", account="999988887777", profile="dev")),
            "PASS",
            "The 2 accounts comply with the one control that was run.",
        ),
    ],
)
def test_the_verdict_says_no_more_than_what_was_judged(results: Results, status: str, says: str) -> None:
    assert (verdict(results).status, verdict(results).sentence) == (status, says)


def test_what_was_not_judged_is_said() -> None:
    late = Failure(operation=None, code="NotRun", action=None, denied_by=None)
    found = [finding("ERROR"), finding("ERROR", "ACCT.05", "a", error=late, nodeid="a"), finding("ERROR", "ACCT.05", "b", error=late, nodeid="b")]
    assert verdict(results_of(found)).gaps == (
        "This report is incomplete: 1 finding could not be evaluated and 2 tests were not run or not finished. That says nothing, good or bad.",
        "25 of the guide's 27 controls were not run.",
    )
    assert verdict(results_of([finding("PASS")], complete=False)).gaps[0].startswith("This report is incomplete: a file with checks could not be")
    assert verdict(results_of([finding("PASS")])).gaps == ("26 of the guide's 27 controls were not run.",)


def test_failures_are_counted_once_and_by_severity() -> None:
    found = [
        finding(severity="critical", control="ACCT.02", check="root_mfa_enabled"),
        finding(severity="critical", control="ACCT.05", check="root_mfa_enabled"),
        finding(severity="low"),
        finding(severity="high", extended=True, check="beyond"),
    ]
    assert severities(results_of(found)) == {"critical": 1, "low": 1}


# --- rows and their findings


def test_a_row_says_how_many_of_how_many() -> None:
    found = [finding(region="eu-west-1", severity="low"), finding(region="us-east-1", severity="high"), finding("PASS"), finding("ERROR", item="x")]
    row = report.row("t0", "Failed", "FAIL", found)
    assert (row.findings, row.severity, row.region, row.account) == ("2/4", "high", "2 regions", "123456789012 (prod)")
    both = [finding(control="ACCT.02", check="root_mfa_enabled"), finding(control="ACCT.05", check="root_mfa_enabled")]
    assert (report.row("t0", "Failed", "FAIL", both).controls, report.row("t0", "Failed", "FAIL", both).findings) == ("ACCT.02, ACCT.05", "1/1")
    assert report.row("t0", "Passed", "PASS", [finding("PASS"), finding("PASS", item="x")]).findings == "2"


def test_errors_are_called_and_counted_as_errors(tmp_path: Path) -> None:
    found = [
        finding("ERROR", "ACCT.05", "a", nodeid="x::a"),
        finding("FAIL", "ACCT.05", "b", nodeid="x::b"),
        finding("WAIVED", "ACCT.05", "c", nodeid="x::c"),
    ]
    page = made(results_of(found), tmp_path / "ssb.html")
    assert [(words(row)[0], row["result"]) for row in table(page)] == [("ERROR", "Error"), ("FAIL", "Failed"), ("WAIVED", "XFailed")]
    text = page.read_text(encoding="utf-8")
    assert [re.search(rf'<span class="{outcome}">(.*?),?</span>', text).group(1) for outcome in ("failed", "error", "xfailed", "passed")] == [  # type: ignore[union-attr]
        "1 FAIL",
        "1 ERROR",
        "1 WAIVED",
        "0 PASS",
    ]


def test_findings_are_shown_in_full_up_to_a_number_that_is_said(tmp_path: Path) -> None:
    many = [finding(resource=f"arn:aws:s3:::bucket-{n:05}", reason=f"{n} " + "x" * 800) for n in range(3_000)]
    passed = [finding("PASS", resource=f"arn:aws:s3:::good-{n}") for n in range(10)]
    page = made(results_of([*many, *passed]), tmp_path / "ssb.html")
    details = told(page)
    ((nodeid, counts, left, _, shown),) = details["tests"].values()
    assert details["texts"][counts] == "3000 FAIL, 10 PASS"
    assert (len(shown), left) == (details["per_check"], 3_000 - details["per_check"])
    assert f"at most {details['per_check']} of each check" in page.read_text(encoding="utf-8")
    assert details["texts"][nodeid] == many[0].nodeid


def test_a_check_has_its_number_over_all_its_tests() -> None:
    found = [finding(nodeid=f"x::{n // 300}", resource=f"arn:aws:s3:::bucket-{n:05}") for n in range(900)]
    details = report.details(results_of(found), {f"x::{n}": f"t{n}" for n in range(3)})
    assert [len(test[4]) for test in details["tests"].values()] == [200, 0, 0]
    assert [test[2] for test in details["tests"].values()] == [100, 300, 300]


def test_the_users_minutes_are_shown(tmp_path: Path) -> None:
    text = made(results_of([finding()]), tmp_path / "ssb.html", minutes={"ACCT.08": 77}).read_text(encoding="utf-8")
    assert "77 min" in text


def test_settings_of_the_user_win(tmp_path: Path) -> None:
    def settings(*args: str) -> tuple[str, list[str]]:
        path = tmp_path / f"ssb{len(args)}.html"
        blob = re.search(r'data-jsonblob="([^"]*)"', made(results_of([finding()]), path, *args).read_text(encoding="utf-8"))
        assert blob is not None
        data = json.loads(html.unescape(blob.group(1)))
        return data["initialSort"], data["renderCollapsed"]

    assert settings() == ("status", ["all"])
    assert settings("-o", "initial_sort=check", "-o", "render_collapsed=none") == ("check", ["none"])


def many(findings: int, tests: int, checks: int) -> list[Finding]:
    """So many findings, of which each third fails, of so many checks in so many tests."""
    controls = list(CONTROLS)
    return [
        finding(
            "FAIL" if number // tests % 3 == 0 else "PASS",
            controls[number % tests % checks % 27],
            f"check_{number % tests % checks}",
            resource=f"arn:aws:ec2:eu-west-1:123456789012:security-group/sg-{number:017x}",
            reason=f"tcp {number} from 0.0.0.0/0; reachable from the internet",
            remediation=f'aws ec2 revoke-security-group-ingress --group-id sg-{number} --ip-permissions \'[{{"IpProtocol":"tcp","FromPort":{number}}}]\'',
            evidence={"GroupName": f"group-{number}"},
            nodeid=f"tests_workload/test_wkld_11.py::test_check[prod/{number % tests}]",
        )
        for number in range(findings)
    ]


def test_a_hundred_thousand_findings_make_a_small_page() -> None:
    results = results_of(many(findings=100_000, tests=180, checks=180))
    page = report.page(results, {finding.nodeid: f"t{finding.nodeid[-4:]}" for finding in results.findings})
    assert "at most 20 of each check" in page
    assert len(page) < 3_000_000
