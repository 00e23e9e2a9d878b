"""S3: the buckets that are to be reached through VPC endpoints only, and whom their policies keep out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssb.policy_fence import fenced
from pytest_ssb.reads.bucket_policies import ENDPOINTS, POLICY, VPCS, networks_named
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.resource_policies import Judged, judged
from pytest_ssb.reads.s3 import GONE, Bucket
from pytest_ssb.reads.s3_openings import policy_of
from pytest_ssb.reads.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_ssb.aws import Aws, PerResource
    from pytest_ssb.profiles import Profile

TAGS = "s3:GetBucketTagging"


@read(POLICY, TAGS, VPCS, ENDPOINTS, per="account")
def endpoint_only_buckets(aws: Aws, ssb_profile: Profile, account_trust: Trust, buckets: list[Bucket]) -> PerResource[Judged | None]:
    """Who gets at each bucket besides what comes through networks of the account's own; None of those that need not be fenced. Of these nothing is asked."""
    selected = ssb_profile.buckets.vpc_only

    def verdict(bucket: Bucket) -> Judged | None:
        there = bucket.asked(aws)
        if not selected.match(bucket.arn, lambda: _tags(there, bucket)):
            return None
        statements = policy_of(there, bucket)
        trust = account_trust.with_networks(networks_named(there, statements))
        return max((judged(each, trust, POLICY) for each in fenced(statements, bucket.arn)), key=lambda found: found.access.reach)

    return aws.each(buckets, verdict) if selected else aws.same(buckets, None)


def _tags(there: Aws, bucket: Bucket) -> Mapping[str, str]:
    answer = there.ask(TAGS, absent="NoSuchTagSet", gone=GONE, Bucket=bucket.name)
    return {} if answer is None else {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}
