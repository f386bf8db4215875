"""The kept answers on MongoDB."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime

from pymongo import ASCENDING, IndexModel

from shared.storage.extractions import Kept
from shared.storage.mongo.connect import Mongo, translated

COLLECTION = "answers"
INDEXES = {COLLECTION: [IndexModel([("expires_at", ASCENDING)], name="forgotten", expireAfterSeconds=0)]}
_FIELDS = frozenset(field.name for field in fields(Kept))


class MongoExtractions:
    """As `shared.storage.extractions.Extractions` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._answers = mongo.collection(COLLECTION)

    async def get(self, key: str) -> Kept | None:
        """One read by key. Fields of a newer version are passed over."""
        with translated("extractions.get"):
            document = await self._answers.find_one({"_id": key})
        if document is None:
            return None
        values = {name: document[name] for name in document.keys() & _FIELDS}
        return Kept(**values | {"unsupported": tuple(values.get("unsupported", ()))})

    async def put(self, key: str, kept: Kept, *, until: datetime) -> None:
        """One upsert by key."""
        with translated("extractions.put"):
            await self._answers.update_one({"_id": key}, {"$set": asdict(kept) | {"expires_at": until}}, upsert=True)
