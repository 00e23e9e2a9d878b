"""WKLD.13's checks of load balancers, each shown to pass, to fail, and at its edges."""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_13_https as suite

ALB, NLB, CLB = suite.test_alb_listener_requires_https, suite.test_nlb_listener_encrypted, suite.test_clb_listener_requires_https
POLICY, CLASSIC_POLICY = suite.test_load_balancer_tls_policy, suite.test_clb_tls_policy
BALANCERS, LISTENERS, RULES = "elbv2:DescribeLoadBalancers", "elbv2:DescribeListeners", "elbv2:DescribeRules"
POLICIES, HEALTH, GROUPS = "elbv2:DescribeSSLPolicies", "elbv2:DescribeTargetHealth", "elbv2:DescribeTargetGroups"
CLASSIC, CLASSIC_POLICIES = "elb:DescribeLoadBalancers", "elb:DescribeLoadBalancerPolicies"
HTTPS = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
NAME = "ELBSecurityPolicy-"
BLOCKED = "VPC Block Public Access keeps the internet away"


def error(operation: str, code: str = "AccessDenied") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, operation.partition(":")[2])


def denied(aws: Cloud, operation: str) -> None:
    """Deny that call from now on."""
    aws.simulated.instead(operation, lambda region, asked: error(operation))


def fixed(code: str) -> dict[str, Any]:
    return {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": code}}


class Net:
    """The default VPC, and load balancers in two of its subnets."""

    def __init__(self, aws: Cloud) -> None:
        self.aws, self.elb, self.classic = aws, aws.client("elbv2"), aws.client("elb")
        self.ec2 = aws.client("ec2")
        found = self.ec2.describe_subnets()["Subnets"]
        self.subnets, self.vpc = [each["SubnetId"] for each in found][:2], found[0]["VpcId"]
        self.certificate = aws.client("acm").request_certificate(DomainName="www.example.com")["CertificateArn"]

    def group(self, *permissions: dict[str, Any]) -> str:
        """A security group that admits this."""
        name = f"group-{len(self.ec2.describe_security_groups()['SecurityGroups'])}"
        found: str = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
        self.ec2.authorize_security_group_ingress(GroupId=found, IpPermissions=list(permissions))
        return found

    def balancer(self, name: str, type: str = "application", scheme: str = "internet-facing", groups: Sequence[str] = ()) -> str:
        """A load balancer, its ARN."""
        given = {"SecurityGroups": list(groups) or [self.group(admit(80, "0.0.0.0/0"))]} if type == "application" else {}
        made = self.elb.create_load_balancer(Name=name, Type=type, Scheme=scheme, Subnets=self.subnets, **given)
        found: str = made["LoadBalancers"][0]["LoadBalancerArn"]
        return found

    def targets(self, name: str, type: str = "instance", protocol: str = "HTTP", port: int = 8080) -> str:
        """A target group, its ARN."""
        made = self.elb.create_target_group(Name=name, TargetType=type, Protocol=protocol, Port=port, VpcId=self.vpc)
        found: str = made["TargetGroups"][0]["TargetGroupArn"]
        return found

    def forward(self, name: str, **more: Any) -> dict[str, Any]:
        """An action that sends to a new target group."""
        return {"Type": "forward", "TargetGroupArn": self.targets(name, **more)}

    def listen(self, balancer: str, port: int, action: dict[str, Any], protocol: str = "HTTP", policy: str = "TLS13-1-2-2021-06") -> str:
        """A listener, its ARN."""
        given = {"Certificates": [{"CertificateArn": self.certificate}], "SslPolicy": NAME + policy} if protocol in ("HTTPS", "TLS") else {}
        made = self.elb.create_listener(LoadBalancerArn=balancer, Port=port, Protocol=protocol, DefaultActions=[action], **given)
        found: str = made["Listeners"][0]["ListenerArn"]
        return found

    def rule(self, listener: str, priority: int, action: dict[str, Any]) -> None:
        path = [{"Field": "path-pattern", "Values": [f"/{priority}"]}]
        self.elb.create_rule(ListenerArn=listener, Priority=priority, Conditions=path, Actions=[action])

    def block(self, *subnets: str, mode: str = "block-bidirectional") -> None:
        """Let VPC Block Public Access be in force in those subnets."""

        def change(region: str, parsed: Any) -> None:
            for each in parsed["Subnets"]:
                each["BlockPublicAccessStates"] = {"InternetGatewayBlockMode": mode if each["SubnetId"] in subnets else "off"}

        self.aws.simulated.over("ec2:DescribeSubnets", change)

    def classic_balancer(self, name: str, *listeners: tuple[str, int], scheme: str = "internet-facing") -> str:
        """A Classic Load Balancer, its ARN."""
        wanted = [
            {"Protocol": protocol, "LoadBalancerPort": port, "InstanceProtocol": "HTTP" if protocol.startswith("HTTP") else "TCP", "InstancePort": 80}
            | ({"SSLCertificateId": self.certificate} if protocol in ("HTTPS", "SSL") else {})
            for protocol, port in listeners
        ]
        self.classic.create_load_balancer(LoadBalancerName=name, Listeners=wanted, Subnets=self.subnets, Scheme=scheme)
        return self.aws.arn("elasticloadbalancing", f"loadbalancer/{name}")

    def classic_policy(self, balancer: str, name: str, port: int = 443, type: str = "SSLNegotiationPolicyType", **attributes: str) -> None:
        """Give a Classic Load Balancer's port a policy; in the attributes' names, `_` is `-` and `.` is `__`."""
        given = [{"AttributeName": key.replace("__", ".").replace("_", "-"), "AttributeValue": value} for key, value in attributes.items()]
        self.classic.create_load_balancer_policy(LoadBalancerName=balancer, PolicyName=name, PolicyTypeName=type, PolicyAttributes=given)
        self.classic.set_load_balancer_policies_of_listener(LoadBalancerName=balancer, LoadBalancerPort=port, PolicyNames=[name])


def admit(port: int, *cidrs: str, lists: Sequence[str] = ()) -> dict[str, Any]:
    ranges = {"IpRanges": [{"CidrIp": each} for each in cidrs], "PrefixListIds": [{"PrefixListId": each} for each in lists]}
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **ranges}


def cloudfront(aws: Cloud) -> str:
    """AWS's own list of where CloudFront asks from."""
    lists = aws.client("ec2").describe_managed_prefix_lists()["PrefixLists"]
    found: str = next(each["PrefixListId"] for each in lists if each["PrefixListName"].endswith(".cloudfront.origin-facing"))
    return found


# --- alb_listener_requires_https -----------------------------------------------------------------------------------------------------------


@world(ALB)
def test_listeners_are_judged_by_all_their_answers(aws: Cloud) -> Expected:
    net = Net(aws)
    balancer, forward = net.balancer("web"), net.forward("web")
    to_http = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTP", "Port": "81", "StatusCode": "HTTP_301"}}
    as_asked = {"Type": "redirect", "RedirectConfig": {"Host": "www.example.com", "StatusCode": "HTTP_301"}}
    redirecting, refusing, broken = net.listen(balancer, 80, HTTPS), net.listen(balancer, 81, fixed("404")), net.listen(balancer, 88, fixed("503"))
    https = net.listen(balancer, 443, forward, "HTTPS")
    forwarding, answering = net.listen(balancer, 82, forward), net.listen(balancer, 83, fixed("200"))
    elsewhere, unchanged = net.listen(balancer, 84, to_http), net.listen(balancer, 85, as_asked)
    by_rule, by_one_of_two = net.listen(balancer, 86, HTTPS), net.listen(balancer, 87, HTTPS)
    net.rule(by_rule, 1, forward)
    net.rule(by_one_of_two, 1, HTTPS)
    net.rule(by_one_of_two, 2, fixed("200"))
    net.rule(redirecting, 1, HTTPS)
    return {
        redirecting: ("PASS", "high", "every answer to HTTP is a redirect to HTTPS, or a refusal"),
        refusing: "PASS",
        broken: "PASS",
        https: "PASS",
        forwarding: ("FAIL", "high", "takes HTTP, and by default forwards"),
        answering: ("FAIL", "high", "by default answers 200"),
        elsewhere: ("FAIL", "high", "by default redirects to HTTP"),
        unchanged: ("FAIL", "high", "by default redirects to #{protocol}"),
        by_rule: ("FAIL", "high", "rule 1 forwards"),
        by_one_of_two: ("FAIL", "high", "rule 2 answers 200"),
    }


@world(ALB)
def test_one_rule_that_redirects_does_not_make_good_for_the_default(aws: Cloud) -> Expected:
    net = Net(aws)
    listener = net.listen(net.balancer("web"), 80, net.forward("web"))
    net.rule(listener, 1, HTTPS)
    return {listener: ("FAIL", "high", "by default forwards")}


@world(ALB)
def test_internal_and_idle_load_balancers(aws: Cloud) -> Expected:
    net = Net(aws)
    inside, idle = net.balancer("inside", scheme="internal"), net.balancer("idle")
    net.listen(inside, 80, net.forward("inside"))
    net.balancer("lines", "network")
    return {inside: ("NOT_APPLICABLE", "high", "internal"), idle: ("NOT_APPLICABLE", "high", "listens for nothing")}


@world(NLB, POLICY)
def test_internal_load_balancer(aws: Cloud) -> Expected:
    net = Net(aws)
    inside = net.balancer("inside", "network", "internal")
    net.listen(inside, 443, net.forward("inside", protocol="TCP"), "TLS", "2016-08")
    return {inside: ("NOT_APPLICABLE", None, "internal")}


@world(ALB)
def test_public_access_is_blocked_in_all_subnets(aws: Cloud) -> Expected:
    net = Net(aws)
    net.block(*net.subnets)
    return {net.listen(net.balancer("web"), 80, net.forward("web")): ("NOT_APPLICABLE", "high", BLOCKED)}


@world(ALB)
def test_public_access_is_blocked_in_one_subnet(aws: Cloud) -> Expected:
    net = Net(aws)
    net.block(net.subnets[0])
    return {net.listen(net.balancer("web"), 80, net.forward("web")): "FAIL"}


@world(ALB)
def test_only_cloudfront_gets_there(aws: Cloud) -> Expected:
    net, origin, forward = Net(aws), cloudfront(aws), None
    forward = net.forward("web")
    fenced = net.balancer("fenced", groups=[net.group(admit(80, "10.0.0.0/8", lists=[origin])), net.group(admit(443, "0.0.0.0/0"))])
    office = net.balancer("office", groups=[net.group(admit(80, lists=[origin])), net.group(admit(80, "8.8.8.0/24"))])
    other = net.balancer("other", groups=[net.group(admit(443, lists=[origin]), admit(80, "10.0.0.0/8"))])
    return {
        net.listen(fenced, 80, forward): ("NOT_APPLICABLE", "high", "a secret header or a VPC origin"),
        net.listen(office, 80, forward): "FAIL",
        net.listen(other, 80, forward): "FAIL",
    }


@world(ALB)
def test_fences_that_cannot_be_read_are_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    balancer, forward = net.balancer("web"), net.forward("web")
    denied(aws, "ec2:DescribeSecurityGroups")
    return {
        net.listen(balancer, 80, forward): ("ERROR", "high", "ec2:DescribeSecurityGroups is denied"),
        net.listen(balancer, 81, HTTPS): "PASS",
        net.listen(balancer, 443, forward, "HTTPS"): "PASS",
    }


@world(ALB)
def test_rules_that_cannot_be_read_are_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    balancer, forward = net.balancer("web"), net.forward("web")
    denied(aws, RULES)
    return {
        net.listen(balancer, 80, HTTPS): ("ERROR", "high", f"{RULES} is denied"),
        net.listen(balancer, 81, forward): ("FAIL", "high", "by default forwards"),
    }


@world(ALB)
def test_rule_that_cannot_be_read_is_an_error_unless_another_fails(aws: Cloud) -> Expected:
    net = Net(aws)
    balancer = net.balancer("web")
    silent, failing, empty, bare = (net.listen(balancer, port, HTTPS) for port in (80, 81, 82, 83))
    for listener in (silent, failing, empty):
        net.rule(listener, 1, HTTPS)
    net.rule(failing, 2, net.forward("web"))

    def rules(region: str, parsed: Any) -> None:
        first = parsed["Rules"][0]
        if first["RuleArn"].split("/")[-2] == empty.rpartition("/")[2]:
            first["Actions"] = []
        elif first["RuleArn"].split("/")[-2] == bare.rpartition("/")[2]:
            parsed["Rules"] = []
        else:
            first["Actions"] = None

    aws.simulated.over(RULES, rules)
    return {
        silent: ("ERROR", "high", "that we cannot read"),
        failing: ("FAIL", "high", "rule 2 forwards"),
        empty: ("ERROR", "high", "a rule without actions"),
        bare: ("ERROR", "high", "without its default rule"),
    }


@world(ALB)
def test_listener_that_cannot_be_read_is_an_error_of_its_own(aws: Cloud) -> Expected:
    net = Net(aws)
    balancer, forward = net.balancer("web"), net.forward("web")
    odd, empty, plain = net.listen(balancer, 80, forward), net.listen(balancer, 81, HTTPS), net.listen(balancer, 82, forward)

    def listeners(region: str, parsed: Any) -> None:
        for each in parsed["Listeners"]:
            if each["ListenerArn"] == odd:
                each["Protocol"] = "GOPHER"
            if each["ListenerArn"] == empty:
                each["DefaultActions"] = []

    aws.simulated.over(LISTENERS, listeners)
    return {odd: ("ERROR", "high", "GOPHER"), empty: ("ERROR", "high", "without actions"), plain: "FAIL"}


@world(ALB, NLB, POLICY)
def test_balancer_that_cannot_be_read_is_an_error_of_its_own(aws: Cloud) -> Expected:
    balancer = Net(aws).balancer("web")
    aws.simulated.over(BALANCERS, lambda region, parsed: parsed["LoadBalancers"][0].pop("Scheme"))
    return {balancer: ("ERROR", None, "Scheme")}


@world(ALB, NLB, POLICY)
def test_denied_load_balancers_are_an_error(aws: Cloud) -> Expected:
    denied(aws, BALANCERS)
    return {aws.account_arn: ("ERROR", None, f"{BALANCERS} is denied")}


@world(ALB, POLICY)
def test_denied_listeners_are_an_error_of_their_balancer(aws: Cloud) -> Expected:
    balancer = Net(aws).balancer("web")
    denied(aws, LISTENERS)
    return {balancer: ("ERROR", None, f"{LISTENERS} is denied")}


@world(ALB, POLICY)
def test_balancer_that_has_vanished_leaves_no_finding(aws: Cloud) -> Expected:
    Net(aws).balancer("web")
    aws.simulated.instead(LISTENERS, lambda region, asked: error(LISTENERS, "LoadBalancerNotFound"))
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no ")}


@world(ALB)
def test_listener_that_has_vanished_leaves_no_finding(aws: Cloud) -> Expected:
    net = Net(aws)
    balancer = net.balancer("web")
    net.listen(balancer, 80, HTTPS)
    aws.simulated.instead(RULES, lambda region, asked: error(RULES, "ListenerNotFound"))
    return {net.listen(balancer, 443, HTTPS, "HTTPS"): "PASS"}


@world(ALB, NLB, POLICY)
def test_no_load_balancers(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no ")}


# --- nlb_listener_encrypted ----------------------------------------------------------------------------------------------------------------


@world(NLB)
def test_listeners_of_network_load_balancers(aws: Cloud) -> Expected:
    net = Net(aws)
    alone, both, tcp = net.balancer("alone", "network"), net.balancer("both", "network"), net.forward("lines", protocol="TCP")
    passing = net.balancer("passing", "network")
    datagrams = net.forward("datagrams", protocol="UDP")
    return {
        net.listen(alone, 80, tcp, "TCP"): ("FAIL", "medium", "TCP 80, and nothing beside it takes TLS"),
        net.listen(alone, 8080, tcp, "TCP"): "FAIL",
        net.listen(alone, 5432, tcp, "TCP"): ("NOT_APPLICABLE", "medium", "TCP 5432 is not for the web"),
        net.listen(alone, 53, datagrams, "UDP"): ("NOT_APPLICABLE", "medium", "UDP 53 is not for the web"),
        net.listen(both, 80, tcp, "TCP"): ("MANUAL", "medium", "answer every request on port 80 by a redirect"),
        net.listen(both, 443, tcp, "TLS"): "PASS",
        net.listen(passing, 443, tcp, "TCP"): ("MANUAL", "medium", "take nothing but TLS 1.2 or newer"),
        net.listen(passing, 80, tcp, "TCP"): ("MANUAL", "medium", "redirect"),
    }


@world(NLB)
def test_quic_and_public_access_that_is_blocked(aws: Cloud) -> Expected:
    net = Net(aws)
    net.block(*net.subnets)
    balancer, tcp = net.balancer("lines", "network"), net.forward("lines", protocol="TCP")
    quic, plain = net.listen(balancer, 443, net.forward("datagrams", protocol="UDP"), "UDP"), net.listen(balancer, 80, tcp, "TCP")

    def listeners(region: str, parsed: Any) -> None:
        for each in parsed["Listeners"]:
            if each["ListenerArn"] == quic:
                each["Protocol"] = "QUIC"

    aws.simulated.over(LISTENERS, listeners)
    return {quic: "PASS", plain: ("NOT_APPLICABLE", "medium", BLOCKED)}


def in_front(aws: Cloud, net: Net, name: str, inside: dict[str, Any] | None, protocol: str = "HTTP", port: int = 80) -> str:
    """The listener of a Network Load Balancer that passes on to an internal Application Load Balancer, which answers so."""
    behind = net.balancer(f"{name}-behind", scheme="internal")
    if inside:
        net.listen(behind, port, inside, protocol)
    passing = net.forward(name, type="alb", protocol="TCP", port=port)
    aws.simulated.instead(
        HEALTH,
        lambda region, asked: {
            "TargetHealthDescriptions": [
                {"Target": {"Id": next(each for each in known if f"/{asked['TargetGroupArn'].split('/')[1]}-behind/" in each), "Port": port}}
            ]
        },
    )
    known = [each["LoadBalancerArn"] for each in net.elb.describe_load_balancers()["LoadBalancers"]]
    return net.listen(net.balancer(name, "network"), port, passing, "TCP")


@world(NLB)
def test_application_load_balancer_behind_a_network_load_balancer(aws: Cloud) -> Expected:
    net = Net(aws)
    return {
        in_front(aws, net, "good", HTTPS): ("PASS", "medium", "passes on to an Application Load Balancer"),
        in_front(aws, net, "bad", net.forward("web")): ("FAIL", "medium", "that takes HTTP, and by default forwards"),
        in_front(aws, net, "deaf", None): ("ERROR", "medium", "does not listen on 80"),
    }


@world(NLB)
def test_application_load_balancer_that_takes_https_behind_a_network_load_balancer(aws: Cloud) -> Expected:
    net = Net(aws)
    return {in_front(aws, net, "tls", net.forward("web"), "HTTPS", 443): ("PASS", "medium", "passes on to")}


@world(NLB)
def test_targets_of_network_load_balancers_that_cannot_be_read_are_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    listener = in_front(aws, net, "lines", HTTPS)
    denied(aws, HEALTH)
    return {listener: ("ERROR", "medium", f"{HEALTH} is denied")}


@world(NLB)
def test_load_balancer_that_is_no_target_yet_is_an_error(aws: Cloud) -> Expected:
    listener = in_front(aws, Net(aws), "lines", HTTPS)
    aws.simulated.instead(HEALTH, lambda region, asked: {"TargetHealthDescriptions": []})
    return {listener: ("ERROR", "medium", "without the load balancer that is the target")}


@world(NLB)
def test_listener_of_a_network_load_balancer_that_cannot_be_read_is_an_error_of_its_own(aws: Cloud) -> Expected:
    net = Net(aws)
    balancer, tcp = net.balancer("lines", "network"), net.forward("lines", protocol="TCP")
    odd, plain = net.listen(balancer, 81, tcp, "TCP"), net.listen(balancer, 443, tcp, "TCP")

    def listeners(region: str, parsed: Any) -> None:
        for each in parsed["Listeners"]:
            if each["ListenerArn"] == odd:
                each["Protocol"] = "GOPHER"

    aws.simulated.over(LISTENERS, listeners)
    return {odd: ("ERROR", "medium", "GOPHER"), plain: "MANUAL"}


@world(NLB)
def test_target_group_that_is_not_told_is_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    listener = net.listen(net.balancer("lines", "network"), 443, net.forward("lines", protocol="TCP"), "TCP")
    aws.simulated.over(GROUPS, lambda region, parsed: parsed.update(TargetGroups=[]))
    return {listener: ("ERROR", "medium", "not told where it sends")}


@world(NLB)
def test_denied_listeners_of_network_load_balancers_are_an_error(aws: Cloud) -> Expected:
    balancer = Net(aws).balancer("lines", "network")
    denied(aws, LISTENERS)
    return {balancer: ("ERROR", "medium", f"{LISTENERS} is denied")}


@world(NLB)
def test_shares_of_traffic_are_looked_at(aws: Cloud) -> Expected:
    net = Net(aws)
    shares = {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": net.targets("one", protocol="TCP"), "Weight": 1}]}}
    return {net.listen(net.balancer("lines", "network"), 443, shares, "TCP"): "MANUAL"}


# --- clb_listener_requires_https -----------------------------------------------------------------------------------------------------------


@world(CLB)
def test_listeners_of_classic_load_balancers(aws: Cloud) -> Expected:
    net = Net(aws)
    alone = net.classic_balancer("alone", ("HTTP", 80), ("TCP", 8080), ("TCP", 5432), ("HTTP", 9000))
    both, passing = (
        net.classic_balancer("both", ("HTTP", 80), ("HTTPS", 443), ("SSL", 993)),
        net.classic_balancer("passing", ("TCP", 80), ("TCP", 443)),
    )
    inside = net.classic_balancer("inside", ("HTTP", 80), scheme="internal")
    redirect = ("MANUAL", "high", "answer every request on port 80 by a redirect")
    return {
        (alone, "80"): ("FAIL", "high", "HTTP 80, and nothing beside it takes TLS"),
        (alone, "8080"): ("FAIL", "high", "TCP 8080, and"),
        (alone, "9000"): "FAIL",
        (alone, "5432"): ("NOT_APPLICABLE", "high", "not for the web"),
        (both, "80"): redirect,
        (both, "443"): "PASS",
        (both, "993"): "PASS",
        (passing, "80"): redirect,
        (passing, "443"): ("MANUAL", "high", "take nothing but TLS 1.2"),
        inside: ("NOT_APPLICABLE", "high", "internal"),
    }


@world(CLB)
def test_classic_load_balancers_that_are_fenced_or_idle(aws: Cloud) -> Expected:
    net = Net(aws)
    net.block(*net.subnets, mode="block-ingress")
    fenced, idle = net.classic_balancer("fenced", ("HTTP", 80)), net.classic_balancer("idle", ("HTTP", 80))
    net.classic.delete_load_balancer_listeners(LoadBalancerName="idle", LoadBalancerPorts=[80])
    return {(fenced, "80"): ("NOT_APPLICABLE", "high", BLOCKED), idle: ("NOT_APPLICABLE", "high", "listens for nothing")}


@world(CLB, CLASSIC_POLICY)
def test_classic_load_balancer_that_cannot_be_read_is_an_error_of_its_own(aws: Cloud) -> Expected:
    balancer = Net(aws).classic_balancer("odd", ("HTTPS", 443))
    aws.simulated.over(CLASSIC, lambda region, parsed: parsed["LoadBalancerDescriptions"][0].update(Scheme="sideways"))
    return {balancer: ("ERROR", None, "sideways")}


@world(CLB, CLASSIC_POLICY)
def test_denied_classic_load_balancers_are_an_error(aws: Cloud) -> Expected:
    denied(aws, CLASSIC)
    return {aws.account_arn: ("ERROR", None, f"{CLASSIC} is denied")}


@world(CLB)
def test_subnets_that_cannot_be_read_are_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    plain, silent = net.classic_balancer("plain", ("HTTP", 80)), net.classic_balancer("silent", ("HTTP", 80))
    aws.simulated.over(CLASSIC, lambda region, parsed: parsed["LoadBalancerDescriptions"][1].update(Subnets=[]))
    denied(aws, "ec2:DescribeSubnets")
    return {(plain, "80"): ("ERROR", "high", "ec2:DescribeSubnets is denied"), (silent, "80"): ("ERROR", "high", "in which subnets")}


@world(CLB, CLASSIC_POLICY)
def test_no_classic_load_balancers(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no ")}


# --- load_balancer_tls_policy --------------------------------------------------------------------------------------------------------------


def with_policies(aws: Cloud, *policies: str, **net: Any) -> list[str]:
    """A listener of a public load balancer for each policy."""
    made = Net(aws)
    balancer = made.balancer("web")
    return [made.listen(balancer, 443 + at, HTTPS, "HTTPS", policy) for at, policy in enumerate(policies)]


@world(POLICY)
def test_policies_are_judged_by_what_they_allow(aws: Cloud) -> Expected:
    good = ("TLS13-1-2-2021-06", "TLS13-1-2-Res-PQ-2025-09", "TLS13-1-3-2021-06", "FS-1-2-Res-2020-10")
    static = ("TLS13-1-2-Ext2-2021-06", "TLS13-1-2-Ext1-2021-06", "TLS-1-2-2017-01", "TLS-1-2-Ext-2018-06")
    old = ("2016-08", "TLS-1-1-2017-01", "TLS13-1-1-2021-06", "TLS13-1-0-2021-06")
    listeners = with_policies(aws, *good, *static, *old)
    return (
        dict.fromkeys(listeners[:4], "PASS")
        | dict.fromkeys(listeners[4:8], ("FAIL", "low", "has ciphers without forward secrecy: AES"))
        | dict.fromkeys(listeners[8:], ("FAIL", "medium", "TLSv1.1"))
    )


@world(POLICY)
def test_listener_of_a_network_load_balancer_has_a_policy_too(aws: Cloud) -> Expected:
    net = Net(aws)
    listener = net.listen(net.balancer("lines", "network"), 443, net.forward("lines", protocol="TCP"), "TLS", "2016-08")
    return {listener: ("FAIL", "medium", f"{NAME}2016-08 allows TLSv1.1, TLSv1")}


@world(POLICY)
def test_policies_that_are_not_described_are_judged_by_their_names(aws: Cloud) -> Expected:
    aws.simulated.over(POLICIES, lambda region, parsed: parsed.update(SslPolicies=[]))
    good = ("TLS13-1-2-FIPS-2023-04", "FS-1-2-2019-08", "FS-1-2-Res-2019-08", "TLS13-1-2-Res-FIPS-PQ-2025-09", "TLS13-1-3-PQ-2025-09")
    static = ("TLS13-1-2-Ext1-FIPS-2023-04", "TLS13-1-2-Ext2-PQ-2025-09", "TLS-1-2-2017-01", "TLS-1-2-Ext-2018-06")
    old = ("2016-08", "2015-05", "FS-2018-06", "FS-1-1-2019-08", "TLS13-1-0-FIPS-2023-04", "TLS13-1-1-2021-06", "TLS-1-1-2017-01")
    unknown = ("TLS13-1-2-Ext0-FIPS-2023-04", "TLS13-1-2-RFC9151-FIPS-2024-08", "TLS13-1-2-CNSA2-2026-07", "TLS14-1-4-2031-01")
    listeners = with_policies(aws, *good, *static, *old, *unknown)
    return (
        dict.fromkeys(listeners[:5], "PASS")
        | dict.fromkeys(listeners[5:9], ("FAIL", "low", "without forward secrecy: some, by its name"))
        | dict.fromkeys(listeners[9:16], ("FAIL", "medium", "before TLS 1.2, by its name"))
        | dict.fromkeys(listeners[16:], ("ERROR", "medium", "its name says nothing to us"))
    )


def described(aws: Cloud, **policies: tuple[list[str], list[str]]) -> None:
    """Let policies be described by protocols and ciphers."""
    found = [
        {"Name": NAME + name, "SslProtocols": protocols, "Ciphers": [{"Name": each, "Priority": at} for at, each in enumerate(ciphers)]}
        for name, (protocols, ciphers) in policies.items()
    ]
    aws.simulated.instead(POLICIES, lambda region, asked: {"SslPolicies": found})


@world(POLICY)
def test_what_is_described_wins_over_the_name(aws: Cloud) -> Expected:
    modern, old = (
        (["TLSv1.3", "TLSv1.2"], ["TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"]),
        (["TLSv1.2", "SSLv3"], ["ECDHE-RSA-AES128-SHA"]),
    )
    described(aws, future=modern, past=old, strange=(["TLSv9"], ["TLS_AES_128_GCM_SHA256"]), empty=(["TLSv1.2"], []), none=([], ["TLS_A_GCM"]))
    future, past, strange, empty, none = with_policies(aws, "future", "past", "strange", "empty", "none")
    return {
        future: "PASS",
        past: ("FAIL", "medium", "allows SSLv3"),
        strange: ("ERROR", "medium", "has TLSv9, which we cannot judge"),
        empty: ("ERROR", "medium", "no protocols or no ciphers"),
        none: ("ERROR", "medium", "no protocols or no ciphers"),
    }


@world(POLICY)
def test_aead_alone_where_that_is_asked_for(aws: Cloud) -> Expected:
    aws.facts(encryption={"tls_require_aead": True})
    described(
        aws, some=(["TLSv1.2"], ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA256"]), only=(["TLSv1.3"], ["TLS_CHACHA20_POLY1305_SHA256"])
    )
    some, only, by_name, untold = with_policies(aws, "some", "only", "TLS13-1-2-Res-FIPS-2023-04", "TLS13-1-2-FIPS-2023-04")
    return {
        some: ("FAIL", "low", "ciphers without AEAD: ECDHE-RSA-AES128-SHA256"),
        only: "PASS",
        by_name: "PASS",
        untold: ("ERROR", "medium", "does not tell the policy's ciphers"),
    }


@world(POLICY)
def test_old_policy_behind_blocked_public_access(aws: Cloud) -> Expected:
    old, static, good = with_policies(aws, "2016-08", "TLS-1-2-2017-01", "TLS13-1-2-2021-06")
    net = Net(aws)
    net.block(*net.subnets)
    return {old: ("NOT_APPLICABLE", "medium", BLOCKED), static: ("NOT_APPLICABLE", "medium", BLOCKED), good: "PASS"}


@world(POLICY)
def test_denied_policies_are_an_error(aws: Cloud) -> Expected:
    (listener,) = with_policies(aws, "2016-08")
    denied(aws, POLICIES)
    return {listener: ("ERROR", "medium", f"{POLICIES} is denied")}


@world(POLICY)
def test_listener_without_its_policy_is_an_error_of_its_own(aws: Cloud) -> Expected:
    listener, other = with_policies(aws, "2016-08", "2016-08")
    net = Net(aws)
    net.listen(net.balancer("plain"), 80, HTTPS)

    def listeners(region: str, parsed: Any) -> None:
        for each in parsed["Listeners"]:
            if each["ListenerArn"] == listener:
                del each["SslPolicy"]

    aws.simulated.over(LISTENERS, listeners)
    return {listener: ("ERROR", "medium", "SslPolicy"), other: "FAIL"}


# --- clb_tls_policy ------------------------------------------------------------------------------------------------------------------------

ONLY_1_2: dict[str, Any] = {"Protocol_SSLv3": "false", "Protocol_TLSv1": "false", "Protocol_TLSv1__1": "false", "Protocol_TLSv1__2": "true"}


@world(CLASSIC_POLICY)
def test_policies_of_classic_load_balancers(aws: Cloud) -> Expected:
    net = Net(aws)
    names = ("own", "static", "old", "ssl3", "half", "unknown", "named", "named-old", "bare", "off", "plain")
    arns = {name: net.classic_balancer(name, ("HTTP", 80) if name == "plain" else ("HTTPS", 443)) for name in names}
    net.classic_balancer("inside", ("HTTPS", 443), scheme="internal")
    net.classic_policy("own", "own", **ONLY_1_2, ECDHE_RSA_AES128_GCM_SHA256="true", AES128_SHA="false")
    net.classic_policy("static", "static", **ONLY_1_2, AES128_SHA="true", Server_Defined_Cipher_Order="true")
    net.classic_policy("old", "old", **(ONLY_1_2 | {"Protocol_TLSv1__1": "true"}))
    net.classic_policy("ssl3", "ssl3", Protocol_SSLv3="true")
    net.classic_policy("half", "half", Protocol_TLSv1="false", Protocol_TLSv1__2="true")
    net.classic_policy("unknown", "unknown", Reference_Security_Policy="ELBSecurityPolicy-2031-01-Future")
    net.classic_policy("named", "named", Reference_Security_Policy="ELBSecurityPolicy-TLS-1-2-2017-01")
    net.classic_policy("named-old", "named-old", Reference_Security_Policy="ELBSecurityPolicy-2016-08")
    net.classic_policy("off", "off", **(ONLY_1_2 | {"Protocol_TLSv1__2": "false"}))
    unknown = ("ERROR", "medium", "its name says nothing to us")
    return {(arns[name], "443"): verdict for name, verdict in (
        ("own", "PASS"),
        ("static", ("PASS", "medium", "without forward secrecy: AES128-SHA")),
        ("named", ("PASS", "medium", "without forward secrecy: some, by its name")),
        ("old", ("FAIL", "medium", "old allows TLSv1.1")),
        ("ssl3", ("FAIL", "medium", "allows SSLv3")),
        ("named-old", ("FAIL", "medium", "before TLS 1.2, by its name")),
        ("bare", ("FAIL", "medium", "has no policy of its own")),
        ("half", unknown),
        ("unknown", unknown),
        ("off", unknown),
    )}  # fmt: skip


@world(CLASSIC_POLICY)
def test_policies_of_other_types_are_no_policies_of_tls(aws: Cloud) -> Expected:
    net = Net(aws)
    balancer = net.classic_balancer("sticky", ("HTTPS", 443))
    net.classic_policy("sticky", "cookies", type="AppCookieStickinessPolicyType", CookieName="id")
    return {(balancer, "443"): ("FAIL", "medium", "has no policy of its own")}


@world(CLASSIC_POLICY)
def test_old_policy_of_a_classic_load_balancer_behind_blocked_public_access(aws: Cloud) -> Expected:
    net = Net(aws)
    net.block(*net.subnets)
    old, good = net.classic_balancer("old", ("SSL", 443)), net.classic_balancer("good", ("HTTPS", 443))
    net.classic_policy("good", "good", **ONLY_1_2)
    return {(old, "443"): ("NOT_APPLICABLE", "medium", BLOCKED), (good, "443"): "PASS"}


@world(CLASSIC_POLICY)
def test_denied_policies_of_classic_load_balancers_are_an_error(aws: Cloud) -> Expected:
    net = Net(aws)
    balancer = net.classic_balancer("web", ("HTTPS", 443))
    net.classic_policy("web", "web", **ONLY_1_2)
    denied(aws, CLASSIC_POLICIES)
    return {(balancer, "443"): ("ERROR", "medium", f"{CLASSIC_POLICIES} is denied")}


@world(CLASSIC_POLICY)
def test_classic_load_balancer_that_has_vanished_leaves_no_finding(aws: Cloud) -> Expected:
    net = Net(aws)
    net.classic_balancer("web", ("HTTPS", 443))
    net.classic_policy("web", "web", **ONLY_1_2)
    aws.simulated.instead(CLASSIC_POLICIES, lambda region, asked: error(CLASSIC_POLICIES, "LoadBalancerNotFound"))
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "gone when it was looked at")}


# --- the edges -----------------------------------------------------------------------------------------------------------------------------

EDGES: dict[str, dict[str, Any]] = {
    "alb_listener_requires_https": {
        "PASS: HTTPS; every answer to HTTP a redirect to HTTPS, or a refusal": test_listeners_are_judged_by_all_their_answers,
        "FAIL: some rule forwards or answers; a redirect that stays with HTTP": test_listeners_are_judged_by_all_their_answers,
        "FAIL: the default forwards, and one rule redirects": test_one_rule_that_redirects_does_not_make_good_for_the_default,
        "NOT_APPLICABLE: internal, or no listeners": test_internal_and_idle_load_balancers,
        "NOT_APPLICABLE: fenced by VPC Block Public Access, in all of its subnets": (
            test_public_access_is_blocked_in_all_subnets,
            test_public_access_is_blocked_in_one_subnet,
        ),
        "NOT_APPLICABLE: only CloudFront gets there": test_only_cloudfront_gets_there,
        "NOT_APPLICABLE: none": test_no_load_balancers,
        "ERROR: what may fence it is denied": test_fences_that_cannot_be_read_are_an_error,
        "ERROR: balancers, listeners or rules are denied": (
            test_denied_load_balancers_are_an_error,
            test_denied_listeners_are_an_error_of_their_balancer,
            test_rules_that_cannot_be_read_are_an_error,
        ),
        "ERROR: what cannot be read, of that one alone": (
            test_listener_that_cannot_be_read_is_an_error_of_its_own,
            test_balancer_that_cannot_be_read_is_an_error_of_its_own,
            test_rule_that_cannot_be_read_is_an_error_unless_another_fails,
        ),
        "dropped: vanished since it was listed": (
            test_balancer_that_has_vanished_leaves_no_finding,
            test_listener_that_has_vanished_leaves_no_finding,
        ),
    },
    "nlb_listener_encrypted": {
        "PASS: TLS": test_listeners_of_network_load_balancers,
        "PASS: QUIC": test_quic_and_public_access_that_is_blocked,
        "MANUAL: TCP 443, which the targets end": (test_listeners_of_network_load_balancers, test_shares_of_traffic_are_looked_at),
        "MANUAL: TCP 80 with TLS or 443 beside it": test_listeners_of_network_load_balancers,
        "FAIL: TCP 80 or 8080 without": test_listeners_of_network_load_balancers,
        "PASS and FAIL: by the Application Load Balancer behind it": (
            test_application_load_balancer_behind_a_network_load_balancer,
            test_application_load_balancer_that_takes_https_behind_a_network_load_balancer,
        ),
        "NOT_APPLICABLE: other ports, UDP": test_listeners_of_network_load_balancers,
        "NOT_APPLICABLE: internal; fenced; none": (
            test_internal_load_balancer,
            test_quic_and_public_access_that_is_blocked,
            test_no_load_balancers,
        ),
        "ERROR: what is denied or not told": (
            test_denied_load_balancers_are_an_error,
            test_denied_listeners_of_network_load_balancers_are_an_error,
            test_targets_of_network_load_balancers_that_cannot_be_read_are_an_error,
            test_target_group_that_is_not_told_is_an_error,
            test_load_balancer_that_is_no_target_yet_is_an_error,
            test_listener_of_a_network_load_balancer_that_cannot_be_read_is_an_error_of_its_own,
            test_balancer_that_cannot_be_read_is_an_error_of_its_own,
        ),
    },
    "clb_listener_requires_https": {
        "PASS: HTTPS, SSL": test_listeners_of_classic_load_balancers,
        "FAIL: HTTP on any port, TCP 80 or 8080": test_listeners_of_classic_load_balancers,
        "MANUAL: HTTP with HTTPS beside it; TCP 443": test_listeners_of_classic_load_balancers,
        "NOT_APPLICABLE: other TCP; internal": test_listeners_of_classic_load_balancers,
        "NOT_APPLICABLE: fenced, no listeners, none": (test_classic_load_balancers_that_are_fenced_or_idle, test_no_classic_load_balancers),
        "ERROR: what is denied or cannot be read": (
            test_denied_classic_load_balancers_are_an_error,
            test_classic_load_balancer_that_cannot_be_read_is_an_error_of_its_own,
            test_subnets_that_cannot_be_read_are_an_error,
        ),
    },
    "load_balancer_tls_policy": {
        "PASS: TLS 1.2 and newer, with forward secrecy": test_policies_are_judged_by_what_they_allow,
        "FAIL low: Ext2 and others, without forward secrecy": test_policies_are_judged_by_what_they_allow,
        "FAIL medium: protocols before TLS 1.2; of a Network Load Balancer, too": (
            test_policies_are_judged_by_what_they_allow,
            test_listener_of_a_network_load_balancer_has_a_policy_too,
        ),
        "by the name, where it is not described: FIPS passes": test_policies_that_are_not_described_are_judged_by_their_names,
        "by what is described, whatever the name": test_what_is_described_wins_over_the_name,
        "tls_require_aead": test_aead_alone_where_that_is_asked_for,
        "NOT_APPLICABLE: internal, fenced, none": (
            test_internal_load_balancer,
            test_old_policy_behind_blocked_public_access,
            test_no_load_balancers,
        ),
        "ERROR: an unknown name or protocol, never FAIL": (
            test_policies_that_are_not_described_are_judged_by_their_names,
            test_what_is_described_wins_over_the_name,
        ),
        "ERROR: what is denied or not told": (
            test_denied_policies_are_an_error,
            test_denied_listeners_are_an_error_of_their_balancer,
            test_listener_without_its_policy_is_an_error_of_its_own,
            test_denied_load_balancers_are_an_error,
        ),
        "dropped: vanished since it was listed": test_balancer_that_has_vanished_leaves_no_finding,
    },
    "clb_tls_policy": {
        "PASS: TLS 1.2 only, whatever the policy is called; a note on ciphers": test_policies_of_classic_load_balancers,
        "FAIL: SSLv3, TLS 1.0 or 1.1; no policy": (test_policies_of_classic_load_balancers, test_policies_of_other_types_are_no_policies_of_tls),
        "ERROR: neither protocols nor a name that we know": test_policies_of_classic_load_balancers,
        "NOT_APPLICABLE: fenced, none": (test_old_policy_of_a_classic_load_balancer_behind_blocked_public_access, test_no_classic_load_balancers),
        "ERROR: what is denied or cannot be read": (
            test_denied_policies_of_classic_load_balancers_are_an_error,
            test_denied_classic_load_balancers_are_an_error,
            test_classic_load_balancer_that_cannot_be_read_is_an_error_of_its_own,
        ),
        "dropped: vanished since it was listed": test_classic_load_balancer_that_has_vanished_leaves_no_finding,
    },
}
