"""What the options print that ask AWS nothing: the selected checks, one control or check, and the IAM policy of what is selected."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Iterable, Iterator

import pytest

from pytest_ssb import explained, suites
from pytest_ssb.controls import CONTROLS, EDITION, Check, Control, check_of
from pytest_ssb.coverage import UNSEEN, unseen_of
from pytest_ssb.errors import UserError
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
        if self._config.option.ssb_policy:
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


def explain(name: str) -> str:
    """All that is known of one control or check, or, for `coverage`, what none looks at. Raises UserError, with the nearest names, for any other name."""
    if name == "coverage":
        return _coverage()
    control = CONTROLS.get(name.upper().replace("_", "."))
    if control is not None:
        return _control(control, explained.checks_of(control))
    shipped = {id: found.check for id, found in suites.shipped().items()}
    check = shipped.get(name.removeprefix("test_"))
    if check is not None:
        return _check(check)
    near = difflib.get_close_matches(name, [*CONTROLS, *shipped, "coverage"], 3, 0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else "see --ssb-list"
    raise UserError(f"--ssb-explain: no control or check {name!r}; {hint}")


def _control(control: Control, checks: list[Check]) -> str:
    lines = [f"{control.id}  {control.title}  (guide, edition {EDITION})", control.url, ""]
    for one in explained.asked(control):
        covered = f"checked by {', '.join(one.checks)}" if one.checks else None
        lines += [f"{one.number}  {one.says}", f"    {'; '.join(filter(None, (covered, one.uncovered)))}"]
    if not checks:
        lines.append("This version has no checks of this control yet.")
    for check in checks:
        lines += ["", _check(check)]
    if unseen := unseen_of(control.id):
        lines += ["", "not looked at", *(f"  {one.what}: {one.means}" for one in unseen)]
    return "\n".join(lines)


def _coverage() -> str:
    lines = ["What no check looks at: a control that is green says nothing of it."]
    for one in UNSEEN:
        lines += ["", one.what, f"  {one.means}", f"  {', '.join(one.controls)}"]
    lines += ["", "What no API shows stands with each control: pytest --ssb-explain ACCT.01"]
    return "\n".join(lines)


def _check(check: Check) -> str:
    lines = [
        f"{check.id}  ({', '.join(check.controls)})",
        f"  {check.says}",
        f"  judges   {check.on}, {explained.scope(check)}",
        f"  severity {check.severity} at worst",
        f"  needs    {', '.join(explained.actions(check)) or 'no call'}",
        *(f"           {', '.join(actions)} through {key}" for key, actions in explained.actions_through(check).items()),
    ]
    if check.key:
        lines.append("  key      while this is MANUAL, so is its control")
    if check.facts:
        lines.append(f"  reads    {', '.join(check.facts)}  (ssb.toml)")
    if check.fix:
        lines.append(f"  fix      {explained.command(check)}")
    lines += [f"  see      {url}" for url in check.references]
    return "\n".join(lines)
