"""The calls in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from shared.storage.calls import Call, Status, Summary, summary_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MemoryCalls:
    """The port `Calls`, kept in a dictionary."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self._deletions: dict[str, tuple[str, datetime]] = {}
        self._learned: dict[str, int] = {}

    async def insert(self, call: Call) -> bool:
        """As the port says."""
        if call.id in self._calls:
            return False
        self._calls[call.id] = call
        return True

    async def get(self, id: str) -> Call | None:
        """As the port says."""
        return self._calls.get(id)

    async def many(self, ids: Sequence[str]) -> list[Call]:
        """As the port says."""
        return [self._calls[id] for id in ids if id in self._calls]

    async def save(self, call: Call, *, over: int) -> bool:
        """As the port says."""
        stored = self._calls.get(call.id)
        if stored is None or stored.version != over:
            return False
        self._calls[call.id] = call.model_copy(update={"sent_revision": stored.sent_revision})
        return True

    async def unsent(self, *, limit: int = 100) -> list[Call]:
        """As the port says."""
        waiting = [call for call in self._calls.values() if call.unsent]
        return sorted(waiting, key=lambda call: call.changed_at or _EPOCH)[:limit]

    async def mark_sent(self, id: str, revision: int) -> None:
        """As the port says."""
        call = self._calls[id]
        self._calls[id] = call.model_copy(update={"sent_revision": max(revision, call.sent_revision)})

    async def unlearned(self, *, limit: int = 100) -> list[Call]:
        """As the port says."""
        touched = (call for call in self._calls.values() if call.touched)
        return [call for call in touched if self._learned.get(call.id) != call.version][:limit]

    async def mark_learned(self, id: str, version: int) -> None:
        """As the port says."""
        self._learned[id] = max(version, self._learned.get(id, 0))

    async def standing(self, status: Status) -> list[Summary]:
        """As the port says."""
        return [summary_of(call) for call in self._calls.values() if call.status is status]

    async def updated_since(self, at: datetime) -> list[Summary]:
        """As the port says."""
        return [summary_of(call) for call in self._calls.values() if call.updated_at >= at]

    async def decided(self, status: Status, *, before: datetime | None = None, limit: int = 50) -> list[Summary]:
        """As the port says."""
        rows = [row for row in await self.standing(status) if before is None or row.updated_at < before]
        return sorted(rows, key=lambda row: (row.updated_at, row.id), reverse=True)[:limit]

    async def decided_by(self, actor: str, since: datetime) -> list[Summary]:
        """As the port says."""
        mine = [row for row in map(summary_of, self._calls.values()) if row.decided_by == actor]
        return sorted((row for row in mine if row.updated_at >= since), key=lambda row: row.updated_at, reverse=True)

    async def merged_into(self, id: str) -> list[Call]:
        """As the port says."""
        return sorted((call for call in self._calls.values() if call.merged_into == id), key=_posted)

    async def gone_since(self, at: datetime, *, limit: int = 500) -> list[Summary]:
        """As the port says."""
        gone = [summary_of(call) for call in self._calls.values() if call.published is False]
        left = [row for row in gone if row.changed_at is not None and row.changed_at >= at]
        return sorted(left, key=lambda row: row.changed_at or at)[:limit]

    async def closing_before(self, day: date, *, limit: int = 100) -> list[str]:
        """As the port says."""
        rows = await self.standing(Status.APPROVED)
        return [row.id for row in rows if row.closes_on is not None and row.closes_on < day][:limit]

    async def note_deletion(self, id: str, event_id: str, at: datetime) -> None:
        """As the port says."""
        self._deletions.setdefault(id, (event_id, at))

    async def deletion(self, id: str) -> str | None:
        """As the port says."""
        found = self._deletions.get(id)
        return found[0] if found else None


def _posted(call: Call) -> tuple[datetime, str]:
    return call.message.sent_at, call.id
