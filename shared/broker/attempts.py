"""Starts without an end, and errors that nobody expected, counted for each message in a bucket of their own.

The broker's count of deliveries tells neither: it also grows with every outage that a message waits through.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import nats.errors
import nats.js.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.kv import KeyValue

from shared.broker.topology import ATTEMPTS_BUCKET
from shared.errors import Unavailable

# This process. A note of its own is of work that runs here now, or whose end the broker did not hear of (it was away as
# well): whoever reads it is alive, so it tells of no death.
_RUN = uuid.uuid4().hex[:12]


@contextmanager
def _within_reach() -> Iterator[None]:
    """An outage of the broker is no fault of the message: as an unexpected error it would cost it one of its tries."""
    try:
        yield
    except nats.js.errors.KeyNotFoundError:
        raise
    except (nats.errors.Error, OSError) as error:
        raise Unavailable(f"the broker does not tell a message's tries: {type(error).__name__}") from error


async def counts(js: JetStreamContext) -> KeyValue:
    """The bucket of the counts; Unavailable while the broker does not give it."""
    with _within_reach():
        return await js.key_value(ATTEMPTS_BUCKET)


async def starts_of(bucket: KeyValue, key: str) -> int:
    """How often a process began with this message and was gone before the end; Unavailable while nobody can say."""
    with suppress(nats.js.errors.KeyNotFoundError), _within_reach():
        starts, _, run = ((await bucket.get(key)).value or b"0").decode().partition(":")
        return int(starts) - (run == _RUN)
    return 0


@asynccontextmanager
async def on_record(bucket: KeyValue, key: str, starts: int) -> AsyncIterator[None]:
    """The block's start is on record until it ends, with or without an error: only a death leaves the count.

    Unavailable, and the block does not begin, where the start cannot be noted.
    """
    with _within_reach():
        await bucket.put(key, f"{starts}:{_RUN}".encode())
    try:
        yield
    finally:
        with suppress(Exception):
            await bucket.delete(key)


async def one_more_failure(bucket: KeyValue, key: str) -> int:
    """Counts an unexpected error of this message; how many there were with it. Unavailable while nobody can say."""
    name, failures = f"{key}.failures", 0
    with suppress(nats.js.errors.KeyNotFoundError), _within_reach():
        failures = int((await bucket.get(name)).value or b"0")
    with _within_reach():
        await bucket.put(name, str(failures + 1).encode())
    return failures + 1


def attempt_key(raw: Msg) -> str:
    """The name of this message's count."""
    metadata = raw.metadata
    return f"{metadata.stream}.{metadata.consumer}.{metadata.sequence.stream}"
