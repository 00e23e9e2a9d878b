"""IAM: who may assume the account's roles."""

from __future__ import annotations

from pytest_ssb.reads.iam import DETAILS, AuthorizationDetails, Role
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.resource_policies import Judged, exempt, judged
from pytest_ssb.reads.trust import Trust

# Roles that AWS makes and keeps; nobody else can change whom they trust.
_OF_AWS = ("/aws-service-role/", "/aws-reserved/sso.amazonaws.com/")


class RoleTrusts:
    """Whom the roles' trust policies let in; a role that could not be read raises its error."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust

    def __getitem__(self, role: Role) -> Judged:
        if role.path.startswith(_OF_AWS):
            return exempt("AWS made the role, and keeps whom it trusts")
        return judged(role.assume_role_policy_document.statements, self._trust, DETAILS, "trust")


@read(per="account")
def iam_roles(iam_authorization_details: AuthorizationDetails) -> list[Role]:
    """The IAM roles."""
    return iam_authorization_details.roles


@read(per="account")
def role_trusts(account_trust: Trust) -> RoleTrusts:
    """Whom the trust policies of roles let in."""
    return RoleTrusts(account_trust)
