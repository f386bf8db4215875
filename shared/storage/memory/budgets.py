"""The shared budgets in memory."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from shared.errors import BudgetSpent
from shared.storage.budgets import Budget


class MemoryBudgets:
    """As `shared.storage.budgets.Budgets` says."""

    def __init__(self) -> None:
        self.spent: defaultdict[tuple[str, float, datetime], float] = defaultdict(float)

    async def take(self, budget: Budget, amount: float, now: datetime) -> None:
        """As the port says."""
        key = _key(budget, now)
        if self.spent[key] > budget.limit - amount:
            raise BudgetSpent(
                f"budget {budget.name} of {budget.limit:g} is spent", retry_after=budget.seconds_left(now)
            )
        self.spent[key] += amount

    async def add(self, budget: Budget, amount: float, now: datetime) -> None:
        """As the port says."""
        self.spent[_key(budget, now)] += amount

    async def used(self, budget: Budget, now: datetime) -> float:
        """As the port says."""
        return self.spent[_key(budget, now)]


def _key(budget: Budget, now: datetime) -> tuple[str, float, datetime]:
    return budget.name, budget.window.total_seconds(), budget.window_start(now)
