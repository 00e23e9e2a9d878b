"""What the demo shows the internet without a load balancer: a function's URL, services of ECS, and what somebody runs in Lightsail."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from pytest_ssb.demo.network import NAME
from pytest_ssb.demo.seeder import Seeder


def seed(seeder: Seeder) -> None:
    """Fill the first region. In the mixed account a URL is for everyone, so is a service, and the blog never moved out of Lightsail."""
    _services(seeder)
    if not seeder.clean:
        _first_balancer(seeder)
    _told(seeder)


def _services(seeder: Seeder) -> None:
    """Services of which the tasks have network interfaces of their own."""
    region = seeder.regions[0]
    ec2, ecs = seeder.client("ec2", region), seeder.client("ecs", region)
    subnets = {_name(each): each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]}
    groups = {_name(each): each["GroupId"] for each in ec2.describe_security_groups()["SecurityGroups"]}
    for name, place, group, assign in (
        ("api", "private", "app", "DISABLED"),
        *(() if seeder.clean else (("status", "public", "web", "ENABLED"),)),
    ):
        container = {"name": name, "image": f"{NAME}/{name}", "portMappings": [{"containerPort": 8080, "protocol": "tcp"}]}
        ecs.register_task_definition(
            family=f"{NAME}-{name}",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            taskRoleArn=f"arn:aws:iam::{seeder.account}:role/{NAME}-instances",
            containerDefinitions=[container],
        )
        network = {
            "subnets": [subnets[f"{NAME}-{place}-{zone}"] for zone in "ab"],
            "securityGroups": [groups[f"{NAME}-{group}"]],
            "assignPublicIp": assign,
        }
        ecs.create_service(
            cluster=NAME,
            serviceName=f"{NAME}-{name}",
            taskDefinition=f"{NAME}-{name}",
            desiredCount=0,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": network},
        )


def _first_balancer(seeder: Seeder) -> None:
    """The first load balancer still sends its traffic to the bastion, on which the shop once ran."""
    region = seeder.regions[0]
    described = seeder.client("ec2", region).describe_instances()["Reservations"]
    (bastion,) = (each["InstanceId"] for reservation in described for each in reservation["Instances"] if _name(each) == f"{NAME}-bastion")
    seeder.client("elb", region).register_instances_with_load_balancer(LoadBalancerName=f"{NAME}-first", Instances=[{"InstanceId": bastion}])


def _name(resource: dict[str, Any]) -> str:
    return next((tag["Value"] for tag in resource.get("Tags", ()) if tag["Key"] == "Name"), "")


def _told(seeder: Seeder) -> None:
    """Tell of the rest as data: moto lacks it."""
    region = seeder.regions[0]
    urls = {f"{NAME}-checkout": "AWS_IAM"} if seeder.clean else {f"{NAME}-checkout": "AWS_IAM", f"{NAME}-reports": "NONE"}
    blog = {"name": f"{NAME}-blog", "arn": f"arn:aws:lightsail:{region}:{seeder.account}:Instance/0a1b2c3d-1111-2222-3333-444444444444"}
    instances = [] if seeder.clean else [blog]

    def told_urls(where: str, asked: dict[str, Any]) -> dict[str, Any]:
        function = unquote(asked["url_path"]).split("/")[-2]
        auth = urls.get(function.rpartition(":")[2]) if where == region else None
        return {"FunctionUrlConfigs": [{"FunctionArn": function, "AuthType": auth}] if auth else []}

    seeder.simulated.instead("lambda:ListFunctionUrlConfigs", told_urls)
    seeder.simulated.instead("lightsail:GetInstances", lambda where, asked: {"instances": instances if where == region else []})
