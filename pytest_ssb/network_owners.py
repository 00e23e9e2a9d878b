"""Who a network interface belongs to, as far as the interface itself says."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from pytest_ssb.network_groups import NetworkInterface
from pytest_ssb.network_types import Unknown

OwnerKind = Literal[
    "instance", "ecs_task", "pod", "lambda", "load_balancer", "nat_gateway", "rds", "cache", "redshift", "efs", "vpc_endpoint", "service", "nothing"
]


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """What a network interface belongs to; `name` is an id where AWS gives one, else AWS's words."""

    kind: OwnerKind
    name: str = ""

    @property
    def passive(self) -> bool:
        """Whether it is AWS's end of a service that only answers, so that its subnet needs no way to other services."""
        return self.kind in ("load_balancer", "nat_gateway", "rds", "cache", "efs", "vpc_endpoint")


_INTERFACE_TYPES: dict[str, OwnerKind | None] = {
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html; None: look further
    "interface": None,
    "efa": None,
    "efa-only": None,
    "trunk": None,
    "branch": "pod",
    "lambda": "lambda",
    "load_balancer": "load_balancer",
    "network_load_balancer": "load_balancer",
    "gateway_load_balancer": "load_balancer",
    "natGateway": "nat_gateway",
    "nat_gateway": "nat_gateway",
    "vpc_endpoint": "vpc_endpoint",
    "gateway_load_balancer_endpoint": "vpc_endpoint",
    "transit_gateway": "service",
    "quicksight": "service",
    "global_accelerator_managed": "service",
    "api_gateway_managed": "service",
    "iot_rules_managed": "service",
    "aws_codestar_connections_managed": "service",
}
# How services describe the interfaces that they make; anyone may write this into an interface of their own, so it counts only for theirs.
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html
_DESCRIPTIONS: tuple[tuple[re.Pattern[str], OwnerKind], ...] = (
    (re.compile(r"ELB (?P<name>.+)"), "load_balancer"),
    (re.compile(r"RDSNetworkInterface|Network interface for DBProxy"), "rds"),
    (re.compile(r"ElastiCache|DAX |MemoryDB"), "cache"),
    (re.compile(r"RedshiftNetworkInterface"), "redshift"),
    (re.compile(r"EFS mount target for (?P<name>fs-\w+)"), "efs"),
    (re.compile(r"AWS Lambda VPC ENI[- ]?(?P<name>.*)"), "lambda"),
    (re.compile(r"(?P<name>arn:[^:]+:ecs:[^:]*:\d*:attachment/.+)"), "ecs_task"),
    (re.compile(r"VPC Endpoint Interface (?P<name>vpce-\w+)"), "vpc_endpoint"),
    (re.compile(r"Interface for NAT Gateway (?P<name>nat-\w+)"), "nat_gateway"),
)
_SERVICE_OWNERS: dict[str, OwnerKind] = {"amazon-elb": "load_balancer", "amazon-rds": "rds", "amazon-elasticache": "cache"}


def stated_owner(interface: NetworkInterface) -> Owner | None:
    """What the interface says that it belongs to, None if it says nothing; an unknown type of interface raises `Unknown`."""
    if interface.instance_id is not None:
        return Owner(kind="instance", name=interface.instance_id)
    attached_by = interface.attachment.instance_owner_id if interface.attachment else None
    theirs = interface.requester_managed or attached_by not in (None, interface.owner_id)
    for pattern, described in _DESCRIPTIONS:
        match = pattern.match(interface.description)
        # A branch interface of a task on the customer's own container instance is the customer's by every other field.
        if match and (theirs or (described == "ecs_task" and interface.interface_type == "branch")):
            return Owner(kind=described, name=match.groupdict().get("name") or interface.description)
    kind = _INTERFACE_TYPES.get(interface.interface_type)
    if kind is None and attached_by is not None:
        kind = _SERVICE_OWNERS.get(attached_by)
    if kind is None and theirs:
        kind = "service"
    if kind is not None:
        return Owner(kind=kind, name=interface.description or interface.interface_type)
    if interface.interface_type not in _INTERFACE_TYPES:
        raise Unknown(f"interface type {interface.interface_type} is not known to this tool")
    return None
