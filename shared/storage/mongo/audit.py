"""The audit on MongoDB."""

from __future__ import annotations

from pymongo import ASCENDING, DESCENDING, IndexModel

from shared.storage.audit import Deed
from shared.storage.mongo.connect import Mongo, translated

COLLECTION = "audit"
INDEXES = {COLLECTION: [IndexModel([("about", ASCENDING), ("at", DESCENDING)], name="about_at")]}


class MongoAudit:
    """As `shared.storage.audit.Audit` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._audit = mongo.collection(COLLECTION)

    async def note(self, deed: Deed) -> None:
        """One insert."""
        with translated("audit.note"):
            await self._audit.insert_one(
                {
                    "at": deed.at,
                    "actor": deed.actor,
                    "about": deed.about,
                    "subject": deed.subject,
                    "action": deed.action,
                    "detail": dict(deed.detail),
                }
            )

    async def recent(self, about: str, *, limit: int = 50) -> list[Deed]:
        """One read by index; there are few deeds of a kind."""
        with translated("audit.recent"):
            cursor = self._audit.find({"about": about}, {"_id": 0}).sort([("at", DESCENDING)]).limit(limit)
            return [Deed(**document) for document in await cursor.to_list(limit)]
