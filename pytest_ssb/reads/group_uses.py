"""Who uses a security group without having a network interface now, or beside it: load balancers, databases, functions, groups of instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.network import GroupUse
from pytest_ssb.reads.load_balancers import ClassicLoadBalancer, LoadBalancer
from pytest_ssb.reads.rds import DbCluster, DbInstance
from pytest_ssb.reads.registry import read

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

Uses = dict[str, list[GroupUse]]


class VpcConfig(msgspec.Struct, frozen=True, rename="pascal"):
    """Where a function is attached to a VPC; the groups are none if it was once, and is no longer."""

    security_group_ids: tuple[str, ...]


class Function(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A function, as far as its security groups go."""

    arn: str
    function_name: str
    vpc_config: VpcConfig | None = None


class TemplateInterface(msgspec.Struct, frozen=True, rename="pascal"):
    """A network interface that a launch template makes."""

    groups: tuple[str, ...] = ()


class TemplateData(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a launch template says of security groups; absent: the VPC's default group."""

    security_group_ids: tuple[str, ...] = ()
    network_interfaces: tuple[TemplateInterface, ...] = ()


class TemplateVersion(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A version of a launch template."""

    arn: str
    launch_template_id: str
    launch_template_data: TemplateData


@read(
    "lambda:ListFunctions",
    "ec2:DescribeLaunchTemplateVersions",
    per="region",
    absent={"lambda:ListFunctions Functions.VpcConfig": "in no VPC (https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html)"},
)
def uses_without_interface(aws: Aws) -> Uses:
    """Functions and launch templates by the security groups they name."""
    uses: Uses = {}
    for function in aws.resources("lambda:ListFunctions", "Functions", Function, "{FunctionArn}"):
        for group in function.vpc_config.security_group_ids if function.vpc_config else ():
            uses.setdefault(group, []).append(GroupUse(kind="lambda", arn=function.arn, name=function.function_name))
    arn = "arn:{partition}:ec2:{region}:{account}:launch-template/{LaunchTemplateId}"
    versions = ["$Default", "$Latest"]
    templates: list[TemplateVersion] = aws.resources(
        "ec2:DescribeLaunchTemplateVersions", "LaunchTemplateVersions", TemplateVersion, arn, Versions=versions
    )
    for template in templates:
        data = template.launch_template_data
        for group in {*data.security_group_ids, *(group for interface in data.network_interfaces for group in interface.groups)}:
            uses.setdefault(group, []).append(GroupUse(kind="launch_template", arn=template.arn))
    return uses


@read(per="region")
def group_uses(
    load_balancers: list[LoadBalancer],
    classic_load_balancers: list[ClassicLoadBalancer],
    db_instances: list[DbInstance],
    db_clusters: list[DbCluster],
    uses_without_interface: Uses,
) -> Uses:
    """Who uses each security group, beside the network interfaces that EC2 shows."""
    uses: Uses = {group: list(found) for group, found in uses_without_interface.items()}
    balancers: list[LoadBalancer | ClassicLoadBalancer] = [*load_balancers, *classic_load_balancers]
    for balancer in balancers:
        for group in balancer.security_groups:
            uses.setdefault(group, []).append(GroupUse(kind="load_balancer", arn=balancer.arn, public=balancer.internet_facing, name=balancer.name))
    databases: list[DbInstance | DbCluster] = [*db_instances, *db_clusters]
    for database in databases:
        for group in database.group_ids:
            uses.setdefault(group, []).append(GroupUse(kind="rds", arn=database.arn, name=database.name))
    return uses
