"""Findings: what strangers wrote in an account stands in them as text, and as nothing else."""

from __future__ import annotations

import pytest

from pytest_ssb.findings import clean


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("", ""),
        ("Müller & Söhne: 日本", "Müller & Söhne: 日本"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("one\nPASS\ttwo", "one\\nPASS\\ttwo"),
        ("a\u202egnp", "a\\u202egnp"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_control_characters_are_shown_escaped_and_all_others_as_they_are(written: str, shown: str) -> None:
    assert clean(written) == shown
