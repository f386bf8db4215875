"""The labelled cases on MongoDB: one document a call, forgotten by the database when its time has come.

A decision that was undone leaves a document without words behind, so that a slow writer of the earlier version cannot
bring the case back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from shared.storage.cases import Case
from shared.storage.mongo.connect import Document, Mongo, translated

COLLECTION = "cases"
INDEXES = {
    COLLECTION: [
        IndexModel([("expires_at", ASCENDING)], name="forgotten", expireAfterSeconds=0),
        IndexModel([("faded", ASCENDING), ("at", ASCENDING)], name="faded_at"),  # see retention.py
    ]
}

_VOID = {"_id", "version", "expires_at"}


class MongoCases:
    """As `shared.storage.cases.Cases` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._cases = mongo.collection(COLLECTION)

    async def keep(self, case: Case, *, until: datetime) -> bool:
        """One upsert by key."""
        values: dict[str, Any] = case.model_dump(mode="json", exclude={"id"})
        return await self._put(case.id, case.version, values | {"at": case.at, "expires_at": until})

    async def void(self, id: str, version: int, *, until: datetime) -> bool:
        """One upsert by key."""
        return await self._put(id, version, {"version": version, "expires_at": until})

    async def get(self, id: str) -> Case | None:
        """As the port says."""
        with translated("read a case"):
            found = await self._cases.find_one({"_id": id})
        return _case(found) if found else None

    async def every(self) -> list[Case]:
        """One pass over the collection; for the operator's commands, not for a service."""
        with translated("read the cases"):
            found = [case async for document in self._cases.find({}) if (case := _case(document)) is not None]
        return sorted(found, key=lambda case: (case.at, case.id))

    async def _put(self, id: str, version: int, values: Document) -> bool:
        with translated("keep a case"):
            try:
                # A later version does not match, so that the upsert meets its key.
                await self._cases.replace_one({"_id": id, "version": {"$lt": version}}, values, upsert=True)
            except DuplicateKeyError:
                return False
        return True


def _case(document: Document) -> Case | None:
    """The case, or None where its decision was undone."""
    if document.keys() <= _VOID:
        return None
    values = {name: value for name, value in document.items() if name not in ("_id", "expires_at")}
    return Case.model_validate(values | {"id": document["_id"]})
