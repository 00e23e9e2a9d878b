"""The HTML report, through pytest-html: what stands above its table, the cells of the table, and each row's findings. Everything is escaped.

What pytest-html takes is HTML as text: the page above the table is a Jinja template that escapes whatever it is given, a row's cells are made here,
and a row's findings travel as JSON, which the page's script shows as text.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

import msgspec

from pytest_ssb.controls import CONTROLS, SEVERITIES
from pytest_ssb.findings import Finding, Status
from pytest_ssb.ranking import NO_MINUTES, Cause, Minutes, act_first
from pytest_ssb.reporters import comparison
from pytest_ssb.reporters.verdict import severities, verdict
from pytest_ssb.results import Results, to_look_at

# How many findings of a check are shown in full: the first of these with which the page stays small.
PER_CHECK = (200, 100, 50, 20, 10, 5, 2, 1)
_DETAILS = 2_000_000  # characters
_LONGEST = 2_000  # characters of a single text; the findings file has all of it
_LISTED = 50
_FIRST, _CAUSES = 5, 20

# The order in which rows are shown first, and what is said of a status.
ORDER = ("FAIL", "ERROR", "MANUAL", "WAIVED", "PASS", "NOT_APPLICABLE")
_SHOWN = (Status.FAIL, Status.ERROR, Status.WAIVED, Status.MANUAL)

COLUMNS = ("status", "control", "check", "account", "region", "severity", "findings")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A test's row of pytest-html's table. `key` leads to its findings."""

    key: str
    outcome: str  # pytest-html's word, by which it filters
    status: str
    controls: str = ""
    check: str = ""
    account: str = ""
    region: str = ""
    severity: str = ""
    findings: str = ""
    new: int = 0
    order: str = ""
    link: str = ""  # HTML that pytest-html made


def header() -> list[str]:
    """The head of the table. pytest-html filters by the first column, and names a row by the second: both are hidden."""
    hidden = [f"<th class=sortable data-column-type={name} hidden>{name}</th>" for name in ("result", "testId")]
    return [*hidden, *(f"<th class=sortable data-column-type={name} tabindex=0>{name.capitalize()}</th>" for name in COLUMNS)]


def row(key: str, outcome: str, status: str, findings: Sequence[Finding]) -> Row:
    """The row of a check's test."""
    first = findings[0]
    mine = _once(findings)
    counted = [finding for finding in mine if finding.status == status]
    of_the_kind = status in _SHOWN
    # What is milder than the check's worst counts only where something was found.
    worst = [finding.severity for finding in counted if status in (Status.FAIL, Status.ERROR, Status.WAIVED)]
    regions = _in_order(finding.region for finding in mine if finding.region)
    return Row(
        key=key,
        outcome=outcome,
        status=status,
        controls=", ".join(_in_order(finding.control for finding in findings)),
        check=first.check,
        account=f"{first.account} ({first.profile})",
        region=regions[0] if len(regions) == 1 else f"{len(regions)} regions" if regions else "",
        severity=min(worst, key=SEVERITIES.index, default=""),
        findings=f"{len(counted)}/{len(mine)}" if of_the_kind else str(len(mine)),
        new=sum(finding.baseline == "new" for finding in counted),
        order=f"{len(counted) if of_the_kind else 0:06}",
    )


def cells(row: Row) -> list[str]:
    """A row's cells. What a column is sorted by stands before what is shown, where the two differ; no quotes, which pytest-html makes five characters of."""
    rank = f"{ORDER.index(row.status) if row.status in ORDER else 9}{SEVERITIES.index(row.severity) if row.severity in SEVERITIES else 9}"
    return [
        f"<td class=col-result hidden>{escape(row.outcome)}</td>",
        f"<td class=col-testId hidden>{escape(row.key)}</td>",
        f"<td class=col-status><s hidden>{rank}</s>"
        f"<button class=ssb-toggle aria-expanded=false>{chip(row.status) if row.status in ORDER else escape(row.status)}</button></td>",
        f"<td class=col-control>{escape(row.controls)}</td>",
        f"<td class=col-check>{escape(row.check)}{row.link}</td>",
        f"<td class=col-account>{escape(row.account)}</td>",
        f"<td class=col-region>{escape(row.region)}</td>",
        f"<td class=col-severity><s hidden>{rank[1]}</s>{escape(row.severity)}</td>",
        f"<td class=col-findings><s hidden>{row.order}</s>{row.findings}{f' <b class=ssb-new>{row.new} NEW</b>' if row.new else ''}</td>",
    ]


def chip(status: str) -> str:
    """A status as a word in its colour."""
    return f"<b class=ssb-{escape(status)}>{escape(status.replace('_', ' '))}</b>"


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, without those that say the same under a second control; a waiver may cover one of the two alone."""
    return list({(f.account, f.region, f.resource, f.item, f.status): f for f in findings}.values())


# --- a row's findings ----------------------------------------------------------------------------------------------------------------------


def details(results: Results, keys: Mapping[str, str]) -> dict[str, Any]:
    """What the page's script shows below a row: its findings in full, as many of each check as let the page stay small, and how many more there are.

    `keys` are the rows' keys by node id. A text stands once, in `texts`; a finding names its texts by number.
    """
    tests: dict[str, list[Finding]] = {}
    for finding in results.findings:
        if finding.nodeid in keys:
            tests.setdefault(finding.nodeid, []).append(finding)
    tests = {nodeid: _once(found) for nodeid, found in tests.items()}
    bad = {nodeid: _bad(found) for nodeid, found in tests.items()}
    per_check = _per_check(bad.values())
    left = dict.fromkeys((found[0].check for found in tests.values()), per_check)
    numbers: dict[str, int] = {}

    def text(said: str) -> int:
        return numbers.setdefault(said, len(numbers))

    rows = {}
    for nodeid, found in tests.items():
        shown = bad[nodeid][: left[found[0].check]]
        left[found[0].check] -= len(shown)
        counts = Counter(str(finding.status) for finding in found)
        rows[keys[nodeid]] = [
            text(nodeid),
            text(", ".join(f"{counts[status]} {status}" for status in ORDER if counts[status])),
            len(bad[nodeid]) - len(shown),
            [text(url) for url in found[0].references],
            [[text(word) for word in _words(finding)] for finding in shown],
        ]
    return {"texts": list(numbers), "tests": rows, "per_check": per_check}


def _bad(found: Iterable[Finding]) -> list[Finding]:
    """What is shown of a test's findings, the worst first."""
    bad = [finding for finding in found if finding.status in _SHOWN]
    return sorted(bad, key=lambda f: (_SHOWN.index(f.status), f.baseline != "new", SEVERITIES.index(f.severity), f.resource, f.item or ""))


def _per_check(tests: Iterable[Sequence[Finding]]) -> int:
    """How many findings of each check can be shown: as many as have room."""
    sizes: dict[str, list[int]] = {}
    for found in tests:
        for finding in found:
            mine = sizes.setdefault(finding.check, [])
            if len(mine) == PER_CHECK[0]:
                break
            mine.append(sum(map(len, _words(finding))))
    return next((number for number in PER_CHECK if sum(sum(mine[:number]) for mine in sizes.values()) <= _DETAILS), PER_CHECK[-1])


def _words(finding: Finding) -> list[str]:
    """What is shown of a finding, in the order in which the page's script takes it."""
    evidence = "; ".join(f"{name}: {value}" for name, value in finding.evidence.items())
    said = (
        finding.status,
        finding.severity,
        short(finding.resource, finding.item),
        finding.resource,
        finding.region or "",
        finding.reason + (f" ({finding.waiver.said})" if finding.waiver else ""),
        evidence,
        finding.remediation or "",
        "NEW" if finding.baseline == "new" else "",
    )
    return [word if len(word) <= _LONGEST else f"{word[:_LONGEST]}... (cut)" for word in said]


def short(resource: str, item: str | None = None) -> str:
    """A resource by what follows the account in its ARN."""
    name = resource.split(":", 5)[-1] if resource.startswith("arn:") else resource
    return f"{name} [{item}]" if item else name


# --- above the table -----------------------------------------------------------------------------------------------------------------------


def page(
    results: Results,
    keys: Mapping[str, str],
    notes: Sequence[str] = (),
    minutes: Minutes = NO_MINUTES,
    environment: Mapping[str, Any] | None = None,
    dropped: str | None = None,
) -> str:
    """All that stands above the table, with its style and script.

    `keys` are the rows' keys by node id, `notes` the lines that end the run in the terminal; `dropped` says which rows are missing, if any are.
    """
    causes = act_first(results.findings, minutes)
    told = details(results, keys)
    decided = verdict(results)
    text: str = (
        _templates()
        .get_template("page.jinja")
        .render(
            results=results,
            verdict=decided,
            severities=severities(results),
            causes=[_line(cause) for cause in causes[:_CAUSES]],
            at_first=_FIRST,
            more_causes=len(causes) - _CAUSES,
            controls=CONTROLS,
            counts=Counter(row.status for row in results.controls),
            statuses=("FAIL", "ERROR", "MANUAL", "WAIVED", "PASS", "NOT_APPLICABLE", "NOT_RUN"),
            found=[status for status in ORDER if any(status in row.counts for row in results.controls)],
            unknown=_unknown(results.findings),
            compared=comparison.counts(results) if results.baseline is not None else None,
            fixed=[(controls, finding.check, comparison.place(finding)) for controls, finding in _fixed(results)],
            questions=_questions(results.findings),
            waived=_waived(results.findings),
            waivers=[{"why": why, "row": row} for why, row in to_look_at(results.waivers)],
            declared=_declared(results.findings),
            listed=_LISTED,
            notes=notes,
            environment=_environment(environment or {}),
            details=told,
            dropped=dropped,
            style=_part("page.css"),
            script=_part("page.js"),
            is_link=is_link,
        )
    )
    return text


@functools.cache
def _templates() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_part), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )


def _part(name: str) -> str:
    return files("pytest_ssb.reporters").joinpath("page", name).read_text(encoding="utf-8")


def _line(cause: Cause) -> dict[str, Any]:
    """A cause as the template shows it."""
    first = cause.findings[0]
    regions = sorted({finding.region for finding in cause.findings if finding.region})
    accounts = sorted({finding.account for finding in cause.findings})
    others = len(cause.findings) - 1
    return {
        "cause": cause,
        "what": short(first.resource, first.item) + (f" and {others} more" if others else ""),
        "where": [*([f"{len(accounts)} accounts"] if len(accounts) > 1 else []), *([_some(regions)] if regions else [])],
        "commands": [_command(command) for command in cause.commands[:_LISTED]],
        "more_commands": max(0, len(cause.commands) - _LISTED),
    }


def _some(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} regions"


def _command(command: str) -> dict[str, Any]:
    """A command to copy, or, where no command does it, what to do."""
    return {"by_hand": command.startswith("#"), "text": command.removeprefix("#").strip() if command.startswith("#") else command}


def _unknown(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Each cause for which something could not be evaluated, once; the one that cost the most checks first."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.error is not None:
            groups.setdefault(finding.reason, []).append(finding)
    rows = [
        {
            "reason": reason,
            "controls": _in_order(finding.control for finding in found),
            "checks": _in_order(finding.check for finding in found),
            "regions": _in_order(finding.region for finding in found if finding.region),
            "accounts": _in_order(finding.account for finding in found),
        }
        for reason, found in groups.items()
    ]
    return sorted(rows, key=lambda row: (-len(row["checks"]), row["reason"]))


def _fixed(results: Results) -> list[tuple[list[str], Finding]]:
    return comparison.once(results.baseline.fixed) if results.baseline is not None else []


def _questions(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Each question that no API answers, once, with whom it is about and the checks that ask it."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.question is not None:
            groups.setdefault(finding.question, []).append(finding)
    return [
        {
            "question": question,
            "id": found[0].id,
            "controls": _in_order(finding.control for finding in found),
            "resources": _in_order(short(finding.resource, finding.item) for finding in found),
            "checks": _in_order(finding.check for finding in found),
        }
        for question, found in groups.items()
    ]


def _waived(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Each waiver that was of use, and what it covers."""
    groups: dict[tuple[Any, ...], list[Finding]] = {}
    for finding in findings:
        if finding.waiver is not None:
            groups.setdefault((finding.check, msgspec.structs.astuple(finding.waiver)), []).append(finding)
    return [_answered(found, found[0].waiver) for found in groups.values()]


def _declared(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Each declaration that answers a question, and what it answers for."""
    groups: dict[tuple[Any, ...], list[Finding]] = {}
    for finding in findings:
        if finding.declaration is not None:
            groups.setdefault((finding.check, msgspec.structs.astuple(finding.declaration)), []).append(finding)
    return [_answered(found, found[0].declaration) for found in groups.values()]


def _answered(found: Sequence[Finding], by: Any) -> dict[str, Any]:
    return {
        "by": by,
        "check": found[0].check,
        "controls": _in_order(finding.control for finding in found),
        "resources": _in_order(short(finding.resource, finding.item) for finding in found),
    }


def _in_order(words: Iterable[str]) -> list[str]:
    return sorted(set(words))


def _environment(told: Mapping[str, Any]) -> dict[str, str]:
    """pytest-html's table of the environment, as text: what a CI service says in it may be a stranger's, such as the name of a branch."""
    return {str(name): ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, Mapping) else str(value) for name, value in told.items()}


def is_link(text: str) -> bool:
    """Whether a text is an address that may be followed."""
    return re.match(r"https?://\S+$", text) is not None
