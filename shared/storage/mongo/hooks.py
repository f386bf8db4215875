"""The subscribers on MongoDB: one document each, and one for each thing that one of them was or will be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne
from pymongo.errors import DuplicateKeyError

from shared.storage.hooks import Delivery, DeliveryState, Hook, HookSecret, Topic
from shared.storage.mongo.connect import Document, Mongo, translated

COLLECTION = "hooks"
DELIVERIES = "hook_deliveries"
_KEPT_S = 14 * 86_400
INDEXES = {
    DELIVERIES: [
        # The time comes last: the embedded server misses the equal end of a range that another field follows.
        IndexModel([("hook_id", ASCENDING), ("state", ASCENDING), ("next_at", ASCENDING)], name="hook_state_next"),
        IndexModel([("ended_at", ASCENDING)], expireAfterSeconds=_KEPT_S),  # what waits has none
    ]
}


class MongoHooks:
    """As `shared.storage.hooks.Hooks` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._hooks = mongo.collection(COLLECTION)
        self._deliveries = mongo.collection(DELIVERIES)

    async def add(self, hook: Hook) -> bool:
        """One insert by key."""
        document = asdict(hook) | {"topics": [str(topic) for topic in hook.topics], "_id": hook.id}
        document.pop("id")
        with translated("hooks.add"):
            try:
                await self._hooks.insert_one(document)
            except DuplicateKeyError:
                return False
        return True

    async def get(self, id: str) -> Hook | None:
        """One read by key."""
        with translated("hooks.get"):
            found = await self._hooks.find_one({"_id": id})
        return _hook(found) if found else None

    async def all(self) -> list[Hook]:
        """One read; there are a handful."""
        with translated("hooks.all"):
            found = [_hook(document) async for document in self._hooks.find({})]
        return sorted(found, key=lambda hook: (hook.created_at, hook.id))

    async def remove(self, id: str) -> bool:
        """The subscriber first: what is left of its deliveries after a crash belongs to nobody and is never sent."""
        with translated("hooks.remove"):
            gone = await self._hooks.delete_one({"_id": id})
            await self._deliveries.delete_many({"hook_id": id})
        return gone.deleted_count == 1

    async def disable(self, id: str, at: datetime, why: str) -> bool:
        """One update by key."""
        return await self._set(id, {"disabled_at": at, "disabled_why": why})

    async def enable(self, id: str) -> bool:
        """One update by key."""
        return await self._set(id, {"disabled_at": None, "disabled_why": ""})

    async def set_secrets(self, id: str, secrets: Sequence[HookSecret]) -> bool:
        """One update by key."""
        return await self._set(id, {"secrets": [asdict(secret) for secret in secrets]})

    async def enqueue(self, deliveries: Sequence[Delivery]) -> int:
        """One unordered bulk of upserts by key."""
        if not deliveries:
            return 0
        updates = [UpdateOne({"_id": one.id}, {"$setOnInsert": _document(one)}, upsert=True) for one in deliveries]
        with translated("hooks.enqueue"):
            return int((await self._deliveries.bulk_write(updates, ordered=False)).upserted_count)

    async def due(self, hook_id: str, now: datetime, *, limit: int = 50) -> list[Delivery]:
        """By the index, with the subscriber and the state before the times."""
        where = {"hook_id": hook_id, "state": str(DeliveryState.WAITING), "next_at": {"$lte": now}}
        order = [("next_at", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]
        with translated("hooks.due"):
            return [_delivery(one) async for one in self._deliveries.find(where).sort(order).limit(limit)]

    async def note(self, delivery: Delivery) -> None:
        """One update by key."""
        change: Document = {
            "state": str(delivery.state),
            "attempts": delivery.attempts,
            "next_at": delivery.next_at,
            "error": delivery.error,
        }
        if delivery.state is not DeliveryState.WAITING:
            change["ended_at"] = datetime.now(UTC)
        with translated("hooks.note"):
            await self._deliveries.update_one({"_id": delivery.id}, {"$set": change})

    async def recent(self, hook_id: str, *, state: DeliveryState, limit: int = 20) -> list[Delivery]:
        """By the index."""
        order = [("next_at", DESCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]
        with translated("hooks.recent"):
            cursor = self._deliveries.find({"hook_id": hook_id, "state": str(state)}).sort(order).limit(limit)
            return [_delivery(one) async for one in cursor]

    async def _set(self, id: str, change: Document) -> bool:
        with translated("hooks.change"):
            return (await self._hooks.update_one({"_id": id}, {"$set": change})).matched_count == 1


def _hook(stored: Document) -> Hook:
    return Hook(
        id=stored["_id"],
        url=stored["url"],
        topics=tuple(Topic(topic) for topic in stored["topics"]),
        secrets=tuple(HookSecret(one["value"], one["until"]) for one in stored["secrets"]),
        created_at=stored["created_at"],
        disabled_at=stored["disabled_at"],
        disabled_why=stored["disabled_why"],
    )


def _document(delivery: Delivery) -> Document:
    return asdict(delivery) | {"state": str(delivery.state)}


def _delivery(stored: Document) -> Delivery:
    values = {name: value for name, value in stored.items() if name not in ("_id", "ended_at")}
    return Delivery(**(values | {"state": DeliveryState(values["state"])}))
