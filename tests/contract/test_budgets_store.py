"""The budgets' contract, on the fake and on the real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import BudgetSpent
from shared.storage.budgets import Budget, Budgets
from shared.storage.memory.budgets import MemoryBudgets
from shared.storage.mongo.budgets import MongoBudgets
from shared.storage.mongo.connect import Mongo

NOW = datetime(2026, 11, 20, 12, 45, tzinfo=UTC)
HOURLY = Budget("whapi", 3, timedelta(hours=1))


@pytest.fixture(params=["memory", "mongo"])
def budgets(request: pytest.FixtureRequest) -> Budgets:
    if request.param == "memory":
        return MemoryBudgets()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoBudgets(mongo)


async def test_it_gives_up_to_the_limit_and_then_says_how_long_to_wait(budgets: Budgets) -> None:
    await budgets.take(HOURLY, 1, NOW)
    await budgets.take(HOURLY, 2, NOW)
    with pytest.raises(BudgetSpent, match="whapi") as caught:
        await budgets.take(HOURLY, 1, NOW)
    assert caught.value.retry_after == 15 * 60
    assert await budgets.used(HOURLY, NOW) == 3


async def test_a_refused_amount_takes_nothing_and_a_smaller_one_still_fits(budgets: Budgets) -> None:
    await budgets.take(HOURLY, 1, NOW)
    with pytest.raises(BudgetSpent):
        await budgets.take(HOURLY, 2.5, NOW)
    await budgets.take(HOURLY, 2, NOW)
    assert await budgets.used(HOURLY, NOW) == 3


async def test_more_than_the_whole_limit_never_fits(budgets: Budgets) -> None:
    with pytest.raises(BudgetSpent):
        await budgets.take(HOURLY, 4, NOW)
    assert await budgets.used(HOURLY, NOW) == 0


async def test_the_next_window_starts_empty(budgets: Budgets) -> None:
    await budgets.take(HOURLY, 3, NOW)
    later = NOW + timedelta(minutes=15)
    assert await budgets.used(HOURLY, later) == 0
    await budgets.take(HOURLY, 3, later)


async def test_names_and_window_lengths_are_apart(budgets: Budgets) -> None:
    await budgets.take(HOURLY, 3, NOW)
    await budgets.take(Budget("model", 3, timedelta(hours=1)), 3, NOW)
    await budgets.take(Budget("whapi", 5, timedelta(days=1)), 5, NOW)
    assert await budgets.used(HOURLY, NOW) == 3


async def test_what_was_spent_already_is_counted_over_the_limit_and_can_be_given_back(budgets: Budgets) -> None:
    await budgets.add(HOURLY, 10, NOW)
    with pytest.raises(BudgetSpent):
        await budgets.take(HOURLY, 1, NOW)
    await budgets.add(HOURLY, -8, NOW)
    await budgets.take(HOURLY, 1, NOW)
    assert await budgets.used(HOURLY, NOW) == 3


async def test_a_raised_limit_counts_at_once(budgets: Budgets) -> None:
    await budgets.take(HOURLY, 3, NOW)
    await budgets.take(Budget("whapi", 4, timedelta(hours=1)), 1, NOW)


async def test_of_twenty_contenders_for_the_last_three_exactly_three_win(budgets: Budgets) -> None:
    async def contend() -> bool:
        try:
            await budgets.take(HOURLY, 1, NOW)
        except BudgetSpent:
            return False
        return True

    won = await asyncio.gather(*(contend() for _ in range(20)))
    assert sum(won) == 3
    assert await budgets.used(HOURLY, NOW) == 3


async def test_what_runs_now_is_told_with_its_limit_and_what_is_over_is_not(budgets: Budgets) -> None:
    daily = Budget("model.cost_usd", 5, timedelta(days=1))
    await budgets.take(HOURLY, 2, NOW)
    await budgets.add(daily, 1.5, NOW)
    running = {one.name: (one.used, one.limit) for one in await budgets.standing(NOW)}
    assert running == {"whapi": (2, 3), "model.cost_usd": (1.5, 5)}
    later = NOW + timedelta(hours=1)
    assert [one.name for one in await budgets.standing(later)] == ["model.cost_usd"]
    assert (await budgets.standing(later))[0].ends == datetime(2026, 11, 21, tzinfo=UTC)
    assert await budgets.standing(NOW + timedelta(days=1)) == []
