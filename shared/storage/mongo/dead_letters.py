"""The dead letters on MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel

from shared.contracts.pipeline import DeadLetter
from shared.storage.dead_letters import KeptLetter, Kind, LetterFilter, Outcome, group_of
from shared.storage.mongo.connect import Document, Mongo, translated

_OPEN = str(Outcome.OPEN)
_OURS = ("_id", "outcome", "group_id", "settled_at", "settled_by")

# The time comes last in each: behind a range the embedded server finds no equal values.
INDEXES: dict[str, list[IndexModel]] = {
    "dead_letters": [
        IndexModel([("outcome", ASCENDING), ("failed_at", DESCENDING)], name="outcome_failed"),
        IndexModel(
            [("outcome", ASCENDING), ("stage", ASCENDING), ("failed_at", DESCENDING)], name="outcome_stage_failed"
        ),
        IndexModel([("message_id", ASCENDING)], name="message"),
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
        found = await self.kept(event_id)
        return found.letter if found else None

    async def kept(self, event_id: str) -> KeptLetter | None:
        """As the port says."""
        with translated("read a dead letter"):
            found = await self._letters.find_one({"_id": event_id})
        return _kept(found) if found else None

    async def open(self, *, stage: str | None = None, limit: int = 100) -> list[DeadLetter]:
        """As the port says."""
        return [kept.letter for kept in await self.find(LetterFilter(stage=stage), limit=limit)]

    async def find(self, wanted: LetterFilter, *, skip: int = 0, limit: int = 100) -> list[KeptLetter]:
        """As the port says."""
        newest = [("failed_at", DESCENDING), ("_id", ASCENDING)]
        with translated("read dead letters"):
            found = await self._letters.find(_query(wanted)).sort(newest).skip(skip).limit(limit).to_list(limit)
        return [_kept(document) for document in found]

    async def ids(self, wanted: LetterFilter, *, limit: int = 10_000) -> list[str]:
        """As the port says."""
        oldest = [("failed_at", ASCENDING), ("_id", ASCENDING)]
        with translated("read dead letters"):
            found = await self._letters.find(_query(wanted), {"_id": 1}).sort(oldest).limit(limit).to_list(limit)
        return [document["_id"] for document in found]

    async def count(self, wanted: LetterFilter) -> int:
        """As the port says."""
        with translated("count dead letters"):
            return int(await self._letters.count_documents(_query(wanted)))

    async def kinds(self) -> list[Kind]:
        """As the port says."""
        pipeline: list[Document] = [
            {"$match": {"outcome": _OPEN}},
            {
                "$group": {
                    "_id": {"stage": "$stage", "reason": "$reason"},
                    "number": {"$sum": 1},
                    "first": {"$min": "$failed_at"},
                    "last": {"$max": "$failed_at"},
                }
            },
        ]
        with translated("count dead letters by kind"):
            rows = [row async for row in self._letters.aggregate(pipeline)]
        found = [Kind(**row["_id"], number=row["number"], first_at=row["first"], last_at=row["last"]) for row in rows]
        return sorted(found, key=lambda kind: (-kind.number, kind.stage, kind.reason))

    async def count_open(self) -> int:
        """As the port says."""
        return await self.count(LetterFilter())

    async def settle(
        self, event_ids: Sequence[str], outcome: str, *, by: str | None = None, at: datetime | None = None
    ) -> int:
        """As the port says."""
        change = {"outcome": outcome, "settled_by": by, "settled_at": at}
        with translated("settle dead letters"):
            result = await self._letters.update_many(
                {"_id": {"$in": list(event_ids)}, "outcome": _OPEN}, {"$set": change}
            )
        return int(result.modified_count)


def _query(wanted: LetterFilter) -> Document:
    outcome = str(wanted.outcome) if wanted.outcome else None
    named = {"outcome": outcome, "stage": wanted.stage, "reason": wanted.reason, "message_id": wanted.message_id}
    query: Document = {name: value for name, value in (named | {"group_id": wanted.group}).items() if value is not None}
    between: Document = {"$gte": wanted.since} if wanted.since else {}
    if wanted.until:
        between["$lt"] = wanted.until
    return query | ({"failed_at": between} if between else {})


def _values(letter: DeadLetter) -> Document:
    values: Document = letter.model_dump(mode="json", exclude={"event_id"})
    # Header names are the sender's: as values they can be anything, as names inside a document they could not.
    values["headers"] = [[name, value] for name, value in letter.headers.items()]
    return values | {"failed_at": letter.failed_at, "outcome": _OPEN, "group_id": group_of(letter)}


def _kept(document: Document) -> KeptLetter:
    values = {name: value for name, value in document.items() if name not in _OURS}
    letter = DeadLetter.model_validate(values | {"event_id": document["_id"], "headers": dict(document["headers"])})
    outcome = Outcome(document["outcome"])
    return KeptLetter(letter, outcome, document.get("settled_at"), document.get("settled_by"))
