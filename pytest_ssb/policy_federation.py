"""Roles for those whom somebody else has signed in: whom of an issuer's users a trust policy lets in.

An issuer that serves everybody signs in strangers, too: the policy must hold its tokens to one owner
(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from pytest_ssb.policies import Statement
from pytest_ssb.policy_circle import Circle, Reach, is_literal
from pytest_ssb.policy_conditions import TEXT, Condition, conditions_of

COGNITO = "cognito-identity.amazonaws.com"


class Issuer(NamedTuple):
    """An issuer that serves everybody: each claim that holds its tokens to somebody, and what its values must begin with for that."""

    host: re.Pattern[str]
    claims: dict[str, re.Pattern[str]]


_LITERAL = re.compile(r"[^*?$]+$")
# A literal word that ends within the pattern: `acme/` and `acme:`, and not `acme*`, which a stranger's `acme-evil` begins with, too.
_ENDED = re.compile(r"[^*?$:/]+[:/]|[^*?$]+$")
_SHARED = (
    Issuer(
        re.compile(r"token\.actions\.githubusercontent\.com$"),
        {
            "sub": re.compile(r"(repo:[^*?$/]+/|(repository_owner(_id)?|repository_id|enterprise(_id)?):[^*?$:]+(:|$))"),
            **dict.fromkeys(("repository_owner", "repository_owner_id", "repository_id", "enterprise_id"), _LITERAL),
            **dict.fromkeys(("repository", "job_workflow_ref"), re.compile(r"[^*?$/]+/")),
        },
    ),
    Issuer(re.compile(r"gitlab\.com$"), {"sub": re.compile(r"project_path:[^*?$/]+/"), "namespace_id": _LITERAL, "project_id": _LITERAL}),
    Issuer(re.compile(r"app\.terraform\.io$"), {"sub": re.compile(r"organization:[^*?$:]+:")}),
    Issuer(re.compile(r"(agent\.buildkite\.com|oidc\.vercel\.com)$"), {"sub": re.compile(r"(organization|owner):[^*?$:]+:")}),
    Issuer(re.compile(r"(api\.pulumi\.com/oidc|auth\.docker\.io|oidc\.codefresh\.io)$"), {"sub": _ENDED, "aud": _LITERAL}),
    Issuer(re.compile(r"(.*\.)?(okta|oktapreview|okta-emea)\.com(/.*)?$"), {"sub": _ENDED}),
    Issuer(re.compile(r"accounts\.google\.com$"), {"aud": _LITERAL, "oaud": _LITERAL, "sub": _LITERAL}),
    Issuer(re.compile(r"(www\.amazon\.com|graph\.facebook\.com)$"), {"app_id": _LITERAL, "user_id": _LITERAL, "id": _LITERAL}),
    Issuer(re.compile(re.escape(COGNITO) + "$"), {"aud": _LITERAL, "sub": _LITERAL}),
)


class Federated(NamedTuple):
    """How far a provider's users are let in, and what is to be said of it."""

    reach: Reach
    said: str


def federated(provider: str, statement: Statement, circle: Circle) -> Federated:
    """How far those who come through a provider are let in by an Allow. Its provider is an ARN, or the host of one that AWS knows."""
    kind, _, name = provider.partition(":oidc-provider/")
    if not name:
        if ":saml-provider/" in provider:
            return Federated(circle.of_account(provider.split(":", 5)[4]), f"whoever signs in through {provider.rpartition('/')[2]}")
        kind, name = "", provider
    if not is_literal(name) or not is_literal(kind):
        return Federated(Reach.OPEN, "whoever signs in anywhere")
    lines = [line for line in conditions_of(statement) if line.key.startswith(f"{name.lower()}:")]
    issuer = next((each for each in _SHARED if each.host.match(name.lower())), None)
    if issuer is None:
        return Federated(Reach.OK, f"users of {name}, taken for an issuer of its own")
    if not any(_holds(line, issuer) for line in lines):
        return Federated(Reach.OPEN, f"everyone who has an account with {name}")
    if name.lower() == COGNITO and _lets_guests_in(lines):
        return Federated(Reach.ASKED, "guests of its Cognito identity pool, who do not sign in")
    return Federated(Reach.OK, f"users of {name}, held to {' and '.join(sorted({line.name for line in lines if _holds(line, issuer)}))}")


def _holds(line: Condition, issuer: Issuer) -> bool:
    claim = issuer.claims.get(line.key.rpartition(":")[2])
    restricts = line.operator in TEXT and not line.if_exists and line.quantifier != "forallvalues"
    return claim is not None and restricts and bool(line.values) and all(claim.match(value) for value in line.values)


def _lets_guests_in(lines: Iterable[Condition]) -> bool:
    """Whether those are let in who have not signed in: by AWS's own policies, `amr` says who has."""
    amr = [line for line in lines if line.key.endswith(":amr") and line.operator in TEXT and not line.if_exists and line.quantifier != "forallvalues"]
    return not amr or any(value == "unauthenticated" or not is_literal(value) for line in amr for value in line.values)
