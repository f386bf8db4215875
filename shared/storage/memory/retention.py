"""The retention in memory, on the written fakes of what it empties."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from shared.storage.memory.cases import MemoryCases
from shared.storage.memory.dead_letters import MemoryDeadLetters
from shared.storage.memory.hooks import MemoryHooks
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.memory.texts import MemoryTexts
from shared.storage.retention import AGE, ANSWERED, MENTION
from shared.storage.totals import hour_of


class MemoryRetention:
    """As `shared.storage.retention.Retention` says."""

    def __init__(
        self,
        ledger: MemoryLedger,
        texts: MemoryTexts,
        cases: MemoryCases,
        letters: MemoryDeadLetters,
        hooks: MemoryHooks,
    ) -> None:
        self._ledger = ledger
        self._texts = texts
        self._cases = cases
        self._letters = letters
        self._hooks = hooks
        self._done: dict[str, datetime] = {}
        self._faded: set[tuple[str, int]] = set()

    async def reached(self, what: str) -> datetime | None:
        """As the port says."""
        return self._done.get(what)

    async def reach(self, what: str, at: datetime) -> None:
        """As the port says."""
        self._done[what] = max(at, self._done.get(what, at))

    async def first_hour(self) -> datetime | None:
        """As the port says."""
        return min((hour_of(entry.seen_at) for entry in self._ledger.entries.values()), default=None)

    async def fade_messages(self, hour: datetime) -> int:
        """As the port says."""
        number = 0
        for entry in self._ledger.entries.values():
            if not hour <= entry.seen_at < hour + timedelta(hours=1) or entry.erased not in ("", MENTION):
                continue
            for key in (str(entry.fingerprint), f"check:{entry.fingerprint}"):
                if (claim := self._texts.claims.get(key)) and claim.message_id == entry.id:
                    del self._texts.claims[key]
            entry.erased, entry.text, entry.sender, entry.sender_name, entry.fingerprint = AGE, "", None, None, None
            read = entry.stages.get("extractor", {})
            for name in ANSWERED:
                read.pop(name, None)
            number += 1
        return number

    async def fade_cases(self, before: datetime, mask: Callable[[str], str]) -> int:
        """As the port says."""
        old = [
            case
            for case in await self._cases.every()
            if case.at < before and (case.id, case.version) not in self._faded
        ]
        for case in old:
            gold = case.gold.model_copy(update={"contacts": ()}) if case.gold else None
            original = case.original.model_copy(update={"contacts": ()})
            self._cases.put(case.model_copy(update={"text": mask(case.text), "gold": gold, "original": original}))
            self._faded.add((case.id, case.version))
        return len(old)

    async def drop_letters(self, before: datetime) -> int:
        """As the port says."""
        return self._letters.drop(before)

    async def drop_deliveries(self, before: datetime) -> int:
        """As the port says."""
        old = [key for key, one in self._hooks.deliveries.items() if one.created_at < before]
        for key in old:
            del self._hooks.deliveries[key]
        return len(old)
