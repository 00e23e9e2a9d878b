"""WKLD.12's checks, each shown to pass, to fail, and at its edges."""

from __future__ import annotations

import json
from typing import Any

from pytest_ssb.findings import Finding
from tests.checks.test_wkld_11 import Net, denied, without
from tests.support.worlds import Cloud, Expected, World, built, judge, world
from tests_workload import test_wkld_12_vpc_endpoints as suite

POLICY = suite.test_vpc_endpoint_policy_restricted
REGION = "eu-west-1"
STRANGER = "999988887777"


class Endpoints:
    """A VPC to put endpoints into."""

    def __init__(self, aws: Cloud) -> None:
        self.aws, self.net = aws, Net(aws)
        self.ec2, self.vpc = self.net.ec2, self.net.vpc
        self._said: dict[str, dict[str, Any]] = {}
        aws.simulated.over("ec2:DescribeVpcEndpoints", self._say)

    def _say(self, region: str, parsed: Any) -> None:
        for each in parsed["VpcEndpoints"]:
            each.update(self._said.get(each["VpcEndpointId"], {}))

    def id(self, service: str, kind: str = "Gateway", *, said: dict[str, Any] | None = None, **asked: Any) -> str:
        """An endpoint to a service, `s3`, of which AWS says this besides."""
        asked = {"VpcId": self.vpc, "VpcEndpointType": kind} | asked
        if kind == "Interface":
            asked = {"SubnetIds": [self.net.private[0]], "PrivateDnsEnabled": True} | asked
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


@world(POLICY)
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
}
