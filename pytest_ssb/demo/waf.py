"""The demo's web ACLs and what they guard, as data: moto mixes up their scopes, and does not tell what they guard."""

from __future__ import annotations

from typing import Any

from pytest_ssb.demo.network import NAME
from pytest_ssb.demo.seeder import Seeder
from pytest_ssb.demo.web import EDGE, HOME

COMMON = {"Name": "common", "Priority": 0, "OverrideAction": {"None": {}}}


def seed(seeder: Seeder) -> None:
    """Guard the shop by AWS's rules. In the mixed account an older web ACL has no rules, and a few endpoints have none at all."""
    region = seeder.regions[0]
    (web,) = seeder.client("elbv2", region).describe_load_balancers(Names=[f"{NAME}-web"])["LoadBalancers"]
    apis = {api["name"]: api["id"] for api in seeder.client("apigateway", region).get_rest_apis()["items"]}
    first, second = (regional(seeder, name) for name in ("web", "first"))
    guard = first if seeder.clean else second
    guarded = {first: {"APPLICATION_LOAD_BALANCER": [web["LoadBalancerArn"]]}}
    # The prefix of each path is the API's.
    stages = {apis[f"{NAME}-orders"]: guard}
    if not seeder.clean:
        guarded[second] = {"API_GATEWAY": [f"arn:aws:apigateway:{region}::/restapis/{apis[f'{NAME}-orders']}/stages/prod"]}
        stages[apis[f"{NAME}-shop"]] = ""
    acls = {(region, "REGIONAL"): list(guarded), (HOME, "CLOUDFRONT"): [EDGE]}

    def told(where: str, asked: dict[str, Any]) -> dict[str, Any]:
        return {"WebACL": {**_named(asked), "DefaultAction": {"Allow": {}}, "Rules": [] if asked["Name"] == f"{NAME}-first" else [COMMON]}}

    def _named(asked: dict[str, Any]) -> dict[str, str]:
        arn = next(each for named in acls.values() for each in named if each.endswith(f"/{asked['Name']}/{asked['Id']}"))
        return {"ARN": arn, "Name": asked["Name"], "Id": asked["Id"]}

    def stage(where: str, asked: dict[str, Any]) -> dict[str, Any]:
        acl = stages[asked["url_path"].split("/")[2]]
        return {"item": [{"stageName": "prod", **({"webAclArn": acl} if acl else {})}]}

    seeder.simulated.instead("wafv2:ListWebACLs", lambda where, asked: {"WebACLs": [_summary(arn) for arn in acls.get((where, asked["Scope"]), ())]})
    seeder.simulated.instead("wafv2:GetWebACL", told)
    seeder.simulated.instead(
        "wafv2:ListResourcesForWebACL",
        lambda where, asked: {"ResourceArns": guarded.get(asked["WebACLArn"], {}).get(asked["ResourceType"], [])},
    )
    seeder.simulated.instead("apigateway:GetStages", stage)
    _graphql(seeder, region, first)


def regional(seeder: Seeder, name: str) -> str:
    """The ARN of a web ACL of the first region."""
    return f"arn:aws:wafv2:{seeder.regions[0]}:{seeder.account}:regional/webacl/{NAME}-{name}/0a1b2c3d-1111-2222-3333-444444444444"


def _summary(arn: str) -> dict[str, str]:
    name, id = arn.split("/")[-2:]
    return {"ARN": arn, "Name": name, "Id": id}


def _graphql(seeder: Seeder, region: str, acl: str) -> None:
    """Two APIs of AppSync, the older of which nobody has thought of."""
    apis = [{"apiId": "catalogue", "wafWebAclArn": acl}, *([] if seeder.clean else [{"apiId": "reviews"}])]
    told = [
        {**api, "name": api["apiId"], "arn": f"arn:aws:appsync:{region}:{seeder.account}:apis/{api['apiId']}", "visibility": "GLOBAL"} for api in apis
    ]
    seeder.simulated.instead("appsync:ListGraphqlApis", lambda where, asked: {"graphqlApis": told if where == region else []})
