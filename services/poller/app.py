"""Builds the poller: the client of the gateway, the three rounds that run in the background, health and metrics."""

from __future__ import annotations

import asyncio
import os
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog
from faststream.nats import NatsBroker
from nats.js.errors import NotFoundError
from starlette.applications import Starlette

from services.poller.compare import Comparison, RegularComparison
from services.poller.groups import GroupSync
from services.poller.handlers import Poller
from services.poller.settings import PollerSettings
from services.poller.watch import GatewayWatch
from shared.broker.connect import StopOnClose, connect, jetstream
from shared.broker.progress import CaughtUp
from shared.broker.publish import JetStreamPublisher
from shared.contracts.subjects import RAW_MESSAGES
from shared.errors import Misconfigured, Unavailable
from shared.observability import health, logging
from shared.settings import LogSettings, MongoSettings, NatsSettings
from shared.stopping import cancelled
from shared.storage.beating import beating
from shared.storage.budgets import Budget
from shared.storage.mongo import schema
from shared.storage.mongo.budgets import MongoBudgets
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.gateway import MongoGatewayRecord
from shared.storage.mongo.heartbeats import MongoHeartbeats
from shared.storage.mongo.leases import MongoLeases
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.notices import MongoNotices
from shared.storage.mongo.reckonings import MongoReckonings
from shared.storage.mongo.sources import MongoSources
from shared.storage.mongo.standings import MongoStandings
from shared.whapi.client import WhapiClient
from shared.whapi.settings import WhapiSettings

log = structlog.get_logger(__name__)

NAME = "poller"
_AFTER_FAILURE_S = 5.0


def create() -> Starlette:
    """The poller as its settings say: it polls while it is served. Misconfigured without the gateway's token."""
    logging.configure(LogSettings.load(), service=NAME)
    settings: PollerSettings = PollerSettings.load()
    nats_settings: NatsSettings = NatsSettings.load()
    whapi_settings: WhapiSettings = WhapiSettings.load()
    mongo = Mongo(MongoSettings.load())
    closed = StopOnClose()
    broker = connect(nats_settings, name=NAME, on_closed=closed)
    spending = Spending(MongoBudgets(mongo), whapi_settings.requests_per_hour)
    client = WhapiClient.open(whapi_settings, budget=spending)
    publisher = JetStreamPublisher(lambda: jetstream(broker), timeout_s=nats_settings.publish_timeout_s)
    sources, record, notices, leases = (
        MongoSources(mongo), MongoGatewayRecord(mongo), MongoNotices(mongo), MongoLeases(mongo)
    )  # fmt: skip
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    poller = Poller(
        sources,
        MongoLedger(mongo),
        client,
        publisher,
        settings,
        owner=owner,
        clock=_now,
        requests_per_hour=whapi_settings.requests_per_hour,
        requests_spent=lambda: spending.spent,
    )
    sync = GroupSync(sources, client, record, notices, leases, settings, owner=owner, clock=_now)
    watch = GatewayWatch(client, record, notices, leases, settings, owner=owner, clock=_now)
    comparison = Comparison(
        sources,
        client,
        MongoStandings(mongo),
        publisher,
        caught_up=CaughtUp(lambda: jetstream(broker), RAW_MESSAGES.stream, RAW_MESSAGES.readers[0], _now),
        span=settings.span,
        requests_per_hour=whapi_settings.requests_per_hour,
        clock=_now,
    )
    compare = RegularComparison(comparison, MongoReckonings(mongo), leases, owner=owner, clock=_now)
    jobs: list[Callable[[], Awaitable[object]]] = [watch.run_if_due, sync.run_if_due, poller.cycle, compare.run_if_due]
    rounds = Rounds(broker, jobs, every_s=settings.tick)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await schema.require_at_start(mongo)
        running = asyncio.create_task(rounds.run())
        async with beating(MongoHeartbeats(mongo), NAME, checks):
            yield
        closed.stopping = True
        await cancelled(running)
        await broker.stop()
        await client.close()
        await mongo.close()

    checks = {"broker": rounds.ready, "database": mongo.ping, "schema": schema.check_of(mongo)}
    return Starlette(routes=health.routes(NAME, checks), lifespan=lifespan)


class Spending:
    """Takes each request to the gateway from the budget that all replicas and tools share; `spent` counts our own."""

    def __init__(self, budgets: MongoBudgets, requests_per_hour: int) -> None:
        self.spent = 0
        self._budgets = budgets
        self._budget = Budget("whapi", requests_per_hour, timedelta(hours=1))

    async def __call__(self) -> None:
        """Returns when the request may be sent; BudgetSpent when none is left in this hour."""
        await self._budgets.take(self._budget, 1, _now())
        self.spent += 1


class Rounds:
    """Connects to the broker, then runs each job again and again. The jobs don't wait for one another."""

    def __init__(self, broker: NatsBroker, jobs: list[Callable[[], Awaitable[object]]], *, every_s: float) -> None:
        self._broker = broker
        self._jobs = jobs
        self._every_s = every_s
        self._connected = False

    async def ready(self) -> None:
        """Returns while the broker is there with the stream that the poller writes."""
        if not self._connected or not self._broker.connection.is_connected:
            raise Unavailable("the broker is away")
        try:
            await jetstream(self._broker).stream_info(RAW_MESSAGES.stream)
        except NotFoundError:
            raise Misconfigured(f"the broker lacks stream {RAW_MESSAGES.stream}: run `twin provision` first") from None

    async def run(self) -> None:
        """For ever; cancel it to stop. A job that fails is logged and runs again."""
        while not self._connected:
            try:
                await self._broker.start()
                self._connected = True
            except Exception as error:
                log.error("poller.broker_refuses", cause=type(error).__name__, detail=str(error)[:300])
                await asyncio.sleep(_AFTER_FAILURE_S)
        async with asyncio.TaskGroup() as group:
            for job in self._jobs:
                group.create_task(self._again_and_again(job))

    async def _again_and_again(self, job: Callable[[], Awaitable[object]]) -> None:
        while True:
            wait_s = self._every_s
            try:
                await job()
            except Exception as error:
                wait_s = max(wait_s, _AFTER_FAILURE_S)
                name = getattr(job, "__qualname__", "job")
                log.error("poller.round_failed", job=name, cause=type(error).__name__, detail=str(error)[:300])
            await asyncio.sleep(wait_s)


def _now() -> datetime:
    return datetime.now(UTC)
