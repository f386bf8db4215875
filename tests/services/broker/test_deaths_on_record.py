"""What counts as a death of a message's worker, and what only looks like one."""

from __future__ import annotations

from typing import Any

import nats
import pytest
from nats.errors import ConnectionClosedError
from nats.js import JetStreamContext
from nats.js.kv import KeyValue

from shared.broker.attempts import counts, on_record, starts_of
from shared.broker.topology import ATTEMPTS_BUCKET
from shared.errors import Unavailable
from shared.settings import NatsSettings

KEY = "CANDIDATES.extractor.7"


class Unreachable:
    """The bucket, seen by a process that loses the broker before it can note an end."""

    def __init__(self, bucket: KeyValue) -> None:
        self._bucket = bucket

    async def put(self, key: str, value: bytes) -> int:
        return await self._bucket.put(key, value)

    async def delete(self, _key: str) -> bool:
        raise ConnectionClosedError


async def test_an_end_that_the_broker_did_not_hear_of_is_no_death(js: JetStreamContext) -> None:
    bucket = await js.key_value(ATTEMPTS_BUCKET)
    unreachable: Any = Unreachable(bucket)
    for _ in range(5):
        starts = await starts_of(bucket, KEY)
        assert starts == 0
        async with on_record(unreachable, KEY, starts + 1):
            pass


async def test_the_same_message_begun_twice_in_one_process_is_no_death(js: JetStreamContext) -> None:
    bucket = await js.key_value(ATTEMPTS_BUCKET)
    async with on_record(bucket, KEY, 1):
        assert await starts_of(bucket, KEY) == 0


@pytest.mark.parametrize("left", [b"2", b"2:of-a-process-that-is-gone"])
async def test_what_another_process_left_behind_counts(js: JetStreamContext, left: bytes) -> None:
    bucket = await js.key_value(ATTEMPTS_BUCKET)
    await bucket.put(KEY, left)
    assert await starts_of(bucket, KEY) == 2
    async with on_record(bucket, KEY, 3):
        assert await starts_of(bucket, KEY) == 2
    assert await starts_of(bucket, KEY) == 0


async def test_a_broker_that_is_away_costs_a_message_none_of_its_tries(nats_settings: NatsSettings) -> None:
    """As raw errors they counted as unexpected: the eighth delivery after an outage would have been a dead letter."""
    client = await nats.connect(nats_settings.url)
    js = client.jetstream()
    await js.create_key_value(bucket=ATTEMPTS_BUCKET)
    bucket = await counts(js)
    await client.close()
    with pytest.raises(Unavailable):
        await counts(js)
    with pytest.raises(Unavailable):
        await starts_of(bucket, KEY)
    begun = False
    with pytest.raises(Unavailable):
        async with on_record(bucket, KEY, 1):
            begun = True
    assert not begun
