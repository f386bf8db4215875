"""Attacks on the desk by strangers, by other sites and by its own reviewers: over every route that the site has."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from services.publisher.web import shield
from services.publisher.web.entrance import inside
from services.publisher.web.shield import HEADERS
from shared.contracts.ids import call_id
from shared.storage.calls import Status
from tests.hostile.texts import PIECES
from tests.services.publisher.house import PASSWORD, House, queued, sign_in, visitor

ID = call_id("m1")
PUBLIC_WRITES = {("POST", "/login"), ("POST", "/api/v1/session")}
"""Writes that need no session: they make one."""

OPEN = {
    "/login", "/casting-calls", "/casting-calls/feed.atom", "/casting-calls/deadlines.ics", "/casting-calls/{id}",
    "/casting-calls/preview.png", "/sitemap.xml",
    "/robots.txt", "/api/v1/casting-calls", "/api/v1/casting-calls/{id}", "/api/openapi.json", "/",
}  # fmt: skip
"""What a stranger may read."""


def routes(house: House) -> list[tuple[str, str]]:
    """(method, path) of every route, as the framework has them: nobody's list can forget one."""
    found = []
    for route in _flat(house.app.routes):
        found += [(method, route.path) for method in sorted(route.methods or ()) if method not in ("HEAD", "OPTIONS")]
    return found


def _flat(routes: Any) -> Iterator[Any]:
    for route in routes:
        if isinstance(route, Route):
            yield route
        elif inner := getattr(getattr(route, "original_router", None), "routes", None):
            yield from _flat(inner)


def filled(path: str) -> str:
    """The path with something in each of its places."""
    names = {"id": ID, "name": "boss", "suggestion": "s1", "group": "g@g.us"}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda match: names.get(match[1], "x"), path)


async def state_of(house: House) -> list[Any]:
    """All that a request could have changed."""
    accounts = house.accounts._store
    return [
        [call.model_dump() for call in house.calls.calls.values()] if hasattr(house.calls, "calls") else
        [(await house.call(ID)).model_dump()],
        await accounts.all(), await house.office.tokens.all(), await house.sources.all(),
        [deed for about in ("user", "token", "group") for deed in await house.office.audit.recent(about)],
        list(house.publisher.events) if hasattr(house.publisher, "events") else [],
    ]  # fmt: skip


# ---- every route


async def test_every_route_is_known_to_these_tests(house: House) -> None:
    found = routes(house)
    assert len(found) > 50
    assert {path for method, path in found if method == "GET"} >= OPEN
    assert set(found) >= PUBLIC_WRITES


async def test_no_write_is_taken_without_the_token_of_the_session(house: House, client: httpx.AsyncClient) -> None:
    await queued(house)
    await sign_in(client, "boss")
    token = client.headers.pop("x-csrf-token")
    before = await state_of(house)
    writes = [(method, path) for method, path in routes(house) if method != "GET"]
    for method, path in writes:
        if (method, path) in PUBLIC_WRITES - {("POST", "/login")}:
            continue
        for data in ({}, {"csrf": "0" * 64}, {"csrf": ""}):
            answer = await client.request(method, filled(path), data=data)
            assert answer.status_code == 403, (method, path, data, answer.status_code)
        answer = await client.request(method, filled(path), json={"version": 1})
        assert answer.status_code == 403, (method, path, "json")
        for origin in ("http://evil.example.net", "null", "http://desk.test.evil.example.net"):
            crossed = {"x-csrf-token": token, "origin": origin}
            assert (await client.request(method, filled(path), json={}, headers=crossed)).status_code == 403, path
    assert len(writes) > 25
    assert await state_of(house) == before


async def test_another_site_cannot_sign_a_browser_in(client: httpx.AsyncClient) -> None:
    body = {"name": "sara", "password": PASSWORD}
    for headers in ({"origin": "http://evil.example.net"}, {"sec-fetch-site": "cross-site"}):
        assert (await client.post("/api/v1/session", json=body, headers=headers)).status_code == 403
    as_form = await client.post("/api/v1/session", content=b'{"name":"sara"}', headers={"content-type": "text/plain"})
    assert as_form.status_code == 422


async def test_a_stranger_reads_the_public_pages_alone_and_writes_nothing(
    house: House, client: httpx.AsyncClient
) -> None:
    await queued(house)
    before = await state_of(house)
    for method, path in routes(house):
        answer = await client.request(method, filled(path))
        if method == "GET" and path in OPEN:
            assert answer.status_code in (200, 303, 404), (path, answer.status_code)
        else:
            refused = answer.status_code in (401, 403, 422) or answer.headers.get("location", "").startswith("/login")
            assert refused, (method, path, answer.status_code)
        assert "كاستنج الرياض" not in answer.text, path
    assert await state_of(house) == before


async def test_reading_changes_nothing(house: House, client: httpx.AsyncClient) -> None:
    await queued(house)
    await sign_in(client, "boss")
    before = await state_of(house)
    for method, path in routes(house):
        if method == "GET" and path != "/review/live":
            answer = await client.get(filled(path))
            assert answer.status_code < 500, (path, answer.status_code)
    assert await state_of(house) == before


async def test_no_reviewer_does_an_admins_deed(house: House, client: httpx.AsyncClient) -> None:
    await sign_in(client, "sara")
    before = await state_of_staff(house)
    admin = [(method, path) for method, path in routes(house) if path.startswith(("/admin", "/api/v1/admin"))]
    allowed = {"/admin/digital-twin-status"}
    for method, path in admin:
        answer = await client.request(method, filled(path), data={"name": "sara", "role": "admin", "owner": "sara"})
        if answer.status_code == 200 and method == "GET" and path.removesuffix("/live") in allowed:
            continue
        assert answer.status_code == 403, (method, path, answer.status_code)
    assert len(admin) > 8
    assert await state_of_staff(house) == before


async def state_of_staff(house: House) -> list[Any]:
    return [await house.accounts.all(), await house.office.tokens.all(), await house.sources.all()]


# ---- headers


async def test_every_answer_is_shielded_also_those_to_errors(house: House, client: httpx.AsyncClient) -> None:
    await queued(house)
    house.app.add_route("/breaks", _breaks)
    typed = {"content-type": "application/json"}
    answers = [
        await client.get("/review"), await client.get("/nothing"), await client.post("/casting-calls"),
        await client.get("/api/v1/calls"), await client.get("/api/v1/casting-calls/x"), await client.get("/breaks"),
        await client.post("/api/v1/session", content=b"x" * (shield.MAX_BODY + 1), headers=typed),
        await client.get("/static/none.js"),
        await client.get("/casting-calls"), await client.get("/api/v1/casting-calls", params={"limit": "x"}),
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} >= {200, 303, 401, 404, 405, 413, 422, 500}
    for answer in answers:
        for name, value in HEADERS.items():
            if name != "cross-origin-resource-policy":
                assert answer.headers.get(name) == value, (answer.url, name)
        assert "no-store" in answer.headers["cache-control"] or "casting-calls" in str(answer.url)


def _breaks(_request: Request) -> Response:
    raise RuntimeError("a fault")


async def test_private_pages_are_kept_by_no_cache(house: House, client: httpx.AsyncClient) -> None:
    await queued(house)
    await sign_in(client, "boss")
    for method, path in routes(house):
        if method == "GET" and path not in OPEN and path != "/review/live":
            answer = await client.get(filled(path))
            assert answer.headers["cache-control"] == "no-store", path


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example.net", "https://evil.example.net", "/\\evil.example.net", "\\\\evil.example.net",
        "/\t/evil.example.net", "/\n/evil.example.net", "javascript:alert(1)", "", " /review", "/\x00", "/\u202eevil",
        "///evil.example.net", "http:evil.example.net", "/%0d%0aset-cookie:a=b\r\nset-cookie: a=b",
    ],
)  # fmt: skip
async def test_signing_in_never_leads_to_another_site(client: httpx.AsyncClient, target: str) -> None:
    assert inside(target) == "/review"
    page = await client.get("/login", params={"next": target})
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert token is not None
    form = {"csrf": token[1], "name": "sara", "password": PASSWORD, "next": target}
    answer = await client.post("/login", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/review")


@pytest.mark.parametrize("value", [*PIECES, "a\r\nx-evil: 1", "\n\n<script>", "%0d%0ax-evil:1"])
async def test_nothing_that_a_visitor_sends_becomes_a_header(client: httpx.AsyncClient, value: str) -> None:
    await sign_in(client, "sara")
    for path in ("/review", "/casting-calls", "/login", f"/review/{ID}", "/review/paste", "/casting-calls/feed.atom"):
        names = ("q", "city", "next", "lang", "cursor", "done", "sent", "status", "group")
        answer = await client.get(path, params=dict.fromkeys(names, value))
        assert answer.status_code < 500, (path, value)
        for header in answer.headers.raw:
            assert b"\n" not in b"".join(header)
        assert "x-evil" not in answer.headers
        assert "<script>alert" not in answer.text


# ---- mass assignment


async def test_no_field_of_the_record_can_be_set_through_the_api(house: House, client: httpx.AsyncClient) -> None:
    await queued(house)
    await sign_in(client, "sara")
    extras = {"status": "approved", "id": "other", "revision": 9, "published": True, "role": "admin", "history": []}
    before = await house.call(ID)
    for name, value in extras.items():
        for body in ({"version": 1, "fields": {name: value}}, {"version": 1, "fields": {}, name: value}):
            assert (await client.patch(f"/api/v1/calls/{ID}", json=body)).status_code == 422, name
    for path in ("approve", "reject", "withdraw", "reopen", "same-as"):
        answer = await client.post(f"/api/v1/calls/{ID}/{path}", json={"version": 1, "actor": "boss", **extras})
        assert answer.status_code == 422
    assert await house.call(ID) == before


async def test_no_field_of_the_record_can_be_set_through_the_form(house: House, client: httpx.AsyncClient) -> None:
    await queued(house)
    await sign_in(client, "sara")
    form = {
        "action": "save", "version": "1", "title": "عنوان جديد", "project_type": "film", "language": "ar",
        "status": "approved", "id": "other", "revision": "9", "actor": "boss", "decided_by": "boss", "csrf": "0",
        "roles-0-name": "أب", "roles-0-status": "approved", "roles-0-__class__": "x",
        "compensation-kind": "unspecified",
    }  # fmt: skip
    await client.post(f"/review/{ID}", data=form)
    after = await house.call(ID)
    assert (after.status, after.revision, after.decided_by, after.fields.title) == (
        Status.PENDING, 0, None, "عنوان جديد",
    )  # fmt: skip
    assert after.history[-1].actor == "sara"


@pytest.mark.parametrize("name", ["\\ud800", "\\udfff\\ud800", "\\u0000", "a" * 5000, "__proto__"])
async def test_a_field_of_any_name_is_refused_and_never_breaks_the_answer(
    house: House, client: httpx.AsyncClient, name: str
) -> None:
    await queued(house)
    await sign_in(client, "sara")
    typed = {"content-type": "application/json"}
    for body in (f'{{"version":1,"fields":{{"{name}":1}}}}', f'{{"version":1,"fields":{{}},"{name}":1}}'):
        answer = await client.patch(f"/api/v1/calls/{ID}", content=body, headers=typed)
        assert answer.status_code == 422


# ---- what belongs to others


async def test_nobody_undoes_what_somebody_else_decided_as_their_own(house: House, client: httpx.AsyncClient) -> None:
    await queued(house)
    await sign_in(client, "sara")
    assert (await client.post(f"/api/v1/calls/{ID}/approve", json={"version": 1})).status_code == 200
    async with visitor(house) as other:
        await sign_in(other, "noor")
        await other.post("/review/undo", data={})
    assert (await house.call(ID)).status is Status.APPROVED


async def test_nobody_releases_what_somebody_else_claims(house: House, client: httpx.AsyncClient) -> None:
    await queued(house)
    await sign_in(client, "sara")
    assert (await client.post(f"/review/{ID}/claim")).status_code == 204
    async with visitor(house) as other:
        await sign_in(other, "noor")
        assert (await other.post(f"/review/{ID}/release")).status_code == 204
    await house.presence.refresh()
    assert house.presence.others("noor") == {ID: "sara"}


async def test_a_token_acts_for_its_owner_alone_and_ends_with_him(house: House, client: httpx.AsyncClient) -> None:
    await queued(house)
    token = await house.office.tokens.issue("sara", "a program", by="boss")
    async with visitor(house, authorization=f"Bearer {token}") as program:
        assert (await program.get("/api/v1/calls")).status_code == 200
        assert (await program.get("/admin/users")).status_code == 403
        await house.accounts.disable("sara")
        assert (await program.get("/api/v1/calls")).status_code == 401
    for wrong in (token[:-1], token + "a", "takeone__", "takeone_x_y", "", "a" * 5000, "\xff\xfe"):
        headers = [(b"authorization", b"Bearer " + wrong.encode("latin-1"))]
        assert (await client.get("/api/v1/calls", headers=headers)).status_code == 401


# ---- what a call may carry


async def test_the_strangest_call_that_is_valid_breaks_no_page_and_no_feed(
    house: House, client: httpx.AsyncClient
) -> None:
    await queued(house)
    await sign_in(client, "sara")
    strange = {
        "title": "a\x00b\u202e</script><script>alert(1)</script>\r\nBEGIN:VEVENT]]>",
        "production_company": "\ufffe\x1b[31m{{7*7}}", "location_city": "'\"><img src=x onerror=alert(1)>",
        "deadline": "9999-12-31", "shoot_dates": {"start": "0001-01-01", "end": "9999-12-31"},
        "compensation": {"kind": "paid", "amount": 0.01, "amount_max": 100_000_000, "currency": "XXX", "per": "day"},
        "roles": [{"name": "\u2066" * 300, "requirements": ["\x08"] * 40}] * 60,
        "contacts": [{"kind": "link", "value": 'https://x.example.com/"onmouseover=alert(1)'},
                     {"kind": "email", "value": "a@[127.0.0.1].xx"}],
    }  # fmt: skip
    answer = await client.post(f"/api/v1/calls/{ID}/approve", json={"version": 1, "fields": strange})
    assert answer.status_code == 200, answer.text
    await house.app.state.showcase.refresh()
    for path in (
        f"/review/{ID}", "/review?status=approved", "/review?status=approved&sort=closing", f"/api/v1/calls/{ID}",
        "/casting-calls", "/casting-calls?order=closing", f"/casting-calls/{ID}", f"/api/v1/casting-calls/{ID}",
        "/casting-calls/feed.atom", "/casting-calls/deadlines.ics", "/sitemap.xml", "/messages/m1",
    ):  # fmt: skip
        for language in ("ar", "en"):
            page = await client.get(
                path, params=dict([*httpx.QueryParams(path.partition("?")[2]).items(), ("lang", language)])
            )
            assert page.status_code == 200, path
            if "html" in page.headers["content-type"] or "xml" in page.headers["content-type"]:
                assert "<script>alert" not in page.text
                assert "<img src=x" not in page.text
            if "calendar" in page.headers["content-type"]:
                assert page.text.count("BEGIN:VEVENT") == 1 + page.text.count("\\nBEGIN:VEVENT")


async def test_a_body_that_never_ends_is_given_up(
    house: House, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shield, "BODY_WITHIN_S", 0.01)
    answers: list[Any] = []
    sent = False

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": b"name=sara&", "more_body": True}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        answers.append(message)

    headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"host", b"desk.test")]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": "/login",
        "raw_path": b"/login", "query_string": b"", "headers": headers, "scheme": "http", "root_path": "",
        "server": ("desk.test", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    await house.app(scope, receive, send)
    assert answers[0]["status"] == 408
    assert dict(answers[0]["headers"])[b"x-frame-options"] == b"DENY"


async def test_a_body_that_is_too_large_for_a_stream_that_has_begun_ends_it_without_a_second_answer() -> None:
    async def stream(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"retry: 1000", "more_body": True})
        await receive()
        await send({"type": "http.response.body", "body": b"never told", "more_body": True})

    async def never(_request: Request, _error: Exception) -> Response:
        raise AssertionError("this answer would be the second")

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x" * (shield.MAX_BODY + 1)}

    told: list[Message] = []

    async def send(message: Message) -> None:
        told.append(message)

    await shield.Limits(stream, answer=never)({"type": "http"}, receive, send)
    assert [message.get("status") or message["body"] for message in told] == [200, b"retry: 1000"]
