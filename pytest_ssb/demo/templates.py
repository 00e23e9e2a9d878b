"""How the demo is deployed, as data: moto's pipelines need a role of their own, which would be one more to judge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_ssb.demo.seeder import Seeder
from pytest_ssb.demo.waf import regional
from pytest_ssb.demo.web import EDGE

# What the mixed account's people have made by hand: everything else is in the stack acme-network.
BY_HAND = {"acme-everything", "acme-first", "acme-office", "acme-bastion", "acme-reports", "acme-monitoring"}
DEPLOY = ("Deploy", "CloudFormation")
PIPELINES = {"acme-deploy": [("Source", "CodeStarSourceConnection"), DEPLOY]}
# Of the mixed account, beside that one.
FROM_A_BUCKET = {"acme-reports": [("Source", "S3"), DEPLOY]}


def seed(seeder: Seeder) -> None:
    """Let the first region have pipelines. The mixed account has one that takes templates from where nobody sees who changed them."""
    _stacks(seeder)
    _pipelines(seeder, PIPELINES if seeder.clean else PIPELINES | FROM_A_BUCKET)


def _pipelines(seeder: Seeder, named: dict[str, list[tuple[str, str]]]) -> None:
    def listed(region: str, asked: dict[str, Any]) -> dict[str, Any]:
        return {"pipelines": [{"name": name} for name in named] if region == seeder.regions[0] else []}

    def told(region: str, asked: dict[str, Any]) -> dict[str, Any]:
        actions = [
            {"name": category, "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"}}
            for category, provider in named[asked["name"]]
        ]
        return {"pipeline": {"name": asked["name"], "stages": [{"name": "all", "actions": actions}]}}

    seeder.simulated.instead("codepipeline:ListPipelines", listed)
    seeder.simulated.instead("codepipeline:GetPipeline", told)


def _stacks(seeder: Seeder) -> None:
    """Let the stack acme-network of each region have what is there, and that of the first one what is of no region."""
    held = {region: list(_of_region(seeder, region)) for region in seeder.regions}
    held[seeder.regions[0]] += _of_account(seeder)

    def listed(region: str, asked: dict[str, Any]) -> dict[str, Any]:
        here = held[region] if "/acme-network/" in asked["StackName"] else []
        told = [{"LogicalResourceId": type.rpartition(":")[2], "ResourceType": type, "PhysicalResourceId": id} for type, id, _ in here]
        return {"StackResourceSummaries": [each | {"ResourceStatus": "CREATE_COMPLETE"} for each in told]}

    held = {region: [each for each in here if each[2] not in BY_HAND] for region, here in held.items()}
    seeder.simulated.instead("cloudformation:ListStackResources", listed)


def _of_region(seeder: Seeder, region: str) -> Iterator[tuple[str, str, str]]:
    """The type, CloudFormation's id and the name of each resource of a region."""

    def all_of(service: str, operation: str, key: str) -> list[Any]:
        found: list[Any] = getattr(seeder.client(service, region), operation)().get(key, [])
        return found

    # A bucket's name says enough: no other region has one of that name.
    for bucket in all_of("s3", "list_buckets", "Buckets"):
        yield "AWS::S3::Bucket", bucket["Name"], bucket["Name"]
    for vpc in all_of("ec2", "describe_vpcs", "Vpcs"):
        yield "AWS::EC2::VPC", vpc["VpcId"], ""
    for group in all_of("ec2", "describe_security_groups", "SecurityGroups"):
        yield "AWS::EC2::SecurityGroup", group["GroupId"], group["GroupName"]
    for reservation in all_of("ec2", "describe_instances", "Reservations"):
        for instance in reservation["Instances"]:
            yield "AWS::EC2::Instance", instance["InstanceId"], ""
    for arn in (regional(seeder, "web"), regional(seeder, "first"), EDGE):
        if arn.split(":")[3] == region:
            _, name, id = arn.rsplit("/", 2)
            yield "AWS::WAFv2::WebACL", f"{name}|{id}|{'CLOUDFRONT' if arn == EDGE else 'REGIONAL'}", name
    for id in all_of("guardduty", "list_detectors", "DetectorIds"):
        yield "AWS::GuardDuty::Detector", id, ""
    for key in all_of("kms", "list_keys", "Keys"):
        yield "AWS::KMS::Key", key["KeyId"], ""
    for rule in all_of("events", "list_rules", "Rules"):
        yield "AWS::Events::Rule", rule["Name"], rule["Name"]
    for trail in all_of("cloudtrail", "describe_trails", "trailList"):
        yield "AWS::CloudTrail::Trail", trail["Name"], trail["Name"]
    for balancer in all_of("elbv2", "describe_load_balancers", "LoadBalancers"):
        yield "AWS::ElasticLoadBalancingV2::LoadBalancer", balancer["LoadBalancerArn"], balancer["LoadBalancerName"]
    for database in all_of("rds", "describe_db_instances", "DBInstances"):
        yield "AWS::RDS::DBInstance", database["DBInstanceIdentifier"], database["DBInstanceIdentifier"]
    for cluster in all_of("rds", "describe_db_clusters", "DBClusters"):
        yield "AWS::RDS::DBCluster", cluster["DBClusterIdentifier"], cluster["DBClusterIdentifier"]
    for function in all_of("lambda", "list_functions", "Functions"):
        yield "AWS::Lambda::Function", function["FunctionName"], function["FunctionName"]
    for cluster in all_of("ecs", "list_clusters", "clusterArns"):
        for service in seeder.client("ecs", region).list_services(cluster=cluster)["serviceArns"]:
            yield "AWS::ECS::Service", service, service.rpartition("/")[2]
    for table in all_of("dynamodb", "list_tables", "TableNames"):
        yield "AWS::DynamoDB::Table", table, table
    for queue in all_of("sqs", "list_queues", "QueueUrls"):
        yield "AWS::SQS::Queue", queue, queue.rpartition("/")[2]
    for topic in all_of("sns", "list_topics", "Topics"):
        yield "AWS::SNS::Topic", topic["TopicArn"], topic["TopicArn"].rpartition(":")[2]


def _of_account(seeder: Seeder) -> list[tuple[str, str, str]]:
    """The same of what is of no region."""
    first = seeder.regions[0]
    iam = seeder.client("iam", first)
    roles = [("AWS::IAM::Role", role["RoleName"], role["RoleName"]) for role in iam.list_roles()["Roles"]]
    policies = [("AWS::IAM::ManagedPolicy", policy["Arn"], policy["PolicyName"]) for policy in iam.list_policies(Scope="Local")["Policies"]]
    told = seeder.client("budgets", "us-east-1").describe_budgets(AccountId=seeder.account)["Budgets"]
    return [*roles, *policies, *(("AWS::Budgets::Budget", budget["BudgetName"], budget["BudgetName"]) for budget in told)]
