"""What goes out beside the broker, from the publisher as it is started, on a real broker and a real database."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from nats.js import JetStreamContext

from services.publisher.app import create
from shared.broker import topology
from shared.broker.publish import JetStreamPublisher
from shared.contracts.ids import posted_id
from shared.contracts.messages import RawMessage
from shared.contracts.pipeline import ApprovedCall, Change, Origin
from shared.storage.hooks import Hook, HookSecret, Topic
from shared.storage.mongo.alerts import MongoAlerts
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.hooks import MongoHooks
from shared.storage.mongo.leases import MongoLeases
from shared.storage.mongo.sources import MongoSources
from shared.storage.sources import Source, SourceStatus
from shared.webhooks import standard
from tests.services.publisher.house import GROUP, START, extracted
from tests.services.publisher.mailroom import WebServer, web_server

SECRET = standard.new_secret(bytes(32))


@pytest.fixture
def environment(servers_in_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISHER_SESSION_SECRET", "s" * 40)
    monkeypatch.setenv("PUBLISHER_HOOKS_ALLOW_PRIVATE", "true")
    monkeypatch.setenv("PUBLISHER_HOOKS_INTERVAL_S", "0.1")
    monkeypatch.setenv("PUBLISHER_ALERT_INTERVAL_S", "0.1")


async def arrival(server: WebServer) -> None:
    """Returns when the server has got another request; the time-out is a net, not a measure."""
    assert await asyncio.to_thread(server.arrived.acquire, timeout=30)


def approved() -> ApprovedCall:
    event = extracted()
    origin = Origin(group=GROUP, message_ref="whatsapp://group/1/message/m1", posted_at=START, text=event.message.text)
    return ApprovedCall(
        event_id=f"{event.call_id}:1",
        type=Change.APPROVED,
        call_id=event.call_id,
        revision=1,
        call=event.call,
        origin=origin,
        changed_at=START,
    )


async def test_an_approved_call_and_an_alert_leave_the_house_signed(
    environment: None, js: JetStreamContext, mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    await MongoSources(mongo).add(Source("9@g.us", "كاستنج جدة", SourceStatus.PROPOSED, added_at=now))
    with web_server() as subscriber, web_server() as slack:
        monkeypatch.setenv("PUBLISHER_ALERT_SLACK_URL", slack.url)
        await MongoHooks(mongo).add(Hook("hook_a", subscriber.url, (Topic.CALLS,), (HookSecret(SECRET),), now))
        app = create()
        async with app.router.lifespan_context(app):
            await JetStreamPublisher(lambda: js).publish(approved())
            await arrival(subscriber)
            await arrival(slack)
            async with asyncio.timeout(30):
                while (await MongoAlerts(mongo).all())[0].owed:
                    await asyncio.sleep(0.05)
        # The leases were given back: the next process goes on at once.
        for lease in ("alerts", "hooks"):
            assert await MongoLeases(mongo).acquire(lease, "next", now=now, ttl=timedelta(seconds=1))
    assert standard.is_genuine(SECRET, subscriber.got[0].headers, subscriber.got[0].body, datetime.now(UTC))
    assert json.loads(subscriber.got[0].body)["data"]["call_id"] == approved().call_id
    assert "كاستنج جدة" in json.loads(slack.got[0].body)["text"]
    [alert] = await MongoAlerts(mongo).all()
    assert (alert.key, alert.owed) == ("group_found:9@g.us", ())


async def test_the_lag_tells_how_long_the_oldest_message_waits(js: JetStreamContext) -> None:
    publisher = JetStreamPublisher(lambda: js)
    before = datetime.now(UTC) - timedelta(seconds=1)
    for id in ("m1", "m2"):
        message = RawMessage(event_id=posted_id(id), message_id=id, group=GROUP, sent_at=START, text="x")
        await publisher.publish(message)
    reader = await js.pull_subscribe_bind("filter", stream="RAW")

    async def lag() -> topology.Lag:
        return next(lag for lag in await topology.lags(js) if (lag.stream, lag.durable) == ("RAW", "filter"))

    waiting = await lag()
    assert (waiting.pending, waiting.unacked) == (2, 0)
    assert waiting.oldest_at is not None
    assert before <= waiting.oldest_at <= datetime.now(UTC) + timedelta(seconds=1)
    first, second = await reader.fetch(2)
    await second.ack_sync()
    in_work = await lag()
    assert (in_work.pending, in_work.unacked, in_work.oldest_at) == (0, 1, waiting.oldest_at)
    await first.ack_sync()
    assert await lag() == topology.Lag("RAW", "filter", 0, 0)
    # The deletions' reader shares the stream, and none of this is for it.
    deletions = [lag for lag in await topology.lags(js) if (lag.stream, lag.durable) == ("RAW", "publisher")]
    assert deletions == [topology.Lag("RAW", "publisher", 0, 0)]
