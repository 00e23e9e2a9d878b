"""Where instances stand, for those that judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssb.network import InternetGateway, Network, NetworkInterface, RouteTable, Subnet
from pytest_ssb.placement import InstancePlaces
from pytest_ssb.reads.registry import read

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


@read(per="region")
def instance_places(
    aws: Aws,
    subnets: list[Subnet],
    route_tables: list[RouteTable],
    internet_gateways: list[InternetGateway],
    network_interfaces: list[NetworkInterface],
) -> InstancePlaces:
    """In which subnets the instances are, and which of them translate addresses."""
    network = Network(
        account=aws.account,
        subnets=subnets,
        route_tables=route_tables,
        internet_gateways=internet_gateways,
        network_interfaces=network_interfaces,
    )
    return InstancePlaces(network)
