"""Access keys of AWS in the settings of compute: one question with those for secrets, so that AWS is asked once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssb.reads.registry import read
from pytest_ssb.reads.secret_holders import Holder
from pytest_ssb.reads.secrets_elsewhere import Elsewhere, of_kind

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


@read(per="region")
def compute_settings(
    aws: Aws,
    lambda_secrets: list[Holder],
    ecs_secrets: list[Holder],
    instance_secrets: list[Holder],
    launch_template_secrets: list[Holder],
    launch_configuration_secrets: list[Holder],
    codebuild_secrets: list[Holder],
    batch_secrets: list[Holder],
    apprunner_secrets: list[Holder],
    beanstalk_secrets: list[Holder],
) -> list[Elsewhere]:
    """What was found in the settings of everything that computes, kind by kind."""
    return [
        of_kind(aws, "AWS::Lambda::Function", "Lambda", lambda_secrets),
        of_kind(aws, "AWS::ECS::TaskDefinition", "ECS", ecs_secrets),
        of_kind(aws, "AWS::EC2::Instance", "EC2", instance_secrets),
        of_kind(aws, "AWS::EC2::LaunchTemplate", "EC2, launch templates", launch_template_secrets),
        of_kind(aws, "AWS::AutoScaling::LaunchConfiguration", "EC2 Auto Scaling", launch_configuration_secrets),
        of_kind(aws, "AWS::CodeBuild::Project", "CodeBuild", codebuild_secrets),
        of_kind(aws, "AWS::Batch::JobDefinition", "Batch", batch_secrets),
        of_kind(aws, "AWS::AppRunner::Service", "App Runner", apprunner_secrets),
        of_kind(aws, "AWS::ElasticBeanstalk::Environment", "Elastic Beanstalk", beanstalk_secrets),
    ]
