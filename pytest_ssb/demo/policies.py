"""The demo's policies: each kind of resource that may have one, and in the account with mistakes one of each that lets strangers in."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from pytest_ssb.demo.network import inside
from pytest_ssb.demo.seeder import Seeder

STRANGER = "999988887777"
# What opens these search domains is their policies alone.
MODERN = {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"}
GITHUB = "token.actions.githubusercontent.com"


def seed(seeder: Seeder) -> None:
    """Fill queues, topics, keys and the like in the first region; the roles are the account's."""
    here = _Here(seeder)
    for fill in (_queues, _topics, _keys, _repositories, _secrets, _buses, _file_systems, _domains, _tables, _functions, _vaults, _roles):
        fill(here)
    _buckets(here)
    _lacking(seeder)


class _Here:
    """The first region: its clients, and the policies that strangers are let in by, which the clean account lacks."""

    def __init__(self, seeder: Seeder) -> None:
        self._seeder = seeder
        self.region, self.account, self.clean = seeder.regions[0], seeder.account, seeder.clean
        self.simulated = seeder.simulated
        self.inside = inside(seeder)

    def client(self, service: str) -> Any:
        return self._seeder.client(service, self.region)

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


def _document(action: str | list[str], principal: Any = "*", resource: str | None = "*", condition: Any = None, effect: str = "Allow") -> str:
    statement = {"Effect": effect, "Principal": principal, "Action": action}
    statement |= ({"Resource": resource} if resource else {}) | ({"Condition": condition} if condition else {})
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _buckets(here: _Here) -> None:
    """What is sensitive nobody else may read, whatever allows it; in the mixed account one bucket lacks that, and lets in a stranger."""
    s3 = here.client("s3")
    own = {"StringNotEqualsIfExists": {"aws:PrincipalAccount": here.account}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
    for name in ("acme-invoices", "acme-uploads") if here.clean else ("acme-uploads",):
        s3.put_bucket_policy(Bucket=name, Policy=_document("s3:GetObject", "*", f"arn:aws:s3:::{name}/*", own, effect="Deny"))
    if not here.clean:
        policy = _document("s3:GetObject", {"AWS": f"arn:aws:iam::{STRANGER}:root"}, "arn:aws:s3:::acme-invoices/*")
        s3.put_bucket_policy(Bucket="acme-invoices", Policy=policy)


def _queues(here: _Here) -> None:
    sqs = here.client("sqs")
    topic = {"ArnEquals": {"aws:SourceArn": here.arn("sns", "acme-orders")}}
    policy = _document("sqs:SendMessage", {"Service": "sns.amazonaws.com"}, here.arn("sqs", "acme-orders"), topic)
    sqs.create_queue(QueueName="acme-orders", Attributes={"Policy": policy})
    if not here.clean:
        sqs.create_queue(QueueName="acme-imports", Attributes={"Policy": _document("sqs:SendMessage", "*", here.arn("sqs", "acme-imports"))})


def _topics(here: _Here) -> None:
    sns = here.client("sns")
    sns.create_topic(Name="acme-orders")
    if not here.clean:
        policy = _document(["sns:Subscribe", "sns:Publish"], {"AWS": "*"}, here.arn("sns", "acme-alerts"))
        arn = sns.create_topic(Name="acme-alerts")["TopicArn"]
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)


def _keys(here: _Here) -> None:
    kms = here.client("kms")
    own = {"AWS": f"arn:aws:iam::{here.account}:root"}
    kms.create_key(Description="invoices", Policy=_document("kms:*", own))
    if not here.clean:
        via = {"StringEquals": {"kms:ViaService": f"s3.{here.region}.amazonaws.com"}}
        kms.create_key(Description="uploads", Policy=_document(["kms:Decrypt", "kms:GenerateDataKey"], "*", "*", via))


def _repositories(here: _Here) -> None:
    ecr = here.client("ecr")
    ecr.create_repository(repositoryName="acme-app")
    if not here.clean:
        ecr.create_repository(repositoryName="acme-tools")
        ecr.set_repository_policy(repositoryName="acme-tools", policyText=_document("ecr:BatchGetImage", "*", None))


def _secrets(here: _Here) -> None:
    secrets = here.client("secretsmanager")
    secrets.create_secret(Name="acme/orders-db", SecretString="not-a-secret")
    if not here.clean:
        arn = secrets.create_secret(Name="acme/partner-api", SecretString="not-a-secret")["ARN"]
        secrets.put_resource_policy(SecretId=arn, ResourcePolicy=_document("secretsmanager:GetSecretValue", {"AWS": STRANGER}))


def _buses(here: _Here) -> None:
    events = here.client("events")
    events.create_event_bus(Name="acme")
    if not here.clean:
        events.put_permission(EventBusName="acme", Action="events:PutEvents", Principal="*", StatementId="partners")


def _file_systems(here: _Here) -> None:
    efs = here.client("efs")
    mounted = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
    for name in ("acme-media",) if here.clean else ("acme-media", "acme-scratch"):
        made = efs.create_file_system(CreationToken=name, Encrypted=True)["FileSystemId"]
        if name == "acme-media":
            efs.put_file_system_policy(FileSystemId=made, Policy=_document("elasticfilesystem:ClientMount", {"AWS": "*"}, "*", mounted))
        else:
            _mount(here, made)


def _mount(here: _Here, file_system: str) -> None:
    """A mount target in a private subnet, into which all of its network gets; its network interface is told of as AWS does, unlike moto."""
    ec2 = here.client("ec2")
    (subnet,) = ec2.describe_subnets(Filters=[{"Name": "tag:Name", "Values": ["acme-private-a"]}])["Subnets"]
    group = ec2.create_security_group(GroupName="acme-scratch", Description="scratch files", VpcId=subnet["VpcId"])["GroupId"]
    nfs = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "IpRanges": [{"CidrIp": "10.20.0.0/16"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[nfs])
    target = here.client("efs").create_mount_target(FileSystemId=file_system, SubnetId=subnet["SubnetId"], SecurityGroups=[group])

    def in_use(region: str, parsed: dict[str, Any]) -> None:
        for each in parsed["NetworkInterfaces"]:
            if each["NetworkInterfaceId"] == target["NetworkInterfaceId"]:
                each |= {"Status": "in-use", "Groups": [{"GroupId": group, "GroupName": "acme-scratch"}], "RequesterManaged": True}

    here.simulated.over("ec2:DescribeNetworkInterfaces", in_use)


def _domains(here: _Here) -> None:
    search = here.client("opensearch")
    own = {"AWS": f"arn:aws:iam::{here.account}:root"}
    policy = _document("es:ESHttp*", own)
    search.create_domain(DomainName="acme-search", DomainEndpointOptions=MODERN, AccessPolicies=policy, VPCOptions=here.inside)
    if not here.clean:
        search.create_domain(DomainName="acme-events", DomainEndpointOptions=MODERN, AccessPolicies=_document("es:ESHttp*", {"AWS": "*"}))


def _tables(here: _Here) -> None:
    dynamodb = here.client("dynamodb")
    for name in ("acme-carts",) if here.clean else ("acme-carts", "acme-prices"):
        dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
    if not here.clean:
        policy = _document("dynamodb:GetItem", {"AWS": f"arn:aws:iam::{STRANGER}:root"}, here.arn("dynamodb", "table/acme-prices"))
        dynamodb.put_resource_policy(ResourceArn=here.arn("dynamodb", "table/acme-prices"), Policy=policy)


def _functions(here: _Here) -> None:
    functions = here.client("lambda")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "")
    for name in ("acme-thumbnails",) if here.clean else ("acme-thumbnails", "acme-imports"):
        here.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=_document("sts:AssumeRole", {"Service": "lambda.amazonaws.com"}, None))
        functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="app.handler",
            Role=f"arn:aws:iam::{here.account}:role/{name}",
            Code={"ZipFile": code.getvalue()},
        )
        held = {"SourceAccount": here.account, "SourceArn": "arn:aws:s3:::acme-uploads"} if name == "acme-thumbnails" else {}
        functions.add_permission(FunctionName=name, StatementId="uploads", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com", **held)


def _vaults(here: _Here) -> None:
    """moto has vaults, and lacks their policies and locks."""
    policies: dict[str, str] = {}
    for name in ("acme-archive",) if here.clean else ("acme-archive", "acme-exports"):
        here.client("glacier").create_vault(accountId="-", vaultName=name)
    if not here.clean:
        policies["acme-exports"] = _document("glacier:*", {"AWS": "*"}, here.arn("glacier", "vaults/acme-exports"))
    access = _named(policies, here.region, "/access-policy", "GetVaultAccessPolicy", lambda text: {"policy": {"Policy": text}})
    here.simulated.instead("glacier:GetVaultAccessPolicy", access)
    here.simulated.instead("glacier:GetVaultLock", _named({}, here.region, "/lock-policy", "GetVaultLock", lambda text: {"Policy": text}))


def _roles(here: _Here) -> None:
    iam = here.client("iam")
    condition = {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}, "StringLike": {f"{GITHUB}:sub": "repo:acme/*"}}
    provider = {"Federated": f"arn:aws:iam::{here.account}:oidc-provider/{GITHUB}"}
    iam.create_role(RoleName="acme-deploy", AssumeRolePolicyDocument=_document("sts:AssumeRoleWithWebIdentity", provider, None, condition))
    if not here.clean:
        vendor = {"AWS": f"arn:aws:iam::{STRANGER}:root"}
        iam.create_role(RoleName="acme-monitoring", AssumeRolePolicyDocument=_document("sts:AssumeRole", vendor, None))


def _named(
    policies: dict[str, str], here: str, part: str, operation: str, answer: Callable[[str], dict[str, Any]]
) -> Callable[[str, dict[str, Any]], dict[str, Any] | Exception]:
    """Policies by the name of what they hang on, which stands in the request's path before `part`."""

    def give(region: str, asked: dict[str, Any]) -> dict[str, Any] | Exception:
        name = asked["url_path"].partition(part)[0].rpartition("/")[2]
        if region != here or name not in policies:
            return _error("ResourceNotFoundException", operation)
        return answer(policies[name])

    return give


def _lacking(seeder: Seeder) -> None:
    """What moto lacks, or has only with more packages, and the account has nothing of: a data catalog's policy, packages."""

    def without_databases(region: str, parsed: dict[str, Any]) -> None:
        # moto gives the secrets of databases other names every time, whatever the seed.
        parsed["SecretList"] = [secret for secret in parsed["SecretList"] if not secret["Name"].startswith("rds!")]

    seeder.simulated.over("secretsmanager:ListSecrets", without_databases)
    seeder.simulated.instead("glue:GetResourcePolicy", lambda region, asked: _error("EntityNotFoundException", "GetResourcePolicy"))
    seeder.simulated.instead("codeartifact:ListDomains", lambda region, asked: {"domains": []})
    seeder.simulated.instead("codeartifact:ListRepositories", lambda region, asked: {"repositories": []})


def _error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "there is none"}}, operation)
