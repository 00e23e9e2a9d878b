"""What no check looks at is said: in the page, by --ssb-explain, and at the end of each run; and it is true."""

from __future__ import annotations

import msgspec
import pytest

from pytest_ssb import suites
from pytest_ssb.controls import CONTROLS
from pytest_ssb.coverage import UNSEEN, WHERE, Unseen, unseen_of
from pytest_ssb.explained import operations
from tests.controls_docs import COVERAGE, coverage, pages
from tests.support.runs import Runner

CALLED = operations(found.check for found in suites.shipped().values())


def test_the_page_is_up_to_date() -> None:
    assert COVERAGE.read_text(encoding="utf-8") == coverage(), "python -m tests.controls_docs writes it anew"


def test_what_is_said_to_be_unseen_is_not_called() -> None:
    assert [(one.what, call) for one in UNSEEN for begins in one.uncalled for call in sorted(CALLED) if call.startswith(begins)] == []


def test_explain_and_the_pages_name_everything(run: Runner) -> None:
    printed = run("--ssb-explain", "coverage", profile=None).text
    for one in UNSEEN:
        assert f"{one.what}\n  {one.means}\n  {', '.join(one.controls)}\n" in printed
        for control in one.controls:
            assert one in unseen_of(control)
            assert one.what in pages().get(f"{CONTROLS[control].marker}.md", one.what)


def test_explain_a_control_says_what_of_it_is_unseen(run: Runner) -> None:
    printed = run("--ssb-explain", "WKLD.11", profile=None).text
    assert [one.what for one in UNSEEN if f"  {one.what}: {one.means}\n" in printed + "\n"] == [one.what for one in unseen_of("WKLD.11")]


def test_each_run_says_where_to_find_it(run: Runner) -> None:
    assert run("-k", "password_policy_reuse").text.splitlines()[-2:][0] == WHERE


def test_an_unknown_control_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"no control ACCT\.13"):
        msgspec.convert({"what": "...", "means": "...", "controls": ["ACCT.13"]}, Unseen)
