"""The rules of the config file that no type can hold: of entries, of waivers and declarations, and between keys."""

import ipaddress
import os.path
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pytest_ssb import days
from pytest_ssb.cidrs import is_internet
from pytest_ssb.confignames import did_you_mean, nearest
from pytest_ssb.controls import CONTROLS
from pytest_ssb.keys import Key
from pytest_ssb.permissions import REFERENCES
from pytest_ssb.profiles import Repository, Waiver
from pytest_ssb.selectors import Addresses, Cidrs, Globs, HiddenGlobs, Selectors


@dataclass(frozen=True)
class Place:
    """Where in the file a mistake is, and the list in which all of them are told."""

    text: str
    lines: list[str]

    def at(self, part: str) -> "Place":
        """The place within this one."""
        return Place(f"{self.text}: {part}", self.lines)

    def say(self, mistake: str) -> None:
        """Tell a mistake, in one line."""
        self.lines.append(f"{self.text}: {mistake}")


@dataclass(frozen=True)
class Known:
    """What waivers and declarations are held against: each check's controls and worst severity (None: not verified), and the day (UTC)."""

    checks: Mapping[str, Collection[str]] | None = None
    worst: Mapping[str, str] | None = None
    today: date | None = None

    @property
    def day(self) -> date:
        """Today, in UTC."""
        return self.today or days.today()


def only_wildcards(selector: str) -> bool:
    """Whether a selector names nothing: no letter or digit stands in it beside its prefix and an ARN's partition."""
    if selector.startswith("arn:"):
        selector = selector.removeprefix("arn:").partition(":")[2] or "*"
    if selector.startswith("repo:"):
        selector = selector.removeprefix("repo:")
        if not set("*?") & set(selector):
            return False  # a path may have neither: `repo:..`
    if selector.startswith("tag:"):
        selector = selector.removeprefix("tag:")
    return not any(char.isalnum() for char in selector)


def selector_problem(selector: str) -> str | None:
    """What is wrong with the form of a selector."""
    if selector.startswith("tag:"):
        name, equals, _ = selector.removeprefix("tag:").partition("=")
        if not equals:
            return f"has no value: write tag:{name or 'KEY'}=*"
        if not name.strip():
            return "has no key: write tag:KEY=VALUE"
    return None


def entry_problem(key: Key, entry: str, folder: Path) -> str | None:
    """What is wrong with an entry of a list, said so that it can follow the entry."""
    problem = None
    if key.form is HiddenGlobs:
        literal = len(entry) - entry.count("*") - entry.count("?")
        problem = "needs four characters beside * and ?" if literal < 4 else None
    elif issubclass(key.form, Selectors):
        problem = selector_problem(entry)
    elif key.form is Cidrs:
        problem = _cidr_problem(entry)
    elif key.path in ("accounts", "exclude_accounts"):
        nameless = not entry.removeprefix("ou:").strip("/ ")
        problem = "names no unit: write ou:ID or ou:Path/Of/Names" if nameless else selector_problem(entry)
    elif key.path == "own_checks":
        problem = None if (folder / entry).exists() else "does not exist"
    elif key.path == "templates.terraform_state":
        problem = None if (folder / entry).is_file() else "is no file"
    if problem is None and key.said.kind == "d" and issubclass(key.form, Selectors | Globs | Addresses) and only_wildcards(entry):
        problem = "covers everything: name what is meant"
    return problem


def _cidr_problem(entry: str) -> str | None:
    try:
        network = ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return "is no CIDR, such as '192.0.2.0/24'"
    if "/" not in entry:
        return f"is no CIDR; did you mean {str(network)!r}?"
    if str(ipaddress.ip_interface(entry).ip) != str(network.network_address):
        return f"is no CIDR: bits are set behind the prefix; did you mean {str(network)!r}?"
    return "is the internet: name narrower ranges" if is_internet([entry]) else None


def entries_problem(key: Key, entries: Sequence[Any]) -> str | None:
    """What is wrong with a list whose every entry is good by itself."""
    if key.form is Cidrs and len(entries) > 1 and is_internet(entries):
        return "together, these ranges are the internet: name narrower ones"
    return None


def twice(entries: Sequence[Any], places: Sequence[Place], earlier: Sequence[Any] = ()) -> None:
    """Refuse a waiver that covers the same as another, and a repository that is listed twice."""
    seen: dict[Any, str] = {_identity(each): each.place for each in earlier}
    for entry, place in zip(entries, places, strict=True):
        if entry is None:
            continue
        other = seen.setdefault(_identity(entry), place.text)
        if other != place.text:
            what = "covers the same findings as" if isinstance(entry, Waiver) else "is the same repository as"
            place.say(f"{what} {_from_section(other, place.text)}")


def _identity(entry: Waiver | Repository) -> Any:
    return entry.matching if isinstance(entry, Waiver) else os.path.normpath(entry.path)


def _from_section(other: str, place: str) -> str:
    """The other place, as far as it differs."""
    section, _, last = other.rpartition(": ")
    return last if place.startswith(f"{section}: ") else other.partition(": ")[2]


def waiver_problems(given: Mapping[str, Any], written: Collection[str], known: Known) -> Iterator[tuple[str, str]]:
    """The mistakes of a waiver, each with its field; `given` has the values that are good by themselves, `written` all that were there."""
    control: str | None = given.get("control")
    check: str | None = given.get("check")
    if not {"control", "check"} & set(written):
        yield "", "needs control, check, or both"
    yield from _check_problems(check, known)
    if known.checks is not None:
        if control is not None and control not in CONTROLS:
            yield "control", f"unknown control {control!r}{did_you_mean(control, CONTROLS)}"
        elif control is not None and check is not None and control not in known.checks.get(check, (control,)):
            yield "control", f"check {check!r} belongs to {' and '.join(sorted(known.checks[check]))}, not to {control}"
    scopes = {"resource", "scope"} & set(written)
    if len(scopes) != 1:
        yield "", 'needs either resource or scope = "all", not both' if scopes else 'needs resource, or scope = "all"'
    yield from _resource_problems(given.get("resource"), 'write scope = "all" if every resource is meant')
    if "expires" not in written and known.checks is not None and known.worst is not None:
        covered = [check] if check is not None else [each for each, controls in known.checks.items() if control in controls]
        grave = sorted(each for each in covered if known.worst.get(each) in ("critical", "high"))
        if grave:
            yield "expires", f"is required: {grave[0]!r} can give {known.worst[grave[0]]}"


def declaration_problems(given: Mapping[str, Any], known: Known) -> Iterator[tuple[str, str]]:
    """The mistakes of a declaration, each with its field."""
    yield from _check_problems(given.get("check"), known)
    yield from _resource_problems(given.get("resource"), "name what is meant")
    on, review_by = given.get("on"), given.get("review_by")
    if on is not None and on > known.day:
        yield "on", f"{on} is in the future"
    if on is not None and review_by is not None and review_by <= on:
        yield "review_by", f"{review_by} is not after {on}, the day of the declaration"


def _check_problems(check: str | None, known: Known) -> Iterator[tuple[str, str]]:
    if check is not None and known.checks is not None and check not in known.checks:
        near = nearest(check, known.checks)
        hint = f"did you mean {near!r}?" if near else "--ssb-list shows which it has"
        yield "check", f"this version has no check {check!r}; {hint}"


def minutes_problem(name: str, known: Known) -> str | None:
    """What is wrong with the name for which minutes are given: a control or a check."""
    if name in CONTROLS or known.checks is None or name in known.checks:
        return None
    near = nearest(name, [*CONTROLS, *known.checks])
    return f"no such control or check; {f'did you mean {near!r}?' if near else '--ssb-list shows what there is'}"


def _resource_problems(resource: str | None, instead: str) -> Iterator[tuple[str, str]]:
    if resource is None:
        return
    if resource.startswith("tag:"):
        yield "resource", f"{resource!r} is a tag, which anybody can set: write an ARN or an id"
    elif only_wildcards(resource):
        yield "resource", f"{resource!r} covers everything: {instead}"


def between_keys(name: str, values: Mapping[str, Any], broken: Collection[str], place: Place) -> None:
    """Tell what is wrong between the keys of a profile, its defaults merged in. Keys that are wrong by themselves are left out."""

    def can_judge(*keys: str) -> bool:
        return not set(keys) & set(broken)

    accounts: Sequence[str] = values.get("accounts") or ()
    excluded, organization = values.get("exclude_accounts"), values.get("organization", False)
    if can_judge("role_name", "accounts", "organization"):
        if values.get("role_name") and not accounts and not organization:
            place.at("role_name").say("goes with accounts or organization = true; for a single role write role_arn")
        if not values.get("role_name") and (accounts or organization):
            place.at("accounts" if accounts else "organization").say("goes with role_name, the role to assume in each account")
    if can_judge("exclude_accounts", "organization") and excluded and not organization:
        place.at("exclude_accounts").say("needs organization = true")
    if can_judge("accounts", "organization") and not organization:
        for n, entry in enumerate(accounts, 1):
            if not (len(entry) == 12 and entry.isascii() and entry.isdigit()):
                place.at(f"accounts: entry {n}").say(f"{entry!r} is no account id (12 digits); names, tag: and ou: need organization = true")
    for key, entries in (("accounts", accounts), ("exclude_accounts", excluded or ())):
        for n, entry in enumerate(entries, 1):
            if can_judge(key) and entry in entries[: n - 1]:
                place.at(f"{key}: entry {n}").say(f"{entry!r} stands there twice")
    for key in REFERENCES:
        if values.get(key) == name and key not in broken:
            place.at(key).say("names the profile itself: name another, or write it in the profiles that need it instead of in defaults")
    for entry in sorted(set(values.get("network.public_subnets", ())) & set(values.get("network.private_subnets", ()))):
        place.at("network.public_subnets").say(f"{entry!r} stands in network.private_subnets, too: keep one")
