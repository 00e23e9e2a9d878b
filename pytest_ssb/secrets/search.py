"""Looks for the secrets of one resource, and keeps where they are and what the user has declared harmless."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pytest_ssb.secrets.detector import Hit, detect
from pytest_ssb.secrets.providers import shape_of
from pytest_ssb.secrets.text import Place, secrets_in
from pytest_ssb.selectors import HiddenGlobs, glob

MOST = 20


@dataclass(frozen=True)
class Suspect:
    """A secret, by its place: `DB_PASSWORD`, `line 3`."""

    place: str
    hit: Hit

    def __str__(self) -> str:
        return f"{self.place} ({self.hit.detector})"


@dataclass(frozen=True)
class Found:
    """What was found in a resource: its secrets, and the entries of the config file that declare others harmless."""

    suspects: tuple[Suspect, ...] = ()
    harmless: tuple[tuple[HiddenGlobs, str], ...] = ()

    @property
    def said(self) -> str:
        """The secrets for people, the first twenty of them."""
        more = f", and {len(self.suspects) - MOST} more" if len(self.suspects) > MOST else ""
        return ", ".join(map(str, self.suspects[:MOST])) + more

    @property
    def declared(self) -> tuple[str, str] | None:
        """The key and the entry by which something was let through, None if nothing was. Notes that each of them was of use."""
        used = [(entries.key, entries.use(entry)) for entries, entry in self.harmless]
        return used[0] if used else None

    @property
    def only_examples(self) -> bool:
        """Whether all of them are of a manual or a test mode, and open nothing."""
        return bool(self.suspects) and all(suspect.hit.ground == "example" for suspect in self.suspects)

    def __add__(self, other: Found) -> Found:
        return Found(self.suspects + other.suspects, self.harmless + other.harmless)


class Search:
    """Looks into one resource after the other; `names` and `values` are what the user declared harmless."""

    def __init__(self, names: HiddenGlobs, values: HiddenGlobs) -> None:
        self._names, self._values = names, values

    def variable(self, name: str, value: str, place: str = "") -> Found:
        """What one variable holds. `place` is where it stands, if its name does not say enough: `container web`."""
        hit = detect(name, value)
        return self._found(f"{place}: {_shown(name)}" if place else _shown(name), name, value, hit) if hit else Found()

    def variables(self, variables: Mapping[str, str] | Iterable[tuple[str, str]], place: str = "") -> Found:
        """What many variables hold."""
        pairs = variables.items() if isinstance(variables, Mapping) else variables
        return sum((self.variable(name, value, place) for name, value in pairs), Found())

    def text(self, text: str, place: str = "", *, names: bool = True, allowed: bool = False) -> Found:
        """What a text holds, by its lines; `names` and `allowed` as in `secrets_in`."""
        return sum((self._at(found, place) for found in secrets_in(text, names=names, allowed=allowed)), Found())

    def _at(self, found: Place, place: str) -> Found:
        line = f"{place}: line {found.line}" if place else f"line {found.line}"
        return self._found(f"{line}, {_shown(found.name)}" if found.name else line, found.name, found.value, found.hit)

    def _found(self, place: str, name: str | None, value: str, hit: Hit) -> Found:
        for entries, text in ((self._names, name), (self._values, value)):
            entry = next((each for each in entries if text is not None and glob(each, text)), None)
            if entry is not None:
                return Found(harmless=((entries, entry),))
        return Found(suspects=(Suspect(place, hit),))


def _shown(name: str) -> str:
    """A name as it may be shown: not if it is itself shaped like a secret."""
    return "a name that looks like a secret" if shape_of(name) else name
