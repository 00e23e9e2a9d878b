"""WKLD.06: use Systems Manager instead of SSH or RDP.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from datetime import timedelta
from typing import Any

from pytest_ssb import check

SETUP = ("https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-getting-started.html",)
REVOKE = "aws ec2 revoke-security-group-ingress --region {region} --group-id {id} --ip-permissions {permissions}"
SESSION = "aws ssm start-session --region {region} --target {id}"
OF_ALL, OF_AGENT = "security_group_no_world_open_ingress", "ec2_instance_managed_by_ssm"


def of_service(audit: Any, instance: Any) -> None:
    """End the block where a service runs the instance for its owner, who cannot change it."""
    if instance.manager:
        audit.not_applicable(f"managed by {instance.manager}")


@check(
    "WKLD.06",
    on="AWS::EC2::Instance",
    severity="medium",
    fix="aws ssm describe-instance-information --region {region} --filters Key=InstanceIds,Values={id}  # not there: attach "
    "AmazonSSMManagedInstanceCore to the role of the instance, give it a way to ssm and ssmmessages, and restart its agent",
    references=SETUP,
)
def test_ec2_instance_managed_by_ssm(audit, instances, agents, admitted_to_admin):
    """The agent of every running instance is online in Systems Manager."""
    for instance in instances:
        with audit(instance):
            of_service(audit, instance)
            if not instance.running:
                audit.not_applicable(f"{instance.state.name}: its agent does not run")
            status = agents.status(instance)
            audit.saw(PingStatus=status)
            if status != "Online" and instance.young:
                audit.not_applicable("started less than ten minutes ago")
            if status != "Online" and admitted_to_admin.is_closed(instance):
                audit.severity("low")
            assert status == "Online", f"{status}{instance.made_by}"
    if not instances:
        audit.nothing("no instances")


@check(
    "WKLD.06",
    on="AWS::EC2::Instance",
    severity="medium",
    fix="aws iam attach-role-policy --role-name ROLE --policy-arn arn:{partition}:iam::aws:policy/AmazonSSMManagedInstanceCore  # ROLE of the instance; "
    "without one: aws ec2 associate-iam-instance-profile --region {region} --instance-id {id} --iam-instance-profile Name=PROFILE",
    references=("https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-instance-permissions.html",),
)
def test_ec2_instance_ssm_permissions(audit, instances, agents, agent_permissions, default_host_management):
    """Every instance's role lets its agent speak with Systems Manager."""
    for instance in instances:
        with audit(instance):
            of_service(audit, instance)
            if agents.speaks(instance):
                audit.note("its agent is online")
                continue
            rights = agent_permissions.of(instance)
            if rights.remark:
                audit.note(f"allowed; {rights.remark}")
            if rights.lacking or rights.open:
                audit.saw(Role=rights.lacking or "not decided")
                by_default = not rights.denied and instance.metadata_options.http_endpoint == "enabled" and default_host_management
                if by_default:
                    audit.note("by Default Host Management Configuration, if its agent is of version 3.2.582.0 or later")
                    continue
                if instance.running and not instance.young:
                    audit.judged_by(OF_AGENT)
                if rights.lacking is None:
                    audit.manual(rights.open)
                raise AssertionError(rights.lacking)
    if not instances:
        audit.nothing("no instances")


@check(
    "WKLD.06",
    on="AWS::EC2::Instance",
    severity="medium",
    fix="aws ec2 create-vpc-endpoint --region {region} --vpc-endpoint-type Interface --vpc-id VPC --service-name com.amazonaws.{region}.ssmmessages "
    "--subnet-ids SUBNET --security-group-ids GROUP --private-dns-enabled  # the same for ssm; GROUP lets the instances in on port 443",
    references=("https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html",),
)
def test_ec2_instance_ssm_connectivity(audit, instances, agents, session_paths):
    """Every running instance has a way to Systems Manager: an internet gateway, NAT, or endpoints in its VPC."""
    for instance in instances:
        with audit(instance):
            of_service(audit, instance)
            if not instance.running:
                audit.not_applicable(f"{instance.state.name}: it speaks with nobody")
            if agents.speaks(instance):
                audit.note("its agent is online")
                continue
            paths = session_paths.of(instance)
            audit.saw(Ways=paths.missing or paths.beyond or str(paths))
            if paths.missing or paths.beyond:
                if not instance.young:
                    audit.judged_by(OF_AGENT)
                assert not paths.missing, paths.missing
                audit.manual(f"does what goes to {paths.beyond} reach Systems Manager?")
            audit.note(str(paths))
    if not instances:
        audit.nothing("no instances")


@check(
    "WKLD.06",
    on="AWS::EC2::SecurityGroup",
    severity="critical",
    fix=f"{REVOKE}  # once a session can be started: {SESSION.replace('{id}', 'INSTANCE')}",
    references=SETUP,
)
def test_security_group_no_remote_admin_from_internet(audit, security_groups, open_remote_admin):
    """No security group lets the internet in to SSH or remote desktop."""
    for group in security_groups:
        with audit(group):
            if not open_remote_admin.network.own(group):
                audit.not_applicable(f"belongs to account {group.owner_id}")
            opened = open_remote_admin.open_to_internet(group)
            if opened:
                reachable = open_remote_admin.is_reachable(group)
                if not reachable:
                    audit.severity("medium")
                audit.saw(GroupName=group.group_name, IpPermissions=[str(ports) for ports in opened])
                audit.judged_by(OF_ALL)
                audit.fix(REVOKE, permissions=open_remote_admin.closing(group, opened))
                what = "reachable from the internet" if reachable else "on nothing that the internet reaches"
                raise AssertionError(f"{', '.join(map(str, opened))}; {what}")
    if not security_groups:
        audit.nothing("no security groups")


@check("WKLD.06", on="AWS::EC2::SecurityGroup", severity="medium", fix=REVOKE, references=SETUP)
def test_security_group_no_remote_admin(audit, security_groups, remote_admin):
    """No instance's security group lets anybody in to SSH or remote desktop: Session Manager needs no open port."""
    for group in security_groups:
        with audit(group):
            if not remote_admin.network.own(group):
                audit.not_applicable(f"belongs to account {group.owner_id}")
            if not remote_admin.is_on_instance(group):
                audit.not_applicable("on no instance")
            admitted = remote_admin.admitted(group)
            audit.saw(GroupName=group.group_name, IpPermissions=admitted.named or "none")
            audit.fix(REVOKE, permissions=remote_admin.closing(group, admitted.world, [source.place for source in admitted.unwanted]))
            if admitted.world and not admitted.unwanted:
                audit.judged_by(OF_ALL)
                audit.judged_by("security_group_no_remote_admin_from_internet")
            assert not admitted.named, ", ".join(admitted.named)
            if admitted.endpoints:
                audit.note(f"only an EC2 Instance Connect Endpoint is let in, by {', '.join(admitted.endpoints)}")
            elif admitted.broad:
                audit.not_applicable(f"all ports are open to {', '.join(admitted.broad)}, and these are not meant by it")
    if not security_groups:
        audit.nothing("no security groups")


@check(
    "WKLD.06",
    on="AWS::EC2::Instance",
    severity="medium",
    facts=("compute.bastions",),
    fix="aws ec2 stop-instances --region {region} --instance-ids {id}"
    "  # once aws ssm start-session goes straight to the instances behind it; if nobody misses it: terminate-instances",
    references=SETUP,
)
def test_no_bastion_host(audit, instances, bastions):
    """No instance is there to be logged in to from outside, on the way to others."""
    for bastion in bastions:
        with audit(bastion):
            called = f"called a bastion ({bastion.entry})" if bastion.entry else ""
            audit.saw(Called=bastion.entry or "no bastion", Proof=bastion.proof or "none")
            audit.note(f"{called}, and has neither a public address nor an open port of administration")
            assert not bastion.proof, f"{called}{': ' if called else ''}{bastion.proof}"
    if not bastions:
        running = [instance for instance in instances if instance.running]
        if running:
            with audit(audit.target()):
                audit.note(f"none of {len(running)} running instances")
        else:
            audit.nothing("no running instances")


@check(
    "WKLD.06",
    on="AWS::EC2::Instance",
    severity="low",
    fix="aws ssm start-session --region {region} --target {id}  # take the public key out of ~/.ssh/authorized_keys, and launch the next without --key-name",
    references=("https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-key-pairs.html",),
)
def test_ec2_instance_no_key_pair(audit, instances):
    """No instance was launched with a key pair, which somebody would have to keep."""
    for instance in instances:
        with audit(instance):
            of_service(audit, instance)
            audit.saw(KeyName=instance.key_name or "none")
            if instance.key_name and instance.windows:
                audit.note("Windows needs the key pair once, to tell its first password")
            else:
                assert not instance.key_name, f"launched with the key pair {instance.key_name}{instance.made_by}"
    if not instances:
        audit.nothing("no instances")


@check(
    "WKLD.06",
    on="AWS::EC2::Instance",
    severity="low",
    facts=("compute.ami_max_age_days",),
    fix="aws ssm get-parameter --region {region} --name /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64  # launch anew from that, or "
    "from your own latest image",
    references=("https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html",),
)
def test_ec2_instance_ami_current(audit, ssb_profile, instances, instance_images, agents):
    """Every instance was made of an image that is still current, or keeps its agent so."""
    limit = ssb_profile.compute.ami_max_age_days
    for instance in instances:
        with audit(instance):
            of_service(audit, instance)
            image = instance_images.get(instance.image_id)
            audit.saw(ImageId=instance.image_id, CreationDate=image.creation_date.date() if image else "not known")
            assert image, f"its source image {instance.image_id} is gone{instance.made_by}"
            assert image.state == "available", f"its source image {instance.image_id} is {image.state}{instance.made_by}"
            assert not image.deprecated, f"its source image {instance.image_id} is deprecated{instance.made_by}"
            if image.age > timedelta(days=limit):
                audit.note(f"its image is older than {limit} days, and its agent is of the latest version")
                assert agents.is_latest(instance), (
                    f"its source image {instance.image_id} is {image.age.days} days old, more than {limit}, and no agent of the latest version is on it"
                )
    if not instances:
        audit.nothing("no instances")
