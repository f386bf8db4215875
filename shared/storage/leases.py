"""Leases: which replica does a thing that only one may do at a time. A holder that dies loses it by time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol


class Leases(Protocol):
    """The port of the leases."""

    async def acquire(self, name: str, owner: str, *, now: datetime, ttl: timedelta) -> bool:
        """True when `owner` holds the lease until now + ttl: it was free, had run out, or was its own (renewed)."""
        ...

    async def release(self, name: str, owner: str) -> None:
        """Gives it back; nothing happens where somebody else holds it by now."""
        ...
