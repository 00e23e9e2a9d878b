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


class VpcConfig(msgspec.Struct, frozen=True, rename="pascal"):
    """Where a function is attached to a VPC (https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfigResponse.html)."""

    # none: it was attached once, and is no longer
    subnet_ids: tuple[str, ...]


class Function(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A function (https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html)."""

    arn: str
    role: str
    # absent: in no VPC
    vpc_config: VpcConfig | None = None

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """The subnets that it is in."""
        return self.vpc_config.subnet_ids if self.vpc_config else ()


@read(
    FUNCTIONS,
    per="region",
    absent={f"{FUNCTIONS} Functions.VpcConfig": "in no VPC (https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html)"},
)
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
