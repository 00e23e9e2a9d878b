"""The JSON Schema of the findings file, made from the types of `results` and `findings`: `schemas/results-1.schema.json`.

`python -m pytest_ssb.resultsschema > pytest_ssb/schemas/results-1.schema.json` writes it anew.
"""

import json
from typing import Any

import msgspec

from pytest_ssb.results import SCHEMA, Results


def _where(field: str, values: list[str], then: dict[str, Any]) -> dict[str, Any]:
    return {"if": {"properties": {field: {"enum": values}}, "required": [field]}, "then": {"properties": then}}


# What the status of a finding says of its other fields.
_RULES: dict[str, list[dict[str, Any]]] = {
    "Finding": [
        {**_where("status", ["ERROR"], {"error": {"type": "object"}}), "else": {"properties": {"error": {"type": "null"}}}},
        _where("status", ["WAIVED"], {"waiver": {"type": "object"}}),
        _where("status", ["MANUAL"], {"question": {"type": "string"}}),
        _where("basis", ["declared"], {"status": {"enum": ["PASS", "NOT_APPLICABLE"]}}),
    ],
}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the findings file, made from the types: every field is always there, and no other."""
    (made,), definitions = msgspec.json.schema_components([Results])
    for name, struct in definitions.items():
        if "properties" in struct:
            struct["additionalProperties"] = False
            struct["required"] = list(struct["properties"])
            for value in struct["properties"].values():
                value.pop("default", None)
        if name in _RULES:
            struct["allOf"] = _RULES[name]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA.replace('/', ':')}",
        "title": SCHEMA,
        "description": "What a run of pytest-ssb found: `--ssb-output results.json`.",
        **made,
        "$defs": definitions,
    }


if __name__ == "__main__":
    print(json.dumps(json_schema(), indent=2))
