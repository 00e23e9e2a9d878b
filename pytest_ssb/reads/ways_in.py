"""The ways in which people get into the account without root: users with a password, administrators with a key, roles of people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from pytest_ssb.errors import AwsError, Vanished
from pytest_ssb.reads.credential_report import CredentialReport, has_active_key
from pytest_ssb.reads.iam import AuthorizationDetails, Rights, Role, SamlProvider, User
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import Index, error_of, or_unread, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

T = TypeVar("T")
P = TypeVar("P", User, Role)


class WayIn(NamedTuple):
    """A user or role as whom somebody gets in: whether through the console, whether it may do everything, and how that is known."""

    arn: str
    kind: str
    console: bool
    administers: bool
    bounded: bool
    seen: str

    def __str__(self) -> str:
        boundary = "; a permissions boundary may take some of it back" if self.bounded and self.administers else ""
        return f"{self.kind} {self.arn.rpartition('/')[2]}{f' ({self.seen}{boundary})' if self.seen or boundary else ''}"


class WaysIn:
    """All ways in; those that could not be told are unread."""

    def __init__(self, ways: Iterable[WayIn]) -> None:
        found = list(ways)
        self._known = [way for way in found if not error_of(way)]
        self._error = next(filter(None, map(error_of, found)), None)

    def best(self, *, console: bool = False) -> WayIn | None:
        """A way in, one that administers before others, and if asked for only through the console. Where there is none, but some are unread, raises."""
        wanted = [way for way in self._known if way.console or not console]
        if not wanted and self._error is not None:
            raise self._error
        return max(wanted, key=lambda way: way.administers, default=None)


@read(per="account")
def ways_in_by_role(aws: Aws, iam_authorization_details: AuthorizationDetails, saml_providers: list[SamlProvider], iam_rights: Rights) -> list[WayIn]:
    """The roles of people: those assumed through an identity provider of the account, and administrators' that another account may assume."""
    found: list[WayIn] = []
    for role in iam_authorization_details.roles:
        if error_of(role):
            found.append(cast(WayIn, role))
            continue
        try:
            found += _of_role(role, saml_providers, iam_rights, aws.account)
        except AwsError as error:
            found.append(unread(error, role.arn))
    return found


def _of_role(role: Role, providers: list[SamlProvider], rights: Rights, account: str) -> list[WayIn]:
    through_provider = role.trusts_some_saml and any(role.trusts_saml(provider.arn) for provider in providers)
    if not through_provider and not role.trusts_other_accounts(account):
        return []
    return _way(role, "role", rights.administers, console=through_provider, seen="")


def _way(one: P, kind: str, administers: Callable[[P], bool], *, console: bool, seen: str) -> list[WayIn]:
    """As whom somebody gets in: through the console with whatever rights, else only as an administrator."""
    try:
        everything = administers(one)
    except AwsError:
        if not console:
            raise
        everything = False  # what may be done there is said beside the verdict, and is not its ground
    return [WayIn(one.arn, kind, console or kind == "role", everything, one.bounded, seen)] if console or everything else []


@read("iam:GetLoginProfile", "iam:ListAccessKeys", per="account")
def ways_in(aws: Aws, credential_report: CredentialReport, iam_users: list[User], iam_rights: Rights, ways_in_by_role: list[WayIn]) -> WaysIn:
    """Every way in, of users by the report. Where there would be none through the console, the users are asked live: one may be newer."""
    roles = _or_one(ways_in_by_role)
    users = _or_one(iam_users)
    rows = Index(_or_one(or_unread(lambda: credential_report.users)), lambda row: [row.arn])

    def way(user: User, password: bool, key: bool, seen: str) -> list[WayIn]:
        return _way(user, "user", iam_rights.administers_as, console=password, seen=seen) if password or key else []

    def by_report(user: User) -> list[WayIn]:
        row = rows.get(user.arn)
        return [] if row is None else way(user, row.password, row.key, str(credential_report))

    def live(user: User) -> list[WayIn]:
        key = has_active_key(aws, user.arn, user.user_name)
        password = aws.ask("iam:GetLoginProfile", UserName=user.user_name, absent="NoSuchEntity") is not None
        return way(user, password, key, f"asked live; {credential_report}")

    readable = [user for user in users if not error_of(user)]
    unreadable = [cast(WayIn, user) for user in users if error_of(user)]
    reported = [way for user in readable for way in _or_one(or_unread(partial(by_report, user)))]
    if any(not error_of(way) and way.console for way in [*roles, *reported]) or any(map(error_of, reported)):
        return WaysIn([*roles, *reported, *unreadable])
    answers = aws.each(readable, live)
    asked: list[WayIn] = []
    for user in readable:
        try:
            asked += answers[user]
        except Vanished:
            continue
        except AwsError as error:
            asked.append(unread(error, user.arn))
    return WaysIn([*roles, *asked, *unreadable])


def _or_one(values: Sequence[T]) -> Sequence[T]:
    """The list, or where it could not be read, a list of one that could not."""
    return [cast(T, values)] if error_of(values) else values
