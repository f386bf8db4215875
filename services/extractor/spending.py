"""What the model may cost a day, over all replicas, and what it has cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.extractor.ports import Usage
from shared.errors import BudgetSpent, Misconfigured
from shared.observability import metrics
from shared.storage.budgets import Budget, Budgets
from shared.storage.costs import Costs, Spent, day_of

DAY = timedelta(days=1)
STAGE = "extractor"

# US dollars for a million tokens: sent, received. A dated name ("gpt-4o-mini-2024-07-18") has its family's price.
PRICES = {
    "gpt-4o-mini": (0.15, 0.60),
    "gpt-4o": (2.50, 10.00),
    "gpt-4.1-nano": (0.10, 0.40),
    "gpt-4.1-mini": (0.40, 1.60),
    "gpt-4.1": (2.00, 8.00),
}


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    sent: float
    received: float

    def of(self, input_tokens: int, output_tokens: int) -> float:
        """What so many tokens cost, in US dollars."""
        return (input_tokens * self.sent + output_tokens * self.received) / 1_000_000


def price_of(model: str, sent: float | None = None, received: float | None = None) -> Price | None:
    """The model's price: what is given, else what the table says for its family; None if unknown."""
    if sent is not None and received is not None:
        return Price(sent, received)
    families = [name for name in PRICES if model == name or model.startswith(f"{name}-20")]
    return Price(*PRICES[max(families, key=len)]) if families else None


@dataclass(frozen=True, slots=True)
class Limits:
    """Per UTC day; 0 is no limit."""

    requests: int = 10_000
    tokens: int = 0
    cost_usd: float = 0.0


class Spending:
    """Keeps the model within its limits, and the bill. Misconfigured for a limit on the cost without a known price."""

    def __init__(
        self,
        budgets: Budgets,
        costs: Costs,
        limits: Limits,
        model: str,
        price: Price | None,
        clock: Callable[[], datetime],
    ) -> None:
        if limits.cost_usd and price is None:
            raise Misconfigured(
                f"the price of {model} is not known: set OPENAI_PRICE_INPUT and OPENAI_PRICE_OUTPUT (US dollars for a "
                "million tokens, 0 where it is free), or EXTRACTOR_COST_USD_A_DAY=0 for no limit"
            )
        self._budgets = budgets
        self._costs = costs
        self._model = model
        self._limits = limits
        self._price = price or Price(0, 0)
        self._clock = clock
        self._requests = Budget("model.requests", limits.requests, DAY)
        self._tokens = Budget("model.tokens", limits.tokens, DAY)
        self._cost = Budget("model.cost_usd", limits.cost_usd, DAY)

    async def take(self) -> None:
        """Takes one request. BudgetSpent, with the wait until the day ends, when a limit is reached."""
        now = self._clock()
        for budget in (self._tokens, self._cost):
            if budget.limit and await self._budgets.used(budget, now) >= budget.limit:
                raise BudgetSpent(
                    f"the day's limit of {budget.limit:g} for {budget.name} is reached",
                    retry_after=budget.seconds_left(now),
                )
        if self._limits.requests:
            await self._budgets.take(self._requests, 1, now)

    async def add(self, source: str, input_tokens: int, output_tokens: int, *, latency_ms: float) -> Usage:
        """Counts what one request about a message of this source took, and says what it cost."""
        usage = Usage(input_tokens, output_tokens, self._price.of(input_tokens, output_tokens))
        metrics.MODEL_TOKENS.labels(direction="sent").inc(input_tokens)
        metrics.MODEL_TOKENS.labels(direction="received").inc(output_tokens)
        metrics.MODEL_COST.inc(usage.cost_usd)
        now = self._clock()
        if input_tokens or output_tokens:
            await self._budgets.add(self._tokens, input_tokens + output_tokens, now)
        if usage.cost_usd:
            await self._budgets.add(self._cost, usage.cost_usd, now)
        await self._costs.add(
            Spent(
                day_of(now),
                source,
                STAGE,
                self._model,
                questions=1,
                input_tokens=input_tokens,
                output_tokens=output_tokens,
                cost_usd=usage.cost_usd,
                latency_ms=latency_ms,
            )
        )
        return usage
