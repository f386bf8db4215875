"""Attacks on a receiver that runs as a process: each gets its answer, memory stays, nothing is lost, it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import httpx
import pytest

from services.operator.trial import SECRET
from shared import connections
from shared.settings import MongoSettings
from tests.hostile.attacks import CLOSED, answer_to, corpus, delivery, message, mutation, request, send_all
from tests.hostile.receiver_stack import Target, target

MUTATIONS = 1_500


@pytest.fixture
async def receiver(tmp_path: Path, mongo_settings: MongoSettings) -> AsyncIterator[Target]:
    async with target(tmp_path, mongo_settings) as running:
        yield running


async def test_two_thousand_attacks_are_answered_cost_no_memory_and_lose_nothing(receiver: Target) -> None:
    good = request(delivery(message("good-before")))
    assert await answer_to(good, receiver.port) == 200
    named = corpus()
    receiver.rested()
    watching = asyncio.create_task(receiver.watch())
    try:
        for attack in named:  # one by one, so that each letter can be told
            before = await receiver.letters()
            status = await answer_to(attack.request, receiver.port)
            assert status in attack.answers, f"{attack.name}: {status}"
            assert not attack.letter or await receiver.letters() > before, f"{attack.name} left no letter"
        random = Random(20)
        tally = await send_all((mutation(random, number) for number in range(MUTATIONS)), receiver.port)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    assert tally.wrong == []
    assert (tally.sent, len(named) > 90) == (MUTATIONS, True)
    assert receiver.most <= 2 * receiver.idle, f"{receiver.idle / 1e6:.0f} MB, then {receiver.most / 1e6:.0f} MB"
    before = await receiver.stored()
    assert await answer_to(request(delivery(message("good-after"))), receiver.port) == 200
    assert await receiver.stored() == before + 1
    log = receiver.trial.log("receiver")
    assert SECRET not in log
    assert "Traceback" not in log


async def test_who_opens_a_connection_and_says_nothing_is_let_go_and_slow_bodies_end(receiver: Target) -> None:
    body = delivery(message("slow"))
    head, _, _ = request(body).partition(b"\r\n\r\n")
    slow_body = head + b"\r\n\r\n" + body[:5]
    silent, half_a_head = b"", head[:40]
    late, *closed = await asyncio.gather(
        *(answer_to(raw, receiver.port) for raw in (slow_body, half_a_head, silent, half_a_head, silent))
    )
    assert late == 408
    assert set(closed) == {CLOSED}
    assert connections.HEAD_WITHIN_S < 30  # else the patience above would have ended it


async def test_wrong_secrets_at_a_rate_do_not_fill_the_log_or_shut_out_the_gateway(receiver: Target) -> None:
    def guesses() -> Iterator[dict[str, str]]:
        for number in range(400):
            yield {"x-webhook-secret": f"guess-{number:010d}", "content-type": "application/json"}

    url = f"http://127.0.0.1:{receiver.port}/webhooks/whapi"
    async with httpx.AsyncClient(timeout=30) as client:
        statuses = [(await client.post(url, content=b"{}", headers=headers)).status_code for headers in guesses()]
        real = {"x-webhook-secret": SECRET, "content-type": "application/json"}
        kept = await client.post(url, content=delivery(message("real")), headers=real)
    assert set(statuses) == {401}
    assert (kept.status_code, kept.json()["stored"]) == (200, 1)
    assert receiver.trial.log("receiver").count("receiver.unauthorised") <= 1
    assert await receiver.letters() == 0
