"""Forwards of one call that arrive at the same moment, on a real broker and database, with two replicas at work."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from nats.js import JetStreamContext

from services.extractor.app import create
from shared.broker.publish import JetStreamPublisher
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Candidate, ExtractedCall, Relation, Verdict
from shared.contracts.subjects import DEAD, EXTRACTED
from shared.settings import MongoSettings, NatsSettings
from shared.storage.ledger import Entry, State
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger
from tests.services.extractor.endpoint import Endpoint, gives

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CALL = "مطلوب عائلة سعودية لإعلان مطعم\nالتصوير بالرياض يوم ٢٨ نوفمبر\nالمقابل ٤٠٠٠ ريال\nصورة عائلية على 0500002515"
DRESSES = (
    "{}",
    "↪️ محولة\n{}",
    "{}\n\nانضموا لقروبنا https://chat.whatsapp.com/EXAMPLE1",
    "منقول للفايدة 🌹\n{}",
    "{} 🔥🔥",
    "السلام عليكم\n{}\nبالتوفيق للجميع",
)
ANSWER: dict[str, Any] = {"is_casting_call": True, "reason": None, "call": {"title": "إعلان مطعم"}, "evidence": []}


async def post_all(js: JetStreamContext, mongo: Mongo) -> list[str]:
    """The same call in several dresses, each with a mark that no fingerprint overlooks, all at once."""
    candidates = []
    for number, dress in enumerate(DRESSES):
        id, sent_at = f"m{number}", NOW + timedelta(seconds=number)
        text = dress.format(CALL) + f"\nقناة الفرص رقم {number}"
        message = RawMessage(
            event_id=f"post:{id}", message_id=id, group=Group(id=f"{id}@g.us"), sent_at=sent_at, text=text
        )
        await MongoLedger(mongo).record(
            [Entry(id, f"RAW:{id}", State.CANDIDATE, message.group.id, sent_at, NOW, "webhook")]
        )
        verdict = Verdict(passed=True, rule="scored")
        candidates.append(Candidate(event_id=f"candidate:{id}", message=message, verdict=verdict))
    await JetStreamPublisher(lambda: js).publish_all(candidates)
    return [candidate.message.message_id for candidate in candidates]


async def test_of_forwards_that_arrive_together_exactly_one_is_the_original(
    js: JetStreamContext,
    mongo: Mongo,
    monkeypatch: pytest.MonkeyPatch,
    nats_settings: NatsSettings,
    mongo_settings: MongoSettings,
    endpoint: Endpoint,
) -> None:
    environment = {
        "NATS_URL": nats_settings.url,
        "MONGO_URL": mongo_settings.url.get_secret_value(),
        "MONGO_DATABASE": mongo_settings.database,
        "EXTRACTOR_ENGINE": "openai",
        "OPENAI_API_KEY": "sk-test",
        "OPENAI_BASE_URL": endpoint.url,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    endpoint.usual = gives(ANSWER)
    calls = await js.subscribe(EXTRACTED.subject, stream=EXTRACTED.stream)
    async with AsyncExitStack() as replicas:
        for app in (create(), create()):
            await replicas.enter_async_context(app.router.lifespan_context(app))
        posted = await post_all(js, mongo)
        events: list[ExtractedCall] = []
        async with asyncio.timeout(60):
            while len(events) < len(posted):
                events.append(ExtractedCall.model_validate_json((await calls.next_msg(timeout=60)).data))
    originals = [event for event in events if event.likeness is None]
    assert len(originals) == 1
    first = originals[0].message.message_id
    copies = [event.likeness for event in events if event.likeness is not None]
    assert {(like.relation, like.message_id) for like in copies} == {(Relation.SAME, first)}
    assert sorted(event.message.message_id for event in events) == posted
    assert len(endpoint.requests) == 1
    assert (await js.stream_info(DEAD.stream)).state.messages == 0
