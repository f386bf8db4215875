"""What reviewers decide, and what the consumers are told of it."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from services.publisher.chores import Expiry
from services.publisher.desk import Conflict, Unknown
from services.publisher.logic import Reason
from services.publisher.relay import Relay
from services.publisher.steps import NotAllowed
from shared.broker.ports import Published, RecordingPublisher
from shared.contracts.base import Event
from shared.contracts.ids import call_id
from shared.contracts.pipeline import ApprovedCall, Change
from shared.errors import Permanent, Unavailable
from shared.storage.calls import Call, Status
from shared.storage.ledger import State
from tests.services.publisher.house import START, House, extracted

ID = call_id("m1")


@pytest.fixture
async def pending(house: House) -> Call:
    await house.message("m1")
    await house.handlers.on_extracted(extracted())
    return await house.call(ID)


def sent(house: House) -> list[tuple[Change, int]]:
    return [(event.type, event.revision) for event in house.publisher.events if isinstance(event, ApprovedCall)]


async def test_an_approval_and_its_event_are_one_change(house: House, pending: Call) -> None:
    await house.message("m2", state=State.DUPLICATE, duplicate_of="m1", group_id="g2@g.us", group_name="فرص تمثيل")
    call = await house.desk.approve(ID, 1, "sara")
    assert (call.status, call.version, call.revision, call.published) == (Status.APPROVED, 2, 1, True)
    [event] = call.unsent
    assert (event.event_id, event.type, event.call) == (f"{ID}:1", Change.APPROVED, call.fields)
    assert event.origin.message_ref == pending.message.reference
    assert [(seen.group.id, seen.message_ref) for seen in event.seen_in] == [
        ("g2@g.us", "whatsapp://group/g2@g.us/message/m2")
    ]
    assert (call.history[-1].actor, call.history[-1].before, call.history[-1].after) == (
        "sara",
        Status.PENDING,
        Status.APPROVED,
    )


async def test_a_correction_rides_along_with_the_approval(house: House, pending: Call) -> None:
    fields = pending.fields.model_copy(update={"deadline": date(2026, 12, 1)})
    call = await house.desk.approve(ID, 1, "sara", fields)
    assert call.unsent[0].call.deadline == date(2026, 12, 1)
    assert call.closes_on == date(2026, 12, 1)
    assert call.original.deadline is None
    assert [change.path for change in call.history[-1].changes] == ["deadline"]


async def test_the_slower_of_two_reviewers_is_refused_and_shown_what_stands_there(house: House, pending: Call) -> None:
    await house.desk.reject(ID, 1, Reason.SUSPICIOUS, "asks for money", "omar")
    with pytest.raises(Conflict) as refused:
        await house.desk.approve(ID, 1, "sara")
    assert refused.value.current.status is Status.REJECTED
    assert (await house.call(ID)).revision == 0


async def test_of_many_decisions_at_once_exactly_one_holds(house: House, pending: Call) -> None:
    results = await asyncio.gather(
        *(house.desk.approve(ID, 1, f"reviewer{n}") for n in range(8)), return_exceptions=True
    )
    assert sum(isinstance(result, Call) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 7


async def test_an_unknown_call_is_unknown(house: House) -> None:
    with pytest.raises(Unknown):
        await house.desk.approve("c0", 1, "sara")


async def test_editing_a_pending_call_tells_nobody_and_the_same_fields_change_nothing(
    house: House, pending: Call
) -> None:
    edited = await house.desk.edit(ID, 1, pending.fields.model_copy(update={"title": "ممثل رئيسي"}), "sara")
    assert (edited.version, edited.touched, edited.unsent) == (2, True, ())
    assert await house.desk.edit(ID, 2, edited.fields, "sara") == edited


async def test_editing_an_approved_call_is_a_new_revision(house: House, pending: Call) -> None:
    approved = await house.desk.approve(ID, 1, "sara")
    await house.desk.edit(ID, 2, approved.fields.model_copy(update={"title": "ممثل رئيسي"}), "omar")
    await Relay(house.calls, house.publisher).once()
    assert sent(house) == [(Change.APPROVED, 1), (Change.UPDATED, 2)]
    assert house.publisher.events[1].model_dump()["call"]["title"] == "ممثل رئيسي"


async def test_undoing_an_approval_publishes_a_withdrawal_and_approving_again_an_approval(
    house: House, pending: Call
) -> None:
    await house.desk.approve(ID, 1, "sara")
    reopened = await house.desk.reopen(ID, 2, "sara")
    assert (reopened.status, reopened.published, reopened.decided_by) == (Status.PENDING, False, None)
    await house.desk.approve(ID, 3, "sara")
    await Relay(house.calls, house.publisher).once()
    assert sent(house) == [(Change.APPROVED, 1), (Change.WITHDRAWN, 2), (Change.APPROVED, 3)]


async def test_undoing_a_rejection_tells_nobody(house: House, pending: Call) -> None:
    await house.desk.reject(ID, 1, Reason.DUPLICATE, None, "sara")
    reopened = await house.desk.reopen(ID, 2, "sara")
    assert (reopened.status, reopened.revision, reopened.reason) == (Status.PENDING, 0, None)


async def test_a_withdrawal_carries_its_reason(house: House, pending: Call) -> None:
    await house.desk.approve(ID, 1, "sara")
    call = await house.desk.withdraw(ID, 2, "the producer asked", "omar")
    assert call.unsent[-1].reason == "the producer asked"
    with pytest.raises(NotAllowed):
        await house.desk.withdraw(ID, 3, None, "omar")


@pytest.mark.parametrize("action", ["reject", "approve"])
async def test_what_was_decided_cannot_be_decided_again(house: House, pending: Call, action: str) -> None:
    await house.desk.approve(ID, 1, "sara")
    with pytest.raises(NotAllowed):
        if action == "reject":
            await house.desk.reject(ID, 2, Reason.OTHER, None, "sara")
        else:
            await house.desk.approve(ID, 2, "sara")


async def test_taking_up_an_edit_brings_its_words_and_fields(house: House, pending: Call) -> None:
    await house.desk.approve(ID, 1, "sara")
    edit = extracted(edit="في جدة", location_city="Jeddah")
    await house.handlers.on_extracted(edit.model_copy(update={"confidence": {"location_city": 0.4}}))
    [suggestion] = (await house.call(ID)).suggestions
    call = await house.desk.accept(ID, 3, suggestion.id, "sara")
    assert (call.fields.location_city, call.message.text, call.unsent[-1].type) == ("Jeddah", "في جدة", Change.UPDATED)
    assert not call.suggestions[0].open
    assert call.confidence == {"location_city": 0.4}
    with pytest.raises(Permanent):
        await house.desk.accept(ID, call.version, suggestion.id, "sara")


async def test_a_dismissed_edit_stays_dismissed_when_it_comes_again(house: House, pending: Call) -> None:
    await house.desk.approve(ID, 1, "sara")
    event = extracted(edit="في جدة", location_city="Jeddah")
    await house.handlers.on_extracted(event)
    call = await house.call(ID)
    await house.desk.dismiss(ID, call.version, call.suggestions[0].id, "sara")
    await house.handlers.on_extracted(event)
    assert not any(item.open for item in (await house.call(ID)).suggestions)


async def test_a_call_leaves_on_the_day_after_its_deadline_in_saudi_time(house: House) -> None:
    await house.handlers.on_extracted(extracted(deadline="2026-11-20"))
    await house.desk.approve(ID, 1, "sara")
    expiry = Expiry(house.calls, house.desk, house.clock)
    house.now = START.replace(hour=20, minute=59)
    assert await expiry.once() == 0
    house.now = START.replace(hour=21, minute=0)
    assert await expiry.once() == 1
    assert await expiry.once() == 0
    call = await house.call(ID)
    assert (call.status, call.unsent[-1].type, call.unsent[-1].reason) == (Status.EXPIRED, Change.WITHDRAWN, "expired")


async def test_without_a_deadline_the_last_day_of_the_shoot_closes_a_call(house: House) -> None:
    await house.handlers.on_extracted(extracted(shoot_dates={"start": "2026-11-21", "end": "2026-11-22"}))
    call = await house.desk.approve(ID, 1, "sara")
    assert call.closes_on == date(2026, 11, 22)


async def test_a_crash_between_publishing_and_marking_doubles_nothing(house: House, pending: Call) -> None:
    await house.desk.approve(ID, 1, "sara")
    await house.publisher.publish_all((await house.call(ID)).unsent)  # and then the process died
    relay = Relay(house.calls, house.publisher)
    assert await relay.once() == 1
    assert sent(house) == [(Change.APPROVED, 1)]
    assert await relay.once() == 0


async def test_while_the_broker_is_away_the_event_waits(house: House, pending: Call) -> None:
    await house.desk.approve(ID, 1, "sara")
    house.publisher.error = Unavailable("no broker")
    relay = Relay(house.calls, house.publisher)
    with pytest.raises(Unavailable):
        await relay.once()
    house.publisher.error = None
    assert await relay.once() == 1


async def test_an_event_that_cannot_be_sent_does_not_hold_up_the_others(house: House) -> None:
    class Picky(RecordingPublisher):
        """Refuses one call for good."""

        async def publish(self, event: Event) -> Published:
            if isinstance(event, ApprovedCall) and event.call_id == ID:
                raise Permanent("too large", reason="too_large")
            return await super().publish(event)

    picky = Picky()
    for message_id in ("m1", "m2"):
        await house.handlers.on_extracted(extracted(message_id))
        await house.desk.approve(call_id(message_id), 1, "sara")
    assert await Relay(house.calls, picky).once() == 1
    assert [event.call_id for event in picky.events if isinstance(event, ApprovedCall)] == [call_id("m2")]


async def test_the_relay_sends_at_once_when_it_is_woken(house: House, pending: Call) -> None:
    relay = Relay(house.calls, house.publisher, interval_s=3600)
    running = asyncio.create_task(relay.run())
    try:
        await asyncio.sleep(0)  # it has looked once and waits
        await house.desk.approve(ID, 1, "sara")
        relay.wake()
        async with asyncio.timeout(10):
            while (await house.call(ID)).unsent:
                await asyncio.sleep(0)
    finally:
        running.cancel()
    assert sent(house) == [(Change.APPROVED, 1)]


async def test_what_was_sent_is_dropped_from_the_outbox_but_for_the_last(house: House, pending: Call) -> None:
    relay = Relay(house.calls, house.publisher)
    version = 1
    for _ in range(3):
        await house.desk.approve(ID, version, "sara")
        await relay.once()
        await house.desk.reopen(ID, version + 1, "sara")
        await relay.once()
        version += 2
    call = await house.call(ID)
    assert (call.revision, call.sent_revision, len(call.outbox)) == (6, 6, 2)
    assert [event.revision for event in house.publisher.events if isinstance(event, ApprovedCall)] == [1, 2, 3, 4, 5, 6]


async def test_a_clock_that_stands_still_keeps_history_in_order(house: House, pending: Call) -> None:
    house.now -= timedelta(milliseconds=1)
    call = await house.desk.approve(ID, 1, "sara")
    assert [line.action for line in call.history] == ["queued", "approved"]
