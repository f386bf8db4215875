"""Turns reviewers' decisions into labelled cases, after they were made: no reviewer waits for it."""

from __future__ import annotations

from datetime import timedelta

import structlog

from services.publisher.labels import case_of
from shared.observability import metrics
from shared.storage.calls import Call, Calls
from shared.storage.cases import Cases

log = structlog.get_logger(__name__)

_BATCH = 100


class CaseKeeper:
    """Follows the calls that were decided on. Any number of replicas may do so at once.

    Each decision leaves a mark on its call, in the same write. The case is stored first and the mark taken off after,
    so that a crash in between makes the same case again, which changes nothing.
    """

    def __init__(self, calls: Calls, cases: Cases, *, kept: timedelta) -> None:
        self._calls = calls
        self._cases = cases
        self._kept = kept

    async def once(self) -> int:
        """Makes the cases that wait and returns how many decisions that were; Transient while the database is away."""
        done = 0
        while calls := await self._calls.unlearned(limit=_BATCH):
            for call in calls:
                await self._learn(call)
                await self._calls.mark_learned(call.id, call.version)
                done += 1
        return done

    async def _learn(self, call: Call) -> None:
        if call.faded:  # the case that was made of it has a time of its own
            return
        case = case_of(call)
        if case is None:
            changed = await self._cases.void(call.id, call.version, until=call.updated_at + self._kept)
        else:
            changed = await self._cases.keep(case, until=case.at + self._kept)
        if changed:
            label = case.label if case else "none"
            metrics.CASES.labels(label=label).inc()
            log.info("publisher.case", call_id=call.id, version=call.version, label=label)
