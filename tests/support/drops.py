"""Answers with one fact less: each field in turn absent, null, or of a value that nobody knows, in lists, policy documents and reports, too."""

from __future__ import annotations

import copy
import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from botocore.model import ListShape, MapShape, Shape, StructureShape

UNKNOWN = "not-known-to-us"
# Resources of one kind are told apart by what they hold, and a world has few: of long lists that moto brings along, the first are enough.
AT_MOST = 4
# The parts of a policy document that the grammar requires
# (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html); what it lets be absent has a meaning when it is.
REQUIRED_OF_POLICIES = {"Statement", "Effect", "Action", "Principal", "Resource"}
# Values of a closed set where no model says so: the columns of a credential report, the effect of a statement.
FLAGS = {"true", "false", "Allow", "Deny"}


class Drop(NamedTuple):
    """One change of an answer: the path of the field, and what becomes of it."""

    path: tuple[Any, ...]
    how: str

    @property
    def field(self) -> str:
        """The path without places in lists: `Volumes.Encrypted`."""
        return ".".join(step for step in self.path if isinstance(step, str))

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))} {self.how}"


def drops(answer: Any, shape: Shape | None) -> list[Drop]:
    """Every change of an answer, in a fixed order. `shape` is botocore's model of it, by which values of a closed set are known."""
    return [Drop(path, how) for path, value in _fields(answer, ()) for how in _ways(path, value, shape)]


def _ways(path: Sequence[Any], value: Any, shape: Shape | None) -> Iterator[str]:
    # The entries of a map are its owner's: with one less it is another map, of which no field is missing.
    if not isinstance(_at(shape, path[:-1]), MapShape):
        yield "absent"
    yield "null"
    # Another name or text is another resource, not an unknown one.
    if isinstance(value, str) and (value in FLAGS or _is_enum(shape, path)):
        yield "unknown"


def _is_enum(shape: Any, path: Sequence[Any]) -> bool:
    return bool(getattr(_at(shape, path), "enum", None))


def _at(shape: Any, path: Sequence[Any]) -> Any:
    """What the model says of the value at a path, None if nothing."""
    for step in path:
        if isinstance(shape, ListShape):
            shape = shape.member
        elif isinstance(shape, MapShape):
            shape = shape.value
        elif isinstance(shape, StructureShape):
            shape = shape.members.get(step)
        else:
            return None
    return shape


def _fields(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict):
        policy = "Statement" in path or "Statement" in value
        for key in sorted(value, key=str):
            if key == "ResponseMetadata" or (policy and key not in REQUIRED_OF_POLICIES):
                continue
            yield (*path, key), value[key]
            yield from _fields(value[key], (*path, key))
    elif isinstance(value, list):
        for at, each in enumerate(value[:AT_MOST]):
            yield from _fields(each, (*path, at))
    elif isinstance(value, str) and (document := _document(value)) is not None:
        yield from _fields(document, (*path, "(JSON)"))
    elif isinstance(value, bytes) and (rows := _rows(value)):
        for column in rows[0]:
            yield (*path, "(CSV)", column), rows[0][column]


def _document(text: str) -> Any:
    """The policy document that a text is. What users write into other documents is theirs, and no field of AWS's."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "Statement" in found else None


def _rows(content: bytes) -> list[dict[str, str]]:
    try:
        return list(csv.DictReader(io.StringIO(content.decode()), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return []


def changed(answer: dict[str, Any], drop: Drop) -> dict[str, Any]:
    """The answer with that change."""
    found: dict[str, Any] = _changed(copy.deepcopy(answer), drop.path, drop.how)
    return found


def _changed(value: Any, path: Sequence[Any], how: str) -> Any:
    step, *rest = path
    if step == "(JSON)":
        return json.dumps(_changed(json.loads(value), rest, how))
    if step == "(CSV)":
        return _without_column(value, rest[0], how)
    if rest:
        value[step] = _changed(value[step], rest, how)
    elif how == "absent":
        del value[step]
    else:
        value[step] = None if how == "null" else UNKNOWN
    return value


def _without_column(content: bytes, column: str, how: str) -> bytes:
    rows = _rows(content)
    names = [name for name in rows[0] if how != "absent" or name != column]
    out = io.StringIO()
    writer = csv.DictWriter(out, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(row if how == "absent" else row | {column: "" if how == "null" else UNKNOWN})
    return out.getvalue().encode()
