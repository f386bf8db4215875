"""The kept readings' contract, on the fake and on the real database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from shared.contracts.calls import CastingCall, Compensation, Evidence, Flag, PayKind, Role
from shared.contracts.pipeline import Engine, Extraction
from shared.storage.extractions import Extractions
from shared.storage.memory.extractions import MemoryExtractions
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.extractions import MongoExtractions

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NONE = Extraction(call=None, reason="news", engine=Engine(name="openai", model="m", input_tokens=900))
CALL = Extraction(
    call=CastingCall(
        title="مسلسل",
        deadline=date(2026, 12, 1),
        roles=(Role(name="أب", age_min=50),),
        compensation=Compensation(kind=PayKind.PAID, amount=Decimal("1200.5"), currency="SAR"),
    ),
    evidence={"roles.0": Evidence(start=3, end=5, text="أب")},
    flags=(Flag(name="disagree:deadline"),),
    engine=Engine(name="openai", model="m", input_tokens=900, output_tokens=200, cost_usd=0.00025),
)


@pytest.fixture(params=["memory", "mongo"])
def extractions(request: pytest.FixtureRequest) -> Extractions:
    if request.param == "memory":
        return MemoryExtractions()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoExtractions(mongo)


async def test_a_reading_comes_back_as_it_was(extractions: Extractions) -> None:
    await extractions.put("post:a", CALL, reader="openai:m:1", now=NOW)
    await extractions.put("post:b", NONE, reader="openai:m:1", now=NOW)
    assert await extractions.get("post:a", reader="openai:m:1") == CALL
    assert await extractions.get("post:b", reader="openai:m:1") == NONE
    assert await extractions.get("post:c", reader="openai:m:1") is None


async def test_another_readers_reading_does_not_count_and_is_replaced(extractions: Extractions) -> None:
    await extractions.put("post:a", CALL, reader="openai:m:1", now=NOW)
    assert await extractions.get("post:a", reader="openai:m:2") is None
    await extractions.put("post:a", NONE, reader="openai:m:2", now=NOW)
    assert await extractions.get("post:a", reader="openai:m:2") == NONE
    assert await extractions.get("post:a", reader="openai:m:1") is None
