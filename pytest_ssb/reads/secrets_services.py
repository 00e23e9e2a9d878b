"""Whether the account keeps secrets in Parameter Store or Secrets Manager, in any of its regions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_ssb.errors import NotOffered, UnexpectedAnswer
from pytest_ssb.reads.regions import REGIONS, regions_of
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

PARAMETERS, SECRETS = "ssm:DescribeParameters", "secretsmanager:ListSecrets"
FUNCTIONS, INSTANCES, FAMILIES = "lambda:ListFunctions", "ec2:DescribeInstances", "ecs:ListTaskDefinitionFamilies"


@dataclass(frozen=True)
class SecretsServices:
    """Where secrets are kept, in words; whether anything runs that might need one (None: not asked); and the first error of what could not be asked."""

    kept: tuple[str, ...]
    compute: bool | None
    error: Exception | None

    def whole(self) -> None:
        """Raise what kept something from being asked: there might be secrets, or what needs some."""
        if self.error is not None:
            raise self.error


@read(REGIONS, PARAMETERS, SECRETS, FUNCTIONS, INSTANCES, FAMILIES, per="account")
def secrets_services(aws: Aws, ssb_profile: Profile) -> SecretsServices:
    """Where the account keeps secrets; and, where it keeps none, whether there is anything that runs."""
    regions = regions_of(aws, ssb_profile)
    kept = aws.each(regions, lambda each: _asked(aws.in_region(each.region), (_encrypted, _secrets)))
    found = [f"{word} in {each.region}" for each in regions for word in kept[each][0]]
    errors = [error for each in regions for error in kept[each][1]]
    if found:
        return SecretsServices(tuple(found), None, None)
    runs = aws.each(regions, lambda each: _asked(aws.in_region(each.region), (_functions, _instances, _families)))
    compute = any(runs[each][0] for each in regions)
    errors += [error for each in regions for error in runs[each][1]]
    return SecretsServices((), compute, errors[0] if errors else None)


def _asked(aws: Aws, questions: Any) -> tuple[list[str], list[Exception]]:
    words, errors = [], []
    for question in questions:
        answer = or_unread(lambda question=question: question(aws))  # type: ignore[misc]
        error = error_of(answer)
        if error is not None:
            errors += [] if isinstance(error, NotOffered) else [error]
        elif answer:
            words.append(str(answer))
    return words, errors


def _encrypted(aws: Aws) -> str | None:
    types = [_text(PARAMETERS, each, "Type") for each in aws.list(PARAMETERS, "Parameters")]
    return "Parameter Store" if "SecureString" in types else None


def _secrets(aws: Aws) -> str | None:
    return "Secrets Manager" if aws.list(SECRETS, "SecretList") else None


def _functions(aws: Aws) -> str | None:
    return "Lambda" if aws.list(FUNCTIONS, "Functions") else None


def _instances(aws: Aws) -> str | None:
    return "EC2" if aws.list(INSTANCES, "Reservations") else None


def _families(aws: Aws) -> str | None:
    return "ECS" if aws.list(FAMILIES, "families", status="ACTIVE") else None


def _text(operation: str, raw: Any, key: str) -> str:
    found = raw.get(key)
    if not isinstance(found, str):
        raise UnexpectedAnswer(f"{operation} answered without {key}", operation)
    return found
