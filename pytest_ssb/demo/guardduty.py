"""The demo's GuardDuty: on in every region of the clean account, and in the first of the other, where a filter and a finding have been forgotten."""

from __future__ import annotations

import json
from typing import Any

from pytest_ssb.demo.seeder import Seeder

PATTERN = {"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}
# Made for quiet on the evening of a release.
FILTER = "acme-quiet"
FINDING = {
    "Id": "c2b1f0e4a59d4b7e8f60718293a4b5c6",
    "Type": "CryptoCurrency:EC2/BitcoinTool.B!DNS",
    "Severity": 8.0,
    "CreatedAt": "2024-01-02T03:04:05.678Z",
    "UpdatedAt": "2024-01-02T03:04:05.678Z",
    "Title": "An EC2 instance asks for the address of a pool that mines Bitcoin.",
    "Service": {"Archived": False},
}


def seed(seeder: Seeder) -> None:
    """Look for threats, and tell a mailing list of them. What moto lacks: the lists of filters and findings."""
    regions = seeder.regions if seeder.clean else seeder.regions[:1]
    for region in regions:
        id = seeder.client("guardduty", region).create_detector(Enable=True)["DetectorId"]
        if not seeder.clean:
            criterion = {"severity": {"Gte": 1}}
            seeder.client("guardduty", region).create_filter(DetectorId=id, Name=FILTER, Action="ARCHIVE", FindingCriteria={"Criterion": criterion})
        _notify(seeder, region)
    filters = [] if seeder.clean else [FILTER]
    findings = [] if seeder.clean else [FINDING]
    ids = [finding["Id"] for finding in findings]

    def told(region: str, asked: dict[str, Any]) -> dict[str, Any]:
        return {"Findings": [finding for finding in findings if finding["Id"] in asked["findingIds"]]}

    seeder.simulated.instead("guardduty:ListFilters", lambda region, asked: {"FilterNames": filters})
    seeder.simulated.instead("guardduty:ListFindings", lambda region, asked: {"FindingIds": ids})
    seeder.simulated.instead("guardduty:GetFindings", told)
    seeder.simulated.instead("guardduty:GetFindingsStatistics", lambda region, asked: {"FindingStatistics": {"GroupedBySeverity": []}})


def _notify(seeder: Seeder, region: str) -> None:
    sns, events = seeder.client("sns", region), seeder.client("events", region)
    let_in = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [let_in]})
    topic = sns.create_topic(Name="acme-security", Attributes={"Policy": policy})["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="aws-security@example.com")
    events.put_rule(Name="acme-guardduty", EventPattern=json.dumps(PATTERN))
    events.put_targets(Rule="acme-guardduty", Targets=[{"Id": "mail", "Arn": topic}])
