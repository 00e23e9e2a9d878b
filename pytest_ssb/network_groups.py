"""Security groups, what their rules name, and the network interfaces that they guard, as EC2 describes them; made and read as `network_types` says."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from pytest_ssb.network_types import Resource, Tag, Unknown
from pytest_ssb.unread import error_of


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
