"""IAM: users, groups, roles and policies, what they allow, the root user, the password policy, identity providers."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from pytest_ssb.errors import AwsError, UnexpectedAnswer
from pytest_ssb.policies import Document, ResourceDocument, Statement, administers, elevated_by, elevated_without_mfa, may_administer
from pytest_ssb.reads.registry import read
from pytest_ssb.selectors import record
from pytest_ssb.unread import Index, error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import PasswordPolicy as Asked
    from pytest_ssb.profiles import People

DETAILS = "iam:GetAccountAuthorizationDetails"


class Tag(msgspec.Struct, frozen=True, rename="pascal"):
    """A tag."""

    key: str
    value: str


class InlinePolicy(msgspec.Struct, frozen=True, rename="pascal"):
    """A policy within a user, group or role."""

    policy_name: str
    policy_document: Document


class AttachedPolicy(msgspec.Struct, frozen=True, rename="pascal"):
    """A managed policy that hangs on a user, group or role."""

    policy_name: str
    policy_arn: str

    @property
    def is_aws_own(self) -> bool:
        """Whether it is one of AWS's, and not the account's own."""
        return ":iam::aws:policy/" in self.policy_arn


class Boundary(msgspec.Struct, frozen=True, rename="pascal"):
    """The policy that limits what a user or role may be given."""

    permissions_boundary_arn: str


class User(msgspec.Struct, frozen=True, rename="pascal"):
    """A user (https://docs.aws.amazon.com/IAM/latest/APIReference/API_UserDetail.html)."""

    arn: str
    user_name: str
    group_list: tuple[str, ...]
    attached_managed_policies: tuple[AttachedPolicy, ...]
    # "The key is only returned when an inline policy actually exists" (https://github.com/boto/boto3/issues/1303), unlike that of groups.
    user_policy_list: tuple[InlinePolicy, ...] = ()
    # "A list of tags that are associated with the user": none, where it has no tags.
    tags: tuple[Tag, ...] = ()
    # Said beside a verdict, and never its ground.
    permissions_boundary: Boundary | None = None

    @property
    def bounded(self) -> bool:
        """Whether a permissions boundary may take some of its rights back."""
        return self.permissions_boundary is not None

    @property
    def tag(self) -> dict[str, str]:
        """Its tags by key."""
        return {tag.key: tag.value for tag in self.tags}

    def person(self, people: People) -> tuple[str, str] | None:
        """By which key of the profile, and by what entry, a person stands behind the user; None by none.

        `people.console_users` names it, or it carries `people.person_tag`.
        """
        entry = people.person_tag if people.person_tag and self.tag.get(people.person_tag, "").strip() else None
        record("people.person_tag", entry)
        named = people.console_users.match(self.arn, self.tag) if people.console_users is not None else None
        if named is not None:
            return "people.console_users", named
        return ("people.person_tag", entry) if entry else None

    def is_person(self, people: People) -> bool:
        """Whether the profile says that a person stands behind the user."""
        return self.person(people) is not None


class Group(msgspec.Struct, frozen=True, rename="pascal"):
    """A group (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GroupDetail.html)."""

    arn: str
    group_name: str
    group_policy_list: tuple[InlinePolicy, ...]
    attached_managed_policies: tuple[AttachedPolicy, ...]


class LastUsed(msgspec.Struct, frozen=True, rename="pascal"):
    """When a role was last used (https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html)."""

    # absent where it was not used for as long as IAM remembers
    last_used_date: datetime | None = None


class Role(msgspec.Struct, frozen=True, rename="pascal"):
    """A role (https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleDetail.html)."""

    arn: str
    path: str
    role_name: str
    assume_role_policy_document: ResourceDocument
    role_policy_list: tuple[InlinePolicy, ...]
    attached_managed_policies: tuple[AttachedPolicy, ...]
    # Said beside a verdict, and never its ground.
    permissions_boundary: Boundary | None = None
    role_last_used: LastUsed = LastUsed()
    tags: tuple[Tag, ...] = ()

    @property
    def bounded(self) -> bool:
        """Whether a permissions boundary may take some of its rights back."""
        return self.permissions_boundary is not None

    @property
    def tag(self) -> dict[str, str]:
        """Its tags by key."""
        return {tag.key: tag.value for tag in self.tags}

    def trusts_service(self, service: str) -> bool:
        """Whether a service of AWS may assume the role."""
        return any(
            statement.allows and statement.covers("sts:AssumeRole") and {service, "*"} & set(statement.principals("Service"))
            for statement in self.assume_role_policy_document.statements
        )

    @property
    def trusts_some_saml(self) -> bool:
        """Whether it may be assumed through some SAML provider, be there such a provider or not."""
        return any(statement.allows and statement.covers("sts:AssumeRoleWithSAML") for statement in self.assume_role_policy_document.statements)

    def trusts_other_accounts(self, account: str) -> bool:
        """Whether principals of another account, named, may assume the role. With an external id it is a vendor's machine that does."""
        for statement in self.assume_role_policy_document.statements:
            others = [named for named in map(_account_of, statement.principals("AWS")) if named not in (None, account)]
            by_id = any(key == "sts:externalid" for _, key, _ in statement.conditions())
            if statement.allows and statement.covers("sts:AssumeRole") and others and not by_id:
                return True
        return False

    @property
    def web_identity_providers(self) -> tuple[str, ...]:
        """The ARNs of the OIDC providers through which it may be assumed, as its trust policy names them."""
        return tuple(
            provider
            for statement in self.assume_role_policy_document.statements
            if statement.allows and statement.covers("sts:AssumeRoleWithWebIdentity")
            for provider in statement.principals("Federated")
        )

    def trusts_saml(self, provider: str) -> bool:
        """Whether whoever signs in through the SAML provider of that ARN may assume the role."""
        for statement in self.assume_role_policy_document.statements:
            named = statement.principals("Federated")
            # Whom NotPrincipal leaves out matters little: everybody else is let in.
            let_in = statement.not_principal is not None or provider in named or "*" in named
            if statement.allows and statement.covers("sts:AssumeRoleWithSAML") and let_in:
                return True
        return False


def _account_of(principal: str) -> str | None:
    """The account of a principal that a policy names: by its id, or by an ARN. None for everybody, and for one that has been deleted."""
    account = next(iter(principal.split(":")[4:5]), principal)
    return account if account.isdecimal() else None


class PolicyVersion(msgspec.Struct, frozen=True, rename="pascal"):
    """A version of a managed policy."""

    document: Document
    is_default_version: bool


class ManagedPolicy(msgspec.Struct, frozen=True, rename="pascal"):
    """A managed policy, AWS's or the account's own (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ManagedPolicyDetail.html)."""

    arn: str
    policy_version_list: tuple[PolicyVersion, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements in force: those of the default version."""
        for version in self.policy_version_list:
            if version.is_default_version:
                return version.document.statements
        raise UnexpectedAnswer(f"{DETAILS} answered a ManagedPolicy without default version", DETAILS)


@dataclass(frozen=True)
class AuthorizationDetails:
    """Everybody in the account, and every policy that is its own or in use. What could not be read stands as unread in its list."""

    users: list[User]
    groups: list[Group]
    roles: list[Role]
    policies: list[ManagedPolicy]


@read(
    DETAILS,
    per="account",
    absent={
        f"{DETAILS} UserDetailList.UserPolicyList": "no inline policy: seen to be left out then (https://github.com/boto/boto3/issues/1303)",
        f"{DETAILS} UserDetailList.Tags": "no tags (https://docs.aws.amazon.com/IAM/latest/APIReference/API_UserDetail.html)",
    },
)
def iam_authorization_details(aws: Aws) -> AuthorizationDetails:
    """The users, groups, roles and policies of the account, in one question of several pages."""
    return AuthorizationDetails(
        users=aws.resources(DETAILS, "UserDetailList", User, "{Arn}"),
        groups=aws.resources(DETAILS, "GroupDetailList", Group, "{Arn}"),
        roles=aws.resources(DETAILS, "RoleDetailList", Role, "{Arn}"),
        policies=aws.resources(DETAILS, "Policies", ManagedPolicy, "{Arn}"),
    )


@read(per="account")
def iam_users(iam_authorization_details: AuthorizationDetails) -> list[User]:
    """The IAM users, without root, who is none."""
    return iam_authorization_details.users


class Rights:
    """What identity policies allow; a boundary or organization policy may take some of it back. What could not be read raises its error."""

    def __init__(self, details: AuthorizationDetails) -> None:
        self._groups = Index(details.groups, lambda group: [group.group_name])
        self._policies = Index(details.policies, lambda policy: [policy.arn])

    def elevated(self, user: User) -> str | None:
        """The first action by which the user may do more than read, or None."""
        return elevated_by(self._of_user(user))

    def elevated_without_mfa(self, user: User) -> str | None:
        """The first such action for which no policy asks for MFA, or None."""
        return elevated_without_mfa(self._of_user(user))

    def administers(self, role: Role) -> bool:
        """Whether the role may do everything."""
        return administers(self.statements(role.role_policy_list, role.attached_managed_policies))

    def administers_as(self, user: User) -> bool:
        """Whether the user may do everything."""
        return administers(self._of_user(user))

    def may_administer(self, user: User) -> bool:
        """Whether the user may do everything, for all that is known."""
        return may_administer(self._of_user(user))

    def granted_by(self, user: User) -> str | None:
        """The first of the user's groups that has a policy, or None."""
        unknown: AwsError | None = None
        for name in user.group_list:
            try:
                group = self._group(name)
                if group.group_policy_list or group.attached_managed_policies:
                    return name
            except AwsError as error:
                unknown = error
        if unknown is not None:
            raise unknown
        return None

    def _group(self, name: str) -> Group:
        group = self._groups.get(name)
        if group is None:
            raise UnexpectedAnswer(f"{DETAILS} answered without the group {name}, which has a member", DETAILS)
        return group

    def _of_user(self, user: User) -> list[Statement]:
        found = self.statements(user.user_policy_list, user.attached_managed_policies)
        for name in user.group_list:
            group = self._group(name)
            found += self.statements(group.group_policy_list, group.attached_managed_policies)
        return found

    def statements(self, inline: Iterable[InlinePolicy], attached: Iterable[AttachedPolicy]) -> list[Statement]:
        """The statements of policies within a user, group or role, and of those attached to it."""
        found = [statement for each in inline for statement in each.policy_document.statements]
        for each in attached:
            policy = self._policies.get(each.policy_arn)
            if policy is None:
                raise UnexpectedAnswer(f"{DETAILS} answered without the policy {each.policy_arn}, which is attached", DETAILS)
            found += policy.statements
        return found


@read(per="account")
def iam_rights(iam_authorization_details: AuthorizationDetails) -> Rights:
    """What users and roles may do, by their own policies and their groups'."""
    return Rights(iam_authorization_details)


@read(per="account")
def iam_unprivileged_users(iam_users: list[User], iam_rights: Rights) -> frozenset[str]:
    """The ARNs of the users that are known to have no elevated rights; whoever could not be read is not among them."""
    if error_of(iam_users):
        return frozenset()
    found = set()
    for user in iam_users:
        with suppress(AwsError):
            if iam_rights.elevated(user) is None:
                found.add(user.arn)
    return frozenset(found)


# --- the account's settings -----------------------------------------------------------------------------------------------------------------


class AccountSummary(
    msgspec.Struct,
    frozen=True,
    rename={
        "mfa": "AccountMFAEnabled",
        "access_keys": "AccountAccessKeysPresent",
        "password": "AccountPasswordPresent",
        "signing_certificates": "AccountSigningCertificatesPresent",
    },
):
    """What the account's summary says of the root user (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html)."""

    mfa: Literal[0, 1]
    access_keys: int
    signing_certificates: int
    # Not a key of every partition (https://docs.amazonaws.cn/en_us/IAM/latest/APIReference/API_GetAccountSummary.html): absent, it says nothing.
    password: Literal[0, 1] | None = None


@read("iam:GetAccountSummary", per="account")
def account_summary(aws: Aws) -> AccountSummary:
    """What the account's summary says of the root user."""
    try:
        return msgspec.convert(aws.ask("iam:GetAccountSummary").get("SummaryMap"), AccountSummary)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"iam:GetAccountSummary answered what we cannot read: {error}", "iam:GetAccountSummary") from None


class PasswordPolicy(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    """A password policy (https://docs.aws.amazon.com/IAM/latest/APIReference/API_PasswordPolicy.html)."""

    custom: bool = True
    minimum_password_length: int
    require_symbols: bool
    require_numbers: bool
    require_uppercase_characters: bool
    require_lowercase_characters: bool
    allow_users_to_change_password: bool
    expire_passwords: bool
    # "Returns false if MaxPasswordAge is 0 or not present" (ExpirePasswords): no longest age.
    max_password_age: int = 0
    # "The number of previous passwords that IAM users are prevented from reusing", from 1 on: absent, none.
    password_reuse_prevention: int = 0
    # "Specifies whether IAM users are prevented from setting a new password": a switch that need not be set.
    hard_expiry: bool | None = None

    def command(self, asked: Asked) -> str:
        """The complete command that gives the account what is asked; the call resets whatever it leaves out, so what holds already is said again."""
        longest = min(filter(None, (self.max_password_age, asked.max_age_days)), default=None)
        numbers = self.require_numbers or (asked.non_alphabetic and not self.require_symbols)
        words = [
            f"--minimum-password-length {max(self.minimum_password_length, asked.min_length)}",
            f"--password-reuse-prevention {max(self.password_reuse_prevention, asked.reuse)}",
            "--allow-users-to-change-password",
            *([f"--max-password-age {longest}"] if longest else []),
            *(["--require-numbers"] if numbers else []),
            *(["--require-symbols"] if self.require_symbols else []),
            *(["--require-uppercase-characters"] if self.require_uppercase_characters else []),
            *(["--require-lowercase-characters"] if self.require_lowercase_characters else []),
            *(["--hard-expiry"] if self.hard_expiry else []),
        ]
        return f"aws iam update-account-password-policy {' '.join(words)}"


# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html: it asks for three of the four classes of characters.
DEFAULT_PASSWORD_POLICY = PasswordPolicy(
    custom=False,
    minimum_password_length=8,
    require_symbols=False,
    require_numbers=False,
    require_uppercase_characters=False,
    require_lowercase_characters=False,
    allow_users_to_change_password=False,
    expire_passwords=False,
)


@read("iam:GetAccountPasswordPolicy", per="account")
def password_policy(aws: Aws) -> PasswordPolicy:
    """The password policy in force: the account's own, else AWS's default. It does not cover the root user."""
    answer = aws.ask("iam:GetAccountPasswordPolicy", absent="NoSuchEntity")
    if answer is None:
        return DEFAULT_PASSWORD_POLICY
    try:
        return msgspec.convert(answer.get("PasswordPolicy"), PasswordPolicy)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"iam:GetAccountPasswordPolicy answered what we cannot read: {error}", "iam:GetAccountPasswordPolicy") from None


# --- identity providers -----------------------------------------------------------------------------------------------------------------------


class SamlProvider(msgspec.Struct, frozen=True, rename="pascal"):
    """A SAML identity provider; Identity Center is one, too (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SAMLProviderListEntry.html)."""

    arn: str


@read("iam:ListSAMLProviders", per="account")
def saml_providers(aws: Aws) -> list[SamlProvider]:
    """The SAML identity providers of the account."""
    providers = aws.ask("iam:ListSAMLProviders").get("SAMLProviderList")
    if not isinstance(providers, list):
        raise UnexpectedAnswer("iam:ListSAMLProviders answered without SAMLProviderList", "iam:ListSAMLProviders")
    found: list[SamlProvider] = aws.parse("iam:ListSAMLProviders", providers, SamlProvider, "{Arn}")
    return found


class TrustedProvider(NamedTuple):
    """A SAML provider, the names of the roles that people assume through it, and whether one of them may do everything."""

    arn: str
    roles: tuple[str, ...]
    administers: bool


@read(per="account")
def trusted_saml_providers(
    saml_providers: list[SamlProvider], iam_authorization_details: AuthorizationDetails, iam_rights: Rights
) -> list[TrustedProvider]:
    """The SAML providers that some role trusts; one that none trusts lets nobody in."""
    roles = iam_authorization_details.roles
    unknown = next(filter(None, map(error_of, roles)), None)
    found: list[TrustedProvider] = []
    for provider in saml_providers:
        trusting = [role for role in roles if not error_of(role) and role.trusts_saml(provider.arn)]
        try:
            if trusting:
                found.append(TrustedProvider(provider.arn, tuple(role.role_name for role in trusting), any(map(iam_rights.administers, trusting))))
            elif unknown is not None:  # the role that could not be read might be the one
                found.append(unread(unknown, provider.arn))
        except AwsError as error:
            found.append(unread(error, provider.arn))
    return found
