"""What is older than its time: the words and the persons in it are taken out, what has to be counted stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

AGE, WORDS, MENTION = "age", "words", "mention"  # what was taken out of an entry of the ledger (see `Entry.erased`)
ANSWERED = ("reason", "because")  # what stages say of a message in words that may be its own


class Retention(Protocol):
    """The port of the retention. Each step may be repeated, and goes on where a crash has left it."""

    async def reached(self, what: str) -> datetime | None:
        """Up to when everything of this kind is done; None before the first time."""
        ...

    async def reach(self, what: str, at: datetime) -> None:
        """Notes that everything of this kind is done up to then. Never goes back."""
        ...

    async def first_hour(self) -> datetime | None:
        """When the hour began in which the oldest entry of the ledger was made; None for an empty one."""
        ...

    async def fade_messages(self, hour: datetime) -> int:
        """Takes words, sender and name out of the entries first seen in this hour (UTC), and the claims of their texts.

        Returns how many entries had not been emptied before.
        """
        ...

    async def fade_cases(self, before: datetime, mask: Callable[[str], str]) -> int:
        """Masks the words of cases decided before, and takes out their contacts; returns how many that were."""
        ...

    async def drop_letters(self, before: datetime) -> int:
        """Takes out the dead letters that failed before, settled or not; returns how many that were."""
        ...

    async def drop_deliveries(self, before: datetime) -> int:
        """Takes out what subscribers were to be sent and was made before; returns how many that were."""
        ...
