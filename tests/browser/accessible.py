"""What every page has to be: as wide as its screen, and without a serious barrier."""

from __future__ import annotations

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page


async def assert_accessible(page: Page) -> None:
    """Holds the page that is open to both; menus that are closed are looked at as well."""
    await page.evaluate("document.querySelectorAll('details').forEach((element) => { element.open = true; })")
    place = (page.url, page.viewport_size)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place
    found = await Axe().run(page)
    serious = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in serious] == [], place
