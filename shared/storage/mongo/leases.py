"""The leases on MongoDB: one document for each name, changed by single conditional writes only."""

from __future__ import annotations

from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from shared.storage.mongo.connect import Mongo, translated

COLLECTION = "leases"


class MongoLeases:
    """As `shared.storage.leases.Leases` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._leases = mongo.collection(COLLECTION)

    async def acquire(self, name: str, owner: str, *, now: datetime, ttl: timedelta) -> bool:
        """Renews what is ours, else takes what has run out, else makes what never was: each step decides for one."""
        held = {"owner": owner, "until": now + ttl}
        with translated("leases.acquire"):
            for condition in ({"owner": owner}, {"until": {"$lte": now}}):
                result = await self._leases.update_one({"_id": name, **condition}, {"$set": held})
                if result.matched_count:
                    return True
            try:
                await self._leases.insert_one({"_id": name, **held})
            except DuplicateKeyError:
                return False
        return True

    async def release(self, name: str, owner: str) -> None:
        """One delete by key and owner."""
        with translated("leases.release"):
            await self._leases.delete_one({"_id": name, "owner": owner})
