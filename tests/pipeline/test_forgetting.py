"""After `twin forget` no store, stream, file or log of a running stack holds the person, and consumers were told."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nats
import pytest

from services.operator import embedded
from services.operator.erasing import STREAMS, Erased
from services.operator.export import exported
from services.operator.forget import forgotten, name_of
from services.publisher.desk import Desk
from services.publisher.logic import Reason
from shared.arabic.mentions import Person, person_of
from shared.broker import topology
from shared.broker.erasing import erase
from shared.broker.stored import stored
from shared.contracts.calls import Contact, ContactKind
from shared.contracts.ids import call_id
from shared.contracts.pipeline import ApprovedCall, Change
from shared.settings import NatsSettings
from shared.storage.calls import Call, Status
from shared.storage.extractions import Kept
from shared.storage.hooks import Hook, HookSecret, Topic
from shared.storage.ledger import Entry, State
from shared.storage.mongo.audit import MongoAudit
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.cases import MongoCases
from shared.storage.mongo.extractions import MongoExtractions
from shared.storage.mongo.holdings import MongoHoldings
from shared.storage.mongo.hooks import MongoHooks
from shared.storage.mongo.notices import MongoNotices
from shared.storage.mongo.tunings import MongoTunings
from shared.storage.notices import Notice
from shared.storage.tunings import Tuning
from tests.pipeline.conftest import OTHER_GROUP, Stack, text_message

PHONE = "966500000731"
OTHER = "+966500000888"
KEY = "k" * 40
NAME = "أبو فهد الكاستنج"
ME = Person(numbers=(f"+{PHONE}",))
# His number in every form that a byte can be searched for: with code, without, in Arabic and escaped digits.
_LOCAL = "500000731"
_ARABIC = _LOCAL.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
TRACES = (_LOCAL, "50 000 0731", "50-000-0731", _ARABIC, json.dumps(_ARABIC)[1:-1], NAME, json.dumps(NAME)[1:-1])

CALL = """مطلوب {who} للتقديم على دور في مسلسل رمضاني جديد يصور في الرياض

- العمر: 25-35 سنة
- الخبرة: سنتين على الأقل

للتقديم واتساب: {contact}

آخر موعد: {day}"""


def call_text(who: str, contact: str) -> str:
    day = datetime.now(UTC) + timedelta(days=40)
    return CALL.format(who=who, contact=contact, day=f"{day:%d/%m/%Y}")


def by_him(id: str, body: str, **more: Any) -> dict[str, Any]:
    return text_message(id, body, **more) | {"from": PHONE, "from_name": NAME}


MESSAGES = [
    by_him("his-call", call_text("ممثلين رجال", "٠٥٠ ٠٠٠ ٠٧٣١")),
    by_him("his-chatter", "صباح الخير يا جماعة، تواصلوا معي 0500000731"),
    by_him("his-rejected", call_text("مصورين فوتوغرافيين", OTHER)),
    text_message("names-him-alone", call_text("ممثلات سعوديات", f"https://wa.me/{PHONE}"), group=OTHER_GROUP),
    text_message("names-both", call_text("أطفال موهوبين", "0500000888 أو 0500000731"), group=OTHER_GROUP),
    text_message("names-him-pending", call_text("كومبارس كبار السن", "+966 50-000-0731"), group=OTHER_GROUP),
    text_message("nobody", call_text("معلقين صوتيين", "0500000888"), group=OTHER_GROUP)
    | {"context": {"quoted_id": "his-call", "quoted_author": PHONE, "quoted_content": {"body": "كلامه هو"}}},
]


@pytest.fixture
async def filled(stack: Stack) -> Stack:
    """The stack with all that people can do to his data: decided, corrected, published, failed, cached and learned."""
    mongo = stack.mongo
    hooks = MongoHooks(mongo)
    secret = HookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    await hooks.add(Hook("h1", "https://consumer.invalid/", (Topic.CALLS,), (secret,), datetime.now(UTC)))
    await stack.post(*MESSAGES)
    for message in MESSAGES:
        await stack.entry(message["id"])
    await stack.quiet()
    calls, desk = MongoCalls(mongo), _desk(stack)
    for id in ("his-call", "names-him-alone", "names-both"):
        call = await _call(calls, id)
        await desk.approve(call.id, call.version, "sara")
    both = await _call(calls, "names-both")
    more = Contact(kind=ContactKind.PHONE, value=f"+{PHONE}")
    fields = both.fields.model_copy(update={"title": f"دور 0{_LOCAL}", "contacts": (more, *both.fields.contacts)})
    await desk.edit(both.id, both.version, fields, "sara")
    rejected = await _call(calls, "his-rejected")
    await desk.reject(rejected.id, rejected.version, Reason.OUTSIDE, f"اتصل على {_LOCAL}", "sara")
    gone = await _call(calls, "his-call")
    await desk.withdraw(gone.id, gone.version, None, "sara")
    await stack.approved(5)
    broken = {"type": "message.posted", "from": PHONE, "text": {"body": "كلامه"}, "digits": _ARABIC}
    await stack.js.publish("raw.messages", json.dumps(broken).encode(), stream="RAW")
    until = datetime.now(UTC) + timedelta(days=3)
    kept = Kept(json.dumps({"contacts": [f"0{_LOCAL}"]}), "candidate:names-both")
    await MongoExtractions(mongo).put("k1", kept, until=until)
    await MongoExtractions(mongo).put("k2", Kept("{}", "candidate:his-call"), until=until)
    await MongoTunings(mongo).add(Tuning(1, datetime.now(UTC), "boss", added={"roles": (f"0{_LOCAL}",)}))
    await MongoNotices(mongo).add(Notice("n1", "note", f"{PHONE} asks", datetime.now(UTC)))
    async with asyncio.timeout(30):
        while len(await MongoCases(mongo).every()) < 3 or not await mongo.collection("dead_letters").find_one({}):
            await asyncio.sleep(0.05)
    await stack.quiet()
    return stack


def _desk(stack: Stack) -> Desk:
    return Desk(MongoCalls(stack.mongo), stack.ledger, lambda: datetime.now(UTC), lambda _call: None)


async def _call(calls: MongoCalls, message_id: str) -> Call:
    found = await calls.get(call_id(message_id))
    assert found is not None
    return found


async def traces_in(stack: Stack) -> list[str]:
    """Where any form of him still stands: each collection's documents and each stream's messages, as bytes."""
    found = []
    holdings = MongoHoldings(stack.mongo)
    for name in await holdings.collections():
        async for document in holdings.every(name):
            text = json.dumps(document, default=str, ensure_ascii=False)
            found += [f"{name}: {trace} in {text}" for trace in TRACES if trace in text or trace in repr(document)]
    for stream in STREAMS:
        for data in await _payloads(stack, stream):
            found += [f"{stream}: {trace} in {data!r}" for trace in TRACES if trace.encode() in data]
    return found


async def _payloads(stack: Stack, stream: str) -> list[bytes]:
    return [message.data + repr(message.headers).encode() async for message in stored(stack.js, stream)]


@pytest.mark.slow
async def test_nothing_of_a_forgotten_person_is_left_anywhere(filled: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("NATS_URL", "MONGO_URL", "MONGO_DATABASE"):
        monkeypatch.setenv(variable, filled.environment[variable])
    held = {trace.partition(":")[0] for trace in await traces_in(filled)}
    wanted = {"messages", "calls", "cases", "dead_letters", "hook_deliveries", "answers", "tunings", "notices"}
    assert held >= wanted | {"signatures", "RAW", "CANDIDATES", "EXTRACTED", "APPROVED", "DEAD"}, "the trial is empty"
    entries = {message["id"]: await _entry(filled, message["id"]) for message in MESSAGES}
    events = await _payloads(filled, "APPROVED")
    told = json.dumps(await exported(ME), default=str, ensure_ascii=False)
    assert set(json.loads(told)["documents"]) >= wanted
    assert json.dumps(call_text("ممثلين رجال", "٠٥٠ ٠٠٠ ٠٧٣١"), ensure_ascii=False) in told

    _name, looked = await forgotten(ME, key=None, wait_s=0)
    assert set(looked.documents) >= wanted
    assert await _payloads(filled, "APPROVED") == events, "a dry run only looks"

    name, erased = await forgotten(ME, key=KEY, wait_s=60)
    assert not erased.waiting
    assert await traces_in(filled) == []
    assert (await exported(ME))["documents"].keys() <= {"messages", "calls"}, "what is left is empty"
    logs = "".join(filled.log(service) for service in ("receiver", "filter", "extractor", "publisher"))
    assert not [trace for trace in TRACES if trace in logs]
    _name, again = await forgotten(ME, key=KEY, wait_s=60)
    assert again.number == 0, "a second run finds nothing"

    await _audit_names_nobody(filled, str(name), erased)
    await _ledger_keeps_each_message(filled, entries)
    await _consumers_have_heard(filled)
    await _gateway_sends_again(filled)
    await _new_message_is_new(filled)
    await _what_is_on_its_way_is_found(filled)


async def _audit_names_nobody(stack: Stack, name: str, erased: Erased) -> None:
    deeds = await MongoAudit(stack.mongo).recent("person")
    assert [deed.action for deed in deeds] == ["erased", "erasure_began"] * 2
    assert {deed.subject for deed in deeds} == {name} == {name_of(person_of(f"0{_LOCAL}") or ME, KEY)}
    assert deeds[2].detail["documents"]["messages"] == erased.documents["messages"] > 0
    assert name_of(ME, "another key" * 4) != name


async def _ledger_keeps_each_message(stack: Stack, entries: dict[str, Entry]) -> None:
    for id, before in entries.items():
        after = await _entry(stack, id)
        for value in ("state", "claim", "sent_at", "call_id", "rule", "duplicate_of"):
            assert getattr(after, value) == getattr(before, value), (id, value)
        if id.startswith("his"):
            assert (after.erased, after.text, after.sender, after.sender_name) == ("words", "", None, None)


async def _consumers_have_heard(stack: Stack) -> None:
    calls = MongoCalls(stack.mongo)
    async with asyncio.timeout(30):
        while await calls.unsent():
            await asyncio.sleep(0.05)
    await stack.quiet()
    messages = [message async for message in stored(stack.js, "APPROVED")]
    events = sorted((ApprovedCall.model_validate_json(one.data) for one in messages), key=lambda one: one.revision)
    newest = {event.call_id: event for event in events}
    his, alone, both = (newest[call_id(id)] for id in ("his-call", "names-him-alone", "names-both"))
    assert (his.type, his.call.title, his.origin.text, his.reason) == (
        Change.WITHDRAWN,
        "[erased]",
        "",
        "erasure request",
    )
    assert (alone.type, alone.reason, alone.call.contacts) == (Change.WITHDRAWN, "erasure request", ())
    assert both.type is Change.UPDATED
    assert [contact.value for contact in both.call.contacts] == [OTHER]
    assert "0500000888" in both.origin.text
    bodies = [one["body"] async for one in stack.mongo.collection("hook_deliveries").find({})]
    assert {json.loads(body)["data"]["event_id"] for body in bodies} >= {his.event_id, alone.event_id, both.event_id}
    pending = await _call(calls, "names-him-pending")
    assert (pending.status, pending.fields.contacts) == (Status.PENDING, ())
    assert re.search("█{16}", pending.message.text)
    kept = await _call(calls, "names-both")
    for path, evidence in kept.evidence.items():
        assert kept.message.text[evidence.start : evidence.end] == evidence.text, path
    assert kept.evidence.keys() & {"contacts.0"}
    untouched = await _call(calls, "nobody")
    assert [contact.value for contact in untouched.fields.contacts] == [OTHER]
    assert untouched.message.text == MESSAGES[-1]["text"]["body"]


async def _gateway_sends_again(stack: Stack) -> None:
    theirs = [message for message in MESSAGES if message["id"] != "nobody"]
    async with asyncio.timeout(60):  # the receiver reads what was erased every few seconds
        while (await stack.post(*theirs)).json()["ignored"].get("erased") != len(theirs):
            await asyncio.sleep(0.2)
    await stack.quiet()
    assert await traces_in(stack) == []


async def _new_message_is_new(stack: Stack) -> None:
    await stack.post(by_him("his-new", call_text("ممثلين من جديد", f"0{_LOCAL}")))
    entry = await stack.entry("his-new")
    assert (entry.state, entry.sender) == (State.CALL, PHONE)


async def _what_is_on_its_way_is_found(stack: Stack) -> None:
    who = ("ممثلين", "ممثلات", "مغنين", "عارضات أزياء", "مصورين", "كتاب سيناريو")
    late = [by_him(f"late-{number}", call_text(name, f"0{_LOCAL}")) for number, name in enumerate(who)]
    late += [
        text_message(f"near-{number}", call_text(f"خبراء {name}", f"0{_LOCAL}")) for number, name in enumerate(who)
    ]
    await stack.post(*late)
    _name, erased = await forgotten(ME, key=KEY, wait_s=120)
    await stack.quiet()
    assert not erased.waiting
    assert await traces_in(stack) == []
    states = {(await _entry(stack, message["id"])).state for message in late}
    assert State.CANDIDATE not in states, "nothing is left half-way"


async def _entry(stack: Stack, id: str) -> Entry:
    found = await stack.ledger.get(id)
    assert found is not None
    return found


async def test_the_broker_writes_over_what_it_erases(tmp_path: Path) -> None:
    server = embedded.start_nats(tmp_path)
    try:
        client = await nats.connect(f"nats://127.0.0.1:{server.port}")
        js = client.jetstream()
        await topology.provision(js, NatsSettings(url="", max_bytes=50_000_000))
        for number in range(3):
            await js.publish("candidates", f"+{PHONE} {number}".encode(), stream="CANDIDATES")
        assert PHONE.encode() in _files(tmp_path)
        for number in range(3):
            assert await erase(js, "CANDIDATES", number + 1)
            assert not await erase(js, "CANDIDATES", number + 1), "what is gone is gone"
        assert PHONE.encode() not in _files(tmp_path)
        await client.close()
    finally:
        server.stop()


def _files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (folder / "jetstream").rglob("*") if path.is_file())
