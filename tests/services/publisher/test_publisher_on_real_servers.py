"""The publisher as it is started, on a real broker and a real database."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx
import pytest
from fastapi import FastAPI
from nats.js import JetStreamContext

from services.operator import embedded
from services.publisher.accounts import Accounts
from services.publisher.app import create
from services.publisher.logic import received
from shared.broker.publish import JetStreamPublisher
from shared.contracts.ids import call_id, deleted_id, ending_id
from shared.contracts.messages import Group, MessageDeleted, RawMessage, Sender, Via
from shared.contracts.pipeline import ApprovedCall, DeadLetter, Ending, EndKind
from shared.errors import Misconfigured
from shared.serving import STOP_GRACE_S
from shared.storage.calls import Status
from shared.storage.ledger import Entry, State
from shared.storage.mongo.accounts import MongoAccounts
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger
from tests.services.publisher.house import GROUP, PASSWORD, START, extracted, sign_in

T = TypeVar("T")
ID = call_id("m1")


@pytest.fixture
def environment(servers_in_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISHER_SESSION_SECRET", "s" * 40)


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as client,
    ):
        yield client


async def eventually(look: Callable[[], Awaitable[T]], good: Callable[[T], bool]) -> T:
    """What `look` finds once it is good; the time-out is a net, not a measure."""
    async with asyncio.timeout(30):
        while not good(found := await look()):
            await asyncio.sleep(0.02)
    return found


async def get(client: httpx.AsyncClient, path: str, *, status: int = 200) -> httpx.Response:
    return await eventually(lambda: client.get(path), lambda answer: answer.status_code == status)


async def approved(js: JetStreamContext) -> list[ApprovedCall]:
    info = await js.stream_info("APPROVED")
    numbers = range(info.state.first_seq, info.state.last_seq + 1) if info.state.messages else ()
    messages = [await js.get_msg("APPROVED", number) for number in numbers]
    return [ApprovedCall.model_validate_json(message.data or b"") for message in messages]


@pytest.mark.usefixtures("environment")
async def test_from_an_extracted_call_to_an_approved_one_and_its_withdrawal(js: JetStreamContext, mongo: Mongo) -> None:
    await Accounts(MongoAccounts(mongo)).add("sara", PASSWORD)
    ledger = MongoLedger(mongo)
    entry = Entry(
        id="m1", claim="RAW:1", state=State.CANDIDATE, group_id=GROUP.id, sent_at=START, seen_at=START, via="webhook"
    )
    await ledger.record([entry])
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    event = extracted(deadline=tomorrow)
    sender = JetStreamPublisher(lambda: js)
    async with served(create()) as client:
        ready = await get(client, "/health/ready")
        assert set(ready.json()["checks"]) == {"flow", "broker", "database", "schema", "list"}
        signed_in = await client.post("/api/v1/session", json={"name": "sara", "password": PASSWORD})
        client.headers["x-csrf-token"] = signed_in.json()["csrf_token"]

        await sender.publish(event)
        await sender.publish(event.model_copy(update={"event_id": "again"}))
        shown = (await get(client, f"/api/v1/calls/{ID}")).json()
        assert (shown["status"], shown["version"]) == ("pending", 1)
        stored = await eventually(lambda: ledger.get("m1"), lambda found: bool(found and found.state is State.CALL))
        assert stored is not None
        assert stored.call_id == ID

        body = {"version": 1, "fields": {"title": "ممثل رئيسي"}}
        assert (await client.post(f"/api/v1/calls/{ID}/approve", json=body)).status_code == 200
        [event_out] = await eventually(lambda: approved(js), bool)
        assert (event_out.event_id, event_out.call.title) == (f"{ID}:1", "ممثل رئيسي")
        assert (await client.get("/api/v1/casting-calls")).json()["total"] == 1

        deletion = MessageDeleted(event_id=deleted_id("m1"), message_id="m1", group=Group(id=GROUP.id))
        await sender.publish(deletion)
        with_suggestion = await eventually(
            lambda: client.get(f"/api/v1/calls/{ID}"), lambda answer: bool(answer.json()["suggestions"])
        )
        call = with_suggestion.json()
        path = f"/api/v1/calls/{ID}/suggestions/{call['suggestions'][0]['id']}/accept"
        assert (await client.post(path, json={"version": call["version"]})).status_code == 200
        events = await eventually(lambda: approved(js), lambda found: len(found) == 2)
        assert [(item.type, item.revision, item.reason) for item in events] == [
            ("approved", 1, None),
            ("withdrawn", 2, "deleted"),
        ]
        assert "twin_published" in (await client.get("/metrics")).text


@pytest.mark.usefixtures("environment")
async def test_a_posters_word_that_a_call_is_filled_withdraws_it(
    js: JetStreamContext, mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLISHER_WHEN_FILLED", "withdraw")
    poster = Sender(id="966500000001@s.whatsapp.net")
    entry = Entry(
        id="m1",
        claim="RAW:1",
        state=State.CANDIDATE,
        group_id=GROUP.id,
        sent_at=START,
        seen_at=START,
        via="webhook",
        sender=poster.id,
    )
    await MongoLedger(mongo).record([entry])
    said = extracted("r1", text="اكتفينا").message.model_copy(update={"sender": poster})
    calls, sender = MongoCalls(mongo), JetStreamPublisher(lambda: js)
    async with served(create()):
        # It comes before its call, and waits for it.
        await sender.publish(Ending(event_id=ending_id("r1"), kind=EndKind.FILLED, message=said, about="m1"))
        await sender.publish(extracted())
        call = await eventually(lambda: calls.get(ID), lambda found: bool(found and found.status is Status.WITHDRAWN))
    assert call is not None
    assert (call.reason, [item.kind for item in call.suggestions]) == ("filled", ["filled"])


@pytest.mark.usefixtures("environment", "mongo")
async def test_a_bad_event_becomes_a_dead_letter_that_the_publisher_keeps(js: JetStreamContext, mongo: Mongo) -> None:
    async with served(create()) as client:
        await get(client, "/health/ready")
        await js.publish("extracted", b'{"type": "extracted", "call_id": 7}', stream="EXTRACTED")
        letters = mongo.collection("dead_letters")
        found = await eventually(lambda: letters.find_one({"outcome": "open"}), bool)
        assert found is not None
        assert (found["stage"], found["reason"]) == ("publisher", "invalid")


@pytest.mark.usefixtures("environment")
async def test_a_dead_letter_of_another_stage_marks_its_message(js: JetStreamContext, mongo: Mongo) -> None:
    ledger = MongoLedger(mongo)
    entry = Entry(
        id="m9", claim="RAW:9", state=State.CANDIDATE, group_id=GROUP.id, sent_at=START, seen_at=START, via="webhook"
    )
    await ledger.record([entry])
    letter = DeadLetter(
        event_id="dead:extractor:CANDIDATES:9",
        stage="extractor",
        reason="permanent",
        subject="candidates",
        payload="{}",
        message_id="m9",
        failed_at=START,
    )
    async with served(create()):
        await JetStreamPublisher(lambda: js).publish(letter)
        stored = await eventually(lambda: ledger.get("m9"), lambda found: bool(found and found.state is State.DEAD))
        assert stored is not None
        assert stored.stages["dead"]["reason"] == "permanent"


@pytest.mark.usefixtures("environment")
async def test_the_desk_answers_while_the_broker_lacks_its_streams(mongo: Mongo) -> None:
    async with served(create()) as client:
        answer = await get(client, "/health/ready", status=503)
        assert answer.json()["checks"]["broker"] != "ok"
        assert (await client.get("/login")).status_code == 200


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("secret", [None, "short"])
def test_without_a_session_secret_it_does_not_start(secret: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PUBLISHER_SESSION_SECRET")
    if secret:
        monkeypatch.setenv("PUBLISHER_SESSION_SECRET", secret)
    with pytest.raises(Misconfigured, match="PUBLISHER_SESSION_SECRET must be set to 32 random characters"):
        create()


@pytest.mark.usefixtures("environment")
async def test_a_pasted_message_stands_in_the_stream_that_the_filter_reads(js: JetStreamContext, mongo: Mongo) -> None:
    await Accounts(MongoAccounts(mongo)).add("sara", PASSWORD)
    async with served(create()) as client:
        await get(client, "/health/ready")
        await sign_in(client, "sara")
        answer = await client.post("/review/paste", data={"text": "مطلوب ممثلة في جدة", "group": "انستقرام"})
        assert answer.status_code == 303
    stored = await js.get_last_msg("RAW", "raw.messages")
    message = RawMessage.model_validate_json(stored.data or b"")
    assert (message.text, message.via, message.group.name) == ("مطلوب ممثلة في جدة", Via.DIRECT, "انستقرام")
    assert (stored.headers or {})["Nats-Msg-Id"] == message.event_id


@pytest.mark.usefixtures("environment", "js")
async def test_a_decision_on_one_replica_is_told_at_a_desk_of_another(mongo: Mongo) -> None:
    await Accounts(MongoAccounts(mongo)).add("sara", PASSWORD)
    await MongoCalls(mongo).insert(received(extracted(), START))
    here, there = create(), create()
    async with served(here) as client, served(there) as other:
        await get(client, "/health/ready")
        await get(other, "/health/ready")
        await sign_in(other, "sara")
        news = here.state.parts.live.listen()
        assert (await other.post(f"/review/{ID}/claim")).status_code == 204
        assert (await other.post(f"/api/v1/calls/{ID}/approve", json={"version": 1})).status_code == 200
        async with asyncio.timeout(30):
            async for told in news:
                if told is not None and told.call is not None and told.call.status is Status.APPROVED:
                    break
        async with asyncio.timeout(30):  # claims are looked up by themselves: they may be told after the decision
            while here.state.parts.presence.others("omar") != {ID: "sara"}:
                await asyncio.sleep(0.02)


@pytest.mark.usefixtures("environment", "js")
async def test_an_open_desk_does_not_hold_up_the_end_of_the_process(mongo: Mongo) -> None:
    await Accounts(MongoAccounts(mongo)).add("sara", PASSWORD)
    port = embedded.free_port()
    environment = {**os.environ, "PUBLISHER_PORT": str(port)}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "shared.serving", "publisher", env=environment)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await eventually(lambda: answers(client), bool)
            await sign_in(client, "sara")
            async with client.stream("GET", "/review/live", timeout=30) as stream:
                lines = stream.aiter_lines()
                assert await anext(lines) == "retry: 1000"
                process.send_signal(signal.SIGTERM)
                async for _line in lines:  # it ends, long before the server would cut it off
                    pass
        async with asyncio.timeout(STOP_GRACE_S - 5):
            assert await process.wait() in (0, -signal.SIGTERM)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def answers(client: httpx.AsyncClient) -> bool:
    """Whether the service can be asked."""
    try:
        return (await client.get("/health/ready")).status_code == 200
    except httpx.TransportError:
        return False
