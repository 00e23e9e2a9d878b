"""What is generated from the keys' types: the JSON Schema of the config file, for editors, and the tables of docs/profiles.md.

`python -m pytest_ssb.configschema` prints the schema, `python -m pytest_ssb.configschema tables` the tables.
"""

import json
import sys
from collections.abc import Iterable
from typing import Any

import msgspec

from pytest_ssb.configread import expected
from pytest_ssb.keys import Key, ProfileName, Text, keys_of
from pytest_ssb.profiles import Declaration, Profile, Repository, RootUse, Waiver
from pytest_ssb.selectors import HiddenGlobs, SelectorTable

_STRUCTS: tuple[type[msgspec.Struct], ...] = (RootUse, Repository, Waiver, Declaration)

_RULES: dict[type[msgspec.Struct], dict[str, Any]] = {
    Waiver: {
        "anyOf": [{"required": ["control"]}, {"required": ["check"]}],
        "oneOf": [{"required": ["resource"]}, {"required": ["scope"]}],
    },
}

_KINDS = {"d": "declares", "s": "says where to look", "t": "threshold or switch", "-": ""}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of ssb.toml. TOML's dates are strings of format `date` in it."""
    profile = _object(Profile, (key for key in keys_of(Profile) if not key.table))
    tables: dict[str, type[msgspec.Struct]] = {
        field.name: field.type for field in msgspec.structs.fields(Profile) if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct)
    }
    for name, table in tables.items():
        profile["properties"][name] = {"$ref": f"#/$defs/{table.__name__}"}
    structs: tuple[type[msgspec.Struct], ...] = (*_STRUCTS, *tables.values())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ssb.toml",
        "description": "The profiles of pytest-ssb: what is said of each AWS account.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "defaults": {"$ref": "#/$defs/Profile", "description": "Merged under every profile."},
            "profiles": {
                "type": "object",
                "propertyNames": msgspec.json.schema(ProfileName),
                "additionalProperties": {"$ref": "#/$defs/Profile"},
            },
        },
        "$defs": {"Profile": profile, **{struct.__name__: _object(struct, keys_of(struct)) for struct in structs}},
    }


def _object(struct: type[msgspec.Struct], keys: Iterable[Key]) -> dict[str, Any]:
    listed = list(keys)
    required = [key.name for key in listed if key.default is msgspec.NODEFAULT]
    return {
        "description": (struct.__doc__ or "").partition("\n")[0],
        "type": "object",
        "additionalProperties": False,
        "properties": {key.name: _property(key) for key in listed},
        **({"required": required} if required else {}),
        **_RULES.get(struct, {}),
    }


def _property(key: Key) -> dict[str, Any]:
    default = {} if key.default is msgspec.NODEFAULT or key.default is None else {"default": _plain(key)}
    return {"description": key.said.text, **_type(key), **default}


def _type(key: Key) -> dict[str, Any]:
    if key.form is None:
        return msgspec.json.schema(key.each)
    if key.form is SelectorTable:
        return {"type": "object", "propertyNames": msgspec.json.schema(key.each), "additionalProperties": msgspec.json.schema(Text)}
    if key.each in _STRUCTS:
        return {"type": "array", "items": {"$ref": f"#/$defs/{key.each.__name__}"}}
    items = msgspec.json.schema(key.each)
    # four characters beside the wildcards
    return {"type": "array", "items": {**items, "pattern": r"^([*?]*[^*?]){4}"} if key.form is HiddenGlobs else items}


def _plain(key: Key) -> Any:
    if key.form is SelectorTable:
        return {}
    return list(key.default) if isinstance(key.default, tuple) else key.default


def tables() -> str:
    """The keys as Markdown tables, one for each table of the file."""
    by_table: dict[str, list[Key]] = {}
    for key in keys_of(Profile):
        by_table.setdefault(key.table, []).append(key)
    parts = [_markdown(f"### {f'`{table}`' if table else 'The profile itself'}", keys) for table, keys in by_table.items()]
    names = {RootUse: "root.uses", Repository: "repositories", Waiver: "waivers", Declaration: "declarations"}
    parts += [_markdown(f"### One of `{names[struct]}`", list(keys_of(struct))) for struct in _STRUCTS]
    return "\n\n".join(parts)


def _markdown(heading: str, keys: Iterable[Key]) -> str:
    rows = [f"| `{key.name}` | {_what(key)} | {_default(key)} | {_KINDS[key.said.kind]} | {key.said.text} |" for key in keys]
    return "\n".join([heading, "", "| key | value | default | kind | meaning |", "| --- | --- | --- | --- | --- |", *rows])


def _what(key: Key) -> str:
    if key.form is SelectorTable:
        return "table selector = reason"
    if key.each in _STRUCTS:
        return "list of tables"
    return f"list; each {expected(key.each)}" if key.form else expected(key.each)


def _default(key: Key) -> str:
    if key.default is msgspec.NODEFAULT:
        return "required"
    return "unset" if key.default is None else f"`{json.dumps(_plain(key))}`"


if __name__ == "__main__":
    print(tables() if sys.argv[1:] == ["tables"] else json.dumps(json_schema(), indent=2))
