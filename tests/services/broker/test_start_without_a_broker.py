"""Services as real processes that find no broker, or no address of one: they wait and obey, or say what is wrong."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from services.operator.embedded import free_port
from services.operator.trial import environment
from shared.broker.connect import servers
from shared.errors import Misconfigured

SERVICES = ("receiver", "poller", "filter", "extractor", "publisher")
WAITING = b'"event": "broker.trouble"'
HANGS_S = 60  # a bound for what would hang, not a measure


def surroundings(**changed: str) -> dict[str, str]:
    """A whole set of settings with nobody at the addresses of the broker and the database."""
    closed = free_port()
    return environment(
        f"nats://127.0.0.1:{closed}",
        f"mongodb://127.0.0.1:{closed}/?directConnection=true",
        "nowhere",
        MONGO_TIMEOUT_S="0.5",
        WHAPI_TOKEN="a-token-for-this-test",
        WHAPI_URL=f"http://127.0.0.1:{closed}",
    ) | dict(changed)


@asynccontextmanager
async def process(service: str, settings: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.serving", service, env=dict(settings), stderr=asyncio.subprocess.PIPE
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


async def until(words: bytes, running: asyncio.subprocess.Process) -> bytes:
    """What it wrote up to the line with these words."""
    assert running.stderr is not None
    written = b""
    async with asyncio.timeout(HANGS_S):
        while words not in written:
            line = await running.stderr.readline()
            assert line, f"it ended:\n{written.decode()}"
            written += line
    return written


async def stopped(running: asyncio.subprocess.Process) -> bytes:
    """Tells it to stop; what it wrote from then on."""
    running.terminate()
    async with asyncio.timeout(HANGS_S):
        _, written = await running.communicate()
    return written


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_without_a_broker_says_so_and_stops_when_it_is_told_to(service: str) -> None:
    async with process(service, surroundings()) as running:
        await until(WAITING, running)
        written = await stopped(running)
    assert running.returncode == -signal.SIGTERM, written.decode()
    assert b"Traceback" not in written


async def test_a_broker_that_takes_the_connection_and_says_nothing_holds_no_stop_up() -> None:
    met = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        async with process("filter", surroundings(NATS_URL=f"nats://127.0.0.1:{port}")) as running:
            async with asyncio.timeout(HANGS_S):
                await met.wait()
            written = await stopped(running)
    assert running.returncode == -signal.SIGTERM
    assert b"serving.stopped_before_it_ran" in written
    assert b"Traceback" not in written


@pytest.mark.parametrize("service", SERVICES)
async def test_a_database_address_that_is_none_is_told_at_once(service: str) -> None:
    async with process(service, surroundings(MONGO_URL="canary-no-address-at-all")) as running:
        async with asyncio.timeout(HANGS_S):
            _, written = await running.communicate()
    assert running.returncode == 2
    assert written.decode().splitlines() == [
        f"{service} does not start: MONGO_URL: must begin with mongodb:// or mongodb+srv://"
    ]


@pytest.mark.parametrize("url", ["http://broker:4222", "nats://", "nats://broker:port", "nats://broker:99999", "a,,b"])
def test_a_broker_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured, match="NATS_URL: must be"):
        servers(url)


@pytest.mark.parametrize(
    "url", ["broker", "broker:4222", "nats://user:word@a:1, nats://b:2", "tls://broker", "[::1]:1"]
)
def test_broker_addresses_are_taken_in_each_of_their_forms(url: str) -> None:
    assert len(servers(url)) == url.count(",") + 1
