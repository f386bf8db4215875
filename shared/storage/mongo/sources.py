"""The sources on MongoDB. `due_at` and `lease_until` are always stored, so that one flat filter finds what is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta

from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.errors import DuplicateKeyError

from shared.storage.mongo.connect import Document, Mongo, translated
from shared.storage.sources import Answer, Source, SourceStatus

COLLECTION = "sources"
INDEXES = {COLLECTION: [IndexModel([("status", ASCENDING), ("due_at", ASCENDING)])]}
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # stands for None where a filter compares
_COMPARED = ("due_at", "lease_until")
_FIELDS = {field.name for field in fields(Source)} - {"id"}


class MongoSources:
    """As `shared.storage.sources.Sources` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._sources = mongo.collection(COLLECTION)

    async def add(self, source: Source) -> bool:
        """One insert by key."""
        with translated("sources.add"):
            try:
                await self._sources.insert_one(to_document(source))
            except DuplicateKeyError:
                return False
        return True

    async def get(self, id: str) -> Source | None:
        """One read by key."""
        with translated("sources.get"):
            document = await self._sources.find_one({"_id": id})
        return from_document(document) if document else None

    async def all(self, status: SourceStatus | None = None) -> list[Source]:
        """One read; sorted here (there are hundreds at most)."""
        query = {"status": str(status)} if status else {}
        with translated("sources.all"):
            found = [from_document(document) async for document in self._sources.find(query)]
        return sorted(found, key=lambda source: (source.name, source.id))

    async def set_status(self, id: str, status: SourceStatus) -> bool:
        """One update by key."""
        change: Document = {"status": str(status)}
        if status is SourceStatus.ACTIVE:
            change["due_at"] = _LONG_AGO
        return await self._set("set_status", {"_id": id}, change)

    async def rename(self, id: str, name: str, participants: int | None) -> bool:
        """One update by key."""
        return await self._set("rename", {"_id": id}, {"name": name, "participants": participants})

    async def due(self, now: datetime, *, limit: int = 50) -> list[Source]:
        """By the index of status and due time."""
        query = {"status": str(SourceStatus.ACTIVE), "due_at": {"$lte": now}, "lease_until": {"$lte": now}}
        with translated("sources.due"):
            cursor = self._sources.find(query).sort([("due_at", ASCENDING), ("_id", ASCENDING)]).limit(limit)
            return [from_document(document) async for document in cursor]

    async def lease(self, id: str, owner: str, *, now: datetime, ttl: timedelta) -> Source | None:
        """Renews what is ours, else takes what is due and free: each is one conditional update."""
        mine = {"_id": id, "status": str(SourceStatus.ACTIVE)}
        lease = {"lease_owner": owner, "lease_until": now + ttl}
        if await self._set("lease", {**mine, "lease_owner": owner}, lease):
            return await self.get(id)
        if await self._set("lease", {**mine, "due_at": {"$lte": now}, "lease_until": {"$lte": now}}, lease):
            return await self.get(id)
        return None

    async def advance(self, id: str, owner: str, watermark: datetime) -> bool:
        """One update by key and owner."""
        with translated("sources.advance"):
            result = await self._sources.update_one(
                {"_id": id, "lease_owner": owner}, {"$max": {"watermark": watermark}}
            )
        return result.matched_count == 1

    async def polled(
        self, id: str, owner: str, *, at: datetime, due_at: datetime, new: int | None, error: str | None = None
    ) -> bool:
        """One update by key and owner."""
        outcome = {"last_poll_at": at, "last_poll_new": new, "last_error": error}
        given_back = {"due_at": due_at, "lease_owner": None, "lease_until": _LONG_AGO}
        return await self._set("polled", {"_id": id, "lease_owner": owner}, {**outcome, **given_back})

    async def ask(self, id: str, at: datetime) -> bool:
        """One update by key."""
        with translated("sources.ask"):
            result = await self._sources.update_one({"_id": id}, {"$max": {"ask_at": at}})
        return result.matched_count == 1

    async def compared(self, id: str, answer: Answer, *, at: datetime, found: int) -> bool:
        """One update by key."""
        outcome = {"answer": str(answer), "compared_at": at, "compared_found": found}
        return await self._set("compared", {"_id": id}, outcome)

    async def heard(self, seen: Sequence[tuple[str, datetime]], *, via_webhook: bool) -> None:
        """One unordered bulk, one update a group."""
        newest: dict[str, datetime] = {}
        for id, sent_at in seen:
            newest[id] = max(sent_at, newest.get(id, sent_at))
        if not newest:
            return
        names = ("last_message_at", "last_webhook_at") if via_webhook else ("last_message_at",)
        updates = [UpdateOne({"_id": id}, {"$max": dict.fromkeys(names, at)}) for id, at in newest.items()]
        with translated("sources.heard"):
            await self._sources.bulk_write(updates, ordered=False)

    async def _set(self, what: str, where: Document, change: Document) -> bool:
        with translated(f"sources.{what}"):
            result = await self._sources.update_one(where, {"$set": change})
        return result.matched_count == 1


def to_document(source: Source) -> Document:
    """What is stored: the fields that say something, and the two that are compared."""
    document = {key: value for key, value in asdict(source).items() if value is not None}
    document["_id"] = document.pop("id")
    document["status"] = str(source.status)
    if source.answer is not None:
        document["answer"] = str(source.answer)
    for name in _COMPARED:
        document.setdefault(name, _LONG_AGO)
    return document


def from_document(document: Document) -> Source:
    """The source that a stored document is; fields of a newer version are passed over."""
    known = {key: value for key, value in document.items() if key in _FIELDS}
    for name in _COMPARED:
        known[name] = None if known.get(name) == _LONG_AGO else known.get(name)
    known["status"] = SourceStatus(known["status"])
    known["answer"] = Answer(known["answer"]) if known.get("answer") else None
    return Source(id=document["_id"], **known)
