"""The token that writes carry: another one in each answer, so that no length of a compressed page tells it."""

from __future__ import annotations

import re

import httpx
import pytest

from services.publisher.web.parts import Options
from services.publisher.web.sessions import csrf_of
from tests.services.publisher.house import House, queued, sign_in


async def test_each_page_has_a_token_of_its_own_and_all_of_them_hold(house: House, client: httpx.AsyncClient) -> None:
    await queued(house)
    await sign_in(client, "sara")
    pages = [(await client.get("/review")).text for _ in range(2)]
    tokens = [set(re.findall(r'name="csrf" value="([^"]+)"', page)) for page in pages]
    assert [len(found) for found in tokens] == [1, 1]
    assert tokens[0] != tokens[1]
    for found in (*tokens, *tokens):
        answer = await client.post("/review/undo", headers={"x-csrf-token": found.copy().pop()})
        assert answer.status_code == 303


@pytest.mark.parametrize("wrong", ["", "_", "x", "0000000000000000_", "é_é", "0" * 16 + "_" + "0" * 64])
async def test_what_is_no_token_is_refused(client: httpx.AsyncClient, wrong: str) -> None:
    await sign_in(client, "sara")
    answer = await client.post("/review/undo", headers=[(b"x-csrf-token", wrong.encode())])
    assert answer.status_code == 403


async def test_a_token_of_another_session_or_with_another_salt_is_refused(client: httpx.AsyncClient) -> None:
    await sign_in(client, "sara")
    mine = client.headers["x-csrf-token"]
    salt, _, proof = mine.partition("_")
    others = csrf_of(Options(session_secret="s" * 40), "somebody else's session")
    for token in (others, f"{'0' * 16}_{proof}", f"{salt}_{others.partition('_')[2]}"):
        assert (await client.post("/review/undo", headers={"x-csrf-token": token})).status_code == 403
    assert (await client.post("/review/undo", headers={"x-csrf-token": mine})).status_code == 303
