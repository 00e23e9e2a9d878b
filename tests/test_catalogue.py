"""The catalogue says of each recommendation what becomes of it, and of each check what it is for; the pages made from both are up to date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import pytest

from pytest_ssb import suites
from pytest_ssb.controls import CATALOGUE, CONTROLS, Check, Control
from pytest_ssb.explained import asked, checks_of
from tests.controls_docs import FOLDER, pages
from tests.support.runs import Runner

SHIPPED = {id: found.check for id, found in suites.shipped().items()}


def problems(controls: Iterable[Control], checks: Mapping[str, Check]) -> list[str]:
    """Where the catalogue and the checks do not agree."""
    found = []
    for control in controls:
        named = {id for recommendation in control.recommendations for id in recommendation.checks}
        found += [f"{control.id}: a recommendation names {id}, which is no check" for id in sorted(named - set(checks))]
        found += [f"{control.id}: no recommendation names {id}" for id, check in checks.items() if control.id in check.controls and id not in named]
    return found


def test_catalogue_and_checks_agree() -> None:
    assert problems(CATALOGUE.controls, SHIPPED) == []


def test_controls_stand_in_order() -> None:
    assert list(CONTROLS) == [*(f"ACCT.{n:02}" for n in range(1, 13)), *(f"WKLD.{n:02}" for n in range(1, 16))]


def test_no_two_recommendations_of_a_control_say_the_same() -> None:
    for control in CATALOGUE.controls:
        said = [recommendation.says for recommendation in control.recommendations]
        assert len(set(said)) == len(said), control.id


def control(*recommendations: dict[str, Any]) -> Control:
    told = {
        "id": "ACCT.06",
        "title": "...",
        "url": "...",
        "minutes_first": 3,
        "minutes_full": 3,
        "recommendations": [{"says": "...", **each} for each in recommendations],
    }
    return msgspec.convert(told, Control)


ONE = {"password_policy_reuse": SHIPPED["password_policy_reuse"]}


def test_an_unknown_check_is_refused() -> None:
    told = control({"checks": ["password_policy_reuse", "password_policy_recycle"]})
    assert problems([told], ONE) == ["ACCT.06: a recommendation names password_policy_recycle, which is no check"]


def test_a_check_that_no_recommendation_names_is_refused() -> None:
    assert problems([control({"not_yet": True})], ONE) == ["ACCT.06: no recommendation names password_policy_reuse"]
    assert problems([control({"checks": ["password_policy_reuse"]})], ONE) == []


@pytest.mark.parametrize(
    ("recommendation", "says"),
    [
        ({}, "names its checks, or says why"),
        ({"checks": []}, "names its checks, or says why"),
        ({"not_observable": ""}, "names its checks, or says why"),
        ({"checks": ["password_policy_reuse"], "not_yet": True}, "is not not_yet"),
        ({"check": "password_policy_reuse"}, "unknown field `check`"),
    ],
)
def test_a_recommendation_says_what_becomes_of_it(recommendation: dict[str, Any], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        control(recommendation)


def test_a_recommendation_may_be_covered_in_part() -> None:
    told = control({"checks": ["password_policy_reuse"], "not_observable": "root's"}, {"not_yet": True, "not_observable": "the rest"})
    assert [(one.number, one.checks, one.uncovered) for one in asked(told)] == [
        ("R1", ("password_policy_reuse",), "not observable: root's"),
        ("R2", (), "no check in this version yet; not observable: the rest"),
    ]


# --- the pages --------------------------------------------------------------------------------------------------------------------------------


def test_the_pages_of_the_controls_are_up_to_date() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert sorted(written) == sorted(pages()), "python -m tests.controls_docs writes them anew"
    for name, text in pages().items():
        assert written[name] == text, f"docs/controls/{name}: python -m tests.controls_docs writes it anew"


@pytest.mark.parametrize("id", ["ACCT.03", "ACCT.06"])
def test_explain_and_the_page_tell_the_same(run: Runner, id: str) -> None:
    control, printed = CONTROLS[id], run("--ssb-explain", id, profile=None).text
    texts = {text for one in asked(control) for text in (one.says, *one.checks, one.uncovered or "")}
    texts |= {text for check in checks_of(control) for text in (check.id, check.says, check.on, *check.facts, *check.references)}
    assert texts
    for text in texts:
        assert text in printed
        assert text in pages()[f"{control.marker}.md"]
