"""The dead letters' contract, on the fake and on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.pipeline import DeadLetter
from shared.storage.dead_letters import DeadLetters
from shared.storage.memory.dead_letters import MemoryDeadLetters
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.dead_letters import MongoDeadLetters

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["memory", "mongo"])
def letters(request: pytest.FixtureRequest) -> DeadLetters:
    if request.param == "memory":
        return MemoryDeadLetters()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoDeadLetters(mongo)


def letter(number: int, stage: str = "filter") -> DeadLetter:
    return DeadLetter(
        event_id=f"dead:{stage}:RAW:{number}",
        stage=stage,
        reason="invalid",
        subject="raw.messages",
        stream="RAW",
        sequence=number,
        headers={"a.dotted": "1", "$odd": "2"},
        payload='{"\\ud800": "\x00"}',
        message_id=f"m{number}",
        failed_at=NOW + timedelta(seconds=number),
    )


async def test_a_letter_comes_out_as_it_went_in_and_is_kept_once(letters: DeadLetters) -> None:
    assert await letters.add(letter(1))
    assert not await letters.add(letter(1))
    assert await letters.get("dead:filter:RAW:1") == letter(1)
    assert await letters.get("none") is None
    assert await letters.count_open() == 1


async def test_open_letters_come_latest_first_all_or_of_a_stage(letters: DeadLetters) -> None:
    for item in (letter(1), letter(3), letter(2, "extractor")):
        await letters.add(item)
    assert [item.sequence for item in await letters.open()] == [3, 2, 1]
    assert [item.sequence for item in await letters.open(stage="filter", limit=1)] == [3]


async def test_a_settled_letter_is_closed_for_good(letters: DeadLetters) -> None:
    await letters.add(letter(1))
    await letters.add(letter(2))
    id = letter(1).event_id
    assert await letters.settle([id, id, "none"], "replayed") == 1
    assert await letters.settle([id], "dropped") == 0
    assert not await letters.add(letter(1))
    assert [item.sequence for item in await letters.open()] == [2]
    assert await letters.count_open() == 1
