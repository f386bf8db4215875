"""Stops a stage that kills most of what it takes: the stream then waits for the repair instead of burning down.

Taken are all messages until, within the window, `least` of them died and those are more than `share` of its traffic.
Then none is taken for the length of a pause; after it one alone is tried. If that one is handled the stage goes on, if
it dies the next pause is twice as long. What waits meanwhile stays in the stream and counts as nothing.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from shared.errors import TwinError
from shared.observability import metrics
from shared.settings import BreakerSettings

log = structlog.get_logger(__name__)

_PARTS = 20  # of the window: counts are kept for each, not for each message
_LONGEST_PAUSE = 16  # pauses
_TRIAL_S = 120.0  # a trial of which nothing is heard for so long is lost


class StageStopped(TwinError):
    """The stage takes no messages; the text says why and until when."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a stage stops, and for how long at first."""

    share: float = 0.5
    least: int = 10
    window_s: float = 300.0
    pause_s: float = 60.0


@dataclass(slots=True)
class _Part:
    began: float
    handled: int = 0
    died: int = 0


class Breaker:
    """One stage's, in one process; replicas each have their own. `clock` gives seconds that only go forward."""

    def __init__(self, stage: str, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stage = stage
        self._limits = limits
        self._clock = clock
        self._parts: deque[_Part] = deque()
        self._until: float | None = None  # while it is stopped: when the next one is tried
        self._pauses = 0
        self._trial_since: float | None = None
        self._why = ""
        metrics.STOPPED.labels(stage=stage).set(0)

    @classmethod
    def of(cls, stage: str, settings: BreakerSettings) -> Breaker:
        """As the settings say."""
        return cls(stage, Limits(settings.share, settings.least, settings.window_s, settings.pause_s))

    @property
    def stopped(self) -> bool:
        """Whether the stage takes nothing, or only one to try."""
        return self._until is not None

    def take(self, wanted: int = 1) -> int:
        """How many messages may be taken now: all that are wanted, one to try, or none. Tell what became of them."""
        if self._until is None:
            return wanted
        now = self._clock()
        trying = self._trial_since is not None and now - self._trial_since < _TRIAL_S
        if now < self._until or trying:
            return 0
        self._trial_since = now
        log.info(f"{self._stage}.tries_one", why=self._why)
        return 1

    def not_taken(self) -> None:
        """There was nothing to take, or it is to come again: that says nothing, and another may be tried."""
        self._trial_since = None

    def handled(self, number: int = 1) -> None:
        """So many were handled."""
        if not number:
            return
        self._part().handled += number
        if self._trial_since is not None:
            log.info(f"{self._stage}.takes_again")
            self._close()

    def died(self, reason: str) -> None:
        """One became a dead letter."""
        self._part().died += 1
        if self._trial_since is not None or (self._until is None and self._too_many()):
            self._open(reason)

    def check(self) -> None:
        """StageStopped while it is stopped."""
        if self._until is not None:
            wait = max(0, round(self._until - self._clock()))
            raise StageStopped(f"takes no messages: {self._why}; tries one in {wait} s (twin dead list)")

    def _too_many(self) -> bool:
        died = sum(part.died for part in self._parts)
        handled = sum(part.handled for part in self._parts)
        return died >= self._limits.least and died > self._limits.share * (died + handled)

    def _open(self, reason: str) -> None:
        if not self._pauses:
            died = sum(part.died for part in self._parts)
            of = died + sum(part.handled for part in self._parts)
            self._why = f"{died} of {of} died within {self._limits.window_s:g} s, the last of {reason}"
        pause = self._limits.pause_s * min(2**self._pauses, _LONGEST_PAUSE)
        self._until = self._clock() + pause
        self._pauses += 1
        self._trial_since = None
        metrics.STOPPED.labels(stage=self._stage).set(1)
        log.error(f"{self._stage}.stopped", why=self._why, pause_s=round(pause, 1))

    def _close(self) -> None:
        self._until = self._trial_since = None
        self._pauses = 0
        self._parts.clear()
        metrics.STOPPED.labels(stage=self._stage).set(0)

    def _part(self) -> _Part:
        """The part of the window that runs; those that are over are forgotten."""
        now, window = self._clock(), self._limits.window_s
        while self._parts and self._parts[0].began <= now - window:
            self._parts.popleft()
        if not self._parts or self._parts[-1].began <= now - window / _PARTS:
            self._parts.append(_Part(now))
        return self._parts[-1]
