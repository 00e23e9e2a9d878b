"""Amazon MSK: the clusters, and where they are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec

from pytest_ssb.errors import Undecided
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.stores import Store
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

CLUSTERS = "kafka:ListClustersV2"
# Of brokers within AWS, from outside, and by IPv6, and of ZooKeeper (https://docs.aws.amazon.com/msk/latest/developerguide/port-info.html), and of what
# Prometheus asks for metrics (https://docs.aws.amazon.com/msk/latest/developerguide/open-monitoring.html).
PORTS = (9092, 9094, 9096, 9098, 9194, 9196, 9198, 20092, 20094, 20096, 20098, 2181, 2182, 11001, 11002)
_PUBLIC = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-msk-cluster-publicaccess.html"


class PublicAccess(msgspec.Struct, frozen=True, rename="pascal"):
    """Whether brokers have public addresses."""

    type: Literal["DISABLED", "SERVICE_PROVIDED_EIPS"] = "DISABLED"


class Connectivity(msgspec.Struct, frozen=True, rename="pascal"):
    """How brokers are reached."""

    public_access: PublicAccess = PublicAccess()


class Nodes(msgspec.Struct, frozen=True, rename="pascal"):
    """Where brokers are (https://docs.aws.amazon.com/msk/1.0/apireference/clusters.html)."""

    client_subnets: tuple[str, ...]
    security_groups: tuple[str, ...] = ()  # absent: not told
    connectivity_info: Connectivity = Connectivity()  # absent: they have no public addresses


class Provisioned(msgspec.Struct, frozen=True, rename="pascal"):
    """A cluster of brokers."""

    broker_node_group_info: Nodes


class ReachedFrom(msgspec.Struct, frozen=True, rename="pascal"):
    """A VPC that a cluster without brokers is reached from."""

    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...] = ()  # absent: not told


class Serverless(msgspec.Struct, frozen=True, rename="pascal"):
    """A cluster without brokers."""

    vpc_configs: tuple[ReachedFrom, ...]


class Cluster(Store, frozen=True, kw_only=True, rename="pascal"):
    """A cluster (https://docs.aws.amazon.com/msk/2.0/APIReference/v2-clusters.html): it is of one of the two kinds."""

    type: ClassVar[str] = "AWS::MSK::Cluster"
    arn: str
    called: str = msgspec.field(name="ClusterName")
    state: str
    current_version: str
    provisioned: Provisioned | None = None
    serverless: Serverless | None = None

    def __post_init__(self) -> None:
        """Refuse one of neither kind."""
        if self.provisioned is None and self.serverless is None:
            raise ValueError("a cluster needs Provisioned or Serverless")

    @property
    def name(self) -> str:
        """Its name."""
        return self.called

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Its security groups."""
        told = [self.provisioned.broker_node_group_info.security_groups] if self.provisioned else []
        told += [each.security_group_ids for each in self.serverless.vpc_configs] if self.serverless else []
        if not all(told):
            raise Undecided(f"{self.name} does not tell its security groups")
        return tuple(dict.fromkeys(group for groups in told for group in groups))

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that it may listen on."""
        return PORTS

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """Its subnets."""
        provisioned = self.provisioned.broker_node_group_info.client_subnets if self.provisioned else ()
        return (*provisioned, *(subnet for each in (self.serverless.vpc_configs if self.serverless else ()) for subnet in each.subnet_ids))

    @property
    def public(self) -> bool:
        """Whether its brokers have public addresses."""
        return self.provisioned is not None and self.provisioned.broker_node_group_info.connectivity_info.public_access.type != "DISABLED"


_INFO = f"{CLUSTERS} ClusterInfoList.Provisioned.BrokerNodeGroupInfo.ConnectivityInfo"


@read(
    CLUSTERS,
    per="region",
    absent={
        _INFO: f"no public access was asked for ({_PUBLIC})",
        f"{_INFO}.PublicAccess": f"no public access was asked for ({_PUBLIC})",
        f"{_INFO}.PublicAccess.Type": f"no public access was asked for ({_PUBLIC})",
    },
)
def kafka_clusters(aws: Aws) -> list[Cluster]:
    """The clusters of the region, but for those being deleted."""
    found: list[Cluster] = aws.resources(CLUSTERS, "ClusterInfoList", Cluster, "{ClusterArn}")
    return [each for each in found if error_of(each) or each.state != "DELETING"]
