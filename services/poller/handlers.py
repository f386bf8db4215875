"""Polls the groups that are due: read, drop what is known, publish, and only then move the watermark."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

import structlog

from services.poller import logic
from services.poller.cycle import Cycle
from services.poller.reading import Chunk, Reader
from services.poller.sending import send
from services.poller.settings import PollerSettings
from shared.broker.ports import Publisher
from shared.contracts.messages import MessageDeleted, RawEvent, RawMessage
from shared.observability import metrics
from shared.storage.ledger import Ledger
from shared.storage.sources import Source, Sources, SourceStatus
from shared.whapi.port import Gateway

log = structlog.get_logger(__name__)

_PAGE_WITHIN = 0.5  # of the lease: a page that takes longer fails, so that the group is not read twice at once
_GIVE_BACK_S = 5.0
_MOST_REMEMBERED = 10_000


class LeaseLost(Exception):
    """Another replica reads this group by now, or it is no longer active: this one stops."""


class Poller:
    """Reads the groups that are due. Any number of replicas share them: each group is leased while it is read.

    `owner` names this process; `requests_spent` counts what was asked of the gateway since the start.
    """

    def __init__(
        self,
        sources: Sources,
        ledger: Ledger,
        gateway: Gateway,
        publisher: Publisher,
        settings: PollerSettings,
        *,
        owner: str,
        clock: Callable[[], datetime],
        requests_per_hour: int,
        requests_spent: Callable[[], int],
    ) -> None:
        self._sources = sources
        self._ledger = ledger
        self._gateway = gateway
        self._publisher = publisher
        self._owner = owner
        self._clock = clock
        self._requests_spent = requests_spent
        self._lease = timedelta(seconds=settings.lease)
        self._overlap = timedelta(seconds=settings.overlap)
        self._max_age = timedelta(days=settings.max_age_days)
        self._concurrency = settings.concurrency
        self._pace = logic.Pace(
            timedelta(seconds=settings.interval), timedelta(seconds=settings.interval_catch_up), requests_per_hour
        )
        self._paused_until: datetime | None = None
        self._failures: Counter[str] = Counter()
        self._in_a_row = 0
        self._active = 0
        self._deletions: set[str] = set()  # published by this process; the ledger keeps none

    async def cycle(self) -> Cycle:
        """Polls what is due now and says what came of it; one line in the log where anything was due.

        An error of one group is noted with it and never stops the others; Unavailable where the database does not
        even tell what is due.
        """
        cycle = Cycle()
        if self._paused():
            return cycle
        due = await self._sources.due(self._clock())
        if not due:
            return cycle
        self._active = len(await self._sources.all(SourceStatus.ACTIVE))
        before = self._requests_spent()
        slots = asyncio.Semaphore(self._concurrency)
        async with asyncio.TaskGroup() as group:
            for source in due:
                group.create_task(self._in_turn(source.id, cycle, slots))
        cycle.requests = self._requests_spent() - before
        cycle.tell()
        return cycle

    async def _in_turn(self, id: str, cycle: Cycle, slots: asyncio.Semaphore) -> None:
        async with slots:
            if self._paused():
                return
            try:
                source = await self._sources.lease(id, self._owner, now=self._clock(), ttl=self._lease)
                if source is not None:  # else another replica was faster
                    cycle.groups += 1
                    await self._poll(source, cycle)
            except Exception as error:  # the database is away: what is leased comes free by time
                cycle.errors[type(error).__name__] += 1
                log.warning("poller.not_noted", group=id, cause=type(error).__name__, detail=str(error)[:300])

    async def _poll(self, source: Source, cycle: Cycle) -> None:
        """One group, from its lease to its next date."""
        found = logic.Found()
        try:
            await self._read(source, found, cycle)
        except LeaseLost:
            cycle.errors["LeaseLost"] += 1
            metrics.POLLS.labels("lease_lost").inc()
            log.warning("poller.lease_lost", group=source.id)
        except asyncio.CancelledError:
            await self._give_back(source, found)
            raise
        except Exception as error:
            cycle.errors[type(error).__name__] += 1
            await self._failed(source, found, error)
        else:
            await self._done(source, found)
        finally:
            cycle.add(found)

    async def _read(self, source: Source, found: logic.Found, cycle: Cycle) -> None:
        """Publishes the window in order. A page's watermark waits until the next page has shown that it follows."""
        window = logic.window(source, now=self._clock(), overlap=self._overlap, max_age=self._max_age)
        reader = Reader(
            self._gateway,
            source.id,
            window,
            before_page=lambda: self._renew(source.id),
            page_within_s=self._lease.total_seconds() * _PAGE_WITHIN,
        )
        pending: datetime | None = None
        async with aclosing(reader.chunks()) as chunks:
            async for chunk in chunks:
                if pending is not None and not chunk.restart:
                    await self._advance(source.id, pending)
                await self._take(chunk, source, window, found, cycle)
                pending = found.newest
        if pending is not None:
            await self._advance(source.id, pending)

    async def _take(self, chunk: Chunk, source: Source, window: logic.Window, found: logic.Found, cycle: Cycle) -> None:
        """Publishes what is new of a chunk; returns when the broker has all of it."""
        found.fetched += chunk.fetched
        kept, skipped = logic.sift(chunk.events, source, window.oldest)
        skipped += chunk.left_out
        known = await self._known(kept)
        fresh = [event for event in kept if event.event_id not in known]
        duplicate, refused = await send(self._publisher, fresh)
        self._remember(fresh)
        if chunk.malformed:
            await self._publisher.publish_all(logic.letters(chunk.malformed, source.id, self._clock()))
        if refused:
            skipped["refused"] = len(refused)
        cycle.skip(skipped)
        taken = [event for event in kept if event.event_id not in refused]
        found.count(taken, known | duplicate, source, window.end)
        heard = [(source.id, min(event.sent_at, window.end)) for event in taken if isinstance(event, RawMessage)]
        await self._sources.heard(heard, via_webhook=False)

    async def _known(self, events: Sequence[RawEvent]) -> set[str]:
        """The event ids of those that are stored already."""
        stored = await self._ledger.known([logic.ledger_id(event) for event in events])
        return {e.event_id for e in events if logic.ledger_id(e) in stored or e.event_id in self._deletions}

    def _remember(self, events: Sequence[RawEvent]) -> None:
        if len(self._deletions) > _MOST_REMEMBERED:
            self._deletions.clear()
        self._deletions.update(event.event_id for event in events if isinstance(event, MessageDeleted))

    async def _renew(self, id: str) -> None:
        if await self._sources.lease(id, self._owner, now=self._clock(), ttl=self._lease) is None:
            raise LeaseLost(id)

    async def _advance(self, id: str, watermark: datetime) -> None:
        if not await self._sources.advance(id, self._owner, watermark):
            raise LeaseLost(id)

    async def _done(self, source: Source, found: logic.Found) -> None:
        now = self._clock()
        self._failures.pop(source.id, None)
        self._in_a_row = 0
        # As it stands now: a webhook may have been heard while we read.
        fresh = await self._sources.get(source.id) or source
        flow = logic.webhooks_flow(found, fresh, now)
        due_at = now + logic.next_poll(flow, self._pace, self._active)
        await self._sources.polled(source.id, self._owner, at=now, due_at=due_at, new=found.new)
        metrics.POLLS.labels("ok").inc()
        log.debug("poller.polled", group=source.id, fetched=found.fetched, new=found.new, webhooks_flow=flow)

    async def _failed(self, source: Source, found: logic.Found, error: Exception) -> None:
        now = self._clock()
        self._failures[source.id] += 1
        self._in_a_row += 1
        wait = logic.after_error(error, failures=self._failures[source.id], in_a_row=self._in_a_row)
        if wait.everywhere:
            self._paused_until = max(now + wait.time, self._paused_until or now)
        metrics.POLLS.labels(type(error).__name__).inc()
        log.warning(
            "poller.failed",
            group=source.id,
            cause=type(error).__name__,
            detail=str(error)[:300],
            wait_s=wait.time.total_seconds(),
            all_groups_wait=wait.everywhere,
        )
        note = f"{type(error).__name__}: {error}"[:300]
        await self._sources.polled(source.id, self._owner, at=now, due_at=now + wait.time, new=found.new, error=note)

    async def _give_back(self, source: Source, found: logic.Found) -> None:
        """At a stop: the next replica goes on at once. Should this fail, the lease runs out by itself."""
        now = self._clock()
        try:
            async with asyncio.timeout(_GIVE_BACK_S):
                await self._sources.polled(source.id, self._owner, at=now, due_at=now, new=found.new)
        except Exception as error:
            log.warning("poller.not_given_back", group=source.id, cause=type(error).__name__)

    def _paused(self) -> bool:
        return self._paused_until is not None and self._clock() < self._paused_until
