"""The whole stack as real processes, each link of it through a proxy, watched over as a supervisor does."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import nats
from nats.js import JetStreamContext
from pydantic import SecretStr

from services.operator import embedded
from services.operator.trial import SECRET, Trial, environment
from services.publisher.accounts import Accounts
from shared.broker import topology
from shared.settings import MongoSettings, NatsSettings
from shared.storage.accounts import Role
from shared.storage.mongo import indexes
from shared.storage.mongo.accounts import MongoAccounts
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.sources import MongoSources
from shared.storage.sources import Source, SourceStatus
from tests.chaos.brokers import Broker, open_broker
from tests.chaos.fragile import TRAPS
from tests.chaos.load import GROUPS
from tests.chaos.plan import WORKERS
from tests.chaos.proxy import Link

REVIEWER, PASSWORD = "chaos", "a-password-that-is-only-for-chaos"
DATABASE = "chaos"
_TOKEN = "a-token-that-is-only-for-chaos"
_WATCH_S = 0.2
_RESTART_S = 0.5
_READY_WITHIN_S = 120.0
_STREAM_BYTES = 500_000_000

# Shorter rhythms than in production, so that a run of minutes sees what a month of outages brings.
_RHYTHM = {
    "POLLER_INTERVAL": "8",
    "POLLER_INTERVAL_CATCH_UP": "4",
    "POLLER_OVERLAP": "150",
    "POLLER_LEASE": "10",
    "POLLER_HEALTH_INTERVAL": "5",
    "RECEIVER_SOURCES_REFRESH_S": "2",
    "WHAPI_REQUESTS_PER_HOUR": "1000000",
    "WHAPI_TIMEOUT_S": "4",
    "PUBLISHER_EXPIRY_INTERVAL_S": "20",
    "EXTRACTOR_ENGINE": "openai",
    "EXTRACTOR_PAUSE_S": "1",
    "EXTRACTOR_REQUESTS_A_DAY": "0",
    "EXTRACTOR_COST_USD_A_DAY": "0",
    "OPENAI_TIMEOUT_S": "3",
    "OPENAI_TOTAL_S": "8",
    "SANDBOX_RATE_PER_MINUTE": "0",
    "SANDBOX_DUPLICATES": "0.15",
    "SANDBOX_REORDER": "0.15",
    "SANDBOX_LATE_S": "2",
    "SANDBOX_BATCH": "4",
    "SANDBOX_SENDERS": "4",
    "SANDBOX_BACKOFF_STEP_S": "0.3",
    "SANDBOX_BACKOFF_CAP_S": "2",
    "SANDBOX_LLM_RETRY_AFTER_S": "1",
}


class Workers(Trial):
    """The services, each with addresses of its own for what it reaches, started again when one ends."""

    def __init__(self, environment: dict[str, str], folder: Path, links: dict[str, Link]) -> None:
        super().__init__(environment, folder)
        self.links = links
        self.deaths: Counter[str] = Counter()  # by signal or exit code, of those that nobody here had ended
        self.held: set[str] = set()  # ended on purpose: the supervisor leaves them alone
        self._ended_at: dict[str, float] = {}

    def start(self, services: Iterable[str]) -> None:
        """As the base says; filter and extractor with the trap for poison in front."""
        for name in services:
            module = "tests.chaos.fragile" if name in TRAPS else "shared.serving"
            with (self.folder / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    [sys.executable, "-m", module, name], env=self._own(name), stdout=log, stderr=log
                )
            self._ended_at.pop(name, None)

    def watch(self) -> None:
        """Starts what has ended by itself, half a second after it did, as a supervisor does."""
        for name, process in self.processes.items():
            code = process.poll()
            if code is None or name in self.held:
                continue
            if name not in self._ended_at:
                self._ended_at[name] = time.monotonic()
                self.deaths[f"{name} {signal.Signals(-code).name if code < 0 else f'exit {code}'}"] += 1
            elif time.monotonic() - self._ended_at[name] >= _RESTART_S:
                self.start([name])

    def _own(self, service: str) -> dict[str, str]:
        """The environment of this service: each address leads through a link of its own."""
        own = dict(self.environment)
        if link := self.links.get(f"{service}-nats"):
            own["NATS_URL"] = f"nats://127.0.0.1:{link.port}"
        if link := self.links.get(f"{service}-mongo"):
            own["MONGO_URL"] = embedded.mongo_url(link.port)
        return own


class House:
    """Everything that runs, and what the harness asks of it from outside, past the proxies."""

    def __init__(
        self, workers: Workers, broker: Broker, database: embedded.Server, js: JetStreamContext, mongo: Mongo
    ) -> None:
        self.workers = workers
        self.broker = broker
        self.database = database
        self.js = js
        self.mongo = mongo
        self.links = workers.links
        self.http = httpx.AsyncClient(timeout=15)

    async def order(self, order: str, values: dict[str, Any]) -> dict[str, Any]:
        """An order to the sandbox's control API; what it answers."""
        path = "/_control" + (f"/{order}" if order else "")
        answer = await self.http.post(f"{self.workers.url('sandbox')}{path}", json=values)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    async def open(self) -> None:
        """Starts the gateway with its groups, then the services; returns when all are ready."""
        self.workers.start(["sandbox"])
        await self.workers.ready(["sandbox"], within_s=_READY_WITHIN_S)
        for id, name in GROUPS.items():
            await self.order("group", {"id": id, "name": name})
        self.workers.start(WORKERS)
        await self.workers.ready(WORKERS, within_s=_READY_WITHIN_S)

    async def watch(self) -> None:
        """Watches over the services for ever."""
        while True:
            self.workers.watch()
            await asyncio.sleep(_WATCH_S)


@asynccontextmanager
async def running(
    folder: Path, *, seed: str, nodes: int = 1, settings: Mapping[str, str] | None = None
) -> AsyncIterator[House]:
    """The stack, provisioned, with its groups and a reviewer, ready and watched over; all of it ends afterwards.

    `settings` are given to all services, beyond those of every run.
    """
    broker = await asyncio.to_thread(open_broker, folder / "nats", nodes)
    database = await asyncio.to_thread(embedded.start_mongo, folder / "mongo")
    links: dict[str, Link] = {}
    nats_settings = NatsSettings(url=broker.url, max_bytes=_STREAM_BYTES, replicas=broker.replicas)
    client = await nats.connect(
        broker.url.split(","), max_reconnect_attempts=-1, reconnect_time_wait=0.2, error_cb=_expected
    )
    mongo = Mongo(MongoSettings(url=SecretStr(embedded.mongo_url(database.port)), database=DATABASE, timeout_s=20))
    try:
        js = client.jetstream(timeout=5)
        await topology.provision(js, nats_settings)
        await indexes.provision(mongo)
        await _furnish(mongo)
        values = environment(broker.url, embedded.mongo_url(database.port), DATABASE)
        links |= await _links(broker, database, values)
        values |= _addresses(values, links) | _RHYTHM | {"SANDBOX_SEED": seed, "NATS_REPLICAS": str(broker.replicas)}
        values |= settings or {}
        house = House(Workers(values, folder, links), broker, database, js, mongo)
        watching = asyncio.create_task(house.watch())
        try:
            await house.open()
            yield house
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            for process in house.workers.processes.values():
                if process.poll() is None:
                    process.send_signal(signal.SIGCONT)
            await house.workers.stop()
            await house.http.aclose()
    finally:
        for link in links.values():
            await link.stop()
        await client.close()
        await mongo.close()
        await asyncio.to_thread(broker.stop)
        await asyncio.to_thread(database.stop)


async def _expected(_error: Exception) -> None:
    """The broker is away now and then: that is what this is for."""


async def _furnish(mongo: Mongo) -> None:
    for id, name in GROUPS.items():
        await MongoSources(mongo).add(Source(id, name, SourceStatus.ACTIVE, datetime.now(UTC)))
    await Accounts(MongoAccounts(mongo)).add(REVIEWER, PASSWORD, Role.ADMIN)


async def _links(broker: Broker, database: embedded.Server, values: dict[str, str]) -> dict[str, Link]:
    """A running proxy for each link. Clients of a cluster go to its nodes themselves: they follow its own addresses."""
    targets = {f"{worker}-mongo": database.port for worker in WORKERS}
    if broker.port is not None:
        targets |= {f"{worker}-nats": broker.port for worker in WORKERS}
    sandbox, receiver = int(values["SANDBOX_PORT"]), int(values["RECEIVER_PORT"])
    targets |= {"poller-gateway": sandbox, "extractor-model": sandbox, "gateway-receiver": receiver}
    links = {name: Link(name, port) for name, port in targets.items()}
    for link in links.values():
        await link.start()
    return links


def _addresses(values: dict[str, str], links: dict[str, Link]) -> dict[str, str]:
    return {
        "WHAPI_URL": f"http://127.0.0.1:{links['poller-gateway'].port}",
        "WHAPI_TOKEN": _TOKEN,
        "SANDBOX_TOKEN": _TOKEN,
        "SANDBOX_WEBHOOK_URL": f"http://127.0.0.1:{links['gateway-receiver'].port}/webhooks/whapi",
        "SANDBOX_WEBHOOK_SECRET": SECRET,
        "OPENAI_API_KEY": "sandbox-key",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{links['extractor-model'].port}/v1",
    }
