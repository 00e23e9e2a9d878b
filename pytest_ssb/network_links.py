"""What leads out of a VPC otherwise than by its gateways: endpoints, peering, VPNs, as EC2 describes them; made and read as `network_types` says."""

from __future__ import annotations

from typing import Literal

import msgspec

from pytest_ssb.network_groups import GroupIdentifier
from pytest_ssb.network_types import Resource, Unknown


class DnsOptions(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DnsOptions.html"""

    private_dns_only_for_inbound_resolver_endpoint: bool | None = None  # absent: not told, or a service without gateway endpoints


class VpcEndpoint(Resource, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html"""

    vpc_endpoint_id: str
    vpc_id: str
    owner_id: str
    state: str  # open-ended: whatever is not "available" is judged as absent
    requester_managed: bool = False  # absent (moto): made by the customer
    service_name: str | None = None  # absent: a resource or service network endpoint
    vpc_endpoint_type: Literal["Interface", "Gateway", "GatewayLoadBalancer", "Resource", "ServiceNetwork", "Tunnel"]
    policy_document: str | None = None  # absent: a kind of endpoint without a policy
    route_table_ids: tuple[str, ...] = ()  # absent: not a gateway endpoint
    subnet_ids: tuple[str, ...] = ()  # absent: a gateway endpoint
    groups: tuple[GroupIdentifier, ...] = ()  # absent: a kind of endpoint without groups
    private_dns_enabled: bool | None = None  # absent: a gateway endpoint, which has none; of another it is not told
    network_interface_ids: tuple[str, ...] = ()  # absent: a gateway endpoint
    service_region: str | None = None  # absent: the endpoint's own region
    dns_options: DnsOptions | None = None  # absent (moto): not told

    def __post_init__(self) -> None:
        """Refuse one that does not say where it leads, though its type leads to a service."""
        if self.vpc_endpoint_type in ("Gateway", "Interface") and not self.service_name:
            raise ValueError("such an endpoint needs a ServiceName")

    @property
    def available(self) -> bool:
        """Whether it works: pending, rejected or expired ones don't."""
        return self.state.lower() == "available"

    @property
    def has_private_dns(self) -> bool:
        """Whether the service's own name leads to it in its VPC; raises `Unknown` for an interface endpoint that does not tell."""
        if self.interface and self.private_dns_enabled is None:
            raise Unknown(f"{self.vpc_endpoint_id} does not tell whether it has private DNS")
        return bool(self.private_dns_enabled)

    @property
    def for_inbound_only(self) -> bool | None:
        """Whether its private DNS is for callers from outside the VPC alone, None where that is not told."""
        return self.dns_options.private_dns_only_for_inbound_resolver_endpoint if self.dns_options else None

    @property
    def interface(self) -> bool:
        """Whether it has network interfaces, which security groups guard and private DNS may lead to."""
        return self.vpc_endpoint_type == "Interface"

    @property
    def gone(self) -> bool:
        """Whether nothing is left of it; one in a state that is none of AWS's is not known to be."""
        return not _ENDPOINT_STATES.get(self.state.lower(), True)

    @property
    def exists(self) -> bool:
        """Whether it works or is about to; raises `Unknown` for a state that is none of AWS's."""
        state = self.state.lower()
        if state not in _ENDPOINT_STATES:
            raise Unknown(f"{self.vpc_endpoint_id} is in a state that this tool does not know")
        return _ENDPOINT_STATES[state]


# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html: those of which something is there, and those of which nothing is left
_ENDPOINT_STATES = {
    **dict.fromkeys(("available", "pending", "pendingacceptance", "partial"), True),
    **dict.fromkeys(("deleting", "deleted", "failed", "rejected", "expired"), False),
}


class VpcPeeringConnectionState(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcPeeringConnectionStateReason.html"""

    code: Literal["initiating-request", "pending-acceptance", "active", "deleted", "rejected", "failed", "expired", "provisioning", "deleting"]


class PeeredVpc(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcPeeringConnectionVpcInfo.html"""

    vpc_id: str | None = None  # absent: not told, of a connection that never came about


class VpcPeeringConnection(Resource, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcPeeringConnection.html"""

    vpc_peering_connection_id: str
    status: VpcPeeringConnectionState
    requester_vpc_info: PeeredVpc
    accepter_vpc_info: PeeredVpc

    def __post_init__(self) -> None:
        """Refuse an active one that does not say what it connects."""
        if self.status.code == "active" and len(self.vpc_ids) < 2:
            raise ValueError("an active peering connection needs two VpcIds")

    @property
    def vpc_ids(self) -> tuple[str, ...]:
        """The two VPCs that it connects, none unless it is active."""
        named = (self.requester_vpc_info.vpc_id, self.accepter_vpc_info.vpc_id)
        return tuple(each for each in named if each) if self.status.code == "active" else ()


class VpcAttachment(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcAttachment.html"""

    vpc_id: str
    state: Literal["attaching", "attached", "detaching", "detached"]


class VpnGateway(Resource, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnGateway.html"""

    vpn_gateway_id: str
    vpc_attachments: tuple[VpcAttachment, ...]

    @property
    def vpc_ids(self) -> tuple[str, ...]:
        """The VPC it is attached to, one at most."""
        return tuple(each.vpc_id for each in self.vpc_attachments if each.state in ("attaching", "attached"))
