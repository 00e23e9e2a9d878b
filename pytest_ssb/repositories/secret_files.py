"""Files that hold secrets by their kind, and have no place in a repository: keys, states, credentials."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath

from pytest_ssb.repositories.git import Repository
from pytest_ssb.secrets.text import secrets_in

# A name may have any character in it, that of a new line, too.
FLAGS = re.IGNORECASE | re.DOTALL
ENVIRONMENT = re.compile(r"\.env(?:\..+)?|.+\.env", FLAGS)
PATTERN = re.compile(r".*\.(?:example|sample|template|dist|tmpl|defaults?|schema)(?:\.\w+)?", FLAGS)
KEYS = re.compile(r".*\.(?:pem|key|ppk|asc|pk8)|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?", FLAGS)
STORES = re.compile(r".*\.(?:pfx|p12|jks|keystore|kdbx)", FLAGS)
STATES = re.compile(r".*\.tfstate(?:\..*)?", FLAGS)
ACCOUNTS = re.compile(r".*(?:credentials?|service[-_]?account|client[-_]secret|firebase-adminsdk|[-_.]key).*\.json", FLAGS)
TOKENS = {".npmrc", ".pypirc", ".netrc", "_netrc", ".dockercfg", ".yarnrc.yml", ".pgpass", ".git-credentials", ".htpasswd"}
PRIVATE = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY|PuTTY-User-Key-File")


def may_be_secret(path: str) -> bool:
    """Whether a file is of a kind that may hold secrets, by its name alone."""
    name = PurePosixPath(path).name
    kinds = (STORES, STATES, KEYS, ACCOUNTS, ENVIRONMENT)
    by_name = any(kind.fullmatch(name) for kind in kinds) or name in TOKENS or path.endswith((".aws/credentials", ".docker/config.json"))
    return by_name and not PATTERN.fullmatch(name)


def why_secret(repository: Repository, path: str) -> str | None:
    """Why a file of such a kind holds a secret, None if it does not. Raises Undecided where its content is needed and cannot be read."""
    name = PurePosixPath(path).name
    if path.endswith(".aws/credentials"):
        return "credentials of the AWS CLI"
    if STORES.fullmatch(name):
        return "a store of keys"
    if STATES.fullmatch(name):
        return "a state of Terraform, which holds every value of the resources"
    if KEYS.fullmatch(name):
        return "a private key" if PRIVATE.search(repository.text(path) or "") else None
    if ACCOUNTS.fullmatch(name):
        return "a service account's key" if _is_service_account(repository.text(path) or "") else None
    return _by_content(repository.text(path) or "", name)


def _by_content(text: str, name: str) -> str | None:
    # Of files of these tools the words stand apart: `machine host login user password ...`.
    if name in (".netrc", "_netrc"):
        return "a password" if re.search(r"\bpassword\s+\S", text) else None
    if name in (".pgpass", ".git-credentials", ".htpasswd"):
        return "passwords" if text.strip() else None
    found = next(secrets_in(text, allowed=True), None)
    if found is not None:
        return f"a secret in line {found.line} ({found.hit.detector})"
    return "a token" if re.search(r"_auth(?:Token)?\s*[:=]\s*[^\s${]", text) or re.search(r'"auth"\s*:\s*"[^"]', text) else None


def _is_service_account(text: str) -> bool:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return bool(PRIVATE.search(text))
    return isinstance(found, dict) and (found.get("type") == "service_account" or "client_secret" in json.dumps(found) or bool(PRIVATE.search(text)))
