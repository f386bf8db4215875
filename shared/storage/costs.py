"""What reading costs: one sum for each day, source, stage and model. Each paid question is counted as it is answered.

The sums hold every try, also the failed and the repeated ones: they are the bill. What one message took stands with
the message (the ledger) and with its call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Spent:
    """A sum. `source` is the group's id; `reused` counts messages whose answer an earlier one had paid for."""

    day: date  # UTC, as the budgets count
    source: str
    stage: str
    model: str
    questions: int = 0
    reused: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    latency_ms: float = 0.0  # of all questions together


class Costs(Protocol):
    """The port of the costs."""

    async def add(self, spent: Spent) -> None:
        """Adds these figures to the sum of their day, source, stage and model, in one atomic step."""
        ...

    async def since(self, day: date) -> Sequence[Spent]:
        """All sums from this day on, earliest first."""
        ...


def day_of(now: datetime) -> date:
    """The UTC day of a moment."""
    return now.astimezone(UTC).date()
