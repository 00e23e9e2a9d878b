"""What `--ssb-explain` prints: a page of a control, of a check, or of what no check looks at."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from pytest_ssb import explained, suites
from pytest_ssb.controls import CONTROLS, EDITION, Check, Control
from pytest_ssb.coverage import UNSEEN, unseen_of
from pytest_ssb.errors import UserError
from pytest_ssb.keys import keys_of
from pytest_ssb.permissions import action
from pytest_ssb.profiles import Profile


def explain(name: str, own: Iterable[Check] = ()) -> str:
    """All that is known of one control or check, or, for `coverage`, what none looks at. Raises UserError, with the nearest names, for any other name.

    `own` are the user's own checks, where these were collected.
    """
    if name == "coverage":
        return "\n".join(_coverage())
    control = CONTROLS.get(name.upper().replace("_", "."))
    if control is not None:
        return "\n".join(_control(control, explained.checks_of(control)))
    known = {id: found.check for id, found in suites.shipped().items()} | {check.id: check for check in own}
    check = known.get(name.removeprefix("test_"))
    if check is not None:
        return "\n".join(_check(check))
    near = difflib.get_close_matches(name, [*CONTROLS, *known, "coverage"], 3, 0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else "see --ssb-list"
    raise UserError(f"--ssb-explain: no control or check {name!r}; {hint}")


def _control(control: Control, checks: list[Check]) -> Iterator[str]:
    yield f"{control.id}  {control.title}"
    yield f"{control.url} (edition {EDITION})"
    yield from _heading("What the guide asks")
    for one in explained.asked(control):
        covered = f"checked by {', '.join(one.checks)}" if one.checks else None
        yield f"  {one.number}  {one.says}"
        yield f"      {'; '.join(filter(None, (covered, one.uncovered)))}"
    yield from _heading("What is checked")
    if not checks:
        yield "  nothing: this version has no checks of this control yet"
    for number, check in enumerate(checks):
        yield from [""] if number else []
        yield f"  {check.id}"
        yield from (f"    {line}" for line in _judged(check))
        yield from (f"    {url}" for url in check.references)
    yield from _needs(checks)
    yield from _reads(checks)
    if any(check.fix for check in checks):
        yield from _heading("How to fix")
        for check in checks:
            yield from [f"  {check.id}", f"    {explained.command(check)}"] if check.fix else []
    if unseen := unseen_of(control.id):
        yield from _heading("What is not looked at")
        yield from (f"  {one.what}: {one.means}" for one in unseen)
    yield from _heading("How to run it")
    yield f"  pytest --ssb-profile NAME -m {control.marker}"


def _check(check: Check) -> Iterator[str]:
    yield f"{check.id}  ({', '.join(check.controls)})"
    yield from _heading("What the guide asks")
    for control in map(CONTROLS.__getitem__, check.controls):
        yield f"  {control.id}  {control.title}"
        yield from (f"    {one.number}  {one.says}" for one in explained.asked(control) if check.id in one.checks)
    yield from _heading("What is checked")
    yield from (f"  {line}" for line in _judged(check))
    yield from _needs([check])
    yield from _reads([check])
    if check.fix:
        yield from _heading("How to fix")
        yield f"  {explained.command(check)}"
    yield from _heading("More")
    yield f"  pytest --ssb-profile NAME -k {check.id}"
    yield from (f"  {url}" for url in (*(CONTROLS[id].url for id in check.controls), *check.references))


def _judged(check: Check) -> Iterator[str]:
    yield check.says
    yield f"judges {check.on}, {explained.scope(check)}; {check.severity} at worst"
    if check.key:
        yield "while it is MANUAL, so is its control"


def _needs(checks: Iterable[Check]) -> Iterator[str]:
    """The API calls, and the IAM actions where these are called otherwise."""
    called = explained.operations(checks)
    yield from _heading("Which API calls it needs")
    yield f"  {', '.join(map(_call, sorted(called))) or 'none'}"
    for key, through in explained.operations_through(checks).items():
        yield f"  through {key}: {', '.join(map(_call, sorted(through)))}"


def _call(operation: str) -> str:
    allowed_by = action(operation)
    return operation if allowed_by == operation else f"{operation} (IAM: {allowed_by})"


def _reads(checks: Iterable[Check]) -> Iterator[str]:
    """The keys of the profile."""
    facts = sorted({fact for check in checks for fact in check.facts})
    says = {key.path: key.said.text for key in keys_of(Profile)}
    if facts:
        yield from _heading("Which keys of ssb.toml it reads")
        width = max(map(len, facts))
        yield from (f"  {fact:<{width}}  {says.get(fact, '')}".rstrip() for fact in facts)


def _coverage() -> Iterator[str]:
    yield "What no check looks at: a control that is green says nothing of it."
    for one in UNSEEN:
        yield from ("", one.what, f"  {one.means}", f"  {', '.join(one.controls)}")
    yield from ("", "What no API shows stands with each control: pytest --ssb-explain ACCT.01")


def _heading(title: str) -> tuple[str, str]:
    return "", title.upper()
