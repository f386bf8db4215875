"""The costs' contract, on the fake and on the real database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from shared.storage.costs import Costs, Spent
from shared.storage.memory.costs import MemoryCosts
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.costs import MongoCosts

DAY = date(2026, 11, 20)
ONE = Spent(DAY, "a@g.us", "extractor", "gpt-4o-mini", 1, 0, 900, 100, 0.25, 800)


@pytest.fixture(params=["memory", "mongo"])
def costs(request: pytest.FixtureRequest) -> Costs:
    if request.param == "memory":
        return MemoryCosts()
    mongo: Mongo = request.getfixturevalue("mongo")
    return MongoCosts(mongo)


async def test_what_is_spent_on_one_source_in_a_day_is_one_sum(costs: Costs) -> None:
    await costs.add(ONE)
    await costs.add(ONE)
    await costs.add(replace(ONE, questions=0, reused=1, input_tokens=0, output_tokens=0, cost_usd=0, latency_ms=0))
    assert list(await costs.since(DAY)) == [replace(ONE, questions=2, reused=1, input_tokens=1800, output_tokens=200,
                                                    cost_usd=0.5, latency_ms=1600)]  # fmt: skip


async def test_sources_models_and_days_are_kept_apart_and_the_earliest_comes_first(costs: Costs) -> None:
    later = replace(ONE, day=date(2026, 11, 21))
    others = [ONE, replace(ONE, model="gpt-4o"), replace(ONE, source="b@g.us"), later]
    for spent in reversed(others):
        await costs.add(spent)
    assert list(await costs.since(DAY)) == sorted(others, key=lambda one: (one.day, one.source, one.stage, one.model))
    assert list(await costs.since(date(2026, 11, 21))) == [later]
    assert list(await costs.since(date(2026, 11, 22))) == []


async def test_nothing_is_lost_when_many_add_at_once(costs: Costs) -> None:
    await costs.add(ONE)
    await asyncio.gather(*(costs.add(ONE) for _ in range(20)))
    (spent,) = await costs.since(DAY)
    assert spent.questions == 21
    assert spent.cost_usd == pytest.approx(5.25)
