"""Builds the publisher: consumers, relay, chores and the site, in one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog
from fastapi import FastAPI
from faststream.nats import NatsBroker, PullSub
from nats.js import JetStreamContext

from services.publisher.accounts import Accounts
from services.publisher.backlog import Backlog
from services.publisher.chores import Expiry, every
from services.publisher.desk import Desk
from services.publisher.handlers import PublisherHandlers
from services.publisher.relay import Relay
from services.publisher.settings import PublisherSettings
from services.publisher.web.parts import Options, Parts
from services.publisher.web.site import build
from shared.broker import topology
from shared.broker.connect import StopOnClose, connect, jetstream, listen
from shared.broker.publish import JetStreamPublisher
from shared.broker.settle import Settler
from shared.contracts.subjects import DEAD, EXTRACTED, RAW_DELETIONS
from shared.errors import Misconfigured, Unavailable
from shared.observability import health, logging
from shared.settings import LogSettings, MongoSettings, NatsSettings
from shared.storage.calls import Call, summary_of
from shared.storage.mongo.accounts import MongoAccounts
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.dead_letters import MongoDeadLetters
from shared.storage.mongo.ledger import MongoLedger

log = structlog.get_logger(__name__)

NAME = "publisher"
_MIN_SECRET = 32
_TRY_AGAIN_S = 2.0
_REFRESH_S = 1.0
_RELOAD_S = 1800.0


def create() -> FastAPI:
    """The service as an ASGI app: it consumes and relays while it is served. Misconfigured when a setting is wrong."""
    logging.configure(LogSettings.load(), service=NAME)
    settings: PublisherSettings = PublisherSettings.load()
    options = options_of(settings)
    nats_settings: NatsSettings = NatsSettings.load()
    mongo = Mongo(MongoSettings.load())
    calls, ledger, dead_letters = MongoCalls(mongo), MongoLedger(mongo), MongoDeadLetters(mongo)
    closed = StopOnClose()
    publisher = JetStreamPublisher(lambda: _link(broker), timeout_s=nats_settings.publish_timeout_s)
    settler = Settler(NAME, publisher, lambda: jetstream(broker))
    broker = connect(nats_settings, name=NAME, middlewares=[settler], on_closed=closed)
    backlog = Backlog(calls, _now)
    relay = Relay(calls, publisher, interval_s=settings.relay_interval_s)

    def changed(call: Call) -> None:
        backlog.put(summary_of(call))
        relay.wake()

    desk = Desk(calls, ledger, _now, changed)
    handlers = PublisherHandlers(calls, ledger, dead_letters, _now, changed, auto_withdraw=settings.auto_withdraw)
    listen(broker, handlers.on_extracted, EXTRACTED, NAME, PullSub(16, timeout=1))
    listen(broker, handlers.on_deleted, RAW_DELETIONS, NAME, PullSub(16, timeout=1))
    listen(broker, handlers.on_dead, DEAD, NAME, PullSub(16, timeout=1))
    expiry = Expiry(calls, desk, _now)

    async def consumers_exist() -> None:
        await topology.require(_link(broker), NAME)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # In the background: the desk answers and takes decisions also while the broker is away.
        tasks = [
            asyncio.create_task(work)
            for work in (
                _consume(broker),
                relay.run(),
                every(_REFRESH_S, backlog.refresh, name="refresh"),
                every(_RELOAD_S, backlog.reload, name="reload", at_once=False),
                every(settings.expiry_interval_s, expiry.once, name="expiry"),
            )
        ]
        yield
        closed.stopping = True
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await broker.stop()
        await mongo.close()

    parts = Parts(desk, calls, backlog, ledger, dead_letters, Accounts(MongoAccounts(mongo), clock=_now), _now, options)
    checks = {"broker": consumers_exist, "database": mongo.ping, "list": backlog.ready}
    return build(parts, routes=health.routes(NAME, checks), lifespan=lifespan)


def options_of(settings: PublisherSettings) -> Options:
    """The site's options; Misconfigured without a session secret, since anybody could then sign a session."""
    secret = settings.session_secret.get_secret_value() if settings.session_secret else ""
    if len(secret) < _MIN_SECRET:
        raise Misconfigured(
            f"PUBLISHER_SESSION_SECRET must be set to {_MIN_SECRET} random characters or more"
            " (for example the output of: openssl rand -hex 32); all replicas need the same"
        )
    return Options(
        session_secret=secret,
        session_hours=settings.session_hours,
        secure_cookies=settings.secure_cookies,
        public_url=settings.public_url,
        trust_proxy=settings.trust_proxy,
    )


async def _consume(broker: NatsBroker) -> None:
    """Returns once the consumers run. A broker that is away, or not provisioned yet, is tried again."""
    while True:
        try:
            await broker.connect()
            await topology.require(jetstream(broker), NAME)
            await broker.start()
        except Exception as error:  # whatever it is: told, and tried again
            log.error("publisher.cannot_consume", cause=type(error).__name__, detail=str(error)[:300])
            await asyncio.sleep(_TRY_AGAIN_S)
        else:
            log.info("publisher.consuming")
            return


def _link(broker: NatsBroker) -> JetStreamContext:
    """JetStream while the broker is connected; Unavailable at once while not: a publish would wait and be buffered."""
    try:
        client = broker.connection
        connected = client.is_connected
    except Exception as error:  # never connected yet
        raise Unavailable("the broker is away") from error
    if not connected:
        raise Unavailable("the broker is away")
    return jetstream(broker)


def _now() -> datetime:
    return datetime.now(UTC)
