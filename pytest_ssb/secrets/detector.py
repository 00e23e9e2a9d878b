"""Whether a variable holds a secret, by its value's shape and by its name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pytest_ssb.secrets.names import is_open, said_by
from pytest_ssb.secrets.providers import shape_of
from pytest_ssb.secrets.values import (
    is_nothing,
    is_path,
    is_url_without_password,
    is_user_and_password,
    looks_random,
    password_in_url,
    without_references,
)

# How sure it is: a shape that only one service hands out, a password in an address, a name that says so; or what opens nothing.
Ground = Literal["shape", "address", "name", "example"]
DEPTH = 20
_FRAGMENT = re.compile(r"(?:^|(?<=[;&?\s,({]))(?:--?|/)?([A-Za-z][\w.-]{0,99}?)\s?=\s?(\"[^\"]*\"|'[^']*'|[^;&\s,\"']+)")
_OPTION = re.compile(r"(?:^|(?<=\s))--([a-z][\w-]{0,99})\s+(\"[^\"]*\"|'[^']*'|[^\s\"'-]\S*)")


@dataclass(frozen=True)
class Hit:
    """That something is a secret: which detector says so, and on what ground."""

    detector: str
    ground: Ground


def detect(name: str, value: str) -> Hit | None:
    """What says that the value of a variable is a secret, None if nothing does. The hit has nothing of the value in it."""
    return _detect(name, value, 0)


def _detect(name: str, value: str, depth: int) -> Hit | None:
    plain = without_references(value).strip()
    if is_nothing(plain):
        return None
    shape = shape_of(plain)
    if shape is not None and not (shape.name == "JSON Web Token" and is_open(name)):
        return Hit(shape.name, "shape" if shape.live else "example")
    document = _document(plain)
    if document is not None:
        return next((hit for key, inner in pairs(document) if (hit := _detect(key, inner, depth + 1))), None) if depth < DEPTH else None
    return _in_address(name, plain) or _by_fragments(plain) or _by_name(name, plain)


def _in_address(name: str, value: str) -> Hit | None:
    # Without a scheme only what is called a secret is taken for an address: a Go program's `user:...@tcp(db)`.
    if ("://" in value or said_by(name) in ("secret", "perhaps")) and password_in_url(value):
        return Hit("password in an address", "address")
    return None


def _by_fragments(value: str) -> Hit | None:
    """A `Password=...` or `--password ...` in a longer value."""
    for match in (*_FRAGMENT.finditer(value), *_OPTION.finditer(value)):
        if match.group(2) != value and _by_name(match.group(1), match.group(2).strip("'\"")):
            return Hit("a secret's name within the value", "name")
    return None


def _by_name(name: str, value: str) -> Hit | None:
    said = said_by(name)
    if said in ("nothing", "place") or is_nothing(value) or is_url_without_password(value) or is_path(value):
        return None
    said_value = re.sub(r"(?:bearer|basic|token)\s+", "", value, count=1, flags=re.IGNORECASE)
    if said == "secret" or looks_random(said_value) or is_user_and_password(said_value):
        return Hit("the name says so", "name")
    return None


def _document(value: str) -> Any:
    """The JSON object or array that a value is, None if it is none."""
    if value[:1] not in ("{", "["):
        return None
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def pairs(document: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a parsed document, with the name by which it stands there; `{"name": ..., "value": ...}` counts as one of that name."""
    stack: list[tuple[str, Any]] = [(name, document)]
    while stack:
        here, found = stack.pop()
        if isinstance(found, dict):
            lower = {str(key).lower(): value for key, value in found.items()}
            named = next((lower[key] for key in ("name", "key", "parameterkey", "parametername") if isinstance(lower.get(key), str)), None)
            for key, value in reversed(found.items()):
                is_value = str(key).lower() in ("value", "parametervalue", "default")
                stack.append((named if named is not None and is_value else str(key), value))
        elif isinstance(found, list):
            stack.extend((here, each) for each in reversed(found))
        elif isinstance(found, str | int | float) and not isinstance(found, bool):
            yield here, str(found)
