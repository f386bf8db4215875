"""The whole pipeline, each service with its own user of the broker, fed with canaries that no log may show."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from nats.js import JetStreamContext

from services.operator.trial import environment
from services.publisher.desk import Desk
from shared.contracts.ids import call_id
from shared.contracts.pipeline import ApprovedCall
from shared.settings import MongoSettings
from shared.storage.ledger import State
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.sources import MongoSources
from shared.storage.sources import Source, SourceStatus
from tests.pipeline.conftest import GROUP, MAIN, OTHER_GROUP, Stack, text_message
from tests.pipeline.test_four_scenarios import call_text
from tests.security.conftest import PASSWORDS, Guarded

SERVICES = ("receiver", "poller", "filter", "extractor", "publisher")
SENDER = "966500000099"
PHONE = "0500000567"
ARABIC_PHONE = "٠٥٠٠٠٠٠٥٦٨"
WORDS = "canary-words-of-a-message"
NAME = "canary-name-of-a-sender"
SECRETS = {
    "RECEIVER_SECRET": "canary-receiver-secret-0123456789",
    "PUBLISHER_SESSION_SECRET": "canary-session-secret-0123456789abcdef",
    "WHAPI_TOKEN": "canary-whapi-token-0123456789",
    "SANDBOX_TOKEN": "canary-whapi-token-0123456789",
    "SANDBOX_WEBHOOK_SECRET": "canary-receiver-secret-0123456789",
    "PUBLISHER_ALERT_SLACK_URL": "http://127.0.0.1:9/canary-slack-url",
    "PUBLISHER_ALERT_SMTP_PASSWORD": "canary-smtp-password",
    "OPENAI_API_KEY": "canary-openai-key-0123456789",
}


@dataclass
class House:
    """The running stack and the broker with users that it runs on."""

    stack: Stack
    guarded: Guarded
    operator: JetStreamContext

    def logs(self) -> dict[str, str]:
        """All that each process wrote."""
        return {path.stem: path.read_text(errors="replace") for path in self.stack.folder.glob("*.log")}


@pytest.fixture
async def house(guarded: Guarded, mongo: Mongo, mongo_settings: MongoSettings, tmp_path: Path) -> AsyncIterator[House]:
    sources = MongoSources(mongo)
    for id, name in ((GROUP, "كاستنج السعودية"), (OTHER_GROUP, "Saudi Casting Hub")):
        await sources.add(Source(id, name, SourceStatus.ACTIVE, datetime.now(UTC)))
    values = environment(guarded.url, mongo_settings.url.get_secret_value(), mongo_settings.database, LOG_LEVEL="INFO")
    operator, _ = await guarded.client("operator")
    stack = Stack(values | SECRETS, tmp_path, operator.jetstream(), mongo)
    stack.environment |= {
        "WHAPI_URL": stack.url("sandbox"),
        "SANDBOX_WEBHOOK_URL": f"{stack.url('receiver')}/webhooks/whapi",
        "POLLER_INTERVAL": "1",
        "POLLER_INTERVAL_CATCH_UP": "1",
    }
    stack.own = {name: {"NATS_USER": name, "NATS_PASSWORD": PASSWORDS[name]} for name in SERVICES}
    stack.start(["sandbox", *MAIN])
    try:
        await stack.ready(["sandbox", *MAIN])
        yield House(stack, guarded, operator.jetstream())
    finally:
        late = await stack.stop()
        await stack.http.aclose()
    assert not late, f"did not stop in time: {late}"


async def post(stack: Stack, *messages: dict[str, Any]) -> httpx.Response:
    return await stack.post(*messages, secret=SECRETS["RECEIVER_SECRET"])


@pytest.mark.slow
async def test_all_work_with_their_own_users_and_no_log_shows_words_numbers_or_secrets(house: House) -> None:
    stack = house.stack
    text, _ = call_text()
    text = f"{text}\n{WORDS}\nأو {ARABIC_PHONE}"
    message = text_message("canary-1", text) | {"from_name": NAME}
    assert (await post(stack, message)).status_code == 200
    assert (await stack.entry("canary-1")).state is State.CALL
    # A copy, an edit, a deletion, an ending, noise, something broken, a stranger, a forged payload on the stream.
    copy = text_message("canary-copy", text, group=OTHER_GROUP) | {"from_name": NAME}
    noise = text_message("canary-noise", f"{WORDS} {PHONE}") | {"from_name": NAME}
    reply = text_message("canary-reply", f"اكتفينا {WORDS}") | {
        "context": {"quoted_id": "canary-1", "quoted_type": "text", "quoted_author": SENDER}
    }
    broken = {"id": ["canary-broken"], "chat_id": GROUP, "text": {"body": WORDS}, "from": SENDER, "type": "text"}
    assert (await post(stack, copy, noise, reply, broken)).status_code == 200
    assert (await stack.post(message, secret=WORDS)).status_code == 401
    await house.operator.publish("raw.messages", f'{{"{WORDS}": "{PHONE}"'.encode(), stream="RAW", timeout=5)
    await stack.control("group", id=GROUP, name="كاستنج السعودية")
    polled = await stack.control("post", group=GROUP, text=text.replace(PHONE, "0500000569"), webhook=False)
    stack.start(["poller"])
    entry = await stack.entry(polled["id"])
    assert (entry.state, entry.via) == (State.CALL, "poll")
    assert (await stack.entry("canary-noise")).state is State.REJECTED
    await stack.quiet()
    await approve(house, call_id("canary-1"))

    consumer, _ = await house.guarded.client("consumer")
    subscription = await consumer.jetstream().pull_subscribe("approved", durable="consumer", stream="APPROVED")
    (got,) = await subscription.fetch(1, timeout=20)
    await got.ack_sync()
    assert ApprovedCall.model_validate_json(got.data).call_id == call_id("canary-1")
    assert (await house.operator.stream_info("DEAD")).state.messages >= 1

    logs = house.logs()
    assert set(logs) == {"sandbox", *SERVICES}
    for service, log in logs.items():
        assert "broker.not_allowed" not in log, f"{service}: {log[-3000:]}"
        shown = [word for word in forbidden() if word in log]
        assert not shown, f"the log of {service} shows {shown}"
    assert "filter.batch" in logs["filter"]
    assert "filter.dead" in logs["filter"]
    assert "canary-1" in logs["publisher"], "ids stay readable"


def forbidden() -> list[str]:
    """What no line may hold at INFO or above."""
    words = [WORDS, NAME, PHONE, PHONE[1:], "966" + PHONE[1:], ARABIC_PHONE, SENDER, "مسلسل رمضاني"]
    return [*words, *SECRETS.values(), *PASSWORDS.values(), "password-of-"]


async def approve(house: House, id: str) -> None:
    """A reviewer's decision, as the desk stores it; the running publisher's relay sends it on."""
    calls = MongoCalls(house.stack.mongo)
    async with asyncio.timeout(30):
        while (call := await calls.get(id)) is None:
            await asyncio.sleep(0.05)
    desk = Desk(calls, MongoLedger(house.stack.mongo), lambda: datetime.now(UTC), lambda _call: None)
    await desk.approve(id, call.version, "sara")


@pytest.mark.parametrize("service", ["filter", "extractor", "publisher"])
async def test_each_reader_counts_its_own_starts_and_nobody_else_s(service: str, guarded: Guarded) -> None:
    client, refusals = await guarded.client(service)
    bucket = await client.jetstream().key_value("attempts")
    await bucket.put(f"RAW.{service}.7", b"1")
    assert (await bucket.get(f"RAW.{service}.7")).value == b"1"
    await bucket.delete(f"RAW.{service}.7")
    assert refusals == []
    other = "extractor" if service == "filter" else "filter"
    await client.publish(f"$KV.attempts.RAW.{other}.7", b"9")
    await client.flush()
    await client.flush()
    assert any("permissions violation" in refusal.lower() for refusal in refusals)
