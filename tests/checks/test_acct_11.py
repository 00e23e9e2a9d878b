"""ACCT.11's checks, each shown to pass, to fail, and at its edges."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from pytest_ssb.aws import Aws
from pytest_ssb.errors import NotOffered
from pytest_ssb.profiles import Declaration
from pytest_ssb.reads import guardduty_notices
from tests.support.topics import statement, topic, unconfirmed
from tests.support.worlds import Cloud, Expected, World, built, compare, judge, world
from tests_account import test_acct_11_guardduty as suite

OTHER = "999999999999"
PUBLISHES = "events.amazonaws.com"
FINDINGS = {"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}
IMPORTED = {"source": ["aws.securityhub"], "detail-type": ["Security Hub Findings - Imported"]}


def denied(name: str) -> ClientError:
    return ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, name)


def detector(aws: Cloud, *, enable: bool = True) -> str:
    """The ARN of a detector that has neither filters nor findings, and publishes nowhere: moto cannot tell of these."""
    id = aws.client("guardduty").create_detector(Enable=enable, Features=[{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}])["DetectorId"]
    aws.simulated.instead("guardduty:ListFilters", lambda region, asked: {"FilterNames": []})
    aws.simulated.instead("guardduty:ListFindings", lambda region, asked: {"FindingIds": []})
    aws.simulated.instead("guardduty:ListPublishingDestinations", lambda region, asked: {"Destinations": []})
    aws.simulated.instead("guardduty:GetFindingsStatistics", lambda region, asked: {"FindingStatistics": {"GroupedBySeverity": []}})
    error = ClientError({"Error": {"Code": "InvalidAccessException", "Message": "not subscribed"}}, "ListEnabledProductsForImport")
    aws.simulated.instead("securityhub:ListEnabledProductsForImport", lambda region, asked: error)
    return aws.arn("guardduty", f"detector/{id}")


def administered(aws: Cloud) -> None:
    """Let another account administer GuardDuty, which makes this one its member."""
    told = {"Administrator": {"AccountId": OTHER, "RelationshipStatus": "Enabled"}}
    aws.simulated.instead("guardduty:GetAdministratorAccount", lambda region, asked: told)


# --- guardduty_enabled ------------------------------------------------------------------------------------------------------------------------


@world(suite.test_guardduty_enabled)
def test_a_detector_that_is_on_passes(aws: Cloud) -> Expected:
    return {detector(aws): ("PASS", "high", "on, with S3_DATA_EVENTS")}


@world(suite.test_guardduty_enabled)
def test_a_members_detector_passes_and_says_who_administers_it(aws: Cloud) -> Expected:
    administered(aws)
    return {detector(aws): ("PASS", "high", f"administered by {OTHER}")}


@world(suite.test_guardduty_enabled)
def test_who_administers_it_changes_nothing_where_that_is_denied(aws: Cloud) -> Expected:
    aws.simulated.instead("guardduty:GetAdministratorAccount", lambda region, asked: denied("GetAdministratorAccount"))
    return {detector(aws): ("PASS", "high", "whether another account administers it could not be read")}


@world(suite.test_guardduty_enabled)
def test_no_detector_fails_milder_where_nothing_runs(aws: Cloud) -> Expected:
    return {aws.account_arn: ("FAIL", "medium", "off")}


@world(suite.test_guardduty_enabled)
def test_a_suspended_detector_fails_milder_where_nothing_runs(aws: Cloud) -> Expected:
    return {detector(aws, enable=False): ("FAIL", "medium", "suspended")}


@world(suite.test_guardduty_enabled)
def test_no_detector_fails_where_something_runs(aws: Cloud) -> Expected:
    aws.client("ec2").create_volume(AvailabilityZone=aws.zone, Size=1)
    return {aws.account_arn: ("FAIL", "high", "off")}


@world(suite.test_guardduty_enabled)
def test_no_detector_fails_as_gravely_where_it_is_not_known_what_runs(aws: Cloud) -> Expected:
    aws.simulated.instead("ec2:DescribeVolumes", lambda region, asked: denied("DescribeVolumes"))
    return {aws.account_arn: ("FAIL", "high", "off")}


@world(suite.test_guardduty_enabled)
def test_a_suspended_detector_fails_where_there_is_data(aws: Cloud) -> Expected:
    aws.client("s3").create_bucket(Bucket="acme", CreateBucketConfiguration={"LocationConstraint": aws.region})
    return {detector(aws, enable=False): ("FAIL", "high", "suspended")}


@world(suite.test_guardduty_enabled)
def test_a_detector_whose_status_is_not_told_is_an_error(aws: Cloud) -> Expected:
    arn = detector(aws)
    aws.simulated.over("guardduty:GetDetector", lambda region, parsed: parsed.pop("Status"))
    return {arn: "ERROR"}


# --- guardduty_finding_notifications ----------------------------------------------------------------------------------------------------------


def rule(aws: Cloud, name: str, pattern: dict[str, Any], *targets: str, region: str | None = None, **more: Any) -> str:
    """A rule of the default bus, or of another one, and its targets."""
    events = aws.client("events", region)
    arn: str = events.put_rule(Name=name, EventPattern=json.dumps(pattern), **more)["RuleArn"]
    bus = {key: value for key, value in more.items() if key == "EventBusName"}
    if targets:
        events.put_targets(Rule=name, Targets=[{"Id": str(at), "Arn": target} for at, target in enumerate(targets)], **bus)
    return arn


def alarms(aws: Cloud, name: str = "alarms", **more: Any) -> str:
    """A topic that EventBridge may publish to, and that somebody is subscribed to."""
    return topic(aws, name, statement(PUBLISHES), **more)


def managed(aws: Cloud, **by: str) -> None:
    """Rules that services manage: moto has none."""
    for name in by:
        rule(aws, name, FINDINGS)

    def manage(region: str, parsed: dict[str, Any]) -> None:
        for each in parsed["Rules"]:
            each["ManagedBy"] = by[each["Name"]]

    aws.simulated.over("events:ListRules", manage)


def of_severity(*comparison: Any) -> dict[str, Any]:
    return FINDINGS | {"detail": {"severity": [{"numeric": comparison}]}}


@world(suite.test_guardduty_finding_notifications)
def test_a_rule_that_tells_a_topic_passes(aws: Cloud) -> Expected:
    rule(aws, "guardduty", FINDINGS, alarms(aws))
    return {detector(aws): ("PASS", "medium", "rule guardduty tells topic alarms (1 confirmed)")}


@world(suite.test_guardduty_finding_notifications)
def test_rules_that_tell_of_all_between_them_pass(aws: Cloud) -> Expected:
    rule(aws, "grave", of_severity(">=", 7, "<", 9), aws.arn("lambda", "function:tell"))
    gravest = {"severity": [{"numeric": [">=", 9]}], "service": {"archived": [False]}}
    rule(aws, "gravest", FINDINGS | {"detail": gravest}, aws.arn("sqs", "tell"))
    rule(aws, "nightly", {"source": ["acme"]}, aws.arn("lambda", "function:other"))
    aws.client("events").put_rule(Name="clock", ScheduleExpression="rate(1 day)")
    return {detector(aws): ("PASS", "medium", "rule grave tells a Lambda function; rule gravest tells an SQS queue")}


@world(suite.test_guardduty_finding_notifications)
def test_a_rule_that_a_service_manages_passes(aws: Cloud) -> Expected:
    managed(aws, notify="notifications.amazonaws.com")
    return {detector(aws): ("PASS", "medium", "rule notify tells notifications.amazonaws.com, which manages it")}


@world(suite.test_guardduty_finding_notifications)
def test_a_rule_that_keeps_evidence_tells_nobody(aws: Cloud) -> Expected:
    managed(aws, evidence="auditmanager.amazonaws.com")
    return {detector(aws): ("FAIL", "medium", "rule evidence: is of auditmanager.amazonaws.com, which keeps the events and tells nobody")}


@world(suite.test_guardduty_finding_notifications)
def test_a_rule_of_another_service_is_asked_about(aws: Cloud) -> Expected:
    managed(aws, evidence="auditmanager.amazonaws.com", triage="security-ir.amazonaws.com")
    return {detector(aws): ("MANUAL", "medium", "does security-ir.amazonaws.com, which manages rule triage, tell somebody?")}


@world(suite.test_guardduty_finding_notifications)
def test_a_bus_of_ones_own_is_followed(aws: Cloud) -> Expected:
    bus = aws.client("events", "us-east-1").create_event_bus(Name="security")["EventBusArn"]
    rule(aws, "send", FINDINGS, bus)
    rule(aws, "low", of_severity("<", 9), alarms(aws, "low", region="us-east-1"), region="us-east-1", EventBusName="security")
    rule(aws, "tell", FINDINGS, alarms(aws, region="us-east-1"), region="us-east-1", EventBusName="security")
    return {detector(aws): ("PASS", "medium", "rule send tells topic alarms (1 confirmed)")}


@world(suite.test_guardduty_finding_notifications)
def test_no_rule_fails(aws: Cloud) -> Expected:
    return {detector(aws): ("FAIL", "medium", "no rule passes findings on")}


@world(suite.test_guardduty_finding_notifications)
def test_rules_that_tell_nobody_fail(aws: Cloud) -> Expected:
    tell = alarms(aws)
    mute = alarms(aws, "mute", subscribed=False)
    pending = alarms(aws, "pending")
    unconfirmed(aws, pending)
    bus = aws.client("events").create_event_bus(Name="empty")["EventBusArn"]
    further = aws.client("events").create_event_bus(Name="further")["EventBusArn"]
    rule(aws, "few", FINDINGS, tell, EventBusName="further")
    rule(aws, "part", of_severity(">=", 9), tell, EventBusName="further")
    aws.client("events").disable_rule(Name="few", EventBusName="further")
    rule(aws, "off", FINDINGS, tell, State="DISABLED")
    rule(aws, "aimless", FINDINGS)
    rule(aws, "low", of_severity("<", 4), tell)
    rule(aws, "topics", FINDINGS, mute, pending, topic(aws, "closed"), alarms(aws, "sealed", KmsMasterKeyId="alias/aws/sns"))
    rule(aws, "abroad", FINDINGS, alarms(aws, "abroad", region="us-east-1"), bus, further)
    said = (
        "rule abroad: topic abroad is in another region; no rule of bus empty in eu-west-1 passes them on; is disabled; "
        "rule part of that bus passes on a part of them only",
        "rule aimless: has no target",
        "rule low: passes on none of GuardDuty's grave findings",
        "rule off: is disabled",
        "rule topics: topic mute has no confirmed subscription; topic pending has no confirmed subscription, 1 not confirmed; "
        "the policy of topic closed does not let events.amazonaws.com publish; topic sealed is encrypted by AWS's own key",
    )
    return {detector(aws): ("FAIL", "medium", *said)}


@world(suite.test_guardduty_finding_notifications)
def test_rules_that_tell_of_a_part_fail_and_name_the_rest(aws: Cloud) -> Expected:
    rule(aws, "one", FINDINGS | {"detail": {"type": [{"prefix": "Backdoor:"}]}}, alarms(aws))
    rule(aws, "gravest", of_severity(">", 8), aws.arn("states", "stateMachine:tell"))
    said = (
        "nobody is told of Exfiltration:S3/AnomalousBehavior of severity 8, "
        "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS of severity 8"
    )
    return {detector(aws): ("FAIL", "medium", said)}


@world(suite.test_guardduty_finding_notifications)
def test_what_only_others_could_tell_is_asked(aws: Cloud) -> Expected:
    bus = f"arn:aws:events:eu-west-1:{OTHER}:event-bus/security"
    tell = f"arn:aws:sns:eu-west-1:{OTHER}:alarms"
    logs = aws.arn("logs", "log-group:/aws/events/guardduty")
    function = f"arn:aws:lambda:eu-west-1:{OTHER}:function:tell"
    rule(aws, "send", FINDINGS, bus, tell, logs, function)
    said = (
        f"does somebody get what is handed to {bus}?; does topic {tell}, of another account, tell somebody?; "
        f"is somebody told by {logs}, to which rule send hands the events?; is somebody told by {function}, to which"
    )
    return {detector(aws): ("MANUAL", "medium", said)}


@world(suite.test_guardduty_finding_notifications)
def test_a_bus_beyond_a_bus_is_asked_about(aws: Cloud) -> Expected:
    events = aws.client("events")
    second = events.create_event_bus(Name="second")["EventBusArn"]
    rule(aws, "send", FINDINGS, events.create_event_bus(Name="first")["EventBusArn"])
    rule(aws, "again", FINDINGS, second, EventBusName="first")
    return {detector(aws): ("MANUAL", "medium", f"does somebody get what is handed to {second}?")}


@world(suite.test_guardduty_finding_notifications)
def test_a_member_is_asked_whether_its_administrator_tells(aws: Cloud) -> Expected:
    administered(aws)
    rule(aws, "off", FINDINGS, State="DISABLED")
    return {
        detector(aws): (
            "MANUAL",
            "medium",
            f"told of this account's findings by {OTHER}, which administers GuardDuty?",
            "(here: rule off: is disabled)",
        )
    }


@world(suite.test_guardduty_finding_notifications)
def test_a_members_own_rule_passes_and_says_what_is_not_seen(aws: Cloud) -> Expected:
    administered(aws)
    rule(aws, "guardduty", FINDINGS, alarms(aws))
    return {detector(aws): ("PASS", "medium", f"what {OTHER}, which administers GuardDuty, suppresses is not seen here")}


@world(suite.test_guardduty_finding_notifications)
def test_a_member_of_which_that_is_not_known_is_an_error(aws: Cloud) -> Expected:
    aws.simulated.instead("guardduty:GetAdministratorAccount", lambda region, asked: denied("GetAdministratorAccount"))
    return {detector(aws): ("ERROR", "medium", "allow guardduty:GetAdministratorAccount")}


def published(aws: Cloud, *statuses: str) -> None:
    """Publish to buckets, each told on a page of its own."""

    def answer(region: str, asked: Any) -> dict[str, Any]:
        at = int(asked.get("nextToken", 0))
        one = {"DestinationId": f"d{at}", "DestinationType": "S3", "Status": statuses[at]}
        return {"Destinations": [one]} | ({"NextToken": str(at + 1)} if at + 1 < len(statuses) else {})

    aws.simulated.instead("guardduty:ListPublishingDestinations", answer)


@world(suite.test_guardduty_finding_notifications)
def test_publishing_to_a_bucket_passes(aws: Cloud) -> Expected:
    arn = detector(aws)
    published(aws, "STOPPED", "PUBLISHING")
    return {arn: ("PASS", "medium", "published to an S3 bucket")}


@world(suite.test_guardduty_finding_notifications)
def test_publishing_that_does_not_work_fails(aws: Cloud) -> Expected:
    arn = detector(aws)
    published(aws, "UNABLE_TO_PUBLISH_FIX_DESTINATION_PROPERTY", "PENDING_VERIFICATION")
    return {arn: ("FAIL", "medium", "no rule passes findings on")}


def pollers(aws: Cloud, *roles: str) -> None:
    aws.facts(guardduty={"pollers": [f"arn:aws:iam::{aws.account}:role/siem-*"]})
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sts:AssumeRole"}]})
    for role in roles:
        aws.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=trust)


@world(suite.test_guardduty_finding_notifications)
def test_a_declared_poller_that_exists_passes(aws: Cloud) -> Expected:
    pollers(aws, "app", "siem-reader")
    return {detector(aws): ("PASS", "medium", "a system fetches the findings (guardduty.pollers = arn:aws:iam::123456789012:role/siem-*)")}


@world(suite.test_guardduty_finding_notifications)
def test_a_declared_poller_that_does_not_exist_fails(aws: Cloud) -> Expected:
    pollers(aws, "app")
    return {detector(aws): ("FAIL", "medium", "no rule passes findings on")}


def hub(aws: Cloud, *, takes: bool = True, linked: str = "NO_REGIONS", regions: list[str] | None = None) -> None:
    """Security Hub, which moto knows little of: whether it takes GuardDuty's findings, and which regions hand theirs on to us-east-1."""
    products = [aws.arn("securityhub", f"product-subscription/aws/{name}") for name in ("inspector", *(["guardduty"] if takes else []))]
    aggregator = f"arn:aws:securityhub:us-east-1:{aws.account}:finding-aggregator/1"
    told = {"FindingAggregatorArn": aggregator, "FindingAggregationRegion": "us-east-1", "RegionLinkingMode": linked}
    aws.simulated.instead("securityhub:ListEnabledProductsForImport", lambda region, asked: {"ProductSubscriptions": products})
    aws.simulated.instead("securityhub:ListFindingAggregators", lambda region, asked: {"FindingAggregators": [{"FindingAggregatorArn": aggregator}]})
    aws.simulated.instead("securityhub:GetFindingAggregator", lambda region, asked: told | ({} if regions is None else {"Regions": regions}))


@world(suite.test_guardduty_finding_notifications)
def test_a_rule_on_what_security_hub_takes_in_passes(aws: Cloud) -> Expected:
    for label in ("HIGH", "CRITICAL"):
        finding = {"ProductName": ["GuardDuty"], "Severity": {"Label": [label]}}
        rule(aws, label, IMPORTED | {"detail": {"findings": finding}}, alarms(aws))
    arn = detector(aws)
    hub(aws)
    return {arn: ("PASS", "medium", "rule CRITICAL tells topic alarms (1 confirmed); rule HIGH tells topic alarms (1 confirmed)")}


@world(suite.test_guardduty_finding_notifications)
def test_a_rule_of_the_region_to_which_security_hub_hands_on_passes(aws: Cloud) -> Expected:
    rule(aws, "home", IMPORTED | {"region": ["us-east-1"]}, alarms(aws, region="us-east-1"), region="us-east-1")
    arn = detector(aws)
    hub(aws, linked="SPECIFIED_REGIONS", regions=["eu-west-1"])
    return {arn: ("PASS", "medium", "rule home tells topic alarms (1 confirmed)")}


@world(suite.test_guardduty_finding_notifications)
def test_a_region_of_all_that_are_handed_on_passes(aws: Cloud) -> Expected:
    rule(aws, "home", IMPORTED, alarms(aws, region="us-east-1"), region="us-east-1")
    arn = detector(aws)
    hub(aws, linked="ALL_REGIONS")
    return {arn: ("PASS", "medium", "rule home tells topic alarms (1 confirmed)")}


@world(suite.test_guardduty_finding_notifications)
def test_a_region_that_hands_nothing_on_fails(aws: Cloud) -> Expected:
    rule(aws, "home", IMPORTED, alarms(aws, region="us-east-1"), region="us-east-1")
    arn = detector(aws)
    hub(aws, linked="ALL_REGIONS_EXCEPT_SPECIFIED", regions=["eu-west-1"])
    return {arn: ("FAIL", "medium", "no rule passes findings on")}


@world(suite.test_guardduty_finding_notifications)
def test_rules_on_security_hub_do_not_count_where_it_takes_nothing_from_guardduty(aws: Cloud) -> Expected:
    rule(aws, "hub", IMPORTED, alarms(aws))
    arn = detector(aws)
    hub(aws, takes=False)
    return {arn: ("FAIL", "medium", "no rule passes findings on")}


@world(suite.test_guardduty_finding_notifications)
def test_rules_on_security_hub_do_not_count_where_it_is_off(aws: Cloud) -> Expected:
    rule(aws, "hub", IMPORTED, alarms(aws))
    return {detector(aws): ("FAIL", "medium", "no rule passes findings on")}


def test_a_region_without_security_hub_is_judged_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_here(aws: Aws) -> bool:
        raise NotOffered("no Security Hub here")

    def build(aws: Cloud) -> Expected:
        return {detector(aws): ("FAIL", "medium", "no rule passes findings on")}

    monkeypatch.setattr(guardduty_notices, "takes_guardduty", none_here)
    with built(World(suite.test_guardduty_finding_notifications, build)) as (cloud, expected):
        compare(judge(suite.test_guardduty_finding_notifications, cloud), expected)


def test_the_command_makes_a_topic_that_passes_and_a_rule_that_is_told() -> None:
    """It can be pasted as it stands: what it would set is what the check asks for."""

    def build(aws: Cloud) -> Expected:
        detector(aws)
        return {}

    check = suite.test_guardduty_finding_notifications
    with built(World(check, build)) as (cloud, _):
        (finding,) = judge(check, cloud)
        words = shlex.split(finding.remediation or "", comments=True)
        policy, pattern = (json.loads(words[words.index(option) + 1]) for option in ("--attribute-value", "--event-pattern"))
        rule(cloud, "guardduty", pattern, topic(cloud, "guardduty", *policy["Statement"]))
        assert words[-1].endswith(policy["Statement"][0]["Resource"])
        (mended,) = judge(check, cloud)
        assert (mended.status, mended.reason) == ("PASS", "rule guardduty tells topic guardduty (1 confirmed)")


@world(suite.test_guardduty_finding_notifications)
def test_a_rule_on_the_newer_security_hub_is_asked_about(aws: Cloud) -> Expected:
    newer = {"source": ["aws.securityhub"], "detail-type": ["Findings Imported V2"], "detail": {"findings": {"severity": ["High"]}}}
    rule(aws, "newer", newer, alarms(aws))
    rule(aws, "resting", newer, State="DISABLED")
    aws.client("events").put_rule(Name="clock", ScheduleExpression="rate(1 day)")
    return {detector(aws): ("MANUAL", "medium", "does rule newer tell somebody of GuardDuty's findings, in the format of the newer Security Hub?")}


@world(suite.test_guardduty_finding_notifications)
def test_a_pattern_that_we_do_not_know_leaves_it_open(aws: Cloud) -> Expected:
    rule(aws, "odd", FINDINGS, alarms(aws))

    def change(region: str, parsed: dict[str, Any]) -> None:
        parsed["Rules"][0]["EventPattern"] = json.dumps({"source": [{"contains": "guardduty"}]})

    aws.simulated.over("events:ListRules", change)
    return {detector(aws): ("ERROR", "medium", "the pattern of rule odd has contains, which we do not know")}


@world(suite.test_guardduty_finding_notifications)
def test_a_rule_that_tells_is_enough_though_another_cannot_be_read(aws: Cloud) -> Expected:
    rule(aws, "guardduty", FINDINGS, alarms(aws))
    rule(aws, "odd", FINDINGS, topic(aws, "odd", statement(PUBLISHES, Condition={"StringEquals": {"aws:SourceOrgID": "o-1"}})))
    return {detector(aws): ("PASS", "medium", "rule guardduty tells topic alarms")}


def filtered(aws: Cloud, **filters: dict[str, Any]) -> None:
    """Filters, which moto keeps but does not list."""
    guardduty = aws.client("guardduty")
    (id,) = guardduty.list_detectors()["DetectorIds"]
    for name, filter in filters.items():
        guardduty.create_filter(DetectorId=id, Name=name, Action=filter["Action"], FindingCriteria={"Criterion": filter["Criterion"]})
    aws.simulated.instead("guardduty:ListFilters", lambda region, asked: {"FilterNames": list(filters)})


def archive(**criterion: Any) -> dict[str, Any]:
    return {"Action": "ARCHIVE", "Criterion": {name.replace("_", "."): condition for name, condition in criterion.items()}}


@world(suite.test_guardduty_finding_notifications)
def test_filters_that_archive_everything_fail(aws: Cloud) -> Expected:
    arn = detector(aws)
    rule(aws, "guardduty", FINDINGS, alarms(aws))
    hidden = {
        "grave": archive(severity={"GreaterThanOrEqual": 7}, service_archived={"Equals": ["false"]}),
        "gravest": archive(severity={"Gt": 8}),
        "here": archive(region={"Eq": [aws.region]}, accountId={"Matches": ["1*", "9*"]}, updatedAt={"Gte": 1}),
        "notlow": archive(severity={"Neq": ["2"]}, accountId={"NotEquals": [OTHER]}),
        "upto": archive(severity={"Lte": 8}),
        "below": archive(severity={"LessThan": 9}),
        "top": archive(severity={"Gte": 9}),
    }
    filtered(aws, **hidden)
    said = ("FAIL", "high", "archives grave findings of every type, before anybody is told")
    return {arn: ("PASS", "medium"), **{f"{arn}/filter/{name}": said for name in hidden}}


@world(suite.test_guardduty_finding_notifications)
def test_filters_that_archive_a_part_are_not_spoken_of(aws: Cloud) -> Expected:
    arn = detector(aws)
    rule(aws, "guardduty", FINDINGS, alarms(aws))
    filtered(
        aws,
        saved={"Action": "NOOP", "Criterion": {"severity": {"Gte": 1}}},
        low=archive(severity={"Lt": 8}),
        lowest=archive(severity={"LessThanOrEqual": 2}),
        beyond=archive(severity={"GreaterThan": 9}),
        scans=archive(severity={"Gte": 1}, type={"Eq": ["Recon:EC2/PortProbeUnprotectedPort"]}),
        other=archive(accountId={"Eq": [OTHER]}),
        elsewhere=archive(region={"Neq": [aws.region]}),
        north=archive(region={"Matches": ["us-*", "eu-north-*"]}),
        archived=archive(service_archived={"NotMatches": ["f*"]}),
        later=archive(updatedAt={"Gte": 4102444800000}),
    )
    return {arn: ("PASS", "medium")}


@world(suite.test_guardduty_finding_notifications)
def test_filters_that_cannot_be_read_are_an_error_beside_what_rules_do(aws: Cloud) -> Expected:
    arn = detector(aws)
    rule(aws, "guardduty", FINDINGS, alarms(aws))
    aws.simulated.instead("guardduty:ListFilters", lambda region, asked: denied("ListFilters"))
    return {arn: ("PASS", "medium"), aws.account_arn: ("ERROR", "high", "allow guardduty:ListFilters")}


@world(suite.test_guardduty_finding_notifications)
def test_a_filter_that_asks_for_nothing_known_is_an_error(aws: Cloud) -> Expected:
    arn = detector(aws)
    rule(aws, "guardduty", FINDINGS, alarms(aws))
    filtered(aws, odd=archive(severity={"Gte": 1}))

    def change(region: str, parsed: dict[str, Any]) -> None:
        parsed["FindingCriteria"]["Criterion"]["severity"] = {}

    aws.simulated.over("guardduty:GetFilter", change)
    return {arn: ("PASS", "medium"), aws.account_arn: ("ERROR", "high", "a condition without a comparison")}


@world(suite.test_guardduty_finding_notifications)
def test_rules_that_cannot_be_read_are_an_error(aws: Cloud) -> Expected:
    arn = detector(aws)
    aws.simulated.instead("events:ListRules", lambda region, asked: denied("ListRules"))
    return {arn: ("ERROR", "medium", "allow events:ListRules")}


@world(suite.test_guardduty_finding_notifications)
def test_a_member_whose_declaration_answers_for_the_administrator_passes(aws: Cloud) -> Expected:
    administered(aws)
    arn = detector(aws)
    yes = Declaration(
        check="guardduty_finding_notifications",
        resource="arn:aws:guardduty:*:*:detector/*",
        statement="the security account tells us",
        by="ana@example.com",
        on=date(2024, 1, 2),
        review_by=date(2999, 1, 2),
    )
    aws.profile = msgspec.structs.replace(aws.profile, declarations=(yes,))
    return {arn: ("PASS", "medium", "the security account tells us")}


# --- guardduty_findings_answered --------------------------------------------------------------------------------------------------------------


def found(id: str, severity: float, days: float, **more: Any) -> dict[str, Any]:
    then = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {"Id": id, "Type": "Backdoor:EC2/C&CActivity.B", "Severity": severity, "CreatedAt": then, "Title": "somebody phones home", **more}


def threatened(aws: Cloud, *threats: dict[str, Any], page: int = 50) -> None:
    """Findings, which moto lacks, told by pages; GuardDuty itself leaves out what is archived, milder, or another account's."""
    by_id = {threat["Id"]: threat for threat in threats}
    ids = list(by_id)

    def listed(region: str, asked: Any) -> dict[str, Any]:
        criterion = asked["findingCriteria"]["criterion"]
        assert (criterion["service.archived"]["eq"], criterion["accountId"]["eq"]) == (["false"], [aws.account])
        assert isinstance(criterion["severity"]["gte"], int)
        at = int(asked.get("nextToken", 0))
        return {"FindingIds": ids[at : at + page]} | ({"NextToken": str(at + page)} if at + page < len(ids) else {})

    def told(region: str, asked: Any) -> dict[str, Any]:
        assert len(asked["findingIds"]) <= 50
        return {"Findings": [by_id[id] for id in reversed(asked["findingIds"])]}

    aws.simulated.instead("guardduty:ListFindings", listed)
    aws.simulated.instead("guardduty:GetFindings", told)


@world(suite.test_guardduty_findings_answered)
def test_no_open_findings_pass(aws: Cloud) -> Expected:
    return {detector(aws): ("PASS", "high", "none open")}


@world(suite.test_guardduty_findings_answered)
def test_young_findings_pass_and_are_counted(aws: Cloud) -> Expected:
    arn = detector(aws)
    threatened(aws, found("f1", 8, 6.9), found("f2", 9, 0), page=1)
    return {arn: ("PASS", "high", "2 open, none for longer than 7 days")}


@world(suite.test_guardduty_findings_answered)
def test_findings_that_were_archived_of_late_are_counted(aws: Cloud) -> Expected:
    arn = detector(aws)
    aws.facts(guardduty={"max_open_days": 5, "min_severity": 7.5})

    def counted(region: str, asked: Any) -> dict[str, Any]:
        criterion = asked["findingCriteria"]["criterion"]
        since = datetime.fromtimestamp(criterion["updatedAt"]["gte"] / 1000, UTC)
        assert timedelta(days=5) <= datetime.now(UTC) - since < timedelta(days=6)
        assert (criterion["service.archived"]["eq"], criterion["accountId"]["eq"], asked["groupBy"]) == (["true"], [aws.account], "SEVERITY")
        of_severity = [{"Severity": severity, "TotalFindings": total} for severity, total in ((7.0, 1), (7.5, 2), (9.0, 3))]
        return {"FindingStatistics": {"GroupedBySeverity": of_severity}}

    aws.simulated.instead("guardduty:GetFindingsStatistics", counted)
    return {arn: ("PASS", "high", "none open; 5 archived within 5 days")}


@world(suite.test_guardduty_findings_answered)
def test_findings_that_stay_open_fail_as_grave_as_they_are(aws: Cloud) -> Expected:
    arn = detector(aws)
    aws.facts(guardduty={"max_open_days": 3, "min_severity": 2.5})
    threatened(aws, found("f1", 9.5, 4), found("f2", 7.0, 3.1), found("f3", 4, 40), found("f4", 2.5, 4), found("f5", 2.4, 90), found("f6", 8, 2.9))
    return {
        (arn, "f1"): ("FAIL", "high", "Backdoor:EC2/C&CActivity.B of severity 9.5 is open since 2", ", for more than 3 days"),
        (arn, "f2"): ("FAIL", "high", "of severity 7 is open"),
        (arn, "f3"): ("FAIL", "medium", "of severity 4 is open"),
        (arn, "f4"): ("FAIL", "low", "of severity 2.5 is open"),
    }


@world(suite.test_guardduty_findings_answered)
def test_samples_are_left_out(aws: Cloud) -> Expected:
    arn = detector(aws)
    threatened(
        aws,
        found("f1", 8, 30, Title="[SAMPLE] somebody phones home"),
        found("f2", 8, 30, Service={"AdditionalInfo": {"Value": '{"sample": true}', "Type": "default"}}),
    )
    return {arn: ("PASS", "high", "none open")}


@world(suite.test_guardduty_findings_answered)
def test_what_only_looks_like_a_sample_is_none(aws: Cloud) -> Expected:
    arn = detector(aws)
    threatened(
        aws,
        found("f1", 8, 30, Service={"AdditionalInfo": {"Value": '{"sample": false}'}}),
        found("f2", 8, 30, Service={"AdditionalInfo": {"Value": "sample"}}),
        found("f3", 8, 30, Service={"AdditionalInfo": {"Value": "[1]"}}),
    )
    return {(arn, id): "FAIL" for id in ("f1", "f2", "f3")}


@world(suite.test_guardduty_findings_answered)
def test_twenty_are_shown_and_the_rest_is_counted(aws: Cloud) -> Expected:
    arn = detector(aws)
    threatened(aws, *(found(f"f{at:02}", 8, 10 + at) for at in range(52)), page=26)
    oldest = {(arn, f"f{at:02}"): "FAIL" for at in range(32, 52)}
    return {**oldest, (arn, "more"): ("FAIL", "medium", "32 more findings are open for longer than 7 days")}


@world(suite.test_guardduty_findings_answered)
def test_in_a_member_only_the_administrator_archives(aws: Cloud) -> Expected:
    administered(aws)
    arn = detector(aws)
    threatened(aws, found("f1", 8, 30))
    return {(arn, "f1"): ("FAIL", "high", f"only {OTHER}, which administers GuardDuty, can archive it")}


@world(suite.test_guardduty_findings_answered)
def test_findings_that_are_not_told_are_an_error(aws: Cloud) -> Expected:
    detector(aws)
    threatened(aws, found("f1", 8, 30), found("f2", 8, 30))
    aws.simulated.instead("guardduty:GetFindings", lambda region, asked: {"Findings": [found("f1", 8, 30)]})
    return {aws.account_arn: ("ERROR", "high", "answered other findings than were asked for")}


# --- where GuardDuty is off -------------------------------------------------------------------------------------------------------------------


@world(suite.test_guardduty_finding_notifications, suite.test_guardduty_findings_answered)
def test_where_guardduty_is_off_there_is_nothing_to_answer(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "GuardDuty is off")}


@world(suite.test_guardduty_finding_notifications, suite.test_guardduty_findings_answered)
def test_where_guardduty_is_suspended_there_is_nothing_to_answer(aws: Cloud) -> Expected:
    return {detector(aws, enable=False): ("NOT_APPLICABLE", None, "GuardDuty is off")}


EDGES: dict[str, dict[str, Any]] = {
    "guardduty_enabled": {
        "PASS: on, and by which plans": test_a_detector_that_is_on_passes,
        "PASS: a member": (
            test_a_members_detector_passes_and_says_who_administers_it,
            test_who_administers_it_changes_nothing_where_that_is_denied,
        ),
        "FAIL: no detector": test_no_detector_fails_where_something_runs,
        "FAIL: whether something runs is not known": test_no_detector_fails_as_gravely_where_it_is_not_known_what_runs,
        "FAIL: suspended": test_a_suspended_detector_fails_where_there_is_data,
        "FAIL medium: nothing runs in the region": (
            test_no_detector_fails_milder_where_nothing_runs,
            test_a_suspended_detector_fails_milder_where_nothing_runs,
        ),
        "ERROR: a status that is not told": test_a_detector_whose_status_is_not_told_is_an_error,
    },
    "guardduty_finding_notifications": {
        "PASS: a rule, a topic that lets EventBridge publish, a confirmed subscription": test_a_rule_that_tells_a_topic_passes,
        "PASS: several rules between them; Lambda, SQS": test_rules_that_tell_of_all_between_them_pass,
        "PASS: a rule managed by User Notifications": test_a_rule_that_a_service_manages_passes,
        "FAIL: a rule managed by Audit Manager": test_a_rule_that_keeps_evidence_tells_nobody,
        "MANUAL: a rule managed by another service": test_a_rule_of_another_service_is_asked_about,
        "PASS: a bus of the account, one hop on": test_a_bus_of_ones_own_is_followed,
        "PASS: a rule on Security Hub's findings": test_a_rule_on_what_security_hub_takes_in_passes,
        "PASS: Security Hub hands on to a region with a rule": (
            test_a_rule_of_the_region_to_which_security_hub_hands_on_passes,
            test_a_region_of_all_that_are_handed_on_passes,
        ),
        "PASS: published to a bucket": test_publishing_to_a_bucket_passes,
        "PASS: a declared poller whose role exists": test_a_declared_poller_that_exists_passes,
        "PASS: declared of the administrator": test_a_member_whose_declaration_answers_for_the_administrator_passes,
        "FAIL: no rule": test_no_rule_fails,
        "FAIL: disabled, without target, dead topics, encrypted by AWS's key, of low severity": test_rules_that_tell_nobody_fail,
        "FAIL: one type only": test_rules_that_tell_of_a_part_fail_and_name_the_rest,
        "FAIL: publishing that does not work": test_publishing_that_does_not_work_fails,
        "FAIL: a poller without its role": test_a_declared_poller_that_does_not_exist_fails,
        "FAIL: Security Hub off, without GuardDuty, or not linked": (
            test_rules_on_security_hub_do_not_count_where_it_is_off,
            test_rules_on_security_hub_do_not_count_where_it_takes_nothing_from_guardduty,
            test_a_region_that_hands_nothing_on_fails,
        ),
        "FAIL high: a filter that archives all": test_filters_that_archive_everything_fail,
        "PASS: filters of a type, of low severity, or that archive nothing": test_filters_that_archive_a_part_are_not_spoken_of,
        "MANUAL: a bus, topic or function of another account, a log group": test_what_only_others_could_tell_is_asked,
        "MANUAL: two hops": test_a_bus_beyond_a_bus_is_asked_about,
        "MANUAL: a member": test_a_member_is_asked_whether_its_administrator_tells,
        "MANUAL: the newer Security Hub": test_a_rule_on_the_newer_security_hub_is_asked_about,
        "ERROR: an unknown operator": test_a_pattern_that_we_do_not_know_leaves_it_open,
        "ERROR: denied": (test_rules_that_cannot_be_read_are_an_error, test_filters_that_cannot_be_read_are_an_error_beside_what_rules_do),
        "NOT_APPLICABLE: off": (
            test_where_guardduty_is_off_there_is_nothing_to_answer,
            test_where_guardduty_is_suspended_there_is_nothing_to_answer,
        ),
    },
    "guardduty_findings_answered": {
        "PASS: none": test_no_open_findings_pass,
        "PASS: younger, counted": test_young_findings_pass_and_are_counted,
        "PASS: samples": test_samples_are_left_out,
        "PASS: how many were archived": test_findings_that_were_archived_of_late_are_counted,
        "FAIL: open for longer, as grave as the finding": test_findings_that_stay_open_fail_as_grave_as_they_are,
        "FAIL: more than twenty": test_twenty_are_shown_and_the_rest_is_counted,
        "FAIL: a member, and who can archive": test_in_a_member_only_the_administrator_archives,
        "NOT_APPLICABLE: off": (
            test_where_guardduty_is_off_there_is_nothing_to_answer,
            test_where_guardduty_is_suspended_there_is_nothing_to_answer,
        ),
        "ERROR: findings that are not told": test_findings_that_are_not_told_are_an_error,
    },
}
