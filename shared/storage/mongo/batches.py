"""Which entries of the ledger were made together: what the running totals are counted by (see totals.py).

The ledger has no index by time. Each `record` leaves one small document here, whatever number of entries it made, and
each entry that is settled marks that document; so the totals find what to count without a look at the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from shared.storage.ledger import State
from shared.storage.mongo.connect import Document, Mongo
from shared.storage.totals import Fate

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
    return f"{hour_name(at)}-{uuid4().hex[:12]}"


def hour_name(at: datetime) -> str:
    """The hour (UTC) that this time is in, as it stands in a batch."""
    return f"{at.astimezone(UTC):{_HOUR}}"


def hour_in(name: str) -> str:
    """The hour in a batch's name."""
    return name.partition("-")[0]


def hour_at(hour: str) -> datetime:
    """When this hour began."""
    return datetime.strptime(hour, _HOUR).replace(tzinfo=UTC)


class Batches:
    """The notes that the ledger leaves for the totals. Errors of the driver are the caller's to translate.

    A note holds its entries by their fates (`rows`: a fate's values, then the ids) and, under `moved`, the ids of those
    that have to be looked at again.
    """

    def __init__(self, mongo: Mongo) -> None:
        self._batches = mongo.collection(COLLECTION)

    async def made(self, batch: str, entries: Iterable[tuple[str, Fate]]) -> None:
        """Notes entries that were just made, with their fates: nobody has to look at them again."""
        await self._add(batch, entries, [])

    async def again(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Has these entries (batch, entry id) looked at again: after a crash nobody knows whether they were noted."""
        found: dict[str, list[str]] = defaultdict(list)
        for batch, id in pairs:
            if batch:
                found[batch].append(id)
        for batch, ids in found.items():
            await self._add(batch, (), ids)

    async def moved(self, batch: str | None, id: str) -> None:
        """Has this entry looked at again: its state has changed."""
        if batch:
            await self._look_again(batch, [id])

    async def _add(self, batch: str, entries: Iterable[tuple[str, Fate]], moved: list[str]) -> None:
        rows = rows_of(entries)
        made: Document = {"hour": hour_in(batch), "version": 1, "stirred": True}
        try:
            await self._batches.insert_one({"_id": batch, "rows": rows, "moved": moved, **made})
        except DuplicateKeyError:
            await self._look_again(batch, [*moved, *(id for row in rows for id in row[-1])])

    async def _look_again(self, batch: str, ids: list[str]) -> None:
        change: Document = {"$addToSet": {"moved": {"$each": ids}}, "$set": {"stirred": True}, "$inc": {"version": 1}}
        await self._batches.update_one({"_id": batch}, change)


def rows_of(entries: Iterable[tuple[str, Fate]]) -> list[list[Any]]:
    """The ids by their fates, as they are stored."""
    found: dict[Fate, list[str]] = defaultdict(list)
    for id, fate in entries:
        found[fate].append(id)
    return [[*fate, ids] for fate, ids in sorted(found.items())]


def fate_in(row: list[Any]) -> Fate:
    """The fate at the beginning of a stored row; the last value of a row is its ids, or how many they are."""
    source, state, rule, stage, checked, _last = row
    return Fate(source, State(state), rule, stage, checked)
