"""The signs of life in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.storage.heartbeats import Beat


class MemoryHeartbeats:
    """As `shared.storage.heartbeats.Heartbeats` says."""

    def __init__(self) -> None:
        self.beats: dict[tuple[str, str], Beat] = {}

    async def beat(self, service: str, replica: str, at: datetime, detail: Mapping[str, Any]) -> None:
        """As the port says."""
        known = self.beats.get((service, replica))
        self.beats[service, replica] = Beat(service, replica, known.started_at if known else at, at, dict(detail))

    async def all(self) -> list[Beat]:
        """As the port says."""
        return [beat for _key, beat in sorted(self.beats.items())]
