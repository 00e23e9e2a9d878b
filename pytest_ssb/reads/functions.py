"""Lambda: the functions, and their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.reads.iam import AuthorizationDetails, Role
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import Index

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

FUNCTIONS = "lambda:ListFunctions"


class Function(msgspec.Struct, frozen=True, rename="pascal"):
    """A function (https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html)."""

    arn: str
    role: str


@read(FUNCTIONS, per="region")
def functions(aws: Aws) -> list[Function]:
    """The functions of the region."""
    found: list[Function] = aws.resources(FUNCTIONS, "Functions", Function, "{FunctionArn}")
    return found


class RolesByArn:
    """The roles by ARN. While some role could not be read, one that is missed raises its error."""

    def __init__(self, details: AuthorizationDetails) -> None:
        self._roles: Index[str, Role] = Index(details.roles, lambda role: [role.arn])

    def get(self, arn: str) -> Role | None:
        """The role of that ARN, None where there is known to be none."""
        return self._roles.get(arn)


@read(per="account")
def roles_by_arn(iam_authorization_details: AuthorizationDetails) -> RolesByArn:
    """The roles by ARN."""
    return RolesByArn(iam_authorization_details)
