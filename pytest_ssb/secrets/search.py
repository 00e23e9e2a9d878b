"""Looks for the secrets of one resource, and keeps where they are and what the user has declared harmless."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_ssb.secrets.aws_keys import ID, SECRET, Ground, Key, by_name, ids_in, that_count
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
    """What was found in a resource: its secrets, and the entries of the config file that declare others harmless.

    `keys` are access keys of AWS, and what is called like one, also where it is no secret that stands there in plain sight.
    """

    suspects: tuple[Suspect, ...] = ()
    harmless: tuple[tuple[HiddenGlobs, str], ...] = ()
    keys: tuple[Key, ...] = ()
    harmless_keys: tuple[tuple[HiddenGlobs, str], ...] = ()

    @property
    def said(self) -> str:
        """The secrets for people, the first twenty of them."""
        return _listed(list(map(str, self.suspects)))

    @property
    def declared(self) -> tuple[str, str] | None:
        """The key and the entry by which something was let through, None if nothing was. Notes that each of them was of use."""
        return _used(self.harmless)

    @property
    def keys_declared(self) -> tuple[str, str] | None:
        """The same of access keys of AWS."""
        return _used(self.harmless_keys)

    @property
    def only_examples(self) -> bool:
        """Whether all of them are of a manual or a test mode, and open nothing."""
        return bool(self.suspects) and all(suspect.hit.ground == "example" for suspect in self.suspects)

    @property
    def aws_keys(self) -> tuple[Key, ...]:
        """The access keys of AWS, for all that is seen."""
        return that_count(self.keys)

    def keys_of(self, ground: Ground) -> str:
        """Those of one sort for people, the first twenty of them; nothing where there are none."""
        return _listed([key.said for key in self.aws_keys if key.ground == ground])

    def __add__(self, other: Found) -> Found:
        return Found(self.suspects + other.suspects, self.harmless + other.harmless, self.keys + other.keys, self.harmless_keys + other.harmless_keys)


class Search:
    """Looks into one resource after the other; `names` and `values` are what the user declared harmless."""

    def __init__(self, names: HiddenGlobs, values: HiddenGlobs) -> None:
        self._names, self._values = names, values

    def variable(self, name: str, value: str, place: str = "") -> Found:
        """What one variable holds. `place` is where it stands, if its name does not say enough: `container web`."""
        hit, said = detect(name, value), f"{place}: {_shown(name)}" if place else _shown(name)
        found = self._found(said, name, value, hit) if hit else Found()
        ids = [ground for _, ground in ids_in(value)]
        ground = ids[0] if ids else by_name(name, value)
        return found + self._key(place, name, value, said, ground) if ground else found

    def injected(self, names: Iterable[str], place: str = "") -> Found:
        """What variables hold that get their values from a store: nothing that is seen, and perhaps a key of AWS."""
        return Found(keys=tuple(Key(place, name, f"{place}: {name}" if place else name, "unseen") for name in names if name in (ID, SECRET)))

    def variables(self, variables: Mapping[str, str] | Iterable[tuple[str, str]], place: str = "") -> Found:
        """What many variables hold."""
        pairs = variables.items() if isinstance(variables, Mapping) else variables
        return sum((self.variable(name, value, place) for name, value in pairs), Found())

    def text(self, text: str, place: str = "", *, names: bool = True, allowed: bool = False) -> Found:
        """What a text holds, by its lines; `names` and `allowed` as in `secrets_in`."""
        found = sum((self._at(found, place) for found in secrets_in(text, names=names, allowed=allowed)), Found())
        for match, ground in ids_in(text):
            line = f"line {text.count(chr(10), 0, match.start()) + 1}"
            found += self._key(place, None, match[0], f"{place}: {line}" if place else line, ground)
        return found

    def _key(self, place: str, name: str | None, value: str, said: str, ground: Ground) -> Found:
        harmless = self._harmless(name, value)
        return Found(harmless_keys=(harmless,)) if harmless else Found(keys=(Key(place, name, said, ground),))

    def _at(self, found: Place, place: str) -> Found:
        line = f"{place}: line {found.line}" if place else f"line {found.line}"
        return self._found(f"{line}, {_shown(found.name)}" if found.name else line, found.name, found.value, found.hit)

    def _found(self, place: str, name: str | None, value: str, hit: Hit) -> Found:
        harmless = self._harmless(name, value)
        return Found(harmless=(harmless,)) if harmless else Found(suspects=(Suspect(place, hit),))

    def _harmless(self, name: str | None, value: str) -> tuple[HiddenGlobs, str] | None:
        """The entry of the config file by which something is let through, with its key, None if by none."""
        for entries, text in ((self._names, name), (self._values, value)):
            entry = next((each for each in entries if text is not None and glob(each, text)), None)
            if entry is not None:
                return entries, entry
        return None


def _listed(texts: Sequence[str]) -> str:
    more = f", and {len(texts) - MOST} more" if len(texts) > MOST else ""
    return ", ".join(texts[:MOST]) + more


def _used(harmless: Iterable[tuple[HiddenGlobs, str]]) -> tuple[str, str] | None:
    used = [(entries.key, entries.use(entry)) for entries, entry in harmless]
    return used[0] if used else None


def _shown(name: str) -> str:
    """A name as it may be shown: not if it is itself shaped like a secret."""
    return "a name that looks like a secret" if shape_of(name) else name
