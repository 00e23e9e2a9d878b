"""The demo's buckets: the account blocks all public access in the clean account; in the other, two buckets and an access point stand open."""

from __future__ import annotations

import json
from typing import Any

from pytest_ssb.demo.seeder import Seeder

SETTINGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
EVERYBODY = {"Effect": "Allow", "Principal": "*"}


def seed(seeder: Seeder) -> None:
    """Fill S3. New buckets of moto block nothing; those of AWS block all public access, and their ACLs have no effect."""
    here, there = seeder.regions
    account = seeder.client("s3control", here)
    regions = {"acme-invoices": here, "acme-uploads": here, "acme-partners": there, "acme-exports": here}
    for name, region in regions.items():
        _bucket(seeder.client("s3", region), name, region)
    if seeder.clean:
        account.put_public_access_block(AccountId=seeder.account, PublicAccessBlockConfiguration=dict.fromkeys(SETTINGS, True))
    else:
        _open(seeder.client("s3", here), seeder.client("s3", there))
    _access_points(seeder, seeder.client("s3control", there))

    def tell_regions(region: str, parsed: dict[str, Any]) -> None:
        for bucket in parsed["Buckets"]:
            if bucket["Name"] in regions:
                bucket["BucketRegion"] = regions[bucket["Name"]]

    seeder.simulated.over("s3:ListBuckets", tell_regions)


def _bucket(s3: Any, name: str, region: str) -> None:
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **place)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(SETTINGS, True))
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})


def _open(here: Any, there: Any) -> None:
    """Uploads are handed out by an ACL of the early days; the block of the partners' bucket came after its policy, and by half."""
    here.delete_public_access_block(Bucket="acme-uploads")
    here.delete_bucket_ownership_controls(Bucket="acme-uploads")
    here.put_bucket_acl(Bucket="acme-uploads", ACL="public-read")
    there.delete_public_access_block(Bucket="acme-partners")
    policy = EVERYBODY | {"Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::acme-partners/*"}
    there.put_bucket_policy(Bucket="acme-partners", Policy=_document(policy))
    half = {name: name in ("BlockPublicAcls", "BlockPublicPolicy") for name in SETTINGS}
    there.put_public_access_block(Bucket="acme-partners", PublicAccessBlockConfiguration=half)


def _access_points(seeder: Seeder, s3control: Any) -> None:
    for name, blocked in (("acme-reports", True), ("acme-dropbox", seeder.clean)):
        s3control.create_access_point(
            AccountId=seeder.account, Name=name, Bucket="acme-partners", PublicAccessBlockConfiguration=dict.fromkeys(SETTINGS, blocked)
        )
    if not seeder.clean:
        policy = EVERYBODY | {
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:{seeder.regions[1]}:{seeder.account}:accesspoint/acme-dropbox/object/*",
        }
        s3control.put_access_point_policy(AccountId=seeder.account, Name="acme-dropbox", Policy=_document(policy))


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
