"""The config file: where it is, and the profiles in it. Whatever is wrong in it is told at once, one line for each mistake."""

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

import msgspec

from pytest_ssb.confignames import KEYS, TABLES, did_you_mean, unknown_field, unknown_key
from pytest_ssb.configread import Section, found, read_section
from pytest_ssb.configrules import Known, Place, between_keys, twice
from pytest_ssb.errors import UserError
from pytest_ssb.permissions import REFERENCES
from pytest_ssb.profiles import Profile
from pytest_ssb.selectors import SelectorTable

BUILT_IN = ("demo", "demo-clean")

_TABLE = ("tool", "pytest-ssb")
_APPENDED = ("waivers", "declarations")


class ConfigError(UserError, ValueError):
    """The config file, or the profile asked for, is wrong: `lines` has one line for each mistake."""


@dataclass(frozen=True)
class Config:
    """The profiles of the config file; without a file, there are none and no defaults."""

    file: Path | None = None
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    defaults: Section = field(default_factory=Section)
    label: str = "ssb.toml"  # how the file is named to people

    @property
    def folder(self) -> Path:
        """What the paths in the file are relative to."""
        return self.file.parent if self.file else Path()

    def is_built_in(self, name: str) -> bool:
        """Whether the name means a demo account: a profile of the file that has its name goes first."""
        return name in BUILT_IN and name not in self.profiles

    def profile(self, name: str, aws_profiles: Callable[[], Collection[str]]) -> Profile:
        """The profile of that name: of the file, else built in, else an AWS profile, else for `default` botocore's credential chain.

        `aws_profiles` tells the named profiles of the AWS config files, and is asked only where they matter. Defaults never reach a demo.
        """
        if name in self.profiles:
            profile = self.profiles[name]
        elif name in BUILT_IN:
            return Profile(name=name)
        else:
            profile = self._without_section(name, aws_profiles)
        self._hold_against_aws(profile, aws_profiles)
        configured = frozenset().union(*(each.reaches for each in self.profiles.values()))
        return msgspec.structs.replace(profile, configured=configured)

    def referenced(self, name: str, aws_profiles: Callable[[], Collection[str]]) -> Profile:
        """The profile to which a key of another one leads: of the file, else an AWS profile. Which others it leads to itself is of no interest."""
        defaults = Section({key: value for key, value in self.defaults.values.items() if key not in REFERENCES}, self.defaults.broken)
        return replace(self, defaults=defaults).profile(name, aws_profiles)

    def _without_section(self, name: str, aws_profiles: Callable[[], Collection[str]]) -> Profile:
        known = aws_profiles()
        if name not in known and name != "default":
            everything = dict.fromkeys([*self.profiles, *BUILT_IN, *known])
            hint = did_you_mean(name, everything)
            names = "" if hint.startswith("; known") else f" known: {', '.join(sorted(everything))}"
            raise ConfigError(f"--ssb-profile: unknown profile {name!r}{hint}{names}")
        if not _is_name(name):
            raise ConfigError(f"--ssb-profile: {name!r}: {_NAME_RULE}; write a profile of another name with aws_profile = {name!r}")
        place = Place(f"{self.label}: profile {name!r}", [])
        section = _merged(self.defaults, Section({"aws_profile": name if name in known else None}))
        between_keys(name, section.values, section.broken, place)
        _refuse(place.lines)
        return _built(name, section)

    def _hold_against_aws(self, profile: Profile, aws_profiles: Callable[[], Collection[str]]) -> None:
        place = Place(f"{self.label}: profile {profile.name!r}", [])
        if profile.aws_profile is not None and profile.aws_profile not in (known := aws_profiles()):
            place.at("aws_profile").say(f"the AWS config files have no profile {profile.aws_profile!r}{did_you_mean(profile.aws_profile, known)}")
        for key in REFERENCES:
            other = getattr(profile, key)
            if key not in profile.given or other in self.profiles or (other not in BUILT_IN and other in aws_profiles()):
                continue
            others = {*self.profiles, *aws_profiles()} - {profile.name, *(set(BUILT_IN) - set(self.profiles))}
            place.at(key).say(f"{other!r} is neither a profile of the file nor one of the AWS config files{did_you_mean(other, others)}")
        _refuse(place.lines)


def load(
    path: Path | None,
    folders: Sequence[Path],
    *,
    checks: Mapping[str, Collection[str]] | None = None,
    worst: Mapping[str, str] | None = None,
    today: date | None = None,
) -> Config:
    """Read the config file at `path`, else the first found in `folders`: `ssb.toml`, else a pyproject.toml with `[tool.pytest-ssb]`.

    `checks` (check -> its controls) and `worst` (check -> its worst severity) are what waivers and declarations are held against; without
    them, that is left out. `today` is the day in UTC. Raises `ConfigError` with everything that is wrong in any profile of the file.
    """
    source = _explicit(path) if path is not None else _first(folders)
    return Config() if source is None else _config(source, Known(checks, worst, today))


class _Source(NamedTuple):
    file: Path
    label: str
    text: str
    raw: dict[str, Any]
    table: tuple[str, ...]  # the table of the file that is ours


def _explicit(path: Path) -> _Source:
    label = str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
    if path.suffix != ".toml":
        raise ConfigError(f"--ssb-config {label}: expected a .toml file")
    if not path.is_file():
        raise ConfigError(f"--ssb-config {label}: {'is no file' if path.exists() else 'no such file'}")
    source = _parsed(path, label)
    if source is None:
        raise ConfigError(f"{label}: has no table [tool.pytest-ssb]")
    return source


def _first(folders: Sequence[Path]) -> _Source | None:
    for name in ("ssb.toml", "pyproject.toml"):
        for folder in folders:
            if (folder / name).is_file() and (source := _parsed(folder / name, name)):
                return source
    return None


def _parsed(file: Path, label: str) -> _Source | None:
    """The file, or None for a pyproject.toml that has nothing for us."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        raw = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{label}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(f"{label}: line {line}: is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_broken_toml(label, str(error), text)) from None
    except (ValueError, RecursionError):
        # tomllib lets these through: a number of thousands of digits, thousands of nested lists
        raise ConfigError(f"{label}: is no TOML that can be read: a number is too long, or lists are nested too deeply") from None
    if file.name != "pyproject.toml":
        return _Source(file, label, text, raw, ())
    ours: Any = raw
    for part in _TABLE:
        ours = ours.get(part) if isinstance(ours, dict) else None
    if ours is None:
        return None
    if not isinstance(ours, dict):
        raise ConfigError(f"{label}: tool.pytest-ssb: expected a table, found {found(ours)}")
    return _Source(file, label, text, ours, _TABLE)


def _broken_toml(label: str, message: str, text: str) -> str:
    at = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    what = message[: at.start()] if at else message
    line = at[1] if at and at[1] else text.rstrip("\n").count("\n") + 1
    column = f", column {at[2]}" if at and at[2] else ""
    return f"{label}: line {line}{column}: broken TOML: {what}"


def _config(source: _Source, known: Known) -> Config:
    lines: list[str] = []
    top = Place(source.label, lines)
    headers = _headers(source)
    folder = source.file.parent
    for name, value in source.raw.items():
        if name not in ("defaults", "profiles"):
            top.say(_unknown_at_top(name, value))
    defaults = Section()
    if "defaults" in source.raw:
        defaults = read_section(source.raw["defaults"], top.at("defaults"), known, headers.get(("defaults",), {}), folder)
    sections = source.raw.get("profiles", {})
    if not isinstance(sections, dict):
        top.at("profiles").say(f"expected tables [profiles.NAME], found {found(sections)}")
        sections = {}
    profiles = {}
    for name, raw in sections.items():
        place = top.at(f"profile {name!r}")
        if not _is_name(name):
            place.say(_NAME_RULE)
        own = read_section(raw, place, known, headers.get(("profiles", name), {}), folder)
        merged = own if name in BUILT_IN else _merged(defaults, own)
        between_keys(name, merged.values, merged.broken, place)
        if merged is not own and merged.values.get("waivers") and own.values.get("waivers"):
            mine = own.values["waivers"]
            twice(mine, [Place(each.place, lines) for each in mine], earlier=defaults.values.get("waivers", ()))
        if not merged.broken:
            profiles[name] = _built(name, merged)
    _refuse(lines)
    return Config(source.file, profiles, defaults, source.label)


def _headers(source: _Source) -> dict[tuple[str, ...], dict[str, list[int]]]:
    """By section and key, the lines of the headers `[[profiles.prod.waivers]]`."""
    headers: dict[tuple[str, ...], dict[str, list[int]]] = {}
    for number, line in enumerate(source.text.split("\n"), 1):
        if not line.lstrip().startswith("[["):
            continue
        try:
            step: Any = tomllib.loads(line)
        except tomllib.TOMLDecodeError:
            continue  # a line within a list or a text
        path: list[str] = []
        while isinstance(step, dict) and len(step) == 1:
            ((part, step),) = step.items()
            path.append(part)
        depth = len(source.table)
        if tuple(path[:depth]) == source.table:
            path = path[depth:]
            length = 2 if path[:1] == ["profiles"] else 1
            headers.setdefault(tuple(path[:length]), {}).setdefault(".".join(path[length:]), []).append(number)
    return headers


def _unknown_at_top(name: str, value: object) -> str:
    if name in KEYS or name in TABLES:
        return f"{name!r} belongs below [defaults] or [profiles.NAME]"
    text = unknown_field(name, ("defaults", "profiles"))
    return text if "; did you mean" in text or "credentials" in text else unknown_key(name, "", value)


_NAME_RULE = "a profile's name has letters, digits, '.', '_' and '-' only"


def _is_name(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9._-]+", name) is not None


def _merged(defaults: Section, own: Section) -> Section:
    values = {**defaults.values, **own.values}
    for key in _APPENDED:
        if own.values.get(key):
            values[key] = (*defaults.values.get(key, ()), *own.values[key])
    users = "people.service_users"
    if own.values.get(users):
        below = defaults.values.get(users, SelectorTable())
        values[users] = SelectorTable({**below.reasons, **own.values[users].reasons}, users)
    if own.values.get("minutes"):
        values["minutes"] = {**defaults.values.get("minutes", {}), **own.values["minutes"]}
    return Section(values, own.broken | {key for key in defaults.broken if key not in own.values})


def _built(name: str, section: Section) -> Profile:
    types = get_type_hints(Profile)
    given = {path: value for path, value in section.values.items() if value is not None}
    fields: dict[str, Any] = {path: value for path, value in given.items() if "." not in path}
    for table in TABLES:
        values = {path.removeprefix(f"{table}."): value for path, value in given.items() if path.startswith(f"{table}.")}
        fields[table] = types[table](**values)
    return Profile(name=name, given=frozenset(given), **fields)


def _refuse(lines: Iterable[str]) -> None:
    found_wrong = tuple(lines)
    if found_wrong:
        raise ConfigError(*found_wrong)
