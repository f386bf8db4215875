"""What the publisher does with a call that the extractor knows again."""

from __future__ import annotations

import pytest

from services.publisher import sightings
from services.publisher.logic import Reason
from shared.contracts.ids import call_id
from shared.contracts.pipeline import ExtractedCall, Likeness, Relation
from shared.errors import Unavailable
from shared.storage.calls import Status
from shared.storage.ledger import State
from tests.services.publisher.house import House, extracted

ID = call_id("m1")


def like(message_id: str, relation: Relation = Relation.SAME, *, of: str = "m1") -> ExtractedCall:
    """The event of a message that is like an earlier one."""
    likeness = Likeness(relation=relation, call_id=call_id(of), message_id=of, containment=0.9)
    return extracted(message_id).model_copy(update={"likeness": likeness})


async def queued(house: House, *ids: str) -> None:
    for id in ids:
        await house.message(id)
    await house.handlers.on_extracted(extracted("m1"))


async def state_of(house: House, id: str) -> tuple[State, str | None]:
    entry = await house.ledger.get(id)
    assert entry is not None
    return entry.state, entry.duplicate_of


async def test_a_copy_is_a_sighting_and_no_call_of_its_own(house: House) -> None:
    await queued(house, "m1", "m2")
    for _ in range(2):
        await house.handlers.on_extracted(like("m2"))
    assert await house.calls.get(call_id("m2")) is None
    assert await state_of(house, "m2") == (State.DUPLICATE, "m1")
    seen = await sightings.sightings(house.ledger, house.calls, await house.call(ID))
    assert [one.message_ref.rpartition("/")[2] for one in seen] == ["m2"]


async def test_what_repeats_a_copy_word_for_word_is_a_sighting_too(house: House) -> None:
    await queued(house, "m1", "m2")
    await house.handlers.on_extracted(like("m2"))
    await house.message("m3", state=State.DUPLICATE, duplicate_of="m2")
    seen = await sightings.sightings(house.ledger, house.calls, await house.call(ID))
    assert {one.message_ref.rpartition("/")[2] for one in seen} == {"m2", "m3"}


@pytest.mark.parametrize("relation", [Relation.UPDATE, Relation.SIBLING])
async def test_an_update_and_a_sibling_wait_as_calls_that_show_their_likeness(house: House, relation: Relation) -> None:
    await queued(house, "m1", "m2")
    await house.handlers.on_extracted(like("m2", relation))
    call = await house.call(call_id("m2"))
    assert call.status is Status.PENDING
    assert call.likeness is not None
    assert (call.likeness.relation, call.likeness.call_id) == (relation, ID)
    assert await state_of(house, "m2") == (State.CALL, None)


async def test_a_copy_of_an_approved_call_sends_nothing_again(house: House) -> None:
    await queued(house, "m1", "m2")
    await house.desk.approve(ID, 1, "sara")
    before = await house.call(ID)
    await house.handlers.on_extracted(like("m2"))
    assert await house.call(ID) == before
    assert await state_of(house, "m2") == (State.DUPLICATE, "m1")


async def test_a_copy_of_a_call_that_never_came_waits_as_a_call(house: House) -> None:
    await house.message("m1", state=State.DEAD)
    await house.message("m2")
    await house.handlers.on_extracted(like("m2"))
    assert (await house.call(call_id("m2"))).status is Status.PENDING
    assert (await state_of(house, "m2"))[0] is State.CALL


@pytest.mark.parametrize("ending", ["withdrawn", "over"])
async def test_a_copy_of_a_call_that_is_over_waits_as_a_call(house: House, ending: str) -> None:
    await queued(house, "m1", "m2", "m3")
    if ending == "withdrawn":
        await house.desk.approve(ID, 1, "sara")
        await house.desk.withdraw(ID, 2, None, "sara")
    else:
        await house.desk.reject(ID, 1, Reason.OVER, None, "sara")
    await house.handlers.on_extracted(like("m2"))
    heir = await house.call(call_id("m2"))
    assert heir.status is Status.PENDING
    assert heir.likeness is not None
    await house.handlers.on_extracted(like("m3"))
    assert await house.calls.get(call_id("m3")) is None
    assert await state_of(house, "m3") == (State.DUPLICATE, "m2")


async def test_a_copy_of_a_call_rejected_for_what_it_is_does_not_come_back(house: House) -> None:
    await queued(house, "m1", "m2")
    await house.desk.reject(ID, 1, Reason.SUSPICIOUS, None, "sara")
    await house.handlers.on_extracted(like("m2"))
    assert await house.calls.get(call_id("m2")) is None


async def test_a_copy_that_overtakes_its_original_waits_for_it(house: House) -> None:
    await house.message("m1")
    await house.message("m2")
    await house.ledger.settle("m1", State.CANDIDATE, stage="extractor", detail={"is_call": True})
    with pytest.raises(Unavailable):
        await house.handlers.on_extracted(like("m2"))
    await house.handlers.on_extracted(extracted("m1"))
    await house.handlers.on_extracted(like("m2"))
    assert await state_of(house, "m2") == (State.DUPLICATE, "m1")


async def test_a_call_that_waits_already_stays_a_call_when_its_event_comes_again(house: House) -> None:
    """It was queued while its original was withdrawn; since then that was opened again."""
    await queued(house, "m1", "m2")
    await house.desk.approve(ID, 1, "sara")
    await house.desk.withdraw(ID, 2, None, "sara")
    await house.handlers.on_extracted(like("m2"))
    await house.desk.reopen(ID, 3, "sara")
    await house.handlers.on_extracted(like("m2"))
    assert (await house.call(call_id("m2"))).status is Status.PENDING
    assert (await state_of(house, "m2"))[0] is State.CALL
