"""Our subscribers: addresses that are sent approved calls and alerts, and each thing that they were or will be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Topic(StrEnum):
    """What a subscriber asks for."""

    CALLS = "calls"
    ALERTS = "alerts"


@dataclass(frozen=True, slots=True)
class HookSecret:
    """What deliveries are signed with, until then (None: for good)."""

    value: str  # whsec_…
    until: datetime | None = None

    def signs(self, now: datetime) -> bool:
        """Whether deliveries are signed with it now."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Hook:
    """A subscriber. The newest secret comes first; an older one signs as well until its time has come."""

    id: str
    url: str
    topics: tuple[Topic, ...]
    secrets: tuple[HookSecret, ...]
    created_at: datetime
    disabled_at: datetime | None = None
    disabled_why: str = ""

    def signing(self, now: datetime) -> list[str]:
        """The secrets to sign with now."""
        return [secret.value for secret in self.secrets if secret.signs(now)]


class DeliveryState(StrEnum):
    """How a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"  # given up


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing for one subscriber. `event_id` is its `webhook-id`: the same with every try."""

    hook_id: str
    event_id: str
    type: str
    body: str  # the JSON that is signed and sent, to the byte
    created_at: datetime
    next_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    error: str = ""

    @property
    def id(self) -> str:
        """Its key."""
        return f"{self.hook_id}/{self.event_id}"


class Hooks(Protocol):
    """The port of the subscribers. What was delivered or given up is kept for 14 days."""

    async def add(self, hook: Hook) -> bool:
        """Adds it; False where its id is taken."""
        ...

    async def get(self, id: str) -> Hook | None:
        """The subscriber of this id."""
        ...

    async def all(self) -> list[Hook]:
        """All of them, the earliest first."""
        ...

    async def remove(self, id: str) -> bool:
        """Forgets it with all that it was to be sent; False where it is unknown."""
        ...

    async def disable(self, id: str, at: datetime, why: str) -> bool:
        """Sends it nothing any more; what waits goes on waiting. False where it is unknown."""
        ...

    async def enable(self, id: str) -> bool:
        """Sends to it again; False where it is unknown."""
        ...

    async def set_secrets(self, id: str, secrets: Sequence[HookSecret]) -> bool:
        """Puts these in place of its secrets; False where it is unknown."""
        ...

    async def enqueue(self, deliveries: Sequence[Delivery]) -> int:
        """Keeps what is to be sent; what is known already stays as it is. Returns how many were new."""
        ...

    async def due(self, hook_id: str, now: datetime, *, limit: int = 50) -> list[Delivery]:
        """What this subscriber is to be sent now, the longest due first."""
        ...

    async def note(self, delivery: Delivery) -> None:
        """Keeps how a delivery stands: its state, attempts, next time and error."""
        ...

    async def recent(self, hook_id: str, *, state: DeliveryState, limit: int = 20) -> list[Delivery]:
        """Deliveries in this state, the latest due first."""
        ...
