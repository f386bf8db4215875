"""The receiver against a bare endpoint that awaits one raw JetStream publish: rates in turns, then latencies.

Both are Starlette apps under the same uvicorn in a process of their own, on the same broker with the same stream on
disk. The sender is plain sockets with HTTP/1.1 written by hand, so that it costs next to nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nats
import orjson
from nats.aio.client import Client
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from bench.figures import judged, percentile, ratio, spread
from services.operator import embedded
from services.receiver.app import assemble
from services.receiver.settings import ReceiverSettings
from shared.broker import topology
from shared.settings import LogSettings, NatsSettings
from shared.storage.memory.sources import MemorySources
from shared.storage.sources import Source, SourceStatus

RATE_WANTED, P99_WANTED_MS = 0.6, 50.0
CONNECTIONS, REQUESTS, ROUNDS = 32, 1_500, 9
STEADY_RATE, STEADY_SECONDS = 200, 10

_SECRET = "invented-for-the-bench"
_GROUP = "120363000000000001@g.us"
_PATH = "/webhooks/whapi"
_TEXT = (
    "🎬 مطلوب ممثلين وممثلات لتصوير إعلان تجاري في الرياض\nالعمر من 20 إلى 35 سنة\nالتصوير يوم 25 نوفمبر\n"
    "الأجر 1500 ريال لليوم\nللتواصل واتساب 0500000123\nالرجاء إرسال الاسم والعمر والصور والأعمال السابقة"
)


def ours() -> Router:
    """The receiver as it runs in production, with one active group in memory."""
    group = Source(_GROUP, "كاستنج الرياض", SourceStatus.ACTIVE, datetime.now(UTC))
    settings = ReceiverSettings(secret=SecretStr(_SECRET))
    return assemble(settings, NatsSettings.load(), MemorySources(group), log_settings=LogSettings.load())


def bare() -> Starlette:
    """The least that could answer 200 for something stored."""
    client = Client()
    js = client.jetstream()

    async def hook(request: Request) -> Response:
        await js.publish("raw.messages", await request.body(), stream="RAW")
        return JSONResponse({"stored": 1})

    async def ready(_request: Request) -> Response:
        return JSONResponse({})

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await client.connect(os.environ["NATS_URL"])
        yield
        await client.close()

    return Starlette(routes=[Route(_PATH, hook, methods=["POST"]), Route("/health/ready", ready)], lifespan=lifespan)


def _request(number: int) -> bytes:
    body = orjson.dumps(
        {
            "messages": [
                {
                    "id": f"bench-{time.time_ns()}-{number}",
                    "from_me": False,
                    "type": "text",
                    "chat_id": _GROUP,
                    "timestamp": int(time.time()),
                    "source": "mobile",
                    "from": "966500000101",
                    "from_name": "مكتب الإنتاج",
                    "text": {"body": _TEXT},
                }
            ],
            "event": {"type": "messages", "event": "post"},
            "channel_id": "BENCH-1",
        }
    )
    head = (
        f"POST {_PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f"x-webhook-secret: {_SECRET}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Sender:
    """One kept-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> _Sender:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, request: bytes) -> None:
        """Sends it and returns when it is answered 200 as one stored message; RuntimeError otherwise."""
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        body = await self._reader.readexactly(length)
        if not head.startswith(b"http/1.1 200") or b'"stored":1' not in body:
            raise RuntimeError(f"answered {head[:40]!r} {body[:200]!r}")

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


async def _rate(port: int) -> float:
    """Requests a second over some connections, each sending its next when the last is answered."""
    requests = iter([_request(number) for number in range(REQUESTS)])
    senders = [await _Sender.open(port) for _ in range(CONNECTIONS)]

    async def work(sender: _Sender) -> None:
        for request in requests:
            await sender.send(request)

    started = time.perf_counter()
    await asyncio.gather(*(work(sender) for sender in senders))
    spent = time.perf_counter() - started
    for sender in senders:
        await sender.close()
    return REQUESTS / spent


async def _latencies(port: int) -> list[float]:
    """Milliseconds from when a request was due to its answer: an open loop, so that waiting counts."""
    requests = [_request(number) for number in range(STEADY_RATE * STEADY_SECONDS)]
    free: asyncio.Queue[_Sender] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await _Sender.open(port))
    found: list[float] = []

    async def one(request: bytes, due: float) -> None:
        sender = await free.get()
        await sender.send(request)
        found.append((time.perf_counter() - due) * 1000)
        free.put_nowait(sender)

    start = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for number, request in enumerate(requests):
            due = start + number / STEADY_RATE
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            tasks.create_task(one(request, due))
    while not free.empty():
        await free.get_nowait().close()
    return found


@asynccontextmanager
async def _served(factory: str, nats_url: str) -> AsyncIterator[int]:
    port = embedded.free_port()
    command = ["-m", "uvicorn", "--factory", factory, "--port", str(port), "--log-level", "error"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        "--no-access-log",
        "--no-server-header",
        "--no-date-header",
        env={**os.environ, "NATS_URL": nats_url},
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(30):
            while not await _ready(port):  # noqa: ASYNC110 (another process: there is no event to wait for)
                await asyncio.sleep(0.05)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _ready(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.write(b"GET /health/ready HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return b" 200 " in answer[:20]


async def run() -> dict[str, Any]:
    """Rates (requests a second), their ratio round by round, latencies at a steady rate (ms), beside the targets."""
    with tempfile.TemporaryDirectory(prefix="bench-receiver-") as folder:
        server = embedded.start_nats(Path(folder))
        try:
            return await _measure(f"nats://127.0.0.1:{server.port}")
        finally:
            server.stop()


async def _measure(url: str) -> dict[str, Any]:
    client = await nats.connect(url)
    js = client.jetstream()
    await topology.provision(js, NatsSettings(url=url))
    rates: dict[str, list[float]] = {"bare": [], "ours": []}
    async with _served("bench.receiver:bare", url) as bare_port, _served("bench.receiver:ours", url) as our_port:
        ports = {"bare": bare_port, "ours": our_port}
        for port in ports.values():
            await _rate(port)  # warm-up
        for number in range(ROUNDS):
            for name in ("bare", "ours") if number % 2 else ("ours", "bare"):
                await js.purge_stream("RAW")
                rates[name].append(await _rate(ports[name]))
        latencies = {name: await _latencies(port) for name, port in ports.items()}
    await client.close()
    ratios = ratio(rates["ours"], rates["bare"])
    p99 = round(percentile(latencies["ours"], 0.99), 1)
    return {
        "rate": {name: spread(found, 0) for name, found in rates.items()},
        "ratio": ratios,
        "ratio_to_bare": judged(ratios["median"], RATE_WANTED, at_least=True),
        "steady_rate": STEADY_RATE,
        "p50_ms": {name: round(percentile(found, 0.5), 1) for name, found in latencies.items()},
        "p99_ms": {name: round(percentile(found, 0.99), 1) for name, found in latencies.items()},
        "p99_at_steady_rate_ms": judged(p99, P99_WANTED_MS, at_least=False),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run()), indent=2))
