"""WKLD.08: encrypt Amazon EBS volumes.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check

REFERENCES = ("https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",)
BY_DEFAULT = ("https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html",)


@check(
    "WKLD.08",
    on="AWS::::Account",
    severity="medium",
    fix="aws ec2 enable-ebs-encryption-by-default --region {region}",
    references=BY_DEFAULT,
)
def test_ebs_encryption_by_default(audit, ebs_encryption_by_default, region_without_volumes):
    """New volumes of the region are encrypted by default."""
    with audit(audit.target()):
        audit.saw(EbsEncryptionByDefault=ebs_encryption_by_default.enabled)
        if not ebs_encryption_by_default.enabled and region_without_volumes:
            audit.severity("low")
        assert ebs_encryption_by_default.enabled, "off: a new volume is encrypted only if that is asked for"


@check(
    "WKLD.08",
    on="AWS::KMS::Key",
    severity="medium",
    facts=("encryption.require_customer_managed_keys",),
    fix="aws ec2 modify-ebs-default-kms-key-id --region {region} --kms-key-id KEY  # an enabled, symmetric key of the region",
    references=BY_DEFAULT,
)
def test_ebs_default_key_usable(audit, ssb_profile, ebs_default_key):
    """The key by which new volumes are encrypted is enabled."""
    if ebs_default_key is None:
        audit.nothing("encryption by default is off, so that no key is used")
        return
    with audit(ebs_default_key):
        audit.saw(KeyState=ebs_default_key.key_state, KeyManager=ebs_default_key.key_manager)
        assert ebs_default_key.usable, f"the key is {ebs_default_key.key_state}: instances with a new volume do not start"
        if ssb_profile.encryption.require_customer_managed_keys:
            assert ebs_default_key.key_manager == "CUSTOMER", "AWS's own key, where encryption.require_customer_managed_keys asks for one's own"


@check(
    "WKLD.08",
    on="AWS::EC2::Volume",
    severity="medium",
    fix="aws ec2 create-snapshot --region {region} --volume-id {id}  # then copy-snapshot --encrypted, and create-volume from the copy",
    references=REFERENCES,
)
def test_ebs_volume_encrypted(audit, volumes):
    """Every volume is encrypted."""
    for volume in volumes:
        with audit(volume):
            audit.saw(Encrypted=volume.encrypted, State=volume.state)
            if volume.manager:
                audit.not_applicable(f"managed by {volume.manager}")
            assert volume.encrypted, "not encrypted"
    if not volumes:
        audit.nothing("no volumes")


@check(
    "WKLD.08",
    on="AWS::EC2::Snapshot",
    severity="medium",
    fix="aws ec2 copy-snapshot --region {region} --source-region {region} --source-snapshot-id {id} --encrypted  # then delete the original",
    references=REFERENCES,
)
def test_ebs_snapshot_encrypted(audit, snapshots, images_of_snapshots):
    """Every snapshot is encrypted."""
    for snapshot in snapshots:
        with audit(snapshot):
            audit.saw(Encrypted=snapshot.encrypted, State=snapshot.state)
            image = images_of_snapshots.get(snapshot.snapshot_id)
            if image:
                audit.fix(
                    "aws ec2 copy-image --region {region} --source-region {region} --source-image-id {image} --name NAME --encrypted", image=image
                )
            assert snapshot.encrypted, f"not encrypted{f', and the image {image} is made of it' if image else ''}"
    if not snapshots:
        audit.nothing("no snapshots")


@check(
    "WKLD.08",
    on="AWS::EC2::LaunchTemplate",
    severity="low",
    fix="aws ec2 enable-ebs-encryption-by-default --region {region}  # or make a version with Encrypted=true for each device, and set it as default: "
    "aws ec2 create-launch-template-version --region {region} --launch-template-id {id} --source-version '$Latest' --launch-template-data FILE",
    references=BY_DEFAULT,
)
def test_launch_template_ebs_encrypted(audit, ebs_encryption_by_default, launch_templates, launch_template_volumes):
    """Every launch template that is in use makes encrypted volumes, by itself, its image or the region's default."""
    for template in launch_templates:
        with audit(template):
            if template.manager:
                audit.not_applicable(f"managed by {template.manager}")
            volumes = launch_template_volumes[template]
            if volumes.silent and not ebs_encryption_by_default.enabled:
                audit.not_applicable("says nothing of volumes: the image that is named at launch decides")
            assert not volumes.plain or ebs_encryption_by_default.enabled, f"not encrypted in {'; '.join(volumes.plain)}"
    if not launch_templates:
        audit.nothing("no launch templates")


@check(
    "WKLD.08",
    on="AWS::EC2::Snapshot",
    severity="critical",
    extended=True,
    fix="aws ec2 modify-snapshot-attribute --region {region} --snapshot-id {id} "
    "--attribute createVolumePermission --operation-type remove --group-names all",
    references=("https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html",),
)
def test_ebs_snapshot_not_public(audit, listed_public_snapshots, snapshots_shared_with_all, snapshots_held_back):
    """No snapshot is shared with everyone."""
    for snapshot in listed_public_snapshots:
        with audit(snapshot):
            audit.saw(Encrypted=snapshot.encrypted, State=snapshot.state)
            if snapshots_held_back:
                audit.severity("low")
            held = ", but the region treats such snapshots as private for now" if snapshots_held_back else ""
            assert not snapshots_shared_with_all[snapshot], f"shared with everyone{held}"
    if not listed_public_snapshots:
        with audit(audit.target()):
            audit.note("no snapshot is shared with everyone")
