"""What a reviewer does: each method is one decision on one call, refused where somebody else was quicker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from services.publisher import logic, suggestions
from services.publisher.handlers import Changed
from services.publisher.logic import Reason
from services.publisher.sightings import sightings
from shared.contracts.calls import CastingCall
from shared.contracts.pipeline import Sighting
from shared.errors import TwinError
from shared.observability import metrics
from shared.storage.calls import Call, Calls
from shared.storage.ledger import Ledger

log = structlog.get_logger(__name__)


class Unknown(TwinError):
    """There is no call of this id."""


class Conflict(TwinError):
    """The call changed since the reviewer loaded it. `current` is how it stands now."""

    def __init__(self, current: Call) -> None:
        super().__init__("the call has changed since you opened it")
        self.current = current


_Step = Callable[[Call, datetime, Sequence[Sighting]], Call]


class Desk:
    """Decisions on calls. Every method takes the version that the reviewer saw and returns the call after it.

    Unknown: no such call. Conflict: another version stands there. logic.NotAllowed: its status does not allow it.
    """

    def __init__(self, calls: Calls, ledger: Ledger, clock: Callable[[], datetime], changed: Changed) -> None:
        self._calls = calls
        self._ledger = ledger
        self._clock = clock
        self._changed = changed

    async def edit(self, id: str, version: int, fields: CastingCall, actor: str) -> Call:
        """Corrects the fields; an approved call is published again."""
        return await self._decide(
            "edit", id, version, actor, lambda c, now, seen: logic.edit(c, fields, actor, now, seen)
        )

    async def approve(self, id: str, version: int, actor: str, fields: CastingCall | None = None) -> Call:
        """Approves the call, with corrected fields in the same step where given."""
        return await self._decide(
            "approve", id, version, actor, lambda c, now, seen: logic.approve(c, actor, now, seen, fields)
        )

    async def reject(self, id: str, version: int, reason: Reason, note: str | None, actor: str) -> Call:
        """Rejects the pending call."""
        return await self._decide(
            "reject", id, version, actor, lambda c, now, _seen: logic.reject(c, reason, note, actor, now)
        )

    async def withdraw(self, id: str, version: int, note: str | None, actor: str) -> Call:
        """Takes the approved call back from the consumers."""
        return await self._decide(
            "withdraw", id, version, actor, lambda c, now, seen: logic.withdraw(c, note, actor, now, seen)
        )

    async def reopen(self, id: str, version: int, actor: str) -> Call:
        """Undoes the decision."""
        return await self._decide("reopen", id, version, actor, lambda c, now, seen: logic.reopen(c, actor, now, seen))

    async def accept(self, id: str, version: int, suggestion: str, actor: str) -> Call:
        """Takes up what an edit or a deletion in WhatsApp suggests."""
        return await self._decide(
            "accept", id, version, actor, lambda c, now, seen: suggestions.accept(c, suggestion, actor, now, seen)
        )

    async def dismiss(self, id: str, version: int, suggestion: str, actor: str) -> Call:
        """Turns a suggestion down."""
        return await self._decide(
            "dismiss", id, version, actor, lambda c, now, _seen: suggestions.dismiss(c, suggestion, actor, now)
        )

    async def expire(self, id: str) -> bool:
        """Takes out an approved call whose last day is over; False where it is not, or somebody was quicker."""
        call = await self._calls.get(id)
        if call is None:
            return False
        now = self._clock()
        after = logic.expire(call, logic.local_day(now), now, await sightings(self._ledger, call))
        if after is None or not await self._calls.save(after, over=call.version):
            return False
        self._saved("expire", after, "clock")
        return True

    async def _decide(self, action: str, id: str, version: int, actor: str, step: _Step) -> Call:
        call = await self._calls.get(id)
        if call is None:
            raise Unknown(f"there is no call {id}")
        if call.version != version:
            raise Conflict(call)
        after = step(call, self._clock(), await sightings(self._ledger, call))
        if after is call:
            return call
        if not await self._calls.save(after, over=version):
            raise Conflict(await self._calls.get(id) or call)
        self._saved(action, after, actor)
        return after

    def _saved(self, action: str, after: Call, actor: str) -> None:
        metrics.DECISIONS.labels(action=action).inc()
        log.info(
            "publisher.decided",
            action=action,
            call_id=after.id,
            actor=actor,
            status=str(after.status),
            version=after.version,
            revision=after.revision,
        )
        self._changed(after)
