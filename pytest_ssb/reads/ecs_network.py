"""ECS: in which subnets services and tasks that nobody but their starter keeps run, and whether they are given public addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.network_types import Unknown
from pytest_ssb.reads.ecs import CLUSTERS, DESCRIBE_SERVICES, DESCRIBE_TASKS, SERVICES, TASKS, told_services, told_tasks
from pytest_ssb.reads.ecs_services import Detail, Provided
from pytest_ssb.reads.registry import read

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference"

_AWSVPC = "networkConfiguration.awsvpcConfiguration"
_DEFAULT_GROUP = f"the default group of the VPC ({_API}/API_AwsVpcConfiguration.html)"


class Awsvpc(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html"""

    subnets: tuple[str, ...]
    assign_public_ip: Literal["ENABLED", "DISABLED"]
    # absent: the default group of the VPC
    security_groups: tuple[str, ...] = ()


class NetworkConfiguration(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_NetworkConfiguration.html"""

    # absent: of another network mode
    awsvpc_configuration: Awsvpc | None = None


class Launched(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a service, a deployment, a task set and a task have in common."""

    # absent: its capacity providers say it
    launch_type: Literal["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"] | None = None
    capacity_provider_strategy: tuple[Provided, ...] = ()
    # absent: its tasks are in the network of their instances
    network_configuration: NetworkConfiguration | None = None

    @property
    def awsvpc(self) -> Awsvpc | None:
        """Where its tasks run, None if that is the network of their instances."""
        return self.network_configuration.awsvpc_configuration if self.network_configuration else None

    @property
    def on_fargate(self) -> bool:
        """Whether there is no instance in whose network its tasks could be."""
        return self.launch_type == "FARGATE" or any(each.capacity_provider.startswith("FARGATE") for each in self.capacity_provider_strategy)


class PlacedService(Launched, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html"""

    arn: str = msgspec.field(name="Arn")
    service_name: str
    cluster_arn: str
    status: Literal["ACTIVE", "DRAINING", "INACTIVE"]
    deployments: tuple[Launched, ...]
    # absent: ECS deploys it itself
    task_sets: tuple[Launched, ...] = ()

    @property
    def configurations(self) -> tuple[Awsvpc, ...]:
        """Where its tasks run, by its own word and those of its deployments; none if that is the network of their instances."""
        said = (self, *self.deployments, *self.task_sets)
        found = dict.fromkeys(each.awsvpc for each in said if each.awsvpc is not None)
        if not found and any(each.on_fargate for each in said):
            raise Unknown("it runs on Fargate, and its network is not told")
        if not found and not any(each.launch_type or each.capacity_provider_strategy for each in said):
            raise Unknown("it is not told what its tasks run on")
        return tuple(found)


class Attachment(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attachment.html"""

    type: str
    details: tuple[Detail, ...]


class PlacedTask(Launched, frozen=True, kw_only=True, rename="camel"):
    """A task that belongs to no service (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html)."""

    arn: str = msgspec.field(name="Arn")
    cluster_arn: str
    task_definition_arn: str
    last_status: str
    capacity_provider_name: str | None = None
    attachments: tuple[Attachment, ...]

    @property
    def starting(self) -> bool:
        """Whether its network is still being made."""
        return self.last_status == "PROVISIONING"

    @property
    def interface(self) -> str | None:
        """Its network interface, None where it is in the network of its instance."""
        details = [detail for each in self.attachments if each.type in ("ElasticNetworkInterface", "eni") for detail in each.details]
        found = next((detail.value for detail in details if detail.name == "networkInterfaceId"), None)
        hosted = self.launch_type not in (None, "FARGATE") or (
            self.capacity_provider_name is not None and "FARGATE" not in self.capacity_provider_name
        )
        if found is None and (details or not hosted):
            raise Unknown("its network interface is not told")
        return found


@read(
    CLUSTERS,
    SERVICES,
    DESCRIBE_SERVICES,
    per="region",
    absent={
        f"{DESCRIBE_SERVICES} services.taskSets.{_AWSVPC}.securityGroups": _DEFAULT_GROUP,
        **{
            f"{DESCRIBE_SERVICES} services{part}.{field}": meaning
            for part in ("", ".deployments")
            for field, meaning in {
                "networkConfiguration": f"its tasks are not in the network mode awsvpc ({_API}/API_Service.html)",
                _AWSVPC: f"nor are they ({_API}/API_NetworkConfiguration.html)",
                f"{_AWSVPC}.securityGroups": _DEFAULT_GROUP,
            }.items()
        },
    },
)
def placed_services(aws: Aws) -> list[PlacedService]:
    """The services of the region, with where their tasks run."""
    found: list[PlacedService] = aws.parse(DESCRIBE_SERVICES, told_services(aws), PlacedService, "{serviceArn}")
    return found


@read(CLUSTERS, TASKS, DESCRIBE_TASKS, per="region")
def placed_tasks(aws: Aws) -> list[PlacedTask]:
    """The running tasks of the region that belong to no service; the services tell of theirs."""
    alone = [raw for raw in told_tasks(aws) if not str(raw.get("group", "")).startswith("service:")]
    found: list[PlacedTask] = aws.parse(DESCRIBE_TASKS, alone, PlacedTask, "{taskArn}")
    return found
