"""The kept readings on MongoDB."""

from __future__ import annotations

from datetime import datetime

from pydantic import ValidationError
from pymongo import ASCENDING, IndexModel

from shared.contracts.pipeline import Extraction
from shared.storage.mongo.connect import Mongo, translated

COLLECTION = "extractions"
KEPT_S = 14 * 86_400  # longer than any message waits for its redelivery
INDEXES = {COLLECTION: [IndexModel([("at", ASCENDING)], expireAfterSeconds=KEPT_S)]}


class MongoExtractions:
    """As `shared.storage.extractions.Extractions` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._extractions = mongo.collection(COLLECTION)

    async def get(self, event_id: str, *, reader: str) -> Extraction | None:
        """One read by key. A reading of an older contract counts as none."""
        with translated("extractions.get"):
            document = await self._extractions.find_one({"_id": event_id})
        if document is None or document["reader"] != reader:
            return None
        try:
            return Extraction.model_validate_json(document["reading"])
        except ValidationError:
            return None

    async def put(self, event_id: str, extraction: Extraction, *, reader: str, now: datetime) -> None:
        """One upsert by key."""
        # As JSON text: field paths like "roles.0" are no names for a document's fields.
        values = {"reader": reader, "reading": extraction.model_dump_json(), "at": now}
        with translated("extractions.put"):
            await self._extractions.update_one({"_id": event_id}, {"$set": values}, upsert=True)
