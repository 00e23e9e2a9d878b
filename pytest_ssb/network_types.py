"""The parts of a VPC as EC2 describes them, in EC2's field names.

Each is made by `msgspec.convert(raw | {"Arn": arn}, Vpc)` from one item of botocore's answer. A field without a default is always there in
AWS's answer: where it is missing, or an enumeration has a value we don't know, msgspec.ValidationError makes the resource an ERROR.
Every optional field says what its absence means. EC2 leaves out some lists and tag sets when they are empty, so their default is empty.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from pytest_ssb.errors import Undecided
from pytest_ssb.unread import error_of

BlockMode = Literal["off", "block-bidirectional", "block-ingress"]
CidrState = Literal["associating", "associated", "disassociating", "disassociated", "failing", "failed"]


class Unknown(Undecided):
    """What AWS's answers don't tell, though they could be read: neither good nor bad, so an ERROR for whoever needs it."""


class Tag(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Tag.html"""

    key: str
    value: str = ""  # absent: a tag with only a key


class Resource(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What all of them have: an ARN, put in by the read, and tags."""

    arn: str
    tag_list: tuple[Tag, ...] = msgspec.field(name="Tags", default=())  # absent: no tags

    @property
    def tags(self) -> dict[str, str]:
        """The tags by key."""
        return {tag.key: tag.value for tag in self.tag_list}

    @property
    def name(self) -> str | None:
        """The Name tag, None without one."""
        return self.tags.get("Name")


class CidrBlockState(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcCidrBlockState.html"""

    state: CidrState


class BlockPublicAccessStates(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_BlockPublicAccessStates.html"""

    internet_gateway_block_mode: BlockMode


class VpcCidrBlockAssociation(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcCidrBlockAssociation.html"""

    cidr_block: str
    cidr_block_state: CidrBlockState


class Ipv6CidrBlockAssociation(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SubnetIpv6CidrBlockAssociation.html (VPCs have the same fields)."""

    ipv6_cidr_block: str
    ipv6_cidr_block_state: CidrBlockState
    ipv6_address_attribute: Literal["public", "private"] | None = None  # absent (moto, blocks from before IPAM): public


class Vpc(Resource, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Vpc.html"""

    vpc_id: str
    owner_id: str
    is_default: bool
    state: str
    cidr_block: str
    cidr_block_association_set: tuple[VpcCidrBlockAssociation, ...]
    ipv6_cidr_block_association_set: tuple[Ipv6CidrBlockAssociation, ...] = ()  # absent: no IPv6
    block_public_access_states: BlockPublicAccessStates | None = None  # absent (moto, partitions without the feature): off

    @property
    def cidrs(self) -> tuple[str, ...]:
        """Every IPv4 and IPv6 block that the VPC has or is about to get or lose."""
        v4 = (each.cidr_block for each in self.cidr_block_association_set if each.cidr_block_state.state not in _GONE)
        v6 = (each.ipv6_cidr_block for each in self.ipv6_cidr_block_association_set if each.ipv6_cidr_block_state.state not in _GONE)
        return (*v4, *v6)


_GONE = ("disassociated", "failed")


class Subnet(Resource, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Subnet.html"""

    subnet_id: str
    vpc_id: str
    owner_id: str
    state: str
    availability_zone: str
    default_for_az: bool
    map_public_ip_on_launch: bool
    assign_ipv6_address_on_creation: bool
    cidr_block: str | None = None  # absent: an IPv6-only subnet
    ipv6_cidr_block_association_set: tuple[Ipv6CidrBlockAssociation, ...] = ()  # absent: no IPv6
    block_public_access_states: BlockPublicAccessStates | None = None  # absent (moto, partitions without the feature): off

    @property
    def cidrs(self) -> tuple[str, ...]:
        """Its IPv4 block and its IPv6 blocks."""
        v6 = (each.ipv6_cidr_block for each in self.ipv6_cidr_block_association_set if each.ipv6_cidr_block_state.state not in _GONE)
        return (*((self.cidr_block,) if self.cidr_block else ()), *v6)

    @property
    def private_ipv6_cidrs(self) -> tuple[str, ...]:
        """Blocks that look global but are never announced to the internet."""
        return tuple(each.ipv6_cidr_block for each in self.ipv6_cidr_block_association_set if each.ipv6_address_attribute == "private")

    @property
    def tagged_private(self) -> str | None:
        """The tag by which a deployment tool says that it is meant to be private, None if none does, or if another says the opposite."""
        tags = self.tags
        # https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_ec2.SubnetType.html
        of_cdk = tags.get(_CDK_SUBNET_TYPE)
        if of_cdk is not None:
            if of_cdk not in ("Private", "Isolated", "Public"):
                raise Unknown(f"{self.subnet_id} is tagged {_CDK_SUBNET_TYPE} with what this tool does not know")
            return None if of_cdk == "Public" else f"{_CDK_SUBNET_TYPE} = {of_cdk}"
        # https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html
        internal, public = (tags.get(f"kubernetes.io/role/{role}") in ("1", "") for role in ("internal-elb", "elb"))
        return "kubernetes.io/role/internal-elb" if internal and not public else None

    @property
    def block_mode(self) -> BlockMode:
        """What VPC Block Public Access does to this subnet, exclusions included."""
        return self.block_public_access_states.internet_gateway_block_mode if self.block_public_access_states else "off"


_CDK_SUBNET_TYPE = "aws-cdk:subnet-type"


class Route(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html: one destination and one target, all other fields absent."""

    state: Literal["active", "blackhole", "filtered"]
    origin: str | None = None  # only for reasons
    destination_cidr_block: str | None = None
    destination_ipv6_cidr_block: str | None = None
    destination_prefix_list_id: str | None = None
    gateway_id: str | None = None  # local, igw-, vgw-, vpce-
    egress_only_internet_gateway_id: str | None = None
    carrier_gateway_id: str | None = None
    nat_gateway_id: str | None = None
    network_interface_id: str | None = None
    instance_id: str | None = None
    instance_owner_id: str | None = None
    transit_gateway_id: str | None = None
    local_gateway_id: str | None = None
    vpc_peering_connection_id: str | None = None
    core_network_arn: str | None = None
    odb_network_arn: str | None = None
    ip_address: str | None = None

    @property
    def cidr(self) -> str | None:
        """The block it is for, None if a prefix list says which."""
        return self.destination_cidr_block or self.destination_ipv6_cidr_block

    @property
    def destination(self) -> str:
        """What it is for, in words for a reason."""
        return self.cidr or self.destination_prefix_list_id or "an unnamed destination"

    @property
    def target(self) -> str | None:
        """Where it leads, None if to a kind of target that this tool does not know."""
        return (
            self.gateway_id
            or self.egress_only_internet_gateway_id
            or self.carrier_gateway_id
            or self.nat_gateway_id
            or self.network_interface_id
            or self.instance_id
            or self.transit_gateway_id
            or self.local_gateway_id
            or self.vpc_peering_connection_id
            or self.core_network_arn
            or self.odb_network_arn
            or self.ip_address
        )

    @property
    def internet_gateway_id(self) -> str | None:
        """The gateway that lets the internet in: an internet or carrier gateway, never an egress-only one."""
        if self.carrier_gateway_id:
            return self.carrier_gateway_id
        return self.gateway_id if self.gateway_id and self.gateway_id.startswith(("igw-", "cagw-")) else None

    @property
    def appliance_id(self) -> str | None:
        """The endpoint, interface or instance of an appliance that traffic is sent through."""
        endpoint = self.gateway_id if self.gateway_id and self.gateway_id.startswith("vpce-") else None
        return endpoint or self.network_interface_id or self.instance_id


class RouteTableAssociationState(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RouteTableAssociationState.html"""

    state: Literal["associating", "associated", "disassociating", "disassociated", "failed"]


class RouteTableAssociation(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RouteTableAssociation.html"""

    main: bool
    route_table_association_id: str
    subnet_id: str | None = None  # absent: the VPC's main table, or a gateway's
    gateway_id: str | None = None  # absent: not an edge association
    public_ipv4_pool: str | None = None  # absent: not of a pool of addresses
    association_state: RouteTableAssociationState | None = None  # absent: associated

    def __post_init__(self) -> None:
        """Refuse one with nothing."""
        if not (self.main or self.subnet_id or self.gateway_id or self.public_ipv4_pool):
            raise ValueError("an association that is not Main needs SubnetId, GatewayId or PublicIpv4Pool")

    @property
    def holds(self) -> bool:
        """Whether it is in force, or about to begin or end."""
        return self.association_state is None or self.association_state.state not in _GONE


class RouteTable(Resource, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RouteTable.html"""

    route_table_id: str
    vpc_id: str
    owner_id: str
    associations: tuple[RouteTableAssociation, ...]
    routes: tuple[Route, ...]

    @property
    def main(self) -> bool:
        """Whether subnets of its VPC without an explicit association use it."""
        return any(each.main for each in self.associations if each.holds and each.gateway_id is None)

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """The subnets that name it explicitly."""
        return tuple(each.subnet_id for each in self.associations if each.holds and each.subnet_id and each.gateway_id is None)

    def association_of(self, subnet_id: str) -> str | None:
        """The id of the association by which a subnet names it, None if it does not."""
        return next((each.route_table_association_id for each in self.associations if each.holds and each.subnet_id == subnet_id), None)

    @property
    def edge_gateway_ids(self) -> tuple[str, ...]:
        """The gateways whose incoming traffic it routes: https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html"""
        return tuple(each.gateway_id for each in self.associations if each.holds and each.gateway_id)


class InternetGatewayAttachment(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InternetGatewayAttachment.html"""

    vpc_id: str
    # "For an internet gateway, the state is available when attached to a VPC; otherwise, this value is not returned."
    state: Literal["available", "attaching", "attached", "detaching", "detached"] | None = None


class InternetGateway(Resource, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InternetGateway.html"""

    internet_gateway_id: str
    owner_id: str
    attachments: tuple[InternetGatewayAttachment, ...]

    @property
    def vpc_ids(self) -> tuple[str, ...]:
        """The VPC it is attached to, one at most."""
        return tuple(each.vpc_id for each in self.attachments if each.state not in (None, "detached"))


class NatGatewayAddress(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGatewayAddress.html"""

    network_interface_id: str | None = None  # absent: not made yet, or failed
    public_ip: str | None = None  # absent: a private NAT gateway, or not associated yet
    private_ip: str | None = None
    status: str | None = None  # only for reasons


class NatGateway(Resource, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html"""

    nat_gateway_id: str
    vpc_id: str
    state: Literal["pending", "failed", "available", "deleting", "deleted"]
    nat_gateway_addresses: tuple[NatGatewayAddress, ...] = ()  # absent: none yet
    subnet_id: str | None = None  # absent: a regional NAT gateway
    connectivity_type: Literal["private", "public"] | None = None  # absent (moto): see `public`
    availability_mode: Literal["zonal", "regional"] | None = None  # absent: zonal
    failure_message: str | None = None  # only for reasons

    @property
    def public(self) -> bool:
        """Whether it leads to the internet: as it says, or, where it does not say, by having a public address."""
        if self.connectivity_type is None:
            return any(each.public_ip for each in self.nat_gateway_addresses)
        return self.connectivity_type == "public"

    @property
    def exists(self) -> bool:
        """Whether it is neither deleted nor failed."""
        return self.state not in ("deleted", "failed")


class IpRange(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html"""

    cidr_ip: str


class Ipv6Range(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Ipv6Range.html"""

    cidr_ipv6: str


class PrefixListId(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PrefixListId.html"""

    prefix_list_id: str


class UserIdGroupPair(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UserIdGroupPair.html"""

    group_id: str
    user_id: str | None = None  # absent: the group it names was deleted
    vpc_id: str | None = None  # absent: the same VPC
    vpc_peering_connection_id: str | None = None  # absent: not over a peering
    peering_status: str | None = None


class IpPermission(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html"""

    ip_protocol: str
    ip_ranges: tuple[IpRange, ...]
    ipv6_ranges: tuple[Ipv6Range, ...]
    prefix_list_ids: tuple[PrefixListId, ...]
    user_id_group_pairs: tuple[UserIdGroupPair, ...]
    from_port: int | None = None  # absent or -1: all ports, or all ICMP types
    to_port: int | None = None


class SecurityGroup(Resource, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroup.html"""

    group_id: str
    group_name: str
    description: str
    vpc_id: str
    owner_id: str
    ip_permissions: tuple[IpPermission, ...]
    ip_permissions_egress: tuple[IpPermission, ...]

    @property
    def is_default(self) -> bool:
        """Whether it is its VPC's default group; no other can have that name."""
        return self.group_name == "default"


class NetworkInterfaceAssociation(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfaceAssociation.html"""

    public_ip: str | None = None  # absent: no public address, only one of the two below
    allocation_id: str | None = None  # absent: auto-assigned, not an Elastic IP address
    association_id: str | None = None  # only for commands
    carrier_ip: str | None = None
    customer_owned_ip: str | None = None
    ip_owner_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse one with no address."""
        if not (self.public_ip or self.carrier_ip or self.customer_owned_ip):
            raise ValueError("an association needs PublicIp, CarrierIp or CustomerOwnedIp")


class NetworkInterfaceAttachment(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfaceAttachment.html"""

    status: str
    instance_id: str | None = None  # absent: attached by a service to something of its own
    instance_owner_id: str | None = None  # absent: not said; an account id, or amazon-elb and the like
    attachment_id: str | None = None
    device_index: int | None = None


class GroupIdentifier(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GroupIdentifier.html"""

    group_id: str
    group_name: str | None = None


class Ipv6Address(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfaceIpv6Address.html"""

    ipv6_address: str


class Ipv6Prefix(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Ipv6PrefixSpecification.html"""

    ipv6_prefix: str


class PrivateIpAddress(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfacePrivateIpAddress.html"""

    private_ip_address: str
    association: NetworkInterfaceAssociation | None = None  # absent: no public address


class Operator(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_OperatorResponse.html"""

    managed: bool
    principal: str | None = None  # absent: not managed


# The kinds that customers make and attach; a branch hangs on a trunk, without an attachment of its own.
_ATTACHED_BY_CUSTOMERS = ("interface", "efa", "efa-only", "trunk")


class NetworkInterface(Resource, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html"""

    tag_list: tuple[Tag, ...] = msgspec.field(name="TagSet", default=())  # absent: no tags
    network_interface_id: str
    owner_id: str
    vpc_id: str
    status: Literal["available", "associated", "attaching", "in-use", "detaching"]
    interface_type: str  # open-ended: services add theirs; `Network.owner` is where an unknown one matters
    description: str
    requester_managed: bool
    source_dest_check: bool
    groups: tuple[GroupIdentifier, ...]
    ipv6_addresses: tuple[Ipv6Address, ...]
    private_ip_address: str | None = None  # the first of those below
    private_ip_addresses: tuple[PrivateIpAddress, ...] = ()  # absent: an IPv6-only interface
    ipv6_prefixes: tuple[Ipv6Prefix, ...] = ()  # absent: none delegated
    subnet_id: str | None = None  # absent: spans subnets (a regional NAT gateway's)
    associated_subnets: tuple[str, ...] = ()  # absent: only the one above
    requester_id: str | None = None  # absent: not made by a service
    association: NetworkInterfaceAssociation | None = None  # absent: no public IPv4 address
    attachment: NetworkInterfaceAttachment | None = None  # absent: attached to nothing
    operator: Operator | None = None  # absent (moto): not managed by a service provider
    deny_all_igw_traffic: bool = False  # absent: an internet gateway may reach it

    def __post_init__(self) -> None:
        """Refuse an interface of the customer's own in use that does not say by what, and one that lacks the list that its address is in."""
        if self.status == "in-use" and not self.requester_managed and self.interface_type in _ATTACHED_BY_CUSTOMERS:
            attachment = self.attachment
            if attachment is None or (attachment.instance_id is None and attachment.instance_owner_id in (None, self.owner_id)):
                raise ValueError("an interface in use that no service manages needs an Attachment with InstanceId, or another's InstanceOwnerId")
        if self.private_ip_address is not None and not self.private_ip_addresses:
            raise ValueError("an interface with a PrivateIpAddress needs PrivateIpAddresses")

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """The subnets it is in, nearly always one."""
        return self.associated_subnets or ((self.subnet_id,) if self.subnet_id else ())

    @property
    def group_ids(self) -> tuple[str, ...]:
        """The security groups on it."""
        return tuple(group.group_id for group in self.groups)

    def elastic_association(self, address: str) -> str | None:
        """The association by which an Elastic IP address is on it, None for another address."""
        found = (self.association, *(each.association for each in self.private_ip_addresses))
        return next((each.association_id for each in found if each is not None and each.public_ip == address and each.allocation_id), None)

    @property
    def operator_managed(self) -> bool:
        """Whether a service provider runs it and the customer can't change it (EKS Auto Mode)."""
        return self.operator is not None and self.operator.managed

    @property
    def instance_id(self) -> str | None:
        """The customer's own instance that it is attached to."""
        attachment = self.attachment
        if attachment is None or attachment.instance_id is None or attachment.instance_owner_id not in (None, self.owner_id):
            return None
        return attachment.instance_id


class PrefixListEntry(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PrefixListEntry.html"""

    cidr: str


class ManagedPrefixList(Resource, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ManagedPrefixList.html

    Entries come from GetManagedPrefixListEntries: `with_entries` adds them, or the error that stands for them.
    """

    prefix_list_id: str
    prefix_list_name: str
    owner_id: str
    address_family: Literal["IPv4", "IPv6"]
    state: str
    entries: tuple[PrefixListEntry, ...] | None = None  # absent: not asked for

    @property
    def aws_owned(self) -> bool:
        """Whether AWS maintains it, by its owner: anyone may give a list a name like AWS's."""
        return self.owner_id == "AWS"

    def with_entries(self, entries: Any) -> ManagedPrefixList:
        """A copy with the raw `Entries` of GetManagedPrefixListEntries, or with an `Unread` in their place."""
        if error_of(entries) is None:
            entries = msgspec.convert(entries, tuple[PrefixListEntry, ...])
        return msgspec.structs.replace(self, entries=entries)

    @property
    def cidrs(self) -> tuple[str, ...]:
        """Its blocks; raises where they were not read."""
        if self.entries is None:
            raise Unknown(f"the entries of prefix list {self.prefix_list_id} were not read")
        return tuple(entry.cidr for entry in self.entries)


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
