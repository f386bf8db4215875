"""The life of a message, over HTTP."""

from __future__ import annotations

import httpx

from shared.contracts.ids import call_id
from tests.services.publisher.busy import LIVELY, furnish
from tests.services.publisher.house import House, plain, sign_in


async def test_the_life_of_a_message_is_told_in_its_order(house: House, client: httpx.AsyncClient) -> None:
    await furnish(house)
    await sign_in(client, "sara")
    text = plain(await client.get("/messages/call-27-1"))
    told = ["Posted in WhatsApp", "Judged by the filter", "Came to the desk", "Approved", "Waits to be sent"]
    places = [text.index(word) for word in told]
    assert places == sorted(places)
    same = plain(await client.get(f"/messages/{call_id('call-27-1')}"))
    assert same.count("Posted in WhatsApp") == 1
    reference = plain(await client.get(f"/messages/whatsapp://group/{LIVELY.id}/message/call-27-1"))
    assert "Posted in WhatsApp" in reference


async def test_an_unknown_message_is_not_here(client: httpx.AsyncClient) -> None:
    assert (await client.get("/messages/none")).status_code == 303
    await sign_in(client, "sara")
    assert (await client.get("/messages/none")).status_code == 404


async def test_a_dead_message_shows_its_letter(house: House, client: httpx.AsyncClient) -> None:
    await furnish(house)
    await sign_in(client, "sara")
    assert "Could not be handled: Filter" in plain(await client.get("/messages/call-29-0"))
