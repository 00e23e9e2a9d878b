"""Secrets in texts: scripts, templates, definitions, files of a repository. Where names stand before values they count, elsewhere shapes alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pytest_ssb.secrets.detector import Hit, detect, pairs
from pytest_ssb.secrets.providers import may_have_shape, shape_of
from pytest_ssb.secrets.values import is_code, password_in_url, without_references

_VALUE = r"""(?P<value> "(?:[^"\\\n]|\\.)*" | '[^'\n]*' | [^\s,;"'#)}\]]+ (?:\([^)]*\))? )"""
_PAIR = re.compile(r"""(?<![\w.$%-]) (?:--?)? ["']?(?P<name>[A-Za-z_][\w.-]{0,99})["']? \s*(?:=>|:=|==|[:=])\s* """ + _VALUE, re.VERBOSE)
_OPTION = re.compile(r"""(?<!\S) --(?P<name>[a-z][\w-]{0,99}) [ ]+ (?!-) """ + _VALUE, re.VERBOSE)
_ALLOWED = re.compile(r"pragma:\s*(?:allow|white)list\s+secret|gitleaks:allow", re.IGNORECASE)
LONGEST_LINE = 20_000
# So many lines are looked at together first: whether any of them has a known shape.
BLOCK = 50


@dataclass(frozen=True)
class Place:
    """Where in a text a secret is: its line, the name before it, if there is one, and what found it. `value` is for comparing; it is never told."""

    line: int
    name: str | None
    hit: Hit
    value: str

    def __repr__(self) -> str:
        return f"Place({self.line})"


def secrets_in(text: str, *, names: bool = True, allowed: bool = False) -> Iterator[Place]:
    """The secrets in a text, a line at most once. `names`: what stands behind a name is judged by it, too; `allowed`: comments that allow a line count."""
    document = _document(text) if names else None
    if document is not None:
        yield from _in_document(text, document)
        return
    called: str | None = None
    lines = text.splitlines()
    for start in range(0, len(lines), BLOCK):
        block = lines[start : start + BLOCK]
        shaped = max(map(len, block)) > LONGEST_LINE or may_have_shape("\n".join(block))
        for number, line in enumerate(block, start=start + 1):
            if allowed and _ALLOWED.search(line):
                continue
            found, called = _in_line(without_references(line[:LONGEST_LINE]), called) if names else (None, None)
            found = found or (_by_shape(line) if shaped else None) or _in_address(line)
            if found is not None:
                name, hit, value = found
                yield Place(number, name, hit, value)


def _in_line(line: str, called: str | None) -> tuple[tuple[str | None, Hit, str] | None, str | None]:
    """What the pairs of a line hold, and the name that a line `- name: ...` gives to the next one's value."""
    for match in (*_PAIR.finditer(line), *_OPTION.finditer(line)):
        name, value = match["name"], match["value"]
        quoted = value[:1] in "\"'"
        plain = value.strip("\"'")
        if name.lower() in ("name", "key", "parameterkey"):
            called = plain
            continue
        if name.lower() in ("value", "parametervalue") and called is not None:
            name = called
        if not quoted and is_code(plain):
            continue
        hit = detect(name, plain)
        if hit is not None:
            return (name, hit, plain), None
    return None, called


def _by_shape(line: str) -> tuple[None, Hit, str] | None:
    plain = without_references(line)
    shape = shape_of(plain)
    if shape is not None:
        word = next((each for each in re.split(r"[\s\"'=,;]+", plain) if shape_of(each) == shape), plain.strip())
        return None, Hit(shape.name, "shape" if shape.live else "example"), word
    return None


def _in_address(line: str) -> tuple[None, Hit, str] | None:
    if "://" not in line or "@" not in line:
        return None
    plain = without_references(line[:LONGEST_LINE])
    return (None, Hit("password in an address", "address"), plain.strip()) if password_in_url(plain) else None


def _document(text: str) -> object:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _in_document(text: str, document: object) -> Iterator[Place]:
    """The secrets of a JSON document, each with the line on which its value stands, as far as that can be told."""
    lines = text.splitlines()
    for name, value in pairs(document):
        hit = detect(name, value)
        if hit is not None:
            written = json.dumps(value)[1:-1]
            yield Place(next((n for n, line in enumerate(lines, start=1) if value in line or written in line), 1), name, hit, value)
