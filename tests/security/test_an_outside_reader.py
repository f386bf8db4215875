"""examples/consume_approved.py as an outside reader runs it: alone, against a broker with users and NATS_READERS."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import nats
import pytest
from nats.js import JetStreamContext
from typer.testing import CliRunner

from services.operator import embedded
from services.operator.broker_users import passwords_file
from services.operator.cli import app
from shared.broker import topology
from shared.broker.permissions import all_rights, inbox_of
from shared.settings import NatsSettings

ROOT = Path(__file__).parents[2]
READERS = ["consumer", "crm"]
PASSWORDS = {rights.user: f"password-of-{rights.user}" for rights in all_rights(READERS)}
EVENT: dict[str, Any] = json.loads((ROOT / "tests/fixtures/contracts/approved_call/v1__first.json").read_bytes())


@dataclass
class Broker:
    """A broker as `twin broker-users` guards it, and the publisher's stream context on it."""

    url: str
    publisher: JetStreamContext
    operator: JetStreamContext

    async def approve(self, revision: int, call_id: str = "call-1") -> None:
        """An event on `approved`, by the publisher."""
        event = EVENT | {"call_id": call_id, "revision": revision}
        await self.publisher.publish("approved", json.dumps(event).encode(), stream="APPROVED", timeout=5)

    def example(self, name: str, *, user: str | None, password: str | None = None) -> Consumer:
        """The example as a process with nothing of ours in its environment."""
        own = {"PATH": os.environ.get("PATH", ""), "NATS_URL": self.url, "PYTHONIOENCODING": "utf-8"}
        if user:
            own |= {"NATS_USER": user, "NATS_PASSWORD": password or PASSWORDS[user]}
        return Consumer([sys.executable, "-I", str(ROOT / "examples" / "consume_approved.py"), name], own)


class Consumer:
    """The running example. Leaving the block stops it as Ctrl-C does."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._command, self._environment = command, environment
        self.process: asyncio.subprocess.Process

    async def __aenter__(self) -> Self:
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(
            *self._command, env=self._environment, stdout=pipe, stderr=pipe, cwd="/"
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), 20)
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def line(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        return (await asyncio.wait_for(self.process.stdout.readline(), 30)).decode()

    async def ended(self) -> tuple[int | None, str]:
        """Its exit code, and what it said of an error."""
        _, errors = await asyncio.wait_for(self.process.communicate(), 60)
        return self.process.returncode, errors.decode()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    (tmp_path / "passwords").write_text(passwords_file(PASSWORDS))
    options = [word for reader in READERS for word in ("--reader", reader)]
    printed = CliRunner().invoke(app, ["broker-users", *options, "--passwords", "passwords"])
    assert printed.exit_code == 0
    server = embedded.start_nats(tmp_path, more=printed.stdout)
    url = f"nats://127.0.0.1:{server.port}"
    clients = [
        await nats.connect(url, user=user, password=PASSWORDS[user], inbox_prefix=inbox_of(user))
        for user in ("operator", "publisher")
    ]
    operator, publisher = (client.jetstream() for client in clients)
    settings = NatsSettings(url=url, max_bytes=50_000_000, readers=",".join(READERS))
    try:
        await topology.provision(operator, settings)
        yield Broker(url, publisher, operator)
    finally:
        for client in clients:
            await client.close()
        server.stop()


async def test_a_reader_of_nats_readers_gets_what_is_approved_and_goes_on_after_a_restart(broker: Broker) -> None:
    await broker.approve(1)
    async with broker.example("crm", user="crm") as consumer:
        assert (await consumer.line()).startswith("withdrawn call-1 r1")
        await broker.approve(2)
        await broker.approve(1)
        assert (await consumer.line()).startswith("withdrawn call-1 r2")
        assert (await consumer.line()).startswith("known     call-1 r1")
    assert consumer.process.returncode == 0
    await broker.approve(3)
    async with broker.example("crm", user="crm") as consumer:
        assert (await consumer.line()).startswith("withdrawn call-1 r3")
    info = await broker.operator.consumer_info("APPROVED", "crm")
    assert (info.num_ack_pending, info.num_pending) == (0, 0)
    other = await broker.operator.consumer_info("APPROVED", "consumer")
    assert other.num_pending == 4, "each reader has a place of its own"


async def test_a_wrong_password_ends_it_with_words_and_without_the_password(broker: Broker) -> None:
    async with broker.example("crm", user="crm", password="guessed-password") as consumer:
        code, said = await consumer.ended()
    assert code == 1
    assert "refuses the user crm" in said
    assert "guessed-password" not in said
    assert "Traceback" not in said


async def test_another_reader_s_place_is_refused_with_words(broker: Broker) -> None:
    async with broker.example("consumer", user="crm") as consumer:
        code, said = await consumer.ended()
    assert code == 1
    assert "may not read the durable consumer" in said
    assert "Traceback" not in said
    assert (await broker.operator.consumer_info("APPROVED", "consumer")).num_pending == 0


async def test_a_reader_whose_durable_was_not_made_is_told_to_provision(broker: Broker) -> None:
    await broker.operator.delete_consumer("APPROVED", "crm")
    async with broker.example("crm", user="crm") as consumer:
        code, said = await consumer.ended()
    assert code == 1
    assert "twin provision" in said
    assert "Traceback" not in said
