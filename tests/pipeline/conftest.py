"""The whole pipeline as real processes on the test run's own broker and database."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from nats.js import JetStreamContext

from services.operator.stack import SANDBOX
from services.operator.trial import SECRET, Trial, environment
from shared.broker import topology
from shared.broker.stored import stored
from shared.contracts.pipeline import ApprovedCall
from shared.settings import MongoSettings, NatsSettings
from shared.storage.ledger import Entry, State
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.sources import MongoSources
from shared.storage.sources import Source, SourceStatus

GROUP = "120363000000000001@g.us"
OTHER_GROUP = "120363000000000002@g.us"
MAIN = ("receiver", "filter", "extractor", "publisher")
SETTLED = {State.REJECTED, State.DUPLICATE, State.NO_TEXT, State.NOT_A_CALL, State.CALL}


@dataclass(frozen=True)
class Told:
    """What a command wrote."""

    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its answer, which must be one JSON document and nothing else."""
        return json.loads(self.out)


async def twin(on: Trial, *arguments: str, expect: int = 0) -> Told:
    """A `twin` command as a process of its own, of the release and with the settings of these services."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.operator.cli",
        *arguments,
        cwd=on.root,
        env=on.environment | {"TWIN_DATA": str(on.folder / "twin")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, error = await process.communicate()
    told = Told(out.decode(), error.decode())
    assert process.returncode == expect, f"twin {arguments}: {process.returncode}\n{told.err}\n{told.out}"
    return told


class Stack(Trial):
    """The running services, and what a test asks of them from outside."""

    def __init__(self, environment: dict[str, str], folder: Path, js: JetStreamContext, mongo: Mongo) -> None:
        super().__init__(environment, folder)
        self.js = js
        self.mongo = mongo
        self.ledger = MongoLedger(mongo)
        self.http = httpx.AsyncClient(timeout=20)

    async def post(self, *messages: dict[str, Any], secret: str = SECRET) -> httpx.Response:
        """One webhook delivery."""
        body = {
            "messages": list(messages),
            "event": {"type": "messages", "event": "post"},
            "channel_id": "FALCON-TEST1",
        }
        return await self.http.post(
            f"{self.url('receiver')}/webhooks/whapi", json=body, headers={"X-Webhook-Secret": secret}
        )

    async def twin(self, *arguments: str, expect: int = 0) -> Told:
        """What this `twin` command says, which must end with the expected code."""
        return await twin(self, *arguments, expect=expect)

    async def restart(self, service: str, **settings: str) -> None:
        """Ends it as a crash would; returns when it is ready again, with these settings changed."""
        self.kill(service)
        self.environment |= settings
        self.start([service])
        await self.ready([service])

    async def gateway(self, **settings: str) -> None:
        """Starts the stand-in gateway, of which whatever starts from now on is told; it has no groups yet."""
        self.environment |= {
            "WHAPI_URL": self.url(SANDBOX),
            "WHAPI_TOKEN": "a-token-for-this-test",
            "SANDBOX_TOKEN": "a-token-for-this-test",
            "SANDBOX_WEBHOOK_URL": f"{self.url('receiver')}/webhooks/whapi",
            "SANDBOX_WEBHOOK_SECRET": SECRET,
            **settings,
        }
        self.start([SANDBOX])
        await self.ready([SANDBOX])

    async def control(self, order: str, **values: Any) -> dict[str, Any]:
        """An order to the sandbox; what it answers."""
        answer = await self.http.post(f"{self.url('sandbox')}/_control/{order}", json=values)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    async def entry(self, id: str, *, beyond: tuple[State, ...] = (State.CANDIDATE,)) -> Entry:
        """The ledger's entry as soon as it has left these states."""
        async with asyncio.timeout(30):
            while True:
                found = await self.ledger.get(id)
                if found is not None and found.state not in beyond:
                    return found
                await asyncio.sleep(0.05)

    async def settled(self, ids: Iterable[str], *, within_s: float = 240) -> None:
        """Returns once each of these messages has come to its one end; names those that have not in that time."""
        waiting = dict.fromkeys(ids, "unknown")
        try:
            async with asyncio.timeout(within_s):
                while waiting:
                    for id in list(waiting):
                        found = await self.ledger.get(id)
                        waiting[id] = found.state if found else "unknown"
                        if waiting[id] in SETTLED:
                            del waiting[id]
                    await asyncio.sleep(0.1)
        except TimeoutError:
            pytest.fail(f"not settled within {within_s:g} s: {waiting}")

    async def quiet(self) -> None:
        """Returns when no consumer has anything left to do."""
        async with asyncio.timeout(60):
            while any(lag.pending or lag.unacked for lag in await topology.lags(self.js)):
                await asyncio.sleep(0.05)

    async def stream(self, name: str) -> list[bytes]:
        """The payloads that a stream holds."""
        return [message.data async for message in stored(self.js, name)]

    async def approved(self, number: int) -> list[ApprovedCall]:
        """What consumers got, once there are `number` events."""
        async with asyncio.timeout(30):
            while (await self.js.stream_info("APPROVED")).state.messages < number:
                await asyncio.sleep(0.05)
        return [ApprovedCall.model_validate_json(data) for data in await self.stream("APPROVED")]


def text_message(id: str, body: str, *, group: str = GROUP, at: datetime | None = None) -> dict[str, Any]:
    """A group message as the gateway sends it."""
    return {
        "id": id,
        "from_me": False,
        "type": "text",
        "chat_id": group,
        "timestamp": int((at or datetime.now(UTC)).timestamp()),
        "source": "mobile",
        "chat_name": "كاستنج السعودية",
        "from": "966500000099",
        "from_name": "مكتب كاستنج",
        "text": {"body": body},
    }


@pytest.fixture
async def stack(
    js: JetStreamContext, nats_settings: NatsSettings, mongo: Mongo, mongo_settings: MongoSettings, tmp_path: Path
) -> AsyncIterator[Stack]:
    """Receiver, filter, extractor and publisher, running, with two active groups; a test that needs more starts it."""
    sources = MongoSources(mongo)
    for id, name in ((GROUP, "كاستنج السعودية"), (OTHER_GROUP, "Saudi Casting Hub")):
        await sources.add(Source(id, name, SourceStatus.ACTIVE, datetime.now(UTC)))
    settings = environment(nats_settings.url, mongo_settings.url.get_secret_value(), mongo_settings.database)
    running = Stack(settings, tmp_path, js, mongo)
    running.start(MAIN)
    try:
        await running.ready(MAIN)
        yield running
    finally:
        late = await running.stop()
        await running.http.aclose()
    assert not late, f"did not stop in time: {late}"
