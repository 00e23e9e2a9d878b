"""EKS: the clusters, and whether their workloads can have roles of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.ec2 import Instance
from pytest_ssb.reads.iam import AuthorizationDetails
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import Index, error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

CLUSTERS, CLUSTER, PROVIDERS = "eks:ListClusters", "eks:DescribeCluster", "iam:ListOpenIDConnectProviders"
ASSOCIATIONS, GROUPS, FARGATE = "eks:ListPodIdentityAssociations", "eks:ListNodegroups", "eks:ListFargateProfiles"
API = "https://docs.aws.amazon.com/eks/latest/APIReference"
GONE = "ResourceNotFoundException"
# Nodes that nobody but their owner manages are known to the cluster by this tag of theirs (https://docs.aws.amazon.com/eks/latest/userguide/worker.html).
NODE_TAG = "kubernetes.io/cluster/{}"


class Named(NamedTuple):
    """A cluster, as it is listed."""

    arn: str
    name: str


class Oidc(msgspec.Struct, frozen=True):
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_OIDC.html"""

    issuer: str


class Identity(msgspec.Struct, frozen=True):
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_Identity.html"""

    oidc: Oidc


class Managed(msgspec.Struct, frozen=True, kw_only=True):
    """Whether EKS itself makes the nodes (https://docs.aws.amazon.com/eks/latest/APIReference/API_ComputeConfigResponse.html)."""

    enabled: bool


class Cluster(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A cluster (https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html)."""

    name: str
    status: Literal["CREATING", "ACTIVE", "DELETING", "FAILED", "UPDATING", "PENDING"]
    identity: Identity
    # absent: EKS makes no nodes by itself
    compute_config: Managed | None = None
    # absent: there are no nodes outside of AWS
    remote_network_config: dict[str, object] | None = None


class Workloads(NamedTuple):
    """By what a cluster's workloads may have roles of their own, None by nothing; and on what they run, where there is nothing."""

    identity: str | None
    nodes: str | None = None


@read(CLUSTERS, per="region")
def clusters(aws: Aws) -> list[Named]:
    """The clusters of the region."""
    prefix = f"arn:{aws.partition}:eks:{aws.region}:{aws.account}:cluster"
    return [Named(f"{prefix}/{name}", name) for name in aws.list(CLUSTERS, "clusters")]


class Provider(msgspec.Struct, frozen=True, rename="pascal"):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_OpenIDConnectProviderListEntry.html"""

    arn: str


class ClusterRoles:
    """Which roles workloads of clusters may assume, by the OIDC providers that IAM knows. What could not be read raises its error."""

    def __init__(self, aws: Aws, details: AuthorizationDetails) -> None:
        providers: list[Provider] = aws.resources(PROVIDERS, "OpenIDConnectProviderList", Provider, "{Arn}")
        self._providers = {provider.arn.partition(":oidc-provider/")[2]: provider.arn for provider in providers}
        self._roles = Index(details.roles, lambda role: role.web_identity_providers)

    def of(self, issuer: str) -> str | None:
        """The first role that trusts the issuer's provider, None if there is none."""
        provider = self._providers.get(issuer.removeprefix("https://"))
        role = self._roles.get(provider) if provider is not None else None
        return role.role_name if role is not None else None


@read(PROVIDERS, per="account")
def cluster_roles(aws: Aws, iam_authorization_details: AuthorizationDetails) -> ClusterRoles:
    """Which roles workloads of clusters may assume, by the account's OIDC providers."""
    return ClusterRoles(aws, iam_authorization_details)


@read(
    CLUSTER,
    ASSOCIATIONS,
    GROUPS,
    FARGATE,
    per="region",
    absent={
        f"{CLUSTER} cluster.computeConfig": f"EKS makes no nodes by itself ({API}/API_Cluster.html)",
        f"{CLUSTER} cluster.remoteNetworkConfig": f"no nodes outside of AWS ({API}/API_Cluster.html)",
    },
)
def cluster_workloads(aws: Aws, clusters: list[Named], cluster_roles: ClusterRoles, instances: list[Instance]) -> PerResource[Workloads | None]:
    """By what the workloads of each cluster may have roles of their own; None for a cluster that is being deleted."""

    def look(named: Named) -> Workloads | None:
        try:
            cluster = msgspec.convert(aws.ask(CLUSTER, gone=GONE, name=named.name).get("cluster"), Cluster)
        except msgspec.ValidationError as error:
            raise UnexpectedAnswer(f"{CLUSTER} answered a cluster that we cannot read: {error}", CLUSTER) from None
        if cluster.status == "DELETING":
            return None
        role = or_unread(lambda: cluster_roles.of(cluster.identity.oidc.issuer))
        unknown = error_of(role)
        if unknown is None and role is not None:
            return Workloads(f"the role {role} trusts its OIDC provider")
        associations = aws.list(ASSOCIATIONS, "associations", clusterName=cluster.name)
        if associations:
            return Workloads(f"pod identity associations: {len(associations)}")
        if unknown is not None:
            raise unknown
        return Workloads(None, _nodes(aws, cluster, instances))

    return aws.each(clusters, look)


def _nodes(aws: Aws, cluster: Cluster, instances: Iterable[Instance]) -> str | None:
    """On what a cluster's workloads run, None where there is nothing that they could run on."""
    if cluster.compute_config is not None and cluster.compute_config.enabled:
        return "nodes that EKS makes"
    if cluster.remote_network_config is not None:
        return "nodes outside of AWS"
    if aws.list(GROUPS, "nodegroups", clusterName=cluster.name):
        return "node groups"
    if aws.list(FARGATE, "fargateProfileNames", clusterName=cluster.name):
        return "Fargate profiles"
    tag = NODE_TAG.format(cluster.name)
    return "nodes of its owner's" if Index(instances, lambda instance: instance.tags).get(tag) is not None else None
