"""The desk's list: summaries of all pending and approved calls, held in memory and kept true from the database.

A reviewer filters, searches and counts over thousands of calls many times a minute. The database would read each
document for that; here it is a pass over a dictionary. Own changes are put in at once, those of other replicas are
picked up by `refresh`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.arabic.normalise import fold_text
from shared.errors import Unavailable
from shared.storage.calls import Call, Calls, Status, Summary

Place = tuple[int, str]
"""Where a row stands in a list: a time in milliseconds and the id."""

_HELD = (Status.PENDING, Status.APPROVED)
# A change is stamped by the clock of the replica that made it, a little before it can be read.
_OVERLAP = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reviewer wants to see; None and "" mean any."""

    status: Status = Status.PENDING
    group: str | None = None
    city: str | None = None
    project_type: str | None = None
    language: str | None = None
    flag: str | None = None
    q: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, how many there are in all, and where the next page begins (None: this was the last)."""

    rows: list[Summary]
    total: int
    next_cursor: str | None


class Backlog:
    """The list. `load` once at the start, then `refresh` every second or so and `reload` now and then."""

    def __init__(self, calls: Calls, clock: Callable[[], datetime]) -> None:
        self._calls = calls
        self._clock = clock
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
        if known is not None:
            order = self._order[known.status]
            del order[bisect_left(order, _place(known))]
            del self._rows[row.id]
        if row.status in _HELD:
            insort(self._order[row.status], _place(row))
            self._rows[row.id] = row

    def page(self, wanted: Filter, *, cursor: str | None = None, limit: int = 50) -> Page:
        """Rows that match, latest message first. ValueError for a cursor that is none of ours."""
        found = list(self._matching(wanted))
        total = len(found)
        if cursor:
            after = _parse(cursor)
            found = [row for row in found if _place(row) < after]
        rows = found[:limit]
        more = len(found) > limit
        return Page(rows, total, _cursor(_place(rows[-1])) if more else None)

    def first(self, wanted: Filter) -> str | None:
        """The id of the first call of this list."""
        return next((row.id for row in self._matching(wanted)), None)

    def public(self, today: date, *, since: datetime | None = None, cursor: str | None = None, limit: int = 50) -> Page:
        """Approved calls open today by their last change: latest first, or earliest first those since `since`."""
        rows = [
            row
            for row in (self._rows[id] for _at, id in self._order[Status.APPROVED])
            if (row.closes_on is None or row.closes_on >= today) and (since is None or _changed(row) >= since)
        ]
        backwards = since is None
        found = sorted(rows, key=_change_place, reverse=backwards)
        total = len(found)
        if cursor:
            after = _parse(cursor)
            found = [row for row in found if (_change_place(row) < after if backwards else _change_place(row) > after)]
        page = found[:limit]
        return Page(page, total, _cursor(_change_place(page[-1])) if len(found) > limit else None)

    def next_after(self, wanted: Filter, id: str, place: str) -> str | None:
        """The call that comes after `place` (a row's cursor) in this list, without `id`; else the first one left."""
        try:
            here = _parse(place)
        except ValueError:
            here = None
        first = None
        for row in self._matching(wanted):
            if row.id == id:
                continue
            if here is not None and _place(row) < here:
                return row.id
            first = first or row.id
        return first

    def get(self, id: str) -> Summary | None:
        """The row of this call, if it is held."""
        return self._rows.get(id)

    def counts(self) -> dict[str, int]:
        """How many calls stand in each held status."""
        return {str(status): len(self._order[status]) for status in _HELD}

    def groups(self, status: Status) -> list[tuple[str, str | None, int]]:
        """The groups of the calls in this status: id, name, number; most calls first."""
        rows = [self._rows[id] for _at, id in self._order.get(status, ())]
        counted = Counter(row.group_id for row in rows)
        names = {row.group_id: row.group_name for row in rows if row.group_name}
        return [(id, names.get(id), count) for id, count in counted.most_common()]

    def _matching(self, wanted: Filter) -> Iterable[Summary]:
        """The rows that match, latest message first."""
        words = fold_text(wanted.q).split()
        for _at, id in reversed(self._order.get(wanted.status, [])):
            row = self._rows[id]
            if (
                wanted.group in (None, "", row.group_id)
                and wanted.city in (None, "", row.city)
                and wanted.project_type in (None, "", row.project_type)
                and wanted.language in (None, "", row.language)
                and (not wanted.flag or any(name.startswith(wanted.flag) for name in row.flags))
                and all(word in row.search for word in words)
            ):
                yield row


def _place(row: Summary) -> Place:
    return int(row.sent_at.timestamp() * 1000), row.id


def _changed(row: Summary) -> datetime:
    return row.changed_at or row.updated_at


def _change_place(row: Summary) -> Place:
    return int(_changed(row).timestamp() * 1000), row.id


def _cursor(place: Place) -> str:
    at, id = place
    return f"{at}-{id}"


def place_of(call: Call) -> str:
    """Where this call stands in the list: the cursor of its row."""
    return _cursor((int(call.message.sent_at.timestamp() * 1000), call.id))


def _parse(cursor: str) -> Place:
    at, dash, id = cursor.partition("-")
    if not dash or not (at.isascii() and at.isdigit()) or len(at) > 15:
        raise ValueError("not a cursor of this list")
    return int(at), id
