"""The model engine over the sandbox's endpoint, which answers with the corpus' gold and what is planted into it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.extractor.engines import ModelEngine, OfflineEngine, Policy
from services.extractor.offline.engine import extract
from services.extractor.openai_engine import OpenAIModel
from services.extractor.settings import OpenAISettings
from services.extractor.spending import Limits, Price, Spending
from services.sandbox import answers
from services.sandbox.knobs import Knobs
from services.sandbox.model import ModelApi
from shared.contracts.calls import CastingCall
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Candidate, Extraction, Verdict
from shared.storage.memory.budgets import MemoryBudgets
from shared.storage.memory.costs import MemoryCosts
from shared.storage.memory.extractions import MemoryExtractions
from tests.services.extractor.endpoint import listening

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
Reading = Callable[..., AbstractAsyncContextManager[ModelEngine]]
Row = dict[str, Any]


@pytest.fixture
def rows(corpus_path: Path) -> list[Row]:
    """Every ninth message of the corpus, and all those with an injection."""
    found = [json.loads(line) for line in corpus_path.read_text().splitlines()]
    return [row for at, row in enumerate(found) if at % 9 == 0 or "injection" in row["tags"]]


@pytest.fixture
def reading(rows: list[Row]) -> Reading:
    """The engine with a stand-in model that these knobs turn."""

    @asynccontextmanager
    async def run(**knobs: float) -> AsyncIterator[ModelEngine]:
        turned = Knobs(**{"llm_delay_s": 0, **knobs})
        golds = {row["text"]: row["gold"] for row in rows}
        api = ModelApi(answers.from_gold(golds), key="sk-test", seed="s", knobs=lambda: turned, clock=lambda: 1.0)
        async with listening(api.routes()) as address:
            settings = OpenAISettings(api_key=SecretStr("sk-test"), base_url=f"{address}/v1", tries=10)
            costs = MemoryCosts()
            spending = Spending(MemoryBudgets(), costs, Limits(), settings.model, Price(0.15, 0.6), lambda: NOW)
            model = OpenAIModel(settings, spending, first_wait_s=0.001)
            offline, kept = OfflineEngine(extract), MemoryExtractions()
            try:
                yield ModelEngine(model, offline, kept, costs, Policy(), clock=lambda: NOW, fence=lambda: "a1b2c3d4")
            finally:
                await model.close()

    return run


async def read(engine: ModelEngine, row: Row) -> Extraction:
    sent_at = datetime.fromisoformat(row["sent_at"])
    message = RawMessage(
        event_id=f"post:{row['id']}", message_id=row["id"], group=Group(id="g@g.us"), sent_at=sent_at, text=row["text"]
    )
    verdict = Verdict(passed=True, rule="scored")
    return await engine.extract(Candidate(event_id=f"candidate:{row['id']}", message=message, verdict=verdict))


def hard_facts(call: CastingCall) -> tuple[object, ...]:
    """What must never be invented or lost."""
    dates = call.shoot_dates
    return (
        call.deadline,
        (dates.start, dates.end) if dates else None,
        call.compensation.amount,
        call.compensation.amount_max,
        frozenset(contact.value for contact in call.contacts),
    )


async def test_the_gold_comes_through_unharmed(reading: Reading, rows: list[Row]) -> None:
    async with reading() as engine:
        for row in rows:
            extraction = await read(engine, row)
            if row["gold"] is None:
                assert extraction.call is None or any(flag.name == "injection" for flag in extraction.flags), row["id"]
                continue
            assert extraction.call is not None, row["id"]
            assert extraction.engine.name == "openai"
            assert hard_facts(extraction.call) == hard_facts(CastingCall.model_validate(row["gold"])), row["id"]
            dropped = {flag.name for flag in extraction.flags if flag.name.startswith("unsupported")}
            assert all(name.startswith("unsupported:roles.") for name in dropped), row["id"]  # names of the model's own


async def test_planted_inventions_are_flagged(reading: Reading, rows: list[Row]) -> None:
    async with reading(llm_inventions=1) as engine:
        row = next(row for row in rows if row["gold"])
        extraction = await read(engine, row)
    flagged = {flag.name for flag in extraction.flags}
    fields = {"deadline", "shoot_dates", "contacts", "compensation", "location_city", "production_company", "roles"}
    assert {f"unsupported:{field}" for field in fields | {"title"}} <= flagged


@pytest.mark.parametrize("knob", ["llm_refusals", "llm_broken"])
async def test_the_parsers_stand_in_for_a_model_that_talks_nonsense(
    reading: Reading, rows: list[Row], knob: str
) -> None:
    calls = [row for row in rows if row["gold"]][:5]
    async with reading(**{knob: 1}) as engine:
        for row in calls:
            extraction = await read(engine, row)
            assert extraction.engine.name == "offline"
            assert extraction.engine.input_tokens > 0
            assert "model_failed" in {flag.name for flag in extraction.flags}


async def test_short_troubles_are_passed_over(reading: Reading, rows: list[Row]) -> None:
    calls = [row for row in rows if row["gold"]][:8]
    async with reading(llm_errors=0.2, llm_too_many=0.2, llm_retry_after_s=0) as engine:
        read_by = [(await read(engine, row)).engine.name for row in calls]
    assert read_by == ["openai"] * 8
