"""What a person reads: a failed test's story, and the scorecard at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import msgspec

from pytest_ssb.controls import SEVERITIES
from pytest_ssb.findings import Finding, Status, Waived
from pytest_ssb.reporters import comparison
from pytest_ssb.results import ControlRow, MissingPermission, Results

AT_MOST = 5
_COLOURS: dict[str, dict[str, bool]] = {
    "FAIL": {"red": True, "bold": True},
    "ERROR": {"red": True},
    "WAIVED": {"yellow": True},
    "MANUAL": {"yellow": True},
    "PASS": {"green": True},
}


class Story:
    """What pytest shows of a failed test, in place of a traceback: the first line is the whole story."""

    def __init__(self, text: str) -> None:
        self.text = text
        first = text.partition("\n")[0]
        self.reprcrash = _Crash(message=first)

    def toterminal(self, writer: Any) -> None:
        """Write it with pytest's own terminal writer."""
        first, _, rest = self.text.partition("\n")
        writer.line(first, red=True, bold=True)
        for line in rest.splitlines():
            writer.line(line)

    def __str__(self) -> str:
        return self.text


class _Crash(SimpleNamespace):
    def __str__(self) -> str:
        return str(self.message)


def story(findings: Sequence[Finding], status: Status, verbose: int, waivers: Sequence[str] = ()) -> str:
    """A failed test in words: one line that says it all, the findings that matter, and the commands that mend them, and waivers to paste."""
    # A waiver may cover what is found under one of a check's controls alone.
    control = next(finding.control for finding in findings if finding.status is status)
    mine = [finding for finding in findings if finding.control == control]
    bad = sorted((finding for finding in mine if finding.status is status), key=lambda f: (f.baseline != "new", SEVERITIES.index(f.severity)))
    controls = ", ".join(dict.fromkeys(finding.control for finding in findings if finding.status is status))
    lines = [f"{controls} {_marked(bad[0])}{f' ({bad[0].severity})' if status is Status.FAIL else ''}: {_what(bad, mine)}"]
    worth = [finding for finding in mine if finding.status in (Status.FAIL, Status.ERROR, Status.MANUAL)]
    worth.sort(key=lambda f: (list(Status).index(f.status), f.baseline != "new", SEVERITIES.index(f.severity), f.resource, f.item or ""))
    shown = worth if verbose > 0 else worth[:AT_MOST]
    several = len({f.account for f in mine}) > 1
    names = [f"{f.account}: {_name(f)}" if several else _name(f) for f in shown]
    rows = [(_marked(f), f.severity if f.status is Status.FAIL else "", name, f.reason) for f, name in zip(shown, names, strict=True)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines += ["", *("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)).rstrip() for row in rows)]
    if len(worth) > len(shown):
        lines.append(f"  ... and {len(worth) - len(shown)} more; -v shows all")
    fixes = list(dict.fromkeys(finding.remediation for finding in shown if finding.remediation))
    if fixes:
        lines += ["", *(f"  fix: {fix}" for fix in fixes)]
    allow = sorted({f.error.action for f in worth if f.error is not None and f.error.action})
    if allow:
        lines += ["", f"  allow: {', '.join(allow)}  (--ssb-policy prints the whole policy)"]
    lines += ["", *(f"  see: {url}" for url in bad[0].references)]
    counts = Counter(str(finding.status) for finding in mine)
    lines.append(f"  all: {', '.join(f'{counts[s]} {s}' for s in map(str, Status) if counts[s])}")
    lines += to_accept(waivers)
    return "\n".join(lines)


def to_accept(waivers: Sequence[str]) -> Iterator[str]:
    """Waivers to paste, each headed by the id of its finding."""
    if waivers:
        yield from ("", "  to accept it, in the config file (pytest --ssb-explain with its id tells more):")
    for waiver in waivers:
        yield from ("", *(f"  {line}" for line in waiver.splitlines()))


def _marked(finding: Finding) -> str:
    """The status, and whether it is new: `FAIL NEW`."""
    return f"{finding.status} NEW" if finding.baseline == "new" else str(finding.status)


def _what(bad: Sequence[Finding], all_findings: Sequence[Finding]) -> str:
    first = bad[0]
    one_each = len({finding.account for finding in all_findings}) == len(all_findings)
    if one_each and first.resource.split(":")[2:3] == ["account"]:
        return first.reason
    one = f"{_name(first)}: {first.reason}"
    return one if len(all_findings) == 1 else f"{len(bad)} of {len(all_findings)}: {one}"


def _name(finding: Finding) -> str:
    short = finding.resource if finding.resource.endswith(":root") else finding.resource.split(":", 5)[-1]
    return f"{short} [{finding.item}]" if finding.item else short


def write_scorecard(writer: Any, rows: Iterable[ControlRow]) -> None:
    """One row per control, all 27."""
    rows = list(rows)
    for row in rows:
        checks = (
            f"{row.checks.judged}/{row.checks.selected} checks" if row.checks.selected else ("not selected" if row.checks.total else "no checks yet")
        )
        status = row.status if row.checks.total else "-"
        counts = ", ".join(f"{number} {status}" for status, number in row.counts.items())
        writer.write(f"{row.id}  ")
        writer.write(f"{status:<14}", **_COLOURS.get(row.status, {}))
        writer.line(f"  {checks:<13}  {row.title}{f'  [{counts}]' if counts else ''}")


def write_summary(writer: Any, results: Results, notes: Sequence[str], verbose: int = 0) -> None:
    """Totals, missing permissions, and what else has to be said; with -v, how to answer a question."""
    statuses: Counter[str] = Counter(row.status for row in results.controls)
    words = {
        "FAIL": "fail",
        "ERROR": "not evaluated",
        "MANUAL": "with open questions",
        "WAIVED": "waived",
        "PASS": "pass",
        "NOT_APPLICABLE": "not applicable",
    }
    said = [f"{statuses[status]} {word}" for status, word in words.items() if statuses[status]]
    writer.line("")
    writer.line(f"controls: {', '.join(said) or 'none judged'}; {statuses['NOT_RUN']} not run")
    counts = Counter(str(finding.status) for finding in results.findings)
    writer.line(f"findings: {', '.join(f'{counts[s]} {s}' for s in map(str, Status) if counts[s]) or 'none'}; {results.api_calls.total} API calls")
    for line in comparison.lines(results):
        writer.line(line)
    for question, about in _questions(results.findings).items():
        controls = ", ".join(dict.fromkeys(finding.control for finding in about))
        writer.line(f"open question: {controls} {about[0].check}: {_name(about[0])}: {question}", yellow=True)
        if verbose > 0:
            writer.line(f"  to answer it: pytest --ssb-explain {about[0].id} prints a declaration to paste into the config file")
    for line in _waived(results.findings):
        writer.line(line, yellow=True)
    for line in _missing(results.missing_permissions):
        writer.line(line, yellow=True)
    for note in notes:
        writer.line(note, yellow=True)


def _missing(permissions: Iterable[MissingPermission]) -> Iterator[str]:
    """A line for each action that is missing; one for all accounts in which it is missing alike."""
    alike: dict[MissingPermission, list[str]] = {}
    for each in permissions:
        alike.setdefault(msgspec.structs.replace(each, account=""), []).append(each.account)
    for missing, accounts in alike.items():
        on = ", ".join(accounts[:AT_MOST]) + (f" and {len(accounts) - AT_MOST} more accounts" if len(accounts) > AT_MOST else "")
        where = f" in {', '.join(missing.regions)}" if missing.regions else ""
        by = f", denied by {missing.denied_by}" if missing.denied_by else ""
        yield f"missing permission: {missing.action} on {on}{where}{by}: {len(missing.checks)} checks not judged"


def _questions(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """What no API can tell, each question once, with the findings that ask it."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.question is not None:
            found.setdefault(finding.question, []).append(finding)
    return found


def _waived(findings: Iterable[Finding]) -> Iterator[str]:
    """What is accepted, each waiver once for each check: an exception is always shown."""
    found: dict[tuple[str, Waived], list[Finding]] = {}
    for finding in findings:
        if finding.waiver is not None:
            found.setdefault((finding.check, finding.waiver), []).append(finding)
    for (check, waiver), about in found.items():
        controls = ", ".join(dict.fromkeys(finding.control for finding in about))
        resources = list(dict.fromkeys(map(_name, about)))
        more = f" and {len(resources) - 1} more" if len(resources) > 1 else ""
        yield f"waived: {controls} {check}: {resources[0]}{more}: {waiver.said}"
