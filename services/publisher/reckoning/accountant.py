"""Draws up an account. What moves meanwhile is not missed: it is looked for in the order in which it moves.

First what the stages have in hand, from the filter on, then the raw stream, then the ledger and the desk. What has left
one of these places when it is looked at has come to the next one before that is looked at.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from services.publisher.reckoning import ends
from services.publisher.reckoning.ends import Arrived, Flight, Lacking
from shared.broker.stored import RawStreamMessage, Streams
from shared.contracts.subjects import APPROVED, CANDIDATES, DEAD, EXTRACTED, RAW_DELETIONS, RAW_MESSAGES, Route
from shared.storage.calls import Status
from shared.storage.reckonings import Missing, Reckoning
from shared.storage.standings import Standing, Standings

T = TypeVar("T")

_BATCH: Final = 500
_LISTED: Final = 200  # of the missing are named in an account
_SLACK: Final = timedelta(minutes=5)  # by which the clocks of database and broker may differ


@dataclass(slots=True)
class _Sheet:
    """An account that is being drawn up: how many of each kind ended how, and what is missing."""

    ended: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    missing: list[Missing] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def put(self, one: Arrived, end: str | Lacking) -> None:
        if isinstance(end, Lacking):
            self.lack(Missing(one.kind, one.id, one.group_id, one.time, str(end)))
        else:
            self.ended[one.kind][end] += 1

    def lack(self, what: Missing) -> None:
        self.ended[what.kind][ends.UNACCOUNTED] += 1
        self.missing.append(what)


class Accountant:
    """`kept`: for how long the streams keep what they hold."""

    def __init__(self, streams: Streams, standings: Standings, *, kept: timedelta) -> None:
        self._streams = streams
        self._standings = standings
        self._kept = kept

    async def draw_up(
        self, now: datetime, *, since: datetime | None = None, grace: timedelta, whole: bool = False
    ) -> Reckoning:
        """The account of what came into the raw stream since then, and of the calls that changed since then.

        `whole` adds what the ledger holds beyond that, which reads all of it. What is younger than `grace` and missing
        counts as under way. Transient while broker or database is away.
        """
        began = time.monotonic()
        sheet, flight = _Sheet(), await self._flight()
        doubtful: dict[str, Arrived] = {}
        async for batch in _in_batches(self._streams.stored(RAW_MESSAGES.stream, since=since)):
            await self._book(batch, sheet, flight, doubtful)
        for some in _chunks(doubtful.values()):
            await self._look_again(some, sheet, flight)
        if whole:
            await self._rest_of_the_ledger(sheet, flight)
        await self._events(sheet, since, now)
        return _reckoning(sheet, now, since, grace, time.monotonic() - began)

    async def _flight(self) -> Flight:
        """What the stages have in hand, asked from the first to the last."""
        filtered = await self._streams.handled_through(RAW_MESSAGES.stream, RAW_MESSAGES.readers[0])
        deleted = await self._streams.handled_through(RAW_DELETIONS.stream, RAW_DELETIONS.readers[0])
        ids: set[str] = set()
        for route in (CANDIDATES, EXTRACTED, DEAD):
            async for message in self._waiting(route):
                ids.update(filter(None, (ends.entry_in(message.data), ends.event_id_in(message.data))))
        return Flight(filtered, deleted, frozenset(ids))

    async def _waiting(self, route: Route) -> AsyncIterator[RawStreamMessage]:
        through = await self._streams.handled_through(route.stream, route.readers[0])
        async with aclosing(self._streams.stored(route.stream, first_seq=through + 1)) as found:
            async for message in found:
                yield message

    async def _book(
        self, batch: Iterable[RawStreamMessage], sheet: _Sheet, flight: Flight, doubtful: dict[str, Arrived]
    ) -> None:
        """Books what has ended. The rest is looked at once more at the end; it may come a second time until then."""
        fresh: dict[str, Arrived] = {}
        for message in batch:
            one = ends.arrived(message.data, message.seq, message.time)
            if one.id in doubtful:
                doubtful[one.id] = doubtful[one.id].again(one)
            elif one.id in fresh:
                fresh[one.id] = fresh[one.id].again(one)
            elif one.id not in sheet.seen:
                fresh[one.id] = one
        for one, end in await self._ends(fresh.values(), flight, letters=set()):
            if isinstance(end, Lacking):
                doubtful[one.id] = one
            else:
                sheet.seen.add(one.id)
                sheet.put(one, end)

    async def _look_again(self, some: Collection[Arrived], sheet: _Sheet, flight: Flight) -> None:
        letters = await self._standings.letters([id for one in some for id in ends.letter_ids(one)])
        for one, end in await self._ends(some, flight, letters=letters):
            sheet.seen.add(one.id)
            sheet.put(one, end)

    async def _ends(
        self, some: Collection[Arrived], flight: Flight, *, letters: set[str]
    ) -> list[tuple[Arrived, str | Lacking]]:
        deletions = [one for one in some if one.kind == ends.DELETION]
        others = [one for one in some if one.kind != ends.DELETION]
        standings = await self._standings.messages([one.id for one in others]) if others else {}
        statuses = await self._statuses(standings)
        noted = await self._standings.deletions([one.id for one in deletions]) if deletions else set()

        def dead(one: Arrived) -> bool:
            return not letters.isdisjoint(ends.letter_ids(one))

        return [
            *((one, ends.end_of(one, standings.get(one.id), statuses, flight, dead=dead(one))) for one in others),
            *((one, ends.end_of_deletion(one, one.id in noted, flight, dead=dead(one))) for one in deletions),
        ]

    async def _statuses(self, standings: Mapping[str, Standing]) -> dict[str, Status]:
        ids = ends.call_ids(standings.values())
        return await self._standings.calls(ids) if ids else {}

    async def _rest_of_the_ledger(self, sheet: _Sheet, flight: Flight) -> None:
        """What the streams no longer hold can only lack its reader or its call."""
        some = [
            Arrived(ends.MESSAGE, standing.id, standing.group_id, 0, standing.seen_at)
            async for standing in self._standings.unsettled()
            if standing.id not in sheet.seen
        ]
        for chunk in _chunks(some):
            letters = await self._standings.letters([one.id for one in chunk])
            for one, end in await self._ends(chunk, flight, letters=letters):
                if isinstance(end, Lacking) and end is not Lacking.ENTRY:  # that was erased meanwhile
                    sheet.put(one, end)

    async def _events(self, sheet: _Sheet, since: datetime | None, now: datetime) -> None:
        """What the desk owes the consumers. Read before the stream: what is noted as sent is in there by then."""
        kept_since = max(filter(None, (since, now - self._kept + _SLACK)))
        owed = await self._standings.owed(kept_since)
        in_stream: set[str] = set()
        async with aclosing(self._streams.stored(APPROVED.stream, since=kept_since - _SLACK)) as found:
            async for message in found:
                in_stream.add(ends.event_id_in(message.data) or "")
        for one in owed:
            end = ends.end_of_event(one, one.event_id in in_stream, kept_since)
            if isinstance(end, Lacking):
                sheet.lack(Missing(ends.EVENT, one.event_id, one.group_id, one.changed_at, str(end)))
            elif end is not None:
                sheet.ended[ends.EVENT][end] += 1


def _reckoning(sheet: _Sheet, now: datetime, since: datetime | None, grace: timedelta, took_s: float) -> Reckoning:
    late = sorted((one for one in sheet.missing if now - one.at > grace), key=lambda one: (one.at, one.id))
    young = [one for one in sheet.missing if now - one.at <= grace]
    for one in young:
        sheet.ended[one.kind][ends.UNACCOUNTED] -= 1
        sheet.ended[one.kind][ends.UNDER_WAY] += 1

    def sums(kind: str) -> dict[str, int]:
        return {end: number for end, number in sorted(sheet.ended[kind].items()) if number}

    return Reckoning(
        at=now,
        since=since,
        took_s=round(took_s, 3),
        messages=sums(ends.MESSAGE),
        edits=sums(ends.EDIT),
        deletions=sums(ends.DELETION),
        events=sums(ends.EVENT),
        under_way=len(young),
        unaccounted=len(late),
        missing=tuple(late[:_LISTED]),
    )


async def _in_batches(
    messages: AsyncGenerator[RawStreamMessage, None],
) -> AsyncIterator[list[RawStreamMessage]]:
    batch: list[RawStreamMessage] = []
    async with aclosing(messages) as found:
        async for message in found:
            batch.append(message)
            if len(batch) == _BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def _chunks(items: Iterable[T]) -> list[list[T]]:
    listed = list(items)
    return [listed[start : start + _BATCH] for start in range(0, len(listed), _BATCH)]
