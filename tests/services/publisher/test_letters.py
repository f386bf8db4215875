"""Replaying and dropping dead letters: what is sent, under which name, and what is left alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.publisher.letters import Letters
from shared.broker.resend import ARRIVED, OF, RUN, TIMES, RecordingResender
from shared.contracts.ids import call_id
from shared.contracts.messages import RawMessage
from shared.contracts.pipeline import DeadLetter
from shared.errors import Permanent, Unavailable
from shared.storage.dead_letters import LetterFilter, Outcome
from shared.storage.ledger import State
from shared.storage.sources import Source, SourceStatus
from shared.whapi.letters import unreadable
from tests.services.publisher.house import GROUP, START, House, extracted


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def sent(house: House) -> RecordingResender:
    return house.resender


@pytest.fixture
def letters(house: House) -> Letters:
    return house.letters


def letter(number: int = 7, *, subject: str = "candidates", stream: str = "CANDIDATES", **values: Any) -> DeadLetter:
    defaults: dict[str, Any] = {"stage": "extractor", "payload": '{"ن": 1}', "message_id": "m1", "failed_at": START}
    return DeadLetter(
        event_id=f"dead:extractor:{stream}:{number}",
        reason="model_refused",
        subject=subject,
        stream=stream,
        sequence=number,
        **(defaults | values),
    )


def malformed(payload: dict[str, Any], detail: str = "messages[0]", stage: str = "receiver") -> DeadLetter:
    body = json.dumps(payload).encode()
    return unreadable(body, "no_id", detail, stage=stage, subject="webhooks.whapi", now=START)


def on_the_wire(group: str = GROUP.id) -> dict[str, Any]:
    return {
        "id": "wire-1",
        "type": "text",
        "chat_id": group,
        "timestamp": int(START.timestamp()),
        "from": "966500000099",
        "text": {"body": "مطلوب ممثلين"},
    }


async def test_a_replay_sends_the_payload_to_its_own_subject_under_the_name_of_the_delivery_that_died(
    house: House, letters: Letters, sent: RecordingResender
) -> None:
    await house.dead_letters.add(letter(headers={"a": "1"}))
    assert await letters.replay(letter().event_id, "boss")
    [(subject, stream, payload, headers, id)] = sent.messages
    assert (subject, stream, payload) == ("candidates", "CANDIDATES", '{"ن": 1}'.encode())
    assert id == f"replay:{letter().event_id}"
    assert headers["a"] == "1"
    assert headers[OF] == "CANDIDATES:7"
    assert headers[ARRIVED] == START.isoformat()
    assert headers[TIMES] == "1"
    assert headers[RUN].startswith("dead-")
    kept = await house.dead_letters.kept(letter().event_id)
    assert kept is not None
    assert (kept.outcome, kept.settled_by) == (Outcome.REPLAYED, "boss")


async def test_the_second_replay_of_a_letter_sends_nothing(
    house: House, letters: Letters, sent: RecordingResender
) -> None:
    await house.dead_letters.add(letter())
    assert await letters.replay(letter().event_id, "boss")
    assert not await letters.replay(letter().event_id, "boss")
    assert len(sent.messages) == 1
    with pytest.raises(Permanent, match="no letter"):
        await letters.replay("none", "boss")


async def test_a_letter_stays_open_while_the_broker_is_away(
    house: House, letters: Letters, sent: RecordingResender
) -> None:
    await house.dead_letters.add(letter())
    sent.error = Unavailable("the broker is away")
    report = await letters.replay_all([letter().event_id], "boss", rate=1000)
    assert (report.sent, report.stopped) == (0, "the broker is away")
    assert await house.dead_letters.count_open() == 1


async def test_what_died_again_still_names_its_first_delivery(
    house: House, letters: Letters, sent: RecordingResender
) -> None:
    await house.dead_letters.add(letter())
    await letters.replay(letter().event_id, "boss")
    again = letter(9, headers=sent.messages[0][3])
    await house.dead_letters.add(again)
    await letters.replay(again.event_id, "boss")
    headers = sent.messages[1][3]
    assert (headers[OF], headers[TIMES]) == ("CANDIDATES:7", "2")
    assert headers[RUN] != sent.messages[0][3][RUN]


async def test_a_dead_candidate_is_on_its_way_again_and_nothing_else_changes_its_state(
    house: House, letters: Letters
) -> None:
    for id, state in (("m1", State.DEAD), ("m2", State.NOT_A_CALL)):
        await house.message(id, state=state)
        await house.dead_letters.add(letter(int(id[1]), message_id=id))
    await letters.replay_all(await house.dead_letters.ids(LetterFilter()), "boss", rate=1000)
    entries = [await house.ledger.get(id) for id in ("m1", "m2")]
    assert [entry and entry.state for entry in entries] == [State.CANDIDATE, State.NOT_A_CALL]


async def test_a_letter_that_comes_again_after_its_replay_kills_nothing(house: House, letters: Letters) -> None:
    await house.message("m1")
    await house.handlers.on_dead(letter())
    await letters.replay(letter().event_id, "boss")
    await house.handlers.on_dead(letter())
    entry = await house.ledger.get("m1")
    assert entry is not None
    assert entry.state is State.CANDIDATE


async def test_a_sign_or_a_deletion_that_died_leaves_the_message_as_it_stands(house: House) -> None:
    await house.message("m1", state=State.REJECTED)
    await house.handlers.on_dead(letter(subject="endings", stream="ENDINGS"))
    await house.handlers.on_dead(letter(subject="raw.deletions", stream="RAW"))
    entry = await house.ledger.get("m1")
    assert entry is not None
    assert entry.state is State.REJECTED
    assert await house.dead_letters.count_open() == 2


async def test_a_subject_that_there_is_no_more_is_refused(
    house: House, letters: Letters, sent: RecordingResender
) -> None:
    await house.dead_letters.add(letter(subject="candidates", stream="RAW"))
    await house.dead_letters.add(letter(subject="$JS.API.STREAM.DELETE.RAW", stream="CANDIDATES"))
    report = await letters.replay_all(await house.dead_letters.ids(LetterFilter()), "boss", rate=1000)
    assert report.refused == {"no_way": 2}
    assert sent.messages == []


@pytest.mark.parametrize(
    "readable",
    [
        malformed(on_the_wire()),
        malformed({"messages": [on_the_wire()], "event": {"type": "messages"}}, "many"),
        malformed(on_the_wire(), f"{GROUP.id} messages[3]", stage="poller"),
        malformed(json.loads(extracted("wire-1").message.model_dump_json()), "too large"),
    ],
    ids=["piece", "delivery", "page", "event"],
)
async def test_what_could_not_be_read_on_its_way_in_is_read_anew(
    house: House, letters: Letters, readable: DeadLetter
) -> None:
    await house.sources.add(Source(GROUP.id, "كاستنج", SourceStatus.ACTIVE, START))
    await house.dead_letters.add(readable)
    assert await letters.replay(readable.event_id, "boss")
    [event] = house.publisher.events
    assert isinstance(event, RawMessage)
    assert (event.event_id, event.group.id) == ("post:wire-1", GROUP.id)
    assert event.group.name
    assert await house.dead_letters.count_open() == 0


@pytest.mark.parametrize(
    ("payload", "reason"),
    [({"type": "text"}, "unreadable"), (on_the_wire("999@g.us"), "inactive_group"), ({"event_id": "x"}, "unreadable")],
)
async def test_what_still_cannot_be_read_or_is_not_listened_to_stays_open(
    house: House, letters: Letters, payload: dict[str, Any], reason: str
) -> None:
    await house.dead_letters.add(malformed(payload))
    with pytest.raises(Permanent) as caught:
        await letters.replay(malformed(payload).event_id, "boss")
    assert caught.value.reason == reason
    assert await house.dead_letters.count_open() == 1


async def test_many_are_sent_at_a_bounded_rate_and_dropped_ones_stay_dead(
    house: House, letters: Letters, sent: RecordingResender
) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    for number in range(5):
        await house.dead_letters.add(letter(number))
    assert await letters.drop([letter(0).event_id], "boss") == 1
    ids = [letter(number).event_id for number in range(5)]
    report = await letters.replay_all(ids, "boss", rate=4, pause=pause)
    assert (report.sent, report.settled_before, report.done) == (4, 1, 5)
    assert pauses == [0.25] * 4
    deeds = [(deed.action, deed.subject) for deed in await house.office.audit.recent("letter")]
    assert deeds == [("replayed_all", "5"), ("dropped", letter(0).event_id)]


async def test_a_replay_reads_an_untouched_call_anew_and_leaves_a_touched_one(house: House) -> None:
    await house.handlers.on_extracted(extracted("m1"))
    await house.handlers.on_extracted(extracted("m2"))
    await house.desk.approve(call_id("m2"), 1, "sara")
    for id in ("m1", "m2"):
        event = extracted(id, location_city="Jeddah").model_copy(update={"replay": "r1", "event_id": f"x:{id}:r1"})
        for _ in range(2):
            await house.handlers.on_extracted(event)
    fresh, decided = await house.call(call_id("m1")), await house.call(call_id("m2"))
    assert (fresh.fields.location_city, fresh.version, fresh.history[-1].action) == ("Jeddah", 2, "replayed")
    assert not fresh.touched
    assert (decided.fields.location_city, decided.version) == ("Riyadh", 2)


async def test_a_reading_of_words_that_an_edit_replaced_changes_nothing(house: House) -> None:
    await house.handlers.on_extracted(extracted())
    await house.handlers.on_extracted(extracted(edit="في جدة", location_city="Jeddah"))
    before = await house.call(call_id("m1"))
    await house.handlers.on_extracted(extracted(location_city="Dammam").model_copy(update={"replay": "r1"}))
    assert await house.call(call_id("m1")) == before


async def test_an_edit_that_died_and_comes_after_a_newer_one_is_a_suggestion(house: House) -> None:
    await house.handlers.on_extracted(extracted())
    await house.handlers.on_extracted(extracted(edit="في جدة", location_city="Jeddah"))
    late = extracted(edit="في الدمام", location_city="Dammam").model_copy(update={"replay": "dead-1"})
    await house.handlers.on_extracted(late)
    call = await house.call(call_id("m1"))
    assert call.fields.location_city == "Jeddah"
    assert [(item.kind, item.open) for item in call.suggestions] == [("edited", True)]
