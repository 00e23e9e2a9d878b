"""Systems Manager: the agents on instances, and whether AWS gives every instance what its agent needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.ec2 import Instance
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import Index

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

AGENTS, SETTING = "ssm:DescribeInstanceInformation", "ssm:GetServiceSetting"
HOST_MANAGEMENT = "/ssm/managed-instance/default-ec2-instance-management-role"


class Agent(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """An agent as Systems Manager knows it (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_InstanceInformation.html)."""

    arn: str
    instance_id: str
    ping_status: Literal["Online", "ConnectionLost", "Inactive"]
    # absent where it is not known
    is_latest_version: bool = False


class Agents:
    """The agents by instance. What could not be read raises when one is asked for that might be it."""

    def __init__(self, agents: Iterable[Agent]) -> None:
        self._agents = Index(agents, lambda agent: (agent.instance_id,))

    def of(self, instance: Instance) -> Agent | None:
        """The instance's agent, None if it has never been heard of."""
        return self._agents.get(instance.instance_id)

    def knows(self, instance_id: str) -> bool:
        """Whether the agent of an instance has ever been heard of."""
        return self._agents.get(instance_id) is not None

    def speaks(self, instance: Instance) -> bool:
        """Whether the instance runs and its agent is online."""
        return instance.running and self.status(instance) == "Online"

    def status(self, instance: Instance) -> str:
        """`Online`, `ConnectionLost`, `Inactive`, or that it is not registered."""
        agent = self.of(instance)
        return agent.ping_status if agent else "not registered"

    def is_latest(self, instance: Instance) -> bool:
        """Whether the instance is managed, and by an agent of the latest version."""
        agent = self.of(instance)
        return agent is not None and agent.is_latest_version


@read(AGENTS, per="region")
def agents(aws: Aws, instances: list[Instance]) -> Agents:
    """The agents that Systems Manager knows; where there are no instances, nothing is asked."""
    if not instances:
        return Agents(())
    found: list[Agent] = aws.resources(
        AGENTS, "InstanceInformationList", Agent, "arn:{partition}:ssm:{region}:{account}:managed-instance/{InstanceId}"
    )
    return Agents(found)


class ServiceSetting(msgspec.Struct, frozen=True, rename="pascal"):
    """A setting of Systems Manager (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ServiceSetting.html)."""

    status: Literal["Default", "Customized", "PendingUpdate"]


@read(SETTING, per="region")
def default_host_management(aws: Aws, instances: list[Instance]) -> bool:
    """Whether Systems Manager gives a role to the agents of instances which have none: Default Host Management. Not asked where there are no instances."""
    if not instances:
        return False
    setting = f"arn:{aws.partition}:ssm:{aws.region}:{aws.account}:servicesetting{HOST_MANAGEMENT}"
    answer = aws.ask(SETTING, SettingId=setting).get("ServiceSetting")
    try:
        return msgspec.convert(answer, ServiceSetting).status == "Customized"
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{SETTING} answered a setting that we cannot read: {error}", SETTING) from None
