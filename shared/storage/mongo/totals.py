"""The running totals on MongoDB: counted by batch, summed by hour, each step repeatable.

A batch is marked when it is made and when one of its entries changes (see batches.py). To follow is to take some marked
batches, to mark their hours, to look at those entries of each batch that have moved and clear its mark, and then to sum
each marked hour anew from its batches and clear its mark. A mark is cleared only on the version that was read: whatever
changes meanwhile, and wherever a process dies, a mark is left and the next round counts again. Nothing is ever added to
a sum that stands, so nothing can be added twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.errors import BulkWriteError

from shared.storage.ledger import State
from shared.storage.mongo import batches
from shared.storage.mongo.batches import fate_in, hour_at, rows_of
from shared.storage.mongo.connect import Document, Mongo, holding, translated
from shared.storage.mongo.ledger import COLLECTION as LEDGER
from shared.storage.mongo.ledger import taken_indexes
from shared.storage.totals import Fate, Hour, fate_of

COLLECTION = "totals"
INDEXES = {
    COLLECTION: [
        IndexModel([("at", ASCENDING)], name="at"),
        IndexModel([("changed_at", ASCENDING)], name="changed"),
        IndexModel([("stirred", ASCENDING)], name="stirred", partialFilterExpression={"stirred": True}),
    ]
}
_AT_ONCE = 20  # whole batches, each with the ids of all its entries: after a flood, hundreds are marked
_A_REPLY = 100  # batches of which the counts are read at once
_COUNTED = {"state": 1, "rule": 1, "group_id": 1, "batch": 1, "stages": 1}


class MongoTotals:
    """As `shared.storage.totals.Totals` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._hours = mongo.collection(COLLECTION)
        self._batches = mongo.collection(batches.COLLECTION)
        self._messages = mongo.collection(LEDGER)

    async def follow(self, now: datetime, *, limit: int = 200) -> int:
        """Reads the entries that have moved, and as many batches as their hours hold."""
        counted = 0
        with translated("totals.follow"):
            while counted < limit and (marked := await self._some_marked(min(_AT_ONCE, limit - counted))):
                await self._mark({batch["hour"] for batch in marked})
                await self._count(marked)
                counted += len(marked)
            for hour in await self._hours.find({"stirred": True}, {"version": 1}).to_list(None):
                await self._sum(hour["_id"], hour["version"], now)
        return counted

    async def since(self, at: datetime) -> list[Hour]:
        """One read by index."""
        with translated("totals.since"):
            found = [_hour_in(document) async for document in self._hours.find({"at": {"$gte": at}})]
        return sorted((hour for hour in found if hour.counts), key=lambda hour: hour.at)

    async def changed_since(self, at: datetime) -> list[Hour]:
        """One read by index."""
        with translated("totals.changed_since"):
            return [_hour_in(document) async for document in self._hours.find({"changed_at": {"$gte": at}})]

    async def _some_marked(self, number: int) -> list[Document]:
        return await self._batches.find({"stirred": True}).limit(number).to_list(number)

    async def _mark(self, hours: Iterable[str]) -> None:
        """Tried twice: of two first upserts at once, one is refused."""
        updates = [
            UpdateOne(
                {"_id": hour},
                {"$set": {"stirred": True}, "$inc": {"version": 1}, "$setOnInsert": {"at": hour_at(hour)}},
                upsert=True,
            )
            for hour in hours
        ]
        try:
            await self._hours.bulk_write(updates, ordered=False)
        except BulkWriteError as error:
            await self._hours.bulk_write([updates[index] for index in sorted(taken_indexes(error))], ordered=False)

    async def _count(self, marked: Sequence[Document]) -> None:
        moved = await self._look({id for batch in marked for id in batch["moved"]})
        updates = []
        for batch in marked:
            fates = {id: fate_in(row) for row in batch["rows"] for id in row[-1]}
            for id in batch["moved"]:
                at, fate = moved.get(id, ("", None))
                fates.pop(id, None)
                if fate is not None and at == batch["_id"]:  # an entry noted here may be of another batch: it knows
                    fates[id] = fate
            rows = rows_of(fates.items())
            told = {"rows": rows, "counts": _rows(Counter(fates.values())), "moved": []}
            where = {"_id": batch["_id"], "version": batch["version"]}
            updates.append(UpdateOne(where, {"$set": told, "$unset": {"stirred": ""}}))
        await self._batches.bulk_write(updates, ordered=False)

    async def _look(self, ids: set[str]) -> dict[str, tuple[str, Fate]]:
        """The batch and the fate of each of these entries."""
        found: dict[str, tuple[str, Fate]] = {}
        async for entry in holding(self._messages, "_id", sorted(ids), _COUNTED):
            found[entry["_id"]] = (entry.get("batch", ""), _fate_in(entry))
        return found

    async def _sum(self, hour: str, version: int, now: datetime) -> None:
        total: Counter[Fate] = Counter()
        async for batch in self._batches.find({"hour": hour}, {"counts": 1}).batch_size(_A_REPLY):
            total.update(_counts_in(batch.get("counts", ())))
        await self._hours.update_one(
            {"_id": hour, "version": version},
            {"$set": {"counts": _rows(total), "changed_at": now}, "$unset": {"stirred": ""}},
        )


def _fate_in(entry: Document) -> Fate:
    return fate_of(entry["group_id"], State(entry["state"]), entry.get("rule", ""), entry.get("stages", {}))


def _rows(counts: Counter[Fate]) -> list[list[Any]]:
    return [[*fate, number] for fate, number in sorted(counts.items())]


def _counts_in(rows: Iterable[list[Any]]) -> dict[Fate, int]:
    return {fate_in(row): int(row[-1]) for row in rows}


def _hour_in(document: Document) -> Hour:
    return Hour(document["at"], _counts_in(document.get("counts", ())))
