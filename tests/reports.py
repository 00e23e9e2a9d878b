"""The report files of a small run of the demo, as the tests keep them. `python -m tests.reports` writes them anew."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from pytest_ssb.reporters import FORMATS

FOLDER = Path(__file__).parent / "data" / "reports"
SELECTED = "acct_06 or acct_08 or acct_12"
# What differs between two runs: the day, the run, the version of the tool, and milliseconds.
_VARIES = (
    (re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "2026-01-02T03:04:05Z"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "00000000-0000-0000-0000-000000000000"),
    (re.compile(r'("time": )\d{13}'), r"\g<1>1767323045000"),
    (re.compile(r"\b20\d\d-\d\d-\d\d\b(?!T)"), "2026-01-02"),
)


def made(folder: Path) -> dict[str, str]:
    """Run the demo in that folder, and give what it wrote by file, with what varies made alike."""
    outputs = [argument for suffix in FORMATS for argument in ("--ssb-output", f"demo{suffix}")]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--ssb-profile", "demo", "-m", SELECTED, *outputs]
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return {path.name: alike(path.read_text(encoding="utf-8")) for path in sorted(folder.iterdir()) if path.name.startswith("demo.")}


def alike(text: str) -> str:
    """The text with a fixed day in the place of every time."""
    for varying, fixed in _VARIES:
        text = varying.sub(fixed, text)
    return text


def write() -> None:
    """Write every file anew, and remove those that no run writes any more."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        files = made(Path(folder))
    for path in FOLDER.iterdir():
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
