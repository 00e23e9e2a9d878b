"""WKLD.08's checks, each shown to pass, to fail, and at its edges."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_ssb.findings import Finding
from tests.support.worlds import Cloud, Expected, World, built, compare, judge, world
from tests_workload import test_wkld_08_ebs_encryption as suite

BOTH = ("eu-west-1", "us-east-1")
KEY, TEMPLATE, PUBLIC = suite.test_ebs_default_key_usable, suite.test_launch_template_ebs_encrypted, suite.test_ebs_snapshot_not_public
MANAGED = {"Managed": True, "Principal": "eks.amazonaws.com"}


def denied(aws: Cloud, operation: str) -> None:
    """Deny that call from now on."""
    name = operation.partition(":")[2]
    aws.simulated.instead(operation, lambda region, body: ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": ""}}, name))


def findings(check: Callable[..., None], build: Callable[[Cloud], Any], regions: tuple[str, ...] = ("eu-west-1",)) -> tuple[list[Finding], Cloud]:
    with built(World(check, build, regions)) as (cloud, _):
        return judge(check, cloud), cloud


def calls(check: Callable[..., None], build: Callable[[Cloud], Any]) -> list[str]:
    """The operations that a check asks, each as often as it is asked, but for what the world itself asks."""
    asked: list[str] = []
    with built(World(check, build)) as (cloud, _):
        register = cloud.simulated.register

        def listening(client: Any) -> None:
            service = client.meta.service_model.service_name
            client.meta.events.register_first("provide-client-params", lambda model, **_: asked.append(f"{service}:{model.name}"))
            register(client)

        cloud.simulated.register = listening  # type: ignore[method-assign]
        judge(check, cloud)
    return sorted(asked)


def laid_over(aws: Cloud, operation: str, key: str, **fields: Any) -> None:
    """Lay these fields over each item that an operation lists."""

    def change(region: str, parsed: Any) -> None:
        for each in parsed[key]:
            each.update(fields)

    aws.simulated.over(operation, change)


def volume(aws: Cloud, encrypted: bool = False) -> str:
    made = aws.client("ec2").create_volume(AvailabilityZone=aws.zone, Size=1, Encrypted=encrypted)["VolumeId"]
    return aws.arn("ec2", f"volume/{made}")


def snapshot(aws: Cloud, encrypted: bool = False) -> str:
    source = volume(aws, encrypted).rpartition("/")[2]
    made: str = aws.client("ec2").create_snapshot(VolumeId=source)["SnapshotId"]
    return made


def snapshot_arn(aws: Cloud, id: str) -> str:
    return f"arn:{aws.partition}:ec2:{aws.region}::snapshot/{id}"


def paged(aws: Cloud, operation: str, key: str, items: list[Any]) -> None:
    """Answer one item a page, and the rest behind a token."""

    def page(region: str, body: Any) -> dict[str, Any]:
        at = int(body.get("NextToken") or 0)
        return {key: items[at : at + 1], **({"NextToken": str(at + 1)} if at + 1 < len(items) else {})}

    aws.simulated.instead(operation, page)


# --- ebs_encryption_by_default -------------------------------------------------------------------------------------------------------------


@world(suite.test_ebs_encryption_by_default, regions=("eu-west-1", "us-east-1", "sa-east-1"))
def test_every_region_is_judged(aws: Cloud) -> Expected:
    aws.client("ec2", "eu-west-1").enable_ebs_encryption_by_default()
    aws.client("ec2", "us-east-1").create_volume(AvailabilityZone="us-east-1a", Size=1)
    return {
        (aws.account_arn, "eu-west-1"): "PASS",
        (aws.account_arn, "us-east-1"): ("FAIL", "medium", "off"),
        (aws.account_arn, "sa-east-1"): ("FAIL", "low", "off"),
    }


@world(suite.test_ebs_encryption_by_default)
def test_unknown_reach_leaves_the_worst(aws: Cloud) -> Expected:
    denied(aws, "ec2:DescribeVolumes")
    return {aws.account_arn: ("FAIL", "medium", "off")}


@world(suite.test_ebs_encryption_by_default)
def test_denied_setting_is_an_error(aws: Cloud) -> Expected:
    denied(aws, "ec2:GetEbsEncryptionByDefault")
    return {aws.account_arn: ("ERROR", "medium", "ec2:GetEbsEncryptionByDefault is denied")}


@world(suite.test_ebs_encryption_by_default)
def test_setting_that_is_missing_is_an_error(aws: Cloud) -> Expected:
    aws.simulated.over("ec2:GetEbsEncryptionByDefault", lambda region, parsed: parsed.pop("EbsEncryptionByDefault"))
    return {aws.account_arn: ("ERROR", "medium", "EbsEncryptionByDefault")}


@world(suite.test_ebs_encryption_by_default, regions=("cn-north-1",))
def test_setting_in_china(aws: Cloud) -> Expected:
    volume(aws)
    return {"arn:aws-cn:account::123456789012:account": ("FAIL", "medium", "off")}


def test_nothing_more_is_asked_where_it_is_on() -> None:
    assert calls(suite.test_ebs_encryption_by_default, lambda aws: aws.client("ec2").enable_ebs_encryption_by_default()) == [
        "ec2:GetEbsEncryptionByDefault"
    ]


# --- ebs_default_key_usable ----------------------------------------------------------------------------------------------------------------


def default_key(aws: Cloud, state: str = "Enabled") -> str:
    """Encryption by default with an own key in that state; its ARN."""
    key: str = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    id = key.rpartition("/")[2]
    if state == "Disabled":
        aws.client("kms").disable_key(KeyId=id)
    if state == "PendingDeletion":
        aws.client("kms").schedule_key_deletion(KeyId=id)
    default_is(aws, key)
    return key


def default_is(aws: Cloud, key: str) -> None:
    aws.client("ec2").enable_ebs_encryption_by_default()
    aws.simulated.instead("ec2:GetEbsDefaultKmsKeyId", lambda region, body: {"KmsKeyId": key})


def in_state(aws: Cloud, state: str) -> str:
    """A default key in a state that moto does not know."""
    aws.simulated.over("kms:DescribeKey", lambda region, parsed: parsed["KeyMetadata"].update(KeyState=state))
    return default_key(aws)


@world(KEY)
def test_enabled_key_passes(aws: Cloud) -> Expected:
    return {default_key(aws): "PASS"}


@world(KEY)
def test_key_by_its_id_alone(aws: Cloud) -> Expected:
    arn = default_key(aws)
    default_is(aws, arn.rpartition("/")[2])
    return {arn: "PASS"}


@world(KEY)
def test_disabled_key_fails(aws: Cloud) -> Expected:
    return {default_key(aws, "Disabled"): ("FAIL", "medium", "Disabled")}


@world(KEY)
def test_key_to_be_deleted_fails(aws: Cloud) -> Expected:
    return {default_key(aws, "PendingDeletion"): ("FAIL", "medium", "PendingDeletion")}


@world(KEY)
def test_deleted_key_fails(aws: Cloud) -> Expected:
    key = aws.arn("kms", "key/00000000-0000-0000-0000-000000000000")
    default_is(aws, key)
    return {key: ("FAIL", "medium", "NotFound")}


@world(KEY)
def test_unavailable_key_fails(aws: Cloud) -> Expected:
    return {in_state(aws, "Unavailable"): ("FAIL", "medium", "Unavailable")}


@world(KEY)
def test_key_that_is_being_updated_encrypts(aws: Cloud) -> Expected:
    return {in_state(aws, "Updating"): "PASS"}


@world(KEY)
def test_key_without_material_fails(aws: Cloud) -> Expected:
    return {in_state(aws, "PendingImport"): ("FAIL", "medium", "the key is PendingImport")}


@world(KEY)
def test_key_of_several_regions_that_is_to_be_deleted_fails(aws: Cloud) -> Expected:
    return {in_state(aws, "PendingReplicaDeletion"): ("FAIL", "medium", "the key is PendingReplicaDeletion")}


@world(KEY)
def test_key_that_is_not_named_is_an_error(aws: Cloud) -> Expected:
    default_is(aws, "")
    return {aws.account_arn: ("ERROR", "medium", "ec2:GetEbsDefaultKmsKeyId answered without KmsKeyId")}


@world(KEY)
def test_key_in_an_unknown_state_is_an_error(aws: Cloud) -> Expected:
    return {in_state(aws, "Sleeping"): ("ERROR", "medium", "Sleeping")}


@world(KEY)
def test_aws_own_key_passes(aws: Cloud) -> Expected:
    default_is(aws, "alias/aws/ebs")
    return {aws.arn("kms", "alias/aws/ebs"): "PASS"}


@world(KEY)
def test_aws_own_key_fails_where_ones_own_is_asked_for(aws: Cloud) -> Expected:
    aws.facts(encryption={"require_customer_managed_keys": True})
    default_is(aws, "alias/aws/ebs")
    return {aws.arn("kms", "alias/aws/ebs"): ("FAIL", "medium", "encryption.require_customer_managed_keys")}


@world(KEY)
def test_aws_own_key_by_its_arn_fails_where_ones_own_is_asked_for(aws: Cloud) -> Expected:
    aws.facts(encryption={"require_customer_managed_keys": True})
    aws.simulated.over("kms:DescribeKey", lambda region, parsed: parsed["KeyMetadata"].update(KeyManager="AWS"))
    return {default_key(aws): ("FAIL", "medium", "encryption.require_customer_managed_keys")}


@world(KEY)
def test_ones_own_key_passes_where_it_is_asked_for(aws: Cloud) -> Expected:
    aws.facts(encryption={"require_customer_managed_keys": True})
    return {default_key(aws): "PASS"}


@world(KEY, regions=("cn-north-1",))
def test_aws_own_key_in_china(aws: Cloud) -> Expected:
    default_is(aws, "alias/aws/ebs")
    return {"arn:aws-cn:kms:cn-north-1:123456789012:alias/aws/ebs": "PASS"}


@world(KEY)
def test_no_key_without_encryption_by_default(aws: Cloud) -> Expected:
    return {aws.account_arn: "NOT_APPLICABLE"}


@world(KEY)
def test_denied_key_is_an_error(aws: Cloud) -> Expected:
    key = default_key(aws)
    denied(aws, "kms:DescribeKey")
    return {key: ("ERROR", "medium", "kms:DescribeKey is denied")}


@world(KEY)
def test_endpoint_without_the_operation_is_an_error(aws: Cloud) -> Expected:
    aws.client("ec2").enable_ebs_encryption_by_default()
    return {aws.account_arn: ("ERROR", "medium", "ec2:GetEbsDefaultKmsKeyId is not implemented by this endpoint")}


@world(KEY)
def test_key_hangs_on_the_setting(aws: Cloud) -> Expected:
    denied(aws, "ec2:GetEbsEncryptionByDefault")
    return {aws.account_arn: ("ERROR", "medium", "ec2:GetEbsEncryptionByDefault is denied")}


# --- ebs_volume_encrypted ------------------------------------------------------------------------------------------------------------------


@world(suite.test_ebs_volume_encrypted)
def test_plain_volume_fails(aws: Cloud) -> Expected:
    return {volume(aws, encrypted=True): "PASS", volume(aws): ("FAIL", "medium", "not encrypted")}


@world(suite.test_ebs_volume_encrypted, regions=BOTH)
def test_no_volumes(aws: Cloud) -> Expected:
    return {(aws.account_arn, region): "NOT_APPLICABLE" for region in aws.regions}


@world(suite.test_ebs_volume_encrypted)
def test_volume_of_an_instance_is_judged_like_any(aws: Cloud) -> Expected:
    ec2 = aws.client("ec2")
    ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)
    (attached,) = ec2.describe_volumes()["Volumes"]
    return {aws.arn("ec2", f"volume/{attached['VolumeId']}"): ("FAIL", "medium", "not encrypted")}


@world(suite.test_ebs_volume_encrypted)
def test_volume_of_a_cluster_is_judged_like_any(aws: Cloud) -> Expected:
    """What a driver made in the account is the account's, unless AWS says that a service manages it."""
    ec2, claimed = aws.client("ec2"), volume(aws)
    ec2.create_tags(Resources=[claimed.rpartition("/")[2]], Tags=[{"Key": "kubernetes.io/created-for/pvc/name", "Value": "data"}])
    return {claimed: ("FAIL", "medium", "not encrypted")}


@world(suite.test_ebs_volume_encrypted, regions=("cn-north-1",))
def test_volumes_in_china(aws: Cloud) -> Expected:
    good, bad = volume(aws, encrypted=True), volume(aws)
    assert bad.startswith("arn:aws-cn:ec2:cn-north-1:123456789012:volume/vol-")
    return {good: "PASS", bad: "FAIL"}


def _states(aws: Cloud, *states: str) -> list[str]:
    made = {volume(aws).rpartition("/")[2]: state for state in states}

    def change(region: str, parsed: Any) -> None:
        for each in parsed["Volumes"]:
            each["State"] = made[each["VolumeId"]]

    aws.simulated.over("ec2:DescribeVolumes", change)
    return [aws.arn("ec2", f"volume/{id}") for id in made]


@world(suite.test_ebs_volume_encrypted)
def test_volumes_in_all_states_but_those_of_deletion(aws: Cloud) -> Expected:
    *there, _deleting, _deleted = _states(aws, "creating", "available", "in-use", "error", "deleting", "deleted")
    return dict.fromkeys(there, ("FAIL", "medium", "not encrypted"))


@world(suite.test_ebs_volume_encrypted)
def test_volume_in_an_unknown_state_is_an_error(aws: Cloud) -> Expected:
    lost, there = _states(aws, "resting", "available")
    return {lost: ("ERROR", "medium", "resting"), there: ("FAIL", "medium", "not encrypted")}


@world(suite.test_ebs_volume_encrypted)
def test_volume_without_the_field_is_an_error(aws: Cloud) -> Expected:
    lost, good = volume(aws), volume(aws, encrypted=True)

    def change(region: str, parsed: Any) -> None:
        for each in parsed["Volumes"]:
            if lost.endswith(each["VolumeId"]):
                each.pop("Encrypted")

    aws.simulated.over("ec2:DescribeVolumes", change)
    return {lost: ("ERROR", "medium", "Encrypted"), good: "PASS"}


@world(suite.test_ebs_volume_encrypted)
def test_managed_volume_is_not_ours_to_change(aws: Cloud) -> Expected:
    managed = volume(aws)
    laid_over(aws, "ec2:DescribeVolumes", "Volumes", Operator=MANAGED)
    return {managed: ("NOT_APPLICABLE", "medium", "managed by eks.amazonaws.com")}


@world(suite.test_ebs_volume_encrypted)
def test_volume_with_an_operator_that_does_not_manage_it(aws: Cloud) -> Expected:
    own = volume(aws)
    laid_over(aws, "ec2:DescribeVolumes", "Volumes", Operator={"Managed": False})
    return {own: "FAIL"}


@world(suite.test_ebs_volume_encrypted)
def test_second_page_of_volumes_is_judged(aws: Cloud) -> Expected:
    good, bad = volume(aws, encrypted=True), volume(aws)
    paged(aws, "ec2:DescribeVolumes", "Volumes", aws.client("ec2").describe_volumes()["Volumes"])
    return {good: "PASS", bad: "FAIL"}


@world(suite.test_ebs_volume_encrypted)
def test_denied_volumes_are_an_error(aws: Cloud) -> Expected:
    volume(aws)
    denied(aws, "ec2:DescribeVolumes")
    return {aws.account_arn: ("ERROR", "medium", "ec2:DescribeVolumes is denied")}


# --- ebs_snapshot_encrypted ----------------------------------------------------------------------------------------------------------------


@world(suite.test_ebs_snapshot_encrypted)
def test_plain_snapshot_fails(aws: Cloud) -> Expected:
    return {
        snapshot_arn(aws, snapshot(aws, encrypted=True)): "PASS",
        snapshot_arn(aws, snapshot(aws)): ("FAIL", "medium", "not encrypted"),
    }


@world(suite.test_ebs_snapshot_encrypted)
def test_no_snapshots(aws: Cloud) -> Expected:
    return {aws.account_arn: "NOT_APPLICABLE"}


@world(suite.test_ebs_snapshot_encrypted)
def test_snapshots_in_other_states_hold_nothing(aws: Cloud) -> Expected:
    ids = {snapshot(aws): state for state in ("pending", "completed", "error", "recoverable", "recovering")}

    def change(region: str, parsed: Any) -> None:
        for each in parsed["Snapshots"]:
            each["State"] = ids[each["SnapshotId"]]
            each["StorageTier"] = "archive"

    aws.simulated.over("ec2:DescribeSnapshots", change)
    return {snapshot_arn(aws, id): "FAIL" for id, state in ids.items() if state in ("pending", "completed")}


@world(suite.test_ebs_snapshot_encrypted)
def test_snapshot_that_cannot_be_read_is_an_error_of_its_own(aws: Cloud) -> Expected:
    good, bad, lost = snapshot(aws, encrypted=True), snapshot(aws), snapshot(aws)

    def change(region: str, parsed: Any) -> None:
        for each in parsed["Snapshots"]:
            if each["SnapshotId"] == lost:
                each["State"] = "resting"

    aws.simulated.over("ec2:DescribeSnapshots", change)
    return {
        snapshot_arn(aws, good): "PASS",
        snapshot_arn(aws, bad): ("FAIL", "medium", "not encrypted"),
        snapshot_arn(aws, lost): ("ERROR", "medium", "resting"),
    }


@world(suite.test_ebs_snapshot_encrypted)
def test_unreadable_beside_encrypted_snapshots(aws: Cloud) -> Expected:
    lost, good = snapshot(aws), snapshot(aws, encrypted=True)

    def change(region: str, parsed: Any) -> None:
        for each in parsed["Snapshots"]:
            if each["SnapshotId"] == lost:
                del each["Encrypted"]

    aws.simulated.over("ec2:DescribeSnapshots", change)
    return {snapshot_arn(aws, good): "PASS", snapshot_arn(aws, lost): ("ERROR", "medium", "missing required field `Encrypted`")}


@world(suite.test_ebs_snapshot_encrypted, regions=("us-gov-west-1",))
def test_snapshots_in_govcloud(aws: Cloud) -> Expected:
    good, bad = snapshot_arn(aws, snapshot(aws, encrypted=True)), snapshot_arn(aws, snapshot(aws))
    assert bad.startswith("arn:aws-us-gov:ec2:us-gov-west-1::snapshot/snap-")
    return {good: "PASS", bad: "FAIL"}


def image_of(aws: Cloud, id: str, device: str = "/dev/xvda") -> str:
    """An image that is made of a snapshot."""
    mapping = [{"DeviceName": device, "Ebs": {"SnapshotId": id}}]
    made: str = aws.client("ec2").register_image(Name="image", RootDeviceName=device, BlockDeviceMappings=mapping)["ImageId"]
    encrypted = {each["SnapshotId"]: each["Encrypted"] for each in aws.client("ec2").describe_snapshots()["Snapshots"]}[id]

    def change(region: str, parsed: Any) -> None:
        # moto gives an image whose snapshot it did not make itself a volume of its own.
        for each in parsed["Images"]:
            if each["ImageId"] == made:
                each["BlockDeviceMappings"] = [{"DeviceName": device, "Ebs": {"SnapshotId": id, "Encrypted": encrypted}}]

    aws.simulated.over("ec2:DescribeImages", change)
    return made


def _image(aws: Cloud) -> tuple[str, str]:
    """An image made of an instance with a plain volume, and the snapshot behind it."""
    ec2 = aws.client("ec2")
    instance = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    image = ec2.create_image(InstanceId=instance, Name="image")["ImageId"]
    (mapping,) = ec2.describe_images(ImageIds=[image])["Images"][0]["BlockDeviceMappings"]
    return image, mapping["Ebs"]["SnapshotId"]


@world(suite.test_ebs_snapshot_encrypted)
def test_snapshot_behind_an_image_names_it(aws: Cloud) -> Expected:
    image, behind = _image(aws)
    return {snapshot_arn(aws, behind): ("FAIL", "medium", f"the image {image} is made of it")}


@world(suite.test_ebs_snapshot_encrypted)
def test_denied_images_do_not_hide_a_plain_snapshot(aws: Cloud) -> Expected:
    bad = snapshot(aws)
    denied(aws, "ec2:DescribeImages")
    return {snapshot_arn(aws, bad): ("FAIL", "medium", "not encrypted")}


@world(suite.test_ebs_snapshot_encrypted)
def test_second_page_of_snapshots_is_judged(aws: Cloud) -> Expected:
    good, bad = snapshot(aws, encrypted=True), snapshot(aws)
    paged(aws, "ec2:DescribeSnapshots", "Snapshots", aws.client("ec2").describe_snapshots()["Snapshots"])
    return {snapshot_arn(aws, good): "PASS", snapshot_arn(aws, bad): "FAIL"}


@world(suite.test_ebs_snapshot_encrypted)
def test_denied_snapshots_are_an_error(aws: Cloud) -> Expected:
    denied(aws, "ec2:DescribeSnapshots")
    return {aws.account_arn: ("ERROR", "medium", "ec2:DescribeSnapshots is denied")}


def test_images_are_not_asked_for_encrypted_snapshots() -> None:
    assert calls(suite.test_ebs_snapshot_encrypted, lambda aws: snapshot(aws, encrypted=True)) == ["ec2:DescribeSnapshots"]


# --- launch_template_ebs_encrypted ---------------------------------------------------------------------------------------------------------


def template(aws: Cloud, *devices: dict[str, Any], name: str = "web", image: str | None = None) -> str:
    data: dict[str, Any] = {"InstanceType": "t3.micro"}
    if devices:
        data["BlockDeviceMappings"] = list(devices)
    if image:
        data["ImageId"] = image
    made = aws.client("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)["LaunchTemplate"]["LaunchTemplateId"]
    return aws.arn("ec2", f"launch-template/{made}")


def version(aws: Cloud, arn: str, *devices: dict[str, Any]) -> None:
    aws.client("ec2").create_launch_template_version(
        LaunchTemplateId=arn.rpartition("/")[2], LaunchTemplateData={"InstanceType": "t3.micro", "BlockDeviceMappings": list(devices)}
    )


def device(encrypted: bool | None = None, snapshot: str | None = None, name: str = "/dev/xvda") -> dict[str, Any]:
    ebs = {"VolumeSize": 8, "Encrypted": encrypted, "SnapshotId": snapshot}
    return {"DeviceName": name, "Ebs": {key: value for key, value in ebs.items() if value is not None}}


def group(aws: Cloud, arn: str, version: str, mixed: bool = False) -> None:
    """A group of instances that uses that version."""
    specification = {"LaunchTemplateId": arn.rpartition("/")[2], "Version": version}
    uses: dict[str, Any] = {"LaunchTemplate": specification}
    if mixed:
        uses = {"MixedInstancesPolicy": {"LaunchTemplate": {"LaunchTemplateSpecification": specification}}}
    aws.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="web", MinSize=0, MaxSize=0, DesiredCapacity=0, AvailabilityZones=[aws.zone], **uses
    )


@world(TEMPLATE)
def test_template_without_encryption_fails(aws: Cloud) -> Expected:
    return {
        template(aws, device(True), name="good"): "PASS",
        template(aws, device(False), name="bad"): ("FAIL", "low", "version 1: /dev/xvda"),
        template(aws, device(True), device(name="/dev/xvdb"), name="forgotten"): ("FAIL", "low", "version 1: /dev/xvdb"),
    }


@world(TEMPLATE)
def test_encryption_by_default_makes_good_for_every_template(aws: Cloud) -> Expected:
    aws.client("ec2").enable_ebs_encryption_by_default()
    return {template(aws, device(False)): "PASS"}


@world(TEMPLATE)
def test_no_launch_templates(aws: Cloud) -> Expected:
    return {aws.account_arn: "NOT_APPLICABLE"}


@world(TEMPLATE)
def test_default_version_is_looked_at_beside_the_latest(aws: Cloud) -> Expected:
    first, last, between = (template(aws, device(n != 0), name=f"t{n}") for n in range(3))
    version(aws, first, device(True))
    version(aws, last, device(False))
    version(aws, between, device(False))
    version(aws, between, device(True))
    return {first: ("FAIL", "low", "version 1: "), last: ("FAIL", "low", "version 2: "), between: "PASS"}


@world(TEMPLATE)
def test_version_that_a_group_names_is_looked_at(aws: Cloud) -> Expected:
    pinned = template(aws, device(True))
    version(aws, pinned, device(False))
    version(aws, pinned, device(True))
    group(aws, pinned, "2")
    return {pinned: ("FAIL", "low", "version 2: /dev/xvda")}


@world(TEMPLATE)
def test_version_that_a_mixed_group_names_is_looked_at(aws: Cloud) -> Expected:
    pinned = template(aws, device(True))
    version(aws, pinned, device(False))
    version(aws, pinned, device(True))
    group(aws, pinned, "2", mixed=True)
    return {pinned: ("FAIL", "low", "version 2: /dev/xvda")}


@world(TEMPLATE)
def test_version_of_an_override_is_looked_at(aws: Cloud) -> Expected:
    pinned = template(aws, device(True))
    version(aws, pinned, device(False))
    version(aws, pinned, device(True))
    group(aws, pinned, "1", mixed=True)

    def change(region: str, parsed: Any) -> None:
        mixed = parsed["AutoScalingGroups"][0]["MixedInstancesPolicy"]["LaunchTemplate"]
        mixed["Overrides"] = [{"LaunchTemplateSpecification": {"LaunchTemplateName": "web", "Version": "2"}}, {"InstanceType": "t3.large"}]

    aws.simulated.over("autoscaling:DescribeAutoScalingGroups", change)
    return {pinned: ("FAIL", "low", "version 2: /dev/xvda")}


def groups(aws: Cloud, *specifications: dict[str, str]) -> None:
    """Groups as AWS may tell of them: by the template's id or its name, with or without a version."""
    listed = [{"AutoScalingGroupARN": aws.arn("autoscaling", f"group-{n}"), "LaunchTemplate": each} for n, each in enumerate(specifications)]
    aws.simulated.instead("autoscaling:DescribeAutoScalingGroups", lambda region, body: {"AutoScalingGroups": listed})


@world(TEMPLATE)
def test_group_that_names_the_template_by_its_id_alone(aws: Cloud) -> Expected:
    pinned, other = template(aws, device(True), name="pinned"), template(aws, device(True), name="other")
    for each in (pinned, other):
        version(aws, each, device(False))
        version(aws, each, device(True))
    groups(aws, {"LaunchTemplateId": pinned.rpartition("/")[2], "Version": "2"})
    return {pinned: ("FAIL", "low", "version 2: /dev/xvda"), other: "PASS"}


@world(TEMPLATE)
def test_group_that_names_the_template_by_its_name_alone(aws: Cloud) -> Expected:
    pinned, other = template(aws, device(True), name="pinned"), template(aws, device(True), name="other")
    for each in (pinned, other):
        version(aws, each, device(False))
        version(aws, each, device(True))
    groups(aws, {"LaunchTemplateName": "pinned", "Version": "2"})
    return {pinned: ("FAIL", "low", "version 2: /dev/xvda"), other: "PASS"}


@world(TEMPLATE)
def test_groups_that_follow_the_default_or_the_latest_version(aws: Cloud) -> Expected:
    followed = template(aws, device(True))
    version(aws, followed, device(False))
    version(aws, followed, device(True))
    id = followed.rpartition("/")[2]
    groups(aws, {"LaunchTemplateId": id, "Version": "$Default"}, {"LaunchTemplateId": id, "Version": "$Latest"}, {"LaunchTemplateId": id})
    return {followed: "PASS"}


@world(TEMPLATE)
def test_group_that_names_no_template_is_an_error(aws: Cloud) -> Expected:
    good = template(aws, device(True))
    groups(aws, {"Version": "1"})
    return {good: ("ERROR", "low", "a specification needs LaunchTemplateId or LaunchTemplateName")}


@world(TEMPLATE)
def test_second_page_of_groups_is_looked_at(aws: Cloud) -> Expected:
    pinned = template(aws, device(True))
    version(aws, pinned, device(False))
    version(aws, pinned, device(True))
    group(aws, pinned, "2")
    (found,) = aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    other = {"AutoScalingGroupARN": aws.arn("autoscaling", "other"), "LaunchConfigurationName": "old"}
    paged(aws, "autoscaling:DescribeAutoScalingGroups", "AutoScalingGroups", [other, found])
    return {pinned: ("FAIL", "low", "version 2: /dev/xvda")}


@world(TEMPLATE)
def test_pinned_version_that_is_gone(aws: Cloud) -> Expected:
    pinned = template(aws, device(True))
    group(aws, pinned, "1")
    aws.simulated.over(
        "autoscaling:DescribeAutoScalingGroups", lambda region, parsed: parsed["AutoScalingGroups"][0]["LaunchTemplate"].update(Version="9")
    )
    everything = aws.client("ec2").describe_launch_template_versions(Versions=["$Default", "$Latest"])["LaunchTemplateVersions"]
    gone = ClientError({"Error": {"Code": "InvalidLaunchTemplateId.VersionNotFound", "Message": ""}}, "DescribeLaunchTemplateVersions")
    aws.simulated.instead(
        "ec2:DescribeLaunchTemplateVersions", lambda region, body: gone if "9" in body.values() else {"LaunchTemplateVersions": everything}
    )
    return {pinned: "PASS"}


@world(TEMPLATE)
def test_denied_groups_are_an_error_but_where_a_template_fails_anyway(aws: Cloud) -> Expected:
    good, bad = template(aws, device(True), name="good"), template(aws, device(False), name="bad")
    denied(aws, "autoscaling:DescribeAutoScalingGroups")
    return {good: ("ERROR", "low", "autoscaling:DescribeAutoScalingGroups is denied"), bad: ("FAIL", "low", "version 1")}


@world(TEMPLATE)
def test_volume_of_an_encrypted_snapshot_is_encrypted(aws: Cloud) -> Expected:
    good, bad = snapshot(aws, encrypted=True), snapshot(aws)
    return {
        template(aws, device(snapshot=good), name="good"): "PASS",
        template(aws, device(snapshot=bad), name="bad"): ("FAIL", "low", "/dev/xvda"),
        template(aws, device(False, snapshot="snap-00000000000000000"), name="gone"): ("FAIL", "low", "/dev/xvda"),
    }


@world(TEMPLATE)
def test_volumes_of_the_image_are_looked_at(aws: Cloud) -> Expected:
    good, bad = image_of(aws, snapshot(aws, encrypted=True)), image_of(aws, snapshot(aws))
    return {
        template(aws, name="good", image=good): "PASS",
        template(aws, device(), name="bigger", image=good): "PASS",
        template(aws, name="bad", image=bad): ("FAIL", "low", "version 1: /dev/xvda"),
        template(aws, device(True), name="mended", image=bad): "PASS",
        template(aws, device(True, name="/dev/xvdb"), name="half", image=bad): ("FAIL", "low", "version 1: /dev/xvda"),
    }


@world(TEMPLATE)
def test_template_that_says_nothing_of_volumes(aws: Cloud) -> Expected:
    said = ("NOT_APPLICABLE", "low", "the image that is named at launch decides")
    return {template(aws, name="none"): said, template(aws, name="parameter", image="resolve:ssm:/golden"): said}


@world(TEMPLATE)
def test_disks_of_the_instance_are_no_ebs(aws: Cloud) -> Expected:
    return {template(aws, device(True), {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"}): "PASS"}


@world(TEMPLATE)
def test_device_of_the_image_that_is_left_out(aws: Cloud) -> Expected:
    bad = image_of(aws, snapshot(aws), "/dev/xvdb")
    return {template(aws, device(True), {"DeviceName": "/dev/xvdb", "NoDevice": ""}, image=bad): "PASS"}


@world(TEMPLATE)
def test_device_of_which_nothing_is_said_is_an_error(aws: Cloud) -> Expected:
    odd = template(aws, device(True))

    def change(region: str, parsed: Any) -> None:
        for each in parsed["LaunchTemplateVersions"]:
            each["LaunchTemplateData"]["BlockDeviceMappings"] = [{"DeviceName": "/dev/xvda"}]

    aws.simulated.over("ec2:DescribeLaunchTemplateVersions", change)
    return {odd: ("ERROR", "low", "a device needs one of Ebs, VirtualName and NoDevice")}


IMAGE = "ami-0123456789abcdef0"


@world(TEMPLATE)
def test_image_of_the_instance_store_has_no_volumes(aws: Cloud) -> Expected:
    listed = {"ImageId": IMAGE, "RootDeviceType": "instance-store", "BlockDeviceMappings": []}
    aws.simulated.instead("ec2:DescribeImages", lambda region, body: {"Images": [listed]})
    return {template(aws, image=IMAGE, name="none"): "PASS", template(aws, device(False), image=IMAGE, name="bad"): ("FAIL", "low", "/dev/xvda")}


@world(TEMPLATE)
def test_image_that_does_not_tell_its_volumes_is_an_error(aws: Cloud) -> Expected:
    listed = {"ImageId": IMAGE, "RootDeviceType": "ebs", "BlockDeviceMappings": []}
    aws.simulated.instead("ec2:DescribeImages", lambda region, body: {"Images": [listed]})
    return {template(aws, device(True), image=IMAGE): ("ERROR", "low", "an image needs BlockDeviceMappings")}


@world(TEMPLATE, regions=("cn-north-1",))
def test_templates_in_china(aws: Cloud) -> Expected:
    good, bad = template(aws, device(True), name="good"), template(aws, device(False), name="bad")
    assert bad.startswith("arn:aws-cn:ec2:cn-north-1:123456789012:launch-template/lt-")
    return {good: "PASS", bad: "FAIL"}


@world(TEMPLATE)
def test_denied_images_are_an_error(aws: Cloud) -> Expected:
    unknown, bad = template(aws, name="unknown", image="ami-0123456789abcdef0"), template(aws, device(False), name="bad")
    denied(aws, "ec2:DescribeImages")
    return {unknown: ("ERROR", "low", "ec2:DescribeImages is denied"), bad: ("FAIL", "low", "/dev/xvda")}


@world(TEMPLATE)
def test_denied_setting_leaves_templates_that_encrypt_by_themselves(aws: Cloud) -> Expected:
    good, bad = template(aws, device(True), name="good"), template(aws, device(False), name="bad")
    denied(aws, "ec2:GetEbsEncryptionByDefault")
    return {good: "PASS", bad: ("ERROR", "low", "ec2:GetEbsEncryptionByDefault is denied")}


@world(TEMPLATE)
def test_managed_template_is_not_ours_to_change(aws: Cloud) -> Expected:
    managed = template(aws, device(False))
    laid_over(aws, "ec2:DescribeLaunchTemplateVersions", "LaunchTemplateVersions", Operator=MANAGED)
    return {managed: ("NOT_APPLICABLE", "low", "managed by eks.amazonaws.com")}


@world(TEMPLATE)
def test_template_that_cannot_be_read_is_an_error_of_its_own(aws: Cloud) -> Expected:
    good, lost = template(aws, device(True), name="good"), template(aws, device(True), name="lost")

    def change(region: str, parsed: Any) -> None:
        for each in parsed["LaunchTemplateVersions"]:
            if each["LaunchTemplateName"] == "lost":
                del each["VersionNumber"]

    aws.simulated.over("ec2:DescribeLaunchTemplateVersions", change)
    return {good: "PASS", lost: ("ERROR", "low", "VersionNumber")}


@world(TEMPLATE)
def test_second_page_of_templates_is_judged(aws: Cloud) -> Expected:
    good, bad = template(aws, device(True), name="good"), template(aws, device(False), name="bad")
    found = aws.client("ec2").describe_launch_template_versions(Versions=["$Latest"])["LaunchTemplateVersions"]
    paged(aws, "ec2:DescribeLaunchTemplateVersions", "LaunchTemplateVersions", found)
    return {good: "PASS", bad: "FAIL"}


@world(TEMPLATE)
def test_denied_templates_are_an_error(aws: Cloud) -> Expected:
    denied(aws, "ec2:DescribeLaunchTemplateVersions")
    return {aws.account_arn: ("ERROR", "low", "ec2:DescribeLaunchTemplateVersions is denied")}


def test_templates_alone_are_asked_where_encryption_is_the_default() -> None:
    def build(aws: Cloud) -> None:
        aws.client("ec2").enable_ebs_encryption_by_default()
        template(aws, device(False), image="ami-0123456789abcdef0")

    assert calls(TEMPLATE, build) == ["ec2:DescribeLaunchTemplateVersions", "ec2:GetEbsEncryptionByDefault"]


# --- ebs_snapshot_not_public ---------------------------------------------------------------------------------------------------------------


def share(aws: Cloud, id: str) -> None:
    aws.client("ec2").modify_snapshot_attribute(SnapshotId=id, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])


def as_aws_lists(aws: Cloud, *public: str) -> None:
    """What AWS lists as restorable by all: moto leaves out the filter."""
    everything = aws.client("ec2").describe_snapshots()["Snapshots"]

    def listed(region: str, body: Any) -> dict[str, Any]:
        assert (body["RestorableBy.1"], body["Owner.1"]) == ("all", "self")
        return {"Snapshots": [each for each in everything if each["SnapshotId"] in public]}

    aws.simulated.instead("ec2:DescribeSnapshots", listed)


@world(PUBLIC)
def test_snapshot_shared_with_everyone_fails(aws: Cloud) -> Expected:
    public, private = snapshot(aws), snapshot(aws)
    share(aws, public)
    return {snapshot_arn(aws, public): ("FAIL", "critical", "shared with everyone"), snapshot_arn(aws, private): "PASS"}


@world(PUBLIC)
def test_permission_that_names_nobody_is_an_error(aws: Cloud) -> Expected:
    public = snapshot(aws)
    share(aws, public)
    aws.simulated.over("ec2:DescribeSnapshotAttribute", lambda region, parsed: parsed.update(CreateVolumePermissions=[{}]))
    return {snapshot_arn(aws, public): ("ERROR", "critical", "a permission of nobody")}


@world(PUBLIC)
def test_aws_lists_the_public_ones_alone(aws: Cloud) -> Expected:
    public, _private = snapshot(aws), snapshot(aws)
    share(aws, public)
    as_aws_lists(aws, public)
    return {snapshot_arn(aws, public): ("FAIL", "critical", "shared with everyone")}


@world(PUBLIC)
def test_no_public_snapshot_passes(aws: Cloud) -> Expected:
    snapshot(aws)
    as_aws_lists(aws)
    return {aws.account_arn: "PASS"}


@world(PUBLIC)
def test_region_that_holds_public_snapshots_back(aws: Cloud) -> Expected:
    public = snapshot(aws)
    share(aws, public)
    aws.simulated.instead("ec2:GetSnapshotBlockPublicAccessState", lambda region, body: {"State": "block-all-sharing"})
    return {snapshot_arn(aws, public): ("FAIL", "low", "treats such snapshots as private")}


@world(PUBLIC)
def test_region_that_blocks_new_sharing_alone(aws: Cloud) -> Expected:
    public = snapshot(aws)
    share(aws, public)
    aws.simulated.instead("ec2:GetSnapshotBlockPublicAccessState", lambda region, body: {"State": "block-new-sharing"})
    return {snapshot_arn(aws, public): ("FAIL", "critical", "shared with everyone")}


@world(PUBLIC)
def test_snapshot_shared_with_one_account_is_not_public(aws: Cloud) -> Expected:
    shared = snapshot(aws)
    aws.client("ec2").modify_snapshot_attribute(SnapshotId=shared, Attribute="createVolumePermission", OperationType="add", UserIds=["111122223333"])
    return {snapshot_arn(aws, shared): "PASS"}


@world(PUBLIC)
def test_permission_of_an_unknown_group_is_an_error(aws: Cloud) -> Expected:
    public = snapshot(aws)
    aws.simulated.over("ec2:DescribeSnapshotAttribute", lambda region, parsed: parsed.update(CreateVolumePermissions=[{"Group": "some"}]))
    return {snapshot_arn(aws, public): ("ERROR", "critical", "a permission of a group that we do not know")}


@world(PUBLIC)
def test_denied_attribute_is_an_error(aws: Cloud) -> Expected:
    public = snapshot(aws)
    denied(aws, "ec2:DescribeSnapshotAttribute")
    return {snapshot_arn(aws, public): ("ERROR", "critical", "ec2:DescribeSnapshotAttribute is denied")}


@world(PUBLIC)
def test_snapshot_that_has_vanished_leaves_no_finding(aws: Cloud) -> Expected:
    snapshot(aws)
    gone = ClientError({"Error": {"Code": "InvalidSnapshot.NotFound", "Message": ""}}, "DescribeSnapshotAttribute")
    aws.simulated.instead("ec2:DescribeSnapshotAttribute", lambda region, body: gone)
    return {aws.account_arn: "NOT_APPLICABLE"}


@world(PUBLIC)
def test_denied_public_snapshots_are_an_error(aws: Cloud) -> Expected:
    denied(aws, "ec2:DescribeSnapshots")
    return {aws.account_arn: ("ERROR", "critical", "ec2:DescribeSnapshots is denied")}


def test_one_call_where_nothing_is_public() -> None:
    assert calls(PUBLIC, as_aws_lists) == ["ec2:DescribeSnapshots"]


# --- what people read ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "build", "fix"),
    [
        (suite.test_ebs_encryption_by_default, lambda aws: {}, "aws ec2 enable-ebs-encryption-by-default --region eu-west-1"),
        (suite.test_ebs_volume_encrypted, volume, "aws ec2 create-snapshot --region eu-west-1 --volume-id vol-"),
        (suite.test_ebs_snapshot_encrypted, snapshot, "--source-snapshot-id snap-"),
        (suite.test_ebs_snapshot_encrypted, _image, "aws ec2 copy-image --region eu-west-1 --source-region eu-west-1 --source-image-id ami-"),
        (TEMPLATE, lambda aws: template(aws, device(False)), "--launch-template-id lt-"),
    ],
)
def test_commands_are_complete(check: Callable[..., None], build: Callable[[Cloud], Any], fix: str) -> None:
    (found,), _ = findings(check, build)
    assert found.status == "FAIL"
    assert fix in str(found.remediation)


def test_region_of_a_setting_is_its_own() -> None:
    found, cloud = findings(suite.test_ebs_encryption_by_default, lambda aws: {}, BOTH)
    compare(found, {(cloud.account_arn, region): "FAIL" for region in BOTH})
    assert {finding.resource_type for finding in found} == {"AWS::::Account"}


# --- the edges -----------------------------------------------------------------------------------------------------------------------------

EDGES: dict[str, dict[str, Any]] = {
    "ebs_encryption_by_default": {
        "PASS: on": test_every_region_is_judged,
        "FAIL medium: off, where there are volumes": (test_every_region_is_judged, test_setting_in_china),
        "FAIL low: off, in a region without volumes": test_every_region_is_judged,
        "FAIL medium: off, and the volumes are denied": test_unknown_reach_leaves_the_worst,
        "ERROR: the setting is denied, or not told": (test_denied_setting_is_an_error, test_setting_that_is_missing_is_an_error),
    },
    "ebs_default_key_usable": {
        "PASS: an enabled key, by ARN or id": (test_enabled_key_passes, test_key_by_its_id_alone),
        "PASS: being updated": test_key_that_is_being_updated_encrypts,
        "PASS: alias/aws/ebs": (test_aws_own_key_passes, test_aws_own_key_in_china),
        "PASS: one's own key where it is asked for": test_ones_own_key_passes_where_it_is_asked_for,
        "FAIL: Disabled": test_disabled_key_fails,
        "FAIL: PendingDeletion": (test_key_to_be_deleted_fails, test_key_of_several_regions_that_is_to_be_deleted_fails),
        "FAIL: not found": test_deleted_key_fails,
        "FAIL: unavailable, or without material": (test_unavailable_key_fails, test_key_without_material_fails),
        "FAIL: AWS's own key with require_customer_managed_keys": (
            test_aws_own_key_fails_where_ones_own_is_asked_for,
            test_aws_own_key_by_its_arn_fails_where_ones_own_is_asked_for,
        ),
        "NOT_APPLICABLE: encryption by default is off": test_no_key_without_encryption_by_default,
        "ERROR: the setting, the name or the key is denied or not told": (
            test_key_hangs_on_the_setting,
            test_endpoint_without_the_operation_is_an_error,
            test_key_that_is_not_named_is_an_error,
            test_denied_key_is_an_error,
        ),
        "ERROR: an unknown state": test_key_in_an_unknown_state_is_an_error,
    },
    "ebs_volume_encrypted": {
        "PASS: encrypted": test_plain_volume_fails,
        "FAIL: not encrypted, unattached": (test_plain_volume_fails, test_volumes_in_china),
        "FAIL: not encrypted, attached": test_volume_of_an_instance_is_judged_like_any,
        "FAIL: a cluster's volume like any": test_volume_of_a_cluster_is_judged_like_any,
        "FAIL: an operator that does not manage it": test_volume_with_an_operator_that_does_not_manage_it,
        "all states but deleting and deleted": test_volumes_in_all_states_but_those_of_deletion,
        "NOT_APPLICABLE: managed by a service": test_managed_volume_is_not_ours_to_change,
        "NOT_APPLICABLE: none": test_no_volumes,
        "ERROR: a state or field that cannot be read, of that one alone": (
            test_volume_in_an_unknown_state_is_an_error,
            test_volume_without_the_field_is_an_error,
        ),
        "ERROR: denied": test_denied_volumes_are_an_error,
        "the second page": test_second_page_of_volumes_is_judged,
    },
    "ebs_snapshot_encrypted": {
        "PASS: encrypted": test_plain_snapshot_fails,
        "FAIL: not encrypted": (test_plain_snapshot_fails, test_snapshots_in_govcloud),
        "FAIL: pending, completed and archived; no other state": test_snapshots_in_other_states_hold_nothing,
        "FAIL: behind an own image, which is named": test_snapshot_behind_an_image_names_it,
        "FAIL: the images are denied": test_denied_images_do_not_hide_a_plain_snapshot,
        "NOT_APPLICABLE: none": test_no_snapshots,
        "ERROR: denied": test_denied_snapshots_are_an_error,
        "ERROR: one that cannot be read": (
            test_snapshot_that_cannot_be_read_is_an_error_of_its_own,
            test_unreadable_beside_encrypted_snapshots,
        ),
        "the second page": test_second_page_of_snapshots_is_judged,
    },
    "launch_template_ebs_encrypted": {
        "PASS: encrypted by itself": (test_template_without_encryption_fails, test_templates_in_china),
        "PASS: by an encrypted snapshot": test_volume_of_an_encrypted_snapshot_is_encrypted,
        "PASS: by its image": test_volumes_of_the_image_are_looked_at,
        "PASS: encryption by default is on, whatever it says": test_encryption_by_default_makes_good_for_every_template,
        "PASS: no EBS volumes": (
            test_disks_of_the_instance_are_no_ebs,
            test_device_of_the_image_that_is_left_out,
            test_image_of_the_instance_store_has_no_volumes,
        ),
        "FAIL: Encrypted false, or absent": test_template_without_encryption_fails,
        "FAIL: $Default or $Latest": test_default_version_is_looked_at_beside_the_latest,
        "FAIL: a version that a group pins, by id or name, mixed or overridden": (
            test_version_that_a_group_names_is_looked_at,
            test_version_that_a_mixed_group_names_is_looked_at,
            test_version_of_an_override_is_looked_at,
            test_group_that_names_the_template_by_its_id_alone,
            test_group_that_names_the_template_by_its_name_alone,
            test_second_page_of_groups_is_looked_at,
        ),
        "PASS: a pinned version that is gone, or followed anyway": (
            test_pinned_version_that_is_gone,
            test_groups_that_follow_the_default_or_the_latest_version,
        ),
        "NOT_APPLICABLE: it says nothing of volumes": test_template_that_says_nothing_of_volumes,
        "NOT_APPLICABLE: managed by a service": test_managed_template_is_not_ours_to_change,
        "NOT_APPLICABLE: none": test_no_launch_templates,
        "ERROR: templates, setting, groups or images are denied": (
            test_denied_templates_are_an_error,
            test_denied_setting_leaves_templates_that_encrypt_by_themselves,
            test_denied_groups_are_an_error_but_where_a_template_fails_anyway,
            test_denied_images_are_an_error,
        ),
        "ERROR: what cannot be read": (
            test_template_that_cannot_be_read_is_an_error_of_its_own,
            test_device_of_which_nothing_is_said_is_an_error,
            test_image_that_does_not_tell_its_volumes_is_an_error,
            test_group_that_names_no_template_is_an_error,
        ),
        "the second page": test_second_page_of_templates_is_judged,
    },
    "ebs_snapshot_not_public": {
        "PASS: none is listed": test_no_public_snapshot_passes,
        "PASS: listed, and shared with one account": test_snapshot_shared_with_one_account_is_not_public,
        "FAIL critical: shared with everyone": (test_snapshot_shared_with_everyone_fails, test_aws_lists_the_public_ones_alone),
        "FAIL critical: the region blocks new sharing alone": test_region_that_blocks_new_sharing_alone,
        "FAIL low: the region holds it back": test_region_that_holds_public_snapshots_back,
        "ERROR: the list or a permission is denied": (test_denied_public_snapshots_are_an_error, test_denied_attribute_is_an_error),
        "ERROR: a permission that cannot be read": (
            test_permission_that_names_nobody_is_an_error,
            test_permission_of_an_unknown_group_is_an_error,
        ),
        "dropped: vanished since it was listed": test_snapshot_that_has_vanished_leaves_no_finding,
    },
}
