"""What is known of the gateway, in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.storage.gateway import CHANGES_KEPT, GatewayStatus, StateChange


class MemoryGatewayRecord:
    """As `shared.storage.gateway.GatewayRecord` says."""

    def __init__(self) -> None:
        self.status = GatewayStatus()

    async def get(self) -> GatewayStatus:
        """As the port says."""
        return self.status

    async def checked(self, state: str, *, working: bool, advice: str, at: datetime) -> bool:
        """As the port says."""
        changed = state != self.status.state
        self.status = replace(self.status, state=state, working=working, advice=advice, checked_at=at)
        if changed:
            changes = (*self.status.changes, StateChange(state, working, at))[-CHANGES_KEPT:]
            self.status = replace(self.status, since=at, changes=changes)
        return changed

    async def alarmed(self, alarmed: bool) -> None:
        """As the port says."""
        self.status = replace(self.status, alarmed=alarmed)

    async def synced(self, at: datetime | None) -> None:
        """As the port says."""
        self.status = replace(self.status, synced_at=at)
