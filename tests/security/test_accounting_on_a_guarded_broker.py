"""The publisher may read what the streams hold, to account for it, and nobody else may; the poller sees the lag."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.broker.progress import CaughtUp
from shared.broker.stored import JetStreams, stored
from shared.contracts.subjects import ROUTES
from tests.security.conftest import Guarded

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


async def test_the_publisher_reads_every_stream_through_a_consumer_of_its_own(guarded: Guarded) -> None:
    operator, _ = await guarded.client("operator")
    await operator.jetstream().publish("raw.messages", b"{}", stream="RAW")
    client, refusals = await guarded.client("publisher")
    streams = JetStreams(lambda: client.jetstream(timeout=5), "publisher")
    found = {stream: [one.seq async for one in streams.stored(stream)] for stream in {r.stream for r in ROUTES}}
    assert found.pop("RAW") == [1]
    assert not any(found.values())
    assert await streams.handled_through("CANDIDATES", "extractor") == 0
    assert refusals == []
    names = {str(info.name) for info in await operator.jetstream().consumers_info("RAW")}
    assert names == {"filter", "publisher"}


async def test_the_publisher_makes_no_consumer_of_another_name(guarded: Guarded) -> None:
    operator, _ = await guarded.client("operator")
    await operator.jetstream().publish("raw.messages", b"{}", stream="RAW")
    client, refusals = await guarded.client("publisher")
    await client.publish("$JS.API.CONSUMER.CREATE.RAW.reading-filter", b"{}", reply=client.new_inbox())
    await client.flush()
    await client.flush()
    assert refusals


@pytest.mark.parametrize("user", ["receiver", "filter", "extractor", "poller", "consumer"])
async def test_no_other_service_reads_what_the_streams_hold(user: str, guarded: Guarded) -> None:
    client, refusals = await guarded.client(user)
    for name in ("publisher", user):
        refusals.clear()
        await client.publish(f"$JS.API.CONSUMER.CREATE.RAW.reading-{name}", b"{}", reply=client.new_inbox())
        await client.flush()
        await client.flush()
        assert refusals, name


async def test_the_poller_is_told_how_far_the_filter_has_come(guarded: Guarded) -> None:
    operator, _ = await guarded.client("operator")
    client, refusals = await guarded.client("poller")
    caught_up = CaughtUp(lambda: client.jetstream(timeout=5), "RAW", "filter", lambda: NOW)
    assert await caught_up() == NOW
    await operator.jetstream().publish("raw.messages", b"{}", stream="RAW")
    assert await caught_up() is None
    assert refusals == []


async def test_a_reader_that_died_does_not_hold_up_the_next_reading(guarded: Guarded) -> None:
    operator, _ = await guarded.client("operator")
    for _ in range(3):
        await operator.jetstream().publish("raw.messages", b"{}", stream="RAW")
    client, _ = await guarded.client("publisher")
    js = client.jetstream(timeout=5)
    first = stored(js, "RAW", reader="publisher", batch=1)
    assert (await anext(first)).seq == 1
    # It is not closed: its consumer stays behind, as after a crash.
    assert [one.seq async for one in stored(js, "RAW", reader="publisher", first_seq=2)] == [2, 3]
