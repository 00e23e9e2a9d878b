"""Batch: the job definitions, and with which role their jobs come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

DEFINITIONS = "batch:DescribeJobDefinitions"


class Container(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/batch/latest/APIReference/API_ContainerProperties.html"""

    # absent: none, which fails
    job_role_arn: str | None = None


class Task(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/batch/latest/APIReference/API_EcsTaskProperties.html"""

    # absent: none, which fails
    task_role_arn: str | None = None


class Tasks(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/batch/latest/APIReference/API_EcsProperties.html"""

    task_properties: tuple[Task, ...]


class Pod(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/batch/latest/APIReference/API_EksPodProperties.html"""

    # absent: the default one, which fails
    service_account_name: str | None = None


class Pods(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/batch/latest/APIReference/API_EksProperties.html"""

    pod_properties: Pod


class Runs(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What jobs run in: one of these."""

    container: Container | None = None
    container_properties: Container | None = None
    ecs_properties: Tasks | None = None
    eks_properties: Pods | None = None

    @property
    def roles(self) -> tuple[str | None, ...]:
        """The role, or the pod's service account, of each part; nothing where none of the ways to run is said."""
        containers = [each.job_role_arn for each in (self.container, self.container_properties) if each is not None]
        tasks = [task.task_role_arn for task in self.ecs_properties.task_properties] if self.ecs_properties else []
        return (*containers, *tasks, *([self.eks_properties.pod_properties.service_account_name] if self.eks_properties else []))


class Nodes(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/batch/latest/APIReference/API_NodeProperties.html"""

    node_range_properties: tuple[Runs, ...]


class JobDefinition(Runs, frozen=True, kw_only=True, rename="camel"):
    """A job definition (https://docs.aws.amazon.com/batch/latest/APIReference/API_JobDefinition.html)."""

    arn: str = msgspec.field(name="Arn")
    job_definition_name: str
    revision: int
    node_properties: Nodes | None = None

    def __post_init__(self) -> None:
        """Refuse one of which it is not said what it runs."""
        if not self.all_roles:
            raise ValueError("a job definition needs one of containerProperties, ecsProperties, eksProperties and nodeProperties")

    @property
    def all_roles(self) -> tuple[str | None, ...]:
        """The role of each part of a job, on each of its nodes."""
        return (*self.roles, *(role for each in (self.node_properties.node_range_properties if self.node_properties else ()) for role in each.roles))


@read(DEFINITIONS, per="region")
def job_definitions(aws: Aws) -> list[JobDefinition]:
    """The newest active revision of each job definition."""
    found: list[JobDefinition] = aws.resources(DEFINITIONS, "jobDefinitions", JobDefinition, "{jobDefinitionArn}", status="ACTIVE")
    newest: dict[str, JobDefinition] = {}
    for each in found:
        error = error_of(each)
        name = each.arn.rpartition(":")[0] if error else each.job_definition_name
        if error is None and (name not in newest or each.revision > newest[name].revision):
            newest[name] = each
    return [*newest.values(), *(each for each in found if error_of(each))]
