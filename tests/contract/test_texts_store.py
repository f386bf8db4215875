"""The text claims' contract, on the fake and on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.storage.memory.texts import MemoryTexts
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.texts import MongoTexts
from shared.storage.texts import TextClaim, Texts

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WEEK_AGO = NOW - timedelta(days=7)


@pytest.fixture(params=["memory", "mongo"])
def texts(request: pytest.FixtureRequest) -> Texts:
    if request.param == "memory":
        return MemoryTexts()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoTexts(mongo)


async def test_the_first_message_owns_a_text_and_keeps_it_on_a_redelivery(texts: Texts) -> None:
    assert await texts.claim([TextClaim("f", "m1", NOW)], since=WEEK_AGO) == ["m1"]
    assert await texts.claim([TextClaim("f", "m2", NOW), TextClaim("g", "m3", NOW)], since=WEEK_AGO) == ["m1", "m3"]
    assert await texts.claim([TextClaim("f", "m1", NOW)], since=WEEK_AGO) == ["m1"]


async def test_two_copies_in_one_batch_have_one_owner(texts: Texts) -> None:
    assert await texts.claim([TextClaim("f", "m1", NOW), TextClaim("f", "m2", NOW)], since=WEEK_AGO) == ["m1", "m1"]


async def test_a_claim_is_given_up_by_its_owner_alone(texts: Texts) -> None:
    await texts.claim([TextClaim("f", "m1", NOW)], since=WEEK_AGO)
    for other in ("m2", "nobody"):
        await texts.release("f", other)
    assert await texts.claim([TextClaim("f", "m2", NOW)], since=WEEK_AGO) == ["m1"]
    for _ in range(2):
        await texts.release("f", "m1")
    assert await texts.claim([TextClaim("f", "m2", NOW)], since=WEEK_AGO) == ["m2"]


async def test_a_lapsed_claim_is_taken_over_once(texts: Texts) -> None:
    await texts.claim([TextClaim("f", "old", NOW - timedelta(days=30))], since=NOW - timedelta(days=60))
    claims = [TextClaim("f", "new", NOW), TextClaim("f", "newer", NOW)]
    assert await texts.claim(claims, since=WEEK_AGO) == ["new", "new"]
