"""Builds the receiver: the webhook, the connection to the broker in the background, health and metrics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from datetime import UTC, datetime

import structlog
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from starlette.routing import Route, Router

from services.receiver import logic
from services.receiver.groups import ActiveGroups
from services.receiver.handlers import Handlers
from services.receiver.settings import ReceiverSettings
from services.receiver.webhook import Webhook
from shared.broker.connect import StopOnClose, connect, jetstream
from shared.broker.publish import JetStreamPublisher
from shared.contracts.subjects import DEAD, RAW_MESSAGES
from shared.errors import Misconfigured, Unavailable
from shared.observability import health, logging
from shared.settings import LogSettings, MongoSettings, NatsSettings
from shared.stopping import cancelled
from shared.storage.beating import beating
from shared.storage.mongo import schema
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.erasures import MongoErasures
from shared.storage.mongo.heartbeats import MongoHeartbeats
from shared.storage.mongo.sources import MongoSources
from shared.storage.sources import Sources

log = structlog.get_logger(__name__)

_TRY_AGAIN_S = 2.0
_LAST_NOTE_WITHIN_S = 5.0
PATH = "/webhooks/whapi"


class Link:
    """The connection to the broker, made in the background, so that the receiver answers 503 rather than nothing."""

    def __init__(self, broker: NatsBroker) -> None:
        self._broker = broker
        self._client: Client | None = None
        self._js: JetStreamContext | None = None

    def jetstream(self) -> JetStreamContext:
        """JetStream while connected; Unavailable at once while not, for a publish would wait and be buffered."""
        if self._js is None or self._client is None or not self._client.is_connected:
            raise Unavailable("the broker is away")
        return self._js

    async def keep(self) -> None:
        """Returns once connected. The client tries for ever; what ends it (a refused log-in) is tried again."""
        while True:
            try:
                await self._broker.start()
            except Exception as error:
                log.error("receiver.broker_refuses", cause=type(error).__name__, detail=str(error)[:300])
                await asyncio.sleep(_TRY_AGAIN_S)
            else:
                # One context for all: each has an inbox of its own for acknowledgements.
                self._client, self._js = self._broker.connection, jetstream(self._broker)
                log.info("receiver.broker_connected")
                return

    async def ready(self) -> None:
        """Returns while the broker is there with the streams that the receiver writes."""
        js = self.jetstream()
        for route in (RAW_MESSAGES, DEAD):
            try:
                await js.stream_info(route.stream)
            except NotFoundError:
                raise Misconfigured(f"the broker lacks stream {route.stream}: run `twin provision` first") from None


def create() -> Router:
    """The receiver as its settings say; Misconfigured where they are wrong or let everybody in."""
    mongo = Mongo(MongoSettings.load())
    return assemble(
        ReceiverSettings.load(), NatsSettings.load(), MongoSources(mongo), mongo=mongo, log_settings=LogSettings.load()
    )


def assemble(
    settings: ReceiverSettings,
    nats_settings: NatsSettings,
    sources: Sources,
    *,
    mongo: Mongo | None = None,
    log_settings: LogSettings | None = None,
) -> Router:
    """The receiver over these sources; `mongo` is closed at the end."""
    lock = _lock(settings)
    path_secret = logic.check_path_secret(settings.path_secret.get_secret_value() if settings.path_secret else None)
    closed = StopOnClose()
    broker = connect(nats_settings, name="receiver", on_closed=closed)
    link = Link(broker)
    publisher = JetStreamPublisher(link.jetstream, timeout_s=nats_settings.publish_timeout_s)
    erasures = MongoErasures(mongo) if mongo is not None else None
    groups = ActiveGroups(sources, _now, every_s=settings.sources_refresh_s, erasures=erasures)
    handlers = Handlers(publisher, groups, _now, channel_id=settings.channel_id)
    webhook = Webhook(
        handlers,
        lock,
        path_secret=path_secret,
        max_body=settings.max_body,
        max_buffered=settings.max_buffered,
        body_timeout_s=settings.body_timeout_s,
    )

    checks: dict[str, health.Check] = {"broker": link.ready, "sources": groups.ready}
    if mongo is not None:
        checks["schema"] = schema.check_of(mongo)

    @asynccontextmanager
    async def lifespan(_app: Router) -> AsyncIterator[None]:
        if log_settings is not None:
            logging.configure(log_settings, service="receiver")
        if mongo is not None:
            await schema.require_at_start(mongo)
        if not lock.secrets:
            log.warning("receiver.open_to_everybody", action="development only: set RECEIVER_SECRET")
        tasks = [asyncio.create_task(link.keep()), asyncio.create_task(groups.keep())]
        async with beating(MongoHeartbeats(mongo), "receiver", checks) if mongo else nullcontext():
            yield
        closed.stopping = True
        await cancelled(*tasks)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_NOTE_WITHIN_S):
                await groups.note()
        await broker.stop()
        if mongo is not None:
            await mongo.close()

    # A bare router: Starlette's own layers around it cost a twentieth of the rate and do nothing for these routes.
    return Router(
        routes=[
            Route(PATH, webhook, methods=["POST"]),
            Route(PATH + "/{secret_path}", webhook, methods=["POST"]),
            *health.routes("receiver", checks),
        ],
        redirect_slashes=False,
        lifespan=lifespan,
    )


def _lock(settings: ReceiverSettings) -> logic.Lock:
    return logic.make_lock(
        settings.auth,
        settings.secret.get_secret_value() if settings.secret else None,
        settings.secret_previous.get_secret_value() if settings.secret_previous else None,
        settings.header,
        insecure_development=settings.insecure_development,
    )


def _now() -> datetime:
    return datetime.now(UTC)
