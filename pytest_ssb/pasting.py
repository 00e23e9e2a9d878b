"""What can be pasted into the config file, ready but for its blanks: the waiver of a failure, the declaration that answers a question."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pytest_ssb.controls import Severity
from pytest_ssb.findings import Finding

# How long an exception lasts that nobody has given a last day yet, and an answer.
WAIVED_DAYS, ANSWERED_DAYS = 90, 180


@dataclass(frozen=True)
class Section:
    """Where the exceptions of a profile are written: the table of its section, and what must stand above where there is no such section yet."""

    table: str
    above: tuple[str, ...] = ()
    shared: bool = False  # whether several accounts share the profile
    file: str = "ssb.toml"

    def among_others(self) -> Section:
        """The same where several exceptions are shown: what stands above must not be pasted twice, so it is told in comments."""
        return replace(self, above=tuple(line if line.startswith("#") else f"# once, above: {line}" for line in self.above if line))


def section(name: str, *, file: str | None, known: bool, shared: bool = False, aws_profile: str | None = None) -> Section:
    """The section of a profile. `file` is the config file's name, if there is one, and `known` tells whether the profile has a section there."""
    prefix = "tool.pytest-ssb." if file == "pyproject.toml" else ""
    table = f"{prefix}profiles.{name if re.fullmatch('[A-Za-z0-9_-]+', name) else _text(name)}"
    above = () if known or aws_profile is None else (f"[{table}]", f"aws_profile = {_text(aws_profile)}", "")
    return Section(table, above, shared, file or "ssb.toml")


def of_a_demo(name: str) -> Section:
    """A section for what a demo shows: the demo itself takes no exceptions."""
    return Section("profiles.prod", (f"# {name} takes none: prod stands for a profile of yours",))


def waiver(finding: Finding, where: Section, today: date, worst: Severity | None, expired: str | None = None) -> str:
    """The waiver that accepts a failure, and as little else as can be said.

    `worst` is the worst that its check can give, None if that is not known; `expired` is the place of a waiver that has expired.
    """
    lines = [*where.above, *_expired(expired), f"[[{where.table}.waivers]]", *_matching(finding, where)]
    lines += ['reason = ""  # why it is accepted', 'owner = ""  # who answers for it']
    if worst in ("critical", "high", None):
        lines.append(f"expires = {today + timedelta(days=WAIVED_DAYS)}")
    return "\n".join(lines)


def declaration(finding: Finding, where: Section, today: date, at_most: int | None = None, expired: str | None = None) -> str:
    """The declaration that answers a question. `at_most` is the number of days that such an answer counts, where the profile limits it."""
    days = ANSWERED_DAYS if at_most is None else min(at_most, ANSWERED_DAYS)
    lines = [*where.above, *_expired(expired), f"[[{where.table}.declarations]]", *_matching(finding, where)]
    lines += ['statement = ""  # what is so', 'by = ""  # who says it', f"on = {today}", f"review_by = {today + timedelta(days=days)}"]
    return "\n".join([*lines, '# evidence = "https://..."'])


def _expired(place: str | None) -> list[str]:
    return [f"# expired: {place}"] if place else []


def _matching(finding: Finding, where: Section) -> list[str]:
    lines = [f'check = "{finding.check}"', f"resource = {_text(_exactly(finding.resource))}"]
    if finding.item is not None and finding.item.strip():
        lines.append(f"item = {_text(_exactly(finding.item))}")
    if where.shared:
        lines.append(f'account = "{finding.account}"')
    # An account's own ARN is the same in every region.
    if finding.region is not None and finding.resource.split(":")[2:3] == ["account"]:
        lines.append(f'region = "{finding.region}"')
    return lines


def _exactly(text: str) -> str:
    """A glob that means the text. There is no escape in globs: `?`, which is any one character, is the nearest to a `*` that is meant literally."""
    return text.replace("*", "?")


def _text(text: str) -> str:
    # JSON's strings are TOML's, too.
    return json.dumps(text, ensure_ascii=False)
