"""A reviewer at the desk, in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from shared.contracts.calls import Evidence, Flag, Support
from shared.contracts.ids import call_id
from shared.contracts.pipeline import Likeness, Relation
from shared.storage.calls import Call, Status
from tests.browser.accessible import assert_accessible
from tests.services.publisher.house import House, extracted

pytestmark = pytest.mark.browser

ID = call_id("m1")
TEXT = "🎬 كاستنج إعلان في الرياض\nشاب سعودي ٢٢-٢٨ سنة\nالتصوير ١٠ ديسمبر\nواتساب +966 50 000 0172"
HOSTILE = (
    '<script>window.hacked = 1</script><img src=x onerror="window.hacked = 2">'
    "\u202egnp.exe \u2066 ممثل \u200f\u061c <b>bold</b> {{ 7*7 }} "
)


def evidence(words: str, support: Support = Support.VERBATIM) -> Evidence:
    start = TEXT.index(words)
    return Evidence(start=start, end=start + len(words), text=words, support=support)


async def queue(house: House, message_id: str = "m1", text: str = TEXT, **fields: Any) -> Call:
    await house.message(message_id)
    event = extracted(message_id, text=text, **fields)
    if text == TEXT:
        found = {
            "location_city": evidence("الرياض", Support.NORMALISED),
            "roles.0": evidence("شاب سعودي ٢٢-٢٨ سنة"),
            "shoot_dates": evidence("التصوير ١٠ ديسمبر", Support.DERIVED),
            "contacts.0": evidence("+966 50 000 0172"),
        }
        event = event.model_copy(update={"evidence": found})
    await house.handlers.on_extracted(event)
    return await house.call(call_id(message_id))


FULL: dict[str, Any] = {
    "title": "إعلان في الرياض",
    "roles": [{"name": "شاب سعودي", "gender": "male", "age_min": 22, "age_max": 28}],
    "shoot_dates": {"start": "2026-12-10"},
    "contacts": [{"kind": "whatsapp", "value": "+966500000172"}],
}


async def sign_in(page: Page, address: str, name: str = "sara", language: str = "en") -> None:
    await page.goto(f"{address}/review?lang={language}")
    await page.fill("[name=name]", name)
    await page.fill("[name=password]", "correct horse battery")
    await page.press("[name=password]", "Enter")
    await page.wait_for_url("**/review**")


async def taken(page: Page) -> None:
    """Returns once every decision that was on its way has been answered."""
    await expect(page.locator("body[data-sending]")).to_have_count(0)


async def test_a_reviewer_signs_in_corrects_approves_and_the_feed_shows_it(
    house: House, address: str, page: Page
) -> None:
    await queue(house, **FULL)
    await queue(house, "m2", text="رسالة أخرى", title="فرصة أخرى")
    await sign_in(page, address)
    await page.locator(".row", has_text="إعلان في الرياض").click()
    await expect(page.locator("#words")).to_contain_text("شاب سعودي")
    await page.get_by_label("Title").fill("إعلان اتصالات في الرياض")
    await page.get_by_label("Apply until").fill("2026-12-01")
    await page.get_by_role("button", name="Add a role").click()
    await page.locator('[name^="roles-"][name$="-name"]').last.fill("أم")
    await page.get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("status")).to_contain_text("Approved and on its way.")
    await expect(page.locator("h1")).to_have_text("فرصة أخرى")
    await page.goto(f"{address}/casting-calls")
    await page.get_by_role("link", name="إعلان اتصالات في الرياض").click()
    await expect(page.locator("main")).to_contain_text("1 December 2026")
    await expect(page.locator("main")).to_contain_text("أم")
    call = await house.call(ID)
    assert (call.status, call.decided_by, len(call.fields.roles)) == (Status.APPROVED, "sara", 2)


async def test_undo_right_after_the_decision_brings_the_call_back(house: House, address: str, page: Page) -> None:
    await queue(house, **FULL)
    await sign_in(page, address)
    await page.get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("heading", name="All caught up")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator("h1")).to_have_text("إعلان في الرياض")
    call = await house.call(ID)
    assert (call.status, [str(event.type) for event in call.unsent]) == (Status.PENDING, ["approved", "withdrawn"])


async def test_a_rejection_takes_two_clicks_and_a_reason(house: House, address: str, page: Page) -> None:
    await queue(house, **FULL)
    await sign_in(page, address)
    await page.locator("summary", has_text="Reject").click()
    await page.get_by_label("Scam or suspicious").check()
    await page.get_by_label("Note").fill("يطلب رسوم")
    await page.get_by_role("button", name="Reject this call").click()
    await expect(page.get_by_role("status")).to_contain_text("Rejected.")
    assert (await house.call(ID)).history[-1].note == "يطلب رسوم"


async def test_a_field_lights_up_its_words_and_the_words_their_field(house: House, address: str, page: Page) -> None:
    await queue(house, **FULL)
    await sign_in(page, address)
    lit = "[...CSS.highlights.get('active')].map((range) => range.toString())"
    await page.wait_for_function("CSS.highlights.has('active')")
    await page.locator("#edit").get_by_label("City").focus()
    assert await page.evaluate(lit) == ["الرياض"]
    await page.locator('[name="roles-0-age_min"]').focus()
    assert await page.evaluate(lit) == ["شاب سعودي ٢٢-٢٨ سنة"]
    await page.locator('[name="contacts-0-value"]').focus()
    assert await page.evaluate(lit) == ["+966 50 000 0172"]
    marked = "[...CSS.highlights.get('derived')].map((range) => range.toString())"
    assert await page.evaluate(marked) == ["التصوير ١٠ ديسمبر"]
    # No word of the message was split to mark it: only the number stands in an element of its own.
    assert await page.locator("#words > *").all_inner_texts() == ["+966 50 000 0172"]
    box = await page.evaluate(
        "(() => { const range = [...CSS.highlights.get('evidence')].find((r) => r.toString() === 'الرياض');"
        " const box = range.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"
    )
    await page.mouse.move(*box)
    await expect(page.locator('[data-path="location_city"]')).to_have_class(re.compile(r"\blit\b"))


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("en", "Thursday 10 December 2026", "Friday 11 December 2026"),
        ("ar", "الخميس 10 ديسمبر 2026", "الجمعة 11 ديسمبر 2026"),
    ],
)
async def test_a_date_is_told_in_words_as_it_is_typed(
    house: House, address: str, page: Page, language: str, before: str, after: str
) -> None:
    await queue(house, **FULL)
    await sign_in(page, address, language=language)
    field = page.locator('[name="shoot_dates-start"]')
    told = page.locator('output[for="f-shoot_dates.start"]')
    await expect(told).to_have_text(before)
    await field.fill("2026-12-11")
    await expect(told).to_have_text(after)
    await field.fill("")
    await expect(told).to_be_hidden()


async def test_a_wrong_field_is_named_and_nothing_typed_is_lost(house: House, address: str, page: Page) -> None:
    await queue(house, **FULL)
    await sign_in(page, address, language="ar")
    await page.locator('[name="roles-0-age_min"]').fill("٤٠")
    await page.get_by_role("button", name="اعتماد").click()
    await expect(page.get_by_role("alert")).to_contain_text("العمر الأدنى أكبر من الأعلى.")
    await expect(page.locator('[name="roles-0-age_min"]')).to_have_value("٤٠")
    assert (await house.call(ID)).version == 1


async def test_of_two_reviewers_the_slower_sees_the_difference(
    house: House, address: str, page: Page, browser: Browser
) -> None:
    await queue(house, **FULL)
    await sign_in(page, address)
    await page.get_by_label("Title").fill("عنوان سارة")
    other_context = await browser.new_context(locale="en-GB")
    other = await other_context.new_page()
    await sign_in(other, address, "boss")
    await other.get_by_label("Title").fill("عنوان المدير")
    await other.get_by_role("button", name="Save changes").click()
    await expect(other.locator("h1")).to_have_text("عنوان المدير")
    await other_context.close()
    await page.get_by_role("button", name="Approve").click()
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("Somebody was quicker")
    await expect(alert).to_contain_text("عنوان المدير")
    await expect(page.get_by_label("Title")).to_have_value("عنوان سارة")
    assert (await house.call(ID)).status is Status.PENDING


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_hostile_message_is_only_text(house: House, address: str, browser: Browser, scripts: bool) -> None:
    fields: dict[str, Any] = {
        "title": HOSTILE,
        "production_company": HOSTILE,
        "roles": [{"name": HOSTILE, "requirements": [HOSTILE]}],
        "contacts": [{"kind": "link", "value": 'https://example.com/"><script>window.hacked=3</script>'}],
    }
    call = await queue(house, text=HOSTILE * 90, **fields)
    await house.handlers.on_extracted(extracted(edit=HOSTILE + "2", **fields))
    flagged = (await house.call(call.id)).model_copy(update={"flags": (Flag(name="injection", words=HOSTILE),)})
    assert await house.calls.save(flagged, over=flagged.version)
    context = await browser.new_context(viewport={"width": 1280, "height": 860}, java_script_enabled=scripts)
    page = await context.new_page()
    await sign_in(page, address)
    await expect(page.locator("#words")).to_contain_text("<script>window.hacked = 1</script>")
    assert await page.locator("#words img, #words script, main b:has-text('bold')").count() == 0
    await page.locator(".actions .primary").click()
    await expect(page.locator(".toast.approved")).to_be_visible()
    await page.goto(f"{address}/casting-calls/{ID}")
    await expect(page.locator("h1")).to_contain_text("<b>bold</b>")
    # An override inside the title does not turn round what stands after it.
    await expect(page.locator(".kicker")).to_contain_text("Film")
    if scripts:
        assert await page.evaluate("window.hacked") is None
    await context.close()


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [390, 1280])
async def test_every_page_fits_and_has_no_serious_barrier(
    house: House, address: str, browser: Browser, language: str, width: int
) -> None:
    await queue(house, **FULL)
    await queue(house, "m2", title="Approved one", text="An English message " * 30)
    await house.desk.approve(call_id("m2"), 1, "boss")
    await house.message("m3")
    alike = Likeness(relation=Relation.UPDATE, call_id=ID, message_id="m1", containment=0.9, conflicts=("deadline",))
    unsure = {"confidence": {"title": 0.9, "location_city": 0.6, "roles.0": 0.2}, "check": True, "likeness": alike}
    flags = (Flag(name="unsupported:roles.0"), Flag(name="disagree:location_city"))
    event = extracted("m3", text=TEXT, **(FULL | {"deadline": "2026-12-24"}))
    await house.handlers.on_extracted(event.model_copy(update={**unsure, "flags": flags}))
    await house.handlers.on_extracted(extracted("m2", edit="Now in Jeddah", location_city="Jeddah"))
    context = await browser.new_context(viewport={"width": width, "height": 844})
    page = await context.new_page()
    await page.goto(f"{address}/login?lang={language}")
    await assert_accessible(page)
    await sign_in(page, address, "boss", language)
    for path in (
        "/review",
        f"/review/{ID}",
        f"/review/{call_id('m3')}",
        f"/review/{ID}?find=",
        "/review/paste",
        "/review/mine",
        f"/review/{call_id('m2')}?status=approved",
        "/review?status=expired",
        "/casting-calls",
        f"/casting-calls/{call_id('m2')}",
        "/admin/digital-twin-status",
        "/nothing",
    ):
        await page.goto(address + path)
        await assert_accessible(page)
    await context.close()


async def test_on_a_phone_the_list_leads_to_the_call_and_back(house: House, address: str, browser: Browser) -> None:
    await queue(house, **FULL)
    context = await browser.new_context(viewport={"width": 390, "height": 844})
    page = await context.new_page()
    await sign_in(page, address)
    await expect(page.locator("#words")).to_be_hidden()
    await page.locator(".row").click()
    await expect(page.locator("#words")).to_be_visible()
    await expect(page.locator(".queue")).to_be_hidden()
    await page.get_by_role("link", name="Back to the list").click()
    await expect(page.locator(".row")).to_be_visible()
    await context.close()
