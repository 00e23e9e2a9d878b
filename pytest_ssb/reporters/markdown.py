"""A summary to read, `.md`: GitHub's Markdown, with the verdict, the scorecard, and what fails, could not be evaluated or is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pytest_ssb.controls import SEVERITIES
from pytest_ssb.findings import Finding, Status
from pytest_ssb.ranking import NO_MINUTES, Minutes, act_first
from pytest_ssb.reporters import comparison
from pytest_ssb.reporters.verdict import verdict
from pytest_ssb.results import Results, to_look_at

# Rows of one check: more are in the findings file.
AT_MOST = 50
# Lines of what to do first.
FIRST = 10


def render(results: Results, minutes: Minutes = NO_MINUTES) -> str:
    """The whole summary; what to do first by the user's own minutes, where there are some."""
    return "\n".join(_lines(results, minutes)) + "\n"


def _lines(results: Results, minutes: Minutes) -> Iterator[str]:
    yield "# AWS Startup Security Baseline"
    yield ""
    said = verdict(results)
    yield f"**{said.status}: {_text(said.sentence)}**"
    yield ""
    for gap in said.gaps:
        yield from (_text(gap), "")
    if results.baseline is not None:
        yield from (f"Compared with {results.baseline.started_at}: {comparison.counts(results)}.", "")
        if results.baseline.new_checks:
            yield from (f"New checks, of which the baseline knows nothing: {', '.join(map(code, results.baseline.new_checks))}.", "")
    yield "| profile | account | environment | regions | answered by |"
    yield "| --- | --- | --- | --- | --- |"
    for account in results.accounts:
        regions = ", ".join(account.regions) if len(account.regions) <= 3 else f"{len(account.regions)} regions"
        yield f"| {_text(account.profile)} | {_text(account.called)} | {account.environment} | {regions or '-'} | {account.backend} |"
    yield ""
    yield f"Edition {results.edition} of the guide, {results.tool.name} {results.tool.version}, {results.finished_at}, {results.api_calls.total} API calls."
    yield from ("", "## Controls", "", "| control | status | checks judged | findings |", "| --- | --- | --- | --- |")
    for row in results.controls:
        counts = ", ".join(f"{number} {status}" for status, number in row.counts.items())
        judged = f"{row.checks.judged} of {row.checks.selected}" if row.checks.selected else "not selected" if row.checks.total else "no checks yet"
        yield f"| {row.id} {_text(row.title)} | {row.status} | {judged} | {counts or '-'} |"
    yield from _act_first(results, minutes)
    for status, title in ((Status.FAIL, "Failures"), (Status.ERROR, "Not evaluated"), (Status.MANUAL, "Questions"), (Status.WAIVED, "Waived")):
        mine = [finding for finding in results.findings if finding.status is status]
        if mine:
            yield from ("", f"## {title}")
            for group in _by_check(mine):
                yield ""
                yield from _check(group)
    yield from _waivers(results)
    yield from _fixed(results)
    if results.missing_permissions:
        yield from (
            "",
            "## Missing permissions",
            "",
            "| action | account | regions | denied by | checks not judged |",
            "| --- | --- | --- | --- | --- |",
        )
        for missing in results.missing_permissions:
            where = ", ".join(missing.regions) or "-"
            yield f"| {code(missing.action)} | {missing.account} | {where} | {missing.denied_by or 'not said'} | {', '.join(missing.checks)} |"


def _waivers(results: Results) -> Iterator[str]:
    rows = list(to_look_at(results.waivers))
    if rows:
        yield from ("", "## Waivers to look at", "", "| | waiver | owner | last day | findings |", "| --- | --- | --- | --- | --- |")
    for why, row in rows:
        yield f"| {why} | {_text(row.place)} | {_text(row.owner)} | {row.expires or '-'} | {row.matched} |"


def _fixed(results: Results) -> Iterator[str]:
    fixed = comparison.once(results.baseline.fixed) if results.baseline is not None else []
    if fixed:
        yield from ("", "## Fixed", "", "| | resource | where |", "| --- | --- | --- |")
    for controls, finding in fixed[:AT_MOST]:
        name = code(finding.resource) + (f" {code(finding.item)}" if finding.item else "")
        yield f"| {', '.join(controls)} {code(finding.check)} | {name} | {_text(finding.profile)}{f'/{finding.region}' if finding.region else ''} |"
    if len(fixed) > AT_MOST:
        yield f"| | ... and {len(fixed) - AT_MOST} more, in the findings file | |"


def _act_first(results: Results, own: Minutes) -> Iterator[str]:
    causes = act_first(results.findings, own)
    if not causes:
        return
    yield from ("", "## Act first", "", "| | minutes | severity | what | where |", "| --- | --- | --- | --- | --- |")
    for number, cause in enumerate(causes[:FIRST], 1):
        minutes = f"{cause.minutes} each" if cause.each else f"{cause.minutes}"
        resource = cause.findings[0].resource
        where = code(resource) + (f" and {len(cause.findings) - 1} more" if len(cause.findings) > 1 else "")
        waits = f" (first: {cause.waits_for})" if cause.waits_for else ""
        what = f"{', '.join(cause.controls)} {code(cause.check)}: {_text(cause.reason + waits)}"
        yield f"| {number} | {minutes} | {cause.severity} | {what} | {where} |"


def _by_check(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings of each check, the worst check first."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.control, finding.check), []).append(finding)
    for group in groups.values():
        group.sort(key=lambda finding: (finding.baseline != "new", SEVERITIES.index(finding.severity)))
    return sorted(groups.values(), key=lambda group: min(SEVERITIES.index(finding.severity) for finding in group))


def _check(findings: list[Finding]) -> Iterator[str]:
    first = findings[0]
    worst = min((finding.severity for finding in findings), key=SEVERITIES.index)
    severity = f", {worst}" if first.status in (Status.FAIL, Status.WAIVED) else ""
    yield f"### {first.control} {code(first.check)}{severity}"
    yield ""
    yield "| | resource | where | what was seen |"
    yield "| --- | --- | --- | --- |"
    for finding in findings[:AT_MOST]:
        mark = finding.severity if first.status in (Status.FAIL, Status.WAIVED) else str(finding.status)
        mark += ", **new**" if finding.baseline == "new" else ""
        name = code(finding.resource) + (f" {code(finding.item)}" if finding.item else "")
        where = f"{_text(finding.profile)}{f'/{finding.region}' if finding.region else ''}"
        yield f"| {mark} | {name} | {where} | {_said(finding)} |"
    if len(findings) > AT_MOST:
        yield f"| | ... and {len(findings) - AT_MOST} more, in the findings file | | |"
    fixes = list(dict.fromkeys(finding.remediation for finding in findings[:AT_MOST] if finding.remediation and finding.status is Status.FAIL))
    if fixes:
        fence = "`" * max(3, *(len(run) + 1 for fix in fixes for run in re.findall("`+", fix)), 3)
        yield from ("", f"{fence}sh", *fixes, fence)


def _said(finding: Finding) -> str:
    parts = [finding.question or finding.reason]
    if finding.error is not None and finding.error.action:
        parts.append(f"allow {finding.error.action}")
    if finding.waiver is not None:
        parts.append(finding.waiver.said)
    return "; ".join(map(_text, parts))


def _text(text: str) -> str:
    """Text that Markdown shows as it is: no markup, no HTML, no links, no mention of anybody."""
    escaped = re.sub(r"([\\`*\[\]<>|~&#])", r"\\\1", text.replace("\n", " "))
    escaped = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", escaped)
    return escaped.replace("://", "&#58;//").replace("www.", "www&#46;").replace("@", "&#64;")


def code(text: str) -> str:
    """Text in a span of code that may stand in a table."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text.replace('|', chr(92) + '|')}{pad}{fence}"
