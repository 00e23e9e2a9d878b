"""For tests of checks: what a check says of an account that moto stands for.

@mock_aws
def test_plain_queue_fails():
    boto3.client("sqs", region_name="eu-west-1").create_queue(QueueName="plain")
    assert verdicts(suite.test_queue_encrypted, regions=["eu-west-1"]) == {"plain": "FAIL"}
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pytest_ssb import __version__, aws
from pytest_ssb.configfile import load
from pytest_ssb.controls import Check, check_of
from pytest_ssb.findings import Audit, Finding
from pytest_ssb.profiles import Profile
from pytest_ssb.reads.engine import Reads
from pytest_ssb.reads.registry import is_regional, needed
from pytest_ssb.scheduler import Scheduler
from pytest_ssb.targets import Account, Target

NOTHING: Mapping[str, Any] = MappingProxyType({})


def verdicts(
    check: Callable[..., None], *, regions: Sequence[str] = ("us-east-1",), facts: str = "", fixtures: Mapping[str, Any] = NOTHING
) -> dict[Any, str]:
    """The status of each finding by the resource's name, or by name and item: `{"plain": "FAIL", ("good", "policy"): "PASS"}`.

    A name is what follows the last `/` or `:` of the ARN. The other parameters, and what is raised, are those of `findings`; ValueError where two
    findings have one name.
    """
    found: dict[Any, str] = {}
    first = _check(check).controls[0]
    for finding in findings(check, regions=regions, facts=facts, fixtures=fixtures):
        if finding.control == first:
            name = finding.resource.replace("/", ":").rpartition(":")[2]
            key = name if finding.item is None else (name, finding.item)
            if key in found:
                raise ValueError(f"two findings are about {key!r}: compare what findings() gives")
            found[key] = str(finding.status)
    return found


def findings(
    check: Callable[..., None], *, regions: Sequence[str] = ("us-east-1",), facts: str = "", fixtures: Mapping[str, Any] = NOTHING
) -> list[Finding]:
    """Run one check, as a run would, in each of these regions if it is a region's. moto has to be on: RuntimeError if not.

    `facts` are keys of the profile as ssb.toml has them (`buckets.public = ["www"]`), `fixtures` what the check takes beside those of this tool.
    Declarations and waivers are not applied. Raises TypeError for a function that is no check, or takes what nobody gives it; ConfigError for wrong facts.
    """
    _refuse_without_moto()
    found, scheduler = _check(check), Scheduler(4)
    try:
        access, account = aws.mocked(regions[0], scheduler, __version__)
        run = _Run(found, access, account, _profile(facts), scheduler)
        whole = Target(account.profile, account.id, account.partition)
        targets = [whole.in_region(region) for region in regions] if is_regional(found.fixtures) else [whole]
        return [finding for target in targets for finding in run.judge(check, target, fixtures)]
    finally:
        scheduler.close()


def _check(function: Callable[..., None]) -> Check:
    found = check_of(function)
    if found is None:
        raise TypeError(f"{function!r} is no check: it has no @check")
    return found


def _refuse_without_moto() -> None:
    from moto.core.models import botocore_stubber

    if not botocore_stubber.enabled:
        raise RuntimeError("moto is off, and the calls would go to AWS: put @mock_aws on the test")


def _profile(facts: str) -> Profile:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ssb.toml"
        file.write_text(f"[profiles.test]\n{facts}\n", encoding="utf-8")
        return load(file, []).profiles["test"]


class _Run:
    def __init__(self, check: Check, access: aws.Access, account: Account, profile: Profile, scheduler: Scheduler) -> None:
        self._check, self._access, self._account, self._profile = check, access, account, profile
        self._reads = Reads(
            aws_for=lambda target, read: aws.Aws(access, target, read.operations),
            profile_for=lambda target: profile,
            submit=scheduler.read,
        )

    def judge(self, function: Callable[..., None], target: Target, fixtures: Mapping[str, Any]) -> list[Finding]:
        audit = Audit(self._check, target, function.__name__, explain=self._access.explained)

        def client(service: str, region: str | None = None) -> Any:
            return self._access.client_for_tests(service, region or target.region or self._access.home)

        ours = {
            "audit": audit,
            "ssb_account": self._account,
            "ssb_client": client,
            "ssb_profile": self._profile,
            "ssb_region": target.region,
            "ssb_target": target,
        }
        reads = {read.name for read in needed(self._check.fixtures)}
        if unknown := set(self._check.fixtures) - {*ours, *reads, *fixtures}:
            raise TypeError(f"{function.__name__} takes {', '.join(sorted(unknown))}: give it by fixtures={{...}}")
        with self._access.allowing(self._check.calls):
            try:
                function(
                    **{
                        name: ours[name] if name in ours else self._reads.result(name, target)
                        for name in self._check.fixtures
                        if name not in fixtures
                    },
                    **fixtures,
                )
            except Exception as error:  # noqa: BLE001 - as in a run: what cut the check short is an ERROR
                return audit.finish(error)
        return audit.finish()
