"""WKLD.15's checks, each shown to pass, to fail, and at its edges."""

from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_15_templates as suite

BOTH = ("eu-west-1", "us-east-1")
STATE, DRIFT, PROTECTED = suite.test_stack_state_consistent, suite.test_stack_no_drift, suite.test_stack_termination_protection
STACKS = "cloudformation:DescribeStacks"


def denied(aws: Cloud, operation: str, region: str) -> None:
    """Deny a call in a region; elsewhere it answers as before."""

    def refuse(here: str, parsed: Any) -> None:
        if here == region:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, operation.partition(":")[2])

    aws.simulated.over(operation, refuse)


def enabled(aws: Cloud) -> None:
    """Let the world's regions be those that are enabled: moto has many more."""
    aws.simulated.instead("ec2:DescribeRegions", lambda region, asked: {"Regions": [{"RegionName": name} for name in aws.regions]})


def stack(aws: Cloud, name: str, status: str = "CREATE_COMPLETE", **more: Any) -> dict[str, Any]:
    """A stack, as it is described."""
    arn = aws.arn("cloudformation", f"stack/{name}/51af3dc0-da77-11e4-872e-1234567db123", more.pop("region", None))
    described = {
        "StackId": arn,
        "StackName": name,
        "StackStatus": status,
        "EnableTerminationProtection": False,
        "CreationTime": "2026-01-02T03:04:05Z",
    }
    return described | more


def shown(aws: Cloud, *stacks: dict[str, Any]) -> list[str]:
    """Let there be these stacks, one a page; their ARNs."""

    def page(region: str, asked: Any) -> dict[str, Any]:
        here = [each for each in stacks if each["StackId"].split(":")[3] == region]
        at = int(asked.get("NextToken") or 0)
        return {"Stacks": here[at : at + 1], **({"NextToken": str(at + 1)} if at + 1 < len(here) else {})}

    aws.simulated.instead(STACKS, page)
    return [each["StackId"] for each in stacks]


# --- stack_state_consistent ------------------------------------------------------------------------------------------------------------------


@world(STATE, regions=BOTH)
def test_stacks_by_how_their_last_deployment_ended(aws: Cloud) -> Expected:
    root = stack(aws, "root")
    statuses = {
        "CREATE_COMPLETE": "PASS",
        "UPDATE_ROLLBACK_COMPLETE": ("PASS", None, "as deployed: UPDATE_ROLLBACK_COMPLETE"),
        "ROLLBACK_COMPLETE": ("FAIL", "low", "stopped half way: ROLLBACK_COMPLETE"),
        "UPDATE_ROLLBACK_FAILED": ("FAIL", "low", "stopped half way"),
        "UPDATE_FAILED": "FAIL",
        "DELETE_FAILED": "FAIL",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": ("NOT_APPLICABLE", None, "something is being done to it"),
        "REVIEW_IN_PROGRESS": "NOT_APPLICABLE",
    }
    nested = stack(aws, "nested", "UPDATE_FAILED", ParentId=root["StackId"], RootId=root["StackId"])
    strange = stack(aws, "strange", "MELTED")
    arns = shown(
        aws, *(stack(aws, status.lower().replace("_", "-"), status) for status in statuses), nested, strange, stack(aws, "gone", "DELETE_COMPLETE")
    )
    return {
        **dict(zip(arns, statuses.values(), strict=False)),
        nested["StackId"]: ("NOT_APPLICABLE", None, f"nested in {root['StackId']}"),
        strange["StackId"]: ("ERROR", None, "a Stack that we cannot read"),
        aws.account_arn: ("NOT_APPLICABLE", None, "no stacks"),
    }


# --- stack_no_drift --------------------------------------------------------------------------------------------------------------------------


def drift(status: str, days: int | None = 1) -> dict[str, Any]:
    """What drift detection found, so many days ago."""
    at = {} if days is None else {"LastCheckTimestamp": datetime.now(UTC) - timedelta(days=days, minutes=-5)}
    return {"DriftInformation": {"StackDriftStatus": status, **at}}


@world(DRIFT, regions=BOTH)
def test_stacks_by_what_drift_detection_found(aws: Cloud) -> Expected:
    enabled(aws)
    same, edge = stack(aws, "same", **drift("IN_SYNC")), stack(aws, "edge", region="us-east-1", **drift("IN_SYNC", 30))
    other = stack(aws, "other", **drift("DRIFTED", 400))
    nested = stack(aws, "nested", ParentId=other["StackId"], **drift("DRIFTED"))
    leaving = stack(aws, "leaving", "DELETE_IN_PROGRESS", **drift("DRIFTED"))
    silent = stack(aws, "silent")
    shown(aws, same, edge, other, nested, leaving, silent)
    return {
        same["StackId"]: "PASS",
        edge["StackId"]: "PASS",
        other["StackId"]: ("FAIL", "medium", "drifted"),
        nested["StackId"]: ("NOT_APPLICABLE", None, "nested in"),
        leaving["StackId"]: ("NOT_APPLICABLE", None, "not deployed"),
        silent["StackId"]: ("ERROR", None, "without DriftInformation"),
    }


@world(DRIFT, regions=BOTH)
def test_what_was_not_looked_for_lately_is_asked_once_for_the_account(aws: Cloud) -> Expected:
    enabled(aws)
    same, old = stack(aws, "same", **drift("IN_SYNC")), stack(aws, "old", **drift("IN_SYNC", 31))
    never, unknown = stack(aws, "never", region="us-east-1", **drift("NOT_CHECKED", None)), stack(aws, "unknown", **drift("UNKNOWN"))
    shown(aws, same, old, never, unknown)
    return {same["StackId"]: "PASS", aws.account_arn: ("MANUAL", None, "not looked for in 30 days")}


@world(DRIFT, regions=BOTH)
def test_a_region_that_does_not_tell_its_stacks_is_an_error_of_that_region(aws: Cloud) -> Expected:
    aws.facts(regions=list(BOTH))
    denied(aws, STACKS, "us-east-1")
    return {aws.account_arn: ("ERROR", None, "cloudformation:DescribeStacks")}


@world(DRIFT)
def test_without_stacks_nothing_can_drift(aws: Cloud) -> Expected:
    aws.facts(regions=["eu-west-1"])
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no stacks")}


# --- stack_termination_protection ------------------------------------------------------------------------------------------------------------


@world(PROTECTED, regions=BOTH)
def test_stacks_by_whether_one_command_deletes_them(aws: Cloud) -> Expected:
    safe, bare = stack(aws, "safe", EnableTerminationProtection=True), stack(aws, "bare")
    nested = stack(aws, "nested", ParentId=bare["StackId"])
    below = stack(aws, "below", ParentId=nested["StackId"], RootId=bare["StackId"])
    central, review = stack(aws, "StackSet-baseline-1"), stack(aws, "review", "REVIEW_IN_PROGRESS")
    leaving, left = stack(aws, "leaving", "DELETE_FAILED"), stack(aws, "left", "ROLLBACK_COMPLETE")
    shown(aws, safe, bare, nested, below, central, review, leaving, left)
    return {
        safe["StackId"]: "PASS",
        bare["StackId"]: ("FAIL", "low", "may be deleted by one command"),
        nested["StackId"]: ("NOT_APPLICABLE", None, f"nested in {bare['StackId']}"),
        below["StackId"]: ("NOT_APPLICABLE", None, f"nested in {bare['StackId']}"),
        central["StackId"]: ("NOT_APPLICABLE", None, "kept by a stack set"),
        review["StackId"]: ("NOT_APPLICABLE", None, "not deployed: REVIEW_IN_PROGRESS"),
        leaving["StackId"]: "NOT_APPLICABLE",
        left["StackId"]: "FAIL",
        aws.account_arn: ("NOT_APPLICABLE", None, "no stacks"),
    }


EDGES: dict[str, dict[str, Any]] = {
    "stack_state_consistent": {"every way to end, nested, unknown, deleted, none": test_stacks_by_how_their_last_deployment_ended},
    "stack_no_drift": {
        "in sync, drifted, nested, leaving, not told": test_stacks_by_what_drift_detection_found,
        "not checked, unknown, too long ago": test_what_was_not_looked_for_lately_is_asked_once_for_the_account,
        "none": test_without_stacks_nothing_can_drift,
        "a region denied": test_a_region_that_does_not_tell_its_stacks_is_an_error_of_that_region,
    },
    "stack_termination_protection": {
        "protected, bare, nested, of a stack set, not deployed, none": test_stacks_by_whether_one_command_deletes_them,
    },
}
