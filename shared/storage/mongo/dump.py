"""The whole database, document by document, as the bytes that are stored: for a back-up and its way back.

The reading is no picture of one moment: each document is of the time at which it was read. What the pipeline does
between two reads it does again after a restore (docs/decisions/0022).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import pymongo
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorCollection

from shared.storage.mongo.connect import Mongo, translated
from shared.storage.mongo.heartbeats import COLLECTION as HEARTBEATS
from shared.storage.mongo.schema import COLLECTION as SCHEMA

LEFT_OUT: Final = frozenset({HEARTBEATS, "leases", SCHEMA})
"""What says something of processes that ran then, or of the database itself."""

_AT_ONCE = 500
_PATIENCE_S = 120.0  # a server that reads a whole collection answers later than one that reads a document
_RAW: Final = CodecOptions(document_class=RawBSONDocument)


class MongoDump:
    """Reads and writes collections whole."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def collections(self) -> list[str]:
        """Every collection that a back-up holds, by name."""
        with translated("dump.collections"):
            names = await self._mongo.database.list_collection_names()
        return sorted(name for name in names if name not in LEFT_OUT and not name.startswith("system."))

    async def filled(self) -> list[str]:
        """The collections with anything in them."""
        found = []
        for name in await self.collections():
            with translated("dump.filled"):
                if await self._mongo.collection(name).find_one({}, {"_id": 1}) is not None:
                    found.append(name)
        return found

    async def read(self, name: str) -> AsyncIterator[bytes]:
        """Each document of the collection as BSON, a few hundred held at a time."""
        cursor = self._raw(name).find({}).batch_size(_AT_ONCE)
        while True:
            with translated(f"dump.read {name}"), pymongo.timeout(_PATIENCE_S):
                some = await cursor.to_list(_AT_ONCE)
            if not some:
                return
            for document in some:
                yield document.raw

    async def write(self, name: str, documents: Sequence[bytes]) -> None:
        """Adds documents, as `read` gave them, to a collection that has none of them."""
        with translated(f"dump.write {name}"), pymongo.timeout(_PATIENCE_S):
            await self._raw(name).insert_many([RawBSONDocument(document) for document in documents], ordered=False)

    async def empty(self) -> None:
        """Removes every collection, also those that a back-up leaves out, but for the database's mark."""
        with translated("dump.empty"), pymongo.timeout(_PATIENCE_S):
            for name in await self._mongo.database.list_collection_names():
                if name != SCHEMA and not name.startswith("system."):
                    await self._mongo.database.drop_collection(name)

    def _raw(self, name: str) -> AsyncIOMotorCollection[Any]:
        return self._mongo.collection(name).with_options(codec_options=_RAW)
