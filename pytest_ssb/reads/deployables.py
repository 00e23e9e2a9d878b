"""The resources that templates should describe: those that keep an account secure, and those that do its work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from pytest_ssb.errors import AwsError, NotOffered, UnexpectedAnswer, UnreachableError, Vanished
from pytest_ssb.reads.budgets import Budget, Budgets
from pytest_ssb.reads.cloudtrail import Trail
from pytest_ssb.reads.ec2 import Instance, instances
from pytest_ssb.reads.functions import FUNCTIONS, functions
from pytest_ssb.reads.guardduty import ADMINISTRATOR, DETECTOR, DETECTORS, Administrator, detectors, guardduty_administrators
from pytest_ssb.reads.iam import AuthorizationDetails, Role
from pytest_ssb.reads.load_balancers import load_balancers
from pytest_ssb.reads.managed_index import Deployable
from pytest_ssb.reads.network import security_groups, vpcs
from pytest_ssb.reads.rds import db_clusters, db_instances
from pytest_ssb.reads.regions import REGIONS, regions_of
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.resource_policies import is_json
from pytest_ssb.reads.s3 import Bucket
from pytest_ssb.reads.s3_sensitive import SensitiveBuckets
from pytest_ssb.selectors import glob
from pytest_ssb.unread import error_of, or_unread, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

T = TypeVar("T")

VPCS, GROUPS = "ec2:DescribeVpcs", "ec2:DescribeSecurityGroups"
ACLS, RECORDERS = "wafv2:ListWebACLs", "config:DescribeConfigurationRecorders"
KEYS, KEY = "kms:ListKeys", "kms:DescribeKey"
BUSES, RULES = "events:ListEventBuses", "events:ListRules"
# Roles that AWS makes when something is set up in its console, or that other accounts of the organization keep.
ROLES_OF_OTHERS = ("aws-controltower-*", "stacksets-exec-*", "OrganizationAccountAccessRole", "AWSControlTowerExecution")
PATHS_OF_AWS, PATH_OF_CONSOLE = ("/aws-service-role/", "/aws-reserved/"), "/service-role/"


@dataclass(frozen=True)
class Unlisted:
    """A kind of resources that could not be listed, in a region or, without one, in the account; `type` is None where a whole region could not be."""

    type: str | None
    region: str | None
    error: Exception


@dataclass(frozen=True)
class Deployables:
    """The resources that should be in templates, and what could not be listed of them."""

    found: tuple[Deployable, ...]
    unlisted: tuple[Unlisted, ...]


@dataclass(frozen=True)
class Kind:
    """A type of resources, and what lists them in a region."""

    type: str
    list: Callable[[Aws], Sequence[Deployable]]


def _each(resources: Iterable[T], deployable: Callable[[T], Deployable | None]) -> list[Deployable]:
    """What each resource is in a template; one that is no matter of the account's owner is left out, and one that could not be read is unread."""
    found: list[Deployable] = []
    for resource in resources:
        error = error_of(resource)
        if error is not None:
            found.append(unread(error, resource.arn))  # type: ignore[attr-defined]
        elif (made := deployable(resource)) is not None:
            found.append(made)
    return found


def _region(arn: str) -> str:
    return arn.split(":")[3]


# --- what keeps an account secure ------------------------------------------------------------------------------------------------------------


def _vpcs(aws: Aws) -> list[Deployable]:
    def one(vpc: Any) -> Deployable | None:
        if vpc.is_default or vpc.owner_id != aws.account:
            return None
        return Deployable(vpc.arn, ("AWS::EC2::VPC",), (vpc.vpc_id,), ("aws_vpc",), aws.region)

    return _each(vpcs(aws), one)


def _groups(aws: Aws) -> list[Deployable]:
    default = {vpc.vpc_id for vpc in vpcs(aws) if error_of(vpc) is None and vpc.is_default}

    def one(group: Any) -> Deployable | None:
        if group.is_default or group.owner_id != aws.account:
            return None
        # Of a template that names no VPC, the default one is meant, and CloudFormation may call the group by its name.
        names = (group.group_name,) if group.vpc_id in default else ()
        return Deployable(group.arn, ("AWS::EC2::SecurityGroup",), (group.group_id, *names), ("aws_security_group",), aws.region)

    return _each(security_groups(aws), one)


def _detectors(aws: Aws) -> list[Deployable]:
    found = detectors(aws)
    administrators = guardduty_administrators(aws, found)

    def one(detector: Any) -> Deployable:
        exempt: str | None = or_unread(lambda: _of_member(administrators[detector]))
        return Deployable(
            detector.arn, ("AWS::GuardDuty::Detector",), (detector.id,), ("aws_guardduty_detector",), aws.region, exempt=exempt, strict=True
        )

    return _each(found, one)


def _of_member(administrator: Administrator | None) -> str | None:
    return f"account {administrator.account_id} administers it" if administrator is not None else None


class WebAcl(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACLSummary.html"""

    arn: str
    name: str
    id: str


def _web_acls(aws: Aws, scope: Literal["REGIONAL", "CLOUDFRONT"] = "REGIONAL") -> list[Deployable]:
    def one(acl: WebAcl) -> Deployable:
        # Firewall Manager calls those so that it makes (https://docs.aws.amazon.com/waf/latest/developerguide/waf-policies.html).
        exempt = "Firewall Manager keeps it" if acl.name.startswith("FMManagedWebACLV2-") else None
        ids = (f"{acl.name}|{acl.id}|{scope}", acl.id)
        return Deployable(acl.arn, ("AWS::WAFv2::WebACL",), ids, ("aws_wafv2_web_acl",), _region(acl.arn), exempt=exempt)

    found: list[WebAcl] = aws.parse(ACLS, aws.list(ACLS, "WebACLs", Scope=scope), WebAcl, "{ARN}")
    return _each(found, one)


class Recorder(msgspec.Struct, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationRecorder.html"""

    arn: str = msgspec.field(name="Arn")
    name: str
    # absent where it is the customer's
    service_principal: str | None = msgspec.field(name="servicePrincipal", default=None)


def _recorders(aws: Aws) -> list[Deployable]:
    def one(recorder: Recorder) -> Deployable:
        exempt = f"{recorder.service_principal} keeps it" if recorder.service_principal else None
        terraform = ("aws_config_configuration_recorder",)
        return Deployable(recorder.arn, ("AWS::Config::ConfigurationRecorder",), (recorder.name,), terraform, aws.region, exempt=exempt)

    found: list[Recorder] = aws.resources(RECORDERS, "ConfigurationRecorders", Recorder, "{arn}")
    return _each(found, one)


class KeyMetadata(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html"""

    key_manager: Literal["AWS", "CUSTOMER"]
    key_state: str


def _keys(aws: Aws) -> list[Deployable]:
    found: list[Deployable] = []
    for listed in aws.list(KEYS, "Keys"):
        arn = listed.get("KeyArn")
        if not isinstance(arn, str):
            raise UnexpectedAnswer(f"{KEYS} answered a key without KeyArn", KEYS)
        with suppress(Vanished):
            key = or_unread(partial(_key, aws, arn))
            error = error_of(key)
            if error is not None:
                found.append(unread(error, arn))
            elif key is not None:
                found.append(key)
    return found


def _key(aws: Aws, arn: str) -> Deployable | None:
    try:
        key = msgspec.convert(aws.ask(KEY, gone="NotFoundException", KeyId=arn).get("KeyMetadata"), KeyMetadata)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{KEY} answered a key that we cannot read: {error}", KEY) from None
    if key.key_manager == "AWS" or key.key_state in ("PendingDeletion", "PendingReplicaDeletion"):
        return None
    types, terraform = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey"), ("aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key")
    return Deployable(arn, types, (arn.rpartition("/")[2],), terraform, aws.region)


class Rule(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Rule.html"""

    arn: str
    name: str
    # absent where nobody manages it
    managed_by: str | None = None


def _rules(aws: Aws) -> list[Deployable]:
    found: list[Deployable] = []
    for bus in aws.list(BUSES, "EventBuses"):
        name = bus.get("Name")
        if not isinstance(name, str):
            raise UnexpectedAnswer(f"{BUSES} answered an event bus without Name", BUSES)
        rules: list[Rule] = aws.resources(RULES, "Rules", Rule, "{Arn}", EventBusName=name)
        found += _each(rules, partial(_rule, aws, name))
    return found


def _rule(aws: Aws, bus: str, rule: Rule) -> Deployable:
    exempt = f"{rule.managed_by} manages it" if rule.managed_by else None
    ids = (rule.name, f"default|{rule.name}", rule.arn) if bus == "default" else (f"{bus}|{rule.name}", rule.arn)
    return Deployable(rule.arn, ("AWS::Events::Rule",), ids, ("aws_cloudwatch_event_rule",), aws.region, exempt=exempt)


SECURITY = (
    Kind("AWS::EC2::VPC", _vpcs),
    Kind("AWS::EC2::SecurityGroup", _groups),
    Kind("AWS::GuardDuty::Detector", _detectors),
    Kind("AWS::WAFv2::WebACL", _web_acls),
    Kind("AWS::Config::ConfigurationRecorder", _recorders),
    Kind("AWS::KMS::Key", _keys),
    Kind("AWS::Events::Rule", _rules),
)


def _trails(aws: Aws, trails: list[Trail], judged: set[str]) -> list[Deployable]:
    def one(trail: Trail) -> Deployable | None:
        if trail.owner != aws.account or trail.home_region not in judged:
            return None
        ids, terraform = (trail.name, trail.arn), ("aws_cloudtrail",)
        return Deployable(trail.arn, ("AWS::CloudTrail::Trail",), ids, terraform, trail.home_region, strict=True)

    return _each(trails, one)


def _buckets(aws: Aws, sensitive: SensitiveBuckets, buckets: list[Bucket], trails: list[Trail], judged: set[str]) -> list[Deployable]:
    sensitive.settle()
    kept = {trail.bucket for trail in trails} | {place.bucket.name for place in sensitive.places}

    def one(bucket: Bucket) -> Deployable | None:
        if bucket.name not in kept:
            return None
        try:
            bucket.asked(aws)
        except Vanished:
            return None
        except (AwsError, NotOffered) as error:
            unplaced: Deployable = unread(error, bucket.arn)
            return unplaced
        return Deployable(bucket.arn, ("AWS::S3::Bucket",), (bucket.name,), ("aws_s3_bucket",), bucket.region) if bucket.region in judged else None

    return _each(buckets, one)


def _roles(details: AuthorizationDetails) -> list[Deployable]:
    def one(role: Role) -> Deployable | None:
        if role.path.startswith(PATHS_OF_AWS):
            return None
        exempt = None
        if role.path.startswith(PATH_OF_CONSOLE):
            exempt = "made by AWS's console for a service"
        elif any(glob(pattern, role.role_name) for pattern in ROLES_OF_OTHERS):
            exempt = "kept by the organization's management account"
        return Deployable(role.arn, ("AWS::IAM::Role",), (role.role_name,), ("aws_iam_role",), None, exempt=exempt, own_tags=role.tag)

    return _each(details.roles, one)


def _policies(details: AuthorizationDetails) -> list[Deployable]:
    def one(policy: Any) -> Deployable | None:
        if ":iam::aws:" in policy.arn:
            return None
        exempt = "made by AWS's console for a service" if f":policy{PATH_OF_CONSOLE}" in policy.arn else None
        return Deployable(policy.arn, ("AWS::IAM::ManagedPolicy",), (policy.arn,), ("aws_iam_policy",), None, exempt=exempt)

    return _each(details.policies, one)


def _budgets(budgets: Budgets) -> list[Deployable]:
    def one(budget: Budget) -> Deployable:
        return Deployable(budget.arn, ("AWS::Budgets::Budget",), (budget.name,), ("aws_budgets_budget",), None)

    return _each(budgets.found, one)


@read(
    VPCS,
    GROUPS,
    DETECTORS,
    DETECTOR,
    ADMINISTRATOR,
    ACLS,
    RECORDERS,
    KEYS,
    KEY,
    BUSES,
    RULES,
    REGIONS,
    per="account",
)
def security_deployables(
    aws: Aws,
    ssb_profile: Profile,
    trails: list[Trail],
    buckets: list[Bucket],
    sensitive_buckets: SensitiveBuckets,
    iam_authorization_details: AuthorizationDetails,
    budgets: Budgets,
) -> Deployables:
    """What keeps the account secure: trails, detectors, web ACLs, recorders, keys, log and sensitive buckets, roles, policies, networks, budgets, rules."""
    regions = regions_of(aws, ssb_profile)
    judged = {each.region for each in regions}
    of_account = (
        Kind("AWS::CloudTrail::Trail", lambda aws: _trails(aws, trails, judged)),
        Kind("AWS::S3::Bucket", lambda aws: _buckets(aws, sensitive_buckets, buckets, trails, judged)),
        Kind("AWS::IAM::Role", lambda _: _roles(iam_authorization_details)),
        Kind("AWS::IAM::ManagedPolicy", lambda _: _policies(iam_authorization_details)),
        Kind("AWS::Budgets::Budget", lambda _: _budgets(budgets)),
        Kind("AWS::WAFv2::WebACL", lambda aws: _web_acls(aws, "CLOUDFRONT")),
    )
    answers = aws.each(regions, lambda each: _listed(aws.in_region(each.region), SECURITY, each.region))
    return _together([*(answers[each] for each in regions), _listed(aws, of_account, None)])


# --- what does the account's work ------------------------------------------------------------------------------------------------------------


def _plain(type: str, terraform: tuple[str, ...], arn: str, id: str, region: str | None, *more: str) -> Deployable:
    return Deployable(arn, (type, *more), (id,), terraform, region)


def _instances(aws: Aws) -> list[Deployable]:
    def one(instance: Instance) -> Deployable:
        exempt = f"{instance.manager} manages it" if instance.manager else None
        return Deployable(instance.arn, ("AWS::EC2::Instance",), (instance.instance_id,), ("aws_instance",), aws.region, exempt=exempt)

    return _each(instances(aws), one)


def _balancers(aws: Aws) -> list[Deployable]:
    type, terraform = "AWS::ElasticLoadBalancingV2::LoadBalancer", ("aws_lb", "aws_alb")
    return _each(load_balancers(aws), lambda balancer: _plain(type, terraform, balancer.arn, balancer.arn, aws.region))


def _databases(aws: Aws) -> list[Deployable]:
    others = ("AWS::DocDB::DBInstance", "AWS::Neptune::DBInstance")
    terraform = ("aws_db_instance", "aws_rds_cluster_instance", "aws_docdb_cluster_instance", "aws_neptune_cluster_instance")
    return _each(db_instances(aws), lambda one: _plain("AWS::RDS::DBInstance", terraform, one.arn, one.name, aws.region, *others))


def _clusters(aws: Aws) -> list[Deployable]:
    others, terraform = ("AWS::DocDB::DBCluster", "AWS::Neptune::DBCluster"), ("aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster")
    return _each(db_clusters(aws), lambda one: _plain("AWS::RDS::DBCluster", terraform, one.arn, one.name, aws.region, *others))


def _functions(aws: Aws) -> list[Deployable]:
    type, terraform = "AWS::Lambda::Function", ("aws_lambda_function",)
    return _each(functions(aws), lambda one: _plain(type, terraform, one.arn, one.arn.rpartition(":")[2], aws.region))


def _texts(operation: str, found: Iterable[Any]) -> Iterator[str]:
    for each in found:
        if not isinstance(each, str):
            raise UnexpectedAnswer(f"{operation} answered something without a name", operation)
        yield each


def _services(aws: Aws) -> list[Deployable]:
    arns = [arn for cluster in aws.list("ecs:ListClusters", "clusterArns") for arn in aws.list("ecs:ListServices", "serviceArns", cluster=cluster)]
    return [_plain("AWS::ECS::Service", ("aws_ecs_service",), arn, arn, aws.region) for arn in _texts("ecs:ListServices", arns)]


def _tables(aws: Aws) -> list[Deployable]:
    names = _texts("dynamodb:ListTables", aws.list("dynamodb:ListTables", "TableNames"))
    arn = f"arn:{aws.partition}:dynamodb:{aws.region}:{aws.account}:table/"
    type, terraform, other = "AWS::DynamoDB::Table", ("aws_dynamodb_table",), "AWS::DynamoDB::GlobalTable"
    return [_plain(type, terraform, arn + name, name, aws.region, other) for name in names]


def _queues(aws: Aws) -> list[Deployable]:
    urls: list[Any] = []
    for page in aws.pages("sqs:ListQueues", MaxResults=1000):
        told = page.get("QueueUrls", [] if is_json(page) else None)
        if not isinstance(told, list):
            raise UnexpectedAnswer("sqs:ListQueues answered without QueueUrls", "sqs:ListQueues")
        urls += told
    arn = f"arn:{aws.partition}:sqs:{aws.region}:{aws.account}:"
    type, terraform = "AWS::SQS::Queue", ("aws_sqs_queue",)
    return [_plain(type, terraform, arn + url.rpartition("/")[2], url, aws.region) for url in _texts("sqs:ListQueues", urls)]


def _topics(aws: Aws) -> list[Deployable]:
    arns = _texts("sns:ListTopics", (topic.get("TopicArn") for topic in aws.list("sns:ListTopics", "Topics")))
    return [_plain("AWS::SNS::Topic", ("aws_sns_topic",), arn, arn, aws.region) for arn in arns]


WORKLOAD = (
    Kind("AWS::EC2::Instance", _instances),
    Kind("AWS::ElasticLoadBalancingV2::LoadBalancer", _balancers),
    Kind("AWS::RDS::DBInstance", _databases),
    Kind("AWS::RDS::DBCluster", _clusters),
    Kind("AWS::Lambda::Function", _functions),
    Kind("AWS::ECS::Service", _services),
    Kind("AWS::DynamoDB::Table", _tables),
    Kind("AWS::SQS::Queue", _queues),
    Kind("AWS::SNS::Topic", _topics),
)


@read(
    "ec2:DescribeInstances",
    "elbv2:DescribeLoadBalancers",
    "rds:DescribeDBInstances",
    "rds:DescribeDBClusters",
    FUNCTIONS,
    "ecs:ListClusters",
    "ecs:ListServices",
    "dynamodb:ListTables",
    "sqs:ListQueues",
    "sns:ListTopics",
    REGIONS,
    per="account",
    absent={"sqs:ListQueues QueueUrls": "no queues (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html)"},
)
def workload_deployables(aws: Aws, ssb_profile: Profile) -> Deployables:
    """What does the account's work: instances, load balancers, databases, functions, services of ECS, tables, queues, topics."""
    regions = regions_of(aws, ssb_profile)
    answers = aws.each(regions, lambda each: _listed(aws.in_region(each.region), WORKLOAD, each.region))
    return _together([answers[each] for each in regions])


def _listed(aws: Aws, kinds: Sequence[Kind], region: str | None) -> Deployables:
    """What each kind has; where a region as a whole gives no answers, it is not asked again for each."""
    found: list[Deployable] = []
    unlisted: list[Unlisted] = []
    for kind in kinds:
        listed = or_unread(partial(kind.list, aws))
        error = error_of(listed)
        if error is None:
            found += listed
        elif region is not None and kind is kinds[0] and _blocks(error):
            return Deployables((), (Unlisted(None, region, error),))
        elif not isinstance(error, NotOffered):
            unlisted.append(Unlisted(kind.type, region, error))
    return Deployables(tuple(found), tuple(unlisted))


def _blocks(error: Exception) -> bool:
    return isinstance(error, UnreachableError) or (isinstance(error, AwsError) and error.denied_by == "scp")


def _together(parts: Iterable[Deployables]) -> Deployables:
    parts = list(parts)
    return Deployables(tuple(one for part in parts for one in part.found), tuple(one for part in parts for one in part.unlisted))
