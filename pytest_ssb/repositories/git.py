"""Reads a repository through the `git` command, in such a way that nothing which the repository says is run.

A repository may be hostile: its configuration may name programs for hooks, filters, signatures, transports or monitors, its tree may hold links
that lead elsewhere, devices, and names that resemble options. So git is asked a few plumbing questions only, all programs are switched off on its
command line, which wins over the repository's own settings, and files are opened here, without following links.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pytest_ssb.environment import unhindered
from pytest_ssb.errors import Undecided

TIMEOUT = 120
LARGEST_FILE = 1_000_000
# Listing a repository's files is no reason to take a machine's memory.
LARGEST_LISTING = 64_000_000

# What would run a program, or fetch something: https://git-scm.com/docs/git-config. An empty list of protocols allows none.
_NO_PROGRAMS = {
    "core.alternateRefsCommand": "true",
    "core.attributesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.quotePath": "true",
    "core.sshCommand": "false",
    "credential.helper": "",
    "gpg.program": "false",
    "log.showSignature": "false",
    "protocol.allow": "never",
}
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}
REGULAR = ("100644", "100755", "100664")


@dataclass(frozen=True)
class Entry:
    """A file that is in the repository: its path there, git's id of its content, and its size where git tells it."""

    path: str
    id: str
    size: int | None = None


@dataclass(frozen=True)
class Repository:
    """A checkout or bare clone. `arn` is how it is named in findings; `git_dir` is where git keeps it, `files` are the regular files in it."""

    arn: str
    root: Path
    git_dir: Path
    bare: bool
    files: tuple[Entry, ...]
    shallow: bool

    def read(self, entry: Entry, most: int = LARGEST_FILE) -> bytes | None:
        """A file's content, at most so many bytes and one more; None for one that the working tree lacks or has something else in the place of."""
        return _blob(self.git_dir, entry.id, most) if self.bare else _file(self.root, entry.path, most)

    def text(self, path: str) -> str | None:
        """A small text file by its path, None if there is none. Raises Undecided for one that is there and cannot be read."""
        entry = next((each for each in self.files if each.path == path), None)
        if entry is None:
            return None
        content = self.read(entry)
        if content is None or len(content) > LARGEST_FILE:
            raise Undecided(f"{path} could not be read" if content is None else f"{path} is larger than 1 MB: it was not read")
        return content.decode("utf-8", errors="replace")


def opened(arn: str, root: Path) -> Repository:
    """The repository at a path. Raises Undecided where there is none, or git cannot read it."""
    if not root.is_dir():
        raise Undecided("there is no such folder")
    git_dir = root / ".git"
    bare = not git_dir.exists()
    if bare:
        git_dir = root
        if not ((root / "HEAD").is_file() and (root / "objects").is_dir()):
            raise Undecided("it is no git repository: it has no .git, and is no bare clone")
    shallow = run(root, git_dir, ["rev-parse", "--is-shallow-repository"], 100).decode().strip()
    if shallow not in ("true", "false"):
        raise Undecided("this git does not tell whether the repository is whole: version 2.15 or later does")
    return Repository(arn, root, git_dir, bare, tuple(_listed(root, git_dir, bare)), shallow == "true")


def _listed(root: Path, git_dir: Path, bare: bool) -> Iterator[Entry]:
    """The regular files of the index, or of a bare clone's HEAD; links and submodules are none."""
    told = run(root, git_dir, ["ls-tree", "-r", "-z", "-l", "--full-tree", "HEAD"] if bare else ["ls-files", "-z", "--stage"], LARGEST_LISTING)
    seen: set[str] = set()
    for line in told.split(b"\0"):
        about, tab, name = line.partition(b"\t")
        fields = about.decode("ascii", errors="replace").split()
        if not tab or len(fields) < 3 or fields[0] not in REGULAR:
            continue
        path = os.fsdecode(name)
        if path in seen:
            continue
        seen.add(path)
        size = int(fields[3]) if bare and fields[3:] and fields[3].isdecimal() else None
        yield Entry(path, fields[2] if bare else fields[1], size)


def run(root: Path, git_dir: Path, arguments: Sequence[str], most: int) -> bytes:
    """What git answers, at most so many bytes. Raises Undecided where it fails, or answers more."""
    told, whole = run_up_to(root, git_dir, arguments, most)
    if not whole:
        raise Undecided(f"git {arguments[0]} answered more than {most // 1_000_000} MB: it was not read to its end")
    return told


def run_up_to(root: Path, git_dir: Path, arguments: Sequence[str], most: int) -> tuple[bytes, bool]:
    """The first so many bytes of what git answers, and whether that is all. Raises Undecided where git fails or takes too long."""
    program = shutil.which("git")
    if program is None:
        raise Undecided("the git command is not installed, or not in PATH")
    settings = [word for name, value in _NO_PROGRAMS.items() for word in ("-c", f"{name}={value}")]
    # The user has named the repository: that somebody else owns it is no reason not to read it.
    owned = [word for folder in (root, git_dir) for word in ("-c", f"safe.directory={folder}")]
    tree = [] if root == git_dir else [f"--work-tree={root}"]
    command = [program, f"--git-dir={git_dir}", *tree, *settings, *owned, *arguments]
    environment = unhindered(lambda: _environment(os.environ))
    with subprocess.Popen(  # noqa: S603 - a list, never a shell; the program is git alone
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd=root
    ) as process:
        try:
            told, whole = _up_to(process, most)
        except BaseException:
            process.kill()
            raise
    return told, whole


def _up_to(process: subprocess.Popen[bytes], most: int) -> tuple[bytes, bool]:
    assert process.stdout is not None
    timer = threading.Timer(TIMEOUT, process.kill)
    timer.start()
    try:
        told = process.stdout.read(most + 1)
        if len(told) > most:
            process.kill()
            process.wait()
            return told[:most], False
        status = process.wait()
    finally:
        timed_out = not timer.is_alive()
        timer.cancel()
    if timed_out:
        raise Undecided(f"git took longer than {TIMEOUT} seconds")
    if status != 0:
        raise Undecided(f"git could not read it (status {status})")
    return told, True


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Our environment without what steers git, such as GIT_DIR or GIT_EXTERNAL_DIFF."""
    return {name: value for name, value in ours.items() if not name.upper().startswith("GIT_")} | _ENVIRONMENT


def _blob(git_dir: Path, id: str, most: int) -> bytes:
    return run_up_to(git_dir, git_dir, ["cat-file", "blob", id], most + 1)[0]


def _file(root: Path, path: str, most: int) -> bytes | None:
    """A regular file below `root`; None if it is none, or lies behind a link."""
    parts = PurePosixPath(path).parts
    foreign = os.name == "nt" and re.search(r"[\\:]", path)
    if not parts or path.startswith("/") or ".." in parts or foreign:
        return None
    here = root
    try:
        for part in parts[:-1]:
            here = here / part
            if not stat.S_ISDIR(here.lstat().st_mode):
                return None
        here = here / parts[-1]
        if not stat.S_ISREG(here.lstat().st_mode):
            return None
        with here.open("rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError):
        return None
