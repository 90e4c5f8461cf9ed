"""A real browser that opens pages from disk: Chromium as Debian packages it, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed; `apt-get install chromium`")
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}


@dataclass(slots=True)
class Opened:
    """A page in the browser, and what it complained of or asked the network for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, path: Path, fragment: str = "") -> Any:
        """Load a file anew, and wait until its script has done its first work."""
        self.page.goto("about:blank")
        self.page.goto(path.as_uri() + fragment)
        wait_until(self.page, "() => document.documentElement.dataset.ready === 'yes'")
        return self.page

    def watch(self) -> None:
        """Keep what the page logs as an error, and which addresses it asks for."""
        self.page.on("console", lambda told: self.complaints.append(told.text) if told.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))


def wait_until(page: Any, condition: str, argument: object = None, *, timeout_s: float = 10) -> None:
    """Wait for a function of JavaScript to return something; Playwright's own way is stopped by a strict policy."""
    end = monotonic() + timeout_s
    while not page.evaluate(condition, argument):
        if monotonic() > end:
            pytest.fail(f"{condition} did not come true within {timeout_s} s")
        page.wait_for_timeout(20)


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the browser, and end it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        yield browser
        browser.close()


@contextmanager
def opened(browser: Any, **options: Any) -> Iterator[Opened]:
    """Give a page of its own; `options` are those of a context of Playwright."""
    context = browser.new_context(**{"viewport": DESKTOP, **options})
    context.set_default_timeout(10_000)
    found = Opened(context.new_page())
    found.watch()
    yield found
    context.close()


@contextmanager
def quiet_tab(browser: Any) -> Iterator[Opened]:
    """Give a tab that must neither complain nor ask the network for anything."""
    with opened(browser) as found:
        yield found
        assert found.complaints == []
        assert [url for url in found.requests if not url.startswith(("file:", "about:"))] == []


def titles(page: Any) -> list[str]:
    """Return the titles in the list of articles; rows that are out of sight have no inner text yet."""
    return [str(text) for text in page.locator("#list .title").all_text_contents()]
