"""A table for spreadsheets, `.csv`: one row a finding."""

from __future__ import annotations

import csv
import io

from pytest_ssb.findings import Finding
from pytest_ssb.results import Results

COLUMNS = (
    *("control", "check", "status", "severity", "profile", "account", "region", "resource", "item", "resource_type", "reason"),
    *("question", "remediation", "basis", "extended", "missing_permission", "waiver", "waived_until", "owner"),
    *("baseline", "references", "id", "nodeid"),
)
# A cell that begins with one of these, or its full-width form, is a formula to a spreadsheet: https://owasp.org/www-community/attacks/CSV_Injection.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *(chr(0xFEE0 + ord(sign)) for sign in "=+-@"))


def render(results: Results) -> str:
    """The findings as comma-separated values, in the order of the findings file; a cell that a spreadsheet would compute has an apostrophe before it."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for finding in results.findings:
        rows.writerow([_safe(value) for value in _row(finding)])
    return text.getvalue()


def _safe(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _row(finding: Finding) -> list[str]:
    return [
        finding.control,
        finding.check,
        finding.status,
        finding.severity,
        finding.profile,
        finding.account,
        finding.region or "",
        finding.resource,
        finding.item or "",
        finding.resource_type,
        finding.reason,
        finding.question or "",
        finding.remediation or "",
        finding.basis,
        "yes" if finding.extended else "no",
        (finding.error.action or "") if finding.error else "",
        finding.waiver.reason if finding.waiver else "",
        (finding.waiver.expires or "") if finding.waiver else "",
        finding.waiver.owner if finding.waiver else finding.declaration.by if finding.declaration else "",
        finding.baseline or "",
        " ".join(finding.references),
        finding.id,
        finding.nodeid,
    ]
