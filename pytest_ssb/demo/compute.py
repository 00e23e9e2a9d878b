"""The demo's groups of instances, services, jobs and functions, and the roles with which they come; the instances themselves are of the network."""

from __future__ import annotations

import json
from typing import Any

from pytest_ssb.demo.seeder import Seeder

IMAGE = "ami-0123456789abcdef0"


def seed(seeder: Seeder) -> None:
    """Two groups, services and job definitions, one of which has no role each; a function whose role was given to something else, and allows all."""
    region = seeder.regions[0]
    scaling, iam = seeder.client("autoscaling", region), seeder.client("iam", region)
    for name in ("acme-workers",) if seeder.clean else ("acme-workers", "acme-batch"):
        role: dict[str, Any] = {"IamInstanceProfile": "acme-instances"} if name == "acme-workers" else {}
        scaling.create_launch_configuration(LaunchConfigurationName=name, ImageId=IMAGE, InstanceType="t3.micro", **role)
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=name, LaunchConfigurationName=name, MinSize=0, MaxSize=4, DesiredCapacity=0, AvailabilityZones=[f"{region}a"]
        )
    ecs = seeder.client("ecs", region)
    ecs.create_cluster(clusterName="acme")
    for name in ("acme-web",) if seeder.clean else ("acme-web", "acme-mailer"):
        container = {"name": name, "image": f"acme/{name}", "memory": 512, "cpu": 256}
        own: dict[str, Any] = {"taskRoleArn": f"arn:aws:iam::{seeder.account}:role/acme-instances"} if name == "acme-web" else {}
        ecs.register_task_definition(family=name, containerDefinitions=[container], **own)
        ecs.create_service(cluster="acme", serviceName=name, taskDefinition=name, desiredCount=0)
    for name in ("acme-report",) if seeder.clean else ("acme-report", "acme-export"):
        job: dict[str, Any] = {"image": "acme/report", "vcpus": 1, "memory": 512}
        if name == "acme-report":
            job["jobRoleArn"] = f"arn:aws:iam::{seeder.account}:role/acme-instances"
        seeder.client("batch", region).register_job_definition(jobDefinitionName=name, type="container", containerProperties=job)
    if not seeder.clean:
        other = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [other]})
        iam.update_assume_role_policy(RoleName="acme-imports", PolicyDocument=document)
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
        iam.put_role_policy(RoleName="acme-imports", PolicyName="make-it-work", PolicyDocument=document)
