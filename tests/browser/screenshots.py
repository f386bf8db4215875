"""`make screenshots`: pictures of each page in both languages, on a desktop and a phone, into docs/images."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import structlog
from playwright.async_api import Browser, Page, async_playwright

from shared.contracts.ids import call_id
from shared.storage.alerts import Alert, ChannelState, Silence
from tests.browser.showroom import BROWSER_FLAGS, PASSWORD, furnish, opened, system_browser
from tests.services.publisher import busy
from tests.services.publisher.house import START, House

OUT = Path(__file__).parents[2] / "docs" / "images"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
LANGUAGES = ("ar", "en")
DESK = {
    "desk": f"/review/{call_id('dev-0017')}",
    "desk-alike": f"/review/{call_id('again')}",
    "desk-check": f"/review/{call_id('stopped')}",
    "paste": "/review/paste",
    "my-decisions": "/review/mine",
    "feed": "/casting-calls",
    "login": "/login",
}
OFFICE = {
    "status": "/admin/digital-twin-status",
    "groups": "/admin/groups",
    "users": "/admin/users",
    "message": "/messages/call-27-1",
}
_PHONE = ("desk", "feed", "status")
_TALL = {"status": 1_500}
"""Pages of which a desktop's picture shows more than a screen holds."""


async def main(wanted: list[str]) -> None:
    """Takes the named pictures, or all of them."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    OUT.mkdir(parents=True, exist_ok=True)
    desk, office = House(), House()
    await furnish(desk)
    await _furnish_office(office)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=system_browser(), args=BROWSER_FLAGS)
        for house, pages in ((desk, DESK), (office, OFFICE)):
            chosen = {name: path for name, path in pages.items() if not wanted or name in wanted}
            async with opened(house) as address:
                for language in LANGUAGES:
                    for size in SIZES:
                        await _pictures(browser, address, language, size, chosen)
        await browser.close()


async def _furnish_office(house: House) -> None:
    """A month of work, a service that is gone, and a group that fell silent and is kept quiet."""
    await busy.furnish(house)
    alerts = house.stores.alerts
    silent = f"group_silent:{busy.GONE.id}"
    for alert in (
        Alert("service_gone:extractor", "service_gone", START, START, None, {"service": "extractor"}),
        Alert(silent, "group_silent", START, START, None, {"name": busy.GONE.name}),
    ):
        await alerts.fire(alert)
    await alerts.silence(Silence(silent, START.replace(day=START.day + 1), "boss"))
    await alerts.note_channel(ChannelState("slack", told_at=START))
    await house.counted()


async def _pictures(browser: Browser, address: str, language: str, size: str, pages: dict[str, str]) -> None:
    width, height = SIZES[size]
    context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
    page = await context.new_page()
    for name, path in pages.items():
        if size == "phone" and name not in _PHONE:
            continue
        await page.set_viewport_size(
            {"width": width, "height": _TALL.get(name, height) if size == "desktop" else height}
        )
        if name != "login" and not await _signed_in(page, address):
            await _sign_in(page, address)
        if name == "login":
            await context.clear_cookies()
        await page.goto(f"{address}{path}?lang={language}", wait_until="load")
        await page.evaluate("document.fonts.ready")
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
