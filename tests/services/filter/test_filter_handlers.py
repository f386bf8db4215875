"""The filter's handler on memory stores and on the real ones, with messages from a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from services.filter.handlers import FilterHandlers
from shared.broker.ports import RecordingPublisher
from shared.broker.publish import JetStreamPublisher
from shared.broker.settle import Settler
from shared.contracts.ids import edited_id, posted_id
from shared.contracts.messages import Group, MessageEdited, Quoted, RawMessage
from shared.contracts.pipeline import Candidate, DeadLetter, Ending, EndKind, Verdict
from shared.errors import Unavailable
from shared.storage.ledger import Ledger, State
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.memory.texts import MemoryTexts
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.texts import MongoTexts
from shared.storage.texts import Texts

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CALL = "مطلوب ممثلين لمسلسل رمضاني، العمر 25-35، واتساب 0500000001"


def judge(message: RawMessage, _now: datetime, _folded: str) -> Verdict:
    """A judge that tests can foresee."""
    if "boom" in message.text:
        raise KeyError("a fault of ours")
    if not message.text:
        return Verdict(passed=False, rule="no_text")
    return Verdict(passed="مطلوب" in message.text, rule="word")


def posted(id: str, text: str = CALL, *, group: str = "1@g.us", at: datetime = NOW) -> RawMessage:
    return RawMessage(event_id=posted_id(id), message_id=id, group=Group(id=group), sent_at=at, text=text)


class Desk:
    """A filter, its stores and the messages that wait for it."""

    def __init__(self, js: JetStreamContext, ledger: Ledger, texts: Texts) -> None:
        self.js = js
        self.ledger = ledger
        self.texts = texts
        self.out = RecordingPublisher()
        self.now = NOW
        self.sender = JetStreamPublisher(lambda: js)
        self.settler = Settler("filter", self.sender, lambda: js, jitter=lambda: 0.01)
        self.handlers = self.build()

    def build(
        self, on: Callable[[RawMessage, datetime, str], Verdict] = judge, *, check_share: float = 0.0
    ) -> FilterHandlers:
        return FilterHandlers(
            self.ledger,
            self.texts,
            self.out,
            self.settler,
            on,
            clock=lambda: self.now,
            copy_window=timedelta(days=7),
            check_share=check_share,
        )

    async def fetch(self, number: int) -> list[Msg]:
        subscription = await self.js.pull_subscribe("raw.messages", "filter", "RAW")
        found: list[Msg] = []
        async with asyncio.timeout(20):
            while len(found) < number:
                found += await subscription.fetch(number - len(found), timeout=10)
        await subscription.unsubscribe()
        return found

    async def handle(self, number: int) -> None:
        raws = await self.fetch(number)
        await self.handlers.on_batch(raws)
        for raw in raws:
            if not raw.is_acked:
                await raw.ack()

    def candidates(self) -> list[str]:
        return [event.message.message_id for event in self.out.events if isinstance(event, Candidate)]

    async def state(self, id: str) -> State | None:
        found = await self.ledger.get(id)
        return found.state if found else None


@pytest.fixture(params=["memory", "mongo"])
def desk(request: pytest.FixtureRequest, js: JetStreamContext) -> Desk:
    if request.param == "memory":
        return Desk(js, MemoryLedger(), MemoryTexts())
    mongo: Mongo = request.getfixturevalue("mongo")
    return Desk(js, MongoLedger(mongo), MongoTexts(mongo))


async def test_each_message_is_judged_recorded_and_passed_on_or_not(desk: Desk) -> None:
    await desk.sender.publish_all([posted("call"), posted("chat", "صباح الخير"), posted("empty", "")])
    await desk.handle(3)
    assert desk.candidates() == ["call"]
    assert [await desk.state(id) for id in ("call", "chat", "empty")] == [
        State.CANDIDATE,
        State.REJECTED,
        State.NO_TEXT,
    ]
    recorded = await desk.ledger.get("chat")
    assert recorded is not None
    assert (recorded.rule, recorded.text, recorded.group_id) == ("word", "صباح الخير", "1@g.us")


async def test_words_that_a_call_is_over_go_on_as_a_sign(desk: Desk) -> None:
    reply = posted("reply", "تم الاكتفاء").model_copy(update={"quoted": Quoted(message_id="call")})
    edit = MessageEdited(
        event_id=edited_id("call", "شكرا"), message_id="call", group=Group(id="1@g.us"), edited_at=NOW, text="شكرا"
    )
    await desk.sender.publish_all([posted("call"), reply, posted("chat", "صباح الخير")])
    await desk.handle(3)
    await desk.sender.publish(edit)
    await desk.handle(1)
    signs = [event for event in desk.out.events if isinstance(event, Ending)]
    assert [(sign.kind, sign.about) for sign in signs] == [(EndKind.FILLED, "call"), (EndKind.REWORDED, "call")]
    assert await desk.state("reply") is State.REJECTED


async def test_the_same_message_from_webhook_and_poll_is_processed_once(desk: Desk, js: JetStreamContext) -> None:
    """Outside the broker's own duplicate window: the claim has to hold alone."""
    for _ in range(2):
        await js.publish("raw.messages", posted("call").model_dump_json().encode(), stream="RAW")
        await desk.handle(1)
    assert desk.candidates() == ["call"]
    recorded = await desk.ledger.get("call")
    assert recorded is not None
    assert [seen["claim"] for seen in recorded.sightings] == ["RAW:2"]


async def test_a_redelivery_after_a_crash_goes_on_where_it_stopped(desk: Desk) -> None:
    await desk.sender.publish(posted("call"))
    [raw] = await desk.fetch(1)
    desk.out.error = Unavailable("killed between recording and publishing")
    with pytest.raises(Unavailable):
        await desk.handlers.on_batch([raw])
    assert desk.candidates() == []
    desk.out.error = None
    await desk.handlers.on_batch([raw])  # the same delivery again
    assert desk.candidates() == ["call"]
    recorded = await desk.ledger.get("call")
    assert recorded is not None
    assert recorded.sightings == []


async def test_a_redelivery_under_other_rules_keeps_what_was_recorded(desk: Desk) -> None:
    await desk.sender.publish_all([posted("call"), posted("chat", "صباح الخير")])
    raws = await desk.fetch(2)
    desk.out.error = Unavailable("killed before publishing")
    with pytest.raises(Unavailable):
        await desk.handlers.on_batch(raws)
    desk.out.error = None
    await desk.build(lambda m, *_: Verdict(passed="صباح" in m.text, rule="upside_down")).on_batch(raws)
    assert desk.candidates() == ["call"]
    assert await desk.state("chat") is State.REJECTED


async def test_a_copy_in_another_group_is_a_sighting_of_the_first(desk: Desk) -> None:
    dressed = "🔥🔥 " + CALL.replace("مسلسل", "مسلســـل").replace("25", "٢٥") + " 🔥"
    await desk.sender.publish_all([posted("first"), posted("copy", dressed, group="2@g.us")])
    await desk.handle(2)
    assert desk.candidates() == ["first"]
    assert await desk.state("copy") is State.DUPLICATE
    assert [copy.id for copy in await desk.ledger.copies_of("first")] == ["copy"]


async def test_the_same_words_after_the_window_are_a_new_call(desk: Desk) -> None:
    await desk.sender.publish(posted("old"))
    await desk.handle(1)
    desk.now = NOW + timedelta(days=20)
    await desk.sender.publish(posted("new", at=desk.now))
    await desk.handle(1)
    assert desk.candidates() == ["old", "new"]


async def test_a_bad_payload_in_a_batch_does_not_stop_the_others(desk: Desk, js: JetStreamContext) -> None:
    await js.publish("raw.messages", b"\xff\xfe", stream="RAW")
    await desk.sender.publish(posted("call"))
    await desk.handle(2)
    assert desk.candidates() == ["call"]
    letters = await js.get_last_msg("DEAD", "dead.filter")
    assert DeadLetter.model_validate_json(letters.data or b"").reason == "invalid"


async def test_a_bad_payload_beside_a_suspect_does_not_hold_that_up(desk: Desk, js: JetStreamContext) -> None:
    await desk.sender.publish(posted("call"))
    for _ in range(2):
        [raw] = await desk.fetch(1)
        await raw.nak()
    await js.publish("raw.messages", b"\xff\xfe", stream="RAW")
    await desk.handle(2)
    assert desk.candidates() == ["call"]


async def test_a_message_that_breaks_the_judge_comes_again_and_the_others_go_on(desk: Desk) -> None:
    await desk.sender.publish_all([posted("bad", "boom"), posted("call")])
    await desk.handle(2)
    assert desk.candidates() == ["call"]
    assert await desk.state("bad") is None
    desk.handlers = desk.build(lambda *_: Verdict(passed=True, rule="mended"))
    await desk.handle(1)
    assert desk.candidates() == ["call", "bad"]


async def test_an_edit_is_judged_anew_and_keeps_the_call_s_name(desk: Desk, js: JetStreamContext) -> None:
    await desk.sender.publish(posted("call", at=NOW - timedelta(days=1)))
    await desk.handle(1)
    text = CALL.replace("35", "40")
    edit = MessageEdited(
        event_id=edited_id("call", text), message_id="call", group=Group(id="1@g.us"), edited_at=NOW, text=text
    )
    await desk.sender.publish(edit)
    await desk.handle(1)
    last = desk.out.events[-1]
    assert isinstance(last, Candidate)
    assert (last.message.message_id, last.message.text, last.edit_id) == ("call", text, edit.event_id)
    assert (last.message.sent_at, last.edited_at) == (NOW - timedelta(days=1), NOW)
    entry = await desk.ledger.get(edit.event_id)
    assert entry is not None
    assert entry.edit_of == "call"


def edited(id: str, text: str, *, after: float = 60) -> MessageEdited:
    at = NOW + timedelta(seconds=after)
    return MessageEdited(event_id=edited_id(id, text), message_id=id, group=Group(id="1@g.us"), edited_at=at, text=text)


async def test_an_edit_in_one_batch_with_its_message_says_what_it_would_have_said_later(desk: Desk) -> None:
    """As after an outage: both waited in the stream."""
    await desk.sender.publish_all([posted("call"), posted("other", CALL + " الدمام")])
    await desk.sender.publish_all([edited("call", "شكرا"), edited("other", CALL + "\nتم الاكتفاء")])
    await desk.handle(4)
    signs = [event for event in desk.out.events if isinstance(event, Ending)]
    assert {(sign.kind, sign.about) for sign in signs} == {(EndKind.REWORDED, "call"), (EndKind.FILLED, "other")}
    assert {sign.message.sent_at for sign in signs} == {NOW}


async def test_an_edit_that_overtakes_its_message_waits_for_it(desk: Desk) -> None:
    """Two lanes or replicas hold them, or the gateway told of the edit first."""
    await desk.sender.publish(edited("call", "شكرا"))
    await desk.handle(1)
    await desk.sender.publish(posted("call"))
    await desk.handle(1)
    await desk.handle(1)  # the edit again
    signs = [event for event in desk.out.events if isinstance(event, Ending)]
    assert [(sign.kind, sign.about) for sign in signs] == [(EndKind.REWORDED, "call")]


async def test_a_reply_that_overtakes_the_call_which_it_ends_waits_for_it(desk: Desk) -> None:
    """The publisher would know neither the call nor that it is on its way, and drop the sign."""
    reply = posted("reply", "تم الاكتفاء").model_copy(update={"quoted": Quoted(message_id="call")})
    await desk.sender.publish(reply)
    await desk.handle(1)
    assert desk.out.events == []
    await desk.sender.publish(posted("call"))
    await desk.handle(1)
    await desk.handle(1)  # the reply again
    assert [type(event) for event in desk.out.events] == [Candidate, Ending]
    assert await desk.state("reply") is State.REJECTED


async def test_two_replicas_never_make_two_candidates_of_one_text(desk: Desk) -> None:
    other = desk.build()
    await desk.sender.publish_all([posted(f"m{number}", group=f"{number}@g.us") for number in range(20)])
    raws = await desk.fetch(20)
    await asyncio.gather(desk.handlers.on_batch(raws[:10]), other.on_batch(raws[10:]))
    assert len(desk.candidates()) == 1


def _noise(message: RawMessage, _now: datetime, _folded: str) -> Verdict:
    return Verdict(passed=False, rule="scored_noise", score=-2.5)


async def test_a_sampled_rejection_goes_on_to_be_checked_and_stands_as_on_its_way(desk: Desk) -> None:
    desk.handlers = desk.build(_noise, check_share=1.0)
    await desk.sender.publish_all([posted("noise", "صباح الخير"), posted("other", "مساء النور")])
    await desk.handle(2)
    events = [event for event in desk.out.events if isinstance(event, Candidate)]
    assert [(event.message.message_id, event.check, event.verdict.passed) for event in events] == [
        ("noise", True, False),
        ("other", True, False),
    ]
    recorded = await desk.ledger.get("noise")
    assert recorded is not None
    assert (recorded.state, recorded.stages) == (State.CANDIDATE, {"filter": {"check": True}})
    assert (await desk.ledger.count_by_state())[State.CANDIDATE] == 2


async def test_without_a_share_no_rejection_is_checked(desk: Desk) -> None:
    desk.handlers = desk.build(_noise)
    await desk.sender.publish(posted("noise", "صباح الخير"))
    await desk.handle(1)
    assert desk.out.events == []
    assert await desk.state("noise") is State.REJECTED


async def test_a_redelivery_of_a_sampled_rejection_sends_the_same_check_again(desk: Desk) -> None:
    desk.handlers = desk.build(_noise, check_share=1.0)
    await desk.sender.publish(posted("noise", "صباح الخير"))
    [raw] = await desk.fetch(1)
    desk.out.error = Unavailable("killed between recording and publishing")
    with pytest.raises(Unavailable):
        await desk.handlers.on_batch([raw])
    desk.out.error = None
    await desk.build(_noise).on_batch([raw])  # no share at all by now: what was recorded stands
    [event] = desk.out.events
    assert isinstance(event, Candidate)
    assert (event.check, event.event_id) == (True, "candidate:noise")


async def test_the_same_rejected_words_are_checked_once_and_do_not_hide_a_message_that_passes_later(desk: Desk) -> None:
    desk.handlers = desk.build(_noise, check_share=1.0)
    await desk.sender.publish_all([posted("first", CALL), posted("copy", CALL, group="2@g.us")])
    await desk.handle(2)
    assert desk.candidates() == ["first"]
    assert await desk.state("copy") is State.REJECTED
    desk.handlers = desk.build(check_share=1.0)  # other rules now, under which these words pass
    await desk.sender.publish(posted("later", CALL, group="3@g.us"))
    await desk.handle(1)
    assert desk.candidates() == ["first", "later"]
    assert await desk.state("later") is State.CANDIDATE


async def test_edits_and_rejections_that_rest_on_no_score_are_not_sampled(desk: Desk) -> None:
    desk.handlers = desk.build(check_share=1.0)  # its rejections are by "word" and "no_text"
    await desk.sender.publish_all([posted("chat", "صباح الخير"), posted("empty", "")])
    await desk.handle(2)
    desk.handlers = desk.build(_noise, check_share=1.0)
    text = "صباح النور"
    edit = MessageEdited(
        event_id=edited_id("chat", text), message_id="chat", group=Group(id="1@g.us"), edited_at=NOW, text=text
    )
    await desk.sender.publish(edit)
    await desk.handle(1)
    assert desk.out.events == []
