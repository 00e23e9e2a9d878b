"""Elastic Load Balancing: load balancers of every kind, target groups and their targets."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.errors import Undecided, UnexpectedAnswer, Vanished
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
    # absent: a Gateway Load Balancer, which faces nobody
    scheme: Scheme | None = None
    availability_zones: tuple[AvailabilityZone, ...] = ()
    # absent: a Network Load Balancer that was made without groups, or a Gateway Load Balancer
    security_groups: tuple[str, ...] = ()
    # absent: a Gateway Load Balancer
    told_name: str = msgspec.field(name="DNSName", default="")

    def __post_init__(self) -> None:
        """Refuse one that does not say whom it faces, and an Application Load Balancer without groups."""
        if self.scheme is None and self.type != "gateway":
            raise ValueError("it needs Scheme, unless its Type is gateway")
        if not self.security_groups and self.type == "application":
            raise ValueError("an application load balancer needs SecurityGroups")

    @property
    def name(self) -> str:
        """Its name."""
        return self.load_balancer_name

    @property
    def internet_facing(self) -> bool:
        """Whether its nodes have public addresses."""
        return self.scheme == "internet-facing"

    @property
    def dns_name(self) -> str:
        """The name by which clients find it. Raises Undecided where that is not told."""
        if not self.told_name:
            raise Undecided("it is not told by which name it is found")
        return self.told_name

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """The subnets in which it stands. Raises Undecided where none is told."""
        if not self.availability_zones:
            raise Undecided("it is not told in which subnets it stands")
        return tuple(zone.subnet_id for zone in self.availability_zones)

    @property
    def without_groups(self) -> bool:
        """Whether it is a Network Load Balancer that no security group guards."""
        return self.type == "network" and not self.security_groups


class Registered(msgspec.Struct, frozen=True, rename="pascal"):
    """An instance behind a Classic Load Balancer."""

    instance_id: str


class ClassicLoadBalancer(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A Classic Load Balancer (https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_LoadBalancerDescription.html)."""

    arn: str
    load_balancer_name: str
    scheme: Scheme
    security_groups: tuple[str, ...]
    # Each absent: not told
    subnets: tuple[str, ...] = ()
    instances: tuple[Registered, ...] | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.load_balancer_name

    @property
    def internet_facing(self) -> bool:
        """Whether its nodes have public addresses."""
        return self.scheme == "internet-facing"

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """The subnets in which it stands. Raises Undecided where none is told."""
        if not self.subnets:
            raise Undecided("it is not told in which subnets it stands")
        return self.subnets

    @property
    def instance_ids(self) -> tuple[str, ...]:
        """The instances that it sends traffic to. Raises Undecided where that is not told."""
        if self.instances is None:
            raise Undecided("it is not told which instances it sends traffic to")
        return tuple(each.instance_id for each in self.instances)


class TargetGroup(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A target group (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html)."""

    arn: str
    target_group_name: str
    target_type: Literal["instance", "ip", "lambda", "alb"]
    load_balancer_arns: tuple[str, ...]
    # The rest may be absent for functions and load balancers as targets.
    protocol: Literal["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"] | None = None
    vpc_id: str | None = None
    # a number, or traffic-port
    health_check_port: str = ""

    def __post_init__(self) -> None:
        """Refuse one of instances or addresses that does not say how and where they are reached."""
        if self.target_type in ("instance", "ip") and not (self.protocol and self.vpc_id and self.health_check_port):
            raise ValueError("a target group of instances or addresses needs Protocol, VpcId and HealthCheckPort")

    @property
    def name(self) -> str:
        """Its name."""
        return self.target_group_name

    @property
    def protocols(self) -> tuple[str, ...]:
        """What its targets are reached by, in the words of security groups; health checks are TCP always."""
        return ("tcp", "udp") if self.datagrams else ("tcp",)

    @property
    def datagrams(self) -> bool:
        """Whether UDP is among what its targets are reached by."""
        return self.protocol in ("UDP", "TCP_UDP", "QUIC", "TCP_QUIC")


class Target(msgspec.Struct, frozen=True, rename="pascal"):
    """A target: an instance's id or an IP address, and the port that traffic is sent to."""

    id: str
    port: int


class TargetHealth(msgspec.Struct, frozen=True, rename="pascal"):
    """A registered target."""

    target: Target


class Attribute(msgspec.Struct, frozen=True, rename="pascal"):
    """A setting of a target group."""

    key: str
    value: str


BALANCERS, HEALTH, ATTRIBUTES = "elbv2:DescribeLoadBalancers", "elbv2:DescribeTargetHealth", "elbv2:DescribeTargetGroupAttributes"
GONE = "TargetGroupNotFound"
KEEPS = "preserve_client_ip.enabled"


@read(
    BALANCERS,
    per="region",
    absent={
        f"{BALANCERS} LoadBalancers.SecurityGroups": (
            "a Network Load Balancer that was made without groups (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html)"
        )
    },
)
def load_balancers(aws: Aws) -> list[LoadBalancer]:
    """The Application, Network and Gateway Load Balancers of the region."""
    found: list[LoadBalancer] = aws.resources(BALANCERS, "LoadBalancers", LoadBalancer, "{LoadBalancerArn}")
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


@read(HEALTH, per="region")
def targets(aws: Aws, target_groups: list[TargetGroup]) -> PerResource[list[Target]]:
    """The targets of each target group that a load balancer sends traffic to; instances and addresses only."""
    return aws.each([group for group in target_groups if error_of(group) is None and has_network_targets(group)], lambda group: _targets(aws, group))


@read(ATTRIBUTES, per="region")
def client_addresses_kept(aws: Aws, load_balancers: list[LoadBalancer], target_groups: list[TargetGroup]) -> PerResource[bool]:
    """Whether the targets of Network Load Balancers without groups see their clients' addresses; other target groups are not asked."""
    balancers = [each for each in load_balancers if error_of(each) is None]
    groups = [each for each in target_groups if error_of(each) is None]
    return aws.each(_behind(groups, balancers), lambda group: _keeps_client_addresses(aws, group))


@read(HEALTH, ATTRIBUTES, per="region")
def targets_open_to_clients(aws: Aws, load_balancers: list[LoadBalancer], target_groups: list[TargetGroup]) -> list[tuple[TargetGroup, list[Target]]]:
    """The targets that meet the clients of public Network Load Balancers without groups."""
    groups = _behind(target_groups, [each for each in load_balancers if each.internet_facing])
    answers = aws.each(groups, lambda group: _targets(aws, group) if _keeps_client_addresses(aws, group) else [])
    found = []
    for group in groups:
        with suppress(Vanished):
            found.append((group, answers[group]))
    return found


def has_network_targets(group: TargetGroup) -> bool:
    """Whether a load balancer sends the group's traffic to addresses in a VPC."""
    return bool(group.load_balancer_arns) and group.target_type in ("instance", "ip")


def _behind(groups: Iterable[TargetGroup], balancers: Iterable[LoadBalancer]) -> list[TargetGroup]:
    """The target groups of those of the load balancers that are Network Load Balancers without groups."""
    arns = {each.arn for each in balancers if each.without_groups}
    return [group for group in groups if has_network_targets(group) and arns.intersection(group.load_balancer_arns)] if arns else []


def _targets(aws: Aws, group: TargetGroup) -> list[Target]:
    raws = aws.ask(HEALTH, TargetGroupArn=group.arn, gone=GONE)["TargetHealthDescriptions"]
    found = aws.parse(HEALTH, raws, TargetHealth, group.arn)
    return [each.target for each in found]


def _keeps_client_addresses(aws: Aws, group: TargetGroup) -> bool:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html: the default, and where it can't be changed
    if group.datagrams:
        return True
    raws = aws.ask(ATTRIBUTES, TargetGroupArn=group.arn, gone=GONE)["Attributes"]
    found: list[Attribute] = aws.parse(ATTRIBUTES, raws, Attribute, group.arn)
    value = {each.key: each.value for each in found}.get(KEEPS, "true" if group.target_type == "instance" else "false")
    if value not in ("true", "false"):
        raise UnexpectedAnswer(f"{ATTRIBUTES} answered {KEEPS} with a value that we do not know", ATTRIBUTES)
    return value == "true"
