"""The erasures in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


class MemoryErasures:
    """As `shared.storage.erasures.Erasures` says."""

    def __init__(self) -> None:
        self.until: dict[str, datetime] = {}

    async def add(self, event_ids: Sequence[str], *, until: datetime) -> None:
        """As the port says."""
        for id in event_ids:
            self.until.setdefault(id, until)

    async def all(self) -> frozenset[str]:
        """As the port says."""
        return frozenset(self.until)
