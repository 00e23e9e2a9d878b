"""The README says what is."""

from __future__ import annotations

from tests.readme import demo_output, shown


def test_the_output_that_it_shows_is_the_demos_own() -> None:
    assert shown() == demo_output(), "python -m tests.readme writes it anew"
