"""IAM's credential report: who has a password, keys and MFA. It is up to four hours old, so what would make a FAIL is asked again, live."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

from pytest_ssb.errors import AwsError, UnexpectedAnswer, Vanished
from pytest_ssb.reads.iam import AccountSummary, Rights, User
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource
    from pytest_ssb.profiles import Profile

REPORT, GENERATE = "iam:GetCredentialReport", "iam:GenerateCredentialReport"
MISSING, IN_PROGRESS = ("ReportNotPresent", "ReportExpired"), "ReportInProgress"
WAITS = (1, 2, 4, 8, 16, 29)  # a minute in all

Flag = Literal["true", "false"]


class Row(msgspec.Struct, frozen=True):
    """A user's row (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html)."""

    arn: str
    password_enabled: Flag
    mfa_active: Flag
    access_key_1_active: Flag
    access_key_2_active: Flag

    @property
    def password(self) -> bool:
        """Whether the user has a password, used or not, expired or not."""
        return self.password_enabled == "true"  # noqa: S105 - a flag, not a password

    @property
    def mfa(self) -> bool:
        """Whether the user has an MFA device."""
        return self.mfa_active == "true"

    @property
    def key(self) -> bool:
        """Whether the user has an active access key."""
        return "true" in (self.access_key_1_active, self.access_key_2_active)


class RootRow(msgspec.Struct, frozen=True):
    """The root user's row. `not_supported`, which stood there before root users without a password existed, tells nothing."""

    arn: str
    password_enabled: Literal["true", "false", "not_supported"]


class RootActivity(msgspec.Struct, frozen=True):
    """What the root user's row says of when root was used, and of its keys."""

    arn: str
    user_creation_time: str
    password_last_used: str
    access_key_1_active: Flag
    access_key_1_last_used_date: str
    access_key_2_active: Flag
    access_key_2_last_used_date: str

    @property
    def created(self) -> datetime | None:
        """When the account was made."""
        return _moment(self.user_creation_time)

    @property
    def signed_in(self) -> datetime | None:
        """When root's password was last used, None where it never was as far as IAM tells."""
        return _moment(self.password_last_used)

    @property
    def keys(self) -> tuple[tuple[bool, datetime | None], ...]:
        """Of each place for a key, whether an active one is in it, and when it was last used."""
        return (
            (self.access_key_1_active == "true", _moment(self.access_key_1_last_used_date)),
            (self.access_key_2_active == "true", _moment(self.access_key_2_last_used_date)),
        )


@dataclass(frozen=True)
class CredentialReport:
    """The report: when it was made, a row per user, and root's row, None where there is none. What could not be read stands as unread."""

    made: datetime
    users: list[Row]
    root: RootRow | None
    root_activity: RootActivity | None

    @property
    def generated(self) -> str:
        """When it was made, for people."""
        return self.made.strftime("%Y-%m-%dT%H:%M:%SZ")

    def __str__(self) -> str:
        return f"report of {self.generated}"

    def has_passwords(self) -> bool:
        """Whether some user has a password. Raises the error of a row that could not be read, unless another row tells."""
        return any(row.password for row in sorted(self.users, key=lambda row: error_of(row) is not None))


@read(REPORT, GENERATE, per="account")
def credential_report(aws: Aws) -> CredentialReport:
    """The credential report; it is generated, and waited for, where there is none of the last four hours."""
    return _credential_report(aws)


def _credential_report(aws: Aws) -> CredentialReport:
    # Two reads may need the report, and only one should have it generated.
    return _parsed(aws, aws.once("credential report", lambda: wait_for_report(lambda operation: aws.ask(operation, anew=True))))


def wait_for_report(ask: Callable[[str], Any], pause: Callable[[float], None] | None = None) -> Any:
    """What GetCredentialReport answers, after having a report generated if there is none. `ask(operation)` asks anew each time.

    Raises AwsError where there is none within a minute.
    """
    for wait in (*WAITS, None):
        try:
            return ask(REPORT)
        except AwsError as error:
            if error.code not in (*MISSING, IN_PROGRESS):
                raise
            code = error.code
        if wait is None:
            break
        if code == IN_PROGRESS or not _generated(ask):
            (pause or time.sleep)(wait)
    raise AwsError(f"no credential report within {sum(WAITS)} seconds ({code}): run again", REPORT, code)


def _generated(ask: Callable[[str], Any]) -> bool:
    try:
        return bool(ask(GENERATE).get("State") == "COMPLETE")
    except AwsError as error:
        if error.code != "LimitExceeded":  # one is being made already
            raise
        return False


def _parsed(aws: Aws, answer: Mapping[str, Any]) -> CredentialReport:
    content, generated = answer.get("Content"), answer.get("GeneratedTime")
    if not isinstance(content, bytes) or not isinstance(generated, datetime):
        raise UnexpectedAnswer(f"{REPORT} answered without Content or GeneratedTime", REPORT)
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode()), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise UnexpectedAnswer(f"{REPORT} answered what is no CSV", REPORT) from None
    ours = f"arn:{aws.partition}:iam::{aws.account}:"
    for row in rows:
        if not str(row.get("arn")).startswith(ours):
            raise UnexpectedAnswer(f"{REPORT} answered a row without an ARN of the account", REPORT)
    root = [_lower(row) for row in rows if row["arn"] == f"{ours}root"]
    return CredentialReport(
        made=generated.astimezone(UTC),
        users=aws.parse(REPORT, [_lower(row) for row in rows if row["arn"] != f"{ours}root"], Row, "{arn}"),
        root=next(iter(aws.parse(REPORT, root, RootRow, "{arn}")), None),
        root_activity=next(iter(aws.parse(REPORT, root, RootActivity, "{arn}")), None),
    )


def _moment(value: str) -> datetime | None:
    """A time of the report; None for the words that say that there is none, or that it was not kept."""
    if value in ("n/a", "no_information", "not_supported"):
        return None
    with suppress(ValueError):
        moment = datetime.fromisoformat(value.upper())
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    raise UnexpectedAnswer(f"{REPORT} answered what is no time where a time is due", REPORT)


def _lower(row: Mapping[str, str | None]) -> dict[str, str]:
    # AWS's page writes TRUE and FALSE, its reports true and false. A row that is too short has no value for its last columns.
    return {name: value if name in ("user", "arn") else value.lower() for name, value in row.items() if isinstance(value, str)}


# --- what is asked live -----------------------------------------------------------------------------------------------------------------------


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a user signs in with: a password, an active access key, MFA (None: not looked at); `seen` says how that is known."""

    arn: str
    password: bool
    key: bool | None
    mfa: bool | None
    seen: str


class MfaDevice(msgspec.Struct, frozen=True, rename="pascal"):
    """An MFA device by its serial number (https://docs.aws.amazon.com/IAM/latest/APIReference/API_MFADevice.html)."""

    arn: str

    @property
    def asked_for(self) -> bool:
        """Whether AWS asks for it at sign-in: MFA by text message has ended, though such a device may still be on record."""
        return ":sms-mfa/" not in self.arn


class AccessKey(msgspec.Struct, frozen=True, rename="pascal"):
    """An access key (https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyMetadata.html); its id is not kept."""

    arn: str
    status: Literal["Active", "Inactive", "Expired"]


@read("iam:GetLoginProfile", "iam:ListMFADevices", per="account")
def iam_sign_ins(aws: Aws, credential_report: CredentialReport, iam_users: list[User]) -> list[Credentials]:
    """Every user's credentials by the report; asked live of who has a password and no MFA there, or is newer than the report."""
    doubtful = [row for row in credential_report.users if not error_of(row) and row.password and not row.mfa]
    return _confirmed(aws, credential_report, doubtful, [] if error_of(iam_users) else iam_users, keys=False)


@read("iam:GetLoginProfile", "iam:ListAccessKeys", "iam:ListMFADevices", per="account")
def iam_key_holders(
    aws: Aws, ssb_profile: Profile, credential_report: CredentialReport, iam_users: list[User], iam_rights: Rights
) -> dict[str, Credentials]:
    """Every user's credentials by ARN, by the report; asked live of a person whose keys have rights without MFA, and of who is newer."""
    people = ssb_profile.people

    def fails(user: User, row: Row) -> bool:
        if row.password or not row.key or people.service_users.match(user.arn, user.tag) or not user.is_person(people):
            return False
        try:
            return (iam_rights.elevated_without_mfa(user) if row.mfa else iam_rights.elevated(user)) is not None
        except AwsError:
            return False  # which will be the verdict

    users = {user.arn: user for user in iam_users if not error_of(user)}
    doubtful = [row for row in credential_report.users if not error_of(row) and row.arn in users and fails(users[row.arn], row)]
    return {each.arn: each for each in _confirmed(aws, credential_report, doubtful, iam_users, keys=True)}


@read("iam:GetLoginProfile", "iam:ListAccessKeys", per="account")
def iam_group_candidates(
    aws: Aws, ssb_profile: Profile, credential_report: CredentialReport, iam_users: list[User], iam_rights: Rights
) -> dict[str, Credentials]:
    """Every user's credentials by ARN, by the report; asked live of who has some and no group that grants anything, and of who is newer."""
    machines = ssb_profile.people.service_users

    def fails(user: User, row: Row) -> bool:
        if not (row.password or row.key) or machines.match(user.arn, user.tag):
            return False
        try:
            return iam_rights.granted_by(user) is None
        except AwsError:
            return False  # which will be the verdict

    users = {user.arn: user for user in iam_users if not error_of(user)}
    doubtful = [row for row in credential_report.users if not error_of(row) and row.arn in users and fails(users[row.arn], row)]
    return {each.arn: each for each in _confirmed(aws, credential_report, doubtful, list(users.values()), keys=True, mfa=False)}


@read("iam:ListAccessKeys", per="account")
def iam_active_keys(aws: Aws, ssb_profile: Profile, credential_report: CredentialReport, iam_users: list[User]) -> PerResource[bool]:
    """Whether each user has an active access key: by the report, and asked live of who has one there and is no declared machine, or is newer."""
    rows = {row.arn: row for row in credential_report.users}
    machines = ssb_profile.people.service_users

    def active(user: User) -> bool:
        row = rows.get(user.arn)
        if row is not None and (not row.key or machines.match(user.arn, user.tag)):
            return row.key
        return has_active_key(aws, user.arn, user.user_name)

    return aws.each(iam_users, active)


@read(per="account")
def iam_passwordless_users(credential_report: CredentialReport) -> frozenset[str]:
    """The ARNs of the users that are known to have no password; whoever could not be read is not among them."""
    return _known(credential_report, lambda row: not row.password)


@read(per="account")
def iam_guarded_users(credential_report: CredentialReport) -> frozenset[str]:
    """The ARNs of the users that are known to have MFA, or no active access key: a key that leaks is not enough to be them."""
    return _known(credential_report, lambda row: row.mfa or not row.key)


def _known(report: CredentialReport, holds: Callable[[Row], bool]) -> frozenset[str]:
    return frozenset() if error_of(report) else frozenset(row.arn for row in report.users if not error_of(row) and holds(row))


def _confirmed(
    aws: Aws, report: CredentialReport, doubtful: Sequence[Row], users: Iterable[User], *, keys: bool, mfa: bool = True
) -> list[Credentials]:
    listed, again = {row.arn for row in report.users}, {row.arn for row in doubtful}
    newer = [user for user in users if user.arn not in listed]
    asked: list[tuple[Sequence[Any], PerResource[Credentials]]] = [
        (doubtful, aws.each(doubtful, lambda row: asked_live(aws, row.arn, f"by the {report}, not confirmed", report, keys=keys, mfa=mfa))),
        (newer, aws.each(newer, lambda user: asked_live(aws, user.arn, f"newer than the {report}", report, keys=keys, mfa=mfa))),
    ]
    found = [_by_report(row, report) for row in report.users if row.arn not in again]
    for resources, answers in asked:
        for resource in resources:
            try:
                found.append(answers[resource])
            except (AwsError, Vanished) as error:
                found.append(unread(error, resource.arn))
    return found


def _by_report(row: Row, report: CredentialReport) -> Credentials:
    error = error_of(row)
    if error is not None:
        return cast(Credentials, unread(error, row.arn))
    return Credentials(arn=row.arn, password=row.password, key=row.key, mfa=row.mfa, seen=str(report))


def asked_live(aws: Aws, arn: str, known: str, report: CredentialReport, *, keys: bool, mfa: bool) -> Credentials:
    """A user's credentials, asked for now. `known` is what an error says before its own words."""
    name = arn.rpartition("/")[2]
    try:
        # GetLoginProfile answers alike for a user without password and for one who is gone: the others are asked first.
        device = _has_device(aws, name) if mfa else None
        key = has_active_key(aws, arn, name) if keys else None
        profile = aws.ask("iam:GetLoginProfile", UserName=name, absent="NoSuchEntity")
    except AwsError as error:
        raise AwsError(f"{known}: {error}", error.operation, error.code, action=error.action, denied_by=error.denied_by) from error
    return Credentials(arn=arn, password=profile is not None, key=key, mfa=device, seen=f"asked live; {report}")


def _has_device(aws: Aws, name: str) -> bool:
    devices = aws.resources("iam:ListMFADevices", "MFADevices", MfaDevice, "{SerialNumber}", UserName=name, gone="NoSuchEntity")
    return any(device.asked_for for device in devices)


def has_active_key(aws: Aws, arn: str, name: str) -> bool:
    """Whether the user has an active access key, asked live. Raises Vanished where the user is gone."""
    keys = aws.list("iam:ListAccessKeys", "AccessKeyMetadata", UserName=name, gone="NoSuchEntity")
    return any(key.status == "Active" for key in aws.parse("iam:ListAccessKeys", keys, AccessKey, arn))


# --- the root user ----------------------------------------------------------------------------------------------------------------------------


class RootUser(msgspec.Struct, frozen=True):
    """The root user: whether it has MFA and with what device, whether it can be signed in as, and how that is known."""

    arn: str
    mfa: bool
    device: str | None
    credentials: tuple[str, ...]
    exists: bool
    seen: str


class DeviceUser(msgspec.Struct, frozen=True, rename="pascal"):
    """Whose a virtual MFA device is."""

    arn: str


class VirtualDevice(msgspec.Struct, frozen=True, rename="pascal"):
    """A virtual MFA device that is assigned (https://docs.aws.amazon.com/IAM/latest/APIReference/API_VirtualMFADevice.html)."""

    arn: str
    user: DeviceUser


@read("iam:ListVirtualMFADevices", REPORT, GENERATE, per="account")
def root_user(aws: Aws, account_summary: AccountSummary) -> RootUser:
    """The root user by the account's summary; what device it has, and where the summary tells of no password the report, is asked if it matters."""
    arn, mfa = f"arn:{aws.partition}:iam::{aws.account}:root", account_summary.mfa == 1
    if aws.partition == "aws-us-gov":
        return RootUser(arn, mfa, None, (), exists=False, seen="")
    device, password, seen = None, account_summary.password == 1, "AccountPasswordPresent"
    if mfa:
        devices = aws.resources("iam:ListVirtualMFADevices", "VirtualMFADevices", VirtualDevice, "{SerialNumber}", AssignmentStatus="Assigned")
        virtual = any(each.user.arn == arn for each in devices)
        device = "a virtual device" if virtual else "a hardware device or passkey"
    elif account_summary.password is None and not account_summary.access_keys:
        password, seen = _root_password(_credential_report(aws))
    credentials = [*(["a password"] if password else []), *(["access keys"] if account_summary.access_keys else [])]
    return RootUser(arn, mfa, device, tuple(credentials), exists=True, seen=seen)


def may_sign_in(aws: Aws, summary: AccountSummary) -> bool:
    """Whether the root user of the handle's account has MFA, a password or access keys; a read that asks it declares `REPORT` and `GENERATE`."""
    if summary.mfa == 1 or summary.password == 1 or summary.access_keys:
        return True
    return summary.password is None and aws.partition != "aws-us-gov" and _root_password(_credential_report(aws))[0]


def _root_password(report: CredentialReport) -> tuple[bool, str]:
    says = report.root.password_enabled if report.root is not None else "no row of root"
    if says not in ("true", "false"):
        raise UnexpectedAnswer(f"cannot tell whether root has a password: no AccountPasswordPresent, and {says} in the {report}", REPORT)
    return says == "true", str(report)
