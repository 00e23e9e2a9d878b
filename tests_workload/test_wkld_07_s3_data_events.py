"""WKLD.07: log data events for S3 buckets with sensitive data.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_ssb import check

SELECT = (
    "aws cloudtrail get-event-selectors --region REGION --trail-name TRAIL > selectors.json  # add {selector} to those that are there, for put replaces "
    "them all: aws cloudtrail put-event-selectors --region REGION --trail-name TRAIL --advanced-event-selectors file://selectors.json"
)
DOCS = ("https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html",)
NONE = "which buckets hold sensitive or business-critical data? (buckets.sensitive)"
WHICH = ("buckets.sensitive", "buckets.use_macie")
FACTS = (*WHICH, "buckets.data_events", "organization_profile")


@check(
    "WKLD.07",
    on="AWS::::Account",
    severity="medium",
    key=True,
    facts=WHICH,
    fix="aws s3api list-buckets  # name those with sensitive data in ssb.toml: buckets.sensitive",
    references=("https://docs.aws.amazon.com/macie/latest/user/discovery-asdd.html",),
)
def test_sensitive_buckets_identified(audit, sensitive_buckets):
    """It is said which buckets hold sensitive data, and these are there."""
    with audit(audit.target()):
        audit.saw(Sensitive=[str(place) for place in sensitive_buckets.places] or "none")
        assert not sensitive_buckets.missing, f"no bucket of this account: {', '.join(sensitive_buckets.missing)}"
        if not sensitive_buckets.places:
            sensitive_buckets.settle()
            if not sensitive_buckets.any_buckets:
                audit.not_applicable("no buckets")
            audit.manual(NONE)
        audit.note(", ".join(f"{place} ({place.by})" for place in sensitive_buckets.places))


def logged(audit: Any, ssb_profile: Any, sensitive: Any, events: Any, *, reading: bool) -> None:
    """Judge whether the events of one kind are logged for every sensitive place."""
    kind, other = ("read", "write") if reading else ("write", "read")
    asked = ssb_profile.buckets.data_events
    for place in sensitive.places:
        with audit(place.bucket, item=place.prefix or None, region=place.bucket.region):
            audit.saw(Region=place.region)
            if asked not in (None, "all", kind):
                audit.not_applicable(f"buckets.data_events asks for {asked} events")
            found = events.logged(place, reading=reading)
            instead = events.logged(place, reading=not reading) if asked is None else None
            audit.saw(LoggedBy=found or "none")
            if found:
                audit.told_by(found.told_by)
                audit.note(f"logged by {found}")
            elif instead:
                audit.told_by(instead.told_by)
                audit.note(f"{kind} events are not logged; {other} events are, by {instead}, and one of the two suffices (buckets.data_events)")
            else:
                undisclosed = events.settle(place, reading=reading)
                if asked is None and not reading:
                    audit.judged_by("s3_read_events_logged")
                if undisclosed:
                    audit.manual(
                        f"does {', '.join(undisclosed)}, the organization's trail, log {kind} events of {place}? "
                        "It does not tell this account: set organization_profile"
                    )
                parts = events.trails.partly(place, reading=reading)
                audit.fix(SELECT, selector=selector(place))
                what = "read nor write" if asked is None else kind
                raise AssertionError(f"{'neither ' if asked is None else 'no '}{what} events are logged{of_part(parts)}")
    if sensitive.unread is not None:
        with audit(audit.target()):
            sensitive.settle()
    elif not sensitive.any_buckets:
        audit.nothing("no buckets")
    elif not sensitive.places:
        with audit(audit.target()):
            audit.judged_by("sensitive_buckets_identified")
            audit.manual(NONE)


def of_part(trails: Any) -> str:
    """What is logged of it all the same, in words."""
    return f"; a part of them is by {', '.join(trails)}" if trails else ""


def selector(place: Any) -> str:
    """The advanced event selector that logs all events of a place."""
    return (
        '{"Name": "sensitive", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}, '
        f'{{"Field": "resources.ARN", "StartsWith": ["{place.objects}"]}}]}}'
    )


@check("WKLD.07", on="AWS::S3::Bucket", severity="medium", facts=FACTS, fix=SELECT, references=DOCS)
def test_s3_read_events_logged(audit, ssb_profile, sensitive_buckets, data_events):
    """CloudTrail logs what is read of every bucket with sensitive data."""
    logged(audit, ssb_profile, sensitive_buckets, data_events, reading=True)


@check("WKLD.07", on="AWS::S3::Bucket", severity="medium", facts=FACTS, fix=SELECT, references=DOCS)
def test_s3_write_events_logged(audit, ssb_profile, sensitive_buckets, data_events):
    """CloudTrail logs what is written to every bucket with sensitive data."""
    logged(audit, ssb_profile, sensitive_buckets, data_events, reading=False)


@check(
    "WKLD.07",
    on="AWS::CloudTrail::Trail",
    severity="medium",
    facts=(*WHICH, "organization_profile"),
    fix="aws cloudtrail get-trail-status --region {home_region} --name {arn}  # mend the bucket, its policy or key as the error says, then: "
    "aws cloudtrail start-logging --region {home_region} --name {arn}",
    references=("https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html",),
)
def test_s3_data_event_trail_delivering(audit, sensitive_buckets, trail_data, trail_statuses):
    """The trails that log data events of sensitive buckets deliver them."""
    now, day = datetime.now(UTC), timedelta(hours=24)
    covering = trail_data.covering(sensitive_buckets.places)
    for trail in covering:
        with audit(trail):
            status = trail_statuses[trail]
            audit.told_by(status.told_by)
            failed = status.latest_delivery_error
            audit.saw(Name=trail.name, LatestDeliveryError=failed or "none")
            new = status.start_logging_time is not None and now - status.start_logging_time < day
            quiet = not new and (status.latest_delivery_time is None or now - status.latest_delivery_time >= day)
            if failed or quiet:
                audit.judged_by("cloudtrail_delivering")
            assert not failed, f"delivery fails: {failed}"
            assert not quiet, "nothing was delivered for 24 hours"
            if trail_data.logs_itself(trail):
                audit.note(f"delivers; it also logs what it writes to its own bucket {trail.bucket}, which costs and tells nothing")
    if not covering:
        sensitive_buckets.settle()
        audit.nothing("no trail logs data events of sensitive buckets")
