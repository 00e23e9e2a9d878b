"""Patterns of policies, in which `*` and `?` are wild: whether one holds all of another, and whether two have nothing in common."""

from __future__ import annotations

import functools
import re


@functools.lru_cache(maxsize=8192)
def contains(outer: str, inner: str) -> bool:
    """Whether whatever matches `inner` matches `outer`, too; case does not count."""
    return _outer(outer).fullmatch(inner) is not None


@functools.lru_cache(maxsize=2048)
def _outer(pattern: str) -> re.Pattern[str]:
    # A `?` stands for one character, so that it holds another `?`, but no `*`.
    return re.compile("".join({"*": ".*", "?": "[^*]"}.get(char, re.escape(char)) for char in pattern), re.IGNORECASE | re.DOTALL)


@functools.lru_cache(maxsize=8192)
def disjoint(one: str, other: str) -> bool:
    """Whether no text matches both patterns; case does not count."""
    # Which places of `other` can be reached by some text that brought `one` as far as we are.
    one, other = one.lower(), other.lower()
    places = _through_stars(other, {0})
    for char in one:
        if char == "*":
            places = set(range(min(places), len(other) + 1)) if places else set()
        else:
            places = _through_stars(other, {_after(other, at) for at in places if at < len(other) and _meet(char, other[at])})
    return len(other) not in places


def _meet(char: str, other: str) -> bool:
    return char == other or "?" in (char, other) or other == "*"


def _after(pattern: str, at: int) -> int:
    return at if pattern[at] == "*" else at + 1


def _through_stars(pattern: str, places: set[int]) -> set[int]:
    """Those places, and those behind stars, which may stand for nothing."""
    return {reached for at in places for reached in range(at, at + _stars(pattern[at:]) + 1)}


def _stars(pattern: str) -> int:
    return len(pattern) - len(pattern.lstrip("*"))
