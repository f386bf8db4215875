"""Each service is killed while messages flow: nothing is lost, nothing doubled. A bounded form of a longer story."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.contracts.pipeline import Candidate, ExtractedCall, Relation
from shared.storage.ledger import State
from tests.pipeline.conftest import MAIN, OTHER_GROUP, Stack, text_message

NUMBER = 120
SETTLED = {State.REJECTED, State.DUPLICATE, State.NO_TEXT, State.NOT_A_CALL, State.CALL}


def load(corpus: Path) -> list[dict[str, Any]]:
    """Messages of the corpus as if they were posted now; every seventh comes twice, every ninth as a copy elsewhere."""
    rows = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()][:NUMBER]
    made = []
    for number, row in enumerate(rows):
        message = text_message(f"kill-{row['id']}", row["text"])
        made.append(message)
        if number % 7 == 0:
            made.append(message)
        if number % 9 == 0:
            made.append(text_message(f"copy-{row['id']}", row["text"], group=OTHER_GROUP))
    return made


async def deliver(stack: Stack, message: dict[str, Any]) -> None:
    """As the gateway does it: again until the answer is 200."""
    async with asyncio.timeout(60):
        while True:
            try:
                answer = await stack.post(message)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 200:
                return
            assert answer is None or answer.status_code == 503, answer.text
            await asyncio.sleep(0.1)


@pytest.mark.slow
async def test_killing_each_service_under_load_loses_and_doubles_nothing(stack: Stack, corpus_path: Path) -> None:
    messages = load(corpus_path)
    victims = iter(("filter", "extractor", "publisher", "receiver", "filter"))
    every = len(messages) // 6
    for number, message in enumerate(messages, start=1):
        await deliver(stack, message)
        if number % every == 0 and (victim := next(victims, None)):
            stack.kill(victim)
            stack.start([victim])
    await stack.ready(MAIN)
    await asyncio.wait_for(_all_settled(stack, {message["id"] for message in messages}), 120)
    await stack.quiet()

    candidates = [Candidate.model_validate_json(data) for data in await stack.stream("CANDIDATES")]
    extracted = [ExtractedCall.model_validate_json(data) for data in await stack.stream("EXTRACTED")]
    assert not _twice(event.message.message_id for event in candidates)
    assert not _twice(event.call_id for event in extracted)
    in_queue = {document["_id"] async for document in stack.mongo.collection("calls").find({}, {"_id": 1})}
    copies = {
        event.call_id: event.likeness.call_id
        for event in extracted
        if event.likeness is not None and event.likeness.relation is Relation.SAME
    }
    assert in_queue == {event.call_id for event in extracted} - copies.keys()
    assert in_queue.issuperset(copies.values())
    assert (await stack.js.stream_info("DEAD")).state.messages == 0


async def _all_settled(stack: Stack, ids: set[str]) -> None:
    """Returns when every message stands in a final state of the ledger."""
    while ids:
        for id in sorted(ids):
            entry = await stack.ledger.get(id)
            if entry is None or entry.state not in SETTLED:
                break
            ids.discard(id)
        await asyncio.sleep(0.1)


def _twice(ids: Any) -> list[str]:
    return [id for id, number in Counter(ids).items() if number > 1]
