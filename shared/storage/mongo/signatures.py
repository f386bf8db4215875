"""The signatures on MongoDB: a document for each message, found by its pieces, and one for what was decided of it.

The two are apart because a message's pieces are indexed: each change of its document would cost three of a plain one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from shared.storage.mongo.connect import Collection, Document, Mongo, holding, translated
from shared.storage.signatures import Commonness, Outcome, Signature, nearest

COLLECTION = "signatures"
DECISIONS = "signature_decisions"
_LOOKED_THROUGH = 500  # messages that share a piece; what is common enough to reach that is left out before
_EXPIRY = IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0)
INDEXES = {COLLECTION: [IndexModel([("pieces", ASCENDING)]), _EXPIRY], DECISIONS: [_EXPIRY]}


class MongoSignatures:
    """As `shared.storage.signatures.Signatures` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._signatures = mongo.collection(COLLECTION)
        self._decisions = mongo.collection(DECISIONS)
        self._common = Commonness()

    async def put(self, signature: Signature, pieces: Sequence[int]) -> Signature:
        """One insert; where the message was there before, an update and two reads, all by key."""
        named = self._common.worth(pieces)
        self._common.note(pieces)
        words: Document = {
            "text": signature.text,
            "sent_at": signature.sent_at,
            "edited": signature.edited,
            "pieces": named,
        }
        moved: Document = {"touched_at": signature.touched_at, "expires_at": signature.expires_at}
        key = {"_id": signature.message_id}
        with translated("signatures.put"):
            try:
                await self._signatures.insert_one(key | words | moved)
            except DuplicateKeyError:
                await self._signatures.update_one(key, {"$set": words | moved if signature.edited else moved})
            else:
                return signature
        return await self.get(signature.message_id) or signature

    async def near(self, pieces: Sequence[int], *, but: str, limit: int) -> list[Signature]:
        """One read through the pieces' index, of the pieces alone; then two by key, at once, of the nearest few.

        Whole texts of all that share a piece would be megabytes, which each lane of the extractor holds.
        """
        asked = self._common.worth(pieces)
        with translated("signatures.near"):
            cursor = self._signatures.find({"pieces": {"$in": asked}}, {"pieces": True}).limit(_LOOKED_THROUGH)
            pieces_of = {document["_id"]: document["pieces"] async for document in cursor if document["_id"] != but}
            ids = nearest(asked, pieces_of, limit)
            found, decisions = await asyncio.gather(_by_id(self._signatures, ids), _by_id(self._decisions, ids))
        return [_signature(found[id], decisions.get(id)) for id in ids if id in found]  # one may just have expired

    async def get(self, message_id: str) -> Signature | None:
        """Two reads by key."""
        with translated("signatures.get"):
            document = await self._signatures.find_one({"_id": message_id})
            decision = (await _by_id(self._decisions, [message_id])).get(message_id)
        return _signature(document, decision) if document else None

    async def decide(self, signature: Signature, original: str) -> str:
        """One insert, which only the first can do; and one read where another came first."""
        key = {"_id": signature.message_id}
        with translated("signatures.decide"):
            try:
                await self._decisions.insert_one(key | {"original": original, "expires_at": signature.expires_at})
            except DuplicateKeyError:
                stands = await self._decisions.find_one(key)
                return str(stands["original"]) if stands else original
        return original

    async def settle(self, message_id: str, outcome: Outcome) -> None:
        """One update by key."""
        with translated("signatures.settle"):
            await self._decisions.update_one({"_id": message_id}, {"$set": {"outcome": str(outcome)}})


async def _by_id(collection: Collection, ids: Sequence[str]) -> dict[str, Document]:
    return {document["_id"]: document async for document in holding(collection, "_id", ids)}


def _signature(document: Document, decision: Document | None) -> Signature:
    decision = decision or {}
    outcome = decision.get("outcome")
    return Signature(
        message_id=document["_id"],
        text=document["text"],
        sent_at=document["sent_at"],
        touched_at=document["touched_at"],
        expires_at=document["expires_at"],
        edited=document["edited"],
        original=decision.get("original"),
        outcome=Outcome(outcome) if outcome else None,
    )
