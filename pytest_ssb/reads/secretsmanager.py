"""Secrets Manager's secrets and how they are rotated. No secret's value is ever asked for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.errors import Undecided
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

SECRETS = "secretsmanager:ListSecrets"
ENTRY = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html"
DESCRIBED = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html"
# Tags that AWS's databases write on a secret that is theirs.
DATABASE_TAGS = ("aws:rds:", "aws:redshift:", "aws:docdb:")


class Tag(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Tag.html"""

    key: str


class Rules(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html"""

    # It has one of the two.
    automatically_after_days: int | None = None
    schedule_expression: str | None = None

    def __post_init__(self) -> None:
        """Refuse rules that give no schedule."""
        if self.automatically_after_days is None and self.schedule_expression is None:
            raise ValueError("rotation rules need AutomaticallyAfterDays or ScheduleExpression")


class Secret(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html"""

    arn: str
    name: str
    created_date: datetime
    # absent: never set up for rotation
    rotation_enabled: bool = False
    rotation_lambda: str | None = msgspec.field(default=None, name="RotationLambdaARN")
    rotation_rules: Rules | None = None
    # absent: it has never been rotated
    last_rotated_date: datetime | None = None
    # absent: none is planned
    next_rotation_date: datetime | None = None
    # absent: nobody's but the account's own
    owning_service: str | None = None
    # absent: it is no copy of another region's
    primary_region: str | None = None
    # absent: it is not to be deleted
    deleted_date: datetime | None = None
    tags: tuple[Tag, ...] = ()

    @property
    def rotatable(self) -> bool:
        """Whether AWS can rotate it: it is a service's or a database's, or has had a function for that."""
        return bool(self.owning_service or self.rotation_lambda or any(tag.key.startswith(DATABASE_TAGS) for tag in self.tags))

    def overdue(self, longest: int) -> str | None:
        """Why it is not rotated as its schedule says, with a day of grace; None if it is. `longest` counts where the schedule says nothing."""
        days, now = self._days(longest), datetime.now(UTC)
        if days is None:
            if self.next_rotation_date is None:
                raise Undecided("its schedule is a cron expression, and no next rotation is told")
            late = self.next_rotation_date + timedelta(days=1) < now
            return f"should have been rotated on {self.next_rotation_date:%Y-%m-%d}" if late else None
        since = self.last_rotated_date or self.created_date
        if now - since <= timedelta(days=days + 1):
            return None
        when = f"last rotated on {since:%Y-%m-%d}" if self.last_rotated_date else f"never rotated since {since:%Y-%m-%d}"
        return f"{when}, and due every {days:g} days"

    def _days(self, longest: int) -> float | None:
        rules = self.rotation_rules
        if rules is not None and rules.automatically_after_days:
            return rules.automatically_after_days
        rate = re.fullmatch(r"rate\((\d+) (hour|day)s?\)", rules.schedule_expression or "") if rules is not None else None
        if rate is not None:
            return int(rate[1]) / (24 if rate[2] == "hour" else 1)
        return None if rules is not None and rules.schedule_expression else longest


@read(
    SECRETS,
    per="region",
    absent={
        f"{SECRETS} SecretList.RotationEnabled": f"never set up for rotation ({DESCRIBED})",
        f"{SECRETS} SecretList.RotationRules": f"never set up for rotation ({DESCRIBED})",
        f"{SECRETS} SecretList.RotationRules.AutomaticallyAfterDays": f"the schedule is an expression ({ENTRY})",
        f"{SECRETS} SecretList.RotationLambdaARN": f"no function of the account's own rotates it ({ENTRY})",
        f"{SECRETS} SecretList.OwningService": f"no service owns it ({ENTRY})",
        f"{SECRETS} SecretList.Tags": f"it has none ({ENTRY})",
    },
)
def rotating_secrets(aws: Aws) -> list[Secret]:
    """The secrets of the region, but for copies of other regions' and those that are being deleted."""
    found: list[Secret] = aws.resources(SECRETS, "SecretList", Secret, "{ARN}")
    return [each for each in found if error_of(each) or not _elsewhere(each, aws.region)]


def _elsewhere(secret: Secret, region: str | None) -> bool:
    return secret.deleted_date is not None or (secret.primary_region is not None and secret.primary_region != region)
