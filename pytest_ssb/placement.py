"""Where instances and stores of data stand: in public subnets or not, and which instances are there to translate addresses. Pure judgements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import msgspec

from pytest_ssb.errors import AwsError, NotOffered
from pytest_ssb.network import Exposure, Network, NetworkInterface, OpenPorts
from pytest_ssb.network_types import Unknown
from pytest_ssb.reads.ec2 import Instance
from pytest_ssb.reads.rds import DbSubnetGroup
from pytest_ssb.reads.stores import Store
from pytest_ssb.unread import Index, error_of, unread


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """An instance's place: the public subnets it is in, why each is public, and its public addresses."""

    subnets: dict[str, Exposure]
    addresses: tuple[str, ...]

    @property
    def reachable(self) -> bool:
        """Whether the internet reaches it now."""
        return bool(self.subnets) and bool(self.addresses)

    def __str__(self) -> str:
        return f"{where(self.subnets)}; " + (f"public address {', '.join(self.addresses)}" if self.addresses else "without a public address")


class PublicAddress(msgspec.Struct, frozen=True, kw_only=True):
    """A public address of an instance, the interface that it is on, and by which association, if it is an Elastic IP address."""

    address: str
    interface: str
    association: str | None

    def removing(self, number: int) -> str:
        """The command that takes it away, with names for what `values` has of the same number."""
        if ":" in self.address:
            kind = "prefixes" if "/" in self.address else "addresses"
            asked = f"unassign-ipv6-addresses --region {{region}} --network-interface-id {{interface{number}}} --ipv6-{kind} {{address{number}}}"
        elif self.association:
            asked = f"disassociate-address --region {{region}} --association-id {{association{number}}}"
        else:
            asked = f"modify-network-interface-attribute --region {{region}} --network-interface-id {{interface{number}}} --no-associate-public-ip-address"
        return f"aws ec2 {asked}"

    def values(self, number: int) -> dict[str, str]:
        """What `removing` names."""
        return {f"address{number}": self.address, f"interface{number}": self.interface, f"association{number}": self.association or ""}


class InstancePlaces:
    """The places of the instances of a region. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def of(self, instance: Instance) -> Placement:
        """Where the instance stands."""
        interfaces = self._interfaces(instance)
        nowhere = [interface.network_interface_id for interface in interfaces if not interface.subnet_ids]
        if nowhere:
            raise Unknown(f"{nowhere[0]} names no subnet")
        subnets = dict.fromkeys(subnet for interface in interfaces for subnet in interface.subnet_ids)
        exposures = {subnet: self._network.exposure(subnet) for subnet in subnets}
        addresses = dict.fromkeys(address for interface in interfaces for address in self._network.public_addresses(interface))
        return Placement(subnets={subnet: each for subnet, each in exposures.items() if each.public}, addresses=tuple(addresses))

    def addresses(self, instance: Instance) -> list[PublicAddress]:
        """Its public addresses, whether or not the internet comes through to them."""
        return [
            PublicAddress(address=address, interface=interface.network_interface_id, association=interface.elastic_association(address))
            for interface in self._interfaces(instance)
            for address in self._network.public_addresses(interface)
        ]

    def in_public_subnet(self, instance: Instance) -> bool:
        """Whether it is in a public subnet; also where that cannot be told, as it only ever lowers a severity."""
        try:
            return bool(self.of(instance).subnets)
        except Exception:  # noqa: BLE001 - of whatever kind the read's error is: no verdict rests on it
            return True

    def _interfaces(self, instance: Instance) -> list[NetworkInterface]:
        found = self._network.interfaces_of_instance(instance.instance_id)
        if not found:
            raise Unknown(f"no network interface of {instance.instance_id} is visible")
        return found

    def translates_addresses(self, instance: Instance) -> bool:
        """Whether it is a NAT instance: some route leads to it, and it passes on what is not for it."""
        interfaces = self._network.interfaces_of_instance(instance.instance_id)
        passing = [each for each in interfaces if not each.source_dest_check or instance.source_dest_check is False]
        return bool(passing) and (instance.instance_id in self._targets or any(each.network_interface_id in self._targets for each in passing))

    @cached_property
    def _targets(self) -> set[str | None]:
        routes = [route for table in self._network.route_tables for route in table.routes if route.state == "active"]
        return {target for route in routes for target in (route.instance_id, route.network_interface_id)}


class SubnetGroup(Protocol):
    """Subnets under a name, in any of which a service may put what is in the group."""

    @property
    def name(self) -> str: ...
    @property
    def subnet_ids(self) -> tuple[str, ...]: ...


class Places:
    """The subnets and security groups of a region. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def public(self, subnets: Iterable[str], of: str) -> dict[str, Exposure]:
        """The public ones among the subnets of something. One that is proven to be public counts, whatever cannot be told of the others."""
        found: dict[str, Exposure] = {}
        unknown: list[Exception] = []
        named = list(dict.fromkeys(subnets))
        for subnet in named:
            try:
                exposure = self._network.exposure(subnet)
            except Exception as error:  # noqa: BLE001 - of whatever kind the read's error is: raised below, unless another subnet is public
                unknown.append(error)
                continue
            if exposure.public:
                found[subnet] = exposure
        if not named:
            raise Unknown(f"{of} names no subnet")
        if unknown and not found:
            # What was not answered may be asked for again.
            raise next((error for error in unknown if isinstance(error, AwsError)), unknown[0])
        return found

    def opened(self, store: Store) -> list[OpenPorts] | None:
        """What its security groups open to the internet of the ports that it listens on, or of any where it tells none; None if that is not known."""
        try:
            groups = [self._network.security_group(each) for each in store.group_ids]
            if not groups:
                return None
            every = [each for group in groups for each in self._network.world_open(group)]
            ports = store.ports
        except Exception:  # noqa: BLE001 - of whatever kind the read's error is: this only lowers a severity
            return None
        return [each for each in every if not ports or any(each.covers("tcp", port) for port in ports)]


@dataclass(frozen=True)
class Stand:
    """A store of data, and where it may stand. `groups` are the subnet groups of its service, `type` is AWS's name for what it is."""

    arn: str
    type: str
    store: Store
    places: Places
    groups: Index[str, SubnetGroup] | None

    @property
    def name(self) -> str:
        """Its identifier."""
        return self.store.name

    @property
    def public(self) -> bool:
        """Whether it has an address that the internet knows."""
        return self.store.public

    @property
    def public_subnets(self) -> dict[str, Exposure]:
        """The public ones among the subnets that it may be in."""
        return self.places.public(self._subnets, self.store.name)

    @property
    def _subnets(self) -> tuple[str, ...]:
        name = self.store.subnet_group
        if name is None:
            return self.store.subnet_ids
        group = self.groups.get(name) if self.groups else None
        if group is None:
            raise Unknown(f"the subnet group {name} is not visible")
        return group.subnet_ids

    @property
    def fenced(self) -> bool:
        """Whether its security groups are known to keep the internet out."""
        return self.places.opened(self.store) == []

    @property
    def reachable(self) -> bool:
        """Whether it would be reached at a public address; so, too, where that is not known."""
        if self.fenced:
            return False
        try:
            return bool(self.public_subnets)
        except Exception:  # noqa: BLE001 - of whatever kind the read's error is: this only lowers a severity
            return True

    @property
    def guarded(self) -> bool:
        """Whether it is known to have no public address, and to keep the internet out: then more than one mistake lies between the two."""
        try:
            return not self.public and self.fenced
        except Exception:  # noqa: BLE001 - of whatever kind the read's error is: this only lowers a severity
            return False

    @property
    def where(self) -> str:
        """The public subnets that it may be in, in words."""
        return where(self.public_subnets)

    @property
    def door(self) -> str:
        """What its security groups let in, in words."""
        opened = self.places.opened(self.store)
        if opened is None:
            return "what its security groups open is not known"
        return f"its security groups open {', '.join(map(str, opened))}" if opened else "its security groups keep the internet out"


class Stands:
    """Stores of data of several services, each with where it may stand; `missing` are the services that could not be asked, with the reason."""

    def __init__(self, places: Places, *services: tuple[str, str, Sequence[Store], Sequence[SubnetGroup] | None]) -> None:
        """Each service: by which name people know it, AWS's name for what it has, that, and its subnet groups, if it has any."""
        self.missing: list[tuple[str, Exception]] = []
        self._found: list[Stand] = []
        for called, type, stores, groups in services:
            error = error_of(stores)
            if isinstance(error, NotOffered):
                continue
            if error is not None:
                self.missing.append((called, error))
                continue
            index = _by_name(groups)
            self._found += [Stand(each.arn, type if error_of(each) else each.type, each, places, index) for each in stores]

    def __iter__(self) -> Iterator[Stand]:
        return iter(self._found)

    @property
    def nothing(self) -> bool:
        """Whether it is known that there is none."""
        return not self._found and not self.missing


class DatabaseGroups:
    """The subnet groups of databases, and which databases use each; `untold` are those of which that is not known, with the reason."""

    def __init__(self, places: Places, groups: Sequence[DbSubnetGroup], databases: Stands) -> None:
        self.missing = databases.missing
        self.untold: list[tuple[Stand, Exception]] = []
        self._places = places
        self.groups = groups
        self._users: dict[str, list[Stand]] = {}
        for database in databases:
            try:
                name = database.store.subnet_group
            except Exception as error:  # noqa: BLE001 - of whatever kind the read's error is: it is raised of the database
                self.untold.append((database, error))
                continue
            if name is not None:
                self._users.setdefault(name, []).append(database)

    def __iter__(self) -> Iterator[DbSubnetGroup]:
        return iter(self.groups)

    def users(self, group: DbSubnetGroup) -> list[Stand]:
        """The databases that use a group. Where none is known to, though of some that is not told, raises the reason."""
        found = self._users.get(group.name, [])
        if not found:
            for _, error in [*self.missing, *self.untold]:
                raise error
        return found

    def guarded(self, group: DbSubnetGroup) -> bool:
        """Whether each database that uses a group, and each that may, is known to be guarded."""
        return not self.missing and not self.untold and all(each.guarded for each in self.users(group))

    def public(self, group: DbSubnetGroup) -> dict[str, Exposure]:
        """The public subnets of a group."""
        return self._places.public(group.subnet_ids, group.name)

    def words(self, subnets: Mapping[str, Exposure]) -> str:
        """Public subnets in words."""
        return where(subnets)


def where(subnets: Mapping[str, Exposure]) -> str:
    """Public subnets in words, and why each is public."""
    return "; ".join(f"in the public subnet {subnet}: {exposure.why}" for subnet, exposure in subnets.items())


def _by_name(groups: Sequence[SubnetGroup] | None) -> Index[str, SubnetGroup] | None:
    if groups is None:
        return None
    error = error_of(groups)
    return Index([unread(error)] if error is not None else groups, lambda each: (each.name,))
