"""The several accounts of one profile: a role is assumed in each, from where the profile's credentials stand."""

from __future__ import annotations

import msgspec

from pytest_ssb.aws.access import Access
from pytest_ssb.aws.credentials import RoleClients, assumed
from pytest_ssb.aws.errors import code_of, explain, is_expired, is_unreachable
from pytest_ssb.profiles import Profile
from pytest_ssb.targets import Account, Refusal

_ASSUME = "sts:AssumeRole"


class Members:
    """Reaches a profile's accounts from its base: the account in which its credentials stand, or that of `role_arn`."""

    def __init__(self, profile: Profile, base: Access, version: str) -> None:
        self._profile = profile
        self.base = base
        self._version = version
        self._clients = RoleClients(base.session, base.home)

    def account(self, id: str, name: str | None, base: Account) -> Account:
        """An account of the profile, of which nothing was asked yet; where the credentials stand in it already, no role is assumed."""
        account = msgspec.structs.replace(base, id=id, name=name, several=True)
        if id == base.id:
            return account
        path = (self._profile.role_name or "").strip("/")
        role, session = path.rpartition("/")[2], self._profile.role_session_name
        return msgspec.structs.replace(
            account,
            role=f"arn:{base.partition}:iam::{id}:role/{path}",
            # As AWS names who has assumed a role: without the path. Asking each account who we are would tell no more.
            caller=f"arn:{base.partition}:sts::{id}:assumed-role/{role}/{session}",
        )

    def access(self, account: Account) -> Access:
        """The access to one of them; nothing is asked before its first call."""
        if account.role is None:
            return self.base
        session = assumed(self._clients, self._profile, account.role, self._version)
        return Access(session, self.base.backend, account.home, self.base.scheduler, self._version, tls=self.base.tls)

    def refusal(self, access: Access, caller: str | None) -> Refusal | None:
        """Assume an account's role now: why it is not given to the `caller`, or None."""
        try:
            credentials = access.session.get_credentials()
            if credentials is not None:
                credentials.get_frozen_credentials()
        except Exception as error:  # noqa: BLE001 - whatever botocore makes of it, this account alone is not reached
            return self._refusal(error, caller)
        return None

    def _refusal(self, error: Exception, caller: str | None) -> Refusal:
        role, code = self._profile.role_name, code_of(error)
        explained = explain(error, _ASSUME, self.base.home, live=self.base.backend == "live")
        if is_unreachable(error):
            return Refusal.of(explained, f"cannot assume role {role}: no answer from STS in {self.base.home} ({code}); check network and proxy")
        if is_expired(error):
            return Refusal.of(explained, f"cannot assume role {role}: the credentials of {caller} have expired ({code}); sign in again")
        if explained.action is None:
            return Refusal.of(explained, f"cannot assume role {role} ({code})")
        asked = "its trust policy, its external id" if self._profile.external_id else "its trust policy"
        said = f"cannot assume role {role} ({code}); check that it is there, {asked}, and that {caller} may {_ASSUME} on it"
        # Which of these it is, nobody is told: it need not be a permission that is missing.
        return msgspec.structs.replace(Refusal.of(explained, said), action=None)
