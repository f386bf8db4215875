"""Compares what the gateway lists with what is known here, and fetches what neither webhook nor poll has brought.

The poll reads on from a watermark and never looks back behind it; this does. Whatever is found is published as the poll
would have done: the same event with the same id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from services.poller import comparing, logic
from services.poller.reading import Reader
from services.poller.sending import send
from shared.broker.ports import Publisher
from shared.contracts.messages import RawEvent, RawMessage
from shared.errors import BudgetSpent, Permanent, TwinError, Unavailable
from shared.observability import metrics
from shared.storage.leases import Leases
from shared.storage.reckonings import Missing, Reckonings, Sweep
from shared.storage.sources import Answer, Source, Sources, SourceStatus
from shared.storage.standings import Standings
from shared.whapi.port import Gateway

log = structlog.get_logger(__name__)

LEASE: Final = "poller.compare"
_LEASE_TTL: Final = timedelta(minutes=10)  # longer than one group takes; renewed before each
_PAGE_WITHIN_S: Final = 60.0
_AFTER_FAILURE: Final = timedelta(minutes=5)
_LOOK_EVERY: Final = timedelta(seconds=10)  # how soon a question is noticed
_NAMED: Final = 200  # messages in one record


class _Behind(Unavailable):
    """The filter has not handled yet what had come in."""


@dataclass(slots=True)
class _Round:
    """What one round brought so far. `wait`: how long what stopped it asked to be left alone."""

    at: datetime
    groups: int = 0
    listed: int = 0
    found: list[Missing] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    wait: timedelta | None = None

    def sweep(self) -> Sweep:
        named = sorted(self.found, key=lambda one: (one.at, one.id))[:_NAMED]
        return Sweep(self.at, self.groups, self.listed, len(self.found), tuple(named), dict(self.errors))


class Comparison:
    """`publisher` is None where nothing may be fetched: then it only tells what it would fetch.

    `caught_up` tells up to when the filter has handled all that had come in: what waits for it is not missing. None
    while it is behind.
    """

    def __init__(
        self,
        sources: Sources,
        gateway: Gateway,
        standings: Standings,
        publisher: Publisher | None,
        *,
        caught_up: Callable[[], Awaitable[datetime | None]],
        span: comparing.Span,
        requests_per_hour: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._sources = sources
        self._gateway = gateway
        self._standings = standings
        self._publisher = publisher
        self._caught_up = caught_up
        self._span = span
        self._allowance = _Allowance(max(1.0, comparing.SHARE * requests_per_hour), clock)
        self._clock = clock

    async def due(self) -> list[Source]:
        """The active groups that are to be compared now, the most urgent first."""
        return comparing.due(await self._sources.all(SourceStatus.ACTIVE), self._clock(), self._span.every)

    async def of(
        self, groups: Sequence[Source], *, may_go_on: Callable[[], Awaitable[bool]] | None = None
    ) -> tuple[Sweep, timedelta | None]:
        """Compares these groups one after the other, and says how long to wait where something stopped it.

        A group that the gateway refuses is noted and stops nothing. What was not reached stays due.
        """
        done = _Round(self._clock())
        for source in groups:
            if may_go_on is not None and not await may_go_on():
                break
            try:
                await self._compare(source, done)
                done.groups += 1
            except Permanent as error:
                done.errors[type(error).__name__] += 1
                await self._note(source, Answer.REFUSED, 0)
                log.warning("poller.compare_refused", group=source.id, detail=str(error)[:300])
            except TwinError as error:
                done.errors[type(error).__name__.lstrip("_")] += 1
                asked = timedelta(seconds=getattr(error, "retry_after", None) or 0)
                done.wait = _LOOK_EVERY if isinstance(error, _Behind) else max(_AFTER_FAILURE, asked)
                log.warning("poller.compare_stopped", cause=type(error).__name__, detail=str(error)[:300])
                break
        return done.sweep(), done.wait

    async def _compare(self, source: Source, done: _Round) -> None:
        """Reads the window, and publishes what is unknown of each page before the next is read."""
        found, handled_to = 0, await self._caught_up()
        if handled_to is None:
            raise _Behind("the filter is behind: what waits for it would count as missing")
        window = comparing.window(source, handled_to, self._span)
        await self._allowance.take()
        reader = Reader(
            self._gateway, source.id, window, before_page=self._allowance.take, page_within_s=_PAGE_WITHIN_S
        )
        async with aclosing(reader.chunks()) as chunks:
            async for chunk in chunks:
                done.listed += chunk.fetched
                kept, _ = logic.sift(chunk.events, source, window.oldest)
                missing = await self._missing(kept, window.end)
                found += await self._fetch(missing, source, done)
                if chunk.malformed and self._publisher is not None:
                    await self._publisher.publish_all(logic.letters(chunk.malformed, source.id, done.at))
        await self._note(source, comparing.answer_of(found), found)

    async def _missing(self, events: Sequence[RawEvent], end: datetime) -> list[RawEvent]:
        """Those of which neither ledger nor desk nor a dead letter knows."""
        ids = [comparing.ledger_id(event) for event in events]
        if not ids:
            return []
        known = set(await self._standings.messages(ids))
        known |= await self._standings.deletions(ids)
        known |= await self._standings.letters([id for id in ids if id not in known])
        metrics.RECONCILED.labels("known").inc(len(known))
        return comparing.unknown(events, known, end)

    async def _fetch(self, events: Sequence[RawEvent], source: Source, done: _Round) -> int:
        """Publishes them, where that is wanted; how many the broker had not."""
        duplicate: set[str] = set()
        if self._publisher is not None and events:
            duplicate, refused = await send(self._publisher, events)
            metrics.RECONCILED.labels("refused").inc(len(refused))
        fresh = [event for event in events if event.event_id not in duplicate]
        done.found += [comparing.listed(event, source, done.at) for event in fresh]
        if self._publisher is not None and fresh:
            metrics.RECONCILED.labels("found").inc(len(fresh))
            log.warning("poller.found_at_gateway", group=source.id, messages=[event.event_id for event in fresh[:20]])
            heard = [(source.id, min(event.sent_at, done.at)) for event in fresh if isinstance(event, RawMessage)]
            await self._sources.heard(heard, via_webhook=False)
        return len(fresh)

    async def _note(self, source: Source, answer: Answer, found: int) -> None:
        """The time is that of now: a question that was put meanwhile is answered as well, by what came after it."""
        if self._publisher is not None:
            await self._sources.compared(source.id, answer, at=self._clock(), found=found)


class RegularComparison:
    """Compares what is due. One replica does so at a time; what was found is kept as a record."""

    def __init__(
        self,
        comparison: Comparison,
        reckonings: Reckonings,
        leases: Leases,
        *,
        owner: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._comparison = comparison
        self._reckonings = reckonings
        self._leases = leases
        self._owner = owner
        self._clock = clock
        self._not_before: datetime | None = None

    async def run_if_due(self) -> Sweep | None:
        """What the round brought; None where nothing was due or another replica is at it.

        What stops a round (the gateway, our share of its requests, a filter that is behind) is waited out.
        """
        now = self._clock()
        if self._not_before is not None and now < self._not_before:
            return None
        self._not_before = now + _LOOK_EVERY
        groups = await self._comparison.due()
        if not groups or not await self._mine():
            return None
        try:
            sweep, wait = await self._comparison.of(groups, may_go_on=self._mine)
        finally:
            await self._leases.release(LEASE, self._owner)
        if wait is not None:
            self._not_before = self._clock() + wait
        if sweep.groups or sweep.found or sweep.errors.get("Permanent"):
            await self._reckonings.add_sweep(sweep)
        log.info("poller.compared", groups=sweep.groups, listed=sweep.listed, found=sweep.found, errors=sweep.errors)
        return sweep

    async def _mine(self) -> bool:
        return await self._leases.acquire(LEASE, self._owner, now=self._clock(), ttl=_LEASE_TTL)


class _Allowance:
    """Our share of the requests to the gateway, counted by the clock hour: polls and health come first."""

    def __init__(self, per_hour: float, clock: Callable[[], datetime]) -> None:
        self._per_hour = per_hour
        self._clock = clock
        self._hour: datetime | None = None
        self._taken = 0

    async def take(self) -> None:
        """Returns when one more may be sent; BudgetSpent, with the wait, when the share of this hour is used up."""
        now = self._clock()
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour, self._taken = hour, 0
        if self._taken + 1 > self._per_hour:
            wait = (hour + timedelta(hours=1) - now).total_seconds()
            raise BudgetSpent("the comparison's share of the gateway's requests is used up", retry_after=wait)
        self._taken += 1
