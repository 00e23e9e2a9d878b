"""Test worlds: an account as a check meets it, and the verdicts that the check must give.

    @world(suite.test_ebs_volume_encrypted)
    def test_a_plain_volume_fails(aws):
        good = aws.client("ec2").create_volume(AvailabilityZone=aws.zone, Size=1, Encrypted=True)["VolumeId"]
        bad = aws.client("ec2").create_volume(AvailabilityZone=aws.zone, Size=1)["VolumeId"]
        return {aws.arn("ec2", f"volume/{good}"): "PASS", aws.arn("ec2", f"volume/{bad}"): ("FAIL", "medium", "not encrypted")}

The function fills an empty account through plain boto3 and returns the whole answer: `{arn: status}`, `{(arn, item): status}`, or a tuple of status,
severity (None: whichever) and a part of the reason in place of the status. The decorated function is the test; the world is in `WORLDS` for the
harnesses. What several checks must say alike of an account is one function: `@world(*CHECKS)`. A check that may leave something to others runs alone,
unless `selected` names them.
"""

from __future__ import annotations

import abc
import functools
import json
import re
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

import boto3
import botocore.client
import botocore.loaders
import botocore.session
import msgspec
import pytest

from pytest_ssb.aws import Access, Aws, Reached
from pytest_ssb.configfile import load
from pytest_ssb.controls import Check, check_of
from pytest_ssb.declarations import answered, lasting
from pytest_ssb.demo.simulated import Simulated
from pytest_ssb.facts import ACCESS
from pytest_ssb.findings import Audit, Finding
from pytest_ssb.profiles import Profile, Table
from pytest_ssb.reads.engine import Reads
from pytest_ssb.reads.registry import is_regional
from pytest_ssb.scheduler import Scheduler
from pytest_ssb.targets import Target
from tests.support.moto import empty_account

ACCOUNT, ANOTHER = "123456789012", "999988887777"
# The profiles to which a world's own one leads, by its keys.
BESIDE = {"organization_profile": "management", "log_archive_profile": "log-archive", "payer_profile": "payer"}
Expected = dict[Any, Any]
# Shared by all worlds: it keeps the services' models, which take a third of a world's time to load.
LOADER = botocore.loaders.create_loader()
# What was called in this process of the operations that reads declare together.
USED: dict[frozenset[str], set[str]] = {}
# The worlds that were run in this process, and the checks with the statuses that these expect.
RUN: set[tuple[str, str, str]] = set()
EXPECTED: set[tuple[str, str]] = set()
# The checks with the keys of the profile at which they, or their reads, looked.
CONSULTED: set[tuple[str, str]] = set()


@functools.cache
def _client(service: str, region: str, account: str) -> Any:
    """A client that all worlds share: making one takes longer than most worlds do."""
    credentials = {"aws_access_key_id": "world", "aws_secret_access_key": "world"}
    made: Any = boto3.session.Session(**credentials, botocore_session=session())
    client = made.client(service, region_name=region)
    _address(client, account)
    return client


def _address(client: Any, account: str) -> None:
    """Let moto take the client's calls for that account's."""

    def before_call(params: Any, **_: Any) -> None:
        params["headers"]["x-moto-account-id"] = account

    if account != ACCOUNT:
        client.meta.events.register("before-call", before_call)


class Cloud:
    """What a world is built with: boto3 clients on moto, the profile's facts, and simulated answers for what moto lacks."""

    def __init__(self, regions: Sequence[str], account: str = ACCOUNT) -> None:
        self.account = account
        self.beside_it: list[Beside] = []
        self.regions = regions
        self.region = regions[0]
        self.zone = f"{self.region}a"
        self.partition = "aws-cn" if self.region.startswith("cn-") else "aws-us-gov" if self.region.startswith("us-gov-") else "aws"
        self.profile = Profile(name="world")
        self.simulated = Simulated()

    def client(self, service: str, region: str | None = None) -> Any:
        """A plain boto3 client, to fill the account with."""
        return _client(service, region or self.region, self.account)

    def register(self, client: Any) -> None:
        """Let a client ask this account, and be given its simulated answers."""
        _address(client, self.account)
        self.simulated.register(client)

    def beside(self, key: str | None, account: str = ANOTHER, *, judged: bool = False) -> Cloud:
        """Another account, to which that key of the profile leads. `judged`: it is of the same run, which has all checks selected for it, too."""
        other = Beside(BESIDE[key] if key else "other", Cloud(self.regions, account), judged)
        self.beside_it.append(other)
        if key:
            self.profile = msgspec.structs.replace(self.profile, **{key: other.name})
        return other.cloud

    def arn(self, service: str, resource: str, region: str | None = None) -> str:
        """An ARN in the account and region."""
        return f"arn:{self.partition}:{service}:{region or self.region}:{self.account}:{resource}"

    @property
    def account_arn(self) -> str:
        """The resource of what belongs to the whole account or region."""
        return f"arn:{self.partition}:account::{self.account}:account"

    @property
    def root_arn(self) -> str:
        """The root user."""
        return f"arn:{self.partition}:iam::{self.account}:root"

    def facts(self, **tables: Any) -> None:
        """Set the profile's facts as `ssb.toml` would: `aws.facts(buckets={"public": ["www"]}, environment="preproduction")`."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "ssb.toml"
            leading = {key: name for key, name in BESIDE.items() if name in {other.name for other in self.beside_it}}
            sections = "".join(f"[profiles.{name}]\n" for name in leading.values())
            file.write_text(sections + "[profiles.world]\n" + "\n".join(_toml(leading | tables)), encoding="utf-8")
            self.profile = load(file, []).profile("world", list)


@dataclass(frozen=True)
class Beside:
    """Another account, by the name of the profile that reaches it, and whether it is of the same run."""

    name: str
    cloud: Cloud
    judged: bool


class Watched:
    """A profile, or a table of it, that notes at which keys somebody looks."""

    def __init__(self, table: Table, seen: set[str], prefix: str = "") -> None:
        self._table, self._seen, self._prefix = table, seen, prefix

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._table, name)
        if isinstance(value, Table):
            return Watched(value, self._seen, f"{self._prefix}{name}.")
        self._seen.add(f"{self._prefix}{name}")
        return value


def _toml(values: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in values.items():
        quoted = name if re.fullmatch("[A-Za-z0-9_-]+", name) else json.dumps(name)
        if isinstance(value, dict):
            yield from _toml(value, f"{prefix}{quoted}.")
        else:
            yield f"{prefix}{quoted} = {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name} = {_value(each)}' for name, each in value.items())} }}"
    return json.dumps(value)


@dataclass(frozen=True)
class World:
    """A check, the account it is shown, and the builder's name."""

    check: Callable[..., None]
    build: Callable[[Cloud], Expected]
    regions: tuple[str, ...] = ("eu-west-1",)
    name: str = ""
    selected: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of its check."""
        return self.check.__name__.removeprefix("test_")


WORLDS: list[World] = []


def world(
    *checks: Callable[..., None], regions: Sequence[str] = ("eu-west-1",), selected: Sequence[str] = ()
) -> Callable[[Callable[[Cloud], Expected]], Callable[..., None]]:
    """Make an account's builder a test of each of `checks`: see the module's own words."""

    def make(build: Callable[[Cloud], Expected]) -> Callable[..., None]:
        these = [World(check, build, tuple(regions), build.__name__, tuple(selected)) for check in checks]
        WORLDS.extend(these)

        def shown(this: World) -> None:
            with built(this) as (cloud, expected):
                findings, seen = looked_at(this.check, cloud, selected=this.selected)
            compare(findings, expected)
            CONSULTED.update((this.id, key) for key in seen)
            RUN.add((build.__module__, this.name, this.id))
            EXPECTED.update((this.id, want if isinstance(want, str) else want[0]) for want in expected.values())

        def test() -> None:
            shown(these[0])

        named = shown if len(these) > 1 else test
        named.__name__, named.__doc__, named.__module__ = build.__name__, build.__doc__, build.__module__
        return pytest.mark.parametrize("this", these, ids=[this.id for this in these])(shown) if len(these) > 1 else test

    return make


@contextmanager
def built(this: World) -> Iterator[tuple[Cloud, Expected]]:
    """The world, as long as the block lasts."""
    with empty_account():
        cloud = Cloud(this.regions)
        yield cloud, this.build(cloud)


class NotingAws(Aws):
    """A handle that notes which operations are used of those that were declared."""

    def _submit(self, operation: str, *args: Any, **kwargs: Any) -> Any:
        USED.setdefault(self._operations, set()).add(operation)
        return super()._submit(operation, *args, **kwargs)


class Ways:
    """The accesses to a world's account and to those beside it."""

    def __init__(self, cloud: Cloud, profile: Profile, access: Access) -> None:
        self.access = access
        self._profile = profile
        self._beside = cloud.beside_it
        self._accesses: dict[str, Access] = {}
        self._lock = threading.Lock()

    def named(self, key: str, account: str | None) -> Reached | None:
        """The account to which the key of the profile leads, else the run's own one of that id."""
        name = getattr(self._profile, key)
        if name is None:
            return next((one for one in self.of_the_run() if one.target.account == account), None)
        return next(self._reached(f"{key} = {name}", other) for other in self._beside if other.name == name)

    def of_the_run(self) -> list[Reached]:
        """The other accounts of the run."""
        return [self._reached(f"profile {other.name}", other) for other in self._beside if other.judged]

    def _reached(self, said: str, other: Beside) -> Reached:
        return Reached(said, self._access(other), Target(other.name, other.cloud.account, other.cloud.partition), other.judged)

    def _access(self, other: Beside) -> Access:
        with self._lock:
            if other.name not in self._accesses:
                self._accesses[other.name] = self.access.beside(other.name) if isinstance(self.access, BesideAccess) else self._new(other)
            return self._accesses[other.name]

    def _new(self, other: Beside) -> Access:
        made = Access(shared_session(), "demo", self.access.home, self.access.scheduler, "test", other.cloud.register)
        # moto answers one call at a time, whosever it is.
        made._turn = self.access._turn
        return made

    def judged_in(self, account: str) -> bool:
        """Whether an account is of the same run."""
        return any(other.judged and other.cloud.account == account for other in self._beside)


class BesideAccess(Access, abc.ABC):
    """An access that has those to the accounts beside its own."""

    @abc.abstractmethod
    def beside(self, name: str) -> Access:
        """The access by the profile of that name."""


def judge(check: Callable[..., None], cloud: Cloud, access: Access | None = None, selected: Sequence[str] = ()) -> list[Finding]:
    """Run one check on the cloud's account, in each of its regions where it is a region's; the findings under its first control.

    It runs alone, unless `selected` names the checks that it may leave something to. It must declare the facts that it looks at.
    `access` is what it asks through.
    """
    return looked_at(check, cloud, access, selected)[0]


def looked_at(check: Callable[..., None], cloud: Cloud, access: Access | None = None, selected: Sequence[str] = ()) -> tuple[list[Finding], set[str]]:
    """As `judge`; and the keys of the profile at which the check and its reads looked."""
    found = check_of(check)
    assert found is not None
    scheduler = Scheduler(16)
    seen: set[str] = set()
    profile: Any = Watched(cloud.profile, seen)
    ways = Ways(cloud, profile, access or Access(shared_session(), "demo", home(cloud.partition), scheduler, "test", cloud.register))
    reads = Reads(
        aws_for=lambda target, read: NotingAws(ways.access, target, read.operations, through=read.through, reach=ways),
        profile_for=lambda target: profile,
        submit=scheduler.read,
    )
    account = Target("world", cloud.account, cloud.partition)
    targets = [Target("world", cloud.account, cloud.partition, region) for region in cloud.regions] if is_regional(found.fixtures) else [account]
    findings: list[Finding] = []
    try:
        # Nobody waits in a world: for a report that is being made, or before a call is tried again.
        with mock.patch("time.sleep"):
            reads.start([(target, found.fixtures) for target in targets])
            for target in targets:
                audit = Audit(found, target, "world", selected, judged_in=ways.judged_in)
                findings += _judge_one(check, audit, reads, profile)
    finally:
        scheduler.close()
    # What other profiles reach is no key.
    undeclared = seen - ACCESS - set(found.facts) - {"configured"}
    assert not undeclared, f"@check of {found.id} must declare facts={sorted(undeclared)}"
    said, _ = answered(findings, cloud.profile.declarations, datetime.now(UTC).date(), lasting(cloud.profile))
    return _under_first_control(found, said), seen


def _under_first_control(check: Check, findings: Sequence[Finding]) -> list[Finding]:
    """What a check says under its first control, once it is seen that it says the same under the others."""

    def said(control: str) -> list[Any]:
        same = ("check", "region", "resource", "item", "resource_type", "severity", "status", "reason", "remediation", "evidence", "error")
        return [[getattr(finding, name) for name in same] for finding in findings if finding.control == control]

    first, *others = check.controls
    for other in others:
        assert said(other) == said(first), f"{other} is told something else than {first}"
    return [finding for finding in findings if finding.control == first]


def session() -> botocore.session.Session:
    """A session of botocore with the models that were loaded before."""
    made = botocore.session.Session()
    made.register_component("data_loader", LOADER)
    return made


class _ModelsOnce(botocore.client.ClientCreator):
    """Makes the model of a service, and for a session the class of its clients, once: worlds ask for thousands of clients, and most of it is that."""

    models: ClassVar[dict[str, Any]] = {}
    classes: ClassVar[weakref.WeakKeyDictionary[Any, dict[str, type]]] = weakref.WeakKeyDictionary()

    def _load_service_model(self, service_name: str, api_version: str | None = None) -> Any:
        if service_name not in self.models:
            self.models[service_name] = super()._load_service_model(service_name, api_version)  # type: ignore[misc]
        return self.models[service_name]

    def _create_client_class(self, service_name: str, service_model: Any) -> type:
        # What is registered with a session may add to its classes.
        classes = self.classes.setdefault(vars(self)["_event_emitter"], {})
        if service_name not in classes:
            classes[service_name] = super()._create_client_class(service_name, service_model)  # type: ignore[misc]
        return classes[service_name]


vars(botocore.client)["ClientCreator"] = _ModelsOnce


@functools.cache
def shared_session() -> botocore.session.Session:
    """The session with which all worlds are judged: one is as long in the making as a small world."""
    made = session()
    made.set_credentials("world", "world")
    return made


def home(partition: str) -> str:
    """Where a partition's regionless services are asked."""
    return {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}[partition]


def _judge_one(check: Callable[..., None], audit: Audit, reads: Reads, profile: Profile) -> list[Finding]:
    found, target = audit.check, audit.scope
    assert isinstance(target, Target)
    given = {"audit": audit, "ssb_profile": profile, "ssb_target": target, "ssb_region": target.region}
    try:
        check(**{name: given[name] if name in given else reads.result(name, target) for name in found.fixtures})
    except Exception as error:  # noqa: BLE001 - as in a run: what cut the check short is an ERROR
        return audit.finish(error)
    return audit.finish()


def verdicts(findings: Sequence[Finding]) -> dict[Any, str]:
    """`{arn: status}`, `{(arn, item): status}` or, for facts of several regions, `{(arn, region): status}`."""
    several = len({(finding.resource, finding.item) for finding in findings}) < len(findings)
    return {_key(finding, several): str(finding.status) for finding in findings}


def _key(finding: Finding, several: bool) -> Any:
    if finding.item is not None:
        return (finding.resource, finding.item)
    return (finding.resource, finding.region) if several else finding.resource


def compare(findings: Sequence[Finding], expected: Expected) -> None:
    """The whole answer must be the expected one; severity and a part of the reason where they are given."""
    reasons = {finding.resource: f"{finding.status} {finding.severity}: {finding.reason}" for finding in findings}
    assert verdicts(findings) == {key: want if isinstance(want, str) else want[0] for key, want in expected.items()}, reasons
    several = len({(finding.resource, finding.item) for finding in findings}) < len(findings)
    for finding in findings:
        want = expected[_key(finding, several)]
        if not isinstance(want, str):
            assert (finding.status, finding.severity) == (want[0], want[1] or finding.severity), reasons
            for part in want[2:]:
                assert part in finding.reason, f"{part!r} not in {finding.reason!r}"
