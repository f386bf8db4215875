"""The audit in memory."""

from __future__ import annotations

from shared.storage.audit import Deed


class MemoryAudit:
    """As `shared.storage.audit.Audit` says."""

    def __init__(self) -> None:
        self.deeds: list[Deed] = []

    async def note(self, deed: Deed) -> None:
        """As the port says."""
        self.deeds.append(deed)

    async def recent(self, about: str, *, limit: int = 50) -> list[Deed]:
        """As the port says."""
        found = [deed for deed in self.deeds if deed.about == about]
        return sorted(found, key=lambda deed: deed.at, reverse=True)[:limit]
