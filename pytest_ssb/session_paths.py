"""By which way an agent on an instance reaches Systems Manager: through an endpoint in its VPC, an internet gateway or NAT. Pure judgements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from pytest_ssb.cidrs import is_internet, is_public, within
from pytest_ssb.network import Network, NetworkInterface, VpcEndpoint
from pytest_ssb.network_types import Route, Unknown
from pytest_ssb.reads.ec2 import Instance
from pytest_ssb.unread import Index

# What an agent speaks to. It falls back to ec2messages only where ssmmessages is out of reach:
# https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html
SERVICES, FALLBACK = ("ssm", "ssmmessages"), "ec2messages"


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How an instance reaches a service: `by` what, or, where only its owner can tell, `beyond` what; neither where there is no way, for what `why` says."""

    by: str | None = None
    beyond: str | None = None
    why: str = ""


class Paths(msgspec.Struct, frozen=True, kw_only=True):
    """The ways to each service that the agent needs. `missing` says to which there is none, `beyond` what only its owner can tell."""

    ways: dict[str, Way]
    remark: str = ""

    @property
    def missing(self) -> str:
        """The services that are out of reach, each with the reason."""
        return "; ".join(f"no way to {service}: {way.why}" for service, way in self.ways.items() if way.by is None and way.beyond is None)

    @property
    def beyond(self) -> str | None:
        """What the traffic goes to that this account does not show the end of."""
        return next((way.beyond for way in self.ways.values() if way.beyond), None)

    def __str__(self) -> str:
        return "; ".join([*(f"{service} through {way.by}" for service, way in self.ways.items()), *([self.remark] if self.remark else [])])


class SessionPaths:
    """The ways from the instances of a region to Systems Manager. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, network: Network, instances: Iterable[Instance]) -> None:
        self._network = network
        self._instances = Index(instances, lambda instance: (instance.instance_id,))

    def of(self, instance: Instance) -> Paths:
        """The instance's ways to Systems Manager."""
        interfaces = self._network.interfaces_of_instance(instance.instance_id)
        if not interfaces:
            raise Unknown(f"no network interface of {instance.instance_id} is visible")
        found = {service: self._best(self._way(service, interface) for interface in interfaces) for service in SERVICES}
        by_endpoint = all((way.by or "").startswith("vpce-") for way in found.values())
        fallback = any(self._endpoints(FALLBACK, interface) for interface in interfaces)
        lacking = by_endpoint and not fallback
        return Paths(ways=found, remark=f"no endpoint of {FALLBACK}, which only old agents need" if lacking else "")

    def _best(self, ways: Iterable[Way]) -> Way:
        found = list(ways)
        return next((way for way in found if way.by), None) or next((way for way in found if way.beyond), None) or found[0]

    def _way(self, service: str, interface: NetworkInterface) -> Way:
        endpoints = self._endpoints(service, interface)
        if endpoints:
            # With private DNS the service's name leads to the endpoint, and nowhere else.
            let_in = next((each for each in endpoints if self._lets_in(each, interface)), None)
            if let_in is not None:
                return Way(by=let_in.vpc_endpoint_id)
            return Way(why=f"the groups of {endpoints[0].vpc_endpoint_id} do not let it in on port 443")
        ways = [self._through(route, interface) for route in self._out(interface)]
        return self._best([*ways, Way(why="neither an endpoint nor a route to the internet")])

    def _endpoints(self, service: str, interface: NetworkInterface) -> list[VpcEndpoint]:
        return [
            endpoint
            for endpoint in self._network.endpoints_of(interface.vpc_id)
            # Interface endpoints alone have private DNS. One that may work may be in the way of every other way.
            if (endpoint.service_name or "").rpartition(".")[2] == service and endpoint.exists and endpoint.available and endpoint.has_private_dns
        ]

    def _lets_in(self, endpoint: VpcEndpoint, interface: NetworkInterface) -> bool:
        addresses = [each.private_ip_address for each in interface.private_ip_addresses]
        for identifier in endpoint.groups:
            for rule in self._network.ingress(self._network.security_group(identifier.group_id)):
                if rule.covers("tcp", 443):
                    by_address = any(within(address, rule.blocks) for address in addresses)
                    if by_address or any(source.group_id in interface.group_ids for source in rule.groups):
                        if rule.unsaid:
                            raise Unknown(f"a rule of {identifier.group_id} does not say its ports")
                        return True
        return False

    def _out(self, interface: NetworkInterface) -> Iterator[Route]:
        """The routes that lead to public addresses, those to gateway endpoints left out."""
        for subnet_id in interface.subnet_ids:
            for route in self._network.effective_route_table(subnet_id).table.routes:
                to_endpoint = route.cidr is None and (route.gateway_id or "").startswith("vpce-")
                if not to_endpoint and (route.cidr is None or is_public(route.cidr)):
                    yield route

    def _through(self, route: Route, interface: NetworkInterface) -> Way:
        target = route.target
        if target is None or (route.cidr is None and route.destination_prefix_list_id is None):
            raise Unknown(
                f"a route for {route.destination} to {target or 'what this tool does not know'} cannot be told from a way to Systems Manager"
            )
        if route.state != "active":
            return Way(why=f"the route to {target} is {route.state}")
        if route.cidr is None or not is_internet([route.cidr]):
            # Whether the service's addresses are among these, nobody but their owner can tell.
            return Way(beyond=f"{target} by the route for {route.destination}")
        if route.internet_gateway_id or route.egress_only_internet_gateway_id:
            return self._through_gateway(route, interface)
        if route.nat_gateway_id:
            gateway = self._network.nat_gateway(route.nat_gateway_id)
            if gateway.state != "available":
                return Way(why=f"{target} is {gateway.state}")
            return Way(by=f"the NAT gateway {target}") if gateway.public else Way(beyond=f"the private NAT gateway {target}")
        if self._is_nat_instance(route):
            return Way(by=f"the NAT instance {target}")
        return Way(beyond=target)

    def _through_gateway(self, route: Route, interface: NetworkInterface) -> Way:
        target = route.target
        if route.egress_only_internet_gateway_id:
            return Way(by=f"{target}, over IPv6") if interface.ipv6_addresses else Way(why=f"it has no IPv6 address for {target}")
        if not any(self._network.is_public(subnet_id) for subnet_id in interface.subnet_ids):
            return Way(why=f"{target} is not attached, or blocked")
        if self._network.public_addresses(interface):
            return Way(by=f"the internet gateway {target}")
        return Way(why=f"it has no public address for the internet gateway {target}")

    def _is_nat_instance(self, route: Route) -> bool:
        """Whether a route leads to an instance that passes traffic on and has a public address."""
        if route.network_interface_id:
            interfaces = [self._network.network_interface(route.network_interface_id)]
        elif route.instance_id:
            interfaces = self._network.interfaces_of_instance(route.instance_id)
        else:
            return False
        return any(self._passes_on(interface) and self._network.reachable(interface) for interface in interfaces)

    def _passes_on(self, interface: NetworkInterface) -> bool:
        instance = self._instances.get(interface.instance_id) if interface.instance_id else None
        return instance is not None and instance.running and (not interface.source_dest_check or instance.source_dest_check is False)
