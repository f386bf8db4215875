"""Who gets in at the desk, and who does not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from services.publisher.web.shield import CONTENT_SECURITY_POLICY, MAX_BODY
from shared.contracts.ids import call_id
from shared.storage.calls import Status
from tests.services.publisher.house import PASSWORD, House, queued, sign_in

ID = call_id("m1")


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
    assert answer.json()["error"]["code"] == "too_large"
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("language", "title", "home"), [("ar", "النص أكبر من المسموح", "مراجعة"), ("en", "Too large", "desk")]
)
async def test_a_form_that_is_too_large_is_answered_with_a_page(
    desk: httpx.AsyncClient, language: str, title: str, home: str
) -> None:
    desk.cookies.set("lang", language)
    answer = await desk.post("/review/paste", data={"text": "x" * (MAX_BODY + 1)})
    assert answer.status_code == 413
    assert f"<h1>{title}</h1>" in answer.text
    assert home in answer.text  # the head that they know
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def csrf_in(page: str) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found
    return found[1]
