"""ACCT.09's checks, each shown to pass, to fail, and at its edges. moto's default VPC has three subnets and a default group, and every region has one."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.model import ListShape, Shape, StructureShape

from pytest_ssb.errors import NotOffered
from pytest_ssb.network_use import User
from pytest_ssb.reads.naming import Lookup
from pytest_ssb.reads.network_users import LOOKUPS, users_of_network
from tests.support.runs import Runner
from tests.support.soundness import rigged
from tests.support.worlds import Cloud, Expected, World, built, judge, session, world
from tests_account import test_acct_09_unused_network as suite

DEFAULT, VPC = suite.test_no_unused_default_vpc, suite.test_no_unused_vpc
SUBNET, GROUP = suite.test_no_unused_subnet, suite.test_no_unused_security_group
OTHER = "999999999999"

# What a service answers where nothing of its own is there: moto need not be started for each.
EMPTY: dict[str, dict[str, Any]] = {
    "autoscaling:DescribeAutoScalingGroups": {"AutoScalingGroups": []},
    "autoscaling:DescribeLaunchConfigurations": {"LaunchConfigurations": []},
    "batch:DescribeComputeEnvironments": {"computeEnvironments": []},
    "codebuild:ListProjects": {"projects": []},
    "dms:DescribeReplicationInstances": {"ReplicationInstances": []},
    "dms:DescribeReplicationSubnetGroups": {"ReplicationSubnetGroups": []},
    "ecs:ListClusters": {"clusterArns": []},
    "efs:DescribeFileSystems": {"FileSystems": []},
    "eks:ListClusters": {"clusters": []},
    "elasticache:DescribeCacheClusters": {"CacheClusters": []},
    "elasticache:DescribeCacheSubnetGroups": {"CacheSubnetGroups": []},
    "elb:DescribeLoadBalancers": {"LoadBalancerDescriptions": []},
    "elbv2:DescribeLoadBalancers": {"LoadBalancers": []},
    "glue:GetConnections": {"ConnectionList": []},
    "kafka:ListClustersV2": {"ClusterInfoList": []},
    "lambda:ListFunctions": {"Functions": []},
    "memorydb:DescribeClusters": {"Clusters": []},
    "memorydb:DescribeSubnetGroups": {"SubnetGroups": []},
    "mq:ListBrokers": {"BrokerSummaries": []},
    "opensearch:ListDomainNames": {"DomainNames": []},
    "ram:GetResourceShareAssociations": {"resourceShareAssociations": []},
    "rds:DescribeDBClusters": {"DBClusters": []},
    "rds:DescribeDBInstances": {"DBInstances": []},
    "rds:DescribeDBProxies": {"DBProxies": []},
    "rds:DescribeDBSubnetGroups": {"DBSubnetGroups": []},
    "redshift:DescribeClusterSubnetGroups": {"ClusterSubnetGroups": []},
    "redshift:DescribeClusters": {"Clusters": []},
}


class Net:
    """The region's default VPC, and VPCs that somebody made."""

    def __init__(self, aws: Cloud, answers: dict[str, Any] | None = None) -> None:
        self.aws, self.ec2 = aws, aws.client("ec2")
        for operation, answer in (EMPTY | (answers or {})).items():
            self.answer(operation, answer)
        self.default = self.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        self._made = 0

    def answer(self, operation: str, answer: Any) -> None:
        """What an operation answers, or the error that it raises."""
        if isinstance(answer, dict):
            conform(answer, output_of(operation), operation)
        self.aws.simulated.instead(operation, answer if callable(answer) else lambda region, asked: answer)

    def vpc(self) -> str:
        """A VPC with nothing but its default group."""
        self._made += 1
        found: str = self.ec2.create_vpc(CidrBlock=f"10.{self._made}.0.0/16")["Vpc"]["VpcId"]
        return found

    def subnet(self, vpc: str, number: int = 0, *, alone: bool = False) -> str:
        """A subnet of one of these VPCs; `alone` it has a route table of its own."""
        cidr = self.ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlock"].replace(".0.0/16", f".{number}.0/24")
        found: str = self.ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=self.aws.zone)["Subnet"]["SubnetId"]
        if alone:
            self.ec2.associate_route_table(RouteTableId=self.ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"], SubnetId=found)
        return found

    def group(self, vpc: str, name: str = "app", description: str = "app") -> str:
        """A security group."""
        found: str = self.ec2.create_security_group(GroupName=name, Description=description, VpcId=vpc)["GroupId"]
        return found

    def instance(self, subnet: str, *groups: str) -> str:
        """An instance, whose interface is in use also when it is stopped."""
        more: dict[str, Any] = {"SecurityGroupIds": list(groups)} if groups else {}
        launched = self.ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnet, **more)
        found: str = launched["Instances"][0]["InstanceId"]
        return found

    def left_over(self, subnet: str, *groups: str) -> str:
        """An interface that is attached to nothing."""
        found: str = self.ec2.create_network_interface(SubnetId=subnet, Groups=list(groups))["NetworkInterface"]["NetworkInterfaceId"]
        return found

    def subnets_of(self, vpc: str) -> list[str]:
        """The subnets of a VPC."""
        return [each["SubnetId"] for each in self.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]]

    def delete_default(self) -> None:
        """Do what the control asks for."""
        for subnet in self.subnets_of(self.default):
            self.ec2.delete_subnet(SubnetId=subnet)
        self.ec2.delete_vpc(VpcId=self.default)

    def arn(self, resource: str) -> str:
        """The ARN of a VPC, subnet or group."""
        kind = {"vpc": "vpc", "subnet": "subnet", "sg": "security-group"}[resource.partition("-")[0]]
        return self.aws.arn("ec2", f"{kind}/{resource}")

    def owned_by_other(self, operation: str, key: str, id_key: str, resource: str) -> None:
        """Let a resource be another account's, which shares it."""

        def change(region: str, parsed: Any) -> None:
            for each in parsed[key]:
                if each[id_key] == resource:
                    each["OwnerId"] = OTHER

        self.aws.simulated.over(operation, change)


@functools.cache
def output_of(operation: str) -> Shape | None:
    """botocore's model of what an operation answers."""
    service, _, name = operation.partition(":")
    found: Shape | None = session().get_service_model(service).operation_model(name).output_shape
    return found


def conform(answer: Any, shape: Any, path: str) -> None:
    """Hold an answer that is made up to botocore's model: a field that AWS does not have proves nothing."""
    if isinstance(shape, StructureShape):
        assert isinstance(answer, dict), path
        assert set(answer) <= set(shape.members), f"{path}: {set(answer) - set(shape.members)}"
        for name, value in answer.items():
            conform(value, shape.members[name], f"{path}.{name}")
    elif isinstance(shape, ListShape):
        assert isinstance(answer, list), path
        for value in answer:
            conform(value, shape.member, path)


def denied(operation: str) -> ClientError:
    """AWS's answer to a call that is not allowed."""
    code = "UnauthorizedOperation" if operation.startswith("ec2:") else "AccessDenied"
    return ClientError({"Error": {"Code": code, "Message": f"not authorized to perform: {operation}"}}, operation.partition(":")[2])


# --- default VPCs -------------------------------------------------------------------------------------------------------------------------------


@world(DEFAULT, regions=("eu-west-1", "us-east-1"))
def test_default_vpc_that_nothing_uses_fails_and_one_that_is_gone_passes(aws: Cloud) -> Expected:
    """Subnets, an internet gateway, route tables and flow logs are parts of a VPC, and no use of it."""
    net = Net(aws)
    gateway = net.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    net.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=net.default)
    net.ec2.create_route_table(VpcId=net.default)
    aws.region = "us-east-1"
    Net(aws).delete_default()
    aws.region = "eu-west-1"
    return {
        net.arn(net.default): ("FAIL", "low", "no network interface, NAT gateway, endpoint, peering connection or VPN gateway"),
        aws.account_arn: ("PASS", "medium", "no default VPC"),
    }


@world(DEFAULT, regions=("cn-north-1",))
def test_default_vpc_of_another_partition_fails_by_its_arn(aws: Cloud) -> Expected:
    net = Net(aws)
    return {f"arn:aws-cn:ec2:cn-north-1:{aws.account}:vpc/{net.default}": ("FAIL", "low")}


@world(DEFAULT)
def test_default_vpc_of_a_stopped_instance_is_in_use(aws: Cloud) -> Expected:
    net = Net(aws)
    subnet, _, other = net.subnets_of(net.default)
    net.ec2.stop_instances(InstanceIds=[net.instance(subnet)])
    net.instance(other)
    return {net.arn(net.default): ("PASS", "medium", "in use: 2 network interfaces")}


@world(DEFAULT)
def test_default_vpc_with_a_left_over_interface_fails_worse_where_the_region_is_used(aws: Cloud) -> Expected:
    net = Net(aws)
    left_over = net.left_over(net.subnets_of(net.default)[0])
    net.instance(net.subnet(net.vpc()))
    return {net.arn(net.default): ("FAIL", "medium", f"no network interface but the left-over {left_over}, NAT gateway")}


@world(DEFAULT)
def test_default_vpc_with_a_gateway_endpoint_is_in_use(aws: Cloud) -> Expected:
    """A gateway endpoint has no network interface."""
    net = Net(aws)
    made = net.ec2.create_vpc_endpoint(VpcId=net.default, ServiceName=f"com.amazonaws.{aws.region}.s3", VpcEndpointType="Gateway")
    return {net.arn(net.default): ("PASS", "medium", f"in use: {made['VpcEndpoint']['VpcEndpointId']}")}


@world(DEFAULT)
def test_default_vpc_with_a_nat_gateway_is_in_use(aws: Cloud) -> Expected:
    net = Net(aws)
    made = net.ec2.create_nat_gateway(SubnetId=net.subnets_of(net.default)[0], ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    return {net.arn(net.default): ("PASS", "medium", f"in use: {made}")}


def peered(net: Net) -> str:
    """A peering connection of the default VPC, which nobody has accepted yet."""
    asked = net.ec2.create_vpc_peering_connection(VpcId=net.default, PeerVpcId=net.vpc())
    found: str = asked["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    return found


@world(DEFAULT)
def test_default_vpc_that_is_peered_is_in_use(aws: Cloud) -> Expected:
    net = Net(aws)
    peering = peered(net)
    net.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    return {net.arn(net.default): ("PASS", "medium", f"in use: {peering}")}


@world(DEFAULT)
def test_default_vpc_with_a_vpn_gateway_is_in_use(aws: Cloud) -> Expected:
    net = Net(aws)
    gateway = net.ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    net.ec2.attach_vpn_gateway(VpcId=net.default, VpnGatewayId=gateway)
    return {net.arn(net.default): ("PASS", "medium", f"in use: {gateway}")}


@world(DEFAULT)
def test_default_vpc_of_what_is_on_its_way_out_fails(aws: Cloud) -> Expected:
    net = Net(aws)
    nat = net.ec2.create_nat_gateway(SubnetId=net.subnets_of(net.default)[0], ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    gateway = net.ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    net.ec2.attach_vpn_gateway(VpcId=net.default, VpnGatewayId=gateway)
    peered(net)
    for kind in ("s3", "dynamodb"):
        net.ec2.create_vpc_endpoint(VpcId=net.default, ServiceName=f"com.amazonaws.{aws.region}.{kind}", VpcEndpointType="Gateway")

    def going(region: str, parsed: Any) -> None:
        for each in parsed.get("NatGateways", ()):
            each["State"] = "deleted" if each["NatGatewayId"] == nat else each["State"]
        for each, state in zip(parsed.get("VpcEndpoints", ()), ("Deleting", "Rejected"), strict=False):
            each["State"] = state
        for each in parsed.get("VpnGateways", ()):
            each["VpcAttachments"][0]["State"] = "detached"

    for operation in ("DescribeNatGateways", "DescribeVpcEndpoints", "DescribeVpnGateways"):
        aws.simulated.over(f"ec2:{operation}", going)
    return {net.arn(net.default): ("FAIL", "low", "nothing uses it")}


@world(DEFAULT)
def test_default_vpc_with_an_endpoint_of_an_unknown_state_can_not_be_judged(aws: Cloud) -> Expected:
    net = Net(aws)
    made = net.ec2.create_vpc_endpoint(VpcId=net.default, ServiceName=f"com.amazonaws.{aws.region}.s3", VpcEndpointType="Gateway")["VpcEndpoint"]
    aws.simulated.over("ec2:DescribeVpcEndpoints", lambda region, parsed: parsed["VpcEndpoints"][0].update(State="Suspended"))
    return {net.arn(net.default): ("ERROR", None, f"{made['VpcEndpointId']} is in a state that this tool does not know")}


@world(DEFAULT)
def test_default_vpc_of_which_one_answer_is_missing_is_unknown(aws: Cloud) -> Expected:
    net = Net(aws)
    aws.simulated.instead("ec2:DescribeVpnGateways", lambda region, asked: denied("ec2:DescribeVpnGateways"))
    return {net.arn(net.default): ("ERROR", None, "allow ec2:DescribeVpnGateways")}


@world(DEFAULT)
def test_default_vpc_that_is_proven_to_be_in_use_needs_no_further_answer(aws: Cloud) -> Expected:
    net = Net(aws)
    aws.simulated.instead("ec2:DescribeNatGateways", lambda region, asked: denied("ec2:DescribeNatGateways"))
    net.ec2.create_vpc_endpoint(VpcId=net.default, ServiceName=f"com.amazonaws.{aws.region}.s3", VpcEndpointType="Gateway")
    return {net.arn(net.default): ("PASS", "medium", "in use: vpce-")}


@world(DEFAULT)
def test_default_vpc_whose_interfaces_could_not_be_read_may_be_in_use_by_something_else(aws: Cloud) -> Expected:
    net = Net(aws)
    aws.simulated.instead("ec2:DescribeNetworkInterfaces", lambda region, asked: denied("ec2:DescribeNetworkInterfaces"))
    made = net.ec2.create_vpc_endpoint(VpcId=net.default, ServiceName=f"com.amazonaws.{aws.region}.s3", VpcEndpointType="Gateway")
    return {net.arn(net.default): ("PASS", "medium", f"in use: {made['VpcEndpoint']['VpcEndpointId']}")}


def malformed(net: Net, vpc: str) -> None:
    """Let a VPC not say whose it is, or whether it is a default VPC."""

    def change(region: str, parsed: Any) -> None:
        for each in parsed["Vpcs"]:
            if each["VpcId"] == vpc:
                each["IsDefault"] = None

    net.aws.simulated.over("ec2:DescribeVpcs", change)


@world(DEFAULT)
def test_vpc_that_may_be_a_default_vpc_is_an_error_of_its_own(aws: Cloud) -> Expected:
    net = Net(aws)
    bad = net.vpc()
    malformed(net, bad)
    return {net.arn(net.default): ("FAIL", "low", "nothing uses it"), net.arn(bad): ("ERROR", None, "a Vpc that we cannot read")}


@world(VPC, SUBNET)
def test_vpc_that_may_be_anybodys_is_an_error_of_its_own(aws: Cloud) -> Expected:
    net = Net(aws)
    net.delete_default()
    bad, busy = net.vpc(), net.vpc()
    net.instance(net.subnet(busy))
    malformed(net, bad)
    return {net.arn(busy): ("PASS", "low"), net.arn(bad): ("ERROR", None, "a Vpc that we cannot read")}


@world(DEFAULT)
def test_default_vpc_that_is_kept_on_purpose_is_not_judged(aws: Cloud) -> Expected:
    net = Net(aws)
    net.ec2.create_tags(Resources=[net.default], Tags=[{"Key": "ssb:keep", "Value": "sandbox"}])
    aws.facts(network={"reserved": ["tag:ssb:keep=*"]})
    return {net.arn(net.default): ("NOT_APPLICABLE", None, "kept on purpose (network.reserved = tag:ssb:keep=*)")}


# --- VPCs that somebody made --------------------------------------------------------------------------------------------------------------------


@world(VPC)
def test_the_default_vpc_alone_is_judged_by_another_check(aws: Cloud) -> Expected:
    Net(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no VPC but the default one")}


def function(net: Net, name: str, subnets: list[str], groups: list[str]) -> dict[str, Any]:
    """A function in a VPC; one that has slept for weeks has no network interface."""
    place = {"VpcId": "vpc-1", "SubnetIds": subnets, "SecurityGroupIds": groups}
    return {"FunctionName": name, "FunctionArn": net.aws.arn("lambda", f"function:{name}"), "VpcConfig": place}


def subnet_group(net: Net, *subnets: str, name: str = "private") -> dict[str, Any]:
    """A subnet group of RDS."""
    return {"DBSubnetGroupArn": net.aws.arn("rds", f"subgrp:{name}"), "Subnets": [{"SubnetIdentifier": each} for each in subnets]}


@world(VPC)
def test_vpc_is_used_by_its_interfaces_or_by_what_would_run_in_it(aws: Cloud) -> Expected:
    """A function that sleeps has no interface, yet is there; a subnet group without a database is nothing that runs."""
    net = Net(aws)
    busy, asleep, grouped, listed, empty, kept, foreign = (net.vpc() for _ in range(7))
    net.instance(net.subnet(busy))
    net.left_over(net.subnets_of(busy)[0])
    functions = [function(net, "nightly", [net.subnet(asleep), "subnet-gone"], ["sg-gone"]), function(net, "hook", [], [net.group(grouped)])]
    net.answer("lambda:ListFunctions", {"Functions": functions})
    net.answer("rds:DescribeDBSubnetGroups", {"DBSubnetGroups": [subnet_group(net, net.subnet(listed))]})
    left_over = net.left_over(net.subnet(empty))
    net.owned_by_other("ec2:DescribeVpcs", "Vpcs", "VpcId", foreign)
    aws.facts(network={"reserved": [kept, busy]})
    nothing = "no network interface, NAT gateway, endpoint, peering connection or VPN gateway, nor anything with a subnet or group of it"
    return {
        net.arn(busy): ("PASS", "low", "in use: 1 network interface"),
        net.arn(asleep): ("PASS", "low", "in use: lambda function:nightly"),
        net.arn(grouped): ("PASS", "low", "in use: lambda function:hook"),
        net.arn(listed): ("FAIL", "low", nothing),
        net.arn(empty): ("FAIL", "low", f"no network interface but the left-over {left_over}, NAT"),
        net.arn(kept): ("NOT_APPLICABLE", None, f"kept on purpose (network.reserved = {kept})"),
        f"arn:aws:ec2:{aws.region}:{OTHER}:vpc/{foreign}": ("NOT_APPLICABLE", None, f"belongs to account {OTHER}"),
    }


@world(VPC)
def test_vpc_whose_functions_could_not_be_read_is_unknown_unless_something_else_uses_it(aws: Cloud) -> Expected:
    net = Net(aws, {"lambda:ListFunctions": denied("lambda:ListFunctions")})
    built_in, unknown = net.vpc(), net.vpc()
    net.answer("codebuild:ListProjects", {"projects": ["shop"]})
    project = {"arn": aws.arn("codebuild", "project/shop"), "vpcConfig": {"vpcId": built_in, "subnets": [net.subnet(built_in)]}}
    net.answer("codebuild:BatchGetProjects", {"projects": [project]})
    return {net.arn(built_in): ("PASS", "low", "codebuild project/shop"), net.arn(unknown): ("ERROR", None, "allow lambda:ListFunctions")}


# --- subnets ------------------------------------------------------------------------------------------------------------------------------------


@world(SUBNET)
def test_subnets_are_judged_by_their_vpc(aws: Cloud) -> Expected:
    """The third zone of a VPC that uses two shares their route table. Of a VPC that is not in use, no subnet is worth a word."""
    net = Net(aws)
    zones, spare, unused = net.vpc(), net.vpc(), net.vpc()
    net.instance(net.subnet(zones, 0))
    for number in (1, 2):
        net.subnet(zones, number)
    net.instance(net.subnet(spare, 0))
    first, second = net.subnet(spare, 1, alone=True), net.subnet(spare, 2, alone=True)
    net.left_over(first)
    net.subnet(unused)
    return {
        net.arn(net.default): ("FAIL", "low", "the whole VPC is not in use"),
        net.arn(zones): ("PASS", "low", "1 of 3 subnets in use, 2 beside them by their route tables"),
        net.arn(spare): ("FAIL", "low", f"2 of 3 subnets not in use: {first}, {second}"),
        net.arn(unused): ("FAIL", "low", "the whole VPC is not in use"),
    }


@world(SUBNET)
def test_subnets_of_a_default_vpc_in_use_share_its_one_route_table(aws: Cloud) -> Expected:
    net = Net(aws)
    net.instance(net.subnets_of(net.default)[0])
    return {net.arn(net.default): ("PASS", "low", "1 of 3 subnets in use, 2 beside")}


@world(SUBNET)
def test_subnets_of_a_vpc_that_but_a_function_uses_are_judged(aws: Cloud) -> Expected:
    net = Net(aws)
    net.delete_default()
    vpc = net.vpc()
    asleep, _, spare = net.subnet(vpc), net.subnet(vpc, 1), net.subnet(vpc, 2, alone=True)
    net.answer("lambda:ListFunctions", {"Functions": [function(net, "nightly", [asleep], [])]})
    return {net.arn(vpc): ("FAIL", "low", f"1 of 3 subnets not in use: {spare}")}


@world(SUBNET, selected=("no_unused_default_vpc", "no_unused_vpc"))
def test_subnets_of_an_unused_vpc_are_left_to_the_check_of_the_vpc(aws: Cloud) -> Expected:
    net = Net(aws)
    made, kept, empty = net.vpc(), net.vpc(), net.vpc()
    for vpc in (made, kept):
        net.subnet(vpc)
    aws.facts(network={"reserved": [kept]})
    return {
        net.arn(net.default): ("NOT_APPLICABLE", None, "judged by no_unused_default_vpc"),
        net.arn(made): ("NOT_APPLICABLE", None, "judged by no_unused_vpc"),
        net.arn(kept): ("NOT_APPLICABLE", None, f"the whole VPC is not in use, and kept on purpose (network.reserved = {kept})"),
        net.arn(empty): ("NOT_APPLICABLE", None, "no subnets"),
    }


@world(SUBNET)
def test_subnets_that_are_kept_or_not_ours_are_not_judged(aws: Cloud) -> Expected:
    net = Net(aws)
    net.delete_default()
    mine, foreign = net.vpc(), net.vpc()
    net.instance(net.subnet(mine))
    kept = [net.subnet(mine, number, alone=True) for number in (1, 2)]
    net.ec2.create_tags(Resources=kept[:1], Tags=[{"Key": "ssb:keep", "Value": "growth"}])
    net.owned_by_other("ec2:DescribeVpcs", "Vpcs", "VpcId", foreign)
    aws.facts(network={"reserved": ["tag:ssb:keep=*", kept[1]]})
    return {
        net.arn(mine): ("PASS", "low", f"1 of 3 subnets in use, 0 beside them by their route tables (network.reserved = tag:ssb:keep=*, {kept[1]})"),
        f"arn:aws:ec2:{aws.region}:{OTHER}:vpc/{foreign}": ("NOT_APPLICABLE", None, f"belongs to account {OTHER}"),
    }


@world(SUBNET)
def test_no_vpc_no_subnets(aws: Cloud) -> Expected:
    Net(aws).delete_default()
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no VPC")}


@world(SUBNET)
def test_subnets_that_may_be_used_by_what_could_not_be_read_are_unknown(aws: Cloud) -> Expected:
    """Not where an interface, or the route table of a subnet with one, settles them."""
    net = Net(aws, {"glue:GetConnections": denied("glue:GetConnections")})
    net.delete_default()
    settled, unknown = net.vpc(), net.vpc()
    for vpc in (settled, unknown):
        net.instance(net.subnet(vpc))
        net.subnet(vpc, 1, alone=vpc == unknown)
    return {net.arn(settled): ("PASS", "low", "1 of 2 subnets in use, 1 beside"), net.arn(unknown): ("ERROR", None, "allow glue:GetConnections")}


@world(SUBNET)
def test_subnets_whose_route_tables_could_not_be_read_are_unknown_unless_they_are_used_themselves(aws: Cloud) -> Expected:
    net = Net(aws, {"ec2:DescribeRouteTables": denied("ec2:DescribeRouteTables")})
    net.delete_default()
    full, spare = net.vpc(), net.vpc()
    for vpc in (full, spare):
        net.instance(net.subnet(vpc))
    net.subnet(spare, 1)
    return {net.arn(full): ("PASS", "low", "1 of 1 subnets in use"), net.arn(spare): ("ERROR", None, "allow ec2:DescribeRouteTables")}


# --- everything that names subnets or groups ----------------------------------------------------------------------------------------------------

Place = Callable[[str], str]
LAST_PAGE: dict[str, Any] = {}


def naming(net: Net, subnet: Place, group: Place) -> dict[str, Any]:
    """One of everything that may name a subnet or a group, without an interface now; `subnet` and `group` give each its own."""
    aws = net.aws

    def arn(service: str, resource: str) -> str:
        return aws.arn(service, resource)

    def listed(name: str) -> dict[str, Any]:
        return {"Subnets": [{"SubnetIdentifier": subnet(name)}]}

    def guarded(name: str) -> dict[str, Any]:
        return {"VpcSecurityGroups": [{"VpcSecurityGroupId": group(name), "Status": "active"}]}

    def cached(name: str) -> dict[str, Any]:
        return {"SecurityGroups": [{"SecurityGroupId": group(name), "Status": "active"}]}

    service = {"subnets": [subnet("ecs service/shop/web")], "securityGroups": [group("ecs service/shop/web")]}
    cluster = {"subnetIds": [subnet("eks cluster/k")], "securityGroupIds": [group("eks cluster/k")], "clusterSecurityGroupId": group("eks own")}
    jobs = {"subnets": [subnet("batch compute-environment/nightly")], "securityGroupIds": [group("batch compute-environment/nightly")]}
    builds = {"subnets": [subnet("codebuild project/shop")], "securityGroupIds": [group("codebuild project/shop")]}
    connection = {"SubnetId": subnet("glue connection/lake"), "SecurityGroupIdList": [group("glue connection/lake")]}
    kafka, serverless = "kafka cluster/events/1", "kafka cluster/bursts/1"
    return {
        "autoscaling:DescribeAutoScalingGroups": {
            "AutoScalingGroups": [
                {
                    "AutoScalingGroupName": "a",
                    "AutoScalingGroupARN": arn("autoscaling", "autoScalingGroup:1:autoScalingGroupName/workers"),
                    "VPCZoneIdentifier": f"{subnet('autoscaling autoScalingGroup:1:autoScalingGroupName/workers')}, {subnet('the second of it')}",
                }
            ]
        },
        "autoscaling:DescribeLaunchConfigurations": {
            "LaunchConfigurations": [
                {
                    "LaunchConfigurationARN": arn("autoscaling", "launchConfiguration:1:launchConfigurationName/old"),
                    "SecurityGroups": [group("autoscaling launchConfiguration:1:launchConfigurationName/old"), "by-name"],
                }
            ]
        },
        "batch:DescribeComputeEnvironments": {
            "computeEnvironments": [
                {"computeEnvironmentArn": arn("batch", "compute-environment/nightly"), "computeResources": jobs},
                {"computeEnvironmentArn": arn("batch", "compute-environment/unmanaged")},
            ]
        },
        "codebuild:ListProjects": {"projects": ["shop"]},
        "codebuild:BatchGetProjects": {"projects": [{"arn": arn("codebuild", "project/shop"), "vpcConfig": builds}]},
        "dms:DescribeReplicationInstances": {
            "ReplicationInstances": [{"ReplicationInstanceArn": arn("dms", "rep:mover"), **guarded("dms rep:mover")}]
        },
        "dms:DescribeReplicationSubnetGroups": {
            "ReplicationSubnetGroups": [{"ReplicationSubnetGroupIdentifier": "mover", **listed("dms subgrp:mover")}]
        },
        "ecs:ListClusters": {"clusterArns": ["shop"]},
        "ecs:ListServices": {"serviceArns": ["web", "host"]},
        "ecs:DescribeServices": {
            "services": [
                {"serviceArn": arn("ecs", "service/shop/web"), "networkConfiguration": {"awsvpcConfiguration": service}},
                {"serviceArn": arn("ecs", "service/shop/host")},
            ]
        },
        "efs:DescribeFileSystems": {"FileSystems": [{"FileSystemId": "fs-1"}]},
        "efs:DescribeMountTargets": {"MountTargets": [{"FileSystemId": "fs-1", "SubnetId": subnet("elasticfilesystem file-system/fs-1")}]},
        "eks:ListClusters": {"clusters": ["k"]},
        "eks:DescribeCluster": {"cluster": {"arn": arn("eks", "cluster/k"), "resourcesVpcConfig": cluster}},
        "elasticache:DescribeCacheClusters": {"CacheClusters": [{"ARN": arn("elasticache", "cluster:c"), **cached("elasticache cluster:c")}]},
        "elasticache:DescribeCacheSubnetGroups": {
            "CacheSubnetGroups": [{"ARN": arn("elasticache", "subnetgroup:c"), **listed("elasticache subnetgroup:c")}]
        },
        "elb:DescribeLoadBalancers": {
            "LoadBalancerDescriptions": [
                {
                    "LoadBalancerName": "old",
                    "Subnets": [subnet("elasticloadbalancing loadbalancer/old")],
                    "SecurityGroups": [group("elasticloadbalancing loadbalancer/old")],
                }
            ]
        },
        "elbv2:DescribeLoadBalancers": {
            "LoadBalancers": [
                {
                    "LoadBalancerArn": arn("elasticloadbalancing", "loadbalancer/app/web/1"),
                    "AvailabilityZones": [{"SubnetId": subnet("elasticloadbalancing loadbalancer/app/web/1")}],
                    "SecurityGroups": [group("elasticloadbalancing loadbalancer/app/web/1")],
                }
            ]
        },
        "glue:GetConnections": {"ConnectionList": [{"Name": "lake", "PhysicalConnectionRequirements": connection}, {"Name": "outside"}]},
        "kafka:ListClustersV2": {
            "ClusterInfoList": [
                {
                    "ClusterArn": arn("kafka", "cluster/events/1"),
                    "Provisioned": {"BrokerNodeGroupInfo": {"ClientSubnets": [subnet(kafka)], "SecurityGroups": [group(kafka)]}},
                },
                {
                    "ClusterArn": arn("kafka", "cluster/bursts/1"),
                    "Serverless": {"VpcConfigs": [{"SubnetIds": [subnet(serverless)], "SecurityGroupIds": [group(serverless)]}]},
                },
            ]
        },
        "lambda:ListFunctions": {
            "Functions": [
                function(net, "hook", [subnet("lambda function:hook")], [group("lambda function:hook")]),
                {"FunctionName": "plain", "FunctionArn": arn("lambda", "function:plain")},
            ]
        },
        "memorydb:DescribeClusters": {"Clusters": [{"ARN": arn("memorydb", "cluster/m"), **cached("memorydb cluster/m")}]},
        "memorydb:DescribeSubnetGroups": {
            "SubnetGroups": [{"ARN": arn("memorydb", "subnetgroup/m"), "Name": "m", "Subnets": [{"Identifier": subnet("memorydb subnetgroup/m")}]}]
        },
        "mq:ListBrokers": {"BrokerSummaries": [{"BrokerId": "b-1"}]},
        "mq:DescribeBroker": {
            "BrokerArn": arn("mq", "broker:orders:b-1"),
            "SubnetIds": [subnet("mq broker:orders:b-1")],
            "SecurityGroups": [group("mq broker:orders:b-1")],
        },
        "opensearch:ListDomainNames": {"DomainNames": [{"DomainName": "logs"}, {"DomainName": "public"}]},
        "opensearch:DescribeDomains": {
            "DomainStatusList": [
                {
                    "ARN": arn("es", "domain/logs"),
                    "DomainName": "logs",
                    "VPCOptions": {"SubnetIds": [subnet("es domain/logs")], "SecurityGroupIds": [group("es domain/logs")]},
                },
                {"ARN": arn("es", "domain/public"), "DomainName": "public"},
            ]
        },
        "rds:DescribeDBClusters": {"DBClusters": [{"DBClusterArn": arn("rds", "cluster:ledger"), **guarded("rds cluster:ledger")}]},
        "rds:DescribeDBInstances": {"DBInstances": [{"DBInstanceArn": arn("rds", "db:orders"), **guarded("rds db:orders")}]},
        "rds:DescribeDBProxies": {
            "DBProxies": [
                {
                    "DBProxyArn": arn("rds", "db-proxy:prx-1"),
                    "VpcSubnetIds": [subnet("rds db-proxy:prx-1")],
                    "VpcSecurityGroupIds": [group("rds db-proxy:prx-1")],
                }
            ]
        },
        "rds:DescribeDBSubnetGroups": {"DBSubnetGroups": [{"DBSubnetGroupArn": arn("rds", "subgrp:private"), **listed("rds subgrp:private")}]},
        "redshift:DescribeClusterSubnetGroups": {"ClusterSubnetGroups": [{"ClusterSubnetGroupName": "r", **listed("redshift subnetgroup:r")}]},
        "redshift:DescribeClusters": {"Clusters": [{"ClusterIdentifier": "r", **guarded("redshift cluster:r")}]},
        "ram:GetResourceShareAssociations": {
            "resourceShareAssociations": [
                {"associatedEntity": arn("ec2", f"subnet/{subnet('other accounts, with which it is shared')}"), "status": "ASSOCIATED"},
                {"associatedEntity": arn("ec2", f"security-group/{group('other accounts, with which it is shared')}"), "status": "ASSOCIATING"},
                {"associatedEntity": arn("ec2", "transit-gateway/tgw-1"), "status": "ASSOCIATED"},
            ]
        },
        "ec2:DescribeTransitGatewayVpcAttachments": {
            "TransitGatewayVpcAttachments": [
                {
                    "TransitGatewayAttachmentId": "tgw-attach-1",
                    "State": "available",
                    "SubnetIds": [subnet("ec2 transit-gateway-attachment/tgw-attach-1")],
                }
            ]
        },
        "ec2:DescribeLaunchTemplateVersions": {
            "LaunchTemplateVersions": [
                {
                    "LaunchTemplateId": "lt-1",
                    "LaunchTemplateData": {
                        "SecurityGroupIds": [group("ec2 launch-template/lt-1")],
                        "SecurityGroups": ["by-name-too"],
                        "NetworkInterfaces": [{"Groups": [group("an interface of it")], "SubnetId": subnet("ec2 launch-template/lt-1")}],
                    },
                }
            ]
        },
        "ec2:DescribeVpcEndpoints": {
            "VpcEndpoints": [
                {
                    "VpcEndpointId": "vpce-1",
                    "VpcEndpointType": "Interface",
                    "ServiceName": "com.amazonaws.eu-west-1.sqs",
                    "VpcId": "vpc-1",
                    "OwnerId": aws.account,
                    "State": "available",
                    "SubnetIds": [subnet("vpce-1")],
                    "Groups": [{"GroupId": group("vpce-1")}],
                }
            ]
        },
        "ec2:DescribeNatGateways": {"NatGateways": [{"NatGatewayId": "nat-1", "VpcId": "vpc-1", "State": "available", "SubnetId": subnet("nat-1")}]},
    }


class Places(dict[str, str]):
    """What was made for each, by the words in which the verdict must tell of it."""

    def __init__(self, make: Callable[[], str]) -> None:
        super().__init__()
        self._make = make

    def __call__(self, name: str) -> str:
        """The subnet or group of that one."""
        if name not in self:
            self[name] = self._make()
        return self[name]


# What is named twice by one thing.
ALSO = {
    "the second of it": "autoscaling autoScalingGroup:1:autoScalingGroupName/workers",
    "an interface of it": "ec2 launch-template/lt-1",
    "eks own": "eks cluster/k",
}


@world(SUBNET)
def test_subnet_is_used_by_whatever_names_it(aws: Cloud) -> Expected:
    """Each has a route table of its own, so that none is spared for its neighbour's sake."""
    net = Net(aws)
    net.delete_default()
    vpc = net.vpc()
    subnets = Places(lambda: net.subnet(vpc, len(net.subnets_of(vpc)), alone=True))
    for operation, answer in naming(net, subnets, lambda name: "sg-1").items():
        net.answer(operation, answer)
    return {net.arn(vpc): ("PASS", "low", f"{len(subnets)} of {len(subnets)} subnets in use, 0 beside")}


@world(GROUP)
def test_group_is_used_by_whatever_names_it(aws: Cloud) -> Expected:
    """Lambda, Batch, ECS, groups of instances at zero, launch templates, load balancers: who looks at interfaces alone calls them all unused."""
    net = Net(aws)
    numbers = iter(range(100))
    groups = Places(lambda: net.group(net.default, f"group-{next(numbers)}"))
    expected = {}
    answers = naming(net, lambda name: "subnet-1", groups)
    for name, template in (("by-name", "autoscaling launchConfiguration:1:launchConfigurationName/old"), ("by-name-too", "ec2 launch-template/lt-1")):
        expected[net.arn(net.group(net.default, name))] = ("PASS", "low", f"in use: {template}")
    for operation, answer in answers.items():
        net.answer(operation, answer)
    return expected | {net.arn(group): ("PASS", "low", f"in use: {ALSO.get(name, name)}") for name, group in groups.items()}


@world(SUBNET)
def test_subnet_of_what_is_on_its_way_out_or_that_aws_made_by_itself_is_not_used(aws: Cloud) -> Expected:
    """MemoryDB lists a subnet group `default` in accounts that never used it."""
    net = Net(aws)
    net.delete_default()
    vpc = net.vpc()
    net.instance(net.subnet(vpc))
    subnets = Places(lambda: net.subnet(vpc, len(net.subnets_of(vpc)), alone=True))
    answers = naming(net, subnets, lambda name: "sg-1")
    answers["memorydb:DescribeSubnetGroups"]["SubnetGroups"][0]["Name"] = "default"
    answers["ram:GetResourceShareAssociations"]["resourceShareAssociations"][0]["status"] = "DISASSOCIATED"
    answers["ec2:DescribeTransitGatewayVpcAttachments"]["TransitGatewayVpcAttachments"][0]["State"] = "deleted"
    answers["ec2:DescribeVpcEndpoints"]["VpcEndpoints"][0]["State"] = "Deleted"
    answers["ec2:DescribeNatGateways"]["NatGateways"][0]["State"] = "deleted"
    gone = ("memorydb subnetgroup/m", "other accounts, with which it is shared", "ec2 transit-gateway-attachment/tgw-attach-1", "vpce-1", "nat-1")
    for operation, answer in answers.items():
        net.answer(operation, answer)
    unused = [subnets[each] for each in net_order(subnets, gone)]
    return {net.arn(vpc): ("FAIL", "low", f"5 of {len(subnets) + 1} subnets not in use: {', '.join(unused)}")}


def net_order(subnets: Places, names: tuple[str, ...]) -> list[str]:
    """These names in the order in which their subnets were made, which is that of EC2's answer."""
    return [name for name in subnets if name in names]


# --- security groups ----------------------------------------------------------------------------------------------------------------------------


@world(GROUP)
def test_default_groups_are_none_that_anybody_could_delete(aws: Cloud) -> Expected:
    Net(aws).vpc()
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no security groups but default ones")}


@world(GROUP)
def test_group_is_judged_by_its_interfaces_and_by_other_groups_rules(aws: Cloud) -> Expected:
    """A group that only its own rules name is used by nobody; one that a default group's rule names can't be deleted."""
    net = Net(aws)
    vpc, foreign_vpc = net.vpc(), net.vpc()
    web, app, own, dead, kept, tagged, foreign, named = (
        net.group(vpc, name) for name in ("web", "app", "own", "dead", "kept", "keep", "far", "named")
    )
    guest = net.group(foreign_vpc)
    net.owned_by_other("ec2:DescribeVpcs", "Vpcs", "VpcId", foreign_vpc)
    net.owned_by_other("ec2:DescribeSecurityGroups", "SecurityGroups", "GroupId", foreign)
    subnet = net.subnet(vpc)
    net.ec2.stop_instances(InstanceIds=[net.instance(subnet, web)])
    left_over = net.left_over(subnet, dead, web)
    (default,) = net.ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}])[
        "SecurityGroups"
    ]
    for group, other in ((web, app), (own, own), (default["GroupId"], named)):
        rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": other}]}
        net.ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[rule])
    net.ec2.create_tags(Resources=[tagged], Tags=[{"Key": "ssb:keep", "Value": "yes"}])
    aws.facts(network={"reserved": [kept, "tag:ssb:keep=*"]})
    net.answer("efs:DescribeFileSystems", {"FileSystems": [{"FileSystemId": "fs-1"}]})
    net.answer("efs:DescribeMountTargets", {"MountTargets": [{"FileSystemId": "fs-1", "SubnetId": subnet}]})
    asked = "named by nothing in ec2, autoscaling, elbv2, elb, ram, lambda, ecs, eks, batch, codebuild, glue, rds, elasticache, memorydb, redshift"
    return {
        net.arn(web): ("PASS", "low", "in use: network interface eni-"),
        net.arn(app): ("PASS", "low", f"in use: a rule of {web}"),
        net.arn(named): ("PASS", "low", f"in use: a rule of {default['GroupId']}"),
        net.arn(own): ("FAIL", "low", f"on no network interface, in no other group's rule, and {asked}, dms, efs, mq, kafka, opensearch"),
        net.arn(dead): ("FAIL", "low", f"on no network interface but the left-over {left_over}, in no other"),
        net.arn(guest): ("FAIL", "low", "on no network interface, "),
        net.arn(kept): ("NOT_APPLICABLE", None, f"kept on purpose (network.reserved = {kept})"),
        net.arn(tagged): ("NOT_APPLICABLE", None, "kept on purpose (network.reserved = tag:ssb:keep=*)"),
        f"arn:aws:ec2:{aws.region}:{OTHER}:security-group/{foreign}": ("NOT_APPLICABLE", None, f"belongs to account {OTHER}"),
    }


@world(GROUP)
def test_groups_that_services_make_are_theirs_to_delete(aws: Cloud) -> Expected:
    net = Net(aws)
    vpc = net.vpc()
    by_name = net.group(vpc, "ElasticMapReduce-master")
    by_tag = net.group(vpc, "renamed")
    directory = net.group(vpc, "d-9067012345_controllers", "AWS created security group for d-9067012345 directory controllers")

    def tag(region: str, parsed: Any) -> None:
        for each in parsed["SecurityGroups"]:
            if each["GroupId"] == by_tag:
                each["Tags"] = [{"Key": "aws:elasticmapreduce:job-flow-id", "Value": "j-1"}]  # nobody but AWS may write such a tag

    aws.simulated.over("ec2:DescribeSecurityGroups", tag)
    return {
        net.arn(by_name): ("NOT_APPLICABLE", None, "made by Amazon EMR"),
        net.arn(by_tag): ("NOT_APPLICABLE", None, "made by Amazon EMR"),
        net.arn(directory): ("NOT_APPLICABLE", None, "made by AWS Directory Service"),
    }


@world(GROUP)
def test_groups_that_may_be_used_by_what_could_not_be_read_are_unknown(aws: Cloud) -> Expected:
    """Two services are denied, of a third one cluster: what something else uses is used all the same."""
    net = Net(aws, {each: denied(each) for each in ("memorydb:DescribeClusters", "ecs:ListClusters")})
    vpc = net.vpc()
    web, unknown, named = (net.group(vpc, name) for name in ("web", "unknown", "named"))
    net.instance(net.subnet(vpc), web)
    net.answer("eks:ListClusters", {"clusters": ["broken", "k", "gone"]})
    place = {"subnetIds": [], "securityGroupIds": [named]}
    described = {"k": {"cluster": {"arn": aws.arn("eks", "cluster/k"), "resourcesVpcConfig": place}}}
    gone = ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "DescribeCluster")
    answers: dict[str, Any] = described | {"broken": denied("eks:DescribeCluster"), "gone": gone}
    net.answer("eks:DescribeCluster", lambda region, asked: answers[asked["url_path"].rpartition("/")[2]])
    return {
        net.arn(web): ("PASS", "low", "network interface"),
        net.arn(named): ("PASS", "low", "in use: eks cluster/k"),
        net.arn(unknown): ("ERROR", None, "allow e"),
    }


@world(GROUP)
def test_groups_that_an_endpoint_of_an_unknown_state_may_use_are_unknown(aws: Cloud) -> Expected:
    net = Net(aws)
    vpc = net.vpc()
    web, unknown = net.group(vpc, "web"), net.group(vpc, "unknown")
    net.instance(net.subnet(vpc), web)
    endpoint = {
        "VpcEndpointId": "vpce-1",
        "VpcEndpointType": "Interface",
        "ServiceName": "com.amazonaws.eu-west-1.sqs",
        "VpcId": vpc,
        "OwnerId": aws.account,
        "State": "Suspended",
    }
    net.answer("ec2:DescribeVpcEndpoints", {"VpcEndpoints": [endpoint]})
    return {
        net.arn(web): ("PASS", "low", "network interface"),
        net.arn(unknown): ("ERROR", None, "vpce-1 is in a state that this tool does not know"),
    }


@world(GROUP)
def test_groups_of_a_region_whose_vpcs_could_not_be_read_are_judged_all_the_same(aws: Cloud) -> Expected:
    net = Net(aws)
    vpc = net.vpc()
    web, spare = net.group(vpc, "web"), net.group(vpc, "spare")
    net.instance(net.subnet(vpc), web)
    aws.simulated.instead("ec2:DescribeVpcs", lambda region, asked: denied("ec2:DescribeVpcs"))
    return {net.arn(web): ("PASS", "low", "network interface"), net.arn(spare): ("FAIL", "low", "on no network interface")}


def two_vpcs_with_a_group_each(aws: Cloud) -> tuple[Net, list[str]]:
    """A default VPC and another, with nothing in them but a group, and a third one that is in use."""
    net = Net(aws)
    made, kept, busy = net.vpc(), net.vpc(), net.vpc()
    net.instance(net.subnet(busy))
    aws.facts(network={"reserved": [kept]})
    return net, [net.group(vpc) for vpc in (net.default, made, kept, busy)]


@world(GROUP)
def test_groups_of_unused_vpcs_fail(aws: Cloud) -> Expected:
    net, groups = two_vpcs_with_a_group_each(aws)
    return {net.arn(group): ("FAIL", "low", "on no network interface") for group in groups}


@world(GROUP, selected=("no_unused_default_vpc", "no_unused_vpc"))
def test_groups_of_unused_vpcs_are_left_to_the_checks_of_the_vpcs(aws: Cloud) -> Expected:
    """Not those of a VPC that is kept on purpose: that one does not fail."""
    net, (default, made, kept, busy) = two_vpcs_with_a_group_each(aws)
    return {
        net.arn(default): ("NOT_APPLICABLE", None, "judged by no_unused_default_vpc"),
        net.arn(made): ("NOT_APPLICABLE", None, "judged by no_unused_vpc"),
        net.arn(kept): ("FAIL", "low", "on no network interface"),
        net.arn(busy): ("FAIL", "low", "on no network interface"),
    }


# --- what mends them ----------------------------------------------------------------------------------------------------------------------------


def fixes(check: Callable[..., None], build: Callable[[Cloud], Expected]) -> dict[str, str]:
    """The commands of a world's failures."""
    with built(World(check, build)) as (cloud, _):
        return {finding.resource.rpartition("/")[2]: finding.remediation or "" for finding in judge(check, cloud) if finding.remediation}


def built_with(fill: Callable[[Net], None]) -> Callable[[Cloud], Expected]:
    def build(aws: Cloud) -> Expected:
        fill(Net(aws))
        return {}

    return build


def test_left_over_interfaces_are_deleted_before_the_group() -> None:
    def fill(net: Net) -> None:
        vpc = net.vpc()
        group, subnet = net.group(vpc), net.subnet(vpc)
        for _ in range(2):
            net.left_over(subnet, group)

    ((group, fix),) = fixes(GROUP, built_with(fill)).items()
    first, second, last = fix.split(" && ")
    assert first.startswith("aws ec2 delete-network-interface --region eu-west-1 --network-interface-id eni-")
    assert second.startswith("aws ec2 delete-network-interface --region eu-west-1 --network-interface-id eni-")
    assert first != second
    assert last == f"aws ec2 delete-security-group --region eu-west-1 --group-id {group}"


def test_every_unused_subnet_is_deleted() -> None:
    made: list[str] = []

    def fill(net: Net) -> None:
        net.delete_default()
        vpc = net.vpc()
        net.instance(net.subnet(vpc))
        made.extend(net.subnet(vpc, number, alone=True) for number in (1, 2))

    (fix,) = fixes(SUBNET, built_with(fill)).values()
    assert fix == " && ".join(f"aws ec2 delete-subnet --region eu-west-1 --subnet-id {subnet}" for subnet in made)


def test_default_vpc_is_deleted_by_one_command_for_all_regions() -> None:
    """What is in the command but the region would keep it from being a loop over them."""
    ((vpc, fix),) = fixes(DEFAULT, built_with(lambda net: None)).items()
    assert vpc not in fix
    assert [word for word in shlex.split(fix) if word.startswith(("delete-", "detach-"))] == [
        "delete-subnet",
        "detach-internet-gateway",
        "delete-internet-gateway",
        "delete-vpc",
    ]


# --- how much is asked --------------------------------------------------------------------------------------------------------------------------


def test_idle_region_costs_eight_calls_and_is_asked_whatever_the_profiles_regions(run: Runner, pytester: pytest.Pytester, moto_account: None) -> None:
    """Regions with nothing but their default VPCs, of which the profile names one."""
    pytester.path.joinpath("ssb.toml").write_text('[profiles.prod]\nregions = ["eu-west-1"]\n', encoding="utf-8")
    ran = run("-m", "acct_09", profile="prod")
    calls = ran.results["api_calls"]["by_operation"]
    regions = {finding["region"] for finding in ran.findings(check="no_unused_default_vpc", status="FAIL", severity="low")}
    assert len(regions) > 15
    assert calls.pop("ec2:DescribeRegions") == calls.pop("sts:GetCallerIdentity") == 1
    assert {operation for operation, number in calls.items() if number == len(regions)} == {
        *("ec2:DescribeVpcs", "ec2:DescribeNetworkInterfaces"),
        *("ec2:DescribeVpcEndpoints", "ec2:DescribeNatGateways", "ec2:DescribeVpcPeeringConnections", "ec2:DescribeVpnGateways"),
    }
    assert {operation: number for operation, number in calls.items() if number != len(regions)} == {
        "ec2:DescribeSecurityGroups": 1,
        "ec2:DescribeSubnets": 1,
    }
    # People see one line, and one command for all of them.
    (head,) = (line for line in ran.text.splitlines() if line.startswith("ACCT.09 FAIL (low)"))
    assert head.endswith(f"(in {len(regions)} regions)")
    (fix,) = (line for line in ran.text.splitlines() if line.startswith("  fix: "))
    assert fix.startswith(f'  fix: for region in {" ".join(sorted(regions))}; do vpc=$(aws ec2 describe-vpcs --output text --region "$region"')
    for check in ("no_unused_vpc", "no_unused_subnet", "no_unused_security_group"):
        assert {finding["region"] for finding in ran.findings(check=check)} == {"eu-west-1"}
        assert ran.statuses(check=check) == {"NOT_APPLICABLE": 1}


def test_command_line_narrows_every_check(run: Runner, moto_account: None) -> None:
    ran = run("-m", "acct_09", "--ssb-region", "eu-west-1", profile="default")
    assert {finding["region"] for finding in ran.findings()} == {"eu-west-1"}


def test_region_without_a_vpc_costs_four_calls(run: Runner, pytester: pytest.Pytester, moto_account: None) -> None:
    cloud = Cloud(("eu-west-1",))
    Net(cloud).delete_default()
    pytester.path.joinpath("ssb.toml").write_text('[profiles.prod]\nregions = ["eu-west-1"]\n', encoding="utf-8")
    ran = run("-m", "acct_09", "-k", "not no_unused_default_vpc", profile="prod")
    calls = ran.results["api_calls"]["by_operation"]
    assert {operation for operation in calls if operation not in ("ec2:DescribeRegions", "sts:GetCallerIdentity")} == {
        *("ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeNetworkInterfaces")
    }


def asked_in(build: Callable[[Cloud], Expected], check: Callable[..., None] = GROUP) -> set[str]:
    """What a check asks in a world."""
    with rigged(World(check, build)) as rig:
        return {call.operation for call in rig.tape.calls}


LISTS = {"ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeNetworkInterfaces"}
LINKS = {"ec2:DescribeVpcEndpoints", "ec2:DescribeNatGateways", "ec2:DescribeVpcPeeringConnections", "ec2:DescribeVpnGateways"}


@pytest.mark.parametrize("check", [VPC, SUBNET, GROUP])
def test_nobody_else_is_asked_where_interfaces_and_rules_tell_everything(check: Callable[..., None]) -> None:
    """Other accounts' VPCs and groups, and the groups that services make, are nothing to be asked of."""

    def fill(net: Net) -> None:
        net.delete_default()
        vpc, foreign = net.vpc(), net.vpc()
        net.instance(net.subnet(vpc), net.group(vpc))
        net.group(vpc, "ElasticMapReduce-slave")
        net.owned_by_other("ec2:DescribeSecurityGroups", "SecurityGroups", "GroupId", net.group(vpc, "theirs"))
        net.owned_by_other("ec2:DescribeVpcs", "Vpcs", "VpcId", foreign)

    assert asked_in(built_with(fill), check) == LISTS


@pytest.mark.parametrize("check", [VPC, SUBNET, GROUP])
def test_nobody_else_is_asked_in_an_idle_region_of_which_something_is_denied(check: Callable[..., None]) -> None:
    def fill(net: Net) -> None:
        net.answer("ec2:DescribeVpnGateways", denied("ec2:DescribeVpnGateways"))

    assert asked_in(built_with(fill), check) == LISTS | LINKS


def test_everybody_is_asked_once_where_one_group_may_be_unused() -> None:
    asked = asked_in(lambda aws: two_vpcs_with_a_group_each(aws) and {})
    assert asked >= {lookup.operations[0] for lookup in LOOKUPS}


class _Lacking:
    """An account of whose services one is not offered in the region."""

    def each(self, lookups: Any, function: Callable[[Lookup], list[User]]) -> dict[Lookup, list[User]]:
        return {lookup: function(lookup) for lookup in lookups}

    def __getattr__(self, name: str) -> Any:
        def ask(operation: str, *_: Any, **__: Any) -> Any:
            raise NotOffered(f"{operation} has no endpoint in the region")

        return ask


def test_service_that_the_region_lacks_uses_nothing() -> None:
    lacking: Any = _Lacking()
    assert users_of_network(lacking) == []


EDGES: dict[str, dict[str, Any]] = {
    "no_unused_default_vpc": {
        "untouched, with subnets, gateway and tables": test_default_vpc_that_nothing_uses_fails_and_one_that_is_gone_passes,
        "no default VPC": test_default_vpc_that_nothing_uses_fails_and_one_that_is_gone_passes,
        "another partition": test_default_vpc_of_another_partition_fails_by_its_arn,
        "stopped instance": test_default_vpc_of_a_stopped_instance_is_in_use,
        "one dead interface": test_default_vpc_with_a_left_over_interface_fails_worse_where_the_region_is_used,
        "severity by whether the region is used": test_default_vpc_with_a_left_over_interface_fails_worse_where_the_region_is_used,
        "gateway endpoint": test_default_vpc_with_a_gateway_endpoint_is_in_use,
        "NAT gateway": test_default_vpc_with_a_nat_gateway_is_in_use,
        "active peering": test_default_vpc_that_is_peered_is_in_use,
        "VPN gateway": test_default_vpc_with_a_vpn_gateway_is_in_use,
        "deleted, rejected, pending, detached": test_default_vpc_of_what_is_on_its_way_out_fails,
        "an unknown state": test_default_vpc_with_an_endpoint_of_an_unknown_state_can_not_be_judged,
        "denied, nothing else proves use": test_default_vpc_of_which_one_answer_is_missing_is_unknown,
        "denied, something else proves use": (
            test_default_vpc_that_is_proven_to_be_in_use_needs_no_further_answer,
            test_default_vpc_whose_interfaces_could_not_be_read_may_be_in_use_by_something_else,
        ),
        "a VPC that can't be read": test_vpc_that_may_be_a_default_vpc_is_an_error_of_its_own,
        "reserved": test_default_vpc_that_is_kept_on_purpose_is_not_judged,
    },
    "no_unused_vpc": {
        "no other VPC": test_the_default_vpc_alone_is_judged_by_another_check,
        "a function without interface": test_vpc_is_used_by_its_interfaces_or_by_what_would_run_in_it,
        "a subnet group alone": test_vpc_is_used_by_its_interfaces_or_by_what_would_run_in_it,
        "shared by another account": test_vpc_is_used_by_its_interfaces_or_by_what_would_run_in_it,
        "reserved": test_vpc_is_used_by_its_interfaces_or_by_what_would_run_in_it,
        "a VPC that can't be read": test_vpc_that_may_be_anybodys_is_an_error_of_its_own,
        "denied": test_vpc_whose_functions_could_not_be_read_is_unknown_unless_something_else_uses_it,
    },
    "no_unused_subnet": {
        "third zone, by the shared route table": test_subnets_are_judged_by_their_vpc,
        "unused VPC, alone": test_subnets_are_judged_by_their_vpc,
        "unused VPC, beside its check": test_subnets_of_an_unused_vpc_are_left_to_the_check_of_the_vpc,
        "default VPC in use": test_subnets_of_a_default_vpc_in_use_share_its_one_route_table,
        "VPC of a function alone": test_subnets_of_a_vpc_that_but_a_function_uses_are_judged,
        "a VPC that can't be read": test_vpc_that_may_be_anybodys_is_an_error_of_its_own,
        "reserved subnets": test_subnets_that_are_kept_or_not_ours_are_not_judged,
        "reserved VPC": test_subnets_of_an_unused_vpc_are_left_to_the_check_of_the_vpc,
        "shared by another account": test_subnets_that_are_kept_or_not_ours_are_not_judged,
        "whatever may name a subnet": test_subnet_is_used_by_whatever_names_it,
        "MemoryDB's own default subnet group": test_subnet_of_what_is_on_its_way_out_or_that_aws_made_by_itself_is_not_used,
        "deleted users": test_subnet_of_what_is_on_its_way_out_or_that_aws_made_by_itself_is_not_used,
        "a service denied": test_subnets_that_may_be_used_by_what_could_not_be_read_are_unknown,
        "route tables denied": test_subnets_whose_route_tables_could_not_be_read_are_unknown_unless_they_are_used_themselves,
        "no VPC": test_no_vpc_no_subnets,
    },
    "no_unused_security_group": {
        "default groups": test_default_groups_are_none_that_anybody_could_delete,
        "whatever may name a group": test_group_is_used_by_whatever_names_it,
        "named by another group's rule": test_group_is_judged_by_its_interfaces_and_by_other_groups_rules,
        "named by itself alone": test_group_is_judged_by_its_interfaces_and_by_other_groups_rules,
        "on a dead interface": test_group_is_judged_by_its_interfaces_and_by_other_groups_rules,
        "reserved": test_group_is_judged_by_its_interfaces_and_by_other_groups_rules,
        "of another account, and ours in another's VPC": test_group_is_judged_by_its_interfaces_and_by_other_groups_rules,
        "made by services": test_groups_that_services_make_are_theirs_to_delete,
        "one lookup denied": test_groups_that_may_be_used_by_what_could_not_be_read_are_unknown,
        "a user of an unknown state": test_groups_that_an_endpoint_of_an_unknown_state_may_use_are_unknown,
        "VPCs denied": test_groups_of_a_region_whose_vpcs_could_not_be_read_are_judged_all_the_same,
        "unused VPC, alone": test_groups_of_unused_vpcs_fail,
        "unused VPC, beside its check": test_groups_of_unused_vpcs_are_left_to_the_checks_of_the_vpcs,
    },
}
