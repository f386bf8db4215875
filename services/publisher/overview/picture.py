"""What the status page shows, put together from the board: plain values, no words and no markup."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from services.publisher.logic import local_day
from services.publisher.overview.board import DAYS, Board, Readings
from services.publisher.overview.flow import Stage, flow_of
from services.publisher.overview.groups import GroupFigures, groups_of
from services.publisher.overview.missed import missed_rate
from services.publisher.overview.outcomes import Judged, Outcome, checked, judged, quantile
from services.publisher.overview.rhythm import Pulse
from shared.storage.budgets import Standing
from shared.storage.costs import Spent, day_of
from shared.storage.heartbeats import Beat
from shared.storage.ledger import State
from shared.storage.sources import SourceStatus

SERVICES: Final = ("receiver", "poller", "filter", "extractor", "publisher")
GONE_AFTER: Final = timedelta(seconds=60)
_BY_SCORE: Final = ("scored_noise", "sure_noise")


@dataclass(frozen=True, slots=True)
class Wait:
    """From a call's posting in WhatsApp to the desk, in seconds; None where there was no call."""

    calls: int
    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Missed:
    """How many calls are among the filter's rejections, from those that reviewers checked, with the interval (95 %)."""

    checked: int
    missed: int
    rejected: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Pulses:
    """A service: how many replicas live, since when the longest of them, when it was last heard, and what it lacks."""

    name: str
    replicas: int
    since: datetime | None
    last: datetime | None
    troubles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the plots."""

    day: date
    messages: int
    calls: int
    judged: Judged
    wait: float | None  # p50, seconds
    cost_usd: float


@dataclass(frozen=True, slots=True)
class Model:
    """What the model took: today (UTC, as its budgets count) and in the days of the plots."""

    questions: int
    reused: int
    input_tokens: int
    output_tokens: int
    cost_usd: float
    cost_usd_days: float
    budgets: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that the status page shows."""

    now: datetime
    readings: Readings
    flow: tuple[Stage, ...]
    failed: int
    error_rate: float | None
    groups: tuple[GroupFigures, ...]  # active ones, the oddest silence first
    odd: int  # groups whose silence is not usual
    blamed: tuple[GroupFigures, ...]  # groups whose calls were judged, the most false ones first
    last_poll: datetime | None
    poll_errors: tuple[tuple[str, str], ...]
    services: tuple[Pulses, ...]
    today: Wait
    week: Wait
    judged: Judged
    missed: Missed
    days: tuple[Day, ...]
    model: Model


def picture_of(board: Board) -> Picture:
    """The picture as it is now."""
    now, readings = board.now, board.readings
    today, first = local_day(now), board.first_day()
    rows = board.outcomes.since(first)
    counts = board.tally.day(today)
    of_today = [row for row in rows if row.day == today]
    flow = flow_of(counts, of_today)
    failed = _failed(board, today)
    total = flow[0].number
    groups = groups_of(board, rows)
    active = [group for group in groups if group.source.status is SourceStatus.ACTIVE]
    polls = [group.source.last_poll_at for group in active if group.source.last_poll_at]
    return Picture(
        now=now,
        readings=readings,
        flow=flow,
        failed=failed,
        error_rate=failed / (total + failed) if total + failed else None,
        groups=tuple(sorted(active, key=_oddest)),
        odd=sum(group.pulse in (Pulse.QUIET, Pulse.SILENT) for group in active),
        blamed=tuple(sorted((group for group in groups if group.judged.judged), key=_falsest)),
        last_poll=max(polls, default=None),
        poll_errors=tuple((group.source.name, error) for group in active if (error := group.source.last_error)),
        services=tuple(_pulses(name, readings.beats, now) for name in SERVICES),
        today=_wait(of_today),
        week=_wait([row for row in rows if row.day > today - timedelta(days=7)]),
        judged=judged(rows),
        missed=_missed(board, rows, first),
        days=_days(board, rows, first),
        model=_model(readings, now),
    )


def _failed(board: Board, today: date) -> int:
    """Today's messages that could not be handled: those of the ledger, and letters of what never came as far."""
    dead = sum(number for fate, number in board.tally.day(today).items() if fate.state is State.DEAD)
    letters = (letter for letter in board.readings.letters if local_day(letter.failed_at) == today)
    return dead + sum(letter.message_id is None for letter in letters)


def _oddest(group: GroupFigures) -> tuple[int, float, str]:
    order = (Pulse.SILENT, Pulse.QUIET, Pulse.USUAL, Pulse.UNKNOWN)
    last = group.source.last_message_at
    return order.index(group.pulse), -(last.timestamp() if last else 0.0), group.source.id


def _falsest(group: GroupFigures) -> tuple[int, int, str]:
    return -group.judged.false, -group.judged.judged, group.source.id


def _wait(rows: Iterable[Outcome]) -> Wait:
    waits = [row.waited_s for row in rows if not row.check]
    return Wait(len(waits), quantile(waits, 0.5), quantile(waits, 0.95))


def _missed(board: Board, rows: Sequence[Outcome], first: date) -> Missed:
    counts = board.tally.since(first)
    by_score = {fate: number for fate, number in counts.items() if fate.rule in _BY_SCORE}
    rejected = sum(number for fate, number in by_score.items() if fate.checked or fate.state is State.REJECTED)
    found = checked(rows)
    return Missed(found.judged, found.false, rejected, *missed_rate(found.judged, found.false, rejected))


def _pulses(name: str, beats: Iterable[Beat], now: datetime) -> Pulses:
    mine = [beat for beat in beats if beat.service == name]
    living = [beat for beat in mine if now - beat.at <= GONE_AFTER]
    troubles = {f"{what}: {told}" for beat in living for what, told in dict(beat.detail.get("troubles", {})).items()}
    return Pulses(
        name,
        len(living),
        min((beat.started_at for beat in living), default=None),
        max((beat.at for beat in mine), default=None),
        tuple(sorted(troubles)),
    )


def _days(board: Board, rows: Iterable[Outcome], first: date) -> tuple[Day, ...]:
    by_day: defaultdict[date, list[Outcome]] = defaultdict(list)
    for row in rows:
        by_day[row.day].append(row)
    costs: defaultdict[date, float] = defaultdict(float)
    for spent in board.readings.costs:
        costs[spent.day] += spent.cost_usd
    days = (first + timedelta(days=number) for number in range(DAYS))
    return tuple(
        Day(
            day,
            sum(board.tally.day(day).values()),
            sum(not row.check for row in by_day[day]),
            judged(by_day[day]),
            _wait(by_day[day]).p50,
            costs[day],
        )
        for day in days
    )


def _model(readings: Readings, now: datetime) -> Model:
    today = [spent for spent in readings.costs if spent.day == day_of(now)]
    return Model(
        questions=sum(spent.questions for spent in today),
        reused=sum(spent.reused for spent in today),
        input_tokens=sum(spent.input_tokens for spent in today),
        output_tokens=sum(spent.output_tokens for spent in today),
        cost_usd=_cost(today),
        cost_usd_days=_cost(readings.costs),
        budgets=tuple(one for one in readings.budgets if one.limit),
    )


def _cost(spent: Iterable[Spent]) -> float:
    return sum(one.cost_usd for one in spent)
