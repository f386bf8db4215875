"""The notices on MongoDB."""

from __future__ import annotations

from datetime import timedelta

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from shared.storage.mongo.connect import Mongo, translated
from shared.storage.notices import Notice

COLLECTION = "notices"
_KEPT = timedelta(days=90)
INDEXES = {COLLECTION: [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(_KEPT.total_seconds()))]}


class MongoNotices:
    """As `shared.storage.notices.Notices` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._notices = mongo.collection(COLLECTION)

    async def add(self, notice: Notice) -> bool:
        """One insert by key."""
        document = {
            "_id": notice.id,
            "kind": notice.kind,
            "text": notice.text,
            "at": notice.at,
            "details": dict(notice.details),
        }
        with translated("notices.add"):
            try:
                await self._notices.insert_one(document)
            except DuplicateKeyError:
                return False
        return True

    async def recent(self, limit: int = 50) -> list[Notice]:
        """One sorted read; expiry keeps the collection small."""
        with translated("notices.recent"):
            cursor = self._notices.find().sort([("at", DESCENDING), ("_id", ASCENDING)]).limit(limit)
            return [Notice(doc["_id"], doc["kind"], doc["text"], doc["at"], doc["details"]) async for doc in cursor]
