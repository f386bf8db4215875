"""The signs of life, on the fake and on the real database; and the pulse of a process."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import Unavailable
from shared.storage.beating import beating
from shared.storage.heartbeats import Beat, Heartbeats
from shared.storage.memory.heartbeats import MemoryHeartbeats
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.heartbeats import MongoHeartbeats

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["memory", "mongo"])
def heartbeats(request: pytest.FixtureRequest) -> Heartbeats:
    if request.param == "memory":
        return MemoryHeartbeats()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoHeartbeats(mongo)


async def test_each_replica_has_one_beat_its_last_and_keeps_when_it_began(heartbeats: Heartbeats) -> None:
    later = NOW + timedelta(seconds=15)
    await heartbeats.beat("filter", "host:2", NOW, {})
    await heartbeats.beat("filter", "host:1", NOW, {"ready": True})
    await heartbeats.beat("filter", "host:1", later, {"ready": False, "troubles": {"broker": "away"}})
    assert await heartbeats.all() == [
        Beat("filter", "host:1", NOW, later, {"ready": False, "troubles": {"broker": "away"}}),
        Beat("filter", "host:2", NOW, NOW, {}),
    ]


class Heard(MemoryHeartbeats):
    """Says when it was told of so many beats, and is away at first."""

    def __init__(self, away: int = 0) -> None:
        super().__init__()
        self.away = away
        self.told = asyncio.Semaphore(0)

    async def beat(self, *args: object) -> None:
        self.told.release()
        if self.away:
            self.away -= 1
            raise Unavailable("the database is away")
        await super().beat(*args)  # type: ignore[arg-type]


async def test_a_process_beats_with_the_checks_that_fail() -> None:
    async def fine() -> None:
        return

    async def broken() -> None:
        raise Unavailable("the model does not answer")

    heard = Heard()
    async with beating(heard, "extractor", {"database": fine, "engine": broken}, replica="r1", clock=lambda: NOW):
        async with asyncio.timeout(10):
            await heard.told.acquire()
    troubles = {"engine": "Unavailable: the model does not answer"}
    assert await heard.all() == [Beat("extractor", "r1", NOW, NOW, {"ready": False, "troubles": troubles})]


async def test_a_database_that_is_away_does_not_stop_the_pulse() -> None:
    heard = Heard(away=2)
    async with beating(heard, "filter", {}, replica="r1", interval_s=0), asyncio.timeout(10):
        for _ in range(3):
            await heard.told.acquire()
    assert [beat.replica for beat in await heard.all()] == ["r1"]
