"""WKLD.10's checks, each shown to pass, to fail, and at its edges."""

from __future__ import annotations

from typing import Any

from tests.checks.test_wkld_11 import Net, denied, without
from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_10_private_subnets as suite

PLACED = suite.test_ec2_instance_in_private_subnet


def arn(aws: Cloud, instance: str) -> str:
    return aws.arn("ec2", f"instance/{instance}")


def said(aws: Cloud, instance: str, **fields: Any) -> None:
    """Let this be said of an instance; what is None is left out."""

    def change(region: str, parsed: Any) -> None:
        for each in (each for reservation in parsed["Reservations"] for each in reservation["Instances"] if each["InstanceId"] == instance):
            each.update(fields)
            for name in [name for name, value in fields.items() if value is None]:
                each.pop(name, None)

    aws.simulated.over("ec2:DescribeInstances", change)


@world(PLACED)
def test_private_subnet_passes_and_public_one_fails(aws: Cloud) -> Expected:
    net = Net(aws)
    good, bad = net.instance(net.group()), net.instance(net.group(), public=True)
    return {
        arn(aws, good): ("PASS", "medium", "Every instance is in private subnets"),
        arn(aws, bad): ("FAIL", "medium", f"in the public subnet {net.public[0]}: rtb-", "routes 0.0.0.0/0 to igw-", "; public address "),
    }


@world(PLACED)
def test_public_subnet_without_an_address_is_low(aws: Cloud) -> Expected:
    net = Net(aws)
    quiet = launched(net, net.public[0])
    return {arn(aws, quiet): ("FAIL", "low", "without a public address")}


def launched(net: Net, *subnets: str, **more: Any) -> str:
    """An instance with an interface in each of these subnets, without public addresses."""
    interfaces = [
        {"DeviceIndex": number, "SubnetId": subnet, "AssociatePublicIpAddress": False, "Groups": [net.group()]}
        for number, subnet in enumerate(subnets)
    ]
    asked = {"ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1, "NetworkInterfaces": interfaces, **more}
    found: str = net.ec2.run_instances(**asked)["Instances"][0]["InstanceId"]
    return found


@world(PLACED)
def test_second_interface_in_a_public_subnet_fails(aws: Cloud) -> Expected:
    net = Net(aws)
    both = launched(net, net.private[0], net.public[0])
    return {arn(aws, both): ("FAIL", "low", net.public[0])}


@world(PLACED)
def test_stopped_instance_is_judged_and_a_terminated_one_is_not(aws: Cloud) -> Expected:
    net = Net(aws)
    stopped, gone = launched(net, net.public[0]), launched(net, net.public[0])
    net.ec2.stop_instances(InstanceIds=[stopped])
    net.ec2.terminate_instances(InstanceIds=[gone])
    return {arn(aws, stopped): ("FAIL", "low")}


@world(PLACED)
def test_only_gone_instances_are_none(aws: Cloud) -> Expected:
    net = Net(aws)
    gone = launched(net, net.public[0])
    net.ec2.terminate_instances(InstanceIds=[gone])
    said(aws, gone, MetadataOptions=None, ImageId=None)
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no instances")}


@world(PLACED)
def test_instance_that_is_meant_to_face_the_internet_passes(aws: Cloud) -> Expected:
    aws.facts(network={"public_resources": ["tag:role=vpn"]})
    net = Net(aws)
    vpn = net.instance(net.group(), public=True)
    net.ec2.create_tags(Resources=[vpn], Tags=[{"Key": "role", "Value": "vpn"}])
    other = net.instance(net.group(), public=True)
    return {
        arn(aws, vpn): ("PASS", "medium", "meant to face the internet (network.public_resources = tag:role=vpn)"),
        arn(aws, other): "FAIL",
    }


@world(PLACED)
def test_nat_instance_passes_by_its_interface_or_by_itself(aws: Cloud) -> Expected:
    """moto switches the check of addresses off at the instance, and not at its interface; AWS at both."""
    net = Net(aws)
    nats = [net.instance(net.group(), public=True) for _ in range(2)]
    tables = [net.ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"] for _ in nats]
    described = net.ec2.describe_network_interfaces(Filters=[{"Name": "attachment.instance-id", "Values": nats[:1]}])
    interface = described["NetworkInterfaces"][0]["NetworkInterfaceId"]
    net.ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, SourceDestCheck={"Value": False})
    net.ec2.create_route(RouteTableId=tables[0], DestinationCidrBlock="0.0.0.0/0", NetworkInterfaceId=interface)
    net.ec2.modify_instance_attribute(InstanceId=nats[1], SourceDestCheck={"Value": False})
    net.ec2.create_route(RouteTableId=tables[1], DestinationCidrBlock="0.0.0.0/0", InstanceId=nats[1])
    return {arn(aws, nat): ("PASS", "medium", "a NAT instance") for nat in nats}


@world(PLACED)
def test_half_a_nat_instance_fails(aws: Cloud) -> Expected:
    """One passes on what nobody sends to it, the other is sent what it does not pass on, and a third gets it by a route that is dead."""
    net = Net(aws)
    unsent, unpassed, dead = (net.instance(net.group(), public=True) for _ in range(3))
    for instance in (unsent, dead):
        net.ec2.modify_instance_attribute(InstanceId=instance, SourceDestCheck={"Value": False})
    for instance in (unpassed, dead):
        table = net.ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"]
        net.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", InstanceId=instance)

    def kill(region: str, parsed: Any) -> None:
        for route in (route for table in parsed["RouteTables"] for route in table["Routes"] if route.get("InstanceId") == dead):
            route["State"] = "blackhole"

    aws.simulated.over("ec2:DescribeRouteTables", kill)
    return {arn(aws, instance): "FAIL" for instance in (unsent, unpassed, dead)}


@world(PLACED)
def test_instance_of_a_service_that_manages_it_is_not_applicable(aws: Cloud) -> Expected:
    net = Net(aws)
    node = net.instance(net.group(), public=True)
    said(aws, node, Operator={"Managed": True, "Principal": "eks.amazonaws.com"})
    return {arn(aws, node): ("NOT_APPLICABLE", "medium", "managed by eks.amazonaws.com")}


@world(PLACED)
def test_instance_that_a_service_launched_is_judged_and_named_after_it(aws: Cloud) -> Expected:
    net = Net(aws)
    node = net.instance(net.group(), public=True)
    said(aws, node, Tags=[{"Key": "Name", "Value": "node"}, {"Key": "eks:nodegroup-name", "Value": "web"}])
    return {arn(aws, node): ("FAIL", "medium", "(of eks:nodegroup-name = web)")}


@world(PLACED)
def test_no_instances(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no instances")}


@world(PLACED)
def test_interface_that_is_not_shown_is_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    hidden = net.instance(net.group())
    aws.simulated.over("ec2:DescribeNetworkInterfaces", lambda region, parsed: parsed["NetworkInterfaces"].clear())
    return {arn(aws, hidden): ("ERROR", "medium", "no network interface of ")}


@world(PLACED)
def test_denied_call_is_an_error_of_each_instance(aws: Cloud) -> Expected:
    net = Net(aws)
    instances = [net.instance(net.group()), net.instance(net.group(), public=True)]
    denied(aws, "ec2:DescribeRouteTables")
    return {arn(aws, instance): ("ERROR", "medium", "allow ec2:DescribeRouteTables") for instance in instances}


@world(PLACED)
def test_instance_that_cannot_be_read_is_an_error_and_others_are_judged(aws: Cloud) -> Expected:
    net = Net(aws)
    good, odd = net.instance(net.group()), net.instance(net.group())
    said(aws, odd, State=None)
    return {arn(aws, good): "PASS", arn(aws, odd): "ERROR"}


@world(PLACED)
def test_reservation_without_instances_is_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    net.instance(net.group())
    without(aws, "ec2:DescribeInstances", "Reservations", "Instances")
    return {aws.account_arn: ("ERROR", "medium", "a reservation without Instances")}


EDGES: dict[str, dict[str, Any]] = {
    "ec2_instance_in_private_subnet": {
        "PASS: in a private subnet; FAIL: in a public one": test_private_subnet_passes_and_public_one_fails,
        "FAIL low: without a public address": test_public_subnet_without_an_address_is_low,
        "FAIL: one of several interfaces": test_second_interface_in_a_public_subnet_fails,
        "PASS: meant to be public": test_instance_that_is_meant_to_face_the_internet_passes,
        "PASS: NAT instance": test_nat_instance_passes_by_its_interface_or_by_itself,
        "FAIL: half a NAT instance": test_half_a_nat_instance_fails,
        "stopped: judged; terminated: not": test_stopped_instance_is_judged_and_a_terminated_one_is_not,
        "N/A: managed by a service": test_instance_of_a_service_that_manages_it_is_not_applicable,
        "FAIL: names the service that launched it": test_instance_that_a_service_launched_is_judged_and_named_after_it,
        "N/A: no instances, or only gone ones, of which little is told": (test_no_instances, test_only_gone_instances_are_none),
        "ERROR: no interface is shown": test_interface_that_is_not_shown_is_an_error,
        "ERROR: denied": test_denied_call_is_an_error_of_each_instance,
        "ERROR: one instance": test_instance_that_cannot_be_read_is_an_error_and_others_are_judged,
    },
}
