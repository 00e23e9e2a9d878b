"""Which failures fail the run: outcomes stay what they are, and what is unknown, or fails beside us, always counts."""

from __future__ import annotations

import pytest

from pytest_ssb.demo.simulated import Simulated
from pytest_ssb.failon import FailOn, forgiven
from tests.support.runs import Runner, denied
from tests.test_baseline import FIRST, found

PASSWORDS = "password_policy"
ONE_NEW = ("-m", "acct_06 or wkld_08", "--ssb-baseline", str(FIRST))


def last_line(text: str) -> str:
    return [line for line in text.splitlines() if line][-1]


def test_failures_below_the_bar_stay_failures_and_do_not_fail_the_run(run: Runner) -> None:
    ran = run("-k", PASSWORDS, "--ssb-fail-on", "critical")
    assert ran.result.ret == 0
    ran.result.assert_outcomes(failed=2, passed=3)
    assert ran.statuses() == {"FAIL": 2, "PASS": 3}
    assert last_line(ran.text) == "exit status 0: 2 failures, but none of them is critical: --ssb-fail-on critical"


def test_one_failure_at_the_bar_fails_the_run(run: Runner) -> None:
    ran = run("-k", PASSWORDS, "--ssb-fail-on", "medium")
    assert ran.result.ret == 1
    assert "exit status" not in ran.text


@pytest.mark.parametrize(
    ("given", "status", "says"),
    [
        (["new"], 1, None),
        (["critical", "new"], 0, "exit status 0: 7 failures, but none of them is critical, and new: --ssb-fail-on critical --ssb-fail-on new"),
    ],
)
def test_a_failure_has_to_meet_all_that_is_given(run: Runner, given: list[str], status: int, says: str | None) -> None:
    ran = run(*ONE_NEW, *(word for one in given for word in ("--ssb-fail-on", one)))
    assert ran.result.ret == status
    assert len(ran.findings(status="FAIL")) == 7
    assert says is None or last_line(ran.text) == says


def test_known_failures_alone_do_not_fail_a_run_that_asks_for_new_ones(run: Runner) -> None:
    ran = run("-k", PASSWORDS, "--ssb-baseline", str(FIRST), "--ssb-fail-on", "new")
    assert ran.result.ret == 0
    assert last_line(ran.text) == "exit status 0: 2 failures, but none of them is new: --ssb-fail-on new"


def test_workers_make_no_difference(run: Runner) -> None:
    ran = run("-k", PASSWORDS, "--ssb-baseline", str(FIRST), "--ssb-fail-on", "new", "-n", "1", subprocess=True)
    assert ran.result.ret == 0
    assert {finding["baseline"] for finding in ran.findings(status="FAIL")} == {"known"}
    assert last_line(ran.text) == "exit status 0: 2 failures, but none of them is new: --ssb-fail-on new"


def test_what_is_unknown_fails_the_run(run: Runner, faults: Simulated) -> None:
    faults.instead("iam:GetAccountPasswordPolicy", lambda region, body: denied("iam:GetAccountPasswordPolicy"))
    ran = run("-k", f"{PASSWORDS} or ebs_volume_encrypted", "--ssb-fail-on", "critical")
    assert ran.result.ret == 1
    assert "exit status" not in ran.text


def test_what_was_not_run_fails_the_run(run: Runner) -> None:
    ran = run("-k", PASSWORDS, "--ssb-fail-on", "critical", "-x")
    assert ran.statuses()["ERROR"] == 3
    assert ran.result.ret == 1


def test_x_at_the_last_test_leaves_nothing_unknown(run: Runner) -> None:
    ran = run("-k", "password_policy_reuse", "--ssb-fail-on", "critical", "-x")
    assert ran.statuses() == {"FAIL": 1}
    assert ran.result.ret == 0


OWN = {
    "test_own.py": "def test_mine():\n    assert False\n",
    "test_broken.py": "import nothing_of_the_kind\n",
    "test_teardown.py": "import pytest\n\n@pytest.fixture\ndef thing():\n    yield\n    assert False\n\ndef test_mine(thing):\n    pass\n",
}


@pytest.mark.parametrize("name", OWN)
def test_what_fails_beside_the_findings_fails_the_run(run: Runner, pytester: pytest.Pytester, name: str) -> None:
    pytester.path.joinpath(name).write_text(OWN[name], encoding="utf-8")
    go_on = "--continue-on-collection-errors"
    ran = run("tests_account/test_acct_06_password_policy.py", name, "--ssb-fail-on", "critical", go_on)
    assert ran.statuses() == {"FAIL": 2, "PASS": 3}
    assert ran.result.ret == 1
    assert "exit status" not in ran.text


def test_a_file_that_cannot_be_written_fails_the_run(run: Runner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.path.joinpath("gone").mkdir()
    pytester.makepyfile(remover="import shutil\n\ndef pytest_runtest_setup(item):\n    shutil.rmtree('gone', ignore_errors=True)\n")
    pytester.syspathinsert()
    ran = run("-k", "password_policy_reuse", "--ssb-fail-on", "critical", "--ssb-output", "gone/x.json", "-p", "remover")
    assert ran.result.ret == 1
    assert "exit status" not in ran.text


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["hihg"], "--ssb-fail-on: 'hihg' is neither a severity nor 'new'; did you mean 'high'?"),
        (["HIGH"], "--ssb-fail-on: 'HIGH' is neither a severity nor 'new'; did you mean 'high'?"),
        (["banana"], "--ssb-fail-on: 'banana' is neither a severity nor 'new'; known: critical, high, medium, low, new"),
        (["high,new"], "--ssb-fail-on: 'high,new' is neither a severity nor 'new'; give each by itself: --ssb-fail-on high --ssb-fail-on new"),
        (["low", "new"], "--ssb-fail-on new: there is nothing to compare with; add --ssb-baseline FILE, an earlier findings file"),
    ],
)
def test_what_cannot_be_meant_is_refused(run: Runner, given: list[str], says: str) -> None:
    ran = run(*(word for one in given for word in ("--ssb-fail-on", one)))
    assert ran.result.ret == 4
    assert [line for line in ran.result.errlines if line] == [f"ERROR: {says}"]


@pytest.mark.parametrize("severity", ["critical", "high", "medium", "low"])
@pytest.mark.parametrize("bar", ["critical", "high", "medium", "low"])
@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("mark", ["new", "known", None])
def test_a_failure_counts_if_it_is_severe_enough_and_new_where_that_is_asked(severity: str, bar: str, new: bool, mark: str | None) -> None:
    order = ["low", "medium", "high", "critical"]
    fail_on = FailOn.of([bar, "new"] if new else [bar], compared=True)
    assert fail_on is not None
    counts = order.index(severity) >= order.index(bar) and (mark == "new" or not new)
    finding = found("FAIL", "a", severity=severity, baseline=mark)
    assert fail_on.fails(finding) is counts
    assert (forgiven([finding], fail_on) is None) is counts


def test_a_waived_finding_fails_no_run_and_is_no_failure() -> None:
    assert forgiven([found("WAIVED", "a", baseline="new")], FailOn(severity="low")) is None


def test_the_worst_of_several_severities_holds() -> None:
    assert FailOn.of(["low", "critical"], compared=False) == FailOn(severity="critical")
    assert FailOn.of([], compared=False) is None


def test_what_a_teardown_of_the_users_own_printed_is_shown(run: Runner, pytester: pytest.Pytester) -> None:
    """pytest looks through all setups and teardowns for it: those that printed nothing are kept from it."""
    text = "import pytest\n\n@pytest.fixture\ndef thing():\n    yield\n    print('left behind')\n\ndef test_mine(thing):\n    assert False\n"
    pytester.path.joinpath("test_own.py").write_text(text, encoding="utf-8")
    ran = run("tests_account/test_acct_06_password_policy.py", "test_own.py")
    assert ran.text.count("left behind") == 1
    ran.result.assert_outcomes(failed=3, passed=3)
