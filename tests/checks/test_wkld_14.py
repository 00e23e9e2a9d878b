"""WKLD.14's checks, each shown to pass, to fail, and at its edges. moto tells of a function's own URL only, and knows no Lightsail."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from tests.checks.test_acct_09 import asked_in
from tests.checks.test_wkld_11 import ANYWHERE, PARTNER, Net, rule
from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_14_edge_protection as suite

TARGETS = suite.test_load_balancer_targets_in_private_subnets
COMPUTE, SERVICES = suite.test_compute_not_serving_internet_directly, suite.test_ecs_service_behind_load_balancer
URL, LIGHTSAIL = suite.test_lambda_function_url_protected, suite.test_lightsail_resources_declared
LIST_URLS, LIST_INSTANCES = "lambda:ListFunctionUrlConfigs", "lightsail:GetInstances"


def error(operation: str, code: str = "AccessDeniedException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, operation.partition(":")[2])


def denied(aws: Cloud, operation: str) -> None:
    """Deny that call from now on."""
    aws.simulated.instead(operation, lambda region, asked: error(operation))


def cloudfront(aws: Cloud) -> str:
    """AWS's own list of where CloudFront asks from."""
    lists = aws.client("ec2").describe_managed_prefix_lists()["PrefixLists"]
    found: str = next(each["PrefixListId"] for each in lists if each["PrefixListName"].endswith(".cloudfront.origin-facing"))
    return found


# --- compute_not_serving_internet_directly -------------------------------------------------------------------------------------------------


@world(COMPUTE)
def test_instances_are_judged_by_address_subnet_and_groups(aws: Cloud) -> Expected:
    aws.facts(network={"public_resources": ["tag:role=vpn"], "public_ports": [8443]})
    net = Net(aws)
    web = net.group(rule(22, ANYWHERE), rule(8443, ANYWHERE))
    halves = [net.group(rule(443, half)) for half in ("0.0.0.0/1", "128.0.0.0/1")]
    instances = {
        "private": net.instance(web),
        "closed": net.instance(net.group(), public=True),
        "office": net.instance(net.group(rule(22, PARTNER)), public=True),
        "cloudfront": net.instance(net.group(rule(443, lists=(cloudfront(aws),))), public=True),
        "tunnel": net.instance(net.group(rule(0, ANYWHERE, protocol="47")), public=True),
        "web": net.instance(web, public=True),
        "halves": net.instance(*halves, public=True),
        "everything": net.instance(net.group(rule(None, ANYWHERE, protocol="-1")), public=True),
        "vpn": net.instance(net.group(rule(1194, ANYWHERE, protocol="udp")), public=True),
        "nat": net.instance(net.group(rule(443, ANYWHERE)), public=True),
    }
    net.ec2.create_tags(Resources=[instances["vpn"]], Tags=[{"Key": "role", "Value": "vpn"}])
    net.ec2.modify_instance_attribute(InstanceId=instances["nat"], SourceDestCheck={"Value": False})
    table = net.ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"]
    net.ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE, InstanceId=instances["nat"])
    wanted: Expected = {
        "private": ("PASS", "high", "no public address in a public subnet"),
        "closed": ("PASS", "high", "its groups do not let the internet in"),
        "office": ("PASS", "high", "its groups do not let the internet in"),
        "cloudfront": ("PASS", "high", "only CloudFront gets here, by anybody's distribution: a secret header or a VPC origin"),
        "tunnel": "PASS",
        "web": (
            "FAIL",
            "high",
            f"in {net.public[0]} serves the internet by tcp 8443 from 0.0.0.0/0, tcp 22 from 0.0.0.0/0",
            "network ACLs are not looked at",
        ),
        "halves": ("FAIL", "high", "tcp 443 from "),
        "everything": ("FAIL", "high", "all traffic from 0.0.0.0/0"),
        "vpn": ("PASS", "high", "meant to face the internet (network.public_resources = tag:role=vpn)"),
        "nat": ("PASS", "high", "a NAT instance"),
    }
    return {aws.arn("ec2", f"instance/{instances[name]}"): want for name, want in wanted.items()}


@world(COMPUTE)
def test_groups_count_for_the_family_of_the_address(aws: Cloud) -> Expected:
    """And each of several interfaces counts by itself, the proven one before one that is not known."""
    net = Net(aws)
    net.route_ipv6()
    old, new = net.group(rule(443, ANYWHERE)), net.group(rule(443, "::/0"))
    lists = net.prefix_list(ANYWHERE)
    only_v4, only_v6, wrong_family, by_list = (net.instance(group, public=True) for group in (new, new, old, net.group(rule(443, lists=(lists,)))))
    for instance in (only_v6, wrong_family, by_list):
        net.said(
            net.interface_of(instance),
            Association=None,
            PrivateIpAddresses=[{"PrivateIpAddress": "10.0.0.9"}],
            Ipv6Addresses=[{"Ipv6Address": "2600:1f18::1"}],
        )
    without_association(aws)
    return {
        aws.arn("ec2", f"instance/{only_v4}"): ("PASS", "high", "do not let the internet in"),
        aws.arn("ec2", f"instance/{only_v6}"): ("FAIL", "high", "2600:1f18::1 in ", "tcp 443 from ::/0"),
        aws.arn("ec2", f"instance/{wrong_family}"): "PASS",
        aws.arn("ec2", f"instance/{by_list}"): "PASS",
    }


def without_association(aws: Cloud) -> None:
    """Leave out what was said to be none."""

    def change(region: str, parsed: Any) -> None:
        for each in parsed["NetworkInterfaces"]:
            if each.get("Association") is None:
                each.pop("Association", None)

    aws.simulated.over("ec2:DescribeNetworkInterfaces", change)


@world(COMPUTE)
def test_route_whose_target_is_not_told_may_make_a_subnet_public_for_ipv6(aws: Cloud) -> Expected:
    """Each instance stands in a subnet of its own, which is public for IPv4, and has one more route."""
    net = Net(aws)
    group = net.group(rule(443, "::/0"))
    v6: dict[str, Any] = {"DestinationIpv6CidrBlock": "::/0", "State": "active"}
    more: dict[str, list[dict[str, Any]]] = {}
    told = {
        "untold": v6,
        "untold-list": {"DestinationPrefixListId": "pl-0123456789abcdef0", "State": "active"},
        "blackhole": v6 | {"State": "blackhole"},
        "outwards": v6 | {"EgressOnlyInternetGatewayId": "eigw-0123456789abcdef0"},
        "untold-v4": {"DestinationCidrBlock": "192.0.2.0/24", "State": "active"},
        "beside": v6 | {"DestinationIpv6CidrBlock": "2600:1f18:1::/48"},
    }
    (gateway,) = (
        each["InternetGatewayId"] for each in net.ec2.describe_internet_gateways()["InternetGateways"] if each["Attachments"][0]["VpcId"] == net.vpc
    )
    instances = {}
    for number, (name, route) in enumerate(told.items(), 50):
        subnet = net.ec2.create_subnet(VpcId=net.vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]["SubnetId"]
        table = net.ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"]
        net.ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE, GatewayId=gateway)
        net.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        more[table] = [route, v6 | {"GatewayId": gateway}] if name == "beside" else [route]
        interface = {"DeviceIndex": 0, "SubnetId": subnet, "Groups": [group]}
        made = net.ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, NetworkInterfaces=[interface])
        instances[name] = made["Instances"][0]["InstanceId"]
        net.said(net.interface_of(instances[name]), Ipv6Addresses=[{"Ipv6Address": f"2600:1f18::{number}"}])

    def routes(region: str, parsed: Any) -> None:
        for each in parsed["RouteTables"]:
            if each["RouteTableId"] in more:
                each["Routes"] += more[each["RouteTableId"]]

    aws.simulated.over("ec2:DescribeRouteTables", routes)
    unknown = ("ERROR", "high", "to a kind of target that this tool does not know")
    verdicts = {"untold": unknown, "untold-list": unknown, "beside": ("FAIL", "high", "tcp 443 from ::/0")}
    return {aws.arn("ec2", f"instance/{id}"): verdicts.get(name, ("PASS", "high", "no public address in")) for name, id in instances.items()}


@world(COMPUTE)
def test_what_cannot_be_read_is_an_error_unless_the_rest_is_open(aws: Cloud) -> Expected:
    net = Net(aws)
    lists = (net.prefix_list(PARTNER),)
    by_list, both = net.group(rule(443, lists=lists)), net.group(rule(443, lists=lists), rule(80, ANYWHERE))
    unknown, open_beside = net.instance(by_list, public=True), net.instance(both, public=True)
    several = launched(net, by_list, both)
    private = net.instance(by_list)
    denied(aws, "ec2:GetManagedPrefixListEntries")
    return {
        aws.arn("ec2", f"instance/{unknown}"): ("ERROR", "high", "ec2:GetManagedPrefixListEntries is denied"),
        aws.arn("ec2", f"instance/{open_beside}"): ("FAIL", "high", "tcp 80 from 0.0.0.0/0"),
        aws.arn("ec2", f"instance/{several}"): ("FAIL", "high", "tcp 80 from 0.0.0.0/0"),
        aws.arn("ec2", f"instance/{private}"): "PASS",
    }


def launched(net: Net, *groups: str) -> str:
    """An instance with a public interface in each of these groups."""
    interfaces = [
        {"DeviceIndex": number, "SubnetId": net.public[0], "AssociatePublicIpAddress": True, "Groups": [group]} for number, group in enumerate(groups)
    ]
    found: str = net.ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, NetworkInterfaces=interfaces)["Instances"][0]["InstanceId"]
    return found


@world(COMPUTE)
def test_instance_of_which_no_interface_is_shown_is_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    hidden = net.instance(net.group())
    aws.simulated.over("ec2:DescribeNetworkInterfaces", lambda region, parsed: parsed["NetworkInterfaces"].clear())
    return {aws.arn("ec2", f"instance/{hidden}"): ("ERROR", "high", "no network interface of ")}


@world(COMPUTE)
def test_nothing_that_could_serve(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "no instances, and no tasks with public addresses")}


class Ecs:
    """A cluster as ECS tells of it: services and tasks, with interfaces in a network."""

    def __init__(self, aws: Cloud, net: Net) -> None:
        self.aws, self.net = aws, net
        self.cluster = aws.arn("ecs", "cluster/shop")
        self.services: list[dict[str, Any]] = []
        self.tasks: list[dict[str, Any]] = []
        self.ports: dict[str, Any] = {}
        aws.simulated.instead("ecs:ListClusters", lambda region, asked: {"clusterArns": [self.cluster]})
        aws.simulated.instead("ecs:ListServices", lambda region, asked: {"serviceArns": [each["serviceArn"] for each in self.services]})
        aws.simulated.instead("ecs:DescribeServices", lambda region, asked: {"services": self._asked(asked["services"]), "failures": []})
        aws.simulated.instead("ecs:ListTasks", lambda region, asked: {"taskArns": [each["taskArn"] for each in self.tasks]})
        aws.simulated.instead("ecs:DescribeTasks", lambda region, asked: {"tasks": self.tasks, "failures": []})
        aws.simulated.instead("ecs:DescribeTaskDefinition", lambda region, asked: self._definition(asked["taskDefinition"]))

    def _asked(self, arns: list[str]) -> list[dict[str, Any]]:
        return [each for each in self.services if each["serviceArn"] in arns]

    def _definition(self, arn: str) -> dict[str, Any]:
        containers = [{"name": "sidecar", "portMappings": []}, {"name": "app", "portMappings": self.ports[arn]}]
        return {"taskDefinition": {"taskDefinitionArn": arn, "containerDefinitions": containers}}

    def network(self, *groups: str, public: bool = True, assign: str | None = "ENABLED") -> dict[str, Any]:
        """A network of tasks in the public subnets, or in the private ones."""
        told = {"subnets": self.net.public if public else self.net.private, "securityGroups": list(groups)}
        return {"awsvpcConfiguration": {**told, **({"assignPublicIp": assign} if assign else {})}}

    def service(self, name: str, network: dict[str, Any] | None, *, ports: bool = True, **more: Any) -> str:
        """A service, with one deployment of it."""
        arn, definition = self.aws.arn("ecs", f"service/shop/{name}"), self.aws.arn("ecs", f"task-definition/{name}:1")
        self.ports[definition] = [{"containerPort": 8080, "protocol": "tcp"}] if ports else []
        told = {} if network is None else {"networkConfiguration": network}
        deployment = {"status": "PRIMARY", "taskDefinition": definition, **told}
        made = {"serviceArn": arn, "serviceName": name, "clusterArn": self.cluster, "status": "ACTIVE", "launchType": "FARGATE", **told}
        self.services.append({**made, "loadBalancers": [], "deployments": [deployment], "taskSets": [], **more})
        return arn

    def task(self, name: str, group: str, *, of: str = "family:job", public: bool = True, known: bool = True) -> tuple[str, str]:
        """A task and its network interface, as ARNs."""
        arn = self.aws.arn("ecs", f"task/shop/{name}")
        subnet = self.net.public[0]
        interface = self.net.ec2.create_network_interface(SubnetId=subnet, Groups=[group])["NetworkInterface"]["NetworkInterfaceId"]
        address = {"Association": {"PublicIp": "203.0.113.7", "IpOwnerId": "amazon"}} if public else {}
        attachment = self.aws.arn("ecs", f"attachment/{name}")
        self.net.said(interface, Description=attachment, RequesterManaged=True, Status="in-use", **address)
        details = [{"name": "subnetId", "value": subnet}, {"name": "networkInterfaceId", "value": interface}]
        if known:
            self.tasks.append({"taskArn": arn, "clusterArn": self.cluster, "group": of, "attachments": [{"details": details}]})
        return arn, self.aws.arn("ec2", f"network-interface/{interface}")


@world(COMPUTE)
def test_tasks_are_judged_by_their_interfaces(aws: Cloud) -> Expected:
    aws.facts(network={"public_resources": ["arn:aws:ecs:*:task/shop/vpn"]})
    net = Net(aws)
    ecs = Ecs(aws, net)
    web = net.group(rule(80, ANYWHERE))
    ecs.task("private", web, public=False)
    closed, (serving, _), (vpn, _) = ecs.task("closed", net.group())[0], ecs.task("serving", web), ecs.task("vpn", web)
    ecs.service("web", ecs.network(web))
    of_service, unknown = ecs.task("web", web, of="service:web")[0], ecs.task("unknown", web, known=False)[1]
    # Of something else, that nobody knows.
    net.interface(web, InterfaceType="not-known-to-us", Association={"PublicIp": "203.0.113.9"})
    return {
        closed: ("PASS", "high", "its groups do not let the internet in"),
        serving: ("FAIL", "high", f"203.0.113.7 in {net.public[0]} serves the internet by tcp 80 from 0.0.0.0/0"),
        vpn: ("PASS", "high", "meant to face the internet (network.public_resources = arn:aws:ecs:*:task/shop/vpn)"),
        of_service: ("FAIL", "high", "(of service web)"),
        unknown: ("FAIL", "high", "tcp 80 from 0.0.0.0/0"),
    }


def tasks_of_services(aws: Cloud) -> dict[str, str]:
    """Tasks that serve the internet: of services that do, that have a load balancer, that give no addresses, that are not told of, and of none."""
    net = Net(aws)
    ecs = Ecs(aws, net)
    web = net.group(rule(80, ANYWHERE))
    ecs.service("web", ecs.network(web))
    ecs.service(
        "balanced", ecs.network(web), loadBalancers=[{"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1"}]
    )
    ecs.service("changed", ecs.network(web, assign="DISABLED"))
    ecs.service("quiet", ecs.network(web), ports=False)
    return {name: ecs.task(name, web, of=f"service:{name}")[0] for name in ("web", "balanced", "changed", "quiet", "missing")} | {
        "alone": ecs.task("alone", web)[0]
    }


@world(COMPUTE, selected=("ecs_service_behind_load_balancer",))
def test_tasks_of_services_that_serve_the_internet_are_left_to_these(aws: Cloud) -> Expected:
    tasks = tasks_of_services(aws)
    return {
        tasks["web"]: ("NOT_APPLICABLE", None, "judged by ecs_service_behind_load_balancer"),
        **{tasks[name]: "FAIL" for name in ("balanced", "changed", "quiet", "alone")},
        tasks["missing"]: ("ERROR", None, "service missing of the task is not told of"),
    }


@world(COMPUTE, selected=("ecs_service_no_public_ip",))
def test_tasks_of_services_that_give_addresses_are_left_to_these(aws: Cloud) -> Expected:
    tasks = tasks_of_services(aws)
    return {
        **{tasks[name]: ("NOT_APPLICABLE", None, "judged by ecs_service_no_public_ip") for name in ("web", "balanced", "quiet")},
        **{tasks[name]: "FAIL" for name in ("changed", "alone")},
        tasks["missing"]: "ERROR",
    }


@world(COMPUTE)
def test_tasks_that_cannot_be_read_are_an_error_of_their_interfaces(aws: Cloud) -> Expected:
    net = Net(aws)
    ecs = Ecs(aws, net)
    interface = ecs.task("serving", net.group(rule(80, ANYWHERE)))[1]
    odd = ecs.task("odd", net.group(), known=False)[1]
    net.said(odd.rpartition("/")[2], Status="perhaps")
    denied(aws, "ecs:DescribeTasks")
    return {interface: ("ERROR", "high", "ecs:DescribeTasks is denied"), odd: ("ERROR", "high", "a NetworkInterface that we cannot read")}


# --- ecs_service_behind_load_balancer ------------------------------------------------------------------------------------------------------


@world(SERVICES)
def test_services_are_judged_by_network_load_balancer_and_ports(aws: Cloud) -> Expected:
    net = Net(aws)
    ecs = Ecs(aws, net)
    web, closed = net.group(rule(80, ANYWHERE)), net.group()
    (default,) = (
        each["GroupId"]
        for each in net.ec2.describe_security_groups()["SecurityGroups"]
        if each["VpcId"] == net.vpc and each["GroupName"] == "default"
    )
    net.admit(default, rule(8080, ANYWHERE))
    behind = [{"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1"}]
    spot = [{"capacityProvider": "FARGATE_SPOT"}]
    ecs.service("deleted", ecs.network(web), status="INACTIVE")
    return {
        ecs.service("private", ecs.network(web, public=False, assign="DISABLED")): ("PASS", "high", "its tasks get no public addresses"),
        ecs.service("closed", ecs.network(closed)): ("PASS", "high", "take no connections from the internet: its groups do not let the internet in"),
        ecs.service("unrouted", ecs.network(web, public=False)): ("PASS", "high", "no public address in a public subnet"),
        ecs.service("balanced", ecs.network(web), loadBalancers=behind): ("PASS", "high", "behind a load balancer"),
        ecs.service("worker", ecs.network(web), ports=False): ("PASS", "high", "its task definitions expose no ports"),
        ecs.service("serving", ecs.network(web)): (
            "FAIL",
            "high",
            f"without a load balancer; its tasks get public addresses in {', '.join(net.public)}, and take tcp 80 from 0.0.0.0/0",
        ),
        ecs.service("default", ecs.network()): ("FAIL", "high", "tcp 8080 from 0.0.0.0/0"),
        ecs.service("spot", ecs.network(web), launchType=None, capacityProviderStrategy=spot): "FAIL",
        ecs.service("half", ecs.network(closed, assign="DISABLED"), deployments=[{"status": "ACTIVE", "taskDefinition": "old"}]): (
            "ERROR",
            None,
            "it is not told whether its tasks get public addresses",
        ),
        ecs.service("hosts", {}, launchType="EC2"): ("NOT_APPLICABLE", None, "its tasks have the network of their instances"),
        ecs.service("provided", None, launchType=None, capacityProviderStrategy=[{"capacityProvider": "machines"}]): "NOT_APPLICABLE",
        ecs.service("untold", ecs.network(web, assign=None)): ("ERROR", None, "it is not told whether its tasks get public addresses"),
        ecs.service("nowhere", None): ("ERROR", None, "it is not told in which network its tasks are"),
        ecs.service("unlaunched", None, launchType=None): ("ERROR", None, "it is not told in which network its tasks are"),
        ecs.service("spotless", None, launchType=None, capacityProviderStrategy=spot): "ERROR",
        ecs.service("odd", ecs.network(web), status="PERHAPS"): ("ERROR", None, "that we cannot read"),
    }


@world(SERVICES)
def test_what_runs_of_a_service_counts_by_its_own_network(aws: Cloud) -> Expected:
    """Task sets of whoever deploys by other means, and a deployment that is being replaced; not one that was."""
    net = Net(aws)
    ecs = Ecs(aws, net)
    web = net.group(rule(80, ANYWHERE))
    inner, definition = ecs.network(web, public=False, assign="DISABLED"), aws.arn("ecs", "task-definition/old:1")
    ecs.ports[definition] = [{"containerPort": 80}]

    def part(status: str, **more: Any) -> dict[str, Any]:
        return {"status": status, "taskDefinition": definition, "networkConfiguration": ecs.network(web), **more}

    behind = [{"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1"}]
    return {
        ecs.service("sets", None, deployments=[], taskSets=[part("ACTIVE")]): "FAIL",
        ecs.service("sets-behind", None, deployments=[], taskSets=[part("PRIMARY", loadBalancers=behind)]): (
            "PASS",
            "high",
            "behind a load balancer",
        ),
        ecs.service("replacing", inner, deployments=[part("ACTIVE")]): "FAIL",
        ecs.service("replaced", inner, deployments=[part("INACTIVE")]): ("PASS", "high", "its tasks get no public addresses"),
    }


@world(SERVICES)
def test_definitions_and_groups_that_cannot_be_read_are_errors_where_a_verdict_hangs_on_them(aws: Cloud) -> Expected:
    net = Net(aws)
    ecs = Ecs(aws, net)
    web, lists = net.group(rule(80, ANYWHERE)), (net.prefix_list(PARTNER),)
    denied(aws, "ecs:DescribeTaskDefinition")
    denied(aws, "ec2:GetManagedPrefixListEntries")
    return {
        ecs.service("serving", ecs.network(web)): ("ERROR", "high", "ecs:DescribeTaskDefinition is denied"),
        ecs.service("listed", ecs.network(net.group(rule(80, lists=lists)))): ("ERROR", "high", "ec2:GetManagedPrefixListEntries is denied"),
        ecs.service("private", ecs.network(web, assign="DISABLED")): "PASS",
    }


@world(SERVICES)
def test_definition_that_does_not_tell_of_ports_is_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    ecs = Ecs(aws, net)
    arn = ecs.service("serving", ecs.network(net.group(rule(80, ANYWHERE))))
    ecs.ports = dict.fromkeys(ecs.ports)
    return {arn: ("ERROR", "high", "a task definition that we cannot read")}


@world(SERVICES)
def test_no_services(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "no services")}


# --- load_balancer_targets_in_private_subnets ----------------------------------------------------------------------------------------------


def balancer(net: Net, name: str, *subnets: str, kind: str = "application", scheme: str = "internet-facing") -> str:
    """A load balancer in these subnets, or in the public ones."""
    groups = {"SecurityGroups": [net.group()]} if kind == "application" else {}
    asked = {"Name": name, "Type": kind, "Scheme": scheme, "Subnets": list(subnets) or net.public}
    found: str = net.elb.create_load_balancer(**asked, **groups)["LoadBalancers"][0]["LoadBalancerArn"]
    return found


def with_targets(net: Net, name: str, *targets: str, kind: str = "application", **more: Any) -> str:
    """A public load balancer with these targets."""
    made = balancer(net, name, kind=kind)
    net.targets(made, *targets, name=name, protocol="HTTP" if kind == "application" else "TCP", **more)
    return made


def classic(aws: Cloud, name: str, subnets: list[str], *instances: str, scheme: str = "internet-facing") -> str:
    """A Classic Load Balancer with these instances."""
    elb = aws.client("elb")
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 80}
    elb.create_load_balancer(LoadBalancerName=name, Listeners=[listener], Subnets=subnets, Scheme=scheme)
    if instances:
        elb.register_instances_with_load_balancer(LoadBalancerName=name, Instances=[{"InstanceId": each} for each in instances])
    return aws.arn("elasticloadbalancing", f"loadbalancer/{name}")


@world(TARGETS)
def test_load_balancers_are_judged_by_their_subnets_and_those_of_their_targets(aws: Cloud) -> Expected:
    net = Net(aws)
    inner, outer, second = net.instance(net.group()), net.instance(net.group(), public=True), launched(net, net.group(), net.group())
    place = f"in the public subnet {net.public[0]}: rtb-"
    lacking = balancer(net, "functions")
    functions = net.elb.create_target_group(Name="functions", TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"]
    forward = {"Type": "forward", "TargetGroupArn": functions}
    net.elb.create_listener(LoadBalancerArn=lacking, Protocol="HTTP", Port=80, DefaultActions=[forward])
    return {
        with_targets(net, "good", inner): ("PASS", "medium", "stands in public subnets, and its targets in private ones"),
        with_targets(net, "bad", inner, outer): ("FAIL", "medium", f"sends traffic to {outer} {place}"),
        with_targets(net, "lines", second, kind="network"): "FAIL",
        with_targets(net, "inside", "10.0.10.7", TargetType="ip"): "PASS",
        with_targets(net, "outside", "10.0.10.7", "172.31.9.9", TargetType="ip"): (
            "MANUAL",
            "medium",
            "sends traffic to 172.31.9.9, outside its VPC",
        ),
        with_targets(net, "address", "172.31.9.9", "10.0.1.7", TargetType="ip"): ("FAIL", "medium", f"10.0.1.7 in the public subnet {net.public[1]}"),
        with_targets(net, "idle"): ("NOT_APPLICABLE", None, "has no instance or address to send traffic to"),
        lacking: "NOT_APPLICABLE",
        balancer(net, "unreachable", net.public[0], net.private[1]): ("FAIL", "medium", f"does not get into {net.private[1]}: rtb-"),
        balancer(net, "internal", *net.private, scheme="internal"): ("NOT_APPLICABLE", None, "internal: it has no public addresses"),
        classic(aws, "first", net.public, inner): "PASS",
        classic(aws, "first-bad", net.public, inner, outer): ("FAIL", "medium", f"sends traffic to {outer} {place}"),
        classic(aws, "first-idle", net.public): ("NOT_APPLICABLE", None, "has no instance"),
        classic(aws, "first-unreachable", net.private, inner): ("FAIL", "medium", "does not get into"),
        classic(aws, "first-internal", net.private, outer, scheme="internal"): "NOT_APPLICABLE",
    }


@world(TARGETS)
def test_load_balancers_in_subnets_that_are_blocked(aws: Cloud) -> Expected:
    """In all of them nobody gets there; in one of two, it is as if that one were not there."""
    net = Net(aws)
    inner = net.instance(net.group())

    def block(region: str, parsed: Any) -> None:
        for each in parsed["Subnets"]:
            if each["SubnetId"] == net.public[0]:
                each["BlockPublicAccessStates"] = {"InternetGatewayBlockMode": "block-ingress"}

    aws.simulated.over("ec2:DescribeSubnets", block)
    return {
        balancer(net, "blocked", net.public[0], kind="network"): ("NOT_APPLICABLE", None, "VPC Block Public Access keeps the internet away"),
        with_targets(net, "half", inner): "PASS",
    }


@world(TARGETS)
def test_what_cannot_be_placed_is_an_error_unless_another_target_is_public(aws: Cloud) -> Expected:
    net = Net(aws)
    inner, outer, hidden = (net.instance(net.group(), public=public) for public in (False, True, False))
    wanted: Expected = {
        with_targets(net, "hidden", inner, hidden): ("ERROR", "medium", f"no network interface of {hidden} is visible"),
        with_targets(net, "proven", hidden, outer): ("FAIL", "medium", f"sends traffic to {outer}"),
        with_targets(net, "denied", inner): ("ERROR", "medium", "elbv2:DescribeTargetHealth is denied"),
        with_targets(net, "gone", inner): ("NOT_APPLICABLE", None, "has no instance or address"),
        with_targets(net, "good", inner): "PASS",
        classic(aws, "first", net.public, hidden): ("ERROR", None, "is visible"),
    }
    names = {each["TargetGroupArn"]: each["TargetGroupName"] for each in net.elb.describe_target_groups()["TargetGroups"]}
    health = {arn: net.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"] for arn in names}

    def told(region: str, asked: Any) -> Any:
        name = names[asked["TargetGroupArn"]]
        if name in ("denied", "gone"):
            return error("elbv2:DescribeTargetHealth", "AccessDenied" if name == "denied" else "TargetGroupNotFound")
        return {"TargetHealthDescriptions": health[asked["TargetGroupArn"]]}

    def hide(region: str, parsed: Any) -> None:
        parsed["NetworkInterfaces"] = [each for each in parsed["NetworkInterfaces"] if each.get("Attachment", {}).get("InstanceId") != hidden]

    aws.simulated.instead("elbv2:DescribeTargetHealth", told)
    aws.simulated.over("ec2:DescribeNetworkInterfaces", hide)
    return wanted


@world(TARGETS)
def test_target_group_and_subnet_that_cannot_be_read_are_errors_where_they_may_matter(aws: Cloud) -> Expected:
    net = Net(aws)
    inner, outer = net.instance(net.group()), net.instance(net.group(), public=True)
    wanted: Expected = {
        with_targets(net, "good", inner): ("ERROR", "medium", "a TargetGroup that we cannot read"),
        with_targets(net, "bad", outer): "FAIL",
        balancer(net, "odd", net.public[0], net.private[1]): ("FAIL", "medium", f"does not get into {net.private[1]}"),
        classic(aws, "first", net.public, inner): ("ERROR", None, "it is not told which instances it sends traffic to"),
    }
    net.targets(None, name="unknown")

    def odd(region: str, parsed: Any) -> None:
        for each in parsed["TargetGroups"]:
            if each["TargetGroupName"] == "unknown":
                each["TargetType"] = "perhaps"

    def silent(region: str, parsed: Any) -> None:
        for each in parsed["LoadBalancerDescriptions"]:
            del each["Instances"]

    aws.simulated.over("elbv2:DescribeTargetGroups", odd)
    aws.simulated.over("elb:DescribeLoadBalancers", silent)
    return wanted


@world(TARGETS)
def test_load_balancers_without_subnets_are_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    wanted: Expected = dict.fromkeys((balancer(net, "web"), classic(aws, "first", net.public)), ("ERROR", None, "in which subnets it stands"))

    def silent(region: str, parsed: Any) -> None:
        for each in (*parsed.get("LoadBalancers", ()), *parsed.get("LoadBalancerDescriptions", ())):
            each.pop("AvailabilityZones")
            each.pop("Subnets", None)

    aws.simulated.over("elbv2:DescribeLoadBalancers", silent)
    aws.simulated.over("elb:DescribeLoadBalancers", silent)
    return wanted


def balanced_services(aws: Cloud) -> dict[str, str]:
    """Load balancers by name whose targets are tasks: of a service in a public subnet, of one that names another subnet, and of a service and nobody."""
    net = Net(aws)
    ecs = Ecs(aws, net)
    made = {}
    for name, addresses in (("public", ["10.0.0.7"]), ("other", ["10.0.1.7"]), ("both", ["10.0.0.7"]), ("alone", ["10.0.0.8"])):
        made[name] = balancer(net, name)
        group = net.targets(made[name], *addresses, name=name, TargetType="ip")
        network = ecs.network(net.group(), assign="DISABLED")
        network["awsvpcConfiguration"]["subnets"] = net.public[:1]
        if name != "alone":
            ecs.service(name, network, loadBalancers=[{"targetGroupArn": group}])
    net.targets(made["both"], net.instance(net.group(), public=True), name="instances", port=9000)
    return made


@world(TARGETS, selected=("ecs_service_no_public_ip",))
def test_tasks_that_are_targets_are_left_to_the_check_of_their_services(aws: Cloud) -> Expected:
    made = balanced_services(aws)
    return {
        made["public"]: ("NOT_APPLICABLE", None, "judged by ecs_service_no_public_ip"),
        **{made[name]: "FAIL" for name in ("other", "both", "alone")},
    }


@world(TARGETS)
def test_tasks_that_are_targets_are_judged_where_nobody_else_does(aws: Cloud) -> Expected:
    return dict.fromkeys(balanced_services(aws).values(), "FAIL")


@world(TARGETS)
def test_no_load_balancers(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no load balancers")}


# --- lambda_function_url_protected ---------------------------------------------------------------------------------------------------------


def functions(aws: Cloud, **urls: list[tuple[str, str | None]] | ClientError) -> dict[str, str]:
    """Functions by name, each with its URLs: an alias, empty for the function's own, and the AuthType."""
    client, iam = aws.client("lambda"), aws.client("iam")
    role = iam.create_role(RoleName="functions", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    arns = {}
    for name in urls:
        made = client.create_function(FunctionName=name, Role=role, Runtime="python3.13", Handler="a.b", Code={"ZipFile": b""}, Publish=False)
        arns[name] = made["FunctionArn"]

    def listed(region: str, asked: Any) -> Any:
        name = next(name for name in urls if f"function:{name}/" in asked["url_path"].replace("%3A", ":"))
        told = urls[name]
        if isinstance(told, ClientError):
            return told
        at = int(asked.get("Marker") or 0)
        these = [
            {"FunctionArn": arns[name] + alias, "FunctionUrl": "https://x.lambda-url.eu-west-1.on.aws/", "AuthType": auth}
            for alias, auth in told[at : at + 1]
        ]
        return {"FunctionUrlConfigs": these, **({"NextMarker": str(at + 1)} if at + 1 < len(told) else {})}

    aws.simulated.instead(LIST_URLS, listed)
    return arns


@world(URL)
def test_urls_of_functions_and_of_their_aliases(aws: Cloud) -> Expected:
    arns = functions(
        aws,
        signed=[("", "AWS_IAM")],
        open=[("", "NONE")],
        alias=[("", "AWS_IAM"), (":live", "NONE")],
        none=[],
        odd=[("", "PERHAPS"), (":live", "AWS_IAM")],
        hidden=error(LIST_URLS),
        gone=error(LIST_URLS, "ResourceNotFoundException"),
    )
    return {
        arns["signed"]: ("PASS", "medium", "asks callers for a signature"),
        arns["open"]: ("FAIL", "medium", "everyone may call it: AuthType is NONE"),
        arns["alias"]: "PASS",
        f"{arns['alias']}:live": "FAIL",
        arns["none"]: ("NOT_APPLICABLE", None, "no URL"),
        arns["odd"]: ("ERROR", None, "PERHAPS"),
        f"{arns['odd']}:live": "PASS",
        arns["hidden"]: ("ERROR", None, f"{LIST_URLS} is denied"),
    }


@world(URL)
def test_urls_that_are_meant_for_everyone(aws: Cloud) -> Expected:
    aws.facts(network={"public_resources": ["tag:faces=internet", "webhook"]})
    arns = functions(aws, webhook=[(":live", "NONE")], tagged=[("", "NONE")], other=[("", "NONE")], signed=[("", "AWS_IAM")])
    aws.client("lambda").tag_resource(Resource=arns["tagged"], Tags={"faces": "internet"})
    return {
        f"{arns['webhook']}:live": ("PASS", "medium", "meant to face the internet (network.public_resources = webhook)"),
        arns["tagged"]: ("PASS", "medium", "network.public_resources = tag:faces=internet"),
        arns["other"]: "FAIL",
        arns["signed"]: "PASS",
    }


def test_tags_of_functions_are_asked_for_only_where_a_verdict_hangs_on_them() -> None:
    def build(aws: Cloud, *entries: str, auth: str = "NONE") -> Expected:
        aws.facts(network={"public_resources": list(entries)})
        functions(aws, one=[("", auth)], none=[])
        return {}

    assert "lambda:ListTags" in asked_in(lambda aws: build(aws, "tag:faces=internet"), URL)
    assert "lambda:ListTags" not in asked_in(lambda aws: build(aws, "webhook"), URL)
    assert "lambda:ListTags" not in asked_in(lambda aws: build(aws, "tag:faces=internet", auth="AWS_IAM"), URL)


@world(URL)
def test_tags_that_cannot_be_read_are_an_error_of_what_hangs_on_them(aws: Cloud) -> Expected:
    aws.facts(network={"public_resources": ["webhook", "tag:faces=internet"]})
    arns = functions(aws, webhook=[("", "NONE")], other=[("", "NONE")], signed=[("", "AWS_IAM")])
    denied(aws, "lambda:ListTags")
    return {arns["webhook"]: "PASS", arns["other"]: ("ERROR", "medium", "lambda:ListTags is denied"), arns["signed"]: "PASS"}


@world(URL)
def test_function_that_cannot_be_read_is_an_error_and_others_are_judged(aws: Cloud) -> Expected:
    arns = functions(aws, odd=[], good=[("", "AWS_IAM")])

    def without_role(region: str, parsed: Any) -> None:
        for each in parsed["Functions"]:
            if each["FunctionName"] == "odd":
                del each["Role"]

    aws.simulated.over("lambda:ListFunctions", without_role)
    return {arns["odd"]: ("ERROR", "medium", "a Function that we cannot read"), arns["good"]: "PASS"}


@world(URL)
def test_no_functions(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no functions")}


# --- lightsail_resources_declared ----------------------------------------------------------------------------------------------------------


@world(LIGHTSAIL, regions=("eu-west-1", "us-east-1", "us-west-2", "eu-central-1"))
def test_what_runs_in_lightsail_is_asked_about(aws: Cloud) -> Expected:
    """One page after the other, region by region."""
    names = {"eu-west-1": ["blog", "shop"], "us-west-2": ["wiki"]}

    def listed(region: str, asked: Any) -> Any:
        if region == "eu-central-1":
            return error(LIST_INSTANCES)
        at = int(asked.get("pageToken") or 0)
        known = names.get(region, [])
        these = [{"name": name, "arn": aws.arn("lightsail", f"Instance/{name}", region)} for name in known[at : at + 1]]
        return {"instances": these, **({"nextPageToken": str(at + 1)} if at + 1 < len(known) else {})}

    aws.simulated.instead(LIST_INSTANCES, listed)
    return {
        (aws.account_arn, "eu-west-1"): ("MANUAL", "low"),
        (aws.account_arn, "us-east-1"): ("NOT_APPLICABLE", None, "no Lightsail instances"),
        (aws.account_arn, "us-west-2"): ("MANUAL", "low", "1 Lightsail instance, which this tool does not judge"),
        (aws.account_arn, "eu-central-1"): ("ERROR", None, f"{LIST_INSTANCES} is denied"),
    }


EDGES: dict[str, dict[str, Any]] = {
    "compute_not_serving_internet_directly": {
        "FAIL: open to the world; PASS: private, closed, office, CloudFront, declared, NAT": test_instances_are_judged_by_address_subnet_and_groups,
        "IPv4 and IPv6 apart": test_groups_count_for_the_family_of_the_address,
        "ERROR: an IPv6 route of unknown target": test_route_whose_target_is_not_told_may_make_a_subnet_public_for_ipv6,
        "ERROR: prefix list; FAIL: open beside it": test_what_cannot_be_read_is_an_error_unless_the_rest_is_open,
        "ERROR: no interface is shown": test_instance_of_which_no_interface_is_shown_is_an_error,
        "tasks: FAIL, PASS, declared, of a service": test_tasks_are_judged_by_their_interfaces,
        "N/A: judged by the checks of services": (
            test_tasks_of_services_that_serve_the_internet_are_left_to_these,
            test_tasks_of_services_that_give_addresses_are_left_to_these,
        ),
        "ERROR: tasks": test_tasks_that_cannot_be_read_are_an_error_of_their_interfaces,
        "N/A: nothing": test_nothing_that_could_serve,
    },
    "ecs_service_behind_load_balancer": {
        "FAIL: public, open, exposed; PASS: private, closed, balanced, no ports; N/A: on hosts": (
            test_services_are_judged_by_network_load_balancer_and_ports
        ),
        "task sets and deployments": test_what_runs_of_a_service_counts_by_its_own_network,
        "ERROR: definitions, groups": (
            test_definitions_and_groups_that_cannot_be_read_are_errors_where_a_verdict_hangs_on_them,
            test_definition_that_does_not_tell_of_ports_is_an_error,
        ),
        "N/A: no services": test_no_services,
    },
    "load_balancer_targets_in_private_subnets": {
        "PASS, FAIL, MANUAL outside, N/A internal or idle, of every kind": (
            test_load_balancers_are_judged_by_their_subnets_and_those_of_their_targets
        ),
        "Block Public Access": test_load_balancers_in_subnets_that_are_blocked,
        "ERROR: targets, target groups, subnets": (
            test_what_cannot_be_placed_is_an_error_unless_another_target_is_public,
            test_target_group_and_subnet_that_cannot_be_read_are_errors_where_they_may_matter,
            test_load_balancers_without_subnets_are_an_error,
        ),
        "N/A: judged by the check of ECS services; alone: FAIL": (
            test_tasks_that_are_targets_are_left_to_the_check_of_their_services,
            test_tasks_that_are_targets_are_judged_where_nobody_else_does,
        ),
        "N/A: none": test_no_load_balancers,
    },
    "lambda_function_url_protected": {
        "PASS: AWS_IAM; FAIL: NONE, of an alias, too; N/A: no URL; ERROR: denied, unknown": test_urls_of_functions_and_of_their_aliases,
        "PASS: meant to be public, by name or tag": test_urls_that_are_meant_for_everyone,
        "ERROR: tags": test_tags_that_cannot_be_read_are_an_error_of_what_hangs_on_them,
        "ERROR: one function": test_function_that_cannot_be_read_is_an_error_and_others_are_judged,
        "N/A: no functions": test_no_functions,
    },
    "lightsail_resources_declared": {
        "MANUAL: instances, also on a second page": test_what_runs_in_lightsail_is_asked_about,
        "N/A: none; ERROR: denied": test_what_runs_in_lightsail_is_asked_about,
    },
}
