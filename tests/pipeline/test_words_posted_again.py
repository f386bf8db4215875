"""The same words once more, through all stages on stores in memory: a repost is a call where the first one is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from services.extractor.duplicates import Duplicates
from services.extractor.engines import OfflineEngine
from services.extractor.handlers import ExtractorHandlers
from services.extractor.offline.engine import extract
from services.filter.handlers import FilterHandlers
from services.filter.settings import FilterSettings
from services.publisher import logic
from services.publisher.handlers import PublisherHandlers
from services.publisher.logic import Reason
from services.publisher.suggestions import Automatic
from shared.broker.ports import RecordingPublisher
from shared.broker.publish import JetStreamPublisher
from shared.broker.settle import Settler
from shared.contracts.base import Event
from shared.contracts.ids import call_id, deleted_id, edited_id, posted_id
from shared.contracts.messages import Group, MessageDeleted, MessageEdited, RawMessage
from shared.contracts.pipeline import Candidate, ExtractedCall, Verdict
from shared.storage.calls import Status
from shared.storage.ledger import State
from shared.storage.memory.calls import MemoryCalls
from shared.storage.memory.dead_letters import MemoryDeadLetters
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.memory.signatures import MemorySignatures
from shared.storage.memory.texts import MemoryTexts

AnyEvent = TypeVar("AnyEvent", bound=Event)
START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TEXT = (
    "مطلوب ممثل سعودي لإعلان قهوة\nعمر ٣٠-٤٠\nلحية خفيفة\nالتصوير بالرياض يوم ٢٨ نوفمبر\n"
    "الأجر ١٥٠٠ ريال\nواتساب 0500002111"
)


@dataclass
class Twin:
    """The stages from the filter to the desk, one message at a time."""

    js: JetStreamContext
    automatic: Automatic
    now: datetime = START
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    texts: MemoryTexts = field(default_factory=MemoryTexts)
    calls: MemoryCalls = field(default_factory=MemoryCalls)
    signatures: MemorySignatures = field(default_factory=MemorySignatures)

    async def takes(self, event: RawMessage | MessageEdited) -> None:
        """Sends it through all stages."""
        filtered, extracted = RecordingPublisher(), RecordingPublisher()
        sender = JetStreamPublisher(lambda: self.js)
        settings: FilterSettings = FilterSettings.load()
        handlers = FilterHandlers(
            self.ledger,
            self.texts,
            filtered,
            Settler("filter", sender, lambda: self.js),
            lambda *_: Verdict(passed=True, rule="sure_call"),
            clock=lambda: self.now,
            copy_window=timedelta(days=settings.copy_window_days),
        )
        await sender.publish(event)
        raws = await self._fetched()
        await handlers.on_batch(raws)
        for raw in raws:
            await raw.ack()
        engine = OfflineEngine(extract)
        duplicates = Duplicates(
            self.signatures, self.ledger, lambda: self.now, kept=timedelta(days=30), patience=timedelta(minutes=20)
        )
        for one in _of(Candidate, filtered.events):
            await ExtractorHandlers(engine, engine, duplicates, self.ledger, extracted).on_candidate(one)
        for found in _of(ExtractedCall, extracted.events):
            await self.desk.on_extracted(found)

    @property
    def desk(self) -> PublisherHandlers:
        """The publisher's handlers."""
        return PublisherHandlers(
            self.calls,
            self.ledger,
            MemoryDeadLetters(),
            self.texts,
            lambda: self.now,
            lambda _call: None,
            automatic=self.automatic,
        )

    async def standing(self) -> dict[str, Status]:
        """The calls at the desk by message."""
        found = [await self.calls.get(call_id(id)) for id in ("m1", "m2", "m3")]
        return {call.message.message_id: call.status for call in found if call is not None}

    async def state(self, id: str) -> tuple[State, str | None]:
        """Where its entry stands, and whose copy it is."""
        entry = await self.ledger.get(id)
        assert entry is not None
        return entry.state, entry.duplicate_of

    async def _fetched(self) -> list[Msg]:
        subscription = await self.js.pull_subscribe_bind("filter", "RAW")
        raws: list[Msg] = await subscription.fetch(1, timeout=10)
        await subscription.unsubscribe()
        return raws


def _of(kind: type[AnyEvent], events: Sequence[Event]) -> list[AnyEvent]:
    return [event for event in events if isinstance(event, kind)]


def posted(id: str, at: datetime, *, group: str = "1@g.us", text: str = TEXT) -> RawMessage:
    return RawMessage(event_id=posted_id(id), message_id=id, group=Group(id=group), sent_at=at, text=text)


def deleted(id: str) -> MessageDeleted:
    return MessageDeleted(event_id=deleted_id(id), message_id=id, group=Group(id="1@g.us"))


def edited(id: str, text: str, at: datetime, *, group: str) -> MessageEdited:
    return MessageEdited(event_id=edited_id(id, text), message_id=id, group=Group(id=group), edited_at=at, text=text)


@pytest.fixture
def twin(js: JetStreamContext) -> Twin:
    return Twin(js, Automatic(withdraw_deleted=True))


async def test_what_is_deleted_and_posted_again_is_at_the_desk(twin: Twin) -> None:
    """A common way to bring a post to the end of the chat."""
    await twin.takes(posted("m1", START))
    await twin.desk.on_deleted(deleted("m1"))
    await twin.takes(posted("m2", START + timedelta(minutes=1)))
    assert await twin.standing() == {"m1": Status.WITHDRAWN, "m2": Status.PENDING}
    await twin.takes(posted("m3", START + timedelta(minutes=2), group="2@g.us"))
    assert await twin.state("m3") == (State.DUPLICATE, "m2")


async def test_what_is_posted_again_while_the_first_waits_is_a_sighting_of_it(twin: Twin) -> None:
    twin.automatic = Automatic()
    await twin.takes(posted("m1", START))
    await twin.desk.on_deleted(deleted("m1"))
    await twin.takes(posted("m2", START + timedelta(minutes=1)))
    assert await twin.standing() == {"m1": Status.PENDING}
    assert await twin.state("m2") == (State.DUPLICATE, "m1")


async def test_a_call_is_not_withdrawn_by_itself_while_its_words_stand_in_another_post(twin: Twin) -> None:
    await twin.takes(posted("m1", START))
    await twin.takes(posted("m2", START + timedelta(minutes=1), group="2@g.us"))
    await twin.desk.on_deleted(deleted("m1"))
    assert await twin.standing() == {"m1": Status.PENDING}
    call = await twin.calls.get(call_id("m1"))
    assert call is not None
    assert [(item.kind, item.open) for item in call.suggestions] == [("deleted", True)]


@pytest.mark.parametrize("days", [2, 6])
async def test_what_is_posted_again_days_after_its_call_was_over_is_at_the_desk(twin: Twin, days: int) -> None:
    await twin.takes(posted("m1", START))
    call = await twin.calls.get(call_id("m1"))
    assert call is not None
    await twin.calls.save(logic.reject(call, Reason.OVER, None, "sara", START), over=call.version)
    twin.now = START + timedelta(days=days)
    await twin.takes(posted("m2", twin.now))
    assert await twin.standing() == {"m1": Status.REJECTED, "m2": Status.PENDING}


@pytest.mark.parametrize("days", [0, 2, 6])
async def test_what_is_posted_again_while_its_call_is_open_is_one_call(twin: Twin, days: int) -> None:
    await twin.takes(posted("m1", START))
    twin.now = START + timedelta(days=days, minutes=1)
    await twin.takes(posted("m2", twin.now, group="2@g.us"))
    assert await twin.standing() == {"m1": Status.PENDING}
    assert await twin.state("m2") == (State.DUPLICATE, "m1")


async def test_a_mistake_put_right_in_each_group_leaves_one_call(twin: Twin) -> None:
    for number in (1, 2, 3):
        await twin.takes(posted(f"m{number}", START + timedelta(seconds=number), group=f"{number}@g.us"))
    text = TEXT.replace("لحية خفيفة", "لحيه خفيفه جدا")
    for number in (3, 1, 2):
        at = START + timedelta(minutes=number)
        await twin.takes(edited(f"m{number}", text, at, group=f"{number}@g.us"))
    assert await twin.standing() == {"m1": Status.PENDING}
