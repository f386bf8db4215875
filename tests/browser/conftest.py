"""A browser, and a desk on stores in memory that it can reach."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from playwright.async_api import Error as BrowserError

from tests.browser.showroom import BROWSER_FLAGS, opened, system_browser
from tests.services.publisher.house import House

expect.set_options(timeout=20_000)  # a wait, not a measurement: on a busy machine a page takes its time

_HELP = "no browser: type `sudo apt-get install chromium fonts-noto-core` or `.venv/bin/playwright install chromium`"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's chromium, else the one that Playwright brought."""
    async with async_playwright() as playwright:
        try:
            launched = await playwright.chromium.launch(executable_path=system_browser(), args=BROWSER_FLAGS)
        except BrowserError as error:
            pytest.fail(f"{_HELP}\n{error}")
        yield launched
        await launched.close()


@pytest.fixture
def house() -> House:
    """A publisher on empty stores."""
    return House()


@pytest.fixture
async def address(house: House) -> AsyncIterator[str]:
    """Where the desk can be reached. A reviewer "sara" and an admin "boss" may sign in."""
    async with opened(house) as where:
        yield where


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A fresh browser profile of a desktop's size that speaks English."""
    made = await browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-GB")
    yield made
    await made.close()


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page that fails its test when its scripts do, or when the policy has to stop something."""
    made = await context.new_page()
    troubles: list[str] = []
    made.on("pageerror", lambda error: troubles.append(str(error)))
    made.on(
        "console",
        lambda message: troubles.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield made
    assert troubles == []
