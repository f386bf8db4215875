"""The difference that a replay would make, on messages in a real broker's streams."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from nats.js import JetStreamContext

from services.extractor.engines import OfflineEngine
from services.extractor.offline.engine import extract
from services.filter import judging
from services.filter.logic import Policy
from services.operator.replay_plan import Change, Does, Plan, Window, lines_of
from services.operator.replay_sources import Ground, from_candidates, from_extracted, from_raw
from services.publisher.logic import approve, received
from shared.broker.publish import JetStreamPublisher
from shared.broker.resend import OF
from shared.contracts.ids import call_id, posted_id
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Candidate, Engine, ExtractedCall, Verdict
from shared.storage.calls import Call
from shared.storage.ledger import Entry, State
from shared.storage.memory.calls import MemoryCalls
from shared.storage.memory.ledger import MemoryLedger

CALL = "مطلوب ممثلين شباب لمسلسل رمضاني يصور في الرياض، العمر 25-35، للتواصل واتساب 0500000001"
CHAT = "صباح الخير يا جماعة كيف حالكم اليوم"
GROUP = "120363000000000001@g.us"
PASSED = Verdict(passed=True, rule="sure_call", score=4.0)


def raw(id: str, text: str = CALL, *, group: str = GROUP) -> RawMessage:
    now = datetime.now(UTC).replace(microsecond=0)
    return RawMessage(event_id=posted_id(id), message_id=id, group=Group(id=group), sent_at=now, text=text)


def candidate(id: str, text: str = CALL, *, group: str = GROUP) -> Candidate:
    return Candidate(event_id=f"candidate:{id}", message=raw(id, text, group=group), verdict=PASSED)


def reading(id: str, text: str = CALL) -> ExtractedCall:
    """What the extractor made of it then: without the city."""
    found = extract(text, raw(id).sent_at).call
    assert found is not None
    return ExtractedCall(
        event_id=f"extracted:candidate:{id}",
        call_id=call_id(id),
        message=raw(id, text),
        verdict=PASSED,
        call=found.model_copy(update={"location_city": None}),
        engine=Engine(name="offline"),
    )


class Past:
    """What the twin remembers, and what its streams hold."""

    def __init__(self, js: JetStreamContext) -> None:
        self.ledger, self.calls = MemoryLedger(), MemoryCalls()
        self.sender = JetStreamPublisher(lambda: js)
        since = datetime.now(UTC) - timedelta(hours=1)
        self.ground = Ground(js, self.ledger, self.calls, Window(since), "r1")

    async def recorded(self, id: str, state: State, rule: str = "scored_noise") -> None:
        now = datetime.now(UTC)
        await self.ledger.record([Entry(id, f"RAW:{id}", state, GROUP, now, now, "webhook", rule=rule)])

    async def at_the_desk(self, event: ExtractedCall, *, approved: bool = False) -> Call:
        call = received(event, datetime.now(UTC))
        if approved:
            call = approve(call, "sara", datetime.now(UTC))
        await self.calls.insert(call)
        await self.recorded(event.message.message_id, State.CALL, "sure_call")
        return call


@pytest.fixture
def past(js: JetStreamContext) -> Past:
    return Past(js)


def told(plan: Plan) -> dict[str, Does]:
    return {change.id: change.does for change in plan.changes}


def change_of(plan: Plan, id: str) -> Change:
    [found] = [change for change in plan.changes if change.id == id]
    return found


async def test_raw_messages_are_judged_as_today_and_compared_with_the_ledger(past: Past) -> None:
    states = {
        "was-stopped": (CALL, State.REJECTED),
        "still-stopped": (CHAT, State.REJECTED),
        "still-passes": (CALL, State.NOT_A_CALL),
        "would-stop": (CHAT, State.CALL),
        "died": (CALL, State.DEAD),
        "copy": (CALL, State.DUPLICATE),
    }
    for id, (text, state) in states.items():
        await past.sender.publish(raw(id, text))
        await past.recorded(id, state)
    await past.sender.publish(raw("lost"))
    plan = await from_raw(past.ground, judging.shipped(Policy()))
    assert told(plan) == {
        "was-stopped": Does.GOES_ON,
        "would-stop": Does.WOULD_STOP,
        "died": Does.DEAD,
        "lost": Does.GOES_ON,
    }
    assert (plan.read, plan.same) == (7, 3)
    sent = {one.id: one for one in plan.sendings}
    assert set(sent) == {"r1:was-stopped", "r1:lost"}
    assert sent["r1:was-stopped"].headers[OF] == "RAW:was-stopped"
    assert sent["r1:lost"].headers[OF] == "RAW:7"
    assert RawMessage.model_validate_json(sent["r1:lost"].payload).message_id == "lost"
    assert "7 messages read, 3 the same as then, 4 differ, 2 would be sent" in lines_of(plan)


async def test_a_window_and_a_group_narrow_it_and_junk_is_counted(past: Past, js: JetStreamContext) -> None:
    await past.sender.publish(raw("mine"))
    await past.sender.publish(raw("other", group="2@g.us"))
    await js.publish("raw.messages", b"junk", stream="RAW")
    narrow = replace(past.ground, window=replace(past.ground.window, source=GROUP))
    plan = await from_raw(narrow, judging.shipped(Policy()))
    assert (list(told(plan)), plan.unreadable) == (["mine"], 1)
    later = replace(past.ground, window=Window(datetime.now(UTC) + timedelta(hours=1)))
    assert (await from_raw(later, judging.shipped(Policy()))).read == 0


async def test_a_message_that_came_twice_is_told_of_once(past: Past, js: JetStreamContext) -> None:
    for _ in range(2):
        await js.publish("raw.messages", raw("m1").model_dump_json().encode(), stream="RAW")
    plan = await from_raw(past.ground, judging.shipped(Policy()))
    assert (plan.read, len(plan.changes)) == (1, 1)


async def test_candidates_are_read_anew_and_what_a_reviewer_decided_stays(past: Past) -> None:
    for id in ("pending", "approved", "missing", "edited", "copy"):
        await past.sender.publish(candidate(id))
    await past.at_the_desk(reading("pending"))
    await past.at_the_desk(reading("approved"), approved=True)
    await past.recorded("missing", State.NOT_A_CALL)
    await past.at_the_desk(reading("edited", CALL + "\nتعديل"))
    await past.recorded("copy", State.DUPLICATE)
    plan = await from_candidates(past.ground, OfflineEngine(extract))
    assert told(plan) == {"pending": Does.NEW_FIELDS, "approved": Does.TOUCHED, "missing": Does.GOES_ON}
    assert (plan.read, plan.outdated) == (5, 2)
    assert [(one.path, one.before, one.after) for one in change_of(plan, "pending").fields] == [
        ("location_city", None, "Riyadh")
    ]
    assert change_of(plan, "approved").sending is None
    again = Candidate.model_validate_json(plan.sendings[0].payload)
    assert (again.event_id, again.replay, plan.sendings[0].id) == ("candidate:pending:r1", "r1", "candidate:pending:r1")


async def test_a_replay_of_a_replay_has_one_suffix(past: Past) -> None:
    first = candidate("m1").model_copy(update={"event_id": "candidate:m1:r0", "replay": "r0"})
    await past.sender.publish(candidate("m1"))
    await past.sender.publish(first)
    await past.recorded("m1", State.NOT_A_CALL)
    plan = await from_candidates(past.ground, OfflineEngine(extract))
    assert [one.id for one in plan.sendings] == ["candidate:m1:r1"]


async def test_extracted_calls_that_the_desk_lacks_come_to_it(past: Past) -> None:
    for id in ("lost", "same", "approved"):
        await past.sender.publish(reading(id))
    await past.recorded("lost", State.CANDIDATE)
    await past.at_the_desk(reading("same"))
    call = await past.at_the_desk(reading("approved"))
    await past.calls.save(approve(call, "sara", datetime.now(UTC)), over=1)
    plan = await from_extracted(past.ground)
    assert told(plan) == {"lost": Does.NEW_CALL}
    assert plan.same == 2
    again = ExtractedCall.model_validate_json(plan.sendings[0].payload)
    assert (again.event_id, again.replay) == ("extracted:candidate:lost:r1", "r1")


async def test_an_older_reading_never_comes_back_over_a_newer_one(past: Past) -> None:
    """The last reading of a call speaks, also where it came after the window."""
    await past.sender.publish(reading("m1"))
    newer = reading("m1").model_copy(update={"event_id": "extracted:candidate:m1:r0", "replay": "r0"})
    newer = newer.model_copy(update={"call": newer.call.model_copy(update={"location_city": "Riyadh"})})
    await past.sender.publish(newer)
    await past.at_the_desk(newer)
    assert (await from_extracted(past.ground)).changes == []
