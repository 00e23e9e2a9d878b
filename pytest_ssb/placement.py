"""Where instances stand: in public subnets or not, and which of them are there to translate addresses. Pure judgements."""

from __future__ import annotations

from functools import cached_property

import msgspec

from pytest_ssb.network import Exposure, Network
from pytest_ssb.network_types import Unknown
from pytest_ssb.reads.ec2 import Instance


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """An instance's place: the public subnets it is in, why each is public, and its public addresses."""

    subnets: dict[str, Exposure]
    addresses: tuple[str, ...]

    @property
    def reachable(self) -> bool:
        """Whether the internet reaches it now."""
        return bool(self.subnets) and bool(self.addresses)

    def __str__(self) -> str:
        where = "; ".join(f"in the public subnet {subnet}: {exposure.why}" for subnet, exposure in self.subnets.items())
        return f"{where}; " + (f"public address {', '.join(self.addresses)}" if self.addresses else "without a public address")


class InstancePlaces:
    """The places of the instances of a region. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def of(self, instance: Instance) -> Placement:
        """Where the instance stands."""
        interfaces = self._network.interfaces_of_instance(instance.instance_id)
        if not interfaces:
            raise Unknown(f"no network interface of {instance.instance_id} is visible")
        nowhere = [interface.network_interface_id for interface in interfaces if not interface.subnet_ids]
        if nowhere:
            raise Unknown(f"{nowhere[0]} names no subnet")
        subnets = dict.fromkeys(subnet for interface in interfaces for subnet in interface.subnet_ids)
        exposures = {subnet: self._network.exposure(subnet) for subnet in subnets}
        addresses = dict.fromkeys(address for interface in interfaces for address in self._network.public_addresses(interface))
        return Placement(subnets={subnet: each for subnet, each in exposures.items() if each.public}, addresses=tuple(addresses))

    def translates_addresses(self, instance: Instance) -> bool:
        """Whether it is a NAT instance: some route leads to it, and it passes on what is not for it."""
        interfaces = self._network.interfaces_of_instance(instance.instance_id)
        passing = [each for each in interfaces if not each.source_dest_check or instance.source_dest_check is False]
        return bool(passing) and (instance.instance_id in self._targets or any(each.network_interface_id in self._targets for each in passing))

    @cached_property
    def _targets(self) -> set[str | None]:
        routes = [route for table in self._network.route_tables for route in table.routes if route.state == "active"]
        return {target for route in routes for target in (route.instance_id, route.network_interface_id)}
