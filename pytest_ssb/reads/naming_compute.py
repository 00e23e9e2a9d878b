"""What names subnets and security groups: functions, containers, jobs and builds, which have an interface only while they run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_ssb.reads.naming import Lookup, Naming, listed, one_by_one, part, portions

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


ECS = ("ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices")
EKS = ("eks:ListClusters", "eks:DescribeCluster")
BUILDS = ("codebuild:ListProjects", "codebuild:BatchGetProjects")


class VpcConfig(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfigResponse.html"""

    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]


class Function(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html"""

    vpc_config: VpcConfig | None = None  # absent: in no VPC

    @property
    def subnets(self) -> tuple[str, ...]:
        """Its subnets, in which it has no interface once it has slept for weeks."""
        return self.vpc_config.subnet_ids if self.vpc_config else ()

    @property
    def groups(self) -> tuple[str, ...]:
        """Its groups."""
        return self.vpc_config.security_group_ids if self.vpc_config else ()


class AwsvpcConfiguration(msgspec.Struct, frozen=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html"""

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...] = ()  # absent: the default group of the VPC


class TaskNetwork(msgspec.Struct, frozen=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_NetworkConfiguration.html"""

    awsvpc_configuration: AwsvpcConfiguration | None = None


class Service(Naming, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html"""

    network_configuration: TaskNetwork | None = None  # absent: its tasks are in the network of their instances

    @property
    def _vpc(self) -> AwsvpcConfiguration | None:
        return self.network_configuration.awsvpc_configuration if self.network_configuration else None

    @property
    def subnets(self) -> tuple[str, ...]:
        """Where its tasks run, as soon as there are any."""
        return self._vpc.subnets if self._vpc else ()

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of its tasks."""
        return self._vpc.security_groups if self._vpc else ()


def _services(aws: Aws) -> Iterator[Any]:
    def of_cluster(cluster: str) -> Iterator[Any]:
        pages = aws.pages(ECS[1], cluster=cluster, gone="ClusterNotFoundException")
        listed = [name for page in pages for name in part(ECS[1], page, "serviceArns")]
        for names in portions(listed, 10):  # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html
            answer = aws.ask(ECS[2], cluster=cluster, services=names, gone="ClusterNotFoundException")
            yield from aws.parse(ECS[2], part(ECS[2], answer, "services"), Service, "{serviceArn}")

    return one_by_one(aws.list(ECS[0], "clusterArns"), of_cluster)


class ClusterVpc(msgspec.Struct, frozen=True, rename="camel"):
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_VpcConfigResponse.html"""

    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...] = ()  # absent: only the one that EKS makes
    cluster_security_group_id: str | None = None  # absent while the cluster is being created


class Cluster(Naming, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html"""

    resources_vpc_config: ClusterVpc

    @property
    def subnets(self) -> tuple[str, ...]:
        """Those of its control plane."""
        return self.resources_vpc_config.subnet_ids

    @property
    def groups(self) -> tuple[str | None, ...]:
        """Those that it was given, and the one that EKS made."""
        vpc = self.resources_vpc_config
        return (*vpc.security_group_ids, vpc.cluster_security_group_id)


def _clusters(aws: Aws) -> Iterator[Any]:
    def described(name: str) -> Any:
        answer = aws.ask(EKS[1], name=name, gone="ResourceNotFoundException")
        return aws.parse(EKS[1], [part(EKS[1], answer, "cluster")], Cluster, "{arn}")

    return one_by_one(aws.list(EKS[0], "clusters"), described)


class ComputeResource(msgspec.Struct, frozen=True, rename="camel"):
    """https://docs.aws.amazon.com/batch/latest/APIReference/API_ComputeResource.html"""

    subnets: tuple[str, ...]
    security_group_ids: tuple[str, ...] = ()  # absent: those of the launch template


class ComputeEnvironment(Naming, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/batch/latest/APIReference/API_ComputeEnvironmentDetail.html"""

    compute_resources: ComputeResource | None = None  # absent: its instances are managed by the user

    @property
    def subnets(self) -> tuple[str, ...]:
        """Where its jobs run, as soon as there are any."""
        return self.compute_resources.subnets if self.compute_resources else ()

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of what runs its jobs."""
        return self.compute_resources.security_group_ids if self.compute_resources else ()


class BuildVpc(msgspec.Struct, frozen=True, rename="camel"):
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_VpcConfig.html"""

    subnets: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()


class Project(Naming, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html"""

    vpc_config: BuildVpc | None = None  # absent: its builds are in no VPC

    @property
    def subnets(self) -> tuple[str, ...]:
        """Where its builds run, as long as there is one."""
        return self.vpc_config.subnets if self.vpc_config else ()

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of its builds."""
        return self.vpc_config.security_group_ids if self.vpc_config else ()


def _projects(aws: Aws) -> Iterator[Any]:
    def described(names: Sequence[str]) -> Any:
        return aws.parse(BUILDS[1], part(BUILDS[1], aws.ask(BUILDS[1], names=names), "projects"), Project, "{arn}")

    # https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetProjects.html
    return one_by_one(portions(aws.list(BUILDS[0], "projects"), 100), described)


class ConnectionPlace(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/glue/latest/webapi/API_PhysicalConnectionRequirements.html"""

    subnet_id: str | None = None
    security_group_id_list: tuple[str, ...] = ()


class Connection(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/glue/latest/webapi/API_Connection.html"""

    place: ConnectionPlace | None = msgspec.field(name="PhysicalConnectionRequirements", default=None)  # absent: in no VPC

    @property
    def subnets(self) -> tuple[str | None, ...]:
        """Where the jobs that connect by it run."""
        return (self.place.subnet_id,) if self.place else ()

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of these jobs."""
        return self.place.security_group_id_list if self.place else ()


_HERE = "{region}:{account}:"

LOOKUPS: tuple[Lookup, ...] = (
    listed("lambda:ListFunctions", "Functions", Function, "{FunctionArn}"),
    Lookup(ECS, _services),
    Lookup(EKS, _clusters),
    listed("batch:DescribeComputeEnvironments", "computeEnvironments", ComputeEnvironment, "{computeEnvironmentArn}"),
    Lookup(BUILDS, _projects),
    # The passwords of connections are none of our business.
    listed("glue:GetConnections", "ConnectionList", Connection, "arn:{partition}:glue:" + _HERE + "connection/{Name}", HidePassword=True),
)
