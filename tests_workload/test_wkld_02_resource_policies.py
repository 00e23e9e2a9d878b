"""WKLD.02: use resource-based policies that let in the organization's own principals, networks and addresses alone.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from typing import Any

from pytest_ssb import check

TRUSTED = ("trust.accounts", "trust.organizations", "trust.networks", "trust.cidrs", "organization_profile")
FACTS = (*TRUSTED, "trust.strict_confused_deputy")
REFERENCES = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
)
HOLD = (
    "  # in it, hold each Allow for others to aws:PrincipalOrgID, aws:SourceVpce or aws:SourceIp;"
    " whom you trust may stand in trust.accounts, trust.organizations, trust.networks or trust.cidrs"
)
LEVELS = ("critical", "high", "medium", "low")


def scoped(audit: Any, profile: Any, policies: Any, none: str, worst: str = "critical") -> None:
    """Each resource of one kind; `worst` is the severity that the check gives at most."""
    for resource in policies:
        with audit(resource, type=policies.type):
            judge(audit, profile, policies[resource], worst)
    if not policies:
        audit.nothing(none)


def judge(audit: Any, profile: Any, judged: Any, worst: str = "critical", services: bool = False) -> None:
    """Whether a policy lets in its own alone, or whom the profile trusts; `services` of AWS may be welcome, whomever they act for."""
    if judged.exempt is not None:
        audit.not_applicable(judged.exempt)
    audit.severity(max(judged.severity, worst, key=LEVELS.index))
    declared = judged.declared
    assert judged.fails is None, judged.fails
    audit.note(judged.note)
    if judged.deputies and not services:
        strict = profile.trust.strict_confused_deputy
        assert not strict, f"confused deputy: {', '.join(judged.deputies)} may act for anybody: no aws:SourceAccount or aws:SourceArn"
        audit.note(f"{', '.join(judged.deputies)} may act for anybody: aws:SourceAccount or aws:SourceArn would hold it to this account")
    if judged.asks is not None:
        audit.manual(f"{judged.asks}: is that yours, or a vendor that you trust? (trust.accounts)")
    for key, entries in declared.items():
        audit.declared(key, entries)


@check(
    "WKLD.02",
    on="AWS::S3::Bucket",
    severity="critical",
    facts=(*FACTS, "trust.canonical_users", "buckets.public"),
    fix="aws s3api put-bucket-policy --bucket {name} --policy file://policy.json" + HOLD,
    references=(*REFERENCES, "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"),
)
def test_s3_bucket_policy_scoped(audit, ssb_profile, buckets, bucket_policies, open_bucket_policies, bucket_tags):
    """The bucket's policy lets in nobody but the account's own, its organization's, or whom the profile trusts."""
    for bucket in buckets:
        with audit(bucket, region=bucket.region):
            judged = bucket_policies[bucket]
            if judged.reach == "open":
                public = None if judged.access.writes else ssb_profile.buckets.public.match(bucket.arn, lambda one=bucket: bucket_tags[one])
                if public:
                    audit.declared("buckets.public", public)
                    audit.not_applicable("public for reading, on purpose")
                if open_bucket_policies[bucket]:
                    audit.judged_by("bucket_not_public")
                audit.saw(IsPublic=open_bucket_policies[bucket])
            judge(audit, ssb_profile, judged)
    if not buckets:
        audit.nothing("no buckets")


@check(
    "WKLD.02",
    on="AWS::S3::Bucket",
    severity="medium",
    environment="production",
    facts=(*TRUSTED, "buckets.sensitive", "buckets.use_macie"),
    fix="aws s3api put-bucket-policy --bucket {name} --policy file://policy.json"
    "  # with a Deny of s3:GetObject for everyone by StringNotEqualsIfExists aws:PrincipalOrgID, and BoolIfExists aws:PrincipalIsAWSService false",
    references=(
        *REFERENCES,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html",
    ),
)
def test_sensitive_bucket_perimeter_enforced(audit, sensitive_buckets, sensitive_perimeters, resource_control, controlled_perimeters):
    """A Deny in the policy of each sensitive bucket, or over its account, keeps reading to the organization, its networks or its addresses."""
    for place in sensitive_buckets.places:
        with audit(place.bucket, item=place.prefix or None, region=place.bucket.region):
            left, by, perhaps = sensitive_perimeters[place][place], "a Deny in its policy", ""
            if left.fails is not None:
                perhaps = f" ({resource_control.unknown})" if resource_control.unknown else ""
                over = controlled_perimeters[place][place]
                if over.fails is None:
                    left, by = over, "a resource control policy of the organization"
            declared = left.declared
            assert left.reach != "open", f"no Deny in its policy keeps strangers from reading it: by organization, network or address{perhaps}"
            assert left.fails is None, f"its Deny leaves others in: {left.fails}{perhaps}"
            audit.note(f"{by} keeps others from reading it" + (", but for services of AWS" if left.reach == "deputy" else ""))
            for key, entries in declared.items():
                audit.declared(key, entries)
    if sensitive_buckets.unread is not None:
        with audit(audit.target()):
            sensitive_buckets.settle()
    elif not sensitive_buckets.any_buckets:
        audit.nothing("no buckets")
    elif not sensitive_buckets.places:
        with audit(audit.target()):
            audit.judged_by("sensitive_buckets_identified")
            audit.manual("which buckets hold sensitive or business-critical data? (buckets.sensitive)")


@check(
    "WKLD.02",
    on="AWS::AccessAnalyzer::Analyzer",
    severity="high",
    extended=True,
    fix='aws accessanalyzer list-findings-v2 --region {region} --analyzer-arn {arn} --filter \'{{"status": {{"eq": ["ACTIVE"]}}}}\''
    "  # close each in its resource's policy, or archive what is meant: aws accessanalyzer update-findings --status ARCHIVED",
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings-remediate.html",),
)
def test_external_access_findings_resolved(audit, access_analyzers, external_access):
    """Whatever IAM Access Analyzer found to be open to others is closed, or archived as meant."""
    for analyzer in access_analyzers:
        with audit(analyzer):
            found = external_access[analyzer]
            more = f", and {len(found) - 20} more" if len(found) > 20 else ""
            assert not found, f"open to others: {', '.join(each.said for each in found[:20])}{more}"
    if not access_analyzers:
        with audit(audit.target()):
            audit.manual("what may others get at here? no analyzer of IAM Access Analyzer looks for access from outside")


@check(
    "WKLD.02",
    on="AWS::S3::AccessPoint",
    severity="critical",
    facts=FACTS,
    fix="aws s3control put-access-point-policy --region {region} --account-id {account} --name {name} --policy file://policy.json" + HOLD,
    references=REFERENCES,
)
def test_s3_access_point_policy_scoped(audit, ssb_profile, access_point_policies):
    """The access point is for a VPC, or its policy lets in nobody but the account's own, its organization's, or whom the profile trusts."""
    scoped(audit, ssb_profile, access_point_policies, "no access points")


@check(
    "WKLD.02",
    on="AWS::SQS::Queue",
    severity="critical",
    facts=FACTS,
    fix="aws sqs set-queue-attributes --region {region} --queue-url $(aws sqs get-queue-url --region {region} --queue-name {name} --output text)"
    " --attributes file://policy.json" + HOLD,
    references=REFERENCES,
)
def test_sqs_queue_policy_scoped(audit, ssb_profile, sqs_queue_policies):
    """The queue's policy lets in nobody but the account's own, its organization's, or whom the profile trusts."""
    scoped(audit, ssb_profile, sqs_queue_policies, "no queues")


@check(
    "WKLD.02",
    on="AWS::SNS::Topic",
    severity="critical",
    facts=FACTS,
    fix="aws sns set-topic-attributes --region {region} --topic-arn {arn} --attribute-name Policy --attribute-value file://policy.json" + HOLD,
    references=REFERENCES,
)
def test_sns_topic_policy_scoped(audit, ssb_profile, sns_topic_policies):
    """The topic's policy lets in nobody but the account's own, its organization's, or whom the profile trusts."""
    scoped(audit, ssb_profile, sns_topic_policies, "no topics")


@check(
    "WKLD.02",
    on="AWS::KMS::Key",
    severity="critical",
    facts=FACTS,
    fix="aws kms put-key-policy --region {region} --key-id {arn} --policy file://policy.json" + HOLD,
    references=(*REFERENCES, "https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html"),
)
def test_kms_key_policy_scoped(audit, ssb_profile, kms_key_policies):
    """The key's policy lets in nobody but the account's own, its organization's, or whom the profile trusts; grants are not looked at."""
    scoped(audit, ssb_profile, kms_key_policies, "no keys")


@check(
    "WKLD.02",
    on="AWS::Lambda::Function",
    severity="critical",
    facts=(*FACTS, "network.public_resources"),
    fix="aws lambda get-policy --region {region} --function-name {arn}  # then remove-permission, and add-permission with --principal-org-id",
    references=(*REFERENCES, "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"),
)
def test_lambda_function_policy_scoped(audit, ssb_profile, function_policies, lambda_layer_policies):
    """No policy of a function, its aliases, or a layer's newest version lets in strangers; those of single versions are not looked at."""
    url = "aws lambda update-function-url-config --region {region} --function-name {arn} --auth-type AWS_IAM"
    layer = (
        "aws lambda get-layer-version-policy --region {region} --layer-name {layer} --version-number {name}  # then remove-layer-version-permission"
    )
    for function in function_policies.functions:
        with audit(function):
            policy = function_policies.verdicts[function]
            assert policy.otherwise.fails is not None or "s3.amazonaws.com" not in policy.otherwise.deputies, (
                "confused deputy: s3.amazonaws.com may invoke it for anybody's bucket: no aws:SourceAccount"
            )
            judge(audit, ssb_profile, policy.otherwise)
            if policy.by_url.fails:
                audit.severity("medium")
                public = ssb_profile.network.public_resources.match(function.arn)
                if public:
                    audit.declared("network.public_resources", public)
                    audit.note("its URL is for everyone, on purpose")
                else:
                    audit.judged_by("lambda_function_url_protected")
                    audit.fix(url)
                assert public, f"{policy.by_url.fails}, by the function's URL"
    for version in lambda_layer_policies:
        with audit(version, type="AWS::Lambda::LayerVersion"):
            audit.fix(layer, layer=version.arn.rpartition(":")[0])
            judge(audit, ssb_profile, lambda_layer_policies[version])
    if not function_policies.functions and not lambda_layer_policies:
        audit.nothing("no functions and no layers")


@check(
    "WKLD.02",
    on="AWS::ECR::Repository",
    severity="critical",
    facts=FACTS,
    fix="aws ecr set-repository-policy --region {region} --repository-name {name} --policy-text file://policy.json" + HOLD,
    references=REFERENCES,
)
def test_ecr_repository_policy_scoped(audit, ssb_profile, ecr_repository_policies, ecr_registry_policies):
    """No private repository's policy, nor the registry's, lets in strangers."""
    registry = "aws ecr put-registry-policy --region {region} --policy-text file://policy.json" + HOLD
    for policies, fix in ((ecr_repository_policies, None), (ecr_registry_policies, registry)):
        for resource in policies:
            with audit(resource, type=policies.type, fix=fix):
                judge(audit, ssb_profile, policies[resource])
    if not ecr_repository_policies and not ecr_registry_policies:
        audit.nothing("no repositories, and no policy of the registry")


@check(
    "WKLD.02",
    on="AWS::SecretsManager::Secret",
    severity="critical",
    facts=FACTS,
    fix="aws secretsmanager put-resource-policy --region {region} --secret-id {arn} --block-public-policy --resource-policy file://policy.json"
    + HOLD,
    references=REFERENCES,
)
def test_secret_policy_scoped(audit, ssb_profile, secret_policies):
    """The secret's policy lets in nobody but the account's own, its organization's, or whom the profile trusts."""
    scoped(audit, ssb_profile, secret_policies, "no secrets")


@check(
    "WKLD.02",
    on="AWS::Events::EventBus",
    severity="critical",
    facts=FACTS,
    fix="aws events put-permission --region {region} --event-bus-name {name} --action events:PutEvents --principal '*' --statement-id organization"
    " --condition Type=StringEquals,Key=aws:PrincipalOrgID,Value=ORGANIZATION  # and remove-permission of what lets others in",
    references=REFERENCES,
)
def test_event_bus_policy_scoped(audit, ssb_profile, event_bus_policies):
    """The event bus's policy lets in nobody but the account's own, its organization's, or whom the profile trusts."""
    scoped(audit, ssb_profile, event_bus_policies, "no event buses")


@check(
    "WKLD.02",
    on="AWS::EFS::FileSystem",
    severity="medium",
    facts=FACTS,
    fix="aws efs put-file-system-policy --region {region} --file-system-id {name} --policy file://policy.json" + HOLD,
    references=(*REFERENCES, "https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html"),
)
def test_efs_file_system_policy_scoped(audit, ssb_profile, file_system_policies, open_mount_targets):
    """The file system has a policy, which lets in the account's own alone; without one, its mount targets let in security groups alone."""
    for resource in file_system_policies:
        with audit(resource):
            judged = file_system_policies[resource]
            if judged.has_policy:
                judge(audit, ssb_profile, judged, worst="medium")
            else:
                audit.severity("low")
                groups = open_mount_targets[resource]
                audit.note(
                    "no policy, and " + ("no mount target to reach it by" if groups is None else "its mount targets let in security groups alone")
                )
                assert not groups, f"no policy: whoever reaches a mount target gets in, and {', '.join(groups)} let in addresses"
    if not file_system_policies:
        audit.nothing("no file systems")


@check(
    "WKLD.02",
    on="AWS::Glacier::Vault",
    severity="high",
    facts=FACTS,
    fix="aws glacier set-vault-access-policy --region {region} --account-id - --vault-name {name} --policy file://policy.json" + HOLD,
    references=REFERENCES,
)
def test_glacier_vault_policy_scoped(audit, ssb_profile, glacier_vault_policies):
    """The vault's access policy and lock let in nobody but the account's own, its organization's, or whom the profile trusts."""
    scoped(audit, ssb_profile, glacier_vault_policies, "no vaults", worst="high")


@check(
    "WKLD.02",
    on="AWS::OpenSearchService::Domain",
    severity="critical",
    facts=FACTS,
    fix="aws opensearch update-domain-config --region {region} --domain-name {name} --access-policies file://policy.json" + HOLD,
    references=REFERENCES,
)
def test_opensearch_domain_policy_scoped(audit, ssb_profile, search_domain_policies):
    """The domain's access policy lets in nobody but the account's own, its organization's, or whom the profile trusts."""
    scoped(audit, ssb_profile, search_domain_policies, "no domains")


@check(
    "WKLD.02",
    on="AWS::IAM::Role",
    severity="critical",
    facts=TRUSTED,
    fix="aws iam update-assume-role-policy --role-name {name} --policy-document file://policy.json"
    "  # in it, hold tokens to one owner by the issuer's :sub, and name no account that is not yours; trust.accounts may list a vendor's",
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user_externalid.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
    ),
)
def test_iam_role_trust_scoped(audit, ssb_profile, iam_roles, role_trusts):
    """The role may be assumed by nobody but the account's own, its organization's, its services, or whom the profile trusts."""
    for role in iam_roles:
        with audit(role):
            # Services of AWS, which assume roles for whomever they act, are what roles are for.
            judge(audit, ssb_profile, role_trusts[role], services=True)
    if not iam_roles:
        audit.nothing("no roles")


@check(
    "WKLD.02",
    on="AWS::DynamoDB::Table",
    severity="high",
    facts=FACTS,
    fix="aws accessanalyzer validate-policy --region {region} --policy-type RESOURCE_POLICY --policy-document file://policy.json" + HOLD,
    references=REFERENCES,
)
def test_other_resource_policies_scoped(
    audit,
    ssb_profile,
    dynamodb_table_policies,
    kinesis_stream_policies,
    backup_vault_policies,
    log_resource_policies,
    data_catalog_policies,
    rest_api_policies,
    email_identity_policies,
    certificate_authority_policies,
    package_domain_policies,
    package_repository_policies,
):
    """No policy of tables, streams, vaults, logs, catalogs, APIs, identities, authorities or packages lets in strangers."""
    kinds = {
        "dynamodb": dynamodb_table_policies,
        "kinesis": kinesis_stream_policies,
        "backup": backup_vault_policies,
        "logs": log_resource_policies,
        "glue": data_catalog_policies,
        "apigateway": rest_api_policies,
        "ses": email_identity_policies,
        "acm-pca": certificate_authority_policies,
        "codeartifact domains": package_domain_policies,
        "codeartifact repositories": package_repository_policies,
    }
    for kind, policies in kinds.items():
        found = []
        with audit(audit.target(), item=kind):
            found = list(policies)
            audit.was_read()
        for resource in found:
            with audit(resource, type=policies.type):
                judge(audit, ssb_profile, policies[resource], worst="high")
    if not audit.findings:
        audit.nothing("nothing of these kinds")
