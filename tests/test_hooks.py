"""The hook through which others get the results."""

from __future__ import annotations

import json

import pytest

from tests.support.runs import Runner

SENDER = """
import json
import pathlib

def pytest_ssb_results(config, results):
    with (config.invocation_params.dir / "sent.jsonl").open("a") as file:
        file.write(json.dumps(results) + "\\n")
    written = pathlib.Path(config.option.ssb_output[0]).exists()
    assert written, "the files come first"
    results["findings"].clear()
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "workers"])
def test_it_gets_the_results_once_and_changes_nothing(run: Runner, pytester: pytest.Pytester, workers: list[str]) -> None:
    pytester.makepyfile(sender=SENDER)
    pytester.syspathinsert()
    ran = run("-m", "acct_06", "-p", "sender", *workers, subprocess=bool(workers))
    (sent,) = map(json.loads, (pytester.path / "sent.jsonl").read_text().splitlines())
    assert sent == ran.results
    assert len(sent["findings"]) == 5
    ran.result.stdout.fnmatch_lines(["findings: 2 FAIL, 3 PASS; *"])
    assert "pytest_ssb_results failed" not in ran.text


def test_one_that_fails_loses_nothing_and_is_said(run: Runner, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(sender="def pytest_ssb_results(results):\n    raise ConnectionError('token=hunter2')\n")
    pytester.syspathinsert()
    ran = run("-k", "password_policy_change", "-p", "sender")
    assert ran.statuses() == {"PASS": 1}
    assert ran.result.ret == 1
    ran.result.stdout.fnmatch_lines(["ACCT.06  PASS *", "written: *results.json", "pytest_ssb_results failed: ConnectionError at sender:2"])
    assert "hunter2" not in ran.text


def test_asleep_a_plugin_that_implements_it_is_no_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(sender=SENDER, test_hello="def test_hello():\n    pass\n")
    pytester.syspathinsert()
    pytester.runpytest_inprocess("-p", "sender").assert_outcomes(passed=1)
    assert not (pytester.path / "sent.jsonl").exists()
