"""Drawing up accounts: a real broker, and stores in memory that the tests bring into every state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from nats.js import JetStreamContext

from services.publisher import logic
from services.publisher.reckoning.accountant import Accountant
from services.publisher.reckoning.schedule import LEASE, RegularAccount
from shared.broker.publish import JetStreamPublisher
from shared.broker.stored import JetStreams
from shared.contracts.ids import call_id, deleted_id, edited_id, posted_id
from shared.contracts.messages import Group, MessageDeleted, MessageEdited, RawMessage
from shared.contracts.pipeline import Candidate, DeadLetter, Verdict
from shared.observability import metrics
from shared.storage.ledger import Entry, State
from shared.storage.memory.calls import MemoryCalls
from shared.storage.memory.dead_letters import MemoryDeadLetters
from shared.storage.memory.leases import MemoryLeases
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.memory.reckonings import MemoryReckonings
from shared.storage.memory.standings import MemoryStandings
from shared.storage.reckonings import Reckoning
from tests.services.publisher.house import extracted

GROUP = Group(id="120363000000000001@g.us", name="كاستنج")
GRACE = timedelta(minutes=5)
HOUR = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)


def message(id: str) -> RawMessage:
    return RawMessage(event_id=posted_id(id), message_id=id, group=GROUP, sent_at=now(), text="مطلوب ممثلين")


def candidate(id: str) -> Candidate:
    return Candidate(event_id=f"candidate:{id}", message=message(id), verdict=Verdict(passed=True, rule="scored_call"))


def letter(id: str, seq: int) -> DeadLetter:
    return DeadLetter(
        event_id=f"dead:filter:RAW:{seq}", stage="filter", reason="poison", subject="raw.messages", payload="{}",
        message_id=id, failed_at=now(),
    )  # fmt: skip


@dataclass
class Books:
    """A broker without services: the tests do what the services would."""

    js: JetStreamContext
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    calls: MemoryCalls = field(default_factory=MemoryCalls)
    letters: MemoryDeadLetters = field(default_factory=MemoryDeadLetters)

    @property
    def publisher(self) -> JetStreamPublisher:
        return JetStreamPublisher(lambda: self.js)

    @property
    def accountant(self) -> Accountant:
        standings = MemoryStandings(self.ledger, self.calls, self.letters)
        return Accountant(JetStreams(lambda: self.js), standings, kept=timedelta(days=30))

    async def arrive(self, *ids: str) -> None:
        await self.publisher.publish_all([message(id) for id in ids])

    async def record(self, id: str, state: State, **values: Any) -> None:
        await self.ledger.record([Entry(id, f"RAW:{id}", state, GROUP.id, now(), now(), "webhook", **values)])

    async def handle(self, stream: str, durable: str, number: int) -> None:
        """The reader takes so many and acknowledges them."""
        subscription = await self.js.pull_subscribe_bind(durable, stream)
        for raw in await subscription.fetch(number, timeout=5):
            await raw.ack_sync()
        await subscription.unsubscribe()

    async def account(self, *, later: timedelta = HOUR, **options: Any) -> Reckoning:
        """The account as it is drawn up so much later: whatever is missing is then older than the grace time."""
        return await self.accountant.draw_up(now() + later, grace=GRACE, **options)


@pytest.fixture
def books(js: JetStreamContext) -> Books:
    return Books(js)


async def test_each_message_ends_in_exactly_one_state(books: Books) -> None:
    await books.arrive("rejected", "copy", "pending", "dead", "candidate", "waiting")
    await books.arrive("rejected")  # within the broker's window: dropped
    await books.handle("RAW", "filter", 5)
    await books.record("rejected", State.REJECTED)
    await books.record("copy", State.DUPLICATE)
    call = logic.received(extracted("pending"), now())
    await books.calls.insert(call)
    await books.record("pending", State.CALL, call_id=call.id)
    await books.letters.add(letter("dead", 4))
    await books.record("candidate", State.CANDIDATE)
    await books.publisher.publish(candidate("candidate"))

    found = await books.account()

    assert found.messages == {"rejected": 1, "duplicate": 1, "call_pending": 1, "dead": 1, "in_flight": 2}
    assert (found.unaccounted, found.under_way, found.missing) == (0, 0, ())
    assert found.total == 6


async def test_a_message_that_was_acknowledged_and_not_recorded_is_missing(books: Books) -> None:
    await books.arrive("lost", "kept")
    await books.handle("RAW", "filter", 2)
    await books.record("kept", State.REJECTED)

    found = await books.account()

    assert found.messages == {"rejected": 1, "unaccounted": 1}
    (missing,) = found.missing
    assert (missing.kind, missing.id, missing.group_id, missing.what) == ("message", "lost", GROUP.id, "no_entry")


async def test_what_is_younger_than_the_grace_time_is_under_way(books: Books) -> None:
    await books.arrive("lost")
    await books.handle("RAW", "filter", 1)

    found = await books.account(later=timedelta(0))

    assert found.messages == {"under_way": 1}
    assert (found.unaccounted, found.under_way, found.missing) == (0, 1, ())


async def test_a_candidate_that_no_reader_has_is_missing(books: Books) -> None:
    await books.arrive("read", "never_sent")
    await books.handle("RAW", "filter", 2)
    for id in ("read", "never_sent"):
        await books.record(id, State.CANDIDATE)
    await books.publisher.publish(candidate("read"))
    assert [one.id for one in (await books.account()).missing] == ["never_sent"]

    await books.handle("CANDIDATES", "extractor", 1)  # acknowledged, and no word of it
    assert {(one.id, one.what) for one in (await books.account()).missing} == {
        ("read", "no_reader"),
        ("never_sent", "no_reader"),
    }

    await books.publisher.publish(extracted("read"))  # it was handed on after all, and waits for the desk
    assert [one.id for one in (await books.account()).missing] == ["never_sent"]


async def test_a_call_that_the_desk_lacks_is_missing(books: Books) -> None:
    await books.arrive("m1")
    await books.handle("RAW", "filter", 1)
    await books.record("m1", State.CALL, call_id=call_id("m1"))
    (missing,) = (await books.account()).missing
    assert (missing.id, missing.what) == ("m1", "no_call")


async def test_a_letter_on_its_way_to_the_desk_accounts_for_its_message(books: Books) -> None:
    await books.arrive("m1")
    await books.handle("RAW", "filter", 1)
    await books.publisher.publish(letter("m1", 1))
    assert (await books.account()).messages == {"in_flight": 1}

    await books.handle("DEAD", "publisher", 1)
    assert (await books.account()).messages == {"unaccounted": 1}
    await books.letters.add(letter("m1", 1))
    assert (await books.account()).messages == {"dead": 1}


async def test_edits_and_deletions_are_accounted_for_as_well(books: Books) -> None:
    edit = edited_id("m1", "new")
    await books.publisher.publish_all(
        [
            MessageEdited(event_id=edit, message_id="m1", group=GROUP, edited_at=now(), text="new"),
            MessageDeleted(event_id=deleted_id("m1"), message_id="m1", group=GROUP),
            MessageDeleted(event_id=deleted_id("m2"), message_id="m2", group=GROUP),
            MessageDeleted(event_id=deleted_id("m3"), message_id="m3", group=GROUP),
        ]
    )
    await books.handle("RAW", "filter", 1)
    await books.handle("RAW", "publisher", 2)
    await books.record(edit, State.NOT_A_CALL)
    await books.calls.note_deletion(call_id("m1"), deleted_id("m1"), now())

    found = await books.account()

    assert found.edits == {"not_a_call": 1}
    assert found.deletions == {"noted": 1, "in_flight": 1, "unaccounted": 1}
    assert [(one.kind, one.id, one.what) for one in found.missing] == [("deletion", call_id("m2"), "not_noted")]


async def test_a_decision_is_accounted_for_when_the_consumers_stream_has_it(books: Books) -> None:
    sent = logic.approve(logic.received(extracted("sent"), now()), "sara", now())
    lost = logic.approve(logic.received(extracted("lost"), now()), "sara", now())
    waiting = logic.approve(logic.received(extracted("waiting"), now()), "sara", now())
    for call in (sent, lost, waiting):
        await books.calls.insert(call)
    for call in (sent, lost):
        await books.calls.mark_sent(call.id, 1)
    await books.publisher.publish_all(sent.unsent)

    found = await books.account()

    assert found.events == {"sent": 1, "unaccounted": 2}
    assert {(one.id, one.what) for one in found.missing} == {
        (f"{lost.id}:1", "not_in_stream"),
        (f"{waiting.id}:1", "not_sent"),
    }


async def test_a_second_delivery_is_the_same_message(books: Books) -> None:
    await books.arrive("m1")
    for id in ("post:m1:again", "post:m1:once-more"):
        await books.js.publish(
            "raw.messages", message("m1").model_dump_json().encode(), headers={"Nats-Msg-Id": id}, stream="RAW"
        )
    await books.handle("RAW", "filter", 2)
    assert (await books.account()).messages == {"in_flight": 1}  # by its last delivery
    await books.handle("RAW", "filter", 1)
    assert (await books.account()).messages == {"unaccounted": 1}
    await books.record("m1", State.REJECTED)
    assert (await books.account()).messages == {"rejected": 1}


async def test_what_is_no_event_of_ours_is_accounted_for_by_its_letter(books: Books) -> None:
    await books.js.publish("raw.messages", b"\xffnonsense", stream="RAW")
    await books.handle("RAW", "filter", 1)
    assert [one.id for one in (await books.account()).missing] == ["RAW:1"]
    await books.letters.add(letter("", 1).model_copy(update={"message_id": None}))
    assert (await books.account()).messages == {"dead": 1}
    await books.letters.settle(["dead:filter:RAW:1"], "replayed")
    assert (await books.account()).messages == {"dead": 1}


async def test_a_replayed_message_has_to_end_somewhere_once_more(books: Books) -> None:
    await books.arrive("m1")
    await books.handle("RAW", "filter", 1)
    await books.letters.add(letter("m1", 1))
    await books.letters.settle(["dead:filter:RAW:1"], "replayed")
    body = message("m1").model_dump_json().encode()
    await books.js.publish("raw.messages", body, headers={"Nats-Msg-Id": "replay:m1"}, stream="RAW")
    assert (await books.account()).messages == {"in_flight": 1}
    await books.handle("RAW", "filter", 1)
    assert [one.id for one in (await books.account()).missing] == ["m1"]
    await books.record("m1", State.REJECTED)
    assert (await books.account()).messages == {"rejected": 1}


async def test_the_window_leaves_out_what_came_before(books: Books) -> None:
    await books.arrive("old")
    await books.handle("RAW", "filter", 1)
    assert (await books.account(since=now() + timedelta(seconds=1))).total == 0
    assert (await books.account(since=now() - HOUR)).total == 1


async def test_the_whole_ledger_is_looked_through_where_that_is_asked_for(books: Books) -> None:
    await books.record("expired", State.CANDIDATE)
    await books.record("became", State.CALL, call_id="c-nowhere")
    await books.record("fine", State.REJECTED)
    assert (await books.account()).unaccounted == 0
    found = await books.account(whole=True)
    assert {(one.id, one.what) for one in found.missing} == {("expired", "no_reader"), ("became", "no_call")}


async def test_two_thousand_messages_are_read_in_batches_and_none_is_left_out(books: Books) -> None:
    ids = [f"m{number}" for number in range(2_000)]
    await books.arrive(*ids)
    subscription = await books.js.pull_subscribe_bind("filter", "RAW")
    for _ in range(4):
        for raw in await subscription.fetch(500, timeout=10):
            await raw.ack()
    await books.js._nc.flush()
    for id in ids[:-1]:
        await books.record(id, State.REJECTED)
    found = await books.account()
    assert found.messages == {"rejected": 1_999, "unaccounted": 1}
    assert [one.id for one in found.missing] == ["m1999"]


@dataclass
class Turn:
    """A regular account with a clock that the test turns."""

    books: Books
    at: datetime = field(default_factory=now)
    reckonings: MemoryReckonings = field(default_factory=MemoryReckonings)
    leases: MemoryLeases = field(default_factory=MemoryLeases)

    def replica(self, owner: str = "one") -> RegularAccount:
        return RegularAccount(
            self.books.accountant,
            self.reckonings,
            self.leases,
            lambda: self.at,
            owner=owner,
            every=timedelta(minutes=15),
            window=timedelta(hours=48),
            grace=GRACE,
        )


async def test_it_is_drawn_up_when_due_by_one_replica_and_shown_by_all(books: Books) -> None:
    await books.arrive("lost")
    await books.handle("RAW", "filter", 1)
    turn = Turn(books, at=now() + HOUR)
    one, other = turn.replica("one"), turn.replica("two")

    drawn = await one.once()
    assert drawn is not None
    assert drawn.unaccounted == 1
    assert await turn.reckonings.latest() == drawn

    metrics.UNACCOUNTED.set(0)
    assert await other.once() is None
    assert metrics.REGISTRY.get_sample_value("twin_unaccounted") == 1

    turn.at += timedelta(minutes=15)
    await books.record("lost", State.REJECTED)
    drawn = await other.once()
    assert drawn is not None
    assert drawn.unaccounted == 0
    assert metrics.REGISTRY.get_sample_value("twin_unaccounted") == 0


async def test_it_waits_while_another_replica_is_at_it_and_gives_the_lease_back(books: Books) -> None:
    turn = Turn(books)
    assert await turn.leases.acquire(LEASE, "another", now=turn.at, ttl=HOUR)
    assert await turn.replica().once() is None
    await turn.leases.release(LEASE, "another")
    assert await turn.replica().once() is not None
    assert await turn.leases.acquire(LEASE, "another", now=turn.at, ttl=HOUR)
