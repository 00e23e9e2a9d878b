"""What security groups admit, weighed by who is behind them: pure judgements that several checks share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import msgspec

from pytest_ssb.cidrs import is_internet, is_public, within
from pytest_ssb.controls import SEVERITIES, Severity
from pytest_ssb.errors import Undecided
from pytest_ssb.findings import severity_lowered
from pytest_ssb.network import GroupUse, Network, NetworkInterface, OpenPorts, Reach, Rule, SecurityGroup
from pytest_ssb.network_commands import Admission, Place, admitting, chosen, parts, sources_of
from pytest_ssb.network_rules import prefix_list_source
from pytest_ssb.network_types import IpPermission
from pytest_ssb.profiles import Profile
from pytest_ssb.reads.load_balancers import LoadBalancer, Target, TargetGroup
from pytest_ssb.reads.rds import DbCluster, DbInstance
from pytest_ssb.unread import error_of

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


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """Rules that let something in which the check does not want, with the severity of each kind; `world` alone: another check's subject.

    `unwanted` is where they stand in the group; `lacking` what has to be let in before they are taken away.
    """

    bad: tuple[tuple[Severity, str], ...]
    declared: str | None
    only_world: bool
    chain: str
    unwanted: tuple[Place, ...] = ()
    lacking: tuple[Admission, ...] = ()

    @property
    def severity(self) -> Severity:
        """The worst of them."""
        return min((severity for severity, _ in self.bad), key=SEVERITIES.index)


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
        worst: Severity = "critical" if sensitive else "medium" if only_web else "high"
        reach = self._reach(group)
        return Opening(ports=tuple(ports), severity=severity_lowered(worst, _LOWERED[reach]), reach=reach, only_web=only_web, sensitive=sensitive)

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
        ports = {
            target.port
            for target_group, targets in self._open_targets
            for target in targets
            if any(group.group_id in interface.group_ids for interface in self.interfaces_of(target, target_group))
        }
        if not all(each.from_port == each.to_port and each.from_port in ports for each in opening.ports):
            return False
        # Where the reach is unknown, so is whether the targets are private: asking again raises the reason.
        return opening.reach == "private" or not any(use.public for use in self.users(group.group_id))

    def interfaces_of(self, target: Target, group: TargetGroup) -> list[NetworkInterface]:
        """The network interfaces of a target: of an instance, or the one that has the address; none if it is not in this account's sight."""
        if group.target_type == "instance":
            # The primary one gets the traffic: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
            found = self.network.interfaces_of_instance(target.id)
            return [each for each in found if each.attachment is None or each.attachment.device_index in (0, None)]
        return [
            interface
            for interface in self.network.interfaces_of(group.vpc_id or "")
            if any(address.private_ip_address == target.id for address in interface.private_ip_addresses)
            or any(address.ipv6_address == target.id for address in interface.ipv6_addresses)
        ]

    def users(self, group_id: str) -> list[GroupUse]:
        """Everything that uses a group, references by other groups left out."""
        return [use for use in [*self.network.group_users(group_id), *self._uses.get(group_id, ())] if use.kind != "security_group"]

    def _is_known_to_be_public(self, group: SecurityGroup) -> bool:
        """Whether some network interface proves that the group's users can be reached, whatever else could not be read."""
        try:
            return any(use.public for use in self.network.group_users(group.group_id))
        except Exception:  # noqa: BLE001 - then nothing proves it
            return False

    def is_used(self, group: SecurityGroup) -> bool:
        """Whether anything is in the group; where that is not known, it is taken to be."""
        return self._reach(group) != "none"

    def default_groups(self, groups: Iterable[SecurityGroup]) -> list[SecurityGroup]:
        """The account's default groups among these, and what could not be read, for it may be one."""
        return [group for group in groups if error_of(group) or (group.is_default and self.network.own(group))]

    def revoking(self, group: SecurityGroup, opening: Opening) -> str:
        """The `--ip-permissions` that take the sources of an opening out of the group, as JSON; harmless rules, and the web's beside others, stay."""
        sources = {_source(label) for each in opening.ports for label in each.sources}
        web = set() if opening.only_web else set(self._profile.network.public_ports)
        return parts([each for each in group.ip_permissions if not _is_icmp_or_web(each, web)], sources.__contains__)

    def revoking_all(self, permissions: Iterable[IpPermission]) -> str:
        """The `--ip-permissions` that take every one of these rules out of their group, as JSON."""
        return parts(permissions)

    def revoking_sources(self, group: SecurityGroup, found: Iterable[Sources]) -> str:
        """The `--ip-permissions` that take out of the group what nobody wants in it, as JSON."""
        return chosen(group.ip_permissions, (place for sources in found for place in sources.unwanted))

    def admitting(self, found: Iterable[Sources]) -> str:
        """The `--ip-permissions` that let in first what has to be, as JSON; an empty text if everything is let in already."""
        lacking = [each for sources in found for each in sources.lacking]
        return admitting(lacking) if lacking else ""

    def _reach(self, group: SecurityGroup) -> Reach:
        try:
            # What a launch template may start some day reaches nothing now.
            uses = [use for use in self._uses.get(group.group_id, ()) if use.kind != "launch_template"]
        except Exception:  # noqa: BLE001 - reach only lowers a severity: what can't be known must not
            return "unknown"
        return self.network.reach(group.group_id, uses)

    # --- databases -----------------------------------------------------------------------------------------------------------------

    def database_sources(self, group: SecurityGroup, databases: Sequence[DbInstance | DbCluster]) -> Sources:
        """Who may reach the databases of a group: other groups should, addresses should not."""
        return self._proven(group, lambda seen: self._database_sources(seen, databases))

    def _database_sources(self, group: SecurityGroup, databases: Sequence[DbInstance | DbCluster]) -> Sources:
        ports = sorted({database.port for database in databases if database.port is not None})
        if not ports:
            raise Undecided(f"{', '.join(database.name for database in databases)} listens on no port yet")
        rules, world = self.network.ingress(group), self._opened(group, ("tcp",), ports)
        bad: list[tuple[Severity, str]] = [("critical", str(each)) for each in world]
        unwanted: list[Place] = []
        declared = None
        for number, rule in enumerate(rules):
            if not any(rule.covers("tcp", port) for port in ports):
                continue
            for label, blocks in rule.labelled:
                entry = self._declared_range(blocks)
                if entry is not None:
                    declared = entry
                elif not is_internet(blocks) and not world:
                    bad.append(("high" if any(map(is_public, blocks)) else "medium", f"{_ports(rule)} from {label}"))
                    unwanted.append((number, _source(label)))
                elif _is_of(label, world):
                    unwanted.append((number, _source(label)))
        unused = [n for n, rule in enumerate(rules) if rule.protocol in ("tcp", "udp") and not any(rule.covers("tcp", port) for port in ports)]
        silent = [database.name for database in databases if database.port is None]
        if silent and not bad:
            raise Undecided(f"{', '.join(silent)} listens on no port yet")
        if unused and not silent and self._of_databases_alone(group, needed=not bad):
            bad += [("low", f"{_ports(rules[number])} of no use to a database") for number in unused]
            unwanted += [(number, source) for number in unused for source in sources_of(group.ip_permissions[number])]
        return Sources(
            bad=tuple(bad),
            declared=declared,
            only_world=bool(world) and len(bad) == len(world),
            chain=self._chain(rules, ports),
            unwanted=tuple(unwanted),
        )

    def _proven(self, group: SecurityGroup, judge: Callable[[SecurityGroup], Sources]) -> Sources:
        """The judgement on a group; where a prefix list could not be read, on its other rules, if these are bad already."""
        try:
            return judge(group)
        except Exception:
            sources = judge(msgspec.structs.replace(group, ip_permissions=tuple(map(self._resolved, group.ip_permissions))))
            if sources.bad:
                return sources
            raise

    def _resolved(self, permission: IpPermission) -> IpPermission:
        return msgspec.structs.replace(
            permission, prefix_list_ids=tuple(each for each in permission.prefix_list_ids if self._is_known(each.prefix_list_id))
        )

    def _is_known(self, prefix_list_id: str) -> bool:
        try:
            prefix_list_source(self.network.prefix_list(prefix_list_id))
        except Exception:  # noqa: BLE001 - of whatever kind the read's error is; it is raised where it decides
            return False
        return True

    def _opened(self, group: SecurityGroup, protocols: Iterable[str], ports: Iterable[int]) -> list[OpenPorts]:
        """Which of these ports the group opens to the internet."""
        asked = list(product(protocols, ports))
        return [each for each in self.network.world_open(group) if any(each.covers(protocol, port) for protocol, port in asked)]

    def _of_databases_alone(self, group: SecurityGroup, *, needed: bool) -> bool:
        try:
            return all(use.kind == "rds" for use in self.users(group.group_id))
        except Exception:
            if needed:
                raise
            return False

    def _declared_range(self, blocks: Sequence[str]) -> str | None:
        ranges = self._profile.network.database_cidrs
        if not blocks or not all(within(block, ranges) for block in blocks):
            return None
        used = [ranges.use(entry) for entry in ranges if any(within(block, [entry]) or within(entry, [block]) for block in blocks)]
        return used[0]

    def _chain(self, rules: Iterable[Rule], ports: Iterable[int]) -> str:
        """Which groups may reach these ports, and who is in them."""
        groups = [source.group_id for rule in rules if any(rule.covers("tcp", port) for port in ports) for source in rule.groups]
        return "; ".join(f"{group} <- {self._names(group)}" for group in dict.fromkeys(groups))

    def _names(self, group_id: str) -> str:
        try:
            names = list(dict.fromkeys(use.name or use.arn.rpartition("/")[2] for use in self.users(group_id)))
        except Exception:  # noqa: BLE001 - of whatever kind the read's error is; no verdict rests on it
            return "unknown"
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "") if names else "nobody"

    # --- targets of load balancers -------------------------------------------------------------------------------------------------

    def target_sources(self, group: SecurityGroup, target_group: TargetGroup, ports: Iterable[int], balancers: Sequence[LoadBalancer]) -> Sources:
        """Who, beside its load balancers, may reach a target's traffic and health-check ports: the internet, a public range, or the whole VPC."""
        return self._proven(group, lambda seen: self._target_sources(seen, target_group, ports, balancers))

    def _target_sources(self, group: SecurityGroup, target_group: TargetGroup, ports: Iterable[int], balancers: Sequence[LoadBalancer]) -> Sources:
        wanted = sorted(set(ports))
        rules, world = self.network.ingress(group), self._opened(group, target_group.protocols, wanted)
        # Clients keep their addresses on their way through such a load balancer, and it has no group to name: the targets must let them in.
        clients = [balancer for balancer in balancers if balancer.without_groups and target_group.keeps_client_addresses]
        if any(balancer.internet_facing for balancer in clients):
            world = []
        bad: list[tuple[Severity, str]] = [("high", str(each)) for each in world]
        unwanted: list[Place] = []
        vpc = self.network.vpc(group.vpc_id)
        own_subnets = [
            cidr
            for balancer in balancers
            if balancer.without_groups
            for zone in balancer.availability_zones
            for cidr in self.network.subnet(zone.subnet_id).cidrs
        ]
        for number, rule in enumerate(rules):
            if not any(rule.covers(protocol, port) for protocol in target_group.protocols for port in wanted):
                continue
            for label, blocks in rule.labelled:
                if _is_of(label, world):
                    unwanted.append((number, _source(label)))
                if clients or is_internet(blocks) or all(within(block, own_subnets) for block in blocks):
                    continue
                if any(map(is_public, blocks)) or any(within(cidr, blocks) for cidr in vpc.cidrs):
                    bad.append(("medium", f"{_ports(rule)} from {label}"))
                    unwanted.append((number, _source(label)))
        # Without groups to name, their subnets; where clients keep their addresses, the VPC that these are in.
        needed = [*(group_id for balancer in balancers for group_id in balancer.security_groups), *(vpc.cidrs if clients else own_subnets)]
        asked = product(target_group.protocols, wanted, dict.fromkeys(needed))
        return Sources(
            bad=tuple(bad),
            declared=None,
            only_world=bool(world) and len(bad) == len(world),
            chain=self._chain(rules, wanted),
            unwanted=tuple(unwanted),
            lacking=tuple(admission for admission in asked if not _admits(rules, admission, unwanted)) if bad else (),
        )


class GroupsOf(dict[str, list[Any]]):
    """What stands in each security group, by the group's id; `arn` gives a group's ARN, also of one that can't be seen."""

    def __init__(self, prefix: str, found: Iterable[tuple[str, Any]], outside: Iterable[Outside] = (), missing: Iterable[Missing] = ()) -> None:
        super().__init__()
        self._prefix = prefix
        for group_id, what in found:
            self.setdefault(group_id, []).append(what)
        self.outside = list(outside)
        self.missing = list(missing)

    def arn(self, group_id: str) -> str:
        """The group's ARN, taken to be of this account."""
        return f"{self._prefix}:security-group/{group_id}"


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """A target that the account does not show: in a peered VPC, or another account."""

    arn: str
    what: str


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be read, so that nobody knows which groups it is in."""

    arn: str
    type: str
    error: Exception


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """What a security group guards as a target: the target group, the ports that it is reached on, and the load balancers that reach it."""

    target_group: TargetGroup
    ports: tuple[int, ...]
    balancers: tuple[LoadBalancer, ...]


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


def _source(label: str) -> str:
    # A prefix list is named with its name behind it.
    return label.partition(" ")[0]


def _is_of(label: str, opened: Iterable[OpenPorts]) -> bool:
    return any(label in each.sources for each in opened)


def _admits(rules: Sequence[Rule], admission: Admission, unwanted: Sequence[Place]) -> bool:
    """Whether the rules let that in also without what is not wanted in them."""
    protocol, port, source = admission
    for number, rule in enumerate(rules):
        if rule.covers(protocol, port):
            left = [block for label, blocks in rule.labelled if (number, _source(label)) not in unwanted for block in blocks]
            if any(each.group_id == source for each in rule.groups) or (not source.startswith("sg-") and within(source, left)):
                return True
    return False


def _ports(rule: Rule) -> str:
    if rule.protocol == "all":
        return "all traffic"
    return f"{rule.protocol} {rule.from_port}" if rule.from_port == rule.to_port else f"{rule.protocol} {rule.from_port}-{rule.to_port}"
