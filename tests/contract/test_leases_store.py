"""The leases' contract, on the fake and on the real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.storage.leases import Leases
from shared.storage.memory.leases import MemoryLeases
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.leases import MongoLeases

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TTL = timedelta(seconds=60)


@pytest.fixture(params=["memory", "mongo"])
def leases(request: pytest.FixtureRequest) -> Leases:
    if request.param == "memory":
        return MemoryLeases()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoLeases(mongo)


async def test_one_holds_it_and_others_wait(leases: Leases) -> None:
    assert await leases.acquire("sync", "a", now=NOW, ttl=TTL)
    assert not await leases.acquire("sync", "b", now=NOW + TTL / 2, ttl=TTL)
    assert await leases.acquire("another", "b", now=NOW, ttl=TTL)


async def test_a_holder_renews_it(leases: Leases) -> None:
    assert await leases.acquire("sync", "a", now=NOW, ttl=TTL)
    assert await leases.acquire("sync", "a", now=NOW + TTL / 2, ttl=TTL)
    assert not await leases.acquire("sync", "b", now=NOW + TTL, ttl=TTL)


async def test_it_runs_out_and_its_old_holder_does_not_get_it_back(leases: Leases) -> None:
    assert await leases.acquire("sync", "a", now=NOW, ttl=TTL)
    assert await leases.acquire("sync", "b", now=NOW + TTL, ttl=TTL)
    assert not await leases.acquire("sync", "a", now=NOW + TTL, ttl=TTL)


async def test_what_is_given_back_is_free_at_once(leases: Leases) -> None:
    assert await leases.acquire("sync", "a", now=NOW, ttl=TTL)
    await leases.release("sync", "a")
    assert await leases.acquire("sync", "b", now=NOW, ttl=TTL)


async def test_only_the_holder_can_give_it_back(leases: Leases) -> None:
    await leases.release("sync", "a")
    assert await leases.acquire("sync", "a", now=NOW, ttl=TTL)
    await leases.release("sync", "b")
    assert not await leases.acquire("sync", "b", now=NOW, ttl=TTL)


async def test_of_twenty_contenders_for_a_new_lease_one_wins(leases: Leases) -> None:
    won = await asyncio.gather(*(leases.acquire("sync", f"o{n}", now=NOW, ttl=TTL) for n in range(20)))
    assert sum(won) == 1


async def test_of_twenty_contenders_for_a_lease_that_ran_out_one_wins(leases: Leases) -> None:
    assert await leases.acquire("sync", "dead", now=NOW, ttl=TTL)
    later = NOW + TTL
    won = await asyncio.gather(*(leases.acquire("sync", f"o{n}", now=later, ttl=TTL) for n in range(20)))
    assert sum(won) == 1
