"""Findings: one check's verdict on one resource, and `audit`, which makes them. Knows neither pytest nor AWS."""

from __future__ import annotations

import enum
import hashlib
import json
import shlex
import string
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal, NoReturn, Protocol, cast

import msgspec
from msgspec import Meta

from pytest_ssb.controls import CONTROLS, SEVERITIES, Check, Severity
from pytest_ssb.errors import AwsError, NotOffered, NotRun, Undecided, Vanished

ACCOUNT = "AWS::::Account"
# The one setting of an account that AWS Config has a type for.
ACCOUNT_BLOCK = "AWS::S3::AccountPublicAccessBlock"
# In the evidence: another account than the judged one, which told what the verdict rests on, or, of an ERROR, gave no answer.
TOLD_BY, ASKED_ACCOUNT = "JudgedInAccount", "AskedAccount"
# In the evidence of an ERROR that speaks for a whole control, whose account gave no answer: its checks.
NOT_JUDGED = "ChecksNotJudged"
# How the reason begins of what is NOT_APPLICABLE because nobody looked here: another check or account judges it, or the region is out of use.
LEFT_TO_CHECK, LEFT_TO_ACCOUNT = "judged by ", "judged in account "
NOT_ENABLED, DENIED_REGION = "the region is not enabled for the account", "a service control policy denies the region"

Basis = Literal["observed", "declared"]
DeniedBy = Literal["identity", "scp", "rcp", "boundary", "endpoint"]
# What stands in the results file, as exactly as a pattern can say it; checked where findings are read, not where they are made.
Text = Annotated[str, Meta(pattern=r"\S")]
FindingId = Annotated[str, Meta(pattern="^[0-9a-f]{16}$", description="SHA-256 of [control, check, account, region, resource, item] as JSON, cut")]
ControlId = Annotated[str, Meta(extra_json_schema={"enum": list(CONTROLS)})]
CheckId = Annotated[str, Meta(pattern="^[A-Za-z0-9_]+$")]
AccountId = Annotated[str, Meta(pattern="^[0-9]{12}$")]
Region = Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)+$")]
Resource = Annotated[str, Meta(pattern="^(arn:[a-z0-9-]+:[A-Za-z0-9-]+:[a-z0-9-]*:[a-z0-9]*:.+|repo:.+)$", description="an ARN, or repo: and a path")]
Operation = Annotated[str, Meta(pattern=r"^\S+$")]
Action = Annotated[str, Meta(pattern="^[a-z0-9-]+:[A-Za-z0-9_]+$")]
Day = Annotated[str, Meta(pattern="^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


class Status(enum.StrEnum):
    """A finding's verdict, worst first."""

    FAIL = "FAIL"
    ERROR = "ERROR"
    WAIVED = "WAIVED"
    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    MANUAL = "MANUAL"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """The call that gave no answer: AWS's operation and error code, the IAM action that would allow it, and what denied it."""

    operation: Operation | None
    code: Text
    action: Action | None
    denied_by: DeniedBy | None


class Waived(msgspec.Struct, frozen=True, kw_only=True):
    """The waiver that turned FAIL into WAIVED: why, who answers for it, and its last day."""

    reason: Text
    owner: Text
    expires: Day | None

    @property
    def said(self) -> str:
        """Who accepts it, until when and why, in a sentence."""
        return f"waived by {self.owner} until {self.expires or 'further notice'}: {self.reason}"


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """The declaration that turned MANUAL into PASS: what is said, by whom, when, how long it counts, and what supports it."""

    statement: Text
    by: Text
    on: Day
    review_by: Day
    evidence: Text | None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One check's verdict on one resource under one control, as it stands in the results file."""

    id: FindingId
    control: ControlId
    check: CheckId
    extended: bool
    profile: Text
    account: AccountId
    region: Region | None
    resource: Resource
    item: str | None
    resource_type: Text
    severity: Severity
    status: Status
    basis: Basis
    reason: str
    question: str | None
    remediation: str | None
    references: tuple[Text, ...]
    evidence: dict[str, str]
    error: Failure | None
    waiver: Waived | None = None
    declaration: Declared | None = None
    baseline: Literal["new", "known"] | None = None
    nodeid: Text


def unjudged(finding: Finding) -> tuple[str, ...]:
    """The checks for which an ERROR speaks: its own, or all of its control's where their account gave no answer."""
    return tuple(finding.evidence.get(NOT_JUDGED, finding.check).split(", "))


class Scope(Protocol):
    """What an audit must know of the target."""

    @property
    def profile(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def partition(self) -> str: ...
    @property
    def region(self) -> str | None: ...


class Verdict(Exception):
    """Raised inside an `audit` block to end it with a status that is neither PASS nor FAIL."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def finding_id(control: str, check: str, account: str, region: str | None, resource: str, item: str | None) -> str:
    """The first 16 hex digits of SHA-256 over the JSON array of what makes a finding unique."""
    return hashlib.sha256(json.dumps([control, check, account, region, resource, item]).encode()).hexdigest()[:16]


def clean(text: str) -> str:
    """The text with control characters shown escaped: names and messages in an account are written by strangers."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def severity_lowered(severity: Severity, by: int) -> Severity:
    """A severity so many levels lower, `low` at the least."""
    return SEVERITIES[min(SEVERITIES.index(severity) + by, len(SEVERITIES) - 1)]


def account_arn(scope: Scope) -> str:
    """The resource of facts and failures that belong to a whole account or region: `arn:P:account::A:account`."""
    return f"arn:{scope.partition}:account::{scope.account}:account"


def reason_of(error: BaseException) -> str:
    """What an error says, without a repr in it: an unknown error's own text may quote data of the account."""
    if isinstance(error, AwsError | NotRun | Undecided):
        return clean(str(error))
    return f"unexpected {type_and_place(error)}; nothing was judged"


def type_and_place(error: BaseException) -> str:
    """What kind of error it is and where it was raised, and not what it says."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return f"{type_name(error)} at {place.tb_frame.f_globals.get('__name__', '?')}:{place.tb_lineno}" if place else type_name(error)


class _Command(string.Formatter):
    """Formats a fix command: every value is shell-quoted."""

    def __init__(self, resource: object, known: dict[str, str]) -> None:
        self.resource, self.known = resource, known

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        value = self.known.get(str(key))
        return value if value is not None else getattr(self.resource, str(key))

    def convert_field(self, value: Any, conversion: Any) -> Any:
        return value if conversion == "r" else shlex.quote(clean(str(value)))

    def check_unused_args(self, *_: Any) -> None: ...


class Audit:
    """The `audit` fixture: `with audit(resource): assert ...` becomes one finding.

    The block's end decides: it passes (PASS), an assertion fails (FAIL, with its message), or anything else is raised (ERROR). `manual` and
    `not_applicable` end the block with that status. A block may say more by `note` (the reason of a PASS), `declared` and `saw`.
    """

    def __init__(
        self,
        check: Check,
        scope: Scope,
        nodeid: str,
        selected: Collection[str] = (),
        explain: Callable[[Exception], Exception] = lambda error: error,
        judged_in: Callable[[str], bool] = lambda account: False,
    ) -> None:
        """`selected` are the checks of the same target in this run, `explain` tells what an error means that a client of the test's own raised.

        `judged_in` tells whether this check is selected for that account, too.
        """
        self.check = check
        self._selected = selected
        self._explain = explain
        self._judged_in = judged_in
        self.scope = scope
        self.nodeid = nodeid
        self.findings: list[Finding] = []
        self.vanished = 0
        self._reset()

    def _reset(self) -> None:
        self._note: str | None = None
        self._left_to: str | None = None
        self._declared: str | None = None
        self._evidence: dict[str, str] = {}
        self._severity: Severity | None = None
        self._extended = False
        self._fix: str | None = None
        self._values: dict[str, str] = {}

    @contextmanager
    def __call__(
        self,
        resource: Any,
        item: str | None = None,
        severity: Severity | None = None,
        region: str | None = None,
        fix: str | None = None,
        type: str | None = None,
    ) -> Iterator[Audit]:
        """Judge one resource: an object with an `arn`, or an ARN. `region` is where it lives, if not what its ARN says."""
        self._reset()
        self._severity, self._fix = severity, fix
        status, reason, error = Status.PASS, "", None
        try:
            yield self
        except Verdict as verdict:
            status, reason = verdict.status, verdict.reason
        except AssertionError as failed:
            status = Status.FAIL
            # pytest appends introspection to the asserts of test modules that it rewrites: values, secrets included.
            # Of an assert without a message, that is all there is.
            said = f"\n{failed.args[0]}" if failed.args else ""
            reason = said.partition("\nassert ")[0].removeprefix("\n") or "not as asked"
        except Vanished:
            self.vanished += 1
            return
        except Exception as raised:  # noqa: BLE001 - whatever it was, nothing was judged
            error = self._explain(raised)
            status, reason = Status.ERROR, reason_of(error)
            if isinstance(error, NotOffered):
                status, reason, error = Status.NOT_APPLICABLE, str(error), None
        if self._left_to is not None and status is not Status.ERROR:
            self._declared = None
            status, reason = Status.NOT_APPLICABLE, f"{LEFT_TO_ACCOUNT}{self._left_to}"
        self._add(resource, item, region, type, status, reason, error)

    def manual(self, question: str) -> NoReturn:
        """End the block: no API can tell, and this is the question to answer."""
        raise Verdict(Status.MANUAL, question)

    def not_applicable(self, why: str) -> NoReturn:
        """End the block: the rule does not apply to this resource."""
        raise Verdict(Status.NOT_APPLICABLE, why)

    def was_read(self) -> NoReturn:
        """End the block without a finding: it was only to be seen whether something could be read, and what is in it is judged piece by piece."""
        raise Vanished

    def judged_by(self, check: str, where: Callable[[], bool] = lambda: True) -> None:
        """End the block, if that check is selected for this target in this run: one cause, one FAIL. It must have asked the same question.

        `where` says whether it fails for the same cause; it is asked only if the check is selected, so that what it raises is no concern of a run without it.
        """
        if check in self._selected and where():
            raise Verdict(Status.NOT_APPLICABLE, f"{LEFT_TO_CHECK}{check}")

    def leave_to(self, account: str) -> None:
        """Leave the verdict to the resource's own account, if the check is selected for that in this run; it must judge the resource there.

        What could not be read is an ERROR here, too.
        """
        if self._judged_in(account):
            self._left_to = account

    def note(self, text: str) -> None:
        """Say why the block passes, in place of the check's own first line."""
        self._note = text

    def declared(self, key: str, entry: str) -> None:
        """Say that the verdict rests on what the user wrote: a PASS or NOT_APPLICABLE gets the basis `declared`."""
        self._declared = f"{key} = {entry}"

    def saw(self, **evidence: object) -> None:
        """Note what was read, by AWS's names of the fields; never a secret or user data."""
        self._evidence |= {name: clean(_plain(value)) for name, value in evidence.items()}

    def told_by(self, *accounts: str | None) -> None:
        """Note which other accounts told what the verdict rests on, if any did."""
        if others := {account for account in accounts if account}:
            self.saw(**{TOLD_BY: others})

    def severity(self, severity: Severity) -> None:
        """Lower or set the severity of this block's finding, once its reach is known."""
        self._severity = severity

    def extended(self) -> None:
        """Say that this block goes beyond the guide, where the check as a whole does not; it is to be left out unless the profile asks for such."""
        self._extended = True

    def fix(self, command: str, **values: str) -> None:
        """The command that mends this resource, where the check's own does not fit; formatted as the check's `fix` is, with `values` besides."""
        self._fix, self._values = command, values

    def target(self) -> str:
        """The ARN that stands for the whole account or region."""
        return account_arn(self.scope)

    def failed(self, error: BaseException) -> None:
        """The check itself could not go on: one ERROR for the target, beside what the check said of the target before."""
        self._reset()
        judged = any(finding.resource == self.target() and finding.item is None for finding in self.findings)
        self._add(self.target(), "rest of the check" if judged else None, None, None, Status.ERROR, reason_of(error), error)

    def decided(self, status: Status, reason: str, *, declared: str | None = None) -> None:
        """The whole target has one answer that needs no look at its resources."""
        self._reset()
        self._declared = declared
        self._add(self.target(), None, None, None, status, reason, None)

    def finish(self, error: BaseException | None = None) -> list[Finding]:
        """The findings of the check that has ended, by `error` if it was cut short. There is always one: silence would read as clean."""
        if isinstance(error, Exception):
            error = self._explain(error)
        if isinstance(error, NotOffered):
            self.decided(Status.NOT_APPLICABLE, str(error))
        elif error is not None:
            self.failed(error)
        elif not self.findings and self.vanished:
            self.nothing("everything that was listed was gone when it was looked at")
        elif not self.findings:
            self.failed(NotRun("the check ended without a finding; nothing was judged"))
        malformed = {finding.id: wrong for finding in self.findings if (wrong := _malformed(finding))}
        if malformed:
            self.findings = [finding for finding in self.findings if finding.id not in malformed]
            fields = ", ".join(sorted(set(malformed.values())))
            self.failed(NotRun(f"the check gave a finding that the results file does not allow ({fields}); nothing was judged"))
        twice = [one for one, n in Counter(finding.id for finding in self.findings).items() if n > 1]
        if twice:
            self.findings = [finding for finding in self.findings if finding.id not in twice]
            self.failed(NotRun("the check judged one resource twice; tell it apart by item"))
        return self.findings

    def nothing(self, what: str) -> None:
        """Nothing of the kind exists: NOT_APPLICABLE for the target. To be said only after the list was read to its end."""
        self.decided(Status.NOT_APPLICABLE, what)

    def _add(
        self, resource: Any, item: str | None, region: str | None, kind: str | None, status: Status, reason: str, error: BaseException | None
    ) -> None:
        arn = clean(resource if isinstance(resource, str) else resource.arn)
        item = None if item is None else clean(item)
        region = region or _region_of(arn) or self.scope.region
        basis: Basis = "observed"
        if status is Status.PASS:
            reason = self._note or self.check.says
        if self._declared and status in (Status.PASS, Status.NOT_APPLICABLE):
            basis = "declared"
            reason = f"{reason} ({self._declared})"
        evidence = dict(self._evidence)
        failure = None
        if isinstance(error, AwsError) and error.account is not None:
            evidence[ASKED_ACCOUNT] = error.account
        if error is not None:
            failure = (
                Failure(operation=error.operation, code=error.code, action=error.action, denied_by=cast("DeniedBy | None", error.denied_by))
                if isinstance(error, AwsError)
                else Failure(operation=None, code="NotRun" if isinstance(error, NotRun) else type_name(error), action=None, denied_by=None)
            )
        for control in self.check.controls:
            self.findings.append(
                Finding(
                    id=finding_id(control, self.check.id, self.scope.account, region, arn, item),
                    control=control,
                    check=self.check.id,
                    extended=self.check.extended or self._extended,
                    profile=self.scope.profile,
                    account=self.scope.account,
                    region=region,
                    resource=arn,
                    item=item,
                    resource_type=kind or (ACCOUNT if arn == self.target() and self.check.on != ACCOUNT_BLOCK else self.check.on),
                    severity=self._severity or self.check.severity,
                    status=status,
                    basis=basis,
                    reason=clean(reason),
                    question=clean(reason) if status is Status.MANUAL else None,
                    remediation=self._command(resource, arn, region) if status is Status.FAIL else None,
                    references=(CONTROLS[control].url, *self.check.references),
                    evidence=evidence,
                    error=failure,
                    nodeid=self.nodeid,
                )
            )

    def _command(self, resource: Any, arn: str, region: str | None) -> str:
        name = arn.rpartition("/")[2] if "/" in arn else arn.rpartition(":")[2]
        known = {"account": self.scope.account, "partition": self.scope.partition, "region": region or "", "arn": arn, **self._values}
        if not hasattr(resource, "name"):
            known["name"] = name
        if not hasattr(resource, "id"):
            known["id"] = name
        return _Command(resource, known).format(self._fix or self.check.fix)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(sorted(map(str, value)) if isinstance(value, set | frozenset) else map(str, value))
    return str(value)


def _region_of(arn: str) -> str | None:
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return None
    # WAF names the region where what is for CloudFront is administered; it guards no region.
    return None if parts[2] == "wafv2" and parts[5].startswith("global/") else parts[3] or None


def _malformed(finding: Finding) -> str | None:
    """The field that the results file would refuse, if any: a resource that is no ARN, say. Its value is not told."""
    try:
        msgspec.convert(msgspec.to_builtins(finding), Finding)
    except msgspec.ValidationError as error:
        return str(error).rpartition("`$.")[2].rstrip("`")
    return None


def type_name(error: BaseException) -> str:
    """The name of an error's type, as the `code` of an error that AWS did not give."""
    return type(error).__name__


def status_of_test(findings: Iterable[Finding], *, key: bool = False) -> Status:
    """A test's outcome: any FAIL, else any ERROR, else (for a key check) MANUAL, else WAIVED, PASS, MANUAL, NOT_APPLICABLE."""
    found = {finding.status for finding in findings}
    order = [Status.FAIL, Status.ERROR, *([Status.MANUAL] if key else []), Status.WAIVED, Status.PASS, Status.MANUAL]
    return next((status for status in order if status in found), Status.NOT_APPLICABLE)
