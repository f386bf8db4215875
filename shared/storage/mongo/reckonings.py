"""The accounts on MongoDB: one document each, so few that they are read and sorted as they are."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from shared.storage.mongo.connect import Collection, Document, Mongo, translated
from shared.storage.reckonings import KEPT, Missing, Reckoning, Sweep

ACCOUNTS = "reckonings"
SWEEPS = "sweeps"
INDEXES = {name: [IndexModel([("at", ASCENDING)], name="at")] for name in (ACCOUNTS, SWEEPS)}


class MongoReckonings:
    """As `shared.storage.reckonings.Reckonings` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._accounts = mongo.collection(ACCOUNTS)
        self._sweeps = mongo.collection(SWEEPS)

    async def add(self, reckoning: Reckoning) -> None:
        """One insert; what is beyond the last ones is deleted."""
        with translated("reckonings.add"):
            await self._accounts.insert_one(asdict(reckoning))
            await _prune(self._accounts)

    async def latest(self) -> Reckoning | None:
        """One sorted read."""
        with translated("reckonings.latest"):
            found = await self._accounts.find().sort([("at", DESCENDING)]).limit(1).to_list(1)
        return Reckoning(**_values(found[0], Reckoning)) if found else None

    async def add_sweep(self, sweep: Sweep) -> None:
        """One insert; what is beyond the last ones is deleted."""
        with translated("reckonings.add_sweep"):
            await self._sweeps.insert_one(asdict(sweep))
            await _prune(self._sweeps)

    async def sweeps(self, since: datetime) -> list[Sweep]:
        """One read by index."""
        with translated("reckonings.sweeps"):
            found = [Sweep(**_values(doc, Sweep)) async for doc in self._sweeps.find({"at": {"$gte": since}})]
        return sorted(found, key=lambda sweep: sweep.at, reverse=True)


async def _prune(collection: Collection) -> None:
    old = await collection.find({}, {"_id": 1}).sort([("at", DESCENDING)]).skip(KEPT).to_list(KEPT)
    if old:
        await collection.delete_many({"_id": {"$in": [document["_id"] for document in old]}})


def _values(document: Document, kind: type[Reckoning | Sweep]) -> dict[str, Any]:
    """The record's own fields; those of a newer version are passed over."""
    known = {field.name: document[field.name] for field in fields(kind) if field.name in document}
    for name in ("missing", "messages"):
        if isinstance(known.get(name), list):
            known[name] = tuple(Missing(**item) for item in known[name])
    return known
