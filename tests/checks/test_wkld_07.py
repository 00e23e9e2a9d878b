"""WKLD.07's checks, each shown to pass, to fail, and at its edges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.checks.test_acct_07 import BOTH, management, organization_trail, status, told, trail
from tests.checks.test_acct_08 import bucket, calls, denied, error, findings
from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_07_s3_data_events as suite

IDENTIFIED, READS, WRITES = suite.test_sensitive_buckets_identified, suite.test_s3_read_events_logged, suite.test_s3_write_events_logged
DELIVERING = suite.test_s3_data_event_trail_delivering
EVENTS = (READS, WRITES)
ALL = (IDENTIFIED, READS, WRITES, DELIVERING)
SESSION, FOUND, TAGGED = "macie2:GetMacieSession", "macie2:DescribeBuckets", "resourcegroupstaggingapi:GetResources"
LIST, STORE = "cloudtrail:ListEventDataStores", "cloudtrail:GetEventDataStore"
QUESTION = "which buckets hold sensitive or business-critical data? (buckets.sensitive)"


def sensitive(aws: Cloud, *entries: str, **facts: Any) -> None:
    """Let the profile call these sensitive; Macie is off, there are two regions, and no event data stores."""
    aws.facts(buckets={"sensitive": list(entries)} | facts if entries else facts)
    aws.simulated.instead(
        SESSION, lambda region, asked: ClientError({"Error": {"Code": "AccessDeniedException", "Message": "Macie is not enabled"}}, "GetMacieSession")
    )
    aws.simulated.instead("ec2:DescribeRegions", lambda region, asked: {"Regions": [{"RegionName": each} for each in BOTH]})
    stores(aws)


def macie(aws: Cloud, scores: dict[str, int], status: str = "ENABLED") -> None:
    """Let Macie be on in the first region, and have found this in buckets."""
    found = [{"bucketName": name, "accountId": aws.account, "sensitivityScore": score} for name, score in scores.items()]
    aws.simulated.instead(SESSION, lambda region, asked: {"status": status if region == aws.region else "PAUSED"})
    aws.simulated.instead(FOUND, lambda region, asked: {"buckets": found})


def stores(aws: Cloud, *found: dict[str, Any]) -> None:
    """Event data stores, which moto lacks, each in the region of its ARN."""
    by_arn = {each["EventDataStoreArn"]: each for each in found}
    aws.simulated.instead(
        LIST, lambda region, asked: {"EventDataStores": [{"EventDataStoreArn": arn} for arn in by_arn if arn.split(":")[3] == region]}
    )
    aws.simulated.instead(STORE, lambda region, asked: by_arn[asked["EventDataStore"]])


def store(aws: Cloud, name: str, *selectors: dict[str, Any], region: str = "us-east-1", everywhere: bool = True, status: str = "ENABLED") -> Any:
    """An event data store."""
    return {
        "EventDataStoreArn": aws.arn("cloudtrail", f"eventdatastore/{name}", region),
        "Name": name,
        "Status": status,
        "MultiRegionEnabled": everywhere,
        "AdvancedEventSelectors": list(selectors),
    }


def objects(kind: str, *values: str, type: str = "AWS::S3::Object") -> dict[str, Any]:
    """A basic selector of data events."""
    return {"ReadWriteType": kind, "IncludeManagementEvents": False, "DataResources": [{"Type": type, "Values": list(values)}]}


def advanced(*fields: dict[str, Any], type: str = "AWS::S3::Object", category: str = "Data") -> dict[str, Any]:
    """An advanced selector of data events, with these fields besides."""
    chosen = [{"Field": "eventCategory", "Equals": [category]}, {"Field": "resources.type", "Equals": [type]}, *fields]
    return {"Name": "objects", "FieldSelectors": chosen}


def where(field: str, **asked: list[str]) -> dict[str, Any]:
    """What a field must be."""
    return {"Field": field, **asked}


def below(*arns: str) -> dict[str, Any]:
    return where("resources.ARN", StartsWith=list(arns))


def buckets(aws: Cloud, *names: str) -> list[str]:
    return [bucket(aws, name) for name in names]


# --- which are sensitive ----------------------------------------------------------------------------------------------------------------------


@world(IDENTIFIED)
def test_declared_buckets_that_are_there_pass(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments", "acme-uploads/ids", "acme-p*")
    buckets(aws, "acme-payments", "acme-uploads", "acme-web")
    return {aws.account_arn: ("PASS", "medium", "acme-payments (acme-payments), acme-uploads/ids (acme-uploads/ids)")}


@world(IDENTIFIED)
def test_declared_bucket_that_is_not_there_fails(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments", "acme-gone", "acme-lost/ids", "arn:aws:s3:::acme-far", "acme-none*")
    buckets(aws, "acme-payments")
    return {aws.account_arn: ("FAIL", "medium", "no bucket of this account: acme-gone, acme-lost")}


@world(IDENTIFIED, *EVENTS)
def test_nothing_said_is_a_question(aws: Cloud) -> Expected:
    sensitive(aws)
    buckets(aws, "acme-payments")
    return {aws.account_arn: ("MANUAL", "medium", QUESTION)}


@world(IDENTIFIED)
def test_nothing_that_matches_is_a_question(aws: Cloud) -> Expected:
    sensitive(aws, "acme-none*", "tag:data=secret")
    buckets(aws, "acme-payments")
    return {aws.account_arn: ("MANUAL", "medium", QUESTION)}


@world(*ALL)
def test_no_buckets(aws: Cloud) -> Expected:
    sensitive(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", "medium")}


@world(IDENTIFIED)
def test_tags_name_buckets(aws: Cloud) -> Expected:
    sensitive(aws, "tag:data=confidential")
    found: dict[str, list[Any]] = {}
    for name, region, value in (
        ("acme-payments", "eu-west-1", "Confidential"),
        ("acme-far", "us-east-1", "confidential"),
        ("acme-web", "eu-west-1", "public"),
    ):
        found.setdefault(region, []).append({"ResourceARN": bucket(aws, name, region=region), "Tags": [{"Key": "data", "Value": value}]})
    bucket(aws, "acme-plain")
    # moto tells of the buckets of all regions in each.
    aws.simulated.instead(TAGGED, lambda region, asked: {"ResourceTagMappingList": found.get(region, [])})
    return {aws.account_arn: ("PASS", "medium", "acme-payments (tag:data=confidential), acme-far (tag:data=confidential)")}


@world(IDENTIFIED)
def test_macie_names_buckets(aws: Cloud) -> Expected:
    sensitive(aws)
    buckets(aws, "acme-payments", "acme-web")
    bucket(aws, "acme-far", region="us-east-1")
    macie(aws, {"acme-payments": 51, "acme-web": 50, "acme-of-another-account": 100})
    return {aws.account_arn: ("PASS", "medium", "acme-payments (Macie)")}


@world(IDENTIFIED)
def test_macie_that_is_paused_says_nothing(aws: Cloud) -> Expected:
    sensitive(aws)
    buckets(aws, "acme-payments")
    macie(aws, {"acme-payments": 100}, "PAUSED")
    return {aws.account_arn: ("MANUAL", "medium", QUESTION)}


@world(IDENTIFIED)
def test_macie_is_not_asked_where_the_profile_says_so(aws: Cloud) -> Expected:
    sensitive(aws, use_macie=False)
    buckets(aws, "acme-payments")
    denied(aws, SESSION)
    return {aws.account_arn: ("MANUAL", "medium", QUESTION)}


@world(IDENTIFIED, *EVENTS)
def test_denied_macie_is_an_error(aws: Cloud) -> Expected:
    sensitive(aws)
    buckets(aws, "acme-payments")
    aws.simulated.instead(SESSION, lambda region, asked: error(SESSION, "AccessDeniedException"))
    return {aws.account_arn: ("ERROR", "medium", "allow macie2:GetMacieSession")}


@world(IDENTIFIED, *EVENTS, DELIVERING)
def test_denied_tags_are_an_error(aws: Cloud) -> Expected:
    sensitive(aws, "tag:data=confidential")
    buckets(aws, "acme-payments")
    denied(aws, TAGGED)
    return {aws.account_arn: ("ERROR", "medium", "allow tag:GetResources")}


@world(IDENTIFIED)
def test_what_macie_cannot_say_leaves_what_is_declared(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments")
    buckets(aws, "acme-payments")
    denied(aws, SESSION)
    return {aws.account_arn: ("PASS", "medium", "acme-payments (acme-payments)")}


@world(IDENTIFIED, *EVENTS)
def test_odd_answer_of_macie_is_an_error(aws: Cloud) -> Expected:
    sensitive(aws)
    buckets(aws, "acme-payments")
    macie(aws, {})
    aws.simulated.instead(SESSION, lambda region, asked: {"status": "ENABLED"})
    aws.simulated.instead(FOUND, lambda region, asked: {"buckets": [{"bucketName": "acme-payments"}]})
    return {aws.account_arn: ("ERROR", "medium", "macie2:DescribeBuckets answered what we cannot read")}


@world(IDENTIFIED)
def test_bucket_whose_region_is_not_told_may_be_sensitive(aws: Cloud) -> Expected:
    sensitive(aws)
    buckets(aws, "acme-payments")
    denied(aws, "s3:GetBucketLocation")
    return {aws.account_arn: ("ERROR", "medium", "allow s3:GetBucketLocation")}


@world(*EVENTS)
def test_bucket_whose_region_is_not_told_is_not_judged(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments")
    (payments,) = buckets(aws, "acme-payments")
    trail(aws, "objects", EventSelectors=[objects("All", "arn:aws:s3")])
    denied(aws, "s3:GetBucketLocation")
    unplaced = ("ERROR", "medium", "allow s3:GetBucketLocation")
    return {payments: unplaced, aws.account_arn: unplaced}


@world(*ALL)
def test_denied_buckets_are_an_error(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments")
    denied(aws, "s3:ListBuckets")
    return {aws.account_arn: ("ERROR", "medium", "allow s3:ListAllMyBuckets")}


# --- what is logged ---------------------------------------------------------------------------------------------------------------------------


@world(*EVENTS)
def test_both_kinds_logged_pass_and_neither_fails(aws: Cloud) -> Expected:
    sensitive(aws, "acme-p*")
    good, bad = buckets(aws, "acme-payments", "acme-people")
    bucket(aws, "acme-web")
    trail(aws, "objects", EventSelectors=[objects("All", f"{good}/")])
    return {good: ("PASS", "medium", "logged by objects"), bad: ("FAIL", "medium", "neither read nor write events are logged")}


@world(WRITES, selected=("s3_read_events_logged",))
def test_neither_is_one_failure(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments")
    return dict.fromkeys(buckets(aws, "acme-payments"), ("NOT_APPLICABLE", "medium", "judged by s3_read_events_logged"))


@world(*EVENTS, selected=("s3_read_events_logged",))
def test_what_is_declared_fails_for_each_kind(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments", data_events="all")
    return dict.fromkeys(buckets(aws, "acme-payments"), ("FAIL", "medium", "events are logged"))


@world(READS)
def test_writes_suffice_where_nothing_is_declared(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments")
    (payments,) = buckets(aws, "acme-payments")
    trail(aws, "objects", EventSelectors=[objects("WriteOnly", f"{payments}/")])
    return {payments: ("PASS", "medium", "read events are not logged; write events are, by objects, and one of the two suffices")}


@world(WRITES)
def test_reads_suffice_where_nothing_is_declared(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments")
    (payments,) = buckets(aws, "acme-payments")
    trail(aws, "objects", EventSelectors=[objects("ReadOnly", f"{payments}/")])
    return {payments: ("PASS", "medium", "write events are not logged; read events are, by objects, and one of the two suffices")}


@world(READS)
def test_all_asks_for_reads(aws: Cloud) -> Expected:
    sensitive(aws, "acme-p*", data_events="all")
    payments, people = buckets(aws, "acme-payments", "acme-people")
    trail(aws, "objects", EventSelectors=[objects("WriteOnly", f"{payments}/"), objects("ReadOnly", f"{people}/")])
    return {payments: ("FAIL", "medium", "no read events are logged"), people: ("PASS", "medium", "logged by objects")}


@world(WRITES)
def test_all_asks_for_writes(aws: Cloud) -> Expected:
    sensitive(aws, "acme-p*", data_events="all")
    payments, people = buckets(aws, "acme-payments", "acme-people")
    trail(aws, "objects", EventSelectors=[objects("WriteOnly", f"{payments}/"), objects("ReadOnly", f"{people}/")])
    return {payments: "PASS", people: ("FAIL", "medium", "no write events are logged")}


@world(READS)
def test_only_writes_are_asked_for(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments", data_events="write")
    return dict.fromkeys(buckets(aws, "acme-payments"), ("NOT_APPLICABLE", "medium", "buckets.data_events asks for write events"))


@world(WRITES)
def test_only_reads_are_asked_for(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments", data_events="read")
    return dict.fromkeys(buckets(aws, "acme-payments"), ("NOT_APPLICABLE", "medium", "buckets.data_events asks for read events"))


@world(READS)
def test_reads_that_are_asked_for_alone(aws: Cloud) -> Expected:
    sensitive(aws, "acme-p*", data_events="read")
    payments, people = buckets(aws, "acme-payments", "acme-people")
    trail(aws, "objects", EventSelectors=[objects("ReadOnly", f"{payments}/")])
    return {payments: "PASS", people: ("FAIL", "medium", "no read events are logged")}


@world(*EVENTS)
def test_basic_selectors_of_everything_pass(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments", data_events="all")
    trail(aws, "objects", EventSelectors=[objects("All", "arn:aws:s3")])
    return dict.fromkeys(buckets(aws, "acme-payments"), "PASS")


@world(*EVENTS)
def test_basic_selectors_of_all_buckets_pass(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments", data_events="all")
    trail(aws, "objects", EventSelectors=[objects("All", "arn:aws:s3:::")])
    return dict.fromkeys(buckets(aws, "acme-payments"), "PASS")


@world(*EVENTS)
def test_basic_selectors_of_something_else_fail(aws: Cloud) -> Expected:
    """Peers take a selector of `data-other/` for `data`, and one of functions for one of objects."""
    sensitive(aws, "data", "part", data_events="all")
    data, part = buckets(aws, "data", "part")
    functions = objects("All", "arn:aws:s3", type="AWS::Lambda::Function")
    trail(aws, "objects", EventSelectors=[functions, objects("All", "arn:aws:s3:::data-other/", data, f"{part}/ids")])
    return {data: ("FAIL", "medium", " events are logged"), part: ("FAIL", "medium", "events are logged; a part of them is by objects")}


@world(*EVENTS)
def test_second_selector_may_log_the_rest(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments", data_events="all")
    (payments,) = buckets(aws, "acme-payments")
    trail(aws, "objects", EventSelectors=[objects("All", f"{payments}/ids"), objects("All", f"{payments}/")])
    return {payments: "PASS"}


@world(*EVENTS)
def test_prefix_that_is_declared_may_be_logged_alone(aws: Cloud) -> Expected:
    sensitive(aws, "acme-uploads/ids", "acme-uploads/tax", "acme-whole/ids", "acme-whole", data_events="all")
    uploads, whole = buckets(aws, "acme-uploads", "acme-whole")
    trail(aws, "objects", EventSelectors=[objects("All", f"{uploads}/ids", f"{uploads}/taxes", f"{whole}/ids")])
    return {(uploads, "ids"): "PASS", (uploads, "tax"): "FAIL", whole: "FAIL"}


def by_fields(aws: Cloud, **fields: tuple[dict[str, Any], ...]) -> dict[str, str]:
    """A trail with an advanced selector for each bucket, beginning with its ARN and with these fields; the buckets' ARNs by name."""
    names = {name: name.replace("_", "-") for name in fields}
    sensitive(aws, *names.values(), data_events="all")
    arns = {name: bucket(aws, real) for name, real in names.items()}
    trail(aws, "objects", AdvancedEventSelectors=[advanced(below(f"{arns[name]}/"), *more) for name, more in fields.items()])
    return arns


@world(READS)
def test_advanced_selectors_of_reads(aws: Cloud) -> Expected:
    arns = by_fields(
        aws,
        whole=(),
        reading=(where("readOnly", Equals=["true"]),),
        writing=(where("readOnly", Equals=["false"]),),
        get=(where("eventName", Equals=["GetObject", "HeadObject"]),),
        gets=(where("eventName", StartsWith=["Get"]),),
        put=(where("eventName", Equals=["PutObject"]),),
        not_get=(where("eventName", NotEquals=["GetObject"]),),
        other_service=(where("eventSource", Equals=["dynamodb.amazonaws.com"]),),
        own_service=(where("eventSource", Equals=["s3.amazonaws.com"]),),
    )
    fails, named = ("FAIL", "medium", "no read events are logged"), ("PASS", "medium", "logged by objects (events of some names only)")
    wants = {"whole": "PASS", "reading": "PASS", "writing": fails, "get": named, "gets": named, "put": fails, "not_get": fails}
    return {arns[name]: want for name, want in (wants | {"other_service": fails, "own_service": "PASS"}).items()}


@world(WRITES)
def test_advanced_selectors_of_writes(aws: Cloud) -> Expected:
    arns = by_fields(
        aws,
        writing=(where("readOnly", Equals=["false"]),),
        reading=(where("readOnly", Equals=["true"]),),
        both=(where("eventName", Equals=["PutObject", "DeleteObject"]),),
        put=(where("eventName", Equals=["PutObject"]),),
    )
    part = ("FAIL", "medium", "no write events are logged; a part of them is by objects")
    return {arns["writing"]: "PASS", arns["reading"]: "FAIL", arns["both"]: "PASS", arns["put"]: part}


@world(*EVENTS)
def test_selectors_that_leave_something_out_fail(aws: Cloud) -> Expected:
    arns = by_fields(
        aws,
        hidden=(where("resources.ARN", NotStartsWith=["arn:aws:s3:::hidden/private/"]),),
        all_out=(where("resources.ARN", NotStartsWith=["arn:aws:s3:::all"]),),
        one_out=(where("resources.ARN", NotEquals=["arn:aws:s3:::one-out/key"]),),
        ending=(where("resources.ARN", EndsWith=[".pdf"]),),
        not_ending=(where("resources.ARN", NotEndsWith=[".tmp"]),),
        equal=(where("resources.ARN", Equals=["arn:aws:s3:::equal/"]),),
        type=(where("eventType", Equals=["AwsApiCall"]),),
        console=(where("sessionCredentialFromConsole", Equals=["true"]),),
        people=(where("userIdentity.arn", NotStartsWith=["arn:aws:iam::123456789012:role/"]),),
        two=(where("userIdentity.arn", NotEquals=["arn:aws:iam::123456789012:role/etl", "arn:aws:iam::123456789012:role/app"]),),
        user=(where("userIdentity.arn", NotEquals=["arn:aws:iam::123456789012:user/ana"]),),
        alone=(where("userIdentity.arn", Equals=["arn:aws:sts::123456789012:assumed-role/etl/one"]),),
        others=(where("resources.ARN", NotStartsWith=["arn:aws:s3:::elsewhere/"], NotEquals=["arn:aws:s3:::elsewhere/key"]),),
        mixed=(where("userIdentity.arn", NotEquals=["arn:aws:iam::123456789012:role/etl"], NotStartsWith=["arn:aws:iam::123456789012:user/"]),),
        robot=(where("userIdentity.arn", NotEquals=["arn:aws:sts::123456789012:assumed-role/etl/one"]),),
    )
    parts = set(arns) - {"all_out", "others", "robot"}
    return (
        {arns[name]: ("FAIL", "medium", "events are logged; a part of them is by objects") for name in parts}
        | {arns["all_out"]: ("FAIL", "medium", "events are logged")}
        | {arns["others"]: "PASS", arns["robot"]: ("PASS", "medium", "(but for what arn:aws:sts::123456789012:assumed-role/etl/one does)")}
    )


@world(*EVENTS)
def test_advanced_selectors_without_or_beside_the_bucket(aws: Cloud) -> Expected:
    sensitive(aws, "all", "begun", "beside", data_events="all")
    every, begun, beside = buckets(aws, "all", "begun", "beside")
    selectors = [advanced(below("arn:aws:s3:::al", "arn:aws:s3:::begu")), advanced(below(f"{beside}-other/"), below(f"{beside}/ids/"))]
    points = advanced(type="AWS::S3::AccessPoint")
    management = {"Name": "management", "FieldSelectors": [where("eventCategory", Equals=["Management"])]}
    without_type = {"Name": "none", "FieldSelectors": [where("eventCategory", Equals=["Data"])]}
    trail(aws, "objects", AdvancedEventSelectors=[points, management, without_type, *selectors])
    return {every: "PASS", begun: "PASS", beside: ("FAIL", "medium", "events are logged")}


@world(*EVENTS)
def test_field_that_is_not_known_is_an_error(aws: Cloud) -> Expected:
    """Of another bucket it is known that a second trail logs it."""
    sensitive(aws, "acme-p*", data_events="all")
    payments, people = buckets(aws, "acme-payments", "acme-people")
    trail(aws, "odd", AdvancedEventSelectors=[advanced(where("weather", Equals=["fine"]))])
    trail(aws, "objects", EventSelectors=[objects("All", f"{people}/")])
    return {payments: ("ERROR", "medium", "selected by weather, which is not known"), people: "PASS"}


@world(*EVENTS, regions=BOTH)
def test_trails_that_do_not_log_there_do_not_count(aws: Cloud) -> Expected:
    sensitive(aws, "acme-p*", data_events="all")
    payments = bucket(aws, "acme-payments")
    people = bucket(aws, "acme-people", region="us-east-1")
    every = objects("All", "arn:aws:s3")
    trail(aws, "stopped", logging=False, EventSelectors=[every])
    trail(aws, "far", everywhere=False, EventSelectors=[every])
    return {payments: ("FAIL", "medium", "events are logged"), people: ("PASS", "medium", "logged by far")}


@world(*EVENTS, regions=BOTH)
def test_trail_of_one_region_matters_there_alone(aws: Cloud) -> Expected:
    sensitive(aws, "acme-p*", data_events="all")
    payments = bucket(aws, "acme-payments")
    people = bucket(aws, "acme-people", region="us-east-1")
    trail(aws, "far", everywhere=False, EventSelectors=[objects("All", "arn:aws:s3")])
    denied(aws, "cloudtrail:GetEventSelectors")
    return {payments: ("FAIL", "medium", "events are logged"), people: ("ERROR", "medium", "allow cloudtrail:GetEventSelectors")}


@world(*EVENTS)
def test_trail_of_the_organization_that_does_not_tell_is_a_question(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments", data_events="all")
    org = organization_trail(aws, shown=True)
    return dict.fromkeys(buckets(aws, "acme-payments"), ("MANUAL", "medium", f"does {org}, the organization's trail, log "))


@world(*EVENTS)
def test_trail_of_the_organization_that_shows_nothing_is_a_question(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments")
    org = organization_trail(aws)
    return dict.fromkeys(buckets(aws, "acme-payments"), ("MANUAL", "medium", f"does {org}, the organization's trail, log "))


@world(*EVENTS)
def test_organizations_profile_tells_what_its_trail_logs(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments", data_events="all")
    management(aws, EventSelectors=[objects("All", "arn:aws:s3")])
    return dict.fromkeys(buckets(aws, "acme-payments"), ("PASS", "medium", "logged by org"))


@world(DELIVERING)
def test_organizations_profile_tells_whether_its_trail_delivers(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments")
    buckets(aws, "acme-payments")
    return {management(aws, EventSelectors=[objects("ReadOnly", "arn:aws:s3")]): ("PASS", "medium", "The trails that log data events")}


@world(*EVENTS)
def test_event_data_stores_count(aws: Cloud) -> Expected:
    sensitive(aws, "acme-p*", data_events="all")
    payments = bucket(aws, "acme-payments")
    people = bucket(aws, "acme-people", region="us-east-1")
    stores(
        aws,
        store(aws, "off", advanced(), status="STOPPED_INGESTION"),
        store(aws, "part", advanced(where("eventType", Equals=["AwsApiCall"]))),
        store(aws, "far", advanced(), everywhere=False),
        store(aws, "lake", advanced(below(f"{payments}/")), region="eu-west-1", everywhere=False),
    )
    return {payments: ("PASS", "medium", "logged by the event data store lake"), people: ("PASS", "medium", "logged by the event data store far")}


@world(*EVENTS)
def test_event_data_store_of_all_regions_counts(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments", data_events="all")
    stores(aws, store(aws, "lake", advanced()))
    return dict.fromkeys(buckets(aws, "acme-payments"), ("PASS", "medium", "logged by the event data store lake"))


@world(*EVENTS)
def test_event_data_stores_that_cannot_be_read_are_an_error(aws: Cloud) -> Expected:
    sensitive(aws, "acme-p*", data_events="all")
    payments, people = buckets(aws, "acme-payments", "acme-people")
    trail(aws, "objects", EventSelectors=[objects("All", f"{people}/")])
    denied(aws, LIST)
    return {payments: ("ERROR", "medium", "allow cloudtrail:ListEventDataStores"), people: "PASS"}


@world(*EVENTS)
def test_odd_event_data_stores_are_an_error(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments", data_events="all")
    stores(aws, store(aws, "lake", status="ODD"), store(aws, "weather", advanced(where("weather", Equals=["fine"]))))
    return dict.fromkeys(buckets(aws, "acme-payments"), ("ERROR", "medium"))


@world(*EVENTS)
def test_store_selected_by_an_unknown_field_is_an_error(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments", data_events="all")
    stores(aws, store(aws, "weather", advanced(where("weather", Equals=["fine"]))))
    return dict.fromkeys(buckets(aws, "acme-payments"), ("ERROR", "medium", "selected by weather"))


@world(*EVENTS)
def test_denied_selectors_are_an_error(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments")
    (payments,) = buckets(aws, "acme-payments")
    trail(aws, "objects", EventSelectors=[objects("All", f"{payments}/")])
    denied(aws, "cloudtrail:GetEventSelectors")
    return {payments: ("ERROR", "medium", "allow cloudtrail:GetEventSelectors")}


@world(*EVENTS, selected=("sensitive_buckets_identified",))
def test_one_question_is_asked_once(aws: Cloud) -> Expected:
    sensitive(aws)
    buckets(aws, "acme-payments")
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "judged by sensitive_buckets_identified")}


@pytest.mark.parametrize(
    ("declared", "kind", "asked"),
    [(None, "WriteOnly", False), (None, "ReadOnly", False), ("all", "WriteOnly", True), ("all", "All", False), ("read", "WriteOnly", True)],
)
def test_event_data_stores_are_asked_for_only_where_trails_do_not_suffice(declared: str | None, kind: str, asked: bool) -> None:
    def build(aws: Cloud) -> None:
        sensitive(aws, "acme-payments", **({"data_events": declared} if declared else {}))
        (payments,) = buckets(aws, "acme-payments")
        trail(aws, "objects", EventSelectors=[objects(kind, f"{payments}/")])

    assert (LIST in calls(READS, build)) is asked


def test_command_names_the_place() -> None:
    def build(aws: Cloud) -> None:
        sensitive(aws, "acme-uploads/ids")
        buckets(aws, "acme-uploads")

    (found,) = findings(READS, build)
    assert found.remediation is not None
    assert '"StartsWith": ["arn:aws:s3:::acme-uploads/ids"]' in found.remediation


# --- delivery ---------------------------------------------------------------------------------------------------------------------------------


def ago(hours: float) -> datetime:
    return datetime.now(UTC) - timedelta(hours=hours)


def delivering(aws: Cloud, **fields: Any) -> str:
    """A trail that logs a sensitive bucket, and the status of its deliveries."""
    sensitive(aws, "acme-payments")
    (payments,) = buckets(aws, "acme-payments")
    found = trail(aws, "objects", EventSelectors=[objects("WriteOnly", f"{payments}/")])
    status(aws, **fields)
    return found


@world(DELIVERING)
def test_trail_that_delivers_passes(aws: Cloud) -> Expected:
    return {delivering(aws, LatestDeliveryTime=ago(23), StartLoggingTime=ago(900)): ("PASS", "medium", "The trails that log data events")}


@world(DELIVERING)
def test_delivery_that_fails(aws: Cloud) -> Expected:
    return {delivering(aws, LatestDeliveryError="AccessDenied"): ("FAIL", "medium", "delivery fails: AccessDenied")}


@world(DELIVERING)
def test_silence_of_a_day_fails(aws: Cloud) -> Expected:
    return {delivering(aws, LatestDeliveryTime=ago(25), StartLoggingTime=ago(900)): ("FAIL", "medium", "nothing was delivered for 24 hours")}


@world(DELIVERING)
def test_nothing_ever_delivered_fails(aws: Cloud) -> Expected:
    return {delivering(aws, LatestDeliveryTime=None, StartLoggingTime=ago(25)): ("FAIL", "medium", "nothing was delivered for 24 hours")}


@world(DELIVERING)
def test_silence_without_a_beginning_fails(aws: Cloud) -> Expected:
    return {delivering(aws, LatestDeliveryTime=None, StartLoggingTime=None): ("FAIL", "medium", "nothing was delivered for 24 hours")}


@world(DELIVERING)
def test_trail_that_was_just_started_passes(aws: Cloud) -> Expected:
    return {delivering(aws, LatestDeliveryTime=None, StartLoggingTime=ago(23)): "PASS"}


@world(DELIVERING, selected=("cloudtrail_delivering",))
def test_delivery_is_one_failure(aws: Cloud) -> Expected:
    return {delivering(aws, LatestDeliveryError="AccessDenied"): ("NOT_APPLICABLE", "medium", "judged by cloudtrail_delivering")}


@world(DELIVERING, selected=("cloudtrail_delivering",))
def test_silence_is_one_failure(aws: Cloud) -> Expected:
    return {delivering(aws, LatestDeliveryTime=ago(25), StartLoggingTime=ago(900)): ("NOT_APPLICABLE", "medium", "judged by cloudtrail_delivering")}


@world(DELIVERING)
def test_trail_that_logs_itself_passes_with_a_remark(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments")
    buckets(aws, "acme-payments")
    found = trail(aws, "objects", EventSelectors=[objects("All", "arn:aws:s3")])
    return {found: ("PASS", "medium", "it also logs what it writes to its own bucket acme-logs")}


@world(DELIVERING)
def test_trails_of_reads_and_of_writes_are_judged(aws: Cloud) -> Expected:
    """What logs the reading of all buckets does not log what it writes itself."""
    sensitive(aws, "acme-payments")
    (payments,) = buckets(aws, "acme-payments")
    found = [
        trail(aws, "reads", EventSelectors=[objects("ReadOnly", "arn:aws:s3")]),
        trail(aws, "writes", EventSelectors=[objects("WriteOnly", f"{payments}/")]),
    ]
    return dict.fromkeys(found, ("PASS", "medium", "The trails that log data events of sensitive buckets deliver them."))


@world(DELIVERING)
def test_only_trails_that_log_data_events_are_judged(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments")
    (payments,) = buckets(aws, "acme-payments")
    trail(aws, "management")
    trail(aws, "stopped", logging=False, EventSelectors=[objects("All", "arn:aws:s3")])
    trail(aws, "part", EventSelectors=[objects("All", f"{payments}/ids")])
    trail(aws, "far", everywhere=False, EventSelectors=[objects("All", "arn:aws:s3")])
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no trail logs data events of sensitive buckets")}


@world(DELIVERING)
def test_trail_of_the_organization_that_does_not_tell_is_not_judged(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments")
    buckets(aws, "acme-payments")
    organization_trail(aws, shown=True)
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no trail logs data events")}


@world(DELIVERING)
def test_trail_that_cannot_be_read_is_an_error(aws: Cloud) -> Expected:
    sensitive(aws, "acme-payments")
    (payments,) = buckets(aws, "acme-payments")
    odd = trail(aws, "odd")
    told(aws, odd, IsMultiRegionTrail=None)
    hidden = trail(aws, "objects", EventSelectors=[objects("All", f"{payments}/")])
    denied(aws, "cloudtrail:GetEventSelectors")
    return {odd: "ERROR", hidden: ("ERROR", "medium", "allow cloudtrail:GetEventSelectors")}


SHARED: dict[str, Any] = {
    "PASS: both logged; FAIL: neither": test_both_kinds_logged_pass_and_neither_fails,
    "basic: everything, all buckets": (test_basic_selectors_of_everything_pass, test_basic_selectors_of_all_buckets_pass),
    "PASS: by a second selector": test_second_selector_may_log_the_rest,
    "FAIL: both kinds declared": test_what_is_declared_fails_for_each_kind,
    "ERROR: region not told": test_bucket_whose_region_is_not_told_is_not_judged,
    "ERROR: a trail of that region": test_trail_of_one_region_matters_there_alone,
    "FAIL: basic of another bucket, kind or prefix": test_basic_selectors_of_something_else_fail,
    "PASS: the prefix that is declared": test_prefix_that_is_declared_may_be_logged_alone,
    "FAIL: filters that leave something out": test_selectors_that_leave_something_out_fail,
    "advanced: other categories, types and buckets": test_advanced_selectors_without_or_beside_the_bucket,
    "ERROR: an unknown field": (test_field_that_is_not_known_is_an_error, test_store_selected_by_an_unknown_field_is_an_error),
    "FAIL: stopped, or of another region": test_trails_that_do_not_log_there_do_not_count,
    "MANUAL: the organization's trail": (
        test_trail_of_the_organization_that_does_not_tell_is_a_question,
        test_trail_of_the_organization_that_shows_nothing_is_a_question,
    ),
    "PASS: the organization's trail, by organization_profile": test_organizations_profile_tells_what_its_trail_logs,
    "PASS: event data stores": (test_event_data_stores_count, test_event_data_store_of_all_regions_counts),
    "ERROR: event data stores": (test_event_data_stores_that_cannot_be_read_are_an_error, test_odd_event_data_stores_are_an_error),
    "ERROR: selectors denied": test_denied_selectors_are_an_error,
    "MANUAL: nothing is said to be sensitive": (test_nothing_said_is_a_question, test_one_question_is_asked_once),
    "ERROR: tags or Macie denied": (test_denied_tags_are_an_error, test_denied_macie_is_an_error),
    "N/A: no buckets": test_no_buckets,
    "ERROR: buckets denied": test_denied_buckets_are_an_error,
}
EDGES: dict[str, dict[str, Any]] = {
    "sensitive_buckets_identified": {
        "PASS: declared and there": test_declared_buckets_that_are_there_pass,
        "FAIL: declared and not there": test_declared_bucket_that_is_not_there_fails,
        "MANUAL: nothing said": test_nothing_said_is_a_question,
        "MANUAL: nothing matches": test_nothing_that_matches_is_a_question,
        "PASS: by tags": test_tags_name_buckets,
        "PASS: by Macie": test_macie_names_buckets,
        "MANUAL: Macie paused, or not to be asked": (test_macie_that_is_paused_says_nothing, test_macie_is_not_asked_where_the_profile_says_so),
        "PASS: declared, and Macie denied": test_what_macie_cannot_say_leaves_what_is_declared,
        "ERROR: tags or Macie denied": (test_denied_tags_are_an_error, test_denied_macie_is_an_error, test_odd_answer_of_macie_is_an_error),
        "N/A: no buckets": test_no_buckets,
        "ERROR: region not told": test_bucket_whose_region_is_not_told_may_be_sensitive,
        "ERROR: buckets denied": test_denied_buckets_are_an_error,
    },
    "s3_read_events_logged": SHARED
    | {
        "PASS: the other kind suffices": test_writes_suffice_where_nothing_is_declared,
        "declared: all": test_all_asks_for_reads,
        "declared: read": test_reads_that_are_asked_for_alone,
        "N/A: declared: write": test_only_writes_are_asked_for,
        "advanced: readOnly, eventName, eventSource": test_advanced_selectors_of_reads,
    },
    "s3_write_events_logged": SHARED
    | {
        "PASS: the other kind suffices": test_reads_suffice_where_nothing_is_declared,
        "judged by another": test_neither_is_one_failure,
        "declared: all": test_all_asks_for_writes,
        "N/A: declared: read": test_only_reads_are_asked_for,
        "advanced: readOnly, eventName": test_advanced_selectors_of_writes,
    },
    "s3_data_event_trail_delivering": {
        "PASS: delivers": test_trail_that_delivers_passes,
        "FAIL: an error": test_delivery_that_fails,
        "FAIL: a day of silence": (test_silence_of_a_day_fails, test_nothing_ever_delivered_fails, test_silence_without_a_beginning_fails),
        "PASS: the organization's trail, by organization_profile": test_organizations_profile_tells_whether_its_trail_delivers,
        "PASS: just started": test_trail_that_was_just_started_passes,
        "judged by another": (test_delivery_is_one_failure, test_silence_is_one_failure),
        "PASS: logs itself": test_trail_that_logs_itself_passes_with_a_remark,
        "PASS: trails of reads, of writes": test_trails_of_reads_and_of_writes_are_judged,
        "N/A: no covering trail": (
            test_only_trails_that_log_data_events_are_judged,
            test_trail_of_the_organization_that_does_not_tell_is_not_judged,
            test_no_buckets,
        ),
        "ERROR: a trail": test_trail_that_cannot_be_read_is_an_error,
        "ERROR: tags denied": test_denied_tags_are_an_error,
        "ERROR: buckets denied": test_denied_buckets_are_an_error,
    },
}
