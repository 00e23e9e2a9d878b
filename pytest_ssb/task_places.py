"""Whether services and tasks of ECS are given public addresses, or run in public subnets. Pure judgements."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pytest_ssb.network import Network
from pytest_ssb.network_types import Unknown
from pytest_ssb.reads.ecs_network import PlacedService, PlacedTask


class TaskPlace(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a place, nothing if it is private; `addressed`: that is a public address; and the groups there."""

    wrong: str = ""
    addressed: bool = False
    groups: tuple[str, ...] = ()


class TaskPlaces:
    """The places of the tasks of a region. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def of_service(self, service: PlacedService) -> TaskPlace:
        """Where the tasks of a service run."""
        configurations = service.configurations
        for each in configurations:
            if each.assign_public_ip == "ENABLED":
                return TaskPlace(wrong="gives public addresses to its tasks", addressed=True, groups=self._groups(each.security_groups, each.subnets))
        return TaskPlace(wrong=self._public(subnet for each in configurations for subnet in each.subnets))

    def of_task(self, task: PlacedTask, interface_id: str) -> TaskPlace:
        """Where a task runs."""
        interface = self._network.network_interface(interface_id)
        addresses = self._network.public_addresses(interface)
        if addresses:
            return TaskPlace(wrong=f"public address {', '.join(addresses)}", addressed=True, groups=interface.group_ids)
        if not interface.subnet_ids:
            raise Unknown(f"{interface_id} names no subnet")
        return TaskPlace(wrong=self._public(interface.subnet_ids))

    def _public(self, subnet_ids: Iterable[str]) -> str:
        found = self._network.public_among(subnet_ids)
        return "; ".join(f"in the public subnet {subnet_id}: {exposure.why}" for subnet_id, exposure in found.items())

    def _groups(self, named: tuple[str, ...], subnet_ids: Iterable[str]) -> tuple[str, ...]:
        """The groups that are named, or the default ones of the VPC; none if these can't be told."""
        try:
            vpcs = {self._network.subnet(subnet_id).vpc_id for subnet_id in subnet_ids} if not named else set()
            return named or tuple(group.group_id for vpc_id in vpcs for group in self._network.groups_of(vpc_id) if group.is_default)
        except Exception:  # noqa: BLE001 - of whatever kind the read's error is: it only says how bad it is
            return ()

    def is_closed(self, place: TaskPlace) -> bool:
        """Whether the groups there are known to admit the internet to no port. It only ever lowers a severity."""
        try:
            return bool(place.groups) and not any(self._network.world_open(self._network.security_group(each)) for each in place.groups)
        except Exception:  # noqa: BLE001 - of whatever kind the read's error is: no verdict rests on it
            return False
