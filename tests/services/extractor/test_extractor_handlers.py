"""What becomes of a candidate, with stores in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.extractor.duplicates import Duplicates
from services.extractor.handlers import ExtractorHandlers
from shared.broker.ports import RecordingPublisher
from shared.contracts.calls import CastingCall, Evidence, Flag
from shared.contracts.ids import call_id
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Candidate, Ending, EndKind, Engine, ExtractedCall, Extraction, Verdict
from shared.errors import Unavailable
from shared.storage.ledger import Entry, State
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.memory.signatures import MemorySignatures
from shared.storage.signatures import Outcome

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
USED = Engine(name="openai", model="gpt-4o-mini", input_tokens=900, output_tokens=90, cost_usd=0.0002)
CALL = Extraction(
    call=CastingCall(title="دور"),
    evidence={"roles.0": Evidence(start=0, end=5, text="مطلوب")},
    flags=(Flag(name="injection", words="ignore"),),
    engine=USED,
)
NONE = Extraction(call=None, reason="news", engine=USED)


class ReadsAs:
    """An engine that has one reading for everything."""

    name = "fixed"

    def __init__(self, reading: Extraction) -> None:
        self.reading = reading

    async def extract(self, candidate: Candidate) -> Extraction:
        """The reading."""
        return self.reading

    async def ready(self) -> None:
        """Always."""


class House:
    """The handlers with what they need."""

    def __init__(self, reading: Extraction) -> None:
        self.ledger = MemoryLedger()
        self.publisher = RecordingPublisher()
        engine = ReadsAs(reading)
        self.signatures = MemorySignatures()
        duplicates = Duplicates(
            self.signatures, self.ledger, lambda: NOW, kept=timedelta(days=30), patience=timedelta(minutes=5)
        )
        self.handlers = ExtractorHandlers(engine, engine, duplicates, self.ledger, self.publisher)

    async def knows(self, *ids: str) -> None:
        """The ledger has these entries, as the filter leaves them."""
        await self.ledger.record(
            [
                Entry(
                    id=id,
                    claim=f"RAW:{id}",
                    state=State.CANDIDATE,
                    group_id="g@g.us",
                    sent_at=NOW,
                    seen_at=NOW,
                    via="webhook",
                )
                for id in ids
            ]
        )


def candidate(edit_id: str | None = None, *, check: bool = False, text: str = "مطلوب ممثل") -> Candidate:
    message = RawMessage(event_id="post:m1", message_id="m1", group=Group(id="g@g.us"), sent_at=NOW, text=text)
    return Candidate(
        event_id=f"candidate:{edit_id or 'm1'}",
        message=message,
        verdict=Verdict(passed=not check, rule="scored"),
        edit_id=edit_id,
        check=check,
    )


async def test_a_call_is_handed_on_and_noted() -> None:
    house = House(CALL)
    await house.knows("m1")
    await house.handlers.on_candidate(candidate())
    (event,) = house.publisher.events
    assert isinstance(event, ExtractedCall)
    assert (event.event_id, event.call_id) == ("extracted:candidate:m1", call_id("m1"))
    assert (event.call, event.evidence, event.flags) == (CALL.call, CALL.evidence, CALL.flags)
    assert (event.engine, event.message, event.verdict) == (USED, candidate().message, candidate().verdict)
    entry = house.ledger.entries["m1"]
    assert entry.state is State.CANDIDATE
    assert entry.stages["extractor"]["flags"] == ["injection"]
    assert entry.stages["extractor"]["cost_usd"] == 0.0002


async def test_what_is_no_call_is_settled_and_not_handed_on() -> None:
    house = House(NONE)
    await house.knows("m1")
    await house.handlers.on_candidate(candidate())
    assert house.publisher.events == []
    entry = house.ledger.entries["m1"]
    assert entry.state is State.NOT_A_CALL
    assert (entry.stages["extractor"]["reason"], entry.stages["extractor"]["model"]) == ("news", "gpt-4o-mini")


@pytest.mark.parametrize("reading", [CALL, NONE])
async def test_an_edit_is_settled_under_its_own_id(reading: Extraction) -> None:
    house = House(reading)
    await house.knows("m1", "edit:m1:1")
    await house.handlers.on_candidate(candidate("edit:m1:1"))
    assert "extractor" in house.ledger.entries["edit:m1:1"].stages
    assert house.ledger.entries["m1"].stages == {}
    (event,) = house.publisher.events
    if reading is CALL:
        assert isinstance(event, ExtractedCall)
        assert (event.edit_id, event.call_id) == ("edit:m1:1", call_id("m1"))
    else:  # whoever has a call of this message hears that it is none any more
        assert isinstance(event, Ending)
        assert (event.kind, event.about, event.edit_id) == (EndKind.REWORDED, "m1", "edit:m1:1")


async def test_nothing_is_lost_when_the_broker_is_away() -> None:
    house = House(CALL)
    await house.knows("m1")
    house.publisher.error = Unavailable("broker")
    with pytest.raises(Unavailable):
        await house.handlers.on_candidate(candidate())
    house.publisher.error = None
    await house.handlers.on_candidate(candidate())
    assert len(house.publisher.events) == 1


async def test_a_second_delivery_leaves_the_state_that_the_publisher_has_set() -> None:
    """The acknowledgement was lost, and meanwhile the call has reached the queue."""
    house = House(CALL)
    await house.knows("m1")
    await house.handlers.on_candidate(candidate())
    await house.ledger.settle("m1", State.CALL, stage="publisher", detail={"call_id": "c1"})
    await house.handlers.on_candidate(candidate())
    assert house.ledger.entries["m1"].state is State.CALL
    assert len(house.publisher.events) == 1


async def test_a_later_reading_does_not_hide_a_call_that_stands_in_the_queue() -> None:
    house = House(NONE)
    await house.knows("m1")
    await house.ledger.settle("m1", State.CALL, stage="publisher", detail={"call_id": "c1"})
    await house.handlers.on_candidate(candidate())
    assert house.ledger.entries["m1"].state is State.CALL


async def test_a_dead_letter_that_is_replayed_comes_back_to_life() -> None:
    house = House(CALL)
    await house.knows("m1")
    await house.ledger.settle("m1", State.DEAD, stage="dead", detail={"reason": "model_refused"})
    await house.handlers.on_candidate(candidate())
    assert house.ledger.entries["m1"].state is State.CANDIDATE
    assert len(house.publisher.events) == 1


async def test_a_candidate_that_the_ledger_does_not_know_is_handed_on_all_the_same() -> None:
    house = House(CALL)
    await house.handlers.on_candidate(candidate())
    assert len(house.publisher.events) == 1


async def test_a_rejection_to_check_reaches_the_reviewers_also_where_nothing_is_found() -> None:
    house = House(NONE)
    await house.knows("m1")
    await house.handlers.on_candidate(candidate(check=True, text="🌹🌹\n\n  فيلم جديد   في السينما \nاحجز"))
    (event,) = house.publisher.events
    assert isinstance(event, ExtractedCall)
    assert (event.check, event.call, event.verdict.passed) == (True, CastingCall(title="فيلم جديد في السينما"), False)
    entry = house.ledger.entries["m1"]
    assert (entry.state, entry.stages["extractor"]["is_call"], entry.stages["extractor"]["reason"]) == (
        State.CANDIDATE,
        False,
        "news",
    )


async def test_a_rejection_to_check_brings_the_call_that_was_found_in_it() -> None:
    house = House(CALL)
    await house.handlers.on_candidate(candidate(check=True))
    (event,) = house.publisher.events
    assert isinstance(event, ExtractedCall)
    assert (event.check, event.call) == (True, CALL.call)


async def test_without_words_a_rejection_to_check_still_has_a_title() -> None:
    house = House(NONE)
    await house.handlers.on_candidate(candidate(check=True, text="🌹"))
    (event,) = house.publisher.events
    assert isinstance(event, ExtractedCall)
    assert event.call.title == "-"


@pytest.mark.parametrize("reading", [CALL, NONE])
async def test_a_candidate_that_comes_again_leaves_standing_what_the_publisher_made_of_it(reading: Extraction) -> None:
    """Killed before its acknowledgement. The broker drops the second event: nobody would ever set the state again."""
    house = House(CALL)
    await house.knows("m1")
    await house.handlers.on_candidate(candidate())
    await house.ledger.settle("m1", State.DUPLICATE, stage="publisher", detail={"duplicate_of": "m0"})
    house.handlers._engine.reading = reading  # type: ignore[attr-defined]
    await house.handlers.on_candidate(candidate())
    assert len([event for event in house.publisher.events if isinstance(event, ExtractedCall)]) == 1
    assert house.ledger.entries["m1"].state is State.DUPLICATE


async def test_a_second_reading_that_finds_no_call_does_not_let_its_copies_go_their_own_way() -> None:
    """A process that stood still for a while comes to its end after another has done its work."""
    house = House(CALL)
    await house.knows("m1")
    await house.handlers.on_candidate(candidate())
    await house.ledger.settle("m1", State.CALL, stage="publisher", detail={})
    house.handlers._engine.reading = NONE  # type: ignore[attr-defined]
    await house.handlers.on_candidate(candidate())
    kept = await house.signatures.get("m1")
    assert kept is not None
    assert kept.outcome is Outcome.CALL
