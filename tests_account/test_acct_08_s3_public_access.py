"""ACCT.08: prevent public access to private S3 buckets.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check

ALL_FOUR = "--public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
PRIVATE_ACL = "aws s3api put-bucket-acl --bucket {name} --acl private  # or name who is let in, if trusted, in trust.canonical_users"
REFERENCES = ("https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",)
ACCESS_POINT = (
    "aws s3control delete-access-point --region {region} --account-id {account} --name {name} && "
    "aws s3control create-access-point --region {region} --account-id {account} --name {name} --bucket {bucket}  "
    "# its settings cannot be changed; a new one blocks all public access"
)
MULTI_REGION_ACCESS_POINT = (
    "aws s3control delete-multi-region-access-point --region us-west-2 --account-id {account} --details Name={name}  "
    "# its settings cannot be changed; a new one, of another name, blocks all public access"
)


@check(
    "ACCT.08",
    on="AWS::S3::AccountPublicAccessBlock",
    severity="high",
    facts=("buckets.public",),
    fix="aws s3control put-public-access-block --account-id {account} " + ALL_FOUR + "  "
    "# where an S3 policy of the organization refuses it, change that; list buckets that are public on purpose in buckets.public first",
    references=REFERENCES,
)
def test_account_public_access_block(audit, ssb_profile, account_public_access_block, buckets_block_themselves):
    """The account blocks all public access to its buckets."""
    with audit(audit.target()):
        block, public = account_public_access_block, ssb_profile.buckets.public
        audit.saw(**block.settings)
        if public and not block.complete:
            audit.declared("buckets.public", ", ".join(public))
            audit.not_applicable("some buckets are public on purpose")
        if not block.complete and buckets_block_themselves:
            audit.severity("medium")
        assert block.complete, f"{', '.join(block.missing)} off for the account"


@check(
    "ACCT.08",
    on="AWS::S3::Bucket",
    severity="high",
    facts=("buckets.public",),
    fix="aws s3api put-public-access-block --bucket {name} " + ALL_FOUR,
    references=REFERENCES,
)
def test_bucket_public_access_block(audit, ssb_profile, buckets, bucket_public_access_blocks, bucket_tags, trail_buckets):
    """Every bucket blocks all public access, by its own settings or the account's."""
    for bucket in buckets:
        with audit(bucket, region=bucket.region):
            block = bucket_public_access_blocks[bucket]
            audit.saw(**block.settings)
            if not block.complete:
                public = ssb_profile.buckets.public.match(bucket.arn, lambda one=bucket: bucket_tags[one])
                if public and not trail_buckets.hold(bucket):
                    audit.declared("buckets.public", public)
                    audit.not_applicable("public on purpose")
                if not trail_buckets.may_hold(bucket):
                    audit.severity("medium")
            assert block.complete, f"{', '.join(block.missing)} off for bucket and account"
    if not buckets:
        audit.nothing("no buckets")


@check(
    "ACCT.08",
    on="AWS::S3::Bucket",
    severity="critical",
    facts=("buckets.public", "trust.canonical_users"),
    fix="aws s3api put-public-access-block --bucket {name} " + ALL_FOUR,
    references=(*REFERENCES, "https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html"),
)
def test_bucket_not_public(audit, ssb_profile, buckets, bucket_openings, bucket_tags, trail_buckets):
    """Neither the policy nor the ACL lets everyone in, nor the ACL another account; ACLs of single objects are not looked at."""
    for bucket in buckets:
        with audit(bucket, region=bucket.region):
            openings, purpose = bucket_openings[bucket], None
            audit.saw(**openings.seen)
            if openings.public:
                if trail_buckets.known_to_hold(bucket):
                    audit.judged_by("trail_bucket_not_public")
                audit.severity("critical" if openings.may_be_written else "high")
                purpose = ssb_profile.buckets.public.match(bucket.arn, lambda one=bucket: bucket_tags[one])
                on_purpose = purpose and not openings.written and not trail_buckets.hold(bucket)
                assert on_purpose, f"by {' and '.join(openings.public)} everyone may {openings.rights}"
            trusted = {user: ssb_profile.trust.canonical_users.match(user) for user in openings.outsiders}
            strangers = [user for user, entry in trusted.items() if entry is None]
            if strangers:
                audit.severity("medium")
                audit.fix(PRIVATE_ACL)
            assert not strangers, f"external: the ACL lets in {', '.join(strangers)}"
            openings.settle()
            if purpose:
                audit.declared("buckets.public", purpose)
                audit.not_applicable("public for reading, on purpose")
            if trusted:
                audit.declared("trust.canonical_users", ", ".join(trusted.values()))
                audit.note("the ACL lets in another account, which is trusted, and nobody else")
    if not buckets:
        audit.nothing("no buckets")


@check("ACCT.08", on="AWS::S3::AccessPoint", severity="medium", fix=ACCESS_POINT, references=REFERENCES)
def test_access_point_not_public(
    audit,
    ssb_region,
    access_points,
    public_access_points,
    region_multi_region_access_points,
    public_multi_region_access_points,
):
    """The access point is for a VPC, has no public policy, or restricts what a public policy allows."""
    public = "its policy is public, and neither its settings nor the account's restrict that"
    if access_points is None:
        with audit(audit.target()):
            audit.note("the account blocks all public access, that by access points included")
        return
    for point in access_points:
        with audit(point):
            audit.saw(NetworkOrigin=point.network_origin)
            assert not public_access_points[point], public
    # One that has buckets in several regions is judged in each.
    for point in region_multi_region_access_points:
        with audit(point, region=ssb_region, type="AWS::S3::MultiRegionAccessPoint", fix=MULTI_REGION_ACCESS_POINT):
            assert not public_multi_region_access_points[point], public
    if not access_points and not region_multi_region_access_points:
        audit.nothing("no access points")
