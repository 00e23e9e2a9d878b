"""From the API operations that reads and checks declare to the IAM actions that allow them, and to a policy document."""

from __future__ import annotations

import re
from collections.abc import Iterable

# GenerateCredentialReport is a reading action by AWS's own access levels (IAM service authorization reference): it changes nothing of the account.
_READING = re.compile(r"[a-z0-9-]+:((Get|List|Describe|Head|BatchGet|Search|Lookup)[A-Za-z0-9]+|GenerateCredentialReport)")
# Reading by their names only: these hand out credentials or secrets, or make an identity.
_GIVING = re.compile(
    r"[a-z0-9-]+:(Batch)?Get(\w*(Session|Federation|Authorization|Identity)Token|OpenIdToken\w*|(Role|Cluster)Credentials\w*|CredentialsFor\w+|SecretValue|Id)"
)

# Where IAM's prefix is not boto3's service name (https://docs.aws.amazon.com/service-authorization/latest/reference/).
_PREFIXES = {
    "accessanalyzer": "access-analyzer",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "opensearch": "es",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "sesv2": "ses",
    "stepfunctions": "states",
}

# Where IAM's action is not the operation's name (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html,
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html, list_amazonapigatewaymanagement.html,
# https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListFindingsV2.html).
_ACTIONS = {
    "accessanalyzer:ListFindingsV2": "access-analyzer:ListFindings",
    "apigateway:GetDomainNames": "apigateway:GET",
    "apigateway:GetRestApis": "apigateway:GET",
    "apigateway:GetStages": "apigateway:GET",
    "apigatewayv2:GetApis": "apigateway:GET",
    "apigatewayv2:GetDomainNames": "apigateway:GET",
    "apigatewayv2:GetStages": "apigateway:GET",
    "budgets:DescribeBudgets": "budgets:ViewBudget",
    "budgets:DescribeNotificationsForBudget": "budgets:ViewBudget",
    "budgets:DescribeSubscribersForNotification": "budgets:ViewBudget",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
}

# What an operation needs besides the action of its name. WAF asks each service whom its web ACLs guard
# (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSWAFReadOnlyAccess.html).
_BESIDES = {
    "wafv2:ListResourcesForWebACL": (
        "amplify:ListResourcesForWebACL",
        "apprunner:ListAssociatedServicesForWebAcl",
        "cognito-idp:ListResourcesForWebACL",
        "ec2:DescribeVerifiedAccessInstanceWebAclAssociations",
    ),
}

# The keys by which a profile names another one, whose account knows what the judged one is not shown.
REFERENCES = ("organization_profile", "log_archive_profile", "payer_profile")
# What reaching that other account needs.
REACH = ("sts:GetCallerIdentity",)

# What starting a run needs, whatever is selected. GetCallerIdentity needs no permission, but a policy that names it tells the reader so.
START = ("sts:GetCallerIdentity", "ec2:DescribeRegions")


def only_reads(operation: str) -> bool:
    """Whether an API operation does no more than read, and gives out neither credentials nor secrets."""
    return bool(_READING.fullmatch(operation)) and not _GIVING.fullmatch(operation)


def action(operation: str) -> str:
    """The IAM action that allows an API operation: `s3:ListAllMyBuckets` for `s3:ListBuckets`."""
    service, _, name = operation.partition(":")
    return _ACTIONS.get(operation, f"{_PREFIXES.get(service, service)}:{name}")


def actions(operations: Iterable[str]) -> list[str]:
    """All IAM actions that these API operations need, in order."""
    return sorted({needed for operation in operations for needed in (action(operation), *_BESIDES.get(operation, ()))})


def policy(operations: Iterable[str]) -> dict[str, object]:
    """The least IAM policy document that allows these API operations."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "StartupSecurityBaseline", "Effect": "Allow", "Action": actions(operations), "Resource": "*"}],
    }
