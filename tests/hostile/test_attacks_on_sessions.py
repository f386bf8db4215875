"""Attacks on how people are let in: sessions that were planted, copied, made up or ended, and guessed passwords."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from tests.services.publisher.house import PASSWORD, House, sign_in, visitor

# ---- sessions


async def test_a_session_that_was_there_before_the_log_in_is_not_the_one_after(client: httpx.AsyncClient) -> None:
    page = await client.get("/login")
    planted = page.cookies["takeone_session"]
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert token is not None
    await client.post("/login", data={"csrf": token[1], "name": "sara", "password": PASSWORD, "next": "/review"})
    assert client.cookies["takeone_session"] != planted
    assert (await client.get("/api/v1/session")).json()["csrf_token"] != token[1]
    client.cookies.clear()
    answer = await client.get("/api/v1/calls", headers={"cookie": f"takeone_session={planted}"})
    assert answer.status_code == 401


async def test_a_copied_cookie_opens_nothing_after_the_log_out(house: House, client: httpx.AsyncClient) -> None:
    await sign_in(client, "sara")
    copied = {"cookie": f"takeone_session={client.cookies['takeone_session']}"}
    async with visitor(house) as thief, visitor(house) as elsewhere:
        await sign_in(elsewhere, "sara")
        assert (await thief.get("/api/v1/calls", headers=copied)).status_code == 200
        await client.post("/logout")
        assert (await thief.get("/api/v1/calls", headers=copied)).status_code == 401
        assert (await elsewhere.get("/api/v1/calls")).status_code == 200  # one's other browser stays signed in


@pytest.mark.parametrize("deed", ["disable", "reset", "role"])
async def test_a_cookie_opens_nothing_after_an_admin_ended_it(
    house: House, client: httpx.AsyncClient, deed: str
) -> None:
    await sign_in(client, "sara")
    async with visitor(house) as admin:
        await sign_in(admin, "boss")
        await admin.post(f"/admin/users/sara/{deed}", data={"role": "admin"})
    assert (await client.get("/api/v1/calls")).status_code == 401


async def test_a_cookie_that_was_changed_or_made_up_opens_nothing(client: httpx.AsyncClient) -> None:
    await sign_in(client, "sara")
    real = client.cookies["takeone_session"]
    client.cookies.clear()
    for made in (real[:-1], real + "a", real[::-1], "a.b.c", "", "." * 3000, real.replace(".", "..", 1)):
        answer = await client.get("/api/v1/calls", headers={"cookie": f"takeone_session={made}"})
        assert answer.status_code == 401, made[:30]


async def test_the_cookie_is_for_this_site_over_http_alone(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/session", json={"name": "sara", "password": PASSWORD})
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=lax" in flags
    assert "domain=" not in flags


# ---- guessing


async def test_guessing_is_stopped_by_name_and_by_address_and_tells_nothing(
    house: House, client: httpx.AsyncClient
) -> None:
    async def guess(name: str) -> httpx.Response:
        return await client.post("/api/v1/session", json={"name": name, "password": "a wrong password"})

    known, unknown = await guess("sara"), await guess("nobody-at-all")
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())
    assert {(await guess("sara")).status_code for _ in range(9)} == {401}
    blocked = await guess("sara")
    assert (blocked.status_code, int(blocked.headers["retry-after"]) > 0) == (429, True)
    right = await client.post("/api/v1/session", json={"name": "sara", "password": PASSWORD})
    assert right.status_code == 429
    statuses = [(await guess(f"name-{number}")).status_code for number in range(60)]
    assert statuses[-1] == 429
    house.now += timedelta(minutes=16)
    assert (await client.post("/api/v1/session", json={"name": "sara", "password": PASSWORD})).status_code == 200


async def test_an_unknown_name_costs_the_same_work_as_a_wrong_password(
    house: House, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    verify = house.accounts._verify

    def counted(known: str, password: str) -> bool:
        checked.append(known)
        return verify(known, password)

    monkeypatch.setattr(house.accounts, "_verify", counted)
    await house.accounts.disable("noor")
    for name in ("sara", "noor", "nobody-at-all"):
        await client.post("/api/v1/session", json={"name": name, "password": "a wrong password"})
    assert len(checked) == 3
