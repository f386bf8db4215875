"""The next call comes from the browser's memory, and the decision goes out beside it: what may go wrong then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Route, expect

from services.publisher.filters import Filter
from services.publisher.logic import Reason
from shared.storage.calls import Call, Status
from tests.browser.test_review_desk import FULL, queue, sign_in
from tests.services.publisher.house import House

pytestmark = pytest.mark.browser


async def row_of(house: House, number: int) -> list[Call]:
    """This many calls on the desk, as its list has them."""
    for n in range(number):
        await queue(house, f"m{n}", **(FULL | {"title": f"فرصة {n}"}))
    await house.backlog.reload()
    return [await house.call(row.id) for row in house.backlog.page(Filter(), limit=number).rows]


async def opened_and_ahead(page: Page, address: str, **more: str) -> None:
    """Signs in and waits until the page holds the next call."""
    await sign_in(page, address, **more)
    await expect(page.locator("#main[data-next]")).to_have_count(1)


async def held(page: Page, pattern: str) -> asyncio.Event:
    """Holds requests to this address back until the event is set."""
    go = asyncio.Event()

    async def wait(route: Route) -> None:
        await go.wait()
        await route.continue_()

    await page.route(pattern, wait)
    return go


async def rested(page: Page) -> None:
    """Returns once keys decide again."""
    await expect(page.locator("#main.fresh")).to_have_count(0)


async def test_the_next_call_is_there_before_the_decision_was_answered(house: House, address: str, page: Page) -> None:
    first, second, *_ = await row_of(house, 3)
    await opened_and_ahead(page, address)
    go = await held(page, f"**/review/{first.id}")
    await page.keyboard.press("KeyA")
    await expect(page.locator("main h1")).to_have_text(second.fields.title)
    await expect(page.locator(".toast.sending")).to_contain_text(first.fields.title)
    await expect(page.locator(".leaving")).to_have_attribute("data-row-id", first.id)
    assert (await house.call(first.id)).status is Status.PENDING
    go.set()
    await expect(page.locator(".toast.approved")).to_contain_text(first.fields.title)
    await expect(page.locator(f'[data-row-id="{first.id}"]')).to_have_count(0)
    assert (await house.call(first.id)).status is Status.APPROVED
    await expect(page.locator("body[data-sending]")).to_have_count(0)


async def test_two_decisions_may_be_on_their_way_at_once(house: House, address: str, page: Page) -> None:
    first, second, third = await row_of(house, 3)
    await opened_and_ahead(page, address)
    go = await held(page, f"**/review/{first.id}")
    async with page.expect_response("**/next?*"):
        await page.keyboard.press("KeyA")
    await rested(page)
    async with page.expect_response("**/next?*"):
        await page.keyboard.press("KeyA")
    await expect(page.locator("main h1")).to_have_text(third.fields.title)
    await expect(page.locator(".toast.approved")).to_contain_text(second.fields.title)
    await rested(page)
    # The first is on its way out of the list: after the last call comes nothing, not that one again.
    await page.keyboard.press("KeyA")
    await expect(page.locator("main .empty")).to_be_visible()
    go.set()
    await expect(page.locator("body[data-sending]")).to_have_count(0)
    assert [(await house.call(call.id)).status for call in (first, second, third)] == [Status.APPROVED] * 3


async def test_a_refused_decision_brings_its_call_back_with_the_difference(
    house: House, address: str, page: Page
) -> None:
    first, second, *_ = await row_of(house, 3)
    await opened_and_ahead(page, address)
    go = await held(page, f"**/review/{first.id}")
    await page.get_by_label("Title").fill("عنوان سارة")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("main h1")).to_have_text(second.fields.title)
    await page.get_by_label("Title").fill("بدأت هنا")
    await house.desk.edit(first.id, 1, first.fields.model_copy(update={"title": "عنوان عمر"}), "omar")
    go.set()
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("عنوان عمر")
    await expect(page.locator("main")).to_have_attribute("data-id", first.id)
    await expect(page.get_by_label("Title")).to_have_value("عنوان سارة")
    await expect(page.locator(f'[data-row-id="{first.id}"]:not(.leaving)')).to_have_count(1)
    assert (await house.call(first.id)).status is Status.PENDING
    await page.locator(".row", has_text=second.fields.title).click()
    await expect(page.get_by_label("Title")).to_have_value("بدأت هنا")


async def test_without_a_connection_the_call_comes_back_as_it_was_left(house: House, address: str, page: Page) -> None:
    first, second, *_ = await row_of(house, 2)
    await opened_and_ahead(page, address)
    await page.get_by_role("button", name="Add a role").click()
    await page.locator('[name^="roles-"][name$="-name"]').last.fill("أم")
    await page.context.set_offline(True)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#notice")).to_contain_text("No connection")
    await expect(page.locator("main")).to_have_attribute("data-id", first.id)
    await expect(page.locator('[name^="roles-"][name$="-name"]').last).to_have_value("أم")
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Add a role").click()
    assert await page.locator('[data-rows="roles"] > *').count() == 3  # one more for one click
    await page.locator('[name^="roles-"][name$="-name"]').last.fill("أب")
    await rested(page)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".toast.approved")).to_contain_text(first.fields.title)
    await expect(page.locator("main h1")).to_have_text(second.fields.title)
    assert [role.name for role in (await house.call(first.id)).fields.roles] == ["شاب سعودي", "أم", "أب"]


async def test_a_session_that_has_ended_loses_nothing(house: House, address: str, page: Page) -> None:
    first, *_ = await row_of(house, 2)
    await opened_and_ahead(page, address)
    await page.get_by_label("Title").fill("عنوان سارة")
    await page.context.clear_cookies()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#notice")).to_contain_text("signed out")
    await expect(page.get_by_label("Title")).to_have_value("عنوان سارة")
    tab = await page.context.new_page()
    await sign_in(tab, address)
    await tab.close()
    await rested(page)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".toast.approved")).to_contain_text("عنوان سارة")
    assert (await house.call(first.id)).fields.title == "عنوان سارة"


async def test_undo_waits_for_the_decision_that_it_is_about(house: House, address: str, page: Page) -> None:
    first, second, *_ = await row_of(house, 3)
    await house.desk.reject(second.id, 1, Reason.OVER, None, "sara")
    await opened_and_ahead(page, address)
    go = await held(page, f"**/review/{first.id}")
    await page.keyboard.press("KeyA")
    await expect(page.locator(".toast.sending")).to_be_visible()
    await rested(page)
    await page.keyboard.press("KeyZ")
    go.set()
    await expect(page.locator("main h1")).to_have_text(first.fields.title)
    statuses = [(await house.call(call.id)).status for call in (first, second)]
    assert statuses == [Status.PENDING, Status.REJECTED]


async def test_a_key_that_bounces_decides_on_one_call(house: House, address: str, page: Page) -> None:
    calls = await row_of(house, 3)
    await opened_and_ahead(page, address)
    await page.evaluate(
        """() => {
        const press = () => document.body.dispatchEvent(new KeyboardEvent("keydown", { code: "KeyA", bubbles: true }));
        press();
        return new Promise((done) => requestAnimationFrame(() => { press(); done(); })); }"""
    )
    await expect(page.locator(".toast.approved")).to_be_visible()
    await expect(page.locator("body[data-sending]")).to_have_count(0)
    assert [(await house.call(call.id)).status for call in calls] == [Status.APPROVED, Status.PENDING, Status.PENDING]


async def test_a_key_pressed_again_while_its_answer_is_due_is_not_sent_twice(
    house: House, address: str, page: Page
) -> None:
    await page.route("**/next?*", lambda route: route.abort())
    first, second, third = await row_of(house, 3)
    await sign_in(page, address)
    await page.wait_for_selector(".scripted")
    go = await held(page, f"**/review/{first.id}")
    await page.keyboard.press("KeyA")
    await expect(page.locator("#main.busy")).to_have_count(1)
    await page.keyboard.press("KeyA")
    go.set()
    await expect(page.locator("main h1")).to_have_text(second.fields.title)
    await expect(page.get_by_role("alert")).to_have_count(0)
    statuses = [(await house.call(call.id)).status for call in (first, second, third)]
    assert statuses == [Status.APPROVED, Status.PENDING, Status.PENDING]


async def test_a_double_click_decides_on_one_call(house: House, address: str, page: Page) -> None:
    calls = await row_of(house, 3)
    await opened_and_ahead(page, address)
    await page.get_by_role("button", name="Approve").dblclick()
    await expect(page.locator(".toast.approved")).to_be_visible()
    await expect(page.locator("body[data-sending]")).to_have_count(0)
    assert [(await house.call(call.id)).status for call in calls] == [Status.APPROVED, Status.PENDING, Status.PENDING]


@pytest.fixture
async def other(browser: Browser, address: str) -> AsyncIterator[Page]:
    """Another reviewer's browser."""
    context = await browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-GB")
    yield await context.new_page()
    await context.close()


async def test_a_call_that_another_takes_meanwhile_is_not_handed_out(
    house: House, address: str, page: Page, other: Page
) -> None:
    _first, second, third = await row_of(house, 3)
    await opened_and_ahead(page, address)
    await sign_in(other, address, "boss")
    async with page.expect_response("**/next?*"):
        await other.goto(f"{address}/review/{second.id}")
    await expect(page.locator(f'[data-row-id="{second.id}"] .who')).to_have_text("boss")
    await page.keyboard.press("KeyA")
    await expect(page.locator("main h1")).to_have_text(third.fields.title)
    await expect(other.locator(f'[data-row-id="{third.id}"] .who')).to_have_text("sara")


async def test_skipping_asks_the_server_for_nothing(house: House, address: str, page: Page) -> None:
    first, second, *_ = await row_of(house, 3)
    await opened_and_ahead(page, address)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.keyboard.press("KeyS")
    await expect(page.locator("main h1")).to_have_text(second.fields.title)
    assert not [url for url in asked if "/skip" in url]
    assert "done=" not in page.url
    await page.go_back()
    await expect(page.locator("main h1")).to_have_text(first.fields.title)
