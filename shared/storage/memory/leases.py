"""The leases in memory."""

from __future__ import annotations

from datetime import datetime, timedelta


class MemoryLeases:
    """As `shared.storage.leases.Leases` says."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[str, datetime]] = {}

    async def acquire(self, name: str, owner: str, *, now: datetime, ttl: timedelta) -> bool:
        """As the port says."""
        holder, until = self.held.get(name, (owner, now))
        if holder != owner and until > now:
            return False
        self.held[name] = (owner, now + ttl)
        return True

    async def release(self, name: str, owner: str) -> None:
        """As the port says."""
        if name in self.held and self.held[name][0] == owner:
            del self.held[name]
