"""What faces the internet, for those that judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssb.internet_facing import InternetFacing, ServiceEdges
from pytest_ssb.network import InternetGateway, ManagedPrefixList, Network, RouteTable, SecurityGroup, Subnet
from pytest_ssb.reads.ecs_services import EcsService
from pytest_ssb.reads.registry import read

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource
    from pytest_ssb.profiles import Profile


@read(per="region")
def internet_facing(ssb_profile: Profile, reach: Network) -> InternetFacing:
    """What of the region faces the internet by itself: public addresses, and what security groups open to them."""
    return InternetFacing(reach, ssb_profile.network.public_ports)


@read(per="region")
def service_edges(
    aws: Aws,
    ssb_profile: Profile,
    subnets: list[Subnet],
    route_tables: list[RouteTable],
    internet_gateways: list[InternetGateway],
    security_groups: list[SecurityGroup],
    prefix_lists: list[ManagedPrefixList],
    ecs_services: list[EcsService],
    exposing_services: PerResource[bool],
) -> ServiceEdges:
    """Which services of ECS serve the internet by themselves."""
    network = Network(
        account=aws.account,
        subnets=subnets,
        route_tables=route_tables,
        internet_gateways=internet_gateways,
        security_groups=security_groups,
        prefix_lists=prefix_lists,
    )
    return ServiceEdges(ecs_services, exposing_services, InternetFacing(network, ssb_profile.network.public_ports))
