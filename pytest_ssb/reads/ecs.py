"""ECS: the task definitions that services and running tasks use, and with which role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.registry import read

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
