"""The signs of life on MongoDB: one document for each replica, which goes a week after its last beat."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel

from shared.storage.heartbeats import Beat
from shared.storage.mongo.connect import Mongo, translated

COLLECTION = "heartbeats"
_KEPT_S = 7 * 86_400
INDEXES = {COLLECTION: [IndexModel([("at", ASCENDING)], expireAfterSeconds=_KEPT_S)]}


class MongoHeartbeats:
    """As `shared.storage.heartbeats.Heartbeats` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._beats = mongo.collection(COLLECTION)

    async def beat(self, service: str, replica: str, at: datetime, detail: Mapping[str, Any]) -> None:
        """One upsert by key."""
        change = {"$set": {"at": at, "detail": dict(detail)}}
        first = {"$setOnInsert": {"service": service, "replica": replica, "started_at": at}}
        with translated("heartbeats.beat"):
            await self._beats.update_one({"_id": f"{service}/{replica}"}, change | first, upsert=True)

    async def all(self) -> list[Beat]:
        """One read; there are as many as replicas."""
        with translated("heartbeats.all"):
            found = [
                Beat(one["service"], one["replica"], one["started_at"], one["at"], one["detail"])
                async for one in self._beats.find({})
            ]
        return sorted(found, key=lambda beat: (beat.service, beat.replica))
