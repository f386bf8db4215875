"""The desk's pages without scripts: forms, refusals, languages, hostile texts."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from shared.contracts.ids import call_id
from shared.storage.calls import Status
from tests.services.publisher.house import House, extracted, queued

ID = call_id("m1")
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)> "\u202egnp.exe\u202c {{ 7*7 }}'


async def test_a_reviewer_without_scripts_edits_approves_and_undoes(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    await queued(house, "m2")
    page = await desk.get(f"/review/{ID}")
    form = fields_in(page.text, "edit") | {"deadline": "2026-12-01", "roles-0-name": "أب", "roles-0-age_min": "٤٠"}
    answer = await desk.post(f"/review/{ID}", data=form | {"action": "approve"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/review/{call_id('m2')}?done={ID}"
    call = await house.call(ID)
    assert (call.status, str(call.fields.deadline), call.fields.roles[0].age_min) == (Status.APPROVED, "2026-12-01", 40)
    following = await desk.get(answer.headers["location"])
    assert "Approved and on its way." in following.text
    undo = await desk.post(f"/review/{ID}/reopen", data={"version": str(call.version)})
    assert undo.status_code == 303
    assert (await house.call(ID)).status is Status.PENDING


async def test_a_refused_form_comes_back_as_it_was_typed(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    form = fields_in((await desk.get(f"/review/{ID}")).text, "edit")
    form |= {"title": "عنوان جديد", "compensation-amount": "lots", "compensation-kind": "paid"}
    answer = await desk.post(f"/review/{ID}?lang=ar", data=form | {"action": "approve"})
    assert answer.status_code == 422
    assert 'value="عنوان جديد"' in answer.text
    assert 'value="lots"' in answer.text
    assert "اكتب رقمًا." in answer.text
    assert (await house.call(ID)).version == 1


async def test_a_stale_form_shows_both_values_and_keeps_what_was_typed(house: House, desk: httpx.AsyncClient) -> None:
    call = await queued(house)
    form = fields_in((await desk.get(f"/review/{ID}")).text, "edit") | {"title": "عنواني"}
    await house.desk.edit(ID, 1, call.fields.model_copy(update={"title": "عنوان عمر"}), "omar")
    answer = await desk.post(f"/review/{ID}", data=form | {"action": "approve"})
    assert answer.status_code == 409
    assert "Somebody was quicker" in answer.text
    assert "omar" in answer.text
    assert "عنوان عمر" in answer.text
    again = fields_in(answer.text, "edit")
    assert (again["title"], again["version"]) == ("عنواني", "2")
    assert (await desk.post(f"/review/{ID}", data=again | {"action": "approve"})).status_code == 303
    assert (await house.call(ID)).fields.title == "عنواني"


async def test_what_was_saved_is_said_to_be(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    form = fields_in((await desk.get(f"/review/{ID}")).text, "edit") | {"title": "عنوان جديد"}
    saved = await desk.post(f"/review/{ID}", data=form | {"action": "save"})
    assert "Your changes are saved." in (await desk.get(saved.headers["location"])).text
    assert "Your changes are saved." not in (await desk.get(f"/review/{ID}")).text


async def test_a_rejection_needs_a_reason(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    refused = await desk.post(f"/review/{ID}/reject", data={"version": "1", "reason": "", "note": "hm"})
    assert refused.status_code == 422
    assert "Choose a reason from the list." in refused.text
    done = await desk.post(f"/review/{ID}/reject", data={"version": "1", "reason": "suspicious", "note": "fee"})
    assert done.status_code == 303
    call = await house.call(ID)
    assert (call.reason, call.history[-1].note) == ("suspicious", "fee")


async def test_rows_are_added_and_removed_without_scripts(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house, roles=[{"name": "أب"}, {"name": "أم"}, {"name": "ابن"}])
    form = fields_in((await desk.get(f"/review/{ID}")).text, "edit")
    less = await desk.post(f"/review/{ID}", data=form | {"action": "remove:roles:1"})
    names = [value for name, value in fields_in(less.text, "edit").items() if name.endswith("-name")]
    assert names == ["أب", "ابن"]
    more = await desk.post(f"/review/{ID}", data=form | {"action": "add:contacts"})
    assert 'name="contacts-0-value"' in more.text
    assert (await house.call(ID)).version == 1


async def test_a_suggestion_is_taken_up_without_losing_the_reviewers_own_corrections(
    house: House, desk: httpx.AsyncClient
) -> None:
    call = await queued(house)
    await house.desk.edit(ID, 1, call.fields.model_copy(update={"title": "عنوان المراجع"}), "sara")
    await house.handlers.on_extracted(extracted(edit="الآن في جدة", location_city="Jeddah"))
    page = await desk.get(f"/review/{ID}")
    assert "The message was edited in WhatsApp" in page.text
    call = await house.call(ID)
    form = {"version": str(call.version), "suggestion": call.suggestions[0].id, "action": "accept"}
    assert (await desk.post(f"/review/{ID}/suggestions", data=form)).status_code == 303
    fields = (await house.call(ID)).fields
    assert (fields.title, fields.location_city) == ("عنوان المراجع", "Jeddah")


async def test_hostile_text_is_only_text(house: House, desk: httpx.AsyncClient) -> None:
    hostile: dict[str, Any] = {
        "title": HOSTILE,
        "production_company": HOSTILE,
        "location_city": HOSTILE,
        "roles": [{"name": HOSTILE, "requirements": [HOSTILE]}],
        "contacts": [{"kind": "link", "value": 'https://example.com/"><script>alert(3)</script>'}],
    }
    await queued(house, text=HOSTILE * 50, **hostile)
    await house.desk.approve(ID, 1, "sara")
    await house.handlers.on_extracted(extracted(edit=HOSTILE, title=HOSTILE + "2"))
    for path in (f"/review/{ID}?q={HOSTILE}&status=approved", "/casting-calls", f"/casting-calls/{ID}"):
        page = await desk.get(path)
        assert page.status_code == 200
        for raw in ("<script>alert", "<img src=x", "49 ", 'com/"><'):
            assert raw not in page.text


@pytest.mark.parametrize("language", ["ar", "en"])
async def test_the_language_is_switched_and_remembered(house: House, desk: httpx.AsyncClient, language: str) -> None:
    await queued(house)
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in (await desk.get(f"/review?lang={language}")).text
    assert f'<html lang="{language}" dir="{direction}">' in (await desk.get(f"/review/{ID}")).text


async def test_no_page_holds_a_script_or_a_style_of_its_own(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house, roles=[{"name": "أب"}])
    await house.desk.approve(ID, 1, "sara")
    for path in ("/review", f"/review/{ID}", "/casting-calls", f"/casting-calls/{ID}", "/nothing"):
        text = (await desk.get(path)).text
        text = text.replace('<script type="application/ld+json">', "")  # data: it does not run
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)


def csrf_in(page: str) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found
    return found[1]


def fields_in(page: str, form_id: str) -> dict[str, str]:
    """What a browser would send for a form."""
    from html import unescape

    body = page.split(f'<form id="{form_id}"', 1)[1].split("<template", 1)[0]
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", body):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            found[unescape(name[1])] = unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select\b[^>]*name="([^"]*)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        found[name] = chosen[1] if chosen else ""
    for name, value in re.findall(r'<textarea\b[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', body, re.DOTALL):
        found[name] = unescape(value)
    return found
