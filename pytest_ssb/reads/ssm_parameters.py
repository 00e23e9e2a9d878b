"""Parameter Store: secrets in plain parameters, and the keys of the encrypted ones, whose values are never asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pytest_ssb.errors import UnexpectedAnswer, Vanished
from pytest_ssb.reads.ebs import DefaultKey
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.secret_holders import Hidden, held, search_for
from pytest_ssb.secrets.search import Found
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

PARAMETERS, VALUES, KEY = "ssm:DescribeParameters", "ssm:GetParameters", "kms:DescribeKey"
AT_ONCE = 10  # https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
# What AWS's own tools keep there; of the user's names none may begin so, but for the CDK's.
NOT_OURS = ("/aws/", "/cdk-bootstrap/")
AWS_KEY = "alias/aws/ssm"
AWS_OWN = DefaultKey(arn=AWS_KEY, key_state="Enabled", key_manager="AWS")


class Parameter(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterMetadata.html"""

    arn: str
    name: str
    type: Literal["String", "StringList", "SecureString"]
    # absent: it is not encrypted
    key_id: str | None = None
    tier: str = "Standard"

    def __post_init__(self) -> None:
        """Refuse an encrypted one that does not tell by which key."""
        if self.type == "SecureString" and self.key_id is None:
            raise ValueError("a SecureString needs KeyId")


class Value(Hidden, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Parameter.html"""

    name: str
    type: Literal["String", "StringList"]
    value: str


@dataclass(frozen=True)
class PlainParameter:
    """A parameter that is not encrypted. `found` is None where values are not read; `named` tells whether its name alone speaks of a secret."""

    arn: str
    name: str
    found: Found | None
    named: bool


@dataclass(frozen=True)
class ParameterKey:
    """An encrypted parameter, and the state of its key; AWS's own key is not asked for."""

    arn: str
    name: str
    key: DefaultKey
    advanced: bool


@read(PARAMETERS, per="region")
def ssm_parameters(aws: Aws) -> list[Parameter]:
    """The account's own parameters of the region."""
    raws = aws.list(PARAMETERS, "Parameters")
    named = [{**raw, "Path": f"/{raw['Name'].lstrip('/')}" if isinstance(raw.get("Name"), str) else None} for raw in raws]
    found: list[Parameter] = aws.parse(PARAMETERS, named, Parameter, "arn:{partition}:ssm:{region}:{account}:parameter{Path}")
    return [each for each in found if error_of(each) or not each.name.startswith(NOT_OURS)]


@read(VALUES, per="region")
def plain_parameters(aws: Aws, ssb_profile: Profile, ssm_parameters: list[Parameter]) -> list[PlainParameter]:
    """The parameters that are not encrypted, each with the secrets in it, read where the profile lets values be read."""
    search = search_for(ssb_profile)
    plain = [each for each in ssm_parameters if error_of(each) or each.type != "SecureString"]
    known = [each for each in plain if not error_of(each)]
    values: dict[str, Any] = {}
    if ssb_profile.secrets.read_parameter_values:
        for start in range(0, len(known), AT_ONCE):
            names = [each.name for each in known[start : start + AT_ONCE]]
            answer = or_unread(lambda names=names: _values(aws, names))  # type: ignore[misc]
            values |= dict.fromkeys(names, answer)

    def look(parameter: Parameter) -> Any:
        named = search.variable(parameter.name, "a-value-nobody-has-seen") != Found()
        if not ssb_profile.secrets.read_parameter_values:
            return PlainParameter(parameter.arn, parameter.name, None, named)
        answered = values[parameter.name]
        if parameter.name not in answered:
            raise Vanished
        return PlainParameter(parameter.arn, parameter.name, search.variable(parameter.name, answered[parameter.name]), named)

    found: list[Any] = held(plain, look)
    return found


def _values(aws: Aws, names: list[str]) -> dict[str, str]:
    # Not even an encrypted value is decrypted if one took a plain one's name meanwhile.
    answer = aws.ask(VALUES, Names=names, WithDecryption=False)
    try:
        found = msgspec.convert(answer.get("Parameters"), list[Value])
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{VALUES} answered parameters that we cannot read: {error}", VALUES) from error
    if len(found) + len(answer.get("InvalidParameters") or ()) != len(names):
        raise UnexpectedAnswer(f"{VALUES} answered fewer parameters than were asked for", VALUES)
    return {each.name: each.value for each in found}


@read(KEY, per="region")
def securestring_keys(aws: Aws, ssm_parameters: list[Parameter]) -> list[ParameterKey]:
    """The encrypted parameters, each with the state of its key; every key is asked for once."""
    encrypted = [each for each in ssm_parameters if error_of(each) or each.type == "SecureString"]
    ids = {each.key_id for each in encrypted if not error_of(each) and each.key_id and not each.key_id.endswith(AWS_KEY)}
    keys = {one: or_unread(lambda one=one: _key(aws, one)) for one in sorted(ids)}  # type: ignore[misc]

    def look(parameter: Parameter) -> Any:
        key = AWS_OWN if (parameter.key_id or "").endswith(AWS_KEY) else keys[parameter.key_id or ""]
        error = error_of(key)
        if error is not None:
            raise error
        return ParameterKey(parameter.arn, parameter.name, key, parameter.tier == "Advanced")

    found: list[Any] = held(encrypted, look)
    return found


def _key(aws: Aws, id: str) -> DefaultKey:
    answer = aws.ask(KEY, absent="NotFoundException", KeyId=id)
    if answer is None:
        return DefaultKey(arn=id, key_state="NotFound", key_manager="CUSTOMER")
    (found,) = aws.parse(KEY, [(answer.get("KeyMetadata") or {}) | {"Named": id}], DefaultKey, "{Named}")
    key: DefaultKey = found
    return key
