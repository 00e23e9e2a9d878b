"""WKLD.13's checks of API Gateway, OpenSearch Service and Elastic Beanstalk, each shown to pass, to fail, and at its edges."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_ssb.aws import Aws
from tests.checks.test_wkld_13 import HTTPS, Net
from tests.support.worlds import Cloud, Expected, World, built, judge, world
from tests_workload import test_wkld_13_https as suite

DOMAIN, API = suite.test_api_gateway_domain_tls, suite.test_api_gateway_default_endpoint_tls
SEARCH, ENVIRONMENT = suite.test_opensearch_domain_requires_https, suite.test_beanstalk_environment_https
DOMAINS, NEWER, APIS = "apigateway:GetDomainNames", "apigatewayv2:GetDomainNames", "apigateway:GetRestApis"
NAMES, SEARCH_DOMAINS = "opensearch:ListDomainNames", "opensearch:DescribeDomains"
ENVIRONMENTS, RESOURCES = "elasticbeanstalk:DescribeEnvironments", "elasticbeanstalk:DescribeEnvironmentResources"


def error(operation: str, code: str = "AccessDenied") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, operation.partition(":")[2])


def denied(aws: Cloud, operation: str) -> None:
    """Deny that call from now on."""
    aws.simulated.instead(operation, lambda region, asked: error(operation))


# --- api_gateway_domain_tls ----------------------------------------------------------------------------------------------------------------


def domains(aws: Cloud, older: dict[str, str | None], newer: dict[str, str | None], kind: str = "REGIONAL") -> None:
    """The custom domain names that each API tells of, with their policies."""
    for name, policy in older.items():
        given = {"securityPolicy": policy} if policy in ("TLS_1_0", "TLS_1_2") else {}
        aws.client("apigateway").create_domain_name(domainName=name, endpointConfiguration={"types": ["REGIONAL"]}, **given)
    for name, policy in newer.items():
        configuration = {"EndpointType": "REGIONAL", **({"SecurityPolicy": policy} if policy else {})}
        aws.client("apigatewayv2").create_domain_name(DomainName=name, DomainNameConfigurations=[configuration])

    def policies(region: str, parsed: Any) -> None:
        for each in parsed["items"]:
            each["endpointConfiguration"]["types"] = [kind]
            if older[each["domainName"]]:
                each["securityPolicy"] = older[each["domainName"]]
            else:
                each.pop("securityPolicy", None)

    aws.simulated.over(DOMAINS, policies)


def domain(name: str) -> str:
    return f"arn:aws:apigateway:eu-west-1::/domainnames/{name}"


@world(DOMAIN)
def test_domain_names_are_judged_by_their_policies(aws: Cloud) -> Expected:
    edge, thirteen = "SecurityPolicy_TLS12_PFS_2025_EDGE", "SecurityPolicy_TLS13_1_2_PQ_2025_09"
    older = {"two": "TLS_1_2", "edge": edge, "both": thirteen, "old": "TLS_1_0", "none": None, "odd": "SecurityPolicy_QUANTUM_2031", "told": None}
    domains(aws, older, {"both": "TLS_1_0", "told": "TLS_1_2", "socket": "TLS_1_2", "old-socket": "TLS_1_0", "bare": None})
    return {
        **dict.fromkeys((domain(name) for name in ("two", "edge", "both", "told", "socket")), "PASS"),
        **dict.fromkeys((domain(name) for name in ("old", "old-socket")), ("FAIL", "medium", "its security policy is TLS_1_0")),
        **dict.fromkeys((domain(name) for name in ("none", "bare")), ("FAIL", "medium", "the first one that there was")),
        domain("odd"): ("ERROR", "medium", "says nothing to us"),
    }


@world(DOMAIN)
def test_private_domain_name(aws: Cloud) -> Expected:
    domains(aws, {"inside": "TLS_1_0"}, {}, kind="PRIVATE")
    return {domain("inside"): ("NOT_APPLICABLE", "medium", "from VPCs only")}


@world(DOMAIN)
def test_domain_names_that_cannot_be_read_are_an_error_of_their_own(aws: Cloud) -> Expected:
    domains(aws, {"silent": "TLS_1_2", "good": "TLS_1_2"}, {"placeless": "TLS_1_2", "private": "TLS_1_0"})
    aws.simulated.over(DOMAINS, lambda region, parsed: parsed["items"][0]["endpointConfiguration"].update(types=[]))

    def newer(region: str, parsed: Any) -> None:
        parsed["Items"][0]["DomainNameConfigurations"] = []
        parsed["Items"][1]["DomainNameConfigurations"][0]["EndpointType"] = "PRIVATE"

    aws.simulated.over(NEWER, newer)
    return {
        domain("silent"): ("ERROR", "medium", "no types"),
        domain("good"): "PASS",
        domain("placeless"): ("ERROR", "medium", "not told how the name is reached"),
        domain("private"): "NOT_APPLICABLE",
    }


@world(DOMAIN)
def test_denied_domain_names_are_an_error(aws: Cloud) -> Expected:
    domains(aws, {"good": "TLS_1_2"}, {})
    denied(aws, NEWER)
    return {aws.account_arn: ("ERROR", "medium", f"{NEWER} is denied")}


@world(DOMAIN)
def test_domain_names_that_the_older_api_denies_are_an_error(aws: Cloud) -> Expected:
    denied(aws, DOMAINS)
    return {aws.account_arn: ("ERROR", "medium", f"{DOMAINS} is denied")}


@world(DOMAIN)
def test_no_domain_names(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no custom domain names")}


# --- api_gateway_default_endpoint_tls ------------------------------------------------------------------------------------------------------


@world(API)
def test_default_endpoints_are_judged_by_their_policies(aws: Cloud) -> Expected:
    policies = {
        "good": "SecurityPolicy_TLS13_1_2_2021_06",
        "old": "TLS_1_0",
        "none": None,
        "off": None,
        "inside": "TLS_1_0",
        "odd": "SecurityPolicy_QUANTUM",
        "silent": "TLS_1_2",
    }
    made = {}
    for name in policies:
        kind = "PRIVATE" if name == "inside" else "EDGE" if name == "old" else "REGIONAL"
        made[name] = aws.client("apigateway").create_rest_api(
            name=name, endpointConfiguration={"types": [kind]}, disableExecuteApiEndpoint=name == "off"
        )["id"]

    def tell(region: str, parsed: Any) -> None:
        for each in parsed["items"]:
            if policies[each["name"]]:
                each["securityPolicy"] = policies[each["name"]]
            if each["name"] == "silent":
                del each["disableExecuteApiEndpoint"]

    aws.simulated.over(APIS, tell)
    return {f"arn:aws:apigateway:eu-west-1::/restapis/{made[name]}": verdict for name, verdict in {
        "good": "PASS",
        "old": ("FAIL", "low", "its security policy is TLS_1_0"),
        "none": ("FAIL", "low", "its security policy is not set"),
        "off": ("PASS", "low", "its default endpoint is off"),
        "inside": ("NOT_APPLICABLE", "low", "from VPCs only"),
        "odd": ("ERROR", "low", "says nothing to us"),
        "silent": ("ERROR", "low", "disableExecuteApiEndpoint"),
    }.items()}  # fmt: skip


def test_botocore_that_drops_the_policy_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(aws: Cloud) -> Any:
        for name, kind in (("open", "REGIONAL"), ("off", "REGIONAL"), ("inside", "PRIVATE")):
            aws.client("apigateway").create_rest_api(name=name, endpointConfiguration={"types": [kind]}, disableExecuteApiEndpoint=name == "off")

    monkeypatch.setattr(Aws, "knows", lambda self, operation, path: False)
    with built(World(API, build)) as (cloud, _):
        found = judge(API, cloud)
    assert sorted(str(each.status) for each in found) == ["ERROR", "NOT_APPLICABLE", "PASS"]
    assert ["update boto3" in each.reason for each in found if each.status == "ERROR"] == [True]


@world(API)
def test_denied_apis_are_an_error(aws: Cloud) -> Expected:
    denied(aws, APIS)
    return {aws.account_arn: ("ERROR", "low", f"{APIS} is denied")}


@world(API)
def test_no_apis(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "low", "no REST APIs")}


# --- opensearch_domain_requires_https ------------------------------------------------------------------------------------------------------


def search(aws: Cloud, name: str, https: bool = True, policy: str = "Policy-Min-TLS-1-2-2019-07") -> str:
    """A search domain, its ARN."""
    options = {"EnforceHTTPS": https, "TLSSecurityPolicy": policy}
    aws.client("opensearch").create_domain(DomainName=name, EngineVersion="OpenSearch_2.5", DomainEndpointOptions=options)
    return aws.arn("es", f"domain/{name}")


@world(SEARCH)
def test_search_domains_are_judged_by_their_endpoints(aws: Cloud) -> Expected:
    good, newest, plain, old, odd, inside, leaving = (
        search(aws, name, name != "plain", policy)
        for name, policy in (
            ("good", "Policy-Min-TLS-1-2-2019-07"),
            ("newest", "Policy-Min-TLS-1-2-PFS-2023-10"),
            ("plain", "Policy-Min-TLS-1-2-2019-07"),
            ("old", "Policy-Min-TLS-1-0-2019-07"),
            ("odd", "Policy-Max"),
            ("inside", "Policy-Min-TLS-1-0-2019-07"),
            ("leaving", "Policy-Min-TLS-1-0-2019-07"),
        )
    )

    def tell(region: str, parsed: Any) -> None:
        for each in parsed["DomainStatusList"]:
            if each["ARN"] == inside:
                each["VPCOptions"] = {"VPCId": "vpc-1", "SubnetIds": ["subnet-1"]}
            if each["ARN"] == leaving:
                each["Deleted"] = True

    aws.simulated.over(SEARCH_DOMAINS, tell)
    return {
        good: "PASS",
        newest: "PASS",
        plain: ("FAIL", "medium", "takes HTTP"),
        old: ("FAIL", "medium", "Policy-Min-TLS-1-0-2019-07 allows TLS 1.0"),
        odd: ("ERROR", "medium", "Policy-Max says nothing to us"),
        inside: ("NOT_APPLICABLE", "medium", "reached from vpc-1 only"),
    }


@world(SEARCH)
def test_search_domains_that_cannot_be_read_are_an_error_of_their_own(aws: Cloud) -> Expected:
    silent, good, lost = search(aws, "silent"), search(aws, "good"), search(aws, "lost")

    def tell(region: str, parsed: Any) -> None:
        parsed["DomainStatusList"] = [each for each in parsed["DomainStatusList"] if each["ARN"] != lost]
        next(each for each in parsed["DomainStatusList"] if each["ARN"] == silent).pop("DomainEndpointOptions")

    aws.simulated.over(SEARCH_DOMAINS, tell)
    return {
        silent: ("ERROR", "medium", "DomainEndpointOptions"),
        lost: ("ERROR", "medium", "does not tell of a domain that is listed"),
        good: "PASS",
    }


@world(SEARCH)
def test_search_domains_without_names_are_an_error(aws: Cloud) -> Expected:
    aws.simulated.instead(NAMES, lambda region, asked: {"DomainNames": [{"EngineType": "OpenSearch"}]})
    return {aws.account_arn: ("ERROR", "medium", "without the names of domains")}


@world(SEARCH)
def test_denied_search_domains_are_an_error(aws: Cloud) -> Expected:
    search(aws, "good")
    denied(aws, SEARCH_DOMAINS)
    return {aws.account_arn: ("ERROR", "medium", f"{SEARCH_DOMAINS} is denied")}


@world(SEARCH)
def test_denied_names_of_search_domains_are_an_error(aws: Cloud) -> Expected:
    denied(aws, NAMES)
    return {aws.account_arn: ("ERROR", "medium", f"{NAMES} is denied")}


@world(SEARCH)
def test_no_search_domains(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no search domains")}


# --- beanstalk_environment_https -----------------------------------------------------------------------------------------------------------


def environments(aws: Cloud, **balancers: list[str]) -> dict[str, str]:
    """Environments with these load balancers; their ARNs."""
    client = aws.client("elasticbeanstalk")
    client.create_application(ApplicationName="shop")
    for name in balancers:
        client.create_environment(ApplicationName="shop", EnvironmentName=name, SolutionStackName="64bit Amazon Linux")

    def resources(region: str, asked: Any) -> dict[str, Any]:
        name = asked["EnvironmentName"]
        return {"EnvironmentResources": {"EnvironmentName": name, "LoadBalancers": [{"Name": each} for each in balancers[name]]}}

    aws.simulated.instead(RESOURCES, resources)
    return {name: aws.arn("elasticbeanstalk", f"environment/shop/{name}") for name in balancers}


@world(ENVIRONMENT)
def test_environments_are_judged_by_their_load_balancers(aws: Cloud) -> Expected:
    net = Net(aws)
    good, plain, idle, inside = (
        net.balancer(name, scheme="internal" if name == "inside" else "internet-facing") for name in ("good", "plain", "idle", "inside")
    )
    lines, open_lines, mixed, mail, silent = (net.balancer(name, "network") for name in ("lines", "open-lines", "mixed", "mail", "silent"))
    quiet = net.balancer("quiet")
    forward, tcp = net.forward("web"), net.forward("lines", protocol="TCP")
    net.listen(good, 80, HTTPS)
    net.listen(good, 443, forward, "HTTPS")
    net.listen(plain, 80, forward)
    net.listen(idle, 80, HTTPS)
    net.listen(inside, 80, forward)
    net.listen(lines, 443, tcp, "TLS")
    net.listen(lines, 5432, tcp, "TCP")
    net.listen(open_lines, 80, tcp, "TCP")
    net.listen(mixed, 443, tcp, "TCP")
    net.listen(mail, 25, tcp, "TCP")
    for name, listeners in (
        ("old", [("HTTP", 80)]),
        ("old-good", [("HTTPS", 443)]),
        ("old-mixed", [("HTTP", 80), ("HTTPS", 443)]),
        ("old-odd", [("TCP", 25)]),
    ):
        net.classic_balancer(name, *listeners)
    net.classic_balancer("old-pass", ("TCP", 443))
    behind = {
        "good": [good],
        "plain": [plain],
        "idle": [idle],
        "inside": [inside],
        "lines": [lines],
        "openlines": [open_lines],
        "mixed": [mixed],
        "mail": [mail],
        "silent": [silent],
        "quiet": [quiet],
        "several": [good, "old"],
        "oldgood": ["old-good"],
        "oldmixed": ["old-mixed"],
        "oldpass": ["old-pass"],
        "oldodd": ["old-odd"],
        "single": [],
        "foreign": ["nobodys"],
    }
    made = environments(aws, **behind)
    asks = ("MANUAL", "high", "do its instances take HTTPS only")
    return {made[name]: verdict for name, verdict in {
        "good": "PASS",
        "lines": "PASS",
        "oldgood": "PASS",
        "plain": ("FAIL", "high", "its load balancers take HTTP: by default forwards"),
        "openlines": ("FAIL", "high", "passes on TCP 80"),
        "several": ("FAIL", "high", "takes HTTP 80"),
        "idle": ("FAIL", "high", "no listener of its load balancers takes TLS"),
        "oldodd": ("FAIL", "high", "no listener"),
        "mail": ("FAIL", "high", "no listener"),
        "silent": ("FAIL", "high", "no listener"),
        "quiet": ("FAIL", "high", "no listener"),
        "inside": ("NOT_APPLICABLE", "high", "internal"),
        "mixed": asks,
        "oldmixed": asks,
        "oldpass": asks,
        "single": ("MANUAL", "high", "on its only instance"),
        "foreign": ("ERROR", "high", "its load balancer nobodys is not seen"),
    }.items()}  # fmt: skip


@world(ENVIRONMENT, selected=("alb_listener_requires_https", "clb_listener_requires_https"))
def test_what_the_load_balancers_own_checks_say_is_left_to_them(aws: Cloud) -> Expected:
    net = Net(aws)
    plain = net.balancer("plain")
    net.listen(plain, 80, net.forward("web"))
    net.classic_balancer("old", ("HTTP", 80))
    made = environments(aws, plain=[plain], classic=["old"])
    return {
        made["plain"]: ("NOT_APPLICABLE", "high", "judged by alb_listener_requires_https"),
        made["classic"]: ("NOT_APPLICABLE", "high", "judged by clb_listener_requires_https"),
    }


@world(ENVIRONMENT)
def test_workers_and_environments_that_are_gone(aws: Cloud) -> Expected:
    made = environments(aws, worker=[], leaving=[], gone=[], launching=[])
    states = {"leaving": "Terminating", "gone": "Terminated", "launching": "Launching"}

    def tell(region: str, parsed: Any) -> None:
        for each in parsed["Environments"]:
            each["Status"] = states.get(each["EnvironmentName"], "Ready")
            if each["EnvironmentName"] == "worker":
                each["Tier"]["Name"] = "Worker"

    aws.simulated.over(ENVIRONMENTS, tell)
    return {made["worker"]: ("NOT_APPLICABLE", "high", "a worker"), made["launching"]: "MANUAL"}


@world(ENVIRONMENT)
def test_environment_that_cannot_be_read_is_an_error_of_its_own(aws: Cloud) -> Expected:
    made = environments(aws, aimless=[], single=[])

    def tell(region: str, parsed: Any) -> None:
        next(each for each in parsed["Environments"] if each["EnvironmentName"] == "aimless")["Tier"]["Name"] = "Castle"

    aws.simulated.over(ENVIRONMENTS, tell)
    return {made["aimless"]: ("ERROR", "high", "Castle"), made["single"]: "MANUAL"}


@world(ENVIRONMENT)
def test_resources_of_an_environment_that_are_not_told_are_an_error(aws: Cloud) -> Expected:
    made = environments(aws, shop=[])
    aws.simulated.instead(RESOURCES, lambda region, asked: {"EnvironmentResources": {"LoadBalancers": [{}]}})
    return {made["shop"]: ("ERROR", "high", "without the names of load balancers")}


@world(ENVIRONMENT)
def test_denied_resources_of_an_environment_are_an_error(aws: Cloud) -> Expected:
    made = environments(aws, shop=[])
    denied(aws, RESOURCES)
    return {made["shop"]: ("ERROR", "high", f"{RESOURCES} is denied")}


@world(ENVIRONMENT)
def test_denied_environments_are_an_error(aws: Cloud) -> Expected:
    denied(aws, ENVIRONMENTS)
    return {aws.account_arn: ("ERROR", "high", f"{ENVIRONMENTS} is denied")}


@world(ENVIRONMENT)
def test_no_environments(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "no environments")}


# --- the edges -----------------------------------------------------------------------------------------------------------------------------

EDGES: dict[str, dict[str, Any]] = {
    "api_gateway_domain_tls": {
        "PASS: TLS_1_2 and the newer policies": test_domain_names_are_judged_by_their_policies,
        "FAIL: TLS_1_0, or none": test_domain_names_are_judged_by_their_policies,
        "each name once, by the API that knows more": test_domain_names_are_judged_by_their_policies,
        "NOT_APPLICABLE: private; none": (test_private_domain_name, test_no_domain_names),
        "ERROR: an unknown policy, or what cannot be read": (
            test_domain_names_are_judged_by_their_policies,
            test_domain_names_that_cannot_be_read_are_an_error_of_their_own,
        ),
        "ERROR: either list is denied": (test_denied_domain_names_are_an_error, test_domain_names_that_the_older_api_denies_are_an_error),
    },
    "api_gateway_default_endpoint_tls": {
        "PASS: a modern policy, or off": test_default_endpoints_are_judged_by_their_policies,
        "FAIL: TLS_1_0, or none": test_default_endpoints_are_judged_by_their_policies,
        "NOT_APPLICABLE: private; none": (test_default_endpoints_are_judged_by_their_policies, test_no_apis),
        "ERROR: an unknown policy, what is not told, denied": (test_default_endpoints_are_judged_by_their_policies, test_denied_apis_are_an_error),
    },
    "opensearch_domain_requires_https": {
        "PASS: HTTPS, by TLS 1.2 and newer": test_search_domains_are_judged_by_their_endpoints,
        "FAIL: HTTP, or TLS 1.0": test_search_domains_are_judged_by_their_endpoints,
        "NOT_APPLICABLE: in a VPC; none": (test_search_domains_are_judged_by_their_endpoints, test_no_search_domains),
        "dropped: being deleted": test_search_domains_are_judged_by_their_endpoints,
        "ERROR: an unknown policy, or what cannot be read": (
            test_search_domains_are_judged_by_their_endpoints,
            test_search_domains_that_cannot_be_read_are_an_error_of_their_own,
            test_search_domains_without_names_are_an_error,
        ),
        "ERROR: denied": (test_denied_search_domains_are_an_error, test_denied_names_of_search_domains_are_an_error),
    },
    "beanstalk_environment_https": {
        "PASS and FAIL: by its load balancers, of every kind": test_environments_are_judged_by_their_load_balancers,
        "NOT_APPLICABLE: what their own checks say": test_what_the_load_balancers_own_checks_say_is_left_to_them,
        "MANUAL: a single instance, or what is passed on": test_environments_are_judged_by_their_load_balancers,
        "NOT_APPLICABLE: a worker; internal; none": (
            test_workers_and_environments_that_are_gone,
            test_environments_are_judged_by_their_load_balancers,
            test_no_environments,
        ),
        "dropped: terminated": test_workers_and_environments_that_are_gone,
        "ERROR: a load balancer that is not seen, or what cannot be read": (
            test_environments_are_judged_by_their_load_balancers,
            test_environment_that_cannot_be_read_is_an_error_of_its_own,
            test_resources_of_an_environment_that_are_not_told_are_an_error,
        ),
        "ERROR: denied": (test_denied_environments_are_an_error, test_denied_resources_of_an_environment_are_an_error),
    },
}
