"""Which subnets are private, who is in their VPCs, and which way leads out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssb.launch_addresses import LaunchAddresses
from pytest_ssb.network import InternetGateway, ManagedPrefixList, NatGateway, Network, NetworkInterface, RouteTable, SecurityGroup, Subnet, Vpc
from pytest_ssb.network_use import NetworkUse
from pytest_ssb.private_subnets import VpcTenants, VpcTiers
from pytest_ssb.reads.ec2 import Instance
from pytest_ssb.reads.launch_interfaces import NamedVersions, PlacedGroup
from pytest_ssb.reads.network import LISTED, with_entries_of
from pytest_ssb.reads.network_users import TENANT_OPERATIONS, TENANTS, users_of_network
from pytest_ssb.reads.registry import read
from pytest_ssb.subnet_egress import SubnetEgress
from pytest_ssb.task_places import TaskPlaces
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


_CODEBUILD = "https://docs.aws.amazon.com/codebuild/latest/APIReference"


@read(per="region")
def subnet_exposures(aws: Aws, subnets: list[Subnet], route_tables: list[RouteTable], internet_gateways: list[InternetGateway]) -> Network:
    """The region's network, as far as it takes to tell which subnets are public."""
    return Network(account=aws.account, subnets=subnets, route_tables=route_tables, internet_gateways=internet_gateways)


@read(per="region")
def vpc_tenants(aws: Aws, vpcs: list[Vpc], network_interfaces: list[NetworkInterface]) -> VpcTenants:
    """In which VPCs something is, as far as network interfaces tell."""
    return VpcTenants(Network(account=aws.account, vpcs=vpcs, network_interfaces=network_interfaces))


@read(
    *TENANT_OPERATIONS,
    per="region",
    absent={
        "lambda:ListFunctions Functions.VpcConfig": "in no VPC (https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html)",
        "codebuild:BatchGetProjects projects.vpcConfig": f"its builds are in no VPC ({_CODEBUILD}/API_Project.html)",
        "codebuild:BatchGetProjects projects.vpcConfig.subnets": f"nor are they ({_CODEBUILD}/API_VpcConfig.html)",
    },
)
def vpc_tiers(
    aws: Aws,
    vpcs: list[Vpc],
    subnets: list[Subnet],
    security_groups: list[SecurityGroup],
    route_tables: list[RouteTable],
    internet_gateways: list[InternetGateway],
    vpc_tenants: VpcTenants,
) -> VpcTiers:
    """The private and public subnets of each VPC; who names subnets is asked only where a VPC has no private one, and no interface tells of a tenant."""
    network = Network(
        account=aws.account,
        vpcs=vpcs,
        subnets=subnets,
        security_groups=security_groups,
        route_tables=route_tables,
        internet_gateways=internet_gateways,
    )
    tiers = VpcTiers(network, NetworkUse(vpc_tenants.use, network))
    return VpcTiers(network, NetworkUse(vpc_tenants.use, network, users_of_network(aws, TENANTS))) if tiers.open_vpcs else tiers


@read(*LISTED, per="region")
def routed_prefix_lists(aws: Aws, route_tables: list[RouteTable]) -> list[ManagedPrefixList]:
    """The prefix lists that routes name, with the entries of the customer's own; those before an endpoint are AWS's, and are not asked for."""
    routes = [route for table in route_tables if error_of(table) is None for route in table.routes]
    wanted = {route.destination_prefix_list_id for route in routes if not (route.gateway_id or "").startswith("vpce-")}
    return with_entries_of(aws, {each for each in wanted if each})


@read(per="region")
def subnet_egress(
    aws: Aws,
    subnets: list[Subnet],
    route_tables: list[RouteTable],
    internet_gateways: list[InternetGateway],
    nat_gateways: list[NatGateway],
    network_interfaces: list[NetworkInterface],
    routed_prefix_lists: list[ManagedPrefixList],
    instances: list[Instance],
) -> SubnetEgress:
    """The ways out of the region's private subnets."""
    network = Network(
        account=aws.account,
        subnets=subnets,
        route_tables=route_tables,
        internet_gateways=internet_gateways,
        nat_gateways=nat_gateways,
        network_interfaces=network_interfaces,
        prefix_lists=routed_prefix_lists,
    )
    return SubnetEgress(network, instances)


@read(per="region")
def launch_addresses(subnet_exposures: Network, placed_groups: list[PlacedGroup], named_versions: NamedVersions) -> LaunchAddresses:
    """Which launch templates and configurations give public addresses."""
    return LaunchAddresses(subnet_exposures, placed_groups, named_versions)


@read(per="region")
def task_places(reach: Network) -> TaskPlaces:
    """Where the services and tasks of ECS run."""
    return TaskPlaces(reach)
