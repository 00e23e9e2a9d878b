"""WKLD.02's checks: who gets in by policies is shown alike for each kind of resource, then what is special to some."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_02_resource_policies as suite

REGION = "us-east-1"
STRANGER, VENDOR = "999988887777", "444455556666"
FOREIGN, WIDE = "o-foreign0000", "52.0.0.0/8"
BROKEN = '{"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}'
Put = Callable[[Cloud, str, str | None], str]


def error(operation: str, code: str = "AccessDenied") -> ClientError:
    """An error that AWS answers."""
    return ClientError({"Error": {"Code": code, "Message": ""}}, operation.partition(":")[2])


def allow(principal: Any = "*", condition: Any = None, action: Any = "any:GetIt", **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"} | more
    return statement | ({"Condition": condition} if condition else {})


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


# --- a resource of each kind, with a policy ---------------------------------------------------------------------------------------------------


def queue(aws: Cloud, name: str, policy: str | None) -> str:
    aws.client("sqs").create_queue(QueueName=name, Attributes={"Policy": policy} if policy else {})
    return aws.arn("sqs", name)


def topic(aws: Cloud, name: str, policy: str | None) -> str:
    arn: str = aws.client("sns").create_topic(Name=name)["TopicArn"]
    if policy:
        aws.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    return arn


def key(aws: Cloud, name: str, policy: str | None) -> str:
    arn: str = aws.client("kms").create_key(**({"Policy": policy} if policy else {}))["KeyMetadata"]["Arn"]
    return arn


def repository(aws: Cloud, name: str, policy: str | None) -> str:
    aws.client("ecr").create_repository(repositoryName=name)
    if policy:
        aws.client("ecr").set_repository_policy(repositoryName=name, policyText=policy)
    return aws.arn("ecr", f"repository/{name}")


def secret(aws: Cloud, name: str, policy: str | None) -> str:
    arn: str = aws.client("secretsmanager").create_secret(Name=name, SecretString="x")["ARN"]
    if policy:
        aws.client("secretsmanager").put_resource_policy(SecretId=arn, ResourcePolicy=policy)
    return arn


def file_system(aws: Cloud, name: str, policy: str | None) -> str:
    made = aws.client("efs").create_file_system(CreationToken=name)
    if policy:
        aws.client("efs").put_file_system_policy(FileSystemId=made["FileSystemId"], Policy=policy)
    arn: str = made["FileSystemArn"]
    return arn


def bus(aws: Cloud, name: str, policy: str | None) -> str:
    """moto takes no whole policy as AWS does: it is laid over the list."""
    arn: str = aws.client("events").create_event_bus(Name=name)["EventBusArn"]

    def lay(region: str, parsed: dict[str, Any]) -> None:
        for each in parsed["EventBuses"]:
            if each["Name"] == name and policy:
                each["Policy"] = policy
        parsed["EventBuses"] = [each for each in parsed["EventBuses"] if each["Name"] != "default"]

    aws.simulated.over("events:ListEventBuses", lay)
    return arn


def by_name(aws: Cloud, operation: str, part: str, code: str, answer: Callable[[str], dict[str, Any]]) -> dict[str, str]:
    """Simulate a getter: the policies by name, which is in the path before `part`."""
    known: dict[str, str] = getattr(aws, "_known", {})
    aws._known = known  # type: ignore[attr-defined]

    def give(region: str, asked: dict[str, Any]) -> Any:
        name = asked["url_path"].partition(part)[0].rpartition("/")[2].rpartition("%3A")[2].rpartition(":")[2]
        wanted = f"{operation} {name} {asked.get('Qualifier', '')}".strip()
        return answer(known[wanted]) if wanted in known else error(operation, code)

    aws.simulated.instead(operation, give)
    return known


def vault(aws: Cloud, name: str, policy: str | None, lock: str | None = None) -> str:
    """moto lacks the policies of vaults."""
    aws.client("glacier").create_vault(accountId="-", vaultName=name)
    access = by_name(aws, "glacier:GetVaultAccessPolicy", "/access-policy", "ResourceNotFoundException", lambda text: {"policy": {"Policy": text}})
    locks = by_name(aws, "glacier:GetVaultLock", "/lock-policy", "ResourceNotFoundException", lambda text: {"Policy": text, "State": "Locked"})
    if policy:
        access[f"glacier:GetVaultAccessPolicy {name}"] = policy
    if lock:
        locks[f"glacier:GetVaultLock {name}"] = lock
    return aws.arn("glacier", f"vaults/{name}")


def function(aws: Cloud, name: str, policy: str | None) -> str:
    """moto's policies of functions hold elements that IAM does not know: they are given as AWS does."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("a.py", "")
    iam = aws.client("iam")
    if not iam.list_roles()["Roles"]:
        iam.create_role(RoleName="lambda", AssumeRolePolicyDocument=document(allow({"Service": "lambda.amazonaws.com"}, action="sts:AssumeRole")))
    arn: str = aws.client("lambda").create_function(
        FunctionName=name, Runtime="python3.12", Handler="a.b", Role=f"arn:aws:iam::{aws.account}:role/lambda", Code={"ZipFile": code.getvalue()}
    )["FunctionArn"]
    known = by_name(aws, "lambda:GetPolicy", "/policy", "ResourceNotFoundException", lambda text: {"Policy": text})
    if policy:
        known[f"lambda:GetPolicy {name}"] = policy
    return arn


def domain(aws: Cloud, name: str, policy: str | None) -> str:
    arn: str = aws.client("opensearch").create_domain(DomainName=name, **({"AccessPolicies": policy} if policy else {}))["DomainStatus"]["ARN"]
    return arn


def table(aws: Cloud, name: str, policy: str | None) -> str:
    others(aws)
    arn: str = aws.client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]["TableArn"]
    if policy:
        aws.client("dynamodb").put_resource_policy(ResourceArn=arn, Policy=policy)
    return arn


def bucket(aws: Cloud, name: str, policy: str | None) -> str:
    aws.client("s3").create_bucket(Bucket=name)
    if policy:
        aws.client("s3").put_bucket_policy(Bucket=name, Policy=policy)
    return f"arn:aws:s3:::{name}"


def access_point(aws: Cloud, name: str, policy: str | None, **more: Any) -> str:
    if "acme-points" not in [one["Name"] for one in aws.client("s3").list_buckets()["Buckets"]]:
        aws.client("s3").create_bucket(Bucket="acme-points")
    made = aws.client("s3control").create_access_point(AccountId=aws.account, Name=name, Bucket="acme-points", **more)
    if policy:
        aws.client("s3control").put_access_point_policy(AccountId=aws.account, Name=name, Policy=policy)
    arn: str = made["AccessPointArn"]
    return arn


def role(aws: Cloud, name: str, policy: str | None, path: str = "/") -> str:
    trusted = policy or document(allow({"AWS": f"arn:aws:iam::{aws.account}:root"}, action="sts:AssumeRole"))
    arn: str = aws.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trusted)["Role"]["Arn"]
    return arn


def others(aws: Cloud, **policies: str) -> None:
    """What moto lacks of the kinds that are judged together: none of them, but for the policies given."""
    catalog, domains, repositories, backups, identities, authorities, apis = (
        policies.get(name) for name in ("catalog", "package_domain", "package_repository", "backup", "identity", "authority", "api")
    )
    aws.simulated.instead(
        "glue:GetResourcePolicy",
        lambda region, asked: {"PolicyInJson": catalog} if catalog else error("glue:GetResourcePolicy", "EntityNotFoundException"),
    )
    arn = aws.arn("codeartifact", "domain/acme")
    aws.simulated.instead(
        "codeartifact:ListDomains", lambda region, asked: {"domains": [{"arn": arn, "name": "acme", "owner": aws.account}] if domains else []}
    )
    aws.simulated.instead("codeartifact:GetDomainPermissionsPolicy", lambda region, asked: {"policy": {"document": domains}})
    listed = {"arn": aws.arn("codeartifact", "repository/acme/npm"), "name": "npm", "domainName": "acme", "domainOwner": aws.account}
    aws.simulated.instead("codeartifact:ListRepositories", lambda region, asked: {"repositories": [listed] if repositories else []})
    aws.simulated.instead("codeartifact:GetRepositoryPermissionsPolicy", lambda region, asked: {"policy": {"document": repositories}})
    aws.simulated.instead("backup:GetBackupVaultAccessPolicy", lambda region, asked: {"Policy": backups})
    aws.simulated.instead("sesv2:GetEmailIdentityPolicies", lambda region, asked: {"Policies": {"partners": identities} if identities else {}})
    ca = {"Arn": aws.arn("acm-pca", "certificate-authority/1")}
    aws.simulated.instead("acm-pca:ListCertificateAuthorities", lambda region, asked: {"CertificateAuthorities": [ca] if authorities else []})
    aws.simulated.instead("acm-pca:GetPolicy", lambda region, asked: {"Policy": authorities})
    if apis:
        aws.client("apigateway").create_rest_api(name="acme", policy=apis)
    if backups:
        aws.client("backup").create_backup_vault(BackupVaultName="acme")
    if identities:
        aws.client("sesv2").create_email_identity(EmailIdentity="acme@example.com")


BUCKET, POINT, QUEUE, TOPIC = (
    suite.test_s3_bucket_policy_scoped,
    suite.test_s3_access_point_policy_scoped,
    suite.test_sqs_queue_policy_scoped,
    suite.test_sns_topic_policy_scoped,
)
KEY, FUNCTION, REPOSITORY, SECRET = (
    suite.test_kms_key_policy_scoped,
    suite.test_lambda_function_policy_scoped,
    suite.test_ecr_repository_policy_scoped,
    suite.test_secret_policy_scoped,
)
DOMAIN, FILES, BUS, VAULT = (
    suite.test_opensearch_domain_policy_scoped,
    suite.test_efs_file_system_policy_scoped,
    suite.test_event_bus_policy_scoped,
    suite.test_glacier_vault_policy_scoped,
)
ROLE, OTHER = suite.test_iam_role_trust_scoped, suite.test_other_resource_policies_scoped
KINDS: dict[Callable[..., None], tuple[Put, str]] = {
    BUCKET: (bucket, "critical"),
    POINT: (access_point, "critical"),
    QUEUE: (queue, "critical"),
    TOPIC: (topic, "critical"),
    KEY: (key, "critical"),
    FUNCTION: (function, "critical"),
    REPOSITORY: (repository, "critical"),
    SECRET: (secret, "critical"),
    DOMAIN: (domain, "critical"),
    FILES: (file_system, "medium"),
    BUS: (bus, "critical"),
    VAULT: (vault, "high"),
    ROLE: (role, "critical"),
    OTHER: (table, "high"),
}
LEVELS = ("critical", "high", "medium", "low")
SHOWN: dict[Callable[..., None], dict[str, Callable[..., None]]] = {check: {} for check in KINDS}


def least(severity: str, worst: str) -> str:
    return max(severity, worst, key=LEVELS.index)


def shown(words: str, *, but: tuple[Callable[..., None], ...] = ()) -> Callable[[Callable[[Cloud, Put, str], Expected]], None]:
    """Make a world of each kind of resource: the builder gets what makes one, and the worst severity of the check."""

    def make(build: Callable[[Cloud, Put, str], Expected]) -> None:
        for check, (put, worst) in KINDS.items():
            if check in but:
                continue

            def one(aws: Cloud, put: Put = put, worst: str = worst) -> Expected:
                return build(aws, put, worst)

            one.__name__ = f"test_{build.__name__}_{check.__name__.removeprefix('test_')}"
            one.__module__ = __name__
            globals()[one.__name__] = SHOWN[check][words] = world(check, regions=(REGION,))(one)

    return make


# --- what every kind of resource shows --------------------------------------------------------------------------------------------------------


def organization(aws: Cloud) -> tuple[str, str]:
    """An organization that is managed here: its id, and another account of it."""
    client = aws.client("organizations")
    id: str = client.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    sibling: str = client.create_account(Email="sandbox@example.com", AccountName="sandbox")["CreateAccountStatus"]["AccountId"]
    return id, sibling


@shown("PASS: own organization and its accounts; FAIL: everyone, a stranger who reads or writes")
def who_gets_in(aws: Cloud, put: Put, worst: str) -> Expected:
    id, sibling = organization(aws)
    return {
        put(aws, "own-organization", document(allow("*", {"StringEquals": {"aws:PrincipalOrgID": id}}))): "PASS",
        put(aws, "sibling", document(allow({"AWS": f"arn:aws:iam::{sibling}:root"}))): "PASS",
        put(aws, "everyone", document(allow(action="any:PutIt"))): ("FAIL", worst, "open: everyone may any:PutIt"),
        put(aws, "stranger-reads", document(allow({"AWS": STRANGER}))): ("FAIL", least("medium", worst), f"external: {STRANGER} may"),
        put(aws, "stranger-writes", document(allow({"AWS": STRANGER}, action="any:*"))): ("FAIL", least("high", worst), STRANGER),
    }


@shown("PASS: own VPC and endpoint; FAIL: another's, and a range of addresses that is too wide", but=(ROLE,))
def which_networks_get_in(aws: Cloud, put: Put, worst: str) -> Expected:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    endpoint = ec2.create_vpc_endpoint(VpcId=vpc, VpcEndpointType="Gateway", ServiceName=f"com.amazonaws.{REGION}.s3")["VpcEndpoint"]["VpcEndpointId"]

    def held(name: str, condition: str, value: str, operator: str = "StringEquals") -> str:
        return put(aws, name, document(allow("*", {operator: {condition: value}})))

    return {
        held("own-vpc", "aws:SourceVpc", vpc): ("PASS", None, f"held to aws:SourceVpc {vpc}"),
        held("own-endpoint", "aws:SourceVpce", endpoint): "PASS",
        held("foreign-vpc", "aws:SourceVpc", "vpc-0123456789"): ("FAIL", None, "external", "vpc-0123456789"),
        held("foreign-endpoint", "aws:SourceVpce", "vpce-0123456789"): ("FAIL", None, "external"),
        held("wide-range", "aws:SourceIp", WIDE, "IpAddress"): ("FAIL", least("medium", worst), "wide"),
        held("office", "aws:SourceIp", "203.0.113.0/24", "IpAddress"): "PASS",
    }


@shown("PASS: whom the profile trusts", but=(ROLE,))
def whom_the_profile_trusts(aws: Cloud, put: Put, worst: str) -> Expected:
    aws.facts(trust={"accounts": [VENDOR], "organizations": [FOREIGN], "networks": ["vpc-0123456789"], "cidrs": [WIDE]})
    return {
        put(aws, "vendor", document(allow({"AWS": VENDOR}))): ("PASS", None, f"trust.accounts = {VENDOR}"),
        put(aws, "partners", document(allow("*", {"StringEquals": {"aws:PrincipalOrgID": FOREIGN}}))): ("PASS", None, f"organizations = {FOREIGN}"),
        put(aws, "shared-vpc", document(allow("*", {"StringEquals": {"aws:SourceVpc": "vpc-0123456789"}}))): ("PASS", None, "trust.networks = vpc-"),
        put(aws, "wide-range", document(allow("*", {"IpAddress": {"aws:SourceIp": WIDE}}))): ("PASS", None, f"trust.cidrs = {WIDE}"),
        put(aws, "not-needed", document(allow({"AWS": [VENDOR, STRANGER]}))): ("FAIL", None, STRANGER),
        put(aws, "foreign-organization", document(allow("*", {"StringEquals": {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}}))): "FAIL",
    }


@shown("PASS with a note: a service that may act for anybody", but=(ROLE, FUNCTION))
def service_that_acts_for_anybody(aws: Cloud, put: Put, worst: str) -> Expected:
    return {
        put(aws, "service", document(allow({"Service": "s3.amazonaws.com"}))): ("PASS", None, "s3.amazonaws.com may act for anybody"),
        put(aws, "held", document(allow({"Service": "s3.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": aws.account}}))): (
            "PASS",
            None,
            "held to aws:SourceAccount",
        ),
    }


@shown("FAIL: a service that may act for anybody, where the profile is strict", but=(ROLE,))
def service_that_acts_for_anybody_is_refused(aws: Cloud, put: Put, worst: str) -> Expected:
    aws.facts(trust={"strict_confused_deputy": True})
    return {
        put(aws, "service", document(allow({"Service": "sns.amazonaws.com"}))): ("FAIL", least("medium", worst), "confused deputy: sns.amazonaws.com")
    }


@shown("ERROR: a policy that cannot be read, or names somebody of a kind that there is not")
def policy_that_cannot_be_read(aws: Cloud, put: Put, worst: str) -> Expected:
    if put is repository:  # moto refuses to take it
        aws.simulated.over(
            "ecr:GetRepositoryPolicy",
            lambda region, parsed: parsed.update(policyText=BROKEN if "Grab" in parsed["policyText"] else parsed["policyText"]),
        )
    return {
        put(aws, "broken", document(allow(action="any:GrabIt")) if put is repository else BROKEN): ("ERROR", None, "cannot read"),
        put(aws, "robot", document(allow({"Robot": "r2"}))): ("ERROR", None, "cannot judge"),
    }


@shown("PASS: no policy", but=(FILES, TOPIC, KEY, ROLE))
def resource_without_a_policy(aws: Cloud, put: Put, worst: str) -> Expected:
    return {put(aws, "plain", None): ("PASS", None, "no policy")}


@shown("NOT_APPLICABLE: there is none", but=(BUS,))
def nothing_that_may_have_a_policy(aws: Cloud, put: Put, worst: str) -> Expected:
    others(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", worst, "no")}


# --- what is special to some ------------------------------------------------------------------------------------------------------------------


def edge(words: str, *checks: Callable[..., None], selected: tuple[str, ...] = ()) -> Callable[[Callable[[Cloud], Expected]], Callable[..., None]]:
    """A world of one kind, noted among its edges."""

    def make(build: Callable[[Cloud], Expected]) -> Callable[..., None]:
        test = world(*checks, regions=(REGION,), selected=selected)(build)
        for check in checks:
            SHOWN[check][words] = test
        return test

    return make


@edge("PASS: accounts of the organization as organization_profile shows them, and those that the config file's profiles reach", QUEUE)
def test_own_accounts_that_are_not_seen_from_here(aws: Cloud) -> Expected:
    manager, sibling, configured = VENDOR, "222233334444", "333344445555"
    other = aws.beside("organization_profile", manager)
    other.simulated.instead("organizations:ListAccounts", lambda region, asked: {"Accounts": [{"Id": manager}, {"Id": sibling}]})
    aws.profile = msgspec.structs.replace(aws.profile, configured=frozenset({configured}))
    member(aws)
    return {
        queue(aws, "sibling", document(allow({"AWS": sibling}))): "PASS",
        queue(aws, "manager", document(allow({"AWS": manager}))): "PASS",
        queue(aws, "configured", document(allow({"AWS": configured}))): ("PASS", None, "names principals of its own or trusted accounts"),
        queue(aws, "stranger", document(allow({"AWS": STRANGER}))): ("FAIL", "medium", f"external: {STRANGER} may"),
    }


@edge("ERROR: a stranger may be one of the organization's, where its accounts cannot be listed", QUEUE)
def test_own_accounts_that_cannot_be_listed(aws: Cloud) -> Expected:
    manager = VENDOR
    other = aws.beside("organization_profile", manager)
    other.simulated.instead("organizations:ListAccounts", lambda region, asked: error("organizations:ListAccounts"))
    member(aws)
    return {
        queue(aws, "manager", document(allow({"AWS": manager}))): "PASS",
        queue(aws, "stranger", document(allow({"AWS": STRANGER}))): ("ERROR", None, "organizations:ListAccounts is denied"),
    }


@edge("FAIL: a sibling that nobody shows, PASS: the account that manages the organization", QUEUE)
def test_a_member_that_nobody_shows_its_siblings(aws: Cloud) -> Expected:
    member(aws)
    return {
        queue(aws, "manager", document(allow({"AWS": VENDOR}))): "PASS",
        queue(aws, "sibling", document(allow({"AWS": "222233334444"}))): ("FAIL", "medium", "external"),
    }


@edge("PASS: the default policy, which is held to the owner; subscribers of a literal domain", TOPIC)
def test_topics(aws: Cloud) -> Expected:
    def subscribers(name: str, endpoint: str) -> str:
        return topic(aws, name, document(allow("*", {"StringLike": {"sns:Endpoint": endpoint}}, "SNS:Subscribe")))

    return {
        topic(aws, "plain", None): ("PASS", None, "AWS:SourceOwner"),
        subscribers("colleagues", "*@acme.example"): "PASS",
        subscribers("anybody", "*@*"): "FAIL",
    }


@edge("kms:ViaService alone holds nobody; NOT_APPLICABLE: AWS's own keys, and those about to be deleted; ERROR: whose it is is not said", KEY)
def test_keys(aws: Cloud) -> Expected:
    via = {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}
    managed, deleted, unknown = key(aws, "managed", None), key(aws, "deleted", document(allow())), key(aws, "unknown", None)
    aws.client("kms").schedule_key_deletion(KeyId=deleted.rpartition("/")[2])

    def told(region: str, parsed: dict[str, Any]) -> None:
        if parsed["KeyMetadata"]["Arn"] == managed:
            parsed["KeyMetadata"]["KeyManager"] = "AWS"
        if parsed["KeyMetadata"]["Arn"] == unknown:
            del parsed["KeyMetadata"]["KeyManager"]

    aws.simulated.over("kms:DescribeKey", told)
    return {
        key(aws, "default", None): ("PASS", None, "own or trusted accounts"),
        key(aws, "via", document(allow("*", {"StringEquals": via}))): ("FAIL", "critical", "open"),
        key(aws, "via-own", document(allow("*", {"StringEquals": via | {"kms:CallerAccount": aws.account}}))): "PASS",
        managed: ("NOT_APPLICABLE", None, "a service of AWS manages the key"),
        deleted: ("NOT_APPLICABLE", None, "is about to be deleted"),
        unknown: ("ERROR", None, "without KeyManager"),
    }


@edge("PASS: an access point for a VPC alone, whatever its policy", POINT)
def test_access_point_of_a_vpc(aws: Cloud) -> Expected:
    vpc = aws.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return {access_point(aws, "inside", document(allow()), VpcConfiguration={"VpcId": vpc}): ("PASS", None, "from a VPC alone")}


@edge("FAIL: S3 may invoke it for anybody's bucket; an alias's policy counts, and that of a layer's newest version", FUNCTION)
def test_functions(aws: Cloud) -> Expected:
    s3 = {"Service": "s3.amazonaws.com"}
    aliased, client = function(aws, "aliased", None), aws.client("lambda")
    client.publish_version(FunctionName="aliased")
    client.create_alias(FunctionName="aliased", Name="live", FunctionVersion="1")
    known = by_name(aws, "lambda:GetPolicy", "/policy", "ResourceNotFoundException", lambda text: {"Policy": text})
    known["lambda:GetPolicy aliased live"] = document(allow({"AWS": STRANGER}, action="lambda:InvokeFunction"))
    layer = client.publish_layer_version(LayerName="shared", Content={"ZipFile": b"x"})["LayerVersionArn"]
    plain = client.publish_layer_version(LayerName="plain", Content={"ZipFile": b"x"})["LayerVersionArn"]
    client.add_layer_version_permission(LayerName="shared", VersionNumber=1, StatementId="all", Action="lambda:GetLayerVersion", Principal="*")
    return {
        function(aws, "any-bucket", document(allow(s3))): ("FAIL", "critical", "for anybody's bucket"),
        function(aws, "own-bucket", document(allow(s3, {"StringEquals": {"aws:SourceAccount": aws.account}}))): "PASS",
        function(aws, "any-topic", document(allow({"Service": "sns.amazonaws.com"}))): ("PASS", None, "sns.amazonaws.com may act for anybody"),
        aliased: ("FAIL", "high", STRANGER),
        layer: ("FAIL", "critical", "open: everyone may lambda:GetLayerVersion"),
        plain: "PASS",
    }


def urls(aws: Cloud) -> str:
    """A function whose URL is for everyone: AWS wants both statements."""
    by_type = allow("*", {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}, "lambda:InvokeFunctionUrl")
    by_url = allow("*", {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}, "lambda:InvokeFunction")
    return function(aws, "webhook", document(by_type, by_url))


@edge("FAIL medium: its URL is for everyone", FUNCTION)
def test_function_with_a_public_url(aws: Cloud) -> Expected:
    signed = allow("*", {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}, "lambda:InvokeFunctionUrl")
    return {
        urls(aws): ("FAIL", "medium", "by the function's URL"),
        function(aws, "signed", document(signed)): ("FAIL", "critical", "open: everyone may lambda:InvokeFunctionUrl"),
    }


@edge("PASS: its URL is for everyone, as the profile says", FUNCTION)
def test_function_with_a_declared_url(aws: Cloud) -> Expected:
    aws.facts(network={"public_resources": ["webhook"]})
    return {urls(aws): ("PASS", "medium", "network.public_resources = webhook")}


@edge("NOT_APPLICABLE: its URL is judged as a web endpoint", FUNCTION, selected=("lambda_function_url_protected",))
def test_function_whose_url_is_judged_elsewhere(aws: Cloud) -> Expected:
    return {urls(aws): ("NOT_APPLICABLE", None, "judged by lambda_function_url_protected")}


@edge("PASS: a domain within a VPC that is open to everyone; FAIL: one that is open to strangers besides", DOMAIN)
def test_domains_within_a_vpc(aws: Cloud) -> Expected:
    inside, shared = domain(aws, "inside", document(allow())), domain(aws, "shared", document(allow(), allow({"AWS": STRANGER})))

    def within(region: str, parsed: dict[str, Any]) -> None:
        for status in parsed["DomainStatusList"]:
            status["VPCOptions"] = {"VPCId": "vpc-1"}

    aws.simulated.over("opensearch:DescribeDomains", within)
    return {inside: ("PASS", None, "within its VPC alone"), shared: ("FAIL", "medium", STRANGER)}


@edge("FAIL low: no policy, and addresses get in; PASS: security groups alone do, or nobody; through a mount target alone", FILES)
def test_file_systems(aws: Cloud) -> Expected:
    mounted = allow("*", {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}, "elasticfilesystem:ClientMount")
    ec2, efs = aws.client("ec2"), aws.client("efs")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]

    def group(name: str, **source: Any) -> str:
        id: str = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        nfs = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049}
        if source:
            ec2.authorize_security_group_ingress(GroupId=id, IpPermissions=[nfs | source])
        return id

    shut = group("shut")
    by_group = {"UserIdGroupPairs": [{"GroupId": shut}]}
    groups = {
        "shut": shut,
        "groups": group("groups", **by_group),
        "blocks": group("blocks", IpRanges=[{"CidrIp": "10.0.0.0/16"}]),
        "ipv6": group("ipv6", Ipv6Ranges=[{"CidrIpv6": "fd00::/64"}]),
        "lists": group("lists", PrefixListIds=[{"PrefixListId": "pl-0123456789abcdef0"}]),
        "web": group("web", FromPort=443, ToPort=443, IpRanges=[{"CidrIp": "0.0.0.0/0"}]),
        "all": group("all", IpProtocol="-1", IpRanges=[{"CidrIp": "10.0.0.0/16"}]),
    }

    def reached(name: str, *through: str) -> str:
        arn = file_system(aws, name, None)
        efs.create_mount_target(FileSystemId=arn.rpartition("/")[2], SubnetId=subnet, SecurityGroups=[groups[each] for each in through])
        return arn

    return {
        file_system(aws, "plain", None): ("PASS", "low", "no policy, and no mount target to reach it by"),
        file_system(aws, "mounted", document(mounted)): "PASS",
        reached("by-groups", "groups", "web"): ("PASS", "low", "its mount targets let in security groups alone"),
        reached("by-nobody", "shut"): "PASS",
        reached("by-blocks", "groups", "blocks"): (
            "FAIL",
            "low",
            f"no policy: whoever reaches a mount target gets in, and {groups['blocks']} let in",
        ),
        reached("by-ipv6", "ipv6"): "FAIL",
        reached("by-lists", "lists"): "FAIL",
        reached("by-all", "all"): "FAIL",
    }


@edge("ERROR: a mount target's group is not seen, or the groups are denied", FILES)
def test_file_systems_whose_doors_are_not_seen(aws: Cloud) -> Expected:
    ec2 = aws.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    arn, policied = file_system(aws, "plain", None), file_system(aws, "policied", document(allow({"AWS": aws.account}, action="any:GetIt")))
    aws.client("efs").create_mount_target(FileSystemId=arn.rpartition("/")[2], SubnetId=subnet)
    aws.simulated.instead("efs:DescribeMountTargetSecurityGroups", lambda region, asked: {"SecurityGroups": ["sg-0aaaabbbbccccdddd"]})
    return {arn: ("ERROR", None, "the security group sg-0aaaabbbbccccdddd of a mount target is not seen"), policied: "PASS"}


@edge("PASS: a bus without a policy; FAIL: moto's and AWS's words for everyone", BUS)
def test_buses(aws: Cloud) -> Expected:
    aws.client("events").create_event_bus(Name="orders")
    aws.client("events").put_permission(EventBusName="orders", Action="events:PutEvents", Principal="*", StatementId="all")
    return {aws.arn("events", "event-bus/default"): ("PASS", None, "no policy"), aws.arn("events", "event-bus/orders"): ("FAIL", "critical", "open")}


@edge("FAIL: by a vault's lock", VAULT)
def test_vault_with_a_lock(aws: Cloud) -> Expected:
    return {vault(aws, "locked", None, document(allow())): ("FAIL", "high", "open")}


@edge("PASS: a Deny takes back what is allowed, though neither names a resource", REPOSITORY)
def test_repositories_name_no_resources(aws: Cloud) -> Expected:
    member(aws)
    allowed = statement(Action="ecr:BatchGetImage", Resource=None)
    denied = statement("Deny", "*", OUTSIDE, Action="ecr:*", Resource=None)
    return {
        repository(aws, "held", document(allowed, denied)): "PASS",
        repository(aws, "open", document(allowed, denied | {"Action": "ecr:PutImage"})): ("FAIL", "critical", "open"),
    }


@edge("FAIL: by the registry's policy", REPOSITORY)
def test_registry(aws: Cloud) -> Expected:
    statement = allow({"AWS": f"arn:aws:iam::{STRANGER}:root"}, action=["ecr:CreateRepository", "ecr:ReplicateImage"])
    aws.client("ecr").put_registry_policy(policyText=document(statement | {"Sid": "replicate", "Resource": aws.arn("ecr", "repository/*")}))
    return {aws.arn("ecr", "registry"): ("FAIL", "high", STRANGER)}


@edge("dropped: a queue that vanished since it was listed", QUEUE)
def test_queue_that_vanished(aws: Cloud) -> Expected:
    queue(aws, "gone", None)
    aws.simulated.instead("sqs:GetQueueAttributes", lambda region, asked: error("sqs:GetQueueAttributes", "AWS.SimpleQueueService.NonExistentQueue"))
    return {aws.account_arn: ("NOT_APPLICABLE", None, "was gone")}


@edge("FAIL: an open policy of each kind; ERROR: what cannot be listed, of that kind alone", OTHER)
def test_other_kinds(aws: Cloud) -> Expected:
    everyone = document(allow(action="any:PutIt"))
    kinds = ("catalog", "package_domain", "package_repository", "backup", "identity", "authority", "api")
    others(aws, **dict.fromkeys(kinds, everyone))
    aws.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    aws.client("kinesis").put_resource_policy(ResourceARN=aws.arn("kinesis", "stream/clicks"), Policy=everyone)
    aws.client("kinesis").create_stream(StreamName="plain", ShardCount=1)
    aws.client("logs").put_resource_policy(policyName="all", policyDocument=everyone)
    aws.simulated.instead("dynamodb:ListTables", lambda region, asked: error("dynamodb:ListTables"))
    (api,) = aws.client("apigateway").get_rest_apis()["items"]
    failing = (
        *(aws.arn("glue", "catalog"), aws.arn("codeartifact", "domain/acme"), aws.arn("codeartifact", "repository/acme/npm")),
        *(aws.arn("kinesis", "stream/clicks"), aws.arn("logs", "resource-policy:all"), aws.arn("backup", "backup-vault:acme")),
        *(aws.arn("ses", "identity/acme@example.com"), aws.arn("acm-pca", "certificate-authority/1")),
        f"arn:aws:apigateway:{REGION}::/restapis/{api['id']}",
    )
    expected: Expected = dict.fromkeys(failing, ("FAIL", "high", "open: everyone may any:PutIt"))
    return expected | {
        aws.arn("kinesis", "stream/plain"): "PASS",
        (aws.account_arn, "dynamodb"): ("ERROR", "high", "dynamodb:ListTables is denied"),
    }


# --- roles ------------------------------------------------------------------------------------------------------------------------------------


def trusting(principal: Any, condition: Any = None, action: str = "sts:AssumeRole") -> str:
    statement = allow(principal, condition, action)
    del statement["Resource"]
    return document(statement)


def github(aws: Cloud, sub: str) -> str:
    issuer = "token.actions.githubusercontent.com"
    provider = {"Federated": f"arn:aws:iam::{aws.account}:oidc-provider/{issuer}"}
    return trusting(provider, {"StringLike": {f"{issuer}:sub": sub}}, "sts:AssumeRoleWithWebIdentity")


@edge("MANUAL: an outsider with an external id, and guests; FAIL: a wildcard for the owner of repositories", ROLE)
def test_roles(aws: Cloud) -> Expected:
    vendor = {"AWS": f"arn:aws:iam::{VENDOR}:root"}
    pool = {"cognito-identity.amazonaws.com:aud": f"{REGION}:1"}
    guests = trusting({"Federated": "cognito-identity.amazonaws.com"}, {"StringEquals": pool}, "sts:AssumeRoleWithWebIdentity")
    saml = {"Federated": f"arn:aws:iam::{aws.account}:saml-provider/sso"}
    return {
        role(aws, "monitoring", trusting(vendor, {"StringEquals": {"sts:ExternalId": "acme"}})): ("MANUAL", None, f"{VENDOR} may", "trust.accounts"),
        role(aws, "careless", trusting(vendor)): ("FAIL", "high", VENDOR),
        role(aws, "guests", guests): ("MANUAL", None, "guests"),
        role(aws, "deploy", github(aws, "repo:acme/*")): ("PASS", None, "held to token.actions.githubusercontent.com:sub"),
        role(aws, "anybody", github(aws, "repo:acme*")): ("FAIL", "critical", "everyone who has an account with token.actions"),
        role(aws, "people", trusting(saml, action="sts:AssumeRoleWithSAML")): "PASS",
        role(aws, "compute", trusting({"Service": "ec2.amazonaws.com"})): "PASS",
        role(aws, "AWSServiceRoleForSupport", trusting("*"), "/aws-service-role/support.amazonaws.com/"): (
            "NOT_APPLICABLE",
            None,
            "AWS made the role",
        ),
        role(aws, "AWSReservedSSO_a", trusting("*"), "/aws-reserved/sso.amazonaws.com/"): "NOT_APPLICABLE",
    }


@edge("PASS: a vendor that the profile names, and a network that it does", ROLE)
def test_roles_of_whom_the_profile_trusts(aws: Cloud) -> Expected:
    aws.facts(trust={"accounts": [VENDOR], "networks": ["vpc-1"], "organizations": [FOREIGN], "cidrs": [WIDE]})
    return {
        role(aws, "monitoring", trusting({"AWS": VENDOR}, {"StringEquals": {"sts:ExternalId": "acme"}})): (
            "PASS",
            None,
            f"trust.accounts = {VENDOR}",
        ),
        role(aws, "inside", trusting("*", {"StringEquals": {"aws:SourceVpc": "vpc-1"}})): ("PASS", None, "trust.networks = vpc-1"),
    }


@edge("PASS: the account that manages the organization; ERROR: a network, whose Region is not known", ROLE)
def test_roles_of_a_member(aws: Cloud) -> Expected:
    told = {"Id": "o-abcdefghij", "MasterAccountId": VENDOR, "MasterAccountEmail": "root@example.com"}
    aws.simulated.instead("organizations:DescribeOrganization", lambda region, asked: {"Organization": told})
    return {
        role(aws, "OrganizationAccountAccessRole", trusting({"AWS": f"arn:aws:iam::{VENDOR}:root"})): "PASS",
        role(aws, "of-the-organization", trusting("*", {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})): "PASS",
        role(aws, "inside", trusting("*", {"StringEquals": {"aws:SourceVpc": "vpc-1"}})): ("ERROR", None, "trust.networks may list it"),
        role(aws, "stranger", trusting({"AWS": STRANGER})): "FAIL",
    }


@edge("ERROR: the organization is denied, where a policy names it or an outsider; the others are judged", ROLE)
def test_denied_organization(aws: Cloud) -> Expected:
    aws.simulated.instead("organizations:DescribeOrganization", lambda region, asked: error("organizations:DescribeOrganization"))
    return {
        role(aws, "of-an-organization", trusting("*", {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})): ("ERROR", None, "is denied"),
        role(aws, "outsider", trusting({"AWS": STRANGER})): ("ERROR", None, "organizations:DescribeOrganization is denied"),
        role(aws, "own", None): "PASS",
        role(
            aws, "own-by-either", trusting("*", {"StringEquals": {"aws:PrincipalOrgID": OWN_ORGANIZATION, "aws:PrincipalAccount": aws.account}})
        ): "PASS",
        role(aws, "anybody", trusting("*")): ("FAIL", "critical", "open"),
    }


# --- the rules, each in a policy of its own ------------------------------------------------------------------------------------------------------

OWN_ORGANIZATION = "o-abcdefghij"
OUTSIDE = {"StringNotEquals": {"aws:PrincipalOrgID": OWN_ORGANIZATION}}
NOT_SERVICES = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
OURS = {"aws:PrincipalOrgID": OWN_ORGANIZATION}


def member(aws: Cloud) -> None:
    """Be a member of an organization, of which only the managing account can be told."""
    told = {"Id": OWN_ORGANIZATION, "MasterAccountId": VENDOR, "MasterAccountEmail": "root@example.com"}
    aws.simulated.instead("organizations:DescribeOrganization", lambda region, asked: {"Organization": told})


def statement(effect: str = "Allow", principal: Any = "*", condition: Any = None, **more: Any) -> dict[str, Any]:
    """A statement on one object; with None for an element, without it."""
    made = {"Effect": effect, "Principal": principal, "Action": "any:PutIt", "Resource": "arn:aws:s3:::b/*", "Condition": condition or {}} | more
    return {name: value for name, value in made.items() if value is not None}


def deny(condition: Any = None, principal: Any = "*", **more: Any) -> list[dict[str, Any]]:
    """Everyone is allowed, and some denied."""
    return [statement(), statement("Deny", principal, condition, **more)]


def where(operator: str, key: str, *values: Any, **more: Any) -> list[dict[str, Any]]:
    return [statement("Allow", "*", {operator: {key: list(values)}} | more)]


PASSES: dict[str, list[dict[str, Any]]] = {
    "if-there": where("StringEqualsIfExists", "aws:PrincipalOrgID", OWN_ORGANIZATION, Null={"aws:PrincipalOrgID": "false"}),
    "all-values-there": where("ForAllValues:StringLike", "aws:PrincipalOrgPaths", f"{OWN_ORGANIZATION}/*", Null={"aws:PrincipalOrgPaths": "false"}),
    "own-arn": where("ArnLike", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/*"),
    "own-bucket": where("ArnLike", "aws:SourceArn", "arn:aws:s3:::logs"),
    "role-id": where("StringLike", "aws:userid", "AROAEXAMPLEEXAMPLE12:*"),
    "account-id": where("StringLike", "aws:userid", "123456789012"),
    "two-keys": [statement("Allow", "*", {"StringEquals": OURS | {"aws:PrincipalAccount": STRANGER}})],
    "two-halves": where("IpAddress", "aws:SourceIp", "203.0.0.0/17", "203.0.128.0/17"),
    "deleted": [statement(principal={"AWS": "AROAEXAMPLEEXAMPLE12"})],
    "cloudfront": [statement(principal={"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"})],
    "logs": [statement(principal={"AWS": "127311923021"}, Action="s3:PutObject")],
    "logs-and-acl": [statement(principal={"AWS": "127311923021"}, Action=["s3:PutObject", "s3:GetBucketAcl"])],
    "json-true": where("Bool", "elasticfilesystem:AccessedViaMountTarget", True),
    "nobody": [statement(principal={"AWS": []})],
    "denied": deny(),
    "denied-to-all-accounts": deny(principal={"AWS": "*"}),
    "denied-outside": deny(OUTSIDE),
    "denied-outside-all-values": deny({"ForAllValues:StringNotEquals": OURS}),
    "denied-elsewhere": deny({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
    "denied-by-pattern": deny(Action="any:Put*", Resource="*"),
    "denied-but-other-actions": deny(Action=None, NotAction="other:*"),
    "denied-but-other-resources": deny(Resource=None, NotResource="arn:aws:s3:::c/*"),
    "denied-but-own": deny(Principal=None, NotPrincipal={"AWS": "123456789012"}),
    "no-resource-denied-everywhere": [statement(Resource=None), statement("Deny", Resource="*")],
    "all-but-denied": [statement(Action=None, NotAction="any:GetIt"), statement("Deny", Action="*")],
    "services": deny(OUTSIDE | NOT_SERVICES),
    "services-alone": where("Bool", "aws:PrincipalIsAWSService", "true"),
    "service-name": where("StringEquals", "aws:PrincipalServiceName", "cloudtrail.amazonaws.com"),
    "service-of-a-stranger": [statement(principal={"Service": "sns.amazonaws.com"}, condition={"StringEquals": {"aws:SourceAccount": STRANGER}})],
}
FAILS: dict[str, list[dict[str, Any]]] = {
    "if-exists": where("StringEqualsIfExists", "aws:PrincipalOrgID", OWN_ORGANIZATION),
    "all-values": where("ForAllValues:StringEquals", "aws:PrincipalOrgID", OWN_ORGANIZATION, Null={"aws:PrincipalOrgID": "true"}),
    "no-values": where("StringEquals", "aws:PrincipalOrgID"),
    "not-an-organization": where("StringEquals", "aws:PrincipalOrgID", "acme"),
    "no-text": where("Bool", "aws:PrincipalOrgID", OWN_ORGANIZATION),
    "no-number": where("NumericEquals", "aws:PrincipalAccount", "123456789012"),
    "whose-resource": where("StringEquals", "aws:ResourceAccount", "123456789012"),
    "foreign-access-point": where("ArnLike", "aws:SourceArn", f"arn:aws:s3:us-east-1:{STRANGER}:accesspoint/a"),
    "nobodys-arn": where("ArnLike", "aws:SourceArn", "arn:aws:cloudfront:::distribution/E1"),
    "one-of-two": where("StringEquals", "aws:PrincipalOrgID", OWN_ORGANIZATION, "o-zzzzzzzzzz"),
    "any-arn": where("ArnLike", "aws:SourceArn", "arn:*"),
    "any-bucket": where("ArnLike", "aws:SourceArn", "arn:aws:s3:::logs-*"),
    "any-account": where("StringLike", "aws:PrincipalAccount", "1234*"),
    "any-vpc": where("StringLike", "aws:SourceVpc", "vpc-*"),
    "any-session": where("StringLike", "aws:userid", "*:session"),
    "address-as-text": where("StringLike", "aws:SourceIp", "203.0.113.0/24"),
    "no-address": where("IpAddress", "aws:SourceIp", "the office"),
    "not-a-service": where("Bool", "aws:PrincipalIsAWSService", "false"),
    "any-service-name": where("StringLike", "aws:PrincipalServiceName", "*"),
    "no-mount-target": where("Bool", "elasticfilesystem:AccessedViaMountTarget", "false"),
    "everyone-but-some": [statement(Principal=None, NotPrincipal={"AWS": STRANGER})],
    "any-service": [statement(principal={"Service": "*"})],
    "more-than-logs": [statement(principal={"AWS": "127311923021"}, Action=["s3:PutObject", "s3:GetObject"])],
    "all-but-logs": [statement(principal={"AWS": "127311923021"}, Action=None, NotAction="s3:PutObject")],
    "denied-to-one": deny(principal={"AWS": STRANGER}),
    "denied-another-action": deny(Action="any:GetIt"),
    "denied-another-resource": deny(Resource="arn:aws:s3:::b/c/*"),
    "denied-but-this-action": deny(Action=None, NotAction="any:*"),
    "denied-but-this-resource": deny(Resource=None, NotResource="arn:aws:s3:::*/public"),
    "denied-without-resource": deny(Resource=None),
    "denied-over-plain-text": deny(OUTSIDE | {"Bool": {"aws:SecureTransport": "false"}}),
    "denied-to-present-services": deny(OUTSIDE | {"Bool": {"aws:PrincipalIsAWSService": "false"}}),
    "denied-to-services": deny(OUTSIDE | {"BoolIfExists": {"aws:PrincipalIsAWSService": "true"}}),
    "denied-for-any-value": deny({"ForAnyValue:StringNotEquals": OURS}),
    "denied-inside": deny({"StringEquals": OURS}),
    "denied-outside-another": deny({"StringNotEquals": {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}}),
    "denied-but-everyone": deny(Principal=None, NotPrincipal="*"),
    "denied-but-a-stranger": deny(Principal=None, NotPrincipal={"AWS": STRANGER}),
    "resource-without": [statement(Resource=None), statement("Deny")],
    "two-actions": [statement(Action=["any:PutIt", "any:GetIt"]), statement("Deny")],
}


@edge("every rule, each by a policy of its own", QUEUE)
def test_rules(aws: Cloud) -> Expected:
    member(aws)
    found: Expected = {queue(aws, f"passes-{name}", document(*policy)): "PASS" for name, policy in PASSES.items()}
    found |= {queue(aws, f"fails-{name}", document(*policy)): "FAIL" for name, policy in FAILS.items()}
    accounts = [f"{number:012}" for number in range(4)]
    actions = ["any:A", "any:B", "any:C", "any:D"]
    return found | {
        queue(aws, "no-account", document(*where("StringEquals", "aws:PrincipalAccount", "acme"))): ("FAIL", "critical", "open"),
        queue(aws, "no-digits", document(*where("StringEquals", "aws:PrincipalAccount", "12345678901x"))): ("FAIL", "critical", "open"),
        queue(aws, "three-values", document(*where("StringEquals", "aws:PrincipalAccount", *accounts[:3]))): ("FAIL", "high", "000000000002 may any"),
        queue(aws, "four-values", document(*where("StringEquals", "aws:PrincipalAccount", *accounts))): ("FAIL", "high", "000000000002 and 1 more"),
        queue(aws, "three-actions", document(statement(Action=actions[:3]))): ("FAIL", "critical", "may any:A, any:B, any:C"),
        queue(aws, "four-actions", document(statement(Action=actions))): ("FAIL", "critical", "any:C and 1 more"),
    }


ISSUERS: dict[str, tuple[str, str, Any, str]] = {
    "owner": ("token.actions.githubusercontent.com", "repository_owner", "acme", "PASS"),
    "any-owner": ("token.actions.githubusercontent.com", "repository_owner", "acme*", "FAIL"),
    "any-repository": ("token.actions.githubusercontent.com", "sub", "repo:*/infra:*", "FAIL"),
    "one-of-two": ("token.actions.githubusercontent.com", "sub", ["repo:acme/a:*", "repo:*"], "FAIL"),
    "none": ("token.actions.githubusercontent.com", "sub", [], "FAIL"),
    "another-claim": ("token.actions.githubusercontent.com", "actor", "ana", "FAIL"),
    "gitlab": ("gitlab.com", "sub", "project_path:acme/infra:*", "PASS"),
    "terraform": ("app.terraform.io", "sub", "organization:acme*:project:*", "FAIL"),
    "okta": ("acme.okta.com", "sub", "00u*", "FAIL"),
    "eks": ("oidc.eks.us-east-1.amazonaws.com/id/A1", "aud", "sts.amazonaws.com", "PASS"),
}


@edge("every issuer that serves everybody, and one of its own", ROLE)
def test_issuers(aws: Cloud) -> Expected:
    def web(issuer: str, claim: str, value: Any, operator: str = "StringLike", more: Any = None) -> str:
        provider = issuer if issuer.startswith("cognito") else f"arn:aws:iam::{aws.account}:oidc-provider/{issuer}"
        condition = {operator: {f"{issuer}:{claim}": value}} | (more or {})
        return trusting({"Federated": provider}, condition, "sts:AssumeRoleWithWebIdentity")

    github, pool = "token.actions.githubusercontent.com", "cognito-identity.amazonaws.com"
    found: Expected = {role(aws, name, web(issuer, claim, value)): verdict for name, (issuer, claim, value, verdict) in ISSUERS.items()}
    for name, operator in {"if-exists": "StringLikeIfExists", "all-values": "ForAllValues:StringLike", "not-like": "StringNotLike"}.items():
        found[role(aws, name, web(github, "sub", "repo:acme/*", operator))] = ("FAIL", "critical", "everyone who has an account")
    for name, operator, amr, verdict in (
        ("signed-in", "ForAnyValue:StringLike", "authenticated", "PASS"),
        ("not-signed-in", "ForAnyValue:StringLike", "unauthenticated", "MANUAL"),
        ("either", "ForAnyValue:StringLike", "*", "MANUAL"),
        ("perhaps", "ForAllValues:StringLike", "authenticated", "MANUAL"),
    ):
        found[role(aws, name, web(pool, "aud", "us-east-1:1", "StringEquals", {operator: {f"{pool}:amr": amr}}))] = verdict
    vendor = {"AWS": VENDOR}
    for name, condition in {
        "any-id": {"StringLike": {"sts:ExternalId": "*"}},
        "id-if-exists": {"StringEqualsIfExists": {"sts:ExternalId": "acme"}},
        "all-ids": {"ForAllValues:StringEquals": {"sts:ExternalId": "acme"}},
        "another-key": {"StringEquals": {"sts:RoleSessionName": "acme"}},
    }.items():
        found[role(aws, name, trusting(vendor, condition))] = ("FAIL", "high", VENDOR)
    return found | {
        role(aws, "everyone-by-id", trusting("*", {"StringEquals": {"sts:ExternalId": "acme"}})): ("FAIL", "critical", "open"),
        role(aws, "own-by-id", trusting({"AWS": aws.account}, {"StringEquals": {"sts:ExternalId": "acme"}})): "PASS",
        role(aws, "foreign-saml", trusting({"Federated": f"arn:aws:iam::{STRANGER}:saml-provider/sso"})): ("FAIL", "high", "external"),
        role(aws, "any-provider", trusting({"Federated": f"arn:aws:iam::{aws.account}:oidc-provider/*"})): ("FAIL", "critical", "signs in anywhere"),
    }


# --- buckets ----------------------------------------------------------------------------------------------------------------------------------


def restrict(aws: Cloud, name: str) -> None:
    settings = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy"), False) | {"RestrictPublicBuckets": True}
    aws.client("s3").put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=settings)


@edge("PASS: open to everyone, and restricted; FAIL: to a stranger besides, or not restricted", BUCKET)
def test_buckets_that_are_restricted(aws: Cloud) -> Expected:
    found: Expected = {
        bucket(aws, "acme-restricted", document(allow(action="s3:GetObject"))): ("PASS", None, "restricted by RestrictPublicBuckets"),
        bucket(aws, "acme-shared", document(allow(action="s3:GetObject"), allow({"AWS": STRANGER}, action="s3:GetObject"))): (
            "FAIL",
            "medium",
            STRANGER,
        ),
        bucket(aws, "acme-open", document(allow(action="s3:GetObject"))): ("FAIL", "critical", "open: everyone may s3:GetObject"),
    }
    for name in ("acme-restricted", "acme-shared"):
        restrict(aws, name)
    return found


@edge("NOT_APPLICABLE: public for reading, as the profile says by name or tag; FAIL: for writing, whatever it says", BUCKET)
def test_buckets_that_are_public_on_purpose(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["acme-www", "acme-drop", "tag:use=www"]})
    tagged = bucket(aws, "acme-pages", document(allow(action="s3:GetObject")))
    aws.client("s3").put_bucket_tagging(Bucket="acme-pages", Tagging={"TagSet": [{"Key": "use", "Value": "www"}]})
    return {
        bucket(aws, "acme-www", document(allow(action="s3:GetObject"))): ("NOT_APPLICABLE", None, "buckets.public = acme-www"),
        tagged: ("NOT_APPLICABLE", None, "tag:use=www"),
        bucket(aws, "acme-drop", document(allow(action="s3:PutObject"))): ("FAIL", "critical", "open"),
    }


@edge("NOT_APPLICABLE: judged by bucket_not_public", BUCKET, selected=("bucket_not_public",))
def test_buckets_that_are_judged_elsewhere(aws: Cloud) -> Expected:
    return {
        bucket(aws, "acme-open", document(allow(action="s3:GetObject"))): ("NOT_APPLICABLE", None, "judged by bucket_not_public"),
        bucket(aws, "acme-shared", document(allow({"AWS": STRANGER}))): ("FAIL", "medium", STRANGER),
    }


@edge("FAIL: open, though S3 calls it private, so that bucket_not_public passes it", BUCKET, selected=("bucket_not_public",))
def test_bucket_that_s3_calls_private(aws: Cloud) -> Expected:
    aws.simulated.instead("s3:GetBucketPolicyStatus", lambda region, asked: {"PolicyStatus": {"IsPublic": False}})
    odd = document(allow("*", {"StringLike": {"aws:PrincipalOrgID": "o-*"}}))
    return {bucket(aws, "acme-odd", odd): ("FAIL", "critical", "open: everyone may any:GetIt")}


@edge("PASS: canonical users that are the account's own or trusted; FAIL: any other", BUCKET)
def test_canonical_users(aws: Cloud) -> Expected:
    trusted = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
    aws.facts(trust={"canonical_users": [trusted]})
    own = aws.client("s3").list_buckets()["Owner"]["ID"]
    return {
        bucket(aws, "acme-own", document(allow({"CanonicalUser": own}))): "PASS",
        bucket(aws, "acme-partner", document(allow({"CanonicalUser": trusted}))): ("PASS", None, "trust.canonical_users = 79a5"),
        bucket(aws, "acme-shared", document(allow({"CanonicalUser": "e" * 64}))): ("FAIL", "medium", "canonical user"),
    }


# --- sensitive_bucket_perimeter_enforced ------------------------------------------------------------------------------------------------------

PERIMETER = suite.test_sensitive_bucket_perimeter_enforced
OF_AWS = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}


def kept_out(condition: Any = None, **more: Any) -> dict[str, Any]:
    """A Deny of reading everything in a bucket."""
    return allow("*", condition, "s3:GetObject", Effect="Deny") | more


@world(PERIMETER, regions=(REGION,))
def test_sensitive_buckets_by_whom_they_deny(aws: Cloud) -> Expected:
    id, sibling = organization(aws)
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    own = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": id}}
    told: dict[str, tuple[Any, Any]] = {
        "organization": ([kept_out(own)], ("PASS", "medium", "a Deny in its policy keeps others from reading it")),
        "but-for-services": ([kept_out(own | OF_AWS)], ("PASS", "medium", "but for services of AWS")),
        "network": ([kept_out({"StringNotEquals": {"aws:SourceVpc": vpc}})], "PASS"),
        "addresses": ([kept_out({"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}})], "PASS"),
        "sibling": ([kept_out({"StringNotEquals": {"aws:PrincipalAccount": sibling}})], "PASS"),
        "endpoint": ([kept_out({"StringNotEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}})], ("FAIL", "medium", "external")),
        "all-actions": ([kept_out(own, Action="s3:*")], "PASS"),
        "both": ([allow(), kept_out(own)], "PASS"),
        "partner": ([kept_out({"StringNotEquals": {"aws:PrincipalAccount": STRANGER}})], ("PASS", "medium", "trust.accounts = 999988887777")),
        "foreign": ([kept_out({"StringNotEquals": {"aws:PrincipalOrgID": FOREIGN}})], ("FAIL", "medium", "its Deny leaves others in: external")),
        "wide": ([kept_out({"NotIpAddress": {"aws:SourceIp": WIDE}})], ("FAIL", "medium", "wide")),
        "plain-http": ([kept_out({"Bool": {"aws:SecureTransport": "false"}})], ("FAIL", "medium", "no Deny in its policy keeps strangers from")),
        "one-stranger": ([kept_out(Principal={"AWS": VENDOR})], "FAIL"),
        "writing": ([kept_out(own, Action="s3:PutObject")], "FAIL"),
        "somewhere": ([kept_out(own, Resource="arn:aws:s3:::somewhere/public/*")], "FAIL"),
        "without-deny": ([allow({"AWS": aws.account})], "FAIL"),
        "silent": (None, "FAIL"),
    }
    arns = {name: bucket(aws, name, document(*policy) if policy else None) for name, (policy, _) in told.items()}
    parts = bucket(aws, "parts", document(kept_out(own, Resource="arn:aws:s3:::parts/private/*")))
    bucket(aws, "plain", None)
    sensitive = [*told, "parts/private/", "parts/other/"]
    aws.facts(buckets={"sensitive": sensitive, "use_macie": False}, trust={"accounts": [STRANGER]})
    return {arns[name]: want for name, (_, want) in told.items()} | {(parts, "private/"): "PASS", (parts, "other/"): "FAIL"}


def controlled(aws: Cloud, *over: tuple[str, str]) -> None:
    """A member account, the root and a unit over it, and the resource control policies that hang there: `root`, `unit` or `account` with a policy."""
    manager = aws.beside("organization_profile", VENDOR)
    client = manager.client("organizations")
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    client.enable_policy_type(RootId=root, PolicyType="RESOURCE_CONTROL_POLICY")
    unit = client.create_organizational_unit(ParentId=root, Name="workloads")["OrganizationalUnit"]["Id"]
    others = client.create_organizational_unit(ParentId=root, Name="others")["OrganizationalUnit"]["Id"]
    above = {aws.account: unit, unit: root}
    # moto gives a new account an id of its own choice.
    manager.simulated.instead("organizations:ListParents", lambda region, asked: parent(above[asked["ChildId"]]))
    hung: dict[str, list[dict[str, Any]]] = {}
    for number, (place, policy) in enumerate(over):
        made = client.create_policy(Content=policy, Name=f"p{number}", Description="", Type="RESOURCE_CONTROL_POLICY")["Policy"]
        target = {"root": root, "unit": unit, "others": others, "account": aws.account}[place]
        hung.setdefault(target, []).append(made["PolicySummary"])
    manager.simulated.instead("organizations:ListPoliciesForTarget", lambda region, asked: {"Policies": hung.get(asked["TargetId"], [])})
    member(aws)


def parent(id: str) -> dict[str, Any]:
    return {"Parents": [{"Id": id, "Type": "ROOT" if id.startswith("r-") else "ORGANIZATIONAL_UNIT"}]}


OWN_ONLY = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": OWN_ORGANIZATION}} | OF_AWS


@world(PERIMETER, regions=(REGION,))
def test_sensitive_buckets_under_a_resource_control_policy(aws: Cloud) -> Expected:
    vpc = aws.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    by_network = [kept_out({"StringNotEquals": {"aws:SourceVpc": vpc}}, Resource="arn:aws:s3:::net-vpc/*")]
    by_network += [kept_out({"StringNotEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}, Resource="arn:aws:s3:::net-endpoint/*")]
    controlled(
        aws,
        ("account", document(*by_network)),
        ("root", document(kept_out({"Bool": {"aws:SecureTransport": "false"}}), kept_out(OWN_ONLY, Resource="arn:aws:s3:::acme-rooted/*"))),
        ("unit", document(kept_out(OWN_ONLY, Resource="arn:aws:s3:::app-*/*"))),
    )
    own = kept_out({"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}})
    aws.facts(buckets={"sensitive": ["app-silent", "app-own", "acme-rooted", "elsewhere", "net-vpc", "net-endpoint"], "use_macie": False})
    return {
        bucket(aws, "app-silent", None): ("PASS", "medium", "a resource control policy of the organization keeps others from reading it, but for"),
        bucket(aws, "acme-rooted", None): "PASS",
        bucket(aws, "net-vpc", None): "PASS",
        bucket(aws, "net-endpoint", None): ("FAIL", "medium", "no Deny in its policy keeps strangers from reading it"),
        bucket(aws, "app-own", document(own)): ("PASS", "medium", "a Deny in its policy keeps others from reading it"),
        bucket(aws, "elsewhere", None): (
            "FAIL",
            "medium",
            "no Deny in its policy keeps strangers from reading it: by organization, network or address",
        ),
    }


@world(PERIMETER, regions=(REGION,))
def test_sensitive_buckets_that_resource_control_policies_leave_open(aws: Cloud) -> Expected:
    controlled(aws, ("others", document(kept_out(OWN_ONLY))), ("account", document(kept_out({"StringNotEquals": {"aws:PrincipalOrgID": FOREIGN}}))))
    aws.facts(buckets={"sensitive": ["silent"], "use_macie": False})
    return {bucket(aws, "silent", None): ("FAIL", "medium", "no Deny in its policy keeps strangers")}


@world(PERIMETER, regions=(REGION,))
def test_a_resource_control_policy_does_not_reach_the_management_account(aws: Cloud) -> Expected:
    client = aws.client("organizations")
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    client.enable_policy_type(RootId=root, PolicyType="RESOURCE_CONTROL_POLICY")
    content = document(kept_out(OWN_ONLY))
    made = client.create_policy(Content=content, Name="perimeter", Description="", Type="RESOURCE_CONTROL_POLICY")["Policy"]
    client.attach_policy(PolicyId=made["PolicySummary"]["Id"], TargetId=root)
    aws.facts(buckets={"sensitive": ["silent"], "use_macie": False})
    return {bucket(aws, "silent", None): ("FAIL", "medium", "no Deny in its policy keeps strangers")}


@world(PERIMETER, regions=(REGION,))
def test_resource_control_policies_that_nobody_tells(aws: Cloud) -> Expected:
    member(aws)
    aws.facts(buckets={"sensitive": ["silent"], "use_macie": False})
    return {
        bucket(aws, "silent", None): ("FAIL", "medium", "a resource control policy may keep them out, which the account that organization_profile")
    }


@world(PERIMETER, regions=(REGION,))
def test_resource_control_policies_that_cannot_be_read(aws: Cloud) -> Expected:
    controlled(aws, ("root", '{"Statement": 1}'))
    own = kept_out({"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}})
    aws.facts(buckets={"sensitive": ["silent", "fenced"], "use_macie": False})
    return {
        bucket(aws, "silent", None): ("ERROR", "medium", "organizations:DescribePolicy answered a policy that we cannot read"),
        bucket(aws, "fenced", document(own)): "PASS",
    }


@world(PERIMETER, regions=(REGION,))
def test_sensitive_buckets_that_are_not_told_of(aws: Cloud) -> Expected:
    bucket(aws, "plain", None)
    aws.facts(buckets={"use_macie": False})
    return {aws.account_arn: ("MANUAL", "medium", "which buckets hold sensitive or business-critical data?")}


@world(PERIMETER, regions=(REGION,), selected=("sensitive_buckets_identified",))
def test_the_question_is_asked_once(aws: Cloud) -> Expected:
    bucket(aws, "plain", None)
    aws.facts(buckets={"use_macie": False})
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "judged by sensitive_buckets_identified")}


@world(PERIMETER, regions=(REGION,))
def test_no_buckets_that_might_be_sensitive(aws: Cloud) -> Expected:
    aws.facts(buckets={"use_macie": False})
    return {aws.account_arn: ("NOT_APPLICABLE", "medium", "no buckets")}


@world(PERIMETER, regions=(REGION,))
def test_sensitive_buckets_that_cannot_be_read(aws: Cloud) -> Expected:
    broken = bucket(aws, "broken", BROKEN)
    aws.simulated.instead("macie2:GetMacieSession", lambda region, asked: error("macie2:GetMacieSession"))
    aws.facts(buckets={"sensitive": ["broken", "silent"]})
    return {
        bucket(aws, "silent", None): ("FAIL", "medium", "no Deny in its policy keeps strangers"),
        broken: ("ERROR", "medium", "a policy that we cannot read"),
        aws.account_arn: ("ERROR", "medium", "macie2:GetMacieSession is denied"),
    }


# --- external_access_findings_resolved --------------------------------------------------------------------------------------------------------

ANALYZER = suite.test_external_access_findings_resolved


def analyzers(aws: Cloud, told: dict[str, tuple[str, str]], **findings: list[dict[str, Any]]) -> dict[str, str]:
    """Analyzers by name, each with its type and status, and what they found; moto lacks them."""
    arns = {name: aws.arn("access-analyzer", f"analyzer/{name}") for name in told}
    listed = [{"arn": arns[name], "name": name, "type": type, "status": status} for name, (type, status) in told.items()]
    aws.simulated.instead("accessanalyzer:ListAnalyzers", lambda region, asked: {"analyzers": listed})

    def found(region: str, asked: dict[str, Any]) -> dict[str, Any]:
        assert asked["filter"] == {"status": {"eq": ["ACTIVE"]}}
        return {"findings": findings[asked["analyzerArn"].rpartition("/")[2]]}

    aws.simulated.instead("accessanalyzer:ListFindingsV2", found)
    return arns


def finding(aws: Cloud, number: int, **more: Any) -> dict[str, Any]:
    told = {"id": f"f-{number}", "resource": f"arn:aws:s3:::b{number}", "resourceType": "AWS::S3::Bucket", "status": "ACTIVE"}
    return told | {"resourceOwnerAccount": aws.account} | more


@world(ANALYZER, regions=(REGION,))
def test_analyzers_by_what_they_found(aws: Cloud) -> Expected:
    nameless = finding(aws, 3)
    del nameless["resource"]
    arns = analyzers(
        aws,
        {
            "clean": ("ACCOUNT", "ACTIVE"),
            "open": ("ACCOUNT", "ACTIVE"),
            "many": ("ACCOUNT", "ACTIVE"),
            "most": ("ACCOUNT", "ACTIVE"),
            "company": ("ORGANIZATION", "ACTIVE"),
            "unused": ("ACCOUNT_UNUSED_ACCESS", "ACTIVE"),
            "off": ("ACCOUNT", "DISABLED"),
            "odd": ("ACCOUNT", "ACTIVE"),
        },
        clean=[],
        open=[finding(aws, 1), nameless],
        many=[finding(aws, number) for number in range(21)],
        most=[finding(aws, number) for number in range(20)],
        company=[finding(aws, 1, resourceOwnerAccount=STRANGER), finding(aws, 2, status="ARCHIVED")],
        odd=[{"id": "f-1"}],
    )
    return {
        arns["clean"]: "PASS",
        arns["open"]: ("FAIL", "high", "open to others: arn:aws:s3:::b1, AWS::S3::Bucket, finding f-3"),
        arns["many"]: ("FAIL", "high", "arn:aws:s3:::b19, and 1 more"),
        arns["most"]: ("FAIL", "high"),
        arns["company"]: "PASS",
        arns["off"]: ("ERROR", "high", "the analyzer is DISABLED: it looks at nothing"),
        arns["odd"]: ("ERROR", "high", "answered a finding that we cannot read"),
    }


@world(ANALYZER, regions=(REGION,))
def test_no_analyzer_of_access_from_outside(aws: Cloud) -> Expected:
    analyzers(aws, {"unused": ("ORGANIZATION_UNUSED_ACCESS", "ACTIVE")})
    return {aws.account_arn: ("MANUAL", "high", "no analyzer of IAM Access Analyzer looks for access from outside")}


EDGES: dict[str, dict[str, Any]] = {check.__name__.removeprefix("test_"): edges for check, edges in SHOWN.items()}
EDGES["sensitive_bucket_perimeter_enforced"] = {
    "PASS: a Deny by organization, network, addresses or accounts; services of AWS may be left": test_sensitive_buckets_by_whom_they_deny,
    "FAIL: of strangers, of too many addresses, by other conditions, of some, of something else, somewhere else": test_sensitive_buckets_by_whom_they_deny,
    "FAIL: none, and no policy; parts of a bucket by themselves": test_sensitive_buckets_by_whom_they_deny,
    "PASS: a resource control policy over the account, FAIL: one over others, or that names strangers": (
        test_sensitive_buckets_under_a_resource_control_policy,
        test_sensitive_buckets_that_resource_control_policies_leave_open,
    ),
    "FAIL: resource control policies do not reach the management account, or nobody tells of them": (
        test_a_resource_control_policy_does_not_reach_the_management_account,
        test_resource_control_policies_that_nobody_tells,
    ),
    "ERROR: a resource control policy that cannot be read": test_resource_control_policies_that_cannot_be_read,
    "MANUAL: none is said to be sensitive, unless that is asked already": (
        test_sensitive_buckets_that_are_not_told_of,
        test_the_question_is_asked_once,
    ),
    "ERROR: a policy, or what is sensitive, that cannot be read": test_sensitive_buckets_that_cannot_be_read,
    "NOT_APPLICABLE: no buckets": test_no_buckets_that_might_be_sensitive,
}
EDGES["external_access_findings_resolved"] = {
    "PASS: nothing is open, or only what is archived or another account's": test_analyzers_by_what_they_found,
    "FAIL: something is open": test_analyzers_by_what_they_found,
    "MANUAL: no analyzer looks for access from outside": test_no_analyzer_of_access_from_outside,
    "ERROR: an analyzer that looks at nothing, a finding that cannot be read": test_analyzers_by_what_they_found,
}
