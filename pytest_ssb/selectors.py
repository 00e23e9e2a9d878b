"""Which resources an entry of the config file means, and which entries were of use.

One syntax everywhere: `arn:...` and `repo:...` are matched against the ARN, `tag:KEY=VALUE` against a tag, anything else against the id, which
is what follows the last `/` or `:` of the ARN. Globs are anchored and know `*` and `?` alone.
"""

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self, TypeAlias

# Tags, or what fetches them when asked; either may raise when it is looked at. None: resources of this kind have no tags.
Tags: TypeAlias = Mapping[str, str] | Callable[[], Mapping[str, str]] | None


@lru_cache(maxsize=4096)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    # fnmatch also knows [sets]: a bracket that stands alone in a set is a plain bracket.
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")), re.IGNORECASE if ignore_case else 0)


def glob(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether all of `text` matches `pattern`, in which `*` stands for any characters and `?` for one; nothing else is special."""
    return _compiled(pattern, ignore_case).match(text) is not None


def address_glob(pattern: str, address: str) -> bool:
    """Whether an e-mail address matches `pattern`, as written or without its `+tag`; case does not count."""
    local, at, domain = address.rpartition("@")
    plain = local.partition("+")[0] + at + domain
    return glob(pattern, address, ignore_case=True) or glob(pattern, plain, ignore_case=True)


def id_of(arn: str) -> str:
    """The id in an ARN: what follows its last `/` or `:`."""
    return re.split("[/:]", arn)[-1]


def matches(selector: str, arn: str, tags: Tags = None) -> bool:
    """Whether `selector` means the resource. Its tags are looked at for a `tag:` selector alone, and what they raise is raised here."""
    if selector.startswith("tag:"):
        key, equals, value = selector.removeprefix("tag:").partition("=")
        if not equals:
            raise ValueError(f"selector {selector!r} has no value: write {selector}=*")
        found = tags() if callable(tags) else tags
        return found is not None and any(glob(key, k) and glob(value, v, ignore_case=True) for k, v in found.items())
    if selector.startswith(("arn:", "repo:")):
        return glob(selector, arn)
    return glob(selector, id_of(arn))


@dataclass(frozen=True)
class Recording:
    """What was asked of the config file: the keys that were consulted, and the entries that matched, each with its key."""

    consulted: set[str] = field(default_factory=set)
    matched: set[tuple[str, str]] = field(default_factory=set)


_recordings: ContextVar[tuple[Recording, ...]] = ContextVar("pytest_ssb_recordings", default=())


@contextmanager
def recording() -> Iterator[Recording]:
    """Collect the entries that match within the block. Blocks nest: an outer one collects what the inner ones do.

    A thread that is started within the block records only if it runs in a copy of the context.
    """
    mine = Recording()
    token = _recordings.set((*_recordings.get(), mine))
    try:
        yield mine
    finally:
        _recordings.reset(token)


def record(key: str, entry: str | None = None) -> None:
    """Note that `key` was consulted and, where given, that `entry` of it was of use: for keys whose entries are no `Entries`."""
    for each in _recordings.get():
        each.consulted.add(key)
        if entry is not None:
            each.matched.add((key, entry))


class Entries(tuple[str, ...]):
    """A list of the config file that knows its key, so that what matched can be told later."""

    key: str

    def __new__(cls, entries: Iterable[str] = (), key: str = "") -> Self:
        """Take the entries in the order of the file."""
        self = super().__new__(cls, entries)
        self.key = key
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Let copies and pickles keep the key."""
        return tuple(self), self.key

    def label(self, entry: str) -> str:
        """How an entry is named to people: as it is written."""
        return entry

    def use(self, entry: str) -> str:
        """Record that `entry` was of use, and return its label."""
        record(self.key, self.label(entry))
        return self.label(entry)

    def _first(self, fits: Callable[[str], bool]) -> str | None:
        record(self.key)
        found = [self.use(entry) for entry in self if fits(entry)]
        return found[0] if found else None


class Names(Entries):
    """Entries that are meant literally: ids, regions, names."""

    def match(self, *texts: str) -> str | None:
        """The first entry that equals one of `texts`, or None."""
        return self._first(lambda entry: entry in texts)


class Paths(Entries):
    """Paths, each relative to the folder of the file in which it is written."""

    folder: str

    def __new__(cls, entries: Iterable[str] = (), key: str = "", folder: str = "") -> Self:
        """Take the entries in the order of the file."""
        self = super().__new__(cls, entries, key)
        self.folder = folder
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Let copies and pickles keep the folder."""
        return (*super().__getnewargs__(), self.folder)


class Cidrs(Entries):
    """Ranges of addresses. Who compares them calls `use` with the entry that counted."""


class Globs(Entries):
    """Globs of text, such as ARNs."""

    def match(self, *texts: str) -> str | None:
        """The first entry that matches one of `texts`, or None."""
        return self._first(lambda entry: any(glob(entry, text) for text in texts))


class HiddenGlobs(Globs):
    """Globs that may resemble a secret: `entry 2` stands for the second one wherever it would be shown."""

    def label(self, entry: str) -> str:
        """How an entry is named to people: by its place."""
        return f"entry {self.index(entry) + 1}"

    def __repr__(self) -> str:
        return f"<{len(self)} entries of {self.key}>"


class Addresses(Entries):
    """Globs of e-mail addresses."""

    def match(self, address: str) -> str | None:
        """The first entry that matches the address, with or without its `+tag`, or None."""
        return self._first(lambda entry: address_glob(entry, address))


class Selectors(Entries):
    """Selectors of resources."""

    def _matches(self, entry: str, arn: str, tags: Tags) -> bool:
        return matches(entry, arn, tags)

    def match(self, arn: str, tags: Tags = None) -> str | None:
        """The first entry that means the resource, or None. Tags that could not be read raise their error, unless an earlier entry matched."""
        record(self.key)
        first = None
        for entry in self:
            try:
                matched = self._matches(entry, arn, tags)
            except Exception:
                if first is None:
                    raise
                matched = True  # the verdict stands already; what can't be known must not be called unused
            if matched:
                label = self.use(entry)
                first = label if first is None else first
        return first

    def matching(self, arn: str, tags: Tags = None) -> tuple[str, ...]:
        """Every entry that means the resource, in the order of the file."""
        record(self.key)
        return tuple(self.use(entry) for entry in self if self._matches(entry, arn, tags))


class SelectorTable(Selectors):
    """Selectors, each with the reason why it is there."""

    reasons: Mapping[str, str]

    def __new__(cls, entries: Iterable[str] | Mapping[str, str] = (), key: str = "") -> Self:
        """Take a table selector -> reason."""
        self = super().__new__(cls, entries, key)
        self.reasons = dict(entries) if isinstance(entries, Mapping) else {}
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Let copies and pickles keep the reasons."""
        return self.reasons, self.key


class BucketPlaces(Selectors):
    """Selectors of buckets, each with a prefix where a part of the bucket is meant: `acme-uploads/ids`."""

    @staticmethod
    def split(entry: str) -> tuple[str, str]:
        """The selector of the bucket, and the prefix in it; the prefix is empty where the whole bucket is meant."""
        bucket, _, prefix = (entry, "", "") if entry.startswith("tag:") else entry.partition("/")
        return bucket, prefix

    def _matches(self, entry: str, arn: str, tags: Tags) -> bool:
        return matches(self.split(entry)[0], arn, tags)
