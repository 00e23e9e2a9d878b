"""Selection as any pytest user expects it, and the shipped suites collected whatever the project says of its own tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pytest_ssb import suites
from tests.support.runs import Runner


def checks(ran: object) -> set[str]:
    return {finding["check"] for finding in ran.results["findings"]}  # type: ignore[attr-defined]


def test_by_marker(run: Runner) -> None:
    assert {finding["control"] for finding in run("-m", "acct_06").results["findings"]} == {"ACCT.06"}
    assert {finding["control"] for finding in run("-m", "wkld_08 or wkld_11 and not wkld").results["findings"]} == {"WKLD.08"}


def test_by_worst_severity(run: Runner) -> None:
    assert checks(run("-m", 'ssb(severity="critical") and acct')) >= {"root_mfa_enabled", "iam_console_user_mfa"}
    assert "password_policy_reuse" not in checks(run("-m", 'ssb(severity="critical")'))


def test_by_name(run: Runner) -> None:
    assert checks(run("-k", "password")) == {f"password_policy_{name}" for name in ("custom", "min_length", "composition", "reuse", "change")}


def test_by_region_in_the_parameter_id(run: Runner) -> None:
    ran = run("-k", "ebs_volume_encrypted and us-east-1")
    assert {finding["region"] for finding in ran.results["findings"]} == {"us-east-1"}


def test_last_failed(run: Runner) -> None:
    first = run("-m", "acct_06", "-p", "cacheprovider")
    failed = {finding["check"] for finding in first.findings(status="FAIL")}
    again = run("--lf", "-p", "cacheprovider")
    assert failed
    assert checks(again) == failed


def test_a_node_id_of_ours_is_taken_from_any_folder(run: Runner) -> None:
    whole = run("-m", "acct_06")
    nodeid = whole.findings(check="password_policy_reuse")[0]["nodeid"]
    assert nodeid == "tests_account/test_acct_06_password_policy.py::test_password_policy_reuse[demo]"
    assert checks(run(nodeid)) == {"password_policy_reuse"}
    assert checks(run("tests_account/test_acct_06_password_policy.py")) == checks(whole)


def test_ids_are_the_same_wherever_the_suites_lie(run: Runner, pytester: pytest.Pytester) -> None:
    """As with an environment in the project's own folder, where pytest would count from there."""
    above_all = ("--rootdir", pytester.path.anchor, "-p", "no:cacheprovider")
    ran = run("-k", "password_policy_reuse", *above_all)
    nodeid = "tests_account/test_acct_06_password_policy.py::test_password_policy_reuse[demo]"
    assert [finding["nodeid"] for finding in ran.results["findings"]] == [nodeid]
    (shown,) = (line.split()[1] for line in ran.text.splitlines() if line.startswith("FAILED "))
    assert shown.endswith(f"../{nodeid}"), "pytest counts from where it was started"
    assert checks(run(shown, *above_all)) == {"password_policy_reuse"}


def test_a_copy_that_is_not_installed_is_not_what_runs(run: Runner, pytester: pytest.Pytester) -> None:
    file = "test_acct_06_password_policy.py"
    folder = pytester.mkdir("tests_account")
    shutil.copy(suites.root() / "tests_account" / file, folder)
    assert checks(run(f"tests_account/{file}", "-k", "reuse")) == {"password_policy_reuse"}


def test_what_is_called_otherwise_is_the_users_own(tmp_path: Path) -> None:
    (tmp_path / "tests_account").mkdir()
    for own in ("tests_account", "tests_account/test_mine.py", "tests_account/test_acct_99.py::test_x"):
        assert suites.located(own, tmp_path) == own


WHOLE_AND_PART = """
from pytest_ssb import check

@check("WKLD.14", on="AWS::::Account", severity="low")
def test_whole(audit):
    with audit(audit.target()):
        raise AssertionError("wrong")

@check("WKLD.14", on="AWS::::Account", severity="low")
def test_part(audit, ssb_region):
    with audit(audit.target()):
        audit.judged_by("whole")
        raise AssertionError("wrong")
"""


def test_a_check_of_a_region_may_leave_something_to_a_selected_one_of_its_account(run: Runner, pytester: pytest.Pytester) -> None:
    pytester.mkdir("security").joinpath("test_own.py").write_text(WHOLE_AND_PART)
    assert set(run("security").statuses(check="part")) == {"NOT_APPLICABLE"}
    assert set(run("security", "-k", "part").statuses(check="part")) == {"FAIL"}


INI = """
[pytest]
python_files = check_*.py
python_functions = verify_*
norecursedirs = * tests_account suites
addopts = {}
"""


@pytest.mark.parametrize(
    "more", ["--import-mode=importlib", "--import-mode=append", "--doctest-modules", "--strict-markers", "--ignore-glob=*acct_06*"]
)
def test_the_projects_own_settings_do_not_lose_a_check(run: Runner, pytester: pytest.Pytester, more: str) -> None:
    pytester.makeini(INI.format(more))
    pytester.makepyfile(check_mine="def verify_it():\n    raise AssertionError('the project\\'s own tests do not run')\n")
    ran = run("-m", "acct_06")
    assert len(ran.results["findings"]) == 5
    ran.result.assert_outcomes(passed=3, failed=2)


def test_testpaths_of_the_project_are_left_alone(run: Runner, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\ntestpaths = mine\n")
    (pytester.path / "mine").mkdir()
    (pytester.path / "mine" / "test_x.py").write_text("def test_x():\n    raise AssertionError\n")
    assert len(run("-m", "acct_06").results["findings"]) == 5


def test_strict_mode_of_pytest_9(run: Runner, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nxfail_strict = true\nempty_parameter_set_mark = fail_at_collect\n")
    assert len(run("-m", "acct_06").results["findings"]) == 5
