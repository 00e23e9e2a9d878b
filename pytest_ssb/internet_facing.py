"""What the internet reaches without an edge service before it: public addresses, and what security groups open to them. Pure judgements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from pytest_ssb import network_rules
from pytest_ssb.cidrs import is_ipv6
from pytest_ssb.errors import Undecided
from pytest_ssb.network import Network, NetworkInterface, OpenPorts, Rule
from pytest_ssb.network_types import Unknown
from pytest_ssb.reads.ec2 import Instance
from pytest_ssb.reads.ecs_services import EcsService, PublicTask
from pytest_ssb.unread import Index

if TYPE_CHECKING:
    from pytest_ssb.aws import PerResource

EVERY_FAMILY = frozenset({False, True})  # IPv4 and IPv6, by whether it is the latter


class Facing(msgspec.Struct, frozen=True, kw_only=True):
    """How something faces the internet: its public addresses in public subnets, the ports that its groups open, and whether CloudFront may get there."""

    addresses: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()
    ports: tuple[OpenPorts, ...] = ()
    admits_cloudfront: bool = False

    @property
    def why_not(self) -> str:
        """Why the internet gets to no port."""
        if not self.addresses:
            return "no public address in a public subnet"
        if self.admits_cloudfront:
            return "of the internet only CloudFront gets here, by anybody's distribution: a secret header or a VPC origin must tell them apart"
        return "its groups do not let the internet in"

    def __str__(self) -> str:
        where = f"{', '.join(self.addresses)} in {', '.join(self.subnets)}"
        return f"{where} serves the internet by {', '.join(map(str, self.ports))}; network ACLs are not looked at"


class InternetFacing:
    """What of a region faces the internet. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, network: Network, web_ports: Sequence[int]) -> None:
        self._network = network
        self._web_ports = web_ports

    def instance(self, instance: Instance) -> Facing:
        """How an instance faces the internet, by any of its interfaces."""
        interfaces = self._network.interfaces_of_instance(instance.instance_id)
        if not interfaces:
            raise Unknown(f"no network interface of {instance.instance_id} is visible")
        return self.interfaces(interfaces)

    def interfaces(self, interfaces: Iterable[NetworkInterface]) -> Facing:
        """How these interfaces face the internet; one that is proven to is enough."""
        found: list[Facing] = []
        doubt: Exception | None = None
        for interface in interfaces:
            try:
                found.append(self._interface(interface))
            except Exception as error:  # noqa: BLE001 - of whatever kind the read's error is: it is raised below, unless another one is open
                doubt = doubt or error
        serving = [each for each in found if each.ports]
        if not serving and doubt is not None:
            raise doubt
        chosen = serving or [each for each in found if each.addresses]
        return Facing(
            addresses=tuple(address for each in chosen for address in each.addresses),
            subnets=tuple(dict.fromkeys(subnet for each in chosen for subnet in each.subnets)),
            ports=self._web_first(dict.fromkeys(ports for each in chosen for ports in each.ports)),
            admits_cloudfront=any(each.admits_cloudfront for each in chosen),
        )

    def _interface(self, interface: NetworkInterface) -> Facing:
        addresses = self._network.public_addresses(interface)
        if not addresses or not self._network.reachable(interface):
            return Facing()
        families = frozenset(is_ipv6(address) for address in addresses)
        subnets = tuple(each for each in interface.subnet_ids if self._network.is_public(each))
        ports = self.opened(interface.group_ids, families)
        return Facing(
            addresses=tuple(addresses),
            subnets=subnets,
            ports=tuple(ports),
            admits_cloudfront=not ports and self._admits_cloudfront(interface.group_ids),
        )

    def opened(self, group_ids: Iterable[str], families: frozenset[bool] = EVERY_FAMILY) -> list[OpenPorts]:
        """The TCP and UDP ports that these groups together open to the internet, for addresses of these families."""
        rules: list[Rule] = []
        doubt: Exception | None = None
        for group_id in group_ids:
            try:
                group = self._network.security_group(group_id)
                rules += self._network.ingress(group, proven=True)
                self._network.ingress(group)
            except Exception as error:  # noqa: BLE001 - of whatever kind the read's error is: it is raised below, unless the rest is open
                doubt = doubt or error
        found = [each for each in network_rules.world_open([_of(families, rule) for rule in rules]) if each.protocol in ("tcp", "udp", "all")]
        if not found and doubt is not None:
            raise doubt
        return found

    def _admits_cloudfront(self, group_ids: Iterable[str]) -> bool:
        rules = (rule for group_id in group_ids for rule in self._network.ingress(self._network.security_group(group_id)))
        return any(each.kind == "cloudfront" for rule in rules for each in rule.lists_of_aws)

    def _web_first(self, ports: Iterable[OpenPorts]) -> tuple[OpenPorts, ...]:
        return tuple(sorted(ports, key=lambda each: not any(each.covers("tcp", port) for port in self._web_ports)))

    def service_network(self, subnet_ids: Iterable[str], group_ids: Sequence[str]) -> Facing:
        """How tasks face the internet that get public addresses in these subnets; without groups, they have the VPC's default one."""
        subnets = [self._network.subnet(each) for each in subnet_ids]
        public = tuple(each.subnet_id for each in subnets if self._network.is_public(each.subnet_id))
        if not public:
            return Facing()
        if not group_ids:
            group_ids = [group.group_id for group in self._network.groups_of(subnets[0].vpc_id) if group.is_default]
            if not group_ids:
                raise Unknown(f"the default group of {subnets[0].vpc_id} is not visible")
        return Facing(
            addresses=("a public address",),
            subnets=public,
            ports=self._web_first(self.opened(group_ids)),
        )


class ServiceEdges:
    """Which services of ECS serve the internet by themselves. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, services: Sequence[EcsService], exposing: PerResource[bool], facing: InternetFacing) -> None:
        self._services = services
        self._exposing = exposing
        self._facing = facing

    @cached_property
    def _by_name(self) -> Index[tuple[str, str], EcsService]:
        return Index(self._services, lambda each: [(each.cluster_arn, each.service_name)])

    def of(self, service: EcsService) -> Facing:
        """How the tasks of a service face the internet, in any of the networks in which they get public addresses."""
        found = [self._facing.service_network(each.subnets, each.security_groups) for each in service.public_networks]
        return next((each for each in found if each.ports), found[0] if found else Facing())

    def exposes(self, service: EcsService) -> bool:
        """Whether its task definitions expose ports at all."""
        return self._exposing[service]

    def serves(self, task: PublicTask) -> bool:
        """Whether a task is of a service that serves the internet without a load balancer."""
        service = self._service(task)
        return service is not None and not service.balanced and bool(self.of(service).ports) and self.exposes(service)

    def assigns_addresses(self, task: PublicTask) -> bool:
        """Whether a task is of a service that gives public addresses to its tasks."""
        service = self._service(task)
        return service is not None and bool(service.public_networks)

    def _service(self, task: PublicTask) -> EcsService | None:
        if task.service is None:
            return None
        found = self._by_name.get((task.cluster, task.service))
        if found is None:
            raise Undecided(f"service {task.service} of the task is not told of")
        return found


def _of(families: frozenset[bool], rule: Rule) -> Rule:
    """The rule, for addresses of these families alone."""
    if families == EVERY_FAMILY:
        return rule
    lists = tuple(msgspec.structs.replace(each, cidrs=_kept(families, each.cidrs)) for each in rule.prefix_lists)
    return msgspec.structs.replace(rule, cidrs=_kept(families, rule.cidrs), prefix_lists=lists)


def _kept(families: frozenset[bool], cidrs: Iterable[str]) -> tuple[str, ...]:
    return tuple(cidr for cidr in cidrs if is_ipv6(cidr) in families)
