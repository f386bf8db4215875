"""The calls on MongoDB: one document a call.

The embedded database examines about ten documents a millisecond and does not stream an index sort, so each query here
has an equality prefix that leaves few documents, or is a range of the index that does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from shared.storage.calls import Call, Status, Summary
from shared.storage.mongo.call_documents import SUMMARY, call_in, document_of, summary_in
from shared.storage.mongo.connect import Document, Mongo, holding, translated

_DELETIONS_KEPT_S = 45 * 24 * 3600

INDEXES: dict[str, list[IndexModel]] = {
    "calls": [
        IndexModel([("status", ASCENDING), ("updated_at", DESCENDING)], name="status_updated"),
        IndexModel([("updated_at", ASCENDING)], name="updated"),
        IndexModel([("status", ASCENDING), ("closes_on", ASCENDING)], name="status_closes"),
        IndexModel(
            [("unsent", ASCENDING), ("changed_at", ASCENDING)],
            name="unsent",
            partialFilterExpression={"unsent": True},
        ),
        IndexModel(
            [("published", ASCENDING), ("changed_at", ASCENDING)],
            name="gone",
            partialFilterExpression={"published": False},
        ),
        IndexModel([("decided_by", ASCENDING), ("updated_at", DESCENDING)], name="decided_by_updated"),
        IndexModel([("merged_into", ASCENDING)], name="merged_into"),
        IndexModel([("unlearned", ASCENDING)], name="unlearned", partialFilterExpression={"unlearned": True}),
    ],
    "call_deletions": [IndexModel([("at", ASCENDING)], name="kept", expireAfterSeconds=_DELETIONS_KEPT_S)],
}

_FIRST_WINDOW = timedelta(hours=6)
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


class MongoCalls:
    """The port `Calls` on MongoDB."""

    def __init__(self, mongo: Mongo) -> None:
        self._calls = mongo.collection("calls")
        self._deletions = mongo.collection("call_deletions")

    async def insert(self, call: Call) -> bool:
        """As the port says."""
        with translated("insert a call"):
            try:
                await self._calls.insert_one(document_of(call) | {"sent_revision": call.sent_revision})
            except DuplicateKeyError:
                return False
        return True

    async def get(self, id: str) -> Call | None:
        """As the port says."""
        with translated("read a call"):
            found = await self._calls.find_one({"_id": id})
        return call_in(found) if found else None

    async def many(self, ids: Sequence[str]) -> list[Call]:
        """As the port says."""
        with translated("read calls"):
            by_id = {document["_id"]: document async for document in holding(self._calls, "_id", ids)}
        return [call_in(by_id[id]) for id in ids if id in by_id]

    async def save(self, call: Call, *, over: int) -> bool:
        """As the port says."""
        values = document_of(call)
        values.pop("_id")
        with translated("save a call"):
            result = await self._calls.update_one({"_id": call.id, "version": over}, {"$set": values})
        return result.matched_count == 1

    async def unsent(self, *, limit: int = 100) -> list[Call]:
        """As the port says."""
        with translated("read unsent calls"):
            found = (
                await self._calls.find({"unsent": True}).sort([("changed_at", ASCENDING)]).limit(limit).to_list(limit)
            )
        return [call_in(document) for document in found]

    async def mark_sent(self, id: str, revision: int) -> None:
        """As the port says."""
        with translated("mark a call as sent"):
            result = await self._calls.update_one(
                {"_id": id, "revision": revision}, {"$set": {"sent_revision": revision, "unsent": False}}
            )
            if result.matched_count == 0:  # a newer revision waits already
                await self._calls.update_one(
                    {"_id": id, "sent_revision": {"$lt": revision}}, {"$set": {"sent_revision": revision}}
                )

    async def unlearned(self, *, limit: int = 100) -> list[Call]:
        """As the port says."""
        with translated("read unlearned calls"):
            found = await self._calls.find({"unlearned": True}).limit(limit).to_list(limit)
        return [call_in(document) for document in found]

    async def mark_learned(self, id: str, version: int) -> None:
        """As the port says."""
        with translated("mark a call as learned"):
            await self._calls.update_one({"_id": id, "version": version}, {"$set": {"unlearned": False}})

    async def standing(self, status: Status) -> list[Summary]:
        """As the port says."""
        return await self._summaries({"status": str(status)})

    async def updated_since(self, at: datetime) -> list[Summary]:
        """As the port says."""
        return await self._summaries({"updated_at": {"$gte": at}})

    async def decided(self, status: Status, *, before: datetime | None = None, limit: int = 50) -> list[Summary]:
        """As the port says. Looks back through growing windows, so that no query examines the whole past."""
        rows: list[Summary] = []
        end, window = before, _FIRST_WINDOW
        newest = datetime.now(UTC) if end is None else end
        while len(rows) < limit:
            start = newest - window
            last = start < _BEGINNING
            between: Document = {} if last else {"$gte": start}
            if end is not None:
                between["$lt"] = end
            query: Document = {"status": str(status)} | ({"updated_at": between} if between else {})
            found = await self._summaries(query)
            rows.extend(sorted(found, key=lambda row: (row.updated_at, row.id), reverse=True))
            if last:
                break
            end = newest = start
            window *= 4
        return rows[:limit]

    async def decided_by(self, actor: str, since: datetime) -> list[Summary]:
        """As the port says."""
        rows = await self._summaries({"decided_by": actor, "updated_at": {"$gte": since}})
        return sorted(rows, key=lambda row: row.updated_at, reverse=True)

    async def merged_into(self, id: str) -> list[Call]:
        """As the port says."""
        with translated("read merged calls"):
            found = [call_in(document) async for document in self._calls.find({"merged_into": id})]
        return sorted(found, key=lambda call: (call.message.sent_at, call.id))

    async def gone_since(self, at: datetime, *, limit: int = 500) -> list[Summary]:
        """As the port says."""
        query = {"published": False, "changed_at": {"$gte": at}}
        with translated("read withdrawn calls"):
            cursor = self._calls.find(query, SUMMARY).sort([("changed_at", ASCENDING)]).limit(limit)
            return [summary_in(document) for document in await cursor.to_list(limit)]

    async def closing_before(self, day: date, *, limit: int = 100) -> list[str]:
        """As the port says."""
        query = {"status": str(Status.APPROVED), "closes_on": {"$gt": "", "$lt": day.isoformat()}}
        with translated("read closed calls"):
            found = await self._calls.find(query, {"_id": 1}).limit(limit).to_list(limit)
        return [document["_id"] for document in found]

    async def note_deletion(self, id: str, event_id: str, at: datetime) -> None:
        """As the port says."""
        with translated("note a deletion"):
            await self._deletions.update_one(
                {"_id": id}, {"$setOnInsert": {"event_id": event_id, "at": at}}, upsert=True
            )

    async def deletion(self, id: str) -> str | None:
        """As the port says."""
        with translated("read a deletion"):
            found = await self._deletions.find_one({"_id": id})
        return str(found["event_id"]) if found else None

    async def _summaries(self, query: Document) -> list[Summary]:
        with translated("read summaries"):
            return [summary_in(document) async for document in self._calls.find(query, SUMMARY)]
