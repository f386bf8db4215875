"""The dead letters' contract, on the fake and on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.pipeline import DeadLetter
from shared.storage.dead_letters import DeadLetters, Kind, LetterFilter, Outcome, group_of
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


async def test_letters_are_found_by_every_condition_and_page_by_page(letters: DeadLetters) -> None:
    for number in range(1, 6):
        await letters.add(letter(number, "filter" if number < 5 else "extractor"))
    await letters.settle([letter(4).event_id], "dropped", by="boss", at=NOW)
    found = await letters.find(LetterFilter(stage="filter"), skip=1, limit=1)
    assert [kept.letter.sequence for kept in found] == [2]
    window = LetterFilter(since=letter(2).failed_at, until=letter(5).failed_at)
    assert await letters.ids(window) == [letter(2).event_id, letter(3).event_id]
    assert await letters.ids(LetterFilter(), limit=1) == [letter(1).event_id]
    everything = LetterFilter(outcome=None, until=letter(5).failed_at)
    assert await letters.count(everything) == 4
    assert await letters.count(LetterFilter(message_id="m3")) == 1
    assert await letters.count(LetterFilter(reason="unexpected")) == 0


async def test_a_letter_tells_what_became_of_it_when_and_by_whom(letters: DeadLetters) -> None:
    await letters.add(letter(1))
    kept = await letters.kept(letter(1).event_id)
    assert kept is not None
    assert (kept.outcome, kept.settled_at, kept.settled_by) == (Outcome.OPEN, None, None)
    await letters.settle([letter(1).event_id], "replayed", by="boss", at=NOW)
    [kept] = await letters.find(LetterFilter(outcome=Outcome.REPLAYED))
    assert (kept.outcome, kept.settled_at, kept.settled_by) == (Outcome.REPLAYED, NOW, "boss")
    assert await letters.kept("none") is None


async def test_open_letters_are_counted_by_stage_and_reason(letters: DeadLetters) -> None:
    for item in (letter(1, "extractor"), letter(2), letter(3), letter(4)):
        await letters.add(item)
    await letters.settle([letter(4).event_id], "dropped")
    first, last = letter(2).failed_at, letter(3).failed_at
    alone = letter(1, "extractor").failed_at
    assert await letters.kinds() == [
        Kind("filter", "invalid", 2, first, last),
        Kind("extractor", "invalid", 1, alone, alone),
    ]


async def test_a_letter_is_found_by_the_group_that_its_payload_names(letters: DeadLetters) -> None:
    payloads = ('{"group": {"id": "1@g.us"}}', '{"message": {"group": {"id": "1@g.us"}}}', '{"chat_id": "1@g.us"}')
    for number, payload in enumerate(payloads):
        await letters.add(letter(number).model_copy(update={"payload": payload}))
    await letters.add(letter(9))
    assert await letters.count(LetterFilter(group="1@g.us")) == 3


def test_a_payload_of_any_shape_may_name_no_group() -> None:
    for payload in ("no json", "[1]", '{"group": 1, "message": [], "chat_id": {}}', '{"group": {"id": null}}'):
        assert group_of(letter(1).model_copy(update={"payload": payload})) is None
