"""Elastic Load Balancing: load balancers of every kind, target groups and their targets."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.errors import Vanished
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

Scheme = Literal["internet-facing", "internal"]


class AvailabilityZone(msgspec.Struct, frozen=True, rename="pascal"):
    """A zone of a load balancer, and its subnet there."""

    subnet_id: str


class LoadBalancer(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A load balancer (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html)."""

    arn: str
    load_balancer_name: str
    type: Literal["application", "network", "gateway"]
    vpc_id: str
    # absent for Gateway Load Balancers, which face nobody, and for moto's Network Load Balancers: those have the default
    scheme: Scheme | None = None
    availability_zones: tuple[AvailabilityZone, ...] = ()
    # absent: a Network Load Balancer that was made without groups, or a Gateway Load Balancer
    security_groups: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name."""
        return self.load_balancer_name

    @property
    def internet_facing(self) -> bool:
        """Whether its nodes have public addresses."""
        return self.scheme == "internet-facing" or (self.scheme is None and self.type != "gateway")

    @property
    def without_groups(self) -> bool:
        """Whether it is a Network Load Balancer that no security group guards."""
        return self.type == "network" and not self.security_groups


class ClassicLoadBalancer(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A Classic Load Balancer (https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_LoadBalancerDescription.html)."""

    arn: str
    load_balancer_name: str
    scheme: Scheme
    # absent in EC2-Classic alone, which is no more
    security_groups: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name."""
        return self.load_balancer_name

    @property
    def internet_facing(self) -> bool:
        """Whether its nodes have public addresses."""
        return self.scheme == "internet-facing"


class TargetGroup(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A target group (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html)."""

    arn: str
    target_group_name: str
    target_type: Literal["instance", "ip", "lambda", "alb"]
    load_balancer_arns: tuple[str, ...]
    # absent for functions
    protocol: str | None = None
    port: int | None = None
    vpc_id: str | None = None
    # absent: no health check is configured; else a number, or traffic-port
    health_check_port: str | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.target_group_name

    @property
    def protocols(self) -> tuple[str, ...]:
        """What its targets are reached by, in the words of security groups; health checks are TCP always."""
        return ("tcp", "udp") if self._datagrams else ("tcp",)

    @property
    def keeps_client_addresses(self) -> bool:
        """Whether a Network Load Balancer passes its clients' addresses on to the targets, as long as nobody changes the group's attributes.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
        """
        return self.target_type == "instance" or self._datagrams

    @property
    def _datagrams(self) -> bool:
        return self.protocol in ("UDP", "TCP_UDP", "QUIC", "TCP_QUIC")


class Target(msgspec.Struct, frozen=True, rename="pascal"):
    """A target: an instance's id or an IP address, and the port that traffic is sent to."""

    id: str
    port: int


class TargetHealth(msgspec.Struct, frozen=True, rename="pascal"):
    """A registered target."""

    target: Target


@read("elbv2:DescribeLoadBalancers", per="region")
def load_balancers(aws: Aws) -> list[LoadBalancer]:
    """The Application, Network and Gateway Load Balancers of the region."""
    found: list[LoadBalancer] = aws.resources("elbv2:DescribeLoadBalancers", "LoadBalancers", LoadBalancer, "{LoadBalancerArn}")
    return found


@read("elb:DescribeLoadBalancers", per="region")
def classic_load_balancers(aws: Aws) -> list[ClassicLoadBalancer]:
    """The Classic Load Balancers of the region."""
    arn = "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{LoadBalancerName}"
    found: list[ClassicLoadBalancer] = aws.resources("elb:DescribeLoadBalancers", "LoadBalancerDescriptions", ClassicLoadBalancer, arn)
    return found


@read("elbv2:DescribeTargetGroups", per="region")
def target_groups(aws: Aws) -> list[TargetGroup]:
    """The target groups of the region, in use or not."""
    found: list[TargetGroup] = aws.resources("elbv2:DescribeTargetGroups", "TargetGroups", TargetGroup, "{TargetGroupArn}")
    return found


@read("elbv2:DescribeTargetHealth", per="region")
def targets(aws: Aws, target_groups: list[TargetGroup]) -> PerResource[list[Target]]:
    """The targets of each target group that a load balancer sends traffic to; instances and addresses only."""
    return aws.each([group for group in target_groups if error_of(group) is None and has_network_targets(group)], lambda group: _targets(aws, group))


@read("elbv2:DescribeTargetGroups", "elbv2:DescribeTargetHealth", per="region")
def targets_open_to_clients(aws: Aws, load_balancers: list[LoadBalancer]) -> list[tuple[TargetGroup, list[Target]]]:
    """The targets that meet the clients of public Network Load Balancers without groups. Without such a load balancer nothing is asked."""
    arns = {each.arn for each in load_balancers if each.without_groups and each.internet_facing}
    if not arns:
        return []
    groups = aws.resources("elbv2:DescribeTargetGroups", "TargetGroups", TargetGroup, "{TargetGroupArn}")
    mine = [group for group in groups if arns.intersection(group.load_balancer_arns) and has_network_targets(group) and group.keeps_client_addresses]
    answers = aws.each(mine, lambda group: _targets(aws, group))
    found = []
    for group in mine:
        with suppress(Vanished):
            found.append((group, answers[group]))
    return found


def has_network_targets(group: TargetGroup) -> bool:
    """Whether a load balancer sends the group's traffic to addresses in a VPC."""
    return bool(group.load_balancer_arns) and group.target_type in ("instance", "ip")


def _targets(aws: Aws, group: TargetGroup) -> list[Target]:
    raws = aws.ask("elbv2:DescribeTargetHealth", TargetGroupArn=group.arn, gone="TargetGroupNotFound")["TargetHealthDescriptions"]
    found = aws.parse("elbv2:DescribeTargetHealth", raws, TargetHealth, group.arn)
    return [each.target for each in found]
