"""The ledger's totals of the last weeks, held by local day and group, and renewed by what changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from services.publisher.logic import local_day
from services.publisher.overview.rhythm import WEEKS, Rhythm, learnt
from shared.storage.totals import Fate, Hour, Totals, summed

_KEPT: Final = timedelta(weeks=WEEKS)
_OVERLAP: Final = timedelta(seconds=30)  # of the clocks of those who count and those who read
_HOUR: Final = timedelta(hours=1)
_LEARN_EVERY: Final = timedelta(minutes=10)


class Tally:
    """What the totals say. `refresh` every few seconds; the first time reads the last weeks."""

    def __init__(self, totals: Totals, clock: Callable[[], datetime]) -> None:
        self._totals = totals
        self._clock = clock
        self._hours: dict[datetime, Hour] = {}
        self._days: dict[date, Counter[Fate]] = {}
        self._rhythms: dict[str, Rhythm] = {}
        self._learnt_at: datetime | None = None
        self._read_to: datetime | None = None

    async def refresh(self) -> None:
        """Reads what changed since the last time."""
        started = self._clock()
        if self._read_to is None:
            changed = await self._totals.since(started - _KEPT)
        else:
            changed = await self._totals.changed_since(self._read_to - _OVERLAP)
        oldest = started - _KEPT
        self._hours |= {hour.at: hour for hour in changed if hour.at >= oldest}
        self._sum({local_day(hour.at) for hour in changed})
        if self._read_to is None or local_day(started) != local_day(self._read_to):
            self._hours = {at: hour for at, hour in self._hours.items() if at >= oldest}
            self._days = {day: counts for day, counts in self._days.items() if day >= local_day(oldest)}
        self._read_to = started

    def day(self, day: date) -> Counter[Fate]:
        """How many messages of this local day had which fate."""
        return self._days.get(day, Counter())

    def since(self, day: date) -> Counter[Fate]:
        """The same of this day and all after it."""
        return summed(counts for at, counts in self._days.items() if at >= day)

    def after(self, at: datetime) -> Counter[Fate]:
        """How many messages of the hours that end after `at` had which fate."""
        return summed(hour.counts for began, hour in self._hours.items() if began + _HOUR > at)

    def rhythms(self, began: Mapping[str, datetime]) -> Mapping[str, Rhythm]:
        """The rhythm of each group that is listened to since then. Learnt anew every ten minutes, and for new groups.

        A group may have been heard long before it was added, where its past was read: the earlier counts.
        """
        now = self._clock()
        due = self._learnt_at is None or now - self._learnt_at >= _LEARN_EVERY
        if due or began.keys() - self._rhythms.keys():
            heard = self._heard()
            self._rhythms = {
                source: learnt(heard[source], began=min([since, *heard[source]]), now=now)
                for source, since in began.items()
            }
            self._learnt_at = now
        return self._rhythms

    def _heard(self) -> defaultdict[str, set[datetime]]:
        heard: defaultdict[str, set[datetime]] = defaultdict(set)
        for at, hour in self._hours.items():
            for fate in hour.counts:
                heard[fate.source].add(at)
        return heard

    def _sum(self, days: Iterable[date]) -> None:
        wanted = set(days)
        parts: defaultdict[date, list[Mapping[Fate, int]]] = defaultdict(list)
        for at, hour in self._hours.items():
            if (day := local_day(at)) in wanted:
                parts[day].append(hour.counts)
        self._days |= {day: summed(counts) for day, counts in parts.items()}
