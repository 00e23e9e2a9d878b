"""The services whose resources have policies: a row each. A new service is a new row, and its name among the fixtures of a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.resource_policies import Getter, Judged, Raw, Service, exempt, passing, policies_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

KEY, POINTS = "kms:DescribeKey", "s3control:ListAccessPoints"


def _not_ones_own(aws: Aws, raw: Raw) -> Judged | None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html"""
    told = aws.ask(KEY, gone="NotFoundException", KeyId=raw["KeyArn"]).get("KeyMetadata", {})
    manager, state = told.get("KeyManager"), told.get("KeyState")
    if manager not in ("AWS", "CUSTOMER") or not isinstance(state, str):
        raise UnexpectedAnswer(f"{KEY} answered a key without KeyManager or KeyState", KEY)
    if manager == "AWS":
        return exempt("a service of AWS manages the key and its policy")
    return exempt("is about to be deleted, and cannot be used") if state in ("PendingDeletion", "PendingReplicaDeletion") else None


def _from_a_vpc_alone(aws: Aws, raw: Raw) -> Judged | None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_AccessPoint.html"""
    origin = raw.get("NetworkOrigin")
    if origin not in ("VPC", "Internet"):
        raise UnexpectedAnswer(f"{POINTS} answered an access point without NetworkOrigin", POINTS)
    return passing("is reached from a VPC alone") if origin == "VPC" else None


OWN = (
    Service(
        "access_point_policies",
        "AWS::S3::AccessPoint",
        POINTS,
        "AccessPointList",
        "{AccessPointArn}",
        listed={"AccountId": "{account}", "MaxResults": 1000},
        before=_from_a_vpc_alone,
        gets=(
            Getter(
                "s3control:GetAccessPointPolicy",
                lambda raw: {"AccountId": raw["AccessPointArn"].split(":")[4], "Name": raw["Name"]},
                "Policy!",
                absent=("NoSuchAccessPointPolicy",),
                gone=("NoSuchAccessPoint",),
            ),
        ),
    ),
    Service(
        "sqs_queue_policies",
        "AWS::SQS::Queue",
        "sqs:ListQueues",
        "QueueUrls",
        "arn:{partition}:sqs:{region}:{account}:{name}",
        listed={"MaxResults": 1000},
        optional=True,
        gets=(
            Getter(
                "sqs:GetQueueAttributes",
                lambda raw: {"QueueUrl": raw["value"], "AttributeNames": ["Policy", "QueueArn"]},
                "Attributes.Policy",
                proof="Attributes.QueueArn",
                gone=("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"),
            ),
        ),
        absent={
            "sqs:ListQueues QueueUrls": "no queues (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html)",
            "sqs:GetQueueAttributes Attributes.Policy": "no policy "
            "(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html)",
        },
    ),
    Service(
        "sns_topic_policies",
        "AWS::SNS::Topic",
        "sns:ListTopics",
        "Topics",
        "{TopicArn}",
        gets=(Getter("sns:GetTopicAttributes", lambda raw: {"TopicArn": raw["TopicArn"]}, "Attributes.Policy!", gone=("NotFound",)),),
    ),
    Service(
        "kms_key_policies",
        "AWS::KMS::Key",
        "kms:ListKeys",
        "Keys",
        "{KeyArn}",
        gets=(Getter("kms:GetKeyPolicy", lambda raw: {"KeyId": raw["KeyArn"], "PolicyName": "default"}, "Policy!", gone=("NotFoundException",)),),
        asks=(KEY,),
        before=_not_ones_own,
    ),
    Service(
        "ecr_repository_policies",
        "AWS::ECR::Repository",
        "ecr:DescribeRepositories",
        "repositories",
        "{repositoryArn}",
        mode="bare",
        gets=(
            Getter(
                "ecr:GetRepositoryPolicy",
                lambda raw: {"repositoryName": raw["repositoryName"]},
                "policyText!",
                absent=("RepositoryPolicyNotFoundException",),
                gone=("RepositoryNotFoundException",),
            ),
        ),
    ),
    Service(
        "ecr_registry_policies",
        "AWS::ECR::RegistryPolicy",
        "ecr:GetRegistryPolicy",
        "",
        "arn:{partition}:ecr:{region}:{account}:registry",
        at="policyText!",
        none=("RegistryPolicyNotFoundException",),
    ),
    Service(
        "secret_policies",
        "AWS::SecretsManager::Secret",
        "secretsmanager:ListSecrets",
        "SecretList",
        "{ARN}",
        gets=(
            Getter(
                "secretsmanager:GetResourcePolicy",
                lambda raw: {"SecretId": raw["ARN"]},
                "ResourcePolicy",
                proof="ARN",
                gone=("ResourceNotFoundException",),
            ),
        ),
        absent={
            "secretsmanager:GetResourcePolicy ResourcePolicy": "no policy "
            "(https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetResourcePolicy.html)",
        },
    ),
    Service(
        "file_system_policies",
        "AWS::EFS::FileSystem",
        "efs:DescribeFileSystems",
        "FileSystems",
        "{FileSystemArn}",
        gets=(
            Getter(
                "efs:DescribeFileSystemPolicy",
                lambda raw: {"FileSystemId": raw["FileSystemId"]},
                "Policy!",
                absent=("PolicyNotFound",),
                gone=("FileSystemNotFound",),
            ),
        ),
    ),
    Service(
        "event_bus_policies",
        "AWS::Events::EventBus",
        "events:ListEventBuses",
        "EventBuses",
        "{Arn}",
        at="Policy",
        absent={
            "events:ListEventBuses EventBuses.Policy": "no policy (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EventBus.html)",
        },
    ),
    Service(
        "lambda_layer_policies",
        "AWS::Lambda::LayerVersion",
        "lambda:ListLayers",
        "Layers",
        "{LatestMatchingVersion[LayerVersionArn]}",
        gets=(
            Getter(
                "lambda:GetLayerVersionPolicy",
                lambda raw: {"LayerName": raw["LayerName"], "VersionNumber": raw["LatestMatchingVersion"]["Version"]},
                "Policy!",
                absent=("ResourceNotFoundException",),
            ),
        ),
    ),
    Service(
        "glacier_vault_policies",
        "AWS::Glacier::Vault",
        "glacier:ListVaults",
        "VaultList",
        "{VaultARN}",
        listed={"accountId": "-"},
        gets=(
            Getter(
                "glacier:GetVaultAccessPolicy",
                lambda raw: {"accountId": "-", "vaultName": raw["VaultName"]},
                "policy.Policy!",
                absent=("ResourceNotFoundException",),
            ),
            Getter(
                "glacier:GetVaultLock",
                lambda raw: {"accountId": "-", "vaultName": raw["VaultName"]},
                "Policy!",
                absent=("ResourceNotFoundException",),
            ),
        ),
    ),
)

# Judged together, by one check.
OTHERS = (
    Service(
        "dynamodb_table_policies",
        "AWS::DynamoDB::Table",
        "dynamodb:ListTables",
        "TableNames",
        "arn:{partition}:dynamodb:{region}:{account}:table/{value}",
        gets=(
            Getter(
                "dynamodb:GetResourcePolicy",
                lambda raw: {"ResourceArn": raw["arn"]},
                "Policy!",
                absent=("PolicyNotFoundException",),
                gone=("ResourceNotFoundException",),
            ),
        ),
    ),
    Service(
        "kinesis_stream_policies",
        "AWS::Kinesis::Stream",
        "kinesis:ListStreams",
        "StreamSummaries",
        "{StreamARN}",
        gets=(
            Getter(
                "kinesis:GetResourcePolicy",
                lambda raw: {"ResourceARN": raw["StreamARN"]},
                "Policy!",
                gone=("ResourceNotFoundException",),
            ),
        ),
    ),
    Service(
        "backup_vault_policies",
        "AWS::Backup::BackupVault",
        "backup:ListBackupVaults",
        "BackupVaultList",
        "{BackupVaultArn}",
        gets=(
            Getter(
                "backup:GetBackupVaultAccessPolicy",
                lambda raw: {"BackupVaultName": raw["BackupVaultName"]},
                "Policy!",
                absent=("ResourceNotFoundException",),
            ),
        ),
    ),
    Service(
        "log_resource_policies",
        "AWS::Logs::ResourcePolicy",
        "logs:DescribeResourcePolicies",
        "resourcePolicies",
        "arn:{partition}:logs:{region}:{account}:resource-policy:{policyName}",
        at="policyDocument!",
    ),
    Service(
        "data_catalog_policies",
        "AWS::Glue::DataCatalog",
        "glue:GetResourcePolicy",
        "",
        "arn:{partition}:glue:{region}:{account}:catalog",
        at="PolicyInJson!",
        none=("EntityNotFoundException",),
    ),
    Service(
        "rest_api_policies",
        "AWS::ApiGateway::RestApi",
        "apigateway:GetRestApis",
        "items",
        "arn:{partition}:apigateway:{region}::/restapis/{id}",
        listed={"limit": 500},
        at="policy",
        absent={
            "apigateway:GetRestApis items.policy": "no policy (https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html)",
        },
    ),
    Service(
        "email_identity_policies",
        "AWS::SES::EmailIdentity",
        "sesv2:ListEmailIdentities",
        "EmailIdentities",
        "arn:{partition}:ses:{region}:{account}:identity/{IdentityName}",
        gets=(
            Getter(
                "sesv2:GetEmailIdentityPolicies",
                lambda raw: {"EmailIdentity": raw["IdentityName"]},
                "Policies!",
                gone=("NotFoundException",),
            ),
        ),
        absent={
            # The policies are a map by names that their owner chose.
            "sesv2:GetEmailIdentityPolicies Policies.partners": "no policy of that name "
            "(https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetEmailIdentityPolicies.html)",
        },
    ),
    Service(
        "certificate_authority_policies",
        "AWS::ACMPCA::CertificateAuthority",
        "acm-pca:ListCertificateAuthorities",
        "CertificateAuthorities",
        "{Arn}",
        gets=(
            Getter(
                "acm-pca:GetPolicy",
                lambda raw: {"ResourceArn": raw["Arn"]},
                "Policy!",
                absent=("ResourceNotFoundException",),
            ),
        ),
    ),
    Service(
        "package_domain_policies",
        "AWS::CodeArtifact::Domain",
        "codeartifact:ListDomains",
        "domains",
        "{arn}",
        gets=(
            Getter(
                "codeartifact:GetDomainPermissionsPolicy",
                lambda raw: {"domain": raw["name"], "domainOwner": raw["owner"]},
                "policy.document!",
                absent=("ResourceNotFoundException",),
            ),
        ),
    ),
    Service(
        "package_repository_policies",
        "AWS::CodeArtifact::Repository",
        "codeartifact:ListRepositories",
        "repositories",
        "{arn}",
        gets=(
            Getter(
                "codeartifact:GetRepositoryPermissionsPolicy",
                lambda raw: {"domain": raw["domainName"], "domainOwner": raw["domainOwner"], "repository": raw["name"]},
                "policy.document!",
                absent=("ResourceNotFoundException",),
            ),
        ),
    ),
)

for row in (*OWN, *OTHERS):
    policies_of(row)
