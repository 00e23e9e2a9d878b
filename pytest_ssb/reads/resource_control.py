"""Organizations: what resource control policies keep strangers from, in the buckets whose own policies do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.policies import Statement
from pytest_ssb.reads.bucket_policies import ENDPOINTS, READING, VPCS, networks_named
from pytest_ssb.reads.organizations import Membership
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.resource_policies import Judged, judged, statements_of
from pytest_ssb.reads.s3 import Bucket
from pytest_ssb.reads.s3_sensitive import Place, SensitiveBuckets
from pytest_ssb.reads.trust import Trust
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

PARENTS, ATTACHED, DESCRIBED = "organizations:ListParents", "organizations:ListPoliciesForTarget", "organizations:DescribePolicy"
# Five levels of organizational units (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html), and some more.
DEEPEST = 12


@dataclass(frozen=True)
class Controlled:
    """The Denies of the resource control policies over the account; `unknown` is why nobody tells them, None where they are known."""

    denies: tuple[Statement, ...] = ()
    unknown: str | None = None


@read(per="account", through={"organization_profile": (PARENTS, ATTACHED, DESCRIBED)})
def resource_control(
    aws: Aws, membership: Membership, sensitive_buckets: SensitiveBuckets, sensitive_perimeters: PerResource[dict[Place, Judged]]
) -> Controlled:
    """The resource control policies over the account, asked for where a sensitive bucket's own policy lets strangers read.

    They do not reach the management account (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html).
    """
    if not any(_is_open(sensitive_perimeters, place) for place in sensitive_buckets.places):
        return Controlled()
    if membership.organization is None or membership.management is not None:
        return Controlled()
    other = aws.through("organization_profile", membership.organization.management_account)
    if other is None:
        return Controlled(unknown="a resource control policy may keep them out, which the account that organization_profile names would tell")
    return Controlled(other.telling(lambda: _denies(other, aws.account)))


def _is_open(perimeters: PerResource[dict[Place, Judged]], place: Place) -> bool:
    """Whether the bucket's policy is known not to suffice; one that could not be read is the check's to tell."""
    left = or_unread(lambda: perimeters[place][place])
    return error_of(left) is None and left.fails is not None


def _denies(other: Aws, account: str) -> tuple[Statement, ...]:
    over, child = [account], account
    while len(over) < DEEPEST:
        parent = _only(other.list(PARENTS, "Parents", ChildId=child))
        child = _text(parent, "Id", PARENTS)
        over.append(child)
        if _text(parent, "Type", PARENTS) == "ROOT":
            break
    else:
        raise UnexpectedAnswer(f"{PARENTS} answered more than {DEEPEST} levels", PARENTS)
    attached = [policy for id in over for policy in other.list(ATTACHED, "Policies", TargetId=id, Filter="RESOURCE_CONTROL_POLICY")]
    ids = dict.fromkeys(_text(policy, "Id", ATTACHED) for policy in attached)
    texts = [_text(other.ask(DESCRIBED, PolicyId=id).get("Policy") or {}, "Content", DESCRIBED) for id in ids]
    return tuple(statement for text in texts for statement in statements_of(text, DESCRIBED) if not statement.allows)


def _only(parents: list[Any]) -> Mapping[str, Any]:
    if len(parents) != 1:
        raise UnexpectedAnswer(f"{PARENTS} answered {len(parents)} parents", PARENTS)
    parent: Mapping[str, Any] = parents[0]
    return parent


def _text(answer: Mapping[str, Any], key: str, operation: str) -> str:
    found = answer.get(key)
    if not isinstance(found, str):
        raise UnexpectedAnswer(f"{operation} answered without {key}", operation)
    return found


@read(VPCS, ENDPOINTS, per="account")
def controlled_perimeters(
    aws: Aws, account_trust: Trust, sensitive_buckets: SensitiveBuckets, resource_control: Controlled
) -> PerResource[dict[Place, Judged]]:
    """Who is left to read each sensitive place by the resource control policies over the account, were everyone allowed to."""
    buckets = {place.bucket.arn: place.bucket for place in sensitive_buckets.places}

    def left(bucket: Bucket) -> dict[Place, Judged]:
        denies = resource_control.denies
        trust = account_trust.with_networks(networks_named(bucket.asked(aws), denies))
        return {
            place: judged((Statement(effect="Allow", principal="*", action=READING, resource=f"{place.objects}*"), *denies), trust, DESCRIBED)
            for place in sensitive_buckets.places
            if place.arn == bucket.arn
        }

    return aws.each(buckets.values(), left)
