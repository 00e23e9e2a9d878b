"""What to do first: failures folded by cause, those in front whose mending takes away the most risk in a minute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import msgspec

from pytest_ssb.commands import commands
from pytest_ssb.controls import CONTROLS, SEVERITIES, Severity
from pytest_ssb.findings import Finding, Status

# Each level is three times the one below. A finding that is out of reach was lowered by a level or two when it was judged (to a third, to a ninth),
# so its own severity is the worst that its check gives, times its reach.
WEIGHTS: Mapping[Severity, int] = MappingProxyType({severity: 3**level for level, severity in enumerate(reversed(SEVERITIES))})

# How long mending takes, by check or by control: what the user says of it.
Minutes = Mapping[str, int]
NO_MINUTES: Minutes = MappingProxyType({})


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong for one reason, wherever it is: one line of "act first".

    `reason` is that of the worst of `findings`; the others' differ from it in names and numbers at the most. `minutes` is the time for one thing, or
    for all of them if `each` is false: then there is one command for all.
    """

    check: str
    controls: tuple[str, ...]
    severity: Severity
    reason: str
    minutes: int
    each: bool
    commands: tuple[str, ...]
    waits_for: str | None
    findings: tuple[Finding, ...]

    @property
    def score(self) -> float:
        """The risk that a minute takes away."""
        return WEIGHTS[self.severity] / self.minutes


def act_first(findings: Iterable[Finding], minutes: Minutes = NO_MINUTES) -> list[Cause]:
    """The causes of what fails, the one to begin with first; ties go by control and check.

    `minutes` are the user's own, by check or by control, and win over those of the catalogue. What is MANUAL or goes beyond the guide is no cause.
    """
    causes = [_cause(group, minutes) for group in _groups(findings)]
    return sorted(causes, key=lambda cause: (-cause.score, cause.controls, cause.check, cause.reason))


def minutes_of(check: str, controls: Sequence[str], minutes: Minutes = NO_MINUTES) -> int:
    """How long it takes to mend one thing that a check found: by the user, else by the catalogue; by check, else by control."""
    given = [minutes[key] for key in (check, *controls) if key in minutes]
    known = [control.minutes_of[check] for control in map(CONTROLS.__getitem__, controls) if check in control.minutes_of]
    return (given or known or [CONTROLS[controls[0]].minutes_first])[0]


def _groups(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The failures of each cause. One that counts for several controls is there once for each."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        if finding.status is Status.FAIL and not finding.extended:
            groups.setdefault((finding.check, _alike(finding.reason)), []).append(finding)
    return list(groups.values())


def _alike(reason: str) -> str:
    """A reason without what tells one resource from another: words that have a digit in them."""
    return " ".join("#" if any(map(str.isdigit, word)) else word for word in reason.split())


def _cause(group: Sequence[Finding], minutes: Minutes) -> Cause:
    controls = tuple(sorted({finding.control for finding in group}))
    once = [finding for finding in group if finding.control == controls[0]]
    once.sort(key=lambda f: (SEVERITIES.index(f.severity), f.account, f.region or "", f.resource, f.item or ""))
    worst = once[0]
    mended_by = commands(once)
    return Cause(
        check=worst.check,
        controls=controls,
        severity=worst.severity,
        reason=worst.reason,
        minutes=minutes_of(worst.check, controls, minutes),
        each=len(mended_by) > 1,
        commands=mended_by,
        waits_for=next((waits for control in controls if (waits := CONTROLS[control].waits_for.get(worst.check))), None),
        findings=tuple(once),
    )
