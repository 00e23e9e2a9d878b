"""WKLD.10's checks, each shown to pass, to fail, and at its edges."""

from __future__ import annotations

from typing import Any

from tests.checks.test_acct_09 import Net as Named
from tests.checks.test_acct_09 import naming
from tests.checks.test_wkld_11 import Net, denied, rule, without
from tests.support.worlds import WORLDS, Cloud, Expected, built, judge, world
from tests_workload import test_wkld_10_private_subnets as suite

HAS_PRIVATE, MEANT = suite.test_vpc_has_private_subnet, suite.test_declared_private_subnet_is_private
AUTO, EGRESS = suite.test_private_subnet_no_auto_public_ip, suite.test_private_subnet_egress_through_nat
PLACED, ADDRESSED = suite.test_ec2_instance_in_private_subnet, suite.test_ec2_instance_no_public_ip
TEMPLATES, TASKS, FUNCTIONS = (
    suite.test_launch_template_no_auto_public_ip,
    suite.test_ecs_service_no_public_ip,
    suite.test_lambda_function_in_private_subnets,
)
ANYWHERE = "0.0.0.0/0"


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


def vpc_arn(aws: Cloud, vpc: str) -> str:
    return aws.arn("ec2", f"vpc/{vpc}")


def subnet_arn(aws: Cloud, subnet: str) -> str:
    return aws.arn("ec2", f"subnet/{subnet}")


def told(aws: Cloud, operation: str, key: str, name: str, identity: str, **fields: Any) -> None:
    """Let this be said of a resource in the list of an answer; what is None is left out."""

    def change(region: str, parsed: Any) -> None:
        for each in (each for each in parsed[key] if each[name] == identity):
            each.update(fields)
            for field in [field for field, value in fields.items() if value is None]:
                each.pop(field, None)

    aws.simulated.over(operation, change)


def tagged(net: Net, resource: str, **tags: str) -> None:
    net.ec2.create_tags(Resources=[resource], Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


def without_default_vpc(aws: Cloud) -> None:
    ec2 = aws.client("ec2")
    (default,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    for subnet in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [default["VpcId"]]}])["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=default["VpcId"])


def public_vpc(net: Net, cidr: str = "10.9.0.0/16") -> tuple[str, str]:
    """A VPC with one subnet, made public by the VPC's main table."""
    ec2 = net.ec2
    vpc = ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
    subnet: str = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr.replace("/16", "/24"))["Subnet"]["SubnetId"]
    open_main_table(net, vpc)
    return vpc, subnet


def open_main_table(net: Net, vpc: str) -> None:
    """Route what the VPC's main table routes to a new internet gateway."""
    gateway = net.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    net.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "association.main", "Values": ["true"]}]
    (main,) = net.ec2.describe_route_tables(Filters=filters)["RouteTables"]
    net.ec2.create_route(RouteTableId=main["RouteTableId"], DestinationCidrBlock=ANYWHERE, GatewayId=gateway)


class Tables:
    """Private subnets, each with a table of its own that sends the internet's traffic by some way."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.arns: list[str] = []

    def to(self, destination: str | None = ANYWHERE, **target: str) -> str:
        """A subnet whose table has such a route, if a destination is given; the ARN of the subnet."""
        ec2, number = self.net.ec2, len(self.arns) + 30
        subnet: str = ec2.create_subnet(VpcId=self.net.vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]["SubnetId"]
        table = ec2.create_route_table(VpcId=self.net.vpc)["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        if destination is not None:
            kind = "PrefixListId" if destination.startswith("pl-") else "Ipv6CidrBlock" if ":" in destination else "CidrBlock"
            ec2.create_route(RouteTableId=table, **{f"Destination{kind}": destination}, **target)
        self.arns.append(subnet_arn(self.net.aws, subnet))
        return self.arns[-1]

    def gateway(self, subnet: str, **asked: str) -> str:
        """A NAT gateway."""
        address = {} if asked else {"AllocationId": self.net.ec2.allocate_address(Domain="vpc")["AllocationId"]}
        found: str = self.net.ec2.create_nat_gateway(SubnetId=subnet, **address, **asked)["NatGateway"]["NatGatewayId"]
        return found

    def said(self, arn: str, **fields: Any) -> None:
        """Let this be said of the route that a subnet's table sends the internet's traffic by; what is None is left out."""

        def change(region: str, parsed: Any) -> None:
            for table in parsed["RouteTables"]:
                if any(each.get("SubnetId") == arn.rpartition("/")[2] for each in table["Associations"]):
                    table["Routes"][-1].update(fields)
                    for name in [name for name, value in fields.items() if value is None]:
                        table["Routes"][-1].pop(name, None)

        self.net.aws.simulated.over("ec2:DescribeRouteTables", change)


@world(HAS_PRIVATE)
def test_vpc_with_private_subnets_passes_whatever_the_default_vpcs_main_table_says(aws: Cloud) -> Expected:
    """Other tools take the main table of another VPC for this one's."""
    net = Net(aws)
    (default,) = net.ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    open_main_table(net, default["VpcId"])
    isolated = net.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    only = net.ec2.create_subnet(VpcId=isolated, CidrBlock="10.1.0.0/24")["Subnet"]["SubnetId"]
    bare = net.ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    return {
        vpc_arn(aws, default["VpcId"]): ("NOT_APPLICABLE", "medium", "nothing is in it"),
        vpc_arn(aws, net.vpc): ("PASS", "medium", "2 subnets are private"),
        vpc_arn(aws, isolated): ("PASS", "medium", f"{only} is private"),
        vpc_arn(aws, bare): ("NOT_APPLICABLE", "medium", "it has no subnets"),
    }


@world(HAS_PRIVATE)
def test_vpc_with_public_subnets_alone_fails_if_something_is_in_it(aws: Cloud) -> Expected:
    """An interface tells of an instance, the function's own settings of a function that sleeps; NAT alone is nothing that somebody runs."""
    net = Net(aws)
    (default,) = net.ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    (runs, in_runs), (sleeps, in_sleeps), (empty, _), (passes, in_passes) = (public_vpc(net, f"10.{n}.0.0/16") for n in range(3, 7))
    launched(net, in_runs)
    function(aws, "thumbnails", in_sleeps)
    address = net.ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = net.ec2.create_nat_gateway(SubnetId=in_passes, AllocationId=address)["NatGateway"]
    interface = gateway["NatGatewayAddresses"][0]["NetworkInterfaceId"]
    # moto calls it an interface like any other.
    told(aws, "ec2:DescribeNetworkInterfaces", "NetworkInterfaces", "NetworkInterfaceId", interface, InterfaceType="natGateway")
    shared = net.ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    told(aws, "ec2:DescribeVpcs", "Vpcs", "VpcId", shared, OwnerId="999988887777")
    return {
        vpc_arn(aws, default["VpcId"]): "PASS",
        vpc_arn(aws, net.vpc): "PASS",
        vpc_arn(aws, runs): ("FAIL", "medium", "all its subnets are public, with 1 network interface in it", f"{in_runs}: rtb-", "(main) routes"),
        vpc_arn(aws, sleeps): ("FAIL", "medium", "thumbnails in it"),
        vpc_arn(aws, empty): ("NOT_APPLICABLE", "medium", "nothing is in it"),
        vpc_arn(aws, passes): ("NOT_APPLICABLE", "medium", "nothing is in it"),
        aws.arn("ec2", f"vpc/{shared}").replace(aws.account, "999988887777"): ("NOT_APPLICABLE", "medium", "belongs to account 999988887777"),
    }


def function(aws: Cloud, name: str, *subnets: str) -> str:
    """A function in these subnets."""
    aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    group = aws.client("ec2").describe_security_groups()["SecurityGroups"][0]["GroupId"]
    place = {"VpcConfig": {"SubnetIds": list(subnets), "SecurityGroupIds": [group]}} if subnets else {}
    found: str = aws.client("lambda").create_function(
        FunctionName=name, Role=f"arn:aws:iam::{aws.account}:role/{name}", Runtime="python3.13", Handler="a.b", Code={"ZipFile": b"x"}, **place
    )["FunctionArn"]
    return found


@world(HAS_PRIVATE)
def test_vpc_of_which_one_subnet_cannot_be_placed_fails_for_nobody_and_passes_by_another(aws: Cloud) -> Expected:
    """A default VPC that is in use is judged like any other; VPC Block Public Access makes all of its subnets private."""
    net = Net(aws)
    (default,) = net.ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    open_main_table(net, default["VpcId"])
    (first, *_) = net.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [default["VpcId"]]}])["Subnets"]
    launched(net, first["SubnetId"])
    blocked, in_blocked = public_vpc(net)
    launched(net, in_blocked)
    states = {"InternetGatewayBlockMode": "block-bidirectional"}
    told(aws, "ec2:DescribeSubnets", "Subnets", "SubnetId", in_blocked, BlockPublicAccessStates=states)
    odd, in_odd = public_vpc(net, "10.7.0.0/16")
    told(aws, "ec2:DescribeRouteTables", "RouteTables", "VpcId", odd, Associations=[])
    return {
        vpc_arn(aws, default["VpcId"]): ("FAIL", "medium", "all its subnets are public, with 1 network interface in it"),
        vpc_arn(aws, net.vpc): "PASS",
        vpc_arn(aws, blocked): ("PASS", "medium", f"{in_blocked} is private"),
        vpc_arn(aws, odd): ("ERROR", "medium", f"route table of {in_odd} not visible"),
    }


@world(HAS_PRIVATE)
def test_vpc_in_which_something_is_without_an_interface_fails(aws: Cloud) -> Expected:
    """Each of some VPCs is that of one service, which alone names its subnet, such as one of ECS that runs nothing now; the last one is the others'."""
    net = Net(aws)
    (default,) = net.ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    named = Named(aws)
    # Those of which more is asked than a list.
    services = ("ecs", "eks", "codebuild", "elasticfilesystem", "mq", "es", "others")
    vpcs = {service: public_vpc(net, f"10.{100 + number}.0.0/16") for number, service in enumerate(services)}

    def subnet(name: str) -> str:
        return vpcs.get(name.partition(" ")[0], vpcs["others"])[1]

    for operation, answer in naming(named, subnet, lambda name: "sg-1").items():
        if not operation.startswith("ec2:"):
            named.answer(operation, answer)
    return {
        vpc_arn(aws, default["VpcId"]): "PASS",
        vpc_arn(aws, net.vpc): "PASS",
        **{vpc_arn(aws, vpc): ("FAIL", "medium", "all its subnets are public, with ") for vpc, _ in vpcs.values()},
    }


@world(HAS_PRIVATE)
def test_no_vpcs(aws: Cloud) -> Expected:
    without_default_vpc(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no VPCs")}


@world(HAS_PRIVATE)
def test_denied_interfaces_are_an_error_only_where_all_subnets_are_public(aws: Cloud) -> Expected:
    net = Net(aws)
    without_default_vpc(aws)
    vpc, _ = public_vpc(net)
    denied(aws, "ec2:DescribeNetworkInterfaces")
    return {vpc_arn(aws, net.vpc): "PASS", vpc_arn(aws, vpc): ("ERROR", "medium", "allow ec2:DescribeNetworkInterfaces")}


CDK = "aws-cdk:subnet-type"


def in_default_vpc(aws: Cloud, says: Any) -> Expected:
    """What is to be said of the three subnets of moto's default VPC, which no route leads into."""
    found = aws.client("ec2").describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    return {subnet_arn(aws, each["SubnetId"]): says for each in found}


@world(MEANT)
def test_subnet_that_the_profile_calls_private_must_be_private(aws: Cloud) -> Expected:
    """It fails also where it got there by the main table; in both lists it stays in the one that asks for more."""
    aws.facts(network={"private_subnets": ["tag:tier=private", "subnet-*"], "public_subnets": ["tag:edge=*"]})
    net = Net(aws)
    without_default_vpc(aws)
    _, forgotten = public_vpc(net)
    blocked, edge = net.public
    tagged(net, net.private[0], tier="private")
    tagged(net, edge, edge="yes")
    states = {"InternetGatewayBlockMode": "block-ingress"}
    told(aws, "ec2:DescribeSubnets", "Subnets", "SubnetId", blocked, BlockPublicAccessStates=states)
    return {
        subnet_arn(aws, net.private[0]): ("PASS", "high", "private (network.private_subnets = tag:tier=private): rtb-", "(main)"),
        subnet_arn(aws, net.private[1]): ("PASS", "high", "private (network.private_subnets = subnet-*)"),
        subnet_arn(aws, blocked): ("PASS", "high", "blocked by VPC Block Public Access (block-ingress)"),
        subnet_arn(aws, edge): ("FAIL", "high", "meant to be private (network.private_subnets = subnet-*), but public", "(explicit association)"),
        subnet_arn(aws, forgotten): ("FAIL", "high", "(main) routes 0.0.0.0/0 to igw-"),
    }


@world(MEANT)
def test_subnet_that_a_tool_calls_private_must_be_private(aws: Cloud) -> Expected:
    """The profile wins over tags; CDK's wins over that of Kubernetes, of whose two neither counts beside the other."""
    aws.facts(network={"public_subnets": ["tag:edge=*"]})
    net = Net(aws)
    without_default_vpc(aws)
    vpc, isolated = public_vpc(net)
    subnets = [net.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24")["Subnet"]["SubnetId"] for n in range(1, 7)]
    both, public, internal, declared, odd, untold = subnets
    tagged(net, net.private[0], **{CDK: "Private"})
    tagged(net, isolated, **{CDK: "Isolated"})
    tagged(net, both, **{"kubernetes.io/role/elb": "1", "kubernetes.io/role/internal-elb": "1"})
    tagged(net, public, **{CDK: "Public", "kubernetes.io/role/internal-elb": "1"})
    tagged(net, internal, **{"kubernetes.io/role/internal-elb": ""})
    tagged(net, declared, **{CDK: "Private", "edge": "yes"})
    tagged(net, odd, **{CDK: "Intra"})
    tagged(net, untold, **{"Name": "private", "kubernetes.io/role/internal-elb": "0"})
    nobody = ("NOT_APPLICABLE", "high", "nobody says that it is to be private")
    return {
        subnet_arn(aws, net.private[0]): ("PASS", "high", "private (aws-cdk:subnet-type = Private)"),
        subnet_arn(aws, net.private[1]): nobody,
        **{subnet_arn(aws, each): nobody for each in (*net.public, both, public, untold)},
        subnet_arn(aws, isolated): ("FAIL", "high", "meant to be private (aws-cdk:subnet-type = Isolated), but public: rtb-"),
        subnet_arn(aws, internal): ("FAIL", "high", "meant to be private (kubernetes.io/role/internal-elb), but public"),
        subnet_arn(aws, declared): ("NOT_APPLICABLE", "high", "a public subnet (network.public_subnets = tag:edge=*)"),
        subnet_arn(aws, odd): ("ERROR", "high", "is tagged aws-cdk:subnet-type with what this tool does not know"),
    }


@world(MEANT)
def test_subnet_behind_a_firewall_is_public_if_the_internet_gateway_leads_back_to_it(aws: Cloud) -> Expected:
    """A firewall without a way back lets nobody in; a carrier gateway does as an internet gateway does, and a dead route does not."""
    aws.facts(network={"private_subnets": ["subnet-*"]})
    net = Net(aws)
    without_default_vpc(aws)
    tables = Tables(net)
    gateway = next(each["InternetGatewayId"] for each in net.ec2.describe_internet_gateways()["InternetGateways"])
    inspected, alone, wavelength, dead, local = (tables.to(GatewayId=gateway) for _ in range(5))
    tables.said(inspected, GatewayId="vpce-1")
    tables.said(alone, GatewayId="vpce-1")
    tables.said(wavelength, GatewayId=None, CarrierGatewayId="cagw-1")
    tables.said(dead, GatewayId=gateway, State="blackhole")
    tables.said(local, GatewayId="vpce-1", DestinationCidrBlock="10.0.0.0/8")
    edge = net.ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"]

    def of_gateway(region: str, parsed: Any) -> None:
        for table in (each for each in parsed["RouteTables"] if each["RouteTableId"] == edge):
            table["Associations"] = [{"Main": False, "RouteTableAssociationId": "rtbassoc-edge", "GatewayId": gateway}]
            table["Routes"] += [
                {"DestinationCidrBlock": cidr, "GatewayId": "vpce-1", "State": state}
                for cidr, state in {"10.0.30.0/24": "active", "10.0.31.0/24": "blackhole", "10.0.34.0/24": "active"}.items()
            ]

    aws.simulated.over("ec2:DescribeRouteTables", of_gateway)
    return {
        **{subnet_arn(aws, each): "PASS" for each in net.private},
        **{subnet_arn(aws, each): "FAIL" for each in net.public},
        inspected: ("FAIL", "high", f"{edge} of {gateway} routes 10.0.30.0/24 back to vpce-1: public through inspection"),
        alone: ("PASS", "high", "has no active route to an attached internet gateway"),
        wavelength: ("FAIL", "high", "routes 0.0.0.0/0 to cagw-1"),
        dead: ("PASS", "high", f"0.0.0.0/0 to {gateway} is a blackhole"),
        local: "PASS",
    }


def commands(check: Any, world: str) -> dict[str, str]:
    """What a check says how to mend each resource of a world."""
    with built(next(each for each in WORLDS if each.name == world)) as (aws, _):
        return {found.resource: f"{found.reason}: {found.remediation}" for found in judge(check, aws) if found.remediation}


def test_the_command_changes_the_association_that_is_there() -> None:
    """A subnet that names its table is given another; one that falls back on the main table is given one."""
    found = commands(MEANT, test_subnet_that_the_profile_calls_private_must_be_private.__name__).values()
    main, explicit = sorted(found, key=lambda each: "(explicit association)" in each)
    assert "replace-route-table-association --region eu-west-1 --association-id rtbassoc-" in explicit
    assert "associate-route-table --region eu-west-1 --subnet-id subnet-" in main


def test_the_command_replaces_the_route_that_is_wrong() -> None:
    found = commands(EGRESS, test_way_out_through_a_nat_gateway.__name__).values()
    (nat64,) = (each for each in found if each.startswith("64:ff9b::/96"))
    assert "--destination-ipv6-cidr-block 64:ff9b::/96 --nat-gateway-id NAT_GATEWAY  # NAT_GATEWAY of: aws ec2 create-nat-gateway" in nat64
    others = [each for each in found if each is not nat64]
    assert others
    assert all("replace-route --region eu-west-1 --route-table-id rtb-" in each for each in others)
    assert all("--destination-cidr-block 0.0.0.0/0 --nat-gateway-id NAT_GATEWAY" in each for each in others)
    listed = commands(EGRESS, test_way_out_for_what_a_prefix_list_holds.__name__).values()
    assert all("--destination-prefix-list-id pl-" in each for each in listed)


def test_the_command_takes_the_address_away_by_its_kind() -> None:
    elastic, given = sorted(commands(ADDRESSED, test_public_address_fails_wherever_it_is.__name__).values(), key=lambda each: "modify" in each)
    assert "disassociate-address --region eu-west-1 --association-id eipassoc-" in elastic
    assert "modify-network-interface-attribute --region eu-west-1 --network-interface-id eni-" in given
    (v6,) = commands(ADDRESSED, test_ipv6_address_fails_where_it_is_routed.__name__).values()
    assert "unassign-ipv6-addresses --region eu-west-1 --network-interface-id eni-" in v6
    assert v6.endswith("--ipv6-addresses 2600:1f18::5")


@world(MEANT, AUTO, EGRESS)
def test_no_subnets(aws: Cloud) -> Expected:
    without_default_vpc(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no subnets")}


@world(MEANT)
def test_table_of_another_accounts_subnet_is_not_visible(aws: Cloud) -> Expected:
    """Whoever calls it private wants to know, whosever it is."""
    aws.facts(network={"private_subnets": ["tag:tier=private"]})
    net = Net(aws)
    without_default_vpc(aws)
    for subnet in (*net.private, *net.public):
        tagged(net, subnet, tier="private")
        told(aws, "ec2:DescribeSubnets", "Subnets", "SubnetId", subnet, OwnerId="999988887777")
    aws.simulated.over("ec2:DescribeRouteTables", lambda region, parsed: parsed["RouteTables"].clear())
    theirs = [subnet_arn(aws, subnet).replace(aws.account, "999988887777") for subnet in (*net.private, *net.public)]
    return dict.fromkeys(theirs, ("ERROR", "high", "not visible"))


@world(AUTO)
def test_private_subnet_that_gives_public_addresses_fails(aws: Cloud) -> Expected:
    """So does a public one that is meant to be private. The others' load balancers live of what they give."""
    aws.facts(network={"public_subnets": ["tag:edge=*"]})
    net = Net(aws)
    _, meant = public_vpc(net)
    more = [net.ec2.create_subnet(VpcId=net.vpc, CidrBlock=f"10.0.{n}.0/24")["Subnet"]["SubnetId"] for n in range(20, 23)]
    shared, declared, ipv6 = more
    tagged(net, meant, **{CDK: "Private"})
    tagged(net, declared, edge="yes")
    for subnet in (net.private[0], net.public[0], meant, shared, declared):
        net.ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    told(aws, "ec2:DescribeSubnets", "Subnets", "SubnetId", ipv6, AssignIpv6AddressOnCreation=True)
    told(aws, "ec2:DescribeSubnets", "Subnets", "SubnetId", shared, OwnerId="999988887777")
    public = ("NOT_APPLICABLE", "medium", "a public subnet, of which the guide does not ask it")
    return {
        **in_default_vpc(aws, ("NOT_APPLICABLE", "medium", "nothing is in this default VPC")),
        subnet_arn(aws, net.private[0]): ("FAIL", "medium", "private, but gives a public IPv4 address to what is launched into it"),
        subnet_arn(aws, net.private[1]): "PASS",
        subnet_arn(aws, net.public[0]): public,
        subnet_arn(aws, net.public[1]): public,
        subnet_arn(aws, meant): ("FAIL", "medium", "meant to be private (aws-cdk:subnet-type = Private), but gives"),
        subnet_arn(aws, shared).replace(aws.account, "999988887777"): ("NOT_APPLICABLE", "medium", "belongs to account 999988887777"),
        subnet_arn(aws, declared): ("NOT_APPLICABLE", "medium", "a public subnet (network.public_subnets = tag:edge=*)"),
        subnet_arn(aws, ipv6): ("PASS", "medium", "the IPv6 addresses that it gives are out of reach"),
    }


@world(AUTO)
def test_private_subnets_of_a_default_vpc_are_judged_once_something_is_in_it(aws: Cloud) -> Expected:
    net = Net(aws)
    expected = in_default_vpc(aws, ("FAIL", "medium", "private, but gives a public IPv4 address"))
    launched(net, next(iter(expected)).rpartition("/")[2])
    public = {subnet_arn(aws, each): "NOT_APPLICABLE" for each in net.public}
    return {**expected, **{subnet_arn(aws, each): "PASS" for each in net.private}, **public}


@world(AUTO)
def test_subnet_is_an_error_where_its_table_or_its_vpc_is_not_told(aws: Cloud) -> Expected:
    """Of one that is meant to be private nothing more has to be known."""
    aws.facts(network={"private_subnets": ["tag:tier=private"]})
    net = Net(aws)
    tagged(net, net.private[0], tier="private")
    denied(aws, "ec2:DescribeInternetGateways")
    denied(aws, "ec2:DescribeVpcs")
    return {
        **in_default_vpc(aws, ("ERROR", "medium", "allow ec2:DescribeVpcs")),
        **{subnet_arn(aws, each): ("ERROR", "medium", "allow ec2:DescribeInternetGateways") for each in net.public},
        **{subnet_arn(aws, each): "PASS" for each in net.private},
    }


def beside(aws: Cloud, net: Net) -> Expected:
    """The subnets that every network of these worlds has: public ones, and private ones without a way out."""
    isolated = ("PASS", "medium", "isolated: no route leads to the internet")
    found = {subnet_arn(aws, each): ("NOT_APPLICABLE", "medium", "a public subnet") for each in net.public}
    return {**in_default_vpc(aws, isolated), **found, **{subnet_arn(aws, each): isolated for each in net.private}}


@world(EGRESS)
def test_way_out_through_a_nat_gateway(aws: Cloud) -> Expected:
    """One that is private itself leads to other networks; one of a whole region has no subnet."""
    net = Net(aws)
    tables = Tables(net)
    good, inside, gone, regional, odd = (tables.gateway(subnet) for subnet in (net.public[0], net.private[0], *[net.public[0]] * 3))
    private, pending = tables.gateway(net.private[0], ConnectivityType="private"), tables.gateway(net.public[0])
    expected = {
        tables.to(NatGatewayId=good): ("PASS", "medium", f"0.0.0.0/0 goes to the NAT gateway {good}"),
        tables.to("0.0.0.0/1", NatGatewayId=good): "PASS",
        tables.to(NatGatewayId=pending): "PASS",
        tables.to(NatGatewayId=private): ("PASS", "medium", f"the private NAT gateway {private}"),
        tables.to(NatGatewayId=regional): ("PASS", "medium", f"the regional NAT gateway {regional}"),
        tables.to(NatGatewayId=inside): ("FAIL", "medium", f"{inside}, which is in the private subnet {net.private[0]}"),
        tables.to("64:ff9b::/96", NatGatewayId=inside): ("FAIL", "medium", "64:ff9b::/96 goes to the NAT gateway"),
        tables.to(NatGatewayId=gone): ("FAIL", "medium", f"{gone}, which is deleted"),
        tables.to(NatGatewayId=odd): ("ERROR", "medium", "names no subnet"),
    }
    net.ec2.delete_nat_gateway(NatGatewayId=gone)
    gateways = "ec2:DescribeNatGateways", "NatGateways", "NatGatewayId"
    told(aws, *gateways, regional, AvailabilityMode="regional", SubnetId=None)
    told(aws, *gateways, odd, SubnetId=None)
    told(aws, *gateways, pending, State="pending")
    unsure = tables.gateway(net.private[0])
    told(aws, *gateways, unsure, NatGatewayAddresses=[])
    expected[tables.to(NatGatewayId=unsure)] = ("ERROR", "medium", "does not say whether it is public")
    return {**beside(aws, net), **expected}


@world(EGRESS)
def test_way_out_through_a_nat_instance(aws: Cloud) -> Expected:
    """It runs, passes on what is not for it, as it or its interface says, and is in a public subnet."""
    net = Net(aws)
    tables = Tables(net)
    nat, by_interface, strict, stopped = (launched(net, net.public[0]) for _ in range(4))
    inside, hidden = (launched(net, net.private[0]) for _ in range(2))
    for instance in (nat, stopped, inside, hidden):
        net.ec2.modify_instance_attribute(InstanceId=instance, SourceDestCheck={"Value": False})
    interfaces = net.ec2.describe_network_interfaces()["NetworkInterfaces"]
    (interface,) = (each["NetworkInterfaceId"] for each in interfaces if each["Attachment"]["InstanceId"] == by_interface)
    net.ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, SourceDestCheck={"Value": False})
    spare = net.ec2.create_network_interface(SubnetId=net.public[0])["NetworkInterface"]["NetworkInterfaceId"]
    expected = {
        tables.to(InstanceId=nat): ("PASS", "medium", f"0.0.0.0/0 goes to the NAT instance {nat}"),
        tables.to(NetworkInterfaceId=interface): ("PASS", "medium", f"the NAT instance {interface}"),
        tables.to(InstanceId=strict): ("FAIL", "medium", f"{strict}, which passes on nothing that is not for it"),
        tables.to(InstanceId=stopped): ("FAIL", "medium", f"{stopped}, which is stopped"),
        tables.to(InstanceId=inside): ("FAIL", "medium", f"{inside}, which is in a private subnet"),
        tables.to(NetworkInterfaceId=spare): ("FAIL", "medium", f"{spare}, which is on no instance"),
        tables.to("10.0.99.0/24", InstanceId=strict): ("PASS", "medium", "isolated"),
        tables.to(InstanceId=hidden): ("ERROR", "medium", f"no network interface of {hidden} is visible"),
    }
    net.ec2.stop_instances(InstanceIds=[stopped])

    def shown(region: str, parsed: Any) -> None:
        parsed["NetworkInterfaces"] = [each for each in parsed["NetworkInterfaces"] if (each.get("Attachment") or {}).get("InstanceId") != hidden]

    aws.simulated.over("ec2:DescribeNetworkInterfaces", shown)
    return {**beside(aws, net), **expected}


@world(EGRESS)
def test_way_out_by_anything_else(aws: Cloud) -> Expected:
    """What leaves from another network, or for IPv6 without a way in, is allowed; what is dead or leads past NAT is not."""
    net = Net(aws)
    tables = Tables(net)
    gateway = net.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    routes = {
        name: tables.to(destination, GatewayId=gateway)
        for name, destination in {
            **dict.fromkeys(
                ("transit", "vpn", "peering", "core", "firewall", "unattached", "dead", "filtered", "odd", "strange", "untold"), ANYWHERE
            ),
            "ipv6": "::/0",
            "closed": ANYWHERE,
        }.items()
    }
    targets: dict[str, dict[str, Any]] = {
        "transit": {"TransitGatewayId": "tgw-1"},
        "vpn": {"GatewayId": "vgw-1"},
        "peering": {"VpcPeeringConnectionId": "pcx-1"},
        "core": {"CoreNetworkArn": "arn:aws:networkmanager::1:core-network/core-network-1"},
        "firewall": {"GatewayId": "vpce-1"},
        "dead": {"NatGatewayId": "nat-1", "State": "blackhole"},
        "filtered": {"TransitGatewayId": "tgw-1", "State": "filtered"},
        "odd": {"GatewayId": "xgw-1"},
        "strange": {"IpAddress": "10.0.0.1"},
        "ipv6": {"EgressOnlyInternetGatewayId": "eigw-1"},
    }
    for name, target in targets.items():
        tables.said(routes[name], **{"GatewayId": None, **target})
    tables.said(routes["untold"], GatewayId=None)
    states = {"InternetGatewayBlockMode": "block-bidirectional"}
    told(aws, "ec2:DescribeSubnets", "Subnets", "SubnetId", routes["closed"].rpartition("/")[2], BlockPublicAccessStates=states)
    elsewhere = ("PASS", "medium", "egress is elsewhere")
    shared = tables.to(None)
    told(aws, "ec2:DescribeSubnets", "Subnets", "SubnetId", shared.rpartition("/")[2], OwnerId="999988887777")
    expected = {
        **{routes[name]: elsewhere for name in ("transit", "vpn", "peering", "core", "firewall")},
        routes["ipv6"]: ("PASS", "medium", "::/0 goes to the egress-only gateway eigw-1"),
        routes["closed"]: ("PASS", "medium", "which VPC Block Public Access closes"),
        routes["unattached"]: ("FAIL", "medium", f"0.0.0.0/0 goes to {gateway}, which is not attached"),
        routes["dead"]: ("FAIL", "medium", "0.0.0.0/0 goes to nat-1, which is gone"),
        routes["filtered"]: ("ERROR", "medium", "is filtered"),
        routes["odd"]: ("ERROR", "medium", "of a kind that this tool does not know"),
        routes["strange"]: ("ERROR", "medium", "of a kind that this tool does not know"),
        routes["untold"]: ("ERROR", "medium", "to a kind of target that this tool does not know"),
        shared.replace(aws.account, "999988887777"): ("NOT_APPLICABLE", "medium", "belongs to account 999988887777"),
    }
    return {**beside(aws, net), **expected}


@world(EGRESS)
def test_way_out_for_what_a_prefix_list_holds(aws: Cloud) -> Expected:
    """Before an endpoint it is a service of AWS; anywhere else it counts if it holds public addresses."""
    net = Net(aws)
    tables = Tables(net)
    strict = launched(net, net.private[0])

    def listed(cidr: str) -> str:
        asked = {"PrefixListName": cidr, "MaxEntries": 1, "AddressFamily": "IPv4", "Entries": [{"Cidr": cidr}]}
        found: str = net.ec2.create_managed_prefix_list(**asked)["PrefixList"]["PrefixListId"]
        return found

    world_wide, office = listed(ANYWHERE), listed("10.8.0.0/16")
    shown = net.ec2.describe_managed_prefix_lists()["PrefixLists"]
    of_aws = next(each["PrefixListId"] for each in shown if each["OwnerId"] == "AWS")
    to_service, unnamed = tables.to(InstanceId=strict), tables.to(InstanceId=strict)
    tables.said(to_service, DestinationCidrBlock=None, DestinationPrefixListId="pl-68a54001", InstanceId=None, GatewayId="vpce-1")
    tables.said(unnamed, DestinationCidrBlock=None)
    expected = {
        tables.to(world_wide, InstanceId=strict): ("FAIL", "medium", f"{world_wide} goes to {strict}, which passes on nothing"),
        tables.to(office, InstanceId=strict): ("PASS", "medium", "isolated"),
        tables.to(of_aws, InstanceId=strict): ("FAIL", "medium", f"{of_aws} goes to {strict}"),
        to_service: ("PASS", "medium", "isolated"),
        unnamed: ("ERROR", "medium", "does not say for which addresses"),
    }
    return {**beside(aws, net), **expected}


@world(EGRESS)
def test_broken_way_out_of_an_empty_default_vpc_is_no_concern(aws: Cloud) -> Expected:
    """That VPC is to go. Whoever runs something in it is told."""
    net = Net(aws)
    (default,) = net.ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    gateway = net.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    filters = [{"Name": "vpc-id", "Values": [default["VpcId"]]}]
    (main,) = net.ec2.describe_route_tables(Filters=filters)["RouteTables"]
    net.ec2.create_route(RouteTableId=main["RouteTableId"], DestinationCidrBlock=ANYWHERE, GatewayId=gateway)
    return {**beside(aws, net), **in_default_vpc(aws, ("NOT_APPLICABLE", "medium", "nothing is in this default VPC"))}


@world(EGRESS)
def test_way_out_is_an_error_where_what_it_leads_to_is_not_told(aws: Cloud) -> Expected:
    net = Net(aws)
    tables = Tables(net)
    gateway, instance = tables.gateway(net.public[0]), launched(net, net.public[0])
    net.ec2.modify_instance_attribute(InstanceId=instance, SourceDestCheck={"Value": False})
    through, by_instance = tables.to(NatGatewayId=gateway), tables.to(InstanceId=instance)
    denied(aws, "ec2:DescribeNatGateways")
    denied(aws, "ec2:DescribeInstances")
    return {
        **beside(aws, net),
        through: ("ERROR", "medium", "allow ec2:DescribeNatGateways"),
        by_instance: ("ERROR", "medium", "allow ec2:DescribeInstances"),
    }


@world(ADDRESSED)
def test_public_address_fails_wherever_it_is(aws: Cloud) -> Expected:
    """In a private subnet it is the mistake that the guide warns of: nothing comes through to it, yet."""
    net = Net(aws)
    good, bad, elastic, service = (
        net.instance(net.group()),
        net.instance(net.group(), public=True),
        launched(net, net.private[0]),
        net.instance(net.group(), public=True),
    )
    address = net.ec2.allocate_address(Domain="vpc")
    net.ec2.associate_address(InstanceId=elastic, AllocationId=address["AllocationId"])
    gone = net.instance(net.group(), public=True)
    net.ec2.terminate_instances(InstanceIds=[gone])
    said(aws, bad, Tags=[{"Key": "eks:nodegroup-name", "Value": "web"}])
    said(aws, service, Operator={"Managed": True, "Principal": "eks.amazonaws.com"})
    return {
        arn(aws, good): ("PASS", "high", "No instance has a public address"),
        arn(aws, bad): ("FAIL", "high", "public address ", "(of eks:nodegroup-name = web)"),
        arn(aws, elastic): ("FAIL", "medium", f"public address {address['PublicIp']}, in a private subnet"),
        arn(aws, service): ("NOT_APPLICABLE", "high", "managed by eks.amazonaws.com"),
    }


@world(ADDRESSED)
def test_ipv6_address_fails_where_it_is_routed(aws: Cloud) -> Expected:
    net = Net(aws, ipv6=True)
    net.route_ipv6()
    routed, inside = launched(net, net.public[0]), launched(net, net.private[0])

    def numbered(region: str, parsed: Any) -> None:
        for each in parsed["NetworkInterfaces"]:
            each["Ipv6Addresses"] = [{"Ipv6Address": "2600:1f18::5"}]

    aws.simulated.over("ec2:DescribeNetworkInterfaces", numbered)
    return {arn(aws, routed): ("FAIL", "high", "public address 2600:1f18::5"), arn(aws, inside): "PASS"}


@world(ADDRESSED)
def test_public_address_passes_where_it_is_meant(aws: Cloud) -> Expected:
    aws.facts(network={"public_resources": ["tag:role=vpn"]})
    net = Net(aws)
    vpn, nat = (net.instance(net.group(), public=True) for _ in range(2))
    tagged(net, vpn, role="vpn")
    net.ec2.modify_instance_attribute(InstanceId=nat, SourceDestCheck={"Value": False})
    Tables(net).to(InstanceId=nat)
    return {
        arn(aws, vpn): ("PASS", "high", "meant to face the internet (network.public_resources = tag:role=vpn)"),
        arn(aws, nat): ("PASS", "high", "a NAT instance"),
    }


@world(ADDRESSED)
def test_addresses_are_an_error_where_interfaces_are_denied_and_stand_without_routes(aws: Cloud) -> Expected:
    net = Net(aws)
    good, bad, hidden = net.instance(net.group()), net.instance(net.group(), public=True), net.instance(net.group())

    def shown(region: str, parsed: Any) -> None:
        parsed["NetworkInterfaces"] = [each for each in parsed["NetworkInterfaces"] if each["Attachment"]["InstanceId"] != hidden]

    aws.simulated.over("ec2:DescribeNetworkInterfaces", shown)
    denied(aws, "ec2:DescribeInternetGateways")
    return {
        arn(aws, good): "PASS",
        arn(aws, bad): ("FAIL", "high", "public address "),
        arn(aws, hidden): ("ERROR", "high", "no network interface of "),
    }


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


@world(PLACED, ADDRESSED)
def test_no_instances(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no instances")}


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


def template(net: Net, name: str, *interfaces: dict[str, Any]) -> str:
    """A launch template with these interfaces; the ARN."""
    made = net.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=of_template(*interfaces))
    return net.aws.arn("ec2", f"launch-template/{made['LaunchTemplate']['LaunchTemplateId']}")


def of_template(*interfaces: dict[str, Any]) -> dict[str, Any]:
    return {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro", **({"NetworkInterfaces": list(interfaces)} if interfaces else {})}


def scaled(net: Net, name: str, *subnets: str, version: str | None = None, configuration: str | None = None, of: str | None = None) -> None:
    """A group of instances, of none now, in these subnets, from the template that is called like it, or `of` that, or from a launch configuration."""
    asked: dict[str, Any] = {"LaunchConfigurationName": configuration} if configuration else {"LaunchTemplate": {"LaunchTemplateName": of or name}}
    if version:
        asked["LaunchTemplate"]["Version"] = version
    net.aws.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=name, MinSize=0, MaxSize=1, DesiredCapacity=0, VPCZoneIdentifier=",".join(subnets), **asked
    )


def giving(net: Net, subnet: str) -> str:
    """That subnet, which gives public addresses from now on."""
    net.ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    return subnet


PLAIN: dict[str, Any] = {"DeviceIndex": 0}


@world(TEMPLATES)
def test_template_fails_that_asks_for_public_addresses_or_leaves_them_to_a_subnet_that_gives_them(aws: Cloud) -> Expected:
    """What nobody launches from is low. Of several interfaces one is enough, and of what the subnet gives the first alone counts."""
    net = Net(aws)
    open_subnet, closed = giving(net, net.public[0]), net.private[0]
    asks, closes, silent, left, kept, own, second, given = (
        template(net, "asks", {**PLAIN, "AssociatePublicIpAddress": True}),
        template(net, "closes", {**PLAIN, "AssociatePublicIpAddress": False}),
        template(net, "silent"),
        template(net, "left"),
        template(net, "kept", PLAIN),
        template(net, "own", {**PLAIN, "SubnetId": open_subnet}),
        template(net, "second", {**PLAIN, "AssociatePublicIpAddress": False}, {"DeviceIndex": 1, "AssociatePublicIpAddress": True}),
        template(net, "given", {**PLAIN, "NetworkInterfaceId": "eni-1"}),
    )
    for name in ("closes", "left", "second", "given"):
        scaled(net, name, open_subnet)
    scaled(net, "kept", closed)
    return {
        asks: ("FAIL", "low", "version 1 asks for public IPv4 addresses"),
        closes: ("PASS", "medium", "No launch template"),
        silent: ("PASS", "low", "leaves public addresses to the subnet; no group launches from it"),
        left: ("FAIL", "medium", f"leaves public IPv4 addresses to the subnet, and {open_subnet}, where left launches, gives them"),
        kept: ("PASS", "medium", "leaves public addresses to the subnet, and those of its groups give none"),
        own: ("FAIL", "low", f"and {open_subnet}, gives them"),
        second: ("FAIL", "medium", "asks for public IPv4 addresses"),
        given: "PASS",
    }


@world(TEMPLATES)
def test_versions_that_are_launched_are_judged_and_no_others(aws: Cloud) -> Expected:
    """The default one always; the latest, or one by its number, where a group names it; one that is gone launches nothing."""
    net = Net(aws)
    public, private = {**PLAIN, "AssociatePublicIpAddress": True}, {**PLAIN, "AssociatePublicIpAddress": False}
    arns = {}
    for name in ("old", "latest", "pinned", "default", "gone", "before", "service"):
        first, *more = {
            "old": (public, private, private),
            "latest": (private, private, public),
            "before": (public, private, private),
        }.get(name, (private, public, private))
        arns[name] = template(net, name, first)
        for interface in more:
            net.ec2.create_launch_template_version(LaunchTemplateName=name, LaunchTemplateData=of_template(interface))
    for name in ("old", "before"):
        net.ec2.modify_launch_template(LaunchTemplateName=name, DefaultVersion="2")
    scaled(net, "latest", net.private[0], version="$Latest")
    scaled(net, "pinned", net.private[0], version="2")
    scaled(net, "default", net.private[0], version="$Default")
    scaled(net, "gone", net.private[0], version="2")
    scaled(net, "before", net.private[0], version="1")

    def pinned(region: str, parsed: Any) -> None:
        for group in parsed["AutoScalingGroups"]:
            if group["AutoScalingGroupName"] == "gone":
                group["LaunchTemplate"]["Version"] = "9"
            # By one of the two is enough.
            group["LaunchTemplate"].pop({"pinned": "LaunchTemplateId", "before": "LaunchTemplateName"}.get(group["AutoScalingGroupName"], ""), None)

    aws.simulated.over("autoscaling:DescribeAutoScalingGroups", pinned)
    key = "ec2:DescribeLaunchTemplateVersions", "LaunchTemplateVersions", "LaunchTemplateName"
    told(aws, *key, "service", Operator={"Managed": True, "Principal": "eks.amazonaws.com"})
    return {
        arns["old"]: ("PASS", "low"),
        arns["latest"]: ("FAIL", "medium", "version 3 asks for public IPv4 addresses"),
        arns["pinned"]: ("FAIL", "medium", "version 2 asks"),
        arns["default"]: ("PASS", "medium"),
        arns["gone"]: ("PASS", "medium"),
        arns["before"]: ("FAIL", "medium", "version 1 asks"),
        arns["service"]: ("NOT_APPLICABLE", "medium", "managed by eks.amazonaws.com"),
    }


@world(TEMPLATES)
def test_ipv6_addresses_fail_where_they_are_routed(aws: Cloud) -> Expected:
    net = Net(aws, ipv6=True)
    (table,) = net.ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": net.public[:1]}])["RouteTables"]
    gateway = next(each["GatewayId"] for each in table["Routes"] if each.get("GatewayId", "").startswith("igw-"))
    net.ec2.create_route(RouteTableId=table["RouteTableId"], DestinationIpv6CidrBlock="::/0", GatewayId=gateway)
    asked = {**PLAIN, "AssociatePublicIpAddress": False, "Ipv6AddressCount": 1}
    routed, inside, nobody = (template(net, name, asked) for name in ("routed", "inside", "nobody"))
    scaled(net, "routed", net.public[0])
    scaled(net, "inside", net.private[0])
    return {
        routed: ("FAIL", "medium", f"asks for IPv6 addresses, which {net.public[0]}, where routed launches, routes to an internet gateway"),
        inside: "PASS",
        nobody: ("PASS", "low"),
    }


@world(TEMPLATES)
def test_launch_configurations_are_judged_the_same_way(aws: Cloud) -> Expected:
    """A group that names no subnets launches into the default ones of its zones, which give public addresses."""
    net = Net(aws)
    scaling = aws.client("autoscaling")
    arns = {}
    for name, asked in {"asks": True, "closes": False, "zones": False, "inside": False, "strange": False}.items():
        scaling.create_launch_configuration(
            LaunchConfigurationName=name, ImageId="ami-12c6146b", InstanceType="t3.micro", AssociatePublicIpAddress=asked
        )
    configurations = scaling.describe_launch_configurations()["LaunchConfigurations"]
    arns = {each["LaunchConfigurationName"]: each["LaunchConfigurationARN"] for each in configurations}
    for name in ("zones", "inside", "strange"):
        # moto takes what is not said for no.
        key = "autoscaling:DescribeLaunchConfigurations", "LaunchConfigurations", "LaunchConfigurationName"
        told(aws, *key, name, AssociatePublicIpAddress=None)
        scaled(net, name, net.private[0], configuration=name)
    groups = "autoscaling:DescribeAutoScalingGroups", "AutoScalingGroups", "AutoScalingGroupName"
    told(aws, *groups, "zones", VPCZoneIdentifier=None)
    told(aws, *groups, "strange", VPCZoneIdentifier=None, AvailabilityZones=["eu-west-1-atlantis-1a"])
    return {
        arns["asks"]: ("FAIL", "low", "asks for public IPv4 addresses"),
        arns["closes"]: ("PASS", "low"),
        arns["zones"]: ("FAIL", "medium", "where zones launches, gives them"),
        arns["inside"]: ("PASS", "medium", "those of its groups give none"),
        arns["strange"]: ("ERROR", "medium", "its zones have no default ones"),
    }


@world(TEMPLATES)
def test_templates_are_an_error_where_groups_or_the_default_version_are_not_told(aws: Cloud) -> Expected:
    net = Net(aws)
    denied(aws, "autoscaling:DescribeAutoScalingGroups")
    asks, odd = template(net, "asks", {**PLAIN, "AssociatePublicIpAddress": True}), template(net, "odd")
    key = "ec2:DescribeLaunchTemplateVersions", "LaunchTemplateVersions", "LaunchTemplateName"
    told(aws, *key, "odd", DefaultVersion=False)
    untold = template(net, "untold")
    told(aws, *key, "untold", DefaultVersion=None)
    return {
        asks: ("ERROR", "medium", "allow autoscaling:DescribeAutoScalingGroups"),
        odd: ("ERROR", "medium", "is the default one"),
        untold: ("ERROR", "medium", "that we cannot read"),
    }


@world(TEMPLATES, TASKS, FUNCTIONS)
def test_nothing_of_the_kind(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no ")}


class Cluster:
    """A cluster of ECS, to put services into."""

    def __init__(self, aws: Cloud) -> None:
        self.aws, self.ecs = aws, aws.client("ecs")
        self.ecs.create_cluster(clusterName="shop")
        self.ecs.register_task_definition(family="web", containerDefinitions=[{"name": "web", "image": "acme/web", "memory": 128}])

    def service(self, name: str, *subnets: str, assigned: bool = False, groups: tuple[str, ...] = (), launch: str = "FARGATE") -> str:
        """A service whose tasks run there, or in the network of their instances; the ARN."""
        place: dict[str, Any] = {"subnets": list(subnets), "assignPublicIp": "ENABLED" if assigned else "DISABLED", "securityGroups": list(groups)}
        asked = {"networkConfiguration": {"awsvpcConfiguration": place}} if subnets else {}
        found: str = self.ecs.create_service(cluster="shop", serviceName=name, taskDefinition="web", desiredCount=0, launchType=launch, **asked)[
            "service"
        ]["serviceArn"]
        return found

    def tasks(self, tasks: dict[str, dict[str, Any]]) -> dict[str, str]:
        """Running tasks of which this is told beside what every task says; their ARNs by name. moto can't run tasks with interfaces of their own."""
        arns = {name: self.aws.arn("ecs", f"task/shop/{name}") for name in tasks}
        common = {"clusterArn": self.aws.arn("ecs", "cluster/shop"), "taskDefinitionArn": self.aws.arn("ecs", "task-definition/web:1")}
        described = [
            {"taskArn": arns[name], "lastStatus": "RUNNING", "launchType": "FARGATE", "group": "family:web", "attachments": []} | common | more
            for name, more in tasks.items()
        ]
        self.aws.simulated.instead("ecs:ListTasks", lambda region, asked: {"taskArns": list(arns.values())})
        self.aws.simulated.instead("ecs:DescribeTasks", lambda region, asked: {"tasks": described, "failures": []})
        return arns


@world(TASKS)
def test_service_fails_that_gives_public_addresses_or_runs_in_a_public_subnet(aws: Cloud) -> Expected:
    """High only where the internet is let in, as far as groups can be told; without groups it is the VPC's default one that lets in."""
    net = Net(aws)
    open_group, closed = net.group(rule(80, ANYWHERE)), net.group(rule(80, "10.0.0.0/16"))
    cluster = Cluster(aws)
    good, world_open, fenced, default, unknown, placed, hosted, on_instances, deployed, sets = (
        cluster.service("good", *net.private, groups=(closed,)),
        cluster.service("a-open", net.public[0], assigned=True, groups=(closed, open_group)),
        cluster.service("fenced", net.public[0], assigned=True, groups=(closed,)),
        cluster.service("default", net.private[0], assigned=True),
        cluster.service("unknown", net.private[0], assigned=True, groups=(closed,)),
        cluster.service("a-placed", net.private[0], net.public[0], groups=(open_group,), launch="EC2"),
        cluster.service("hosted", launch="EC2"),
        cluster.service("instances", net.private[0], launch="EC2"),
        cluster.service("a-deployed", net.private[0], groups=(closed,)),
        cluster.service("a-sets", net.private[0], groups=(closed,)),
    )

    def outside() -> dict[str, Any]:
        place = {"subnets": [net.public[0]], "assignPublicIp": "ENABLED", "securityGroups": [open_group]}
        return {"launchType": "FARGATE", "networkConfiguration": {"awsvpcConfiguration": place}}

    lost = {"subnets": [net.private[0]], "assignPublicIp": "ENABLED", "securityGroups": ["sg-gone"]}
    key = "ecs:DescribeServices", "services", "serviceName"
    told(aws, *key, "a-deployed", deployments=[outside()])
    told(aws, *key, "a-sets", networkConfiguration=None, deployments=[], taskSets=[outside()])
    told(aws, *key, "unknown", networkConfiguration={"awsvpcConfiguration": lost})
    return {
        good: ("PASS", "high", "No service or task of ECS has a public address"),
        world_open: ("FAIL", "high", "gives public addresses to its tasks"),
        fenced: ("FAIL", "medium", "gives public addresses to its tasks"),
        default: ("FAIL", "medium", "gives public addresses to its tasks"),
        unknown: ("FAIL", "high", "gives public addresses to its tasks"),
        placed: ("FAIL", "medium", f"in the public subnet {net.public[0]}: rtb-"),
        hosted: ("NOT_APPLICABLE", "high", "its tasks are in the network of their instances"),
        on_instances: "PASS",
        deployed: ("FAIL", "high", "gives public addresses to its tasks"),
        sets: ("FAIL", "high", "gives public addresses to its tasks"),
    }


@world(TASKS)
def test_service_is_an_error_of_which_it_is_not_told_where_it_runs(aws: Cloud) -> Expected:
    net = Net(aws)
    cluster = Cluster(aws)
    untold, unsaid, gone, provided = (cluster.service(name, net.private[0]) for name in ("untold", "unsaid", "gone", "provided"))
    key = "ecs:DescribeServices", "services", "serviceName"
    told(aws, *key, "untold", networkConfiguration=None, deployments=[])
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
    told(aws, *key, "provided", networkConfiguration=None, deployments=[], launchType=None, capacityProviderStrategy=strategy)
    told(aws, *key, "unsaid", networkConfiguration={"awsvpcConfiguration": {"subnets": net.private}}, deployments=[])
    told(aws, *key, "gone", status="INACTIVE")
    assert gone
    return {
        untold: ("ERROR", "high", "it runs on Fargate, and its network is not told"),
        provided: ("ERROR", "high", "it runs on Fargate, and its network is not told"),
        unsaid: ("ERROR", "high", "assignPublicIp"),
    }


@world(TASKS)
def test_task_without_a_service_is_judged_by_its_interface(aws: Cloud) -> Expected:
    """A service tells of its own tasks. An address is worse where the internet is let in."""
    net = Net(aws)
    ids = {
        "bad": net.instance(net.group(rule(80, ANYWHERE)), public=True),
        "fenced": net.instance(net.group(), public=True),
        "good": net.instance(net.group()),
        "placed": launched(net, net.public[0]),
    }
    interfaces = net.ec2.describe_network_interfaces()["NetworkInterfaces"]
    by_instance = {each["Attachment"]["InstanceId"]: each["NetworkInterfaceId"] for each in interfaces}

    def attached(interface: str | None) -> dict[str, Any]:
        details = [{"name": "subnetId", "value": "x"}, *([{"name": "networkInterfaceId", "value": interface}] if interface else [])]
        return {"attachments": [{"type": "ElasticNetworkInterface", "details": details}]}

    arns = Cluster(aws).tasks(
        {
            **{name: attached(by_instance[instance]) for name, instance in ids.items()},
            "starting": {"lastStatus": "PROVISIONING"},
            "hosted": {"launchType": "EC2"},
            "untold": {},
            "provided": {"launchType": None, "capacityProviderName": "FARGATE_SPOT"},
            "half": {"launchType": "EC2", **attached(None)},
            "hidden": attached("eni-gone"),
            "of-service": {"group": "service:web", **attached("eni-gone")},
        }
    )
    untold = ("ERROR", "high", "its network interface is not told")
    return {
        arns["bad"]: ("FAIL", "high", "public address "),
        arns["fenced"]: ("FAIL", "medium", "public address "),
        arns["good"]: ("PASS", "high"),
        arns["placed"]: ("FAIL", "medium", f"in the public subnet {net.public[0]}"),
        arns["starting"]: ("NOT_APPLICABLE", "high", "its network is still being made"),
        arns["hosted"]: ("NOT_APPLICABLE", "high", "it is in the network of its instance"),
        arns["untold"]: untold,
        arns["provided"]: untold,
        arns["half"]: untold,
        arns["hidden"]: ("ERROR", "high", "network interface eni-gone not visible"),
    }


@world(TASKS)
def test_denied_clusters_are_an_error(aws: Cloud) -> Expected:
    Cluster(aws).service("web", Net(aws).private[0])
    denied(aws, "ecs:ListClusters")
    return {aws.account_arn: ("ERROR", "high", "allow ecs:ListClusters")}


@world(FUNCTIONS)
def test_function_in_a_public_subnet_fails(aws: Cloud) -> Expected:
    net = Net(aws)
    good, bad, mixed, outside = (
        function(aws, "good", *net.private),
        function(aws, "bad", net.public[0]),
        function(aws, "mixed", *net.private, net.public[1]),
        function(aws, "outside"),
    )
    left = function(aws, "left")
    told(aws, "lambda:ListFunctions", "Functions", "FunctionName", "left", VpcConfig={"VpcId": "", "SubnetIds": [], "SecurityGroupIds": []})
    lost, proven = function(aws, "lost", net.private[0]), function(aws, "proven", net.private[0])
    for name, subnets in {"lost": ["subnet-gone"], "proven": ["subnet-gone", net.public[0]]}.items():
        told(aws, "lambda:ListFunctions", "Functions", "FunctionName", name, VpcConfig={"SubnetIds": subnets, "SecurityGroupIds": []})
    return {
        good: ("PASS", "low", "Every function that is in a VPC is in private subnets"),
        bad: ("FAIL", "low", f"in the public subnet {net.public[0]}: rtb-"),
        mixed: ("FAIL", "low", f"in the public subnet {net.public[1]}"),
        outside: ("NOT_APPLICABLE", "low", "in no VPC"),
        left: ("NOT_APPLICABLE", "low", "in no VPC"),
        lost: ("ERROR", "low", "subnet subnet-gone not visible"),
        proven: ("FAIL", "low", f"in the public subnet {net.public[0]}"),
    }


@world(FUNCTIONS)
def test_functions_are_an_error_where_tables_are_denied_and_only_those_in_a_vpc(aws: Cloud) -> Expected:
    net = Net(aws)
    inside, outside = function(aws, "inside", net.private[0]), function(aws, "outside")
    denied(aws, "ec2:DescribeRouteTables")
    return {inside: ("ERROR", "low", "allow ec2:DescribeRouteTables"), outside: "NOT_APPLICABLE"}


EDGES: dict[str, dict[str, Any]] = {
    "vpc_has_private_subnet": {
        "PASS: private subnets alone, whatever another VPC's main table says": test_vpc_with_private_subnets_passes_whatever_the_default_vpcs_main_table_says,
        "FAIL: public ones alone; N/A: nothing in it, another account's, no subnets": test_vpc_with_public_subnets_alone_fails_if_something_is_in_it,
        "VPC Block Public Access; a default VPC in use; a table that is not visible": (
            test_vpc_of_which_one_subnet_cannot_be_placed_fails_for_nobody_and_passes_by_another
        ),
        "N/A: no VPCs": test_no_vpcs,
        "ERROR: denied, where it matters": test_denied_interfaces_are_an_error_only_where_all_subnets_are_public,
    },
    "declared_private_subnet_is_private": {
        "declared by the profile": test_subnet_that_the_profile_calls_private_must_be_private,
        "firewalls, carrier gateways, dead routes": test_subnet_behind_a_firewall_is_public_if_the_internet_gateway_leads_back_to_it,
        "declared by a tag, or by nobody": test_subnet_that_a_tool_calls_private_must_be_private,
        "ERROR: another account's": test_table_of_another_accounts_subnet_is_not_visible,
        "N/A: no subnets": test_no_subnets,
    },
    "private_subnet_no_auto_public_ip": {
        "PASS, FAIL, and N/A of public and of others' subnets": test_private_subnet_that_gives_public_addresses_fails,
        "FAIL: default VPC in use": test_private_subnets_of_a_default_vpc_are_judged_once_something_is_in_it,
        "ERROR: denied": test_subnet_is_an_error_where_its_table_or_its_vpc_is_not_told,
        "N/A: no subnets": test_no_subnets,
    },
    "private_subnet_egress_through_nat": {
        "NAT gateways": test_way_out_through_a_nat_gateway,
        "NAT instances": test_way_out_through_a_nat_instance,
        "everything else": test_way_out_by_anything_else,
        "prefix lists": test_way_out_for_what_a_prefix_list_holds,
        "N/A: empty default VPC": test_broken_way_out_of_an_empty_default_vpc_is_no_concern,
        "ERROR: denied": test_way_out_is_an_error_where_what_it_leads_to_is_not_told,
        "N/A: no subnets": test_no_subnets,
    },
    "ec2_instance_no_public_ip": {
        "PASS, FAIL, N/A of a service's": test_public_address_fails_wherever_it_is,
        "IPv6": test_ipv6_address_fails_where_it_is_routed,
        "PASS: declared, or a NAT instance": test_public_address_passes_where_it_is_meant,
        "ERROR": test_addresses_are_an_error_where_interfaces_are_denied_and_stand_without_routes,
        "N/A: no instances": test_no_instances,
    },
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
    "launch_template_no_auto_public_ip": {
        "PASS and FAIL, by itself or by its subnet": (test_template_fails_that_asks_for_public_addresses_or_leaves_them_to_a_subnet_that_gives_them),
        "versions": test_versions_that_are_launched_are_judged_and_no_others,
        "IPv6": test_ipv6_addresses_fail_where_they_are_routed,
        "launch configurations": test_launch_configurations_are_judged_the_same_way,
        "ERROR": test_templates_are_an_error_where_groups_or_the_default_version_are_not_told,
        "N/A: none": test_nothing_of_the_kind,
    },
    "ecs_service_no_public_ip": {
        "services": test_service_fails_that_gives_public_addresses_or_runs_in_a_public_subnet,
        "ERROR: not told": test_service_is_an_error_of_which_it_is_not_told_where_it_runs,
        "tasks": test_task_without_a_service_is_judged_by_its_interface,
        "ERROR: denied": test_denied_clusters_are_an_error,
        "N/A: none": test_nothing_of_the_kind,
    },
    "lambda_function_in_private_subnets": {
        "PASS, FAIL, N/A": test_function_in_a_public_subnet_fails,
        "ERROR: denied": test_functions_are_an_error_where_tables_are_denied_and_only_those_in_a_vpc,
        "N/A: none": test_nothing_of_the_kind,
    },
}
