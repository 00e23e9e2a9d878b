"""ECS: the task definitions that services and running tasks use, and with which role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pytest_ssb.errors import AwsError, NotOffered, Undecided, UnexpectedAnswer
from pytest_ssb.network import is_public
from pytest_ssb.network_owners import stated_owner
from pytest_ssb.network_types import NetworkInterface, Unknown
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

CLUSTERS, SERVICES, TASKS = "ecs:ListClusters", "ecs:ListServices", "ecs:ListTasks"
DESCRIBE_SERVICES, DESCRIBE_TASKS, DEFINITION = "ecs:DescribeServices", "ecs:DescribeTasks", "ecs:DescribeTaskDefinition"
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html, API_DescribeTasks.html
SERVICES_AT_ONCE, TASKS_AT_ONCE = 10, 100


@dataclass(frozen=True)
class Use:
    """A task definition in use, and by what. `overridden`: a task that brings a role of its own; `fargate`: there is no host whose role it would have."""

    arn: str
    by: str
    overridden: bool = False
    fargate: bool = False


@dataclass(frozen=True)
class TaskDefinition:
    """A task definition, and all that use it."""

    arn: str
    uses: tuple[Use, ...]

    @property
    def on_hosts(self) -> bool:
        """Whether some of its tasks run on hosts of the account, and have the host's role where they have none of their own."""
        return not all(use.fargate for use in self.uses)

    @property
    def brought(self) -> bool:
        """Whether everything that uses it brings a role of its own."""
        return all(use.overridden for use in self.uses)


class Definition(msgspec.Struct, frozen=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html"""

    task_definition_arn: str
    # absent: none, which fails
    task_role_arn: str | None = None


@read(CLUSTERS, SERVICES, TASKS, DESCRIBE_SERVICES, DESCRIBE_TASKS, per="region")
def task_definitions(aws: Aws) -> list[TaskDefinition]:
    """The task definitions that services and running tasks use; what only a schedule or a pipeline starts is not seen while it does not run."""
    uses: dict[str, list[Use]] = {}
    for use in (*_of_services(told_services(aws)), *_of_tasks(told_tasks(aws))):
        uses.setdefault(use.arn, []).append(use)
    return [TaskDefinition(arn, tuple(found)) for arn, found in uses.items()]


def _of_services(told: Iterable[Any]) -> Iterator[Use]:
    for service in told:
        if not isinstance(service.get("deployments"), list):
            raise UnexpectedAnswer(f"{DESCRIBE_SERVICES} answered a service without deployments", DESCRIBE_SERVICES)
        # Task sets are told of where CodeDeploy or somebody else deploys, and the service itself names none then.
        parts = [*service["deployments"], *(service.get("taskSets") or ())] or [service]
        known = {each.get("taskDefinition") for each in parts}
        if not all(isinstance(arn, str) for arn in known):
            raise UnexpectedAnswer(f"{DESCRIBE_SERVICES} answered a service without taskDefinition", DESCRIBE_SERVICES)
        fargate = service.get("launchType") == "FARGATE" or _on_fargate(service)
        yield from (Use(arn, f"service {service.get('serviceName')}", fargate=fargate) for arn in sorted(known))


def _of_tasks(told: Iterable[Any]) -> Iterator[Use]:
    for task in told:
        if not isinstance(task.get("taskDefinitionArn"), str):
            raise UnexpectedAnswer(f"{DESCRIBE_TASKS} answered a task without taskDefinitionArn", DESCRIBE_TASKS)
        if str(task.get("group", "")).startswith("service:"):
            continue  # the service has told of it
        overridden = bool((task.get("overrides") or {}).get("taskRoleArn"))
        fargate = task.get("launchType") == "FARGATE" or _on_fargate(task)
        yield Use(task["taskDefinitionArn"], f"task {task.get('taskArn', '').rpartition('/')[2]}", overridden, fargate)


def _on_fargate(raw: Any) -> bool:
    """By its capacity providers, where no launch type is said."""
    names = [each.get("capacityProvider") for each in raw.get("capacityProviderStrategy") or ()] or [raw.get("capacityProviderName")]
    return all(name in ("FARGATE", "FARGATE_SPOT") for name in names)


@dataclass(frozen=True)
class _Cluster:
    arn: str


def told_services(aws: Aws) -> list[Any]:
    """What ECS tells of the services of the region, but for those that are deleted."""
    told = _told(aws, SERVICES, DESCRIBE_SERVICES, "service", SERVICES_AT_ONCE)
    return [service for service in told if service.get("status") != "INACTIVE"]


def told_tasks(aws: Aws) -> list[Any]:
    """What ECS tells of the running tasks of the region."""
    return _told(aws, TASKS, DESCRIBE_TASKS, "task", TASKS_AT_ONCE)


def _told(aws: Aws, listing: str, describing: str, kind: str, at_once: int) -> list[Any]:
    """What is told of all clusters; these are asked at the same time."""
    clusters = [_Cluster(arn) for arn in aws.list(CLUSTERS, "clusterArns")]

    def of(cluster: _Cluster) -> list[Any]:
        arns = aws.list(listing, f"{kind}Arns", cluster=cluster.arn)
        portions = [list(arns[start : start + at_once]) for start in range(0, len(arns), at_once)]
        return [raw for some in portions for raw in _described(aws, describing, f"{kind}s", cluster=cluster.arn, **{f"{kind}s": some})]

    answers = aws.each(clusters, of)
    return [raw for cluster in clusters for raw in answers[cluster]]


def _described(aws: Aws, operation: str, key: str, **params: Any) -> list[Any]:
    """What is told of those asked for. What has gone since is said to be missing; any other failure is an error."""
    answer = aws.ask(operation, **params)
    failures, found = answer.get("failures"), answer.get(key)
    if not isinstance(found, list) or not isinstance(failures, list) or any(failure.get("reason") != "MISSING" for failure in failures):
        raise UnexpectedAnswer(f"{operation} answered failures, or without {key}", operation)
    if len(found) + len(failures) != len(params[key]):
        raise UnexpectedAnswer(f"{operation} answered fewer {key} than were asked for", operation)
    return found


@read(DEFINITION, per="region")
def task_roles(aws: Aws, task_definitions: list[TaskDefinition]) -> PerResource[str | None]:
    """The role of each task definition in use, None where it has none; an execution role is the agent's, and no role of the task."""

    def role(definition: TaskDefinition) -> str | None:
        try:
            found = msgspec.convert(aws.ask(DEFINITION, taskDefinition=definition.arn).get("taskDefinition"), Definition)
        except msgspec.ValidationError as error:
            raise UnexpectedAnswer(f"{DEFINITION} answered a task definition that we cannot read: {error}", DEFINITION) from None
        return found.task_role_arn

    return aws.each(task_definitions, role)


# --- services and tasks that have network interfaces of their own ----------------------------------------------------------------------------


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
