"""The demo's workloads and where they keep their secrets: in Secrets Manager and Parameter Store, or, in the mixed account, in plain settings."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_ssb.demo.seeder import Seeder

# What stands in plain sight in the mixed account. It opens nothing.
SECRET = "correct-horse-9"  # noqa: S105
KEY_ID = "AK" + "IAQ3EGVX7MTN2PLRWC"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
SCRIPT = f"#!/bin/bash\nexport DB_PASSWORD={SECRET}\nexport AWS_ACCESS_KEY_ID={KEY_ID}\n/opt/acme/run\n"
# Services that moto lacks, of which the account has nothing.
NOTHING: dict[str, dict[str, list[Any]]] = {
    "amplify:ListApps": {"apps": []},
    "sagemaker:ListNotebookInstanceLifecycleConfigs": {"NotebookInstanceLifecycleConfigs": []},
}
# What became of a stack's last deployment, and what drift detection found.
DEPLOYED = {"StackStatus": "CREATE_COMPLETE", "EnableTerminationProtection": True, "DriftInformation": {"StackDriftStatus": "IN_SYNC"}}
HALF_DEPLOYED = {"StackStatus": "UPDATE_FAILED", "EnableTerminationProtection": False, "DriftInformation": {"StackDriftStatus": "DRIFTED"}}
FORGOTTEN = datetime(2025, 6, 1, tzinfo=UTC)


def seed(seeder: Seeder) -> None:
    """Fill the first region. The mixed account has each thing once as it should be, and once as it was made in a hurry."""
    region = seeder.regions[0]
    secrets = _secrets(seeder, region)
    variables = {"checkout": {"DB_SECRET_ARN": secrets["acme/db"], "STAGE": "prod"}}
    if not seeder.clean:
        variables["reports"] = {"DB_PASSWORD": SECRET, "STAGE": "prod"}
    _functions(seeder, region, variables)
    _tasks(seeder.client("ecs", region), variables)
    _builds(seeder.client("codebuild", region), variables)
    _jobs(seeder.client("glue", region), seeder.clean)
    _stacks(seeder, region)
    _parameters(seeder, region)
    if not seeder.clean:
        data = {"InstanceType": "t3.micro", "UserData": base64.b64encode(SCRIPT.encode()).decode()}
        seeder.client("ec2", region).create_launch_template(LaunchTemplateName="acme-nightly", LaunchTemplateData=data)
    for operation, answer in NOTHING.items():
        seeder.simulated.instead(operation, lambda region, body, answer=answer: answer)  # type: ignore[misc]


def _functions(seeder: Seeder, region: str, variables: dict[str, dict[str, str]]) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    role = seeder.client("iam", region).create_role(RoleName="acme-functions", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr(zipfile.ZipInfo("main.py", (2026, 1, 1, 0, 0, 0)), "def main(event, context): ...\n")
    for name, held in variables.items():
        seeder.client("lambda", region).create_function(
            FunctionName=f"acme-{name}",
            Runtime="python3.13",
            Role=role,
            Handler="main.main",
            Code={"ZipFile": code.getvalue()},
            Environment={"Variables": held},
        )


def _tasks(ecs: Any, variables: dict[str, dict[str, str]]) -> None:
    for name, held in variables.items():
        container = {"name": "app", "image": f"acme/{name}", "memory": 256, "environment": [{"name": n, "value": v} for n, v in held.items()]}
        ecs.register_task_definition(family=f"acme-{name}", containerDefinitions=[container])


def _builds(codebuild: Any, variables: dict[str, dict[str, str]]) -> None:
    for name, held in variables.items():
        codebuild.create_project(
            name=f"acme-{name}",
            source={"type": "GITHUB", "location": f"https://github.com/acme-example/{name}"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
                "environmentVariables": [{"name": n, "value": v, "type": "PLAINTEXT"} for n, v in held.items()],
            },
            serviceRole="arn:aws:iam::123456789012:role/service-role/acme-build",
        )


def _jobs(glue: Any, clean: bool) -> None:
    jobs = {"acme-import": {"--secret_name": "acme/db"}} | ({} if clean else {"acme-export": {"--db_password": SECRET}})
    for name, arguments in jobs.items():
        command = {"Name": "glueetl", "ScriptLocation": f"s3://acme-uploads/{name}.py"}
        glue.create_job(Name=name, Role="acme-glue", Command=command, DefaultArguments=arguments)


def _stacks(seeder: Seeder, region: str) -> None:
    """As data: moto would need a dozen further packages to make one."""
    made: dict[str, tuple[dict[str, str], dict[str, str]]] = {"acme-network": ({}, {"VpcId": "vpc-0a1b2c3d4e5f60718"})}
    if not seeder.clean:
        made["acme-reports"] = ({"DbPassword": SECRET}, {})
    stacks: list[dict[str, Any]] = [
        {
            "StackId": f"arn:aws:cloudformation:{region}:{seeder.account}:stack/{name}/{number:08}-1111-2222-3333-444444444444",
            "StackName": name,
            "CreationTime": "2026-01-05T08:00:00Z",
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
            **(DEPLOYED if name == "acme-network" else HALF_DEPLOYED),
        }
        for number, (name, (parameters, outputs)) in enumerate(made.items())
    ]
    summaries = {name: [{"ParameterKey": key, "ParameterType": "String", "NoEcho": False} for key in held] for name, (held, _) in made.items()}

    def described(where: str, body: dict[str, Any]) -> dict[str, Any]:
        looked = datetime.now(UTC) - timedelta(days=1)
        told = [each | {"DriftInformation": dict(each["DriftInformation"], LastCheckTimestamp=looked)} for each in stacks]
        # The other regions have the network's stack alone.
        elsewhere = [each | {"StackId": each["StackId"].replace(region, where)} for each in told if each["StackName"] == "acme-network"]
        return {"Stacks": told if where == region else elsewhere}

    seeder.simulated.instead("cloudformation:DescribeStacks", described)
    seeder.simulated.instead("cloudformation:GetTemplateSummary", lambda where, body: {"Parameters": summaries[body["StackName"]]})


def _parameters(seeder: Seeder, region: str) -> None:
    ssm, kms = seeder.client("ssm", region), seeder.client("kms", region)
    key = kms.create_key(Description="acme parameters")["KeyMetadata"]["KeyId"]
    ssm.put_parameter(Name="/acme/prod/stage", Value="prod", Type="String")
    ssm.put_parameter(Name="/acme/prod/api_token", Value=SECRET, Type="SecureString", KeyId=key)
    if not seeder.clean:
        ssm.put_parameter(Name="/acme/test/api_token", Value=SECRET, Type="String")
        old = kms.create_key(Description="acme first try")["KeyMetadata"]["KeyId"]
        ssm.put_parameter(Name="/acme/old/api_token", Value=SECRET, Type="SecureString", KeyId=old)
        kms.disable_key(KeyId=old)


def _secrets(seeder: Seeder, region: str) -> dict[str, str]:
    """A database's secret, which the database rotates; in the mixed account further ones of which one was forgotten and one is not rotated at all."""
    rotated = {"RotationEnabled": True, "RotationRules": {"AutomaticallyAfterDays": 30}, "OwningService": "rds"}
    fresh = {**rotated, "LastRotatedDate": datetime.now(UTC)}
    told: dict[str, dict[str, Any]] = {"acme/db": fresh}
    if not seeder.clean:
        told["acme/reports-db"] = {**rotated, "LastRotatedDate": FORGOTTEN}
        told["acme/old-db"] = {"RotationEnabled": False, "OwningService": "rds"}
    client = seeder.client("secretsmanager", region)
    arns: dict[str, str] = {name: client.create_secret(Name=name, SecretString=SECRET)["ARN"] for name in told}

    def tell_of_rotation(where: str, parsed: dict[str, Any]) -> None:
        for each in parsed["SecretList"]:
            # RDS makes and rotates those whose names begin like this.
            each.update(fresh if each["Name"].startswith("rds!") else told.get(each["Name"], {}))

    seeder.simulated.over("secretsmanager:ListSecrets", tell_of_rotation)
    return arns
