"""A key does what the reviewer sees it do, and nothing else."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from shared.contracts.ids import call_id
from tests.browser.test_decisions_ahead import row_of
from tests.browser.test_review_desk import FULL, ID, queue, sign_in, taken
from tests.services.publisher.house import House, extracted

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False])
async def test_enter_on_a_ticked_row_decides_on_nothing(
    house: House, address: str, browser: Browser, scripts: bool
) -> None:
    await row_of(house, 3)
    context = await browser.new_context(java_script_enabled=scripts, locale="en-GB")
    page = await context.new_page()
    await sign_in(page, address)
    await page.locator(".many summary").click()
    box = page.locator(".pick input").first
    await box.focus()
    await page.keyboard.press("Space")
    await expect(box).to_be_checked()
    await page.keyboard.press("Enter")
    if scripts:
        await page.keyboard.press("KeyT")
    else:
        await page.wait_for_url("**/review")  # the list anew
        await page.goto(f"{address}/review/mine")
    await expect(page.locator("main")).to_contain_text("You have decided nothing")
    assert house.backlog.counts() == {"pending": 3, "approved": 0}
    await context.close()


async def test_a_number_chooses_the_reason_while_an_earlier_call_is_looked_for(
    house: House, address: str, page: Page
) -> None:
    await queue(house, "m2", text="فرصة في جدة لممثلة", title="فرصة في جدة")
    await house.desk.approve(call_id("m2"), 1, "boss")
    await queue(house, **FULL)
    await sign_in(page, address)
    await page.keyboard.press("KeyM")
    await expect(page.locator(".find li")).to_have_count(1)
    await page.keyboard.press("Escape")
    await page.keyboard.press("KeyX")
    await page.keyboard.press("Digit1")
    await page.keyboard.press("Enter")
    await taken(page)
    await expect(page.locator(".toast.rejected")).to_be_visible()
    assert (await house.call(ID)).reason == "not_a_call"


async def test_a_call_that_one_has_saved_stands_so_in_the_list_and_is_approved_from_there(
    house: House, address: str, page: Page
) -> None:
    await row_of(house, 2)
    await sign_in(page, address)
    id = await page.locator("main").get_attribute("data-id")
    assert id is not None
    row = page.locator(f'[data-row-id="{id}"]')
    await page.get_by_label("Title").fill("عنوان سارة")
    await page.keyboard.press("Control+s")
    await expect(page.locator("main .toast")).to_contain_text("saved")
    await expect(row.locator(".row-title")).to_have_text("عنوان سارة")
    await page.keyboard.press("KeyB")
    await row.locator(".pick input").check()
    await page.get_by_role("button", name="Approve them").click()
    await expect(page.locator("main h1")).to_have_text("1 call approved")
    assert (await house.call(id)).fields.title == "عنوان سارة"


async def test_no_more_are_chosen_than_are_decided_on_at_once(house: House, address: str, page: Page) -> None:
    for number in range(205):
        await house.handlers.on_extracted(extracted(f"m{number}", title=f"فرصة {number}"))
    await sign_in(page, address)
    for shown in (60, 120, 180):
        await expect(page.locator("[data-row-id]")).to_have_count(shown)
        await page.locator(".older").scroll_into_view_if_needed()
    await expect(page.locator("[data-row-id]")).to_have_count(205)
    await page.keyboard.press("KeyB")
    await page.get_by_role("button", name="All shown").click()
    await expect(page.get_by_text("200 chosen")).to_be_visible()
