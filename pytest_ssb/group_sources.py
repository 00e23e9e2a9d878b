"""Who may reach databases and the targets of load balancers through their security groups: pure judgements."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product

import msgspec

from pytest_ssb.cidrs import is_internet, is_public, within
from pytest_ssb.controls import SEVERITIES, Severity
from pytest_ssb.errors import Undecided
from pytest_ssb.network import GroupUse, Network, NetworkInterface, OpenPorts, Rule, SecurityGroup
from pytest_ssb.network_commands import Admission, Place, admitting, chosen, parts, sources_of
from pytest_ssb.network_groups import IpPermission
from pytest_ssb.network_owners import stated_owner
from pytest_ssb.network_rules import prefix_list_source, world_open
from pytest_ssb.profiles import Profile
from pytest_ssb.reads.load_balancers import LoadBalancer, Target, TargetGroup
from pytest_ssb.reads.stores import Store


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """Rules that let something in which the check does not want, with the severity of each.

    `only_world`: nothing is wrong but what is another check's subject; `doubt` says why more may be. `settled`: nothing that could not be read can make it
    worse. `unwanted` is where these rules stand in the group; `lacking` what has to be let in before they are taken away.
    """

    bad: tuple[tuple[Severity, str], ...]
    only_world: bool
    settled: bool = True
    doubt: Exception | None = None
    declared: str | None = None
    chain: str = ""
    unwanted: tuple[Place, ...] = ()
    lacking: tuple[Admission, ...] = ()

    def left_to_world(self) -> bool:
        """Whether all is another check's subject. Raises why that cannot be told, where it cannot."""
        if self.only_world and self.doubt is not None:
            raise self.doubt
        return self.only_world

    @property
    def severity(self) -> Severity:
        """The worst of them."""
        return min((severity for severity, _ in self.bad), key=SEVERITIES.index)

    @property
    def reason(self) -> str:
        """All of them in words."""
        return "; ".join(dict.fromkeys(text for _, text in self.bad))

    @property
    def admitting(self) -> str:
        """The `--ip-permissions` that let in first what has to be, as JSON; an empty text if everything is let in already."""
        return admitting(self.lacking) if self.lacking else ""

    def revoking(self, group: SecurityGroup) -> str:
        """The `--ip-permissions` that take out of the group what nobody wants in it, as JSON."""
        return chosen(group.ip_permissions, self.unwanted)


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """What a security group guards as a target: the target group, the ports that it is reached on, and the load balancers that reach it."""

    target_group: TargetGroup
    ports: tuple[int, ...]
    balancers: tuple[LoadBalancer, ...]
    # Whether a Network Load Balancer among them passes its clients' addresses on; None where there is none without groups.
    keeps_client_addresses: bool | None


class DatabaseSources:
    """Who may reach the databases in security groups. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, network: Network, uses: Mapping[str, Sequence[GroupUse]], profile: Profile) -> None:
        self.network = network
        self._uses = uses
        self._profile = profile

    def of(self, group: SecurityGroup, databases: Sequence[Store], *, complete: bool) -> Sources:
        """Who may reach the databases of a group: other groups should, addresses should not. `complete`: no other database may be in it."""
        return _proven(self.network, group, lambda seen: self._of(seen, databases, complete))

    def _of(self, group: SecurityGroup, databases: Sequence[Store], complete: bool) -> Sources:
        ports = sorted({port for database in databases for port in database.ports})
        silent = ", ".join(database.name for database in databases if not database.ports)
        if not ports:
            raise Undecided(f"{silent} listens on no port yet")
        rules, world = self.network.ingress(group), _opened(self.network, group, ("tcp",), ports)
        bad: list[tuple[Severity, str]] = [("critical", str(each)) for each in world]
        unwanted: list[Place] = []
        declared = None
        for number, rule in enumerate(rules):
            reached = [port for port in ports if rule.covers("tcp", port)]
            # Who may reach what the whole internet may is no further harm.
            harm = any(not any(each.covers("tcp", port) for each in world) for port in reached)
            for label, blocks in rule.labelled if reached else ():
                entry = self._declared_range(blocks)
                if entry is not None:
                    declared = entry
                    continue
                unwanted.append((number, source_of(label)))
                if harm:
                    bad.append(("high" if any(map(is_public, blocks)) else "medium", f"{_ports(rule)} from {label}"))
            for each in rule.lists_of_aws if reached else ():
                unwanted.append((number, each.prefix_list_id))
                if harm:
                    bad.append(("high" if each.kind == "cloudfront" else "medium", f"{_ports(rule)} from {each}"))
        idle = [n for n, rule in enumerate(rules) if rule.protocol in ("tcp", "udp") and not any(rule.covers("tcp", port) for port in ports)]
        settled = not idle or (complete and not silent)
        if not settled and not bad:
            raise Undecided(
                f"{silent} listens on no port yet" if silent else f"{_ports(rules[idle[0]])} may be for a database that could not be read"
            )
        doubt: Exception | None = None
        if silent or not complete:
            doubt = Undecided("a database that could not be read may be reached by more than the internet")
        if any(rule.unsaid for rule in rules):
            doubt = Undecided("the ports of a rule are not told")
            if not bad:
                raise doubt
        alone = self._of_databases_alone(group, databases, needed=not bad) if idle and settled else False
        if isinstance(alone, Exception):
            doubt = alone
        elif alone:
            bad += [("low", f"{_ports(rules[number])} of no use to a database") for number in idle]
            unwanted += [(number, source) for number in idle for source in sources_of(group.ip_permissions[number])]
        return Sources(
            bad=tuple(bad),
            only_world=settled and bool(world) and len(bad) == len(world) and self.network.own(group),
            settled=settled,
            doubt=doubt,
            declared=declared,
            chain=self._chain(rules, ports),
            unwanted=tuple(unwanted),
        )

    def _declared_range(self, blocks: Sequence[str]) -> str | None:
        ranges = self._profile.network.database_cidrs
        if not blocks or not all(within(block, ranges) for block in blocks):
            return None
        used = [ranges.use(entry) for entry in ranges if any(within(block, [entry]) or within(entry, [block]) for block in blocks)]
        return used[0]

    def _of_databases_alone(self, group: SecurityGroup, databases: Sequence[Store], *, needed: bool) -> bool | Exception:
        try:
            return not self.others(group, databases)
        except Exception as error:
            if needed:
                raise
            return error

    def others(self, group: SecurityGroup, databases: Sequence[Store]) -> list[str]:
        """What is in the group beside databases, by name."""
        return [name for kind, name in self._users(group.group_id) if kind not in _OF_DATABASES and not (kind == "service" and _of(name, databases))]

    def lets_out(self, group: SecurityGroup) -> OpenPorts | None:
        """The rule by which the group lets out all traffic to anywhere, None if none does. One that is proven counts, whatever else can't be resolved."""
        try:
            return _everything(self.network.egress(group))
        except Exception:
            known = tuple(_resolved(self.network, permission) for permission in group.ip_permissions_egress)
            found = _everything(self.network.egress(msgspec.structs.replace(group, ip_permissions_egress=known)))
            if found is None:
                raise
            return found

    def closing(self, group: SecurityGroup) -> str:
        """The `--ip-permissions` that take the rules for all traffic out of the group's outbound ones, as JSON."""
        return parts(each for each in group.ip_permissions_egress if each.ip_protocol == "-1")

    def _chain(self, rules: Iterable[Rule], ports: Iterable[int]) -> str:
        """Which groups may reach these ports, and who is in them."""
        groups = [source.group_id for rule in rules if any(rule.covers("tcp", port) for port in ports) for source in rule.groups]
        return "; ".join(f"{group} <- {self._names(group)}" for group in dict.fromkeys(groups))

    def _names(self, group_id: str) -> str:
        try:
            names = list(dict.fromkeys(name for _, name in self._users(group_id)))
        except Exception:  # noqa: BLE001 - of whatever kind the read's error is; no verdict rests on it
            return "unknown"
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "") if names else "nobody"

    def _users(self, group_id: str) -> list[tuple[str, str]]:
        """What is in a group, as kinds and names."""
        shown = [(interface, stated_owner(interface)) for interface in self.network.interfaces_with(group_id)]
        found = [(owner.kind, owner.name) if owner else ("interface", interface.network_interface_id) for interface, owner in shown]
        return found + [(use.kind, use.name or use.arn.rpartition("/")[2]) for use in self._uses.get(group_id, ())]


class TargetSources:
    """Who may reach load balancers' targets. Its methods raise where the answer rests on what could not be read."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def of(self, group: SecurityGroup, uses: Iterable[Behind], *, complete: bool) -> Sources:
        """Who, beside the load balancers, may reach what a group guards as a target, on its traffic and health-check ports: the internet, a public
        range, or the whole VPC. `complete`: it guards no other target.
        """
        found = [_proven(self.network, group, functools.partial(self._of, behind=each)) for each in uses]
        wrong = [each for each in found if each.bad]
        settled = complete and all(each.settled for each in found)
        return Sources(
            bad=tuple(each for sources in wrong for each in sources.bad),
            only_world=settled and bool(wrong) and all(each.only_world for each in wrong),
            settled=settled,
            unwanted=tuple(each for sources in wrong for each in sources.unwanted),
            lacking=tuple(each for sources in wrong for each in sources.lacking),
        )

    def _of(self, group: SecurityGroup, behind: Behind) -> Sources:
        protocols, ports = behind.target_group.protocols, sorted(set(behind.ports))
        rules, world = self.network.ingress(group), _opened(self.network, group, protocols, ports)
        without_groups = [balancer for balancer in behind.balancers if balancer.without_groups]
        # Clients keep their addresses on their way through such a load balancer, and it has no group to name: the targets must let them in.
        clients = without_groups if behind.keeps_client_addresses else []
        if any(balancer.internet_facing for balancer in clients):
            world = []
        bad: list[tuple[Severity, str]] = [("high", str(each)) for each in world]
        unwanted: list[Place] = []
        vpc = self.network.vpc(group.vpc_id)
        subnets = [self.network.subnet(zone.subnet_id) for balancer in without_groups for zone in balancer.availability_zones]
        own = [cidr for subnet in subnets for cidr in subnet.cidrs]
        for number, rule in enumerate(rules):
            if not any(rule.covers(protocol, port) for protocol, port in product(protocols, ports)):
                continue
            for label, blocks in rule.labelled:
                if any(label in each.sources for each in world):
                    unwanted.append((number, source_of(label)))
                if clients or is_internet(blocks) or all(within(block, own) for block in blocks):
                    continue
                if any(map(is_public, blocks)) or any(within(cidr, blocks) for cidr in vpc.cidrs):
                    bad.append(("medium", f"{_ports(rule)} from {label}"))
                    unwanted.append((number, source_of(label)))
            for each in rule.lists_of_aws:
                if each.kind == "cloudfront" and not clients:
                    bad.append(("medium", f"{_ports(rule)} from {each}"))
                    unwanted.append((number, each.prefix_list_id))
        # Without groups to name, their subnets; where clients keep their addresses, the VPC that these are in.
        needed = [*(group_id for balancer in behind.balancers for group_id in balancer.security_groups), *(vpc.cidrs if clients else own)]
        asked = product(protocols, ports, dict.fromkeys(needed))
        return Sources(
            bad=tuple(bad),
            only_world=bool(world) and len(bad) == len(world) and self.network.own(group),
            unwanted=tuple(unwanted),
            lacking=tuple(admission for admission in asked if not _admits(rules, admission, unwanted)) if bad else (),
        )


# Whose network interfaces are databases' own, by the kinds of what owns them and of what names a group.
_OF_DATABASES = ("rds", "cache", "redshift")


def _of(description: str, databases: Sequence[Store]) -> bool:
    """Whether a service's interface is of one of these, which it then names: `ES products`."""
    names = {name for each in databases for name in (each.name, each.arn, each.arn.rpartition(":")[2])}
    return any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", description) for name in names)


def _everything(rules: Sequence[Rule]) -> OpenPorts | None:
    return next((each for each in world_open(rules) if each.protocol == "all"), None)


def source_of(label: str) -> str:
    """The source that a reason names: a prefix list is named with its name behind it."""
    return label.partition(" ")[0]


def interfaces_of(network: Network, target: Target, group: TargetGroup | None) -> list[NetworkInterface]:
    """The network interfaces of a target: of an instance, or the one that has the address; none if it is not in this account's sight.

    A Classic Load Balancer has no target groups, and instances only.
    """
    if group is None or group.target_type == "instance":
        # The primary one gets the traffic: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
        found = network.interfaces_of_instance(target.id)
        return [each for each in found if each.attachment and each.attachment.device_index in (0, None)]
    return [
        interface
        for interface in network.interfaces_of(group.vpc_id or "")
        if any(address.private_ip_address == target.id for address in interface.private_ip_addresses)
        or any(address.ipv6_address == target.id for address in interface.ipv6_addresses)
    ]


def _proven(network: Network, group: SecurityGroup, judge: Callable[[SecurityGroup], Sources]) -> Sources:
    """The judgement on a group; where a prefix list could not be read, on its other rules, if these are bad already."""
    try:
        return judge(group)
    except Exception:
        known = tuple(_resolved(network, permission) for permission in group.ip_permissions)
        sources = judge(msgspec.structs.replace(group, ip_permissions=known))
        if sources.bad:
            # The list may let in worse.
            return msgspec.structs.replace(sources, settled=False, only_world=False)
        raise


def _resolved(network: Network, permission: IpPermission) -> IpPermission:
    known = tuple(each for each in permission.prefix_list_ids if _is_known(network, each.prefix_list_id))
    return msgspec.structs.replace(permission, prefix_list_ids=known)


def _is_known(network: Network, prefix_list_id: str) -> bool:
    try:
        prefix_list_source(network.prefix_list(prefix_list_id))
    except Exception:  # noqa: BLE001 - of whatever kind the read's error is; it is raised where it decides
        return False
    return True


def _opened(network: Network, group: SecurityGroup, protocols: Iterable[str], ports: Iterable[int]) -> list[OpenPorts]:
    """Which of these ports the group opens to the internet."""
    asked = list(product(protocols, ports))
    return [each for each in network.world_open(group) if any(each.covers(protocol, port) for protocol, port in asked)]


def _admits(rules: Sequence[Rule], admission: Admission, unwanted: Sequence[Place]) -> bool:
    """Whether the rules let that in also without what is not wanted in them."""
    protocol, port, source = admission
    for number, rule in enumerate(rules):
        if rule.covers(protocol, port):
            left = [block for label, blocks in rule.labelled if (number, source_of(label)) not in unwanted for block in blocks]
            if any(each.group_id == source for each in rule.groups) or (not source.startswith("sg-") and within(source, left)):
                return True
    return False


def _ports(rule: Rule) -> str:
    if rule.protocol == "all":
        return "all traffic"
    return f"{rule.protocol} {rule.from_port}" if rule.from_port == rule.to_port else f"{rule.protocol} {rule.from_port}-{rule.to_port}"
