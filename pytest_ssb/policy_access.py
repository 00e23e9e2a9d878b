"""Whom a policy lets in: the verdict on a resource's policy, a role's trust policy or a VPC endpoint's, and the words why.

Pure, and on the careful side: what cannot be proven to keep somebody out lets them in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from pytest_ssb.policies import Statement, only_reads
from pytest_ssb.policy_circle import Circle, Reach, is_literal
from pytest_ssb.policy_conditions import TEXT, Mode, conditions_of, left_alone, let_through, of_arn
from pytest_ssb.policy_federation import federated
from pytest_ssb.policy_patterns import contains, disjoint

# Accounts of AWS that deliver logs into buckets, by region
# (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html,
# https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html).
DELIVERING_ACCOUNTS = frozenset(
    {
        *("127311923021", "033677994240", "027434742980", "797873946194", "098369216593", "754344448648", "589379963580", "718504428378"),
        *("383597477331", "600734575887", "114774131450", "783225319266", "582318560864", "985666609251", "054676820928", "156460612806"),
        *("652711504416", "635631232127", "009996457667", "897822967062", "076674570225", "507241528517", "048591011584", "190560391635"),
        *("638102146993", "037604701340"),
        *("193672423079", "391106570357", "262260360010", "902366379725", "365689465814", "313564881002", "865932855811", "090321488786"),
        *("760740231472", "361669875840", "762762565011", "404641285394", "907379612154", "053454850223", "210876761215", "307160386991"),
        *("945612479654", "915173422425", "729911121831", "013126148197", "075028567923", "111890595117", "660998842044", "665727464434"),
    }
)
_DELIVERY = {"s3:putobject", "s3:getbucketacl"}
# An id that stays in the place of a principal that was deleted.
_DELETED = re.compile("A[A-Z]{2}A[A-Z0-9]{12,}")


class Access(msgspec.Struct, frozen=True):
    """Whom a policy lets in: the worst of its statements, in words, and what may be done then; `services` are those that act for whomever they please."""

    reach: Reach
    why: str
    writes: bool = False
    services: tuple[str, ...] = ()


class _Who(NamedTuple):
    reach: Reach
    said: str


class _Grant(NamedTuple):
    statement: Statement
    who: _Who


def evaluate(statements: Iterable[Statement], circle: Circle, mode: Mode = "resource", *, but_everyone: bool = False) -> Access:
    """Whom the statements of a policy let in, in the eyes of an account; `but_everyone`: besides everyone, who is kept out by something else.

    `resource` is the policy of a resource, `bare` one that hangs on a resource and names none, as of ECR, `trust` that of a role, `endpoint` that of
    a VPC endpoint, where everyone may call and what is called is held.
    Raises ValueError for a principal of a kind that there is not.
    """
    known = tuple(statements)
    denies = [(deny, reach) for deny in known if not deny.allows and (reach := _left(deny, circle, mode)) is not None]
    grants = [grant for allow in known if allow.allows for grant in _grants(allow, denies, circle, mode)]
    if but_everyone:
        grants = [grant for grant in grants if grant.who.reach is not Reach.OPEN]
    reach = max((grant.who.reach for grant in grants), default=Reach.OK)
    worst = [grant for grant in grants if grant.who.reach is reach]
    if reach is Reach.OK:
        return Access(reach, "; ".join(dict.fromkeys(grant.who.said for grant in worst[:3])) or "lets nobody in")
    return Access(
        reach,
        "; ".join(dict.fromkeys(f"{grant.who.said} may {_actions(grant.statement)}" for grant in worst)),
        writes=any(not only_reads(grant.statement) for grant in worst),
        services=tuple(dict.fromkeys(grant.who.said.partition(",")[0] for grant in grants if grant.who.reach is Reach.DEPUTY)),
    )


def _grants(allow: Statement, denies: Sequence[tuple[Statement, Reach]], circle: Circle, mode: Mode) -> Iterator[_Grant]:
    """Each principal of an Allow, as far as conditions and Denies leave it in: who is let in must be let through by all of them."""
    through = let_through(allow, circle, mode)
    least = min(through, key=lambda let: let.reach, default=None)
    narrowed = min((reach for deny, reach in denies if _covers(deny, allow, mode)), default=Reach.OPEN)
    if mode == "endpoint":
        narrowed = min(narrowed, _of_resources(allow, circle))
    for who in _principals(allow, circle):
        reach, said = who
        if least is not None and least.reach < reach:
            reach, said = least.reach, f"{said}, held to {least.said}" if least.reach is not Reach.OK else f"held to {least.said}"
        if narrowed < reach:
            reach, said = narrowed, f"{said}, as far as a Deny leaves it" if narrowed is not Reach.OK else "the rest is denied or not reached"
        if mode == "trust" and reach is not Reach.OPEN and reach > Reach.ASKED and _asks_for_external_id(allow):
            reach = Reach.ASKED
        yield _Grant(allow, _Who(reach, said))


def _principals(statement: Statement, circle: Circle) -> Iterator[_Who]:
    if statement.principal is None:
        yield _Who(Reach.OPEN, "everyone but those of NotPrincipal")
        return
    yield from _named(statement.principal, statement, circle)


def _named(principal: str | dict[str, str | tuple[str, ...]], statement: Statement, circle: Circle) -> Iterator[_Who]:
    kinds = principal if isinstance(principal, dict) else {"AWS": principal}
    for kind, given in kinds.items():
        for name in (given,) if isinstance(given, str) else given:
            yield _one(kind, name, statement, circle)


def _one(kind: str, name: str, statement: Statement, circle: Circle) -> _Who:
    if name == "*":
        return _Who(Reach.OPEN, "everyone")
    if kind == "Service":
        return _Who(Reach.DEPUTY if is_literal(name) else Reach.OPEN, f"{name}, for whomever it acts,")
    if kind == "Federated":
        return _Who(*federated(name, statement, circle))
    if kind == "CanonicalUser":
        return _Who(circle.of_canonical_user(name), f"the canonical user {name}")
    if kind != "AWS":
        raise ValueError(f"a principal of the kind {kind} is not known")
    return _aws(name, statement, circle)


def _aws(name: str, statement: Statement, circle: Circle) -> _Who:
    if _DELETED.fullmatch(name):
        return _Who(Reach.OK, f"names a principal that was deleted, {name}")
    parts = name.split(":", 5)
    account = parts[4] if len(parts) == 6 else name
    if account == "cloudfront" and len(parts) == 6 and parts[5].startswith("user/"):
        return _Who(Reach.OK, "names CloudFront's own identity")
    if is_literal(account) and not re.fullmatch("[0-9]{12}", account):
        raise ValueError(f"a principal like {name} is not known")
    if account in DELIVERING_ACCOUNTS and statement.action is not None and {action.lower() for action in statement.actions} <= _DELIVERY:
        return _Who(Reach.OK, "names an account by which AWS delivers logs")
    reach = circle.of_account(account)
    if reach is Reach.OPEN:
        return _Who(reach, f"everyone ({name})")
    return _Who(reach, "names principals of its own or trusted accounts" if reach is Reach.OK else account)


def _asks_for_external_id(statement: Statement) -> bool:
    return any(
        line.key == "sts:externalid" and line.operator in TEXT and not line.if_exists and not line.quantifier and all(map(is_literal, line.values))
        for line in conditions_of(statement)
    )


def _of_resources(statement: Statement, circle: Circle) -> Reach:
    """How far what may be asked for through an endpoint is held: to accounts, or to what is named."""
    return max((_of_resource(pattern, circle) for pattern in statement.resources), default=Reach.OPEN)


def _of_resource(pattern: str, circle: Circle) -> Reach:
    parts = pattern.split(":", 5)
    if len(parts) < 6:
        return Reach.OPEN
    if parts[4] and is_literal(parts[4]):
        return of_arn(circle, pattern)
    return Reach.OK if is_literal(parts[5].partition("/")[0]) else Reach.OPEN


# --- what a Deny takes back ----------------------------------------------------------------------------------------------------------------


def _left(deny: Statement, circle: Circle, mode: Mode) -> Reach | None:
    """Whom a Deny leaves alone, at the worst; None if it is not known to deny anybody else."""
    left = [Reach.OK]
    if deny.principal is None:
        left += [who.reach for who in _named(deny.not_principal or "*", deny, circle)]
    elif "*" not in deny.principals("AWS"):
        return None
    for condition in conditions_of(deny):
        reach = left_alone(condition, circle, mode)
        if reach is None:
            return None
        left.append(reach)
    return max(left)


def _covers(deny: Statement, allow: Statement, mode: Mode) -> bool:
    """Whether a Deny is about all that an Allow is about. Without resources, an Allow is about all of them, and a Deny not known to be about any."""
    if not all(_covers_action(deny, action) for action in allow.actions):
        return False
    return mode in ("trust", "bare") or all(_covers_resource(deny, resource) for resource in allow.resources or ("*",))


def _covers_action(deny: Statement, action: str) -> bool:
    if deny.action is None:
        return all(disjoint(exempt, action) for exempt in deny.not_actions)
    return any(contains(pattern, action) for pattern in deny.actions)


def _covers_resource(deny: Statement, resource: str) -> bool:
    if deny.not_resource is not None:
        return all(disjoint(exempt, resource) for exempt in deny.not_resources)
    return any(contains(pattern, resource) for pattern in deny.resources)


def _actions(statement: Statement) -> str:
    if statement.action is None:
        return f"all but {', '.join(statement.not_actions)}"
    actions = statement.actions
    return f"{', '.join(actions[:3])}{f' and {len(actions) - 3} more' if len(actions) > 3 else ''}"
