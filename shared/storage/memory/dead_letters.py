"""The dead letters in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shared.contracts.pipeline import DeadLetter
from shared.storage.dead_letters import KeptLetter, Kind, LetterFilter, Outcome, group_of


class MemoryDeadLetters:
    """The port `DeadLetters`, kept in a dictionary."""

    def __init__(self) -> None:
        self._letters: dict[str, KeptLetter] = {}

    async def add(self, letter: DeadLetter) -> bool:
        """As the port says."""
        if letter.event_id in self._letters:
            return False
        self._letters[letter.event_id] = KeptLetter(letter, Outcome.OPEN)
        return True

    def drop(self, before: datetime) -> int:
        """Takes out what failed before; returns how many letters that were."""
        old = [id for id, kept in self._letters.items() if kept.letter.failed_at < before]
        for id in old:
            del self._letters[id]
        return len(old)

    async def get(self, event_id: str) -> DeadLetter | None:
        """As the port says."""
        found = self._letters.get(event_id)
        return found.letter if found else None

    async def kept(self, event_id: str) -> KeptLetter | None:
        """As the port says."""
        return self._letters.get(event_id)

    async def open(self, *, stage: str | None = None, limit: int = 100) -> list[DeadLetter]:
        """As the port says."""
        return [kept.letter for kept in await self.find(LetterFilter(stage=stage), limit=limit)]

    async def find(self, wanted: LetterFilter, *, skip: int = 0, limit: int = 100) -> list[KeptLetter]:
        """As the port says."""
        found = sorted(self._found(wanted), key=lambda kept: kept.letter.event_id)
        return sorted(found, key=lambda kept: kept.letter.failed_at, reverse=True)[skip : skip + limit]

    async def ids(self, wanted: LetterFilter, *, limit: int = 10_000) -> list[str]:
        """As the port says."""
        found = sorted(self._found(wanted), key=lambda kept: (kept.letter.failed_at, kept.letter.event_id))
        return [kept.letter.event_id for kept in found][:limit]

    async def count(self, wanted: LetterFilter) -> int:
        """As the port says."""
        return len(self._found(wanted))

    async def kinds(self) -> list[Kind]:
        """As the port says."""
        times: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
        for kept in self._found(LetterFilter()):
            times[kept.letter.stage, kept.letter.reason].append(kept.letter.failed_at)
        found = [Kind(*kind, number=len(at), first_at=min(at), last_at=max(at)) for kind, at in times.items()]
        return sorted(found, key=lambda kind: (-kind.number, kind.stage, kind.reason))

    async def count_open(self) -> int:
        """As the port says."""
        return await self.count(LetterFilter())

    async def settle(
        self, event_ids: Sequence[str], outcome: str, *, by: str | None = None, at: datetime | None = None
    ) -> int:
        """As the port says."""
        number = 0
        for id in event_ids:
            kept = self._letters.get(id)
            if kept is not None and kept.outcome is Outcome.OPEN:
                self._letters[id] = replace(kept, outcome=Outcome(outcome), settled_by=by, settled_at=at)
                number += 1
        return number

    def _found(self, wanted: LetterFilter) -> list[KeptLetter]:
        return [kept for kept in self._letters.values() if _holds(wanted, kept)]


def _holds(wanted: LetterFilter, kept: KeptLetter) -> bool:
    letter = kept.letter
    named = (
        (wanted.outcome, kept.outcome),
        (wanted.stage, letter.stage),
        (wanted.reason, letter.reason),
        (wanted.message_id, letter.message_id),
        (wanted.group, group_of(letter)),
    )
    if any(value is not None and value != own for value, own in named):
        return False
    if wanted.since is not None and letter.failed_at < wanted.since:
        return False
    return wanted.until is None or letter.failed_at < wanted.until
