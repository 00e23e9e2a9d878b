"""VPCs, subnets and security groups with what uses them, found in two stages: an idle region is asked eight questions at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssb.network import Network, NetworkInterface, SecurityGroup, Subnet, Vpc
from pytest_ssb.network_links import VpcPeeringConnection, VpnGateway
from pytest_ssb.network_types import RouteTable
from pytest_ssb.network_use import NetworkUse, User, VpcLinks, VpcUse
from pytest_ssb.reads.network import all_nat_gateways, all_route_tables, all_vpc_endpoints
from pytest_ssb.reads.network_users import OPERATIONS, SERVICES, users_of_network
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

ENDPOINTS, NAT, PEERINGS, VPN = "ec2:DescribeVpcEndpoints", "ec2:DescribeNatGateways", "ec2:DescribeVpcPeeringConnections", "ec2:DescribeVpnGateways"
TABLES = "ec2:DescribeRouteTables"


@read(ENDPOINTS, NAT, PEERINGS, VPN, per="region")
def vpc_use(aws: Aws, vpcs: list[Vpc], network_interfaces: list[NetworkInterface]) -> VpcUse:
    """Which VPCs are in use; what connects them is asked for only where one of them has no network interface in use."""
    use = VpcUse(aws.account, vpcs, network_interfaces)
    return VpcUse(aws.account, vpcs, network_interfaces, _links(aws)) if error_of(vpcs) is None and use.without_interface else use


def _links(aws: Aws) -> VpcLinks:
    return VpcLinks(
        nat_gateways=or_unread(lambda: all_nat_gateways(aws)),
        endpoints=or_unread(lambda: all_vpc_endpoints(aws)),
        peerings=or_unread(lambda: _peerings(aws)),
        vpn_gateways=or_unread(lambda: _vpn_gateways(aws)),
    )


def _peerings(aws: Aws) -> list[VpcPeeringConnection]:
    arn = "arn:{partition}:ec2:{region}:{account}:vpc-peering-connection/{VpcPeeringConnectionId}"
    found: list[VpcPeeringConnection] = aws.resources(PEERINGS, "VpcPeeringConnections", VpcPeeringConnection, arn)
    return found


def _vpn_gateways(aws: Aws) -> list[VpnGateway]:
    found: list[VpnGateway] = aws.resources(VPN, "VpnGateways", VpnGateway, "arn:{partition}:ec2:{region}:{account}:vpn-gateway/{VpnGatewayId}")
    return found


@read(*OPERATIONS, per="region")
def network_use(
    aws: Aws,
    vpcs: list[Vpc],
    subnets: list[Subnet],
    security_groups: list[SecurityGroup],
    network_interfaces: list[NetworkInterface],
    vpc_use: VpcUse,
) -> NetworkUse:
    """What uses the region's VPCs and security groups; who names them is asked only where that leaves one that may be unused."""
    network = Network(account=aws.account, vpcs=vpcs, subnets=subnets, security_groups=security_groups, network_interfaces=network_interfaces)
    use = NetworkUse(vpc_use, network)
    return NetworkUse(vpc_use, network, users_of_network(aws), SERVICES) if use.open_vpcs or use.open_groups else use


@read(TABLES, *OPERATIONS, per="region")
def subnet_use(
    aws: Aws,
    vpcs: list[Vpc],
    subnets: list[Subnet],
    security_groups: list[SecurityGroup],
    network_interfaces: list[NetworkInterface],
    vpc_use: VpcUse,
) -> NetworkUse:
    """What uses the region's subnets; route tables are asked for only where one has no interface, and who names it where these don't settle it."""

    def known(route_tables: list[RouteTable] | None, users: list[User] | None = None) -> NetworkUse:
        network = Network(
            account=aws.account,
            vpcs=vpcs,
            subnets=subnets,
            security_groups=security_groups,
            network_interfaces=network_interfaces,
            route_tables=route_tables,
        )
        return NetworkUse(vpc_use, network, users, SERVICES)

    route_tables = or_unread(lambda: all_route_tables(aws)) if known(None).open_subnets else None
    use = known(route_tables)
    return known(route_tables, users_of_network(aws)) if use.open_vpcs or use.open_subnets else use
