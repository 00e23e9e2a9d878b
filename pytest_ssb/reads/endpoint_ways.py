"""Which VPC endpoints there are for what runs in the region's VPCs, and who may use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssb.endpoint_needs import EndpointNeeds
from pytest_ssb.endpoint_ways import EndpointGroups, EndpointNames, EndpointWays
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
)
from pytest_ssb.network_types import Unknown
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.ssm import Agents
from pytest_ssb.reads.vpc_endpoints import VpcDnsOf
from pytest_ssb.unread import unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

TABLES = "dynamodb:ListTables"


@read(per="region")
def endpoint_network(
    aws: Aws,
    vpcs: list[Vpc],
    subnets: list[Subnet],
    route_tables: list[RouteTable],
    internet_gateways: list[InternetGateway],
    nat_gateways: list[NatGateway],
    network_interfaces: list[NetworkInterface],
    vpc_endpoints: list[VpcEndpoint],
) -> Network:
    """The network as far as it tells what runs in VPCs, and which endpoints they have."""
    return Network(
        account=aws.account,
        vpcs=vpcs,
        subnets=subnets,
        route_tables=route_tables,
        internet_gateways=internet_gateways,
        nat_gateways=nat_gateways,
        network_interfaces=network_interfaces,
        vpc_endpoints=vpc_endpoints,
    )


@read(per="region")
def endpoint_ways(aws: Aws, endpoint_network: Network, vpc_dns: VpcDnsOf) -> EndpointWays:
    """What runs in VPCs, and through which endpoints it reaches AWS's services."""
    return EndpointWays(endpoint_network, vpc_dns)


@read(per="region")
def endpoint_needs(aws: Aws, endpoint_network: Network, agents: Agents) -> EndpointNeeds:
    """What runs in VPCs is known to call, and through which endpoints."""
    ways = EndpointWays(endpoint_network, unread(Unknown("the DNS settings of VPCs were not asked for")))
    return EndpointNeeds(ways, agents)


@read(per="region")
def endpoint_names(aws: Aws, vpcs: list[Vpc], vpc_endpoints: list[VpcEndpoint], vpc_dns: VpcDnsOf) -> EndpointNames:
    """Whether the names of AWS's services lead to interface endpoints."""
    return EndpointNames(Network(account=aws.account, vpcs=vpcs, vpc_endpoints=vpc_endpoints), vpc_dns)


@read(per="region")
def endpoint_groups(aws: Aws, security_groups: list[SecurityGroup], prefix_lists: list[ManagedPrefixList]) -> EndpointGroups:
    """Whom the security groups of interface endpoints admit."""
    return EndpointGroups(Network(account=aws.account, security_groups=security_groups, prefix_lists=prefix_lists))


@read(TABLES, per="region")
def dynamodb_tables(aws: Aws) -> list[str]:
    """The names of the region's DynamoDB tables."""
    found: list[str] = aws.list(TABLES, "TableNames")
    return found
