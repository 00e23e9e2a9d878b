"""The hooks through which others get the results."""

from __future__ import annotations

import json

import pytest

from tests.support.runs import Runner

SENDER = """
import json
import pathlib

def pytest_ssb_finding(config, finding):
    with (config.invocation_params.dir / "findings.jsonl").open("a") as file:
        file.write(json.dumps(finding) + "\\n")
    finding.clear()

def pytest_ssb_finish(config, results):
    with (config.invocation_params.dir / "sent.jsonl").open("a") as file:
        file.write(json.dumps(results) + "\\n")
    written = pathlib.Path(config.option.ssb_output[0]).exists()
    assert written, "the files come first"
    results["findings"].clear()
"""

FAILING = """def pytest_ssb_finding(finding):
    raise KeyError('token=hunter2')

def pytest_ssb_finish(results):
    raise ConnectionError('token=hunter2')
"""


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["alone", "workers"])
def test_it_gets_the_results_once_and_changes_nothing(run: Runner, pytester: pytest.Pytester, workers: list[str]) -> None:
    pytester.makepyfile(sender=SENDER)
    pytester.syspathinsert()
    ran = run("-m", "acct_06", "-p", "sender", *workers, subprocess=bool(workers))
    (sent,) = map(json.loads, (pytester.path / "sent.jsonl").read_text().splitlines())
    assert sent == ran.results
    assert list(map(json.loads, (pytester.path / "findings.jsonl").read_text().splitlines())) == sent["findings"]
    assert len(sent["findings"]) == 5
    ran.result.stdout.fnmatch_lines(["findings: 2 FAIL, 3 PASS; *"])
    assert "failed: " not in ran.text


def test_one_that_fails_loses_nothing_and_is_said(run: Runner, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(sender=FAILING)
    pytester.syspathinsert()
    ran = run("-k", "password_policy_change or password_policy_composition", "-p", "sender")
    assert ran.statuses() == {"PASS": 2}
    assert ran.result.ret == 1
    said = ["pytest_ssb_finding failed 2 times: KeyError at sender:2", "pytest_ssb_finish failed: ConnectionError at sender:5"]
    ran.result.stdout.fnmatch_lines(["ACCT.06  PASS *", "written: *results.json", *said])
    assert "hunter2" not in ran.text


def test_asleep_a_plugin_that_implements_it_is_no_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(sender=SENDER, test_hello="def test_hello():\n    pass\n")
    pytester.syspathinsert()
    pytester.runpytest_inprocess("-p", "sender").assert_outcomes(passed=1)
    assert not (pytester.path / "sent.jsonl").exists()
