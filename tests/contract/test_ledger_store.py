"""The ledger's contract, on the fake and on the real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.storage.ledger import Again, Entry, Ledger, State
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["memory", "mongo"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == "memory":
        return MemoryLedger()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoLedger(mongo)


def entry(
    id: str, *, claim: str = "RAW:1", state: State = State.CANDIDATE, duplicate_of: str | None = None, minutes: int = 0
) -> Entry:
    return Entry(
        id=id,
        claim=claim,
        state=state,
        group_id="g@g.us",
        sent_at=NOW + timedelta(minutes=minutes),
        seen_at=NOW,
        via="webhook",
        rule="scored_call",
        score=1.5,
        reasons=("+seek",),
        text="مطلوب ممثلين",
        duplicate_of=duplicate_of,
    )


async def test_the_first_delivery_claims_and_a_second_gets_what_stands_there(ledger: Ledger) -> None:
    first = entry("a")
    assert await ledger.record([first, entry("b", claim="RAW:2")]) == [None, None]
    before = await ledger.record([entry("c", claim="RAW:3"), entry("a", claim="RAW:9", state=State.REJECTED)])
    assert before[0] is None
    assert before[1] == first
    assert await ledger.get("a") == first


async def test_the_same_id_twice_in_one_write_is_claimed_once(ledger: Ledger) -> None:
    before = await ledger.record([entry("a", claim="RAW:1"), entry("a", claim="RAW:2")])
    assert before[0] is None
    assert before[1] is not None
    assert before[1].claim == "RAW:1"


async def test_a_sighting_is_kept_once_for_each_delivery(ledger: Ledger) -> None:
    await ledger.record([entry("a")])
    again = Again("a", "RAW:7", "poll", NOW)
    await ledger.seen_again([again])
    await ledger.seen_again([again, Again("a", "RAW:8", "webhook", NOW), Again("missing", "RAW:8", "webhook", NOW)])
    stored = await ledger.get("a")
    assert stored is not None
    assert [seen["claim"] for seen in stored.sightings] == ["RAW:7", "RAW:8"]
    assert await ledger.get("missing") is None


async def test_settling_keeps_what_each_stage_found(ledger: Ledger) -> None:
    await ledger.record([entry("a"), entry("b")])
    assert await ledger.settle("a", State.NOT_A_CALL, stage="extractor", detail={"reason": "news"})
    assert not await ledger.settle("nobody", State.CALL, stage="publisher", detail={})
    assert await ledger.settle("b", State.CALL, stage="publisher", detail={"call_id": "c1"})
    assert not await ledger.settle("b", State.DEAD, stage="dead", detail={}, never_over={State.CALL})
    assert not await ledger.settle("b", State.DEAD, stage="dead", detail={}, never_over={State.DUPLICATE, State.CALL})
    assert await ledger.settle(
        "a", State.NOT_A_CALL, stage="extractor", detail={"reason": "news"}, never_over={State.DUPLICATE, State.CALL}
    )
    a, b = await ledger.get("a"), await ledger.get("b")
    assert a is not None
    assert b is not None
    assert (a.state, a.stages) == (State.NOT_A_CALL, {"extractor": {"reason": "news"}})
    assert (b.state, b.call_id) == (State.CALL, "c1")


async def test_known_ids_and_copies_are_found(ledger: Ledger) -> None:
    await ledger.record(
        [
            entry("a"),
            entry("late", claim="RAW:3", state=State.DUPLICATE, duplicate_of="a", minutes=9),
            entry("early", claim="RAW:2", state=State.DUPLICATE, duplicate_of="a", minutes=3),
        ]
    )
    assert await ledger.known(["a", "x", "late"]) == {"a", "late"}
    assert [copy.id for copy in await ledger.copies_of("a")] == ["early", "late"]


async def test_a_copy_is_found_before_its_original_is_recorded_and_by_all_writers_at_once(ledger: Ledger) -> None:
    copies = [
        entry(f"copy{n}", claim=f"RAW:{n}", state=State.DUPLICATE, duplicate_of="late", minutes=n) for n in range(8)
    ]
    await asyncio.gather(*(ledger.record([copy]) for copy in copies))
    await ledger.record(copies)  # delivered again
    assert [copy.id for copy in await ledger.copies_of("late")] == [copy.id for copy in copies]
    assert await ledger.copies_of("nobody") == []


async def test_what_is_settled_as_a_copy_is_found_under_its_original(ledger: Ledger) -> None:
    await ledger.record([entry("a"), entry("b"), entry("c")])
    assert await ledger.settle("b", State.DUPLICATE, stage="publisher", detail={"duplicate_of": "a"})
    assert await ledger.settle("b", State.DUPLICATE, stage="publisher", detail={"duplicate_of": "a"})
    found = await ledger.copies_of("a")
    assert [(copy.id, copy.state, copy.duplicate_of) for copy in found] == [("b", State.DUPLICATE, "a")]


async def test_counts_cover_every_state(ledger: Ledger) -> None:
    await ledger.record([entry("a"), entry("b", state=State.REJECTED)])
    counts = await ledger.count_by_state()
    assert set(counts) == {str(state) for state in State}
    assert (counts["candidate"], counts["rejected"], counts["dead"]) == (1, 1, 0)
    assert sum((await ledger.count_by_state(since=NOW + timedelta(seconds=1))).values()) == 0


async def test_nothing_to_do_is_no_error(ledger: Ledger) -> None:
    assert await ledger.record([]) == []
    await ledger.seen_again([])
    assert await ledger.known([]) == set()


async def test_a_replay_gives_a_stopped_entry_its_new_verdict_and_keeps_the_old_one(ledger: Ledger) -> None:
    before = entry("a", state=State.REJECTED)
    before.stages = {"filter": {"note": 1}, "extractor": {"is_call": True}}
    await ledger.record([before])
    await ledger.settle("a", State.DEAD, stage="dead", detail={"letter": "x"})
    fresh = entry("a", state=State.DUPLICATE, duplicate_of="b")
    fresh.rule, fresh.score, fresh.reasons, fresh.fingerprint = "kinder", 0.0, (), "f1"
    assert await ledger.rejudge(fresh, run="r1")
    stored = await ledger.get("a")
    assert stored is not None
    assert (stored.state, stored.rule, stored.score, stored.reasons) == (State.DUPLICATE, "kinder", 0.0, ())
    assert (stored.fingerprint, stored.duplicate_of, stored.text) == ("f1", "b", "مطلوب ممثلين")
    assert stored.stages == {
        "extractor": {"is_call": True},
        "replay": {"run": "r1", "was": "dead", "rule": "scored_call"},
    }
    assert [copy.id for copy in await ledger.copies_of("b")] == ["a"]


@pytest.mark.parametrize("state", [State.CANDIDATE, State.CALL, State.NOT_A_CALL, State.DUPLICATE])
async def test_a_replay_changes_nothing_that_went_on(ledger: Ledger, state: State) -> None:
    await ledger.record([entry("a", state=state)])
    assert not await ledger.rejudge(entry("a", state=State.REJECTED), run="r1")
    stored = await ledger.get("a")
    assert stored is not None
    assert (stored.state, stored.stages) == (state, {})


async def test_a_replay_under_another_claim_changes_nothing(ledger: Ledger) -> None:
    await ledger.record([entry("a", state=State.REJECTED)])
    assert not await ledger.rejudge(entry("a", claim="RAW:2"), run="r1")
    assert not await ledger.rejudge(entry("none"), run="r1")
