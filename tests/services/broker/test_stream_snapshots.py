"""Copies of streams against a real broker: what is given back is what was taken, to the number and the time."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import nats
import pytest
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig

from services.operator import embedded
from shared.broker import snapshots, topology
from shared.errors import Permanent
from shared.settings import NatsSettings


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[JetStreamContext]:
    """A broker with nothing in it."""
    server = embedded.start_nats(tmp_path / "other")
    client = await nats.connect(f"nats://127.0.0.1:{server.port}")
    yield client.jetstream()
    await client.close()
    server.stop()


async def publish(js: JetStreamContext, number: int, *, size: int = 20) -> None:
    for index in range(number):
        # Random, so that the broker's compression leaves more than one chunk.
        await js.publish("raw.messages", os.urandom(size), headers={"Nats-Msg-Id": f"m{index}", "twin": str(index)})


async def copied(js: JetStreamContext, stream: str = "RAW") -> tuple[snapshots.Taken, list[bytes]]:
    chunks: list[bytes] = []
    return await snapshots.take(js, stream, chunks.append), chunks


async def test_a_restored_stream_has_the_same_sequences_times_headers_and_bodies(
    js: JetStreamContext, other: JetStreamContext
) -> None:
    await publish(js, 60, size=20_000)
    await js.delete_msg("RAW", 7)
    taken, chunks = await copied(js)
    assert (taken.messages, taken.last_sequence) == (59, 60)
    assert len(chunks) > 5
    await snapshots.give(other, taken, chunks)
    for sequence in (1, 6, 8, 60):
        before, after = await js.get_msg("RAW", sequence), await other.get_msg("RAW", sequence)
        assert (after.data, after.headers, after.time) == (before.data, before.headers, before.time)
    assert (await other.publish("raw.messages", b"next")).seq == 61


async def test_an_outside_reader_goes_on_where_it_was_and_ours_where_they_are_told(
    js: JetStreamContext, other: JetStreamContext, nats_settings: NatsSettings
) -> None:
    await publish(js, 10)
    await js.add_consumer("RAW", ConsumerConfig(durable_name="outside", ack_policy=AckPolicy.EXPLICIT))
    for durable, number in (("outside", 4), ("filter", 6)):
        for message in await (await js.pull_subscribe_bind(durable, "RAW")).fetch(number):
            await message.ack_sync()
    assert (await snapshots.positions(js))["RAW/filter"] == 6
    taken, chunks = await copied(js)
    await snapshots.give(other, taken, chunks)
    for name in ("APPROVED", "CANDIDATES", "DEAD", "ENDINGS", "EXTRACTED"):
        await snapshots.give(other, *await copied(js, name))
    assert await snapshots.filled(other) == ["RAW"]
    await snapshots.rewind(other, {"RAW/filter": 2})
    [ours] = await (await other.pull_subscribe_bind("filter", "RAW")).fetch(1)
    [outside] = await (await other.pull_subscribe_bind("outside", "RAW")).fetch(1)
    assert (ours.metadata.sequence.stream, outside.metadata.sequence.stream) == (3, 5)
    await topology.provision(other, nats_settings)  # keeps a consumer that a restore has placed


async def test_a_damaged_copy_leaves_no_stream_behind(js: JetStreamContext, other: JetStreamContext) -> None:
    await publish(js, 20, size=2_000)
    taken, chunks = await copied(js)
    with pytest.raises(Permanent, match="does not restore stream RAW"):
        await snapshots.give(other, taken, [chunks[0][:1000]])
    assert await snapshots.names(other) == []
    await snapshots.give(other, taken, chunks)


async def test_a_stream_that_is_there_is_not_written_over(js: JetStreamContext) -> None:
    taken, chunks = await copied(js)
    with pytest.raises(Permanent, match="already in use"):
        await snapshots.give(js, taken, chunks)


async def test_a_stream_that_is_not_there_cannot_be_copied(js: JetStreamContext) -> None:
    with pytest.raises(Permanent, match="does not copy stream NOBODY"):
        await copied(js, "NOBODY")


async def test_what_came_after_a_place_is_read_in_order(js: JetStreamContext) -> None:
    await publish(js, 5)
    await js.delete_msg("RAW", 4)
    assert [event.sequence for event in await snapshots.events_after(js, "RAW", 2)] == [3, 5]
