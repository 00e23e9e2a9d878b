"""What a value is, as far as it can be told without its name: a reference to a secret, a placeholder, a setting; or something that looks random."""

from __future__ import annotations

import re

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
# Where a text refers to something that is put in its place later. `${NAME:-text}` leaves its text: that is what it will be.
_DEFAULTS = re.compile(r"\$\{[A-Za-z_]\w*:?-([^${}]*)\}")
_REFERENCES = re.compile(
    r"""
    \{\{.*?\}\}                       # {{resolve:secretsmanager:...}}, and templates of many tools
    | \$\{\{.*?\}\}                   # GitHub Actions
    | \$\{[^{}]*\}                    # shells, CloudFormation, Terraform
    | \$\([^()]*(?:\([^()]*\)[^()]*)*\)   # what a command prints, Azure Pipelines
    | \#\{[^{}]*\} | \{%.*?%\} | <%.*?%>
    | `[^`]*`
    | arn:[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:\d*:[^\s"',;<>()\\]+
    """,
    re.VERBOSE,
)
_ELSEWHERE = re.compile(
    r"""
    (?: \$\$?[.\[].*                                     # a path in JSON
      | \$[A-Z_][A-Z0-9_]*  | \$[a-z_]+ | \$[\d@*\#]     # a variable of the shell
      | %[A-Za-z_]\w*%
      | (?: vault | ssm | ssm-secure | secretsmanager | keyvault | env | file | secret | resolve | ref\+[a-z0-9]+ ) : \S*
      | (?: op | bws | doppler | akv | sm | gcpsm | aws-?sm | aws-?ssm | awssecretsmanager | awsparameterstore | s3 | gs ) :// \S*
      | @Microsoft\.KeyVault\(.*\)
      | ! (?: Ref | Sub | GetAtt | ImportValue ) \b.*
      | ENC\[.*\] | AQICAH[A-Za-z0-9+/=]{40,}            # encrypted: by sops, by a KMS key
      | (?: bearer | basic | token )
    )""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_PLACEHOLDER = re.compile(
    r"""
    (?: change[-_ ]?(?:me|it|this)\S* | replace[-_ ]?(?:me|with|this)\b.* | your[-_ ][\w -]*(?:here|key|token|secret|password)
      | (?:put|insert|enter|add|set|fill)[-_ ][\w -]*(?:here|key|token|secret|password)
      | place[-_ ]?holder | example | dummy | fake | sample | todo | tbd | fixme | redacted | masked | removed | omitted | hidden | undefined | unset | empty
      | n/?a | none | nil | null | true | false | yes | no | on | off | enabled? | disabled? | required | optional
      | str | string | int | integer | boolean | object | array | securestring | plaintext | prompt
      | <.*> | \[.*\] | \*+ | x{3,} | \.+ | _+ | -+
    )""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_SHORT_NUMBER = re.compile(r"[-+]?\d{1,5}(?:\.\d+)?(?:ms|[smhd])?")
_WITHOUT_USER = re.compile(r"[a-z][a-z0-9+.-]*://[^\s@]*", re.IGNORECASE)
_OPEN_KEY = re.compile(r"(?:ssh-|ecdsa-|sk-ssh-|-----BEGIN (?:[A-Z ]*PUBLIC KEY|CERTIFICATE)).*", re.DOTALL)
_UUID_OR_DIGEST = re.compile(r"(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|sha(?:1|256|384|512)[:-]\S+)", re.IGNORECASE)
# A word as people name things, with a number behind it or none: `prod`, `db2`, `2025`. In both spellings of several words.
_LOWER = re.compile(r"(?:[a-z]{1,20}\d{0,4}|\d{1,8})(?:[-_.](?:[a-z]{1,20}\d{0,4}|\d{1,8}))*")
_CAMEL = re.compile(r"[A-Z]{1,6}|[A-Za-z]?[a-z]+(?:[A-Z]{1,5}[a-z]+)*\d{0,4}")
_CODE = re.compile(r"[A-Za-z_][\w.\[\]]*(?:\(.*|\[.*)|[A-Za-z_]\w*(?:(?:\.|::|->)[A-Za-z_]\w*)+\S*|&[A-Za-z_]\w*", re.DOTALL)
_USER_AND_HOST = r"(?P<user>[^\s/?#:@'\"]{0,200}):(?P<password>[^\s@'\"]{1,400})@(?=[\w\[(.-])"
_IN_URL, _BEFORE_HOST = re.compile("://" + _USER_AND_HOST), re.compile(_USER_AND_HOST)
_DOCUMENTED_USERS = {"user", "username", "login", "usr", "name", "myuser"}
_DOCUMENTED_PASSWORDS = {"pass", "passwd", "password", "pw", "pwd", "secret", "token", "mypassword"}


def without_references(text: str) -> str:
    """The text with an ellipsis for all that is only referred to in it."""
    return _REFERENCES.sub(ELLIPSIS, _DEFAULTS.sub(r"\1", text))


def is_nothing(value: str) -> bool:
    """Whether a value, references taken out of it, is empty, refers to something, is a placeholder, or is a setting."""
    value = value.strip().strip("'\"").strip()
    if not any(char.isalnum() for char in value):
        return True
    return any(pattern.fullmatch(value) for pattern in (_ELSEWHERE, _PLACEHOLDER, _SHORT_NUMBER, _OPEN_KEY))


def is_url_without_password(value: str) -> bool:
    """Whether it is an address that lets nobody in by itself."""
    return bool(_WITHOUT_USER.fullmatch(value)) or ("://" in value and not password_in_url(value) and not re.search(r"\s", value))


def is_code(value: str) -> bool:
    """Whether an unquoted value is an expression: a call, an attribute of something."""
    return bool(_CODE.fullmatch(value))


def is_path(value: str) -> bool:
    """Whether it is a path of words, as parameters, secrets and files have: `/app/prod/db_password`. A random string may have slashes, too."""
    if re.match(r"(?:\.{0,2}/|~/|[A-Za-z]:\\)[^\s]*\.[a-z][a-z0-9]{1,9}$", value):
        return True
    parts = value.strip("/").split("/")
    return len(parts) > (0 if value.startswith("/") else 1) and all(map(_is_word, parts))


def _is_word(part: str) -> bool:
    return bool(_LOWER.fullmatch(part)) or (bool(_CAMEL.fullmatch(part)) and (part.isupper() or 3 * sum(map(str.isupper, part)) <= len(part)))


def password_in_url(value: str) -> bool:
    """Whether an address carries a password, and no word of a manual in its place: `postgres://app:...@db`, or `app:...@tcp(db)` where no scheme is."""
    found = _IN_URL.finditer(value) if "://" in value else filter(None, [_BEFORE_HOST.match(value)])
    return any(_is_password(match["user"].lower(), match["password"]) for match in found)


def _is_password(user: str, password: str) -> bool:
    port = re.match(r"\d{1,5}[/?#]", password)
    documented = user in _DOCUMENTED_USERS and password.lower() in _DOCUMENTED_PASSWORDS
    return not port and not documented and (password.isdecimal() or not is_nothing(password))


def looks_random(value: str) -> bool:
    """Whether a value may have been made by a machine: long, without spaces, of letters and digits mixed, and neither a path nor an identifier."""
    if len(value) < 16 or re.search(r"\s", value) or is_path(value) or _UUID_OR_DIGEST.fullmatch(value):
        return False
    if _LOWER.fullmatch(value) and re.search("[-_.]", value):
        return False
    return bool(re.search(r"\d", value) and re.search("[A-Za-z]", value))


def is_user_and_password(value: str) -> bool:
    """Whether it is written as a user and a password are: `admin:...`."""
    return bool(re.fullmatch(r"[\w.@+-]{1,100}:[^\s:/]{4,}", value))
