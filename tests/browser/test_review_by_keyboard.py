"""A reviewer's session without a mouse, in both languages and with an Arabic layout."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from shared.contracts.ids import call_id
from shared.storage.calls import Status
from tests.browser.test_review_desk import FULL, TEXT, queue, sign_in, taken
from tests.services.publisher.house import House

pytestmark = pytest.mark.browser

# What the physical keys write on an Arabic layout.
ARABIC = {"A": "ش", "X": "ء", "S": "س", "Z": "ئ", "E": "ث", "K": "ن", "H": "ا", "1": "١", "Slash": "ظ"}
Press = Callable[..., Awaitable[None]]


async def presser(page: Page, layout: str) -> Press:
    """Presses a key by its place, as a board of this layout does."""
    session = await page.context.new_cdp_session(page)

    async def press(key: str, *, shift: bool = False) -> None:
        if layout == "latin" or key not in ARABIC:
            name = f"Key{key}" if key.isalpha() and len(key) == 1 else key
            await page.keyboard.press(f"Shift+{name}" if shift else name)
            return
        code = key if key == "Slash" else f"Digit{key}" if key.isdigit() else f"Key{key}"
        text = "؟" if shift else ARABIC[key]
        event = {"code": code, "key": text, "modifiers": 8 if shift else 0}
        await session.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": text, **event})
        await session.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})

    return press


@pytest.mark.parametrize(("language", "layout"), [("en", "latin"), ("ar", "arabic")])
async def test_a_whole_session_by_keyboard(house: House, address: str, page: Page, language: str, layout: str) -> None:
    for number in (5, 4, 3, 2, 1):
        await queue(house, f"m{number}", text=TEXT + f"\nرقم {number}", **(FULL | {"title": f"فرصة {number}"}))
    await sign_in(page, address, language=language)
    press = await presser(page, layout)
    ids = [await row.get_attribute("data-row-id") for row in await page.locator("[data-row-id]").all()]
    title = page.locator("main h1").first
    names = {id: (await house.call(str(id))).fields.title for id in ids}
    await expect(title).to_have_text(names[ids[0]])

    await press("A")
    await expect(title).to_have_text(names[ids[1]])
    await expect(page.locator(f'[data-row-id="{ids[0]}"]')).to_have_count(0)

    await press("X")
    await press("1")
    await page.keyboard.press("Enter")
    await expect(title).to_have_text(names[ids[2]])
    await taken(page)
    rejected = await house.call(str(ids[1]))
    assert (rejected.status, rejected.reason) == (Status.REJECTED, "not_a_call")

    await press("S")
    await expect(title).to_have_text(names[ids[3]])
    await press("K")
    await expect(title).to_have_text(names[ids[2]])

    await press("E")
    await page.keyboard.press("Control+a")
    await page.keyboard.insert_text("عنوان جديد")
    await press("A")  # typing, not deciding
    await page.keyboard.press("Control+Enter")
    await expect(title).to_have_text(names[ids[3]])
    await taken(page)
    edited = await house.call(str(ids[2]))
    assert edited.status is Status.APPROVED
    assert edited.fields.title.startswith("عنوان جديد")

    await press("Z")
    await expect(title).to_have_text(edited.fields.title)
    await press("Z")
    await expect(title).to_have_text(names[ids[1]])
    assert [(await house.call(str(id))).status for id in ids[:3]] == [Status.APPROVED, Status.PENDING, Status.PENDING]
    assert [str(event.type) for event in (await house.call(str(ids[2]))).unsent] == ["approved", "withdrawn"]
    await expect(page.locator(f'[data-row-id="{ids[2]}"]')).to_have_count(1)

    await press("H")
    await expect(page.locator(".history ol")).to_be_visible()
    await press("Slash", shift=True)
    await expect(page.locator("#help")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#help")).to_be_hidden()
    await press("Slash")
    await expect(page.locator("[name=q]")).to_be_focused()


async def test_a_decision_loads_no_page(house: House, address: str, page: Page) -> None:
    for number in (2, 1):
        await queue(house, f"m{number}", **(FULL | {"title": f"فرصة {number}"}))
    await sign_in(page, address)
    await page.evaluate("window.same = true")
    first = await page.locator("main").get_attribute("data-id")
    await page.keyboard.press("KeyA")
    await expect(page.locator(f'main[data-done="{first}"]')).to_have_count(1)
    assert await page.evaluate("window.same") is True
    await page.go_back()
    await expect(page.locator(f'main[data-id="{first}"]')).to_have_count(1)
    await expect(page.locator("main .chip").first).to_have_text("Approved")


async def test_undoing_another_call_keeps_what_was_typed_into_this_one(house: House, address: str, page: Page) -> None:
    await queue(house, "m1", **FULL)
    await queue(house, "m2", **(FULL | {"title": "أخرى"}))
    await sign_in(page, address)
    decided = await page.locator("main").get_attribute("data-id")
    await page.keyboard.press("KeyA")
    await expect(page.locator(f'main[data-done="{decided}"]')).to_have_count(1)
    waiting = await page.locator("main h1").inner_text()
    await page.get_by_label("Title").fill("لم يُحفظ")
    await page.keyboard.press("Escape")
    await page.keyboard.press("KeyZ")
    await expect(page.locator(f'main[data-id="{decided}"]')).to_have_count(1)
    await page.locator(".row", has_text=waiting).click()
    await expect(page.get_by_label("Title")).to_have_value("لم يُحفظ")


async def test_keys_do_nothing_while_one_types(house: House, address: str, page: Page) -> None:
    call = await queue(house, **FULL)
    await sign_in(page, address)
    await page.get_by_label("Production company").focus()
    await page.keyboard.type("axszm")
    await expect(page.get_by_label("Production company")).to_have_value("axszm")
    await page.keyboard.press("Escape")
    await expect(page.get_by_label("Production company")).not_to_be_focused()
    assert (await house.call(call.id)).status is Status.PENDING


async def test_what_was_typed_waits_while_one_looks_at_another_call(house: House, address: str, page: Page) -> None:
    await queue(house, "m1", **FULL)
    await queue(house, "m2", **(FULL | {"title": "أخرى"}))
    await sign_in(page, address)
    await page.goto(f"{address}/review/{call_id('m1')}")
    await page.get_by_label("Title").fill("لم يُحفظ")
    await page.get_by_role("button", name="Add a role").click()
    await page.locator('[name^="roles-"][name$="-name"]').last.fill("أم")
    await page.locator(".row", has_text="أخرى").click()
    await expect(page.locator("main h1")).to_have_text("أخرى")
    await page.locator(".row", has_text="إعلان في الرياض").click()
    await expect(page.locator("#notice")).to_contain_text("still here")
    await expect(page.get_by_label("Title")).to_have_value("لم يُحفظ")
    await expect(page.locator('[name^="roles-"][name$="-name"]').last).to_have_value("أم")
    await page.keyboard.press("Escape")
    await page.keyboard.press("KeyA")
    await expect(page.locator("main h1")).to_have_text("أخرى")
    assert [role.name for role in (await house.call(call_id("m1"))).fields.roles] == ["شاب سعودي", "أم"]
