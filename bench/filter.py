"""The filter stage against a bare hop over the same broker, and against the database's own bulk inserts."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nats
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from pydantic import SecretStr
from pymongo import InsertOne

from bench.figures import judged, ratio, spread
from bench.load import messages
from services.filter.arrival import Arrival, entry_of
from services.filter.handlers import FilterHandlers
from services.filter.judging import shipped
from services.filter.logic import Policy
from services.operator import embedded
from shared.arabic.fingerprint import fingerprint
from shared.arabic.normalise import fold_text
from shared.broker import topology
from shared.broker.batches import BatchConsumer
from shared.broker.publish import JetStreamPublisher
from shared.broker.settle import Settler
from shared.contracts.messages import RawMessage
from shared.settings import MongoSettings, NatsSettings
from shared.storage.ledger import Ledger
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.memory.texts import MemoryTexts
from shared.storage.mongo import indexes
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import COLLECTION, MongoLedger, to_document
from shared.storage.mongo.texts import COLLECTION as TEXTS
from shared.storage.mongo.texts import MongoTexts
from shared.storage.texts import Texts

BATCH = 100
LANES = 4
ROUNDS = 5
NUMBER = 5_000
STORED = 100_000
_JUDGING = shipped(Policy())


class Bench:
    """One broker, one database and the rounds that run on them."""

    def __init__(self, settings: NatsSettings, js: JetStreamContext, mongo: Mongo) -> None:
        self.settings = settings
        self.js = js
        self.mongo = mongo
        self.now = datetime.now(UTC)
        self.made = 0

    async def fill(self, number: int) -> None:
        """Puts new messages into the raw stream, which holds nothing else."""
        await self.js.purge_stream("RAW")
        await self.js.purge_stream("CANDIDATES")
        self.made += 1
        publisher = JetStreamPublisher(lambda: self.js, timeout_s=30)
        load = messages(number, now=self.now, prefix=f"r{self.made}")
        for start in range(0, number, 500):
            await publisher.publish_all(load[start : start + 500])

    async def bare(self, number: int) -> float:
        """Messages a second of the hop alone: fetch a batch, publish each payload onward, acknowledge, unread."""
        await self.fill(number)
        subscription = await self.js.pull_subscribe("raw.messages", "filter", "RAW")
        begun, done = time.perf_counter(), 0
        while done < number:
            batch = await subscription.fetch(BATCH, timeout=5)
            futures = [
                await self.js.publish_async(
                    "candidates", raw.data, stream="CANDIDATES", headers={"Nats-Msg-Id": f"bare-{self.made}-{done + i}"}
                )
                for i, raw in enumerate(batch)
            ]
            await asyncio.gather(*futures)
            for raw in batch:
                await raw.ack()
            done += len(batch)
        took = time.perf_counter() - begun
        await subscription.unsubscribe()
        return number / took

    async def stage(self, number: int, ledger: Ledger, texts: Texts) -> float:
        """Messages a second of the whole stage, as the service is built, on these stores."""
        await self.fill(number)
        publisher = JetStreamPublisher(lambda: self.js)
        settler = Settler("filter", publisher, lambda: self.js)
        handlers = FilterHandlers(
            ledger,
            texts,
            publisher,
            settler,
            _JUDGING.judge,
            clock=lambda: datetime.now(UTC),
            copy_window=timedelta(days=7),
        )
        done, finished = 0, asyncio.Event()

        async def on_batch(batch: Sequence[Msg]) -> None:
            nonlocal done
            await handlers.on_batch(batch)
            done += len(batch)
            if done >= number:
                finished.set()

        consumer = BatchConsumer(
            lambda: self.js, on_batch, settler, stream="RAW", durable="filter", batch=BATCH, lanes=LANES
        )
        begun = time.perf_counter()
        consumer.start()
        await asyncio.wait_for(finished.wait(), 300)
        while (await self.js.consumer_info("RAW", "filter")).num_ack_pending:  # noqa: ASYNC110 (nobody tells it)
            await asyncio.sleep(0.002)
        took = time.perf_counter() - begun
        await consumer.stop()
        return number / took

    async def inserts(self, number: int) -> float:
        """Messages a second of the database's own unordered bulk inserts of the documents that the stage writes.

        That is an entry for each message, and a text claim for each that passes.
        """
        self.made += 1
        load = messages(number, now=self.now, prefix=f"r{self.made}")
        entries = [_document(message, index, self.now) for index, message in enumerate(load)]
        messages_, texts = self.mongo.collection(COLLECTION), self.mongo.collection(TEXTS)
        begun = time.perf_counter()
        for start in range(0, number, BATCH):
            batch = entries[start : start + BATCH]
            claims = [_claim(entry) for entry in batch if "fingerprint" in entry]
            await texts.bulk_write([InsertOne(claim) for claim in claims], ordered=False)
            await messages_.bulk_write([InsertOne(entry) for entry in batch], ordered=False)
        return number / (time.perf_counter() - begun)


def _document(message: RawMessage, index: int, now: datetime) -> dict[str, Any]:
    arrival = Arrival.of(message, None)
    verdict = _JUDGING.judge(message, now, fold_text(message.text))
    entry = entry_of(arrival, verdict, claim=f"RAW:{index}", now=now)
    if verdict.passed:
        entry.fingerprint = fingerprint(message.text)
    return to_document(entry)


def _claim(entry: dict[str, Any]) -> dict[str, Any]:
    return {"_id": entry["fingerprint"], "message_id": entry["_id"], "sent_at": entry["sent_at"]}


async def _rounds(first: Callable[[], Any], second: Callable[[], Any], rounds: int) -> tuple[list[float], list[float]]:
    """Both in turn, so that a change of the machine's speed meets both alike; the first round warms up."""
    a, b = [], []
    for number in range(rounds + 1):
        x, y = await first(), await second()
        if number:
            a.append(x)
            b.append(y)
    return a, b


async def run(*, number: int = NUMBER, rounds: int = ROUNDS, stored: int = STORED) -> dict[str, Any]:
    """All figures of the filter stage."""
    with tempfile.TemporaryDirectory() as folder:
        nats_server = embedded.start_nats(Path(folder) / "nats", sync_always=False)
        mongo_server = embedded.start_mongo(Path(folder) / "mongo")
        settings = NatsSettings(url=f"nats://127.0.0.1:{nats_server.port}", max_bytes=200_000_000)
        client = await nats.connect(settings.url)
        mongo = Mongo(MongoSettings(url=SecretStr(embedded.mongo_url(mongo_server.port)), timeout_s=60))
        try:
            await topology.provision(client.jetstream(), settings)
            await indexes.provision(mongo)
            return await _figures(Bench(settings, client.jetstream(), mongo), number, rounds, stored)
        finally:
            await client.close()
            await mongo.close()
            mongo_server.stop()
            nats_server.stop()


async def _figures(bench: Bench, number: int, rounds: int, stored: int) -> dict[str, Any]:
    bare, memory = await _rounds(
        lambda: bench.bare(number), lambda: bench.stage(number, MemoryLedger(), MemoryTexts()), rounds
    )
    ledger, texts = MongoLedger(bench.mongo), MongoTexts(bench.mongo)
    await bench.inserts(1_000)
    few = [await bench.stage(1_000, ledger, texts) for _ in range(rounds + 1)][1:]
    inserts, database = await _rounds(lambda: bench.inserts(number), lambda: bench.stage(number, ledger, texts), rounds)
    while await bench.mongo.collection(COLLECTION).estimated_document_count() < stored:
        await bench.inserts(10_000)
    many = [await bench.stage(1_000, ledger, texts) for _ in range(rounds)]
    grown = spread([x / y for x, y in zip(many, few, strict=True)], 2)
    return {
        "bare_hop_per_s": spread(bare, 0),
        "stage_memory_per_s": spread(memory, 0),
        "stage_to_bare": ratio(memory, bare) | judged(ratio(memory, bare)["median"], 0.5, at_least=True),
        "bulk_inserts_per_s": spread(inserts, 0),
        "stage_database_per_s": spread(database, 0),
        "stage_to_inserts": ratio(database, inserts) | judged(ratio(database, inserts)["median"], 0.7, at_least=True),
        "stage_at_stored_to_few": grown | judged(grown["median"], 0.85, at_least=True),
        "stored": stored,
    }


if __name__ == "__main__":
    import json

    print(json.dumps(asyncio.run(run()), indent=2))
