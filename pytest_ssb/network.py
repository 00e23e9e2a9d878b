"""The network of one account and region: which subnets are public, what is reachable, who owns an interface, what a group opens.

Pure: built from lists of what EC2 described, asks nothing. A list or item that could not be read is an `Unread` in its place and raises
its error only in answers that need it; what the answers leave open raises `Unknown`. Every question is answered from an index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Literal, TypeVar

import msgspec

from pytest_ssb import network_rules
from pytest_ssb.cidrs import is_internet, is_ipv6, is_public, overlaps, within
from pytest_ssb.network_groups import ManagedPrefixList, NetworkInterface, SecurityGroup
from pytest_ssb.network_inventory import Inventory
from pytest_ssb.network_links import VpcEndpoint
from pytest_ssb.network_owners import Owner, OwnerKind, stated_owner
from pytest_ssb.network_rules import (
    GroupSource,
    OpenIcmp,
    OpenPorts,
    PrefixListSource,
    PublicSource,
    Rule,
    prefix_list_source,
)
from pytest_ssb.network_types import InternetGateway, NatGateway, Route, RouteTable, Subnet, Unknown, Vpc
from pytest_ssb.unread import error_of

__all__ = [
    "Exposure",
    "GroupSource",
    "GroupUse",
    "InternetGateway",
    "ManagedPrefixList",
    "NatGateway",
    "Network",
    "NetworkInterface",
    "OpenIcmp",
    "OpenPorts",
    "Owner",
    "OwnerKind",
    "PrefixListSource",
    "PublicSource",
    "Reach",
    "RouteTable",
    "Rule",
    "SecurityGroup",
    "Subnet",
    "Unknown",
    "Vpc",
    "VpcEndpoint",
    "is_internet",
    "is_public",
    "referenced_prefix_lists",
]

T = TypeVar("T")

Reach = Literal["public", "private", "lambda", "none", "unknown"]


class Exposure(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a subnet is public, and the table and routes that make it so."""

    public: bool
    why: str
    route_table_id: str | None = None  # None: decided without one, by VPC Block Public Access
    explicit: bool | None = None  # the subnet names the table; False: it is the VPC's main table
    routes: tuple[Route, ...] = ()  # the routes that let the internet in
    inspected: bool = False  # they lead through an appliance
    blocked: bool = False  # VPC Block Public Access is in force


class EffectiveTable(msgspec.Struct, frozen=True, kw_only=True):
    """The route table that a subnet uses, and whether it names it or falls back to the main one."""

    table: RouteTable
    explicit: bool

    def __str__(self) -> str:
        return f"{self.table.route_table_id} ({'explicit association' if self.explicit else 'main'})"


class GroupUse(msgspec.Struct, frozen=True, kw_only=True):
    """One use of a security group. Kinds are those of `Owner`, "security_group" for a reference, and whatever the caller adds."""

    kind: str
    arn: str
    public: bool = False  # has a public address in a public subnet, or is an internet-facing load balancer
    name: str = ""


def referenced_prefix_lists(groups: Iterable[SecurityGroup]) -> set[str]:
    """The prefix lists that rules name, so that entries are asked only of these; groups that could not be read are passed over."""
    permissions = (permission for group in groups if error_of(group) is None for permission in (*group.ip_permissions, *group.ip_permissions_egress))
    return {each.prefix_list_id for permission in permissions for each in permission.prefix_list_ids}


class Network(Inventory):
    """What EC2 described of one account and region, and the questions that checks ask of it."""

    @cached_property
    def _exposures(self) -> dict[str, Exposure]:
        return {}

    @cached_property
    def _sources(self) -> dict[str, PrefixListSource]:
        return {}

    # Which subnets are public.

    def effective_route_table(self, subnet_id: str) -> EffectiveTable:
        """The table a subnet names, else its VPC's main one: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html

        Neither is visible to us where another account owns a shared subnet and its tables: that raises `Unknown`.
        """
        named = self._explicit_tables.get(subnet_id)
        if named is not None:
            return EffectiveTable(table=named, explicit=True)
        main = self._main_tables.get(self.subnet(subnet_id).vpc_id)
        if main is None:
            raise Unknown(f"route table of {subnet_id} not visible")
        return EffectiveTable(table=main, explicit=False)

    def exposure(self, subnet_id: str) -> Exposure:
        """Whether a subnet is public: its table has a route to an internet gateway attached to its VPC, for whatever destination.

        https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html#subnet-types
        """
        if subnet_id not in self._exposures:
            self._exposures[subnet_id] = self._exposure(self.subnet(subnet_id))
        return self._exposures[subnet_id]

    def is_public(self, subnet_id: str) -> bool:
        """Whether a subnet is public; see `exposure`."""
        return self.exposure(subnet_id).public

    def _exposure(self, subnet: Subnet) -> Exposure:
        if subnet.block_mode != "off":
            # Exclusions are already in it: https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
            return Exposure(public=False, why=f"blocked by VPC Block Public Access ({subnet.block_mode})", blocked=True)
        return self._routed(subnet)

    def public_among(self, subnet_ids: Iterable[str]) -> dict[str, Exposure]:
        """Those of the subnets that are public. What is not known of some raises only where none is proven to be public."""
        found: dict[str, Exposure] = {}
        not_told: Exception | None = None
        for subnet_id in subnet_ids:
            try:
                exposure = self.exposure(subnet_id)
            except Exception as error:  # noqa: BLE001 - of whatever kind the read's error is: raised below
                not_told = error
                continue
            if exposure.public:
                found[subnet_id] = exposure
        if not_told is not None and not found:
            raise not_told
        return found

    def leads_to_internet(self, subnet_id: str) -> bool:
        """Whether a subnet's table leads to an internet gateway, also where VPC Block Public Access lets nothing come in by it."""
        return self._routed(self.subnet(subnet_id)).public

    def _routed(self, subnet: Subnet) -> Exposure:
        effective = self.effective_route_table(subnet.subnet_id)
        routes, notes = self._to_internet(effective.table, subnet)
        inspected = False
        why = _through(effective, routes)
        if not routes:
            routes, why = self._inspected(effective, subnet)
            inspected = bool(routes)
        if not routes:
            _know_targets(effective, effective.table.routes)
            why = "; ".join((f"{effective} has no active route to an attached internet gateway", *notes))
        return Exposure(
            public=bool(routes),
            why=why,
            route_table_id=effective.table.route_table_id,
            explicit=effective.explicit,
            routes=tuple(routes),
            inspected=inspected,
        )

    def _to_internet(self, table: RouteTable, subnet: Subnet) -> tuple[list[Route], list[str]]:
        """The routes that let the internet in, and why others that name such a gateway don't."""
        routes, notes = [], []
        for route in table.routes:
            gateway = route.internet_gateway_id
            if gateway is None:
                continue
            if route.state != "active":
                notes.append(f"{route.destination} to {gateway} is {'a blackhole' if route.state == 'blackhole' else route.state}")
            elif not self._attached(gateway, subnet):
                notes.append(f"{gateway} is not attached to {subnet.vpc_id}")
            else:
                routes.append(route)
        return routes, notes

    def _attached(self, gateway_id: str, subnet: Subnet) -> bool:
        """Whether a gateway is attached to the subnet's VPC. On AWS an active route says so already; moto leaves it active."""
        if gateway_id.startswith("cagw-"):  # made for one VPC, never detached
            return True
        gateway = self._internet_gateways.get(gateway_id)
        if gateway is None:
            return not self.own(subnet)  # another account's gateway is not shown to us
        return subnet.vpc_id in gateway.vpc_ids

    def _inspected(self, effective: EffectiveTable, subnet: Subnet) -> tuple[list[Route], str]:
        """The routes to an appliance that the internet gateway's own table sends this subnet's traffic through.

        https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html
        """
        through = [route for route in effective.table.routes if route.state == "active" and route.appliance_id]
        edges = self._edge_tables.all(subnet.vpc_id) if through else []
        # Only where it decides something are the prefix lists of gateway endpoints looked up.
        out = [route for route in through if self._leaves_vpc(route)] if edges or not self.own(subnet) else []
        if out and not edges:
            raise Unknown(f"the internet gateway's route table for {subnet.subnet_id}, owned by {subnet.owner_id}, is not visible")
        if not out:
            return [], ""
        for table in edges:
            gateways = [each for each in table.edge_gateway_ids if each.startswith("igw-") and self._attached(each, subnet)]
            back = [
                route
                for route in table.routes
                if gateways
                and route.state == "active"
                and route.appliance_id
                and any(overlaps(route.cidr, each) for each in subnet.cidrs if route.cidr)
            ]
            if back:
                returns = f"{table.route_table_id} of {gateways[0]} routes {back[0].destination} back to {back[0].appliance_id}"
                return out, f"{_through(effective, out)} and {returns}: public through inspection"
        return [], ""

    def _leaves_vpc(self, route: Route) -> bool:
        """Whether a route is for public addresses; AWS's own lists are the services behind a gateway endpoint."""
        if route.cidr is not None:
            return is_public(route.cidr)
        return route.destination_prefix_list_id is None or not self.prefix_list(route.destination_prefix_list_id).aws_owned

    # What an interface is and whether the internet reaches it.

    def public_addresses(self, interface: NetworkInterface) -> list[str]:
        """Its public addresses: IPv4 wherever it is, IPv6 where its subnet routes IPv6 to an internet gateway.

        Carrier addresses don't count, the internet can't connect to them: https://docs.aws.amazon.com/wavelength/latest/developerguide/how-wavelengths-work.html
        """
        associations = (interface.association, *(each.association for each in interface.private_ip_addresses))
        found = [each.public_ip for each in associations if each is not None and each.public_ip]
        v6 = [*(each.ipv6_address for each in interface.ipv6_addresses), *(each.ipv6_prefix for each in interface.ipv6_prefixes)]
        v6 = [each for each in v6 if is_public(each)]
        if v6 and not interface.deny_all_igw_traffic:
            routed = [self.subnet(each) for each in _placed(interface) if self.routes_ipv6(each)]
            found += [each for each in v6 if routed and not within(each, [cidr for subnet in routed for cidr in subnet.private_ipv6_cidrs])]
        return list(dict.fromkeys(found))

    def routes_ipv6(self, subnet_id: str) -> bool:
        """Whether a subnet routes IPv6 to an internet gateway."""
        exposure = self.exposure(subnet_id)
        if any(route.cidr and is_ipv6(route.cidr) for route in exposure.routes):
            return True
        lists = (route.destination_prefix_list_id for route in exposure.routes if route.cidr is None)
        if any(each is None or self.prefix_list(each).address_family == "IPv6" for each in lists):
            return True
        if exposure.public:
            # It is so by routes for IPv4: that those for IPv6 lead elsewhere has to be known, too.
            effective = self.effective_route_table(subnet_id)
            _know_targets(effective, [route for route in effective.table.routes if route.cidr is None or is_ipv6(route.cidr)])
        return False

    def reachable(self, interface: NetworkInterface) -> bool:
        """Whether it has a public address in a public subnet."""
        return bool(self.public_addresses(interface)) and any(self.is_public(each) for each in _placed(interface))

    def owner(self, interface: NetworkInterface) -> Owner:
        """What an interface belongs to; "nothing" is an interface of the customer's that is not attached."""
        return stated_owner(interface) or self._owner_elsewhere(interface)

    def _owner_elsewhere(self, interface: NetworkInterface) -> Owner:
        """The gateway or endpoint that names the interface. On AWS the interface says it itself, on moto only these do."""
        gateway = self._nat_gateways_by_interface.get(interface.network_interface_id)
        if gateway is not None:
            return Owner(kind="nat_gateway", name=gateway.nat_gateway_id)
        endpoint = self._endpoints_by_interface.get(interface.network_interface_id) if self._endpoints_asked else None
        if endpoint is not None:
            return Owner(kind="vpc_endpoint", name=endpoint.vpc_endpoint_id)
        return Owner(kind="nothing" if interface.status == "available" else "service", name=interface.description)

    def in_use(self, interface: NetworkInterface) -> bool:
        """Whether something uses it: an `available` one is left over, unless a gateway or endpoint names it."""
        return interface.status != "available" or self.owner(interface).kind != "nothing"

    # What a security group opens, and for whom.

    def ingress(self, group: SecurityGroup, *, proven: bool = False) -> list[Rule]:
        """The group's inbound rules; raises where one names a prefix list that is not known or was not read, unless `proven`, as in `world_open`."""
        return self._proven(group) if proven else network_rules.rules(group.ip_permissions, self._source)

    def egress(self, group: SecurityGroup) -> list[Rule]:
        """The group's outbound rules, its destinations as sources."""
        return network_rules.rules(group.ip_permissions_egress, self._source)

    def world_open(self, group: SecurityGroup, *, proven: bool = False) -> list[OpenPorts]:
        """The ports that the union of the group's rules opens to the internet, ICMP apart.

        Raises where a rule names a prefix list that is not known or was not read. With `proven`, such a list is left out instead: enough
        for a FAIL, never for a PASS.
        """
        return network_rules.world_open(self._proven(group) if proven else self.ingress(group))

    def knows_sources(self, group: SecurityGroup) -> bool:
        """Whether every prefix list that the group's inbound rules name is known and was read."""
        try:
            self.ingress(group)
        except Exception:  # noqa: BLE001 - of whatever kind the read's error is
            return False
        return True

    def world_open_icmp(self, group: SecurityGroup, *, proven: bool = False) -> list[OpenIcmp]:
        """The ICMP and ICMPv6 messages that the group admits from the internet, unless it admits all traffic; `proven` as in `world_open`."""
        return network_rules.world_open_icmp(self._proven(group) if proven else self.ingress(group))

    def public_sources(self, group: SecurityGroup, *, proven: bool = False) -> list[PublicSource]:
        """The public blocks, short of the internet, that the group admits; `proven` as in `world_open`."""
        return network_rules.public_sources(self._proven(group) if proven else self.ingress(group))

    def _proven(self, group: SecurityGroup) -> list[Rule]:
        """The inbound rules without the prefix lists that can't be resolved."""

        def resolve(prefix_list_id: str) -> PrefixListSource | None:
            try:
                return self._source(prefix_list_id)
            except Exception:  # noqa: BLE001 - of whatever kind the read's error is; without `proven` it is raised
                return None

        return network_rules.rules(group.ip_permissions, resolve)

    def _source(self, prefix_list_id: str) -> PrefixListSource:
        if prefix_list_id not in self._sources:
            self._sources[prefix_list_id] = prefix_list_source(self.prefix_list(prefix_list_id))
        return self._sources[prefix_list_id]

    def group_users(self, group_id: str) -> list[GroupUse]:
        """Who uses a group: the interfaces it is on, and other groups whose rules name it (its own don't count).

        EC2 shows no user that has no interface now (a group of instances scaled to zero, a launch template): the caller adds those.
        """
        uses = [
            GroupUse(kind=owner.kind, arn=each.arn, public=self.reachable(each), name=owner.name)
            for each in self.interfaces_with(group_id)
            for owner in (self.owner(each),)
        ]
        return uses + [GroupUse(kind="security_group", arn=each.arn, name=each.group_id) for each in self._groups_naming.all(group_id)]

    def reach(self, group_id: str, uses: Iterable[GroupUse] = ()) -> Reach:
        """How far what a group admits gets, for a severity; `uses` are those that the caller knows besides `group_users`.

        "public": some user has a public address in a public subnet; "private": none has; "lambda": only Lambda functions, which nobody can
        connect to; "none": nobody uses it (a reference by another group opens nothing, nor does an interface that is left over). "unknown" leaves
        the worst severity, never a verdict.
        """
        try:
            found = [*(each for each in self.group_users(group_id) if each.kind not in ("security_group", "nothing")), *uses]
        except Exception:  # noqa: BLE001 - reach only ever lowers a severity, so whatever can't be known must not
            return "unknown"
        if any(each.public for each in found):
            return "public"
        if not found:
            return "none"
        return "lambda" if all(each.kind == "lambda" for each in found) else "private"


def _know_targets(effective: EffectiveTable, routes: Iterable[Route]) -> None:
    for route in routes:
        if route.state == "active" and route.target is None:
            raise Unknown(f"{effective} routes {route.destination} to a kind of target that this tool does not know")


def _placed(interface: NetworkInterface) -> tuple[str, ...]:
    if not interface.subnet_ids:
        raise Unknown(f"{interface.network_interface_id} names no subnet")
    return interface.subnet_ids


def _through(effective: EffectiveTable, routes: Sequence[Route]) -> str:
    """The routes in words: "rtb-1 (main) routes 0.0.0.0/0 and ::/0 to igw-1 (IPv4 and IPv6)"."""
    targets: dict[str, list[Route]] = {}
    for route in routes:
        targets.setdefault(route.internet_gateway_id or route.target or "", []).append(route)
    ways = []
    for target, to in targets.items():
        families = dict.fromkeys("IPv6" if is_ipv6(route.cidr) else "IPv4" for route in to if route.cidr)
        ways.append(f"{' and '.join(route.destination for route in to)} to {target}" + (f" ({' and '.join(families)})" if families else ""))
    return f"{effective} routes {', '.join(ways)}"
