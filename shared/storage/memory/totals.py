"""The running totals in memory: counted anew from the ledger in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from shared.storage.memory.ledger import MemoryLedger
from shared.storage.totals import Fate, Hour, fate_of, hour_of


class MemoryTotals:
    """As `shared.storage.totals.Totals` says."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self._ledger = ledger
        self._hours: dict[datetime, Counter[Fate]] = {}
        self._changed: dict[datetime, datetime] = {}

    async def follow(self, now: datetime, *, limit: int = 200) -> int:  # noqa: ARG002 (the port's)
        """As the port says; the whole ledger is one batch."""
        hours: defaultdict[datetime, Counter[Fate]] = defaultdict(Counter)
        for entry in self._ledger.entries.values():
            hours[hour_of(entry.seen_at)][fate_of(entry.group_id, entry.state, entry.rule, entry.stages)] += 1
        changed = [at for at in hours if hours[at] != self._hours.get(at)]
        self._hours = dict(hours)
        self._changed |= dict.fromkeys(changed, now)
        return 1 if changed else 0

    async def since(self, at: datetime) -> list[Hour]:
        """As the port says."""
        return [Hour(hour, counts) for hour, counts in sorted(self._hours.items()) if hour >= at]

    async def changed_since(self, at: datetime) -> list[Hour]:
        """As the port says."""
        return [Hour(hour, counts) for hour, counts in self._hours.items() if self._changed[hour] >= at]
