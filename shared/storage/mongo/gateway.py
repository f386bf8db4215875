"""What is known of the gateway, on MongoDB."""

from __future__ import annotations

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from shared.storage.gateway import CHANGES_KEPT, GatewayStatus, StateChange
from shared.storage.mongo.connect import Document, Mongo, translated

COLLECTION = "gateway"
_KEY = "gateway"


class MongoGatewayRecord:
    """As `shared.storage.gateway.GatewayRecord` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._gateway = mongo.collection(COLLECTION)

    async def get(self) -> GatewayStatus:
        """One read by key."""
        with translated("gateway.get"):
            stored = await self._gateway.find_one({"_id": _KEY}) or {}
        return GatewayStatus(
            state=stored.get("state"),
            working=stored.get("working", False),
            advice=stored.get("advice", ""),
            since=stored.get("since"),
            checked_at=stored.get("checked_at"),
            alarmed=stored.get("alarmed", False),
            synced_at=stored.get("synced_at"),
            changes=tuple(StateChange(**change) for change in stored.get("changes", ())),
        )

    async def checked(self, state: str, *, working: bool, advice: str, at: datetime) -> bool:
        """An update where the state is still the same, else one that also notes the change: one of several gets it."""
        outcome: Document = {"checked_at": at, "working": working, "advice": advice}
        change = {"state": state, "working": working, "at": at}
        with translated("gateway.checked"):
            for _ in range(2):  # again where another one has just made the document or the same change
                same = await self._gateway.update_one({"_id": _KEY, "state": state}, {"$set": outcome})
                if same.matched_count:
                    return False
                try:
                    await self._gateway.update_one(
                        {"_id": _KEY, "state": {"$ne": state}},
                        {
                            "$set": {**outcome, "state": state, "since": at},
                            "$push": {"changes": {"$each": [change], "$slice": -CHANGES_KEPT}},
                        },
                        upsert=True,
                    )
                except DuplicateKeyError:
                    continue
                return True
        return False

    async def alarmed(self, alarmed: bool) -> None:
        """One update by key."""
        await self._set("alarmed", {"alarmed": alarmed})

    async def synced(self, at: datetime | None) -> None:
        """One update by key."""
        await self._set("synced", {"synced_at": at})

    async def _set(self, what: str, change: Document) -> None:
        with translated(f"gateway.{what}"):
            await self._gateway.update_one({"_id": _KEY}, {"$set": change}, upsert=True)
