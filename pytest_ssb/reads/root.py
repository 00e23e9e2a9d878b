"""The root user's credentials, and when they were used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.credential_report import REPORT, CredentialReport, RootActivity
from pytest_ssb.reads.iam import AccountSummary
from pytest_ssb.reads.registry import read
from pytest_ssb.selectors import record
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile


class RootKeys(NamedTuple):
    """The root user's credentials for programs, as the account's summary counts them, and what else is known of them."""

    arn: str
    access_keys: int
    signing_certificates: int
    known: str


@read(per="account")
def root_keys(aws: Aws, account_summary: AccountSummary, credential_report: CredentialReport) -> RootKeys:
    """The root user's access keys and signing certificates; what the report tells besides decides nothing."""
    known = or_unread(lambda: _known(credential_report.root_activity, credential_report))
    return RootKeys(
        f"arn:{aws.partition}:iam::{aws.account}:root",
        account_summary.access_keys,
        account_summary.signing_certificates,
        "the report that tells more could not be read" if error_of(known) else known,
    )


def _known(activity: RootActivity | None, report: CredentialReport) -> str:
    if activity is None:
        return f"not in the {report}"
    active = sum(active for active, _ in activity.keys)
    used = max((used for _, used in activity.keys if used), default=None)
    return f"active keys: {active}, last used: {f'{used:%Y-%m-%d}' if used else 'never'}; {report}"


class RootUse(NamedTuple):
    """The last use of one of root's credentials."""

    credential: str
    at: datetime

    @property
    def day(self) -> str:
        """Its UTC day."""
        return f"{self.at:%Y-%m-%d}"

    def __str__(self) -> str:
        return f"{self.credential} on {self.day}"


@dataclass(frozen=True)
class RootUses:
    """When root was used last: the uses that are recent, the days for which the profile plans one, and the latest use of all."""

    arn: str
    seen: str
    exists: bool
    recent: tuple[RootUse, ...] = ()
    plans: frozenset[str] = frozenset()
    latest: RootUse | None = None
    age_of_account: int | None = None
    with_mfa: bool = False

    def planned(self) -> tuple[RootUse, ...]:
        """The recent uses that the profile plans; recorded, so that a plan that came to nothing can be told."""
        found = tuple(use for use in self.recent if use.day in self.plans)
        record("root.uses")
        for use in found:
            record("root.uses", use.day)
        return found

    @property
    def unplanned(self) -> tuple[RootUse, ...]:
        """The recent uses of which the profile says nothing."""
        return tuple(use for use in self.recent if use.day not in self.plans)

    @property
    def by_password_with_mfa(self) -> bool:
        """Whether all those uses were sign-ins, and root is known to have MFA."""
        return self.with_mfa and all(use.credential == "password" for use in self.unplanned)


@read(per="account")
def root_uses(aws: Aws, ssb_profile: Profile, account_summary: AccountSummary, credential_report: CredentialReport) -> RootUses:
    """When root's password and keys were last used, seen from when the report was made: a later use is not in it."""
    arn, made, activity = f"arn:{aws.partition}:iam::{aws.account}:root", credential_report.made, credential_report.root_activity
    if activity is None and aws.partition == "aws-us-gov":
        return RootUses(arn, str(credential_report), exists=False)
    if activity is None:
        raise UnexpectedAnswer(f"cannot tell when root was used: no row of root in the {credential_report}", REPORT)
    times = [("password", activity.signed_in), *(("access key", used) for _, used in activity.keys)]
    uses = [RootUse(credential, at) for credential, at in times if at is not None]
    earliest = made - timedelta(days=ssb_profile.root.recent_use_days)
    created = activity.created
    return RootUses(
        arn=arn,
        exists=True,
        recent=tuple(use for use in uses if use.at > earliest),
        plans=frozenset(plan.label for plan in ssb_profile.root.uses),
        latest=max(uses, key=lambda use: use.at, default=None),
        age_of_account=(made - created).days if created is not None and created > earliest else None,
        with_mfa=not error_of(account_summary) and account_summary.mfa == 1,
        seen=str(credential_report),
    )
