"""Hands the results to whoever implements our hooks: somebody else's code, for which nothing that was found is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from pytest_ssb.findings import type_and_place
from pytest_ssb.results import Results


def send_on(config: pytest.Config, results: Results) -> list[str]:
    """Call `pytest_ssb_finding` for each finding, then `pytest_ssb_finish`; one line for each way in which one failed, without what an error says."""

    def plain() -> Any:
        # What the hook's implementations do to what they are given is theirs.
        return msgspec.json.decode(msgspec.json.encode(results))

    findings = plain()["findings"]
    failed = {"pytest_ssb_finding": _failures(lambda one: config.hook.pytest_ssb_finding(config=config, finding=one), findings)}
    failed["pytest_ssb_finish"] = _failures(lambda one: config.hook.pytest_ssb_finish(config=config, results=one), [plain()])
    return [line for hook, errors in failed.items() for line in _lines(hook, errors)]


def _failures(call: Callable[[Any], object], each: list[Any]) -> list[str]:
    found = []
    for one in each:
        try:
            call(one)
        except Exception as error:  # noqa: BLE001 - whatever it was, the others are told all the same
            found.append(type_and_place(error))
    return found


def _lines(hook: str, errors: list[str]) -> Iterator[str]:
    for error in dict.fromkeys(errors):
        times = errors.count(error)
        yield f"{hook} failed{f' {times} times' if times > 1 else ''}: {error}"
