"""Who may sign in to the console as an IAM user: by the report, and asked live where that decides a FAIL."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from pytest_ssb.errors import AwsError
from pytest_ssb.reads.credential_report import CredentialReport, Row, asked_live
from pytest_ssb.reads.iam import User
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import Index, error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile


class ConsoleUser(NamedTuple):
    """A user, whether it has a password, and how that is known."""

    arn: str
    user: User
    password: bool
    seen: str


@read("iam:GetLoginProfile", per="account")
def iam_console_users(aws: Aws, ssb_profile: Profile, credential_report: CredentialReport, iam_users: list[User]) -> list[ConsoleUser]:
    """Every user, with a password or without; asked live of who would be no single person's by the profile, and of who is newer than the report."""
    people = ssb_profile.people

    def fails(user: User) -> bool:
        if people.service_users.match(user.arn, user.tag) is not None:
            return True
        said = people.console_users is not None or people.person_tag is not None
        return said and user.person(people) is None and people.break_glass_users.match(user.arn, user.tag) is None

    return _users(aws, credential_report, iam_users, fails)


@read("iam:GetLoginProfile", per="account")
def iam_password_users(aws: Aws, ssb_profile: Profile, credential_report: CredentialReport, iam_users: list[User]) -> list[ConsoleUser]:
    """Every user, with a password or without; where IAM passwords FAIL, asked live of whoever has one and is for no emergency, and of who is newer."""
    people = ssb_profile.people

    def fails(user: User) -> bool:
        return people.require_federation and people.break_glass_users.match(user.arn, user.tag) is None

    return _users(aws, credential_report, iam_users, fails)


def _users(aws: Aws, report: CredentialReport, users: list[User], fails: Callable[[User], bool]) -> list[ConsoleUser]:
    rows = Index(report.users, lambda row: [row.arn])
    readable = [user for user in users if not error_of(user)]
    answers = aws.each(readable, lambda user: _user(aws, user, rows.get(user.arn), report, fails))
    found: list[ConsoleUser] = []
    for user in users:
        error = error_of(user)
        try:
            found.append(answers[user] if error is None else unread(error, user.arn))
        except AwsError as failed:
            found.append(unread(failed, user.arn))
    return found


def _user(aws: Aws, user: User, row: Row | None, report: CredentialReport, fails: Callable[[User], bool]) -> ConsoleUser:
    if row is not None and not (row.password and fails(user)):
        return ConsoleUser(user.arn, user, row.password, str(report))
    known = f"newer than the {report}" if row is None else f"by the {report}, not confirmed"
    live = asked_live(aws, user.arn, known, report, keys=False, mfa=False)
    return ConsoleUser(user.arn, user, live.password, live.seen)
