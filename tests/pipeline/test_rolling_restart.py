"""An update while messages flow: two releases side by side on one broker and one database lose and double nothing."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import signal
import subprocess
import tarfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import nats
import pytest

from services.operator.trial import SECRET, Trial, environment
from services.publisher.desk import Conflict, Desk
from shared.contracts.pipeline import ApprovedCall, Candidate, ExtractedCall, Relation
from shared.settings import MongoSettings, NatsSettings
from shared.storage.calls import Status
from shared.storage.mongo import indexes
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.sources import MongoSources
from shared.storage.sources import Source, SourceStatus
from tests.pipeline.conftest import GROUP, MAIN, OTHER_GROUP, Stack, text_message, twin

ROOT = Path(__file__).parents[2]
BEFORE = ("744dd63",)
"""Earlier releases that are run beside today's code. This one knows nothing of versions of the stored form."""

A_STEP = 5  # messages between any two steps of the update


@pytest.fixture(params=BEFORE)
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The tree of an earlier commit."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("the history is not here: this test needs a clone")
    packed = subprocess.run([git, "-C", str(ROOT), "archive", request.param], capture_output=True, check=False)
    if packed.returncode != 0:
        pytest.skip(f"commit {request.param} is not in this clone: fetch the whole history")
    tree = tmp_path / "earlier"
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as tar:
        tar.extractall(tree, filter="data")
    return tree


class Update:
    """Two releases on the same servers, and messages that go to whichever receiver runs."""

    def __init__(self, old: Trial, new: Stack, messages: list[dict[str, Any]]) -> None:
        self.old = old
        self.new = new
        self.posted: list[str] = []
        self._messages = iter(messages)
        self._receiver = old

    async def post(self, number: int) -> None:
        """Delivers the next messages as the gateway does: again until they are taken."""
        for _ in range(number):
            message = next(self._messages)
            body = {
                "messages": [message],
                "event": {"type": "messages", "event": "post"},
                "channel_id": "FALCON-TEST1",
            }
            self.posted.append(message["id"])
            async with asyncio.timeout(60):
                while not await self._taken(body):
                    await asyncio.sleep(0.1)

    async def replace(self, service: str) -> None:
        """Starts the new release of a service beside the old one, then stops the old one as an update does."""
        await self.post(A_STEP)
        self.new.start([service])
        await self.new.ready([service])
        await self.post(A_STEP)
        if service == "receiver":
            self._receiver = self.new
        process = self.old.processes.pop(service)
        process.terminate()
        await self.post(A_STEP)
        code = await asyncio.to_thread(process.wait, 40)
        # The server finishes what it holds and then passes the signal on to itself.
        assert code in {0, -signal.SIGTERM}, self.old.log(service)
        assert "Finished server process" in self.old.log(service)

    async def _taken(self, body: dict[str, Any]) -> bool:
        url = f"{self._receiver.url('receiver')}/webhooks/whapi"
        try:
            answer = await self.new.http.post(url, json=body, headers={"X-Webhook-Secret": SECRET})
        except httpx.TransportError:
            return False
        assert answer.status_code in (200, 503), answer.text
        return answer.status_code == 200


@pytest.fixture
async def update(
    earlier: Path,
    nats_settings: NatsSettings,
    mongo_settings: MongoSettings,
    tmp_path: Path,
    corpus_path: Path,
) -> AsyncIterator[Update]:
    """The earlier release, set up by its own command and running; today's beside it, not running yet."""
    servers = (nats_settings.url, mongo_settings.url.get_secret_value(), mongo_settings.database)
    logs = [tmp_path / "old", tmp_path / "new"]
    for folder in logs:
        folder.mkdir()
    old = Trial(environment(*servers), logs[0], root=earlier)
    await twin(old, "provision")
    client = await nats.connect(nats_settings.url)
    mongo = Mongo(mongo_settings)
    new = Stack(environment(*servers), logs[1], client.jetstream(), mongo)
    sources = MongoSources(mongo)
    for id in (GROUP, OTHER_GROUP):
        await sources.add(Source(id, "كاستنج السعودية", SourceStatus.ACTIVE, datetime.now(UTC)))
    old.start(MAIN)
    try:
        await old.ready(MAIN)
        yield Update(old, new, messages(corpus_path))
    finally:
        late = [*await old.stop(), *await new.stop()]
        await new.http.aclose()
        await client.close()
        await mongo.client.drop_database(mongo_settings.database)
        await mongo.close()
    assert late == []


def messages(corpus: Path) -> list[dict[str, Any]]:
    """Messages of the corpus as if they were posted now; every seventh comes twice, every ninth as a copy elsewhere."""
    made = []
    for number, line in enumerate(corpus.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        message = text_message(f"roll-{row['id']}", row["text"])
        made.append(message)
        if number % 7 == 0:
            made.append(message)
        if number % 9 == 0:
            made.append(text_message(f"copy-{row['id']}", row["text"], group=OTHER_GROUP))
    return made


async def review(mongo: Mongo) -> None:
    """A reviewer of the new release, who decides while the old one still relays."""
    calls = MongoCalls(mongo)
    desk = Desk(calls, MongoLedger(mongo), lambda: datetime.now(UTC), lambda _call: None)
    while True:
        for waiting in (await calls.standing(Status.PENDING))[:2]:
            with suppress(Conflict):
                await desk.approve(waiting.id, waiting.version, "reviewer")
        await asyncio.sleep(0.3)


@pytest.mark.slow
async def test_replacing_service_by_service_under_load_loses_and_doubles_nothing(update: Update) -> None:
    new = update.new
    await update.post(A_STEP)
    await new.twin("provision")
    await update.post(A_STEP)
    reviewer = asyncio.create_task(review(new.mongo))
    # From the front to the end, the harder way round: old readers meet what new writers send.
    for service in MAIN:
        await update.replace(service)
    await new.settled(update.posted)
    await new.quiet()
    async with asyncio.timeout(60):
        while await new.mongo.collection("calls").find_one({"$or": [{"unsent": True}, {"status": "pending"}]}):
            await asyncio.sleep(0.1)
    reviewer.cancel()
    await _nothing_is_lost_or_doubled(new)


async def _nothing_is_lost_or_doubled(new: Stack) -> None:
    candidates = [Candidate.model_validate_json(data) for data in await new.stream("CANDIDATES")]
    extracted = [ExtractedCall.model_validate_json(data) for data in await new.stream("EXTRACTED")]
    approved = [ApprovedCall.model_validate_json(data) for data in await new.stream("APPROVED")]
    assert not _twice(event.message.message_id for event in candidates)
    assert not _twice(event.call_id for event in extracted)
    copies = {event.call_id for event in extracted if event.likeness and event.likeness.relation is Relation.SAME}
    calls = {document["_id"]: document async for document in new.mongo.collection("calls").find({})}
    assert calls.keys() == {event.call_id for event in extracted} - copies
    assert {event.call_id for event in approved} == calls.keys()
    assert not _twice((event.call_id, event.revision) for event in approved)
    assert (await new.js.stream_info("DEAD")).state.messages == 0
    await indexes.provision(new.mongo)  # again changes nothing, also after an old release wrote beside the new one


def _twice(ids: Any) -> list[Any]:
    return [id for id, number in Counter(ids).items() if number > 1]
