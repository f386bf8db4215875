"""A browser, and a desk on stores in memory that it can reach."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from playwright.async_api import Error as BrowserError

from tests.services.publisher.house import House

_FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_HELP = "no browser: type `sudo apt-get install chromium fonts-noto-core` or `.venv/bin/playwright install chromium`"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's chromium, else the one that Playwright brought."""
    names = ("chromium", "chromium-browser", "google-chrome")
    system = next((path for path in map(shutil.which, names) if path), None)
    async with async_playwright() as playwright:
        try:
            launched = await playwright.chromium.launch(executable_path=system, args=_FLAGS)
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
    await house.accounts.add("sara", "correct horse battery")
    await house.accounts.add("boss", "correct horse battery", "admin")
    await house.backlog.reload()
    config = uvicorn.Config(house.app, host="127.0.0.1", port=0, log_config=None, ws="none", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(20):
        while not server.started:
            await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


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
