"""EC2's networking: about ten lists per region, and the network model that is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssb.errors import AwsError
from pytest_ssb.network import (
    InternetGateway,
    ManagedPrefixList,
    NatGateway,
    Network,
    NetworkInterface,
    RouteTable,
    SecurityGroup,
    Subnet,
    Vpc,
    VpcEndpoint,
    referenced_prefix_lists,
)
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

_API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference"
_EC2 = "arn:{partition}:ec2:{region}:"
LISTED = ("ec2:DescribeManagedPrefixLists", "ec2:GetManagedPrefixListEntries")


@read("ec2:DescribeVpcs", per="region")
def vpcs(aws: Aws) -> list[Vpc]:
    """The VPCs of the region, those shared with the account included."""
    found: list[Vpc] = aws.resources("ec2:DescribeVpcs", "Vpcs", Vpc, _EC2 + "{OwnerId}:vpc/{VpcId}")
    return found


@read(
    "ec2:DescribeSubnets",
    per="region",
    absent={
        "ec2:DescribeSubnets Subnets.Tags": f"no tags are assigned ({_API}/API_Subnet.html)",
        "ec2:DescribeSubnets Subnets.Tags.Value": f"a tag with a key alone ({_API}/API_Tag.html)",
    },
)
def subnets(aws: Aws) -> list[Subnet]:
    """The subnets of the region, those shared with the account included."""
    found: list[Subnet] = aws.resources("ec2:DescribeSubnets", "Subnets", Subnet, _EC2 + "{OwnerId}:subnet/{SubnetId}")
    return found


@read("ec2:DescribeRouteTables", per="region")
def route_tables(aws: Aws) -> list[RouteTable]:
    """The route tables of the region."""
    return all_route_tables(aws)


def all_route_tables(aws: Aws) -> list[RouteTable]:
    """The same, for a read that asks only where it has to; it must declare ec2:DescribeRouteTables."""
    found: list[RouteTable] = aws.resources("ec2:DescribeRouteTables", "RouteTables", RouteTable, _EC2 + "{OwnerId}:route-table/{RouteTableId}")
    return found


@read(
    "ec2:DescribeInternetGateways",
    per="region",
    absent={"ec2:DescribeInternetGateways InternetGateways.Attachments.State": f"not attached ({_API}/API_InternetGatewayAttachment.html)"},
)
def internet_gateways(aws: Aws) -> list[InternetGateway]:
    """The internet gateways of the region, attached or not."""
    arn = _EC2 + "{OwnerId}:internet-gateway/{InternetGatewayId}"
    found: list[InternetGateway] = aws.resources("ec2:DescribeInternetGateways", "InternetGateways", InternetGateway, arn)
    return found


@read("ec2:DescribeNatGateways", per="region")
def nat_gateways(aws: Aws) -> list[NatGateway]:
    """The NAT gateways of the region, failed and deleted ones included for about an hour."""
    return all_nat_gateways(aws)


def all_nat_gateways(aws: Aws) -> list[NatGateway]:
    """The same, for a read that asks only where it has to; it must declare ec2:DescribeNatGateways."""
    found: list[NatGateway] = aws.resources("ec2:DescribeNatGateways", "NatGateways", NatGateway, _EC2 + "{account}:natgateway/{NatGatewayId}")
    return found


@read(
    "ec2:DescribeSecurityGroups",
    per="region",
    absent={
        "ec2:DescribeSecurityGroups SecurityGroups.IpPermissions.UserIdGroupPairs.VpcId": "the group that is named is of the same VPC: "
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UserIdGroupPair.html"
    },
)
def security_groups(aws: Aws) -> list[SecurityGroup]:
    """The security groups of the region with their rules, those shared with the account included."""
    found: list[SecurityGroup] = aws.resources(
        "ec2:DescribeSecurityGroups", "SecurityGroups", SecurityGroup, _EC2 + "{OwnerId}:security-group/{GroupId}"
    )
    return found


@read(
    "ec2:DescribeNetworkInterfaces",
    per="region",
    absent={"ec2:DescribeNetworkInterfaces NetworkInterfaces.Association": f"no public IPv4 address ({_API}/API_NetworkInterface.html)"},
)
def network_interfaces(aws: Aws) -> list[NetworkInterface]:
    """The network interfaces of the region, those of AWS's services included."""
    arn = _EC2 + "{OwnerId}:network-interface/{NetworkInterfaceId}"
    found: list[NetworkInterface] = aws.resources("ec2:DescribeNetworkInterfaces", "NetworkInterfaces", NetworkInterface, arn)
    return found


@read(*LISTED, per="region")
def prefix_lists(aws: Aws, security_groups: list[SecurityGroup]) -> list[ManagedPrefixList]:
    """The prefix lists that security groups name, with the entries of the customer's own; where none is named, nothing is asked."""
    return with_entries_of(aws, referenced_prefix_lists(group for group in security_groups if error_of(group) is None))


def with_entries_of(aws: Aws, wanted: set[str]) -> list[ManagedPrefixList]:
    """The prefix lists of the region, with the entries of those that are wanted and the customer's own; where none is wanted, nothing is asked."""
    if not wanted:
        return []
    arn = _EC2 + "{account}:prefix-list/{PrefixListId}"
    lists: list[ManagedPrefixList] = aws.resources("ec2:DescribeManagedPrefixLists", "PrefixLists", ManagedPrefixList, arn)
    return [_with_entries(aws, each) if error_of(each) is None and each.prefix_list_id in wanted and not each.aws_owned else each for each in lists]


def _with_entries(aws: Aws, prefix_list: ManagedPrefixList) -> ManagedPrefixList:
    try:
        entries = aws.list("ec2:GetManagedPrefixListEntries", "Entries", PrefixListId=prefix_list.prefix_list_id)
    except AwsError as error:
        return prefix_list.with_entries(unread(error))
    return prefix_list.with_entries(entries)


@read("ec2:DescribeVpcEndpoints", per="region")
def vpc_endpoints(aws: Aws) -> list[VpcEndpoint]:
    """The VPC endpoints of the region."""
    return all_vpc_endpoints(aws)


def all_vpc_endpoints(aws: Aws) -> list[VpcEndpoint]:
    """The same, for a read that asks only where it has to; it must declare ec2:DescribeVpcEndpoints."""
    found: list[VpcEndpoint] = aws.resources("ec2:DescribeVpcEndpoints", "VpcEndpoints", VpcEndpoint, _EC2 + "{OwnerId}:vpc-endpoint/{VpcEndpointId}")
    return found


@read(per="region")
def reach(
    aws: Aws,
    subnets: list[Subnet],
    route_tables: list[RouteTable],
    internet_gateways: list[InternetGateway],
    network_interfaces: list[NetworkInterface],
    security_groups: list[SecurityGroup],
    prefix_lists: list[ManagedPrefixList],
) -> Network:
    """The network as far as it tells what the internet reaches, and what security groups open to it."""
    return Network(
        account=aws.account,
        subnets=subnets,
        route_tables=route_tables,
        internet_gateways=internet_gateways,
        network_interfaces=network_interfaces,
        security_groups=security_groups,
        prefix_lists=prefix_lists,
    )


@read(per="region")
def network(
    aws: Aws,
    vpcs: list[Vpc],
    subnets: list[Subnet],
    route_tables: list[RouteTable],
    internet_gateways: list[InternetGateway],
    nat_gateways: list[NatGateway],
    security_groups: list[SecurityGroup],
    network_interfaces: list[NetworkInterface],
    prefix_lists: list[ManagedPrefixList],
    vpc_endpoints: list[VpcEndpoint],
) -> Network:
    """The region's network: which subnets are public, what is reachable, what a security group opens and who uses it."""
    return Network(
        account=aws.account,
        vpcs=vpcs,
        subnets=subnets,
        route_tables=route_tables,
        internet_gateways=internet_gateways,
        nat_gateways=nat_gateways,
        security_groups=security_groups,
        network_interfaces=network_interfaces,
        prefix_lists=prefix_lists,
        vpc_endpoints=vpc_endpoints,
    )
