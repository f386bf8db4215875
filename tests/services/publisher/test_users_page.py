"""The admins' page of people and tokens, and what a token may do."""

from __future__ import annotations

import re

import httpx
import pytest

from shared.contracts.ids import call_id
from tests.services.publisher.house import PASSWORD, House, extracted, plain, visitor


def secret_in(page: httpx.Response) -> str:
    found = re.search(r'<code class="secret" dir="ltr">([^<]+)</code>', page.text)
    assert found, page.text
    return found[1]


async def test_a_person_is_added_with_a_password_that_works(client: httpx.AsyncClient, boss: httpx.AsyncClient) -> None:
    page = await boss.post("/admin/users/add", data={"name": "Noura", "role": "reviewer"})
    password = secret_in(page)
    assert password not in (await boss.get("/admin/users")).text
    answer = await client.post("/api/v1/session", json={"name": "noura", "password": password})
    assert (answer.status_code, answer.json()["role"]) == (200, "reviewer")


@pytest.mark.parametrize(
    ("name", "said"), [("sara", "somebody of this name"), ("a b", "1 to 60 letters"), ("", "1 to 60")]
)
async def test_a_name_that_is_taken_or_cannot_be_used_is_refused(
    house: House, boss: httpx.AsyncClient, name: str, said: str
) -> None:
    answer = await boss.post("/admin/users/add", data={"name": name, "role": "admin"})
    assert answer.status_code == 422
    assert said in answer.text
    assert {account.name: str(account.role) for account in await house.accounts.all()} == {
        "boss": "admin",
        "sara": "reviewer",
    }


async def test_a_new_password_a_role_and_shutting_out_each_end_the_sessions(
    house: House, client: httpx.AsyncClient, boss: httpx.AsyncClient
) -> None:
    epochs = []
    for path, data in (("reset", {}), ("role", {"role": "admin"}), ("disable", {}), ("enable", {})):
        answer = await boss.post(f"/admin/users/sara/{path}", data=data)
        assert answer.status_code in (200, 303)
        sara = next(account for account in await house.accounts.all() if account.name == "sara")
        epochs.append((sara.epoch, str(sara.role), sara.disabled))
    assert epochs == [(2, "reviewer", False), (3, "admin", False), (4, "admin", True), (5, "admin", False)]
    assert [deed.action for deed in await house.office.audit.recent("user")] == [
        "enabled",
        "disabled",
        "made_admin",
        "reset",
    ]
    assert "boss shut out sara" in plain(await boss.get("/admin/users"))


@pytest.mark.parametrize(("path", "data"), [("role", {"role": "reviewer"}), ("disable", {})])
async def test_an_admin_cannot_lock_the_last_door(
    house: House, boss: httpx.AsyncClient, path: str, data: dict[str, str]
) -> None:
    answer = await boss.post(f"/admin/users/boss/{path}", data=data)
    assert answer.status_code == 422
    assert "ask another admin" in answer.text
    assert (await boss.get("/admin/users")).status_code == 200


async def test_a_program_acts_in_the_name_of_its_token_s_owner_until_it_is_revoked(
    house: House, client: httpx.AsyncClient, boss: httpx.AsyncClient
) -> None:
    token = secret_in(await boss.post("/admin/users/tokens/issue", data={"owner": "sara", "label": "Casting site"}))
    async with visitor(house, authorization=f"Bearer {token}") as program:
        await house.message("m1")
        await house.handlers.on_extracted(extracted("m1"))
        assert (await program.get("/api/v1/calls")).json()["total"] == 1
        approved = await program.post(f"/api/v1/calls/{call_id('m1')}/approve", json={"version": 1})
        assert approved.status_code == 200
        assert (await house.call(call_id("m1"))).decided_by == "sara"
        assert (await program.get("/admin/users")).status_code == 403
        page = await boss.get("/admin/users")
        assert token not in page.text
        id = (await house.office.tokens.all())[0].id
        assert (await boss.post(f"/admin/users/tokens/{id}/revoke")).status_code == 303
        assert (await program.get("/api/v1/calls")).status_code == 401
    deeds = await house.office.audit.recent("token")
    assert [(deed.actor, deed.action) for deed in deeds] == [("boss", "revoked"), ("boss", "issued")]


async def test_a_token_ends_with_its_owner(house: House, client: httpx.AsyncClient, boss: httpx.AsyncClient) -> None:
    token = await house.office.tokens.issue("sara", "site", by="boss")
    await house.accounts.disable("sara")
    assert await house.office.tokens.account_of(token) is None
    refused = await boss.post("/admin/users/tokens/issue", data={"owner": "sara", "label": "x"})
    assert refused.status_code == 422


@pytest.mark.parametrize("wrong", ["", "takeone", "takeone__", "takeone_abc_def", "x" * 5000, "takeone_\ud800_x"])
async def test_what_is_no_token_is_nobody_s(house: House, wrong: str) -> None:
    await house.accounts.add("sara", PASSWORD)
    good = await house.office.tokens.issue("sara", "site", by="boss")
    assert await house.office.tokens.account_of(good) is not None
    assert await house.office.tokens.account_of(wrong) is None
    assert await house.office.tokens.account_of(good[:-1]) is None
