"""The calls' contract, on the fake and on the real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.publisher import logic, suggestions
from shared.contracts.calls import Evidence, Flag
from shared.storage.calls import Call, Calls, Status, summary_of
from shared.storage.memory.calls import MemoryCalls
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from tests.services.publisher.house import extracted

NOW = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture(params=["memory", "mongo"])
def calls(request: pytest.FixtureRequest) -> Calls:
    if request.param == "memory":
        return MemoryCalls()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoCalls(mongo)


def pending(message_id: str = "m1", *, minutes: int = 0, **fields: Any) -> Call:
    event = extracted(message_id, **fields).model_copy(
        update={
            "evidence": {
                "roles.0": Evidence(start=0, end=5, text="مطلوب"),
                "deadline": Evidence(start=6, end=9, text="ممث"),
            },
            "flags": (Flag(name="minors", words="طفل"),),
            "confidence": {"roles.0": 0.9, "deadline": 0.4},
        }
    )
    return logic.received(event, NOW + timedelta(minutes=minutes))


def approved(message_id: str = "m1", *, minutes: int = 0, **fields: Any) -> Call:
    return logic.approve(pending(message_id, **fields), "sara", NOW + timedelta(minutes=minutes))


async def test_what_comes_out_is_what_went_in(calls: Calls) -> None:
    call = approved(
        roles=[{"name": "أب", "gender": "male", "age_min": 40}],
        compensation={"kind": "paid", "amount": 1500, "currency": "SAR"},
        deadline="2026-12-01",
    )
    assert await calls.insert(call)
    stored = await calls.get(call.id)
    assert stored == call
    assert list(stored.evidence) == ["roles.0", "deadline"]
    assert await calls.get("nothing") is None


async def test_a_second_insert_changes_nothing(calls: Calls) -> None:
    assert await calls.insert(pending())
    assert not await calls.insert(pending(title="something else"))
    stored = await calls.get(pending().id)
    assert stored == pending()


async def test_a_save_over_a_stale_version_is_refused(calls: Calls) -> None:
    call = pending()
    await calls.insert(call)
    assert await calls.save(logic.approve(call, "sara", NOW), over=1)
    assert not await calls.save(logic.reject(call, logic.Reason.OTHER, None, "omar", NOW), over=1)
    stored = await calls.get(call.id)
    assert stored is not None
    assert stored.decided_by == "sara"


async def test_of_many_saves_at_once_one_holds(calls: Calls) -> None:
    call = pending()
    await calls.insert(call)
    results = await asyncio.gather(*(calls.save(logic.approve(call, f"r{n}", NOW), over=1) for n in range(10)))
    assert sum(results) == 1


async def test_a_save_of_an_unknown_call_is_refused(calls: Calls) -> None:
    assert not await calls.save(pending(), over=1)


async def test_unsent_calls_wait_in_their_order_until_marked(calls: Calls) -> None:
    late, early = approved("late", minutes=2), approved("early", minutes=1)
    for call in (late, early, pending("quiet")):
        await calls.insert(call)
    assert [call.id for call in await calls.unsent()] == [early.id, late.id]
    assert [call.id for call in await calls.unsent(limit=1)] == [early.id]
    await calls.mark_sent(early.id, 1)
    assert [call.id for call in await calls.unsent()] == [late.id]
    stored = await calls.get(early.id)
    assert stored is not None
    assert stored.unsent == ()


async def test_marking_an_older_revision_leaves_the_newer_one_waiting(calls: Calls) -> None:
    call = approved()
    await calls.insert(call)
    after = logic.withdraw(call, None, "sara", NOW)
    assert await calls.save(after, over=call.version)
    await calls.mark_sent(call.id, 1)
    [waiting] = await calls.unsent()
    assert [event.revision for event in waiting.unsent] == [2]
    await calls.mark_sent(call.id, 2)
    await calls.mark_sent(call.id, 1)
    assert await calls.unsent() == []


async def test_a_decision_taken_while_the_relay_marks_does_not_unmark(calls: Calls) -> None:
    call = approved()
    await calls.insert(call)
    loaded = await calls.get(call.id)
    assert loaded is not None
    await calls.mark_sent(call.id, 1)
    assert await calls.save(logic.withdraw(loaded, None, "sara", NOW), over=loaded.version)
    stored = await calls.get(call.id)
    assert stored is not None
    assert [event.revision for event in stored.unsent] == [2]


async def test_the_summaries_of_a_status_tell_what_a_list_shows(calls: Calls) -> None:
    first, second = pending("a", deadline="2026-12-01"), approved("b")
    await calls.insert(first)
    await calls.insert(second)
    assert await calls.standing(Status.PENDING) == [summary_of(first)]
    assert await calls.standing(Status.APPROVED) == [summary_of(second)]


async def test_what_changed_since_is_found_in_any_status(calls: Calls) -> None:
    for number in range(3):
        await calls.insert(pending(f"m{number}", minutes=number))
    found = await calls.updated_since(pending("m1", minutes=1).updated_at)
    assert {row.id for row in found} == {pending("m1").id, pending("m2").id}


async def test_decided_calls_come_latest_first_page_by_page(calls: Calls) -> None:
    made = []
    for number in range(7):  # spread over a year, so that more than one window is needed
        call = logic.reject(pending(f"m{number}"), logic.Reason.OTHER, None, "x", NOW - timedelta(days=60 * number))
        await calls.insert(call)
        made.append(call.id)
    first = await calls.decided(Status.REJECTED, limit=3)
    assert [row.id for row in first] == made[:3]
    rest = await calls.decided(Status.REJECTED, before=first[-1].updated_at, limit=30)
    assert [row.id for row in rest] == made[3:]
    assert await calls.decided(Status.WITHDRAWN) == []


async def test_calls_that_left_are_told_once_they_did(calls: Calls) -> None:
    here, gone, never = approved("here"), approved("gone"), pending("never")
    left = logic.withdraw(gone, None, "sara", NOW + timedelta(minutes=5))
    for call in (here, left, never):
        await calls.insert(call)
    assert [row.id for row in await calls.gone_since(NOW - timedelta(days=1))] == [gone.id]
    assert await calls.gone_since(NOW + timedelta(minutes=6)) == []


async def test_only_approved_calls_past_their_day_are_closing(calls: Calls) -> None:
    past = approved("past", deadline="2026-11-19")
    for call in (past, approved("today", deadline="2026-11-20"), approved("open"), pending("p", deadline="2026-11-01")):
        await calls.insert(call)
    assert await calls.closing_before(date(2026, 11, 20)) == [past.id]


async def test_many_come_in_the_order_asked_for(calls: Calls) -> None:
    ids = [pending(name).id for name in ("a", "b", "c")]
    for name in ("a", "b", "c"):
        await calls.insert(pending(name))
    found = await calls.many([ids[2], "missing", ids[0]])
    assert [call.id for call in found] == [ids[2], ids[0]]
    assert await calls.many([]) == []


async def test_the_first_deletion_is_remembered(calls: Calls) -> None:
    await calls.note_deletion("c1", "delete:1", NOW)
    await calls.note_deletion("c1", "delete:2", NOW)
    assert await calls.deletion("c1") == "delete:1"
    assert await calls.deletion("c2") is None


async def test_the_decisions_of_one_person_come_latest_first(calls: Calls) -> None:
    for number, actor in enumerate(("sara", "omar", "sara", "sara")):
        call = logic.approve(pending(f"m{number}"), actor, NOW + timedelta(minutes=number))
        await calls.insert(call)
    undone = logic.reopen(approved("m9"), "sara", NOW + timedelta(minutes=9))
    await calls.insert(undone)
    mine = await calls.decided_by("sara", NOW + timedelta(minutes=1))
    assert [row.updated_at.minute for row in mine] == [3, 2]
    assert {row.decided_by for row in mine} == {"sara"}


async def test_the_copies_of_a_call_come_oldest_message_first(calls: Calls) -> None:
    for number, minutes in ((1, 5), (2, 0)):
        call = pending(f"m{number}")
        message = call.message.model_copy(update={"sent_at": NOW + timedelta(minutes=minutes)})
        await calls.insert(call.model_copy(update={"merged_into": "first", "message": message}))
    await calls.insert(pending("m3"))
    assert [call.message.message_id for call in await calls.merged_into("first")] == ["m2", "m1"]
    assert await calls.merged_into("nothing") == []


async def test_a_suggestion_comes_out_as_it_went_in(calls: Calls) -> None:
    call = approved()
    edit = extracted("m1", edit="الآن في جدة").model_copy(update={"confidence": {"roles.0": 0.5}})
    suggested = suggestions.edited_in_whatsapp(call, edit, NOW)
    assert suggested is not None
    await calls.insert(suggested)
    stored = await calls.get(call.id)
    assert stored == suggested
    assert stored.suggestions[0].confidence == {"roles.0": 0.5}
