"""What a reviewer has typed outlives everything that happens beside it."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from shared.contracts.messages import RawMessage
from shared.storage.calls import Status
from tests.browser.test_decisions_ahead import opened_and_ahead, rested, row_of
from tests.browser.test_review_desk import FULL, ID, TEXT, queue, sign_in, taken
from tests.services.publisher.house import House, extracted

pytestmark = pytest.mark.browser


async def test_a_row_added_late_in_a_long_day_is_sent(house: House, address: str, page: Page) -> None:
    await queue(house, **FULL)
    await sign_in(page, address)
    await page.evaluate(
        "() => { for (let n = 0; n < 520; n += 1) {"
        " document.querySelector('[data-add=contacts]').click();"
        " document.querySelector('[data-rows=contacts] > :last-child [data-remove]').click(); } }"
    )
    await page.get_by_role("button", name="Add a role").click()
    await page.locator('[name^="roles-"][name$="-name"]').last.fill("أم")
    await page.keyboard.press("Control+s")
    await expect(page.locator('[data-rows="roles"] > *')).to_have_count(2)
    assert [role.name for role in (await house.call(ID)).fields.roles] == ["شاب سعودي", "أم"]


async def test_the_list_of_problems_leads_to_the_fields(house: House, address: str, page: Page) -> None:
    await queue(house, **FULL)
    await sign_in(page, address)
    await page.get_by_label("Title").fill("عنوان سارة")
    await page.locator('[name="roles-0-age_min"]').fill("forty")
    await page.locator('[name="contacts-0-value"]').fill("0500000172")
    await page.keyboard.press("Control+s")
    problems = page.get_by_role("alert").locator("a")
    await expect(problems).to_have_count(2)
    await problems.nth(0).focus()
    await page.keyboard.press("Enter")
    await expect(page.locator('[name="roles-0-age_min"]')).to_be_focused()
    await problems.nth(1).focus()
    await page.keyboard.press("Enter")
    await expect(page.locator('[data-path="contacts.0"] :focus')).to_have_count(1)
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_label("Title")).to_have_value("عنوان سارة")


async def test_the_skip_link_leads_to_the_call_that_is_open(house: House, address: str, page: Page) -> None:
    await row_of(house, 3)
    await opened_and_ahead(page, address)
    title = await page.locator("main h1").text_content()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.locator(".skip").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main")).to_be_focused()
    await page.keyboard.press("KeyE")
    await expect(page.get_by_label("Title")).to_be_focused()
    assert await page.locator("main h1").text_content() == title
    assert [url for url in asked if "/claim" not in url] == []


async def test_who_has_signed_in_anew_in_another_tab_decides_here_all_the_same(
    house: House, address: str, page: Page
) -> None:
    first, *_ = await row_of(house, 2)
    await opened_and_ahead(page, address)
    await page.get_by_label("Title").fill("عنوان سارة")
    await page.context.clear_cookies()
    tab = await page.context.new_page()
    await sign_in(tab, address)
    await tab.close()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#notice")).to_be_visible()
    await rested(page)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".toast.approved")).to_contain_text("عنوان سارة")
    assert (await house.call(first.id)).fields.title == "عنوان سارة"


async def test_looking_at_another_call_after_the_session_ended_leaves_what_was_typed(
    house: House, address: str, page: Page
) -> None:
    await row_of(house, 2)
    await opened_and_ahead(page, address)
    await page.get_by_label("Title").fill("عنوان سارة")
    await page.context.clear_cookies()
    await page.keyboard.press("Escape")
    await page.keyboard.press("KeyJ")
    await expect(page.locator("#notice")).to_contain_text("signed out")
    await expect(page.get_by_label("Title")).to_have_value("عنوان سارة")
    tab = await page.context.new_page()
    await sign_in(tab, address)
    await tab.close()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".toast.approved")).to_contain_text("عنوان سارة")


async def test_an_answer_about_the_filter_keeps_what_was_typed(house: House, address: str, page: Page) -> None:
    await house.message("m1")
    await house.handlers.on_extracted(extracted(text=TEXT, **FULL).model_copy(update={"check": True}))
    await sign_in(page, address)
    await page.get_by_label("Title").fill("عنوان سارة")
    await page.get_by_label("Shooting from").fill("2026-12-11")
    await page.keyboard.press("Escape")
    await page.keyboard.press("KeyN")
    await expect(page.get_by_role("heading", name="Was the filter right to stop this?")).to_be_hidden()
    await expect(page.locator('output[for="f-shoot_dates.start"]')).to_have_text("Friday 11 December 2026")
    await expect(page.get_by_label("Title")).to_have_value("عنوان سارة")
    await page.keyboard.press("KeyA")
    await expect(page.locator("main .empty")).to_be_visible()
    await taken(page)
    call = await house.call(ID)
    assert (call.status, call.fields.title) == (Status.APPROVED, "عنوان سارة")


async def test_settling_a_suggestion_keeps_what_was_typed(house: House, address: str, page: Page) -> None:
    await queue(house, **FULL)
    call = await house.call(ID)
    await house.desk.edit(ID, 1, call.fields.model_copy(update={"production_company": "استوديو"}), "boss")
    await house.handlers.on_extracted(extracted(edit="الآن في جدة", **(FULL | {"location_city": "Jeddah"})))
    await sign_in(page, address)
    await page.get_by_label("Title").fill("عنوان سارة")
    await page.keyboard.press("Escape")
    await page.keyboard.press("KeyG")
    await expect(page.locator("#edit").get_by_label("City")).to_have_value("Jeddah")
    await expect(page.get_by_label("Title")).to_have_value("عنوان سارة")
    await page.keyboard.press("KeyA")
    await taken(page)
    fields = (await house.call(ID)).fields
    assert (fields.title, fields.location_city) == ("عنوان سارة", "Jeddah")


@pytest.mark.parametrize("scripts", [True, False])
async def test_half_a_date_is_not_taken_for_none(house: House, address: str, browser: Browser, scripts: bool) -> None:
    await queue(house, **(FULL | {"deadline": "2026-12-05"}))
    context = await browser.new_context(java_script_enabled=scripts, locale="en-GB")
    page = await context.new_page()
    await sign_in(page, address)
    field = page.get_by_label("Apply until")
    await field.focus()
    await page.keyboard.press("Backspace")  # the day or the month alone, and the browser then says nothing of the rest
    await expect(field).to_have_value("")
    await page.locator(".actions .primary").click()
    await expect(field).to_be_focused()
    assert (await house.call(ID)).status is Status.PENDING
    await field.fill("2026-12-06")
    await page.locator(".actions .primary").click()
    await expect(page.locator(".toast.approved")).to_be_visible()
    assert str((await house.call(ID)).fields.deadline) == "2026-12-06"
    await context.close()


async def test_the_next_message_is_pasted_while_the_first_is_on_its_way(house: House, address: str, page: Page) -> None:
    await sign_in(page, address)
    await page.keyboard.press("KeyP")
    await page.locator("[name=text]").fill("مطلوب ممثلة في جدة")
    await page.get_by_role("button", name="Send it in").click()
    await expect(page.get_by_role("status")).to_contain_text("On its way")
    await page.locator("[name=text]").fill("مطلوب ممثل في الرياض")
    async with page.expect_response("**/review/paste?sent=*"):
        pass
    [message] = house.publisher.events
    assert isinstance(message, RawMessage)
    await house.message(message.message_id)
    event = extracted(message.message_id, title="ممثلة في جدة").model_copy(update={"message": message})
    await house.handlers.on_extracted(event)
    await expect(page.get_by_role("link", name="Show it")).to_be_visible()
    await expect(page.locator("[name=text]")).to_have_value("مطلوب ممثل في الرياض")
    await expect(page.locator("[name=text]")).to_be_focused()


@pytest.mark.parametrize("ahead", [True, False])
async def test_a_rejection_that_is_refused_keeps_what_was_typed_into_the_fields(
    house: House, address: str, page: Page, ahead: bool
) -> None:
    first, *_ = await row_of(house, 2)
    await page.route("**/review/live*", lambda route: route.abort())
    if not ahead:
        await page.route("**/review/*/next?*", lambda route: route.abort())
    await sign_in(page, address)
    await expect(page.locator("#main[data-next]")).to_have_count(1 if ahead else 0)
    await page.get_by_label("Title").fill("عنوان سارة")
    more = first.fields.model_copy(update={"location_city": "Jeddah"})
    await house.desk.edit(first.id, 1, more, "omar")
    await page.keyboard.press("Escape")
    await page.keyboard.press("KeyX")
    await page.keyboard.press("Digit1")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("omar")
    await expect(page.get_by_label("Title")).to_have_value("عنوان سارة")
    await expect(page.locator("#edit").get_by_label("City")).to_have_value("Jeddah")
