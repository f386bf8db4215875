"""Messages that could not be handled, kept until somebody has looked at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from shared.contracts.pipeline import DeadLetter


class DeadLetters(Protocol):
    """The dead letters' port. An open letter is one that nobody has settled yet."""

    async def add(self, letter: DeadLetter) -> bool:
        """Keeps a letter, open. False when it was there already; a settled one stays settled."""
        ...

    async def get(self, event_id: str) -> DeadLetter | None:
        """The letter of this id, open or not."""
        ...

    async def open(self, *, stage: str | None = None, limit: int = 100) -> list[DeadLetter]:
        """Open letters, latest first, all or one stage's."""
        ...

    async def count_open(self) -> int:
        """How many are open."""
        ...

    async def settle(self, event_ids: Sequence[str], outcome: str) -> int:
        """Closes those of these letters that are open ("replayed", "dropped"); returns how many that were."""
        ...
