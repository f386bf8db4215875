"""Everything that the database holds, document by document."""

from __future__ import annotations

from collections.abc import AsyncIterator

from shared.storage.holdings import Document
from shared.storage.mongo.connect import Mongo, translated

_BATCH = 200


class MongoHoldings:
    """As `shared.storage.holdings.Holdings` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def collections(self) -> list[str]:
        """One question to the server."""
        with translated("holdings.collections"):
            names = await self._mongo.database.list_collection_names()
        return sorted(name for name in names if not name.startswith("system."))

    async def every(self, collection: str) -> AsyncIterator[Document]:
        """One walk over the collection: seconds at a hundred thousand documents, so for the operator alone."""
        with translated("holdings.every"):
            async for document in self._mongo.collection(collection).find({}).batch_size(_BATCH):
                yield document

    async def replace(self, collection: str, before: Document, after: Document) -> bool:
        """One update of the values that differ, where each still stands as it was read."""
        changed = {name: value for name, value in after.items() if name not in before or before[name] != value}
        gone = [name for name in before if name not in after]
        if not changed and not gone:
            return True
        where = {"_id": before["_id"]} | {name: before.get(name) for name in (*changed, *gone)}
        change: Document = ({"$set": changed} if changed else {}) | (
            {"$unset": dict.fromkeys(gone, "")} if gone else {}
        )
        with translated("holdings.replace"):
            return (await self._mongo.collection(collection).update_one(where, change)).matched_count == 1

    async def drop(self, collection: str, document: Document) -> bool:
        """One delete by key."""
        with translated("holdings.drop"):
            return (await self._mongo.collection(collection).delete_one({"_id": document["_id"]})).deleted_count == 1
