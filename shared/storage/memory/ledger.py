"""The message ledger in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from shared.storage.ledger import JUDGED, STOPPED, Again, Entry, State


class MemoryLedger:
    """As `shared.storage.ledger.Ledger` says."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    async def record(self, entries: Sequence[Entry]) -> list[Entry | None]:
        """As the port says."""
        before: list[Entry | None] = []
        for entry in entries:
            stored = self.entries.get(entry.id)
            before.append(_copy(stored) if stored else None)
            if stored is None:
                self.entries[entry.id] = entry  # handed over: a recorded entry is not touched again by who recorded it
        return before

    async def seen_again(self, sightings: Sequence[Again]) -> None:
        """As the port says."""
        for seen in sightings:
            entry = self.entries.get(seen.id)
            if entry and all(item["claim"] != seen.claim for item in entry.sightings):
                entry.sightings.append({"claim": seen.claim, "via": seen.via, "at": seen.at})

    async def settle(
        self, id: str, state: State, *, stage: str, detail: dict[str, Any], never_over: Collection[State] = ()
    ) -> bool:
        """As the port says."""
        entry = self.entries.get(id)
        if entry is None or entry.state in never_over:
            return False
        entry.state = state
        entry.stages[stage] = detail
        entry.call_id = detail.get("call_id", entry.call_id)
        entry.duplicate_of = detail.get("duplicate_of", entry.duplicate_of)
        return True

    async def rejudge(self, entry: Entry, *, run: str) -> bool:
        """As the port says."""
        stored = self.entries.get(entry.id)
        if stored is None or stored.claim != entry.claim or stored.state not in STOPPED:
            return False
        note = {"run": run, "was": str(stored.state), "rule": stored.rule}
        for name in JUDGED:
            setattr(stored, name, getattr(entry, name))
        kept = {name: detail for name, detail in stored.stages.items() if name not in ("filter", "dead")}
        stored.stages = kept | entry.stages | {"replay": note}
        return True

    async def get(self, id: str) -> Entry | None:
        """As the port says."""
        stored = self.entries.get(id)
        return _copy(stored) if stored else None

    async def known(self, ids: Sequence[str]) -> set[str]:
        """As the port says."""
        return {id for id in ids if id in self.entries}

    async def copies_of(self, id: str, *, limit: int = 200) -> list[Entry]:
        """As the port says."""
        found = [_copy(entry) for entry in self.entries.values() if entry.duplicate_of == id]
        return sorted(found, key=lambda entry: (entry.sent_at, entry.id))[:limit]

    async def count_by_state(self, *, since: datetime | None = None) -> dict[str, int]:
        """As the port says."""
        counts = Counter(str(e.state) for e in self.entries.values() if since is None or e.seen_at >= since)
        return {str(state): counts[str(state)] for state in State}


def _copy(entry: Entry) -> Entry:
    """What a database would give back: nobody else's lists."""
    return replace(entry, sightings=list(entry.sightings), stages=dict(entry.stages))
