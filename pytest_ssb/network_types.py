"""The parts of a VPC as EC2 describes them, in EC2's field names.

Each is made by `msgspec.convert(raw | {"Arn": arn}, Vpc)` from one item of botocore's answer. A field without a default is always there in
AWS's answer: where it is missing, or an enumeration has a value we don't know, msgspec.ValidationError makes the resource an ERROR.
Every optional field says what its absence means. EC2 leaves out some lists and tag sets when they are empty, so their default is empty.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from pytest_ssb.errors import Undecided

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
