"""The demo's trails: one of all regions with a bucket that only CloudTrail gets into; in the mixed account, also the remains of a first try."""

from __future__ import annotations

import json
from typing import Any

from pytest_ssb.demo.seeder import Seeder

LOGS, OLD_LOGS = "acme-trail", "acme-trail-old"
BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
LOCK = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 365}}}
# What is said to be sensitive, in the demo's config file; nobody has thought of uploads in the mixed account.
INVOICES, UPLOADS = "arn:aws:s3:::acme-invoices/", "arn:aws:s3:::acme-uploads/"


def seed(seeder: Seeder) -> None:
    """Fill CloudTrail. The mixed account's trail leaves out what reads; its first one was stopped, and its bucket forgotten."""
    # Where all trails are asked for: moto tells of no others but those of all regions.
    region = seeder.regions[1]
    s3, cloudtrail = seeder.client("s3", region), seeder.client("cloudtrail", region)
    name = "acme-management"
    trail = f"arn:aws:cloudtrail:{region}:{seeder.account}:trail/{name}"
    _bucket(s3, LOGS, _for_cloudtrail(LOGS, "s3:GetBucketAcl", trail), _for_cloudtrail(f"{LOGS}/AWSLogs/*", "s3:PutObject", trail))
    s3.put_public_access_block(Bucket=LOGS, PublicAccessBlockConfiguration=BLOCKED)
    s3.put_object_lock_configuration(Bucket=LOGS, ObjectLockConfiguration=LOCK)
    cloudtrail.create_trail(Name=name, S3BucketName=LOGS, IsMultiRegionTrail=True)
    cloudtrail.start_logging(Name=name)
    if seeder.clean:
        selectors = [_selector("All", INVOICES, UPLOADS, management=True)]
    else:
        selectors = [_selector("WriteOnly", INVOICES, management=True), _selector("ReadOnly", INVOICES, management=False)]
        _first_try(s3, cloudtrail)
    cloudtrail.put_event_selectors(TrailName=name, EventSelectors=selectors)

    def tell_regions(_: str, parsed: dict[str, Any]) -> None:
        for bucket in parsed["Buckets"]:
            if bucket["Name"] in (LOGS, OLD_LOGS):
                bucket["BucketRegion"] = region

    def tell_of_selectors(_: str, parsed: dict[str, Any]) -> None:
        for each in parsed["trailList"]:
            each["HasCustomEventSelectors"] = each["Name"] == name

    def tell_own_regions(_: str, parsed: dict[str, Any]) -> None:
        parsed["Regions"] = [each for each in parsed["Regions"] if each["RegionName"] in seeder.regions]

    seeder.simulated.over("ec2:DescribeRegions", tell_own_regions)
    seeder.simulated.instead("cloudtrail:ListEventDataStores", lambda where, asked: {"EventDataStores": []})
    seeder.simulated.over("s3:ListBuckets", tell_regions)
    seeder.simulated.over("cloudtrail:DescribeTrails", tell_of_selectors)


def _selector(kind: str, *places: str, management: bool) -> dict[str, Any]:
    data = [{"Type": "AWS::S3::Object", "Values": list(places)}]
    return {"ReadWriteType": kind, "IncludeManagementEvents": management, "DataResources": data, "ExcludeManagementEventSources": []}


def _first_try(s3: Any, cloudtrail: Any) -> None:
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{OLD_LOGS}/*"}
    _bucket(s3, OLD_LOGS, _for_cloudtrail(f"{OLD_LOGS}/*", "s3:*"), _for_cloudtrail(OLD_LOGS, "s3:GetBucketAcl"), everybody)
    rule = {"ID": "save", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}
    s3.put_bucket_lifecycle_configuration(Bucket=OLD_LOGS, LifecycleConfiguration={"Rules": [rule]})
    cloudtrail.create_trail(Name="acme-first", S3BucketName=OLD_LOGS, IsMultiRegionTrail=False)


def _bucket(s3: Any, name: str, *statements: dict[str, Any]) -> None:
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=name == LOGS)
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))


def _for_cloudtrail(resource: str, action: str, trail: str | None = None) -> dict[str, Any]:
    condition = {"Condition": {"StringEquals": {"aws:SourceArn": trail}}} if trail else {}
    principal = {"Service": "cloudtrail.amazonaws.com"}
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": f"arn:aws:s3:::{resource}", **condition}
