"""WKLD.08: encrypt Amazon EBS volumes.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check


@check(
    "WKLD.08",
    on="AWS::EC2::Volume",
    severity="medium",
    fix="aws ec2 create-snapshot --region {region} --volume-id {id}  # then copy-snapshot --encrypted, and create-volume from the copy",
    references=("https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",),
)
def test_ebs_volume_encrypted(audit, volumes):
    """Every volume is encrypted."""
    for volume in volumes:
        with audit(volume):
            audit.saw(Encrypted=volume.encrypted, State=volume.state)
            assert volume.encrypted, "not encrypted"
    if not volumes:
        audit.nothing("no volumes")
