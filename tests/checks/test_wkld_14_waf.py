"""WKLD.14's checks of WAF, each shown to pass, to fail, and at its edges. moto mixes up the scopes of web ACLs, and does not tell what they guard."""

from __future__ import annotations

from typing import Any

from tests.checks.test_acct_09 import asked_in
from tests.checks.test_wkld_13 import Net, admit, cloudfront, fixed
from tests.checks.test_wkld_13_cloudfront import arn, bucket_origin, distribution, listed, server
from tests.checks.test_wkld_14 import denied, error
from tests.support.worlds import Cloud, Expected, World, built, judge, world
from tests_workload import test_wkld_14_edge_protection as suite

CLOUDFRONT, ALB = suite.test_cloudfront_waf_associated, suite.test_alb_waf_associated
STAGE, ENDPOINT, RULES = suite.test_api_gateway_stage_waf_associated, suite.test_regional_endpoint_waf_associated, suite.test_web_acl_has_rules
LIST, GET, RESOURCES, TENANTS = "wafv2:ListWebACLs", "wafv2:GetWebACL", "wafv2:ListResourcesForWebACL", "cloudfront:ListDistributionTenants"
GLOBAL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/edge/0a1b"
COUNT: dict[str, Any] = {"Count": {}}
BLOCK: dict[str, Any] = {"Block": {}}
NOTHING_ELSE: dict[str, Any] = {"None": {}}


def wanted(aws: Cloud) -> None:
    aws.facts(network={"require_waf": True})


def acl_arn(aws: Cloud, name: str, region: str | None = None) -> str:
    """The ARN of a web ACL: of a region, or, where its name begins with `edge`, of CloudFront."""
    if name.startswith("edge"):
        return f"arn:aws:wafv2:us-east-1:{aws.account}:global/webacl/{name}/0a1b"
    return aws.arn("wafv2", f"regional/webacl/{name}/0a1b", region)


def rules(*actions: Any) -> list[Any]:
    return [{"Name": f"rule-{number}", "Priority": number, "Action": action} for number, action in enumerate(actions)]


def acls(aws: Cloud, guarded: dict[str, dict[str, Any]], told: dict[str, Any] | None = None) -> dict[str, str]:
    """Web ACLs by name: the ARNs that they guard by the type of resource, and what is told of them; an error stands for its answer."""
    told = told or {}
    arns = {name: acl_arn(aws, name) for name in guarded}

    def page(region: str, asked: Any) -> Any:
        edge = asked["Scope"] == "CLOUDFRONT"
        names = [name for name in guarded if name.startswith("edge") is edge] if edge or region == aws.region else []
        at = int(asked.get("NextMarker") or 0)
        these = [{"Name": name, "Id": "0a1b", "ARN": arns[name]} for name in names[at : at + 1]]
        # WAF says where to go on also where nothing more comes.
        return {"WebACLs": these, **({"NextMarker": str(at + 1)} if these else {})}

    def resources(region: str, asked: Any) -> Any:
        name = next(name for name in arns if arns[name] == asked["WebACLArn"])
        found = guarded[name].get(asked["ResourceType"], [])
        return found if isinstance(found, Exception) else {"ResourceArns": found}

    def acl(region: str, asked: Any) -> Any:
        found = told.get(asked["Name"], {})
        return found if isinstance(found, Exception) else {"WebACL": {"ARN": arns[asked["Name"]], "DefaultAction": {"Allow": {}}, **found}}

    aws.simulated.instead(LIST, page)
    aws.simulated.instead(RESOURCES, resources)
    aws.simulated.instead(GET, acl)
    return arns


# --- what all that ask for web ACLs must say alike -----------------------------------------------------------------------------------------


@world(CLOUDFRONT, ALB, STAGE)
def test_nobody_wants_web_acls(aws: Cloud) -> Expected:
    listed(aws, distribution("OPEN", WebACLId=""))
    return {aws.account_arn: ("NOT_APPLICABLE", "low", "network.require_waf = true asks for it")}


def test_nobody_wants_web_acls_of_regional_endpoints_and_nothing_is_asked() -> None:
    with built(World(ENDPOINT, lambda aws: {})) as (aws, _):
        for operation in EMPTY:
            denied(aws, operation)
        (finding,) = judge(ENDPOINT, aws)
    assert (finding.status, finding.resource) == ("NOT_APPLICABLE", aws.account_arn)
    assert "network.require_waf = true asks for it" in finding.reason


# --- cloudfront_waf_associated -------------------------------------------------------------------------------------------------------------


@world(CLOUDFRONT)
def test_distributions_are_judged_by_their_web_acls(aws: Cloud) -> Expected:
    wanted(aws)
    website = server("site", domain="photos.s3-website-eu-west-1.amazonaws.com")
    listed(
        aws,
        distribution("GUARDED", WebACLId=GLOBAL),
        distribution("OPEN", WebACLId=""),
        distribution("CLASSIC", WebACLId="473e64fd-f30b-4765-81a0-62ad96dd167a"),
        distribution("BUCKETS", WebACLId="", origins=(bucket_origin("photos"), website)),
        distribution("MIXED", WebACLId="", origins=(bucket_origin("photos"), server())),
        distribution("OFF", WebACLId="", Enabled=False),
        distribution("SILENT"),
        distribution("ODD", WebACLId="", CacheBehaviors={"Quantity": 1}),
    )
    return {
        arn("GUARDED"): ("PASS", "low", "has a web ACL"),
        arn("OPEN"): ("FAIL", "low", "OPEN faces the internet without a web ACL"),
        arn("CLASSIC"): ("FAIL", "low", "CLASSIC has a web ACL of WAF Classic, which has ended"),
        arn("BUCKETS"): ("NOT_APPLICABLE", None, "serves nothing but buckets"),
        arn("MIXED"): "FAIL",
        arn("OFF"): ("NOT_APPLICABLE", None, "not enabled"),
        arn("SILENT"): ("ERROR", None, "it is not told whether it has a web ACL"),
        arn("ODD"): ("ERROR", None, "Quantity and Items do not agree"),
    }


def tenant(name: str, **choice: Any) -> dict[str, Any]:
    custom = {"Customizations": {"WebAcl": choice}} if choice else {}
    return {"Arn": f"arn:aws:cloudfront::123456789012:distribution-tenant/{name}", "Name": name, "Enabled": True, **custom}


def tenants(aws: Cloud, **of: Any) -> None:
    """The tenants of distributions by their ids, one a page."""

    def page(region: str, asked: Any) -> Any:
        text = asked["sent"]
        id = next(id for id in of if f"<DistributionId>{id}<" in text)
        if isinstance(of[id], Exception):
            return of[id]
        at = int(text.partition("<Marker>")[2].partition("<")[0] or 0)
        more = at + 1 < len(of[id])
        return {"DistributionTenantList": of[id][at : at + 1], **({"NextMarker": str(at + 1)} if more else {})}

    aws.simulated.instead(TENANTS, page)


@world(CLOUDFRONT)
def test_tenants_may_choose_otherwise(aws: Cloud) -> Expected:
    wanted(aws)
    own, off = tenant("own", Action="override", Arn=GLOBAL), tenant("off", Action="disable")
    ids = {"SAME": GLOBAL, "ALLOWN": "", "ONEOFF": GLOBAL, "ONEBARE": "", "NONE": "", "IDLE": GLOBAL, "HIDDEN": GLOBAL, "ODD": GLOBAL, "BARE": GLOBAL}
    listed(aws, *(distribution(id, ConnectionMode="tenant-only", WebACLId=acl) for id, acl in ids.items()), distribution("DIRECT", WebACLId=GLOBAL))
    tenants(
        aws,
        SAME=[tenant("a"), {**tenant("b"), "Customizations": {"GeoRestrictions": {"RestrictionType": "none"}}}],
        ALLOWN=[own, {**off, "Enabled": False}],
        ONEOFF=[tenant("a"), off],
        ONEBARE=[own, tenant("bare")],
        NONE=[],
        IDLE=[{**off, "Enabled": False}],
        HIDDEN=error(TENANTS),
        ODD=[tenant("odd", Action="perhaps")],
        BARE=[tenant("bare", Action="override")],
    )
    return {
        **{arn(id): "PASS" for id in ("SAME", "ALLOWN", "IDLE", "DIRECT")},
        arn("ONEOFF"): ("FAIL", "low", "tenant off faces the internet without a web ACL"),
        arn("ONEBARE"): ("FAIL", "low", "tenant bare faces"),
        arn("NONE"): ("FAIL", "low", "NONE faces"),
        arn("HIDDEN"): ("ERROR", None, f"{TENANTS} is denied"),
        arn("ODD"): ("ERROR", None, "perhaps"),
        arn("BARE"): ("ERROR", None, "override needs Arn"),
    }


def test_tenants_are_asked_for_only_of_distributions_that_have_some() -> None:
    def build(aws: Cloud, **more: Any) -> Expected:
        wanted(aws)
        listed(aws, distribution("ONE", WebACLId=GLOBAL, **more))
        tenants(aws, ONE=[])
        return {}

    assert TENANTS in asked_in(lambda aws: build(aws, ConnectionMode="tenant-only"), CLOUDFRONT)
    assert TENANTS not in asked_in(build, CLOUDFRONT)
    assert TENANTS not in asked_in(lambda aws: build(aws, ConnectionMode="tenant-only", Enabled=False), CLOUDFRONT)


@world(CLOUDFRONT)
def test_no_distributions(aws: Cloud) -> Expected:
    wanted(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no distributions")}


# --- alb_waf_associated --------------------------------------------------------------------------------------------------------------------


def listening(net: Net, name: str, *groups: str) -> str:
    """A public load balancer that listens on two ports."""
    made = net.balancer(name, groups=groups)
    net.listen(made, 80, fixed("404"))
    net.listen(made, 81, fixed("404"))
    return made


@world(ALB)
def test_load_balancers_are_judged_by_their_web_acls(aws: Cloud) -> Expected:
    wanted(aws)
    net = Net(aws)
    guarded, second, bare = (listening(net, name) for name in ("guarded", "second", "bare"))
    acls(aws, {"first": {"APPLICATION_LOAD_BALANCER": [guarded]}, "other": {"APPLICATION_LOAD_BALANCER": [second]}, "edge": {}})
    return {
        guarded: ("PASS", "low", "has a web ACL"),
        second: "PASS",
        bare: ("FAIL", "low", "faces the internet without a web ACL"),
        net.balancer("idle"): ("NOT_APPLICABLE", None, "listens for nothing"),
        net.balancer("internal", scheme="internal"): ("NOT_APPLICABLE", None, "internal"),
        net.balancer("lines", type="network"): ("NOT_APPLICABLE", None, "of a kind that cannot have a web ACL"),
    }


def test_web_acls_are_asked_for_only_where_the_profile_wants_them_for_what_is_there() -> None:
    def build(aws: Cloud, want: bool, **kind: str) -> Expected:
        aws.facts(network={"require_waf": want})
        Net(aws).balancer("one", **kind)
        acls(aws, {"first": {}})
        return {}

    asked = {LIST, RESOURCES}
    assert asked_in(lambda aws: build(aws, True), ALB) >= asked
    assert not asked_in(lambda aws: build(aws, False), ALB) & asked
    assert not asked_in(lambda aws: build(aws, True, scheme="internal"), ALB) & asked
    assert not asked_in(lambda aws: build(aws, True, type="network"), ALB) & asked


@world(ALB)
def test_web_acl_that_cannot_be_read_may_guard_what_no_other_does(aws: Cloud) -> Expected:
    wanted(aws)
    net = Net(aws)
    guarded, bare = listening(net, "guarded"), listening(net, "bare")
    hidden = {"APPLICATION_LOAD_BALANCER": error(RESOURCES)}
    gone = {"APPLICATION_LOAD_BALANCER": error(RESOURCES, "WAFNonexistentItemException")}
    acls(aws, {"hidden": hidden, "gone": gone, "other": {"APPLICATION_LOAD_BALANCER": [guarded]}})
    return {guarded: "PASS", bare: ("ERROR", "low", f"{RESOURCES} is denied")}


@world(ALB)
def test_denied_web_acls_are_an_error(aws: Cloud) -> Expected:
    wanted(aws)
    net = Net(aws)
    bare = listening(net, "bare")
    denied(aws, LIST)
    return {bare: ("ERROR", "low", f"{LIST} is denied"), net.balancer("internal", scheme="internal"): "NOT_APPLICABLE"}


@world(ALB)
def test_public_access_is_blocked(aws: Cloud) -> Expected:
    wanted(aws)
    net = Net(aws)
    net.block(*net.subnets)
    acls(aws, {})
    return {listening(net, "blocked"): ("NOT_APPLICABLE", None, "VPC Block Public Access keeps the internet away")}


def behind_cloudfront(aws: Cloud, *more: Any) -> dict[str, str]:
    """Load balancers that only CloudFront gets to, and one with a port that everyone does; what stands before them is told by their names."""
    wanted(aws)
    net = Net(aws)
    fence = net.group(admit(80, lists=[cloudfront(aws)]), admit(81, lists=[cloudfront(aws)]))
    half = net.group(admit(80, lists=[cloudfront(aws)]), admit(81, "0.0.0.0/0"))
    made = {name: listening(net, name, half if name == "half" else fence) for name in ("guarded", "open", "both", "tenants", "nobody", "half")}
    names = {each["LoadBalancerArn"]: each["DNSName"] for each in net.elb.describe_load_balancers()["LoadBalancers"]}
    domain = {name: names[made[name]] for name in made}
    acls(aws, {})
    listed(
        aws,
        distribution("GUARDED", WebACLId=GLOBAL, origins=(server("a", domain=domain["guarded"].upper()), server("b", domain=domain["half"]))),
        distribution("ALSO", WebACLId=GLOBAL, origins=(server(domain=f"dualstack.{domain['both']}"),)),
        distribution("OPEN", WebACLId="", origins=(server("a", domain=domain["open"]), server("b", domain=domain["both"]))),
        distribution("TENANTS", WebACLId="", ConnectionMode="tenant-only", origins=(server(domain=domain["tenants"]),)),
        distribution("OFF", WebACLId="", Enabled=False, origins=(server(domain=domain["guarded"]),)),
        *more,
    )
    tenants(aws, TENANTS=[tenant("own", Action="override", Arn=GLOBAL)])
    return made


@world(ALB)
def test_load_balancers_that_only_cloudfront_gets_to_have_the_web_acls_of_its_distributions(aws: Cloud) -> Expected:
    made = behind_cloudfront(aws)
    return {
        made["guarded"]: ("PASS", "low", "and GUARDED has a web ACL", "a secret header or a VPC origin must tell it from anybody's distribution"),
        made["tenants"]: "PASS",
        made["open"]: ("FAIL", "low", "has no web ACL, and of what leads to it OPEN faces the internet without a web ACL"),
        made["both"]: "FAIL",
        made["nobody"]: ("MANUAL", "low", "no distribution of the account names it"),
        made["half"]: ("FAIL", "low", "faces the internet without a web ACL"),
    }


@world(ALB, selected=("cloudfront_waf_associated",))
def test_load_balancers_behind_open_distributions_are_left_to_the_check_of_these(aws: Cloud) -> Expected:
    made = behind_cloudfront(aws)
    return {
        **{made[name]: ("NOT_APPLICABLE", None, "judged by cloudfront_waf_associated") for name in ("open", "both")},
        **{made[name]: "PASS" for name in ("guarded", "tenants")},
        made["nobody"]: "MANUAL",
        made["half"]: "FAIL",
    }


@world(ALB)
def test_distribution_that_cannot_be_read_may_lead_to_any_load_balancer(aws: Cloud) -> Expected:
    made = behind_cloudfront(aws, distribution("ODD", CacheBehaviors={"Quantity": 1}))
    return {each: "FAIL" if name == "half" else ("ERROR", "low", "Quantity and Items do not agree") for name, each in made.items()}


@world(ALB)
def test_no_load_balancers(aws: Cloud) -> Expected:
    wanted(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no load balancers")}


# --- api_gateway_stage_waf_associated ------------------------------------------------------------------------------------------------------


@world(STAGE)
def test_stages_are_judged_by_their_web_acls(aws: Cloud) -> Expected:
    wanted(aws)
    stages = {
        "shop": [{"stageName": "prod", "webAclArn": acl_arn(aws, "first")}, {"stageName": "test"}, {"stageName": "odd", "webAclArn": 1}],
        "idle": [],
        "hidden": error("apigateway:GetStages"),
        "gone": error("apigateway:GetStages", "NotFoundException"),
        "odd": None,
        "inner": [{"stageName": "prod"}],
    }
    endpoints = {"inner": "PRIVATE", "shop": "EDGE", "unknown": "PERHAPS"}
    apis = [
        {"id": name, "endpointConfiguration": {"types": [endpoints.get(name, "REGIONAL")]}, "disableExecuteApiEndpoint": False}
        for name in (*stages, "unknown")
    ]

    def told(region: str, asked: Any) -> Any:
        found = stages[asked["url_path"].split("/")[2]]
        return found if isinstance(found, Exception) else {"item": found}

    aws.simulated.instead("apigateway:GetRestApis", lambda region, asked: {"items": apis})
    aws.simulated.instead("apigateway:GetStages", told)
    newer = [{"ApiId": "h1", "ProtocolType": "HTTP"}, {"ApiId": "w1", "ProtocolType": "WEBSOCKET"}, {"ApiId": "o1", "ProtocolType": "PERHAPS"}]
    aws.simulated.instead("apigatewayv2:GetApis", lambda region, asked: {"Items": newer})
    here = f"arn:aws:apigateway:{aws.region}::"
    return {
        f"{here}/restapis/shop/stages/prod": ("PASS", "low", "has a web ACL"),
        f"{here}/restapis/shop/stages/test": ("FAIL", "low", "faces the internet without a web ACL"),
        f"{here}/restapis/shop/stages/odd": ("ERROR", None, "a RestStage that we cannot read"),
        f"{here}/restapis/idle": ("NOT_APPLICABLE", None, "has no stages"),
        f"{here}/restapis/hidden": ("ERROR", None, "apigateway:GetStages is denied"),
        f"{here}/restapis/odd": ("ERROR", None, "apigateway:GetStages answered without item"),
        f"{here}/restapis/inner": ("NOT_APPLICABLE", None, "reached from VPCs only"),
        f"{here}/restapis/unknown": ("ERROR", None, "PERHAPS"),
        f"{here}/apis/h1": ("NOT_APPLICABLE", None, "HTTP APIs cannot have a web ACL"),
        f"{here}/apis/w1": ("NOT_APPLICABLE", None, "WEBSOCKET APIs cannot have a web ACL"),
        f"{here}/apis/o1": ("ERROR", None, "PERHAPS"),
    }


@world(STAGE)
def test_apis_that_cannot_have_web_acls_alone(aws: Cloud) -> Expected:
    wanted(aws)
    aws.simulated.instead("apigatewayv2:GetApis", lambda region, asked: {"Items": [{"ApiId": "h1", "ProtocolType": "HTTP"}]})
    return {f"arn:aws:apigateway:{aws.region}::/apis/h1": "NOT_APPLICABLE"}


@world(STAGE)
def test_no_apis(aws: Cloud) -> Expected:
    wanted(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no APIs")}


# --- regional_endpoint_waf_associated ------------------------------------------------------------------------------------------------------

# What lists nothing.
EMPTY: dict[str, Any] = {
    "appsync:ListGraphqlApis": {"graphqlApis": []},
    "cognito-idp:ListUserPools": {"UserPools": []},
    "apprunner:ListServices": {"ServiceSummaryList": []},
    "amplify:ListApps": {"apps": []},
}


def answers(aws: Cloud, **given: Any) -> None:
    """Answer these operations, written `service__Operation` with `_` for `-`; the rest lists nothing."""
    told = EMPTY | {name.replace("__", ":").replace("cognito_idp", "cognito-idp"): answer for name, answer in given.items()}
    for operation, answer in told.items():
        aws.simulated.instead(operation, lambda region, asked, answer=answer: answer(asked) if callable(answer) else answer)  # type: ignore[misc]


@world(ENDPOINT)
def test_apis_and_apps_tell_of_their_web_acls_themselves(aws: Cloud) -> Expected:
    wanted(aws)
    acl = acl_arn(aws, "first")
    apis = {"good": {"wafWebAclArn": acl}, "bad": {"visibility": "GLOBAL"}, "inner": {"visibility": "PRIVATE"}, "odd": {"visibility": "PERHAPS"}}
    states = ("ASSOCIATION_SUCCESS", "DISASSOCIATION_FAILED", "ASSOCIATING", "ASSOCIATION_FAILED", "DISASSOCIATING", "PERHAPS")
    apps: dict[str, Any] = {state: {"wafConfiguration": {"webAclArn": GLOBAL, "wafStatus": state}} for state in states} | {"NONE": {}}
    api = {name: aws.arn("appsync", f"apis/{name}") for name in apis}
    app = {name: aws.arn("amplify", f"apps/{name}") for name in apps}
    answers(
        aws,
        appsync__ListGraphqlApis={"graphqlApis": [{"apiId": name, "arn": api[name], **told} for name, told in apis.items()]},
        amplify__ListApps={"apps": [{"appId": name, "appArn": app[name], **told} for name, told in apps.items()]},
    )
    return {
        api["good"]: ("PASS", "low", "has a web ACL"),
        api["bad"]: ("FAIL", "low", "faces the internet without a web ACL"),
        api["inner"]: ("NOT_APPLICABLE", None, "reached from VPCs only"),
        api["odd"]: ("ERROR", None, "PERHAPS"),
        **{app[state]: "PASS" for state in states[:2]},
        **{app[state]: "FAIL" for state in (*states[2:5], "NONE")},
        app["PERHAPS"]: ("ERROR", None, "PERHAPS"),
    }


@world(ENDPOINT)
def test_pools_and_services_are_told_of_by_the_web_acls(aws: Cloud) -> Expected:
    wanted(aws)
    pools: dict[str, Any] = {
        "good": {"Domain": "shop"},
        "own": {"CustomDomain": "login.example.com"},
        "bad": {"Domain": "old"},
        "plain": {},
        "hidden": error("cognito-idp:DescribeUserPool"),
        "gone": error("cognito-idp:DescribeUserPool", "ResourceNotFoundException"),
        "silent": None,
    }
    services: dict[str, Any] = {"good": True, "bad": True, "inner": False, "silent": None, "none": None, "hidden": error("apprunner:DescribeService")}
    pool = {name: aws.arn("cognito-idp", f"userpool/{name}") for name in pools}
    service = {name: aws.arn("apprunner", f"service/{name}/0a1b") for name in services}
    acls(aws, {"first": {"COGNITO_USER_POOL": [pool["good"], pool["own"]], "APP_RUNNER_SERVICE": [service["good"]]}})

    def told(found: Any, key: str) -> Any:
        return found if isinstance(found, Exception) else {key: found} if found is not None else {}

    def runner(asked: Any) -> Any:
        name = asked["ServiceArn"].split("/")[1]
        public = services[name]
        ingress = {"IngressConfiguration": {"IsPubliclyAccessible": public}} if public is not None else {}
        return told(public if name == "hidden" else None if name == "none" else {"NetworkConfiguration": ingress}, "Service")

    answers(
        aws,
        cognito_idp__ListUserPools={"UserPools": [{"Id": name, "Name": name} for name in pools]},
        cognito_idp__DescribeUserPool=lambda asked: told(pools[asked["UserPoolId"]], "UserPool"),
        apprunner__ListServices={
            "ServiceSummaryList": [
                *({"ServiceArn": each, "Status": "RUNNING"} for each in service.values()),
                {"ServiceArn": aws.arn("apprunner", "service/old/0a1b"), "Status": "DELETED"},
            ]
        },
        apprunner__DescribeService=runner,
    )
    return {
        pool["good"]: "PASS",
        pool["own"]: "PASS",
        pool["bad"]: ("FAIL", "low", "faces the internet without a web ACL"),
        pool["plain"]: ("NOT_APPLICABLE", None, "has no domain"),
        pool["hidden"]: ("ERROR", None, "cognito-idp:DescribeUserPool is denied"),
        pool["silent"]: ("ERROR", None, "answered without UserPool"),
        service["good"]: "PASS",
        service["bad"]: "FAIL",
        service["inner"]: ("NOT_APPLICABLE", None, "reached from VPCs only"),
        service["silent"]: ("ERROR", None, "that we cannot read"),
        service["none"]: ("ERROR", None, "answered without Service"),
        service["hidden"]: ("ERROR", None, "apprunner:DescribeService is denied"),
    }


@world(ENDPOINT)
def test_each_service_that_cannot_be_read_is_an_error_of_its_own(aws: Cloud) -> Expected:
    wanted(aws)
    pool, service = aws.arn("cognito-idp", "userpool/one"), aws.arn("apprunner", "service/one/0a1b")
    answers(
        aws,
        appsync__ListGraphqlApis=error("appsync:ListGraphqlApis"),
        amplify__ListApps=error("amplify:ListApps"),
        cognito_idp__ListUserPools={"UserPools": [{"Id": "one"}]},
        cognito_idp__DescribeUserPool={"UserPool": {"Id": "one", "Domain": "one"}},
        apprunner__ListServices={"ServiceSummaryList": [{"ServiceArn": service, "Status": "RUNNING"}]},
        apprunner__DescribeService={"Service": {"NetworkConfiguration": {"IngressConfiguration": {"IsPubliclyAccessible": True}}}},
    )
    denied(aws, LIST)
    return {
        (aws.account_arn, "AppSync"): ("ERROR", None, "appsync:ListGraphqlApis is denied"),
        (aws.account_arn, "Amplify"): ("ERROR", None, "amplify:ListApps is denied"),
        pool: ("ERROR", None, f"{LIST} is denied"),
        service: ("ERROR", None, f"{LIST} is denied"),
    }


@world(ENDPOINT)
def test_no_endpoints(aws: Cloud) -> Expected:
    wanted(aws)
    answers(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no GraphQL APIs, user pools, services of App Runner or apps of Amplify")}


# --- web_acl_has_rules ---------------------------------------------------------------------------------------------------------------------


@world(RULES)
def test_web_acls_are_judged_by_their_rules(aws: Cloud) -> Expected:
    aws.facts(regions=["eu-west-1"])
    used = {"APPLICATION_LOAD_BALANCER": ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/1"]}
    managed = [{"Name": "common", "Priority": 1, "OverrideAction": NOTHING_ELSE}]
    counted = [{"Name": "common", "Priority": 1, "OverrideAction": COUNT}]
    told: dict[str, Any] = {
        "rules": {"Rules": rules(BLOCK)},
        "managed": {"Rules": managed},
        "mixed": {"Rules": [*rules(COUNT), *managed]},
        "before": {"Rules": [], "PreProcessFirewallManagerRuleGroups": managed},
        "behind": {"PostProcessFirewallManagerRuleGroups": managed},
        "closed": {"DefaultAction": BLOCK},
        "empty": {"Rules": []},
        "counting": {"Rules": [*rules(COUNT), *counted]},
        "silent": {"DefaultAction": {}},
        "idle-rule": {"Rules": rules({})},
        "bare-rule": {"Rules": [{"Name": "bare", "Priority": 1}]},
        "hidden": error(GET),
        "gone": error(GET, "WAFNonexistentItemException"),
    }
    arns = acls(aws, dict.fromkeys(told, used) | {"unused": {}}, told)
    return {
        **{arns[name]: ("PASS", "medium", "has rules that do more than count") for name in ("rules", "managed", "mixed", "before", "behind")},
        arns["closed"]: ("PASS", "medium", "blocks what no rule lets through"),
        arns["empty"]: ("FAIL", "medium", "has no rules, and lets everything through"),
        arns["counting"]: ("FAIL", "low", "its rules only count"),
        arns["silent"]: ("ERROR", None, "it is not told what is done"),
        arns["idle-rule"]: ("ERROR", None, "it is not told what is done"),
        arns["bare-rule"]: ("ERROR", None, "a rule needs Action or OverrideAction"),
        arns["hidden"]: ("ERROR", None, f"{GET} is denied"),
        arns["unused"]: ("NOT_APPLICABLE", None, "guards nothing"),
    }


@world(RULES)
def test_web_acls_guard_whatever_kind_of_resource(aws: Cloud) -> Expected:
    """Of each kind that WAF knows; and CloudFront's by distributions, their tenants, and apps of Amplify."""
    aws.facts(regions=["eu-west-1"])
    kinds = ("APPLICATION_LOAD_BALANCER", "API_GATEWAY", "APPSYNC", "COGNITO_USER_POOL", "APP_RUNNER_SERVICE", "VERIFIED_ACCESS_INSTANCE")
    guarded: dict[str, dict[str, Any]] = {kind.lower(): {kind: ["arn:aws:x:eu-west-1:123456789012:one"]} for kind in kinds}
    guarded |= {
        "hidden": {"API_GATEWAY": error(RESOURCES)},
        "found": {"API_GATEWAY": ["arn:aws:x:eu-west-1:123456789012:one"], "APPSYNC": error(RESOURCES)},
    }
    edges = ("edge-own", "edge-tenant", "edge-unused", "edge-app")
    app = ["arn:aws:amplify:eu-west-1:123456789012:apps/one"]
    arns = acls(aws, guarded | {name: {"AMPLIFY": app if name == "edge-app" else []} for name in edges})
    listed(
        aws,
        distribution("OWN", WebACLId=arns["edge-own"], Enabled=False),
        distribution("TENANTS", WebACLId="", ConnectionMode="tenant-only"),
    )
    tenants(aws, TENANTS=[tenant("plain"), tenant("own", Action="override", Arn=arns["edge-tenant"])])
    empty = ("FAIL", "medium", "has no rules, and lets everything through")
    return {
        **{arns[name]: empty for name in (*map(str.lower, kinds), "found", "edge-own", "edge-tenant", "edge-app")},
        arns["hidden"]: ("ERROR", None, f"{RESOURCES} is denied"),
        arns["edge-unused"]: ("NOT_APPLICABLE", None, "guards nothing"),
    }


@world(RULES)
def test_distribution_that_cannot_be_read_may_have_any_web_acl(aws: Cloud) -> Expected:
    aws.facts(regions=["eu-west-1"])
    arns = acls(aws, {"edge-own": {}, "edge-other": {}})
    listed(aws, distribution("ODD", CacheBehaviors={"Quantity": 1}), distribution("OWN", WebACLId=arns["edge-own"]))
    return {arns["edge-own"]: "FAIL", arns["edge-other"]: ("ERROR", "medium", "Quantity and Items do not agree")}


@world(RULES)
def test_distribution_that_does_not_tell_may_have_any_web_acl(aws: Cloud) -> Expected:
    aws.facts(regions=["eu-west-1"])
    arns = acls(aws, {"edge-other": {}})
    listed(aws, distribution("SILENT"))
    return {arns["edge-other"]: ("ERROR", "medium", "it is not told whether it has a web ACL")}


@world(RULES, regions=("eu-west-1", "us-west-2"))
def test_region_whose_web_acls_are_denied_is_an_error_of_its_own(aws: Cloud) -> Expected:
    aws.facts(regions=list(aws.regions))
    used = {"APPLICATION_LOAD_BALANCER": ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/1"]}
    arns = acls(aws, {"first": used})
    page = aws.simulated._instead[LIST]
    aws.simulated.instead(LIST, lambda region, asked: error(LIST) if region == "us-west-2" or asked["Scope"] == "CLOUDFRONT" else page(region, asked))
    return {
        arns["first"]: "FAIL",
        aws.account_arn: ("ERROR", "medium", f"{LIST} is denied"),
        (aws.account_arn, "CloudFront"): ("ERROR", "medium", f"{LIST} is denied"),
    }


@world(RULES)
def test_no_web_acls_in_any_region(aws: Cloud) -> Expected:
    """All that are enabled are asked."""
    aws.simulated.instead("ec2:DescribeRegions", lambda region, asked: {"Regions": [{"RegionName": name} for name in ("eu-west-1", "us-east-1")]})
    acls(aws, {})
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no web ACLs")}


@world(RULES, regions=("cn-north-1",))
def test_partition_without_web_acls_for_cloudfront(aws: Cloud) -> Expected:
    aws.facts(regions=list(aws.regions))
    acls(aws, {"edge": {}})
    listed(aws, distribution("OPEN", WebACLId=""))
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no web ACLs")}


EDGES: dict[str, dict[str, Any]] = {
    "cloudfront_waf_associated": {
        "N/A: not asked for": test_nobody_wants_web_acls,
        "PASS, FAIL: none, classic; N/A: buckets, not enabled; ERROR": test_distributions_are_judged_by_their_web_acls,
        "tenants": test_tenants_may_choose_otherwise,
        "N/A: none": test_no_distributions,
    },
    "alb_waf_associated": {
        "PASS, FAIL; N/A: internal, another kind, idle": test_load_balancers_are_judged_by_their_web_acls,
        "ERROR: a web ACL, all of them": (test_web_acl_that_cannot_be_read_may_guard_what_no_other_does, test_denied_web_acls_are_an_error),
        "N/A: Block Public Access": test_public_access_is_blocked,
        "behind CloudFront alone: PASS, FAIL, MANUAL": test_load_balancers_that_only_cloudfront_gets_to_have_the_web_acls_of_its_distributions,
        "N/A: judged by cloudfront_waf_associated": test_load_balancers_behind_open_distributions_are_left_to_the_check_of_these,
        "ERROR: a distribution": test_distribution_that_cannot_be_read_may_lead_to_any_load_balancer,
        "N/A: none": test_no_load_balancers,
    },
    "api_gateway_stage_waf_associated": {
        "PASS, FAIL; N/A: private, HTTP, WebSocket, no stage; ERROR": test_stages_are_judged_by_their_web_acls,
        "N/A: none, or none that can have one": (test_no_apis, test_apis_that_cannot_have_web_acls_alone),
    },
    "regional_endpoint_waf_associated": {
        "AppSync, Amplify": test_apis_and_apps_tell_of_their_web_acls_themselves,
        "Cognito, App Runner": test_pools_and_services_are_told_of_by_the_web_acls,
        "ERROR: each service": test_each_service_that_cannot_be_read_is_an_error_of_its_own,
        "N/A: none": test_no_endpoints,
    },
    "web_acl_has_rules": {
        "PASS: rules, Firewall Manager's, Block; FAIL: none; FAIL low: only count; N/A: unused": test_web_acls_are_judged_by_their_rules,
        "every kind of resource, tenants and apps": test_web_acls_guard_whatever_kind_of_resource,
        "ERROR: a distribution": (
            test_distribution_that_cannot_be_read_may_have_any_web_acl,
            test_distribution_that_does_not_tell_may_have_any_web_acl,
        ),
        "ERROR: a region": test_region_whose_web_acls_are_denied_is_an_error_of_its_own,
        "N/A: none": (test_no_web_acls_in_any_region, test_partition_without_web_acls_for_cloudfront),
    },
}
