"""What is known to be in a template: the resources of CloudFormation's stacks, tags that deployment tools write, and Terraform's states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.errors import AwsError, NotOffered, Undecided, UnexpectedAnswer, Vanished
from pytest_ssb.reads.cloudformation import NESTED, STACKS, Stack, stacks
from pytest_ssb.reads.regions import REGIONS, enabled_regions, regions_of
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.terraform_state import TerraformState
from pytest_ssb.unread import error_of, or_unread, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource
    from pytest_ssb.profiles import Profile
    from pytest_ssb.selectors import Selectors

RESOURCES, TAGGED = "cloudformation:ListStackResources", "resourcegroupstaggingapi:GetResources"
STACK_TAG = "aws:cloudformation:stack-id"
# What another service of AWS keeps for the customer has one of these tags, which nobody else can write.
KEEPERS = ("aws:autoscaling:", "aws:eks:", "aws:ecs:", "aws:elasticmapreduce:")
# Of these, AWS's own tools and other accounts make stacks that say nothing of how the customer deploys.
BOOTSTRAP = "CDKToolkit"
# What has one of these statuses was never made, or is in the stack no longer.
NOT_HELD = {
    *("CREATE_IN_PROGRESS", "CREATE_FAILED", "DELETE_COMPLETE", "DELETE_SKIPPED", "EXPORT_COMPLETE", "IMPORT_FAILED", "IMPORT_IN_PROGRESS"),
    *("IMPORT_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_FAILED", "IMPORT_ROLLBACK_IN_PROGRESS"),
    *("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "ROLLBACK_IN_PROGRESS"),
}


class Summary(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A resource of a stack (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackResourceSummary.html)."""

    resource_type: str
    resource_status: Literal[
        "CREATE_IN_PROGRESS",
        "CREATE_FAILED",
        "CREATE_COMPLETE",
        "DELETE_IN_PROGRESS",
        "DELETE_FAILED",
        "DELETE_COMPLETE",
        "DELETE_SKIPPED",
        "UPDATE_IN_PROGRESS",
        "UPDATE_FAILED",
        "UPDATE_COMPLETE",
        "IMPORT_FAILED",
        "IMPORT_COMPLETE",
        "IMPORT_IN_PROGRESS",
        "IMPORT_ROLLBACK_IN_PROGRESS",
        "IMPORT_ROLLBACK_FAILED",
        "IMPORT_ROLLBACK_COMPLETE",
        "EXPORT_FAILED",
        "EXPORT_COMPLETE",
        "EXPORT_IN_PROGRESS",
        "EXPORT_ROLLBACK_IN_PROGRESS",
        "EXPORT_ROLLBACK_FAILED",
        "EXPORT_ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_FAILED",
        "ROLLBACK_IN_PROGRESS",
        "ROLLBACK_COMPLETE",
        "ROLLBACK_FAILED",
    ]
    # absent where it was never made
    physical_resource_id: str = ""

    def __post_init__(self) -> None:
        """Refuse one that is there and has no id."""
        if self.held and not self.physical_resource_id:
            raise ValueError("a resource of a stack without PhysicalResourceId")

    @property
    def held(self) -> bool:
        """Whether the stack has it."""
        return self.resource_status not in NOT_HELD


@dataclass(frozen=True)
class Deployable:
    """A resource that may be in a template.

    `types` are the names of its type in CloudFormation, `ids` how it is called there; `region` is where such a stack must be, None for anywhere.
    `terraform` are Terraform's names of its type. `exempt` says why it is not judged, where it is not; unread, where that could not be told.
    `own_tags` are its tags, where they are not told with those of the region. `strict`: a tag is no proof where Terraform's state is known.
    """

    arn: str
    types: tuple[str, ...]
    ids: tuple[str, ...]
    terraform: tuple[str, ...]
    region: str | None
    exempt: str | None = None
    own_tags: Mapping[str, str] | None = field(default=None, repr=False)
    strict: bool = False

    @property
    def type(self) -> str:
        """Its type."""
        return self.types[0]


@dataclass(frozen=True)
class Template:
    """Where a resource is described. `counts`: it tells that the account's owner uses templates; `declared`: the key and entry by which that is known."""

    said: str
    counts: bool = True
    declared: tuple[str, str] | None = None


@dataclass(frozen=True)
class InRegion:
    """What is known of a region: what its stacks hold, by type and id, its stacks by id, and the tags of its resources by ARN.

    Each is unread where it could not be asked; `error` is why a stack's resources could not be told.
    """

    held: Mapping[tuple[str, str], Template]
    stacks: Mapping[str, Template]
    tags: Mapping[str, Mapping[str, str]]
    error: Exception | None


class ManagedIndex:
    """What is known to be in a template. Of a resource that is not found, what could not be read is raised: it might be there."""

    def __init__(
        self,
        regions: Mapping[str, InRegion],
        without_region: Mapping[str, Mapping[str, str]],
        elsewhere: Exception | None,
        state: TerraformState | None,
        tags: Selectors | None,
    ) -> None:
        """`without_region` are the tags of what is of no region; `elsewhere` is why there may be more regions."""
        self._regions, self._without_region, self._elsewhere, self._state, self._tags = regions, without_region, elsewhere, state, tags

    def kept_by(self, resource: Deployable) -> str | None:
        """The tag of a service that keeps the resource, None if none does. Raises where its tags could not be read."""
        return next((f"{key} = {value}" for key, value in sorted(self._tags_of(resource).items()) if key.startswith(KEEPERS)), None)

    def template(self, resource: Deployable) -> Template | None:
        """Where the resource is described, None where it is known to be in no template."""
        errors: list[Exception] = []
        for look in (self._in_stacks, self._by_tag, self._in_state):
            found = or_unread(partial(look, resource))
            error = error_of(found)
            if error is not None:
                errors.append(error)
            elif found is not None:
                return found
        if errors:
            raise errors[0]
        return None

    def _in_stacks(self, resource: Deployable) -> Template | None:
        errors = [] if resource.region is not None or self._elsewhere is None else [self._elsewhere]
        for region in self._regions.values() if resource.region is None else [self._regions[resource.region]]:
            error = error_of(region.held)
            if error is None:
                found = next((region.held[type, id] for type in resource.types for id in resource.ids if (type, id) in region.held), None)
                if found is not None:
                    return found
                error = region.error
            if error is not None:
                errors.append(error)
        if errors:
            raise errors[0]
        return None

    def _by_tag(self, resource: Deployable) -> Template | None:
        tags = self._tags_of(resource)
        stack = tags.get(STACK_TAG, "")
        for region in self._regions.values():
            # A stack that is gone may have left it behind.
            if error_of(region.stacks) is None and stack in region.stacks:
                return region.stacks[stack]
        if self._tags is None or (resource.strict and self._state is not None):
            return None
        entry = self._tags.match(resource.arn, tags)
        return None if entry is None else Template("by tag", declared=(self._tags.key, entry))

    def _in_state(self, resource: Deployable) -> Template | None:
        if self._state is None:
            return None
        found = self._state.get(resource.terraform, resource.arn, resource.ids[0], resource.region)
        return None if found is None else Template(f"{found.address} of Terraform", declared=("templates.terraform_state", found.entry))

    def _tags_of(self, resource: Deployable) -> Mapping[str, str]:
        if resource.own_tags is not None:
            return resource.own_tags
        told = self._without_region if resource.region is None else self._regions[resource.region].tags
        return told.get(resource.arn, {})


@read(STACKS, RESOURCES, TAGGED, REGIONS, per="account", absent=NESTED)
def managed_index(aws: Aws, ssb_profile: Profile, terraform_state: TerraformState | None) -> ManagedIndex:
    """What is in templates. Stacks are asked for in every region that is enabled: what is of no region may be in any of them."""
    judged = regions_of(aws, ssb_profile)
    more = or_unread(lambda: enabled_regions(aws, ssb_profile))
    elsewhere = error_of(more)
    regions = list({each.region: each for each in (*judged, *(more if elsewhere is None else ()))}.values())
    listed = aws.each(regions, lambda each: or_unread(lambda: stacks(aws.in_region(each.region))))
    here = {each.region for each in judged}
    tags = aws.each(judged, lambda each: or_unread(lambda: _tags(aws.in_region(each.region))))
    known = [stack for each in regions if error_of(listed[each]) is None for stack in listed[each]]
    asking = [stack for stack in known if error_of(stack) is None and stack.stack_status != "REVIEW_IN_PROGRESS"]
    told = aws.each(asking, lambda stack: _resources(aws.in_region(stack.region), stack))
    nothing: Mapping[str, Mapping[str, str]] = {}
    found = {each.region: _in_region(listed[each], told, tags[each] if each.region in here else nothing) for each in regions}
    return ManagedIndex(found, or_unread(lambda: _tags(aws)), elsewhere, terraform_state, ssb_profile.templates.iac_tags)


def _resources(aws: Aws, stack: Stack) -> list[Summary]:
    try:
        return msgspec.convert(aws.list(RESOURCES, "StackResourceSummaries", gone="ValidationError", StackName=stack.arn), list[Summary])
    except Vanished:
        return []
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{RESOURCES} answered a resource that we cannot read: {error}", RESOURCES) from None


def _tags(aws: Aws) -> dict[str, dict[str, str]]:
    """The tags of what has some, by ARN."""
    try:
        found = {each["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in each["Tags"]} for each in aws.list(TAGGED, "ResourceTagMappingList")}
        return msgspec.convert(found, dict[str, dict[str, str]])
    except NotOffered:
        raise Undecided(f"the tags of resources are not told in {aws.region}: the service that tells them is not offered there") from None
    except (KeyError, TypeError, msgspec.ValidationError):
        raise UnexpectedAnswer(f"{TAGGED} answered a resource that we cannot read", TAGGED) from None


def _in_region(listed: Sequence[Stack], told: PerResource[list[Summary]], tags: Mapping[str, Mapping[str, str]]) -> InRegion:
    error = error_of(listed)
    if isinstance(error, NotOffered):
        return InRegion({}, {}, tags, None)
    if error is not None:
        return InRegion(unread(error), unread(error), tags, None)
    unasked: list[Exception] = []
    resources: dict[str, list[Summary]] = {}
    roots: dict[str, Stack] = {}
    for stack in listed:
        if error_of(stack) is None and stack.stack_status != "REVIEW_IN_PROGRESS":
            roots[stack.arn] = stack
            try:
                resources[stack.arn] = told[stack]
            except AwsError as raised:
                unasked.append(raised)
    # What was not answered may be asked for again: it is named before what could not be read.
    errors = [*unasked, *filter(None, map(error_of, listed))]
    types: dict[str, set[str]] = {}
    for arn, summaries in resources.items():
        types.setdefault(roots[arn].root, set()).update(each.resource_type for each in summaries)
    templates = {arn: _template(stack, roots.get(stack.root, stack), types.get(stack.root, set())) for arn, stack in roots.items()}
    held = {
        (each.resource_type, each.physical_resource_id): templates[arn] for arn, summaries in resources.items() for each in summaries if each.held
    }
    return InRegion(held, templates, tags, errors[0] if errors else None)


def _template(stack: Stack, root: Stack, types: set[str]) -> Template:
    """What a stack proves. One of a stack set, of the CDK's own, or of roles alone, such as a vendor's, says nothing of how the rest is deployed."""
    others = {type for type in types if not type.startswith("AWS::IAM::") and type != "AWS::CloudFormation::Stack"}
    return Template(f"stack {stack.stack_name}", counts=bool(others) and not root.of_stack_set and root.stack_name != BOOTSTRAP)
