"""What a reviewer does: each method is one decision on one call, refused where somebody else was quicker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from services.publisher import logic, merges, suggestions
from services.publisher.handlers import Changed
from services.publisher.logic import Reason
from services.publisher.sightings import sightings
from shared.contracts.calls import CastingCall
from shared.contracts.pipeline import Sighting
from shared.errors import Permanent, TwinError, Unavailable
from shared.observability import metrics
from shared.storage.calls import Call, Calls
from shared.storage.ledger import Ledger

log = structlog.get_logger(__name__)


_LONGEST_CHAIN = 10
_TRIES = 5


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
            "reject", id, version, actor, lambda c, now, _seen: logic.reject(c, reason, note, actor, now), told=False
        )

    async def withdraw(self, id: str, version: int, note: str | None, actor: str) -> Call:
        """Takes the approved call back from the consumers."""
        return await self._decide(
            "withdraw", id, version, actor, lambda c, now, seen: logic.withdraw(c, note, actor, now, seen)
        )

    async def reopen(self, id: str, version: int, actor: str) -> Call:
        """Undoes the decision. An earlier call gives back what this one had brought it."""
        call = await self._at(id, version)
        await self._give_back(call, actor)
        return await self._decide("reopen", id, version, actor, lambda c, now, seen: logic.reopen(c, actor, now, seen))

    async def is_call(self, id: str, version: int, actor: str) -> Call:
        """Says that the filter should not have stopped this message."""
        return await self._decide(
            "is_call", id, version, actor, lambda c, now, _seen: logic.is_call(c, actor, now), told=False
        )

    async def same_as(self, id: str, version: int, earlier: str, actor: str) -> Call:
        """Makes the call a sighting of an earlier one."""
        first = await self._first(earlier, id)
        return await self._decide(
            "same_as", id, version, actor, lambda c, now, _seen: merges.same_as(c, first, actor, now), told=False
        )

    async def update_of(
        self, id: str, version: int, earlier: str, actor: str, fields: CastingCall | None = None
    ) -> Call:
        """Gives the call's facts to an earlier one, which is published again if approved; then it is a sighting."""
        call = await self._at(id, version)
        for _ in range(_TRIES):
            first = await self._first(earlier, id)
            settled = merges.update_of(call, first, actor, self._clock(), fields)
            # The earlier call comes first: a crash in between leaves this one in the queue, and nothing is lost.
            if await self._inform(first, merges.with_news(first.fields, settled.fields), id, actor):
                break
        else:
            raise Unavailable(f"call {earlier[:40]} is being changed by others all the time")
        if not await self._calls.save(settled, over=version):
            await self._give_back(settled, actor)
            raise Conflict(await self._calls.get(id) or call)
        self._saved("update_of", settled, actor)
        return settled

    async def accept(self, id: str, version: int, suggestion: str, actor: str) -> Call:
        """Takes up what an edit or a deletion in WhatsApp suggests."""
        return await self._decide(
            "accept", id, version, actor, lambda c, now, seen: suggestions.accept(c, suggestion, actor, now, seen)
        )

    async def dismiss(self, id: str, version: int, suggestion: str, actor: str) -> Call:
        """Turns a suggestion down."""
        return await self._decide(
            "dismiss",
            id,
            version,
            actor,
            lambda c, now, _seen: suggestions.dismiss(c, suggestion, actor, now),
            told=False,
        )

    async def expire(self, id: str) -> bool:
        """Takes out an approved call whose last day is over; False where it is not, or somebody was quicker."""
        call = await self._calls.get(id)
        if call is None:
            return False
        now = self._clock()
        after = logic.expire(call, logic.local_day(now), now, await sightings(self._ledger, self._calls, call))
        if after is None or not await self._calls.save(after, over=call.version):
            return False
        self._saved("expire", after, "clock")
        return True

    async def _inform(self, first: Call, fields: CastingCall, source: str, actor: str) -> bool:
        seen = await sightings(self._ledger, self._calls, first)
        after = merges.informed(first, fields, source, actor, self._clock(), seen)
        if after is first:
            return True
        if not await self._calls.save(after, over=first.version):
            return False
        self._saved("inform", after, actor)
        return True

    async def _give_back(self, call: Call, actor: str) -> None:
        first = await self._calls.get(call.merged_into) if call.merged_into and call.fields_before else None
        if first is None:
            return
        seen = await sightings(self._ledger, self._calls, first)
        after = merges.given_back(first, call, actor, self._clock(), seen)
        if after is not None and await self._calls.save(after, over=first.version):
            self._saved("give_back", after, actor)

    async def _first(self, id: str, not_this: str) -> Call:
        """The call of this id, or the one that it was merged into itself."""
        call = await self._calls.get(id)
        for _ in range(_LONGEST_CHAIN):
            if call is None or call.merged_into is None:
                break
            call = await self._calls.get(call.merged_into)
        if call is None:
            raise Unknown(f"there is no call {id[:40]}")
        if call.id == not_this:
            raise Permanent("a call cannot be merged into itself", reason="no_target")
        return call

    async def _at(self, id: str, version: int) -> Call:
        call = await self._calls.get(id)
        if call is None:
            raise Unknown(f"there is no call {id[:40]}")
        if call.version != version:
            raise Conflict(call)
        return call

    async def _decide(self, action: str, id: str, version: int, actor: str, step: _Step, *, told: bool = True) -> Call:
        """One step on one call. `told`: consumers may hear of it, and so where else the call was seen."""
        call = await self._at(id, version)
        seen = await sightings(self._ledger, self._calls, call) if told else ()
        after = step(call, self._clock(), seen)
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
