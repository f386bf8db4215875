"""Messages that were kept with their pieces in a collection of its own are found by pieces of their own.

What was decided of them moves out of their documents. The old collection stays, for the release before works with it
until it is stopped; its documents expire by themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from shared.storage.mongo.connect import Document, Mongo, translated
from shared.storage.mongo.ledger import taken_indexes
from shared.storage.mongo.migrations.step import Step
from shared.storage.mongo.signatures import COLLECTION, DECISIONS

_OLD_PIECES = "signature_pieces"
_AT_ONCE = 200


async def run(mongo: Mongo) -> int:
    """How many messages were in the old form."""
    changed = 0
    with translated("migration: pieces beside their words"):
        some: list[Document] = []
        old = {"outcome": {"$exists": True}}  # the new form never has it
        async for document in mongo.collection(COLLECTION).find(old, {"text": 0}).batch_size(_AT_ONCE):
            some.append(document)
            if len(some) == _AT_ONCE:
                changed += await _decide(mongo, some)
                some = []
        changed += await _decide(mongo, some)
        pieces: list[Document] = []
        async for piece in mongo.collection(_OLD_PIECES).find({}).batch_size(_AT_ONCE):
            pieces.append(piece)
            if len(pieces) == _AT_ONCE:
                await _name(mongo, pieces)
                pieces = []
        await _name(mongo, pieces)
    return changed


async def _decide(mongo: Mongo, documents: Sequence[Document]) -> int:
    """Keeps what was decided where nobody has decided anew."""
    inserts = []
    for document in documents:
        if document.get("original") is not None:
            decision = {"_id": document["_id"], "original": document["original"], "expires_at": document["expires_at"]}
            if document["outcome"]:
                decision["outcome"] = document["outcome"]
            inserts.append(InsertOne(decision))
    if inserts:
        try:
            await mongo.collection(DECISIONS).bulk_write(inserts, ordered=False)
        except BulkWriteError as error:
            taken_indexes(error)  # those that are there already stand
    return len(documents)


async def _name(mongo: Mongo, pieces: Sequence[Document]) -> None:
    """Gives these pieces to the messages that have them; one whose words are gone has no use for them."""
    named: dict[str, list[int]] = defaultdict(list)
    for piece in pieces:
        for id in piece["ids"]:
            named[id].append(piece["_id"])
    if named:
        updates = [UpdateOne({"_id": id}, {"$addToSet": {"pieces": {"$each": its}}}) for id, its in named.items()]
        await mongo.collection(COLLECTION).bulk_write(updates, ordered=False)


STEP = Step(2, "pieces beside their words", run)
