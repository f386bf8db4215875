"""Signs of life: every replica of every service says now and then that it is there, and what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Beat:
    """The last sign of life of one replica. `detail`: plain values, such as the readiness checks that fail."""

    service: str
    replica: str
    started_at: datetime  # its first beat
    at: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)


class Heartbeats(Protocol):
    """The port of the signs of life."""

    async def beat(self, service: str, replica: str, at: datetime, detail: Mapping[str, Any]) -> None:
        """Notes that this replica lives. Names in `detail` hold no dots and do not begin with a dollar sign."""
        ...

    async def all(self) -> list[Beat]:
        """The last beat of each replica of the last week, by service and replica."""
        ...
