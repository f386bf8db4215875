"""Draws the picture that other sites show beside a link to the feed: `python -m tests.browser.preview`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.async_api import async_playwright

from tests.browser.showroom import BROWSER_FLAGS, system_browser

OUT = Path(__file__).parents[2] / "services" / "publisher" / "web" / "static" / "preview.png"
SIZE = (1200, 630)
_PAGE = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; block-size: 630px; background: #0f6b57; color: #fff; display: grid; place-items: center;
  font-family: "IBM Plex Sans Arabic", "Noto Sans Arabic", "Noto Sans", sans-serif; }
main { display: grid; gap: 34px; justify-items: center; text-align: center; }
svg { inline-size: 132px; } h1 { margin: 0; font-size: 74px; line-height: 1.25; font-weight: 700; }
p { margin: 0; font-size: 38px; color: #cfe9df; } span { color: #84dabf; padding-inline: 18px; font-weight: 400; }
</style><main><svg viewBox="0 0 32 32"><rect x="2" y="2" width="28" height="28" rx="8" fill="#fff"/>
<path d="M11 10.5v11l10-5.5z" fill="#0f6b57"/></svg>
<h1><bdi>تيك ون</bdi><span>|</span><bdi>TakeOne</bdi></h1>
<p lang="ar" dir="rtl">فرص الكاستينج في السعودية</p><p lang="en">Casting calls in Saudi Arabia</p></main>"""


async def main() -> None:
    """Draws it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=system_browser(), args=BROWSER_FLAGS)
        page = await browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        await page.set_content(_PAGE)
        await page.screenshot(path=OUT)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
