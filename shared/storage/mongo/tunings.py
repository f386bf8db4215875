"""The tunings on MongoDB: one document a version, never changed once it is there."""

from __future__ import annotations

from pymongo.errors import DuplicateKeyError

from shared.storage.mongo.connect import Document, Mongo, translated
from shared.storage.tunings import Tuning

COLLECTION = "tunings"


class MongoTunings:
    """As `shared.storage.tunings.Tunings` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._tunings = mongo.collection(COLLECTION)

    async def add(self, tuning: Tuning) -> bool:
        """One insert by key."""
        with translated("tunings.add"):
            try:
                await self._tunings.insert_one(_to_document(tuning))
            except DuplicateKeyError:
                return False
        return True

    async def get(self, version: int) -> Tuning | None:
        """One read by key."""
        with translated("tunings.get"):
            document = await self._tunings.find_one({"_id": version})
        return _from_document(document) if document else None

    async def versions(self, *, above: int = 0) -> list[int]:
        """One range of keys, without the documents: a filter asks this every few seconds."""
        with translated("tunings.versions"):
            found = [int(document["_id"]) async for document in self._tunings.find({"_id": {"$gt": above}}, {"_id": 1})]
        return sorted(found, reverse=True)


def _to_document(tuning: Tuning) -> Document:
    # Lists as pairs: their names and words come from people, and a key may not hold every character.
    return {
        "_id": tuning.version,
        "at": tuning.at,
        "by": tuning.by,
        "note": tuning.note,
        "thresholds": [[name, value] for name, value in tuning.thresholds.items()],
        "added": [[name, list(entries)] for name, entries in tuning.added.items()],
        "removed": [[name, list(entries)] for name, entries in tuning.removed.items()],
        "model": tuning.model,
    }


def _from_document(document: Document) -> Tuning:
    return Tuning(
        version=int(document["_id"]),
        at=document["at"],
        by=str(document.get("by", "")),
        note=str(document.get("note", "")),
        thresholds={str(name): float(value) for name, value in document.get("thresholds") or ()},
        added={str(name): tuple(map(str, entries)) for name, entries in document.get("added") or ()},
        removed={str(name): tuple(map(str, entries)) for name, entries in document.get("removed") or ()},
        model=document.get("model"),
    )
