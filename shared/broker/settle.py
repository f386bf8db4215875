"""The one place that decides what becomes of a message: acknowledged, delivered again later, or kept as a dead letter.

| outcome of the handler           | settlement                                                              |
|----------------------------------|-------------------------------------------------------------------------|
| returned                         | ack                                                                     |
| Transient                        | nak with a growing delay; never a dead letter, however long it lasts    |
| Permanent, validation error      | dead letter, then term                                                  |
| any other exception              | as Transient until delivery `UNEXPECTED_LIMIT`, then as Permanent       |
| cancelled at shutdown            | nothing: delivered again after ack_wait                                 |
| started `DEATHS_LIMIT` times without an end (it killed its process) | dead letter                          |

Deliveries alone cannot tell a killer from a message that waited through an outage, so starts without an end are
counted in a bucket of their own, from the third delivery on; who was there when a process died runs alone.
"""

from __future__ import annotations

import asyncio
import random
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import nats.js.errors
import orjson
import structlog
from faststream import BaseMiddleware
from faststream.exceptions import NackMessage, RejectMessage
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.kv import KeyValue
from pydantic import ValidationError

from shared.broker.letters import dead_letter, deliveries_of
from shared.broker.ports import Publisher
from shared.broker.topology import ATTEMPTS_BUCKET
from shared.errors import Permanent, Transient
from shared.observability import metrics

log = structlog.get_logger(__name__)

Delivered = Msg
"""A message as the broker delivers it, for handlers that settle the messages of a batch themselves."""

UNEXPECTED_LIMIT = 8
DEATHS_LIMIT = 3
SUSPECT_FROM = 3
_MAX_DELAY_S = 60.0
_MAX_WAIT_S = 900.0  # the longest single wait that the other side may ask for; then we look again
_HEARTBEAT_S = 8.0


@dataclass(frozen=True, slots=True)
class Again:
    """Deliver it again after `delay_s`."""

    delay_s: float


@dataclass(frozen=True, slots=True)
class Dead:
    """Keep it as a dead letter."""

    reason: str
    detail: str


def decide(error: Exception, deliveries: int, *, jitter: float = 1.0) -> Again | Dead:
    """What becomes of a message whose handler raised `error` on its nth try. `jitter` (0.5 to 1) scales the delay."""
    delay = min(_MAX_DELAY_S, 0.5 * 2 ** min(deliveries, 10)) * jitter
    match error:
        case Transient():
            return Again(min(_MAX_WAIT_S, max(delay, error.retry_after or 0.0)))
        case Permanent():
            return Dead(error.reason, str(error))
        case ValidationError():
            return Dead("invalid", _without_input(error))
        case orjson.JSONDecodeError():
            return Dead("invalid", f"no JSON: {error}")
        case _ if deliveries >= UNEXPECTED_LIMIT:
            return Dead("unexpected", f"{type(error).__name__}: {error}")
        case _:
            return Again(delay)


def _without_input(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors(include_input=False)
    )


class Settler:
    """Settles the messages of one service. Given to the broker as its middleware; a batch handler calls it itself."""

    def __init__(
        self,
        stage: str,
        publisher: Publisher,
        js: Callable[[], JetStreamContext],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        jitter: Callable[[], float] = lambda: random.uniform(0.5, 1.0),  # noqa: S311 (spreads load, hides nothing)
    ) -> None:
        self.stage = stage
        self._publisher = publisher
        self._js = js
        self._clock = clock
        self._jitter = jitter
        self._one_suspect = asyncio.Lock()

    def __call__(self, msg: Any, /, *, context: Any) -> BaseMiddleware[Any, Any]:
        """The middleware of one message (FastStream calls this)."""
        return _Scope(msg, context=context, settler=self)

    async def failed(self, raw: Msg, error: Exception) -> Again | Dead:
        """Settles nothing yet: decides, and where it is dead, stores the dead letter. Transient if that fails."""
        deliveries = deliveries_of(raw)
        verdict = decide(error, deliveries, jitter=self._jitter())
        if isinstance(verdict, Dead):
            await self.bury(raw, verdict, "".join(traceback.format_exception(error)))
        else:
            self.tell_retry(error, deliveries=deliveries, delay_s=verdict.delay_s)
        return verdict

    def tell_retry(self, error: Exception, *, deliveries: int, delay_s: float) -> None:
        """Counts and logs that something is handed back for a later try."""
        cause = type(error).__name__
        metrics.RETRIED.labels(stage=self.stage, cause=cause).inc()
        detail = str(error)[:500] if isinstance(error, Transient) else ""
        log.warning(
            f"{self.stage}.retried", cause=cause, detail=detail, deliveries=deliveries, delay_s=round(delay_s, 1)
        )

    async def settle(self, raw: Msg, error: Exception) -> None:
        """Decides and does it: for a handler that settles the messages of a batch one by one."""
        try:
            verdict = await self.failed(raw, error)
        except Transient:
            verdict = Again(self._jitter() * 5)
        if isinstance(verdict, Dead):
            await raw.term()
        else:
            await raw.nak(delay=verdict.delay_s)

    async def bury(self, raw: Msg, verdict: Dead, stack: str = "") -> None:
        """Stores the dead letter; Transient when the broker does not take it."""
        letter = dead_letter(
            raw, stage=self.stage, reason=verdict.reason, detail=verdict.detail, stack=stack, now=self._clock()
        )
        await self._publisher.publish(letter)
        metrics.DEAD_LETTERS.labels(stage=self.stage, reason=verdict.reason).inc()
        log.error(f"{self.stage}.dead", reason=verdict.reason, letter=letter.event_id, message_id=letter.message_id)

    @asynccontextmanager
    async def attempt(self, raw: Msg) -> AsyncIterator[None]:
        """The block handles one message, a suspect's with its start on record.

        What was being handled when a process died runs alone from then on. Raises Permanent instead of running the
        block for the message that has started too often without an end.
        """
        if deliveries_of(raw) < SUSPECT_FROM:
            yield
            return
        bucket = await self._js().key_value(ATTEMPTS_BUCKET)
        key = _attempt_key(raw)
        if await _starts(bucket, key) == 0:  # it may just have waited through an outage
            async with _on_record(bucket, key, 1):
                yield
            return
        async with self._one_suspect:  # it was there when a process died: alone, it cannot be taken for its neighbour
            starts = await _starts(bucket, key)
            if starts >= DEATHS_LIMIT:
                await bucket.delete(key)
                raise Permanent(f"its process died {starts} times while handling it", reason="kills_worker")
            async with _on_record(bucket, key, starts + 1):
                yield


async def _starts(bucket: KeyValue, key: str) -> int:
    with suppress(nats.js.errors.KeyNotFoundError):
        return int((await bucket.get(key)).value or b"0")
    return 0


@asynccontextmanager
async def _on_record(bucket: KeyValue, key: str, starts: int) -> AsyncIterator[None]:
    """The block's start is on record until it ends, with or without an error: only a death leaves the count."""
    await bucket.put(key, str(starts).encode())
    try:
        yield
    finally:
        with suppress(Exception):
            await bucket.delete(key)


class _Scope(BaseMiddleware[Any, Any]):
    """FastStream's hook around one message, inside the acknowledging middleware."""

    def __init__(self, msg: Any, /, *, context: Any, settler: Settler) -> None:
        super().__init__(msg, context=context)
        self._settler = settler

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: Any) -> Any:
        raw = msg.raw_message
        async with heartbeat([raw]):
            try:
                async with self._settler.attempt(raw):
                    return await call_next(msg)
            except Exception as error:
                await self._end(raw, error)

    async def _end(self, raw: Msg, error: Exception) -> None:
        try:
            verdict = await self._settler.failed(raw, error)
        except Transient as unburied:
            raise NackMessage(delay=5.0) from unburied
        if isinstance(verdict, Dead):
            raise RejectMessage from error
        raise NackMessage(delay=verdict.delay_s) from error


@asynccontextmanager
async def heartbeat(raws: Sequence[Msg]) -> AsyncIterator[None]:
    """Tells the broker every few seconds that the block still works on these messages."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(_HEARTBEAT_S)
            for raw in raws:
                with suppress(Exception):
                    if not raw.is_acked:
                        await raw.in_progress()

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()


def _attempt_key(raw: Msg) -> str:
    metadata = raw.metadata
    return f"{metadata.stream}.{metadata.consumer}.{metadata.sequence.stream}"
