"""From the tables of the config file to typed values, key by key, so that every mistake is told and not the first alone."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import msgspec
from msgspec import Meta

from pytest_ssb.confignames import KEYS, TABLES, unknown_field, unknown_key
from pytest_ssb.configrules import Known, Place, declaration_problems, entries_problem, entry_problem, minutes_problem, twice, waiver_problems
from pytest_ssb.keys import Key, keys_of
from pytest_ssb.profiles import Declaration, Repository, Waiver
from pytest_ssb.selectors import Entries, HiddenGlobs, Paths, SelectorTable

# The values of these are never shown: they may be, or resemble, a secret.
_HIDDEN = {"external_id"} | {path for path, key in KEYS.items() if key.form is HiddenGlobs}
# Where `[]` can only mean "take the default's list back": judging no region, category or account is nothing that anybody asks for.
_EMPTY_IS_UNSET = {"accounts", "regions", "trusted_advisor.categories"}

_BROKEN: Final = object()


@dataclass(frozen=True)
class Section:
    """A table `[defaults]` or `[profiles.NAME]`: the values of its keys by dotted path, and the keys whose values could not be taken."""

    values: dict[str, Any] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)


def read_section(raw: object, place: Place, known: Known, headers: dict[str, list[int]], folder: Path) -> Section:
    """Read a section. `headers` has, by key, the lines of its `[[...]]` headers; `folder` is what its paths are relative to."""
    section = Section()
    if isinstance(raw, dict):
        _Reader(section, known, headers, folder).table(raw, "", place)
    else:
        place.say(f"expected a table, found {found(raw)}")
    return section


@dataclass(frozen=True)
class _Reader:
    section: Section
    known: Known
    headers: dict[str, list[int]]
    folder: Path

    def table(self, raw: dict[str, Any], table: str, place: Place) -> None:
        for name, value in raw.items():
            path = f"{table}.{name}" if table else name
            if "." not in name and path in KEYS:
                taken = self.value(KEYS[path], value, place.at(path))
                if taken is _BROKEN:
                    self.section.broken.add(path)
                else:
                    self.section.values[path] = taken
            elif not table and name in TABLES:
                if isinstance(value, dict):
                    self.table(value, name, place)
                else:
                    place.at(name).say(f"expected a table, found {found(value)}")
                    self.section.broken.update(key for key in KEYS if key.startswith(f"{name}."))
            else:
                (place.at(table) if table else place).say(unknown_key(name, table, value))

    def value(self, key: Key, raw: object, place: Place) -> Any:
        if key.form is None:
            table = get_origin(key.each) is dict and isinstance(raw, dict)
            return self.minutes(key, raw, place) if table else one(key.each, raw, place, hidden=key.path in _HIDDEN)
        if key.form is SelectorTable:
            return self.selector_table(key, raw, place)
        if not isinstance(raw, list):
            hint = f"; write [{_quoted(raw)}]" if isinstance(raw, str | int) and not isinstance(raw, bool) and key.path not in _HIDDEN else ""
            place.say(f"expected a list, found {found(raw, key.path in _HIDDEN)}{hint}")
            return _BROKEN
        if isinstance(key.each, type) and issubclass(key.each, msgspec.Struct):
            return self.structs(key, raw, place)
        before = len(place.lines)
        entries = [self.entry(key, value, place.at(f"entry {n}")) for n, value in enumerate(raw, 1)]
        if len(place.lines) == before and (problem := entries_problem(key, entries)):
            place.say(problem)
        if len(place.lines) > before:
            return _BROKEN
        if not entries and key.path in _EMPTY_IS_UNSET:
            return None
        if key.form is Paths:
            return Paths(entries, key.path, str(self.folder))
        return key.form(entries, key.path) if issubclass(key.form, Entries) else tuple(entries)

    def entry(self, key: Key, raw: object, place: Place) -> Any:
        hidden = key.path in _HIDDEN
        taken = one(key.each, raw, place, hidden=hidden)
        if isinstance(taken, str) and (problem := entry_problem(key, taken, self.folder)):
            place.say(problem if hidden else f"{taken!r} {problem}")
        return taken

    def selector_table(self, key: Key, raw: object, place: Place) -> Any:
        if not isinstance(raw, dict):
            place.say(f'expected a table "selector" = "reason", found {found(raw)}')
            return _BROKEN
        before = len(place.lines)
        for selector, reason in raw.items():
            self.entry(key, selector, place)
            if not isinstance(reason, str) or not reason.strip():
                place.at(repr(selector)).say(f"expected the reason, a text, found {found(reason)}")
        return _BROKEN if len(place.lines) > before else SelectorTable(raw, key.path)

    def minutes(self, key: Key, raw: Any, place: Place) -> Any:
        """The minutes by control or check, if there is each of these."""
        before = len(place.lines)
        for name, value in raw.items():
            one(get_args(key.each)[1], value, place.at(repr(name)))
            if problem := minutes_problem(name, self.known):
                place.at(repr(name)).say(problem)
        return _BROKEN if len(place.lines) > before else raw

    def structs(self, key: Key, raw: list[Any], place: Place) -> Any:
        before = len(place.lines)
        lines = self.headers.get(key.path, [])
        # Headers are found without parsing; where their number is not that of the entries, some stand elsewhere, and none is trusted.
        places = [place.at(f"entry {n} (line {lines[n - 1]})" if len(lines) == len(raw) else f"entry {n}") for n in range(1, len(raw) + 1)]
        taken = [self.struct(key.each, value, at) for value, at in zip(raw, places, strict=True)]
        if key.each in (Waiver, Repository):
            twice(taken, places)
        return _BROKEN if len(place.lines) > before else tuple(taken)

    def struct(self, kind: type[msgspec.Struct], raw: object, place: Place) -> Any:
        """An instance of `kind`, or None where there are mistakes."""
        if not isinstance(raw, dict):
            place.say(f"expected a table, found {found(raw)}")
            return None
        before = len(place.lines)
        fields = {each.path: each for each in keys_of(kind)}
        was = {old: path for path, each in fields.items() for old in each.said.was}
        values: dict[str, Any] = {}
        for name, value in raw.items():
            if name in fields:
                values[name] = one(fields[name].each, value, place.at(name))
            elif kind is Declaration and name == "control":
                place.at(name).say("one declaration per check: write check instead")
            else:
                place.say(unknown_field(name, fields, was))
        for name, each in fields.items():
            if each.default is msgspec.NODEFAULT and name not in values:
                place.at(name).say(f"is required: {each.said.text}")
        good = {name: value for name, value in values.items() if value is not _BROKEN}
        problems: Iterable[tuple[str, str]] = ()
        if kind is Waiver:
            problems = waiver_problems(good, values.keys(), self.known)
        elif kind is Declaration:
            problems = declaration_problems(good, self.known)
        for name, problem in problems:
            (place.at(name) if name else place).say(problem)
        if len(place.lines) > before:
            return None
        told = {"place": place.text, "folder": str(self.folder)}
        return kind(**good, **{name: value for name, value in told.items() if name in kind.__struct_fields__})


def one(each: Any, raw: object, place: Place, *, hidden: bool = False) -> Any:
    """A single value of the type `each`; a mistake is told, and something that is no value returned."""
    try:
        taken = msgspec.convert(raw, each)
    except msgspec.ValidationError:
        place.say(f"expected {expected(each)}, found {found(raw, hidden)}")
        return _BROKEN
    if isinstance(taken, str) and re.search(r"[\x00-\x1f\x7f]", taken):
        place.say(f"expected {expected(each)} without control characters, found {found(raw, hidden)}")
        return _BROKEN
    return taken


def expected(each: Any) -> str:
    """What a value of the type is, for people: from its `expected`, else from the type and its bounds."""
    bounds = msgspec.Meta()
    if get_origin(each) is Annotated:
        bounds = next(meta for meta in each.__metadata__ if isinstance(meta, Meta))
        if bounds.extra and "expected" in bounds.extra:
            return str(bounds.extra["expected"])
        each = each.__origin__
    if get_origin(each) is dict:
        return f"a table {' = '.join(map(expected, get_args(each)))}"
    if get_origin(each) is Literal:
        *most, last = (repr(option) for option in get_args(each))
        return f"{', '.join(most)} or {last}" if most else last
    name = {bool: "true or false", int: "a whole number", float: "a number", date: "a date, such as 2026-10-01"}[each]
    if bounds.le is not None:
        return f"{name} from {bounds.ge:g} to {bounds.le:g}"
    if bounds.gt is not None:
        return f"{name} above {bounds.gt:g}"
    return f"{name}, {bounds.ge:g} or more" if bounds.ge is not None else name


def found(raw: object, hidden: bool = False) -> str:
    """What stands in the file, for people; of a hidden value, only what kind of thing it is."""
    if isinstance(raw, dict):
        return "a table"
    if isinstance(raw, list):
        return "a list"
    if hidden:
        return "something else (not shown)"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str):
        return repr(raw if len(raw) <= 80 else raw[:77] + "...")
    return raw.isoformat() if hasattr(raw, "isoformat") else str(raw)


def _quoted(raw: str | int) -> str:
    # JSON's strings are TOML's, too: a control character is written as an escape.
    return json.dumps(raw, ensure_ascii=False) if isinstance(raw, str) else str(raw)
