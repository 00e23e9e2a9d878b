"""Secrets in ECS task definitions that are in use: those of services and running tasks, and the newest of every family."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.secret_holders import Hidden, Holder, Variable, held, search_for
from pytest_ssb.secrets.search import Found, Search

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

CLUSTERS, SERVICES, DESCRIBE_SERVICES = "ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices"
TASKS, DESCRIBE_TASKS = "ecs:ListTasks", "ecs:DescribeTasks"
FAMILIES, DEFINITION = "ecs:ListTaskDefinitionFamilies", "ecs:DescribeTaskDefinition"
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html and API_DescribeTasks.html
SERVICES_AT_ONCE, TASKS_AT_ONCE = 10, 100
API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference"


class LogConfiguration(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html"""

    # absent: none
    options: dict[str, str] = msgspec.field(default_factory=dict)


class Injected(Hidden, frozen=True, kw_only=True, rename="camel"):
    """A variable whose value comes from a store (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html)."""

    name: str


class Container(Hidden, frozen=True, kw_only=True, rename="camel"):
    """A container, or what a task overrides of one (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html)."""

    name: str
    # Each absent: none, or what the image says
    environment: tuple[Variable, ...] = ()
    secrets: tuple[Injected, ...] = ()
    command: tuple[str, ...] = ()
    entry_point: tuple[str, ...] = ()
    environment_files: tuple[Any, ...] = ()
    log_configuration: LogConfiguration = msgspec.field(default_factory=LogConfiguration)


class TaskDefinition(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html"""

    family: str
    revision: int
    container_definitions: tuple[Container, ...]


class InUse(Hidden, frozen=True, kw_only=True, rename="camel"):
    """A deployment or task set of a service."""

    task_definition: str


class Service(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html"""

    deployments: tuple[InUse, ...]
    # absent: the service is not deployed by task sets
    task_sets: tuple[InUse, ...] = ()


class Overrides(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html"""

    # absent: nothing of a container
    container_overrides: tuple[Container, ...] = ()


class Task(Hidden, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html"""

    task_definition_arn: str
    # absent: nothing is overridden
    overrides: Overrides = msgspec.field(default_factory=Overrides)


@dataclass(frozen=True)
class Named:
    """A task definition to describe: `asked` is its family or its ARN, `arn` what it is called until it is known."""

    arn: str
    asked: str


def _absences() -> Iterator[tuple[str, str]]:
    for place, page in (
        ("taskDefinition.containerDefinitions", "API_ContainerDefinition.html"),
        ("tasks.overrides.containerOverrides", "API_ContainerOverride.html"),
    ):
        operation = DEFINITION if place.startswith("taskDefinition") else DESCRIBE_TASKS
        yield f"{operation} {place}.environment", f"no variables ({API}/{page})"
        yield f"{operation} {place}.command", f"that of the image ({API}/{page})"
    yield f"{DEFINITION} taskDefinition.containerDefinitions.secrets", f"none ({API}/API_ContainerDefinition.html)"
    yield f"{DEFINITION} taskDefinition.containerDefinitions.entryPoint", f"that of the image ({API}/API_ContainerDefinition.html)"
    yield f"{DEFINITION} taskDefinition.containerDefinitions.logConfiguration", f"the log driver's own settings ({API}/API_ContainerDefinition.html)"
    yield f"{DEFINITION} taskDefinition.containerDefinitions.logConfiguration.options", f"none ({API}/API_LogConfiguration.html)"
    yield f"{DESCRIBE_SERVICES} services.taskSets", f"the service is not deployed by task sets ({API}/API_Service.html)"
    yield f"{DESCRIBE_TASKS} tasks.overrides", f"nothing is overridden ({API}/API_Task.html)"
    yield f"{DESCRIBE_TASKS} tasks.overrides.containerOverrides", f"nothing is overridden ({API}/API_TaskOverride.html)"


@read(CLUSTERS, SERVICES, DESCRIBE_SERVICES, TASKS, DESCRIBE_TASKS, FAMILIES, DEFINITION, per="region", absent=dict(_absences()))
def ecs_secrets(aws: Aws, ssb_profile: Profile) -> list[Holder]:
    """The task definitions in use, each with the secrets in its containers and in what running tasks override of them."""
    search = search_for(ssb_profile)
    clusters = aws.list(CLUSTERS, "clusterArns")
    tasks = [task for cluster in clusters for task in _tasks(aws, cluster)]
    used = {task.task_definition_arn for task in tasks}
    used |= {
        each.task_definition for cluster in clusters for service in _services(aws, cluster) for each in (*service.deployments, *service.task_sets)
    }
    prefix = f"arn:{aws.partition}:ecs:{aws.region}:{aws.account}:task-definition"
    newest = [Named(f"{prefix}/{family}", family) for family in aws.list(FAMILIES, "families", status="ACTIVE")]
    newest_known = _described(aws, newest, search)
    known = {holder.arn for holder in newest_known}
    others = _described(aws, [Named(arn, arn) for arn in sorted(used - known)], search)
    return [_with_overrides(holder, tasks, search) for holder in (*newest_known, *others)]


def _described(aws: Aws, named: Sequence[Named], search: Search) -> list[Holder]:
    answers = aws.each(named, lambda each: aws.ask(DEFINITION, taskDefinition=each.asked))

    def look(each: Named) -> Holder:
        raw = answers[each].get("taskDefinition") or {}
        (definition,) = aws.parse(DEFINITION, [raw], TaskDefinition, "{taskDefinitionArn}")
        found = sum((_of(container, search, "container") for container in definition.container_definitions), Found())
        files = any(container.environment_files for container in definition.container_definitions)
        note = "no secrets in it; its environment files in S3 were not read" if files else None
        return Holder(raw["taskDefinitionArn"], f"{definition.family}:{definition.revision}", found, note=note)

    return held(named, look)


def _of(container: Container, search: Search, place: str) -> Found:
    place = f"{place} {container.name}"
    found = search.variables(((each.name, each.value) for each in container.environment), place)
    found += search.injected((each.name for each in container.secrets), place)
    found += search.variables(container.log_configuration.options, f"{place}, log options")
    return found + search.text(" ".join((*container.entry_point, *container.command)), f"{place}, command")


def _with_overrides(holder: Holder, tasks: Iterable[Task], search: Search) -> Holder:
    def look(known: Holder) -> Holder:
        overrides = [each for task in tasks if task.task_definition_arn == known.arn for each in task.overrides.container_overrides]
        found = sum((_of(each, search, "a running task's override of container") for each in overrides), known.found)
        return Holder(known.arn, known.name, found, note=known.note)

    return held([holder], look)[0]


def _services(aws: Aws, cluster: str) -> list[Service]:
    arns = aws.list(SERVICES, "serviceArns", cluster=cluster)
    return _all(aws, DESCRIBE_SERVICES, "services", arns, SERVICES_AT_ONCE, Service, cluster)


def _tasks(aws: Aws, cluster: str) -> list[Task]:
    arns = aws.list(TASKS, "taskArns", cluster=cluster)
    return _all(aws, DESCRIBE_TASKS, "tasks", arns, TASKS_AT_ONCE, Task, cluster)


def _all(aws: Aws, operation: str, key: str, arns: Sequence[str], at_once: int, type: Any, cluster: str) -> list[Any]:
    """What was listed, described. Nothing is left out in silence but what is gone meanwhile."""
    found: list[Any] = []
    for start in range(0, len(arns), at_once):
        wanted = arns[start : start + at_once]
        params: dict[str, Any] = {"cluster": cluster, key: wanted}
        answer = aws.ask(operation, **params)
        gone = [each for each in answer.get("failures") or () if each.get("reason") == "MISSING"]
        if len(answer.get(key) or ()) + len(gone) != len(wanted):
            raise UnexpectedAnswer(f"{operation} answered fewer {key} than were asked for", operation)
        try:
            found += msgspec.convert(answer[key], list[type])
        except msgspec.ValidationError as error:
            raise UnexpectedAnswer(f"{operation} answered {key} that we cannot read: {error}", operation) from error
    return found
