"""Consuming in batches at the raw client's speed.

FastStream's own batch subscriber waits out its time-out for a batch to fill, and when that runs out at the wrong moment
(nats-py then raises the built-in TimeoutError, which it does not expect) it throws away what it had collected until
ack_wait brings it back. This loop takes what is there at once, and never holds a message that it does not handle.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from shared.broker.heartbeat import heartbeat
from shared.broker.letters import deliveries_of
from shared.broker.settle import Again, Settler, decide
from shared.stopping import cancelled

log = structlog.get_logger(__name__)

_POLL_S = 1.0  # the bound on the silence after a reconnect
_AFTER_ERROR_S = 0.5
_LOOK_S = 0.5


class BatchConsumer:
    """Hands batches from one durable consumer to a handler; what the handler returned from is acknowledged.

    Several lanes let the next batch be judged while this one is being stored. The handler settles bad messages itself;
    what it raises concerns the whole batch, which is then delivered again.
    """

    def __init__(
        self,
        js: Callable[[], JetStreamContext],
        handler: Callable[[Sequence[Msg]], Awaitable[None]],
        settler: Settler,
        *,
        stream: str,
        durable: str,
        batch: int,
        lanes: int = 1,
    ) -> None:
        self._js = js
        self._handler = handler
        self._settler = settler
        self._stream = stream
        self._durable = durable
        self._batch = batch
        self._lanes = lanes
        self._running = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Starts the lanes; they bind to the consumer as soon as the broker has it."""
        self._running = True
        self._tasks = [asyncio.create_task(self._lane(), name=f"lane-{number}") for number in range(self._lanes)]

    async def stop(self, *, within_s: float = 20) -> None:
        """Lets each lane finish what it holds; what is not done by then is cut off and delivered again later."""
        self._running = False
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=within_s)
            await cancelled(*late)

    async def alive(self) -> None:
        """Returns while every lane runs; RuntimeError when one has ended (a health check)."""
        if not self._running or any(task.done() for task in self._tasks):
            raise RuntimeError("the consuming loop has ended")

    async def _lane(self) -> None:
        subscription = None
        while self._running:
            try:
                subscription = subscription or await self._js().pull_subscribe_bind(self._durable, self._stream)
                if not (number := self._settler.take(self._batch)):  # too much died: it waits in the stream
                    await asyncio.sleep(_LOOK_S)
                    continue
                batch = await subscription.fetch(number, timeout=_POLL_S)
            except TimeoutError:  # nothing new; nats-py's own is a kind of it
                self._settler.took(0)
                continue
            except (NatsError, OSError) as error:  # broker or consumer away: it comes back, so do we
                self._settler.took(0)
                log.debug("broker.fetch_failed", durable=self._durable, cause=type(error).__name__)
                await asyncio.sleep(_AFTER_ERROR_S)
                continue
            if batch:  # with several lanes a fetch may come back empty-handed
                await self._handle(batch)
        if subscription is not None:
            with suppress(NatsError):
                await subscription.unsubscribe()

    async def _handle(self, batch: Sequence[Msg]) -> None:
        async with heartbeat(batch):
            try:
                await self._handler(batch)
            except Exception as error:
                await self._give_back(batch, error)
                return
            handled = [raw for raw in batch if not raw.is_acked]  # the others were settled one by one
            self._settler.took(len(handled))
            with suppress(NatsError):  # not acknowledged is delivered again, which is harmless
                for raw in handled:
                    await raw.ack()

    async def _give_back(self, batch: Sequence[Msg], error: Exception) -> None:
        open_ones = [raw for raw in batch if not raw.is_acked]
        verdict = decide(error, min(map(deliveries_of, open_ones), default=1))
        delay = verdict.delay_s if isinstance(verdict, Again) else 5.0
        self._settler.tell_retry(error, deliveries=0, delay_s=delay)
        with suppress(NatsError):
            for raw in open_ones:
                await raw.nak(delay=delay)
