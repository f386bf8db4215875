"""Two calls that are one: the later becomes a sighting of the earlier, or brings it new facts; all can be undone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.publisher.desk import Conflict, Unknown
from services.publisher.logic import Reason
from services.publisher.sightings import sightings
from services.publisher.steps import NotAllowed
from shared.contracts.ids import call_id
from shared.contracts.pipeline import Change
from shared.errors import Permanent
from shared.storage.calls import Call, Status
from shared.storage.ledger import State
from tests.services.publisher.house import House, extracted

FIRST, LATER = call_id("m1"), call_id("m2")


@pytest.fixture
async def both(house: House) -> None:
    for message_id in ("m1", "m2"):
        await house.message(message_id)
        await house.handlers.on_extracted(extracted(message_id))


async def news(house: House, **fields: Any) -> Call:
    """A later message with other facts."""
    await house.message("news")
    await house.handlers.on_extracted(extracted("news", **fields))
    return await house.call(call_id("news"))


async def test_the_same_call_becomes_a_sighting_and_tells_nobody(house: House, both: None) -> None:
    await house.desk.approve(FIRST, 1, "sara")
    merged = await house.desk.same_as(LATER, 1, FIRST, "omar")
    assert (merged.status, merged.reason, merged.merged_into, merged.unsent) == (
        Status.REJECTED,
        "duplicate",
        FIRST,
        (),
    )
    first = await house.call(FIRST)
    assert first.version == 2
    assert [seen.message_ref for seen in await sightings(house.ledger, house.calls, first)] == [
        merged.message.reference
    ]
    edited = await house.desk.edit(FIRST, 2, first.fields.model_copy(update={"title": "آخر"}), "sara")
    assert [seen.message_ref for seen in edited.unsent[-1].seen_in] == [merged.message.reference]


async def test_copies_of_a_merged_call_count_as_sightings_too(house: House, both: None) -> None:
    await house.message("copy", state=State.DUPLICATE, duplicate_of="m2", group_id="g7@g.us")
    await house.desk.same_as(LATER, 1, FIRST, "omar")
    seen = await sightings(house.ledger, house.calls, await house.call(FIRST))
    assert {item.message_ref.rsplit("/", 1)[-1] for item in seen} == {"m2", "copy"}


async def test_undoing_a_merge_takes_the_sighting_away(house: House, both: None) -> None:
    merged = await house.desk.same_as(LATER, 1, FIRST, "omar")
    reopened = await house.desk.reopen(LATER, merged.version, "omar")
    assert (reopened.status, reopened.merged_into, reopened.reason) == (Status.PENDING, None, None)
    assert await sightings(house.ledger, house.calls, await house.call(FIRST)) == ()


async def test_an_update_gives_its_facts_and_is_published(house: House, both: None) -> None:
    await house.desk.approve(FIRST, 1, "sara")
    later = await news(house, deadline="2026-12-20", production_company=None, title="عنوان آخر")
    await house.desk.update_of(later.id, 1, FIRST, "omar")
    first = await house.call(FIRST)
    assert (first.fields.deadline, first.fields.title) == (date(2026, 12, 20), "ممثل لفيلم قصير")
    assert [event.type for event in first.unsent] == [Change.APPROVED, Change.UPDATED]
    assert first.closes_on == date(2026, 12, 20)
    assert (first.history[-1].action, first.history[-1].note) == ("informed", later.id)


async def test_an_update_of_a_pending_call_tells_nobody(house: House, both: None) -> None:
    later = await news(house, deadline="2026-12-20")
    await house.desk.update_of(later.id, 1, FIRST, "omar")
    first = await house.call(FIRST)
    assert (first.status, first.unsent, str(first.fields.deadline)) == (Status.PENDING, (), "2026-12-20")


async def test_a_new_city_brings_its_title_along(house: House, both: None) -> None:
    later = await news(house, location_city="Jeddah", title="ممثل لفيلم في جدة")
    await house.desk.update_of(later.id, 1, FIRST, "omar")
    assert (await house.call(FIRST)).fields.title == "ممثل لفيلم في جدة"


async def test_undoing_an_update_gives_back_what_stood_there(house: House, both: None) -> None:
    await house.desk.approve(FIRST, 1, "sara")
    later = await news(house, deadline="2026-12-20")
    merged = await house.desk.update_of(later.id, 1, FIRST, "omar")
    await house.desk.reopen(later.id, merged.version, "omar")
    first = await house.call(FIRST)
    assert first.fields.deadline is None
    assert [event.type for event in first.unsent] == [Change.APPROVED, Change.UPDATED, Change.UPDATED]
    assert (await house.call(later.id)).fields_before is None


async def test_what_was_corrected_since_is_not_given_back(house: House, both: None) -> None:
    later = await news(house, deadline="2026-12-20")
    merged = await house.desk.update_of(later.id, 1, FIRST, "omar")
    first = await house.call(FIRST)
    await house.desk.edit(
        FIRST, first.version, first.fields.model_copy(update={"deadline": date(2026, 12, 22)}), "sara"
    )
    await house.desk.reopen(later.id, merged.version, "omar")
    assert str((await house.call(FIRST)).fields.deadline) == "2026-12-22"


async def test_a_crash_after_the_first_half_of_an_update_loses_nothing(house: House, both: None) -> None:
    later = await news(house, deadline="2026-12-20")
    save = house.calls.save

    async def save_first_only(call: Call, *, over: int) -> bool:
        if call.id == later.id:
            raise ConnectionError("the process died here")
        return await save(call, over=over)

    house.calls.save = save_first_only  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        await house.desk.update_of(later.id, 1, FIRST, "omar")
    house.calls.save = save  # type: ignore[method-assign]
    assert (await house.call(later.id)).status is Status.PENDING
    await house.desk.update_of(later.id, 1, FIRST, "omar")
    first = await house.call(FIRST)
    assert (str(first.fields.deadline), [line.action for line in first.history].count("informed")) == (
        "2026-12-20",
        1,
    )


async def test_an_update_that_somebody_overtook_changes_nothing(house: House, both: None) -> None:
    later = await news(house, deadline="2026-12-20")
    save = house.calls.save

    async def overtaken(call: Call, *, over: int) -> bool:
        if call.id == later.id and call.merged_into:
            house.calls.save = save  # type: ignore[method-assign]
            await house.desk.reject(later.id, 1, Reason.OUTSIDE, None, "sara")
        return await save(call, over=over)

    house.calls.save = overtaken  # type: ignore[method-assign]
    with pytest.raises(Conflict) as refused:
        await house.desk.update_of(later.id, 1, FIRST, "omar")
    assert refused.value.current.id == later.id
    assert (await house.call(FIRST)).fields.deadline is None


async def test_a_call_merges_into_the_first_of_a_chain(house: House, both: None) -> None:
    await house.desk.same_as(LATER, 1, FIRST, "omar")
    third = await news(house)
    merged = await house.desk.same_as(third.id, 1, LATER, "omar")
    assert merged.merged_into == FIRST


async def test_what_cannot_be_merged_is_refused(house: House, both: None) -> None:
    with pytest.raises(Permanent, match="itself"):
        await house.desk.same_as(FIRST, 1, FIRST, "omar")
    with pytest.raises(Unknown):
        await house.desk.same_as(FIRST, 1, "c0", "omar")
    await house.desk.same_as(LATER, 1, FIRST, "omar")
    with pytest.raises(Permanent, match="itself"):
        await house.desk.same_as(FIRST, 1, LATER, "omar")
    await house.desk.approve(FIRST, 1, "sara")
    third = await news(house)
    with pytest.raises(NotAllowed):
        await house.desk.same_as(FIRST, 2, third.id, "omar")
    with pytest.raises(Conflict):
        await house.desk.update_of(third.id, 7, FIRST, "omar")


async def test_only_a_sampled_rejection_can_be_overruled(house: House, both: None) -> None:
    with pytest.raises(NotAllowed):
        await house.desk.is_call(FIRST, 1, "sara")
    await house.handlers.on_extracted(extracted("m5").model_copy(update={"check": True}))
    call = await house.desk.is_call(call_id("m5"), 1, "sara")
    assert (call.status, call.history[-1].action, call.check) == (Status.PENDING, "is_call", True)
    with pytest.raises(NotAllowed):
        await house.desk.is_call(call_id("m5"), 2, "sara")
    assert (await house.desk.approve(call_id("m5"), 2, "sara")).status is Status.APPROVED
