"""The desk hears of what others do all day long, through restarts and outages."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Route, expect

from services.publisher.logic import Reason
from tests.browser.test_decisions_ahead import row_of
from tests.browser.test_review_desk import FULL, queue, sign_in
from tests.services.publisher.house import House

pytestmark = pytest.mark.browser


async def test_a_stream_that_was_refused_once_comes_back(house: House, address: str, page: Page) -> None:
    refused = 0

    async def away(route: Route) -> None:
        nonlocal refused
        refused += 1
        if refused == 1:
            await route.fulfill(status=503, body="away")
        else:
            await route.continue_()

    await page.route("**/review/live**", away)
    async with page.expect_response(lambda answer: "/review/live" in answer.url and answer.ok):
        await sign_in(page, address)
    await expect(page.get_by_role("heading", name="All caught up")).to_be_visible()
    await queue(house, "m1", **FULL)
    await expect(page.locator("main h1")).to_have_text("إعلان في الرياض")


async def test_what_happened_while_the_stream_was_away_is_shown_when_it_is_back(
    house: House, address: str, page: Page
) -> None:
    calls = await row_of(house, 3)
    async with page.expect_response("**/review/live"):
        await sign_in(page, address)
    await expect(page.locator("[data-row-id]")).to_have_count(3)
    async with page.expect_response("**/review/live"):
        for desk in tuple(house.live._desks):
            house.live._end(desk)
        await house.desk.reject(calls[2].id, 1, Reason.OVER, None, "boss")
        await queue(house, "m9", **(FULL | {"title": "فرصة جديدة"}))
    await expect(page.locator(f'[data-row-id="{calls[2].id}"]')).to_have_count(0)
    await page.get_by_text("1 new call").click()
    await expect(page.locator(".row", has_text="فرصة جديدة")).to_be_visible()
    await expect(page.locator('[data-count="pending"]')).to_have_text("3")


async def test_an_idle_desk_shows_what_came_while_the_stream_was_away(house: House, address: str, page: Page) -> None:
    async with page.expect_response("**/review/live"):
        await sign_in(page, address)
    await expect(page.get_by_role("heading", name="All caught up")).to_be_visible()
    for desk in tuple(house.live._desks):
        house.live._end(desk)
    await queue(house, "m1", **FULL)
    await expect(page.locator("main h1")).to_have_text("إعلان في الرياض")
