"""The kept readings in memory."""

from __future__ import annotations

from datetime import datetime

from shared.contracts.pipeline import Extraction


class MemoryExtractions:
    """As `shared.storage.extractions.Extractions` says; nothing lapses."""

    def __init__(self) -> None:
        self.readings: dict[str, tuple[str, Extraction]] = {}

    async def get(self, event_id: str, *, reader: str) -> Extraction | None:
        """As the port says."""
        kept_reader, extraction = self.readings.get(event_id, ("", None))
        return extraction if kept_reader == reader else None

    async def put(self, event_id: str, extraction: Extraction, *, reader: str, now: datetime) -> None:  # noqa: ARG002
        """As the port says."""
        self.readings[event_id] = (reader, extraction)
