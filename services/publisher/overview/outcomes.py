"""What became of the calls of the last weeks: a small row for each, held in memory and kept true from the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from services.publisher.labels import REJECTIONS
from services.publisher.logic import local_day
from services.publisher.overview.rhythm import WEEKS
from shared.storage.calls import Calls, Status, Summary

_KEPT: Final = timedelta(weeks=WEEKS)
_OVERLAP: Final = timedelta(seconds=15)  # a change is stamped a little before it can be read
_PUBLISHED: Final = frozenset({Status.APPROVED, Status.WITHDRAWN, Status.EXPIRED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One call, as far as the figures ask."""

    version: int
    source: str
    status: Status
    reason: str | None
    check: bool
    day: date  # local, when it came to the desk
    waited_s: float  # from its posting in WhatsApp to the desk

    @property
    def is_call(self) -> bool | None:
        """What the reviewers found: a call or none. None: not decided, or the decision does not say."""
        if self.status is Status.PENDING:
            return None
        if self.status is Status.REJECTED:
            label = REJECTIONS.get(self.reason or "")
            return None if label is None else label == "casting_call"
        return True

    @property
    def published(self) -> bool:
        """Whether it ever was public."""
        return self.status in _PUBLISHED


@dataclass(frozen=True, slots=True)
class Judged:
    """So many that the filter let through were judged by reviewers, and so many of those were no calls."""

    judged: int = 0
    false: int = 0

    @property
    def rate(self) -> float | None:
        """The false-positive rate, 0..1."""
        return self.false / self.judged if self.judged else None


class Outcomes:
    """The rows. `refresh` every few seconds; the first time reads the last weeks."""

    def __init__(self, calls: Calls, clock: Callable[[], datetime]) -> None:
        self._calls = calls
        self._clock = clock
        self._rows: dict[str, Outcome] = {}
        self._read_to: datetime | None = None

    async def refresh(self) -> None:
        """Reads what changed since the last time."""
        started = self._clock()
        since = self._read_to - _OVERLAP if self._read_to else started - _KEPT
        for row in await self._calls.updated_since(since):
            known = self._rows.get(row.id)
            if known is None or known.version <= row.version:
                self._rows[row.id] = outcome_of(row)
        if self._read_to is None or local_day(started) != local_day(self._read_to):
            oldest = local_day(started - _KEPT)
            self._rows = {id: row for id, row in self._rows.items() if row.day >= oldest}
        self._read_to = started

    def since(self, day: date) -> list[Outcome]:
        """The calls that came on this local day or later."""
        return [row for row in self._rows.values() if row.day >= day]


def outcome_of(row: Summary) -> Outcome:
    """The row of a call."""
    return Outcome(
        version=row.version,
        source=row.group_id,
        status=row.status,
        reason=row.reason,
        check=row.check,
        day=local_day(row.queued_at),
        waited_s=max(0.0, (row.queued_at - row.sent_at).total_seconds()),
    )


def judged(rows: Iterable[Outcome]) -> Judged:
    """What reviewers found of those that the filter let through by itself (the sample to check left out)."""
    found = Counter(row.is_call for row in rows if not row.check)
    return Judged(found[True] + found[False], found[False])


def judged_over(rows: Iterable[Outcome], first: date, days: int, parts: int) -> tuple[Judged, ...]:
    """The same for each of `parts` equal spells of the `days` from `first` on, the earliest first."""
    spells: list[list[Outcome]] = [[] for _ in range(parts)]
    for row in rows:
        spell = (row.day - first).days * parts // days
        if 0 <= spell < parts:
            spells[spell].append(row)
    return tuple(judged(spell) for spell in spells)


def checked(rows: Iterable[Outcome]) -> Judged:
    """What reviewers found of the sample of rejections: here `false` are the calls that the filter had missed."""
    found = Counter(row.is_call for row in rows if row.check)
    return Judged(found[True] + found[False], found[True])


def quantile(values: Iterable[float], share: float) -> float | None:
    """The value that `share` of all do not exceed; None where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None
