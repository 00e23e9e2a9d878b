"""CloudFormation: the stacks, what became of their last deployment, and whether what they describe is still so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.regions import REGIONS, Everywhere, in_each, regions_of
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

STACKS = "cloudformation:DescribeStacks"
STACK_PAGE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html"
NESTED = {f"{STACKS} Stacks.{field}": f"the stack is in no other one ({STACK_PAGE})" for field in ("ParentId", "RootId")}
# What a drift detection found is taken for true so long.
FRESH = timedelta(days=30)

Status = Literal[
    "CREATE_IN_PROGRESS",
    "CREATE_FAILED",
    "CREATE_COMPLETE",
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_FAILED",
    "ROLLBACK_COMPLETE",
    "DELETE_IN_PROGRESS",
    "DELETE_FAILED",
    "DELETE_COMPLETE",
    "UPDATE_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_COMPLETE",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE",
    "REVIEW_IN_PROGRESS",
    "IMPORT_IN_PROGRESS",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_IN_PROGRESS",
    "IMPORT_ROLLBACK_FAILED",
    "IMPORT_ROLLBACK_COMPLETE",
]


class Drift(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What the last drift detection found (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackDriftInformation.html)."""

    stack_drift_status: Literal["DRIFTED", "IN_SYNC", "UNKNOWN", "NOT_CHECKED"]
    # absent where none was ever started
    last_check_timestamp: datetime | None = None

    @property
    def drifted(self) -> bool:
        """Whether something is not as the template says."""
        return self.stack_drift_status == "DRIFTED"

    @property
    def in_sync(self) -> bool:
        """Whether all was as the template says, and that was seen lately. Raises where it is not told when."""
        if self.stack_drift_status != "IN_SYNC":
            return False
        if self.last_check_timestamp is None:
            raise UnexpectedAnswer(f"{STACKS} answered a stack that is IN_SYNC without LastCheckTimestamp", STACKS)
        return datetime.now(UTC) - self.last_check_timestamp <= FRESH


class Stack(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A stack (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html)."""

    arn: str
    stack_name: str
    stack_status: Status
    # absent where it is in no other one
    parent_id: str | None = None
    root_id: str | None = None
    enable_termination_protection: bool
    # not told by every endpoint
    drift_information: Drift | None = None

    @property
    def drift(self) -> Drift:
        """What the last drift detection found. Raises where that is not told."""
        if self.drift_information is None:
            raise UnexpectedAnswer(f"{STACKS} answered a stack without DriftInformation", STACKS)
        return self.drift_information

    @property
    def region(self) -> str:
        """Where it is."""
        return self.arn.split(":")[3]

    @property
    def nested(self) -> bool:
        """Whether another stack has made it."""
        return self.parent_id is not None or self.root_id is not None

    @property
    def root(self) -> str:
        """The id of the stack that it belongs to: its own, where it is in no other one."""
        return self.root_id or self.parent_id or self.arn

    @property
    def of_stack_set(self) -> bool:
        """Whether a stack set keeps it, which may be another account's; its stacks are called so."""
        return self.stack_name.startswith("StackSet-")

    @property
    def deployed(self) -> bool:
        """Whether it was ever deployed, and is not about to go."""
        return self.stack_status != "REVIEW_IN_PROGRESS" and not self.stack_status.startswith("DELETE_")

    @property
    def under_way(self) -> bool:
        """Whether something is being done to it, or waits to be."""
        return self.stack_status.endswith("IN_PROGRESS")

    @property
    def consistent(self) -> bool:
        """Whether it is as a template says: the last one, or, after a failed update, the one before."""
        return self.stack_status.endswith("_COMPLETE") and self.stack_status != "ROLLBACK_COMPLETE"

    @property
    def stuck(self) -> bool:
        """Whether an update failed, and so did its way back."""
        return self.stack_status == "UPDATE_ROLLBACK_FAILED"

    @property
    def never_made(self) -> bool:
        """Whether it could not be made: then it can only be deleted."""
        return self.stack_status in ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")


@read(STACKS, per="region", absent=NESTED)
def stacks(aws: Aws) -> list[Stack]:
    """The stacks of the region, without those that were deleted."""
    listed = aws.resources(STACKS, "Stacks", Stack, "{StackId}")
    return [each for each in listed if error_of(each) or each.stack_status != "DELETE_COMPLETE"]


@read(STACKS, REGIONS, per="account", absent=NESTED)
def stacks_everywhere(aws: Aws, ssb_profile: Profile) -> Everywhere[Stack]:
    """The stacks of all regions."""
    return in_each(aws, regions_of(aws, ssb_profile), stacks)
