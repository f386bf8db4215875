"""By the clock: what is older than the time that persons are kept loses its words and persons, a little at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from services.publisher.each_call import each_call
from services.publisher.erasure import faded
from services.publisher.steps import leave
from shared.arabic.mentions import without_contacts
from shared.observability import metrics
from shared.storage.calls import Call, Calls, Status
from shared.storage.leases import Leases
from shared.storage.retention import Retention as Store
from shared.storage.totals import hour_of

log = structlog.get_logger(__name__)

LEASE: Final = "retention"
REASON: Final = "retention"
_LEASE_TTL: Final = timedelta(minutes=10)
_HOURS: Final = 24 * 14  # of the ledger in one round; the next goes on there
_PAGE: Final = 100
_HOUR: Final = timedelta(hours=1)
_MOMENT: Final = timedelta(milliseconds=1)  # times are kept to it
_OVERLAP: Final = timedelta(days=1)  # looked at twice, for clocks that differ


class Retention:
    """Any number of replicas may do so: one holds the lease. Every step may be repeated."""

    def __init__(
        self, calls: Calls, store: Store, leases: Leases, clock: Callable[[], datetime], *, kept: timedelta, owner: str
    ) -> None:
        self._calls = calls
        self._store = store
        self._leases = leases
        self._clock = clock
        self._kept = kept
        self._owner = owner

    async def once(self) -> int:
        """Does what is due, an old installation's past in several rounds; returns how many things that were."""
        before = self._clock() - self._kept
        steps: dict[str, Callable[[], Awaitable[int]]] = {
            "messages": lambda: self._messages(before),
            "calls": lambda: self._settled(before),
            "cases": lambda: self._store.fade_cases(before, without_contacts),
            "dead_letters": lambda: self._store.drop_letters(before),
            "deliveries": lambda: self._store.drop_deliveries(before),
        }
        done: dict[str, int] = {}
        for what, step in steps.items():
            if not await self._is_ours():
                break
            if number := await step():
                done[what] = number
                metrics.FADED.labels(what=what).inc(number)
        if done:
            log.info("publisher.faded", **done)
        return sum(done.values())

    async def _is_ours(self) -> bool:
        return await self._leases.acquire(LEASE, self._owner, now=self._clock(), ttl=_LEASE_TTL)

    async def _messages(self, before: datetime) -> int:
        """The ledger, hour by hour: the hours that were over by then."""
        reached = await self._store.reached("messages")
        hour = hour_of(reached - _OVERLAP) if reached else await self._store.first_hour()
        number = 0
        for _ in range(_HOURS):
            if hour is None or hour + _HOUR > before or not await self._is_ours():
                break
            number += await self._store.fade_messages(hour)
            hour += _HOUR
            await self._store.reach("messages", hour)
        return number

    async def _settled(self, before: datetime) -> int:
        """Calls whose last change was before, the latest first, down to where an earlier round began."""
        number = 0
        for status in Status:
            reached = await self._store.reached(f"calls:{status}")
            async for ids in self._pages(status, before, reached - _OVERLAP if reached else None):
                number += sum([await self._fade(call) async for call in each_call(self._calls, ids)])
                if not await self._is_ours():
                    return number
            await self._store.reach(f"calls:{status}", before)
        return number

    async def _pages(self, status: Status, before: datetime, since: datetime | None) -> AsyncIterator[list[str]]:
        """The calls of this status, a page at a time. Those of one moment may lie on both sides of a page's end."""
        page_before, limit, seen = before, _PAGE, set[str]()
        while rows := await self._calls.decided(status, before=page_before, limit=limit):
            due = [row.id for row in rows if since is None or row.updated_at >= since]
            if new := [id for id in due if id not in seen]:
                yield new
            if len(due) < len(rows) or len(rows) < limit:
                break
            limit = limit if new else 2 * limit
            seen, page_before = set(due), min(before, rows[-1].updated_at + _MOMENT)

    async def _fade(self, call: Call) -> bool:
        """False where it has no words any more, or somebody has changed it just now: then its time begins anew."""
        if call.faded and (call.published or not call.fields.contacts):
            return False
        after = call
        if call.status is Status.PENDING:  # nobody can decide on a call without its words
            after = leave(call, Status.EXPIRED, "expired", "clock", self._clock(), (), reason=REASON)
        return await self._calls.save(faded(after), over=call.version)
