"""Many whole calls, of which a few are held at a time: read at once, a few hundred are tens of megabytes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from shared.storage.calls import Call, Calls

_AT_ONCE = 10


async def each_call(calls: Calls, ids: Sequence[str]) -> AsyncIterator[Call]:
    """The calls of these ids, in that order; those that are not there are left out. Others get their turn in between,
    and whoever stops early has read little more than what was needed.
    """
    for start in range(0, len(ids), _AT_ONCE):
        for call in await calls.many(ids[start : start + _AT_ONCE]):
            yield call
