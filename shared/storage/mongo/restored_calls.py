"""What calls need after a restore, so that their consumers neither miss a change nor take a new one for an old."""

from __future__ import annotations

from collections.abc import Mapping

import pymongo

from shared.storage.mongo.connect import Mongo, translated

AHEAD = 1000
"""By how much revisions jump: more than one call can have changed between the back-up and the loss."""

_PATIENCE_S = 120.0  # all calls at once


async def owe_again(mongo: Mongo, revisions: Mapping[str, int]) -> int:
    """Has calls send what they sent from this revision on once more; returns how many calls that were.

    The back-up of `approved` is a little older than that of the calls, which hold these events as sent.
    """
    number = 0
    with translated("restored calls: owe again"):
        for id, revision in revisions.items():
            change = {"$set": {"sent_revision": revision - 1, "unsent": True}}
            result = await mongo.collection("calls").update_one(
                {"_id": id, "sent_revision": {"$gte": revision}}, change
            )
            number += result.matched_count
    return number


async def raise_revisions(mongo: Mongo) -> int:
    """Lifts every call's revision above any that consumers saw after the back-up; returns how many calls that were.

    Consumers keep the highest revision of a call. Without this they would drop the decisions that are made anew, as
    revisions that they know. What is owed stays owed; what was sent counts as sent.
    """
    calls = mongo.collection("calls")
    with translated("restored calls: raise revisions"), pymongo.timeout(_PATIENCE_S):
        sent = {"$inc": {"revision": AHEAD, "sent_revision": AHEAD}}
        others = await calls.update_many({"unsent": {"$ne": True}}, sent)
        owing = await calls.update_many({"unsent": True}, {"$inc": {"revision": AHEAD}})
    return int(owing.matched_count + others.matched_count)
