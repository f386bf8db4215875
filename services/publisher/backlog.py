"""The desk's list: summaries of all pending and approved calls, held in memory and kept true from the database.

A reviewer filters, searches and counts over thousands of calls many times a minute. The database would read each
document for that; here it is a pass over a dictionary. Own changes are put in at once, those of other replicas are
picked up by `refresh`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.publisher.filters import Facets, Filter, Place, Sort, cursor_of, facets_of, milliseconds, place_in, rank
from shared.errors import Unavailable
from shared.storage.calls import Calls, Status, Summary

Changed = Callable[[Summary, bool], None]
"""Told of each row that changed, and whether it has just entered its status."""

_HELD = (Status.PENDING, Status.APPROVED)
# A change is stamped by the clock of the replica that made it, a little before it can be read.
_OVERLAP = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, how many there are in all, and where the next page begins (None: this was the last).

    `looked_to`: the search stopped here, with more to look through.
    """

    rows: list[Summary]
    total: int
    next_cursor: str | None
    looked_to: datetime | None = None


class Backlog:
    """The list. `load` once at the start, then `refresh` every second or so and `reload` now and then."""

    def __init__(
        self, calls: Calls, clock: Callable[[], datetime], changed: Changed = lambda _row, _entered: None
    ) -> None:
        self._calls = calls
        self._clock = clock
        self._changed = changed
        self._facets: dict[Status, Facets] = {}
        self._rows: dict[str, Summary] = {}
        self._order: dict[Status, list[Place]] = {status: [] for status in _HELD}
        self._read_to: datetime | None = None

    async def reload(self) -> None:
        """Reads everything again."""
        started = self._clock()
        rows: dict[str, Summary] = {}
        for status in _HELD:
            for row in await self._calls.standing(status):
                rows[row.id] = row
        # What was put in while we read is newer than what we read.
        newer = [row for row in self._rows.values() if row.updated_at >= started - _OVERLAP]
        self._rows = rows
        self._order = {status: sorted(_place(row) for row in rows.values() if row.status is status) for status in _HELD}
        self._facets.clear()
        for row in newer:
            self.put(row)
        self._read_to = started
        await self.refresh()

    async def refresh(self) -> None:
        """Reads what changed since the last time; everything, the first time."""
        if self._read_to is None:
            await self.reload()
            return
        started = self._clock()
        for row in await self._calls.updated_since(self._read_to - _OVERLAP):
            self.put(row)
        self._read_to = started

    async def ready(self) -> None:
        """Returns once the list has been read; Unavailable before."""
        if self._read_to is None:
            raise Unavailable("the list of calls has not been read yet")

    def put(self, row: Summary) -> None:
        """Takes in one call as it stands now; an older version than the known one is ignored."""
        known = self._rows.get(row.id)
        if known is not None and known.version > row.version:
            return
        if known != row and (known is not None or row.status in _HELD):
            self._changed(row, known is None or known.status is not row.status)
            self._facets.clear()
        if known is not None:
            order = self._order[known.status]
            del order[bisect_left(order, _place(known))]
            del self._rows[row.id]
        if row.status in _HELD:
            insort(self._order[row.status], _place(row))
            self._rows[row.id] = row

    def page(self, wanted: Filter, *, cursor: str | None = None, limit: int = 50) -> Page:
        """Rows that match, in the wanted order. ValueError for a cursor that is none of ours."""
        found = self._matching(wanted)
        total = len(found)
        if cursor:
            after = place_in(cursor)
            found = [row for row in found if (rank(row, wanted.sort), row.id) < after]
        rows = found[:limit]
        more = len(found) > limit
        return Page(rows, total, self.place(rows[-1], wanted.sort) if more else None)

    def first(self, wanted: Filter, *, without: AbstractSet[str] = frozenset()) -> str | None:
        """The id of the first call of this list that is not among `without`; else the first of all."""
        found = self._matching(wanted)
        return next((row.id for row in found if row.id not in without), found[0].id if found else None)

    @staticmethod
    def place(row: Summary, sort: Sort) -> str:
        """Where this row stands in its list: its cursor."""
        return cursor_of((rank(row, sort), row.id))

    def standing(self, status: Status) -> list[Summary]:
        """All rows of this status, in no order."""
        return [self._rows[id] for _at, id in self._order.get(status, ())]

    def next_after(self, wanted: Filter, id: str, place: str, *, without: AbstractSet[str] = frozenset()) -> str | None:
        """The call that comes after `place` (a row's cursor) in this list, but for `id`; else the first one left.

        Those of `without` are passed over as long as there are others.
        """
        try:
            here = place_in(place)
        except ValueError:
            here = None
        if wanted.sort is Sort.NEWEST and here is not None:
            order = self._order.get(wanted.status, [])
            below = order[: bisect_left(order, here)]
            if following := self._passing(wanted, below, without | {id}):
                return following
        found = [row for row in self._matching(wanted) if row.id != id]
        free = [row for row in found if row.id not in without] or found
        after = (row.id for row in free if here is not None and (rank(row, wanted.sort), row.id) < here)
        return next(after, free[0].id if free else None)

    def _passing(self, wanted: Filter, places: list[Place], without: AbstractSet[str]) -> str | None:
        """The highest of these places whose row is wanted: the list is not walked to find a neighbour."""
        matches = wanted.matcher(self._clock())
        return next((id for _at, id in reversed(places) if id not in without and matches(self._rows[id])), None)

    def get(self, id: str) -> Summary | None:
        """The row of this call, if it is held."""
        return self._rows.get(id)

    async def of_group(self, group_id: str, since: datetime) -> list[str]:
        """Ids of a group's held calls that were posted at or after `since`, latest first. Unavailable as `ready`."""
        await self.ready()
        held = (row for row in self._rows.values() if row.group_id == group_id and row.sent_at >= since)
        return [row.id for row in sorted(held, key=_place, reverse=True)]

    def counts(self) -> dict[str, int]:
        """How many calls stand in each held status."""
        return {str(status): len(self._order[status]) for status in _HELD}

    def facets(self, status: Status) -> Facets:
        """What the calls of this status can be narrowed by."""
        if status not in self._facets:
            self._facets[status] = facets_of(self._rows[id] for _at, id in self._order.get(status, ()))
        return self._facets[status]

    def _matching(self, wanted: Filter) -> list[Summary]:
        """The rows that match, in the wanted order."""
        rows: Iterable[Summary] = (self._rows[id] for _at, id in reversed(self._order.get(wanted.status, [])))
        if wanted.narrow:
            rows = filter(wanted.matcher(self._clock()), rows)
        if wanted.sort is Sort.NEWEST:
            return list(rows)
        return sorted(rows, key=lambda row: (rank(row, wanted.sort), row.id), reverse=True)


def _place(row: Summary) -> Place:
    return milliseconds(row.sent_at), row.id
