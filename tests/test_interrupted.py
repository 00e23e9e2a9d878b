"""Runs that do not end well: what was not judged is said, and the files are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.pages import table, words
from tests.support.runs import Runner


def test_with_x_each_test_that_did_not_run_leaves_an_error(run: Runner) -> None:
    whole, cut = run("-m", "acct_06"), run("-m", "acct_06", "-x")
    assert cut.result.ret in (1, 2)
    assert len(cut.results["findings"]) == len(whole.results["findings"])
    assert {finding["reason"] for finding in cut.findings(status="ERROR")} == {"not run: the run ended before it"}
    assert cut.findings(status="ERROR")[0]["error"]["code"] == "NotRun"
    assert not cut.results["complete"]
    assert whole.results["complete"]


def test_ctrl_c_writes_what_was_judged(run: Runner, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        stopper="import pytest\n\n@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_setup(item):\n"
        "    if 'reuse' in item.name:\n        raise KeyboardInterrupt\n"
    )
    pytester.syspathinsert()
    ran = run("-m", "acct_06", "-p", "stopper", subprocess=True)
    assert ran.result.ret == 2
    assert {finding["check"]: finding["status"] for finding in ran.results["findings"]} == {
        "password_policy_custom": "PASS",
        "password_policy_min_length": "FAIL",
        "password_policy_composition": "PASS",
        "password_policy_reuse": "ERROR",
        "password_policy_change": "ERROR",
    }


def test_a_worker_that_dies_loses_no_test(run: Runner, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        killer="import os\n\ndef pytest_runtest_setup(item):\n    if 'reuse' in item.name and 'PYTEST_XDIST_WORKER' in os.environ:\n        os._exit(9)\n"
    )
    pytester.syspathinsert()
    ran = run("-m", "acct_06", "-n", "1", "-p", "killer", "--max-worker-restart=0", "--html=ssb.html", subprocess=True)
    assert ran.result.ret != 0
    statuses = {finding["check"]: finding["status"] for finding in ran.results["findings"]}
    assert len(statuses) == 5
    assert statuses["password_policy_reuse"] == "ERROR"
    assert not ran.results["complete"]
    page = pytester.path / "ssb.html"
    assert "This report is incomplete: 2 tests were not run or not finished." in page.read_text(encoding="utf-8")
    judged = ("password_policy_custom", "password_policy_min_length", "password_policy_composition")
    assert {words(row)[2]: words(row)[0] for row in table(page)} == {check: statuses[check] for check in judged}


def test_a_re_run_replaces_a_tests_findings(run: Runner) -> None:
    pytest.importorskip("pytest_rerunfailures")
    once, thrice = run("-m", "acct_06"), run("-m", "acct_06", "--reruns", "2")
    assert thrice.results["findings"] == once.results["findings"]


def test_no_call_is_made_twice_and_workers_find_the_same(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = sent_calls(monkeypatch)
    alone, two = run("-m", "acct or wkld"), run("-m", "acct or wkld", "-n", "2", subprocess=True)
    assert not {call: n for call, n in sent.items() if n > 1}
    assert two.results["findings"] == alone.results["findings"]
    assert two.results["controls"] == alone.results["controls"]
    assert two.results["accounts"] == alone.results["accounts"]


def test_no_call_is_made_that_no_test_needs(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = sent_calls(monkeypatch)
    ran = run("-k", "ebs_volume_encrypted")
    assert {operation for operation, *_ in sent} == {"ec2:DescribeVolumes"}
    assert ran.results["api_calls"]["by_operation"]["ec2:DescribeVolumes"] == 2


def sent_calls(monkeypatch: pytest.MonkeyPatch) -> dict[Any, int]:
    """Counts what the run's clients are asked: operation, region and parameters."""
    from pytest_ssb.aws.access import Access

    sent: dict[Any, int] = {}
    prepare: Callable[..., None] = Access._prepare

    def prepared(self: Access, client: Any) -> None:
        prepare(self, client)

        def count(params: Any, model: Any, **_: Any) -> None:
            call = (f"{model.service_model.service_name}:{model.name}", client.meta.region_name, repr(sorted(params.items())))
            sent[call] = sent.get(call, 0) + 1

        client.meta.events.register("provide-client-params", count)

    monkeypatch.setattr(Access, "_prepare", prepared)
    return sent
