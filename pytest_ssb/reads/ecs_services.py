"""ECS: the services, and the tasks that have public addresses, with the network interfaces of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pytest_ssb.errors import AwsError, NotOffered, Undecided, UnexpectedAnswer
from pytest_ssb.network import is_public
from pytest_ssb.network_groups import NetworkInterface
from pytest_ssb.network_owners import stated_owner
from pytest_ssb.network_types import Unknown
from pytest_ssb.reads.ecs import CLUSTERS, DEFINITION, DESCRIBE_SERVICES, DESCRIBE_TASKS, SERVICES, TASKS, told_services, told_tasks
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource


class AwsvpcConfiguration(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html"""

    subnets: tuple[str, ...]
    # absent: the VPC's default one
    security_groups: tuple[str, ...] = ()
    # absent: not told
    assign_public_ip: Literal["ENABLED", "DISABLED"] | None = None


class TaskNetwork(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_NetworkConfiguration.html"""

    awsvpc_configuration: AwsvpcConfiguration | None = None


class ServiceBalancer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A load balancer before a service (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LoadBalancer.html)."""

    # absent: a Classic Load Balancer
    target_group_arn: str | None = None


class Deployed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A deployment or a task set of a service: what of it runs, each with a network of its own."""

    status: Literal["PRIMARY", "ACTIVE", "INACTIVE", "DRAINING"]
    task_definition: str
    # absent: its tasks share the network of their instances
    network_configuration: TaskNetwork | None = None
    # absent: none, or those of the service
    load_balancers: tuple[ServiceBalancer, ...] = ()


class Provided(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What provides a part of a service with capacity (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html)."""

    capacity_provider: str


class EcsService(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A service (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html)."""

    arn: str = msgspec.field(name="Arn")
    service_name: str
    cluster_arn: str
    status: Literal["ACTIVE", "DRAINING", "INACTIVE"]
    deployments: tuple[Deployed, ...]
    load_balancers: tuple[ServiceBalancer, ...]
    # Each absent: none
    task_sets: tuple[Deployed, ...] = ()
    network_configuration: TaskNetwork | None = None
    # One of the two is there.
    launch_type: Literal["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"] | None = None
    capacity_provider_strategy: tuple[Provided, ...] = ()

    @property
    def name(self) -> str:
        """Its name."""
        return self.service_name

    @property
    def _running(self) -> tuple[Deployed, ...]:
        return tuple(each for each in (*self.deployments, *self.task_sets) if each.status != "INACTIVE")

    @property
    def definitions(self) -> tuple[str, ...]:
        """The task definitions of what runs of it."""
        return tuple(dict.fromkeys(each.task_definition for each in self._running))

    @property
    def balancers(self) -> tuple[ServiceBalancer, ...]:
        """The load balancers before it, or before parts of it."""
        return (*self.load_balancers, *(each for part in self._running for each in part.load_balancers))

    @property
    def balanced(self) -> bool:
        """Whether a load balancer stands before it."""
        return bool(self.balancers)

    @property
    def networks(self) -> tuple[AwsvpcConfiguration, ...]:
        """The networks in which its tasks have interfaces of their own; none where they share those of their instances. Raises Undecided if not told."""
        found = [each for each in (_awsvpc(self.network_configuration), *self._networks_of_parts) if each is not None]
        providers = [each.capacity_provider for each in self.capacity_provider_strategy]
        if not found and (self.launch_type in (None, "FARGATE") and not any(each not in ("FARGATE", "FARGATE_SPOT") for each in providers)):
            raise Undecided("it is not told in which network its tasks are")
        return tuple(dict.fromkeys(found))

    @property
    def public_networks(self) -> tuple[AwsvpcConfiguration, ...]:
        """Those in which its tasks get public addresses. Raises Undecided where none is known to be such, and one may be."""
        found = tuple(each for each in self.networks if each.assign_public_ip == "ENABLED")
        untold = None in self._networks_of_parts or any(each.assign_public_ip is None for each in self.networks)
        if self.networks and not found and untold:
            raise Undecided("it is not told whether its tasks get public addresses")
        return found

    @property
    def _networks_of_parts(self) -> tuple[AwsvpcConfiguration | None, ...]:
        return tuple(_awsvpc(each.network_configuration) for each in self._running)


def _awsvpc(network: TaskNetwork | None) -> AwsvpcConfiguration | None:
    return network.awsvpc_configuration if network else None


AWSVPC = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html"


@read(
    CLUSTERS,
    SERVICES,
    DESCRIBE_SERVICES,
    per="region",
    absent={
        f"{DESCRIBE_SERVICES} services.{place}networkConfiguration.awsvpcConfiguration.securityGroups": f"the VPC's default group ({AWSVPC})"
        for place in ("", "deployments.", "taskSets.")
    },
)
def ecs_services(aws: Aws) -> list[EcsService]:
    """The services of all clusters, but for those that are deleted."""
    found: list[EcsService] = aws.parse(DESCRIBE_SERVICES, told_services(aws), EcsService, "{serviceArn}")
    return found


class ExposingContainer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A container, as far as its ports go (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html)."""

    port_mappings: tuple[dict[str, Any], ...]


class ExposingDefinition(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A task definition, as far as its containers' ports go."""

    container_definitions: tuple[ExposingContainer, ...]


@read(DEFINITION, per="region")
def exposing_services(aws: Aws, ecs_services: list[EcsService]) -> PerResource[bool]:
    """Whether the services that get public addresses, and have no load balancer, expose ports; others are not asked about."""

    def exposes(service: EcsService) -> bool:
        return bool(service.public_networks) and any(_exposes(aws, each) for each in service.definitions)

    return aws.each([each for each in ecs_services if error_of(each) is None and not each.balanced], exposes)


def _exposes(aws: Aws, definition: str) -> bool:
    try:
        found = msgspec.convert(aws.ask(DEFINITION, taskDefinition=definition).get("taskDefinition"), ExposingDefinition)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{DEFINITION} answered a task definition that we cannot read: {error}", DEFINITION) from None
    return any(container.port_mappings for container in found.container_definitions)


@dataclass(frozen=True)
class PublicTask:
    """A running task with a network interface that has a public address, and the service that it is of; the interface alone where that is not known."""

    arn: str
    interface: NetworkInterface
    cluster: str = ""
    service: str | None = None


class Detail(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KeyValuePair.html"""

    name: str
    value: str


class Attachment(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is attached to a task (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attachment.html)."""

    details: tuple[Detail, ...]


class RunningTask(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A running task (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html)."""

    task_arn: str
    cluster_arn: str
    group: str
    attachments: tuple[Attachment, ...]

    @property
    def service(self) -> str | None:
        """The service that it is of, None if somebody or something started it alone."""
        return self.group.removeprefix("service:") if self.group.startswith("service:") else None


@read(CLUSTERS, TASKS, DESCRIBE_TASKS, per="region")
def public_tasks(aws: Aws, network_interfaces: list[NetworkInterface]) -> list[PublicTask]:
    """The tasks that have public addresses; tasks are asked for only where an interface of one has such an address."""
    found = [each for each in network_interfaces if error_of(each) is None and _is_of_task(each) and _has_public_address(each)]
    broken = [PublicTask(each.arn, each) for each in network_interfaces if error_of(each)]
    if not found:
        return broken
    try:
        tasks = _by_interface(aws)
    except (AwsError, NotOffered) as error:
        return [*(PublicTask(each.arn, unread(error)) for each in found), *broken]
    return [*(_task(each, tasks.get(each.network_interface_id)) for each in found), *broken]


def _is_of_task(interface: NetworkInterface) -> bool:
    try:
        owner = stated_owner(interface)
    except Unknown:
        return False
    return owner is not None and owner.kind == "ecs_task"


def _has_public_address(interface: NetworkInterface) -> bool:
    associations = (interface.association, *(each.association for each in interface.private_ip_addresses))
    return any(associations) or any(is_public(each.ipv6_address) for each in interface.ipv6_addresses)


def _by_interface(aws: Aws) -> dict[str, RunningTask]:
    found: dict[str, RunningTask] = {}
    for raw in told_tasks(aws):
        try:
            task = msgspec.convert(raw, RunningTask)
        except msgspec.ValidationError as error:
            raise UnexpectedAnswer(f"{DESCRIBE_TASKS} answered a task that we cannot read: {error}", DESCRIBE_TASKS) from None
        details = (detail for attachment in task.attachments for detail in attachment.details)
        found |= {detail.value: task for detail in details if detail.name == "networkInterfaceId"}
    return found


def _task(interface: NetworkInterface, task: RunningTask | None) -> PublicTask:
    return PublicTask(task.task_arn, interface, task.cluster_arn, task.service) if task else PublicTask(interface.arn, interface)
