"""Results for code scanning, `.sarif`: SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.

What passed or does not apply is left out: hosts such as GitHub show every result as an alert, whatever its kind
(https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning).
For the same reason what was fixed is left out, though SARIF has a word for it: it would be an alert again.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from pytest_ssb.controls import CONTROLS, SEVERITIES
from pytest_ssb.findings import Finding, Status
from pytest_ssb.results import Results

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_SHOWN = (Status.FAIL, Status.WAIVED, Status.ERROR, Status.MANUAL)
_KIND = {Status.FAIL: "fail", Status.WAIVED: "fail", Status.ERROR: "open", Status.MANUAL: "review"}
_LEVEL = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
# GitHub's scale: above 9.0 critical, 7.0 high, 4.0 medium, above 0 low.
_SCORE = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.5"}


def render(results: Results) -> str:
    """One run with a rule for each check and a result for each finding that is FAIL, WAIVED, ERROR or MANUAL."""
    shown = [finding for finding in results.findings if finding.status in _SHOWN]
    rules = _rules(shown)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    run: dict[str, Any] = {
        "tool": {"driver": {"name": results.tool.name, "version": results.tool.version, "rules": rules}},
        "automationDetails": {"id": f"{results.tool.name}/", "guid": results.run.id},
        "invocations": [
            {
                "executionSuccessful": results.complete,
                "startTimeUtc": results.started_at,
                "endTimeUtc": results.finished_at,
                "toolExecutionNotifications": [
                    {
                        "level": "error",
                        "message": {"text": f"{missing.action} is denied on {missing.account}: {', '.join(missing.checks)} not judged"},
                    }
                    for missing in results.missing_permissions
                ],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index) for finding in shown],
    }
    text = msgspec.json.encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})
    return msgspec.json.format(text, indent=1).decode() + "\n"


def _rules(findings: list[Finding]) -> list[dict[str, Any]]:
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(_rule(finding), []).append(finding)
    return [_described(rule, mine) for rule, mine in sorted(by_rule.items())]


def _rule(finding: Finding) -> str:
    return f"{finding.control}/{finding.check}"


def _described(rule: str, findings: list[Finding]) -> dict[str, Any]:
    first = findings[0]
    control = CONTROLS[first.control]
    worst = min((finding.severity for finding in findings), key=SEVERITIES.index)
    return {
        "id": rule,
        "name": "".join(word.capitalize() for word in first.check.split("_")),
        "shortDescription": {"text": f"{first.control} {first.check}"},
        "fullDescription": {"text": control.title},
        "helpUri": control.url,
        "help": {"text": "\n".join([control.title, *first.references])},
        "defaultConfiguration": {"level": _LEVEL[worst]},
        "properties": {"security-severity": _SCORE[worst], "tags": ["security", first.control]},
    }


def _result(finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    rule = _rule(finding)
    kind = _KIND[finding.status]
    text = f"{finding.status}: {finding.resource}{f' [{finding.item}]' if finding.item else ''}: {finding.reason}"
    if finding.remediation and finding.status is Status.FAIL:
        text += f"\n\nfix: {finding.remediation}"
    result: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": index[rule],
        "kind": kind,
        "level": _LEVEL[finding.severity] if kind == "fail" else "none",
        "message": {"text": text},
        "locations": [_location(finding)],
        "partialFingerprints": {"ssbFindingId/v1": finding.id},
        "properties": {"status": str(finding.status), "severity": finding.severity, "account": finding.account, "region": finding.region},
    }
    if finding.baseline is not None:
        result["baselineState"] = "new" if finding.baseline == "new" else "unchanged"
    if finding.waiver is not None:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": finding.waiver.said}]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    """Code scanning wants a file: the one with the check. The resource is what the result is about."""
    file = finding.nodeid.partition("::")[0]
    return {
        "physicalLocation": {"artifactLocation": {"uri": _uri(file), "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 1}},
        "logicalLocations": [{"fullyQualifiedName": finding.resource, "kind": "resource"}],
    }


def _uri(path: str) -> str:
    """A path as a relative reference: what a URI does not hold is escaped byte by byte."""
    return re.sub(rb"[^A-Za-z0-9._~/-]", lambda byte: f"%{byte[0][0]:02X}".encode(), path.replace("\\", "/").lstrip("/").encode()).decode()
