"""The contract of what the database holds, on the fake and on the real database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.storage.holdings import Holdings
from shared.storage.memory.holdings import MemoryHoldings
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.holdings import MongoHoldings

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
Put = Callable[[str, dict[str, Any]], Awaitable[None]]


@pytest.fixture(params=["memory", "mongo"])
def room(request: pytest.FixtureRequest) -> tuple[Holdings, Put]:
    if request.param == "memory":
        fake = MemoryHoldings()

        async def keep(collection: str, document: dict[str, Any]) -> None:
            fake.put(collection, document)

        return fake, keep
    mongo: Mongo = request.getfixturevalue("mongo")

    async def insert(collection: str, document: dict[str, Any]) -> None:
        await mongo.collection(collection).insert_one(dict(document))

    return MongoHoldings(mongo), insert


async def stored(holdings: Holdings, collection: str) -> list[dict[str, Any]]:
    return sorted([one async for one in holdings.every(collection)], key=lambda one: str(one["_id"]))


async def test_every_collection_and_document_is_walked(room: tuple[Holdings, Put]) -> None:
    holdings, put = room
    for number in range(450):
        await put("many", {"_id": f"{number:03}", "text": "نص"})
    await put("other", {"_id": 7, "at": NOW, "inner": {"list": [1, {"a": None}]}})
    assert {"many", "other"} <= set(await holdings.collections())
    assert [one["_id"] for one in await stored(holdings, "many")] == [f"{number:03}" for number in range(450)]
    assert await stored(holdings, "other") == [{"_id": 7, "at": NOW, "inner": {"list": [1, {"a": None}]}}]
    assert await stored(holdings, "nothing here") == []


async def test_a_document_is_replaced_as_it_was_read(room: tuple[Holdings, Put]) -> None:
    holdings, put = room
    await put("things", {"_id": "a", "text": "one", "list": [{"x": 1.5, "at": NOW}], "gone": None, "left": "same"})
    [before] = await stored(holdings, "things")
    after = {name: value for name, value in before.items() if name != "gone"} | {"text": "two", "list": [], "new": True}
    assert await holdings.replace("things", before, after)
    assert await stored(holdings, "things") == [{"_id": "a", "text": "two", "list": [], "left": "same", "new": True}]
    assert await holdings.replace("things", after, after)


async def test_what_changed_meanwhile_is_not_written_over(room: tuple[Holdings, Put]) -> None:
    holdings, put = room
    await put("things", {"_id": "a", "text": "one", "deep": {"value": [1, 2]}, "other": 1})
    [read] = await stored(holdings, "things")
    assert await holdings.replace("things", read, read | {"deep": {"value": [1, 3]}})
    assert not await holdings.replace("things", read, read | {"deep": {"value": []}})
    assert await holdings.replace("things", read, read | {"text": "two"}), "another value may change beside it"
    assert await stored(holdings, "things") == [{"_id": "a", "text": "two", "deep": {"value": [1, 3]}, "other": 1}]
    assert not await holdings.replace("things", {"_id": "nobody", "text": "x"}, {"_id": "nobody", "text": "y"})


async def test_a_dropped_document_is_gone(room: tuple[Holdings, Put]) -> None:
    holdings, put = room
    await put("things", {"_id": "a", "text": "one"})
    await put("things", {"_id": "b", "text": "two"})
    [a, _b] = await stored(holdings, "things")
    assert await holdings.drop("things", a)
    assert not await holdings.drop("things", a)
    assert [one["_id"] for one in await stored(holdings, "things")] == ["b"]
