"""What names subnets and security groups: EC2's own, groups of instances and what they are launched from, load balancers, and shares with other accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from pytest_ssb.network import NatGateway, VpcEndpoint
from pytest_ssb.network_use import User
from pytest_ssb.reads.naming import Lookup, Naming, listed


class Endpoint(VpcEndpoint, frozen=True, kw_only=True, rename="pascal"):
    """A VPC endpoint, whose interfaces AWS makes one in each subnet."""

    @property
    def user(self) -> User:
        """The endpoint as a user of its subnets and groups."""
        return User(name=self.vpc_endpoint_id, subnets=self.subnet_ids, groups=tuple(each.group_id for each in self.groups))

    @property
    def alive(self) -> bool:
        """Whether it is there."""
        return self.exists


class Gateway(NatGateway, frozen=True, kw_only=True, rename="pascal"):
    """A NAT gateway."""

    @property
    def user(self) -> User:
        """The gateway as a user of its subnet."""
        return User(name=self.nat_gateway_id, subnets=(self.subnet_id,) if self.subnet_id else ())

    @property
    def alive(self) -> bool:
        """Whether it is there."""
        return self.exists


class TransitAttachment(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayVpcAttachment.html"""

    state: Literal[
        "initiating",
        "initiatingRequest",
        "pendingAcceptance",
        "rollingBack",
        "pending",
        "available",
        "modifying",
        "deleting",
        "deleted",
        "failed",
        "rejected",
        "rejecting",
        "failing",
    ]
    subnet_ids: tuple[str, ...]

    @property
    def alive(self) -> bool:
        """Whether it connects the VPC, or is about to."""
        return self.state in ("initiating", "initiatingRequest", "pendingAcceptance", "pending", "available", "modifying")

    @property
    def subnets(self) -> tuple[str, ...]:
        """One subnet in each zone."""
        return self.subnet_ids


class TemplateInterface(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateInstanceNetworkInterfaceSpecification.html"""

    groups: tuple[str, ...] = ()
    subnet_id: str | None = None


class TemplateData(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResponseLaunchTemplateData.html"""

    security_group_ids: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    network_interfaces: tuple[TemplateInterface, ...] = ()


class TemplateVersion(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateVersion.html"""

    launch_template_data: TemplateData

    @property
    def groups(self) -> tuple[str, ...]:
        """Those of the instance and those of its interfaces."""
        data = self.launch_template_data
        return (*data.security_group_ids, *data.security_groups, *(group for each in data.network_interfaces for group in each.groups))

    @property
    def subnets(self) -> Iterator[str | None]:
        """Those of its interfaces."""
        return (each.subnet_id for each in self.launch_template_data.network_interfaces)


class LaunchConfiguration(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchConfiguration.html"""

    security_groups: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """Its groups."""
        return self.security_groups


class ScalingGroup(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html"""

    # absent: in the zones' default subnets
    zones: str = msgspec.field(name="VPCZoneIdentifier", default="")

    @property
    def subnets(self) -> list[str]:
        """The subnets that it may launch in, with or without an instance now."""
        return [each.strip() for each in self.zones.split(",")]


class Zone(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AvailabilityZone.html"""

    subnet_id: str


class Balancer(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html"""

    availability_zones: tuple[Zone, ...]
    security_groups: tuple[str, ...] = ()  # absent: a Network Load Balancer that was made without groups, or a Gateway Load Balancer

    @property
    def subnets(self) -> Iterator[str]:
        """One subnet in each zone."""
        return (each.subnet_id for each in self.availability_zones)

    @property
    def groups(self) -> tuple[str, ...]:
        """Its groups."""
        return self.security_groups


class ClassicBalancer(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_LoadBalancerDescription.html"""

    in_subnets: tuple[str, ...] = msgspec.field(name="Subnets")
    security_groups: tuple[str, ...]

    @property
    def subnets(self) -> tuple[str, ...]:
        """One subnet in each zone."""
        return self.in_subnets

    @property
    def groups(self) -> tuple[str, ...]:
        """Its groups."""
        return self.security_groups


class Shared(Naming, frozen=True, kw_only=True, rename="camel"):
    """A subnet or group that other accounts may use, who need not tell (https://docs.aws.amazon.com/ram/latest/APIReference/API_ResourceShareAssociation.html)."""

    associated_entity: str
    status: Literal["ASSOCIATING", "ASSOCIATED", "FAILED", "DISASSOCIATING", "DISASSOCIATED", "SUSPENDED", "SUSPENDING", "RESTORING"]

    @property
    def alive(self) -> bool:
        """Whether it is shared, or about to be."""
        return self.status in ("ASSOCIATING", "ASSOCIATED", "RESTORING")

    @property
    def name(self) -> str:
        """Who uses it."""
        return "other accounts, with which it is shared"

    @property
    def subnets(self) -> tuple[str, ...]:
        """The subnet, if it is one."""
        return self._called("subnet")

    @property
    def groups(self) -> tuple[str, ...]:
        """The security group, if it is one."""
        return self._called("security-group")

    def _called(self, kind: str) -> tuple[str, ...]:
        found, _, name = self.associated_entity.split(":", 5)[-1].partition("/")
        return (name,) if found == kind else ()


_EC2 = "arn:{partition}:ec2:{region}:{account}:"
_HERE = "{region}:{account}:"

LOOKUPS: tuple[Lookup, ...] = (
    Lookup(
        ("ec2:DescribeVpcEndpoints",),
        lambda aws: aws.resources("ec2:DescribeVpcEndpoints", "VpcEndpoints", Endpoint, _EC2 + "vpc-endpoint/{VpcEndpointId}"),
    ),
    Lookup(
        ("ec2:DescribeNatGateways",),
        lambda aws: aws.resources("ec2:DescribeNatGateways", "NatGateways", Gateway, _EC2 + "natgateway/{NatGatewayId}"),
    ),
    listed(
        "ec2:DescribeTransitGatewayVpcAttachments",
        "TransitGatewayVpcAttachments",
        TransitAttachment,
        _EC2 + "transit-gateway-attachment/{TransitGatewayAttachmentId}",
    ),
    listed(
        "ec2:DescribeLaunchTemplateVersions",
        "LaunchTemplateVersions",
        TemplateVersion,
        _EC2 + "launch-template/{LaunchTemplateId}",
        Versions=["$Default", "$Latest"],
    ),
    listed("autoscaling:DescribeLaunchConfigurations", "LaunchConfigurations", LaunchConfiguration, "{LaunchConfigurationARN}"),
    listed("autoscaling:DescribeAutoScalingGroups", "AutoScalingGroups", ScalingGroup, "{AutoScalingGroupARN}"),
    listed("elbv2:DescribeLoadBalancers", "LoadBalancers", Balancer, "{LoadBalancerArn}"),
    listed(
        "elb:DescribeLoadBalancers",
        "LoadBalancerDescriptions",
        ClassicBalancer,
        "arn:{partition}:elasticloadbalancing:" + _HERE + "loadbalancer/{LoadBalancerName}",
    ),
    listed("ram:GetResourceShareAssociations", "resourceShareAssociations", Shared, "{associatedEntity}", associationType="RESOURCE"),
)
