"""What was erased on request lately: the names of events that must not be taken in when they are delivered again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Erasures(Protocol):
    """The port of the erasures. They name events, and nobody."""

    async def add(self, event_ids: Sequence[str], *, until: datetime) -> None:
        """Keeps these until then; those that are there already stay as they are."""
        ...

    async def all(self) -> frozenset[str]:
        """All of them; those whose time is over may still be among them."""
        ...
