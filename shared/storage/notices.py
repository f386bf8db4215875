"""Notices: things that an operator should be told, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell. `kind` is a constant name ("group_found", "gateway_lost", "gateway_back")."""

    id: str
    kind: str
    text: str  # one plain sentence: what happened and, where there is something, what to do
    at: datetime
    details: Mapping[str, Any] = field(default_factory=dict)


class Notices(Protocol):
    """The port of the notices."""

    async def add(self, notice: Notice) -> bool:
        """Keeps it; False (and no change) where a notice of this id is there already."""
        ...

    async def recent(self, limit: int = 50) -> list[Notice]:
        """The newest ones, newest first. They are kept for 90 days."""
        ...
