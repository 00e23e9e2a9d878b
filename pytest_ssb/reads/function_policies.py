"""Lambda: whom the policies of functions and their aliases let in, by the function's URL and otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.policies import Statement
from pytest_ssb.policy_conditions import conditions_of
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.resource_policies import Judged, Policied, judged, statements_of
from pytest_ssb.reads.trust import Trust

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

FUNCTIONS, ALIASES, POLICY = "lambda:ListFunctions", "lambda:ListAliases", "lambda:GetPolicy"
# What a statement for a function's URL carries; without a URL it lets nobody in
# (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html).
_OF_URLS = {("lambda:functionurlauthtype", "none"), ("lambda:invokedviafunctionurl", "true")}


@dataclass(frozen=True)
class FunctionPolicy:
    """Whom a function's policies let in: `otherwise` than by its URL, and `by_url`."""

    otherwise: Judged
    by_url: Judged


@dataclass(frozen=True)
class FunctionPolicies:
    """The functions of the region, each with whom its policies let in."""

    functions: list[Policied]
    verdicts: PerResource[FunctionPolicy]


@read(FUNCTIONS, ALIASES, POLICY, per="region")
def function_policies(aws: Aws, region_trust: Trust) -> FunctionPolicies:
    """Whom the policies of functions and their aliases let in; those of single versions are not looked at."""
    found: list[Policied] = []
    for raw in aws.list(FUNCTIONS, "Functions"):
        if not isinstance(raw.get("FunctionArn"), str):
            raise UnexpectedAnswer(f"{FUNCTIONS} answered a function without FunctionArn", FUNCTIONS)
        found.append(Policied(raw["FunctionArn"], raw["FunctionArn"].rpartition(":")[2], raw))

    def verdict(function: Policied) -> FunctionPolicy:
        statements = list(_policy(aws, function.name))
        for alias in aws.list(ALIASES, "Aliases", FunctionName=function.name):
            statements += _policy(aws, function.name, Qualifier=alias["Name"])
        url = tuple(statement for statement in statements if _is_of_url(statement))
        rest = tuple(statement for statement in statements if not _is_of_url(statement))
        denies = tuple(statement for statement in rest if not statement.allows)
        return FunctionPolicy(judged(rest, region_trust, POLICY), judged((*url, *denies), region_trust, POLICY))

    return FunctionPolicies(found, aws.each(found, verdict))


def _policy(aws: Aws, function: str, **more: Any) -> tuple[Statement, ...]:
    answer = aws.ask(POLICY, absent="ResourceNotFoundException", FunctionName=function, **more)
    if answer is None:
        return ()
    if not isinstance(answer.get("Policy"), str):
        raise UnexpectedAnswer(f"{POLICY} answered without Policy", POLICY)
    return statements_of(answer["Policy"], POLICY)


def _is_of_url(statement: Statement) -> bool:
    lines = [line for line in conditions_of(statement) if line.operator in ("stringequals", "bool") and not line.if_exists and not line.quantifier]
    return statement.allows and any((line.key, line.values[0].lower()) in _OF_URLS for line in lines if len(line.values) == 1)
