"""Accounts that give no answer: one test for each control says why, in place of one for each of its checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import pytest

from pytest_ssb.controls import Check
from pytest_ssb.findings import NOT_JUDGED, Audit
from pytest_ssb.targets import Refusal, Target


@dataclass(frozen=True)
class Asked:
    """A selected test with its check, its target, and why that gives no answer to it."""

    item: pytest.Item
    check: Check
    target: Target
    refusal: Refusal


class Unanswered:
    """The tests that say why nothing is judged, each for some controls of a target and all of their checks that were selected."""

    def __init__(self, refusal: Callable[[Check, Target], Refusal | None]) -> None:
        """`refusal` says why a target gives no answer to a check, or None where it does."""
        self._refusal = refusal
        self._speaking: dict[pytest.Item, tuple[Asked, dict[str, list[str]]]] = {}

    def left_out(self, tests: Sequence[tuple[pytest.Item, Check, Target]]) -> list[pytest.Item]:
        """Choose who speaks for each control of each target, and give the other tests, which would only say the same again."""
        unasked = [Asked(item, check, target, why) for item, check, target in tests if (why := self._refusal(check, target))]
        groups: dict[tuple[Target, str], list[Asked]] = {}
        for asked in unasked:
            for control in asked.check.controls:
                groups.setdefault((asked.target, control), []).append(asked)
        for (_, control), group in groups.items():
            # What goes beyond the guide does not count for its control.
            speaker = min(group, key=lambda asked: asked.check.extended)
            _, controls = self._speaking.setdefault(speaker.item, (speaker, {}))
            controls[control] = list(dict.fromkeys(asked.check.id for asked in group))
        return [asked.item for asked in unasked if asked.item not in self._speaking]

    def __contains__(self, item: pytest.Item) -> bool:
        return item in self._speaking

    def audit(self, item: pytest.Item, audit: Audit) -> None:
        """Let a test that speaks leave its ERROR: one for each control, with the checks that are not judged."""
        asked, controls = self._speaking[item]
        audit.check = msgspec.structs.replace(asked.check, controls=tuple(controls))
        audit.failed(asked.refusal.error)
        audit.findings = [
            msgspec.structs.replace(finding, evidence={**finding.evidence, NOT_JUDGED: ", ".join(controls[finding.control])})
            for finding in audit.findings
        ]
