"""S3: the buckets that hold CloudTrail's logs: whom they let in, and what keeps the logs there."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

import msgspec

from pytest_ssb.errors import AwsError, UnexpectedAnswer
from pytest_ssb.policies import Statement, matches, only_reads
from pytest_ssb.reads.cloudtrail import TRAILS, Trail, trails_seen
from pytest_ssb.reads.credential_report import GENERATE, REPORT, may_sign_in
from pytest_ssb.reads.iam import account_summary
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.s3 import ACCOUNT_BLOCK, BLOCK, GONE, LISTING, Bucket, PublicAccessBlock, effective_block, listed_buckets
from pytest_ssb.reads.s3 import account_public_access_block as account_block
from pytest_ssb.reads.s3_openings import (
    OPENINGS,
    Openings,
    names_everyone,
    open_to_everyone,
    openings_of,
    policy_of,
)
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

VERSIONING, LOCK, LIFECYCLE = "s3:GetBucketVersioning", "s3:GetObjectLockConfiguration", "s3:GetBucketLifecycleConfiguration"
CLOUDTRAIL = "cloudtrail.amazonaws.com"
ARCHIVE = "log_archive_profile"

T = TypeVar("T")


@dataclass(frozen=True)
class LogBucket:
    """A bucket that trails name.

    `bucket` is None where no account that we get into has it, and where `unread` kept us from knowing. `owner` is the account that has it, and
    `judged_there` says that this one's own run judges it, too. `archive` is the account to which `log_archive_profile` leads.
    """

    arn: str
    name: str
    bucket: Bucket | None
    trails: tuple[Trail, ...]
    account: str
    owner: str | None = None
    archive: str | None = None
    judged_there: bool = False
    unread: Exception | None = None

    @property
    def found(self) -> bool:
        """Whether an account that we get into has it. Raises what kept us from knowing."""
        if self.unread is not None:
            raise self.unread
        return self.bucket is not None

    @property
    def region(self) -> str | None:
        """Where it lives, where that is known."""
        return self.bucket.region if self.bucket else None

    @property
    def foreign_trail(self) -> str | None:
        """The organization's trail that names it, where no trail of the account does."""
        return None if any(trail.owner == self.account for trail in self.trails) else self.trails[0].arn

    @property
    def control_tower(self) -> bool:
        """Whether AWS Control Tower has set it up, and keeps its policy (its trails are called so)."""
        return any(trail.name.startswith("aws-controltower-") for trail in self.trails)


@dataclass(frozen=True)
class Archive:
    """Another account: the buckets of it that were looked for, and the names of those that its own run judges as log buckets."""

    account: str
    buckets: Mapping[str, Bucket]
    judged: frozenset[str]


@dataclass(frozen=True)
class Archives:
    """The accounts in which a log bucket may lie: that to which `log_archive_profile` leads (`named`), else the others of the run."""

    named: str | None
    found: Sequence[Archive]
    unread: Exception | None  # why one of them could not be looked into

    def placed(self, bucket: LogBucket) -> LogBucket:
        """The bucket with the account that has it, where one does."""
        for archive in self.found:
            if bucket.name in archive.buckets:
                held, judged = archive.buckets[bucket.name], bucket.name in archive.judged
                return replace(bucket, bucket=held, owner=archive.account, judged_there=judged)
        return replace(bucket, archive=self.named, unread=self.unread)


@read(per="account", through={ARCHIVE: (*LISTING, TRAILS)})
def log_buckets(aws: Aws, trails: list[Trail], buckets: list[Bucket]) -> list[LogBucket]:
    """The buckets that any trail names, those that are stopped or of one region included."""
    by_name: dict[str, list[Trail]] = {}
    for trail in trails:
        by_name.setdefault(trail.bucket, []).append(trail)
    ours = {bucket.name: bucket for bucket in buckets} if by_name else {}
    elsewhere = by_name.keys() - ours.keys()
    archives = _archives(aws, elsewhere) if elsewhere else None

    def log_bucket(name: str, named: list[Trail]) -> LogBucket:
        one = LogBucket(f"arn:{aws.partition}:s3:::{name}", name, ours.get(name), tuple(named), aws.account, owner=aws.account)
        return archives.placed(replace(one, owner=None)) if archives and name in elsewhere else one

    return [log_bucket(name, named) for name, named in sorted(by_name.items())]


def _archives(aws: Aws, wanted: Set[str]) -> Archives:
    try:
        named = aws.through(ARCHIVE)
    except AwsError as error:
        return Archives(None, (), error)
    places = aws.of_the_run(ARCHIVE) if named is None else [named]
    looked = [or_unread(functools.partial(_archive, there, wanted)) for there in places]
    known = [each for each in looked if error_of(each) is None]
    return Archives(None if named is None else named.account, known, next(filter(None, map(error_of, looked)), None))


def _archive(there: Aws, wanted: Set[str]) -> Archive:
    found = {bucket.name: bucket for bucket in there.telling(lambda: listed_buckets(there)) if bucket.name in wanted}
    # Its own run judges the buckets of the trails that it sees: of its own, and of the organization's.
    seen = there.telling(lambda: trails_seen(there, shadows=True)) if found and there.judged else []
    return Archive(there.account, found, frozenset(trail.bucket for trail in seen))


def _asked(aws: Aws, found: list[LogBucket], ask: Callable[[Aws, Bucket], T]) -> PerResource[T]:
    """What is asked of each log bucket, where it lies in this account or in the archive's."""
    held: dict[str | None, list[Bucket]] = {}
    for each in found:
        if each.bucket is not None:
            held.setdefault(each.owner, []).append(each.bucket)
    answers: PerResource[T] = aws.each(held.pop(aws.account, []), lambda bucket: ask(aws, bucket))
    for owner, theirs in held.items():
        there = aws.through(ARCHIVE, owner)
        if there is not None:
            answers |= there.each(theirs, functools.partial(ask, there))
    return answers


def _block(aws: Aws, bucket: Bucket, ours: PublicAccessBlock) -> PublicAccessBlock:
    of_account = ours if aws.reached is None else or_unread(lambda: account_block(aws))
    return effective_block(aws, bucket, of_account)


@read(BLOCK, per="account", through={ARCHIVE: (BLOCK, ACCOUNT_BLOCK)})
def log_bucket_blocks(aws: Aws, log_buckets: list[LogBucket], account_public_access_block: PublicAccessBlock) -> PerResource[PublicAccessBlock]:
    """What is blocked for the log buckets."""
    return _asked(aws, log_buckets, lambda aws, bucket: _block(aws, bucket, account_public_access_block))


@read(BLOCK, *OPENINGS, per="account", through={ARCHIVE: (BLOCK, ACCOUNT_BLOCK, *OPENINGS)})
def log_bucket_openings(aws: Aws, log_buckets: list[LogBucket], account_public_access_block: PublicAccessBlock) -> PerResource[Openings]:
    """Whom the policies and ACLs of the log buckets let in."""
    return _asked(aws, log_buckets, lambda aws, bucket: openings_of(aws, bucket, lambda: _block(aws, bucket, account_public_access_block)))


@read("s3:GetBucketPolicy", per="account", through={ARCHIVE: ("s3:GetBucketPolicy",)})
def log_bucket_policies(aws: Aws, log_buckets: list[LogBucket]) -> PerResource[LogPolicy]:
    """The policies of the log buckets."""
    return _asked(aws, log_buckets, lambda aws, bucket: LogPolicy(policy_of(bucket.asked(aws), bucket), aws.account))


# --- whom the policy lets in ---------------------------------------------------------------------------------------------------------------

_NEEDED = {"s3:getbucketacl", "s3:putobject"}
# Services of AWS that deliver logs and findings into buckets, and what they need there for it.
_DELIVERING = {
    *("config.amazonaws.com", "delivery.logs.amazonaws.com", "guardduty.amazonaws.com", "logging.s3.amazonaws.com"),
    *("logdelivery.elasticloadbalancing.amazonaws.com", "logdelivery.elb.amazonaws.com"),
}
_DELIVERY = _NEEDED | {"s3:getbucketlocation", "s3:listbucket"}
# Keys that say who calls, or from where.
_CALLER = ("aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:sourceaccount", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceip")
_STATED = {"stringequals", "stringlike", "arnequals", "arnlike"}


class Reader(NamedTuple):
    """Who is let in for reading: an ARN, or what else a policy calls somebody, and the account, None where it is not known."""

    who: str
    account: str | None


@dataclass(frozen=True)
class LogPolicy:
    """The policy of a log bucket."""

    statements: tuple[Statement, ...]
    account: str

    @property
    def excess(self) -> list[str]:
        """What it allows somebody that nobody needs."""
        return [problem for statement in self._allowing() for problem in _excess(statement)]

    @property
    def everyone(self) -> list[str]:
        """What it allows everyone."""
        access = open_to_everyone(self.statements)
        return [access.why] if access else []

    @property
    def services(self) -> list[str]:
        """The services of AWS that it lets in and that are not known to deliver logs."""
        found = (who for statement in self._allowing() for who in statement.principals("Service") if isinstance(statement.principal, dict))
        return sorted({who for who in found if who != CLOUDTRAIL and who not in _DELIVERING})

    @property
    def readers(self) -> list[Reader]:
        """Whom it lets read, services apart."""
        return list(dict.fromkeys(reader for statement in self._allowing() for reader in _readers(statement)))

    def source_of(self, trail: Trail) -> str | None:
        """What is wrong with how it holds CloudTrail to this trail by aws:SourceArn; None if nothing is."""
        mine = [statement for statement in self._allowing() if CLOUDTRAIL in statement.principals("Service")]
        if not mine:
            return "no statement lets CloudTrail in by its name"
        if not all(any(_is_narrow(value) for value in _sources(statement)) for statement in mine):
            return "CloudTrail is let in without a condition on aws:SourceArn"
        if not any(matches(value, trail.arn) for statement in mine if statement.covers("s3:PutObject") for value in _sources(statement)):
            return f"aws:SourceArn names other trails than {trail.arn}"
        return None

    @property
    def guarded_otherwise(self) -> bool:
        """Whether each statement for CloudTrail has at least the account or organization as a condition."""
        keys = {"aws:sourceaccount", "aws:sourceorgid", "aws:sourcearn"}
        mine = [statement for statement in self._allowing() if CLOUDTRAIL in statement.principals("Service")]
        return bool(mine) and all(any(key in keys and operator in _STATED for operator, key, _ in each.conditions()) for each in mine)

    @property
    def denies_deletion(self) -> bool:
        """Whether nobody may delete an object of it, not even an old version."""
        return any(
            not statement.allows
            and names_everyone(statement)
            and not statement.condition
            and all(statement.covers(action) for action in ("s3:DeleteObject", "s3:DeleteObjectVersion"))
            and statement.resource is not None
            and "/*" in str(statement.resource)
            for statement in self.statements
        )

    def _allowing(self) -> Iterator[Statement]:
        return (statement for statement in self.statements if statement.allows)


def _excess(statement: Statement) -> Iterator[str]:
    if isinstance(statement.principal, dict):
        for service in statement.principals("Service"):
            needed = _NEEDED if service == CLOUDTRAIL else _DELIVERY
            more = [action for action in statement.actions if action.lower() not in needed]
            if more and (service == CLOUDTRAIL or service in _DELIVERING):
                yield f"{service} may {', '.join(more)}"
    if not only_reads(statement):
        yield from (f"{reader.who} may {', '.join(statement.actions)}" for reader in _readers(statement))


def _readers(statement: Statement) -> Iterator[Reader]:
    if names_everyone(statement):
        for operator, keys in statement.condition.items():
            for key, values in keys.items():
                if key.lower() in _CALLER and operator.lower() in (*_STATED, "ipaddress"):
                    yield from (_reader(str(value)) for value in (values if isinstance(values, tuple) else (values,)))
        return
    for kind in statement.principal if isinstance(statement.principal, dict) else ("AWS",):
        if kind != "Service":
            yield from (_reader(who) for who in statement.principals(kind))


def _reader(who: str) -> Reader:
    account = who if who.isdigit() else who.split(":")[4] if who.count(":") >= 5 else None
    return Reader(who, account)


def _sources(statement: Statement) -> list[str]:
    """The values of its conditions on aws:SourceArn that hold also where the key is absent."""
    return [
        str(value)
        for operator, keys in statement.condition.items()
        for key, values in keys.items()
        if operator.lower() in _STATED and key.lower() == "aws:sourcearn"
        for value in (values if isinstance(values, tuple) else (values,))
    ]


def _is_narrow(source: str) -> bool:
    """Whether a source is of one account, whatever its trail."""
    parts = source.split(":", 5)
    return len(parts) == 6 and parts[2] == "cloudtrail" and parts[4].isdigit()


# --- what keeps the logs -------------------------------------------------------------------------------------------------------------------


class Versioning(msgspec.Struct, frozen=True, rename="pascal"):
    """Versions (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html): both absent where they were never set."""

    status: Literal["Enabled", "Suspended"] | None = None
    mfa_delete: Literal["Enabled", "Disabled"] | None = msgspec.field(name="MFADelete", default=None)

    @property
    def needs_mfa(self) -> bool:
        """Whether versions are kept, and deleted with MFA alone."""
        return self.status == "Enabled" and self.mfa_delete == "Enabled"


class Retention(msgspec.Struct, frozen=True, rename="pascal"):
    """How long an object cannot be deleted, by default."""

    mode: Literal["GOVERNANCE", "COMPLIANCE"]


class LockRule(msgspec.Struct, frozen=True, rename="pascal"):
    """What holds for new objects; without a default, nothing does."""

    default_retention: Retention | None = None


class Lock(msgspec.Struct, frozen=True, rename="pascal"):
    """Object Lock (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ObjectLockConfiguration.html): absent where it is not set."""

    object_lock_enabled: Literal["Enabled"] | None = None
    rule: LockRule | None = None

    @property
    def keeps(self) -> bool:
        """Whether new objects cannot be deleted for a time."""
        return self.object_lock_enabled is not None and self.rule is not None and self.rule.default_retention is not None


class Tag(msgspec.Struct, frozen=True, rename="pascal"):
    """A tag."""

    key: str


class Filter(msgspec.Struct, frozen=True, rename="pascal"):
    """Which objects a rule is about; what is absent does not narrow it (https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRuleFilter.html)."""

    prefix: str | None = None
    tag: Tag | None = None
    tags: tuple[Tag, ...] = ()
    object_size_greater_than: int | None = None
    object_size_less_than: int | None = None
    all_of: Filter | None = msgspec.field(name="And", default=None)

    @property
    def begins(self) -> str:
        """The prefix, empty for all objects."""
        return self.prefix or (self.all_of.begins if self.all_of else "")

    @property
    def tagged(self) -> bool:
        """Whether it is about tagged objects alone, which CloudTrail's are not."""
        return bool(self.tag or self.tags or (self.all_of and self.all_of.tagged))


class Expiration(msgspec.Struct, frozen=True, rename="pascal"):
    """When current versions end."""

    days: int | None = None
    date: datetime | None = None
    expired_object_delete_marker: bool | None = None

    def __post_init__(self) -> None:
        """Refuse one that says nothing."""
        if self.days is None and self.date is None and self.expired_object_delete_marker is None:
            raise ValueError("an expiration without Days, Date or ExpiredObjectDeleteMarker")


class Rule(msgspec.Struct, frozen=True, rename="pascal"):
    """A lifecycle rule (https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html)."""

    status: Literal["Enabled", "Disabled"]
    # absent where the rule ends no current versions: it moves them, or ends old ones
    expiration: Expiration | None = None
    # one of the two; without either the rule is about all objects
    filter: Filter | None = None
    prefix: str | None = None

    def ends(self, below: str) -> str | None:
        """When it ends objects below a prefix, None if it does not."""
        begins = self.filter.begins if self.filter else self.prefix or ""
        touches = begins.startswith(below) or below.startswith(begins)
        if self.status != "Enabled" or self.expiration is None or not touches or (self.filter and self.filter.tagged):
            return None
        if self.expiration.date is not None:
            return f"on {self.expiration.date.date()}"
        return None if self.expiration.days is None else f"after {self.expiration.days} days"

    @property
    def days(self) -> int:
        """After how many days objects end; none where they end on a date."""
        return (self.expiration.days if self.expiration else None) or 0


@dataclass(frozen=True)
class Keeping:
    """What keeps a log bucket's objects, and what ends them."""

    versioning: Versioning
    lock: Lock | None

    @property
    def locked(self) -> bool:
        """Whether Object Lock keeps new objects by default."""
        return self.lock is not None and self.lock.keeps


@read(VERSIONING, LOCK, per="account", through={ARCHIVE: (VERSIONING, LOCK)})
def log_bucket_keeping(aws: Aws, log_buckets: list[LogBucket]) -> PerResource[Keeping]:
    """Whether MFA Delete or Object Lock keep the logs; the lock is asked for where MFA Delete does not."""

    def keeping(aws: Aws, bucket: Bucket) -> Keeping:
        s3 = bucket.asked(aws)
        versioning = _parsed(VERSIONING, s3.ask(VERSIONING, gone=GONE, Bucket=bucket.name), Versioning)
        if versioning.needs_mfa:
            return Keeping(versioning, None)
        answer = s3.ask(LOCK, absent="ObjectLockConfigurationNotFoundError", gone=GONE, Bucket=bucket.name)
        return Keeping(versioning, None if answer is None else _parsed(LOCK, answer.get("ObjectLockConfiguration"), Lock))

    return _asked(aws, log_buckets, keeping)


@read(per="account", through={ARCHIVE: ("iam:GetAccountSummary", REPORT, GENERATE)})
def log_archive_roots(aws: Aws, log_buckets: list[LogBucket]) -> Mapping[str, bool]:
    """Whether root may sign in, so that it can set MFA Delete, by the other accounts that have log buckets."""
    owners = {each.owner for each in log_buckets if each.owner is not None} - {aws.account}
    handles = [there for owner in sorted(owners) if (there := aws.through(ARCHIVE, owner)) is not None]
    return {there.account: or_unread(lambda one=there: one.telling(lambda: may_sign_in(one, account_summary(one)))) for there in handles}  # type: ignore[misc]


@read(
    LIFECYCLE,
    per="account",
    absent={
        f"{LIFECYCLE} Rules.Expiration": "the rule ends no current versions of objects: "
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html",
    },
    through={ARCHIVE: (LIFECYCLE,)},
)
def log_bucket_rules(aws: Aws, log_buckets: list[LogBucket]) -> PerResource[tuple[Rule, ...]]:
    """The lifecycle rules of the log buckets."""

    def rules(aws: Aws, bucket: Bucket) -> tuple[Rule, ...]:
        answer = bucket.asked(aws).ask(LIFECYCLE, absent="NoSuchLifecycleConfiguration", gone=GONE, Bucket=bucket.name)
        return () if answer is None else _parsed(LIFECYCLE, answer.get("Rules"), tuple[Rule, ...])

    return _asked(aws, log_buckets, rules)


def _parsed(operation: str, answer: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{operation} answered what we cannot read: {error}", operation) from None
