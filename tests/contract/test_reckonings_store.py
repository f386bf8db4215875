"""The accounts' contract, on the fake and on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.storage.memory.reckonings import MemoryReckonings
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.reckonings import MongoReckonings
from shared.storage.reckonings import KEPT, Missing, Reckoning, Reckonings, Sweep

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LOST = Missing("message", "m1", "1@g.us", NOW - timedelta(hours=1), "no_entry")


@pytest.fixture(params=["memory", "mongo"])
def reckonings(request: pytest.FixtureRequest) -> Reckonings:
    if request.param == "memory":
        return MemoryReckonings()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoReckonings(mongo)


def reckoning(minutes: int = 0, *, since: datetime | None = NOW) -> Reckoning:
    return Reckoning(
        at=NOW + minutes * MINUTE,
        since=since,
        took_s=0.25,
        messages={"rejected": 3, "call_pending": 1},
        deletions={"noted": 1},
        under_way=1,
        unaccounted=1,
        missing=(LOST,),
    )


async def test_before_any_there_is_none(reckonings: Reckonings) -> None:
    assert await reckonings.latest() is None
    assert await reckonings.sweeps(NOW - timedelta(days=1)) == []


async def test_the_latest_comes_back_as_it_was(reckonings: Reckonings) -> None:
    await reckonings.add(reckoning(5, since=None))
    await reckonings.add(reckoning(1))
    assert await reckonings.latest() == reckoning(5, since=None)
    assert reckoning().total == 5


async def test_sweeps_come_back_latest_first_and_from_a_time_on(reckonings: Reckonings) -> None:
    early = Sweep(NOW, 3, 100, 1, (LOST,), {"Permanent": 1})
    late = Sweep(NOW + MINUTE, 2, 10, 0)
    for sweep in (early, late, Sweep(NOW - MINUTE, 1, 1, 0)):
        await reckonings.add_sweep(sweep)
    assert await reckonings.sweeps(NOW) == [late, early]


async def test_the_oldest_give_way(reckonings: Reckonings) -> None:
    for minutes in range(KEPT + 2):
        await reckonings.add_sweep(Sweep(NOW + minutes * MINUTE, 1, 1, 0))
    kept = await reckonings.sweeps(NOW - timedelta(days=1))
    assert len(kept) == KEPT
    assert kept[-1].at == NOW + 2 * MINUTE
