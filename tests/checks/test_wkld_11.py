"""WKLD.11's checks, each shown to pass, to fail, and at its edges. moto's default VPC has a default group, which every answer has in it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_ssb.findings import Finding
from tests.support.worlds import Cloud, Expected, World, built, judge, world
from tests_workload import test_wkld_11_security_groups as suite

OPEN, CLOSED = suite.test_security_group_no_world_open_ingress, suite.test_default_security_group_closed
DATABASES, TARGETS = suite.test_database_ingress_from_security_groups_only, suite.test_load_balancer_targets_admit_only_load_balancer
ANYWHERE = "0.0.0.0/0"
VPC = "10.0.0.0/16"
# A block of the public internet that no list of private ranges has.
PARTNER = "198.51.100.0/24"

Permission = dict[str, Any]
# What may be a database beside those of RDS, by the call that lists it.
STORES = {
    "elasticache:DescribeCacheClusters": "CacheClusters",
    "elasticache:DescribeServerlessCaches": "ServerlessCaches",
    "memorydb:DescribeClusters": "Clusters",
    "dax:DescribeClusters": "Clusters",
    "redshift:DescribeClusters": "Clusters",
    "redshift-serverless:ListWorkgroups": "workgroups",
    "opensearch:ListDomainNames": "DomainNames",
    "mq:ListBrokers": "BrokerSummaries",
    "kafka:ListClustersV2": "ClusterInfoList",
}


def stores(aws: Cloud, **found: list[dict[str, Any]]) -> None:
    """Let this be listed of these services, and nothing else; moto lacks some of the calls. Named by service and call: `dax_DescribeClusters`."""
    for operation, key in STORES.items():
        answers(aws, operation, {key: found.get(operation.replace("-", "_").replace(":", "_"), [])})


def answers(aws: Cloud, operation: str, answer: dict[str, Any]) -> None:
    """Let a call be answered so."""
    aws.simulated.instead(operation, lambda region, asked: answer)


def rule(
    ports: int | tuple[int, int] | None, *cidrs: str, protocol: str = "tcp", lists: tuple[str, ...] = (), groups: tuple[str, ...] = ()
) -> Permission:
    """A rule of these ports, None for none, from these sources."""
    first, last = ports if isinstance(ports, tuple) else (ports, ports)
    sources = {
        "IpRanges": [{"CidrIp": cidr} for cidr in cidrs if ":" not in cidr],
        "Ipv6Ranges": [{"CidrIpv6": cidr} for cidr in cidrs if ":" in cidr],
        "PrefixListIds": [{"PrefixListId": each} for each in lists],
        "UserIdGroupPairs": [{"GroupId": each} for each in groups],
    }
    numbers = {"FromPort": first, "ToPort": last}
    return (
        {"IpProtocol": protocol} | {name: n for name, n in numbers.items() if n is not None} | {name: each for name, each in sources.items() if each}
    )


class Net:
    """A VPC with two public and two private subnets, to put things into."""

    def __init__(self, aws: Cloud, ipv6: bool = False) -> None:
        self.aws = aws
        stores(aws)
        self.ec2, self.elb, self.rds = aws.client("ec2"), aws.client("elbv2"), aws.client("rds")
        self.vpc = self.ec2.create_vpc(CidrBlock=VPC, AmazonProvidedIpv6CidrBlock=ipv6)["Vpc"]["VpcId"]
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        table = self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        self.ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE, GatewayId=gateway)
        self.public = [self._subnet(n, zone) for n, zone in enumerate("ab")]
        self.private = [self._subnet(n + 10, zone) for n, zone in enumerate("ab")]
        for subnet in self.public:
            self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)

    def _subnet(self, number: int, zone: str) -> str:
        asked = {"VpcId": self.vpc, "CidrBlock": f"10.0.{number}.0/24", "AvailabilityZone": f"{self.aws.region}{zone}"}
        found: str = self.ec2.create_subnet(**asked)["Subnet"]["SubnetId"]
        return found

    def route_ipv6(self) -> None:
        """Let the public subnets speak IPv6 with the internet, too."""
        filters = [{"Name": "association.subnet-id", "Values": self.public[:1]}]
        (table,) = self.ec2.describe_route_tables(Filters=filters)["RouteTables"]
        (gateway,) = (each["GatewayId"] for each in table["Routes"] if each.get("GatewayId", "").startswith("igw-"))
        self.ec2.create_route(RouteTableId=table["RouteTableId"], DestinationIpv6CidrBlock="::/0", GatewayId=gateway)

    def group(self, *rules: Permission, name: str = "") -> str:
        """A security group with these inbound rules."""
        name = name or f"group-{len(self.ec2.describe_security_groups()['SecurityGroups'])}"
        found: str = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
        if rules:
            self.ec2.authorize_security_group_ingress(GroupId=found, IpPermissions=list(rules))
        return found

    def admit(self, group: str, *rules: Permission) -> None:
        """More inbound rules of a group."""
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=list(rules))

    def instance(self, *groups: str, public: bool = False, subnet: str = "") -> str:
        """An instance, with a public address in a public subnet or without one in a private one, if not in that subnet."""
        interface = {
            "DeviceIndex": 0,
            "SubnetId": subnet or (self.public if public else self.private)[0],
            "Groups": list(groups),
            "AssociatePublicIpAddress": public,
        }
        found: str = self.ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, NetworkInterfaces=[interface])["Instances"][0][
            "InstanceId"
        ]
        return found

    def address(self, instance: str) -> str:
        """An instance's private address."""
        found: str = self.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["PrivateIpAddress"]
        return found

    def balancer(self, *groups: str, name: str = "web", kind: str = "application", scheme: str = "internet-facing") -> str:
        """A load balancer in the public subnets."""
        asked = {"Name": name, "Type": kind, "Scheme": scheme, "Subnets": self.public, "SecurityGroups": list(groups)}
        found: str = self.elb.create_load_balancer(**asked)["LoadBalancers"][0]["LoadBalancerArn"]
        return found

    def targets(self, balancer: str | None, *targets: str, name: str = "app", port: int = 8080, protocol: str = "HTTP", **more: Any) -> str:
        """A target group behind a load balancer, if it is to have one."""
        more = {"TargetType": "instance", "Port": port, "Protocol": protocol, "VpcId": self.vpc, **more}
        found: str = self.elb.create_target_group(Name=name, **more)["TargetGroups"][0]["TargetGroupArn"]
        if targets:
            self.elb.register_targets(TargetGroupArn=found, Targets=[{"Id": each} for each in targets])
        if balancer:
            self.elb.create_listener(
                LoadBalancerArn=balancer, Protocol=protocol, Port=port, DefaultActions=[{"Type": "forward", "TargetGroupArn": found}]
            )
        return found

    def database(self, *groups: str, name: str = "orders", port: int = 5432, **more: Any) -> None:
        """A PostgreSQL database."""
        if not self.rds.describe_db_subnet_groups()["DBSubnetGroups"]:
            self.rds.create_db_subnet_group(DBSubnetGroupName="private", DBSubnetGroupDescription="private", SubnetIds=self.private)
        self.rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="acme",
            MasterUserPassword="correct-horse-9",
            DBSubnetGroupName="private",
            VpcSecurityGroupIds=list(groups),
            Port=port,
            **more,
        )

    def cluster(self, *groups: str) -> None:
        """An Aurora cluster."""
        self.rds.create_db_cluster(
            DBClusterIdentifier="ledger",
            Engine="aurora-postgresql",
            MasterUsername="acme",
            MasterUserPassword="correct-horse-9",
            VpcSecurityGroupIds=list(groups),
            Port=5432,
        )

    def prefix_list(self, *cidrs: str) -> str:
        """A prefix list of the customer's."""
        entries = [{"Cidr": cidr} for cidr in cidrs]
        asked = {"PrefixListName": "offices", "MaxEntries": len(cidrs), "AddressFamily": "IPv4", "Entries": entries}
        found: str = self.ec2.create_managed_prefix_list(**asked)["PrefixList"]["PrefixListId"]
        return found

    def keeps_client_addresses(self, target_group: str, value: str) -> None:
        """Set whether a target group's targets see their clients' addresses; moto says nothing of it."""

        def said(region: str, parsed: Any) -> None:
            parsed["Attributes"].append({"Key": "preserve_client_ip.enabled", "Value": value})

        self.aws.simulated.over("elbv2:DescribeTargetGroupAttributes", said)

    def interface(self, group: str, **said: Any) -> str:
        """A network interface with this said of it."""
        found: str = self.ec2.create_network_interface(SubnetId=self.private[0], Groups=[group])["NetworkInterface"]["NetworkInterfaceId"]
        self.said(found, **said)
        return found

    def interface_of(self, instance: str) -> str:
        """The id of an instance's only network interface."""
        filters = [{"Name": "attachment.instance-id", "Values": [instance]}]
        (found,) = self.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
        name: str = found["NetworkInterfaceId"]
        return name

    def said(self, interface: str, **fields: Any) -> None:
        """Let this be said of a network interface."""

        def change(region: str, parsed: Any) -> None:
            for each in parsed["NetworkInterfaces"]:
                if each["NetworkInterfaceId"] == interface:
                    each.update(fields)

        self.aws.simulated.over("ec2:DescribeNetworkInterfaces", change)

    def answer(self, want: Any, *groups: str) -> Expected:
        """The verdict on these groups, and a PASS for every other."""
        others = {each["GroupId"]: "PASS" for each in self.ec2.describe_security_groups()["SecurityGroups"]}
        return {self.arn(group): status for group, status in (others | dict.fromkeys(groups, want)).items()}

    def arn(self, group: str) -> str:
        """A security group's ARN."""
        return self.aws.arn("ec2", f"security-group/{group}")


def functions(aws: Cloud, **groups: list[str] | None) -> None:
    """Functions in these security groups, None for one in no VPC."""
    found = [
        {"FunctionName": name, "FunctionArn": aws.arn("lambda", f"function:{name}")} | ({"VpcConfig": {"SecurityGroupIds": ids}} if ids else {})
        for name, ids in groups.items()
    ]
    aws.simulated.instead("lambda:ListFunctions", lambda region, body: {"Functions": found})


def denied(aws: Cloud, operation: str) -> None:
    """Deny that call from now on."""
    name = operation.partition(":")[2]
    aws.simulated.instead(operation, lambda region, body: ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": ""}}, name))


def without(aws: Cloud, operation: str, key: str, field: str, where: Callable[[Any], bool] = lambda each: True) -> None:
    """Leave a field out of the items that an operation lists."""

    def change(region: str, parsed: Any) -> None:
        for each in parsed[key]:
            if where(each):
                each.pop(field, None)

    aws.simulated.over(operation, change)


def findings(check: Callable[..., None], build: Callable[[Cloud], Any], selected: tuple[str, ...] = ()) -> dict[str, Finding]:
    """The findings of a check on an account, by the last part of the resource's name."""

    def nothing_expected(aws: Cloud) -> Expected:
        build(aws)
        return {}

    with built(World(check, nothing_expected)) as (cloud, _):
        return {found.resource.rpartition("/")[2]: found for found in judge(check, cloud, selected=selected)}


# --- open to the internet ------------------------------------------------------------------------------------------------------------


def on_public_instance(aws: Cloud, want: Any, *rules: Permission) -> Expected:
    """A group with these rules on an instance that the internet reaches, and the verdict on it."""
    net = Net(aws)
    group = net.group(*rules)
    net.instance(group, public=True)
    return net.answer(want, group)


SSH = ("FAIL", "critical", "tcp 22 from 0.0.0.0/0; reachable from the internet")


@world(OPEN)
def test_groups_that_admit_nobody_pass(aws: Cloud) -> Expected:
    return on_public_instance(aws, "PASS")


@world(OPEN)
def test_ssh_for_everybody_fails(aws: Cloud) -> Expected:
    return on_public_instance(aws, SSH, rule(22, ANYWHERE))


@world(OPEN)
def test_ssh_over_ipv6_fails(aws: Cloud) -> Expected:
    return on_public_instance(aws, ("FAIL", "critical", "tcp 22 from ::/0"), rule(22, "::/0"))


@world(OPEN)
def test_two_halves_in_one_rule_fail(aws: Cloud) -> Expected:
    return on_public_instance(aws, ("FAIL", "critical", "tcp 22 from 0.0.0.0/1, 128.0.0.0/1"), rule(22, "0.0.0.0/1", "128.0.0.0/1"))


@world(OPEN)
def test_two_halves_in_two_rules_fail(aws: Cloud) -> Expected:
    """Each half is enough, and so is what two overlapping ranges of ports share."""
    return on_public_instance(
        aws, ("FAIL", "critical", "tcp 20-30 from 0.0.0.0/1, 128.0.0.0/1"), rule((20, 22), "0.0.0.0/1"), rule((22, 30), "128.0.0.0/1")
    )


@world(OPEN)
def test_neighbours_in_two_rules_fail(aws: Cloud) -> Expected:
    """Together they are broader than /8, which is the internet's mark."""
    return on_public_instance(aws, ("FAIL", "critical", "tcp 22 from 52.0.0.0/8, 53.0.0.0/8"), rule(22, "52.0.0.0/8"), rule((22, 23), "53.0.0.0/8"))


@world(OPEN)
def test_blocks_far_apart_pass(aws: Cloud) -> Expected:
    return on_public_instance(aws, "PASS", rule(22, "52.0.0.0/8"), rule(22, "54.0.0.0/8"))


@world(OPEN)
def test_prefix_list_of_the_whole_internet_fails(aws: Cloud) -> Expected:
    """A peer passes it."""
    net = Net(aws)
    offices = net.prefix_list(ANYWHERE)
    group = net.group(rule(22, lists=(offices,)))
    net.instance(group, public=True)
    return net.answer(("FAIL", "critical", f"tcp 22 from {offices} (offices)"), group)


@world(OPEN)
def test_half_of_all_addresses_fails(aws: Cloud) -> Expected:
    """Each block is small enough, and touches no other."""
    net = Net(aws)
    half = net.prefix_list(*(f"{n}.0.0.0/8" for n in range(0, 256, 2)))
    group = net.group(rule(22, lists=(half,)))
    net.instance(group, public=True)
    return net.answer(("FAIL", "critical", f"tcp 22 from {half} (offices)"), group)


@world(OPEN)
def test_prefix_list_of_offices_passes(aws: Cloud) -> Expected:
    net = Net(aws)
    net.instance(net.group(rule(22, lists=(net.prefix_list(PARTNER),))), public=True)
    return net.answer("PASS")


def list_of_aws(aws: Cloud, name: str) -> str:
    lists = aws.client("ec2").describe_managed_prefix_lists()["PrefixLists"]
    found: str = next(each["PrefixListId"] for each in lists if each["PrefixListName"].endswith(name))
    return found


@world(OPEN)
def test_cloudfront_is_not_everybody(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(443, lists=(list_of_aws(aws, ".cloudfront.origin-facing"),)))
    net.instance(group, public=True)
    return net.answer(("PASS", "critical", "CloudFront may reach it, by anybody's distribution"), group)


@world(OPEN)
def test_other_lists_of_aws_are_not_everybody(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(443, lists=(list_of_aws(aws, ".s3"),)))
    net.instance(group, public=True)
    return net.answer(("PASS", "critical", "No security group admits the internet"), group)


@world(OPEN)
def test_list_of_aws_that_is_not_known_is_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    unknown = list_of_aws(aws, ".s3")

    def renamed(region: str, parsed: Any) -> None:
        for each in parsed["PrefixLists"]:
            if each["PrefixListId"] == unknown:
                each["PrefixListName"] = "com.amazonaws.eu-west-1.news"

    aws.simulated.over("ec2:DescribeManagedPrefixLists", renamed)
    group = net.group(rule(443, lists=(unknown,)))
    return net.answer(("ERROR", "critical", "com.amazonaws.eu-west-1.news is not known"), group)


@world(OPEN)
def test_partners_network_is_not_everybody(aws: Cloud) -> Expected:
    return on_public_instance(aws, "PASS", rule(22, PARTNER, "52.0.0.0/8"))


@world(OPEN)
def test_groups_as_sources_are_not_everybody(aws: Cloud) -> Expected:
    net = Net(aws)
    net.instance(net.group(rule(None, groups=(net.group(),), protocol="-1")), public=True)
    return net.answer("PASS")


@world(OPEN)
def test_ping_passes(aws: Cloud) -> Expected:
    """A peer counts ICMP types as ports."""
    return on_public_instance(
        aws, ("PASS", "critical", "no port is open to the internet; icmp type 8 from 0.0.0.0/0"), rule((8, -1), ANYWHERE, protocol="icmp")
    )


@world(OPEN)
def test_icmp_of_ipv6_passes(aws: Cloud) -> Expected:
    return on_public_instance(aws, ("PASS", "critical", "icmpv6 all types from ::/0"), rule(-1, "::/0", protocol="icmpv6"))


@world(OPEN)
def test_every_kind_of_icmp_fails(aws: Cloud) -> Expected:
    return on_public_instance(aws, ("FAIL", "low", "icmp all types from 0.0.0.0/0"), rule(-1, ANYWHERE, protocol="icmp"))


@world(OPEN)
def test_range_that_has_a_sensitive_port_fails(aws: Cloud) -> Expected:
    """A peer looks at the first port of a range alone."""
    return on_public_instance(aws, ("FAIL", "critical", "tcp 80-6000 from 0.0.0.0/0"), rule((80, 6000), ANYWHERE))


@world(OPEN)
def test_sensitive_datagrams_fail(aws: Cloud) -> Expected:
    return on_public_instance(aws, ("FAIL", "critical", "udp 11211 from 0.0.0.0/0"), rule(11211, ANYWHERE, protocol="udp"))


@world(OPEN)
def test_range_without_a_sensitive_port_is_high(aws: Cloud) -> Expected:
    return on_public_instance(aws, ("FAIL", "high", "tcp 8000-8010 from 0.0.0.0/0"), rule((8000, 8010), ANYWHERE))


@world(OPEN)
def test_all_traffic_fails(aws: Cloud) -> Expected:
    return on_public_instance(aws, ("FAIL", "critical", "all traffic from 0.0.0.0/0"), rule(None, ANYWHERE, protocol="-1"))


@world(OPEN)
def test_all_ports_fail(aws: Cloud) -> Expected:
    return on_public_instance(aws, ("FAIL", "critical", "tcp all ports from 0.0.0.0/0"), rule((0, 65535), ANYWHERE))


@world(OPEN)
def test_tunnel_fails(aws: Cloud) -> Expected:
    """GRE, which has no ports."""
    return on_public_instance(aws, ("FAIL", "critical", "protocol 47 from 0.0.0.0/0"), rule(-1, ANYWHERE, protocol="47"))


@world(OPEN)
def test_web_ports_of_instances_are_medium(aws: Cloud) -> Expected:
    return on_public_instance(aws, ("FAIL", "medium", "tcp 80 from 0.0.0.0/0, tcp 443 from 0.0.0.0/0"), rule(80, ANYWHERE), rule(443, ANYWHERE))


@world(OPEN)
def test_web_ports_of_public_load_balancers_pass(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(80, ANYWHERE, "::/0"), rule(443, ANYWHERE), rule(443, ANYWHERE, protocol="udp"))
    net.balancer(group)
    net.targets(None, name="unused")
    return net.answer(("PASS", "medium", "only public load balancers use it: tcp 80 from 0.0.0.0/0"), group)


@world(OPEN)
def test_web_ports_of_classic_load_balancers_pass(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(443, ANYWHERE))
    listener = {"Protocol": "TCP", "LoadBalancerPort": 443, "InstancePort": 8080}
    aws.client("elb").create_load_balancer(LoadBalancerName="old", Listeners=[listener], Subnets=net.public, SecurityGroups=[group])
    return net.answer(("PASS", "medium", "only public load balancers use it"), group)


@world(OPEN)
def test_other_ports_of_public_load_balancers_fail(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(8443, ANYWHERE))
    net.balancer(group)
    return net.answer(("FAIL", "high", "tcp 8443"), group)


@world(OPEN)
def test_web_ports_that_the_profile_asks_for_pass(aws: Cloud) -> Expected:
    aws.facts(network={"public_ports": [8443]})
    net = Net(aws)
    group = net.group(rule(8443, ANYWHERE))
    net.balancer(group)
    return net.answer(("PASS", "medium", "only public load balancers use it"), group)


@world(OPEN)
def test_web_port_that_an_instance_shares_fails(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(443, ANYWHERE))
    net.balancer(group)
    net.instance(group)
    return net.answer(("FAIL", "medium", "tcp 443 from 0.0.0.0/0; reachable from the internet"), group)


@world(OPEN)
def test_web_port_that_a_launch_template_shares_fails(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(443, ANYWHERE))
    net.balancer(group)
    aws.client("ec2").create_launch_template(LaunchTemplateName="app", LaunchTemplateData={"SecurityGroupIds": [group]})
    return net.answer(("FAIL", "medium", "tcp 443"), group)


@world(OPEN)
def test_web_port_that_a_function_shares_fails(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(443, ANYWHERE))
    net.balancer(group)
    functions(aws, resize=[group])
    return net.answer(("FAIL", "medium", "tcp 443"), group)


@world(OPEN)
def test_launch_template_alone_is_no_attachment(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(22, ANYWHERE))
    interface = {"DeviceIndex": 0, "Groups": [group], "AssociatePublicIpAddress": True}
    aws.client("ec2").create_launch_template(LaunchTemplateName="app", LaunchTemplateData={"NetworkInterfaces": [interface]})
    return net.answer(("FAIL", "high", "not attached"), group)


@world(OPEN)
def test_web_port_of_an_internal_load_balancer_fails_low(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(443, ANYWHERE))
    net.balancer(group, scheme="internal")
    return net.answer(("FAIL", "low", "tcp 443 from 0.0.0.0/0; on private resources only"), group)


@world(OPEN)
def test_group_declared_public_passes(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(443, ANYWHERE))
    net.instance(group, public=True)
    aws.facts(network={"public_security_groups": [group]})
    return net.answer(("PASS", "medium", f"(network.public_security_groups = {group})"), group)


@world(OPEN)
def test_group_declared_public_is_not_so_for_ssh(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(443, ANYWHERE), rule(22, ANYWHERE))
    net.instance(group, public=True)
    aws.facts(network={"public_security_groups": [group]})
    return net.answer(("FAIL", "critical", "tcp 22 from 0.0.0.0/0"), group)


@world(OPEN)
def test_group_that_nobody_uses_is_one_lower(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(22, ANYWHERE))
    return net.answer(("FAIL", "high", "tcp 22 from 0.0.0.0/0; not attached"), group)


@world(OPEN)
def test_reference_by_a_group_is_no_attachment(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(22, ANYWHERE))
    net.group(rule(5432, groups=(group,)))
    return net.answer(("FAIL", "high", "not attached"), group)


@world(OPEN)
def test_left_over_interface_is_no_attachment(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(22, ANYWHERE))
    net.interface(group)
    return net.answer(("FAIL", "high", "not attached"), group)


@world(OPEN)
def test_endpoint_is_a_private_resource(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(443, ANYWHERE))
    net.interface(
        group, Status="in-use", InterfaceType="vpc_endpoint", RequesterManaged=True, Description="VPC Endpoint Interface vpce-0123456789abcdef0"
    )
    return net.answer(("FAIL", "low", "tcp 443 from 0.0.0.0/0; on private resources only"), group)


@world(OPEN)
def test_private_resources_are_two_lower(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(22, ANYWHERE))
    net.instance(group)
    return net.answer(("FAIL", "medium", "tcp 22 from 0.0.0.0/0; on private resources only"), group)


@world(OPEN)
def test_functions_are_low(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(22, ANYWHERE))
    functions(aws, resize=[group], plain=None)
    return net.answer(("FAIL", "low", "on functions only"), group)


@world(OPEN)
def test_database_without_interface_counts_as_private(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(5432, ANYWHERE))
    net.database(group)
    return net.answer(("FAIL", "medium", "on private resources only"), group)


def behind_network_balancer(
    aws: Cloud, *rules: Permission, scheme: str = "internet-facing", public: bool = False, ip: bool = False, port: int = 8080, keeps: str = ""
) -> tuple[Net, str]:
    """A group with these rules on the target, by default of port 8080, of a Network Load Balancer without groups.

    `keeps`: what is set of clients' addresses.
    """
    net = Net(aws)
    group = net.group(*rules)
    target = net.instance(group, public=public)
    balancer = net.balancer(kind="network", scheme=scheme)
    behind = net.targets(balancer, net.address(target) if ip else target, protocol="TCP", port=port, TargetType="ip" if ip else "instance")
    if keeps:
        net.keeps_client_addresses(behind, keeps)
    return net, group


@world(OPEN)
def test_target_that_meets_clients_passes(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE))
    return net.answer(("PASS", "low", "targets of a Network Load Balancer without groups"), group)


@world(OPEN)
def test_ssh_behind_a_network_balancer_fails(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(22, ANYWHERE), port=22)
    return net.answer(("FAIL", "medium", "tcp 22 from 0.0.0.0/0"), group)


@world(OPEN)
def test_denied_interfaces_leave_it_open_whether_a_target_is_private(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE))
    denied(aws, "ec2:DescribeNetworkInterfaces")
    return net.answer(("ERROR", "high", "ec2:DescribeNetworkInterfaces is denied"), group)


@world(OPEN)
def test_denied_load_balancers_leave_it_open_whether_a_target_is_private(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE))
    denied(aws, "elbv2:DescribeLoadBalancers")
    return net.answer(("ERROR", "high", "elbv2:DescribeLoadBalancers is denied"), group)


@world(OPEN)
def test_denied_classic_load_balancers_leave_it_open_whether_a_target_is_private(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE))
    denied(aws, "elb:DescribeLoadBalancers")
    return net.answer(("ERROR", "high", "elb:DescribeLoadBalancers is denied"), group)


@world(OPEN)
def test_denied_databases_leave_it_open_whether_a_target_is_private(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE))
    denied(aws, "rds:DescribeDBInstances")
    return net.answer(("ERROR", "high", "rds:DescribeDBInstances is denied"), group)


@world(OPEN)
def test_denied_functions_leave_it_open_whether_a_target_is_private(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE))
    denied(aws, "lambda:ListFunctions")
    return net.answer(("ERROR", "high", "lambda:ListFunctions is denied"), group)


@world(OPEN)
def test_other_port_of_a_target_that_meets_clients_fails(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE), rule(22, ANYWHERE))
    return net.answer(("FAIL", "medium", "tcp 22 from 0.0.0.0/0, tcp 8080"), group)


@world(OPEN)
def test_public_target_that_meets_clients_fails(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE), public=True)
    return net.answer(("FAIL", "high", "tcp 8080"), group)


@world(OPEN)
def test_target_of_an_internal_balancer_meets_no_internet(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE), scheme="internal")
    return net.answer(("FAIL", "low", "on private resources only"), group)


@world(OPEN)
def test_target_by_address_meets_no_clients(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE), ip=True)
    return net.answer(("FAIL", "low", "on private resources only"), group)


@world(OPEN)
def test_target_that_sees_the_balancer_alone_meets_no_clients(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE), keeps="false")
    return net.answer(("FAIL", "low", "on private resources only"), group)


@world(OPEN)
def test_target_by_address_that_meets_clients_passes(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE), ip=True, keeps="true")
    return net.answer(("PASS", "low", "targets of a Network Load Balancer without groups"), group)


@world(OPEN)
def test_other_protocol_of_a_target_that_meets_clients_fails(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE, protocol="udp"))
    return net.answer(("FAIL", "low", "udp 8080 from 0.0.0.0/0"), group)


@world(OPEN)
def test_denied_attributes_leave_it_open_whether_a_target_meets_clients(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE))
    denied(aws, "elbv2:DescribeTargetGroupAttributes")
    return net.answer(("ERROR", "low", "elbv2:DescribeTargetGroupAttributes is denied"), group)


@world(OPEN)
def test_denied_targets_leave_it_open_whether_they_meet_clients(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE))
    denied(aws, "elbv2:DescribeTargetHealth")
    return net.answer(("ERROR", "low", "elbv2:DescribeTargetHealth is denied"), group)


@world(OPEN)
def test_group_of_another_account_is_not_ours(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(22, ANYWHERE))
    shared(aws, group)
    answer = net.answer("PASS")
    del answer[net.arn(group)]
    return answer | {net.arn(group).replace(aws.account, "210987654321"): ("NOT_APPLICABLE", "critical", "belongs to account 210987654321")}


def shared(aws: Cloud, group: str) -> None:
    """Make a group one of another account's."""

    def change(region: str, parsed: Any) -> None:
        for each in parsed["SecurityGroups"]:
            if each["GroupId"] == group:
                each["OwnerId"] = "210987654321"

    aws.simulated.over("ec2:DescribeSecurityGroups", change)


@world(OPEN)
def test_denied_balancers_leave_a_failure_a_failure(aws: Cloud) -> Expected:
    net = Net(aws)
    open_group, web = net.group(rule(22, ANYWHERE)), net.group(rule(443, ANYWHERE))
    net.instance(open_group)
    net.balancer(web)
    denied(aws, "elbv2:DescribeLoadBalancers")
    answer = net.answer(("FAIL", "critical", "reach not known"), open_group)
    return answer | {net.arn(web): ("ERROR", "medium", "elbv2:DescribeLoadBalancers is denied")}


@world(OPEN)
def test_denied_functions_leave_a_failure_a_failure(aws: Cloud) -> Expected:
    net = Net(aws)
    open_group, web = net.group(rule(22, ANYWHERE)), net.group(rule(443, ANYWHERE))
    net.balancer(web)
    denied(aws, "lambda:ListFunctions")
    answer = net.answer(("FAIL", "critical", "reach not known"), open_group)
    return answer | {net.arn(web): ("ERROR", "medium", "lambda:ListFunctions is denied")}


@world(OPEN)
def test_denied_prefix_list_is_an_error_of_its_group(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(443, lists=(net.prefix_list(PARTNER),)))
    denied(aws, "ec2:GetManagedPrefixListEntries")
    return net.answer(("ERROR", "critical", "ec2:GetManagedPrefixListEntries is denied"), group)


@world(OPEN)
def test_denied_prefix_list_hides_no_failure(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(443, lists=(net.prefix_list(PARTNER),)), rule(22, ANYWHERE))
    denied(aws, "ec2:GetManagedPrefixListEntries")
    return net.answer(("FAIL", "high", "tcp 22 from 0.0.0.0/0"), group)


@world(OPEN)
def test_denied_prefix_list_may_open_worse(aws: Cloud) -> Expected:
    """What is open is high, and what the list may open critical; nobody uses the group."""
    net = Net(aws)
    group = net.group(rule(8080, ANYWHERE), rule(22, lists=(net.prefix_list(PARTNER),)))
    denied(aws, "ec2:GetManagedPrefixListEntries")
    return net.answer(("FAIL", "high", "tcp 8080 from 0.0.0.0/0; not attached"), group)


@world(OPEN)
def test_denied_prefix_list_may_open_more_than_the_web(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(443, ANYWHERE), rule(22, lists=(net.prefix_list(ANYWHERE),)))
    net.balancer(group)
    denied(aws, "ec2:GetManagedPrefixListEntries")
    return net.answer(("ERROR", "critical", "ec2:GetManagedPrefixListEntries is denied"), group)


@world(OPEN)
def test_group_without_rules_in_the_answer_is_an_error_of_its_own(aws: Cloud) -> Expected:
    """A field that AWS always gives: one group's lack of it is no other's."""
    net = Net(aws)
    good, bad = net.group(rule(22, ANYWHERE)), net.group()
    without(aws, "ec2:DescribeSecurityGroups", "SecurityGroups", "IpPermissions", lambda each: each["GroupId"] == bad)
    # Whether the unread group names the other is not known, and so is who uses it.
    return net.answer(("FAIL", "critical", "reach not known"), good) | {net.arn(bad): ("ERROR", "critical", "missing required field `IpPermissions`")}


@world(OPEN)
def test_second_page_of_groups_is_judged(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(22, ANYWHERE), name="last")
    everything = net.ec2.describe_security_groups()["SecurityGroups"]

    def page(region: str, body: Any) -> dict[str, Any]:
        return {"SecurityGroups": everything[2:]} if body.get("NextToken") else {"SecurityGroups": everything[:2], "NextToken": "2"}

    aws.simulated.instead("ec2:DescribeSecurityGroups", page)
    return net.answer(("FAIL", "high", "tcp 22"), group)


def no_groups(aws: Cloud) -> None:
    """Neither default groups nor others."""
    aws.simulated.instead("ec2:DescribeSecurityGroups", lambda region, body: {"SecurityGroups": []})


@world(OPEN)
def test_denied_groups_are_an_error(aws: Cloud) -> Expected:
    denied(aws, "ec2:DescribeSecurityGroups")
    return {aws.account_arn: ("ERROR", "critical", "ec2:DescribeSecurityGroups is denied")}


@world(OPEN)
def test_account_without_groups(aws: Cloud) -> Expected:
    no_groups(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", "critical", "no security groups")}


def test_command_leaves_harmless_rules_alone() -> None:
    made = []

    def build(aws: Cloud) -> None:
        net = Net(aws)
        offices = net.prefix_list(ANYWHERE)
        rules = [rule(22, ANYWHERE, PARTNER), rule(443, ANYWHERE), rule(9000, lists=(offices,)), rule((8, -1), ANYWHERE, protocol="icmp")]
        made.extend([net.group(*rules), offices])

    found = findings(OPEN, build)[made[0]]
    assert found.remediation == (
        f"aws ec2 revoke-security-group-ingress --region eu-west-1 --group-id {made[0]} --ip-permissions "
        """'[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]},"""
        f"""{{"IpProtocol":"tcp","FromPort":9000,"ToPort":9000,"PrefixListIds":[{{"PrefixListId":"{made[1]}"}}]}}]'"""
    )


# --- default groups ------------------------------------------------------------------------------------------------------------------


def default_groups(aws: Cloud, close: bool = False) -> list[str]:
    """The default groups of the account's VPCs, without rules if they are to be closed."""
    ec2 = aws.client("ec2")
    groups = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["default"]}])["SecurityGroups"]
    for each in groups if close else ():
        ec2.revoke_security_group_egress(GroupId=each["GroupId"], IpPermissions=each["IpPermissionsEgress"])
    return [each["GroupId"] for each in groups]


@world(CLOSED)
def test_closed_default_groups_pass(aws: Cloud) -> Expected:
    """Other groups are not of interest."""
    net = Net(aws)
    net.group(rule(22, ANYWHERE))
    return {net.arn(group): ("PASS", "low") for group in default_groups(aws, close=True)}


@world(CLOSED)
def test_default_group_as_aws_made_it_fails(aws: Cloud) -> Expected:
    """As AWS makes it: everything between its members, and everything outwards."""
    net = Net(aws)
    made, empty = sorted(
        default_groups(aws), key=lambda group: net.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["VpcId"] != net.vpc
    )
    net.admit(made, rule(None, groups=(made,), protocol="-1"))
    return {net.arn(made): ("FAIL", "low", "1 inbound and 1 outbound"), net.arn(empty): ("FAIL", "low", "has rules: 1 outbound")}


@world(CLOSED)
def test_default_group_in_use_fails_medium(aws: Cloud) -> Expected:
    net = Net(aws)
    used = net.ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [net.vpc]}])["SecurityGroups"][0]["GroupId"]
    net.instance(used)
    return {net.arn(group): ("FAIL", "medium" if group == used else "low") for group in default_groups(aws)}


@world(CLOSED)
def test_default_group_of_a_launch_template_fails_medium(aws: Cloud) -> Expected:
    (group,) = default_groups(aws)
    aws.client("ec2").create_launch_template(LaunchTemplateName="app", LaunchTemplateData={"SecurityGroupIds": [group]})
    return {aws.arn("ec2", f"security-group/{group}"): ("FAIL", "medium", "1 outbound")}


@world(CLOSED)
def test_default_group_whose_use_is_not_known_fails_medium(aws: Cloud) -> Expected:
    denied(aws, "rds:DescribeDBInstances")
    return {aws.arn("ec2", f"security-group/{group}"): ("FAIL", "medium", "1 outbound") for group in default_groups(aws)}


@world(CLOSED)
def test_group_that_may_be_a_default_group_is_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    bad = net.group()
    without(aws, "ec2:DescribeSecurityGroups", "SecurityGroups", "GroupName", lambda each: each["GroupId"] == bad)
    answer: Expected = {net.arn(group): ("PASS", "low") for group in default_groups(aws, close=True)}
    return answer | {net.arn(bad): ("ERROR", "medium", "missing required field `GroupName`")}


@world(CLOSED)
def test_default_group_of_another_account(aws: Cloud) -> Expected:
    (group,) = default_groups(aws)
    shared(aws, group)
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no default security group")}


@world(CLOSED)
def test_denied_groups_may_be_default_groups(aws: Cloud) -> Expected:
    denied(aws, "ec2:DescribeSecurityGroups")
    return {aws.account_arn: ("ERROR", "medium", "ec2:DescribeSecurityGroups is denied")}


@world(CLOSED)
def test_account_without_default_groups(aws: Cloud) -> Expected:
    no_groups(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no default security group")}


BESIDE = ("no_unused_default_vpc",)


def of_default_vpc(aws: Cloud) -> tuple[str, str]:
    """The default VPC and its default group."""
    ec2 = aws.client("ec2")
    (vpc,) = (each["VpcId"] for each in ec2.describe_vpcs()["Vpcs"] if each["IsDefault"])
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    return vpc, ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]


@world(CLOSED, selected=BESIDE)
def test_default_group_of_an_unused_default_vpc_is_left_to_the_check_of_the_vpc(aws: Cloud) -> Expected:
    """Not that of another VPC, nor one without rules, which is no cause of anything."""
    net = Net(aws)
    _, group = of_default_vpc(aws)
    (other,) = {*default_groups(aws)} - {group}
    return {net.arn(group): ("NOT_APPLICABLE", "low", "judged by no_unused_default_vpc"), net.arn(other): ("FAIL", "low", "has rules")}


@world(CLOSED, selected=BESIDE)
def test_closed_default_group_passes_whoever_judges_its_vpc(aws: Cloud) -> Expected:
    return {aws.arn("ec2", f"security-group/{group}"): ("PASS", "low") for group in default_groups(aws, close=True)}


@world(CLOSED, selected=BESIDE)
def test_default_group_of_a_default_vpc_that_is_kept_fails(aws: Cloud) -> Expected:
    vpc, group = of_default_vpc(aws)
    aws.facts(network={"reserved": [vpc]})
    return {aws.arn("ec2", f"security-group/{group}"): ("FAIL", "low", "has rules")}


@world(CLOSED, selected=BESIDE)
def test_default_group_of_a_default_vpc_in_use_fails(aws: Cloud) -> Expected:
    vpc, group = of_default_vpc(aws)
    ec2 = aws.client("ec2")
    subnet = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"][0]["SubnetId"]
    own = ec2.create_security_group(GroupName="app", Description="app", VpcId=vpc)["GroupId"]
    ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[own])
    return {aws.arn("ec2", f"security-group/{group}"): ("FAIL", "low", "has rules")}


@world(CLOSED, selected=BESIDE)
def test_default_group_of_a_default_vpc_that_can_not_be_judged_is_unknown(aws: Cloud) -> Expected:
    """What is left to a check that ends in ERROR is an ERROR, too."""
    denied(aws, "ec2:DescribeVpnGateways")
    _, group = of_default_vpc(aws)
    return {aws.arn("ec2", f"security-group/{group}"): ("ERROR", "low", "allow ec2:DescribeVpnGateways")}


@world(CLOSED)
def test_default_group_fails_by_itself_whatever_is_known_of_its_vpc(aws: Cloud) -> Expected:
    denied(aws, "ec2:DescribeVpnGateways")
    _, group = of_default_vpc(aws)
    return {aws.arn("ec2", f"security-group/{group}"): ("FAIL", "low", "has rules")}


def test_command_closes_what_is_open() -> None:
    (found,) = findings(CLOSED, lambda aws: None).values()
    group = found.resource.rpartition("/")[2]
    assert found.remediation == (
        f"aws ec2 revoke-security-group-egress --region eu-west-1 --group-id {group} --ip-permissions "
        """'[{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]'"""
    )


# --- databases -----------------------------------------------------------------------------------------------------------------------


def database(aws: Cloud, want: Any, *rules: Permission) -> Expected:
    """A database in a group of its own with these rules, and the verdict on it."""
    net = Net(aws)
    group = net.group(*rules)
    net.database(group)
    return {net.arn(group): want}


@world(DATABASES)
def test_application_as_source_passes(aws: Cloud) -> Expected:
    net = Net(aws)
    web = net.group()
    app = net.group(rule(8080, groups=(web,)))
    instance = net.instance(app)
    group = net.group(rule(5432, groups=(app, net.group())))
    net.database(group)
    return {net.arn(group): ("PASS", "critical", f"admits groups only: {app} <- {instance}; ", "<- nobody")}


@world(DATABASES)
def test_vpc_as_source_fails(aws: Cloud) -> Expected:
    return database(aws, ("FAIL", "medium", f"tcp 5432 from {VPC}"), rule(5432, VPC))


@world(DATABASES)
def test_private_range_in_a_wide_rule_fails(aws: Cloud) -> Expected:
    return database(aws, ("FAIL", "medium", "tcp 5000-6000 from 10.1.2.0/24"), rule((5000, 6000), "10.1.2.0/24"))


@world(DATABASES)
def test_public_range_as_source_fails(aws: Cloud) -> Expected:
    return database(aws, ("FAIL", "high", f"tcp 5432 from {PARTNER}"), rule(5432, PARTNER))


@world(DATABASES)
def test_prefix_list_as_source_fails(aws: Cloud) -> Expected:
    net = Net(aws)
    offices = net.prefix_list(PARTNER)
    group = net.group(rule(5432, lists=(offices,)))
    net.database(group)
    return {net.arn(group): ("FAIL", "high", f"tcp 5432 from {offices} (offices)")}


@world(DATABASES)
def test_list_of_aws_as_source_fails(aws: Cloud) -> Expected:
    net = Net(aws)
    cloudfront, s3 = list_of_aws(aws, ".cloudfront.origin-facing"), list_of_aws(aws, ".s3")
    public, other = net.group(rule(5432, lists=(cloudfront,))), net.group(rule(5432, lists=(s3,)))
    net.database(public, other)
    return {net.arn(public): ("FAIL", "high", f"tcp 5432 from {cloudfront}"), net.arn(other): ("FAIL", "medium", f"tcp 5432 from {s3}")}


@world(DATABASES)
def test_group_of_a_peered_vpc_passes(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(5432, groups=(net.group(),)))
    net.database(group)

    def peered(region: str, parsed: Any) -> None:
        for each in parsed["SecurityGroups"]:
            for pair in (pair for permission in each["IpPermissions"] for pair in permission["UserIdGroupPairs"]):
                pair.update(GroupId="sg-0123456789abcdef0", UserId="210987654321", VpcId="vpc-0123456789abcdef0", VpcPeeringConnectionId="pcx-1")

    aws.simulated.over("ec2:DescribeSecurityGroups", peered)
    return {net.arn(group): ("PASS", "critical", "admits groups only: sg-0123456789abcdef0 <- nobody")}


@world(DATABASES)
def test_group_of_another_account_is_judged_by_what_it_admits(aws: Cloud) -> Expected:
    """The database is this account's."""
    net = Net(aws)
    group = net.group(rule(5432, VPC))
    net.database(group)
    shared(aws, group)
    return {net.arn(group).replace(aws.account, "210987654321"): ("FAIL", "medium", f"tcp 5432 from {VPC}")}


@world(DATABASES)
def test_everybody_as_source_fails(aws: Cloud) -> Expected:
    return database(aws, ("FAIL", "critical", "tcp 5432 from 0.0.0.0/0"), rule(5432, ANYWHERE))


@world(DATABASES)
def test_everybody_in_two_halves_fails(aws: Cloud) -> Expected:
    return database(aws, ("FAIL", "critical", "all traffic from 0.0.0.0/1, 128.0.0.0/1"), rule(None, "0.0.0.0/1", "128.0.0.0/1", protocol="-1"))


@world(DATABASES)
def test_range_that_is_declared_passes(aws: Cloud) -> Expected:
    aws.facts(network={"database_cidrs": ["10.8.0.0/16"]})
    return database(aws, ("PASS", "critical", "network.database_cidrs = 10.8.0.0/16"), rule(5432, "10.8.3.0/24"))


@world(DATABASES)
def test_range_that_is_wider_than_declared_fails(aws: Cloud) -> Expected:
    aws.facts(network={"database_cidrs": ["10.8.0.0/16"]})
    return database(aws, ("FAIL", "medium", "tcp 5432 from 10.0.0.0/8"), rule(5432, "10.0.0.0/8"))


@world(DATABASES)
def test_rule_of_no_use_fails_low(aws: Cloud) -> Expected:
    return database(aws, ("FAIL", "low", "tcp 3306 of no use to a database"), rule(3306, VPC))


def shared_with(aws: Cloud, other: Callable[[Net, str], Any]) -> Expected:
    """A database whose group has a rule that is of no use to it, and something else in that group."""
    net = Net(aws)
    group = net.group(rule(22, PARTNER))
    net.database(group)
    other(net, group)
    return {net.arn(group): ("PASS", "critical", "admits no addresses")}


@world(DATABASES)
def test_rule_that_an_instance_may_use_passes(aws: Cloud) -> Expected:
    return shared_with(aws, lambda net, group: net.instance(group))


@world(DATABASES)
def test_rule_that_an_interface_may_use_passes(aws: Cloud) -> Expected:
    return shared_with(aws, lambda net, group: net.interface(group))


@world(DATABASES)
def test_rule_that_a_load_balancer_may_use_passes(aws: Cloud) -> Expected:
    return shared_with(aws, lambda net, group: net.balancer(group))


@world(DATABASES)
def test_rule_that_a_function_may_use_passes(aws: Cloud) -> Expected:
    return shared_with(aws, lambda net, group: functions(aws, resize=[group]))


@world(DATABASES)
def test_rule_that_instances_to_come_may_use_passes(aws: Cloud) -> Expected:
    return shared_with(
        aws, lambda net, group: net.ec2.create_launch_template(LaunchTemplateName="app", LaunchTemplateData={"SecurityGroupIds": [group]})
    )


@world(DATABASES)
def test_rule_that_only_the_databases_own_interface_may_use_fails_low(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(22, PARTNER))
    net.database(group)
    net.interface(group, Status="in-use", RequesterManaged=True, Description="RDSNetworkInterface")
    return {net.arn(group): ("FAIL", "low", "tcp 22 of no use to a database")}


@world(DATABASES)
def test_members_of_the_group_pass(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group()
    net.admit(group, rule(5432, groups=(group,)))
    net.database(group)
    return {net.arn(group): ("PASS", "critical", f"admits groups only: {group} <- orders")}


@world(DATABASES)
def test_database_that_admits_nobody_passes(aws: Cloud) -> Expected:
    return database(aws, ("PASS", "critical", "admits no addresses"))


@world(DATABASES)
def test_every_group_of_every_database_is_judged(aws: Cloud) -> Expected:
    net = Net(aws)
    good, bad, worse = net.group(), net.group(rule(5432, VPC)), net.group(rule(3306, PARTNER))
    net.database(good, bad)
    net.database(bad, worse, name="reports", port=3306)
    net.cluster(bad)
    return {net.arn(good): "PASS", net.arn(bad): ("FAIL", "medium"), net.arn(worse): ("FAIL", "high")}


@world(DATABASES)
def test_cluster_is_judged(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(5432, VPC))
    net.cluster(group)
    return {net.arn(group): ("FAIL", "medium", f"tcp 5432 from {VPC}")}


@world(DATABASES)
def test_database_in_creation_is_an_error(aws: Cloud) -> Expected:
    without(aws, "rds:DescribeDBInstances", "DBInstances", "Endpoint")
    return database(aws, ("ERROR", "critical", "orders listens on no port yet"), rule(5432, VPC))


@world(DATABASES)
def test_cluster_in_creation_is_an_error(aws: Cloud) -> Expected:
    without(aws, "rds:DescribeDBClusters", "DBClusters", "Port")
    net = Net(aws)
    group = net.group(rule(5432, VPC))
    net.cluster(group)
    return {net.arn(group): ("ERROR", "critical", "ledger listens on no port yet")}


def in_creation_beside_another(aws: Cloud, want: Any, *rules: Permission) -> Expected:
    """A database of port 5432, one in creation, and the verdict on the group of both."""
    net = Net(aws)
    group = net.group(*rules)
    net.database(group)
    net.database(group, name="reports", port=3306)
    without(aws, "rds:DescribeDBInstances", "DBInstances", "Endpoint", lambda each: each["DBInstanceIdentifier"] == "reports")
    return {net.arn(group): want}


@world(DATABASES)
def test_database_in_creation_to_which_no_rule_can_lead_passes(aws: Cloud) -> Expected:
    return in_creation_beside_another(aws, ("PASS", "critical", "admits no addresses"))


@world(DATABASES)
def test_database_in_creation_to_which_a_rule_may_lead_is_an_error(aws: Cloud) -> Expected:
    return in_creation_beside_another(aws, ("ERROR", "critical", "reports listens on no port yet"), rule(3306, VPC))


@world(DATABASES)
def test_what_is_bad_already_stays_bad_beside_a_database_in_creation(aws: Cloud) -> Expected:
    return in_creation_beside_another(aws, ("FAIL", "medium", f"tcp 5432 from {VPC}"), rule(5432, VPC))


@world(DATABASES)
def test_what_is_bad_already_may_be_worse_for_a_database_in_creation(aws: Cloud) -> Expected:
    return in_creation_beside_another(aws, ("FAIL", "critical", f"tcp 5432 from {VPC}"), rule(5432, VPC), rule(3306, ANYWHERE))


@world(DATABASES)
def test_database_in_deletion_is_no_more(aws: Cloud) -> Expected:
    def change(region: str, parsed: Any) -> None:
        for each in parsed["DBInstances"]:
            each["DBInstanceStatus"] = "deleting"

    aws.simulated.over("rds:DescribeDBInstances", change)
    database(aws, "", rule(5432, VPC))
    return {aws.account_arn: "NOT_APPLICABLE"}


@world(DATABASES)
def test_account_without_databases(aws: Cloud) -> Expected:
    stores(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", "critical", "no databases in security groups")}


@world(DATABASES)
def test_denied_databases_are_an_error(aws: Cloud) -> Expected:
    stores(aws)
    denied(aws, "rds:DescribeDBClusters")
    return {(aws.account_arn, "DB clusters"): ("ERROR", "critical", "rds:DescribeDBClusters is denied")}


@world(DATABASES)
def test_database_without_an_engine_is_an_error_of_its_own(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(5432, VPC))
    net.database(group)
    net.database(group, name="reports")
    without(aws, "rds:DescribeDBInstances", "DBInstances", "Engine", lambda each: each["DBInstanceIdentifier"] == "reports")
    answer: Expected = {net.arn(group): ("FAIL", "medium")}
    return answer | {aws.arn("rds", "db:reports"): ("ERROR", "critical", "missing required field `Engine`")}


@world(DATABASES)
def test_rule_that_may_be_for_a_database_that_could_not_be_read_is_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(3306, groups=(net.group(),)))
    net.database(group)
    net.database(net.group(), name="reports", port=3306)
    without(aws, "rds:DescribeDBInstances", "DBInstances", "VpcSecurityGroups", lambda each: each["DBInstanceIdentifier"] == "reports")
    answer: Expected = {net.arn(group): ("ERROR", "critical", "tcp 3306 may be for a database that could not be read")}
    return answer | {aws.arn("rds", "db:reports"): ("ERROR", "critical", "missing required field `VpcSecurityGroups`")}


@world(DATABASES)
def test_group_of_a_database_that_cannot_be_seen_is_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group()
    net.database(group)

    def hidden(region: str, parsed: Any) -> None:
        parsed["SecurityGroups"] = [each for each in parsed["SecurityGroups"] if each["GroupId"] != group]

    aws.simulated.over("ec2:DescribeSecurityGroups", hidden)
    return {net.arn(group): ("ERROR", "critical", f"security group {group} not visible")}


@world(DATABASES)
def test_users_that_are_not_known_hide_no_failure(aws: Cloud) -> Expected:
    """Only whether a rule has no use, and the words of a chain, rest on who uses a group."""
    denied(aws, "elbv2:DescribeLoadBalancers")
    net = Net(aws)
    bad, unused, good = net.group(rule(5432, VPC), rule(22, VPC)), net.group(rule(22, VPC)), net.group()
    net.admit(good, rule(5432, groups=(bad,)))
    net.database(bad, unused, good)
    return {
        net.arn(bad): ("FAIL", "medium", f"tcp 5432 from {VPC}"),
        net.arn(unused): ("ERROR", "critical", "elbv2:DescribeLoadBalancers is denied"),
        net.arn(good): ("PASS", "critical", f"admits groups only: {bad} <- unknown"),
    }


@world(DATABASES)
def test_denied_prefix_list_of_a_database(aws: Cloud) -> Expected:
    denied(aws, "ec2:GetManagedPrefixListEntries")
    net = Net(aws)
    offices = net.prefix_list(PARTNER)
    named = rule(5432, lists=(offices,))
    unknown, bad, worse = net.group(named), net.group(rule(5432, VPC), named), net.group(rule(5432, ANYWHERE), named)
    net.database(unknown, bad, worse)
    return {
        net.arn(unknown): ("ERROR", "critical", "GetManagedPrefixListEntries is denied"),
        # The list may let in the internet.
        net.arn(bad): ("FAIL", "critical", f"tcp 5432 from {VPC}"),
        net.arn(worse): ("FAIL", "critical", "tcp 5432 from 0.0.0.0/0"),
    }


# --- targets of load balancers -------------------------------------------------------------------------------------------------------


def target(aws: Cloud, want: Any, *rules: Permission, **more: Any) -> Expected:
    """An instance behind a public Application Load Balancer in a group with these rules, and the verdict on it."""
    net = Net(aws)
    group = net.group(*rules)
    net.targets(net.balancer(net.group(rule(443, ANYWHERE))), net.instance(group), **more)
    return {net.arn(group): want}


@world(TARGETS)
def test_load_balancer_as_source_passes(aws: Cloud) -> Expected:
    net = Net(aws)
    web = net.group(rule(443, ANYWHERE))
    group = net.group(rule(8080, groups=(web,)))
    net.targets(net.balancer(web), net.instance(group))
    return {net.arn(group): ("PASS", "high", "admit its load balancers only")}


@world(TARGETS)
def test_target_for_everybody_fails(aws: Cloud) -> Expected:
    return target(aws, ("FAIL", "high", "tcp 8080 from 0.0.0.0/0"), rule(8080, ANYWHERE))


@world(TARGETS)
def test_target_for_the_vpc_fails(aws: Cloud) -> Expected:
    return target(aws, ("FAIL", "medium", f"tcp 8080 from {VPC}"), rule(8080, VPC))


@world(TARGETS)
def test_target_for_a_partner_fails(aws: Cloud) -> Expected:
    return target(aws, ("FAIL", "medium", f"tcp 8000-9000 from {PARTNER}"), rule((8000, 9000), PARTNER))


@world(TARGETS)
def test_target_for_cloudfront_fails(aws: Cloud) -> Expected:
    """Past the load balancer, and whatever protects it."""
    cloudfront = list_of_aws(aws, ".cloudfront.origin-facing")
    return target(aws, ("FAIL", "medium", f"tcp 8080 from {cloudfront}"), rule(8080, lists=(cloudfront,)))


@world(TARGETS)
def test_target_for_a_service_of_aws_passes(aws: Cloud) -> Expected:
    return target(aws, "PASS", rule(8080, lists=(list_of_aws(aws, ".s3"),)))


@world(TARGETS)
def test_group_of_another_account_on_a_target(aws: Cloud) -> Expected:
    """The target is this account's."""
    net = Net(aws)
    group = net.group(rule(8080, VPC))
    net.targets(net.balancer(net.group()), net.instance(group))
    shared(aws, group)
    return {net.arn(group).replace(aws.account, "210987654321"): ("FAIL", "medium", f"tcp 8080 from {VPC}")}


@world(TARGETS)
def test_target_for_a_part_of_the_vpc_passes(aws: Cloud) -> Expected:
    return target(aws, "PASS", rule(8080, "10.0.0.0/24"))


@world(TARGETS)
def test_other_ports_of_a_target_are_not_asked_for(aws: Cloud) -> Expected:
    return target(aws, "PASS", rule(22, ANYWHERE))


@world(TARGETS)
def test_health_check_port_counts(aws: Cloud) -> Expected:
    return target(aws, ("FAIL", "medium", f"tcp 9000 from {VPC}"), rule(9000, VPC), HealthCheckPort="9000")


@world(TARGETS)
def test_port_of_the_target_itself_counts(aws: Cloud) -> Expected:
    """A target may be registered with a port of its own."""
    net = Net(aws)
    group = net.group(rule(9090, VPC))
    instance, arn = net.instance(group), net.targets(net.balancer(net.group()))
    net.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance, "Port": 9090}])
    return {net.arn(group): ("FAIL", "medium", f"tcp 9090 from {VPC}")}


@world(TARGETS)
def test_second_interface_gets_no_traffic(aws: Cloud) -> Expected:
    net = Net(aws)
    group, other = net.group(), net.group(rule(8080, VPC))
    instance = net.instance(group)
    interface = net.ec2.create_network_interface(SubnetId=net.private[0], Groups=[other])["NetworkInterface"]["NetworkInterfaceId"]
    net.ec2.attach_network_interface(NetworkInterfaceId=interface, InstanceId=instance, DeviceIndex=1)
    net.targets(net.balancer(net.group()), instance)
    return {net.arn(group): "PASS"}


@world(TARGETS)
def test_vpc_with_ipv6_is_no_less_a_vpc(aws: Cloud) -> Expected:
    net = Net(aws, ipv6=True)
    group = net.group(rule(8080, VPC))
    net.targets(net.balancer(net.group()), net.instance(group))
    return {net.arn(group): ("FAIL", "medium", f"tcp 8080 from {VPC}")}


@world(TARGETS)
def test_clients_behind_a_network_load_balancer_pass(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE))
    return {net.arn(group): "PASS"}


@world(TARGETS)
def test_clients_of_an_internal_balancer_are_not_everybody(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE), scheme="internal")
    return {net.arn(group): ("FAIL", "high", "tcp 8080 from 0.0.0.0/0")}


@world(TARGETS)
def test_clients_of_an_internal_balancer_pass(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, VPC), scheme="internal")
    return {net.arn(group): "PASS"}


@world(TARGETS)
def test_subnets_of_a_network_load_balancer_pass(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, "10.0.0.0/24", "10.0.1.0/24"), ip=True)
    return {net.arn(group): "PASS"}


@world(TARGETS)
def test_everybody_behind_a_network_load_balancer_to_addresses_fails(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE), ip=True)
    return {net.arn(group): ("FAIL", "high", "tcp 8080 from 0.0.0.0/0")}


@world(TARGETS)
def test_everybody_where_clients_addresses_are_not_kept_fails(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE), keeps="false")
    return {net.arn(group): ("FAIL", "high", "tcp 8080 from 0.0.0.0/0")}


@world(TARGETS)
def test_subnets_where_clients_addresses_are_not_kept_pass(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, "10.0.0.0/24", "10.0.1.0/24"), keeps="false")
    return {net.arn(group): "PASS"}


@world(TARGETS)
def test_everybody_where_clients_addresses_are_kept_for_addresses_passes(aws: Cloud) -> Expected:
    net, group = behind_network_balancer(aws, rule(8080, ANYWHERE), ip=True, keeps="true")
    return {net.arn(group): "PASS"}


@world(TARGETS)
def test_whether_clients_addresses_are_kept_is_not_guessed(aws: Cloud) -> Expected:
    net = Net(aws)
    behind = net.targets(net.balancer(kind="network"), net.instance(net.group()), protocol="TCP")
    net.keeps_client_addresses(behind, "sometimes")
    return {behind: ("ERROR", "high", "preserve_client_ip.enabled with a value that we do not know")}


@world(TARGETS)
def test_network_load_balancer_with_groups_is_a_source_to_name(aws: Cloud) -> Expected:
    net = Net(aws)
    front = net.group(rule(443, ANYWHERE))
    group = net.group(rule(8080, ANYWHERE))
    net.targets(net.balancer(front, kind="network"), net.instance(group), protocol="TCP")
    return {net.arn(group): ("FAIL", "high", "tcp 8080 from 0.0.0.0/0")}


@world(TARGETS)
def test_datagrams_are_judged(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(8080, ANYWHERE, protocol="udp"))
    net.targets(net.balancer(net.group(), kind="network"), net.instance(group), protocol="UDP", HealthCheckProtocol="TCP")
    return {net.arn(group): ("FAIL", "high", "udp 8080 from 0.0.0.0/0")}


@world(TARGETS)
def test_target_by_address_is_judged(aws: Cloud) -> Expected:
    net = Net(aws)
    good, bad = net.group(), net.group(rule(8080, VPC))
    net.targets(net.balancer(net.group()), net.address(net.instance(good)), net.address(net.instance(bad)), TargetType="ip")
    return {net.arn(good): "PASS", net.arn(bad): ("FAIL", "medium")}


@world(TARGETS)
def test_target_outside_the_account_is_a_question(aws: Cloud) -> Expected:
    net = Net(aws)
    good = net.group()
    arn = net.targets(net.balancer(net.group()), net.address(net.instance(good)), "172.16.3.4", TargetType="ip")
    return {net.arn(good): "PASS", arn: ("MANUAL", "high", "does target 172.16.3.4, which this account does not show")}


@world(TARGETS)
def test_functions_as_targets_are_not_judged(aws: Cloud) -> Expected:
    net = Net(aws)
    function = net.elb.create_target_group(Name="function", TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"]
    action = {"Type": "forward", "TargetGroupArn": function}
    net.elb.create_listener(LoadBalancerArn=net.balancer(net.group()), Protocol="HTTP", Port=80, DefaultActions=[action])
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "no load balancer has targets")}


@world(TARGETS)
def test_load_balancer_as_a_target_is_not_judged(aws: Cloud) -> Expected:
    net = Net(aws)
    front, behind = net.balancer(kind="network", name="front"), net.balancer(net.group(rule(443, ANYWHERE)))
    net.targets(front, behind, port=443, protocol="TCP", TargetType="alb")
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "no load balancer has targets")}


@world(TARGETS)
def test_target_group_without_a_load_balancer_is_not_judged(aws: Cloud) -> Expected:
    net = Net(aws)
    net.targets(None, net.instance(net.group(rule(8080, ANYWHERE))))
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "no load balancer has targets")}


@world(TARGETS)
def test_target_in_several_groups(aws: Cloud) -> Expected:
    """Rules add up, so each group must be good; the worst of several uses counts."""
    net = Net(aws)
    good, bad = net.group(), net.group(rule(8080, VPC), rule(9090, ANYWHERE))
    instance, balancer = net.instance(good, bad), net.balancer(net.group())
    net.targets(balancer, instance)
    net.targets(balancer, instance, name="admin", port=9090)
    return {net.arn(good): "PASS", net.arn(bad): ("FAIL", "high", f"tcp 8080 from {VPC}", "tcp 9090 from 0.0.0.0/0")}


@world(TARGETS)
def test_denied_load_balancers_are_an_error(aws: Cloud) -> Expected:
    target(aws, "", rule(8080, ANYWHERE))
    denied(aws, "elbv2:DescribeLoadBalancers")
    return {aws.account_arn: ("ERROR", "high", "elbv2:DescribeLoadBalancers is denied")}


@world(TARGETS)
def test_denied_target_groups_are_an_error(aws: Cloud) -> Expected:
    target(aws, "", rule(8080, ANYWHERE))
    denied(aws, "elbv2:DescribeTargetGroups")
    return {aws.account_arn: ("ERROR", "high", "elbv2:DescribeTargetGroups is denied")}


@world(TARGETS)
def test_account_without_load_balancers(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "no load balancer has targets")}


def unreadable_target_group(aws: Cloud, spoil: Callable[[str], None], reason: str) -> Expected:
    """Two target groups, of which one is made unreadable."""
    net = Net(aws)
    group, other = net.group(rule(8080, VPC)), net.group(rule(8080, VPC))
    balancer = net.balancer(net.group())
    net.targets(balancer, net.instance(group))
    spoiled = net.targets(balancer, net.instance(other), name="spoiled", port=8081)
    spoil(spoiled)
    return {net.arn(group): ("FAIL", "high"), spoiled: ("ERROR", "high", reason)}


@world(TARGETS)
def test_target_group_without_a_name_is_an_error_of_its_own(aws: Cloud) -> Expected:
    def spoil(arn: str) -> None:
        without(aws, "elbv2:DescribeTargetGroups", "TargetGroups", "TargetGroupName", lambda each: each["TargetGroupArn"] == arn)

    return unreadable_target_group(aws, spoil, "missing required field `TargetGroupName`")


@world(TARGETS)
def test_load_balancer_without_a_type_is_an_error_of_its_target_groups(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(8080, VPC))
    net.targets(net.balancer(net.group()), net.instance(group))
    spoiled = net.targets(net.balancer(net.group(), name="spoiled"), net.instance(group), name="spoiled")
    without(aws, "elbv2:DescribeLoadBalancers", "LoadBalancers", "Type", lambda each: each["LoadBalancerName"] == "spoiled")
    return {net.arn(group): ("FAIL", "high"), spoiled: ("ERROR", "high", "missing required field `Type`")}


@world(TARGETS)
def test_load_balancer_that_is_gone_sends_nothing(aws: Cloud) -> Expected:
    target(aws, "", rule(8080, VPC))
    aws.simulated.over("elbv2:DescribeLoadBalancers", lambda region, parsed: parsed.update(LoadBalancers=[]))
    return {aws.account_arn: "NOT_APPLICABLE"}


@world(TARGETS)
def test_targets_without_a_port_are_an_error_of_their_own(aws: Cloud) -> Expected:
    def spoil(arn: str) -> None:
        def change(region: str, parsed: Any) -> None:
            for each in parsed["TargetHealthDescriptions"]:
                if each["Target"]["Port"] == 8081:
                    del each["Target"]["Port"]

        aws.simulated.over("elbv2:DescribeTargetHealth", change)

    return unreadable_target_group(aws, spoil, "missing required field `Port`")


def test_target_group_that_is_gone_is_no_finding() -> None:
    def build(aws: Cloud) -> None:
        target(aws, "", rule(8080, ANYWHERE))
        gone = ClientError({"Error": {"Code": "TargetGroupNotFound", "Message": ""}}, "DescribeTargetHealth")
        aws.simulated.instead("elbv2:DescribeTargetHealth", lambda region, body: gone)

    (found,) = findings(TARGETS, build).values()
    assert (found.status, found.resource) == ("NOT_APPLICABLE", "arn:aws:account::123456789012:account"), found.reason


# --- commands that mend --------------------------------------------------------------------------------------------------------------


def paste(aws: Cloud, command: str) -> None:
    """Do what a command says that was pasted into a shell."""
    words = shlex.split(command, comments=True)
    while words:
        end = words.index("&&") if "&&" in words else len(words)
        one, words = words[:end], words[end + 1 :]
        assert one[:2] == ["aws", "ec2"]
        given = dict(zip(one[3::2], one[4::2], strict=True))
        call = getattr(aws.client("ec2", given["--region"]), one[2].replace("-", "_"))
        call(GroupId=given["--group-id"], IpPermissions=json.loads(given["--ip-permissions"]))


def mend(check: Callable[..., None], build: Callable[[Cloud], Any]) -> tuple[str, list[Permission]]:
    """The command of the only failure; pasted, it leaves none. And the inbound rules that are left."""

    def nothing_expected(aws: Cloud) -> Expected:
        build(aws)
        return {}

    with built(World(check, nothing_expected)) as (cloud, _):
        (bad,) = [found for found in judge(check, cloud) if found.status == "FAIL"]
        assert bad.remediation is not None
        paste(cloud, bad.remediation)
        assert {found.status for found in judge(check, cloud)} == {"PASS"}
        group = bad.resource.rpartition("/")[2]
        (left,) = cloud.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
        return bad.remediation, left["IpPermissions"]


def sources(left: list[Permission]) -> set[tuple[int | None, str]]:
    """The ports and sources of rules, each with the port at which it begins."""
    return {(each.get("FromPort"), address["CidrIp"]) for each in left for address in each["IpRanges"]} | {
        (each.get("FromPort"), pair["GroupId"]) for each in left for pair in each["UserIdGroupPairs"]
    }


@pytest.mark.parametrize("rules", [(rule(5432, VPC),), (rule((5000, 6000), PARTNER, VPC), rule(None, VPC, protocol="-1")), (rule(5432, ANYWHERE),)])
def test_command_closes_a_database_and_says_what_to_do_before(rules: tuple[Permission, ...]) -> None:
    command, left = mend(DATABASES, lambda aws: database(aws, "", *rules))
    assert left == []
    group = command.split("--group-id ")[1].split()[0]
    assert command.endswith(
        "  # before that, let in the group of what uses it: aws ec2 authorize-security-group-ingress --region eu-west-1"
        f" --group-id {group} --protocol tcp --port 5432 --source-group GROUP"
    )


def test_command_leaves_a_database_its_application_and_what_is_declared() -> None:
    app = []

    def build(aws: Cloud) -> None:
        aws.facts(network={"database_cidrs": ["10.8.0.0/16"]})
        net = Net(aws)
        app.append(net.group())
        net.database(net.group(rule(5432, VPC, "10.8.3.0/24", groups=(app[0],))))

    command, left = mend(DATABASES, build)
    assert "#" not in command
    assert sources(left) == {(5432, app[0]), (5432, "10.8.3.0/24")}


def test_command_takes_away_a_prefix_list() -> None:
    def build(aws: Cloud) -> None:
        net = Net(aws)
        net.database(net.group(rule(5432, lists=(net.prefix_list(PARTNER),))))

    assert mend(DATABASES, build)[1] == []


def test_command_takes_away_what_is_of_no_use_to_a_database() -> None:
    def build(aws: Cloud) -> None:
        net = Net(aws)
        app = net.group()
        net.database(net.group(rule(5432, groups=(app,)), rule(22, VPC, groups=(app,))))

    _, left = mend(DATABASES, build)
    assert [each["FromPort"] for each in left] == [5432]


def test_command_lets_the_load_balancer_in_first() -> None:
    front = []

    def build(aws: Cloud) -> None:
        net = Net(aws)
        front.append(net.group(rule(443, ANYWHERE)))
        group = net.group(rule(8080, VPC), rule(22, "10.0.9.0/24"))
        net.targets(net.balancer(front[0]), net.instance(group), HealthCheckPort="9090")

    command, left = mend(TARGETS, build)
    assert command.index("authorize-security-group-ingress") < command.index("revoke-security-group-ingress")
    assert sources(left) == {(8080, front[0]), (9090, front[0]), (22, "10.0.9.0/24")}


def test_command_names_no_load_balancer_that_is_let_in_already() -> None:
    front = []

    def build(aws: Cloud) -> None:
        net = Net(aws)
        front.append(net.group(rule(443, ANYWHERE)))
        net.targets(net.balancer(front[0]), net.instance(net.group(rule(8080, VPC, groups=(front[0],)))))

    command, left = mend(TARGETS, build)
    assert "authorize" not in command
    assert sources(left) == {(8080, front[0])}


def test_command_lets_in_the_subnets_of_a_load_balancer_without_groups() -> None:
    _, left = mend(TARGETS, lambda aws: behind_network_balancer(aws, rule(8080, ANYWHERE), ip=True))
    assert sources(left) == {(8080, "10.0.0.0/24"), (8080, "10.0.1.0/24")}


def test_command_lets_in_the_vpc_where_clients_keep_their_addresses() -> None:
    _, left = mend(TARGETS, lambda aws: behind_network_balancer(aws, rule(8080, ANYWHERE), scheme="internal"))
    assert sources(left) == {(8080, VPC)}


def test_command_serves_every_load_balancer_of_a_group() -> None:
    fronts = []

    def build(aws: Cloud) -> None:
        net = Net(aws)
        instance = net.instance(net.group(rule(None, VPC, protocol="-1")))
        for name, port in (("web", 8080), ("admin", 9090)):
            fronts.append(net.group())
            net.targets(net.balancer(fronts[-1], name=name), instance, name=name, port=port)

    _, left = mend(TARGETS, build)
    assert sources(left) == {(8080, fronts[0]), (9090, fronts[1])}


# --- one cause, one failure ----------------------------------------------------------------------------------------------------------


BESIDE_OPEN = (OPEN.__name__.removeprefix("test_"),)
LEFT = ("NOT_APPLICABLE", None, "judged by security_group_no_world_open_ingress")


@world(DATABASES, selected=BESIDE_OPEN)
def test_database_for_everybody_is_left_to_the_other_check(aws: Cloud) -> Expected:
    return database(aws, LEFT, rule(5432, ANYWHERE))


@world(DATABASES, selected=BESIDE_OPEN)
def test_rule_of_no_use_is_another_cause(aws: Cloud) -> Expected:
    return database(aws, ("FAIL", "critical", "tcp 5432 from 0.0.0.0/0", "tcp 3306 of no use"), rule(5432, ANYWHERE), rule(3306, VPC))


@world(DATABASES, selected=BESIDE_OPEN)
def test_range_on_another_databases_port_is_another_cause(aws: Cloud) -> Expected:
    """Which is open on one port alone; that the range may use that, too, adds nothing."""
    net = Net(aws)
    group = net.group(rule(5432, ANYWHERE), rule(None, VPC, protocol="-1"))
    net.database(group)
    net.database(group, name="reports", port=3306)
    return {net.arn(group): ("FAIL", "critical", "tcp 5432 from 0.0.0.0/0; all traffic from 10.0.0.0/16")}


@world(DATABASES, selected=BESIDE_OPEN)
def test_group_of_another_account_on_a_database_is_left_to_nobody(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(5432, ANYWHERE))
    net.database(group)
    shared(aws, group)
    return {net.arn(group).replace(aws.account, "210987654321"): ("FAIL", "critical", "tcp 5432 from 0.0.0.0/0")}


@world(DATABASES, selected=BESIDE_OPEN)
def test_database_in_creation_may_be_another_cause(aws: Cloud) -> Expected:
    return in_creation_beside_another(aws, ("FAIL", "critical", "tcp 5432 from 0.0.0.0/0"), rule(5432, ANYWHERE), rule(3306, VPC))


@world(DATABASES, selected=BESIDE_OPEN)
def test_prefix_list_that_could_not_be_read_may_be_another_cause(aws: Cloud) -> Expected:
    denied(aws, "ec2:GetManagedPrefixListEntries")
    net = Net(aws)
    group = net.group(rule(5432, ANYWHERE, lists=(net.prefix_list(PARTNER),)))
    net.database(group)
    return {net.arn(group): ("FAIL", "critical", "tcp 5432 from 0.0.0.0/0")}


@world(TARGETS, selected=BESIDE_OPEN)
def test_target_for_everybody_is_left_to_the_other_check(aws: Cloud) -> Expected:
    return target(aws, LEFT, rule(8080, ANYWHERE))


@world(TARGETS, selected=BESIDE_OPEN)
def test_target_for_everybody_and_the_vpc_is_another_cause(aws: Cloud) -> Expected:
    return target(aws, ("FAIL", "high", f"tcp 8080 from {VPC}"), rule(8080, ANYWHERE, VPC))


@world(TARGETS, selected=BESIDE_OPEN)
def test_second_use_of_a_target_may_be_another_cause(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(8080, ANYWHERE), rule(9090, VPC))
    instance, balancer = net.instance(group), net.balancer(net.group())
    net.targets(balancer, instance)
    net.targets(balancer, instance, name="admin", port=9090)
    return {net.arn(group): ("FAIL", "high", "tcp 8080 from 0.0.0.0/0", f"tcp 9090 from {VPC}")}


@world(TARGETS, selected=BESIDE_OPEN)
def test_group_of_another_account_on_a_target_is_left_to_nobody(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(8080, ANYWHERE))
    net.targets(net.balancer(net.group()), net.instance(group))
    shared(aws, group)
    return {net.arn(group).replace(aws.account, "210987654321"): ("FAIL", "high", "tcp 8080 from 0.0.0.0/0")}


@world(TARGETS, selected=BESIDE_OPEN)
def test_target_group_that_could_not_be_read_may_be_another_cause(aws: Cloud) -> Expected:
    net = Net(aws)
    group = net.group(rule(8080, ANYWHERE))
    balancer = net.balancer(net.group())
    net.targets(balancer, net.instance(group))
    spoiled = net.targets(balancer, net.instance(group), name="spoiled", port=9090)
    without(aws, "elbv2:DescribeTargetGroups", "TargetGroups", "TargetGroupName", lambda each: each["TargetGroupArn"] == spoiled)
    return {net.arn(group): ("FAIL", "high", "tcp 8080 from 0.0.0.0/0"), spoiled: ("ERROR", "high")}


def test_basis_of_what_is_declared() -> None:
    def build(aws: Cloud) -> None:
        aws.facts(network={"database_cidrs": ["10.8.0.0/16"]})
        database(aws, "", rule(5432, "10.8.3.0/24"))

    (found,) = findings(DATABASES, build).values()
    assert (found.status, found.basis) == ("PASS", "declared")


# --- what must be shown --------------------------------------------------------------------------------------------------------------

EDGES: dict[str, dict[str, Any]] = {
    "security_group_no_world_open_ingress": {
        "no source is the internet: PASS": test_groups_that_admit_nobody_pass,
        "IPv4 and IPv6 from everywhere: FAIL": (test_ssh_for_everybody_fails, test_ssh_over_ipv6_fails),
        "the internet in pieces, in one rule or several: FAIL": (test_two_halves_in_one_rule_fail, test_two_halves_in_two_rules_fail),
        "a block broader than /8 in the union: FAIL": test_neighbours_in_two_rules_fail,
        "half of all addresses in the union: FAIL": test_half_of_all_addresses_fails,
        "blocks that are neither: PASS": (test_blocks_far_apart_pass, test_partners_network_is_not_everybody),
        "a prefix list of the customer's, by what is in it": (test_prefix_list_of_the_whole_internet_fails, test_prefix_list_of_offices_passes),
        "CloudFront's list: PASS, with a note": test_cloudfront_is_not_everybody,
        "a list of a service of AWS: PASS; one that is not known: ERROR": (
            test_other_lists_of_aws_are_not_everybody,
            test_list_of_aws_that_is_not_known_is_an_error,
        ),
        "rules that name a group: PASS": test_groups_as_sources_are_not_everybody,
        "web ports of internet-facing load balancers: PASS": (
            test_web_ports_of_public_load_balancers_pass,
            test_web_ports_of_classic_load_balancers_pass,
        ),
        "the web ports that the profile names": test_web_ports_that_the_profile_asks_for_pass,
        "other ports of internet-facing load balancers: FAIL high": test_other_ports_of_public_load_balancers_fail,
        "web ports that something else shares: FAIL": (
            test_web_port_that_an_instance_shares_fails,
            test_web_port_that_a_launch_template_shares_fails,
            test_web_port_that_a_function_shares_fails,
        ),
        "declared public: PASS for web ports only": (test_group_declared_public_passes, test_group_declared_public_is_not_so_for_ssh),
        "ports of administration and of data: FAIL critical": (
            test_ssh_for_everybody_fails,
            test_range_that_has_a_sensitive_port_fails,
            test_sensitive_datagrams_fail,
        ),
        "all traffic, all ports, a protocol without ports: FAIL critical": (test_all_traffic_fails, test_all_ports_fail, test_tunnel_fails),
        "other ports: FAIL high": test_range_without_a_sensitive_port_is_high,
        "web ports of instances: FAIL medium": test_web_ports_of_instances_are_medium,
        "nobody in the group: one level lower": (
            test_group_that_nobody_uses_is_one_lower,
            test_reference_by_a_group_is_no_attachment,
            test_left_over_interface_is_no_attachment,
            test_launch_template_alone_is_no_attachment,
        ),
        "private resources only: two levels lower": (
            test_private_resources_are_two_lower,
            test_database_without_interface_counts_as_private,
            test_web_port_of_an_internal_load_balancer_fails_low,
            test_endpoint_is_a_private_resource,
        ),
        "functions only: FAIL low": test_functions_are_low,
        "targets of a Network Load Balancer without groups: PASS": (
            test_target_that_meets_clients_passes,
            test_target_by_address_that_meets_clients_passes,
        ),
        "targets that do not meet its clients, are public, or are administered: FAIL": (
            test_target_by_address_meets_no_clients,
            test_target_that_sees_the_balancer_alone_meets_no_clients,
            test_target_of_an_internal_balancer_meets_no_internet,
            test_public_target_that_meets_clients_fails,
            test_ssh_behind_a_network_balancer_fails,
            test_other_port_of_a_target_that_meets_clients_fails,
            test_other_protocol_of_a_target_that_meets_clients_fails,
        ),
        "ICMP echo, and ICMPv6: PASS with a note": (test_ping_passes, test_icmp_of_ipv6_passes),
        "ICMP of every kind: FAIL low": test_every_kind_of_icmp_fails,
        "another account's group: NOT_APPLICABLE": test_group_of_another_account_is_not_ours,
        "no groups: NOT_APPLICABLE": test_account_without_groups,
        "what could not be read: ERROR, or the FAIL that the rest proves": (
            test_denied_groups_are_an_error,
            test_denied_prefix_list_is_an_error_of_its_group,
            test_denied_prefix_list_hides_no_failure,
            test_denied_prefix_list_may_open_worse,
            test_denied_balancers_leave_a_failure_a_failure,
            test_group_without_rules_in_the_answer_is_an_error_of_its_own,
        ),
        "every page of groups": test_second_page_of_groups_is_judged,
    },
    "default_security_group_closed": {
        "neither inbound nor outbound rules: PASS": test_closed_default_groups_pass,
        "any rule, also as AWS made it in an empty VPC: FAIL low": test_default_group_as_aws_made_it_fails,
        "in use: FAIL medium": (test_default_group_in_use_fails_medium, test_default_group_of_a_launch_template_fails_medium),
        "whether it is in use could not be read: FAIL medium": test_default_group_whose_use_is_not_known_fails_medium,
        "another account's, or none: NOT_APPLICABLE": (test_default_group_of_another_account, test_account_without_default_groups),
        "what could not be read: ERROR": (test_group_that_may_be_a_default_group_is_an_error, test_denied_groups_may_be_default_groups),
        "of a default VPC that nothing uses: left to its check, if that runs and fails": (
            test_default_group_of_an_unused_default_vpc_is_left_to_the_check_of_the_vpc,
            test_closed_default_group_passes_whoever_judges_its_vpc,
            test_default_group_of_a_default_vpc_that_is_kept_fails,
            test_default_group_of_a_default_vpc_in_use_fails,
            test_default_group_fails_by_itself_whatever_is_known_of_its_vpc,
        ),
        "of a default VPC that can't be judged: ERROR": test_default_group_of_a_default_vpc_that_can_not_be_judged_is_unknown,
    },
    "database_ingress_from_security_groups_only": {
        "groups as sources, its own and a peer's included: PASS": (
            test_application_as_source_passes,
            test_members_of_the_group_pass,
            test_group_of_a_peered_vpc_passes,
        ),
        "no inbound rules: PASS": test_database_that_admits_nobody_passes,
        "declared ranges: PASS; wider ones: FAIL": (test_range_that_is_declared_passes, test_range_that_is_wider_than_declared_fails),
        "the internet: FAIL critical": (test_everybody_as_source_fails, test_everybody_in_two_halves_fails),
        "a public range: FAIL high": (test_public_range_as_source_fails, test_prefix_list_as_source_fails),
        "a private range, the whole VPC too: FAIL medium": (test_vpc_as_source_fails, test_private_range_in_a_wide_rule_fails),
        "a list of AWS's: FAIL": test_list_of_aws_as_source_fails,
        "a rule on another port: FAIL low": (test_rule_of_no_use_fails_low, test_rule_that_only_the_databases_own_interface_may_use_fails_low),
        "a rule that something else in the group may use: PASS": (
            test_rule_that_an_instance_may_use_passes,
            test_rule_that_an_interface_may_use_passes,
            test_rule_that_a_load_balancer_may_use_passes,
            test_rule_that_a_function_may_use_passes,
            test_rule_that_instances_to_come_may_use_passes,
        ),
        "instances and clusters, every group of each": (test_cluster_is_judged, test_every_group_of_every_database_is_judged),
        "another account's group: judged": test_group_of_another_account_is_judged_by_what_it_admits,
        "in creation: ERROR where its port matters": (
            test_database_in_creation_is_an_error,
            test_cluster_in_creation_is_an_error,
            test_database_in_creation_to_which_a_rule_may_lead_is_an_error,
            test_database_in_creation_to_which_no_rule_can_lead_passes,
        ),
        "open to the internet and nothing else: left to the check of that, where it judges the group": (
            test_database_for_everybody_is_left_to_the_other_check,
            test_rule_of_no_use_is_another_cause,
            test_group_of_another_account_on_a_database_is_left_to_nobody,
            test_database_in_creation_may_be_another_cause,
        ),
        "in deletion, or none: NOT_APPLICABLE": (test_database_in_deletion_is_no_more, test_account_without_databases),
        "what could not be read: ERROR, or the FAIL that the rest proves": (
            test_denied_databases_are_an_error,
            test_database_without_an_engine_is_an_error_of_its_own,
            test_group_of_a_database_that_cannot_be_seen_is_an_error,
            test_denied_prefix_list_of_a_database,
            test_users_that_are_not_known_hide_no_failure,
        ),
    },
    "load_balancer_targets_admit_only_load_balancer": {
        "the load balancer's group as source: PASS": test_load_balancer_as_source_passes,
        "the internet: FAIL high": test_target_for_everybody_fails,
        "a public range, the whole VPC: FAIL medium": (
            test_target_for_a_partner_fails,
            test_target_for_the_vpc_fails,
            test_target_for_cloudfront_fails,
        ),
        "a part of the VPC: PASS": test_target_for_a_part_of_the_vpc_passes,
        "the port of the traffic, of the target itself, and of the health check": (
            test_other_ports_of_a_target_are_not_asked_for,
            test_port_of_the_target_itself_counts,
            test_health_check_port_counts,
        ),
        "datagrams": test_datagrams_are_judged,
        "subnets of a Network Load Balancer without groups: PASS": (
            test_subnets_of_a_network_load_balancer_pass,
            test_subnets_where_clients_addresses_are_not_kept_pass,
        ),
        "its clients, where their addresses are kept: PASS": (
            test_clients_behind_a_network_load_balancer_pass,
            test_clients_of_an_internal_balancer_pass,
            test_everybody_where_clients_addresses_are_kept_for_addresses_passes,
        ),
        "everybody, where they are not: FAIL": (
            test_everybody_behind_a_network_load_balancer_to_addresses_fails,
            test_everybody_where_clients_addresses_are_not_kept_fails,
            test_clients_of_an_internal_balancer_are_not_everybody,
        ),
        "a Network Load Balancer with groups: as any": test_network_load_balancer_with_groups_is_a_source_to_name,
        "instances and addresses, the interface that gets the traffic": (test_target_by_address_is_judged, test_second_interface_gets_no_traffic),
        "another account's group: judged": test_group_of_another_account_on_a_target,
        "open to the internet and nothing else: left to the check of that, where it judges the group": (
            test_target_for_everybody_is_left_to_the_other_check,
            test_target_for_everybody_and_the_vpc_is_another_cause,
            test_group_of_another_account_on_a_target_is_left_to_nobody,
            test_target_group_that_could_not_be_read_may_be_another_cause,
        ),
        "outside the account: MANUAL": test_target_outside_the_account_is_a_question,
        "functions, load balancers, no load balancer: NOT_APPLICABLE": (
            test_functions_as_targets_are_not_judged,
            test_load_balancer_as_a_target_is_not_judged,
            test_target_group_without_a_load_balancer_is_not_judged,
            test_account_without_load_balancers,
        ),
        "what could not be read: ERROR, or the FAIL that the rest proves": (
            test_denied_load_balancers_are_an_error,
            test_denied_target_groups_are_an_error,
            test_target_group_without_a_name_is_an_error_of_its_own,
            test_load_balancer_without_a_type_is_an_error_of_its_target_groups,
            test_targets_without_a_port_are_an_error_of_their_own,
            test_whether_clients_addresses_are_kept_is_not_guessed,
        ),
    },
}
