"""The outbox's way out: what calls owe to the consumers is published in order and then marked as sent."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from shared.broker.ports import Publisher
from shared.errors import Permanent, Transient
from shared.observability import metrics
from shared.storage.calls import Call, Calls

log = structlog.get_logger(__name__)

_BATCH = 50
_MAX_BACKOFF_S = 30.0


class Relay:
    """Publishes, then marks. A crash between the two publishes again, and the event id makes that harmless.

    Each replica runs one. `wake` after a decision makes it look at once; without it, it looks every `interval_s`.
    """

    def __init__(self, calls: Calls, publisher: Publisher, *, interval_s: float = 2.0) -> None:
        self._calls = calls
        self._publisher = publisher
        self._interval = interval_s
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There is something to send."""
        self._woken.set()

    async def once(self) -> int:
        """Sends what is owed now and returns how many events that were; Transient while broker or database is away."""
        sent = 0
        while calls := await self._calls.unsent(limit=_BATCH):
            try:
                await self._publisher.publish_all([event for call in calls for event in call.unsent])
                went = calls
            except Permanent:  # one of them can never be sent: it must not hold up the others
                went = [call for call in calls if await self._alone(call)]
            for call in went:
                sent += await self._mark(call)
            if not went:
                break
        return sent

    async def _alone(self, call: Call) -> bool:
        try:
            await self._publisher.publish_all(call.unsent)
        except Permanent as error:
            log.error("publisher.unsendable", call_id=call.id, revision=call.revision, detail=str(error))
            return False
        return True

    async def _mark(self, call: Call) -> int:
        for event in call.unsent:
            metrics.PUBLISHED.labels(type=str(event.type)).inc()
            log.info("publisher.published", call_id=call.id, revision=event.revision, type=str(event.type))
        await self._calls.mark_sent(call.id, call.revision)
        return len(call.unsent)

    async def run(self) -> None:
        """Sends for ever; cancel it to stop."""
        failures = 0
        while True:
            self._woken.clear()
            try:
                await self.once()
                failures = 0
            except Transient as error:
                failures += 1
                log.warning("publisher.relay_waits", detail=str(error), failures=failures)
            except Exception:  # a relay that has ended sends nothing ever again
                failures += 1
                log.exception("publisher.relay_failed", failures=failures)
            if failures:
                await asyncio.sleep(min(_MAX_BACKOFF_S, self._interval * 2 ** min(failures - 1, 5)))
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._interval)
