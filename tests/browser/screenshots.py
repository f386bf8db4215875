"""`make screenshots`: pictures of each page in both languages, on a desktop and a phone, into docs/images."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import structlog
from playwright.async_api import Browser, Page, async_playwright

from shared.contracts.ids import call_id
from tests.browser.showroom import BROWSER_FLAGS, PASSWORD, furnish, opened, system_browser
from tests.services.publisher.house import House

OUT = Path(__file__).parents[2] / "docs" / "images"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
LANGUAGES = ("ar", "en")
PAGES = {
    "desk": f"/review/{call_id('dev-0017')}",
    "desk-alike": f"/review/{call_id('again')}",
    "desk-check": f"/review/{call_id('stopped')}",
    "queue": "/review",
    "paste": "/review/paste",
    "my-decisions": "/review/mine",
    "feed": "/casting-calls",
    "status": "/admin/digital-twin-status",
    "login": "/login",
}
_PHONE = ("queue", "desk", "feed", "status")


async def main(wanted: list[str]) -> None:
    """Takes the named pictures, or all of them."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    house = House()
    await furnish(house)
    OUT.mkdir(parents=True, exist_ok=True)
    async with opened(house) as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=system_browser(), args=BROWSER_FLAGS)
        for language in LANGUAGES:
            for size in SIZES:
                await _pictures(browser, address, language, size, wanted)
        await browser.close()


async def _pictures(browser: Browser, address: str, language: str, size: str, wanted: list[str]) -> None:
    width, height = SIZES[size]
    context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
    page = await context.new_page()
    for name, path in PAGES.items():
        if (wanted and name not in wanted) or (size == "phone" and name not in _PHONE):
            continue
        if name != "login" and not await _signed_in(page, address):
            await _sign_in(page, address)
        if name == "login":
            await context.clear_cookies()
        await page.goto(f"{address}{path}?lang={language}", wait_until="load")
        await page.wait_for_timeout(250)
        suffix = "" if size == "desktop" else f"-{size}"
        await page.screenshot(path=OUT / f"{name}-{language}{suffix}.png")
    await context.close()


async def _signed_in(page: Page, address: str) -> bool:
    return (await page.request.get(f"{address}/api/v1/session")).status == 200


async def _sign_in(page: Page, address: str) -> None:
    await page.goto(f"{address}/login")
    await page.fill("[name=name]", "boss")
    await page.fill("[name=password]", PASSWORD)
    await page.press("[name=password]", "Enter")
    await page.wait_for_url("**/review**")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
