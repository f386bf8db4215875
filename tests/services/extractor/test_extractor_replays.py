"""What the extractor does with a candidate that a replay sends once more."""

from __future__ import annotations

from services.extractor.duplicates import Duplicates
from shared.contracts.pipeline import Candidate, ExtractedCall, Extraction
from shared.storage.ledger import State
from shared.storage.memory.signatures import MemorySignatures
from shared.storage.signatures import Outcome
from tests.services.extractor.test_extractor_handlers import CALL, NONE, House, candidate


def again(run: str = "r1") -> Candidate:
    return candidate().model_copy(update={"event_id": f"candidate:m1:{run}", "replay": run})


def signatures_of(house: House) -> MemorySignatures:
    duplicates: Duplicates = house.handlers._duplicates
    kept = duplicates._signatures
    assert isinstance(kept, MemorySignatures)
    return kept


async def outcome_of(house: House) -> Outcome | None:
    kept = await signatures_of(house).get("m1")
    assert kept is not None
    return kept.outcome


def reading(house: House, extraction: Extraction) -> None:
    house.handlers._engine.reading = extraction  # type: ignore[attr-defined]


async def test_a_call_of_a_replay_goes_on_under_an_id_of_its_own_and_names_it() -> None:
    house = House(CALL)
    await house.knows("m1")
    await house.handlers.on_candidate(candidate())
    await house.handlers.on_candidate(again())
    first, second = house.publisher.events
    assert isinstance(first, ExtractedCall)
    assert isinstance(second, ExtractedCall)
    assert (first.replay, second.replay) == (None, "r1")
    assert (second.event_id, second.call_id) == ("extracted:candidate:m1:r1", first.call_id)


async def test_a_call_at_the_desk_that_a_replay_no_longer_finds_stays_one_to_its_copies() -> None:
    house = House(CALL)
    await house.knows("m1")
    await house.handlers.on_candidate(candidate())
    await house.ledger.settle("m1", State.CALL, stage="publisher", detail={})
    reading(house, NONE)
    await house.handlers.on_candidate(again())
    assert house.ledger.entries["m1"].state is State.CALL
    assert len(house.publisher.events) == 1
    assert await outcome_of(house) is Outcome.CALL


async def test_a_dead_message_that_is_no_call_is_settled_so_that_its_copies_need_not_wait() -> None:
    house = House(NONE)
    await house.knows("m1")
    await house.ledger.settle("m1", State.DEAD, stage="dead", detail={})
    await house.handlers.on_candidate(again("dead-1"))
    assert house.ledger.entries["m1"].state is State.NOT_A_CALL
    assert await outcome_of(house) is Outcome.NONE
