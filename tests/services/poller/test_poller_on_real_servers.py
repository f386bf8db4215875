"""Two pollers share their groups over the real broker and the real database; and the whole service starts and stops."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from nats.js import JetStreamContext
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.poller.app import create
from services.poller.handlers import Poller
from services.poller.settings import PollerSettings
from shared.broker.publish import JetStreamPublisher
from shared.contracts.messages import RAW_EVENT, RawMessage
from shared.errors import Misconfigured
from shared.settings import MongoSettings, NatsSettings
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.gateway import MongoGatewayRecord
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.sources import MongoSources
from shared.storage.sources import Source, SourceStatus
from shared.whapi.fake import FakeGateway

GROUPS = [f"12036300000000001{n}@g.us" for n in range(4)]
EACH = 520


async def stored(js: JetStreamContext) -> dict[str, list[str]]:
    """The message ids in the raw stream, by group, in the stream's order."""
    count = (await js.stream_info("RAW")).state.messages
    subscription = await js.subscribe("raw.>", ordered_consumer=True)
    found: dict[str, list[str]] = {}
    for _ in range(count):
        event = RAW_EVENT.validate_json((await subscription.next_msg(timeout=10)).data)
        assert isinstance(event, RawMessage)
        found.setdefault(event.group.id, []).append(event.message_id)
    await subscription.unsubscribe()
    return found


async def test_two_pollers_bring_every_message_once_and_in_order(js: JetStreamContext, mongo: Mongo) -> None:
    now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    gateway, sources = FakeGateway(), MongoSources(mongo)
    expected: dict[str, list[str]] = {}
    for group in GROUPS:
        gateway.add_group(group, "كاستنج")
        await sources.add(Source(group, "كاستنج", SourceStatus.ACTIVE, now))
        expected[group] = [f"{group[:18]}-{n:04}" for n in range(EACH)]
        for n, id in enumerate(expected[group]):
            gateway.post(group, id, f"text {n}", now - timedelta(hours=2) + timedelta(seconds=n))
    pollers = [
        Poller(
            sources,
            MongoLedger(mongo),
            gateway,
            JetStreamPublisher(lambda: js),
            PollerSettings(concurrency=3),
            owner=f"replica {n}",
            clock=lambda: now,
            requests_per_hour=1000,
            requests_spent=lambda: len(gateway.requests),
        )
        for n in range(2)
    ]
    cycles = await asyncio.gather(*(poller.cycle() for poller in pollers))
    assert sum(cycle.groups for cycle in cycles) == len(GROUPS)
    assert len(gateway.requests) == 2 * len(GROUPS)  # two pages each, by whichever replica
    assert await stored(js) == expected
    for source in await sources.all():
        assert source.watermark == now - timedelta(hours=2) + timedelta(seconds=EACH - 1)
        assert source.lease_owner is None


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """The address of this app, served in this process."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


def gateway_app(message: dict[str, Any]) -> Starlette:
    """As much of the gateway as the poller asks for."""

    async def health(_request: Request) -> JSONResponse:
        return JSONResponse({"channel_id": "FAKE-00001", "status": {"code": 4, "text": "AUTH"}, "uptime": 5})

    async def groups(_request: Request) -> JSONResponse:
        return JSONResponse({"groups": [{"id": GROUPS[0], "name": "كاستنج الرياض", "participants_count": 7}]})

    async def messages(request: Request) -> JSONResponse:
        assert request.headers["authorization"] == "Bearer a-token"
        return JSONResponse({"messages": [message]})

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/groups", groups),
            Route("/messages/list/{chat_id}", messages),
        ]
    )


async def test_the_service_finds_a_group_reads_it_and_stops(
    js: JetStreamContext,
    mongo: Mongo,
    mongo_settings: MongoSettings,
    nats_settings: NatsSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = {
        "id": "m-1", "type": "text", "chat_id": GROUPS[0], "from": "966500000001", "from_me": False,
        "timestamp": datetime.now(UTC).timestamp() - 60, "text": {"body": "مطلوب ممثلين"},
    }  # fmt: skip
    async with served(gateway_app(message)) as gateway_url:
        for name, value in {
            "NATS_URL": nats_settings.url,
            "MONGO_URL": mongo_settings.url.get_secret_value(),
            "MONGO_DATABASE": mongo_settings.database,
            "WHAPI_URL": gateway_url,
            "WHAPI_TOKEN": "a-token",
            "POLLER_IMPORT_AS": "active",
            "POLLER_TICK": "0.05",
            "LOG_LEVEL": "ERROR",
        }.items():
            monkeypatch.setenv(name, value)
        subscription = await js.subscribe("raw.messages", ordered_consumer=True)
        async with served(create()) as url, httpx.AsyncClient(base_url=url) as http:
            event = RAW_EVENT.validate_json((await subscription.next_msg(timeout=20)).data)
            ready = await http.get("/health/ready")
            assert ready.json()["checks"] == {"broker": "ok", "database": "ok", "schema": "ok"}
            async with asyncio.timeout(20):  # the first look at the gateway runs beside the first poll
                while "twin_gateway_up 1.0" not in (await http.get("/metrics")).text:
                    await asyncio.sleep(0.05)
        await subscription.unsubscribe()
    assert isinstance(event, RawMessage)
    assert (event.message_id, event.group.name) == ("m-1", "كاستنج الرياض")
    assert event.channel_id in (None, "FAKE-00001")  # known once the gateway was looked at
    source = await MongoSources(mongo).get(GROUPS[0])
    assert source is not None
    assert source.lease_owner is None
    assert (await MongoGatewayRecord(mongo).get()).state == "AUTH"


def test_without_a_token_it_does_not_start_and_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("WHAPI_TOKEN", "WHAPI_TOKEN_FILE", "SECRETS_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Misconfigured, match="WHAPI_TOKEN"):
        create()
