"""Event patterns, matched as EventBridge matches them: `tests/data/event_patterns.toml` has the cases."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pytest_ssb.event_patterns import Pattern, UnknownPattern, event_of

CASES: dict[str, Any] = tomllib.loads((Path(__file__).parent / "data" / "event_patterns.toml").read_text(encoding="utf-8"))
EVENT = event_of(CASES["event"])


def cases(table: str) -> list[Any]:
    return [pytest.param(pattern, id=says) for says, pattern in CASES[table].items()]


@pytest.mark.parametrize("pattern", cases("matches"))
def test_what_matches_is_passed_on(pattern: str) -> None:
    assert Pattern(pattern).matches(EVENT)


@pytest.mark.parametrize("pattern", cases("misses"))
def test_what_does_not_match_is_not_passed_on(pattern: str) -> None:
    assert not Pattern(pattern).matches(EVENT)


@pytest.mark.parametrize("pattern", cases("refused"))
def test_what_we_cannot_tell_is_refused(pattern: str) -> None:
    with pytest.raises(UnknownPattern):
        Pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "about"),
    [
        ({"source": ["aws.guardduty"], "detail": {"severity": [1]}}, True),
        ({"source": [{"prefix": "aws."}], "detail-type": ["GuardDuty Finding"], "region": ["us-east-1"]}, True),
        ({"source": ["aws.guardduty"], "detail-type": ["Scan Result"]}, False),
        ({"source": ["aws.ec2"]}, False),
        ({"detail": {"severity": [8]}}, False),
    ],
)
def test_a_pattern_is_about_events_of_its_source_and_kind_whatever_it_asks_further(pattern: dict[str, Any], about: bool) -> None:
    assert Pattern(json.dumps(pattern)).is_about(EVENT, "source", "detail-type") is about


@pytest.mark.parametrize(("number", "within"), [("5000000000", True), ("5000000001", False), ("-5e9", True), ("-6e9", False)])
def test_numbers_are_compared_up_to_five_billion(number: str, within: bool) -> None:
    pattern = Pattern('{"n": [{"numeric": ["<=", 6000000000, ">", -6000000000.5]}]}')
    assert pattern.matches(event_of(f'{{"n": {number}}}')) is within
