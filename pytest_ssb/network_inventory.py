"""The parts of an account's network in one region, findable by their ids: lookups without judgement."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol, TypeVar

from pytest_ssb.network_groups import ManagedPrefixList, NetworkInterface, SecurityGroup
from pytest_ssb.network_links import VpcEndpoint
from pytest_ssb.network_types import InternetGateway, NatGateway, RouteTable, Subnet, Unknown, Vpc
from pytest_ssb.unread import Index, unread

T = TypeVar("T")


class _Owned(Protocol):
    @property
    def owner_id(self) -> str: ...


class Inventory:
    """What EC2 described, indexed. Each index is built when first asked for, so a list that is unread, or not given, raises only where it is needed."""

    def __init__(
        self,
        *,
        account: str,
        vpcs: Sequence[Vpc] | None = None,
        subnets: Sequence[Subnet] | None = None,
        route_tables: Sequence[RouteTable] | None = None,
        internet_gateways: Sequence[InternetGateway] | None = None,
        nat_gateways: Sequence[NatGateway] | None = None,
        security_groups: Sequence[SecurityGroup] | None = None,
        network_interfaces: Sequence[NetworkInterface] | None = None,
        prefix_lists: Sequence[ManagedPrefixList] | None = None,
        vpc_endpoints: Sequence[VpcEndpoint] | None = None,
    ) -> None:
        self.account = account
        self.vpcs = _asked(vpcs, "VPCs")
        self.subnets = _asked(subnets, "subnets")
        self.route_tables = _asked(route_tables, "route tables")
        self.internet_gateways = _asked(internet_gateways, "internet gateways")
        self.nat_gateways = _asked(nat_gateways, "NAT gateways")
        self.security_groups = _asked(security_groups, "security groups")
        self.network_interfaces = _asked(network_interfaces, "network interfaces")
        self.prefix_lists = _asked(prefix_lists, "prefix lists")
        self.vpc_endpoints = _asked(vpc_endpoints, "VPC endpoints")
        self._endpoints_asked = vpc_endpoints is not None

    # One resource by its id, one VPC's or subnet's by theirs.

    def vpc(self, vpc_id: str) -> Vpc:
        """The VPC with that id."""
        return _known(self._vpcs.get(vpc_id), "VPC", vpc_id)

    def subnet(self, subnet_id: str) -> Subnet:
        """The subnet with that id."""
        return _known(self._subnets.get(subnet_id), "subnet", subnet_id)

    def route_table(self, route_table_id: str) -> RouteTable:
        """The route table with that id."""
        return _known(self._route_tables.get(route_table_id), "route table", route_table_id)

    def nat_gateway(self, nat_gateway_id: str) -> NatGateway:
        """The NAT gateway with that id."""
        return _known(self._nat_gateways.get(nat_gateway_id), "NAT gateway", nat_gateway_id)

    def security_group(self, group_id: str) -> SecurityGroup:
        """The security group with that id."""
        return _known(self._groups.get(group_id), "security group", group_id)

    def network_interface(self, network_interface_id: str) -> NetworkInterface:
        """The network interface with that id."""
        return _known(self._interfaces.get(network_interface_id), "network interface", network_interface_id)

    def prefix_list(self, prefix_list_id: str) -> ManagedPrefixList:
        """The prefix list with that id."""
        return _known(self._prefix_lists.get(prefix_list_id), "prefix list", prefix_list_id)

    def subnets_of(self, vpc_id: str) -> list[Subnet]:
        """The subnets of a VPC."""
        return self._subnets_of_vpc.all(vpc_id)

    def groups_of(self, vpc_id: str) -> list[SecurityGroup]:
        """The security groups of a VPC."""
        return self._groups_of_vpc.all(vpc_id)

    def endpoints_of(self, vpc_id: str) -> list[VpcEndpoint]:
        """The endpoints of a VPC."""
        return self._endpoints_of_vpc.all(vpc_id)

    def nat_gateways_of(self, vpc_id: str) -> list[NatGateway]:
        """The NAT gateways of a VPC, deleted ones included: EC2 shows them for about an hour."""
        return self._nat_gateways_of_vpc.all(vpc_id)

    def interfaces_of(self, vpc_id: str) -> list[NetworkInterface]:
        """The network interfaces in a VPC."""
        return self._interfaces_of_vpc.all(vpc_id)

    def interfaces_in(self, subnet_id: str) -> list[NetworkInterface]:
        """The network interfaces in a subnet."""
        return self._interfaces_of_subnet.all(subnet_id)

    def interfaces_with(self, group_id: str) -> list[NetworkInterface]:
        """The network interfaces that a security group is on."""
        return self._interfaces_of_group.all(group_id)

    def group_naming(self, group_id: str) -> SecurityGroup | None:
        """Another group, one of whose rules names that group; None if none does."""
        return self._groups_naming.get(group_id)

    def interfaces_of_instance(self, instance_id: str) -> list[NetworkInterface]:
        """The network interfaces of one of the customer's instances."""
        return self._interfaces_of_instance.all(instance_id)

    def own(self, resource: _Owned) -> bool:
        """Whether this account owns it; others' VPCs, subnets, groups and prefix lists are shared with us."""
        return resource.owner_id == self.account

    @cached_property
    def _vpcs(self) -> Index[str, Vpc]:
        return Index(self.vpcs, lambda each: (each.vpc_id,))

    @cached_property
    def _subnets(self) -> Index[str, Subnet]:
        return Index(self.subnets, lambda each: (each.subnet_id,))

    @cached_property
    def _subnets_of_vpc(self) -> Index[str, Subnet]:
        return Index(self.subnets, lambda each: (each.vpc_id,))

    @cached_property
    def _route_tables(self) -> Index[str, RouteTable]:
        return Index(self.route_tables, lambda each: (each.route_table_id,))

    @cached_property
    def _explicit_tables(self) -> Index[str, RouteTable]:
        return Index(self.route_tables, lambda each: each.subnet_ids)

    @cached_property
    def _main_tables(self) -> Index[str, RouteTable]:
        return Index(self.route_tables, lambda each: (each.vpc_id,) if each.main else ())

    @cached_property
    def _edge_tables(self) -> Index[str, RouteTable]:
        return Index(self.route_tables, lambda each: (each.vpc_id,) if each.edge_gateway_ids else ())

    @cached_property
    def _internet_gateways(self) -> Index[str, InternetGateway]:
        return Index(self.internet_gateways, lambda each: (each.internet_gateway_id,))

    @cached_property
    def _nat_gateways(self) -> Index[str, NatGateway]:
        return Index(self.nat_gateways, lambda each: (each.nat_gateway_id,))

    @cached_property
    def _nat_gateways_of_vpc(self) -> Index[str, NatGateway]:
        return Index(self.nat_gateways, lambda each: (each.vpc_id,))

    @cached_property
    def _nat_gateways_by_interface(self) -> Index[str, NatGateway]:
        return Index(
            self.nat_gateways,
            lambda each: [of.network_interface_id for of in each.nat_gateway_addresses if of.network_interface_id] if each.exists else (),
        )

    @cached_property
    def _groups(self) -> Index[str, SecurityGroup]:
        return Index(self.security_groups, lambda each: (each.group_id,))

    @cached_property
    def _groups_of_vpc(self) -> Index[str, SecurityGroup]:
        return Index(self.security_groups, lambda each: (each.vpc_id,))

    @cached_property
    def _groups_naming(self) -> Index[str, SecurityGroup]:
        return Index(self.security_groups, _named_by)

    @cached_property
    def _interfaces(self) -> Index[str, NetworkInterface]:
        return Index(self.network_interfaces, lambda each: (each.network_interface_id,))

    @cached_property
    def _interfaces_of_vpc(self) -> Index[str, NetworkInterface]:
        return Index(self.network_interfaces, lambda each: (each.vpc_id,))

    @cached_property
    def _interfaces_of_subnet(self) -> Index[str, NetworkInterface]:
        return Index(self.network_interfaces, lambda each: each.subnet_ids)

    @cached_property
    def _interfaces_of_group(self) -> Index[str, NetworkInterface]:
        return Index(self.network_interfaces, lambda each: dict.fromkeys(each.group_ids))

    @cached_property
    def _interfaces_of_instance(self) -> Index[str, NetworkInterface]:
        return Index(self.network_interfaces, lambda each: (each.instance_id,) if each.instance_id else ())

    @cached_property
    def _prefix_lists(self) -> Index[str, ManagedPrefixList]:
        return Index(self.prefix_lists, lambda each: (each.prefix_list_id,))

    @cached_property
    def _endpoints_of_vpc(self) -> Index[str, VpcEndpoint]:
        return Index(self.vpc_endpoints, lambda each: (each.vpc_id,))

    @cached_property
    def _endpoints_by_interface(self) -> Index[str, VpcEndpoint]:
        return Index(self.vpc_endpoints, lambda each: each.network_interface_ids)


def _asked(given: Sequence[T] | None, what: str) -> Sequence[T]:
    if given is not None:
        return given
    missing: Sequence[T] = unread(Unknown(f"{what} were not asked for"))
    return missing


def _known(resource: T | None, kind: str, resource_id: str) -> T:
    if resource is None:
        raise Unknown(f"{kind} {resource_id} not visible")
    return resource


def _named_by(group: SecurityGroup) -> set[str]:
    """The other groups that a group's rules name."""
    permissions = (*group.ip_permissions, *group.ip_permissions_egress)
    return {pair.group_id for permission in permissions for pair in permission.user_id_group_pairs} - {group.group_id}
