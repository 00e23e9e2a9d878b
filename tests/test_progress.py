"""On a terminal one line says how many reads are done, and goes away again; elsewhere there is none."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from _pytest._io import TerminalWriter

from pytest_ssb import progress
from tests.support.runs import Runner

LINE = re.compile(r"\rasking AWS: (\d+) of (\d+) reads done")


def shown(*steps: tuple[int, int]) -> str:
    file = io.StringIO()
    left = iter(steps)
    progress.show(TerminalWriter(file), lambda seconds: next(left))
    return file.getvalue()


def test_the_line_follows_the_reads_and_goes_away() -> None:
    text = "asking AWS: 0 of 2 reads done"
    assert shown((0, 2), (1, 3), (3, 3)) == f"\r{text}\rasking AWS: 1 of 3 reads done\r{' ' * len(text)}\r"


def test_nothing_is_shown_of_nothing() -> None:
    assert shown((0, 0)) == shown((7, 7)) == ""


def test_an_interrupted_line_goes_away() -> None:
    file, asked = io.StringIO(), []

    def under_way(seconds: float) -> tuple[int, int]:
        asked.append(seconds)
        if len(asked) > 1:
            raise KeyboardInterrupt
        return 0, 1

    with pytest.raises(KeyboardInterrupt):
        progress.show(TerminalWriter(file), under_way)
    assert file.getvalue().endswith(" \r")


def on_a_terminal(folder: Path, *args: str) -> str:
    """What a run of the demo prints on a terminal."""
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--ssb-profile", "demo", "-m", "acct_08", *args]
    running = subprocess.Popen(command, cwd=folder, stdout=theirs, stderr=theirs)
    os.close(theirs)
    text = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:  # the other end is closed
            more = b""
        if not more:
            break
        text += more
    os.close(ours)
    running.wait()
    return text.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_shows_it_and_then_pytests_percentage(tmp_path: Path) -> None:
    text = on_a_terminal(tmp_path)
    lines = [(int(done), int(total)) for done, total in LINE.findall(text)]
    assert lines
    assert lines == sorted(lines)
    assert all(done < total for done, total in lines)
    assert "100%" in text[text.rindex("reads done") :]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_quiet_run_shows_none(tmp_path: Path) -> None:
    text = on_a_terminal(tmp_path, "-q")
    assert "reads done" not in text
    assert "ACCT.08" in text


def test_no_terminal_shows_none(run: Runner) -> None:
    assert "reads done" not in run("-m", "acct_06").text
