"""A served site with the demonstration catalogue, and Debian's Chromium; both once for all browser tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.serving import served
from tests.left_out import CHROMIUM

ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """In this process there is no database while it runs: Playwright's event loop would hide its connections."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def folder(tmp_path_factory) -> Path:
    """Where the site keeps its files, mails among them."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="package")
def site(chromium, folder) -> Iterator[str]:
    """Its address. Asked for after Chromium, without which it is not needed."""
    with served(folder) as url:
        yield url


@pytest.fixture
def open_page(chromium, site) -> Iterator[Callable[..., Page]]:
    """Opens an empty browser at an address. At the end: no error in the console, no other host was asked."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def heard(message) -> None:
        # The browser itself writes one for a page that answers 4xx, which a test may have meant.
        if message.type in ("error", "warning") and "the server responded with a status of 4" not in message.text:
            wrong.append(message.text)

    def asked(request) -> None:
        if not request.url.startswith((f"{site}/", "blob:", "data:")):
            wrong.append(f"asked {request.url}")

    def open_at(address: str = "/", **options) -> Page:
        context = chromium.new_context(base_url=site, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", asked)
        page.goto(address)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert not wrong
