"""The admins' pages in a browser: they renew themselves, fit a phone, and read well to a screen reader."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import BrowserContext, Page, expect

from shared.storage.alerts import Alert
from shared.storage.sources import Source, SourceStatus
from tests.browser.accessible import assert_accessible
from tests.services.publisher.busy import OFF, furnish
from tests.services.publisher.house import START, House

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"
STATUS = "/admin/digital-twin-status"
PAGES = (STATUS, "/admin/groups", "/admin/users", "/messages/call-27-1")


async def sign_in(page: Page, address: str) -> None:
    await page.goto(f"{address}/login")
    await page.get_by_label("User name").fill("boss")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"{address}/review*")


async def test_the_status_page_renews_itself_without_a_load(house: House, address: str, page: Page) -> None:
    await furnish(house)
    await sign_in(page, address)
    await page.goto(address + STATUS)
    received = page.locator(".flow .stage").first.locator(".number")
    before = int(await received.inner_text())
    await page.evaluate("window.sameDocument = true")
    await page.get_by_text("The figures behind the plots").click()
    await house.message("one-more", seen_at=house.now)
    await house.counted()
    await expect(received).to_have_text(str(before + 1), timeout=15_000)
    assert await page.evaluate("window.sameDocument")
    await expect(page.locator("details[open] summary")).to_have_text("The figures behind the plots")


async def test_the_page_says_when_it_is_no_longer_live(house: House, address: str, page: Page) -> None:
    await furnish(house)
    await sign_in(page, address)
    await page.goto(address + STATUS)
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await page.route(f"**{STATUS}/now", lambda route: route.abort())
    await expect(page.get_by_text("Not live: the desk does not answer")).to_be_visible(timeout=30_000)
    await page.unroute(f"**{STATUS}/now")
    await expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=30_000)


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
async def test_every_page_is_accessible_and_fits_a_phone(
    house: House, address: str, context: BrowserContext, page: Page, language: str, scheme: str
) -> None:
    await furnish(house)
    await house.sources.add(Source(OFF.id + "x", "اسم " * 40, SourceStatus.ACTIVE, START, last_error="x" * 300))
    await sign_in(page, address)
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in PAGES:
        for width in (1280, 390):
            await page.set_viewport_size({"width": width, "height": 844})
            await page.goto(f"{address}{path}?lang={language}")
            await assert_accessible(page)


async def test_a_group_is_accepted_and_a_person_added_by_keyboard(house: House, address: str, page: Page) -> None:
    await furnish(house)
    await sign_in(page, address)
    await page.goto(f"{address}/admin/groups")
    await page.get_by_role("button", name="Accept").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Listening.")
    await page.goto(f"{address}/admin/users")
    await page.get_by_label("User name").focus()
    await page.keyboard.type("noura")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("noura may sign in with this password.")
    assert len(await page.locator("code.secret").inner_text()) >= 12


async def test_a_renewal_that_finds_nobody_signed_in_leads_to_the_login(house: House, address: str, page: Page) -> None:
    await furnish(house)
    await sign_in(page, address)
    await page.goto(address + STATUS)
    await house.accounts.disable("boss")
    async with asyncio.timeout(20):
        await page.wait_for_url(f"{address}/login?next={STATUS}")


@pytest.mark.parametrize(
    ("language", "hush", "again"), [("en", "Keep quiet", "Tell again"), ("ar", "أسكِته", "نبّه من جديد")]
)
async def test_an_alert_is_kept_quiet_and_told_again_on_the_page(
    house: House, address: str, page: Page, language: str, hush: str, again: str
) -> None:
    await furnish(house)
    lost = Alert("service_gone:extractor", "service_gone", START, START, None, {"service": "extractor"})
    await house.stores.alerts.fire(lost)
    await house.counted()
    await sign_in(page, address)
    await page.goto(f"{address}{STATUS}?lang={language}")
    firing = page.locator("#alerts .alert-list > li")
    await firing.locator("select").select_option("24")
    await firing.get_by_role("button", name=hush).click()
    await expect(firing.get_by_role("button", name=again)).to_be_visible()
    [silence] = await house.stores.alerts.silences()
    assert (silence.name, silence.by) == (lost.key, "boss")
    await firing.get_by_role("button", name=again).click()
    await expect(firing.get_by_role("button", name=hush)).to_be_visible()
    assert await house.stores.alerts.silences() == []
