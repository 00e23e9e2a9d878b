"""The commands that mend findings: one loop in place of the same command for each of several regions."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence

from pytest_ssb.findings import Finding

_REGION = '"$region"'
_COMMENT = "  # "


def of_any_region(finding: Finding) -> str:
    """The command that mends a finding, with a variable in place of its region."""
    command = finding.remediation or ""
    return re.sub(rf"(?<![a-z0-9-]){re.escape(finding.region)}(?![0-9-])", _REGION, command) if finding.region else command


def loop(findings: Sequence[Finding]) -> str | None:
    """One command for all of these, where the region is all that differs between theirs, and the shell puts it in wherever it stands."""
    mended = set(map(of_any_region, findings))
    # What a command says in a comment stands behind it, and would take the loop's end with it.
    command, space, comment = mended.pop().partition(_COMMENT)
    if mended or _REGION not in command or not _is_expanded(command):
        return None
    regions = sorted({finding.region or "" for finding in findings})
    return f"for region in {' '.join(map(shlex.quote, regions))}; do {command}; done{space}{comment}"


def commands(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The commands that mend all of these, in their order, each once; those that differ by region alone are one."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        if finding.remediation is not None:
            groups.setdefault((finding.account, of_any_region(finding)), []).append(finding)
    found: list[str] = []
    for group in groups.values():
        one = loop(group) if len({finding.region for finding in group}) > 1 else None
        found += [one] if one is not None else [finding.remediation or "" for finding in group]
    return tuple(dict.fromkeys(found))


def _is_expanded(command: str) -> bool:
    """Whether the shell reads the command as one that is whole, and puts the region in wherever it is named: within single quotes it would not."""
    try:
        words = shlex.split(command, comments=False)
    except ValueError:
        return False
    return "#" not in {word[:1] for word in words} and not any(_REGION in quoted for quoted in command.replace('"\'"', "").split("'")[1::2])
