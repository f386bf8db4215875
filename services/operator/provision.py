"""`twin provision`: the streams, consumers and indexes that the services need."""

from __future__ import annotations

from services.operator import connections
from services.operator.answers import JsonOption, run, show
from shared.broker import topology
from shared.settings import NatsSettings, RetentionSettings, require_within_retention
from shared.storage.mongo import indexes


def provision(as_json: JsonOption = False) -> None:
    """Make the streams, consumers and indexes that the services need. Again changes nothing."""
    done = run(provisioned())
    show({"provisioned": done}, done, as_json=as_json)


async def provisioned() -> list[str]:
    """Makes sure of broker and database; returns what it made sure of, a line each."""
    settings: NatsSettings = NatsSettings.load()
    require_within_retention(settings, RetentionSettings.load())
    async with connections.broker() as js:
        done = await topology.provision(js, settings)
    async with connections.database() as mongo:
        done += await indexes.provision(mongo)
    return done
