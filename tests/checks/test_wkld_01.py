"""WKLD.01's checks, each shown to pass, to fail, and at its edges."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from botocore.exceptions import ClientError

from tests.checks import test_wkld_03 as settings
from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_01_compute_roles as suite

INSTANCE, GROUP, FUNCTION, USER, JOB, TASK, CLUSTER, SERVICE, ADMIN, KEYS = (
    suite.test_ec2_instance_has_role,
    suite.test_autoscaling_group_has_role,
    suite.test_lambda_function_role_usable,
    suite.test_iam_user_no_long_term_keys,
    suite.test_batch_job_definition_has_role,
    suite.test_ecs_task_has_role,
    suite.test_eks_workload_identity_enabled,
    suite.test_apprunner_service_has_role,
    suite.test_compute_role_not_admin,
    suite.test_compute_no_static_aws_keys,
)
IMAGE = "ami-0123456789abcdef0"
JOB_ROLE = "arn:aws:iam::123456789012:role/job"


def denied(aws: Cloud, operation: str, code: str = "AccessDenied") -> None:
    error = ClientError({"Error": {"Code": code, "Message": ""}}, operation.partition(":")[2])
    aws.simulated.instead(operation, lambda region, asked: error)


def role(aws: Cloud, name: str, service: str) -> str:
    """A role that a service may assume, its ARN."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn: str = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    return arn


def profile(aws: Cloud, name: str, *, with_role: bool = True) -> str:
    """An instance profile, its name."""
    iam = aws.client("iam")
    iam.create_instance_profile(InstanceProfileName=name)
    if with_role:
        role(aws, name, "ec2.amazonaws.com")
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return name


# --- ec2_instance_has_role --------------------------------------------------------------------------------------------------------------------


def instance(aws: Cloud, named: str | None = None) -> str:
    asked = {"IamInstanceProfile": {"Name": named}} if named else {}
    launched = aws.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, **asked)["Instances"][0]["InstanceId"]
    return aws.arn("ec2", f"instance/{launched}")


def id_of(arn: str) -> str:
    return arn.rpartition("/")[2]


@world(INSTANCE)
def test_instances(aws: Cloud) -> Expected:
    ec2, iam = aws.client("ec2"), aws.client("iam")
    stopped, ended, managed = instance(aws), instance(aws), instance(aws)
    ec2.stop_instances(InstanceIds=[id_of(stopped)])
    ec2.terminate_instances(InstanceIds=[id_of(ended)])
    gone = instance(aws, profile(aws, "gone"))
    iam.remove_role_from_instance_profile(InstanceProfileName="gone", RoleName="gone")
    iam.delete_instance_profile(InstanceProfileName="gone")

    def by_eks(region: str, parsed: dict[str, Any]) -> None:
        for reservation in parsed["Reservations"]:
            for each in reservation["Instances"]:
                if each["InstanceId"] == id_of(managed):
                    each["Operator"] = {"Managed": True, "Principal": "eks.amazonaws.com"}

    aws.simulated.over("ec2:DescribeInstances", by_eks)
    return {
        instance(aws, profile(aws, "web")): ("PASS", "medium", "has the role web"),
        instance(aws): ("FAIL", "medium", "no instance profile"),
        instance(aws, profile(aws, "empty", with_role=False)): ("FAIL", "medium", "instance-profile/empty is gone, or has no role"),
        stopped: ("FAIL", "medium", "no instance profile"),
        gone: ("FAIL", "medium", "is gone, or has no role"),
        managed: ("NOT_APPLICABLE", "medium", "managed by eks.amazonaws.com"),
    }


@world(INSTANCE)
def test_no_instances(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no instances")}


@world(INSTANCE)
def test_denied_roles_leave_the_instance_without_profile(aws: Cloud) -> Expected:
    named, without = instance(aws, profile(aws, "web")), instance(aws)
    denied(aws, "iam:GetAccountAuthorizationDetails")
    return {named: ("ERROR", "medium", "iam:GetAccountAuthorizationDetails is denied"), without: "FAIL"}


# --- autoscaling_group_has_role ----------------------------------------------------------------------------------------------------------------


def template(aws: Cloud, name: str, *profiles: str | None) -> str:
    """A launch template with a version for each instance profile; the first is the default. Its id."""
    ec2 = aws.client("ec2")
    id = ""
    for named in profiles:
        data = {"ImageId": IMAGE, "InstanceType": "t3.micro"} | ({"IamInstanceProfile": {"Name": named}} if named else {})
        if id:
            ec2.create_launch_template_version(LaunchTemplateId=id, LaunchTemplateData=data)
        else:
            id = ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)["LaunchTemplate"]["LaunchTemplateId"]
    return id


def group(aws: Cloud, name: str, **source: Any) -> str:
    scaling = aws.client("autoscaling")
    scaling.create_auto_scaling_group(AutoScalingGroupName=name, MinSize=0, MaxSize=0, AvailabilityZones=[aws.zone], **source)
    arn: str = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]["AutoScalingGroupARN"]
    return arn


def configuration(aws: Cloud, name: str, **more: Any) -> str:
    aws.client("autoscaling").create_launch_configuration(LaunchConfigurationName=name, ImageId=IMAGE, InstanceType="t3.micro", **more)
    return name


@world(GROUP)
def test_groups(aws: Cloud) -> Expected:
    web, empty = profile(aws, "web"), profile(aws, "empty", with_role=False)
    good, bad, mended = template(aws, "good", web), template(aws, "bad", None), template(aws, "mended", None, web)
    hollow = template(aws, "hollow", empty)

    def mixed(name: str, override: str) -> str:
        base = {"LaunchTemplateSpecification": {"LaunchTemplateId": good, "Version": "$Latest"}}
        other = {"InstanceType": "t3.small", "LaunchTemplateSpecification": {"LaunchTemplateId": override, "Version": "$Latest"}}
        return group(aws, name, MixedInstancesPolicy={"LaunchTemplate": base | {"Overrides": [{"InstanceType": "t3.micro"}, other]}})

    return {
        group(aws, "good", LaunchTemplate={"LaunchTemplateId": good, "Version": "1"}): "PASS",
        group(aws, "bad", LaunchTemplate={"LaunchTemplateId": bad, "Version": "$Default"}): ("FAIL", "medium", f"{bad} version 1 names no"),
        group(aws, "hollow", LaunchTemplate={"LaunchTemplateId": hollow, "Version": "$Latest"}): ("FAIL", "medium", "empty, which has no role"),
        group(aws, "mended", LaunchTemplate={"LaunchTemplateName": "mended", "Version": "$Latest"}): "PASS",
        group(aws, "not-mended", LaunchTemplate={"LaunchTemplateId": mended, "Version": "$Default"}): ("FAIL", "medium", "version 1"),
        mixed("mixed", mended): "PASS",
        mixed("mixed-badly", bad): ("FAIL", "medium", f"{bad} version 1"),
        group(aws, "old", LaunchConfigurationName=configuration(aws, "old", IamInstanceProfile=web)): "PASS",
        group(aws, "older", LaunchConfigurationName=configuration(aws, "older")): ("FAIL", "medium", "older names no instance profile"),
    }


@world(GROUP)
def test_group_of_what_is_gone(aws: Cloud) -> Expected:
    id = template(aws, "gone", None)
    from_template = group(aws, "from-template", LaunchTemplate={"LaunchTemplateId": id, "Version": "1"})
    from_configuration = group(aws, "from-configuration", LaunchConfigurationName=configuration(aws, "gone"))
    aws.client("ec2").delete_launch_template(LaunchTemplateId=id)
    aws.simulated.instead("autoscaling:DescribeLaunchConfigurations", lambda region, asked: {"LaunchConfigurations": []})
    return {
        from_template: ("ERROR", "medium", "ec2:DescribeLaunchTemplateVersions failed with"),
        from_configuration: ("ERROR", "medium", "the launch configuration gone is gone"),
    }


@world(GROUP)
def test_no_groups(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no Auto Scaling groups")}


# --- lambda_function_role_usable ---------------------------------------------------------------------------------------------------------------


def function(aws: Cloud, name: str, arn: str) -> str:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("a.py", "")
    made: str = aws.client("lambda").create_function(
        FunctionName=name, Runtime="python3.12", Handler="a.b", Role=arn, Code={"ZipFile": code.getvalue()}
    )["FunctionArn"]
    return made


@world(FUNCTION)
def test_functions(aws: Cloud) -> Expected:
    shared, gone, other = (
        role(aws, "shared", "lambda.amazonaws.com"),
        role(aws, "gone", "lambda.amazonaws.com"),
        role(aws, "other", "lambda.amazonaws.com"),
    )
    found: Expected = {
        function(aws, "one", shared): ("PASS", "medium", "has the role shared, as 1 others have"),
        function(aws, "two", shared): "PASS",
        function(aws, "orphan", gone): ("FAIL", "medium", "its role arn:aws:iam::123456789012:role/gone is gone"),
        function(aws, "misled", other): ("FAIL", "medium", "its role other does not let Lambda assume it"),
        function(aws, "alone", role(aws, "alone", "lambda.amazonaws.com")): ("PASS", "medium", "has the role alone"),
    }
    iam = aws.client("iam")
    iam.delete_role(RoleName="gone")
    statement = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    refused = {"Effect": "Deny", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(RoleName="other", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement, refused]}))
    return found


@world(FUNCTION)
def test_no_functions(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no functions")}


@world(FUNCTION)
def test_denied_roles_are_not_gone(aws: Cloud) -> Expected:
    arn = function(aws, "one", role(aws, "shared", "lambda.amazonaws.com"))
    denied(aws, "iam:GetAccountAuthorizationDetails")
    return {arn: ("ERROR", "medium", "iam:GetAccountAuthorizationDetails is denied")}


# --- ecs_task_has_role -----------------------------------------------------------------------------------------------------------------------------


def tasks(aws: Cloud, family: str, task_role: str | None = None, **more: Any) -> str:
    """A task definition, its ARN."""
    container = {"name": "app", "image": "x", "memory": 128, "cpu": 1}
    roles = {"taskRoleArn": task_role} if task_role else {}
    made = aws.client("ecs").register_task_definition(family=family, containerDefinitions=[container], **roles, **more)
    arn: str = made["taskDefinition"]["taskDefinitionArn"]
    return arn


def service(aws: Cloud, arn: str, **more: Any) -> str:
    name = arn.rpartition("/")[2].partition(":")[0]
    aws.client("ecs").create_service(cluster="app", serviceName=name, taskDefinition=arn, desiredCount=0, **more)
    return arn


@world(TASK)
def test_services(aws: Cloud) -> Expected:
    aws.client("ecs").create_cluster(clusterName="app")
    good, on_hosts = service(aws, tasks(aws, "good", JOB_ROLE)), service(aws, tasks(aws, "on-hosts", executionRoleArn=JOB_ROLE))
    on_fargate, on_spot, deploying = tasks(aws, "on-fargate"), tasks(aws, "on-spot"), tasks(aws, "deploying", JOB_ROLE)
    ended, unused = service(aws, tasks(aws, "ended")), tasks(aws, "unused")
    before = tasks(aws, "before")
    for arn in (on_fargate, on_spot, deploying):
        service(aws, arn)

    def otherwise(region: str, parsed: dict[str, Any]) -> None:
        for each in parsed["services"]:
            if each["taskDefinition"] == on_fargate:
                each["launchType"] = "FARGATE"
            if each["taskDefinition"] == on_spot:
                del each["launchType"]
                each["capacityProviderStrategy"] = [{"capacityProvider": "FARGATE_SPOT"}]
            if each["taskDefinition"] == deploying:
                each["deployments"].append({"status": "ACTIVE", "taskDefinition": before})
            if each["taskDefinition"] == ended:
                each["status"] = "INACTIVE"

    aws.simulated.over("ecs:DescribeServices", otherwise)
    assert unused
    return {
        good: ("PASS", "medium"),
        on_hosts: ("FAIL", "medium", "no task role: the task has its host's role"),
        on_fargate: ("FAIL", "low", "no task role"),
        on_spot: ("FAIL", "low", "no task role"),
        deploying: "PASS",
        before: ("FAIL", "medium", "no task role"),
    }


@world(TASK)
def test_running_tasks(aws: Cloud) -> Expected:
    """moto runs tasks on instances alone: they are told of as AWS does."""
    aws.client("ecs").create_cluster(clusterName="app")
    told = {"bare": tasks(aws, "bare"), "bringing": tasks(aws, "bringing"), "both": tasks(aws, "both"), "of-a-service": tasks(aws, "of-a-service")}
    arns = [aws.arn("ecs", f"task/app/{number}") for number in range(6)]

    def task(number: int, name: str, **more: Any) -> dict[str, Any]:
        return {"taskArn": arns[number], "taskDefinitionArn": told[name], "launchType": "FARGATE", "group": f"family:{name}"} | more

    described = [
        task(0, "bare", launchType="EC2"),
        task(1, "bringing", overrides={"taskRoleArn": JOB_ROLE}),
        task(2, "both", overrides={"taskRoleArn": JOB_ROLE}),
        task(3, "both"),
        task(4, "of-a-service", group="service:web"),
    ]
    aws.simulated.instead("ecs:ListTasks", lambda region, asked: {"taskArns": arns})
    missing = [{"arn": arns[5], "reason": "MISSING"}]
    aws.simulated.instead("ecs:DescribeTasks", lambda region, asked: {"tasks": described, "failures": missing})
    return {
        told["bare"]: ("FAIL", "medium", "its host's role"),
        told["bringing"]: ("PASS", "low", "brings a role of its own"),
        told["both"]: ("FAIL", "low", "no task role"),
    }


@world(TASK)
def test_services_that_are_not_told_of(aws: Cloud) -> Expected:
    aws.client("ecs").create_cluster(clusterName="app")
    service(aws, tasks(aws, "web", JOB_ROLE))
    failure = {"arn": "x", "reason": "ACCESS_DENIED"}
    aws.simulated.over("ecs:DescribeServices", lambda region, parsed: parsed.update(services=[], failures=[failure]))
    return {aws.account_arn: ("ERROR", "medium", "ecs:DescribeServices answered failures")}


@world(TASK)
def test_no_services(aws: Cloud) -> Expected:
    aws.client("ecs").create_cluster(clusterName="app")
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no services and no running tasks")}


# --- batch_job_definition_has_role ---------------------------------------------------------------------------------------------------------------


def definition(aws: Cloud, name: str, **how: Any) -> str:
    made: str = aws.client("batch").register_job_definition(jobDefinitionName=name, **how)["jobDefinitionArn"]
    return made


def container(role: str | None) -> dict[str, Any]:
    return {"type": "container", "containerProperties": {"image": "x", "vcpus": 1, "memory": 128} | ({"jobRoleArn": role} if role else {})}


@world(JOB)
def test_job_definitions(aws: Cloud) -> Expected:
    """moto knows of containers alone; the other ways to run are given as AWS does."""
    parts = {
        "tasks": {"ecsProperties": {"taskProperties": [{"taskRoleArn": JOB_ROLE, "containers": []}]}},
        "tasks-without": {"ecsProperties": {"taskProperties": [{"taskRoleArn": JOB_ROLE, "containers": []}, {"containers": []}]}},
        "pods": {"eksProperties": {"podProperties": {"serviceAccountName": "job"}}},
        "pods-without": {"eksProperties": {"podProperties": {}}},
        "nodes": {"nodeProperties": {"nodeRangeProperties": [{"targetNodes": "0:", "container": {"jobRoleArn": JOB_ROLE}}]}},
        "nodes-without": {"nodeProperties": {"nodeRangeProperties": [{"targetNodes": "0:", "container": {"image": "x"}}]}},
        "unknown": {},
    }
    known = {name: definition(aws, name, **container(JOB_ROLE)) for name in parts}

    def otherwise(region: str, parsed: dict[str, Any]) -> None:
        for each in parsed["jobDefinitions"]:
            if each["jobDefinitionName"] in parts:
                del each["containerProperties"]
                each.update(parts[each["jobDefinitionName"]])

    aws.simulated.over("batch:DescribeJobDefinitions", otherwise)
    definition(aws, "mended", **container(None))
    return {
        known["tasks"]: "PASS",
        known["tasks-without"]: ("FAIL", "low", "1 of 2 parts"),
        known["pods"]: "PASS",
        known["pods-without"]: "FAIL",
        known["nodes"]: "PASS",
        known["nodes-without"]: "FAIL",
        known["unknown"]: ("ERROR", "low", "needs one of containerProperties"),
        definition(aws, "mended", **container(JOB_ROLE)): "PASS",
        definition(aws, "container", **container(None)): ("FAIL", "low", "1 of 1 parts of a job have no role"),
    }


@world(JOB)
def test_no_job_definitions(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "low", "no active job definitions")}


# --- eks_workload_identity_enabled -----------------------------------------------------------------------------------------------------------------


def cluster(aws: Cloud, name: str) -> str:
    """A cluster on which nothing runs yet, its ARN."""
    subnets = {"subnetIds": ["subnet-1", "subnet-2"]}
    arn: str = aws.client("eks").create_cluster(name=name, roleArn=JOB_ROLE, resourcesVpcConfig=subnets)["cluster"]["arn"]
    return arn


def node_group(aws: Cloud, name: str) -> str:
    """A cluster with a group of nodes, its ARN."""
    arn = cluster(aws, name)
    aws.client("eks").create_nodegroup(clusterName=name, nodegroupName="nodes", nodeRole=JOB_ROLE, subnets=["subnet-1"])
    return arn


def identities(aws: Cloud, told: dict[str, dict[str, Any]], *associated: str) -> None:
    """Clusters that tell of themselves what moto does not, and the clusters with pod identity associations, which moto lacks."""

    def tell(region: str, parsed: dict[str, Any]) -> None:
        name = parsed["cluster"]["name"]
        parsed["cluster"] |= {"identity": {"oidc": {"issuer": f"https://{issuer(name)}"}}} | told.get(name, {})

    def associations(region: str, asked: dict[str, Any]) -> dict[str, Any]:
        name = asked["url_path"].split("/")[2]
        return {"associations": [{"clusterName": name, "namespace": "app", "serviceAccount": "app"}] if name in associated else []}

    aws.simulated.over("eks:DescribeCluster", tell)
    aws.simulated.instead("eks:ListPodIdentityAssociations", associations)


def issuer(name: str) -> str:
    return f"oidc.eks.eu-west-1.amazonaws.com/id/{name.upper()}"


def provider(aws: Cloud, name: str) -> str:
    arn: str = aws.client("iam").create_open_id_connect_provider(Url=f"https://{issuer(name)}", ThumbprintList=[])["OpenIDConnectProviderArn"]
    return arn


def trusting(aws: Cloud, name: str, federated: str, effect: str = "Allow", action: str = "sts:AssumeRoleWithWebIdentity") -> None:
    statement = {"Effect": effect, "Principal": {"Federated": federated}, "Action": action}
    aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


@world(CLUSTER)
def test_clusters(aws: Cloud) -> Expected:
    arns = {name: node_group(aws, name) for name in ("pods", "roles", "plain", "untrusted", "refused", "going")}
    arns |= {name: cluster(aws, name) for name in ("fargate", "auto", "hybrid", "own-nodes", "empty", "switched-off", "empty-with-pods")}
    aws.client("eks").create_fargate_profile(
        clusterName="fargate", fargateProfileName="all", podExecutionRoleArn=JOB_ROLE, selectors=[{"namespace": "app"}]
    )
    trusting(aws, "app", provider(aws, "roles"))
    refused = provider(aws, "refused")
    trusting(aws, "kept-out", refused, effect="Deny")
    trusting(aws, "by-saml", refused, action="sts:AssumeRoleWithSAML")
    provider(aws, "untrusted")
    trusting(aws, "of-nobody", f"arn:aws:iam::{aws.account}:oidc-provider/{issuer('plain')}")
    own = instance(aws)
    aws.client("ec2").create_tags(Resources=[id_of(own)], Tags=[{"Key": "kubernetes.io/cluster/own-nodes", "Value": "owned"}])
    told: dict[str, dict[str, Any]] = {
        "auto": {"computeConfig": {"enabled": True}},
        "switched-off": {"computeConfig": {"enabled": False}},
        "hybrid": {"remoteNetworkConfig": {"remoteNodeNetworks": [{"cidrs": ["10.9.0.0/16"]}]}},
        "going": {"status": "DELETING"},
    }
    identities(aws, told, "pods", "empty-with-pods")
    return {
        arns["pods"]: ("PASS", "medium", "pod identity associations: 1", "Kubernetes alone tells"),
        arns["empty-with-pods"]: "PASS",
        arns["roles"]: ("PASS", "medium", "the role app trusts its OIDC provider"),
        arns["plain"]: ("FAIL", "medium", "no pod identity", "pods on node groups have the nodes' role"),
        arns["untrusted"]: "FAIL",
        arns["refused"]: "FAIL",
        arns["fargate"]: ("FAIL", "medium", "pods on Fargate profiles"),
        arns["auto"]: ("FAIL", "medium", "nodes that EKS makes"),
        arns["hybrid"]: ("FAIL", "medium", "nodes outside of AWS"),
        arns["own-nodes"]: ("FAIL", "medium", "nodes of its owner's"),
        arns["empty"]: ("NOT_APPLICABLE", "medium", "nothing that its pods could run on"),
        arns["switched-off"]: "NOT_APPLICABLE",
        arns["going"]: ("NOT_APPLICABLE", "medium", "is being deleted"),
    }


@world(CLUSTER)
def test_a_cluster_passes_by_one_way_while_the_other_is_denied(aws: Cloud) -> Expected:
    pods, plain = node_group(aws, "pods"), node_group(aws, "plain")
    identities(aws, {}, "pods")
    denied(aws, "iam:ListOpenIDConnectProviders")
    return {pods: "PASS", plain: ("ERROR", "medium", "iam:ListOpenIDConnectProviders is denied")}


@world(CLUSTER)
def test_clusters_that_tell_too_little(aws: Cloud) -> Expected:
    arns = {name: cluster(aws, name) for name in ("nameless", "unknown")}
    identities(aws, {"nameless": {"identity": {}}, "unknown": {"status": "RESTING"}})
    denied(aws, "eks:ListPodIdentityAssociations")
    return {
        arns["nameless"]: ("ERROR", "medium", "eks:DescribeCluster answered a cluster that we cannot read"),
        arns["unknown"]: ("ERROR", "medium", "eks:DescribeCluster answered a cluster that we cannot read"),
        node_group(aws, "plain"): ("ERROR", "medium", "eks:ListPodIdentityAssociations is denied"),
    }


@world(CLUSTER)
def test_no_clusters(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no clusters")}


# --- apprunner_service_has_role --------------------------------------------------------------------------------------------------------------------


def services(aws: Cloud, **told: tuple[str, dict[str, Any]]) -> dict[str, str]:
    """Services by name, each with its status and how it runs; moto lacks App Runner."""
    arns = {name: aws.arn("apprunner", f"service/{name}/0123") for name in told}
    listed = [{"ServiceName": name, "ServiceArn": arns[name], "Status": status} for name, (status, _) in told.items()]
    aws.simulated.instead("apprunner:ListServices", lambda region, asked: {"ServiceSummaryList": listed})
    aws.simulated.instead("apprunner:DescribeService", lambda region, asked: {"Service": told[asked["ServiceArn"].split("/")[1]][1]})
    return arns


@world(SERVICE)
def test_apprunner_services(aws: Cloud) -> Expected:
    arns = services(
        aws,
        web=("RUNNING", {"InstanceConfiguration": {"InstanceRoleArn": JOB_ROLE}}),
        bare=("PAUSED", {"InstanceConfiguration": {"Cpu": "1024"}}),
        unknown=("RUNNING", {}),
        gone=("DELETED", {}),
    )
    return {
        arns["web"]: ("PASS", "low", "has the role job"),
        arns["bare"]: ("FAIL", "low", "no instance role"),
        arns["unknown"]: ("ERROR", "low", "apprunner:DescribeService answered a service that we cannot read"),
    }


@world(SERVICE)
def test_no_apprunner_services(aws: Cloud) -> Expected:
    services(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", "low", "no App Runner services")}


# --- compute_no_static_aws_keys --------------------------------------------------------------------------------------------------------------------

ID, SECRET = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
# None of these opens anything; they are put together here, so that no scanner takes them for keys.
LONG_TERM, TEMPORARY, EXAMPLE = "AK" + "IAQ3EGVX7MTN2PLRWC", "AS" + "IAQ3EGVX7MTN2PLRWC", "AK" + "IAIOSFODNN7EXAMPLE"
INJECTED = [{"name": ID, "valueFrom": "arn:x"}, {"name": SECRET, "valueFrom": "arn:x"}]
SCRIPT = f"#!/bin/bash\nexport {ID}={LONG_TERM}\n/opt/run\n"


def nothing_else(aws: Cloud, **given: Any) -> None:
    """moto lacks App Runner, and of Elastic Beanstalk's environments what is set for them."""
    empty: dict[str, Any] = {"apprunner__ListServices": {"ServiceSummaryList": []}}
    for name, answer in (empty | given).items():
        give = answer if callable(answer) else lambda region, asked, answer=answer: answer
        aws.simulated.instead(name.replace("__", ":"), give)


@world(KEYS)
def test_functions_by_the_keys_in_their_variables(aws: Cloud) -> Expected:
    nothing_else(aws)
    arns = settings.functions(
        aws,
        key={ID: LONG_TERM, SECRET: "a/b+c"},
        elsewhere={"SETTINGS": json.dumps({"key": LONG_TERM})},
        temporary={ID: TEMPORARY, SECRET: "a/b+c", "AWS_SESSION_TOKEN": "d/e+f"},
        both={ID: TEMPORARY, "OLD": LONG_TERM},
        manual={ID: EXAMPLE},
        store={ID: "minio", SECRET: "a/b+c"},
        unseen={SECRET: "a/b+c"},
        reference={ID: "${KEY}", SECRET: "{{resolve:secretsmanager:key}}"},
        longer={"NOTE": f"x{LONG_TERM}", "OTHER": f"{LONG_TERM}0"},
        quiet={"STAGE": "prod"},
    )
    return {
        arns["key"]: ("FAIL", "critical", f"nobody deletes it, in {ID}"),
        arns["elsewhere"]: ("FAIL", "critical", "in SETTINGS"),
        arns["temporary"]: ("FAIL", "low", f"for some hours, in {ID}"),
        arns["both"]: ("FAIL", "critical", "in OLD"),
        arns["manual"]: ("FAIL", "low", "AWS's manual"),
        arns["store"]: ("NOT_APPLICABLE", "critical", f"its {ID} is no key of AWS"),
        arns["unseen"]: ("FAIL", "medium", f"whose id is not seen here (if it is no key of AWS, waive it), in {SECRET}"),
        **{arns[name]: "PASS" for name in ("reference", "longer", "quiet")},
    }


@world(KEYS)
def test_keys_that_the_user_declares_harmless(aws: Cloud) -> Expected:
    nothing_else(aws)
    aws.facts(secrets={"harmless_names": [ID, "OTHER_*"], "harmless_values": [f"{TEMPORARY}*"]})
    arns = settings.functions(
        aws, name={ID: LONG_TERM}, value={"OLD": TEMPORARY}, other={"OTHER_PASSWORD": "hunter2", "STAGE": "prod"}, key={"OLD": LONG_TERM}
    )
    return {
        arns["name"]: ("PASS", None, "secrets.harmless_names = entry 1"),
        arns["value"]: ("PASS", None, "secrets.harmless_values = entry 1"),
        arns["other"]: "PASS",
        arns["key"]: "FAIL",
    }


@world(KEYS)
def test_keys_that_are_handed_over_from_a_store(aws: Cloud) -> Expected:
    def job(name: str, **runs: Any) -> dict[str, Any]:
        return {"jobDefinitionName": name, "jobDefinitionArn": aws.arn("batch", f"job-definition/{name}:1"), "revision": 1, **runs}

    image, code = ({"RuntimeEnvironmentSecrets": {ID: "arn:x"}} for _ in range(2))
    sources: dict[str, Any] = {
        "image": {"ImageRepository": {"ImageConfiguration": image}},
        "code": {"CodeRepository": {"CodeConfiguration": {"CodeConfigurationValues": code}}},
    }
    runners = {name: aws.arn("apprunner", f"service/{name}/0123") for name in sources}
    beanstalk = aws.arn("elasticbeanstalk", "environment/acme/shop")
    option = {"Namespace": "aws:elasticbeanstalk:application:environmentsecrets", "OptionName": SECRET, "Value": "arn:x"}
    environment = {"ApplicationName": "acme", "EnvironmentName": "shop", "EnvironmentArn": beanstalk, "Status": "Ready"}
    nothing_else(
        aws,
        batch__DescribeJobDefinitions={
            "jobDefinitions": [
                job("container", containerProperties={"secrets": INJECTED}),
                job("tasks", ecsProperties={"taskProperties": [{"containers": [{"secrets": INJECTED}]}]}),
                job("nodes", nodeProperties={"nodeRangeProperties": [{"targetNodes": "0:", "container": {"secrets": INJECTED}}]}),
            ]
        },
        apprunner__ListServices={"ServiceSummaryList": [{"ServiceName": n, "ServiceArn": arn, "Status": "RUNNING"} for n, arn in runners.items()]},
        apprunner__DescribeService=lambda region, asked: {"Service": {"SourceConfiguration": sources[asked["ServiceArn"].split("/")[1]]}},
        elasticbeanstalk__DescribeEnvironments={"Environments": [environment]},
        elasticbeanstalk__DescribeConfigurationSettings={"ConfigurationSettings": [{"OptionSettings": [option]}]},
    )
    store: dict[str, Any] = {"environment": [{"name": ID, "value": "minio"}], "secrets": INJECTED[1:]}
    projects = settings.projects(
        aws,
        parameter={"variables": [{"name": ID, "value": "/key", "type": "PARAMETER_STORE"}]},
        secret={
            "variables": [{"name": SECRET, "value": "key", "type": "SECRETS_MANAGER"}, {"name": "TOKEN", "value": "x", "type": "SECRETS_MANAGER"}]
        },
        plain={"variables": [{"name": ID, "value": LONG_TERM, "type": "PLAINTEXT"}]},
        token={"variables": [{"name": "TOKEN", "value": "x", "type": "SECRETS_MANAGER"}]},
    )
    unseen = ("FAIL", "medium", "whose id is not seen here")
    return {
        settings.definition(aws, "task", settings.container(secrets=INJECTED)): (*unseen, f"container web: {ID}, container web: {SECRET}"),
        settings.definition(aws, "store", settings.container(**store)): "NOT_APPLICABLE",
        settings.definition(aws, "mixed", settings.container("store", **store), settings.container("app", secrets=INJECTED[1:])): (
            *unseen,
            f"in container app: {SECRET}",
        ),
        settings.definition(aws, "other", settings.container(secrets=[{"name": "TOKEN", "valueFrom": "arn:x"}])): "PASS",
        projects["parameter"]: (*unseen, ID),
        projects["secret"]: (*unseen, SECRET),
        projects["plain"]: ("FAIL", "critical", ID),
        projects["token"]: "PASS",
        **{aws.arn("batch", f"job-definition/{name}:1"): (*unseen, ID) for name in ("container", "tasks", "nodes")},
        **dict.fromkeys(runners.values(), (*unseen, ID)),
        beanstalk: (*unseen, SECRET),
    }


@world(KEYS)
def test_keys_in_user_data_and_commands(aws: Cloud) -> Expected:
    nothing_else(aws)
    password = "#!/bin/bash\nexport DB_PASSWORD=hunter2\n"
    aws.client("autoscaling").create_launch_configuration(LaunchConfigurationName="old", ImageId=IMAGE, InstanceType="t3.micro")
    (configuration,) = aws.client("autoscaling").describe_launch_configurations()["LaunchConfigurations"]

    def with_key(region: str, parsed: dict[str, Any]) -> None:
        parsed["LaunchConfigurations"][0]["UserData"] = settings.encoded(SCRIPT)

    aws.simulated.over("autoscaling:DescribeLaunchConfigurations", with_key)
    pinned = settings.template(aws, "pinned", password, SCRIPT, password)
    group(aws, "pinned", LaunchTemplate={"LaunchTemplateName": "pinned", "Version": "2"})
    many = "\n".join([LONG_TERM] * 22)
    return {
        settings.instance(aws, SCRIPT): ("FAIL", "critical", "in line 2"),
        settings.instance(aws, "#!/bin/bash\necho"): "PASS",
        settings.instance(aws, many): ("FAIL", "critical", "line 20, and 2 more"),
        pinned: ("FAIL", "critical", "in version 2: line 2"),
        settings.template(aws, "quiet", password): "PASS",
        configuration["LaunchConfigurationARN"]: ("FAIL", "critical", "in line 2"),
        settings.definition(aws, "tool", settings.container(command=["run", f"--key={LONG_TERM}"])): ("FAIL", "critical", "command: line 1"),
        settings.definition(aws, "files", settings.container(environmentFiles=[{"type": "s3", "value": "arn:aws:s3:::acme/x.env"}])): (
            "PASS",
            None,
            "in S3 were not read",
        ),
    }


@world(KEYS)
def test_settings_that_cannot_be_read(aws: Cloud) -> Expected:
    """What is known of a secret elsewhere in a template is enough for its own check, and says nothing of keys."""
    nothing_else(aws)
    denied(aws, "autoscaling:DescribeAutoScalingGroups")
    denied(aws, "lambda:ListFunctions")
    managed = settings.instance(aws, SCRIPT)

    def by_eks(region: str, parsed: dict[str, Any]) -> None:
        parsed["Reservations"][0]["Instances"][0]["Operator"] = {"Managed": True, "Principal": "eks.amazonaws.com"}

    aws.simulated.over("ec2:DescribeInstances", by_eks)
    return {
        managed: ("NOT_APPLICABLE", None, "managed by eks.amazonaws.com"),
        settings.template(aws, "key", SCRIPT): ("FAIL", "critical", "version 1: line 2"),
        settings.template(aws, "password", "#!/bin/bash\nexport DB_PASSWORD=hunter2\n"): ("ERROR", None, "DescribeAutoScalingGroups is denied"),
        (aws.account_arn, "Lambda"): ("ERROR", None, "lambda:ListFunctions is denied"),
    }


@world(KEYS)
def test_nothing_that_computes(aws: Cloud) -> Expected:
    nothing_else(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", "critical", "nothing that computes")}


# --- compute_role_not_admin ------------------------------------------------------------------------------------------------------------------------


def allowing(aws: Cloud, name: str, *statements: dict[str, Any], service: str = "ec2.amazonaws.com") -> str:
    """A role that a service may assume, with a policy of that name for each statement; its ARN."""
    arn = role(aws, name, service)
    for number, statement in enumerate(statements, start=1):
        document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"} | statement]})
        aws.client("iam").put_role_policy(RoleName=name, PolicyName=f"policy-{number}", PolicyDocument=document)
    return arn


@world(ADMIN)
def test_roles_of_compute(aws: Cloud) -> Expected:
    iam = aws.client("iam")
    arns = {
        "all": allowing(aws, "all", {}),
        "spelled-out": allowing(aws, "spelled-out", {"Action": ["*:*"]}, service="lambda.amazonaws.com"),
        "iam": allowing(aws, "iam", {"Action": "iam:*"}, service="pods.eks.amazonaws.com"),
        "narrow": allowing(aws, "narrow", {"Action": "s3:*"}, {"Resource": "arn:aws:s3:::logs"}, service="ecs-tasks.amazonaws.com"),
        "taken-back": allowing(aws, "taken-back", {}, {"Effect": "Deny", "Action": "iam:*"}),
        "taken-back-sometimes": allowing(
            aws, "taken-back-sometimes", {}, {"Effect": "Deny", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}
        ),
        "taken-back-in-part": allowing(aws, "taken-back-in-part", {}, {"Effect": "Deny", "Action": "s3:*"}),
        "taken-back-somewhere": allowing(aws, "taken-back-somewhere", {}, {"Effect": "Deny", "Resource": "arn:aws:s3:::logs"}),
        "attached": role(aws, "attached", "tasks.apprunner.amazonaws.com"),
        "bounded": allowing(aws, "bounded", {}),
        "nothing": role(aws, "nothing", "ec2.amazonaws.com.cn"),
    }
    for name, statement in (("all-but-one", {"NotAction": "aws-portal:*"}), ("all-but-iam", {"NotAction": ["iam:*"]})):
        document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*"} | statement]})
        arns[name] = role(aws, name, "ec2.amazonaws.com")
        iam.put_role_policy(RoleName=name, PolicyName="most", PolicyDocument=document)
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::logs/*"}]})
    arns["everywhere-else"] = role(aws, "everywhere-else", "ec2.amazonaws.com")
    iam.put_role_policy(RoleName="everywhere-else", PolicyName="most", PolicyDocument=document)
    everything = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    policy = iam.create_policy(PolicyName="everything", PolicyDocument=everything)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="attached", PolicyArn=policy)
    iam.put_role_permissions_boundary(RoleName="bounded", PermissionsBoundary=policy)
    trusting(aws, "of-pods", f"arn:aws:iam::{aws.account}:oidc-provider/{issuer('app')}")
    trusting(aws, "of-builds", f"arn:aws:iam::{aws.account}:oidc-provider/token.actions.githubusercontent.com")
    for name in ("of-pods", "of-builds"):
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=everything)
    allowing(aws, "of-people", {}, service="cloudformation.amazonaws.com")
    return {
        arns["all"]: ("FAIL", "high", "may do everything, by policy-1"),
        arns["spelled-out"]: "FAIL",
        arns["iam"]: "FAIL",
        arns["narrow"]: "PASS",
        arns["taken-back"]: "PASS",
        arns["taken-back-sometimes"]: "FAIL",
        arns["taken-back-in-part"]: "FAIL",
        arns["taken-back-somewhere"]: "FAIL",
        arns["attached"]: ("FAIL", "high", f"may do everything, by {policy}"),
        arns["bounded"]: ("PASS", "high", "as far as its permissions boundary lets it"),
        arns["nothing"]: "PASS",
        arns["all-but-one"]: "FAIL",
        arns["all-but-iam"]: "PASS",
        arns["everywhere-else"]: "FAIL",
        f"arn:aws:iam::{aws.account}:role/of-pods": "FAIL",
    }


@world(ADMIN)
def test_no_roles_of_compute(aws: Cloud) -> Expected:
    allowing(aws, "of-people", {}, service="cloudformation.amazonaws.com")
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "no roles that compute may assume")}


@world(ADMIN)
def test_a_policy_that_is_not_told_leaves_its_role_open(aws: Cloud) -> Expected:
    iam = aws.client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
    policy = iam.create_policy(PolicyName="lost", PolicyDocument=document)["Policy"]["Arn"]
    arns = [role(aws, name, "ec2.amazonaws.com") for name in ("lost", "plain")]
    iam.attach_role_policy(RoleName="lost", PolicyArn=policy)
    aws.simulated.over("iam:GetAccountAuthorizationDetails", lambda region, parsed: parsed.update(Policies=[]))
    return {arns[0]: ("ERROR", "high", f"answered without the policy {policy}"), arns[1]: "PASS"}


# --- iam_user_no_long_term_keys ------------------------------------------------------------------------------------------------------------------


def user(aws: Cloud, name: str, *, key: bool = True, administrator: bool = False) -> str:
    iam = aws.client("iam")
    arn: str = iam.create_user(UserName=name)["User"]["Arn"]
    if key:
        iam.create_access_key(UserName=name)
    if administrator:
        statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return arn


@world(USER)
def test_users(aws: Cloud) -> Expected:
    aws.facts(people={"service_users": {"mailer": "SES takes SMTP passwords only"}})
    switched_off = user(aws, "switched-off")
    iam = aws.client("iam")
    found: Expected = {
        user(aws, "ana", key=False): ("PASS", "high", "no active access key"),
        user(aws, "ben"): ("FAIL", "medium", "an active access key"),
        user(aws, "eric", administrator=True): ("FAIL", "high", "an active access key"),
        user(aws, "mailer"): ("PASS", "high", "people.service_users = mailer"),
        switched_off: "PASS",
    }
    iam.generate_credential_report()
    for each in iam.list_access_keys(UserName="switched-off")["AccessKeyMetadata"]:
        iam.update_access_key(UserName="switched-off", AccessKeyId=each["AccessKeyId"], Status="Inactive")
    return found


@world(USER)
def test_no_users(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "no IAM users")}


@world(USER)
def test_denied_keys_are_an_error(aws: Cloud) -> Expected:
    denied(aws, "iam:ListAccessKeys")
    return {user(aws, "ben"): ("ERROR", "high", "iam:ListAccessKeys is denied"), user(aws, "ana", key=False): "PASS"}


EDGES: dict[str, dict[str, Any]] = {
    "ec2_instance_has_role": {
        "PASS: a profile with a role": test_instances,
        "FAIL: no profile, stopped instances included; a profile without role, or deleted": test_instances,
        "NOT_APPLICABLE: managed by a service": test_instances,
        "dropped: terminated": test_instances,
        "NOT_APPLICABLE: none": test_no_instances,
        "ERROR: the roles are denied": test_denied_roles_leave_the_instance_without_profile,
    },
    "autoscaling_group_has_role": {
        "PASS: by number, $Latest, mixed policy and launch configuration": test_groups,
        "FAIL: the version in use names none, an override's own template, a profile without role": test_groups,
        "ERROR: a template or configuration that is gone": test_group_of_what_is_gone,
        "NOT_APPLICABLE: none": test_no_groups,
    },
    "lambda_function_role_usable": {
        "PASS: the role is there and trusts Lambda; shared roles say so": test_functions,
        "FAIL: the role is gone, or does not trust Lambda": test_functions,
        "NOT_APPLICABLE: none": test_no_functions,
        "ERROR: the roles are denied": test_denied_roles_are_not_gone,
    },
    "ecs_task_has_role": {
        "PASS: a task role, or one that each task brings": (test_services, test_running_tasks),
        "FAIL medium: on hosts, whose role the task has; an execution role is none": (test_services, test_running_tasks),
        "FAIL low: on Fargate, by launch type or capacity provider": (test_services, test_running_tasks),
        "FAIL: what a deployment still runs": test_services,
        "dropped: services that have ended, families that nothing uses, tasks that have gone": (test_services, test_running_tasks),
        "ERROR: services that are not told of": test_services_that_are_not_told_of,
        "NOT_APPLICABLE: none": test_no_services,
    },
    "batch_job_definition_has_role": {
        "PASS: containers, tasks, pods and nodes; the newest revision counts": test_job_definitions,
        "FAIL: one part without": test_job_definitions,
        "ERROR: a way to run that is not known": test_job_definitions,
        "NOT_APPLICABLE: none": test_no_job_definitions,
    },
    "eks_workload_identity_enabled": {
        "PASS: pod identity associations, or a role that trusts its OIDC provider": (
            test_clusters,
            test_a_cluster_passes_by_one_way_while_the_other_is_denied,
        ),
        "FAIL: neither; a provider that no role trusts, or that IAM does not know": test_clusters,
        "FAIL: on node groups, Fargate, nodes that EKS makes, hybrid nodes, its owner's nodes": test_clusters,
        "NOT_APPLICABLE: nothing runs there; being deleted; none": (test_clusters, test_no_clusters),
        "ERROR: an unknown cluster; the providers or associations are denied": (
            test_clusters_that_tell_too_little,
            test_a_cluster_passes_by_one_way_while_the_other_is_denied,
        ),
    },
    "apprunner_service_has_role": {
        "PASS: an instance role": test_apprunner_services,
        "FAIL: none": test_apprunner_services,
        "ERROR: how it runs is not told": test_apprunner_services,
        "dropped: deleted": test_apprunner_services,
        "NOT_APPLICABLE: none": test_no_apprunner_services,
    },
    "compute_no_static_aws_keys": {
        "FAIL critical: a long-term key, by its id, whatever it is called": (
            test_functions_by_the_keys_in_their_variables,
            test_keys_in_user_data_and_commands,
        ),
        "FAIL medium: handed over from a store, or without its id": (
            test_keys_that_are_handed_over_from_a_store,
            test_functions_by_the_keys_in_their_variables,
        ),
        "FAIL low: for some hours, or of AWS's manual": test_functions_by_the_keys_in_their_variables,
        "NOT_APPLICABLE: another store's, by its id; managed by a service; none": (
            test_functions_by_the_keys_in_their_variables,
            test_settings_that_cannot_be_read,
            test_nothing_that_computes,
        ),
        "PASS: nothing, references, what is declared harmless": (
            test_functions_by_the_keys_in_their_variables,
            test_keys_that_the_user_declares_harmless,
        ),
        "ERROR: denied, of one service alone; a template of which a version is not read": test_settings_that_cannot_be_read,
    },
    "compute_role_not_admin": {
        "FAIL: everything, all of IAM, all but a little; by a policy within it or attached": test_roles_of_compute,
        "FAIL: a Deny under a condition, of something, or somewhere": test_roles_of_compute,
        "PASS: an unconditional Deny; a permissions boundary, with a note": test_roles_of_compute,
        "PASS: all but IAM": test_roles_of_compute,
        "judged: roles of instances, tasks, functions, pods and services; no others": (test_roles_of_compute, test_no_roles_of_compute),
        "ERROR: a policy that is not told": test_a_policy_that_is_not_told_leaves_its_role_open,
        "NOT_APPLICABLE: none": test_no_roles_of_compute,
    },
    "iam_user_no_long_term_keys": {
        "PASS: no key, an inactive key that the report calls active, a declared machine": test_users,
        "FAIL: an active key, high for an administrator": test_users,
        "NOT_APPLICABLE: none": test_no_users,
        "ERROR: the keys are denied": test_denied_keys_are_an_error,
    },
}
