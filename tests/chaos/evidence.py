"""Collects, from outside, what the stack holds: ledger, calls, the streams, the public feed."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from shared.arabic.fingerprint import fingerprint
from shared.broker import topology
from shared.contracts.pipeline import ApprovedCall, DeadLetter
from shared.storage.mongo.connect import Document, Mongo
from tests.chaos.house import REVIEWER, House
from tests.chaos.load import Sent
from tests.chaos.reviewer import Diary
from tests.chaos.testimony import Evidence, Posted, Queued, Stood, Told

_SAUDI = timedelta(hours=3)


async def collected(house: House, sent: Sent, poison: dict[str, str], diary: Diary) -> Evidence:
    """The evidence as it stands now."""
    lags = await topology.lags(house.js)
    return Evidence(
        posts=posts_of(sent),
        edits=[(step.id, step.text) for step in sent.edits],
        deletions=[step.id for step in sent.deletions],
        poison=dict(poison),
        decided=[(one.call_id, one.action, one.version, one.revision) for one in diary.decisions],
        ledger=await _ledger(house.mongo),
        calls=await _calls(house.mongo),
        noted_deletions={document["_id"] async for document in house.mongo.collection("call_deletions").find({})},
        told=[_told(payload) for payload in await payloads(house.js, "APPROVED")],
        feed=await _feed(house.http, house.workers.url("publisher")),
        dead=[_letter(payload) for payload in await payloads(house.js, "DEAD")],
        in_flight=sum(lag.pending + lag.unacked for lag in lags),
        reviewer=REVIEWER,
    )


def posts_of(sent: Sent) -> list[Posted]:
    """What was posted, with what became of it in its group."""
    deleted = {step.id for step in sent.deletions}
    changed = deleted | {step.id for step in sent.edits}
    return [
        Posted(post.id, fingerprint(post.text), post.heard, post.id in deleted, post.id not in changed)
        for post in sent.posts.values()
    ]


async def payloads(js: JetStreamContext, stream: str) -> list[bytes]:
    """The payloads that a stream holds, oldest first."""
    state = (await js.stream_info(stream)).state
    found: list[bytes] = []
    if not state.messages:
        return found
    for sequence in range(state.first_seq, state.last_seq + 1):
        try:
            found.append((await js.get_msg(stream, sequence)).data or b"")
        except NotFoundError:  # erased
            continue
    return found


async def _ledger(mongo: Mongo) -> dict[str, Stood]:
    shown = {"state": 1, "duplicate_of": 1, "call_id": 1, "edit_of": 1}
    return {
        one["_id"]: Stood(one["_id"], one["state"], one.get("duplicate_of"), one.get("call_id"), one.get("edit_of"))
        async for one in mongo.collection("messages").find({}, shown)
    }


async def _calls(mongo: Mongo) -> dict[str, Queued]:
    today = (datetime.now(UTC) + _SAUDI).date().isoformat()
    return {one["_id"]: _queued(one, today) async for one in mongo.collection("calls").find({})}


def _queued(one: Document, today: str) -> Queued:
    likeness = one.get("likeness") or {}
    return Queued(
        id=one["_id"],
        message_id=one["message"]["message_id"],
        status=one["status"],
        version=one["version"],
        revision=one["revision"],
        sent_revision=one["sent_revision"],
        history=tuple((line["actor"], line["action"]) for line in one["history"]),
        public=one["status"] == "approved" and (one.get("closes_on") or today) >= today,
        copy_of=likeness.get("call_id") if likeness.get("relation") == "same" else None,
    )


def _told(payload: bytes) -> Told:
    event = ApprovedCall.model_validate_json(payload)
    return Told(event.call_id, event.revision, str(event.type), hashlib.sha256(payload).hexdigest()[:16])


def _letter(payload: bytes) -> tuple[str | None, str, str]:
    letter = DeadLetter.model_validate_json(payload)
    return letter.message_id, letter.stage, f"{letter.reason} {letter.detail}"[:200]


async def _feed(http: httpx.AsyncClient, address: str) -> dict[str, int]:
    """Every call on the feed with its revision, page after page."""
    shown: dict[str, int] = {}
    cursor: str | None = None
    while True:
        query: dict[str, Any] = {"limit": 100} | ({"cursor": cursor} if cursor else {})
        page = (await http.get(f"{address}/api/v1/casting-calls", params=query)).raise_for_status().json()
        shown |= {item["id"]: item["revision"] for item in page["items"]}
        cursor = page["next"]
        if cursor is None:
            return shown
