"""The dead letters in memory."""

from __future__ import annotations

from collections.abc import Sequence

from shared.contracts.pipeline import DeadLetter


class MemoryDeadLetters:
    """The port `DeadLetters`, kept in dictionaries."""

    def __init__(self) -> None:
        self._letters: dict[str, DeadLetter] = {}
        self._outcomes: dict[str, str] = {}

    async def add(self, letter: DeadLetter) -> bool:
        """As the port says."""
        if letter.event_id in self._letters:
            return False
        self._letters[letter.event_id] = letter
        return True

    async def get(self, event_id: str) -> DeadLetter | None:
        """As the port says."""
        return self._letters.get(event_id)

    async def open(self, *, stage: str | None = None, limit: int = 100) -> list[DeadLetter]:
        """As the port says."""
        letters = [letter for id, letter in self._letters.items() if id not in self._outcomes]
        wanted = [letter for letter in letters if stage is None or letter.stage == stage]
        return sorted(wanted, key=lambda letter: letter.failed_at, reverse=True)[:limit]

    async def count_open(self) -> int:
        """As the port says."""
        return len(self._letters) - len(self._outcomes)

    async def settle(self, event_ids: Sequence[str], outcome: str) -> int:
        """As the port says."""
        fresh = [id for id in dict.fromkeys(event_ids) if id in self._letters and id not in self._outcomes]
        self._outcomes.update(dict.fromkeys(fresh, outcome))
        return len(fresh)
