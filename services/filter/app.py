"""Builds the filter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette

from services.filter.handlers import FilterHandlers
from services.filter.judging import shipped
from services.filter.logic import Policy
from services.filter.settings import FilterSettings
from services.filter.tunings import TunedJudge
from shared.broker import topology
from shared.broker.batches import BatchConsumer
from shared.broker.breaker import Breaker
from shared.broker.connect import StopOnClose, connect, jetstream
from shared.broker.publish import JetStreamPublisher
from shared.broker.settle import Settler
from shared.contracts.subjects import RAW_MESSAGES
from shared.errors import Transient
from shared.observability import health, logging
from shared.settings import BreakerSettings, LogSettings, MongoSettings, NatsSettings
from shared.stopping import cancelled
from shared.storage.beating import beating
from shared.storage.mongo import schema
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.heartbeats import MongoHeartbeats
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.texts import MongoTexts
from shared.storage.mongo.tunings import MongoTunings

NAME = "filter"


def create() -> Starlette:
    """The service as an ASGI app: it consumes while it is served. Misconfigured when a setting is wrong."""
    logging.configure(LogSettings.load(), service=NAME)
    settings: FilterSettings = FilterSettings.load()
    nats_settings: NatsSettings = NatsSettings.load()
    mongo = Mongo(MongoSettings.load())
    closed = StopOnClose()
    publisher = JetStreamPublisher(lambda: jetstream(broker), timeout_s=nats_settings.publish_timeout_s)
    breaker = Breaker.of(NAME, BreakerSettings.load())
    settler = Settler(NAME, publisher, lambda: jetstream(broker), breaker=breaker)
    broker = connect(nats_settings, name=NAME, on_closed=closed)
    judge = TunedJudge(shipped(policy_of(settings)), MongoTunings(mongo))
    handlers = FilterHandlers(
        MongoLedger(mongo),
        MongoTexts(mongo),
        publisher,
        settler,
        judge,
        clock=lambda: datetime.now(UTC),
        copy_window=timedelta(days=settings.copy_window_days),
        check_share=settings.check_share,
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
        await schema.require_at_start(mongo)
        with suppress(Transient):  # then what is shipped judges until the database is back
            await judge.refresh()
        tuning = asyncio.create_task(judge.keep_fresh(settings.tuning_poll_s))
        consumer.start()
        async with beating(MongoHeartbeats(mongo), NAME, checks):
            yield
        closed.stopping = True
        settler.close()
        await cancelled(tuning)
        await consumer.stop()
        await broker.stop()
        await mongo.close()

    checks = {
        "flow": settler.flowing,
        "broker": consumers_exist,
        "consuming": consumer.alive,
        "database": mongo.ping,
        "schema": schema.check_of(mongo),
    }
    return Starlette(routes=health.routes(NAME, checks), lifespan=lifespan)


def policy_of(settings: FilterSettings) -> Policy:
    """The thresholds that the settings give; a tuning may replace some of them."""
    return Policy(
        min_chars=settings.min_chars,
        max_age=timedelta(days=settings.max_age_days),
        surely_not=settings.surely_not,
        surely=settings.surely,
        threshold=settings.threshold,
        share=settings.share,
    )
