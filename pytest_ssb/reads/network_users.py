"""What names subnets and security groups in its own settings: asked of some fifteen services, only where a verdict hangs on it.

File systems, brokers and search domains have an interface in each of their subnets on AWS; they are asked all the same, since nobody promises that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec

from pytest_ssb.errors import AwsError, NotOffered, UnexpectedAnswer, Vanished
from pytest_ssb.network import NatGateway, VpcEndpoint
from pytest_ssb.network_use import User
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


class Naming(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Something that names subnets or security groups."""

    arn: str = msgspec.field(name="Arn")
    runs: ClassVar[bool] = True

    @property
    def alive(self) -> bool:
        """Whether it is not on its way out."""
        return True

    @property
    def subnets(self) -> Iterable[str | None]:
        """The subnets that it names."""
        return ()

    @property
    def groups(self) -> Iterable[str | None]:
        """The security groups that it names, by their ids, or in a default VPC by their names."""
        return ()

    @property
    def name(self) -> str:
        """What it is, in words for a reason."""
        _, _, service, _, _, resource = self.arn.split(":", 5)
        return f"{service} {resource}"

    @property
    def user(self) -> User:
        """The same, in the words of the network model."""
        groups = tuple(each for each in self.groups if each)
        return User(
            name=self.name,
            subnets=tuple(each for each in self.subnets if each),
            groups=tuple(each for each in groups if each.startswith("sg-")),
            group_names=tuple(each for each in groups if not each.startswith("sg-")),
            runs=self.runs,
        )


Ask = Callable[["Aws"], Iterable[Any]]


@dataclass(frozen=True)
class Lookup:
    """One question: the operations that it takes, the first of which names it, and who asks it."""

    operations: tuple[str, ...]
    ask: Ask

    @property
    def arn(self) -> str:
        """Its name."""
        return self.operations[0]


def users_of_network(aws: Aws) -> list[User]:
    """Everything that names subnets or groups. What could not be read stands as unread in the list; a service that the region lacks has nothing."""
    answers = aws.each(LOOKUPS, lambda lookup: _users(aws, lookup))
    found: list[User] = []
    for lookup in LOOKUPS:
        try:
            found += answers[lookup]
        except AwsError as error:
            found.append(unread(error))
    return found


def _users(aws: Aws, lookup: Lookup) -> list[User]:
    try:
        named = list(lookup.ask(aws))
    except NotOffered:
        return []
    return [each if error_of(each) else each.user for each in named if error_of(each) or each.alive]


def _list(operation: str, key: str, type: type[Naming], arn: str, **params: Any) -> Lookup:
    """A question that is answered by one list."""
    return Lookup((operation,), lambda aws: aws.resources(operation, key, type, arn, **params))


def _part(operation: str, answer: Any, key: str) -> Any:
    """A part of an answer that AWS always gives."""
    if answer.get(key) is None:
        raise UnexpectedAnswer(f"{operation} answered without {key}", operation)
    return answer[key]


def _names(operation: str, raws: Iterable[Any], key: str) -> list[str]:
    """What each of a list is called."""
    return [_part(operation, raw, key) for raw in raws]


def _one_by_one(names: Iterable[Any], ask: Callable[[Any], Iterable[Any]]) -> Iterator[Any]:
    """What is answered of each; what fails for one stands as unread, what is gone by then is left out."""
    for name in names:
        try:
            yield from ask(name)
        except Vanished:
            continue
        except AwsError as error:
            yield unread(error)


def _portions(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (names[start : start + size] for start in range(0, len(names), size))


# --- EC2 and Auto Scaling ------------------------------------------------------------------------------------------------------------------------


class Endpoint(VpcEndpoint, frozen=True, kw_only=True, rename="pascal"):
    """A VPC endpoint, whose interfaces AWS makes one in each subnet."""

    @property
    def user(self) -> User:
        """The endpoint as a user of its subnets and groups."""
        return User(name=self.vpc_endpoint_id, subnets=self.subnet_ids, groups=tuple(each.group_id for each in self.groups))

    @property
    def alive(self) -> bool:
        """Whether it is there."""
        return self.exists


class Gateway(NatGateway, frozen=True, kw_only=True, rename="pascal"):
    """A NAT gateway."""

    @property
    def user(self) -> User:
        """The gateway as a user of its subnet."""
        return User(name=self.nat_gateway_id, subnets=(self.subnet_id,) if self.subnet_id else ())

    @property
    def alive(self) -> bool:
        """Whether it is there."""
        return self.exists


class TransitAttachment(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayVpcAttachment.html"""

    state: Literal[
        "initiating",
        "initiatingRequest",
        "pendingAcceptance",
        "rollingBack",
        "pending",
        "available",
        "modifying",
        "deleting",
        "deleted",
        "failed",
        "rejected",
        "rejecting",
        "failing",
    ]
    subnet_ids: tuple[str, ...]

    @property
    def alive(self) -> bool:
        """Whether it connects the VPC, or is about to."""
        return self.state in ("initiating", "initiatingRequest", "pendingAcceptance", "pending", "available", "modifying")

    @property
    def subnets(self) -> tuple[str, ...]:
        """One subnet in each zone."""
        return self.subnet_ids


class TemplateInterface(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateInstanceNetworkInterfaceSpecification.html"""

    groups: tuple[str, ...] = ()
    subnet_id: str | None = None


class TemplateData(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResponseLaunchTemplateData.html"""

    security_group_ids: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    network_interfaces: tuple[TemplateInterface, ...] = ()


class TemplateVersion(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateVersion.html"""

    launch_template_data: TemplateData

    @property
    def groups(self) -> tuple[str, ...]:
        """Those of the instance and those of its interfaces."""
        data = self.launch_template_data
        return (*data.security_group_ids, *data.security_groups, *(group for each in data.network_interfaces for group in each.groups))

    @property
    def subnets(self) -> Iterator[str | None]:
        """Those of its interfaces."""
        return (each.subnet_id for each in self.launch_template_data.network_interfaces)


class LaunchConfiguration(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchConfiguration.html"""

    security_groups: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """Its groups."""
        return self.security_groups


class ScalingGroup(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html"""

    # absent: in the zones' default subnets
    zones: str = msgspec.field(name="VPCZoneIdentifier", default="")

    @property
    def subnets(self) -> list[str]:
        """The subnets that it may launch in, with or without an instance now."""
        return [each.strip() for each in self.zones.split(",")]


# --- functions, containers, builds and jobs ------------------------------------------------------------------------------------------------------


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
        listed = [name for page in pages for name in _part(ECS[1], page, "serviceArns")]
        for names in _portions(listed, 10):  # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html
            answer = aws.ask(ECS[2], cluster=cluster, services=names, gone="ClusterNotFoundException")
            yield from aws.parse(ECS[2], _part(ECS[2], answer, "services"), Service, "{serviceArn}")

    return _one_by_one(aws.list(ECS[0], "clusterArns"), of_cluster)


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
        return aws.parse(EKS[1], [_part(EKS[1], answer, "cluster")], Cluster, "{arn}")

    return _one_by_one(aws.list(EKS[0], "clusters"), described)


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
        return aws.parse(BUILDS[1], _part(BUILDS[1], aws.ask(BUILDS[1], names=names), "projects"), Project, "{arn}")

    # https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetProjects.html
    return _one_by_one(_portions(aws.list(BUILDS[0], "projects"), 100), described)


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


# --- load balancers ------------------------------------------------------------------------------------------------------------------------------


class Zone(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AvailabilityZone.html"""

    subnet_id: str


class Balancer(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html"""

    availability_zones: tuple[Zone, ...]
    security_groups: tuple[str, ...] = ()  # absent: a Network Load Balancer that was made without groups, or a Gateway Load Balancer

    @property
    def subnets(self) -> Iterator[str]:
        """One subnet in each zone."""
        return (each.subnet_id for each in self.availability_zones)

    @property
    def groups(self) -> tuple[str, ...]:
        """Its groups."""
        return self.security_groups


class ClassicBalancer(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_LoadBalancerDescription.html"""

    in_subnets: tuple[str, ...] = msgspec.field(name="Subnets")
    security_groups: tuple[str, ...]

    @property
    def subnets(self) -> tuple[str, ...]:
        """One subnet in each zone."""
        return self.in_subnets

    @property
    def groups(self) -> tuple[str, ...]:
        """Its groups."""
        return self.security_groups


# --- data ----------------------------------------------------------------------------------------------------------------------------------------


class ListedSubnet(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A subnet of a subnet group: RDS and those that are built like it call it otherwise than MemoryDB."""

    subnet_identifier: str | None = None
    identifier: str | None = None

    def __post_init__(self) -> None:
        """Refuse one without any name."""
        if not (self.subnet_identifier or self.identifier):
            raise ValueError("a subnet of a subnet group needs SubnetIdentifier or Identifier")


class SubnetGroup(Naming, frozen=True, kw_only=True, rename="pascal"):
    """A subnet group of RDS, ElastiCache, Redshift, DMS or MemoryDB."""

    runs: ClassVar[bool] = False
    listed: tuple[ListedSubnet, ...] = msgspec.field(name="Subnets")

    @property
    def subnets(self) -> Iterator[str | None]:
        """The subnets in which something may be put."""
        return (each.subnet_identifier or each.identifier for each in self.listed)


class MemorySubnetGroup(SubnetGroup, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/memorydb/latest/APIReference/API_SubnetGroup.html"""

    called: str = msgspec.field(name="Name")

    @property
    def alive(self) -> bool:
        """Whether somebody made it: `default` is there in accounts that never used MemoryDB."""
        return self.called != "default"


class VpcSecurityGroup(msgspec.Struct, frozen=True, rename="pascal"):
    """A security group of a database."""

    vpc_security_group_id: str


class Guarded(Naming, frozen=True, kw_only=True, rename="pascal"):
    """An instance or cluster of RDS, Redshift or DMS; its subnets are those of its subnet group."""

    vpc_security_groups: tuple[VpcSecurityGroup, ...]

    @property
    def groups(self) -> Iterator[str]:
        """Its groups."""
        return (each.vpc_security_group_id for each in self.vpc_security_groups)


class MemberGroup(msgspec.Struct, frozen=True, rename="pascal"):
    """A security group of a cache."""

    security_group_id: str


class Cache(Naming, frozen=True, kw_only=True, rename="pascal"):
    """A cluster of ElastiCache or MemoryDB; its subnets are those of its subnet group."""

    security_groups: tuple[MemberGroup, ...]

    @property
    def groups(self) -> Iterator[str]:
        """Its groups."""
        return (each.security_group_id for each in self.security_groups)


class Proxy(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBProxy.html"""

    vpc_subnet_ids: tuple[str, ...]
    vpc_security_group_ids: tuple[str, ...]

    @property
    def subnets(self) -> tuple[str, ...]:
        """Its subnets."""
        return self.vpc_subnet_ids

    @property
    def groups(self) -> tuple[str, ...]:
        """Its groups."""
        return self.vpc_security_group_ids


class MountTarget(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/efs/latest/ug/API_MountTargetDescription.html; its groups are on its interface."""

    subnet_id: str

    @property
    def subnets(self) -> tuple[str, ...]:
        """Its subnet."""
        return (self.subnet_id,)


def _mount_targets(aws: Aws) -> Iterator[Any]:
    arn = "arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{FileSystemId}"

    def of_file_system(file_system: str) -> Any:
        pages = aws.pages(FILES[1], FileSystemId=file_system, gone="FileSystemNotFound")
        return aws.parse(FILES[1], [raw for page in pages for raw in _part(FILES[1], page, "MountTargets")], MountTarget, arn)

    return _one_by_one(_names(FILES[0], aws.list(FILES[0], "FileSystems"), "FileSystemId"), of_file_system)


class Broker(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/amazon-mq/latest/api-reference/brokers-broker-id.html"""

    subnet_ids: tuple[str, ...]
    security_groups: tuple[str, ...]

    @property
    def subnets(self) -> tuple[str, ...]:
        """Its subnets."""
        return self.subnet_ids

    @property
    def groups(self) -> tuple[str, ...]:
        """Its groups."""
        return self.security_groups


def _brokers(aws: Aws) -> Iterator[Any]:
    def described(broker: str) -> Any:
        return aws.parse(BROKERS[1], [aws.ask(BROKERS[1], BrokerId=broker, gone="NotFoundException")], Broker, "{BrokerArn}")

    return _one_by_one(_names(BROKERS[0], aws.list(BROKERS[0], "BrokerSummaries"), "BrokerId"), described)


class BrokerNodes(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/msk/1.0/apireference/clusters.html"""

    client_subnets: tuple[str, ...]
    security_groups: tuple[str, ...] = ()  # absent: the default group of the VPC


class Provisioned(msgspec.Struct, frozen=True, rename="pascal"):
    """A cluster of brokers."""

    broker_node_group_info: BrokerNodes


class ServerlessVpc(msgspec.Struct, frozen=True, rename="pascal"):
    """A VPC that a cluster is reached from."""

    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...] = ()  # absent: the default group of the VPC


class Serverless(msgspec.Struct, frozen=True, rename="pascal"):
    """A cluster without brokers, reached from these VPCs."""

    vpc_configs: tuple[ServerlessVpc, ...]


class KafkaCluster(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/msk/2.0/APIReference/v2-clusters.html: it is of one of the two kinds."""

    provisioned: Provisioned | None = None
    serverless: Serverless | None = None

    def __post_init__(self) -> None:
        """Refuse one of neither kind."""
        if self.provisioned is None and self.serverless is None:
            raise ValueError("a cluster needs Provisioned or Serverless")

    @property
    def subnets(self) -> tuple[str, ...]:
        """Its subnets."""
        provisioned = self.provisioned.broker_node_group_info.client_subnets if self.provisioned else ()
        return (*provisioned, *(subnet for each in (self.serverless.vpc_configs if self.serverless else ()) for subnet in each.subnet_ids))

    @property
    def groups(self) -> tuple[str, ...]:
        """Its groups."""
        provisioned = self.provisioned.broker_node_group_info.security_groups if self.provisioned else ()
        return (*provisioned, *(group for each in (self.serverless.vpc_configs if self.serverless else ()) for group in each.security_group_ids))


class DomainVpc(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_VPCDerivedInfo.html"""

    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()


class Domain(Naming, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DomainStatus.html"""

    vpc: DomainVpc | None = msgspec.field(name="VPCOptions", default=None)  # absent: its endpoint is public

    @property
    def subnets(self) -> tuple[str, ...]:
        """Its subnets."""
        return self.vpc.subnet_ids if self.vpc else ()

    @property
    def groups(self) -> tuple[str, ...]:
        """Its groups."""
        return self.vpc.security_group_ids if self.vpc else ()


def _domains(aws: Aws) -> Iterator[Any]:
    def described(names: Sequence[str]) -> Any:
        return aws.parse(DOMAINS[1], _part(DOMAINS[1], aws.ask(DOMAINS[1], DomainNames=names), "DomainStatusList"), Domain, "{ARN}")

    # https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DescribeDomains.html
    names = _names(DOMAINS[0], _part(DOMAINS[0], aws.ask(DOMAINS[0]), "DomainNames"), "DomainName")
    return _one_by_one(_portions(names, 5), described)


# --- other accounts ------------------------------------------------------------------------------------------------------------------------------


class Shared(Naming, frozen=True, kw_only=True, rename="camel"):
    """A subnet or group that other accounts may use, who need not tell (https://docs.aws.amazon.com/ram/latest/APIReference/API_ResourceShareAssociation.html)."""

    associated_entity: str
    status: Literal["ASSOCIATING", "ASSOCIATED", "FAILED", "DISASSOCIATING", "DISASSOCIATED", "SUSPENDED", "SUSPENDING", "RESTORING"]

    @property
    def alive(self) -> bool:
        """Whether it is shared, or about to be."""
        return self.status in ("ASSOCIATING", "ASSOCIATED", "RESTORING")

    @property
    def name(self) -> str:
        """Who uses it."""
        return "other accounts, with which it is shared"

    @property
    def subnets(self) -> tuple[str, ...]:
        """The subnet, if it is one."""
        return self._called("subnet")

    @property
    def groups(self) -> tuple[str, ...]:
        """The security group, if it is one."""
        return self._called("security-group")

    def _called(self, kind: str) -> tuple[str, ...]:
        found, _, name = self.associated_entity.split(":", 5)[-1].partition("/")
        return (name,) if found == kind else ()


# ------------------------------------------------------------------------------------------------------------------------------------------------

_EC2, _HERE = "arn:{partition}:ec2:{region}:{account}:", "{region}:{account}:"
ECS = ("ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices")
EKS = ("eks:ListClusters", "eks:DescribeCluster")
BUILDS = ("codebuild:ListProjects", "codebuild:BatchGetProjects")
FILES = ("efs:DescribeFileSystems", "efs:DescribeMountTargets")
BROKERS = ("mq:ListBrokers", "mq:DescribeBroker")
DOMAINS = ("opensearch:ListDomainNames", "opensearch:DescribeDomains")

LOOKUPS: tuple[Lookup, ...] = (
    Lookup(
        ("ec2:DescribeVpcEndpoints",),
        lambda aws: aws.resources("ec2:DescribeVpcEndpoints", "VpcEndpoints", Endpoint, _EC2 + "vpc-endpoint/{VpcEndpointId}"),
    ),
    Lookup(
        ("ec2:DescribeNatGateways",),
        lambda aws: aws.resources("ec2:DescribeNatGateways", "NatGateways", Gateway, _EC2 + "natgateway/{NatGatewayId}"),
    ),
    _list(
        "ec2:DescribeTransitGatewayVpcAttachments",
        "TransitGatewayVpcAttachments",
        TransitAttachment,
        _EC2 + "transit-gateway-attachment/{TransitGatewayAttachmentId}",
    ),
    _list(
        "ec2:DescribeLaunchTemplateVersions",
        "LaunchTemplateVersions",
        TemplateVersion,
        _EC2 + "launch-template/{LaunchTemplateId}",
        Versions=["$Default", "$Latest"],
    ),
    _list("autoscaling:DescribeLaunchConfigurations", "LaunchConfigurations", LaunchConfiguration, "{LaunchConfigurationARN}"),
    _list("autoscaling:DescribeAutoScalingGroups", "AutoScalingGroups", ScalingGroup, "{AutoScalingGroupARN}"),
    _list("lambda:ListFunctions", "Functions", Function, "{FunctionArn}"),
    Lookup(ECS, _services),
    Lookup(EKS, _clusters),
    _list("batch:DescribeComputeEnvironments", "computeEnvironments", ComputeEnvironment, "{computeEnvironmentArn}"),
    Lookup(BUILDS, _projects),
    # The passwords of connections are none of our business.
    _list("glue:GetConnections", "ConnectionList", Connection, "arn:{partition}:glue:" + _HERE + "connection/{Name}", HidePassword=True),
    _list("elbv2:DescribeLoadBalancers", "LoadBalancers", Balancer, "{LoadBalancerArn}"),
    _list(
        "elb:DescribeLoadBalancers",
        "LoadBalancerDescriptions",
        ClassicBalancer,
        "arn:{partition}:elasticloadbalancing:" + _HERE + "loadbalancer/{LoadBalancerName}",
    ),
    _list("rds:DescribeDBSubnetGroups", "DBSubnetGroups", SubnetGroup, "{DBSubnetGroupArn}"),
    _list("rds:DescribeDBInstances", "DBInstances", Guarded, "{DBInstanceArn}"),
    _list("rds:DescribeDBClusters", "DBClusters", Guarded, "{DBClusterArn}"),
    _list("rds:DescribeDBProxies", "DBProxies", Proxy, "{DBProxyArn}"),
    _list("elasticache:DescribeCacheSubnetGroups", "CacheSubnetGroups", SubnetGroup, "{ARN}"),
    _list("elasticache:DescribeCacheClusters", "CacheClusters", Cache, "{ARN}"),
    _list("memorydb:DescribeSubnetGroups", "SubnetGroups", MemorySubnetGroup, "{ARN}"),
    _list("memorydb:DescribeClusters", "Clusters", Cache, "{ARN}"),
    _list(
        "redshift:DescribeClusterSubnetGroups",
        "ClusterSubnetGroups",
        SubnetGroup,
        "arn:{partition}:redshift:" + _HERE + "subnetgroup:{ClusterSubnetGroupName}",
    ),
    _list("redshift:DescribeClusters", "Clusters", Guarded, "arn:{partition}:redshift:" + _HERE + "cluster:{ClusterIdentifier}"),
    _list(
        "dms:DescribeReplicationSubnetGroups",
        "ReplicationSubnetGroups",
        SubnetGroup,
        "arn:{partition}:dms:" + _HERE + "subgrp:{ReplicationSubnetGroupIdentifier}",
    ),
    _list("dms:DescribeReplicationInstances", "ReplicationInstances", Guarded, "{ReplicationInstanceArn}"),
    Lookup(FILES, _mount_targets),
    Lookup(BROKERS, _brokers),
    _list("kafka:ListClustersV2", "ClusterInfoList", KafkaCluster, "{ClusterArn}"),
    Lookup(DOMAINS, _domains),
    _list("ram:GetResourceShareAssociations", "resourceShareAssociations", Shared, "{associatedEntity}", associationType="RESOURCE"),
)
OPERATIONS = tuple(operation for lookup in LOOKUPS for operation in lookup.operations)
# For people: who was asked.
SERVICES = tuple(dict.fromkeys(operation.partition(":")[0] for operation in OPERATIONS))
