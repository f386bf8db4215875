"""Settlement, publishing and the topology on a real broker: what FastStream's own test broker cannot show."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import nats
import pytest
from faststream.nats import NatsBroker
from nats.js import JetStreamContext
from nats.js.api import StreamConfig

from services.operator import embedded
from shared.broker import topology
from shared.broker.connect import StopOnClose, connect, jetstream, listen
from shared.broker.publish import JetStreamPublisher
from shared.broker.settle import Settler
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Candidate, DeadLetter, Verdict
from shared.contracts.subjects import CANDIDATES
from shared.errors import Misconfigured, Permanent, Unavailable
from shared.observability import metrics
from shared.settings import NatsSettings

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def candidate(id: str = "m1") -> Candidate:
    message = RawMessage(event_id=f"post:{id}", message_id=id, group=Group(id="1@g.us"), sent_at=NOW, text="كاستنج")
    return Candidate(event_id=f"candidate:{id}", message=message, verdict=Verdict(passed=True, rule="r"))


@asynccontextmanager
async def consuming(
    settings: NatsSettings, handler: Callable[[Candidate], Awaitable[None]]
) -> AsyncIterator[NatsBroker]:
    """A service that handles candidates, as the extractor does, with short delays."""
    closed = StopOnClose()
    publisher = JetStreamPublisher(lambda: jetstream(broker))
    settler = Settler("extractor", publisher, lambda: jetstream(broker), jitter=lambda: 0.01)
    broker = connect(settings, name="test", middlewares=[settler], on_closed=closed)

    async def on_candidate(event: Candidate) -> None:
        await handler(event)

    listen(broker, on_candidate, CANDIDATES, "extractor", lanes=2)
    await broker.start()
    try:
        yield broker
    finally:
        closed.stopping = True
        await broker.stop()


async def letters(js: JetStreamContext, number: int) -> list[DeadLetter]:
    """The next `number` dead letters, waited for."""
    subscription = await js.subscribe("dead.>", ordered_consumer=True)
    found = [DeadLetter.model_validate_json((await subscription.next_msg(timeout=20)).data) for _ in range(number)]
    await subscription.unsubscribe()
    return found


async def settled(js: JetStreamContext) -> None:
    """Returns when the extractor's consumer has nothing left to deliver or to acknowledge."""
    async with asyncio.timeout(20):
        while True:
            [lag] = await topology.lags(js, "extractor")
            if lag.pending == 0 and lag.unacked == 0:
                return
            await asyncio.sleep(0.02)


async def test_what_a_handler_returns_from_is_acknowledged_once(
    js: JetStreamContext, nats_settings: NatsSettings
) -> None:
    seen: list[str] = []

    async def handle(event: Candidate) -> None:
        seen.append(event.event_id)

    async with consuming(nats_settings, handle) as broker:
        publisher = JetStreamPublisher(lambda: jetstream(broker))
        await publisher.publish_all([candidate("a"), candidate("b")])
        await settled(js)
    assert sorted(seen) == ["candidate:a", "candidate:b"]


async def test_what_a_service_cannot_handle_yet_stays_in_the_stream(
    js: JetStreamContext, nats_settings: NatsSettings
) -> None:
    """Held by the client it would have its time run out, and nobody else could take it."""
    begun, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def handle(_event: Candidate) -> None:
        begun.release()
        await go_on.wait()

    async with consuming(nats_settings, handle) as broker:
        publisher = JetStreamPublisher(lambda: jetstream(broker))
        for number in range(5):
            await publisher.publish(candidate(f"m{number}"))
        async with asyncio.timeout(20):
            await begun.acquire()
            await begun.acquire()
        [lag] = await topology.lags(js, "extractor")
        go_on.set()
        await settled(js)
    assert (lag.unacked, lag.pending) == (2, 3)


async def test_an_outage_is_waited_out(js: JetStreamContext, nats_settings: NatsSettings) -> None:
    tries: list[str] = []

    async def handle(event: Candidate) -> None:
        tries.append(event.event_id)
        if len(tries) < 5:
            raise Unavailable("database is away")

    async with consuming(nats_settings, handle) as broker:
        await JetStreamPublisher(lambda: jetstream(broker)).publish(candidate())
        await settled(js)
    assert len(tries) == 5
    assert (await js.stream_info("DEAD")).state.messages == 0


async def test_a_permanent_error_keeps_the_message_whole_as_a_dead_letter(
    js: JetStreamContext, nats_settings: NatsSettings
) -> None:
    async def handle(_event: Candidate) -> None:
        raise Permanent("cannot be read", reason="unreadable")

    async with consuming(nats_settings, handle) as broker:
        await JetStreamPublisher(lambda: jetstream(broker)).publish(candidate())
        [letter] = await letters(js, 1)
        await settled(js)
    assert (letter.reason, letter.stage, letter.message_id, letter.sequence) == ("unreadable", "extractor", "m1", 1)
    assert Candidate.model_validate_json(letter.payload) == candidate()
    assert "cannot be read" in letter.stack


async def test_a_payload_that_breaks_the_contract_is_a_dead_letter_and_the_next_goes_on(
    js: JetStreamContext, nats_settings: NatsSettings
) -> None:
    done = asyncio.Event()

    async def handle(_event: Candidate) -> None:
        done.set()

    async with consuming(nats_settings, handle) as broker:
        await js.publish("candidates", b"\xff no json", stream="CANDIDATES")
        await js.publish("candidates", b'{"type": "candidate"}', stream="CANDIDATES")
        await JetStreamPublisher(lambda: jetstream(broker)).publish(candidate())
        found = await letters(js, 2)
        await asyncio.wait_for(done.wait(), 20)
        await settled(js)
    assert {letter.reason for letter in found} == {"invalid"}
    assert any(letter.payload.startswith("\\xff") for letter in found)


async def test_an_unexpected_error_is_tried_again_and_then_kept(
    js: JetStreamContext, nats_settings: NatsSettings
) -> None:
    tries = 0

    async def handle(_event: Candidate) -> None:
        nonlocal tries
        tries += 1
        raise KeyError("a fault of ours")

    async with consuming(nats_settings, handle) as broker:
        await JetStreamPublisher(lambda: jetstream(broker)).publish(candidate())
        [letter] = await letters(js, 1)
        await settled(js)
    assert (letter.reason, letter.deliveries, tries) == ("unexpected", 8, 8)


async def test_an_outage_before_it_costs_an_unexpected_error_none_of_its_tries(
    js: JetStreamContext, nats_settings: NatsSettings
) -> None:
    tries = 0

    async def handle(_event: Candidate) -> None:
        nonlocal tries
        tries += 1
        if tries <= 9:
            raise Unavailable("database is away")
        if tries == 10:
            raise KeyError("a fault of ours")

    async with consuming(nats_settings, handle) as broker:
        await JetStreamPublisher(lambda: jetstream(broker)).publish(candidate())
        await settled(js)
    assert tries == 11
    assert (await js.stream_info("DEAD")).state.messages == 0


async def test_a_message_that_started_too_often_without_an_end_is_kept_apart(
    js: JetStreamContext, nats_settings: NatsSettings
) -> None:
    """The starts are written as three dead processes would have left them."""
    tries = 0

    async def handle(_event: Candidate) -> None:
        nonlocal tries
        tries += 1
        raise Unavailable("for now")

    bucket = await js.key_value(topology.ATTEMPTS_BUCKET)
    await bucket.put("CANDIDATES.extractor.1", b"3")
    async with consuming(nats_settings, handle) as broker:
        await JetStreamPublisher(lambda: jetstream(broker)).publish(candidate())
        [letter] = await letters(js, 1)
    assert (letter.reason, tries) == ("kills_worker", 2)


async def test_the_same_event_is_stored_once(js: JetStreamContext, nats_settings: NatsSettings) -> None:
    publisher = JetStreamPublisher(lambda: js)
    first, second = await publisher.publish(candidate()), await publisher.publish(candidate())
    assert (first.duplicate, second.duplicate) == (False, True)
    many = await publisher.publish_all([candidate(), candidate("m2")])
    assert [published.duplicate for published in many] == [True, False]
    assert await publisher.publish_all([]) == []


async def test_a_full_stream_refuses_and_says_so(nats_settings: NatsSettings, js: JetStreamContext) -> None:
    info = await js.stream_info("CANDIDATES")
    await js.update_stream(StreamConfig(**{**info.config.__dict__, "max_msgs": 1}))
    publisher = JetStreamPublisher(lambda: js)
    await publisher.publish(candidate("a"))
    with pytest.raises(Unavailable, match="CANDIDATES takes no more"):
        await publisher.publish(candidate("b"))


async def test_without_the_stream_nothing_is_silently_lost(nats_url: str) -> None:
    import nats

    client = await nats.connect(nats_url)
    publisher = JetStreamPublisher(client.jetstream, timeout_s=2)
    for attempt in (publisher.publish(candidate()), publisher.publish_all([candidate(), candidate("b")])):
        with pytest.raises(Unavailable):
            await attempt
    await client.close()


async def test_too_large_an_event_is_permanent(js: JetStreamContext) -> None:
    event = candidate()
    large = event.model_copy(update={"message": event.message.model_copy(update={"text": "x" * 5_000_000})})
    with pytest.raises(Permanent) as caught:
        await JetStreamPublisher(lambda: js).publish(large)
    assert caught.value.reason == "too_large"


async def test_provisioning_twice_changes_nothing_and_corrects_drift(
    js: JetStreamContext, nats_settings: NatsSettings
) -> None:
    before = (await js.consumer_info("RAW", "filter")).config
    changed = nats_settings.model_copy(update={"max_age_days": 3})
    await topology.provision(js, changed)
    await topology.provision(js, changed)
    assert (await js.stream_info("RAW")).config.max_age == 3 * 86_400
    assert (await js.consumer_info("RAW", "filter")).config.ack_wait == before.ack_wait


async def test_a_topology_that_the_broker_refuses_is_explained(
    js: JetStreamContext, nats_settings: NatsSettings
) -> None:
    with pytest.raises(Misconfigured, match=re.compile("replicas", re.IGNORECASE)):
        await topology.provision(js, nats_settings.model_copy(update={"replicas": 3}))


async def test_a_broker_that_keeps_no_streams_is_said_to_be_one(tmp_path: Path, nats_settings: NatsSettings) -> None:
    port = embedded.free_port()
    server = embedded.start_server("nats", ["nats-server", "-a", "127.0.0.1", "-p", str(port)], port, tmp_path)
    client = await nats.connect(f"nats://127.0.0.1:{port}")
    try:
        with pytest.raises(Misconfigured, match="it keeps no streams"):
            await topology.provision(client.jetstream(), nats_settings)
    finally:
        await client.close()
        server.stop()


async def test_a_service_without_its_consumer_says_what_to_run(js: JetStreamContext) -> None:
    await JetStreamPublisher(lambda: js).publish(candidate())
    await topology.require(js, "extractor")
    waiting = {"stream": "CANDIDATES", "consumer": "extractor"}
    assert metrics.REGISTRY.get_sample_value("twin_lag", waiting) == 1
    await js.delete_consumer("CANDIDATES", "extractor")
    with pytest.raises(Misconfigured, match="twin provision"):
        await topology.require(js, "extractor")


async def test_a_message_whose_dead_letter_would_be_too_large_is_buried_all_the_same(
    js: JetStreamContext, nats_settings: NatsSettings
) -> None:
    """In a letter each of its quotes is escaped once more. Without one it came back at once, for ever."""
    tries = 0

    async def handle(_event: Candidate) -> None:
        nonlocal tries
        tries += 1
        raise Permanent("never works", reason="never")

    event = candidate()
    large = event.model_copy(
        update={"message": event.message.model_copy(update={"text": '"' * (js._nc.max_payload // 3)})}
    )
    async with consuming(nats_settings, handle) as broker:
        await JetStreamPublisher(lambda: jetstream(broker)).publish(large)
        [letter] = await letters(js, 1)
        await settled(js)
    assert (letter.reason, letter.message_id, letter.stream, letter.sequence) == ("never", "m1", "CANDIDATES", 1)
    assert "the first 100000 of " in letter.detail
    assert tries == 1
