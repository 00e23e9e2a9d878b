"""ACCT.09: delete unused VPCs, subnets, and security groups.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from collections.abc import Sequence

from pytest_ssb import check

LISTED = "--output text --region {region}"
DELETE = (
    f"for subnet in $(aws ec2 describe-subnets {LISTED} --filters Name=vpc-id,Values=$vpc --query 'Subnets[].SubnetId'); do "
    "aws ec2 delete-subnet --region {region} --subnet-id $subnet; done && "
    f"for gateway in $(aws ec2 describe-internet-gateways {LISTED} --filters Name=attachment.vpc-id,Values=$vpc "
    "--query 'InternetGateways[].InternetGatewayId'); do "
    "aws ec2 detach-internet-gateway --region {region} --vpc-id $vpc --internet-gateway-id $gateway && "
    "aws ec2 delete-internet-gateway --region {region} --internet-gateway-id $gateway; done && "
    "aws ec2 delete-vpc --region {region} --vpc-id $vpc"
)
# Without the VPC's id it is the same in all regions, so that one loop mends them all.
DELETE_DEFAULT = f"vpc=$(aws ec2 describe-vpcs {LISTED} --filters Name=is-default,Values=true --query 'Vpcs[].VpcId') && {DELETE}"
DELETE_VPC = f"vpc={{id}} && {DELETE}"
DELETE_SUBNET = "aws ec2 delete-subnet --region {{region}} --subnet-id {{{name}}}"
DELETE_GROUP = "aws ec2 delete-security-group --region {region} --group-id {id}"
DELETE_INTERFACE = "aws ec2 delete-network-interface --region {{region}} --network-interface-id {{{name}}} && "
VPC_GUIDE = ("https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html",)


def _named(ids: Sequence[str]) -> dict[str, str]:
    """Names under which a command gets these ids, for each to be quoted by itself."""
    return {f"id_{number}": each for number, each in enumerate(ids)}


def _after_interfaces(ids: Sequence[str], fix: str) -> str:
    """The command that takes left-over interfaces away first."""
    return "".join(DELETE_INTERFACE.format(name=name) for name in _named(ids)) + fix


@check(
    "ACCT.09",
    on="AWS::EC2::VPC",
    severity="medium",
    regions="enabled",
    facts=("network.reserved",),
    fix=DELETE_DEFAULT,
    references=("https://docs.aws.amazon.com/vpc/latest/userguide/deleting-default-vpc.html", *VPC_GUIDE),
)
def test_no_unused_default_vpc(audit, ssb_profile, vpc_use):
    """The region has no default VPC, or something uses it."""
    for vpc in vpc_use.defaults:
        with audit(vpc):
            used = vpc_use.of(vpc)
            if used:
                audit.note(f"in use: {used}")
                continue
            if vpc_use.idle:
                audit.severity("low")
            reserved = ssb_profile.network.reserved.match(vpc.arn, vpc.tags)
            if reserved:
                audit.declared("network.reserved", reserved)
                audit.not_applicable("not in use, and kept on purpose")
            left_over = vpc_use.left_over(vpc)
            audit.fix(_after_interfaces(left_over, DELETE_DEFAULT), **_named(left_over))
            raise AssertionError(f"nothing uses it: {vpc_use.looked_for(vpc)}; create-default-vpc would bring it back")
    if not vpc_use.defaults:
        with audit(audit.target()):
            audit.note("no default VPC")


@check("ACCT.09", on="AWS::EC2::VPC", severity="low", facts=("network.reserved",), fix=DELETE_VPC, references=VPC_GUIDE)
def test_no_unused_vpc(audit, ssb_profile, network_use):
    """Something uses the VPC."""
    for vpc in network_use.vpcs.others:
        with audit(vpc):
            if not network_use.vpcs.own(vpc):
                audit.not_applicable(f"belongs to account {vpc.owner_id}")
            used = network_use.of_vpc(vpc)
            if used:
                audit.note(f"in use: {used}")
                continue
            reserved = ssb_profile.network.reserved.match(vpc.arn, vpc.tags)
            if reserved:
                audit.declared("network.reserved", reserved)
                audit.not_applicable("not in use, and kept on purpose")
            left_over = network_use.vpcs.left_over(vpc)
            audit.fix(_after_interfaces(left_over, DELETE_VPC), **_named(left_over))
            raise AssertionError(f"nothing uses it: {network_use.vpcs.looked_for(vpc)}, nor anything with a subnet or group of it")
    if not network_use.vpcs.others:
        audit.nothing("no VPC but the default one")


@check(
    "ACCT.09",
    on="AWS::EC2::VPC",
    severity="low",
    facts=("network.reserved",),
    fix=DELETE_VPC,
    references=("https://docs.aws.amazon.com/vpc/latest/userguide/subnet-deleting.html",),
)
def test_no_unused_subnet(audit, ssb_profile, subnet_use):
    """Each subnet of a VPC is used, or shares its route table with one that is."""
    reserved = ssb_profile.network.reserved
    for vpc in subnet_use.vpcs.vpcs:
        with audit(vpc):
            if not subnet_use.vpcs.own(vpc):
                audit.not_applicable(f"belongs to account {vpc.owner_id}")
            if not subnet_use.network.subnets_of(vpc.vpc_id):
                audit.not_applicable("no subnets")
            if subnet_use.of_vpc(vpc) is None:
                kept = reserved.match(vpc.arn, vpc.tags)
                if kept:
                    audit.declared("network.reserved", kept)
                    audit.not_applicable("the whole VPC is not in use, and kept on purpose")
                audit.judged_by("no_unused_default_vpc" if vpc.is_default else "no_unused_vpc")
                raise AssertionError("the whole VPC is not in use")
            subnets = subnet_use.of_subnets(vpc)
            kept = {subnet.subnet_id: reserved.match(subnet.arn, subnet.tags) for subnet in subnets.unused}
            unused = [subnet_id for subnet_id, entry in kept.items() if entry is None]
            names = _named(unused)
            audit.fix(" && ".join(DELETE_SUBNET.format(name=name) for name in names), **names)
            assert not unused, f"{len(unused)} of {subnets.total} subnets not in use: {', '.join(unused)}"
            if kept:
                audit.declared("network.reserved", ", ".join(dict.fromkeys(kept.values())))
            audit.note(f"{len(subnets.used)} of {subnets.total} subnets in use, {len(subnets.beside)} beside them by their route tables")
    if not subnet_use.vpcs.vpcs:
        audit.nothing("no VPC")


@check(
    "ACCT.09",
    on="AWS::EC2::SecurityGroup",
    severity="low",
    facts=("network.reserved",),
    fix=DELETE_GROUP,
    references=("https://docs.aws.amazon.com/vpc/latest/userguide/deleting-security-groups.html",),
)
def test_no_unused_security_group(audit, ssb_profile, network_use):
    """Something uses the security group, or another group's rule names it."""
    reserved = ssb_profile.network.reserved
    for group in network_use.judged_groups:
        with audit(group):
            if not network_use.network.own(group):
                audit.not_applicable(f"belongs to account {group.owner_id}")
            maker = network_use.maker_of(group)
            if maker:
                audit.not_applicable(f"made by {maker}, which takes it away when it needs it no longer")
            audit.saw(GroupName=group.group_name, VpcId=group.vpc_id)
            used = network_use.of_group(group)
            if used:
                audit.note(f"in use: {used}")
                continue
            kept = reserved.match(group.arn, group.tags)
            if kept:
                audit.declared("network.reserved", kept)
                audit.not_applicable("not in use, and kept on purpose")
            audit.judged_by("no_unused_default_vpc", lambda one=group: network_use.vpcs.fails(one.vpc_id, reserved))
            audit.judged_by("no_unused_vpc", lambda one=group: network_use.fails(one.vpc_id, reserved))
            left_over = network_use.left_over_with(group)
            audit.fix(_after_interfaces(left_over, DELETE_GROUP), **_named(left_over))
            only = f" but the left-over {', '.join(left_over)}" if left_over else ""
            raise AssertionError(f"on no network interface{only}, in no other group's rule, and named by nothing in {', '.join(network_use.asked)}")
    if not network_use.judged_groups:
        audit.nothing("no security groups but default ones")
