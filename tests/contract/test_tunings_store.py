"""The tunings' contract, on the fake and on the real database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.storage.memory.tunings import MemoryTunings
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.tunings import MongoTunings
from shared.storage.tunings import Tuning, Tunings

FIRST = Tuning(
    version=1,
    at=datetime(2026, 11, 20, 12, 45, tzinfo=UTC),
    by="operator",
    note="fewer misses",
    thresholds={"threshold": -1.5},
    added={"roles": ("كومبارس~", "stand in = 0.5"), "crew": ('"grip $.x"',)},
    removed={"casting": ("كاستنج",)},
    model="w ممثل\t0.2\n",
)


@pytest.fixture(params=["memory", "mongo"])
def tunings(request: pytest.FixtureRequest) -> Tunings:
    if request.param == "memory":
        return MemoryTunings()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoTunings(mongo)


async def test_what_was_kept_comes_back_whole(tunings: Tunings) -> None:
    assert await tunings.add(FIRST)
    assert await tunings.get(1) == FIRST
    assert await tunings.get(2) is None


async def test_a_taken_number_changes_nothing(tunings: Tunings) -> None:
    await tunings.add(FIRST)
    assert not await tunings.add(replace(FIRST, by="another", note="too late"))
    assert await tunings.get(1) == FIRST


async def test_versions_are_told_highest_first_and_only_above_what_is_known(tunings: Tunings) -> None:
    assert await tunings.versions() == []
    for version in (1, 2, 10):
        await tunings.add(replace(FIRST, version=version))
    assert await tunings.versions() == [10, 2, 1]
    assert await tunings.versions(above=2) == [10]
    assert await tunings.versions(above=10) == []


async def test_of_ten_writers_of_one_version_one_wins(tunings: Tunings) -> None:
    won = await asyncio.gather(*(tunings.add(replace(FIRST, by=f"writer {number}")) for number in range(10)))
    assert sum(won) == 1
    kept = await tunings.get(1)
    assert kept is not None
    assert kept.by == f"writer {won.index(True)}"
