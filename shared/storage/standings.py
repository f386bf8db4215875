"""Where messages, calls and deletions stand, read many at a time: what an account needs of the stores, and no more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.storage.calls import Status
from shared.storage.ledger import State


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry of the ledger without its words. `call_id` is set where it became a call."""

    id: str
    state: State
    group_id: str
    seen_at: datetime
    call_id: str | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """An event that stands in a call's outbox: `sent` where the call says that consumers were given it."""

    event_id: str
    call_id: str
    group_id: str
    revision: int
    changed_at: datetime
    sent: bool


class Standings(Protocol):
    """The port of the standings. It only reads."""

    async def messages(self, ids: Sequence[str]) -> dict[str, Standing]:
        """The entries of these ids (message ids, or the event ids of edits), by id; those that are not there lack."""
        ...

    async def calls(self, ids: Sequence[str]) -> dict[str, Status]:
        """The status of each of these calls, by id; those that are not there lack."""
        ...

    async def deletions(self, call_ids: Sequence[str]) -> set[str]:
        """Those of these call ids for which a deletion of their message was noted."""
        ...

    async def letters(self, ids: Sequence[str]) -> set[str]:
        """Those of these ids of which a dead letter is kept: letters by their own id, and messages by theirs while the
        letter waits or was dropped. A message that was replayed has gone on from there as a new delivery.
        """
        ...

    async def owed(self, since: datetime) -> list[Owed]:
        """What the outboxes hold of calls that changed at or after `since`, and all that was not sent; in no order."""
        ...

    def unsettled(self) -> AsyncIterator[Standing]:
        """All entries that rest on something else: the candidates and those that became calls. Reads the whole ledger:
        seconds at a hundred thousand entries.
        """
        ...
