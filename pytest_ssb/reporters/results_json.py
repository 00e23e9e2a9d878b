"""The findings file, `.json`: the contract of `schemas/results-1.schema.json`."""

from __future__ import annotations

import msgspec

from pytest_ssb.results import Results


def render(results: Results) -> str:
    """The results as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(results), indent=1).decode() + "\n"
