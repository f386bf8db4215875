"""Builds the publisher: consumers, relay, chores and the site, in one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog
from fastapi import FastAPI
from faststream.nats import NatsBroker
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from services.publisher.accounts import Accounts
from services.publisher.backlog import Backlog
from services.publisher.cases import CaseKeeper
from services.publisher.chores import Expiry, every
from services.publisher.desk import Desk
from services.publisher.endings import Endings
from services.publisher.handlers import PublisherHandlers
from services.publisher.office import furnished
from services.publisher.outgoing import outgoing, regular_account
from services.publisher.presence import Live, Presence
from services.publisher.relay import Relay
from services.publisher.settings import PublisherSettings
from services.publisher.suggestions import Automatic
from services.publisher.web.parts import Options, Parts
from services.publisher.web.site import build
from shared.broker import topology
from shared.broker.breaker import Breaker
from shared.broker.connect import StopOnClose, connect, jetstream, listen
from shared.broker.publish import JetStreamPublisher
from shared.broker.resend import JetStreamResender
from shared.broker.settle import Settler
from shared.broker.stored import JetStreams
from shared.broker.topology import Lag
from shared.contracts.subjects import APPROVED, DEAD, ENDINGS, EXTRACTED, RAW_DELETIONS
from shared.errors import Misconfigured, Unavailable
from shared.observability import health, logging
from shared.settings import (
    BreakerSettings,
    LogSettings,
    MongoSettings,
    NatsSettings,
)
from shared.stopping import cancelled
from shared.storage.beating import beating
from shared.storage.calls import Call, summary_of
from shared.storage.mongo import schema
from shared.storage.mongo.accounts import MongoAccounts
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.cases import MongoCases
from shared.storage.mongo.claims import MongoClaims
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.dead_letters import MongoDeadLetters
from shared.storage.mongo.heartbeats import MongoHeartbeats
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.texts import MongoTexts

log = structlog.get_logger(__name__)

NAME = "publisher"
_MIN_SECRET = 32
_TRY_AGAIN_S = 2.0
_REFRESH_S = 1.0
_RELOAD_S = 1800.0
_ACCOUNT_S = 30.0  # how often it is looked whether an account is due


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
    settler = Settler(NAME, publisher, lambda: jetstream(broker), breaker=Breaker.of(NAME, BreakerSettings.load()))
    broker = connect(nats_settings, name=NAME, middlewares=[settler], on_closed=closed)
    live = Live()
    presence = Presence(MongoClaims(mongo), live, _now)
    backlog = Backlog(calls, _now, live.changed)
    relay = Relay(calls, publisher, interval_s=settings.relay_interval_s)

    def changed(call: Call) -> None:
        backlog.put(summary_of(call))
        relay.wake()

    desk = Desk(calls, ledger, _now, changed)
    automatic = automatic_of(settings)
    handlers = PublisherHandlers(calls, ledger, dead_letters, MongoTexts(mongo), _now, changed, automatic=automatic)
    endings = Endings(
        calls, ledger, _now, changed, backlog.of_group,
        automatic=automatic, filled_window=timedelta(days=settings.filled_days),
    )  # fmt: skip
    expiry = Expiry(calls, desk, _now)
    office, follower = furnished(mongo, lambda: _lags(broker), publisher, JetStreamResender(lambda: _link(broker)))
    account = regular_account(mongo, JetStreams(lambda: _link(broker), NAME), settings, nats_settings)
    sent_out = outgoing(mongo, office.board, settings.public_url)
    for handler, route in (
        (handlers.on_extracted, EXTRACTED),
        (handlers.on_deleted, RAW_DELETIONS),
        (endings.on_ending, ENDINGS),
        (handlers.on_dead, DEAD),
        (sent_out.feed.on_approved, APPROVED),
    ):
        listen(broker, handler, route, NAME)
    keeper = CaseKeeper(calls, MongoCases(mongo), kept=timedelta(days=settings.case_days))

    async def consumers_exist() -> None:
        await topology.require(_link(broker), NAME)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await schema.require_at_start(mongo)
        # In the background: the desk answers and takes decisions also while the broker is away.
        tasks = [
            asyncio.create_task(work)
            for work in (
                _consume(broker),
                relay.run(),
                every(_REFRESH_S, backlog.refresh, name="refresh"),
                every(_REFRESH_S, presence.refresh, name="presence"),
                every(_RELOAD_S, backlog.reload, name="reload", at_once=False),
                every(_REFRESH_S, app.state.showcase.refresh, name="feed"),
                every(settings.expiry_interval_s, expiry.once, name="expiry"),
                every(settings.case_interval_s, keeper.once, name="cases"),
                every(settings.status_interval_s, follower.once, name="totals"),
                every(settings.status_interval_s, office.board.refresh, name="status"),
                every(_ACCOUNT_S, account.once, name="account"),
                *(every(seconds, chore, name=name) for seconds, chore, name in sent_out.chores),
            )
        ]
        async with beating(MongoHeartbeats(mongo), NAME, checks):
            yield
        closed.stopping = True
        settler.close()
        await asyncio.gather(office.replays.close(), cancelled(*tasks))
        await broker.stop()
        await sent_out.close()
        await mongo.close()

    parts = Parts(
        desk, calls, backlog, ledger, dead_letters, Accounts(MongoAccounts(mongo), clock=_now), _now, options,
        live, presence, publisher.publish, office,
    )  # fmt: skip
    checks = {
        "flow": settler.flowing,
        "broker": consumers_exist,
        "database": mongo.ping,
        "schema": schema.check_of(mongo),
        "list": backlog.ready,
    }
    app = build(parts, routes=health.routes(NAME, checks), lifespan=lifespan)
    app.state.on_stop = live.close
    return app


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


def automatic_of(settings: PublisherSettings) -> Automatic:
    """What the settings let WhatsApp do to a call without a reviewer."""
    return Automatic(
        withdraw_deleted=settings.when_deleted == "withdraw",
        update_edited=settings.when_edited == "update",
        withdraw_filled=settings.when_filled == "withdraw",
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


async def _lags(broker: NatsBroker) -> Sequence[Lag]:
    """How far each reader of a stream is behind; Unavailable while the broker does not say."""
    try:
        return await topology.lags(_link(broker))
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the broker does not tell its readers' lag: {type(error).__name__}") from error


def _now() -> datetime:
    return datetime.now(UTC)
