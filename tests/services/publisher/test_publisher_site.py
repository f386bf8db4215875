"""The desk over HTTP: who gets in, what is refused, and how it looks from a program."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.publisher.web.shield import MAX_BODY
from shared.contracts.ids import call_id
from shared.contracts.pipeline import ApprovedCall, Change
from shared.errors import Unavailable
from shared.storage.calls import Call, Status
from tests.services.publisher.house import PASSWORD, House, extracted, queued, sign_in

ID = call_id("m1")
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)> "\u202egnp.exe\u202c {{ 7*7 }}'


# ---- who gets in


@pytest.mark.parametrize("path", ["/review", f"/review/{ID}", "/admin/digital-twin-status"])
async def test_a_stranger_is_sent_to_the_login_and_back_afterwards(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={path}")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/calls"),
        ("GET", f"/api/v1/calls/{ID}"),
        ("POST", f"/api/v1/calls/{ID}/approve"),
        ("PATCH", f"/api/v1/calls/{ID}"),
        ("GET", "/api/v1/session"),
    ],
)
async def test_a_strange_program_is_told_to_sign_in(client: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, path, json={"version": 1})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "sign_in"


async def test_signing_in_by_page_starts_a_new_session(client: httpx.AsyncClient) -> None:
    page = await client.get("/login?next=/review?q=x")
    before = client.cookies["takeone_session"]
    form = {"csrf": csrf_in(page.text), "name": " SARA ", "password": PASSWORD, "next": "/review?q=x"}
    answer = await client.post("/login", data=form, headers={"origin": "http://desk.test"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/review?q=x")
    assert client.cookies["takeone_session"] != before
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert (await client.get("/review")).status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_the_login_leads_nowhere_else(client: httpx.AsyncClient, target: str) -> None:
    page = await client.get("/login", params={"next": target})
    form = {"csrf": csrf_in(page.text), "name": "sara", "password": PASSWORD, "next": target}
    assert (await client.post("/login", data=form)).headers["location"] == "/review"


@pytest.mark.parametrize(("name", "password"), [("sara", "wrong password"), ("nobody", PASSWORD), ("", "")])
async def test_a_wrong_name_and_a_wrong_password_read_the_same(
    client: httpx.AsyncClient, name: str, password: str
) -> None:
    page = await client.get("/login")
    answer = await client.post("/login", data={"csrf": csrf_in(page.text), "name": name, "password": password})
    assert answer.status_code == 401
    assert "The name or the password is wrong." in answer.text


async def test_guessing_is_stopped_and_the_right_password_then_waits_too(client: httpx.AsyncClient) -> None:
    for _ in range(10):
        answer = await client.post("/api/v1/session", json={"name": "sara", "password": "guess guess"})
        assert answer.status_code == 401
    answer = await client.post("/api/v1/session", json={"name": "sara", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert (await client.post("/api/v1/session", json={"name": "boss", "password": PASSWORD})).status_code == 200


async def test_disabling_somebody_ends_their_sessions(house: House, desk: httpx.AsyncClient) -> None:
    assert (await desk.get("/api/v1/session")).status_code == 200
    assert await house.accounts.disable("sara")
    assert (await desk.get("/api/v1/session")).status_code == 401
    assert (await desk.post("/api/v1/session", json={"name": "sara", "password": PASSWORD})).status_code == 401


async def test_a_new_password_ends_the_old_sessions(house: House, desk: httpx.AsyncClient) -> None:
    await house.accounts.add("sara", "another long password")
    assert (await desk.get("/api/v1/session")).status_code == 401


async def test_a_made_up_cookie_is_nobody(client: httpx.AsyncClient) -> None:
    client.cookies.set("takeone_session", "eyJzIjoiYSIsInUiOiJib3NzIiwiZSI6MX0.made.up")
    assert (await client.get("/api/v1/session")).status_code == 401


async def test_signing_out_ends_the_session_of_this_browser(desk: httpx.AsyncClient) -> None:
    assert (await desk.post("/logout")).status_code == 303
    assert (await desk.get("/api/v1/session")).status_code == 401


async def test_the_status_page_is_for_admins(house: House, desk: httpx.AsyncClient) -> None:
    assert (await desk.get("/admin/digital-twin-status")).status_code == 403
    await sign_in(desk, "boss")
    page = await desk.get("/admin/digital-twin-status")
    assert page.status_code == 200
    assert "Digital twin status" in page.text


# ---- writes from elsewhere


async def test_a_write_without_the_token_changes_nothing(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    del desk.headers["x-csrf-token"]
    for sent in ({"json": {"version": 1}}, {"data": {"version": "1", "csrf": "0" * 64}}):
        assert (await desk.post(f"/api/v1/calls/{ID}/approve", **sent)).status_code == 403
    page = await desk.post(f"/review/{ID}", data={"version": "1", "action": "approve", "title": "x"})
    assert page.status_code == 403
    assert (await house.call(ID)).status is Status.PENDING


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
async def test_a_write_from_another_site_changes_nothing(
    house: House, desk: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    await queued(house)
    answer = await desk.post(f"/api/v1/calls/{ID}/approve", json={"version": 1}, headers=headers)
    assert answer.status_code == 403
    login = await desk.post("/api/v1/session", json={"name": "sara", "password": PASSWORD}, headers=headers)
    assert login.status_code == 403
    assert (await house.call(ID)).status is Status.PENDING


async def test_the_token_of_another_session_is_no_good(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    other = desk.headers["x-csrf-token"]
    await sign_in(desk, "boss")
    answer = await desk.post(f"/api/v1/calls/{ID}/approve", json={"version": 1}, headers={"x-csrf-token": other})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/login", "/casting-calls", "/api/v1/casting-calls", "/nothing", "/static/base.css"])
async def test_every_answer_carries_the_strict_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


async def test_a_body_that_is_too_large_is_refused_while_it_comes(desk: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY // 10_000 + 2):
            yield b"x" * 10_000

    answer = await desk.post("/api/v1/session", content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


# ---- the API


async def test_the_queue_lists_filters_searches_and_pages(house: House, desk: httpx.AsyncClient) -> None:
    for number in range(5):
        await queued(house, f"m{number}", title=f"دور رقم {number}")
    await queued(house, "other", title="أُستاذ لغة", text="نبحث عن أستاذ")
    page = (await desk.get("/api/v1/calls", params={"limit": 4})).json()
    assert (page["total"], len(page["items"])) == (6, 4)
    rest = (await desk.get("/api/v1/calls", params={"limit": 4, "cursor": page["next"]})).json()
    assert (len(rest["items"]), rest["next"]) == (2, None)
    assert len({item["id"] for item in page["items"] + rest["items"]}) == 6
    hit = (await desk.get("/api/v1/calls", params={"q": "استاذ"})).json()
    assert [item["title"] for item in hit["items"]] == ["أُستاذ لغة"]
    assert (await desk.get("/api/v1/calls", params={"group": "none@g.us"})).json()["total"] == 0
    bad = await desk.get("/api/v1/calls", params={"cursor": "nonsense"})
    assert (bad.status_code, bad.json()["error"]["problems"][0]["path"]) == (422, "cursor")


async def test_one_call_is_shown_with_its_message_and_its_ledger_entry(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    shown = (await desk.get(f"/api/v1/calls/{ID}")).json()
    assert shown["message"]["text"].startswith("مطلوب ممثل")
    assert shown["ledger"]["state"] == "call"
    assert shown["history"][0]["action"] == "queued"
    assert (await desk.get("/api/v1/calls/none")).status_code == 404


async def test_an_edit_names_each_wrong_field(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    fields = {
        "roles": [{"name": "أب"}, {"name": "ابن", "age_min": 30, "age_max": 20}],
        "contacts": [{"kind": "phone", "value": "123"}],
        "deadline": "soon",
    }
    answer = await desk.patch(f"/api/v1/calls/{ID}", json={"version": 1, "fields": fields})
    assert answer.status_code == 422
    problems = {item["path"]: item["code"] for item in answer.json()["error"]["problems"]}
    assert problems["roles.1"] == "age_min_is_above_age_max"
    assert set(problems) == {"roles.1", "contacts.0", "deadline"}
    unknown = await desk.patch(f"/api/v1/calls/{ID}", json={"version": 1, "fields": {"status": "approved"}})
    assert unknown.json()["error"]["problems"][0]["code"] == "unknown_field"
    assert (await house.call(ID)).version == 1


async def test_a_decision_cannot_smuggle_in_other_values(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    sent = {"version": 1, "actor": "boss", "revision": 9}
    assert (await desk.post(f"/api/v1/calls/{ID}/approve", json=sent)).status_code == 422
    assert (await house.call(ID)).status is Status.PENDING


async def test_a_stale_decision_gets_the_current_call_back(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    edited = await desk.patch(f"/api/v1/calls/{ID}", json={"version": 1, "fields": {"deadline": "2026-12-01"}})
    assert (edited.status_code, edited.json()["version"]) == (200, 2)
    answer = await desk.post(f"/api/v1/calls/{ID}/approve", json={"version": 1})
    assert answer.status_code == 409
    trouble = answer.json()["error"]
    assert (trouble["code"], trouble["current"]["fields"]["deadline"]) == ("conflict", "2026-12-01")
    assert (await desk.post(f"/api/v1/calls/{ID}/withdraw", json={"version": 2})).json()["error"][
        "code"
    ] == "not_allowed"


async def test_the_whole_life_of_a_call_by_api(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    steps = (
        ("approve", {"version": 1, "fields": {"deadline": "2026-12-01"}}),
        ("withdraw", {"version": 2, "note": "asked to"}),
        ("reopen", {"version": 3}),
        ("reject", {"version": 4, "reason": "suspicious", "note": "fee"}),
        ("reopen", {"version": 5}),
        ("approve", {"version": 6}),
    )
    states = []
    for action, body in steps:
        answer = await desk.post(f"/api/v1/calls/{ID}/{action}", json=body)
        assert answer.status_code == 200, answer.text
        states.append(answer.json()["status"])
    assert states == ["approved", "withdrawn", "pending", "rejected", "pending", "approved"]
    events = [event for event in (await house.call(ID)).unsent if isinstance(event, ApprovedCall)]
    assert [event.type for event in events] == [Change.APPROVED, Change.WITHDRAWN, Change.APPROVED]
    assert all(line.actor == "sara" for line in (await house.call(ID)).history[1:])


async def test_decided_calls_are_listed_latest_first(house: House, desk: httpx.AsyncClient) -> None:
    for number in range(3):
        await queued(house, f"m{number}")
        sent = {"version": 1, "reason": "duplicate"}
        await desk.post(f"/api/v1/calls/{call_id(f'm{number}')}/reject", json=sent)
    first = (await desk.get("/api/v1/calls", params={"status": "rejected", "limit": 2})).json()
    assert [item["id"] for item in first["items"]] == [call_id("m2"), call_id("m1")]
    rest = (await desk.get("/api/v1/calls", params={"status": "rejected", "cursor": first["next"]})).json()
    assert [item["id"] for item in rest["items"]] == [call_id("m0")]


async def test_the_api_describes_itself(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/api/openapi.json")).json()["paths"]
    assert "/api/v1/calls/{id}/approve" in paths
    assert "/api/v1/casting-calls" in paths
    assert all(path.startswith("/api/") for path in paths)


async def test_while_the_database_is_away_the_answer_says_so(house: House, desk: httpx.AsyncClient) -> None:
    async def away(id: str) -> Call | None:
        raise Unavailable("database is away")

    house.calls.get = away  # type: ignore[method-assign]
    answer = await desk.get(f"/api/v1/calls/{ID}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    page = await desk.get(f"/review/{ID}")
    assert page.status_code == 503
    assert "Nothing is lost" in page.text


# ---- the public feed


async def test_the_feed_shows_what_is_approved_and_open(house: House, client: httpx.AsyncClient) -> None:
    await queued(house)
    await queued(house, "waiting")
    await queued(house, "closed", deadline="2026-11-19")
    for message_id in ("m1", "closed"):
        await house.desk.approve(call_id(message_id), 1, "sara")
    page = (await client.get("/api/v1/casting-calls")).json()
    assert [item["id"] for item in page["items"]] == [ID]
    assert page["items"][0]["url"] == f"http://desk.test/casting-calls/{ID}"
    html = await client.get("/casting-calls")
    assert "ممثل لفيلم قصير" in html.text
    assert "set-cookie" not in html.headers
    assert (await client.get(f"/casting-calls/{ID}")).status_code == 200
    for hidden, code in (("waiting", 404), ("closed", 410)):
        assert (await client.get(f"/casting-calls/{call_id(hidden)}")).status_code == code
        assert (await client.get(f"/api/v1/casting-calls/{call_id(hidden)}")).status_code == code


async def test_the_feed_never_shows_the_message_or_who_wrote_it(house: House, client: httpx.AsyncClient) -> None:
    await queued(house, text="مطلوب ممثل سري جدا")
    await house.desk.approve(ID, 1, "sara")
    for path in ("/casting-calls", f"/casting-calls/{ID}", "/api/v1/casting-calls"):
        text = (await client.get(path)).text
        assert "سري" not in text
        assert "@g.us" not in text


async def test_a_consumer_that_polls_sees_each_change_and_what_is_gone(house: House, client: httpx.AsyncClient) -> None:
    for number in range(3):
        await queued(house, f"m{number}")
        await house.desk.approve(call_id(f"m{number}"), 1, "sara")
    since = house.clock().isoformat()
    await house.desk.withdraw(call_id("m0"), 2, None, "sara")
    fields = (await house.call(call_id("m1"))).fields.model_copy(update={"title": "ممثل رئيسي"})
    await house.desk.edit(call_id("m1"), 2, fields, "sara")
    page = (await client.get("/api/v1/casting-calls", params={"updated_since": since})).json()
    assert [(item["id"], item["revision"]) for item in page["items"]] == [(call_id("m1"), 2)]
    assert [(item["id"], item["status"]) for item in page["gone"]] == [(call_id("m0"), "withdrawn")]


async def test_the_feed_pages_without_losing_or_doubling(house: House, client: httpx.AsyncClient) -> None:
    for number in range(7):
        await queued(house, f"m{number}")
        await house.desk.approve(call_id(f"m{number}"), 1, "sara")
    for extra in ({}, {"updated_since": "2026-01-01T00:00:00Z"}):
        seen: list[str] = []
        cursor = None
        while True:
            params = {"limit": "3", **extra} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/api/v1/casting-calls", params=params)).json()
            seen += [item["id"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == 7


# ---- the pages, without a script


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
