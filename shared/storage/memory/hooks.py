"""The subscribers in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from shared.storage.hooks import Delivery, DeliveryState, Hook, HookSecret


class MemoryHooks:
    """As `shared.storage.hooks.Hooks` says."""

    def __init__(self) -> None:
        self._hooks: dict[str, Hook] = {}
        self.deliveries: dict[str, Delivery] = {}

    async def add(self, hook: Hook) -> bool:
        """As the port says."""
        if hook.id in self._hooks:
            return False
        self._hooks[hook.id] = hook
        return True

    async def get(self, id: str) -> Hook | None:
        """As the port says."""
        return self._hooks.get(id)

    async def all(self) -> list[Hook]:
        """As the port says."""
        return sorted(self._hooks.values(), key=lambda hook: (hook.created_at, hook.id))

    async def remove(self, id: str) -> bool:
        """As the port says."""
        self.deliveries = {key: one for key, one in self.deliveries.items() if one.hook_id != id}
        return self._hooks.pop(id, None) is not None

    async def disable(self, id: str, at: datetime, why: str) -> bool:
        """As the port says."""
        return self._change(id, disabled_at=at, disabled_why=why)

    async def enable(self, id: str) -> bool:
        """As the port says."""
        return self._change(id, disabled_at=None, disabled_why="")

    async def set_secrets(self, id: str, secrets: Sequence[HookSecret]) -> bool:
        """As the port says."""
        return self._change(id, secrets=tuple(secrets))

    async def enqueue(self, deliveries: Sequence[Delivery]) -> int:
        """As the port says."""
        new = {delivery.id: delivery for delivery in deliveries if delivery.id not in self.deliveries}
        self.deliveries |= new
        return len(new)

    async def due(self, hook_id: str, now: datetime, *, limit: int = 50) -> list[Delivery]:
        """As the port says."""
        waiting = [one for one in self._of(hook_id, DeliveryState.WAITING) if one.next_at <= now]
        return sorted(waiting, key=lambda one: (one.next_at, one.created_at, one.id))[:limit]

    async def note(self, delivery: Delivery) -> None:
        """As the port says."""
        if delivery.id in self.deliveries:
            self.deliveries[delivery.id] = delivery

    async def recent(self, hook_id: str, *, state: DeliveryState, limit: int = 20) -> list[Delivery]:
        """As the port says."""
        found = self._of(hook_id, state)
        return sorted(found, key=lambda one: (one.next_at, one.created_at, one.id), reverse=True)[:limit]

    def _of(self, hook_id: str, state: DeliveryState) -> list[Delivery]:
        return [one for one in self.deliveries.values() if one.hook_id == hook_id and one.state is state]

    def _change(self, id: str, **values: Any) -> bool:
        known = self._hooks.get(id)
        if known is None:
            return False
        self._hooks[id] = replace(known, **values)
        return True
