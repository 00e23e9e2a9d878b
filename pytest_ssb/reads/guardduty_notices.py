"""Whether somebody is told of GuardDuty's findings: by rules of EventBridge, by Security Hub, by a bucket, or by a system that fetches them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pytest_ssb.errors import NotOffered
from pytest_ssb.event_patterns import event_of
from pytest_ssb.reads.events import ABSENT, EVENTS, Passing, Samples, asking, passing
from pytest_ssb.reads.guardduty import Detector
from pytest_ssb.reads.iam import DETAILS
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.securityhub import HUB, handed_on_to, takes_guardduty
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

PUBLISHING = "guardduty:ListPublishingDestinations"
# Findings of several types and resources, grave ones and the gravest: whoever is told of all these is told of all that count.
FOUND = {
    "Backdoor:EC2/C&CActivity.B of severity 8": ("Instance", 8),
    "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS of severity 8": ("AccessKey", 8),
    "Exfiltration:S3/AnomalousBehavior of severity 8": ("S3Bucket", 8),
    "AttackSequence:IAM/CompromisedCredentials of severity 9": ("AttackSequence", 9),
}


class Destination(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Where findings are published (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Destination.html)."""

    arn: str
    destination_type: Literal["S3"]
    status: Literal["PENDING_VERIFICATION", "PUBLISHING", "UNABLE_TO_PUBLISH_FIX_DESTINATION_PROPERTY", "STOPPED"]


@dataclass(frozen=True)
class Notices:
    """The ways on which findings may reach somebody, as far as they were asked for. What could not be read stands as unread in its list."""

    rules: Sequence[Passing]
    others: Sequence[str]

    @property
    def told(self) -> str | None:
        """How somebody is known to be told of every finding that counts; None where that is not known."""
        known = [rule for rule in self.rules if error_of(rule) is None and rule.told]
        if FOUND.keys() <= {name for rule in known for name in rule.told}:
            return "; ".join(f"rule {rule.rule} tells {rule.reached.says}" for rule in known)
        return next((other for other in self.others if error_of(other) is None), None)

    def settle(self) -> None:
        """Raise what kept some way from being read."""
        for way in (*self.rules, *self.others):
            if (error := error_of(way)) is not None:
                raise error

    @property
    def questions(self) -> str:
        """What has to be asked of some ways."""
        return "; ".join(dict.fromkeys(rule.reached.question for rule in self.rules if rule.reached.question is not None))

    @property
    def lacks(self) -> str:
        """Why nobody is told, or of what not."""
        untold = FOUND.keys() - {name for rule in self.rules for name in rule.told}
        partly = f"nobody is told of {', '.join(sorted(untold))}" if len(untold) < len(FOUND) else None
        return "; ".join([lack for lack in (*(rule.lacks for rule in self.rules), partly) if lack is not None]) or "no rule passes findings on"


@read(PUBLISHING, *EVENTS, *HUB, per="region", absent=ABSENT)
def guardduty_notices(aws: Aws, detectors: list[Detector]) -> Notices:
    """Whom GuardDuty's findings reach; asked until somebody is known to be told of all that count, and not where GuardDuty is off."""
    looking = [detector for detector in detectors if detector.enabled]
    rules: list[Passing] = []
    others: list[str] = []
    for way in _ways(aws, looking) if looking else ():
        known = or_unread(way)
        if error_of(known) is not None:
            others.append(known)  # type: ignore[arg-type]
        elif isinstance(known, str):
            others.append(known)
        else:
            rules += known
        if Notices(rules, others).told:
            break
    return Notices(rules, others)


def _ways(aws: Aws, looking: Sequence[Detector]) -> Iterator[Callable[[], str | list[Passing]]]:
    """The ways in the order in which they are asked for: what is commonest, and what costs least, first."""
    yield lambda: passing(aws, _findings(aws))
    yield lambda: _published(aws, looking)
    yield lambda: _by_hub(aws)
    yield lambda: asking(aws, _of_the_new_hub(aws))


def _published(aws: Aws, looking: Sequence[Detector]) -> str | list[Passing]:
    for detector in looking:
        arn = f"{detector.arn}/publishingDestination/{{DestinationId}}"
        destinations: list[Destination] = aws.resources(PUBLISHING, "Destinations", Destination, arn, DetectorId=detector.id)
        if any(destination.status == "PUBLISHING" for destination in destinations):
            return "published to an S3 bucket"
    return []


def _by_hub(aws: Aws) -> list[Passing]:
    """What rules do with findings that Security Hub takes in, in this region and in that to which it hands them on."""
    try:
        if not takes_guardduty(aws):
            return []
    except NotOffered:
        # It is not in every region where GuardDuty is, and says nothing of GuardDuty there.
        return []
    region = str(aws.region)
    home = handed_on_to(aws, region)
    asked = [aws, *([aws.in_region(home)] if home else ())]
    return [rule for each in asked for rule in passing(each, _of_the_hub(each, region))]


def _findings(aws: Aws) -> Samples:
    return Samples("GuardDuty's grave findings", {name: _event(aws, name) for name in FOUND})


def _event(aws: Aws, name: str) -> Mapping[str, Any]:
    """What GuardDuty sends (https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html)."""
    resource, severity = FOUND[name]
    detail = {
        "schemaVersion": "2.0",
        "accountId": aws.account,
        "region": aws.region,
        "partition": aws.partition,
        "id": "0",
        "arn": f"arn:{aws.partition}:guardduty:{aws.region}:{aws.account}:detector/0/finding/0",
        "type": name.partition(" ")[0],
        "title": "what was found",
        "description": "what was found",
        "createdAt": "2024-01-02T03:04:05.678Z",
        "updatedAt": "2024-01-02T03:04:05.678Z",
        "resource": {"resourceType": resource},
        "service": {"serviceName": "guardduty", "archived": False, "count": 1},
        "severity": severity,
    }
    return _sent(aws, "aws.guardduty", "GuardDuty Finding", [], detail)


def _of_the_hub(aws: Aws, region: str) -> Samples:
    return Samples("GuardDuty's grave findings in Security Hub", {name: _hub_event(aws, name, region) for name in FOUND})


def _hub_event(aws: Aws, name: str, region: str) -> Mapping[str, Any]:
    """What Security Hub sends (https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html)."""
    resource, severity = FOUND[name]
    product = f"arn:{aws.partition}:securityhub:{region}::product/aws/guardduty"
    finding = {
        "SchemaVersion": "2018-10-08",
        "Id": f"arn:{aws.partition}:guardduty:{region}:{aws.account}:detector/0/finding/0",
        "Title": "what was found",
        "Description": "what was found",
        "CreatedAt": "2024-01-02T03:04:05.678Z",
        "UpdatedAt": "2024-01-02T03:04:05.678Z",
        "ProductArn": product,
        "ProductName": "GuardDuty",
        "CompanyName": "Amazon",
        "Region": region,
        "AwsAccountId": aws.account,
        "Types": [f"TTPs/{name.partition(' ')[0]}"],
        "ProductFields": {"aws/securityhub/ProductName": "GuardDuty", "aws/securityhub/CompanyName": "Amazon"},
        "Severity": {"Label": "CRITICAL" if severity >= 9 else "HIGH", "Normalized": severity * 10, "Product": severity},
        "Resources": [{"Type": resource, "Region": region}],
        "Workflow": {"Status": "NEW"},
        "WorkflowState": "NEW",
        "RecordState": "ACTIVE",
    }
    return _sent(aws, "aws.securityhub", "Security Hub Findings - Imported", [product], {"findings": [finding]})


def _of_the_new_hub(aws: Aws) -> Samples:
    """What the newer Security Hub sends is of a form of its own: it is only known by its name."""
    event = _sent(aws, "aws.securityhub", "Findings Imported V2", [], {})
    return Samples("GuardDuty's findings, in the format of the newer Security Hub", {"any": event})


def _sent(aws: Aws, source: str, kind: str, resources: Sequence[str], detail: Mapping[str, Any]) -> Mapping[str, Any]:
    sent = {
        "version": "0",
        "source": source,
        "detail-type": kind,
        "account": aws.account,
        "region": aws.region,
        "resources": resources,
        "detail": detail,
    }
    event: Mapping[str, Any] = event_of(msgspec.json.encode(sent).decode())
    return event


@read(DETAILS, per="account")
def guardduty_pollers(aws: Aws, ssb_profile: Profile) -> list[str]:
    """The ARNs of the account's roles; asked only where some system is said to fetch findings as one of them."""
    if not ssb_profile.guardduty.pollers:
        return []
    return [arn for role in aws.list(DETAILS, "RoleDetailList") if (arn := role.get("Arn"))]
