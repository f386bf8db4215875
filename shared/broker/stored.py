"""Reading what a stream holds, at speed and without taking anything out of it.

The broker hands whole batches to a consumer that lives as long as the reading and acknowledges nothing. It numbers what
it hands out: where a number is missing (the connection broke, the client dropped some), the reading starts again behind
the last message that came. What was deleted from the stream is passed over.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from shared.errors import Misconfigured, Unavailable

log = structlog.get_logger(__name__)

_FETCH_S = 2.0
_AFTER_ERROR_S = 0.2
_TRIES = 10  # without anything new, before the broker counts as away
_KEPT_S = 30.0  # how long the broker keeps the consumer of a reader that has died
_EVERYTHING = ">"
_ROUNDED = timedelta(milliseconds=1)  # the broker keeps times to the nanosecond, the client rounds them


@dataclass(frozen=True, slots=True)
class RawStreamMessage:
    """One message as it lies in its stream. `time` is when it came into the stream."""

    stream: str
    subject: str
    seq: int
    time: datetime
    data: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


async def stored(
    js: JetStreamContext,
    stream: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    first_seq: int | None = None,
    subjects: Sequence[str] | None = None,
    batch: int = 256,
    reader: str | None = None,
) -> AsyncGenerator[RawStreamMessage, None]:
    """What the stream holds now, in its order: what comes in while this reads is not waited for.

    `since` and `until` (both included) are times at which messages came into the stream; `first_seq` the lowest place;
    `subjects` leaves out all others. `reader` is the service that reads, where its rights name the consumer; it then
    reads a stream once at a time. Wrap it in `aclosing` where it may not be read to its end. Misconfigured where
    the broker has no such stream; Unavailable where it stops answering.
    """
    last = await last_sequence(js, stream)
    following, failures = max(first_seq or 1, 1), 0
    while following <= last:
        config = _from(following, since, subjects, reader)
        try:
            async with aclosing(_read(js, stream, config, batch)) as found:
                async for message in found:
                    if message.seq > last or (until is not None and message.time > until):
                        return
                    failures, following = 0, message.seq + 1
                    if since is None or message.time >= since:
                        yield message
            return
        except (NatsError, TimeoutError, OSError) as error:
            failures += 1
            log.info("broker.reading_again", stream=stream, from_sequence=following, cause=type(error).__name__)
            if failures >= _TRIES:
                raise Unavailable(f"stream {stream} cannot be read: {type(error).__name__} {error}".rstrip()) from error
            await asyncio.sleep(_AFTER_ERROR_S)


async def last_sequence(js: JetStreamContext, stream: str) -> int:
    """The highest place in the stream that is taken now; 0 where it is empty. Raises as `stored` does."""
    try:
        state = (await js.stream_info(stream)).state
    except NotFoundError:
        raise Misconfigured(f"the broker lacks stream {stream}: run `twin provision` first") from None
    except (NatsError, TimeoutError, OSError) as error:
        raise Unavailable(f"stream {stream} cannot be read: {type(error).__name__} {error}".rstrip()) from error
    return state.last_seq if state.messages else 0


async def handled_through(js: JetStreamContext, stream: str, durable: str) -> int:
    """Up to which place this reader has handled everything; behind it some may be done as well. Raises as `stored`."""
    try:
        info = await js.consumer_info(stream, durable)
    except NotFoundError:
        raise Misconfigured(f"the broker lacks {stream}/{durable}: run `twin provision` first") from None
    except (NatsError, TimeoutError, OSError) as error:
        raise Unavailable(f"{stream}/{durable} cannot be asked: {type(error).__name__} {error}".rstrip()) from error
    place = info.ack_floor if info.num_ack_pending else info.delivered
    return place.stream_seq if place else 0


class Streams(Protocol):
    """The port of what reads streams without taking anything out of them."""

    def stored(
        self,
        stream: str,
        *,
        since: datetime | None = None,
        first_seq: int | None = None,
        subjects: Sequence[str] | None = None,
    ) -> AsyncGenerator[RawStreamMessage, None]:
        """See `stored`."""
        ...

    async def handled_through(self, stream: str, durable: str) -> int:
        """See `handled_through`."""
        ...


class JetStreams:
    """The port `Streams` on JetStream. `js` is asked at each call: this can be built before the broker starts.

    `reader` as in `stored`: a service names itself, an operator need not.
    """

    def __init__(self, js: Callable[[], JetStreamContext], reader: str | None = None) -> None:
        self._js = js
        self._reader = reader

    def stored(
        self,
        stream: str,
        *,
        since: datetime | None = None,
        first_seq: int | None = None,
        subjects: Sequence[str] | None = None,
    ) -> AsyncGenerator[RawStreamMessage, None]:
        """As the port says."""
        return stored(self._js(), stream, since=since, first_seq=first_seq, subjects=subjects, reader=self._reader)

    async def handled_through(self, stream: str, durable: str) -> int:
        """As the port says."""
        return await handled_through(self._js(), stream, durable)


def reading_name(reader: str) -> str:
    """The name of the consumer through which this service reads what a stream holds."""
    return f"reading-{reader}"


def _from(following: int, since: datetime | None, subjects: Sequence[str] | None, reader: str | None) -> ConsumerConfig:
    """A consumer that begins there, or at that time where nothing has been read yet."""
    by_time = since is not None and following == 1
    return ConsumerConfig(
        name=reading_name(reader) if reader else f"reading-{uuid.uuid4().hex}",
        deliver_policy=DeliverPolicy.BY_START_TIME if by_time else DeliverPolicy.BY_START_SEQUENCE,
        opt_start_time=since - _ROUNDED if since is not None and by_time else None,
        opt_start_seq=None if by_time else following,
        ack_policy=AckPolicy.NONE,
        mem_storage=True,
        num_replicas=1,
        inactive_threshold=_KEPT_S,
        filter_subjects=list(subjects) if subjects else [_EVERYTHING],
    )


async def _read(
    js: JetStreamContext, stream: str, config: ConsumerConfig, batch: int
) -> AsyncGenerator[RawStreamMessage, None]:
    """What this consumer hands out until nothing is left for it; TimeoutError where something went missing."""
    name = str(config.name)
    with suppress(NotFoundError):  # one that its reader has left behind begins somewhere else
        await js.delete_consumer(stream, name)
    await js.add_consumer(stream, config)
    subscription = await js.pull_subscribe_bind(name, stream)
    handed_out = 0
    try:
        left = (await subscription.consumer_info()).num_pending or 0
        while left:
            try:
                messages = await subscription.fetch(batch, timeout=_FETCH_S)
            except TimeoutError:
                if left := (await subscription.consumer_info()).num_pending or 0:  # else deleted meanwhile
                    raise
                return
            for raw in messages:
                handed_out += 1
                if raw.metadata.sequence.consumer != handed_out:
                    raise TimeoutError(f"{raw.metadata.sequence.consumer - handed_out} messages did not arrive")
                left = raw.metadata.num_pending
                yield _message(raw, stream)
    finally:
        with suppress(NatsError, TimeoutError, OSError):
            await subscription.unsubscribe()
            await js.delete_consumer(stream, name)


def _message(raw: Msg, stream: str) -> RawStreamMessage:
    metadata = raw.metadata
    return RawStreamMessage(
        stream, raw.subject, metadata.sequence.stream, metadata.timestamp, raw.data, dict(raw.headers or {})
    )
