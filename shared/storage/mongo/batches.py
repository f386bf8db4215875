"""Which entries of the ledger were made together: what the running totals are counted by (see totals.py).

The ledger has no index by time. Each `record` leaves one small document here, whatever number of entries it made, and
each change of an entry's state marks that document; so the totals find what to count without a look at the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import uuid4

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from shared.storage.mongo.connect import Document, Mongo

COLLECTION = "batches"
INDEXES = {
    COLLECTION: [
        IndexModel([("hour", ASCENDING)], name="hour"),
        IndexModel([("stirred", ASCENDING)], name="stirred", partialFilterExpression={"stirred": True}),
    ]
}
_HOUR = "%Y%m%d%H"


def name_for(at: datetime) -> str:
    """A new batch's name: the UTC hour of its entries, and what makes it its own."""
    return f"{at.astimezone(UTC):{_HOUR}}-{uuid4().hex[:12]}"


def hour_in(name: str) -> str:
    """The hour in a batch's name."""
    return name.partition("-")[0]


def hour_at(hour: str) -> datetime:
    """When this hour began."""
    return datetime.strptime(hour, _HOUR).replace(tzinfo=UTC)


class Batches:
    """The notes that the ledger leaves for the totals. Errors of the driver are the caller's to translate."""

    def __init__(self, mongo: Mongo) -> None:
        self._batches = mongo.collection(COLLECTION)

    async def note(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Notes that these entries (batch, entry id) are there; noting them again only has them counted again."""
        found: dict[str, list[str]] = defaultdict(list)
        for batch, id in pairs:
            if batch:
                found[batch].append(id)
        for batch, ids in found.items():
            made: Document = {"hour": hour_in(batch), "version": 1, "stirred": True, "ids": ids}
            try:
                await self._batches.insert_one({"_id": batch, **made})
            except DuplicateKeyError:  # a redelivery of what was noted before
                change: Document = {"$addToSet": {"ids": {"$each": ids}}, "$set": {"stirred": True}}
                await self._batches.update_one({"_id": batch}, change | {"$inc": {"version": 1}})

    async def stir(self, batch: str | None) -> None:
        """Has this batch counted again: one of its entries has changed."""
        if batch:
            await self._batches.update_one({"_id": batch}, {"$set": {"stirred": True}, "$inc": {"version": 1}})
