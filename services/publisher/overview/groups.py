"""Each group's rhythm and quality: how much it brings, how much of that is worth a reviewer's time, and its cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.publisher.logic import local_day
from services.publisher.overview.board import DAYS, Board
from services.publisher.overview.outcomes import Judged, Outcome, judged, judged_over
from services.publisher.overview.rhythm import Pulse, Rhythm
from shared.storage.calls import Status
from shared.storage.sources import Source

SPELLS: Final = 10
"""Into so many spells the days of the page are cut for a group's false positives: three days bring enough calls."""


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """A group over the days of the page. `decided`: calls that were approved or rejected, whatever the reason."""

    source: Source
    pulse: Pulse
    rhythm: Rhythm
    today: int
    messages: int
    calls: int
    decided: int
    published: int
    judged: Judged
    judged_over: tuple[Judged, ...]  # the same in spells of the page's days, the earliest first
    cost_usd: float

    @property
    def calls_per_hundred(self) -> float | None:
        """Calls in a hundred messages."""
        return 100 * self.calls / self.messages if self.messages else None

    @property
    def approval_rate(self) -> float | None:
        """The share of its decided calls that were published, 0..1."""
        return self.published / self.decided if self.decided else None

    @property
    def cost_per_published(self) -> float | None:
        """US dollars of the model's time for each published call."""
        return self.cost_usd / self.published if self.published else None


def groups_of(board: Board, rows: Iterable[Outcome]) -> list[GroupFigures]:
    """The figures of every known group, by name; `rows` are the calls of the days that count."""
    now, readings = board.now, board.readings
    messages, today = _by_source(board)
    calls: defaultdict[str, list[Outcome]] = defaultdict(list)
    for row in rows:
        if not row.check:
            calls[row.source].append(row)
    costs: defaultdict[str, float] = defaultdict(float)
    for spent in readings.costs:
        costs[spent.source] += spent.cost_usd
    rhythms = board.tally.rhythms({source.id: source.added_at for source in readings.sources})
    return [
        GroupFigures(
            source=source,
            pulse=rhythms[source.id].pulse(source.last_message_at, now),
            rhythm=rhythms[source.id],
            today=today[source.id],
            messages=messages[source.id],
            calls=len(calls[source.id]),
            decided=sum(row.status is not Status.PENDING for row in calls[source.id]),
            published=sum(row.published for row in calls[source.id]),
            judged=judged(calls[source.id]),
            judged_over=judged_over(calls[source.id], board.first_day(), DAYS, SPELLS),
            cost_usd=costs[source.id],
        )
        for source in readings.sources
    ]


def _by_source(board: Board) -> tuple[Counter[str], Counter[str]]:
    """Messages of the page's days, and of today, by group."""
    messages: Counter[str] = Counter()
    today: Counter[str] = Counter()
    for fate, number in board.tally.since(board.first_day()).items():
        messages[fate.source] += number
    for fate, number in board.tally.day(local_day(board.now)).items():
        today[fate.source] += number
    return messages, today
