"""Where load balancers and their targets are, for those that judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssb.balancer_places import BalancerPlaces
from pytest_ssb.network import InternetGateway, Network, NetworkInterface, RouteTable, Subnet
from pytest_ssb.reads.ecs_services import EcsService
from pytest_ssb.reads.load_balancers import Target, TargetGroup
from pytest_ssb.reads.registry import read

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource


@read(per="region")
def balancer_places(
    aws: Aws,
    subnets: list[Subnet],
    route_tables: list[RouteTable],
    internet_gateways: list[InternetGateway],
    network_interfaces: list[NetworkInterface],
    target_groups: list[TargetGroup],
    targets: PerResource[list[Target]],
    ecs_services: list[EcsService],
) -> BalancerPlaces:
    """In which subnets load balancers stand, and what they send traffic to."""
    network = Network(
        account=aws.account,
        subnets=subnets,
        route_tables=route_tables,
        internet_gateways=internet_gateways,
        network_interfaces=network_interfaces,
    )
    return BalancerPlaces(network, target_groups, targets, ecs_services)
