"""What a model costs, and what the settings demand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.extractor.spending import Limits, Price, Spending, price_of
from shared.errors import Misconfigured
from shared.storage.memory.budgets import MemoryBudgets
from shared.storage.memory.costs import MemoryCosts


@pytest.mark.parametrize(
    ("model", "price"),
    [
        ("gpt-4o-mini", Price(0.15, 0.60)),
        ("gpt-4o-mini-2024-07-18", Price(0.15, 0.60)),
        ("gpt-4o-2024-08-06", Price(2.50, 10.00)),
        ("gpt-4o-realtime", None),
        ("llama-4", None),
    ],
)
def test_a_price_is_known_by_the_models_family(model: str, price: Price | None) -> None:
    assert price_of(model) == price


def test_a_given_price_wins_and_may_be_nothing() -> None:
    assert price_of("gpt-4o-mini", 0.0, 0.0) == Price(0, 0)


def test_tokens_cost_by_the_million() -> None:
    assert Price(0.15, 0.60).of(1_000_000, 500_000) == pytest.approx(0.45)


def test_a_limit_on_an_unknown_cost_is_refused_at_the_start() -> None:
    with pytest.raises(Misconfigured, match="OPENAI_PRICE_INPUT"):
        Spending(MemoryBudgets(), MemoryCosts(), Limits(cost_usd=1), "llama-4", None, lambda: datetime.now(UTC))
    Spending(MemoryBudgets(), MemoryCosts(), Limits(cost_usd=0), "llama-4", None, lambda: datetime.now(UTC))
