"""The claims on MongoDB: one document for each call that somebody looks at, changed by single conditional writes."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from shared.storage.claims import Claim
from shared.storage.mongo.connect import Document, Mongo, translated

INDEXES: dict[str, list[IndexModel]] = {
    "claims": [IndexModel([("until", ASCENDING)], name="until", expireAfterSeconds=60)],
}


class MongoClaims:
    """The port `Claims` on MongoDB."""

    def __init__(self, mongo: Mongo) -> None:
        self._claims = mongo.collection("claims")

    async def take(self, claim: Claim, *, now: datetime) -> Claim:
        """As the port says. Makes what is not there, else renews what is ours, else takes what has run out."""
        held = {"by": claim.by, "until": claim.until}
        with translated("claims.take"):
            with suppress(DuplicateKeyError):
                await self._claims.insert_one({"_id": claim.call_id, **held})
                return claim
            for condition in ({"by": claim.by}, {"until": {"$lte": now}}):
                result = await self._claims.update_one({"_id": claim.call_id, **condition}, {"$set": held})
                if result.matched_count:
                    return claim
            found = await self._claims.find_one({"_id": claim.call_id})
        return _claim(found) if found else claim

    async def release(self, call_id: str, by: str) -> None:
        """As the port says."""
        with translated("claims.release"):
            await self._claims.delete_one({"_id": call_id, "by": by})

    async def standing(self, now: datetime) -> list[Claim]:
        """As the port says."""
        with translated("claims.standing"):
            return [_claim(document) async for document in self._claims.find({"until": {"$gt": now}})]


def _claim(document: Document) -> Claim:
    return Claim(document["_id"], document["by"], document["until"])
