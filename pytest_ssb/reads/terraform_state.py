"""Terraform: the resources in files of `terraform show -json`, of which addresses, ids and ARNs are kept and nothing else."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pytest_ssb.errors import Undecided
from pytest_ssb.reads.registry import read

if TYPE_CHECKING:
    from pytest_ssb.profiles import Profile
    from pytest_ssb.selectors import Paths

# A state of a large company has a few megabytes.
LARGEST = 100_000_000
SHOW = "write it by: terraform show -json > FILE"


class Values(msgspec.Struct, frozen=True):
    """What tells a resource apart. All else that Terraform knows of it, secrets included, is passed over."""

    id: Any = None
    arn: Any = None
    region: Any = None


class Resource(msgspec.Struct, frozen=True):
    """https://developer.hashicorp.com/terraform/internals/json-format#values-representation"""

    address: str
    mode: Literal["managed", "data"]
    type: str
    values: Values = Values()


class Module(msgspec.Struct, frozen=True):
    """https://developer.hashicorp.com/terraform/internals/json-format#values-representation"""

    resources: tuple[Resource, ...] = ()
    child_modules: tuple[Module, ...] = ()


class Root(msgspec.Struct, frozen=True):
    """https://developer.hashicorp.com/terraform/internals/json-format#values-representation"""

    root_module: Module = Module()


class Shown(msgspec.Struct, frozen=True):
    """What `terraform show -json` writes of a state; without values, of an empty one. The others tell a plan, and a state as Terraform keeps it."""

    format_version: str | None = None
    values: Root = Root()
    planned_values: msgspec.Raw = msgspec.Raw()
    lineage: str | None = None


@dataclass(frozen=True)
class Kept:
    """A resource that Terraform keeps: where in its files, and in which one."""

    address: str
    entry: str


class TerraformState:
    """The resources in the files, by Terraform's type and ARN, or, of a type without one, its id and, where that is told, region."""

    def __init__(self, files: Mapping[str, Shown]) -> None:
        self._found: dict[tuple[str, str, str | None], Kept] = {}
        for entry, shown in files.items():
            for each in _managed(shown.values.root_module):
                values = each.values
                arn = next((text for text in (values.arn, values.id) if isinstance(text, str) and text.startswith("arn:")), None)
                if arn is not None:
                    self._found[each.type, arn, None] = Kept(each.address, entry)
                elif isinstance(values.id, str):
                    region = values.region if isinstance(values.region, str) else None
                    self._found[each.type, values.id, region] = Kept(each.address, entry)

    def get(self, types: tuple[str, ...], arn: str, id: str, region: str | None) -> Kept | None:
        """The resource of one of these types, None where the files have none."""
        for type in types:
            found = self._found.get((type, arn, None)) or self._found.get((type, id, region)) or self._found.get((type, id, None))
            if found is not None:
                return found
        return None


def _managed(module: Module) -> Iterator[Resource]:
    yield from (each for each in module.resources if each.mode == "managed")
    for child in module.child_modules:
        yield from _managed(child)


@read(per="account")
def terraform_state(ssb_profile: Profile) -> TerraformState | None:
    """The resources in Terraform's states, None where the profile names no files of them."""
    paths = ssb_profile.templates.terraform_state
    return None if paths is None else TerraformState({entry: _shown(paths, entry) for entry in paths})


def _shown(paths: Paths, entry: str) -> Shown:
    said = f"{paths.key}: {entry}"
    try:
        with (Path(paths.folder) / entry).open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise Undecided(f"{said} cannot be read ({type(error).__name__})") from None
    if len(content) > LARGEST:
        raise Undecided(f"{said} is larger than {LARGEST // 1_000_000} MB: it was not read")
    try:
        shown = msgspec.json.decode(content.removeprefix(codecs.BOM_UTF8), type=Shown)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Undecided(f"{said} is not what Terraform shows of a state; {SHOW}") from None
    if shown.lineage is not None:
        raise Undecided(f"{said} is a state as Terraform keeps it; {SHOW}")
    if bytes(shown.planned_values):
        raise Undecided(f"{said} is a plan, not a state; {SHOW}")
    if shown.format_version is None or shown.format_version.partition(".")[0] not in ("0", "1"):
        raise Undecided(f"{said} is not of a format that is known (format_version 0 or 1); {SHOW}")
    return shown
