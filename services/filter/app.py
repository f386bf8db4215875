"""Builds the filter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette

from services.filter.handlers import FilterHandlers
from services.filter.lexicon import Lexicon
from services.filter.logic import Policy, judge
from services.filter.settings import FilterSettings
from shared.broker import topology
from shared.broker.batches import BatchConsumer
from shared.broker.connect import StopOnClose, connect, jetstream
from shared.broker.publish import JetStreamPublisher
from shared.broker.settle import Settler
from shared.contracts.messages import RawMessage
from shared.contracts.pipeline import Verdict
from shared.contracts.subjects import RAW_MESSAGES
from shared.observability import health, logging
from shared.settings import LogSettings, MongoSettings, NatsSettings
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.texts import MongoTexts

NAME = "filter"


def create() -> Starlette:
    """The service as an ASGI app: it consumes while it is served. Misconfigured when a setting is wrong."""
    logging.configure(LogSettings.load(), service=NAME)
    settings: FilterSettings = FilterSettings.load()
    nats_settings: NatsSettings = NatsSettings.load()
    mongo = Mongo(MongoSettings.load())
    closed = StopOnClose()
    publisher = JetStreamPublisher(lambda: jetstream(broker), timeout_s=nats_settings.publish_timeout_s)
    settler = Settler(NAME, publisher, lambda: jetstream(broker))
    broker = connect(nats_settings, name=NAME, on_closed=closed)
    lexicon = Lexicon.load()
    policy = Policy(
        min_chars=settings.min_chars,
        max_age=timedelta(days=settings.max_age_days),
        threshold=settings.threshold,
    )

    def judged(message: RawMessage, now: datetime, folded: str) -> Verdict:
        return judge(message, now=now, policy=policy, lexicon=lexicon, folded=folded)

    handlers = FilterHandlers(
        MongoLedger(mongo),
        MongoTexts(mongo),
        publisher,
        settler,
        judged,
        clock=lambda: datetime.now(UTC),
        copy_window=timedelta(days=settings.copy_window_days),
    )
    consumer = BatchConsumer(
        lambda: jetstream(broker),
        handlers.on_batch,
        settler,
        stream=RAW_MESSAGES.stream,
        durable=NAME,
        batch=settings.batch,
        lanes=settings.lanes,
    )

    async def consumers_exist() -> None:
        await topology.require(jetstream(broker), NAME)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await broker.connect()
        await topology.require(jetstream(broker), NAME)
        consumer.start()
        yield
        closed.stopping = True
        await consumer.stop()
        await broker.stop()
        await mongo.close()

    return Starlette(
        routes=health.routes(NAME, {"broker": consumers_exist, "consuming": consumer.alive, "database": mongo.ping}),
        lifespan=lifespan,
    )
