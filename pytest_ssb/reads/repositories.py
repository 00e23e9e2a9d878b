"""The local repositories that the profile names. They are read on this machine; AWS is asked nothing."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from pytest_ssb.errors import Undecided
from pytest_ssb.reads.registry import read
from pytest_ssb.repositories import git, secret_files, templates, wiring
from pytest_ssb.repositories.scan import MB, Scan, Scanner
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.profiles import Profile, Repository

T = TypeVar("T")

REVIEW_PLACES = re.compile(
    r"(?:\.github/|docs/|\.gitlab/)?(?:pull_request_template|contributing|code[-_ ]?review\w*|review[-_ ]?(?:check)?list\w*)(?:\.\w+)?"
    r"|(?:\.github/|docs/)?pull_request_template/[^/]+|\.gitlab/merge_request_templates/[^/]+",
    re.IGNORECASE,
)
SPEAKS_OF_SECRETS = re.compile(r"\b(?:secrets?|credentials?|tokens?|passwords?|api keys?)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Checkout:
    """A repository of the profile. `scanner` is the hosted one that its owner names for it."""

    arn: str
    path: str
    scanner: str | None
    repository: git.Repository


@dataclass(frozen=True)
class Looked(Generic[T]):
    """A repository with what was found in it; `item` is the file, where a check judges files."""

    arn: str
    path: str
    scanner: str | None
    found: T
    item: str | None = None


@read(per="account")
def repositories(ssb_profile: Profile) -> list[Checkout]:
    """The repositories of the profile; one that is not there, or that git cannot read, is unread."""
    return [_opened(each.path, Path(each.folder) / each.path, each.scanner) for each in ssb_profile.repositories]


def _opened(path: str, place: Path, scanner: str | None) -> Checkout:
    arn = f"repo:{path}"
    try:
        return Checkout(arn, path, scanner, git.opened(arn, place))
    except Undecided as error:
        missing: Checkout = unread(error, arn)
        return missing


def _each(repositories: list[Checkout], look: Callable[[git.Repository], T]) -> list[Looked[T]]:
    """Each repository with what `look` finds in it; one that cannot be looked into is unread."""
    return [_looked(each, look) for each in repositories]


def _looked(checkout: Checkout, look: Callable[[git.Repository], T]) -> Looked[T]:
    error = error_of(checkout)
    if error is None:
        try:
            return Looked(checkout.arn, checkout.path, checkout.scanner, look(checkout.repository))
        except Undecided as raised:
            error = raised
    nothing: Looked[T] = unread(error, checkout.arn)
    return nothing


@read(per="account")
def repository_wiring(repositories: list[Checkout]) -> list[Looked[wiring.Wiring]]:
    """The secret scanners that each repository's hooks and CI run."""
    return _each(repositories, wiring.wiring_of)


@read(per="account")
def repository_secret_files(repositories: list[Checkout]) -> list[tuple[str | None, Looked[str | None]]]:
    """The files of each repository that hold secrets by their kind, each with why; a repository without such stands once, without a file."""
    found: list[tuple[str | None, Looked[str | None]]] = []
    for each in repositories:
        error = error_of(each)
        if error is not None:
            found.append((None, unread(error, each.arn)))
            continue
        files = [
            (entry.path, _looked(each, functools.partial(secret_files.why_secret, path=entry.path)))
            for entry in each.repository.files
            if secret_files.may_be_secret(entry.path)
        ]
        bad = [(path, looked) for path, looked in files if error_of(looked) is not None or looked.found is not None]
        found += bad or [(None, Looked(each.arn, each.path, each.scanner, None))]
    return found


@read(per="account")
def repository_reviews(repositories: list[Checkout]) -> list[Looked[str | None]]:
    """Where each repository tells its reviewers to look for secrets, None where it does not."""
    return _each(repositories, _review)


def _review(repository: git.Repository) -> str | None:
    for entry in repository.files:
        if REVIEW_PLACES.fullmatch(entry.path):
            for number, line in enumerate((repository.text(entry.path) or "").splitlines(), start=1):
                if SPEAKS_OF_SECRETS.search(line):
                    return f"{entry.path}:{number}"
    return None


@read(per="account")
def repository_scans(ssb_profile: Profile, repositories: list[Checkout]) -> list[Looked[Scan]]:
    """The secrets in the files of each repository, as far as the profile lets them be read."""
    secrets = ssb_profile.secrets
    scanner = Scanner(secrets.harmless_names, secrets.harmless_values)
    return _each(repositories, lambda repository: scanner.files(repository, secrets.scan_max_mb * MB))


@read(per="account")
def repository_histories(ssb_profile: Profile, repositories: list[Checkout]) -> list[Looked[Scan | None]]:
    """The secrets that the last commits of each repository added; None where the profile does not ask for it."""
    secrets = ssb_profile.secrets
    scanner = Scanner(secrets.harmless_names, secrets.harmless_values)

    def look(repository: git.Repository) -> Scan | None:
        return scanner.history(repository, secrets.history_commits, secrets.scan_max_mb * MB) if secrets.history_commits else None

    return _each(repositories, look)


@dataclass(frozen=True)
class Held:
    """What is said to lie in a repository, and a template that does, None where it holds none."""

    holds: str
    template: str | None


@read(per="account")
def repository_templates(ssb_profile: Profile, repositories: list[Checkout]) -> list[Looked[Held]]:
    """The templates in each repository, with what the profile says that it holds."""
    named = zip(ssb_profile.repositories, repositories, strict=True)
    return [_looked(checkout, functools.partial(_held, each.holds)) for each, checkout in named]


def _held(holds: str, repository: git.Repository) -> Held:
    return Held(holds, templates.template_of(repository))


def _place(named: Repository, checkout: Checkout) -> Path:
    """Where git keeps it, by which two ways to one repository are told to be one."""
    place = Path(named.folder) / named.path
    return (place if error_of(checkout) is not None else checkout.repository.git_dir).resolve()


@dataclass(frozen=True)
class SecurityRepositories:
    """The repositories that are said to hold security configuration: those that are apart from every application's, and those that are one's."""

    apart: tuple[str, ...]
    shared: tuple[str, ...]


@read(per="account")
def security_repositories(ssb_profile: Profile, repositories: list[Checkout]) -> SecurityRepositories:
    """Whether security configuration has a repository of its own, by what the profile says of its repositories."""
    named = list(zip(ssb_profile.repositories, repositories, strict=True))
    applications = {_place(each, checkout) for each, checkout in named if each.holds == "application"}
    security = [(each.path, _place(each, checkout) in applications) for each, checkout in named if each.holds == "security"]
    return SecurityRepositories(tuple(path for path, shared in security if not shared), tuple(path for path, shared in security if shared))
