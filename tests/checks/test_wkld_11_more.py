"""WKLD.11's checks of databases of every service, and of groups that are open by accident, each shown to pass, to fail, and at its edges."""

from __future__ import annotations

from typing import Any

from tests.checks.test_wkld_10_data import Brokers, Caches, Warehouses, domains
from tests.checks.test_wkld_11 import ANYWHERE, DATABASES, VPC, Net, denied, functions, rule, stores, without
from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_11_security_groups as suite

EVERY, DEFAULT = suite.test_security_group_no_all_traffic_rule, suite.test_resource_not_in_default_security_group
EGRESS = suite.test_database_security_group_egress_restricted
EVERYTHING = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}


# --- databases of every service ---------------------------------------------------------------------------------------------------------------


@world(DATABASES)
def test_stores_of_each_service_are_judged_by_their_own_ports(aws: Cloud) -> Expected:
    caches, warehouses, brokers = Caches(aws), Warehouses(aws), Brokers(aws)
    net = caches.net
    ports = {"cache": 6379, "serverless": 6380, "memory": 6379, "dax": 9111, "warehouse": 5439, "workgroup": 5439, "search": 443, "mq": 5671}
    ports |= {"console": 443, "kafka": 9098}
    groups = {name: net.group(rule(port, VPC)) for name, port in ports.items()}
    fine, plain = net.group(rule(6379, groups=(groups["cache"],)), rule(80, VPC)), net.group(rule(80, VPC))
    bare = {"DomainEndpointOptions": {"EnforceHTTPS": False, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"}}
    stores(
        aws,
        elasticache_DescribeCacheClusters=[
            caches.node("a", "private", groups["cache"], of="sessions"),
            caches.node("memcached", "private", fine, CacheNodes=[], ConfigurationEndpoint={"Port": 6379}),
        ],
        elasticache_DescribeServerlessCaches=[
            caches.serverless("carts", *net.private, SecurityGroupIds=[groups["serverless"]], ReaderEndpoint={"Port": 6380})
        ],
        memorydb_DescribeClusters=[caches.memory("users", "private", SecurityGroups=[{"SecurityGroupId": groups["memory"]}])],
        dax_DescribeClusters=[
            caches.dax(
                "prices",
                "private",
                SecurityGroups=[{"SecurityGroupIdentifier": groups["dax"]}],
                ClusterDiscoveryEndpoint={"Port": 9111},
            )
        ],
        redshift_DescribeClusters=[warehouses.cluster("sales", "private", guard=groups["warehouse"])],
        redshift_serverless_ListWorkgroups=[warehouses.workgroup("trial", *net.private, guard=groups["workgroup"])],
    )
    inside = {"VPCId": net.vpc, "SubnetIds": net.private}
    domains(
        aws,
        products={"VPCOptions": inside | {"SecurityGroupIds": [groups["search"]]}},
        plain={"VPCOptions": inside | {"SecurityGroupIds": [plain]}, **bare},
        public={},
    )
    brokers.broker("orders", net.private[0], SecurityGroups=[groups["mq"], groups["console"]])
    brokers.broker("rabbit", public=True, SecurityGroups=[])
    brokers.cluster("events", *net.private, guard=groups["kafka"])
    brokers.told()
    found: Expected = {net.arn(groups[name]): ("FAIL", "medium", f"tcp {port} from {VPC}") for name, port in ports.items()}
    return found | {
        net.arn(fine): ("FAIL", "low", "tcp 80 of no use to a database"),
        net.arn(plain): ("FAIL", "medium", f"tcp 80 from {VPC}"),
    }


@world(DATABASES)
def test_stores_that_do_not_tell_their_groups_or_are_denied(aws: Cloud) -> Expected:
    brokers = Brokers(aws)
    stores(aws)
    domains(aws, groupless={"VPCOptions": {"VPCId": brokers.net.vpc}})
    orders = brokers.broker("orders", brokers.net.private[0], SecurityGroups=[])
    provisioned = {"BrokerNodeGroupInfo": {"ClientSubnets": brokers.net.private}}
    reached = {"VpcConfigs": [{"SubnetIds": brokers.net.private, "SecurityGroupIds": [brokers.open]}, {"SubnetIds": brokers.net.private}]}
    events, half = brokers.cluster("events", Provisioned=provisioned), brokers.cluster("half", Provisioned=None, Serverless=reached)
    brokers.told()
    for operation in ("memorydb:DescribeClusters", "redshift-serverless:ListWorkgroups"):
        denied(aws, operation)
    words = "does not tell its security groups"
    return {
        aws.arn("es", "domain/groupless"): ("ERROR", None, words),
        orders: ("ERROR", None, words),
        events: ("ERROR", None, words),
        half: ("ERROR", None, words),
        (aws.account_arn, "MemoryDB"): ("ERROR", "critical", "allow memorydb:DescribeClusters"),
        (aws.account_arn, "Redshift Serverless"): ("ERROR", "critical", "allow redshift-serverless:ListWorkgroups"),
    }


@world(DATABASES)
def test_interface_of_a_service_is_a_databases_own_where_it_names_it(aws: Cloud) -> Expected:
    """A rule of no use is one where nothing else is in the group: the interface of a domain called `log` is not that of `logs`."""
    net = Net(aws)
    own, other, house = (net.group(rule(22, groups=(net.group(),))) for _ in range(3))
    warehouse = Warehouses(aws).cluster("sales", "private", guard=house)
    stores(aws, redshift_DescribeClusters=[warehouse])
    inside = {"VPCId": net.vpc, "SubnetIds": net.private}
    domains(
        aws,
        logs={"VPCOptions": inside | {"SecurityGroupIds": [own]}},
        traces={"VPCOptions": inside | {"SecurityGroupIds": [other]}},
    )
    service = {"RequesterManaged": True, "Status": "in-use", "Attachment": {"InstanceOwnerId": "amazon-aws", "Status": "attached"}}
    net.interface(own, Description="ES logs", **service)
    net.interface(other, Description="ES traces-old", **service)
    net.interface(house, Description="RedshiftNetworkInterface", **service)
    return {
        net.arn(own): ("FAIL", "low", "tcp 22 of no use"),
        net.arn(other): ("PASS", None),
        net.arn(house): ("FAIL", "low", "tcp 22 of no use"),
    }


# --- what databases let out -------------------------------------------------------------------------------------------------------------------


def lets_out(net: Net, *rules: dict[str, Any]) -> str:
    """A group that lets out this, and nothing else."""
    group = net.group()
    net.ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[EVERYTHING])
    if rules:
        net.ec2.authorize_security_group_egress(GroupId=group, IpPermissions=list(rules))
    return group


@world(EGRESS)
def test_groups_of_databases_are_judged_by_what_they_let_out(aws: Cloud) -> Expected:
    net = Net(aws)
    halves = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/1"}]}
    six = {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    groups = {
        lets_out(net): "PASS",
        lets_out(net, rule(443, ANYWHERE)): "PASS",
        lets_out(net, {"IpProtocol": "-1", "IpRanges": [{"CidrIp": VPC}]}): "PASS",
        net.group(): ("FAIL", "low", "lets out all traffic to 0.0.0.0/0"),
        lets_out(net, halves): ("FAIL", "low", "0.0.0.0/1, 128.0.0.0/1"),
        lets_out(net, six): ("FAIL", "low", "::/0"),
    }
    for number, group in enumerate(groups):
        net.database(group, name=f"db-{number}")
    shared = net.group()
    net.database(shared, name="shared")
    worker = net.instance(shared)
    cache = net.group()
    stores(aws, elasticache_DescribeCacheClusters=[Caches(aws).node("plain", "private", cache)])
    found: Expected = {net.arn(group): want for group, want in groups.items()}
    return found | {
        net.arn(shared): ("NOT_APPLICABLE", "low", f"not of databases alone: {worker} is in it, too"),
        net.arn(cache): ("FAIL", "low"),
    }


@world(EGRESS)
def test_what_is_let_out_to_a_list_that_is_not_known(aws: Cloud) -> Expected:
    """Beside a rule that is proven to let out everything, it does not matter."""
    net = Net(aws)
    offices = {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": net.prefix_list("192.0.2.0/24")}]}
    unknown, proven = lets_out(net, offices), lets_out(net, offices, EVERYTHING)
    net.database(unknown, name="unknown")
    net.database(proven, name="proven")
    denied(aws, "ec2:GetManagedPrefixListEntries")
    return {net.arn(unknown): ("ERROR", None, "allow ec2:GetManagedPrefixListEntries"), net.arn(proven): ("FAIL", "low", ANYWHERE)}


@world(EGRESS)
def test_group_of_which_the_users_are_not_known_is_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    open_, closed = net.group(), lets_out(net)
    net.database(open_)
    net.database(closed, name="closed")
    denied(aws, "ec2:DescribeNetworkInterfaces")
    denied(aws, "dax:DescribeClusters")
    return {
        net.arn(open_): ("ERROR", None, "allow ec2:DescribeNetworkInterfaces"),
        net.arn(closed): "PASS",
        (aws.account_arn, "DAX"): ("ERROR", "low", "allow dax:DescribeClusters"),
    }


@world(EGRESS)
def test_no_databases_that_let_out_anything(aws: Cloud) -> Expected:
    stores(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", "low", "no databases in security groups")}


# --- all traffic ------------------------------------------------------------------------------------------------------------------------------


@world(EVERY)
def test_groups_that_admit_everything_fail_whoever_it_comes_from(aws: Cloud) -> Expected:
    net = Net(aws)
    app = net.group()
    offices = net.prefix_list("192.0.2.0/24")
    own, both = net.group(), net.group()
    net.admit(own, rule(None, protocol="-1", groups=(own,)))
    net.admit(both, rule(None, protocol="-1", groups=(both, app)))
    failing = {
        both: f"all traffic from {app}",
        net.group(rule(None, VPC, protocol="-1")): f"all traffic from {VPC}",
        net.group(rule(None, "2001:db8::/64", protocol="-1")): "all traffic from 2001:db8::/64",
        net.group(rule((0, 65535), VPC)): f"all tcp ports from {VPC}",
        net.group(rule((0, 65535), VPC, protocol="udp")): f"all udp ports from {VPC}",
        net.group(rule(None, protocol="-1", lists=(offices,))): f"all traffic from {offices}",
        net.group(rule(None, ANYWHERE, protocol="-1")): f"all traffic from {ANYWHERE}",
    }
    passing = [
        own,
        app,
        net.group(rule((0, 65534), VPC)),
        net.group(rule((1, 65535), VPC)),
        net.group(rule(-1, VPC, protocol="icmp")),
        net.group(rule(-1, VPC, protocol="50")),
    ]
    found: Expected = net.answer("PASS", *passing)
    return found | {net.arn(group): ("FAIL", "low", words) for group, words in failing.items()}


@world(EVERY, selected=("security_group_no_world_open_ingress",))
def test_group_that_is_open_to_the_world_alone_is_left_to_the_other_check(aws: Cloud) -> Expected:
    net = Net(aws)
    world_open = net.group(rule(None, ANYWHERE, "::/0", protocol="-1"))
    more = net.group(rule(None, ANYWHERE, VPC, protocol="-1"))
    judged = ("NOT_APPLICABLE", "low", "judged by security_group_no_world_open_ingress")
    return net.answer(judged, world_open) | {net.arn(more): ("FAIL", "low", f"{ANYWHERE}, all traffic from {VPC}")}


@world(EVERY)
def test_groups_of_which_not_all_is_told(aws: Cloud) -> Expected:
    net = Net(aws)
    unsaid, proven, foreign = net.group(rule(443, VPC)), net.group(rule(443, VPC), rule(None, VPC, protocol="-1")), net.group()

    def change(region: str, parsed: Any) -> None:
        for group in parsed["SecurityGroups"]:
            if group["GroupId"] in (unsaid, proven):
                next(each for each in group["IpPermissions"] if each["IpProtocol"] == "tcp").pop("FromPort")
            if group["GroupId"] == foreign:
                group["OwnerId"] = "999988887777"

    answer = net.answer("PASS")
    aws.simulated.over("ec2:DescribeSecurityGroups", change)
    del answer[net.arn(foreign)]
    return answer | {
        net.arn(unsaid): ("ERROR", None, "the ports of a rule are not told"),
        net.arn(proven): ("FAIL", "low", f"all traffic from {VPC}"),
        f"arn:aws:ec2:{aws.region}:999988887777:security-group/{foreign}": ("NOT_APPLICABLE", "low", "belongs to account 999988887777"),
    }


@world(EVERY)
def test_no_groups_with_rules(aws: Cloud) -> Expected:
    aws.simulated.over("ec2:DescribeSecurityGroups", lambda region, parsed: parsed["SecurityGroups"].clear())
    return {aws.account_arn: ("NOT_APPLICABLE", "low", "no security groups")}


# --- default groups ---------------------------------------------------------------------------------------------------------------------------


def default_of(net: Net) -> str:
    """The default group of the network's VPC."""
    filters = [{"Name": "vpc-id", "Values": [net.vpc]}, {"Name": "group-name", "Values": ["default"]}]
    found: str = net.ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    return found


@world(DEFAULT)
def test_what_is_in_a_default_group_fails(aws: Cloud) -> Expected:
    net = Net(aws)
    default, own = default_of(net), net.group()
    bad = ("FAIL", "low", f"in the default security group {default}")

    def interface(*groups: str, **said: Any) -> str:
        made = net.interface(groups[0], Groups=[{"GroupId": each} for each in groups], **said)
        return aws.arn("ec2", f"network-interface/{made}")

    service = {"RequesterManaged": True, "Status": "in-use", "Attachment": {"InstanceOwnerId": "amazon-aws", "Status": "attached"}}
    found: Expected = {
        interface(own): ("PASS", "low", "Nothing is in a VPC's default security group"),
        interface(own, default): bad,
        interface(default, Description="arn:aws:ecs:eu-west-1:1:attachment/a", **service): bad,
        interface(default, Operator={"Managed": True, "Principal": "eks.amazonaws.com"}): ("NOT_APPLICABLE", "low", "managed by eks.amazonaws.com"),
    }
    interface(default, Description="ELB app/web/1", **service)
    interface(default, InterfaceType="odd", **service)
    net.database(default, name="orders")
    net.database(own, name="carts")
    functions(aws, hook=[default], job=[own], plain=None)
    net.elb.create_load_balancer(Name="net", Type="network", Scheme="internal", Subnets=net.public)
    classic = aws.client("elb")
    listener = {"Protocol": "TCP", "LoadBalancerPort": 443, "InstancePort": 443}
    classic.create_load_balancer(LoadBalancerName="old", Listeners=[listener], Subnets=net.public, SecurityGroups=[default])
    stores(aws, dax_DescribeClusters=[Caches(aws).dax("prices", "private", SecurityGroups=[{"SecurityGroupIdentifier": default}])])
    return found | {
        net.balancer(own): "PASS",
        net.balancer(default, name="api"): bad,
        aws.arn("elasticloadbalancing", "loadbalancer/old"): bad,
        aws.arn("rds", "db:orders"): bad,
        aws.arn("rds", "db:carts"): "PASS",
        aws.arn("dax", "cache/prices"): bad,
        aws.arn("lambda", "function:hook"): bad,
        aws.arn("lambda", "function:job"): "PASS",
    }


@world(DEFAULT)
def test_members_of_which_not_all_is_known(aws: Cloud) -> Expected:
    net = Net(aws)
    default, own = default_of(net), net.group()
    blurred = net.interface(own, Groups=[{"GroupId": own}, {"GroupId": "sg-gone"}])
    proven = net.interface(own, Groups=[{"GroupId": "sg-gone"}, {"GroupId": default}])
    odd = net.interface(own)
    without(aws, "ec2:DescribeNetworkInterfaces", "NetworkInterfaces", "VpcId", lambda each: each["NetworkInterfaceId"] == odd)
    denied(aws, "elb:DescribeLoadBalancers")
    denied(aws, "dax:DescribeClusters")

    def interface(id: str) -> str:
        return aws.arn("ec2", f"network-interface/{id}")

    return {
        interface(blurred): ("ERROR", None, "sg-gone"),
        interface(proven): ("FAIL", "low", default),
        interface(odd): ("ERROR", None, "VpcId"),
        (aws.account_arn, "load balancers and functions"): ("ERROR", None, "elb:DescribeLoadBalancers"),
        (aws.account_arn, "DAX"): ("ERROR", None, "dax:DescribeClusters"),
    }


@world(DEFAULT)
def test_nothing_in_groups(aws: Cloud) -> Expected:
    stores(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", "low", "nothing is in a security group")}


EDGES: dict[str, dict[str, Any]] = {
    "database_security_group_egress_restricted": {
        "PASS: nothing, or less than everything; FAIL low: all traffic to anywhere, in one rule or several, of any address family": (
            test_groups_of_databases_are_judged_by_what_they_let_out
        ),
        "NOT_APPLICABLE: not of databases alone; none": (
            test_groups_of_databases_are_judged_by_what_they_let_out,
            test_no_databases_that_let_out_anything,
        ),
        "ERROR: a list that is not known, unless the rest is proven": test_what_is_let_out_to_a_list_that_is_not_known,
        "ERROR: who is in it is not known, where that matters; a service that is denied": test_group_of_which_the_users_are_not_known_is_an_error,
    },
    "security_group_no_all_traffic_rule": {
        "FAIL low: all traffic, or all ports, from addresses, a list or another group; PASS: from itself, or less": (
            test_groups_that_admit_everything_fail_whoever_it_comes_from
        ),
        "left to the check of the world, where that alone is wrong": test_group_that_is_open_to_the_world_alone_is_left_to_the_other_check,
        "ERROR: ports that are not told, unless the rest is proven; NOT_APPLICABLE: another account's": test_groups_of_which_not_all_is_told,
        "NOT_APPLICABLE: none": test_no_groups_with_rules,
    },
    "resource_not_in_default_security_group": {
        "FAIL: interfaces, databases, load balancers, functions in a default group; PASS: in others": test_what_is_in_a_default_group_fails,
        "not judged: interfaces of services, which are what is judged itself": test_what_is_in_a_default_group_fails,
        "NOT_APPLICABLE: managed by a service": test_what_is_in_a_default_group_fails,
        "ERROR: a group that is not known, unless another is proven; what is denied": test_members_of_which_not_all_is_known,
        "NOT_APPLICABLE: none": test_nothing_in_groups,
    },
}
