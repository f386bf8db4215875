"""A back-up that is made under load, restored into an empty stack, loses nothing and doubles nothing."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import nats
import orjson
import pytest
from pydantic import SecretStr

from services.operator import embedded
from services.publisher.desk import Conflict, Desk
from shared.contracts.pipeline import ApprovedCall, Change, ExtractedCall, Relation
from shared.settings import MongoSettings
from shared.storage.calls import Status
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger
from tests.pipeline.conftest import GROUP, MAIN, OTHER_GROUP, Stack

BEFORE, DURING, AFTER = 30, 30, 15
ALL = (*MAIN, "poller")


@pytest.fixture
async def gateway(stack: Stack) -> Stack:
    """The stack with the stand-in gateway beside it, which outlives it, and the poller."""
    await stack.gateway(
        WHAPI_REQUESTS_PER_HOUR="1000000",
        POLLER_INTERVAL="2",
        POLLER_INTERVAL_CATCH_UP="1",
        RECEIVER_SOURCES_REFRESH_S="1",
        MONGO_TIMEOUT_S="20",
    )
    for id in (GROUP, OTHER_GROUP):  # before the poller: a group that the gateway does not have waits for an hour
        await stack.control("group", id=id, name="كاستنج")
    stack.start(["poller"])
    await stack.ready(["poller"])
    return stack


class Reviewer:
    """Approves what waits, one after the other, until it is stopped."""

    def __init__(self, mongo: Mongo) -> None:
        self._calls = MongoCalls(mongo)
        self._desk = Desk(self._calls, MongoLedger(mongo), lambda: datetime.now(UTC), lambda _call: None)

    async def work(self) -> None:
        while True:
            for waiting in (await self._calls.standing(Status.PENDING))[:2]:
                with suppress(Conflict):
                    await self._desk.approve(waiting.id, waiting.version, "reviewer")
            await asyncio.sleep(0.2)


@pytest.fixture
async def empty(gateway: Stack, tmp_path: Path) -> AsyncIterator[Stack]:
    """Another stack with nothing in it: a broker and a database of its own, on the services' same ports."""
    servers = [embedded.start_nats(tmp_path / "other-nats"), embedded.start_mongo(tmp_path / "other-mongo")]
    nats_url, mongo_url = f"nats://127.0.0.1:{servers[0].port}", embedded.mongo_url(servers[1].port)
    environment = gateway.environment | {"NATS_URL": nats_url, "MONGO_URL": mongo_url, "MONGO_DATABASE": "restored"}
    folder = tmp_path / "other"
    folder.mkdir()
    client = await nats.connect(nats_url)
    mongo = Mongo(MongoSettings(url=SecretStr(mongo_url), database="restored", timeout_s=20))
    other = Stack(environment, folder, client.jetstream(), mongo)
    try:
        yield other
    finally:
        await other.stop()
        await other.http.aclose()
        await client.close()
        await mongo.close()
        for server in servers:
            server.stop()


def texts(corpus: Path) -> Iterator[tuple[str, str]]:
    """Messages of the corpus with ids; every ninth also as a copy in the other group."""
    for number, line in enumerate(corpus.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        yield f"b-{row['id']}", row["text"]
        if number % 9 == 0:
            yield f"copy-{row['id']}", row["text"]


async def post(stack: Stack, rows: list[tuple[str, str]], *, webhook: bool = True) -> None:
    for id, text in rows:
        group = OTHER_GROUP if id.startswith("copy-") else GROUP
        await stack.control("post", id=id, group=group, text=text, webhook=webhook)
        await asyncio.sleep(0.02)


@pytest.mark.slow
async def test_a_backup_made_under_load_is_restored_into_an_empty_stack_without_loss_or_double(
    gateway: Stack, empty: Stack, corpus_path: Path, tmp_path: Path
) -> None:
    rows = list(texts(corpus_path))[: BEFORE + DURING + AFTER]
    archive = tmp_path / "backup.tar"
    reviewer = asyncio.create_task(Reviewer(gateway.mongo).work())
    await post(gateway, rows[:BEFORE])
    for id, _text in rows[:BEFORE]:
        await gateway.entry(id, beyond=())
    flowing = asyncio.create_task(post(gateway, rows[BEFORE : BEFORE + DURING]))
    await gateway.twin("backup", str(archive))
    await flowing
    await gateway.twin("backup", str(archive), "--check")
    assert archive.stat().st_mode & 0o077 == 0
    assert list(tmp_path.glob(".backup*")) == []

    # What happens from here on is lost with the old stack; only the gateway and the consumers remember it.
    await gateway.quiet()
    reviewer.cancel()
    await gateway.approved(1)
    seen_before = [ApprovedCall.model_validate_json(data) for data in await gateway.stream("APPROVED")]
    for name in ALL:
        gateway.kill(name)
    await post(gateway, rows[BEFORE + DURING :], webhook=False)

    assert "stream RAW" in (await empty.twin("restore", str(archive))).out
    assert "there is data here" in (await empty.twin("restore", str(archive), expect=1)).err
    restored = {orjson.loads(data)["message_id"] for data in await empty.stream("RAW")}
    assert restored >= {id for id, _text in rows[:BEFORE]}, "known when the back-up began"
    empty.start(ALL)
    await empty.ready(ALL)
    await empty.settled(id for id, _text in rows)
    await empty.quiet()
    await empty.twin("account")
    await nothing_is_doubled(empty)

    reviewer = asyncio.create_task(Reviewer(empty.mongo).work())
    await nothing_waits(empty)
    reviewer.cancel()
    await consumers_see_each_change_once(empty, seen_before)


async def nothing_waits(stack: Stack) -> None:
    """Returns once every call is decided and told."""
    async with asyncio.timeout(60):
        while await stack.mongo.collection("calls").find_one({"status": "pending"}):
            await asyncio.sleep(0.1)
        while await stack.mongo.collection("calls").find_one({"unsent": True}):
            await asyncio.sleep(0.1)


async def nothing_is_doubled(stack: Stack) -> None:
    """Each extracted call is at the desk once, or known as a copy of one that is."""
    extracted = {
        event.call_id: event for event in map(ExtractedCall.model_validate_json, await stack.stream("EXTRACTED"))
    }
    copies = {id for id, event in extracted.items() if event.likeness and event.likeness.relation is Relation.SAME}
    found = [document["_id"] async for document in stack.mongo.collection("calls").find({}, {"_id": 1})]
    assert len(found) == len(set(found))
    assert set(found) == extracted.keys() - copies
    assert (await stack.js.stream_info("DEAD")).state.messages == 0


async def consumers_see_each_change_once(stack: Stack, seen_before: list[ApprovedCall]) -> None:
    """A consumer that drops what it has seen, by call and revision, ends with each approved call as the desk has it."""
    seen_after = [ApprovedCall.model_validate_json(data) for data in await stack.stream("APPROVED")]
    by_revision: dict[tuple[str, int], set[str]] = defaultdict(set)
    for event in (*seen_before, *seen_after):
        by_revision[event.call_id, event.revision].add(event.model_dump_json())
    assert [key for key, told in by_revision.items() if len(told) > 1] == []
    found = stack.mongo.collection("calls").find({"status": "approved"}, {"_id": 1})
    at_the_desk = {document["_id"] async for document in found}
    assert _standing([*seen_before, *seen_after]) == at_the_desk
    assert _standing(seen_after) == at_the_desk, "who begins anew hears of each of them from the restored stream"


def _standing(events: list[ApprovedCall]) -> set[str]:
    """The calls whose highest revision does not withdraw them."""
    latest: dict[str, ApprovedCall] = {}
    for event in events:
        if event.call_id not in latest or latest[event.call_id].revision < event.revision:
            latest[event.call_id] = event
    return {id for id, event in latest.items() if event.type is not Change.WITHDRAWN}
