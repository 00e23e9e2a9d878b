"""CodePipeline: the pipelines, where they start from, and whether they deploy."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pytest_ssb.errors import UnexpectedAnswer, Vanished
from pytest_ssb.reads.regions import REGIONS, Everywhere, in_each, regions_of
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, or_unread, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

LIST, GET = "codepipeline:ListPipelines", "codepipeline:GetPipeline"
# https://docs.aws.amazon.com/codepipeline/latest/userguide/integrations-action-type.html
REPOSITORIES = {"CodeStarSourceConnection", "CodeCommit", "GitHub"}
STORES = {"S3", "ECR"}
DEPLOYING = {
    ("Deploy", "CloudFormation"),
    ("Deploy", "CloudFormationStackSet"),
    ("Deploy", "CloudFormationStackInstances"),
    # Commands of one's own, such as those of the AWS CDK or of Terraform.
    ("Build", "CodeBuild"),
    ("Compute", "Commands"),
}


class ActionType(msgspec.Struct, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionTypeId.html"""

    category: Literal["Source", "Build", "Deploy", "Test", "Invoke", "Approval", "Compute"]
    provider: str


class Action(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html"""

    action_type_id: ActionType


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StageDeclaration.html"""

    actions: tuple[Action, ...]


class Pipeline(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline (https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html)."""

    arn: str = msgspec.field(name="Arn")
    name: str
    stages: tuple[Stage, ...]

    @property
    def types(self) -> list[ActionType]:
        """What its actions are, in their order."""
        return [action.action_type_id for stage in self.stages for action in stage.actions]

    @property
    def sources(self) -> list[str]:
        """Where it starts from: the providers of its source actions."""
        return [each.provider for each in self.types if each.category == "Source"]

    @property
    def repositories(self) -> list[str]:
        """Those of them that are source repositories."""
        return [source for source in self.sources if source in REPOSITORIES]

    @property
    def unknown_sources(self) -> list[str]:
        """Those of which it is not known what they are, such as somebody's own."""
        return [source for source in self.sources if source not in REPOSITORIES | STORES]

    @property
    def deploys(self) -> bool:
        """Whether it takes something from a source and deploys templates, or runs commands that may do so."""
        return bool(self.sources) and any((each.category, each.provider) in DEPLOYING for each in self.types)


@read(LIST, GET, per="region")
def pipelines(aws: Aws) -> list[Pipeline]:
    """The pipelines of the region; one that could not be read is unread."""
    names = [each.get("name") for each in aws.list(LIST, "pipelines")]
    if not all(isinstance(name, str) for name in names):
        raise UnexpectedAnswer(f"{LIST} answered a pipeline without name", LIST)
    found: list[Pipeline] = []
    for name in sorted(names):
        # One that is gone since it was listed is left out.
        with suppress(Vanished):
            told = or_unread(partial(aws.ask, GET, gone="PipelineNotFoundException", name=name))
            found.append(_pipeline(aws, name, told))
    return found


def _pipeline(aws: Aws, name: str, told: Any) -> Pipeline:
    arn = f"arn:{aws.partition}:codepipeline:{aws.region}:{aws.account}:{name}"
    if (error := error_of(told)) is not None:
        missing: Pipeline = unread(error, arn)
        return missing
    pipeline: Pipeline
    (pipeline,) = aws.parse(GET, [told.get("pipeline") or {}], Pipeline, arn)
    return pipeline


@read(LIST, GET, REGIONS, per="account")
def pipelines_everywhere(aws: Aws, ssb_profile: Profile) -> Everywhere[Pipeline]:
    """The pipelines of all regions."""
    return in_each(aws, regions_of(aws, ssb_profile), pipelines)
