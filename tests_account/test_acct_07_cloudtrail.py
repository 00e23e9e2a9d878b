"""ACCT.07: deliver CloudTrail logs to a protected S3 bucket.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_ssb import check

NO_TRAIL = "no trail: what is older than 90 days is lost"
NEW_TRAIL = (
    "aws cloudtrail create-trail --name management-events --s3-bucket-name BUCKET --is-multi-region-trail && "
    "aws cloudtrail start-logging --name management-events  # BUCKET: one whose policy lets CloudTrail in"
)
SELECTORS = (
    "aws cloudtrail put-event-selectors --trail-name TRAIL --event-selectors "
    "ReadWriteType=All,IncludeManagementEvents=true,ExcludeManagementEventSources=[]"
)
POLICY = (
    "aws s3api get-bucket-policy --bucket {name} --query Policy --output text > policy.json  # take out what nobody needs, then: "
    "aws s3api put-bucket-policy --bucket {name} --policy file://policy.json"
)
PUBLIC = (
    "aws s3api put-public-access-block --bucket {name} --public-access-block-configuration "
    "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
)
LOCK = (
    "aws s3api put-bucket-versioning --bucket {name} --versioning-configuration Status=Enabled && "
    "aws s3api put-object-lock-configuration --bucket {name} --object-lock-configuration "
    '\'{{"ObjectLockEnabled":"Enabled","Rule":{{"DefaultRetention":{{"Mode":"GOVERNANCE","Days":91}}}}}}\''
    "  # or, as root in CloudShell: aws s3api put-bucket-versioning with MFADelete=Enabled; never make access keys of root for it"
)
SOURCE = (
    "aws s3api get-bucket-policy --bucket {name} --query Policy --output text > policy.json  # to each statement for cloudtrail.amazonaws.com "
    "add the condition StringEquals, aws:SourceArn, {trail}; then: aws s3api put-bucket-policy --bucket {name} --policy file://policy.json"
)
TRAIL_DOCS = ("https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-create-and-update-a-trail.html",)
EVENT_DOCS = ("https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html",)
POLICY_DOCS = ("https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",)
ORGANIZATION, ARCHIVE = ("organization_profile",), ("log_archive_profile",)
READ_EVENTS = "read events are not asked for (trails.require_read_events = false)"


@check("ACCT.07", on="AWS::CloudTrail::Trail", severity="high", facts=ORGANIZATION, fix=NEW_TRAIL, references=TRAIL_DOCS)
def test_cloudtrail_multi_region_trail(audit, trails, trail_statuses):
    """A trail of all regions logs to an S3 bucket."""
    for trail in trails:
        with audit(trail, fix="aws cloudtrail start-logging --region {home_region} --name {arn}"):
            audit.saw(IsMultiRegionTrail=trail.is_multi_region_trail, S3BucketName=trail.bucket)
            if not trail.is_multi_region_trail:
                audit.not_applicable("of one region only")
            status = trail_statuses[trail]
            if (status is None or not status.is_logging) and trail_statuses.some_logs():
                audit.not_applicable("another trail of all regions logs")
            if status is None:
                audit.judged_by("cloudtrail_management_events")
                audit.manual("does this trail of the organization log? It does not tell this account: set organization_profile")
            audit.told_by(status.told_by)
            audit.saw(IsLogging=status.is_logging)
            assert status.is_logging, "stopped, and no other trail of all regions logs"
            assert trail.include_global_service_events, "leaves out the events of IAM and other global services"
    if not any(trail.is_multi_region_trail for trail in trails):
        with audit(audit.target()):
            assert not trails, (
                f"only trails of one region ({', '.join(trail.name for trail in trails)}): events of the others, and of new ones, escape"
            )
            assert trails, NO_TRAIL


@check(
    "ACCT.07",
    on="AWS::CloudTrail::Trail",
    severity="critical",
    facts=ORGANIZATION,
    fix="aws cloudtrail get-trail-status --region {home_region} --name {arn}  # mend the bucket, its policy or key as the error says; "
    "or: aws cloudtrail update-trail --region {home_region} --name {arn} --s3-bucket-name BUCKET",
    references=("https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html",),
)
def test_cloudtrail_delivering(audit, trails, trail_statuses):
    """The trail's logs arrive in its bucket."""
    now = datetime.now(UTC)
    for trail in trails:
        with audit(trail, severity="high"):
            status = trail_statuses[trail]
            if status is None:
                audit.manual("do the logs of this trail of the organization arrive? It does not tell this account: set organization_profile")
            audit.told_by(status.told_by)
            if trail.owner != audit.scope.account:
                audit.leave_to(trail.owner)
            audit.saw(IsLogging=status.is_logging, LatestDeliveryError=status.latest_delivery_error or "none")
            if not status.is_logging:
                if trail.is_multi_region_trail and not trail_statuses.some_logs():
                    audit.judged_by("cloudtrail_multi_region_trail")
                audit.fix("aws cloudtrail start-logging --region {home_region} --name {arn}  # or, if it is no longer wanted: delete-trail")
            assert status.is_logging, "stopped"
            failed = status.latest_delivery_error
            if "NoSuchBucket" in failed:
                audit.severity("critical")
            assert "NoSuchBucket" not in failed, f"its bucket {trail.bucket} does not exist: whoever makes one of that name gets the logs"
            assert not failed, f"delivery fails: {failed}"
            if status.latest_delivery_time is None:
                audit.note("started within the last hour")
                assert status.start_logging_time and now - status.start_logging_time < timedelta(hours=1), "nothing was ever delivered"
            else:
                age = now - status.latest_delivery_time
                assert age < timedelta(hours=24), f"nothing was delivered for {age.days * 24 + age.seconds // 3600} hours"
    if not trails:
        audit.nothing("no trail")


def covered(audit: Any, events: Any, statuses: Any, missing: Any) -> None:
    """Judge whether the trails log it all between them; what the organization's trail logs may not be told."""
    audit.saw(Missing=missing or "nothing")
    audit.told_by(*events.told_by)
    if missing:
        if events.undisclosed:
            audit.manual(
                f"does {', '.join(events.undisclosed)}, the organization's trail, log {' and '.join(missing)}, and deliver to a protected bucket? "
                "It does not tell this account: set organization_profile"
            )
        if not statuses.some_logs():
            audit.judged_by("cloudtrail_multi_region_trail")
    assert not missing, f"no trail of all regions logs {' and '.join(missing)}"


@check(
    "ACCT.07",
    on="AWS::::Account",
    severity="high",
    facts=("trails.require_read_events", *ORGANIZATION),
    fix=SELECTORS,
    references=EVENT_DOCS,
)
def test_cloudtrail_management_events(audit, ssb_profile, management_events, trail_statuses):
    """The trails of all regions log all management events between them, those that read and those that write."""
    with audit(audit.target()):
        reads = ssb_profile.trails.require_read_events
        if not reads:
            audit.note(f"write events are logged; {READ_EVENTS}")
        covered(audit, management_events, trail_statuses, management_events.missing(reads=reads))


@check("ACCT.07", on="AWS::::Account", severity="high", environment="production", facts=ORGANIZATION, fix=SELECTORS, references=EVENT_DOCS)
def test_cloudtrail_kms_write_events(audit, management_events, trail_statuses):
    """The trails of all regions log what changes keys of KMS."""
    with audit(audit.target()):
        covered(audit, management_events, trail_statuses, management_events.missing_kms_writes)


@check(
    "ACCT.07",
    on="AWS::CloudTrail::Trail",
    severity="low",
    environment="preproduction",
    facts=("trails.exclude_kms_in_preproduction", *ORGANIZATION),
    fix="aws cloudtrail put-event-selectors --region {home_region} --trail-name {arn} --event-selectors "
    "ReadWriteType=All,IncludeManagementEvents=true,ExcludeManagementEventSources=[kms.amazonaws.com]",
    references=EVENT_DOCS,
)
def test_cloudtrail_kms_events_excluded(audit, ssb_profile, trails, trail_selectors):
    """The trail of a preproduction account leaves out the many events of KMS."""
    asked = ssb_profile.trails.exclude_kms_in_preproduction
    for trail in trails:
        with audit(trail):
            if audit.target().split(":")[4] != trail.owner:
                audit.not_applicable("a trail of the organization, for all its accounts")
            logs = trail_selectors[trail].logs_kms_reads
            if logs and not asked:
                audit.note("logs the read events of KMS, which costs more than it tells (trails.exclude_kms_in_preproduction)")
            assert not (logs and asked), "logs the read events of KMS"
    if not trails:
        audit.nothing("no trail")


def of_another(audit: Any, log_bucket: Any) -> None:
    """End the block where the bucket is another account's and that is not reached: it is asked about once. Where it is reached, note which it is."""
    if not log_bucket.found:
        audit.judged_by("trail_bucket_not_public")
        how = f"log_archive_profile leads to {log_bucket.archive}, which does not have it" if log_bucket.archive else "set log_archive_profile"
        audit.manual(f"is this bucket, which is not of this account, protected? {log_bucket.trails[0].arn} delivers to it; {how}")
    audit.told_by(log_bucket.owner if log_bucket.owner != log_bucket.account else None)
    if log_bucket.judged_there:
        audit.leave_to(log_bucket.owner)


@check("ACCT.07", on="AWS::S3::Bucket", severity="critical", facts=ARCHIVE, fix=PUBLIC, references=POLICY_DOCS)
def test_trail_bucket_not_public(audit, log_buckets, log_bucket_openings):
    """Neither the policy nor the ACL of a bucket that holds logs lets everyone in."""
    for each in log_buckets:
        with audit(each, region=each.region, item=each.foreign_trail):
            of_another(audit, each)
            openings = log_bucket_openings[each.bucket]
            audit.saw(**openings.seen)
            assert not openings.public, f"by {' and '.join(openings.public)} everyone may {openings.rights}"
            openings.settle()
    if not log_buckets:
        audit.nothing("no trail")


@check("ACCT.07", on="AWS::S3::Bucket", severity="high", facts=("trails.log_readers", *ARCHIVE), fix=POLICY, references=POLICY_DOCS)
def test_trail_bucket_policy_least_access(audit, ssb_profile, log_buckets, log_bucket_policies, log_bucket_blocks):
    """The policy lets CloudTrail write, declared readers read, and nobody else in; identity policies are not looked at."""
    for each in log_buckets:
        with audit(each, region=each.region, item=each.foreign_trail):
            of_another(audit, each)
            policy, readers = log_bucket_policies[each.bucket], ssb_profile.trails.log_readers
            assert policy.statements, "no policy: CloudTrail cannot deliver"
            declared = {reader: readers.match(reader.who, reader.account or reader.who) if readers else None for reader in policy.readers}
            undeclared = [reader for reader, entry in declared.items() if entry is None]
            strangers = [reader.who for reader in undeclared if reader.account and reader.account != policy.account]
            assert not policy.excess, "; ".join([*policy.excess, *policy.everyone])
            assert not strangers, f"external: lets {', '.join(strangers)} read, not in trails.log_readers"
            if policy.everyone and not log_bucket_blocks[each.bucket].restrict_public_buckets:
                audit.judged_by("trail_bucket_not_public")
            assert not policy.everyone, "; ".join(policy.everyone)
            assert readers is None or not undeclared, f"lets {', '.join(reader.who for reader in undeclared)} read, not in trails.log_readers"
            if undeclared:
                audit.manual(f"do {', '.join(reader.who for reader in undeclared)} need to read the logs? (trails.log_readers)")
            if policy.services:
                audit.manual(f"does {', '.join(policy.services)} deliver logs to this bucket, and need what the policy allows it?")
            if declared:
                audit.declared("trails.log_readers", ", ".join(dict.fromkeys(map(str, declared.values()))))
    if not log_buckets:
        audit.nothing("no trail")


@check(
    "ACCT.07",
    on="AWS::S3::Bucket",
    severity="medium",
    facts=ARCHIVE,
    fix=SOURCE.replace("{trail}", "TRAIL_ARN"),
    references=POLICY_DOCS,
)
def test_trail_bucket_policy_source_arn(audit, log_buckets, log_bucket_policies):
    """The policy lets CloudTrail in for the trail alone, by aws:SourceArn."""
    for each in log_buckets:
        for trail in each.trails:
            with audit(each, region=each.region, item=trail.arn):
                of_another(audit, each)
                policy = log_bucket_policies[each.bucket]
                if each.control_tower:
                    audit.not_applicable("AWS Control Tower keeps the policy of this bucket")
                wrong = policy.source_of(trail)
                if policy.guarded_otherwise:
                    audit.severity("low")
                if not policy.statements:
                    audit.judged_by("trail_bucket_policy_least_access")
                audit.fix(SOURCE, trail=trail.arn)
                assert wrong is None, wrong
    if not log_buckets:
        audit.nothing("no trail")


@check(
    "ACCT.07",
    on="AWS::S3::Bucket",
    severity="low",
    facts=("trails.accept_object_lock", *ARCHIVE),
    fix=LOCK,
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html",),
)
def test_trail_bucket_mfa_delete(
    audit, ssb_profile, log_buckets, log_bucket_keeping, log_bucket_policies, log_bucket_rules, root_user, log_archive_roots
):
    """Logs are deleted with MFA alone, or Object Lock keeps them."""
    for each in log_buckets:
        with audit(each, region=each.region, item=each.foreign_trail):
            of_another(audit, each)
            keeping = log_bucket_keeping[each.bucket]
            audit.saw(Status=keeping.versioning.status or "never set", MFADelete=keeping.versioning.mfa_delete or "never set")
            if not keeping.versioning.needs_mfa:
                accepted = ssb_profile.trails.accept_object_lock
                kept = accepted and ("Object Lock" if keeping.locked else log_bucket_policies[each.bucket].denies_deletion and "the policy")
                if kept:
                    audit.note(f"{kept} keeps the logs (trails.accept_object_lock)")
                elif not (root_user.mfa or root_user.credentials if each.owner == each.account else log_archive_roots[each.owner]):
                    audit.not_applicable("root alone can set MFA Delete, and has no credentials: set Object Lock in its place")
                asked = "MFA Delete" + (" nor Object Lock by default" if accepted else "")
                impossible = "; with lifecycle rules MFA Delete cannot be set" if not kept and log_bucket_rules[each.bucket] else ""
                assert kept, f"neither {asked}{impossible}" if accepted else f"no {asked}{impossible}"
    if not log_buckets:
        audit.nothing("no trail")


@check(
    "ACCT.07",
    on="AWS::S3::Bucket",
    severity="medium",
    facts=("trails.log_retention_days", *ARCHIVE),
    fix="aws s3api get-bucket-lifecycle-configuration --bucket {name} > rules.json  # let current versions live longer, then: "
    "aws s3api put-bucket-lifecycle-configuration --bucket {name} --lifecycle-configuration file://rules.json",
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html",),
)
def test_trail_bucket_retention(audit, ssb_profile, log_buckets, log_bucket_rules):
    """Logs live longer than CloudTrail's own history of 90 days."""
    limit = ssb_profile.trails.log_retention_days
    for each in log_buckets:
        with audit(each, region=each.region, item=each.foreign_trail):
            of_another(audit, each)
            ends = {rule.ends(trail.logs_below): rule.days for rule in log_bucket_rules[each.bucket] for trail in each.trails}
            early = [when for when, days in ends.items() if when and days < limit]
            assert not early, f"a lifecycle rule deletes logs {' and '.join(early)}, not after {limit} days at the least"
    if not log_buckets:
        audit.nothing("no trail")
