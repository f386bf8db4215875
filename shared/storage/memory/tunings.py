"""The tunings in memory."""

from __future__ import annotations

from shared.storage.tunings import Tuning


class MemoryTunings:
    """As `shared.storage.tunings.Tunings` says."""

    def __init__(self) -> None:
        self.kept: dict[int, Tuning] = {}

    async def add(self, tuning: Tuning) -> bool:
        """As the port says."""
        return self.kept.setdefault(tuning.version, tuning) is tuning

    async def get(self, version: int) -> Tuning | None:
        """As the port says."""
        return self.kept.get(version)

    async def versions(self, *, above: int = 0) -> list[int]:
        """As the port says."""
        return sorted((version for version in self.kept if version > above), reverse=True)
