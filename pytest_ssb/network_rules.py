"""Security group rules made comparable, and what the union of a group's rules opens.

A group has no order and no denies: what it admits is the union of its rules. So "open to the internet" is asked of every port, over the
sources of all rules that cover it: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from pytest_ssb.cidrs import is_internet, is_public
from pytest_ssb.network_groups import IpPermission, ManagedPrefixList
from pytest_ssb.network_types import Unknown

ALL_PORTS = (0, 65535)
_NAMES = {"-1": "all", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
_ICMP = ("icmp", "icmpv6")
# AWS-managed lists by the end of their name, for the part before it has the region or partition in it:
# https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
_CLOUDFRONT = ".cloudfront.origin-facing"
_SERVICES = (".s3", ".dynamodb", ".s3express", ".vpc-lattice", ".ec2-instance-connect", ".route53-healthchecks", ".groundstation")


class PrefixListSource(msgspec.Struct, frozen=True, kw_only=True):
    """A prefix list that a rule names, and what is behind it; AWS's own lists have no blocks here, they are never the internet."""

    prefix_list_id: str
    name: str
    kind: Literal["customer", "cloudfront", "aws_service"]
    cidrs: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.prefix_list_id} ({self.name})"


class GroupSource(msgspec.Struct, frozen=True, kw_only=True):
    """A security group that a rule names."""

    group_id: str
    account: str | None  # None: the group was deleted
    vpc_id: str | None  # None: the same VPC
    peering_id: str | None  # None: not over a peering


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: protocol (tcp, udp, icmp, icmpv6, all, or a number), ports, and sources (for an egress rule: destinations).

    Ports of tcp and udp are 0-65535 where the rule says none or -1. For icmp and icmpv6, `from_port` is the type and `to_port` the code,
    -1 for all. Every other protocol has all ports, whatever the rule says.
    """

    protocol: str
    from_port: int
    to_port: int
    cidrs: tuple[str, ...] = ()
    prefix_lists: tuple[PrefixListSource, ...] = ()
    groups: tuple[GroupSource, ...] = ()
    # A rule of tcp or udp of which a port was not told. That it is for all of them is enough for a FAIL, and never for a PASS.
    unsaid: bool = False

    @property
    def all_ports(self) -> bool:
        """Whether it covers every port of its protocol (for ICMP: every type)."""
        return self.from_port == -1 if self.protocol in _ICMP else (self.from_port, self.to_port) == ALL_PORTS

    @property
    def blocks(self) -> tuple[str, ...]:
        """All its address blocks, those in the customer's prefix lists included."""
        return (*self.cidrs, *(cidr for each in self.prefix_lists for cidr in each.cidrs))

    @property
    def labelled(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each source of addresses as a reason names it, with its blocks."""
        yield from ((cidr, (cidr,)) for cidr in self.cidrs)
        yield from ((str(each), each.cidrs) for each in self.prefix_lists if each.kind == "customer")

    @property
    def lists_of_aws(self) -> tuple[PrefixListSource, ...]:
        """Its sources of addresses that are AWS's own lists."""
        return tuple(each for each in self.prefix_lists if each.kind != "customer")

    def covers(self, protocol: str, port: int) -> bool:
        """Whether it admits that port (for icmp and icmpv6: that type) of that protocol."""
        if self.protocol == "all":
            return True
        if self.protocol != protocol:
            return False
        return self.from_port in (-1, port) if protocol in _ICMP else self.from_port <= port <= self.to_port


class OpenPorts(msgspec.Struct, frozen=True, kw_only=True):
    """Ports that the internet may reach, by `sources` alone or together. Protocol "all" stands for every protocol and port."""

    protocol: str
    from_port: int
    to_port: int
    sources: tuple[str, ...]

    @property
    def all_ports(self) -> bool:
        """Whether every port of the protocol is open."""
        return (self.from_port, self.to_port) == ALL_PORTS

    def covers(self, protocol: str, port: int) -> bool:
        """Whether that port is among them."""
        return self.protocol in ("all", protocol) and self.from_port <= port <= self.to_port

    def __str__(self) -> str:
        ports = "all ports" if self.all_ports else f"{self.from_port}" if self.from_port == self.to_port else f"{self.from_port}-{self.to_port}"
        what = (
            "all traffic"
            if self.protocol == "all"
            else f"{self.protocol} {ports}"
            if self.protocol in ("tcp", "udp")
            else f"protocol {self.protocol}"
        )
        return f"{what} from {_some(self.sources)}"


class OpenIcmp(msgspec.Struct, frozen=True, kw_only=True):
    """ICMP messages that the internet may send; -1 is every type or code."""

    protocol: Literal["icmp", "icmpv6"]
    type: int
    code: int
    sources: tuple[str, ...]

    @property
    def harmless(self) -> bool:
        """Whether it is what networks need to work: ICMPv6, and ICMP echo and unreachable."""
        return self.protocol == "icmpv6" or self.type in (0, 3, 8)

    def __str__(self) -> str:
        return f"{self.protocol} {'all types' if self.type == -1 else f'type {self.type}'} from {_some(self.sources)}"


class PublicSource(msgspec.Struct, frozen=True, kw_only=True):
    """A public block that is not the internet, and the ports it may reach."""

    protocol: str
    from_port: int
    to_port: int
    cidr: str
    prefix_list_id: str | None = None


def prefix_list_source(prefix_list: ManagedPrefixList) -> PrefixListSource:
    """What stands behind a prefix list; raises for one of AWS's that is not known, and where the customer's entries were not read."""
    name = prefix_list.prefix_list_name
    kind: Literal["customer", "cloudfront", "aws_service"] = "customer"
    if prefix_list.aws_owned:
        if not name.endswith((_CLOUDFRONT, *_SERVICES)):
            raise Unknown(f"AWS's prefix list {name} is not known to this tool")
        kind = "cloudfront" if name.endswith(_CLOUDFRONT) else "aws_service"
    cidrs = prefix_list.cidrs if kind == "customer" else ()
    return PrefixListSource(prefix_list_id=prefix_list.prefix_list_id, name=name, kind=kind, cidrs=cidrs)


def rules(permissions: Iterable[IpPermission], resolve: Callable[[str], PrefixListSource | None]) -> list[Rule]:
    """EC2's permissions as rules; `resolve` tells what a prefix list is, None leaves it out."""
    return [_rule(permission, resolve) for permission in permissions]


def _rule(permission: IpPermission, resolve: Callable[[str], PrefixListSource | None]) -> Rule:
    protocol = _NAMES.get(permission.ip_protocol.lower(), permission.ip_protocol.lower())
    start = -1 if permission.from_port is None else permission.from_port
    end = -1 if permission.to_port is None else permission.to_port
    if protocol not in _ICMP and (protocol not in ("tcp", "udp") or -1 in (start, end)):
        start, end = ALL_PORTS
    unsaid = protocol in ("tcp", "udp") and None in (permission.from_port, permission.to_port)
    lists = (resolve(each.prefix_list_id) for each in permission.prefix_list_ids)
    return Rule(
        protocol=protocol,
        from_port=start,
        to_port=end,
        cidrs=(*(each.cidr_ip for each in permission.ip_ranges), *(each.cidr_ipv6 for each in permission.ipv6_ranges)),
        prefix_lists=tuple(each for each in lists if each is not None),
        groups=tuple(
            GroupSource(group_id=pair.group_id, account=pair.user_id, vpc_id=pair.vpc_id, peering_id=pair.vpc_peering_connection_id)
            for pair in permission.user_id_group_pairs
        ),
        unsaid=unsaid,
    )


def world_open(of: Sequence[Rule]) -> list[OpenPorts]:
    """The ports that the union of the rules opens to the internet, ICMP apart; every protocol open is one answer, not repeated for each."""
    addressed = [rule for rule in of if rule.cidrs or rule.prefix_lists]
    every = [rule for rule in addressed if rule.protocol == "all"]
    if _open(every):
        return [OpenPorts(protocol="all", from_port=ALL_PORTS[0], to_port=ALL_PORTS[1], sources=_sources(every))]
    found: list[OpenPorts] = []
    for protocol in dict.fromkeys(rule.protocol for rule in addressed if rule.protocol not in ("all", *_ICMP)):
        own = [rule for rule in addressed if rule.protocol == protocol]
        # Between two neighbouring boundaries every port is covered by the same rules.
        cuts = sorted({rule.from_port for rule in own} | {rule.to_port + 1 for rule in own})
        for start, after in pairwise(cuts):
            covering = [rule for rule in own if rule.from_port <= start < rule.to_port + 1]
            if not covering or not _open([*every, *covering]):
                continue
            sources = _sources([*every, *covering])
            if found and found[-1].protocol == protocol and found[-1].to_port == start - 1:
                last = found.pop()
                start, sources = last.from_port, tuple(dict.fromkeys((*last.sources, *sources)))
            found.append(OpenPorts(protocol=protocol, from_port=start, to_port=after - 1, sources=sources))
    return found


def world_open_icmp(of: Sequence[Rule]) -> list[OpenIcmp]:
    """The ICMP and ICMPv6 messages that the union of the rules admits from the internet, where not all traffic is."""
    every = [rule for rule in of if rule.protocol == "all"]
    if _open(every):
        return []
    found = []
    for protocol in ("icmp", "icmpv6"):
        own = [rule for rule in of if rule.protocol == protocol]
        for kind, code in dict.fromkeys((rule.from_port, rule.to_port) for rule in own):
            covering = [rule for rule in own if rule.from_port in (-1, kind) and (rule.from_port == -1 or rule.to_port in (-1, code))]
            if _open([*every, *covering]):
                found.append(OpenIcmp(protocol=protocol, type=kind, code=code, sources=_sources([*every, *covering])))
    return found


def public_sources(of: Sequence[Rule]) -> list[PublicSource]:
    """The public blocks that are not the internet, with the ports they may reach; where the world may, too, it is `world_open`'s."""
    opened, messages = world_open(of), world_open_icmp(of)
    found: list[PublicSource] = []
    for rule in of:
        if rule.protocol in _ICMP:
            judged = any(each.protocol == "all" for each in opened) or any(
                each.protocol == rule.protocol and each.type in (-1, rule.from_port) and (each.type == -1 or each.code in (-1, rule.to_port))
                for each in messages
            )
        else:
            judged = any(each.covers(rule.protocol, rule.from_port) and each.covers(rule.protocol, rule.to_port) for each in opened)
        if judged:
            continue
        named: list[tuple[str, str | None]] = [(cidr, None) for cidr in rule.cidrs]
        named += [(cidr, each.prefix_list_id) for each in rule.prefix_lists for cidr in each.cidrs]
        found += [
            PublicSource(protocol=rule.protocol, from_port=rule.from_port, to_port=rule.to_port, cidr=cidr, prefix_list_id=of_list)
            for cidr, of_list in named
            if is_public(cidr) and not is_internet([cidr])
        ]
    return list(dict.fromkeys(found))


def _open(of: Iterable[Rule]) -> bool:
    return is_internet(cidr for rule in of for cidr in rule.blocks)


def _sources(of: Iterable[Rule]) -> tuple[str, ...]:
    """The sources that are the internet each by itself; where none is, all that are public, for then they are it together."""
    named = dict(label for rule in of for label in rule.labelled)
    alone = tuple(label for label, cidrs in named.items() if is_internet(cidrs))
    return alone or tuple(label for label, cidrs in named.items() if any(map(is_public, cidrs)))


def _some(sources: tuple[str, ...]) -> str:
    return ", ".join(sources[:3]) + (f" and {len(sources) - 3} more" if len(sources) > 3 else "")
