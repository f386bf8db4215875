"""The message ledger on MongoDB."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from shared.storage.ledger import JUDGED, STOPPED, Again, Entry, State
from shared.storage.mongo.batches import Batches, name_for
from shared.storage.mongo.connect import Document, Mongo, holding, translated
from shared.storage.totals import Fate, fate_of

COLLECTION = "messages"
# No secondary index, on purpose: each one costs the filter a third of its speed on the embedded server. What other
# questions need is kept where it is asked by key (a message's copies under its id, a group's news with the group).
_DUPLICATE_KEY = 11000
_SIGHTINGS_KEPT = 500
_FIELDS = {field.name for field in fields(Entry)} - {"id"}
_PLAIN = tuple(sorted(_FIELDS - {"state", "via"}))


class MongoLedger:
    """As `shared.storage.ledger.Ledger` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._messages = mongo.collection(COLLECTION)
        self._copies = mongo.collection("copies")
        self._batches = Batches(mongo)

    async def record(self, entries: Sequence[Entry]) -> list[Entry | None]:
        """One unordered bulk insert claims and records; what was there already comes back by its index."""
        if not entries:
            return []
        with translated("ledger.record"):
            batch = name_for(entries[0].seen_at)
            before = await self._insert(entries, batch)
            mine = [
                (entry, stored)
                for entry, stored in zip(entries, before, strict=True)
                if stored is None or stored.claim == entry.claim
            ]
            await self._note_copies((entry.id, entry.duplicate_of) for entry, _stored in mine if entry.duplicate_of)
            # After the entries: whoever counts the batch finds them. A crash before this line delivers them again.
            fresh = [(entry.id, _fate(entry)) for entry, stored in mine if stored is None]
            if fresh:
                await self._batches.made(batch, fresh)
            await self._batches.again((stored.batch, entry.id) for entry, stored in mine if stored)
        return before

    async def _insert(self, entries: Sequence[Entry], batch: str) -> list[Entry | None]:
        inserts = [InsertOne(to_document(entry) | {"batch": batch}) for entry in entries]
        try:
            await self._messages.bulk_write(inserts, ordered=False)
        except BulkWriteError as error:
            taken = taken_indexes(error)
        else:
            return [None] * len(entries)
        stored = {}
        async for document in holding(self._messages, "_id", [entries[index].id for index in taken]):
            stored[document["_id"]] = from_document(document)
        return [stored[entry.id] if index in taken else None for index, entry in enumerate(entries)]

    async def _note_copies(self, copies: Iterable[tuple[str, str]]) -> None:
        """Keeps copies, each with its original, under that. Tried twice: of two first upserts, one is refused."""
        updates = [UpdateOne({"_id": original}, {"$addToSet": {"ids": id}}, upsert=True) for id, original in copies]
        if updates:
            try:
                await self._copies.bulk_write(updates, ordered=False)
            except BulkWriteError as error:
                again = taken_indexes(error)
                await self._copies.bulk_write([updates[index] for index in sorted(again)], ordered=False)

    async def seen_again(self, sightings: Sequence[Again]) -> None:
        """Each delivery is kept once: its claim must not stand in the array yet."""
        if not sightings:
            return
        updates = [
            UpdateOne(
                {"_id": seen.id, "sightings.claim": {"$ne": seen.claim}},
                {
                    "$push": {
                        "sightings": {
                            "$each": [{"claim": seen.claim, "via": seen.via, "at": seen.at}],
                            "$slice": -_SIGHTINGS_KEPT,
                        }
                    }
                },
            )
            for seen in sightings
        ]
        with translated("ledger.seen_again"):
            await self._messages.bulk_write(updates, ordered=False)

    async def settle(
        self, id: str, state: State, *, stage: str, detail: dict[str, Any], never_over: Collection[State] = ()
    ) -> bool:
        """One update by key. An entry that has come to its end also has its batch marked, to be counted again."""
        query: Document = {"_id": id}
        if never_over:
            query["state"] = {"$nin": [str(one) for one in never_over]}
        with translated("ledger.settle"):
            result = await self._messages.update_one(query, _change(state, stage, detail))
            if result.matched_count == 0:
                return False
            if original := detail.get("duplicate_of"):
                await self._note_copies([(id, original)])
            if state is not State.CANDIDATE:  # then it will be settled once more
                entry = await self._messages.find_one({"_id": id}, {"batch": 1})
                await self._batches.moved(entry.get("batch") if entry else None, id)
        return True

    async def rejudge(self, entry: Entry, *, run: str) -> bool:
        """One read and one update by key, which holds only while the entry is as it was read."""
        with translated("ledger.rejudge"):
            stored = await self._messages.find_one({"_id": entry.id}, {"state": 1, "rule": 1, "claim": 1, "batch": 1})
            if stored is None or stored["claim"] != entry.claim or State(stored["state"]) not in STOPPED:
                return False
            note = {"run": run, "was": stored["state"], "rule": stored.get("rule", "")}
            result = await self._messages.update_one(
                {"_id": entry.id, "claim": entry.claim, "state": stored["state"]}, _judged(entry, note)
            )
            if result.matched_count == 0:
                return False
            if entry.duplicate_of:
                await self._note_copies([(entry.id, entry.duplicate_of)])
            await self._batches.moved(stored.get("batch"), entry.id)
        return True

    async def get(self, id: str) -> Entry | None:
        """One read by key."""
        with translated("ledger.get"):
            document = await self._messages.find_one({"_id": id})
        return from_document(document) if document else None

    async def known(self, ids: Sequence[str]) -> set[str]:
        """One read of keys."""
        with translated("ledger.known"):
            return {document["_id"] async for document in holding(self._messages, "_id", ids, {"_id": 1})}

    async def copies_of(self, id: str, *, limit: int = 200) -> list[Entry]:
        """Two reads by key."""
        with translated("ledger.copies_of"):
            noted = await self._copies.find_one({"_id": id})
            ids = noted["ids"][:limit] if noted else []
            found = [from_document(doc) async for doc in holding(self._messages, "_id", ids)]
        return sorted(found, key=lambda entry: (entry.sent_at, entry.id))

    async def count_by_state(self, *, since: datetime | None = None) -> dict[str, int]:
        """One walk over the ledger: seconds at a hundred thousand entries, so not for a page that is asked often."""
        counts = {str(state): 0 for state in State}
        match: list[Document] = [] if since is None else [{"$match": {"seen_at": {"$gte": since}}}]
        pipeline = [*match, {"$group": {"_id": "$state", "number": {"$sum": 1}}}]
        with translated("ledger.count_by_state"):
            async for row in self._messages.aggregate(pipeline):
                counts[row["_id"]] = row["number"]
        return counts


def to_document(entry: Entry) -> Document:
    """What is stored: the fields that say something."""
    document: Document = {"_id": entry.id, "state": str(entry.state), "via": str(entry.via)}
    for name in _PLAIN:
        value = getattr(entry, name)
        if value or value == 0:
            document[name] = value
    return document


def from_document(document: Document) -> Entry:
    """The entry that a stored document is; fields of a newer version are passed over."""
    known = {key: value for key, value in document.items() if key in _FIELDS}
    known["state"] = State(known["state"])
    known["reasons"] = tuple(known.get("reasons", ()))
    return Entry(id=document["_id"], **known)


def _fate(entry: Entry) -> Fate:
    return fate_of(entry.group_id, entry.state, entry.rule, entry.stages)


def _judged(entry: Entry, note: dict[str, Any]) -> Document:
    """The change that a new verdict makes: its own fields, no trace of the old ones."""
    values = to_document(entry)
    stages = {f"stages.{name}": detail for name, detail in entry.stages.items()} | {"stages.replay": note}
    gone = [name for name in JUDGED if name not in values]
    gone += [f"stages.{name}" for name in ("filter", "dead") if name not in entry.stages]
    return {
        "$set": {name: values[name] for name in JUDGED if name in values} | stages,
        "$unset": dict.fromkeys(gone, ""),
    }


def _change(state: State, stage: str, detail: dict[str, Any]) -> Document:
    change: Document = {"state": str(state), f"stages.{stage}": detail}
    for link in ("call_id", "duplicate_of"):  # what other queries look for stands at the top
        if link in detail:
            change[link] = detail[link]
    return {"$set": change}


def taken_indexes(error: BulkWriteError) -> set[int]:
    """Which of a bulk's inserts found their key taken; the error again when anything else went wrong."""
    problems = error.details["writeErrors"]
    if error.details.get("writeConcernErrors") or any(item["code"] != _DUPLICATE_KEY for item in problems):
        raise error
    return {item["index"] for item in problems}
