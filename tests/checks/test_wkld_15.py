"""WKLD.15's checks, each shown to pass, to fail, and at its edges."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_ssb.errors import Undecided
from pytest_ssb.profiles import Profile, Templates
from pytest_ssb.reads import terraform_state as terraform
from pytest_ssb.reads.terraform_state import terraform_state
from pytest_ssb.selectors import Paths
from tests.support.checkouts import made, nowhere, written
from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_15_templates as suite

BOTH = ("eu-west-1", "us-east-1")
STATE, DRIFT, PROTECTED = suite.test_stack_state_consistent, suite.test_stack_no_drift, suite.test_stack_termination_protection
PIPELINE, SOURCE = suite.test_deployment_pipeline_exists, suite.test_pipeline_source_is_repository
REPOSITORIES = suite.test_repositories_hold_templates
SECURITY, WORKLOAD = suite.test_security_resource_managed_by_template, suite.test_workload_resource_managed_by_template
STACKS = "cloudformation:DescribeStacks"


def denied(aws: Cloud, operation: str, region: str) -> None:
    """Deny a call in a region; elsewhere it answers as before."""

    def refuse(here: str, parsed: Any) -> None:
        if here == region:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, operation.partition(":")[2])

    aws.simulated.over(operation, refuse)


def enabled(aws: Cloud) -> None:
    """Let the world's regions be those that are enabled: moto has many more."""
    aws.simulated.instead("ec2:DescribeRegions", lambda region, asked: {"Regions": [{"RegionName": name} for name in aws.regions]})


def stack(aws: Cloud, name: str, status: str = "CREATE_COMPLETE", **more: Any) -> dict[str, Any]:
    """A stack, as it is described."""
    arn = aws.arn("cloudformation", f"stack/{name}/51af3dc0-da77-11e4-872e-1234567db123", more.pop("region", None))
    described = {
        "StackId": arn,
        "StackName": name,
        "StackStatus": status,
        "EnableTerminationProtection": False,
        "CreationTime": "2026-01-02T03:04:05Z",
    }
    return described | more


def shown(aws: Cloud, *stacks: dict[str, Any]) -> list[str]:
    """Let there be these stacks, one a page; their ARNs."""

    def page(region: str, asked: Any) -> dict[str, Any]:
        here = [each for each in stacks if each["StackId"].split(":")[3] == region]
        at = int(asked.get("NextToken") or 0)
        return {"Stacks": here[at : at + 1], **({"NextToken": str(at + 1)} if at + 1 < len(here) else {})}

    aws.simulated.instead(STACKS, page)
    return [each["StackId"] for each in stacks]


# --- stack_state_consistent ------------------------------------------------------------------------------------------------------------------


@world(STATE, regions=BOTH)
def test_stacks_by_how_their_last_deployment_ended(aws: Cloud) -> Expected:
    root = stack(aws, "root")
    statuses = {
        "CREATE_COMPLETE": "PASS",
        "UPDATE_ROLLBACK_COMPLETE": ("PASS", None, "as deployed: UPDATE_ROLLBACK_COMPLETE"),
        "ROLLBACK_COMPLETE": ("FAIL", "low", "stopped half way: ROLLBACK_COMPLETE"),
        "UPDATE_ROLLBACK_FAILED": ("FAIL", "low", "stopped half way"),
        "UPDATE_FAILED": "FAIL",
        "DELETE_FAILED": "FAIL",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": ("NOT_APPLICABLE", None, "something is being done to it"),
        "REVIEW_IN_PROGRESS": "NOT_APPLICABLE",
    }
    nested = stack(aws, "nested", "UPDATE_FAILED", ParentId=root["StackId"], RootId=root["StackId"])
    strange = stack(aws, "strange", "MELTED")
    arns = shown(
        aws, *(stack(aws, status.lower().replace("_", "-"), status) for status in statuses), nested, strange, stack(aws, "gone", "DELETE_COMPLETE")
    )
    return {
        **dict(zip(arns, statuses.values(), strict=False)),
        nested["StackId"]: ("NOT_APPLICABLE", None, f"nested in {root['StackId']}"),
        strange["StackId"]: ("ERROR", None, "a Stack that we cannot read"),
        aws.account_arn: ("NOT_APPLICABLE", None, "no stacks"),
    }


# --- stack_no_drift --------------------------------------------------------------------------------------------------------------------------


def drift(status: str, days: int | None = 1) -> dict[str, Any]:
    """What drift detection found, so many days ago."""
    at = {} if days is None else {"LastCheckTimestamp": datetime.now(UTC) - timedelta(days=days, minutes=-5)}
    return {"DriftInformation": {"StackDriftStatus": status, **at}}


@world(DRIFT, regions=BOTH)
def test_stacks_by_what_drift_detection_found(aws: Cloud) -> Expected:
    enabled(aws)
    same, edge = stack(aws, "same", **drift("IN_SYNC")), stack(aws, "edge", region="us-east-1", **drift("IN_SYNC", 30))
    other = stack(aws, "other", **drift("DRIFTED", 400))
    nested = stack(aws, "nested", ParentId=other["StackId"], **drift("DRIFTED"))
    leaving = stack(aws, "leaving", "DELETE_IN_PROGRESS", **drift("DRIFTED"))
    silent = stack(aws, "silent")
    shown(aws, same, edge, other, nested, leaving, silent)
    return {
        same["StackId"]: "PASS",
        edge["StackId"]: "PASS",
        other["StackId"]: ("FAIL", "medium", "drifted"),
        nested["StackId"]: ("NOT_APPLICABLE", None, "nested in"),
        leaving["StackId"]: ("NOT_APPLICABLE", None, "not deployed"),
        silent["StackId"]: ("ERROR", None, "without DriftInformation"),
    }


@world(DRIFT, regions=BOTH)
def test_what_was_not_looked_for_lately_is_asked_once_for_the_account(aws: Cloud) -> Expected:
    enabled(aws)
    same, old = stack(aws, "same", **drift("IN_SYNC")), stack(aws, "old", **drift("IN_SYNC", 31))
    never, unknown = stack(aws, "never", region="us-east-1", **drift("NOT_CHECKED", None)), stack(aws, "unknown", **drift("UNKNOWN"))
    shown(aws, same, old, never, unknown)
    return {same["StackId"]: "PASS", aws.account_arn: ("MANUAL", None, "not looked for in 30 days")}


@world(DRIFT, regions=BOTH)
def test_a_region_that_does_not_tell_its_stacks_is_an_error_of_that_region(aws: Cloud) -> Expected:
    aws.facts(regions=list(BOTH))
    denied(aws, STACKS, "us-east-1")
    return {aws.account_arn: ("ERROR", None, "cloudformation:DescribeStacks")}


@world(DRIFT)
def test_without_stacks_nothing_can_drift(aws: Cloud) -> Expected:
    aws.facts(regions=["eu-west-1"])
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no stacks")}


# --- stack_termination_protection ------------------------------------------------------------------------------------------------------------


@world(PROTECTED, regions=BOTH)
def test_stacks_by_whether_one_command_deletes_them(aws: Cloud) -> Expected:
    safe, bare = stack(aws, "safe", EnableTerminationProtection=True), stack(aws, "bare")
    nested = stack(aws, "nested", ParentId=bare["StackId"])
    below = stack(aws, "below", ParentId=nested["StackId"], RootId=bare["StackId"])
    central, review = stack(aws, "StackSet-baseline-1"), stack(aws, "review", "REVIEW_IN_PROGRESS")
    leaving, left = stack(aws, "leaving", "DELETE_FAILED"), stack(aws, "left", "ROLLBACK_COMPLETE")
    shown(aws, safe, bare, nested, below, central, review, leaving, left)
    return {
        safe["StackId"]: "PASS",
        bare["StackId"]: ("FAIL", "low", "may be deleted by one command"),
        nested["StackId"]: ("NOT_APPLICABLE", None, f"nested in {bare['StackId']}"),
        below["StackId"]: ("NOT_APPLICABLE", None, f"nested in {bare['StackId']}"),
        central["StackId"]: ("NOT_APPLICABLE", None, "kept by a stack set"),
        review["StackId"]: ("NOT_APPLICABLE", None, "not deployed: REVIEW_IN_PROGRESS"),
        leaving["StackId"]: "NOT_APPLICABLE",
        left["StackId"]: "FAIL",
        aws.account_arn: ("NOT_APPLICABLE", None, "no stacks"),
    }


# --- pipelines -------------------------------------------------------------------------------------------------------------------------------

REPOSITORY, STORE = ("Source", "CodeStarSourceConnection"), ("Source", "S3")
TEMPLATE, COMMANDS = ("Deploy", "CloudFormation"), ("Build", "CodeBuild")


def pipelines(aws: Cloud, region: str = "eu-west-1", **actions: list[tuple[str, str]]) -> list[str]:
    """Pipelines by the category and provider of their actions, one a page; their ARNs."""
    named = {name.replace("_", "-"): types for name, types in actions.items()}

    def page(where: str, asked: Any) -> dict[str, Any]:
        names, at = list(named) if where == region else [], int(asked.get("nextToken") or 0)
        return {"pipelines": [{"name": name} for name in names[at : at + 1]], **({"nextToken": str(at + 1)} if at + 1 < len(names) else {})}

    def told(where: str, asked: Any) -> dict[str, Any] | Exception:
        if asked["name"].startswith("gone"):
            return ClientError({"Error": {"Code": "PipelineNotFoundException", "Message": ""}}, "GetPipeline")
        types = [
            {"name": f"{number}", "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"}}
            for number, (category, provider) in enumerate(named[asked["name"]])
        ]
        return {"pipeline": {"name": asked["name"], "roleArn": "arn:aws:iam::123456789012:role/p", "stages": [{"name": "all", "actions": types}]}}

    aws.simulated.instead("codepipeline:ListPipelines", page)
    aws.simulated.instead("codepipeline:GetPipeline", told)
    return [aws.arn("codepipeline", name, region) for name in named]


def ci_role(aws: Cloud, name: str, issuer: str, *, effect: str = "Allow", action: str = "sts:AssumeRoleWithWebIdentity", days: int | None = 1) -> str:
    """A role that who comes through an issuer may assume, and that was last used so many days ago; its ARN."""
    provider = f"arn:aws:iam::{aws.account}:oidc-provider/{issuer}"
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Principal": {"Federated": provider}, "Action": action}]}
    made: str = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]

    def used(region: str, parsed: Any) -> None:
        for role in parsed["RoleDetailList"]:
            if role["RoleName"] == name and days is not None:
                role["RoleLastUsed"] = {"LastUsedDate": datetime.now(UTC) - timedelta(days=days, minutes=-5), "Region": aws.region}

    aws.simulated.over("iam:GetAccountAuthorizationDetails", used)
    return made


@world(PIPELINE, regions=BOTH)
def test_a_pipeline_of_any_region_that_deploys_is_one(aws: Cloud) -> Expected:
    enabled(aws)
    names = {"one": [STORE, TEMPLATE], "two": [REPOSITORY, COMMANDS], "three": [REPOSITORY, ("Compute", "Commands")], "four": [STORE, TEMPLATE]}
    pipelines(aws, "us-east-1", **names, gone=[], tests=[REPOSITORY, ("Test", "CodeBuild")], bare=[TEMPLATE], site=[REPOSITORY, ("Deploy", "S3")])
    return {aws.account_arn: ("PASS", None, "pipeline four in us-east-1; pipeline one in us-east-1; pipeline three in us-east-1")}


@world(PIPELINE)
def test_a_role_that_a_ci_system_assumes_is_the_sign_of_a_pipeline(aws: Cloud) -> Expected:
    aws.facts(regions=["eu-west-1"])
    pipelines(aws, tests=[REPOSITORY, ("Test", "CodeBuild")], bare=[TEMPLATE])
    ci_role(aws, "deploy", "gitlab.acme.example", days=90)
    return {aws.account_arn: ("PASS", None, "role deploy, which GitLab assumes")}


@world(PIPELINE)
def test_a_role_that_nobody_uses_is_no_sign_of_a_pipeline(aws: Cloud) -> Expected:
    aws.facts(regions=["eu-west-1"])
    ci_role(aws, "never", "token.actions.githubusercontent.com", days=None)
    ci_role(aws, "old", "oidc.circleci.com/org/acme", days=91)
    ci_role(aws, "shut", "gitlab.com", effect="Deny")
    ci_role(aws, "saml", "gitlab.com", action="sts:AssumeRoleWithSAML")
    ci_role(aws, "pods", "oidc.eks.eu-west-1.amazonaws.com/id/0123")
    ci_role(aws, "people", "acme.okta.com/token.actions.githubusercontent.com")
    asked = "AWS shows none that does. role never, which GitHub Actions assumes; role old, which CircleCI assumes, was not used in 90 days"
    return {aws.account_arn: ("MANUAL", None, asked)}


@world(PIPELINE, regions=BOTH)
def test_where_pipelines_could_not_be_read_there_may_be_one(aws: Cloud) -> Expected:
    aws.facts(regions=list(BOTH))
    ci_role(aws, "never", "app.terraform.io", days=None)
    denied(aws, "codepipeline:ListPipelines", "us-east-1")
    return {aws.account_arn: ("ERROR", None, "codepipeline:ListPipelines")}


@world(SOURCE, regions=BOTH)
def test_pipelines_by_where_they_start(aws: Cloud) -> Expected:
    names: dict[str, list[tuple[str, str]]] = {
        "both": [STORE, REPOSITORY, TEMPLATE],
        "commit": [("Source", "CodeCommit"), TEMPLATE],
        "gone": [],
        "mixed": [STORE, ("Source", "AcmeGit"), TEMPLATE],
        "own": [("Source", "AcmeGit"), REPOSITORY],
        "store": [STORE, ("Source", "ECR"), TEMPLATE],
        "strange": [("Guess", "S3")],
        "without": [TEMPLATE],
    }
    both, commit, _, mixed, own, store, strange, without = pipelines(aws, "eu-west-1", **names)
    return {
        both: ("PASS", None, "starts from CodeStarSourceConnection"),
        commit: "PASS",
        mixed: ("MANUAL", None, "is AcmeGit a source repository?"),
        own: "PASS",
        store: ("FAIL", "low", "starts from S3, ECR: who changed what is not kept there"),
        strange: ("ERROR", None, "a Pipeline that we cannot read"),
        without: ("FAIL", "low", "starts from nothing"),
        aws.account_arn: ("NOT_APPLICABLE", None, "no pipelines"),
    }


# --- repositories_hold_templates -------------------------------------------------------------------------------------------------------------


def named(aws: Cloud, *repositories: tuple[str, Any]) -> list[str]:
    """Let the profile name repositories, each by what it holds and its files, or its path; the resources in their order."""
    paths = [str(made(files) if isinstance(files, dict) else files) for _, files in repositories]
    aws.facts(repositories=[{"path": path, "holds": holds} for path, (holds, _) in zip(paths, repositories, strict=True)])
    return [f"repo:{path}" for path in paths]


@world(REPOSITORIES)
def test_repositories_by_the_templates_in_them(aws: Cloud) -> Expected:
    template = "# ours\nAWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n"
    terraform, cdk, yaml, json_, sam, none, missing = named(
        aws,
        ("security", {"modules/trail/main.tf": "resource {}", "README.md": "acme"}),
        ("application", {"infra/cdk.json": "{}"}),
        ("infrastructure", {"stacks/base.yml": template}),
        ("infrastructure", {"base.template": '{"AWSTemplateFormatVersion" : "2010-09-09"}'}),
        ("application", {"api.yaml": "Transform: AWS::Serverless-2016-10-31\n"}),
        (
            "application",
            {
                "tests/main.tf": "",
                "node_modules/a/cdk.json": "{}",
                "notes.md": template,
                "deploy.yaml": "kind: Deployment\nsays: AWSTemplateFormatVersion\n",
                "large.json": '{"AWSTemplateFormatVersion": "2010-09-09", "x": "' + "x" * 1_048_576 + '"}',
            },
        ),
        ("application", nowhere()),
    )
    return {
        terraform: ("PASS", None, "modules/trail/main.tf, for Terraform", "holds = security"),
        cdk: ("PASS", None, "infra/cdk.json, for the AWS CDK"),
        yaml: ("PASS", None, "stacks/base.yml, for CloudFormation"),
        json_: "PASS",
        sam: ("PASS", None, "api.yaml, for CloudFormation"),
        none: ("FAIL", "low", "no templates are committed"),
        missing: ("ERROR", None, "there is no such folder"),
        (aws.account_arn, "security configuration"): ("PASS", None, f"repositories = {terraform.removeprefix('repo:')}"),
    }


@world(REPOSITORIES)
def test_security_configuration_in_the_repository_of_an_application(aws: Cloud) -> Expected:
    shop = made({"main.tf": ""})
    first, again = named(aws, ("application", shop), ("security", shop / ".git"))
    return {
        first: "PASS",
        again: "PASS",
        (aws.account_arn, "security configuration"): ("FAIL", "low", "lies in the repository of an application", str(shop / ".git")),
    }


@world(REPOSITORIES)
def test_a_template_that_git_has_and_the_working_tree_lacks_leaves_it_open(aws: Cloud) -> Expected:
    folder = made({"stack.yml": "x: 1\n", "README.md": "acme"})
    (folder / "stack.yml").unlink()
    (arn,) = named(aws, ("infrastructure", folder))
    return {
        arn: ("ERROR", None, "stack.yml could not be read, and may be a template"),
        (aws.account_arn, "security configuration"): ("MANUAL", None, "which repository holds general policies"),
    }


@world(REPOSITORIES)
def test_without_repositories_it_is_asked_where_templates_lie(aws: Cloud) -> Expected:
    return {aws.account_arn: ("MANUAL", None, "name them in `repositories`")}


# --- what is in templates --------------------------------------------------------------------------------------------------------------------

RESOURCES, TAGGED = "cloudformation:ListStackResources", "resourcegroupstaggingapi:GetResources"
Resource = tuple[str, str] | tuple[str, str, str]
IMPORTANT = {"buckets": {"use_macie": False, "sensitive": ["acme-ids"]}}
DOCUMENT = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}'
TRUST = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'


def held(aws: Cloud, *stacks: tuple[dict[str, Any], list[Resource]]) -> None:
    """Let there be these stacks, each with its resources by type and id and, unless it is CREATE_COMPLETE, status; two a page."""
    shown(aws, *(each for each, _ in stacks))
    by_id = {each["StackId"]: resources for each, resources in stacks}

    def page(region: str, asked: Any) -> dict[str, Any] | Exception:
        if asked["StackName"] not in by_id or "/gone/" in asked["StackName"]:
            return ClientError({"Error": {"Code": "ValidationError", "Message": ""}}, "ListStackResources")
        at = int(asked.get("NextToken") or 0)
        all_ = by_id[asked["StackName"]]
        told = [_summary(*each) for each in all_[at : at + 2]]
        return {"StackResourceSummaries": told, **({"NextToken": str(at + 2)} if at + 2 < len(all_) else {})}

    aws.simulated.instead(RESOURCES, page)


def _summary(type: str, id: str, status: str = "CREATE_COMPLETE") -> dict[str, Any]:
    named = {"PhysicalResourceId": id} if id else {}
    return {"LogicalResourceId": "One", "ResourceType": type, "ResourceStatus": status, **named}


def tagged(aws: Cloud, tags: dict[str, dict[str, str]]) -> None:
    """Let resources have these tags, by ARN; one a page."""

    def page(region: str, asked: Any) -> dict[str, Any]:
        here = [arn for arn in tags if (arn.split(":")[3] or "us-east-1") == region or (":s3:::" in arn and region == aws.region)]
        at = int(asked.get("PaginationToken") or 0)
        told = [{"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags[arn].items()]} for arn in here[at : at + 1]]
        return {"ResourceTagMappingList": told, **({"PaginationToken": str(at + 1)} if at + 1 < len(here) else {})}

    aws.simulated.instead(TAGGED, page)


def network(aws: Cloud, name: str, region: str | None = None) -> tuple[str, str]:
    """A VPC and a group in it, by their ids."""
    ec2 = aws.client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return vpc, ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]


def role(aws: Cloud, name: str, path: str = "/", **tags: str) -> str:
    """A role; its ARN."""
    told = [{"Key": key, "Value": value} for key, value in tags.items()]
    made: str = aws.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=TRUST, Tags=told)["Role"]["Arn"]
    return made


def policy(aws: Cloud, name: str, path: str = "/") -> str:
    """A policy of the account's own; its ARN."""
    made: str = aws.client("iam").create_policy(PolicyName=name, Path=path, PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    return made


def key(aws: Cloud) -> str:
    """A key's id."""
    made: str = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    return made


def trail(aws: Cloud, name: str, bucket: str, region: str | None = None) -> str:
    """A trail; its ARN."""
    made: str = aws.client("cloudtrail", region).create_trail(Name=name, S3BucketName=bucket, IsMultiRegionTrail=True)["TrailARN"]
    return made


def bucket(aws: Cloud, name: str) -> str:
    """A bucket; its ARN."""
    aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": aws.region})
    return f"arn:aws:s3:::{name}"


def web_acl(aws: Cloud, name: str, scope: str = "REGIONAL") -> tuple[str, str]:
    """A web ACL; its ARN and id."""
    quiet = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "acme"}
    waf = aws.client("wafv2", "us-east-1" if scope == "CLOUDFRONT" else None)
    made = waf.create_web_acl(Name=name, Scope=scope, DefaultAction={"Allow": {}}, VisibilityConfig=quiet)["Summary"]
    return made["ARN"], made["Id"]


def recorders(aws: Cloud, *names: str, **services: str) -> list[str]:
    """Recorders of the first region, and such that services keep; their ARNs."""
    arns = {name: aws.arn("config", f"configuration-recorder/{name}/abc") for name in (*names, *services)}
    told = [{"arn": arn, "name": name, **({"servicePrincipal": services[name]} if name in services else {})} for name, arn in arns.items()]
    aws.simulated.instead(
        "config:DescribeConfigurationRecorders", lambda region, asked: {"ConfigurationRecorders": told if region == aws.region else []}
    )
    return list(arns.values())


def detector(aws: Cloud, region: str | None = None, administrator: str = "") -> str:
    """GuardDuty in a region, and the account that administers it there; the detector's id."""
    made: str = aws.client("guardduty", region).create_detector(Enable=True)["DetectorId"]
    if administrator:
        here = region or aws.region

        def told(where: str, asked: Any) -> dict[str, Any]:
            known = {"Administrator": {"AccountId": administrator, "RelationshipStatus": "Enabled"}} if where == here else {}
            return {**known, "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "1"}}

        aws.simulated.instead("guardduty:GetAdministratorAccount", told)
    return made


def budget(aws: Cloud, name: str) -> str:
    """A budget; its ARN."""
    limit = {"BudgetName": name, "TimeUnit": "MONTHLY", "BudgetType": "COST", "BudgetLimit": {"Amount": "9", "Unit": "USD"}}
    aws.client("budgets", "us-east-1").create_budget(AccountId=aws.account, Budget=limit)
    return f"arn:aws:budgets::{aws.account}:budget/{name}"


def marked(aws: Cloud, operation: str, key: str, which: dict[str, str], **more: Any) -> None:
    """Lay fields over what is listed of one resource."""

    def lay(region: str, parsed: Any) -> None:
        lists = [parsed, *parsed.get("Reservations", [])]
        for each in [one for some in lists for one in some.get(key, []) if which.items() <= one.items()]:
            each.update(more)

    aws.simulated.over(operation, lay)


def rule(aws: Cloud, name: str, bus: str = "default") -> str:
    """A rule of a bus; its ARN."""
    made: str = aws.client("events").put_rule(Name=name, EventBusName=bus, EventPattern='{"source": ["acme"]}')["RuleArn"]
    return made


@world(SECURITY, regions=BOTH)
def test_where_most_is_in_stacks_the_rest_is_missing_there(aws: Cloud) -> Expected:
    enabled(aws)
    aws.facts(**IMPORTANT)
    vpc, group = network(aws, "web")
    default = aws.client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    named_ = aws.client("ec2").create_security_group(GroupName="admin", Description="admin", VpcId=default)["GroupId"]
    other_vpc, namesake = network(aws, "admin")
    here, there = detector(aws), detector(aws, "us-east-1", "444455556666")
    acl, acl_id = web_acl(aws, "api")
    front, front_id = web_acl(aws, "site", "CLOUDFRONT")
    managed_acl, _ = web_acl(aws, "FMManagedWebACLV2-all-1")
    recorder, inventory = recorders(aws, "default", inventory="inspector2.amazonaws.com")
    good_key, bad_key, leaving_key = key(aws), key(aws), key(aws)
    aws.client("kms").schedule_key_deletion(KeyId=leaving_key)
    logs, ids = bucket(aws, "acme-logs"), bucket(aws, "acme-ids")
    bucket(aws, "acme-www")
    main, hand = trail(aws, "main", "acme-logs"), trail(aws, "hand", "acme-logs")
    aws.client("events").create_event_bus(Name="shop")
    nightly, paid, hand_rule = rule(aws, "nightly"), rule(aws, "nightly", "shop"), rule(aws, "hand")
    service_rule = rule(aws, "StepFunctions")
    marked(aws, "events:ListRules", "Rules", {"Name": "StepFunctions"}, ManagedBy="states.amazonaws.com")
    app, hand_role, local, ui, org = (
        role(aws, "app"),
        role(aws, "hand"),
        policy(aws, "app"),
        role(aws, "lambda-1", "/service-role/"),
        role(aws, "OrganizationAccountAccessRole"),
    )
    role(aws, "sso", "/aws-reserved/sso.amazonaws.com/")
    ui_policy = policy(aws, "basic", "/service-role/")
    monthly = budget(aws, "monthly")
    base = stack(aws, "base")
    elsewhere = stack(aws, "roles", region="us-east-1")
    held(
        aws,
        (
            base,
            [
                ("AWS::EC2::VPC", vpc),
                ("AWS::EC2::SecurityGroup", group),
                ("AWS::EC2::SecurityGroup", "admin"),
                ("AWS::GuardDuty::Detector", here),
                ("AWS::WAFv2::WebACL", f"api|{acl_id}|REGIONAL"),
                ("AWS::Config::ConfigurationRecorder", "default"),
                ("AWS::KMS::Key", good_key),
                ("AWS::KMS::Key", bad_key, "DELETE_SKIPPED"),
                ("AWS::S3::Bucket", "acme-logs"),
                ("AWS::CloudTrail::Trail", "main"),
                ("AWS::Events::Rule", "nightly"),
                ("AWS::Events::Rule", "shop|nightly"),
                ("AWS::SNS::Topic", "", "CREATE_FAILED"),
            ],
        ),
        (
            elsewhere,
            [
                ("AWS::IAM::Role", "app"),
                ("AWS::IAM::ManagedPolicy", local),
                ("AWS::Budgets::Budget", "monthly"),
                ("AWS::WAFv2::WebACL", f"site|{front_id}|CLOUDFRONT"),
                # of another region's, by its name alone
                ("AWS::CloudTrail::Trail", "hand"),
            ],
        ),
        (stack(aws, "review", "REVIEW_IN_PROGRESS"), []),
        (stack(aws, "gone"), []),
    )
    passing = (acl, front, recorder, logs, main, nightly, paid, app, local, monthly)
    return {
        **dict.fromkeys(passing, "PASS"),
        **{aws.arn("ec2", f"security-group/{each}"): "PASS" for each in (group, named_)},
        aws.arn("ec2", f"security-group/{namesake}"): "FAIL",
        aws.arn("ec2", f"vpc/{other_vpc}"): "FAIL",
        aws.arn("ec2", f"vpc/{vpc}"): ("PASS", None, "in a template: stack base"),
        aws.arn("guardduty", f"detector/{here}"): "PASS",
        aws.arn("guardduty", f"detector/{there}", "us-east-1"): ("NOT_APPLICABLE", None, "account 444455556666 administers it"),
        managed_acl: ("NOT_APPLICABLE", None, "Firewall Manager keeps it"),
        inventory: ("NOT_APPLICABLE", None, "inspector2.amazonaws.com keeps it"),
        aws.arn("kms", f"key/{good_key}"): "PASS",
        aws.arn("kms", f"key/{bad_key}"): ("FAIL", "low", "no stack has it"),
        ids: "FAIL",
        hand: "FAIL",
        hand_rule: "FAIL",
        service_rule: ("NOT_APPLICABLE", None, "states.amazonaws.com manages it"),
        hand_role: ("FAIL", "low", "in no template"),
        ui: ("NOT_APPLICABLE", None, "made by AWS's console"),
        ui_policy: "NOT_APPLICABLE",
        org: ("NOT_APPLICABLE", None, "management account"),
    }


@world(SECURITY, regions=BOTH)
def test_what_tags_and_terraform_tell_counts_where_the_profile_names_them(aws: Cloud) -> Expected:
    enabled(aws)
    logs, ids = bucket(aws, "acme-logs"), bucket(aws, "acme-ids")
    by_tag, in_state = trail(aws, "by-tag", "acme-logs"), trail(aws, "in-state", "acme-logs")
    by_tag_vpc, kept_group = network(aws, "kept")
    live_vpc, _group = network(aws, "live")
    orphan_vpc, plain_group = network(aws, "plain")
    tagged_role, plain_role = role(aws, "tagged", ManagedBy="Terraform"), role(aws, "plain", Owner="ana")
    child, looked_up = policy(aws, "child"), policy(aws, "looked-up")
    named_key = aws.arn("kms", f"key/{key(aws)}")
    first, second, far = recorders(aws, "first", "second", "far")
    seen = aws.arn("guardduty", f"detector/{detector(aws)}")
    live = stack(aws, "live")
    held(aws, (live, []))
    tool, stack_tag = {"ManagedBy": "Terraform"}, "aws:cloudformation:stack-id"
    tagged(
        aws,
        {
            by_tag: tool,
            seen: tool,
            ids: tool,
            aws.arn("ec2", f"vpc/{by_tag_vpc}"): tool,
            aws.arn("ec2", f"security-group/{kept_group}"): {"Name": "x", "aws:eks:cluster-name": "shop"},
            aws.arn("ec2", f"vpc/{live_vpc}"): {stack_tag: live["StackId"]},
            aws.arn("ec2", f"security-group/{_group}"): tool,
            aws.arn("ec2", f"vpc/{orphan_vpc}"): {stack_tag: live["StackId"].replace("live", "left")},
        },
    )
    state = shown_state(
        ("aws_s3_bucket", {"id": "acme-logs", "arn": logs, "tags": {"secret": "x"}}),
        ("aws_cloudtrail", {"id": in_state, "name": "in-state"}),
        ("aws_cloudwatch_event_target", {"id": "t", "arn": named_key}),
        ("aws_iam_role", {"id": "plain", "arn": plain_role.replace(aws.account, "444455556666")}),
        ("aws_config_configuration_recorder", {"id": "first"}),
        ("aws_config_configuration_recorder", {"id": "second", "region": "eu-west-1"}),
        ("aws_config_configuration_recorder", {"id": "far", "region": "us-east-1"}),
        child=("aws_iam_policy", {"id": child, "arn": child}),
        data=("aws_iam_policy", {"id": looked_up, "arn": looked_up}),
    )
    aws.facts(**IMPORTANT, templates={"iac_tags": ["tag:ManagedBy=terraform"], "terraform_state": [state]})
    return {
        logs: ("PASS", None, "module.one.aws_s3_bucket.r0 of Terraform", f"templates.terraform_state = {state}"),
        ids: ("PASS", None, "in a template: by tag", "templates.iac_tags = tag:ManagedBy=terraform"),
        by_tag: ("FAIL", "low", "in no template"),
        seen: "FAIL",
        in_state: "PASS",
        aws.arn("ec2", f"vpc/{by_tag_vpc}"): ("PASS", None, "by tag"),
        aws.arn("ec2", f"security-group/{kept_group}"): ("NOT_APPLICABLE", None, "aws:eks:cluster-name = shop"),
        aws.arn("ec2", f"vpc/{live_vpc}"): ("PASS", None, "stack live"),
        aws.arn("ec2", f"security-group/{_group}"): "PASS",
        aws.arn("ec2", f"vpc/{orphan_vpc}"): "FAIL",
        aws.arn("ec2", f"security-group/{plain_group}"): "FAIL",
        tagged_role: "PASS",
        plain_role: "FAIL",
        child: ("PASS", None, "module.one.module.two.aws_iam_policy.child"),
        looked_up: "FAIL",
        named_key: "FAIL",
        first: "PASS",
        second: "PASS",
        far: "FAIL",
    }


def shown_state(*resources: tuple[str, dict[str, Any]], **more: tuple[str, dict[str, Any]]) -> str:
    """A file of what Terraform shows of a state; `child` is a resource of a module within, `data` something that is only looked up. Its path."""

    def one(address: str, type: str, values: dict[str, Any], mode: str = "managed") -> dict[str, Any]:
        return {"address": address, "mode": mode, "type": type, "name": "r", "values": {"password": ["correct-horse-9"], **values}}

    inner = [
        one(f"module.one.module.two.{type}.{name}", type, values, "data" if name == "data" else "managed") for name, (type, values) in more.items()
    ]
    outer = [one(f"module.one.{type}.r{number}", type, values) for number, (type, values) in enumerate(resources)]
    child = {"address": "module.one", "resources": outer, "child_modules": [{"address": "module.one.module.two", "resources": inner}]}
    return state_file(json.dumps({"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": {"child_modules": [child]}}}))


def state_file(content: str | bytes) -> str:
    """A file with that content; its path."""
    folder = made({"README.md": "acme"})
    written(folder, {"state.json": content})
    return str(folder / "state.json")


@world(SECURITY, regions=BOTH)
def test_stacks_of_others_do_not_say_how_the_account_is_deployed(aws: Cloud) -> Expected:
    enabled(aws)
    aws.facts(**IMPORTANT)
    vpc, group = network(aws, "web", "us-east-1")
    vendor, nested, toolkit = role(aws, "vendor"), policy(aws, "nested"), bucket(aws, "acme-ids")
    role(aws, "hand")
    root = stack(aws, "vendor")
    below = stack(aws, "below", ParentId=root["StackId"], RootId=root["StackId"])
    held(
        aws,
        (root, [("AWS::IAM::Role", "vendor"), ("AWS::CloudFormation::Stack", below["StackId"])]),
        (below, [("AWS::IAM::ManagedPolicy", nested)]),
        (stack(aws, "StackSet-baseline-1", region="us-east-1"), [("AWS::EC2::VPC", vpc)]),
        (stack(aws, "CDKToolkit"), [("AWS::S3::Bucket", "acme-ids"), ("AWS::SSM::Parameter", "x")]),
        (stack(aws, "shop", region="us-east-1"), [("AWS::EC2::SecurityGroup", group)]),
    )
    return {
        vendor: ("PASS", None, "stack vendor"),
        nested: ("PASS", None, "stack below"),
        toolkit: ("PASS", None, "stack CDKToolkit"),
        aws.arn("ec2", f"vpc/{vpc}", "us-east-1"): ("PASS", None, "stack StackSet-baseline-1"),
        aws.arn("ec2", f"security-group/{group}", "us-east-1"): ("PASS", None, "stack shop"),
        aws.account_arn: ("MANUAL", None, "by which templates is this account deployed?"),
    }


def scp(operation: str) -> ClientError:
    """A denial by the organization."""
    said = f"User is not authorized to perform: {operation} with an explicit deny in a service control policy"
    return ClientError({"Error": {"Code": "AccessDeniedException", "Message": said}}, operation.partition(":")[2])


@world(SECURITY, regions=BOTH)
def test_what_could_not_be_read_is_an_error_of_what_rests_on_it(aws: Cloud) -> Expected:
    enabled(aws)
    aws.facts(**IMPORTANT, templates={"iac_tags": ["tag:ManagedBy=*"]})
    vpc, group = network(aws, "web")
    far = aws.client("kms", "us-east-1")
    by_tag, open_ = (aws.arn("kms", f"key/{far.create_key()['KeyMetadata']['KeyId']}", "us-east-1") for _ in range(2))
    good, bad, ui = role(aws, "good", ManagedBy="pulumi"), role(aws, "bad"), role(aws, "ui", "/service-role/")
    held(aws, (stack(aws, "base"), [("AWS::EC2::VPC", vpc)]))
    denied(aws, STACKS, "us-east-1")
    denied(aws, "ec2:DescribeVpcs", "us-east-1")
    aws.simulated.over("wafv2:ListWebACLs", lambda region, parsed: raised(scp("wafv2:ListWebACLs")) if region == "eu-west-1" else None)
    tagged(aws, {by_tag: {"ManagedBy": "pulumi"}})
    return {
        aws.arn("ec2", f"vpc/{vpc}"): "PASS",
        aws.arn("ec2", f"security-group/{group}"): "FAIL",
        by_tag: "PASS",
        open_: ("ERROR", None, "cloudformation:DescribeStacks"),
        good: "PASS",
        bad: ("ERROR", None, "cloudformation:DescribeStacks"),
        ui: "NOT_APPLICABLE",
        (aws.account_arn, "AWS::EC2::VPC"): ("ERROR", None),
        (aws.account_arn, "AWS::EC2::SecurityGroup"): ("ERROR", None),
        (aws.account_arn, "AWS::WAFv2::WebACL"): ("ERROR", None),
    }


@world(SECURITY, regions=BOTH)
def test_what_stacks_and_states_do_not_tell_is_left_open(aws: Cloud) -> Expected:
    vpc, group = network(aws, "web")
    far = aws.arn("kms", f"key/{aws.client('kms', 'us-east-1').create_key()['KeyMetadata']['KeyId']}", "us-east-1")
    hand = role(aws, "hand")
    held(aws, (stack(aws, "base"), [("AWS::EC2::VPC", vpc)]), (stack(aws, "strange", "MELTED"), []))
    aws.simulated.instead("ec2:DescribeRegions", lambda region, asked: ClientError({"Error": {"Code": "UnauthorizedOperation"}}, "DescribeRegions"))
    aws.facts(**IMPORTANT, regions=list(BOTH), templates={"terraform_state": [state_file("{}")]})
    return {
        aws.arn("ec2", f"vpc/{vpc}"): "PASS",
        aws.arn("ec2", f"security-group/{group}"): ("ERROR", None, "a Stack that we cannot read"),
        far: ("ERROR", None, "state.json is not of a format that is known"),
        hand: ("ERROR", None, "ec2:DescribeRegions"),
    }


@world(SECURITY)
def test_a_denied_call_is_named_before_a_stack_that_cannot_be_read(aws: Cloud) -> Expected:
    vpc, _ = network(aws, "web")
    held(aws, (stack(aws, "base"), [("AWS::EC2::VPC", vpc)]), (stack(aws, "strange", "MELTED"), []))
    aws.simulated.over("cloudformation:ListStackResources", lambda region, parsed: raised(scp("cloudformation:ListStackResources")))
    aws.facts(**IMPORTANT)
    return {aws.account_arn: ("ERROR", None, "cloudformation:ListStackResources is denied")}


@world(SECURITY, regions=BOTH)
def test_where_a_kind_could_not_be_listed_nobody_knows_what_most_is(aws: Cloud) -> Expected:
    enabled(aws)
    aws.facts(**IMPORTANT)
    good = role(aws, "good")
    role(aws, "hand")
    held(aws, (stack(aws, "base"), [("AWS::IAM::Role", "good"), ("AWS::SNS::Topic", "x")]))
    aws.simulated.over("ec2:DescribeVpcs", lambda region, parsed: raised(scp("ec2:DescribeVpcs")) if region == "us-east-1" else None)
    return {
        (good, None): "PASS",
        (aws.account_arn, "us-east-1"): ("ERROR", None, "ec2:DescribeVpcs"),
        (aws.account_arn, None): ("ERROR", None, "ec2:DescribeVpcs"),
    }


def raised(error: Exception) -> None:
    raise error


@world(SECURITY, WORKLOAD)
def test_an_account_with_nothing_in_it_needs_no_templates(aws: Cloud) -> Expected:
    # What is in a region that is not judged does not count.
    aws.client("s3", "us-east-1").create_bucket(Bucket="acme-logs")
    trail(aws, "main", "acme-logs", "us-east-1")
    aws.facts(**IMPORTANT, regions=["eu-west-1"])
    return {aws.account_arn: ("NOT_APPLICABLE", None, "nothing of the kind")}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "is not what Terraform shows of a state"),
        ('{"format_version": "1.0", "values": []}', "is not what Terraform shows of a state"),
        ("[" * 100_000, "is not what Terraform shows of a state"),
        (b"\xff\xfe{\x00}\x00", "is not what Terraform shows of a state"),
        ('{"version": 4, "lineage": "x", "resources": []}', "is a state as Terraform keeps it"),
        ('{"format_version": "1.2", "planned_values": {}, "values": {}}', "is a plan, not a state"),
        ("{}", "is not of a format that is known"),
        ('{"format_version": "2.0"}', "is not of a format that is known"),
    ],
    ids=["cut", "shape", "deep", "utf-16", "kept", "plan", "empty", "format"],
)
def test_a_file_that_is_not_what_terraform_shows_is_said_in_one_line(content: str | bytes, says: str) -> None:
    file = Path(state_file(content))
    with pytest.raises(Undecided) as error:
        terraform_state(Profile(name="prod", templates=Templates(terraform_state=Paths([file.name], "templates.terraform_state", str(file.parent)))))
    assert str(error.value).startswith(f"templates.terraform_state: state.json {says}")
    assert "\n" not in str(error.value)
    file.unlink()


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terraform, "LARGEST", 2_000_000)
    file = state_file('{"format_version": "1.0"}' + " " * 2_000_000)
    with pytest.raises(Undecided, match=r"state\.json is larger than 2 MB: it was not read"):
        terraform_state(Profile(name="prod", templates=Templates(terraform_state=Paths([file], "templates.terraform_state"))))


@pytest.mark.parametrize("content", ['{"format_version": "1.0"}', '\ufeff{"format_version": "0.1", "values": {"root_module": {}}}'])
def test_an_empty_state_has_nothing(content: str) -> None:
    file = Path(state_file(content))
    state = terraform_state(Profile(name="prod", templates=Templates(terraform_state=Paths([str(file)], "templates.terraform_state"))))
    assert state is not None
    assert state.get(("aws_vpc",), "arn", "id", None) is None


@world(WORKLOAD, regions=BOTH)
def test_workloads_by_whether_most_are_in_stacks(aws: Cloud) -> Expected:
    enabled(aws)
    ec2 = aws.client("ec2")
    vpc, group = network(aws, "web")
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{aws.region}{z}")["Subnet"]["SubnetId"]
        for n, z in ((0, "a"), (1, "b"))
    ]
    run = ec2.run_instances(ImageId="ami-12345678", MinCount=4, MaxCount=4, SubnetId=subnets[0])["Instances"]
    good, hand, grouped, node = [each["InstanceId"] for each in run]
    principal = {"Managed": True, "Principal": "eks.amazonaws.com"}
    marked(aws, "ec2:DescribeInstances", "Instances", {"InstanceId": node}, Operator=principal)
    balancer = aws.client("elbv2").create_load_balancer(Name="web", Subnets=subnets, SecurityGroups=[group], Scheme="internal")["LoadBalancers"][0][
        "LoadBalancerArn"
    ]
    login = {"MasterUsername": "acme", "MasterUserPassword": "correct-horse-9"}
    aws.client("rds").create_db_instance(DBInstanceIdentifier="db", DBInstanceClass="db.t4g.micro", Engine="postgres", AllocatedStorage=20, **login)
    aws.client("rds").create_db_cluster(DBClusterIdentifier="graph", Engine="neptune", **login)
    run_as = role(aws, "run")
    code = {"ZipFile": b"x"}
    checkout = aws.client("lambda").create_function(FunctionName="checkout", Runtime="python3.12", Role=run_as, Handler="h", Code=code)["FunctionArn"]
    ecs = aws.client("ecs")
    ecs.create_cluster(clusterName="shop")
    ecs.register_task_definition(family="web", containerDefinitions=[])
    service = ecs.create_service(cluster="shop", serviceName="web", taskDefinition="web")["service"]["serviceArn"]
    columns = {"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}
    aws.client("dynamodb").create_table(TableName="orders", BillingMode="PAY_PER_REQUEST", **columns)
    queue = aws.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
    topic, other = (aws.client("sns").create_topic(Name=name)["TopicArn"] for name in ("news", "other"))
    # What a stack has is judged by that, whoever keeps it.
    tagged(aws, {aws.arn("ec2", f"instance/{each}"): {"aws:autoscaling:groupName": "web"} for each in (good, grouped)})
    held(
        aws,
        (
            stack(aws, "shop"),
            [
                ("AWS::EC2::Instance", good),
                ("AWS::ElasticLoadBalancingV2::LoadBalancer", balancer),
                ("AWS::RDS::DBInstance", "db"),
                ("AWS::Neptune::DBCluster", "graph"),
                ("AWS::Lambda::Function", "checkout"),
                ("AWS::ECS::Service", service),
                ("AWS::DynamoDB::GlobalTable", "orders"),
                ("AWS::SQS::Queue", queue),
                ("AWS::SNS::Topic", topic),
            ],
        ),
    )
    instances = {each: aws.arn("ec2", f"instance/{each}") for each in (good, hand, grouped, node)}
    return {
        instances[good]: "PASS",
        instances[hand]: ("FAIL", "low", "in no template"),
        instances[grouped]: ("NOT_APPLICABLE", None, "aws:autoscaling:groupName = web"),
        instances[node]: ("NOT_APPLICABLE", None, "eks.amazonaws.com manages it"),
        **dict.fromkeys((balancer, checkout, service, topic), "PASS"),
        aws.arn("rds", "db:db"): "PASS",
        aws.arn("rds", "cluster:graph"): "PASS",
        aws.arn("dynamodb", "table/orders"): "PASS",
        aws.arn("sqs", "jobs"): "PASS",
        other: "FAIL",
    }


@world(WORKLOAD)
def test_workloads_that_no_stack_has_are_asked_about_once(aws: Cloud) -> Expected:
    aws.facts(regions=["eu-west-1"])
    for name in ("one", "two"):
        aws.client("sns").create_topic(Name=name)
    aws.simulated.over("sqs:ListQueues", lambda region, parsed: parsed.pop("QueueUrls", None))
    return {aws.account_arn: ("MANUAL", None, "templates.iac_tags")}


EDGES: dict[str, dict[str, Any]] = {
    "stack_state_consistent": {
        "done, rolled back, failed": test_stacks_by_how_their_last_deployment_ended,
        "under way, nested, deleted, none": test_stacks_by_how_their_last_deployment_ended,
    },
    "stack_no_drift": {
        "in sync, drifted, nested, leaving, not told": test_stacks_by_what_drift_detection_found,
        "not checked, unknown, too long ago": test_what_was_not_looked_for_lately_is_asked_once_for_the_account,
        "none": test_without_stacks_nothing_can_drift,
        "a region denied": test_a_region_that_does_not_tell_its_stacks_is_an_error_of_that_region,
    },
    "stack_termination_protection": {
        "protected, bare": test_stacks_by_whether_one_command_deletes_them,
        "nested, of a stack set, not deployed, none": test_stacks_by_whether_one_command_deletes_them,
    },
    "deployment_pipeline_exists": {
        "pipelines that deploy, and others": test_a_pipeline_of_any_region_that_deploys_is_one,
        "a role of CI in use": test_a_role_that_a_ci_system_assumes_is_the_sign_of_a_pipeline,
        "a role of CI unused, roles of others": test_a_role_that_nobody_uses_is_no_sign_of_a_pipeline,
        "a region denied": test_where_pipelines_could_not_be_read_there_may_be_one,
    },
    "pipeline_source_is_repository": {
        "repositories, stores, one's own": test_pipelines_by_where_they_start,
        "gone, strange, without source, none": test_pipelines_by_where_they_start,
    },
    "repositories_hold_templates": {
        "every kind, none but in tests and others' code, not there": test_repositories_by_the_templates_in_them,
        "security in an application's": test_security_configuration_in_the_repository_of_an_application,
        "not readable, no security repository": test_a_template_that_git_has_and_the_working_tree_lacks_leaves_it_open,
        "no repositories": test_without_repositories_it_is_asked_where_templates_lie,
    },
    "security_resource_managed_by_template": {
        "every kind in stacks, missing there, exempt": test_where_most_is_in_stacks_the_rest_is_missing_there,
        "tags and Terraform's state": test_what_tags_and_terraform_tell_counts_where_the_profile_names_them,
        "stacks of others, just half": test_stacks_of_others_do_not_say_how_the_account_is_deployed,
        "stacks denied, and not to be read": test_a_denied_call_is_named_before_a_stack_that_cannot_be_read,
        "stacks and states that do not tell": test_what_stacks_and_states_do_not_tell_is_left_open,
        "stacks and a kind denied": test_what_could_not_be_read_is_an_error_of_what_rests_on_it,
        "a region denied": test_where_a_kind_could_not_be_listed_nobody_knows_what_most_is,
        "nothing": test_an_account_with_nothing_in_it_needs_no_templates,
    },
    "workload_resource_managed_by_template": {
        "every kind in a stack, missing there, exempt": test_workloads_by_whether_most_are_in_stacks,
        "no stacks": test_workloads_that_no_stack_has_are_asked_about_once,
        "nothing": test_an_account_with_nothing_in_it_needs_no_templates,
    },
}
