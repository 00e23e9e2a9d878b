"""Secrets in a repository: in the files that it holds, in files that should not be in it at all, and in what its last commits added."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from pytest_ssb.errors import Undecided
from pytest_ssb.repositories.git import LARGEST_FILE, Repository, run_up_to
from pytest_ssb.secrets.detector import Hit
from pytest_ssb.secrets.search import MOST
from pytest_ssb.secrets.text import Place, secrets_in
from pytest_ssb.selectors import HiddenGlobs, glob

MB = 1_000_000
BASELINE = ".secrets.baseline"
# Made by tools, or written by others: hashes, and other people's examples.
LOCKS = re.compile(
    r"(?:.*[-.]lock(?:\.json|\.yaml|\.hcl)?|.*\.lockb?|go\.sum|package-lock\.json|pnpm-lock\.yaml|npm-shrinkwrap\.json|Cargo\.lock)",
    re.IGNORECASE | re.DOTALL,
)
VENDORED = {"node_modules", "vendor", "third_party", "bower_components", ".venv", "site-packages", ".terraform", ".yarn"}
# Where names stand before values: elsewhere a name is one of the program's own.
CONFIGURATION = re.compile(
    r"(?:\.env(?:\..*)?|.*\.(?:env|ini|cfg|conf|cnf|config|properties|ya?ml|json|toml|tfvars|envrc))", re.IGNORECASE | re.DOTALL
)
# What programs say to people: "Password", "Forgot your password?"
PROSE = re.compile(r"[A-Z\u00c0-\u00de][a-z\u00df-\u00ff]+|[^\W\d_]+(?:[ '\u2019,.:;!?\u2026-]+[^\W\d_]*)+")
TRANSLATED = {"locale", "locales", "i18n", "l10n", "lang", "langs", "languages", "translations", "messages"}
TESTS = {
    "test",
    "tests",
    "__tests__",
    "spec",
    "specs",
    "fixtures",
    "fixture",
    "testdata",
    "mocks",
    "__mocks__",
    "examples",
    "example",
    "samples",
    "docs",
}
TEST_FILE = re.compile(
    r"(?:test_.*|.*_test\.\w+|.*\.(?:test|spec)\.\w+|conftest\.py|.*[.-](?:example|sample|template|dist)(?:\.\w+)?)", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True)
class Leak:
    """A secret in a file or commit: where, and what found it; nothing of it."""

    place: str
    hit: Hit
    test: bool

    def __str__(self) -> str:
        return f"{self.place} ({self.hit.detector})"

    @property
    def severity(self) -> str:
        """How bad it is, by what found it; in tests and examples nothing is as bad."""
        if self.test or self.hit.ground == "example":
            return "low"
        return "critical" if self.hit.ground == "shape" else "high"


@dataclass
class Scan:
    """What was found and what was not looked at: `skipped` files by their kind, `unread` files, and how many bytes came after the limit."""

    leaks: list[Leak] = field(default_factory=list)
    harmless: list[tuple[HiddenGlobs, str]] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    left: int = 0
    files: int = 0

    @property
    def severity(self) -> str:
        """That of the worst leak."""
        return min((leak.severity for leak in self.leaks), key=("critical", "high", "medium", "low").index)

    @property
    def said(self) -> str:
        """The leaks for people, the worst first and at most twenty."""
        order = sorted(self.leaks, key=lambda leak: ("critical", "high", "medium", "low").index(leak.severity))
        more = f", and {len(order) - MOST} more" if len(order) > MOST else ""
        return ", ".join(map(str, order[:MOST])) + more

    @property
    def missed(self) -> str | None:
        """What was to be looked at and was not; None if nothing."""
        said = [f"{max(self.left // MB, 1)} MB not scanned: more than secrets.scan_max_mb"] if self.left else []
        if self.unread:
            named = ", ".join(self.unread[:5]) + (f" and {len(self.unread) - 5} more" if len(self.unread) > 5 else "")
            said.append(f"not in the working tree, or behind a link, and so not scanned: {named}")
        return "; ".join(said) or None

    def whole(self) -> None:
        """Raise Undecided if something was to be looked at and was not."""
        if self.missed is not None:
            raise Undecided(self.missed)

    @property
    def note(self) -> str:
        """What was looked at and what is passed over on purpose."""
        passed = ", ".join(f"{number} {kind}" for kind, number in sorted(self.skipped.items()))
        return f"no secrets in {self.files} files{f'; passed over: {passed}' if passed else ''}"

    @property
    def declared(self) -> tuple[str, str] | None:
        """The key and the entry by which something was let through, None if nothing was. Notes that each of them was of use."""
        used = [(entries.key, entries.use(entry)) for entries, entry in self.harmless]
        return used[0] if used else None


class Scanner:
    """Looks into files; `names` and `values` are what the user declared harmless, and is told of as is what was let through by it."""

    def __init__(self, names: HiddenGlobs, values: HiddenGlobs) -> None:
        self._names, self._values = names, values

    def look(self, scan: Scan, text: str, path: str, place: Callable[[Place], str], *, names: bool, audited: frozenset[str] = frozenset()) -> None:
        """Add to `scan` what a text of a file holds."""
        for found in secrets_in(text, names=names, allowed=True):
            if audited & {
                hashlib.sha1(word.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest() for word in _candidates(found.value)
            }:
                continue
            if found.hit.ground == "name" and PROSE.fullmatch(found.value):
                continue
            entry = self._harmless(found)
            if entry is not None:
                scan.harmless.append(entry)
                continue
            scan.leaks.append(Leak(place(found), found.hit, is_test(path)))

    def _harmless(self, found: Place) -> tuple[HiddenGlobs, str] | None:
        for entries, text in ((self._names, found.name), (self._values, found.value)):
            for entry in entries:
                if text is not None and glob(entry, text):
                    return entries, entry
        return None

    # --- the files as they are ---------------------------------------------------------------------------------------------------------------

    def files(self, repository: Repository, most: int) -> Scan:
        """The secrets in the repository's files; `most` bytes of them are read."""
        scan = Scan()
        audited = _audited(repository)
        budget = most
        for entry in repository.files:
            path = PurePosixPath(entry.path)
            kind = _passed_over(path)
            if kind is not None:
                scan.skipped[kind] = scan.skipped.get(kind, 0) + 1
                continue
            if budget <= 0:
                scan.left += entry.size if entry.size is not None else _size(repository, entry.path)
                continue
            content = repository.read(entry)
            if content is None:
                scan.unread.append(entry.path)
                continue
            budget -= len(content)
            if len(content) > LARGEST_FILE or b"\0" in content[:8000]:
                kind = "larger than 1 MB" if len(content) > LARGEST_FILE else "binary"
                scan.skipped[kind] = scan.skipped.get(kind, 0) + 1
                continue
            scan.files += 1
            names = bool(CONFIGURATION.fullmatch(path.name)) and not TRANSLATED & {part.lower() for part in path.parts[:-1]}
            text = content.decode("utf-8", errors="replace")
            here = entry.path
            self.look(scan, text, here, lambda found, here=here: f"{here}:{found.line}", names=names, audited=audited.get(here, frozenset()))  # type: ignore[misc]
        return scan

    # --- what the last commits added ---------------------------------------------------------------------------------------------------------

    def history(self, repository: Repository, commits: int, most: int) -> Scan:
        """The secrets in the lines that the last commits of all branches added; `most` bytes of their differences are read."""
        if repository.shallow:
            raise Undecided("a shallow clone has no history: git fetch --unshallow, and run again")
        arguments = ["log", "--all", f"--max-count={commits}", "--patch", "--unified=0", "--no-textconv", "--no-ext-diff", "--no-color"]
        arguments += ["--no-show-signature", "--diff-merges=first-parent", "--format=commit %H", "--no-renames"]
        told, whole = run_up_to(repository.root, repository.git_dir, arguments, most)
        scan = Scan(left=0 if whole else 1)
        seen: set[tuple[str, str]] = set()
        for commit, path, line, text in _added(told.decode("utf-8", errors="replace")):
            if _passed_over(PurePosixPath(path)) is not None or (path, text) in seen:
                continue
            seen.add((path, text))
            self.look(scan, text, path, lambda found, c=commit, p=path, n=line: f"{p}:{n} in commit {c[:12]}", names=False)  # type: ignore[misc]
        return scan


def _candidates(value: str) -> list[str]:
    return [value, *re.split(r"[\s\"'=,;:]+", value)]


def is_test(path: str) -> bool:
    """Whether a path is a test's or an example's."""
    parts = PurePosixPath(path).parts
    return bool(TESTS & {part.lower() for part in parts[:-1]}) or bool(parts and TEST_FILE.fullmatch(parts[-1]))


def _passed_over(path: PurePosixPath) -> str | None:
    if LOCKS.fullmatch(path.name):
        return "lock files"
    if VENDORED & set(path.parts[:-1]):
        return "of others"
    return "baseline" if str(path) == BASELINE else None


def _size(repository: Repository, path: str) -> int:
    try:
        return (repository.root / path).lstat().st_size
    except (OSError, ValueError):
        return 0


def _audited(repository: Repository) -> dict[str, frozenset[str]]:
    """By file, the hashes of what somebody has looked at with detect-secrets and found to be no secret."""
    text = repository.text(BASELINE)
    if text is None:
        return {}
    try:
        results: Any = json.loads(text).get("results", {})
        return {
            str(path).replace("\\", "/"): frozenset(str(each["hashed_secret"]) for each in found if each.get("is_secret") is False)
            for path, found in results.items()
        }
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
        return {}


def _added(log: str) -> Iterator[tuple[str, str, int, str]]:
    """Commit, path, line number and text of every line that was added. How many lines a hunk has is told before it: none of them is taken for a header."""
    commit, path = "", ""
    lines: Sequence[str] = log.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.startswith("commit "):
            commit = line[7:]
        elif line.startswith("+++ "):
            path = line[4:].strip('"').removeprefix("b/").rstrip("\t")
        elif hunk := re.match(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", line):
            removed, first, added = int(hunk[1] or 1), int(hunk[2]), int(hunk[3] or 1)
            at += removed
            # A line without end is said to be one in a line of its own.
            if at < len(lines) and lines[at].startswith("\\"):
                at += 1
            for number, text in enumerate(lines[at : at + added], start=first):
                yield commit, path, number, text[1:]
            at += added
