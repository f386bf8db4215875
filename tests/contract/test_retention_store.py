"""The retention's contract, on the fakes and on the real database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.calls import CastingCall, Contact, ContactKind
from shared.contracts.messages import Group
from shared.contracts.pipeline import DeadLetter, Engine, Verdict
from shared.storage.cases import Case, Cases
from shared.storage.dead_letters import DeadLetters
from shared.storage.hooks import Delivery, Hook, Hooks, HookSecret, Topic
from shared.storage.ledger import Entry, Ledger, State
from shared.storage.memory.cases import MemoryCases
from shared.storage.memory.dead_letters import MemoryDeadLetters
from shared.storage.memory.hooks import MemoryHooks
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.memory.retention import MemoryRetention
from shared.storage.memory.texts import MemoryTexts
from shared.storage.mongo.cases import MongoCases
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.dead_letters import MongoDeadLetters
from shared.storage.mongo.hooks import MongoHooks
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.retention import MongoRetention
from shared.storage.mongo.texts import MongoTexts
from shared.storage.retention import MENTION, WORDS, Retention
from shared.storage.texts import TextClaim, Texts

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
HOUR = NOW.replace(minute=0)
DAY = timedelta(days=1)


@dataclass
class Room:
    """The retention and the stores that it empties."""

    retention: Retention
    ledger: Ledger
    texts: Texts
    cases: Cases
    letters: DeadLetters
    hooks: Hooks


@pytest.fixture(params=["memory", "mongo"])
def room(request: pytest.FixtureRequest) -> Room:
    if request.param == "memory":
        fakes = MemoryLedger(), MemoryTexts(), MemoryCases(), MemoryDeadLetters(), MemoryHooks()
        return Room(MemoryRetention(*fakes), *fakes)
    mongo: Mongo = request.getfixturevalue("mongo")
    stores = MongoLedger(mongo), MongoTexts(mongo), MongoCases(mongo), MongoDeadLetters(mongo), MongoHooks(mongo)
    return Room(MongoRetention(mongo), *stores)


def entry(id: str, seen_at: datetime, *, claim: str = "RAW:1") -> Entry:
    return Entry(
        id=id,
        claim=claim,
        state=State.CANDIDATE,
        group_id="g@g.us",
        sent_at=seen_at,
        seen_at=seen_at,
        via="webhook",
        rule="scored_call",
        text="مطلوب ممثلين 0500000011",
        sender="966500000011",
        sender_name="فلان",
        fingerprint=f"print-{id}",
    )


async def test_progress_is_kept_and_never_goes_back(room: Room) -> None:
    assert await room.retention.reached("messages") is None
    await room.retention.reach("messages", NOW)
    await room.retention.reach("messages", NOW - DAY)
    await room.retention.reach("calls", NOW - DAY)
    assert await room.retention.reached("messages") == NOW
    assert await room.retention.reached("calls") == NOW - DAY


async def test_the_entries_of_one_hour_lose_words_and_persons_and_keep_their_state(room: Room) -> None:
    assert await room.retention.first_hour() is None
    for id, at in (("old", NOW), ("older", NOW - timedelta(hours=1)), ("new", NOW + timedelta(hours=1))):
        await room.ledger.record([entry(id, at), entry(f"{id}-2", at, claim="RAW:2")])
    detail = {"is_call": True, "reason": "he says 0500000011", "name": "offline"}
    await room.ledger.settle("old", State.CANDIDATE, stage="extractor", detail=detail)
    await room.ledger.settle("old", State.CALL, stage="publisher", detail={"call_id": "c1"})
    claims = [TextClaim("print-old", "old", NOW), TextClaim("print-new", "new", NOW), TextClaim("other", "x", NOW)]
    await room.texts.claim([*claims, TextClaim("check:print-old-2", "old-2", NOW)], since=NOW - DAY)

    assert await room.retention.first_hour() == HOUR - timedelta(hours=1)
    assert await room.retention.fade_messages(HOUR) == 2
    assert await room.retention.fade_messages(HOUR) == 0, "twice is harmless"

    faded = await room.ledger.get("old")
    assert faded is not None
    assert (faded.text, faded.sender, faded.sender_name, faded.fingerprint) == ("", None, None, None)
    assert (faded.erased, faded.state, faded.call_id, faded.rule) == ("age", State.CALL, "c1", "scored_call")
    assert faded.stages["extractor"] == {"is_call": True, "name": "offline"}
    for id in ("older", "new"):
        whole = await room.ledger.get(id)
        assert whole is not None
        assert (whole.text, whole.sender, whole.erased) == ("مطلوب ممثلين 0500000011", "966500000011", "")
    again = [TextClaim(one.fingerprint, "late", NOW) for one in claims] + [TextClaim("check:print-old-2", "late", NOW)]
    assert await room.texts.claim(again, since=NOW - DAY) == ["late", "new", "x", "late"]
    assert (await room.ledger.record([entry("old", NOW, claim="RAW:9")]))[0] == faded, "a redelivery finds it"


async def test_words_around_a_name_that_was_erased_go_in_their_time_as_well(room: Room) -> None:
    """Somebody in the message asked to be forgotten: its writer's words and number are kept no longer for that."""
    for id, erased in (("named", MENTION), ("theirs", WORDS)):
        one = entry(id, NOW)
        one.erased = erased
        await room.ledger.record([one])
    assert await room.retention.fade_messages(HOUR) == 1
    assert await room.retention.fade_messages(HOUR) == 0, "twice is harmless"
    faded, theirs = await room.ledger.get("named"), await room.ledger.get("theirs")
    assert faded is not None
    assert theirs is not None
    assert (faded.text, faded.sender, faded.sender_name, faded.erased) == ("", None, None, "age")
    assert theirs.erased == WORDS, "the eraser knows it by that"


async def test_old_cases_keep_their_words_without_contacts(room: Room) -> None:
    def case(id: str, at: datetime, version: int = 1) -> Case:
        call = CastingCall(title="ممثل", contacts=(Contact(kind=ContactKind.PHONE, value="+966500000011"),))
        return Case(
            id=id,
            version=version,
            message_id=id,
            group=Group(id="g@g.us"),
            text="مطلوب 0500000011",
            sent_at=at,
            label="casting_call",
            gold=call,
            reviewer="sara",
            at=at,
            verdict=Verdict(passed=True, rule="scored_call"),
            engine=Engine(name="offline"),
            original=call,
        )

    until = NOW + 365 * DAY
    for id, at in (("old", NOW - DAY), ("new", NOW)):
        await room.cases.keep(case(id, at), until=until)
    await room.cases.keep(case("undone", NOW - DAY), until=until)
    await room.cases.void("undone", 2, until=until)
    assert await room.retention.fade_cases(NOW, lambda text: text.replace("0500000011", "#")) == 1
    assert await room.retention.fade_cases(NOW, lambda text: text.replace("0500000011", "#")) == 0
    old, new = await room.cases.get("old"), await room.cases.get("new")
    assert old is not None
    assert old.gold is not None
    assert (old.text, old.gold.contacts, old.original.contacts, old.label) == ("مطلوب #", (), (), "casting_call")
    assert new == case("new", NOW)
    assert await room.cases.get("undone") is None
    assert not await room.cases.keep(case("old", NOW - DAY), until=until), "the same decision does not bring it back"
    assert await room.cases.keep(case("old", NOW - DAY, version=2), until=until)


async def test_old_letters_and_deliveries_go(room: Room) -> None:
    for id, at in (("old", NOW - DAY), ("settled", NOW - DAY), ("new", NOW)):
        letter = DeadLetter(event_id=id, stage="filter", reason="x", subject="raw", payload="0500000011", failed_at=at)
        await room.letters.add(letter)
    await room.letters.settle(["settled"], "replayed")
    assert await room.retention.drop_letters(NOW) == 2
    assert [await room.letters.get(id) is not None for id in ("old", "settled", "new")] == [False, False, True]

    await room.hooks.add(Hook("h", "https://consumer.invalid", (Topic.CALLS,), (HookSecret("whsec_x"),), NOW))
    await room.hooks.enqueue([Delivery("h", id, "call", "{}", at, at) for id, at in (("a", NOW - DAY), ("b", NOW))])
    assert await room.retention.drop_deliveries(NOW) == 1
    assert [one.event_id for one in await room.hooks.due("h", NOW + DAY)] == ["b"]


async def test_old_deliveries_to_a_subscriber_that_is_gone_go_as_well(room: Room) -> None:
    """It was removed while a call was being owed to it: nobody will ever send that, and nobody is to keep it."""
    await room.hooks.enqueue([Delivery("gone", id, "call", "{}", at, at) for id, at in (("a", NOW - DAY), ("b", NOW))])
    assert await room.retention.drop_deliveries(NOW) == 1
    assert [one.event_id for one in await room.hooks.due("gone", NOW + DAY)] == ["b"]
