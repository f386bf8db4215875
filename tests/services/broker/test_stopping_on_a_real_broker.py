"""A stage that kills its messages stops, loses none of those that wait, and goes on after the repair."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from shared.broker import topology
from shared.broker.batches import BatchConsumer
from shared.broker.breaker import Breaker, Limits, StageStopped
from shared.broker.connect import StopOnClose, connect, listen
from shared.broker.publish import JetStreamPublisher
from shared.broker.settle import Settler
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Candidate, DeadLetter, Verdict
from shared.contracts.subjects import CANDIDATES, DEAD, RAW_MESSAGES
from shared.errors import Permanent
from shared.settings import NatsSettings

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NUMBER = 40
LEAST = 5


class Watch:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Stage:
    """What a stage does with its messages: it fails on all until it is repaired."""

    def __init__(self) -> None:
        self.broken = True
        self.handled: list[str] = []

    def handle(self, id: str) -> None:
        if self.broken:
            raise Permanent("a fault of the stage", reason="fault")
        self.handled.append(id)


def message(number: int) -> RawMessage:
    return RawMessage(
        event_id=f"post:m{number}", message_id=f"m{number}", group=Group(id="1@g.us"), sent_at=NOW, text="كاستنج"
    )


def candidate(number: int) -> Candidate:
    return Candidate(event_id=f"candidate:m{number}", message=message(number), verdict=Verdict(passed=True, rule="r"))


@pytest.fixture
def watch() -> Watch:
    return Watch()


def settler_of(stage: str, js: JetStreamContext, watch: Watch) -> Settler:
    breaker = Breaker(stage, Limits(share=0.5, least=LEAST, window_s=300, pause_s=60), clock=watch)
    return Settler(stage, JetStreamPublisher(lambda: js), lambda: js, jitter=lambda: 0.01, breaker=breaker)


@asynccontextmanager
async def consuming(settings: NatsSettings, settler: Settler, stage: Stage) -> AsyncIterator[None]:
    """A service that handles candidates one at a time, as the extractor does, and dead letters beside them."""
    closed = StopOnClose()
    broker = connect(settings, name="test", middlewares=[settler], on_closed=closed)

    async def on_candidate(event: Candidate) -> None:
        stage.handle(event.message.message_id)

    async def on_dead(event: DeadLetter) -> None:
        stage.handled.append(event.event_id)

    listen(broker, on_candidate, CANDIDATES, "extractor", lanes=2)
    listen(broker, on_dead, DEAD, "publisher")
    await broker.start()
    yield
    closed.stopping = True
    settler.close()
    async with asyncio.timeout(10):  # what is held back does not hold up the end
        await broker.stop()


async def stopped(settler: Settler) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                await settler.flowing()
            except StageStopped:
                return
            await asyncio.sleep(0.02)


async def drained(js: JetStreamContext, reader: str) -> None:
    async with asyncio.timeout(30):
        while any(lag.pending or lag.unacked for lag in await topology.lags(js, reader)):
            await asyncio.sleep(0.05)


async def deaths(js: JetStreamContext) -> int:
    return (await js.stream_info("DEAD")).state.messages


async def test_a_stage_that_takes_one_message_at_a_time_stops_and_goes_on(
    js: JetStreamContext, nats_settings: NatsSettings, watch: Watch
) -> None:
    stage, settler = Stage(), settler_of("extractor", js, watch)
    async with consuming(nats_settings, settler, stage):
        await JetStreamPublisher(lambda: js).publish_all([candidate(number) for number in range(NUMBER)])
        await stopped(settler)
        async with asyncio.timeout(20):  # letters are still taken while the stage stands
            while len(stage.handled) < LEAST:
                await asyncio.sleep(0.02)
        dead = await deaths(js)
        assert dead <= LEAST + 1, "one may have been under way beside the last"
        stage.handled.clear()
        watch.now += 61
        async with asyncio.timeout(20):  # the one that is tried dies as well
            while await deaths(js) < dead + 1:
                await asyncio.sleep(0.02)
        stage.broken = False
        watch.now += 121
        await drained(js, "extractor")
        await settler.flowing()
        calls = [id for id in stage.handled if not id.startswith("dead:")]
    assert await deaths(js) == dead + 1
    assert len(calls) == len(set(calls)) == NUMBER - dead - 1


async def test_a_stopped_stage_ends_at_once_and_leaves_its_messages_in_the_stream(
    js: JetStreamContext, nats_settings: NatsSettings, watch: Watch
) -> None:
    stage, settler = Stage(), settler_of("extractor", js, watch)
    async with consuming(nats_settings, settler, stage):
        await JetStreamPublisher(lambda: js).publish_all([candidate(number) for number in range(NUMBER)])
        await stopped(settler)
    dead = await deaths(js)
    repaired = Stage()
    repaired.broken = False
    async with consuming(nats_settings, settler_of("extractor", js, watch), repaired):
        await drained(js, "extractor")
    assert len({id for id in repaired.handled if not id.startswith("dead:")}) == NUMBER - dead


async def test_a_loop_of_batches_stops_and_goes_on(js: JetStreamContext, watch: Watch) -> None:
    stage, settler = Stage(), settler_of("filter", js, watch)
    seen: list[int] = []

    async def handle(raws: Sequence[Msg]) -> None:
        seen.append(len(raws))
        for raw in raws:
            try:
                stage.handle(RawMessage.model_validate_json(raw.data).message_id)
            except Permanent as error:
                await settler.settle(raw, error)

    consumer = BatchConsumer(
        lambda: js, handle, settler, stream=RAW_MESSAGES.stream, durable="filter", batch=6, lanes=2
    )
    consumer.start()
    await JetStreamPublisher(lambda: js).publish_all([message(number) for number in range(NUMBER)])
    await stopped(settler)
    async with asyncio.timeout(20):  # what was fetched when it stopped is settled still
        while [lag.unacked for lag in await topology.lags(js, "filter")] != [0]:
            await asyncio.sleep(0.02)
    dead = await deaths(js)
    assert LEAST <= dead <= 12, "two lanes of six at most"
    seen.clear()
    stage.broken = False
    watch.now += 61
    await drained(js, "filter")
    await consumer.stop()
    assert seen[0] == 1, "one is tried alone"
    assert await deaths(js) == dead
    assert len(set(stage.handled)) == NUMBER - dead
