"""The signatures' contract, on the fake and on the real database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.storage.memory.signatures import MemorySignatures
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.signatures import MongoSignatures
from shared.storage.signatures import COMMON, TELLING, Outcome, Signature, Signatures

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BIG = (1 << 63) - 1


@pytest.fixture(params=["memory", "mongo"])
def signatures(request: pytest.FixtureRequest) -> Signatures:
    if request.param == "memory":
        return MemorySignatures()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoSignatures(mongo)


def of(id: str, text: str = "مطلوب ممثل", *, edited: bool = False) -> Signature:
    return Signature(id, text, NOW, NOW, NOW + timedelta(days=3650), edited=edited)


async def test_a_message_is_found_by_the_pieces_that_it_shares(signatures: Signatures) -> None:
    await signatures.put(of("m1"), [1, 2, BIG])
    await signatures.put(of("m2"), [7, 8])
    assert [one.message_id for one in await signatures.near([BIG, 99], but="m3", limit=5)] == ["m1"]
    assert await signatures.near([3, 4], but="m3", limit=5) == []
    assert await signatures.get("m1") == of("m1")
    assert await signatures.get("m9") is None


async def test_nobody_is_near_himself(signatures: Signatures) -> None:
    await signatures.put(of("m1"), [1])
    assert await signatures.near([1], but="m1", limit=5) == []


async def test_rare_pieces_say_more_than_common_ones(signatures: Signatures) -> None:
    for number in range(6):
        await signatures.put(of(f"common{number}"), [1, 2])
    await signatures.put(of("rare"), [1, 3])
    found = await signatures.near([1, 2, 3], but="x", limit=3)
    assert found[0].message_id == "rare"
    assert len(found) == 3


async def test_a_phrase_of_every_post_names_the_first_messages_only(signatures: Signatures) -> None:
    rare = 100
    for number in range(40):
        await signatures.put(of(f"m{number:02}"), [1, *range(rare, rare + TELLING)])
        rare += TELLING
    found = {one.message_id for one in await signatures.near([1], but="x", limit=100)}
    assert found == {f"m{number:02}" for number in range(COMMON)}


async def test_a_message_of_common_phrases_alone_is_found_all_the_same(signatures: Signatures) -> None:
    for number in range(40):
        await signatures.put(of(f"m{number:02}"), [1, 2])
    found = {one.message_id for one in await signatures.near([1, 2], but="x", limit=100)}
    assert found == {f"m{number:02}" for number in range(40)}


async def test_an_edit_is_found_by_its_new_pieces_only(signatures: Signatures) -> None:
    await signatures.put(of("m1"), [1])
    await signatures.put(of("m1", edited=True), [2])
    assert await signatures.near([1], but="x", limit=5) == []
    assert [one.message_id for one in await signatures.near([2], but="x", limit=5)] == ["m1"]


async def test_a_redelivery_finds_what_was_decided(signatures: Signatures) -> None:
    await signatures.put(of("m1"), [1])
    assert await signatures.decide(of("m1"), "m0") == "m0"
    await signatures.settle("m1", Outcome.CALL)
    later = replace(of("m1"), touched_at=NOW + timedelta(hours=1))
    kept = await signatures.put(later, [1])
    assert (kept.original, kept.outcome, kept.touched_at) == ("m0", Outcome.CALL, NOW + timedelta(hours=1))
    assert len(await signatures.near([1], but="x", limit=5)) == 1


async def test_the_first_decision_stands(signatures: Signatures) -> None:
    await signatures.put(of("m1"), [1])
    assert await signatures.decide(of("m1"), "m1") == "m1"
    assert await signatures.decide(of("m1"), "m0") == "m1"


async def test_of_two_who_decide_at_once_one_prevails(signatures: Signatures) -> None:
    await signatures.put(of("m1"), [1])
    decisions = await asyncio.gather(*(signatures.decide(of("m1"), f"o{number}") for number in range(8)))
    assert len(set(decisions)) == 1


async def test_an_edit_replaces_the_words_and_the_old_ones_do_not_come_back(signatures: Signatures) -> None:
    await signatures.put(of("m1", "before"), [1])
    await signatures.put(of("m1", "after", edited=True), [2])
    kept = await signatures.put(of("m1", "before"), [1])
    assert (kept.text, kept.edited) == ("after", True)
    assert [one.text for one in await signatures.near([2], but="x", limit=5)] == ["after"]


async def test_many_at_once_lose_nothing(signatures: Signatures) -> None:
    await asyncio.gather(*(signatures.put(of(f"m{number}"), [1, 2, 3]) for number in range(12)))
    assert len(await signatures.near([2], but="x", limit=50)) == 12
