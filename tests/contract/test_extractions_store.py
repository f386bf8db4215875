"""The kept answers' contract, on the fake and on the real database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.storage.extractions import Extractions, Kept
from shared.storage.memory.extractions import MemoryExtractions
from shared.storage.mongo import extractions as on_mongo
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.extractions import MongoExtractions

UNTIL = datetime(2036, 11, 20, 12, 0, tzinfo=UTC)
ANSWER = '{"is_casting_call": true, "call": {"title": "مسلسل"}}'
CALL = Kept(ANSWER, "candidate:a", 900, 200, 0.00025, 812.5, ("contacts",))
NOTHING = Kept(None, "candidate:b", 900)


@pytest.fixture(params=["memory", "mongo"])
def extractions(request: pytest.FixtureRequest) -> Extractions:
    if request.param == "memory":
        return MemoryExtractions()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoExtractions(mongo)


async def test_an_answer_comes_back_as_it_was(extractions: Extractions) -> None:
    await extractions.put("a", CALL, until=UNTIL)
    await extractions.put("b", NOTHING, until=UNTIL)
    assert await extractions.get("a") == CALL
    assert await extractions.get("b") == NOTHING
    assert await extractions.get("c") is None


async def test_a_later_answer_takes_the_place_of_an_earlier_one(extractions: Extractions) -> None:
    await extractions.put("a", CALL, until=UNTIL)
    await extractions.put("a", NOTHING, until=UNTIL)
    assert await extractions.get("a") == NOTHING


async def test_the_database_forgets_an_answer_by_itself_when_its_time_has_come(mongo: Mongo) -> None:
    await MongoExtractions(mongo).put("a", CALL, until=UNTIL)
    document = await mongo.collection(on_mongo.COLLECTION).find_one({"_id": "a"})
    assert document is not None and document["expires_at"] == UNTIL
    (index,) = on_mongo.INDEXES[on_mongo.COLLECTION]
    assert (list(index.document["key"]), index.document["expireAfterSeconds"]) == (["expires_at"], 0)
