"""S3: whom the policies and ACLs of buckets let in from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.policies import ResourceDocument, Statement
from pytest_ssb.policy_access import Access, evaluate
from pytest_ssb.policy_circle import Circle, Reach
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.s3 import GONE, Bucket, PublicAccessBlock
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

WRITING = ("WRITE", "WRITE_ACP", "FULL_CONTROL")

EVERYONE = ("http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers")
Group = Literal[
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
    "http://acs.amazonaws.com/groups/s3/LogDelivery",
]
# The account by which CloudFront delivers standard logs, in AWS's partitions
# (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html, and the same page of docs.amazonaws.cn).
LOG_DELIVERY = (
    "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0",
    "a52cb28745c0c06e84ec548334e44bfa7fc2a85c54af20cd59e4969344b7af56",
)


class Grantee(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whom an ACL names (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Grantee.html): by mail address only when it is written."""

    type: Literal["CanonicalUser", "Group"]
    # absent for a group
    id: str | None = msgspec.field(name="ID", default=None)
    # absent for a user
    uri: Group | None = msgspec.field(name="URI", default=None)

    def __post_init__(self) -> None:
        """Refuse a grantee who is not named."""
        if (self.id if self.type == "CanonicalUser" else self.uri) is None:
            raise ValueError(f"a {self.type} without a name")


class Grant(msgspec.Struct, frozen=True, rename="pascal"):
    """A right that an ACL gives."""

    grantee: Grantee
    permission: Literal["FULL_CONTROL", "WRITE", "WRITE_ACP", "READ", "READ_ACP"]

    @property
    def public(self) -> bool:
        """Whether everyone has it, or everyone who has some AWS account."""
        return self.grantee.uri in EVERYONE


class Owner(msgspec.Struct, frozen=True):
    """Who owns a bucket."""

    id: str = msgspec.field(name="ID")


class Acl(msgspec.Struct, frozen=True, rename="pascal"):
    """A bucket's access control list (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html)."""

    owner: Owner
    grants: tuple[Grant, ...]

    @property
    def outsiders(self) -> tuple[str, ...]:
        """The canonical users who are let in besides the owner and AWS's delivery of logs."""
        users = (grant.grantee.id for grant in self.grants)
        return tuple(dict.fromkeys(user for user in users if user and user not in (self.owner.id, *LOG_DELIVERY)))


NOBODY = Acl(Owner(""), ())


@dataclass(frozen=True)
class Openings:
    """Who may get into a bucket from outside. A part that could not be read raises when it is looked at: the public ones have no doubt about them."""

    policy_public: bool
    policy_writes: bool
    acl: Acl
    ignored: bool  # whether public grants of the ACL have no effect
    seen: dict[str, object]

    @property
    def public(self) -> tuple[str, ...]:
        """What lets everyone in, as far as it was read."""
        found = ["the policy"] if _known(self.policy_public) else []
        return (*found, "the ACL") if self._known_grants() else tuple(found)

    @property
    def rights(self) -> str:
        """What everyone may do, where everyone gets in."""
        return "read" if not self.may_be_written else "write" if self._known_written() else "read, and perhaps write"

    @property
    def may_be_written(self) -> bool:
        """Whether everyone may write, or may for all that was read."""
        unknown = any(error_of(part) for part in (self.policy_public, self.policy_writes, self.acl, self.ignored))
        return unknown or self._known_written()

    @property
    def written(self) -> bool:
        """Whether everyone may write; raises where it hangs on what could not be read."""
        return self._known_written() or self.policy_writes or _write(self._grants())

    @property
    def outsiders(self) -> tuple[str, ...]:
        """The canonical users whom the ACL lets in, as far as it was read."""
        return () if error_of(self.acl) else self.acl.outsiders

    def settle(self) -> None:
        """Raise the error of the first part that could not be read, if any."""
        bool(self.policy_public)
        self._grants()

    def _known_written(self) -> bool:
        return _known(self.policy_writes) or _write(self._known_grants())

    def _grants(self) -> list[Grant]:
        found = [grant for grant in self.acl.grants if grant.public]
        return found if found and not self.ignored else []

    def _known_grants(self) -> list[Grant]:
        return [] if error_of(self.acl) or error_of(self.ignored) else self._grants()


def _known(value: bool) -> bool:
    return error_of(value) is None and value


def _write(grants: list[Grant]) -> bool:
    return any(grant.permission in WRITING for grant in grants)


OPENINGS = ("s3:GetBucketPolicyStatus", "s3:GetBucketPolicy", "s3:GetBucketOwnershipControls", "s3:GetBucketAcl")


@read(*OPENINGS, per="account")
def bucket_openings(aws: Aws, buckets: list[Bucket], bucket_public_access_blocks: PerResource[PublicAccessBlock]) -> PerResource[Openings]:
    """Whom each bucket's policy and ACL let in. A policy is not asked for where public ones are restricted, nor an ACL where ACLs have no effect."""
    return aws.each(buckets, lambda bucket: openings_of(aws, bucket, lambda: bucket_public_access_blocks[bucket]))


def openings_of(aws: Aws, bucket: Bucket, blocked: Callable[[], PublicAccessBlock]) -> Openings:
    """Whom one bucket's policy and ACL let in; a read that asks it declares `OPENINGS`."""
    s3, block = bucket.asked(aws), or_unread(blocked)
    seen: dict[str, object] = {}
    if error_of(block) is None:
        seen |= {name: block.settings[name] for name in ("RestrictPublicBuckets", "IgnorePublicAcls")}
    public = or_unread(lambda: _policy_is_public(s3, bucket, block, seen))
    return Openings(
        policy_public=public,
        policy_writes=or_unread(lambda: _policy_writes(s3, bucket)) if _known(public) else public,
        acl=or_unread(lambda: _acl(s3, bucket, seen)),
        ignored=or_unread(lambda: block.ignore_public_acls),
        seen=seen,
    )


def _policy_is_public(s3: Aws, bucket: Bucket, block: PublicAccessBlock, seen: dict[str, object]) -> bool:
    if error_of(block) is None and block.restrict_public_buckets:
        return False
    status = policy_is_public(s3, bucket)
    if status is None:
        return False
    seen["IsPublic"] = status
    return status and not block.restrict_public_buckets


def policy_is_public(s3: Aws, bucket: Bucket) -> bool | None:
    """Whether S3 calls a bucket's policy public, None where there is no policy."""
    answer = s3.ask("s3:GetBucketPolicyStatus", absent="NoSuchBucketPolicy", gone=GONE, Bucket=bucket.name)
    if answer is None:
        return None
    status = answer.get("PolicyStatus", {}).get("IsPublic")
    if not isinstance(status, bool):
        raise UnexpectedAnswer("s3:GetBucketPolicyStatus answered without IsPublic", "s3:GetBucketPolicyStatus")
    return status


def _acl(s3: Aws, bucket: Bucket, seen: dict[str, object]) -> Acl:
    ownership = "s3:GetBucketOwnershipControls"
    controls = s3.ask(ownership, absent="OwnershipControlsNotFoundError", gone=GONE, Bucket=bucket.name)
    rules = controls["OwnershipControls"]["Rules"] if controls is not None else ()
    chosen = {rule["ObjectOwnership"] for rule in rules}
    if chosen - {"BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"}:
        raise UnexpectedAnswer(f"{ownership} answered an ObjectOwnership that we do not know", ownership)
    seen["ObjectOwnership"] = ", ".join(sorted(chosen)) or "not set"
    if chosen == {"BucketOwnerEnforced"}:
        return NOBODY
    try:
        return msgspec.convert(s3.ask("s3:GetBucketAcl", gone=GONE, Bucket=bucket.name), Acl)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"s3:GetBucketAcl answered an ACL that we cannot read: {error}", "s3:GetBucketAcl") from None


def _policy_writes(s3: Aws, bucket: Bucket) -> bool:
    return lets_anybody_write(policy_of(s3, bucket))


def policy_of(s3: Aws, bucket: Bucket) -> tuple[Statement, ...]:
    """The statements of a bucket's policy, none where it has no policy."""
    answer = s3.ask("s3:GetBucketPolicy", absent="NoSuchBucketPolicy", gone=GONE, Bucket=bucket.name)
    if answer is None:
        return ()
    try:
        return msgspec.json.decode(answer["Policy"], type=ResourceDocument).statements
    except (KeyError, TypeError, msgspec.MsgspecError):
        raise UnexpectedAnswer("s3:GetBucketPolicy answered a policy that we cannot read", "s3:GetBucketPolicy") from None


# --- what a policy lets everyone do --------------------------------------------------------------------------------------------------------

# Whoever is named is somebody: who is trusted makes no difference to what everyone may do.
_ANYBODY = Circle("")


def open_to_everyone(statements: Iterable[Statement]) -> Access | None:
    """What the statements of a policy let everyone do, None where they let nobody in but whom they hold to something."""
    access = evaluate(statements, _ANYBODY)
    return access if access.reach is Reach.OPEN else None


def lets_anybody_write(statements: Iterable[Statement]) -> bool:
    """Whether some statement lets everyone do more than read and list."""
    access = open_to_everyone(statements)
    return access is not None and access.writes


def names_everyone(statement: Statement) -> bool:
    """Whether it is for everyone, but for what its conditions say."""
    if statement.principal is None:
        return statement.not_principal is not None
    kinds = statement.principal if isinstance(statement.principal, dict) else {"AWS": statement.principal}
    return any("*" in statement.principals(kind) for kind in kinds)
