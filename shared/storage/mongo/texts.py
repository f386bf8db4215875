"""The text claims on MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pymongo import InsertOne
from pymongo.errors import BulkWriteError

from shared.storage.mongo.connect import Mongo, translated
from shared.storage.mongo.ledger import taken_indexes
from shared.storage.texts import TextClaim

COLLECTION = "texts"


class MongoTexts:
    """As `shared.storage.texts.Texts` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._texts = mongo.collection(COLLECTION)

    async def claim(self, claims: Sequence[TextClaim], *, since: datetime) -> list[str]:
        """One unordered bulk insert; what was claimed already is looked up, and taken over where it has lapsed."""
        if not claims:
            return []
        owners = [claim.message_id for claim in claims]
        inserts = [InsertOne({"_id": c.fingerprint, "message_id": c.message_id, "sent_at": c.sent_at}) for c in claims]
        with translated("texts.claim"):
            try:
                await self._texts.bulk_write(inserts, ordered=False)
            except BulkWriteError as error:
                for index in sorted(taken_indexes(error)):
                    owners[index] = await self._owner(claims[index], since)
        return owners

    async def release(self, fingerprint: str, message_id: str) -> None:
        """One delete by key and owner."""
        with translated("texts.release"):
            await self._texts.delete_one({"_id": fingerprint, "message_id": message_id})

    async def _owner(self, claim: TextClaim, since: datetime) -> str:
        """Who owns the text now. The take-over names the owner it replaces, so that of two only one gets it."""
        while True:
            stored = await self._texts.find_one({"_id": claim.fingerprint})
            if stored is None:  # erased in between
                return claim.message_id
            if stored["sent_at"] >= since or stored["message_id"] == claim.message_id:
                return str(stored["message_id"])
            taken = await self._texts.update_one(
                {"_id": claim.fingerprint, "message_id": stored["message_id"]},
                {"$set": {"message_id": claim.message_id, "sent_at": claim.sent_at}},
            )
            if taken.matched_count:
                return claim.message_id
