"""Two reviewers at once, and the desk's longer ways: merging, several at once, pasting, checking a rejection."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from shared.contracts.calls import CastingCall
from shared.contracts.ids import call_id, posted_id
from shared.contracts.messages import RawMessage, Via
from shared.contracts.pipeline import Change, Likeness, Relation
from shared.storage.calls import Status
from tests.browser.accessible import assert_accessible
from tests.browser.test_review_desk import FULL, ID, TEXT, queue, sign_in, taken
from tests.services.publisher.house import House, extracted

pytestmark = pytest.mark.browser


@pytest.fixture
async def other(browser: Browser, house: House, address: str) -> AsyncIterator[Page]:
    """Another reviewer's browser."""
    context = await browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-GB")
    yield await context.new_page()
    await context.close()


async def three(house: House) -> None:
    for number in (1, 2, 3):
        await queue(house, f"m{number}", **(FULL | {"title": f"فرصة {number}"}))


async def test_each_is_handed_another_call_and_sees_who_looks_at_what(
    house: House, address: str, page: Page, other: Page
) -> None:
    await three(house)
    await sign_in(page, address)
    mine = await page.locator("main").get_attribute("data-id")
    async with other.expect_response("**/review/live"):
        await sign_in(other, address, "boss")
    theirs = await other.locator("main").get_attribute("data-id")
    assert theirs != mine
    await expect(other.locator(f'[data-row-id="{mine}"] .who')).to_have_text("sara")
    await expect(page.locator(f'[data-row-id="{theirs}"] .who')).to_have_text("boss")
    await other.locator(f'[data-row-id="{mine}"] .row').click()
    await expect(other.locator("main .note").first).to_contain_text("sara")


async def test_what_another_decides_vanishes_from_my_list(house: House, address: str, page: Page, other: Page) -> None:
    await three(house)
    async with page.expect_response("**/review/live"):
        await sign_in(page, address)
    await sign_in(other, address, "boss")
    theirs = await other.locator("main").get_attribute("data-id")
    await expect(page.locator(f'[data-row-id="{theirs}"]')).to_have_count(1)
    await other.keyboard.press("KeyA")
    await expect(page.locator(f'[data-row-id="{theirs}"]')).to_have_count(0)
    await expect(page.locator('[data-count="pending"]')).to_have_text("2")


async def test_who_decides_on_a_stale_version_is_told_at_once_and_loses_nothing(
    house: House, address: str, page: Page
) -> None:
    call = await queue(house, **FULL)
    async with page.expect_response("**/review/live"):
        await sign_in(page, address)
    await page.get_by_label("Title").fill("عنوان سارة")
    await house.desk.edit(ID, 1, call.fields.model_copy(update={"title": "عنوان عمر"}), "omar")
    await expect(page.locator("#notice")).to_contain_text("changed meanwhile")
    await page.keyboard.press("Control+Enter")
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("omar")
    await expect(alert).to_contain_text("عنوان عمر")
    await expect(page.get_by_label("Title")).to_have_value("عنوان سارة")
    assert (await house.call(ID)).status is Status.PENDING
    await expect(page.locator("#main.fresh")).to_have_count(0)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("main .empty")).to_be_visible()
    await taken(page)
    assert (await house.call(ID)).fields.title == "عنوان سارة"


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ar", 390)])
async def test_of_what_clashes_theirs_is_taken_by_a_key_and_the_rest_stays_mine(
    house: House, address: str, page: Page, language: str, width: int
) -> None:
    call = await queue(house, **FULL)
    await page.set_viewport_size({"width": width, "height": 844})
    await sign_in(page, address, language=language)
    await page.goto(f"{address}/review/{ID}")
    await page.locator("[name=title]").fill("عنوان سارة")
    await page.locator('[name="roles-0-age_min"]').fill("24")
    more = call.fields.model_dump(mode="json") | {
        "title": "عنوان عمر",
        "roles": [{"name": "شاب"}, {"name": "أم " * 40}],
    }
    await house.desk.edit(ID, 1, CastingCall.model_validate(more), "omar")
    await page.keyboard.press("Control+s")
    await expect(page.locator(".clashes > li")).to_have_count(2)
    await assert_accessible(page)
    await page.evaluate("document.querySelectorAll('details').forEach((element) => { element.open = false; })")
    await page.keyboard.press("Digit2")
    await expect(page.locator('[data-rows="roles"] > *')).to_have_count(2)
    await expect(page.locator(".clashes > li")).to_have_count(1)
    await expect(page.locator(".clashes button")).to_be_focused()
    await expect(page.locator("[name=title]")).to_have_value("عنوان سارة")
    await page.keyboard.press("Control+s")
    await expect(page.locator(".clashes")).to_have_count(0)
    fields = (await house.call(ID)).fields
    assert (fields.title, [role.name for role in fields.roles]) == ("عنوان سارة", ["شاب", ("أم " * 40).strip()])


async def test_a_new_call_is_announced_and_an_idle_desk_shows_it_by_itself(
    house: House, address: str, page: Page
) -> None:
    async with page.expect_response("**/review/live"):
        await sign_in(page, address)
    await expect(page.get_by_role("heading", name="All caught up")).to_be_visible()
    await queue(house, "m1", **FULL)
    await expect(page.locator("main h1")).to_have_text("إعلان في الرياض")
    await queue(house, "m2", **(FULL | {"title": "أحدث"}))
    await page.get_by_text("1 new call").click()
    await expect(page.locator(".row", has_text="أحدث")).to_be_visible()


async def test_an_update_of_an_approved_call_is_published_and_undone(house: House, address: str, page: Page) -> None:
    await queue(house, **FULL)
    await house.desk.approve(ID, 1, "boss")
    likeness = Likeness(relation=Relation.UPDATE, call_id=ID, message_id="m1", containment=0.9, conflicts=("deadline",))
    await house.message("m2")
    event = extracted("m2", text=TEXT + "\nآخر موعد ٢٠ ديسمبر", **(FULL | {"deadline": "2026-12-20"}))
    await house.handlers.on_extracted(event.model_copy(update={"likeness": likeness}))
    await sign_in(page, address)
    beside = page.locator(".beside")
    await expect(beside).to_contain_text("update of an earlier call")
    await expect(beside.locator(".clash")).to_contain_text("Apply until")
    lit = "[...CSS.highlights.get('changed')].map((range) => range.toString())"
    await page.wait_for_function("CSS.highlights.has('changed')")
    assert "٢٠" in await page.evaluate(lit)
    await page.keyboard.press("KeyU")
    await expect(page.locator(".toast")).to_contain_text("Merged into an earlier call")
    earlier, later = await house.call(ID), await house.call(call_id("m2"))
    assert (str(earlier.fields.deadline), earlier.unsent[-1].type) == ("2026-12-20", Change.UPDATED)
    assert (later.status, later.merged_into) == (Status.REJECTED, ID)
    await page.keyboard.press("KeyZ")
    await expect(page.locator("main h1")).to_have_text("إعلان في الرياض")
    assert (await house.call(ID)).fields.deadline is None
    assert (await house.call(call_id("m2"))).status is Status.PENDING


async def test_the_same_call_is_found_by_search_and_becomes_a_sighting(house: House, address: str, page: Page) -> None:
    await queue(house, "m2", text="فرصة في جدة لممثلة", title="أُستاذة لغة")
    await house.desk.approve(call_id("m2"), 1, "boss")
    await queue(house, "m3", text="An English one", title="Another one")
    await house.desk.approve(call_id("m3"), 1, "boss")
    await queue(house, **FULL)
    await sign_in(page, address)
    await page.keyboard.press("KeyM")
    await expect(page.locator("[name=find]")).to_be_focused()
    await expect(page.locator(".find li")).to_have_count(2)
    await page.keyboard.insert_text("استاذه")
    await page.keyboard.press("Enter")
    await expect(page.locator(".find li")).to_have_count(1)
    await page.keyboard.press("1")
    await expect(page.locator(".beside h2")).to_be_visible()
    await page.keyboard.press("KeyM")
    await expect(page.locator(".toast")).to_contain_text("Merged")
    await page.goto(f"{address}/review/{call_id('m2')}?status=approved")
    await expect(page.locator(".seen li")).to_have_count(1)
    await expect(page.locator("main")).to_contain_text("Seen in one more group")


async def test_several_are_rejected_at_once_counted_and_undone(house: House, address: str, page: Page) -> None:
    await three(house)
    await sign_in(page, address)
    await page.keyboard.press("KeyB")
    await page.get_by_role("button", name="All shown").click()
    await expect(page.get_by_text("3 chosen")).to_be_visible()
    await page.locator("#bulk-reason").select_option("outside")
    fields = (await house.call(call_id("m3"))).fields.model_copy(update={"title": "عنوان عمر"})
    await house.desk.edit(call_id("m3"), 1, fields, "omar")
    await page.get_by_role("button", name="Reject them").click()
    await expect(page.locator("main h1")).to_have_text("2 calls rejected")
    await expect(page.locator("main .note")).to_contain_text("1 call was left as it is")
    await expect(page.locator("[data-row-id]")).to_have_count(1)
    await page.get_by_role("button", name="Undo all of them").click()
    await expect(page.locator("main h1")).to_have_text("2 calls reopened")
    statuses = [(await house.call(call_id(f"m{number}"))).status for number in (1, 2, 3)]
    assert statuses == [Status.PENDING] * 3


async def test_a_pasted_message_takes_the_way_of_all_messages(house: House, address: str, page: Page) -> None:
    await sign_in(page, address)
    await page.keyboard.press("KeyP")
    await page.get_by_label("The message, as it was written").fill("  مطلوب ممثلة في جدة\nللتواصل 0500000123  ")
    await page.get_by_role("button", name="Send it in").click()
    await expect(page.get_by_role("status")).to_contain_text("On its way")
    [message] = house.publisher.events
    assert isinstance(message, RawMessage)
    assert (message.via, message.text, message.group.id) == (
        Via.DIRECT,
        "مطلوب ممثلة في جدة\nللتواصل 0500000123",
        "direct",
    )
    assert message.event_id == posted_id(message.message_id)
    await house.message(message.message_id)
    event = extracted(message.message_id, title="ممثلة في جدة").model_copy(update={"message": message})
    await house.handlers.on_extracted(event)
    await page.get_by_role("link", name="Show it").click()
    await expect(page.locator("main h1")).to_have_text("ممثلة في جدة")
    await expect(page.locator("main .meta")).to_contain_text("Pasted in by hand")


@pytest.mark.parametrize(("key", "status"), [("KeyY", Status.REJECTED), ("KeyN", Status.PENDING)])
async def test_a_rejection_of_the_filter_is_confirmed_or_overruled(
    house: House, address: str, page: Page, key: str, status: Status
) -> None:
    await house.message("m1")
    await house.handlers.on_extracted(extracted(text=TEXT, **FULL).model_copy(update={"check": True}))
    await sign_in(page, address)
    asked = page.get_by_role("heading", name="Was the filter right to stop this?")
    await expect(asked).to_be_visible()
    await page.keyboard.press(key)
    await expect(asked).to_be_hidden()
    await taken(page)
    call = await house.call(ID)
    assert call.status is status
    assert call.history[-1].action == ("rejected" if status is Status.REJECTED else "is_call")


async def test_filters_and_order_stand_in_the_address(house: House, address: str, page: Page) -> None:
    await three(house)
    await queue(house, "m4", text="An English one", title="Extras in Jeddah", location_city="Jeddah", language="en")
    await sign_in(page, address)
    await page.keyboard.press("KeyF")
    await page.locator("select[name=city]").select_option("Jeddah")
    await page.wait_for_url("**/review?city=Jeddah")
    await expect(page.locator("[data-row-id]")).to_have_count(1)
    await page.locator("select[name=sort]").select_option("oldest")
    await page.wait_for_url("**/review?city=Jeddah&sort=oldest")
    await page.get_by_role("link", name="Clear filters").click()
    await expect(page.locator("[data-row-id]")).to_have_count(4)


async def test_a_long_list_comes_as_one_scrolls(house: House, address: str, page: Page) -> None:
    for number in range(130):
        await house.handlers.on_extracted(extracted(f"m{number}", title=f"فرصة {number}"))
    await sign_in(page, address)
    await expect(page.locator("[data-row-id]")).to_have_count(60)
    await page.locator(".older").scroll_into_view_if_needed()
    await expect(page.locator("[data-row-id]")).to_have_count(120)
    await page.locator(".older").scroll_into_view_if_needed()
    await expect(page.locator("[data-row-id]")).to_have_count(130)
    await expect(page.locator(".older")).to_have_count(0)


async def test_without_a_connection_nothing_is_lost(house: House, address: str, page: Page) -> None:
    await queue(house, **FULL)
    await sign_in(page, address)
    await page.get_by_label("Title").fill("عنوان سارة")
    await page.context.set_offline(True)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#notice")).to_contain_text("No connection")
    await expect(page.get_by_label("Title")).to_have_value("عنوان سارة")
    await page.context.set_offline(False)
    await expect(page.locator("#main.fresh")).to_have_count(0)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("main .empty")).to_be_visible()
    await taken(page)
    assert (await house.call(ID)).fields.title == "عنوان سارة"
