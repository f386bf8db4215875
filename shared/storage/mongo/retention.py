"""The retention on MongoDB.

The ledger has no index by time: what was made in an hour is found by the batches of that hour (see batches.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING

from shared.storage.dead_letters import Outcome
from shared.storage.hooks import DeliveryState
from shared.storage.mongo import batches, ledger, texts
from shared.storage.mongo.cases import COLLECTION as CASES
from shared.storage.mongo.connect import Document, Mongo, translated
from shared.storage.mongo.hooks import COLLECTION as HOOKS
from shared.storage.mongo.hooks import DELIVERIES
from shared.storage.retention import AGE, ANSWERED, MENTION

COLLECTION = "retention"
_AT_ONCE = 200  # so that nobody waits long behind a write


class MongoRetention:
    """As `shared.storage.retention.Retention` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._done = mongo.collection(COLLECTION)
        self._batches = mongo.collection(batches.COLLECTION)
        self._messages = mongo.collection(ledger.COLLECTION)
        self._texts = mongo.collection(texts.COLLECTION)
        self._cases = mongo.collection(CASES)
        self._letters = mongo.collection("dead_letters")
        self._hooks = mongo.collection(HOOKS)
        self._deliveries = mongo.collection(DELIVERIES)

    async def reached(self, what: str) -> datetime | None:
        """One read by key."""
        with translated("retention.reached"):
            found = await self._done.find_one({"_id": what})
        return found["at"] if found else None

    async def reach(self, what: str, at: datetime) -> None:
        """One upsert by key."""
        with translated("retention.reach"):
            await self._done.update_one({"_id": what}, {"$max": {"at": at}}, upsert=True)

    async def first_hour(self) -> datetime | None:
        """One sorted read; asked once in a life."""
        with translated("retention.first_hour"):
            cursor = self._batches.find({}, {"hour": 1}).sort([("hour", ASCENDING)]).limit(1)
            found = await cursor.to_list(1)
        return batches.hour_at(found[0]["hour"]) if found else None

    async def fade_messages(self, hour: datetime) -> int:
        """One read of the hour's batches by index, then some hundred entries by key at a time."""
        number = 0
        with translated("retention.fade_messages"):
            async for batch in self._batches.find({"hour": batches.hour_name(hour)}):
                ids = sorted({id for row in batch["rows"] for id in row[-1]} | set(batch["moved"]))
                for start in range(0, len(ids), _AT_ONCE):
                    number += await self._fade(ids[start : start + _AT_ONCE])
        return number

    async def _fade(self, ids: Sequence[str]) -> int:
        """The claims first: an entry that is still whole after a crash names them once more."""
        full = {"_id": {"$in": list(ids)}, "erased": {"$in": [None, MENTION]}}
        prints = [one["fingerprint"] async for one in self._messages.find(full, {"fingerprint": 1}) if len(one) > 1]
        if prints:
            keys = [key for digest in prints for key in (digest, f"check:{digest}")]
            await self._texts.delete_many({"_id": {"$in": keys}, "message_id": {"$in": list(ids)}})
        words = ("text", "sender", "sender_name", "fingerprint", *(f"stages.extractor.{name}" for name in ANSWERED))
        change: Document = {"$set": {"erased": AGE}, "$unset": dict.fromkeys(words, "")}
        return int((await self._messages.update_many(full, change)).modified_count)

    async def fade_cases(self, before: datetime, mask: Callable[[str], str]) -> int:
        """One read by index, and one update by key and version for each."""
        number = 0
        with translated("retention.fade_cases"):
            async for case in self._cases.find({"faded": None, "at": {"$lt": before}}):
                change: dict[str, Any] = {"faded": True, "text": mask(case["text"]), "original.contacts": []}
                if case.get("gold"):
                    change["gold.contacts"] = []
                where = {"_id": case["_id"], "version": case["version"]}
                number += (await self._cases.update_one(where, {"$set": change})).modified_count
        return number

    async def drop_letters(self, before: datetime) -> int:
        """One delete for each outcome, by index."""
        number = 0
        with translated("retention.drop_letters"):
            for outcome in Outcome:
                old = {"outcome": str(outcome), "failed_at": {"$lt": before}}
                number += (await self._letters.delete_many(old)).deleted_count
        return number

    async def drop_deliveries(self, before: datetime) -> int:
        """One delete for each subscriber and state, by index, and one walk for what has lost its subscriber."""
        number = 0
        with translated("retention.drop_deliveries"):
            hooks = [hook["_id"] async for hook in self._hooks.find({}, {"_id": 1})]
            for hook in hooks:
                for state in DeliveryState:
                    old = {"hook_id": hook, "state": str(state), "created_at": {"$lt": before}}
                    number += (await self._deliveries.delete_many(old)).deleted_count
            left = {"hook_id": {"$nin": hooks}, "created_at": {"$lt": before}}
            number += (await self._deliveries.delete_many(left)).deleted_count
        return number
