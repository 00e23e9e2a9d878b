"""A real browser for the pages that we make: Chromium without a window, one for all tests of a process."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")


def missing() -> str | None:
    """Why there is no browser to test with, or None."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "the package playwright is not installed"
    if executable() is None:
        return f"no Chromium found (looked for {', '.join(NAMES)}); on Debian: apt-get install chromium"
    return None


def executable() -> str | None:
    """Where the browser of this machine lies; Playwright's own cannot be fetched everywhere."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. Without one the test is skipped; where SSB_REQUIRE_BROWSER is 1, it fails."""
    why = missing()
    if why is not None:
        if os.environ.get("SSB_REQUIRE_BROWSER") == "1":
            pytest.fail(f"SSB_REQUIRE_BROWSER is set, and {why}", pytrace=False)
        pytest.skip(f"needs a browser: {why}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # It may still be being installed.
        browser = playwright.chromium.launch(executable_path=executable(), timeout=240_000)
        yield browser
        browser.close()


@pytest.fixture
def screen(browser: Browser) -> Iterator[Page]:
    """A page of the size of a small laptop's screen. What goes wrong in its scripts fails the test."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(60_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("dialog", lambda dialog: wrong.append(f"a dialog: {dialog.message}"))
    yield page
    page.close()
    assert wrong == []
