"""WKLD.06's checks, each shown to pass, to fail, and at its edges. Where instances are placed is in the worlds of WKLD.10."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.checks.test_wkld_10 import arn, launched, said
from tests.checks.test_wkld_11 import ANYWHERE, PARTNER, Net, Permission, denied, findings, list_of_aws, rule
from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_06_session_manager as suite

MANAGED, RIGHTS, WAYS = suite.test_ec2_instance_managed_by_ssm, suite.test_ec2_instance_ssm_permissions, suite.test_ec2_instance_ssm_connectivity
WORLD, ADMIN = suite.test_security_group_no_remote_admin_from_internet, suite.test_security_group_no_remote_admin
BASTION, KEY, IMAGE = suite.test_no_bastion_host, suite.test_ec2_instance_no_key_pair, suite.test_ec2_instance_ami_current
OF_INSTANCES = (MANAGED, RIGHTS, WAYS, KEY, IMAGE)

AGENTS, SETTING, ENDPOINTS = "ssm:DescribeInstanceInformation", "ssm:GetServiceSetting", "ec2:DescribeInstanceConnectEndpoints"
LONG_AGO = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


def agents(aws: Cloud, status: dict[str, str] | None = None, *, latest: bool = True) -> None:
    """The agents that Systems Manager knows, by instance id; instances were started long ago."""
    known = [
        {"InstanceId": instance, "PingStatus": each, "IsLatestVersion": latest, "ResourceType": "EC2Instance"}
        for instance, each in (status or {}).items()
    ]
    aws.simulated.instead(AGENTS, lambda region, asked: {"InstanceInformationList": known})

    def age(region: str, parsed: Any) -> None:
        for instance in (instance for reservation in parsed["Reservations"] for instance in reservation["Instances"]):
            instance["LaunchTime"] = LONG_AGO

    aws.simulated.over("ec2:DescribeInstances", age)


def default_host_management(aws: Cloud, status: str = "Default") -> None:
    """Whether Systems Manager gives agents a role by default."""
    aws.simulated.instead(SETTING, lambda region, asked: {"ServiceSetting": {"SettingId": asked["SettingId"], "Status": status}})


def just_started(aws: Cloud, instance: str) -> None:
    said(aws, instance, LaunchTime=datetime.now(UTC) - timedelta(minutes=9))


# --- managed ----------------------------------------------------------------------------------------------------------------------------------


@world(MANAGED)
def test_only_an_agent_that_is_online_passes(aws: Cloud) -> Expected:
    """Peers pass an agent that was lost."""
    net = Net(aws)
    group = net.group(rule(22, PARTNER))
    good, lost, inactive, unknown = (net.instance(group) for _ in range(4))
    agents(aws, {good: "Online", lost: "ConnectionLost", inactive: "Inactive", "mi-0123456789abcdef0": "ConnectionLost"})
    return {
        arn(aws, good): ("PASS", "medium", "The agent of every running instance is online"),
        arn(aws, lost): ("FAIL", "medium", "ConnectionLost"),
        arn(aws, inactive): ("FAIL", "medium", "Inactive"),
        arn(aws, unknown): ("FAIL", "medium", "not registered"),
    }


@world(MANAGED)
def test_unmanaged_without_key_or_open_port_is_low(aws: Cloud) -> Expected:
    net = Net(aws)
    closed, with_key = net.instance(net.group(rule(443, ANYWHERE))), launched(net, net.private[0], KeyName="ops")
    by_group, by_endpoint = net.group(), net.group()
    admitted = [net.instance(net.group(rule(22, groups=(by_group,)))), net.instance(net.group(rule(22, groups=(by_endpoint,))))]
    connect_endpoints(aws, by_endpoint)
    agents(aws)
    return {arn(aws, closed): ("FAIL", "low")} | {arn(aws, each): ("FAIL", "medium") for each in (with_key, *admitted)}


@world(MANAGED)
def test_unmanaged_and_nobody_knows_whether_it_is_open(aws: Cloud) -> Expected:
    net = Net(aws)
    instance = net.instance(net.group())
    agents(aws)
    denied(aws, "ec2:DescribeSecurityGroups")
    return {arn(aws, instance): ("FAIL", "medium", "not registered")}


@world(MANAGED)
def test_young_and_stopped_instances_are_not_applicable(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group()
    stopped, young, ready, old = (net.instance(group) for _ in range(4))
    net.ec2.stop_instances(InstanceIds=[stopped])
    agents(aws, {ready: "Online"})
    for each in (young, ready):
        just_started(aws, each)
    said(aws, old, LaunchTime=datetime.now(UTC) - timedelta(minutes=11))
    return {
        arn(aws, stopped): ("NOT_APPLICABLE", "medium", "stopped: its agent does not run"),
        arn(aws, young): ("NOT_APPLICABLE", "medium", "started less than ten minutes ago"),
        arn(aws, ready): "PASS",
        arn(aws, old): "FAIL",
    }


@world(MANAGED)
def test_hosts_of_services_are_judged(aws: Cloud) -> Expected:
    net = Net(aws)
    host = net.instance(net.group())
    agents(aws)
    said(aws, host, Tags=[{"Key": "aws:autoscaling:groupName", "Value": "ecs"}])
    return {arn(aws, host): ("FAIL", "low", "not registered (of aws:autoscaling:groupName = ecs)")}


@world(*OF_INSTANCES)
def test_node_that_a_service_manages_is_not_applicable(aws: Cloud) -> Expected:
    net = Net(aws)
    node = launched(net, net.private[0], KeyName="ops")
    agents(aws)
    default_host_management(aws)
    said(aws, node, Operator={"Managed": True, "Principal": "eks.amazonaws.com"})
    return {arn(aws, node): ("NOT_APPLICABLE", None, "managed by eks.amazonaws.com")}


@world(*OF_INSTANCES)
def test_no_instances(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no instances")}


@world(*OF_INSTANCES)
def test_denied_instances_are_an_error(aws: Cloud) -> Expected:
    agents(aws)
    default_host_management(aws)
    denied(aws, "ec2:DescribeInstances")
    return {aws.account_arn: ("ERROR", None, "allow ec2:DescribeInstances")}


@world(MANAGED, KEY, IMAGE)
def test_instance_that_cannot_be_read_is_an_error_and_others_are_judged(aws: Cloud) -> Expected:
    images = Images(aws)
    good, odd = images.instance(), images.instance()
    agents(aws, {good: "Online"})
    said(aws, odd, State=None)
    return {arn(aws, good): "PASS", arn(aws, odd): "ERROR"}


@world(MANAGED, RIGHTS, WAYS)
def test_denied_agents_are_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    instance = launched(net, net.private[0])
    default_host_management(aws)
    denied(aws, AGENTS)
    return {arn(aws, instance): ("ERROR", "medium", "allow ssm:DescribeInstanceInformation")}


@world(MANAGED)
def test_agent_that_cannot_be_read_may_be_any(aws: Cloud) -> Expected:
    net = Net(aws)
    good, unknown = net.instance(net.group()), net.instance(net.group())
    agents(aws, {good: "Online", unknown: "Broken"})
    return {arn(aws, good): "PASS", arn(aws, unknown): "ERROR"}


# --- permissions ------------------------------------------------------------------------------------------------------------------------------

CORE, RETIRED = "AmazonSSMManagedInstanceCore", "service-role/AmazonEC2RoleforSSM"
CHANNELS = ["ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"]
TRUST = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
UPDATE = "ssm:UpdateInstanceInformation"
DENIAL = {"Effect": "Deny", "Action": "ssmmessages:*", "Resource": "*"}
ABROAD = {"Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(*actions: str, **more: Any) -> Any:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


class Roles:
    """Instances, each with a role of its own."""

    def __init__(self, aws: Cloud) -> None:
        self.aws, self.net, self.iam = aws, Net(aws), aws.client("iam")
        self._of_aws: dict[str, str] = {}
        agents(aws)
        aws.simulated.over("iam:GetAccountAuthorizationDetails", self._attached)

    def instance(self, *statements: Any, of_aws: str = "", own: Any = None, running: bool = False) -> str:
        """An instance whose role has this policy within it, one of AWS's and an own one on it."""
        name = f"app-{len(self.iam.list_roles()['Roles'])}"
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(TRUST))
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
        if own:
            policy = self.iam.create_policy(PolicyName=name, PolicyDocument=document(own))["Policy"]["Arn"]
            self.iam.attach_role_policy(RoleName=name, PolicyArn=policy)
        if of_aws:
            self._of_aws[name] = of_aws
        self.iam.create_instance_profile(InstanceProfileName=name)
        self.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
        return self.launched(name, running=running)

    def launched(self, profile: str | None, *, running: bool = False) -> str:
        """An instance with this profile."""
        more = {"IamInstanceProfile": {"Name": profile}} if profile else {}
        found = launched(self.net, self.net.private[0], **more)
        if not running:
            self.net.ec2.stop_instances(InstanceIds=[found])
        return found

    def _attached(self, region: str, parsed: Any) -> None:
        """AWS's own policies, which moto has only if told to load all of them."""
        for role in parsed["RoleDetailList"]:
            if role["RoleName"] in self._of_aws:
                path = self._of_aws[role["RoleName"]]
                role["AttachedManagedPolicies"].append(
                    {"PolicyName": path.rpartition("/")[2], "PolicyArn": f"arn:{self.aws.partition}:iam::aws:policy/{path}"}
                )


@world(RIGHTS)
def test_role_for_the_agent_passes_and_others_fail(aws: Cloud) -> Expected:
    roles = Roles(aws)
    default_host_management(aws)
    core, old = roles.instance(of_aws=CORE), roles.instance(of_aws=RETIRED)
    by_parts, by_pattern = roles.instance(allow(UPDATE), own=allow(*CHANNELS)), roles.instance(allow("ssm:*", "ssmmessages:*"))
    empty, half = roles.instance(allow("s3:GetObject")), roles.instance(allow(UPDATE, *CHANNELS[:2]))
    plain = roles.launched(None)
    return {
        arn(aws, core): ("PASS", "medium", "Every instance's role lets its agent speak"),
        arn(aws, old): ("PASS", "medium", "allowed; AmazonEC2RoleforSSM allows far more"),
        arn(aws, by_parts): "PASS",
        arn(aws, by_pattern): "PASS",
        arn(aws, empty): ("FAIL", "medium", "does not allow ssm:UpdateInstanceInformation, ssmmessages:CreateControlChannel"),
        arn(aws, half): ("FAIL", "medium", "does not allow ssmmessages:OpenControlChannel, ssmmessages:OpenDataChannel"),
        arn(aws, plain): ("FAIL", "medium", "no role"),
    }


@world(RIGHTS)
def test_deny_of_what_the_agent_needs_fails(aws: Cloud) -> Expected:
    roles = Roles(aws)
    default_host_management(aws, "Customized")
    everything, core = roles.instance(allow("*"), own=DENIAL), roles.instance(DENIAL, of_aws=CORE)
    other = roles.instance({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}, of_aws=CORE)
    return {
        arn(aws, everything): ("FAIL", "medium", "is denied ssmmessages:CreateControlChannel"),
        arn(aws, core): ("FAIL", "medium", "is denied ssmmessages:CreateControlChannel"),
        arn(aws, other): "PASS",
    }


@world(RIGHTS)
def test_what_hangs_on_a_condition_or_resource_is_a_question(aws: Cloud) -> Expected:
    roles = Roles(aws)
    default_host_management(aws)
    denied_abroad = roles.instance({**DENIAL, **ABROAD}, of_aws=CORE)
    narrow = roles.instance(allow(UPDATE, Resource="arn:aws:ec2:*:*:instance/*"), allow(*CHANNELS))
    excepted = {"Effect": "Allow", "Action": [UPDATE, *CHANNELS], "NotResource": "arn:aws:s3:::*"}
    conditional, all_but = roles.instance(allow(UPDATE, *CHANNELS, **ABROAD)), roles.instance(excepted)
    question = "do its policies, by their conditions and resources, allow the agent "
    return {
        arn(aws, denied_abroad): ("MANUAL", "medium", f"{question}ssmmessages:CreateControlChannel"),
        arn(aws, narrow): ("MANUAL", "medium", f"{question}{UPDATE}?"),
        arn(aws, conditional): ("MANUAL", "medium", f"{question}{UPDATE}, ssmmessages:CreateControlChannel"),
        arn(aws, all_but): ("MANUAL", "medium", f"{question}{UPDATE}"),
    }


@world(RIGHTS)
def test_default_host_management_gives_a_role(aws: Cloud) -> Expected:
    roles = Roles(aws)
    default_host_management(aws, "Customized")
    plain, unready, silent = roles.launched(None), roles.instance(allow("s3:GetObject")), roles.launched(None)
    roles.net.ec2.modify_instance_metadata_options(InstanceId=silent, HttpEndpoint="disabled")
    said(aws, silent, MetadataOptions={"HttpEndpoint": "disabled"})
    by_default = ("PASS", "medium", "by Default Host Management Configuration")
    return {arn(aws, plain): by_default, arn(aws, unready): by_default, arn(aws, silent): ("FAIL", "medium", "no role")}


@world(RIGHTS)
def test_profile_that_is_gone_or_empty_fails(aws: Cloud) -> Expected:
    roles = Roles(aws)
    default_host_management(aws)
    roles.iam.create_instance_profile(InstanceProfileName="empty")
    instance = roles.launched("empty")
    return {arn(aws, instance): ("FAIL", "medium", "its instance profile has no role, or is gone")}


@world(RIGHTS)
def test_boundary_is_said_and_not_judged(aws: Cloud) -> Expected:
    roles = Roles(aws)
    default_host_management(aws)
    bounded = roles.instance(of_aws=CORE)
    boundary = roles.iam.create_policy(PolicyName="boundary", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    name = roles.iam.list_roles()["Roles"][0]["RoleName"]
    roles.iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    return {arn(aws, bounded): ("PASS", "medium", "allowed; the role's permissions boundary was not looked at")}


@world(RIGHTS, WAYS)
def test_agent_that_is_online_needs_no_proof(aws: Cloud) -> Expected:
    net = Net(aws)
    instance = net.instance(net.group())
    agents(aws, {instance: "Online"})
    default_host_management(aws)
    return {arn(aws, instance): ("PASS", "medium", "its agent is online")}


@world(RIGHTS)
def test_stopped_instance_is_judged_by_its_role_though_it_was_online(aws: Cloud) -> Expected:
    roles = Roles(aws)
    default_host_management(aws)
    stopped = roles.launched(None)
    agents(aws, {stopped: "Online"})
    return {arn(aws, stopped): ("FAIL", "medium", "no role")}


@world(RIGHTS, WAYS)
def test_alone_what_is_not_online_fails(aws: Cloud) -> Expected:
    roles = Roles(aws)
    default_host_management(aws)
    return {arn(aws, roles.launched(None, running=True)): ("FAIL", "medium")}


@world(RIGHTS, WAYS, selected=("ec2_instance_managed_by_ssm",))
def test_one_cause_is_one_failure(aws: Cloud) -> Expected:
    """Of a young instance the other check says nothing, so that these do."""
    roles = Roles(aws)
    default_host_management(aws)
    old, young = roles.launched(None, running=True), roles.launched(None, running=True)
    just_started(aws, young)
    return {arn(aws, old): ("NOT_APPLICABLE", "medium", "judged by ec2_instance_managed_by_ssm"), arn(aws, young): ("FAIL", "medium")}


@world(RIGHTS)
def test_denied_setting_is_an_error(aws: Cloud) -> Expected:
    roles = Roles(aws)
    instance = roles.launched(None)
    denied(aws, SETTING)
    return {arn(aws, instance): ("ERROR", "medium", "allow ssm:GetServiceSetting")}


@world(RIGHTS)
def test_setting_that_cannot_be_read_is_an_error(aws: Cloud) -> Expected:
    roles = Roles(aws)
    instance = roles.launched(None)
    default_host_management(aws, "Odd")
    return {arn(aws, instance): ("ERROR", "medium", "a setting that we cannot read")}


@world(RIGHTS)
def test_policy_that_is_not_shown_is_an_error(aws: Cloud) -> Expected:
    roles = Roles(aws)
    default_host_management(aws)
    return {
        arn(aws, roles.instance(of_aws="AdministratorAccess")): ("ERROR", "medium", "without the policy arn:aws:iam::aws:policy/AdministratorAccess")
    }


# --- connectivity -----------------------------------------------------------------------------------------------------------------------------


class Ways:
    """Instances that no agent speaks for, in subnets with routes of their own."""

    def __init__(self, aws: Cloud) -> None:
        self.aws, self.net = aws, Net(aws)
        self.ec2 = self.net.ec2
        self.tables: dict[str, str] = {}
        agents(aws)

    def instance(self, subnet: str | None = None) -> str:
        """An instance in the subnet, or in one without a way out."""
        return launched(self.net, subnet or self.net.private[0])

    def subnet(self, number: int, **target: str) -> str:
        """A private subnet with this route."""
        found = self.ec2.create_subnet(VpcId=self.net.vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]["SubnetId"]
        table = self.ec2.create_route_table(VpcId=self.net.vpc)["RouteTable"]["RouteTableId"]
        self.ec2.associate_route_table(RouteTableId=table, SubnetId=found)
        if target:
            self.ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE, **target)
        self.tables[found] = table
        return str(found)

    def routed(self, subnet: str, **route: Any) -> None:
        """Let the subnet's table have this route, which moto cannot make."""
        table = self.tables[subnet]

        def change(region: str, parsed: Any) -> None:
            for each in parsed["RouteTables"]:
                if each["RouteTableId"] == table:
                    each["Routes"].append({"DestinationCidrBlock": ANYWHERE, "State": "active", **route})

        self.aws.simulated.over("ec2:DescribeRouteTables", change)

    def nat_gateway(self, state: str = "available", kind: str = "public") -> str:
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        found: str = self.ec2.create_nat_gateway(SubnetId=self.net.public[0], AllocationId=address)["NatGateway"]["NatGatewayId"]

        def change(region: str, parsed: Any) -> None:
            for each in parsed["NatGateways"]:
                if each["NatGatewayId"] == found:
                    each.update(State=state, ConnectivityType=kind)
                    if kind == "private":
                        each["NatGatewayAddresses"] = [{name: of[name] for name in of if name != "PublicIp"} for of in each["NatGatewayAddresses"]]

        self.aws.simulated.over("ec2:DescribeNatGateways", change)
        return found

    def endpoint(self, service: str, *groups: str, vpc: str | None = None, **said: Any) -> str:
        """An interface endpoint with private DNS, of which this may be said otherwise."""
        asked = {"VpcEndpointType": "Interface", "VpcId": vpc or self.net.vpc, "ServiceName": f"com.amazonaws.{self.aws.region}.{service}"}
        made = self.ec2.create_vpc_endpoint(**asked, SubnetIds=[self.net.private[0]], SecurityGroupIds=list(groups), PrivateDnsEnabled=True)
        found: str = made["VpcEndpoint"]["VpcEndpointId"]

        def change(region: str, parsed: Any) -> None:
            for each in parsed["VpcEndpoints"]:
                if each["VpcEndpointId"] == found:
                    each.update({"State": "available", "OwnerId": self.aws.account, "PrivateDnsEnabled": True, "VpcEndpointType": "Interface"} | said)

        self.aws.simulated.over("ec2:DescribeVpcEndpoints", change)
        return found

    def door(self) -> str:
        """A group that lets the VPC in on port 443."""
        return self.net.group(rule(443, "10.0.0.0/16"))


NO_WAY = ("FAIL", "medium", "no way to ssm: neither an endpoint nor a route to the internet; no way to ssmmessages: ")


@world(WAYS)
def test_ways_by_internet_gateway_and_nat_pass_and_none_fails(aws: Cloud) -> Expected:
    ways = Ways(aws)
    public, isolated = ways.net.instance(ways.net.group(), public=True), ways.instance()
    translated = ways.instance(ways.subnet(21, NatGatewayId=(nat := ways.nat_gateway())))
    silent = ways.instance(ways.net.public[0])
    return {
        arn(aws, public): ("PASS", "medium", "ssm through the internet gateway igw-", "; ssmmessages through the internet gateway igw-"),
        arn(aws, translated): ("PASS", "medium", f"ssm through the NAT gateway {nat}"),
        arn(aws, silent): ("FAIL", "medium", "no way to ssm: it has no public address for the internet gateway igw-"),
        arn(aws, isolated): NO_WAY,
    }


@world(WAYS)
def test_nat_that_does_not_work_fails(aws: Cloud) -> Expected:
    ways = Ways(aws)
    failed = ways.instance(ways.subnet(21, NatGatewayId=(broken := ways.nat_gateway(state="failed"))))
    dead, gone = ways.subnet(22), ways.instance(ways.subnet(23))
    ways.routed(dead, NatGatewayId="nat-0123456789abcdef0", State="blackhole")
    private = ways.instance(ways.subnet(24, NatGatewayId=(inner := ways.nat_gateway(kind="private"))))
    return {
        arn(aws, failed): ("FAIL", "medium", f"{broken} is failed"),
        arn(aws, ways.instance(dead)): ("FAIL", "medium", "the route to nat-0123456789abcdef0 is blackhole"),
        arn(aws, gone): NO_WAY,
        arn(aws, private): ("MANUAL", "medium", f"does what goes to the private NAT gateway {inner} reach Systems Manager?"),
    }


@world(WAYS)
def test_nat_instances_count_where_they_pass_on(aws: Cloud) -> Expected:
    ways = Ways(aws)
    group = ways.net.group()
    good, proud, stopped = (ways.net.instance(group, public=True) for _ in range(3))
    for each in (good, stopped):
        ways.ec2.modify_instance_attribute(InstanceId=each, SourceDestCheck={"Value": False})
    ways.ec2.stop_instances(InstanceIds=[stopped])
    agents(aws, {good: "Online", proud: "Online"})
    interface = ways.ec2.describe_network_interfaces(Filters=[{"Name": "attachment.instance-id", "Values": [good]}])["NetworkInterfaces"][0]
    by_interface, by_instance = ways.subnet(21), ways.subnet(22)
    ways.routed(by_interface, NetworkInterfaceId=interface["NetworkInterfaceId"])
    ways.routed(by_instance, InstanceId=good)
    proudly, dead = ways.subnet(23), ways.subnet(24)
    ways.routed(proudly, InstanceId=proud)
    ways.routed(dead, InstanceId=stopped)
    through = ("PASS", "medium", "ssm through the NAT instance ")
    return {
        arn(aws, good): "PASS",
        arn(aws, proud): "PASS",
        arn(aws, stopped): "NOT_APPLICABLE",
        arn(aws, ways.instance(by_interface)): through,
        arn(aws, ways.instance(by_instance)): through,
        arn(aws, ways.instance(proudly)): ("MANUAL", "medium", f"does what goes to {proud} reach"),
        arn(aws, ways.instance(dead)): ("MANUAL", "medium", f"does what goes to {stopped} reach"),
    }


@world(WAYS)
def test_traffic_that_leaves_the_vpc_is_a_question(aws: Cloud) -> Expected:
    ways = Ways(aws)
    targets = {
        "TransitGatewayId": "tgw-1",
        "VpcPeeringConnectionId": "pcx-1",
        "GatewayId": "vgw-1",
        "CoreNetworkArn": "arn:aws:networkmanager::1:core",
    }
    expected: Expected = {}
    for number, (field, target) in enumerate(targets.items()):
        ways.routed(subnet := ways.subnet(20 + number), **{field: target})
        expected[arn(aws, ways.instance(subnet))] = ("MANUAL", "medium", f"does what goes to {target} reach Systems Manager?")
    ways.routed(firewall := ways.subnet(30), GatewayId="vpce-1")
    return {**expected, arn(aws, ways.instance(firewall)): ("MANUAL", "medium", "vpce-1")}


@world(WAYS)
def test_route_that_is_not_to_the_internet_is_no_way(aws: Cloud) -> Expected:
    ways = Ways(aws)
    ways.routed(near := ways.subnet(21), TransitGatewayId="tgw-1", DestinationCidrBlock="172.16.0.0/12")
    ways.routed(halves := ways.subnet(22), NatGatewayId=ways.nat_gateway(), DestinationCidrBlock="0.0.0.0/1")
    ways.routed(narrow := ways.subnet(23), NatGatewayId="nat-0123456789abcdef0", DestinationCidrBlock="52.94.0.0/16")
    ways.routed(s3 := ways.subnet(24), GatewayId="vpce-1", DestinationPrefixListId="pl-1", DestinationCidrBlock=None)
    ways.routed(listed := ways.subnet(25), TransitGatewayId="tgw-2", DestinationPrefixListId="pl-2", DestinationCidrBlock=None)
    without_nothing(aws)
    return {
        arn(aws, ways.instance(near)): NO_WAY,
        arn(aws, ways.instance(halves)): "PASS",
        arn(aws, ways.instance(narrow)): ("MANUAL", "medium", "does what goes to nat-0123456789abcdef0 by the route for 52.94.0.0/16 reach"),
        arn(aws, ways.instance(s3)): NO_WAY,
        arn(aws, ways.instance(listed)): ("MANUAL", "medium", "does what goes to tgw-2 by the route for pl-2 reach"),
    }


@world(WAYS)
def test_route_that_is_not_known_is_an_error(aws: Cloud) -> Expected:
    ways = Ways(aws)
    ways.routed(odd := ways.subnet(21))
    ways.routed(aimless := ways.subnet(22), TransitGatewayId="tgw-1", DestinationCidrBlock=None)
    without_nothing(aws)
    return {
        arn(aws, ways.instance(odd)): ("ERROR", "medium", "a route for 0.0.0.0/0 to what this tool does not know"),
        arn(aws, ways.instance(aimless)): ("ERROR", "medium", "a route for an unnamed destination to tgw-1"),
    }


def without_nothing(aws: Cloud) -> None:
    """Leave out of routes what is None: a route has one destination."""

    def tidy(region: str, parsed: Any) -> None:
        for table in parsed["RouteTables"]:
            table["Routes"] = [{name: value for name, value in route.items() if value is not None} for route in table["Routes"]]

    aws.simulated.over("ec2:DescribeRouteTables", tidy)


@world(WAYS)
def test_ipv6_counts(aws: Cloud) -> Expected:
    ways = Ways(aws)
    subnet, other = ways.subnet(21), ways.subnet(22)
    for each in (subnet, other):
        ways.routed(each, DestinationIpv6CidrBlock="::/0", EgressOnlyInternetGatewayId="eigw-1", DestinationCidrBlock=None)

    without_nothing(aws)
    with_address, without_address = ways.instance(subnet), ways.instance(other)

    def addressed(region: str, parsed: Any) -> None:
        for each in parsed["NetworkInterfaces"]:
            if each["SubnetId"] == subnet:
                each["Ipv6Addresses"] = [{"Ipv6Address": "2a05:d018::7"}]

    aws.simulated.over("ec2:DescribeNetworkInterfaces", addressed)
    return {
        arn(aws, with_address): ("PASS", "medium", "through eigw-1, over IPv6"),
        arn(aws, without_address): ("FAIL", "medium", "it has no IPv6 address for eigw-1"),
    }


@world(WAYS)
def test_gateway_that_is_detached_fails(aws: Cloud) -> Expected:
    ways = Ways(aws)
    instance = ways.net.instance(ways.net.group(), public=True)
    (gateway,) = ways.ec2.describe_internet_gateways()["InternetGateways"]
    ways.ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=ways.net.vpc)
    return {arn(aws, instance): ("FAIL", "medium", "igw-", "is not attached, or blocked")}


@world(WAYS)
def test_endpoints_that_let_the_instance_in_pass(aws: Cloud) -> Expected:
    ways = Ways(aws)
    instance = ways.instance()
    found = [ways.endpoint(service, ways.door()) for service in ("ssm", "ssmmessages")]
    return {
        arn(aws, instance): (
            "PASS",
            "medium",
            f"ssm through {found[0]}; ssmmessages through {found[1]}; no endpoint of ec2messages, which only old agents need",
        )
    }


@world(WAYS)
def test_endpoints_let_in_the_instances_group(aws: Cloud) -> Expected:
    ways = Ways(aws)
    app = ways.net.group()
    door = ways.net.group(rule(443, groups=(app,)))
    inside, outside = ways.net.instance(app), ways.instance()
    for service in ("ssm", "ssmmessages", "ec2messages"):
        ways.endpoint(service, door)
    return {
        arn(aws, inside): ("PASS", "medium", "ssmmessages through vpce-"),
        arn(aws, outside): ("FAIL", "medium", "do not let it in on port 443"),
    }


@world(WAYS)
def test_only_what_agents_need_counts_as_endpoint(aws: Cloud) -> Expected:
    """Each endpoint of ssmmessages lacks something; of another VPC, of another port, of another service."""
    ways = Ways(aws)
    instance = ways.instance()
    ways.endpoint("ssm", ways.door())
    ways.endpoint("ssmmessages", ways.door(), State="pendingAcceptance")
    ways.endpoint("ssmmessages", ways.door(), PrivateDnsEnabled=False)
    ways.endpoint("ssmmessages", ways.door(), VpcEndpointType="Gateway", PrivateDnsEnabled=False)
    ways.endpoint("ec2messages", ways.door())
    elsewhere = ways.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ways.endpoint("ssmmessages", ways.door(), vpc=elsewhere)
    return {arn(aws, instance): ("FAIL", "medium", "no way to ssmmessages: neither an endpoint nor a route")}


@world(WAYS)
def test_closed_endpoint_is_in_the_way_of_nat(aws: Cloud) -> Expected:
    """Its private DNS catches what NAT would let out; a second endpoint may let in what the first does not."""
    ways = Ways(aws)
    instance = ways.instance(ways.subnet(21, NatGatewayId=ways.nat_gateway()))
    closed = ways.endpoint("ssm", ways.net.group(rule(80, "10.0.0.0/16"), rule(443, "10.7.0.0/16")))
    ways.endpoint("ssmmessages", ways.net.group())
    ways.endpoint("ssmmessages", ways.net.group(), ways.door())
    return {arn(aws, instance): ("FAIL", "medium", f"no way to ssm: the groups of {closed} do not let it in on port 443")}


@world(WAYS)
def test_endpoint_that_may_be_in_the_way_is_an_error(aws: Cloud) -> Expected:
    ways = Ways(aws)
    instance = ways.instance(ways.subnet(21, NatGatewayId=ways.nat_gateway()))
    ways.endpoint("ssm", ways.door())
    silent = ways.endpoint("ssmmessages", ways.door())

    def untold(region: str, parsed: Any) -> None:
        for each in parsed["VpcEndpoints"]:
            if each["VpcEndpointId"] == silent:
                del each["PrivateDnsEnabled"]

    aws.simulated.over("ec2:DescribeVpcEndpoints", untold)
    return {arn(aws, instance): ("ERROR", "medium", f"{silent} does not tell whether it has private DNS")}


@world(WAYS)
def test_endpoint_whose_rule_does_not_say_its_ports_is_an_error(aws: Cloud) -> Expected:
    ways = Ways(aws)
    instance = ways.instance()
    silent(aws, door := ways.door())
    for service in ("ssm", "ssmmessages"):
        ways.endpoint(service, door)
    return {arn(aws, instance): ("ERROR", "medium", f"a rule of {door} does not say its ports")}


def silent(aws: Cloud, group: str) -> None:
    """Let the group's rules not say where their ports end."""

    def change(region: str, parsed: Any) -> None:
        for permission in (permission for each in parsed["SecurityGroups"] if each["GroupId"] == group for permission in each["IpPermissions"]):
            del permission["ToPort"]

    aws.simulated.over("ec2:DescribeSecurityGroups", change)


@world(WAYS)
def test_endpoint_and_nat_complete_each_other(aws: Cloud) -> Expected:
    ways = Ways(aws)
    instance = ways.instance(ways.subnet(21, NatGatewayId=ways.nat_gateway()))
    found = ways.endpoint("ssm", ways.door())
    return {arn(aws, instance): ("PASS", "medium", f"ssm through {found}; ssmmessages through the NAT gateway nat-")}


@world(WAYS)
def test_the_best_of_several_interfaces_and_routes_counts(aws: Cloud) -> Expected:
    ways = Ways(aws)
    ways.routed(far := ways.subnet(21), TransitGatewayId="tgw-1")
    translated = ways.subnet(22, NatGatewayId=ways.nat_gateway())
    both, unclear = launched(ways.net, far, translated), launched(ways.net, ways.net.private[0], far)
    return {arn(aws, both): ("PASS", "medium", "the NAT gateway"), arn(aws, unclear): ("MANUAL", "medium", "tgw-1")}


@world(WAYS)
def test_stopped_instance_needs_no_way(aws: Cloud) -> Expected:
    ways = Ways(aws)
    stopped = ways.instance()
    ways.ec2.stop_instances(InstanceIds=[stopped])
    return {arn(aws, stopped): ("NOT_APPLICABLE", "medium", "stopped: it speaks with nobody")}


@world(WAYS)
def test_denied_endpoints_are_an_error(aws: Cloud) -> Expected:
    ways = Ways(aws)
    public = ways.net.instance(ways.net.group(), public=True)
    denied(aws, "ec2:DescribeVpcEndpoints")
    return {arn(aws, public): ("ERROR", "medium", "allow ec2:DescribeVpcEndpoints")}


# --- open ports of administration -------------------------------------------------------------------------------------------------------------

HALVES = ("0.0.0.0/1", "128.0.0.0/1")
OF_ALL, OF_INTERNET = "security_group_no_world_open_ingress", "security_group_no_remote_admin_from_internet"


def connect_endpoints(aws: Cloud, *groups: str, state: str = "create-complete") -> None:
    """EC2 Instance Connect Endpoints in these groups, which moto lacks."""
    found = [
        {
            "InstanceConnectEndpointArn": aws.arn("ec2", f"instance-connect-endpoint/eice-{number}"),
            "State": state,
            "SecurityGroupIds": [group],
        }
        for number, group in enumerate(groups)
    ]
    aws.simulated.instead(ENDPOINTS, lambda region, asked: {"InstanceConnectEndpoints": found})


def on_instance(aws: Cloud, check: Any, want: Any, *rules: Permission, public: bool = True) -> Expected:
    """A group with these rules on an instance, and the verdict on it; nothing else is in the VPC."""
    net = Net(aws)
    group = net.group(*rules)
    net.instance(group, public=public)
    connect_endpoints(aws)
    if check is WORLD:
        return net.answer(want, group)
    others = [each["GroupId"] for each in net.ec2.describe_security_groups()["SecurityGroups"] if each["GroupId"] != group]
    return {net.arn(each): "NOT_APPLICABLE" for each in others} | {net.arn(group): want}


@world(WORLD)
def test_ssh_for_everybody_fails(aws: Cloud) -> Expected:
    return on_instance(aws, WORLD, ("FAIL", "critical", "tcp 22 from 0.0.0.0/0; reachable from the internet"), rule(22, ANYWHERE))


@world(WORLD)
def test_remote_desktop_for_everybody_fails(aws: Cloud) -> Expected:
    return on_instance(aws, WORLD, ("FAIL", "critical", "tcp 3389 from ::/0"), rule(3389, "::/0"))


@world(WORLD)
def test_remote_desktop_over_udp_fails(aws: Cloud) -> Expected:
    return on_instance(aws, WORLD, ("FAIL", "critical", "udp 3389 from 0.0.0.0/0"), rule(3389, ANYWHERE, protocol="udp"))


@world(WORLD)
def test_all_traffic_ranges_and_halves_fail(aws: Cloud) -> Expected:
    net = Net(aws)
    rules = {
        "all traffic": rule(None, ANYWHERE, protocol="-1"),
        "tcp 0-1023": rule((0, 1023), ANYWHERE),
        "tcp 3000-4000": rule((3000, 4000), "52.0.0.0/7"),
        "tcp 22": rule(22, *HALVES),
    }
    groups = {words: net.group(each) for words, each in rules.items()}
    for group in groups.values():
        net.instance(group, public=True)
    return net.answer("PASS") | {net.arn(group): ("FAIL", "critical", words) for words, group in groups.items()}


@world(WORLD)
def test_prefix_lists_of_the_customer_are_looked_into(aws: Cloud) -> Expected:
    net = Net(aws)
    offices = net.prefix_list(*HALVES)
    group = net.group(rule(22, lists=(offices,)))
    net.instance(group, public=True)
    return net.answer(("FAIL", "critical", f"tcp 22 from {offices} (offices)"), group)


@world(WORLD)
def test_what_is_no_port_of_administration_or_not_the_internet_passes(aws: Cloud) -> Expected:
    """GRE has no ports, a peer says; a list of AWS's own is not everybody."""
    rules = (rule(443, ANYWHERE), rule(22, PARTNER, "52.0.0.0/8"), rule(22, ANYWHERE, protocol="udp"), rule(-1, ANYWHERE, protocol="47"))
    return on_instance(aws, WORLD, ("PASS", "critical"), *rules, rule(22, lists=(list_of_aws(aws, ".cloudfront.origin-facing"),)))


@world(WORLD)
def test_what_the_internet_does_not_reach_is_medium(aws: Cloud) -> Expected:
    net = Net(aws)
    private, unused = net.group(rule(22, ANYWHERE)), net.group(rule(22, ANYWHERE))
    net.instance(private)
    of_vpc = [{"Name": "vpc-id", "Values": [net.vpc]}, {"Name": "group-name", "Values": ["default"]}]
    default = net.ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"][0]["GroupId"]
    net.admit(default, rule(3389, ANYWHERE))
    want = ("FAIL", "medium", "on nothing that the internet reaches")
    return net.answer("PASS") | {net.arn(group): want for group in (private, unused, default)}


@world(WORLD)
def test_public_address_without_a_way_in_is_medium(aws: Cloud) -> Expected:
    ways = Ways(aws)
    net = ways.net
    detached = net.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    reached, private, cut_off = (net.group(rule(22, ANYWHERE)) for _ in range(3))
    for group, subnet in ((reached, net.public[0]), (private, ways.subnet(20)), (cut_off, ways.subnet(21, GatewayId=detached))):
        net.instance(group, public=True, subnet=subnet)
    return net.answer(("FAIL", "medium", "on nothing that the internet reaches"), private, cut_off) | {
        net.arn(reached): ("FAIL", "critical", "reachable from the internet")
    }


@world(WORLD)
def test_unknown_reach_leaves_the_worst(aws: Cloud) -> Expected:
    expected = on_instance(aws, WORLD, ("FAIL", "critical"), rule(22, ANYWHERE))
    denied(aws, "ec2:DescribeNetworkInterfaces")
    return expected


@world(WORLD, ADMIN)
def test_group_of_another_account_is_not_ours(aws: Cloud) -> Expected:
    def shared(region: str, parsed: Any) -> None:
        for each in parsed["SecurityGroups"]:
            each["OwnerId"] = "210987654321"

    aws.simulated.over("ec2:DescribeSecurityGroups", shared)
    groups = aws.client("ec2").describe_security_groups()["SecurityGroups"]
    arns = [f"arn:aws:ec2:{aws.region}:210987654321:security-group/{each['GroupId']}" for each in groups]
    return dict.fromkeys(arns, ("NOT_APPLICABLE", None, "belongs to account 210987654321"))


@world(WORLD, selected=(OF_ALL,))
def test_one_cause_is_one_failure_of_groups(aws: Cloud) -> Expected:
    return on_instance(aws, WORLD, ("NOT_APPLICABLE", "critical", f"judged by {OF_ALL}"), rule(22, ANYWHERE))


@world(WORLD)
def test_proven_opening_fails_beside_a_list_that_cannot_be_read(aws: Cloud) -> Expected:
    net = Net(aws)
    offices = net.prefix_list(PARTNER)
    bad, unknown = net.group(rule(22, ANYWHERE), rule(443, lists=(offices,))), net.group(rule(22, lists=(offices,)))
    denied(aws, "ec2:GetManagedPrefixListEntries")
    return net.answer("PASS") | {net.arn(bad): "FAIL", net.arn(unknown): ("ERROR", "critical", "allow ec2:GetManagedPrefixListEntries")}


@world(WORLD, ADMIN)
def test_no_groups(aws: Cloud) -> Expected:
    aws.simulated.over("ec2:DescribeSecurityGroups", lambda region, parsed: parsed["SecurityGroups"].clear())
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no security groups")}


def test_command_takes_out_what_the_internet_gets_in_by() -> None:
    def build(aws: Cloud) -> None:
        on_instance(aws, WORLD, "FAIL", rule(22, ANYWHERE, PARTNER), rule(443, ANYWHERE))

    (found,) = (each for each in findings(WORLD, build).values() if each.status == "FAIL")
    assert found.remediation is not None
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": ANYWHERE}]}
    assert json.dumps([permission], separators=(",", ":")) in found.remediation


@world(ADMIN)
def test_any_address_fails_and_no_open_port_passes(aws: Cloud) -> Expected:
    net = Net(aws)
    groups = {
        "tcp 22 from 10.0.0.0/16": net.group(rule(22, "10.0.0.0/16")),
        f"all traffic from {PARTNER}": net.group(rule(None, PARTNER, protocol="-1")),
        f"tcp 22, tcp 3389 from {PARTNER}": net.group(rule((0, 65535), PARTNER)),
    }
    closed, unused = net.group(rule(443, ANYWHERE)), net.group(rule(22, PARTNER))
    for group in (*groups.values(), closed):
        net.instance(group)
    others = {each["GroupId"] for each in net.ec2.describe_security_groups()["SecurityGroups"]} - {*groups.values(), closed}
    assert unused in others
    return (
        {net.arn(group): ("NOT_APPLICABLE", "medium", "on no instance") for group in others}
        | {net.arn(group): ("FAIL", "medium", words) for words, group in groups.items()}
        | {net.arn(closed): ("PASS", "medium", "Session Manager needs no open port")}
    )


@world(ADMIN)
def test_groups_fail_where_a_rule_names_the_port(aws: Cloud) -> Expected:
    """Clusters let all of their own in; nobody means SSH by it."""
    net = Net(aws)
    app = net.group()
    named, some, many, everything = (
        net.group(rule(22, groups=(app,))),
        net.group(rule((0, 99), groups=(app,))),
        net.group(rule((0, 100), groups=(app,))),
        net.group(rule(None, groups=(app,), protocol="-1")),
    )
    connect_endpoints(aws)
    judged = (named, some, many, everything)
    for group in judged:
        net.instance(group)
    meant, not_meant = ("FAIL", "medium", f"tcp 22 from {app}"), ("NOT_APPLICABLE", "medium", f"all ports are open to {app}")
    others = {each["GroupId"] for each in net.ec2.describe_security_groups()["SecurityGroups"]} - set(judged)
    return dict.fromkeys(map(net.arn, others), "NOT_APPLICABLE") | dict(zip(map(net.arn, judged), (meant, meant, not_meant, not_meant), strict=True))


@world(ADMIN)
def test_rule_that_does_not_say_its_ports_is_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(22, groups=(net.group(),)))
    net.instance(group)
    connect_endpoints(aws)
    silent(aws, group)
    others = {each["GroupId"] for each in net.ec2.describe_security_groups()["SecurityGroups"]} - {group}
    return dict.fromkeys(map(net.arn, others), "NOT_APPLICABLE") | {net.arn(group): ("ERROR", "medium", "does not say its ports")}


@world(ADMIN)
def test_instance_connect_endpoint_may_come_in(aws: Cloud) -> Expected:
    net = Net(aws)
    door, other, gone = net.group(), net.group(), net.group()
    good, mixed = net.group(rule(22, groups=(door,))), net.group(rule(22, groups=(door,)), rule(22, groups=(other,)))
    wide = net.group(rule(None, groups=(door,), protocol="-1"))
    connect_endpoints(aws, door)
    for group in (good, mixed, wide):
        net.instance(group)
    note = ("PASS", "medium", f"only an EC2 Instance Connect Endpoint is let in, by {door}")
    others = {each["GroupId"] for each in net.ec2.describe_security_groups()["SecurityGroups"]} - {good, mixed, wide}
    assert gone in others
    return dict.fromkeys(map(net.arn, others), "NOT_APPLICABLE") | {
        net.arn(good): note,
        net.arn(wide): note,
        net.arn(mixed): ("FAIL", "medium", f"tcp 22 from {other}"),
    }


@world(ADMIN)
def test_instance_connect_endpoint_that_is_gone_is_none(aws: Cloud) -> Expected:
    net = Net(aws)
    door = net.group()
    group = net.group(rule(22, groups=(door,)))
    net.instance(group)
    connect_endpoints(aws, door, state="delete-in-progress")
    others = {each["GroupId"] for each in net.ec2.describe_security_groups()["SecurityGroups"]} - {group}
    return dict.fromkeys(map(net.arn, others), "NOT_APPLICABLE") | {net.arn(group): ("FAIL", "medium", f"tcp 22 from {door}")}


@world(ADMIN)
def test_list_of_aws_fails_too(aws: Cloud) -> Expected:
    cloudfront = list_of_aws(aws, ".cloudfront.origin-facing")
    return on_instance(aws, ADMIN, ("FAIL", "medium", f"tcp 22 from {cloudfront}"), rule(22, lists=(cloudfront,)))


@world(ADMIN)
def test_alone_it_fails_for_the_internet_too(aws: Cloud) -> Expected:
    return on_instance(aws, ADMIN, ("FAIL", "medium", "tcp 22 from 0.0.0.0/0"), rule(22, ANYWHERE))


@world(ADMIN, selected=(OF_INTERNET,))
def test_the_internet_is_judged_by_another_check(aws: Cloud) -> Expected:
    return on_instance(aws, ADMIN, ("NOT_APPLICABLE", "medium", f"judged by {OF_INTERNET}"), rule(22, *HALVES))


@world(ADMIN, selected=(OF_INTERNET, OF_ALL))
def test_the_internet_is_judged_by_the_check_of_all_ports(aws: Cloud) -> Expected:
    return on_instance(aws, ADMIN, ("NOT_APPLICABLE", "medium", f"judged by {OF_ALL}"), rule(22, ANYWHERE))


@world(ADMIN, selected=(OF_INTERNET, OF_ALL))
def test_other_sources_beside_the_internet_fail(aws: Cloud) -> Expected:
    return on_instance(
        aws, ADMIN, ("FAIL", "medium", "tcp 22 from 0.0.0.0/0, tcp 3389 from 10.0.0.0/8"), rule(22, ANYWHERE), rule(3389, "10.0.0.0/8")
    )


@world(ADMIN)
def test_denied_endpoints_of_instance_connect_are_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(22, groups=(net.group(),)))
    net.instance(group)
    denied(aws, ENDPOINTS)
    others = {each["GroupId"] for each in net.ec2.describe_security_groups()["SecurityGroups"]} - {group}
    return dict.fromkeys(map(net.arn, others), "NOT_APPLICABLE") | {net.arn(group): ("ERROR", "medium", f"allow {ENDPOINTS}")}


def test_command_takes_out_every_way_in() -> None:
    def build(aws: Cloud) -> None:
        on_instance(aws, ADMIN, "FAIL", rule(22, ANYWHERE, "10.0.0.0/8"), rule(443, "10.0.0.0/8"))

    (found,) = (each for each in findings(ADMIN, build).values() if each.status == "FAIL")
    assert found.remediation is not None
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": ANYWHERE}, {"CidrIp": "10.0.0.0/8"}]}
    assert json.dumps([permission], separators=(",", ":")) in found.remediation


# --- bastions ---------------------------------------------------------------------------------------------------------------------------------


def named(net: Net, instance: str, name: str) -> str:
    net.ec2.create_tags(Resources=[instance], Tags=[{"Key": "Name", "Value": name}])
    return instance


@world(BASTION)
def test_public_instance_that_lets_somebody_log_in_is_a_bastion(aws: Cloud) -> Expected:
    net = Net(aws)
    connect_endpoints(aws)
    office, everybody = net.instance(net.group(rule(22, PARTNER)), public=True), net.instance(net.group(rule(3389, ANYWHERE)), public=True)
    own = net.group()
    for quiet in (rule(443, ANYWHERE), rule(22, "10.0.1.0/24"), rule(22, groups=(own,))):
        net.instance(net.group(quiet), public=True)
    net.instance(net.group(rule(22, PARTNER)))
    return {
        arn(aws, office): ("FAIL", "medium", "has the public address ", f" and admits tcp 22 from {PARTNER}"),
        arn(aws, everybody): ("FAIL", "medium", f"admits tcp 3389 from {ANYWHERE}"),
    }


@world(BASTION)
def test_ipv6_address_makes_a_bastion_where_it_is_routed(aws: Cloud) -> Expected:
    net = Net(aws)
    net.route_ipv6()
    group = net.group(rule(22, "2000::/3"))
    routed, inside = (launched(net, subnet) for subnet in (net.public[0], net.private[0]))
    for number, instance in enumerate((routed, inside), 1):
        net.said(net.interface_of(instance), Groups=[{"GroupId": group}], Ipv6Addresses=[{"Ipv6Address": f"2600:1f18::{number}"}])
    return {arn(aws, routed): ("FAIL", "medium", "has the public address 2600:1f18::1 and admits tcp 22 from 2000::/3")}


@world(BASTION)
def test_none_is_one_answer(aws: Cloud) -> Expected:
    net = Net(aws)
    net.instance(net.group(rule(443, ANYWHERE)), public=True)
    net.instance(net.group(rule(22, PARTNER)))
    stopped = named(net, net.instance(net.group(rule(22, ANYWHERE)), public=True), "bastion")
    net.ec2.stop_instances(InstanceIds=[stopped])
    return {aws.account_arn: ("PASS", "medium", "none of 2 running instances")}


@world(BASTION)
def test_name_alone_does_not_make_a_bastion(aws: Cloud) -> Expected:
    net = Net(aws)
    forwarding = named(net, net.instance(net.group()), "db-bastion")
    public = named(net, net.instance(net.group(), public=True), "jump-box")
    open_inside = named(net, net.instance(net.group(rule(22, "10.0.0.0/16"))), "SSH-Gateway")
    return {
        arn(aws, forwarding): ("PASS", "medium", "called a bastion (tag:Name=*bastion*), and has neither"),
        arn(aws, public): ("FAIL", "medium", "called a bastion (tag:Name=*jump-box*): has the public address "),
        arn(aws, open_inside): ("FAIL", "medium", "called a bastion (tag:Name=*ssh-gateway*): admits tcp 22 from 10.0.0.0/16"),
    }


@world(BASTION)
def test_profile_says_what_bastions_are_called(aws: Cloud) -> Expected:
    aws.facts(compute={"bastions": ["tag:role=hop"]}, network={"public_resources": ["*-0123"]})
    net = Net(aws)
    named(net, net.instance(net.group(), public=True), "bastion")
    hop = net.instance(net.group(), public=True)
    net.ec2.create_tags(Resources=[hop], Tags=[{"Key": "role", "Value": "hop"}])
    return {arn(aws, hop): ("FAIL", "medium", "called a bastion (tag:role=hop)")}


@world(BASTION)
def test_groups_of_another_vpc_come_from_outside(aws: Cloud) -> Expected:
    net = Net(aws)
    connect_endpoints(aws)
    group, near = net.group(rule(22, groups=(net.group(),))), net.group(rule(22, groups=(net.group(),)))
    instance = net.instance(group, public=True)
    net.instance(near, public=True)

    def peered(region: str, parsed: Any) -> None:
        for each in parsed["SecurityGroups"]:
            for pair in (pair for permission in each["IpPermissions"] for pair in permission["UserIdGroupPairs"]):
                pair["VpcId"] = "vpc-0123456789abcdef0" if each["GroupId"] == group else net.vpc

    aws.simulated.over("ec2:DescribeSecurityGroups", peered)
    return {arn(aws, instance): ("FAIL", "medium", "admits tcp 22 from sg-")}


@world(BASTION)
def test_lists_of_aws_come_from_outside(aws: Cloud) -> Expected:
    net = Net(aws)
    instance = net.instance(net.group(rule(22, lists=(list_of_aws(aws, ".cloudfront.origin-facing"),))), public=True)
    return {arn(aws, instance): ("FAIL", "medium", "cloudfront.origin-facing")}


@world(BASTION)
def test_client_of_an_instance_connect_endpoint_is_no_bastion(aws: Cloud) -> Expected:
    net = Net(aws)
    door = net.group()
    connect_endpoints(aws, door)
    quiet = named(net, net.instance(net.group(rule(22, groups=(door,)))), "bastion")
    return {arn(aws, quiet): "PASS"}


@world(BASTION)
def test_node_of_a_service_is_no_bastion(aws: Cloud) -> Expected:
    net = Net(aws)
    node = named(net, net.instance(net.group(rule(22, ANYWHERE)), public=True), "bastion")
    said(aws, node, Operator={"Managed": True, "Principal": "eks.amazonaws.com"})
    return {aws.account_arn: ("PASS", "medium", "none of 1 running instances")}


@world(BASTION)
def test_without_running_instances_there_is_none(aws: Cloud) -> Expected:
    net = Net(aws)
    net.ec2.stop_instances(InstanceIds=[net.instance(net.group())])
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no running instances")}


@world(BASTION)
def test_instance_that_cannot_be_judged_is_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    offices = net.prefix_list(PARTNER)
    unknown, odd = net.instance(net.group(rule(22, lists=(offices,))), public=True), net.instance(net.group())
    denied(aws, "ec2:GetManagedPrefixListEntries")
    said(aws, odd, State=None)
    return {arn(aws, unknown): ("ERROR", "medium", "allow ec2:GetManagedPrefixListEntries"), arn(aws, odd): "ERROR"}


@world(BASTION)
def test_denied_instances_hide_no_bastion(aws: Cloud) -> Expected:
    denied(aws, "ec2:DescribeInstances")
    return {aws.account_arn: ("ERROR", "medium", "allow ec2:DescribeInstances")}


# --- key pairs --------------------------------------------------------------------------------------------------------------------------------


@world(KEY)
def test_key_pair_fails_and_none_passes(aws: Cloud) -> Expected:
    net = Net(aws)
    good, bad, stopped = launched(net, net.private[0]), launched(net, net.private[0], KeyName="ops"), launched(net, net.private[0], KeyName="old")
    net.ec2.stop_instances(InstanceIds=[stopped])
    return {
        arn(aws, good): ("PASS", "low", "No instance was launched with a key pair"),
        arn(aws, bad): ("FAIL", "low", "launched with the key pair ops"),
        arn(aws, stopped): ("FAIL", "low", "launched with the key pair old"),
    }


@world(KEY)
def test_windows_needs_its_key_pair(aws: Cloud) -> Expected:
    net = Net(aws)
    keyed, plain = launched(net, net.private[0], KeyName="ops"), launched(net, net.private[0])
    for each in (keyed, plain):
        said(aws, each, Platform="windows")
    return {arn(aws, keyed): ("PASS", "low", "Windows needs the key pair once"), arn(aws, plain): ("PASS", "low", "No instance was")}


@world(KEY)
def test_node_group_with_remote_access_fails(aws: Cloud) -> Expected:
    net = Net(aws)
    node = launched(net, net.private[0], KeyName="nodes")
    said(aws, node, Tags=[{"Key": "eks:nodegroup-name", "Value": "web"}])
    return {arn(aws, node): ("FAIL", "low", "key pair nodes (of eks:nodegroup-name = web)")}


# --- images -----------------------------------------------------------------------------------------------------------------------------------


class Images:
    """Instances of images, of which this is said."""

    def __init__(self, aws: Cloud) -> None:
        self.aws, self.net = aws, Net(aws)
        agents(aws)

    def instance(self, days: float = 1, **fields: Any) -> str:
        """An instance of an image of that age."""
        image = self.net.ec2.register_image(Name=f"image {len(self.net.ec2.describe_images()['Images'])}", RootDeviceName="/dev/xvda")["ImageId"]
        created = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")

        def change(region: str, parsed: Any) -> None:
            for each in parsed["Images"]:
                if each["ImageId"] == image:
                    each.update(CreationDate=created, **fields)

        self.aws.simulated.over("ec2:DescribeImages", change)
        return launched(self.net, self.net.private[0], ImageId=image)


def date(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@world(IMAGE)
def test_images_that_are_out_of_date_fail(aws: Cloud) -> Expected:
    images = Images(aws)
    fresh, coming = images.instance(), images.instance(DeprecationTime=date(1))
    deprecated, disabled = images.instance(DeprecationTime=date(-1)), images.instance(State="disabled")
    gone = launched(images.net, images.net.private[0], ImageId="ami-0123456789abcdef0")
    return {
        arn(aws, fresh): ("PASS", "low", "Every instance was made of an image that is still current"),
        arn(aws, coming): "PASS",
        arn(aws, deprecated): ("FAIL", "low", " is deprecated"),
        arn(aws, disabled): ("FAIL", "low", " is disabled"),
        arn(aws, gone): ("FAIL", "low", "its source image ami-0123456789abcdef0 is gone"),
    }


@world(IMAGE)
def test_old_image_needs_an_agent_of_the_latest_version(aws: Cloud) -> Expected:
    images = Images(aws)
    managed, unmanaged, young = images.instance(181), images.instance(181), images.instance(179)
    agents(aws, {managed: "Online"})
    return {
        arn(aws, managed): ("PASS", "low", "its image is older than 180 days, and its agent is of the latest version"),
        arn(aws, unmanaged): ("FAIL", "low", " is 181 days old, more than 180, and no agent of the latest version is on it"),
        arn(aws, young): "PASS",
    }


@world(IMAGE)
def test_old_image_with_an_old_agent_fails(aws: Cloud) -> Expected:
    images = Images(aws)
    managed = images.instance(181)
    agents(aws, {managed: "Online"}, latest=False)
    return {arn(aws, managed): ("FAIL", "low", "no agent of the latest version")}


@world(IMAGE)
def test_profile_says_how_old_an_image_may_be(aws: Cloud) -> Expected:
    aws.facts(compute={"ami_max_age_days": 30})
    images = Images(aws)
    return {arn(aws, images.instance(31)): ("FAIL", "low", "31 days old, more than 30"), arn(aws, images.instance(29)): "PASS"}


@world(IMAGE)
def test_denied_images_are_an_error(aws: Cloud) -> Expected:
    instance = Images(aws).instance()
    denied(aws, "ec2:DescribeImages")
    return {arn(aws, instance): ("ERROR", "low", "allow ec2:DescribeImages")}


@world(IMAGE)
def test_image_without_a_date_is_an_error(aws: Cloud) -> Expected:
    images = Images(aws)
    odd, good = images.instance(State="odd"), images.instance()
    return {arn(aws, odd): "ERROR", arn(aws, good): "PASS"}


@world(IMAGE)
def test_denied_agents_leave_young_images_judged(aws: Cloud) -> Expected:
    images = Images(aws)
    old, young = images.instance(200), images.instance()
    denied(aws, AGENTS)
    return {arn(aws, old): ("ERROR", "low", "allow ssm:DescribeInstanceInformation"), arn(aws, young): "PASS"}


SHARED: dict[str, Any] = {
    "N/A: managed by a service": test_node_that_a_service_manages_is_not_applicable,
    "N/A: no instances": test_no_instances,
    "ERROR: instances denied": test_denied_instances_are_an_error,
}
EDGES: dict[str, dict[str, Any]] = {
    "ec2_instance_managed_by_ssm": SHARED
    | {
        "ERROR: one instance": test_instance_that_cannot_be_read_is_an_error_and_others_are_judged,
        "PASS: online; FAIL: lost, inactive, not registered": test_only_an_agent_that_is_online_passes,
        "FAIL low: neither key pair nor open port": test_unmanaged_without_key_or_open_port_is_low,
        "FAIL: it is not known whether a port is open": test_unmanaged_and_nobody_knows_whether_it_is_open,
        "N/A: young or stopped": test_young_and_stopped_instances_are_not_applicable,
        "FAIL: hosts of ECS, EKS, Beanstalk": test_hosts_of_services_are_judged,
        "ERROR: agents denied": test_denied_agents_are_an_error,
        "ERROR: one agent": test_agent_that_cannot_be_read_may_be_any,
    },
    "ec2_instance_ssm_permissions": SHARED
    | {
        "PASS: AWS's policy, the retired one, own ones; FAIL: none or half": test_role_for_the_agent_passes_and_others_fail,
        "FAIL: a Deny": test_deny_of_what_the_agent_needs_fails,
        "MANUAL: under conditions, of some resources": test_what_hangs_on_a_condition_or_resource_is_a_question,
        "PASS: Default Host Management": test_default_host_management_gives_a_role,
        "FAIL: profile gone or empty": test_profile_that_is_gone_or_empty_fails,
        "PASS: with a boundary": test_boundary_is_said_and_not_judged,
        "PASS: online": test_agent_that_is_online_needs_no_proof,
        "FAIL: stopped": test_stopped_instance_is_judged_by_its_role_though_it_was_online,
        "judged by another; alone FAIL": (test_one_cause_is_one_failure, test_alone_what_is_not_online_fails),
        "ERROR: denied or odd setting": (test_denied_setting_is_an_error, test_setting_that_cannot_be_read_is_an_error),
        "ERROR: a policy is not shown": test_policy_that_is_not_shown_is_an_error,
        "ERROR: agents denied": test_denied_agents_are_an_error,
    },
    "ec2_instance_ssm_connectivity": SHARED
    | {
        "PASS: internet gateway, NAT gateway; FAIL: none": test_ways_by_internet_gateway_and_nat_pass_and_none_fails,
        "FAIL: NAT that does not work; MANUAL: private NAT": test_nat_that_does_not_work_fails,
        "PASS: NAT instance": test_nat_instances_count_where_they_pass_on,
        "MANUAL: transit gateway, VPN, peering, firewall": test_traffic_that_leaves_the_vpc_is_a_question,
        "a route elsewhere: FAIL; to a part of the internet: MANUAL": test_route_that_is_not_to_the_internet_is_no_way,
        "ERROR: a route without target or destination": test_route_that_is_not_known_is_an_error,
        "PASS: IPv6": test_ipv6_counts,
        "FAIL: gateway detached": test_gateway_that_is_detached_fails,
        "PASS: endpoints, remark on ec2messages": test_endpoints_that_let_the_instance_in_pass,
        "PASS: endpoints by group; FAIL: shut out": test_endpoints_let_in_the_instances_group,
        "FAIL: endpoints that do not count": test_only_what_agents_need_counts_as_endpoint,
        "ERROR: a rule does not say its ports": test_endpoint_whose_rule_does_not_say_its_ports_is_an_error,
        "FAIL: closed endpoint beside NAT": test_closed_endpoint_is_in_the_way_of_nat,
        "ERROR: endpoint of which private DNS is not told": test_endpoint_that_may_be_in_the_way_is_an_error,
        "PASS: one by endpoint, one by NAT": test_endpoint_and_nat_complete_each_other,
        "several interfaces": test_the_best_of_several_interfaces_and_routes_counts,
        "PASS: online": test_agent_that_is_online_needs_no_proof,
        "N/A: stopped": test_stopped_instance_needs_no_way,
        "judged by another; alone FAIL": (test_one_cause_is_one_failure, test_alone_what_is_not_online_fails),
        "ERROR: endpoints denied": test_denied_endpoints_are_an_error,
        "ERROR: agents denied": test_denied_agents_are_an_error,
    },
    "security_group_no_remote_admin_from_internet": {
        "FAIL: SSH": test_ssh_for_everybody_fails,
        "FAIL: remote desktop": (test_remote_desktop_for_everybody_fails, test_remote_desktop_over_udp_fails),
        "FAIL: all traffic, ranges, halves, broader than /8": test_all_traffic_ranges_and_halves_fail,
        "FAIL: customer's prefix list": test_prefix_lists_of_the_customer_are_looked_into,
        "PASS: other ports, protocols and sources": test_what_is_no_port_of_administration_or_not_the_internet_passes,
        "FAIL medium: not reachable, not attached, default group": test_what_the_internet_does_not_reach_is_medium,
        "FAIL medium: an address, and no way in": test_public_address_without_a_way_in_is_medium,
        "FAIL: reach not known": test_unknown_reach_leaves_the_worst,
        "N/A: another account's": test_group_of_another_account_is_not_ours,
        "judged by another": test_one_cause_is_one_failure_of_groups,
        "ERROR: a list that cannot be read; FAIL: proven": test_proven_opening_fails_beside_a_list_that_cannot_be_read,
        "N/A: no groups": test_no_groups,
    },
    "security_group_no_remote_admin": {
        "FAIL: addresses; PASS: closed; N/A: on no instance": test_any_address_fails_and_no_open_port_passes,
        "FAIL: groups by name; N/A: by all ports": test_groups_fail_where_a_rule_names_the_port,
        "ERROR: a rule does not say its ports": test_rule_that_does_not_say_its_ports_is_an_error,
        "PASS: EC2 Instance Connect Endpoint": test_instance_connect_endpoint_may_come_in,
        "FAIL: endpoint gone": test_instance_connect_endpoint_that_is_gone_is_none,
        "FAIL: a list of AWS's": test_list_of_aws_fails_too,
        "judged by another; alone FAIL": (
            test_the_internet_is_judged_by_another_check,
            test_the_internet_is_judged_by_the_check_of_all_ports,
            test_alone_it_fails_for_the_internet_too,
        ),
        "FAIL: beside the internet": test_other_sources_beside_the_internet_fail,
        "N/A: another account's": test_group_of_another_account_is_not_ours,
        "N/A: no groups": test_no_groups,
        "ERROR: endpoints denied": test_denied_endpoints_of_instance_connect_are_an_error,
    },
    "no_bastion_host": {
        "FAIL: public, with an open port": test_public_instance_that_lets_somebody_log_in_is_a_bastion,
        "FAIL: over IPv6": test_ipv6_address_makes_a_bastion_where_it_is_routed,
        "PASS: none": test_none_is_one_answer,
        "PASS: by name alone; FAIL: with an address or open port": test_name_alone_does_not_make_a_bastion,
        "FAIL: by the profile's names, declared public or not": test_profile_says_what_bastions_are_called,
        "FAIL: from another VPC": test_groups_of_another_vpc_come_from_outside,
        "FAIL: from a list of AWS's": test_lists_of_aws_come_from_outside,
        "PASS: EC2 Instance Connect Endpoint": test_client_of_an_instance_connect_endpoint_is_no_bastion,
        "PASS: node of a service": test_node_of_a_service_is_no_bastion,
        "N/A: none runs": test_without_running_instances_there_is_none,
        "ERROR: an instance": test_instance_that_cannot_be_judged_is_an_error,
        "ERROR: denied": test_denied_instances_hide_no_bastion,
    },
    "ec2_instance_no_key_pair": SHARED
    | {
        "ERROR: one instance": test_instance_that_cannot_be_read_is_an_error_and_others_are_judged,
        "PASS: none; FAIL: one": test_key_pair_fails_and_none_passes,
        "PASS: Windows": test_windows_needs_its_key_pair,
        "FAIL: node group": test_node_group_with_remote_access_fails,
    },
    "ec2_instance_ami_current": SHARED
    | {
        "ERROR: one instance": test_instance_that_cannot_be_read_is_an_error_and_others_are_judged,
        "PASS: current; FAIL: deprecated, disabled, gone": test_images_that_are_out_of_date_fail,
        "old: PASS with a latest agent, FAIL without": test_old_image_needs_an_agent_of_the_latest_version,
        "FAIL: old agent": test_old_image_with_an_old_agent_fails,
        "threshold": test_profile_says_how_old_an_image_may_be,
        "ERROR: images denied": test_denied_images_are_an_error,
        "ERROR: one image": test_image_without_a_date_is_an_error,
        "ERROR: agents denied": test_denied_agents_leave_young_images_judged,
    },
}
