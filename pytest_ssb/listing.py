"""What the options print that ask AWS nothing and select: the selected checks, and the IAM policy for them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator

import pytest

from pytest_ssb import explained
from pytest_ssb.controls import CONTROLS, Check, check_of
from pytest_ssb.errors import UserError
from pytest_ssb.handbook import explain
from pytest_ssb.permissions import REACH, START, policy


class Listing:
    """Takes the place of a run: collects and selects as a run does, then prints instead of running."""

    def __init__(self, config: pytest.Config) -> None:
        # What is printed may go into a file: no header, no progress, no summary.
        config.option.verbose = -2
        self._config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Print what was asked for, and run nothing."""
        checks = [check for item in session.items if (check := check_of(getattr(item, "function", None))) is not None]
        unique = list({check.id: check for check in checks}.values())
        if self._config.option.ssb_explain:
            try:
                print(explain(self._config.option.ssb_explain, unique))
            except UserError as error:
                raise pytest.UsageError(*error.lines) from None
        elif self._config.option.ssb_policy:
            print(policy_text(unique))
            for line in policies_elsewhere(unique):
                print(line, file=sys.stderr)
        else:
            print(list_text(unique))
        return True


def policies_elsewhere(checks: Iterable[Check]) -> Iterator[str]:
    """What the roles need by which other accounts are reached: a line for each key of the profile that leads to one, with the policy document."""
    for key, called in explained.operations_through(checks).items():
        yield f"where {key} is set, its role needs another policy: {json.dumps(policy([*REACH, *called]))}"


def policy_text(checks: Iterable[Check]) -> str:
    """The policy document as JSON."""
    return json.dumps(policy([*START, *explained.operations(checks)]), indent=2)


def list_text(checks: Iterable[Check]) -> str:
    """The checks by control, each with its severity and first line."""
    lines: list[str] = []
    chosen = list(checks)
    for control in CONTROLS.values():
        mine = [check for check in chosen if control.id in check.controls]
        if mine:
            lines += ["", f"{control.id}  {control.title}"] if lines else [f"{control.id}  {control.title}"]
        for check in mine:
            extras = [word for word, given in (("extended", check.extended), (f"{check.environment} only", check.environment)) if given]
            more = f" ({', '.join(extras)})" if extras else ""
            lines.append(f"  {check.id:<46} {check.severity:<8} {check.says}{more}")
    return "\n".join(lines)
