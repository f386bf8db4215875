"""The time for which a model that has failed is left alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from shared.errors import Transient
from shared.observability import metrics

log = structlog.get_logger(__name__)


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
        metrics.MODEL_AWAY.set(1)

    def end(self) -> None:
        """The model has answered."""
        if self.cause is not None:
            log.info("extractor.model_back")
        self.cause = self._until = None
        metrics.MODEL_AWAY.set(0)

    def check(self) -> None:
        """Raises the cause, with what is left of the wait, while the pause lasts."""
        if self.cause is None or self._until is None:
            return
        left = (self._until - self._clock()).total_seconds()
        if left > 0:
            raise type(self.cause)(str(self.cause), retry_after=left)
