"""What is said of a key that the config file does not know: the nearest one, the new one, or why there is none."""

import re
from collections.abc import Collection, Iterable
from difflib import SequenceMatcher, get_close_matches

from pytest_ssb.keys import Key, keys_of
from pytest_ssb.profiles import Profile
from pytest_ssb.selectors import SelectorTable

KEYS: dict[str, Key] = {key.path: key for key in keys_of(Profile)}
TABLES: tuple[str, ...] = tuple(dict.fromkeys(key.table for key in KEYS.values() if key.table))

_OLD = {old: key.path for key in KEYS.values() for old in key.said.was}

_DECLARED = {
    "central_guardduty_notifications": "guardduty_finding_notifications",
    "code_review_covers_secrets": "repository_review_covers_secrets",
    "idp_enforces_mfa": "idp_enforces_mfa",
    "organization_trail_verified": "cloudtrail_management_events",
    "pipelines": "deployment_pipeline_exists",
    "primary_email": "primary_email_distribution_list",
    "secret_detection": "secret_detection_deployed",
    "trusted_advisor_reviewed": "trusted_advisor_reviewed",
}

_GONE = {
    "ci_principals": "no check reads it: remove it",
    "organization_id": "the own organization is read from AWS: remove it",
    "require_shield_advanced": "no check reads it: remove it",
    "secret_rotation_exempt": "write a waiver",
    "tls_exceptions": "write a waiver",
}

_CREDENTIALS = re.compile("acc?ess?key|secretkey|secretaccess|sessiontoken|securitytoken|^password$|^credentials?$")

_NEAR = 0.6  # as difflib counts: 1 is equal
_NEAR_TABLE = 0.5  # there are few tables


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like `word`, or None where none is alike."""
    by_lower = {each.lower(): each for each in known}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=_NEAR)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, known: Collection[str]) -> str:
    """What to add to a mistake: `; did you mean 'this'?`, or the known words where none is alike."""
    near = nearest(word, known)
    if near is not None:
        return f"; did you mean {near!r}?"
    return f"; known: {', '.join(sorted(known))}" if known else ""


def unknown_field(name: str, known: Collection[str], was: dict[str, str] | None = None) -> str:
    """What is said of an unknown key of a small table, such as a waiver."""
    if _is_credential(name):
        return _credential(name)
    if was and name in was:
        return f"unknown key {name!r}; did you mean {was[name]!r}?"
    return f"unknown key {name!r}{did_you_mean(name, known)}"


def unknown_key(name: str, table: str, value: object) -> str:
    """What is said of an unknown key in a table of a profile (an empty text: in the profile itself): the nearest key of any table."""
    if name in _OLD:
        return f"unknown key {name!r}; did you mean {_in_table(_OLD[name], table)!r}?"
    if name in _DECLARED:
        return f"unknown key {name!r}; write a declaration for check {_DECLARED[name]!r}"
    if name in _GONE:
        return f"unknown key {name!r}; {_GONE[name]}"
    if _is_credential(name):
        return _credential(name)
    near = _nearest_key(name.lower(), table, isinstance(value, dict))
    if near:
        return f"unknown key {name!r}; did you mean {_in_table(near, table)!r}?"
    known = [key.name for key in KEYS.values() if key.table == table] + ([] if table else list(TABLES))
    return f"unknown key {name!r}; known: {', '.join(sorted(known))}"


def _is_credential(name: str) -> bool:
    return _CREDENTIALS.search(re.sub("[^a-z]", "", name.lower())) is not None


def _credential(name: str) -> str:
    return f"{name!r}: credentials do not belong in this file; use aws_profile"


def _nearest_key(name: str, table: str, is_table: bool) -> str | None:
    """The path of the key that is most like `name`; one of the same table is taken before one of another that is as near."""
    paths = [*TABLES, *(path for path, key in KEYS.items() if key.form is SelectorTable)] if is_table else list(KEYS)
    options = [(path, path) for path in paths] + ([] if is_table else list(_OLD.items()))

    def likeness(option: tuple[str, str]) -> float:
        word = option[0]
        return max(SequenceMatcher(None, name, word.rpartition(".")[2]).ratio(), SequenceMatcher(None, f"{table}.{name}", word).ratio())

    def preference(option: tuple[str, str]) -> float:
        return likeness(option) + (0.1 if option[1].rpartition(".")[0] == table else 0)

    near = [option for option in options if likeness(option) >= (_NEAR_TABLE if is_table else _NEAR)]
    return max(near, key=preference)[1] if near else None


def _in_table(path: str, table: str) -> str:
    return path.removeprefix(f"{table}.") if table else path
