"""The pages of errors in a browser: what happened, what to do now, with the head that one knows."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from shared.errors import Unavailable
from tests.browser.accessible import assert_accessible
from tests.browser.test_review_desk import sign_in
from tests.services.publisher.house import House

pytestmark = pytest.mark.browser


def away() -> None:
    raise Unavailable("the database does not answer")


def fault() -> None:
    raise ZeroDivisionError


@pytest.fixture
def failing(house: House) -> House:
    """The house with two pages that fail."""
    house.app.add_api_route("/away", away)
    house.app.add_api_route("/fault", fault)
    return house


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
async def test_every_error_fits_a_phone_and_has_no_serious_barrier(
    failing: House, address: str, page: Page, language: str, scheme: str
) -> None:
    await sign_in(page, address)
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path, code in (("/admin/users", 403), ("/nowhere", 404), ("/away", 503), (f"/fault?q={'x' * 300}", 500)):
        for width in (1280, 390):
            await page.set_viewport_size({"width": width, "height": 844})
            answer = await page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={language}")
            assert answer is not None
            assert answer.status == code
            await assert_accessible(page)


async def test_who_is_signed_in_keeps_the_head_and_the_way_back(failing: House, address: str, page: Page) -> None:
    await sign_in(page, address)
    for path, words in (("/admin/users", "This page is for admins."), ("/nowhere", "There is nothing at this address")):
        await page.goto(address + path)
        await expect(page.get_by_text(words)).to_be_visible()
        await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        await page.get_by_role("link", name="To the review desk").click()
        await page.wait_for_url(f"{address}/review*")


async def test_a_page_that_was_away_is_asked_for_again_as_it_was(failing: House, address: str, page: Page) -> None:
    await page.goto(f"{address}/away?city=Riyadh")
    await expect(page.get_by_text("Nothing is lost")).to_be_visible()
    await expect(page.get_by_text("503 /away")).to_be_visible()
    async with page.expect_navigation(url=f"{address}/away?city=Riyadh"):
        await page.get_by_role("link", name="Try again").click()


async def test_a_stranger_is_led_to_the_open_calls_and_not_to_the_log_in(address: str, browser: Browser) -> None:
    context = await browser.new_context(locale="ar-SA", viewport={"width": 390, "height": 844})
    page = await context.new_page()
    await page.goto(f"{address}/nowhere")
    await expect(page.get_by_role("heading", name="الصفحة غير موجودة")).to_be_visible()
    assert await context.cookies() == []
    await page.get_by_role("link", name="كل الفرص المتاحة").click()
    await page.wait_for_url(f"{address}/casting-calls")
    await context.close()
