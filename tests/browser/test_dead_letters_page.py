"""The dead letters in a browser: by keyboard, on a phone, and to a screen reader."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.accessible import assert_accessible
from tests.browser.test_admin_pages import sign_in
from tests.services.publisher.house import House
from tests.services.publisher.test_dead_page import DEAD, dead, place

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
async def test_both_pages_are_accessible_and_fit_a_phone(
    house: House, address: str, page: Page, language: str, scheme: str
) -> None:
    long = await dead(house, 1, detail="x" * 1500, payload='{"text": "' + "مطلوب " * 300 + "y" * 400 + '"}')
    await dead(house, 2)
    await sign_in(page, address)
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in (DEAD, f"{DEAD}?stage=filter", place(long)):
        joint = "&" if "?" in path else "?"
        for width in (1280, 390):
            await page.set_viewport_size({"width": width, "height": 844})
            await page.goto(f"{address}{path}{joint}lang={language}")
            await assert_accessible(page)


async def test_a_letter_is_read_and_sent_on_by_keyboard(house: House, address: str, page: Page) -> None:
    id = await dead(house)
    await sign_in(page, address)
    await page.goto(f"{address}/admin/digital-twin-status")
    await (
        page.get_by_role("navigation", name="Pages for admins")
        .or_(page.locator("nav.tabs"))
        .get_by_role("link", name="Dead letters")
        .focus()
    )
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name=id).focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("region", name="Payload")).to_contain_text("مطلوب")
    await page.get_by_role("button", name="Send it on again").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Sent on again.")
    assert len(house.resender.messages) == 1


async def test_all_of_them_are_only_sent_once_that_is_ticked(house: House, address: str, page: Page) -> None:
    for number in range(1, 4):
        await dead(house, number)
    await sign_in(page, address)
    await page.goto(f"{address}{DEAD}")
    await page.get_by_text("All 3 that match").click()
    await page.get_by_role("button", name="Send all on again").click()
    assert page.url == f"{address}{DEAD}", "the box is not ticked"
    await page.get_by_label("Yes, all 3").check()
    await page.get_by_role("button", name="Send all on again").click()
    await expect(page.get_by_role("status").first).to_contain_text("They are being sent on")
