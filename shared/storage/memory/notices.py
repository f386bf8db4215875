"""The notices in memory."""

from __future__ import annotations

from shared.storage.notices import Notice


class MemoryNotices:
    """As `shared.storage.notices.Notices` says."""

    def __init__(self) -> None:
        self.notices: dict[str, Notice] = {}

    async def add(self, notice: Notice) -> bool:
        """As the port says."""
        if notice.id in self.notices:
            return False
        self.notices[notice.id] = notice
        return True

    async def recent(self, limit: int = 50) -> list[Notice]:
        """As the port says."""
        by_id = sorted(self.notices.values(), key=lambda notice: notice.id)
        return sorted(by_id, key=lambda notice: notice.at, reverse=True)[:limit]
