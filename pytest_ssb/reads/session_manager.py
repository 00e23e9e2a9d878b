"""What judging needs of sessions through Systems Manager: who else may reach the ports of administration, and by which way agents reach AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from pytest_ssb.profiles import Profile
from pytest_ssb.reads.ec2 import Instance
from pytest_ssb.reads.registry import read
from pytest_ssb.remote_admin import Bastion, ConnectEndpoint, RemoteAdmin
from pytest_ssb.session_paths import SessionPaths
from pytest_ssb.unread import Index, error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

ENDPOINTS = "ec2:DescribeInstanceConnectEndpoints"


@read(ENDPOINTS, per="region")
def connect_endpoints(aws: Aws, security_groups: list[SecurityGroup]) -> Index[str, ConnectEndpoint]:
    """The EC2 Instance Connect Endpoints by their security groups; asked only where some group's rule names another group."""
    named = any(permission.user_id_group_pairs for group in security_groups if error_of(group) is None for permission in group.ip_permissions)
    found: list[ConnectEndpoint] = []
    if named:
        found = aws.resources(ENDPOINTS, "InstanceConnectEndpoints", ConnectEndpoint, "{InstanceConnectEndpointArn}")
    return Index(found, lambda endpoint: endpoint.security_group_ids if endpoint.exists else ())


@read(per="region")
def remote_admin(
    aws: Aws,
    security_groups: list[SecurityGroup],
    network_interfaces: list[NetworkInterface],
    prefix_lists: list[ManagedPrefixList],
    connect_endpoints: Index[str, ConnectEndpoint],
) -> RemoteAdmin:
    """Who may reach the ports of administration of whatever is in security groups."""
    network = Network(account=aws.account, security_groups=security_groups, network_interfaces=network_interfaces, prefix_lists=prefix_lists)
    return RemoteAdmin(network, connect_endpoints)


@read(per="region")
def admitted_to_admin(
    aws: Aws, security_groups: list[SecurityGroup], network_interfaces: list[NetworkInterface], prefix_lists: list[ManagedPrefixList]
) -> RemoteAdmin:
    """Whether anybody may reach these ports, be it an EC2 Instance Connect Endpoint by its group: then nobody has to be asked which groups are such."""
    network = Network(account=aws.account, security_groups=security_groups, network_interfaces=network_interfaces, prefix_lists=prefix_lists)
    return RemoteAdmin(network, Index((), lambda endpoint: ()))


@read(per="region")
def open_remote_admin(reach: Network) -> RemoteAdmin:
    """Which security groups open ports of administration to the internet, and whether it reaches what is in them."""
    return RemoteAdmin(reach, Index((), lambda endpoint: ()))


@read(per="region")
def bastions(
    aws: Aws,
    instances: list[Instance],
    vpcs: list[Vpc],
    subnets: list[Subnet],
    route_tables: list[RouteTable],
    internet_gateways: list[InternetGateway],
    security_groups: list[SecurityGroup],
    network_interfaces: list[NetworkInterface],
    prefix_lists: list[ManagedPrefixList],
    connect_endpoints: Index[str, ConnectEndpoint],
    ssb_profile: Profile,
) -> list[Bastion]:
    """The running instances that are bastions, or are called so, and those of which it could not be told."""
    network = Network(
        account=aws.account,
        vpcs=vpcs,
        subnets=subnets,
        route_tables=route_tables,
        internet_gateways=internet_gateways,
        security_groups=security_groups,
        network_interfaces=network_interfaces,
        prefix_lists=prefix_lists,
    )
    admin = RemoteAdmin(network, connect_endpoints)
    found: list[Bastion] = []
    for instance in instances:
        error = error_of(instance)
        if error is None and (not instance.running or instance.manager):
            continue
        try:
            bastion = unread(error, instance.arn) if error else admin.bastion(instance, ssb_profile.compute.bastions)
        except Exception as unknown:  # noqa: BLE001 - of whatever kind the read's error is; it is raised where it is judged
            bastion = unread(unknown, instance.arn)
        if bastion is not None:
            found.append(bastion)
    return found


@read(per="region")
def session_paths(
    aws: Aws,
    instances: list[Instance],
    subnets: list[Subnet],
    route_tables: list[RouteTable],
    internet_gateways: list[InternetGateway],
    nat_gateways: list[NatGateway],
    security_groups: list[SecurityGroup],
    network_interfaces: list[NetworkInterface],
    prefix_lists: list[ManagedPrefixList],
    vpc_endpoints: list[VpcEndpoint],
) -> SessionPaths:
    """By which way the agents on instances reach Systems Manager."""
    network = Network(
        account=aws.account,
        subnets=subnets,
        route_tables=route_tables,
        internet_gateways=internet_gateways,
        nat_gateways=nat_gateways,
        security_groups=security_groups,
        network_interfaces=network_interfaces,
        prefix_lists=prefix_lists,
        vpc_endpoints=vpc_endpoints,
    )
    return SessionPaths(network, instances)
