"""By which way traffic leaves a private subnet for the internet: through NAT in a public subnet, or past it. Pure judgements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from pytest_ssb.cidrs import is_ipv6, is_public
from pytest_ssb.network import Network, NetworkInterface
from pytest_ssb.network_types import Route, Unknown
from pytest_ssb.reads.ec2 import Instance
from pytest_ssb.unread import Index

# IPv6 addresses that stand for those of IPv4: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
NAT64 = "64:ff9b::/96"


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """Where a route for public addresses leads, and whether that is a way the control allows."""

    route: Route
    through: str
    good: bool = True

    @property
    def replacing(self) -> str:
        """The options of `aws ec2 replace-route` that send `{destination}` through NAT, or, if it is IPv6, out without letting anything in."""
        cidr = self.route.cidr
        if cidr is None:
            return "--destination-prefix-list-id {destination} --nat-gateway-id NAT_GATEWAY"
        if not is_ipv6(cidr):
            return "--destination-cidr-block {destination} --nat-gateway-id NAT_GATEWAY"
        target = "--nat-gateway-id NAT_GATEWAY" if cidr == NAT64 else "--egress-only-internet-gateway-id EGRESS_ONLY_GATEWAY"
        return f"--destination-ipv6-cidr-block {{destination}} {target}"

    def __str__(self) -> str:
        return f"{self.route.destination} goes to {self.through}"


class SubnetEgress:
    """The ways out of the private subnets of a region. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, network: Network, instances: Iterable[Instance]) -> None:
        self.network = network
        self._of_region = instances

    @cached_property
    def _instances(self) -> Index[str, Instance]:
        return Index(self._of_region, lambda instance: (instance.instance_id,))

    def of(self, subnet_id: str) -> list[Way]:
        """Every way out of a private subnet, none if it is isolated."""
        return list(self._ways(subnet_id))

    def _ways(self, subnet_id: str) -> Iterator[Way]:
        for route in self.network.effective_route_table(subnet_id).table.routes:
            stays = route.gateway_id == "local" or (route.cidr is not None and not is_public(route.cidr))
            # A prefix list before an endpoint is the service behind it.
            if stays or (route.cidr is None and (route.gateway_id or "").startswith("vpce-")):
                continue
            way = self._way(route, subnet_id)
            # What a prefix list holds is asked only where it matters.
            if way.good or route.cidr is not None or self._leaves(route):
                yield way

    def _leaves(self, route: Route) -> bool:
        if route.destination_prefix_list_id is None:
            raise Unknown(f"a route to {route.target} does not say for which addresses")
        found = self.network.prefix_list(route.destination_prefix_list_id)
        return found.aws_owned or any(is_public(cidr) for cidr in found.cidrs)

    def _way(self, route: Route, subnet_id: str) -> Way:
        target = route.target
        if target is None:
            raise Unknown(f"a route for {route.destination} leads to a kind of target that this tool does not know")
        if route.state == "blackhole":
            return Way(route=route, through=f"{target}, which is gone", good=False)
        if route.state != "active":
            raise Unknown(f"the route for {route.destination} to {target} is {route.state}")
        if route.internet_gateway_id:
            if self.network.exposure(subnet_id).blocked:
                return Way(route=route, through=f"{target}, which VPC Block Public Access closes")
            return Way(route=route, through=f"{target}, which is not attached", good=False)
        if route.nat_gateway_id:
            return self._through_gateway(route, route.nat_gateway_id)
        if route.network_interface_id or route.instance_id:
            return self._through_instance(route)
        if route.egress_only_internet_gateway_id:
            return Way(route=route, through=f"the egress-only gateway {target}")
        if route.ip_address or (route.gateway_id and not route.gateway_id.startswith(("vgw-", "vpce-"))):
            raise Unknown(f"{target}, to which {route.destination} goes, is of a kind that this tool does not know")
        return Way(route=route, through=f"{target}: egress is elsewhere")

    def _through_gateway(self, route: Route, gateway_id: str) -> Way:
        gateway = self.network.nat_gateway(gateway_id)
        if gateway.state not in ("available", "pending"):
            return Way(route=route, through=f"the NAT gateway {gateway_id}, which is {gateway.state}", good=False)
        if gateway.connectivity_type is None and not gateway.public:
            raise Unknown(f"the NAT gateway {gateway_id} does not say whether it is public")
        if not gateway.public:
            return Way(route=route, through=f"the private NAT gateway {gateway_id}")
        if gateway.availability_mode == "regional":
            return Way(route=route, through=f"the regional NAT gateway {gateway_id}")
        if gateway.subnet_id is None:
            raise Unknown(f"the NAT gateway {gateway_id} names no subnet")
        good = self.network.leads_to_internet(gateway.subnet_id)
        where = "" if good else f", which is in the private subnet {gateway.subnet_id}"
        return Way(route=route, through=f"the NAT gateway {gateway_id}{where}", good=good)

    def _through_instance(self, route: Route) -> Way:
        named = route.instance_id or route.network_interface_id
        # A route that names an instance means one of its interfaces; moto does not say which.
        wrong = [self._wrong(interface) for interface in self._interfaces(route)]
        if None in wrong:
            return Way(route=route, through=f"the NAT instance {named}")
        return Way(route=route, through=f"{named}, which {wrong[0]}", good=False)

    def _interfaces(self, route: Route) -> list[NetworkInterface]:
        if route.network_interface_id:
            return [self.network.network_interface(route.network_interface_id)]
        found = self.network.interfaces_of_instance(route.instance_id or "")
        if not found:
            raise Unknown(f"no network interface of {route.instance_id} is visible")
        return found

    def _wrong(self, interface: NetworkInterface) -> str | None:
        """Why an interface is not that of a NAT instance, None if it is."""
        if interface.instance_id is None:
            return "is on no instance"
        instance = self._instances.get(interface.instance_id)
        if instance is None:
            raise Unknown(f"{interface.instance_id} not visible")
        if not instance.running:
            return f"is {instance.state.name}"
        if interface.source_dest_check and instance.source_dest_check is not False:
            return "passes on nothing that is not for it: its source/destination check is on"
        if not any(self.network.leads_to_internet(subnet_id) for subnet_id in interface.subnet_ids):
            return "is in a private subnet"
        return None
