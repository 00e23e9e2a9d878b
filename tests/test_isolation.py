"""What a user's project, its settings and its plugins can do to a run: nothing that changes a verdict or shows a secret."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pytest_ssb import suites
from tests.support.runs import Runner

REPLACING = """
import pytest

@pytest.fixture
def volumes():
    return []

@pytest.fixture(autouse=True)
def empty_account():
    from moto import mock_aws
    with mock_aws():
        yield
"""


def test_a_conftest_of_the_project_replaces_no_read(run: Runner, pytester: pytest.Pytester) -> None:
    expected = run("-m", "wkld_08").statuses()
    pytester.makeconftest(REPLACING)
    ran = run("-m", "wkld_08")
    assert ran.statuses() == expected
    assert expected["FAIL"] > 0


def test_no_conftest_of_the_project_is_loaded(run: Runner, pytester: pytest.Pytester) -> None:
    pytester.makeconftest("raise RuntimeError('loaded')")
    assert run("-m", "acct_06").result.ret == 1
    assert run("tests_account/test_acct_06_password_policy.py").result.ret == 1


@pytest.mark.parametrize("suite", suites.files(), ids=lambda path: path.name)
def test_every_suite_keeps_pytest_from_appending_values_to_reasons(suite: Path) -> None:
    assert "PYTEST_DONT_REWRITE" in (ast.get_docstring(ast.parse(suite.read_text(encoding="utf-8"))) or "")


def test_debug_logging_prints_no_answer_of_aws(run: Runner, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nlog_level = DEBUG\nlog_cli = true\nlog_cli_level = DEBUG\n")
    ran = run("-m", "acct_05")
    assert "Response body" not in ran.text
    assert "botocore" not in ran.text


def test_showlocals_shows_none(run: Runner) -> None:
    ran = run("-m", "acct_05", "--showlocals", "--tb=long")
    assert "ssb_profile" not in ran.text
    assert " = <" not in ran.text
