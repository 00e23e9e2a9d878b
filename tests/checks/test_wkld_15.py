"""WKLD.15's checks, each shown to pass, to fail, and at its edges."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from tests.support.checkouts import made, nowhere
from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_15_templates as suite

BOTH = ("eu-west-1", "us-east-1")
STATE, DRIFT, PROTECTED = suite.test_stack_state_consistent, suite.test_stack_no_drift, suite.test_stack_termination_protection
PIPELINE, SOURCE = suite.test_deployment_pipeline_exists, suite.test_pipeline_source_is_repository
REPOSITORIES = suite.test_repositories_hold_templates
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


EDGES: dict[str, dict[str, Any]] = {
    "stack_state_consistent": {"every way to end, nested, unknown, deleted, none": test_stacks_by_how_their_last_deployment_ended},
    "stack_no_drift": {
        "in sync, drifted, nested, leaving, not told": test_stacks_by_what_drift_detection_found,
        "not checked, unknown, too long ago": test_what_was_not_looked_for_lately_is_asked_once_for_the_account,
        "none": test_without_stacks_nothing_can_drift,
        "a region denied": test_a_region_that_does_not_tell_its_stacks_is_an_error_of_that_region,
    },
    "stack_termination_protection": {
        "protected, bare, nested, of a stack set, not deployed, none": test_stacks_by_whether_one_command_deletes_them,
    },
    "deployment_pipeline_exists": {
        "pipelines that deploy, and others": test_a_pipeline_of_any_region_that_deploys_is_one,
        "a role of CI in use": test_a_role_that_a_ci_system_assumes_is_the_sign_of_a_pipeline,
        "a role of CI unused, roles of others": test_a_role_that_nobody_uses_is_no_sign_of_a_pipeline,
        "a region denied": test_where_pipelines_could_not_be_read_there_may_be_one,
    },
    "pipeline_source_is_repository": {"repositories, stores, one's own, gone, strange, none": test_pipelines_by_where_they_start},
    "repositories_hold_templates": {
        "every kind, none but in tests and others' code, not there": test_repositories_by_the_templates_in_them,
        "security in an application's": test_security_configuration_in_the_repository_of_an_application,
        "not readable, no security repository": test_a_template_that_git_has_and_the_working_tree_lacks_leaves_it_open,
        "no repositories": test_without_repositories_it_is_asked_where_templates_lie,
    },
}
