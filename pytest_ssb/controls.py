"""The guide's 27 controls, and the decorator that makes a test function a check of one or two of them."""

from __future__ import annotations

import functools
import inspect
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from pytest_ssb.errors import AuthorError
from pytest_ssb.permissions import only_reads

Severity = Literal["critical", "high", "medium", "low"]
Environment = Literal["production", "preproduction"]
Minutes = Annotated[int, msgspec.Meta(ge=1)]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")

F = TypeVar("F", bound=Callable[..., None])


class Recommendation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that a control of the guide asks for, in our words.

    `checks` cover it, `not_observable` says why no API shows it, or what of it, and `not_yet` that its check has still to be written.
    """

    says: str
    checks: tuple[str, ...] = ()
    not_observable: str | None = None
    not_yet: bool = False

    def __post_init__(self) -> None:
        """Refuse one that leaves open what becomes of it."""
        if not (self.checks or self.not_yet or self.not_observable):
            raise ValueError("a recommendation names its checks, or says why it is not_observable, or that there are none yet: not_yet = true")
        if self.checks and self.not_yet:
            raise ValueError("a recommendation that has checks is not not_yet")


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A control of the guide: `ACCT.01` ... `WKLD.15`.

    The minutes are estimates: `minutes_first` of the first thing that is mended, `minutes_full` of all of it in a typical small account, `minutes_of`
    of one thing that such a check wants mended. `waits_for` says by check what has to be there before it is mended.
    """

    id: str
    title: str
    url: str
    minutes_first: Minutes
    minutes_full: Minutes
    minutes_of: dict[str, Minutes] = {}
    waits_for: dict[str, str] = {}
    recommendations: tuple[Recommendation, ...] = ()

    @property
    def marker(self) -> str:
        """The pytest marker: `acct_08` of `ACCT.08`."""
        return self.id.lower().replace(".", "_")


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`catalogue.toml`: which edition of the guide the controls are of, and the controls."""

    edition: str
    controls: tuple[Control, ...]


CATALOGUE = msgspec.convert(tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8")), Catalogue)
EDITION = CATALOGUE.edition
CONTROLS = {control.id: control for control in CATALOGUE.controls}


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a check before it runs.

    `severity` is the worst that it can give; a finding may be milder. `environment` is where it applies, None for everywhere. `regions` is
    "enabled" for the few checks which the profile's `regions` does not narrow. `key`: its control is not green while this check is MANUAL.
    `facts` are the keys of the profile that its verdicts, or its commands, rest on.
    """

    id: str
    controls: tuple[str, ...]
    on: str
    severity: Severity
    environment: Environment | None
    extended: bool
    key: bool
    references: tuple[str, ...]
    regions: Literal["selected", "enabled"]
    calls: tuple[str, ...]
    fix: str
    says: str
    fixtures: tuple[str, ...]
    facts: tuple[str, ...] = ()


def check(
    *controls: str,
    on: str,
    severity: Severity,
    fix: str = "",
    environment: Environment | None = None,
    extended: bool = False,
    key: bool = False,
    references: Iterable[str] = (),
    regions: Literal["selected", "enabled"] = "selected",
    calls: Iterable[str] = (),
    facts: Iterable[str] = (),
) -> Callable[[F], F]:
    """Make a test function a check: `@check("ACCT.08", on="AWS::S3::Bucket", severity="high", fix="aws s3api ... {name}")`.

    `fix` is the command that mends one resource, formatted with the resource's own attributes and `{account}`, `{region}`, `{partition}`.
    `calls` names what `ssb_client` may call in this test (`ec2:DescribeVpcs`), `facts` the profile's keys that the check and its reads look at
    (`buckets.public`). Raises AuthorError for a control or severity that does not exist, and for a call that does more than read.
    """
    unknown = [control for control in controls if control not in CONTROLS]
    operations = (calls,) if isinstance(calls, str) else tuple(calls)

    def problem(name: str) -> str | None:
        if unknown or not controls:
            return f"no control {', '.join(unknown) or 'given'}; known: {', '.join(CONTROLS)}"
        if severity not in SEVERITIES:
            return f"no severity {severity!r}; known: {', '.join(SEVERITIES)}"
        if not name.startswith("test_"):
            return "must be called test_..."
        more = [operation for operation in operations if not only_reads(operation)]
        return f"calls: {', '.join(more)}: not allowed, a check only reads; write service:Operation, such as ec2:DescribeVpcs" if more else None

    def mark(function: F) -> F:
        wrong = problem(function.__name__)
        if wrong is not None:
            raise AuthorError(f"@check: {function.__name__}: {wrong}")
        function.__ssb_check__ = Check(  # type: ignore[attr-defined]
            id=function.__name__.removeprefix("test_"),
            controls=controls,
            on=on,
            severity=severity,
            environment=environment,
            extended=extended,
            key=key,
            references=tuple(references),
            regions=regions,
            calls=operations,
            facts=tuple(facts),
            fix=fix,
            says=(inspect.getdoc(function) or "").partition("\n")[0],
            fixtures=tuple(inspect.signature(function).parameters),
        )
        return function

    return mark


def check_of(function: Any) -> Check | None:
    """What `@check` noted on a test function, None for any other function."""
    found = getattr(inspect.unwrap(function) if callable(function) else function, "__ssb_check__", None)
    return found if isinstance(found, Check) else None


@functools.cache
def markers() -> dict[str, str]:
    """Every marker of the plugin and what it selects."""
    plain = {
        "acct": "checks of the account controls ACCT.01-12",
        "wkld": "checks of the workload controls WKLD.01-15",
        "prod": "checks that are judged in production accounts only",
    }
    return plain | {control.marker: f"{control.id}: {control.title}" for control in CONTROLS.values()}
