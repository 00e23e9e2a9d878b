"""What a name says of its value: `DB_PASSWORD` holds a secret, `PASSWORD_MIN_LENGTH`, `DB_PASSWORD_ARN` and `PUBLIC_KEY` do not."""

from __future__ import annotations

import re
from typing import Literal

# What the end of a name says: it holds a secret; a secret only if the value looks random; or it names a place where something else lies.
Said = Literal["secret", "perhaps", "place", "nothing"]

# The last words of a name, glued together. Longer ones are looked for at its end, too: `dbpassword`, `clientsecret`.
SECRET = (
    *("password", "passwd", "passphrase", "passcode", "secret", "token", "apikey", "secretkey", "privatekey", "accesskey", "signingkey"),
    *("encryptionkey", "masterkey", "authkey", "serviceaccountkey", "accountkey", "accesskeyid", "storagekey", "licensekey", "webhooksecret"),
)
SECRET_WORDS = {"pass", "pwd", "pw", "passwort", "credential", "credentials", "creds", "cred"}
PERHAPS_WORDS = {"key", "auth", "salt", "seed", "signature", "cookie", "jwt", "dsn", "authorization", "pat"}
PLACE_WORDS = {"name", "id", "path", "arn", "param", "parameter", "file", "location", "ref", "uri", "url"}
# A key that says to whom something belongs or where it stands, and opens nothing.
OPEN_KEYS = {
    *("public", "publishable", "pub", "anon", "anonymous", "kms", "partition", "idempotency", "sort", "primary", "foreign", "cache", "hash", "range"),
    *("object", "s3", "bucket", "file", "lookup", "host", "row", "group", "shard", "tag", "verify", "verification", "site", "index", "map", "config"),
    *("ssh", "gpg", "translation", "i18n", "dedup", "deduplication", "sorting", "routing", "parameter", "secretid", "context", "locale", "widget"),
}
# What says whose or which one it is, behind the word that says what it is: DB_PASSWORD_PROD, TOKEN_2.
WHICH = re.compile(r"(?:prod|production|staging|stage|dev|development|test|live|old|new|current|previous|primary|secondary|default|value|v?\d+)")
_ASKED = "allow_empty|random_root|no|hide|show|reset|forgot|enabled?|disabled?|requires?|uses?|has|is|generate"
HARMLESS = re.compile(rf"(?:{_ASKED})_(?:.*_)?(?:password|passwd|token|secret|auth|pass)")
# The shell's own variables.
SHELL = {"PWD", "OLDPWD"}


def said_by(name: str) -> Said:
    """What the end of a variable's name says of its value."""
    if name in SHELL:
        return "nothing"
    words = _words(name)
    while len(words) > 1 and WHICH.fullmatch(words[-1]):
        words.pop()
    if not words or HARMLESS.fullmatch("_".join(words)):
        return "nothing"
    return _said_by_words(words)


def is_open(name: str) -> bool:
    """Whether a name says that its value is meant for everybody."""
    return bool({"public", "publishable", "anon"} & set(_words(name)))


def _said_by_words(words: list[str]) -> Said:
    last, glued = words[-1], "".join(words)
    if glued.endswith("accesskeyid"):
        # The half that names a key: whether it is one is told by its shape.
        return "nothing"
    if last in ("key", "keys") and len(words) > 1 and words[-2] in OPEN_KEYS:
        return "nothing"
    if is_open("_".join(words)):
        return "nothing"
    if glued.endswith(SECRET) or last in SECRET_WORDS:
        return "secret"
    if last in PERHAPS_WORDS or last.endswith("key"):
        return "perhaps"
    return "place" if last in PLACE_WORDS else "nothing"


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return [word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word]
