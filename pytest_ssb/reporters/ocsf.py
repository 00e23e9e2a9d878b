"""Compliance Findings of the Open Cybersecurity Schema Framework, `.ocsf.json`: class 2003 of version 1.5.0.

https://schema.ocsf.io/1.5.0/classes/compliance_finding
"""

from __future__ import annotations

import datetime
from typing import Any

import msgspec

from pytest_ssb.controls import CONTROLS
from pytest_ssb.findings import Finding, Status
from pytest_ssb.results import Results

VERSION = "1.5.0"
_SEVERITY = {"low": (2, "Low"), "medium": (3, "Medium"), "high": (4, "High"), "critical": (5, "Critical")}
_INFORMATIONAL = (1, "Informational")
# compliance.status_id: a warning is a check that came to no result for want of information.
_COMPLIANCE = {
    Status.PASS: (1, "Pass"),
    Status.MANUAL: (2, "Warning"),
    Status.ERROR: (2, "Warning"),
    Status.FAIL: (3, "Fail"),
    Status.WAIVED: (3, "Fail"),
    Status.NOT_APPLICABLE: (99, "NOT_APPLICABLE"),
}


def render(results: Results) -> str:
    """The findings as a JSON array of events, in the order of the findings file."""
    partitions = {account.profile: account.partition for account in results.accounts}
    time = _milliseconds(results.finished_at)
    events = [_event(finding, results, partitions.get(finding.profile), time) for finding in results.findings]
    return msgspec.json.format(msgspec.json.encode(events), indent=1).decode() + "\n"


def _milliseconds(time: str) -> int:
    return int(datetime.datetime.fromisoformat(time).timestamp()) * 1000


def _event(finding: Finding, results: Results, partition: str | None, time: int) -> dict[str, Any]:
    bad = finding.status in (Status.FAIL, Status.WAIVED, Status.ERROR)
    severity = _SEVERITY[finding.severity] if bad else _INFORMATIONAL
    compliance = _COMPLIANCE[finding.status]
    workflow = (3, "Suppressed") if finding.status is Status.WAIVED else (1, "New")
    control = CONTROLS[finding.control]
    event: dict[str, Any] = {
        "activity_id": 1,
        "activity_name": "Create",
        "category_name": "Findings",
        "category_uid": 2,
        "class_name": "Compliance Finding",
        "class_uid": 2003,
        "type_name": "Compliance Finding: Create",
        "type_uid": 200301,
        "time": time,
        "severity_id": severity[0],
        "severity": severity[1],
        "status_id": workflow[0],
        "status": workflow[1],
        "status_code": str(finding.status),
        "status_detail": finding.reason,
        "message": finding.reason,
        "metadata": {
            "version": VERSION,
            "uid": f"{results.run.id}/{finding.id}",
            "event_code": finding.check,
            "profiles": ["cloud"],
            "product": {"name": results.tool.name, "vendor_name": results.tool.name, "uid": results.tool.name, "version": results.tool.version},
        },
        "finding_info": {
            "uid": finding.id,
            "title": f"{finding.control} {control.title}: {finding.check}",
            "desc": finding.reason,
            "types": ["Software and Configuration Checks/AWS Startup Security Baseline"],
            "src_url": control.url,
        },
        "compliance": {
            "standards": [f"AWS Startup Security Baseline {results.edition}"],
            "control": finding.control,
            "requirements": [control.title],
            "status_id": compliance[0],
            "status": compliance[1],
            "checks": [{"uid": finding.check, "status_id": compliance[0], "status": compliance[1]}],
        },
        "resources": [
            {
                "uid": finding.resource,
                "type": finding.resource_type,
                **({"name": finding.item} if finding.item else {}),
                **({"region": finding.region} if finding.region else {}),
                **({"cloud_partition": partition} if partition else {}),
                **({"data": finding.evidence} if finding.evidence else {}),
            }
        ],
        "cloud": {
            "provider": "AWS",
            "account": {"uid": finding.account, "name": finding.profile, "type_id": 10, "type": "AWS Account"},
            **({"region": finding.region} if finding.region else {}),
        },
        "unmapped": {"basis": finding.basis, "extended": finding.extended, "question": finding.question, "nodeid": finding.nodeid},
    }
    if finding.waiver is not None:
        event["comment"] = finding.waiver.said
    if finding.remediation or finding.references:
        event["remediation"] = {"desc": finding.remediation or "see the references", "references": list(finding.references)}
    return event
