"""ACCT.08's checks, each shown to pass, to fail, and at its edges."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_ssb.findings import Finding
from pytest_ssb.reads.s3_openings import LOG_DELIVERY
from tests.support.worlds import Cloud, Expected, World, built, judge, world
from tests_account import test_acct_08_s3_public_access as suite

BOTH = ("eu-west-1", "us-east-1")
ACCOUNT, BUCKET = suite.test_account_public_access_block, suite.test_bucket_public_access_block
PUBLIC, POINT = suite.test_bucket_not_public, suite.test_access_point_not_public
SETTINGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_GROUP = "http://acs.amazonaws.com/groups/s3/LogDelivery"
STRANGER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
READ = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
WRITE = READ | {"Action": "s3:PutObject"}
OPEN = ("FAIL", "medium", "off for bucket and account")


def error(operation: str, code: str = "AccessDenied") -> ClientError:
    """An error that AWS answers."""
    return ClientError({"Error": {"Code": code, "Message": ""}}, operation.partition(":")[2])


def denied(aws: Cloud, *operations: str) -> None:
    """Deny those calls from now on."""
    for operation in operations:
        aws.simulated.instead(operation, lambda region, body, one=operation: error(one))  # type: ignore[misc]


def settings(*off: str) -> dict[str, bool]:
    """The four settings, on but for those."""
    return {name: name not in off for name in SETTINGS}


def account_block(aws: Cloud, *off: str) -> None:
    aws.client("s3control").put_public_access_block(AccountId=aws.account, PublicAccessBlockConfiguration=settings(*off))


def bucket(aws: Cloud, name: str, *off: str, region: str = "", block: bool = True, ownership: str = "BucketOwnerEnforced", policy: Any = ()) -> str:
    """A bucket, its ARN. As AWS makes them: it blocks all but what is `off`, and ACLs have no effect."""
    region = region or aws.region
    s3 = aws.client("s3", region)
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **place)
    if block:
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=settings(*off))
    if ownership:
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]})
    if policy:
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": policy}))
    return f"arn:{aws.partition}:s3:::{name}"


def grant(aws: Cloud, name: str, *grants: tuple[str, str]) -> None:
    """Give rights by a bucket's ACL, beside the owner's: who (a group's URI, or a canonical user) and what."""
    owner = aws.client("s3").get_bucket_acl(Bucket=name)["Owner"]
    given: list[dict[str, Any]] = [{"Grantee": {"Type": "CanonicalUser", "ID": owner["ID"]}, "Permission": "FULL_CONTROL"}]
    for who, what in grants:
        grantee = {"Type": "Group", "URI": who} if who.startswith("http") else {"Type": "CanonicalUser", "ID": who}
        given.append({"Grantee": grantee, "Permission": what})
    aws.client("s3").put_bucket_acl(Bucket=name, AccessControlPolicy={"Owner": owner, "Grants": given})


def trail(aws: Cloud, name: str, region: str = "", everywhere: bool = True) -> None:
    """A trail that writes to a bucket."""
    aws.client("cloudtrail", region or "us-east-1").create_trail(Name=f"trail-{name}", S3BucketName=name, IsMultiRegionTrail=everywhere)


def for_bucket(aws: Cloud, operation: str, name: str, code: str = "AccessDenied") -> None:
    """Let an operation on one bucket end in an error."""

    def fail(region: str, params: Any) -> None:
        if params["Bucket"] == name:
            raise error(operation, code)

    listen(aws, operation, fail)


def listen(aws: Cloud, operation: str, listener: Callable[[str, Any], Any]) -> None:
    """Let `listener(region, params)` hear of each such call before it is sent."""
    register, (service, name) = aws.simulated.register, operation.split(":")

    def registering(client: Any) -> None:
        register(client)
        if client.meta.service_model.service_name == service:
            event = f"provide-client-params.{client.meta.service_model.service_id.hyphenize()}.{name}"
            client.meta.events.register(event, lambda params, **_: listener(client.meta.region_name, params))

    aws.simulated.register = registering  # type: ignore[method-assign]


def calls(check: Callable[..., None], build: Callable[[Cloud], Any], regions: tuple[str, ...] = ("eu-west-1",)) -> list[str]:
    """The operations that a check asks, each as often as it is asked."""
    asked: list[str] = []
    with built(World(check, build, regions)) as (cloud, _):
        register = cloud.simulated.register

        def listening(client: Any) -> None:
            service = client.meta.service_model.service_name
            client.meta.events.register_first("provide-client-params", lambda model, **_: asked.append(f"{service}:{model.name}"))
            register(client)

        cloud.simulated.register = listening  # type: ignore[method-assign]
        judge(check, cloud)
    return sorted(asked)


def findings(check: Callable[..., None], build: Callable[[Cloud], Any], regions: tuple[str, ...] = ("eu-west-1",)) -> list[Finding]:
    with built(World(check, build, regions)) as (cloud, _):
        return judge(check, cloud)


# --- account_public_access_block -----------------------------------------------------------------------------------------------------------


@world(ACCOUNT)
def test_account_that_blocks_everything_passes(aws: Cloud) -> Expected:
    account_block(aws)
    return {aws.account_arn: "PASS"}


@world(ACCOUNT)
def test_account_with_an_open_bucket_fails(aws: Cloud) -> Expected:
    bucket(aws, "open", block=False)
    return {aws.account_arn: ("FAIL", "high", ", ".join(SETTINGS))}


@world(ACCOUNT)
def test_account_whose_buckets_all_block_fails_less(aws: Cloud) -> Expected:
    bucket(aws, "closed")
    return {aws.account_arn: ("FAIL", "medium", "off for the account")}


@world(ACCOUNT)
def test_account_without_buckets_fails_all_the_same(aws: Cloud) -> Expected:
    return {aws.account_arn: ("FAIL", "medium", "off for the account")}


@world(ACCOUNT)
def test_account_with_one_setting_off_fails(aws: Cloud) -> Expected:
    account_block(aws, "RestrictPublicBuckets")
    bucket(aws, "open", block=False)
    return {aws.account_arn: ("FAIL", "high", "RestrictPublicBuckets off for the account")}


@world(ACCOUNT)
def test_bucket_that_has_vanished_is_none_that_is_open(aws: Cloud) -> Expected:
    bucket(aws, "closed")
    bucket(aws, "gone", block=False)
    for_bucket(aws, "s3:GetPublicAccessBlock", "gone", "NoSuchBucket")
    return {aws.account_arn: ("FAIL", "medium", "off for the account")}


@pytest.mark.parametrize("off", SETTINGS)
def test_each_of_the_four_settings_counts(off: str) -> None:
    def build(aws: Cloud) -> None:
        account_block(aws, off)
        bucket(aws, "open", off)

    for check, where in ((ACCOUNT, "the account"), (BUCKET, "bucket and account")):
        (found,) = findings(check, build)
        assert (found.status, found.reason) == ("FAIL", f"{off} off for {where}")


@world(ACCOUNT)
def test_account_with_buckets_that_are_public_on_purpose(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["acme-www"]})
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "public on purpose", "buckets.public = acme-www")}


@world(ACCOUNT)
def test_account_that_blocks_everything_needs_no_declaration(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["acme-www"]})
    account_block(aws)
    return {aws.account_arn: "PASS"}


@world(ACCOUNT)
def test_buckets_that_cannot_be_read_leave_the_worst(aws: Cloud) -> Expected:
    bucket(aws, "closed")
    denied(aws, "s3:GetPublicAccessBlock")
    return {aws.account_arn: ("FAIL", "high", "off for the account")}


@world(ACCOUNT)
def test_buckets_that_cannot_be_listed_leave_the_worst(aws: Cloud) -> Expected:
    denied(aws, "s3:ListBuckets")
    return {aws.account_arn: ("FAIL", "high", "off for the account")}


@world(ACCOUNT)
def test_denied_account_is_an_error(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["acme-www"]})
    denied(aws, "s3control:GetPublicAccessBlock")
    return {aws.account_arn: ("ERROR", "high", "s3control:GetPublicAccessBlock is denied", "allow s3:GetAccountPublicAccessBlock")}


@world(ACCOUNT)
def test_account_with_a_setting_that_is_not_told_is_an_error(aws: Cloud) -> Expected:
    account_block(aws)
    aws.simulated.over("s3control:GetPublicAccessBlock", lambda region, parsed: parsed["PublicAccessBlockConfiguration"].pop("RestrictPublicBuckets"))
    return {aws.account_arn: ("ERROR", "high", "RestrictPublicBuckets")}


@world(ACCOUNT, regions=("cn-north-1",))
def test_account_in_china(aws: Cloud) -> Expected:
    account_block(aws)
    return {"arn:aws-cn:account::123456789012:account": "PASS"}


@world(ACCOUNT, regions=("us-gov-west-1",))
def test_account_in_govcloud(aws: Cloud) -> Expected:
    bucket(aws, "open", block=False)
    return {"arn:aws-us-gov:account::123456789012:account": ("FAIL", "high", "off for the account")}


def test_account_finding_keeps_its_type_and_mends_itself() -> None:
    (found,) = findings(ACCOUNT, lambda aws: {})
    assert (found.resource_type, found.region) == ("AWS::S3::AccountPublicAccessBlock", None)
    assert str(found.remediation).startswith("aws s3control put-public-access-block --account-id 123456789012 --public-access-block-configuration")


def test_account_that_blocks_everything_is_asked_once() -> None:
    def build(aws: Cloud) -> None:
        account_block(aws)
        bucket(aws, "closed")

    assert calls(ACCOUNT, build) == ["s3control:GetPublicAccessBlock"]


# --- bucket_public_access_block ------------------------------------------------------------------------------------------------------------


@world(BUCKET)
def test_bucket_that_does_not_block_fails(aws: Cloud) -> Expected:
    return {
        bucket(aws, "closed"): "PASS",
        bucket(aws, "half", "RestrictPublicBuckets"): ("FAIL", "medium", "RestrictPublicBuckets off for bucket and account"),
        bucket(aws, "never-set", block=False): ("FAIL", "medium", ", ".join(SETTINGS)),
    }


@world(BUCKET)
def test_each_setting_that_is_off_fails_the_bucket(aws: Cloud) -> Expected:
    return {bucket(aws, off.lower(), off): ("FAIL", "medium", f"{off} off for bucket and account") for off in SETTINGS}


@world(BUCKET)
def test_trail_bucket_that_does_not_block_is_worse(aws: Cloud) -> Expected:
    logs, other = bucket(aws, "acme-logs", block=False), bucket(aws, "other", block=False)
    trail(aws, "acme-logs")
    return {logs: ("FAIL", "high", "off for bucket and account"), other: OPEN}


@world(BUCKET)
def test_account_blocks_for_every_bucket(aws: Cloud) -> Expected:
    account_block(aws)
    denied(aws, "s3:GetPublicAccessBlock")
    return {bucket(aws, "never-set", block=False): "PASS"}


@world(BUCKET)
def test_account_and_bucket_add_up(aws: Cloud) -> Expected:
    account_block(aws, "BlockPublicAcls", "IgnorePublicAcls")
    return {
        bucket(aws, "other-half", "BlockPublicPolicy", "RestrictPublicBuckets"): "PASS",
        bucket(aws, "same-half", "BlockPublicAcls"): ("FAIL", "medium", "BlockPublicAcls off"),
    }


@world(BUCKET)
def test_no_buckets(aws: Cloud) -> Expected:
    return {aws.account_arn: "NOT_APPLICABLE"}


@world(BUCKET)
def test_bucket_that_is_public_on_purpose(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["acme-w?w", "acme-closed"]})
    return {
        bucket(aws, "acme-www", block=False): ("NOT_APPLICABLE", "high", "buckets.public = acme-w?w"),
        bucket(aws, "acme-closed"): "PASS",
        bucket(aws, "acme-other", block=False): OPEN,
    }


@world(BUCKET)
def test_trail_bucket_is_never_public_on_purpose(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["logs-*"]})
    there, elsewhere = bucket(aws, "logs-1", block=False), bucket(aws, "logs-2", block=False)
    trail(aws, "logs-1")
    trail(aws, "logs-2", region="eu-west-1", everywhere=False)
    _lists_all_trails(aws, "eu-west-1")
    return {there: ("FAIL", "high", "off for bucket and account"), elsewhere: ("FAIL", "high", "off for bucket and account")}


def _lists_all_trails(aws: Cloud, *regions: str) -> None:
    """ListTrails as AWS answers it: the trails of all regions, where moto tells of one region."""
    trails = [each for region in regions for each in aws.client("cloudtrail", region).list_trails()["Trails"]]
    aws.simulated.instead("cloudtrail:ListTrails", lambda region, body: {"Trails": trails})


@world(BUCKET)
def test_denied_trails_leave_the_worst_and_no_exemption(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["acme-www"]})
    denied(aws, "cloudtrail:DescribeTrails")
    return {
        bucket(aws, "other", block=False): ("FAIL", "high", "off for bucket and account"),
        bucket(aws, "acme-www", block=False): ("ERROR", "high", "cloudtrail:DescribeTrails is denied"),
        bucket(aws, "closed"): "PASS",
    }


@world(BUCKET)
def test_denied_list_of_trails_leaves_those_that_are_known(aws: Cloud) -> Expected:
    logs, other = bucket(aws, "acme-logs", block=False), bucket(aws, "other", block=False)
    trail(aws, "acme-logs")
    aws.facts(buckets={"public": ["acme-logs", "other"]})
    denied(aws, "cloudtrail:ListTrails")
    return {logs: ("FAIL", "high", "off"), other: ("ERROR", "high", "cloudtrail:ListTrails is denied")}


@world(BUCKET)
def test_bucket_by_its_tag(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["tag:use=WWW"]})
    tagged, plain, other = (bucket(aws, name, block=False) for name in ("tagged", "plain", "other"))
    s3 = aws.client("s3")
    s3.put_bucket_tagging(Bucket="tagged", Tagging={"TagSet": [{"Key": "use", "Value": "www"}]})
    s3.put_bucket_tagging(Bucket="other", Tagging={"TagSet": [{"Key": "use", "Value": "backup"}, {"Key": "name", "Value": "www"}]})
    return {tagged: ("NOT_APPLICABLE", "high", "buckets.public = tag:use=WWW"), plain: OPEN, other: OPEN}


@world(BUCKET)
def test_tags_that_cannot_be_read_are_an_error(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["by-name", "tag:use=www"]})
    by_name, by_tag = bucket(aws, "by-name", block=False), bucket(aws, "by-tag", block=False)
    denied(aws, "s3:GetBucketTagging")
    return {
        by_name: ("NOT_APPLICABLE", "high", "= by-name"),
        by_tag: ("ERROR", "high", "s3:GetBucketTagging is denied"),
        bucket(aws, "closed"): "PASS",
    }


@world(BUCKET)
def test_denied_bucket_is_an_error_of_its_own(aws: Cloud) -> Expected:
    good, lost = bucket(aws, "good"), bucket(aws, "lost")
    for_bucket(aws, "s3:GetPublicAccessBlock", "lost")
    return {good: "PASS", lost: ("ERROR", "high", "s3:GetPublicAccessBlock is denied", "allow s3:GetBucketPublicAccessBlock")}


@world(BUCKET)
def test_bucket_that_has_vanished_leaves_no_finding(aws: Cloud) -> Expected:
    good, _gone = bucket(aws, "good"), bucket(aws, "gone")
    for_bucket(aws, "s3:GetPublicAccessBlock", "gone", "NoSuchBucket")
    return {good: "PASS"}


@world(BUCKET)
def test_other_not_found_is_an_error(aws: Cloud) -> Expected:
    lost = bucket(aws, "lost")
    for_bucket(aws, "s3:GetPublicAccessBlock", "lost", "404")
    return {lost: "ERROR"}


@world(BUCKET)
def test_denied_account_leaves_buckets_that_block_themselves(aws: Cloud) -> Expected:
    denied(aws, "s3control:GetPublicAccessBlock")
    return {bucket(aws, "closed"): "PASS", bucket(aws, "half", "BlockPublicAcls"): ("ERROR", "high", "s3control:GetPublicAccessBlock is denied")}


@world(BUCKET)
def test_denied_list_of_buckets_is_an_error(aws: Cloud) -> Expected:
    bucket(aws, "open", block=False)
    denied(aws, "s3:ListBuckets")
    return {aws.account_arn: ("ERROR", "high", "s3:ListBuckets is denied", "allow s3:ListAllMyBuckets")}


@world(BUCKET)
def test_second_page_of_buckets_is_judged(aws: Cloud) -> Expected:
    first, last = bucket(aws, "first"), bucket(aws, "last", block=False)
    pages: Iterator[dict[str, Any]] = iter([{"Buckets": [{"Name": "first"}], "ContinuationToken": "2"}, {"Buckets": [{"Name": "last"}]}])
    aws.simulated.instead("s3:ListBuckets", lambda region, body: next(pages))
    return {first: "PASS", last: OPEN}


def as_aws_lists(aws: Cloud, **regions: str) -> None:
    """Tell the regions of buckets in the list, as AWS does."""

    def change(region: str, parsed: Any) -> None:
        for each in parsed["Buckets"]:
            each["BucketRegion"] = regions[each["Name"]]

    aws.simulated.over("s3:ListBuckets", change)


PLACES = {"ireland": "eu-west-1", "virginia": "us-east-1", "tokyo": "ap-northeast-1"}


@pytest.mark.parametrize("told", [PLACES, None])
def test_each_bucket_is_asked_in_its_own_region(told: dict[str, str] | None) -> None:
    asked: list[tuple[str, str]] = []

    def build(aws: Cloud) -> None:
        for name, region in PLACES.items():
            bucket(aws, name, region=region)
        listen(aws, "s3:GetPublicAccessBlock", lambda region, params: asked.append((params["Bucket"], region)))
        if told is not None:
            as_aws_lists(aws, **told)

    found = findings(BUCKET, build)
    assert {finding.resource.rpartition(":")[2]: (finding.region, finding.status) for finding in found} == {
        name: (region, "PASS") for name, region in PLACES.items()
    }
    assert dict(asked) == PLACES
    assert len(asked) == 3


def test_region_is_not_asked_for_where_the_list_tells_it() -> None:
    def build(aws: Cloud) -> None:
        bucket(aws, "closed")
        as_aws_lists(aws, closed="eu-west-1")

    assert calls(BUCKET, build) == ["s3:GetPublicAccessBlock", "s3:ListBuckets", "s3control:GetPublicAccessBlock"]


def _one_region_unknown(aws: Cloud) -> tuple[str, str]:
    good, lost = bucket(aws, "good"), bucket(aws, "lost")
    for_bucket(aws, "s3:GetBucketLocation", "lost")
    return good, lost


@world(BUCKET)
def test_bucket_of_an_unknown_region_is_an_error_of_its_own(aws: Cloud) -> Expected:
    good, lost = _one_region_unknown(aws)
    return {good: "PASS", lost: ("ERROR", "high", "s3:GetBucketLocation is denied")}


@world(ACCOUNT)
def test_bucket_of_an_unknown_region_leaves_the_worst(aws: Cloud) -> Expected:
    _one_region_unknown(aws)
    return {aws.account_arn: ("FAIL", "high", "off for the account")}


def test_findings_are_of_their_buckets_regions() -> None:
    found = {finding.resource.rpartition(":")[2]: finding.region for finding in findings(BUCKET, _one_region_unknown)}
    assert found == {"good": "eu-west-1", "lost": None}


@world(BUCKET)
def test_regions_that_the_list_tells(aws: Cloud) -> Expected:
    near, far = bucket(aws, "near"), bucket(aws, "far", "IgnorePublicAcls", region="ap-northeast-1")
    as_aws_lists(aws, near="eu-west-1", far="ap-northeast-1")
    denied(aws, "s3:GetBucketLocation")
    return {near: "PASS", far: ("FAIL", "medium", "IgnorePublicAcls off")}


@world(BUCKET)
def test_bucket_whose_region_has_no_name_lives_in_virginia(aws: Cloud) -> Expected:
    return {bucket(aws, "virginia", region="us-east-1"): "PASS"}


@world(BUCKET, regions=("us-gov-west-1",))
def test_no_region_is_no_region_of_another_partition(aws: Cloud) -> Expected:
    unknown = bucket(aws, "unknown")
    aws.simulated.over("s3:GetBucketLocation", lambda region, parsed: parsed.update(LocationConstraint=None))
    return {unknown: ("ERROR", "high", "s3:GetBucketLocation answered a bucket without LocationConstraint")}


@world(BUCKET)
def test_bucket_that_vanished_before_its_region_was_asked(aws: Cloud) -> Expected:
    good, _gone = bucket(aws, "good"), bucket(aws, "gone")
    for_bucket(aws, "s3:GetBucketLocation", "gone", "NoSuchBucket")
    return {good: "PASS"}


@pytest.mark.parametrize(("told", "region"), [("EU", "eu-west-1"), (None, "us-east-1"), ("eu-south-2", "eu-south-2")])
def test_old_names_of_regions(told: str | None, region: str) -> None:
    def build(aws: Cloud) -> None:
        bucket(aws, "old")
        aws.simulated.over("s3:GetBucketLocation", lambda region, parsed: parsed.update(LocationConstraint=told))

    (found,) = findings(BUCKET, build)
    assert found.region == region


@world(BUCKET, regions=("cn-north-1",))
def test_buckets_in_china(aws: Cloud) -> Expected:
    closed = bucket(aws, "closed")
    assert closed == "arn:aws-cn:s3:::closed"
    return {closed: "PASS", bucket(aws, "half", "BlockPublicAcls"): ("FAIL", "medium", "BlockPublicAcls off")}


def test_trails_and_tags_are_not_asked_for_where_every_bucket_blocks() -> None:
    def build(aws: Cloud) -> None:
        aws.facts(buckets={"public": ["tag:use=www"]})
        bucket(aws, "closed")

    assert calls(BUCKET, build) == ["s3:GetBucketLocation", "s3:GetPublicAccessBlock", "s3:ListBuckets", "s3control:GetPublicAccessBlock"]


# --- bucket_not_public ---------------------------------------------------------------------------------------------------------------------


@world(PUBLIC)
def test_bucket_with_a_public_policy_fails(aws: Cloud) -> Expected:
    return {
        bucket(aws, "private", block=False): "PASS",
        bucket(aws, "read", block=False, policy=[READ]): ("FAIL", "high", "by the policy everyone may read"),
        bucket(aws, "write", block=False, policy=[READ, WRITE]): ("FAIL", "critical", "by the policy everyone may write"),
    }


@world(PUBLIC, selected=("trail_bucket_not_public",))
def test_public_bucket_of_logs_is_left_to_the_check_of_these(aws: Cloud) -> Expected:
    logs = bucket(aws, "logs-1", block=False, policy=[READ])
    trail(aws, "logs-1")
    return {
        logs: ("NOT_APPLICABLE", None, "judged by trail_bucket_not_public"),
        bucket(aws, "read", block=False, policy=[READ]): ("FAIL", "high", "by the policy everyone may read"),
    }


@world(PUBLIC)
def test_public_policy_that_is_restricted(aws: Cloud) -> Expected:
    return {
        bucket(aws, "restricted", "BlockPublicPolicy", policy=[WRITE]): "PASS",
        # What blocks new public policies leaves the one that is there.
        bucket(aws, "blocked-too-late", "RestrictPublicBuckets", policy=[READ]): ("FAIL", "high", "by the policy everyone may read"),
    }


@world(PUBLIC)
def test_account_restricts_public_policies(aws: Cloud) -> Expected:
    account_block(aws, "BlockPublicPolicy", "BlockPublicAcls", "IgnorePublicAcls")
    return {bucket(aws, "read", block=False, policy=[READ]): "PASS"}


@world(PUBLIC)
def test_policy_that_names_someone_is_not_public(aws: Cloud) -> Expected:
    someone = READ | {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}
    endpoint = READ | {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}}
    return {bucket(aws, "named", block=False, policy=[someone]): "PASS", bucket(aws, "endpoint", block=False, policy=[endpoint]): "PASS"}


@world(PUBLIC)
def test_bucket_with_a_public_acl_fails(aws: Cloud) -> Expected:
    expected: Expected = {}
    for name, who, what, severity in (
        ("all-read", ALL_USERS, "READ", "high"),
        ("all-read-acl", ALL_USERS, "READ_ACP", "high"),
        ("all-write", ALL_USERS, "WRITE", "critical"),
        ("all-write-acl", ALL_USERS, "WRITE_ACP", "critical"),
        ("aws-read", AUTHENTICATED_USERS, "READ", "high"),
        ("aws-all", AUTHENTICATED_USERS, "FULL_CONTROL", "critical"),
    ):
        arn = bucket(aws, name, block=False, ownership="ObjectWriter")
        grant(aws, name, (who, what))
        expected[arn] = ("FAIL", severity, f"by the ACL everyone may {'read' if severity == 'high' else 'write'}")
    return expected


@world(PUBLIC)
def test_bucket_that_is_public_by_both(aws: Cloud) -> Expected:
    both = bucket(aws, "both", block=False, ownership="", policy=[READ])
    grant(aws, "both", (AUTHENTICATED_USERS, "READ"))
    return {both: ("FAIL", "high", "by the policy and the ACL everyone may read")}


@world(PUBLIC)
def test_public_acl_behind_the_owners_grant_is_seen(aws: Cloud) -> Expected:
    """The first grant is the owner's, and has no URI."""
    arn = bucket(aws, "behind", block=False, ownership="")
    grant(aws, "behind", (LOG_GROUP, "WRITE"), (ALL_USERS, "READ"))
    return {arn: ("FAIL", "high", "the ACL")}


@world(PUBLIC)
def test_public_acl_without_effect(aws: Cloud) -> Expected:
    ignored = bucket(aws, "ignored", "BlockPublicAcls", ownership="BucketOwnerPreferred")
    late = bucket(aws, "blocked-too-late", "IgnorePublicAcls", ownership="BucketOwnerPreferred")
    enforced = bucket(aws, "enforced", block=False, ownership="")
    for name in ("ignored", "blocked-too-late", "enforced"):
        grant(aws, name, (ALL_USERS, "WRITE"))
    aws.client("s3").put_bucket_ownership_controls(Bucket="enforced", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    return {ignored: "PASS", enforced: "PASS", late: ("FAIL", "critical", "by the ACL everyone may write")}


@world(PUBLIC)
def test_delivery_of_logs_is_not_the_public(aws: Cloud) -> Expected:
    arn = bucket(aws, "acme-logs", block=False, ownership="")
    grant(aws, "acme-logs", (LOG_GROUP, "WRITE"), (LOG_GROUP, "READ_ACP"), (LOG_DELIVERY[0], "FULL_CONTROL"))
    return {arn: "PASS"}


@world(PUBLIC)
def test_other_account_in_the_acl_fails(aws: Cloud) -> Expected:
    arn = bucket(aws, "shared", ownership="BucketOwnerPreferred")
    grant(aws, "shared", (STRANGER, "READ"))
    account_block(aws)
    return {arn: ("FAIL", "medium", "external", STRANGER)}


@world(PUBLIC)
def test_other_account_in_an_acl_without_effect(aws: Cloud) -> Expected:
    arn = bucket(aws, "shared", ownership="")
    grant(aws, "shared", (STRANGER, "READ"))
    aws.client("s3").put_bucket_ownership_controls(Bucket="shared", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    return {arn: "PASS"}


@world(PUBLIC)
def test_trusted_account_in_the_acl(aws: Cloud) -> Expected:
    aws.facts(trust={"canonical_users": [STRANGER]})
    arn = bucket(aws, "shared", ownership="BucketOwnerPreferred")
    grant(aws, "shared", (STRANGER, "READ"))
    return {arn: ("PASS", "critical", "trusted", f"trust.canonical_users = {STRANGER}")}


@world(PUBLIC)
def test_bucket_that_may_be_read_on_purpose(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["acme-www", "uploads", "by-acl", "closed"]})
    www, uploads = bucket(aws, "acme-www", block=False, policy=[READ]), bucket(aws, "uploads", block=False, policy=[WRITE])
    by_acl, closed = bucket(aws, "by-acl", block=False, ownership=""), bucket(aws, "closed")
    grant(aws, "by-acl", (ALL_USERS, "WRITE"))
    return {
        www: ("NOT_APPLICABLE", "high", "on purpose", "buckets.public = acme-www"),
        uploads: ("FAIL", "critical", "by the policy everyone may write"),
        by_acl: ("FAIL", "critical", "by the ACL everyone may write"),
        closed: "PASS",
    }


@world(PUBLIC)
def test_bucket_that_may_be_read_by_its_tag(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["tag:use=www"]})
    site, other = bucket(aws, "site", block=False, policy=[READ]), bucket(aws, "other", block=False, policy=[READ])
    aws.client("s3").put_bucket_tagging(Bucket="site", Tagging={"TagSet": [{"Key": "use", "Value": "www"}]})
    return {site: ("NOT_APPLICABLE", "high", "buckets.public = tag:use=www"), other: ("FAIL", "high", "everyone may read")}


@world(PUBLIC)
def test_trail_bucket_may_never_be_read(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["acme-logs"]})
    logs = bucket(aws, "acme-logs", block=False, policy=[READ])
    trail(aws, "acme-logs")
    return {logs: ("FAIL", "high", "by the policy everyone may read")}


@world(PUBLIC)
def test_other_account_is_no_public_purpose(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["acme-www"]})
    www = bucket(aws, "acme-www", block=False, ownership="", policy=[READ])
    grant(aws, "acme-www", (STRANGER, "READ"))
    return {www: ("FAIL", "medium", "external")}


@world(PUBLIC)
def test_hosting_a_website_is_no_exposure(aws: Cloud) -> Expected:
    site = bucket(aws, "site", block=False)
    aws.client("s3").put_bucket_website(Bucket="site", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    return {site: "PASS"}


@world(PUBLIC)
def test_denied_policy_status_is_not_private(aws: Cloud) -> Expected:
    private, shared = bucket(aws, "private", block=False), bucket(aws, "shared", block=False, ownership="")
    world_open = bucket(aws, "world-open", block=False, ownership="")
    grant(aws, "shared", (STRANGER, "READ"))
    grant(aws, "world-open", (ALL_USERS, "READ"))
    denied(aws, "s3:GetBucketPolicyStatus")
    return {
        private: ("ERROR", "critical", "s3:GetBucketPolicyStatus is denied"),
        shared: ("FAIL", "medium", "external"),
        world_open: ("FAIL", "critical", "by the ACL everyone may read, and perhaps write"),
    }


@world(PUBLIC)
def test_denied_acl_is_not_private(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["acme-www"]})
    private, public = bucket(aws, "private", block=False, ownership=""), bucket(aws, "public", block=False, ownership="", policy=[READ])
    www = bucket(aws, "acme-www", block=False, ownership="", policy=[READ])
    denied(aws, "s3:GetBucketAcl")
    return {
        private: ("ERROR", "critical", "s3:GetBucketAcl is denied"),
        public: ("FAIL", "critical", "by the policy everyone may read, and perhaps write"),
        www: ("ERROR", "critical", "s3:GetBucketAcl is denied"),
    }


@world(PUBLIC)
def test_denied_ownership_is_not_private(aws: Cloud) -> Expected:
    denied(aws, "s3:GetBucketOwnershipControls")
    return {bucket(aws, "private"): ("ERROR", "critical", "s3:GetBucketOwnershipControls is denied")}


@world(PUBLIC)
def test_denied_policy_leaves_what_its_status_says(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["acme-www"]})
    denied(aws, "s3:GetBucketPolicy")
    return {
        bucket(aws, "public", block=False, policy=[READ]): ("FAIL", "critical", "by the policy everyone may read, and perhaps write"),
        bucket(aws, "acme-www", block=False, policy=[READ]): ("ERROR", "critical", "s3:GetBucketPolicy is denied"),
    }


@world(PUBLIC)
def test_policy_that_cannot_be_parsed_leaves_what_its_status_says(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["acme-www"]})
    aws.simulated.over("s3:GetBucketPolicy", lambda region, parsed: parsed.update(Policy='{"Statement": [{"Effect": "Perhaps"}]}'))
    return {
        bucket(aws, "public", block=False, policy=[READ]): ("FAIL", "critical", "by the policy everyone may read, and perhaps write"),
        bucket(aws, "acme-www", block=False, policy=[READ]): ("ERROR", "critical", "a policy that we cannot read"),
    }


@world(PUBLIC)
def test_denied_block_hides_nothing(aws: Cloud) -> Expected:
    quiet, policy = bucket(aws, "quiet"), bucket(aws, "policy", policy=[READ])
    acl = bucket(aws, "acl", ownership="")
    grant(aws, "acl", (ALL_USERS, "READ"))
    denied(aws, "s3:GetPublicAccessBlock")
    return {quiet: "PASS", policy: ("ERROR", "critical", "s3:GetPublicAccessBlock"), acl: ("ERROR", "critical", "s3:GetPublicAccessBlock")}


@world(PUBLIC)
def test_policy_status_without_its_field_is_an_error(aws: Cloud) -> Expected:
    arn = bucket(aws, "read", block=False, policy=[READ])
    aws.simulated.over("s3:GetBucketPolicyStatus", lambda region, parsed: parsed.update(PolicyStatus={}))
    return {arn: ("ERROR", "critical", "without IsPublic")}


@pytest.mark.parametrize(
    ("operation", "answer", "said"),
    [
        ("s3:GetBucketAcl", {"Owner": {"ID": "me"}, "Grants": [{"Grantee": {"Type": "Group", "URI": "http://all"}, "Permission": "READ"}]}, "uri"),
        ("s3:GetBucketAcl", {"Owner": {"ID": "me"}, "Grants": [{"Grantee": {"Type": "Group"}, "Permission": "READ"}]}, "without a name"),
        ("s3:GetBucketAcl", {"Owner": {"ID": "me"}, "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": "x"}, "Permission": "ALL"}]}, "ALL"),
        ("s3:GetBucketAcl", {"Owner": {"ID": "me"}}, "Grants"),
        ("s3:GetBucketOwnershipControls", {"OwnershipControls": {"Rules": [{"ObjectOwnership": "Everyone"}]}}, "do not know"),
    ],
)
def test_acl_that_we_do_not_know_is_an_error(operation: str, answer: dict[str, Any], said: str) -> None:
    def build(aws: Cloud) -> None:
        bucket(aws, "odd", block=False, ownership="")
        aws.simulated.instead(operation, lambda region, body: answer)

    (found,) = findings(PUBLIC, build)
    assert found.status == "ERROR"
    assert said.lower() in found.reason.lower()


@world(PUBLIC)
def test_policy_that_went_away_was_for_reading_as_far_as_is_known(aws: Cloud) -> Expected:
    aws.simulated.instead("s3:GetBucketPolicy", lambda region, body: error("s3:GetBucketPolicy", "NoSuchBucketPolicy"))
    return {bucket(aws, "read", block=False, policy=[WRITE]): ("FAIL", "high", "by the policy everyone may read")}


@world(PUBLIC, regions=("cn-north-1",))
def test_public_buckets_in_china(aws: Cloud) -> Expected:
    logs = bucket(aws, "acme-logs", block=False, ownership="")
    grant(aws, "acme-logs", (LOG_DELIVERY[1], "FULL_CONTROL"))
    return {
        logs: "PASS",
        bucket(aws, "read", block=False, policy=[READ | {"Resource": "arn:aws-cn:s3:::b/*"}]): ("FAIL", "high", "by the policy everyone may read"),
    }


@world(PUBLIC)
def test_bucket_that_vanished_is_not_judged(aws: Cloud) -> Expected:
    good, _gone = bucket(aws, "good"), bucket(aws, "gone", "RestrictPublicBuckets")
    for_bucket(aws, "s3:GetBucketOwnershipControls", "gone", "NoSuchBucket")
    return {good: "PASS"}


@world(PUBLIC)
def test_one_buckets_failure_is_its_own(aws: Cloud) -> Expected:
    good, lost = bucket(aws, "good"), bucket(aws, "lost")
    for_bucket(aws, "s3:GetBucketOwnershipControls", "lost")
    return {good: "PASS", lost: "ERROR"}


@world(PUBLIC)
def test_no_buckets_to_be_public(aws: Cloud) -> Expected:
    return {aws.account_arn: "NOT_APPLICABLE"}


@world(PUBLIC)
def test_denied_buckets_are_an_error(aws: Cloud) -> Expected:
    denied(aws, "s3:ListBuckets")
    return {aws.account_arn: ("ERROR", "critical", "s3:ListBuckets is denied")}


def test_neither_policy_nor_acl_is_asked_for_without_need() -> None:
    def build(aws: Cloud) -> None:
        account_block(aws)
        bucket(aws, "closed", policy=[READ])
        as_aws_lists(aws, closed="eu-west-1")

    assert calls(PUBLIC, build) == ["s3:GetBucketOwnershipControls", "s3:ListBuckets", "s3control:GetPublicAccessBlock"]


def test_command_for_a_stranger_is_another_one() -> None:
    def build(aws: Cloud) -> None:
        bucket(aws, "shared", ownership="")
        grant(aws, "shared", (STRANGER, "READ"))
        bucket(aws, "read", block=False, policy=[READ])

    commands = {finding.resource.rpartition(":")[2]: str(finding.remediation) for finding in findings(PUBLIC, build)}
    assert commands["shared"].startswith("aws s3api put-bucket-acl --bucket shared --acl private")
    assert commands["read"].startswith("aws s3api put-public-access-block --bucket read --public-access-block-configuration BlockPublicAcls=true,")


def where(operator: str, **keys: Any) -> dict[str, Any]:
    """A condition, and a statement's right to write under it: `where("StringEquals", aws_PrincipalAccount=...)`."""
    return WRITE | {"Condition": {operator: {key.replace("_", ":", 1): value for key, value in keys.items()}}}


PROXY_KEY = {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}
FOREIGN = "111122223333"
READS_ALONE: dict[str, Any] = {
    "get": [READ],
    "get-and-list": [READ | {"Action": ["s3:Get*", "s3:ListBucket", "S3:DescribeJob"]}],
    "writes-for-one": [READ, WRITE | {"Principal": {"AWS": FOREIGN}}],
    "writes-for-a-service": [READ, WRITE | {"Principal": {"Service": "cloudtrail.amazonaws.com"}}],
    "writes-denied": [WRITE | {"Effect": "Deny"}, READ],
    "account": [READ, where("StringEquals", aws_PrincipalAccount=FOREIGN)],
    "account-among-others": [READ, where("StringEquals", aws_PrincipalAccount=FOREIGN, aws_RequestedRegion="eu-west-1")],
    "office": [READ, where("IpAddress", aws_SourceIp="203.0.113.0/24")],
}
WRITES: dict[str, Any] = {
    "put": [WRITE],
    "all-of-s3": [READ | {"Action": "s3:*"}],
    "everything": [READ | {"Action": "*"}],
    "delete": [READ | {"Action": ["s3:GetObject", "s3:DeleteObject"]}],
    "all-but": [{"Effect": "Allow", "Principal": "*", "NotAction": "s3:GetObject", "Resource": "*"}],
    "everyone-in-a-list": [WRITE | {"Principal": {"AWS": [f"arn:aws:iam::{FOREIGN}:root", "*"]}}],
    "everyone-federated": [WRITE | {"Principal": {"Federated": "*"}}],
    "everyone-but-one": [{"Effect": "Allow", "NotPrincipal": {"AWS": FOREIGN}, "Action": "s3:PutObject", "Resource": "*"}],
    "over-tls": [where("Bool", aws_SecureTransport="true")],
    "from-a-page": [where("StringLike", aws_Referer="https://acme.example/*")],
    "another-key": [WRITE | PROXY_KEY],
    "another-key-over-tls": [where("StringEquals", aws_SecureTransport="true", aws_RequestedRegion="eu-west-1")],
    "any-organization": [where("StringLike", aws_PrincipalOrgID="o-*")],
    "some-organization": [where("StringLike", aws_PrincipalOrgID="o-?")],
    "own-tag": [where("StringEquals", aws_PrincipalAccount="${aws:PrincipalTag/account}")],
    "another-account": [where("StringNotEquals", aws_PrincipalAccount=FOREIGN)],
    "half-and-half": [where("IpAddress", aws_SourceIp=["0.0.0.0/1", "128.0.0.0/1"])],
    "elsewhere": [where("NotIpAddress", aws_SourceIp="203.0.113.0/24")],
    "no-address": [where("IpAddress", aws_SourceIp="the office")],
}


def by_policy(aws: Cloud, policies: dict[str, Any], severity: str, rights: str) -> Expected:
    """Buckets with public policies, whatever moto thinks of them, and what is to be said of all."""
    aws.simulated.instead("s3:GetBucketPolicyStatus", lambda region, body: {"PolicyStatus": {"IsPublic": True}})
    arns = [bucket(aws, name, block=False, policy=policy) for name, policy in policies.items()]
    return dict.fromkeys(arns, ("FAIL", severity, f"by the policy everyone may {rights}"))


@world(PUBLIC)
def test_policies_by_which_everyone_may_read_alone(aws: Cloud) -> Expected:
    found = by_policy(aws, READS_ALONE, "high", "read")
    aws.facts(buckets={"public": ["get"]})
    return found | {"arn:aws:s3:::get": ("NOT_APPLICABLE", "high", "on purpose")}


@world(PUBLIC)
def test_policies_by_which_everyone_may_write(aws: Cloud) -> Expected:
    return by_policy(aws, WRITES, "critical", "write")


# --- access_point_not_public ---------------------------------------------------------------------------------------------------------------


def point(aws: Cloud, name: str, *off: str, vpc: bool = False, public: bool = False) -> str:
    """An access point, its ARN. It blocks all but what is `off`; moto has all of them in us-east-1, and any policy is public to it."""
    s3control = aws.client("s3control")
    s3control.create_access_point(
        AccountId=aws.account,
        Name=name,
        Bucket="acme",
        PublicAccessBlockConfiguration=settings(*off),
        **({"VpcConfiguration": {"VpcId": "vpc-1a2b3c4d"}} if vpc else {}),
    )
    if public:
        s3control.put_access_point_policy(AccountId=aws.account, Name=name, Policy=json.dumps({"Statement": [READ]}))
    return f"arn:{aws.partition}:s3:us-east-1:{aws.account}:accesspoint/{name}"


def owned_by(aws: Cloud, account: str) -> None:
    """Say that the account has the bucket of the first access point, which moto does not."""
    aws.simulated.over("s3control:ListAccessPoints", lambda region, parsed: parsed["AccessPointList"][0].update(BucketAccountId=account))


def multi_point(aws: Cloud, name: str, *off: str, public: bool = False, regions: tuple[str, ...] = ("us-east-1",)) -> str:
    """An access point of several regions, its ARN."""
    s3control = aws.client("s3control", "us-west-2")
    buckets = [{"Bucket": f"{name}-{region}"} for region in regions]
    details = {"Name": name, "PublicAccessBlock": settings(*off), "Regions": buckets}
    s3control.create_multi_region_access_point(AccountId=aws.account, ClientToken=name, Details=details)
    if public:
        s3control.put_multi_region_access_point_policy(
            AccountId=aws.account, ClientToken=name, Details={"Name": name, "Policy": json.dumps({"Statement": [READ]})}
        )
    placed = [{"Bucket": f"{name}-{region}", "Region": region} for region in regions]

    def change(region: str, parsed: Any) -> None:
        for each in parsed["AccessPoints"]:
            if each["Name"] == name:
                each["Regions"] = placed

    aws.simulated.over("s3control:ListMultiRegionAccessPoints", change)
    found = {each["Name"]: each["Alias"] for each in s3control.list_multi_region_access_points(AccountId=aws.account)["AccessPoints"]}
    return f"arn:aws:s3::{aws.account}:accesspoint/{found[name]}"


POLICY = ("BlockPublicPolicy", "RestrictPublicBuckets")


@world(POINT, regions=("us-east-1",))
def test_access_point_with_a_public_policy_fails(aws: Cloud) -> Expected:
    return {
        point(aws, "closed", public=True): "PASS",
        point(aws, "no-policy", *POLICY): "PASS",
        point(aws, "within", *POLICY, vpc=True, public=True): "PASS",
        point(aws, "restricted", "BlockPublicPolicy", public=True): "PASS",
        point(aws, "open", *POLICY, public=True): ("FAIL", "medium", "its policy is public"),
    }


@world(POINT, regions=("us-east-1",))
def test_access_point_whose_policy_is_not_public(aws: Cloud) -> Expected:
    aws.simulated.instead("s3control:GetAccessPointPolicyStatus", lambda region, body: {"PolicyStatus": {"IsPublic": False}})
    return {point(aws, "named", *POLICY, public=True): "PASS"}


@world(POINT, regions=BOTH)
def test_access_points_of_another_region_are_judged_there(aws: Cloud) -> Expected:
    return {point(aws, "open", *POLICY, public=True): "FAIL", aws.account_arn: "NOT_APPLICABLE"}


@world(POINT, regions=BOTH)
def test_account_blocks_for_every_access_point(aws: Cloud) -> Expected:
    account_block(aws)
    point(aws, "open", *POLICY, public=True)
    denied(aws, "s3control:ListAccessPoints", "s3control:ListMultiRegionAccessPoints")
    return {(aws.account_arn, region): ("PASS", "medium", "the account blocks all public access") for region in aws.regions}


@world(POINT, regions=("us-east-1",))
def test_account_restricts_public_policies_of_access_points(aws: Cloud) -> Expected:
    account_block(aws, "BlockPublicAcls")
    owned_by(aws, aws.account)
    return {point(aws, "open", *POLICY, public=True): "PASS"}


@world(POINT, regions=("us-east-1",))
def test_account_may_not_be_the_one_whose_bucket_it_is(aws: Cloud) -> Expected:
    """An endpoint that is not AWS does not say whose."""
    account_block(aws, "BlockPublicAcls")
    return {point(aws, "open", *POLICY, public=True): ("ERROR", "medium", "without BucketAccountId"), point(aws, "shut"): "PASS"}


@world(POINT, regions=("us-east-1",))
def test_account_says_nothing_of_anothers_bucket(aws: Cloud) -> Expected:
    account_block(aws, "BlockPublicAcls")
    owned_by(aws, "111122223333")
    return {point(aws, "open", *POLICY, public=True): ("FAIL", "medium", "its policy is public")}


@world(POINT, regions=BOTH)
def test_no_access_points(aws: Cloud) -> Expected:
    return {(aws.account_arn, region): "NOT_APPLICABLE" for region in aws.regions}


@world(POINT, regions=("us-east-1",))
def test_denied_account_leaves_access_points_that_close_themselves(aws: Cloud) -> Expected:
    closed, quiet, loud = point(aws, "closed", public=True), point(aws, "quiet", *POLICY), point(aws, "loud", *POLICY, public=True)
    denied(aws, "s3control:GetPublicAccessBlock")
    return {closed: "PASS", quiet: "PASS", loud: ("ERROR", "medium", "s3control:GetPublicAccessBlock is denied")}


@world(POINT, regions=("us-east-1",))
def test_denied_access_point_is_an_error(aws: Cloud) -> Expected:
    within, opened = point(aws, "within", vpc=True), point(aws, "open", *POLICY, public=True)
    denied(aws, "s3control:GetAccessPoint")
    return {within: "PASS", opened: ("ERROR", "medium", "s3control:GetAccessPoint is denied")}


@world(POINT, regions=("us-east-1",))
def test_denied_policy_status_of_an_access_point_is_an_error(aws: Cloud) -> Expected:
    closed, opened = point(aws, "closed", public=True), point(aws, "open", *POLICY, public=True)
    denied(aws, "s3control:GetAccessPointPolicyStatus")
    return {closed: "PASS", opened: ("ERROR", "medium", "s3control:GetAccessPointPolicyStatus is denied")}


@world(POINT, regions=("us-east-1",))
def test_policy_status_of_an_access_point_without_its_field_is_an_error(aws: Cloud) -> Expected:
    opened = point(aws, "open", *POLICY, public=True)
    aws.simulated.instead("s3control:GetAccessPointPolicyStatus", lambda region, body: {"PolicyStatus": {}})
    return {opened: ("ERROR", "medium", "s3control:GetAccessPointPolicyStatus answered without IsPublic")}


@world(POINT, regions=("us-east-1",))
def test_access_point_that_has_vanished_leaves_no_finding(aws: Cloud) -> Expected:
    closed, _gone = point(aws, "closed"), point(aws, "gone")

    def one(region: str, body: Any) -> Any:
        return error("s3control:GetAccessPoint", "NoSuchAccessPoint") if "gone" in str(body) else {"PublicAccessBlockConfiguration": settings()}

    aws.simulated.instead("s3control:GetAccessPoint", one)
    return {closed: "PASS"}


@world(POINT, regions=("us-east-1",))
def test_access_point_of_several_regions_that_is_restricted(aws: Cloud) -> Expected:
    aws.simulated.instead("s3control:GetMultiRegionAccessPointPolicyStatus", lambda region, body: {"Established": {"IsPublic": True}})
    return {
        multi_point(aws, "restricted", "BlockPublicPolicy"): "PASS",
        multi_point(aws, "open", *POLICY): ("FAIL", "medium", "its policy is public"),
    }


@world(POINT, regions=("us-east-1",))
def test_access_point_of_several_regions_that_is_being_deleted(aws: Cloud) -> Expected:
    multi_point(aws, "leaving", *POLICY, public=True)
    aws.simulated.over("s3control:ListMultiRegionAccessPoints", lambda region, parsed: parsed["AccessPoints"][0].update(Status="DELETING"))
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no access points")}


@world(POINT, regions=("us-gov-west-1",))
def test_account_blocks_for_access_points_of_other_partitions(aws: Cloud) -> Expected:
    account_block(aws)
    return {"arn:aws-us-gov:account::123456789012:account": ("PASS", "medium", "the account blocks all public access")}


@world(POINT, regions=BOTH)
def test_one_regions_failure_is_its_own(aws: Cloud) -> Expected:
    aws.simulated.instead(
        "s3control:ListAccessPoints",
        lambda region, body: error("s3control:ListAccessPoints") if region == "eu-west-1" else {"AccessPointList": []},
    )
    return {
        (aws.account_arn, "eu-west-1"): ("ERROR", "medium", "s3control:ListAccessPoints is denied"),
        (aws.account_arn, "us-east-1"): "NOT_APPLICABLE",
    }


@world(POINT, regions=("us-east-1",))
def test_access_points_of_the_second_page_are_judged(aws: Cloud) -> Expected:
    """Of this operation botocore does not know how it pages."""
    first, second = point(aws, "first"), point(aws, "second", *POLICY, public=True)
    listed = aws.client("s3control").list_access_points(AccountId=aws.account)["AccessPointList"]

    def page(region: str, asked: Any) -> dict[str, Any]:
        return {"AccessPointList": listed[1:]} if asked.get("nextToken") == "2" else {"AccessPointList": listed[:1], "NextToken": "2"}

    aws.simulated.instead("s3control:ListAccessPoints", page)
    return {first: "PASS", second: "FAIL"}


@world(POINT, regions=("us-east-1",))
def test_a_page_that_comes_again_is_an_error(aws: Cloud) -> Expected:
    aws.simulated.instead("s3control:ListAccessPoints", lambda region, asked: {"AccessPointList": [], "NextToken": "2"})
    return {aws.account_arn: ("ERROR", "medium", "the same page again")}


@world(POINT, regions=("us-east-1",))
def test_access_point_of_an_unknown_origin_is_an_error(aws: Cloud) -> Expected:
    arn = point(aws, "odd")
    aws.simulated.over("s3control:ListAccessPoints", lambda region, parsed: parsed["AccessPointList"][0].update(NetworkOrigin="Moon"))
    return {arn: ("ERROR", "medium", "Moon")}


@world(POINT, regions=BOTH)
def test_access_point_of_several_regions_is_judged_in_each(aws: Cloud) -> Expected:
    opened, closed = multi_point(aws, "open", *POLICY, public=True, regions=BOTH), multi_point(aws, "closed", public=True, regions=("us-east-1",))
    aws.simulated.instead("s3control:GetMultiRegionAccessPointPolicyStatus", lambda region, body: {"Established": {"IsPublic": True}})
    return {
        (opened, "eu-west-1"): ("FAIL", "medium", "its policy is public"),
        (opened, "us-east-1"): ("FAIL", "medium", "its policy is public"),
        (closed, "us-east-1"): "PASS",
    }


@world(POINT, regions=("us-east-1",))
def test_access_point_of_several_regions_without_policy(aws: Cloud) -> Expected:
    return {multi_point(aws, "quiet", *POLICY): "PASS", point(aws, "beside"): "PASS"}


@world(POINT, regions=("us-east-1",))
def test_denied_access_points_of_several_regions_leave_the_others(aws: Cloud) -> Expected:
    beside = point(aws, "beside")
    denied(aws, "s3control:ListMultiRegionAccessPoints")
    return {beside: "PASS", aws.account_arn: ("ERROR", "medium", "s3control:ListMultiRegionAccessPoints is denied")}


@world(POINT, regions=("cn-north-1",))
def test_other_partitions_are_no_guess(aws: Cloud) -> Expected:
    return {aws.account_arn: ("ERROR", "medium", "aws-cn")}


def test_access_points_of_several_regions_are_asked_for_once_and_in_one_region() -> None:
    regions: list[str] = []

    def build(aws: Cloud) -> None:
        listen(aws, "s3control:ListMultiRegionAccessPoints", lambda region, params: regions.append(region))

    findings(POINT, build, BOTH)
    assert regions == ["us-west-2"]


def test_nothing_is_asked_of_access_points_where_the_account_blocks() -> None:
    assert calls(POINT, account_block, BOTH) == ["s3control:GetPublicAccessBlock"]


def test_commands_for_access_points() -> None:
    def build(aws: Cloud) -> None:
        point(aws, "open", *POLICY, public=True)
        multi_point(aws, "wide", *POLICY, public=True)
        aws.simulated.instead("s3control:GetMultiRegionAccessPointPolicyStatus", lambda region, body: {"Established": {"IsPublic": True}})

    one, several = sorted(findings(POINT, build, ("us-east-1",)), key=lambda finding: finding.resource_type)
    assert (one.resource_type, several.resource_type) == ("AWS::S3::AccessPoint", "AWS::S3::MultiRegionAccessPoint")
    assert str(one.remediation).startswith(
        "aws s3control delete-access-point --region us-east-1 --account-id 123456789012 --name open && "
        "aws s3control create-access-point --region us-east-1 --account-id 123456789012 --name open --bucket acme"
    )
    assert "delete-multi-region-access-point --region us-west-2 --account-id 123456789012 --details Name=wide" in str(several.remediation)


# --- the edges -----------------------------------------------------------------------------------------------------------------------------

EDGES: dict[str, dict[str, Any]] = {
    "account_public_access_block": {
        "PASS: all four settings": test_account_that_blocks_everything_passes,
        "PASS: all four, though some buckets are declared public": test_account_that_blocks_everything_needs_no_declaration,
        "FAIL: any of the four off": test_account_with_one_setting_off_fails,
        "FAIL high: never set, and a bucket is open": (test_account_with_an_open_bucket_fails, test_account_in_govcloud),
        "FAIL medium: every bucket blocks by itself": (
            test_account_whose_buckets_all_block_fails_less,
            test_bucket_that_has_vanished_is_none_that_is_open,
        ),
        "FAIL: zero buckets": test_account_without_buckets_fails_all_the_same,
        "FAIL high: the buckets cannot be read": (
            test_buckets_that_cannot_be_read_leave_the_worst,
            test_buckets_that_cannot_be_listed_leave_the_worst,
            test_bucket_of_an_unknown_region_leaves_the_worst,
        ),
        "NOT_APPLICABLE: buckets.public is declared": test_account_with_buckets_that_are_public_on_purpose,
        "ERROR: denied, declared or not": test_denied_account_is_an_error,
        "ERROR: a setting is not told": test_account_with_a_setting_that_is_not_told_is_an_error,
        "in another partition": test_account_in_china,
    },
    "bucket_public_access_block": {
        "PASS: the bucket's own four": test_bucket_that_does_not_block_fails,
        "PASS: the account's four, without asking the bucket": test_account_blocks_for_every_bucket,
        "PASS: each of the four by account or bucket": test_account_and_bucket_add_up,
        "PASS: the account is denied, and the bucket has its own four": test_denied_account_leaves_buckets_that_block_themselves,
        "FAIL: any setting off": (test_each_setting_that_is_off_fails_the_bucket, test_account_and_bucket_add_up),
        "FAIL: never set": test_bucket_that_does_not_block_fails,
        "FAIL high: a trail's bucket": test_trail_bucket_that_does_not_block_is_worse,
        "FAIL high: a trail's bucket, declared public or not": (
            test_trail_bucket_is_never_public_on_purpose,
            test_denied_list_of_trails_leaves_those_that_are_known,
        ),
        "FAIL: the second page, other regions, other partitions": (
            test_second_page_of_buckets_is_judged,
            test_regions_that_the_list_tells,
            test_bucket_whose_region_has_no_name_lives_in_virginia,
            test_buckets_in_china,
        ),
        "NOT_APPLICABLE: declared in buckets.public, by name or tag": (test_bucket_that_is_public_on_purpose, test_bucket_by_its_tag),
        "NOT_APPLICABLE: no buckets": test_no_buckets,
        "ERROR: denied while the account is not complete": test_denied_bucket_is_an_error_of_its_own,
        "ERROR: what may exempt it cannot be read": (test_denied_trails_leave_the_worst_and_no_exemption, test_tags_that_cannot_be_read_are_an_error),
        "ERROR: a not-found that is not this one": test_other_not_found_is_an_error,
        "ERROR: the list, or where a bucket is": (
            test_denied_list_of_buckets_is_an_error,
            test_bucket_of_an_unknown_region_is_an_error_of_its_own,
            test_no_region_is_no_region_of_another_partition,
        ),
        "dropped: vanished since it was listed": (
            test_bucket_that_has_vanished_leaves_no_finding,
            test_bucket_that_vanished_before_its_region_was_asked,
        ),
    },
    "bucket_not_public": {
        "N/A: a bucket of logs, where trail_bucket_not_public judges it": test_public_bucket_of_logs_is_left_to_the_check_of_these,
        "PASS: neither policy nor ACL": (test_bucket_with_a_public_policy_fails, test_policy_that_names_someone_is_not_public),
        "PASS: RestrictPublicBuckets neutralises the policy": (test_public_policy_that_is_restricted, test_account_restricts_public_policies),
        "PASS: IgnorePublicAcls or BucketOwnerEnforced neutralises the ACL": test_public_acl_without_effect,
        "PASS: delivery of logs": test_delivery_of_logs_is_not_the_public,
        "PASS: a website": test_hosting_a_website_is_no_exposure,
        "PASS: an ACL's outsider is trusted": test_trusted_account_in_the_acl,
        "PASS: an ACL without effect names an outsider": test_other_account_in_an_acl_without_effect,
        "FAIL high: public read by the policy": (test_bucket_with_a_public_policy_fails, test_policies_by_which_everyone_may_read_alone),
        "FAIL critical: public write by the policy": (test_bucket_with_a_public_policy_fails, test_policies_by_which_everyone_may_write),
        "FAIL critical: public, and perhaps for writing": (
            test_denied_policy_leaves_what_its_status_says,
            test_policy_that_cannot_be_parsed_leaves_what_its_status_says,
        ),
        "FAIL: public read or write by the ACL, for all or all with an account": test_bucket_with_a_public_acl_fails,
        "FAIL: by both": test_bucket_that_is_public_by_both,
        "FAIL: OwnershipControlsNotFoundError is ACLs active": test_public_acl_behind_the_owners_grant_is_seen,
        "FAIL: BlockPublicAcls and BlockPublicPolicy leave what exists": (test_public_policy_that_is_restricted, test_public_acl_without_effect),
        "FAIL medium: the ACL lets in a canonical user who is neither owner nor log delivery": (
            test_other_account_in_the_acl_fails,
            test_other_account_is_no_public_purpose,
        ),
        "FAIL: public write, declared or not": test_bucket_that_may_be_read_on_purpose,
        "FAIL: a trail's bucket, declared or not": test_trail_bucket_may_never_be_read,
        "FAIL: in another partition": test_public_buckets_in_china,
        "FAIL high: the policy went away": test_policy_that_went_away_was_for_reading_as_far_as_is_known,
        "NOT_APPLICABLE: public read that is declared, by name or tag": (
            test_bucket_that_may_be_read_on_purpose,
            test_bucket_that_may_be_read_by_its_tag,
        ),
        "NOT_APPLICABLE: no buckets": test_no_buckets_to_be_public,
        "ERROR: status, ACL, ownership or settings are denied": (
            test_denied_policy_status_is_not_private,
            test_denied_acl_is_not_private,
            test_denied_ownership_is_not_private,
            test_denied_block_hides_nothing,
            test_one_buckets_failure_is_its_own,
        ),
        "ERROR: the status tells nothing": test_policy_status_without_its_field_is_an_error,
        "ERROR: the buckets are denied": test_denied_buckets_are_an_error,
        "dropped: vanished since it was listed": test_bucket_that_vanished_is_not_judged,
    },
    "access_point_not_public": {
        "PASS: the account's four, and no regional call": (
            test_account_blocks_for_every_access_point,
            test_account_blocks_for_access_points_of_other_partitions,
        ),
        "PASS: a VPC's, its own settings, or no policy": test_access_point_with_a_public_policy_fails,
        "PASS: a policy that is not public": test_access_point_whose_policy_is_not_public,
        "PASS: the account restricts public policies": test_account_restricts_public_policies_of_access_points,
        "PASS: the account is denied, and it closes itself": test_denied_account_leaves_access_points_that_close_themselves,
        "FAIL: a public policy with open settings": (
            test_access_point_with_a_public_policy_fails,
            test_access_points_of_another_region_are_judged_there,
            test_access_points_of_the_second_page_are_judged,
        ),
        "FAIL: the bucket is another account's": test_account_says_nothing_of_anothers_bucket,
        "multi-region: PASS and FAIL, in each of its regions": (
            test_access_point_of_several_regions_is_judged_in_each,
            test_access_point_of_several_regions_that_is_restricted,
            test_access_point_of_several_regions_without_policy,
        ),
        "multi-region: being deleted": test_access_point_of_several_regions_that_is_being_deleted,
        "multi-region: ERROR where they are denied, or their place is not known": (
            test_denied_access_points_of_several_regions_leave_the_others,
            test_other_partitions_are_no_guess,
        ),
        "NOT_APPLICABLE: none": test_no_access_points,
        "ERROR: the list, one of them, or its policy status is denied": (
            test_one_regions_failure_is_its_own,
            test_denied_access_point_is_an_error,
            test_denied_policy_status_of_an_access_point_is_an_error,
        ),
        "ERROR: what is answered cannot be read": (
            test_policy_status_of_an_access_point_without_its_field_is_an_error,
            test_access_point_of_an_unknown_origin_is_an_error,
            test_a_page_that_comes_again_is_an_error,
            test_account_may_not_be_the_one_whose_bucket_it_is,
        ),
        "dropped: vanished since it was listed": test_access_point_that_has_vanished_leaves_no_finding,
    },
}
