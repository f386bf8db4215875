"""The sources in memory."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import UTC, datetime, timedelta

from shared.storage.sources import Answer, Source, SourceStatus

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class MemorySources:
    """As `shared.storage.sources.Sources` says."""

    def __init__(self, *sources: Source) -> None:
        self.sources = {source.id: copy(source) for source in sources}

    async def add(self, source: Source) -> bool:
        """As the port says."""
        if source.id in self.sources:
            return False
        self.sources[source.id] = copy(source)
        return True

    async def get(self, id: str) -> Source | None:
        """As the port says."""
        found = self.sources.get(id)
        return copy(found) if found else None

    async def all(self, status: SourceStatus | None = None) -> list[Source]:
        """As the port says."""
        found = [copy(source) for source in self.sources.values() if status in (None, source.status)]
        return sorted(found, key=lambda source: (source.name, source.id))

    async def set_status(self, id: str, status: SourceStatus) -> bool:
        """As the port says."""
        source = self.sources.get(id)
        if source is None:
            return False
        source.status = status
        if status is SourceStatus.ACTIVE:
            source.due_at = None
        return True

    async def rename(self, id: str, name: str, participants: int | None) -> bool:
        """As the port says."""
        source = self.sources.get(id)
        if source is None:
            return False
        source.name, source.participants = name, participants
        return True

    async def due(self, now: datetime, *, limit: int = 50) -> list[Source]:
        """As the port says."""
        found = [source for source in self.sources.values() if _free(source, now)]
        found.sort(key=lambda source: (source.due_at or _LONG_AGO, source.id))
        return [copy(source) for source in found[:limit]]

    async def lease(self, id: str, owner: str, *, now: datetime, ttl: timedelta) -> Source | None:
        """As the port says."""
        source = self.sources.get(id)
        if source is None or source.status is not SourceStatus.ACTIVE:
            return None
        if source.lease_owner != owner and not _free(source, now):
            return None
        source.lease_owner, source.lease_until = owner, now + ttl
        return copy(source)

    async def advance(self, id: str, owner: str, watermark: datetime) -> bool:
        """As the port says."""
        source = self._held(id, owner)
        if source is None:
            return False
        source.watermark = max(watermark, source.watermark or watermark)
        return True

    async def polled(
        self, id: str, owner: str, *, at: datetime, due_at: datetime, new: int | None, error: str | None = None
    ) -> bool:
        """As the port says."""
        source = self._held(id, owner)
        if source is None:
            return False
        source.last_poll_at, source.last_poll_new, source.last_error = at, new, error
        source.due_at, source.lease_owner, source.lease_until = due_at, None, None
        return True

    async def ask(self, id: str, at: datetime) -> bool:
        """As the port says."""
        source = self.sources.get(id)
        if source is None:
            return False
        source.ask_at = max(at, source.ask_at or at)
        return True

    async def compared(self, id: str, answer: Answer, *, at: datetime, found: int) -> bool:
        """As the port says."""
        source = self.sources.get(id)
        if source is None:
            return False
        source.answer, source.compared_at, source.compared_found = answer, at, found
        return True

    async def heard(self, seen: Sequence[tuple[str, datetime]], *, via_webhook: bool) -> None:
        """As the port says."""
        for id, sent_at in seen:
            if source := self.sources.get(id):
                source.last_message_at = max(sent_at, source.last_message_at or sent_at)
                if via_webhook:
                    source.last_webhook_at = max(sent_at, source.last_webhook_at or sent_at)

    def _held(self, id: str, owner: str) -> Source | None:
        source = self.sources.get(id)
        return source if source and source.lease_owner == owner else None


def _free(source: Source, now: datetime) -> bool:
    """Active, due, and read by nobody now."""
    times = (source.due_at, source.lease_until)
    return source.status is SourceStatus.ACTIVE and all(time is None or time <= now for time in times)
