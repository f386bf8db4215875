"""The publish port: all that a handler knows of the broker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.contracts.base import Event


@dataclass(frozen=True, slots=True)
class Published:
    """The broker's acknowledgement: the event is stored. `duplicate`: it had this event id already."""

    sequence: int
    duplicate: bool


class Publisher(Protocol):
    """Sends events to their subjects."""

    async def publish(self, event: Event) -> Published:
        """Stores one event and returns its acknowledgement; raises Unavailable when there is none."""
        ...

    async def publish_all(self, events: Sequence[Event]) -> list[Published]:
        """Stores events in their order; Unavailable when any was not acknowledged (send all again: it is safe)."""
        ...


class RecordingPublisher:
    """A Publisher that keeps what it is given, for tests. Set `error` to make it fail."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.error: Exception | None = None
        self._ids: dict[str, int] = {}

    async def publish(self, event: Event) -> Published:
        """As the port says."""
        if self.error is not None:
            raise self.error
        known = self._ids.get(event.event_id)
        if known is not None:
            return Published(known, duplicate=True)
        self.events.append(event)
        self._ids[event.event_id] = len(self.events)
        return Published(len(self.events), duplicate=False)

    async def publish_all(self, events: Sequence[Event]) -> list[Published]:
        """As the port says."""
        return [await self.publish(event) for event in events]
