"""WKLD.08's checks, each shown to pass, to fail, and at its edges."""

from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_08_ebs_encryption as suite


@world(suite.test_ebs_volume_encrypted)
def test_plain_volume_fails(aws: Cloud) -> Expected:
    good = aws.client("ec2").create_volume(AvailabilityZone=aws.zone, Size=1, Encrypted=True)["VolumeId"]
    bad = aws.client("ec2").create_volume(AvailabilityZone=aws.zone, Size=1)["VolumeId"]
    return {aws.arn("ec2", f"volume/{good}"): "PASS", aws.arn("ec2", f"volume/{bad}"): ("FAIL", "medium", "not encrypted")}


@world(suite.test_ebs_volume_encrypted, regions=("eu-west-1", "us-east-1"))
def test_no_volumes(aws: Cloud) -> Expected:
    return {(aws.account_arn, region): "NOT_APPLICABLE" for region in aws.regions}
