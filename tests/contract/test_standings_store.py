"""The standings' contract, on the fakes and on the real database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from services.publisher import logic
from shared.contracts.pipeline import DeadLetter
from shared.storage.calls import Calls, Status
from shared.storage.dead_letters import DeadLetters
from shared.storage.ledger import Entry, Ledger, State
from shared.storage.memory.calls import MemoryCalls
from shared.storage.memory.dead_letters import MemoryDeadLetters
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.memory.standings import MemoryStandings
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.dead_letters import MongoDeadLetters
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.standings import MongoStandings
from shared.storage.standings import Owed, Standing, Standings
from tests.services.publisher.house import GROUP, extracted

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Stores:
    """The stores that are written, and what is read of them."""

    ledger: Ledger
    calls: Calls
    letters: DeadLetters
    standings: Standings


@pytest.fixture(params=["memory", "mongo"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        ledger, calls, letters = MemoryLedger(), MemoryCalls(), MemoryDeadLetters()
        return Stores(ledger, calls, letters, MemoryStandings(ledger, calls, letters))
    mongo: Mongo = request.getfixturevalue("mongo")
    return Stores(MongoLedger(mongo), MongoCalls(mongo), MongoDeadLetters(mongo), MongoStandings(mongo))


def entry(id: str, state: State, **values: object) -> Entry:
    return Entry(id, "RAW:1", state, "g@g.us", NOW, NOW, "webhook", text="مطلوب", **values)  # type: ignore[arg-type]


def letter(id: str, message_id: str | None) -> DeadLetter:
    return DeadLetter(
        event_id=id, stage="filter", reason="poison", subject="raw.messages", payload="{}", failed_at=NOW,
        message_id=message_id,
    )  # fmt: skip


async def test_entries_are_told_by_id_and_the_others_lack(stores: Stores) -> None:
    await stores.ledger.record([entry("a", State.REJECTED), entry("b", State.CALL, call_id="c1")])
    assert await stores.standings.messages(["a", "b", "nothing"]) == {
        "a": Standing("a", State.REJECTED, "g@g.us", NOW),
        "b": Standing("b", State.CALL, "g@g.us", NOW, "c1"),
    }


async def test_the_unsettled_are_candidates_and_calls(stores: Stores) -> None:
    await stores.ledger.record(
        [entry("a", State.REJECTED), entry("b", State.CALL, call_id="c1"), entry("c", State.CANDIDATE)]
    )
    found = [one async for one in stores.standings.unsettled()]
    assert sorted((one.id, one.state, one.call_id) for one in found) == [
        ("b", State.CALL, "c1"),
        ("c", State.CANDIDATE, None),
    ]


async def test_calls_and_deletions_are_told_by_id(stores: Stores) -> None:
    call = logic.received(extracted("m1"), NOW)
    await stores.calls.insert(call)
    await stores.calls.note_deletion(call.id, "delete:m1", NOW)
    assert await stores.standings.calls([call.id, "nothing"]) == {call.id: Status.PENDING}
    assert await stores.standings.deletions([call.id, "nothing"]) == {call.id}


async def test_a_letter_is_known_by_its_own_id_and_by_its_message_until_that_is_replayed(stores: Stores) -> None:
    for id, message_id in (("dead:filter:RAW:1", "m1"), ("dead:filter:RAW:2", None), ("dead:filter:RAW:3", "m3")):
        await stores.letters.add(letter(id, message_id))
    await stores.letters.settle(["dead:filter:RAW:3"], "replayed")
    await stores.letters.settle(["dead:filter:RAW:1"], "dropped")
    asked = ["m1", "m3", "dead:filter:RAW:2", "dead:filter:RAW:3", "nothing"]
    assert await stores.standings.letters(asked) == {"m1", "dead:filter:RAW:2", "dead:filter:RAW:3"}


async def test_owed_is_what_changed_of_late_and_whatever_was_not_sent(stores: Stores) -> None:
    old = logic.approve(logic.received(extracted("old"), NOW - 9 * HOUR), "sara", NOW - 8 * HOUR)
    told = logic.approve(logic.received(extracted("told"), NOW - 9 * HOUR), "sara", NOW - 8 * HOUR)
    late = logic.approve(logic.received(extracted("late"), NOW - 2 * HOUR), "sara", NOW - HOUR)
    pending = logic.received(extracted("pending"), NOW)
    for call in (old, told, late, pending):
        await stores.calls.insert(call)
    for call in (told, late):
        await stores.calls.mark_sent(call.id, 1)

    found = await stores.standings.owed(NOW - 3 * HOUR)

    assert sorted(found, key=lambda one: one.changed_at) == [
        Owed(f"{old.id}:1", old.id, GROUP.id, 1, NOW - 8 * HOUR, sent=False),
        Owed(f"{late.id}:1", late.id, GROUP.id, 1, NOW - HOUR, sent=True),
    ]
