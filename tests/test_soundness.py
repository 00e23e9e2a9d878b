"""That no check is unsound: a seeded sample of the whole matrix (`python -m tests.soundness`), and that the matrix catches what is broken."""

from __future__ import annotations

import json
import os
import random
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pytest_ssb import suites
from pytest_ssb.aws import Aws
from pytest_ssb.errors import AwsError
from pytest_ssb.permissions import REACH, START, actions
from pytest_ssb.reads import ebs
from pytest_ssb.reads.registry import all_reads, needed
from tests.support.inventory import NEVER_FAIL, missing
from tests.support.mutants import mutants_of
from tests.support.soundness import Kept, asks, check_modules, check_named, known_survivors, survivors, tried, worlds_by_check
from tests.support.worlds import World, session

# Another seed tries other cases: SSB_SEED=7 pytest tests/test_soundness.py
SEED = int(os.environ.get("SSB_SEED", "0"))
WORLDS, CASES, MUTATED, MUTANTS = 1, 3, 4, 6
CHECKS = sorted(worlds_by_check())


def chosen(check: str) -> list[World]:
    """One of a check's worlds, the same for a seed: the gate is to end within ten minutes."""
    worlds = worlds_by_check()[check]
    return random.Random(f"{SEED} {check}").sample(worlds, min(WORLDS, len(worlds)))


@pytest.mark.parametrize("check", CHECKS)
def test_a_sample_is_sound(check: str) -> None:
    for world in chosen(check):
        tally = tried(world, sample=CASES, seed=SEED)
        assert (bool(tally.calls), bool(tally.faults)) == (asks(check_named(world)),) * 2
        assert not tally.unsound, "\n".join(tally.unsound)


@pytest.mark.parametrize("check", random.Random(SEED).sample(CHECKS, MUTATED))
def test_a_condition_that_is_turned_round_is_noticed(check: str) -> None:
    worlds = worlds_by_check()[check]
    function = worlds[0].check
    mutants = [mutant for mutant in mutants_of(function.__module__) if mutant.function == function.__name__]
    mutants = random.Random(SEED).sample(mutants, min(MUTANTS, len(mutants)))
    run, unnoticed = survivors(mutants, [Kept(world) for world in worlds])
    assert run == {mutant.name for mutant in mutants}
    assert unnoticed <= known_survivors().keys()


# --- the inventory ------------------------------------------------------------------------------------------------------------------------------


def test_every_check_has_worlds() -> None:
    assert sorted(suites.shipped()) == CHECKS


def test_every_edge_that_is_named_has_a_world() -> None:
    """`EDGES` of each module lists what must be shown of each check, and which test shows it."""
    named: dict[str, dict[str, Any]] = {}
    for module in check_modules():
        named |= module.EDGES
    assert sorted(named) == CHECKS
    shown = {(world.build.__module__, world.name, world.id) for worlds in worlds_by_check().values() for world in worlds}
    for check, edges in named.items():
        assert len(edges) >= 2, f"{check}: what passes and what fails, at least"
        for edge, tests in edges.items():
            for test in tests if isinstance(tests, tuple) else (tests,):
                assert (test.__module__, test.__name__, check) in shown, f"{check}: {edge}: {test.__name__} is no world of the check"


def test_the_inventory_says_what_is_missing() -> None:
    everything = {
        (" ".join(sorted(operations)), one)
        for read in all_reads().values()
        for operations in (read.operations, *read.through.values())
        for one in operations
    }
    verdicts = {(check, status) for check in suites.shipped() for status in ("PASS", "FAIL")} - {(check, "FAIL") for check in NEVER_FAIL}
    verdicts |= set(NEVER_FAIL.items())
    facts = {(id, fact) for id, found in suites.shipped().items() for fact in found.check.facts}
    assert missing(everything, verdicts, facts) == []
    assert missing(everything, verdicts - {("ebs_volume_encrypted", "FAIL")}, facts) == ["no world shows ebs_volume_encrypted to give FAIL"]
    unseen = missing(everything, verdicts, facts - {("bucket_not_public", "buckets.public")})
    assert unseen == ["no world shows that bucket_not_public looks at buckets.public, which it declares"]
    unused = missing(everything - {("ec2:DescribeVolumes", "ec2:DescribeVolumes")}, verdicts, facts)
    assert "read volumes declares ec2:DescribeVolumes, and calls it in no world" in unused


# --- what reads may do ---------------------------------------------------------------------------------------------------------------------------


# Of services that ask for other things by GET: the question is in the body, and what they are allowed by is of the level Read or List.
# https://docs.aws.amazon.com/guardduty/latest/APIReference/API_ListFindings.html, API_GetFindings.html, API_GetFindingsStatistics.html
ASKED_BY_POST = {
    "accessanalyzer:ListFindingsV2",
    *("batch:DescribeComputeEnvironments", "batch:DescribeJobDefinitions", "codeartifact:ListDomains", "codeartifact:ListRepositories"),
    *("inspector2:BatchGetAccountStatus", "inspector2:ListCodeSecurityIntegrations", "inspector2:ListCodeSecurityScanConfigurations"),
    *("cloudfront:ListDistributionTenants", "inspector2:ListFindings", "macie2:GetFindings", "macie2:ListFindings"),
    *("guardduty:GetFindings", "guardduty:GetFindingsStatistics", "guardduty:ListFindings", "macie2:DescribeBuckets"),
    *("opensearch:DescribeDomains", "ram:GetResourceShareAssociations", "sesv2:ListEmailIdentities"),
}


def _rest(known: Any, service: str) -> bool:
    return str(known.get_service_model(service).metadata["protocol"]).startswith("rest")


def test_every_declared_operation_reads() -> None:
    """By botocore's model it exists, and, where its protocol tells, asks by GET; by AWS's access levels it lists or reads."""
    levels = tomllib.loads((Path(__file__).parent / "data" / "access_levels.toml").read_text(encoding="utf-8"))
    known = session()
    for operation in {operation for read in all_reads().values() for operation in read.everywhere} | {*START, *REACH}:
        service, _, name = operation.partition(":")
        methods = {
            one: known.get_service_model(service).operation_model(one).http["method"] for one in known.get_service_model(service).operation_names
        }
        # Who asks everything by POST tells nothing by it, whatever the protocol is called.
        by_get = methods[name] in ("GET", "HEAD") or set(methods.values()) == {"POST"} or not _rest(known, service)
        assert by_get is (operation not in ASKED_BY_POST), operation
        for needed_action in actions([operation]):
            prefix, _, wanted = needed_action.partition(":")
            assert levels[prefix][wanted] in ("List", "Read"), operation


def test_the_policy_grants_exactly_what_is_declared(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--ssb-policy")
    (statement,) = json.loads(result.stdout.str())["Statement"]
    declared = {one for check in suites.shipped().values() for read in needed(check.check.fixtures) for one in read.operations}
    assert statement["Action"] == actions(declared | set(START))
    assert not [each for each in statement["Action"] if "*" in each]


# --- three broken checks ------------------------------------------------------------------------------------------------------------------------


def worlds_of(check: str, *names: str) -> list[World]:
    return [world for world in worlds_by_check()[check] if not names or world.name in names]


def unsound(check: str) -> list[str]:
    return [line for world in worlds_by_check()[check] for line in tried(world).unsound]


def test_a_swallowed_error_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    volumes = ebs._volumes

    def swallowing(aws: Aws) -> list[ebs.Volume]:
        try:
            return volumes(aws)
        except AwsError:
            return []

    monkeypatch.setattr(ebs, "_volumes", swallowing)
    wrong = unsound("ebs_volume_encrypted")
    assert any("denied: a new NOT_APPLICABLE" in line and "no volumes" in line for line in wrong)
    assert any("failing on the second page" in line for line in wrong)


def test_a_default_that_passes_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lenient(ebs.Managed, frozen=True, kw_only=True, rename="pascal"):
        arn: str
        encrypted: bool = True
        state: str = "in-use"

    monkeypatch.setattr(ebs, "Volume", Lenient)
    wrong = unsound("ebs_volume_encrypted")
    assert any("Volumes.0.Encrypted absent: FAIL" in line and "became PASS" in line for line in wrong)


def test_a_filter_on_the_wrong_field_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only attached volumes are kept, so that one whose attachments are not said is lost."""

    def attached(self: Aws, operation: str, key: str, type: type[Any], arn: str, **params: Any) -> Any:
        raws = [raw for raw in self.list(operation, key, **params) if operation != ebs.VOLUMES or raw.get("Attachments")]
        return self.parse(operation, raws, type, arn)

    monkeypatch.setattr(Aws, "resources", attached)
    (world,) = worlds_of("ebs_volume_encrypted", "test_volume_of_an_instance_is_judged_like_any")
    wrong = tried(world).unsound
    assert any("Attachments absent: FAIL" in line and "has vanished" in line for line in wrong)
