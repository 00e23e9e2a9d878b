"""The words in which the keys of the config file are typed: what one entry may be, and what is said of each key.

A type's `expected` is how its mistakes are told; without one, it is derived from the type.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

Kind: TypeAlias = Literal["d", "s", "t", "-"]


def _text(pattern: str, expected: str) -> Meta:
    return Meta(pattern=pattern, extra={"expected": expected})


Text = Annotated[str, _text(r"\S", "a text")]
Address = Annotated[str, _text(r"\S", "an e-mail address, or a glob of one")]
FilePath = Annotated[str, _text(r"\S", "a path, relative to the file")]
Glob = Annotated[str, _text(r"\S", "a glob")]
AwsProfile = Annotated[str, _text(r"\S", "the name of an AWS profile")]
ProfileName = Annotated[str, _text(r"^[A-Za-z0-9._-]+$", "the name of a profile (letters, digits, '.', '_', '-')")]
Selector = Annotated[str, _text(r"\S", "a selector")]
TagSelector = Annotated[str, _text(r"^tag:", "a selector tag:KEY=VALUE")]
TagKey = Annotated[str, _text(r"^(?!tag:)[^*?=]*[^*?=\s][^*?=]*$", "the key of a tag, such as 'person'")]
Bucket = Annotated[str, _text(r"\S", "a selector, or name/prefix")]
AccountId = Annotated[str, _text(r"^[0-9]{12}$", "an account id (12 digits, in quotes)")]
AccountWord = Annotated[str, _text(r"\S", "an account id (12 digits, in quotes), or with organization = true a name, tag:K=V or ou:")]
OrganizationId = Annotated[str, _text(r"^o-[a-z0-9]{10,32}$", "an organization id (o-...)")]
CanonicalUser = Annotated[str, _text(r"^[0-9a-f]{64}$", "an S3 canonical user id (64 hex digits)")]
NetworkId = Annotated[str, _text(r"^vpce?-[0-9a-f]+$", "a vpc- or vpce- id")]
Region = Annotated[str, _text(r"^[a-z]+(-[a-z]+)+-[0-9]+$", "a region, such as 'eu-west-1'")]
RoleArn = Annotated[str, _text(r"^arn:[a-z-]+:iam::[0-9]{12}:role/[!-~]+$", "a role's ARN")]
RoleName = Annotated[str, _text(r"^(?!arn:)/?([!-~]+/)*[A-Za-z0-9+=,.@_-]{1,64}$", "a role's name, with its path if any")]
SessionName = Annotated[str, _text(r"^[A-Za-z0-9+=,.@_-]{2,64}$", "a session name (2 to 64 letters, digits or +=,.@_-)")]
ExternalId = Annotated[str, _text(r"^[A-Za-z0-9+=,.@:/_-]{2,1224}$", "an external id (2 to 1224 letters, digits or +=,.@:/_-)")]
PolicyName = Annotated[str, _text(r"\S", "the name or ARN of a policy")]
Arn = Annotated[str, _text(r"^arn:", "an ARN, or a glob of one")]
Reader = Annotated[str, _text(r"^(arn:.*|[0-9]{12})$", "an ARN, a glob of one, or an account id (12 digits, in quotes)")]
Cidr = Annotated[str, _text(r"\S", "a CIDR, such as '192.0.2.0/24'")]
Label = Annotated[str, _text(r"^(?!com\.amazonaws\.)[a-z0-9][a-z0-9.-]*$", "the label of a service, such as 'ecr.api'")]
Category = Literal["cost_optimizing", "fault_tolerance", "operational_excellence", "performance", "security", "service_limits"]
Named = Annotated[str, _text(r"\S", '"control or check"')]
Positive = Annotated[int, Meta(gt=0)]
CountOrZero = Annotated[int, Meta(ge=0)]
Port = Annotated[int, Meta(ge=1, le=65535)]


class Said(NamedTuple):
    """What is said of a key beside its type."""

    kind: Kind
    text: str
    each: Any
    was: tuple[str, ...]


def key(kind: Kind, text: str, *, each: Any = None, was: str | tuple[str, ...] = ()) -> Said:
    """Say of a key its kind and meaning, the type of its entries, and its earlier names.

    Kinds: `d` names or exempts, `s` says where to look, `t` is a threshold or switch, `-` is none of these.
    """
    return Said(kind, text, each, (was,) if isinstance(was, str) else was)


class Key(NamedTuple):
    """A key: its dotted path, what holds its value, the type of that value or of its entries, and what is said of it."""

    path: str
    form: Any  # a class of `selectors`, `tuple` for other lists, None for a single value
    each: Any
    said: Said
    default: Any  # msgspec.NODEFAULT: required

    @property
    def name(self) -> str:
        """The key without its table."""
        return self.path.rpartition(".")[2]

    @property
    def table(self) -> str:
        """The table in which the key stands, or an empty text."""
        return self.path.rpartition(".")[0]


def keys_of(table: type[msgspec.Struct], prefix: str = "") -> Iterator[Key]:
    """Every key of a table and of the tables in it; a field that is none of the user's has nothing said of it, and is left out."""
    hints = get_type_hints(table, include_extras=True)
    for field in msgspec.structs.fields(table):
        hint = hints[field.name]
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            yield from keys_of(hint, f"{prefix}{field.name}.")
        elif get_origin(hint) is Annotated:
            empty = field.default_factory is not msgspec.NODEFAULT
            yield _key(prefix + field.name, hint, field.default_factory() if empty else field.default)


def _key(path: str, hint: Any, default: Any) -> Key:
    said = next(each for each in hint.__metadata__ if isinstance(each, Said))
    constraints = tuple(each for each in hint.__metadata__ if isinstance(each, Meta))
    kind = hint.__origin__
    options = [each for each in get_args(kind) if each is not type(None)] if type(None) in get_args(kind) else [kind]
    bare = options[0]
    if isinstance(bare, type) and get_origin(bare) is None and issubclass(bare, tuple):
        return Key(path, bare, said.each, said, default)
    if get_origin(bare) is tuple:
        return Key(path, tuple, get_args(bare)[0], said, default)
    return Key(path, None, Annotated[(bare, *constraints)] if constraints else bare, said, default)
