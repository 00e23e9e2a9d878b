"""WKLD.03: use ephemeral secrets or a secrets-management service.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from collections.abc import Iterable
from typing import Any

from pytest_ssb import check

FACTS = ("secrets.harmless_names", "secrets.harmless_values")
KEPT = "aws secretsmanager create-secret --region {region} --name NAME --secret-string file://secret"
REFERENCES = ("https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets.html",)
STORE = "https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-parameter-store.html"
CONFIGURATION = (
    "aws ec2 create-launch-template --region {region} --launch-template-name {name} --launch-template-data FILE  # without the secret; use it in the "
    "group, delete the launch configuration, and rotate the secret"
)
# What mends one resource, where a check looks at those of many services.
FIXES = {
    "AWS::Batch::JobDefinition": "aws batch register-job-definition --region {region} ...  # with the secret's ARN in containerProperties.secrets",
    "AWS::AppRunner::Service": "aws apprunner update-service --region {region} --service-arn {arn} ...  # with the ARN in RuntimeEnvironmentSecrets",
    "AWS::Glue::Job": "aws glue update-job --region {region} --job-name {name} ...  # the script gets the secret by its ARN",
    "AWS::StepFunctions::StateMachine": "aws stepfunctions update-state-machine --region {region} --state-machine-arn {arn} ...  # with a connection",
    "AWS::ApiGateway::Stage": "aws apigateway update-stage --region {region} ... --patch-operations op=remove,path=/variables/NAME",
    "AWS::ApiGatewayV2::Stage": "aws apigatewayv2 update-stage --region {region} ... --stage-variables NAME=",
    "AWS::ElasticBeanstalk::Environment": (
        "aws elasticbeanstalk update-environment --region {region} --environment-name {name} ...  # with aws:elasticbeanstalk:application:"
        "environmentsecrets"
    ),
    "AWS::Amplify::App": "aws amplify update-app --region {region} ...  # without it: builds get secrets from Parameter Store",
    "AWS::SSM::Document": "aws ssm update-document --region {region} --name {name} ...  # with {{{{ssm-secure:NAME}}}} or a parameter",
    "AWS::SageMaker::NotebookInstanceLifecycleConfig": (
        "aws sagemaker update-notebook-instance-lifecycle-config --region {region} --notebook-instance-lifecycle-config-name {name} ..."
    ),
}


def judge(audit: Any, holders: Iterable[Any]) -> int:
    """Judge resources that were looked into, each by itself; how many there were."""
    number = 0
    for number, holder in enumerate(holders, start=1):  # noqa: B007
        with audit(holder):
            looked_into(audit, holder)
    return number


def looked_into(audit: Any, holder: Any) -> None:
    """Judge one resource by what was found in it."""
    if holder.manager:
        audit.not_applicable(f"managed by {holder.manager}")
    if holder.note:
        audit.note(holder.note)
    declared = holder.found.declared
    if declared is not None:
        audit.declared(*declared)
    if holder.found.only_examples:
        audit.severity("low")
    assert not holder.found.suspects, f"a secret in {holder.found.said}"


@check(
    "WKLD.03",
    on="AWS::Lambda::Function",
    severity="critical",
    facts=FACTS,
    fix=f"{KEPT} && aws lambda update-function-configuration --region {{region}} --function-name {{name}} --environment FILE  # the secret's ARN in its "
    "place; then rotate it",
    references=REFERENCES,
)
def test_lambda_no_plaintext_secrets(audit, lambda_secrets):
    """No function has a secret in its variables."""
    if not judge(audit, lambda_secrets):
        audit.nothing("no functions")


@check(
    "WKLD.03",
    on="AWS::ECS::TaskDefinition",
    severity="critical",
    facts=FACTS,
    fix=f"{KEPT} && aws ecs register-task-definition --region {{region}} --cli-input-json FILE  # the secret's ARN in containerDefinitions[].secrets; "
    "then update the service, and rotate the secret",
    references=("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html",),
)
def test_ecs_task_no_plaintext_secrets(audit, ecs_secrets):
    """No task definition in use has a secret in its containers, nor has a running task's override of them."""
    if not judge(audit, ecs_secrets):
        audit.nothing("no task definitions in use")


@check(
    "WKLD.03",
    on="AWS::EC2::Instance",
    severity="critical",
    facts=FACTS,
    fix="aws ec2 stop-instances --region {region} --instance-ids {id} && aws ec2 wait instance-stopped --region {region} --instance-ids {id} && "
    "aws ec2 modify-instance-attribute --region {region} --instance-id {id} --user-data Value=file://user-data  # then start it, and rotate the secret",
    references=REFERENCES,
)
def test_ec2_user_data_no_secrets(audit, instance_secrets):
    """No instance has a secret in its user data."""
    if not judge(audit, instance_secrets):
        audit.nothing("no instances")


@check(
    "WKLD.03",
    on="AWS::EC2::LaunchTemplate",
    severity="critical",
    facts=FACTS,
    fix="aws ec2 create-launch-template-version --region {region} --launch-template-id {id} --source-version '$Latest' --launch-template-data FILE"
    "  # then set it as default, delete the versions that have the secret, and rotate it",
    references=REFERENCES,
)
def test_launch_template_no_secrets(audit, launch_template_secrets, launch_configuration_secrets):
    """No launch template or launch configuration that is in use has a secret in its user data."""
    found = judge(audit, launch_template_secrets)
    for holder in launch_configuration_secrets:
        with audit(holder, type="AWS::AutoScaling::LaunchConfiguration", fix=CONFIGURATION):
            looked_into(audit, holder)
        found += 1
    if not found:
        audit.nothing("no launch templates and no launch configurations")


@check(
    "WKLD.03",
    on="AWS::CodeBuild::Project",
    severity="critical",
    facts=FACTS,
    fix=f"{KEPT} && aws codebuild update-project --region {{region}} --name {{name}} --environment FILE  # with the type SECRETS_MANAGER; then rotate it",
    references=("https://docs.aws.amazon.com/codebuild/latest/userguide/change-project.html",),
)
def test_codebuild_no_plaintext_secrets(audit, codebuild_secrets):
    """No CodeBuild project has a secret in its variables, its own buildspec or its source's address."""
    if not judge(audit, codebuild_secrets):
        audit.nothing("no CodeBuild projects")


@check(
    "WKLD.03",
    on="AWS::CloudFormation::Stack",
    severity="high",
    facts=FACTS,
    fix="aws cloudformation update-stack --region {region} --stack-name {arn} --template-body FILE  # with a dynamic reference "
    "({{{{resolve:secretsmanager:NAME}}}}) in place of the secret, and no output of it; then rotate it",
    references=("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html",),
)
def test_cloudformation_no_plaintext_secrets(audit, stack_secrets):
    """No stack shows a secret: in a parameter without NoEcho, an output, or the default value of a parameter."""
    if not judge(audit, stack_secrets):
        audit.nothing("no stacks")


@check(
    "WKLD.03",
    on="AWS::::Account",
    severity="high",
    facts=FACTS,
    fix=KEPT,
    references=REFERENCES,
)
def test_other_services_no_plaintext_secrets(audit, secrets_elsewhere):
    """No setting of Batch, App Runner, Glue, Step Functions, API Gateway, Elastic Beanstalk, Amplify, Systems Manager or SageMaker holds a secret."""
    found = 0
    for each in secrets_elsewhere:
        for holder in each.holders:
            with audit(holder, each.item, type=None if each.item else each.kind, fix=f"{KEPT} && {FIXES[each.kind]}; then rotate it"):
                looked_into(audit, holder)
            found += 1
    if not found:
        audit.nothing("nothing of these services")


@check(
    "WKLD.03",
    on="AWS::SSM::Parameter",
    severity="critical",
    facts=(*FACTS, "secrets.read_parameter_values"),
    fix="aws ssm put-parameter --region {region} --name NEW-NAME --type SecureString --key-id KEY --value file://secret && "
    "aws ssm delete-parameter --region {region} --name {name}  # once the application reads the new one; then rotate the secret",
    references=(STORE,),
)
def test_ssm_parameter_secret_is_securestring(audit, plain_parameters):
    """No plain parameter of Parameter Store holds a secret: secrets are of the type SecureString."""
    for parameter in plain_parameters:
        with audit(parameter):
            if parameter.found is None:
                assert not parameter.named, (
                    "its name speaks of a secret, and it is not encrypted; its value was not read (secrets.read_parameter_values)"
                )
                audit.manual("is its value no secret? values are not read (secrets.read_parameter_values)")
            declared = parameter.found.declared
            if declared is not None:
                audit.declared(*declared)
            if parameter.found.only_examples:
                audit.severity("low")
            assert not parameter.found.suspects, f"a secret that is not encrypted ({parameter.found.suspects[0].hit.detector})"
    if not plain_parameters:
        audit.nothing("no plain parameters")


@check(
    "WKLD.03",
    on="AWS::SSM::Parameter",
    severity="medium",
    facts=("encryption.require_customer_managed_keys",),
    fix="aws ssm put-parameter --region {region} --name {name} --type SecureString --overwrite --key-id KEY --value file://secret"
    "  # or aws kms enable-key, cancel-key-deletion, if its key is to stay",
    references=(STORE,),
)
def test_ssm_securestring_key_usable(audit, ssb_profile, securestring_keys):
    """The key of every encrypted parameter is enabled."""
    for parameter in securestring_keys:
        with audit(parameter):
            key = parameter.key
            audit.saw(KeyState=key.key_state, KeyManager=key.key_manager)
            assert key.usable, f"its key is {key.key_state}: the parameter cannot be read"
            if ssb_profile.encryption.require_customer_managed_keys:
                assert key.key_manager == "CUSTOMER", "AWS's own key, where encryption.require_customer_managed_keys asks for one's own"
            own = "" if key.key_manager == "CUSTOMER" else "; it is AWS's own, which no policy can limit and no other account can use"
            large = "; of the advanced tier: a secret of more than 4 KB belongs into Secrets Manager" if parameter.advanced else ""
            audit.note(f"its key is enabled{own}{large}")
    if not securestring_keys:
        audit.nothing("no encrypted parameters")


@check(
    "WKLD.03",
    on="AWS::SecretsManager::Secret",
    severity="low",
    extended=True,
    fix="aws secretsmanager rotate-secret --region {region} --secret-id {arn} --rotation-rules AutomaticallyAfterDays=30"
    "  # where AWS does not rotate it itself: --rotation-lambda-arn FUNCTION",
    references=("https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html",),
)
def test_secret_rotation_enabled(audit, rotating_secrets):
    """Every secret that AWS can rotate is rotated by it."""
    for secret in rotating_secrets:
        with audit(secret):
            audit.saw(RotationEnabled=secret.rotation_enabled)
            if not secret.rotation_enabled and not secret.rotatable:
                audit.not_applicable("nothing that AWS can rotate")
            assert secret.rotation_enabled, "rotation is off, though AWS can rotate it"
    if not rotating_secrets:
        audit.nothing("no secrets")


@check(
    "WKLD.03",
    on="AWS::SecretsManager::Secret",
    severity="low",
    extended=True,
    facts=("secrets.rotation_max_days",),
    fix="aws secretsmanager rotate-secret --region {region} --secret-id {arn}  # look into the rotation function's log first",
    references=("https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html",),
)
def test_secret_rotation_effective(audit, ssb_profile, rotating_secrets):
    """Every secret whose rotation is on has been rotated as its schedule says."""
    for secret in rotating_secrets:
        with audit(secret):
            if not secret.rotation_enabled:
                audit.not_applicable("rotation is off")
            overdue = secret.overdue(ssb_profile.secrets.rotation_max_days)
            if secret.last_rotated_date is None:
                audit.note("new, and not due yet")
            assert not overdue, overdue
    if not rotating_secrets:
        audit.nothing("no secrets")


@check(
    "WKLD.03",
    on="AWS::::Account",
    severity="low",
    references=(STORE, "https://docs.aws.amazon.com/secretsmanager/latest/userguide/intro.html"),
)
def test_secrets_service_in_use(audit, secrets_services):
    """Secrets are kept in Parameter Store or Secrets Manager."""
    with audit(audit.target()):
        if secrets_services.kept:
            audit.note(f"secrets are kept in {', '.join(secrets_services.kept)}")
            return
        secrets_services.whole()
        if not secrets_services.compute:
            audit.not_applicable("nothing runs that might need a secret: no functions, instances or tasks")
        audit.manual("where do the applications get their secrets? neither Parameter Store nor Secrets Manager has any")
