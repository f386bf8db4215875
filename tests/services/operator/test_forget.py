"""`twin forget` and `twin export` without services: what waits, what a crash leaves, what is refused."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nats.js import JetStreamContext
from typer.testing import CliRunner

from services.operator.cli import app
from services.operator.erasing import Eraser
from services.operator.export import exported
from services.operator.forget import eraser_on
from services.publisher import logic
from shared.arabic.mentions import Person
from shared.broker.erasing import erase
from shared.broker.publish import JetStreamPublisher
from shared.broker.stored import stored
from shared.contracts.calls import CastingCall, Contact, ContactKind
from shared.contracts.ids import call_id, posted_id
from shared.contracts.messages import Group, Quoted, RawMessage, Sender
from shared.contracts.pipeline import Candidate, Engine, ExtractedCall, Verdict
from shared.errors import Misconfigured
from shared.storage.calls import Status
from shared.storage.ledger import Entry, State
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.erasures import MongoErasures
from shared.storage.mongo.holdings import MongoHoldings
from shared.storage.mongo.ledger import MongoLedger

PHONE = "966500000731"
ME = Person(numbers=(f"+{PHONE}",))
GROUP = Group(id="120363000000000001@g.us")
VERDICT = Verdict(passed=True, rule="scored_call")
RUNNER = CliRunner()


def message(id: str, text: str, *, sender: str = PHONE) -> RawMessage:
    return RawMessage(
        event_id=posted_id(id),
        message_id=id,
        group=GROUP,
        sender=Sender(id=sender, kind="phone", name="فلان"),
        sent_at=datetime(2026, 11, 20, tzinfo=UTC),
        text=text,
    )


HIS = message("his", "مطلوب ممثل، راسلوني")
OTHERS = message("others", f"مطلوب ممثلة، تواصلوا مع 0{PHONE[3:]}", sender="966500000011")


@pytest.fixture
def settings(servers_in_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment in which `twin` finds the test's servers."""
    monkeypatch.setenv("RETENTION_KEY", "k" * 32)


async def fill(js: JetStreamContext, mongo: Mongo) -> None:
    """Both messages on RAW, CANDIDATES and EXTRACTED, and in the database as an approved and a pending call."""
    publisher = JetStreamPublisher(lambda: js)
    for raw in (HIS, OTHERS):
        contact = Contact(kind=ContactKind.PHONE, value=f"+{PHONE}")
        candidate = Candidate(event_id=f"candidate:{raw.message_id}", message=raw, verdict=VERDICT)
        extracted = ExtractedCall(
            event_id=f"extracted:{raw.message_id}",
            call_id=call_id(raw.message_id),
            message=raw,
            verdict=VERDICT,
            call=CastingCall(title="ممثل", contacts=(contact,)),
            engine=Engine(name="offline"),
        )
        await publisher.publish_all([raw, candidate, extracted])
        entry = Entry(raw.message_id, "RAW:1", State.CALL, GROUP.id, raw.sent_at, raw.sent_at, "webhook", text=raw.text)
        entry.sender = raw.sender.id if raw.sender else None
        await MongoLedger(mongo).record([entry])
        call = logic.received(extracted, datetime.now(UTC))
        await MongoCalls(mongo).insert(call)
        if raw is HIS:
            await MongoCalls(mongo).save(logic.approve(call, "sara", datetime.now(UTC)), over=call.version)


async def handle_all(js: JetStreamContext) -> None:
    """As the services would: every reader acknowledges everything."""
    for stream, durable in (("RAW", "filter"), ("CANDIDATES", "extractor"), ("EXTRACTED", "publisher")):
        reader = await js.pull_subscribe_bind(durable, stream)
        for one in await reader.fetch(10, timeout=5):
            await one.ack_sync()


async def held(js: JetStreamContext, mongo: Mongo) -> list[str]:
    """Where the number still stands."""
    found = []
    holdings = MongoHoldings(mongo)
    for name in await holdings.collections():
        found += [name async for document in holdings.every(name) if PHONE[3:] in json.dumps(document, default=str)]
    for stream in ("RAW", "CANDIDATES", "EXTRACTED"):
        found += [stream async for one in stored(js, stream) if PHONE[3:].encode() in one.data]
    return found


async def test_what_nobody_has_handled_waits_unless_the_person_wrote_it(js: JetStreamContext, mongo: Mongo) -> None:
    publisher = JetStreamPublisher(lambda: js)
    await publisher.publish_all([HIS, OTHERS])
    erased = await eraser_on(mongo, js).erase(ME, wait_s=0)
    assert (dict(erased.messages), dict(erased.waiting)) == ({"RAW": 1}, {"RAW": 1})
    [left] = [one.data async for one in stored(js, "RAW")]
    assert RawMessage.model_validate_json(left) == OTHERS, "another's message is not lost"
    known = await MongoLedger(mongo).get("his")
    assert known is not None
    assert (known.state, known.rule, known.text, known.sender, known.erased) == (
        State.REJECTED,
        "erased",
        "",
        None,
        "words",
    )
    assert "post:his" in await MongoErasures(mongo).all()
    reader = await js.pull_subscribe_bind("filter", "RAW")
    for one in await reader.fetch(1, timeout=5):
        await one.ack_sync()
    erased = await eraser_on(mongo, js).erase(ME, wait_s=5)
    assert (dict(erased.messages), dict(erased.waiting)) == ({"RAW": 1}, {})


class Dies(Exception):
    """The process is killed here."""


async def test_a_crash_between_any_two_steps_is_made_good_by_the_next_run(js: JetStreamContext, mongo: Mongo) -> None:
    await fill(js, mongo)
    await handle_all(js)
    assert set(await held(js, mongo)) == {"messages", "calls", "RAW", "CANDIDATES", "EXTRACTED"}
    crashes = 0
    while True:
        eraser = eraser_on(mongo, js)
        _kill_after_one_write(eraser)
        try:
            await eraser.erase(ME, wait_s=5)
            break
        except Dies:
            crashes += 1
            assert crashes < 40
    assert crashes >= 8, "two calls, two entries, six messages; two of them may go in one write"
    assert await held(js, mongo) == []
    calls = MongoCalls(mongo)
    his = await calls.get(call_id("his"))
    assert his is not None
    assert (his.status, his.revision, his.fields.title) == (Status.WITHDRAWN, 2, "[erased]"), "told once"
    assert [event.reason for event in his.unsent] == ["erasure request"]
    pending = await calls.get(call_id("others"))
    assert pending is not None
    assert (pending.status, pending.fields.contacts, pending.revision) == (Status.PENDING, (), 0)


def _kill_after_one_write(eraser: Eraser) -> None:
    """The first thing that is written is written, and that is the end of the process."""

    def dying(method: Any) -> Any:
        async def once(*given: Any, **more: Any) -> Any:
            done = await method(*given, **more)
            if done:
                raise Dies
            return done

        return once

    eraser._holdings.replace = dying(eraser._holdings.replace)  # type: ignore[method-assign]
    eraser._holdings.drop = dying(eraser._holdings.drop)  # type: ignore[method-assign]
    eraser._calls.save = dying(eraser._calls.save)  # type: ignore[method-assign]
    eraser._erase = dying(erase)


@pytest.mark.parametrize("sender", [None, "123456789012345@lid"])
@pytest.mark.parametrize("became_a_call", [True, False])
async def test_his_edit_is_his_whatever_the_gateway_says_of_its_sender(
    js: JetStreamContext, mongo: Mongo, settings: None, sender: str | None, became_a_call: bool
) -> None:
    """The gateway shows an edit in two ways; one has no sender, or has his other id."""
    ledger = MongoLedger(mongo)
    for id, edit_of in (("edit:his:1", "his"), ("edit:another:1", "another")):
        edit = Entry(id, "RAW:2", State.NOT_A_CALL, GROUP.id, HIS.sent_at, HIS.sent_at, "webhook", text="كلمة جديدة")
        edit.edit_of, edit.sender, edit.sender_name = edit_of, sender, "فلان" if sender else None
        await ledger.record([edit])
        if became_a_call:
            await ledger.settle(id, State.CALL, stage="publisher", detail={"call_id": call_id(edit_of)})
        await mongo.collection("answers").insert_one({"_id": id, "text": "{}", "paid_by": f"candidate:{id}"})
    his = Entry("his", "RAW:1", State.CALL, GROUP.id, HIS.sent_at, HIS.sent_at, "webhook", text="كلامه", sender=PHONE)
    await ledger.record([his])
    shown = (await exported(ME))["documents"]
    assert [len(shown[name]) for name in ("messages", "answers")] == [2, 1]
    erased = await eraser_on(mongo, js).erase(ME, wait_s=0)
    assert dict(erased.documents) == {"messages": 2, "answers": 1}
    after = await ledger.get("edit:his:1")
    assert after is not None
    assert (after.text, after.sender, after.sender_name, after.erased, after.edit_of) == (
        "",
        None,
        None,
        "words",
        "his",
    )
    assert await MongoErasures(mongo).all() == {"post:his", "edit:his:1"}
    other = await ledger.get("edit:another:1")
    assert other is not None
    assert other.text == "كلمة جديدة"


async def test_a_call_that_quotes_him_by_an_unknown_id_is_told_once_without_his_words(
    js: JetStreamContext, mongo: Mongo
) -> None:
    his = Entry(
        "his", "RAW:1", State.REJECTED, GROUP.id, HIS.sent_at, HIS.sent_at, "webhook", text="كلامه", sender=PHONE
    )
    await MongoLedger(mongo).record([his])
    quoted = Quoted(message_id="his", author="123456789012345@lid", text="كلامه")
    answer = message("others", "مطلوب ممثلة", sender="966500000011").model_copy(update={"quoted": quoted})
    extracted = ExtractedCall(
        event_id="extracted:others",
        call_id=call_id("others"),
        message=answer,
        verdict=VERDICT,
        call=CastingCall(title="ممثلة"),
        engine=Engine(name="offline"),
    )
    calls, call = MongoCalls(mongo), logic.received(extracted, datetime.now(UTC))
    await calls.insert(call)
    await calls.save(logic.approve(call, "sara", datetime.now(UTC)), over=call.version)
    erased = await eraser_on(mongo, js).erase(ME, wait_s=0)
    assert dict(erased.documents) == {"messages": 1, "calls": 1}
    after = await calls.get(call.id)
    assert after is not None
    assert (after.status, after.revision, after.message.text) == (Status.APPROVED, 2, "مطلوب ممثلة")
    assert after.message.quoted == Quoted(message_id="his")


async def test_a_message_is_his_whose_edit_is(js: JetStreamContext, mongo: Mongo) -> None:
    ledger = MongoLedger(mongo)
    for id, sender, edit_of in (("his", "123456789012345@lid", None), ("edit:his:1", PHONE, "his")):
        one = Entry(id, f"RAW:{id}", State.NOT_A_CALL, GROUP.id, HIS.sent_at, HIS.sent_at, "webhook", text="كلامه")
        one.sender, one.edit_of = sender, edit_of
        await ledger.record([one])
    assert dict((await eraser_on(mongo, js).erase(ME, wait_s=0)).documents) == {"messages": 2}
    found = await ledger.get("his")
    assert found is not None
    assert (found.text, found.sender, found.erased) == ("", None, "words")


async def test_another_person_is_left_alone(js: JetStreamContext, mongo: Mongo) -> None:
    await fill(js, mongo)
    await handle_all(js)
    before = await held(js, mongo)
    erased = await eraser_on(mongo, js).erase(Person(numbers=("+966500000732",)), wait_s=5)
    assert erased.number == 0
    assert await held(js, mongo) == before
    by_writer = await eraser_on(mongo, js, dry=True).erase(Person(numbers=("+966500000011",)), wait_s=0)
    assert dict(by_writer.calls) == {"of theirs": 1}


def test_what_names_nobody_is_wrong_use(settings: None) -> None:
    for command in ("forget", "export"):
        answer = RUNNER.invoke(app, [command, "سارة"])
        assert answer.exit_code == 2
        assert "neither one phone number nor a WhatsApp id" in answer.stderr


def test_without_a_key_nothing_is_erased(settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RETENTION_KEY")
    answer = RUNNER.invoke(app, ["forget", PHONE, "--yes"])
    assert isinstance(answer.exception, Misconfigured)
    assert "RETENTION_KEY" in str(answer.exception)
    monkeypatch.setenv("RETENTION_KEY", "short")
    assert isinstance(RUNNER.invoke(app, ["forget", PHONE, "--yes"]).exception, Misconfigured)


async def test_the_commands_answer_for_programs(
    js: JetStreamContext, mongo: Mongo, settings: None, tmp_path: Path
) -> None:
    await fill(js, mongo)
    await handle_all(js)

    def twin(*arguments: str) -> Any:
        return RUNNER.invoke(app, list(arguments))

    looked = json.loads((await asyncio.to_thread(twin, "forget", "٠٥٠٠٠٠٠٧٣١", "--dry-run", "--json")).stdout)
    assert looked["dry_run"] is True
    assert looked["documents"] == {"calls": 2, "messages": 2}
    assert looked["messages"] == {"RAW": 2, "CANDIDATES": 2, "EXTRACTED": 2}
    refused = await asyncio.to_thread(RUNNER.invoke, app, ["forget", PHONE], "n\n")
    assert refused.exit_code == 1
    assert await held(js, mongo) != []

    out = tmp_path / "person.json"
    await asyncio.to_thread(twin, "export", PHONE, "-o", str(out))
    assert out.stat().st_mode & 0o777 == 0o600
    document = json.loads(out.read_text())
    assert {name: len(found) for name, found in document["documents"].items()} == {"calls": 2, "messages": 2}
    assert document["streams"] == {"RAW": 2, "CANDIDATES": 2, "EXTRACTED": 2}

    done = json.loads((await asyncio.to_thread(twin, "forget", PHONE, "--yes", "--json", "--wait", "5")).stdout)
    assert done["name_in_audit"].startswith("person-")
    assert await held(js, mongo) == []
    assert json.loads((await asyncio.to_thread(twin, "export", PHONE, "--json")).stdout)["streams"] == {}


async def test_what_is_shown_of_a_person_is_what_would_be_erased(
    js: JetStreamContext, mongo: Mongo, settings: None, tmp_path: Path
) -> None:
    await fill(js, mongo)
    await handle_all(js)
    for id in ("his", "others"):
        await mongo.collection("signatures").insert_one({"_id": id, "pieces": ["مطلوب"]})
        await mongo.collection("answers").insert_one({"_id": f"k-{id}", "text": "{}", "paid_by": f"candidate:{id}"})
    looked = await eraser_on(mongo, js, dry=True).erase(ME, wait_s=0)
    shown = (await exported(ME))["documents"]
    assert {name: len(found) for name, found in shown.items()} == dict(looked.documents)
    assert set(shown) == {"messages", "calls", "signatures", "answers"}


async def test_what_is_left_of_one_who_was_forgotten_is_shown_to_nobody(
    js: JetStreamContext, mongo: Mongo, settings: None
) -> None:
    await fill(js, mongo)
    await handle_all(js)
    await eraser_on(mongo, js).erase(ME, wait_s=5)
    for number in (PHONE, "966500000732"):
        assert await exported(Person(numbers=(f"+{number}",))) == {"documents": {}, "streams": {}}


async def test_a_file_that_others_could_read_is_closed_to_them(
    js: JetStreamContext, mongo: Mongo, settings: None, tmp_path: Path
) -> None:
    await fill(js, mongo)
    out = tmp_path / "person.json"
    out.write_text("of another person, and longer than nothing " * 1000)
    out.chmod(0o644)
    assert (await asyncio.to_thread(RUNNER.invoke, app, ["export", PHONE, "-o", str(out)])).exit_code == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(out.read_text())["documents"]) == {"messages", "calls"}
