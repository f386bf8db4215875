"""The costs on MongoDB: one document for each sum."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from pymongo import ASCENDING, IndexModel

from shared.storage.costs import Spent
from shared.storage.mongo.connect import Mongo, translated

COLLECTION = "costs"
_KEPT_S = 400 * 86_400  # a year can be compared with the one before
INDEXES = {COLLECTION: [IndexModel([("at", ASCENDING)], expireAfterSeconds=_KEPT_S)]}
_NAMES = ("source", "stage", "model")
_SUMS = ("questions", "reused", "input_tokens", "output_tokens", "cost_usd", "latency_ms")


class MongoCosts:
    """As `shared.storage.costs.Costs` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._costs = mongo.collection(COLLECTION)

    async def add(self, spent: Spent) -> None:
        """One upsert by key."""
        named = {"at": _moment(spent.day)} | {name: getattr(spent, name) for name in _NAMES}
        change = {"$inc": {name: getattr(spent, name) for name in _SUMS}, "$setOnInsert": named}
        key = f"{spent.day.isoformat()}/{spent.stage}/{spent.model}/{spent.source}"
        with translated("costs.add"):
            await self._costs.update_one({"_id": key}, change, upsert=True)

    async def since(self, day: date) -> list[Spent]:
        """One read by index: as many documents as there are days times sources."""
        with translated("costs.since"):
            documents = [document async for document in self._costs.find({"at": {"$gte": _moment(day)}})]
        found = [_spent(document) for document in documents]
        return sorted(found, key=lambda one: (one.day, one.source, one.stage, one.model))


def _spent(document: dict[str, Any]) -> Spent:
    values = {name: document[name] for name in (*_NAMES, *_SUMS)}
    return Spent(day=document["at"].astimezone(UTC).date(), **values)


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
