"""ACCT.07's checks, each shown to pass, to fail, and at its edges."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from pytest_ssb.policies import Statement
from pytest_ssb.profiles import Declaration
from pytest_ssb.reads.cloudtrail import Trail
from pytest_ssb.reads.cloudtrail_events import KMS_READS, KMS_WRITES, READS, WRITES, Selectors
from pytest_ssb.reads.s3_trail_buckets import LogPolicy
from tests.checks.test_acct_08 import account_block, bucket, calls, denied, error, findings
from tests.support.worlds import Cloud, Expected, World, built, judge, world
from tests_account import test_acct_07_cloudtrail as suite
from tests_account import test_acct_08_s3_public_access as suite_08

BOTH = ("eu-west-1", "us-east-1")
MULTI, DELIVERING = suite.test_cloudtrail_multi_region_trail, suite.test_cloudtrail_delivering
EVENTS, KMS, NO_KMS = suite.test_cloudtrail_management_events, suite.test_cloudtrail_kms_write_events, suite.test_cloudtrail_kms_events_excluded
PUBLIC, ACCESS = suite.test_trail_bucket_not_public, suite.test_trail_bucket_policy_least_access
SOURCE, MFA, RETENTION = suite.test_trail_bucket_policy_source_arn, suite.test_trail_bucket_mfa_delete, suite.test_trail_bucket_retention
MANAGEMENT = "111122223333"
ALL_EVENTS = {"ReadWriteType": "All", "IncludeManagementEvents": True, "ExcludeManagementEventSources": []}
WRITE_EVENTS = ALL_EVENTS | {"ReadWriteType": "WriteOnly"}
READ_EVENTS = ALL_EVENTS | {"ReadWriteType": "ReadOnly"}
WITHOUT_KMS = ALL_EVENTS | {"ExcludeManagementEventSources": ["kms.amazonaws.com"]}


def trail(
    aws: Cloud, name: str, to: str = "acme-logs", *, region: str = "us-east-1", everywhere: bool = True, logging: bool = True, **selectors: Any
) -> str:
    """A trail, its ARN."""
    cloudtrail = aws.client("cloudtrail", region)
    if to not in {each["Name"] for each in aws.client("s3").list_buckets()["Buckets"]}:
        bucket(aws, to)
    arn: str = cloudtrail.create_trail(Name=name, S3BucketName=to, IsMultiRegionTrail=everywhere)["TrailARN"]
    if logging:
        cloudtrail.start_logging(Name=name)
    if selectors:
        cloudtrail.put_event_selectors(TrailName=name, **selectors)
        told(aws, arn, HasCustomEventSelectors=True)
    return arn


def told(aws: Cloud, arn: str, **fields: Any) -> None:
    """Let a trail's description say this."""

    def change(region: str, parsed: Any) -> None:
        for each in parsed["trailList"]:
            if each["TrailARN"] == arn:
                each.update(fields)

    aws.simulated.over("cloudtrail:DescribeTrails", change)


def status(aws: Cloud, **fields: Any) -> None:
    """Let the status of every trail say this; None leaves a field out."""

    def change(region: str, parsed: Any) -> None:
        for name, value in fields.items():
            parsed.pop(name, None)
            if value is not None:
                parsed[name] = value

    aws.simulated.over("cloudtrail:GetTrailStatus", change)


def organization_trail(aws: Cloud, to: str = "org-logs", *, shown: bool = False, name: str = "org") -> str:
    """The organization's trail, its ARN, as a member sees it; `shown`: as far as GetTrailStatus goes."""
    arn = f"arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/{name}"
    described = {
        "Name": name,
        "TrailARN": arn,
        "S3BucketName": to,
        "HomeRegion": "us-east-1",
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "IsOrganizationTrail": True,
        "HasCustomEventSelectors": True,
    }
    aws.simulated.over("cloudtrail:DescribeTrails", lambda region, parsed: parsed["trailList"].append(described))
    own: list[dict[str, Any]] = []

    def of(region: str, asked: Any) -> Any:
        if asked["Name"] != arn:
            return own[0]
        if not shown:
            return error("cloudtrail:GetTrailStatus", "TrailNotFoundException")
        return {"IsLogging": True, "LatestDeliveryTime": datetime.now(UTC)}

    if shown or not aws.client("cloudtrail", "us-east-1").list_trails()["Trails"]:
        aws.simulated.instead("cloudtrail:GetTrailStatus", of)
    aws.simulated.instead(
        "cloudtrail:GetEventSelectors", lambda region, asked: error("cloudtrail:GetEventSelectors", "CloudTrailARNInvalidException")
    )
    return arn


# --- cloudtrail_multi_region_trail ---------------------------------------------------------------------------------------------------------


@world(MULTI)
def test_trail_of_all_regions_passes(aws: Cloud) -> Expected:
    return {trail(aws, "management"): "PASS", trail(aws, "stopped", logging=False): ("NOT_APPLICABLE", "high", "another trail of all regions logs")}


@world(MULTI)
def test_no_trail_fails(aws: Cloud) -> Expected:
    return {aws.account_arn: ("FAIL", "high", "no trail")}


@world(MULTI, regions=BOTH)
def test_trails_of_one_region_each_fail(aws: Cloud) -> Expected:
    here = trail(aws, "here", everywhere=False)
    there = trail(aws, "there", region="eu-west-1", everywhere=False)
    listed = [{"TrailARN": here, "Name": "here", "HomeRegion": "us-east-1"}, {"TrailARN": there, "Name": "there", "HomeRegion": "eu-west-1"}]
    aws.simulated.instead("cloudtrail:ListTrails", lambda region, asked: {"Trails": listed})
    return {
        here: "NOT_APPLICABLE",
        there: "NOT_APPLICABLE",
        aws.account_arn: ("FAIL", "high", "only trails of one region (here, there)"),
    }


@world(MULTI)
def test_stopped_trail_fails(aws: Cloud) -> Expected:
    return {trail(aws, "stopped", logging=False): ("FAIL", "high", "stopped, and no other trail of all regions logs")}


@world(MULTI)
def test_trail_without_global_services_fails(aws: Cloud) -> Expected:
    arn = trail(aws, "partial")
    told(aws, arn, IncludeGlobalServiceEvents=False)
    return {arn: ("FAIL", "high", "leaves out the events of IAM")}


@world(MULTI)
def test_organizations_trail_counts(aws: Cloud) -> Expected:
    return {organization_trail(aws, shown=True): "PASS"}


@world(MULTI)
def test_organizations_trail_that_is_not_shown_is_a_question(aws: Cloud) -> Expected:
    return {organization_trail(aws): ("MANUAL", "high", "does this trail of the organization log?")}


@world(MULTI)
def test_denied_status_is_an_error(aws: Cloud) -> Expected:
    arn = trail(aws, "management")
    denied(aws, "cloudtrail:GetTrailStatus")
    return {arn: ("ERROR", "high", "cloudtrail:GetTrailStatus is denied")}


@world(MULTI)
def test_denied_trails_are_an_error(aws: Cloud) -> Expected:
    denied(aws, "cloudtrail:DescribeTrails")
    return {aws.account_arn: ("ERROR", "high", "cloudtrail:DescribeTrails is denied")}


@world(MULTI)
def test_unread_trail_is_not_passed_over(aws: Cloud) -> Expected:
    stopped, unread = trail(aws, "stopped", logging=False), trail(aws, "unread")

    def fail(region: str, parsed: Any) -> None:
        if not parsed["IsLogging"]:
            return
        raise error("cloudtrail:GetTrailStatus")

    aws.simulated.over("cloudtrail:GetTrailStatus", fail)
    return {stopped: ("ERROR", "high", "GetTrailStatus"), unread: "ERROR"}


# --- cloudtrail_delivering -----------------------------------------------------------------------------------------------------------------


@world(DELIVERING)
def test_trail_that_delivers_passes(aws: Cloud) -> Expected:
    stopped = trail(aws, "stopped", logging=False)
    return {trail(aws, "management"): "PASS", stopped: ("FAIL", "high", "stopped")}


@world(DELIVERING)
def test_trail_whose_delivery_fails(aws: Cloud) -> Expected:
    arn = trail(aws, "management")
    status(aws, LatestDeliveryError="AccessDenied")
    return {arn: ("FAIL", "high", "delivery fails: AccessDenied")}


@world(DELIVERING)
def test_trail_of_a_bucket_that_does_not_exist(aws: Cloud) -> Expected:
    arn = trail(aws, "management")
    status(aws, LatestDeliveryError="NoSuchBucket")
    return {arn: ("FAIL", "critical", "whoever makes one of that name gets the logs")}


@world(DELIVERING)
def test_trail_that_has_not_delivered_for_a_day(aws: Cloud) -> Expected:
    arn = trail(aws, "management")
    now = datetime.now(UTC)
    status(aws, LatestDeliveryTime=now - timedelta(hours=25, minutes=5), StartLoggingTime=now - timedelta(days=30))
    return {arn: ("FAIL", "high", "nothing was delivered for 25 hours")}


@world(DELIVERING)
def test_trail_that_never_delivered(aws: Cloud) -> Expected:
    arn = trail(aws, "management")
    status(aws, LatestDeliveryTime=None, StartLoggingTime=datetime.now(UTC) - timedelta(hours=2))
    return {arn: ("FAIL", "high", "nothing was ever delivered")}


@world(DELIVERING)
def test_trail_that_was_started_just_now(aws: Cloud) -> Expected:
    arn = trail(aws, "management")
    status(aws, LatestDeliveryTime=None, StartLoggingTime=datetime.now(UTC) - timedelta(minutes=5))
    return {arn: ("PASS", "high", "started within the last hour")}


@world(DELIVERING)
def test_no_trail_to_deliver(aws: Cloud) -> Expected:
    return {aws.account_arn: "NOT_APPLICABLE"}


@world(DELIVERING)
def test_deliveries_of_an_organizations_trail(aws: Cloud) -> Expected:
    return {organization_trail(aws, shown=True): "PASS"}


@world(DELIVERING)
def test_deliveries_of_an_organizations_trail_that_is_not_shown(aws: Cloud) -> Expected:
    return {organization_trail(aws): ("MANUAL", "high", "do the logs of this trail of the organization arrive?")}


@world(DELIVERING, selected=("cloudtrail_multi_region_trail",))
def test_one_stopped_trail_is_said_once(aws: Cloud) -> Expected:
    single = trail(aws, "single", everywhere=False, logging=False)
    return {trail(aws, "stopped", logging=False): ("NOT_APPLICABLE", "high", "judged by cloudtrail_multi_region_trail"), single: "FAIL"}


@world(DELIVERING, selected=("cloudtrail_multi_region_trail",))
def test_stopped_trail_beside_one_that_logs_is_said_here(aws: Cloud) -> Expected:
    return {trail(aws, "stopped", logging=False): "FAIL", trail(aws, "management"): "PASS"}


@world(EVENTS, KMS, selected=("cloudtrail_multi_region_trail",))
def test_no_trail_is_said_once(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "judged by cloudtrail_multi_region_trail")}


# --- the events ----------------------------------------------------------------------------------------------------------------------------


@world(EVENTS)
def test_default_selectors_log_everything(aws: Cloud) -> Expected:
    trail(aws, "management")
    return {aws.account_arn: "PASS"}


@world(EVENTS)
def test_trails_cover_the_events_between_them(aws: Cloud) -> Expected:
    trail(aws, "reads", EventSelectors=[READ_EVENTS])
    trail(aws, "writes", EventSelectors=[WRITE_EVENTS])
    return {aws.account_arn: "PASS"}


@world(EVENTS)
def test_events_that_no_trail_logs_fail(aws: Cloud) -> Expected:
    trail(aws, "writes", EventSelectors=[WRITE_EVENTS])
    trail(aws, "stopped", logging=False)
    trail(aws, "single", everywhere=False)
    return {aws.account_arn: ("FAIL", "high", "no trail of all regions logs read events of all services")}


@world(EVENTS)
def test_trail_of_writes_is_accepted_where_that_is_asked(aws: Cloud) -> Expected:
    aws.facts(trails={"require_read_events": False})
    trail(aws, "writes", EventSelectors=[WRITE_EVENTS])
    return {aws.account_arn: ("PASS", "high", "trails.require_read_events = false")}


@world(EVENTS)
def test_trail_of_data_events_alone_fails(aws: Cloud) -> Expected:
    data = [{"Name": "data", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "eventName", "Equals": ["GetObject"]}]}]
    trail(aws, "data", AdvancedEventSelectors=data)
    return {aws.account_arn: ("FAIL", "high", "read events of all services and write events of all services")}


@world(EVENTS)
def test_no_trail_logs_nothing(aws: Cloud) -> Expected:
    return {aws.account_arn: ("FAIL", "high", "no trail of all regions")}


@world(EVENTS)
def test_organizations_trail_may_log_the_events(aws: Cloud) -> Expected:
    arn = organization_trail(aws, shown=True)
    return {aws.account_arn: ("MANUAL", "high", arn, "log read events of all services and write events")}


@world(EVENTS)
def test_organizations_trail_that_is_not_shown_may_log_the_events(aws: Cloud) -> Expected:
    organization_trail(aws)
    return {aws.account_arn: ("MANUAL", "high", "the organization's trail")}


@world(EVENTS)
def test_denied_selectors_are_an_error(aws: Cloud) -> Expected:
    trail(aws, "management")
    denied(aws, "cloudtrail:GetEventSelectors")
    return {aws.account_arn: ("ERROR", "high", "cloudtrail:GetEventSelectors is denied")}


@world(EVENTS)
def test_own_selectors_that_are_not_told_are_an_error(aws: Cloud) -> Expected:
    told(aws, trail(aws, "management"), HasCustomEventSelectors=True)
    return {aws.account_arn: ("ERROR", "high", "no selectors of a trail that has its own")}


@world(KMS)
def test_kms_events_that_are_excluded_fail(aws: Cloud) -> Expected:
    trail(aws, "management", EventSelectors=[WITHOUT_KMS])
    return {aws.account_arn: ("FAIL", "high", "write events of KMS")}


def advanced(**fields: dict[str, list[str]]) -> dict[str, Any]:
    """An advanced selector of management events."""
    chosen = {"eventCategory": {"Equals": ["Management"]}, **fields}
    return {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": field, **how} for field, how in chosen.items()]}]}


@world(EVENTS, KMS)
def test_advanced_selectors_log_all_management_events(aws: Cloud) -> Expected:
    trail(aws, "management", **advanced())
    return {aws.account_arn: "PASS"}


@world(EVENTS)
def test_advanced_selectors_cover_the_events_between_them(aws: Cloud) -> Expected:
    trail(aws, "reads", **advanced(readOnly={"Equals": ["true"]}))
    trail(aws, "writes", EventSelectors=[WRITE_EVENTS | {"ExcludeManagementEventSources": ["kms.amazonaws.com", "rdsdata.amazonaws.com"]}])
    return {aws.account_arn: "PASS"}


@world(KMS)
def test_advanced_selectors_that_leave_out_kms_fail(aws: Cloud) -> Expected:
    trail(aws, "management", **advanced(eventSource={"NotEquals": ["kms.amazonaws.com"]}))
    return {aws.account_arn: ("FAIL", "high", "write events of KMS")}


@world(KMS)
def test_advanced_selectors_that_leave_out_something_else_log_kms(aws: Cloud) -> Expected:
    trail(aws, "management", **advanced(eventSource={"NotStartsWith": ["iam"], "NotEndsWith": [".cn"]}))
    return {aws.account_arn: "PASS"}


@world(KMS)
def test_writes_of_kms_are_enough(aws: Cloud) -> Expected:
    trail(aws, "management", EventSelectors=[WITHOUT_KMS])
    trail(aws, "writes", EventSelectors=[WRITE_EVENTS])
    return {aws.account_arn: "PASS"}


@world(KMS)
def test_organizations_trail_may_log_kms(aws: Cloud) -> Expected:
    organization_trail(aws, shown=True)
    return {aws.account_arn: ("MANUAL", "high", "write events of KMS")}


@world(NO_KMS)
def test_kms_events_cost_more_than_they_tell(aws: Cloud) -> Expected:
    return {
        trail(aws, "all"): ("PASS", "low", "costs more"),
        trail(aws, "few", EventSelectors=[WITHOUT_KMS]): ("PASS", "low", "leaves out"),
    }


@world(NO_KMS)
def test_kms_events_fail_where_that_is_asked(aws: Cloud) -> Expected:
    aws.facts(trails={"exclude_kms_in_preproduction": True})
    return {
        trail(aws, "all"): ("FAIL", "low", "logs the read events of KMS"),
        trail(aws, "few", EventSelectors=[WITHOUT_KMS]): "PASS",
        trail(aws, "writes", EventSelectors=[WRITE_EVENTS]): "PASS",
    }


@world(NO_KMS)
def test_kms_events_of_an_organizations_trail(aws: Cloud) -> Expected:
    return {organization_trail(aws): ("NOT_APPLICABLE", "low", "for all its accounts")}


@world(NO_KMS)
def test_no_trail_of_kms_events(aws: Cloud) -> Expected:
    return {aws.account_arn: "NOT_APPLICABLE"}


def basic(**fields: Any) -> dict[str, Any]:
    return {"EventSelectors": [ALL_EVENTS | fields]}


ALL = {READS, WRITES, KMS_READS, KMS_WRITES}
KMS_SOURCE, RDS_SOURCE, IAM_SOURCE = "kms.amazonaws.com", "rdsdata.amazonaws.com", "iam.amazonaws.com"


@pytest.mark.parametrize(
    ("selectors", "logged"),
    [
        ({"EventSelectors": [], "AdvancedEventSelectors": []}, ALL),
        (basic(), ALL),
        (basic(ReadWriteType="ReadOnly"), {READS, KMS_READS}),
        (basic(ReadWriteType="WriteOnly"), {WRITES, KMS_WRITES}),
        (basic(IncludeManagementEvents=False), set()),
        (basic(ExcludeManagementEventSources=[KMS_SOURCE]), {READS, WRITES}),
        (basic(ExcludeManagementEventSources=[RDS_SOURCE]), ALL),
        (basic(ExcludeManagementEventSources=[IAM_SOURCE]), {KMS_READS, KMS_WRITES}),
        (advanced(), ALL),
        (advanced(readOnly={"Equals": ["true"]}), {READS, KMS_READS}),
        (advanced(readOnly={"Equals": ["false"]}), {WRITES, KMS_WRITES}),
        (advanced(eventSource={"NotEquals": [KMS_SOURCE]}), {READS, WRITES}),
        (advanced(eventSource={"NotEquals": [KMS_SOURCE, RDS_SOURCE]}), {READS, WRITES}),
        (advanced(eventSource={"NotEquals": [IAM_SOURCE]}), {KMS_READS, KMS_WRITES}),
        (advanced(eventSource={"Equals": [KMS_SOURCE]}), {KMS_READS, KMS_WRITES}),
        (advanced(eventSource={"StartsWith": ["kms."]}), {KMS_READS, KMS_WRITES}),
        (advanced(eventSource={"NotStartsWith": ["kms."]}), set()),
        (advanced(eventSource={"EndsWith": [".com"]}), {KMS_READS, KMS_WRITES}),
        (advanced(eventSource={"NotEndsWith": [".com"]}), set()),
        (advanced(eventCategory={"Equals": ["Data"]}, eventName={"Equals": ["GetObject"]}), set()),
        (advanced(eventCategory={"Equals": ["NetworkActivity"]}), set()),
    ],
)
def test_what_selectors_log(selectors: dict[str, Any], logged: set[Any]) -> None:
    found = msgspec.convert(selectors, Selectors)
    assert {events for events in ALL if found.logs(events)} == logged


@pytest.mark.parametrize(
    "selectors",
    [
        advanced(eventName={"Equals": ["GetUser"]}),
        advanced(readOnly={}),
        {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "readOnly", "Equals": ["true"]}]}]},
        advanced(readOnly={"Resembles": ["true"]}),
    ],
)
def test_selectors_that_we_do_not_know_are_refused(selectors: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(selectors, Selectors)


# --- the buckets ---------------------------------------------------------------------------------------------------------------------------

ACL_CHECK = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudtrail.amazonaws.com"},
    "Action": "s3:GetBucketAcl",
    "Resource": "arn:aws:s3:::acme-logs",
}
DELIVERY = ACL_CHECK | {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::acme-logs/AWSLogs/123456789012/*"}
READER = "arn:aws:iam::123456789012:role/security"
READING = {"Effect": "Allow", "Principal": {"AWS": READER}, "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "arn:aws:s3:::acme-logs/*"}
EVERYONE = READING | {"Principal": "*"}
TRAIL = "arn:aws:cloudtrail:us-east-1:123456789012:trail/management"


def held(statement: dict[str, Any], value: str = TRAIL, operator: str = "StringEquals", key: str = "aws:SourceArn") -> dict[str, Any]:
    """The statement with a condition."""
    return statement | {"Condition": {operator: {key: value}}}


def logs(aws: Cloud, *statements: dict[str, Any], name: str = "acme-logs", **more: Any) -> str:
    """A trail's bucket with that policy."""
    arn = bucket(aws, name, policy=list(statements), **more)
    trail(aws, f"management{name.removeprefix('acme-logs')}", name)
    return arn


@world(PUBLIC)
def test_log_bucket_that_is_public_fails(aws: Cloud) -> Expected:
    return {
        logs(aws, ACL_CHECK, DELIVERY): "PASS",
        logs(aws, EVERYONE, name="acme-logs-2", block=False): ("FAIL", "critical", "by the policy everyone may read"),
    }


@world(PUBLIC)
def test_log_bucket_that_its_acl_opens_fails(aws: Cloud) -> Expected:
    arn = logs(aws, ACL_CHECK, DELIVERY, block=False)
    aws.client("s3").delete_bucket_ownership_controls(Bucket="acme-logs")
    aws.client("s3").put_bucket_acl(Bucket="acme-logs", ACL="public-read")
    return {arn: ("FAIL", "critical", "by the ACL everyone may read")}


@world(PUBLIC)
def test_log_bucket_of_another_account_is_a_question(aws: Cloud) -> Expected:
    arn = organization_trail(aws)
    return {("arn:aws:s3:::org-logs", arn): ("MANUAL", "critical", "is this bucket, which is not of this account, protected?")}


@world(PUBLIC)
def test_own_trail_may_deliver_to_another_account(aws: Cloud) -> Expected:
    trail(aws, "management")
    aws.simulated.over("s3:ListBuckets", lambda region, parsed: parsed["Buckets"].clear())
    return {"arn:aws:s3:::acme-logs": ("MANUAL", "critical", "trail/management delivers to it")}


@world(PUBLIC)
def test_log_bucket_of_the_organizations_trail_may_be_ours(aws: Cloud) -> Expected:
    bucket(aws, "org-logs")
    arn = organization_trail(aws)
    return {("arn:aws:s3:::org-logs", arn): "PASS"}


@world(PUBLIC)
def test_buckets_of_stopped_trails_and_of_those_of_one_region_are_judged(aws: Cloud) -> Expected:
    trail(aws, "stopped", "acme-logs-1", logging=False)
    trail(aws, "single", "acme-logs-2", everywhere=False)
    return {"arn:aws:s3:::acme-logs-1": "PASS", "arn:aws:s3:::acme-logs-2": "PASS"}


@world(PUBLIC)
def test_no_log_bucket(aws: Cloud) -> Expected:
    denied(aws, "s3:ListBuckets")
    return {aws.account_arn: "NOT_APPLICABLE"}


@world(PUBLIC)
def test_denied_list_of_log_buckets_is_an_error(aws: Cloud) -> Expected:
    trail(aws, "management")
    denied(aws, "s3:ListBuckets")
    return {aws.account_arn: ("ERROR", "critical", "s3:ListBuckets is denied")}


def test_a_public_log_bucket_is_said_once() -> None:
    def build(aws: Cloud) -> Expected:
        logs(aws, EVERYONE, block=False)
        return {}

    with built(World(suite_08.test_bucket_not_public, build)) as (cloud, _):
        (found,) = judge(suite_08.test_bucket_not_public, cloud, selected=("trail_bucket_not_public",))
    assert (found.status, found.reason) == ("NOT_APPLICABLE", "judged by trail_bucket_not_public")


@pytest.mark.parametrize("check", [ACCESS, SOURCE, MFA, RETENTION])
def test_anothers_bucket_is_asked_about_once(check: Callable[..., None]) -> None:
    with built(World(check, lambda aws: {organization_trail(aws): ""})) as (cloud, _):
        (alone,) = judge(check, cloud)
        (beside,) = judge(check, cloud, selected=("trail_bucket_not_public",))
    assert (alone.status, beside.status, beside.reason) == ("MANUAL", "NOT_APPLICABLE", "judged by trail_bucket_not_public")


@pytest.mark.parametrize("check", [MULTI, DELIVERING, EVENTS, KMS, PUBLIC, ACCESS, SOURCE, MFA, RETENTION])
def test_one_declaration_answers_for_the_organizations_trail(check: Callable[..., None]) -> None:

    answer = Declaration(check="cloudtrail_management_events", statement="complete", by="ana", on=date(2026, 1, 1), review_by=date(2999, 1, 1))

    def build(aws: Cloud) -> Expected:
        aws.profile = msgspec.structs.replace(aws.profile, declarations=(answer,))
        organization_trail(aws)
        return {}

    with built(World(check, build)) as (cloud, _):
        (found,) = judge(check, cloud)
    assert (found.status, found.basis) == ("PASS", "declared")


@pytest.mark.parametrize("check", [PUBLIC, ACCESS, SOURCE, MFA, RETENTION])
def test_that_declaration_answers_for_no_trail_of_the_account(check: Callable[..., None]) -> None:
    answer = Declaration(check="cloudtrail_management_events", statement="complete", by="ana", on=date(2026, 1, 1), review_by=date(2999, 1, 1))

    def build(aws: Cloud) -> Expected:
        aws.profile = msgspec.structs.replace(aws.profile, declarations=(answer,))
        trail(aws, "management")
        aws.simulated.over("s3:ListBuckets", lambda region, parsed: parsed["Buckets"].clear())
        return {}

    with built(World(check, build)) as (cloud, _):
        (found,) = judge(check, cloud)
    assert found.status == "MANUAL"


@world(ACCESS)
def test_policy_for_cloudtrail_alone_passes(aws: Cloud) -> Expected:
    delivery = DELIVERY | {"Principal": {"Service": ["cloudtrail.amazonaws.com", "config.amazonaws.com"]}}
    return {logs(aws, ACL_CHECK, delivery, READING | {"Effect": "Deny", "Principal": "*"}): "PASS"}


@world(ACCESS)
def test_policy_that_lets_others_write_fails(aws: Cloud) -> Expected:
    return {
        logs(aws, DELIVERY, READING | {"Action": "s3:*"}): ("FAIL", "high", f"{READER} may s3:*"),
        logs(aws, DELIVERY | {"Action": "s3:*"}, name="acme-logs-2"): ("FAIL", "high", "cloudtrail.amazonaws.com may s3:*"),
        logs(aws, EVERYONE, name="acme-logs-3", block=False): ("FAIL", "high", "everyone may s3:GetObject, s3:ListBucket"),
    }


@world(ACCESS, selected=("trail_bucket_not_public",))
def test_everyone_who_reads_is_said_once(aws: Cloud) -> Expected:
    return {
        logs(aws, DELIVERY, EVERYONE, block=False): ("NOT_APPLICABLE", "high", "judged by trail_bucket_not_public"),
        logs(aws, DELIVERY, EVERYONE, name="acme-logs-blocked"): ("FAIL", "high", "everyone may"),
        logs(aws, DELIVERY | {"Action": "s3:*"}, EVERYONE, name="acme-logs-more", block=False): ("FAIL", "high", "may s3:*; everyone may"),
    }


@world(ACCESS)
def test_log_bucket_without_policy_fails(aws: Cloud) -> Expected:
    trail(aws, "management")
    return {"arn:aws:s3:::acme-logs": ("FAIL", "high", "no policy: CloudTrail cannot deliver")}


@world(ACCESS)
def test_readers_that_nobody_declared(aws: Cloud) -> Expected:
    foreign = READING | {"Principal": {"AWS": "arn:aws:iam::999988887777:root"}}
    return {
        logs(aws, DELIVERY, READING): ("MANUAL", "high", f"do {READER} need to read the logs?"),
        logs(aws, DELIVERY, foreign, name="acme-logs-2"): ("FAIL", "high", "external: lets arn:aws:iam::999988887777:root read"),
    }


@world(ACCESS)
def test_declared_readers_pass(aws: Cloud) -> Expected:
    aws.facts(trails={"log_readers": ["999988887777", "arn:aws:iam::123456789012:role/sec*"]})
    foreign = READING | {"Principal": {"AWS": "arn:aws:iam::999988887777:root"}}
    other = READING | {"Principal": {"AWS": "arn:aws:iam::123456789012:role/other"}}
    return {
        logs(aws, DELIVERY, READING, foreign): ("PASS", "high", "trails.log_readers = arn:aws:iam::123456789012:role/sec*, 999988887777"),
        logs(aws, DELIVERY, other, name="acme-logs-2"): ("FAIL", "high", "role/other read, not in trails.log_readers"),
    }


OF_ORGANIZATION = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-0123456789", "aws:RequestedRegion": "eu-west-1"}}}


@world(ACCESS)
def test_everyone_of_an_organization_or_endpoint_is_a_question(aws: Cloud) -> Expected:
    return {
        logs(aws, EVERYONE | OF_ORGANIZATION): (
            "MANUAL",
            "high",
            "o-0123456789",
        ),
        logs(aws, held(EVERYONE, "vpce-1a2b3c4d", key="aws:SourceVpce"), name="acme-logs-2"): ("MANUAL", "high", "vpce-1a2b3c4d"),
        logs(aws, held(EVERYONE, "x", key="aws:RequestedRegion"), name="acme-logs-3", block=False): ("FAIL", "high", "everyone may"),
    }


@world(ACCESS)
def test_what_services_need_differs(aws: Cloud) -> Expected:
    listing = DELIVERY | {"Action": "s3:ListBucket"}
    config = listing | {"Principal": {"Service": "config.amazonaws.com"}}
    return {
        logs(aws, DELIVERY, config): "PASS",
        logs(aws, DELIVERY, config | {"Action": "s3:*"}, name="acme-logs-2"): ("FAIL", "high", "config.amazonaws.com may s3:*"),
        logs(aws, listing, name="acme-logs-3"): ("FAIL", "high", "cloudtrail.amazonaws.com may s3:ListBucket"),
    }


@world(ACCESS)
def test_canonical_user_is_a_question(aws: Cloud) -> Expected:
    user = READING | {"Principal": {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}}
    return {logs(aws, DELIVERY, user): ("MANUAL", "high", "do 79a59df9")}


@world(ACCESS)
def test_services_that_are_not_known_to_deliver_are_a_question(aws: Cloud) -> Expected:
    service = DELIVERY | {"Principal": {"Service": "athena.amazonaws.com"}}
    return {logs(aws, DELIVERY, service): ("MANUAL", "high", "does athena.amazonaws.com deliver logs")}


@world(ACCESS)
def test_no_trail_with_a_policy(aws: Cloud) -> Expected:
    return {aws.account_arn: "NOT_APPLICABLE"}


@world(SOURCE)
def test_policy_that_names_the_trail_passes(aws: Cloud) -> Expected:
    arn = logs(aws, held(ACL_CHECK), held(DELIVERY))
    return {(arn, TRAIL): "PASS"}


@world(SOURCE)
def test_policy_without_the_trail_fails(aws: Cloud) -> Expected:
    two = "arn:aws:cloudtrail:us-east-1:123456789012:trail/management-2"
    return {
        (logs(aws, held(ACL_CHECK), DELIVERY), TRAIL): ("FAIL", "medium", "without a condition on aws:SourceArn"),
        (logs(aws, held(ACL_CHECK), held(DELIVERY), name="acme-logs-2"), two): ("FAIL", "low", "names other trails than", two),
    }


@world(SOURCE)
def test_conditions_that_hold_cloudtrail_to_nothing_fail(aws: Cloud) -> Expected:
    other = "arn:aws:cloudtrail:us-east-1:123456789012:trail/other"
    two, three = (f"arn:aws:cloudtrail:us-east-1:123456789012:trail/management-{n}" for n in (2, 3))
    anybody = held(DELIVERY, "arn:aws:cloudtrail:*:*:trail/*", "ArnLike")
    return {
        (logs(aws, held(DELIVERY, operator="StringEqualsIfExists")), TRAIL): ("FAIL", "medium", "without a condition"),
        (logs(aws, anybody, name="acme-logs-2"), two): ("FAIL", "low", "without a condition"),
        (logs(aws, held(ACL_CHECK, three), held(DELIVERY, other), name="acme-logs-3"), three): ("FAIL", "low", "names other trails"),
    }


@world(SOURCE, selected=("trail_bucket_policy_least_access",))
def test_missing_policy_is_said_once(aws: Cloud) -> Expected:
    trail(aws, "management")
    two = "arn:aws:cloudtrail:us-east-1:123456789012:trail/management-2"
    return {
        ("arn:aws:s3:::acme-logs", TRAIL): ("NOT_APPLICABLE", "medium", "judged by trail_bucket_policy_least_access"),
        (logs(aws, DELIVERY, name="acme-logs-2"), two): "FAIL",
    }


@world(SOURCE)
def test_policy_with_another_guard_fails_less(aws: Cloud) -> Expected:
    arn = logs(aws, held(DELIVERY, "123456789012", key="aws:SourceAccount"))
    return {(arn, TRAIL): ("FAIL", "low", "without a condition on aws:SourceArn")}


@world(SOURCE)
def test_policy_of_control_tower_is_not_ours_to_change(aws: Cloud) -> Expected:
    arn = bucket(aws, "org-logs", policy=[DELIVERY])
    named = organization_trail(aws, name="aws-controltower-BaselineCloudTrail")
    return {(arn, named): ("NOT_APPLICABLE", "medium", "AWS Control Tower")}


@world(SOURCE)
def test_log_bucket_without_policy_names_no_trail(aws: Cloud) -> Expected:
    trail(aws, "management")
    return {("arn:aws:s3:::acme-logs", TRAIL): ("FAIL", "medium", "no statement lets CloudTrail in by its name")}


@world(SOURCE)
def test_no_trail_to_name(aws: Cloud) -> Expected:
    return {aws.account_arn: "NOT_APPLICABLE"}


def a_trail() -> Trail:
    return Trail(
        arn=TRAIL,
        name="management",
        home_region="us-east-1",
        bucket="acme-logs",
        is_multi_region_trail=True,
        include_global_service_events=True,
        has_custom_event_selectors=False,
    )


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        ([held(DELIVERY)], True),
        ([held(DELIVERY, key="AWS:sourcearn")], True),
        ([held(DELIVERY, operator="ArnLike", value="arn:aws:cloudtrail:*:123456789012:trail/*")], True),
        ([held(DELIVERY, operator="ArnEquals")], True),
        ([held(DELIVERY, operator="StringLike", value="arn:aws:cloudtrail:us-east-1:123456789012:trail/man*")], True),
        ([held(DELIVERY, operator="StringEqualsIfExists")], False),
        ([held(DELIVERY, operator="StringNotEquals")], False),
        ([held(DELIVERY, operator="StringLike", value="*")], False),
        ([held(DELIVERY, operator="ArnLike", value="arn:aws:cloudtrail:*:*:trail/*")], False),
        ([held(DELIVERY, operator="ArnLike", value="arn:aws:s3:*:123456789012:*")], False),
        ([held(DELIVERY, value="arn:aws:cloudtrail:us-east-1:123456789012:trail/other")], False),
        ([held(ACL_CHECK)], False),
        ([held(DELIVERY) | {"Effect": "Deny"}], False),
        ([EVERYONE], False),
        ([DELIVERY | {"Condition": {"StringEquals": {"aws:SourceArn": ["arn:aws:cloudtrail:us-east-1:123456789012:trail/x", TRAIL]}}}], True),
    ],
)
def test_how_a_policy_names_the_trail(statements: list[Any], named: bool) -> None:
    policy = LogPolicy(tuple(msgspec.convert(each, Statement) for each in statements), "123456789012")
    assert (policy.source_of(a_trail()) is None) is named


def root(aws: Cloud, password: int = 1, mfa: int = 1) -> None:
    """Say whether root has a password."""
    summary = {
        "AccountMFAEnabled": mfa and password,
        "AccountAccessKeysPresent": 0,
        "AccountPasswordPresent": password,
        "AccountSigningCertificatesPresent": 0,
    }
    aws.simulated.over("iam:GetAccountSummary", lambda region, parsed: parsed["SummaryMap"].update(summary))


def versioned(aws: Cloud, **answer: str) -> None:
    aws.simulated.instead("s3:GetBucketVersioning", lambda region, asked: dict(answer))


@world(MFA)
def test_mfa_delete_passes(aws: Cloud) -> Expected:
    root(aws)
    versioned(aws, Status="Enabled", MFADelete="Enabled")
    return {logs(aws): "PASS"}


@world(MFA)
def test_versions_without_mfa_delete_fail(aws: Cloud) -> Expected:
    root(aws)
    versioned(aws, Status="Enabled", MFADelete="Disabled")
    return {logs(aws): ("FAIL", "low", "neither MFA Delete nor Object Lock by default")}


@world(MFA)
def test_bucket_that_never_had_versions_fails(aws: Cloud) -> Expected:
    root(aws)
    arn = logs(aws)
    rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 400}}
    aws.client("s3").put_bucket_lifecycle_configuration(Bucket="acme-logs", LifecycleConfiguration={"Rules": [rule]})
    return {arn: ("FAIL", "low", "with lifecycle rules MFA Delete cannot be set")}


@world(MFA)
def test_root_with_a_password_and_no_mfa_could_set_it(aws: Cloud) -> Expected:
    root(aws, mfa=0)
    return {logs(aws): "FAIL"}


def reported(aws: Cloud) -> None:
    """Let the credential report tell that root has a password."""

    def with_root(region: str, parsed: Any) -> None:
        names = parsed["Content"].decode().splitlines()[0].split(",")
        known = {"user": "<root_account>", "arn": aws.root_arn, "password_enabled": "true"}
        parsed["Content"] += f"\n{','.join(known.get(name, 'false') for name in names)}\n".encode()

    aws.simulated.over("iam:GetCredentialReport", with_root)


@world(MFA)
def test_report_tells_of_roots_password_where_the_summary_does_not(aws: Cloud) -> Expected:
    reported(aws)
    return {logs(aws): "FAIL"}


@world(MFA)
def test_suspended_versions_fail(aws: Cloud) -> Expected:
    root(aws)
    versioned(aws, Status="Suspended", MFADelete="Enabled")
    return {logs(aws): "FAIL"}


LOCKED = {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 91}}}}


@world(MFA)
def test_object_lock_keeps_the_logs(aws: Cloud) -> Expected:
    root(aws)
    aws.simulated.instead("s3:GetObjectLockConfiguration", lambda region, asked: LOCKED)
    return {logs(aws): ("PASS", "low", "Object Lock keeps the logs")}


@world(MFA)
def test_object_lock_without_default_keeps_nothing(aws: Cloud) -> Expected:
    root(aws)
    aws.simulated.instead("s3:GetObjectLockConfiguration", lambda region, asked: {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}})
    return {logs(aws): "FAIL"}


@world(MFA)
def test_object_lock_is_not_accepted_where_that_is_said(aws: Cloud) -> Expected:
    root(aws)
    aws.facts(trails={"accept_object_lock": False})
    aws.simulated.instead("s3:GetObjectLockConfiguration", lambda region, asked: LOCKED)
    return {logs(aws): ("FAIL", "low", "no MFA Delete")}


DENY = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject*", "Resource": "arn:aws:s3:::acme-logs/*"}


@world(MFA)
def test_policy_that_denies_deletion_keeps_the_logs(aws: Cloud) -> Expected:
    root(aws)
    once = DENY | {"Action": "s3:DeleteObject"}
    return {
        logs(aws, DENY): ("PASS", "low", "the policy keeps the logs"),
        logs(aws, once, name="acme-logs-2"): "FAIL",
        logs(aws, held(DENY, "o-1", key="aws:PrincipalOrgID"), name="acme-logs-3"): "FAIL",
        logs(aws, DENY | {"Principal": {"AWS": READER}}, name="acme-logs-4"): "FAIL",
        logs(aws, DENY | {"Effect": "Allow"}, name="acme-logs-5"): "FAIL",
        logs(aws, DENY | {"Resource": "arn:aws:s3:::acme-logs"}, name="acme-logs-6"): "FAIL",
    }


@world(MFA)
def test_root_without_credentials_cannot_set_mfa_delete(aws: Cloud) -> Expected:
    root(aws, password=0)
    return {logs(aws): ("NOT_APPLICABLE", "low", "root alone can set MFA Delete")}


@world(MFA)
def test_no_trail_to_keep(aws: Cloud) -> Expected:
    root(aws)
    return {aws.account_arn: "NOT_APPLICABLE"}


def lives(aws: Cloud, days: int = 30, *, name: str = "acme-logs", status: str = "Enabled", **rule: Any) -> str:
    """A log bucket whose objects end by a lifecycle rule."""
    arn = logs(aws, name=name)
    whole = {"ID": "end", "Status": status, "Expiration": {"Days": days}, **({} if "Prefix" in rule else {"Filter": {"Prefix": ""}}), **rule}
    aws.client("s3").put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [whole]})
    return arn


@world(RETENTION)
def test_logs_that_end_early_fail(aws: Cloud) -> Expected:
    return {
        lives(aws, 90): ("FAIL", "medium", "deletes logs after 90 days, not after 91 days"),
        lives(aws, 91, name="acme-logs-91"): "PASS",
        lives(aws, name="acme-logs-off", status="Disabled"): "PASS",
        lives(aws, name="acme-logs-below", Filter={"Prefix": "AWSLogs/123456789012/"}): "FAIL",
        lives(aws, name="acme-logs-beside", Filter={"Prefix": "exports/"}): "PASS",
        lives(aws, name="acme-logs-old", Prefix="AWS"): "FAIL",
        lives(aws, name="acme-logs-old-beside", Prefix="exports/"): "PASS",
        lives(aws, name="acme-logs-tags", Filter={"And": {"Prefix": "AWSLogs/", "Tags": [{"Key": "a", "Value": "b"}]}}): "PASS",
        lives(aws, name="acme-logs-tag", Filter={"Tag": {"Key": "a", "Value": "b"}}): "PASS",
        lives(aws, name="acme-logs-date", Expiration={"Date": datetime(2030, 1, 1, tzinfo=UTC)}): ("FAIL", "medium", "on 2030-01-01"),
        lives(aws, name="acme-logs-marker", Expiration={"ExpiredObjectDeleteMarker": True}): "PASS",
    }


@world(RETENTION)
def test_logs_without_rules_live_for_ever(aws: Cloud) -> Expected:
    return {logs(aws): "PASS"}


@world(RETENTION)
def test_rule_that_moves_logs_ends_none(aws: Cloud) -> Expected:
    arn = logs(aws)
    rule = {"ID": "move", "Status": "Enabled", "Filter": {"Prefix": ""}, "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]}
    aws.client("s3").put_bucket_lifecycle_configuration(Bucket="acme-logs", LifecycleConfiguration={"Rules": [rule]})
    return {arn: "PASS"}


@world(RETENTION)
def test_how_long_logs_must_live(aws: Cloud) -> Expected:
    aws.facts(trails={"log_retention_days": 365})
    return {lives(aws, 364): ("FAIL", "medium", "not after 365 days")}


@world(RETENTION)
def test_logs_below_a_prefix(aws: Cloud) -> Expected:
    arn = lives(aws, Filter={"Prefix": "AWSLogs/"})
    told(aws, TRAIL, S3KeyPrefix="audit")
    return {arn: "PASS"}


@world(RETENTION)
def test_no_trail_whose_logs_live(aws: Cloud) -> Expected:
    return {aws.account_arn: "NOT_APPLICABLE"}


# --- in other accounts ---------------------------------------------------------------------------------------------------------------------


def management(aws: Cloud, *, key: str | None = "organization_profile", **more: Any) -> str:
    """The organization's trail, its ARN: not shown to the account, but to the management account, to which the profile, or the run, leads."""
    trail(aws.beside(key, MANAGEMENT, judged=key is None), "org", "org-logs", **more)
    return organization_trail(aws)


@world(MULTI, DELIVERING)
def test_organizations_profile_tells_that_the_trail_logs(aws: Cloud) -> Expected:
    return {management(aws): "PASS"}


@world(EVENTS, KMS)
def test_organizations_profile_tells_what_the_trail_logs(aws: Cloud) -> Expected:
    management(aws, EventSelectors=[ALL_EVENTS])
    return {aws.account_arn: "PASS"}


@world(EVENTS)
def test_trail_that_is_shown_to_log_may_tell_only_there_what(aws: Cloud) -> Expected:
    trail(aws.beside("organization_profile", MANAGEMENT), "org", "org-logs", EventSelectors=[ALL_EVENTS])
    organization_trail(aws, shown=True)
    return {aws.account_arn: "PASS"}


@world(MULTI, DELIVERING)
def test_organizations_profile_tells_that_the_trail_is_stopped(aws: Cloud) -> Expected:
    return {management(aws, logging=False): ("FAIL", "high", "stopped")}


@world(EVENTS, KMS)
def test_organizations_profile_tells_what_the_trail_leaves_out(aws: Cloud) -> Expected:
    management(aws, EventSelectors=[ALL_EVENTS | {"ReadWriteType": "ReadOnly"}])
    return {aws.account_arn: ("FAIL", "high", "no trail of all regions logs write events")}


@world(MULTI, DELIVERING)
def test_denied_status_of_the_organizations_trail_is_an_error(aws: Cloud) -> Expected:
    arn = management(aws)
    denied(aws.beside_it[0].cloud, "cloudtrail:GetTrailStatus")
    said = f"organization_profile = management (account {MANAGEMENT}): cloudtrail:GetTrailStatus is denied"
    return {arn: ("ERROR", "high", said, "allow cloudtrail:GetTrailStatus")}


@world(MULTI, DELIVERING)
def test_organizations_profile_that_knows_of_no_such_trail_is_an_error(aws: Cloud) -> Expected:
    aws.beside("organization_profile", MANAGEMENT)
    return {organization_trail(aws): ("ERROR", "high", "cloudtrail:GetTrailStatus failed with TrailNotFoundException")}


@world(EVENTS, KMS)
def test_selectors_of_the_organizations_trail_that_cannot_be_read_are_an_error(aws: Cloud) -> Expected:
    management(aws)
    aws.beside_it[0].cloud.simulated.instead("cloudtrail:GetEventSelectors", lambda region, asked: {})
    return {aws.account_arn: ("ERROR", "high", f"organization_profile = management (account {MANAGEMENT}): cloudtrail:GetEventSelectors answered no")}


@world(DELIVERING)
def test_deliveries_of_a_trail_are_judged_in_its_own_account_if_that_is_of_the_run(aws: Cloud) -> Expected:
    return {management(aws, key=None, logging=False): ("NOT_APPLICABLE", "high", f"judged in account {MANAGEMENT}")}


@world(MULTI)
def test_trail_of_another_account_of_the_run_counts(aws: Cloud) -> Expected:
    return {management(aws, key=None): "PASS"}


ORG_TRAIL, ORG_LOGS = f"arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/org", "arn:aws:s3:::org-logs"
BUCKETS = (PUBLIC, ACCESS, SOURCE, MFA, RETENTION)


def archive(aws: Cloud, *, good: bool, key: str | None = "log_archive_profile", judged: bool = False) -> Cloud:
    """The organization's trail delivers to a bucket of the log archive account, to which the profile leads: one as it should be, or not at all."""
    organization_trail(aws)
    there = aws.beside(key, judged=judged)
    root(there)
    deliveries = [ACL_CHECK | {"Resource": ORG_LOGS}, DELIVERY | {"Resource": f"{ORG_LOGS}/AWSLogs/*"}]
    if good:
        bucket(there, "org-logs", policy=[held(one, ORG_TRAIL) for one in deliveries])
        there.client("s3").put_bucket_versioning(Bucket="org-logs", VersioningConfiguration={"Status": "Enabled"})
        there.simulated.instead("s3:GetObjectLockConfiguration", lambda region, asked: LOCKED)
    else:
        everyone = EVERYONE | {"Resource": f"{ORG_LOGS}/*"}
        bucket(there, "org-logs", policy=[*deliveries, everyone], block=False, ownership="ObjectWriter")
        rule = {"ID": "early", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}
        there.client("s3").put_bucket_lifecycle_configuration(Bucket="org-logs", LifecycleConfiguration={"Rules": [rule]})
    return there


@world(*BUCKETS)
def test_log_bucket_of_the_archive_passes(aws: Cloud) -> Expected:
    archive(aws, good=True)
    return {(ORG_LOGS, ORG_TRAIL): "PASS"}


@world(*BUCKETS)
def test_log_bucket_of_the_archive_fails(aws: Cloud) -> Expected:
    account_block(aws)  # that account's own settings are its own
    archive(aws, good=False)
    return {(ORG_LOGS, ORG_TRAIL): "FAIL"}


@world(*BUCKETS)
def test_log_bucket_that_the_archive_does_not_have_is_a_question(aws: Cloud) -> Expected:
    organization_trail(aws)
    aws.beside("log_archive_profile")
    return {(ORG_LOGS, ORG_TRAIL): ("MANUAL", None, "log_archive_profile leads to 999988887777, which does not have it")}


@world(*BUCKETS)
def test_log_bucket_is_judged_in_its_own_account_if_that_is_of_the_run(aws: Cloud) -> Expected:
    organization_trail(archive(aws, good=False, judged=True))
    return {(ORG_LOGS, ORG_TRAIL): ("NOT_APPLICABLE", None, "judged in account 999988887777")}


@world(*BUCKETS)
def test_log_bucket_of_another_account_of_the_run_needs_no_profile(aws: Cloud) -> Expected:
    aws.beside("organization_profile", MANAGEMENT, judged=True)
    archive(aws, good=False, key=None, judged=True)
    return {(ORG_LOGS, ORG_TRAIL): "FAIL"}


@world(PUBLIC)
def test_log_bucket_that_no_account_of_the_run_has_is_a_question(aws: Cloud) -> Expected:
    organization_trail(aws)
    bucket(aws.beside(None, judged=True), "other")
    return {(ORG_LOGS, ORG_TRAIL): ("MANUAL", "critical", "set log_archive_profile")}


@world(PUBLIC)
def test_account_of_the_run_that_may_have_the_log_bucket_is_an_error_where_it_is_denied(aws: Cloud) -> Expected:
    denied(archive(aws, good=True, key=None, judged=True), "s3:ListBuckets")
    return {(ORG_LOGS, ORG_TRAIL): ("ERROR", "critical", "profile other (account 999988887777): s3:ListBuckets is denied")}


@world(PUBLIC)
def test_log_bucket_is_judged_here_if_its_own_account_knows_of_no_trail(aws: Cloud) -> Expected:
    archive(aws, good=False, judged=True)
    return {(ORG_LOGS, ORG_TRAIL): ("FAIL", "critical", "everyone may read")}


@world(PUBLIC)
def test_archive_that_cannot_be_read_leaves_the_accounts_own_bucket_judged(aws: Cloud) -> Expected:
    own = logs(aws, ACL_CHECK, DELIVERY)
    denied(archive(aws, good=True), "s3:ListBuckets")
    said = "log_archive_profile = log-archive (account 999988887777): s3:ListBuckets is denied", "allow s3:ListAllMyBuckets"
    return {own: "PASS", (ORG_LOGS, ORG_TRAIL): ("ERROR", "critical", *said)}


@world(RETENTION)
def test_rules_of_the_archive_that_cannot_be_read_are_an_error(aws: Cloud) -> Expected:
    there = archive(aws, good=True)
    there.simulated.instead("s3:GetBucketLifecycleConfiguration", lambda region, asked: {"Rules": [{"Status": "?"}]})
    return {
        (ORG_LOGS, ORG_TRAIL): ("ERROR", "medium", "log_archive_profile = log-archive (account 999988887777): s3:GetBucketLifecycleConfiguration")
    }


@world(MFA)
def test_root_of_the_archive_without_credentials_cannot_set_mfa_delete(aws: Cloud) -> Expected:
    root(archive(aws, good=False), password=0, mfa=0)
    return {(ORG_LOGS, ORG_TRAIL): ("NOT_APPLICABLE", "low", "root alone can set MFA Delete, and has no credentials")}


@world(MFA)
def test_report_tells_of_the_password_of_the_archives_root(aws: Cloud) -> Expected:
    there = archive(aws, good=False)
    root(there, mfa=0)
    there.simulated.over("iam:GetAccountSummary", lambda region, parsed: parsed["SummaryMap"].pop("AccountPasswordPresent"))
    reported(there)
    return {(ORG_LOGS, ORG_TRAIL): ("FAIL", "low", "neither MFA Delete nor Object Lock")}


def test_what_is_asked_of_one_trail() -> None:
    def build(aws: Cloud) -> Expected:
        logs(aws, held(DELIVERY))
        return {}

    assert calls(EVENTS, build) == ["cloudtrail:DescribeTrails", "cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus", "cloudtrail:ListTrails"]


def test_commands_name_the_trail_and_where_it_was_made() -> None:
    def build(aws: Cloud) -> Expected:
        trail(aws, "stopped", logging=False)
        return {}

    (found,) = findings(MULTI, build)
    assert found.remediation == f"aws cloudtrail start-logging --region us-east-1 --name {TRAIL.replace('management', 'stopped')}"
    assert found.region == "us-east-1"


IN_THE_ARCHIVE = {
    "of the archive's account": (test_log_bucket_of_the_archive_passes, test_log_bucket_of_the_archive_fails),
    "not of the archive's account": test_log_bucket_that_the_archive_does_not_have_is_a_question,
    "of another account of the run": test_log_bucket_of_another_account_of_the_run_needs_no_profile,
    "judged in the archive's account": test_log_bucket_is_judged_in_its_own_account_if_that_is_of_the_run,
}
EDGES: dict[str, dict[str, Any]] = {
    "cloudtrail_multi_region_trail": {
        "no trail": test_no_trail_fails,
        "only trails of one region": test_trails_of_one_region_each_fail,
        "only stopped trails": test_stopped_trail_fails,
        "global services left out": test_trail_without_global_services_fails,
        "an organization's trail": (test_organizations_trail_counts, test_organizations_trail_that_is_not_shown_is_a_question),
        "an organization's trail, by organization_profile": (
            test_organizations_profile_tells_that_the_trail_logs,
            test_organizations_profile_tells_that_the_trail_is_stopped,
            test_denied_status_of_the_organizations_trail_is_an_error,
            test_organizations_profile_that_knows_of_no_such_trail_is_an_error,
            test_trail_of_another_account_of_the_run_counts,
        ),
    },
    "cloudtrail_delivering": {
        "a delivery error": (test_trail_whose_delivery_fails, test_trail_of_a_bucket_that_does_not_exist),
        "no delivery for a day": (test_trail_that_has_not_delivered_for_a_day, test_trail_that_never_delivered),
        "started just now": test_trail_that_was_started_just_now,
        "a stopped trail": test_trail_that_delivers_passes,
        "no trail": test_no_trail_to_deliver,
        "an organization's trail": (test_deliveries_of_an_organizations_trail, test_deliveries_of_an_organizations_trail_that_is_not_shown),
        "an organization's trail, by organization_profile": (
            test_organizations_profile_tells_that_the_trail_logs,
            test_organizations_profile_tells_that_the_trail_is_stopped,
            test_denied_status_of_the_organizations_trail_is_an_error,
            test_organizations_profile_that_knows_of_no_such_trail_is_an_error,
        ),
        "judged in the trail's own account": test_deliveries_of_a_trail_are_judged_in_its_own_account_if_that_is_of_the_run,
    },
    "cloudtrail_management_events": {
        "the union of trails": (test_trails_cover_the_events_between_them, test_events_that_no_trail_logs_fail),
        "default selectors": test_default_selectors_log_everything,
        "writes are enough": test_trail_of_writes_is_accepted_where_that_is_asked,
        "data events alone": test_trail_of_data_events_alone_fails,
        "an organization's trail": (test_organizations_trail_may_log_the_events, test_organizations_trail_that_is_not_shown_may_log_the_events),
        "an organization's trail, by organization_profile": (
            test_organizations_profile_tells_what_the_trail_logs,
            test_organizations_profile_tells_what_the_trail_leaves_out,
            test_trail_that_is_shown_to_log_may_tell_only_there_what,
            test_selectors_of_the_organizations_trail_that_cannot_be_read_are_an_error,
        ),
    },
    "cloudtrail_kms_write_events": {
        "excluded": test_kms_events_that_are_excluded_fail,
        "by another trail": test_writes_of_kms_are_enough,
        "an organization's trail": test_organizations_trail_may_log_kms,
        "an organization's trail, by organization_profile": (
            test_organizations_profile_tells_what_the_trail_logs,
            test_organizations_profile_tells_what_the_trail_leaves_out,
        ),
    },
    "cloudtrail_kms_events_excluded": {
        "not asked": test_kms_events_cost_more_than_they_tell,
        "asked": test_kms_events_fail_where_that_is_asked,
        "an organization's trail": test_kms_events_of_an_organizations_trail,
    },
    "trail_bucket_not_public": {
        "opened by its ACL": test_log_bucket_that_its_acl_opens_fails,
        "another account's bucket": (test_log_bucket_of_another_account_is_a_question, test_own_trail_may_deliver_to_another_account),
        **IN_THE_ARCHIVE,
        "the archive does not see the trail": test_log_bucket_is_judged_here_if_its_own_account_knows_of_no_trail,
        "the accounts of the run": (
            test_log_bucket_that_no_account_of_the_run_has_is_a_question,
            test_account_of_the_run_that_may_have_the_log_bucket_is_an_error_where_it_is_denied,
        ),
        "the archive is denied": test_archive_that_cannot_be_read_leaves_the_accounts_own_bucket_judged,
        "ours, of the organization's trail": test_log_bucket_of_the_organizations_trail_may_be_ours,
        "stopped and single-region trails": test_buckets_of_stopped_trails_and_of_those_of_one_region_are_judged,
    },
    "trail_bucket_policy_least_access": {
        "writing": test_policy_that_lets_others_write_fails,
        "no policy": test_log_bucket_without_policy_fails,
        **IN_THE_ARCHIVE,
        "readers": (test_readers_that_nobody_declared, test_declared_readers_pass),
        "everyone of an organization": test_everyone_of_an_organization_or_endpoint_is_a_question,
        "other services": test_services_that_are_not_known_to_deliver_are_a_question,
    },
    "trail_bucket_policy_source_arn": {
        "missing": test_policy_without_the_trail_fails,
        "another guard": test_policy_with_another_guard_fails_less,
        **IN_THE_ARCHIVE,
        "Control Tower": test_policy_of_control_tower_is_not_ours_to_change,
        "no policy": test_log_bucket_without_policy_names_no_trail,
    },
    "trail_bucket_mfa_delete": {
        "never set": test_bucket_that_never_had_versions_fails,
        "suspended": test_suspended_versions_fail,
        "Object Lock": (test_object_lock_keeps_the_logs, test_object_lock_without_default_keeps_nothing),
        "Object Lock not accepted": test_object_lock_is_not_accepted_where_that_is_said,
        "a Deny": test_policy_that_denies_deletion_keeps_the_logs,
        "root without credentials": test_root_without_credentials_cannot_set_mfa_delete,
        **IN_THE_ARCHIVE,
        "root of the archive": (
            test_root_of_the_archive_without_credentials_cannot_set_mfa_delete,
            test_report_tells_of_the_password_of_the_archives_root,
        ),
    },
    "trail_bucket_retention": {
        "no rules": test_logs_without_rules_live_for_ever,
        "rules of all kinds": test_logs_that_end_early_fail,
        "a prefix": test_logs_below_a_prefix,
        "another limit": test_how_long_logs_must_live,
        **IN_THE_ARCHIVE,
        "the archive's rules are not told": test_rules_of_the_archive_that_cannot_be_read_are_an_error,
    },
}
