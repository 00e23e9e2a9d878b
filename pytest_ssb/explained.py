"""What is known of a control and of a check before anything runs: `--ssb-explain` prints it, and the pages of docs/controls/ show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pytest_ssb import suites
from pytest_ssb.controls import Check, Control
from pytest_ssb.permissions import REFERENCES
from pytest_ssb.permissions import actions as actions_of
from pytest_ssb.reads.registry import is_regional, needed

NOT_YET = "no check in this version yet"


@dataclass(frozen=True)
class Asked:
    """A recommendation of a control: its number, our words, the ids of the checks that cover it, and what is said where they do not."""

    number: str
    says: str
    checks: tuple[str, ...]
    uncovered: str | None


def asked(control: Control) -> Iterator[Asked]:
    """What a control asks for, in the order of the guide: R1, R2, ..."""
    for number, recommendation in enumerate(control.recommendations, 1):
        unseen = f"not observable: {recommendation.not_observable}" if recommendation.not_observable else None
        parts = [NOT_YET if recommendation.not_yet else None, unseen]
        yield Asked(f"R{number}", recommendation.says, recommendation.checks, "; ".join(filter(None, parts)) or None)


def checks_of(control: Control) -> list[Check]:
    """The shipped checks of a control, in the order of their files."""
    return [found.check for found in suites.shipped().values() if control.id in found.check.controls]


def operations(checks: Iterable[Check]) -> set[str]:
    """Every API operation that these checks may call."""
    found: set[str] = set()
    for check in checks:
        found.update(check.calls, *(read.operations for read in needed(check.fixtures)))
    return found


def actions(check: Check) -> list[str]:
    """The IAM actions that a check needs."""
    return actions_of(operations([check]))


def operations_through(checks: Iterable[Check]) -> dict[str, set[str]]:
    """Every API operation that these checks may call in other accounts, by the key of the profile that leads there; such a key is set or not."""
    found: dict[str, set[str]] = {}
    for check in checks:
        for read in needed(check.fixtures):
            for key, called in read.through.items():
                found.setdefault(key, set()).update(called)
    return {key: found[key] for key in REFERENCES if key in found}


def actions_through(check: Check) -> dict[str, list[str]]:
    """The IAM actions that a check needs in other accounts, by the key of the profile that leads there."""
    return {key: actions_of(called) for key, called in operations_through([check]).items()}


def scope(check: Check) -> str:
    """How often a check is run, and where: `once per region, in production accounts only`."""
    parts = ["once per region" if is_regional(check.fixtures) else "once per account"]
    if check.regions == "enabled":
        parts.append("in every enabled region, whatever the profile's regions")
    if check.environment:
        parts.append(f"in {check.environment} accounts only")
    if check.extended:
        parts.append("beyond the guide: only with extended = true")
    return ", ".join(parts)


def command(check: Check) -> str:
    """The command that mends a resource, with the names of what is filled in left in braces."""
    return check.fix.replace("{{", "{").replace("}}", "}")
