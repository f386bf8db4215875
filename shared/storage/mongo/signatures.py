"""The signatures on MongoDB: a document for each message, and one for each piece with its latest messages.

A piece's list is cut to its latest, so that neither the documents nor a look-up grow with the number of messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from shared.storage.mongo.connect import Document, Mongo, translated
from shared.storage.mongo.ledger import taken_indexes
from shared.storage.signatures import NAMED_AGAIN, Outcome, Signature

COLLECTION = "signatures"
PIECES = "signature_pieces"
REMEMBERED = 32  # messages of one piece
_EXPIRY = IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0)
INDEXES = {COLLECTION: [_EXPIRY], PIECES: [_EXPIRY]}


class MongoSignatures:
    """As `shared.storage.signatures.Signatures` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._signatures = mongo.collection(COLLECTION)
        self._pieces = mongo.collection(PIECES)

    async def put(self, signature: Signature, pieces: Sequence[int]) -> Signature:
        """One upsert, one bulk of inserts, two updates, and a read where something was there before, all by key. The
        message is there before its pieces name it.
        """
        with translated("signatures.put"):
            is_first = await self._keep(signature)
            await self._name(signature.message_id, signature.expires_at, pieces)
            kept = None if is_first else await self._signatures.find_one({"_id": signature.message_id})
        return _signature(kept) if kept else signature

    async def near(self, pieces: Sequence[int], *, but: str, limit: int) -> list[Signature]:
        """Two reads by key, of at most as many documents as there are pieces, and of `limit`."""
        weights: dict[str, float] = {}
        with translated("signatures.near"):
            async for piece in self._pieces.find({"_id": {"$in": list(pieces)}}):
                for id in piece["ids"]:
                    weights[id] = weights.get(id, 0) + 1 / len(piece["ids"])
            ids = sorted((id for id in weights if id != but), key=lambda one: (-weights[one], one))[:limit]
            found = {doc["_id"]: doc async for doc in self._signatures.find({"_id": {"$in": ids}})} if ids else {}
        return [_signature(found[id]) for id in ids if id in found]

    async def get(self, message_id: str) -> Signature | None:
        """One read by key."""
        with translated("signatures.get"):
            document = await self._signatures.find_one({"_id": message_id})
        return _signature(document) if document else None

    async def decide(self, message_id: str, original: str) -> str | None:
        """One conditional update by key, and one read where another came first."""
        with translated("signatures.decide"):
            change = {"$set": {"original": original}}
            if (await self._signatures.update_one({"_id": message_id, "original": None}, change)).matched_count:
                return original
            document = await self._signatures.find_one({"_id": message_id})
        return document["original"] if document else None

    async def settle(self, message_id: str, outcome: Outcome) -> None:
        """One update by key."""
        with translated("signatures.settle"):
            await self._signatures.update_one({"_id": message_id}, {"$set": {"outcome": str(outcome)}})

    async def _keep(self, signature: Signature) -> bool:
        """One upsert: an edit sets the words, a message only where nothing is kept yet. Whether nothing was."""
        words: Document = {"text": signature.text, "sent_at": signature.sent_at, "edited": signature.edited}
        moved: Document = {"touched_at": signature.touched_at, "expires_at": signature.expires_at}
        first: Document = {"original": signature.original, "outcome": signature.outcome}
        if signature.edited:
            change = {"$set": words | moved, "$setOnInsert": first}
        else:
            change = {"$set": moved, "$setOnInsert": words | first}
        try:
            done = await self._signatures.update_one({"_id": signature.message_id}, change, upsert=True)
        except DuplicateKeyError:  # of two first upserts at once, one is refused
            done = await self._signatures.update_one({"_id": signature.message_id}, change, upsert=True)
        return done.upserted_id is not None

    async def _name(self, message_id: str, until: datetime, pieces: Sequence[int]) -> None:
        """Adds the message to its pieces: an insert costs a tenth of an upsert, and most pieces are new."""
        known = await self._insert(message_id, until, list(dict.fromkeys(pieces)))
        if updates := [
            UpdateOne(
                {"_id": piece, "ids": {"$ne": message_id}},
                {"$push": {"ids": {"$each": [message_id], "$slice": -REMEMBERED}}, "$set": {"expires_at": until}},
            )
            for piece in known[:NAMED_AGAIN]
        ]:
            await self._pieces.bulk_write(updates, ordered=False)

    async def _insert(self, message_id: str, until: datetime, pieces: Sequence[int]) -> list[int]:
        """Names the message first in these pieces, and gives back those that others had before."""
        if not pieces:
            return []
        rows = [{"_id": piece, "ids": [message_id], "expires_at": until} for piece in pieces]
        try:
            await self._pieces.insert_many(rows, ordered=False)
        except BulkWriteError as error:
            return [pieces[index] for index in sorted(taken_indexes(error))]
        return []


def _signature(document: Document) -> Signature:
    return Signature(
        message_id=document["_id"],
        text=document["text"],
        sent_at=document["sent_at"],
        touched_at=document["touched_at"],
        expires_at=document["expires_at"],
        edited=document["edited"],
        original=document["original"],
        outcome=Outcome(document["outcome"]) if document["outcome"] else None,
    )
