"""Signs that a call is over: which call is meant, how surely, and what a reviewer or a setting makes of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.publisher.labels import case_of
from services.publisher.suggestions import Automatic
from shared.contracts.ids import call_id, ending_id, posted_id
from shared.contracts.messages import Quoted, RawMessage, Sender
from shared.contracts.pipeline import Change, Ending, EndKind
from shared.errors import Unavailable
from shared.storage.calls import Call, Status
from shared.storage.ledger import State
from tests.services.publisher.house import GROUP, START, House, extracted

ID = call_id("m1")
POSTER = Sender(id="966500000001@s.whatsapp.net", kind="phone")
OTHER = Sender(id="966500000002@s.whatsapp.net", kind="phone")
WITHDRAW = Automatic(withdraw_filled=True)


@pytest.fixture(autouse=True)
async def _read(house: House) -> None:
    await house.backlog.reload()


async def approved(house: House, id: str = "m1", *, sender: Sender = POSTER, hours: float = 0) -> Call:
    """A public call that this person posted, so many hours after the start."""
    sent_at = START + timedelta(hours=hours)
    await house.message(id, sender=sender.id, sent_at=sent_at)
    event = extracted(id)
    message = event.message.model_copy(update={"sender": sender, "sent_at": sent_at})
    await house.handlers.on_extracted(event.model_copy(update={"message": message}))
    await house.ledger.settle(id, State.CALL, stage="publisher", detail={"call_id": call_id(id)})
    return await house.desk.approve(call_id(id), 1, "sara")


def sign(
    id: str = "r1", *, about: str | None = "m1", sender: Sender = POSTER, hours: float = 5, **values: Any
) -> Ending:
    """Somebody says that a call is filled."""
    message = RawMessage(
        event_id=posted_id(id),
        message_id=id,
        group=GROUP,
        sender=sender,
        sent_at=START + timedelta(hours=hours),
        text="اكتفينا شكرا",
        quoted=Quoted(message_id=about) if about else None,
    )
    return Ending(event_id=ending_id(id), **({"kind": EndKind.FILLED, "message": message, "about": about} | values))


async def test_the_posters_reply_becomes_one_sure_suggestion(house: House) -> None:
    await approved(house)
    for _ in range(2):
        await house.endings.on_ending(sign())
    await house.endings.on_ending(sign("r2"))
    call = await house.call(ID)
    [item] = call.suggestions
    assert (item.kind, item.open, item.sure, item.message and item.message.text) == (
        "filled",
        True,
        True,
        "اكتفينا شكرا",
    )
    assert call.status is Status.APPROVED
    after = await house.desk.accept(ID, call.version, item.id, "sara")
    assert (after.status, after.reason, after.unsent[-1].type) == (Status.WITHDRAWN, "filled", Change.WITHDRAWN)


@pytest.mark.parametrize("weak", [sign(sender=OTHER), sign(wholly=False), sign(about=None)])
async def test_a_word_of_others_of_a_part_or_without_a_call_is_only_suggested(house: House, weak: Ending) -> None:
    house.automatic = WITHDRAW
    await approved(house)
    await house.endings.on_ending(weak)
    call = await house.call(ID)
    assert (call.status, [(item.open, item.sure) for item in call.suggestions]) == (Status.APPROVED, [(True, False)])


async def test_the_setting_withdraws_on_the_posters_word(house: House) -> None:
    house.automatic = WITHDRAW
    await approved(house)
    await house.endings.on_ending(sign("weak", sender=OTHER))
    for _ in range(2):
        await house.endings.on_ending(sign())
    call = await house.call(ID)
    assert (call.status, call.decided_by, call.reason) == (Status.WITHDRAWN, "whatsapp", "filled")
    assert [event.type for event in call.unsent] == [Change.APPROVED, Change.WITHDRAWN]


async def test_a_sure_word_replaces_an_unsure_one_and_not_the_other_way_round(house: House) -> None:
    await approved(house)
    await house.endings.on_ending(sign("weak", sender=OTHER))
    await house.endings.on_ending(sign("sure"))
    await house.endings.on_ending(sign("weak again", sender=OTHER))
    call = await house.call(ID)
    assert [(item.open, item.sure) for item in call.suggestions] == [(False, False), (True, True)]


async def test_a_word_without_a_quote_is_about_the_last_call_of_the_same_poster(house: House) -> None:
    await approved(house, "old", hours=1)
    await approved(house, "last", hours=2)
    await approved(house, "later", hours=9)
    await approved(house, "of another", sender=OTHER, hours=3)
    await house.endings.on_ending(sign(about=None))
    touched = [id for id in ("old", "last", "later", "of another") if (await house.call(call_id(id))).suggestions]
    assert touched == ["last"]


async def test_a_word_after_weeks_or_of_somebody_who_posted_nothing_is_about_no_call(house: House) -> None:
    await approved(house)
    await house.endings.on_ending(sign(about=None, hours=24 * 20))
    await house.endings.on_ending(sign("r2", about=None, sender=OTHER))
    await house.endings.on_ending(sign("r3", about="unknown"))
    assert (await house.call(ID)).suggestions == ()


async def test_a_reply_to_a_copy_is_about_the_call_and_by_the_copys_poster(house: House) -> None:
    house.automatic = WITHDRAW
    await approved(house)
    await house.message("copy", state=State.DUPLICATE, duplicate_of="m1", group_id="g7@g.us", sender=OTHER.id)
    await house.endings.on_ending(sign(about="copy", sender=OTHER))
    assert (await house.call(ID)).status is Status.WITHDRAWN


async def test_a_reply_to_a_merged_call_is_about_the_call_that_stands_for_it(house: House) -> None:
    await approved(house)
    await house.message("m2", sender=POSTER.id)
    await house.handlers.on_extracted(extracted("m2"))
    await house.desk.same_as(call_id("m2"), 1, ID, "sara")
    await house.endings.on_ending(sign(about="m2"))
    assert [item.kind for item in (await house.call(ID)).suggestions] == ["filled"]


async def test_a_reply_waits_for_its_call_that_is_on_its_way(house: House) -> None:
    await house.message("m1", sender=POSTER.id)
    with pytest.raises(Unavailable):
        await house.endings.on_ending(sign())
    await house.ledger.settle("m1", State.NOT_A_CALL, stage="extractor", detail={})
    await house.endings.on_ending(sign())


async def test_an_edit_into_something_else_is_suggested_whatever_the_settings_say(house: House) -> None:
    house.automatic = WITHDRAW
    await approved(house)
    edit = sign("edit:m1:1", edit_id="edit:m1:1", kind=EndKind.REWORDED)
    await house.endings.on_ending(edit)
    call = await house.call(ID)
    assert (call.status, [item.kind for item in call.suggestions]) == (Status.APPROVED, ["reworded"])
    dismissed = await house.desk.dismiss(ID, call.version, call.suggestions[0].id, "sara")
    assert dismissed.status is Status.APPROVED


async def test_a_decided_call_takes_an_edit_by_itself_where_the_setting_says_so(house: House) -> None:
    house.automatic = Automatic(update_edited=True)
    await approved(house)
    event = extracted(edit="في جدة", location_city="Jeddah")
    for _ in range(2):
        await house.handlers.on_extracted(event)
    call = await house.call(ID)
    assert (call.fields.location_city, call.revision, call.unsent[-1].type) == ("Jeddah", 2, Change.UPDATED)
    assert call.history[-1].action == "updated"
    case = case_of(call)
    assert case is not None
    assert case.gold is None, "nobody has looked at what the machine took from the edit"


async def test_what_is_over_already_is_left_alone(house: House) -> None:
    call = await approved(house)
    gone = await house.desk.withdraw(ID, call.version, None, "sara")
    await house.endings.on_ending(sign())
    assert (await house.call(ID)).version == gone.version
