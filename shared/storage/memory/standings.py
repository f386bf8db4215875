"""The standings of stores in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from shared.storage.calls import Call, Status
from shared.storage.dead_letters import LetterFilter, Outcome
from shared.storage.ledger import Entry, State
from shared.storage.memory.calls import MemoryCalls
from shared.storage.memory.dead_letters import MemoryDeadLetters
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.standings import Owed, Standing

_ALL = 1_000_000


class MemoryStandings:
    """As `shared.storage.standings.Standings` says, of these three."""

    def __init__(self, ledger: MemoryLedger, calls: MemoryCalls, letters: MemoryDeadLetters) -> None:
        self._ledger = ledger
        self._calls = calls
        self._letters = letters

    async def messages(self, ids: Sequence[str]) -> dict[str, Standing]:
        """As the port says."""
        return {id: _standing(self._ledger.entries[id]) for id in ids if id in self._ledger.entries}

    async def calls(self, ids: Sequence[str]) -> dict[str, Status]:
        """As the port says."""
        return {call.id: call.status for call in await self._calls.many(ids)}

    async def deletions(self, call_ids: Sequence[str]) -> set[str]:
        """As the port says."""
        return {id for id in call_ids if await self._calls.deletion(id) is not None}

    async def letters(self, ids: Sequence[str]) -> set[str]:
        """As the port says."""
        kept = await self._letters.find(LetterFilter(outcome=None), limit=_ALL)
        known = {one.letter.event_id for one in kept}
        known |= {one.letter.message_id or "" for one in kept if one.outcome is not Outcome.REPLAYED}
        return known.intersection(ids)

    async def owed(self, since: datetime) -> list[Owed]:
        """As the port says."""
        late = [row.id for row in await self._calls.updated_since(since)]
        unsent = {call.id: call for call in await self._calls.unsent(limit=_ALL)}
        found = unsent | {call.id: call for call in await self._calls.many(late)}
        return [owed for call in found.values() for owed in _owed(call)]

    async def unsettled(self) -> AsyncIterator[Standing]:
        """As the port says."""
        for entry in list(self._ledger.entries.values()):
            if entry.state in (State.CANDIDATE, State.CALL):
                yield _standing(entry)


def _standing(entry: Entry) -> Standing:
    return Standing(entry.id, entry.state, entry.group_id, entry.seen_at, entry.call_id)


def _owed(call: Call) -> list[Owed]:
    return [
        Owed(
            event_id=item.event.event_id,
            call_id=call.id,
            group_id=call.message.group.id,
            revision=item.revision,
            changed_at=item.event.changed_at,
            sent=item.revision <= call.sent_revision,
        )
        for item in call.outbox
    ]
