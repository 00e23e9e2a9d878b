"""What uses the VPCs, subnets and security groups of a region, and what nothing uses.

Pure: built from what was read, asks nothing. A use that is proven counts whatever else could not be read; that there is none is said only where
everything was read that could show one. What is missing raises its own error, as in `Network`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol, TypeVar

import msgspec

from pytest_ssb.network import Network
from pytest_ssb.network_groups import NetworkInterface, SecurityGroup
from pytest_ssb.network_links import VpcEndpoint, VpcPeeringConnection, VpnGateway
from pytest_ssb.network_types import NatGateway, Resource, Subnet, Unknown, Vpc
from pytest_ssb.unread import Index, error_of, unread

R = TypeVar("R", bound=Resource)
T = TypeVar("T")


class VpcLinks(msgspec.Struct, frozen=True, kw_only=True):
    """What makes use of a VPC, whether or not it has a network interface there. Each list may be unread."""

    endpoints: Sequence[VpcEndpoint]
    nat_gateways: Sequence[NatGateway]
    peerings: Sequence[VpcPeeringConnection]
    vpn_gateways: Sequence[VpnGateway]


class User(msgspec.Struct, frozen=True, kw_only=True):
    """What names subnets or security groups in its own settings, with or without a network interface now."""

    name: str
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    # Of the default VPC, where groups may go by their names.
    group_names: tuple[str, ...] = ()
    # False for a mere list of subnets, in which nothing need ever run.
    runs: bool = True


class SubnetUse(msgspec.Struct, frozen=True, kw_only=True):
    """The subnets of a VPC: in use, not in use but sharing a route table with one that is, and neither."""

    used: tuple[Subnet, ...]
    beside: tuple[Subnet, ...]
    unused: tuple[Subnet, ...]

    @property
    def total(self) -> int:
        """How many they are."""
        return len(self.used) + len(self.beside) + len(self.unused)


class Reserved(Protocol):
    """What the user keeps though nothing uses it: selectors of the profile."""

    def match(self, arn: str, tags: Mapping[str, str]) -> str | None: ...


def first_use(*asked: Callable[[], str | None]) -> str | None:
    """The first use that one of these proves, None if all say that there is none. Raises what one of them raised where no other proves a use."""
    errors = []
    for ask in asked:
        try:
            found = ask()
        except Exception as error:  # noqa: BLE001 - of whatever kind the read's error is: it is raised below, unless another proves a use
            errors.append(error)
            continue
        if found is not None:
            return found
    if errors:
        raise errors[0]
    return None


def _maker_of(group: SecurityGroup) -> str | None:
    # https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-man-sec-groups.html
    if group.group_name.startswith("ElasticMapReduce-") or any(key.startswith("aws:elasticmapreduce:") for key in group.tags):
        return "Amazon EMR"
    # https://docs.aws.amazon.com/directoryservice/latest/admin-guide/ms_ad_best_practices.html
    return "AWS Directory Service" if group.description.startswith("AWS created security group for d-") else None


class VpcUse:
    """Which of the account's VPCs are in use, by what EC2 alone tells: their interfaces, and what connects them. Enough for a default VPC."""

    def __init__(self, account: str, vpcs: Sequence[Vpc], interfaces: Sequence[NetworkInterface], links: VpcLinks | None = None) -> None:
        self.account = account
        self.vpcs = vpcs
        self._interfaces = interfaces
        nobody = unread(Unknown("what connects VPCs was not asked for"))
        self._links = links or VpcLinks(endpoints=nobody, nat_gateways=nobody, peerings=nobody, vpn_gateways=nobody)

    def own(self, vpc: Vpc) -> bool:
        """Whether it is this account's, not one that is shared with it."""
        return vpc.owner_id == self.account

    @property
    def idle(self) -> bool:
        """Whether no network interface is in use in the whole region."""
        return not any(each.status != "available" for each in self._interfaces)

    @property
    def without_interface(self) -> list[Vpc]:
        """The account's VPCs of which it is not known that an interface is in use there."""
        return [vpc for vpc in self.vpcs if error_of(vpc) is None and self.own(vpc) and not self._has_interface(vpc)]

    def _has_interface(self, vpc: Vpc) -> bool:
        try:
            return self._by_interface(vpc.vpc_id) is not None
        except Exception:  # noqa: BLE001 - of whatever kind the read's error is: whoever judges the VPC meets it again
            return False

    def of(self, vpc: Vpc) -> str | None:
        """What uses a VPC, None if nothing does."""
        links, vpc_id = self._links, vpc.vpc_id
        return first_use(
            lambda: self._by_interface(vpc_id),
            lambda: _linked(links.nat_gateways, lambda each: (each.vpc_id,) if each.exists else (), vpc_id),
            lambda: _linked(links.endpoints, lambda each: (each.vpc_id,) if each.exists else (), vpc_id),
            lambda: _linked(links.peerings, lambda each: each.vpc_ids, vpc_id),
            lambda: _linked(links.vpn_gateways, lambda each: each.vpc_ids, vpc_id),
        )

    @property
    def defaults(self) -> list[Vpc]:
        """The default VPC, one at most, and what could not be read, for it may be that."""
        return [vpc for vpc in self.vpcs if error_of(vpc) or vpc.is_default]

    @property
    def others(self) -> list[Vpc]:
        """The VPCs that somebody made, and what could not be read, for it may be one."""
        return [vpc for vpc in self.vpcs if error_of(vpc) or not vpc.is_default]

    def fails(self, vpc_id: str, reserved: Reserved) -> bool:
        """Whether that is a default VPC which has to go: nothing uses it, and nobody keeps it on purpose."""
        vpc = self._of_id.get(vpc_id)
        return vpc is not None and vpc.is_default and self.of(vpc) is None and not reserved.match(vpc.arn, vpc.tags)

    def looked_for(self, vpc: Vpc) -> str:
        """What was looked for in a VPC that is not in use, and what was found in place of it."""
        left_over = self.left_over(vpc)
        only = f" but the left-over {', '.join(left_over)}" if left_over else ""
        return f"no network interface{only}, NAT gateway, endpoint, peering connection or VPN gateway"

    @cached_property
    def _of_id(self) -> Index[str, Vpc]:
        return Index(self.vpcs, lambda each: (each.vpc_id,))

    def left_over(self, vpc: Vpc) -> list[str]:
        """The interfaces in a VPC that are attached to nothing."""
        return [each.network_interface_id for each in self._interfaces if each.vpc_id == vpc.vpc_id and each.status == "available"]

    def _by_interface(self, vpc_id: str) -> str | None:
        if self._in_use.get(vpc_id) is None:
            return None
        number = self._numbers[vpc_id]
        return f"{number} network interface{'s' if number > 1 else ''}"

    @cached_property
    def _in_use(self) -> Index[str, NetworkInterface]:
        return Index(self._interfaces, lambda each: (each.vpc_id,) if each.status != "available" else ())

    @cached_property
    def _numbers(self) -> Counter[str]:
        return Counter(each.vpc_id for each in self._interfaces if error_of(each) is None and each.status != "available")


def _linked(links: Iterable[R], vpcs_of: Callable[[R], Iterable[str]], vpc_id: str) -> str | None:
    found = Index(links, vpcs_of).get(vpc_id)
    return None if found is None else found.arn.rpartition("/")[2]


class NetworkUse:
    """What uses a region's VPCs, subnets and groups, those included that EC2 itself does not tell of.

    `network` needs VPCs, subnets, groups, interfaces and, where a subnet is to be called unused, route tables. `users` None: not asked for;
    `asked` are the services that tell of them.
    """

    def __init__(self, vpc_use: VpcUse, network: Network, users: Sequence[User] | None = None, asked: Sequence[str] = ()) -> None:
        self.vpcs = vpc_use
        self.asked = asked
        self.network = network
        self._users: Sequence[User] = users if users is not None else unread(Unknown("what else uses the network was not asked for"))

    def of_vpc(self, vpc: Vpc) -> str | None:
        """What uses a VPC, None if nothing does. A default VPC is looked for in EC2 alone: `create-default-vpc` would bring it back."""
        if vpc.is_default:
            return self.vpcs.of(vpc)
        return first_use(lambda: self.vpcs.of(vpc), lambda: self._user(self._users_of_vpc, vpc.vpc_id))

    def fails(self, vpc_id: str, reserved: Reserved) -> bool:
        """Whether that is a VPC of the account's own making which has to go: nothing uses it, and nobody keeps it on purpose."""
        vpc = self.network.vpc(vpc_id)
        return self.vpcs.own(vpc) and not vpc.is_default and self.of_vpc(vpc) is None and not reserved.match(vpc.arn, vpc.tags)

    def of_group(self, group: SecurityGroup) -> str | None:
        """What uses a security group, None if nothing does; its own rules don't."""
        return first_use(
            lambda: _named(self._interfaces_of_group.get(group.group_id)),
            lambda: _rule_of(self.network.group_naming(group.group_id)),
            lambda: self._user(self._users_of_group, group.group_id),
        )

    def maker_of(self, group: SecurityGroup) -> str | None:
        """The service that makes such groups and takes them away again, None if people do."""
        return _maker_of(group)

    def left_over_with(self, group: SecurityGroup) -> list[str]:
        """The interfaces with a group that are attached to nothing."""
        return [each.network_interface_id for each in self.network.interfaces_with(group.group_id)]

    def of_subnets(self, vpc: Vpc) -> SubnetUse:
        """Which of a VPC's subnets are in use. Raises where none is proven to be unused, and of one it can't be told."""
        used: list[Subnet] = []
        free: list[Subnet] = []
        not_told: Exception | None = None
        for subnet in self.network.subnets_of(vpc.vpc_id):
            try:
                (free if self._of_subnet(subnet) is None else used).append(subnet)
            except Exception as error:  # noqa: BLE001 - of whatever kind the read's error is: raised below, unless its neighbours settle it
                not_told = error
                free.append(subnet)
        beside: list[Subnet] = []
        unused: list[Subnet] = []
        not_placed: Exception | None = None
        for subnet in free:
            try:
                (beside if self._shares_table(subnet, used) else unused).append(subnet)
            except Exception as error:  # noqa: BLE001 - raised below, unless another subnet is proven to be unused
                not_placed = error
        if not_told is not None and unused:
            raise not_told
        if not_placed is not None and not unused:
            raise not_told or not_placed
        return SubnetUse(used=tuple(used), beside=tuple(beside), unused=tuple(unused))

    def _shares_table(self, subnet: Subnet, others: Iterable[Subnet]) -> bool:
        mine = self.network.effective_route_table(subnet.subnet_id).table.route_table_id
        return any(self.network.effective_route_table(each.subnet_id).table.route_table_id == mine for each in others)

    def _of_subnet(self, subnet: Subnet) -> str | None:
        return first_use(
            lambda: _named(self._interfaces_of_subnet.get(subnet.subnet_id)),
            lambda: self._user(self._users_of_subnet, subnet.subnet_id),
        )

    # What has to be asked for before everything can be told.

    @property
    def open_vpcs(self) -> bool:
        """Whether a VPC that somebody made may have to be called unused."""
        return _open((vpc for vpc in self._own_vpcs if not vpc.is_default), self.of_vpc)

    @property
    def open_subnets(self) -> bool:
        """Whether a subnet may have to be called unused."""
        return _open(self._vpcs_to_look_into, self.of_subnets)

    @property
    def open_groups(self) -> bool:
        """Whether a group may have to be called unused."""
        return _open((group for group in self.judged_groups if self._may_fail(group)), self.of_group)

    @property
    def judged_groups(self) -> list[SecurityGroup]:
        """The groups that the account made, and what could not be read, for it may be one."""
        return [each for each in self.network.security_groups if error_of(each) or not each.is_default]

    def _may_fail(self, group: SecurityGroup) -> bool:
        return error_of(group) is None and self.network.own(group) and _maker_of(group) is None

    @property
    def _own_vpcs(self) -> Iterator[Vpc]:
        vpcs = () if error_of(self.vpcs.vpcs) else self.vpcs.vpcs
        return (vpc for vpc in vpcs if error_of(vpc) is None and self.vpcs.own(vpc))

    @property
    def _vpcs_to_look_into(self) -> Iterator[Vpc]:
        """The VPCs that are in use, or may be found to be: the subnets of the others go with them."""
        return (vpc for vpc in self._own_vpcs if not vpc.is_default or self._is_used(vpc))

    def _is_used(self, vpc: Vpc) -> bool:
        try:
            return self.vpcs.of(vpc) is not None
        except Exception:  # noqa: BLE001 - of whatever kind the read's error is: whoever judges the VPC meets it again
            return False

    # Who names what.

    def _user(self, index: Index[str, User], key: str) -> str | None:
        found = index.get(key)
        return None if found is None else found.name

    @cached_property
    def _interfaces_of_group(self) -> Index[str, NetworkInterface]:
        return Index(self.network.network_interfaces, lambda each: each.group_ids if each.status != "available" else ())

    @cached_property
    def _interfaces_of_subnet(self) -> Index[str, NetworkInterface]:
        return Index(self.network.network_interfaces, lambda each: each.subnet_ids if each.status != "available" else ())

    @cached_property
    def _users_of_subnet(self) -> Index[str, User]:
        return Index(self._users, lambda each: each.subnets)

    @cached_property
    def _users_of_group(self) -> Index[str, User]:
        return Index(self._users, lambda each: (*each.groups, *self._called(each.group_names)))

    @cached_property
    def _users_of_vpc(self) -> Index[str, User]:
        subnets = Index(self.network.subnets, lambda each: (each.subnet_id,))
        groups = Index(self.network.security_groups, lambda each: (each.group_id,))

        def places(user: User) -> set[str]:
            found = [*map(subnets.get, user.subnets), *map(groups.get, user.groups)] if user.runs else []
            return {each.vpc_id for each in found if each is not None}

        return Index(self._users, places)

    def _called(self, names: Sequence[str]) -> list[str]:
        """The groups of the default VPC that have these names."""
        if not names:
            return []
        default = {vpc.vpc_id for vpc in self.vpcs.vpcs if vpc.is_default}
        return [each.group_id for each in self.network.security_groups if each.vpc_id in default and each.group_name in names]


def _open(things: Iterable[T], tell: Callable[[T], object]) -> bool:
    """Whether of one of these it can't be told yet what uses it."""
    try:
        for each in things:
            tell(each)
    except Exception:  # noqa: BLE001 - of whatever kind the error is: whoever judges the thing meets it again
        return True
    return False


def _named(interface: NetworkInterface | None) -> str | None:
    return None if interface is None else f"network interface {interface.network_interface_id}"


def _rule_of(group: SecurityGroup | None) -> str | None:
    return None if group is None else f"a rule of {group.group_id}"
