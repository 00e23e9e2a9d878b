"""The network model: each rule of section 0.2 of the catalogue, as small worlds and whole answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import boto3
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from pytest_ssb.cidrs import is_internet
from pytest_ssb.network import (
    Exposure,
    GroupUse,
    InternetGateway,
    ManagedPrefixList,
    NatGateway,
    Network,
    NetworkInterface,
    Owner,
    PublicSource,
    RouteTable,
    Rule,
    SecurityGroup,
    Subnet,
    Unknown,
    Vpc,
    VpcEndpoint,
    referenced_prefix_lists,
)
from pytest_ssb.network_rules import GroupSource, OpenIcmp, OpenPorts, PrefixListSource, public_sources, world_open, world_open_icmp
from pytest_ssb.unread import unread

T = TypeVar("T")
US, OTHER = "111111111111", "222222222222"
LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active", "Origin": "CreateRouteTable"}
TO_IGW = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}
NO_INTERNET = "has no active route to an attached internet gateway"


def make(kind: type[T], raw: dict[str, Any]) -> T:
    """A resource as a read makes it from one item of botocore's answer."""
    return msgspec.convert({"Arn": "arn:test"} | raw, kind)


def vpc(**raw: Any) -> Vpc:
    blocks = [{"AssociationId": "a", "CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}}]
    known = {"VpcId": "vpc-1", "OwnerId": US, "IsDefault": False, "State": "available", "CidrBlock": "10.0.0.0/16"}
    return make(Vpc, known | {"CidrBlockAssociationSet": blocks} | raw)


def subnet(subnet_id: str = "subnet-1", **raw: Any) -> Subnet:
    known = {"SubnetId": subnet_id, "VpcId": "vpc-1", "OwnerId": US, "State": "available", "AvailabilityZone": "x-1a", "CidrBlock": "10.0.1.0/24"}
    return make(Subnet, known | {"DefaultForAz": False, "MapPublicIpOnLaunch": False, "AssignIpv6AddressOnCreation": False} | raw)


def main() -> dict[str, Any]:
    return {"Main": True, "RouteTableAssociationId": "main", "AssociationState": {"State": "associated"}}


def explicit(subnet_id: str = "subnet-1", state: str = "associated") -> dict[str, Any]:
    return {"Main": False, "RouteTableAssociationId": "a", "SubnetId": subnet_id, "AssociationState": {"State": state}}


def edge(gateway_id: str = "igw-1") -> dict[str, Any]:
    return {"Main": False, "RouteTableAssociationId": "e", "GatewayId": gateway_id, "AssociationState": {"State": "associated"}}


def table(table_id: str, *associations: dict[str, Any], routes: Any = (), **raw: Any) -> RouteTable:
    known = {"RouteTableId": table_id, "VpcId": "vpc-1", "OwnerId": US, "Associations": list(associations), "Routes": [LOCAL, *routes]}
    return make(RouteTable, known | raw)


def igw(gateway_id: str = "igw-1", vpc_id: str | None = "vpc-1", **raw: Any) -> InternetGateway:
    attachments = [{"VpcId": vpc_id, "State": "available"}] if vpc_id else []
    return make(InternetGateway, {"InternetGatewayId": gateway_id, "OwnerId": US, "Attachments": attachments} | raw)


def attached(owner: str, instance_id: str | None = None) -> dict[str, Any]:
    return {"Attachment": {"Status": "attached", "InstanceOwnerId": owner, **({"InstanceId": instance_id} if instance_id else {})}}


def eni(eni_id: str = "eni-1", **raw: Any) -> NetworkInterface:
    known: dict[str, Any] = {
        "Arn": f"arn:{eni_id}",
        "NetworkInterfaceId": eni_id,
        "OwnerId": US,
        "VpcId": "vpc-1",
        "SubnetId": "subnet-1",
        "Status": "in-use",
    }
    known |= {"InterfaceType": "interface", "Description": "", "RequesterManaged": False, "SourceDestCheck": True}
    if not {"Attachment", "InterfaceType", "RequesterManaged", "Status"} & raw.keys():
        known |= attached(US, "i-0")
    return make(NetworkInterface, known | {"Groups": [{"GroupId": "sg-1", "GroupName": "g"}], "Ipv6Addresses": [], "PrivateIpAddresses": []} | raw)


def permission(protocol: str, ports: tuple[int, int] | None = None, *sources: str, groups: Any = ()) -> dict[str, Any]:
    """An IpPermission; sources are CIDRs and prefix list ids."""
    return {
        "IpProtocol": protocol,
        **({"FromPort": ports[0], "ToPort": ports[1]} if ports else {}),
        "IpRanges": [{"CidrIp": each} for each in sources if "." in each],
        "Ipv6Ranges": [{"CidrIpv6": each} for each in sources if ":" in each],
        "PrefixListIds": [{"PrefixListId": each} for each in sources if each.startswith("pl-")],
        "UserIdGroupPairs": list(groups),
    }


def group(*permissions: dict[str, Any], group_id: str = "sg-1", **raw: Any) -> SecurityGroup:
    known = {"Arn": f"arn:{group_id}", "GroupId": group_id, "GroupName": "g", "Description": "d", "VpcId": "vpc-1", "OwnerId": US}
    return make(SecurityGroup, known | {"IpPermissions": list(permissions), "IpPermissionsEgress": []} | raw)


def prefix_list(list_id: str, name: str, *cidrs: str, owner: str = US, **raw: Any) -> ManagedPrefixList:
    known = {"PrefixListId": list_id, "PrefixListName": name, "OwnerId": owner, "AddressFamily": "IPv4", "State": "create-complete"}
    return make(ManagedPrefixList, known | {"Entries": [{"Cidr": each} for each in cidrs]} | raw)


def network(**lists: Any) -> Network:
    """One VPC with one subnet on a public main table, unless told otherwise."""
    known: dict[str, Any] = {
        "vpcs": [vpc()],
        "subnets": [subnet()],
        "route_tables": [table("rtb-main", main(), routes=[TO_IGW])],
        "internet_gateways": [igw()],
        "nat_gateways": [],
        "security_groups": [],
        "network_interfaces": [],
        "prefix_lists": [],
    }
    return Network(account=US, **(known | lists))


class DeniedError(Exception):
    """A read's own error."""


DENIED: Any = unread(DeniedError("denied"))


def denied(arn: str = "arn:denied") -> Any:
    return unread(DeniedError("one item"), arn)


# Rule 1: the effective route table.


def test_explicit_association_wins_over_the_main_table() -> None:
    world = network(route_tables=[table("rtb-main", main(), routes=[TO_IGW]), table("rtb-private", explicit())])
    assert world.exposure("subnet-1") == Exposure(
        public=False, why=f"rtb-private (explicit association) {NO_INTERNET}", route_table_id="rtb-private", explicit=True
    )


def test_without_an_association_the_main_table_of_the_same_vpc_counts() -> None:
    """Prowler takes any VPC's main table: a private subnet becomes public by the default VPC."""
    world = network(
        route_tables=[
            table("rtb-default", main(), routes=[TO_IGW | {"GatewayId": "igw-default"}], VpcId="vpc-default"),
            table("rtb-own", main()),
        ],
        internet_gateways=[igw("igw-default", "vpc-default"), igw()],
    )
    assert world.exposure("subnet-1") == Exposure(public=False, why=f"rtb-own (main) {NO_INTERNET}", route_table_id="rtb-own", explicit=False)


def test_an_ended_association_does_not_count() -> None:
    tables = [table("rtb-main", main(), routes=[TO_IGW]), table("rtb-old", explicit(state="disassociated"))]
    assert network(route_tables=tables).effective_route_table("subnet-1").table.route_table_id == "rtb-main"


def test_an_edge_association_is_never_a_subnets() -> None:
    tables = [table("rtb-edge", edge(), routes=[TO_IGW]), table("rtb-main", main())]
    assert not network(route_tables=tables).exposure("subnet-1").public


def test_no_visible_table_is_unknown() -> None:
    world = network(subnets=[subnet(OwnerId=OTHER)], route_tables=[table("rtb-other", main(), VpcId="vpc-other")])
    with pytest.raises(Unknown, match="route table of subnet-1 not visible"):
        world.exposure("subnet-1")
    with pytest.raises(Unknown, match="subnet subnet-gone not visible"):
        world.exposure("subnet-gone")


# Rule 2: public subnets.

PUBLIC_ROUTES = {
    "default": ([TO_IGW], "0.0.0.0/0 to igw-1 (IPv4)"),
    "IPv6 default": ([{"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1", "State": "active"}], "::/0 to igw-1 (IPv6)"),
    "halves": (
        [TO_IGW | {"DestinationCidrBlock": "0.0.0.0/1"}, TO_IGW | {"DestinationCidrBlock": "128.0.0.0/1"}],
        "0.0.0.0/1 and 128.0.0.0/1 to igw-1 (IPv4)",
    ),
    "global unicast": ([{"DestinationIpv6CidrBlock": "2000::/3", "GatewayId": "igw-1", "State": "active"}], "2000::/3 to igw-1 (IPv6)"),
    "one CIDR": ([TO_IGW | {"DestinationCidrBlock": "198.51.100.7/32"}], "198.51.100.7/32 to igw-1 (IPv4)"),
    "prefix list": ([{"DestinationPrefixListId": "pl-1", "GatewayId": "igw-1", "State": "active"}], "pl-1 to igw-1"),
    "carrier gateway": ([{"DestinationCidrBlock": "0.0.0.0/0", "CarrierGatewayId": "cagw-1", "State": "active"}], "0.0.0.0/0 to cagw-1 (IPv4)"),
    "both families": (
        [TO_IGW, {"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1", "State": "active"}],
        "0.0.0.0/0 and ::/0 to igw-1 (IPv4 and IPv6)",
    ),
}


@pytest.mark.parametrize(("routes", "says"), PUBLIC_ROUTES.values(), ids=PUBLIC_ROUTES)
def test_public_by_any_route_to_an_attached_internet_gateway(routes: list[dict[str, Any]], says: str) -> None:
    exposure = network(route_tables=[table("rtb-1", explicit(), routes=routes)]).exposure("subnet-1")
    assert (exposure.public, exposure.why) == (True, f"rtb-1 (explicit association) routes {says}")


PRIVATE_ROUTES = {
    "egress-only": ([{"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1", "State": "active"}], ""),
    "NAT gateway": ([{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}], ""),
    "NAT instance": ([{"DestinationCidrBlock": "0.0.0.0/0", "InstanceId": "i-1", "NetworkInterfaceId": "eni-1", "State": "active"}], ""),
    "transit gateway": ([{"DestinationCidrBlock": "0.0.0.0/0", "TransitGatewayId": "tgw-1", "State": "active"}], ""),
    "virtual private gateway": ([{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "vgw-1", "State": "active"}], ""),
    "blackhole": ([TO_IGW | {"State": "blackhole"}], "; 0.0.0.0/0 to igw-1 is a blackhole"),
    "gateway endpoint": ([{"DestinationPrefixListId": "pl-s3", "GatewayId": "vpce-1", "State": "active"}], ""),
    "another VPC's gateway": ([TO_IGW | {"GatewayId": "igw-other"}], "; igw-other is not attached to vpc-1"),
    "a detached gateway (moto keeps the route active)": ([TO_IGW | {"GatewayId": "igw-detached"}], "; igw-detached is not attached to vpc-1"),
    "a deleted gateway": ([TO_IGW | {"GatewayId": "igw-gone"}], "; igw-gone is not attached to vpc-1"),
}


@pytest.mark.parametrize(("routes", "notes"), PRIVATE_ROUTES.values(), ids=PRIVATE_ROUTES)
def test_private(routes: list[dict[str, Any]], notes: str) -> None:
    world = network(
        route_tables=[table("rtb-1", explicit(), routes=routes)],
        internet_gateways=[igw(), igw("igw-other", "vpc-other"), igw("igw-detached", None)],
        prefix_lists=[prefix_list("pl-s3", "com.amazonaws.eu-west-1.s3", owner="AWS")],
    )
    exposure = world.exposure("subnet-1")
    assert (exposure.public, exposure.why) == (False, f"rtb-1 (explicit association) {NO_INTERNET}{notes}")


def test_a_target_that_is_not_known_is_not_private() -> None:
    strange = {"DestinationCidrBlock": "0.0.0.0/0", "InterstellarGatewayId": "isgw-1", "State": "active"}
    with pytest.raises(Unknown, match=r"rtb-1 \(main\) routes 0.0.0.0/0 to a kind of target that this tool does not know"):
        network(route_tables=[table("rtb-1", main(), routes=[strange])]).exposure("subnet-1")
    assert network(route_tables=[table("rtb-1", main(), routes=[strange, TO_IGW])]).exposure("subnet-1").public


def test_another_accounts_gateway_is_taken_at_its_routes_word() -> None:
    """A participant of a shared VPC does not see the owner's gateways; an active route proves the attachment."""
    assert network(subnets=[subnet(OwnerId=OTHER)], internet_gateways=[]).exposure("subnet-1").public


TO_FIREWALL = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "vpce-fw", "State": "active"}
BACK = {"DestinationCidrBlock": "10.0.1.0/24", "GatewayId": "vpce-fw", "State": "active"}


def inspected(*, out: dict[str, Any] = TO_FIREWALL, back: dict[str, Any] = BACK, gateway: str = "igw-1", **lists: Any) -> Network:
    tables = [table("rtb-1", explicit(), routes=[out]), table("rtb-edge", edge(gateway), routes=[back]), table("rtb-main", main())]
    return network(**({"route_tables": tables} | lists))


def test_firewall_with_a_route_back_is_public_through_inspection() -> None:
    exposure = inspected().exposure("subnet-1")
    assert exposure.public
    assert exposure.inspected
    assert exposure.why == (
        "rtb-1 (explicit association) routes 0.0.0.0/0 to vpce-fw (IPv4)"
        " and rtb-edge of igw-1 routes 10.0.1.0/24 back to vpce-fw: public through inspection"
    )


@pytest.mark.parametrize(
    "world",
    [
        inspected(back=BACK | {"DestinationCidrBlock": "10.0.0.0/16"}),  # the gateway's local route replaced for the whole VPC
        inspected(
            back=BACK | {"GatewayId": None, "NetworkInterfaceId": "eni-9"}, out=TO_FIREWALL | {"GatewayId": None, "NetworkInterfaceId": "eni-9"}
        ),
        inspected(out={"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-fw", "State": "active"}, prefix_lists=[prefix_list("pl-1", "world")]),
        inspected(
            back={"DestinationIpv6CidrBlock": "2600:1::/64", "GatewayId": "vpce-fw", "State": "active"},
            out={"DestinationIpv6CidrBlock": "::/0", "GatewayId": "vpce-fw", "State": "active"},
            subnets=[
                subnet(
                    Ipv6CidrBlockAssociationSet=[
                        {"Ipv6CidrBlock": "2600:1::/64", "AssociationId": "a", "Ipv6CidrBlockState": {"State": "associated"}}
                    ]
                )
            ],
        ),
    ],
    ids=["whole VPC", "appliance interface", "customer's prefix list", "IPv6"],
)
def test_other_forms_of_inspection(world: Network) -> None:
    assert world.exposure("subnet-1").inspected


@pytest.mark.parametrize(
    "world",
    [
        inspected(back=BACK | {"DestinationCidrBlock": "10.0.2.0/24"}),
        inspected(back=BACK | {"State": "blackhole"}),
        inspected(back=LOCAL),
        inspected(gateway="vgw-1"),
        inspected(gateway="igw-other", internet_gateways=[igw(), igw("igw-other", "vpc-other")]),
        inspected(out=TO_FIREWALL | {"DestinationCidrBlock": "10.9.0.0/16"}),  # inspection between VPCs
        inspected(out=TO_FIREWALL | {"State": "blackhole"}),
    ],
    ids=["another subnet", "blackhole back", "local only", "virtual private gateway", "unattached", "private destination", "blackhole out"],
)
def test_a_firewall_alone_is_not_public(world: Network) -> None:
    assert not world.exposure("subnet-1").public


def test_firewall_in_a_shared_vpc_whose_edge_tables_are_not_visible_is_unknown() -> None:
    with pytest.raises(Unknown, match="internet gateway's route table for subnet-1"):
        network(subnets=[subnet(OwnerId=OTHER)], route_tables=[table("rtb-1", explicit(), routes=[TO_FIREWALL])]).exposure("subnet-1")


@pytest.mark.parametrize("mode", ["block-bidirectional", "block-ingress"])
def test_block_public_access_wins(mode: str) -> None:
    blocked = network(subnets=[subnet(BlockPublicAccessStates={"InternetGatewayBlockMode": mode})])
    assert blocked.exposure("subnet-1") == Exposure(public=False, why=f"blocked by VPC Block Public Access ({mode})", blocked=True)


def test_a_blocked_subnet_still_leads_to_the_internet_by_its_table() -> None:
    """A NAT gateway in it goes on working where only what comes in is blocked."""
    states = {"InternetGatewayBlockMode": "block-ingress"}
    gateway: dict[str, Any] = {"subnets": [subnet(BlockPublicAccessStates=states)], "internet_gateways": [igw()]}
    blocked = Network(account=US, route_tables=[table("rtb-1", explicit(), routes=[TO_IGW])], **gateway)
    assert not blocked.is_public("subnet-1")
    assert blocked.leads_to_internet("subnet-1")
    assert not Network(account=US, route_tables=[table("rtb-1", explicit())], **gateway).leads_to_internet("subnet-1")


def test_block_public_access_off_or_absent_blocks_nothing() -> None:
    assert network(subnets=[subnet(BlockPublicAccessStates={"InternetGatewayBlockMode": "off"})]).is_public("subnet-1")
    assert network().is_public("subnet-1")


# What was not read raises, and only where it matters.


@pytest.mark.parametrize("missing", ["subnets", "route_tables", "internet_gateways"])
def test_an_unread_list_is_never_private(missing: str) -> None:
    with pytest.raises(DeniedError):
        network(**{missing: DENIED}).exposure("subnet-1")


def test_an_unread_item_raises_where_it_might_be_the_one() -> None:
    main_only = table("rtb-main", main(), routes=[TO_IGW])
    with pytest.raises(DeniedError):  # it might be associated with the subnet
        network(route_tables=[main_only, denied()]).exposure("subnet-1")
    assert network(route_tables=[table("rtb-1", explicit(), routes=[TO_IGW]), denied()]).is_public("subnet-1")
    with pytest.raises(DeniedError):
        network(internet_gateways=[denied()]).exposure("subnet-1")
    assert network(internet_gateways=[igw(), denied()]).is_public("subnet-1")


def test_lists_that_do_not_matter_may_be_unread() -> None:
    world = network(vpcs=DENIED, nat_gateways=DENIED, security_groups=DENIED, network_interfaces=DENIED, prefix_lists=DENIED)
    assert world.is_public("subnet-1")
    private = network(internet_gateways=DENIED, route_tables=[table("rtb-1", main())])
    assert not private.is_public("subnet-1")
    to_s3 = {"DestinationPrefixListId": "pl-s3", "GatewayId": "vpce-1", "State": "active"}
    assert not network(route_tables=[table("rtb-1", main(), routes=[to_s3])], prefix_lists=DENIED).is_public("subnet-1")


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (Subnet, {"BlockPublicAccessStates": {"InternetGatewayBlockMode": "block-sometimes"}}),
        (Subnet, {"MapPublicIpOnLaunch": None}),
        (Subnet, {"OwnerId": None}),
        (RouteTable, {"Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "resting"}]}),
        (RouteTable, {"Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}]}),
        (NetworkInterface, {"Status": "levitating"}),
        (NetworkInterface, {"Ipv6Addresses": None}),
        (NetworkInterface, {"RequesterManaged": None}),
        (SecurityGroup, {"IpPermissions": None}),
        (SecurityGroup, {"IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}]}),
        (NatGateway, {"State": "dreaming"}),
        (ManagedPrefixList, {"AddressFamily": "IPv8"}),
        (VpcEndpoint, {"VpcEndpointType": "Portal"}),
    ],
)
def test_what_aws_always_says_must_be_there_and_known(kind: type[Any], raw: dict[str, Any]) -> None:
    known: dict[type[Any], Any] = {
        Subnet: subnet(),
        RouteTable: table("rtb-1"),
        NetworkInterface: eni(),
        SecurityGroup: group(),
        NatGateway: nat(),
        ManagedPrefixList: prefix_list("pl-1", "x"),
        VpcEndpoint: endpoint(),
    }
    whole = msgspec.to_builtins(known[kind])
    assert msgspec.convert(whole, kind) == known[kind]
    changed = {key: value for key, value in (whole | raw).items() if key not in raw or raw[key] is not None}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(changed, kind)


# Rule 7: public addresses.

V6 = [{"Ipv6Address": "2600:1f18::7"}]
TO_IGW_V6 = {"DestinationIpv6CidrBlock": "2000::/3", "GatewayId": "igw-1", "State": "active"}


def routed(*routes: dict[str, Any], **lists: Any) -> Network:
    return network(route_tables=[table("rtb-1", main(), routes=routes)], **lists)


def test_public_ipv4_counts_wherever_the_interface_is() -> None:
    interface = eni(
        Association={"PublicIp": "198.51.100.7", "IpOwnerId": US},
        PrivateIpAddresses=[
            {"PrivateIpAddress": "10.0.1.4", "Association": {"PublicIp": "198.51.100.7"}},
            {"PrivateIpAddress": "10.0.1.5", "Association": {"PublicIp": "198.51.100.8"}},
        ],
    )
    assert routed(TO_IGW).public_addresses(interface) == ["198.51.100.7", "198.51.100.8"]
    assert routed().public_addresses(interface) == ["198.51.100.7", "198.51.100.8"]
    assert (routed(TO_IGW).reachable(interface), routed().reachable(interface)) == (True, False)


def test_global_ipv6_counts_where_the_subnet_routes_ipv6_to_an_internet_gateway() -> None:
    interface = eni(Ipv6Addresses=V6, Ipv6Prefixes=[{"Ipv6Prefix": "2600:1f18:0:1::/80"}])
    both = ["2600:1f18::7", "2600:1f18:0:1::/80"]
    assert routed(TO_IGW_V6).public_addresses(interface) == both
    assert routed(TO_IGW).public_addresses(interface) == []
    assert routed({"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1", "State": "active"}).public_addresses(interface) == []
    by_list = {"DestinationPrefixListId": "pl-1", "GatewayId": "igw-1", "State": "active"}
    assert routed(by_list, prefix_lists=[prefix_list("pl-1", "six", AddressFamily="IPv6")]).public_addresses(interface) == both
    assert routed(by_list, prefix_lists=[prefix_list("pl-1", "four")]).public_addresses(interface) == []
    with pytest.raises(DeniedError):
        routed(by_list, prefix_lists=DENIED).public_addresses(interface)


def test_an_ipv6_route_to_what_is_not_known_leaves_open_whether_addresses_are_public() -> None:
    """The subnet is public all the same, by its route for IPv4."""
    odd = {"DestinationIpv6CidrBlock": "::/0", "State": "active"}
    lists: dict[str, Any] = {"subnets": [subnet()], "internet_gateways": [igw()]}
    network = Network(account=US, route_tables=[table("rtb-1", explicit(), routes=[TO_IGW, odd])], **lists)
    assert network.is_public("subnet-1")
    with pytest.raises(Unknown, match="kind of target"):
        network.routes_ipv6("subnet-1")
    assert network.public_addresses(eni(Ipv6Addresses=[{"Ipv6Address": "fd00::1"}])) == []
    with pytest.raises(Unknown, match="kind of target"):
        network.public_addresses(eni(Ipv6Addresses=[{"Ipv6Address": "2600::1"}]))


def test_ipv6_that_the_internet_cannot_reach_does_not_count() -> None:
    assert routed(TO_IGW_V6).public_addresses(eni(Ipv6Addresses=[{"Ipv6Address": "fd00::7"}])) == []
    assert routed(TO_IGW_V6).public_addresses(eni(Ipv6Addresses=V6, DenyAllIgwTraffic=True)) == []
    blocks = [{"Ipv6CidrBlock": "2600:1f18::/64", "Ipv6CidrBlockState": {"State": "associated"}, "Ipv6AddressAttribute": "private"}]
    assert routed(TO_IGW_V6, subnets=[subnet(Ipv6CidrBlockAssociationSet=blocks)]).public_addresses(eni(Ipv6Addresses=V6)) == []
    blocked = subnet(BlockPublicAccessStates={"InternetGatewayBlockMode": "block-ingress"})
    assert routed(TO_IGW_V6, subnets=[blocked]).public_addresses(eni(Ipv6Addresses=V6)) == []


def test_a_carrier_address_is_not_public() -> None:
    assert network().public_addresses(eni(Association={"CarrierIp": "155.146.1.1"})) == []


def test_addresses_of_an_unread_subnet_raise_only_where_needed() -> None:
    world = network(subnets=DENIED)
    assert world.public_addresses(eni()) == []
    assert world.public_addresses(eni(Association={"PublicIp": "198.51.100.7"})) == ["198.51.100.7"]
    assert not world.reachable(eni())
    for interface in (eni(Ipv6Addresses=V6), eni(Association={"PublicIp": "198.51.100.7"})):
        with pytest.raises(DeniedError):
            world.reachable(interface)


def test_an_interface_across_subnets_is_reachable_by_any_of_them() -> None:
    """A regional NAT gateway's."""
    tables = [table("rtb-main", main()), table("rtb-2", explicit("subnet-2"), routes=[TO_IGW])]
    world = network(subnets=[subnet(), subnet("subnet-2")], route_tables=tables)
    spanning = eni(SubnetId=None, AssociatedSubnets=["subnet-1", "subnet-2"], Association={"PublicIp": "198.51.100.7"})
    assert world.reachable(spanning)
    with pytest.raises(Unknown, match="eni-1 names no subnet"):
        world.reachable(eni(SubnetId=None, Association={"PublicIp": "198.51.100.7"}))


# Rule 5: owners of interfaces.


def nat(**raw: Any) -> NatGateway:
    known = {"NatGatewayId": "nat-1", "VpcId": "vpc-1", "State": "available", "SubnetId": "subnet-1"}
    return make(NatGateway, known | {"NatGatewayAddresses": [{"NetworkInterfaceId": "eni-nat", "PublicIp": "198.51.100.9"}]} | raw)


def endpoint(**raw: Any) -> VpcEndpoint:
    known = {"VpcEndpointId": "vpce-1", "VpcEndpointType": "Interface", "VpcId": "vpc-1", "OwnerId": US, "State": "available"}
    return make(VpcEndpoint, known | {"ServiceName": "com.amazonaws.eu-west-1.ec2", "NetworkInterfaceIds": ["eni-vpce"]} | raw)


TASK = "arn:aws-cn:ecs:cn-north-1:111111111111:attachment/7"
OWNERS: dict[str, tuple[dict[str, Any], Owner]] = {
    "instance": (attached(US, "i-1"), Owner(kind="instance", name="i-1")),
    "EFA": ({"InterfaceType": "efa", **attached(US, "i-1")}, Owner(kind="instance", name="i-1")),
    "application load balancer": (
        {"RequesterManaged": True, "Description": "ELB app/web/5", **attached("amazon-elb")},
        Owner(kind="load_balancer", name="app/web/5"),
    ),
    "network load balancer": (
        {"RequesterManaged": True, "InterfaceType": "network_load_balancer", "Description": "ELB net/tcp/5"},
        Owner(kind="load_balancer", name="net/tcp/5"),
    ),
    "load balancer by its attachment": (
        {"Description": "something new", **attached("amazon-elb")},
        Owner(kind="load_balancer", name="something new"),
    ),
    "NAT gateway": (
        {"RequesterManaged": True, "InterfaceType": "natGateway", "Description": "Interface for NAT Gateway nat-7", **attached("amazon-aws")},
        Owner(kind="nat_gateway", name="nat-7"),
    ),
    "NAT gateway on moto": ({"NetworkInterfaceId": "eni-nat", "Status": "available"}, Owner(kind="nat_gateway", name="nat-1")),
    "database": (
        {"RequesterManaged": True, "Description": "RDSNetworkInterface", **attached("amazon-rds")},
        Owner(kind="rds", name="RDSNetworkInterface"),
    ),
    "cache": ({"RequesterManaged": True, "Description": "ElastiCache redis-001"}, Owner(kind="cache", name="ElastiCache redis-001")),
    "function": (
        {"RequesterManaged": True, "InterfaceType": "lambda", "Description": "AWS Lambda VPC ENI-thumbnails-1"},
        Owner(kind="lambda", name="thumbnails-1"),
    ),
    "Fargate task": ({"Description": TASK, **attached("333333333333")}, Owner(kind="ecs_task", name=TASK)),
    "task on a branch interface": ({"InterfaceType": "branch", "Description": TASK}, Owner(kind="ecs_task", name=TASK)),
    "pod": ({"InterfaceType": "branch", "Description": "aws-k8s-branch-eni"}, Owner(kind="pod", name="aws-k8s-branch-eni")),
    "endpoint": (
        {"RequesterManaged": True, "InterfaceType": "vpc_endpoint", "Description": "VPC Endpoint Interface vpce-7"},
        Owner(kind="vpc_endpoint", name="vpce-7"),
    ),
    "endpoint on moto": ({"NetworkInterfaceId": "eni-vpce", "Status": "available"}, Owner(kind="vpc_endpoint", name="vpce-1")),
    "mount target": ({"RequesterManaged": True, "Description": "EFS mount target for fs-7 (fsmt-1)"}, Owner(kind="efs", name="fs-7")),
    "another service": (
        {"RequesterManaged": True, "Description": "AWS created network interface for directory d-1"},
        Owner(kind="service", name="AWS created network interface for directory d-1"),
    ),
    "another service's new type": ({"RequesterManaged": True, "InterfaceType": "warp_drive"}, Owner(kind="service", name="warp_drive")),
    "nothing": ({"Status": "available"}, Owner(kind="nothing")),
    "a customer's own, described like a service's": (
        {"Status": "available", "Description": "ELB app/web/5"},
        Owner(kind="nothing", name="ELB app/web/5"),
    ),
    "a customer's branch, described like a service's": ({"InterfaceType": "branch", "Description": "ELB x"}, Owner(kind="pod", name="ELB x")),
}


@pytest.mark.parametrize(("raw", "owner"), OWNERS.values(), ids=OWNERS)
def test_owner(raw: dict[str, Any], owner: Owner) -> None:
    world = network(nat_gateways=[nat()], vpc_endpoints=[endpoint()])
    assert world.owner(eni(**raw)) == owner
    assert world.in_use(eni(**raw)) == (owner.kind != "nothing")


@pytest.mark.parametrize(
    "raw",
    [
        {"Attachment": None},
        {"Attachment": {"Status": "attached"}},
        attached(US),
        {"InterfaceType": "efa", **attached(US)},
        {"PrivateIpAddress": "10.0.1.7", "PrivateIpAddresses": []},
    ],
)
def test_an_interface_that_contradicts_itself_is_refused(raw: dict[str, Any]) -> None:
    """In use by nobody, by something of the account's own without a name, or with an address that is not among its addresses."""
    with pytest.raises(msgspec.ValidationError, match="needs"):
        eni(**raw)


def test_owner_of_an_unknown_type_of_interface_is_unknown() -> None:
    with pytest.raises(Unknown, match="interface type warp_drive is not known"):
        network().owner(eni(InterfaceType="warp_drive"))


def test_an_unattached_interface_might_be_an_unread_nat_gateways() -> None:
    for missing in (DENIED, [denied()]):
        with pytest.raises(DeniedError):
            network(nat_gateways=missing).owner(eni(Status="available"))
        assert network(nat_gateways=missing).owner(eni(**attached(US, "i-1"))).kind == "instance"


def test_a_deleted_nat_gateway_owns_nothing() -> None:
    world = network(nat_gateways=[nat(State="deleted")])
    assert world.owner(eni("eni-nat", Status="available")) == Owner(kind="nothing")


def test_nat_gateway_is_public_by_what_it_says_or_by_its_address() -> None:
    assert nat().public
    assert nat(ConnectivityType="public", NatGatewayAddresses=[]).public
    assert not nat(ConnectivityType="private").public
    assert not nat(NatGatewayAddresses=[]).public


# Rule 3: what a group opens.

OFFICE = prefix_list("pl-office", "office", "198.51.100.0/24", "10.0.0.0/8")
ANYONE = prefix_list("pl-any", "anyone", "0.0.0.0/0")
CLOUDFRONT = prefix_list("pl-cf", "com.amazonaws.global.cloudfront.origin-facing", owner="AWS", Entries=None)
LISTS = [
    OFFICE,
    ANYONE,
    CLOUDFRONT,
    prefix_list("pl-cf6", "com.amazonaws.global.ipv6.cloudfront.origin-facing", owner="AWS", Entries=None, AddressFamily="IPv6"),
    prefix_list("pl-s3", "com.amazonaws.eu-west-1.s3", owner="AWS", Entries=None),
    prefix_list("pl-ddb", "com.amazonaws.cn-north-1.dynamodb", owner="AWS", Entries=None),
    prefix_list("pl-mars", "com.amazonaws.global.mars", owner="AWS", Entries=None),
    prefix_list("pl-fake", "my.cloudfront.origin-facing", "0.0.0.0/0"),
    prefix_list("pl-unasked", "unasked", Entries=None),
    OFFICE.with_entries(DENIED),
]
LISTS[-1] = msgspec.structs.replace(LISTS[-1], prefix_list_id="pl-denied")


def opens(*permissions: dict[str, Any], **lists: Any) -> list[str]:
    return [str(each) for each in network(**({"prefix_lists": LISTS} | lists)).world_open(group(*permissions))]


OPEN = {
    "anywhere": ([permission("tcp", (22, 22), "0.0.0.0/0")], ["tcp 22 from 0.0.0.0/0"]),
    "anywhere IPv6": ([permission("tcp", (22, 22), "::/0")], ["tcp 22 from ::/0"]),
    "halves in one rule (the peers' hole)": ([permission("tcp", (22, 22), "0.0.0.0/1", "128.0.0.0/1")], ["tcp 22 from 0.0.0.0/1, 128.0.0.0/1"]),
    "eights in two rules, with different port ranges": (
        [permission("tcp", (20, 30), "52.0.0.0/8"), permission("tcp", (22, 80), "53.0.0.0/8")],
        ["tcp 22-30 from 52.0.0.0/8, 53.0.0.0/8"],
    ),
    "eights in two rules, on different ports": ([permission("tcp", (22, 22), "52.0.0.0/8"), permission("tcp", (23, 23), "53.0.0.0/8")], []),
    "eights in two rules, of different protocols": ([permission("tcp", (53, 53), "52.0.0.0/8"), permission("udp", (53, 53), "53.0.0.0/8")], []),
    "all traffic completes a port": (
        [permission("-1", None, "52.0.0.0/8"), permission("tcp", (22, 22), "53.0.0.0/8")],
        ["tcp 22 from 52.0.0.0/8, 53.0.0.0/8"],
    ),
    "a customer's prefix list": ([permission("tcp", (22, 22), "pl-any")], ["tcp 22 from pl-any (anyone)"]),
    "a list named like AWS's": ([permission("tcp", (443, 443), "pl-fake")], ["tcp 443 from pl-fake (my.cloudfront.origin-facing)"]),
    "CloudFront only": ([permission("tcp", (443, 443), "pl-cf", "pl-cf6")], []),
    "an AWS service": ([permission("tcp", (443, 443), "pl-s3", "pl-ddb")], []),
    "the office": ([permission("tcp", (22, 22), "pl-office", "192.0.2.7/32")], []),
    "a group": ([permission("-1", None, groups=[{"GroupId": "sg-2", "UserId": US}])], []),
    "private": ([permission("-1", None, "10.0.0.0/8", "fd00::/8")], []),
    "all traffic": ([permission("-1", None, "0.0.0.0/0"), permission("tcp", (22, 22), "0.0.0.0/0")], ["all traffic from 0.0.0.0/0"]),
    "all traffic, ports given": ([permission("-1", (-1, -1), "0.0.0.0/0")], ["all traffic from 0.0.0.0/0"]),
    "all tcp": ([permission("tcp", (0, 65535), "0.0.0.0/0")], ["tcp all ports from 0.0.0.0/0"]),
    "all tcp as -1": ([permission("tcp", (-1, -1), "0.0.0.0/0")], ["tcp all ports from 0.0.0.0/0"]),
    "all tcp by absence": ([permission("tcp", None, "0.0.0.0/0")], ["tcp all ports from 0.0.0.0/0"]),
    "from port 80 on (Powerpipe compares only the first)": ([permission("tcp", (80, 65535), "0.0.0.0/0")], ["tcp 80-65535 from 0.0.0.0/0"]),
    "tcp as 6": ([permission("6", (22, 22), "0.0.0.0/0")], ["tcp 22 from 0.0.0.0/0"]),
    "another protocol has no ports": ([permission("50", (1, 2), "0.0.0.0/0")], ["protocol 50 from 0.0.0.0/0"]),
    "neighbouring ports are one range": (
        [permission("tcp", (80, 80), "0.0.0.0/0"), permission("tcp", (81, 81), "::/0")],
        ["tcp 80-81 from 0.0.0.0/0, ::/0"],
    ),
    "with a gap between": (
        [permission("tcp", (80, 80), "0.0.0.0/0"), permission("tcp", (82, 82), "0.0.0.0/0"), permission("udp", (443, 443), "0.0.0.0/0")],
        ["tcp 80 from 0.0.0.0/0", "tcp 82 from 0.0.0.0/0", "udp 443 from 0.0.0.0/0"],
    ),
    "ICMP and ICMPv6 are apart (frost takes -1 for all ports)": ([permission("icmp", (-1, -1), "0.0.0.0/0"), permission("icmpv6", None, "::/0")], []),
    "no rules": ([], []),
}


@pytest.mark.parametrize(("permissions", "says"), OPEN.values(), ids=OPEN)
def test_world_open(permissions: list[dict[str, Any]], says: list[str]) -> None:
    assert opens(*permissions) == says


def test_open_ports_answer_for_single_ports() -> None:
    (web,) = network().world_open(group(permission("tcp", (80, 443), "0.0.0.0/0")))
    assert web == OpenPorts(protocol="tcp", from_port=80, to_port=443, sources=("0.0.0.0/0",))
    assert [web.covers("tcp", port) for port in (79, 80, 443, 444)] == [False, True, True, False]
    assert not web.covers("udp", 80)
    (everything,) = network().world_open(group(permission("-1", None, "0.0.0.0/0")))
    assert everything.covers("udp", 53)
    assert everything.all_ports


def test_many_sources_are_shortened() -> None:
    (found,) = opens(permission("tcp", (22, 22), *(f"{n}.0.0.0/8" for n in range(50, 60))))
    assert found == "tcp 22 from 50.0.0.0/8, 51.0.0.0/8, 52.0.0.0/8 and 7 more"


@pytest.mark.parametrize(
    ("rule", "lists", "error"),
    [
        ("pl-mars", LISTS, "AWS's prefix list com.amazonaws.global.mars is not known"),
        ("pl-unasked", LISTS, "the entries of prefix list pl-unasked were not read"),
        ("pl-denied", LISTS, "denied"),
        ("pl-gone", LISTS, "prefix list pl-gone not visible"),
        ("pl-gone", [*LISTS, denied()], "one item"),
        ("pl-office", DENIED, "denied"),
    ],
)
def test_an_unknown_prefix_list_is_an_error_not_a_pass(rule: str, lists: Any, error: str) -> None:
    world = network(prefix_lists=lists)
    doubtful = group(permission("tcp", (22, 22), rule), permission("tcp", (443, 443), "0.0.0.0/0"))
    for ask in (world.world_open, world.world_open_icmp, world.public_sources, world.ingress):
        with pytest.raises((Unknown, DeniedError), match=error):
            ask(doubtful)
    # What the other rules prove can still be asked for.
    assert [str(each) for each in world.world_open(doubtful, proven=True)] == ["tcp 443 from 0.0.0.0/0"]


def test_unread_prefix_lists_do_not_matter_to_rules_without_one() -> None:
    assert opens(permission("tcp", (22, 22), "0.0.0.0/0"), prefix_lists=DENIED) == ["tcp 22 from 0.0.0.0/0"]


def test_icmp_is_reported_apart() -> None:
    rules = [
        permission("icmp", (8, -1), "0.0.0.0/0"),
        permission("icmp", (3, 4), "0.0.0.0/1", "128.0.0.0/1"),
        permission("icmp", (5, 0), "0.0.0.0/0"),
        permission("icmp", (13, 0), "198.51.100.7/32"),
        permission("58", None, "::/0"),
    ]
    found = network().world_open_icmp(group(*rules))
    assert [(str(each), each.harmless) for each in found] == [
        ("icmp type 8 from 0.0.0.0/0", True),
        ("icmp type 3 from 0.0.0.0/1, 128.0.0.0/1", True),
        ("icmp type 5 from 0.0.0.0/0", False),
        ("icmpv6 all types from ::/0", True),
    ]
    assert network().world_open_icmp(group(permission("icmp", (-1, -1), "0.0.0.0/0"))) == [
        OpenIcmp(protocol="icmp", type=-1, code=-1, sources=("0.0.0.0/0",))
    ]
    assert network().world_open_icmp(group(permission("-1", None, "0.0.0.0/0"), *rules)) == []


def test_icmp_by_the_union_of_rules() -> None:
    rules = [permission("icmp", (-1, -1), "52.0.0.0/8"), permission("icmp", (8, -1), "53.0.0.0/8"), permission("icmp", (8, 0), "9.9.9.9/32")]
    found = network().world_open_icmp(group(*rules))
    assert [(each.type, each.code) for each in found] == [(8, -1), (8, 0)]


def test_public_sources_are_public_blocks_short_of_the_internet() -> None:
    rules = [
        permission("tcp", (22, 22), "198.51.100.7/32", "10.0.0.0/8", "2600:1f18::/36", "fd00::/8"),
        permission("tcp", (3389, 3389), "pl-office"),
        permission("tcp", (443, 443), "0.0.0.0/0", "198.51.100.7/32"),
        permission("tcp", (444, 444), "pl-cf", "pl-s3"),
        permission("icmp", (8, -1), "198.51.100.7/32"),
    ]
    assert network(prefix_lists=LISTS).public_sources(group(*rules)) == [
        PublicSource(protocol="tcp", from_port=22, to_port=22, cidr="198.51.100.7/32"),
        PublicSource(protocol="tcp", from_port=22, to_port=22, cidr="2600:1f18::/36"),
        PublicSource(protocol="tcp", from_port=3389, to_port=3389, cidr="198.51.100.0/24", prefix_list_id="pl-office"),
        PublicSource(protocol="icmp", from_port=8, to_port=-1, cidr="198.51.100.7/32"),
    ]


def test_ingress_is_normalised() -> None:
    pairs = [{"GroupId": "sg-2", "UserId": OTHER, "VpcId": "vpc-2", "VpcPeeringConnectionId": "pcx-1", "PeeringStatus": "active"}]
    (rule,) = network(prefix_lists=LISTS).ingress(group(permission("17", None, "10.0.0.0/8", "::/0", "pl-office", "pl-cf", groups=pairs)))
    assert rule == Rule(
        protocol="udp",
        from_port=0,
        to_port=65535,
        cidrs=("10.0.0.0/8", "::/0"),
        prefix_lists=(
            PrefixListSource(prefix_list_id="pl-office", name="office", kind="customer", cidrs=("198.51.100.0/24", "10.0.0.0/8")),
            PrefixListSource(prefix_list_id="pl-cf", name="com.amazonaws.global.cloudfront.origin-facing", kind="cloudfront"),
        ),
        groups=(GroupSource(group_id="sg-2", account=OTHER, vpc_id="vpc-2", peering_id="pcx-1"),),
        unsaid=True,
    )
    assert rule.all_ports
    assert (rule.covers("udp", 53), rule.covers("tcp", 53)) == (True, False)


def test_egress_is_normalised_the_same_way() -> None:
    (rule,) = network().egress(group(IpPermissionsEgress=[permission("-1", None, "0.0.0.0/0")]))
    assert rule == Rule(protocol="all", from_port=0, to_port=65535, cidrs=("0.0.0.0/0",))


def test_referenced_prefix_lists() -> None:
    groups = [
        group(permission("tcp", (22, 22), "pl-1", "0.0.0.0/0"), IpPermissionsEgress=[permission("-1", None, "pl-2")]),
        denied(),
        group(permission("tcp", (22, 22), "pl-1")),
    ]
    assert referenced_prefix_lists(groups) == {"pl-1", "pl-2"}


cidrs = st.sampled_from(
    [*(f"{n}.0.0.0/8" for n in range(52, 56)), "56.0.0.0/7", "0.0.0.0/0", "::/0", "2600::/32", "2600:1::/32", "10.0.0.0/8", "9.9.9.9/32"]
)
ports = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda pair: (min(pair), max(pair)))


@st.composite
def drawn_rules(draw: st.DrawFn) -> list[Rule]:
    found = []
    for _ in range(draw(st.integers(0, 7))):
        protocol = draw(st.sampled_from(["tcp", "tcp", "udp", "all"]))
        first, last = (0, 65535) if protocol == "all" else draw(ports)
        found.append(Rule(protocol=protocol, from_port=first, to_port=last, cidrs=tuple(draw(st.lists(cidrs, max_size=3)))))
    return found


@given(drawn_rules())
def test_world_open_agrees_with_asking_every_port(rules: list[Rule]) -> None:
    def slowly(protocol: str, port: int) -> bool:
        return is_internet(cidr for rule in rules if rule.covers(protocol, port) for cidr in rule.cidrs)

    found = world_open(rules)
    for protocol in ("tcp", "udp"):
        for port in (*range(12), 65535):
            assert any(each.covers(protocol, port) for each in found) == slowly(protocol, port)
    spans = [(each.protocol, each.from_port, each.to_port) for each in found]
    assert all(first <= last for _, first, last in spans)
    assert len(set(spans)) == len(spans)
    assert all(each.sources for each in found)


@given(drawn_rules(), st.randoms())
def test_order_of_rules_does_not_matter(rules: list[Rule], random: Any) -> None:
    def spans(of: list[Rule]) -> list[tuple[str, int, int]]:
        return sorted((each.protocol, each.from_port, each.to_port) for each in world_open(of))

    shuffled = [*rules]
    random.shuffle(shuffled)
    assert spans(shuffled) == spans(rules)


@given(drawn_rules())
def test_every_public_source_is_told_once_or_is_the_worlds(rules: list[Rule]) -> None:
    told, opened = public_sources(rules), world_open(rules)
    for rule in rules:
        for cidr in rule.cidrs:
            if cidr == "9.9.9.9/32":
                by_world = any(each.covers(rule.protocol, rule.from_port) and each.covers(rule.protocol, rule.to_port) for each in opened)
                assert by_world or PublicSource(protocol=rule.protocol, from_port=rule.from_port, to_port=rule.to_port, cidr=cidr) in told
    assert len(set(told)) == len(told)
    assert world_open_icmp(rules) == []


# Rule 4: who uses a group.

PUBLIC_IP: dict[str, Any] = {"Association": {"PublicIp": "198.51.100.7"}}


def test_group_users_are_interfaces_and_other_groups() -> None:
    world = network(
        network_interfaces=[
            eni(**PUBLIC_IP, **attached(US, "i-1")),
            eni("eni-2", InterfaceType="lambda", RequesterManaged=True, Description="AWS Lambda VPC ENI-f-1"),
            eni("eni-3", Groups=[{"GroupId": "sg-2"}]),
        ],
        security_groups=[
            group(permission("-1", None, groups=[{"GroupId": "sg-1", "UserId": US}])),  # its own reference
            group(permission("tcp", (5432, 5432), groups=[{"GroupId": "sg-1", "UserId": US}]), group_id="sg-db"),
            group(group_id="sg-3", IpPermissionsEgress=[permission("-1", None, groups=[{"GroupId": "sg-1", "UserId": US}])]),
        ],
    )
    assert world.group_users("sg-1") == [
        GroupUse(kind="instance", arn="arn:eni-1", public=True, name="i-1"),
        GroupUse(kind="lambda", arn="arn:eni-2", name="f-1"),
        GroupUse(kind="security_group", arn="arn:sg-db", name="sg-db"),
        GroupUse(kind="security_group", arn="arn:sg-3", name="sg-3"),
    ]
    assert world.group_users("sg-unused") == []


LAMBDA = eni("eni-2", InterfaceType="lambda", RequesterManaged=True, Description="AWS Lambda VPC ENI-f-1")
LOAD_BALANCER = GroupUse(kind="load_balancer", arn="arn:lb", public=True)
REACH: dict[str, tuple[dict[str, Any], list[GroupUse], str]] = {
    "public address in a public subnet": ({"network_interfaces": [LAMBDA, eni(**PUBLIC_IP, **attached(US, "i-1"))]}, [], "public"),
    "public address in a private subnet": (
        {"network_interfaces": [eni(**PUBLIC_IP, **attached(US, "i-1"))], "route_tables": [table("t", main())]},
        [],
        "private",
    ),
    "an internet-facing load balancer that the caller knows": ({"network_interfaces": [LAMBDA]}, [LOAD_BALANCER], "public"),
    "private only": ({"network_interfaces": [LAMBDA, eni(**attached(US, "i-1"))]}, [], "private"),
    "functions only": ({"network_interfaces": [LAMBDA]}, [], "lambda"),
    "functions and a database that the caller knows": ({"network_interfaces": [LAMBDA]}, [GroupUse(kind="rds", arn="arn:db")], "private"),
    "nobody": ({}, [], "none"),
    "another group's reference": (
        {"security_groups": [group(permission("-1", None, groups=[{"GroupId": "sg-1", "UserId": US}]), group_id="sg-db")]},
        [],
        "none",
    ),
    "unread interfaces": ({"network_interfaces": DENIED}, [], "unknown"),
    "one unread interface": ({"network_interfaces": [denied()]}, [], "unknown"),
    "unread routes": ({"network_interfaces": [eni(**PUBLIC_IP)], "route_tables": DENIED}, [], "unknown"),
    "unread uses of the caller's": ({}, DENIED, "unknown"),
}


@pytest.mark.parametrize(("lists", "uses", "reach"), REACH.values(), ids=REACH)
def test_reach(lists: dict[str, Any], uses: list[GroupUse], reach: str) -> None:
    assert network(**lists).reach("sg-1", uses) == reach


@pytest.mark.parametrize("missing", ["network_interfaces", "security_groups"])
def test_users_that_were_not_read_are_not_none(missing: str) -> None:
    for unseen in (DENIED, [denied()]):
        with pytest.raises(DeniedError):
            network(**{missing: unseen}).group_users("sg-1")


# Shared resources, lookups.


def test_what_another_account_owns_is_not_ours() -> None:
    world = network()
    assert [world.own(each) for each in (vpc(), subnet(), group(), eni(), OFFICE)] == [True] * 5
    assert [world.own(each) for each in (vpc(OwnerId=OTHER), subnet(OwnerId=OTHER), group(OwnerId=OTHER), CLOUDFRONT)] == [False] * 4


def test_lookups() -> None:
    known: dict[str, Any] = {
        "network_interfaces": [eni(**attached(US, "i-1"))],
        "security_groups": [group()],
        "nat_gateways": [nat()],
        "prefix_lists": [OFFICE],
        "vpc_endpoints": [endpoint()],
    }
    world = network(**known)
    assert world.vpc("vpc-1").cidrs == ("10.0.0.0/16",)
    assert world.subnet("subnet-1").cidrs == ("10.0.1.0/24",)
    assert world.route_table("rtb-main").main
    assert [world.nat_gateway("nat-1")] == world.nat_gateways_of("vpc-1") == known["nat_gateways"]
    assert [world.security_group("sg-1")] == world.groups_of("vpc-1") == known["security_groups"]
    assert world.prefix_list("pl-office") == OFFICE
    assert world.endpoints_of("vpc-1") == known["vpc_endpoints"]
    assert world.subnets_of("vpc-1") == world.subnets
    interfaces = [world.network_interface("eni-1")]
    assert interfaces == world.interfaces_of("vpc-1") == world.interfaces_in("subnet-1") == world.interfaces_with("sg-1")
    assert interfaces == world.interfaces_of_instance("i-1")
    assert world.interfaces_in("subnet-empty") == []
    with pytest.raises(Unknown, match="security group sg-gone not visible"):
        world.security_group("sg-gone")
    with pytest.raises(Unknown, match="VPC endpoints were not asked for"):
        network().endpoints_of("vpc-1")


def test_tags_and_names() -> None:
    tagged = subnet(Tags=[{"Key": "Name", "Value": "app-a"}, {"Key": "aws-cdk:subnet-type", "Value": "Private"}])
    assert (tagged.name, tagged.tags["aws-cdk:subnet-type"]) == ("app-a", "Private")
    assert eni(TagSet=[{"Key": "Name", "Value": "x"}]).name == "x"
    assert (subnet().name, subnet().tags) == (None, {})


# moto's own answers.


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield boto3.client("ec2", region_name="eu-west-1")


def described(ec2: Any) -> Network:
    """The network as a read builds it from EC2's answers."""
    groups = [make(SecurityGroup, raw) for raw in ec2.describe_security_groups()["SecurityGroups"]]
    lists = [make(ManagedPrefixList, raw) for raw in ec2.describe_managed_prefix_lists()["PrefixLists"]]
    wanted = referenced_prefix_lists(groups)
    lists = [
        each.with_entries(ec2.get_managed_prefix_list_entries(PrefixListId=each.prefix_list_id)["Entries"])
        if each.prefix_list_id in wanted and not each.aws_owned
        else each
        for each in lists
    ]
    return Network(
        account="123456789012",
        vpcs=[make(Vpc, raw) for raw in ec2.describe_vpcs()["Vpcs"]],
        subnets=[make(Subnet, raw) for raw in ec2.describe_subnets()["Subnets"]],
        route_tables=[make(RouteTable, raw) for raw in ec2.describe_route_tables()["RouteTables"]],
        internet_gateways=[make(InternetGateway, raw) for raw in ec2.describe_internet_gateways()["InternetGateways"]],
        nat_gateways=[make(NatGateway, raw) for raw in ec2.describe_nat_gateways()["NatGateways"]],
        security_groups=groups,
        network_interfaces=[make(NetworkInterface, raw) for raw in ec2.describe_network_interfaces()["NetworkInterfaces"]],
        prefix_lists=lists,
        vpc_endpoints=[make(VpcEndpoint, raw) for raw in ec2.describe_vpc_endpoints()["VpcEndpoints"]],
    )


def test_a_region_of_moto(ec2: Any) -> None:
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]
    public, private = (ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{n}.0/24")["Subnet"]["SubnetId"] for n in (1, 2))
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    table_id = ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table_id, SubnetId=public)
    ec2.create_route(RouteTableId=table_id, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat_id = ec2.create_nat_gateway(SubnetId=public, AllocationId=allocation)["NatGateway"]["NatGatewayId"]
    list_id = ec2.create_managed_prefix_list(PrefixListName="any", MaxEntries=1, AddressFamily="IPv4", Entries=[{"Cidr": "0.0.0.0/0"}])["PrefixList"]
    group_id = ec2.create_security_group(GroupName="web", Description="d", VpcId=vpc_id)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": list_id["PrefixListId"]}]}
    ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[rule])
    placed = {"DeviceIndex": 0, "SubnetId": public, "Groups": [group_id], "AssociatePublicIpAddress": True}
    instance = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, NetworkInterfaces=[placed])["Instances"][0]["InstanceId"]
    ec2.create_vpc_endpoint(VpcId=vpc_id, VpcEndpointType="Gateway", ServiceName="com.amazonaws.eu-west-1.s3", RouteTableIds=[table_id])
    ec2.create_vpc_endpoint(VpcId=vpc_id, ServiceName="com.amazonaws.eu-west-1.ec2", VpcEndpointType="Interface", SubnetIds=[private])

    world = described(ec2)
    assert world.exposure(public).why == f"{table_id} (explicit association) routes 0.0.0.0/0 to {gateway} (IPv4)"
    assert not world.is_public(private)
    assert [str(each) for each in world.world_open(world.security_group(group_id))] == [f"tcp 22 from {list_id['PrefixListId']} (any)"]
    assert world.reach(group_id) == "public"
    (interface,) = world.interfaces_of_instance(instance)
    assert world.reachable(interface)
    assert {world.owner(each).kind for each in world.interfaces_of(vpc_id)} == {"instance", "nat_gateway", "vpc_endpoint"}
    assert world.nat_gateway(nat_id).public
    assert {each.vpc_endpoint_type for each in world.endpoints_of(vpc_id)} == {"Gateway", "Interface"}
    # moto leaves the route active when its gateway is detached.
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    after = described(ec2)
    assert not after.is_public(public)
    assert after.reach(group_id) == "private"


def test_an_untouched_region_of_moto(ec2: Any) -> None:
    world = described(ec2)
    assert [each.is_default for each in world.vpcs] == [True]
    assert [world.is_public(each.subnet_id) for each in world.subnets] == [False] * 3
    assert [world.world_open(each) for each in world.security_groups] == [[]]
