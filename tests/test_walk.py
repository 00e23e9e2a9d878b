"""The walk through adding a check, in CONTRIBUTING.md, works as it is written: its blocks are done one after the other in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
LEFT_OUT = shutil.ignore_patterns(".*", "venv", "__pycache__", "build", "dist", "node_modules", "*.egg-info")
# What a block is to a file, by the words behind the file's name.
NEW, AT_THE_END, CHANGED = "new", "at the end", "changed"


class Block(NamedTuple):
    """A block of code, and the file that stands above it with what is to be done, where it is no shell's."""

    code: str
    file: str | None
    what: str | None


def walk() -> Iterator[Block]:
    """The blocks of the walk in their order, but for the last step: it is what these tests are themselves a part of."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Adding a check")[2].partition("### 5. Before you commit")[0]
    for file, what, language, code in re.findall(r"(?:^\*\*(\S+)\*\*, ([^\n]*):\n\n)?^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        assert (language == "sh") is not bool(file), f"which file is this for?\n{code}"
        yield Block(code, file or None, what or None)


def changed(text: str, hunk: str) -> str:
    """The text with the lines of a hunk in place of those that it takes away."""
    old, new = ("".join(line[1:] for line in hunk.splitlines(keepends=True) if line[0] in signs) for signs in (" -", " +"))
    assert text.count(old) == 1, f"these lines are not there, or more than once:\n{old}"
    return text.replace(old, new)


def done(block: Block, path: Path) -> str:
    """What becomes of a file by a block. What goes at its end stands behind as many empty lines as is usual."""
    if block.what == NEW:
        return block.code
    text = path.read_text(encoding="utf-8")
    if block.what == CHANGED:
        return changed(text, block.code)
    assert block.what == AT_THE_END, block.what
    return text + ("\n\n" if path.suffix == ".py" else "\n") + block.code


def test_a_hunk_changes_what_is_there_once() -> None:
    assert changed("a\nb\nc\n", " a\n-b\n+B\n+bb\n") == "a\nB\nbb\nc\n"
    for text in ("a\nc\n", "a\nb\na\nb\n"):
        with pytest.raises(AssertionError, match="not there"):
            changed(text, " a\n-b\n")


@pytest.mark.skipif(sys.platform == "win32", reason="commands are written for a POSIX shell")
def test_the_walk_works_as_it_is_written(tmp_path: Path) -> None:
    if "example_file_server" in (ROOT / "tests_workload/test_wkld_11_security_groups.py").read_text(encoding="utf-8"):
        pytest.skip("somebody has walked it here already")
    copy = tmp_path / "copy"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_", "COV_"))}
    environ |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(copy)}
    ran = []
    for block in walk():
        if block.file is None:
            run = subprocess.run(["bash", "-euo", "pipefail", "-c", block.code], cwd=copy, env=environ, capture_output=True, text=True, check=False)
            assert run.returncode == 0, f"{block.code}\n{run.stdout}\n{run.stderr}"
            ran.append(run.stdout)
            continue
        path = copy / block.file
        assert path.exists() is (block.what != NEW), block.file
        path.write_text(done(block, path), encoding="utf-8")
    matrix = "".join(ran)
    assert re.search(r"^example_file_server_in_vpc +4 +\d+ +[1-9]\d* +[1-9]\d* +0$", matrix, re.MULTILINE), matrix
    assert re.search(r"^[1-9]\d* conditions turned round", matrix, re.MULTILINE), matrix
    if shutil.which("ruff", path=environ["PATH"]):
        for command in (["ruff", "check", "."], ["ruff", "format", "--check", "."]):
            run = subprocess.run([*command, "--no-cache"], cwd=copy, env=environ, capture_output=True, text=True, check=False)
            assert run.returncode == 0, run.stdout
