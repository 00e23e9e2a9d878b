"""Runs with waivers: what a test ends as, what is said at the end, and what a later `--ssb-explain` knows."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import msgspec
import pytest

from pytest_ssb import days
from pytest_ssb.__main__ import main
from pytest_ssb.demo.simulated import Simulated
from tests.support.runs import Ran, Runner, denied
from tests.support.server import OverHttp, moto_server
from tests.test_declarations import provider
from tests.test_waivers import finding

TODAY = date(2026, 11, 26)
ARN = "arn:aws:ec2:eu-west-1:123456789012:volume/{}"
VOLUMES = ("-k", "ebs_volume_encrypted")


def waiver(*, check: str = "ebs_volume_encrypted", **fields: str) -> str:
    fields = {"check": f'"{check}"', "reason": '"a scratch disk"', "owner": '"ana@acme.example"', **fields}
    return "\n".join(["[[profiles.prod.waivers]]", *(f"{name} = {value}" for name, value in fields.items()), ""])


def place(number: int, line: int) -> str:
    return f"ssb.toml: profile 'prod': waivers: entry {number} (line {line}): the waiver of ana@acme.example"


@pytest.fixture
def waived(run: Runner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, moto_account: None, faults: Simulated) -> Any:
    """`waived(waivers, *options)`: a run on 2026-11-26, on an account with three volumes in one region, of which `good` is encrypted."""
    monkeypatch.setattr(days, "today", lambda: TODAY)
    volumes = [{"VolumeId": name, "Encrypted": name == "good", "State": "available", "Size": 1} for name in ("good", "old", "new")]
    faults.instead("ec2:DescribeVolumes", lambda region, body: {"Volumes": volumes})

    def go(waivers: str, *options: str) -> Ran:
        regions = "" if "regions =" in waivers else 'regions = ["eu-west-1"]\n'
        text = f'[profiles.prod]\n{regions}environment = "production"\n{waivers}'
        pytester.path.joinpath("ssb.toml").write_text(text, encoding="utf-8")
        return run(*VOLUMES, *options, profile="prod")

    return go


def verdicts(ran: Ran) -> dict[str, str]:
    return {finding["resource"]: finding["status"] for finding in ran.results["findings"]}


def said(ran: Ran) -> list[str]:
    return [line for line in ran.text.splitlines() if line.startswith("ssb.toml: ")]


BOTH = waiver(resource='"old"') + waiver(resource='"new"', expires="2026-12-01")


def test_what_it_covers_is_waived_and_the_rest_fails(waived: Any) -> None:
    ran = waived(waiver(resource='"old"'))
    assert verdicts(ran) == {ARN.format("good"): "PASS", ARN.format("old"): "WAIVED", ARN.format("new"): "FAIL"}
    assert ran.result.ret == 1
    ran.result.assert_outcomes(failed=1)
    ran.result.stdout.fnmatch_lines(["WKLD.08 FAIL (medium): 1 of 3: volume/new: not encrypted", "  all: 1 FAIL, 1 WAIVED, 1 PASS"])
    (finding,) = ran.findings(status="WAIVED")
    assert finding["waiver"] == {"reason": "a scratch disk", "owner": "ana@acme.example", "expires": None}
    assert finding["reason"] == "not encrypted"


@pytest.mark.parametrize("options", [[], ["--runxfail"], ["-x"], ["-p", "no:skipping"], ["-p", "no:cacheprovider"], ["-o", "xfail_strict=true"]])
def test_where_all_that_fails_is_waived_the_test_is_xfailed_and_the_run_succeeds(waived: Any, options: list[str]) -> None:
    ran = waived(BOTH, *options)
    assert verdicts(ran) == {ARN.format("good"): "PASS", ARN.format("old"): "WAIVED", ARN.format("new"): "WAIVED"}
    assert ran.result.ret == 0
    ran.result.assert_outcomes(**({"skipped": 1} if "no:skipping" in options else {"xfailed": 1}))
    ran.result.stdout.fnmatch_lines(
        [
            "WKLD.08  WAIVED * 1/1 checks *",
            "controls: 1 waived; 26 not run",
            "waived: WKLD.08 ebs_volume_encrypted: volume/new: waived by ana@acme.example until 2026-12-01: a scratch disk",
            "waived: WKLD.08 ebs_volume_encrypted: volume/old: waived by ana@acme.example until further notice: a scratch disk",
            f"{place(2, 9)} expires on 2026-12-01, in 5 days; it covers 1 finding",
        ],
        consecutive=False,
    )


def test_a_test_that_is_waived_is_not_run_again_as_one_that_failed(waived: Any) -> None:
    waived("")
    ran = waived(BOTH, "--lf")
    ran.result.assert_outcomes(xfailed=1)
    ran.result.stdout.fnmatch_lines(["*rerun previous 1 failure*"])
    assert "rerun previous" not in waived(BOTH, "--lf").text


def test_one_that_has_expired_covers_nothing_and_says_so(waived: Any) -> None:
    ran = waived(waiver(scope='"all"', expires="2026-11-25") + waiver(resource='"old"', expires="2026-11-26"))
    assert verdicts(ran) == {ARN.format("good"): "PASS", ARN.format("old"): "WAIVED", ARN.format("new"): "FAIL"}
    assert ran.findings(status="FAIL")[0]["reason"] == "not encrypted (the waiver of ana@acme.example expired on 2026-11-25)"
    assert said(ran) == [
        f"{place(1, 4)} expired on 2026-11-25: 2 findings FAIL again",
        f"{place(2, 10)} expires on 2026-11-26, today; it covers 1 finding",
    ]
    assert [(row["state"], row["matched"], row["judged"]) for row in ran.results["waivers"]] == [("expired", 2, True), ("expiring", 1, True)]


UNUSED = waiver(resource='"gone"')


@pytest.mark.parametrize(
    ("options", "judged"),
    [([], True), (["--ssb-region", "eu-west-1"], False), (["--deselect", "tests_workload/test_wkld_08_ebs_encryption.py"], False)],
)
def test_one_that_matched_nothing_is_said_where_all_was_judged_that_it_could_cover(waived: Any, options: list[str], judged: bool) -> None:
    ran = waived(UNUSED, *options)
    assert said(ran) == ([f"{place(1, 4)} matched nothing"] if judged else [])
    assert [(row["state"], row["matched"], row["judged"]) for row in ran.results["waivers"]] == [("in_force", 0, judged)]


def test_by_control_all_of_its_checks_must_have_been_judged(waived: Any, faults: Simulated) -> None:
    by_control = UNUSED.replace("check", "control").replace("ebs_volume_encrypted", "WKLD.08") + "expires = 2027-01-01\n"
    assert said(waived(by_control)) == []
    assert said(waived(by_control, "-k", "ebs")) == [f"{place(1, 4)} matched nothing"]


def test_where_something_could_not_be_judged_none_is_called_of_no_use(waived: Any, faults: Simulated) -> None:
    faults.instead("ec2:DescribeVolumes", lambda region, body: denied("ec2:DescribeVolumes"))
    ran = waived(UNUSED)
    assert ran.statuses() == {"ERROR": 1}
    assert said(ran) == []


def test_other_formats_suppress_it_and_the_page_shows_it(waived: Any, pytester: pytest.Pytester) -> None:
    outputs = [option for name in ("a.sarif", "a.ocsf.json", "a.asff.json", "a.md", "a.csv") for option in ("--ssb-output", name)]
    waived(BOTH + UNUSED, *outputs, "--html", "a.html")

    def text(name: str) -> str:
        return (pytester.path / name).read_text(encoding="utf-8")

    says = "waived by ana@acme.example until 2026-12-01: a scratch disk"
    results = json.loads(text("a.sarif"))["runs"][0]["results"]
    assert results[0]["suppressions"] == [{"kind": "external", "status": "accepted", "justification": says}]
    new, _ = (event for event in json.loads(text("a.ocsf.json")) if event["status_code"] == "WAIVED")
    assert (new["status"], new["compliance"]["status"], new["comment"]) == ("Suppressed", "Fail", says)
    assert {one["Workflow"]["Status"] for one in json.loads(text("a.asff.json"))} == {"SUPPRESSED", "RESOLVED"}
    assert "| WKLD.08" in text("a.md")
    assert says.replace("@", "&#64;") in text("a.md")
    assert "| expiring | ssb.toml: profile 'prod': waivers: entry 2 (line 9) | ana&#64;acme.example | 2026-12-01 | 1 |" in text("a.md")
    assert "| matched nothing | ssb.toml: profile 'prod': waivers: entry 3 (line 15) | ana&#64;acme.example | - | 0 |" in text("a.md")
    assert ",a scratch disk,2026-12-01,ana@acme.example," in text("a.csv")
    for line in (f"{place(2, 9)} expires on 2026-12-01, in 5 days; it covers 1 finding", f"{place(3, 15)} matched nothing"):
        assert line.replace("'", "&#39;") in text("a.html")


# --- to paste


def pasted(text: str) -> str:
    """The waivers that stand below a failure, filled in."""
    block = text.partition("to accept it, in the config file")[2].partition("\n")[2].partition("\n===")[0]
    return re.sub(r'^  (\w+) = ""', r'\1 = "x"', block, flags=re.MULTILINE)


def test_what_stands_below_a_failure_can_be_pasted(waived: Any) -> None:
    assert "to accept it" not in waived("").text
    ran = waived(pasted(waived("", "-v").text))
    assert verdicts(ran) == {ARN.format("good"): "PASS", ARN.format("old"): "WAIVED", ARN.format("new"): "WAIVED"}


def test_of_many_the_worst_few_have_one(waived: Any, faults: Simulated) -> None:
    many = [{"VolumeId": f"v{n}", "Encrypted": False, "State": "available", "Size": 1} for n in range(7)]
    faults.instead("ec2:DescribeVolumes", lambda region, body: {"Volumes": many})
    text = waived("", "-v").text
    assert text.count("[[profiles.prod.waivers]]") == 5
    assert "  # ... and 2 more: the findings file has their ids" in text


def test_a_finding_of_the_last_run_is_explained(waived: Any, pytester: pytest.Pytester) -> None:
    ran = waived(waiver(resource='"old"', expires="2026-11-25") + waiver(resource='"new"'))
    (failed,), (accepted,) = ran.findings(status="FAIL"), ran.findings(status="WAIVED")
    explained = pytester.runpytest_inprocess("--ssb-explain", failed["id"].upper())
    assert explained.ret == 0
    text = explained.stdout.str()
    assert f"{failed['id']}  FAIL (medium)  WKLD.08 ebs_volume_encrypted\n" in text
    assert "not encrypted (the waiver of ana@acme.example expired on 2026-11-25)" in text
    assert text.rstrip().endswith(
        "\n".join(
            [
                "TO ACCEPT IT",
                "  Paste this into ssb.toml, and fill in what is empty:",
                "",
                "# expired: ssb.toml: profile 'prod': waivers: entry 1 (line 4)",
                "[[profiles.prod.waivers]]",
                'check = "ebs_volume_encrypted"',
                f'resource = "{ARN.format("old")}"',
                'reason = ""  # why it is accepted',
                'owner = ""  # who answers for it',
            ]
        )
    )
    text = pytester.runpytest_inprocess("--ssb-explain", accepted["id"]).stdout.str()
    assert "  waived by ana@acme.example until further notice: a scratch disk" in text
    assert "TO ACCEPT IT" not in text


def test_a_finding_that_nobody_knows_is_one_line_and_status_4(waived: Any, pytester: pytest.Pytester) -> None:
    id = "0123456789abcdef"

    def refused() -> list[str]:
        result = pytester.runpytest_inprocess("--ssb-explain", id)
        assert result.ret == 4
        return [line for line in result.errlines if line]

    nothing = "ERROR: --ssb-explain: no run has left its findings here: run pytest --ssb-profile NAME, or give --ssb-baseline results.json"
    assert refused() == [nothing]
    waived("", "-p", "no:cacheprovider")
    assert refused() == [nothing]
    waived("")
    assert refused() == [f"ERROR: --ssb-explain: the last run left no finding {id}; another run's: --ssb-baseline results.json --ssb-explain {id}"]


def test_a_question_says_how_it_is_answered(waived: Any, pytester: pytest.Pytester) -> None:
    provider()
    ran = waived("", "-k", "idp_enforces_mfa", "-v")
    assert ran.statuses() == {"MANUAL": 2}
    id = ran.results["findings"][0]["id"]
    ran.result.stdout.fnmatch_lines([f"  to answer it: pytest --ssb-explain {id} prints a declaration to paste into the config file"])
    text = pytester.runpytest_inprocess("--ssb-explain", id).stdout.str()
    declaration = text.partition("fill in what is empty:\n")[2].replace('= ""', '= "x"')
    assert "on = 2026-11-26" in declaration
    ran = waived(declaration, "-k", "idp_enforces_mfa")
    assert ran.statuses() == {"PASS": 2}
    assert {finding["basis"] for finding in ran.findings()} == {"declared"}


def test_a_file_takes_the_place_of_the_last_run(pytester: pytest.Pytester) -> None:
    given, found = pytester.path / "results.json", finding()

    def explained(id: str = found.id) -> pytest.RunResult:
        return pytester.runpytest_inprocess("--ssb-explain", id, "--ssb-baseline", "results.json")

    def refused(id: str = found.id) -> str:
        result = explained(id)
        assert result.ret == 4
        (line,) = [line for line in result.errlines if line]
        return line.removeprefix("ERROR: ")

    told = {"schema": "pytest-ssb/results/1", "started_at": "2026-01-02T03:04:05Z", "findings": [msgspec.to_builtins(found)], "added": 1}
    given.write_text(json.dumps(told), encoding="utf-8")
    assert explained().outlines[:2] == [
        f"{found.id}  FAIL (high)  ACCT.08 bucket_not_public",
        "profile prod, account 111122223333, eu-west-1; of results.json, begun 2026-01-02T03:04:05Z",
    ]
    assert refused("0" * 16) == f"--ssb-explain: results.json has no finding {'0' * 16}"
    given.write_text(json.dumps(told | {"findings": [{"id": found.id}]}), encoding="utf-8")
    assert refused().startswith(f"--ssb-explain: finding {found.id} of results.json is of a version that this one does not know: Object missing")
    given.write_text(json.dumps(told | {"findings": 1}), encoding="utf-8")
    assert refused().startswith("--ssb-baseline: results.json: is broken (Expected `array`")
    given.unlink()
    assert refused().startswith("--ssb-baseline: results.json: no such file")


def test_a_config_file_that_is_broken_hides_no_finding(waived: Any, pytester: pytest.Pytester) -> None:
    """One that was pasted a moment ago still has its blanks open."""
    id = waived("").findings(status="FAIL")[0]["id"]
    pytester.path.joinpath("ssb.toml").write_text("[profiles.prod]\nwaivers = [{}]\n", encoding="utf-8")
    explained = pytester.runpytest_inprocess("--ssb-explain", id)
    assert explained.ret == 0
    explained.stdout.fnmatch_lines(["[[][[]profiles.prod.waivers]]"])


# --- more than one process


def test_all_processes_have_one_day_and_one_word(over_http: OverHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "today", lambda: date(2040, 5, 5))
    toml = "[profiles.prod]\npassword_policy.always = true\n" + "".join(
        [
            waiver(check="password_policy_min_length", scope='"all"', expires="2040-05-05"),
            waiver(check="password_policy_reuse", scope='"all"', expires="2040-05-04"),
            waiver(check="password_policy_change", scope='"all"'),
        ]
    )
    with moto_server() as server:
        server.client("iam", "us-east-1").update_account_password_policy(
            MinimumPasswordLength=8, RequireSymbols=True, AllowUsersToChangePassword=True
        )
        ran = over_http(server.environ(), toml, "-m", "acct_06", "-n", "1", profile="prod")
    assert {finding["check"]: finding["status"] for finding in ran.findings()} == {
        "password_policy_change": "PASS",
        "password_policy_composition": "PASS",
        "password_policy_custom": "PASS",
        "password_policy_min_length": "WAIVED",
        "password_policy_reuse": "FAIL",
    }
    assert said(ran) == [
        f"{place(1, 3)} expires on 2040-05-05, today; it covers 1 finding",
        f"{place(2, 9)} expired on 2040-05-04: 1 finding FAILs again",
        f"{place(3, 15)} matched nothing",
    ]
    ran.result.assert_outcomes(failed=1, passed=3, xfailed=1)


# --- one cause in several places


def test_by_control_the_other_controls_finding_still_fails(waived: Any, faults: Simulated) -> None:
    """A check that serves two controls: what fails under the second alone is told of that."""
    nobody = {"AccountMFAEnabled": 0, "AccountPasswordPresent": 1, "AccountAccessKeysPresent": 0, "AccountSigningCertificatesPresent": 0}
    faults.instead("iam:GetAccountSummary", lambda region, body: {"SummaryMap": nobody})
    first = waiver(check="root_mfa_enabled", control='"ACCT.05"', scope='"all"', expires="2027-01-01")
    ran = waived(first, "-k", "root_mfa_enabled", "--html", "a.html")
    assert {finding["control"]: finding["status"] for finding in ran.findings()} == {"ACCT.02": "FAIL", "ACCT.05": "WAIVED"}
    ran.result.stdout.fnmatch_lines(["ACCT.02 FAIL (critical): *", "*all: 1 FAIL", "waived: ACCT.05 root_mfa_enabled: *"])
    assert {row["id"]: row["status"] for row in ran.results["controls"] if row["status"] != "NOT_RUN"} == {"ACCT.02": "FAIL", "ACCT.05": "WAIVED"}


def test_what_is_folded_has_a_waiver_for_each_of_its_places(waived: Any) -> None:
    options = ("-k", "ebs_encryption_by_default", "-v", "--ssb-region", "eu-west-1,us-east-1")
    ran = waived("", *options)
    ran.result.stdout.fnmatch_lines(["WKLD.08 FAIL (medium): * (in 2 regions)"])
    ran = waived(pasted(ran.text), *options)
    assert {finding["region"]: finding["status"] for finding in ran.findings()} == {"eu-west-1": "WAIVED", "us-east-1": "WAIVED"}
    ran.result.assert_outcomes(xfailed=2)


def test_shards_put_together_say_what_the_run_says_in_one_piece(waived: Any, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> None:
    expired, unused = waiver(resource='"new"', expires="2026-11-25"), waiver(resource='"gone"')
    waivers = (waiver(resource='"old"', expires="2026-12-01") + expired + unused).replace("[[", 'regions = ["eu-west-1", "us-east-1"]\n[[', 1)
    whole = waived(waivers)
    assert [(row["matched"], row["judged"]) for row in whole.results["waivers"]] == [(2, True), (2, True), (0, True)]
    ending = [f"{place(1, 4)} expires on 2026-12-01, in 5 days; it covers {{}}", f"{place(2, 10)} expired on 2026-11-25: {{}} again"]
    assert said(whole) == [ending[0].format("2 findings"), ending[1].format("2 findings FAIL"), f"{place(3, 16)} matched nothing"]
    parts = []
    for number in (1, 2, 3):
        parts.append(waived(waivers, "--ssb-shard", f"{number}/3"))
        pytester.path.joinpath(f"part-{number}.json").write_text(json.dumps(parts[-1].results), encoding="utf-8")
    assert sorted(tuple(said(part)) for part in parts)[1:] == [(ending[0].format("1 finding"), ending[1].format("1 finding FAILs"))] * 2
    capsys.readouterr()
    assert main(["merge", "part-1.json", "part-2.json", "part-3.json", "--ssb-output", "all.json"]) == 1
    together = json.loads(pytester.path.joinpath("all.json").read_text(encoding="utf-8"))
    assert together["waivers"] == whole.results["waivers"]
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("ssb.toml: ")]
    assert [line.partition(" on ")[0] for line in lines] == [line.partition(" on ")[0] for line in said(whole)]
    assert main(["merge", "part-1.json", "part-2.json", "--allow-missing"]) == 1
    assert "matched nothing" not in capsys.readouterr().out
