"""The calls on MongoDB: one document a call.

The embedded database examines about ten documents a millisecond and does not stream an index sort, so each query here
has an equality prefix that leaves few documents, or is a range of the index that does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from shared.contracts.calls import Evidence, EvidenceMap
from shared.storage.calls import Call, Status, Summary
from shared.storage.mongo.connect import Document, Mongo, translated

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
    ],
    "call_deletions": [IndexModel([("at", ASCENDING)], name="kept", expireAfterSeconds=_DELETIONS_KEPT_S)],
}

_TIMES = ("queued_at", "updated_at", "changed_at")
_SUMMARY = {
    "version": 1,
    "status": 1,
    "published": 1,
    "fields.title": 1,
    "fields.project_type": 1,
    "fields.location_city": 1,
    "fields.language": 1,
    "message.group": 1,
    "message.sent_at": 1,
    "flags.name": 1,
    "suggestions.open": 1,
    "search": 1,
    "closes_on": 1,
    "queued_at": 1,
    "updated_at": 1,
    "changed_at": 1,
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
                await self._calls.insert_one(_document(call) | {"sent_revision": call.sent_revision})
            except DuplicateKeyError:
                return False
        return True

    async def get(self, id: str) -> Call | None:
        """As the port says."""
        with translated("read a call"):
            found = await self._calls.find_one({"_id": id})
        return _call(found) if found else None

    async def many(self, ids: Sequence[str]) -> list[Call]:
        """As the port says."""
        with translated("read calls"):
            found = await self._calls.find({"_id": {"$in": list(ids)}}).to_list(len(ids))
        by_id = {document["_id"]: document for document in found}
        return [_call(by_id[id]) for id in ids if id in by_id]

    async def save(self, call: Call, *, over: int) -> bool:
        """As the port says."""
        values = _document(call)
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
        return [_call(document) for document in found]

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
            rows.extend(sorted(found, key=lambda row: row.updated_at, reverse=True))
            if last:
                break
            end = newest = start
            window *= 4
        return rows[:limit]

    async def gone_since(self, at: datetime, *, limit: int = 500) -> list[Summary]:
        """As the port says."""
        query = {"published": False, "changed_at": {"$gte": at}}
        with translated("read withdrawn calls"):
            cursor = self._calls.find(query, _SUMMARY).sort([("changed_at", ASCENDING)]).limit(limit)
            return [_summary(document) for document in await cursor.to_list(limit)]

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
            return [_summary(document) async for document in self._calls.find(query, _SUMMARY)]


def _document(call: Call) -> Document:
    """The call as stored, without `sent_revision`, which `mark_sent` alone moves once the call is there."""
    document: Document = call.model_dump(mode="json", exclude={"id", "sent_revision"})
    document |= {"_id": call.id, "unsent": bool(call.unsent)}
    document |= {name: getattr(call, name) for name in _TIMES}
    document["evidence"] = _listed(call.evidence)
    for stored, suggestion in zip(document["suggestions"], call.suggestions, strict=True):
        stored["evidence"] = _listed(suggestion.evidence)
    return document


def _call(document: Document) -> Call:
    values = {name: value for name, value in document.items() if name not in ("_id", "unsent")}
    values["evidence"] = _mapped(document["evidence"])
    values["suggestions"] = [item | {"evidence": _mapped(item["evidence"])} for item in document["suggestions"]]
    return Call.model_validate(values | {"id": document["_id"]})


def _listed(evidence: EvidenceMap) -> list[Document]:
    # Field paths hold dots, which are no good as names inside a document.
    return [{"path": path, **item.model_dump(mode="json")} for path, item in evidence.items()]


def _mapped(listed: list[Document]) -> dict[str, Any]:
    return {item["path"]: Evidence.model_validate(item) for item in listed}


def _summary(document: Document) -> Summary:
    fields, group = document["fields"], document["message"]["group"]
    return Summary(
        id=document["_id"],
        version=document["version"],
        status=Status(document["status"]),
        published=document.get("published"),
        title=fields["title"],
        project_type=fields["project_type"],
        city=fields.get("location_city"),
        language=fields["language"],
        group_id=group["id"],
        group_name=group.get("name"),
        flags=tuple(flag["name"] for flag in document.get("flags", ())),
        suggestions=sum(item["open"] for item in document.get("suggestions", ())),
        search=document.get("search", ""),
        closes_on=date.fromisoformat(document["closes_on"]) if document.get("closes_on") else None,
        sent_at=_instant(document["message"]["sent_at"]),
        queued_at=document["queued_at"],
        updated_at=document["updated_at"],
        changed_at=document.get("changed_at"),
    )


def _instant(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    return value.replace(microsecond=value.microsecond // 1000 * 1000)
