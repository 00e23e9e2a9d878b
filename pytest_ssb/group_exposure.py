"""What security groups admit, weighed by who is behind them: pure judgements that several checks share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from pytest_ssb.cidrs import is_internet
from pytest_ssb.controls import Severity
from pytest_ssb.errors import Undecided
from pytest_ssb.findings import severity_lowered
from pytest_ssb.group_sources import interfaces_of, source_of
from pytest_ssb.network import GroupUse, Network, NetworkInterface, OpenPorts, Reach, SecurityGroup
from pytest_ssb.network_commands import Place, chosen, parts, sources_of
from pytest_ssb.network_groups import IpPermission
from pytest_ssb.network_rules import rules
from pytest_ssb.profiles import Profile
from pytest_ssb.reads.load_balancers import Target, TargetGroup
from pytest_ssb.unread import Index, error_of

# Ports through which a machine is administered or its data taken: nothing on the internet has business there.
SENSITIVE_PORTS = (
    *(20, 21, 22, 23, 135, 137, 138, 139, 445, 2375, 2376, 3389, 5900, 5985, 5986, 10250),  # administration and file shares
    *(1433, 1434, 1521, 3306, 5432, 5433, 5439, 5984, 6379, 7000, 7001, 8086, 9042, 9200, 9300, 11211, 27017, 27018, 27019, 50000),  # data
)
# By how far a group's reach lowers the severity of what it opens (none of its users can be reached, or it has no user).
_LOWERED: dict[Reach, int] = {"public": 0, "unknown": 0, "none": 1, "private": 2, "lambda": 3}
_REACH_WORDS: dict[Reach, str] = {
    "public": "reachable from the internet",
    "unknown": "reach not known",
    "none": "not attached",
    "private": "on private resources only",
    "lambda": "on functions only, which accept no connections",
}


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a group opens to the internet: how bad that is, in words, and what is left when it is meant to be so."""

    ports: tuple[OpenPorts, ...]
    severity: Severity
    reach: Reach
    only_web: bool
    sensitive: bool

    def __str__(self) -> str:
        return f"{', '.join(map(str, self.ports))}; {_REACH_WORDS[self.reach]}"


class GroupExposures:
    """The security groups of a region with all that judging them needs. Its methods raise where the answer rests on what could not be read."""

    def __init__(
        self,
        network: Network,
        uses: Mapping[str, Sequence[GroupUse]],
        open_targets: Iterable[tuple[TargetGroup, Sequence[Target]]],
        profile: Profile,
    ) -> None:
        self.network = network
        self._uses = uses
        self._open_targets = open_targets
        self._profile = profile

    def opening(self, group: SecurityGroup) -> Opening | None:
        """What the group opens to the internet, None if nothing. What is proven to be open counts also where another rule can't be resolved."""
        ports = self.network.world_open(group, proven=True) or self.network.world_open(group)
        if not ports:
            return None
        web = set(self._profile.network.public_ports)
        only_web = all(_within_web(each, web) for each in ports)
        sensitive = any(each.protocol == "all" or each.all_ports or any(_covers(each, port) for port in SENSITIVE_PORTS) for each in ports)
        # A prefix list that could not be read may open any port.
        worst: Severity = "critical" if sensitive or not self.network.knows_sources(group) else "medium" if only_web else "high"
        reach = self._reach(group)
        return Opening(ports=tuple(ports), severity=severity_lowered(worst, _LOWERED[reach]), reach=reach, only_web=only_web, sensitive=sensitive)

    def admits_cloudfront(self, group: SecurityGroup) -> bool:
        """Whether CloudFront may reach what is in the group, and so whoever has a distribution there."""
        return any(each.kind == "cloudfront" for rule in self.network.ingress(group) for each in rule.lists_of_aws)

    def serves_the_internet(self, group: SecurityGroup) -> bool:
        """Whether every user of the group is an internet-facing load balancer, and there is one."""
        listed = [use for use in self._uses.get(group.group_id, ()) if use.kind != "security_group"]
        shown = [use for use in self.network.group_users(group.group_id) if use.kind != "security_group"]
        balancers = [use for use in listed if use.kind == "load_balancer"]
        return bool(balancers) and all(use.public for use in balancers) and all(use.kind == "load_balancer" for use in [*listed, *shown])

    def meets_clients_behind_nlb(self, group: SecurityGroup, opening: Opening) -> bool:
        """Whether what is open is the traffic port of private targets of a public Network Load Balancer without groups: they meet its clients.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
        """
        # A load balancer that passes the internet on to SSH or a database is what the control is about, not an exemption from it.
        if opening.sensitive or opening.reach not in ("private", "unknown") or self._is_known_to_be_public(group):
            return False
        met = {
            (protocol, target.port)
            for target_group, targets in self._open_targets
            for target in targets
            if any(group.group_id in interface.group_ids for interface in interfaces_of(self.network, target, target_group))
            for protocol in target_group.protocols
        }
        if not all(each.from_port == each.to_port and (each.protocol, each.from_port) in met for each in opening.ports):
            return False
        # Where the reach is unknown, so is whether the targets are private: asking again raises the reason.
        return opening.reach == "private" or not any(use.public for use in self.users(group.group_id))

    def users(self, group_id: str) -> list[GroupUse]:
        """Everything that uses a group, references by other groups left out."""
        return [use for use in [*self.network.group_users(group_id), *self._uses.get(group_id, ())] if use.kind != "security_group"]

    def _is_known_to_be_public(self, group: SecurityGroup) -> bool:
        """Whether some network interface proves that the group's users can be reached, whatever else could not be read."""
        try:
            return any(use.public for use in self.network.group_users(group.group_id))
        except Exception:  # noqa: BLE001 - then nothing proves it
            return False

    def revoking(self, group: SecurityGroup, opening: Opening) -> str:
        """The `--ip-permissions` that take the sources of an opening out of the group, as JSON; harmless rules, and the web's beside others, stay."""
        sources = {source_of(label) for each in opening.ports for label in each.sources}
        web = set() if opening.only_web else set(self._profile.network.public_ports)
        return parts([each for each in group.ip_permissions if not _is_icmp_or_web(each, web)], sources.__contains__)

    def _reach(self, group: SecurityGroup) -> Reach:
        try:
            # What a launch template may start some day reaches nothing now.
            uses = [use for use in self._uses.get(group.group_id, ()) if use.kind != "launch_template"]
        except Exception:  # noqa: BLE001 - reach only lowers a severity: what can't be known must not
            return "unknown"
        return self.network.reach(group.group_id, uses)


class AllTraffic(msgspec.Struct, frozen=True, kw_only=True):
    """The sources from which a group admits everything, in words; `only_world`: each of them is the whole internet, which is another check's subject."""

    sources: tuple[str, ...]
    only_world: bool
    places: tuple[Place, ...]


class AllTrafficRules:
    """The security groups of a region, and which of their rules admit every port of every protocol, of TCP or of UDP."""

    def __init__(self, account: str, groups: Iterable[SecurityGroup]) -> None:
        self.groups = groups
        self._account = account

    def __iter__(self) -> Iterator[SecurityGroup]:
        return iter(self.groups)

    def own(self, group: SecurityGroup) -> bool:
        """Whether it is this account's, not one that is shared with it."""
        return group.owner_id == self._account

    def of(self, group: SecurityGroup) -> AllTraffic | None:
        """The sources that may send everything, None if there is none but the group itself. Raises where the ports of a rule are not told."""
        sources: dict[str, bool] = {}
        places: list[Place] = []
        unsaid = False
        # What is behind a prefix list is of no matter here: addresses they are.
        for number, (rule, permission) in enumerate(zip(rules(group.ip_permissions, lambda _: None), group.ip_permissions, strict=True)):
            if rule.protocol not in ("all", "tcp", "udp") or not rule.all_ports:
                continue
            if rule.unsaid:
                unsaid = True
                continue
            for source in sources_of(permission):
                if source != group.group_id:
                    what = "all traffic" if rule.protocol == "all" else f"all {rule.protocol} ports"
                    sources[f"{what} from {source}"] = source in rule.cidrs and is_internet([source])
                    places.append((number, source))
        if not sources and unsaid:
            raise Undecided("the ports of a rule are not told")
        if not sources:
            return None
        return AllTraffic(sources=tuple(sources), only_world=all(sources.values()) and not unsaid, places=tuple(places))

    def revoking(self, group: SecurityGroup, found: AllTraffic) -> str:
        """The `--ip-permissions` that take these rules out of the group, as JSON."""
        return chosen(group.ip_permissions, found.places)


class DefaultGroups:
    """The account's default security groups of a region, and what could not be read, for it may be one."""

    def __init__(
        self, account: str, groups: Iterable[SecurityGroup], interfaces: Sequence[NetworkInterface], uses: Mapping[str, Sequence[GroupUse]]
    ) -> None:
        self._groups = [group for group in groups if error_of(group) or (group.is_default and group.owner_id == account)]
        self._interfaces = interfaces
        self._uses = uses

    def __iter__(self) -> Iterator[SecurityGroup]:
        return iter(self._groups)

    def __len__(self) -> int:
        return len(self._groups)

    def is_used(self, group: SecurityGroup) -> bool:
        """Whether anything is in the group; where that is not known, it is taken to be."""
        try:
            return bool(self._uses.get(group.group_id)) or bool(self._interfaces_of_group.all(group.group_id))
        except Exception:  # noqa: BLE001 - use raises a severity: what can't be known must, too
            return True

    @cached_property
    def _interfaces_of_group(self) -> Index[str, NetworkInterface]:
        return Index(self._interfaces, lambda each: each.group_ids)

    def revoking(self, permissions: Iterable[IpPermission]) -> str:
        """The `--ip-permissions` that take every one of these rules out of their group, as JSON."""
        return parts(permissions)


def _within_web(each: OpenPorts, web: set[int]) -> bool:
    # UDP 443 is HTTP/3.
    allowed = web if each.protocol == "tcp" else web & {443} if each.protocol == "udp" else set()
    return each.to_port - each.from_port < len(allowed) and all(port in allowed for port in range(each.from_port, each.to_port + 1))


def _is_icmp_or_web(each: IpPermission, web: set[int]) -> bool:
    if each.ip_protocol in ("icmp", "icmpv6", "1", "58"):
        return True
    return each.ip_protocol == "tcp" and each.from_port == each.to_port and each.from_port in web


def _covers(each: OpenPorts, port: int) -> bool:
    return each.covers("tcp", port) or each.covers("udp", port)
