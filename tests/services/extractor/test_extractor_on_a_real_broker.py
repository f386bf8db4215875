"""The whole service on a real broker and a real database, with a model's endpoint that comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from nats.js import JetStreamContext
from starlette.applications import Starlette

from services.extractor.app import create
from shared.broker.publish import JetStreamPublisher
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Candidate, ExtractedCall, Verdict
from shared.contracts.subjects import DEAD, EXTRACTED
from shared.settings import MongoSettings, NatsSettings
from shared.storage.ledger import Entry, State
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger
from tests.services.extractor.endpoint import NO_CALL, Endpoint, fails, gives

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TEXT = "مطلوب ممثل شاب ٢٠-٣٠ سنة لمسلسل في جدة\nآخر موعد للتقديم ٢٥ نوفمبر\nالأجر ٨٠٠ ريال لليوم\nواتساب 0500000172"
TEXTS = {
    "m1": TEXT,
    "m2": "Need a female singer, 25-35, for a music video in Dubai, AED 900, casting@video.example.com",
    "m3": "نبحث عن معلق صوتي لوثائقي عن الصقور، السعر ١٢٠٠ ريال، العينات على voice@falcons.example.sa",
}  # three calls that have nothing in common
CALL = {
    "title": "مسلسل",
    "project_type": "series",
    "location_city": "Jeddah",
    "country": "SA",
    "deadline": "2026-11-25",
    "compensation": {"kind": "paid", "amount": 800, "currency": "SAR", "per": "day"},
    "contacts": [{"kind": "whatsapp", "value": "+966500000172"}, {"kind": "phone", "value": "+966500009999"}],
}
ANSWER: dict[str, Any] = {"is_casting_call": True, "reason": None, "call": CALL, "evidence": []}

Running = Callable[..., AbstractAsyncContextManager[Starlette]]


@pytest.fixture
def running(
    monkeypatch: pytest.MonkeyPatch, nats_settings: NatsSettings, mongo_settings: MongoSettings, endpoint: Endpoint
) -> Running:
    """Starts the service as it is served, with these settings on top."""

    @asynccontextmanager
    async def run(**settings: str) -> AsyncIterator[Starlette]:
        environment = {
            "NATS_URL": nats_settings.url,
            "MONGO_URL": mongo_settings.url.get_secret_value(),
            "MONGO_DATABASE": mongo_settings.database,
            "EXTRACTOR_ENGINE": "auto",
            "EXTRACTOR_PAUSE_S": "0.1",
            "OPENAI_API_KEY": "sk-test",
            "OPENAI_BASE_URL": endpoint.url,
            "OPENAI_TRIES": "1",
            **settings,
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        app = create()
        async with app.router.lifespan_context(app):
            yield app

    return run


async def post(js: JetStreamContext, mongo: Mongo, id: str, text: str = TEXT) -> None:
    """What the filter leaves behind: an entry in the ledger, and a candidate."""
    message = RawMessage(event_id=f"post:{id}", message_id=id, group=Group(id="g@g.us"), sent_at=NOW, text=text)
    entry = Entry(
        id=id, claim=f"RAW:{id}", state=State.CANDIDATE, group_id="g@g.us", sent_at=NOW, seen_at=NOW, via="webhook"
    )
    await MongoLedger(mongo).record([entry])
    verdict = Verdict(passed=True, rule="scored")
    await JetStreamPublisher(lambda: js).publish(
        Candidate(event_id=f"candidate:{id}", message=message, verdict=verdict)
    )


async def settled(mongo: Mongo, id: str) -> Entry:
    """The entry, as soon as the extractor has read its message."""
    async with asyncio.timeout(30):
        while True:
            entry = await MongoLedger(mongo).get(id)
            if entry is not None and "extractor" in entry.stages:
                return entry
            await asyncio.sleep(0.05)


async def stored(js: JetStreamContext, stream: str) -> int:
    return int((await js.stream_info(stream)).state.messages)


async def ready(app: Starlette) -> tuple[int, Any]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://extractor") as client:
        response = await client.get("/health/ready")
    return response.status_code, response.json()["checks"]


async def test_a_candidate_goes_in_and_a_call_comes_out(
    js: JetStreamContext, mongo: Mongo, running: Running, endpoint: Endpoint
) -> None:
    endpoint.usual = gives(ANSWER)
    calls = await js.subscribe(EXTRACTED.subject, stream=EXTRACTED.stream)
    async with running() as app:
        await post(js, mongo, "m1")
        event = ExtractedCall.model_validate_json((await calls.next_msg(timeout=30)).data)
        checks = ("flow", "broker", "database", "schema", "engine")
        assert await ready(app) == (200, dict.fromkeys(checks, "ok"))
    assert event.message.text == TEXT
    assert str(event.call.deadline) == "2026-11-25"
    assert [contact.value for contact in event.call.contacts] == ["+966500000172"]
    assert "unsupported:contacts" in {flag.name for flag in event.flags}
    assert (event.engine.name, event.engine.model, event.engine.input_tokens) == ("openai", "gpt-4o-mini", 1000)
    assert event.engine.cost_usd == pytest.approx(0.00021)
    entry = await settled(mongo, "m1")
    assert entry.stages["extractor"]["output_tokens"] == 100


async def test_what_is_no_call_ends_in_the_ledger(
    js: JetStreamContext, mongo: Mongo, running: Running, endpoint: Endpoint
) -> None:
    endpoint.usual = gives(NO_CALL)
    async with running():
        await post(js, mongo, "m1", "فيلمنا الجديد في صالات السينما قريباً")
        entry = await settled(mongo, "m1")
    assert (entry.state, entry.stages["extractor"]["reason"]) == (State.NOT_A_CALL, "a film is announced")
    assert await stored(js, EXTRACTED.stream) == 0


async def test_nothing_is_lost_while_the_model_is_away(
    js: JetStreamContext, mongo: Mongo, running: Running, endpoint: Endpoint
) -> None:
    endpoint.usual = fails(503)
    async with running() as app:
        for id, text in TEXTS.items():
            await post(js, mongo, id, text)
        async with asyncio.timeout(30):
            while len(endpoint.requests) < 3:
                await asyncio.sleep(0.02)
        status, checks = await ready(app)
        assert status == 503
        assert "HTTP 503" in checks["engine"]
        assert await stored(js, EXTRACTED.stream) == 0
        endpoint.usual = gives(ANSWER)
        for id in ("m1", "m2", "m3"):
            assert (await settled(mongo, id)).state is State.CANDIDATE
    assert await stored(js, EXTRACTED.stream) == 3
    assert await stored(js, DEAD.stream) == 0


async def test_a_spent_budget_waits_with_its_messages(
    js: JetStreamContext, mongo: Mongo, running: Running, endpoint: Endpoint
) -> None:
    endpoint.usual = gives(ANSWER)
    async with running(EXTRACTOR_REQUESTS_A_DAY="1") as app:
        await post(js, mongo, "m1")
        await settled(mongo, "m1")
        await post(js, mongo, "m2", TEXTS["m2"])
        async with asyncio.timeout(30):
            while (await ready(app))[0] == 200:
                await asyncio.sleep(0.05)
        assert "BudgetSpent" in (await ready(app))[1]["engine"]
    assert len(endpoint.requests) == 1
    assert await stored(js, DEAD.stream) == 0
    info = await js.consumer_info("CANDIDATES", "extractor")
    assert (info.num_ack_pending or 0) + (info.num_pending or 0) == 1


async def test_without_a_key_the_parsers_read(
    js: JetStreamContext, mongo: Mongo, running: Running, endpoint: Endpoint
) -> None:
    calls = await js.subscribe(EXTRACTED.subject, stream=EXTRACTED.stream)
    async with running(OPENAI_API_KEY=""):
        await post(js, mongo, "m1")
        event = ExtractedCall.model_validate_json((await calls.next_msg(timeout=30)).data)
    assert event.engine.name == "offline"
    assert [contact.value for contact in event.call.contacts] == ["+966500000172"]
    assert endpoint.requests == []
