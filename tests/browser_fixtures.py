"""A real Chromium for tests of the pages; a page that complains on its console fails its test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

#: Nothing is shown, and Chromium itself talks to nobody.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


#: How long a page may take to show what is expected, on a busy machine.
PATIENCE_MS = 30_000

expect.set_options(timeout=PATIENCE_MS)


def executable() -> str:
    """Where Chromium is; skips where it is not, and fails where every real part is required."""
    found = shutil.which("chromium")
    if found is None:
        reason = "Chromium is not installed (Debian's package is `chromium`)"
        if os.environ.get("TESTOPS_REQUIRE_REAL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; ended with the module, since Playwright holds the thread's event loop meanwhile."""
    path = executable()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        started.close()


class Complaints:
    """What the console of any page says that should not be there, violated policies included."""

    def __init__(self, context: BrowserContext) -> None:
        self.texts: list[str] = []
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.texts.append(str(error.error)))

    def _hear(self, message: ConsoleMessage) -> None:
        # A refused form is an answer with a status of 4xx, which Chromium logs as an error.
        is_refusal = "Failed to load resource" in message.text and "status of 4" in message.text
        if message.type in {"error", "warning"} and not is_refusal:
            self.texts.append(f"{message.text} [{message.location}]")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own, wide, in English; fails the test where a console complained."""
    opened = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    opened.set_default_timeout(PATIENCE_MS)
    complaints = Complaints(opened)
    yield opened
    opened.close()
    assert complaints.texts == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page."""
    return context.new_page()
