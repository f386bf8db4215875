"""The totals' contract, on the fake and on the real database: they say what the ledger says, whatever happens."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from shared.errors import Unavailable
from shared.storage.ledger import Entry, Ledger, State
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.memory.totals import MemoryTotals
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.totals import MongoTotals
from shared.storage.totals import Fate, Totals, summed

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
G = "g1@g.us"


@dataclass
class Both:
    ledger: Ledger
    totals: Totals

    async def counts(self) -> Counter[Fate]:
        """All that the totals say, once they have caught up."""
        while await self.totals.follow(NOW):
            pass
        return summed(hour.counts for hour in await self.totals.since(NOW - timedelta(days=400)))


@pytest.fixture(params=["memory", "mongo"])
def both(request: pytest.FixtureRequest) -> Both:
    if request.param == "memory":
        ledger = MemoryLedger()
        return Both(ledger, MemoryTotals(ledger))
    mongo: Mongo = request.getfixturevalue("mongo")
    return Both(MongoLedger(mongo), MongoTotals(mongo))


def entry(id: str, state: State = State.CANDIDATE, **values: Any) -> Entry:
    defaults: dict[str, Any] = {
        "claim": f"RAW:{id}",
        "group_id": G,
        "sent_at": NOW,
        "seen_at": NOW,
        "via": "webhook",
        "rule": "scored_call",
    }
    return Entry(id=id, state=state, **(defaults | values))


async def test_each_message_is_counted_once_under_its_hour_group_and_fate(both: Both) -> None:
    await both.ledger.record([entry("a"), entry("b", State.REJECTED, rule="too_short"), entry("c", group_id="g2@g.us")])
    await both.ledger.record([entry("d", seen_at=NOW + timedelta(hours=1))])
    assert await both.counts() == {
        Fate(G, State.CANDIDATE, "scored_call", "filter"): 2,
        Fate(G, State.REJECTED, "too_short", "filter"): 1,
        Fate("g2@g.us", State.CANDIDATE, "scored_call", "filter"): 1,
    }
    hours = await both.totals.since(NOW - timedelta(days=1))
    assert [(hour.at, sum(hour.counts.values())) for hour in hours] == [
        (NOW.replace(minute=0), 3),
        (NOW.replace(minute=0) + timedelta(hours=1), 1),
    ]
    assert len(await both.totals.since(NOW)) == 1


async def test_a_change_of_state_moves_the_message_and_keeps_the_sum(both: Both) -> None:
    await both.ledger.record([entry("a"), entry("b"), entry("c"), entry("d")])
    await both.counts()
    await both.ledger.settle("a", State.CALL, stage="publisher", detail={"call_id": "c1"})
    await both.ledger.settle("b", State.NOT_A_CALL, stage="extractor", detail={"is_call": False})
    await both.ledger.settle("c", State.DEAD, stage="dead", detail={"stage": "extractor", "reason": "x"})
    assert await both.counts() == {
        Fate(G, State.CALL, "scored_call", "publisher"): 1,
        Fate(G, State.NOT_A_CALL, "scored_call", "extractor"): 1,
        Fate(G, State.DEAD, "scored_call", "extractor"): 1,
        Fate(G, State.CANDIDATE, "scored_call", "filter"): 1,
    }


async def test_a_rejection_that_is_to_be_checked_is_told_apart(both: Both) -> None:
    await both.ledger.record([entry("a", rule="scored_noise", stages={"filter": {"check": True}})])
    assert await both.counts() == {Fate(G, State.CANDIDATE, "scored_noise", "filter", True): 1}


async def test_redeliveries_and_second_deliveries_count_nothing(both: Both) -> None:
    first, second = [entry("a"), entry("b")], [entry("b"), entry("c")]
    await both.ledger.record(first)
    await both.ledger.record(second)  # "b" again, in another batch, as after a crash
    await both.ledger.record(first)
    await both.ledger.record([entry("a", claim="RAW:other")])
    assert sum((await both.counts()).values()) == 3
    await both.ledger.record(second)
    assert sum((await both.counts()).values()) == 3


async def test_nothing_is_told_as_changed_that_did_not(both: Both) -> None:
    await both.ledger.record([entry("a")])
    await both.counts()
    later = NOW + timedelta(minutes=5)
    assert await both.totals.follow(later) == 0
    assert [sum(hour.counts.values()) for hour in await both.totals.changed_since(NOW)] == [1]
    assert await both.totals.changed_since(later) == []


async def test_the_totals_say_what_the_ledger_says_while_both_are_written_to(both: Both) -> None:
    """Two followers, and a ledger that fills and moves at the same time."""
    done = asyncio.Event()

    async def fill() -> None:
        for start in range(0, 60, 5):
            batch = [entry(f"m{n}", seen_at=NOW + timedelta(minutes=n)) for n in range(start, start + 5)]
            await both.ledger.record(batch)
            for n in range(start, start + 5, 2):
                await both.ledger.settle(f"m{n}", State.CALL, stage="publisher", detail={"call_id": f"c{n}"})
        done.set()

    async def follow() -> None:
        while not done.is_set():
            await both.totals.follow(NOW, limit=3)
            await asyncio.sleep(0)

    await asyncio.gather(fill(), follow(), follow())
    counted: Counter[str] = Counter()
    for fate, number in (await both.counts()).items():
        counted[str(fate.state)] += number
    assert counted == Counter({key: n for key, n in (await both.ledger.count_by_state()).items() if n})


STEPS = ["hours.bulk_write", "batches.bulk_write", "hours.update_one"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
async def test_a_follower_that_dies_between_any_two_writes_is_made_good_by_the_next(
    mongo: Mongo, step: str, after: bool
) -> None:
    both = Both(MongoLedger(mongo), MongoTotals(mongo))
    await both.ledger.record([entry("a"), entry("b")])
    await both.counts()
    await both.ledger.settle("a", State.CALL, stage="publisher", detail={"call_id": "c1"})
    dying = MongoTotals(mongo)
    room, call = step.split(".")
    setattr(dying, f"_{room}", _Dying(getattr(dying, f"_{room}"), call, after=after))
    with pytest.raises(Unavailable):
        await dying.follow(NOW)
    assert await both.counts() == {
        Fate(G, State.CALL, "scored_call", "publisher"): 1,
        Fate(G, State.CANDIDATE, "scored_call", "filter"): 1,
    }


async def test_an_entry_that_moves_while_it_is_counted_is_counted_again(mongo: Mongo) -> None:
    ledger, totals = MongoLedger(mongo), MongoTotals(mongo)
    await ledger.record([entry("a"), entry("b")])
    await ledger.settle("a", State.NOT_A_CALL, stage="extractor", detail={})
    look = totals._look

    async def moves_meanwhile(ids: set[str]) -> Any:
        found = await look(ids)
        await ledger.settle("a", State.CALL, stage="publisher", detail={"call_id": "c1"})
        return found

    totals._look = moves_meanwhile  # type: ignore[method-assign]
    await totals.follow(NOW)
    assert await Both(ledger, MongoTotals(mongo)).counts() == {
        Fate(G, State.CALL, "scored_call", "publisher"): 1,
        Fate(G, State.CANDIDATE, "scored_call", "filter"): 1,
    }


async def test_a_filter_that_dies_before_it_noted_its_batch_notes_it_with_the_redelivery(mongo: Mongo) -> None:
    both = Both(MongoLedger(mongo), MongoTotals(mongo))
    dying = MongoLedger(mongo)
    dying._batches._batches = _Dying(dying._batches._batches, "insert_one", after=False)  # type: ignore[assignment]
    with pytest.raises(Unavailable):
        await dying.record([entry("a"), entry("b")])
    assert await both.counts() == {}
    await both.ledger.record([entry("b"), entry("a"), entry("c")])
    assert sum((await both.counts()).values()) == 3


class _Dying:
    """A collection whose connection breaks at one call: before it reaches the server, or before its answer comes."""

    def __init__(self, collection: Any, call: str, *, after: bool) -> None:
        self._collection, self._call, self._after = collection, call, after

    def __getattr__(self, name: str) -> Any:
        if name != self._call:
            return getattr(self._collection, name)

        async def breaks(*args: Any, **options: Any) -> None:
            if self._after:
                await getattr(self._collection, name)(*args, **options)
            raise AutoReconnect("gone")

        return breaks
