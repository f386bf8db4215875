"""The standings on MongoDB: reads of the other stores' collections by key, with the few fields that are asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from shared.storage.calls import Status
from shared.storage.dead_letters import Outcome
from shared.storage.ledger import State
from shared.storage.mongo.connect import Document, Mongo, holding, translated
from shared.storage.standings import Owed, Standing

_ENTRY = {"state": 1, "group_id": 1, "seen_at": 1, "call_id": 1}
_OUTBOX = {"outbox.revision": 1, "outbox.event.changed_at": 1, "sent_revision": 1, "message.group.id": 1}
_UNSETTLED = (State.CANDIDATE, State.CALL)


class MongoStandings:
    """As `shared.storage.standings.Standings` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._messages = mongo.collection("messages")
        self._calls = mongo.collection("calls")
        self._deletions = mongo.collection("call_deletions")
        self._letters = mongo.collection("dead_letters")

    async def messages(self, ids: Sequence[str]) -> dict[str, Standing]:
        """Reads of keys."""
        with translated("standings.messages"):
            return {doc["_id"]: _standing(doc) async for doc in holding(self._messages, "_id", ids, _ENTRY)}

    async def calls(self, ids: Sequence[str]) -> dict[str, Status]:
        """Reads of keys."""
        with translated("standings.calls"):
            return {doc["_id"]: Status(doc["status"]) async for doc in holding(self._calls, "_id", ids, {"status": 1})}

    async def deletions(self, call_ids: Sequence[str]) -> set[str]:
        """Reads of keys."""
        with translated("standings.deletions"):
            return {doc["_id"] async for doc in holding(self._deletions, "_id", call_ids, {"_id": 1})}

    async def letters(self, ids: Sequence[str]) -> set[str]:
        """Reads of keys, and reads by index."""
        found: set[str] = set()
        with translated("standings.letters"):
            for name in ("_id", "message_id"):
                async for document in holding(self._letters, name, ids, {name: 1, "outcome": 1}):
                    if name == "_id" or document["outcome"] != Outcome.REPLAYED:
                        found.add(document[name])
        return found

    async def owed(self, since: datetime) -> list[Owed]:
        """Two reads by index: what changed of late, and what was not sent, however old."""
        found: dict[str, Document] = {}
        with translated("standings.owed"):
            for query in ({"unsent": True}, {"updated_at": {"$gte": since}}):
                async for document in self._calls.find(query, _OUTBOX):
                    found[document["_id"]] = document
        return [owed for document in found.values() for owed in _owed(document)]

    async def unsettled(self) -> AsyncIterator[Standing]:
        """A walk over the ledger for each state."""
        for state in _UNSETTLED:
            with translated("standings.unsettled"):
                async for document in self._messages.find({"state": str(state)}, _ENTRY):
                    yield _standing(document)


def _standing(document: Document) -> Standing:
    return Standing(
        document["_id"],
        State(document["state"]),
        document.get("group_id", ""),
        document["seen_at"],
        document.get("call_id"),
    )


def _owed(document: Document) -> list[Owed]:
    return [
        Owed(
            event_id=f"{document['_id']}:{item['revision']}",
            call_id=document["_id"],
            group_id=document["message"]["group"]["id"],
            revision=item["revision"],
            changed_at=datetime.fromisoformat(item["event"]["changed_at"]).astimezone(UTC),
            sent=item["revision"] <= document.get("sent_revision", 0),
        )
        for item in document.get("outbox", ())
    ]
