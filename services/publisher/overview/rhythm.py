"""A group's usual rhythm: how likely each hour of the week is to bring a message, and how odd a silence is. Pure.

Counted are hours with a message and hours without, never messages: a group that is read up on a week's past in one
hour, or a flood of pictures, says no more about its rhythm than one message would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

WEEKS: Final = 8
"""How far back a rhythm is learnt."""

_HOUR: Final = timedelta(hours=1)
_LOCAL: Final = timezone(timedelta(hours=3))  # Saudi Arabia, the whole year
_HOURS_OF_WEEK: Final = 168
_HOURS_OF_DAY: Final = 24
_TRUST_DAY: Final = 1.0  # an hour of the week starts from what this hour of any day is worth, as one week
_TRUST_ALL: Final = 3.0  # and that from what any hour is worth
_LEARNT_DAYS: Final = 3
_LEARNT_HOURS: Final = 8
_LONGEST: Final = timedelta(days=60)


class Pulse(StrEnum):
    """How a group's silence stands to its rhythm."""

    USUAL = "usual"
    QUIET = "quiet"  # such a silence comes about once in fifty times
    SILENT = "silent"  # once in a thousand
    UNKNOWN = "unknown"  # too little was heard yet to know its rhythm


_QUIET: Final = (0.02, timedelta(hours=3))  # how unlikely, and at least how long
_SILENT: Final = (0.001, timedelta(hours=6))


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`chances`: for each hour of the week (local, Monday 0:00 first) that it brings a message at all."""

    chances: tuple[float, ...]
    heard: int  # hours with a message that this was learnt from
    days: float  # over which

    @property
    def known(self) -> bool:
        """Whether enough was heard to say what is usual."""
        return self.heard >= _LEARNT_HOURS and self.days >= _LEARNT_DAYS

    def of_day(self) -> tuple[float, ...]:
        """The chance of each hour of the day, over the days of the week: for a picture."""
        days = _HOURS_OF_WEEK // _HOURS_OF_DAY
        return tuple(sum(self.chances[hour::_HOURS_OF_DAY]) / days for hour in range(_HOURS_OF_DAY))

    def chance_of_silence(self, last: datetime, now: datetime) -> float:
        """How likely it is that nothing comes from `last` to `now`, 0..1."""
        chance, at = 1.0, max(last, now - _LONGEST)
        while at < now:
            end = min(now, at.replace(minute=0, second=0, microsecond=0) + _HOUR)
            chance *= (1.0 - self.chances[slot_of(at)]) ** ((end - at) / _HOUR)
            at = end
        return chance

    def pulse(self, last: datetime | None, now: datetime) -> Pulse:
        """Whether the silence since `last` is usual."""
        if not self.known or last is None:
            return Pulse.UNKNOWN
        chance, length = self.chance_of_silence(last, now), now - last
        for pulse, (unlikely, at_least) in ((Pulse.SILENT, _SILENT), (Pulse.QUIET, _QUIET)):
            if chance <= unlikely and length >= at_least:
                return pulse
        return Pulse.USUAL


def learnt(heard: Iterable[datetime], *, began: datetime, now: datetime) -> Rhythm:
    """The rhythm of a group that is listened to since `began`, from the hours in which it was heard."""
    start = max(began, now - timedelta(weeks=WEEKS))
    hours = {_whole(at) for at in heard if start - _HOUR < at <= now}
    span = max(timedelta(0), now - start)
    with_message = Counter(slot_of(at) for at in hours)
    slots = _slots(start, now)
    everywhere = (len(hours) + 0.5) / (sum(slots.values()) + 1)
    chances = []
    for slot in range(_HOURS_OF_WEEK):
        same_hour = range(slot % _HOURS_OF_DAY, _HOURS_OF_WEEK, _HOURS_OF_DAY)
        day = _blend(sum(with_message[s] for s in same_hour), sum(slots[s] for s in same_hour), everywhere, _TRUST_ALL)
        chances.append(_blend(with_message[slot], slots[slot], day, _TRUST_DAY))
    return Rhythm(tuple(chances), len(hours), span / timedelta(days=1))


def slot_of(at: datetime) -> int:
    """Which hour of the week this is, in Saudi Arabia."""
    local = at.astimezone(_LOCAL)
    return local.weekday() * _HOURS_OF_DAY + local.hour


def _blend(heard: int, hours: int, before: float, trust: float) -> float:
    return min(0.999, (heard + trust * before) / (hours + trust))


def _slots(start: datetime, now: datetime) -> Counter[int]:
    """How often each hour of the week came."""
    number = int((now - _whole(start)) / _HOUR) + 1
    weeks, rest = divmod(number, _HOURS_OF_WEEK)
    slots = Counter(dict.fromkeys(range(_HOURS_OF_WEEK), weeks))
    first = slot_of(start)
    slots.update((first + step) % _HOURS_OF_WEEK for step in range(rest))
    return slots


def _whole(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
