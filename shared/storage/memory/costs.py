"""The costs in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from shared.storage.costs import Spent


class MemoryCosts:
    """As `shared.storage.costs.Costs` says."""

    def __init__(self) -> None:
        self.sums: dict[tuple[date, str, str, str], Spent] = {}

    async def add(self, spent: Spent) -> None:
        """As the port says."""
        key = (spent.day, spent.source, spent.stage, spent.model)
        known = self.sums.get(key)
        self.sums[key] = spent if known is None else _sum(known, spent)

    async def since(self, day: date) -> list[Spent]:
        """As the port says."""
        return [self.sums[key] for key in sorted(self.sums) if key[0] >= day]


def _sum(one: Spent, other: Spent) -> Spent:
    return replace(
        one,
        questions=one.questions + other.questions,
        reused=one.reused + other.reused,
        input_tokens=one.input_tokens + other.input_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        cost_usd=one.cost_usd + other.cost_usd,
        latency_ms=one.latency_ms + other.latency_ms,
    )
