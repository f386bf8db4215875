"""Entries of the ledger that were recorded before there were running totals are counted too.

An entry counts in the batch that it names (see batches.py). Old entries name none: they get one for each UTC hour and
few hundred of them, and the note that has the follower look at them.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from pymongo import UpdateOne

from shared.storage.mongo.batches import Batches, hour_in, name_for
from shared.storage.mongo.connect import Document, Mongo, translated
from shared.storage.mongo.ledger import COLLECTION as LEDGER
from shared.storage.mongo.migrations.step import Step

_AT_ONCE = 300
_MARK = "before"  # in the name of a batch that this step made


async def run(mongo: Mongo) -> int:
    """How many entries were without a batch."""
    changed = 0
    some: list[Document] = []
    with translated("migration: totals of old entries"):
        async for entry in mongo.collection(LEDGER).find({}, {"batch": 1, "seen_at": 1}).batch_size(_AT_ONCE):
            batch = entry.get("batch")
            if batch is None or _MARK in batch:  # its own of an earlier run: the note may be missing
                some.append(entry)
            if len(some) == _AT_ONCE:
                changed += await _note(mongo, some)
                some = []
        return changed + await _note(mongo, some)


async def _note(mongo: Mongo, entries: Sequence[Document]) -> int:
    """First the entries name their batch, then the batch names them: a crash in between is mended by the next run."""
    without = [entry for entry in entries if entry.get("batch") is None]
    names: dict[str, str] = {}
    updates = []
    for entry in without:
        hour = hour_in(name_for(entry["seen_at"]))
        name = names.setdefault(hour, f"{hour}-{_MARK}-{sha256(str(entry['_id']).encode()).hexdigest()[:12]}")
        entry["batch"] = name
        updates.append(UpdateOne({"_id": entry["_id"], "batch": None}, {"$set": {"batch": name}}))
    if updates:
        await mongo.collection(LEDGER).bulk_write(updates, ordered=False)
    await Batches(mongo).again((entry["batch"], entry["_id"]) for entry in entries)
    return len(without)


STEP = Step(1, "totals of old entries", run)
