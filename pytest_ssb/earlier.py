"""An earlier findings file, `--ssb-baseline`: read whatever version wrote it, as long as its schema is the one that we know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from pytest_ssb.errors import UserError
from pytest_ssb.findings import Finding, Status
from pytest_ssb.results import SCHEMA, Time

# The statuses of what does not comply.
OPEN = (Status.FAIL, Status.WAIVED)
# What a finding of an older version may lack: nothing of it decides whether something is known.
_ABSENT: dict[str, Any] = {
    "extended": False,
    "profile": "-",
    "region": None,
    "item": None,
    "resource_type": "-",
    "basis": "observed",
    "reason": "",
    "question": None,
    "remediation": None,
    "references": [],
    "evidence": {},
    "error": None,
    "waiver": None,
    "declaration": None,
    "nodeid": "-",
}


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """What an earlier run knew: what did not comply, by id, each as it was last found; the checks that left a finding; and the accounts."""

    started_at: str
    open: dict[str, Finding]
    checks: frozenset[str]
    accounts: frozenset[str]


class _Head(msgspec.Struct):
    schema: str


class _File(msgspec.Struct):
    started_at: Time
    findings: list[dict[str, Any]]
    baseline: dict[str, Any] | None = None
    run: dict[str, Any] = {}


def read(path: Path, option: str, named: str | None = None) -> Earlier:
    """What the file at a path tells. Raises UserError, one line that begins with the option, where it is missing, broken, foreign or newer."""
    name = f"{option}: {named or path}"
    text = contents(path, name)
    try:
        file = msgspec.json.decode(text, type=_File)
        if file.run.get("shard"):
            raise UserError(
                f"{name}: holds one shard of a run; put its shards together first: python -m pytest_ssb merge results-*.json --ssb-output FILE"
            )
        remembered = (file.baseline or {}).get("remembered") or []
        found = [*remembered, *(finding for finding in file.findings if finding["status"] in OPEN)]
        opened = {finding.id: finding for finding in map(_finding, found)}
        checks = frozenset(finding["check"] for finding in (*file.findings, *remembered))
        accounts = frozenset(finding["account"] for finding in (*file.findings, *remembered))
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{name}: is broken ({_what(error)}); take an earlier findings file that is whole") from None
    return Earlier(started_at=file.started_at, open=opened, checks=checks, accounts=accounts)


def contents(path: Path, name: str) -> bytes:
    """The text of a findings file with our schema. Raises UserError where there is none."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{name}: no such file; give a findings file that --ssb-output FILE.json wrote") from None
    except OSError as error:
        raise UserError(f"{name}: cannot be read: {error.strerror}") from None
    try:
        schema = msgspec.json.decode(text, type=_Head).schema
    except msgspec.ValidationError:
        raise UserError(f"{name}: is no findings file of pytest-ssb; --ssb-output FILE.json writes one") from None
    except msgspec.DecodeError as error:
        raise UserError(f"{name}: is broken ({_what(error)}); take a findings file that is whole") from None
    if schema != SCHEMA:
        family = SCHEMA.rpartition("/")[0]
        what = (
            f"is of a schema that this version does not know, {schema!r}; it reads {SCHEMA}: update pytest-ssb, or take a file of that schema"
            if schema.startswith(f"{family}/")
            else None
        )
        raise UserError(f"{name}: {what or 'is no findings file of pytest-ssb; --ssb-output FILE.json writes one'}")
    return text


def _finding(told: dict[str, Any]) -> Finding:
    """A finding as this version writes it: fields that it does not know are left out, and so is what it said of a baseline of its own."""
    return msgspec.convert({**_ABSENT, **told, "baseline": None}, Finding)


def _what(error: BaseException) -> str:
    return f"no {error}" if isinstance(error, KeyError) else str(error).partition("\n")[0]
