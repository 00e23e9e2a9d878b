"""What `--ssb-explain` prints of a finding: what was seen, what the guide asks, how to mend it, and what to paste where it is accepted or answered."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_ssb import explained
from pytest_ssb.controls import CONTROLS, Check
from pytest_ssb.findings import Finding, Status
from pytest_ssb.pasting import Section


def page(finding: Finding, source: str, check: Check | None, where: Section, paste: str | None) -> str:
    """The page of a finding. `source` says where it was found; `check` is its check, if this version has it; `paste` is what may be pasted at `where`."""
    return "\n".join(_lines(finding, source, check, where, paste))


def _lines(finding: Finding, source: str, check: Check | None, where: Section, paste: str | None) -> Iterator[str]:
    severity = f" ({finding.severity})" if finding.status in (Status.FAIL, Status.WAIVED) else ""
    yield f"{finding.id}  {finding.status}{severity}  {finding.control} {finding.check}"
    yield f"profile {finding.profile}, account {finding.account}{f', {finding.region}' if finding.region else ''}; {source}"
    yield from _heading("What was found")
    yield f"  {finding.resource}{f' [{finding.item}]' if finding.item else ''}"
    yield f"  {finding.question or finding.reason}"
    if finding.waiver is not None:
        yield f"  {finding.waiver.said}"
    if finding.error is not None and finding.error.action:
        yield f"  allow: {finding.error.action}  (--ssb-policy prints the whole policy)"
    yield from (f"  {name}: {value}" for name, value in finding.evidence.items())
    yield from _asked(finding, check)
    if finding.remediation:
        yield from (*_heading("How to fix"), f"  {finding.remediation}")
    yield from _heading("More")
    yield f"  pytest --ssb-explain {finding.check}"
    yield from (f"  {url}" for url in finding.references)
    if paste is not None:
        yield from _heading("To accept it" if finding.status is Status.FAIL else "To answer it")
        yield f"  Paste this into {where.file}, and fill in what is empty:"
        yield from ("", paste)
    elif finding.status is Status.ERROR:
        yield from (*_heading("To accept it"), "  It can't be accepted: what was not judged is not known.")


def _asked(finding: Finding, check: Check | None) -> Iterator[str]:
    control = CONTROLS[finding.control]
    yield from _heading("What the guide asks")
    yield f"  {control.id}  {control.title}"
    yield from (f"    {one.number}  {one.says}" for one in explained.asked(control) if finding.check in one.checks)
    if check is not None:
        yield from (*_heading("What is checked"), f"  {check.says}")


def _heading(title: str) -> tuple[str, str]:
    return "", title.upper()
