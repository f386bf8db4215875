"""What the publisher does with an extracted call, a deletion and a dead letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from services.publisher import logic, suggestions
from services.publisher.sightings import sightings
from shared.contracts.ids import call_id
from shared.contracts.messages import MessageDeleted
from shared.contracts.pipeline import DeadLetter, ExtractedCall
from shared.errors import Unavailable
from shared.observability import metrics
from shared.storage.calls import Call, Calls
from shared.storage.dead_letters import DeadLetters
from shared.storage.ledger import Ledger, State

log = structlog.get_logger(__name__)

_TRIES = 5
Changed = Callable[[Call], None]
"""Called with each call that was saved: the desk's list and the relay want to know."""


class PublisherHandlers:
    """Each event changes nothing when it comes again."""

    def __init__(
        self,
        calls: Calls,
        ledger: Ledger,
        dead_letters: DeadLetters,
        clock: Callable[[], datetime],
        changed: Changed,
        *,
        auto_withdraw: bool = False,
    ) -> None:
        self._calls = calls
        self._ledger = ledger
        self._dead_letters = dead_letters
        self._clock = clock
        self._changed = changed
        self._auto_withdraw = auto_withdraw

    async def on_extracted(self, event: ExtractedCall) -> None:
        """Puts the call into the queue, or an edit of its message beside it, and notes it in the ledger."""
        call = logic.received(event, self._clock())
        if await self._calls.insert(call):
            metrics.QUEUED.labels(outcome="new").inc()
            metrics.QUEUE_AGE.observe(max(0.0, (call.queued_at - event.message.sent_at).total_seconds()))
            self._changed(call)
        elif event.edit_id:
            await self._take_edit(event)
        # Read after the insert: a deletion that comes now finds the call, one that came before is found here.
        if deleted := await self._calls.deletion(event.call_id):
            await self._delete(event.call_id, deleted)
        for id in filter(None, (event.message.message_id, event.edit_id)):
            detail = {"call_id": event.call_id}
            if not await self._ledger.settle(id, State.CALL, stage="publisher", detail=detail):
                log.warning("publisher.ledger_entry_missing", message_id=id, call_id=event.call_id)
        log.info("publisher.queued", call_id=event.call_id, message_id=event.message.message_id, edit_id=event.edit_id)

    async def on_deleted(self, event: MessageDeleted) -> None:
        """Notes the deletion, whether the call is here yet or not, and tells the reviewers or withdraws the call."""
        id = call_id(event.message_id)
        await self._calls.note_deletion(id, event.event_id, event.deleted_at or self._clock())
        await self._delete(id, event.event_id)

    async def on_dead(self, event: DeadLetter) -> None:
        """Keeps the letter and notes in the ledger that the message is dead, unless it became a call all the same."""
        await self._dead_letters.add(event)
        log.info("publisher.dead_letter_kept", letter=event.event_id, stage=event.stage, message_id=event.message_id)
        if event.message_id is None or await self._calls.get(call_id(event.message_id)):
            return
        detail = {"letter": event.event_id, "stage": event.stage, "reason": event.reason}
        await self._ledger.settle(event.message_id, State.DEAD, stage="dead", detail=detail, never_over=State.CALL)

    async def _take_edit(self, event: ExtractedCall) -> None:
        def step(call: Call) -> Call | None:
            return suggestions.edited_in_whatsapp(call, event, self._clock())

        await self._change(event.call_id, step, "edited")

    async def _delete(self, id: str, event_id: str) -> None:
        call = await self._calls.get(id)
        if call is None:
            return
        seen_in = await sightings(self._ledger, call)

        def step(call: Call) -> Call | None:
            now, automatic = self._clock(), self._auto_withdraw
            return suggestions.deleted_in_whatsapp(call, event_id, now, withdraw_it=automatic, seen_in=seen_in)

        await self._change(id, step, "deleted")

    async def _change(self, id: str, step: Callable[[Call], Call | None], outcome: str) -> None:
        """Saves what `step` makes of the call, on the newest version of it."""
        for _ in range(_TRIES):
            call = await self._calls.get(id)
            after = step(call) if call else None
            if call is None or after is None:
                return
            if await self._calls.save(after, over=call.version):
                metrics.QUEUED.labels(outcome=outcome).inc()
                self._changed(after)
                return
        raise Unavailable(f"call {id} is being changed by others all the time")
