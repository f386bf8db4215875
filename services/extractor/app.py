"""Builds the extractor."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette

from services.extractor.duplicates import Duplicates
from services.extractor.engines import ModelEngine, OfflineEngine, Policy
from services.extractor.handlers import NAME, ExtractorHandlers
from services.extractor.offline.engine import extract
from services.extractor.ports import Engine
from services.extractor.rehearsal import rehearse
from services.extractor.settings import ExtractorSettings, OpenAISettings
from services.extractor.spending import Limits, Spending, price_of
from shared.broker import topology
from shared.broker.breaker import Breaker
from shared.broker.connect import StopOnClose, connect, jetstream, listen
from shared.broker.publish import JetStreamPublisher
from shared.broker.settle import Settler
from shared.contracts.pipeline import Candidate
from shared.contracts.subjects import CANDIDATES
from shared.errors import Misconfigured
from shared.observability import health, logging
from shared.settings import BreakerSettings, LogSettings, MongoSettings, NatsSettings, RetentionSettings
from shared.storage.beating import beating
from shared.storage.mongo import schema
from shared.storage.mongo.budgets import MongoBudgets
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.costs import MongoCosts
from shared.storage.mongo.extractions import MongoExtractions
from shared.storage.mongo.heartbeats import MongoHeartbeats
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.signatures import MongoSignatures

Close = Callable[[], Awaitable[None]]


def create() -> Starlette:
    """The service as an ASGI app: it consumes while it is served. Misconfigured when a setting is wrong."""
    logging.configure(LogSettings.load(), service=NAME)
    settings: ExtractorSettings = ExtractorSettings.load()
    nats_settings: NatsSettings = NatsSettings.load()
    mongo = Mongo(MongoSettings.load())
    closed = StopOnClose()
    publisher = JetStreamPublisher(lambda: jetstream(broker), timeout_s=nats_settings.publish_timeout_s)
    breaker = Breaker.of(NAME, BreakerSettings.load())
    settler = Settler(NAME, publisher, lambda: jetstream(broker), breaker=breaker)
    broker = connect(nats_settings, name=NAME, middlewares=[settler], on_closed=closed)
    kept = RetentionSettings.load().time
    engine, close_engine = engine_of(settings, OpenAISettings.load(), mongo, kept)
    ledger = MongoLedger(mongo)
    duplicates = Duplicates(
        MongoSignatures(mongo),
        ledger,
        _now,
        kept=min(timedelta(days=settings.likeness_days), kept),
        patience=timedelta(seconds=settings.likeness_patience_s),
    )
    handlers = ExtractorHandlers(engine, OfflineEngine(extract), duplicates, ledger, publisher)

    async def on_candidate(event: Candidate) -> None:
        await handlers.on_candidate(event)

    listen(broker, on_candidate, CANDIDATES, NAME, lanes=settings.concurrency)

    async def consumers_exist() -> None:
        await topology.require(jetstream(broker), NAME)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await broker.connect()
        await topology.require(jetstream(broker), NAME)
        await schema.require_at_start(mongo)
        await broker.start()
        async with beating(MongoHeartbeats(mongo), NAME, checks | model):
            yield
        closed.stopping = True
        settler.close()
        await broker.stop()
        await close_engine()
        await mongo.close()

    checks = {
        "flow": settler.flowing,
        "broker": consumers_exist,
        "database": mongo.ping,
        "schema": schema.check_of(mongo),
        "engine": engine.ready,
    }
    # Told in the heartbeat alone: where the parsers stand in, the service is ready without its model.
    model = {"model": engine.model_answers} if isinstance(engine, ModelEngine) else {}
    return Starlette(routes=health.routes(NAME, checks), lifespan=lifespan)


def engine_of(
    settings: ExtractorSettings, openai: OpenAISettings, mongo: Mongo, kept: timedelta
) -> tuple[Engine, Close]:
    """The engine that the settings choose, and what closes it; `kept` is how long an answer may be kept at most."""
    offline = OfflineEngine(extract)
    if settings.engine == "offline" or (settings.engine == "auto" and openai.api_key is None):
        return offline, _nothing_to_close
    if (openai.price_input is None) != (openai.price_output is None):
        raise Misconfigured("set both OPENAI_PRICE_INPUT and OPENAI_PRICE_OUTPUT, or neither")
    rehearse(extract)
    # Only here: the library takes 40 MB and most of a second, which the offline engine need not pay.
    from services.extractor.openai_engine import OpenAIModel

    costs = MongoCosts(mongo)
    spending = Spending(
        MongoBudgets(mongo),
        costs,
        Limits(settings.requests_a_day, settings.tokens_a_day, settings.cost_usd_a_day),
        openai.model,
        price_of(openai.model, openai.price_input, openai.price_output),
        clock=_now,
    )
    model = OpenAIModel(openai, spending)
    policy = Policy(
        settings.when_unavailable,
        settings.on_bad_answer,
        timedelta(seconds=settings.pause_s),
        settings.max_chars,
        min(timedelta(days=settings.answer_days), kept),
    )
    engine = ModelEngine(
        model, offline, MongoExtractions(mongo), costs, policy, clock=_now, fence=lambda: secrets.token_hex(8)
    )
    return engine, model.close


def _now() -> datetime:
    return datetime.now(UTC)


async def _nothing_to_close() -> None:
    """The parsers hold nothing open."""
