"""A real browser for tests: Debian's Chromium, driven by Playwright, as a customer or an operator would use it.

    def test_page(browser_page):
        browser_page.goto(url)
        ...
        check_accessible(browser_page)

What the page does wrong fails the test when it ends: an error on the console, an exception, a request to another host.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE: Any = {"width": 390, "height": 844}
DESKTOP: Any = {"width": 1280, "height": 800}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")  # while Playwright's loop runs, no asynchronous test can: it ends with its module
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, chromium_sandbox=False, args=list(_FLAGS)
        )
        yield chromium
        chromium.close()


class Watch:
    """Notes what a page does wrong. `allowed` are parts of console messages that a test expects."""

    def __init__(self, page: Page) -> None:
        self.wrong: list[str] = []
        self.allowed: list[str] = []
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.wrong.append(f"exception: {error}"))
        page.on("request", lambda request: self._host(request.url))

    def _note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not any(part in text for part in self.allowed):
            self.wrong.append(f"console {kind}: {text}")

    def _host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob", "about"} and parts.hostname not in _LOOPBACK:
            self.wrong.append(f"request to another host: {url}")


@pytest.fixture(params=["desktop"])
def browser_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in a fresh profile; parametrize indirectly with "phone" or "desktop", and "-dark" after it."""
    size, _, theme = str(request.param).partition("-")
    context = browser.new_context(
        viewport=PHONE if size == "phone" else DESKTOP,
        has_touch=size == "phone",
        color_scheme="dark" if theme == "dark" else "light",
        locale="pt-BR",
        timezone_id="America/Sao_Paulo",
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    watch = Watch(page)
    page.watch = watch  # type: ignore[attr-defined]
    yield page
    context.close()
    assert watch.wrong == []


def check_accessible(page: Page) -> None:
    """axe-core finds nothing against the page as it stands."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
