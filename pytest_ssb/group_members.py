"""What is in which security groups, and what of it was left in a default one: pure judgements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_ssb.network import GroupUse, Network, NetworkInterface
from pytest_ssb.network_owners import stated_owner
from pytest_ssb.network_types import Unknown
from pytest_ssb.reads.group_sources import GroupsOf
from pytest_ssb.unread import error_of

INTERFACE = "AWS::EC2::NetworkInterface"
# Of load balancers, by what stands in their ARNs between the slashes: a Classic one has nothing there.
_BALANCER, _CLASSIC = "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancing::LoadBalancer"


@dataclass(frozen=True)
class Member:
    """Something that is in security groups: its type in AWS's words, and the groups; `error` in their place where they could not be read.

    `item` tells apart what is said of the whole account. `manager` is the service that alone can change it.
    """

    arn: str
    type: str
    groups: tuple[str, ...] = ()
    error: Exception | None = None
    item: str | None = None
    manager: str | None = None


class GroupMembers:
    """What is in security groups: network interfaces that customers make, load balancers, functions and databases."""

    def __init__(
        self, network: Network, interfaces: Sequence[NetworkInterface], uses: Mapping[str, Sequence[GroupUse]], databases: GroupsOf, account: str
    ) -> None:
        self._network = network
        self._members = [
            *_or_one_error(interfaces, "network interfaces", account, _of_interfaces),
            *_or_one_error(uses, "load balancers and functions", account, _of_uses),
            *_or_one_error(databases, "databases", account, _of_databases),
        ]

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members)

    @property
    def nothing(self) -> bool:
        """Whether it is known that there is none."""
        return not self._members

    def defaults(self, member: Member) -> list[str]:
        """The default groups that something is in. One that is proven counts, whatever is not known of the others."""
        if member.error is not None:
            raise member.error
        found, unknown = [], []
        for group in member.groups:
            try:
                if self._network.security_group(group).is_default:
                    found.append(group)
            except Exception as error:  # noqa: BLE001 - of whatever kind the read's error is: raised below, unless another group is proven
                unknown.append(error)
        if unknown and not found:
            raise unknown[0]
        return found


def _or_one_error(answer: Any, what: str, account: str, members: Callable[[Any], Iterable[Member]]) -> Iterable[Member]:
    error = error_of(answer)
    return [Member(account, "AWS::::Account", error=error, item=what)] if error is not None else members(answer)


def _of_interfaces(interfaces: Sequence[NetworkInterface]) -> Iterator[Member]:
    """Interfaces whose groups a customer chooses: those of services come and go with what is judged itself."""
    for each in interfaces:
        error = error_of(each)
        if error is not None:
            yield Member(each.arn, INTERFACE, error=error)
        elif not each.requester_managed or _is_task(each):
            manager = each.operator.principal if each.operator and each.operator.managed else None
            yield Member(each.arn, INTERFACE, each.group_ids, manager=manager)


def _is_task(interface: NetworkInterface) -> bool:
    try:
        owner = stated_owner(interface)
    except Unknown:
        return False
    return owner is not None and owner.kind == "ecs_task"


def _of_uses(uses: Mapping[str, Sequence[GroupUse]]) -> Iterator[Member]:
    groups: dict[tuple[str, str], list[str]] = {}
    for group, found in uses.items():
        for use in found:
            if use.kind in ("load_balancer", "lambda"):
                groups.setdefault((use.arn, use.kind), []).append(group)
    for (arn, kind), names in groups.items():
        balancer = _BALANCER if arn.count("/") > 1 else _CLASSIC
        yield Member(arn, "AWS::Lambda::Function" if kind == "lambda" else balancer, tuple(names))


def _of_databases(databases: GroupsOf) -> Iterator[Member]:
    for missing in databases.missing:
        yield Member(missing.arn, missing.type, error=missing.error, item=missing.item)
    types = {store.arn: store.type for stores in databases.values() for store in stores}
    groups: dict[str, list[str]] = {}
    for group, stores in databases.items():
        for store in stores:
            groups.setdefault(store.arn, []).append(group)
    for arn, names in groups.items():
        yield Member(arn, types[arn], tuple(names))
