"""The two engines: the parsers alone, and the model with the parsers beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Literal

import structlog

from services.extractor import logic, prompt
from services.extractor.ports import Answered, BadAnswer, Model, Usage
from shared.contracts.pipeline import Candidate, Extraction
from shared.contracts.pipeline import Engine as EngineUsed
from shared.errors import Transient
from shared.observability import metrics
from shared.storage.extractions import Extractions

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


class ModelEngine:
    """Asks the model and holds its answer against the message.

    A paid answer is kept before anything else happens: a message that is delivered again is not paid for again.
    """

    name = "openai"

    def __init__(
        self,
        model: Model,
        offline: OfflineEngine,
        kept: Extractions,
        policy: Policy,
        *,
        clock: Callable[[], datetime],
        fence: Callable[[], str],
    ) -> None:
        self._model = model
        self._offline = offline
        self._kept = kept
        self._policy = policy
        self._clock = clock
        self._fence = fence
        self._pause = Pause(policy.pause, clock)
        self._reader = f"{self.name}:{model.name}:{prompt.VERSION}"

    async def extract(self, candidate: Candidate) -> Extraction:
        """As the port says."""
        if known := await self._kept.get(candidate.event_id, reader=self._reader):
            return known
        extraction = await self._read(candidate)
        if extraction.engine.input_tokens or extraction.engine.output_tokens:
            await self._kept.put(candidate.event_id, extraction, reader=self._reader, now=self._clock())
        return extraction

    async def ready(self) -> None:
        """Raises what the last request failed with, where messages wait for the model to come back."""
        if self._pause.cause and self._policy.when_unavailable == "wait":
            raise self._pause.cause

    async def _read(self, candidate: Candidate) -> Extraction:
        shadow = self._offline.read(candidate)
        began = perf_counter()
        try:
            answered = await self._ask(candidate)
        except BadAnswer as error:
            self._pause.end()
            log.warning("extractor.model_failed", message_id=candidate.message.message_id, reason=error.reason)
            metrics.MODEL_FAILURES.labels(cause=error.reason).inc()
            if self._policy.on_bad_answer == "dead":
                raise
            return logic.without_model(shadow, logic.MODEL_FAILED, _billed(shadow.engine, error.usage))
        except Transient as error:
            self._pause.begin(error)
            if self._policy.when_unavailable == "wait":
                raise
            return logic.without_model(shadow, logic.MODEL_AWAY, shadow.engine)
        self._pause.end()
        took = perf_counter() - began
        metrics.EXTRACT_SECONDS.labels(engine=self.name).observe(took)
        return self._joined(candidate, answered, shadow, took)

    async def _ask(self, candidate: Candidate) -> Answered:
        self._pause.check()
        message = candidate.message
        return await self._model.ask(
            prompt.conversation(
                message.text, sent_at=message.sent_at, fence=self._fence(), max_chars=self._policy.max_chars
            )
        )

    def _joined(self, candidate: Candidate, answered: Answered, shadow: Extraction, took: float) -> Extraction:
        text = candidate.message.text
        used = EngineUsed(
            name=self.name, model=self._model.name, version=prompt.VERSION, latency_ms=round(took * 1000, 1)
        )
        extraction = logic.joined(
            answered.answer,
            shadow,
            text=text,
            sent_at=candidate.message.sent_at,
            engine=_billed(used, answered.usage),
        )
        if len(text) > self._policy.max_chars:
            return extraction.model_copy(update={"flags": (*extraction.flags, logic.SHORTENED)})
        return extraction


class Pause:
    """Leaves a model alone that has just failed: meanwhile every message fails at once with the same cause."""

    def __init__(self, length: timedelta, clock: Callable[[], datetime]) -> None:
        self.cause: Transient | None = None
        self._length = length
        self._clock = clock
        self._until: datetime | None = None

    def begin(self, cause: Transient) -> None:
        """From now on for the usual time, or as long as the other side asked for. Says so in the log, once."""
        if self._until is not None and self._clock() < self._until:
            return  # its own echo
        metrics.MODEL_FAILURES.labels(cause=type(cause).__name__).inc()
        wait = self._length if cause.retry_after is None else max(self._length, timedelta(seconds=cause.retry_after))
        self._until = self._clock() + wait
        if self.cause is None or str(self.cause) != str(cause):
            log.error(
                "extractor.model_away", cause=type(cause).__name__, detail=str(cause), wait_s=wait.total_seconds()
            )
        self.cause = cause

    def end(self) -> None:
        """The model has answered."""
        if self.cause is not None:
            log.info("extractor.model_back")
        self.cause = self._until = None

    def check(self) -> None:
        """Raises the cause, with what is left of the wait, while the pause lasts."""
        if self.cause is None or self._until is None:
            return
        left = (self._until - self._clock()).total_seconds()
        if left > 0:
            raise type(self.cause)(str(self.cause), retry_after=left)


def _billed(engine: EngineUsed, usage: Usage) -> EngineUsed:
    return engine.model_copy(
        update={
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cost_usd": round(usage.cost_usd, 8),
        }
    )
