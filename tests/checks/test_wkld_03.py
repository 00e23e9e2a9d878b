"""WKLD.03's checks, each shown to pass, to fail, and at its edges. No value here is a credential of anything."""

import base64
import functools
import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_ssb.findings import Finding
from tests.support.worlds import Cloud, Expected, World, built, judge, world
from tests_workload import test_wkld_03_secrets as suite

LAMBDA, ECS, USER_DATA = suite.test_lambda_no_plaintext_secrets, suite.test_ecs_task_no_plaintext_secrets, suite.test_ec2_user_data_no_secrets
LAUNCH, CODEBUILD, STACKS = (
    suite.test_launch_template_no_secrets,
    suite.test_codebuild_no_plaintext_secrets,
    suite.test_cloudformation_no_plaintext_secrets,
)
OTHERS, PARAMETERS = suite.test_other_services_no_plaintext_secrets, suite.test_ssm_parameter_secret_is_securestring
KEYS, ROTATION, ROTATED = suite.test_ssm_securestring_key_usable, suite.test_secret_rotation_enabled, suite.test_secret_rotation_effective
IN_USE = suite.test_secrets_service_in_use
BOTH = ("eu-west-1", "us-east-1")
PASSWORD = "hunter2"
EXAMPLE = "AK" + "IAIOSFODNN7EXAMPLE"
TOKEN = "gh" + "p_" + "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zCaB3d"
SCRIPT = f"#!/bin/bash\nyum update -y\nexport DB_PASSWORD={PASSWORD}\n"


def error(operation: str, code: str = "AccessDenied") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, operation.partition(":")[2])


def denied(aws: Cloud, operation: str) -> None:
    aws.simulated.instead(operation, lambda region, body: error(operation))


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


# --- lambda_no_plaintext_secrets -------------------------------------------------------------------------------------------------------------


def functions(aws: Cloud, **variables: dict[str, str] | None) -> dict[str, str]:
    """Functions with these variables, as AWS tells of them; moto needs a role and code for each. The ARNs by their names."""
    arns = {name: aws.arn("lambda", f"function:{name}") for name in variables}
    told = [
        {"FunctionName": name, "FunctionArn": arns[name], **({} if held is None else {"Environment": {"Variables": held}})}
        for name, held in variables.items()
    ]
    aws.simulated.instead("lambda:ListFunctions", lambda region, body: {"Functions": told if region == aws.region else []})
    return arns


@world(LAMBDA)
def test_functions_by_their_variables(aws: Cloud) -> Expected:
    arns = functions(
        aws,
        password={"DB_HOST": "db.internal", "DB_PASSWORD": PASSWORD},
        token={"SETTING": TOKEN},
        json={"APP": json.dumps({"db": {"password": PASSWORD}})},
        example={"KEY_ID": EXAMPLE},
        reference={"DB_PASSWORD": "{{resolve:secretsmanager:db}}", "DB_SECRET_ARN": aws.arn("secretsmanager", "secret:db-AbCdEf")},
        parameter={"DB_PASSWORD_PARAMETER": "/app/prod/db_password"},
        silent=None,
        empty={},
    )
    return {
        arns["password"]: ("FAIL", "critical", "a secret in DB_PASSWORD (the name says so)"),
        arns["token"]: ("FAIL", "critical", "SETTING (GitHub Token)"),
        arns["json"]: ("FAIL", "critical", "APP (the name says so)"),
        arns["example"]: ("FAIL", "low", "KEY_ID (AWS Access Key)"),
        **{arns[name]: "PASS" for name in ("reference", "parameter", "silent", "empty")},
    }


@world(LAMBDA)
def test_what_the_user_declares_harmless_passes(aws: Cloud) -> Expected:
    aws.facts(secrets={"harmless_names": ["LEGACY_*"], "harmless_values": [f"{PASSWORD}*"]})
    arns = functions(aws, name={"LEGACY_TOKEN": "something"}, value={"DB_PASSWORD": PASSWORD}, other={"DB_PASSWORD": "other-one"})
    return {
        arns["name"]: ("PASS", None, "secrets.harmless_names = entry 1"),
        arns["value"]: ("PASS", None, "secrets.harmless_values = entry 1"),
        arns["other"]: ("FAIL", "critical", "DB_PASSWORD"),
    }


@world(LAMBDA)
def test_variables_that_kms_hides_are_an_error(aws: Cloud) -> Expected:
    arns = functions(aws, hidden={}, nothing={}, clean={})

    def hide(region: str, asked: Any) -> dict[str, Any]:
        environments: dict[str, Any] = {
            "hidden": {"Error": {"ErrorCode": "KMSAccessDeniedException", "Message": "..."}},
            "nothing": {},
            "clean": {"Variables": {"STAGE": "prod"}},
        }
        return {"Functions": [{"FunctionName": name, "FunctionArn": arns[name], "Environment": held} for name, held in environments.items()]}

    aws.simulated.instead("lambda:ListFunctions", hide)
    return {
        arns["hidden"]: ("ERROR", None, "does not tell the variables: KMSAccessDeniedException"),
        arns["nothing"]: ("ERROR", None, "needs Variables or Error"),
        arns["clean"]: "PASS",
    }


@world(LAMBDA, regions=BOTH)
def test_no_functions(aws: Cloud) -> Expected:
    return {(aws.account_arn, region): ("NOT_APPLICABLE", None, "no functions") for region in aws.regions}


def test_no_value_is_in_any_finding() -> None:
    """Neither of a secret, nor of what stands beside one."""

    def build(aws: Cloud) -> Expected:
        functions(aws, one={"DB_PASSWORD": "Tr0ub4dor", "SETTING": TOKEN, "PLAIN": "plainly-to-be-seen"})
        return {}

    with built(World(LAMBDA, build)) as (cloud, _):
        found: list[Finding] = judge(LAMBDA, cloud)
    for value in ("Tr0ub4dor", TOKEN, "plainly-to-be-seen"):
        assert value not in repr(found)


# --- ecs_task_no_plaintext_secrets -----------------------------------------------------------------------------------------------------------


def container(name: str = "web", **more: Any) -> dict[str, Any]:
    return {"name": name, "image": "acme/web", "memory": 128, **more}


def definition(aws: Cloud, family: str, *containers: dict[str, Any]) -> str:
    arn: str = aws.client("ecs").register_task_definition(family=family, containerDefinitions=list(containers))["taskDefinition"]["taskDefinitionArn"]
    return arn


SPOKEN: dict[str, Any] = {"environment": [{"name": "DB_PASSWORD", "value": PASSWORD}]}
QUIET: dict[str, Any] = {
    "environment": [{"name": "STAGE", "value": "prod"}],
    "secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"}],
    "command": ["--password-stdin", "run"],
    "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "acme"}},
}


@world(ECS)
def test_task_definitions_by_what_is_in_their_containers(aws: Cloud) -> Expected:
    return {
        definition(aws, "environment", container("side", **QUIET), container(**SPOKEN)): ("FAIL", "critical", "container web: DB_PASSWORD"),
        definition(aws, "command", container(command=["run", "--password", PASSWORD])): (
            "FAIL",
            "critical",
            "container web, command: line 1, password",
        ),
        definition(aws, "entry", container(entryPoint=["sh", "-c", f"PASSWORD={PASSWORD} run"])): ("FAIL", "critical", "line 1, PASSWORD"),
        definition(aws, "log", container(logConfiguration={"logDriver": "splunk", "options": {"splunk-token": PASSWORD}})): (
            "FAIL",
            "critical",
            "container web, log options: splunk-token",
        ),
        definition(aws, "quiet", container(**QUIET)): "PASS",
        definition(aws, "files", container(environmentFiles=[{"type": "s3", "value": "arn:aws:s3:::acme/x.env"}])): (
            "PASS",
            None,
            "in S3 were not read",
        ),
        definition(aws, "plain", container()): "PASS",
    }


@world(ECS)
def test_an_old_revision_counts_only_while_it_is_used(aws: Cloud) -> Expected:
    ecs = aws.client("ecs")
    ecs.create_cluster(clusterName="acme")
    served, forgotten = definition(aws, "served", container(**SPOKEN)), definition(aws, "forgotten", container(**SPOKEN))
    ecs.create_service(cluster="acme", serviceName="web", taskDefinition=served, desiredCount=0)
    newest = [definition(aws, "served", container()), definition(aws, "forgotten", container())]
    assert forgotten not in newest
    return {served: ("FAIL", "critical", "DB_PASSWORD"), **dict.fromkeys(newest, "PASS")}


def running(aws: Cloud, tasks: list[dict[str, Any]], services: list[dict[str, Any]] | None = None) -> None:
    """A cluster in which these tasks run, which moto could only with instances, and these services."""
    aws.client("ecs").create_cluster(clusterName="acme")
    arns = [aws.arn("ecs", f"task/acme/{n}") for n in range(len(tasks))]
    told = [{"taskArn": arn, **task} for arn, task in zip(arns, tasks, strict=True)]
    aws.simulated.instead("ecs:ListTasks", lambda region, body: {"taskArns": arns})
    aws.simulated.instead(
        "ecs:DescribeTasks", lambda region, body: {"tasks": [each for each in told if each["taskArn"] in body["tasks"]], "failures": []}
    )
    if services is not None:
        names = [aws.arn("ecs", f"service/acme/{n}") for n in range(len(services))]
        aws.simulated.instead("ecs:ListServices", lambda region, body: {"serviceArns": names})
        aws.simulated.instead("ecs:DescribeServices", lambda region, body: {"services": services, "failures": []})


@world(ECS)
def test_running_tasks_and_what_they_override(aws: Cloud) -> Expected:
    old, overridden = definition(aws, "job", container(**SPOKEN)), definition(aws, "tool", container())
    newest = definition(aws, "job", container())
    tasks: list[dict[str, Any]] = [
        {"taskDefinitionArn": old},
        {"taskDefinitionArn": newest, "overrides": {}},
        {"taskDefinitionArn": newest, "overrides": {"containerOverrides": [{"name": "web"}]}},
    ]
    overrides: tuple[dict[str, Any], ...] = (SPOKEN, {"command": ["run"]})
    tasks += [{"taskDefinitionArn": overridden, "overrides": {"containerOverrides": [{"name": "web", **each}]}} for each in overrides]
    running(aws, tasks)
    return {
        old: ("FAIL", "critical", "container web: DB_PASSWORD"),
        overridden: ("FAIL", "critical", "a running task's override of container web: DB_PASSWORD"),
        newest: "PASS",
    }


@world(ECS)
def test_a_running_task_overrides_a_command_with_a_secret(aws: Cloud) -> Expected:
    arn = definition(aws, "tool", container())
    running(aws, [{"taskDefinitionArn": arn, "overrides": {"containerOverrides": [{"name": "web", "command": ["x", f"--password={PASSWORD}"]}]}}])
    return {arn: ("FAIL", "critical", "command: line 1, password")}


@world(ECS)
def test_task_sets_and_deployments_count(aws: Cloud) -> Expected:
    first, second = definition(aws, "blue", container(**SPOKEN)), definition(aws, "blue", container(**SPOKEN))
    newest = definition(aws, "blue", container())
    services = [{"deployments": [{"taskDefinition": newest}], "taskSets": [{"taskDefinition": first}]}, {"deployments": [{"taskDefinition": second}]}]
    running(aws, [], services)
    return {first: ("FAIL", "critical", "DB_PASSWORD"), second: ("FAIL", "critical", "DB_PASSWORD"), newest: "PASS"}


@world(ECS)
def test_more_tasks_than_are_described_at_once(aws: Cloud) -> Expected:
    arn = definition(aws, "tool", container())
    running(aws, [{"taskDefinitionArn": arn}] * 100 + [{"taskDefinitionArn": arn, "overrides": {"containerOverrides": [{"name": "web", **SPOKEN}]}}])
    return {arn: ("FAIL", "critical", "override of container web: DB_PASSWORD")}


@world(ECS)
def test_tasks_that_are_gone_are_left_out_and_others_missed(aws: Cloud) -> Expected:
    arn = definition(aws, "tool", container())
    running(aws, [{"taskDefinitionArn": arn}] * 2)
    failures = [{"arn": aws.arn("ecs", f"task/acme/{n}"), "reason": "MISSING"} for n in range(2)]
    aws.simulated.instead("ecs:DescribeTasks", lambda region, body: {"tasks": [], "failures": failures})
    return {arn: "PASS"}


@world(ECS)
def test_a_task_that_is_not_described_is_an_error(aws: Cloud) -> Expected:
    arn = definition(aws, "tool", container())
    running(aws, [{"taskDefinitionArn": arn}])
    aws.simulated.instead("ecs:DescribeTasks", lambda region, body: {"tasks": [], "failures": [{"reason": "ACCESS_DENIED"}]})
    return {aws.account_arn: ("ERROR", None, "ecs:DescribeTasks answered fewer tasks than were asked for")}


@world(ECS)
def test_denied_services_are_an_error(aws: Cloud) -> Expected:
    definition(aws, "tool", container(**SPOKEN))
    aws.client("ecs").create_cluster(clusterName="acme")
    denied(aws, "ecs:ListServices")
    return {aws.account_arn: ("ERROR", None, "ecs:ListServices is denied")}


@world(ECS)
def test_a_denied_definition_is_an_error_of_its_own(aws: Cloud) -> Expected:
    good = definition(aws, "good", container())
    definition(aws, "lost", container())
    told = aws.client("ecs").describe_task_definition(taskDefinition="good")["taskDefinition"]
    aws.simulated.instead(
        "ecs:DescribeTaskDefinition",
        lambda region, body: {"taskDefinition": told} if body["taskDefinition"] == "good" else error("ecs:DescribeTaskDefinition"),
    )
    return {good: "PASS", aws.arn("ecs", "task-definition/lost"): ("ERROR", None, "ecs:DescribeTaskDefinition is denied")}


@world(ECS)
def test_no_task_definitions(aws: Cloud) -> Expected:
    aws.client("ecs").create_cluster(clusterName="acme")
    return {aws.account_arn: "NOT_APPLICABLE"}


# --- ec2_user_data_no_secrets ----------------------------------------------------------------------------------------------------------------


def instance(aws: Cloud, user_data: str | bytes | None = None) -> str:
    given = {} if user_data is None else {"UserData": user_data}
    made = aws.client("ec2").run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, **given)["Instances"][0]["InstanceId"]
    return aws.arn("ec2", f"instance/{made}")


@world(USER_DATA)
def test_instances_by_their_user_data(aws: Cloud) -> Expected:
    parts = f'Content-Type: multipart/mixed; boundary="//"\nMIME-Version: 1.0\n\n--//\nContent-Type: text/x-shellscript\n\necho\n--//\n\n{SCRIPT}\n--//--\n'
    return {
        instance(aws, SCRIPT): ("FAIL", "critical", "a secret in line 3, DB_PASSWORD"),
        instance(aws, gzip.compress(SCRIPT.encode(), mtime=0)): ("FAIL", "critical", "line 3, DB_PASSWORD"),
        instance(aws, parts): ("FAIL", "critical", "part 2: line"),
        instance(aws, "#!/bin/bash\nexport DB_PASSWORD=$(aws ssm get-parameter --name /db)"): "PASS",
        instance(aws): "PASS",
        instance(aws, b"\x7fELF\0\0"): ("ERROR", None, "no text: it was not looked into"),
    }


@world(USER_DATA)
def test_instances_in_all_states_but_those_of_their_end(aws: Cloud) -> Expected:
    arns = [instance(aws, SCRIPT) for _ in range(6)]
    states = ("pending", "running", "stopping", "stopped", "shutting-down", "terminated")

    def change(region: str, parsed: Any) -> None:
        for arn, state in zip(arns, states, strict=True):
            for each in (each for reservation in parsed["Reservations"] for each in reservation["Instances"]):
                if arn.endswith(each["InstanceId"]):
                    each["State"]["Name"] = state

    aws.simulated.over("ec2:DescribeInstances", change)
    return dict.fromkeys(arns[:4], ("FAIL", "critical", "DB_PASSWORD"))


@world(USER_DATA)
def test_an_instance_that_a_service_manages_is_left_to_it(aws: Cloud) -> Expected:
    arn = instance(aws, SCRIPT)

    def change(region: str, parsed: Any) -> None:
        parsed["Reservations"][0]["Instances"][0]["Operator"] = {"Managed": True, "Principal": "eks.amazonaws.com"}

    aws.simulated.over("ec2:DescribeInstances", change)
    return {arn: ("NOT_APPLICABLE", None, "managed by eks.amazonaws.com")}


@world(USER_DATA)
def test_an_instance_that_cannot_be_read_is_an_error_of_its_own(aws: Cloud) -> Expected:
    lost, good = instance(aws), instance(aws)

    def change(region: str, parsed: Any) -> None:
        for each in (each for reservation in parsed["Reservations"] for each in reservation["Instances"]):
            if lost.endswith(each["InstanceId"]):
                del each["State"]

    aws.simulated.over("ec2:DescribeInstances", change)
    return {lost: ("ERROR", None, "a Instance that we cannot read"), good: "PASS"}


@world(USER_DATA)
def test_an_instance_that_is_gone_leaves_nothing(aws: Cloud) -> Expected:
    instance(aws, SCRIPT)
    aws.simulated.instead("ec2:DescribeInstanceAttribute", lambda region, body: error("ec2:DescribeInstanceAttribute", "InvalidInstanceID.NotFound"))
    return {aws.account_arn: ("NOT_APPLICABLE", None, "gone when it was looked at")}


@world(USER_DATA)
def test_denied_user_data_is_an_error(aws: Cloud) -> Expected:
    arn = instance(aws, SCRIPT)
    denied(aws, "ec2:DescribeInstanceAttribute")
    return {arn: ("ERROR", None, "ec2:DescribeInstanceAttribute is denied")}


@world(USER_DATA)
def test_user_data_of_another_shape_is_an_error(aws: Cloud) -> Expected:
    arn = instance(aws, SCRIPT)
    aws.simulated.over("ec2:DescribeInstanceAttribute", lambda region, parsed: parsed.update(UserData={"Value": 7}))
    return {arn: ("ERROR", None, "answered without UserData")}


@world(USER_DATA)
def test_a_reservation_of_another_shape_is_an_error(aws: Cloud) -> Expected:
    aws.simulated.instead("ec2:DescribeInstances", lambda region, body: {"Reservations": [{}]})
    return {aws.account_arn: ("ERROR", None, "a reservation without Instances")}


@world(USER_DATA, regions=BOTH)
def test_no_instances(aws: Cloud) -> Expected:
    return {(aws.account_arn, region): "NOT_APPLICABLE" for region in aws.regions}


# --- launch_template_no_secrets --------------------------------------------------------------------------------------------------------------


def template(aws: Cloud, name: str, *versions: str | bytes | None) -> str:
    """A launch template with a version for each user data; its ARN."""
    ec2, id = aws.client("ec2"), ""
    for user_data in versions:
        data = {"InstanceType": "t3.micro", **({} if user_data is None else {"UserData": encoded(user_data)})}
        if id:
            ec2.create_launch_template_version(LaunchTemplateId=id, LaunchTemplateData=data)
        else:
            id = ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)["LaunchTemplate"]["LaunchTemplateId"]
    return aws.arn("ec2", f"launch-template/{id}")


@world(LAUNCH)
def test_launch_templates_by_the_versions_that_are_in_use(aws: Cloud) -> Expected:
    pinned = template(aws, "pinned", None, SCRIPT, None)
    aws.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="acme",
        LaunchTemplate={"LaunchTemplateName": "pinned", "Version": "2"},
        MinSize=0,
        MaxSize=0,
        AvailabilityZones=[aws.zone],
    )
    return {
        pinned: ("FAIL", "critical", "version 2: line 3, DB_PASSWORD"),
        template(aws, "default", SCRIPT, None): ("FAIL", "critical", "version 1: line 3"),
        template(aws, "latest", None, gzip.compress(SCRIPT.encode(), mtime=0)): ("FAIL", "critical", "version 2: line 3"),
        template(aws, "forgotten", None, SCRIPT, None): "PASS",
        template(aws, "quiet", "#!/bin/bash\necho"): "PASS",
        template(aws, "odd", b"\x7fELF\0\0"): ("ERROR", None, "no text"),
    }


@world(LAUNCH)
def test_launch_configurations(aws: Cloud) -> Expected:
    autoscaling = aws.client("autoscaling")
    for name, user_data in (("spoken", {"UserData": SCRIPT}), ("quiet", {"UserData": "echo"}), ("none", {})):
        autoscaling.create_launch_configuration(LaunchConfigurationName=name, ImageId="ami-12345678", InstanceType="t3.micro", **user_data)

    def as_aws_does(region: str, parsed: Any) -> None:
        for each in parsed["LaunchConfigurations"]:
            each["UserData"] = encoded({"spoken": SCRIPT, "quiet": "echo", "none": ""}[each["LaunchConfigurationName"]])

    aws.simulated.over("autoscaling:DescribeLaunchConfigurations", as_aws_does)
    told = {
        each["LaunchConfigurationName"]: each["LaunchConfigurationARN"]
        for each in autoscaling.describe_launch_configurations()["LaunchConfigurations"]
    }
    return {told["spoken"]: ("FAIL", "critical", "line 3, DB_PASSWORD"), told["quiet"]: "PASS", told["none"]: "PASS"}


@world(LAUNCH)
def test_a_launch_template_that_a_service_manages_is_left_to_it(aws: Cloud) -> Expected:
    arn = template(aws, "nodes", SCRIPT)

    def change(region: str, parsed: Any) -> None:
        for each in parsed["LaunchTemplateVersions"]:
            each["Operator"] = {"Managed": True, "Principal": "eks.amazonaws.com"}

    aws.simulated.over("ec2:DescribeLaunchTemplateVersions", change)
    return {arn: ("NOT_APPLICABLE", None, "managed by eks.amazonaws.com")}


@world(LAUNCH)
def test_a_launch_template_that_cannot_be_read_is_an_error_of_its_own(aws: Cloud) -> Expected:
    lost, good = template(aws, "lost", SCRIPT), template(aws, "good", None)

    def change(region: str, parsed: Any) -> None:
        for each in parsed["LaunchTemplateVersions"]:
            if lost.endswith(each["LaunchTemplateId"]):
                del each["VersionNumber"]

    aws.simulated.over("ec2:DescribeLaunchTemplateVersions", change)
    return {lost: ("ERROR", None, "a Version that we cannot read"), good: "PASS"}


@world(LAUNCH)
def test_a_launch_template_in_parts(aws: Cloud) -> Expected:
    parts = f'Content-Type: multipart/mixed; boundary="//"\n\n--//\nContent-Type: text/x-shellscript\n\necho\n--//\n\n{SCRIPT}\n--//--\n'
    return {template(aws, "parts", parts): ("FAIL", "critical", "version 1, part 2: line 3, DB_PASSWORD")}


@world(LAUNCH)
def test_groups_that_cannot_be_read_leave_a_proven_secret(aws: Cloud) -> Expected:
    denied(aws, "autoscaling:DescribeAutoScalingGroups")
    return {
        template(aws, "spoken", SCRIPT): ("FAIL", "critical", "version 1"),
        template(aws, "quiet", None): ("ERROR", None, "autoscaling:DescribeAutoScalingGroups is denied"),
    }


@world(LAUNCH)
def test_no_launch_templates(aws: Cloud) -> Expected:
    return {aws.account_arn: "NOT_APPLICABLE"}


# --- codebuild_no_plaintext_secrets ----------------------------------------------------------------------------------------------------------


def projects(aws: Cloud, **more: dict[str, Any]) -> dict[str, str]:
    """Projects with these settings, as AWS tells of them; their ARNs by their names."""
    plain = {"source": {"type": "CODEPIPELINE"}, "environment": {"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL"}}
    told: dict[str, dict[str, Any]] = {}
    for name, settings in more.items():
        variables = {"environmentVariables": settings["variables"]} if "variables" in settings else {}
        further = {key: value for key, value in settings.items() if key != "variables"}
        environment = {"environment": {**plain["environment"], **variables}}
        told[name] = {**plain, "name": name, "arn": aws.arn("codebuild", f"project/{name}"), **environment, **further}
    aws.simulated.instead("codebuild:ListProjects", lambda region, body: {"projects": list(told)})
    aws.simulated.instead("codebuild:BatchGetProjects", lambda region, body: {"projects": [told[n] for n in body["names"]], "projectsNotFound": []})
    return {name: each["arn"] for name, each in told.items()}


@world(CODEBUILD)
def test_projects_by_their_variables_and_sources(aws: Cloud) -> Expected:
    def variable(**more: str) -> dict[str, Any]:
        return {"variables": [{"name": "DB_PASSWORD", "value": PASSWORD, **more}]}

    buildspec = f"version: 0.2\nenv:\n  variables:\n    DB_PASSWORD: {PASSWORD}\n"
    address = f"https://acme:{PASSWORD}@git.example/shop"
    arns = projects(
        aws,
        plain=variable(type="PLAINTEXT"),
        unsaid=variable(),
        parameter=variable(type="PARAMETER_STORE"),
        secret=variable(type="SECRETS_MANAGER"),
        inline={"source": {"type": "NO_SOURCE", "buildspec": buildspec}},
        file={"source": {"type": "GITHUB", "location": "https://github.com/acme/shop", "buildspec": "ci/build.yml"}},
        address={"source": {"type": "GITHUB", "location": address}},
        second={"secondarySources": [{"type": "GITHUB", "location": address}, {"type": "NO_SOURCE", "buildspec": buildspec}]},
        quiet={"source": {"type": "NO_SOURCE", "buildspec": "version: 0.2\n"}},
    )
    return {
        arns["plain"]: ("FAIL", "critical", "a secret in DB_PASSWORD"),
        arns["unsaid"]: ("FAIL", "critical", "a secret in DB_PASSWORD"),
        arns["inline"]: ("FAIL", "critical", "buildspec: line 4, DB_PASSWORD"),
        arns["address"]: ("FAIL", "critical", "source: location (password in an address)"),
        arns["second"]: ("FAIL", "critical", "source: location", "buildspec: line 4"),
        **{arns[name]: "PASS" for name in ("parameter", "secret", "file", "quiet")},
    }


@world(CODEBUILD)
def test_projects_that_are_gone_or_missing(aws: Cloud) -> Expected:
    projects(aws, one={}, other={})
    aws.simulated.instead("codebuild:BatchGetProjects", lambda region, body: {"projects": [], "projectsNotFound": ["one"]})
    return {aws.account_arn: ("ERROR", None, "answered fewer projects than were asked for")}


@world(CODEBUILD)
def test_projects_that_are_all_gone(aws: Cloud) -> Expected:
    projects(aws, one={}, other={})
    aws.simulated.instead("codebuild:BatchGetProjects", lambda region, body: {"projects": [], "projectsNotFound": body["names"]})
    return {aws.account_arn: "NOT_APPLICABLE"}


@world(CODEBUILD)
def test_more_projects_than_are_described_at_once(aws: Cloud) -> Expected:
    more: dict[str, dict[str, Any]] = {f"p{n}": {} for n in range(101)}
    more["p100"] = {"variables": [{"name": "DB_PASSWORD", "value": PASSWORD}]}
    arns = projects(aws, **more)
    return {arn: ("FAIL", "critical", "DB_PASSWORD") if name == "p100" else "PASS" for name, arn in arns.items()}


# --- cloudformation_no_plaintext_secrets -----------------------------------------------------------------------------------------------------


def stacks(aws: Cloud, **more: dict[str, Any]) -> dict[str, str]:
    """Stacks as AWS tells of them: `parameters` by key a value, a type, whether NoEcho hides it, a default; `outputs` by key. Their ARNs."""
    arns = {name: aws.arn("cloudformation", f"stack/{name}/{n:08}-0000-0000-0000-000000000000") for n, name in enumerate(more)}
    told, summaries = [], {}
    for name, stack in more.items():
        parameters = stack.get("parameters", {})
        told.append(
            {
                "StackId": arns[name],
                "StackName": name,
                "StackStatus": stack.get("status", "UPDATE_COMPLETE"),
                "CreationTime": "2026-01-01T00:00:00Z",
                "Parameters": [{"ParameterKey": key, "ParameterValue": said[0]} for key, said in parameters.items()],
                "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in stack.get("outputs", {}).items()],
            }
        )
        summaries[name] = [
            {"ParameterKey": key, "ParameterType": said[1], "NoEcho": said[2], **({"DefaultValue": said[3]} if said[3:] else {})}
            for key, said in parameters.items()
        ]
    aws.simulated.instead("cloudformation:DescribeStacks", lambda region, body: {"Stacks": told})
    aws.simulated.instead("cloudformation:GetTemplateSummary", lambda region, body: {"Parameters": summaries[body["StackName"]]})
    return arns


@world(STACKS)
def test_stacks_by_what_they_show(aws: Cloud) -> Expected:
    arns = stacks(
        aws,
        output={"outputs": {"Endpoint": "https://db", "AdminPassword": PASSWORD}},
        shown={"parameters": {"DbPassword": (PASSWORD, "String", False)}},
        unmasked={"parameters": {"DbPassword": (PASSWORD, "String", True)}},
        masked={"parameters": {"DbPassword": ("****", "String", True)}},
        default={"parameters": {"DbPassword": ("****", "String", True, PASSWORD)}},
        reference={"parameters": {"DbPassword": ("{{resolve:ssm-secure:/db}}", "String", False)}},
        looked_up={"parameters": {"DbPassword": ("db-password", "AWS::SSM::Parameter::Value<String>", False)}},
        deleted={"outputs": {"AdminPassword": PASSWORD}, "status": "DELETE_COMPLETE"},
        quiet={},
    )
    del arns["deleted"]
    return {
        arns["output"]: ("FAIL", "high", "output: AdminPassword"),
        arns["shown"]: ("FAIL", "high", "parameter: DbPassword"),
        arns["default"]: ("FAIL", "high", "default value of parameter: DbPassword"),
        **{arns[name]: "PASS" for name in ("unmasked", "masked", "reference", "looked_up", "quiet")},
    }


@world(STACKS)
def test_a_parameter_that_the_template_does_not_know_counts_as_shown(aws: Cloud) -> Expected:
    arns = stacks(aws, odd={"parameters": {"DbPassword": (PASSWORD, "String", True)}})
    aws.simulated.instead("cloudformation:GetTemplateSummary", lambda region, body: {"Parameters": []})
    return {arns["odd"]: ("FAIL", "high", "parameter: DbPassword")}


@world(STACKS)
def test_a_denied_template_is_an_error(aws: Cloud) -> Expected:
    arns = stacks(aws, one={"parameters": {"DbPassword": (PASSWORD, "String", True)}}, other={})
    denied(aws, "cloudformation:GetTemplateSummary")
    return {arns["one"]: ("ERROR", None, "cloudformation:GetTemplateSummary is denied"), arns["other"]: "PASS"}


@world(STACKS, regions=BOTH)
def test_no_stacks(aws: Cloud) -> Expected:
    return {(aws.account_arn, region): "NOT_APPLICABLE" for region in aws.regions}


# --- other_services_no_plaintext_secrets -----------------------------------------------------------------------------------------------------

# What lists nothing: the answers of all these services where a world has none of their resources.
EMPTY: dict[str, Any] = {
    "batch:DescribeJobDefinitions": {"jobDefinitions": []},
    "apprunner:ListServices": {"ServiceSummaryList": []},
    "glue:GetJobs": {"Jobs": []},
    "stepfunctions:ListStateMachines": {"stateMachines": []},
    "apigateway:GetRestApis": {"items": []},
    "apigatewayv2:GetApis": {"Items": []},
    "elasticbeanstalk:DescribeEnvironments": {"Environments": []},
    "amplify:ListApps": {"apps": []},
    "ssm:ListDocuments": {"DocumentIdentifiers": []},
    "sagemaker:ListNotebookInstanceLifecycleConfigs": {"NotebookInstanceLifecycleConfigs": []},
}


def answers(aws: Cloud, **given: Any) -> None:
    """Answer these operations, written `service__Operation`, with what is given, or what a function makes of what was asked; the rest lists nothing."""
    told = EMPTY | {name.replace("__", ":"): answer for name, answer in given.items()}
    for operation, answer in told.items():
        aws.simulated.instead(operation, functools.partial(_given, answer))


def _given(answer: Any, region: str, body: Any) -> Any:
    return answer(body) if callable(answer) else answer


SECRET_VARIABLE = [{"name": "DB_PASSWORD", "value": PASSWORD}]


@world(OTHERS)
def test_batch_job_definitions(aws: Cloud) -> Expected:
    def job(name: str, revision: int = 1, **runs: Any) -> dict[str, Any]:
        arn = aws.arn("batch", f"job-definition/{name}:{revision}")
        return {"jobDefinitionName": name, "jobDefinitionArn": arn, "revision": revision, "type": "container", "status": "ACTIVE", **runs}

    spoken = {"image": "x", "environment": SECRET_VARIABLE}
    jobs = [
        job("container", containerProperties=spoken),
        job("command", containerProperties={"command": ["run", "--password", PASSWORD]}),
        job("tasks", ecsProperties={"taskProperties": [{"containers": [{"image": "x"}, spoken]}]}),
        job("taskcommand", ecsProperties={"taskProperties": [{"containers": [{"command": [f"--password={PASSWORD}"]}]}]}),
        job("pod", eksProperties={"podProperties": {"containers": [{"env": SECRET_VARIABLE}]}}),
        job("podcommand", eksProperties={"podProperties": {"containers": [{"command": [f"--password={PASSWORD}"]}]}}),
        job("init", eksProperties={"podProperties": {"initContainers": [{"args": [f"--password={PASSWORD}"]}]}}),
        job("nodes", nodeProperties={"nodeRangeProperties": [{"targetNodes": "0:", "container": spoken}]}),
        job("old", 1, containerProperties=spoken),
        job("old", 2, containerProperties={"image": "x"}),
        job("quiet", containerProperties={"secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:x"}]}),
        job("nothing"),
    ]
    answers(aws, batch__DescribeJobDefinitions=lambda body: {"jobDefinitions": jobs} if body.get("status") == "ACTIVE" else {})
    failing = ("container", "tasks", "pod", "nodes")
    return {
        **{aws.arn("batch", f"job-definition/{name}:1"): ("FAIL", "high", "a secret in DB_PASSWORD") for name in failing},
        **{aws.arn("batch", f"job-definition/{name}:1"): ("FAIL", "high", "command") for name in ("command", "taskcommand", "podcommand", "init")},
        aws.arn("batch", "job-definition/old:2"): "PASS",
        aws.arn("batch", "job-definition/quiet:1"): "PASS",
        aws.arn("batch", "job-definition/nothing:1"): ("ERROR", None, "a job definition needs"),
    }


@world(OTHERS)
def test_apprunner_services(aws: Cloud) -> Expected:
    image: dict[str, Any] = {"ImageRepository": {"ImageConfiguration": {"RuntimeEnvironmentVariables": {"DB_PASSWORD": PASSWORD}}}}
    code: dict[str, Any] = {
        "CodeRepository": {
            "CodeConfiguration": {"CodeConfigurationValues": {"RuntimeEnvironmentVariables": {"DB_PASSWORD": PASSWORD}}},
        }
    }
    sources: dict[str, dict[str, Any]] = {
        "image": image,
        "command": {"ImageRepository": {"ImageConfiguration": {"StartCommand": f"run --password {PASSWORD}"}}},
        "code": code,
        "build": {"CodeRepository": {"CodeConfiguration": {"CodeConfigurationValues": {"BuildCommand": f"PASSWORD={PASSWORD} make"}}}},
        "file": {"CodeRepository": {"CodeConfiguration": {"ConfigurationSource": "REPOSITORY"}}},
        "bare": {"CodeRepository": {}},
        "silent": {"ImageRepository": {}},
        "nowhere": {},
        "deleted": image,
    }
    arns = {name: aws.arn("apprunner", f"service/{name}/0123") for name in sources}
    listed = [{"ServiceName": n, "ServiceArn": arns[n], "Status": "DELETED" if n == "deleted" else "RUNNING"} for n in sources]
    answers(
        aws,
        apprunner__ListServices={"ServiceSummaryList": listed},
        apprunner__DescribeService=lambda body: {"Service": {"SourceConfiguration": sources[body["ServiceArn"].split("/")[1]]}},
    )
    return {
        arns["image"]: ("FAIL", "high", "a secret in DB_PASSWORD"),
        arns["command"]: ("FAIL", "high", "commands: line 1, password"),
        arns["code"]: ("FAIL", "high", "a secret in DB_PASSWORD"),
        arns["build"]: ("FAIL", "high", "commands: line 2, PASSWORD"),
        **{arns[name]: "PASS" for name in ("file", "bare", "silent")},
        arns["nowhere"]: ("ERROR", None, "comes from nowhere"),
    }


@world(OTHERS)
def test_glue_jobs(aws: Cloud) -> Expected:
    jobs = [
        {"Name": "default", "DefaultArguments": {"--db_password": PASSWORD, "--TempDir": "s3://acme/tmp"}},
        {"Name": "fixed", "NonOverridableArguments": {"--db_password": PASSWORD}},
        {"Name": "quiet", "DefaultArguments": {"--secret_name": "prod/db"}},
    ]
    answers(aws, glue__GetJobs={"Jobs": jobs})
    arns = {name: aws.arn("glue", f"job/{name}") for name in ("default", "fixed", "quiet")}
    return {arns["default"]: ("FAIL", "high", "--db_password"), arns["fixed"]: ("FAIL", "high", "--db_password"), arns["quiet"]: "PASS"}


@world(OTHERS)
def test_state_machines(aws: Cloud) -> Expected:
    def definition(**parameters: str) -> str:
        return json.dumps({"StartAt": "Call", "States": {"Call": {"Type": "Task", "Parameters": parameters, "End": True}}}, indent=1)

    definitions = {"spoken": definition(token=PASSWORD), "quiet": definition(**{"token.$": "$.token", "password": "{% $states.input.password %}"})}
    arns = {name: aws.arn("states", f"stateMachine:{name}") for name in (*definitions, "gone")}

    def describe(body: Any) -> Any:
        name = body["stateMachineArn"].rpartition(":")[2]
        return {"definition": definitions[name]} if name in definitions else error("stepfunctions:DescribeStateMachine", "StateMachineDoesNotExist")

    listed = [{"stateMachineArn": arn, "name": name, "type": "STANDARD"} for name, arn in arns.items()]
    answers(aws, stepfunctions__ListStateMachines={"stateMachines": listed}, stepfunctions__DescribeStateMachine=describe)
    return {arns["spoken"]: ("FAIL", "high", "line 7, token"), arns["quiet"]: "PASS"}


@world(OTHERS)
def test_stages_of_apis(aws: Cloud) -> Expected:
    answers(
        aws,
        apigateway__GetRestApis={"items": [{"id": "r1", "name": "acme"}, {"id": "r2", "name": "gone"}, {"id": "r3", "name": "odd"}]},
        apigateway__GetStages=lambda body: {
            "r1": {"item": [{"stageName": "prod", "variables": {"dbPassword": PASSWORD}}, {"stageName": "dev"}]},
            "r2": error("apigateway:GetStages", "NotFoundException"),
            "r3": {},
        }[body["url_path"].split("/")[2]],
        apigatewayv2__GetApis={"Items": [{"ApiId": "h1", "Name": "acme", "ProtocolType": "HTTP", "RouteSelectionExpression": "x"}]},
        apigatewayv2__GetStages={"Items": [{"StageName": "prod", "StageVariables": {"dbPassword": PASSWORD}}, {"StageName": "$default"}]},
    )
    here = f"arn:aws:apigateway:{aws.region}::"
    return {
        f"{here}/restapis/r1/stages/prod": ("FAIL", "high", "dbPassword"),
        f"{here}/restapis/r1/stages/dev": "PASS",
        f"{here}/restapis/r3": ("ERROR", None, "apigateway:GetStages answered without item"),
        f"{here}/apis/h1/stages/prod": ("FAIL", "high", "dbPassword"),
        f"{here}/apis/h1/stages/$default": "PASS",
    }


@world(OTHERS)
def test_beanstalk_environments(aws: Cloud) -> Expected:
    names = ("spoken", "quiet", "ended")
    arns = {name: aws.arn("elasticbeanstalk", f"environment/acme/{name}") for name in names}
    listed = [
        {"ApplicationName": "acme", "EnvironmentName": n, "EnvironmentArn": arns[n], "Status": "Terminated" if n == "ended" else "Ready"}
        for n in names
    ]
    options = {
        "spoken": [{"Namespace": "aws:elasticbeanstalk:application:environment", "OptionName": "DB_PASSWORD", "Value": PASSWORD}],
        "quiet": [
            {"Namespace": "aws:elasticbeanstalk:application:environment", "OptionName": "DB_PASSWORD"},
            {"Namespace": "aws:elasticbeanstalk:application:environmentsecrets", "OptionName": "DB_PASSWORD", "Value": "prod-db"},
        ],
    }
    answers(
        aws,
        elasticbeanstalk__DescribeEnvironments={"Environments": listed},
        elasticbeanstalk__DescribeConfigurationSettings=lambda body: {
            "ConfigurationSettings": [{"OptionSettings": options[body["EnvironmentName"]]}]
        },
    )
    return {arns["spoken"]: ("FAIL", "high", "a secret in DB_PASSWORD"), arns["quiet"]: "PASS"}


@world(OTHERS)
def test_amplify_apps(aws: Cloud) -> Expected:
    held: dict[str, tuple[dict[str, str], dict[str, str]]] = {
        "app": ({"API_TOKEN": PASSWORD}, {}),
        "branch": ({}, {"API_TOKEN": PASSWORD}),
        "quiet": ({"STAGE": "prod"}, {}),
    }
    arns = {name: aws.arn("amplify", f"apps/{name}") for name in held}
    answers(
        aws,
        amplify__ListApps={"apps": [{"appId": n, "appArn": arns[n], "name": n, "environmentVariables": held[n][0]} for n in held]},
        amplify__ListBranches=lambda body: {
            "branches": [{"branchName": "main", "environmentVariables": held[body["url_path"].split("/")[2]][1]}],
        },
    )
    return {arns["app"]: ("FAIL", "high", "API_TOKEN"), arns["branch"]: ("FAIL", "high", "branch main: API_TOKEN"), arns["quiet"]: "PASS"}


@world(OTHERS)
def test_documents_and_lifecycle_scripts(aws: Cloud) -> Expected:
    documents = {"spoken": f"schemaVersion: '2.2'\nmainSteps:\n  - inputs:\n      password: {PASSWORD}\n", "quiet": "password: '{{ssm-secure:db}}'"}
    scripts: dict[str, Any] = {
        "create": {"OnCreate": [{"Content": encoded(SCRIPT)}]},
        "start": {"OnStart": [{"Content": encoded(SCRIPT)}]},
        "none": {},
        "odd": {"OnStart": [{"Content": "abcd!"}]},
    }
    arns = {name: aws.arn("sagemaker", f"notebook-instance-lifecycle-config/{name}") for name in scripts}
    listed = [{"NotebookInstanceLifecycleConfigName": name, "NotebookInstanceLifecycleConfigArn": arn} for name, arn in arns.items()]
    answers(
        aws,
        ssm__ListDocuments=lambda body: {
            "DocumentIdentifiers": [{"Name": name} for name in documents] if body["Filters"][0]["Values"] == ["Self"] else []
        },
        ssm__GetDocument=lambda body: {"Content": documents[body["Name"]]},
        sagemaker__ListNotebookInstanceLifecycleConfigs={"NotebookInstanceLifecycleConfigs": listed},
        sagemaker__DescribeNotebookInstanceLifecycleConfig=lambda body: body | scripts[body["NotebookInstanceLifecycleConfigName"]],
    )
    return {
        aws.arn("ssm", "document/spoken"): ("FAIL", "high", "line 4, password"),
        aws.arn("ssm", "document/quiet"): "PASS",
        arns["create"]: ("FAIL", "high", "on create: line 3, DB_PASSWORD"),
        arns["start"]: ("FAIL", "high", "on start: line 3, DB_PASSWORD"),
        arns["none"]: "PASS",
        arns["odd"]: ("ERROR", None, "a script that is not base64"),
    }


@world(OTHERS)
def test_a_service_that_may_not_be_listed_is_an_error_of_its_own(aws: Cloud) -> Expected:
    answers(aws, glue__GetJobs={"Jobs": [{"Name": "quiet"}]})
    denied(aws, "batch:DescribeJobDefinitions")
    denied(aws, "apprunner:ListServices")
    return {
        aws.arn("glue", "job/quiet"): "PASS",
        (aws.account_arn, "Batch"): ("ERROR", None, "batch:DescribeJobDefinitions is denied"),
        (aws.account_arn, "App Runner"): ("ERROR", None, "apprunner:ListServices is denied"),
    }


@world(OTHERS)
def test_nothing_of_these_services(aws: Cloud) -> Expected:
    answers(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", None, "nothing of these services")}


# --- ssm_parameter_secret_is_securestring ----------------------------------------------------------------------------------------------------


def parameter(aws: Cloud, name: str, value: str, type: str = "String", **more: str) -> str:
    aws.client("ssm").put_parameter(Name=name, Value=value, Type=type, **more)
    return aws.arn("ssm", f"parameter/{name.lstrip('/')}")


@world(PARAMETERS)
def test_plain_parameters_by_name_and_value(aws: Cloud) -> Expected:
    parameter(aws, "/app/encrypted/password", PASSWORD, "SecureString")
    parameter(aws, "/cdk-bootstrap/hnb659fds/token", PASSWORD)
    return {
        parameter(aws, "/app/prod/db/password", PASSWORD): ("FAIL", "critical", "not encrypted (the name says so)"),
        parameter(aws, "app-token", PASSWORD): ("FAIL", "critical", "the name says so"),
        parameter(aws, "/app/setting", TOKEN): ("FAIL", "critical", "GitHub Token"),
        parameter(aws, "/app/tokens", f"first,{TOKEN}", "StringList"): ("FAIL", "critical", "GitHub Token"),
        parameter(aws, "/app/key-id", EXAMPLE): ("FAIL", "low", "AWS Access Key"),
        parameter(aws, "/app/reference/password", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"): "PASS",
        parameter(aws, "/app/stage", "prod"): "PASS",
    }


@world(PARAMETERS)
def test_a_harmless_parameter_passes(aws: Cloud) -> Expected:
    aws.facts(secrets={"harmless_names": ["/demo/*"]})
    return {parameter(aws, "/demo/password", PASSWORD): ("PASS", None, "secrets.harmless_names = entry 1")}


@world(PARAMETERS)
def test_where_values_are_not_read_names_are_judged(aws: Cloud) -> Expected:
    aws.facts(secrets={"read_parameter_values": False})
    denied(aws, "ssm:GetParameters")
    return {
        parameter(aws, "/app/prod/password", PASSWORD): ("FAIL", "critical", "its name speaks of a secret"),
        parameter(aws, "/app/stage", "prod"): ("MANUAL", None, "is its value no secret?"),
    }


@world(PARAMETERS)
def test_denied_values_are_an_error(aws: Cloud) -> Expected:
    denied(aws, "ssm:GetParameters")
    return {parameter(aws, f"/app/{n}/password", PASSWORD): ("ERROR", None, "ssm:GetParameters is denied") for n in range(11)}


@world(PARAMETERS)
def test_more_parameters_than_are_read_at_once(aws: Cloud) -> Expected:
    return {parameter(aws, f"/app/{n:02}/password", PASSWORD if n == 10 else "/x/y"): "FAIL" if n == 10 else "PASS" for n in range(11)}


@world(PARAMETERS)
def test_a_parameter_that_is_gone_leaves_nothing_and_one_that_is_missing_an_error(aws: Cloud) -> Expected:
    arn = parameter(aws, "/app/stage", "prod")
    parameter(aws, "/app/old", "x")
    aws.simulated.instead(
        "ssm:GetParameters",
        lambda region, body: {"Parameters": [{"Name": "/app/stage", "Type": "String", "Value": "prod"}], "InvalidParameters": ["/app/old"]},
    )
    return {arn: "PASS"}


@world(PARAMETERS)
def test_values_that_are_missing_are_an_error(aws: Cloud) -> Expected:
    arn = parameter(aws, "/app/stage", "prod")
    aws.simulated.instead("ssm:GetParameters", lambda region, body: {"Parameters": [], "InvalidParameters": []})
    return {arn: ("ERROR", None, "answered fewer parameters than were asked for")}


@world(PARAMETERS)
def test_a_parameter_that_became_encrypted_is_an_error_and_no_value_is_decrypted(aws: Cloud) -> Expected:
    arn = parameter(aws, "/app/password", PASSWORD)

    def values(region: str, body: Any) -> dict[str, Any]:
        assert body["WithDecryption"] is False
        return {"Parameters": [{"Name": "/app/password", "Type": "SecureString", "Value": "cipher"}], "InvalidParameters": []}

    aws.simulated.instead("ssm:GetParameters", values)
    return {arn: ("ERROR", None, "parameters that we cannot read")}


@world(PARAMETERS, KEYS)
def test_no_parameters(aws: Cloud) -> Expected:
    return {aws.account_arn: "NOT_APPLICABLE"}


# --- ssm_securestring_key_usable -------------------------------------------------------------------------------------------------------------


def key(aws: Cloud, state: str = "Enabled") -> str:
    made = aws.client("kms").create_key()["KeyMetadata"]
    id: str = made["KeyId"]
    if state == "Disabled":
        aws.client("kms").disable_key(KeyId=id)
    if state == "PendingDeletion":
        aws.client("kms").schedule_key_deletion(KeyId=id)
    return id


@world(KEYS)
def test_encrypted_parameters_by_the_state_of_their_key(aws: Cloud) -> Expected:
    disabled = key(aws, "Disabled")
    parameter(aws, "/plain", "x")
    return {
        parameter(aws, "/own", "x", "SecureString", KeyId=key(aws)): ("PASS", None, "its key is enabled"),
        parameter(aws, "/by-default", "x", "SecureString"): ("PASS", None, "AWS's own, which no policy can limit"),
        parameter(aws, "/large", "x", "SecureString", Tier="Advanced"): ("PASS", None, "belongs into Secrets Manager"),
        parameter(aws, "/off", "x", "SecureString", KeyId=disabled): ("FAIL", "medium", "its key is Disabled"),
        parameter(aws, "/off-too", "x", "SecureString", KeyId=disabled): ("FAIL", "medium", "its key is Disabled"),
        parameter(aws, "/ending", "x", "SecureString", KeyId=key(aws, "PendingDeletion")): ("FAIL", "medium", "its key is PendingDeletion"),
        parameter(aws, "/gone", "x", "SecureString", KeyId="00000000-0000-0000-0000-000000000000"): ("FAIL", "medium", "its key is NotFound"),
    }


@world(KEYS)
def test_ones_own_keys_are_asked_for(aws: Cloud) -> Expected:
    aws.facts(encryption={"require_customer_managed_keys": True})
    return {
        parameter(aws, "/own", "x", "SecureString", KeyId=key(aws)): "PASS",
        parameter(aws, "/by-default", "x", "SecureString"): ("FAIL", "medium", "AWS's own key"),
    }


@world(KEYS)
def test_an_encrypted_parameter_that_tells_of_no_key_is_an_error_of_its_own(aws: Cloud) -> Expected:
    lost, good = parameter(aws, "/lost", "x", "SecureString"), parameter(aws, "/good", "x", "SecureString")

    def change(region: str, parsed: Any) -> None:
        for each in parsed["Parameters"]:
            if each["Name"] == "/lost":
                del each["KeyId"]

    aws.simulated.over("ssm:DescribeParameters", change)
    return {lost: ("ERROR", None, "a SecureString needs KeyId"), good: "PASS"}


@world(KEYS)
def test_a_denied_key_is_an_error(aws: Cloud) -> Expected:
    denied(aws, "kms:DescribeKey")
    return {
        parameter(aws, "/own", "x", "SecureString", KeyId=key(aws)): ("ERROR", None, "kms:DescribeKey is denied"),
        parameter(aws, "/by-default", "x", "SecureString"): "PASS",
    }


# --- secret_rotation_enabled, secret_rotation_effective --------------------------------------------------------------------------------------


def secrets(aws: Cloud, **told: dict[str, Any]) -> dict[str, str]:
    arns = {name: aws.arn("secretsmanager", f"secret:{name}-AbCdEf") for name in told}
    listed = [{"ARN": arns[name], "Name": name, "CreatedDate": ago(400).timestamp(), **fields} for name, fields in told.items()]
    for each in listed:
        each["CreatedDate"] = datetime.fromtimestamp(each["CreatedDate"], UTC)
    aws.simulated.instead("secretsmanager:ListSecrets", lambda region, body: {"SecretList": listed})
    return arns


def ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


@world(ROTATION)
def test_secrets_by_whether_aws_rotates_them(aws: Cloud) -> Expected:
    arns = secrets(
        aws,
        on={"RotationEnabled": True},
        service={"OwningService": "rds", "RotationEnabled": False},
        database={"Tags": [{"Key": "aws:rds:primaryDBInstanceArn", "Value": "x"}]},
        stopped={"RotationLambdaARN": aws.arn("lambda", "function:rotate"), "RotationEnabled": False},
        vendor={"Tags": [{"Key": "team", "Value": "shop"}]},
        copy={"OwningService": "rds", "PrimaryRegion": "us-east-1"},
        first={"OwningService": "rds", "PrimaryRegion": "eu-west-1"},
        ending={"OwningService": "rds", "DeletedDate": ago(1)},
    )
    return {
        arns["on"]: "PASS",
        **{arns[name]: ("FAIL", "low", "rotation is off") for name in ("service", "database", "stopped", "first")},
        arns["vendor"]: ("NOT_APPLICABLE", None, "nothing that AWS can rotate"),
    }


@world(ROTATED)
def test_secrets_by_when_they_were_rotated(aws: Cloud) -> Expected:
    def on(**more: Any) -> dict[str, Any]:
        return {"RotationEnabled": True, **more}

    arns = secrets(
        aws,
        fresh=on(RotationRules={"AutomaticallyAfterDays": 30}, LastRotatedDate=ago(30)),
        stale=on(RotationRules={"AutomaticallyAfterDays": 30}, LastRotatedDate=ago(32)),
        daily=on(RotationRules={"ScheduleExpression": "rate(1 day)"}, LastRotatedDate=ago(3)),
        hourly=on(RotationRules={"ScheduleExpression": "rate(12 hours)"}, LastRotatedDate=ago(1.2)),
        planned=on(RotationRules={"ScheduleExpression": "cron(0 16 1 * ? *)"}, LastRotatedDate=ago(200), NextRotationDate=ago(-5)),
        missed=on(RotationRules={"ScheduleExpression": "cron(0 16 1 * ? *)"}, LastRotatedDate=ago(200), NextRotationDate=ago(5)),
        unplanned=on(RotationRules={"ScheduleExpression": "cron(0 16 1 * ? *)"}, LastRotatedDate=ago(2)),
        unsaid=on(LastRotatedDate=ago(80)),
        unsaid_stale=on(LastRotatedDate=ago(92)),
        new=on(CreatedDate=ago(3).timestamp(), RotationRules={"AutomaticallyAfterDays": 30}),
        never=on(RotationRules={"AutomaticallyAfterDays": 30}),
        off={"RotationEnabled": False},
        unset={},
    )
    return {
        **{arns[name]: "PASS" for name in ("fresh", "hourly", "planned", "unsaid")},
        arns["new"]: ("PASS", None, "new, and not due yet"),
        arns["stale"]: ("FAIL", "low", "due every 30 days"),
        arns["daily"]: ("FAIL", "low", "due every 1 days"),
        arns["missed"]: ("FAIL", "low", "should have been rotated on"),
        arns["unplanned"]: ("ERROR", None, "no next rotation is told"),
        arns["unsaid_stale"]: ("FAIL", "low", "due every 90 days"),
        arns["never"]: ("FAIL", "low", "never rotated since"),
        arns["off"]: ("NOT_APPLICABLE", None, "rotation is off"),
        arns["unset"]: ("NOT_APPLICABLE", None, "rotation is off"),
    }


@world(ROTATED)
def test_how_long_a_secret_may_stay_is_the_profiles(aws: Cloud) -> Expected:
    aws.facts(secrets={"rotation_max_days": 10})
    arns = secrets(aws, one={"RotationEnabled": True, "LastRotatedDate": ago(80)})
    return {arns["one"]: ("FAIL", "low", "due every 10 days")}


@world(ROTATION, ROTATED)
def test_no_secrets(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no secrets")}


# --- secrets_service_in_use ------------------------------------------------------------------------------------------------------------------


def two_regions(aws: Cloud) -> None:
    aws.simulated.instead("ec2:DescribeRegions", lambda region, body: {"Regions": [{"RegionName": name} for name in BOTH]})


@world(IN_USE)
def test_a_secret_in_some_region_is_enough(aws: Cloud) -> Expected:
    two_regions(aws)
    aws.client("ssm", "us-east-1").put_parameter(Name="/app/token", Value=PASSWORD, Type="SecureString")
    aws.simulated.instead("secretsmanager:ListSecrets", lambda region, body: {"SecretList": [{"Name": "db"}] if region == "eu-west-1" else []})
    return {aws.account_arn: ("PASS", None, "Secrets Manager in eu-west-1, Parameter Store in us-east-1")}


@world(IN_USE)
def test_where_something_runs_it_is_asked_where_secrets_are(aws: Cloud) -> Expected:
    two_regions(aws)
    parameter(aws, "/app/stage", "prod")
    functions(aws, shop={})
    return {aws.account_arn: ("MANUAL", None, "where do the applications get their secrets?")}


@world(IN_USE)
def test_an_instance_may_need_a_secret(aws: Cloud) -> Expected:
    two_regions(aws)
    instance(aws)
    return {aws.account_arn: ("MANUAL", None, "where do the applications get their secrets?")}


@world(IN_USE)
def test_a_task_may_need_a_secret(aws: Cloud) -> Expected:
    two_regions(aws)
    definition(aws, "shop", container())
    return {aws.account_arn: ("MANUAL", None, "where do the applications get their secrets?")}


@world(IN_USE)
def test_where_nothing_runs_no_secret_is_needed(aws: Cloud) -> Expected:
    two_regions(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", None, "nothing runs that might need a secret")}


@world(IN_USE)
def test_a_region_that_cannot_be_asked_leaves_it_open(aws: Cloud) -> Expected:
    two_regions(aws)
    denied(aws, "secretsmanager:ListSecrets")
    return {aws.account_arn: ("ERROR", None, "secretsmanager:ListSecrets is denied")}


@world(IN_USE)
def test_compute_that_cannot_be_asked_for_leaves_it_open(aws: Cloud) -> Expected:
    aws.facts(regions=["eu-west-1"])
    denied(aws, "ecs:ListTaskDefinitionFamilies")
    return {aws.account_arn: ("ERROR", None, "ecs:ListTaskDefinitionFamilies is denied")}


# --- all of them -----------------------------------------------------------------------------------------------------------------------------

LISTS: dict[Callable[..., None], str] = {
    LAMBDA: "lambda:ListFunctions",
    ECS: "ecs:ListClusters",
    USER_DATA: "ec2:DescribeInstances",
    LAUNCH: "ec2:DescribeLaunchTemplateVersions",
    CODEBUILD: "codebuild:ListProjects",
    STACKS: "cloudformation:DescribeStacks",
    PARAMETERS: "ssm:DescribeParameters",
    KEYS: "ssm:DescribeParameters",
    ROTATION: "secretsmanager:ListSecrets",
    ROTATED: "secretsmanager:ListSecrets",
}


@world(*LISTS)
def test_a_denied_list_is_an_error(aws: Cloud) -> Expected:
    for operation in LISTS.values():
        denied(aws, operation)
    return {aws.account_arn: ("ERROR", None, "is denied")}


@pytest.mark.parametrize("operation", ["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue", "kms:Decrypt"])
def test_what_gives_out_secrets_is_asked_by_no_read(operation: str) -> None:
    from pytest_ssb.permissions import only_reads
    from pytest_ssb.reads.registry import all_reads

    assert not only_reads(operation)
    assert not [read.name for read in all_reads().values() if operation in read.operations]


EDGES: dict[str, dict[str, Any]] = {
    "lambda_no_plaintext_secrets": {
        "by name, by shape, in a document, a reference, an example, none": test_functions_by_their_variables,
        "declared harmless": test_what_the_user_declares_harmless_passes,
        "hidden by KMS": test_variables_that_kms_hides_are_an_error,
        "nothing of the kind": test_no_functions,
        "not readable": test_a_denied_list_is_an_error,
    },
    "ecs_task_no_plaintext_secrets": {
        "variables, commands, log options, references, files in S3": test_task_definitions_by_what_is_in_their_containers,
        "an old revision": test_an_old_revision_counts_only_while_it_is_used,
        "running tasks, and what they override": (test_running_tasks_and_what_they_override, test_a_running_task_overrides_a_command_with_a_secret),
        "task sets and deployments": test_task_sets_and_deployments_count,
        "many tasks": test_more_tasks_than_are_described_at_once,
        "tasks that are gone": (test_tasks_that_are_gone_are_left_out_and_others_missed, test_a_task_that_is_not_described_is_an_error),
        "nothing of the kind": test_no_task_definitions,
        "not readable": (test_denied_services_are_an_error, test_a_denied_definition_is_an_error_of_its_own, test_a_denied_list_is_an_error),
    },
    "ec2_user_data_no_secrets": {
        "plain, packed, in parts, a reference, none, not readable": test_instances_by_their_user_data,
        "states": test_instances_in_all_states_but_those_of_their_end,
        "managed by a service": test_an_instance_that_a_service_manages_is_left_to_it,
        "gone": test_an_instance_that_is_gone_leaves_nothing,
        "nothing of the kind": test_no_instances,
        "not readable": (
            test_an_instance_that_cannot_be_read_is_an_error_of_its_own,
            test_denied_user_data_is_an_error,
            test_user_data_of_another_shape_is_an_error,
            test_a_reservation_of_another_shape_is_an_error,
            test_a_denied_list_is_an_error,
        ),
    },
    "launch_template_no_secrets": {
        "default, latest, pinned, and forgotten versions": test_launch_templates_by_the_versions_that_are_in_use,
        "launch configurations": test_launch_configurations,
        "managed by a service": test_a_launch_template_that_a_service_manages_is_left_to_it,
        "in parts": test_a_launch_template_in_parts,
        "groups not readable": test_groups_that_cannot_be_read_leave_a_proven_secret,
        "nothing of the kind": test_no_launch_templates,
        "not readable": (test_a_launch_template_that_cannot_be_read_is_an_error_of_its_own, test_a_denied_list_is_an_error),
    },
    "codebuild_no_plaintext_secrets": {
        "variables by type, buildspecs, addresses": test_projects_by_their_variables_and_sources,
        "gone, or missing": (test_projects_that_are_gone_or_missing, test_projects_that_are_all_gone),
        "many projects": test_more_projects_than_are_described_at_once,
        "not readable": test_a_denied_list_is_an_error,
    },
    "cloudformation_no_plaintext_secrets": {
        "outputs, parameters with and without NoEcho, defaults, references": test_stacks_by_what_they_show,
        "a parameter that the template does not know": test_a_parameter_that_the_template_does_not_know_counts_as_shown,
        "nothing of the kind": test_no_stacks,
        "not readable": (test_a_denied_template_is_an_error, test_a_denied_list_is_an_error),
    },
    "other_services_no_plaintext_secrets": {
        "Batch": test_batch_job_definitions,
        "App Runner": test_apprunner_services,
        "Glue": test_glue_jobs,
        "Step Functions": test_state_machines,
        "API Gateway": test_stages_of_apis,
        "Elastic Beanstalk": test_beanstalk_environments,
        "Amplify": test_amplify_apps,
        "Systems Manager and SageMaker": test_documents_and_lifecycle_scripts,
        "a service that may not be listed": test_a_service_that_may_not_be_listed_is_an_error_of_its_own,
        "nothing of the kind": test_nothing_of_these_services,
    },
    "ssm_parameter_secret_is_securestring": {
        "by name, by value, a reference, an example, not ours, encrypted": test_plain_parameters_by_name_and_value,
        "declared harmless": test_a_harmless_parameter_passes,
        "values that are not to be read": test_where_values_are_not_read_names_are_judged,
        "values that may not be read": test_denied_values_are_an_error,
        "many parameters": test_more_parameters_than_are_read_at_once,
        "gone, or missing": (
            test_a_parameter_that_is_gone_leaves_nothing_and_one_that_is_missing_an_error,
            test_values_that_are_missing_are_an_error,
        ),
        "encrypted meanwhile": test_a_parameter_that_became_encrypted_is_an_error_and_no_value_is_decrypted,
        "nothing of the kind": test_no_parameters,
        "not readable": test_a_denied_list_is_an_error,
    },
    "ssm_securestring_key_usable": {
        "enabled, AWS's own, large, disabled, to be deleted, gone": test_encrypted_parameters_by_the_state_of_their_key,
        "one's own keys asked for": test_ones_own_keys_are_asked_for,
        "nothing of the kind": test_no_parameters,
        "not readable": (
            test_an_encrypted_parameter_that_tells_of_no_key_is_an_error_of_its_own,
            test_a_denied_key_is_an_error,
            test_a_denied_list_is_an_error,
        ),
    },
    "secret_rotation_enabled": {
        "on, off, nobody's to rotate, a copy, to be deleted": test_secrets_by_whether_aws_rotates_them,
        "nothing of the kind": test_no_secrets,
        "not readable": test_a_denied_list_is_an_error,
    },
    "secret_rotation_effective": {
        "by schedule, by rate, by plan, new, never, off": test_secrets_by_when_they_were_rotated,
        "the profile's limit": test_how_long_a_secret_may_stay_is_the_profiles,
        "nothing of the kind": test_no_secrets,
        "not readable": test_a_denied_list_is_an_error,
    },
    "secrets_service_in_use": {
        "in some region": test_a_secret_in_some_region_is_enough,
        "something runs, and nothing is kept": (
            test_where_something_runs_it_is_asked_where_secrets_are,
            test_an_instance_may_need_a_secret,
            test_a_task_may_need_a_secret,
        ),
        "nothing runs": test_where_nothing_runs_no_secret_is_needed,
        "not readable": (test_a_region_that_cannot_be_asked_leaves_it_open, test_compute_that_cannot_be_asked_for_leaves_it_open),
    },
}
