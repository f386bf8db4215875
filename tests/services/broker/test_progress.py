"""How far a reader has come, on a real broker."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from nats.js import JetStreamContext

from shared.broker.progress import CaughtUp
from shared.errors import Misconfigured

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Clock:
    """A minute later at each look."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at


async def put(js: JetStreamContext, subject: str = "raw.messages") -> None:
    await js.publish(subject, b"{}", stream="RAW")


async def take(js: JetStreamContext, durable: str = "filter", number: int = 1) -> None:
    subscription = await js.pull_subscribe_bind(durable, "RAW")
    for raw in await subscription.fetch(number, timeout=5):
        await raw.ack_sync()


async def test_it_is_caught_up_as_of_the_time_when_the_mark_was_set(js: JetStreamContext) -> None:
    caught_up = CaughtUp(lambda: js, "RAW", "filter", Clock())
    assert await caught_up() == NOW + timedelta(minutes=1)

    await put(js)
    assert await caught_up() is None  # marked at the second minute
    await put(js)  # after the mark
    await take(js)
    assert await caught_up() == NOW + timedelta(minutes=2)
    assert await caught_up() is None  # a new mark, behind the second message
    await take(js)
    assert await caught_up() == NOW + timedelta(minutes=3)


async def test_what_is_in_work_is_not_handled(js: JetStreamContext) -> None:
    caught_up = CaughtUp(lambda: js, "RAW", "filter", Clock())
    await put(js)
    subscription = await js.pull_subscribe_bind("filter", "RAW")
    (raw,) = await subscription.fetch(1, timeout=5)
    assert await caught_up() is None
    await raw.ack_sync()
    assert await caught_up() is not None


async def test_a_tail_of_another_readers_messages_does_not_hold_it_up(js: JetStreamContext) -> None:
    await put(js)
    await put(js, "raw.deletions")
    await take(js)
    assert await CaughtUp(lambda: js, "RAW", "filter", Clock())() is not None


async def test_without_its_reader_it_says_what_to_type(js: JetStreamContext) -> None:
    with pytest.raises(Misconfigured, match="twin provision"):
        await CaughtUp(lambda: js, "RAW", "nobody", Clock())()
