"""The picture of the HTML report in docs/reports.md: what the demo's looks like. `python -m tests.picture` makes it anew; it needs Chromium."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.browser import executable, missing

PICTURE = Path(__file__).parent.parent / "docs" / "report.png"


def make(picture: Path = PICTURE) -> None:
    """Run the demo, open its report as a small laptop would, and take the first screen."""
    why = missing()
    if why is not None:
        raise SystemExit(why)
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = Path(folder) / "ssb.html"
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--ssb-profile", "demo", "--html", str(page), "--self-contained-html"]
        subprocess.run(command, cwd=folder, check=False, stdout=subprocess.DEVNULL)
        browser = playwright.chromium.launch(executable_path=executable())
        screen = browser.new_page(viewport={"width": 1280, "height": 800})
        screen.goto(page.as_uri())
        screen.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    make()
