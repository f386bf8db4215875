"""The receiver as a server, on a real broker: 200 means stored, whatever happens to either of them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import nats
import orjson
import pytest
from nats.js import JetStreamContext
from pydantic import SecretStr
from starlette.types import ASGIApp

from services.operator import embedded
from services.receiver.app import assemble
from services.receiver.settings import ReceiverSettings
from shared.broker import topology
from shared.contracts.messages import RawMessage
from shared.contracts.pipeline import DeadLetter
from shared.errors import Misconfigured
from shared.settings import MongoSettings, NatsSettings
from shared.storage.memory.sources import MemorySources
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.sources import MongoSources
from shared.storage.sources import Source, SourceStatus

SECRET = "an-invented-secret-1"
HEADERS = {"x-webhook-secret": SECRET}
OURS = "120363000000000001@g.us"

Make = Callable[..., Any]
Serve = Callable[[ASGIApp], AbstractAsyncContextManager[str]]


def settings(**more: Any) -> ReceiverSettings:
    return ReceiverSettings(**{"secret": SecretStr(SECRET), "max_body": 2_000_000, **more})


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(headers=HEADERS, timeout=20) as client:
        yield client


async def until_ready(client: httpx.AsyncClient, address: str) -> dict[str, Any]:
    """Waits for readiness; the test's own time limit is the patience of this."""
    async with asyncio.timeout(30):
        while True:
            response = await client.get(address + "/health/ready")
            if response.status_code == 200:
                found: dict[str, Any] = response.json()
                return found
            await asyncio.sleep(0.02)


async def stored(js: JetStreamContext, stream: str) -> list[bytes]:
    """All that a stream holds, in its order."""
    info = await js.stream_info(stream)
    first, last = info.state.first_seq, info.state.last_seq
    return [(await js.get_msg(stream, seq)).data or b"" for seq in range(max(first, 1), last + 1)]


async def test_200_means_that_the_stream_holds_it_once(
    js: JetStreamContext,
    nats_settings: NatsSettings,
    sources: MemorySources,
    serve: Serve,
    client: httpx.AsyncClient,
    some_delivery: Make,
    some_message: Make,
) -> None:
    async with serve(assemble(settings(), nats_settings, sources)) as address:
        await until_ready(client, address)
        url = address + "/webhooks/whapi"
        first = await client.post(url, json=some_delivery(some_message("a"), some_message("b"), 7))
        assert first.json() == {"received": 3, "stored": 2, "duplicate": 0, "ignored": {}, "malformed": 1}
        again = await client.post(url, json=some_delivery(some_message("a"), some_message("b"), 7))
        assert again.json() == {"received": 3, "stored": 0, "duplicate": 2, "ignored": {}, "malformed": 1}
        raw = [RawMessage.model_validate_json(data) for data in await stored(js, "RAW")]
        assert [(event.message_id, event.group.name) for event in raw] == [
            ("a", "كاستنج الرياض"),
            ("b", "كاستنج الرياض"),
        ]
        (letter,) = [DeadLetter.model_validate_json(data) for data in await stored(js, "DEAD")]
        assert (letter.reason, letter.payload) == ("not_an_object", "7")
    assert sources.sources[OURS].last_webhook_at is not None


async def test_many_deliveries_at_once_are_each_stored_once(
    js: JetStreamContext,
    nats_settings: NatsSettings,
    sources: MemorySources,
    serve: Serve,
    client: httpx.AsyncClient,
    some_delivery: Make,
    some_message: Make,
) -> None:
    async with serve(assemble(settings(), nats_settings, sources)) as address:
        await until_ready(client, address)
        bodies = [some_delivery(*(some_message(f"{n}-{i}") for i in range(n % 4 + 1))) for n in range(40)]
        answers = await asyncio.gather(
            *(client.post(address + "/webhooks/whapi", json=body) for body in bodies + bodies)
        )
        assert {answer.status_code for answer in answers} == {200}
        assert sum(answer.json()["stored"] for answer in answers) == 100
        ids = [orjson.loads(data)["message_id"] for data in await stored(js, "RAW")]
        assert len(ids) == len(set(ids)) == 100


async def test_a_delivery_of_thousands_is_stored_whole(
    js: JetStreamContext,
    nats_settings: NatsSettings,
    sources: MemorySources,
    serve: Serve,
    client: httpx.AsyncClient,
    some_delivery: Make,
    some_message: Make,
) -> None:
    async with serve(assemble(settings(), nats_settings, sources)) as address:
        await until_ready(client, address)
        body = some_delivery(*(some_message(str(n)) for n in range(2500)))
        assert (await client.post(address + "/webhooks/whapi", json=body)).json()["stored"] == 2500
        assert (await js.stream_info("RAW")).state.messages == 2500


async def test_an_outage_of_the_broker_is_a_503_and_the_retry_is_stored_once(
    tmp_path: Path,
    sources: MemorySources,
    serve: Serve,
    client: httpx.AsyncClient,
    some_delivery: Make,
    some_message: Make,
) -> None:
    server = embedded.start_nats(tmp_path)
    broker = NatsSettings(url=f"nats://127.0.0.1:{server.port}", max_bytes=50_000_000)
    try:
        connection = await nats.connect(broker.url, max_reconnect_attempts=-1, reconnect_time_wait=0.05)
        js = connection.jetstream()
        await topology.provision(js, broker)
        async with serve(assemble(settings(), broker, sources)) as address:
            await until_ready(client, address)
            url = address + "/webhooks/whapi"
            assert (await client.post(url, json=some_delivery(some_message("a")))).status_code == 200
            server.kill()
            refused = await client.post(url, json=some_delivery(some_message("a"), some_message("b")))
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
            assert (
                await client.post(url, content=b"{", headers={"content-type": "application/json"})
            ).status_code == 503
            assert (await client.get(address + "/health/live")).status_code == 200
            assert (await client.get(address + "/health/ready")).status_code == 503
            server.restart()
            await until_ready(client, address)
            retried = await client.post(url, json=some_delivery(some_message("a"), some_message("b")))
            assert retried.status_code == 200
            async with asyncio.timeout(20):
                while not connection.is_connected:
                    await asyncio.sleep(0.02)
            ids = [orjson.loads(data)["message_id"] for data in await stored(js, "RAW")]
            assert sorted(ids) == ["a", "b"]
        await connection.close()
    finally:
        server.stop()


async def test_it_starts_without_the_broker_answers_503_and_recovers_by_itself(
    tmp_path: Path,
    sources: MemorySources,
    serve: Serve,
    client: httpx.AsyncClient,
    some_delivery: Make,
    some_message: Make,
) -> None:
    port = embedded.free_port()
    broker = NatsSettings(url=f"nats://127.0.0.1:{port}", max_bytes=50_000_000)
    async with serve(assemble(settings(sources_refresh_s=0.05), broker, sources)) as address:
        assert (await client.get(address + "/health/live")).status_code == 200
        assert (
            await client.post(address + "/webhooks/whapi", json=some_delivery(some_message("a")))
        ).status_code == 503
        server = embedded.start_nats(tmp_path, port)
        try:
            async with asyncio.timeout(20):
                while "twin provision" not in (await client.get(address + "/health/ready")).text:
                    await asyncio.sleep(0.02)
            # Connected, but nobody has made the streams: still nothing is confirmed.
            refused = await client.post(address + "/webhooks/whapi", json=some_delivery(some_message("a")))
            assert refused.status_code == 503
            connection = await nats.connect(broker.url)
            await topology.provision(connection.jetstream(), broker)
            await connection.close()
            await until_ready(client, address)
            taken = await client.post(address + "/webhooks/whapi", json=some_delivery(some_message("a")))
            assert taken.json()["stored"] == 1
        finally:
            server.stop()


async def test_it_stops_although_the_broker_never_came(sources: MemorySources, serve: Serve) -> None:
    broker = NatsSettings(url=f"nats://127.0.0.1:{embedded.free_port()}")
    async with asyncio.timeout(15):
        async with serve(assemble(settings(), broker, sources)):
            pass


async def test_a_full_stream_is_a_503(
    js: JetStreamContext,
    nats_settings: NatsSettings,
    sources: MemorySources,
    serve: Serve,
    client: httpx.AsyncClient,
    some_delivery: Make,
    some_message: Make,
) -> None:
    info = await js.stream_info("RAW")
    info.config.max_msgs = 1
    await js.update_stream(info.config)
    async with serve(assemble(settings(), nats_settings, sources)) as address:
        await until_ready(client, address)
        url = address + "/webhooks/whapi"
        assert (await client.post(url, json=some_delivery(some_message("a")))).status_code == 200
        assert (await client.post(url, json=some_delivery(some_message("b")))).status_code == 503
        assert (await client.post(url, json=some_delivery(some_message("c"), some_message("d")))).status_code == 503


async def test_hostile_bodies_over_a_real_connection_leave_it_well(
    js: JetStreamContext,
    nats_settings: NatsSettings,
    sources: MemorySources,
    serve: Serve,
    client: httpx.AsyncClient,
    some_delivery: Make,
    some_message: Make,
) -> None:
    async with serve(assemble(settings(max_body=200_000), nats_settings, sources)) as address:
        await until_ready(client, address)
        url, json_type = address + "/webhooks/whapi", {"content-type": "application/json"}

        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b" " * 10_000

        for content, expected in (
            (b"[" * 190_000, 400),
            (b'{"a":' * 30_000, 400),
            (b'{"messages":[' + b"{}," * 60_000 + b"{}]}", 200),
            (b'{"messages":' + b"[" * 900 + b"]" * 900 + b"}", 200),
            (b'{"messages":[{"id":{"$ne":1},"chat_id":["x"],"timestamp":{}}]}', 200),
            (b"\x00" * 1000, 400),
        ):
            response = await client.post(url, content=content, headers=json_type)
            assert response.status_code == expected, content[:20]
        # The answer comes while we still send; the connection may be gone before we have read it.
        with suppress(httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
            assert (await client.post(url, content=endless(), headers=json_type)).status_code == 413
        assert (await client.get(url)).status_code == 405
        assert (await client.post(url + "/", json={})).status_code == 404
        assert (await client.post(url, json=some_delivery(some_message("a")))).json()["stored"] == 1
    assert (await js.stream_info("RAW")).state.messages == 1


def test_it_refuses_to_start_open(sources: MemorySources) -> None:
    with pytest.raises(Misconfigured, match="RECEIVER_SECRET"):
        assemble(ReceiverSettings(), NatsSettings(), sources)
    with pytest.raises(Misconfigured, match="RECEIVER_PATH_SECRET"):
        assemble(settings(path_secret=SecretStr("short")), NatsSettings(), sources)


async def test_as_a_process_on_the_real_database_it_finishes_what_runs_when_it_is_told_to_stop(
    js: JetStreamContext,
    nats_url: str,
    mongo: Mongo,
    mongo_settings: MongoSettings,
    client: httpx.AsyncClient,
    some_delivery: Make,
    some_message: Make,
) -> None:
    real = MongoSources(mongo)
    await real.add(Source(OURS, "كاستنج الرياض", SourceStatus.ACTIVE, datetime.now(UTC)))
    port = embedded.free_port()
    environment = {
        **os.environ,
        "RECEIVER_PORT": str(port),
        "RECEIVER_SECRET": SECRET,
        "NATS_URL": nats_url,
        "MONGO_URL": mongo_settings.url.get_secret_value(),
        "MONGO_DATABASE": mongo_settings.database,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.serving", "receiver", env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        address = f"http://127.0.0.1:{port}"
        async with asyncio.timeout(30):
            while True:
                try:
                    await until_ready(client, address)
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.05)
        body = orjson.dumps(some_delivery(some_message("a")))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST /webhooks/whapi HTTP/1.1\r\nhost: x\r\nx-webhook-secret: {SECRET}\r\n"
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\nexpect: 100-continue\r\n\r\n"
        writer.write(head.encode())
        # It asks for the body: the request is running now.
        assert b"100" in await reader.readline()
        process.send_signal(signal.SIGTERM)
        writer.write(body)
        answer = await reader.read()
        assert b" 200 " in answer
        assert b'"stored":1' in answer
        writer.close()
        async with asyncio.timeout(30):
            log = (await process.communicate())[1].decode()
        assert "Traceback" not in log
        assert SECRET not in log
        assert (await js.stream_info("RAW")).state.messages == 1
        noted = await real.get(OURS)
        assert noted is not None
        assert noted.last_webhook_at is not None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
