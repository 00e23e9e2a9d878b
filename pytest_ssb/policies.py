"""IAM policies: documents and their statements, and what they let somebody do. Pure: asks nobody, knows no account."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

import msgspec

Texts: TypeAlias = str | tuple[str, ...]
Plain: TypeAlias = str | bool | int | float


class Statement(msgspec.Struct, frozen=True, rename="pascal", forbid_unknown_fields=True):
    """A statement (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html). An element that we do not know is refused."""

    effect: Literal["Allow", "Deny"]
    # The grammar's optional elements, and its pairs of which a statement has one at most: absent, they say nothing.
    sid: str | None = None
    action: Texts | None = None
    not_action: Texts | None = None
    resource: Texts | None = None
    not_resource: Texts | None = None
    principal: str | dict[str, Texts] | None = None
    not_principal: str | dict[str, Texts] | None = None
    condition: dict[str, dict[str, Plain | tuple[Plain, ...]]] = {}

    def __post_init__(self) -> None:
        """Refuse what says of no action, or in two ways, what it is about."""
        if (self.action is None) == (self.not_action is None):
            raise ValueError("a statement needs either Action or NotAction")

    @property
    def allows(self) -> bool:
        """Whether it allows something."""
        return self.effect == "Allow"

    @property
    def actions(self) -> tuple[str, ...]:
        """The patterns of `Action`; with `NotAction`, everything: what it leaves out is never all that matters."""
        return ("*",) if self.action is None else _several(self.action)

    @property
    def not_actions(self) -> tuple[str, ...]:
        """The patterns of `NotAction`, none where it has an `Action`."""
        return _several(self.not_action)

    @property
    def resources(self) -> tuple[str, ...]:
        """The patterns of `Resource`; with `NotResource`, everything; none where it names no resource."""
        return ("*",) if self.not_resource is not None else _several(self.resource)

    @property
    def not_resources(self) -> tuple[str, ...]:
        """The patterns of `NotResource`."""
        return _several(self.not_resource)

    def covers(self, action: str) -> bool:
        """Whether it is about an action, `sts:AssumeRole`, whatever the resource and condition."""
        if self.action is None:
            return not any(matches(pattern, action) for pattern in _several(self.not_action))
        return any(matches(pattern, action) for pattern in _several(self.action))

    def reaches(self, resource: str) -> bool:
        """Whether it is about a resource. One that only says which resources it is not about is about all that matter."""
        return self.resource is None or any(matches(pattern, resource) for pattern in _several(self.resource))

    def principals(self, kind: str) -> tuple[str, ...]:
        """Whom it is about, of a kind such as `Federated`; `*` without a kind is everybody."""
        principal = self.principal
        return _several(principal.get(kind) if isinstance(principal, dict) else principal)

    def conditions(self) -> list[tuple[str, str, set[str]]]:
        """Its conditions as operator, key and values, in lower case."""
        return [
            (operator.lower(), key.lower(), {str(value).lower() for value in (values if isinstance(values, tuple) else (values,))})
            for operator, keys in self.condition.items()
            for key, values in keys.items()
        ]


class Document(msgspec.Struct, frozen=True, rename="pascal"):
    """A policy document."""

    statement: Statement | tuple[Statement, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Its statements: a single one may stand without a list."""
        return self.statement if isinstance(self.statement, tuple) else (self.statement,)


class ResourceDocument(Document, frozen=True, rename="pascal"):
    """A policy of a resource, which says who may use it; a role's trust policy is one."""

    def __post_init__(self) -> None:
        """Refuse a statement that names nobody: the grammar requires a principal in such policies."""
        if any((statement.principal is None) == (statement.not_principal is None) for statement in self.statements):
            raise ValueError("a statement needs either Principal or NotPrincipal")


def matches(pattern: str, text: str) -> bool:
    """Whether `text` matches an IAM pattern, in which `*` and `?` are wild; case does not count, as in actions and condition keys."""
    return _compiled(pattern).fullmatch(text) is not None


@functools.lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern), re.IGNORECASE | re.DOTALL)


def _several(texts: Texts | None) -> tuple[str, ...]:
    return () if texts is None else (texts,) if isinstance(texts, str) else texts


# --- elevated rights: to create, change or delete something, or to read critical data ------------------------------------------------------

# Verbs of actions that read; CheckInLicense and CheckoutLicense do not.
_READING = re.compile(r"(?:get|list|describe|view|lookup|search|batchget|check(?!in|out)|head|query|scan|select)")
# Actions that begin with such a verb and read the data itself. kms:Decrypt, rds-data:* and the like are elevated by their names already.
_DATA = (
    *("athena:GetQueryResults", "athena:GetQueryResultsStream"),
    *("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:GetRecords", "dynamodb:Query", "dynamodb:Scan"),
    "logs:GetLogEvents",
    *("s3:GetObject", "s3:GetObjectVersion"),
    *("secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue"),
    *("ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters", "ssm:GetParametersByPath"),
)
_OWN = re.compile(r"iam:.*(?:accesskey|loginprofile|mfadevice|signingcertificate|sshpublickey|servicespecificcredential).*", re.IGNORECASE)
_OWN_MFA = re.compile(r"iam:.*mfadevice.*|iam:changepassword", re.IGNORECASE)


def only_reads(statement: Statement) -> bool:
    """Whether it is about actions alone that read by their names, the data itself included."""
    return all(_READING.match(re.split(r"[*?]", action.lower().partition(":")[2])[0]) for action in statement.actions)


def elevated_by(statements: Iterable[Statement]) -> str | None:
    """The first action that is allowed beyond reading and the care of one's own credentials, or None. A Deny takes nothing back."""
    return next((_said(statement, action) for statement in statements for action in _elevating(statement)), None)


def elevated_without_mfa(statements: Iterable[Statement]) -> str | None:
    """The first such action that is allowed without MFA, too, or None where an Allow's own condition or a Deny asks for it each time."""
    known = tuple(statements)
    denies = [statement for statement in known if _denies_without_mfa(statement)]
    for statement in known:
        for action in () if _allows_with_mfa(statement) else _elevating(statement):
            if not any(_denies(deny, action) for deny in denies):
                return _said(statement, action)
    return None


def administers(statements: Iterable[Statement]) -> bool:
    """Whether some statement allows everything, or all of IAM, on every resource: its holder can give itself the rest."""
    return any(_everywhere(statement) and _allows_everything(statement) for statement in statements)


def may_administer(statements: Iterable[Statement]) -> bool:
    """Whether some statement does so, or would unless a resource that it does not name held it."""
    return any("*" in (statement.resources or "*") and _allows_everything(statement) for statement in statements)


def takes_all_back(statements: Iterable[Statement]) -> bool:
    """Whether some statement denies everything, or all of IAM, on every resource and under no condition: nobody administers beside it."""
    return any(
        not statement.allows and not statement.condition and _everywhere(statement) and _is_about_everything(statement) for statement in statements
    )


def _allows_everything(statement: Statement) -> bool:
    return statement.allows and _is_about_everything(statement)


def _is_about_everything(statement: Statement) -> bool:
    everything = {"*", "*:*", "iam:*"} & {action.lower() for action in statement.actions}
    return bool(everything) and statement.covers("iam:CreatePolicyVersion")


# What gives its holder more than it has, by the kind of resource that it is about.
_GIVING = {
    "policy": ("CreatePolicyVersion", "SetDefaultPolicyVersion"),
    "user": ("AttachUserPolicy", "PutUserPolicy", "CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile"),
    "group": ("AttachGroupPolicy", "PutGroupPolicy", "AddUserToGroup"),
    "role": ("AttachRolePolicy", "PutRolePolicy", "UpdateAssumeRolePolicy"),
}
# Services that AWS's own policy for all but administrators leaves out, beside IAM; an action of each.
_OF_ADMINISTRATORS = ("organizations:LeaveOrganization", "account:PutContactInformation")


def unlimited_by(statements: Iterable[Statement], iam: str) -> tuple[str, bool] | None:
    """By what a single statement lets its holder take every right, and whether under a condition; None where none does.

    `iam` begins the ARNs of the account's IAM: what is about any of its users, groups, roles or policies is about all. A Deny takes nothing back.
    """
    for statement in statements:
        if statement.allows and (said := _unlimited(statement, iam)) is not None:
            return said, bool(statement.condition)
    return None


def _unlimited(statement: Statement, iam: str) -> str | None:
    for kind, names in _GIVING.items():
        for action in (f"iam:{name}" for name in names):
            if statement.covers(action) and statement.reaches(f"{iam}{kind}/any-of-them"):
                pattern = next((pattern for pattern in _several(statement.action) if matches(pattern, action)), "")
                return _said(statement, pattern)
    everything = statement.not_action is not None and (statement.resource is None or _everywhere(statement))
    return _said(statement, "") if everything and any(map(statement.covers, _OF_ADMINISTRATORS)) else None


def _said(statement: Statement, action: str) -> str:
    return action if statement.action is not None else f"all but {', '.join(_several(statement.not_action))}"


def _elevating(statement: Statement) -> Iterator[str]:
    if statement.allows:
        yield from (action for action in statement.actions if not _reads(action) and not _own_credentials(statement, action))


def _reads(action: str) -> bool:
    verb = re.split(r"[*?]", action.lower().partition(":")[2])[0]
    return _READING.match(verb) is not None and not any(matches(action, data) for data in _DATA)


def _own_credentials(statement: Statement, action: str) -> bool:
    if action.lower() == "iam:changepassword":
        return True  # one's own, whatever the resource
    resources = [resource.lower() for resource in _several(statement.resource)]
    own = bool(resources) and all(resource.endswith("/${aws:username}") or ":mfa/" in resource for resource in resources)
    return own and _OWN.fullmatch(action) is not None


def _everywhere(statement: Statement) -> bool:
    return "*" in _several(statement.resource)


# --- MFA (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html) -----------------------------------------

_PRESENT, _AGE = "aws:multifactorauthpresent", "aws:multifactorauthage"


def _allows_with_mfa(statement: Statement) -> bool:
    """An Allow for requests with MFA alone. `BoolIfExists` is none: a request that an access key signs does not carry the key at all."""
    return any(
        (operator, key, values) in (("bool", _PRESENT, {"true"}), ("null", _AGE, {"false"}))
        or (key == _AGE and operator in ("numericlessthan", "numericlessthanequals"))
        for operator, key, values in statement.conditions()
    )


def _denies_without_mfa(statement: Statement) -> bool:
    """A Deny of whatever comes without MFA. `Bool` alone is none, for the same reason, nor is one that a second condition narrows."""
    if statement.allows or not _everywhere(statement) or len(statement.conditions()) != 1:
        return False
    ((operator, key, values),) = statement.conditions()
    return (
        (operator == "boolifexists" and key == _PRESENT and "false" in values)
        or (operator == "null" and key == _AGE and "true" in values)
        or (operator in ("numericgreaterthanifexists", "numericgreaterthanequalsifexists") and key == _AGE)
    )


def _denies(deny: Statement, action: str) -> bool:
    """Whether the Deny is about all that an action's pattern may mean; left out may be what only reads, or sets up one's MFA."""
    if deny.action is None:
        return all(_reads(exempt) or _OWN_MFA.fullmatch(exempt) for exempt in _several(deny.not_action))
    return any(pattern == "*" or ("?" not in pattern and matches(pattern, action)) for pattern in _several(deny.action))
