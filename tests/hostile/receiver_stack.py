"""A receiver as a process of its own, on a broker of its own, with an eye on its memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import nats
import psutil
from nats.js import JetStreamContext

from services.operator import embedded
from services.operator.trial import Trial, environment
from shared.broker import topology
from shared.settings import MongoSettings, NatsSettings
from shared.storage.mongo import indexes
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.sources import MongoSources
from shared.storage.sources import Source, SourceStatus
from tests.hostile.attacks import GROUP


@dataclass
class Target:
    """The receiver under attack. Memory is in bytes; `most` is the highest that was seen since `idle` was taken."""

    trial: Trial
    js: JetStreamContext
    port: int
    idle: int = 0
    most: int = 0

    @property
    def process(self) -> psutil.Process:
        """The receiver's process."""
        return psutil.Process(self.trial.processes["receiver"].pid)

    def rested(self) -> None:
        """Takes what it uses now for its idle memory."""
        self.idle = self.most = self.process.memory_info().rss

    async def watch(self) -> None:
        """Looks at the memory again and again; cancel it to stop."""
        while True:
            self.most = max(self.most, self.process.memory_info().rss)
            await asyncio.sleep(0.05)

    async def letters(self) -> int:
        """How many dead letters there are."""
        return (await self.js.stream_info("DEAD")).state.messages

    async def stored(self) -> int:
        """How many messages there are."""
        return (await self.js.stream_info("RAW")).state.messages


@asynccontextmanager
async def target(folder: Path, mongo_settings: MongoSettings) -> AsyncIterator[Target]:
    """A receiver that is ready, with one active group, and patience of two seconds for a body."""
    broker = embedded.start_nats(folder / "nats", sync_always=False)
    settings = NatsSettings(url=f"nats://127.0.0.1:{broker.port}", max_bytes=400_000_000)
    client = await nats.connect(settings.url)
    mongo = Mongo(mongo_settings)
    js = client.jetstream()
    await topology.provision(js, settings)
    await indexes.provision(mongo)
    await MongoSources(mongo).add(Source(GROUP, "كاستنج", SourceStatus.ACTIVE, datetime.now(UTC)))
    database = mongo_settings.url.get_secret_value()
    values = environment(settings.url, database, mongo_settings.database, RECEIVER_BODY_TIMEOUT_S="2")
    trial = Trial(values, folder)
    try:
        trial.start(["receiver"])
        await trial.ready(["receiver"])
        yield Target(trial, js, int(values["RECEIVER_PORT"]))
    finally:
        await trial.stop()
        await mongo.client.drop_database(mongo_settings.database)
        await mongo.close()
        await client.close()
        broker.stop()
