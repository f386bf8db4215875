"""What the publisher does with what comes in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.publisher.suggestions import Automatic
from shared.contracts.ids import call_id, deleted_id
from shared.contracts.messages import MessageDeleted
from shared.contracts.pipeline import Change, DeadLetter
from shared.errors import Unavailable
from shared.storage.calls import Call, Status
from shared.storage.ledger import State
from shared.storage.memory.calls import MemoryCalls
from tests.services.publisher.house import START, House, extracted

ID = call_id("m1")


def deletion(message_id: str = "m1") -> MessageDeleted:
    return MessageDeleted(event_id=deleted_id(message_id), message_id=message_id, deleted_at=START)


def letter(message_id: str | None = "m1") -> DeadLetter:
    return DeadLetter(
        event_id="dead:filter:RAW:7",
        stage="filter",
        reason="invalid",
        subject="raw.messages",
        payload="{",
        message_id=message_id,
        failed_at=START,
        headers={"X.dotted": "1", "$odd": "2"},
    )


async def test_an_extracted_call_waits_and_its_message_is_a_call(house: House) -> None:
    await house.message("m1")
    await house.handlers.on_extracted(extracted())
    call = await house.call(ID)
    assert (call.status, call.version, call.published) == (Status.PENDING, 1, None)
    entry = await house.ledger.get("m1")
    assert entry is not None
    assert (entry.state, entry.call_id) == (State.CALL, ID)
    assert entry.stages["publisher"] == {"call_id": ID}
    assert [item.id for item in house.changed] == [ID]


async def test_the_same_event_twice_changes_nothing(house: House) -> None:
    await house.handlers.on_extracted(extracted())
    first = await house.call(ID)
    await house.desk.approve(ID, first.version, "sara")
    approved = await house.call(ID)
    await house.handlers.on_extracted(extracted())
    assert await house.call(ID) == approved


async def test_a_call_that_the_database_wrote_long_after_the_time_out_is_on_the_list(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its time the list's refresh has passed it already; the redelivery finds it there and tells."""
    await house.backlog.reload()
    sent: list[Call] = []

    async def answers_too_late(_calls: MemoryCalls, call: Call) -> bool:
        sent.append(call)
        raise Unavailable("no answer in time")

    with monkeypatch.context() as patch, pytest.raises(Unavailable):
        patch.setattr(MemoryCalls, "insert", answers_too_late)
        await house.handlers.on_extracted(extracted())
    house.now += timedelta(minutes=1)
    await house.backlog.refresh()
    await house.calls.insert(sent[0])
    await house.handlers.on_extracted(extracted())
    await house.backlog.refresh()
    assert house.backlog.get(ID) is not None


async def test_an_edit_replaces_the_fields_of_an_untouched_call(house: House) -> None:
    await house.handlers.on_extracted(extracted())
    event = extracted(edit="مطلوب ممثل في جدة", location_city="Jeddah")
    await house.handlers.on_extracted(event)
    await house.handlers.on_extracted(event)
    call = await house.call(ID)
    assert (call.fields.location_city, call.message.text, call.version) == ("Jeddah", "مطلوب ممثل في جدة", 2)
    assert [change.path for change in call.history[-1].changes] == ["location_city"]
    assert call.suggestions == ()


async def test_an_edit_that_arrives_before_its_message_is_not_undone_by_it(house: House) -> None:
    await house.handlers.on_extracted(extracted(edit="في جدة", location_city="Jeddah"))
    await house.handlers.on_extracted(extracted())
    call = await house.call(ID)
    assert (call.fields.location_city, call.version) == ("Jeddah", 1)


async def test_an_edit_of_a_decided_call_becomes_one_suggestion(house: House) -> None:
    await house.handlers.on_extracted(extracted())
    await house.desk.approve(ID, 1, "sara")
    event = extracted(edit="في جدة", location_city="Jeddah")
    await house.handlers.on_extracted(event)
    await house.handlers.on_extracted(event)
    call = await house.call(ID)
    assert call.fields.location_city == "Riyadh"
    [suggestion] = call.suggestions
    assert suggestion.open
    assert suggestion.fields is not None
    assert suggestion.fields.location_city == "Jeddah"


async def test_a_later_edit_replaces_the_suggestion_of_an_earlier_one(house: House) -> None:
    await house.handlers.on_extracted(extracted())
    await house.desk.approve(ID, 1, "sara")
    await house.handlers.on_extracted(extracted(edit="في جدة", location_city="Jeddah"))
    await house.handlers.on_extracted(extracted(edit="في الدمام", location_city="Dammam"))
    call = await house.call(ID)
    assert [(item.open, item.fields and item.fields.location_city) for item in call.suggestions] == [
        (False, "Jeddah"),
        (True, "Dammam"),
    ]


@pytest.mark.parametrize("decided", [False, True])
async def test_an_earlier_edit_that_is_read_after_a_later_one_does_not_bring_its_words_back(
    house: House, decided: bool
) -> None:
    """The model took longer over it, or its first try failed."""
    await house.handlers.on_extracted(extracted())
    if decided:
        await house.desk.approve(ID, 1, "sara")
    first, last = (
        extracted(edit=f"في {city}", location_city=city).model_copy(update={"edited_at": START + timedelta(minutes=at)})
        for city, at in (("Jeddah", 1), ("Dammam", 2))
    )
    for event in (last, first, first):
        await house.handlers.on_extracted(event)
    call = await house.call(ID)
    if decided:
        assert [item.fields and item.fields.location_city for item in call.suggestions if item.open] == ["Dammam"]
    else:
        assert (call.fields.location_city, call.message.text) == ("Dammam", "في Dammam")


async def test_a_deletion_becomes_a_suggestion_once(house: House) -> None:
    await house.handlers.on_extracted(extracted())
    await house.handlers.on_deleted(deletion())
    await house.handlers.on_deleted(deletion())
    call = await house.call(ID)
    assert call.status is Status.PENDING
    assert [(item.kind, item.open) for item in call.suggestions] == [("deleted", True)]


async def test_a_deletion_that_overtakes_its_call_is_not_lost(house: House) -> None:
    await house.handlers.on_deleted(deletion())
    await house.handlers.on_extracted(extracted())
    call = await house.call(ID)
    assert [item.kind for item in call.suggestions] == ["deleted"]


async def test_a_deletion_withdraws_by_itself_where_the_setting_says_so(house: House) -> None:
    house.automatic = Automatic(withdraw_deleted=True)
    await house.handlers.on_extracted(extracted())
    await house.desk.approve(ID, 1, "sara")
    await house.handlers.on_deleted(deletion())
    await house.handlers.on_deleted(deletion())
    call = await house.call(ID)
    assert call.status is Status.WITHDRAWN
    assert [(event.type, event.revision) for event in call.unsent] == [(Change.APPROVED, 1), (Change.WITHDRAWN, 2)]
    assert call.unsent[1].reason == "deleted"


async def test_a_dead_letter_is_kept_and_its_message_is_dead(house: House) -> None:
    await house.message("m1")
    await house.handlers.on_dead(letter())
    await house.handlers.on_dead(letter())
    assert await house.dead_letters.open() == [letter()]
    entry = await house.ledger.get("m1")
    assert entry is not None
    assert entry.state is State.DEAD


async def test_a_dead_letter_never_covers_a_call(house: House) -> None:
    await house.message("m1")
    await house.handlers.on_extracted(extracted())
    await house.handlers.on_dead(letter())
    entry = await house.ledger.get("m1")
    assert entry is not None
    assert entry.state is State.CALL
    assert await house.dead_letters.count_open() == 1


async def test_a_dead_letter_of_an_unknown_message_is_kept(house: House) -> None:
    await house.handlers.on_dead(letter(message_id=None))
    assert await house.dead_letters.count_open() == 1


async def test_a_crash_between_the_save_and_the_ledger_is_mended_by_the_redelivery(house: House) -> None:
    await house.handlers.on_extracted(extracted())  # the ledger entry was not there: as if the process had died before
    await house.message("m1")
    house.now += timedelta(minutes=1)
    await house.handlers.on_extracted(extracted())
    entry = await house.ledger.get("m1")
    assert entry is not None
    assert entry.state is State.CALL
