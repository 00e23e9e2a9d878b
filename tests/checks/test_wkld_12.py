"""WKLD.12's checks, each shown to pass, to fail, and at its edges."""

from __future__ import annotations

import json
from typing import Any

from pytest_ssb.findings import Finding
from tests.checks.test_wkld_02 import organization as organization_with_sibling
from tests.checks.test_wkld_11 import Permission, denied, rule, without
from tests.support.worlds import Cloud, Expected, World, built, judge, world
from tests_workload import test_wkld_12_vpc_endpoints as suite

POLICY = suite.test_vpc_endpoint_policy_restricted
REGION = "eu-west-1"
STRANGER = "999988887777"


class Endpoints:
    """A VPC to put endpoints into."""

    def __init__(self, aws: Cloud, running: bool = False, net: int = 0) -> None:
        self.aws, self.ec2, self.cidr = aws, aws.client("ec2"), f"10.{net}.0.0/16"
        self.vpc: str = self.ec2.create_vpc(CidrBlock=self.cidr)["Vpc"]["VpcId"]
        self.ec2.modify_vpc_attribute(VpcId=self.vpc, EnableDnsHostnames={"Value": True})
        self.subnet = self.subnet_of(0)
        filters = [{"Name": "vpc-id", "Values": [self.vpc]}]
        self.table: str = self.ec2.describe_route_tables(Filters=filters)["RouteTables"][0]["RouteTableId"]
        if running:
            self.run(self.subnet)
        self._said: dict[str, dict[str, Any]] = {}
        aws.simulated.over("ec2:DescribeVpcEndpoints", self._say)

    def subnet_of(self, number: int, table: str = "") -> str:
        """Another subnet, with a route table of its own or the main one."""
        found: str = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=self.cidr.replace("0.0/16", f"{number}.0/24"))["Subnet"]["SubnetId"]
        if table:
            self.ec2.associate_route_table(RouteTableId=table, SubnetId=found)
        return found

    def table_of(self, public: bool = False) -> str:
        """Another route table, to an internet gateway or to nowhere."""
        found: str = self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        if public:
            gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
            self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
            self.ec2.create_route(RouteTableId=found, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        return found

    def run(self, subnet: str) -> str:
        """Run an instance in a subnet."""
        found: str = self.ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"][0]["InstanceId"]
        return found

    def route(self, destination: str, **target: str) -> None:
        """Route what is for a destination, from the main table, to what moto need not know."""
        route = {"DestinationCidrBlock": destination, "State": "active", "Origin": "CreateRoute"} | target

        def change(region: str, parsed: Any) -> None:
            for each in parsed["RouteTables"]:
                if each["RouteTableId"] == self.table:
                    each["Routes"].append(route)

        self.aws.simulated.over("ec2:DescribeRouteTables", change)

    def group(self, *rules: Permission) -> str:
        """A security group with these inbound rules."""
        name = f"group-{len(self.ec2.describe_security_groups()['SecurityGroups'])}"
        found: str = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
        if rules:
            self.ec2.authorize_security_group_ingress(GroupId=found, IpPermissions=list(rules))
        return found

    def guarded(self, *groups: str, service: str = "ssm", **said: Any) -> str:
        """The ARN of an interface endpoint in these groups."""
        return self.arn(service, "Interface", SecurityGroupIds=list(groups), said=said)

    def interface(self, **said: Any) -> None:
        """An interface in the VPC of which AWS says this."""
        found = self.ec2.create_network_interface(SubnetId=self.subnet)["NetworkInterface"]["NetworkInterfaceId"]

        def change(region: str, parsed: Any) -> None:
            for each in parsed["NetworkInterfaces"]:
                if each["NetworkInterfaceId"] == found:
                    each.update(said)

        self.aws.simulated.over("ec2:DescribeNetworkInterfaces", change)

    @property
    def vpc_arn(self) -> str:
        """The VPC's ARN."""
        return self.aws.arn("ec2", f"vpc/{self.vpc}")

    def _say(self, region: str, parsed: Any) -> None:
        for each in parsed["VpcEndpoints"]:
            each.update(self._said.get(each["VpcEndpointId"], {}))

    def id(self, service: str, kind: str = "Gateway", *, said: dict[str, Any] | None = None, **asked: Any) -> str:
        """An endpoint to a service, `s3`, of which AWS says this besides."""
        asked = {"VpcId": self.vpc, "VpcEndpointType": kind} | asked
        if kind == "Interface":
            asked = {"SubnetIds": [self.subnet], "PrivateDnsEnabled": True} | asked
        name = service if service.startswith(("com.", "aws.")) else f"com.amazonaws.{self.aws.region}.{service}"
        found: str = self.ec2.create_vpc_endpoint(ServiceName=name, **asked)["VpcEndpoint"]["VpcEndpointId"]
        self._said[found] = {"RequesterManaged": False} | (said or {})
        return found

    def arn(self, *args: Any, **asked: Any) -> str:
        """The ARN of such an endpoint."""
        return self.aws.arn("ec2", f"vpc-endpoint/{self.id(*args, **asked)}")

    def with_policy(self, *statements: dict[str, Any], service: str = "s3", kind: str = "Gateway", said: dict[str, Any] | None = None) -> str:
        """The ARN of an endpoint with a policy of these statements, none for the one that AWS gives by itself."""
        policy = {"PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})} if statements else {}
        return self.arn(service, kind, said=said, **policy)


def allow(action: Any = "*", resource: Any = "*", principal: Any = "*", condition: Any = None) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def deny(condition: Any, action: str = "*") -> dict[str, Any]:
    return allow(action, condition=condition) | {"Effect": "Deny"}


def equals(key: str, value: Any, operator: str = "StringEquals") -> dict[str, Any]:
    return {operator: {key: value}}


def organization(aws: Cloud) -> str:
    """The id of the organization that the account is in."""
    found: str = aws.client("organizations").create_organization(FeatureSet="ALL")["Organization"]["Id"]
    return found


def endpoint_findings(check: Any, build: Any) -> dict[str, Finding]:
    """The findings of a check on an account, by the last part of the resource's name."""

    def nothing_expected(aws: Cloud) -> Expected:
        build(aws)
        return {}

    with built(World(check, nothing_expected)) as (cloud, _):
        return {found.resource.rpartition("/")[2]: found for found in judge(check, cloud)}


# --- policies ------------------------------------------------------------------------------------------------------------------------------

WHOLE = ("FAIL", "low", "open: everyone may *")


@world(POLICY)
def test_policies_that_narrow_what_passes(aws: Cloud) -> Expected:
    here = Endpoints(aws)
    mine = organization(aws)
    narrow = here.with_policy
    held = ("PASS", None, "held to")
    return {
        narrow(allow(["dynamodb:GetItem", "dynamodb:PutItem"]), service="dynamodb"): ("PASS", None, "actions by their names"),
        narrow(allow("s3:*", ["arn:aws:s3:::acme", "arn:aws:s3:::acme/*"])): "PASS",
        narrow(allow("s3:*", principal={"AWS": aws.account})): "PASS",
        narrow(allow(condition=equals("aws:PrincipalOrgID", mine))): held,
        narrow(allow(condition=equals("aws:ResourceOrgID", mine))): held,
        narrow(allow(condition=equals("aws:ResourceAccount", [aws.account]))): held,
        narrow(allow(condition=equals("aws:PrincipalAccount", aws.account))): held,
        narrow(allow(condition=equals("aws:PrincipalArn", f"arn:aws:iam::{aws.account}:role/app-*", "ArnLike"))): held,
        narrow(allow(condition=equals("aws:SourceVpc", here.vpc))): held,
        narrow(allow(), deny(equals("aws:ResourceAccount", aws.account, "StringNotEquals"))): "PASS",
        narrow(allow(condition=equals("aws:ResourceAccount", STRANGER))): ("PASS", None, STRANGER),
        narrow(deny(None)): ("PASS", None, "lets nobody through"),
    }


@world(POLICY)
def test_policies_that_let_everything_pass(aws: Cloud) -> Expected:
    here = Endpoints(aws)
    mine = organization(aws)
    wide = here.with_policy
    return {
        wide(): (*WHOLE, "with every resource"),
        wide(allow("s3:*")): ("FAIL", "low", "open: everyone may s3:*"),
        wide(allow("s3:?*")): "FAIL",
        wide(allow(["s3:GetObject", "*"])): "FAIL",
        wide({"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Principal": "*", "Resource": "*"}): "FAIL",
        wide(allow(principal={"AWS": "*"})): "FAIL",
        wide({"Effect": "Allow", "Action": "*", "Resource": "*"}): WHOLE,
        wide(allow(condition=equals("aws:PrincipalOrgID", "*", "StringLike"))): "FAIL",
        wide(allow(condition=equals("aws:PrincipalOrgID", mine, "StringEqualsIfExists"))): "FAIL",
        wide(allow(condition=equals("aws:PrincipalOrgID", "o-other", "StringNotEquals"))): "FAIL",
        wide(allow("s3:GetObject"), allow()): "FAIL",
        wide(allow(), deny(equals("aws:ResourceAccount", aws.account, "StringNotEquals"), "s3:PutObject")): "FAIL",
    }


@world(POLICY)
def test_gateway_endpoints_alone_are_judged(aws: Cloud) -> Expected:
    """What has no policy of its owner's is not judged, and what is gone is not told of."""
    here = Endpoints(aws)
    here.with_policy(service="ssm", kind="Interface")
    here.with_policy(said={"State": "deleted"})
    here.with_policy(said={"State": "rejected"})
    return {
        here.with_policy(said={"State": "pending"}): "FAIL",
        here.with_policy(said={"RequesterManaged": True}): ("NOT_APPLICABLE", None, "managed by a service"),
        here.with_policy(said={"VpcEndpointType": "GatewayLoadBalancer"}): ("NOT_APPLICABLE", None, "of the type GatewayLoadBalancer"),
    }


@world(POLICY)
def test_interface_endpoints_are_judged_in_the_extended_scope(aws: Cloud) -> Expected:
    aws.facts(extended=True, trust={"organizations": ["o-partner0001"]})
    here = Endpoints(aws)
    unsupported, foreign = f"com.amazonaws.{REGION}.transfer.server", f"com.amazonaws.vpce.{REGION}.vpce-svc-0123456789abcdef0"

    def supports(region: str, parsed: Any) -> None:
        for each in parsed["ServiceDetails"]:
            each["VpcEndpointPolicySupported"] = each["ServiceName"] != unsupported

    aws.simulated.over("ec2:DescribeVpcEndpointServices", supports)
    partner = equals("aws:PrincipalOrgID", "o-partner0001")
    return {
        here.with_policy(kind="Interface", service="ssm"): WHOLE,
        here.with_policy(allow(condition=partner), kind="Interface", service="kms"): ("PASS", None, "trust.organizations = o-partner0001"),
        here.arn(unsupported, "Interface"): ("NOT_APPLICABLE", None, "supports no endpoint policies"),
        here.arn("ssm", "Interface", said={"ServiceName": foreign}): ("NOT_APPLICABLE", None, "no service of AWS"),
        here.arn("s3", "Interface", said={"ServiceRegion": "us-east-1"}): ("NOT_APPLICABLE", None, "no service of AWS in its region"),
    }


def test_an_extended_finding_says_so() -> None:
    def build(aws: Cloud) -> None:
        aws.facts(extended=True)
        here = Endpoints(aws)
        made.update(gateway=here.id("s3"), interface=here.id("ssm", "Interface"))

    made: dict[str, str] = {}
    found = endpoint_findings(POLICY, build)
    assert {name: found[id].extended for name, id in made.items()} == {"gateway": False, "interface": True}


@world(POLICY)
def test_preproduction_may_leave_the_policy_that_aws_gives(aws: Cloud) -> Expected:
    aws.facts(environment="preproduction")
    here = Endpoints(aws)
    return {here.with_policy(): ("NOT_APPLICABLE", None, "in production only"), here.with_policy(allow("s3:GetObject")): "PASS"}


@world(POLICY)
def test_no_gateway_endpoints(aws: Cloud) -> Expected:
    Endpoints(aws).id("ssm", "Interface")
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no gateway endpoints")}


@world(POLICY)
def test_policies_that_can_not_be_read(aws: Cloud) -> Expected:
    here = Endpoints(aws)
    lacking = here.id("s3")
    without(aws, "ec2:DescribeVpcEndpoints", "VpcEndpoints", "PolicyDocument", lambda each: each["VpcEndpointId"] == lacking)
    return {
        here.with_policy(allow("s3:GetObject")): "PASS",
        aws.arn("ec2", f"vpc-endpoint/{lacking}"): ("ERROR", None, "without PolicyDocument"),
        here.arn("s3", said={"PolicyDocument": "{}"}): ("ERROR", None, "a policy that we cannot read"),
        here.arn("s3", said={"VpcEndpointType": "Portal"}): ("ERROR", None, "cannot read"),
        here.arn("s3", said={"ServiceName": None}): ("ERROR", None, "ServiceName"),
    }


@world(POLICY, suite.test_vpc_endpoint_security_group_restricted, suite.test_vpc_interface_endpoint_private_dns)
def test_endpoints_that_may_not_be_listed(aws: Cloud) -> Expected:
    denied(aws, "ec2:DescribeVpcEndpoints")
    return {aws.account_arn: ("ERROR", None, "ec2:DescribeVpcEndpoints is denied")}


@world(POLICY)
def test_what_services_support_may_not_be_asked(aws: Cloud) -> Expected:
    """It says nothing of gateway endpoints."""
    aws.facts(extended=True)
    denied(aws, "ec2:DescribeVpcEndpointServices")
    here = Endpoints(aws)
    return {here.with_policy(): WHOLE, here.arn("ssm", "Interface"): ("ERROR", None, "ec2:DescribeVpcEndpointServices is denied")}


# --- S3 and DynamoDB -------------------------------------------------------------------------------------------------------------------------

S3, DYNAMODB = suite.test_vpc_s3_endpoint, suite.test_vpc_dynamodb_endpoint
IDLE = ("NOT_APPLICABLE", None, "nothing runs in it")
# What AWS says of an interface endpoint whose private DNS is for everyone in the VPC.
FOR_ALL = {"DnsOptions": {"PrivateDnsOnlyForInboundResolverEndpoint": False}}


def table(aws: Cloud) -> None:
    """A table, for which the region needs a way to DynamoDB."""
    key = "id"
    aws.client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def default_vpc(aws: Cloud) -> str:
    """moto's default VPC, in which nothing runs."""
    filters = [{"Name": "is-default", "Values": ["true"]}]
    return aws.arn("ec2", f"vpc/{aws.client('ec2').describe_vpcs(Filters=filters)['Vpcs'][0]['VpcId']}")


def gateways(aws: Cloud, service: str) -> Expected:
    table(aws)
    covered, none, half, public, idle = Endpoints(aws, True), Endpoints(aws, True), Endpoints(aws, True), Endpoints(aws), Endpoints(aws)
    covered.id(service, RouteTableIds=[covered.table])
    second = half.table_of()
    half.run(half.subnet_of(1, second))
    half.run(half.subnet_of(2, half.table_of(public=True)))
    gateway = half.id(service, RouteTableIds=[half.table])
    for each in (idle, public):
        each.interface(RequesterManaged=True, Status="in-use", Description="RDSNetworkInterface")
        each.interface(RequesterManaged=True, Status="in-use", InterfaceType="transit_gateway")
        each.interface(Status="available")
    open_table = public.table_of(public=True)
    public.run(public.subnet_of(1, open_table))
    return {
        covered.vpc_arn: ("PASS", None, "through vpce-"),
        none.vpc_arn: ("FAIL", "low", f"no gateway endpoint to {service} for its private subnets by {none.table}"),
        half.vpc_arn: ("FAIL", "low", f"{gateway} is not routed to from private subnets by {second}"),
        public.vpc_arn: ("FAIL", "low", f"for its public subnets by {open_table}"),
        idle.vpc_arn: IDLE,
        default_vpc(aws): IDLE,
    }


def interfaces(aws: Cloud, service: str) -> Expected:
    table(aws)
    named, inbound, untold, nameless, unresolved = (Endpoints(aws, True) for _ in range(5))
    named.id(service, "Interface", said=FOR_ALL)
    inbound.id(service, "Interface", said={"DnsOptions": {"PrivateDnsOnlyForInboundResolverEndpoint": True}})
    untold.id(service, "Interface")
    nameless.id(service, "Interface", PrivateDnsEnabled=False, said=FOR_ALL)
    unresolved.id(service, "Interface", said=FOR_ALL)
    unresolved.ec2.modify_vpc_attribute(VpcId=unresolved.vpc, EnableDnsHostnames={"Value": False})
    return {
        named.vpc_arn: ("PASS", None, "through vpce-"),
        inbound.vpc_arn: ("FAIL", "low", "for callers from outside the VPC alone"),
        untold.vpc_arn: ("ERROR", None, "does not say whether its private DNS"),
        nameless.vpc_arn: ("FAIL", "low", "has no private DNS"),
        unresolved.vpc_arn: ("FAIL", "low", f"{unresolved.vpc} has no DNS hostnames"),
        default_vpc(aws): IDLE,
    }


def others(aws: Cloud, service: str) -> Expected:
    table(aws)
    similar, elsewhere, pending, shared, unknown = (Endpoints(aws, True) for _ in range(5))
    for suffix in ("express", "-streams", ".more"):
        similar.id(f"{service}{suffix}", RouteTableIds=[similar.table])
    elsewhere.id(f"com.amazonaws.us-east-1.{service}", said={"ServiceRegion": "us-east-1"}, RouteTableIds=[elsewhere.table])
    pending.id(service, said={"State": "pending"}, RouteTableIds=[pending.table])
    unknown.interface(Status="in-use", RequesterManaged=False, InterfaceType="portal")

    def owned(region: str, parsed: Any) -> None:
        for each in parsed["Vpcs"]:
            if each["VpcId"] == shared.vpc:
                each["OwnerId"] = STRANGER

    aws.simulated.over("ec2:DescribeVpcs", owned)
    lacks = ("FAIL", "low", f"no gateway endpoint to {service}")
    return {
        similar.vpc_arn: lacks,
        elsewhere.vpc_arn: lacks,
        pending.vpc_arn: lacks,
        shared.vpc_arn.replace(aws.account, STRANGER): ("NOT_APPLICABLE", None, f"belongs to account {STRANGER}"),
        unknown.vpc_arn: ("ERROR", None, "interface type portal"),
        default_vpc(aws): IDLE,
    }


def endpoints_denied(aws: Cloud, service: str) -> Expected:
    table(aws)
    here = Endpoints(aws, True)
    denied(aws, "ec2:DescribeVpcEndpoints")
    denied_here = ("ERROR", None, "ec2:DescribeVpcEndpoints is denied")
    return {here.vpc_arn: denied_here, default_vpc(aws): IDLE}


@world(S3)
def test_s3_by_gateway_endpoints(aws: Cloud) -> Expected:
    return gateways(aws, "s3")


@world(S3)
def test_s3_by_interface_endpoints(aws: Cloud) -> Expected:
    return interfaces(aws, "s3")


@world(S3)
def test_what_is_no_endpoint_to_s3(aws: Cloud) -> Expected:
    return others(aws, "s3")


@world(S3)
def test_endpoints_to_s3_may_not_be_listed(aws: Cloud) -> Expected:
    return endpoints_denied(aws, "s3")


@world(DYNAMODB)
def test_dynamodb_by_gateway_endpoints(aws: Cloud) -> Expected:
    return gateways(aws, "dynamodb")


@world(DYNAMODB)
def test_dynamodb_by_interface_endpoints(aws: Cloud) -> Expected:
    return interfaces(aws, "dynamodb")


@world(DYNAMODB)
def test_no_tables_no_way_to_them(aws: Cloud) -> Expected:
    return dict.fromkeys((Endpoints(aws, True).vpc_arn, default_vpc(aws)), ("NOT_APPLICABLE", None, "no DynamoDB tables"))


@world(DYNAMODB)
def test_the_profile_may_ask_for_a_way_to_dynamodb(aws: Cloud) -> Expected:
    aws.facts(network={"endpoint_services": ["dynamodb"]})
    return {Endpoints(aws, True).vpc_arn: ("FAIL", "low", "no gateway endpoint to dynamodb"), default_vpc(aws): IDLE}


@world(DYNAMODB)
def test_tables_may_not_be_listed(aws: Cloud) -> Expected:
    denied(aws, "dynamodb:ListTables")
    return {default_vpc(aws): ("ERROR", None, "dynamodb:ListTables is denied")}


@world(S3, DYNAMODB, suite.test_vpc_interface_endpoints_for_used_services)
def test_no_vpcs(aws: Cloud) -> Expected:
    aws.simulated.instead("ec2:DescribeVpcs", lambda region, asked: {"Vpcs": []})
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no VPCs")}


# --- services that are used --------------------------------------------------------------------------------------------------------------------

USED = suite.test_vpc_interface_endpoints_for_used_services


def agents(aws: Cloud, *instances: str) -> None:
    """Let Systems Manager know the agents of these instances."""
    known = [{"InstanceId": each, "PingStatus": "ConnectionLost", "IsLatestVersion": True} for each in instances]
    aws.simulated.instead("ssm:DescribeInstanceInformation", lambda region, asked: {"InstanceInformationList": known})


@world(USED)
def test_services_that_the_profile_names(aws: Cloud) -> Expected:
    """An endpoint to ec2messages is none to ec2."""
    aws.facts(network={"endpoint_services": ["ec2", "kms"]})
    agents(aws)
    similar, both, idle, public = Endpoints(aws, True), Endpoints(aws, True), Endpoints(aws), Endpoints(aws)
    public.run(public.subnet_of(1, public.table_of(public=True)))
    public.id("kms", "Interface")
    similar.id("ec2messages", "Interface")
    similar.id("kms", "Interface", said={"State": "pending"})
    both.id("ec2", "Interface")
    both.id("kms-fips", "Interface")
    similar.route("0.0.0.0/0", NatGatewayId="nat-0123456789")
    unused = {(arn, service): IDLE for arn in (idle.vpc_arn, default_vpc(aws)) for service in ("ec2", "kms")}
    return {
        (similar.vpc_arn, "ec2"): ("FAIL", "low", "no endpoint to ec2"),
        (similar.vpc_arn, "kms"): ("FAIL", "low", "no endpoint to kms"),
        (both.vpc_arn, "ec2"): ("PASS", None, "through vpce-"),
        (both.vpc_arn, "kms"): "PASS",
        (public.vpc_arn, "ec2"): ("FAIL", "low", "no endpoint to ec2"),
        (public.vpc_arn, "kms"): "PASS",
        **unused,
    }


@world(USED)
def test_endpoints_that_vpcs_share(aws: Cloud) -> Expected:
    aws.facts(network={"endpoint_services": ["sts"], "endpoint_vpcs": ["tag:holds=endpoints", "vpc-0e15e0000"]})
    agents(aws)
    hub, near, far, apart = Endpoints(aws, net=9), Endpoints(aws, True, 1), Endpoints(aws, True, 2), Endpoints(aws, True, 3)
    hub.ec2.create_tags(Resources=[hub.vpc], Tags=[{"Key": "holds", "Value": "endpoints"}])
    endpoint = hub.id("sts", "Interface")
    near.route(hub.cidr, VpcPeeringConnectionId="pcx-0123456789")
    far.route("10.8.0.0/16", TransitGatewayId="tgw-0123456789")
    return {
        (near.vpc_arn, "sts"): ("PASS", None, f"through {endpoint} in {hub.vpc}", "network.endpoint_vpcs = tag:holds=endpoints"),
        (far.vpc_arn, "sts"): ("MANUAL", None, "an endpoint in vpc-0e15e0000"),
        (apart.vpc_arn, "sts"): ("FAIL", "medium", "no endpoint to sts"),
        (hub.vpc_arn, "sts"): "NOT_APPLICABLE",
        (default_vpc(aws), "sts"): "NOT_APPLICABLE",
    }


@world(USED)
def test_services_that_are_known_to_be_called(aws: Cloud) -> Expected:
    covered, dear, cut_off, unknown, functions, tasks = (Endpoints(aws) for _ in range(6))
    agents(aws, *(each.run(each.subnet) for each in (covered, dear, cut_off)))
    unknown.run(unknown.subnet)
    for service in ("ssm", "ssmmessages"):
        covered.id(service, "Interface")
    cut_off.id("ssm", "Interface")
    dear.route("0.0.0.0/0", NatGatewayId="nat-0123456789")
    functions.interface(Status="in-use", RequesterManaged=True, InterfaceType="lambda")
    task = "arn:aws:ecs:eu-west-1:123456789012:attachment/0123"
    tasks.interface(Status="in-use", RequesterManaged=True, Description=task)
    return {
        covered.vpc_arn: ("PASS", None, "known to call: ssm, ssmmessages"),
        dear.vpc_arn: ("MANUAL", None, "shall it reach ssm, ssmmessages through endpoints"),
        cut_off.vpc_arn: ("FAIL", "medium", "neither an endpoint nor a way out to ssmmessages"),
        unknown.vpc_arn: ("NOT_APPLICABLE", None, "which services it calls"),
        functions.vpc_arn: ("MANUAL", None, "the services that its functions call"),
        tasks.vpc_arn: ("FAIL", "medium", "a way out to ecr.api, ecr.dkr, logs"),
        default_vpc(aws): IDLE,
    }


@world(USED)
def test_no_service_has_to_be_reached_so(aws: Cloud) -> Expected:
    aws.facts(network={"endpoint_services": []})
    agents(aws)
    return {default_vpc(aws): ("NOT_APPLICABLE", None, "names none")}


@world(USED)
def test_agents_and_endpoints_may_not_be_asked(aws: Cloud) -> Expected:
    here = Endpoints(aws, True)
    denied(aws, "ssm:DescribeInstanceInformation")
    return {here.vpc_arn: ("ERROR", None, "ssm:DescribeInstanceInformation is denied"), default_vpc(aws): "NOT_APPLICABLE"}


@world(USED)
def test_endpoints_to_services_may_not_be_asked(aws: Cloud) -> Expected:
    aws.facts(network={"endpoint_services": ["ssm"]})
    agents(aws)
    here = Endpoints(aws, True)
    denied(aws, "ec2:DescribeVpcEndpoints")
    return {(here.vpc_arn, "ssm"): ("ERROR", None, "ec2:DescribeVpcEndpoints is denied"), (default_vpc(aws), "ssm"): "NOT_APPLICABLE"}


# --- interface endpoints -------------------------------------------------------------------------------------------------------------------

GROUPS, DNS = suite.test_vpc_endpoint_security_group_restricted, suite.test_vpc_interface_endpoint_private_dns


@world(GROUPS)
def test_whom_endpoints_admit(aws: Cloud) -> Expected:
    here = Endpoints(aws)
    app = here.group()
    narrow, private, wide = here.group(rule(443, groups=(app,))), here.group(rule(443, "10.0.0.0/16", "100.64.0.0/10")), here.group()
    here.ec2.authorize_security_group_ingress(GroupId=wide, IpPermissions=[rule(443, "0.0.0.0/0")])
    partner, other_port = here.group(rule(443, "198.51.100.0/24")), here.group(rule(80, groups=(app,)), rule(443, groups=(app,), protocol="udp"))
    halves = [here.group(rule(443, "0.0.0.0/1")), here.group(rule(443, "128.0.0.0/1"))]
    default = here.ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [here.vpc]}, {"Name": "group-name", "Values": ["default"]}])
    default_id = default["SecurityGroups"][0]["GroupId"]
    mail = here.group(rule(587, groups=(app,)))
    here.id("s3")
    here.guarded(wide, State="deleted")
    return {
        here.guarded(narrow): "PASS",
        here.guarded(private): "PASS",
        here.guarded(narrow, app): "PASS",
        here.guarded(mail, service="email-smtp"): "PASS",
        here.guarded(wide): ("FAIL", "medium", f"{wide} admits tcp 443 from 0.0.0.0/0"),
        here.guarded(narrow, partner): ("FAIL", "medium", f"{partner} admits the public 198.51.100.0/24"),
        here.guarded(*halves): ("FAIL", "medium", "admits"),
        here.guarded(narrow, default_id): ("FAIL", "low", f"in {default_id}, the VPC's default group"),
        here.guarded(default_id, wide): ("FAIL", "medium", "0.0.0.0/0"),
        here.guarded(other_port): ("FAIL", "low", "admit nobody on port 443"),
        here.guarded(wide, RequesterManaged=True): ("NOT_APPLICABLE", None, "managed by a service"),
    }


@world(GROUPS)
def test_groups_of_endpoints_that_can_not_be_told(aws: Cloud) -> Expected:
    """What is proven to be wrong counts all the same."""
    here = Endpoints(aws)
    app = here.group()
    listed = here.ec2.create_managed_prefix_list(PrefixListName="offices", MaxEntries=1, AddressFamily="IPv4", Entries=[{"Cidr": "10.0.0.0/8"}])[
        "PrefixList"
    ]["PrefixListId"]
    denied(aws, "ec2:GetManagedPrefixListEntries")
    unknown, world_too = here.group(rule(443, lists=(listed,))), here.group(rule(443, "0.0.0.0/0"), rule(80, lists=(listed,)))
    portless = here.group(rule(443, groups=(app,)))

    def change(region: str, parsed: Any) -> None:
        for group in parsed["SecurityGroups"]:
            if group["GroupId"] == portless:
                group["IpPermissions"][0].pop("FromPort")

    aws.simulated.over("ec2:DescribeSecurityGroups", change)
    return {
        here.guarded(unknown): ("ERROR", None, "ec2:GetManagedPrefixListEntries is denied"),
        here.guarded(world_too): ("FAIL", "medium", "0.0.0.0/0"),
        here.guarded(portless): ("ERROR", None, "does not say its ports"),
        here.guarded(app, Groups=[]): ("ERROR", None, "names no security groups"),
        here.guarded(app, Groups=[{"GroupId": "sg-0123456789"}]): ("ERROR", None, "sg-0123456789 not visible"),
    }


@world(DNS)
def test_names_that_lead_to_interface_endpoints(aws: Cloud) -> Expected:
    here, silent, deaf = Endpoints(aws), Endpoints(aws), Endpoints(aws)
    silent.ec2.modify_vpc_attribute(VpcId=silent.vpc, EnableDnsHostnames={"Value": False})
    deaf.ec2.modify_vpc_attribute(VpcId=deaf.vpc, EnableDnsSupport={"Value": False})
    plain, foreign = f"com.amazonaws.{REGION}.kms-fips", f"com.amazonaws.vpce.{REGION}.vpce-svc-0123456789abcdef0"

    def without_names(region: str, parsed: Any) -> None:
        for each in parsed["ServiceDetails"]:
            if each["ServiceName"] == plain:
                each.pop("PrivateDnsNames", None)

    aws.simulated.over("ec2:DescribeVpcEndpointServices", without_names)
    here.id("s3", "Interface", said={"State": "deleting"})
    nameless = {"PrivateDnsEnabled": False}
    silent.id("s3")
    return {
        here.arn("ssm", "Interface"): "PASS",
        here.arn("ssm", "Interface", **nameless): ("FAIL", "low", "has no private DNS"),
        here.arn("s3", "Interface", said=FOR_ALL): "PASS",
        here.arn("s3", "Interface", said={"DnsOptions": {"PrivateDnsOnlyForInboundResolverEndpoint": True}}): ("FAIL", "low", "from outside the VPC"),
        here.arn("s3", "Interface"): ("ERROR", None, "does not say"),
        silent.arn("s3", "Interface", **nameless): ("PASS", None, "those within go through vpce-"),
        silent.arn("ssm", "Interface"): ("FAIL", "low", "has no DNS hostnames"),
        deaf.arn("ssm", "Interface"): ("FAIL", "low", "has no DNS support"),
        here.arn(plain, "Interface", **nameless): ("NOT_APPLICABLE", None, "no private DNS names"),
        here.arn("ssm", "Interface", said={"ServiceName": foreign}): ("NOT_APPLICABLE", None, "no service of AWS"),
        here.arn("ssm", "Interface", said={"RequesterManaged": True}, **nameless): ("NOT_APPLICABLE", None, "managed by a service"),
    }


@world(DNS)
def test_names_that_can_not_be_told(aws: Cloud) -> Expected:
    here, other = Endpoints(aws), Endpoints(aws)

    def attribute(region: str, asked: Any) -> Any:
        value = {} if asked["VpcId"] == other.vpc else {"Value": True}
        return {asked["Attribute"][0].upper() + asked["Attribute"][1:]: value}

    aws.simulated.instead("ec2:DescribeVpcAttribute", attribute)
    without(aws, "ec2:DescribeVpcEndpointServices", "ServiceDetails", "ServiceType", lambda each: each["ServiceName"].endswith(".sqs"))
    return {
        here.arn("ssm", "Interface"): "PASS",
        here.arn("sqs", "Interface"): "ERROR",
        other.arn("ssm", "Interface"): ("ERROR", None, "without EnableDnsSupport"),
    }


@world(DNS)
def test_settings_of_vpcs_may_not_be_asked(aws: Cloud) -> Expected:
    denied(aws, "ec2:DescribeVpcAttribute")
    here = Endpoints(aws)
    return {
        here.arn("ssm", "Interface"): ("ERROR", None, "ec2:DescribeVpcAttribute is denied"),
        here.arn("ssm", "Interface", PrivateDnsEnabled=False): ("FAIL", "low", "has no private DNS"),
    }


@world(GROUPS, DNS)
def test_no_interface_endpoints(aws: Cloud) -> Expected:
    Endpoints(aws).id("s3")
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no interface endpoints")}


# --- buckets -------------------------------------------------------------------------------------------------------------------------------

BUCKET = suite.test_bucket_policy_restricts_to_vpc_endpoint
NOT_DENIED = ("FAIL", "high", "does not deny reading, writing and listing")


def bucket(aws: Cloud, name: str, *statements: dict[str, Any]) -> str:
    """The ARN of a bucket with this policy."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": aws.region})
    if statements:
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))
    return f"arn:aws:s3:::{name}"


def fence(name: str, condition: Any, action: Any = "s3:*", resource: Any = None, **more: Any) -> dict[str, Any]:
    """A Deny on a bucket and its objects."""
    both = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    return {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource or both, "Condition": condition} | more


@world(BUCKET)
def test_buckets_behind_an_endpoint(aws: Cloud) -> Expected:
    aws.facts(buckets={"vpc_only": ["vault-*"]}, trust={"networks": ["vpce-0e15e0000"]})
    here = Endpoints(aws)
    endpoint = here.id("s3")
    bucket(aws, "plain")
    _, sibling = organization_with_sibling(aws)
    through = equals("aws:SourceVpce", endpoint, "StringNotEquals")
    services = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}, "Bool": {"aws:ViaAWSService": "false"}}
    admin = {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{aws.account}:role/admin-*"}}

    def vault(suffix: str, *conditions: Any, **more: Any) -> str:
        name = f"vault-{suffix}"
        return bucket(aws, name, *(fence(name, condition, **more) for condition in conditions))

    return {
        vault("endpoint", through): "PASS",
        vault("vpc", equals("aws:SourceVpc", here.vpc, "StringNotEqualsIfExists")): "PASS",
        vault("either", {"StringNotEquals": {"aws:SourceVpce": [endpoint], "aws:SourceVpc": here.vpc}}): "PASS",
        vault("three-actions", through, action=["s3:Get*", "s3:PutObject", "s3:ListBucket"]): "PASS",
        vault("services", through | services): "PASS",
        vault("an-admin", through | admin): "PASS",
        vault("a-sibling", through | {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{sibling}:role/deploy"}}): "PASS",
        vault("elsewhere", equals("aws:SourceVpce", "vpce-0e15e0000", "StringNotEquals")): ("PASS", None, "trust.networks = vpce-0e15e0000"),
    }


@world(BUCKET)
def test_buckets_that_others_reach(aws: Cloud) -> Expected:
    aws.facts(buckets={"vpc_only": ["open-*"]})
    endpoint = Endpoints(aws).id("s3")
    through = equals("aws:SourceVpce", endpoint, "StringNotEquals")

    def open_(suffix: str, condition: Any, **more: Any) -> str:
        name = f"open-{suffix}"
        return bucket(aws, name, fence(name, condition, **more))

    anyone, own = f"arn:aws:iam::{aws.account}:role/*", f"arn:aws:iam::{aws.account}:root"
    return {
        bucket(aws, "open-none"): NOT_DENIED,
        open_("allowed", equals("aws:SourceVpce", endpoint), Effect="Allow"): NOT_DENIED,
        open_("turned-round", equals("aws:SourceVpce", endpoint)): NOT_DENIED,
        open_("any-endpoint", {"Null": {"aws:SourceVpce": "true"}}): NOT_DENIED,
        open_("office-too", through | {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}): NOT_DENIED,
        open_("any-role", through | {"ArnNotLike": {"aws:PrincipalArn": anyone}}): NOT_DENIED,
        open_("only-over-http", through | {"Bool": {"aws:SecureTransport": "false"}}): NOT_DENIED,
        open_("services-only", through | {"Bool": {"aws:ViaAWSService": "true"}}): NOT_DENIED,
        open_("listing", through, resource="arn:aws:s3:::open-listing/*"): NOT_DENIED,
        open_("reading", through, action=["s3:PutObject", "s3:ListBucket"]): NOT_DENIED,
        open_("writing", through, action=["s3:GetObject", "s3:ListBucket"]): NOT_DENIED,
        open_("one-principal", through, Principal={"AWS": own}): NOT_DENIED,
        open_("foreign", equals("aws:SourceVpce", "vpce-0ab5e0000", "StringNotEquals")): ("FAIL", "high", "not known to be the account's"),
    }


@world(BUCKET)
def test_buckets_by_their_tags(aws: Cloud) -> Expected:
    aws.facts(buckets={"vpc_only": ["tag:reach=vpc"]})
    tagged = bucket(aws, "tagged")
    bucket(aws, "untagged")
    aws.client("s3").put_bucket_tagging(Bucket="tagged", Tagging={"TagSet": [{"Key": "reach", "Value": "vpc"}]})
    return {tagged: NOT_DENIED}


@world(BUCKET)
def test_policies_of_buckets_may_not_be_asked(aws: Cloud) -> Expected:
    aws.facts(buckets={"vpc_only": ["vault"]})
    denied(aws, "s3:GetBucketPolicy")
    bucket(aws, "other")
    return {bucket(aws, "vault"): ("ERROR", None, "s3:GetBucketPolicy is denied")}


@world(BUCKET)
def test_tags_of_buckets_may_not_be_asked(aws: Cloud) -> Expected:
    aws.facts(buckets={"vpc_only": ["tag:reach=vpc"]})
    denied(aws, "s3:GetBucketTagging")
    return {bucket(aws, "other"): ("ERROR", None, "s3:GetBucketTagging is denied")}


@world(BUCKET)
def test_networks_may_not_be_listed(aws: Cloud) -> Expected:
    aws.facts(buckets={"vpc_only": ["vault"]})
    condition = equals("aws:SourceVpce", Endpoints(aws).id("s3"), "StringNotEquals")
    denied(aws, "ec2:DescribeVpcEndpoints")
    return {bucket(aws, "vault", fence("vault", condition)): ("ERROR", None, "ec2:DescribeVpcEndpoints is denied")}


@world(BUCKET)
def test_no_bucket_is_called_so(aws: Cloud) -> Expected:
    bucket(aws, "plain")
    denied(aws, "s3:GetBucketPolicy")
    return {aws.account_arn: ("NOT_APPLICABLE", None, "buckets.vpc_only")}


EDGES: dict[str, dict[str, Any]] = {
    "vpc_endpoint_policy_restricted": {
        "actions by name, own resources, principals, organization or network: PASS": test_policies_that_narrow_what_passes,
        "all actions, or all of a service, for everyone and everything: FAIL low": test_policies_that_let_everything_pass,
        "conditions that hold nobody; a Deny of less; no principal": test_policies_that_let_everything_pass,
        "interface endpoints: in the extended scope alone": (
            test_gateway_endpoints_alone_are_judged,
            test_interface_endpoints_are_judged_in_the_extended_scope,
        ),
        "no policies supported, private services, other types, requester-managed: NOT_APPLICABLE": (
            test_interface_endpoints_are_judged_in_the_extended_scope,
            test_gateway_endpoints_alone_are_judged,
        ),
        "gone: no finding": test_gateway_endpoints_alone_are_judged,
        "preproduction: NOT_APPLICABLE in place of FAIL": test_preproduction_may_leave_the_policy_that_aws_gives,
        "no endpoints: NOT_APPLICABLE": test_no_gateway_endpoints,
        "what can't be read: ERROR": (
            test_policies_that_can_not_be_read,
            test_endpoints_that_may_not_be_listed,
            test_what_services_support_may_not_be_asked,
        ),
    },
    "vpc_s3_endpoint": {
        "gateway endpoint in the tables of all private subnets in use: PASS": test_s3_by_gateway_endpoints,
        "none, tables that are missing, no private subnets: FAIL low": test_s3_by_gateway_endpoints,
        "databases, transit gateways and what is left over ask for none: NOT_APPLICABLE": test_s3_by_gateway_endpoints,
        "interface endpoint: with private DNS that works within the VPC": test_s3_by_interface_endpoints,
        "other services, states and regions do not count; shared VPCs": test_what_is_no_endpoint_to_s3,
        "no VPCs: NOT_APPLICABLE": test_no_vpcs,
        "what can't be read: ERROR": (test_endpoints_to_s3_may_not_be_listed, test_what_is_no_endpoint_to_s3),
    },
    "vpc_dynamodb_endpoint": {
        "as for S3, where there are tables": (test_dynamodb_by_gateway_endpoints, test_dynamodb_by_interface_endpoints),
        "no tables: NOT_APPLICABLE, unless the profile asks for it: FAIL": (
            test_no_tables_no_way_to_them,
            test_the_profile_may_ask_for_a_way_to_dynamodb,
        ),
        "tables that may not be listed: ERROR": test_tables_may_not_be_listed,
        "no VPCs: NOT_APPLICABLE": test_no_vpcs,
    },
    "vpc_endpoint_security_group_restricted": {
        "groups, private addresses: PASS": test_whom_endpoints_admit,
        "the world, by one group or several, a public range: FAIL medium": test_whom_endpoints_admit,
        "the default group, nobody on its port: FAIL low": test_whom_endpoints_admit,
        "requester-managed: NOT_APPLICABLE; gateways, and what is gone: no finding": test_whom_endpoints_admit,
        "no interface endpoints: NOT_APPLICABLE": test_no_interface_endpoints,
        "what can't be read: ERROR, or the FAIL that the rest proves": (
            test_groups_of_endpoints_that_can_not_be_told,
            test_endpoints_that_may_not_be_listed,
        ),
    },
    "vpc_interface_endpoint_private_dns": {
        "private DNS, and a VPC that resolves: PASS; without: FAIL low": test_names_that_lead_to_interface_endpoints,
        "for callers from outside, beside a gateway endpoint: PASS": test_names_that_lead_to_interface_endpoints,
        "services without private DNS, private services, requester-managed: NOT_APPLICABLE": test_names_that_lead_to_interface_endpoints,
        "no interface endpoints: NOT_APPLICABLE": test_no_interface_endpoints,
        "what can't be read: ERROR": (
            test_names_that_can_not_be_told,
            test_settings_of_vpcs_may_not_be_asked,
            test_endpoints_that_may_not_be_listed,
        ),
    },
    "bucket_policy_restricts_to_vpc_endpoint": {
        "a Deny unless by an own endpoint or VPC; services and single principals spared: PASS": test_buckets_behind_an_endpoint,
        "no such Deny, one that spares more, covers less, or names a foreign network: FAIL high": test_buckets_that_others_reach,
        "chosen by tags": test_buckets_by_their_tags,
        "none declared: NOT_APPLICABLE": test_no_bucket_is_called_so,
        "what can't be read: ERROR": (
            test_policies_of_buckets_may_not_be_asked,
            test_tags_of_buckets_may_not_be_asked,
            test_networks_may_not_be_listed,
        ),
    },
    "vpc_interface_endpoints_for_used_services": {
        "declared: an endpoint to the service by its whole name: PASS; only an ec2messages endpoint: FAIL": test_services_that_the_profile_names,
        "a VPC that shares its endpoints, and a route there: PASS, declared; not seen: MANUAL; no route: FAIL": test_endpoints_that_vpcs_share,
        "undeclared: all known are there: PASS; some not: MANUAL; and no way out: FAIL medium": test_services_that_are_known_to_be_called,
        "functions: MANUAL; not known, not in use, none named: NOT_APPLICABLE": (
            test_services_that_are_known_to_be_called,
            test_no_service_has_to_be_reached_so,
            test_no_vpcs,
        ),
        "what can't be read: ERROR": (test_agents_and_endpoints_may_not_be_asked, test_endpoints_to_services_may_not_be_asked),
    },
}
