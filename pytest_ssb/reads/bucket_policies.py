"""S3: whom the policies of buckets let in, besides everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.policies import Statement
from pytest_ssb.policy_conditions import conditions_of
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.resource_policies import Judged, judged
from pytest_ssb.reads.s3 import Bucket, PublicAccessBlock
from pytest_ssb.reads.s3_openings import policy_is_public, policy_of
from pytest_ssb.reads.s3_sensitive import Place, SensitiveBuckets
from pytest_ssb.reads.trust import Networks, Trust
from pytest_ssb.unread import or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource
    from pytest_ssb.profiles import Profile

STATUS = "s3:GetBucketPolicyStatus"
POLICY, BUCKETS = "s3:GetBucketPolicy", "s3:ListBuckets"
VPCS, ENDPOINTS = "ec2:DescribeVpcs", "ec2:DescribeVpcEndpoints"
READING = "s3:GetObject"
RESTRICTED = "open to everyone, and restricted by RestrictPublicBuckets"


@read(POLICY, BUCKETS, VPCS, ENDPOINTS, per="account")
def bucket_policies(
    aws: Aws, ssb_profile: Profile, account_trust: Trust, buckets: list[Bucket], bucket_public_access_blocks: PerResource[PublicAccessBlock]
) -> PerResource[Judged]:
    """Whom the policy of each bucket lets in. VPCs and endpoints that it names are looked for in the bucket's Region."""

    def verdict(bucket: Bucket) -> Judged:
        statements = policy_of(bucket.asked(aws), bucket)
        trust = account_trust.with_networks(networks_named(bucket.asked(aws), statements))
        if any(statement.principals("CanonicalUser") for statement in statements if isinstance(statement.principal, dict)):
            trust = trust.with_canonical_users(frozenset({_owner(aws)}), tuple(ssb_profile.trust.canonical_users))
        found = judged(statements, trust, POLICY, fence=RESTRICTED)
        if found.fence is None or bucket_public_access_blocks[bucket].restrict_public_buckets:
            return found
        return judged(statements, trust, POLICY)

    return aws.each(buckets, verdict)


@read(STATUS, per="account")
def open_bucket_policies(aws: Aws, buckets: list[Bucket], bucket_policies: PerResource[Judged]) -> PerResource[bool]:
    """Whether S3 itself calls the policy of a bucket public; asked only where we find it open to everyone."""
    return aws.each(buckets, lambda bucket: bucket_policies[bucket].reach == "open" and bool(policy_is_public(bucket.asked(aws), bucket)))


@read(POLICY, VPCS, ENDPOINTS, per="account")
def sensitive_perimeters(aws: Aws, account_trust: Trust, sensitive_buckets: SensitiveBuckets) -> PerResource[dict[Place, Judged]]:
    """Who is left to read each sensitive place by the Denies of its bucket's policy, were everyone allowed to."""
    buckets = {place.bucket.arn: place.bucket for place in sensitive_buckets.places}

    def left(bucket: Bucket) -> dict[Place, Judged]:
        there = bucket.asked(aws)
        denies = tuple(statement for statement in policy_of(there, bucket) if not statement.allows)
        trust = account_trust.with_networks(networks_named(there, denies))
        found = {}
        for place in sensitive_buckets.places:
            if place.arn == bucket.arn:
                anybody = Statement(effect="Allow", principal="*", action=READING, resource=f"{place.objects}*")
                found[place] = judged((anybody, *denies), trust, POLICY)
        return found

    return aws.each(buckets.values(), left)


def networks_named(there: Aws, statements: tuple[Statement, ...]) -> Networks:
    """The VPCs and endpoints of the account, and those shared with it; each asked for where a policy names one."""
    named = {value for statement in statements for line in conditions_of(statement) if line.key.startswith("aws:sourcevpc") for value in line.values}
    return Networks(
        or_unread(lambda: _ids(there, VPCS, "Vpcs", "VpcId", "vpc-", named)),
        or_unread(lambda: _ids(there, ENDPOINTS, "VpcEndpoints", "VpcEndpointId", "vpce-", named)),
    )


def _ids(there: Aws, operation: str, key: str, name: str, prefix: str, named: set[str]) -> frozenset[str]:
    if not any(id.startswith(prefix) for id in named):
        return frozenset()
    ids = [found.get(name) for found in there.list(operation, key)]
    if not all(isinstance(id, str) for id in ids):
        raise UnexpectedAnswer(f"{operation} answered without {name}", operation)
    return frozenset(ids)


def _owner(aws: Aws) -> str:
    """The account's own canonical user."""
    id = aws.pages(BUCKETS, MaxBuckets=1000)[0].get("Owner", {}).get("ID")
    if not isinstance(id, str):
        raise UnexpectedAnswer(f"{BUCKETS} answered without Owner", BUCKETS)
    return id
