# The role as which pytest-ssb audits an account: it reads, and changes nothing. A pipeline that an OIDC issuer vouches for assumes it, without any
# long-lived key. With member_role it also lists the organization, and assumes that role in its accounts; see role-stackset.cfn.yaml.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

variable "subject" {
  description = "Who may assume the role: the token's \"sub\", word for word. GitHub repo:OWNER/REPOSITORY:ref:refs/heads/main, or for repositories made since July 2026 repo:OWNER@ID/REPOSITORY@ID:ref:refs/heads/main; GitLab project_path:GROUP/PROJECT:ref_type:branch:ref:main."
  type        = string
  validation {
    condition     = can(regex("^[^*?$\"\\\\]+$", var.subject))
    error_message = "One repository and one branch, without wildcards."
  }
}

variable "issuer" {
  description = "Host of the OIDC issuer, gitlab.com for instance."
  type        = string
  default     = "token.actions.githubusercontent.com"
}

variable "audience" {
  description = "The token's \"aud\"."
  type        = string
  default     = "sts.amazonaws.com"
}

variable "create_issuer" {
  description = "Make the identity provider of the issuer; false, if the account has it already, since there can be but one."
  type        = bool
  default     = true
}

variable "role_name" {
  description = "Name of the role."
  type        = string
  default     = "ssb-audit"
}

variable "session_seconds" {
  description = "How long a session may last at most."
  type        = number
  default     = 3600
}

variable "member_role" {
  description = "Name of the role in the organization's other accounts, role_name of the profile; empty, where this account alone is audited."
  type        = string
  default     = ""
}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  trust = {
    Version = "2012-10-17"
    Statement = [{
      Sid       = "PipelineByOidc"
      Effect    = "Allow"
      Principal = { Federated = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:oidc-provider/${var.issuer}" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = { "${var.issuer}:aud" = var.audience, "${var.issuer}:sub" = var.subject } }
    }]
  }

  audit = {
    Version = "2012-10-17"
    Statement = [{
      Sid      = "StartupSecurityBaseline"
      Effect   = "Allow"
      Resource = "*"
      Action = [
        # Made by `python -m tests.roles` from what `pytest --ssb-policy` prints.
        "access-analyzer:ListAnalyzers",
        "access-analyzer:ListFindings",
        "account:GetAlternateContact",
        "acm-pca:GetPolicy",
        "acm-pca:ListCertificateAuthorities",
        "amplify:ListApps",
        "amplify:ListBranches",
        "amplify:ListResourcesForWebACL",
        "apigateway:GET",
        "apprunner:DescribeService",
        "apprunner:ListAssociatedServicesForWebAcl",
        "apprunner:ListServices",
        "appsync:ListGraphqlApis",
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeLaunchConfigurations",
        "backup:GetBackupVaultAccessPolicy",
        "backup:ListBackupVaults",
        "batch:DescribeComputeEnvironments",
        "batch:DescribeJobDefinitions",
        "budgets:ViewBudget",
        "cloudformation:DescribeStacks",
        "cloudformation:GetTemplateSummary",
        "cloudformation:ListStackResources",
        "cloudfront:GetVpcOrigin",
        "cloudfront:ListDistributionTenants",
        "cloudfront:ListDistributions",
        "cloudfront:ListOriginAccessControls",
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetEventDataStore",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:ListEventDataStores",
        "cloudtrail:ListTrails",
        "codeartifact:GetDomainPermissionsPolicy",
        "codeartifact:GetRepositoryPermissionsPolicy",
        "codeartifact:ListDomains",
        "codeartifact:ListRepositories",
        "codebuild:BatchGetProjects",
        "codebuild:ListProjects",
        "codeguru-reviewer:ListRepositoryAssociations",
        "codepipeline:GetPipeline",
        "codepipeline:ListPipelines",
        "cognito-idp:DescribeUserPool",
        "cognito-idp:ListResourcesForWebACL",
        "cognito-idp:ListUserPools",
        "config:DescribeConfigurationRecorders",
        "dax:DescribeClusters",
        "dax:DescribeSubnetGroups",
        "dms:DescribeReplicationInstances",
        "dms:DescribeReplicationSubnetGroups",
        "dynamodb:GetResourcePolicy",
        "dynamodb:ListTables",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceAttribute",
        "ec2:DescribeInstanceConnectEndpoints",
        "ec2:DescribeInstances",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:DescribeManagedPrefixLists",
        "ec2:DescribeNatGateways",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRegions",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSnapshotAttribute",
        "ec2:DescribeSnapshots",
        "ec2:DescribeSubnets",
        "ec2:DescribeTransitGatewayVpcAttachments",
        "ec2:DescribeVerifiedAccessInstanceWebAclAssociations",
        "ec2:DescribeVolumes",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcEndpointServices",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcPeeringConnections",
        "ec2:DescribeVpcs",
        "ec2:DescribeVpnGateways",
        "ec2:GetEbsDefaultKmsKeyId",
        "ec2:GetEbsEncryptionByDefault",
        "ec2:GetManagedPrefixListEntries",
        "ec2:GetSnapshotBlockPublicAccessState",
        "ecr:DescribeRepositories",
        "ecr:GetRegistryPolicy",
        "ecr:GetRepositoryPolicy",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:DescribeTasks",
        "ecs:ListClusters",
        "ecs:ListServices",
        "ecs:ListTaskDefinitionFamilies",
        "ecs:ListTasks",
        "eks:DescribeCluster",
        "eks:ListClusters",
        "eks:ListFargateProfiles",
        "eks:ListNodegroups",
        "eks:ListPodIdentityAssociations",
        "elasticache:DescribeCacheClusters",
        "elasticache:DescribeCacheSubnetGroups",
        "elasticache:DescribeServerlessCaches",
        "elasticbeanstalk:DescribeConfigurationSettings",
        "elasticbeanstalk:DescribeEnvironmentResources",
        "elasticbeanstalk:DescribeEnvironments",
        "elasticfilesystem:DescribeFileSystemPolicy",
        "elasticfilesystem:DescribeFileSystems",
        "elasticfilesystem:DescribeMountTargetSecurityGroups",
        "elasticfilesystem:DescribeMountTargets",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancerPolicies",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeSSLPolicies",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "es:DescribeDomains",
        "es:ListDomainNames",
        "events:ListEventBuses",
        "events:ListRules",
        "events:ListTargetsByRule",
        "glacier:GetVaultAccessPolicy",
        "glacier:GetVaultLock",
        "glacier:ListVaults",
        "glue:GetConnections",
        "glue:GetJobs",
        "glue:GetResourcePolicy",
        "guardduty:GetAdministratorAccount",
        "guardduty:GetDetector",
        "guardduty:GetFilter",
        "guardduty:GetFindings",
        "guardduty:GetFindingsStatistics",
        "guardduty:ListDetectors",
        "guardduty:ListFilters",
        "guardduty:ListFindings",
        "guardduty:ListPublishingDestinations",
        "iam:GenerateCredentialReport",
        "iam:GetAccountAuthorizationDetails",
        "iam:GetAccountPasswordPolicy",
        "iam:GetAccountSummary",
        "iam:GetCredentialReport",
        "iam:GetLoginProfile",
        "iam:ListAccessKeys",
        "iam:ListMFADevices",
        "iam:ListOpenIDConnectProviders",
        "iam:ListSAMLProviders",
        "iam:ListVirtualMFADevices",
        "inspector2:BatchGetAccountStatus",
        "inspector2:ListCodeSecurityIntegrations",
        "inspector2:ListCodeSecurityScanConfigurations",
        "inspector2:ListFindings",
        "kafka:ListClustersV2",
        "kinesis:GetResourcePolicy",
        "kinesis:ListStreams",
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:ListKeys",
        "lambda:GetLayerVersionPolicy",
        "lambda:GetPolicy",
        "lambda:ListAliases",
        "lambda:ListFunctionUrlConfigs",
        "lambda:ListFunctions",
        "lambda:ListLayers",
        "lambda:ListTags",
        "lightsail:GetInstances",
        "logs:DescribeResourcePolicies",
        "macie2:DescribeBuckets",
        "macie2:GetFindings",
        "macie2:GetMacieSession",
        "macie2:ListFindings",
        "memorydb:DescribeClusters",
        "memorydb:DescribeSubnetGroups",
        "mq:DescribeBroker",
        "mq:ListBrokers",
        "organizations:DescribeOrganization",
        "organizations:ListAccounts",
        "ram:GetResourceShareAssociations",
        "rds:DescribeDBClusterAutomatedBackups",
        "rds:DescribeDBClusterSnapshotAttributes",
        "rds:DescribeDBClusterSnapshots",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstanceAutomatedBackups",
        "rds:DescribeDBInstances",
        "rds:DescribeDBProxies",
        "rds:DescribeDBSnapshotAttributes",
        "rds:DescribeDBSnapshots",
        "rds:DescribeDBSubnetGroups",
        "redshift-serverless:ListWorkgroups",
        "redshift:DescribeClusterSubnetGroups",
        "redshift:DescribeClusters",
        "s3:GetAccessPoint",
        "s3:GetAccessPointPolicy",
        "s3:GetAccessPointPolicyStatus",
        "s3:GetAccountPublicAccessBlock",
        "s3:GetBucketAcl",
        "s3:GetBucketLocation",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetBucketPolicyStatus",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetBucketWebsite",
        "s3:GetLifecycleConfiguration",
        "s3:GetMultiRegionAccessPointPolicyStatus",
        "s3:ListAccessPoints",
        "s3:ListAllMyBuckets",
        "s3:ListMultiRegionAccessPoints",
        "sagemaker:DescribeNotebookInstanceLifecycleConfig",
        "sagemaker:ListNotebookInstanceLifecycleConfigs",
        "secretsmanager:GetResourcePolicy",
        "secretsmanager:ListSecrets",
        "securityhub:GetFindingAggregator",
        "securityhub:ListEnabledProductsForImport",
        "securityhub:ListFindingAggregators",
        "ses:GetEmailIdentityPolicies",
        "ses:ListEmailIdentities",
        "sns:GetTopicAttributes",
        "sns:ListSubscriptionsByTopic",
        "sns:ListTopics",
        "sqs:GetQueueAttributes",
        "sqs:ListQueues",
        "ssm:DescribeInstanceInformation",
        "ssm:DescribeParameters",
        "ssm:GetDocument",
        "ssm:GetParameters",
        "ssm:GetServiceSetting",
        "ssm:ListDocuments",
        "states:DescribeStateMachine",
        "states:ListStateMachines",
        "sts:GetCallerIdentity",
        "support:DescribeTrustedAdvisorCheckSummaries",
        "support:DescribeTrustedAdvisorChecks",
        "tag:GetResources",
        "wafv2:GetWebACL",
        "wafv2:ListResourcesForWebACL",
        "wafv2:ListWebACLs",
        # End.
      ]
    }]
  }

  members = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ListOrganization"
        Effect   = "Allow"
        Resource = "*"
        Action = [
          # Made by `python -m tests.roles` from what organization = true asks.
          "organizations:DescribeAccount",
          "organizations:DescribePolicy",
          "organizations:ListAccountsForParent",
          "organizations:ListOrganizationalUnitsForParent",
          "organizations:ListParents",
          "organizations:ListPoliciesForTarget",
          "organizations:ListRoots",
          "organizations:ListTagsForResource",
          # End.
        ]
      },
      {
        Sid      = "AssumeMemberRole"
        Effect   = "Allow"
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:role/${var.member_role}"
        Action   = "sts:AssumeRole"
      },
    ]
  }
}

resource "aws_iam_openid_connect_provider" "issuer" {
  count          = var.create_issuer ? 1 : 0
  url            = "https://${var.issuer}"
  client_id_list = [var.audience]
}

resource "aws_iam_role" "audit" {
  name                 = var.role_name
  description          = "Read by pytest-ssb"
  max_session_duration = var.session_seconds
  assume_role_policy   = jsonencode(local.trust)
  # So that the role never names an issuer that is not there.
  depends_on = [aws_iam_openid_connect_provider.issuer]
}

resource "aws_iam_role_policy" "audit" {
  name   = "ssb-audit"
  role   = aws_iam_role.audit.name
  policy = jsonencode(local.audit)
}

resource "aws_iam_role_policy" "members" {
  count  = var.member_role == "" ? 0 : 1
  name   = "ssb-members"
  role   = aws_iam_role.audit.name
  policy = jsonencode(local.members)
}

output "role_arn" {
  description = "What the pipeline assumes."
  value       = aws_iam_role.audit.arn
}
