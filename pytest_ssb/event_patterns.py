"""EventBridge's event patterns, matched as EventBridge matches them. Pure: asks nobody.

Numbers in events and patterns stand as they are written, for `300` and `300.0` are not equal where no operator compares them
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html; the operators:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html).
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

LIMIT = 5_000_000_000.0
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}


class UnknownPattern(ValueError):
    """A pattern that is none, or holds what we do not know."""


class Number(NamedTuple):
    """A number of JSON, as it is written."""

    text: str

    @property
    def value(self) -> float:
        """What it counts."""
        return float(self.text)


Leaf: TypeAlias = str | Number | bool | None
Test: TypeAlias = Callable[[Leaf], bool]


def event_of(text: str) -> Any:
    """An event, or a part of one, from its JSON."""
    return json.loads(text, parse_int=Number, parse_float=Number)


class Pattern:
    """An event pattern."""

    def __init__(self, text: str) -> None:
        """Read it from its JSON. Raises UnknownPattern where we cannot tell what it matches."""
        try:
            fields = event_of(text)
        except ValueError:
            raise UnknownPattern("is not JSON") from None
        if not isinstance(fields, dict) or not fields:
            raise UnknownPattern("is not an object with fields")
        self._fields = fields
        self._matches = _object(fields)

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Whether the event is passed on."""
        return self._matches(event)

    def is_about(self, event: Mapping[str, Any], *fields: str) -> bool:
        """Whether it names some of these top-level fields, and passes on what the event holds in those: it is about such events, or some of them."""
        named = {field: self._fields[field] for field in fields if field in self._fields}
        return bool(named) and _object(named)(event)


def _object(fields: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], bool]:
    """The test of an object: all its fields must match, and of each `$or` one of the alternatives."""
    tests = [_alternatives(wanted) if _is_or(key, wanted) else _field(key, wanted) for key, wanted in fields.items()]
    return lambda node: all(test(node) for test in tests)


def _is_or(key: str, wanted: Any) -> bool:
    # Anything else of that name is a field like others.
    return key == "$or" and isinstance(wanted, list) and len(wanted) > 1 and all(isinstance(each, dict) and each for each in wanted)


def _alternatives(wanted: list[Any]) -> Callable[[Mapping[str, Any]], bool]:
    tests = [_object(each) for each in wanted]
    return lambda node: any(test(node) for test in tests)


def _field(key: str, wanted: Any) -> Callable[[Mapping[str, Any]], bool]:
    if isinstance(wanted, dict):
        if not wanted:
            raise UnknownPattern(f"has an empty object in {key}")
        below = _object(wanted)
        # What is asked of the objects of a list must hold of one of them. In none, every field is absent.
        return lambda node: any(below(each) for each in _objects(node.get(key)) or [{}])
    if not isinstance(wanted, list) or not wanted:
        raise UnknownPattern(f"has no list of values in {key}")
    presences = [_presence(each) for each in wanted if _is_operator(each, "exists")]
    tests = [_test(each) for each in wanted if not _is_operator(each, "exists")]

    def holds(node: Mapping[str, Any]) -> bool:
        leaves = list(_leaves(node[key])) if key in node else []
        return bool(leaves) in presences or any(test(leaf) for test in tests for leaf in leaves)

    return holds


def _objects(node: Any) -> list[Mapping[str, Any]]:
    if isinstance(node, list):
        return [found for each in node for found in _objects(each)]
    return [node] if isinstance(node, dict) else []


def _leaves(node: Any) -> Iterator[Leaf]:
    """The values of a field. An object is none: operators are about leaves alone."""
    if isinstance(node, list):
        for each in node:
            yield from _leaves(each)
    elif not isinstance(node, dict):
        yield node


def _is_operator(wanted: Any, name: str) -> bool:
    return isinstance(wanted, dict) and list(wanted) == [name]


def _presence(wanted: Mapping[str, Any]) -> bool:
    present = wanted["exists"]
    if not isinstance(present, bool):
        raise UnknownPattern("has an exists that is neither true nor false")
    return present


def _test(wanted: Any) -> Test:
    """The test of one value of a field's list."""
    if not isinstance(wanted, dict):
        if isinstance(wanted, list):
            raise UnknownPattern("has a list in a list")
        return lambda leaf: type(leaf) is type(wanted) and leaf == wanted
    if len(wanted) != 1:
        raise UnknownPattern("has more than one operator, or none, where one stands")
    ((operator, operand),) = wanted.items()
    if operator == "anything-but":
        return _anything_but(operand)
    if operator == "numeric":
        return _numeric(operand)
    if operator == "cidr":
        return _cidr(operand)
    return _of_text(operator, operand)


def _of_text(operator: str, operand: Any) -> Test:
    ignores_case = operator == "equals-ignore-case" or (operator in ("prefix", "suffix") and _is_operator(operand, "equals-ignore-case"))
    given = operand["equals-ignore-case"] if isinstance(operand, dict) and ignores_case else operand
    if not isinstance(given, str):
        raise UnknownPattern(f"has no text after {operator}")
    wanted = given.lower() if ignores_case else given
    compared = _text_comparison(operator, wanted)
    return lambda leaf: isinstance(leaf, str) and compared(leaf.lower() if ignores_case else leaf)


def _text_comparison(operator: str, wanted: str) -> Callable[[str], bool]:
    if operator == "prefix":
        return lambda text: text.startswith(wanted)
    if operator == "suffix":
        return lambda text: text.endswith(wanted)
    if operator == "equals-ignore-case":
        return lambda text: text == wanted
    if operator == "wildcard":
        expression = _wildcard(wanted)
        return lambda text: expression.fullmatch(text) is not None
    raise UnknownPattern(f"has {operator}, which we do not know")


def _wildcard(wanted: str) -> re.Pattern[str]:
    """`*` is wild; a backslash takes that from it, or from another backslash, and may stand before nothing else."""
    parts = re.findall(r"\\.|[^\\]|\\", wanted, re.DOTALL)
    if any(part.startswith("\\") and part not in (r"\*", r"\\") for part in parts) or "**" in "".join(part for part in parts if len(part) == 1):
        raise UnknownPattern("has a wildcard that is none")
    return re.compile("".join(".*" if part == "*" else re.escape(part[-1]) for part in parts), re.DOTALL)


def _numeric(operand: Any) -> Test:
    pairs = list(zip(operand[::2], operand[1::2], strict=False)) if isinstance(operand, list) else []
    known = all(isinstance(sign, str) and sign in _COMPARISONS and isinstance(bound, Number) for sign, bound in pairs)
    if not pairs or not known or len(operand) % 2:
        raise UnknownPattern("has a numeric that does not compare with numbers")
    return lambda leaf: (
        isinstance(leaf, Number) and abs(leaf.value) <= LIMIT and all(_COMPARISONS[sign](leaf.value, bound.value) for sign, bound in pairs)
    )


def _cidr(operand: Any) -> Test:
    try:
        network = ipaddress.ip_network(operand)
    except ValueError:
        raise UnknownPattern("has a cidr that is none") from None

    def within(leaf: Leaf) -> bool:
        try:
            return isinstance(leaf, str) and ipaddress.ip_address(leaf) in network
        except ValueError:
            return False

    return within


def _anything_but(operand: Any) -> Test:
    """What none of the values, or of the texts after an operator, is."""
    tests = [_excluded(each) for each in _excluded_values(operand)]
    return lambda leaf: not any(test(leaf) for test in tests)


def _excluded_values(operand: Any) -> list[Any]:
    if isinstance(operand, dict):
        if len(operand) != 1:
            raise UnknownPattern("has more than one operator, or none, after anything-but")
        ((operator, texts),) = operand.items()
        return [{operator: text} for text in (texts if isinstance(texts, list) else [texts])] or _nothing()
    return (operand if isinstance(operand, list) else [operand]) or _nothing()


def _nothing() -> list[Any]:
    raise UnknownPattern("has nothing after anything-but")


def _excluded(value: Any) -> Test:
    if isinstance(value, dict):
        return _of_text(*next(iter(value.items())))
    if isinstance(value, Number):
        return lambda leaf: isinstance(leaf, Number) and leaf.value == value.value
    if not isinstance(value, str):
        raise UnknownPattern("has neither text nor number after anything-but")
    return lambda leaf: leaf == value and isinstance(leaf, str)
