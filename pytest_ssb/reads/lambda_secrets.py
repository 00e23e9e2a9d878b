"""Secrets in the environment of Lambda functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.errors import Undecided
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.secret_holders import Hidden, Holder, held, search_for

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

FUNCTIONS = "lambda:ListFunctions"
CONFIGURATION = "https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html"


class Untold(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """Why the variables are not told (https://docs.aws.amazon.com/lambda/latest/api/API_EnvironmentError.html)."""

    error_code: str


class Environment(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """The variables of a function (https://docs.aws.amazon.com/lambda/latest/api/API_EnvironmentResponse.html)."""

    # It has one of the two.
    variables: dict[str, str] | None = None
    error: Untold | None = None

    def __post_init__(self) -> None:
        """Refuse one of which nothing is told."""
        if self.variables is None and self.error is None:
            raise ValueError("an environment needs Variables or Error")


class Function(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """A function, as far as its variables go (https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html)."""

    arn: str
    function_name: str
    # absent: it has no variables
    environment: Environment = msgspec.field(default_factory=lambda: Environment(variables={}))


@read(FUNCTIONS, per="region", absent={f"{FUNCTIONS} Functions.Environment": f"no variables ({CONFIGURATION})"})
def lambda_secrets(aws: Aws, ssb_profile: Profile) -> list[Holder]:
    """The functions of the region, each with the secrets in its variables, as its latest version has them."""
    search = search_for(ssb_profile)

    def look(function: Function) -> Holder:
        if function.environment.error is not None:
            raise Undecided(f"lambda:ListFunctions does not tell the variables: {function.environment.error.error_code}")
        return Holder(function.arn, function.function_name, search.variables(function.environment.variables or {}))

    return held(aws.resources(FUNCTIONS, "Functions", Function, "{FunctionArn}"), look)
