"""Where load balancers that face the internet stand, and what they send its traffic to: pure judgements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.cidrs import within
from pytest_ssb.errors import Vanished
from pytest_ssb.group_sources import interfaces_of
from pytest_ssb.network import Exposure, Network
from pytest_ssb.network_types import Unknown
from pytest_ssb.reads.ecs_services import EcsService
from pytest_ssb.reads.load_balancers import ClassicLoadBalancer, LoadBalancer, Target, TargetGroup, has_network_targets
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import PerResource


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A target in a subnet; `group` is the ARN of its target group, None behind a Classic Load Balancer."""

    target: str
    subnet: str
    exposure: Exposure
    group: str | None = None

    def __str__(self) -> str:
        return f"{self.target} in the public subnet {self.subnet}: {self.exposure.why}"


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """What a load balancer sends traffic to, as far as it could be read: in which subnets it is, and what is in none of the VPC."""

    placed: tuple[Placed, ...]
    outside: tuple[str, ...]
    doubt: Exception | None = None

    @property
    def public(self) -> tuple[Placed, ...]:
        """Those in public subnets."""
        return tuple(each for each in self.placed if each.exposure.public)

    def settle(self) -> None:
        """Raise why some target could not be placed, if so."""
        if self.doubt is not None:
            raise self.doubt


class BalancerPlaces:
    """The places of a region's load balancers and of their targets. Its methods raise where the answer rests on what could not be read."""

    def __init__(
        self, network: Network, target_groups: Sequence[TargetGroup], targets: PerResource[list[Target]], services: Sequence[EcsService]
    ) -> None:
        self._network = network
        self._target_groups = target_groups
        self._targets = targets
        self._services = services

    def blocked(self, balancer: LoadBalancer | ClassicLoadBalancer) -> bool:
        """Whether VPC Block Public Access is in force in all of its subnets."""
        return all(self._network.subnet(each).block_mode != "off" for each in balancer.subnet_ids)

    def private_subnets(self, balancer: LoadBalancer | ClassicLoadBalancer) -> list[str]:
        """Those of its own subnets into which no route leads from the internet, and why; one that is proven to be such is enough."""
        found: list[str] = []
        doubt: Exception | None = None
        for subnet in balancer.subnet_ids:
            try:
                exposure = self._network.exposure(subnet)
            except Exception as error:  # noqa: BLE001 - of whatever kind the read's error is: it is raised below, unless another one is private
                doubt = error
                continue
            if not exposure.public and not exposure.blocked:
                found.append(f"{subnet}: {exposure.why}")
        if not found and doubt is not None:
            raise doubt
        return found

    def targets(self, balancer: LoadBalancer | ClassicLoadBalancer) -> Targets:
        """What the load balancer sends traffic to."""
        placed: list[Placed] = []
        outside: list[str] = []
        doubts: list[Exception] = []
        for target, group in self._registered(balancer, doubts):
            try:
                found = list(self._placed(target, group))
            except Exception as error:  # noqa: BLE001 - of whatever kind the read's error is: `settle` raises it
                doubts.append(error)
                continue
            placed += found
            if not found:
                outside.append(target.id)
        return Targets(placed=tuple(placed), outside=tuple(outside), doubt=doubts[0] if doubts else None)

    def _registered(self, balancer: LoadBalancer | ClassicLoadBalancer, doubts: list[Exception]) -> Iterator[tuple[Target, TargetGroup | None]]:
        if isinstance(balancer, ClassicLoadBalancer):
            yield from ((Target(each, 0), None) for each in balancer.instance_ids)
            return
        for group in self._target_groups:
            error = error_of(group)
            if error is not None:
                doubts.append(error)
            elif balancer.arn in group.load_balancer_arns and has_network_targets(group):
                try:
                    yield from ((each, group) for each in self._targets[group])
                except Vanished:
                    continue
                except Exception as raised:  # noqa: BLE001 - of whatever kind the read's error is: `settle` raises it
                    doubts.append(raised)

    def _placed(self, target: Target, group: TargetGroup | None) -> Iterator[Placed]:
        arn = group.arn if group else None
        for subnet in self._subnets(target, group):
            yield Placed(target=target.id, subnet=subnet, exposure=self._network.exposure(subnet), group=arn)

    def _subnets(self, target: Target, group: TargetGroup | None) -> Iterable[str]:
        if group is not None and group.target_type == "ip":
            subnets = self._network.subnets_of(group.vpc_id or "")
            found = [each.subnet_id for each in subnets if within(target.id, each.cidrs)]
            untold = [each.subnet_id for each in subnets if not each.cidrs]
            if not found and untold:
                raise Unknown(f"it is not told which addresses are in {untold[0]}")
            return found
        found = [subnet for interface in interfaces_of(self._network, target, group) for subnet in interface.subnet_ids]
        if not found:
            raise Unknown(f"no network interface of {target.id} is visible")
        return found

    def of_services(self, targets: Targets) -> bool:
        """Whether all targets in public subnets are tasks of services of ECS which themselves name those subnets."""
        targets.settle()
        return all(any(_names(service, each) for service in self._services) for each in targets.public)


def _names(service: EcsService, placed: Placed) -> bool:
    behind = placed.group is not None and any(each.target_group_arn == placed.group for each in service.balancers)
    return behind and any(placed.subnet in network.subnets for network in service.networks)
