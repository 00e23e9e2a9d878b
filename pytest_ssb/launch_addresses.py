"""Which launch templates and launch configurations give public addresses to what is launched from them. Pure judgements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import msgspec

from pytest_ssb.network import Network
from pytest_ssb.network_types import Subnet, Unknown
from pytest_ssb.reads.launch_interfaces import Interface, LaunchConfiguration, NamedVersions, PlacedGroup, Template
from pytest_ssb.reads.launch_templates import Specification
from pytest_ssb.unread import error_of


class Launches(msgspec.Struct, frozen=True, kw_only=True):
    """What comes of a template or configuration: what gives public addresses, and whether a group launches from it."""

    wrong: tuple[str, ...]
    used: bool
    by_subnet: bool = False

    def __str__(self) -> str:
        return "; ".join(self.wrong)


class LaunchAddresses:
    """What is launched from where in a region. Its methods raise where the answer rests on what could not be read.

    `named` are the versions that groups launch from, beside the default and the latest one.
    """

    def __init__(self, network: Network, groups: Sequence[PlacedGroup], named: NamedVersions) -> None:
        self._network = network
        self._groups = groups
        self._named = named

    def of_template(self, template: Template) -> Launches:
        """What the default version of a template gives, and what those give that groups launch from."""
        wrong: list[str] = []
        by_subnet = False
        users = list(self._users(template))
        known = {str(version.version_number): version for version in template.versions} | self._named[template]
        uses: dict[str, list[PlacedGroup]] = {str(template.default.version_number): []}
        for group, named in users:
            uses.setdefault(template.number_of(named.version), []).append(group)
        for number, groups in uses.items():
            # One that is gone launches nothing.
            version = known.get(number)
            if version is not None:
                found, open_to_subnet = self._of(version.launch_template_data.network_interfaces, groups)
                wrong += [f"version {number} {each}" for each in found]
                by_subnet = by_subnet or open_to_subnet
        return Launches(wrong=tuple(wrong), used=bool(users), by_subnet=by_subnet)

    def of_configuration(self, configuration: LaunchConfiguration) -> Launches:
        """What a launch configuration gives."""
        groups = [group for group in self._groups if group.launch_configuration_name == configuration.launch_configuration_name]
        interface = Interface(associate_public_ip_address=configuration.associate_public_ip_address, device_index=0)
        wrong, by_subnet = self._of([interface], groups)
        return Launches(wrong=tuple(wrong), used=bool(groups), by_subnet=by_subnet)

    def _users(self, template: Template) -> Iterator[tuple[PlacedGroup, Specification]]:
        for group in self._groups:
            for named in group.specifications:
                if template.is_meant_by(named):
                    yield group, named

    def _of(self, interfaces: Sequence[Interface], groups: Sequence[PlacedGroup]) -> tuple[list[str], bool]:
        """What gives public addresses, in words; and whether that is for the subnet to say."""
        if any(each.associate_public_ip_address for each in interfaces):
            return ["asks for public IPv4 addresses"], False
        # Of several interfaces the first alone could be given one by its subnet.
        first = next((each for each in interfaces if not each.device_index), None)
        left_open = first is None or (first.associate_public_ip_address is None and first.network_interface_id is None)
        places = {each.subnet_id: "" for each in interfaces if each.subnet_id}
        places |= {subnet.subnet_id: f", where {group.auto_scaling_group_name} launches" for group in groups for subnet in self._subnets(group)}
        wrong: list[str] = []
        for subnet_id, where in places.items():
            if left_open and self._network.subnet(subnet_id).map_public_ip_on_launch:
                wrong.append(f"leaves public IPv4 addresses to the subnet, and {subnet_id}{where}, gives them")
            if any(each.has_ipv6 for each in interfaces) and self._network.routes_ipv6(subnet_id):
                wrong.append(f"asks for IPv6 addresses, which {subnet_id}{where}, routes to an internet gateway")
        return wrong, left_open

    def _subnets(self, group: PlacedGroup) -> list[Subnet]:
        if group.subnet_ids:
            return [self._network.subnet(subnet_id) for subnet_id in group.subnet_ids]
        found = [subnet for zone in group.availability_zones for subnet in self._defaults.get(zone, ())]
        if not found:
            raise Unknown(f"{group.auto_scaling_group_name} names no subnets, and its zones have no default ones")
        return found

    @cached_property
    def _defaults(self) -> dict[str, list[Subnet]]:
        """The default subnets by zone: where a group launches that names none."""
        found: dict[str, list[Subnet]] = {}
        for subnet in self._network.subnets:
            error = error_of(subnet)
            if error is not None:
                raise error
            if subnet.default_for_az:
                found.setdefault(subnet.availability_zone, []).append(subnet)
        return found
