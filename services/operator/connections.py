"""The operator's connections to the broker, the database and the gateway: opened for one command, closed after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from shared.broker.connect import StopOnClose, connect, jetstream
from shared.broker.failures import failure_of
from shared.errors import Misconfigured, TwinError, Unavailable
from shared.observability.masking import without_credentials
from shared.settings import MongoSettings, NatsSettings
from shared.storage.budgets import Budget
from shared.storage.mongo.budgets import MongoBudgets
from shared.storage.mongo.connect import DatabaseAway, Mongo
from shared.whapi.client import WhapiClient
from shared.whapi.settings import WhapiSettings

if TYPE_CHECKING:
    from nats.js import JetStreamContext

_CONNECT_S = 5.0


@asynccontextmanager
async def broker() -> AsyncIterator[JetStreamContext]:
    """JetStream of the broker in the settings; Unavailable when it does not answer, also later on in the block."""
    settings: NatsSettings = NatsSettings.load()
    closed = StopOnClose()
    closed.stopping = True  # a command that ends closes its connection itself
    client = connect(settings, name="operator", on_closed=closed)
    place = without_credentials(settings.url)
    try:
        async with asyncio.timeout(_CONNECT_S):
            await client.connect()
    except Exception as error:
        with suppress(Exception):
            await client.stop()
        why = f" ({error})" if str(error) else ""
        raise Unavailable(
            f"the broker at {place} does not answer or refuses us{why}: start it, or set NATS_URL"
        ) from error
    try:
        yield jetstream(client)
    except Exception as error:
        if (failure := failure_of(error)) is None:
            raise
        raise Unavailable(f"the broker at {place} fails us ({failure}): start it, or set NATS_URL") from error
    finally:
        await client.stop()


@asynccontextmanager
async def database() -> AsyncIterator[Mongo]:
    """The database in the settings, which has answered; Unavailable when it does not."""
    settings: MongoSettings = MongoSettings.load()
    try:
        mongo = Mongo(settings)
    except TwinError:
        raise
    except Exception as error:  # the driver's own words for an address it cannot read
        raise Misconfigured(f"MONGO_URL: {error}") from error
    try:
        await mongo.ping()
        yield mongo
    except DatabaseAway as error:
        raise Unavailable(f"{_short(error)}: start the database, or set MONGO_URL") from error
    finally:
        await mongo.close()


@asynccontextmanager
async def gateway() -> AsyncIterator[WhapiClient]:
    """The WhatsApp gateway in the settings; Misconfigured without a token. Its requests count with everybody's."""
    settings: WhapiSettings = WhapiSettings.load()
    limit = Budget("whapi", settings.requests_per_hour, timedelta(hours=1))
    mongo = Mongo(MongoSettings.load())
    budgets = MongoBudgets(mongo)

    async def spend() -> None:
        with suppress(Unavailable):  # to check a connection must be possible before there is a database
            await budgets.take(limit, 1, datetime.now(UTC))

    client = WhapiClient.open(settings, budget=spend)
    try:
        yield client
    finally:
        await client.close()
        await mongo.close()


def _short(error: Exception) -> str:
    """The driver's message without its long description of the topology."""
    return str(error).split(", Timeout:", 1)[0].split(" (configured timeouts", 1)[0]
