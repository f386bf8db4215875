"""The four scenarios of the design documents, end to end over real processes, a real broker and a real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.ids import call_id
from shared.contracts.pipeline import ExtractedCall
from shared.storage.ledger import State
from shared.storage.mongo.calls import MongoCalls
from tests.pipeline.conftest import GROUP, OTHER_GROUP, Stack, text_message

CALL = """مطلوب ممثلين للتقديم على دور في مسلسل رمضاني جديد يصور في الرياض

المتطلبات:
- العمر: 25-35 سنة
- الجنس: ذكر
- الخبرة: سنتين على الأقل

للتقديم:
أرسل السيرة الذاتية + صور حديثة على واتساب: 0500000567

آخر موعد: 15 {month}"""
ANNOUNCEMENT = """🎬 قريباً في صالات السينما
فيلم «ليل الدهناء»
بطولة: نخبة من النجوم
احجز تذكرتك الآن وشاهد الإعلان الرسمي"""
MONTHS = ("يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر").split()


def call_text() -> tuple[str, str]:
    """A call whose deadline is in the month after next, and that deadline."""
    day = (datetime.now(UTC) + timedelta(days=40)).replace(day=15)
    return CALL.format(month=f"{MONTHS[day.month - 1]} {day.year}"), day.date().isoformat()


async def test_a_legitimate_arabic_call_reaches_the_queue_with_its_fields(stack: Stack) -> None:
    text, deadline = call_text()
    answer = await stack.post(text_message("legit-1", text))
    assert answer.status_code == 200
    entry = await stack.entry("legit-1")
    assert (entry.state, entry.call_id) == (State.CALL, call_id("legit-1"))
    [payload] = await stack.stream("EXTRACTED")
    call = ExtractedCall.model_validate_json(payload).call
    assert call.project_type == "series"
    assert call.location_city == "Riyadh"
    assert str(call.deadline) == deadline
    assert [(contact.kind, contact.value) for contact in call.contacts] == [("whatsapp", "+966500000567")]
    assert [(role.gender, role.age_min, role.age_max) for role in call.roles] == [("male", 25, 35)]


async def test_a_film_announcement_is_rejected_before_the_extractor(stack: Stack) -> None:
    await stack.post(text_message("film-1", ANNOUNCEMENT))
    entry = await stack.entry("film-1")
    assert entry.state is State.REJECTED
    assert entry.rule
    await stack.quiet()
    assert await stack.stream("CANDIDATES") == []


@pytest.mark.parametrize(("id", "text", "state"), [("e-1", "", State.NO_TEXT), ("s-1", "تم 👍", State.REJECTED)])
async def test_an_empty_or_short_message_is_skipped(stack: Stack, id: str, text: str, state: State) -> None:
    await stack.post(text_message(id, text))
    assert (await stack.entry(id)).state is state
    await stack.quiet()
    assert await stack.stream("CANDIDATES") == []


async def test_the_same_message_twice_is_processed_once(stack: Stack) -> None:
    """The webhook twice, then once more past the broker's own window, then the same words in another group."""
    text, _ = call_text()
    message = text_message("twice-1", text)
    first, second = await stack.post(message), await stack.post(message, message)
    assert (first.status_code, second.status_code) == (200, 200)
    [raw] = await stack.stream("RAW")
    await stack.js.publish("raw.messages", raw, stream="RAW")  # without an id the broker takes it as new
    await stack.post(text_message("copy-1", "🔥 " + text, group=OTHER_GROUP))
    assert (await stack.entry("twice-1")).state is State.CALL
    copy = await stack.entry("copy-1")
    assert (copy.state, copy.duplicate_of) == (State.DUPLICATE, "twice-1")
    await stack.quiet()
    assert len(await stack.stream("CANDIDATES")) == 1
    assert len(await stack.stream("EXTRACTED")) == 1
    assert await stack.mongo.collection("calls").count_documents({}) == 1
    entry = await stack.ledger.get("twice-1")
    assert entry is not None
    # Two batches are under way at once: whichever is recorded first is the message, the other one a sighting of it.
    assert sorted([entry.claim, *(seen["claim"] for seen in entry.sightings)]) == ["RAW:1", "RAW:2"]


async def test_webhook_and_poll_bring_a_message_once_and_the_poll_brings_what_the_webhook_dropped(stack: Stack) -> None:
    """The sandbox is the gateway here: it posts webhooks to the receiver and lists the same messages to the poller."""
    await stack.gateway(POLLER_INTERVAL="1", POLLER_INTERVAL_CATCH_UP="1")
    text, _ = call_text()
    await stack.control("group", id=GROUP, name="كاستنج السعودية")
    both = (await stack.control("post", group=GROUP, text=text))["id"]
    assert (await stack.entry(both)).state is State.CALL  # by webhook: no poller runs yet
    other = text.replace("0500000567", "0500000568")
    polled = (await stack.control("post", group=GROUP, text=other, webhook=False))["id"]
    stack.start(["poller"])
    entry = await stack.entry(polled)
    assert (entry.state, entry.via) == (State.CALL, "poll")
    await stack.quiet()
    in_queue = {document["_id"] async for document in stack.mongo.collection("calls").find({}, {"_id": 1})}
    assert in_queue == {call_id(both), call_id(polled)}
    assert len(await stack.stream("CANDIDATES")) == 2


async def test_a_poster_who_says_that_it_is_filled_is_heard_at_the_desk(stack: Stack) -> None:
    text, _deadline = call_text()
    await stack.post(text_message("legit-1", text))
    await stack.entry("legit-1")
    reply = text_message("reply-1", "اكتفينا، شكرا للجميع 🙏")
    context = {"quoted_id": "legit-1", "quoted_type": "text", "quoted_author": "966500000099"}
    await stack.post(reply | {"context": context}, text_message("chat-1", "الله يوفقكم"))
    assert (await stack.entry("reply-1")).state is State.REJECTED
    await stack.quiet()
    call = await MongoCalls(stack.mongo).get(call_id("legit-1"))
    assert call is not None
    assert [(item.kind, item.sure, item.open) for item in call.suggestions] == [("filled", True, True)]
    assert len(await stack.stream("CANDIDATES")) == 1
