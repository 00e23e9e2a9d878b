"""The parts of the README that are the demo's own output. `python -m tests.readme` writes them anew."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
_BLOCK = re.compile(r"(?<=<!-- demo output -->\n```text\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)


def demo_output() -> str:
    """One failure and the scorecard, as the demo prints them."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--ssb-profile", "demo"]
    with tempfile.TemporaryDirectory() as folder:
        text = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
    failure = re.search(r"^_+ test_security_group_no_world_open_ingress.*?(?=^_{3,} |^=)", text, re.DOTALL | re.MULTILINE)
    scorecard = re.search(r"^=+ AWS Startup Security Baseline =+$.*?(?=^=+ \d)", text, re.DOTALL | re.MULTILINE)
    if failure is None or scorecard is None:
        raise RuntimeError(f"the demo printed something else:\n{text}")
    return f"{failure.group()}...\n{scorecard.group()}"


def shown() -> str:
    """What the README shows."""
    found = _BLOCK.search(README.read_text(encoding="utf-8"))
    if found is None:
        raise RuntimeError("README.md has no demo output")
    return found.group()


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    output = demo_output()
    README.write_text(_BLOCK.sub(lambda _: output, text, count=1), encoding="utf-8")
