"""Budgets that all replicas share: requests to the gateway an hour, requests, tokens and cost of the model a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit within windows of a fixed length, counted from the epoch (so an hour or a UTC day)."""

    name: str
    limit: float
    window: timedelta

    def window_start(self, now: datetime) -> datetime:
        """When the window of `now` began."""
        seconds = self.window.total_seconds()
        return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)

    def seconds_left(self, now: datetime) -> float:
        """Until the next window begins."""
        return (self.window_start(now) + self.window - now).total_seconds()


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a budget is used up in the window that runs now. `limit` as it was when last used; 0 is no limit."""

    name: str
    used: float
    limit: float
    began: datetime
    ends: datetime


class Budgets(Protocol):
    """The port of the budgets."""

    async def take(self, budget: Budget, amount: float, now: datetime) -> None:
        """Takes `amount` if it fits within the limit, in one atomic step; BudgetSpent with the wait when it doesn't."""
        ...

    async def add(self, budget: Budget, amount: float, now: datetime) -> None:
        """Counts what was spent already, limit or not (tokens and cost are known only afterwards). May be negative."""
        ...

    async def used(self, budget: Budget, now: datetime) -> float:
        """What this window has used up so far."""
        ...

    async def standing(self, now: datetime) -> Sequence[Standing]:
        """Every budget that was used in its window of `now`, by name."""
        ...
