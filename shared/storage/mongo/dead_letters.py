"""The dead letters on MongoDB."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import ASCENDING, DESCENDING, IndexModel

from shared.contracts.pipeline import DeadLetter
from shared.storage.mongo.connect import Document, Mongo, translated

_OPEN = "open"

INDEXES: dict[str, list[IndexModel]] = {
    "dead_letters": [
        IndexModel([("outcome", ASCENDING), ("failed_at", DESCENDING)], name="outcome_failed"),
        IndexModel(
            [("outcome", ASCENDING), ("stage", ASCENDING), ("failed_at", DESCENDING)], name="outcome_stage_failed"
        ),
    ]
}


class MongoDeadLetters:
    """The port `DeadLetters` on MongoDB."""

    def __init__(self, mongo: Mongo) -> None:
        self._letters = mongo.collection("dead_letters")

    async def add(self, letter: DeadLetter) -> bool:
        """As the port says."""
        with translated("keep a dead letter"):
            result = await self._letters.update_one(
                {"_id": letter.event_id}, {"$setOnInsert": _values(letter)}, upsert=True
            )
        return result.upserted_id is not None

    async def get(self, event_id: str) -> DeadLetter | None:
        """As the port says."""
        with translated("read a dead letter"):
            found = await self._letters.find_one({"_id": event_id})
        return _letter(found) if found else None

    async def open(self, *, stage: str | None = None, limit: int = 100) -> list[DeadLetter]:
        """As the port says."""
        query: Document = {"outcome": _OPEN} | ({"stage": stage} if stage else {})
        with translated("read dead letters"):
            found = await self._letters.find(query).sort([("failed_at", DESCENDING)]).limit(limit).to_list(limit)
        return [_letter(document) for document in found]

    async def count_open(self) -> int:
        """As the port says."""
        with translated("count dead letters"):
            return int(await self._letters.count_documents({"outcome": _OPEN}))

    async def settle(self, event_ids: Sequence[str], outcome: str) -> int:
        """As the port says."""
        with translated("settle dead letters"):
            result = await self._letters.update_many(
                {"_id": {"$in": list(event_ids)}, "outcome": _OPEN}, {"$set": {"outcome": outcome}}
            )
        return int(result.modified_count)


def _values(letter: DeadLetter) -> Document:
    values: Document = letter.model_dump(mode="json", exclude={"event_id"})
    # Header names are the sender's: as values they can be anything, as names inside a document they could not.
    values["headers"] = [[name, value] for name, value in letter.headers.items()]
    return values | {"failed_at": letter.failed_at, "outcome": _OPEN}


def _letter(document: Document) -> DeadLetter:
    values = {name: value for name, value in document.items() if name not in ("_id", "outcome")}
    return DeadLetter.model_validate(values | {"event_id": document["_id"], "headers": dict(document["headers"])})
