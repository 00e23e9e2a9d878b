"""Git repositories for worlds and tests. They last as long as the process: a world may be judged again once it is left."""

from __future__ import annotations

import itertools
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

IDENTITY = ("-c", "user.name=ana", "-c", "user.email=ana@acme.example", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main")

_folder = tempfile.TemporaryDirectory(prefix="ssb-checkouts-", ignore_cleanup_errors=True)
_numbers = itertools.count()


def git(folder: Path, *arguments: str) -> str:
    """What git answers in a folder."""
    done = subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def written(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files into a folder."""
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)


def committed(folder: Path, files: Mapping[str, str | bytes], message: str = "first") -> Path:
    """A repository at a folder, in which these files are committed."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ".git").exists():
        git(folder, "init", "-q")
    written(folder, files)
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return folder


def made(files: Mapping[str, str | bytes]) -> Path:
    """A new repository with these files."""
    return committed(Path(_folder.name) / f"repository-{next(_numbers)}", files)


def nowhere() -> Path:
    """A path at which there is nothing."""
    return Path(_folder.name) / "nowhere"
