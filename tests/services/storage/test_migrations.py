"""The stored form's versions on a real database: steps run in their order, once, however often they are cut off."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from services.operator.trial import Trial, environment
from shared.errors import Misconfigured
from shared.settings import MongoSettings, NatsSettings
from shared.storage.ledger import Entry, State
from shared.storage.mongo import indexes, schema
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.migrations import m0001_totals_of_old_entries as old_entries
from shared.storage.mongo.migrations import m0002_pieces_beside_their_words as pieces
from shared.storage.mongo.migrations.step import Step
from shared.storage.mongo.migrations.steps import STEPS, VERSION
from shared.storage.mongo.signatures import MongoSignatures
from shared.storage.mongo.totals import MongoTotals
from shared.storage.schema import Mark, Stage, objection
from shared.storage.signatures import Outcome
from shared.storage.totals import summed

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


@pytest.fixture
async def aged(mongo: Mongo) -> Mongo:
    """A database of before there were versions, with something in it."""
    await mongo.collection(schema.COLLECTION).drop()
    await mongo.collection("texts").insert_one({"_id": "a text"})
    return mongo


async def test_a_new_database_has_today_s_form(mongo: Mongo) -> None:
    assert await schema.mark_of(mongo) == Mark(VERSION)
    await schema.require(mongo)


async def test_an_old_database_is_refused_until_its_steps_have_run(aged: Mongo) -> None:
    with pytest.raises(Misconfigured, match="twin provision"):
        await schema.require(aged)
    done = await indexes.provision(aged)
    assert [line for line in done if line.startswith("migration")] == [
        f"migration {step.number}: {step.name} (0 changed)" for step in STEPS
    ]
    await schema.require(aged)
    assert not [line for line in await indexes.provision(aged) if line.startswith("migration")]


async def test_steps_run_in_order_and_one_that_broke_off_runs_again(aged: Mongo) -> None:
    ran: list[int] = []

    async def first(_mongo: Mongo) -> int:
        ran.append(1)
        return 3

    async def second(_mongo: Mongo) -> int:
        ran.append(2)
        if ran.count(2) == 1:
            raise RuntimeError("cut off")
        return 0

    steps = (Step(1, "first", first), Step(2, "second", second, oldest=1))
    with pytest.raises(RuntimeError):
        await schema.migrate(aged, steps=steps)
    assert await schema.mark_of(aged) == Mark(1)
    assert await schema.migrate(aged, steps=steps) == ["migration 2: second (0 changed)"]
    assert ran == [1, 2, 2]
    assert await schema.mark_of(aged) == Mark(2, 1)


async def test_two_who_migrate_at_once_end_with_one_mark(aged: Mongo) -> None:
    await asyncio.gather(*(schema.migrate(aged) for _ in range(3)))
    assert await schema.mark_of(aged) == Mark(VERSION)


@pytest.mark.parametrize(
    ("mark", "code", "word"),
    [
        (Mark(3), 3, None),
        (Mark(4), 3, None),  # a newer release has only added: both work side by side
        (Mark(4, oldest=3), 3, None),
        (Mark(4, oldest=4), 3, "needs code of version 4"),
        (Mark(2), 3, "twin provision"),
        (None, 3, "twin provision"),
        (Mark(3, stage=Stage.RESTORING), 3, "twin restore"),
    ],
)
def test_code_works_with_what_is_no_older_and_still_readable(mark: Mark | None, code: int, word: str | None) -> None:
    why = objection(mark, code)
    assert why is None if word is None else word in str(why)


async def test_older_code_neither_migrates_nor_starts_on_a_newer_form(mongo: Mongo) -> None:
    await mongo.collection(schema.COLLECTION).update_one({}, {"$set": {"version": 99, "oldest": 99}})
    for refused in (schema.require, schema.require_at_start, schema.migrate):
        with pytest.raises(Misconfigured, match="newer release"):
            await refused(mongo)


def test_the_steps_are_numbered_without_a_gap_and_modules_are_named_after_them() -> None:
    assert [step.number for step in STEPS] == list(range(1, len(STEPS) + 1))
    assert {step.run.__module__.rpartition(".")[2][:5] for step in STEPS} == {f"m{step.number:04}" for step in STEPS}
    assert all(step.oldest <= VERSION for step in STEPS)


async def test_a_service_refuses_to_start_on_a_half_restore(
    mongo: Mongo, js: object, nats_settings: NatsSettings, mongo_settings: MongoSettings, tmp_path: object
) -> None:
    await schema.begin_restore(mongo, VERSION, 0)
    url = mongo_settings.url.get_secret_value()
    trial = Trial(environment(nats_settings.url, url, mongo_settings.database), tmp_path)  # type: ignore[arg-type]
    trial.start(["filter"])
    with pytest.raises(RuntimeError, match="twin restore"):
        await trial.ready(["filter"])


async def test_a_service_whose_database_is_away_may_start(mongo_settings: MongoSettings) -> None:
    nowhere = Mongo(MongoSettings.model_validate({"url": "mongodb://127.0.0.1:1/", "timeout_s": 0.5}))
    await schema.require_at_start(nowhere)
    await nowhere.close()


def entry(number: int, state: State) -> Entry:
    return Entry(
        id=f"old-{number}",
        state=state,
        claim=f"RAW:{number}",
        group_id="g1@g.us",
        sent_at=NOW,
        seen_at=NOW + timedelta(minutes=10 * number),
        via="webhook",
        rule="scored_call",
    )


async def test_entries_of_before_the_totals_are_counted_once(mongo: Mongo) -> None:
    ledger, totals = MongoLedger(mongo), MongoTotals(mongo)
    states = [State.REJECTED, State.CALL, State.NO_TEXT] * 5
    await ledger.record([entry(number, state) for number, state in enumerate(states)])
    await mongo.collection("messages").update_many({}, {"$unset": {"batch": ""}})
    for name in ("batches", "totals"):
        await mongo.collection(name).drop()
    await ledger.record([entry(100, State.CALL)])  # a message of now, noted as it should be
    assert await old_entries.run(mongo) == 15
    assert await counted(totals) == Counter({"rejected": 5, "call": 6, "no_text": 5})
    assert await old_entries.run(mongo) == 0
    assert await counted(totals) == Counter({"rejected": 5, "call": 6, "no_text": 5})


async def test_old_entries_are_counted_where_the_step_broke_off_before_its_note(mongo: Mongo) -> None:
    ledger, totals = MongoLedger(mongo), MongoTotals(mongo)
    await ledger.record([entry(number, State.CALL) for number in range(4)])
    await mongo.collection("messages").update_many({}, {"$unset": {"batch": ""}})
    await mongo.collection("batches").drop()
    await old_entries.run(mongo)
    await mongo.collection("batches").drop()  # as if it had died between the two writes
    assert await old_entries.run(mongo) == 0
    assert await counted(totals) == Counter({"call": 4})


async def test_messages_of_the_old_form_are_found_by_their_pieces(mongo: Mongo) -> None:
    until = NOW + timedelta(days=400)
    kept = {"text": "words", "sent_at": NOW, "touched_at": NOW, "expires_at": until, "edited": False}
    await mongo.collection("signatures").insert_many(
        [
            {"_id": "m1", "original": "m1", "outcome": "call", **kept},
            {"_id": "m2", "original": None, "outcome": None, **kept},
        ]
    )
    await mongo.collection("signature_pieces").insert_many(
        [{"_id": 7, "ids": ["m1", "m2"], "expires_at": until}, {"_id": 8, "ids": ["m1", "gone"], "expires_at": until}]
    )
    store = MongoSignatures(mongo)
    assert await store.near([7, 8], but="", limit=5) == []
    assert await pieces.run(mongo) == 2
    first, second = await store.near([7, 8], but="", limit=5)
    assert (first.message_id, first.original, first.outcome) == ("m1", "m1", Outcome.CALL)
    assert (second.message_id, second.original, second.outcome) == ("m2", None, None)
    await store.settle("m1", Outcome.NONE)
    await pieces.run(mongo)  # again, while the new release works: what it decided stands
    [found] = await store.near([8], but="", limit=5)
    assert found.outcome is Outcome.NONE
    assert await mongo.collection("signatures").count_documents({}) == 2


async def counted(totals: MongoTotals) -> Counter[str]:
    while await totals.follow(NOW):
        pass
    sums = summed(hour.counts for hour in await totals.since(NOW - timedelta(days=400)))
    found: Counter[str] = Counter()
    for fate, number in sums.items():
        found[str(fate.state)] += number
    return found
