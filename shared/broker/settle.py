"""The one place that decides what becomes of a message: acknowledged, delivered again later, or kept as a dead letter.

| outcome of the handler           | settlement                                                              |
|----------------------------------|-------------------------------------------------------------------------|
| returned                         | ack                                                                     |
| Transient                        | nak, again after 5 s at most (or when the other side said); never dead  |
| Misconfigured                    | nak with a growing delay until an operator has acted; never dead        |
| Permanent, validation error      | dead letter, then term                                                  |
| any other exception              | nak with a growing delay, the `UNEXPECTED_LIMIT`th time as Permanent    |
| cancelled at shutdown            | nothing: delivered again after ack_wait                                 |
| started `DEATHS_LIMIT` times without an end (it killed its process) | dead letter                          |

Deliveries alone cannot tell a killer from a message that waited through an outage, so unexpected errors, and starts
without an end from the third delivery on, have counts of their own; who was there when a process died runs alone.
"""

from __future__ import annotations

import asyncio
import random
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from faststream import BaseMiddleware
from faststream.exceptions import NackMessage, RejectMessage
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from pydantic import ValidationError

from shared.broker.attempts import attempt_key, counts, on_record, one_more_failure, starts_of
from shared.broker.breaker import Breaker
from shared.broker.heartbeat import heartbeat
from shared.broker.letters import dead_letter, deliveries_of, stored
from shared.broker.ports import Publisher
from shared.errors import Misconfigured, Permanent, Transient, TwinError
from shared.observability import metrics

log = structlog.get_logger(__name__)

Delivered = Msg
"""A message as the broker delivers it, for handlers that settle the messages of a batch themselves."""

_EXPECTED = (TwinError, ValidationError, orjson.JSONDecodeError)
UNEXPECTED_LIMIT = 8
DEATHS_LIMIT = 3
SUSPECT_FROM = 3
_MAX_DELAY_S = 60.0
_MAX_OUTAGE_DELAY_S = 5.0  # what is away comes back for every message at once: none should then sleep for a minute
_LOOK_S = 0.5  # how often a message that is held back looks whether the stage goes on
_DEAD = "dead."
LONGEST_WAIT_S = 900.0  # the longest single wait that the other side may ask for; then we look again


@dataclass(frozen=True, slots=True)
class Again:
    """Deliver it again after `delay_s`."""

    delay_s: float


@dataclass(frozen=True, slots=True)
class Dead:
    """Keep it as a dead letter."""

    reason: str
    detail: str


def decide(error: Exception, tries: int, *, jitter: float = 1.0) -> Again | Dead:
    """What becomes of a message whose handler raised `error` on its nth try. `jitter` (0.5 to 1) scales the delay.

    For an unexpected error, `tries` are those that ended so.
    """
    longest = _MAX_OUTAGE_DELAY_S if isinstance(error, Transient) else _MAX_DELAY_S
    delay = min(longest, 0.5 * 2 ** min(tries, 10)) * jitter
    match error:
        case Transient():
            return Again(min(LONGEST_WAIT_S, max(delay, error.retry_after or 0.0)))
        case Misconfigured():  # a database that refuses our password refuses it for every message
            return Again(delay)
        case Permanent():
            return Dead(error.reason, str(error))
        case ValidationError():
            return Dead("invalid", _without_input(error))
        case orjson.JSONDecodeError():
            return Dead("invalid", f"no JSON: {error}")
        case _ if tries >= UNEXPECTED_LIMIT:
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
        breaker: Breaker | None = None,
    ) -> None:
        self.stage = stage
        self._publisher = publisher
        self._js = js
        self._clock = clock
        self._jitter = jitter
        self._one_suspect = asyncio.Lock()
        self._breaker = breaker
        self._ending = asyncio.Event()

    async def flowing(self) -> None:
        """Returns while the stage takes messages; StageStopped while too many of them die (a readiness check)."""
        if self._breaker is not None:
            self._breaker.check()

    def close(self) -> None:
        """The process is about to stop: what is held back by a stopped stage is given back at once."""
        self._ending.set()

    def take(self, wanted: int) -> int:
        """How many messages a loop may fetch now; it tells `took` how many it has handled."""
        return self._breaker.take(wanted) if self._breaker is not None else wanted

    def took(self, handled: int) -> None:
        """So many of those that were fetched were handled; none: there was nothing, or all is to come again."""
        if self._breaker is not None:
            self._breaker.handled(handled) if handled else self._breaker.not_taken()

    async def admitted(self, raw: Msg) -> bool:
        """Waits while the stage is stopped; False where the process ends first. A dead letter is always let in."""
        breaker = self._breaker
        if breaker is None or raw.subject.startswith(_DEAD):
            return True
        while not breaker.take():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), _LOOK_S)
                return False
        return True

    def __call__(self, msg: Any, /, *, context: Any) -> BaseMiddleware[Any, Any]:
        """The middleware of one message (FastStream calls this)."""
        return _Scope(msg, context=context, settler=self)

    async def failed(self, raw: Msg, error: Exception) -> Again | Dead:
        """Settles nothing yet: decides, and where it is dead, stores the dead letter. Transient if that fails."""
        deliveries = deliveries_of(raw)
        tries = deliveries if isinstance(error, _EXPECTED) else await self._failures(raw)
        verdict = decide(error, tries, jitter=self._jitter())
        if isinstance(verdict, Dead):
            await self.bury(raw, verdict, "".join(traceback.format_exception(error)))
        else:
            self.tell_retry(error, deliveries=deliveries, delay_s=verdict.delay_s)
        return verdict

    async def _failures(self, raw: Msg) -> int:
        return await one_more_failure(await counts(self._js()), attempt_key(raw))

    def tell_retry(self, error: Exception, *, deliveries: int, delay_s: float) -> None:
        """Counts and logs that something is handed back for a later try."""
        if self._breaker is not None:
            self._breaker.not_taken()
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
        await stored(letter, self._publisher)
        if self._breaker is not None and not raw.subject.startswith(_DEAD):
            self._breaker.died(verdict.reason)
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
        bucket = await counts(self._js())
        key = attempt_key(raw)
        if await starts_of(bucket, key) == 0:  # it may just have waited through an outage
            async with on_record(bucket, key, 1):
                yield
            return
        async with self._one_suspect:  # it was there when a process died: alone, it cannot be taken for its neighbour
            starts = await starts_of(bucket, key)
            if starts >= DEATHS_LIMIT:
                await bucket.delete(key)
                raise Permanent(f"its process died {starts} times while handling it", reason="kills_worker")
            async with on_record(bucket, key, starts + 1):
                yield


class _Scope(BaseMiddleware[Any, Any]):
    """FastStream's hook around one message, inside the acknowledging middleware."""

    def __init__(self, msg: Any, /, *, context: Any, settler: Settler) -> None:
        super().__init__(msg, context=context)
        self._settler = settler

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: Any) -> Any:
        raw = msg.raw_message
        async with heartbeat([raw]):
            if not await self._settler.admitted(raw):
                raise NackMessage(delay=1.0)
            try:
                async with self._settler.attempt(raw):
                    result = await call_next(msg)
            except Exception as error:
                await self._end(raw, error)
            else:
                self._settler.took(1)
                return result

    async def _end(self, raw: Msg, error: Exception) -> None:
        try:
            verdict = await self._settler.failed(raw, error)
        except Transient as unburied:
            raise NackMessage(delay=5.0) from unburied
        if isinstance(verdict, Dead):
            raise RejectMessage from error
        raise NackMessage(delay=verdict.delay_s) from error
