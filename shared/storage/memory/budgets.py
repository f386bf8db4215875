"""The shared budgets in memory."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from shared.errors import BudgetSpent
from shared.storage.budgets import Budget, Standing


class MemoryBudgets:
    """As `shared.storage.budgets.Budgets` says."""

    def __init__(self) -> None:
        self.spent: defaultdict[tuple[str, float, datetime], float] = defaultdict(float)
        self._known: dict[str, Budget] = {}

    async def take(self, budget: Budget, amount: float, now: datetime) -> None:
        """As the port says."""
        key = _key(budget, now)
        self._known[budget.name] = budget
        if self.spent[key] > budget.limit - amount:
            raise BudgetSpent(
                f"budget {budget.name} of {budget.limit:g} is spent", retry_after=budget.seconds_left(now)
            )
        self.spent[key] += amount

    async def add(self, budget: Budget, amount: float, now: datetime) -> None:
        """As the port says."""
        self._known[budget.name] = budget
        self.spent[_key(budget, now)] += amount

    async def used(self, budget: Budget, now: datetime) -> float:
        """As the port says."""
        return self.spent[_key(budget, now)]

    async def standing(self, now: datetime) -> list[Standing]:
        """As the port says."""
        used = {name: self.spent[_key(budget, now)] for name, budget in self._known.items()}
        found = [(self._known[name], amount) for name, amount in sorted(used.items()) if amount]
        return [
            Standing(budget.name, amount, budget.limit, start, start + budget.window)
            for budget, amount in found
            for start in [budget.window_start(now)]
        ]


def _key(budget: Budget, now: datetime) -> tuple[str, float, datetime]:
    return budget.name, budget.window.total_seconds(), budget.window_start(now)
