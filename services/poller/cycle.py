"""The summary of one cycle: what the log and the metrics say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from services.poller.logic import Found
from shared.observability import metrics

log = structlog.get_logger(__name__)

_REASONS = frozenset({"other_group", "too_old", "refused", "own_echo", "malformed"})


@dataclass(slots=True)
class Cycle:
    """What one cycle did, over all its groups. `fetched` counts what the gateway sent, also what was left out."""

    groups: int = 0
    fetched: int = 0
    new: int = 0
    known: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    requests: int = 0

    def add(self, found: Found) -> None:
        """Counts what the poll of one group brought."""
        self.fetched += found.fetched
        self.new += found.new
        self.known += found.known
        metrics.POLLED.labels("new").inc(found.new)
        metrics.POLLED.labels("known").inc(found.known)

    def skip(self, skipped: Mapping[str, int]) -> None:
        """Counts what was left out, by reason."""
        for reason, times in skipped.items():
            self.skipped[reason] += times
            label = reason.partition(":")[0]
            metrics.POLLED.labels(label if label in _REASONS else "ignored").inc(times)

    def tell(self) -> None:
        """One line in the log, where anything was polled."""
        if self.groups:
            log.info(
                "poller.cycle",
                groups=self.groups,
                fetched=self.fetched,
                new=self.new,
                known=self.known,
                skipped=dict(self.skipped),
                errors=dict(self.errors),
                requests=self.requests,
            )
