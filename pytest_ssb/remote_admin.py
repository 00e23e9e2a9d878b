"""Who may reach the ports by which machines are administered, SSH's and remote desktop's, and which instances are bastions: pure judgements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Literal, NamedTuple

import msgspec

from pytest_ssb import network_rules
from pytest_ssb.cidrs import within
from pytest_ssb.network import GroupSource, Network, OpenPorts, Rule, SecurityGroup
from pytest_ssb.network_commands import Place, chosen
from pytest_ssb.network_groups import IpPermission
from pytest_ssb.network_types import Unknown
from pytest_ssb.reads.ec2 import Instance
from pytest_ssb.selectors import Selectors
from pytest_ssb.unread import Index

# SSH, and remote desktop over TCP and UDP.
ADMIN_PORTS = (("tcp", 22), ("tcp", 3389), ("udp", 3389))
# A rule of more ports than these does not mean any one of them.
NAMING = 100


class ConnectEndpoint(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """An EC2 Instance Connect Endpoint (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Ec2InstanceConnectEndpoint.html)."""

    arn: str
    state: Literal[
        "create-in-progress",
        "create-complete",
        "create-failed",
        "delete-in-progress",
        "delete-complete",
        "delete-failed",
        "update-in-progress",
        "update-complete",
        "update-failed",
    ]
    security_group_ids: tuple[str, ...]

    @property
    def exists(self) -> bool:
        """Whether it works, or is about to."""
        return self.state in ("create-in-progress", "create-complete", "update-in-progress", "update-complete", "update-failed")


class Source(NamedTuple):
    """Who may reach a group's ports of administration by one of its rules, where it stands there, and as a reason names it."""

    place: Place
    says: str
    kind: Literal["addresses", "list of AWS", "group", "endpoint", "broad"]
    blocks: tuple[str, ...] = ()
    group: GroupSource | None = None


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """Who may reach a group's ports of administration.

    `world` is the internet, `unwanted` are addresses, and groups that a rule of few ports names; `endpoints` are groups of EC2 Instance Connect
    Endpoints, `broad` groups which a rule of all ports names.
    """

    world: tuple[OpenPorts, ...]
    unwanted: tuple[Source, ...]
    endpoints: tuple[str, ...]
    broad: tuple[str, ...]

    @property
    def named(self) -> tuple[str, ...]:
        """All that a person would call an open port of administration."""
        return tuple(dict.fromkeys([*map(str, self.world), *(source.says for source in self.unwanted)]))


class Bastion(msgspec.Struct, frozen=True, kw_only=True):
    """An instance that is a bastion, or is called one. `entry` is the selector that means it; `proof` what makes it one, empty where only its name says so."""

    arn: str
    entry: str | None
    proof: str


class RemoteAdmin:
    """The ports of administration in a region. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, network: Network, endpoints: Index[str, ConnectEndpoint]) -> None:
        self.network = network
        self._endpoints = endpoints

    def open_to_internet(self, group: SecurityGroup) -> tuple[OpenPorts, ...]:
        """What the group opens to the internet of these ports. What is proven to be open counts also where another rule can't be resolved."""
        return _admin(self.network.world_open(group, proven=True)) or _admin(self.network.world_open(group))

    def admitted(self, group: SecurityGroup) -> Admitted:
        """Who may reach these ports."""
        world = _admin(self.network.world_open(group))
        sources = list(self._sources(group, {label for each in world for label in each.sources}))
        return Admitted(
            world=world,
            unwanted=tuple(each for each in sources if each.kind in ("addresses", "list of AWS", "group")),
            endpoints=tuple(dict.fromkeys(each.place[1] for each in sources if each.kind == "endpoint")),
            broad=tuple(dict.fromkeys(each.place[1] for each in sources if each.kind == "broad")),
        )

    def _sources(self, group: SecurityGroup, said: Collection[str]) -> Iterator[Source]:
        """The sources of the group's rules but for those that are said already: what is open to the world is said once, in however many blocks."""
        for number, rule in enumerate(self.network.ingress(group)):
            ports = _ports(rule)
            if not ports:
                continue
            for label, blocks in rule.labelled:
                if label not in said:
                    yield Source((number, label.partition(" ")[0]), f"{ports} from {label}", "addresses", blocks)
            for each in rule.lists_of_aws:
                yield Source((number, each.prefix_list_id), f"{ports} from {each}", "list of AWS")
            if rule.unsaid and rule.groups:
                raise Unknown(f"a rule of {group.group_id} does not say its ports")
            for source in rule.groups:
                kind: Literal["group", "endpoint", "broad"] = "group" if _names(rule) else "broad"
                if self._endpoints.get(source.group_id) is not None:
                    kind = "endpoint"
                yield Source((number, source.group_id), f"{ports} from {source.group_id}", kind, group=source)

    def closing(self, group: SecurityGroup, opened: Iterable[OpenPorts], places: Iterable[Place] = ()) -> str:
        """The `--ip-permissions` that take what is open to the internet out of the group, and what stands at these places, as JSON."""
        world = {source.partition(" ")[0] for each in opened for source in each.sources}
        wide = [(number, source) for number, permission in enumerate(group.ip_permissions) if self._may_be_admin(permission) for source in world]
        return chosen(group.ip_permissions, (*wide, *places))

    def _may_be_admin(self, permission: IpPermission) -> bool:
        return any(_ports(rule) for rule in network_rules.rules([permission], lambda prefix_list_id: None))

    def is_closed(self, instance: Instance) -> bool:
        """Whether the instance is known to have no key pair, and to let nobody in to these ports."""
        try:
            admitted = [self.admitted(group) for group in self._groups_of(instance)]
            return instance.key_name is None and not any(each.named or each.endpoints for each in admitted)
        except Exception:  # noqa: BLE001 - it only lowers a severity: what can't be known must not
            return False

    def is_on_instance(self, group: SecurityGroup) -> bool:
        """Whether some instance is in the group."""
        return any(interface.instance_id is not None for interface in self.network.interfaces_with(group.group_id))

    def is_reachable(self, group: SecurityGroup) -> bool:
        """Whether the internet reaches something in the group; where that is not known, it is taken to."""
        try:
            used = [interface for interface in self.network.interfaces_with(group.group_id) if interface.status != "available"]
            return any(self.network.reachable(interface) for interface in used)
        except Exception:  # noqa: BLE001 - it only lowers a severity: what can't be known must not
            return True

    def bastion(self, instance: Instance, names: Selectors) -> Bastion | None:
        """What makes a running instance a bastion, or is called so; None of any other."""
        entry = names.match(instance.arn, instance.tags)
        addresses = [address for each in self.network.interfaces_of_instance(instance.instance_id) for address in self.network.public_addresses(each)]
        groups = self._groups_of(instance)
        outside = _all(self._from_outside(group) for group in groups)
        if not (addresses and outside) and entry is None:
            return None
        proof = [f"has the public address {', '.join(addresses)}"] if addresses else []
        admitted = outside or _all(self.admitted(group).named for group in groups)
        proof += [f"admits {', '.join(admitted)}"] if admitted else []
        return Bastion(arn=instance.arn, entry=entry, proof=" and ".join(proof))

    def _groups_of(self, instance: Instance) -> list[SecurityGroup]:
        interfaces = self.network.interfaces_of_instance(instance.instance_id)
        if not interfaces:
            raise Unknown(f"no network interface of {instance.instance_id} is visible")
        return [self.network.security_group(group_id) for group_id in sorted({group for each in interfaces for group in each.group_ids})]

    def _from_outside(self, group: SecurityGroup) -> list[str]:
        """What comes to these ports from beyond the group's VPC."""
        admitted, own = self.admitted(group), self.network.vpc(group.vpc_id).cidrs
        foreign = [
            source.says
            for source in admitted.unwanted
            if (source.group is not None and source.group.vpc_id not in (None, group.vpc_id))
            or source.kind == "list of AWS"
            or any(not within(block, own) for block in source.blocks)
        ]
        return [*map(str, admitted.world), *foreign]


def _all(lists: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(each for some in lists for each in some))


def _admin(opened: Iterable[OpenPorts]) -> tuple[OpenPorts, ...]:
    return tuple(each for each in opened if any(each.covers(protocol, port) for protocol, port in ADMIN_PORTS))


def _ports(rule: Rule) -> str:
    """Which of these ports a rule covers, in words; empty for none."""
    covered = [f"{protocol} {port}" for protocol, port in ADMIN_PORTS if rule.covers(protocol, port)]
    return "all traffic" if rule.protocol == "all" else ", ".join(covered)


def _names(rule: Rule) -> bool:
    """Whether a rule means these ports, and not all or very many."""
    return rule.protocol != "all" and rule.to_port - rule.from_port < NAMING
