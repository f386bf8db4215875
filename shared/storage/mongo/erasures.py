"""The erasures on MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pymongo import ASCENDING, IndexModel, InsertOne
from pymongo.errors import BulkWriteError

from shared.storage.mongo.connect import Mongo, translated
from shared.storage.mongo.ledger import taken_indexes

COLLECTION = "erasures"
INDEXES = {COLLECTION: [IndexModel([("until", ASCENDING)], expireAfterSeconds=0)]}


class MongoErasures:
    """As `shared.storage.erasures.Erasures` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._erasures = mongo.collection(COLLECTION)

    async def add(self, event_ids: Sequence[str], *, until: datetime) -> None:
        """One unordered bulk of inserts."""
        if not event_ids:
            return
        with translated("erasures.add"):
            try:
                await self._erasures.bulk_write(
                    [InsertOne({"_id": id, "until": until}) for id in dict.fromkeys(event_ids)], ordered=False
                )
            except BulkWriteError as error:
                taken_indexes(error)  # there already; anything else is raised

    async def all(self) -> frozenset[str]:
        """One read; as many as messages of persons who were erased within some weeks."""
        with translated("erasures.all"):
            return frozenset([document["_id"] async for document in self._erasures.find({}, {"_id": 1})])
