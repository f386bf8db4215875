"""The lists of what was decided: not held in memory, but read back in time, for so many calls at a look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from services.publisher.backlog import Page
from services.publisher.filters import Facets, Filter, Place, cursor_of, milliseconds, place_in
from shared.contracts.calls import ProjectType
from shared.storage.calls import Calls, Summary
from shared.storage.sources import Source

MOST: Final = 4_000
"""So many calls one look reads; the page then says how far back that was, and looks on when asked to."""

FLAGS: Final = ("scam", "minors", "injection", "unsupported", "disagree", "check", "alike", "changed")
_AT_ONCE: Final = 1_000
_LANGUAGES: Final = ("ar", "en", "mixed")
_A_LITTLE: Final = timedelta(milliseconds=2)  # a place is rounded down to the millisecond
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def decided_page(calls: Calls, wanted: Filter, now: datetime, *, cursor: str | None, limit: int) -> Page:
    """Those of this status that match, latest decision first. ValueError for a cursor that is none of ours."""
    place = place_in(cursor) if cursor else None
    matches = wanted.matcher(now)
    found: list[Summary] = []
    looked, chunk = 0, limit + 1
    while True:
        before = _time_of(place) + _A_LITTLE if place else None
        read = await calls.decided(wanted.status, before=before, limit=chunk)
        rows = [row for row in read if place is None or _place(row) < place]
        found += [row for row in rows if matches(row)]
        looked += len(rows)
        if len(found) > limit:
            return Page(found[:limit], limit, cursor_of(_place(found[limit - 1])))
        if len(read) < chunk:
            return Page(found, len(found), None)
        if not rows:  # all of them of the place's own millisecond, and seen
            chunk *= 2
            continue
        place = _place(rows[-1])
        if looked >= MOST:
            return Page(found, len(found), cursor_of(place), looked_to=rows[-1].updated_at)
        chunk = _AT_ONCE


def all_choices(sources: Iterable[Source], cities: Iterable[str]) -> Facets:
    """What such a list can be narrowed by: everything that there may be, without numbers."""
    return Facets(
        [(source.id, source.name, None) for source in sources] + [("direct", None, None)],
        [(city, None) for city in cities],
        [(str(kind), None) for kind in ProjectType],
        [(language, None) for language in _LANGUAGES],
        [(flag, None) for flag in FLAGS],
    )


def _place(row: Summary) -> Place:
    return milliseconds(row.updated_at), row.id


def _time_of(place: Place) -> datetime:
    try:
        return _BEGINNING + timedelta(milliseconds=place[0])
    except OverflowError:
        raise ValueError("not a cursor of this list") from None
