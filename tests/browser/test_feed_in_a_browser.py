"""The public feed in a browser: looking for a call with and without scripts, in both languages, on every width."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from shared.contracts.ids import call_id
from tests.browser.accessible import assert_accessible
from tests.services.publisher.house import House, queued

pytestmark = pytest.mark.browser
ID = call_id("m1")
FULL: dict[str, Any] = {
    "title": "أم نجدية لمسلسل رمضاني",
    "project_type": "series",
    "production_company": "Desert Rose Films",
    "roles": [{"name": "أم", "gender": "female", "age_min": 35, "age_max": 45, "requirements": ["لهجة نجدية"]}],
    "compensation": {"kind": "paid", "amount": 1500, "amount_max": 2000, "currency": "SAR", "per": "day"},
    "contacts": [
        {"kind": "whatsapp", "value": "+966500000001"},
        {"kind": "phone", "value": "+966500000002"},
        {"kind": "email", "value": "casting@example.com"},
    ],
    "deadline": "2026-12-01",
}


async def furnish(house: House) -> None:
    for id, fields in (("m1", FULL), ("m2", {"title": "Kids for a commercial", "location_city": "Jeddah"})):
        await queued(house, id, **fields)
        await house.desk.approve(call_id(id), 1, "sara")


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_visitor_looks_for_a_call_and_finds_how_to_apply(
    house: House, address: str, browser: Browser, scripts: bool
) -> None:
    await furnish(house)
    context = await browser.new_context(java_script_enabled=scripts, locale="en-GB")
    page = await context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    await page.goto(f"{address}/casting-calls")
    await expect(page.locator(".cards .call")).to_have_count(2)
    await page.get_by_label("Search").fill("رمضانى")
    await page.get_by_text("More filters").click()
    await page.locator("[name=gender]").select_option("female")
    await page.get_by_label("Your age").fill("40")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator(".cards .call")).to_have_count(1)
    await expect(page.get_by_label("Your age")).to_have_value("40")
    await expect(page.get_by_label("Your age")).to_be_visible()
    assert ("city=" in page.url) is not scripts  # the script leaves out what was not chosen
    await page.get_by_role("link", name="أم نجدية لمسلسل رمضاني").click()
    await expect(page.locator("h1")).to_have_text("أم نجدية لمسلسل رمضاني")
    for link in ("https://wa.me/966500000001", "tel:+966500000002", "mailto:casting@example.com"):
        await expect(page.locator(f'.contacts a[href="{link}"] bdi')).to_have_attribute("dir", "ltr")
    assert refused == []  # the policy lets the JSON-LD be
    await context.close()


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_every_public_page_fits_and_has_no_serious_barrier(
    house: House, address: str, browser: Browser, language: str, width: int
) -> None:
    await furnish(house)
    await queued(house, "gone")
    await house.desk.approve(call_id("gone"), 1, "sara")
    await house.desk.withdraw(call_id("gone"), 2, None, "sara")
    context = await browser.new_context(viewport={"width": width, "height": 800})
    page = await context.new_page()
    for path in (
        f"/casting-calls?lang={language}",
        "/casting-calls?city=Abha&type=ugc",
        f"/casting-calls/{ID}",
        f"/casting-calls/{call_id('gone')}",
    ):
        await page.goto(address + path)
        await assert_accessible(page)
    await context.close()


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_a_word_that_is_wider_than_a_phone_is_broken(
    house: House, address: str, browser: Browser, language: str
) -> None:
    link = "https://docs.google.com/forms/d/e/1FAIpQLSf" + "x" * 90 + "/viewform"
    long = FULL | {
        "title": link,
        "production_company": "#" + "استوديو_" * 20,
        "location_city": "W" * 80,
        "roles": [{"name": "ـ" * 120, "requirements": [link]}],
        "contacts": [{"kind": "link", "value": link}],
    }
    await queued(house, "m1", **long)
    await house.desk.approve(ID, 1, "sara")
    for width in (360, 1280):
        context = await browser.new_context(viewport={"width": width, "height": 800})
        page = await context.new_page()
        for path in (f"/casting-calls?lang={language}", f"/casting-calls/{ID}"):
            await page.goto(address + path)
            await assert_accessible(page)
            # The kind of project is a word: it is not broken for the city beside it.
            box = await page.locator(".kicker .tag").bounding_box()
            assert box is not None
            assert box["height"] < 40
        await context.close()
