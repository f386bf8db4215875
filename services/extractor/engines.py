"""The two engines: the parsers alone, and the model with the parsers beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Literal
from weakref import WeakValueDictionary

import structlog
from pydantic import ValidationError

from services.extractor import forwards, logic, prompt
from services.extractor.answer import Answer
from services.extractor.offline.engine import LONGEST
from services.extractor.pause import Pause
from services.extractor.ports import Answered, BadAnswer, Model, Usage
from services.extractor.spending import STAGE
from shared.contracts.pipeline import Candidate, Extraction
from shared.contracts.pipeline import Engine as EngineUsed
from shared.errors import BudgetSpent, Transient
from shared.observability import metrics
from shared.storage.costs import Costs, Spent, day_of
from shared.storage.extractions import Extractions, Kept

log = structlog.get_logger(__name__)

Parse = Callable[[str, datetime], Extraction]
"""The offline engine's `extract`: a text and when it was sent."""


class OfflineEngine:
    """Deterministic parsers. They take a few milliseconds, so they run where they are called."""

    name = "offline"

    def __init__(self, parse: Parse) -> None:
        self._parse = parse

    async def extract(self, candidate: Candidate) -> Extraction:
        """As the port says."""
        return self.read(candidate)

    async def ready(self) -> None:
        """Always."""

    def read(self, candidate: Candidate) -> Extraction:
        """The same at once."""
        began = perf_counter()
        extraction = self._parse(candidate.message.text, candidate.message.sent_at)
        took = perf_counter() - began
        metrics.EXTRACT_SECONDS.labels(engine=self.name).observe(took)
        engine = extraction.engine.model_copy(update={"latency_ms": round(took * 1000, 1)})
        return extraction.model_copy(update={"engine": engine})


@dataclass(frozen=True, slots=True)
class Policy:
    """What happens when the model does not do its work (see the settings of the same names)."""

    when_unavailable: Literal["wait", "offline"] = "wait"
    on_bad_answer: Literal["offline", "dead"] = "offline"
    pause: timedelta = timedelta(seconds=5)
    max_chars: int = 12_000
    keep: timedelta = timedelta(days=14)


class ModelEngine:
    """Asks the model and holds its answer against the message.

    A paid answer is kept before anything else happens, under the words that it answers: a message that is delivered
    again, and a copy in another group, are held against the same answer and cost nothing.
    """

    name = "openai"

    def __init__(
        self,
        model: Model,
        offline: OfflineEngine,
        kept: Extractions,
        costs: Costs,
        policy: Policy,
        *,
        clock: Callable[[], datetime],
        fence: Callable[[], str],
    ) -> None:
        self._model = model
        self._offline = offline
        self._kept = kept
        self._costs = costs
        self._policy = policy
        self._clock = clock
        self._fence = fence
        self._pause = Pause(policy.pause, clock)
        self._reader = f"{self.name}:{model.name}:{prompt.VERSION}"
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def extract(self, candidate: Candidate) -> Extraction:
        """As the port says. A rejection to check is read by the parsers: what was stopped to save money costs none."""
        shadow = self._offline.read(candidate)
        if candidate.check:
            return shadow
        message = candidate.message
        key = forwards.key_of(message.text, message.sent_at, self._reader)
        # Copies come within seconds of each other: the second waits for the answer to the first.
        async with self._turns.setdefault(key, asyncio.Lock()):
            kept = await self._kept.get(key)
            known = self._reread(candidate, shadow, kept) if kept else None
            if known is None:
                return await self._read(candidate, shadow, key)
        if known.engine.cached:
            metrics.MODEL_REUSED.inc()
            day = day_of(self._clock())
            await self._costs.add(Spent(day, message.group.id, STAGE, self._model.name, reused=1))
        return known

    async def ready(self) -> None:
        """Raises what the last request failed with, where messages wait for the model to come back."""
        if self._pause.cause and self._policy.when_unavailable == "wait":
            raise self._pause.cause

    async def model_answers(self) -> None:
        """Raises what the last request failed with, whether or not messages wait for the model."""
        if self._pause.cause:
            raise self._pause.cause

    def _reread(self, candidate: Candidate, shadow: Extraction, kept: Kept) -> Extraction | None:
        """A kept answer held against this message; None where the message does not hold what the first one held."""
        own = kept.paid_by == candidate.event_id
        usage = Usage(kept.input_tokens, kept.output_tokens, kept.cost_usd) if own else Usage()
        if kept.answer is None:
            engine = _billed(shadow.engine, usage).model_copy(update={"cached": not own})
            return logic.without_model(shadow, logic.MODEL_FAILED, engine)
        try:
            answer = Answer.model_validate_json(kept.answer)
        except ValidationError:  # of another version
            return None
        extraction = self._joined(candidate, answer, shadow, usage, kept.latency_ms if own else 0.0)
        if own:
            return extraction
        if set(logic.unsupported(extraction)) - set(kept.unsupported):
            return None
        return extraction.model_copy(update={"engine": extraction.engine.model_copy(update={"cached": True})})

    async def _read(self, candidate: Candidate, shadow: Extraction, key: str) -> Extraction:
        began = perf_counter()
        try:
            answered = await self._ask(candidate)
        except BadAnswer as error:
            return await self._failed(candidate, shadow, key, error)
        except Transient as error:
            self._pause.begin(error)
            if self._policy.when_unavailable == "wait":
                raise
            flag = logic.BUDGET_SPENT if isinstance(error, BudgetSpent) else logic.MODEL_AWAY
            return logic.without_model(shadow, flag, shadow.engine)
        self._pause.end()
        took = perf_counter() - began
        metrics.EXTRACT_SECONDS.labels(engine=self.name).observe(took)
        extraction = self._joined(candidate, answered.answer, shadow, answered.usage, took * 1000)
        lost = tuple(logic.unsupported(extraction))
        await self._keep(key, candidate, answered.answer.model_dump_json(), answered.usage, took * 1000, lost)
        return extraction

    async def _failed(self, candidate: Candidate, shadow: Extraction, key: str, error: BadAnswer) -> Extraction:
        """The parsers' reading in place of a useless answer, or the error."""
        self._pause.end()
        log.warning("extractor.model_failed", message_id=candidate.message.message_id, reason=error.reason)
        metrics.MODEL_FAILURES.labels(cause=error.reason).inc()
        if self._policy.on_bad_answer == "dead":
            raise error
        if error.usage.input_tokens or error.usage.output_tokens:
            await self._keep(key, candidate, None, error.usage, 0.0, ())
        return logic.without_model(shadow, logic.MODEL_FAILED, _billed(shadow.engine, error.usage))

    async def _keep(
        self, key: str, candidate: Candidate, answer: str | None, usage: Usage, took: float, lost: tuple[str, ...]
    ) -> None:
        bill = (usage.input_tokens, usage.output_tokens, round(usage.cost_usd, 8), round(took, 1))
        kept = Kept(answer, candidate.event_id, *bill, lost)
        await self._kept.put(key, kept, until=self._clock() + self._policy.keep)

    async def _ask(self, candidate: Candidate) -> Answered:
        self._pause.check()
        message = candidate.message
        turns = prompt.conversation(
            message.text, sent_at=message.sent_at, fence=self._fence(), max_chars=self._policy.max_chars
        )
        return await self._model.ask(turns, source=message.group.id)

    def _joined(
        self, candidate: Candidate, answer: Answer, shadow: Extraction, usage: Usage, took: float
    ) -> Extraction:
        text, sent_at = candidate.message.text, candidate.message.sent_at
        read = text[: max(self._policy.max_chars, LONGEST)]  # more than that neither the model nor the parsers saw
        used = EngineUsed(name=self.name, model=self._model.name, version=prompt.VERSION, latency_ms=round(took, 1))
        extraction = logic.joined(answer, shadow, text=read, sent_at=sent_at, engine=_billed(used, usage))
        if len(text) > self._policy.max_chars:
            return extraction.model_copy(update={"flags": (*extraction.flags, logic.SHORTENED)})
        return extraction


def _billed(engine: EngineUsed, usage: Usage) -> EngineUsed:
    return engine.model_copy(
        update={
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cost_usd": round(usage.cost_usd, 8),
        }
    )
