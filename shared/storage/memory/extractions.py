"""The kept answers in memory."""

from __future__ import annotations

from datetime import datetime

from shared.storage.extractions import Kept


class MemoryExtractions:
    """As `shared.storage.extractions.Extractions` says; nothing lapses."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[Kept, datetime]] = {}

    async def get(self, key: str) -> Kept | None:
        """As the port says."""
        found = self.answers.get(key)
        return found[0] if found else None

    async def put(self, key: str, kept: Kept, *, until: datetime) -> None:
        """As the port says."""
        self.answers[key] = (kept, until)
